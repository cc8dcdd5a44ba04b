"""Numbers with their intervals as dots and lines: items, groups side by side, waves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from satcore import CellKey, Chart, Texts, dot, dot_layers, dots_told, side_by_side
from satcore_loyalty.found import Found, shown

Spec: TypeAlias = dict[str, Any]

#: Okabe and Ito's blue; grey for what is not sure.
BLUE: Final = "#0072B2"
GREY: Final = "#6b7680"

#: Height of a line.
LINE: Final = 28

#: Groups that are drawn, the largest.
MOST: Final = 24

TEXTS: Final[Texts] = {
    "largest": (
        "{title} (the {shown} largest of {count})",
        "{title}（{count} 组中最大的 {shown} 组）",
    ),
}


def point(found: Found, item: str, term: str, cell: CellKey, label: str) -> Spec:
    """A number as a row of data."""
    unit = found.unit(term)
    return dot(found, item, term, cell, label, shown=lambda value: shown(value, unit))


def layers(
    found: Found,
    term: str,
    points: Sequence[Spec],
    first: str,
    *,
    upright: bool,
    ends: tuple[float, float] | None,
) -> list[Spec]:
    """Dots with their intervals; values run along x, or along y where ``upright``."""
    return dot_layers(
        found,
        points,
        of=found.term(term),
        by=first,
        upright=upright,
        label_title=first if upright else None,
        axis={"format": ".2~%"} if found.unit(term) == "proportion" else None,
        scale=None if ends is None else {"domain": list(ends)},
    )


def by_groups(
    found: Found,
    term: str,
    items: Sequence[str],
    axis: str,
    cells: Sequence[CellKey],
    *,
    title: str,
    ends: tuple[float, float] | None = None,
) -> Chart | None:
    """A term of every item, one picture an item: the groups of a segment, or the waves."""
    waves = axis == found.results.about.wave
    shown_cells = cells if waves else found.largest(cells, MOST)
    if len(shown_cells) < len(cells):
        title = found.say(TEXTS, "largest", title=title, shown=MOST, count=f"{len(cells):,}")
    names = found.cell_labels(axis, shown_cells)
    titles = list(found.titles(items).values())
    points = [
        {**point(found, item, term, cell, name), "facet": facet}
        for item, facet in zip(items, titles, strict=True)
        for cell, name in zip(shown_cells, names, strict=True)
    ]
    if all(one["value"] is None for one in points):
        return None
    return Chart(
        title=title,
        alt=dots_told(found, points),
        spec=side_by_side(
            points,
            titles,
            layers(found, term, points, found.axis(axis), upright=waves, ends=ends),
            height=150 if waves else LINE * max(len(names), 2),
        ),
    )


def listed_chart(
    found: Found,
    term: str,
    items: Sequence[str],
    *,
    title: str,
    first: str,
    upright: bool = False,
    ends: tuple[float, float] | None = None,
    named: Callable[[str], str] | None = None,
) -> Chart | None:
    """A term of every item over all answers; ``named`` calls items otherwise than results do."""
    labels = [named(item) for item in items] if named else list(found.titles(items).values())
    points = [
        point(found, item, term, (), label) for item, label in zip(items, labels, strict=True)
    ]
    if all(one["value"] is None for one in points):
        return None
    return Chart(
        title=title,
        alt=dots_told(found, points),
        spec={
            "data": {"values": points},
            "width": "container",
            "height": 240 if upright else LINE * max(len(labels), 2),
            "layer": layers(found, term, points, first, upright=upright, ends=ends),
        },
    )
