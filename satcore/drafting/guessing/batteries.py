"""Batteries: ratings that belong together, and single ones that their names give away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from satcore.drafting import wordings
from satcore.drafting.guesses import said
from satcore.drafting.guessing.questions import WORDS, effort_asked, is_number_of_things
from satcore.drafting.guessing.sheet import Battery, Sheet
from satcore.drafting.guessing.texts import last_word, words_of
from satcore.drafting.pairs import stems
from satcore.drafting.scales import Answers, spanned

#: Items of one battery of ratings, and of all together: the reliability of a battery looks at
#: every two pairs of its items.
BATTERY: Final = 24
RATINGS: Final = 120
#: Steps of a known wording that have to be there.
STEPS: Final = 3

#: What columns of one battery share: the stem of their names, and what is known of their scale.
_Stem = tuple[str, tuple[int, int], tuple[int, int] | None, str]


def find_batteries(sheet: Sheet) -> None:
    """Batteries of ratings, and single ones that their names give away, with their scales."""
    there: dict[str, Answers] = {}
    for name in sheet.free:
        answers = sheet.answers(name)
        if answers is not None and _may_rate(sheet, name, answers):
            there[name] = answers
    stem_of = stems(list(there))
    groups: dict[_Stem, list[str]] = {}
    for name, answers in there.items():
        # Numbered columns share a scale; others may differ in it.
        own = (0, 0) if "#" in stem_of[name] else spanned([answers]) or (0, 0)
        groups.setdefault((stem_of[name], own, answers.ends, answers.wording), []).append(name)
    runs = _joined_runs(groups, there, list(sheet.profiles))
    # The large ones first: they tell what the scale of the others may be.
    confirmed = _confirmation(sheet, there)
    for stem, names in sorted(runs, key=lambda run: len(run[1]) < 3):
        _battery(sheet, stem, names, there, sure=not confirmed.isdisjoint(names))


def _may_rate(sheet: Sheet, name: str, answers: Answers) -> bool:
    """Whether answers may be ratings: neither yes and no, nor what people are."""
    if answers.wording in wordings.WORDINGS:
        return True
    if answers.low < 0 or answers.high > 10 or answers.high < 3:
        return False
    if sheet.value_labels(name) and not answers.codes and answers.ends is None:
        return False
    short = len(words_of(name)) <= WORDS
    asked = [text.strip() for text in sheet.text(name).split("\n", 1)]
    if not answers.codes and is_number_of_things(name):
        return False
    return _says_so(sheet, name) or not (
        wordings.ABOUT_PEOPLE.search(last_word(name))
        or wordings.WAVE.search(name.casefold())
        or (short and wordings.COUNTED.fullmatch(name.casefold().strip()))
        or wordings.THINGS.fullmatch(name.casefold().strip())
        or any(wordings.ASKS_WHICH.match(text) for text in asked)
    )


def _confirmation(sheet: Sheet, there: Mapping[str, Answers]) -> set[str]:
    """What was expected and what was perceived: ratings, where both were asked."""
    texts = {name: sheet.text(name) for name in there}
    asked = {name for name, text in texts.items() if wordings.DISCONFIRMED.search(text)}
    sides = [
        {name for name, text in texts.items() if words.search(text)} - asked
        for words in (wordings.EXPECTED, wordings.PERCEIVED)
    ]
    return asked.union(*sides) if all(sides) else set()


def _says_so(sheet: Sheet, name: str) -> bool:
    """Whether a name or a question says that it asks for a rating, or for effort."""
    return wordings.RATING.search(sheet.text(name)) is not None or effort_asked(sheet, name)


def _battery(
    sheet: Sheet, stem: str, names: list[str], there: Mapping[str, Answers], *, sure: bool
) -> None:
    """A battery, where its names, its answers or others say that it is one of ratings."""
    columns = [there[name] for name in names]
    span = spanned(columns)
    if span is None or span[1] < 4:
        return
    rated = sure or any(_says_so(sheet, name) for name in names)
    # Of a wording three steps have to be there: two are said of many things.
    worded = columns[0].ends is not None and (
        not columns[0].wording
        or len({value for one in columns for value in one.values.values()}) >= STEPS
    )
    usual = max(one.high for one in columns) in (5, 7, 9, 10)
    # Beside other ratings a column that looks like them is one of them.
    alike = (
        usual
        and span in {one.span for one in sheet.batteries}
        and all(len(set(one.values.values())) > 4 for one in columns)
    )
    if columns[0].wording in wordings.WORDINGS and not (worded or rated):
        return
    if not (alike or rated or worded or (len(names) > 2 and usual)):
        return
    if sum(len(one.names) for one in sheet.batteries) >= RATINGS:
        for name in names:
            sheet.leave(name, said("rating_many", most=RATINGS))
        return
    if len(names) > BATTERY:
        for name in names[BATTERY:]:
            sheet.leave(name, said("rating_many", most=BATTERY))
        names, columns = names[:BATTERY], columns[:BATTERY]
    scale = sheet.scale(columns, span)
    if scale is None:
        return
    sheet.claim(*names)
    sheet.used.update({name: there[name] for name in names})
    found = Battery(stem, list(names), scale, span)
    sheet.batteries.append(found)
    sheet.rated.update(dict.fromkeys(names, found))


def _joined_runs(
    groups: Mapping[_Stem, list[str]],
    there: Mapping[str, Answers],
    order: Sequence[str],
) -> list[tuple[str, list[str]]]:
    """Batteries by their stems; single columns that stand side by side and agree join too."""
    runs: list[tuple[str, list[str]]] = []
    loose: list[str] = []
    for (stem, *_), names in groups.items():
        if len(names) > 1:
            runs.append((stem, names))
        else:
            loose += names
    place = {name: number for number, name in enumerate(order)}
    run: list[str] = []

    def close() -> None:
        runs.extend([("", run)] if len(run) > 2 else [("", [name]) for name in run])

    for name in sorted(loose, key=place.__getitem__):
        alike = (
            run
            and place[name] == place[run[-1]] + 1
            and (_shape(there[name]) == _shape(there[run[-1]]))
        )
        if not alike:
            close()
            run = []
        run.append(name)
    close()
    return runs


def _shape(answers: Answers) -> tuple[object, ...]:
    return spanned([answers]), answers.ends, answers.wording
