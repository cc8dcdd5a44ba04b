"""Moments, derived items, reliability and replicates, against references and plain oracles."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from attrs import evolve, frozen
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

import satcore
from satcore import (
    Block,
    CeilingInterval,
    Codebook,
    Counted,
    Derived,
    Difference,
    Estimate,
    FeldtInterval,
    Given,
    Indicator,
    Item,
    Mean,
    Measure,
    Metric,
    Moments,
    MomentSums,
    Product,
    Ratio,
    Recode,
    Replicates,
    Reversed,
    Scale,
    Statistic,
    Sum,
    When,
    alpha,
    difference_reliability,
    item_rest,
    omega,
    standardised_alpha,
    without,
)
from satcore.plugins import Plugins
from satcore.replicates import all_times_drawn, times_drawn

some = settings(derandomize=True, deadline=None, max_examples=40)

CLOSE = {"rel": 1e-9, "abs": 1e-12}


def item(name: str, low: int = 1, high: int = 7) -> Item:
    return Item(name=name, scale=Scale(low=low, high=high))


def block_of(
    columns: Mapping[Item, Sequence[int | None]],
    *,
    measures: Mapping[Measure, Sequence[float]] | None = None,
    cell: Sequence[int] | None = None,
    cells: int = 1,
    weight: Sequence[float] | None = None,
    identity: Sequence[int] | None = None,
) -> Block:
    """Coded answers; None is a missing one."""
    codes = {
        one: np.array([one.missing_code if v is None else v - one.low for v in values])
        for one, values in columns.items()
    }
    numbers = {one: np.array(values, dtype=np.float64) for one, values in (measures or {}).items()}
    rows = len(next(iter([*codes.values(), *numbers.values()])))
    return Block(
        rows=rows,
        cells=cells,
        cell=None if cell is None else np.array(cell, dtype=np.intp),
        weight=None if weight is None else np.array(weight, dtype=np.float64),
        identity=None if identity is None else np.array(identity, dtype=np.uint64),
        codes=codes,
        measures=numbers,
    )


def viewed(statistic: Statistic, *blocks: Block) -> Any:
    """What evaluate gets of some blocks together."""
    weighted = blocks[0].weight is not None
    arrays: dict[str, Any] = {}
    for block in blocks:
        for name, array in statistic.observe(block).items():
            arrays[name] = arrays[name] + array if name in arrays else array
    return statistic.view(
        Counted(
            arrays=arrays,
            cells=blocks[0].cells,
            survey_rows=sum(block.rows for block in blocks),
            weighted=weighted,
        )
    )


def likert(rows: int, items: int, seed: int) -> Any:
    """Whole answers 1 to 7 that go together."""
    rng = np.random.default_rng(seed)
    level = rng.normal(4, 1, (rows, 1))
    return np.clip(np.rint(level + rng.normal(0, 1, (rows, items))), 1, 7).astype(int)


def sums_of(x: Any, order: int = 4, **more: Any) -> MomentSums:
    items = [item(f"x{place}", 0, 10) for place in range(x.shape[1])]
    block = block_of({one: x[:, p].tolist() for p, one in enumerate(items)}, **more)
    view: MomentSums = viewed(Moments(tuple(items), order=order), block)
    return view


# References


@pytest.fixture(scope="module")
def scales(shared: Any, reference: Any) -> list[tuple[Any, Mapping[str, Any]]]:
    """Answers and reference values of each dimension."""
    values = reference("reliability")
    data = shared / "data"
    files = {
        "mobi": data / "ecsi_mobi" / "mobi.csv",
        "attitude": data / "attitude" / "attitude.csv",
        "univer": data / "cub_univer" / "univer.csv",
    }
    entries = [("mobi", entry) for entry in values["ecsi_mobi"].values()]
    entries += [("attitude", values["attitude"]), ("univer", values["cub_univer_4items"])]
    return [
        (pl.read_csv(files[name]).select(list(entry["alpha_drop"])).to_numpy(), entry)
        for name, entry in entries
    ]


def test_coefficients_are_the_references(scales: list[tuple[Any, Mapping[str, Any]]]) -> None:
    assert len(scales) == 8
    for x, entry in scales:
        cov = np.cov(x.T)[None]
        assert len(x) == entry["n_complete"]
        assert alpha(cov)[0] == pytest.approx(entry["alpha_complete_case"], **CLOSE)
        assert alpha(cov)[0] == pytest.approx(entry["alpha_raw_psych_pairwise"], **CLOSE)
        assert standardised_alpha(cov)[0] == pytest.approx(entry["alpha_std_psych"], **CLOSE)
        rest = [item_rest(cov, place)[0] for place in range(entry["k"])]
        assert rest == pytest.approx(list(entry["r_drop"].values()), **CLOSE)
        if entry["k"] > 2:
            dropped = [alpha(without(cov, place))[0] for place in range(entry["k"])]
            assert dropped == pytest.approx(list(entry["alpha_drop"].values()), **CLOSE)


def test_coefficients_from_counted_answers(scales: list[tuple[Any, Mapping[str, Any]]]) -> None:
    for x, entry in scales:
        if x.max() > 10:
            continue
        sums = sums_of(x)
        found = sums.smooth(lambda _, cov: alpha(cov), term="alpha")
        assert found.value[0] == pytest.approx(entry["alpha_complete_case"], **CLOSE)
        assert sums.cov()[0] == pytest.approx(np.cov(x.T), **CLOSE)


def test_omega_is_lavaans(scales: list[tuple[Any, Mapping[str, Any]]]) -> None:
    """The tolerance of the references is 0.01; maximum likelihood of one factor is much nearer."""
    held = 0
    for x, entry in scales:
        found = omega(np.cov(x.T)[None])[0]
        if entry["k"] == 2:
            assert math.isnan(found)
            continue
        assert found == pytest.approx(entry["omega_total_1factor_ML_lavaan"], abs=1e-6)
        held += 1
    assert held == 7


def test_feldt_is_the_references(scales: list[tuple[Any, Mapping[str, Any]]]) -> None:
    for x, entry in scales:
        value = alpha(np.cov(x.T)[None])
        interval = FeldtInterval(value=value, base=np.array([len(x)]), items=entry["k"])
        low, high = interval.bounds(0.95)
        assert (low[0], high[0]) == pytest.approx(tuple(entry["feldt95_cc"]), **CLOSE)
        assert interval.from_counts


@frozen(kw_only=True)
class Averages(Metric):
    """Means of two unbounded measures."""

    columns: tuple[str, ...]

    def statistics(self, codebook: Codebook) -> Mapping[str, Statistic]:
        return {"sums": Moments(tuple(codebook.measure(name) for name in self.columns))}

    def evaluate(self, sums: MomentSums) -> Iterator[Estimate]:
        for place in range(len(self.columns)):
            yield sums.mean(place, term="mean")


def test_weighted_means_of_measures(shared: Any, reference: Any, plugins: Plugins) -> None:
    expected = reference("survey_design")["apistrat_weightsOnly"]
    results = satcore.run(
        Averages(columns=("api00", "enroll")),
        shared / "data" / "survey_api" / "apistrat.csv",
        weight="pw",
        plugins=plugins,
    )
    for row, bounds in zip(results.rows(), expected["ci_t"], strict=True):
        assert row["item"] == bounds["_row"]
        assert row["value"] == pytest.approx(expected["est"][row["item"]], rel=1e-9)
        assert row["std_error"] == pytest.approx(expected["se"][row["item"]], rel=1e-9)
        assert row["method"] == "linearised"


# Moments


#: Answers to three items, one in eight missing.
answers = st.lists(
    st.tuples(*[st.sampled_from([None, 1, 2, 3, 4, 5, 6, 7])] * 3), min_size=1, max_size=30
)


@some
@given(answers, st.data())
def test_cuts_are_exact(rows: list[tuple[int | None, ...]], data: st.DataObject) -> None:
    """However blocks are cut, order and place: the same sums to the last bit."""
    items = tuple(item(name) for name in "abc")
    derived = (items[0], Mean(items, at_least=2), Difference(items[1], items[2]))
    places = sorted(data.draw(st.lists(st.integers(1, len(rows)), max_size=3)))
    shuffled = data.draw(st.permutations(rows))
    for statistic in (
        Moments(derived),
        Moments(derived, order=4),
        Moments(derived, pairwise=True),
    ):
        whole = viewed(statistic, block_of(columns_of(items, rows)))
        parts = [shuffled[i:j] for i, j in zip([0, *places], [*places, None], strict=True)]
        cut = viewed(statistic, *(block_of(columns_of(items, part)) for part in parts if part))
        for name, array in whole.counted.arrays.items():
            assert array.dtype == np.int64
            assert np.array_equal(array, cut.counted[name])


def columns_of(
    items: Sequence[Item], rows: Sequence[tuple[int | None, ...]]
) -> dict[Item, list[int | None]]:
    return {one: [row[place] for row in rows] for place, one in enumerate(items)}


@some
@given(answers)
def test_covariances_are_pandas(rows: list[tuple[int | None, ...]]) -> None:
    items = tuple(item(name) for name in "abc")
    frame = pd.DataFrame(columns_of(items, rows), dtype=float)
    assume(len(frame.dropna()) > 1)
    block = block_of(columns_of(items, rows))
    pairwise = viewed(Moments(items, pairwise=True), block)
    with np.errstate(all="ignore"):
        listwise = viewed(Moments(items), block)
        for view, theirs in ((pairwise, frame.cov()), (listwise, frame.dropna().cov())):
            mine, wanted = view.cov()[0], theirs.to_numpy()
            assert np.array_equal(np.isfinite(mine), np.isfinite(wanted))
            known = np.isfinite(wanted)
            assert mine[known] == pytest.approx(wanted[known], rel=1e-12, abs=1e-12)
        means = frame.mean().to_numpy()
        assert np.allclose(pairwise.means()[0], means, rtol=1e-12, equal_nan=True)


@pytest.mark.parametrize("weighted", [False, True])
def test_many_cells_are_each_alone(weighted: bool) -> None:
    x = likert(90, 4, seed=2)
    cell = np.random.default_rng(3).integers(0, 5, 90)
    weight = np.random.default_rng(4).uniform(0.2, 3, 90) if weighted else None
    asked = {
        "alpha": lambda _, cov: alpha(cov),
        "omega": lambda _, cov: omega(cov),
        "rest": lambda _, cov: item_rest(cov, 1),
    }
    many = sums_of(x, cell=cell, cells=5, weight=weight)
    for number in range(5):
        here = cell == number
        own = None if weight is None else weight[here]
        alone = sums_of(x[here], weight=own)
        for name, f in asked.items():
            mine, other = many.smooth(f, term=name), alone.smooth(f, term=name)
            assert mine.value[number] == pytest.approx(other.value[0], rel=1e-12)
            # The linearised error knows the whole survey's size.
            by = math.sqrt(90 / 89 / (here.sum() / (here.sum() - 1))) if weighted else 1.0
            assert mine.std_error[number] == pytest.approx(by * other.std_error[0], rel=1e-7)


def test_many_cells_are_each_alone_to_the_bit() -> None:
    """The same counts, with and without other cells beside them."""
    cell = np.random.default_rng(3).integers(0, 5, 90)
    weight = np.random.default_rng(4).uniform(0.2, 3, 90).tolist()
    for more in ({}, {"weight": weight}):
        many = sums_of(likert(90, 6, seed=2), cell=cell, cells=5, **more)
        for f in (
            alpha,
            standardised_alpha,
            omega,
            lambda cov: item_rest(cov, 1),
            lambda cov: alpha(without(cov, 1)),
        ):
            mine = many.smooth(lambda _, cov, f=f: f(cov), term="f")  # type: ignore[misc]
            for number in range(5):
                arrays = {name: a[[number]] for name, a in many.counted.arrays.items()}
                alone = MomentSums(
                    statistic=many.statistic,
                    counted=evolve(many.counted, arrays=arrays, cells=1),
                ).smooth(lambda _, cov, f=f: f(cov), term="f")  # type: ignore[misc]
                assert mine.value[number] == alone.value[0]
                assert mine.std_error[number] == alone.std_error[0]


def test_a_mean_of_few_and_none() -> None:
    one = sums_of(likert(1, 2, 1), order=2).mean(0, term="mean")
    assert np.isfinite(one.value[0])
    assert np.isnan(one.std_error[0])
    with np.errstate(all="ignore"):
        empty = sums_of(likert(3, 2, 1), order=2, cell=[0, 0, 0], cells=2).mean(0, term="mean")
    assert (empty.base[1], math.isnan(empty.value[1])) == (0, True)


def test_a_combination_is_the_mean_of_the_combined() -> None:
    x = likert(50, 3, 6)
    c = np.array([1.0, -2.0, 0.5])
    found = sums_of(x, order=2).combine(c, term="c", null=0.0)
    y = x @ c
    low, high = found.interval.bounds(0.9)  # type: ignore[union-attr]
    theirs = stats.ttest_1samp(y, 0)
    assert found.value[0] == pytest.approx(y.mean(), **CLOSE)
    assert found.std_error[0] == pytest.approx(y.std(ddof=1) / math.sqrt(50), **CLOSE)
    assert (low[0], high[0]) == pytest.approx(tuple(theirs.confidence_interval(0.9)), **CLOSE)
    assert found.interval.p_value(0.0)[0] == pytest.approx(theirs.pvalue, rel=1e-9)  # type: ignore[union-attr, index]


def test_moments_that_can_not_be() -> None:
    with pytest.raises(ValueError, match="order is 2 or 4"):
        Moments((item("a"),), order=3)
    with pytest.raises(ValueError, match="2 where pairwise"):
        Moments((item("a"),), order=4, pairwise=True)
    with pytest.raises(ValueError, match="could not be kept exact"):
        Moments((Product(item("a", 0, 2000), item("b", 0, 2000)),))
    with pytest.raises(ValueError, match="order=4"):
        sums_of(likert(9, 2, 1), order=2).smooth(lambda _, cov: alpha(cov), term="a")
    with pytest.raises(ValueError, match="twice"):
        sums_of(likert(9, 2, 1)).smooth(lambda _, cov: alpha(cov), term="a", among=(1, 1))


# The delta method


def alpha_influence(x: Any) -> Any:
    """How much each respondent moves alpha, to first order.

    alpha = k/(k-1)·(1 - t/s), t the sum of the variances and s the variance of the sum. With
    d respondents' deviations: IF(t) = Σd² - t and IF(s) = (Σd)² - s, so that
    IF(alpha) = -k/(k-1)·(IF(t)/s - t/s²·IF(s)).
    """
    k = x.shape[1]
    d = x - x.mean(axis=0)
    cov = np.cov(x.T, ddof=0)
    t, s = np.trace(cov), cov.sum()
    first, second = np.sum(d**2, axis=1) - t, d.sum(axis=1) ** 2 - s
    return -k / (k - 1) * (first / s - t / s**2 * second)


@pytest.mark.parametrize("items", [2, 3, 6])
def test_smooth_errors_are_the_analytic_ones(items: int) -> None:
    x = likert(80, items, seed=items)
    found = sums_of(x).smooth(lambda _, cov: alpha(cov), term="alpha")
    analytic = alpha_influence(x).std(ddof=1) / math.sqrt(80)
    assert found.std_error[0] == pytest.approx(analytic, rel=1e-7)


def test_weighted_smooth_errors_are_the_analytic_ones() -> None:
    """Integer weights: influence of the repeated sample, each respondent one draw."""
    x = likert(60, 3, seed=8)
    w = np.random.default_rng(1).integers(1, 4, 60).astype(float)
    found = sums_of(x, weight=w).smooth(lambda _, cov: alpha(cov), term="alpha")
    mean = np.average(x, axis=0, weights=w)
    d = x - mean
    cov = (w[:, None] * d).T @ d / w.sum()
    t, s = np.trace(cov), cov.sum()
    first, second = np.sum(d**2, axis=1) - t, d.sum(axis=1) ** 2 - s
    influence = -3 / 2 * (first / s - t / s**2 * second)
    error = math.sqrt(60 / 59 * np.sum((w * influence) ** 2)) / w.sum()
    assert found.value[0] == pytest.approx(1.5 * (1 - t / s), rel=1e-12)
    assert found.std_error[0] == pytest.approx(error, rel=1e-7)


def test_smooth_errors_are_a_bootstraps() -> None:
    x = likert(200, 4, seed=5)
    sums = sums_of(x)
    rng = np.random.default_rng(0)
    covs = np.stack([np.cov(x[rng.integers(0, 200, 200)].T) for _ in range(2000)])
    for f in (alpha, standardised_alpha, omega, lambda cov: item_rest(cov, 2)):
        found = sums.smooth(lambda _, cov, f=f: f(cov), term="f")  # type: ignore[misc]
        assert found.std_error[0] == pytest.approx(f(covs).std(ddof=1), rel=0.08)


def test_functions_of_means() -> None:
    """A coefficient of variation, of the second of three items alone."""
    x = likert(70, 3, seed=9)
    found = sums_of(x).smooth(
        lambda mean, cov: np.sqrt(cov[:, 0, 0]) / mean[:, 0], term="cv", among=(1,)
    )
    y = x[:, 1].astype(float)
    d, m, s = y - y.mean(), y.mean(), y.std(ddof=1)
    influence = 70 / 69 * d**2 / (2 * s * m) - s / m**2 * d
    assert found.value[0] == pytest.approx(s / m, **CLOSE)
    assert found.std_error[0] == pytest.approx(influence.std(ddof=1) / math.sqrt(70), rel=1e-7)


def test_some_items_are_as_if_alone() -> None:
    x = likert(70, 5, seed=10)
    sums = sums_of(x)
    for f in (alpha, omega, standardised_alpha):
        among = sums.smooth(lambda _, cov, f=f: f(cov), term="f", among=(4, 1, 2))  # type: ignore[misc]
        alone = sums_of(x[:, [4, 1, 2]]).smooth(lambda _, cov, f=f: f(cov), term="f")  # type: ignore[misc]
        assert among.value[0] == pytest.approx(alone.value[0], rel=1e-12)
        assert among.std_error[0] == pytest.approx(alone.std_error[0], rel=1e-7)


def test_derivatives_by_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many moves are made at a time."""
    sums = sums_of(likert(40, 4, seed=11))
    whole = sums.smooth(lambda _, cov: omega(cov), term="omega")
    monkeypatch.setattr("satcore.moments._AT_A_TIME", 1)
    one = sums.smooth(lambda _, cov: omega(cov), term="omega")
    assert one.std_error[0] == pytest.approx(whole.std_error[0], rel=1e-7)


