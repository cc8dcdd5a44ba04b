"""NPS on real data against independent references, its options and its edges."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd
import polars as pl
import pytest

import satcore
from satcore import NET_INTERVALS, Results, Study, StudyError
from satcore.plugins import Plugins
from satcore.results import Status
from satcore_nps import NPS

SEGMENTS = ("BU", "PRODUCT", "Account", "Region")
SOURCES = ("csv", "polars", "pandas")
TERMS = ("nps", "promoters", "passives", "detractors")

#: Closed forms; the references carry 15 digits.
CLOSE = {"rel": 1e-9, "abs": 1e-9}

#: Points, for bounds that both sides find by iterating.
#:
#: The score bounds are held against ``score_numeric_constrMLE``, a root of the constrained
#: likelihood's equation found with a tight tolerance. ``score_tango_propcis`` is the same interval
#: as PropCIs::scoreci.mp gives it, which halves its bracket until it is 1e-7 wide or for a fixed
#: number of steps: its root is up to 2.3e-5 points off the equation's (13.10348 for 13.10351 at
#: five promoters), so nothing that solves the equation can meet it at 1e-5.
SCORE = {"rel": 0.0, "abs": 1e-5}


def bounds_of(entry: Mapping[str, Any], interval: str) -> tuple[float, float]:
    """The reference's bounds. They are not clipped; satcore's are."""
    match interval:
        case "adjusted_wald":
            adjusted = entry["adjusted_wald_rocks_3T"]
            return adjusted["lo"], adjusted["hi"]
        case "score":
            low, high = entry["score_numeric_constrMLE"]
        case "linearised":
            low, high = entry["t_trinomial_means"]["ci"]
        case _:
            low, high = entry[interval]
    return low, high


def clipped(value: float) -> float:
    return min(max(value, -100.0), 100.0)


def tolerance(interval: str) -> dict[str, float]:
    return SCORE if interval == "score" else CLOSE


CLOSED = tuple(name for name in NET_INTERVALS if name != "bootstrap")


@pytest.fixture(scope="module")
def path(shared: Path) -> Path:
    return shared / "data" / "nps_testdata" / "nps_testdata.csv"


@pytest.fixture(scope="module")
def frame(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, try_parse_dates=True)


@pytest.fixture(scope="module")
def sources(path: Path, frame: pl.DataFrame) -> Mapping[str, object]:
    return {
        "csv": path,
        "polars": frame,
        "pandas": pd.read_csv(path, parse_dates=["date"], keep_default_na=False),
    }


@pytest.fixture(scope="module")
def expected(reference: Any) -> Any:
    return reference("nps_testdata")["nps_testdata"]


@pytest.fixture(scope="module")
def cells(expected: Any) -> list[tuple[dict[str, str], Mapping[str, Any]]]:
    """Every cell of the reference with its values."""
    found: list[tuple[dict[str, str], Mapping[str, Any]]] = [({}, expected["overall"])]
    for name in SEGMENTS:
        found += [({name: label}, entry) for label, entry in expected[f"by_{name}"].items()]
    found += [({"wave": label}, entry) for label, entry in expected["by_month"].items()]
    return found


def run(data: object, plugins: Plugins, interval: str | None = None, **options: Any) -> Results:
    asked: dict[str, Any] = {
        "segments": SEGMENTS,
        "wave": {"time": "date", "period": "month"},
        "comparisons": [],
    }
    return satcore.run(
        NPS(item="REC", interval=interval), data, plugins=plugins, **{**asked, **options}
    )


def by_cell(results: Results, term: str) -> dict[tuple[tuple[str, str | None], ...], Any]:
    return {tuple(row["cell"].items()): row for row in results.rows("nps", term)}


# Real data


@pytest.mark.parametrize("source", SOURCES)
def test_counts(
    source: str, sources: Mapping[str, object], cells: list[Any], plugins: Plugins
) -> None:
    results = run(sources[source], plugins)
    assert (results.responses.read, results.responses.kept) == (1000, 1000)
    assert len(results.rows()) == len(TERMS) * len(cells)
    for term in TERMS[1:]:
        rows = by_cell(results, term)
        assert len(rows) == len(cells)
        for cell, entry in cells:
            row = rows[tuple(cell.items())]
            assert row["base"] == entry["n"]
            assert row["value"] * row["base"] == pytest.approx(entry[term], rel=1e-12)


@pytest.mark.parametrize("interval", CLOSED)
@pytest.mark.parametrize("source", SOURCES)
def test_reference_intervals(
    source: str,
    interval: str,
    sources: Mapping[str, object],
    cells: list[Any],
    plugins: Plugins,
) -> None:
    rows = by_cell(run(sources[source], plugins, interval), "nps")
    assert set(rows) == {tuple(cell.items()) for cell, _ in cells}
    for cell, entry in cells:
        row = rows[tuple(cell.items())]
        low, high = bounds_of(entry, interval)
        assert row["value"] == pytest.approx(entry["nps"], **CLOSE)
        assert row["std_error"] == pytest.approx(entry["se_wald"], **CLOSE)
        assert row["ci_low"] == pytest.approx(clipped(low), **tolerance(interval))
        assert row["ci_high"] == pytest.approx(clipped(high), **tolerance(interval))
        assert row["method"] == interval
        assert row["unit"] == "points"
        assert row["base"] == entry["n"]
        assert row["status"] == ("ok" if entry["n"] >= 30 else "small")


def test_adjusted_wald_is_the_default(sources: Mapping[str, object], plugins: Plugins) -> None:
    frame = sources["polars"]
    assert run(frame, plugins).rows() == run(frame, plugins, "adjusted_wald").rows()


def test_bounds_are_clipped_where_the_reference_is_not(
    expected: Any, sources: Mapping[str, object], plugins: Plugins
) -> None:
    """Without a cell beyond ±100 the clipping above would test nothing."""
    unclipped = [bounds_of(entry, "wald") for entry in expected["by_PRODUCT"].values()]
    assert min(low for low, _ in unclipped) < -100
    rows = by_cell(run(sources["polars"], plugins, "wald"), "nps")
    assert min(row["ci_low"] for row in rows.values()) == -100.0


def test_one_sample_p_value(expected: Any) -> None:
    """The R package NPS tests against 0 by Wald."""
    entry = expected["overall"]
    counts = np.array([[entry[name] for name in ("detractors", "passives", "promoters")]])
    p = NET_INTERVALS["wald"](counts, 0).p_value(0.0)
    assert p is not None
    assert p[0] == pytest.approx(expected["pkg"]["test"]["p.value"], rel=1e-9)


@pytest.mark.parametrize("source", SOURCES)
def test_pairs(source: str, expected: Any, sources: Mapping[str, object], plugins: Plugins) -> None:
    results = run(sources[source], plugins, comparisons=["pairs"])
    for name in SEGMENTS:
        rows = {
            (row["cell"][name], (row["against"] or {})[name]): row
            for row in results.comparison_rows("nps", "nps")
            if row["along"] == name
        }
        pairs = expected[f"pairs_{name}"]
        # The first stands before the second, and the difference is first minus second.
        assert set(rows) == {(pair["a"], pair["b"]) for pair in pairs}
        assert {row["kind"] for row in rows.values()} == {"pair"}
        for pair in pairs:
            row = rows[pair["a"], pair["b"]]
            assert row["difference"] == pytest.approx(pair["diff"], **CLOSE)
            assert row["std_error"] == pytest.approx(pair["se"], **CLOSE)
            assert row["statistic"] == pytest.approx(pair["z"], **CLOSE)
            assert row["p"] == pytest.approx(pair["p"], **CLOSE)
            assert row["p_adjusted"] == pytest.approx(pair["p_holm"], **CLOSE)
            assert row["ci_low"] < row["difference"] < row["ci_high"]


@pytest.mark.parametrize("source", SOURCES)
def test_heterogeneity(
    source: str, expected: Any, sources: Mapping[str, object], plugins: Plugins
) -> None:
    results = run(sources[source], plugins, comparisons=["heterogeneity"])
    rows = {
        (row["along"], row["method"]): row
        for row in results.comparison_rows("nps", "nps")
        if row["kind"] == "heterogeneity"
    }
    assert set(rows) == {(name, how) for name in SEGMENTS for how in ("cochran_q", "chi_square")}
    for name in SEGMENTS:
        q, table = expected[f"homogeneity_Q_{name}"], expected[f"chisq_{name}"]
        for how, statistic, reference in (("cochran_q", "Q", q), ("chi_square", "stat", table)):
            row = rows[name, how]
            assert row["statistic"] == pytest.approx(reference[statistic], **CLOSE)
            assert row["df"] == reference["df"]
            assert row["p"] == pytest.approx(reference["p"], **CLOSE)
            assert row["cell"] == {}
            assert row["against"] is None


def grid(reference: Any) -> list[Mapping[str, Any]]:
    return list(reference("nps_counts_grid")["counts"])


@pytest.mark.parametrize("interval", CLOSED)
def test_grid_of_counts(interval: str, reference: Any, plugins: Plugins) -> None:
    """Each table of the grid is a cell of one survey, so that all are evaluated together."""
    entries = grid(reference)
    answers, labels = [], []
    for number, entry in enumerate(entries):
        answers += [0] * entry["detractors"] + [8] * entry["passives"] + [10] * entry["promoters"]
        labels += [str(number)] * entry["n"]
    data = {"REC": answers, "table": labels}
    results = run(data, plugins, interval, segments=["table"], wave=None)
    rows = by_cell(results, "nps")
    assert len(rows) == 1 + len(entries)
    for number, entry in enumerate(entries):
        row = rows[("table", str(number)),]
        low, high = bounds_of(entry, interval)
        assert row["value"] == pytest.approx(entry["nps"], **CLOSE)
        assert row["std_error"] == pytest.approx(entry["se_wald"], **CLOSE)
        assert row["ci_low"] == pytest.approx(clipped(low), **tolerance(interval))
        assert row["ci_high"] == pytest.approx(clipped(high), **tolerance(interval))


# NA is North America


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("missing", [[], ["NA"]])
def test_na_is_a_region(
    source: str, missing: list[str], frame: pl.DataFrame, tmp_path: Path, plugins: Plugins
) -> None:
    """Also where the study says that answers written NA are missing: a label is no answer."""
    renamed = pl.when(pl.int_range(pl.len()) % 3 == 0).then(pl.lit("NA")).otherwise("Region")
    made = frame.with_columns(
        pl.when(pl.col("Region") == "NAM").then(renamed).otherwise("Region").alias("Region")
    )
    counts = dict(made["Region"].value_counts().rows())
    assert counts["NA"] > 50
    assert counts["NAM"] > 50
    data: object = made
    if source == "csv":
        data = tmp_path / "answers.csv"
        made.write_csv(data)
    elif source == "pandas":
        data = pd.DataFrame(made.to_dict(as_series=False))
    results = run(data, plugins, segments=["Region"], wave=None, missing=missing)
    rows = by_cell(results, "nps")
    assert {dict(cell).get("Region", "total"): row["base"] for cell, row in rows.items()} == {
        "total": 1000,
        **counts,
    }
    chosen = made.filter(pl.col("Region") == "NA")["REC"]
    net = 100 * ((chosen >= 9).sum() - (chosen <= 6).sum()) / len(chosen)
    assert rows[("Region", "NA"),]["value"] == pytest.approx(net, **CLOSE)


def test_an_absent_region_is_a_cell_of_its_own(frame: pl.DataFrame, plugins: Plugins) -> None:
    made = frame.with_columns(
        pl.when(pl.col("Region") == "NAM").then(None).otherwise("Region").alias("Region")
    )
    rows = by_cell(run(made, plugins, segments=["Region"], wave=None), "nps")
    assert rows[("Region", None),]["base"] == (frame["Region"] == "NAM").sum()
    assert len(rows) == 1 + frame["Region"].n_unique()


# Edges


def told(results: Results) -> Iterator[Mapping[str, Any]]:
    """The rows as JSON gives them; JSON has no NaN, and Python writes one unless forbidden."""

    def refuse(text: str) -> None:
        raise AssertionError(text)

    read = json.loads(results.to_json(), parse_constant=refuse)
    for row in (*read["estimates"], *read["comparisons"]):
        assert row["status"] in get_args(Status)
        yield row


def check_told(results: Results) -> None:
    """A number, or a status that says why there is none."""
    for row in told(results):
        value = row.get("value", row.get("difference"))
        if row.get("kind") == "heterogeneity":
            value = row["statistic"]
        if value is None:
            assert row["status"] in ("empty", "undefined", "suppressed", "error")
            assert row["message"]
        if row["status"] in ("ok", "small"):
            assert value is not None
        if row.get("ci_low") is None and row["status"] in ("ok", "small") and "term" in row:
            # Only a test of several cells, or a single answer, may go without bounds.
            assert row["kind"] == "heterogeneity" or "too few answers" in row["message"]
    for table in (results.estimates, results.comparisons):
        for row in table.rows():
            assert not any(isinstance(one, float) and math.isnan(one) for one in row.values())


NOTHING = {"value": None, "std_error": None, "ci_low": None, "ci_high": None}

EDGES: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "nobody": ({"q": []}, "adjusted_wald", {**NOTHING, "base": 0, "status": "empty"}),
    "nobody, by score": ({"q": []}, "score", {**NOTHING, "base": 0, "status": "empty"}),
    "one promoter": (
        {"q": [10]},
        "score",
        # Unanimous promoters solve (1 - d) / sqrt((1 - d²) / n) = z: d = (n - z²) / (n + z²).
        {"value": 100.0, "std_error": 0.0, "ci_low": -58.6901371, "ci_high": 100.0, "base": 1},
    ),
    "one promoter, by t": (
        {"q": [10]},
        "linearised",
        {
            "value": 100.0,
            "std_error": 0.0,
            "ci_low": None,
            "ci_high": None,
            "message": "fewer than 30 answers; too few answers for an interval",
        },
    ),
    "one detractor": (
        {"q": [0]},
        "adjusted_wald",
        # -25 with 3/4 + 1, 3/2 and 3/4 answers of 4; sqrt((0.625 - 0.0625) / 4) = 0.375.
        {"value": -100.0, "ci_low": -98.4986494, "ci_high": 48.4986494, "base": 1},
    ),
    "five promoters, by score": (
        {"q": [9, 10, 9, 10, 10]},
        "score",
        {"value": 100.0, "ci_low": 13.1035077, "ci_high": 100.0, "base": 5, "status": "small"},
    ),
    "five promoters, adjusted": (
        {"q": [9, 10, 9, 10, 10]},
        "adjusted_wald",
        {"value": 100.0, "ci_low": 17.491453034169, "ci_high": 100.0, "status": "small"},
    ),
    "five promoters, by Wald": (
        {"q": [9, 10, 9, 10, 10]},
        "wald",
        {"value": 100.0, "std_error": 0.0, "ci_low": 100.0, "ci_high": 100.0},
    ),
    "only passives": (
        {"q": [7, 8] * 5},
        "adjusted_wald",
        {"value": 0.0, "std_error": 0.0, "ci_low": -18.4650449, "ci_high": 18.4650449},
    ),
    "only passives, by score": (
        {"q": [7, 8] * 5},
        "score",
        {"value": 0.0, "std_error": 0.0, "ci_low": -27.7532807, "ci_high": 27.7532807},
    ),
    "all missing": (
        {"q": [None, None, None]},
        "adjusted_wald",
        {**NOTHING, "base": 0, "status": "empty", "message": "nobody answered"},
    ),
}


@pytest.mark.parametrize("name", EDGES)
def test_edges(name: str, plugins: Plugins) -> None:
    data, interval, wanted = EDGES[name]
    results = satcore.run(NPS(item="q", interval=interval), data, plugins=plugins)
    rows = results.rows()
    assert [row["term"] for row in rows] == list(TERMS)
    for column, value in wanted.items():
        found = rows[0][column]  # type: ignore[literal-required]
        assert found == (pytest.approx(value, abs=1e-5) if isinstance(value, float) else value)
    for row in rows[1:]:
        assert row["base"] == rows[0]["base"]
        assert row["status"] == rows[0]["status"]
    check_told(results)


@pytest.mark.parametrize("interval", NET_INTERVALS)
def test_a_cell_where_nobody_answered(interval: str, plugins: Plugins) -> None:
    data = {"q": [10, 9, 3, None, None], "place": ["a", "a", "a", "b", "b"]}
    results = satcore.run(
        NPS(item="q", interval=interval),
        data,
        segments=["place"],
        comparisons=["rest", "pairs", "heterogeneity"],
        plugins=plugins,
    )
    rows = by_cell(results, "nps")
    assert rows[("place", "a"),]["value"] == pytest.approx(100 / 3)
    empty = rows[("place", "b"),]
    assert {name: empty[name] for name in NOTHING} == NOTHING
    assert (empty["base"], empty["status"]) == (0, "empty")
    assert results.items[0]["missing"] == 2
    pairs = [row for row in results.comparison_rows("nps", "nps") if row["kind"] == "pair"]
    assert [row["status"] for row in pairs] == ["empty"]
    check_told(results)


def test_everything_dropped(plugins: Plugins) -> None:
    study = Study.of(
        {
            "roles": {"segments": ["place"]},
            "keep": [{"column": "state", "is": ["Complete"]}],
            "metrics": {"nps": {"item": "q"}},
        }
    )
    data = {"q": [10, 0], "place": ["a", "b"], "state": ["Partial", "Refused"]}
    results = satcore.run(study, data, plugins=plugins)
    assert (results.responses.read, results.responses.kept) == (2, 0)
    assert [row["rows"] for row in results.responses.dropped] == [2]
    rows = results.rows("nps", "nps")
    assert rows[0]["cell"] == {}
    assert {row["status"] for row in rows} == {"empty"}
    assert any("dropped" in note for note in results.notes)
    check_told(results)


def test_unanimous_groups_are_not_infinitely_sure(plugins: Plugins) -> None:
    """Two groups of one: no error of their own, so the nets' test pools; the shares have none."""
    data = {"q": [10, 0], "place": ["a", "b"]}
    results = satcore.run(NPS(item="q"), data, segments=["place"], plugins=plugins)
    rows = [row for row in results.comparison_rows() if row["kind"] == "rest"]
    nets = [row for row in rows if row["term"] == "nps"]
    # Pooled: half promoters and half detractors, variance 1, so z = 2 / sqrt(1 + 1).
    assert [row["statistic"] for row in nets] == pytest.approx([math.sqrt(2), -math.sqrt(2)])
    for row in rows:
        assert row["p"] is None or row["p"] > 0.1
    check_told(results)


