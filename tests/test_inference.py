"""Intervals and tests against independent implementations, and their laws on any input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from satcore import (
    NET_INTERVALS,
    Interval,
    Item,
    NormalInterval,
    Scale,
    StudentInterval,
    Tallied,
    WilsonInterval,
    holm,
)
from satcore.inference import (
    IndependentCells,
    bisect,
    chi_square_upper,
    cochran_q,
    kish,
    mover,
    normal_quantile,
    normal_two_sided,
    student_quantile,
    student_two_sided,
)
from satcore.nets import IndependentNets, linearised_net, net_interval


def law(examples: int = 50) -> settings:
    """The same examples in every run, and no clock."""
    return settings(deadline=None, derandomize=True, max_examples=examples, database=None)


CLOSE: dict[str, Any] = {"rtol": 1e-9, "atol": 1e-9}

#: Low, middle and high answers of one cell, somebody among them; empty classes are frequent.
TABLES = st.tuples(*[st.just(0) | st.integers(1, 60)] * 3).filter(lambda table: sum(table) > 0)
MANY = st.lists(TABLES, min_size=1, max_size=8).map(lambda rows: np.array(rows, dtype=np.int64))
LEVELS = st.floats(0.5, 0.999)


# Quantiles and tails


def test_quantiles_against_scipy() -> None:
    df = np.array([1.0, 2.0, 7.5, 30.0, 2.0, 1e6])
    for probability in (0.6, 0.95, 0.975, 0.9995):
        assert normal_quantile(probability) == pytest.approx(stats.norm.ppf(probability), rel=1e-12)
        np.testing.assert_allclose(
            student_quantile(probability, df), stats.t.ppf(probability, df), rtol=1e-9
        )
    values = np.array([-40.0, -1.5, 0.0, 0.3, 9.0])
    np.testing.assert_allclose(normal_two_sided(values), 2 * stats.norm.sf(np.abs(values)))
    np.testing.assert_allclose(
        student_two_sided(values, df[:5]), 2 * stats.t.sf(np.abs(values), df[:5])
    )
    assert chi_square_upper(7.3, 4) == pytest.approx(stats.chi2.sf(7.3, 4), rel=1e-12)


def test_no_degrees_of_freedom_no_number() -> None:
    assert np.isnan(student_quantile(0.975, np.array([0.0, -1.0]))).all()
    assert np.isnan(student_two_sided(np.array([1.0]), np.array([0.0]))).all()
    assert np.isnan(normal_two_sided(np.array([np.nan]))).all()


def test_kish() -> None:
    weights = np.array([0.5, 1.0, 1.0, 4.0])
    found = kish(np.array([weights.sum(), 0.0]), np.array([(weights**2).sum(), 0.0]))
    assert found.tolist() == [6.5**2 / 18.25, 0.0]


def test_bisect_reaches_the_last_digits() -> None:
    wanted = np.array([0.1, 0.5, 1 / 3])
    found = bisect(lambda x: x < wanted, np.zeros(3), np.ones(3))
    np.testing.assert_allclose(found, wanted, rtol=1e-15)


# Intervals against others


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_wilson_against_statsmodels(confidence: float) -> None:
    n = np.array([1, 1, 5, 5, 40, 1000, 1000])
    count = np.array([0, 1, 0, 3, 17, 999, 20])
    interval = WilsonInterval(share=count / n, sample=n.astype(float))
    low, high = interval.bounds(confidence)
    for place in range(n.size):
        wanted = proportion_confint(count[place], n[place], 1 - confidence, method="wilson")
        np.testing.assert_allclose((low[place], high[place]), wanted, rtol=1e-9, atol=1e-12)


def test_wilson_stays_inside() -> None:
    low, high = WilsonInterval(share=np.array([0.0, 1.0]), sample=np.array([3.0, 3.0])).bounds(0.95)
    assert low[0] == 0.0
    assert high[1] == 1.0


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_t_against_scipy(confidence: float) -> None:
    """From raw answers: the mean's interval, and its test against a fixed value."""
    rng = np.random.default_rng(5)
    samples = [rng.integers(1, 6, size) for size in (2, 3, 30, 400)]
    item = Item(name="q", scale=Scale(low=1, high=5))
    table = np.zeros((len(samples), item.size), dtype=np.int64)
    for row, sample in zip(table, samples, strict=True):
        row[:5] = np.bincount(sample - 1, minlength=5)
    estimate = Tallied(items=(item,), n=table).mean()
    assert estimate.interval is not None
    low, high = estimate.interval.bounds(confidence)
    p = estimate.interval.p_value(3.3)
    assert p is not None
    for place, sample in enumerate(samples):
        tested = stats.ttest_1samp(sample, 3.3)
        wanted = tested.confidence_interval(confidence)
        np.testing.assert_allclose((low[place], high[place]), (wanted.low, wanted.high), **CLOSE)
        assert p[place] == pytest.approx(tested.pvalue, rel=1e-9)
        assert estimate.std_error[place] == pytest.approx(stats.sem(sample), rel=1e-9)


