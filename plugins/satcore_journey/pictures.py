"""The pictures of a journey, as Vega-Lite specifications in plain data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from satcore import CellKey, Chart, Results, dot, shown_percent, shown_score, side_by_side
from satcore_journey.found import Found
from satcore_journey.metric import Journey
from satcore_journey.options import AT

#: Okabe and Ito's blue and vermillion; grey for lines and words. Shape tells the same as colour.
BLUE: Final = "#0072B2"
VERMILLION: Final = "#D55E00"
GREY: Final = "#6b7680"

#: Height of the curve and of a line of bars; width of a picture among several.
HEIGHT: Final = 260
LINE: Final = 28

#: Groups that are drawn side by side, and moments of truth that are marked.
MOST_FACETS: Final = 12
MOST_MARKED: Final = 3

#: Letters of all touchpoints together that stand upright side by side.
LETTERS: Final = 60

Spec: TypeAlias = dict[str, Any]

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "curve": ("The journey: {term} at each touchpoint", "客户旅程：各触点的{term}"),
    "by": ("The journey by {axis}", "客户旅程（按{axis}）"),
    "costs": (
        "Moments of truth: what each touchpoint costs {overall}",
        "关键时刻：各触点对 {overall} 造成的损失",
    ),
    "channels": ("Channels side by side", "各渠道对比"),
    "largest": (
        "{title} (the {shown} largest of {count})",
        "{title}（{count} 组中最大的 {shown} 组）",
    ),
    "touchpoint": ("Touchpoint", "触点"),
    "channel": ("Channel", "渠道"),
    "alt": (
        "Dots are means, lines their {level} intervals, in the order of the journey.",
        "圆点为均值，线段为 {level} 区间，按旅程顺序排列。",
    ),
    "alt_target": (" The dashed line is the target.", "虚线为目标。"),
    "alt_moments": (
        " Diamonds are moments of truth, numbered by what they cost: {list}.",
        "菱形为关键时刻，按损失编号：{list}。",
    ),
    "alt_hollow": (" Hollow dots rest on few answers.", "空心圆点表示回答较少。"),
    "alt_costs": (
        (
            "Bars are points of the overall rating that each touchpoint costs, lines their {level} "
            "intervals. First: {first}."
        ),
        "条形为各触点造成的总体评分损失，线段为 {level} 区间。最大：{first}。",
    ),
    "told": ("{number}. {name}", "{number}. {name}"),
}


def journey_charts(results: Results, name: str, language: str = "en") -> tuple[Chart, ...]:
    """The pictures of a journey.

    The curve of satisfaction with its intervals, the target and the moments of truth; what
    touchpoints cost; effort and emotion along the way; channels side by side; the curve of each
    group or wave.

    Args:
        results: The results.
        name: The metric's name in the study.
        language: ``"en"`` or ``"zh"``.
    """
    found = Found.of(results, name, language, Journey)
    if found is None:
        return ()
    charts = [_curve(found, "satisfaction"), _costs(found)]
    charts += [_curve(found, term) for term in ("effort", "emotion")]
    charts.append(_channels(found))
    charts += [
        _groups(found, axes[0], cells) for axes, cells in found.sets.items() if len(axes) == 1
    ]
    return tuple(chart for chart in charts if chart is not None)


def _point(found: Found, name: str, term: str, cell: CellKey = (), item: str = "") -> Spec:
    """A touchpoint's number in a cell as a row of data."""
    data = dot(found, item or name, term, cell, found.labels[name], shown=shown_score)
    for other, shown in (("reach", shown_percent), ("impact", shown_score), ("cost", shown_score)):
        beside = found.value(name, other, cell)
        data[other] = "" if beside is None else shown(beside)
    return data


def _along(labels: Sequence[str], pictures: int = 1) -> Spec:
    upright = sum(map(len, labels)) * min(pictures, 4) <= LETTERS
    return {
        "field": "label",
        "type": "ordinal",
        "title": None,
        "sort": None,
        "scale": {"domain": list(labels)},
        "axis": {"labelAngle": 0 if upright else -30, "labelLimit": 160, "labelOverlap": False},
    }


def _tooltip(found: Found, term: str) -> list[Spec]:
    fields = {
        "label": found.say(TEXTS, "touchpoint"),
        "shown": found.term(term),
        "interval": found.word("interval", level=found.level),
        "reach": found.term("reach"),
        "impact": found.term("impact"),
        "cost": found.term("cost"),
        "base": found.word("base"),
    }
    if found.metric.overall is None:
        del fields["impact"], fields["cost"]
    return [{"field": field, "type": "nominal", "title": title} for field, title in fields.items()]


