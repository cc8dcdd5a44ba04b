"""Customer effort (CES): that it was easy, or how much effort it took."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from satcore.drafting.guesses import Said, needs, said
from satcore.drafting.guessing.questions import Effort, asks_effort, falls
from satcore.drafting.guessing.sheet import Battery, Sheet

#: Ratings that stand together so that one of them may be an attribute like the others.
MANY: Final = 3


def effort(sheet: Sheet) -> None:
    """The question on effort; of several those that stand alone, or are called the score."""
    found = {
        name: kind
        for one in sheet.batteries
        for name in one.names
        if (kind := asks_effort(sheet, name)) is not None
    }
    if len(found) > 1:
        found = {
            name: kind
            for name, kind in found.items()
            if sheet.battery(name).whole < MANY
            or kind == "score"
            or _contrary(sheet.battery(name), found)
        }
    for name, kind in found.items():
        one = sheet.battery(name)
        if kind == "easy" and falls(sheet, name):
            kind = "hard"
        options = _options(sheet, name, kind, one)
        if options is None:
            _suggest(sheet, name, one)
            continue
        sheet.measured("ces", options, *_reasons(sheet, name, kind, one), items=[name])
        sheet.take(name)


def _contrary(one: Battery, found: Mapping[str, Effort]) -> bool:
    """Whether ratings ask for ease and for effort, so that their common mean says nothing."""
    asked = {found.get(name) for name in one.names}
    return None not in asked and {"easy", "hard"} <= asked


def _options(sheet: Sheet, name: str, kind: Effort, one: Battery) -> dict[str, Any] | None:
    """The metric's options; None where nobody can tell which answers are the easy ones."""
    options: dict[str, Any] = {"item": name}
    if kind == "hard":
        # Version 1.0 knows 1 to 5.
        options["version"] = "1.0"
        if one.span != (1, 5):
            return None
        return options | ({} if one.scale == "1..5" else {"scale": one.scale})
    if kind == "unknown":
        return None
    if one.span == (1, 7):
        return options | ({} if one.scale == "1..7" else {"scale": one.scale})
    if kind == "score" or one.span != (1, 5):
        return None
    return options | {"scale": one.scale, "threshold": 4}


def _reasons(sheet: Sheet, name: str, kind: Effort, one: Battery) -> list[Said]:
    if kind == "hard":
        return [said("ces_hard")]
    reasons = [said("ces_easy" if kind == "easy" else "ces_named")]
    if one.span == (1, 5):
        # Answers in words say themselves that they are easy.
        plain = sheet.used[name].wording in ("", "numbered")
        reasons.append(needs("ces_threshold") if plain else said("ces_words"))
    return reasons


def _suggest(sheet: Sheet, name: str, one: Battery) -> None:
    """Write down what there is, for a person who knows which answers are the easy ones."""
    low, high = one.span
    options = {"item": name, "scale": one.scale, "threshold": high - (high - low) // 3}
    reason = needs("ces_unknown", name=name, low=low, high=high, first=low + (high - low) // 3)
    sheet.suggested("ces", options, reason)
