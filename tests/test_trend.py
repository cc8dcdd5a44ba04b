"""The metric ``trend`` through studies: references, other tools, laws, bad input, pictures."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import polars as pl
import pytest
from attrs import evolve, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

import satcore
from satcore import (
    Codebook,
    Estimate,
    Metric,
    MetricSpec,
    Moments,
    MomentSums,
    OptionError,
    Results,
    Series,
    Study,
    StudyError,
    Survey,
    Tallied,
    Tally,
    Waves,
    hookimpl,
)
from satcore.cli import main
from satcore.plugins import Plugins
from satcore.surveys import FrameFragment
from satcore_nps import NPS
from satcore_trend import Trend
from satcore_trend.weighing import weighed

Columns = dict[str, list[Any]]

#: A metric's trend and the answers' own.
WAYS: tuple[dict[str, Any], ...] = ({"of": "nps"}, {"item": "Q"})


def months(count: int, first: int = 2018 * 12) -> list[str]:
    return [f"{place // 12}-{place % 12 + 1:02}" for place in range(first, first + count)]


def survey(
    labels: Sequence[str], each: int = 40, drift: float = 0.0, season: float = 0.0, seed: int = 1
) -> Columns:
    """Answers from 0 to 10 in two regions, ``each`` a wave and region."""
    random = np.random.default_rng(seed)
    columns: Columns = {"Q": [], "wave": [], "region": []}
    for place, label in enumerate(labels):
        for region, pace in (("East", 1.0), ("West", 2.0)):
            middle = 7 + pace * drift * place + season * np.sin(2 * np.pi * place / 12)
            scores = np.clip(np.rint(random.normal(middle, 2.0, each)), 0, 10).astype(int)
            columns["Q"] += scores.tolist()
            columns["wave"] += [label] * each
            columns["region"] += [region] * each
    return columns


@frozen(kw_only=True)
class Recorded(Metric):
    """A third party's metric: the ratio of two sums of numbers, as they were recorded."""

    above: str
    below: str = ""
    factor: float = 1.0

    def statistics(self, codebook: Codebook) -> dict[str, Any]:
        names = [self.above, *([self.below] if self.below else [])]
        return {"sums": Moments(tuple(codebook.measure(name) for name in names))}

    def evaluate(self, sums: MomentSums) -> Iterator[Estimate]:
        means = sums.means()
        value = self.factor * means[:, 0] / (means[:, 1] if self.below else 1.0)
        yield Estimate(
            term="rate",
            value=np.where(sums.base > 0, value, np.nan),
            std_error=np.full(value.shape, np.nan),
            base=sums.base,
            unit="",
        )


@frozen(kw_only=True)
class Middle(Metric):
    """A third party's metric with an error: the mean of a question."""

    item: str = "Q"

    def statistics(self, codebook: Codebook) -> dict[str, Any]:
        return {"answers": Tally(codebook.item(self.item, "0..10"))}

    def evaluate(self, answers: Tallied) -> Iterator[Estimate]:
        yield answers.mean(term="middle")


def trend(
    data: object, plugins: Plugins, *, study: Mapping[str, Any] | None = None, **options: Any
) -> Results:
    """Results of a trend of the NPS or, without ``of``, of the answers."""
    metric = Trend(**options)
    metrics: dict[str, Metric] = {"trend": metric}
    if metric.of == "nps":
        metrics = {"nps": NPS(item="Q"), **metrics}
    asked: dict[str, Any] = {"segments": ("region",), "wave": "wave", **(study or {})}
    return satcore.run(metrics, data, plugins=plugins, **asked)


def rows_of(results: Results, cell: Mapping[str, str] | None = None) -> dict[Any, Any]:
    return {
        (row["term"], row["item"]): row
        for row in results.rows("trend")
        if row["cell"] == dict(cell or {})
    }


def numbers(results: Results, cell: Mapping[str, str] | None = None) -> list[Any]:
    """Every number of a cell, in order."""
    names = ("value", "std_error", "ci_low", "ci_high", "base")
    return [
        [np.nan if row[name] is None else row[name] for name in names]
        for row in rows_of(results, cell).values()
    ]


def columns_of(path: Path) -> dict[str, list[str]]:
    with path.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return {name: [row[name] for row in rows] for name in rows[0]}


# A third party's metric gets its trend, its control chart and its standard


@pytest.fixture
def with_middle(monkeypatch: pytest.MonkeyPatch) -> Plugins:
    module = ModuleType("middle_plugin")
    spec = MetricSpec("middle", Middle, primary="middle")
    module.satcore_metrics = hookimpl(  # type: ignore[attr-defined]
        lambda: [spec], specname="satcore_metrics"
    )
    monkeypatch.setitem(sys.modules, "middle_plugin", module)
    names = ("satcore_control", "satcore_trend", "middle_plugin")
    return Plugins(tuple(EntryPoint(name, name, "satcore") for name in names))


def test_a_third_party_s_metric_gets_trend_chart_and_standard(with_middle: Plugins) -> None:
    data = survey(months(30), drift=0.05)
    study = Study.of(
        {
            "roles": {"segments": ["region"], "wave": "wave"},
            "metrics": {
                "middle": {"item": "Q"},
                "trend": {"of": "middle", "forecast": 2},
                "chart": {"metric": "control", "of": "middle"},
            },
            "standards": [
                {"metric": "middle", "at_least": 7.2},
                {"metric": "trend", "at_least": 0.0},
            ],
        }
    )
    results = satcore.run(study, data, plugins=with_middle)
    assert not results.failures
    rows = rows_of(results)
    assert rows["slope", ""]["unit"] == "score a year"
    assert 0 < rows["slope", ""]["ci_low"] < rows["slope", ""]["value"] < 1
    assert rows["forecast", "2020-08"]["value"] > 8
    assert {row["term"] for row in results.rows("chart")} >= {"value", "upper_limit", "signals"}
    outcomes = {row["metric"]: row["outcome"] for row in results.standard_rows()}
    assert outcomes == {"middle": "met", "trend": "met"}
    # The picture shows the standard of the number that is followed.
    trended = next(one for one in results.metrics if one.name == "trend").metric
    first = next(iter(trended.charts(results, "trend")))
    targets = [one for one in first.spec["layer"] if one["mark"].get("color") == "#009E73"]
    assert [one["data"]["values"] for one in targets] == [[{"value": 7.2}]]
    assert "target: 7.2" in first.alt


# References


@pytest.fixture(scope="module")
def sicily(shared: Path) -> Columns:
    """One row a month."""
    found = columns_of(shared / "data" / "sicily_its" / "sicily.csv")
    wave = [f"{y}-{int(m):02}" for y, m in zip(found["year"], found["month"], strict=True)]
    return {"wave": wave, "aces": found["aces"], "stdpop": found["stdpop"]}


