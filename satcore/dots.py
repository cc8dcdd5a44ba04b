"""Numbers with their intervals as dots and lines: the picture that most metrics need.

A picture is made in two steps: rows of data, one a dot, and layers that draw them. Both are plain
Vega-Lite, so that a metric adds what is its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from satcore.drawing import CHART_CELL
from satcore.metrics import Metric
from satcore.readings import CellKey, Reading

#: A part of a Vega-Lite specification.
Spec: TypeAlias = dict[str, Any]

#: Okabe and Ito's blue; grey for words that stand in place of a number.
BLUE: Final = "#0072B2"
GREY: Final = "#6b7680"

#: Height of a line of dots: a picture's height is a number.
LINE: Final = 28

#: Width of a picture among several, by how many stand side by side.
FACET_WIDTHS: Final = {1: 520, 2: 340, 3: 215, 4: 155}


def dot(
    reading: Reading[Metric],
    item: str,
    term: str,
    cell: CellKey,
    label: str,
    *,
    shown: Callable[[float], str],
) -> Spec:
    """A number as a row of data.

    It holds ``label``, ``value``, ``low``, ``high``, and as texts ``shown``, ``interval``,
    ``base``, ``effective`` (under weights) and ``absent``, why there is no number; ``small`` says
    that few answered, and the cell stands there so that a page can show some of them.

    Args:
        reading: The metric's results.
        item: The item.
        term: The term.
        cell: The cell.
        label: What the dot is called.
        shown: A number for people.
    """
    row, value = reading.row(item, term, cell), reading.value(item, term, cell)
    bounds = reading.bounds(item, term, cell) if value is not None else None
    base = row["base"] if row else 0
    data: Spec = {
        CHART_CELL: dict(cell),
        "label": label,
        "value": value,
        "low": bounds[0] if bounds else None,
        "high": bounds[1] if bounds else None,
        "shown": "" if value is None else shown(value),
        "interval": reading.interval(item, term, cell, shown=shown),
        # A dash stands for answers whose number is withheld.
        "base": "–" if base is None else f"{base:,}",
        "small": row is not None and row["status"] == "small",
        "absent": reading.absent(reading.status(item, term, cell)) if value is None else "",
    }
    if reading.results.about.weight:
        effective = row["effective_base"] if row else None
        data["effective"] = "" if effective is None else f"{effective:,.1f}"
    return data


def dot_layers(
    reading: Reading[Metric],
    dots: Sequence[Spec],
    *,
    of: str,
    by: str,
    upright: bool = False,
    title: str | None = None,
    label_title: str | None = None,
    axis: Mapping[str, Any] | None = None,
    scale: Mapping[str, Any] | None = None,
) -> list[Spec]:
    """Dots with their intervals, and why a number is absent; a line joins them where upright.

    A layer that would have nothing to draw is left out: Vega-Lite warns of it.

    Args:
        reading: The metric's results.
        dots: Rows of data, as ``dot`` makes them; the picture's data.
        of: What the numbers are.
        by: What the labels are.
        upright: Whether numbers run along y, as over the waves, instead of along x.
        title: The numbers' title on their axis; ``of`` where left out.
        label_title: The labels' title on theirs; none where left out.
        axis: The numbers' axis, as Vega-Lite has it: its format, for one.
        scale: The numbers' scale, likewise.
    """
    across, along = ("y", "x") if upright else ("x", "y")
    label: Spec = {
        "field": "label",
        "type": "ordinal" if upright else "nominal",
        "title": label_title,
        "sort": None,
        "scale": {"domain": list(dict.fromkeys(one["label"] for one in dots))},
        "axis": {"labelAngle": 0, "labelOverlap": "greedy"} if upright else {"labelLimit": 260},
    }
    number: Spec = {
        "field": "value",
        "type": "quantitative",
        "title": title or of,
        "scale": dict(scale or {"zero": False, "nice": True}),
        "axis": {"tickCount": 5, **(axis or {})},
    }
    told = {
        "label": by,
        "shown": of,
        "interval": reading.word("interval", level=reading.level),
        "base": reading.word("base"),
    }
    if reading.results.about.weight:
        told["effective"] = reading.word("effective")
    layers: list[Spec] = []
    if upright and sum(one["value"] is not None for one in dots) > 1:
        line = {"type": "line", "color": BLUE, "opacity": 0.5}
        layers.append({"mark": line, "encoding": {along: label, across: number}})
    if any(one["low"] is not None for one in dots):
        layers.append(
            {
                "transform": [{"filter": "isValid(datum.low)"}],
                "mark": {"type": "rule", "strokeWidth": 2, "color": BLUE},
                "encoding": {
                    along: label,
                    across: {**number, "field": "low"},
                    f"{across}2": {"field": "high"},
                },
            }
        )
    layers.append(
        {
            "transform": [{"filter": "isValid(datum.value)"}],
            "mark": {"type": "point", "filled": True, "size": 80, "opacity": 1, "stroke": BLUE},
            "encoding": {
                along: label,
                across: number,
                "fill": {"condition": {"test": "datum.small", "value": "white"}, "value": BLUE},
                "tooltip": [
                    {"field": field, "type": "nominal", "title": title}
                    for field, title in told.items()
                ],
            },
        }
    )
    if not upright and any(one["absent"] for one in dots):
        layers.append(
            {
                "transform": [{"filter": "!isValid(datum.value)"}],
                "mark": {"type": "text", "align": "left", "color": GREY, "fontStyle": "italic"},
                "encoding": {"y": label, "x": {"value": 6}, "text": {"field": "absent"}},
            }
        )
    return layers


def dots_told(reading: Reading[Metric], dots: Sequence[Spec]) -> str:
    """What dots and lines are, for those who can't see them."""
    told = reading.word("dots", level=reading.level)
    if any(one["small"] and one["value"] is not None for one in dots):
        told += reading.word("hollow")
    return told


def side_by_side(
    data: Sequence[Spec], facets: Sequence[str], layers: Sequence[Spec], *, height: int
) -> Spec:
    """The same picture once for each facet, in even rows where their number allows it.

    Args:
        data: Rows of data, each with its ``facet``.
        facets: The facets, in their order.
        layers: What to draw in each.
        height: The height of each.
    """
    columns = next((one for one in (4, 3, 2) if len(facets) % one == 0), min(3, len(facets)))
    return {
        "data": {"values": list(data)},
        "facet": {
            "field": "facet",
            "type": "nominal",
            "title": None,
            "sort": list(facets),
            "header": {"labelFontWeight": "bold"},
        },
        "columns": columns,
        "spec": {"width": FACET_WIDTHS[columns], "height": height, "layer": list(layers)},
        "resolve": {"axis": {"x": "independent"}},
    }
