"""The columns of a multiple response set, from a pattern, a list or a table of labels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from satcore import OptionError, Text

#: What the numbers of all options together are called.
OVERALL: Final = "overall"

#: The part of a pattern that stands for several columns.
_PART: Final = re.compile(r"\{([^{}]*)\}")
_RANGE: Final = re.compile(r"\s*(\d+)\s*\.\.\s*(\d+)\s*")


def columns(given: str | tuple[str, ...] | Mapping[str, Text]) -> tuple[str, ...]:
    """The columns of the options.

    Args:
        given: ``"Q5_{1..8}"``, whose zeros are kept, ``"Q5:{A,B,C}"``, columns as a list, or
            labels by column.

    Raises:
        OptionError: A pattern without a part or with several, a range that runs downwards, a
            column twice, or fewer than two columns.
    """
    found = _expanded(given) if isinstance(given, str) else tuple(given)
    twice = sorted({name for name in found if found.count(name) > 1})
    if twice:
        raise OptionError("options", f"{twice[0]!r} stands there twice")
    if OVERALL in found:
        raise OptionError(
            "options", f"{OVERALL!r} is the name of all options together; rename the column"
        )
    if len(found) < 2:
        there = f"only {found[0]!r}" if found else "none"
        raise OptionError(
            "options",
            f"a set has at least two options, but there is {there}; write a pattern, as "
            "'Q5_{1..8}', or a list of columns",
        )
    return found


def _expanded(pattern: str) -> tuple[str, ...]:
    parts = _PART.findall(pattern)
    if len(parts) != 1:
        raise OptionError(
            "options",
            f"{pattern!r} has {len(parts)} parts in braces; write one, as 'Q5_{{1..8}}' or "
            "'Q5:{A,B,C}', or a list of columns",
        )
    match = _RANGE.fullmatch(parts[0])
    if match is None:
        names = [name.strip() for name in parts[0].split(",")]
        if not all(names):
            raise OptionError("options", f"{pattern!r} has an empty name between its commas")
    else:
        first, last = match.groups()
        if int(first) > int(last):
            raise OptionError("options", f"{pattern!r} runs downwards")
        width = len(first) if first.startswith("0") else 0
        names = [f"{number:0{width}}" for number in range(int(first), int(last) + 1)]
    before, after = _PART.split(pattern)[0], _PART.split(pattern)[2]
    return tuple(f"{before}{name}{after}" for name in names)