def of_sicily(sicily: Columns, plugins: Plugins, **options: Any) -> dict[Any, Any]:
    """The trend of the rate of events, interrupted by the ban on smoking."""
    metrics = {
        "rate": Recorded(above="aces", below="stdpop", factor=1e5),
        "trend": Trend(of="rate", intervention="2005-01", **options),
    }
    return rows_of(satcore.run(metrics, sicily, wave="wave", plugins=plugins))


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("se", {"errors": "iid"}),
        ("NW_lag3_noadj", {"errors": "hac", "lag": 3}),
        ("NW_lag3_adj", {"errors": "hac", "lag": 3, "correction": True}),
        ("NW_lag12_noadj", {"errors": "hac", "lag": 12}),
        ("HC0", {"errors": "hc0"}),
        ("HC1", {"errors": "hc1"}),
        ("HC3", {"errors": "hc3"}),
    ],
)
def test_sicily_s_interrupted_series(
    name: str, options: dict[str, Any], sicily: Columns, plugins: Plugins, reference: Any
) -> None:
    """Coefficients are a year's: twelve times those of the reference, whose unit is a month.

    Where least squares is weighed by nothing; the metric gives no error. The reference counts the
    new slope from the month before the ban, so that its level change is ours less one month of it.
    """
    known = reference("trend")["sicily"]["ols_its_level_slope"]
    rows = of_sicily(sicily, plugins, **options)
    slope, level, bend = (rows[term, ""] for term in ("slope", "level_change", "slope_change"))
    assert slope["unit"] == "a year"
    assert slope["value"] == pytest.approx(12 * known["coef"]["time"], rel=1e-10)
    assert bend["value"] == pytest.approx(12 * known["coef"]["tpost"], rel=1e-9)
    assert level["value"] - bend["value"] / 12 == pytest.approx(known["coef"]["smokban"], rel=1e-10)
    assert slope["std_error"] == pytest.approx(12 * known[name]["time"], rel=1e-9)
    assert bend["std_error"] == pytest.approx(12 * known[name]["tpost"], rel=1e-9)
    after = known["coef"]["time"] + known["coef"]["tpost"]
    assert rows["slope_after", ""]["value"] == pytest.approx(12 * after, rel=1e-10)
    assert rows["durbin_watson", ""]["value"] == pytest.approx(known["dw"], rel=1e-10)
    test = rows["breusch_godfrey", ""]
    assert test["value"] == pytest.approx(known["bg_order1"]["LM"], rel=1e-9)
    assert float(test["message"].split("p ")[1]) == pytest.approx(known["bg_order1"]["p"], rel=1e-3)


@pytest.mark.parametrize("season", ["", "harmonics"])
def test_sicily_s_counts_by_quasi_poisson(season: str, sicily: Columns, plugins: Plugins) -> None:
    """Held against statsmodels, with the level and the slope that a measure may change.

    The reference's own model lets the level change alone, which a study can't ask for.
    """
    import statsmodels.api as sm

    results = satcore.run(
        {
            "trend": Trend(
                item="aces", exposure="stdpop", model="poisson", intervention="2005-01-01",
                season=season,  # type: ignore[arg-type]
            )
        },
        sicily, wave="wave", plugins=plugins,
    )  # fmt: skip
    time = np.arange(59) / 12
    after = np.arange(59) >= 36
    columns = [np.ones(59), time, after * 1.0, np.where(after, time - 3.0, 0.0)]
    if season:
        columns += [f(k * 2 * np.pi * time) for k in (1, 2) for f in (np.sin, np.cos)]
    events, exposure = (np.array(sicily[name], dtype=float) for name in ("aces", "stdpop"))
    known = sm.GLM(
        events, np.column_stack(columns), family=sm.families.Poisson(), exposure=exposure
    ).fit(scale="X2", tol=1e-12)
    rows = rows_of(results)
    for place, term in ((1, "slope"), (2, "level_change"), (3, "slope_change")):
        assert rows[term, ""]["value"] == pytest.approx(known.params[place], rel=1e-6, abs=1e-9)
        assert rows[term, ""]["std_error"] == pytest.approx(known.bse[place], rel=1e-6)
        ratio = rows[f"{term}_ratio", ""]
        assert ratio["value"] == pytest.approx(np.exp(known.params[place]), rel=1e-6)
    assert rows["dispersion", ""]["value"] == pytest.approx(known.scale, rel=1e-6)
    assert "errors hold that" in rows["slope", ""]["message"]
    assert rows["observed", "2002-01"]["value"] == pytest.approx(728 / 379875.3)
    fitted = known.fittedvalues / exposure
    assert rows["fitted", "2006-11"]["value"] == pytest.approx(fitted[-1], rel=1e-7)


def test_nottem_s_slope_with_its_months(shared: Path, plugins: Plugins, reference: Any) -> None:
    known = reference("trend")["nottem"]
    found = columns_of(shared / "data" / "r_series" / "nottem.csv")
    metrics = {
        "heat": Recorded(above="value"),
        "trend": Trend(of="heat", season="dummies", errors="iid"),
    }
    robust = {**metrics, "trend": Trend(of="heat", season="dummies", errors="hac", lag=12)}
    wave = {"time": "date", "period": "month"}
    rows = rows_of(satcore.run(metrics, found, wave=wave, plugins=plugins))
    expected = known["lm_trend_month"]
    assert rows["slope", ""]["value"] == pytest.approx(12 * expected["coef"]["t"], rel=1e-9)
    assert rows["slope", ""]["std_error"] == pytest.approx(12 * expected["se"]["t"], rel=1e-9)
    hac = rows_of(satcore.run(robust, found, wave=wave, plugins=plugins))["slope", ""]
    assert hac["std_error"] == pytest.approx(12 * known["trend_NW_lag12_noadj"], rel=1e-9)
    # The picture takes the season out as R's stl does.
    results = satcore.run(metrics, found, wave=wave, plugins=plugins)
    parts = list(metrics["trend"].charts(results, "trend"))[1].spec
    values = [one["value"] for one in parts["data"]["values"] if one["part"] == "Season"]
    assert values[:12] == pytest.approx(known["stl_periodic_seasonal12"], rel=1e-9)


def test_nile_changes_after_1898(shared: Path, plugins: Plugins, reference: Any) -> None:
    known = reference("trend")["nile"]
    found = columns_of(shared / "data" / "r_series" / "nile.csv")
    metric = Trend(of="flow", change_point="level")
    metrics = {"flow": Recorded(above="flow"), "trend": metric}
    results = satcore.run(metrics, found, wave="year", plugins=plugins)
    row = next(row for row in results.rows("trend", "change_point"))
    assert row["label"] == str(known["year"] + 1)
    assert "p 0.0001" in row["message"]
    said = list(metric.findings(results, "trend"))
    assert "The likeliest change is at 1899 (p 0.0001)." in said


# Models of the answers against one row per respondent


def design(data: Columns) -> tuple[Any, Any]:
    """Times in years from the first wave, and scores."""
    order = sorted(set(data["wave"]))
    time = np.array([order.index(label) for label in data["wave"]]) / 12
    return np.column_stack([np.ones(time.size), time]), np.array(data["Q"], dtype=float)


@pytest.fixture(scope="module")
def answers() -> Columns:
    return survey(months(14), each=60, drift=0.03, seed=4)


