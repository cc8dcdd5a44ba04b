"""SERVQUAL on real data against independent references, its options and its edges."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
import pytest
from attrs import frozen
from scipy import stats

import satcore
from satcore import DataError, Metric, Moments, Results, StudyError, difference_reliability, holm
from satcore.cli.show import show
from satcore.plugins import Plugins
from satcore_html.messages import said
from satcore_html.words import Words
from satcore_servqual import Servqual
from satcore_servqual.reliability import difference_items, difference_of

CLOSE = {"rel": 1e-9, "abs": 1e-9}

DIMENSIONS = {
    "tangible": "4..6,22",
    "security": (19, 20, 21),
    "economy": "10, 11, 18",
    "convenience": "13..17",
    "reliability": "1..3",
    "control": (7, 8),
}

KIOSK = {
    "perception": "sq{01..24}_P",
    "expectation": "sq{01..24}_E",
    "dimensions": DIMENSIONS,
}


@pytest.fixture(scope="module")
def kiosk(shared: Any) -> pl.DataFrame:
    path = shared / "data" / "kiosk" / "kiosk_share_odd.csv"
    data = pl.read_csv(path, infer_schema_length=None)
    # Those who never use a kiosk are not in the reference.
    kept = data.filter(pl.col("frequency") != "never")
    return kept.with_columns(pl.col("^sq.*$").cast(pl.Int64))


@pytest.fixture(scope="module")
def expected(reference: Any) -> Any:
    return reference("servqual_kiosk_share_subset")


@pytest.fixture(scope="module")
def found(kiosk: pl.DataFrame) -> Results:
    return satcore.run(Servqual(**KIOSK), kiosk, min_base=0)


def measured(data: object, plugins: Plugins, **options: Any) -> Results:
    """A run without a word about few answers."""
    asked = {
        name: options.pop(name)
        for name in ("segments", "wave", "weight", "invalid")
        if name in options
    }
    return satcore.run(
        Servqual(**options), data, plugins=plugins, comparisons=[], **{"min_base": 0, **asked}
    )


def one(results: Results, term: str, item: str, **cell: str) -> Any:
    rows = [row for row in results.rows(None, term) if row["item"] == item and row["cell"] == cell]
    assert len(rows) == 1, (term, item, cell)
    return rows[0]


def held(results: Results, item: str, term: str = "gap", method: str = "t") -> Any:
    (row,) = [
        row
        for row in results.comparison_rows(None, term)
        if (row["item"], row["kind"], row["method"]) == (item, "null", method) and not row["cell"]
    ]
    return row


def pairs(
    gaps: Mapping[str, Sequence[tuple[int | None, int | None]]], **more: Sequence[Any]
) -> pl.DataFrame:
    """A survey of expectations and perceptions by item number."""
    columns: dict[str, Any] = {}
    for number, answers in gaps.items():
        columns[f"E{number}"] = [e for e, _ in answers]
        columns[f"P{number}"] = [p for _, p in answers]
    return pl.DataFrame({**columns, **more})


def drawn(items: int, rows: int, seed: int = 1) -> pl.DataFrame:
    """A survey in which a respondent's answers go together."""
    rng = np.random.default_rng(seed)
    columns: dict[str, Any] = {}
    level = {side: rng.normal(0, 1, rows) for side in "EP"}
    for number in range(1, items + 1):
        for side, middle in (("E", 5.4), ("P", 4.2)):
            answer = np.rint(middle + level[side] + rng.normal(0, 0.9, rows))
            columns[f"{side}{number}"] = np.clip(answer, 1, 7).astype(int)
    return pl.DataFrame(columns)


def options(items: int, **more: Any) -> dict[str, Any]:
    return {"perception": f"P{{1..{items}}}", "expectation": f"E{{1..{items}}}", **more}


# Real data


def test_kiosk_items(found: Results, expected: Any) -> None:
    assert found.responses.kept == expected["n"] == 105
    assert len(expected["items"]) == 24
    for name, entry in expected["items"].items():
        hold(found, str(int(name.removeprefix("sq"))), entry)


def test_kiosk_dimensions(found: Results, expected: Any) -> None:
    assert set(expected["dimensions"]) == set(DIMENSIONS)
    for name, entry in expected["dimensions"].items():
        hold(found, name, entry)


def hold(found: Results, item: str, entry: Mapping[str, Any]) -> None:
    """Every number of the reference on one item or dimension."""
    assert one(found, "expectation", item)["value"] == pytest.approx(entry["meanE"], **CLOSE)
    assert one(found, "perception", item)["value"] == pytest.approx(entry["meanP"], **CLOSE)
    gap, test = one(found, "gap", item), held(found, item)
    assert gap["value"] == pytest.approx(entry["gap"], **CLOSE)
    assert gap["base"] == entry["df"] + 1
    assert gap["std_error"] * math.sqrt(gap["base"]) == pytest.approx(entry["sd_gap"], **CLOSE)
    assert (gap["ci_low"], gap["ci_high"]) == pytest.approx(tuple(entry["ci"]), **CLOSE)
    assert (test["ci_low"], test["ci_high"]) == pytest.approx(tuple(entry["ci"]), **CLOSE)
    assert test["statistic"] == pytest.approx(entry["t"], **CLOSE)
    assert test["p"] == pytest.approx(entry["p"], rel=1e-9, abs=0)
    assert one(found, "effect_size", item)["value"] == pytest.approx(entry["dz"], **CLOSE)


