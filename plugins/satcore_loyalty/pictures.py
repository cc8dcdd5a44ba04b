"""The path diagram, and the indices by group, as Vega-Lite specifications in plain data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from satcore import Chart, Results
from satcore_loyalty.dots import BLUE, GREY, by_groups
from satcore_loyalty.found import Found
from satcore_loyalty.layout import BOX, CELL, layout
from satcore_loyalty.metric import Loyalty
from satcore_loyalty.structure import Structure

Spec: TypeAlias = dict[str, Any]
_Point: TypeAlias = tuple[float, float]

ORANGE: Final = "#D55E00"

#: Room around the boxes.
MARGIN: Final = 12

#: Where along an arrow its number may stand, the first that is free.
ALONG: Final = (0.5, 0.43, 0.57, 0.36, 0.64, 0.3, 0.7, 0.25, 0.75)

#: Width and height of such a number with its interval.
NUMBER: Final = (66, 27)

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "title": ("Path diagram", "路径图"),
    "index": ("Index", "指数"),
    "from": ("From", "自"),
    "to": ("To", "至"),
    "alt": (
        (
            "Boxes are constructs with their index from 0 to 100 and the part of their "
            "variance that is explained (R²); arrows are paths with their "
            "coefficients and {level} intervals."
        ),
        (
            "方框为潜变量，标有 0 至 100 的指数及被解释的方差比例（R²）；"
            "箭头为路径，标有系数及 {level} 区间。"
        ),
    ),
    "alt_dashed": (
        " Dashed arrows may be 0: {paths}.",
        "虚线箭头的系数可能为 0：{paths}。",
    ),
    "alt_strongest": (
        " The largest coefficient: {path}, {value}.",
        "系数最大的路径：{path}，{value}。",
    ),
    "alt_negative": (" Orange arrows are negative.", "橙色箭头的系数为负。"),
    "by_group": ("Indices by {axis}", "各指数（按{axis}）"),
}


def loyalty_charts(results: Results, name: str, language: str = "en") -> tuple[Chart, ...]:
    """The path diagram of all answers, and the indices by group and over the waves.

    Args:
        results: The results.
        name: The metric's name in the study.
        language: ``"en"`` or ``"zh"``.
    """
    found = Found.of(results, name, language, Loyalty)
    if found is None:
        return ()
    metric = found.measured.metric
    assert isinstance(metric, Loyalty)  # noqa: S101 - ``of`` has looked
    charts = [_diagram(found, metric.structure)]
    for axes, cells in found.sets.items():
        if len(axes) == 1:
            title = found.say(TEXTS, "by_group", axis=found.axis(axes[0]))
            charts.append(
                by_groups(found, "index", found.items["index"], axes[0], cells, title=title)
            )
    return tuple(chart for chart in charts if chart is not None)


def _edge(centre: _Point, towards: _Point) -> _Point:
    """Where the line from a box's centre towards another leaves the box."""
    dx, dy = towards[0] - centre[0], towards[1] - centre[1]
    reach = min(
        (BOX[0] / 2 + 3) / abs(dx) if dx else math.inf,
        (BOX[1] / 2 + 3) / abs(dy) if dy else math.inf,
    )
    return centre[0] + reach * dx, centre[1] + reach * dy


def _diagram(found: Found, model: Structure) -> Chart | None:
    """All answers: boxes and arrows."""
    indices = [found.value(name, "index") for name in model.constructs]
    paths = [found.value(model.path_name(*pair), "path") for pair in model.paths]
    if all(value is None for value in (*indices, *paths)):
        return None
    places = layout(model)
    low, high = min(y for _, y in places), max(y for _, y in places)
    left, right = min(x for x, _ in places), max(x for x, _ in places)
    width = (right - left) * CELL[0] + BOX[0] + 2 * MARGIN
    height = (high - low) * CELL[1] + BOX[1] + 2 * MARGIN
    centres = [
        (
            MARGIN + BOX[0] / 2 + (x - left) * CELL[0],
            height - (MARGIN + BOX[1] / 2 + (y - low) * CELL[1]),
        )
        for x, y in places
    ]
    boxes = [_box(found, model, place, centre) for place, centre in enumerate(centres)]
    arrows = _arrows(found, model, centres)
    return Chart(
        title=found.say(TEXTS, "title"),
        alt=_alt(found, model),
        spec={
            "usermeta": {"satcore": {"wide": True}},
            "width": width,
            "height": height,
            "layer": [
                *_arrow_layers(found, arrows, width, height),
                *_box_layers(found, boxes, width, height),
            ],
        },
    )