@pytest.mark.parametrize("region", ["", "East", "West"])
def test_answers_equal_one_row_per_respondent(
    region: str, answers: Columns, plugins: Plugins
) -> None:
    """Least squares and ordered logit; with their own errors times the dispersion that is told."""
    import statsmodels.api as sm
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    data = answers
    if region:
        kept = [place for place, one in enumerate(answers["region"]) if one == region]
        data = {name: [column[place] for place in kept] for name, column in answers.items()}
    columns, scores = design(data)
    cell = {"region": region} if region else {}

    rows = rows_of(trend(answers, plugins, item="Q", model="linear"), cell)
    known = sm.OLS(scores, columns).fit()
    spread = max(rows["dispersion", ""]["value"], 1.0)
    assert rows["slope", ""]["value"] == pytest.approx(known.params[1], rel=1e-8)
    if spread == 1.0:
        # Sampling explains the waves' spread: plain least squares of all respondents.
        assert rows["slope", ""]["std_error"] == pytest.approx(known.bse[1], rel=1e-8)
        assert rows["slope", ""]["ci_low"] == pytest.approx(known.conf_int()[1][0], rel=1e-8)

    rows = rows_of(trend(answers, plugins, item="Q", model="ordered"), cell)
    logit = OrderedModel(scores.astype(int), columns[:, 1:], distr="logit")
    known = logit.fit(method="bfgs", disp=False, gtol=1e-9)
    spread = max(rows["dispersion", ""]["value"], 1.0)
    assert rows["slope", ""]["value"] == pytest.approx(known.params[0], rel=1e-6)
    error = known.bse[0] * np.sqrt(spread)
    assert rows["slope", ""]["std_error"] == pytest.approx(error, rel=1e-5)


@pytest.mark.parametrize("region", ["", "East", "West"])
def test_shares_equal_one_row_per_respondent(
    region: str, answers: Columns, plugins: Plugins
) -> None:
    import statsmodels.api as sm

    columns, scores = design(answers)
    here = np.array([not region or one == region for one in answers["region"]])
    known = sm.GLM(
        np.isin(scores[here], (9, 10)) * 1.0, columns[here], family=sm.families.Binomial()
    ).fit(tol=1e-12)
    cell = {"region": region} if region else {}
    rows = rows_of(trend(answers, plugins, item="Q", model="binomial", top=(9, 10)), cell)
    spread = max(rows["dispersion", ""]["value"], 1.0)
    assert rows["slope", ""]["value"] == pytest.approx(known.params[1], rel=1e-6)
    error = known.bse[1] * np.sqrt(spread)
    assert rows["slope", ""]["std_error"] == pytest.approx(error, rel=1e-6)
    share = known.predict([[1.0, 13 / 12]])[0]
    fitted = rows["fitted", "2019-02"]
    assert fitted["value"] == pytest.approx(share, rel=1e-7)
    assert 0 < fitted["ci_low"] < share < fitted["ci_high"] < 1
    assert fitted["unit"] == "proportion"


SEEN: list[tuple[int, ...]] = []


@frozen(kw_only=True)
class Watched(Trend):
    """Notes the shape of what it is given."""

    def evaluate(self, series: Any = None, answers: Any = None, events: Any = None) -> Any:
        assert answers is not None
        SEEN.append((*answers.shape, *answers.counted.counts.shape))
        yield from super().evaluate(series, answers, events)


@pytest.mark.parametrize(
    ("model", "close"), [("linear", 1e-8), ("binomial", 1e-6), ("ordered", 1e-6)]
)
def test_evaluation_does_not_grow_with_the_answers(
    model: Any, close: float, plugins: Plugins
) -> None:
    few = survey(months(10), each=50, drift=0.05)
    many = {name: np.tile(np.array(column), 100) for name, column in few.items()}
    assert len(few["Q"]) == 1_000
    top = (9, 10) if model == "binomial" else ()
    metric = Watched(item="Q", model=model, top=top)
    slopes = []
    for data in (few, many):
        SEEN.clear()
        results = satcore.run({"trend": metric}, data, wave="wave", plugins=plugins)
        slopes.append(rows_of(results)["slope", ""]["value"])
        assert SEEN == [(1, 10, 10, 11)]
    assert slopes[0] == pytest.approx(slopes[1], rel=close)


# Laws


def test_cells_together_equal_each_alone(plugins: Plugins) -> None:
    data = survey(months(26), each=12, season=0.5)
    options: dict[str, Any] = {"of": "nps", "season": "harmonics", "change_point": "trend"}
    options["forecast"] = 2
    together = trend(data, plugins, **options)
    for region in ("East", "West"):
        kept = [place for place, one in enumerate(data["region"]) if one == region]
        alone = {name: [column[place] for place in kept] for name, column in data.items()}
        found = trend(alone, plugins, **options)
        np.testing.assert_allclose(
            numbers(together, {"region": region}), numbers(found), rtol=1e-9, atol=1e-12
        )


def test_a_cell_without_errors_does_not_take_them_from_others() -> None:
    """East has errors in every wave, West in none: each is weighed as if it were alone."""
    value = np.array([[1.0, 2.0, 4.0], [1.0, 5.0, 3.0]])
    error = np.array([[1.0, 2.0, 3.0], [np.nan] * 3])
    both = weighed(series(value, error))
    for cell in (0, 1):
        alone = weighed(series(value[cell : cell + 1], error[cell : cell + 1]))
        assert alone.errors is not None
        assert both.errors is not None
        np.testing.assert_array_equal(both.values[cell], alone.values[0])
        np.testing.assert_array_equal(both.errors[cell], alone.errors[0])
    assert both.own.tolist() == [True, False]
    np.testing.assert_array_equal(both.errors, [[1, 2, 3], [1, 1, 1]])


def series(value: Any, error: Any) -> Series:
    value, error = np.asarray(value, dtype=float), np.asarray(error, dtype=float)
    return Series(
        metric="m", term="t", item="", unit="points", method="", confidence=0.95, value=value,
        std_error=error, low=np.full_like(value, np.nan), high=np.full_like(value, np.nan),
        base=np.full(value.shape, 50), effective_base=np.full(value.shape, 50.0),
        waves=Waves.of(months(value.shape[1])),
    )  # fmt: skip


@given(order=st.permutations(range(12)), cut=st.integers(1, 11))
@settings(max_examples=10, deadline=None)
def test_rows_and_fragments_may_come_in_any_order(order: list[int], cut: int) -> None:
    data = survey(months(12), each=6)
    plugins = Plugins((EntryPoint("nps", "satcore_nps", "satcore"),))
    rows = [
        place
        for month in order
        for place in range(len(data["Q"]))
        if data["wave"][place] == months(12)[month]
    ]
    pieces = [
        pl.DataFrame({name: [column[place] for place in some] for name, column in data.items()})
        for some in (rows[: cut * 12], rows[cut * 12 :])
    ]
    mixed = Survey(
        name="mixed",
        columns=tuple(data),
        fragments=tuple(
            FrameFragment(id=f"part {n}", frame=piece) for n, piece in enumerate(pieces)
        ),
    )
    expected = trend(data, plugins, of="nps")
    assert (
        trend(mixed, plugins, of="nps").to_dict()["estimates"] == (expected.to_dict()["estimates"])
    )


@pytest.mark.parametrize("options", [{"of": "nps", "weights": "none"}, {"item": "Q"}])
def test_integer_weights_equal_repeated_rows(options: dict[str, Any], plugins: Plugins) -> None:
    """For the estimate of the slope.

    Following a metric with weights = "std_error" it is not so: the waves' errors are part of the
    estimate, and a heavy answer is less sure than two that agree.
    """
    data = survey(months(15), each=20, drift=0.05)
    weight = np.random.default_rng(2).integers(1, 4, len(data["Q"]))
    repeated = {name: np.repeat(np.array(column), weight) for name, column in data.items()}
    weighted = {**data, "w": weight.tolist()}
    one = trend(weighted, plugins, study={"weight": "w"}, **options)
    two = trend(repeated, plugins, **options)
    for cell in ({}, {"region": "West"}):
        first, second = (rows_of(results, cell)["slope", ""] for results in (one, two))
        assert first["value"] == pytest.approx(second["value"], rel=1e-9)
        assert first["weighted_base"] == second["weighted_base"] == second["base"]