@pytest.mark.parametrize("size", [1, 2, 7, 40])
def test_holm_against_statsmodels(size: int) -> None:
    p = np.random.default_rng(size).random(size) ** 3
    p[size // 2 :: 3] = p[0]
    np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1], rtol=1e-12)


@given(st.lists(st.floats(0, 1) | st.just(np.nan), max_size=12))
@law()
def test_holm_by_its_definition(p_values: list[float]) -> None:
    """The k-th smallest times what is left, never below a smaller one's; NaN takes no part."""
    found = holm(np.array(p_values))
    known = sorted((p, place) for place, p in enumerate(p_values) if p == p)
    most = 0.0
    for rank, (p, place) in enumerate(known):
        most = max(most, min(1.0, p * (len(known) - rank)))
        assert found[place] == most
    assert np.isnan(found).sum() == len(p_values) - len(known)


@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_mover_of_wilson_is_newcombe(confidence: float) -> None:
    count, n = np.array([56, 9, 0, 10]), np.array([70, 10, 15, 10])
    against, m = np.array([48, 3, 4, 0]), np.array([80, 10, 11, 20])
    first = WilsonInterval(share=count / n, sample=n.astype(float)).bounds(confidence)
    second = WilsonInterval(share=against / m, sample=m.astype(float)).bounds(confidence)
    low, high = mover((count / n, against / m), (first[0], second[0]), (first[1], second[1]))
    for place in range(n.size):
        wanted = confint_proportions_2indep(
            count[place],
            n[place],
            against[place],
            m[place],
            method="newcomb",
            alpha=1 - confidence,
        )
        np.testing.assert_allclose((low[place], high[place]), wanted, **CLOSE)


def test_core_comparison_of_shares_is_newcombe_and_z() -> None:
    """The same through ``Tallied.share`` and the core's comparison; z is unpooled."""
    item = Item(name="q", scale=Scale(low=0, high=1))
    table = np.array([[14, 56, 0, 0], [32, 48, 3, 0]])
    estimate = Tallied(items=(item,), n=table).share([1], term="yes")
    cells = IndependentCells(
        value=estimate.value, std_error=estimate.std_error, interval=estimate.interval
    )
    found = cells.differences(np.array([0]), np.array([1]), 0.95)
    wanted = confint_proportions_2indep(56, 70, 48, 80, method="newcomb")
    np.testing.assert_allclose((found.low[0], found.high[0]), wanted, **CLOSE)
    z = 0.2 / np.sqrt(0.8 * 0.2 / 70 + 0.6 * 0.4 / 80)
    assert found.statistic[0] == pytest.approx(z, rel=1e-12)
    assert found.p[0] == pytest.approx(2 * stats.norm.sf(z), rel=1e-9)
    assert found.method == "z; mover of wilson"


def test_core_comparison_without_an_interval_is_wald() -> None:
    cells = IndependentCells(
        value=np.array([5.0, 3.0]), std_error=np.array([0.3, 0.4]), interval=None
    )
    found = cells.differences(np.array([0, 1]), np.array([1, 0]), 0.95)
    np.testing.assert_allclose(found.value, [2.0, -2.0])
    np.testing.assert_allclose(found.std_error, [0.5, 0.5])
    np.testing.assert_allclose(found.low, np.array([2.0, -2.0]) - 1.959963984540054 * 0.5)
    assert found.method == "z; wald"


