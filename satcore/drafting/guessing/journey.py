"""A customer's journey: touchpoints, where the names say that they are."""

from __future__ import annotations

from typing import Any

from satcore.drafting import wordings
from satcore.drafting.guesses import said
from satcore.drafting.guessing.outcomes import FEW, Ends, outcome_of, scale_of
from satcore.drafting.guessing.sheet import Sheet


def journey(sheet: Sheet, overall: list[str]) -> None:
    """Touchpoints, where the names say so: who came by, how it was rated, what it costs.

    Args:
        sheet: The columns.
        overall: Ratings of the whole.
    """
    groups: dict[Ends, list[str]] = {}
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
    outcome = outcome_of(sheet, overall, (scale, span), names)
    if outcome is not None:
        options["overall"] = outcome
        reasons += sheet.elsewhere(outcome)
    options["scale"] = scale
    if outcome is not None and scale_of(sheet, outcome)[0] != scale:
        options["overall_scale"] = scale_of(sheet, outcome)[0]
    sheet.measured("journey", options, *reasons, items=[*names, *([outcome] if outcome else [])])
    sheet.take(*names)


def _touchpoint(sheet: Sheet, name: str) -> bool:
    """Whether a rating says that it is of a touchpoint."""
    return (
        wordings.TOUCHPOINT.search(sheet.text(name)) is not None
        or wordings.JOURNEY.fullmatch(name.casefold()) is not None
    )
