"""Ratings: batteries on one scale, and single ones that their names give away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from satcore.drafting import wordings
from satcore.drafting.guesses import MetricGuess, said
from satcore.drafting.guessing.sheet import Sheet
from satcore.drafting.guessing.texts import last_word, slug
from satcore.drafting.pairs import compressed, number_in, spans, stems
from satcore.drafting.scales import Answers, spanned

#: Items of one battery of ratings, and of all together: the reliability of a battery looks at
#: every two pairs of its items.
BATTERY: Final = 24
RATINGS: Final = 120
#: Steps of a known wording that have to be there.
STEPS: Final = 3

#: What columns of one battery share: the stem of their names, and what is known of their scale.
_Stem = tuple[str, tuple[int, int], tuple[int, int] | None, str]


def ratings(sheet: Sheet) -> None:
    """Batteries of ratings, and single ones that their names give away."""
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
    batteries: dict[tuple[str, str], list[tuple[str, list[str]]]] = {}
    # The large ones first: they tell what the scale of the others may be.
    for stem, names in sorted(runs, key=lambda run: len(run[1]) < 3):
        _battery(sheet, stem, names, there, batteries)
    for (scale, _), parts in batteries.items():
        _rated(sheet, scale, parts)


def _may_rate(sheet: Sheet, name: str, answers: Answers) -> bool:
    """Whether answers may be ratings: neither yes and no, nor what people are."""
    if answers.wording in wordings.WORDINGS:
        return True
    if answers.low < 0 or answers.high > 10 or answers.high < 3:
        return False
    if sheet.value_labels(name) and not answers.codes and answers.ends is None:
        return False
    text = sheet.text(name)
    return bool(wordings.RATING.search(text)) or not (
        wordings.ABOUT_PEOPLE.search(last_word(name)) or wordings.WAVE.search(name.casefold())
    )


def _battery(
    sheet: Sheet,
    stem: str,
    names: list[str],
    there: Mapping[str, Answers],
    batteries: dict[tuple[str, str], list[tuple[str, list[str]]]],
) -> None:
    columns = [there[name] for name in names]
    span = spanned(columns)
    if span is None or span[1] < 4:
        return
    rated = any(wordings.RATING.search(sheet.text(name)) for name in names)
    # Of a wording three steps have to be there: two are said of many things.
    worded = columns[0].ends is not None and (
        not columns[0].wording
        or len({value for one in columns for value in one.values.values()}) >= STEPS
    )
    usual = max(one.high for one in columns) in (5, 7, 9, 10)
    # Beside other ratings a column that looks like them is one of them.
    alike = (
        usual
        and f"{span[0]}..{span[1]}" in {known for _, known in batteries}
        and all(len(set(one.values.values())) > 4 for one in columns)
    )
    if columns[0].wording in wordings.WORDINGS and not (worded or rated):
        return
    if not (alike or rated or worded or (len(names) > 2 and usual)):
        return
    if sum(len(one) for parts in batteries.values() for _, one in parts) >= RATINGS:
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
    batteries.setdefault((scale, f"{span[0]}..{span[1]}"), []).append((stem, names))


def _rated(sheet: Sheet, scale: str, parts: Sequence[tuple[str, list[str]]]) -> None:
    """The means of ratings on one scale: perceptions alone, which is SERVPERF."""
    names = [name for _, part in parts for name in part]
    if "servqual" not in sheet.kinds:
        for name in names:
            sheet.leave(name, said("rating_unmeasured", scale=scale))
        return
    options: dict[str, Any] = {"perception": compressed(names) or names}
    pattern = isinstance(options["perception"], str)
    if scale != "1..7":
        options["scale"] = scale
    if len(parts) > 1 and any(len(part) > 1 for _, part in parts):
        options["dimensions"] = _dimensions(parts, names, pattern=pattern)
    elif len(names) == 22:
        numbers = [number_in(name)[0] for name in names] if pattern else range(1, 23)
        options["dimensions"] = {"all": spans(list(numbers))}
    sheet.made.metrics.append(
        MetricGuess(
            name=sheet.named("ratings"),
            kind="servqual",
            options=options,
            reasons=(
                said("ratings", count=len(names)),
                said("ratings_scale", scale=sheet.range(scale)),
            ),
            items=tuple(names),
        )
    )


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


def _dimensions(
    parts: Sequence[tuple[str, list[str]]], names: Sequence[str], *, pattern: bool
) -> dict[str, str | list[int]]:
    """Item numbers by battery; single items stand together."""
    number = {name: number_in(name)[0] if pattern else place for place, name in enumerate(names, 1)}
    found: dict[str, list[int]] = {}
    for stem, part in parts:
        wanted = slug(stem, "single" if len(part) == 1 else "battery")
        if len(part) == 1:
            found.setdefault("single", []).append(number[part[0]])
            continue
        count, name = 1, wanted
        while name in found or name == "single":
            count += 1
            name = f"{wanted}_{count}"
        found[name] = [number[one] for one in part]
    return {name: spans(of) for name, of in found.items()}
