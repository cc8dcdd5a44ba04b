"""Customers that came and left: churn, and how long they stay."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Final

from satcore.drafting import wordings
from satcore.drafting.guesses import ScaleGuess, needs, said
from satcore.drafting.guessing.cases import until_of
from satcore.drafting.guessing.moments import moments_of
from satcore.drafting.guessing.sheet import Sheet
from satcore.drafting.guessing.texts import code_of, writable
from satcore.drafting.scales import Answers, is_missing

#: Share of the customers that have to say when they came.
JOINED: Final = 0.9
#: Customers there have to be at the start of a period.
START: Final = 30
#: Times at which survival is told, at most, and how far they may lie apart.
TIMES: Final = 8
STEPS: Final = (1, 2, 3, 6, 12, 24, 30, 60, 90, 180, 360, 720, 1800, 3600)
#: The longest tenure that the metric follows unless it is told, and at most.
LONGEST: Final = 600
MOST: Final = 60_000


def customers(sheet: Sheet) -> None:
    """A row a customer: who left, after how long; or when each came and went."""
    if any(wordings.STAFF.search(name.casefold()) for name in sheet.profiles):
        return  # staff that left is turnover
    if not _flagged(sheet):
        _dated(sheet)


def _flagged(sheet: Sheet) -> bool:
    """A column that says who left, best beside one of how long each has been a customer."""
    tenure = next((name for name in sheet.free if _is_tenure(sheet, name)), None)
    for words, enough in ((wordings.CHURNED, True), (wordings.LEFT, tenure is not None)):
        for name in sheet.free:
            text = name.casefold()
            if not enough or not words.search(text) or wordings.NOT_CHURNED.search(text):
                continue
            answers = _yes_no(sheet, name)
            if answers is None:
                continue
            options: dict[str, Any] = {"left": name}
            if answers.codes:
                options["scale"] = _yes_no_scale(sheet, answers)
            sheet.claim(name)
            sheet.used[name] = answers
            count = sum(sheet.profiles[name].texts[one] for one, v in answers.values.items() if v)
            reasons = [said("churn", count=count, rows=answers.count)]
            items = [name]
            if tenure is not None:
                sheet.claim(tenure)
                sheet.counted.append(tenure)
                items.append(tenure)
                unit, known = _unit(tenure)
                options |= _survival(sheet, tenure, unit)
                key = "churn_tenure" if known else "churn_unit"
                reasons.append((said if known else needs)(key, name=tenure, unit=unit))
            sheet.measured("churn", options, *reasons, items=items)
            return True
    return False


def _yes_no(sheet: Sheet, name: str) -> Answers | None:
    """A column's texts as 1 for yes and 0 for no, where both are there and nothing else."""
    profile = sheet.profiles[name]
    if profile.many:
        return None
    values: dict[str, int] = {}
    missing: list[str] = []
    for text in profile.texts:
        word = code_of(text).strip().casefold()
        if word in wordings.YES or word in wordings.NO:
            values[text] = int(word in wordings.YES)
        elif is_missing(text):
            missing.append(text)
        else:
            return None
    if set(values.values()) != {0, 1} or not all(map(writable, values)):
        return None
    count = sum(profile.texts[text] for text in values)
    return Answers(values=values, missing=tuple(missing), wording="yes_no", count=count)


def _yes_no_scale(sheet: Sheet, answers: Answers) -> str:
    """The name of a scale of yes and no."""
    codes = dict(sorted(answers.codes.items(), key=lambda pair: (pair[1], pair[0])))
    sheet.made.scales["yes_no"] = ScaleGuess(low=0, high=1, codes=codes, reason=said("yes_no"))
    return "yes_no"


def _is_tenure(sheet: Sheet, name: str) -> bool:
    profile = sheet.profiles[name]
    return (
        wordings.TENURE.search(name.casefold()) is not None
        and profile.numbers == profile.filled
        and 0 <= profile.low < profile.high <= MOST
    )


def _unit(name: str) -> tuple[str, bool]:
    """The unit of a tenure, and whether its name tells it."""
    for unit, words in wordings.UNITS.items():
        if words.search(name.casefold()):
            return unit, True
    return "month", False


def _survival(sheet: Sheet, tenure: str, unit: str) -> dict[str, Any]:
    """How long customers stay: told at some times up to the longest tenure."""
    high = int(sheet.profiles[tenure].high)
    wanted: tuple[int, ...] = STEPS if unit != "month" else (1, 3, 6, 12, 24, 60, 120, 600, 6000)
    step = next((one for one in wanted if high // one <= TIMES), high or 1)
    times = list(range(step, high + 1, step))
    options: dict[str, Any] = {"tenure": tenure}
    if unit != "month":
        options["unit"] = unit
    if times:
        options["at"] = times
    if high > LONGEST:
        options["longest"] = high
    return options


def _dated(sheet: Sheet) -> None:
    """Columns of when customers came and when they left, some of whom have not."""
    joined = [
        name
        for name in _times(sheet, wordings.JOINED)
        if sheet.profiles[name].filled >= JOINED * sheet.profiles[name].rows
    ]
    ended = [
        name
        for name in _times(sheet, wordings.ENDED)
        if name not in joined and sheet.profiles[name].empty
    ]
    if len(joined) != 1 or len(ended) != 1:
        return
    one, other = moments_of(sheet, joined[0]), moments_of(sheet, ended[0])
    if one is None or other is None or not one.before(other):
        return
    sheet.cases = True
    until = until_of(one, other)
    last = dt.date.fromisoformat(until)
    since = _year_before(last)
    options: dict[str, Any] = {"joined": joined[0], "ended": ended[0], "since": since.isoformat(),
                               "until": until}  # fmt: skip
    if one.form:
        options["form"] = one.form
    months = sheet.profiles[joined[0]].dates[one.form].months
    before = sum(count for month, count in months.items() if month < since.year * 12 + since.month)
    if sheet.made.weight is not None:
        sheet.suggested("churn", options, needs("churn_weighted", weight=sheet.made.weight[0]))
        return
    if before < START:
        sheet.suggested("churn", options, needs("churn_start", count=before, since=since))
        return
    sheet.claim(joined[0], ended[0])
    reasons = (said("churn_dates", joined=joined[0], ended=ended[0]),
               needs("churn_window", since=since, until=until))  # fmt: skip
    sheet.measured("churn", options, *reasons, items=[joined[0], ended[0]])


def _times(sheet: Sheet, words: re.Pattern[str]) -> list[str]:
    return [
        name
        for name in sheet.free
        if words.search(name.casefold()) and moments_of(sheet, name) is not None
    ]


def _year_before(last: dt.date) -> dt.date:
    """The first day of the year that ends with a day."""
    day = last + dt.timedelta(days=1)
    return day.replace(year=day.year - 1, day=min(day.day, 28))