def test_difference_scores() -> None:
    """Johns' formula, written out; and all of it noise where both sums are one."""
    x = likert(100, 6, seed=12)
    cov = np.cov(x.T)[None]
    first, second = x[:, :3].sum(axis=1), x[:, 3:].sum(axis=1)
    a, b = alpha(cov[:, :3, :3])[0], alpha(cov[:, 3:, 3:])[0]
    sa, sb, r = first.std(ddof=1), second.std(ddof=1), np.corrcoef(first, second)[0, 1]
    expected = (sa**2 * a + sb**2 * b - 2 * r * sa * sb) / (sa**2 + sb**2 - 2 * r * sa * sb)
    found = difference_reliability(cov[:, :3, :3], cov[:, 3:, 3:], cov[:, :3, 3:].sum(axis=(1, 2)))
    assert found[0] == pytest.approx(expected, **CLOSE)
    same = cov[:, :3, :3]
    with np.errstate(all="ignore"):
        assert np.isnan(difference_reliability(same, same, same.sum(axis=(1, 2))))[0]


def test_degenerate_covariances() -> None:
    flat = np.zeros((1, 3, 3))
    with np.errstate(all="ignore"):
        for f in (alpha, standardised_alpha, omega, lambda cov: item_rest(cov, 0)):
            assert np.isnan(f(flat)[0])
    # Items that agree in full.
    assert alpha(np.ones((1, 4, 4)))[0] == pytest.approx(1)
    # Items that share nothing.
    assert alpha(np.eye(4)[None])[0] == 0


