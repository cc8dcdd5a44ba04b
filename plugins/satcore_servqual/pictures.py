"""The pictures of SERVQUAL, as Vega-Lite specifications in plain data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from satcore import Chart, EstimateRow, Results
from satcore_servqual.words import CONTRASTS, Found, score

#: Okabe and Ito's colours, told apart by everyone.
EXPECTED: Final = "#E69F00"
PERCEIVED: Final = "#0072B2"
ADEQUATE: Final = "#009E73"
GREY: Final = "#6b7680"

COLOURS: Final = {
    "expectation": EXPECTED,
    "desired": EXPECTED,
    "adequate": ADEQUATE,
    "perception": PERCEIVED,
}

#: Height of a line: a picture's height is a number.
LINE: Final = 28
ITEM_LINE: Final = 20

Spec: TypeAlias = dict[str, Any]

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "by_dimension": ("{term} by dimension", "各维度的{term}"),
    "by_item": ("{term} by item", "各题项的{term}"),
    "sides": ("{terms} by dimension", "各维度的{terms}"),
    "against": (" against ", "与"),
    "dimension": ("Dimension", "维度"),
    "item": ("Item", "题项"),
    "points": ("{term} (points of the scale)", "{term}（量表分）"),
    "score": ("Mean (points of the scale)", "均值（量表分）"),
    "interval": ("{level} interval", "{level} 区间"),
    "base": ("Answers", "回答数"),
    "question": ("Question", "问题"),
    "shown": ("Mean", "均值"),
    "absent": ("no value", "无数值"),
    "alt": (
        "Dots are means over all answers, bars their {level} intervals.",
        "圆点为全部回答的均值，线段为 {level} 区间。",
    ),
    "alt_zero": (
        " The dashed line at 0 is where both are alike.",
        "0 处的虚线表示二者相同。",
    ),
    "alt_hollow": (" Hollow dots rest on few answers.", "空心圆点表示回答较少。"),
    "alt_extremes": (
        " Lowest: {low}, {low_told}; highest: {high}, {high_told}.",
        "最低：{low}，{low_told}；最高：{high}，{high_told}。",
    ),
    "alt_sides": (
        "Dots are means over all answers; a line joins those of one dimension.",
        "圆点为全部回答的均值，连线属于同一维度。",
    ),
}


def servqual_charts(results: Results, name: str, language: str = "en") -> tuple[Chart, ...]:
    """Differences with intervals by dimension and item; both sides of each dimension.

    Where nothing is expected, perceptions stand for the differences.

    Args:
        results: The results.
        name: The metric's name in the study.
        language: ``"en"`` or ``"zh"``.
    """
    found = Found.of(results, name, language)
    terms = [term for term in CONTRASTS if any(key[0] == term for key in found.rows)]
    charts = []
    overall = [one for one in ("overall_dimensions", "overall_items") if len(found.dimensions) > 1]
    groups = [*overall, *found.dimensions]
    for term in terms or ["perception"]:
        charts += _points(found, term, groups, "dimension")
    if terms:
        charts += _sides(found, groups)
    for term in terms or ["perception"]:
        charts += _points(found, term, found.items, "item")
    return tuple(charts)


def _say(found: Found, key: str, **values: object) -> str:
    text = TEXTS[key][found.language == "zh"]
    return text.format(**values) if values else text


def _level(found: Found) -> str:
    return f"{100 * found.results.about.confidence:.6g}%"


def _labels(found: Found, names: Sequence[str]) -> list[str]:
    """Labels for an axis: no two alike, or the picture would merge their lines."""
    labels: list[str] = []
    for name in names:
        label, copy = found.label(name), 2
        while label in labels:
            label, copy = f"{found.label(name)} ({copy})", copy + 1
        labels.append(label)
    return labels


def _datum(found: Found, term: str, name: str, label: str) -> Spec:
    row = found.rows.get((term, name))
    value = found.value(term, name)
    low, high = (row["ci_low"], row["ci_high"]) if row else (None, None)
    bounded = low is not None and high is not None
    return {
        "label": label,
        "value": value,
        "low": low if bounded else None,
        "high": high if bounded else None,
        "shown": "" if value is None else score(value),
        "interval": found.range(term, name),
        "base": _base(row),
        "small": bool(row) and row["status"] == "small",  # type: ignore[index]
        "absent": _say(found, "absent") if value is None else "",
        "side": found.term(term),
    }


def _axis(labels: Sequence[str]) -> Spec:
    return {
        "field": "label",
        "type": "nominal",
        "title": None,
        "sort": None,
        "scale": {"domain": list(labels)},
        "axis": {"labelLimit": 280},
    }


def _scale(title: str, *, zero: bool) -> Spec:
    return {
        "field": "value",
        "type": "quantitative",
        "title": title,
        "scale": {"zero": zero, "nice": True},
        "axis": {"tickCount": 6},
    }


def _tooltip(titles: dict[str, str]) -> list[Spec]:
    return [{"field": field, "type": "nominal", "title": title} for field, title in titles.items()]


def _absent(label: Spec) -> Spec:
    """A word where there is no number."""
    return {
        "transform": [{"filter": "!isValid(datum.value)"}],
        "mark": {"type": "text", "align": "left", "color": GREY, "fontStyle": "italic"},
        "encoding": {"y": label, "x": {"value": 6}, "text": {"field": "absent"}},
    }


def _points(found: Found, term: str, names: Sequence[str], kind: str) -> list[Chart]:
    """A dot and a bar a line; nothing where no line has a number."""
    labels = _labels(found, names)
    data = [_datum(found, term, name, label) for name, label in zip(names, labels, strict=True)]
    if all(one["value"] is None for one in data):
        return []
    zero = term in CONTRASTS
    label = _axis(labels)
    across = _scale(_say(found, "points", term=found.term(term)), zero=zero)
    layers: list[Spec] = []
    if zero:
        layers.append(
            {
                "data": {"values": [{"value": 0}]},
                "mark": {"type": "rule", "color": GREY, "strokeDash": [4, 3]},
                "encoding": {"x": across},
            }
        )
    if any(one["low"] is not None for one in data):
        layers.append(
            {
                "transform": [{"filter": "isValid(datum.low)"}],
                "mark": {"type": "rule", "color": PERCEIVED, "strokeWidth": 2},
                "encoding": {"y": label, "x": {**across, "field": "low"}, "x2": {"field": "high"}},
            }
        )
    layers.append(
        {
            "transform": [{"filter": "isValid(datum.value)"}],
            "mark": {
                "type": "point", "filled": True, "size": 80, "stroke": PERCEIVED, "opacity": 1
            },
            "encoding": {
                "y": label,
                "x": across,
                "fill": {
                    "condition": {"test": "datum.small", "value": "white"},
                    "value": PERCEIVED,
                },
                "tooltip": _tooltip(
                    {
                        "label": _say(found, kind),
                        "shown": found.term(term),
                        "interval": _say(found, "interval", level=_level(found)),
                        "base": _say(found, "base"),
                    }
                ),
            },
        }
    )  # fmt: skip
    if any(one["absent"] for one in data):
        layers.append(_absent(label))
    alt = _say(found, "alt", level=_level(found))
    if zero:
        alt += _say(found, "alt_zero")
    if any(one["small"] for one in data):
        alt += _say(found, "alt_hollow")
    return [
        Chart(
            title=_say(found, f"by_{kind}", term=found.term(term)),
            alt=alt + _extremes(found, term, names, labels),
            spec={
                "data": {"values": data},
                "width": "container",
                "height": (LINE if kind == "dimension" else ITEM_LINE) * len(labels),
                "layer": layers,
            },
        )
    ]


def _extremes(found: Found, term: str, names: Sequence[str], labels: Sequence[str]) -> str:
    """The lowest and the highest line in words; overall numbers are none."""
    known = [
        (value, label, found.told(term, name))
        for name, label in zip(names, labels, strict=True)
        if (value := found.value(term, name)) is not None and not name.startswith("overall_")
    ]
    if len(known) < 2:
        return ""
    low, high = min(known, key=lambda one: one[0]), max(known, key=lambda one: one[0])
    return _say(found, "alt_extremes", low=low[1], low_told=low[2], high=high[1], high_told=high[2])


def _sides(found: Found, names: Sequence[str]) -> list[Chart]:
    """What is expected, or desired and adequate, against what is perceived."""
    sides = [side for side in COLOURS if any(key[0] == side for key in found.rows)]
    labels = _labels(found, names)
    data = [
        _datum(found, side, name, label)
        for name, label in zip(names, labels, strict=True)
        for side in sides
    ]
    known = [one for one in data if one["value"] is not None]
    if not known:
        return []
    label, across = _axis(labels), _scale(_say(found, "score"), zero=False)
    spoken = [found.term(side) for side in sides]
    layers: list[Spec] = [
        {
            "transform": [{"filter": "isValid(datum.value)"}],
            "mark": {"type": "line", "color": GREY, "strokeWidth": 2},
            "encoding": {"y": label, "x": across, "detail": {"field": "label", "type": "nominal"}},
        },
        {
            "transform": [{"filter": "isValid(datum.value)"}],
            "mark": {"type": "point", "filled": True, "size": 110, "opacity": 1},
            "encoding": {
                "y": label,
                "x": across,
                "color": {
                    "field": "side",
                    "type": "nominal",
                    "title": None,
                    "sort": None,
                    "scale": {"domain": spoken, "range": [COLOURS[side] for side in sides]},
                },
                "shape": {
                    "field": "side",
                    "type": "nominal",
                    "title": None,
                    "sort": None,
                    "scale": {
                        "domain": spoken,
                        "range": ["diamond", "square", "circle"][-len(sides) :]
                        if len(sides) > 2
                        else ["diamond", "circle"],
                    },
                },
                "tooltip": _tooltip(
                    {
                        "label": _say(found, "dimension"),
                        "side": _say(found, "question"),
                        "shown": _say(found, "shown"),
                        "interval": _say(found, "interval", level=_level(found)),
                        "base": _say(found, "base"),
                    }
                ),
            },
        },
    ]
    inner = spoken if found.language == "zh" else [one.lower() for one in spoken[1:]]
    terms = _say(found, "against").join(inner if inner is spoken else [spoken[0], *inner])
    return [
        Chart(
            title=_say(found, "sides", terms=terms),
            alt=_say(found, "alt_sides"),
            spec={
                "data": {"values": data},
                "width": "container",
                "height": LINE * len(labels),
                "layer": layers,
            },
        )
    ]


def _base(row: EstimateRow | None) -> str:
    """The answers behind a row; a dash where they are withheld."""
    base = row["base"] if row else 0
    return "–" if base is None else f"{base:,}"
