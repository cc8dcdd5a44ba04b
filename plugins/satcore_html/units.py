"""Units that count one thing for each of another: ``points a year``, ``proportion a wave``.

These are of change. ``proportion per year`` is none: it is a share that takes a year to come about,
as staff turnover does.
"""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen

_RATE: Final = re.compile(r"(?:(?P<unit>.+) )?a (?P<time>year|wave)(?P<squared>, squared)?")

#: Units of plain counts: whole numbers of what was seen, about which nothing is uncertain.
COUNTED: Final = frozenset({"waves"})

#: A share by year.
YEARLY: Final = "proportion per year"

#: Shares: told in percent, their differences in percentage points.
SHARES: Final = frozenset({"proportion", YEARLY})

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


def of_events(unit: str) -> bool:
    """Whether what it rests on is an exposure, as visits or heads, and no number of answers."""
    return unit.startswith(("per ", YEARLY))


def factor(unit: str) -> float:
    """What a value is multiplied by before it is shown: percentage points for shares by time."""
    found = rate(unit)
    return 100.0 if found is not None and found.unit in SHARES else 1.0