def test_kiosk_alpha(found: Results, expected: Any) -> None:
    for name in DIMENSIONS:
        perceived, gap = one(found, "alpha", name), one(found, "alpha_gap", name)
        assert perceived["value"] == pytest.approx(expected["alpha_P"][name], **CLOSE)
        assert gap["value"] == pytest.approx(expected["alpha_gap"][name], **CLOSE)
        assert perceived["ci_low"] < perceived["value"] < perceived["ci_high"] < 1


def test_kiosk_overall(found: Results, kiosk: pl.DataFrame) -> None:
    """Items of no dimension are reported, but are no part of the overall numbers."""
    used = (1, 2, 3, 4, 5, 6, 7, 8, 10, 11, *range(13, 23))
    gap = {n: (kiosk[f"sq{n:02}_P"] - kiosk[f"sq{n:02}_E"]).to_numpy() for n in used}
    items = np.mean([gap[n] for n in used], axis=0)
    of = {"t": (4, 5, 6, 22), "s": (19, 20, 21), "e": (10, 11, 18), "c": range(13, 18)}
    of |= {"r": (1, 2, 3), "k": (7, 8)}
    dims = np.mean([np.mean([gap[n] for n in group], axis=0) for group in of.values()], axis=0)
    for name, values in (("overall_items", items), ("overall_dimensions", dims)):
        row = one(found, "gap", name)
        assert row["value"] == pytest.approx(values.mean(), **CLOSE)
        assert row["std_error"] == pytest.approx(values.std(ddof=1) / math.sqrt(105), **CLOSE)
    assert not found.failures


def test_kiosk_by_sex(kiosk: pl.DataFrame, plugins: Plugins) -> None:
    """Each cell is what the same answers alone give."""
    both = measured(kiosk, plugins, **KIOSK, segments=["sex"])
    for sex in ("F", "M"):
        alone = measured(kiosk.filter(pl.col("sex") == sex), plugins, **KIOSK)
        for row in alone.rows():
            other = one(both, row["term"], row["item"], sex=sex)
            for name in ("value", "std_error", "ci_low", "ci_high", "base"):
                if row[name] is None:  # type: ignore[literal-required]
                    assert other[name] is None
                else:
                    assert other[name] == pytest.approx(row[name], rel=1e-9, abs=1e-12)  # type: ignore[literal-required]
    # Segments are compared like any number's.
    compared = satcore.run(Servqual(**KIOSK), kiosk, segments=["sex"], plugins=plugins)
    assert any(row["kind"] == "rest" for row in compared.comparison_rows("servqual", "gap"))


# Gaps


def test_published_mean_of_dimensions(plugins: Plugins, reference: Any) -> None:
    """Five published gaps: a survey whose dimensions have them has their mean overall."""
    published = reference("published_worked_examples")["servqual_12manage_forum"]
    rows = 100
    answers = {
        str(number): [(6, 5)] * round(-gap * rows) + [(6, 6)] * (rows - round(-gap * rows))
        if gap > -1
        else [(6, 4)] * round((-gap - 1) * rows) + [(6, 5)] * (rows - round((-gap - 1) * rows))
        for number, gap in enumerate(published["dims"].values(), 1)
    }
    names = {name: (number,) for number, name in enumerate(published["dims"], 1)}
    results = measured(pairs(answers), plugins, **options(5, dimensions=names))
    for name, gap in published["dims"].items():
        assert one(results, "gap", name)["value"] == pytest.approx(gap, **CLOSE)
    overall = one(results, "gap", "overall_dimensions")["value"]
    assert overall == pytest.approx(published["unweighted_mean"], **CLOSE)


def test_mean_of_items_is_not_mean_of_dimensions(plugins: Plugins) -> None:
    data = pairs({"1": [(6, 5), (6, 4)], "2": [(7, 5), (7, 5)], "3": [(5, 5), (5, 6)]})
    results = measured(data, plugins, **options(3, dimensions={"a": "1,2", "b": "3"}))
    # Gaps by respondent: -1 -2 0 and -2 -2 1.
    assert one(results, "gap", "overall_items")["value"] == pytest.approx(-1.0)
    assert one(results, "gap", "a")["value"] == pytest.approx(-1.75)
    assert one(results, "gap", "b")["value"] == pytest.approx(0.5)
    assert one(results, "gap", "overall_dimensions")["value"] == pytest.approx(-0.625)


def test_a_dimension_is_the_respondents_mean_first(plugins: Plugins) -> None:
    """With answers missing the order of averaging matters."""
    data = pairs(
        {"1": [(5, 1), (5, 5), (5, 4)], "2": [(5, 5), (5, None), (5, 2)], "3": [(4, 4)] * 3}
    )
    asked = options(3, dimensions={"a": "1,2", "b": "3"})
    complete = one(measured(data, plugins, **asked), "gap", "a")
    assert (complete["value"], complete["base"]) == (pytest.approx((-2 - 2) / 2), 2)
    any_one = measured(data, plugins, **asked, min_answered=1)
    row = one(any_one, "gap", "a")
    assert (row["value"], row["base"]) == (pytest.approx((-2 + 0 - 2) / 3), 3)
    assert one(any_one, "gap", "overall_items")["value"] == pytest.approx((-4 / 3 + 0 - 4 / 3) / 3)


