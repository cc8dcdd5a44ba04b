"""Counts of events on an exposure: exact intervals, exact tests of two rates.

Sources: Garwood (1936), Biometrika 28, "Fiducial limits for the Poisson distribution"; Przyborowski
and Wilenski (1940), Biometrika 31, for the conditional test of two rates: given their sum, the
events of the first are binomial with its share of the exposure. Its p-value adds what is no
likelier than what was seen, its interval is that of Clopper and Pearson (1934), as R's
``poisson.test`` has it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from satcore import (
    Comparison,
    Contrast,
    FloatArray,
    Heterogeneity,
    IntArray,
    Interval,
    StudentInterval,
)

#: What is taken for equally likely in spite of rounding, as R's ``binom.test`` does.
SLACK = 1.0 + 1e-7


def garwood(events: FloatArray, confidence: float) -> tuple[FloatArray, FloatArray]:
    """Exact bounds of the expected number of events.

    Args:
        events: Events seen.
        confidence: Two-sided, between 0 and 1.
    """
    from scipy.special import gammaincinv

    tail = 0.5 - 0.5 * confidence
    with np.errstate(invalid="ignore"):
        low = np.where(events > 0, gammaincinv(np.maximum(events, 1.0), tail), 0.0)
        high = gammaincinv(events + 1.0, 1.0 - tail)
    return np.where(np.isfinite(events), low, np.nan), np.asarray(high, dtype=np.float64)


@frozen(kw_only=True, eq=False)
class GarwoodInterval(Interval):
    """The exact interval of a rate of events.

    Attributes:
        events: Events, by cell.
        exposure: What they are divided by, by cell.
    """

    events: FloatArray
    exposure: FloatArray
    method: str = "garwood"
    from_counts: bool = True

    def bounds(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds by cell; none without exposure."""
        low, high = garwood(self.events, confidence)
        exposure = np.where(self.exposure > 0, self.exposure, np.nan)
        return low / exposure, high / exposure

    def p_value(self, null: float) -> FloatArray:
        """Twice the smaller exact tail, which agrees with the interval."""
        from scipy.special import pdtr, pdtrc

        expected = np.where(self.exposure > 0, self.exposure * null, np.nan)
        upper = np.where(self.events > 0, pdtrc(self.events - 1.0, expected), 1.0)
        both = 2.0 * np.minimum(pdtr(self.events, expected), upper)
        return np.where(np.isnan(expected), np.nan, np.minimum(both, 1.0))


