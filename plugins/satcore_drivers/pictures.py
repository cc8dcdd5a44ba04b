"""The pictures of key drivers, as Vega-Lite specifications in plain data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from satcore import (
    CellKey,
    Chart,
    Results,
    dot,
    shown_percent,
    shown_score,
    side_by_side,
)
from satcore_drivers.found import Found
from satcore_drivers.options import OVERALL

#: Okabe and Ito's blue and vermillion; grey for lines and words. Place and shape tell the same.
BLUE: Final = "#0072B2"
VERMILLION: Final = "#D55E00"
GREY: Final = "#6b7680"

#: Height of a driver's line.
LINE: Final = 28

#: Groups that are drawn side by side.
MOST_FACETS: Final = 12

#: The quadrants' shapes.
SHAPES: Final = {
    "concentrate": "triangle-up",
    "keep_up": "circle",
    "low_priority": "square",
    "overkill": "diamond",
}

Spec: TypeAlias = dict[str, Any]

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "ranked": ("{term} by driver", "各因素的{term}"),
    "by": ("{term} by driver and {axis}", "各因素的{term}（按{axis}）"),
    "largest": (
        "{title} (the {shown} largest of {count})",
        "{title}（{count} 组中最大的 {shown} 组）",
    ),
    "contrasts": ("What a low rating costs and a high one brings", "低分的惩罚与高分的奖励"),
    "plane": ("Importance and performance", "重要性与绩效"),
    "driver": ("Driver", "因素"),
    "penalty": ("penalty", "惩罚"),
    "reward": ("reward", "奖励"),
    "basic": ("basic", "基本因素"),
    "performance": ("performance", "绩效因素"),
    "excitement": ("excitement", "魅力因素"),
    "no_class": ("not shown", "未证实"),
    "concentrate": ("concentrate here", "重点改进"),
    "keep_up": ("keep up", "继续保持"),
    "low_priority": ("low priority", "低优先级"),
    "overkill": ("possible overkill", "可能过度"),
    "alt_bars": (
        "Bars are {term}, lines their {level} intervals, the greatest first: {first}.",
        "条形为{term}，线段为 {level} 区间，由大到小，第一位：{first}。",
    ),
    "alt_contrasts": (
        (
            "Circles to the right are rewards, triangles to the left penalties, in points of the "
            "outcome; lines are {level} intervals; the kind of factor stands beside the name."
        ),
        (
            "右侧圆点为奖励，左侧三角为惩罚，单位为结果的分值；"
            "线段为 {level} 区间；因素类型写在名称旁。"
        ),
    ),
    "alt_plane": (
        (
            "Each driver by performance (across) and importance (upwards) with {level} intervals; "
            "shapes tell the quadrant. To concentrate on: {list}."
        ),
        "横轴为绩效，纵轴为重要性，线段为 {level} 区间；形状表示象限。重点改进：{list}。",
    ),
    "diagonal": ("importance equals performance", "重要性等于绩效"),
}


def _term_of(found: Found) -> str:
    """The term by which a metric ranks its drivers."""
    return {"Drivers": getattr(found.metric, "order_by", ""), "KeyDrivers": "value"}.get(
        type(found.metric).__name__, "effect"
    )


def importance_charts(results: Results, name: str, language: str = "en") -> tuple[Chart, ...]:
    """Ranked bars with intervals: for all answers, and side by side for each segment and wave.

    Args:
        results: The results.
        name: The metric's name in the study.
        language: ``"en"`` or ``"zh"``.
    """
    found = Found.of(results, name, language)
    if found is None:
        return ()
    term = _term_of(found)
    charts = [_ranked(found, term)]
    for axes, cells in found.sets.items():
        if len(axes) == 1:
            charts.append(_groups(found, term, axes[0], cells))
    return tuple(chart for chart in charts if chart is not None)


def _point(
    found: Found, item: str, term: str, cell: CellKey, shown: Callable[[float], str]
) -> Spec:
    """A driver's number in a cell as a row of data."""
    return dot(found, item, term, cell, found.labels[item], shown=shown)


