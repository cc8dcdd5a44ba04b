"""Intervals, tests and multiplicity, once for every metric.

All of it works on arrays with the cell axis first. An interval is an object, not a pair of
numbers: it gives bounds at any level, a p-value against any fixed value, the name of its method,
and says when it rests on plain counts, so that the core can refuse it under weights.
"""

from __future__ import annotations

import statistics
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]

#: Expected counts below this make the chi-square approximation doubtful (Cochran 1954).
SMALL_EXPECTED = 5.0


def normal_quantile(probability: float) -> float:
    """The quantile of the standard normal distribution."""
    return statistics.NormalDist().inv_cdf(probability)


def normal_two_sided(z: FloatArray) -> FloatArray:
    """The two-sided p-value of a standard normal statistic; NaN stays NaN."""
    from scipy.special import ndtr

    return np.asarray(2.0 * ndtr(-np.abs(z)), dtype=np.float64)


def student_quantile(probability: float, df: FloatArray) -> FloatArray:
    """The quantile of Student's t, by degrees of freedom; NaN where there are none."""
    from scipy.special import stdtrit

    degrees, places = np.unique(np.asarray(df, dtype=np.float64), return_inverse=True)
    usable = np.where(degrees > 0, degrees, np.nan)
    return np.asarray(stdtrit(usable, probability)[places], dtype=np.float64)


def student_two_sided(t: FloatArray, df: FloatArray) -> FloatArray:
    """The two-sided p-value of a Student's t statistic; NaN where it is undefined."""
    from scipy.special import stdtr

    usable = np.where(df > 0, df, np.nan)
    return np.asarray(2.0 * stdtr(usable, -np.abs(t)), dtype=np.float64)


def chi_square_upper(statistic: float, df: int) -> float:
    """The upper tail of the chi-square distribution."""
    from scipy.special import chdtrc

    return float(chdtrc(df, statistic))


def two_sided_level(confidence: float) -> float:
    """The probability below the upper bound of a two-sided interval."""
    return 0.5 + confidence / 2.0


def holm(p_values: FloatArray) -> FloatArray:
    """P-values adjusted by Holm's step-down method (Holm 1979); NaN takes no part.

    Args:
        p_values: One family of tests, any order.
    """
    p = np.asarray(p_values, dtype=np.float64)
    adjusted = np.full(p.shape, np.nan)
    known = np.flatnonzero(~np.isnan(p))
    if known.size == 0:
        return adjusted
    order = known[np.argsort(p[known], kind="stable")]
    steps = np.arange(order.size, 0, -1, dtype=np.float64)
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * steps), 1.0)
    return adjusted


def kish(weighted: FloatArray, squared: FloatArray) -> FloatArray:
    """Kish's effective base: the square of the sum of weights over the sum of squares (1965)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(squared > 0, weighted * weighted / squared, 0.0)


def standardised(difference: FloatArray, std_error: FloatArray) -> FloatArray:
    """A difference over its standard error; 0 where both are 0, as what is met is not refused."""
    with np.errstate(divide="ignore", invalid="ignore"):
        met = (difference == 0) & (std_error == 0)
        return np.where(met, 0.0, difference / std_error)


class Interval(ABC):
    """How sure an estimate is, for all cells at once.

    Attributes:
        method: The method's name, as results and reports show it.
        from_counts: Whether the method needs plain counts. The core refuses such an interval when
            the responses are weighted.
    """

    method: str
    from_counts: bool = False

    @abstractmethod
    def bounds(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds by cell at a two-sided confidence level between 0 and 1."""

    def p_value(self, null: float) -> FloatArray | None:
        """The two-sided p-value by cell against a fixed value; None where the method has none."""
        return None


