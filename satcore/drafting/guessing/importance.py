"""Importance and performance: attributes of which both were asked."""

from __future__ import annotations

from typing import Any

from satcore.drafting import wordings
from satcore.drafting.guesses import said
from satcore.drafting.guessing.outcomes import FEW
from satcore.drafting.guessing.sheet import Sheet
from satcore.drafting.pairs import compressed, pairs_of
from satcore.drafting.scales import Answers, spanned


def importance_performance(sheet: Sheet) -> None:
    """Attributes of which both importance and performance were asked."""
    there: dict[str, Answers] = {
        name: one for name in sheet.free if (one := sheet.answers(name)) is not None
    }
    pairs = pairs_of(list(there), wordings.IMPORTANCE_SIDES)
    if len(pairs) < FEW:
        return
    order = {name: number for number, name in enumerate(sheet.profiles)}
    ordered = sorted(pairs.values(), key=lambda pair: order[pair[1].name])
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
    taken = [*rated, *important]
    sheet.claim(*taken)
    sheet.used.update({name: there[name] for name in taken})
    sheet.measured(
        "importance_performance", options, said("importance_performance", count=len(rated)),
        items=taken,
    )  # fmt: skip
