"""Complaints counted beside what they are counted on."""

from __future__ import annotations

import re

from satcore.drafting import wordings
from satcore.drafting.guesses import needs, said
from satcore.drafting.guessing.sheet import Sheet
from satcore.drafting.wordings import plain


def complaints(sheet: Sheet) -> None:
    """A column that counts complaints, and one that counts visits, orders or the like."""
    events = _counts(sheet, wordings.COMPLAINTS)
    exposures = [
        name
        for name in _counts(sheet, wordings.EXPOSURE)
        if events and sheet.profiles[name].total >= sheet.profiles[events[0]].total
    ]
    if len(events) != 1 or not exposures:
        return
    options = {"events": events[0], "exposure": exposures[0]}
    if len(exposures) > 1:
        others = ", ".join(exposures[1:])
        sheet.suggested("complaint_rate", options, needs("complaints_several", others=others))
        return
    sheet.claim(events[0], exposures[0])
    sheet.counted += [events[0], exposures[0]]
    total, whole = (int(sheet.profiles[name].total) for name in (events[0], exposures[0]))
    sheet.measured(
        "complaint_rate", options,
        said("complaints", events=events[0], exposure=exposures[0], total=total, whole=whole),
        items=list(options.values()),
    )  # fmt: skip


def _counts(sheet: Sheet, words: re.Pattern[str]) -> list[str]:
    """Columns with such a name that hold whole numbers from 0 upwards, without names of values."""
    return [
        name
        for name in sheet.free
        if words.fullmatch(plain(name))
        and (profile := sheet.profiles[name]).numbers == profile.filled
        and profile.whole
        and profile.low >= 0
        and profile.total > 0
        and profile.high < 1 << 53
        and not sheet.value_labels(name)
    ]
