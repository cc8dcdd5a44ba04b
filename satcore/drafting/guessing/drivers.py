"""Key drivers: attributes that an overall rating may be made of."""

from __future__ import annotations

from typing import Any, Final

from satcore.drafting import wordings
from satcore.drafting.guesses import Said, needs, said
from satcore.drafting.guessing.outcomes import FEW, Ends, outcome_of, scale_of
from satcore.drafting.guessing.questions import asks_satisfaction
from satcore.drafting.guessing.sheet import Sheet
from satcore.drafting.pairs import compressed

#: Attributes that are drafted; each more of them makes importance dearer to compute.
MANY: Final = 20
#: Attributes up to which every cell of the study is quick; beyond it is one for all.
QUICK: Final = 12
#: Share of the responses that rated an attribute, below which most would be left out.
RATED: Final = 0.8


def drivers(sheet: Sheet, overall: list[str]) -> None:
    """Attributes on one scale, with a rating of the whole.

    Args:
        sheet: The columns.
        overall: Ratings of the whole.
    """
    if not overall:
        return
    scales = _attributes(sheet, overall)
    ends = scale_of(sheet, overall[0])
    found = scales.get(ends)
    if found is None and len(scales) == 1:
        [(ends, found)] = scales.items()
    if found is None:
        return
    outcome = outcome_of(sheet, overall, ends, found)
    if outcome is None:
        return
    options: dict[str, Any] = {
        "outcome": outcome,
        "drivers": compressed(found) or found,
        "scale": ends[0],
    }
    other = scale_of(sheet, outcome)[0]
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


def _attributes(sheet: Sheet, overall: list[str]) -> dict[Ends, list[str]]:
    """What may be attributes, by their scale: batteries, and single ones on satisfaction."""
    found: dict[Ends, list[str]] = {}
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