def _range(found: Found, item: str, term: str, digits: int) -> str:
    bounds = found.bounds(item, term)
    if bounds is None:
        return found.word("none")
    low, high = (f"{one:.{digits}f}" for one in bounds)
    return found.word("range", low=low, high=high)


def _box(found: Found, model: Structure, place: int, centre: _Point) -> Spec:
    name = model.constructs[place]
    value = found.value(name, "index")
    explained = found.value(name, "r_squared")
    row = found.row(name, "index")
    return {
        "x": centre[0] - BOX[0] / 2,
        "x2": centre[0] + BOX[0] / 2,
        "y": centre[1] - BOX[1] / 2,
        "y2": centre[1] + BOX[1] / 2,
        "mx": centre[0],
        "my": centre[1],
        "name": found.item(name),
        "index": found.word("none") if value is None else f"{value:.1f}",
        "interval": _range(found, name, "index", 1),
        "explained": "" if explained is None else f"R² {explained:.2f}",
        "base": "–" if row is None or row["base"] is None else f"{row['base']:,}",
    }


def _arrows(found: Found, model: Structure, centres: Sequence[_Point]) -> list[Spec]:
    taken = [(x, y, float(BOX[0]), float(BOX[1])) for x, y in centres]
    arrows = []
    lines = [
        (_edge(centres[one], centres[other]), _edge(centres[other], centres[one]))
        for one, other in model.paths
    ]
    for number, (one, other) in enumerate(model.paths):
        item = model.path_name(one, other)
        value, bounds = found.value(item, "path"), found.bounds(item, "path")
        start, end = lines[number]
        others = [*lines[:number], *lines[number + 1 :]]
        # On a level arrow there is no room for its number, but above it there is.
        above = NUMBER[1] / 2 + 5 if abs(end[1] - start[1]) < 1 else 0.0
        spots = [
            (start[0] + part * (end[0] - start[0]), start[1] + part * (end[1] - start[1]) + above)
            for part in ALONG
        ]
        spot = min(spots, key=lambda at: (_overlap(at, taken) + _near(at, others), spots.index(at)))
        taken.append((*spot, *NUMBER))
        angle = math.degrees(math.atan2(end[0] - start[0], end[1] - start[1])) % 360
        arrows.append(
            {
                "x": start[0],
                "y": start[1],
                "x2": end[0],
                "y2": end[1],
                "angle": angle,
                "mx": spot[0],
                "my": spot[1],
                "from": found.item(model.constructs[one]),
                "to": found.item(model.constructs[other]),
                "value": value,
                "size": 0.0 if value is None else min(abs(value), 1.0),
                "shown": found.word("none") if value is None else f"{value:.2f}",
                "span": "" if bounds is None else f"[{bounds[0]:.2f}, {bounds[1]:.2f}]",
                "interval": _range(found, item, "path", 2),
                "unsure": bounds is None or bounds[0] <= 0 <= bounds[1],
                "negative": value is not None and value < 0,
            }
        )
    return arrows


def _overlap(at: _Point, taken: Sequence[tuple[float, float, float, float]]) -> float:
    """How much of a number placed somewhere lies on what stands there."""
    total = 0.0
    for x, y, width, height in taken:
        across = min((NUMBER[0] + width) / 2 - abs(at[0] - x), NUMBER[0])
        down = min((NUMBER[1] + height) / 2 - abs(at[1] - y), NUMBER[1])
        total += max(across, 0.0) * max(down, 0.0)
    return total


def _near(at: _Point, lines: Sequence[tuple[_Point, _Point]]) -> float:
    """How much of a number placed somewhere lies on arrows."""
    total = 0.0
    for (x, y), (x2, y2) in lines:
        square = (x2 - x) ** 2 + (y2 - y) ** 2 or 1.0
        part = min(max(((at[0] - x) * (x2 - x) + (at[1] - y) * (y2 - y)) / square, 0.0), 1.0)
        away = math.hypot(
            (at[0] - x - part * (x2 - x)) / NUMBER[0], (at[1] - y - part * (y2 - y)) / NUMBER[1]
        )
        total += 200 * max(0.6 - away, 0.0)
    return total


def _at(field: str, size: int) -> Spec:
    return {
        "field": field,
        "type": "quantitative",
        "axis": None,
        "scale": {"domain": [0, size], "nice": False, "zero": False},
    }


_COLOUR: Final[Spec] = {
    "condition": [
        {"test": "datum.unsure", "value": GREY},
        {"test": "datum.negative", "value": ORANGE},
    ],
    "value": BLUE,
}