def test_omega_of_a_known_factor() -> None:
    """Covariances that one factor makes give its omega back, whatever the items' units."""
    load = np.array([0.9, 0.7, 0.6, 0.5, 0.8])
    for scale in (np.ones(5), np.array([1.0, 3.0, 0.5, 2.0, 7.0])):
        cov = (np.outer(load, load) + np.diag(1 - load**2)) * np.outer(scale, scale)
        common = np.sum(load * scale) ** 2
        expected = common / (common + np.sum((1 - load**2) * scale**2))
        assert omega(cov[None])[0] == pytest.approx(expected, rel=1e-9)
        three = np.sum((load * scale)[:3]) ** 2
        own = np.sum(((1 - load**2) * scale**2)[:3])
        assert omega(cov[None, :3, :3])[0] == pytest.approx(three / (three + own), rel=1e-9)


# Intervals


def intervals() -> Iterator[Any]:
    value, base = np.array([0.2, 0.7, 0.95]), np.array([30, 100, 1000])
    yield CeilingInterval(value=value, std_error=np.array([0.1, 0.05, 0.004]), df=base - 1.0)
    yield FeldtInterval(value=value, base=base, items=5)


@pytest.mark.parametrize("interval", list(intervals()), ids=lambda one: one.method)
def test_intervals_are_in_order(interval: Any) -> None:
    last_low, last_high = interval.value, interval.value
    for confidence in (0.5, 0.9, 0.95, 0.99):
        low, high = interval.bounds(confidence)
        assert np.all(low < last_low)
        assert np.all(high > last_high)
        assert np.all(high < 1)
        last_low, last_high = low, high