def test_missing_halves_are_counted(plugins: Plugins) -> None:
    data = pairs({"1": [(5, 4), (6, None), (None, 3), (None, None), (7, 5)], "2": [(5, 5)] * 5})
    results = measured(data, plugins, **options(2))
    row = one(results, "gap", "1")
    assert (row["base"], row["value"]) == (2, pytest.approx(-1.5))
    assert row["message"].startswith("2 left out who did not answer all of expectation and percep")
    words = Words.of(results, "zh").of_metric(results.metrics[0])
    assert said("2 left out who did not answer all of expectation and perception", words) == (
        "2 人未答全期望与感知，未计入",
        "",
    )
    three = "1 left out who did not answer all of desired and adequate and perception"
    assert said(three, words) == ("1 人未答全理想水平、适当水平与感知，未计入", "")
    assert one(results, "expectation", "1")["value"] == pytest.approx(6)
    assert one(results, "gap", "2")["message"] == ""


def test_wilcoxon_is_scipys(kiosk: pl.DataFrame, found: Results) -> None:
    for number in (1, 4, 9, 22):
        gap = (kiosk[f"sq{number:02}_P"] - kiosk[f"sq{number:02}_E"]).to_numpy()
        theirs = stats.wilcoxon(gap, zero_method="wilcox", correction=False, method="asymptotic")
        mine = held(found, str(number), method="wilcoxon")
        assert mine["p"] == pytest.approx(theirs.pvalue, rel=1e-9)
        assert math.copysign(1, mine["statistic"]) == math.copysign(1, gap.mean())


def test_holm_over_the_items_and_over_the_dimensions(found: Results) -> None:
    items = {str(number) for number in range(1, 25)}
    dimensions = {"tangible", "security", "economy", "convenience", "reliability", "control"}
    overall = {"overall_items", "overall_dimensions"}
    families = (("t", items), ("wilcoxon", items), ("t", dimensions), ("t", overall))
    for method, family in families:
        rows = [
            row
            for row in found.comparison_rows(None, "gap")
            if row["method"] == method and row["item"] in family
        ]
        assert {row["item"] for row in rows} == family
        adjusted = holm(np.array([row["p"] for row in rows]))
        assert [row["p_adjusted"] for row in rows] == pytest.approx(adjusted.tolist(), rel=1e-12)


def test_gaps_that_do_not_vary_have_no_test(plugins: Plugins) -> None:
    data = pl.DataFrame({"E1": [5, 5], "P1": [4, 4]})
    results = measured(data, plugins, expectation=("E1",), perception=("P1",))
    rows = [row for row in results.comparison_rows(None, "gap") if row["method"] == "t"]
    assert {(row["p"], row["status"]) for row in rows} == {(None, "undefined")}
    said = Servqual(expectation=("E1",), perception=("P1",)).findings(results, "servqual")
    assert not any("shown at 95%" in one for one in said)


def test_a_long_dimension_s_difference_is_the_sample_s(plugins: Plugins) -> None:
    rng = np.random.default_rng(5)
    own = rng.normal(0, 1, (40, 1))
    e = np.clip(np.rint(5 + own + rng.normal(0, 1, (40, 9))), 1, 7)
    p = np.clip(np.rint(4 + own + rng.normal(0, 1, (40, 9))), 1, 7)
    data = pl.DataFrame(
        {f"E{n + 1}": e[:, n] for n in range(9)} | {f"P{n + 1}": p[:, n] for n in range(9)}
    )

    def alpha(x: Any) -> float:
        cov = np.cov(x.T)
        return float(9 / 8 * (1 - np.trace(cov) / cov.sum()))

    between = np.cov(e.sum(axis=1), p.sum(axis=1))
    wanted = (between[1, 1] * alpha(p) + between[0, 0] * alpha(e) - 2 * between[0, 1]) / (
        between[0, 0] + between[1, 1] - 2 * between[0, 1]
    )
    results = measured(data, plugins, expectation="E{1..9}", perception="P{1..9}")
    row = one(results, "difference_reliability", "all")
    assert row["value"] == pytest.approx(wanted, rel=1e-9)
    assert row["base"] == 40
    assert row["std_error"] > 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"min_answered": 5}, "5, but no dimension has more than 3 items"),
        ({"normalise": True}, "it brings points to 100"),
        ({"expectation": "P{1..3}"}, "a column serves two sides"),
    ],
)
def test_options_that_would_do_nothing(
    options: dict[str, Any], said: str, plugins: Plugins
) -> None:
    given = {"expectation": "E{1..3}", "perception": "P{1..3}", **options}
    with pytest.raises(StudyError, match=said):
        measured(drawn(3, 10), plugins, **given)


def test_reversed_items(plugins: Plugins) -> None:
    data = drawn(3, 60)
    turned = data.with_columns(E2=8 - data["E2"], P2=8 - data["P2"])
    plain = measured(data, plugins, **options(3))
    keyed = measured(turned, plugins, **options(3, reversed=(2,)))
    assert plain.rows() == keyed.rows()


def test_waves(plugins: Plugins) -> None:
    data = drawn(3, 80).with_columns(wave=pl.Series(["one", "two"] * 40))
    results = satcore.run(Servqual(**options(3)), data, wave="wave", plugins=plugins)
    assert one(results, "gap", "all", wave="one")["base"] == 40
    assert any(row["kind"] == "previous" for row in results.comparison_rows("servqual", "gap"))