def test_a_wave_on_which_all_agree_gets_its_interval_s_error(plugins: Plugins) -> None:
    data = survey(months(12), each=15)
    at = [place for place, one in enumerate(data["wave"]) if one == "2018-05"]
    for place in at:
        data["Q"][place] = 10
    results = trend(data, plugins, of="nps", errors="iid")
    by_wave = {
        row["item"]: row for (term, _), row in rows_of(results).items() if term == "observed"
    }
    assert by_wave["2018-05"]["std_error"] == 0
    errors = np.array([row["std_error"] for row in by_wave.values()])
    odd = by_wave["2018-05"]
    errors[4] = (odd["ci_high"] - odd["ci_low"]) / (2 * 1.959963984540054)
    columns, weight = np.column_stack([np.ones(12), np.arange(12) / 12]), errors**-2
    values = np.array([row["value"] for row in by_wave.values()])
    slope = np.linalg.solve((columns.T * weight) @ columns, (columns.T * weight) @ values)[1]
    row = rows_of(results)["slope", ""]
    assert row["value"] == pytest.approx(slope, rel=1e-9)
    assert "all agree in 2018-05: the interval's width stands for the error" in row["message"]


def test_a_slope_does_not_depend_on_the_confidence_that_is_reported(plugins: Plugins) -> None:
    data = survey(months(12), each=6, seed=9)
    for place, label in enumerate(data["wave"]):
        data["Q"][place] = 10 if label == "2018-03" else data["Q"][place]
    found = [trend(data, plugins, of="nps", study={"confidence": one}) for one in (0.9, 0.99)]
    values = [rows_of(results)["slope", ""]["value"] for results in found]
    assert values[0] == values[1]


# Segments


def test_slopes_of_two_segments_against_a_pooled_regression(plugins: Plugins) -> None:
    """The difference of two slopes is the pooled regression's interaction.

    The pooled error takes both segments' waves to spread alike; Welch's takes each one's own. With
    as many waves each, the two errors are equal; degrees of freedom and so p differ.
    """
    import statsmodels.api as sm

    results = trend(
        survey(months(20), drift=0.05), plugins, of="nps", errors="iid", weights="none",
        study={"comparisons": ["pairs", "heterogeneity"]},
    )  # fmt: skip
    values, time = [], np.tile(np.arange(20) / 12, 2)
    for region in ("East", "West"):
        rows = rows_of(results, {"region": region})
        values += [row["value"] for (term, _), row in rows.items() if term == "observed"]
    west = np.repeat([0.0, 1.0], 20)
    pooled = sm.OLS(values, np.column_stack([np.ones(40), time, west, west * time])).fit()
    held: dict[str, Any] = {row["kind"]: row for row in results.comparison_rows("trend", "slope")}
    pair, whole = held["pair"], held["heterogeneity"]
    assert pair["difference"] == pytest.approx(-pooled.params[3], rel=1e-9)
    assert pair["std_error"] == pytest.approx(pooled.bse[3], rel=1e-9)
    assert pair["method"] == "welch_t"
    errors = [
        rows_of(results, {"region": one})["slope", ""]["std_error"] for one in ("East", "West")
    ]
    first, second = errors
    df = (first**2 + second**2) ** 2 / (first**4 / 18 + second**4 / 18)
    from scipy import stats

    assert pair["p"] == pytest.approx(2 * stats.t.sf(abs(pair["statistic"]), df), rel=1e-9)
    assert whole["statistic"] == pytest.approx(pair["statistic"] ** 2, rel=1e-9)
    assert whole["p"] == pytest.approx(pair["p"], rel=1e-9)
    assert whole["df"] == 1
    assert whole["method"] == "welch_f"


def test_several_slopes_are_held_to_be_one_by_welch_s_test() -> None:
    """Against statsmodels' Welch test of means: groups' means are slopes like any others."""
    from statsmodels.stats.oneway import anova_oneway

    from satcore_trend.intervals import IndependentSlopes

    random = np.random.default_rng(3)
    groups = [random.normal(place * 0.3, 1 + place, 8 + 3 * place) for place in range(4)]
    slopes = IndependentSlopes(
        value=np.array([one.mean() for one in groups]),
        std_error=np.array([one.std(ddof=1) / np.sqrt(one.size) for one in groups]),
        df=np.array([one.size - 1.0 for one in groups]),
        unit="points a year",
    )
    known = anova_oneway(groups, use_var="unequal", welch_correction=True)
    (found,) = slopes.heterogeneity(np.arange(4))
    assert found.statistic == pytest.approx(known.statistic, rel=1e-10)
    assert found.p == pytest.approx(known.pvalue, rel=1e-8)
    endless = evolve(slopes, df=np.full(4, np.inf))
    (found,) = endless.heterogeneity(np.arange(4))
    from scipy import stats

    assert found.p == pytest.approx(stats.chi2.sf(3 * found.statistic, 3), rel=1e-10)


# Shapes


def test_a_curve_s_slope_is_that_at_the_last_wave(plugins: Plugins) -> None:
    """The same of a series and of the answers."""
    data = survey(months(25), drift=0.05)
    rows = rows_of(trend(data, plugins, item="Q", degree=2))
    (_, scores), labels = design(data), sorted(set(data["wave"]))
    time = np.array([labels.index(one) for one in data["wave"]]) / 12
    bent, straight, _ = np.polyfit(time, scores, 2)
    assert rows["slope", ""]["value"] == pytest.approx(straight + 4 * bent, rel=1e-8)
    assert rows["curvature", ""]["value"] == pytest.approx(bent, rel=1e-8)
    assert rows["change", ""]["value"] == pytest.approx(2 * straight + 4 * bent, rel=1e-8)
    metrics = {
        "middle": Middle(),
        "trend": Trend(of="middle", weights="none", errors="iid", degree=2),
    }
    of_series = rows_of(satcore.run(metrics, data, wave="wave", plugins=plugins))
    # As many answers in every wave: their means weigh alike.
    for term in ("slope", "curvature", "change"):
        assert of_series[term, ""]["value"] == pytest.approx(rows[term, ""]["value"], rel=1e-8)


@pytest.mark.parametrize("when", ["2019-01", "2019-01-01", "2019-01-31", "2019", "2019-Q1"])
def test_a_measure_begins_with_the_wave_that_its_date_lies_in(when: str, plugins: Plugins) -> None:
    """Months are a twelfth of a year apart; 2019-01-01 by the day's count is after 2019-01."""
    data = survey(months(24))
    expected = rows_of(trend(data, plugins, of="nps", intervention="2019-01"))
    assert (
        rows_of(trend(data, plugins, of="nps", intervention=when))["level_change", ""]
        == (expected["level_change", ""])
    )


def test_a_group_s_line_ends_where_its_waves_end(plugins: Plugins) -> None:
    data = survey(months(20))
    kept = [
        place
        for place, (region, wave) in enumerate(zip(data["region"], data["wave"], strict=True))
        if region == "West" or wave >= "2018-09"
    ]
    late = {name: [column[place] for place in kept] for name, column in data.items()}
    rows = rows_of(trend(late, plugins, of="nps", errors="iid"), {"region": "East"})
    assert rows["fitted", "2018-08"]["value"] is None
    assert "outside the waves of this group" in rows["fitted", "2018-08"]["message"]
    assert rows["fitted", "2018-09"]["value"] is not None
    change, slope = rows["change", ""]["value"], rows["slope", ""]["value"]
    assert change == pytest.approx(slope * 11 / 12, rel=1e-9)
    season = trend(late, plugins, of="nps", season="harmonics", study={"by": ["region"]})
    assert "a season of which" not in str(season.failures)