def test_ceiling_p_values_agree_with_bounds() -> None:
    interval = next(intervals())
    low, high = interval.bounds(0.95)
    for cell in range(3):
        for bound in (low[cell], high[cell]):
            assert interval.p_value(bound)[cell] == pytest.approx(0.05, rel=1e-9)
        assert interval.p_value(interval.value[cell])[cell] == pytest.approx(1)


def test_intervals_without_answers() -> None:
    nothing = np.array([np.nan])
    for interval in (
        CeilingInterval(value=nothing, std_error=nothing, df=np.array([-1.0])),
        FeldtInterval(value=nothing, base=np.array([0]), items=3),
    ):
        assert np.isnan(interval.bounds(0.95)).all()


# Derived items


A, B, C = item("a", 1, 5), item("b", 0, 3), item("c", -2, 2)
HALF = Mean((A, B), name="half")

Row = dict[Item, "int | None"]


def whole(rule: Any) -> Any:
    """A rule that is missing where any of its items is."""
    return lambda *values: None if any(v is None for v in values) else rule(*values)


def mean_of(least: int) -> Any:
    def rule(*values: int | None) -> Fraction | None:
        known = [v for v in values if v is not None]
        return Fraction(sum(known), len(known)) if len(known) >= least else None

    return rule


#: Each derived item with its definition over a, b and c, one respondent at a time.
DERIVED: dict[str, tuple[Derived | Ratio, Any]] = {
    "sum": (Sum((A, B, C)), whole(lambda a, b, c: a + b + c)),
    "sum of means": (Sum((HALF, C)), whole(lambda a, b, c: Fraction(a + b, 2) + c)),
    "mean": (Mean((A, B, C)), mean_of(3)),
    "mean of two": (Mean((A, B, C), at_least=2), mean_of(2)),
    "mean of any": (Mean((A, B, C), at_least=1), mean_of(1)),
    "difference": (Difference(HALF, C), whole(lambda a, b, c: Fraction(a + b, 2) - c)),
    "product": (Product(HALF, C), whole(lambda a, b, c: Fraction(a + b, 2) * c)),
    "indicator": (
        Indicator(C, (-2, 1)),
        lambda a, b, c: None if c is None else int(c in (-2, 1)),
    ),
    "indicator, missing 0": (
        Indicator(C, (-2, 0), missing_is_0=True),
        lambda a, b, c: int(c is not None and c in (-2, 0)),
    ),
    "recode": (
        Recode((B, C), tuple((b + c) % 3 for b in range(4) for c in range(5)), ("x", "y", "z")),
        lambda a, b, c: None if b is None or c is None else (b + c + 2) % 3,
    ),
    "reversed": (Reversed(C), lambda a, b, c: None if c is None else -c),
    "reversed mean": (
        Reversed(HALF),
        lambda a, b, c: None if a is None or b is None else 4 + Fraction(1, 2) - Fraction(a + b, 2),
    ),
    "given": (Given(A, (C,)), lambda a, b, c: None if c is None else a),
    "when": (When(A, B, (0, 2)), lambda a, b, c: a if b in (0, 2) else None),
    "ratio": (
        Ratio(A, B),
        lambda a, b, c: None if a is None or not b else Fraction(a, b),
    ),
}

