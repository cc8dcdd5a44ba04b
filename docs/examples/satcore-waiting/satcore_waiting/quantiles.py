"""Quantiles of counts in buckets, and their interval."""

from __future__ import annotations

import numpy as np
from attrs import frozen
from satcore import FloatArray, IntArray, Interval, StudentInterval, normal_quantile

#: Sums of weights that differ by less than this share are the same sum, added in another order.
SAME = 1e-12


def place_of(
    reached: FloatArray, share: FloatArray, *, beyond: bool = False
) -> tuple[IntArray, FloatArray]:
    """Where a share of the total is reached, by cell: the bucket, and how far into it.

    Args:
        reached: Running sums: (cells, buckets).
        share: A share from 0 to 1 for every cell.
        beyond: Whether more than the share is wanted.
    """
    wanted = share * reached[:, -1]
    at = wanted[:, None]
    there = reached > at * (1 + SAME) if beyond else reached >= at * (1 - SAME)
    last = reached.shape[1] - 1
    bucket = np.where(there.any(axis=1), np.argmax(there, axis=1), last)
    cells = np.arange(len(reached))
    before = np.where(bucket > 0, reached[cells, np.maximum(bucket - 1, 0)], 0.0)
    held = reached[cells, bucket] - before
    into = np.where(held > 0, (wanted - before) / np.where(held > 0, held, 1.0), 0.0)
    return bucket, np.clip(into, 0.0, 1.0)


def time_at(edges: FloatArray, bucket: IntArray, into: FloatArray) -> FloatArray:
    """The time so far into a bucket, whose times lie evenly; infinite in one without an end."""
    low, high = edges[bucket], edges[bucket + 1]
    ends = np.isfinite(high)
    return np.where(ends, low + into * (np.where(ends, high, 0.0) - low), np.inf)


@frozen(kw_only=True, eq=False)
class QuantileInterval(Interval):
    """Woodruff's interval (1952): the times at which the share is q less, and more, its error.

    Attributes:
        q: The share.
        reached: Running sums of the counts or weights: (cells, buckets).
        edges: The buckets' bounds, one more than there are buckets.
        error: The standard error of the share, by cell.
        df: Degrees of freedom where t stands for z, by cell.
    """

    q: float
    reached: FloatArray
    edges: FloatArray
    error: FloatArray
    df: FloatArray | None = None
    method: str = "woodruff"

    def bounds(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds by cell; infinite where no time is sure not to be exceeded."""
        known = np.isfinite(self.error)
        reach = np.where(known, self._reach(confidence), 0.0)
        share = self.q - reach
        low = time_at(self.edges, *place_of(self.reached, np.maximum(share, 0.0)))
        # Nothing is known below a share of 0, and times are not below 0.
        low = np.where(share > 0, np.minimum(low, self.edges[-2]), 0.0)
        share = self.q + reach
        high = time_at(self.edges, *place_of(self.reached, np.minimum(share, 1.0), beyond=True))
        high = np.where(share < 1, high, np.inf)
        return np.where(known, low, np.nan), np.where(known, high, np.nan)

    def std_error(self) -> FloatArray:
        """The 95 % interval's width over 2z; none where it has no upper bound."""
        low, high = self.bounds(0.95)
        width = np.where(np.isfinite(high), high, np.nan) - low
        return np.asarray(width / (2 * normal_quantile(0.975)))

    def _reach(self, confidence: float) -> FloatArray:
        """How far the share may be from q."""
        if self.df is None:
            return np.asarray(normal_quantile(0.5 + confidence / 2) * self.error)
        zero = np.zeros_like(self.error)
        return StudentInterval(centre=zero, std_error=self.error, df=self.df).bounds(confidence)[1]
