"""Comparisons against ones made by hand: every cell picked out of the answers with polars."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import polars as pl
import pytest
from attrs import field, frozen
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep

import satcore
from satcore import (
    NET_INTERVALS,
    Codebook,
    Estimate,
    Metric,
    Results,
    Statistic,
    StudyError,
    Tallied,
    Tally,
    holm,
)
from satcore.plugins import Plugins
from satcore_nps import NPS

ALL = ("rest", "previous", "heterogeneity", "pairs")
CLOSE = {"rel": 1e-9, "abs": 1e-9}


@frozen(kw_only=True)
class Does(Metric):
    """A metric whose evaluation is a function."""

    what: Callable[[Tallied], Any] = field()
    item: str = "q"

    def statistics(self, codebook: Codebook) -> Mapping[str, Statistic]:
        return {"answers": Tally(codebook.item(self.item, "0..10"))}

    def evaluate(self, answers: Tallied) -> Any:
        return self.what(answers)


@pytest.fixture(scope="module")
def answers() -> pl.DataFrame:
    """Three regions, an absent one, two channels, months with a gap, dates that are absent."""
    rng = np.random.default_rng(2)
    n = 1200
    region = rng.choice(np.array(["East", "North", "West", ""]), n, p=[0.5, 0.3, 0.15, 0.05])
    channel = rng.choice(np.array(["app", "desk"]), n)
    month = rng.choice(np.array(["2025-11", "2025-12", "2026-03", "2026-04", ""]), n)
    happy = np.where(region == "East", 0.6, 0.4) + np.where(channel == "app", 0.1, 0.0)
    q = np.where(rng.random(n) < happy, rng.integers(8, 11, n), rng.integers(0, 9, n))
    frame = pl.DataFrame({"q": q, "region": region, "channel": channel, "month": month})
    return frame.with_columns(
        pl.when(pl.col("region") == "").then(None).otherwise("region").alias("region"),
        pl.when(pl.col("month") == "").then(None).otherwise(pl.col("month") + "-15").alias("day"),
        pl.when(pl.col("month") == "").then(None).otherwise("month").alias("month"),
    )


def run(data: object, plugins: Plugins, **options: Any) -> Results:
    asked: dict[str, Any] = {
        "segments": ["region", "channel"],
        "wave": {"time": "day", "period": "month"},
        "comparisons": ALL,
        "min_base": 0,
    }
    return satcore.run(NPS(item="q"), data, plugins=plugins, **{**asked, **options})


@pytest.fixture
def results(answers: pl.DataFrame, plugins: Plugins) -> Results:
    return run(answers, plugins)


def chosen(frame: pl.DataFrame, cell: Mapping[str, str | None]) -> pl.Series:
    """The answers of a cell."""
    for name, label in cell.items():
        frame = frame.filter(pl.col("month" if name == "wave" else name).eq_missing(pl.lit(label)))
    return frame["q"]


def others(frame: pl.DataFrame, cell: Mapping[str, str | None], along: str) -> pl.Series:
    """The answers of all other cells along a dimension, the other dimensions held fixed."""
    for name, label in cell.items():
        column = pl.col("month" if name == "wave" else name)
        same = column.eq_missing(pl.lit(label))
        frame = frame.filter(~same if name == along else same)
    return frame["q"]


def table(q: pl.Series) -> np.ndarray:
    low, high = int((q <= 6).sum()), int((q >= 9).sum())
    return np.array([low, len(q) - low - high, high])


def check_pair(row: Any, first: pl.Series, second: pl.Series) -> None:
    """Difference, error, bounds and p-value of one comparison, from raw answers."""
    if row["term"] == "nps":
        counts = np.stack([table(first), table(second)])
        n = counts.sum(axis=1)
        net = (counts[:, 2] - counts[:, 0]) / n
        spread = (counts[:, 2] + counts[:, 0]) / n
        error = 100 * math.sqrt(((spread - net**2) / n).sum())
        difference = 100 * (net[0] - net[1])
        low, high = NET_INTERVALS["adjusted_wald"](counts, 0).bounds(0.95)
        value = 100 * net
        bounds = (
            difference - math.hypot(value[0] - low[0], high[1] - value[1]),
            difference + math.hypot(high[0] - value[0], value[1] - low[1]),
        )
    else:
        classes = {"detractors": 0, "passives": 1, "promoters": 2}
        count = [int(table(q)[classes[row["term"]]]) for q in (first, second)]
        n = np.array([len(first), len(second)])
        share = np.array(count) / n
        error = math.sqrt((share * (1 - share) / n).sum())
        difference = share[0] - share[1]
        bounds = confint_proportions_2indep(count[0], n[0], count[1], n[1], method="newcomb")
    assert row["difference"] == pytest.approx(difference, **CLOSE)
    assert row["std_error"] == pytest.approx(error, **CLOSE)
    assert row["statistic"] == pytest.approx(difference / error, **CLOSE)
    assert row["p"] == pytest.approx(2 * stats.norm.sf(abs(difference / error)), **CLOSE)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(bounds, **CLOSE)
    assert row["confidence"] == 0.95
    assert row["status"] == "ok"


def of_kind(results: Results, kind: str, along: str | None = None) -> list[Any]:
    return [
        row
        for row in results.comparison_rows()
        if row["kind"] == kind and along in (None, row["along"])
    ]


# A cell against the rest


def test_rest(answers: pl.DataFrame, results: Results) -> None:
    rows = of_kind(results, "rest")
    # Four terms; four regions (one absent) and two channels. Waves have no rest.
    assert len(rows) == 4 * (4 + 2)
    assert {row["along"] for row in rows} == {"region", "channel"}
    for row in rows:
        assert list(row["cell"]) == [row["along"]]
        assert row["against"] is None
        check_pair(row, chosen(answers, row["cell"]), others(answers, row["cell"], row["along"]))


def test_the_absent_label_is_a_cell_and_part_of_the_rest(
    answers: pl.DataFrame, results: Results
) -> None:
    absent = [row for row in of_kind(results, "rest") if row["cell"] == {"region": None}]
    assert len(absent) == 4
    check_pair(
        absent[0],
        answers.filter(pl.col("region").is_null())["q"],
        answers.filter(pl.col("region").is_not_null())["q"],
    )


def test_rest_of_two_is_the_other(results: Results) -> None:
    """Two channels: the rest of one is the other, and the sign turns."""
    app, desk = (row for row in of_kind(results, "rest", "channel") if row["term"] == "nps")
    assert app["difference"] == pytest.approx(-desk["difference"], rel=1e-12)
    [pair] = (row for row in of_kind(results, "pair", "channel") if row["term"] == "nps")
    for name in ("difference", "std_error", "ci_low", "ci_high", "statistic", "p"):
        assert pair[name] == app[name]
    assert pair["p_adjusted"] == pair["p"]
    assert app["p_adjusted"] == pytest.approx(min(1.0, 2 * app["p"]), rel=1e-12)


def test_a_single_label_has_no_rest(plugins: Plugins) -> None:
    data = {"q": [1, 9, 10], "region": ["East"] * 3}
    results = run(data, plugins, segments=["region"], wave=None)
    assert results.comparison_rows() == []


# A wave against the one before


def test_previous_wave(answers: pl.DataFrame, results: Results) -> None:
    rows = of_kind(results, "previous")
    steps = [(row["cell"]["wave"], row["against"]["wave"]) for row in rows if row["term"] == "nps"]
    # Months in their order, the two without answers among them; the absent one has no place.
    assert steps == [
        ("2025-12", "2025-11"),
        ("2026-01", "2025-12"),
        ("2026-02", "2026-01"),
        ("2026-03", "2026-02"),
        ("2026-04", "2026-03"),
    ]
    for row in rows:
        assert row["along"] == "wave"
        if {"2026-01", "2026-02"} & {row["cell"]["wave"], row["against"]["wave"]}:
            assert row["status"] == "empty"
            assert row["message"] == "nobody answered on one side"
            assert row["difference"] is row["p"] is row["p_adjusted"] is None
        else:
            assert row["message"] == "assumes different respondents"
            check_pair(row, chosen(answers, row["cell"]), chosen(answers, row["against"]))


def test_waves_by_name(answers: pl.DataFrame, plugins: Plugins) -> None:
    """Waves that are a column hold no gaps: the one before is the one seen before."""
    results = run(answers, plugins, wave="month", comparisons=["previous"])
    steps = {(row["cell"]["wave"], row["against"]["wave"]) for row in of_kind(results, "previous")}
    assert steps == {("2025-12", "2025-11"), ("2026-03", "2025-12"), ("2026-04", "2026-03")}


def test_waves_count(plugins: Plugins) -> None:
    """Waves that are numbers follow each other as numbers: 9, 10 and not 10, 9."""
    data = {"q": [1, 9, 10, 5, 7, 8], "round": [10, 9, 10, 9, 11, 11]}
    results = run(data, plugins, segments=[], wave="round")
    steps = [
        (row["cell"]["wave"], row["against"]["wave"])
        for row in of_kind(results, "previous")
        if row["term"] == "nps"
    ]
    assert steps == [("10", "9"), ("11", "10")]


@pytest.mark.parametrize("days", [[], [None, None], ["2026-01-02", None]])
def test_no_wave_before(days: list[str | None], plugins: Plugins) -> None:
    data = {"q": [5] * len(days), "day": pl.Series(days, dtype=pl.String)}
    results = run(pl.DataFrame(data), plugins, segments=[])
    assert of_kind(results, "previous") == []


# Pairs


def test_pairs(answers: pl.DataFrame, results: Results) -> None:
    for along, labels in (
        ("region", ("East", "North", "West", None)),
        ("channel", ("app", "desk")),
    ):
        rows = [row for row in of_kind(results, "pair", along) if row["term"] == "nps"]
        wanted = [
            (first, second) for place, first in enumerate(labels) for second in labels[place + 1 :]
        ]
        assert [(row["cell"][along], row["against"][along]) for row in rows] == wanted
    for row in of_kind(results, "pair"):
        if row["along"] != "wave":
            check_pair(row, chosen(answers, row["cell"]), chosen(answers, row["against"]))


def test_only_what_is_asked_for(answers: pl.DataFrame, plugins: Plugins) -> None:
    for kind, told in (
        ("rest", "rest"),
        ("previous", "previous"),
        ("heterogeneity", "heterogeneity"),
        ("pairs", "pair"),
    ):
        found = run(answers, plugins, comparisons=[kind]).comparison_rows()
        assert {row["kind"] for row in found} == {told}
    assert run(answers, plugins, comparisons=[]).comparison_rows() == []
    default = satcore.run(NPS(item="q"), answers, segments=["region"], plugins=plugins)
    assert {row["kind"] for row in default.comparison_rows()} == {"rest", "heterogeneity"}
    with pytest.raises(StudyError, match="pairs"):
        run(answers, plugins, comparisons=["pair"])


# Crossed sets


def test_crossed_sets(answers: pl.DataFrame, plugins: Plugins) -> None:
    """Within a crossed set the other dimensions are held fixed."""
    results = run(answers, plugins, by=["region*channel"], wave=None)
    rows = of_kind(results, "rest")
    assert len(rows) == 4 * 2 * 8
    for row in rows:
        assert list(row["cell"]) == ["region", "channel"]
        check_pair(row, chosen(answers, row["cell"]), others(answers, row["cell"], row["along"]))
    pairs = of_kind(results, "pair")
    assert len(pairs) == 4 * (6 * 2 + 1 * 4)
    for row in pairs:
        differ = [name for name in row["cell"] if row["cell"][name] != row["against"][name]]
        assert differ == [row["along"]]
        check_pair(row, chosen(answers, row["cell"]), chosen(answers, row["against"]))


def test_waves_within_regions(answers: pl.DataFrame, plugins: Plugins) -> None:
    results = run(answers, plugins, by=["region*wave"])
    rows = [row for row in of_kind(results, "previous") if row["term"] == "nps"]
    assert len(rows) == 4 * 5
    for row in rows:
        assert row["cell"]["region"] == row["against"]["region"]
        if row["status"] == "ok":
            check_pair(row, chosen(answers, row["cell"]), chosen(answers, row["against"]))
    assert sum(row["status"] == "ok" for row in rows) == 4 * 2
    for row in of_kind(results, "rest"):
        assert row["along"] == "region"
        if row["status"] == "ok" and row["p"] is not None:
            check_pair(row, chosen(answers, row["cell"]), others(answers, row["cell"], "region"))


# Families


def test_holm_families(answers: pl.DataFrame, plugins: Plugins) -> None:
    """One family a term, grouping set, dimension and kind; empty comparisons take no part."""
    results = run(answers, plugins, by=["region", "channel", "wave", "region*channel"])
    families = defaultdict(list)
    for row in results.comparison_rows():
        if row["kind"] != "heterogeneity":
            key = (row["term"], tuple(row["cell"]), row["along"], row["kind"])
            families[key].append(row)
    # Four terms: (3 sets × pairs) + 2 rests + previous, and of the crossed set 2 × (rest, pairs).
    assert len(families) == 4 * (3 + 2 + 1 + 4)
    sizes = set()
    for rows in families.values():
        p = np.array([np.nan if row["p"] is None else row["p"] for row in rows])
        known = ~np.isnan(p)
        sizes.add(int(known.sum()))
        adjusted = [row["p_adjusted"] for row in rows if row["p"] is not None]
        np.testing.assert_allclose(adjusted, holm(p[known]), rtol=1e-12)
        assert [row["p_adjusted"] for row in rows if row["p"] is None] == [None] * (~known).sum()
    assert len(sizes) > 3


def test_families_of_metrics_and_items_are_their_own(
    answers: pl.DataFrame, plugins: Plugins
) -> None:
    """A second metric, or a second question, does not make the first one's tests stricter."""
    frame = answers.with_columns(pl.col("q").reverse().alias("other"))
    metrics = {"first": NPS(item="q"), "second": NPS(item="other")}
    options: dict[str, Any] = {"segments": ["region"], "plugins": plugins, "comparisons": ALL}
    both = satcore.run(metrics, frame, **options)
    alone = satcore.run({"first": NPS(item="q")}, frame, **options)
    assert both.comparison_rows("first") == alone.comparison_rows("first")
    assert len(both.comparison_rows("second")) == len(both.comparison_rows("first"))