def test_core_comparison_without_an_error_has_no_test() -> None:
    """One respondent against one: an error of 0 is no proof."""
    cells = IndependentCells(
        value=np.array([1.0, 0.0, 0.0]),
        std_error=np.zeros(3),
        interval=WilsonInterval(share=np.array([1.0, 0.0, 0.0]), sample=np.ones(3)),
    )
    found = cells.differences(np.array([0, 1]), np.array([1, 2]), 0.95)
    assert np.isnan(found.p).all()
    assert np.isnan(found.statistic).all()
    assert (found.low < found.value).all()


def test_cochran_q_against_statsmodels() -> None:
    value = np.array([10.0, 30.0, 22.0, np.nan, 5.0])
    error = np.array([5.0, 8.0, 3.0, 2.0, 0.0])
    found = cochran_q(value, error)
    assert found is not None
    wanted = combine_effects(value[:3], error[:3] ** 2)
    assert found.statistic == pytest.approx(wanted.q, rel=1e-9)
    assert found.df == 2
    assert found.p == pytest.approx(stats.chi2.sf(wanted.q, 2), rel=1e-9)
    assert "2 cells" in found.message
    assert cochran_q(value[2:4], error[2:4]) is None


@given(MANY)
@law()
def test_chi_square_against_scipy(table: np.ndarray) -> None:
    """An empty class or cell has no expected counts: it takes no part."""
    nets = IndependentNets(counts=table, interval=net_interval("score", table))
    tests = {one.method: one for one in nets.heterogeneity(np.arange(len(table)))}
    told = table[:, table.sum(axis=0) > 0]
    if min(told.shape) < 2:
        assert "chi_square" not in tests
        return
    wanted = stats.chi2_contingency(told, correction=False)
    found = tests["chi_square"]
    assert found.statistic == pytest.approx(wanted.statistic, rel=1e-9, abs=1e-9)
    assert found.df == wanted.dof
    assert found.p == pytest.approx(wanted.pvalue, rel=1e-9, abs=1e-12)
    assert ("below 5" in found.message) == (wanted.expected_freq < 5).any()


def test_nets_compare_by_unpooled_z() -> None:
    counts = np.array([[10, 20, 70], [30, 30, 40]])
    nets = IndependentNets(counts=counts, interval=net_interval("wald", counts))
    found = nets.differences(np.array([0, 1]), np.array([1, 0]), 0.95)
    np.testing.assert_allclose(found.value, [50.0, -50.0])
    error = np.sqrt(6.6332495807108**2 + 100**2 * (0.7 - 0.01) / 100)
    np.testing.assert_allclose(found.std_error, error)
    np.testing.assert_allclose(found.statistic, [50 / error, -50 / error])
    np.testing.assert_allclose(found.p, 2 * stats.norm.sf(50 / error))
    # MOVER of two Wald intervals is the difference's own.
    np.testing.assert_allclose(found.low[0], 50 - 1.959963984540054 * error)


def test_unanimous_nets_are_pooled() -> None:
    counts = np.array([[0, 0, 5], [5, 0, 0], [0, 0, 9]])
    nets = IndependentNets(counts=counts, interval=net_interval("score", counts))
    found = nets.differences(np.array([0, 0]), np.array([1, 2]), 0.95)
    # Half and half: variance 1; z = 2 / sqrt(1/5 + 1/5). Promoters alone: no difference.
    np.testing.assert_allclose(found.statistic, [2 / np.sqrt(0.4), 0.0])
    assert found.p[1] == 1.0


# Laws