rows_of_three = st.lists(
    st.tuples(
        *(st.one_of(st.none(), st.integers(one.low, one.high)) for one in (A, B, C)),
    ),
    min_size=1,
    max_size=25,
)


@pytest.mark.parametrize("name", DERIVED)
@some
@given(rows=rows_of_three)
def test_derived_items(name: str, rows: list[tuple[int | None, ...]]) -> None:
    derived, rule = DERIVED[name]
    block = block_of(columns_of((A, B, C), rows))
    expected = [rule(*row) for row in rows]
    values = block.values(derived)
    for found, wanted in zip(values.tolist(), expected, strict=True):
        assert math.isnan(found) if wanted is None else found == pytest.approx(float(wanted))
    if isinstance(derived, Ratio):
        return
    numerators, there = block.numerators(derived)
    codes = block.codes(derived)
    for number, answered, code, wanted in zip(
        numerators.tolist(), there.tolist(), codes.tolist(), expected, strict=True
    ):
        assert answered == (wanted is not None)
        if wanted is None:
            assert (number, code) == (0, derived.missing_code)
        else:
            assert Fraction(number, derived.denominator) == wanted
            assert derived.low <= number <= derived.high
            assert code == number - derived.low
            assert 0 <= code < derived.levels


def test_ranges_are_reached() -> None:
    """The least and greatest numerators are no wider than they have to be."""
    rows = [(a, b, c) for a in range(1, 6) for b in range(4) for c in range(-2, 3)]
    block = block_of(columns_of((A, B, C), rows))
    for name, (derived, _) in DERIVED.items():
        if isinstance(derived, Ratio) or name == "mean of any" or derived.low == derived.high:
            continue
        numerators, there = block.numerators(derived)
        if name.startswith(("sum", "difference", "product", "reversed", "given", "when")):
            assert (numerators[there].min(), numerators[there].max()) == (
                derived.low,
                derived.high,
            ), name


