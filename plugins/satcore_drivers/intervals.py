"""Intervals of shares, correlations and ranks, from replicates."""

from __future__ import annotations

import numpy as np
from attrs import frozen

from satcore import FloatArray, IntArray, Interval, StudentInterval

#: The part of replicates that has to give a number before they tell an error.
ENOUGH = 0.9

#: How far up an interval on the log-odds may reach, in plain intervals.
_FURTHEST = 2.0

#: A share is corrected for its bias down to this part of itself, never to nothing.
_LEAST = 0.2


def spread(values: FloatArray) -> FloatArray:
    """The standard deviation over replicates: (...), the replicate last; NaN where few are known.

    Args:
        values: Numbers by replicate: (..., replicates).
    """
    known = np.isfinite(values)
    count = known.sum(axis=-1)
    filled = np.where(known, values, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = filled.sum(axis=-1) / count
        square = np.where(known, (values - mean[..., None]) ** 2, 0.0).sum(axis=-1)
        found = np.sqrt(square / (count - 1))
    return np.asarray(np.where(count >= ENOUGH * values.shape[-1], found, np.nan))


def mean_of(values: FloatArray) -> FloatArray:
    """The mean over those replicates that give a number: (...)."""
    known = np.isfinite(values)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(known, values, 0.0).sum(axis=-1) / known.sum(axis=-1))


@frozen(kw_only=True, eq=False)
class ShareInterval(Interval):
    """Student's t on the log-odds of a share that is corrected for its bias in replicates.

    Shares of R² can't be negative, are pulled upwards by chance where they are small, and their
    spread grows with them: percentiles and plain errors hold shares near 0 too seldom
    (docs/coverage_drivers.md).

    Attributes:
        value: The share by cell.
        centre: The share less its bias.
        std_error: Its standard error.
        df: Degrees of freedom.
        method: The method's name.
    """

    value: FloatArray
    centre: FloatArray
    std_error: FloatArray
    df: FloatArray
    method: str = "replicates_logit"

    @classmethod
    def of(cls, value: FloatArray, drawn: FloatArray, base: IntArray) -> ShareInterval:
        """The interval of shares with their replicates.

        Args:
            value: Shares by cell.
            drawn: The same by replicate: (cells, replicates).
            base: Respondents by cell.
        """
        corrected = np.maximum(2 * value - mean_of(drawn), _LEAST * value)
        return cls(
            value=value,
            centre=np.minimum(corrected, np.where(value < 1, (1 + value) / 2, 1.0)),
            std_error=spread(drawn),
            df=np.asarray(base - 1, dtype=np.float64),
        )

    @property
    def _plain(self) -> StudentInterval:
        return StudentInterval(centre=self.centre, std_error=self.std_error, df=self.df)

    def bounds(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds by cell; plain ones, cut off, where the log-odds are infinite."""
        with np.errstate(all="ignore"):
            odds = np.log(self.centre / (1 - self.centre))
            error = self.std_error / (self.centre * (1 - self.centre))
            on_odds = StudentInterval(centre=odds, std_error=error, df=self.df)
            low, high = (1 / (1 + np.exp(-one)) for one in on_odds.bounds(confidence))
            plain = self._plain.bounds(confidence)
            reach = plain[1] - self.centre
        inside = (self.centre > 1e-12) & (self.centre < 1 - 1e-12)
        # Near 0 the log-odds reach up to 1: never further than twice the plain way.
        high = np.minimum(high, self.centre + _FURTHEST * reach)
        return (
            np.where(inside, low, np.clip(plain[0], 0.0, 1.0)),
            np.where(inside, high, np.clip(plain[1], 0.0, 1.0)),
        )

    def p_value(self, null: float) -> FloatArray | None:
        """None: a share of 0 is the end of its range, and chance alone lies above it."""
        return None


@frozen(kw_only=True, eq=False)
class CorrelationInterval(Interval):
    """Student's t on Fisher's transform of a correlation, with any standard error.

    Attributes:
        value: The correlation by cell.
        std_error: Its standard error.
        df: Degrees of freedom.
        method: The method's name.
    """

    value: FloatArray
    std_error: FloatArray
    df: FloatArray
    method: str = "fisher"

    @property
    def _transformed(self) -> StudentInterval:
        with np.errstate(all="ignore"):
            centre = np.arctanh(self.value)
            error = self.std_error / (1 - self.value**2)
        known = np.isfinite(centre) & np.isfinite(error)
        return StudentInterval(
            centre=np.where(known, centre, np.nan),
            std_error=np.where(known, error, np.nan),
            df=self.df,
        )

    def bounds(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds by cell."""
        low, high = self._transformed.bounds(confidence)
        return np.tanh(low), np.tanh(high)

    def p_value(self, null: float) -> FloatArray:
        """The t test on the transform."""
        return self._transformed.p_value(float(np.arctanh(null)))


@frozen(kw_only=True, eq=False)
class RankInterval(Interval):
    """Percentiles of the ranks in replicates, widened to hold the rank itself.

    Attributes:
        value: The rank by cell.
        drawn: Ranks by replicate: (cells, replicates), NaN where there is none.
        method: The method's name.
    """

    value: FloatArray
    drawn: FloatArray
    method: str = "replicates_percentile"

    def bounds(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds by cell: ranks that were seen."""
        known = np.isfinite(self.drawn)
        count = known.sum(axis=1)
        ordered = np.sort(np.where(known, self.drawn, np.inf), axis=1)
        aside = (1 - confidence) / 2
        first = np.floor(aside * np.maximum(count - 1, 0)).astype(np.intp)
        last = np.ceil((1 - aside) * np.maximum(count - 1, 0)).astype(np.intp)
        rows = np.arange(len(ordered))
        enough = (count >= ENOUGH * self.drawn.shape[1]) & (count > 0) & np.isfinite(self.value)
        low = np.where(enough, np.minimum(ordered[rows, first], self.value), np.nan)
        high = np.where(enough, np.maximum(ordered[rows, last], self.value), np.nan)
        return low, high
