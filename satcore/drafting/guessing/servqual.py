"""SERVQUAL: items with an expectation and a perception."""

from __future__ import annotations

from typing import Any

from satcore.drafting import wordings
from satcore.drafting.guesses import MetricGuess, Said, needs, said
from satcore.drafting.guessing.sheet import Sheet
from satcore.drafting.pairs import compressed, number_in, pairs_of
from satcore.drafting.scales import spanned


def servqual(sheet: Sheet) -> None:
    """Two items or more, each with an expectation and a perception on one scale."""
    there = {name: one for name in sheet.free if (one := sheet.answers(name)) is not None}
    found = pairs_of(list(sheet.free), wordings.SERVQUAL_SIDES)
    pairs = {
        key: (expected, perceived)
        for key, (expected, perceived) in found.items()
        if expected.name in there and perceived.name in there
    }
    if len(pairs) < 2:
        return
    ordered = sorted(pairs.values(), key=lambda pair: number_in(pair[0].key))
    columns = [one.name for pair in ordered for one in pair]
    span = spanned([there[name] for name in columns])
    scale = None if span is None else sheet.scale([there[name] for name in columns], span)
    if span is None or scale is None or span[1] < 4:
        return
    sheet.claim(*columns)
    sheet.used.update({name: there[name] for name in columns})
    sides = {
        side: [pair[place].name for pair in ordered]
        for place, side in enumerate(("expectation", "perception"))
    }
    patterns = {side: compressed(names) for side, names in sides.items()}
    runs = {pattern and pattern[pattern.index("{") : pattern.index("}")] for pattern in
            patterns.values()}  # fmt: skip
    written = patterns if None not in runs and len(runs) == 1 else sides
    options: dict[str, Any] = dict(written)
    if scale != "1..7":
        options["scale"] = scale
    classical = len(ordered) == 22 and (
        written is sides or number_in(sides["perception"][0])[0] == 1
    )
    name = sheet.named("servqual")
    sheet.doubt("servqual", needs("servqual_classical" if classical else "servqual_groups"))
    sheet.made.metrics.append(
        MetricGuess(
            name=name,
            kind="servqual",
            options=options,
            reasons=(said("servqual", pairs=len(ordered)), *_range_reason(span, scale)),
            items=tuple(columns),
        )
    )


def _range_reason(span: tuple[int, int], scale: str) -> tuple[Said, ...]:
    return (said("ratings_scale", scale=f"{span[0]}..{span[1]}"),) if scale else ()