# Weights


def test_weighted(plugins: Plugins) -> None:
    data = drawn(3, 50)
    weight = np.random.default_rng(4).uniform(0.3, 3, 50)
    results = measured(data.with_columns(w=weight), plugins, **options(3), weight="w")
    gaps = data.select("P1", "P2", "P3").to_numpy() - data.select("E1", "E2", "E3").to_numpy()
    for item, x in (("1", gaps[:, 0]), ("all", gaps.mean(axis=1))):
        mean = np.sum(weight * x) / weight.sum()
        error = math.sqrt(50 / 49 * np.sum((weight * (x - mean)) ** 2)) / weight.sum()
        row = one(results, "gap", item)
        assert row["value"] == pytest.approx(mean, **CLOSE)
        assert row["std_error"] == pytest.approx(error, **CLOSE)
        assert row["method"] == "linearised"
        spread = math.sqrt(50 / 49 * np.sum(weight * (x - mean) ** 2) / weight.sum())
        assert one(results, "effect_size", item)["value"] == pytest.approx(mean / spread, **CLOSE)
    assert not [row for row in results.comparison_rows() if row["method"] == "wilcoxon"]


def test_whole_weights_are_repeated_rows(plugins: Plugins) -> None:
    data, times = drawn(3, 40), np.random.default_rng(5).integers(1, 4, 40)
    weighted = measured(data.with_columns(w=times), plugins, **options(3), weight="w")
    repeated = measured(data[np.repeat(np.arange(40), times).tolist()], plugins, **options(3))
    for term in ("gap", "perception", "alpha", "omega", "difference_reliability"):
        mine, theirs = one(weighted, term, "all"), one(repeated, term, "all")
        assert mine["value"] == pytest.approx(theirs["value"], rel=1e-9)


def test_feldt_is_refused_under_weights(plugins: Plugins) -> None:
    data = drawn(3, 20).with_columns(w=1.5)
    with pytest.raises(StudyError, match="'feldt' rests on plain counts"):
        measured(data, plugins, **options(3, alpha_interval="feldt"), weight="w")


def test_feldt_by_name(plugins: Plugins) -> None:
    results = measured(drawn(3, 60), plugins, **options(3, alpha_interval="feldt"))
    for term in ("alpha", "alpha_expectation", "alpha_gap"):
        row = one(results, term, "all")
        f = stats.f(59, 118)
        assert row["method"] == "feldt"
        assert row["ci_low"] == pytest.approx(1 - (1 - row["value"]) * f.ppf(0.975), rel=1e-9)
        assert row["ci_high"] == pytest.approx(1 - (1 - row["value"]) * f.ppf(0.025), rel=1e-9)


# Points


def pointed(points: Sequence[tuple[int, int]]) -> pl.DataFrame:
    """Gaps of -1 and 2, -2 and 0, -3 and 1, by three respondents."""
    gaps = {"1": [(5, 4), (5, 3), (5, 2)], "2": [(4, 6), (4, 4), (4, 5)]}
    return pairs(gaps, wA=[a for a, _ in points], wB=[b for _, b in points])


POINTS = options(2, dimensions={"A": "1", "B": "2"}, points="w{dimension}")


def test_weighted_gap_by_hand(plugins: Plugins) -> None:
    results = measured(pointed([(70, 30), (50, 50), (20, 80)]), plugins, **POINTS)
    by = {"A": [-0.7, -1.0, -0.6], "B": [0.6, 0.0, 0.8], "overall": [-0.1, -1.0, 0.2]}
    for name, values in by.items():
        row = one(results, "weighted_gap", name)
        assert row["value"] == pytest.approx(np.mean(values), **CLOSE)
        assert row["std_error"] == pytest.approx(np.std(values, ddof=1) / math.sqrt(3), **CLOSE)


def test_points_that_are_not_100(plugins: Plugins) -> None:
    data = pointed([(70, 30), (50, 40), (20, 80)])
    with pytest.raises(DataError) as caught:
        measured(data, plugins, **POINTS)
    said = str(caught.value)
    assert "wA" in said
    assert "wB" in said
    assert said.count("points have to sum to 100, but sum to") == 1
    assert "90" in said
    results = measured(data, plugins, **POINTS, invalid="missing")
    for name, value in (("A", -0.65), ("B", 0.7), ("overall", 0.05)):
        row = one(results, "weighted_gap", name)
        assert (row["value"], row["base"]) == (pytest.approx(value, **CLOSE), 2)
    assert [note for note in results.notes if note.startswith("wA, wB: 1 respondents")]
    # The plain gaps keep everyone.
    assert one(results, "gap", "A")["base"] == 3


def test_points_brought_to_100(plugins: Plugins) -> None:
    data = pointed([(7, 3), (50, 50), (10, 40)])
    results = measured(data, plugins, **POINTS, normalise=True)
    assert one(results, "weighted_gap", "overall")["value"] == pytest.approx(-0.9 / 3, **CLOSE)
    assert one(results, "weighted_gap", "A")["value"] == pytest.approx(-2.3 / 3, **CLOSE)


