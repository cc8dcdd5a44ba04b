"""Expectation confirmation: one thing expected and perceived, and satisfaction with it."""

from __future__ import annotations

import re
from typing import Any

from satcore.drafting import wordings
from satcore.drafting.guesses import said
from satcore.drafting.guessing.sheet import Battery, Sheet
from satcore.drafting.wordings import plain


def expectation(sheet: Sheet, overall: list[str]) -> None:
    """An expectation and a perception on one scale, one of each, with an overall rating.

    Several pairs are SERVQUAL's.

    Args:
        sheet: The columns.
        overall: Ratings of the whole.
    """
    worse = _asking(sheet, wordings.DISCONFIRMED, overall)
    expected = [name for name in _asking(sheet, wordings.EXPECTED, overall) if name not in worse]
    perceived = [name for name in _asking(sheet, wordings.PERCEIVED, overall) if name not in worse]
    if not perceived and len(worse) == 1:
        # Where another column asks whether expectations were met, "met" is what was found.
        names = [name for one in sheet.batteries for name in one.names]
        perceived = [name for name in names if wordings.MET.fullmatch(plain(name))]
    if len(expected) != 1 or len(perceived) != 1 or expected == perceived:
        return
    one, other = sheet.battery(expected[0]), sheet.battery(perceived[0])
    outcomes = sorted(overall, key=lambda name: not _same(sheet.battery(name), one))
    if not _same(one, other) or not outcomes:
        return
    outcome = outcomes[0]
    options: dict[str, Any] = {
        "outcome": outcome,
        "expectation": expected[0],
        "perception": perceived[0],
    }
    scales = {"outcome_scale": sheet.battery(outcome).scale}
    taken = [expected[0], perceived[0]]
    if len(worse) == 1:
        options["disconfirmation"] = worse[0]
        scales["disconfirmation_scale"] = sheet.battery(worse[0]).scale
        taken += worse
    if one.scale != "1..7":
        options["scale"] = one.scale
    options |= {option: scale for option, scale in scales.items() if scale != one.scale}
    reason = said("expectation", expected=expected[0], perceived=perceived[0], outcome=outcome)
    sheet.measured(
        "expectation", options, reason, *sheet.elsewhere(outcome), items=[outcome, *taken]
    )
    sheet.take(*taken)


def _asking(sheet: Sheet, words: re.Pattern[str], overall: list[str]) -> list[str]:
    return [
        name
        for one in sheet.batteries
        for name in one.names
        if name not in overall and words.search(sheet.text(name))
    ]


def _same(one: Battery, other: Battery) -> bool:
    """Whether ratings stand on the same scale."""
    return (one.scale, one.span) == (other.scale, other.span)
