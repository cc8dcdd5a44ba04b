"""The pictures of a share of a scale, as Vega-Lite specifications in plain data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from satcore import Chart, Results
from satcore_csat.found import TEXTS as WORDS
from satcore_csat.found import Cell, Found, percent

#: Okabe and Ito's blue; grey for words.
BLUE: Final = "#0072B2"
GREY: Final = "#6b7680"

#: Height of a group's line.
LINE: Final = 28

#: A picture with more groups is cut to those with the most answers.
MOST_GROUPS: Final = 60

Spec: TypeAlias = dict[str, Any]

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "by": ("{term} by {axis}", "按{axis}划分的{term}"),
    "waves": ("{term} over time, by {axis}", "{term}走势（按{axis}）"),
    "total": ("All answers", "全部回答"),
    "largest": (
        "{title} (the {shown} of {count} groups with the most answers)",
        "{title}（{count} 组中回答最多的 {shown} 组）",
    ),
    "interval": ("{level} interval", "{level} 区间"),
    "base": ("Answers", "回答数"),
    "effective": ("Effective answers", "有效样本量"),
    "group": ("Group", "分组"),
    "alt": (
        "Dots are shares of answers, lines their {level} intervals.",
        "圆点为占回答的比例，线段为 {level} 区间。",
    ),
    "alt_hollow": (" Hollow dots rest on few answers.", "空心圆点表示回答较少。"),
    "alt_total": (" All answers: {value} ({range}).", "全部回答：{value}（{range}）。"),
}


def share_charts(results: Results, name: str, term: str, language: str = "en") -> tuple[Chart, ...]:
    """A share with its intervals: for all answers and each segment's groups, and over the waves.

    Args:
        results: The results.
        name: The metric's name in the study.
        term: The share's term.
        language: ``"en"`` or ``"zh"``.
    """
    found = Found.of(results, name, language)
    if found is None:
        return ()
    charts = []
    for axes, cells in found.sets.items():
        if len(axes) == 1:
            charts.append(_drawn(found, term, axes[0], cells))
    if not any(axes and axes[0] != results.about.wave for axes in found.sets):
        charts.insert(0, _drawn(found, term, "", ()))
    return tuple(chart for chart in charts if chart is not None)


def _drawn(found: Found, term: str, axis: str, cells: Sequence[Cell]) -> Chart | None:
    """One picture; None where it would hold no number."""
    upright = axis != "" and axis == found.results.about.wave
    places = range(len(cells))
    if not upright:
        largest = sorted(places, key=lambda place: (-_size(found, term, cells[place]), place))
        places_shown = sorted(largest[:MOST_GROUPS])
    else:
        places_shown = list(places)
    shown = [cells[place] for place in places_shown]
    names = found.names(axis, shown)
    points = [_point(found, term, cell, name) for cell, name in zip(shown, names, strict=True)]
    if not upright:
        total = found.say(TEXTS, "total")
        while total in names:
            total += " *"
        points.insert(0, _point(found, term, (), total))
    if all(point["value"] is None for point in points):
        return None
    title = found.term(term)
    if axis:
        title = found.say(TEXTS, "waves" if upright else "by", term=title, axis=found.axis(axis))
    if len(shown) < len(cells):
        title = found.say(TEXTS, "largest", title=title, shown=len(shown), count=f"{len(cells):,}")
    return Chart(
        title=title,
        alt=_alt(found, term, points),
        spec={
            "data": {"values": points},
            "width": "container",
            "height": 260 if upright else LINE * len(points),
            "layer": _layers(found, term, points, axis, upright=upright),
        },
    )


def _size(found: Found, term: str, cell: Cell) -> int:
    row = found.row(term, cell)
    return (row["base"] or 0) if row else 0


def _point(found: Found, term: str, cell: Cell, label: str) -> Spec:
    """A cell's share as a row of data."""
    row, value, bounds = found.row(term, cell), found.value(term, cell), found.bounds(term, cell)
    base = row["base"] if row else 0
    data: Spec = {
        "label": label,
        "value": value,
        "low": bounds[0] if bounds else None,
        "high": bounds[1] if bounds else None,
        "shown": "" if value is None else percent(value),
        "interval": _range(found, bounds),
        # A dash stands for answers whose number is withheld.
        "base": "–" if base is None else f"{base:,}",
        "small": row is not None and row["status"] == "small",
        "absent": found.word(term, cell) if value is None else "",
    }
    if found.results.about.weight:
        effective = row["effective_base"] if row else None
        data["effective"] = "" if effective is None else f"{effective:,.1f}"
    return data


