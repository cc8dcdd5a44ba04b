"""The pictures of a Kano study, as Vega-Lite specifications in plain data."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from satcore import Chart, Results, shown_score
from satcore_kano.metric import Kano
from satcore_kano.reading import NAMES, Features, percent
from satcore_kano.tables import CATEGORIES

#: Okabe and Ito's colours, told apart by everyone; greys for what says little.
COLOURS: Final = {
    "A": "#009E73",
    "O": "#0072B2",
    "M": "#D55E00",
    "I": "#C3C9CE",
    "R": "#CC79A7",
    "Q": "#33383d",
}
POINT: Final = "#0072B2"
GREY: Final = "#6b7680"

#: A share below this leaves no room for its number.
LEAST_NUMBERED: Final = 0.06

#: Height of a feature's line, and of a plane.
LINE: Final = 28
PLANE: Final = 440

#: Where the continuous analysis parts its quadrants, and where its scores end.
CUT: Final = 2.0
SCORES: Final = (-2.0, 4.0)

Spec: TypeAlias = dict[str, Any]

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "shares": ("Answers by Kano category", "KANO 类别的回答构成"),
    "plane": ("Better and Worse", "Better–Worse 四象限图"),
    "continuous": ("Continuous analysis (DuMouchel)", "连续分析图（DuMouchel）"),
    "share": ("Share of answers", "回答占比"),
    "feature": ("Feature", "功能"),
    "category": ("Category", "类别"),
    "effective": ("Effective base", "有效样本量"),
    "worse_axis": (
        "|Worse|: how much its absence displeases",
        "|Worse|：缺少该功能时不满意的程度",
    ),
    "better_axis": ("Better: how much its presence pleases", "Better：具备该功能时满意的程度"),
    "dysfunctional_axis": (
        "Mean score if absent (dysfunctional question)",
        "缺少时的平均得分（反向题）",
    ),
    "functional_axis": (
        "Mean score if present (functional question)",
        "具备时的平均得分（正向题）",
    ),
    "alt_shares": (
        "Shares of the six categories in each feature's answers, adding up to 100%.",
        "各功能的回答在六个类别中的构成，合计 100%。",
    ),
    "alt_category": (" Category: {told}.", "所属类别：{told}。"),
    "alt_plane": (
        (
            "Each dot is a feature; the cross is its {level} intervals. Lines at 0.5 part four "
            "quadrants."
        ),
        "每个圆点为一项功能，十字线为其 {level} 区间；0.5 处的虚线划分四个象限。",
    ),
    "alt_continuous": (
        (
            "Each dot is a feature's mean scores; the bars are one standard error either way. "
            "Lines at 2 part four quadrants."
        ),
        "每个圆点为一项功能的平均得分，线段为正负一个标准误；2 处的虚线划分四个象限。",
    ),
    "alt_quadrant": (" {name}: {features}.", "{name}：{features}。"),
    "alt_outside": (
        " With a mean below 0, outside the four quadrants: {features}.",
        "均值低于 0，不在四个象限之内：{features}。",
    ),
    "alt_hollow": (" Hollow dots rest on few answers.", "空心圆点表示回答较少。"),
    "alt_absent": (" Not shown: {told}.", "未显示：{told}。"),
    "told": ("{feature} ({word})", "{feature}（{word}）"),
    "told_category": ("{feature} {word}", "{feature} {word}"),
}


def kano_charts(results: Results, name: str, language: str = "en") -> tuple[Chart, ...]:
    """The pictures of a Kano study, for all answers together.

    Shares of the categories by feature, the plane of Better and Worse with its intervals, and the
    plane of the continuous analysis.

    Args:
        results: The results.
        name: The metric's name in the study.
        language: ``"en"`` or ``"zh"``.
    """
    reading = Features.of(results, name, language, Kano, cell={})
    if reading is None:
        return ()
    charts = (_shares(reading), _plane(reading), _continuous(reading))
    return tuple(chart for chart in charts if chart is not None)


def _absent(reading: Features, features: dict[str, str]) -> str:
    """The features that a picture leaves out, and why."""
    if not features:
        return ""
    told = [
        reading.say(
            TEXTS,
            "told",
            feature=reading.labels[feature],
            word=reading.absent(reading.status(feature, term)),
        )
        for feature, term in features.items()
    ]
    return reading.say(TEXTS, "alt_absent", told=reading.comma.join(told))


def _bases(reading: Features, feature: str, term: str) -> Spec:
    row = reading.row(feature, term)
    withheld = row is not None and row["base"] is None
    bases: Spec = {"base": "–" if withheld else f"{reading.base(feature, term):,}"}
    if reading.results.about.weight:
        effective = row["effective_base"] if row else None
        bases["effective"] = "" if effective is None else f"{effective:,.1f}"
    return bases


def _tooltip(reading: Features, fields: dict[str, str]) -> list[Spec]:
    shown = dict(fields)
    shown["base"] = reading.word("base")
    if reading.results.about.weight:
        shown["effective"] = reading.say(TEXTS, "effective")
    return [{"field": field, "type": "nominal", "title": title} for field, title in shown.items()]


def _shares(reading: Features) -> Chart | None:
    """Stacked shares by feature."""
    data: list[Spec] = []
    absent: list[Spec] = []
    categories: list[str] = []
    for feature in reading.names:
        label = reading.labels[feature]
        shares = {one: reading.value(feature, f"share_{one}") for one in CATEGORIES}
        if any(share is None for share in shares.values()):
            absent.append(
                {"label": label, "absent": reading.absent(reading.status(feature, "share_A"))}
            )
            continue
        category = reading.category(feature, "category")
        if category is not None:
            word = reading.in_words(category)
            categories.append(reading.say(TEXTS, "told_category", feature=label, word=word))
        for place, (letter, share) in enumerate(shares.items()):
            if not share:
                continue
            term = f"share_{letter}"
            data.append(
                {
                    "label": label,
                    "category": reading.term(term),
                    "letter": letter,
                    "order": place,
                    "share": share,
                    "shown": percent(share),
                    "inside": f"{100 * share:.0f}%" if share >= LEAST_NUMBERED else "",
                    "interval": reading.interval(feature, term, shown=percent),
                    **_bases(reading, feature, term),
                }
            )
    if not data:
        return None
    labels = [reading.labels[feature] for feature in reading.names]
    y = {
        "field": "label",
        "type": "nominal",
        "title": None,
        "sort": labels,
        "scale": {"domain": labels},
        "axis": {"labelLimit": 260},
    }
    x: Spec = {
        "field": "share",
        "type": "quantitative",
        "stack": "zero",
        "title": reading.say(TEXTS, "share"),
        "scale": {"domain": [0, 1], "nice": False},
        "axis": {"format": ".0%", "values": [0, 0.25, 0.5, 0.75, 1]},
    }
    order = {"field": "order", "type": "quantitative"}
    layers: list[Spec] = [
        {
            "mark": {"type": "bar", "height": {"band": 0.72}, "stroke": "white"},
            "encoding": {
                "y": y,
                "x": x,
                "order": order,
                "color": {
                    "field": "category",
                    "type": "nominal",
                    "title": None,
                    "sort": None,
                    # Six names in one row would leave a narrow page.
                    "legend": {"columns": 3},
                    "scale": {
                        "domain": [reading.term(f"share_{one}") for one in CATEGORIES],
                        "range": [COLOURS[one] for one in CATEGORIES],
                    },
                },
                "tooltip": _tooltip(
                    reading,
                    {
                        "label": reading.say(TEXTS, "feature"),
                        "category": reading.say(TEXTS, "category"),
                        "shown": reading.say(TEXTS, "share"),
                        "interval": reading.word("interval", level=reading.level),
                    },
                ),
            },
        },
        {
            "mark": {"type": "text", "tooltip": False},
            "encoding": {
                "y": y,
                "x": {**x, "bandPosition": 0.5},
                "order": order,
                "detail": {"field": "category", "type": "nominal"},
                "text": {"field": "inside"},
                "color": {
                    # White is read on blue and dark grey; on the others, black.
                    "condition": {
                        "test": "datum.letter != 'O' && datum.letter != 'Q'",
                        "value": "black",
                    },
                    "value": "white",
                },
            },
        },
    ]
    if absent:
        layers.append(
            {
                "data": {"values": absent},
                "mark": {"type": "text", "align": "left", "color": GREY, "fontStyle": "italic"},
                "encoding": {"y": y, "x": {"value": 6}, "text": {"field": "absent"}},
            }
        )
    alt = reading.say(TEXTS, "alt_shares")
    if categories:
        alt += reading.say(TEXTS, "alt_category", told=reading.comma.join(categories))
    return Chart(
        title=reading.say(TEXTS, "shares"),
        alt=alt + _absent(reading, _without(reading, "share_A")),
        spec={
            "data": {"values": data},
            "width": "container",
            "height": LINE * len(labels),
            "layer": layers,
        },
    )


def _without(reading: Features, *terms: str) -> dict[str, str]:
    """Features that lack one of some terms, and which."""
    found: dict[str, str] = {}
    for feature in reading.names:
        for term in terms:
            if reading.value(feature, term) is None:
                found.setdefault(feature, term)
    return found


def _with_interval(reading: Features, feature: str, term: str, value: float) -> str:
    return f"{shown_score(value)} ({reading.interval(feature, term, shown=shown_score)})"


def _plane(reading: Features) -> Chart | None:
    """Better against the size of Worse, with crosses of intervals and named quadrants."""
    absent = _without(reading, "better", "worse")
    data: list[Spec] = []
    for feature in reading.names:
        better, worse = reading.value(feature, "better"), reading.value(feature, "worse")
        if better is None or worse is None:
            continue
        up, down = reading.bounds(feature, "better"), reading.bounds(feature, "worse")
        category = reading.category(feature, "category")
        data.append(
            {
                "label": reading.labels[feature],
                "x": abs(worse),
                "y": better,
                "x_low": None if down is None else -down[1] + 0.0,
                "x_high": None if down is None else -down[0],
                "y_low": None if up is None else up[0],
                "y_high": None if up is None else up[1],
                "shown_x": _with_interval(reading, feature, "worse", worse),
                "shown_y": _with_interval(reading, feature, "better", better),
                "category": "" if category is None else reading.in_words(category),
                "small": reading.status(feature, "better") == "small",
                **_bases(reading, feature, "better"),
            }
        )
    return _quadrants(
        reading,
        data,
        key="plane",
        terms=("worse", "better"),
        domain=(0.0, 1.0),
        cut=0.5,
        absent=absent,
        ticks=[0, 0.25, 0.5, 0.75, 1],
    )


def _continuous(reading: Features) -> Chart | None:
    """Functional against dysfunctional means, with bars of one standard error."""
    terms = ("dysfunctional_mean", "functional_mean")
    absent = _without(reading, *terms)
    data: list[Spec] = []
    for feature in reading.names:
        x, y = (reading.value(feature, term) for term in terms)
        if x is None or y is None:
            continue
        errors = [reading.error(feature, term) for term in terms]
        category = reading.category(feature, "category")
        data.append(
            {
                "label": reading.labels[feature],
                "x": x,
                "y": y,
                **{
                    f"{axis}_{side}": None if error is None else _inside(value + sign * error)
                    for axis, value, error in zip("xy", (x, y), errors, strict=True)
                    for side, sign in (("low", -1), ("high", 1))
                },
                "shown_x": f"{shown_score(x)} ± {_error(errors[0])}",
                "shown_y": f"{shown_score(y)} ± {_error(errors[1])}",
                "category": "" if category is None else reading.in_words(category),
                "small": reading.status(feature, terms[1]) == "small",
                **_bases(reading, feature, terms[1]),
            }
        )
    return _quadrants(
        reading,
        data,
        key="continuous",
        terms=terms,
        domain=SCORES,
        cut=CUT,
        absent=absent,
        ticks=[-2, -1, 0, 1, 2, 3, 4],
    )


def _inside(score: float) -> float:
    return min(max(score, SCORES[0]), SCORES[1])


def _error(error: float | None) -> str:
    return "—" if error is None else shown_score(error)


def _quadrant(point: Spec, cut: float) -> str:
    """The letter of the quadrant in which a point lies; none below 0."""
    if min(point["x"], point["y"]) < 0:
        return ""
    if point["y"] >= cut:
        return "O" if point["x"] >= cut else "A"
    return "M" if point["x"] >= cut else "I"


def _quadrant_name(reading: Features, letter: str) -> str:
    return NAMES[letter][1] if reading.chinese else NAMES[letter][0].capitalize()


def _quadrants(
    reading: Features,
    data: list[Spec],
    *,
    key: str,
    terms: tuple[str, str],
    domain: tuple[float, float],
    cut: float,
    absent: dict[str, str],
    ticks: list[float],
) -> Chart | None:
    """A plane with lines at the cut, quadrants by name, crosses, dots and features' labels."""
    if not data:
        return None
    low, high = domain
    axes = (
        ("worse_axis", "better_axis")
        if key == "plane"
        else (
            "dysfunctional_axis",
            "functional_axis",
        )
    )
    x, y = (
        {
            "field": field,
            "type": "quantitative",
            "title": reading.say(TEXTS, axis),
            "scale": {"domain": [low, high], "nice": False, "zero": False},
            "axis": {"values": ticks, "grid": False, "format": ".2f" if key == "plane" else "d"},
        }
        for field, axis in zip("xy", axes, strict=True)
    )
    # Each quadrant's name stands in its outer corner.
    edge = (high - low) * 0.015
    corners: list[Spec] = [
        {
            "name": _quadrant_name(reading, letter),
            "x": high - edge if right else max(low, 0.0) + edge,
            "y": high - edge if top else max(low, 0.0) + edge,
            "right": right,
            "top": top,
        }
        for letter, right, top in (
            ("A", False, True),
            ("O", True, True),
            ("I", False, False),
            ("M", True, False),
        )
    ]
    dashed = {"type": "rule", "color": GREY, "strokeDash": [4, 3], "opacity": 0.8}
    line: Spec = {"type": "rule", "color": POINT, "opacity": 0.45, "strokeWidth": 1.5}
    layers: list[Spec] = [
        {"data": {"values": [{"x": cut}]}, "mark": dashed, "encoding": {"x": x}},
        {"data": {"values": [{"y": cut}]}, "mark": dashed, "encoding": {"y": y}},
    ]
    if low < 0:
        dotted = {**dashed, "strokeDash": [1, 4]}
        layers += [
            {"data": {"values": [{"x": 0}]}, "mark": dotted, "encoding": {"x": x}},
            {"data": {"values": [{"y": 0}]}, "mark": dotted, "encoding": {"y": y}},
        ]
    for corner in corners:
        mark = {
            "type": "text",
            "align": "right" if corner.pop("right") else "left",
            "baseline": "top" if corner.pop("top") else "bottom",
            "color": GREY,
            "fontSize": 13,
            "fontWeight": "bold",
            "tooltip": False,
        }
        encoding = {"x": x, "y": y, "text": {"field": "name", "type": "nominal"}}
        layers.append({"data": {"values": [corner]}, "mark": mark, "encoding": encoding})
    layers += [
        {
            "transform": [{"filter": "isValid(datum.x_low)"}],
            "mark": line,
            "encoding": {"x": {**x, "field": "x_low"}, "x2": {"field": "x_high"}, "y": y},
        },
        {
            "transform": [{"filter": "isValid(datum.y_low)"}],
            "mark": line,
            "encoding": {"x": x, "y": {**y, "field": "y_low"}, "y2": {"field": "y_high"}},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1, "stroke": POINT},
            "encoding": {
                "x": x,
                "y": y,
                "fill": {
                    "condition": {"test": "datum.small", "value": "white"},
                    "value": POINT,
                },
                "tooltip": _tooltip(
                    reading,
                    {
                        "label": reading.say(TEXTS, "feature"),
                        "category": reading.say(TEXTS, "category"),
                        "shown_y": reading.term(terms[1]),
                        "shown_x": reading.term(terms[0]),
                    },
                ),
            },
        },
    ]
    for align, labels in _placed(data, low, high).items():
        mark = {
            "type": "text",
            "align": align,
            "dx": 9 if align == "left" else -9,
            "baseline": "middle",
            "tooltip": False,
        }
        encoding = {"x": x, "y": y, "text": {"field": "label", "type": "nominal"}}
        layers.append({"data": {"values": labels}, "mark": mark, "encoding": encoding})
    alt = reading.say(TEXTS, f"alt_{key}", level=reading.level)
    for letter in "MOAI":
        names = [point["label"] for point in data if _quadrant(point, cut) == letter]
        if names:
            name = _quadrant_name(reading, letter)
            alt += reading.say(TEXTS, "alt_quadrant", name=name, features=reading.comma.join(names))
    outside = [point["label"] for point in data if not _quadrant(point, cut)]
    if outside:
        alt += reading.say(TEXTS, "alt_outside", features=reading.comma.join(outside))
    if any(point["small"] for point in data):
        alt += reading.say(TEXTS, "alt_hollow")
    return Chart(
        title=reading.say(TEXTS, key),
        alt=alt + _absent(reading, absent),
        spec={
            "data": {"values": data},
            "width": "container",
            "height": PLANE,
            "usermeta": {"satcore": {"wide": True}},
            "layer": layers,
        },
    )