def _tooltip(found: Found, term: str) -> list[Spec]:
    fields = {
        "label": found.say(TEXTS, "driver"),
        "shown": term,
        "interval": found.word("interval", level=found.level),
        "base": found.word("base"),
    }
    return [{"field": field, "type": "nominal", "title": title} for field, title in fields.items()]


def _line(labels: Sequence[str]) -> Spec:
    return {
        "field": "label",
        "type": "nominal",
        "title": None,
        "sort": None,
        "scale": {"domain": list(labels)},
        "axis": {"labelLimit": 260},
    }


def _bars(found: Found, term: str, labels: Sequence[str], points: Sequence[Spec]) -> list[Spec]:
    """Bars with their intervals; hollow where they rest on few answers."""
    y = _line(labels)
    x: Spec = {
        "field": "value",
        "type": "quantitative",
        "title": found.term(term),
        "axis": {"format": ".2~%", "tickCount": 5},
    }
    layers: list[Spec] = [
        {
            "transform": [{"filter": "isValid(datum.value)"}],
            "mark": {"type": "bar", "height": 14, "stroke": BLUE, "strokeWidth": 1},
            "encoding": {
                "y": y,
                "x": x,
                "fill": {"condition": {"test": "datum.small", "value": "white"}, "value": BLUE},
                "tooltip": _tooltip(found, found.term(term)),
            },
        }
    ]
    if any(point["low"] is not None for point in points):
        layers.append(
            {
                "transform": [{"filter": "isValid(datum.low)"}],
                "mark": {"type": "rule", "strokeWidth": 2, "color": "black"},
                "encoding": {"y": y, "x": {**x, "field": "low"}, "x2": {"field": "high"}},
            }
        )
    if any(point["absent"] for point in points):
        layers.append(_absent(y))
    return layers


def _absent(y: Spec) -> Spec:
    return {
        "transform": [{"filter": "!isValid(datum.value)"}],
        "mark": {"type": "text", "align": "left", "color": GREY, "fontStyle": "italic"},
        "encoding": {"y": y, "x": {"value": 6}, "text": {"field": "absent"}},
    }


def _alt(found: Found, term: str) -> str:
    first = found.ordered(term)[0]
    value = found.value(first, term)
    told = found.labels[first] + ("" if value is None else f" {shown_percent(value)}")
    return found.say(TEXTS, "alt_bars", term=found.term(term), level=found.level, first=told)


def _ranked(found: Found, term: str) -> Chart | None:
    order = found.ordered(term)
    points = [_point(found, one, term, (), shown_percent) for one in order]
    if all(point["value"] is None for point in points):
        return None
    labels = [found.labels[one] for one in order]
    return Chart(
        title=found.say(TEXTS, "ranked", term=found.term(term)),
        alt=_alt(found, term),
        spec={
            "data": {"values": points},
            "width": "container",
            "height": LINE * len(labels),
            "layer": _bars(found, term, labels, points),
        },
    )


def _groups(found: Found, term: str, axis: str, cells: Sequence[CellKey]) -> Chart | None:
    """The groups of a segment, or the waves, side by side."""
    shown = found.largest(cells, MOST_FACETS)
    order = found.ordered(term)
    labels = [found.labels[one] for one in order]
    facets = found.cell_labels(axis, shown)
    points = [
        {**_point(found, one, term, cell, shown_percent), "facet": facet}
        for cell, facet in zip(shown, facets, strict=True)
        for one in order
    ]
    if all(point["value"] is None for point in points):
        return None
    title = found.say(TEXTS, "by", term=found.term(term), axis=found.axis(axis))
    if len(shown) < len(cells):
        title = found.say(TEXTS, "largest", title=title, shown=len(shown), count=f"{len(cells):,}")
    return Chart(
        title=title,
        alt=_alt(found, term),
        spec=side_by_side(
            points, facets, _bars(found, term, labels, points), height=LINE * len(labels)
        ),
    )