# Options

FIVE = {"q": [1, 2, 3, 3, 4, 4, 4, 5, 5, 5, 5, 5]}


def test_break_points(plugins: Plugins) -> None:
    found = {}
    for detractors, promoters in ((6, 9), (5, 8), (0, 10), (8, 9)):
        metric = NPS(item="q", detractors=detractors, promoters=promoters)
        results = satcore.run(metric, {"q": [0, 5, 6, 7, 8, 9, 10, 10]}, plugins=plugins)
        found[detractors, promoters] = [row["value"] for row in results.rows()]
    assert found == {
        (6, 9): [0.0, 0.375, 0.25, 0.375],
        (5, 8): [25.0, 0.5, 0.25, 0.25],
        (0, 10): [12.5, 0.25, 0.625, 0.125],
        (8, 9): [-25.0, 0.375, 0.0, 0.625],
    }


def test_another_scale_by_its_range(plugins: Plugins) -> None:
    metric = NPS(item="q", scale="1..5", detractors=3, promoters=5)
    results = satcore.run(metric, FIVE, plugins=plugins)
    assert [row["value"] for row in results.rows()] == pytest.approx(
        [100 / 12, 5 / 12, 0.25, 1 / 3]
    )


def test_another_scale_declared_in_words(plugins: Plugins) -> None:
    words = {"never": 1, "rather not": 2, "perhaps": 3, "likely": 4, "surely": 5, "of course": 5}
    study = Study.of(
        {
            "scales": {"willing": {"codes": words}},
            "metrics": {
                "nps": {"item": "q", "scale": "willing", "detractors": 3, "promoters": 5},
            },
        }
    )
    said = ["never", "rather not", "perhaps", "perhaps", *["likely"] * 3, *["surely"] * 4]
    results = satcore.run(study, {"q": [*said, "of course"]}, plugins=plugins)
    assert [row["value"] for row in results.rows()] == pytest.approx(
        [100 / 12, 5 / 12, 0.25, 1 / 3]
    )


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "classes overlap": ({"detractors": 9, "promoters": 9}, "promoters", "no answer in both"),
    "classes crossed": ({"detractors": 8, "promoters": 3}, "promoters", "no answer in both"),
    "promoters above the scale": ({"promoters": 11}, "promoters", "0..10"),
    "detractors below the scale": ({"detractors": -1}, "promoters", "0..10"),
    "defaults on another scale": ({"scale": "1..5"}, "promoters", "1..5"),
    "unknown interval": ({"interval": "scor"}, "interval", "did you mean 'score'?"),
    "interval in capitals": ({"interval": "WALD"}, "interval", "did you mean 'wald'"),
    "negative seed": ({"interval": "bootstrap", "seed": -1}, "seed", "-1 is negative"),
    "no scale": ({"scale": "zero to ten"}, "scale", "write a range such as '0..10'"),
    "scale upside down": ({"scale": "10..0"}, "scale", "from low to high"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_options(name: str, plugins: Plugins) -> None:
    options, place, said = WRONG[name]
    study = Study.of({"metrics": {"loyalty": {"metric": "nps", "item": "q", **options}}})
    with pytest.raises(StudyError) as raised:
        satcore.run(study, {"q": [1]}, plugins=plugins)
    [problem] = raised.value.problems
    assert problem.place == f"study: [metrics.loyalty] {place}"
    assert said in problem.message
    with pytest.raises(StudyError) as raised:
        satcore.run({"loyalty": NPS(item="q", **options)}, {"q": [1]}, plugins=plugins)
    [problem] = raised.value.problems
    assert problem.place == f"study: metric 'loyalty' {place}"
    assert said in problem.message


# Bootstrap


def bootstrap(seed: int, data: object, plugins: Plugins, **options: Any) -> dict[Any, Any]:
    metric = NPS(item="REC", interval="bootstrap", seed=seed)
    results = satcore.run(metric, data, comparisons=[], plugins=plugins, **options)
    return {cell: (row["ci_low"], row["ci_high"]) for cell, row in by_cell(results, "nps").items()}


def test_bootstrap_is_seeded(frame: pl.DataFrame, plugins: Plugins) -> None:
    first = bootstrap(7, frame, plugins, segments=["BU"])
    assert bootstrap(7, frame, plugins, segments=["BU"]) == first
    other = bootstrap(8, frame, plugins, segments=["BU"])
    assert all(other[cell] != first[cell] for cell in first)


def test_bootstrap_of_a_cell_does_not_depend_on_its_neighbours(
    frame: pl.DataFrame, plugins: Plugins
) -> None:
    among = bootstrap(7, frame, plugins, segments=["BU", "Region"])
    for label in ("Apples", "Oranges"):
        alone = bootstrap(7, frame.filter(pl.col("BU") == label), plugins)
        assert alone[()] == among[("BU", label),]


def test_bootstrap_lies_near_the_score_interval(
    cells: list[Any], frame: pl.DataFrame, plugins: Plugins
) -> None:
    """Percentiles of 2,000 resamples: their own error is 0.05 to 0.07 standard errors at 2.5%.

    Three of those, and the half step of a net of n answers that percentiles can't get below.
    """
    found = bootstrap(0, frame, plugins, segments=SEGMENTS)
    compared = 0
    for cell, entry in cells:
        if entry["n"] < 200 or "wave" in cell:
            continue
        compared += 1
        slack = 0.25 * entry["se_wald"] + 100 / entry["n"]
        for bound, reference in zip(
            found[tuple(cell.items())], bounds_of(entry, "score"), strict=True
        ):
            assert abs(bound - reference) < slack
    assert compared >= 5