def test_points_with_answers_missing(plugins: Plugins) -> None:
    """Means over whatever is answered of a long dimension are weighed too."""
    data = drawn(14, 60).with_columns(
        P3=pl.when(pl.int_range(60) % 4 == 0).then(None).otherwise(pl.col("P3")),
        wA=pl.Series([60, 30] * 30),
        wB=pl.Series([40, 70] * 30),
    )
    asked = options(14, dimensions={"A": "1..12", "B": "13,14"}, points="w{dimension}")
    results = measured(data, plugins, **asked, min_answered=1)
    gap = np.array(
        [(data[f"P{n}"].cast(float) - data[f"E{n}"]).to_numpy() for n in range(1, 15)], dtype=float
    )
    a, b = np.nanmean(gap[:12], axis=0), gap[12:].mean(axis=0)
    share = data["wA"].to_numpy() / 100
    assert one(results, "gap", "A")["value"] == pytest.approx(a.mean(), **CLOSE)
    assert one(results, "gap", "overall_items")["value"] == pytest.approx(
        np.nanmean(gap, axis=0).mean(), **CLOSE
    )
    for name, values in (("A", share * a), ("B", (1 - share) * b)):
        assert one(results, "weighted_gap", name)["value"] == pytest.approx(values.mean(), **CLOSE)
    whole = share * a + (1 - share) * b
    row = one(results, "weighted_gap", "overall")
    assert row["value"] == pytest.approx(whole.mean(), **CLOSE)
    assert row["std_error"] == pytest.approx(whole.std(ddof=1) / math.sqrt(60), **CLOSE)
    assert row["base"] == 60


def test_points_need_a_column_a_dimension(plugins: Plugins) -> None:
    with pytest.raises(StudyError, match=r"lacks \{dimension\}"):
        measured(pointed([(50, 50)] * 3), plugins, **{**POINTS, "points": "w"})


# SERVPERF and the zone of tolerance


def test_servperf(plugins: Plugins) -> None:
    data = pointed([(70, 30), (50, 50), (20, 80)])
    asked = {"perception": ("P1", "P2"), "dimensions": {"A": [1], "B": [2]}}
    results = measured(data, plugins, **asked, points="w{dimension}")
    terms = {row["term"] for row in results.rows()}
    assert terms == {"perception", "weighted_perception", "alpha"}
    assert one(results, "perception", "A")["value"] == pytest.approx(3)
    # 0.7·4 + 0.3·6, 0.5·3 + 0.5·4, 0.2·2 + 0.8·5
    weighted = one(results, "weighted_perception", "overall")["value"]
    assert weighted == pytest.approx((4.6 + 3.5 + 4.4) / 3, **CLOSE)


def test_servperf_reliability(plugins: Plugins) -> None:
    data = drawn(4, 50)
    alone = measured(data, plugins, perception="P{1..4}")
    beside = measured(data, plugins, **options(4))
    for term in ("alpha", "omega", "standardised_alpha"):
        for name in ("value", "std_error"):
            assert one(alone, term, "all")[name] == pytest.approx(
                one(beside, term, "all")[name], rel=1e-6
            )


def test_zone_of_tolerance(plugins: Plugins) -> None:
    data = pl.DataFrame(
        {
            "D1": [7, 6, 5, 4, None],
            "A1": [4, 4, 5, 6, 3],
            "P1": [5, 7, 5, 5, 4],
            "D2": [7, 7, 6, 6, 6],
            "A2": [5, 4, 4, 5, 5],
            "P2": [4, 4, 6, 5, 3],
        }
    )
    asked = {"desired": "D{1..2}", "adequate": "A{1..2}", "perception": "P{1..2}"}
    results = measured(data, plugins, **asked)
    assert one(results, "adequacy", "1")["value"] == pytest.approx(np.mean([1, 3, 0, -1]))
    assert one(results, "superiority", "1")["value"] == pytest.approx(np.mean([-2, 1, 0, 1]))
    assert one(results, "zone", "1")["value"] == pytest.approx(np.mean([3, 2, 0, -2]))
    # 5 in 4..7, 7 not in 4..6, 5 in 5..5; nothing is inside 6..4.
    assert one(results, "inside_zone", "1")["value"] == pytest.approx(0.5)
    below = one(results, "desired_below_adequate", "1")
    assert below["value"] == pytest.approx(0.25)
    assert below["message"] == "1 respondents desire less than they find adequate"
    assert one(results, "desired_below_adequate", "2")["value"] == 0
    of_group = one(results, "adequacy", "all")
    gaps = np.mean([[1, 3, 0, -1], [-1, 0, 2, 0]], axis=0)
    assert of_group["value"] == pytest.approx(gaps.mean())
    assert of_group["std_error"] == pytest.approx(gaps.std(ddof=1) / 2)
    assert held(results, "1", "adequacy")["p"] == pytest.approx(
        stats.ttest_1samp([1, 3, 0, -1], 0).pvalue, rel=1e-9
    )


# Which columns, which dimensions


def test_patterns_keep_zeros_and_lists_number_from_one(plugins: Plugins) -> None:
    data = drawn(12, 30)
    zeros = data.rename({f"{side}{n}": f"q{n:02}_{side}" for side in "EP" for n in range(1, 13)})
    asked = {"dimensions": {"a": "1..6", "b": "7..12"}}
    patterned = measured(
        zeros, plugins, perception="q{01..12}_P", expectation="q{01..12}_E", **asked
    )
    listed = measured(
        data,
        plugins,
        perception=[f"P{n}" for n in range(1, 13)],
        expectation=tuple(f"E{n}" for n in range(1, 13)),
        dimensions={"a": [1, 2, 3, 4, 5, 6], "b": (7, 8, 9, 10, 11, 12)},
    )
    assert patterned.rows() == listed.rows()


