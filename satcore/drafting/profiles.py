"""What a column holds, found in one pass over all responses and in bounded memory.

Of every column some distinct texts are remembered with their counts; once there are too many of
them to be answers of a closed question, only what tells numbers and dates apart is kept.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from attrs import Factory, define

from satcore.blocks import distinct
from satcore.codebook import as_text
from satcore.errors import DataError
from satcore.periods import period_of
from satcore.surveys import Survey

if TYPE_CHECKING:
    import polars as pl

#: Distinct texts that are remembered of a column; more make no segment and no scale.
REMEMBERED: Final = 120
#: A text longer than this is somebody's own words.
LONGEST: Final = 80
#: Rows below which a plain count is quicker than polars' own.
_FEW: Final = 256
#: Days that are remembered.
_DAYS: Final = 20_000
#: Years outside which a number is not read as a date.
_YEARS: Final = (1900, 2100)

_DAY, _MONTH, _YEAR = r"(?P<day>\d{1,2})", r"(?P<month>\d{1,2})", r"(?P<year>\d{4})"


def _forms() -> Iterator[tuple[str, re.Pattern[str]]]:
    clocks = {"": "", " %H:%M": r" \d{1,2}:\d{2}", " %H:%M:%S": r" \d{1,2}:\d{2}:\d{2}"}
    for clock, tail in clocks.items():
        for sign in ".-/":
            mark = re.escape(sign)
            yield f"%d{sign}%m{sign}%Y{clock}", re.compile(mark.join((_DAY, _MONTH, _YEAR)) + tail)
            yield f"%m{sign}%d{sign}%Y{clock}", re.compile(mark.join((_MONTH, _DAY, _YEAR)) + tail)
        yield f"%Y年%m月%d日{clock}", re.compile(f"{_YEAR}年{_MONTH}月{_DAY}日{tail}")


#: Forms of dates besides year-month-day, in strptime's letters, with how they are recognised.
FORMS: Final = tuple(_forms())

#: The form of year-month-day, which needs no name.
ISO: Final = ""

#: A date, or a date and a time of day, as times are read (``codebook.instant``).
_CLOCK = r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?"
_OFFSET = r"(?P<offset>Z|z|[+-]\d{2}:?\d{2})"
_MOMENT = re.compile(
    rf"\s*(?:\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}|\d{{8}})(?P<clock>[T\s]+{_CLOCK})?\s*{_OFFSET}?\s*"
)
_TAIL = re.compile(rf"\s*[\d./年月日-]+(?P<clock> {_CLOCK})?\s*")


@define
class Dates:
    """The dates that texts make in one form.

    Attributes:
        count: How many responses have one.
        months: How many responses each month has, as year times 12 and the month from 0.
        first: The earliest of them.
        last: The latest.
        ordinals: The sum of their days' numbers.
        timed: Whether any has a time of day.
        offset: Whether any names its offset from UTC.
        read: Whether all can be read as moments: a date, and after it nothing or a time of day.
    """

    count: int = 0
    months: dict[int, int] = Factory(dict)
    first: dt.date = dt.date.max
    last: dt.date = dt.date.min
    ordinals: int = 0
    timed: bool = False
    offset: bool = False
    read: bool = True

    def add(self, date: dt.date, count: int) -> None:
        """Count a date."""
        self.count += count
        self.first, self.last = min(self.first, date), max(self.last, date)
        self.ordinals += count * date.toordinal()
        month = date.year * 12 + date.month - 1
        self.months[month] = self.months.get(month, 0) + count

    def hold(self, match: re.Match[str] | None) -> None:
        """Note whether a text can be read as a moment, and what it says of the time of day."""
        if match is None:
            self.read = False
            return
        self.timed = self.timed or match["clock"] is not None
        self.offset = self.offset or match.groupdict().get("offset") is not None


@define
class Profile:
    """What a column holds.

    Attributes:
        name: The column's name.
        rows: How many responses there are.
        empty: How many of them have nothing there.
        texts: Its distinct texts and how many responses have each, while they are few.
        many: Whether there are more distinct texts than are remembered.
        longest: Characters of the longest text.
        numbers: How many responses have a finite number, up to the first that has none.
        low: The least number.
        high: The greatest number.
        total: The sum of the numbers.
        whole: Whether every number is whole.
        repeats: Responses that are known to have the text of another one; of many texts only
            those that stand in one batch, or are remembered, are known to be alike.
        dates: Dates by their form; none once a text is no date.
        single: Whether the values are single ones and no lists.
        numeric: Whether every text so far is a finite number.
        dated: Whether every text so far is a date.
        days: Dates of year-month-day that have been read, by the text's beginning.
    """

    name: str
    rows: int = 0
    empty: int = 0
    texts: dict[str, int] = Factory(dict)
    many: bool = False
    longest: int = 0
    numbers: int = 0
    low: float = math.inf
    high: float = -math.inf
    total: float = 0.0
    whole: bool = True
    repeats: int = 0
    dates: dict[str, Dates] = Factory(dict)
    single: bool = True
    numeric: bool = True
    dated: bool = True
    days: dict[str, tuple[tuple[str, dt.date], ...]] = Factory(dict)

    @property
    def filled(self) -> int:
        """How many responses have something there."""
        return self.rows - self.empty

    @property
    def mean(self) -> float:
        """The mean of the numbers."""
        return self.total / self.numbers if self.numbers else math.nan

    @property
    def unique(self) -> bool:
        """Whether, as far as is known, no two responses have the same text."""
        return self.filled > 0 and not self.repeats

    def take(self, series: pl.Series) -> None:
        """Take in some more responses."""
        self.rows += len(series)
        if not self.single:
            return
        if self.many and not (self.numeric or self.dated) and str(series.dtype) == "String":
            self._skim(series)
            return
        try:
            found = _counted(series)
        except DataError:
            self.single = False
            return
        for text, count in found.items():
            if not count:
                continue
            if text is None or not text.strip():
                self.empty += count
            else:
                self._add(text, count)

    def _skim(self, series: pl.Series) -> None:
        """Take in more of somebody's own words, of which little has to be known."""
        there = series.drop_nulls()
        there = there.filter(there.str.strip_chars() != "")
        self.empty += len(series) - len(there)
        self.repeats += len(there) - there.n_unique()
        longest = there.str.len_chars().max()
        self.longest = max(self.longest, longest if isinstance(longest, int) else 0)

    def _add(self, text: str, count: int) -> None:
        self.longest = max(self.longest, len(text))
        self.repeats += count - 1
        if text in self.texts:
            self.texts[text] += count
            self.repeats += 1
        elif len(self.texts) < REMEMBERED and len(text) <= LONGEST:
            self.texts[text] = count
        else:
            self.many = True
        if self.numeric:
            self._add_number(text, count)
        if self.dated:
            self._add_dates(text, count)

    def _add_number(self, text: str, count: int) -> None:
        number = number_of(text) if len(text) <= LONGEST else None
        if number is None:
            self.numeric = False
            return
        self.numbers += count
        self.low, self.high = min(self.low, number), max(self.high, number)
        self.total += number * count
        self.whole = self.whole and number.is_integer()

    def _add_dates(self, text: str, count: int) -> None:
        found = self.days.get(text[:11])
        if found is None:
            found = tuple(dates_of(text)) if len(text) <= LONGEST else ()
            # Of year-month-day the rest of the text is the time of day, which may be anything.
            if found and found[0][0] == ISO and len(self.days) < _DAYS:
                self.days[text[:11]] = found
        for form, date in found:
            dates = self.dates.setdefault(form, Dates())
            dates.add(date, count)
            dates.hold((_MOMENT if form == ISO else _TAIL).fullmatch(text))
        if not found:
            self.dated, self.dates, self.days = False, {}, {}


