"""How long cases take, as tables by time that merge: what closed, what was still open.

A duration is rounded up to the next whole step, so that one that is no longer than a whole number
of steps stays so: shares within a promise are exact. Durations beyond the longest one are censored
there, which leaves every number up to it as it would be without.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from satcore import Count, Counted, Derived, Field, Instant, Item, Measure, OptionError, Statistic
from satcore_operations.survival import Survived

if TYPE_CHECKING:
    from satcore import Block

#: Seconds of a unit of time. A month is a twelfth of the calendar's average year of 365.2425 days.
SECONDS: Final[dict[str, float]] = {
    "second": 1.0,
    "minute": 60.0,
    "hour": 3600.0,
    "day": 86_400.0,
    "week": 604_800.0,
    "month": 2_629_746.0,
    "year": 31_556_952.0,
}

_RANGE: Final = re.compile(r"\s*(\d{1,9})\s*\.\.\s*(\d{1,9})\s*")

#: Times at which survival may be told.
MOST_TIMES: Final = 400

#: Steps that a table may have.
MOST_STEPS: Final = 60_000

#: What is counted beside the table, in the order of the state's columns. The first ones leave a row
#: out, by the first of them that is so.
REASONS: Final = (
    "reopened", "uncounted", "unsaid", "negative", "before", "after", "at_once", "too_long", "late",
    "open_long", "unnumbered",
)  # fmt: skip
LEAVING: Final = REASONS[:6]


@frozen(kw_only=True)
class Lifetimes(Statistic):
    """A table of durations by step, those that ended apart from those that had not.

    Attributes:
        steps: How many steps the table has; longer durations are censored at the last.
        step: A step, in units of the duration.
        duration: How long it took; None where it is told from two times.
        ended: 1 where it ended, 0 where it had not; all ended where None.
        start: When it began.
        end: When it ended; nothing where it had not.
        unit: Seconds of a unit, for two times.
        since: What began earlier is left out, in seconds since 1970; None for no such moment.
        until: What had not ended by then is censored.
        delayed: Whether what began earlier is followed from ``since`` on, instead of left out.
        opening: Which opening of its case a row is, from 1; only the first counts.
    """

    steps: int
    step: float = 1.0
    duration: Measure | None = None
    ended: Item | Derived | None = None
    start: Instant | None = None
    end: Instant | None = None
    unit: float = 1.0
    since: float | None = None
    until: float | None = None
    delayed: bool = False
    opening: Count | None = None

    @property
    def codes(self) -> int:
        """Steps with 0, ended and not, and one code for rows that are left out."""
        return 2 * (self.steps + 1) + 1

    def fields(self, *, weighted: bool) -> Mapping[str, Field]:
        """The table, what was told, and where those that came later did."""
        fields = {"n": Field(shape=(self.codes,)), "told": Field(shape=(len(REASONS),))}
        if weighted:
            real = Field(shape=(self.codes,), dtype=np.float64)
            fields |= {"w": real, "w2": real}
        if self.delayed:
            fields["late"] = Field(shape=(self.steps + 2,))
        return fields

    def observe(self, block: Block) -> Mapping[str, NDArray[Any]]:
        """Count one block."""
        length, ended, entry, reasons = self._timed(block)
        told = np.zeros((block.cells, len(REASONS)), dtype=np.int64)
        kept = np.ones(block.rows, dtype=np.bool_)

        def tell(name: str, rows: NDArray[np.bool_]) -> None:
            told[:, REASONS.index(name)] = block.total(rows.astype(np.int64))

        for name in LEAVING:
            if name in reasons:
                tell(name, kept & reasons[name])
                kept = kept & ~reasons[name]
        if "unnumbered" in reasons:
            tell("unnumbered", kept & reasons["unnumbered"])
        with np.errstate(invalid="ignore"):
            # A step of 0.1 has no exact double: 0.3 is three of them.
            place = np.ceil(np.round(np.where(kept, length, 0.0) / self.step, 9))
        too_long = kept & (place > self.steps)
        tell("at_once", kept & (place == 0))
        tell("too_long", too_long)
        tell("open_long", too_long & ~ended)
        place = np.minimum(place, self.steps).astype(np.int64)
        open_ = ~ended | too_long
        codes = np.where(kept, place + open_ * (self.steps + 1), self.codes - 1)
        found: dict[str, NDArray[Any]] = {**block.table(codes, self.codes), "told": told}
        if self.delayed:
            came = kept & (entry > 0)
            tell("late", came)
            at = np.minimum(np.floor(np.round(entry / self.step, 9)), self.steps).astype(np.int64)
            found["late"] = block.count(np.where(came, at + 1, 0), self.steps + 2)
        return found

    def _timed(self, block: Block) -> tuple[Any, Any, Any, dict[str, NDArray[np.bool_]]]:
        """Durations, whether each ended, from when each was followed, and what leaves rows out."""
        reasons: dict[str, NDArray[np.bool_]] = {}
        if self.opening is not None:
            opening = block.values(self.opening)
            with np.errstate(invalid="ignore"):
                reasons["reopened"] = opening > 1
                reasons["unnumbered"] = ~(opening >= 1)
        if self.duration is not None:
            length = block.values(self.duration)
            said = np.ones(block.rows) if self.ended is None else block.values(self.ended)
            reasons |= {
                "uncounted": np.isnan(length),
                "unsaid": np.isnan(said),
                "negative": length < 0,
            }
            return length, said == 1, np.zeros(block.rows), reasons
        if self.start is None or self.end is None or self.until is None:
            raise ValueError("lifetimes need a duration, or a start, an end and an until")
        start, end = block.values(self.start), block.values(self.end)
        reasons |= {
            "uncounted": np.isnan(start),
            # An end that is written and can't be read is not the same as none.
            "unsaid": block.unread(self.end),
            "negative": end < start,
            "after": start >= self.until,
        }
        since = -np.inf if self.since is None else self.since
        # Who leaves as the window begins was followed for no time in it.
        reasons["before"] = (end <= since) if self.delayed else (start < since)
        ended = end < self.until
        length = (np.where(ended, end, self.until) - start) / self.unit
        entry = np.maximum(since - start, 0.0) / self.unit if self.delayed else np.zeros(block.rows)
        return length, ended, np.where(np.isfinite(entry), entry, 0.0), reasons

    def view(self, counted: Counted) -> Survived:
        """Survival by Kaplan and Meier."""
        return Survived.of(
            counted, steps=self.steps, step=self.step,
            told={name: counted["told"][:, place] for place, name in enumerate(REASONS)},
        )  # fmt: skip


def steps_of(longest: float, resolution: float) -> int:
    """How many steps a table has.

    Raises:
        OptionError: No whole number of steps, or more than a table may have.
    """
    if not resolution > 0:
        raise OptionError("resolution", f"{resolution:g} is no step of time; it has to be above 0")
    steps = round(longest / resolution)
    if steps < 1 or abs(steps * resolution - longest) > 1e-9 * longest:
        raise OptionError(
            "longest", f"{longest:g} is no whole number of steps of {resolution:g}, 1 at least"
        )
    if steps > MOST_STEPS:
        raise OptionError(
            "longest",
            f"{longest:g} in steps of {resolution:g} are {steps:,} steps, more than "
            f"{MOST_STEPS:,}; take a coarser resolution",
        )
    return steps


def times_of(at: str | tuple[float, ...]) -> tuple[float, ...]:
    """The times at which survival is told, each once and in order.

    Args:
        at: Times, or a range of whole ones: ``"1..72"``.

    Raises:
        OptionError: A text that is no range, or one of more times than a table may have.
    """
    if not isinstance(at, str):
        return tuple(sorted(set(at)))
    match = _RANGE.fullmatch(at)
    if match is None or int(match[1]) > int(match[2]):
        raise OptionError("at", f"{at!r} is no range; write '0..72', or a list of times")
    first, last = int(match[1]), int(match[2])
    if last - first >= MOST_TIMES:
        raise OptionError("at", f"{at!r} has more than {MOST_TIMES} times; list fewer")
    return tuple(map(float, range(first, last + 1)))


def whole_steps(option: str, time: float, resolution: float, steps: int) -> int:
    """The step that a time is.

    Args:
        option: The option that names the time, for messages.
        time: The time.
        resolution: A step.
        steps: How many there are.

    Raises:
        OptionError: It lies between two steps, below 0 or beyond the last.
    """
    place = round(time / resolution)
    if abs(place * resolution - time) > 1e-9 * max(abs(time), resolution):
        raise OptionError(
            option,
            f"{time:g} is no whole number of steps of {resolution:g}; durations are rounded up to "
            "whole steps: take a finer resolution",
        )
    if not 0 <= place <= steps:
        raise OptionError(option, f"{time:g} lies outside 0 to longest = {steps * resolution:g}")
    return place