def test_a_group_of_less_than_two_cycles_has_no_season(plugins: Plugins) -> None:
    data = survey(months(30))
    kept = [
        place
        for place, (region, wave) in enumerate(zip(data["region"], data["wave"], strict=True))
        if region == "West" or wave >= "2019-01"
    ]
    late = {name: [column[place] for place in kept] for name, column in data.items()}
    for options in WAYS:
        results = trend(late, plugins, season="dummies", **options)
        east = rows_of(results, {"region": "East"})["slope", ""]
        assert east["value"] is None
        assert "cover 1.5 cycles, and a season needs two" in east["message"]
        assert rows_of(results, {"region": "West"})["slope", ""]["value"] is not None


def test_quarters_and_half_years_have_seasons(plugins: Plugins) -> None:
    quarters = [f"{2015 + place // 4}-Q{place % 4 + 1}" for place in range(20)]
    halves = [f"{2005 + place // 2}-{(4, 10)[place % 2]:02}" for place in range(20)]
    assert not trend(survey(quarters), plugins, of="nps", season="dummies").failures
    assert not trend(survey(halves), plugins, of="nps", season="dummies", cycle=2).failures
    wrong: tuple[tuple[list[str], dict[str, Any], str], ...] = (
        (quarters, {"season": "harmonics"}, "take harmonics = 1"),
        (halves, {"season": "dummies"}, "cycle = 2"),
        (
            [str(year) for year in range(2000, 2012)],
            {"season": "harmonics"},
            "leave the season out",
        ),
        (list("abcdefgh"), {"season": "dummies"}, "cycle = 4"),
    )
    for labels, options, said in wrong:
        (failure,) = trend(survey(labels), plugins, of="nps", **options).failures
        assert said in failure["message"]


def test_weeks_and_their_years(plugins: Plugins) -> None:
    weeks = [f"2020-W{week:02}" for week in range(1, 54)] + [f"2021-W{w:02}" for w in range(1, 53)]
    data = survey(weeks, each=5)
    rows = rows_of(trend(data, plugins, of="nps", season="harmonics", forecast=2))
    assert rows["slope", ""]["unit"] == "points a year"
    assert rows["forecast", "2022-W01"]["value"] is not None
    (failure,) = trend(data, plugins, of="nps", season="dummies").failures
    assert 'take season = "harmonics"' in failure["message"]


# Withheld waves


def test_a_withheld_wave_is_told_nowhere(plugins: Plugins) -> None:
    """With two waves the line goes through both: everything is withheld with one of them."""
    for labels in (months(2), months(24)):
        data = survey(labels, each=30)
        for place, label in enumerate(data["wave"]):
            if label == labels[1] and place % 30 > 3:
                data["Q"][place] = ""
        for options in WAYS:
            results = trend(data, plugins, study={"suppress_below": 10}, **options)
            rows = rows_of(results)
            hidden = rows["observed", labels[1]]
            assert hidden["status"] == "suppressed"
            assert hidden["value"] is hidden["ci_low"] is hidden["std_error"] is None
            if len(labels) == 2:
                told = [row for row in rows.values() if row["item"] != labels[0]]
                assert {row["value"] for row in told} == {None}
                assert {row["value"] for row in rows.values() if row["term"] == "fitted"} == {None}
            metric = results.metrics[-1].metric
            for chart in metric.charts(results, "trend"):
                for layer in chart.spec.get("layer", []):
                    for point in layer["data"]["values"]:
                        if point.get("wave") == labels[1] and "small" in point:
                            drawn = {point["value"], point["low"]}
                            assert len(labels) == 24 or drawn == {None}


# Bad input


def told(data: Columns, plugins: Plugins, **options: Any) -> str:
    """What a trend says of its slope."""
    return str(rows_of(trend(data, plugins, **options))["slope", ""]["message"])


def test_one_two_and_no_waves(plugins: Plugins) -> None:
    assert "one wave has a value, and this trend needs 2" in told(
        survey(months(1)), plugins, of="nps"
    )
    two = rows_of(
        trend(survey(months(2), drift=1.0), plugins, of="nps", forecast=1, change_point="trend")
    )
    assert two["slope", ""]["value"] is not None
    assert two["slope", ""]["ci_low"] is None
    assert "one more wave gives one" in two["slope", ""]["message"]
    assert "too few for a forecast, which needs 8" in two["forecast", "2018-03"]["message"]
    assert "too few waves for a change" in two["change_point", ""]["message"]
    assert two["sen_slope", ""]["message"] == "too few waves for an interval by ranks"
    assert "3 waves are few: below 24" in told(survey(months(3)), plugins, of="nps")
    for options in ({"of": "nps", "forecast": 2}, {"item": "Q"}, {"item": "Q", "model": "poisson"}):
        nobody: Columns = {"Q": [], "wave": [], "region": []}
        results = trend(nobody, plugins, **options)
        assert not results.failures
        assert rows_of(results)["slope", ""]["status"] == "empty"


def test_waves_without_order_are_put_in_order(plugins: Plugins) -> None:
    labels = months(30)
    mixed = [labels[place] for place in np.random.default_rng(1).permutation(30)]
    data = survey(labels)
    order = {label: place for place, label in enumerate(mixed)}
    rows = sorted(range(len(data["Q"])), key=lambda place: order[data["wave"][place]])
    shuffled = {name: [column[place] for place in rows] for name, column in data.items()}
    found = [numbers(trend(one, plugins, of="nps")) for one in (data, shuffled)]
    np.testing.assert_allclose(found[0], found[1], rtol=1e-12)


@pytest.mark.parametrize(
    ("labels", "options", "said"),
    [
        (["2024-1", "2024-01", "2024-02"], {}, "'2024-01' and '2024-1' are the same time"),
        (months(30), {"intervention": "2017-03"}, "2017-03 is not after the first of the waves"),
        (months(30), {"intervention": "2018-01-20"}, "not after the first of the waves"),
        (months(30), {"intervention": "2030-01-01"}, "2030-01-01 is after the last of the waves"),
        (months(30), {"intervention": "soon"}, "'soon' is not a date such as 2026-03"),
        (months(18), {"season": "dummies"}, "2018-01 to 2019-06 are 1.5 cycles"),
        (months(9), {"errors": "hac", "lag": 9}, "9 lags don't fit 9 waves; give 8 at most"),
    ],
)
def test_what_waves_cannot_bear_is_told(
    labels: list[str], options: dict[str, Any], said: str, plugins: Plugins
) -> None:
    """Of a series and of the answers alike, and every cell says it."""
    ways: list[dict[str, Any]] = [{"of": "nps"}]
    ways += [{"item": "Q"}] if "errors" not in options else []
    for way in ways:
        results = trend(survey(labels, each=5), plugins, **way, **options)
        (failure,) = results.failures
        assert said in failure["message"]
        assert failure["cells"] == 3
        assert {row["status"] for row in results.rows("trend")} == {"error"}