# Heterogeneity


def test_heterogeneity(answers: pl.DataFrame, results: Results) -> None:
    rows = {
        (row["along"], row["method"]): row
        for row in of_kind(results, "heterogeneity")
        if row["term"] == "nps"
    }
    # Waves are no segments: a trend is another question.
    assert {along for along, _ in rows} == {"region", "channel"}
    for along, labels in (
        ("region", ("East", "North", "West", None)),
        ("channel", ("app", "desk")),
    ):
        tables = np.stack([table(chosen(answers, {along: label})) for label in labels])
        wanted = stats.chi2_contingency(tables, correction=False)
        found = rows[along, "chi_square"]
        assert found["statistic"] == pytest.approx(wanted.statistic, **CLOSE)
        assert (found["df"], found["status"]) == (wanted.dof, "ok")
        assert found["p"] == pytest.approx(wanted.pvalue, **CLOSE)
        n = tables.sum(axis=1)
        net = (tables[:, 2] - tables[:, 0]) / n
        weight = n / ((tables[:, 2] + tables[:, 0]) / n - net**2)
        centre = np.sum(weight * net) / np.sum(weight)
        q = rows[along, "cochran_q"]
        assert q["statistic"] == pytest.approx(np.sum(weight * (net - centre) ** 2), **CLOSE)
        assert q["df"] == len(labels) - 1


