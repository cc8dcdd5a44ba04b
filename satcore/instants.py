"""Times as seconds: texts, dates and times of any column, in a time zone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from satcore.errors import listed

if TYPE_CHECKING:
    import polars as pl

Twice = Literal["refuse", "first", "second"]

#: Times of day that are read after a date, from the one with most parts.
_FORMS: Final = ("%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M")

_OFFSET: Final = r"(Z|z|[+-]\d{2}:?\d{2})$"

_AMBIGUOUS: Final[dict[str, Any]] = {"refuse": "null", "first": "earliest", "second": "latest"}


@frozen(kw_only=True, eq=False)
class Seconds:
    """Times as seconds since 1970-01-01 00:00 UTC.

    Attributes:
        seconds: By row; NaN where there is none.
        local: Where a date and time is written that the zone's clocks never show, or show twice.
    """

    seconds: NDArray[np.float64]
    local: NDArray[np.bool_]


def seconds_of(
    series: pl.Series, *, zone: str = "", form: str | None = None, twice: Twice = "refuse"
) -> Seconds:
    """A column's times in seconds.

    Args:
        series: Texts, dates or times.
        zone: The zone of times that name none; none for days of 24 hours.
        form: The texts' form in strptime's letters; None for year-month-day.
        twice: What a local time means that happens twice.

    Raises:
        ValueError: No such zone.
    """
    import polars as pl

    kind = series.dtype
    if kind == pl.Date:
        return _placed(series.cast(pl.Datetime("us")), None, zone, twice)
    if isinstance(kind, pl.Datetime):
        aware = kind.time_zone is not None
        there = series.cast(pl.Datetime("us", kind.time_zone))
        if aware:
            return _universal(there.dt.convert_time_zone("UTC"))
        return _placed(there, None, zone, twice)
    texts = series.cast(pl.String).str.strip_chars()
    if form is not None:
        return _by_form(texts, form, zone, twice)
    dates = texts.str.replace(r"^(\d{4})[/.](\d{1,2})[/.](\d{1,2})", "$1-$2-$3")
    dates = dates.str.replace(r"^(\d{4})(\d{2})(\d{2})($|[T\s])", "$1-$2-$3$4")
    timed = dates.str.len_chars() > len("2026-01-31")
    offset = dates.set(~timed.fill_null(value=False), None).str.extract(_OFFSET)
    plain = dates.str.replace(_OFFSET, "").set(offset.is_null(), None)
    plain = plain.fill_null(dates).str.replace(r"[T\s]+", " ").str.strip_chars()
    wall = plain.str.to_datetime("%Y-%m-%d", strict=False, time_unit="us")
    for one in _FORMS:
        wall = wall.fill_null(plain.str.to_datetime(one, strict=False, time_unit="us"))
    universal = wall - _shift(offset)
    return _placed(wall.set(offset.is_not_null(), None), universal, zone, twice)


def _universal(series: pl.Series) -> Seconds:
    """Times in UTC."""
    nowhere = series.dt.replace_time_zone(None)
    return _placed(nowhere, None, "", "refuse")


def _by_form(texts: pl.Series, form: str, zone: str, twice: Twice) -> Seconds:
    """Texts of one form; with ``%z`` they name their own offset."""
    import polars as pl

    if "%z" in form:
        aware = texts.str.to_datetime(form, strict=False, time_unit="us", time_zone="UTC")
        return _universal(aware)
    if "%H" in form or "%I" in form:
        return _placed(texts.str.to_datetime(form, strict=False, time_unit="us"), None, zone, twice)
    return _placed(texts.str.to_date(form, strict=False).cast(pl.Datetime("us")), None, zone, twice)


def _shift(offset: pl.Series) -> pl.Series:
    """How far texts as ``+08:00`` lie ahead of UTC; null for none."""
    import polars as pl

    digits = offset.str.replace("(?i)z", "+0000").str.replace(":", "")
    sign = 1 - 2 * digits.str.starts_with("-").cast(pl.Int64)
    hours = digits.str.slice(1, 2).cast(pl.Int64, strict=False)
    minutes = digits.str.slice(3, 2).cast(pl.Int64, strict=False)
    return (sign * (hours * 60 + minutes) * 60_000_000).cast(pl.Duration("us"))


def _placed(wall: pl.Series, universal: pl.Series | None, zone: str, twice: Twice) -> Seconds:
    """Local times put into their zone, beside those that are universal already.

    Args:
        wall: Local times; null for the others.
        universal: The others; None where there are none.
        zone: The zone.
        twice: What a local time means that happens twice.
    """
    import polars as pl

    there = _in_zone(wall, zone, twice) if zone else wall
    local = (wall.is_not_null() & there.is_null()).to_numpy()
    if universal is not None:
        there = there.fill_null(universal)
    seconds = there.cast(pl.Int64).cast(pl.Float64).fill_null(np.nan).to_numpy() / 1e6
    return Seconds(seconds=seconds, local=local)


def _in_zone(wall: pl.Series, zone: str, twice: Twice) -> pl.Series:
    """Local times as universal ones; null for what the zone's clocks never show."""
    import polars as pl

    try:
        there = wall.dt.replace_time_zone(zone, ambiguous=_AMBIGUOUS[twice], non_existent="null")
    except pl.exceptions.ComputeError as error:
        raise ValueError(
            f"{zone!r} is no time zone; write one such as 'Europe/Berlin', 'Asia/Shanghai', 'UTC'"
        ) from error
    return there.dt.convert_time_zone("UTC").dt.replace_time_zone(None)


def clocks_told(texts: Iterable[str], *, zone: str, form: str | None, twice: Twice) -> str:
    """A sentence about local times that a zone's clocks never show, or show twice; else nothing.

    Args:
        texts: Times that could not be read.
        zone: The zone.
        form: Their form in strptime's letters.
        twice: What a local time means that happens twice.
    """
    import polars as pl

    series = pl.Series(list(texts), dtype=pl.String)
    if not zone or not len(series):
        return ""
    odd = seconds_of(series, zone=zone, form=form, twice=twice).local
    either = seconds_of(series, zone=zone, form=form, twice="first").local
    said = ""
    for which, told, cure in (
        (either, "never happens", "as clocks are put forward"),
        (
            odd & ~either,
            "happens twice",
            "as clocks are put back; twice = 'first' or 'second' says",
        ),
    ):
        if which.any():
            here = listed(map(repr, series.filter(which).to_list()), 3)
            said += f"{here} {told} in {zone}, {cure}. "
    return said


def instant_of(text: str, zone: str = "") -> float:
    """One time in seconds since 1970-01-01 00:00 UTC: ``"2026-01-31"``, ``"2026-01-31 14:30"``.

    Args:
        text: The time; of a date alone, its first moment.
        zone: The zone, where the text names no offset; none for days of 24 hours.

    Raises:
        ValueError: No time, no such zone, or a time that its clocks never show or show twice.
    """
    import polars as pl

    found = seconds_of(pl.Series([text], dtype=pl.String), zone=zone)
    if found.local[0]:
        raise ValueError(clocks_told([text], zone=zone, form=None, twice="refuse").rstrip(". "))
    if not np.isfinite(found.seconds[0]):
        raise ValueError(f"{text!r} is no time; write '2026-01-31' or '2026-01-31 14:30'")
    return float(found.seconds[0])
