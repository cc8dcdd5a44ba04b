"""Weighted estimates: against R's survey package, and by the laws of probability weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import satcore
from satcore import (
    WEIGHTED_NET_INTERVALS,
    Codebook,
    Estimate,
    Metric,
    Results,
    Statistic,
    StudyError,
    Tallied,
    Tally,
)
from satcore.plugins import Plugins
from satcore_nps import NPS

#: The column that reproduces the reference; ``weight_b`` is another weighting with gaps, and
#: ``weight`` is empty.
WEIGHT = "weight_a"


@frozen(kw_only=True)
class Answers(Metric):
    """The mean answer, and the share of every answer."""

    item: str
    scale: str

    def statistics(self, codebook: Codebook) -> Mapping[str, Statistic]:
        return {"answers": Tally(codebook.item(self.item, self.scale))}

    def evaluate(self, answers: Tallied) -> Iterator[Estimate]:
        yield answers.mean()
        for value in range(answers.item.scale.low, answers.item.scale.high + 1):
            yield answers.share([value], term=str(value))


@frozen(kw_only=True)
class Counting(Metric):
    """A metric that does not care about weights: its interval always rests on plain counts."""

    item: str

    def statistics(self, codebook: Codebook) -> Mapping[str, Statistic]:
        return {"answers": Tally(codebook.item(self.item, "0..10"))}

    def evaluate(self, answers: Tallied) -> Iterator[Estimate]:
        picked = answers.share([10], term="tens")
        counts = np.stack([answers.base * 0, answers.base, answers.count([10])], axis=1)
        yield Estimate(
            term="tens",
            value=picked.value,
            std_error=picked.std_error,
            base=answers.base,
            interval=satcore.NET_INTERVALS["score"](counts, 0),
        )


def run(metric: Metric, data: object, plugins: Plugins, **options: Any) -> Results:
    return satcore.run({"it": metric}, data, plugins=plugins, comparisons=[], **options)


def first(results: Results, term: str) -> Any:
    return results.rows("it", term)[0]


# R's survey package


@pytest.fixture(scope="module")
def quantipy(shared: Path) -> Path:
    return shared / "data" / "quantipy_A" / "Example_Data_A.csv"


@pytest.fixture(scope="module")
def wanted(reference: Any) -> Any:
    return reference("survey_design")["quantipy_A"]


def test_shares_of_gender(quantipy: Path, wanted: Any, plugins: Plugins) -> None:
    results = run(Answers(item="gender", scale="1..2"), quantipy, plugins, weight=WEIGHT)
    for value in "12":
        row = first(results, value)
        name = f"factor(gender){value}"
        assert row["value"] == pytest.approx(wanted["gender_prop_w"]["est"][name], rel=1e-9)
        assert row["std_error"] == pytest.approx(wanted["gender_prop_w"]["se"][name], rel=1e-9)
        assert row["effective_base"] == pytest.approx(wanted["kish"]["neff"], rel=1e-9)
        assert row["base"] == wanted["n"]
        assert row["method"] == "wilson"


def test_mean_of_age(quantipy: Path, wanted: Any, plugins: Plugins) -> None:
    results = run(
        Answers(item="age", scale="19..49"), quantipy, plugins, weight=WEIGHT, wave="Wave"
    )
    total, *waves = results.rows("it", "mean")
    assert total["value"] == pytest.approx(wanted["age_mean_w"]["est"]["age"], rel=1e-9)
    assert total["std_error"] == pytest.approx(wanted["age_mean_w"]["se"][0], rel=1e-9)
    assert total["method"] == "linearised"
    reach = stats.t.ppf(0.975, total["base"] - 1) * total["std_error"]
    assert total["ci_low"] == pytest.approx(total["value"] - reach, rel=1e-9)
    assert total["ci_high"] == pytest.approx(total["value"] + reach, rel=1e-9)
    assert len(waves) == len(wanted["age_by_wave"]) == 5
    for row, entry in zip(waves, wanted["age_by_wave"], strict=True):
        assert row["cell"] == {"wave": str(entry["Wave"])}
        assert row["value"] == pytest.approx(entry["age"], rel=1e-9)
        # Cells are domains of the whole survey: n/(n-1) is the survey's, not the wave's.
        assert row["std_error"] == pytest.approx(entry["se"], rel=1e-9)


def test_weighted_table(quantipy: Path, wanted: Any, plugins: Plugins) -> None:
    results = run(Answers(item="q5_1", scale="1..98"), quantipy, plugins, weight=WEIGHT)
    found = {
        row["term"]: row["value"] * row["weighted_base"]
        for row in results.rows("it")
        if row["term"] != "mean" and row["value"]
    }
    assert found == pytest.approx(wanted["q5_1_table_w"], rel=1e-9)


def test_another_weight_gives_other_numbers(quantipy: Path, wanted: Any, plugins: Plugins) -> None:
    """Without weights the reference is missed by far: the tests above do test the weighting."""
    row = first(run(Answers(item="age", scale="19..49"), quantipy, plugins), "mean")
    assert abs(row["std_error"] / wanted["age_mean_w"]["se"][0] - 1) > 0.1


# Laws of weights

ANSWER = st.integers(0, 10)
WEIGHTED = st.lists(st.tuples(ANSWER, st.integers(1, 4)), min_size=1, max_size=25)


def law(examples: int = 40) -> settings:
    """The same examples in every run, and no clock."""
    return settings(deadline=None, derandomize=True, max_examples=examples, database=None)


def tallied(answers: Any, weights: Any = None, survey: int | None = None) -> Tallied:
    """One cell's table, as ``Tally`` counts it."""
    item = Codebook().item("q", "0..10")
    q = np.asarray(answers, dtype=np.int64)
    tables = [np.bincount(q, minlength=item.size)[None, :]]
    if weights is not None:
        w = np.asarray(weights, dtype=np.float64)
        tables += [np.bincount(q, x, minlength=item.size)[None, :] for x in (w, w * w)]
    return Tallied(
        items=(item,),
        n=tables[0],
        w=tables[1] if weights is not None else None,
        w2=tables[2] if weights is not None else None,
        survey_rows=len(q) if survey is None else survey,
    )