def test_heterogeneity_of_crossed_sets(answers: pl.DataFrame, plugins: Plugins) -> None:
    """One test for each label of the other dimension; those are a family."""
    results = run(answers, plugins, by=["region*channel"], wave=None)
    rows = [
        row
        for row in of_kind(results, "heterogeneity", "channel")
        if (row["term"], row["method"]) == ("nps", "chi_square")
    ]
    assert [row["cell"] for row in rows] == [
        {"region": label} for label in ("East", "North", "West", None)
    ]
    for row in rows:
        tables = [
            table(chosen(answers, {**row["cell"], "channel": channel}))
            for channel in ("app", "desk")
        ]
        wanted = stats.chi2_contingency(np.stack(tables), correction=False)
        assert row["statistic"] == pytest.approx(wanted.statistic, **CLOSE)
    adjusted = holm(np.array([row["p"] for row in rows]))
    assert [row["p_adjusted"] for row in rows] == pytest.approx(adjusted.tolist(), rel=1e-12)


def test_cells_that_heterogeneity_leaves_out(plugins: Plugins) -> None:
    """The empty, the withheld, and for Q those that agree; each with a word where one answered."""
    data = {
        "q": [10] * 6 + [10, 0, 8, 9, 3] + [0, 10, 7, 7, 1] + [9, 2] * 2 + [None] * 3,
        "place": ["agree"] * 6 + ["b"] * 5 + ["c"] * 5 + ["few", "rare"] * 2 + ["nobody"] * 3,
    }
    results = run(data, plugins, segments=["place"], wave=None, suppress_below=3, min_base=5)
    q, table_test = (row for row in of_kind(results, "heterogeneity") if row["term"] == "nps")
    # b against c alone: the six that agree have no error to be weighed by.
    assert (q["method"], q["df"]) == ("cochran_q", 1)
    assert q["message"] == (
        "1 cells without a standard error above 0 left out; 2 withheld cells left out"
    )
    assert (table_test["method"], table_test["df"]) == ("chi_square", 4)
    tables = np.array([[0, 0, 6], [2, 1, 2], [2, 2, 1]])
    wanted = stats.chi2_contingency(tables, correction=False)
    assert table_test["statistic"] == pytest.approx(wanted.statistic, **CLOSE)
    assert "9 of 9 expected counts below 5" in table_test["message"]


