"""Times as people write them - numbers, dates, months, quarters - as numbers with a unit."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from typing import Any, Final, Literal

import numpy as np
from attrs import frozen

from satcore import FloatArray, IntArray

#: Days of a mean Gregorian year.
YEAR: Final = 365.2425

#: Days from 1 January of the year 1 to that of 1970, less one: how Python counts days.
_EPOCH: Final = dt.date(1970, 1, 1).toordinal()

_MONTH: Final = re.compile(r"\s*(\d{4})-(\d{1,2})\s*$")
_QUARTER: Final = re.compile(r"\s*(\d{4})-?[Qq]([1-4])\s*$")

Kind = Literal["number", "date", "month", "quarter"]


@frozen(kw_only=True)
class Times:
    """Times as numbers.

    Attributes:
        values: In years for the calendar's kinds, else as they were given, (points,).
        kind: How they were written.
        months: The month of each, from 0; None for numbers.
    """

    values: FloatArray
    kind: Kind
    months: IntArray | None

    @property
    def unit(self) -> str:
        """The unit of time: ``year``, or ``unit of x`` for plain numbers."""
        return "unit of x" if self.kind == "number" else "year"

    def shown(self) -> Callable[[float], str]:
        """How one of these times is told to a person."""
        return _SHOWN[self.kind]


def read_times(x: Iterable[Any], name: str = "x") -> Times:
    """Read numbers, dates, ISO texts, months (``2024-03``) or quarters (``2024-Q1``).

    Dates become years of 365.2425 days, 1970-01-01 being 1970. Months are a twelfth of a year
    apart and quarters a quarter, whatever their days.

    Args:
        x: The times, all written alike.
        name: What they are called in errors.

    Raises:
        ValueError: A time that can't be read, or kinds that are mixed.
    """
    if isinstance(x, np.ndarray) and x.dtype.kind == "M":
        return _from_numpy(x, name)
    if isinstance(x, np.ndarray) and x.dtype.kind in "iuf":
        return _numbers(np.asarray(x, dtype=np.float64), name)
    read = [_one(value, place, name) for place, value in enumerate(x)]
    kinds = sorted({kind for kind, _, _ in read})
    if len(kinds) > 1:
        told = " and ".join(f"{kind}s" for kind in kinds)
        raise ValueError(f"{name} mixes {told}; write all of them alike")
    values = np.array([value for _, value, _ in read], dtype=np.float64)
    if not kinds or kinds[0] == "number":
        return _numbers(values, name)
    months = np.array([month for _, _, month in read], dtype=np.int64)
    return Times(values=values, kind=kinds[0], months=months)


def _numbers(values: FloatArray, name: str) -> Times:
    values = values.reshape(-1)
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size:
        raise ValueError(
            f"{name} holds no number at place {int(bad[0]) + 1} of {values.size}; a point without "
            "a time can't be placed: leave it out, or give its time"
        )
    return Times(values=values, kind="number", months=None)


def _from_numpy(x: np.ndarray[Any, Any], name: str) -> Times:
    if np.isnat(x).any():
        place = int(np.flatnonzero(np.isnat(x))[0]) + 1
        raise ValueError(f"{name} holds no date at place {place}; leave it out, or give its date")
    unit = np.datetime_data(x.dtype)[0]
    months = x.astype("datetime64[M]").astype(np.int64)
    if unit in ("M", "Y"):
        return Times(values=1970 + months / 12, kind="month", months=months % 12)
    seconds = (x - np.datetime64("1970-01-01")) / np.timedelta64(1, "s")
    years = 1970 + np.asarray(seconds, dtype=np.float64) / 86400 / YEAR
    return Times(values=years, kind="date", months=months % 12)


def _one(value: Any, place: int, name: str) -> tuple[Kind, float, int]:
    if isinstance(value, np.datetime64):
        found = _from_numpy(np.array([value]), name)
        month = 0 if found.months is None else int(found.months[0])
        return found.kind, float(found.values[0]), month
    if isinstance(value, str):
        return _text(value, place, name)
    if isinstance(value, dt.datetime):
        return _moment(value)
    if isinstance(value, dt.date):
        return "date", _years(value.toordinal()), value.month - 1
    try:
        return "number", float(value), 0
    except (TypeError, ValueError):
        raise ValueError(_unreadable(value, place, name)) from None


def _text(value: str, place: int, name: str) -> tuple[Kind, float, int]:
    if found := _QUARTER.match(value):
        year, quarter = int(found[1]), int(found[2]) - 1
        return "quarter", year + quarter / 4, 3 * quarter
    if (found := _MONTH.match(value)) and 1 <= int(found[2]) <= 12:
        month = int(found[2]) - 1
        return "month", int(found[1]) + month / 12, month
    try:
        return _moment(dt.datetime.fromisoformat(value.strip()))
    except ValueError:
        raise ValueError(_unreadable(value, place, name)) from None


def _moment(value: dt.datetime) -> tuple[Kind, float, int]:
    if value.tzinfo is not None:
        value = value.astimezone(dt.UTC)
    clock = (value.hour * 3600 + value.minute * 60 + value.second) / 86400
    return "date", _years(value.toordinal() + clock), value.month - 1


def _years(days: float) -> float:
    return 1970 + (days - _EPOCH) / YEAR


def _unreadable(value: Any, place: int, name: str) -> str:
    return (
        f"{name} holds {value!r} at place {place + 1}, which is no time; give a number, a date, "
        "'2024-03-31', '2024-03' or '2024-Q1'"
    )


def _show_number(value: float) -> str:
    return f"{value:g}"


def _show_date(value: float) -> str:
    days = round((value - 1970) * YEAR)
    try:
        return dt.date.fromordinal(_EPOCH + days).isoformat()
    except ValueError:
        return f"{value:.3f}"


def _show_month(value: float) -> str:
    year, month = divmod(round(value * 12), 12)
    return f"{year:04}-{month + 1:02}"


def _show_quarter(value: float) -> str:
    year, quarter = divmod(round(value * 4), 4)
    return f"{year:04}-Q{quarter + 1}"


_SHOWN: Final[dict[str, Callable[[float], str]]] = {
    "number": _show_number,
    "date": _show_date,
    "month": _show_month,
    "quarter": _show_quarter,
}
