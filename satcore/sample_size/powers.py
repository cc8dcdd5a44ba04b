"""The probability of showing what is true, by the number of answers."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from satcore.inference import FloatArray, IndependentShares, IntArray, student_quantile
from satcore.nets import ADJUSTMENT

#: Binomial counts farther off than this many standard deviations are left out: 2e-10 of them.
REACH: Final = 6.5

#: Pairs of counts that are looked at for one power of two samples.
MOST_PAIRS: Final = 250_000


def _likely(n: int, probability: float) -> tuple[int, int]:
    """The least and the greatest count that is not all but impossible."""
    reach = REACH * math.sqrt(n * probability * (1 - probability)) + 10
    mean = n * probability
    return max(0, math.floor(mean - reach)), min(n, math.ceil(mean + reach))


def _binomial(n: int, probability: float) -> tuple[FloatArray, FloatArray]:
    """The counts that are not all but impossible, and their probabilities."""
    from scipy.special import gammaln, xlog1py, xlogy

    low, high = _likely(n, probability)
    k = np.arange(low, high + 1, dtype=np.float64)
    logs = gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0)
    logs = logs + xlogy(k, probability) + xlog1py(n - k, -probability)
    return k, np.asarray(np.exp(logs), dtype=np.float64)


def _at_least(k: FloatArray, n: FloatArray, probability: float) -> FloatArray:
    """The probability of k or more of n, by the incomplete beta function."""
    from scipy.special import betainc

    inside = (k > 0) & (k <= n)
    tail = betainc(np.where(inside, k, 1.0), np.where(inside, n - k + 1, 1.0), probability)
    return np.where(k <= 0, 1.0, np.where(inside, tail, 0.0))


def share_power(n: IntArray, truth: float, target: float, z: float) -> FloatArray:
    """The probability that Wilson's lower bound reaches the target, exactly.

    The bound is at or above T where the score statistic (p - T) / √(T(1-T)/n) is at or above z.
    """
    size = n.astype(np.float64)
    enough = np.ceil(size * target + z * np.sqrt(size * target * (1 - target)))
    return _at_least(enough, size, truth)


def two_share_power(n: int, second: int, start: float, end: float, z: float) -> float | None:
    """The probability that the core's test of two shares shows the change, in its direction.

    None where the counts are too many to be gone through.
    """
    (low, high), (other_low, other_high) = _likely(n, start), _likely(second, end)
    if (high - low + 1) * (other_high - other_low + 1) > MOST_PAIRS:
        return None
    counts, chances = _binomial(n, start)
    others, other_chances = _binomial(second, end)
    share = np.concatenate([counts / n, others / second])
    sample = np.repeat([float(n), float(second)], [counts.size, others.size])
    test = IndependentShares(
        value=share,
        std_error=np.sqrt(share * (1 - share) / sample),
        interval=None,
        sample=sample,
    )
    before = np.repeat(np.arange(counts.size), others.size)
    after = np.tile(np.arange(counts.size, share.size), counts.size)
    statistic = test.differences(after, before, 0.95).statistic
    shown = (statistic if end > start else -statistic) >= z
    return float(chances @ shown.reshape(counts.size, others.size) @ other_chances)


def net_power(n: int, high: float, low: float, target: float, z: float) -> float:
    """The probability that the adjusted Wald lower bound of a net reaches the target, exactly.

    Given the answers at both ends together, m, the bound rises with the net x of the adjusted
    counts: it reaches T where x is at or above the larger root of (x - T)² = z²(s - x²)/N, s the
    adjusted share of both ends and N the adjusted number of answers.
    """
    spread = min(high + low, 1.0)
    m, chances = _binomial(n, spread)
    total = n + float(ADJUSTMENT.sum())
    s = (m + float(ADJUSTMENT[0] + ADJUSTMENT[2])) / total
    a = z * z / total
    # Without a root every net at or above the target will do.
    under = np.maximum(a * (s * (1 + a) - target * target), 0.0)
    root = np.where(under > 0, (target + np.sqrt(under)) / (1 + a), target)
    enough = np.ceil((m + root * total) / 2)
    return float(chances @ _at_least(enough, m, high / (spread or 1.0)))


def student_power(df: float, shift: float, level: float) -> float:
    """The probability that a shifted t statistic exceeds its critical value."""
    from scipy.special import nctdtr, ndtr

    critical = float(student_quantile(level, np.array([df]))[0])
    below = float(nctdtr(df, shift, critical))
    if math.isnan(below):
        # scipy gives no number for some large shifts; there the normal distribution serves
        # (Johnson and Welch 1940; Abramowitz and Stegun 1964, 26.7.10).
        spread = math.sqrt(1 + critical * critical / (2 * df))
        below = float(ndtr((critical * (1 - 1 / (4 * df)) - shift) / spread))
    return 1.0 - below