def test_the_classical_dimensions(plugins: Plugins) -> None:
    data = drawn(22, 40)
    default = measured(data, plugins, **options(22))
    named = measured(data, plugins, **options(22, dimensions="classical"))
    assert default.rows() == named.rows()
    without = measured(data, plugins, **options(22, dimensions="without_tangibles"))
    names = ("tangibles", "reliability", "responsiveness", "assurance", "empathy")
    groups = {row["item"] for row in named.rows(None, "alpha")}
    assert groups == set(names)
    assert {row["item"] for row in without.rows(None, "alpha")} == set(names[1:])
    four = np.mean([one(named, "gap", name)["value"] for name in names[1:]])
    assert one(without, "gap", "overall_dimensions")["value"] == pytest.approx(four, **CLOSE)
    # Items outside the dimensions are reported all the same.
    assert one(without, "gap", "1") == one(named, "gap", "1")


def test_long_dimensions(plugins: Plugins) -> None:
    """The difference score's reliability and its error, as of any other dimension."""
    data = drawn(10, 120)
    results = measured(data, plugins, **options(10))
    row = one(results, "difference_reliability", "all")
    assert row["method"] == "log_t"
    perceived, wanted = (
        data.select([f"{side}{n}" for n in range(1, 11)]).to_numpy() for side in "PE"
    )
    p, e = perceived.sum(axis=1), wanted.sum(axis=1)

    def alpha(x: Any) -> float:
        return 10 / 9 * (1 - x.var(axis=0, ddof=1).sum() / x.sum(axis=1).var(ddof=1))

    between = np.cov(p, e)[0, 1]
    top = p.var(ddof=1) * alpha(perceived) + e.var(ddof=1) * alpha(wanted) - 2 * between
    exact = top / (p.var(ddof=1) + e.var(ddof=1) - 2 * between)
    assert row["value"] == pytest.approx(exact, **CLOSE)
    assert one(results, "alpha", "all")["value"] == pytest.approx(alpha(perceived), **CLOSE)
    assert one(results, "alpha_gap", "all")["value"] == pytest.approx(
        alpha(perceived - wanted), **CLOSE
    )


# What can't be


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"dimensions": {"a": "1..4"}}, r"there is no item \[4\]; there are 1 to 3"),
        ({"dimensions": {"a": "1,2", "b": "2,3"}}, "item 2 is in 'a' already"),
        ({"dimensions": {"a": "1,1"}}, "item 1 is in 'a' already"),
        ({"dimensions": {"a": ()}}, "it has no item"),
        ({"dimensions": {"a": "one"}}, "'one' is no number and no range"),
        ({"dimensions": "classic"}, "'classic' is none of classical, without_tangibles"),
        ({"dimensions": "classical"}, "there is no item"),
        ({"dimensions": {}}, "there is no dimension"),
        ({"dimensions": {"1": "1..3"}}, "is also an item's"),
        ({"reversed": (9,)}, r"there is no item \[9\]"),
        ({"min_answered": 0}, "0 is not at least 1"),
        ({"expectation": "E{1..2}"}, r"items \[3\] are not on both sides"),
        ({"expectation": "E1"}, "'E1' is one column"),
        ({"expectation": "E{3..1}"}, "runs downwards"),
        ({"expectation": ("E1", "E1", "E2")}, "'E1' stands there twice"),
        ({"adequate": "E{1..3}"}, "give it alone"),
        ({"expectation": None, "desired": "E{1..3}"}, "give it alone"),
    ],
)
def test_options_that_can_not_stand(asked: Any, said: str, plugins: Plugins) -> None:
    with pytest.raises(StudyError, match=said):
        measured(drawn(3, 10), plugins, **{**options(3), **asked})


def test_only_expectations(plugins: Plugins) -> None:
    with pytest.raises((StudyError, TypeError), match="perception"):
        measured(drawn(3, 10), plugins, expectation="E{1..3}")


def test_absent_columns(plugins: Plugins) -> None:
    with pytest.raises((StudyError, DataError), match="P4"):
        measured(drawn(3, 10), plugins, **options(4))


def test_an_answer_outside_the_scale(plugins: Plugins) -> None:
    data = pairs({"1": [(5, 9), (6, 5), (7, 6)], "2": [(5, 5), (4, 4), (6, 5)]})
    with pytest.raises(DataError, match="P1") as caught:
        measured(data, plugins, **options(2))
    assert "9" in str(caught.value)
    results = measured(data, plugins, **options(2), invalid="missing")
    assert (one(results, "gap", "1")["base"], one(results, "gap", "1")["value"]) == (2, -1)
    assert "1 left out" in one(results, "gap", "1")["message"]


def test_one_item_in_a_dimension(plugins: Plugins) -> None:
    results = measured(drawn(3, 40), plugins, **options(3, dimensions={"a": "1,2", "b": "3"}))
    row = one(results, "alpha", "b")
    assert (row["value"], row["status"]) == (None, "undefined")
    assert "a dimension of one item (3) has no alpha" in row["message"]
    assert "two items do not identify a factor" in one(results, "omega", "a")["message"]
    item = one(results, "gap", "3")["value"]
    assert one(results, "gap", "b")["value"] == pytest.approx(item, rel=1e-12)