@frozen(kw_only=True, eq=False)
class LinearisedRate(Interval):
    """The interval of a rate by how rows stray; that of no event at all where none was seen.

    Rows without any event do not stray, which says nothing of how many there may be: Garwood's
    upper bound does, on an effective exposure.

    Attributes:
        strayed: The interval by how rows stray.
        none: That of no event.
        nothing: Whether there was none, by cell.
    """

    strayed: StudentInterval
    none: GarwoodInterval
    nothing: NDArray[np.bool_]
    method: str = "linearised"

    def bounds(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds by cell."""
        low, high = self.strayed.bounds(confidence)
        least, most = self.none.bounds(confidence)
        return np.where(self.nothing, least, low), np.where(self.nothing, most, high)

    def p_value(self, null: float) -> FloatArray:
        """The t test; the exact one where there was no event."""
        return np.where(self.nothing, self.none.p_value(null), self.strayed.p_value(null))


def binomial_p(count: int, of: int, share: float) -> float:
    """The exact two-sided p-value of a count: all that is no likelier than it.

    Args:
        count: What was seen.
        of: Out of how many.
        share: The share under the hypothesis, between 0 and 1.
    """
    from scipy.special import bdtr, bdtrc, gammaln, xlog1py, xlogy

    if of == 0:
        return 1.0

    def likely(k: Any) -> Any:
        ways = gammaln(of + 1.0) - gammaln(k + 1.0) - gammaln(of - k + 1.0)
        return ways + xlogy(k, share) + xlog1py(of - k, -share)

    seen = float(likely(float(count))) + np.log(SLACK)
    mode = min(int((of + 1) * share), of)
    if count == mode:
        return 1.0
    if count < mode:
        # The first beyond the mode that is no likelier: there likelihoods fall.
        first, last = mode, of + 1
        while first < last:
            middle = (first + last) // 2
            first, last = (first, middle) if likely(float(middle)) <= seen else (middle + 1, last)
        upper = bdtrc(first - 1, of, share) if first <= of else 0.0
        return float(min(bdtr(count, of, share) + upper, 1.0))
    first, last = -1, mode
    while first < last:
        middle = (first + last + 1) // 2
        first, last = (middle, last) if likely(float(middle)) <= seen else (first, middle - 1)
    lower = bdtr(first, of, share) if first >= 0 else 0.0
    return float(min(lower + bdtrc(count - 1, of, share), 1.0))


def ratio_p(events: tuple[float, float], exposure: tuple[float, float], null: float = 1.0) -> float:
    """The exact conditional p-value of two rates of which one is ``null`` times the other.

    Args:
        events: Events of both sides.
        exposure: Their exposures, above 0.
        null: The ratio that is tested.
    """
    scaled = exposure[0] * null
    share = scaled / (scaled + exposure[1])
    return binomial_p(int(events[0]), int(events[0] + events[1]), share)


@frozen(kw_only=True, eq=False)
class RatioInterval(Interval):
    """The exact conditional interval of the ratio of two rates.

    Attributes:
        events: Events of the rate above, by cell.
        other: Events of the rate below.
        exposure: Exposure over the other's exposure.
    """

    events: FloatArray
    other: FloatArray
    exposure: FloatArray
    method: str = "exact_conditional"
    from_counts: bool = True

    def bounds(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds by cell; none where the ratio has no end."""
        from scipy.special import betaincinv

        tail = 0.5 - 0.5 * confidence
        a, b = self.events, self.other
        with np.errstate(divide="ignore", invalid="ignore"):
            low = np.where(a > 0, betaincinv(np.maximum(a, 1.0), b + 1.0, tail), 0.0)
            high = betaincinv(a + 1.0, np.maximum(b, 1.0), 1.0 - tail)
            usable = (b > 0) & (self.exposure > 0)
            odds = [
                np.where(usable, one / (1.0 - one) / self.exposure, np.nan) for one in (low, high)
            ]
        return odds[0], odds[1]

    def p_value(self, null: float) -> FloatArray:
        """The exact conditional test's."""
        sides = zip(self.events.tolist(), self.other.tolist(), self.exposure.tolist(), strict=True)
        return np.array(
            [
                ratio_p((a, b), (by, 1.0), null) if np.isfinite(by) and by > 0 else np.nan
                for a, b, by in sides
            ]
        )


@frozen(kw_only=True, eq=False)
class IndependentRates(Comparison):
    """Rates of cells against each other: the exact conditional test on their counts.

    Attributes:
        events: Events, by cell.
        exposure: Exposure in the rates' own unit, by cell.
        interval: The rates' interval.
    """

    events: FloatArray
    exposure: FloatArray
    interval: GarwoodInterval

    def differences(self, first: IntArray, second: IntArray, confidence: float) -> Contrast:
        """First cells minus second cells, pair by pair, bounded by MOVER of both intervals."""
        a, b = self.events[first], self.events[second]
        at, bt = self.exposure[first], self.exposure[second]
        one, other = a / at, b / bt
        lows, highs = self.interval.bounds(confidence)
        down = np.hypot(one - lows[first], highs[second] - other)
        up = np.hypot(highs[first] - one, other - lows[second])
        std_error = np.sqrt(a / at**2 + b / bt**2)
        p = [
            ratio_p((k, m), (s, t)) if s > 0 and t > 0 else np.nan
            for k, m, s, t in zip(*(x.tolist() for x in (a, b, at, bt)), strict=True)
        ]
        return Contrast(
            value=one - other,
            std_error=std_error,
            low=one - other - down,
            high=one - other + up,
            # Of the events of both, how far the first has more than its share of the exposure.
            statistic=_score(a, b, at, bt),
            p=np.array(p, dtype=np.float64),
            method="exact_conditional; mover of garwood",
        )

    def heterogeneity(self, cells: IntArray) -> tuple[Heterogeneity, ...]:
        """Pearson's chi-square of the events against their shares of the exposure."""
        from scipy.special import chdtrc

        events, exposure = self.events[cells], self.exposure[cells]
        usable = exposure > 0
        if usable.sum() < 2 or events[usable].sum() == 0:
            return ()
        expected = events[usable].sum() * exposure[usable] / exposure[usable].sum()
        statistic = float(np.sum((events[usable] - expected) ** 2 / expected))
        df = int(usable.sum()) - 1
        few = int((expected < 5).sum())
        return (
            Heterogeneity(
                statistic=statistic,
                df=df,
                p=float(chdtrc(df, statistic)),
                method="chi_square_rates",
                message=f"{few} of {expected.size} expected counts below 5" if few else "",
            ),
        )


def _score(a: FloatArray, b: FloatArray, at: FloatArray, bt: FloatArray) -> FloatArray:
    """The score statistic of the first's events among those of both."""
    share, total = at / (at + bt), a + b
    spread = np.sqrt(total * share * (1.0 - share))
    return np.where(spread > 0, (a - total * share) / np.where(spread > 0, spread, 1.0), 0.0)


__all__ = [
    "GarwoodInterval",
    "IndependentRates",
    "LinearisedRate",
    "RatioInterval",
    "binomial_p",
    "garwood",
    "ratio_p",
]
