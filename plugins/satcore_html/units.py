"""Units that count one thing for each of another: ``points a year``, ``proportion a wave``."""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen

_RATE: Final = re.compile(r"(?:(?P<unit>.+) )?a (?P<time>year|wave)(?P<squared>, squared)?")

#: Units of plain counts: whole numbers of what was seen, about which nothing is uncertain.
COUNTED: Final = frozenset({"waves"})

#: Units that are not named where their values change by time.
UNNAMED: Final = frozenset({"", "coefficient", "rate", "score"})


@frozen
class Rate:
    """A unit for each unit of time.

    Attributes:
        unit: What changes; empty where that has no name.
        per: ``"year"`` or ``"wave"``, with ``_squared`` where it is for each time squared.
    """

    unit: str
    per: str


def rate(unit: str) -> Rate | None:
    """A unit taken apart; None for one that is not counted by time."""
    found = _RATE.fullmatch(unit)
    if found is None:
        return None
    squared = "_squared" if found["squared"] else ""
    return Rate(found["unit"] or "", f"{found['time']}{squared}")


def factor(unit: str) -> float:
    """What a value is multiplied by before it is shown: percentage points for shares by time."""
    found = rate(unit)
    return 100.0 if found is not None and found.unit == "proportion" else 1.0
