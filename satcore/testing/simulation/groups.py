"""Columns that say who a respondent is: segments, waves, weights, whether a response counts."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from functools import cached_property
from itertools import chain, count
from typing import TYPE_CHECKING

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from satcore.errors import OptionError
from satcore.inference import FloatArray
from satcore.periods import Period, period_label, period_start
from satcore.planning import Keep
from satcore.replicates import hashed
from satcore.states import Label
from satcore.testing.simulation.chunks import Chunk
from satcore.testing.simulation.streams import BLOCK, Singles
from satcore.testing.simulation.tables import table_of, taken

if TYPE_CHECKING:
    import polars as pl

#: The day from which seconds are counted.
_EPOCH = dt.date(1970, 1, 1).toordinal()

#: Labels of a column for which the study names none.
LABELS = ("A", "B", "C", "D")

#: How uneven the shares of a column's labels are, the first the most frequent.
_UNEVEN = (1.3, 0.7)

#: What respondents of the first and of the last label weigh, before noise.
_WEIGHED = (0.7, 1.4)

#: Standard deviation of a weight's logarithm within a segment.
WEIGHT_NOISE = 0.3


@frozen(kw_only=True, eq=False)
class Group:
    """A column of labels: a segment, a wave, or what ``[[keep]]`` looks at.

    Attributes:
        column: The column.
        axis: What cells call it; empty where there are no cells of it.
        labels: Its labels, None for an absent one.
        shares: How likely each is among the respondents.
        shifts: What each adds to latent answers.
        dropped: Labels that ``[[keep]]`` drops.
    """

    column: str
    axis: str = ""
    labels: tuple[Label, ...]
    shares: tuple[float, ...]
    shifts: tuple[float, ...]
    dropped: tuple[Label, ...] = ()

    @property
    def stream(self) -> str:
        """The name of its random numbers."""
        return f"group {self.column}"

    @cached_property
    def _cuts(self) -> FloatArray:
        return np.cumsum(self.shares)[:-1]

    def places(self, chunk: Chunk) -> NDArray[np.intp]:
        """Each respondent's label, by its place: (BLOCK,)."""

        def draw() -> NDArray[np.intp]:
            uniform = chunk.streams.uniform(self.stream, chunk.block)
            return np.searchsorted(self._cuts, uniform, side="right")

        return chunk.once(self.stream, draw)

    def shift(self, chunk: Chunk) -> Singles:
        """What each respondent's label adds to latent answers: (BLOCK,)."""
        return np.array(self.shifts, dtype=np.float32)[self.places(chunk)]

    @cached_property
    def _table(self) -> pl.Series:
        return table_of(self.column, self.labels)

    def series(self, chunk: Chunk) -> pl.Series:
        """The column."""
        return taken(self._table, self.places(chunk))

    def weighed(self, factors: Sequence[float]) -> Group:
        """The same among the people whom weighted respondents stand for."""
        raw = np.array(self.shares) * np.array(factors)
        return evolve(self, shares=tuple((raw / raw.sum()).tolist()))

    @property
    def kept(self) -> Group:
        """The same among those whom no rule drops; as it is where nobody is left."""
        left = math.fsum(
            share
            for label, share in zip(self.labels, self.shares, strict=True)
            if label not in self.dropped
        )
        shares = tuple(
            0.0 if label in self.dropped else share / left
            for label, share in zip(self.labels, self.shares, strict=True)
            if left
        )
        return evolve(self, shares=shares) if self.dropped and left else self

    @property
    def present(self) -> tuple[Label, ...]:
        """The labels that somebody has."""
        return tuple(label for label, share in zip(self.labels, self.shares, strict=True) if share)


def segment(
    column: str,
    labels: Sequence[Label],
    keep: Sequence[Keep],
    *,
    shift: float = 0.0,
    dropped: float = 0.0,
) -> Group:
    """A segment whose labels differ by a known shift.

    Args:
        column: The column.
        labels: Labels that it has to have; ``LABELS`` where they are fewer than two.
        keep: Rules on this column.
        shift: How far the outermost labels lie from the middle.
        dropped: Share of the responses that the rules drop.
    """
    labels = _with_kept(labels, keep, LABELS)
    kept = [label for label in labels if _passes(label, keep)]
    shares = _shares(labels, kept, dropped)
    if int(hashed(column)) % 2:  # not every column runs the same way
        shift = -shift
    spread = np.linspace(-shift, shift, len(kept)) if len(kept) > 1 else np.zeros(len(kept))
    inside = np.array([share for label, share in zip(labels, shares, strict=True) if label in kept])
    if inside.size:
        spread = spread - np.average(spread, weights=inside)
    by_label = dict(zip(kept, spread.tolist(), strict=True))
    return Group(
        column=column,
        axis=column,
        labels=tuple(labels),
        shares=shares,
        shifts=tuple(by_label.get(label, 0.0) for label in labels),
        dropped=tuple(label for label in labels if label not in kept),
    )


def filtered(column: str, keep: Sequence[Keep], dropped: float) -> Group:
    """A column that only ``[[keep]]`` looks at."""
    labels = _with_kept((), keep, ("kept",))
    if all(_passes(label, keep) for label in labels):
        names = chain(["dropped"], (f"dropped {number}" for number in count(2)))
        labels.append(next(name for name in names if name not in labels))
    kept = [label for label in labels if _passes(label, keep)]
    shares = _shares(labels, kept, dropped)
    return Group(
        column=column,
        labels=tuple(labels),
        shares=shares,
        shifts=(0.0,) * len(labels),
        dropped=tuple(label for label in labels if label not in kept),
    )