def _counted(series: pl.Series) -> Mapping[str | None, int]:
    """How many responses have each text; None where there is none.

    Raises:
        DataError: The values are lists or the like.
    """
    if len(series) <= _FEW and not series.dtype.is_nested():
        return Counter(as_text(value) for value in series.to_list())
    found = distinct(series)
    return dict(zip(found.texts, found.counts(), strict=True))


def number_of(text: str) -> float | None:
    """The finite number that a text is; None where it is none."""
    try:
        number = float(text)
    except ValueError:
        return None
    # What Python takes and a table of numbers does not: "1_000", digits of other scripts.
    return number if math.isfinite(number) and "_" not in text and text.isascii() else None


def dates_of(text: str) -> Iterator[tuple[str, dt.date]]:
    """The dates that a text may be, each with its form."""
    try:
        day = period_of(text, "day")
    except ValueError:
        day = None
    if day is not None:
        date = dt.date.fromisoformat(day)
        if _YEARS[0] <= date.year <= _YEARS[1]:
            yield ISO, date
        return
    for form, pattern in FORMS:
        match = pattern.fullmatch(text.strip())
        if match is None:
            continue
        try:
            date = dt.date(int(match["year"]), int(match["month"]), int(match["day"]))
        except ValueError:
            continue
        if _YEARS[0] <= date.year <= _YEARS[1]:
            yield form, date


def profiles_of(survey: Survey) -> dict[str, Profile]:
    """What every column of a survey holds, by name, in the survey's order.

    Raises:
        DataError: A fragment can't be read.
    """
    profiles = {name: Profile(name) for name in survey.columns}
    for fragment in survey.fragments:
        for frame in fragment.read(survey.columns):
            for name, profile in profiles.items():
                profile.take(frame[name])
    return profiles