#: Every interval there is, made from tables of low, middle and high answers.
MAKERS: dict[str, Callable[[np.ndarray], Interval]] = {
    **{name: lambda table, name=name: net_interval(name, table) for name in NET_INTERVALS},
    "wilson": lambda table: WilsonInterval(
        share=table[:, 2] / table.sum(axis=1), sample=table.sum(axis=1).astype(float)
    ),
    "wilson with t": lambda table: WilsonInterval(
        share=table[:, 2] / table.sum(axis=1),
        sample=table.sum(axis=1) * 0.7,
        df=table.sum(axis=1).astype(float),
    ),
    "normal": lambda table: NormalInterval(centre=table[:, 0] - 7.0, std_error=table[:, 1] + 0.5),
    "t": lambda table: StudentInterval(
        centre=table[:, 0] - 7.0, std_error=table[:, 1] + 0.5, df=table.sum(axis=1).astype(float)
    ),
    "weighted net": lambda table: linearised_net(
        table[:, 0] - 7.0,
        table[:, 1] + 0.0,
        table.sum(axis=1).astype(float),
        effective=0.7 * table,
    ),
}
BOUNDED = {**dict.fromkeys([*NET_INTERVALS, "weighted net"], (-100.0, 100.0))} | dict.fromkeys(
    ["wilson", "wilson with t"], (0.0, 1.0)
)
TESTED = tuple(name for name in MAKERS if name != "bootstrap")


@pytest.mark.parametrize("name", MAKERS)
@given(table=MANY, levels=st.tuples(LEVELS, LEVELS))
@law(25)
def test_bounds_widen_with_confidence(
    name: str, table: np.ndarray, levels: tuple[float, float]
) -> None:
    interval = MAKERS[name](table)
    narrow, wide = (interval.bounds(level) for level in sorted(levels))
    known = np.isfinite(narrow[0])
    assert (wide[0][known] <= narrow[0][known] + 1e-12).all()
    assert (wide[1][known] >= narrow[1][known] - 1e-12).all()
    assert (narrow[0][known] <= narrow[1][known]).all()
    lowest, highest = BOUNDED.get(name, (-np.inf, np.inf))
    assert (wide[0][known] >= lowest).all()
    assert (wide[1][known] <= highest).all()


@given(table=MANY, confidence=LEVELS)
@law()
def test_intervals_hold_their_centre(table: np.ndarray, confidence: float) -> None:
    n = table.sum(axis=1)
    net = 100.0 * (table[:, 2] - table[:, 0]) / n
    adjusted = 100.0 * (table[:, 2] - table[:, 0]) / (n + 3)
    z = normal_quantile(0.5 + confidence / 2)
    centres = {
        "wald": net,
        "score": net,
        "linearised": net,
        "adjusted_wald": adjusted,
        "may_johnson": net * n / (n + z * z),
        "wilson": table[:, 2] / n,
    }
    for name, centre in centres.items():
        low, high = MAKERS[name](table).bounds(confidence)
        known = np.isfinite(low)
        assert (low[known] <= centre[known] + 1e-9).all(), name
        assert (high[known] >= centre[known] - 1e-9).all(), name
    # Symmetric methods have it in the middle, where nothing is clipped.
    for name in ("wald", "adjusted_wald", "linearised", "may_johnson"):
        low, high = MAKERS[name](table).bounds(confidence)
        free = (low > -100) & (high < 100)
        np.testing.assert_allclose(
            (low[free] + high[free]) / 2, centres[name][free], rtol=1e-9, atol=1e-9
        )


@pytest.mark.parametrize("name", TESTED)
@given(table=MANY, confidence=st.floats(0.5, 0.99))
@law(40)
def test_p_at_a_bound_is_what_is_left(name: str, table: np.ndarray, confidence: float) -> None:
    """The interval inverts its own test: at a bound that was not clipped, p = 1 - confidence."""
    interval = MAKERS[name](table)
    lowest, highest = BOUNDED.get(name, (-np.inf, np.inf))
    for bound in interval.bounds(confidence):
        for cell, at in enumerate(bound.tolist()):
            if not lowest < at < highest:
                continue
            found = interval.p_value(at)
            assert found is not None
            if bound_is_a_point(interval, confidence, cell):
                continue
            assert found[cell] == pytest.approx(1 - confidence, rel=1e-6)