def _passes(label: Label, keep: Sequence[Keep]) -> bool:
    text = label or ""
    return all((rule.is_ is None or text in rule.is_) and text not in rule.not_ for rule in keep)


def _with_kept(labels: Sequence[Label], keep: Sequence[Keep], spare: Sequence[str]) -> list[Label]:
    """Labels, those that rules name, and spare ones where too few of them are kept."""
    named = [text or None for rule in keep for text in (*(rule.is_ or ()), *rule.not_)]
    all_labels: list[Label] = list(dict.fromkeys((*labels, *named)))
    least = min(2, len(spare))
    if sum(_passes(label, keep) for label in all_labels) < least:
        all_labels += [one for one in spare if one not in all_labels]
    return all_labels


def _shares(labels: Sequence[Label], kept: Sequence[Label], dropped: float) -> tuple[float, ...]:
    """Shares of the labels: those that are dropped have ``dropped`` of the responses together."""
    gone = len(labels) - len(kept)
    if not kept or not gone:
        dropped = 0.0 if kept else 1.0
    raw = np.linspace(*_UNEVEN, len(kept)) if kept else np.zeros(0)
    of_kept = iter(((1 - dropped) * raw / raw.sum()).tolist() if kept else ())
    return tuple(next(of_kept) if label in kept else dropped / gone for label in labels)


def waves(column: str, axis: str, labels: Sequence[Label], drift: float) -> Group:
    """Waves that are equally likely, each a known amount above the one before."""
    many = len(labels)
    shifts = drift * (np.arange(many) - (many - 1) / 2)
    return Group(
        column=column,
        axis=axis,
        labels=tuple(labels),
        shares=(1 / many,) * many,
        shifts=tuple(shifts.tolist()),
    )


def calendar(start: dt.date, period: Period, many: int) -> dict[str, list[dt.date]]:
    """The days of some periods, by the periods' labels.

    Raises:
        OptionError: They run past the end of the calendar.
    """
    days: dict[str, list[dt.date]] = {}
    day = period_start(period_label(start, period), period)
    while True:
        label = period_label(day, period)
        if label not in days and len(days) == many:
            return days
        days.setdefault(label, []).append(day)
        if day == dt.date.max:
            raise OptionError("waves", f"{many} of a {period} run past the year {day.year}")
        day += dt.timedelta(days=1)


@frozen(kw_only=True, eq=False)
class Times:
    """A column of dates, each within its wave.

    Attributes:
        wave: The waves.
        days: The days of each wave, in the waves' order.
        form: How a date is written, in strptime's letters; None for a plain date.
    """

    wave: Group
    days: tuple[tuple[dt.date, ...], ...]
    form: str | None = None

    @cached_property
    def _table(self) -> pl.Series:
        import polars as pl

        dates = pl.Series(self.wave.column, [day for wave in self.days for day in wave])
        return dates if self.form is None else dates.dt.strftime(self.form)

    def series(self, chunk: Chunk) -> pl.Series:
        """The column."""
        return taken(self._table, self._days(chunk))

    def seconds(self, chunk: Chunk) -> NDArray[np.float64]:
        """When the dates begin, in seconds since 1970."""
        days = [day.toordinal() - _EPOCH for wave in self.days for day in wave]
        return np.array(days, dtype=np.float64)[self._days(chunk)] * 86_400.0

    def _days(self, chunk: Chunk) -> NDArray[np.intp]:
        """The place of each date among all days."""
        lengths = np.array([len(wave) for wave in self.days])
        first = np.cumsum(lengths) - lengths
        places = self.wave.places(chunk)
        within = chunk.streams.uniform(f"day {self.wave.column}", chunk.block)
        day = (within * lengths[places]).astype(np.intp)
        found: NDArray[np.intp] = first[places] + day
        return found


@frozen(kw_only=True, eq=False)
class Weights:
    """Log-normal weights; those of the first segment's labels differ.

    Attributes:
        column: The column.
        group: The segment; None without one.
    """

    column: str
    group: Group | None = None

    @property
    def factors(self) -> tuple[float, ...]:
        """What respondents of each label weigh, on average."""
        if self.group is None:
            return (1.0,)
        raw = np.linspace(*_WEIGHED, len(self.group.labels))
        mean = np.average(raw, weights=np.array(self.group.shares))
        return tuple((raw / mean).tolist())

    def series(self, chunk: Chunk) -> pl.Series:
        """The column, to six decimal places."""
        import polars as pl

        noise = chunk.streams.normal(f"weight {self.column}", chunk.block).astype(np.float64)
        weight = np.exp(WEIGHT_NOISE * noise - WEIGHT_NOISE**2 / 2)
        if self.group is not None:
            weight *= np.array(self.factors)[self.group.places(chunk)]
        return pl.Series(self.column, np.round(weight, 6))


@frozen(kw_only=True)
class Respondents:
    """A column that tells respondents apart: their numbers, from 1.

    Attributes:
        column: The column.
    """

    column: str

    def series(self, chunk: Chunk) -> pl.Series:
        """The column."""
        import polars as pl

        first = chunk.block * BLOCK
        return pl.Series(self.column, np.arange(first + 1, first + BLOCK + 1, dtype=np.int64))
