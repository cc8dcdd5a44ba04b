"""What an overall rating goes with: attributes that it may be made of, and touchpoints."""

from __future__ import annotations

from typing import Any, Final

from satcore.drafting import wordings
from satcore.drafting.guesses import Said, needs, said
from satcore.drafting.guessing.questions import asks_satisfaction, falls
from satcore.drafting.guessing.sheet import Sheet
from satcore.drafting.pairs import compressed, pairs_of
from satcore.drafting.scales import Answers, spanned

#: Attributes from which on it is worth asking which of them matters.
FEW: Final = 3
#: Attributes that are drafted; each more of them makes importance dearer to compute.
MANY: Final = 20
#: Attributes up to which every cell of the study is quick; beyond it is one for all.
QUICK: Final = 12
#: Share of the responses that rated an attribute, below which most would be left out.
RATED: Final = 0.8

_Scale = tuple[str, tuple[int, int]]


def importance_performance(sheet: Sheet) -> None:
    """Attributes of which both importance and performance were asked."""
    there: dict[str, Answers] = {
        name: one for name in sheet.free if (one := sheet.answers(name)) is not None
    }
    pairs = pairs_of(list(there), wordings.IMPORTANCE_SIDES)
    if len(pairs) < FEW:
        return
    place = {name: number for number, name in enumerate(sheet.profiles)}
    ordered = sorted(pairs.values(), key=lambda pair: place[pair[1].name])
    important, rated = ([pair[place].name for pair in ordered] for place in (0, 1))
    scales = []
    for names in (rated, important):
        columns = [there[name] for name in names]
        span = spanned(columns)
        scale = None if span is None or span[1] < 4 else sheet.scale(columns, span)
        if scale is None:
            return
        scales.append(scale)
    options: dict[str, Any] = {
        "drivers": compressed(rated) or rated,
        "importance": compressed(important) or important,
        "scale": scales[0],
    }
    if scales[1] != scales[0]:
        options["importance_scale"] = scales[1]
    columns_ = [*rated, *important]
    sheet.claim(*columns_)
    sheet.used.update({name: there[name] for name in columns_})
    sheet.measured(
        "importance_performance", options, said("importance_performance", count=len(rated)),
        items=columns_,
    )  # fmt: skip


def journey(sheet: Sheet, overall: list[str]) -> None:
    """Touchpoints, where the names say so: who came by, how it was rated, what it costs.

    Args:
        sheet: The columns.
        overall: Ratings of the whole.
    """
    groups: dict[_Scale, list[str]] = {}
    for one in sheet.batteries:
        for name in one.names:
            if name not in overall and _touchpoint(sheet, name):
                groups.setdefault((one.scale, one.span), []).append(name)
    groups = {scale: [n for n in names if "@" not in n and n != "overall"]
              for scale, names in groups.items()}  # fmt: skip
    (scale, span), names = max(
        groups.items(), key=lambda group: len(group[1]), default=(("", (0, 0)), [])
    )
    if len(names) < FEW:
        return
    options: dict[str, Any] = {"touchpoints": names}
    reasons = [said("journey", count=len(names))]
    outcome = _outcome(sheet, overall, (scale, span), names)
    if outcome is not None:
        options["overall"] = outcome
        reasons += sheet.elsewhere(outcome)
    options["scale"] = scale
    if outcome is not None and _scale_of(sheet, outcome)[0] != scale:
        options["overall_scale"] = _scale_of(sheet, outcome)[0]
    sheet.measured("journey", options, *reasons, items=[*names, *([outcome] if outcome else [])])
    sheet.take(*names)


def _touchpoint(sheet: Sheet, name: str) -> bool:
    """Whether a rating says that it is of a touchpoint."""
    return (
        wordings.TOUCHPOINT.search(sheet.text(name)) is not None
        or wordings.JOURNEY.fullmatch(name.casefold()) is not None
    )


def drivers(sheet: Sheet, overall: list[str]) -> None:
    """Attributes on one scale, with a rating of the whole.

    Args:
        sheet: The columns.
        overall: Ratings of the whole.
    """
    if not overall:
        return
    scales = _attributes(sheet, overall)
    ends = _scale_of(sheet, overall[0])
    found = scales.get(ends)
    if found is None and len(scales) == 1:
        [(ends, found)] = scales.items()
    if found is None:
        return
    outcome = _outcome(sheet, overall, ends, found)
    if outcome is None:
        return
    options: dict[str, Any] = {
        "outcome": outcome,
        "drivers": compressed(found) or found,
        "scale": ends[0],
    }
    other = _scale_of(sheet, outcome)[0]
    if other != ends[0]:
        options["outcome_scale"] = other
    reasons = [said("drivers", count=len(found), name=outcome)]
    if any(_share(sheet, name) < RATED for name in found):
        options["missing"] = "pairwise"
        reasons.append(said("drivers_pairwise"))
    if len(found) > QUICK:
        options["by"] = []
        reasons.append(said("drivers_slow", most=QUICK))
    unsure = _doubt(sheet, found)
    if unsure is not None:
        sheet.suggested("drivers", options, unsure)
        return
    reasons += sheet.elsewhere(outcome)
    if "servqual" in sheet.kinds:
        reasons.append(said("drivers_means"))
    sheet.measured("drivers", options, *reasons, items=[outcome, *found])


def _attributes(sheet: Sheet, overall: list[str]) -> dict[_Scale, list[str]]:
    """What may be attributes, by their scale: batteries, and single ones on satisfaction."""
    found: dict[_Scale, list[str]] = {}
    for one in sheet.batteries:
        names = [
            name
            for name in one.names
            if name not in overall
            and name != "overall"
            and not wordings.IMPORTANCE.search(sheet.text(name))
        ]
        if len(names) < FEW:
            names = [name for name in names if asks_satisfaction(sheet, name)]
        if names and not sheet.used[names[0]].wording.startswith(("important", "likely")):
            found.setdefault((one.scale, one.span), []).extend(names)
    order = {name: place for place, name in enumerate(sheet.profiles)}
    return {
        scale: sorted(names, key=order.__getitem__)
        for scale, names in found.items()
        if len(names) >= FEW
    }


def _outcome(sheet: Sheet, overall: list[str], ends: _Scale, attributes: list[str]) -> str | None:
    """The rating of the whole that attributes belong to: one on their scale, else the first."""
    alike = [name for name in overall if falls(sheet, name) == falls(sheet, attributes[0])]
    alike.sort(key=lambda name: (_scale_of(sheet, name) != ends, overall.index(name)))
    return alike[0] if alike else None


def _scale_of(sheet: Sheet, name: str) -> _Scale:
    one = sheet.battery(name)
    return one.scale, one.span


def _share(sheet: Sheet, name: str) -> float:
    """The share of the responses that rated an attribute."""
    return sheet.used[name].count / max(sheet.profiles[name].rows, 1)


def _doubt(sheet: Sheet, names: list[str]) -> Said | None:
    """Why attributes may be none of what the overall rating speaks of, or are too many."""
    if len(names) > MANY:
        return needs("drivers_many", count=len(names), most=MANY)
    if any(sheet.used[name].wording.startswith("agree") for name in names):
        return needs("drivers_agree", count=len(names))
    return None
