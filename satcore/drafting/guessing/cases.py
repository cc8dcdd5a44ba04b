"""Cases with the times at which they were opened and closed: how long they took."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Final

from satcore.drafting import wordings
from satcore.drafting.guesses import Said, needs, said
from satcore.drafting.guessing.moments import Moments, moments_of
from satcore.drafting.guessing.sheet import Sheet

#: Share of the cases that have to say when they were opened.
OPENED: Final = 0.9


def cases(sheet: Sheet) -> None:
    """A row a case: when it was opened, and when it was first answered or closed."""
    opened = _times(sheet, wordings.OPENED)
    ends = {"response_time": wordings.CLOSED, "first_response": wordings.RESPONDED}
    found = {
        name: [one for one in _times(sheet, words) if one not in opened]
        for name, words in ends.items()
    }
    opened = [
        one
        for one in opened
        if not any(words.search(one.casefold()) for words in ends.values())
        and sheet.profiles[one].filled >= OPENED * sheet.profiles[one].rows
    ]
    if not opened or not any(found.values()):
        return
    for name, columns in found.items():
        pairs = [
            (one, other)
            for one in _preferred(opened, wordings.OPENED_FIRST)
            for other in _preferred(columns, wordings.RESOLVED)
            if _in_order(sheet, one, other)
        ]
        if not pairs:
            continue
        sheet.cases = True
        begun, ended = pairs[0]
        key = "cases" if name == "response_time" else "cases_answered"
        options, reasons = _timed(sheet, begun, ended)
        reasons.insert(0, said(key, opened=begun, closed=ended))
        if len(pairs) > 1:
            others = ", ".join(f"{one} - {other}" for one, other in pairs[1:])
            sheet.suggested("response_time", options, needs("cases_several", others=others))
            continue
        sheet.claim(begun, ended)
        if begun not in sheet.dated:
            sheet.dated.append(begun)
        items = [begun, ended]
        sheet.measured("response_time", options, *reasons, items=items, name=name)


def _times(sheet: Sheet, words: re.Pattern[str]) -> list[str]:
    """Columns of times with such a name, all of which can be read."""
    return [
        name
        for name in sheet.free
        if words.search(name.casefold()) and moments_of(sheet, name) is not None
    ]


def _preferred(names: list[str], words: re.Pattern[str]) -> list[str]:
    """The one column that such a name tells from the others; all of them where none does."""
    found = [name for name in names if words.search(name.casefold())]
    return found if len(found) == 1 else names


def _in_order(sheet: Sheet, begun: str, ended: str) -> bool:
    """Whether a column may be the end of what another one begins."""
    one, other = moments_of(sheet, begun), moments_of(sheet, ended)
    return one is not None and other is not None and begun != ended and one.before(other)


def _timed(sheet: Sheet, begun: str, ended: str) -> tuple[dict[str, Any], list[Said]]:
    """The metric's options, and why."""
    one, other = moments_of(sheet, begun), moments_of(sheet, ended)
    if one is None or other is None:
        raise ValueError(f"{begun!r} and {ended!r} are no times")
    until = until_of(one, other)
    options: dict[str, Any] = {"opened": begun, "closed": ended, "until": until}
    if one.form:
        options["form"] = one.form
    timed = one.timed and other.timed
    if not timed:
        options["unit"] = "day"
    reasons = []
    still = sheet.profiles[ended].empty
    if still:
        reasons.append(needs("cases_open", count=still, until=until))
    else:
        reasons.append(said("cases_closed", until=until))
    if not timed:
        reasons.append(said("cases_days"))
    return options, reasons


def until_of(*columns: Moments) -> str:
    """The last day that any column knows of: the table was drawn on it at the earliest."""
    last = max(one.last for one in columns)
    # A time with its offset may be of the next day in UTC.
    if any(one.offset for one in columns) and last < dt.date.max:
        last += dt.timedelta(days=1)
    return last.isoformat()
