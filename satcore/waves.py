"""Waves in time: where each stands, how far apart they are, and which come next."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
from attrs import evolve, field, frozen

from satcore.errors import listed
from satcore.inference import FloatArray
from satcore.periods import Period, period_label, period_start
from satcore.states import Label

#: Days of a year, on average, by the calendar's rule of leap years.
DAYS_OF_A_YEAR: Final = 365.2425

_EPOCH: Final = dt.date(1970, 1, 1).toordinal()

#: How a wave's label names a period, from the most exact to the least; the parts are what
#: ``period_start`` wants.
_FORMS: Final[tuple[tuple[Period, re.Pattern[str], str], ...]] = (
    ("day", re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T\s].*)?"), "{0}-{2:0>2}-{3:0>2}"),
    ("month", re.compile(r"(\d{4})[-/.](\d{1,2})"), "{0}-{1:0>2}"),
    ("quarter", re.compile(r"(\d{4})[-/ ]?[Qq]([1-4])"), "{0}-Q{1}"),
    ("week", re.compile(r"(\d{4})[-/ ]?[Ww](\d{1,2})"), "{0}-W{1:0>2}"),
    ("year", re.compile(r"(\d{4})"), "{0}"),
)


def named_period(text: str) -> tuple[str, Period] | None:
    """The period that a text names, in satcore's own spelling; None where it names none.

    ``2026-01-31``, ``2026-01``, ``2026-Q1`` (``2026Q1``), ``2026-W05`` and ``2026`` do.
    """
    for period, pattern, form in _FORMS:
        match = pattern.fullmatch(text.strip())
        if match is None:
            continue
        label = form.format(*match.groups())
        try:
            period_start(label, period)
        except ValueError:
            return None
        return label, period
    return None


def years_of(label: str, period: Period) -> float:
    """Where a period begins, in years. Months are a twelfth apart, quarters a quarter.

    Days and weeks are as far apart as the calendar says; a year has 365.2425 days.
    """
    start = period_start(label, period)
    if period in ("day", "week"):
        return 1970.0 + (start.toordinal() - _EPOCH) / DAYS_OF_A_YEAR
    return start.year + (start.month - 1) / 12.0


@frozen(kw_only=True, eq=False)
class Waves:
    """The waves of a series, in the order of time.

    Attributes:
        labels: The waves' labels.
        times: Where each begins, in ``unit``: (waves,), never decreasing.
        unit: ``"year"`` where the labels are dates, else ``"wave"``.
        period: The period that labels name; empty where they name none.
        dated: Whether the times come from the labels; else they are places from 1.
    """

    labels: tuple[str, ...]
    times: FloatArray
    unit: Literal["year", "wave"]
    period: Period | Literal[""] = ""
    dated: bool = field(default=True)

    @classmethod
    def of(cls, labels: Sequence[str]) -> Waves:
        """Waves from labels in their order.

        Labels that are all dates of one kind, or all numbers, are put in the order of time; any
        others keep their order and stand one wave apart.
        """
        named = [named_period(label) for label in labels]
        kinds = {one[1] for one in named if one is not None}
        if labels and None not in named and len(kinds) == 1:
            period = kinds.pop()
            times = [years_of(one[0], period) for one in named if one is not None]
            return cls._ordered(labels, times, "year", period)
        try:
            numbers = [float(label) for label in labels]
        except ValueError:
            numbers = []
        if numbers and np.isfinite(numbers).all():
            return cls._ordered(labels, numbers, "wave", "")
        places = np.arange(1.0, len(labels) + 1.0)
        return cls(labels=tuple(labels), times=places, unit="wave", dated=False)

    @classmethod
    def _ordered(
        cls,
        labels: Sequence[str],
        times: Sequence[float],
        unit: Literal["year", "wave"],
        period: Period | Literal[""],
    ) -> Waves:
        order = sorted(range(len(labels)), key=lambda place: times[place])
        return cls(
            labels=tuple(labels[place] for place in order),
            times=np.array([times[place] for place in order], dtype=np.float64),
            unit=unit,
            period=period,
        )

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def dates(self) -> tuple[dt.date, ...]:
        """The day on which each wave begins; none where the labels are no dates."""
        named = [named_period(label) for label in self.labels if self.period]
        return tuple(period_start(*one) for one in named if one is not None)

    @property
    def span(self) -> str:
        """The first and the last wave, for messages."""
        return f"{self.labels[0]} to {self.labels[-1]}" if self.labels else "no wave"

    def time(self, text: str) -> float:
        """Where a wave, or a date, stands among these times.

        Args:
            text: A wave's label; or where the waves are dates, any date, month or year.

        Raises:
            ValueError: It is neither; with what would be right.
        """
        if text in self.labels:
            return float(self.times[self.labels.index(text)])
        named = named_period(text) if self.unit == "year" else None
        if named is not None:
            return years_of(*named)
        try:
            return float(text) if self.unit == "wave" and self.dated else self._unknown(text)
        except ValueError:
            return self._unknown(text)

    def _unknown(self, text: str) -> float:
        wanted = "a date such as 2026-03 or 2026-03-15" if self.unit == "year" else "a wave"
        raise ValueError(f"{text!r} is not {wanted}; the waves are {listed(self.labels, 6)}")

    def equal(self) -> tuple[tuple[str, str], ...]:
        """Pairs of neighbouring waves that stand at the same time."""
        same = np.flatnonzero(np.diff(self.times) == 0)
        return tuple((self.labels[place], self.labels[place + 1]) for place in same.tolist())

    def after(self, count: int) -> Waves:
        """The waves that come next.

        They stand as far apart as these usually do, and are called by their period, their
        number, or ``+1``, ``+2`` where the waves have neither.
        """
        if not self.labels or count <= 0:
            return evolve(self, labels=(), times=np.array([]))
        apart = np.diff(self.times)
        apart = np.sort(apart[apart > 0])
        # The lower median: the middle of two distances may be none that there is.
        step = float(apart[(apart.size - 1) // 2]) if apart.size else self._least_step
        times = self.times[-1] + step * np.arange(1.0, count + 1.0)
        if self.period:
            labels = tuple(_label_at(time, self.period) for time in times.tolist())
            times = np.array([years_of(label, self.period) for label in labels])
        elif self.dated:
            labels = tuple(f"{time:g}" for time in times.tolist())
        else:
            labels = tuple(f"+{place}" for place in range(1, count + 1))
        return evolve(self, labels=labels, times=times)

    @property
    def _least_step(self) -> float:
        """How far apart waves stand where there are not two to tell."""
        return 1.0 / _A_YEAR[self.period] if self.period else 1.0


#: Periods of a year.
_A_YEAR: Final[dict[str, float]] = {
    "day": DAYS_OF_A_YEAR,
    "week": DAYS_OF_A_YEAR / 7.0,
    "month": 12.0,
    "quarter": 4.0,
    "year": 1.0,
}


def _label_at(time: float, period: Period) -> str:
    """The period in which a time lies; a hair's breadth off is rounding."""
    if period in ("day", "week"):
        days = round((time - 1970.0) * DAYS_OF_A_YEAR)
        return period_label(dt.date.fromordinal(_EPOCH + days), period)
    months = round(time * 12.0)
    return period_label(dt.date(months // 12, months % 12 + 1, 1), period)


def in_order(labels: Sequence[Label]) -> tuple[Waves, list[int]]:
    """The waves of an axis, and the place of each on it; an absent wave has no place in time."""
    dated = [label for label in labels if label is not None]
    waves = Waves.of(dated)
    place = {label: number for number, label in enumerate(labels)}
    return waves, [place[label] for label in waves.labels]
