"""Pictures: a metric's own ones made safe to embed, and plain ones for metrics without any."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from attrs import evolve, frozen

from satcore import (
    CHART_CELL,
    Chart,
    EstimateRow,
    Measured,
    PluginError,
    chart_is_wide,
    chart_spec,
    draw,
)
from satcore_html import numerals
from satcore_html.behind import PLACE, behind
from satcore_html.cells import by_axes
from satcore_html.estimates import Teller
from satcore_html.grid import Grid
from satcore_html.units import SHARES, factor

#: A picture with more labels than this is cut to the groups with the most answers.
MOST_LABELS: Final = 60

#: Height of a group's line. A picture's height is a number: Vega-Lite warns where it is to be
#: found from the labels while the width is to fit the page.
LINE: Final = 28

#: Okabe and Ito's blue and a grey: told apart by everyone, and in print.
BLUE: Final = "#0072B2"
GREY: Final = "#6b7680"

#: What HTML might take for the end of a script, and JavaScript for the end of a line.
_ESCAPES: Final = {
    "<": "\\u003c",
    ">": "\\u003e",
    "&": "\\u0026",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
}


@frozen(kw_only=True)
class Picture:
    """A picture as the template shows it.

    Attributes:
        title: What it shows.
        alt: What a reader who can't see it should know.
        json: The Vega-Lite specification, safe inside a script element; empty where it is drawn.
        wide: Whether it has its own width and takes a whole line.
        behind: The numbers that it shows, as tables.
        svg: The picture itself, where the page has no scripts.
        failure: Why it could not be drawn, where the page has no scripts.
    """

    title: str
    alt: str
    json: str
    wide: bool
    behind: tuple[Grid, ...] = ()
    svg: str = ""
    failure: str = ""


@frozen(kw_only=True)
class Pictures:
    """The pictures of a metric.

    Attributes:
        shown: The pictures.
        failure: Why the metric's own ones are not among them; empty where they are.
    """

    shown: tuple[Picture, ...]
    failure: str = ""


def pictures(
    measured: Measured, rows: Sequence[EstimateRow], teller: Teller, *, static: bool = False
) -> Pictures:
    """The metric's own pictures, else plain ones.

    Args:
        measured: The metric.
        rows: Its rows of the primary term.
        teller: Turns rows into texts.
        static: Whether they are drawn now, for a page without scripts.
    """
    make = partial(drawn if static else prepared, teller=teller)
    failure = ""
    own: list[Picture] = []
    try:
        charts = measured.metric.charts(teller.results, measured.name, teller.words.language)
        own = [make(chart) for chart in charts]
    except Exception as error:  # noqa: BLE001 - a plugin's fault must not cost the report
        own = []
        failure = f"{type(error).__name__}: {error}"
    return Pictures(
        shown=tuple(own or (make(chart) for chart in plain_charts(measured, rows, teller))),
        failure=failure,
    )


def prepared(chart: Chart, teller: Teller) -> Picture:
    """A chart made ready to be embedded.

    Raises:
        ValueError: The specification asks for an address or can't be written as JSON.
        TypeError: Likewise.
    """
    spec = _placed(chart_spec(chart), teller)
    return Picture(
        title=str(chart.title),
        alt=str(chart.alt),
        json=embedded(spec),
        wide=_wide(chart, spec),
        behind=behind(spec, teller.words("numbers_behind"), teller.words("cell")),
    )


def drawn(chart: Chart, teller: Teller) -> Picture:
    """A chart as a still picture; one that can't be drawn says why.

    Raises:
        ValueError: As ``prepared``.
        TypeError: Likewise.
    """
    ready = prepared(chart, teller)
    try:
        return evolve(ready, json="", svg=draw(chart, titled=False).decode("utf-8"))
    except PluginError as error:
        return evolve(ready, json="", failure=str(error))


def _wide(chart: Chart, spec: Mapping[str, Any]) -> bool:
    return spec.get("width") != "container" or chart_is_wide(chart)


def _placed(part: Any, teller: Teller) -> Any:
    """A part of a specification whose rows say as the page's tables do which groups they are of."""
    if isinstance(part, Mapping):
        return {
            name: (
                [_placed_row(row, teller) for row in inner]
                if name == "values" and isinstance(inner, list | tuple)
                else _placed(inner, teller)
            )
            for name, inner in part.items()
        }
    if isinstance(part, list | tuple):
        return [_placed(inner, teller) for inner in part]
    return part


def _placed_row(row: Any, teller: Teller) -> Any:
    if not isinstance(row, Mapping):
        return row
    own = {name: value for name, value in row.items() if name not in (CHART_CELL, PLACE)}
    cell = row.get(CHART_CELL)
    place = teller.choice.place(cell) if isinstance(cell, Mapping) else ""
    return {**own, PLACE: place} if place else own


_TAG: Final = re.compile(r"<[^<>]*>")
_NAMED: Final = re.compile(r"""( id="|url\(#|href="#)""")


