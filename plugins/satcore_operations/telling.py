"""What is told beside numbers, in English; the catalogue in ``locale`` has the Chinese."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

#: Numerator, denominator and window of a rate.
RATE: Final = "{events_number} {event} on {exposure_number} {unit}"
RATE_OF_ROWS: Final = "{events_number} {event} in {exposure_number} rows"
LEFT: Final = "{lost_number} left of {base_number} customers at the start"
SEPARATIONS: Final = "{events_number} separations on {exposure_number} months of heads"
WILLING: Final = "{events_number} voluntary separations on {exposure_number} months of heads"
OF_LEAVERS: Final = "{events_number} voluntary of {exposure_number} separations of which it is said"
RESOLVED: Final = "resolved, of {base} complaints"
RESOLVED_FOR_GOOD: Final = "resolved and not reopened, of {base} complaints"
REOPENED_OF: Final = "reopened, of {base} complaints"
SATISFIED: Final = "satisfied, of {base} resolved complaints with an answer"
CLOSED: Final = "closed within {promise} {unit}, of {base} cases"
WINDOW: Final = "from {since} until {until}"
WINDOW_SINCE: Final = "from {since}"
WINDOW_UNTIL: Final = "until {until}"

#: Rows that are left out, by what they lack.
UNCOUNTED: Final = "left out for want of a count or an exposure: {count}"
BEFORE: Final = "left out, before the window: {count}"
AFTER: Final = "left out, after the window: {count}"
UNDATED: Final = "left out for want of a time: {count}"
NEGATIVE: Final = "left out, closed before they were opened: {count}"
BACKWARDS: Final = "left out, left before they joined: {count}"
BELOW_ZERO: Final = "left out, a duration below 0: {count}"
REOPENED: Final = "reopened, each counted once by its first opening: {count}"
UNNUMBERED: Final = "without a number of their opening, counted as first ones: {count}"
GONE_BEFORE: Final = "left out, gone before the window: {count}"
CAME_LATER: Final = "left out, came after the start: {count}"
UNSAID_LEFT: Final = "left out, nobody says whether they left: {count}"
UNSAID: Final = "left out, neither open nor closed: {count}"

#: What is odd, and counted all the same.
AT_ONCE: Final = "durations of 0: {count}"
TOO_LONG: Final = "longer than {longest}, counted as still open then: {count}"
TOO_LONG_LIVED: Final = "longer than {longest}, counted as still there then: {count}"
OPEN: Final = "still open at the end: {count}"
STAYED: Final = "still there at the end: {count}"
LATE: Final = "followed from the start of the window on: {count}"
OPEN_EARLY: Final = "open for less than the promise so far, so that it is estimated: {count}"

#: Why there is no number.
NO_EXPOSURE: Final = "{events_number} {event} without any exposure: no rate follows"
NO_HEADS: Final = "{events_number} separations without any heads: no rate follows"
MORE_THAN_HEADS: Final = "{lost} left, but there were only {heads} at the start: no share follows"
MORE_THAN_AVERAGE: Final = "more left than there were heads on average"
NOT_REACHED: Final = "not reached: fewer had ended by {longest}, as long as anybody was followed"
NOT_COUNTED: Final = (
    "not reached: fewer had ended by {longest}, and no longer time is counted (the option "
    "longest says how long)"
)
NO_BOUNDS: Final = "its interval has no upper end by {longest}, as long as anybody was followed"
NO_QUANTILE_ERROR: Final = (
    "no standard error: too few were followed until {longest}, as long as anybody was"
)
EMPTIED: Final = (
    "all {count} that were followed at {time} had ended by then, others are followed only later: "
    "the curve says nothing from there on"
)
ONE_ROW: Final = "one row does not say how rows stray: no interval follows"
CENSORED: Final = "followed no longer, since the time before: {count}"
FOLLOWED: Final = "followed for so long: {count}"
NOT_FOLLOWED: Final = "nobody was followed for so long"
NO_REFERENCE: Final = "the reference group has no events: no ratio follows"
NO_GROUP_EVENTS: Final = "the group has no events, and rows without any do not stray: no interval"
MORE_WILLING: Final = "more voluntary separations than separations: no share follows"
STEPS: Final = "steps followed over steps due"
POINTS: Final = "points of steps followed over points of steps due"
NEVER_DUE: Final = "never due"
NOBODY_AT_START: Final = "nobody was there at the start"

#: What was not written down.
BLANKS: Final = "steps not recorded: {count}"
VETOED: Final = "processes in which a critical step was missed: {count}"


def number(value: float) -> str:
    """A count with separators; a fraction as short as it is."""
    whole = float(value)
    return f"{int(whole):,}" if whole.is_integer() else f"{whole:,.6g}"


def counted(told: str, counts: Any, **more: str) -> list[str]:
    """A sentence for every cell whose count is above 0; empty for the others."""
    return [
        told.format(count=number(count), **more) if count else ""
        for count in np.asarray(counts).tolist()
    ]


def together(*parts: Sequence[str]) -> tuple[str, ...]:
    """The sentences of every cell, one after the other."""
    return tuple("; ".join(part for part in cell if part) for cell in zip(*parts, strict=True))


def where(flags: Any, told: str) -> list[str]:
    """A sentence where a flag is set."""
    return [told if flag else "" for flag in np.asarray(flags).tolist()]


def window(since: str, until: str) -> str:
    """The window in words; empty where there is none."""
    if since and until:
        return WINDOW.format(since=since, until=until)
    if since:
        return WINDOW_SINCE.format(since=since)
    return WINDOW_UNTIL.format(until=until) if until else ""