def bound_is_a_point(interval: Interval, confidence: float, cell: int) -> bool:
    """Whether an interval has no width, as Wald's where all agree: it has no test there."""
    low, high = interval.bounds(confidence)
    return bool(high[cell] - low[cell] < 1e-9)


@pytest.mark.parametrize("name", TESTED)
@given(table=MANY, confidence=st.floats(0.5, 0.99), null=st.floats(-0.99, 0.99))
@law(40)
def test_p_values_agree_with_bounds(
    name: str, table: np.ndarray, confidence: float, null: float
) -> None:
    """Below 1 - confidence outside the bounds, above it inside."""
    lowest, highest = BOUNDED.get(name, (-100.0, 100.0))
    at = lowest + (highest - lowest) * (null + 1) / 2
    interval = MAKERS[name](table)
    found = interval.p_value(at)
    assert found is not None
    low, high = interval.bounds(confidence)
    for cell in range(len(table)):
        if bound_is_a_point(interval, confidence, cell) or not np.isfinite(low[cell]):
            continue
        margin = 1e-6 * (highest - lowest)
        if low[cell] + margin < at < high[cell] - margin:
            assert found[cell] > 1 - confidence
        elif at < low[cell] - margin or at > high[cell] + margin:
            assert found[cell] < 1 - confidence


@pytest.mark.parametrize("name", MAKERS)
@given(table=MANY)
@law(20)
def test_cells_together_equal_cells_alone(name: str, table: np.ndarray) -> None:
    """To the bit: a cell's interval and test never depend on its neighbours."""
    together = MAKERS[name](table)
    low, high = together.bounds(0.95)
    p = together.p_value(0.25)
    for cell in range(len(table)):
        alone = MAKERS[name](table[cell : cell + 1])
        np.testing.assert_array_equal(
            alone.bounds(0.95), (low[cell : cell + 1], high[cell : cell + 1])
        )
        if p is not None:
            np.testing.assert_array_equal(alone.p_value(0.25), p[cell : cell + 1])


@given(table=MANY, data=st.data())
@law()
def test_comparisons_together_equal_comparisons_alone(table: np.ndarray, data: Any) -> None:
    assume(len(table) > 1)
    cell = st.integers(0, len(table) - 1)
    pairs = np.array(data.draw(st.lists(st.tuples(cell, cell), min_size=1, max_size=6)))
    shares = MAKERS["wilson"](table)
    value = table[:, 2] / table.sum(axis=1)
    error = np.sqrt(value * (1 - value) / table.sum(axis=1))
    for comparison in (
        IndependentNets(counts=table, interval=net_interval("score", table)),
        IndependentCells(value=value, std_error=error, interval=shares),
    ):
        together = comparison.differences(pairs[:, 0], pairs[:, 1], 0.95)
        for place, (first, second) in enumerate(pairs):
            alone = comparison.differences(np.array([first]), np.array([second]), 0.95)
            for name in ("value", "std_error", "low", "high", "statistic", "p"):
                np.testing.assert_array_equal(
                    getattr(alone, name), getattr(together, name)[place : place + 1]
                )


ELEVEN = Item(name="q", scale=Scale(low=0, high=10))


def tallied(n: np.ndarray, w: np.ndarray | None = None, w2: np.ndarray | None = None) -> Tallied:
    return Tallied(items=(ELEVEN,), n=n, w=w, w2=w2, survey_rows=5000)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("seed", range(3))
def test_estimates_of_cells_together_equal_estimates_alone(
    weighted: bool, order: Any, seed: int
) -> None:
    """To the bit, weights and fractional scores included: sums run in one order, always.

    However the arrays lie in memory, which decides how numpy groups its terms.
    """
    rng = np.random.default_rng(seed)
    n = np.asarray(rng.integers(0, 6, (40, ELEVEN.size)), order=order)
    w = n * np.asarray(rng.lognormal(size=n.shape), order=order) if weighted else None
    w2 = w * w / np.maximum(n, 1) if w is not None else None
    scores = {value: 0.1 * value * value for value in range(11)}
    whole = tallied(n, w, w2)
    for make in (
        lambda one: one.share([9, 10], term="top"),
        lambda one: one.share(range(7), term="low"),
        lambda one: one.mean(scores),
        lambda one: one.net([9, 10], range(7), term="net"),
    ):
        together = make(whole)
        for cell in range(len(n)):
            here = slice(cell, cell + 1)
            alone = make(
                tallied(n[here], None if w is None else w[here], None if w2 is None else w2[here])
            )
            for name in ("value", "std_error", "weighted_base", "effective_base"):
                np.testing.assert_array_equal(getattr(alone, name), getattr(together, name)[here])


