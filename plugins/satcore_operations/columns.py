"""The columns that an option names: by a pattern, a list or a table of labels."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final

from satcore import OptionError, Text

#: The part of a pattern that stands for several columns.
_PART: Final = re.compile(r"\{([^{}]*)\}")
_RANGE: Final = re.compile(r"\s*(\d+)\s*\.\.\s*(\d+)\s*")

#: What results call the numbers of several steps together.
TAKEN: Final = frozenset({"overall", "vetoed", "complete", "critical"})


def columns(given: str | tuple[str, ...] | Mapping[str, Text], option: str) -> tuple[str, ...]:
    """The columns.

    Args:
        given: ``"S{1..8}"``, whose zeros are kept, columns as a list, or labels by column.
        option: The option, for messages.

    Raises:
        OptionError: A pattern that is none, a column twice, none, or one with a taken name.
    """
    found = _expanded(given, option) if isinstance(given, str) else tuple(given)
    twice = sorted({name for name in found if found.count(name) > 1})
    if twice:
        raise OptionError(option, f"{twice[0]!r} stands there twice")
    taken = _taken(found)
    if taken:
        raise OptionError(option, f"{taken!r} is the name of several together; rename the column")
    if not found:
        raise OptionError(option, "no column is named; write a pattern, as 'S{1..8}', or a list")
    return found


def _taken(names: Collection[str]) -> str:
    return next((name for name in names if name in TAKEN), "")


def _expanded(pattern: str, option: str) -> tuple[str, ...]:
    parts = _PART.findall(pattern)
    if not parts:
        return (pattern,) if pattern else ()
    match = _RANGE.fullmatch(parts[0])
    if len(parts) > 1 or match is None:
        raise OptionError(
            option, f"{pattern!r} is no pattern; write one range in braces, as 'S{{1..8}}'"
        )
    first, last = int(match[1]), int(match[2])
    if first > last:
        raise OptionError(option, f"{pattern!r} runs downwards")
    width = len(match[1]) if match[1].startswith("0") else 1
    return tuple(
        pattern.replace(f"{{{parts[0]}}}", f"{number:0{width}}")
        for number in range(first, last + 1)
    )