@pytest.mark.parametrize(
    ("options", "option", "said"),
    [
        ({}, "of", 'another metric of the study, as of = "nps"'),
        ({"of": "nps", "top": (9,)}, "top", "belongs to a trend of answers"),
        ({"of": "nps", "model": "ordered"}, "model", "belongs to a trend of answers"),
        ({"item": "Q", "term": "nps"}, "term", "name one with of"),
        ({"item": "Q", "errors": "hac"}, "errors", "name one with of"),
        ({"item": "Q", "forecast": 3}, "forecast", "name one with of"),
        ({"item": "Q", "exposure": "n"}, "exposure", 'wants model = "poisson"'),
        ({"item": "Q", "top": (9,)}, "top", 'model = "binomial"'),
        ({"item": "Q", "model": "binomial"}, "top", "as top = [9, 10]"),
        ({"item": "Q", "model": "binomial", "top": (11,)}, "top", "some of 0..10"),
        ({"item": "Q", "model": "binomial", "top": tuple(range(11))}, "top", "and not all"),
        ({"item": "Q", "model": "poisson", "scale": "1..5"}, "scale", "have no scale"),
        ({"of": "nps", "lag": 3}, "lag", 'errors = "hac"'),
        ({"of": "nps", "errors": "hac", "lag": -1}, "lag", "-1 is no lag"),
        ({"of": "nps", "kernel": "uniform"}, "kernel", 'errors = "hac"'),
        ({"of": "nps", "forecast": -1}, "forecast", "less than 0"),
        ({"of": "nps", "forecast": 121}, "forecast", "121 waves ahead are too many; give 120"),
        ({"of": "nps", "forecast": 100_000}, "forecast", "nobody knows that a trend goes on"),
        ({"of": "nps", "season": "harmonics", "harmonics": 0}, "harmonics", "less than 1"),
        ({"of": "nps", "harmonics": 3}, "harmonics", 'season = "harmonics"'),
        ({"of": "nps", "season": "dummies", "cycle": 1}, "cycle", "2 or more"),
        ({"of": "nps", "cycle": 4}, "cycle", "none is asked for"),
    ],
)
def test_options_that_cannot_stand(options: dict[str, Any], option: str, said: str) -> None:
    with pytest.raises(OptionError) as error:
        Trend(**options).statistics(Codebook())
    assert error.value.option == option
    assert said in error.value.message


def test_events_carry_no_weights(plugins: Plugins) -> None:
    data = {**survey(months(3)), "w": [1.5] * 240}
    with pytest.raises(StudyError, match="counts events, and these responses carry weights"):
        trend(data, plugins, item="Q", model="poisson", study={"weight": "w"})


def test_events_are_no_negative_numbers(plugins: Plugins) -> None:
    data: Columns = {"n": [3, -1, 4], "days": [1, 1, 0], "wave": months(3)}
    run: dict[str, Any] = {"wave": "wave", "plugins": plugins}
    results = satcore.run({"trend": Trend(item="n", model="poisson")}, data, **run)
    assert "n holds numbers below 0" in results.failures[0]["message"]
    data["n"] = [3, 1, 4]
    metric = Trend(item="n", model="negative_binomial", exposure="days")
    results = satcore.run({"trend": metric}, data, **run)
    assert "2018-03 has 4 events on an exposure of 0" in results.failures[0]["message"]


def test_answers_that_never_move(plugins: Plugins) -> None:
    data = survey(months(30))
    data["Q"] = [7] * len(data["Q"])
    rows = rows_of(trend(data, plugins, of="nps", change_point="trend", forecast=1))
    assert rows["slope", ""]["value"] == 0
    assert "so that no error can be estimated" in rows["slope", ""]["message"]
    assert "all waves are equal: nothing changes" in rows["change_point", ""]["message"]
    metrics = {"middle": Middle(), "trend": Trend(of="middle")}
    rows = rows_of(satcore.run(metrics, data, wave="wave", plugins=plugins))
    assert "no wave has an error above 0: all weigh alike" in rows["slope", ""]["message"]
    assert rows["dispersion", ""]["value"] is None


def test_a_date_of_1970_decides_and_is_named(shared: Path, plugins: Plugins) -> None:
    path = shared / "data" / "skytrax" / "seat_notext.csv"
    metrics = {
        "rating": Recorded(above="overall_rating"),
        "trend": Trend(of="rating", errors="iid", forecast=1),
    }
    found = columns_of(path)
    wave = {"time": "date", "period": "month"}
    assert sum(day.startswith("1970") for day in found["date"]) == 26
    results = satcore.run(metrics, found, wave=wave, plugins=plugins)
    assert any("1970-01" in note and "is a date wrong?" in note for note in results.notes)
    row = rows_of(results)["slope", ""]
    assert "one wave decides: by least squares the slope is" in row["message"]
    assert row["message"].endswith("without 1970-01")
    said = list(metrics["trend"].findings(results, "trend"))
    assert any(one.startswith("One wave decides") and "1970-01" in one for one in said)