def estimates(answers: Tallied) -> dict[str, Estimate]:
    return {
        "net": answers.net([9, 10], range(7), term="net"),
        "share": answers.share([9, 10], term="share"),
        "mean": answers.mean(),
    }


@given(WEIGHTED)
@law()
def test_integer_weights_equal_repeated_rows(rows: list[tuple[int, int]]) -> None:
    answers, weights = zip(*rows, strict=True)
    by_weight = estimates(tallied(answers, weights))
    repeated = estimates(tallied(np.repeat(answers, weights)))
    for name, one in by_weight.items():
        np.testing.assert_allclose(one.value, repeated[name].value, rtol=1e-12, atol=1e-12)
        assert one.base[0] == len(rows)
        assert one.weighted_base[0] == repeated[name].base[0]


@pytest.mark.parametrize("factor", [1000.0, 1e-6])
@given(rows=WEIGHTED)
@law()
def test_a_factor_on_all_weights_changes_nothing(
    factor: float, rows: list[tuple[int, int]]
) -> None:
    answers, weights = (np.array(column) for column in zip(*rows, strict=True))
    plain = estimates(tallied(answers, weights))
    scaled = estimates(tallied(answers, factor * weights))
    for name, one in plain.items():
        other = scaled[name]
        for column in ("value", "std_error", "effective_base"):
            np.testing.assert_allclose(
                getattr(other, column), getattr(one, column), rtol=1e-9, atol=1e-9
            )
        assert one.interval is not None
        assert other.interval is not None
        # Square roots of what is nearly 0 keep half the digits.
        np.testing.assert_allclose(
            other.interval.bounds(0.95), one.interval.bounds(0.95), rtol=1e-7, atol=1e-6
        )


def test_a_factor_on_the_weights_of_a_survey(quantipy: Path, wanted: Any, plugins: Plugins) -> None:
    frame = pl.read_csv(quantipy, columns=["age", "Wave", WEIGHT])
    rows = []
    for factor in (1, 1000):
        data = frame.with_columns(pl.col(WEIGHT) * factor)
        metric = Answers(item="age", scale="19..49")
        rows.append(run(metric, data, plugins, weight=WEIGHT, wave="Wave").rows())
    for plain, scaled in zip(*rows, strict=True):
        for name in ("value", "std_error", "ci_low", "ci_high", "effective_base"):
            assert scaled[name] == pytest.approx(plain[name], rel=1e-9, abs=1e-12)
        assert scaled["weighted_base"] == pytest.approx(1000 * plain["weighted_base"], rel=1e-9)
    assert wanted["n"] == rows[0][0]["base"]