def apart(svg: str, number: int) -> str:
    """A still picture whose names are no other picture's; texts are left as they are."""
    return _TAG.sub(lambda tag: _NAMED.sub(lambda found: f"{found[1]}p{number}-", tag[0]), svg)


def embedded(value: object) -> str:
    """JSON that can stand inside a script element, whatever texts it holds."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character, escape in _ESCAPES.items():
        text = text.replace(character, escape)
    return text


def plain_charts(measured: Measured, rows: Sequence[EstimateRow], teller: Teller) -> list[Chart]:
    """Estimates with intervals by cell: what every metric can show.

    Several items are shown side by side for the total; by group only where they are few.
    """
    numeric = [row for row in rows if row["value"] is not None]
    if not numeric:
        return []
    words, cells = teller.words, teller.cells
    term = measured.term(rows[0]["term"], words.language)
    items = list(dict.fromkeys(row["item"] for row in rows))
    grouped = by_axes(list(rows))
    total = {row["item"]: row for row in grouped.get((), [])}
    charts = []
    if len(items) > 1:
        labels = [teller.item(row["item"]) for row in total.values()]
        charts.append(
            _dots(
                words("picture_total", term=term), term, labels, list(total.values()), None, teller
            )
        )
        return charts
    for axes, some in grouped.items():
        if len(axes) != 1 or all(row["value"] is None for row in some):
            continue
        title = words("picture_by", term=term, axis=cells.axes(axes))
        labels = [cells.label(row["cell"]) for row in some]
        if axes[0] == teller.results.about.wave:
            charts.append(_waves(title, term, labels, some, teller))
        else:
            charts.append(_dots(title, term, labels, some, total.get(items[0]), teller))
    if not charts and total:
        title = words("picture_total", term=term)
        charts.append(_dots(title, term, [words("total")], list(total.values()), None, teller))
    return charts


def told_apart(labels: Sequence[str]) -> list[str]:
    """Labels as a picture's axis needs them: no two alike, or their groups would be merged."""
    taken: set[str] = set()
    apart = []
    for label in labels:
        name, copy = label, 2
        while name in taken:
            name, copy = f"{label} ({copy})", copy + 1
        taken.add(name)
        apart.append(name)
    return apart


def _largest(rows: Sequence[EstimateRow]) -> list[int]:
    """Places of the groups with the most answers, in the order in which they stand."""
    by_base = sorted(range(len(rows)), key=lambda place: (-(rows[place]["base"] or 0), place))
    return sorted(by_base[:MOST_LABELS])


def _finite(value: float | None, unit: str) -> float | None:
    """A value as its unit shows it; None for one that can't be drawn."""
    return value * factor(unit) if value is not None and math.isfinite(value) else None


def _points(
    labels: Sequence[str], rows: Sequence[EstimateRow], teller: Teller
) -> list[dict[str, Any]]:
    points = []
    for label, row in zip(labels, rows, strict=True):
        unit = row["unit"]
        low, high = _finite(row["ci_low"], unit), _finite(row["ci_high"], unit)
        bounded = low is not None and high is not None
        points.append(
            {
                CHART_CELL: dict(row["cell"]),
                "cell": label,
                "value": _finite(row["value"], unit),
                "low": low if bounded else None,
                "high": high if bounded else None,
                "shown": teller.value(row),
                "interval": teller.interval(row),
                "base": numerals.count(row["base"]),
                "small": row["status"] == "small",
                "status": teller.status(row["status"]),
            }
        )
    return points


def _tooltip(rows: Sequence[EstimateRow], teller: Teller, axis: str) -> list[dict[str, str]]:
    words = teller.words
    level = numerals.level(rows[0]["confidence"])
    titles = {
        "cell": axis,
        "shown": words("value"),
        "interval": words("interval", level=level),
        "base": words("base"),
        "status": words("status"),
    }
    return [{"field": field, "type": "nominal", "title": title} for field, title in titles.items()]


def _title(term: str, unit: str, teller: Teller) -> str:
    name = teller.unit(unit)
    return teller.words("picture_axis", term=term, unit=name) if name else term


def _axis(unit: str) -> dict[str, Any]:
    return {"tickCount": 6, **({"format": ".2~%"} if unit in SHARES else {})}


_IF_LONE: Final = {
    "condition": {"test": "!isValid(datum.before) && !isValid(datum.after)", "value": 1},
    "value": 0,
}
_HOLLOW: Final = {"condition": {"test": "datum.small", "value": "white"}, "value": BLUE}


