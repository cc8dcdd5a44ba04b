"""The rating of the whole that others belong to, and their scales."""

from __future__ import annotations

from typing import Final

from satcore.drafting.guessing.questions import falls
from satcore.drafting.guessing.sheet import Sheet

#: Attributes, or touchpoints, from which on it is worth asking which of them matters.
FEW: Final = 3

#: A scale as a study writes it, and its least and greatest value.
Ends = tuple[str, tuple[int, int]]


def outcome_of(sheet: Sheet, overall: list[str], ends: Ends, attributes: list[str]) -> str | None:
    """The rating of the whole that attributes belong to: one on their scale, else the first."""
    alike = [name for name in overall if falls(sheet, name) == falls(sheet, attributes[0])]
    alike.sort(key=lambda name: (scale_of(sheet, name) != ends, overall.index(name)))
    return alike[0] if alike else None


def scale_of(sheet: Sheet, name: str) -> Ends:
    """The scale of a rating."""
    one = sheet.battery(name)
    return one.scale, one.span
