"""Intervals and tests of a net share: the share of one class less the share of another.

The net of three classes (low, middle, high) is what the Net Promoter Score, a top-minus-bottom
box and a gain-loss balance have in common; a paired difference of proportions is the same
trinomial. Counts are arrays (cells, 3) in the order low, middle, high; results are in points,
from -100 to 100.

Sources: Rocks (2016), The American Statistician 70, "Interval estimation for the Net Promoter
Score" (Wald, adjusted Wald with pseudo-counts 3/4, 3/2, 3/4, score); Tango (1998), Statistics in
Medicine 17 (score); May and Johnson (1997), Statistical Methods in Medical Research.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from attrs import frozen

from satcore.inference import (
    Comparison,
    Contrast,
    FloatArray,
    Heterogeneity,
    IntArray,
    Interval,
    NormalInterval,
    StudentInterval,
    bisect,
    chi_square_table,
    cochran_q,
    mover,
    normal_quantile,
    normal_two_sided,
    standardised,
    two_sided_level,
)

#: Pseudo-answers that the adjusted Wald interval adds to low, middle and high.
ADJUSTMENT = np.array([0.75, 1.5, 0.75])

#: Resamples of the bootstrap interval.
BOOTSTRAP_RESAMPLES = 2_000


def _net(counts: FloatArray | IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Net, its variance, and the number of answers, by cell, as proportions."""
    with np.errstate(divide="ignore", invalid="ignore"):
        n = counts.sum(axis=1).astype(np.float64)
        net = (counts[:, 2] - counts[:, 0]) / n
        spread = (counts[:, 2] + counts[:, 0]) / n
        # Counts make the difference exact where all answers agree; rounding must not go below 0.
        return net, np.maximum(spread - net * net, 0.0) / n, n