def test_too_few_cells_for_heterogeneity(plugins: Plugins) -> None:
    data = {"q": [10, 0, 3, None], "place": ["a", "a", "a", "b"]}
    results = run(data, plugins, segments=["place"], wave=None)
    assert of_kind(results, "heterogeneity") == []


# Other metrics, other shapes


def test_means_are_compared_by_the_core(answers: pl.DataFrame, plugins: Plugins) -> None:
    """A metric that brings no test of its own: unpooled z, MOVER of its own intervals."""

    def mean(tallied: Tallied) -> Iterator[Estimate]:
        yield tallied.mean()

    results = satcore.run({"it": Does(what=mean)}, answers, segments=["channel"], plugins=plugins)
    app, desk = (answers.filter(pl.col("channel") == name)["q"] for name in ("app", "desk"))
    row = of_kind(results, "rest")[0]
    error = math.hypot(stats.sem(app), stats.sem(desk))
    difference = app.mean() - desk.mean()
    assert row["difference"] == pytest.approx(difference, **CLOSE)
    assert row["std_error"] == pytest.approx(error, **CLOSE)
    assert row["p"] == pytest.approx(2 * stats.norm.sf(abs(difference / error)), **CLOSE)
    reaches = [stats.t.ppf(0.975, len(q) - 1) * stats.sem(q) for q in (app, desk)]
    assert row["ci_high"] == pytest.approx(difference + math.hypot(*reaches), **CLOSE)
    assert row["method"] == "z; mover of t"