def _range(found: Found, bounds: tuple[float, float] | None) -> str:
    if bounds is None:
        return found.say(WORDS, "none")
    return found.say(WORDS, "range", low=percent(bounds[0]), high=percent(bounds[1]))


def _alt(found: Found, term: str, points: Sequence[Spec]) -> str:
    alt = found.say(TEXTS, "alt", level=found.level)
    value = found.value(term)
    if value is not None:
        span = _range(found, found.bounds(term))
        alt += found.say(TEXTS, "alt_total", value=percent(value), range=span)
    if any(point["small"] and point["value"] is not None for point in points):
        alt += found.say(TEXTS, "alt_hollow")
    return alt


def _layers(
    found: Found, term: str, points: Sequence[Spec], axis: str, *, upright: bool
) -> list[Spec]:
    """Dots with their intervals; a line joins waves. A layer without data is left out."""
    across, along = ("y", "x") if upright else ("x", "y")
    label: Spec = {
        "field": "label",
        "type": "ordinal" if upright else "nominal",
        "title": None,
        "sort": None,
        "scale": {"domain": [point["label"] for point in points]},
        "axis": {"labelAngle": 0, "labelOverlap": "greedy"} if upright else {"labelLimit": 260},
    }
    share: Spec = {
        "field": "value",
        "type": "quantitative",
        "title": found.term(term),
        "scale": {"zero": False, "nice": True},
        "axis": {"format": ".2~%", "tickCount": 6},
    }
    layers: list[Spec] = []
    if upright and sum(point["value"] is not None for point in points) > 1:
        line = {"type": "line", "color": BLUE, "opacity": 0.5}
        layers.append({"mark": line, "encoding": {along: label, across: share}})
    if any(point["low"] is not None for point in points):
        layers.append(
            {
                "transform": [{"filter": "isValid(datum.low)"}],
                "mark": {"type": "rule", "strokeWidth": 2, "color": BLUE},
                "encoding": {
                    along: label,
                    across: {**share, "field": "low"},
                    f"{across}2": {"field": "high"},
                },
            }
        )
    fields = {
        "label": found.axis(axis) if axis else found.say(TEXTS, "group"),
        "shown": found.term(term),
        "interval": found.say(TEXTS, "interval", level=found.level),
        "base": found.say(TEXTS, "base"),
    }
    if found.results.about.weight:
        fields["effective"] = found.say(TEXTS, "effective")
    fill = {"condition": {"test": "datum.small", "value": "white"}, "value": BLUE}
    layers.append(
        {
            "transform": [{"filter": "isValid(datum.value)"}],
            "mark": {"type": "point", "filled": True, "size": 80, "opacity": 1, "stroke": BLUE},
            "encoding": {
                along: label,
                across: share,
                "fill": fill,
                "tooltip": [
                    {"field": field, "type": "nominal", "title": title}
                    for field, title in fields.items()
                ],
            },
        }
    )
    if not upright and any(point["absent"] for point in points):
        layers.append(
            {
                "transform": [{"filter": "!isValid(datum.value)"}],
                "mark": {"type": "text", "align": "left", "color": GREY, "fontStyle": "italic"},
                "encoding": {"y": label, "x": {"value": 6}, "text": {"field": "absent"}},
            }
        )
    return layers
