"""The pictures of SERVQUAL, as Vega-Lite specifications in plain data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from satcore import Chart, Results, Texts, dot, dot_layers, dots_told, shown_score
from satcore_servqual.words import CONTRASTS, Found

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

TEXTS: Final[Texts] = {
    "by_dimension": ("{term} by dimension", "各维度的{term}"),
    "by_item": ("{term} by item", "各题项的{term}"),
    "sides": ("{terms} by dimension", "各维度的{terms}"),
    "against": (" against ", "与"),
    "dimension": ("Dimension", "维度"),
    "item": ("Item", "题项"),
    "points": ("{term} (points of the scale)", "{term}（量表分）"),
    "score": ("Mean (points of the scale)", "均值（量表分）"),
    "question": ("Question", "问题"),
    "shown": ("Mean", "均值"),
    "alt_zero": (
        " The dashed line at 0 is where both are alike.",
        "0 处的虚线表示二者相同。",
    ),
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
    found = Found.of(results, name, language, cell={})
    if found is None:
        return ()
    terms = [term for term in CONTRASTS if term in found.items]
    charts = []
    overall = [one for one in ("overall_dimensions", "overall_items") if len(found.dimensions) > 1]
    groups = [*overall, *found.dimensions]
    for term in terms or ["perception"]:
        charts += _points(found, term, groups, "dimension")
    if terms:
        charts += _sides(found, groups)
    for term in terms or ["perception"]:
        charts += _points(found, term, found.numbers, "item")
    return tuple(charts)


def _dots(found: Found, term: str, names: Sequence[str]) -> list[Spec]:
    labels = found.titles(names)
    return [
        {**dot(found, name, term, (), labels[name], shown=shown_score), "side": found.term(term)}
        for name in names
    ]


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


def _points(found: Found, term: str, names: Sequence[str], kind: str) -> list[Chart]:
    """A dot and a bar a line; nothing where no line has a number."""
    data = _dots(found, term, names)
    if all(one["value"] is None for one in data):
        return []
    zero = term in CONTRASTS
    title = found.say(TEXTS, "points", term=found.term(term))
    layers = dot_layers(
        found,
        data,
        of=found.term(term),
        by=found.say(TEXTS, kind),
        title=title,
        axis={"tickCount": 6},
        scale={"zero": zero, "nice": True},
    )
    alt = dots_told(found, data)
    if zero:
        layers.insert(
            0,
            {
                "data": {"values": [{"value": 0}]},
                "mark": {"type": "rule", "color": GREY, "strokeDash": [4, 3]},
                "encoding": {"x": _scale(title, zero=True)},
            },
        )
        alt += found.say(TEXTS, "alt_zero")
    return [
        Chart(
            title=found.say(TEXTS, f"by_{kind}", term=found.term(term)),
            alt=alt + _extremes(found, term, names),
            spec={
                "data": {"values": data},
                "width": "container",
                "height": (LINE if kind == "dimension" else ITEM_LINE) * len(names),
                "layer": layers,
            },
        )
    ]


def _extremes(found: Found, term: str, names: Sequence[str]) -> str:
    """The lowest and the highest line in words; overall numbers are none."""
    known = [
        (value, label, found.told(name, term))
        for name, label in found.titles(names).items()
        if (value := found.value(name, term)) is not None and not name.startswith("overall_")
    ]
    if len(known) < 2:
        return ""
    low, high = min(known, key=lambda one: one[0]), max(known, key=lambda one: one[0])
    return found.say(
        TEXTS, "alt_extremes", low=low[1], low_told=low[2], high=high[1], high_told=high[2]
    )


def _sides(found: Found, names: Sequence[str]) -> list[Chart]:
    """What is expected, or desired and adequate, against what is perceived."""
    sides = [side for side in COLOURS if side in found.items]
    labels = list(found.titles(names).values())
    # What is held against each other stands together, as a table of the numbers has it too.
    of_sides = [_dots(found, side, names) for side in sides]
    data = [one for of_name in zip(*of_sides, strict=True) for one in of_name]
    known = [one for one in data if one["value"] is not None]
    if not known:
        return []
    label, across = _axis(labels), _scale(found.say(TEXTS, "score"), zero=False)
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
                        "label": found.say(TEXTS, "dimension"),
                        "side": found.say(TEXTS, "question"),
                        "shown": found.say(TEXTS, "shown"),
                        "interval": found.word("interval", level=found.level),
                        "base": found.word("base"),
                    }
                ),
            },
        },
    ]
    inner = spoken if found.chinese else [one.lower() for one in spoken[1:]]
    terms = found.say(TEXTS, "against").join(inner if inner is spoken else [spoken[0], *inner])
    return [
        Chart(
            title=found.say(TEXTS, "sides", terms=terms),
            alt=found.say(TEXTS, "alt_sides"),
            spec={
                "data": {"values": data},
                "width": "container",
                "height": LINE * len(labels),
                "layer": layers,
            },
        )
    ]