def test_keys_tell_what_is_computed() -> None:
    keys = [derived.key for derived, _ in DERIVED.values()]
    assert len(set(keys)) == len(keys)
    assert Mean((A, B), name="one").key == Mean((A, B), name="other").key
    assert Difference(A, B).key != Difference(B, A).key


def test_broken_conditions() -> None:
    when = When(A, B, (0, 2), "b is odd")
    block = block_of(columns_of((A, B), [(1, 0), (1, 1), (1, None), (None, 3)]))
    parts = [block.numerators(part) for part in when.parts]
    assert when.broken([n for n, _ in parts], [t for _, t in parts]).tolist() == [
        False,
        True,
        False,
        True,
    ]


# Replicates


def test_times_drawn_at_once_are_those_one_by_one() -> None:
    identity = np.random.default_rng(4).integers(0, 1 << 63, 20_000).astype(np.uint64)
    drawn = all_times_drawn(identity, 7, 3)
    for replicate in range(7):
        np.testing.assert_array_equal(drawn[replicate], times_drawn(identity, replicate, 3))
    assert drawn.mean() == pytest.approx(1, abs=0.02)
    assert drawn.var() == pytest.approx(1, abs=0.04)


def test_replicates_merge() -> None:
    """A respondent is drawn as often wherever he or she is read."""
    x = likert(60, 2, seed=3)
    items = (item("a"), item("b"))
    statistic = Replicates(Moments(items), count=20, seed=4)

    def part(places: Any) -> Block:
        columns = {one: x[places, p].tolist() for p, one in enumerate(items)}
        return block_of(columns, identity=(1000 + np.asarray(places)).tolist())

    together = viewed(statistic, part(range(60)))
    apart = viewed(statistic, part(range(59, 20, -1)), part(range(21)))
    for mine, other in zip(together.views, apart.views, strict=True):
        for name, array in mine.counted.arrays.items():
            assert np.array_equal(array, other.counted[name])
    again = viewed(Replicates(Moments(items), count=20, seed=5), part(range(60)))
    assert not np.array_equal(
        together.of(lambda view: view.means()[:, 0]), again.of(lambda view: view.means()[:, 0])
    )


