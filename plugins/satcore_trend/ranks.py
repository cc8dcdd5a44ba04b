"""Trends by ranks: Mann-Kendall and Theil-Sen, many series at once."""

from __future__ import annotations

from typing import Final

import numpy as np
from attrs import frozen

from satcore import FloatArray, IntArray, normal_two_sided
from satcore_trend.distributions import normal_quantile
from satcore_trend.least_squares import Flags

#: Pairs of waves worked on together, which bounds the memory.
TOGETHER: Final = 4_000_000


@frozen(kw_only=True)
class RankTrend:
    """Whether and how steeply series rise, by ranks; every array by series.

    The test takes waves for independent of each other: under positive autocorrelation it calls
    flat series trends far too often, as Mann-Kendall does.

    Attributes:
        score: Kendall's S: pairs of waves that rise less pairs that fall.
        variance: Of S without a trend, corrected for ties.
        z: S towards 0 by 1, over its standard error.
        p: Two-sided, normal approximation.
        tau: Kendall's tau-b.
        slope: Theil and Sen's: the median of the slopes of all pairs, per unit of time.
        low: Lower bound of Sen's interval.
        high: Upper bound.
        waves: Waves that the series has.
    """

    score: FloatArray
    variance: FloatArray
    z: FloatArray
    p: FloatArray
    tau: FloatArray
    slope: FloatArray
    low: FloatArray
    high: FloatArray
    waves: IntArray


def rank_trend(times: FloatArray, values: FloatArray, confidence: float = 0.95) -> RankTrend:
    """Mann-Kendall's test (Mann 1945, Kendall 1975) and Theil-Sen's slope (Sen 1968).

    Args:
        times: (waves,).
        values: (series, waves), NaN where the wave is missing.
        confidence: Of Sen's interval.
    """
    times, values = np.asarray(times, dtype=np.float64), np.asarray(values, dtype=np.float64)
    waves = times.size
    chunk = max(1, TOGETHER // max(1, waves * waves))
    pieces = [
        _some(times, values[start : start + chunk], confidence)
        for start in range(0, max(1, values.shape[0]), chunk)
    ]
    names = RankTrend.__attrs_attrs__
    return RankTrend(
        **{
            one.name: np.concatenate([getattr(piece, one.name) for piece in pieces])
            for one in names
        }
    )


def _some(times: FloatArray, values: FloatArray, confidence: float) -> RankTrend:
    first, second = np.triu_indices(times.size, 1)
    rise, apart = values[:, second] - values[:, first], times[second] - times[first]
    both = np.isfinite(rise)
    signs = np.where(both, np.sign(rise) * np.sign(apart), 0.0)
    score = signs.sum(axis=-1)
    present = np.isfinite(values)
    count = present.sum(axis=-1).astype(np.float64)
    pairs = count * (count - 1) / 2
    same_value = _ties(values)
    same_time = _ties(np.where(present, times, np.nan))
    variance = _variance(count, present, same_value, same_time)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(variance > 0, (score - np.sign(score)) / np.sqrt(variance), np.nan)
        untied = [pairs - (np.where(present, ties - 1, 0).sum(axis=-1)) / 2
                  for ties in (same_value, same_time)]  # fmt: skip
        tau = score / np.sqrt(untied[0] * untied[1])
        slopes = np.where(both & (apart != 0), rise / apart, np.nan)
    slope, low, high = _sen(slopes, variance, confidence)
    return RankTrend(
        score=score,
        variance=variance,
        z=z,
        p=normal_two_sided(z),
        tau=tau,
        slope=slope,
        low=low,
        high=high,
        waves=count.astype(np.int64),
    )


def _ties(values: FloatArray) -> FloatArray:
    """How many values of its series each one equals, itself included."""
    same = values[:, :, None] == values[:, None, :]
    return np.asarray(same.sum(axis=-1), dtype=np.float64)


def _variance(
    count: FloatArray, present: Flags, first: FloatArray, second: FloatArray
) -> FloatArray:
    """Of S without a trend: Kendall (1975), with ties in both.

    Sums over groups of t equal values are sums over values of 1/t of each.
    """

    def over(term: FloatArray) -> FloatArray:
        return np.asarray(np.where(present, term, 0.0).sum(axis=-1), dtype=np.float64)

    whole = count * (count - 1) * (2 * count + 5)
    tied = [over((ties - 1) * (2 * ties + 5)) for ties in (first, second)]
    twos = [over(ties - 1) for ties in (first, second)]
    threes = [over((ties - 1) * (ties - 2)) for ties in (first, second)]
    with np.errstate(divide="ignore", invalid="ignore"):
        cubic = np.where(
            count > 2, threes[0] * threes[1] / (9 * count * (count - 1) * (count - 2)), 0
        )
        square = np.where(count > 1, twos[0] * twos[1] / (2 * count * (count - 1)), 0)
    return np.asarray((whole - tied[0] - tied[1]) / 18 + cubic + square, dtype=np.float64)


def _sen(
    slopes: FloatArray, variance: FloatArray, confidence: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The median slope and the slopes whose ranks bound it (Sen 1968)."""
    ordered = np.sort(slopes, axis=-1)  # NaN last
    count = np.isfinite(ordered).sum(axis=-1)
    rows = np.arange(slopes.shape[0])
    if slopes.shape[1] == 0:
        nothing: FloatArray = np.full(slopes.shape[0], np.nan)
        return nothing, nothing, nothing
    below, above = np.maximum(count - 1, 0) // 2, count // 2
    above = np.minimum(above, np.maximum(count - 1, 0))
    middle = 0.5 * (ordered[rows, below] + ordered[rows, above])
    half = normal_quantile(0.5 + confidence / 2) * np.sqrt(np.maximum(variance, 0.0))
    # The nearest ranks, from 0; where they lie outside, the interval has no bound by ranks.
    lower = np.rint((count - half) / 2).astype(np.int64) - 1
    upper = np.rint((count + half) / 2).astype(np.int64)
    sound = (count > 0) & (lower >= 0) & (upper < count)
    low = np.where(sound, ordered[rows, np.clip(lower, 0, None)], np.nan)
    high = np.where(sound, ordered[rows, np.clip(upper, None, np.maximum(count - 1, 0))], np.nan)
    return middle, low, high
