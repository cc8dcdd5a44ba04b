"""Ratings: the means of those that no other metric has taken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from satcore.drafting.guesses import MetricGuess, said
from satcore.drafting.guessing.sheet import Sheet
from satcore.drafting.guessing.texts import slug
from satcore.drafting.pairs import compressed, number_in, spans


def ratings(sheet: Sheet) -> None:
    """The means of ratings, those on one scale together."""
    scales: dict[tuple[str, tuple[int, int]], list[tuple[str, list[str]]]] = {}
    for one in sheet.batteries:
        if one.names:
            scales.setdefault((one.scale, one.span), []).append((one.stem, one.names))
    for (scale, _), parts in scales.items():
        _rated(sheet, scale, parts)


def _rated(sheet: Sheet, scale: str, parts: Sequence[tuple[str, list[str]]]) -> None:
    """The means of ratings on one scale: perceptions alone, which is SERVPERF."""
    names = [name for _, part in parts for name in part]
    if "servqual" not in sheet.kinds:
        elsewhere = {name for one in sheet.made.metrics for name in one.items}
        for name in names:
            if name not in elsewhere:
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