def _placed(data: list[Spec], low: float, high: float) -> dict[str, list[Spec]]:
    """The features' labels by the side on which they stand, where the fewest overlap.

    A label stands right or left of its dot, above or below it. Sizes are those of a page's width;
    on a narrow screen labels may still meet.
    """
    span = high - low
    line, gap, letter = span * 0.04, span * 0.014, span * 0.0115
    dots = [(one["x"] - gap, one["y"] - gap, one["x"] + gap, one["y"] + gap) for one in data]
    boxes: list[tuple[float, float, float, float]] = []
    placed: dict[str, list[Spec]] = {}
    for own, point in enumerate(data):
        wide = letter * sum(2 if ord(one) > 0x2E7F else 1 for one in point["label"])
        best: tuple[float, str, float, tuple[float, float, float, float]] | None = None
        for align in ("left", "right"):
            for step in (0.6, -0.6, 1.4, -1.4):
                y = point["y"] + step * line
                start = point["x"] + gap if align == "left" else point["x"] - gap - wide
                box = (start, y - line / 2, start + wide, y + line / 2)
                others = [dot for place, dot in enumerate(dots) if place != own]
                out = start < low or start + wide > high or not low < y < high
                cost = float(sum(_meet(box, other) for other in (*boxes, *others)))
                cost += 3.0 * out + abs(step) / 10
                if best is None or cost < best[0]:
                    best = (cost, align, y, box)
        if best is not None:
            _, align, y, box = best
            boxes.append(box)
            label = {"label": point["label"], "x": point["x"], "y": y}
            placed.setdefault(align, []).append(label)
    return placed


def _meet(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    """Whether two boxes overlap."""
    across = one[0] < other[2] and other[0] < one[2]
    return across and one[1] < other[3] and other[1] < one[3]