@given(st.lists(ANSWER, min_size=2, max_size=40), st.sampled_from([1.0, 0.37, 250.0]))
@law()
def test_equal_weights(answers: list[int], weight: float) -> None:
    """The unweighted error times sqrt(n/(n-1)) for shares and nets, itself for means."""
    n = len(answers)
    plain = estimates(tallied(answers))
    equal = estimates(tallied(answers, np.full(n, weight)))
    for name, one in equal.items():
        factor = 1.0 if name == "mean" else np.sqrt(n / (n - 1))
        np.testing.assert_allclose(one.value, plain[name].value, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(
            one.std_error, factor * plain[name].std_error, rtol=1e-9, atol=1e-9
        )
        np.testing.assert_allclose(one.effective_base, n, rtol=1e-12)


def test_equal_weights_in_a_cell(plugins: Plugins) -> None:
    """In a cell the n of n/(n-1) is the whole survey's."""
    data = {
        "q": [0, 10, 9, 7, 3, 10, 10, 8, 2, 5],
        "place": list("aaaabbbbbb"),
        "w": [2.0] * 10,
    }
    metric = NPS(item="q")
    equal = run(metric, data, plugins, weight="w", segments=["place"]).rows()
    plain = run(metric, data, plugins, segments=["place"]).rows()
    for one, other in zip(equal, plain, strict=True):
        assert one["value"] == pytest.approx(other["value"], rel=1e-12)
        assert one["std_error"] == pytest.approx(other["std_error"] * np.sqrt(10 / 9), rel=1e-12)


@given(
    st.lists(st.tuples(ANSWER, st.floats(0.01, 50.0), st.integers(0, 2)), min_size=2, max_size=30)
)
@law()
def test_errors_by_the_row(rows: list[tuple[int, float, int]]) -> None:
    """Tables give what R's domain rule gives row by row: zero outside the cell, n of the survey."""
    q, w, cell = (np.array(column) for column in zip(*rows, strict=True))
    n = len(rows)
    for domain in np.unique(cell):
        inside = cell == domain
        found = estimates(tallied(q[inside], w[inside], survey=n))
        scores = {
            "net": 100.0 * ((q >= 9).astype(float) - (q <= 6)),
            "share": (q >= 9).astype(float),
            "mean": q.astype(float),
        }
        for name, y in scores.items():
            mean = np.sum(w[inside] * y[inside]) / np.sum(w[inside])
            z = np.where(inside, w * (y - mean), 0.0) / np.sum(w[inside])
            error = np.sqrt(n / (n - 1) * np.sum((z - z.mean()) ** 2))
            assert found[name].value[0] == pytest.approx(mean, rel=1e-9, abs=1e-9)
            if inside.sum() < 2:
                assert np.isnan(found[name].std_error[0])
            else:
                assert found[name].std_error[0] == pytest.approx(error, rel=1e-9, abs=1e-7)


def test_effective_base(plugins: Plugins) -> None:
    """Kish: the square of the sum over the sum of squares, of the valid answers."""
    data = {
        "q": [10, 9, 3, 10, 1, None],
        "place": ["a", "a", "a", "b", "b", "b"],
        "w": [1.0, 2.0, 3.0, 0.5, 0.5, 100.0],
    }
    rows = run(NPS(item="q"), data, plugins, weight="w", segments=["place"]).rows("it", "nps")
    assert [row["base"] for row in rows] == [5, 3, 2]
    assert [row["weighted_base"] for row in rows] == pytest.approx([7.0, 6.0, 1.0])
    assert [row["effective_base"] for row in rows] == pytest.approx([49 / 14.5, 36 / 14, 2.0])
    assert rows[1]["value"] == pytest.approx(0.0, abs=1e-12)


def test_wilson_by_hand(plugins: Plugins) -> None:
    """The effective sample of a share is the one that would give its error: p(1-p)/SE²."""
    data = {"q": [10, 10, 3, 7, 9, 0, 10, 2], "w": [1.0, 2.0, 1.5, 0.5, 3.0, 1.0, 0.25, 2.0]}
    row = first(run(NPS(item="q"), data, plugins, weight="w"), "promoters")
    q, w = np.array(data["q"]), np.array(data["w"])
    p = np.sum(w[q >= 9]) / np.sum(w)
    error = np.sqrt(8 / 7 * np.sum((w * ((q >= 9) - p)) ** 2)) / np.sum(w)
    assert row["value"] == pytest.approx(p, rel=1e-12)
    assert row["std_error"] == pytest.approx(error, rel=1e-12)
    n, t = p * (1 - p) / error**2, stats.t.ppf(0.975, 7)
    middle = (p + t * t / (2 * n)) / (1 + t * t / n)
    reach = t / (1 + t * t / n) * np.sqrt(p * (1 - p) / n + t * t / (4 * n * n))
    assert row["ci_low"] == pytest.approx(middle - reach, rel=1e-9)
    assert row["ci_high"] == pytest.approx(middle + reach, rel=1e-9)
    assert n != pytest.approx(row["effective_base"], rel=0.01)


def test_wilson_where_all_agree(plugins: Plugins) -> None:
    """No error to go by: Kish's base is the sample."""
    data = {"q": [10, 9, 10], "w": [1.0, 2.0, 3.0]}
    row = first(run(NPS(item="q"), data, plugins, weight="w"), "promoters")
    t = stats.t.ppf(0.975, 2)
    assert (row["value"], row["std_error"], row["ci_high"]) == (1.0, 0.0, 1.0)
    assert row["ci_low"] == pytest.approx(1 / (1 + t * t / (36 / 14)), rel=1e-9)


def test_zero_weights(plugins: Plugins) -> None:
    """An answer of weight 0 is an answer, and moves nothing but n/(n-1)."""
    data = {"q": [10, 3, 8, 0, 10], "w": [1.0, 2.0, 1.0, 0.0, 0.0]}
    whole = first(run(NPS(item="q"), data, plugins, weight="w"), "nps")
    part = {name: column[:3] for name, column in data.items()}
    without = first(run(NPS(item="q"), part, plugins, weight="w"), "nps")
    assert whole["value"] == without["value"] == pytest.approx(-25.0)
    assert (whole["base"], without["base"]) == (5, 3)
    assert whole["weighted_base"] == without["weighted_base"] == 4.0
    assert whole["effective_base"] == without["effective_base"]
    factor = np.sqrt((5 / 4) / (3 / 2))
    assert whole["std_error"] == pytest.approx(without["std_error"] * factor, rel=1e-12)


def test_nothing_but_zero_weights(plugins: Plugins) -> None:
    data = {"q": [10, 3, 8, 9], "w": [0.0, 0.0, 1.0, 1.0], "place": ["a", "a", "b", "b"]}
    results = run(NPS(item="q"), data, plugins, weight="w", segments=["place"])
    for row in results.rows():
        if row["cell"] == {"place": "a"}:
            assert (row["base"], row["weighted_base"], row["status"]) == (2, 0.0, "undefined")
            assert row["value"] is row["std_error"] is row["ci_low"] is None
            assert row["message"]
        else:
            assert row["status"] == "small"
    results.to_json()


@pytest.mark.parametrize("term", ["nps", "promoters"])
def test_one_answer_has_no_error(term: str, plugins: Plugins) -> None:
    data = {"q": [10, 3, 8], "w": [1.0, 2.0, 1.0], "place": ["a", "b", "b"]}
    results = run(NPS(item="q"), data, plugins, weight="w", segments=["place"])
    row = results.rows("it", term)[1]
    assert (row["cell"], row["base"], row["status"]) == ({"place": "a"}, 1, "small")
    assert row["value"] is not None
    assert row["std_error"] is row["ci_low"] is row["ci_high"] is None
    assert "too few answers for a standard error" in row["message"]
    two = results.rows("it", term)[2]
    assert two["std_error"] is not None
    assert two["ci_low"] is not None


# What rests on plain counts

REFUSED = tuple(name for name in satcore.NET_INTERVALS if name not in WEIGHTED_NET_INTERVALS)


@pytest.mark.parametrize("interval", REFUSED)
def test_count_intervals_are_refused_before_reading(interval: str, plugins: Plugins) -> None:
    # The answer is outside its scale: the refusal comes before anything is read.
    data = {"q": [10, 99], "w": [1.0, 2.0]}
    with pytest.raises(StudyError) as raised:
        satcore.plan(NPS(item="q", interval=interval), data, weight="w", plugins=plugins)
    [problem] = raised.value.problems
    assert problem.place.endswith("metric 'nps' interval")
    assert "not valid for weighted answers" in problem.message
    assert "'linearised' or 'wald'" in problem.message


def test_the_other_intervals_are_not(plugins: Plugins) -> None:
    data = {"q": [10, 0, 8, 9, 9, 10], "w": [1.0, 2.0, 1.0, 1.0, 3.0, 1.0]}
    rows = {
        name: first(run(NPS(item="q", interval=name), data, plugins, weight="w"), "nps")
        for name in WEIGHTED_NET_INTERVALS
    }
    default = first(run(NPS(item="q"), data, plugins, weight="w"), "nps")
    assert default == rows["linearised"]
    reach = {"wald": stats.norm.ppf(0.975), "linearised": stats.t.ppf(0.975, 5)}
    for name, row in rows.items():
        low = max(row["value"] - reach[name] * row["std_error"], -100)
        assert row["ci_low"] == pytest.approx(low, rel=1e-9)
        assert row["method"] == name


def test_a_third_party_is_refused_under_weights(plugins: Plugins) -> None:
    data = {"q": [10, 0, 10], "w": [1.0, 2.0, 1.0], "place": ["a", "a", "b"]}
    metric = Counting(item="q")
    results = run(metric, data, plugins, weight="w", segments=["place"])
    assert [row["status"] for row in results.rows()] == ["error"] * 3
    for row in results.rows():
        assert row["value"] is None
        assert "'score' rests on plain counts" in row["message"]
    assert [(row["metric"], row["cells"]) for row in results.failures] == [("it", 3)]
    plain = run(metric, data, plugins, segments=["place"])
    assert [row["status"] for row in plain.rows()] == ["small"] * 3
    assert plain.failures == ()


def test_unanimous_weighted_answers_are_no_certainty(plugins: Plugins) -> None:
    data = {"Q": [10, 10, 10], "w": [1.0, 2.0, 1.0]}
    (row,) = satcore.run(NPS(item="Q"), data, weight="w", plugins=plugins).rows("nps", "nps")
    # Adjusted Wald on Kish's base of (1+2+1)²/(1+4+1) = 8/3 promoters.
    low, middle, high = 0.75, 1.5, 0.75 + 8 / 3
    n = low + middle + high
    centre = (high - low) / n
    reach = 1.959963984540054 * ((high + low) / n - centre**2) ** 0.5 / n**0.5
    assert row["value"] == 100
    assert row["std_error"] == 0
    assert row["method"] == "linearised"
    assert row["ci_low"] == pytest.approx(100 * (centre - reach), rel=1e-12)
    assert row["ci_high"] == pytest.approx(min(100 * (centre + reach), 100), rel=1e-12)


@pytest.mark.parametrize(
    ("answers", "weights"),
    [([10, 9, 0], [1.0, 1.0, 0.0]), ([10, 0], [3.0, 0.0]), ([0, 10, 7], [2.0, 0.0, 0.0])],
)
def test_unanimous_but_for_weights_of_0(
    answers: list[int], weights: list[float], plugins: Plugins
) -> None:
    """An answer of weight 0 moves the interval as little as the estimate."""
    data = {"q": answers, "w": weights}
    row = first(run(NPS(item="q"), data, plugins, weight="w"), "nps")
    effective = sum(weight > 0 for weight in weights)
    counts = np.zeros((1, 3), dtype=np.int64)
    counts[0, 2 if row["value"] > 0 else 0] = effective
    bounds = satcore.NET_INTERVALS["adjusted_wald"](counts, 0).bounds(0.95)
    assert abs(row["value"]) == 100.0
    assert row["std_error"] == 0.0
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((bounds[0][0], bounds[1][0]))
    assert row["ci_low"] < 0 < row["ci_high"] or effective > 1