def _targets(found: Found, cell: CellKey = ()) -> dict[str, float]:
    """What each touchpoint should reach: its satisfaction less the gap to the target."""
    targets = {}
    for name in found.names:
        value, gap = found.value(name, "satisfaction", cell), found.value(name, "gap", cell)
        if value is not None and gap is not None:
            # Rounding leaves a trace.
            targets[name] = round(value - gap, 6)
    return targets


def _layers(found: Found, term: str, points: Sequence[Spec], pictures: int = 1) -> list[Spec]:
    """The line, intervals, dots; the target and the moments of truth on satisfaction.

    A layer that would have nothing to draw is left out: Vega warns of it.
    """
    x = _along([found.labels[name] for name in found.names], pictures)
    y: Spec = {
        "field": "value",
        "type": "quantitative",
        "title": found.term(term),
        "scale": {"zero": False},
    }
    valid = {"filter": "isValid(datum.value)"}
    layers: list[Spec] = []
    if any(point.get("target") is not None for point in points):
        layers.append(
            {
                "transform": [{"filter": "isValid(datum.target)"}],
                "mark": {
                    "type": "line",
                    "strokeDash": [5, 4],
                    "color": GREY,
                    "interpolate": "step",
                },
                "encoding": {"x": x, "y": {**y, "field": "target"}},
            }
        )
    if sum(point["value"] is not None for point in points) > 1:
        layers.append(
            {
                "mark": {"type": "line", "color": BLUE, "opacity": 0.5},
                "encoding": {"x": x, "y": y},
            }
        )
    if any(point["low"] is not None for point in points):
        layers.append(
            {
                "transform": [{"filter": "isValid(datum.low)"}],
                "mark": {"type": "rule", "strokeWidth": 2, "color": BLUE},
                "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
            }
        )
    marked = {"test": "datum.moment", "value": VERMILLION}
    layers.append(
        {
            "transform": [valid],
            "mark": {"type": "point", "filled": True, "opacity": 1},
            "encoding": {
                "x": x,
                "y": y,
                "shape": {
                    "condition": {"test": "datum.moment", "value": "diamond"},
                    "value": "circle",
                },
                "size": {"condition": {"test": "datum.moment", "value": 220}, "value": 80},
                "fill": {
                    "condition": [{"test": "datum.small", "value": "white"}, marked],
                    "value": BLUE,
                },
                "stroke": {"condition": marked, "value": BLUE},
                "tooltip": _tooltip(found, term),
            },
        }
    )
    if any(point.get("moment") for point in points):
        layers.append(
            {
                "transform": [{"filter": "datum.moment"}],
                "mark": {"type": "text", "dy": -16, "dx": 12, "fontWeight": "bold"},
                "encoding": {
                    "x": x,
                    "y": y,
                    "text": {"field": "moment"},
                    "color": {"value": VERMILLION},
                },
            }
        )
    if any(point["absent"] for point in points):
        layers.append(
            {
                "transform": [{"filter": "!isValid(datum.value)"}],
                "mark": {
                    "type": "text",
                    "color": GREY,
                    "fontStyle": "italic",
                    "baseline": "bottom",
                },
                "encoding": {"x": x, "y": {"value": "height"}, "text": {"field": "absent"}},
            }
        )
    return layers


def _curve(found: Found, term: str) -> Chart | None:
    """A term along the journey."""
    points = [_point(found, name, term) for name in found.names]
    if all(point["value"] is None for point in points):
        return None
    alt = found.say(TEXTS, "alt", level=found.level)
    if term == "satisfaction":
        targets, marked = _targets(found), found.moments[:MOST_MARKED]
        for name, point in zip(found.names, points, strict=True):
            point["target"] = targets.get(name)
            point["moment"] = str(marked.index(name) + 1) if name in marked else ""
        alt += found.say(TEXTS, "alt_target")
        if marked:
            told = [
                found.say(TEXTS, "told", number=number, name=found.labels[name])
                for number, name in enumerate(marked, start=1)
            ]
            alt += found.say(TEXTS, "alt_moments", list=found.comma.join(told))
    if any(point["small"] and point["value"] is not None for point in points):
        alt += found.say(TEXTS, "alt_hollow")
    return Chart(
        title=found.say(TEXTS, "curve", term=found.term(term)),
        alt=alt,
        spec={
            "data": {"values": points},
            "width": "container",
            "height": HEIGHT,
            "layer": _layers(found, term, points),
        },
    )


