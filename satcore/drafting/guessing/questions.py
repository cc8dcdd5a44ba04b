"""What ratings ask for: satisfaction, the whole, effort; and which end is the good one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal

from satcore.drafting import wordings
from satcore.drafting.guessing.sheet import Sheet
from satcore.drafting.guessing.texts import words_of
from satcore.drafting.scales import whole
from satcore.drafting.wordings import plain

Effort = Literal["easy", "hard", "score", "unknown"]

#: What an answer says after its number.
_AFTER_NUMBER = re.compile(r"\s*\d{1,2}\s*[-–—:：.、)）=]\s*(.+)", re.DOTALL)

#: What a question says of its ends: ``(1 = very satisfied, 5 = very dissatisfied)``.
_ENDS = re.compile(
    r"(?<![\d.])(\d{1,2})\s*(?:分|points?)?\s*(?:=|＝|means|表示|代表|为|(?=[很非十极完]))\s*"
    r"([^\d=＝,;，；、~～()（）\[\]]+)"
)
#: Words of a name; more are a question, whose last word says little.
WORDS: Final = 4
#: Columns of one stem of which one may be that of the whole.
ALIKE: Final = 3


def is_number_of_things(name: str) -> bool:
    """Whether a name says that its numbers are ids, counts, years or amounts, and no answers."""
    short = len(words_of(name)) <= WORDS
    return short and wordings.NO_RATING.fullmatch(name.casefold().strip()) is not None


def satisfied(text: str) -> bool:
    """Whether a text speaks of satisfaction; dissatisfaction alone is another thing."""
    return wordings.SATISFACTION.search(wordings.DISSATISFACTION.sub("", text)) is not None


def asks_satisfaction(sheet: Sheet, name: str) -> bool:
    """Whether a rating asks for satisfaction, with whatever it may be."""
    worded = sheet.used[name].wording.startswith("satisfied")
    return worded or any(map(satisfied, _texts(sheet, name)))


def asks_overall(sheet: Sheet, name: str) -> bool:
    """Whether a rating speaks of the whole and not of a part: satisfaction, or any other."""
    return asks_overall_satisfaction(sheet, name) or _overall(sheet, name)


def asks_overall_satisfaction(sheet: Sheet, name: str) -> bool:
    """Whether a rating asks for satisfaction with the whole."""
    texts = _texts(sheet, name)
    if sheet.used[name].wording.startswith("satisfied") and _overall(sheet, name):
        return True
    return any(
        satisfied(text)
        and (
            wordings.OVERALL.search(text) is not None
            or wordings.SATISFACTION_ALONE.fullmatch(text) is not None
            or wordings.SATISFACTION_ASKED.fullmatch(text) is not None
        )
        for text in texts
    )


def _overall(sheet: Sheet, name: str) -> bool:
    texts = _texts(sheet, name)
    if any(wordings.OVERALL_ALONE.fullmatch(text) for text in texts):
        return True
    one = sheet.battery(name)
    # "room_overall" beside "room_bed", "room_bath": the stem is what it is the whole of.
    return one.stem != "" and one.whole > ALIKE and wordings.OVERALL.search(plain(name)) is not None


def asks_effort(sheet: Sheet, name: str) -> Effort | None:
    """Which effort a rating asks for; None where for none.

    That it was easy, how hard it was, the score by its name, or effort and nothing more.
    """
    texts = _texts(sheet, name)
    worded = sheet.used[name].wording.startswith("easy")
    if worded or any(
        wordings.EASY.search(text) or wordings.EASY_NAME.fullmatch(text) for text in texts
    ):
        return "easy"
    if any(wordings.EFFORT.search(text) or wordings.HARD.search(text) for text in texts):
        return "hard"
    if any(wordings.CES_NAME.fullmatch(text) for text in texts):
        return "score"
    if any(wordings.EFFORT_NAME.fullmatch(text) for text in texts):
        return "unknown"
    return None


def effort_asked(sheet: Sheet, name: str) -> bool:
    """Whether a column asks for effort by its name or its question, whatever its answers."""
    searched = (wordings.EASY, wordings.HARD, wordings.EFFORT)
    named = (wordings.EASY_NAME, wordings.CES_NAME, wordings.EFFORT_NAME)
    return any(
        any(words.search(text) for words in searched)
        or any(words.fullmatch(text) for words in named)
        for text in _texts(sheet, name)
    )


def falls(sheet: Sheet, name: str) -> bool:
    """Whether the values' names say that low ones are the good ones.

    The file names them, or the question does, or answers that begin with their number, as in
    ``1 - Very satisfied``.
    """
    asked = {
        int(match[1]): match[2].strip()
        for text in _texts(sheet, name)
        for match in _ENDS.finditer(text)
    }
    labels = {
        number: match[1]
        for text, number in sheet.used[name].values.items()
        if (match := _AFTER_NUMBER.fullmatch(text)) is not None
    }
    for code, text in sheet.value_labels(name).items():
        if (coded := whole(code)) is not None:
            labels[coded] = text
    return next((found for one in (labels, asked) if (found := _falling(one)) is not None), False)


def _falling(labels: Mapping[int, str]) -> bool | None:
    """Whether names of values go from the good to the bad; None where they do not tell."""
    for wording in wordings.WORDINGS.values():
        steps = wordings.steps(labels.values(), wording)
        if steps and len(set(steps.values())) > 1:
            return steps[labels[min(labels)]] > steps[labels[max(labels)]]
    return None


def _texts(sheet: Sheet, name: str) -> list[str]:
    """A rating's name and its question, in small letters."""
    return [plain(text) for text in (name, sheet.label(name)) if text]