def contrast_charts(results: Results, name: str, language: str = "en") -> tuple[Chart, ...]:
    """Penalties and rewards with their intervals, a driver a line.

    Args:
        results: The results.
        name: The metric's name in the study.
        language: ``"en"`` or ``"zh"``.
    """
    found = Found.of(results, name, language)
    if found is None:
        return ()
    points = []
    labels = []
    for one in found.names:
        factor = found.category(one, "factor") or "no_class"
        label = f"{found.labels[one]} · {found.say(TEXTS, factor)}"
        labels.append(label)
        for term in ("penalty", "reward"):
            point = _point(found, one, term, (), shown_score)
            points.append({**point, "label": label, "side": found.say(TEXTS, term)})
    if all(point["value"] is None for point in points):
        return ()
    y = _line(labels)
    x: Spec = {"field": "value", "type": "quantitative", "title": found.outcome}
    sides = [found.say(TEXTS, "penalty"), found.say(TEXTS, "reward")]
    colour: Spec = {
        "field": "side",
        "type": "nominal",
        "title": None,
        "scale": {"domain": sides, "range": [VERMILLION, BLUE]},
    }
    shape: Spec = {**colour, "scale": {"domain": sides, "range": ["triangle-left", "circle"]}}
    layers: list[Spec] = [
        {"mark": {"type": "rule", "color": GREY}, "encoding": {"x": {"datum": 0}}},
    ]
    if any(point["low"] is not None for point in points):
        layers.append(
            {
                "transform": [{"filter": "isValid(datum.low)"}],
                "mark": {"type": "rule", "strokeWidth": 2},
                "encoding": {
                    "y": y,
                    "x": {**x, "field": "low"},
                    "x2": {"field": "high"},
                    "color": colour,
                },
            }
        )
    layers.append(
        {
            "transform": [{"filter": "isValid(datum.value)"}],
            "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
            "encoding": {
                "y": y,
                "x": x,
                "color": colour,
                "shape": shape,
                "tooltip": _tooltip(found, found.term("reward") + " / " + found.term("penalty")),
            },
        }
    )
    chart = Chart(
        title=found.say(TEXTS, "contrasts"),
        alt=found.say(TEXTS, "alt_contrasts", level=found.level),
        spec={
            "data": {"values": points},
            "width": "container",
            "height": LINE * len(labels),
            "layer": layers,
        },
    )
    return (chart,)


def quadrant_charts(results: Results, name: str, language: str = "en") -> tuple[Chart, ...]:
    """The plane: performance across, importance upwards, intervals both ways, the lines.

    Args:
        results: The results.
        name: The metric's name in the study.
        language: ``"en"`` or ``"zh"``.
    """
    found = Found.of(results, name, language)
    if found is None:
        return ()
    points = [_placed(found, one) for one in found.names]
    points = [one for one in points if one["x"] is not None and one["y"] is not None]
    if not points:
        return ()
    x: Spec = {
        "field": "x",
        "type": "quantitative",
        "title": found.term("performance"),
        "scale": {"zero": False},
    }
    y: Spec = {
        "field": "y",
        "type": "quantitative",
        "title": found.term("importance"),
        "scale": {"zero": False},
    }
    words = [found.say(TEXTS, one) for one in SHAPES]
    shape: Spec = {
        "field": "quadrant",
        "type": "nominal",
        "title": None,
        "scale": {"domain": words, "range": list(SHAPES.values())},
    }
    colours = [VERMILLION, BLUE, GREY, "#009E73"]
    colour: Spec = {**shape, "scale": {"domain": words, "range": colours}}
    layers = _lines_of(found, points)
    if any(point["y_low"] is not None for point in points):
        layers.append(_whisker(x, {**y, "field": "y_low"}, {"y2": {"field": "y_high"}}, "y_low"))
    if any(point["x_low"] is not None for point in points):
        layers.append(_whisker({**x, "field": "x_low"}, y, {"x2": {"field": "x_high"}}, "x_low"))
    fields = {
        "label": found.say(TEXTS, "driver"),
        "y_shown": found.term("importance"),
        "x_shown": found.term("performance"),
        "quadrant": found.term("quadrant"),
        "sure": "P",
        "base": found.word("base"),
    }
    layers.append(
        {
            "mark": {"type": "point", "filled": True, "size": 110, "opacity": 1},
            "encoding": {
                "x": x,
                "y": y,
                "shape": shape,
                "color": colour,
                "tooltip": [
                    {"field": field, "type": "nominal", "title": title}
                    for field, title in fields.items()
                ],
            },
        }
    )
    layers.append(
        {
            "mark": {"type": "text", "align": "left", "dx": 8, "dy": -8},
            "encoding": {"x": x, "y": y, "text": {"field": "label"}},
        }
    )
    first = [one["label"] for one in points if one["key"] == "concentrate"]
    chart = Chart(
        title=found.say(TEXTS, "plane"),
        alt=found.say(
            TEXTS,
            "alt_plane",
            level=found.level,
            list=found.comma.join(first) or found.word("none"),
        ),
        spec={
            "data": {"values": points},
            "width": "container",
            "height": 380,
            "layer": layers,
        },
    )
    return (chart,)


