"""Columns of times that can be read to the last one, as metrics of events need them."""

from __future__ import annotations

import datetime as dt
from typing import Final

from attrs import frozen

from satcore.drafting.guessing.sheet import Sheet
from satcore.drafting.profiles import ISO

#: Years after the last beginning from which on an end is no time that was.
YEARS: Final = 5


@frozen(kw_only=True)
class Moments:
    """What is known of a column of times.

    Attributes:
        form: Their form in strptime's letters; empty for year-month-day.
        first: The earliest day.
        last: The latest.
        mean: The mean of the days' numbers.
        count: How many rows have a time.
        timed: Whether any says a time of day.
        offset: Whether any names its offset from UTC.
    """

    form: str
    first: dt.date
    last: dt.date
    mean: float
    count: int
    timed: bool
    offset: bool

    def before(self, other: Moments) -> bool:
        """Whether these may be the beginnings of what ends at the others."""
        if self.form != other.form or self.first > other.first:
            return False
        # 2099-12-31 stands for "not yet" in many a table.
        if other.last.year > self.last.year + YEARS:
            return False
        # Where all have ended, they did so later on average.
        return other.count < self.count or self.mean <= other.mean


def moments_of(sheet: Sheet, name: str) -> Moments | None:
    """A column's times; None where it has others than times, or days that may be months."""
    profile = sheet.profiles[name]
    form = sheet.form(name)
    if form is None or (form == ISO and ISO not in profile.dates):
        return None
    forms = [one for one, dates in profile.dates.items() if dates.count == profile.filled]
    dates = profile.dates[form]
    if len(forms) != 1 or not dates.read:
        return None
    return Moments(
        form=form,
        first=dates.first,
        last=dates.last,
        mean=dates.ordinals / dates.count,
        count=dates.count,
        timed=dates.timed,
        offset=dates.offset,
    )
