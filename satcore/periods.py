"""Periods of the calendar: what waves made from times are called, and when they begin."""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, TypeAlias, cast, get_args

from satcore.states import Label

Period: TypeAlias = Literal["day", "week", "month", "quarter", "year"]

_DATE = re.compile(r"\s*(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|(\d{2})(\d{2}))(?=$|[T\s])")


def period_of(text: str | None, period: Period) -> Label:
    """The label of the period that a date's text falls into; None for an absent date.

    Raises:
        ValueError: The text begins with no date.
    """
    if text is None or not text.strip():
        return None
    match = _DATE.match(text)
    if match is None:
        raise ValueError(text)
    year, _, month, day, compact_month, compact_day = match.groups()
    date = dt.date(int(year), int(month or compact_month), int(day or compact_day))
    return period_label(date, period)


def period_label(date: dt.date, period: Period) -> str:
    """A period's label: ``2026``, ``2026-Q1``, ``2026-01``, ``2026-W05`` (ISO), ``2026-01-31``."""
    match period:
        case "year":
            return f"{date.year:04}"
        case "quarter":
            return f"{date.year:04}-Q{(date.month + 2) // 3}"
        case "month":
            return f"{date.year:04}-{date.month:02}"
        case "week":
            year, week, _ = date.isocalendar()
            return f"{year:04}-W{week:02}"
        case "day":
            return date.isoformat()


def period_start(label: str, period: Period) -> dt.date:
    """The first day of a period."""
    match period:
        case "year":
            return dt.date(int(label), 1, 1)
        case "quarter":
            return dt.date(int(label[:4]), 3 * int(label[-1]) - 2, 1)
        case "month":
            return dt.date(int(label[:4]), int(label[5:]), 1)
        case "week":
            return dt.date.fromisocalendar(int(label[:4]), int(label[6:]), 1)
        case "day":
            return dt.date.fromisoformat(label)


_LONGEST_DAYS: Mapping[Period, int] = {
    "day": 1,
    "week": 7,
    "month": 31,
    "quarter": 92,
    "year": 366,
}


def periods_between(first: str, last: str, period: Period) -> Iterator[str]:
    """Every period from the first to the last, both included."""
    start, label = period_start(first, period), first
    end = period_start(last, period)
    while start <= end:
        yield label
        if start == end:  # after the last day of the calendar there is no next
            return
        # A step of the longest length lands inside the next period; its own start follows.
        label = period_label(start + dt.timedelta(days=_LONGEST_DAYS[period]), period)
        start = period_start(label, period)


#: What of a date each period tells, as CLDR writes it.
_SKELETONS: Final[Mapping[Period, str]] = {
    "year": "y",
    "quarter": "yQQQ",
    "month": "yMMMM",
    "week": "yw",
}


@functools.lru_cache(maxsize=4096)
def period_said(label: str, period: str, language: str) -> str:
    """A period's label for people: ``2026-03`` is "March 2026" or "2026年3月".

    The forms are CLDR's, of the language alone: nothing is asked of the machine. Weeks are ISO's,
    whatever the language's own count. A label of another kind stays as it is, and so do all
    where Babel, which comes with the extra ``report``, is not installed.

    Args:
        label: The label, as ``period_label`` makes it.
        period: The period.
        language: The reader's language.
    """
    if period not in get_args(Period):
        return label
    known = cast("Period", period)
    try:
        from babel import Locale

        start = period_start(label, known)
        if period_label(start, known) != label:
            return label
        return _said(start, known, Locale.parse(language))
    # A language without such a form says it as the rows do.
    except (ImportError, KeyError, LookupError, ValueError):
        return label


def _said(start: dt.date, period: Period, locale: Any) -> str:
    from babel.dates import format_date, format_skeleton

    if period == "day":
        return format_date(start, "long", locale=locale)
    if period == "week":
        year, week, _ = start.isocalendar()
        return str(locale.datetime_skeletons["yw"].format % {"Y": year, "y": year, "w": week})
    return format_skeleton(_SKELETONS[period], start, locale=locale)
