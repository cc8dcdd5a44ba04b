"""The pictures of a multiple response set, as Vega-Lite specifications in plain data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from satcore import CellKey, Chart, Results, Texts, dot, shown_percent, side_by_side
from satcore_multiple.found import SHARE, Found
from satcore_multiple.metric import Multiple

#: Okabe and Ito's blue; grey for what excludes the others, and for words.
COUNTED: Final = "#0072B2"
GREY: Final = "#6b7680"

#: Height of an option's line.
LINE: Final = 28

#: Groups, or options over the waves, that are drawn side by side.
MOST_FACETS: Final = 12

Spec: TypeAlias = dict[str, Any]

TEXTS: Final[Texts] = {
    "options": ("Share of respondents by option", "各选项的普及率"),
    "by": ("Share of respondents by option and {axis}", "各选项的普及率（按{axis}）"),
    "waves": ("Share of respondents over time, by {axis}", "普及率走势（按{axis}）"),
    "largest": (
        "{title} (the {shown} largest of {count})",
        "{title}（{count} 组中最大的 {shown} 组）",
    ),
    "first": ("{title} (the first {shown} of {count})", "{title}（{count} 项中的前 {shown} 项）"),
    "option": ("Option", "选项"),
    "base": ("Respondents", "受访者数"),
    "effective": ("Effective respondents", "有效样本量"),
    "alt": (
        "Dots are shares of respondents, lines their {level} intervals; one may choose several.",
        "圆点为占受访者的比例，线段为 {level} 区间；可多选，合计可超过 100%。",
    ),
    "alt_first": (" Most chosen: {option}, {share}.", "选择最多：{option}，{share}。"),
    "alt_hollow": (" Hollow dots rest on few answers.", "空心圆点表示回答较少。"),
    "alt_exclusive": (
        " Grey excludes the other options.",
        "灰色为排他选项。",
    ),
    "alt_absent": (" Not shown: {told}.", "未显示：{told}。"),
    "told": ("{option} ({word})", "{option}（{word}）"),
}


def multiple_charts(results: Results, name: str, language: str = "en") -> tuple[Chart, ...]:
    """The pictures of a multiple response set.

    Shares of respondents by option for all answers, for the groups of each segment side by side,
    and over the waves, one picture an option.

    Args:
        results: The results.
        name: The metric's name in the study.
        language: ``"en"`` or ``"zh"``.
    """
    found = Found.of(results, name, language, Multiple)
    if found is None:
        return ()
    charts = [_options(found)]
    wave = results.about.wave
    for axes, cells in found.sets.items():
        if len(axes) != 1:
            continue
        draw = _over_time if axes[0] == wave else _groups
        charts.append(draw(found, axes[0], cells))
    return tuple(chart for chart in charts if chart is not None)


def _point(found: Found, option: str, cell: CellKey, label: str) -> Spec:
    """An option's share in a cell as a row of data."""
    of_answers = found.value(option, "answers", cell)
    return {
        **dot(found, option, SHARE, cell, label, shown=shown_percent),
        "answers": found.word("none") if of_answers is None else shown_percent(of_answers),
        "exclusive": option in found.metric.exclusive,
    }


def _tooltip(found: Found, first: str) -> list[Spec]:
    fields = {
        "label": first,
        "shown": found.term(SHARE),
        "interval": found.word("interval", level=found.level),
        "answers": found.term("answers"),
        "base": found.say(TEXTS, "base"),
    }
    if found.results.about.weight:
        fields["effective"] = found.say(TEXTS, "effective")
    return [{"field": field, "type": "nominal", "title": title} for field, title in fields.items()]


_COLOUR: Final[Spec] = {
    "condition": {"test": "datum.exclusive", "value": GREY},
    "value": COUNTED,
}
_FILL: Final[Spec] = {
    "condition": [
        {"test": "datum.small", "value": "white"},
        {"test": "datum.exclusive", "value": GREY},
    ],
    "value": COUNTED,
}