@frozen(kw_only=True, eq=False)
class ScoreNet(Interval):
    """The score interval: values that a score test on the constrained likelihood doesn't refuse.

    Attributes:
        counts: Low, middle and high answers by cell.
    """

    counts: IntArray
    method: str = "score"
    from_counts: bool = True

    def _statistic(self, null: FloatArray) -> FloatArray:
        """(net - null) over its standard error if null were true (Tango 1998)."""
        low = self.counts[:, 0].astype(np.float64)
        high = self.counts[:, 2].astype(np.float64)
        n = self.counts.sum(axis=1).astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            a = 2 * n
            b = -low - high + (2 * n - high + low) * null
            c = -low * null * (1 - null)
            likely = (np.sqrt(np.maximum(b * b - 4 * a * c, 0.0)) - b) / (2 * a)
            variance = np.maximum(2 * likely + null - null * null, 0.0) / n
            return standardised((high - low) / n - null, np.sqrt(variance))

    def bounds(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds by cell, in points; found by 64 halvings."""
        z = normal_quantile(two_sided_level(confidence))
        net, _, n = _net(self.counts)
        ends = np.ones_like(net)
        with np.errstate(invalid="ignore"):
            low = bisect(lambda null: self._statistic(null) > z, -ends, np.where(n > 0, net, 0.0))
            high = bisect(lambda null: self._statistic(null) > -z, np.where(n > 0, net, 0.0), ends)
        low = np.where(net <= -1, -1.0, low)
        high = np.where(net >= 1, 1.0, high)
        nobody = n == 0
        return 100 * np.where(nobody, np.nan, low), 100 * np.where(nobody, np.nan, high)

    def p_value(self, null: float) -> FloatArray:
        """The score test's two-sided p-value; ``null`` in points."""
        return normal_two_sided(self._statistic(np.full(len(self.counts), null / 100.0)))


@frozen(kw_only=True, eq=False)
class MayJohnsonNet(Interval):
    """The quadratic interval of May and Johnson: Wald's test with the variance at the null's net.

    Attributes:
        counts: Low, middle and high answers by cell.
    """

    counts: IntArray
    method: str = "may_johnson"
    from_counts: bool = True

    def bounds(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds by cell, in points."""
        z = normal_quantile(two_sided_level(confidence))
        net, variance, n = _net(self.counts)
        with np.errstate(invalid="ignore"):
            spread = variance * n + net * net
            reach = z * np.sqrt(n * n * variance + z * z * spread)
            low, high = (n * net - reach) / (n + z * z), (n * net + reach) / (n + z * z)
        return 100 * np.clip(low, -1, 1), 100 * np.clip(high, -1, 1)

    def p_value(self, null: float) -> FloatArray:
        """The test that the interval inverts; ``null`` in points."""
        net, variance, n = _net(self.counts)
        with np.errstate(divide="ignore", invalid="ignore"):
            at_null = variance + (net * net - (null / 100) ** 2) / n
            error = np.sqrt(np.maximum(at_null, 0.0))
            return normal_two_sided(standardised(net - null / 100, error))


@frozen(kw_only=True, eq=False)
class BootstrapNet(Interval):
    """Percentiles of resampled nets (Efron 1979), drawn on the table, so at one price for any n.

    Every cell starts the same seeded generator anew: its bounds don't depend on its neighbours.

    Attributes:
        counts: Low, middle and high answers by cell.
        seed: Seed of the generator.
    """

    counts: IntArray
    seed: int = 0
    method: str = "bootstrap"
    from_counts: bool = True

    def bounds(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper percentiles by cell, in points."""
        low = np.full(len(self.counts), np.nan)
        high = np.full(len(self.counts), np.nan)
        tails = [1 - two_sided_level(confidence), two_sided_level(confidence)]
        for cell, counts in enumerate(self.counts):
            n = int(counts.sum())
            if n == 0:
                continue
            generator = np.random.Generator(np.random.PCG64(self.seed))
            drawn = generator.multinomial(n, counts / n, size=BOOTSTRAP_RESAMPLES)
            low[cell], high[cell] = np.quantile((drawn[:, 2] - drawn[:, 0]) / n, tails)
        return 100 * low, 100 * high


def _wald(counts: IntArray, seed: int) -> Interval:
    net, variance, _ = _net(counts)
    return NormalInterval(
        centre=100 * net, std_error=100 * np.sqrt(variance), method="wald", low=-100.0, high=100.0
    )


def _adjusted_wald(counts: IntArray | FloatArray, seed: int) -> Interval:
    net, variance, _ = _net(counts + ADJUSTMENT)
    nobody = counts.sum(axis=1) == 0
    return NormalInterval(
        centre=np.where(nobody, np.nan, 100 * net),
        std_error=100 * np.sqrt(variance),
        method="adjusted_wald",
        low=-100.0,
        high=100.0,
        from_counts=True,
    )


def _linearised(counts: IntArray, seed: int) -> Interval:
    net, variance, n = _net(counts)
    with np.errstate(divide="ignore", invalid="ignore"):
        std_error = np.where(n > 1, 100 * np.sqrt(variance * n / (n - 1)), np.nan)
    return _student(100 * net, std_error, n - 1)


def _student(net: FloatArray, std_error: FloatArray, df: FloatArray) -> StudentInterval:
    return StudentInterval(
        centre=net, std_error=std_error, df=df, method="linearised", low=-100.0, high=100.0
    )


#: The intervals a net may have, by name. ``linearised`` is t on the mean of -100, 0 and 100.
NET_INTERVALS: dict[str, Callable[[IntArray, int], Interval]] = {
    "adjusted_wald": _adjusted_wald,
    "score": lambda counts, seed: ScoreNet(counts=counts),
    "wald": _wald,
    "may_johnson": lambda counts, seed: MayJohnsonNet(counts=counts),
    "bootstrap": lambda counts, seed: BootstrapNet(counts=counts, seed=seed),
    "linearised": _linearised,
}

#: Those that stand under weights too; the others rest on plain counts.
WEIGHTED_NET_INTERVALS = ("linearised", "wald")


def net_interval(name: str, counts: IntArray, *, seed: int = 0) -> Interval:
    """An interval of a net from plain counts.

    Args:
        name: A name of ``NET_INTERVALS``.
        counts: Low, middle and high answers by cell: (cells, 3).
        seed: Seed of ``bootstrap``.

    Raises:
        ValueError: An unknown name.
    """
    if name not in NET_INTERVALS:
        raise ValueError(f"{name!r} is no interval of a net; there are {', '.join(NET_INTERVALS)}")
    return NET_INTERVALS[name](counts, seed)


@frozen(kw_only=True, eq=False)
class LinearisedNet(Interval):
    """Student's t with the linearised error; where all agree, adjusted Wald on Kish's base.

    Unanimous answers have a linearised error of 0, which is no certainty: two promoters do not
    make 100 to 100.

    Attributes:
        student: The t interval, in points.
        unanimous: What stands where the error is 0, in points.
    """

    student: StudentInterval
    unanimous: Interval
    method: str = "linearised"

    def bounds(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds by cell, in points."""
        agreed = self.student.std_error == 0
        ours, theirs = self.unanimous.bounds(confidence), self.student.bounds(confidence)
        low, high = (np.where(agreed, mine, t) for mine, t in zip(ours, theirs, strict=True))
        return low, high

    def p_value(self, null: float) -> FloatArray | None:
        """The t test's two-sided p-value; the other's where all agree."""
        agreed, own = self.unanimous.p_value(null), self.student.p_value(null)
        return own if agreed is None else np.where(self.student.std_error == 0, agreed, own)


def linearised_net(
    net: FloatArray,
    std_error: FloatArray,
    df: FloatArray,
    name: str | None = None,
    *,
    effective: FloatArray,
) -> Interval:
    """An interval of a weighted net.

    Args:
        net: The net by cell, in points.
        std_error: Its linearised standard error, likewise.
        df: Degrees of freedom by cell.
        effective: Low, middle and high answers by cell, brought to the effective base: (cells, 3).
        name: A name of ``WEIGHTED_NET_INTERVALS``; None for ``linearised``.

    Raises:
        ValueError: A method that rests on plain counts, or an unknown one.
    """
    if name in (None, "linearised"):
        return LinearisedNet(
            student=_student(net, std_error, df), unanimous=_adjusted_wald(effective, 0)
        )
    if name == "wald":
        return NormalInterval(
            centre=net, std_error=std_error, method="wald", low=-100.0, high=100.0
        )
    raise ValueError(weighted_refusal(name or ""))


def weighted_refusal(name: str, allowed: Iterable[str] = WEIGHTED_NET_INTERVALS) -> str:
    """Why an interval can't stand under weights, and which can.

    Args:
        name: The interval that was asked for.
        allowed: Those that stand; those of a net where left out.
    """
    return (
        f"{name!r} rests on plain counts and is not valid for weighted answers; "
        f"use {' or '.join(repr(one) for one in allowed)}"
    )


@frozen(kw_only=True, eq=False)
class IndependentNets(Comparison):
    """The two-sample test of nets: unpooled z, pooled where a group is unanimous.

    A unanimous group has no variance of its own: one promoter would be as sure as a thousand, and
    five promoters against five detractors infinitely so. There the variance of both groups
    together stands in.

    Attributes:
        counts: Low, middle and high answers by cell.
        interval: The nets' own interval, for MOVER.
    """

    counts: IntArray
    interval: Interval

    def differences(self, first: IntArray, second: IntArray, confidence: float) -> Contrast:
        """First cells minus second cells, in points."""
        net, variance, n = _net(self.counts)
        value = (100 * net[first], 100 * net[second])
        difference = value[0] - value[1]
        std_error = 100 * np.sqrt(variance[first] + variance[second])
        _, pooled_variance, pooled_n = _net(self.counts[first] + self.counts[second])
        with np.errstate(divide="ignore", invalid="ignore"):
            pooled = 100 * np.sqrt(pooled_variance * pooled_n * (1 / n[first] + 1 / n[second]))
            unanimous = (variance[first] == 0) | (variance[second] == 0)
            scale = np.where(unanimous, pooled, std_error)
            agree = (difference == 0) & (scale == 0)
            z = np.where(agree, 0.0, difference / np.where(agree, 1.0, scale))
        lows, highs = self.interval.bounds(confidence)
        low, high = mover(value, (lows[first], lows[second]), (highs[first], highs[second]))
        return Contrast(
            value=difference,
            std_error=std_error,
            low=np.maximum(low, -200.0),
            high=np.minimum(high, 200.0),
            statistic=z,
            p=normal_two_sided(z),
            method=f"unpooled z; mover of {self.interval.method}",
        )

    def heterogeneity(self, cells: IntArray) -> tuple[Heterogeneity, ...]:
        """Cochran's Q of the nets, and chi-square of the table of three classes by cell."""
        net, variance, _ = _net(self.counts[cells])
        q = cochran_q(100 * net, 100 * np.sqrt(variance))
        table = chi_square_table(self.counts[cells])
        return tuple(test for test in (q, table) if test is not None)
