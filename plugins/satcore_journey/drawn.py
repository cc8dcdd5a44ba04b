"""What replicates tell: errors of means and shares, of impacts and of what is made of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from attrs import evolve, frozen

from satcore import (
    Derived,
    Estimate,
    FloatArray,
    IntArray,
    Interval,
    Item,
    MomentSums,
    Replicated,
    StudentInterval,
    WilsonInterval,
)

#: The part of replicates that has to give a number before they tell an error.
ENOUGH: Final = 0.9

#: A variance below this part of what a scale could have is rounding.
_ROUNDING: Final = 1e-12


def spread(values: FloatArray) -> FloatArray:
    """The standard deviation over replicates: (cells,); NaN where few of them give a number.

    Args:
        values: Numbers by replicate: (cells, replicates).
    """
    known = np.isfinite(values)
    count = known.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(known, values, 0.0).sum(axis=1) / count
        square = np.where(known, (values - mean[:, None]) ** 2, 0.0).sum(axis=1)
        found = np.sqrt(square / (count - 1))
    return np.asarray(np.where(count >= ENOUGH * values.shape[1], found, np.nan))


def means(drawn: Replicated) -> FloatArray:
    """Means of moments in replicates: (cells, replicates, items)."""
    return np.stack([view.means() for view in drawn.views], axis=1)


def sizes(drawn: Replicated) -> FloatArray:
    """What the responses that moments count weigh, in replicates: (cells, replicates)."""
    return np.stack([view.weighted_base for view in drawn.views], axis=1)


def told(*messages: Sequence[str]) -> tuple[str, ...]:
    """Messages of each cell, one after the other."""
    return tuple("; ".join(one for one in cell if one) for cell in zip(*messages, strict=True))


def student(value: FloatArray, error: FloatArray, base: IntArray, taken: int = 1) -> Interval:
    """Student's t about a value, with an error from replicates.

    Args:
        value: The value by cell.
        error: Its standard error.
        base: Answers by cell.
        taken: Degrees of freedom that are used up.
    """
    return StudentInterval(
        centre=value,
        std_error=error,
        df=np.maximum(base - taken, 0).astype(np.float64),
        method="replicates",
    )


def redrawn(estimate: Estimate, drawn: FloatArray) -> Estimate:
    """A mean or a share with the error that replicates give it.

    Args:
        estimate: The mean or the share.
        drawn: The same by replicate: (cells, replicates).
    """
    error = np.where(np.isfinite(estimate.value), spread(drawn), np.nan)
    interval = student(estimate.value, error, estimate.base)
    if estimate.unit == "proportion":
        interval = wilson(estimate.value, error, estimate.base, estimate.effective_base)
    return evolve(estimate, std_error=error, interval=interval, comparison=None)


def wilson(
    share: FloatArray, error: FloatArray, base: IntArray, effective: FloatArray
) -> WilsonInterval:
    """Wilson's interval on the sample that would give an error.

    Args:
        share: The share by cell.
        error: Its standard error.
        base: Answers by cell.
        effective: The sample where all agree.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        sample = np.where(error > 0, share * (1 - share) / error**2, effective)
    sample = np.where(np.isfinite(error), sample, np.nan)
    return WilsonInterval(
        share=share, sample=sample, df=(base - 1).astype(np.float64), method="wilson_replicates"
    )


def covariances(moments: MomentSums) -> FloatArray:
    """Covariances, the outcome first; 0 beside an item without variance or without two answers."""
    cov = moments.cov()
    if moments.statistic.pairwise:
        # Every pair has its own n: n/(n-1) would not cancel.
        n = moments.counted["n"].astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            cov = np.where(n > 1, cov * (n - 1) / n, 0.0)
    reach = np.array([_reach(item) for item in moments.statistic.of])
    variance = np.diagonal(cov, axis1=1, axis2=2)
    with np.errstate(invalid="ignore"):
        varies = variance > _ROUNDING * reach
    return np.where(varies[:, :, None] & varies[:, None, :], cov, 0.0)


def _reach(item: object) -> float:
    """The square of how far an item's values lie apart."""
    if not isinstance(item, Item | Derived):
        return 1.0
    return max(((item.high - item.low) / item.denominator) ** 2, 1.0)


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
        last = np.maximum(count - 1, 0)
        ordered = np.sort(np.where(known, self.drawn, np.inf), axis=1)
        aside = (1 - confidence) / 2
        rows = np.arange(len(ordered))
        below = ordered[rows, np.floor(aside * last).astype(np.intp)]
        above = ordered[rows, np.ceil((1 - aside) * last).astype(np.intp)]
        enough = (count > 0) & (count >= ENOUGH * known.shape[1]) & np.isfinite(self.value)
        return (
            np.where(enough, np.minimum(below, self.value), np.nan),
            np.where(enough, np.maximum(above, self.value), np.nan),
        )


def ranks(values: FloatArray) -> FloatArray:
    """Ranks along the last axis, 1 for the greatest; equal ones share theirs.

    Args:
        values: (..., touchpoints); NaN has no rank.
    """
    # What is equal may differ by rounding.
    near = 1e-12
    mine, others = values[..., :, None], values[..., None, :]
    with np.errstate(invalid="ignore"):
        above = np.sum(others > mine + near, axis=-1)
        alike = np.sum(np.abs(others - mine) <= near, axis=-1)
    return np.where(np.isfinite(values), above + (alike + 1) / 2, np.nan)