def test_replicates_are_a_bootstrap() -> None:
    x = likert(300, 3, seed=6)
    items = tuple(item(name) for name in "abc")
    columns = {one: x[:, p].tolist() for p, one in enumerate(items)}
    block = block_of(columns, identity=list(range(300)))
    replicated = viewed(Replicates(Moments(items), count=400, seed=1), block)
    direct = viewed(Moments(items, order=4), block)
    mean = direct.mean(0, term="mean")
    means = replicated.of(lambda view: view.means()[:, 0])
    assert means.shape == (1, 400)
    assert means.mean() == pytest.approx(mean.value[0], abs=4 * mean.std_error[0] / 20)
    assert means.std(ddof=1) == pytest.approx(mean.std_error[0], rel=0.15)
    found = direct.smooth(lambda _, cov: alpha(cov), term="alpha")
    alphas = replicated.of(lambda view: alpha(view.cov()))
    assert alphas.std(ddof=1) == pytest.approx(found.std_error[0], rel=0.2)


@pytest.mark.parametrize("pairwise", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_replicates_all_at_once_are_those_one_by_one(pairwise: bool, weighted: bool) -> None:
    """Sums in all replicates by one product, and each replicate counted for itself."""
    rng = np.random.default_rng(8)
    x = likert(1500, 3, seed=7)
    items = tuple(item(name) for name in "abc")
    columns = {
        one: [v if rng.random() < 0.9 else None for v in x[:, p].tolist()]
        for p, one in enumerate(items)
    }
    block = block_of(
        columns,
        identity=rng.integers(0, 1 << 60, 1500).tolist(),
        cell=rng.integers(0, 4, 1500).tolist(),
        cells=5,
        **({"weight": rng.uniform(0.5, 2, 1500).tolist()} if weighted else {}),
    )
    statistic = Replicates(Moments(items, pairwise=pairwise), count=30, seed=2)
    found = statistic.observe(block)
    assert block.identity is not None
    for replicate in range(30):
        times = times_drawn(block.identity, replicate, 2)
        for name, array in statistic.statistic.observe(block.repeated(times)).items():
            np.testing.assert_allclose(found[name][:, replicate], array, rtol=1e-12)


def test_replicates_need_to_know_who_is_who() -> None:
    with pytest.raises(ValueError, match="who is who"):
        Replicates(Moments((A,))).observe(block_of({A: [1, 2]}))
    with pytest.raises(ValueError, match="at least 2"):
        Replicates(Moments((A,)), count=1)


def test_sums_hold_as_many_answers_as_their_range_allows() -> None:
    """Answers of 1 to 7 may be thousands of millions; wide items are told before they wrap."""

    def view(high: int, answers: int, order: int) -> Any:
        items = tuple(Item(name=name, scale=Scale(low=1, high=high)) for name in "ab")
        moments = Moments(items, order=order)
        arrays = {
            name: one.empty(1) + (answers if name == "n" else 0)
            for name, one in moments.fields(weighted=False).items()
        }
        return moments.view(Counted(arrays=arrays, cells=1, survey_rows=answers))

    assert view(7, 10**12, 4).base.tolist() == [10**12]
    assert view(7, 10**12, 2).base.tolist() == [10**12]
    with pytest.raises(OverflowError, match="are more than whole sums of these items can hold"):
        view(60_001, 10**11, 2)