def _costs(found: Found) -> Chart | None:
    """What touchpoints cost, the dearest first."""

    def place(name: str) -> tuple[bool, float]:
        value = found.value(name, "cost")
        return value is None, -(value or 0.0)

    order = sorted(found.names, key=place)
    points = [_point(found, name, "cost") for name in order]
    if all(point["value"] is None for point in points):
        return None
    y: Spec = {
        "field": "label",
        "type": "nominal",
        "title": None,
        "sort": None,
        "scale": {"domain": [found.labels[name] for name in order]},
        "axis": {"labelLimit": 260},
    }
    x: Spec = {"field": "value", "type": "quantitative", "title": found.term("cost")}
    fill = {"condition": {"test": "datum.small", "value": "white"}, "value": VERMILLION}
    layers: list[Spec] = [
        {
            "transform": [{"filter": "isValid(datum.value)"}],
            "mark": {"type": "bar", "height": 14, "stroke": VERMILLION, "strokeWidth": 1},
            "encoding": {"y": y, "x": x, "fill": fill, "tooltip": _tooltip(found, "cost")[:-2]},
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
        layers.append(
            {
                "transform": [{"filter": "!isValid(datum.value)"}],
                "mark": {"type": "text", "align": "left", "color": GREY, "fontStyle": "italic"},
                "encoding": {"y": y, "x": {"value": 6}, "text": {"field": "absent"}},
            }
        )
    first = f"{found.labels[order[0]]} {points[0]['shown']}"
    return Chart(
        title=found.say(TEXTS, "costs", overall=found.overall),
        alt=found.say(TEXTS, "alt_costs", level=found.level, first=first),
        spec={
            "data": {"values": points},
            "width": "container",
            "height": LINE * len(points),
            "layer": layers,
        },
    )


def _channels(found: Found) -> Chart | None:
    """The channels of each touchpoint beside each other."""
    points = []
    channels: dict[str, None] = {}
    for name in found.names:
        for channel in found.metric.channels_of(name):
            point = _point(found, name, "satisfaction", item=f"{name}{AT}{channel}")
            title = found.metric.channel_title(channel, found.language)
            channels[title] = None
            points.append({**point, "channel": title})
    points = [point for point in points if point["value"] is not None]
    if not points:
        return None
    named = list(dict.fromkeys(point["label"] for point in points))
    x = _along(named)
    y: Spec = {
        "field": "value",
        "type": "quantitative",
        "title": found.term("satisfaction"),
        "scale": {"zero": False},
    }
    by: Spec = {
        "field": "channel",
        "type": "nominal",
        "title": found.say(TEXTS, "channel"),
        "scale": {"domain": list(channels)},
    }
    beside: Spec = {"field": "channel", "sort": list(channels)}
    layers: list[Spec] = []
    if any(point["low"] is not None for point in points):
        layers.append(
            {
                "transform": [{"filter": "isValid(datum.low)"}],
                "mark": {"type": "rule", "strokeWidth": 2},
                "encoding": {
                    "x": x,
                    "xOffset": beside,
                    "y": {**y, "field": "low"},
                    "y2": {"field": "high"},
                    "color": by,
                },
            }
        )
    fields = {
        "label": found.say(TEXTS, "touchpoint"),
        "channel": found.say(TEXTS, "channel"),
        "shown": found.term("satisfaction"),
        "interval": found.word("interval", level=found.level),
        "base": found.word("base"),
    }
    layers.append(
        {
            "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
            "encoding": {
                "x": x,
                "xOffset": beside,
                "y": y,
                "color": by,
                "shape": by,
                "tooltip": [
                    {"field": field, "type": "nominal", "title": title}
                    for field, title in fields.items()
                ],
            },
        }
    )
    return Chart(
        title=found.say(TEXTS, "channels"),
        alt=found.say(TEXTS, "alt", level=found.level),
        spec={
            "data": {"values": points},
            "width": "container",
            "height": HEIGHT,
            "layer": layers,
        },
    )


def _groups(found: Found, axis: str, cells: Sequence[CellKey]) -> Chart | None:
    """The curve of each group of a segment, or of each wave, side by side."""
    shown = found.largest(cells, MOST_FACETS)
    facets = found.cell_labels(axis, shown)
    points = [
        {**_point(found, name, "satisfaction", cell), "facet": facet}
        for cell, facet in zip(shown, facets, strict=True)
        for name in found.names
    ]
    if all(point["value"] is None for point in points):
        return None
    title = found.say(TEXTS, "by", axis=found.axis(axis))
    if len(shown) < len(cells):
        title = found.say(TEXTS, "largest", title=title, shown=len(shown), count=f"{len(cells):,}")
    alt = found.say(TEXTS, "alt", level=found.level)
    if any(point["small"] and point["value"] is not None for point in points):
        alt += found.say(TEXTS, "alt_hollow")
    return Chart(
        title=title,
        alt=alt,
        spec=side_by_side(
            points,
            facets,
            _layers(found, "satisfaction", points, pictures=len(facets)),
            height=160,
        ),
    )
