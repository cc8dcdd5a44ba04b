"""The columns that an option names: by a pattern, as a list, or as a table of labels."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final, TypeAlias

from satcore.codebook import Text
from satcore.errors import OptionError

#: Columns as options give them: a pattern or one column, a list, or labels by column.
Columns: TypeAlias = str | tuple[str, ...] | Mapping[str, Text]

#: The part of a pattern that stands for several columns.
_PART: Final = re.compile(r"\{([^{}]*)\}")
_RANGE: Final = re.compile(r"\s*(\d+)\s*\.\.\s*(\d+)\s*")


def columns_of(
    option: str, given: Columns, *, least: int = 1, reserved: Collection[str] = ()
) -> tuple[str, ...]:
    """The columns that an option names, in their order.

    ``"Q5_{01..08}"`` stands for eight columns, whose zeros are kept; ``"Q5_{price,staff}"`` for
    two; a text without braces for one.

    Args:
        option: The option's name, for messages.
        given: A pattern, columns, or labels by column.
        least: How many there have to be.
        reserved: Names that mean something else in the results.

    Raises:
        OptionError: A pattern with several parts, a range that runs downwards, a column twice,
            too few, or a reserved name.

    Example:
        >>> columns_of("items", "P{08..10}")
        ('P08', 'P09', 'P10')
    """
    found = tuple(expanded(option, given).values()) if isinstance(given, str) else tuple(given)
    if len(set(found)) < len(found):
        twice = min(name for name in found if found.count(name) > 1)
        raise OptionError(option, f"{twice!r} stands there twice")
    taken = next((name for name in found if name in reserved), None)
    if taken is not None:
        raise OptionError(
            option, f"{taken!r} is the name of several together in results; rename the column"
        )
    if len(found) < least:
        there = (
            f"at least {least} columns are wanted, and there is only {found[0]!r}" if found else ""
        )
        raise OptionError(
            option,
            f"{there or 'no column is named'}; write a pattern, as 'Q5_{{1..8}}', or a list of "
            "columns",
        )
    return found


def numbered_columns(option: str, given: Columns) -> dict[int, str]:
    """The columns that an option names, by the number of each: a range's own, else from 1.

    Args:
        option: The option's name, for messages.
        given: A pattern, columns, or labels by column.

    Raises:
        OptionError: As ``columns_of``.

    Example:
        >>> numbered_columns("items", "P{8..9}")
        {8: 'P8', 9: 'P9'}
    """
    found = columns_of(option, given)
    return expanded(option, given) if isinstance(given, str) else dict(enumerate(found, 1))


def label_of(given: Columns, column: str, language: str) -> str:
    """What an option calls a column for people; empty where it says nothing.

    Args:
        given: The columns as the option gives them.
        column: One of them.
        language: ``"en"`` or ``"zh"``.
    """
    return given[column].said(language) if isinstance(given, Mapping) and column in given else ""


def expanded(option: str, pattern: str) -> dict[int, str]:
    """A pattern's columns by number: those of its range, else from 1.

    Raises:
        OptionError: Several parts, a brace without another, a range that runs downwards, an empty
            name.
    """
    parts = _PART.findall(pattern)
    if not parts and not set(pattern) & set("{}"):
        return {1: pattern} if pattern else {}
    if len(parts) != 1:
        raise OptionError(
            option,
            f"{pattern!r} has {len(parts)} parts in braces; write one, as 'Q5_{{1..8}}' or "
            "'Q5_{price,staff}', or a list of columns",
        )
    before, _, after = _PART.split(pattern)
    match = _RANGE.fullmatch(parts[0])
    if match is None:
        names = [name.strip() for name in parts[0].split(",")]
        if not all(names):
            raise OptionError(option, f"{pattern!r} has an empty name between its commas")
        return {place: f"{before}{name}{after}" for place, name in enumerate(names, 1)}
    first, last = match.groups()
    if int(first) > int(last):
        raise OptionError(option, f"{pattern!r} runs downwards")
    width = len(first) if first.startswith("0") else 0
    return {
        number: f"{before}{number:0{width}}{after}" for number in range(int(first), int(last) + 1)
    }
