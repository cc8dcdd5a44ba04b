"""Waves: a column of their own, or the time of the answer."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Final

from satcore.drafting import wordings
from satcore.drafting.guesses import needs, said
from satcore.drafting.guessing.limits import BASE
from satcore.drafting.guessing.sheet import Sheet
from satcore.drafting.guessing.texts import writable
from satcore.drafting.profiles import ISO

#: Waves given by a column.
MOST_WAVES: Final = 60
#: Months up to which waves are months, and quarters.
MONTHS: Final = (36, 144)


def wave(sheet: Sheet) -> None:
    """The column of waves, or of times that make them."""
    for words in (wordings.WAVE, wordings.PERIOD):
        for name in list(sheet.free):
            profile = sheet.profiles[name]
            if (
                sheet.made.wave is None
                and words.search(name.casefold())
                and not profile.many
                and 2 <= len(profile.texts) <= MOST_WAVES
                and profile.rows >= BASE * len(profile.texts)
                and not wordings.NO_TIME.search(name.casefold())
                and all(map(writable, profile.texts))
            ):
                sheet.claim(name)
                sheet.made.wave = (name, said("wave", count=len(profile.texts)))
        if words is wordings.WAVE:
            _times(sheet)
    sheet.name_values([sheet.made.wave[0]] if sheet.made.wave else [])


def _times(sheet: Sheet) -> None:
    """Columns of dates: one makes waves."""
    dated = [name for name in sheet.free if sheet.form(name) is not None]
    dated += sheet.dated
    dated.sort(key=lambda name: _time_rank(sheet, name))
    for name in dated:
        text = name.casefold()
        profile = sheet.profiles[name]
        form = sheet.form(name)
        months = profile.dates[form or ISO].months
        first, last = min(months), max(months)
        span = {"first": _month(first), "last": _month(last)}
        if name in sheet.dated and (sheet.made.wave is not None or first == last):
            continue
        other = wordings.NO_TIME.search(text) or _time_rank(sheet, name)[0] > 1
        if other and name not in sheet.dated:
            unclear = _ambiguous(sheet, name)
            sheet.leave(name, said("time_unclear") if unclear else said("time_other", **span))
        elif sheet.made.wave is not None:
            sheet.leave(name, said("time_second", **span))
        elif _ambiguous(sheet, name):
            sheet.leave(name, needs("time_order", **span))
        elif first == last:
            sheet.leave(name, said("time_short", month=_month(first)))
        else:
            length = last - first + 1
            period = (
                "month" if length <= MONTHS[0] else "quarter" if length <= MONTHS[1] else "year"
            )
            table = {"time": name, "period": period}
            if form:
                table["format"] = form
            sheet.claim(name)
            sheet.made.wave = (table, said("time", **span, months=len(months), period=period))
            _outliers(sheet, months)


def _ambiguous(sheet: Sheet, name: str) -> bool:
    profile = sheet.profiles[name]
    forms = [form for form, dates in profile.dates.items() if dates.count == profile.filled]
    return len(forms) > 1


def _time_rank(sheet: Sheet, name: str) -> tuple[int, int]:
    """Which of several times is the one at which somebody answered: the least."""
    text = name.casefold()
    last = wordings.TIME_LAST.search(text) is not None
    rank = 0 if last else 1 if sheet.is_time(name) else 2
    return rank, list(sheet.profiles).index(name)


def _outliers(sheet: Sheet, months: Mapping[int, int]) -> None:
    """Years that few responses stand in, far from the next: a date that is wrong, perhaps."""
    total = sum(months.values())
    ordered = sorted(months)
    for place, gap in enumerate(b - a for a, b in itertools.pairwise(ordered)):
        before = sum(months[one] for one in ordered[: place + 1])
        if gap > 24 and min(before, total - before) <= 0.05 * total:
            few = ordered[: place + 1] if before <= 0.05 * total else ordered[place + 1 :]
            count = sum(months[one] for one in few)
            where = f"{_month(few[0])} .. {_month(few[-1])}" if len(few) > 1 else _month(few[0])
            sheet.doubt("wave", needs("time_outliers", count=count, where=where))
            return


def _month(number: int) -> str:
    return f"{number // 12:04}-{number % 12 + 1:02}"
