"""What options name: times of a window, columns of times, values that stand for yes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Literal, TypeAlias

from satcore import Codebook, Indicator, OptionError, instant_of

#: Which of two a local time is that happens twice.
Twice: TypeAlias = Literal["refuse", "first", "second"]

#: Units of time.
TimeUnit: TypeAlias = Literal["second", "minute", "hour", "day", "week", "month", "year"]


def moment(option: str, text: str, zone: str) -> float | None:
    """The first moment that an option names, in seconds since 1970; None where it is empty.

    Raises:
        OptionError: No time, or no zone.
    """
    check_zone(zone)
    if not text:
        return None
    try:
        return instant_of(text, zone)
    except ValueError as error:
        raise OptionError(option, str(error)) from None


def end_moment(option: str, text: str, zone: str) -> float | None:
    """The moment at which something ends: a date alone ends with its day.

    Raises:
        OptionError: No time, or no zone.
    """
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return moment(option, text, zone)
    return moment(option, (day + dt.timedelta(days=1)).isoformat(), zone)


def check_zone(zone: str) -> None:
    """Refuse a zone that there is not.

    Raises:
        OptionError: It is none.
    """
    try:
        instant_of("2026-01-01 12:00", zone)
    except ValueError as error:
        raise OptionError("zone", str(error)) from None


def in_order(since: float | None, until: float | None) -> None:
    """Refuse a window that ends before it begins.

    Raises:
        OptionError: It does.
    """
    if since is not None and until is not None and until <= since:
        raise OptionError("until", "the window ends before it begins: until lies before since")


def yes(
    codebook: Codebook, column: str, values: Sequence[int], scale: str, option: str
) -> Indicator:
    """A flag: 1 where a column has one of some values, 0 where it has another.

    Args:
        codebook: Makes the item.
        column: The column.
        values: The values.
        scale: Its scale; the study's own where empty.
        option: The option that names the values.

    Raises:
        OptionError: A value outside the scale, or none at all.
    """
    item = codebook.item(column, scale or None)
    outside = [value for value in values if not item.low <= value <= item.high]
    if outside or not values:
        told = f"{outside[0]} is no value" if outside else "give at least one value"
        raise OptionError(option, f"{told} of {column!r}, which is {item.scale}")
    return Indicator(item, tuple(values), name=column)


def one_way(**ways: Sequence[str]) -> str:
    """Which of several ways of naming columns is used.

    Args:
        **ways: The columns of each way, by its name; each way's are all given or none is.

    Raises:
        OptionError: None of them, several, or one by half.
    """
    begun = [name for name, columns in ways.items() if any(columns)]
    if len(begun) != 1:
        said = f"{' and '.join(begun)} are both given" if begun else "none is given"
        raise OptionError(next(iter(ways)), f"name {', or '.join(ways)}: {said}")
    return begun[0]


def both(first: tuple[str, str], second: tuple[str, str]) -> None:
    """Refuse one of two options without the other.

    Raises:
        OptionError: One is empty.
    """
    for (name, value), (other, beside) in ((first, second), (second, first)):
        if beside and not value:
            raise OptionError(name, f"{other} is given, and wants {name} beside it")


def idle(wanted: str, **changed: bool) -> None:
    """Refuse options that only mean something beside one that is not given.

    Args:
        wanted: The option that is not given.
        **changed: Whether each of the others says something else than when it is left out.

    Raises:
        OptionError: One does.
    """
    for name, given in changed.items():
        if given:
            raise OptionError(wanted, f"{name} is given, and wants {wanted} beside it")
