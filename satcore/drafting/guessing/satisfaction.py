"""Satisfaction with the whole: how many are satisfied (CSAT)."""

from __future__ import annotations

from typing import Any, Final

from satcore.drafting.guesses import said
from satcore.drafting.guessing.questions import (
    asks_overall,
    asks_overall_satisfaction,
    asks_satisfaction,
    falls,
)
from satcore.drafting.guessing.sheet import Sheet

#: Scales on which custom says who is satisfied: the two best answers.
CUSTOMARY: Final = ((1, 5), (1, 7), (1, 10), (0, 10))
#: Ratings of the whole; of more none is that of all.
MOST: Final = 3


def overall_ratings(sheet: Sheet) -> list[str]:
    """Ratings of the whole, those of satisfaction first; none where too many would be."""
    names = [name for one in sheet.batteries for name in one.names]
    found = [name for name in names if asks_overall(sheet, name)]
    found.sort(key=lambda name: not asks_overall_satisfaction(sheet, name))
    return found if len(found) <= MOST else []


def satisfaction(sheet: Sheet, overall: list[str]) -> None:
    """The share of satisfied answers to each question on satisfaction with the whole.

    Args:
        sheet: The columns.
        overall: Ratings of the whole.
    """
    wanted = [name for name in overall if asks_overall_satisfaction(sheet, name)]
    alone = False
    if not wanted:
        names = [name for one in sheet.batteries for name in one.names]
        wanted = [name for name in names if asks_satisfaction(sheet, name)]
        alone = True
        if len(wanted) != 1:
            return
    for name in wanted:
        one = sheet.battery(name)
        if one.span not in CUSTOMARY:
            continue
        low, high = one.span
        options: dict[str, Any] = {"item": name}
        if one.scale != "1..5":
            options["scale"] = one.scale
        reasons = [said("csat_only" if alone else "csat")]
        if falls(sheet, name):
            options["reversed"] = True
            reasons.append(said("csat_reversed", first=low, second=low + 1))
        elif sheet.used[name].wording in ("", "numbered"):
            reasons.append(said("csat_numbers", first=high - 1, second=high, low=low, high=high))
        sheet.measured("csat", options, *reasons, items=[name])
        sheet.take(name)
