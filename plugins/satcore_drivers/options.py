"""Which columns are the drivers, from a pattern, a list or a table of labels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, TypeAlias

from satcore import Codebook, Item, OptionError, Text, near

#: What numbers of all drivers together are called.
OVERALL: Final = "overall"

#: The part of a pattern that stands for several columns.
_PART: Final = re.compile(r"\{([^{}]*)\}")
_RANGE: Final = re.compile(r"\s*(\d+)\s*\.\.\s*(\d+)\s*")

#: Columns as options give them.
Columns: TypeAlias = str | tuple[str, ...] | Mapping[str, Text]


def columns(option: str, given: Columns, *, least: int = 1) -> tuple[str, ...]:
    """Columns from ``"Q5_{1..8}"``, whose zeros are kept, ``"Q5_{price,staff}"``, or a list.

    Args:
        option: The option's name, for messages.
        given: The pattern, the columns, or labels by column.
        least: How many there have to be.

    Raises:
        OptionError: A pattern without a part or with several, a range that runs downwards, a
            column twice, or too few.
    """
    found = _expanded(option, given) if isinstance(given, str) else tuple(given)
    twice = sorted({name for name in found if found.count(name) > 1})
    if twice:
        raise OptionError(option, f"{twice[0]!r} stands there twice")
    if OVERALL in found:
        raise OptionError(
            option, f"{OVERALL!r} is the name of all drivers together; rename the column"
        )
    if len(found) < least:
        raise OptionError(
            option,
            f"at least {least} are wanted, and there is {len(found) or 'none'}; write a pattern, "
            "as 'Q5_{1..8}', or a list of columns",
        )
    return found


def _expanded(option: str, pattern: str) -> tuple[str, ...]:
    parts = _PART.findall(pattern)
    if not parts and not set(pattern) & set("{}"):
        return (pattern,)
    if len(parts) != 1:
        raise OptionError(
            option,
            f"{pattern!r} has {len(parts)} parts in braces; write one, as 'Q5_{{1..8}}' or "
            "'Q5_{price,staff}', or a list of columns",
        )
    match = _RANGE.fullmatch(parts[0])
    if match is None:
        names = [name.strip() for name in parts[0].split(",")]
        if not all(names):
            raise OptionError(option, f"{pattern!r} has an empty name between its commas")
    else:
        first, last = match.groups()
        if int(first) > int(last):
            raise OptionError(option, f"{pattern!r} runs downwards")
        width = len(first) if first.startswith("0") else 0
        names = [f"{number:0{width}}" for number in range(int(first), int(last) + 1)]
    before, after = _PART.split(pattern)[0], _PART.split(pattern)[2]
    return tuple(f"{before}{name}{after}" for name in names)


def label_of(given: Columns, column: str, language: str) -> str:
    """What an option calls a column for people; empty where it says nothing."""
    return given[column].said(language) if isinstance(given, Mapping) and column in given else ""


def one_of(option: str, value: str, allowed: tuple[str, ...]) -> None:
    """Refuse a value that is none of those allowed.

    Raises:
        OptionError: With the nearest one.
    """
    if value not in allowed:
        raise OptionError(
            option, f"{value!r} is none of {', '.join(allowed)}{near(value, allowed)}"
        )


def replicates_of(count: int, seed: int) -> None:
    """Refuse a number of replicates that says nothing.

    Raises:
        OptionError: It is neither 0 nor at least 50; or a seed below 0.
    """
    if count != 0 and count < 50:
        raise OptionError(
            "replicates", f"{count} say too little; write 0 for none, or at least 50 (200 as usual)"
        )
    if seed < 0:
        raise OptionError("seed", f"{seed} is negative")


def outcome_of(
    codebook: Codebook, outcome: str, drivers: tuple[str, ...], scale: str | None
) -> Item:
    """The outcome's item.

    Raises:
        OptionError: It is one of the drivers.
    """
    if outcome in drivers:
        raise OptionError("outcome", f"{outcome!r} is one of the drivers too")
    return codebook.item(outcome, scale)