def _placed(found: Found, one: str) -> Spec:
    """A driver's place in the plane, with its intervals."""
    data: Spec = {"label": found.labels[one], "base": f"{found.base(one, 'performance'):,}"}
    for axis, term in (("x", "performance"), ("y", "importance")):
        value, bounds = found.value(one, term), found.bounds(one, term)
        as_score = axis == "x" or getattr(found.metric, "stated", False)
        shown = shown_score if as_score else shown_percent
        data[axis] = value
        data[f"{axis}_low"] = bounds[0] if bounds else None
        data[f"{axis}_high"] = bounds[1] if bounds else None
        data[f"{axis}_shown"] = "" if value is None else shown(value)
    key = found.category(one, "quadrant")
    sure = found.value(one, "quadrant")
    data["key"] = key
    data["quadrant"] = found.say(TEXTS, key) if key else found.word("undefined")
    data["sure"] = "" if sure is None else shown_percent(sure)
    return data


def _whisker(x: Spec, y: Spec, more: Spec, low: str) -> Spec:
    return {
        "transform": [{"filter": f"isValid(datum.{low})"}],
        "mark": {"type": "rule", "strokeWidth": 1.5, "color": GREY},
        "encoding": {"x": x, "y": y, **more},
    }


def _lines_of(found: Found, points: Sequence[Spec]) -> list[Spec]:
    """The lines that part the quadrants."""
    dashed: Spec = {"type": "rule", "strokeDash": [5, 4], "color": "black"}
    across = found.value(OVERALL, "performance_line")
    up = found.value(OVERALL, "importance_line")
    layers: list[Spec] = []
    if across is not None:
        layers.append({"mark": dashed, "encoding": {"x": {"datum": across}}})
    if up is not None:
        layers.append({"mark": dashed, "encoding": {"y": {"datum": up}}})
    if found.metric.lines == "diagonal" and len(points) > 1:
        layers.append(_diagonal(found, points))
    return layers


def _diagonal(found: Found, points: Sequence[Spec]) -> Spec:
    """Where importance equals performance: of stated ones, or in the drivers' spread."""
    x, y = ([one[axis] for one in points] for axis in ("x", "y"))
    ends = [min(x), max(x)]
    slope, start = 1.0, 0.0
    if found.metric.stated:
        ends = [min(*x, *y), max(*x, *y)]
    else:
        mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
        spread_x = sum((one - mean_x) ** 2 for one in x) ** 0.5
        spread_y = sum((one - mean_y) ** 2 for one in y) ** 0.5
        slope = spread_y / spread_x if spread_x else 0.0
        start = mean_y - slope * mean_x
    return {
        "data": {"values": [{"x": one, "y": start + slope * one} for one in ends]},
        "mark": {"type": "line", "strokeDash": [5, 4], "color": "black"},
        "encoding": {
            "x": {"field": "x", "type": "quantitative", "scale": {"zero": False}},
            "y": {"field": "y", "type": "quantitative", "scale": {"zero": False}},
        },
    }