@frozen(kw_only=True, eq=False)
class NormalInterval(Interval):
    """Centre plus and minus z standard errors (Wald), clipped where a range is given.

    Attributes:
        centre: The middle, by cell.
        std_error: The standard error, by cell.
        method: The method's name.
        low: The least value there can be.
        high: The greatest value there can be.
        from_counts: As ``Interval``.
    """

    centre: FloatArray
    std_error: FloatArray
    method: str = "wald"
    low: float = -np.inf
    high: float = np.inf
    from_counts: bool = False

    def bounds(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds by cell."""
        reach = normal_quantile(two_sided_level(confidence)) * self.std_error
        return (
            np.clip(self.centre - reach, self.low, self.high),
            np.clip(self.centre + reach, self.low, self.high),
        )

    def p_value(self, null: float) -> FloatArray:
        """The z test's two-sided p-value."""
        return normal_two_sided(standardised(self.centre - null, self.std_error))


@frozen(kw_only=True, eq=False)
class StudentInterval(Interval):
    """Centre plus and minus t standard errors, degrees of freedom by cell (Student 1908).

    Attributes:
        centre: The middle, by cell.
        std_error: The standard error, by cell.
        df: Degrees of freedom, by cell; without any there is no interval.
        method: The method's name: ``"t"``, or ``"linearised"`` for weighted estimates.
        low: The least value there can be.
        high: The greatest value there can be.
    """

    centre: FloatArray
    std_error: FloatArray
    df: FloatArray
    method: str = "t"
    low: float = -np.inf
    high: float = np.inf

    def bounds(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds by cell."""
        reach = student_quantile(two_sided_level(confidence), self.df) * self.std_error
        return (
            np.clip(self.centre - reach, self.low, self.high),
            np.clip(self.centre + reach, self.low, self.high),
        )

    def p_value(self, null: float) -> FloatArray:
        """The t test's two-sided p-value."""
        return student_two_sided(standardised(self.centre - null, self.std_error), self.df)


@frozen(kw_only=True, eq=False)
class WilsonInterval(Interval):
    """The score interval of a proportion (Wilson 1927), on an effective sample where weighted.

    Under weights the sample size is the one that would give the linearised standard error,
    p(1-p)/SE² (Korn and Graubard 1998), and t stands for z.

    Attributes:
        share: The proportion, by cell.
        sample: The sample size, by cell; it need not be whole.
        df: Degrees of freedom where t stands for z; None for z.
        method: The method's name.
    """

    share: FloatArray
    sample: FloatArray
    df: FloatArray | None = None
    method: str = "wilson"

    def bounds(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds by cell, inside 0 to 1."""
        level = two_sided_level(confidence)
        z: Any = normal_quantile(level) if self.df is None else student_quantile(level, self.df)
        with np.errstate(divide="ignore", invalid="ignore"):
            n, p, square = self.sample, self.share, z * z
            centre = (p + square / (2 * n)) / (1 + square / n)
            reach = z * np.sqrt(p * (1 - p) / n + square / (4 * n * n)) / (1 + square / n)
            # The bound at an end of the scale is the end itself, not 1e-17 beside it.
            low = np.where(p <= 0, 0.0 * centre, np.maximum(centre - reach, 0.0))
            high = np.where(p >= 1, 1.0 + 0.0 * centre, np.minimum(centre + reach, 1.0))
        return low, high

    def p_value(self, null: float) -> FloatArray:
        """The score test's two-sided p-value; the null's own variance is used."""
        with np.errstate(divide="ignore", invalid="ignore"):
            z = standardised(self.share - null, np.sqrt(null * (1 - null) / self.sample))
        return normal_two_sided(z) if self.df is None else student_two_sided(z, self.df)


@frozen(kw_only=True, eq=False)
class ScaledInterval(Interval):
    """An interval times a number.

    Attributes:
        interval: The interval.
        factor: The number, not 0.
    """

    interval: Interval
    factor: float
    method: str = field(init=False)
    from_counts: bool = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "method", self.interval.method)
        object.__setattr__(self, "from_counts", self.interval.from_counts)

    def bounds(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds by cell; a negative number turns them round."""
        low, high = self.interval.bounds(confidence)
        if self.factor < 0:
            low, high = high, low
        return self.factor * low, self.factor * high

    def p_value(self, null: float) -> FloatArray | None:
        """The interval's own, at the value that becomes null."""
        return self.interval.p_value(null / self.factor)


@frozen(kw_only=True, eq=False)
class PickedInterval(Interval):
    """Some cells of an interval, in any order and as often as wanted.

    Attributes:
        interval: The interval.
        places: The cell of each of these; below 0 for a cell that it does not have.
    """

    interval: Interval
    places: IntArray
    method: str = field(init=False)
    from_counts: bool = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "method", self.interval.method)
        object.__setattr__(self, "from_counts", self.interval.from_counts)

    def bounds(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds by cell; NaN where there is no such cell."""
        low, high = self.interval.bounds(confidence)
        return self._picked(low), self._picked(high)

    def p_value(self, null: float) -> FloatArray | None:
        """The interval's own."""
        p = self.interval.p_value(null)
        return None if p is None else self._picked(p)

    def _picked(self, values: FloatArray) -> FloatArray:
        with_none = np.append(values, np.nan)
        return with_none[np.where(self.places < 0, -1, self.places)]


def bisect(
    sign: Callable[[FloatArray], NDArray[np.bool_]],
    low: FloatArray,
    high: FloatArray,
    steps: int = 64,
) -> FloatArray:
    """Where a condition turns from true to false, by halving, elementwise.

    The number of steps is fixed, so that a cell's answer does not depend on its neighbours.

    Args:
        sign: For points, whether the turn lies above each.
        low: Points below the turn.
        high: Points above it.
        steps: Halvings; 64 reach the last bit of any double.
    """
    below, above = low.copy(), high.copy()
    for _ in range(steps):
        middle = 0.5 * (below + above)
        up = sign(middle)
        below = np.where(up, middle, below)
        above = np.where(up, above, middle)
    return 0.5 * (below + above)


@frozen(kw_only=True, eq=False)
class Contrast:
    """Differences between pairs of cells, with their test.

    Attributes:
        value: First minus second, by pair.
        std_error: Standard error, by pair.
        low: Lower bound, by pair.
        high: Upper bound, by pair.
        statistic: The test's statistic, by pair.
        p: Two-sided p-value, by pair, not adjusted.
        method: What was done: ``"z; mover"``.
    """

    value: FloatArray
    std_error: FloatArray
    low: FloatArray
    high: FloatArray
    statistic: FloatArray
    p: FloatArray
    method: str

    @classmethod
    def wald(
        cls, value: FloatArray, std_error: FloatArray, confidence: float = 0.95, method: str = "z"
    ) -> Contrast:
        """Differences with their z test and Wald's interval."""
        reach = normal_quantile(two_sided_level(confidence)) * std_error
        with np.errstate(divide="ignore", invalid="ignore"):
            z = np.where(std_error > 0, value / std_error, np.nan)
        return cls(
            value=value,
            std_error=std_error,
            low=value - reach,
            high=value + reach,
            statistic=z,
            p=normal_two_sided(z),
            method=method,
        )


@frozen(kw_only=True)
class Heterogeneity:
    """A test of whether several cells share one value.

    Attributes:
        statistic: The test's statistic.
        df: Degrees of freedom.
        p: The p-value.
        method: The test's name: ``"cochran_q"``, ``"chi_square"``.
        message: What to know about it: cells left out, expected counts that are small.
    """

    statistic: float
    df: int
    p: float
    method: str
    message: str = field(default="")


class Comparison(ABC):
    """How cells of one estimate are held against each other. A metric may bring its own."""

    @abstractmethod
    def differences(self, first: IntArray, second: IntArray, confidence: float) -> Contrast:
        """First cells minus second cells, pair by pair. The pairs answer independently."""

    def heterogeneity(self, cells: IntArray) -> tuple[Heterogeneity, ...]:
        """Whether the cells share one value; none where no test is known."""
        return ()


def mover(
    value: tuple[FloatArray, FloatArray],
    low: tuple[FloatArray, FloatArray],
    high: tuple[FloatArray, FloatArray],
) -> tuple[FloatArray, FloatArray]:
    """Bounds of a difference from the bounds of its two parts (MOVER; Zou and Donner 2008).

    For two shares with Wilson bounds this is Newcombe's interval (1998).

    Args:
        value: The two estimates.
        low: Their lower bounds.
        high: Their upper bounds.
    """
    difference = value[0] - value[1]
    down = np.sqrt((value[0] - low[0]) ** 2 + (high[1] - value[1]) ** 2)
    up = np.sqrt((high[0] - value[0]) ** 2 + (value[1] - low[1]) ** 2)
    return difference - down, difference + up


def cochran_q(value: FloatArray, std_error: FloatArray) -> Heterogeneity | None:
    """Cochran's Q: estimates about their inverse-variance mean, chi-square with k-1 (1954).

    A cell without a standard error, or with one of 0, can't be weighed and is left out; the
    message says how many. None with fewer than two cells left.
    """
    usable = np.isfinite(value) & np.isfinite(std_error) & (std_error > 0)
    left_out = int(value.size - usable.sum())
    if usable.sum() < 2:
        return None
    weight = 1.0 / std_error[usable] ** 2
    centre = float(np.sum(weight * value[usable]) / np.sum(weight))
    statistic = float(np.sum(weight * (value[usable] - centre) ** 2))
    df = int(usable.sum()) - 1
    message = f"{left_out} cells without a standard error above 0 left out" if left_out else ""
    return Heterogeneity(
        statistic=statistic,
        df=df,
        p=chi_square_upper(statistic, df),
        method="cochran_q",
        message=message,
    )


def chi_square_table(table: IntArray) -> Heterogeneity | None:
    """Pearson's chi-square of a table of groups by classes, not corrected (Pearson 1900).

    Groups and classes without a single answer are left out. None with fewer than two of either.

    Args:
        table: Answers by group and class: (groups, classes).
    """
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    if min(table.shape) < 2:
        return None
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    statistic = float(np.sum((table - expected) ** 2 / expected))
    df = (table.shape[0] - 1) * (table.shape[1] - 1)
    small = int(np.sum(expected < SMALL_EXPECTED))
    return Heterogeneity(
        statistic=statistic,
        df=df,
        p=chi_square_upper(statistic, df),
        method="chi_square",
        message=f"{small} of {expected.size} expected counts below 5" if small else "",
    )


@frozen(kw_only=True, eq=False)
class IndependentCells(Comparison):
    """The core's comparison: unpooled z on the estimates, MOVER from their own intervals.

    Attributes:
        value: Estimates, by cell.
        std_error: Standard errors, by cell.
        interval: The estimates' interval.
        test: What the test is called.
    """

    value: FloatArray
    std_error: FloatArray
    interval: Interval | None
    test: str = "z"

    def differences(self, first: IntArray, second: IntArray, confidence: float) -> Contrast:
        """First cells minus second cells, pair by pair."""
        value = (self.value[first], self.value[second])
        difference = value[0] - value[1]
        std_error = np.hypot(self.std_error[first], self.std_error[second])
        with np.errstate(divide="ignore", invalid="ignore"):
            z = difference / self._scale(first, second, std_error)
            if self.interval is None:
                reach = normal_quantile(two_sided_level(confidence)) * std_error
                low, high, method = difference - reach, difference + reach, f"{self.test}; wald"
            else:
                lows, highs = self.interval.bounds(confidence)
                low, high = mover(value, (lows[first], lows[second]), (highs[first], highs[second]))
                method = f"{self.test}; mover of {self.interval.method}"
        return Contrast(
            value=difference,
            std_error=std_error,
            low=low,
            high=high,
            statistic=z,
            p=normal_two_sided(z),
            method=method,
        )

    def _scale(self, first: IntArray, second: IntArray, std_error: FloatArray) -> FloatArray:
        """What the difference is measured by; NaN where a side has no error to test by.

        A cell whose answers all agree has an error of 0, which is no certainty: it gets no test,
        not one that is surer the fewer its answers are.
        """
        unanimous = (self.std_error[first] == 0) | (self.std_error[second] == 0)
        return np.where(unanimous, np.nan, std_error)

    def heterogeneity(self, cells: IntArray) -> tuple[Heterogeneity, ...]:
        """Cochran's Q."""
        test = cochran_q(self.value[cells], self.std_error[cells])
        return () if test is None else (test,)


@frozen(kw_only=True, eq=False)
class IndependentShares(IndependentCells):
    """The comparison of shares: unpooled z, pooled where a side is unanimous.

    Attributes:
        sample: The sample each share rests on, by cell; the effective one under weights.
    """

    sample: FloatArray

    def _scale(self, first: IntArray, second: IntArray, std_error: FloatArray) -> FloatArray:
        """The unpooled error; where a side has none, that of both sides together."""
        n, other = self.sample[first], self.sample[second]
        share = (n * self.value[first] + other * self.value[second]) / (n + other)
        pooled = np.sqrt(share * (1 - share) * (1 / n + 1 / other))
        unanimous = (self.std_error[first] == 0) | (self.std_error[second] == 0)
        return np.where(unanimous & (pooled > 0), pooled, np.where(unanimous, np.nan, std_error))