def _layers(
    found: Found, labels: Sequence[str], points: Sequence[Spec], first: str, *, upright: bool
) -> list[Spec]:
    """Dots with their intervals; shares run along x, or along y where ``upright``.

    A layer that would have nothing to draw is left out: Vega warns of it.
    """
    across, along = ("y", "x") if upright else ("x", "y")
    label: Spec = {
        "field": "label",
        "type": "ordinal" if upright else "nominal",
        "title": None,
        "sort": None,
        "scale": {"domain": list(labels)},
        "axis": {"labelAngle": 0, "labelOverlap": "greedy"} if upright else {"labelLimit": 260},
    }
    share: Spec = {
        "field": "value",
        "type": "quantitative",
        "title": found.term(SHARE),
        "scale": {"domainMin": 0, "nice": True},
        "axis": {"format": ".2~%", "tickCount": 5},
    }
    layers: list[Spec] = []
    if upright and sum(point["value"] is not None for point in points) > 1:
        line = {"type": "line", "color": COUNTED, "opacity": 0.5}
        layers.append({"mark": line, "encoding": {along: label, across: share}})
    if any(point["low"] is not None for point in points):
        layers.append(
            {
                "transform": [{"filter": "isValid(datum.low)"}],
                "mark": {"type": "rule", "strokeWidth": 2},
                "encoding": {
                    along: label,
                    across: {**share, "field": "low"},
                    f"{across}2": {"field": "high"},
                    "color": _COLOUR,
                },
            }
        )
    layers.append(
        {
            "transform": [{"filter": "isValid(datum.value)"}],
            "mark": {"type": "point", "filled": True, "size": 80, "opacity": 1},
            "encoding": {
                along: label,
                across: share,
                "fill": _FILL,
                "stroke": _COLOUR,
                "tooltip": _tooltip(found, first),
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


def _alt(found: Found, points: Sequence[Spec]) -> str:
    alt = found.say(TEXTS, "alt", level=found.level)
    first = next((one for one in found.ordered if one in found.metric.counted), None)
    share = None if first is None else found.value(first, SHARE)
    if first is not None and share:
        alt += found.say(TEXTS, "alt_first", option=found.labels[first], share=shown_percent(share))
    if any(point["exclusive"] for point in points):
        alt += found.say(TEXTS, "alt_exclusive")
    if any(point["small"] and point["value"] is not None for point in points):
        alt += found.say(TEXTS, "alt_hollow")
    absent = [
        found.say(
            TEXTS, "told", option=found.labels[one], word=found.absent(found.status(one, SHARE))
        )
        for one in found.ordered
        if found.value(one, SHARE) is None
    ]
    if absent:
        alt += found.say(TEXTS, "alt_absent", told=found.comma.join(absent))
    return alt


def _options(found: Found) -> Chart | None:
    """All answers: an option a line."""
    labels = [found.labels[one] for one in found.ordered]
    points = [_point(found, one, (), found.labels[one]) for one in found.ordered]
    if all(point["value"] is None for point in points):
        return None
    first = found.say(TEXTS, "option")
    return Chart(
        title=found.say(TEXTS, "options"),
        alt=_alt(found, points),
        spec={
            "data": {"values": points},
            "width": "container",
            "height": LINE * len(labels),
            "layer": _layers(found, labels, points, first, upright=False),
        },
    )


def _groups(found: Found, axis: str, cells: Sequence[CellKey]) -> Chart | None:
    """The groups of a segment side by side, an option a line."""
    shown = found.largest(cells, MOST_FACETS)
    labels = [found.labels[one] for one in found.ordered]
    names = found.cell_labels(axis, shown)
    points = [
        {**_point(found, one, cell, found.labels[one]), "facet": name}
        for cell, name in zip(shown, names, strict=True)
        for one in found.ordered
    ]
    title = found.say(TEXTS, "by", axis=found.axis(axis))
    if len(shown) < len(cells):
        title = found.say(TEXTS, "largest", title=title, shown=len(shown), count=f"{len(cells):,}")
    layers = _layers(found, labels, points, found.say(TEXTS, "option"), upright=False)
    return _faceted(found, title, names, points, layers, LINE * len(labels))


def _over_time(found: Found, axis: str, cells: Sequence[CellKey]) -> Chart | None:
    """The waves, one picture an option."""
    options = found.ordered[:MOST_FACETS]
    labels = found.cell_labels(axis, cells)
    points = [
        {**_point(found, one, cell, label), "facet": found.labels[one]}
        for one in options
        for cell, label in zip(cells, labels, strict=True)
    ]
    title = found.say(TEXTS, "waves", axis=found.axis(axis))
    if len(options) < len(found.ordered):
        title = found.say(TEXTS, "first", title=title, shown=len(options), count=len(found.ordered))
    layers = _layers(found, labels, points, found.axis(axis), upright=True)
    return _faceted(found, title, [found.labels[one] for one in options], points, layers, 150)


def _faceted(
    found: Found,
    title: str,
    facets: Sequence[str],
    points: Sequence[Spec],
    layers: list[Spec],
    height: int,
) -> Chart | None:
    if all(point["value"] is None for point in points):
        return None
    return Chart(
        title=title,
        alt=_alt(found, points),
        spec=side_by_side(points, facets, layers, height=height),
    )
