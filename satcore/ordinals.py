"""Quantiles of ordinal answers, and tests of whole distributions, from frequency tables.

The p-quantile of a table is the answer at which the cumulative share reaches p; where a share of
exactly p lies at or below an answer, it is halfway to the next answer that was given (definition 2
of Hyndman and Fan 1996; the median of a sample as schools teach it). Its interval consists of
answers of the scale: for plain counts the order statistics that hold the population's quantile
with at least the confidence asked for, whatever the distribution, as the binomial says (Thompson
1936; David and Nagaraja 2003, section 7.1); under weights the answers whose cumulative share does
not differ from p (Woodruff 1952, by test inversion as Francisco and Fuller 1991).

A quantile of a few answers has no useful standard error: what it does from sample to sample is to
stay or to jump. So it has an interval and no error.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import frozen

from satcore.inference import (
    Comparison,
    Contrast,
    FloatArray,
    Heterogeneity,
    IntArray,
    Interval,
    WilsonInterval,
    chi_square_table,
    chi_square_upper,
    mover,
    normal_two_sided,
    two_sided_level,
)

#: How near a cumulative share has to come to be the one that is asked for.
_EXACT = 1e-12


def quantile(weights: FloatArray, values: FloatArray, probability: float) -> FloatArray:
    """The quantile of every cell; NaN for one without answers.

    Args:
        weights: Answers or their weights by cell and answer, in the order of the values.
        values: The answers' values, ascending.
        probability: Above 0 and below 1.
    """
    cumulative = np.cumsum(weights, axis=1)
    total = cumulative[:, -1:]
    sought = probability * total
    slack = _EXACT * total
    at_least = np.argmax(cumulative >= sought - slack, axis=1)
    # Answers that nobody gave do not raise the sum, so that none of them is found.
    above = np.argmax(cumulative > sought + slack, axis=1)
    middle = 0.5 * (values[at_least] + values[above])
    return np.where(total[:, 0] > 0, middle, np.nan)


def _first_true(flags: np.ndarray, values: FloatArray, otherwise: float) -> FloatArray:
    return np.where(flags.any(axis=1), values[np.argmax(flags, axis=1)], otherwise)


@frozen(kw_only=True, eq=False)
class OrderStatisticInterval(Interval):
    """Order statistics about a quantile; the scale's end where none reaches far enough.

    Attributes:
        counts: Answers by cell and value, in the order of the values.
        values: The values, ascending.
        probability: Which quantile.
    """

    counts: IntArray
    values: FloatArray
    probability: float
    method: str = "order_statistic"
    from_counts: bool = True

    def bounds(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """The answers that bound the quantile, by cell."""
        from scipy.special import bdtr

        level = two_sided_level(confidence)
        cumulative = np.cumsum(self.counts, axis=1)
        n = cumulative[:, -1:]
        # The l-th answer bounds below where P(fewer than l at or below it) is at most a tail.
        reached = bdtr(cumulative.astype(np.float64), n, self.probability)
        before = bdtr(np.maximum(cumulative - 1.0, 0.0), n, self.probability)
        before = np.where(cumulative > 0, before, 0.0)
        low = _first_true(reached >= 1.0 - level, self.values, self.values[0])
        high = _first_true(before >= level, self.values, self.values[-1])
        nobody = n[:, 0] == 0
        return np.where(nobody, np.nan, low), np.where(nobody, np.nan, high)


@frozen(kw_only=True, eq=False)
class WoodruffInterval(Interval):
    """Answers whose cumulative share does not differ from the quantile's, for weighted answers.

    Attributes:
        shares: Cumulative shares with their intervals, one an answer, in the answers' order.
        values: The values, ascending.
        probability: Which quantile.
    """

    shares: Sequence[WilsonInterval]
    values: FloatArray
    probability: float
    method: str = "woodruff"

    def bounds(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """The answers that bound the quantile, by cell."""
        bounds = [one.bounds(confidence) for one in self.shares]
        lows = np.stack([low for low, _ in bounds], axis=1)
        highs = np.stack([high for _, high in bounds], axis=1)
        unknown = np.isnan(lows).any(axis=1) | np.isnan(highs).any(axis=1)
        low = _first_true(highs >= self.probability, self.values, self.values[0])
        high = _first_true(lows >= self.probability, self.values, self.values[-1])
        return np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)


def _mid_ranks(table: FloatArray) -> FloatArray:
    """The mean rank of every answer, ties shared: (tables, answers)."""
    upto = np.cumsum(table, axis=1)
    return upto - 0.5 * table


@frozen(kw_only=True, eq=False)
class RankedCells(Comparison):
    """Whole distributions of ordinal answers, held against each other by ranks.

    Two cells are compared by the test of Mann and Whitney, corrected for ties, not for continuity;
    several by that of Kruskal and Wallis and by the chi-square of the table of answers by cell. The
    difference shown is that of the quantiles, with MOVER on their intervals.

    Under weights ranks are those of the weighted answers of both sides, and the error of their
    means is linearised (Lumley and Scott 2013); several cells are not tested then.

    Attributes:
        value: The quantiles, by cell.
        interval: Their interval.
        counts: Answers by cell and value, in the order of the values.
        weights: Sums of weights, likewise; None without weights.
        squares: Sums of squared weights, likewise.
        survey_rows: Kept responses of the whole survey.
    """

    value: FloatArray
    interval: Interval
    counts: IntArray
    weights: FloatArray | None = None
    squares: FloatArray | None = None
    survey_rows: int = 0

    def differences(self, first: IntArray, second: IntArray, confidence: float) -> Contrast:
        """First cells minus second cells; z is above 0 where the first tends to answer higher."""
        lows, highs = self.interval.bounds(confidence)
        value = (self.value[first], self.value[second])
        low, high = mover(value, (lows[first], lows[second]), (highs[first], highs[second]))
        z, test = self._mann_whitney(first, second)
        return Contrast(
            value=value[0] - value[1],
            std_error=np.full(z.shape, np.nan),
            low=low,
            high=high,
            statistic=z,
            p=normal_two_sided(z),
            method=f"{test}; mover of {self.interval.method}",
        )

    def _mann_whitney(self, first: IntArray, second: IntArray) -> tuple[FloatArray, str]:
        if self.weights is not None and self.squares is not None:
            return self._weighted_ranks(self.weights, self.squares, first, second), "rank_z"
        mine = self.counts[first].astype(np.float64)
        theirs = self.counts[second].astype(np.float64)
        both = mine + theirs
        n, m = mine.sum(axis=1), theirs.sum(axis=1)
        whole = n + m
        with np.errstate(divide="ignore", invalid="ignore"):
            # Pairs in which the first is the higher one, ties half.
            wins = np.sum(mine * (_mid_ranks(both) - _mid_ranks(mine)), axis=1)
            ties = np.sum(both**3 - both, axis=1)
            variance = n * m / 12 * (whole + 1 - ties / (whole * (whole - 1)))
            z = (wins - n * m / 2) / np.sqrt(variance)
        return np.where(variance > 0, z, np.nan), "mann_whitney"

    def _weighted_ranks(
        self, weights: FloatArray, squares: FloatArray, first: IntArray, second: IntArray
    ) -> FloatArray:
        both = weights[first] + weights[second]
        with np.errstate(divide="ignore", invalid="ignore"):
            ranks = _mid_ranks(both) / both.sum(axis=1, keepdims=True)
            means, variances = [], []
            for cells in (first, second):
                total = weights[cells].sum(axis=1)
                mean = np.sum(weights[cells] * ranks, axis=1) / total
                spread = np.sum(squares[cells] * (ranks - mean[:, None]) ** 2, axis=1)
                means.append(mean)
                variances.append(spread / total**2)
            factor = self.survey_rows / (self.survey_rows - 1) if self.survey_rows > 1 else np.nan
            error = np.sqrt(factor * (variances[0] + variances[1]))
            z = (means[0] - means[1]) / error
        enough = (self.counts[first].sum(axis=1) > 1) & (self.counts[second].sum(axis=1) > 1)
        return np.where(enough & (error > 0), z, np.nan)

    def heterogeneity(self, cells: IntArray) -> tuple[Heterogeneity, ...]:
        """Kruskal and Wallis's test, and chi-square of the table of answers by cell."""
        if self.weights is not None:
            return ()
        table = self.counts[cells]
        tests = (_kruskal_wallis(table), chi_square_table(table))
        return tuple(test for test in tests if test is not None)


def _kruskal_wallis(table: IntArray) -> Heterogeneity | None:
    """The test of Kruskal and Wallis (1952), corrected for ties; None where nothing varies."""
    table = table[table.sum(axis=1) > 0]
    groups = table.sum(axis=1).astype(np.float64)
    both = table.sum(axis=0).astype(np.float64)
    n = both.sum()
    if len(groups) < 2 or np.count_nonzero(both) < 2:
        return None
    ranks = _mid_ranks(both[None])[0] + 0.5
    mean = (table * ranks).sum(axis=1) / groups
    raw = 12 / (n * (n + 1)) * np.sum(groups * (mean - (n + 1) / 2) ** 2)
    statistic = float(raw / (1 - np.sum(both**3 - both) / (n**3 - n)))
    df = len(groups) - 1
    return Heterogeneity(
        statistic=statistic,
        df=df,
        p=chi_square_upper(statistic, df),
        method="kruskal_wallis",
    )