def _arrow_layers(found: Found, arrows: list[Spec], width: int, height: int) -> list[Spec]:
    data = {"values": arrows}
    x, y = _at("x", width), _at("y", height)
    tooltip = [
        {"field": field, "type": "nominal", "title": title}
        for field, title in (
            ("from", found.say(TEXTS, "from")),
            ("to", found.say(TEXTS, "to")),
            ("shown", found.term("path")),
            ("interval", found.word("interval", level=found.level)),
        )
    ]
    layers: list[Spec] = [
        {
            "data": data,
            "mark": {"type": "rule"},
            "encoding": {
                "x": x,
                "y": y,
                "x2": {"field": "x2"},
                "y2": {"field": "y2"},
                "color": _COLOUR,
                "size": {
                    "field": "size",
                    "type": "quantitative",
                    "legend": None,
                    "scale": {"domain": [0, 1], "range": [1, 5]},
                },
                "strokeDash": {
                    "condition": {"test": "datum.unsure", "value": [5, 4]},
                    "value": [1, 0],
                },
                "tooltip": tooltip,
            },
        },
        {
            "data": data,
            "mark": {
                "type": "point",
                "shape": "triangle",
                "filled": True,
                "size": 110,
                "opacity": 1,
            },
            "encoding": {
                "x": _at("x2", width),
                "y": _at("y2", height),
                "angle": {"field": "angle", "type": "quantitative", "scale": None},
                "color": _COLOUR,
            },
        },
    ]
    # White beneath, so that a number can be read where it stands on an arrow.
    white = {"type": "rect", "fill": "white", "opacity": 0.92, "cornerRadius": 3}
    white |= {"width": NUMBER[0], "height": NUMBER[1]}
    middle = {"x": _at("mx", width), "y": _at("my", height)}
    layers.append({"data": data, "mark": white, "encoding": middle})
    layers += [
        {
            "data": data,
            "mark": {"type": "text", "dy": dy, "fontSize": size, "color": "#2b3640"},
            "encoding": {**middle, "text": {"field": field}},
        }
        for field, dy, size in (("shown", -6, 12), ("span", 7, 10))
    ]
    return layers


def _box_layers(found: Found, boxes: list[Spec], width: int, height: int) -> list[Spec]:
    data = {"values": boxes}
    tooltip = [
        {"field": field, "type": "nominal", "title": title}
        for field, title in (
            ("name", found.say(TEXTS, "index")),
            ("index", found.term("index")),
            ("interval", found.word("interval", level=found.level)),
            ("base", found.word("base")),
        )
    ]
    layers: list[Spec] = [
        {
            "data": data,
            "mark": {
                "type": "rect", "fill": "white", "stroke": "#55616c", "strokeWidth": 1.2,
                "cornerRadius": 6, "opacity": 1,
            },
            "encoding": {
                "x": _at("x", width),
                "x2": {"field": "x2"},
                "y": _at("y", height),
                "y2": {"field": "y2"},
                "tooltip": tooltip,
            },
        }
    ]  # fmt: skip
    for field, dy, mark in (
        ("name", -19, {"fontSize": 12, "fontWeight": "bold", "limit": BOX[0] - 12}),
        ("index", 2, {"fontSize": 17, "fontWeight": "bold", "color": BLUE}),
        ("explained", 21, {"fontSize": 11, "color": "#55616c"}),
    ):
        layers.append(
            {
                "data": data,
                "mark": {"type": "text", "dy": dy, **mark},
                "encoding": {
                    "x": _at("mx", width),
                    "y": _at("my", height),
                    "text": {"field": field},
                },
            }
        )
    return layers


def _alt(found: Found, model: Structure) -> str:
    alt = found.say(TEXTS, "alt", level=found.level)
    known: list[tuple[str, float]] = []
    unsure = []
    for pair in model.paths:
        item = model.path_name(*pair)
        value, bounds = found.value(item, "path"), found.bounds(item, "path")
        if value is not None:
            known.append((item, value))
        if bounds is None or bounds[0] <= 0 <= bounds[1]:
            unsure.append(found.item(item))
    if known:
        item, value = max(known, key=lambda one: abs(one[1]))
        alt += found.say(TEXTS, "alt_strongest", path=found.item(item), value=f"{value:.2f}")
    if any(value < 0 for _, value in known):
        alt += found.say(TEXTS, "alt_negative")
    if unsure:
        alt += found.say(TEXTS, "alt_dashed", paths=found.comma.join(unsure))
    return alt
