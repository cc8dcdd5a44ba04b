"""Which answers a column holds: the value of each text, and what means "not answered"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from attrs import evolve, frozen

from satcore.drafting.profiles import Profile, number_of
from satcore.drafting.wordings import (
    KANO,
    NOT_ANSWERED,
    NOT_ANSWERED_CODES,
    WORDINGS,
    numbered,
    plain,
    steps,
)
from satcore.surveys import Variable

#: Highest values that scales usually have.
USUAL: Final = (5, 7, 10)
#: Answers from which on the highest value that was chosen is taken for the scale's.
ENOUGH: Final = 200
#: The highest value of a scale that is guessed from numbers alone.
HIGHEST: Final = 10


@frozen(kw_only=True)
class Answers:
    """A column's texts as answers on a scale.

    Attributes:
        values: The value of each text.
        missing: Texts that mean "not answered".
        wording: The name of the wording that was recognised; empty for numbers.
        ends: The least and the greatest value of the scale, where the wording or the file's value
            labels tell them.
        count: How many responses have an answer.
    """

    values: Mapping[str, int]
    missing: tuple[str, ...] = ()
    wording: str = ""
    ends: tuple[int, int] | None = None
    count: int = 0

    @property
    def low(self) -> int:
        """The least value."""
        return min(self.values.values())

    @property
    def high(self) -> int:
        """The greatest value."""
        return max(self.values.values())

    @property
    def codes(self) -> dict[str, int]:
        """Texts that are no numbers, and what they stand for."""
        return {text: one for text, one in self.values.items() if whole(text) is None}


def whole(text: str) -> int | None:
    """The whole number that a text is; None where it is none."""
    number = number_of(text)
    # As the core reads them: "7" and "7.0", not "7e0".
    if number is None or not number.is_integer() or set(text.strip()) - set("+-.0123456789"):
        return None
    return int(number)


def is_missing(text: str) -> bool:
    """Whether a text says in words that there is no answer."""
    return text.strip().casefold() in NOT_ANSWERED or plain(text) in NOT_ANSWERED


def answers_of(profile: Profile, variable: Variable) -> Answers | None:
    """A column's texts as answers; None where they make no scale."""
    if profile.many or not profile.single or not profile.texts:
        return None
    missing: list[str] = []
    left: list[str] = []
    for text in profile.texts:
        (missing if _declared(text, variable) or is_missing(text) else left).append(text)
    found = _numbers(left, missing) or _wordings(left)
    if found is None or not found.values:
        return None
    count = sum(profile.texts[text] for text in found.values)
    gone = dict.fromkeys((*missing, *found.missing))
    return evolve(found, missing=tuple(map(_code, gone)), count=count)


def _declared(text: str, variable: Variable) -> bool:
    return text in variable.missing or _code(text) in variable.missing


def _code(text: str) -> str:
    number = whole(text)
    return text if number is None else str(number)


def _numbers(texts: Sequence[str], missing: Sequence[str]) -> Answers | None:
    """Whole numbers, alone or before words, as in ``5`` and ``9 - Extremely``."""
    values: dict[str, int] = {}
    gone: list[str] = []
    worded = False
    for text in texts:
        number = whole(text)
        if number is None:
            number = numbered(text)
            worded = True
        if number is None:
            return None
        if not 0 <= number <= HIGHEST and number in NOT_ANSWERED_CODES:
            gone.append(text)
        else:
            values[text] = number
    # A wording's number is enough where numbers tell the answers apart.
    if worded and len(set(values.values())) < min(2, len(values)):
        return None
    return Answers(values=values, missing=tuple(gone), wording="numbered" if worded else "")


def _wordings(texts: Sequence[str]) -> Answers | None:
    """Known wordings; the shortest scale that has all of them."""
    if not texts:
        return None
    for name, wording in WORDINGS.items():
        values = steps(texts, wording)
        if values is not None:
            return Answers(values=values, wording=name, ends=(1, len(wording)))
    return None


def kano_answers(profile: Profile, variable: Variable) -> Answers | None:
    """A column's texts as Kano's five answers, 1 to 5; None where they are others."""
    texts = [
        text
        for text in profile.texts
        if not (is_missing(text) and plain(text) != "无") and not _declared(text, variable)
    ]
    values = None if profile.many or not texts else steps(texts, KANO)
    if values is not None:
        missing = tuple(text for text in profile.texts if text not in values)
        count = sum(profile.texts[text] for text in values)
        return Answers(values=values, missing=missing, wording="kano5", ends=(1, 5), count=count)
    found = answers_of(profile, variable)
    if found is None or found.wording not in ("", "numbered") or found.low < 1 or found.high > 5:
        return None
    return found


def spanned(columns: Sequence[Answers]) -> tuple[int, int] | None:
    """The range of the scale that columns share; None where it is none of answers."""
    low, high = min(one.low for one in columns), max(one.high for one in columns)
    told = [one.ends for one in columns if one.ends is not None]
    if told:
        return min(low, *(one[0] for one in told)), max(high, *(one[1] for one in told))
    if low < 0 or high > HIGHEST:
        return None
    answered = sum(one.count for one in columns)
    if high not in USUAL and (answered < ENOUGH or high > USUAL[1] or high < 4):
        high = next(one for one in USUAL if one >= high)
    return (0 if low == 0 else 1), high


def codes_of(columns: Sequence[Answers]) -> dict[str, int] | None:
    """The wordings of several columns together; None where one has two values."""
    codes: dict[str, int] = {}
    for one in columns:
        for text, number in one.codes.items():
            if codes.setdefault(text, number) != number:
                return None
    return dict(sorted(codes.items(), key=lambda pair: (pair[1], pair[0])))