def test_the_command_line_tells_and_does_not_trace(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    data = survey(months(10), each=8)
    with (tmp_path / "answers.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(data)
        writer.writerows(zip(*data.values(), strict=True))
    head = '[study]\ndata = "answers.csv"\n[roles]\nwave = "wave"\n[metrics.nps]\nitem = "Q"\n'
    for body, code, said in (
        ('of = "nps"', 0, "Slope"),
        ('of = "nps"\nintervention = "2001-01"', 1, "not after the first of the waves"),
        ('of = "nps"\nseason = "dummies"', 1, "0.833 cycles"),
        ("forecast = 2", 2, 'as of = "nps"'),
        ('of = "npz"', 2, "did you mean 'nps'?"),
        ('of = "nps"\nerrors = "ar2"', 2, "ar2"),
    ):
        study = tmp_path / "study.toml"
        study.write_text(f"{head}[metrics.trend]\n{body}\n", "utf-8")
        with pytest.raises(SystemExit) as stopped:
            main(["run", str(study)])
        shown = "".join(capsys.readouterr())
        assert stopped.value.code == code, shown
        assert said in " ".join(shown.split())
        assert "Traceback" not in shown


def test_every_term_has_a_name_in_both_languages(plugins: Plugins) -> None:
    data = survey(months(36), drift=0.02)
    terms: set[str] = set()
    for options in (
        {"of": "nps", "degree": 2, "forecast": 1, "change_point": "level"},
        {"of": "nps", "intervention": "2019-01"},
        {"item": "Q", "model": "binomial", "top": (10,), "intervention": "2019-01"},
        {"item": "Q", "model": "ordered", "degree": 2},
    ):
        results = trend(data, plugins, **options)
        terms |= {row["term"] for row in results.rows("trend")}
    measured = results.metrics[-1]
    spec = satcore_trend_spec()
    assert measured.primary == "slope"
    assert terms == set(spec.terms)
    assert set(spec.headline) <= terms
    assert all(
        {code for code, _ in names.by_language} == {"en", "zh"} for names in spec.terms.values()
    )


def satcore_trend_spec() -> Any:
    import satcore_trend

    return next(iter(satcore_trend.satcore_metrics()))


# Words and pictures


def test_findings_follow_the_interval(plugins: Plugins) -> None:
    rising, flat = survey(months(30), drift=0.05), survey(months(30))
    said = list(Trend(of="nps").findings(trend(rising, plugins, of="nps"), "trend"))
    assert said[0].startswith("It rises by ")
    assert "points a year (" in said[0]
    assert any("Slopes differ" in one for one in said) == any("差异" in one for one in list(
        Trend(of="nps").findings(trend(rising, plugins, of="nps"), "trend", "zh")
    ))  # fmt: skip
    fallen = survey(months(30), drift=-0.05)
    said = list(Trend(of="nps").findings(trend(fallen, plugins, of="nps"), "trend"))
    assert said[0].startswith("It falls by ")
    assert "-" not in said[0]
    said = list(Trend(of="nps").findings(trend(flat, plugins, of="nps"), "trend"))
    assert said[0].startswith("No trend is shown: ")
    one = trend(survey(months(1)), plugins, of="nps")
    assert next(iter(Trend(of="nps").findings(one, "trend"))).startswith("No trend can be told: ")
    two = trend(survey(months(2)), plugins, of="nps")
    assert "can't be told: 2 waves are met exactly" in next(
        iter(Trend(of="nps").findings(two, "trend"))
    )


def test_findings_of_a_share_are_ratios_and_of_proportions_percentage_points(
    plugins: Plugins,
) -> None:
    data = survey(months(30), drift=0.05)
    metric = Trend(item="Q", model="binomial", top=(9, 10))
    said = list(
        metric.findings(satcore.run({"t": metric}, data, wave="wave", plugins=plugins), "t")
    )
    assert said[0].startswith("The odds grow by a factor of ")
    share = Trend(of="nps", term="promoters")
    metrics = {"nps": NPS(item="Q"), "t": share}
    said = list(share.findings(satcore.run(metrics, data, wave="wave", plugins=plugins), "t"))
    assert "percentage points a year" in said[0]


@pytest.mark.parametrize(
    "options",
    [
        {"of": "nps", "season": "dummies", "forecast": 4},
        {"of": "nps", "intervention": "2019-06-15"},
        {"item": "Q", "model": "binomial", "top": (9, 10)},
        {"item": "Q", "model": "ordered"},
        {"item": "Q", "model": "poisson"},
    ],
)
def test_pictures_are_vega_lite(options: dict[str, Any], plugins: Plugins) -> None:
    import altair

    vl_convert = pytest.importorskip("vl_convert")
    results = trend(survey(months(24), each=4, season=1.0), plugins, **options)
    metric = Trend(**options)
    for language in ("en", "zh"):
        charts = list(metric.charts(results, "trend", language))
        assert len(charts) == 3 + bool(options.get("season"))
        for chart in charts:
            told = json.dumps(chart.spec, ensure_ascii=False, allow_nan=False)
            assert "http" not in told
            assert chart.alt
        assert list(metric.findings(results, "trend", language))
    for chart in charts[:2]:
        kind = altair.FacetChart if "facet" in chart.spec else altair.LayerChart
        kind.from_dict(dict(chart.spec))
    svg = vl_convert.vegalite_to_svg({**charts[0].spec, "width": 600})
    assert "NaN" not in svg


def test_the_picture_holds_what_the_rows_hold(plugins: Plugins) -> None:
    data = survey([label for label in months(24) if label != "2018-07"])
    data = {**data, "day": [f"{label}-03" for label in data["wave"]]}
    options: dict[str, Any] = {"of": "nps", "forecast": 3, "intervention": "2019-01-20"}
    wave = {"time": "day", "period": "month"}
    results = trend(data, plugins, study={"wave": wave}, **options)
    rows = rows_of(results)
    chart = next(iter(Trend(**options).charts(results, "trend")))
    layers = chart.spec["layer"]
    series_layer = next(one for one in layers if one["mark"].get("opacity") == 0.6)
    points = {one["wave"]: one for one in series_layer["data"]["values"]}
    # A missing wave keeps its place in time: the line breaks there.
    assert points["2018-07"]["value"] is None
    assert points["2018-07"]["place"] == "2018-07-01T00:00:00Z"
    assert points["2018-06"]["value"] == rows["observed", "2018-06"]["value"]
    fan = next(one for one in layers if one["mark"].get("strokeDash") == [5, 3])
    ahead = fan["data"]["values"]
    assert [one["wave"] for one in ahead] == ["2019-12", "2020-01", "2020-02", "2020-03"]
    assert ahead[0]["low"] == ahead[0]["high"] == points["2019-12"]["value"]
    assert ahead[1]["low"] == rows["forecast", "2020-01"]["ci_low"]
    rule = next(one for one in layers if one["mark"].get("strokeDash") == [2, 2])
    assert rule["data"]["values"] == [{"label": "2019-01-20", "place": "2019-01-01T00:00:00Z"}]
    band = next(one for one in layers if one["mark"]["type"] == "area")
    after = {one["wave"]: one["after"] for one in band["data"]["values"]}
    assert (after["2018-12"], after["2019-01"]) == (False, True)
    assert "began: 2019-01-20" in chart.alt


def test_waves_that_are_numbers_keep_their_distance(plugins: Plugins) -> None:
    results = trend(survey(["1", "2", "3", "7", "8"]), plugins, of="nps")
    chart = next(iter(Trend(of="nps").charts(results, "trend")))
    points = chart.spec["layer"][-1]["data"]["values"]
    assert [one["place"] for one in points] == [1, 2, 3, 7, 8]
    assert chart.spec["layer"][0]["encoding"]["x"]["type"] == "quantitative"


def axes(spec: Mapping[str, Any]) -> list[Any]:
    """The axes of time of every layer, told once."""
    found = [one["encoding"]["x"]["axis"] for one in spec["layer"] if "x" in one["encoding"]]
    assert all(one == found[0] for one in found)
    return found[:1]


def named(spec: Mapping[str, Any]) -> list[str]:
    """The texts along the axis of time, as Vega draws them."""
    import re

    vl_convert = pytest.importorskip("vl_convert")
    svg = vl_convert.vegalite_to_svg({**spec, "width": 620})
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    wave = re.compile(r"\d{4}(-(Q\d|W\d\d|\d\d(-\d\d)?))?|wave .")
    return [one for one in texts if wave.fullmatch(one)]


QUARTERS = [f"{2015 + place // 4}-Q{place % 4 + 1}" for place in range(20)]
DAYS = [f"2020-03-{day:02}" for day in range(1, 21)]
WEEKS = [f"2020-W{week:02}" for week in range(1, 54)]
YEARS = [str(year) for year in range(2010, 2019)]


@pytest.mark.parametrize(
    ("labels", "ahead", "expected"),
    [
        (months(2), 0, months(2)),
        (months(2), 2, months(2)),
        (months(9), 0, months(9)),
        (months(9), 3, months(12)),
        (months(36), 0, months(36)[::3]),
        (months(36), 6, months(42)[::6]),
        (QUARTERS, 0, QUARTERS[::2]),
        (DAYS, 0, DAYS[::3]),
        (WEEKS, 0, WEEKS[::7]),
        (YEARS, 0, YEARS),
    ],
)
def test_ticks_stand_at_waves_and_each_is_named_once(
    labels: list[str], ahead: int, expected: list[str], plugins: Plugins
) -> None:
    results = trend(survey(labels, each=5), plugins, of="nps", forecast=ahead)
    chart = next(iter(Trend(of="nps").charts(results, "trend")))
    assert named(chart.spec) == expected
    (axis,) = axes(chart.spec)
    drawn = {one.get("place") for layer in chart.spec["layer"] for one in layer["data"]["values"]}
    assert set(axis["values"]) <= drawn


def numbers_drawn(layer: Mapping[str, Any]) -> list[float]:
    field = layer["encoding"].get("y", {}).get("field", "value")
    found = [one.get(field) for one in layer["data"]["values"]]
    return [one for one in found if isinstance(one, float | int)]


@pytest.mark.parametrize(
    ("labels", "options", "alike", "alt"),
    [
        # Two waves: bars and a line, but no band, and no slope with an interval.
        (
            months(2),
            {"of": "nps", "forecast": 1},
            False,
            "Dots are measured waves, bars their 95% intervals. The line is the fitted trend.",
        ),
        # All answers alike: a mean without an interval.
        (months(9), {"item": "Q"}, True, "Dots are measured waves. The line is the fitted trend."),
        # One wave: no line.
        (months(1), {"of": "nps"}, False, "Dots are measured waves, bars their 95% intervals."),
    ],
)
def test_pictures_tell_what_they_draw_and_draw_no_empty_layer(
    labels: list[str], options: dict[str, Any], alike: bool, alt: str, plugins: Plugins
) -> None:
    data = survey(labels)
    data["Q"] = [7] * len(data["Q"]) if alike else data["Q"]
    results = trend(data, plugins, **options)
    chart = next(iter(Trend(**options).charts(results, "trend")))
    assert chart.alt == alt
    assert not [one for one in chart.spec["layer"] if one["mark"]["type"] == "area"]
    assert all(numbers_drawn(layer) for layer in chart.spec["layer"])
    told_zh = next(iter(Trend(**options).charts(results, "trend", "zh"))).alt
    assert "色带" not in told_zh
    # Rounding of a fitted line is no change to be drawn.
    if alike:
        assert {one for layer in chart.spec["layer"] for one in numbers_drawn(layer)} == {7.0}


def test_bars_have_room_in_the_frame(plugins: Plugins) -> None:
    results = trend(survey(months(3)), plugins, of="nps")
    for layer in next(iter(Trend(of="nps").charts(results, "trend"))).spec["layer"]:
        for channel in ("x", "y"):
            assert layer["encoding"][channel]["scale"]["padding"] >= 5


def test_a_measure_outside_the_waves_is_not_said_to_be_drawn(plugins: Plugins) -> None:
    results = trend(survey(list("abcdefgh")), plugins, of="nps")
    chart = next(iter(Trend(of="nps", intervention="z").charts(results, "trend")))
    assert "vertical line" not in chart.alt


@pytest.mark.parametrize(("when", "before", "after"), [(29, "29 waves", 1), (1, "1 wave", 29)])
def test_a_measure_needs_two_waves_on_each_side(
    when: int, before: str, after: int, plugins: Plugins
) -> None:
    labels = months(30)
    for way in WAYS:
        results = trend(survey(labels, each=5), plugins, intervention=labels[when], **way)
        row = rows_of(results)["slope", ""]
        assert row["value"] is None
        assert f"{before} before the measure and {after} from its date on" in row["message"]
        assert "at least 2 before and 2 from the date on" in row["message"]
        assert rows_of(results)["observed", labels[0]]["value"] is not None
        ok = trend(survey(labels, each=5), plugins, intervention=labels[28], **way)
        assert rows_of(ok)["level_change", ""]["value"] is not None


def test_a_forecast_ends_with_the_calendar(plugins: Plugins) -> None:
    labels = [str(year) for year in range(9980, 9996)]
    (failure,) = trend(survey(labels, each=5), plugins, of="nps", forecast=9).failures
    assert "9 waves after 9995 lie beyond the year 9999" in failure["message"]


def test_changes_of_a_share_are_percentage_points(plugins: Plugins) -> None:
    data = survey(months(30), drift=0.05)
    share: dict[str, Any] = {"of": "nps", "term": "promoters"}
    rows = rows_of(trend(data, plugins, **share))
    change, slope = rows["change", ""], rows["slope", ""]
    assert (change["unit"], slope["unit"]) == ("percentage_points", "proportion a year")
    for name in ("value", "std_error", "ci_low", "ci_high"):
        assert change[name] == pytest.approx(100 * slope[name] * 29 / 12, rel=1e-9)
    results = trend(data, plugins, intervention="2019-03", **share)
    level = rows_of(results)["level_change", ""]
    assert level["unit"] == "percentage_points"
    points = rows_of(trend(data, plugins, of="nps", intervention="2019-03"))
    assert points["level_change", ""]["unit"] == "points"
    said = list(Trend(**share, intervention="2019-03").findings(results, "trend"))
    number = f"{abs(level['value']):.2f}"
    assert any(f"{number} percentage points" in one.replace(": -", ": ") for one in said)
    # The picture's slope is no level either.
    alt = next(iter(Trend(**share).charts(trend(data, plugins, **share), "trend"))).alt
    assert f"{100 * slope['value']:+.2f} percentage points a year" in alt


def test_a_ratio_along_time_says_of_which_time(plugins: Plugins) -> None:
    options: dict[str, Any] = {"item": "Q", "model": "binomial", "top": (9, 10)}
    rows = rows_of(trend(survey(months(20)), plugins, intervention="2018-09", **options))
    units = {term: row["unit"] for (term, _), row in rows.items() if term.endswith("_ratio")}
    assert units == {
        "slope_ratio": "ratio a year",
        "level_change_ratio": "ratio",
        "slope_change_ratio": "ratio a year",
        "slope_after_ratio": "ratio a year",
    }
    rows = rows_of(trend(survey(list("abcdefgh")), plugins, **options))
    assert rows["slope_ratio", ""]["unit"] == "ratio a wave"
    assert rows["change_ratio", ""]["unit"] == "ratio"


def test_many_groups_are_cut_and_say_so(plugins: Plugins) -> None:
    data = survey(months(4))
    data["region"] = [f"r{place % 12}" for place in range(len(data["Q"]))]
    results = trend(data, plugins, of="nps")
    charts = list(Trend(of="nps").charts(results, "trend"))
    assert len(charts) == 10
    assert "one of the 9 of 12 groups" in charts[-1].title


def test_the_line_of_waves_like_their_neighbours_runs_through_them(plugins: Plugins) -> None:
    """A season that is left out looks like a strong autocorrelation."""
    results = trend(survey(months(36), season=1.5), plugins, of="nps")
    rows = rows_of(results)
    assert rows["autocorrelation", ""]["value"] > 0.7
    observed = [row["value"] for (term, _), row in rows.items() if term == "observed"]
    fitted = [row["value"] for (term, _), row in rows.items() if term == "fitted"]
    assert min(observed) < min(fitted) < max(fitted) < max(observed)
    assert 0 <= rows["r_squared", ""]["value"] <= 1


def test_both_languages_are_whole() -> None:
    from satcore_trend import findings, pictures

    for texts in (findings.TEXTS, pictures.TEXTS):
        for english, chinese in texts.values():
            assert english
            assert chinese
            names = [sorted(field_names(one)) for one in (english, chinese)]
            assert set(names[1]) <= set(names[0])


def field_names(text: str) -> set[str]:
    from string import Formatter

    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "Newey-West: lag 3, bartlett kernel, no small-sample correction"),
        ({"lag": 1, "correction": True}, "Newey-West: lag 1, bartlett kernel, times n/(n-p)"),
        ({"kernel": "uniform"}, "Newey-West: lag 3, uniform kernel, no small-sample correction"),
    ],
)
def test_which_newey_west_is_said(options: dict[str, Any], said: str, plugins: Plugins) -> None:
    results = trend(survey(months(30)), plugins, of="nps", errors="hac", **options)
    assert said in rows_of(results, {})["slope", ""]["message"]