def _dots(
    title: str,
    term: str,
    labels: Sequence[str],
    rows: Sequence[EstimateRow],
    total: EstimateRow | None,
    teller: Teller,
) -> Chart:
    """A dot and a bar for each group; a group without a number keeps its line."""
    words = teller.words
    if len(rows) > MOST_LABELS:
        places = _largest(rows)
        title = words(
            "picture_largest", title=title, shown=MOST_LABELS, count=numerals.count(len(rows))
        )
        labels = [labels[place] for place in places]
        rows = [rows[place] for place in places]
    unit = rows[0]["unit"]
    domain = told_apart(labels)
    points = _points(domain, rows, teller)
    y = {
        "field": "cell",
        "type": "nominal",
        "title": None,
        "sort": None,
        "scale": {"domain": domain},
    }
    x = {
        "field": "value",
        "type": "quantitative",
        "title": _title(term, unit, teller),
        "scale": {"zero": False},
        "axis": _axis(unit),
    }
    layers: list[dict[str, Any]] = []
    reference = _finite(total["value"], unit) if total else None
    # A layer that would have nothing to draw is left out: Vega warns of it.
    if reference is not None:
        layers.append(
            {
                "data": {"values": [{"value": reference}]},
                "mark": {"type": "rule", "color": GREY, "strokeDash": [4, 3]},
                "encoding": {"x": x},
            }
        )
    if any(point["low"] is not None for point in points):
        layers.append(
            {
                "transform": [{"filter": "isValid(datum.low)"}],
                "mark": {"type": "rule", "color": BLUE, "strokeWidth": 2},
                "encoding": {"y": y, "x": {**x, "field": "low"}, "x2": {"field": "high"}},
            }
        )
    layers.append(
        {
            "transform": [{"filter": "isValid(datum.value)"}],
            "mark": {"type": "point", "filled": True, "size": 80, "stroke": BLUE, "opacity": 1},
            "encoding": {
                "y": y,
                "x": x,
                "fill": _HOLLOW,
                "tooltip": _tooltip(rows, teller, words("cell")),
            },
        }
    )
    if any(point["value"] is None for point in points):
        layers.append(
            {
                "transform": [{"filter": "!isValid(datum.value)"}],
                "mark": {"type": "text", "align": "left", "color": GREY, "fontStyle": "italic"},
                "encoding": {"y": y, "x": {"value": 6}, "text": {"field": "status"}},
            }
        )
    level = numerals.level(rows[0]["confidence"])
    alt = words("picture_alt" if reference is not None else "picture_alt_plain", level=level)
    return Chart(
        title=title,
        alt=_with_hollow(alt, rows, teller),
        spec={
            "data": {"values": points},
            "width": "container",
            "height": LINE * len(domain),
            "layer": layers,
        },
    )


def _waves(
    title: str, term: str, labels: Sequence[str], rows: Sequence[EstimateRow], teller: Teller
) -> Chart:
    """A line with a band; a wave without a number is a gap."""
    words = teller.words
    unit = rows[0]["unit"]
    domain = told_apart(labels)
    points = _points(domain, rows, teller)
    x = {
        "field": "cell",
        "type": "ordinal",
        "title": None,
        "sort": None,
        "scale": {"domain": domain},
        "axis": {"labelAngle": 0, "labelOverlap": "greedy"},
    }
    y = {
        "field": "value",
        "type": "quantitative",
        "title": _title(term, unit, teller),
        "scale": {"zero": False},
        "axis": _axis(unit),
    }
    band = {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}
    layers: list[dict[str, Any]] = []
    if any(point["low"] is not None for point in points):
        layers.append({"mark": {"type": "area", "color": BLUE, "opacity": 0.14}, "encoding": band})
    layers.append({"mark": {"type": "line", "color": BLUE}, "encoding": {"x": x, "y": y}})
    if any(point["low"] is not None for point in points):
        # A lone wave has no band to show. Neighbours are found where it is drawn, since a reader
        # may leave waves out.
        near = [
            {"op": op, "field": "value", "as": name}
            for op, name in (("lag", "before"), ("lead", "after"))
        ]
        layers.append(
            {
                "transform": [{"window": near}, {"filter": "isValid(datum.low)"}],
                "mark": {"type": "rule", "color": BLUE, "strokeWidth": 2},
                "encoding": {**band, "opacity": _IF_LONE},
            }
        )
    tooltip = _tooltip(rows, teller, teller.cells.axis(teller.results.about.wave))
    layers.append(
        {
            "transform": [{"filter": "isValid(datum.value)"}],
            "mark": {"type": "point", "filled": True, "size": 60, "stroke": BLUE, "opacity": 1},
            "encoding": {"x": x, "y": y, "fill": _HOLLOW, "tooltip": tooltip},
        }
    )
    level = numerals.level(rows[0]["confidence"])
    return Chart(
        title=title,
        alt=_with_hollow(words("picture_alt_wave", level=level), rows, teller),
        spec={
            "data": {"values": points},
            "width": "container",
            "height": 260,
            "usermeta": {"satcore": {"wide": True}},
            "layer": layers,
        },
    )


def _with_hollow(alt: str, rows: Sequence[EstimateRow], teller: Teller) -> str:
    if all(row["status"] != "small" for row in rows):
        return alt
    gap = "" if teller.words.language == "zh" else " "
    return f"{alt}{gap}{teller.words('picture_hollow')}"
