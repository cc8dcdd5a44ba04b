"""Numbers with their intervals as dots and lines: items, groups side by side, waves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from satcore import Chart
from satcore_loyalty.found import TEXTS, Cell, Found, shown

Spec: TypeAlias = dict[str, Any]

#: Okabe and Ito's blue; grey for what is not sure.
BLUE: Final = "#0072B2"
GREY: Final = "#6b7680"

#: Height of a line; width of a picture among several, by how many stand side by side.
LINE: Final = 28
FACET_WIDTHS: Final = {1: 520, 2: 340, 3: 215, 4: 155}

#: Groups that are drawn, the largest.
MOST: Final = 24

ALT: Final[dict[str, tuple[str, str]]] = {
    "dots": (
        "Dots are the values, lines their {level} intervals.",
        "圆点为数值，线段为 {level} 区间。",
    ),
}


def point(found: Found, item: str, term: str, cell: Cell, label: str) -> Spec:
    """A number as a row of data."""
    row, bounds = found.row(item, term, cell), found.bounds(item, term, cell)
    value = found.value(item, term, cell)
    unit = row["unit"] if row else ""
    base = row["base"] if row else 0
    span = found.say(TEXTS, "none")
    if bounds is not None:
        low, high = (shown(one, unit) for one in bounds)
        span = found.say(TEXTS, "range", low=low, high=high)
    return {
        "label": label,
        "value": value,
        "low": bounds[0] if bounds and value is not None else None,
        "high": bounds[1] if bounds and value is not None else None,
        "shown": "" if value is None else shown(value, unit),
        "interval": span,
        "base": "–" if base is None else f"{base:,}",
        "small": row is not None and row["status"] == "small",
    }


def layers(
    found: Found,
    term: str,
    labels: Sequence[str],
    points: Sequence[Spec],
    first: str,
    *,
    upright: bool,
    unit: str,
    ends: tuple[float, float] | None,
    line: bool,
) -> list[Spec]:
    """Dots with their intervals; values run along x, or along y where ``upright``.

    A layer that would have nothing to draw is left out: Vega warns of it.
    """
    across, along = ("y", "x") if upright else ("x", "y")
    label: Spec = {
        "field": "label",
        "type": "ordinal" if upright else "nominal",
        "title": first if upright else None,
        "sort": None,
        "scale": {"domain": list(labels)},
        "axis": {"labelAngle": 0, "labelOverlap": "greedy"} if upright else {"labelLimit": 260},
    }
    value: Spec = {
        "field": "value",
        "type": "quantitative",
        "title": found.term(term),
        "scale": {"zero": False, "nice": True},
        "axis": {"tickCount": 5, **({"format": ".2~%"} if unit == "proportion" else {})},
    }
    if ends is not None:
        value["scale"] = {"domain": list(ends)}
    tooltip = [
        {"field": field, "type": "nominal", "title": title}
        for field, title in (
            ("label", first),
            ("shown", found.term(term)),
            ("interval", found.say(TEXTS, "interval", level=found.level)),
            ("base", found.say(TEXTS, "base")),
        )
    ]
    made: list[Spec] = []
    if line and sum(one["value"] is not None for one in points) > 1:
        mark = {"type": "line", "color": BLUE, "opacity": 0.5}
        made.append({"mark": mark, "encoding": {along: label, across: value}})
    if any(one["low"] is not None for one in points):
        made.append(
            {
                "transform": [{"filter": "isValid(datum.low)"}],
                "mark": {"type": "rule", "strokeWidth": 2, "color": BLUE},
                "encoding": {
                    along: label,
                    across: {**value, "field": "low"},
                    f"{across}2": {"field": "high"},
                },
            }
        )
    made.append(
        {
            "transform": [{"filter": "isValid(datum.value)"}],
            "mark": {"type": "point", "filled": True, "size": 80, "opacity": 1, "stroke": BLUE},
            "encoding": {
                along: label,
                across: value,
                "fill": {"condition": {"test": "datum.small", "value": "white"}, "value": BLUE},
                "tooltip": tooltip,
            },
        }
    )
    return made


def alt(found: Found, points: Sequence[Spec]) -> str:
    """What dots and lines are."""
    told = found.say(ALT, "dots", level=found.level)
    if any(one["small"] and one["value"] is not None for one in points):
        told += found.say(TEXTS, "alt_hollow")
    return told


def unit_of(found: Found, term: str) -> str:
    """The unit of a term."""
    return next((row["unit"] for key, row in found.rows.items() if key[1] == term), "")


def by_groups(
    found: Found,
    term: str,
    items: Sequence[str],
    axis: str,
    cells: Sequence[Cell],
    *,
    title: str,
    ends: tuple[float, float] | None = None,
) -> Chart | None:
    """A term of every item, one picture an item: the groups of a segment, or the waves."""
    waves = axis == found.results.about.wave
    shown_cells = list(cells)
    if not waves and len(cells) > MOST:
        sizes = [
            max((found.rows[key]["base"] or 0) for key in found.rows if key[2] == cell)
            for cell in cells
        ]
        largest = sorted(range(len(cells)), key=lambda place: (-sizes[place], place))[:MOST]
        shown_cells = [cells[place] for place in sorted(largest)]
        title = found.say(TEXTS, "largest", title=title, shown=MOST, count=f"{len(cells):,}")
    names = found.named(axis, shown_cells)
    titles = [found.title(item) for item in items]
    points = [
        {**point(found, item, term, cell, name), "facet": facet}
        for item, facet in zip(items, titles, strict=True)
        for cell, name in zip(shown_cells, names, strict=True)
    ]
    if all(one["value"] is None for one in points):
        return None
    columns = next((one for one in (4, 3, 2) if len(items) % one == 0), min(3, len(items)))
    made = layers(
        found, term, names, points, found.axis(axis), upright=waves, unit=unit_of(found, term),
        ends=ends, line=waves,
    )  # fmt: skip
    return Chart(
        title=title,
        alt=alt(found, points),
        spec={
            "data": {"values": points},
            "facet": {
                "field": "facet",
                "type": "nominal",
                "title": None,
                "sort": titles,
                "header": {"labelFontWeight": "bold"},
            },
            "columns": columns,
            "spec": {
                "width": FACET_WIDTHS[columns],
                "height": 150 if waves else LINE * max(len(names), 2),
                "layer": made,
            },
            "resolve": {"axis": {"x": "independent"}},
        },
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
    labels = [(named or found.title)(item) for item in items]
    points = [
        point(found, item, term, (), label) for item, label in zip(items, labels, strict=True)
    ]
    if all(one["value"] is None for one in points):
        return None
    made = layers(
        found, term, labels, points, first, upright=upright, unit=unit_of(found, term),
        ends=ends, line=upright,
    )  # fmt: skip
    return Chart(
        title=title,
        alt=alt(found, points),
        spec={
            "data": {"values": points},
            "width": "container",
            "height": 240 if upright else LINE * max(len(labels), 2),
            "layer": made,
        },
    )
