"""Columns that are no answers on a scale: points to share out, and amounts."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from satcore.codebook import Count, Instant, Item, Measure
from satcore.testing.simulation.chunks import Chunk
from satcore.testing.simulation.groups import Times
from satcore.testing.simulation.latent import Gaps, Latent
from satcore.testing.simulation.wordings import Wordings

if TYPE_CHECKING:
    import polars as pl

#: An amount: its median, and the standard deviation of its logarithm.
AMOUNT, AMOUNT_NOISE = 20.0, 0.5

#: 2025-01-01 00:00 UTC, in seconds since 1970.
_FIRST = 1_735_689_600

#: Standard deviation of the logarithm of what points are shared out by.
POINTS_NOISE = 0.5


@frozen(kw_only=True)
class Points:
    """Some items over which each respondent shares out a fixed sum.

    Attributes:
        items: The items.
        total: The sum.
    """

    items: tuple[Item, ...]
    total: int

    @property
    def name(self) -> str:
        """What it is called among a block's values."""
        return "points " + " ".join(item.name for item in self.items)

    @property
    def streams(self) -> tuple[str, ...]:
        """The names of the random numbers that decide the points."""
        return tuple(f"points {item.name}" for item in self.items)

    @property
    def possible(self) -> bool:
        """Whether the scales allow every way of sharing out that can come."""
        spare = self.total - sum(item.low for item in self.items)
        return spare >= 0 and all(item.low + spare <= item.high for item in self.items)

    def shared_out(self, chunk: Chunk) -> NDArray[np.int64]:
        """The points of each item and respondent: (items, BLOCK).

        What is left over by rounding goes to the largest remainders.
        """
        noise = np.stack([chunk.streams.normal(one, chunk.block) for one in self.streams])
        parts = np.exp(POINTS_NOISE * noise.astype(np.float64))
        low = np.array([item.low for item in self.items], dtype=np.int64)[:, None]
        spare = self.total - int(low.sum())
        exact = spare * parts / parts.sum(axis=0)
        whole = np.floor(exact).astype(np.int64)
        left = spare - whole.sum(axis=0)
        order = np.argsort(np.argsort(whole - exact, axis=0, kind="stable"), axis=0, kind="stable")
        return np.asarray(low + whole + (order < left))


@frozen(kw_only=True, eq=False)
class Share:
    """One item of ``Points``.

    Attributes:
        item: The item.
        points: The items it goes with.
        gaps: When it is missing.
    """

    item: Item
    points: Points
    gaps: Gaps

    @cached_property
    def _wordings(self) -> Wordings:
        return Wordings(item=self.item)

    @property
    def streams(self) -> tuple[str, ...]:
        """The names of the random numbers that decide an answer."""
        return self.points.streams

    def series(self, chunk: Chunk) -> pl.Series:
        """The column."""
        points = chunk.once(self.points.name, lambda: self.points.shared_out(chunk))
        codes = points[self.points.items.index(self.item)] - self.item.low
        codes = np.where(self.gaps.mask(chunk), self.item.missing_code, codes)
        return self._wordings.series(codes, chunk)


@frozen(kw_only=True, eq=False)
class Amount:
    """A column of numbers without a scale: log-normal, to two decimal places or whole.

    Times lie so many days after the first of 2025, or so long after another time.

    Attributes:
        measure: What it is read as.
        follows: The times that it follows; None for none.
        latent: What it follows.
        gaps: When it is missing; null then.
    """

    latent: Latent
    gaps: Gaps
    measure: Measure
    follows: Amount | Times | None = None

    @property
    def streams(self) -> tuple[str, ...]:
        """The names of the random numbers that decide it."""
        before = self.follows.streams if isinstance(self.follows, Amount) else ()
        return (*before, *(factor for factor, _ in self.latent.factors), self.latent.stream)

    def series(self, chunk: Chunk) -> pl.Series:
        """The column."""
        import polars as pl

        amounts = self._amounts(chunk)
        if isinstance(self.measure, Count):
            amounts = np.round(amounts)
        if isinstance(self.measure, Instant):
            amounts = self.seconds(chunk)
        amounts = np.where(self.gaps.mask(chunk), np.nan, amounts)
        if isinstance(self.measure, Instant):
            micro = (pl.Series(self.latent.name, amounts).fill_nan(None) * 1e6).cast(pl.Int64)
            return micro.cast(pl.Datetime("us")).dt.strftime("%Y-%m-%dT%H:%M:%SZ")
        return pl.Series(self.latent.name, amounts).fill_nan(None)

    def _amounts(self, chunk: Chunk) -> NDArray[np.float64]:
        values = self.latent.values(chunk).astype(np.float64)
        return np.round(AMOUNT * np.exp(AMOUNT_NOISE * values), 2)

    def seconds(self, chunk: Chunk) -> NDArray[np.float64]:
        """Times in seconds since 1970."""
        if self.follows is None or not isinstance(self.measure, Instant):
            return _FIRST + 86_400.0 * self._amounts(chunk)
        return self.follows.seconds(chunk) + self.measure.apart * self._amounts(chunk)