def test_zero_variance(plugins: Plugins) -> None:
    data = drawn(3, 40).with_columns(P2=pl.lit(7), E2=pl.lit(6))
    results = measured(data, plugins, **options(3))
    assert "1 of 3 items without variance" in one(results, "alpha", "all")["message"]
    assert one(results, "alpha", "all")["value"] is not None
    for term, item in (("omega", "all"), ("standardised_alpha", "all"), ("item_rest", "2")):
        row = one(results, term, item)
        assert (row["value"], row["status"]) == (None, "undefined")
        assert "1 of 3 items without variance" in row["message"]
    assert one(results, "gap", "2")["value"] == 1
    flat = one(results, "effect_size", "2")
    assert "the gaps do not vary" in flat["message"]
    assert flat["value"] is None
    everyone = measured(
        pl.DataFrame({name: [5] * 10 for name in data.columns}), plugins, **options(3)
    )
    assert "no item has any variance" in one(everyone, "alpha", "all")["message"]


@pytest.mark.parametrize("rows", [0, 1, 2, 3])
def test_few_respondents(rows: int, plugins: Plugins) -> None:
    """Every number that there can't be says why."""
    results = measured(drawn(4, 3).head(rows), plugins, **options(4))
    assert not results.failures
    for row in results.rows():
        assert row["value"] is None or math.isfinite(row["value"])
        if row["value"] is None:
            assert row["status"] in ("undefined", "empty")
            assert row["message"]
    if rows >= 2:
        assert (
            f"no more respondents ({rows}) than items (4)"
            in one(results, "alpha", "all")["message"]
        )


def test_a_collapsed_difference_is_told(plugins: Plugins) -> None:
    """Expectations and perceptions that go together leave noise as their difference."""
    rng = np.random.default_rng(2)
    level = rng.normal(4.5, 1.2, 200)
    columns = {
        f"{side}{n}": np.clip(np.rint(level + rng.normal(0, 0.8, 200)), 1, 7).astype(int)
        for side in "EP"
        for n in (1, 2, 3)
    }
    row = one(
        measured(pl.DataFrame(columns), plugins, **options(3)), "difference_reliability", "all"
    )
    assert row["value"] < 0.5
    assert "little but noise" in row["message"]


# Pictures and findings


def told(results: Results, language: str) -> list[str]:
    (measured_one,) = results.metrics
    return list(measured_one.metric.findings(results, measured_one.name, language))


def drawn_charts(results: Results, language: str = "en") -> list[Any]:
    (measured_one,) = results.metrics
    return list(measured_one.metric.charts(results, measured_one.name, language))


def test_kiosk_findings(found: Results) -> None:
    below, neither, items, alpha, noise = told(found, "en")
    assert below.startswith("Perceived below what is expected, shown at 95% (Holm), largest first")
    names = ["security", "convenience", "control", "economy", "Reliability"]
    assert [part.split()[0] for part in below.split(": ")[1].split("; ")] == names
    assert neither == "Not shown to differ from what is expected: tangible −0.07 (−0.30 to 0.17)."
    assert items.startswith("20 of 24 items")
    assert "item 15 −2.12" in items
    assert "Reliability 0.65" in alpha
    assert "economy" not in alpha
    assert "Reliability 0.38" in noise
    chinese = told(found, "zh")
    assert len(chinese) == 5
    assert "可靠性 −0.64" in chinese[0]
    assert chinese[0].endswith("。")


def test_findings_are_no_surer_than_the_tests(plugins: Plugins) -> None:
    """Gaps that only the unadjusted test shows are not told as shown."""
    for seed in range(6):
        rng = np.random.default_rng(seed)
        answers = {
            str(n): list(zip(*rng.integers(3, 7, (2, 25)).tolist(), strict=True))
            for n in range(1, 5)
        }
        names = {f"d{n}": (n,) for n in range(1, 5)}
        results = measured(pairs(answers), plugins, **options(4, dimensions=names))
        said = told(results, "en")
        for name in names:
            row = held(results, name)
            sure = row["p_adjusted"] < 0.05
            (sentence,) = [one for one in said if f"{name} " in one]
            assert sentence.startswith("Not shown") == (not sure)
            if sure:
                assert ("below" in sentence) == (row["difference"] < 0)


def test_findings_of_the_other_forms(plugins: Plugins) -> None:
    data = drawn(3, 60)
    wanted = {f"A{n}": data[f"E{n}"].clip(2, 7) - 1 for n in range(1, 4)}
    data = data.with_columns(**wanted)
    asked = {"desired": "E{1..3}", "adequate": "A{1..3}", "perception": "P{1..3}"}
    zone = measured(data, plugins, **asked)
    said = told(zone, "en")
    assert any("the desired level" in one for one in said)
    assert any("the adequate level" in one for one in said)
    titles = [chart.title for chart in drawn_charts(zone)]
    assert "Desired against adequate against perception by dimension" in titles
    assert "Adequacy (MSA) by item" in titles
    (sides,) = [one for one in drawn_charts(zone) if one.title.startswith("Desired against")]
    rows = [(row["label"], row["side"]) for row in sides.spec["data"]["values"]]
    assert [side for _, side in rows[:3]] == ["Desired", "Adequate", "Perception"]
    assert len({label for label, _ in rows[:3]}) == 1
    alone = measured(data, plugins, perception="P{1..3}")
    assert told(alone, "en") == []
    assert [chart.title for chart in drawn_charts(alone)] == [
        "Perception by dimension",
        "Perception by item",
    ]