def test_unanimous_answers_are_exactly_unanimous_under_weights() -> None:
    """Rounding must not make 0.9999999999999999 of it: Wilson's sample would be 1e16."""
    rng = np.random.default_rng(3)
    n = np.zeros((300, ELEVEN.size), dtype=np.int64)
    n[:, :7] = rng.integers(1, 5, (300, 7))
    w = n * rng.lognormal(size=n.shape)
    whole = tallied(n, w, w * w / np.maximum(n, 1))
    low_share = whole.share(range(7), term="low")
    assert set(low_share.value.tolist()) == {1.0}
    assert set(low_share.std_error.tolist()) == {0.0}
    assert low_share.interval is not None
    low, high = low_share.interval.bounds(0.95)
    assert low.max() < 0.95
    assert set(high.tolist()) == {1.0}
    net = whole.net([9, 10], range(7), term="net")
    assert set(net.value.tolist()) == {-100.0}
    assert set(net.std_error.tolist()) == {0.0}
    assert set(whole.share([9, 10], term="top").value.tolist()) == {0.0}


@pytest.mark.parametrize("name", [name for name in TESTED if name != "weighted net"])
def test_what_is_met_exactly_is_not_refused(name: str) -> None:
    """p is 1 against the estimate itself, also where nothing varies; nobody has no p."""
    unanimous = {"wald": (0, 0, 5), "score": (0, 5, 0), "may_johnson": (0, 5, 0)}
    table = np.array([unanimous.get(name, (3, 4, 3)), (0, 0, 5), (5, 0, 0)])
    interval = MAKERS[name](table)
    if isinstance(interval, NormalInterval | StudentInterval):
        centre = interval.centre
    elif isinstance(interval, WilsonInterval):
        centre = interval.share
    else:
        centre = 100.0 * (table[:, 2] - table[:, 0]) / table.sum(axis=1)
    for cell, null in enumerate(centre.tolist()):
        found = interval.p_value(null)
        assert found is not None
        assert found[cell] == 1.0


# Nets by hand


def test_unknown_intervals() -> None:
    with pytest.raises(
        ValueError, match="'tango' is no interval of a net; there are adjusted_wald"
    ):
        net_interval("tango", np.array([[1, 2, 3]]))
    with pytest.raises(ValueError, match="rests on plain counts"):
        linearised_net(np.zeros(1), np.ones(1), np.ones(1), "score", effective=np.ones((1, 3)))


@pytest.mark.parametrize("name", NET_INTERVALS)
def test_nobody_has_no_bounds(name: str) -> None:
    low, high = net_interval(name, np.array([[0, 0, 0], [1, 1, 2]])).bounds(0.95)
    assert np.isnan([low[0], high[0]]).all()
    assert np.isfinite([low[1], high[1]]).all()


def test_which_intervals_rest_on_counts() -> None:
    counts = np.array([[1, 2, 3]])
    found = {name for name in NET_INTERVALS if net_interval(name, counts).from_counts}
    assert found == {"adjusted_wald", "score", "may_johnson", "bootstrap"}


@given(table=MANY)
@law()
def test_swapping_ends_mirrors_the_interval(table: np.ndarray) -> None:
    for name in ("adjusted_wald", "score", "wald", "may_johnson", "linearised"):
        low, high = net_interval(name, table).bounds(0.9)
        mirrored = net_interval(name, table[:, ::-1]).bounds(0.9)
        np.testing.assert_allclose((-mirrored[1], -mirrored[0]), (low, high), rtol=1e-9, atol=1e-9)
