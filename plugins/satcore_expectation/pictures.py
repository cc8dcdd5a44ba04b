"""The pictures of expectation confirmation, as Vega-Lite specifications in plain data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from satcore import CHART_CELL, CellKey, Chart, Results, shown_percent
from satcore_expectation.found import Found
from satcore_expectation.metric import Expectation

#: Okabe and Ito's colours: better, as expected, worse; black for lines over the surface.
ABOVE: Final = "#0072B2"
AT: Final = "#C3C9CE"
BELOW: Final = "#D55E00"
BLACK: Final = "#222222"

#: Squares of the surface along each side; points of the ellipse.
SQUARES: Final = 28
POINTS: Final = 72

#: Standard deviations from the means at which the ellipse is drawn.
REACH: Final = 2.0

#: Width and height of the surface; height of a group's line.
SIDE: Final = 380
LINE: Final = 28

#: A picture with more groups is cut to those with the most answers.
MOST_GROUPS: Final = 60

Spec: TypeAlias = dict[str, Any]

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "surface": ("Satisfaction over expectation and perception", "期望与感知下的满意度"),
    "shares": ("Above, at and below expectation", "高于、符合与低于期望"),
    "shares_by": ("Above, at and below expectation by {axis}", "按{axis}：高于、符合与低于期望"),
    "largest": (
        "{title} (the {shown} of {count} groups with the most answers)",
        "{title}（{count} 组中回答最多的 {shown} 组）",
    ),
    "expectation": ("Expectation", "期望"),
    "perception": ("Perception", "感知"),
    "outcome": ("Predicted", "预测值"),
    "line": ("Line", "线"),
    "agreement": ("Agreement (as expected)", "一致线（符合期望）"),
    "disagreement": ("Disagreement", "不一致线"),
    "ellipse": ("Where answers lie (2 standard deviations)", "回答所在（2 个标准差）"),
    "means": ("Means", "均值"),
    "point": ("Point", "点"),
    "stationary": ("Stationary point", "驻点"),
    "class": ("Class", "类别"),
    "share": ("Share of answers", "占比"),
    "alt_surface": (
        (
            "Colours are the outcome that the response surface predicts, from {low} to {high}; the "
            "lines are agreement and disagreement. The ellipse is where most answers lie: colours "
            "far outside of it rest on few answers or none."
        ),
        (
            "颜色为响应曲面的预测值，由 {low} 至 {high}；两条线为一致线与不一致线。"
            "椭圆为多数回答所在之处：远在椭圆之外的颜色几乎没有回答支持。"
        ),
    ),
    "alt_shares": (
        "Shares of answers whose perception is above, at and below expectation, 100% together.",
        "感知高于、符合与低于期望的回答占比，合计 100%。",
    ),
    "alt_all": (
        " All answers: {above} above, {at} as expected, {below} below.",
        "全部回答：高于 {above}，符合 {at}，低于 {below}。",
    ),
}


def expectation_charts(results: Results, name: str, language: str = "en") -> tuple[Chart, ...]:
    """The response surface of all answers, and who stands above, at and below expectation.

    Args:
        results: The results.
        name: The metric's name in the study.
        language: ``"en"`` or ``"zh"``.
    """
    found = Found.of(results, name, language, Expectation)
    if found is None:
        return ()
    charts = [_surface(found)]
    single = {axes[0]: cells for axes, cells in found.sets.items() if len(axes) == 1}
    charts += [_shares(found, axis, cells) for axis, cells in single.items()]
    if not single:
        charts.append(_shares(found, "", ()))
    return tuple(chart for chart in charts if chart is not None)


def _surface(found: Found) -> Chart | None:
    """The surface as a map of colours, its two lines, and where answers lie."""
    scale = found.ends(found.metric.named()["expectation"][0])
    b = [found.value("surface", f"b{place}") for place in range(6)]
    if scale is None or any(one is None for one in b):
        return None
    b0, b1, b2, b3, b4, b5 = (one or 0.0 for one in b)
    low, high = scale
    middle, step = (low + high) / 2, (high - low) / SQUARES
    squares = []
    for across in range(SQUARES):
        for up in range(SQUARES):
            left, bottom = low + across * step, low + up * step
            e, p = left + step / 2 - middle, bottom + step / 2 - middle
            level = b0 + b1 * e + b2 * p + b3 * e * e + b4 * e * p + b5 * p * p
            squares.append(
                {
                    "x": round(left, 6),
                    "x2": round(left + step, 6),
                    "y": round(bottom, 6),
                    "y2": round(bottom + step, 6),
                    "level": round(level, 4),
                }
            )
    levels = [square["level"] for square in squares]
    scales: Spec = {"domain": [low, high], "nice": False, "zero": False}
    x: Spec = {
        "field": "x",
        "type": "quantitative",
        "title": found.say(TEXTS, "expectation"),
        "scale": scales,
        "axis": {"tickMinStep": 1},
    }
    y: Spec = {**x, "field": "y", "title": found.say(TEXTS, "perception")}
    outcome = found.say(TEXTS, "outcome")
    level_of: Spec = {
        "field": "level",
        "type": "quantitative",
        "scale": {"scheme": "viridis", "zero": False},
    }
    layers: list[Spec] = [
        {
            "data": {"values": squares},
            "mark": {"type": "rect", "strokeWidth": 1, "clip": True},
            "encoding": {
                "x": x,
                "x2": {"field": "x2"},
                "y": y,
                "y2": {"field": "y2"},
                "color": {
                    **level_of,
                    "title": outcome,
                    "legend": {"orient": "right", "type": "gradient"},
                },
                # Without lines of their own colour the squares would show seams.
                "stroke": {
                    **level_of,
                    "title": outcome,
                    "legend": {"orient": "right", "type": "gradient"},
                },
                "tooltip": [
                    {"field": "level", "type": "quantitative", "title": outcome, "format": ".2f"}
                ],
            },
        },
        _lines(found, x, y, low, high),
    ]
    marks = _points(found, low, high)
    if marks:
        layers.append(
            {
                "data": {"values": marks},
                "mark": {
                    "type": "point",
                    "filled": True,
                    "size": 90,
                    "color": "white",
                    "stroke": BLACK,
                },
                "encoding": {
                    "x": x,
                    "y": y,
                    "shape": {
                        "field": "name",
                        "type": "nominal",
                        "title": found.say(TEXTS, "point"),
                        "legend": {"orient": "right"},
                    },
                },
            }
        )
    return Chart(
        title=found.say(TEXTS, "surface"),
        alt=found.say(TEXTS, "alt_surface", low=f"{min(levels):.2f}", high=f"{max(levels):.2f}"),
        spec={"width": SIDE, "height": SIDE, "layer": layers},
    )


def _lines(found: Found, x: Spec, y: Spec, low: float, high: float) -> Spec:
    """The lines of agreement and disagreement, and the ellipse of the answers."""
    agreement, disagreement = found.say(TEXTS, "agreement"), found.say(TEXTS, "disagreement")
    values = [
        {"x": low, "y": low, "order": 0, "name": agreement},
        {"x": high, "y": high, "order": 1, "name": agreement},
        {"x": low, "y": high, "order": 0, "name": disagreement},
        {"x": high, "y": low, "order": 1, "name": disagreement},
    ]
    names, dashes = [agreement, disagreement], [[1, 0], [6, 4]]
    ellipse = _ellipse(found)
    if ellipse:
        name = found.say(TEXTS, "ellipse")
        values += [
            {"x": round(across, 6), "y": round(up, 6), "order": order, "name": name}
            for order, (across, up) in enumerate(ellipse)
        ]
        names.append(name)
        dashes.append([2, 3])
    return {
        "data": {"values": values},
        "mark": {"type": "line", "color": "white", "strokeWidth": 2, "clip": True},
        "encoding": {
            "x": x,
            "y": y,
            "order": {"field": "order", "type": "quantitative"},
            "strokeDash": {
                "field": "name",
                "type": "nominal",
                "title": found.say(TEXTS, "line"),
                "sort": names,
                "scale": {"domain": names, "range": dashes},
                "legend": {
                    "orient": "right",
                    "symbolStrokeColor": BLACK,
                    "symbolSize": 900,
                    "labelLimit": 320,
                },
            },
        },
    }


def _ellipse(found: Found) -> list[tuple[float, float]]:
    """Two standard deviations about the means; nothing where these are not known."""
    told = [
        found.value("expectation", "mean"),
        found.value("perception", "mean"),
        found.value("expectation", "sd"),
        found.value("perception", "sd"),
        found.value("linear", "correlation"),
    ]
    known = [one for one in told if one is not None]
    if len(known) < len(told):
        return []
    x, y, sx, sy, r = known
    turns = [2 * math.pi * place / POINTS for place in range(POINTS + 1)]
    aside = math.sqrt(max(1 - r * r, 0.0))
    return [
        (
            x + REACH * sx * math.cos(turn),
            y + REACH * sy * (r * math.cos(turn) + aside * math.sin(turn)),
        )
        for turn in turns
    ]


def _points(found: Found, low: float, high: float) -> list[Spec]:
    """The means, and the stationary point where it lies on the scale."""
    marks = []
    for key, places in (
        ("means", (("expectation", "mean"), ("perception", "mean"))),
        (
            "stationary",
            (("surface", "stationary_expectation"), ("surface", "stationary_perception")),
        ),
    ):
        x, y = (found.value(*place) for place in places)
        if x is not None and y is not None and low <= x <= high and low <= y <= high:
            marks.append({"x": x, "y": y, "name": found.say(TEXTS, key)})
    return marks


def _shares(found: Found, axis: str, cells: Sequence[CellKey]) -> Chart | None:
    """Stacked bars of who stands above, at and below, a group a line."""
    upright = axis != "" and axis == found.results.about.wave
    shown = cells if upright else found.largest(cells, MOST_GROUPS)
    labelled = (
        list(zip(shown, found.cell_labels(axis, shown), strict=True))
        if upright
        else found.with_total(axis, shown)
    )
    bars = []
    for cell, label in labelled:
        base = found.base("inferred", "mean", cell)
        for order, term in enumerate(("below", "at", "above")):
            value = found.value("inferred", term, cell)
            if value is not None:
                bars.append(
                    {
                        CHART_CELL: dict(cell),
                        "label": label,
                        "share": value,
                        "shown": shown_percent(value),
                        "class": found.term(term),
                        "order": order,
                        "base": f"{base:,}",
                    }
                )
    if not bars:
        return None
    title = found.say(TEXTS, "shares_by", axis=found.axis(axis)) if axis else ""
    title = title or found.say(TEXTS, "shares")
    if len(shown) < len(cells):
        title = found.say(TEXTS, "largest", title=title, shown=len(shown), count=f"{len(cells):,}")
    return Chart(
        title=title, alt=_alt(found), spec=_stacked(found, bars, [one for _, one in labelled], axis)
    )


def _alt(found: Found) -> str:
    shares = {term: found.value("inferred", term) for term in ("above", "at", "below")}
    known = {term: shown_percent(share) for term, share in shares.items() if share is not None}
    alt = found.say(TEXTS, "alt_shares")
    return alt + found.say(TEXTS, "alt_all", **known) if len(known) == len(shares) else alt


def _stacked(found: Found, bars: Sequence[Spec], labels: Sequence[str], axis: str) -> Spec:
    classes = [found.term(term) for term in ("below", "at", "above")]
    titles = {
        "label": found.axis(axis) if axis else found.word("group"),
        "class": found.say(TEXTS, "class"),
        "shown": found.say(TEXTS, "share"),
        "base": found.word("base"),
    }
    return {
        "data": {"values": list(bars)},
        "width": "container",
        "height": LINE * len(labels),
        "mark": {"type": "bar"},
        "encoding": {
            "y": {
                "field": "label",
                "type": "nominal",
                "title": None,
                "sort": None,
                "scale": {"domain": list(labels)},
                "axis": {"labelLimit": 260},
            },
            "x": {
                "field": "share",
                "type": "quantitative",
                "title": found.say(TEXTS, "share"),
                "stack": "normalize",
                "axis": {"format": ".2~%", "tickCount": 5},
            },
            "order": {"field": "order", "type": "quantitative"},
            "color": {
                "field": "class",
                "type": "nominal",
                "title": None,
                "sort": classes,
                "scale": {"domain": classes, "range": [BELOW, AT, ABOVE]},
                "legend": {"orient": "top"},
            },
            "tooltip": [
                {"field": field, "type": "nominal", "title": title}
                for field, title in titles.items()
            ],
        },
    }