def test_classical_names_in_chinese(plugins: Plugins) -> None:
    results = measured(drawn(22, 40), plugins, **options(22))
    charts = drawn_charts(results, "zh")
    labels = [row["label"] for row in charts[0].spec["data"]["values"]]
    assert labels == [
        "总体（维度平均）",
        "总体（题项平均）",
        "有形性",
        "可靠性",
        "响应性",
        "保证性",
        "移情性",
    ]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_pictures_are_vega_lite(found: Results, language: str, plugins: Plugins) -> None:
    convert = pytest.importorskip("vl_convert")
    nobody = measured(drawn(3, 5).clear(), plugins, **options(3))
    few = measured(drawn(3, 1), plugins, **options(3))
    for results in (found, few, nobody):
        for chart in drawn_charts(results, language):
            assert chart.title
            assert chart.alt
            spec = {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", **chart.spec}
            assert "<svg" in convert.vegalite_to_svg({**spec, "width": 600})
    assert len(drawn_charts(found, language)) == 3
    assert drawn_charts(nobody, language) == []


def test_dimensions_have_names_for_people() -> None:
    metric = Servqual(perception="P{1..22}")
    assert metric.item_title("empathy", "zh") == "移情性"
    assert metric.item_title("overall_items") == "Overall, mean of items"
    assert metric.item_title("7") == metric.item_title("security") == ""


def test_items_are_called_by_their_questions(plugins: Plugins) -> None:
    data = drawn(2, 30)
    study = satcore.Study.of(
        {
            "metrics": {"servqual": options(2)},
            "items": {"P1": {"label": {"en": "The queue is short", "zh": "排队短"}}},
        }
    )
    results = satcore.run(study, data, plugins=plugins)
    labels = [row["label"] for row in drawn_charts(results)[-1].spec["data"]["values"]]
    assert labels == ["1 The queue is short", "2"]
    labels = [row["label"] for row in drawn_charts(results, "zh")[-1].spec["data"]["values"]]
    assert labels == ["1 排队短", "2"]


def test_reports_of_perceptions_alone_tell_them(
    plugins: Plugins, capsys: pytest.CaptureFixture[str]
) -> None:
    """The gap is the primary term, and there is none: the report begins with the perceptions."""
    data = drawn(2, 80).with_columns(branch=pl.Series(["A", "B"] * 40))
    study = satcore.Study.of(
        {
            "metrics": {"quality": {"metric": "servqual", "perception": "P{1..2}"}},
            "roles": {"segments": ["branch"]},
        }
    )
    results = satcore.run(study, data, plugins=plugins)
    page = plugins.report("a.md").render(results, "en").decode()
    short = page.partition("### SERVQUAL")[2].partition("\n## ")[0]
    assert "- Overall, mean of items **" in short
    assert "**Perception: " in page
    show(results)
    assert "comparisons of Perception; " in capsys.readouterr().out


def test_who_left_a_side_out_is_told_in_chinese(plugins: Plugins) -> None:
    data = drawn(2, 30).with_columns(
        pl.when(pl.int_range(pl.len()) < 3).then(None).otherwise(pl.col("P1")).alias("P1"),
        *(pl.col(f"E{number}").alias(f"A{number}") for number in (1, 2)),
    )
    desired = {"desired" if key == "expectation" else key: to for key, to in options(2).items()}
    for given in (options(2), desired | {"adequate": "A{1..2}"}):
        study = satcore.Study.of({"metrics": {"servqual": given}})
        results = satcore.run(study, data, plugins=plugins)
        words = Words.of(results, "zh").of_metric(results.metrics[0])
        messages = {one for row in results.rows() if "left out" in (one := row["message"])}
        assert messages
        for message in messages:
            text, language = said(message, words)
            assert language == ""
            assert not any(letter.isascii() and letter.isalpha() for letter in text)


@frozen(kw_only=True)
class Both(Metric):
    """The reliability of a difference by all fourth moments, and by those that it needs."""

    def statistics(self, codebook: Any) -> Any:
        sides = [tuple(codebook.item(f"{side}{n}", "1..7") for n in range(1, 5)) for side in "EP"]
        return {
            "every": Moments((*sides[0], *sides[1]), order=4),
            "few": Moments(difference_items(*sides)),
        }

    def evaluate(self, every: Any, few: Any) -> Any:
        def johns(_: Any, cov: Any) -> Any:
            between = cov[:, 4:, :4].sum(axis=(1, 2))
            return difference_reliability(cov[:, 4:, 4:], cov[:, :4, :4], between)

        yield every.smooth(johns, term="every")
        yield difference_of("few", few)


@pytest.mark.parametrize("weight", [None, "w"])
def test_a_difference_s_error_needs_few_sums(weight: str | None) -> None:
    """Its own derivatives give what numerical ones of all fourth moments give."""
    rng = np.random.default_rng(2)
    data = drawn(4, 300).with_columns(pl.Series("w", rng.uniform(0.5, 2.0, 300)))
    rows = satcore.run(Both(), data, weight=weight).rows()
    every, few = rows
    assert few["value"] == pytest.approx(every["value"], rel=1e-12)
    assert few["std_error"] == pytest.approx(every["std_error"], rel=1e-8)