def test_weighted_rest(answers: pl.DataFrame, plugins: Plugins) -> None:
    """The rest is a state like any other: its weights are summed, its error linearised."""
    rng = np.random.default_rng(4)
    frame = answers.with_columns(pl.Series("w", rng.lognormal(size=answers.height)))
    results = run(frame, plugins, segments=["region"], wave=None, weight="w")
    q, w = frame["q"].to_numpy(), frame["w"].to_numpy()
    score = 100.0 * ((q >= 9).astype(float) - (q <= 6))
    rows = [row for row in of_kind(results, "rest") if row["term"] == "nps"]
    assert len(rows) == 4
    for row in rows:
        inside = frame["region"].eq_missing(pl.Series([row["cell"]["region"]])).to_numpy()
        parts = []
        for part in (inside, ~inside):
            mean = np.sum(w[part] * score[part]) / np.sum(w[part])
            square = np.sum((w[part] * (score[part] - mean)) ** 2)
            factor = frame.height / (frame.height - 1)
            parts.append((mean, math.sqrt(factor * square) / np.sum(w[part])))
        (first, first_error), (second, second_error) = parts
        assert row["difference"] == pytest.approx(first - second, **CLOSE)
        assert row["std_error"] == pytest.approx(math.hypot(first_error, second_error), **CLOSE)
        assert row["method"] == "z; mover of linearised"


def test_small_sides_are_marked(answers: pl.DataFrame, plugins: Plugins) -> None:
    few = answers.filter(pl.col("region").is_null()).height
    results = run(answers, plugins, segments=["region"], wave=None, min_base=few + 1)
    for row in of_kind(results, "rest"):
        small = row["cell"] == {"region": None}
        assert row["status"] == ("small" if small else "ok")
        assert row["message"] == (f"fewer than {few + 1} answers on one side" if small else "")
        assert row["p"] is not None


def test_a_unanimous_group_is_no_surer_for_being_small(plugins: Plugins) -> None:
    """One answer of 10 against a mixed group: pooled, not measured by the other group's error."""
    others = [10, 9, 8, 3, 7, 10, 8, 9, 2, 6] * 10
    data = {"Q": [10, *others], "g": ["A", *["B"] * len(others)]}
    results = satcore.run(
        NPS(item="Q"), data, segments=["g"], comparisons=["pairs"], plugins=plugins
    )
    for term, first, second in (("nps", 100.0, 10.0), ("promoters", 1.0, 0.4)):
        (row,) = results.comparison_rows("nps", term)
        assert row["difference"] == pytest.approx(first - second)
        assert row["p"] is not None
        assert row["p"] > 0.2
    # Promoters by hand: 41 of 101 in all.
    share = 41 / 101
    z = 0.6 / (share * (1 - share) * (1 + 1 / 100)) ** 0.5
    assert row["statistic"] == pytest.approx(z)


def test_a_mean_without_spread_has_no_test(plugins: Plugins) -> None:
    data = {"q": [5, 5, 1, 2, 3, 4], "g": ["A", "A", "B", "B", "B", "B"]}
    results = satcore.run(
        {"m": Does(what=lambda answers: [answers.mean()])},
        data,
        segments=["g"],
        comparisons=["pairs"],
        plugins=plugins,
    )
    (row,) = results.comparison_rows("m", "mean")
    assert row["p"] is None
    assert row["status"] == "undefined"
