"""The control chart as a Vega-Lite specification in plain data."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from satcore import CHART_CELL, Chart, EstimateRow, Results
from satcore_control.charts import CUMULATED
from satcore_control.found import SHARES, Cell, Found, told
from satcore_control.words import MOST_WAVES, kind_name, rule_names

#: Groups that are drawn, besides all answers: those with the most answers.
MOST_GROUPS: Final = 6

#: Okabe and Ito's colours, told apart by everyone; grey for what is only a line to read by.
POINTS: Final = "#0072B2"
SIGNALS: Final = "#D55E00"
GREY: Final = "#6b7680"

Spec: TypeAlias = dict[str, Any]

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "title": ("{subject}: {chart}, {cell}", "{subject}：{chart}（{cell}）"),
    "largest": (
        "{title} (one of the {shown} of {count} groups with the most answers)",
        "{title}（{count} 组中回答最多的 {shown} 组之一）",
    ),
    "points": ("{subject} (points)", "{subject}（分）"),
    "cusum": ("Cumulative sum (sigmas)", "累积和（σ）"),
    "ewma": ("Moving average", "移动平均"),
    "wave": ("Wave", "波次"),
    "value": ("Value", "数值"),
    "interval": ("{level} interval", "{level} 区间"),
    "limits": ("Limits", "控制限"),
    "centre": ("Centre", "中心线"),
    "base": ("Answers", "回答数"),
    "signal": ("Signal", "报警"),
    "phase": ("Phase", "阶段"),
    "one": ("I", "一"),
    "two": ("II: judged by phase I", "二（按第一阶段判定）"),
    "left_out": ("left out of phase I", "未计入第一阶段"),
    "no_signal": ("none", "无"),
    "unjudged": ("not judged", "未判定"),
    "range": ("{low} to {high}", "{low} 至 {high}"),
    "alt": (
        "Dots are waves; the solid grey line is the centre, the dashed steps are the limits.",
        "圆点为各波次，灰色实线为中心线，虚线阶梯为控制限。",
    ),
    "alt_bars": (" Bars are {level} intervals.", "竖线为 {level} 区间。"),
    "alt_ewma": (
        " Dots are the moving average, small grey dots the waves' own values.",
        "圆点为移动平均，灰色小点为各波次数值。",
    ),
    "alt_cusum": (
        " Dots are the upper and the lower cumulative sums, in sigmas.",
        "圆点为上侧与下侧累积和，以 σ 为单位。",
    ),
    "alt_baseline": (
        " The upright line after {wave} ends phase I, which the limits come from.",
        "{wave}之后的竖线为第一阶段终点，控制限由第一阶段得出。",
    ),
    "alt_gaps": (
        " The line is broken where a wave has no number.",
        "没有数值的波次处折线中断。",
    ),
    "alt_signals": (
        " Orange diamonds signal: {list}.",
        "橙色菱形为报警波次：{list}。",
    ),
    "alt_none": (" No wave signals.", "没有波次报警。"),
    "alt_unjudged": (" No wave can be judged.", "没有可判定的波次。"),
    "alt_hollow": (" Hollow dots rest on few answers.", "空心圆点表示回答较少。"),
    "more": ("{list} and {count} more", "{list}，另有 {count} 个"),
}


def control_charts(results: Results, name: str, language: str = "en") -> tuple[Chart, ...]:
    """The control chart of all answers, and of the groups with the most answers.

    Args:
        results: The results.
        name: The metric's name in the study.
        language: ``"en"`` or ``"zh"``.
    """
    found = Found.of(results, name, language)
    drawn = [cell for cell in found.cells if _valued(found, cell)]
    groups = [cell for cell in drawn if cell]
    bases = {cell: (found.row(cell, "signals") or {"base": 0})["base"] for cell in groups}
    largest = sorted(groups, key=lambda cell: -(bases[cell] or 0))[:MOST_GROUPS]
    cut = len(groups) if len(groups) > MOST_GROUPS else 0
    return tuple(_chart(found, cell, cut) for cell in drawn if not cell or cell in largest)


def _valued(found: Found, cell: Cell) -> bool:
    return any(found.number(cell, "value", wave) is not None for wave in found.waves)


def _say(found: Found, key: str, **values: object) -> str:
    return TEXTS[key][found.chinese].format(**values)


def _chart(found: Found, cell: Cell, cut: int) -> Chart:
    """One cell's chart; ``cut`` is how many groups there are where not all are drawn."""
    kind = found.kind(cell)
    labels = _labels(found)
    points = [
        _point(found, cell, kind, wave, label)
        for wave, label in zip(found.waves, labels, strict=True)
    ]
    title = _say(
        found,
        "title",
        subject=found.subject(),
        chart=kind_name(kind, found.language),
        cell=found.cell(cell),
    )
    if cell and cut:
        title = _say(found, "largest", title=title, shown=MOST_GROUPS, count=cut)
    return Chart(
        title=title,
        alt=_alt(found, cell, kind, points),
        spec={
            "data": {"values": points},
            "width": "container",
            "height": 260,
            "usermeta": {"satcore": {"wide": True}},
            "layer": _layers(found, kind, labels, points),
        },
    )


def _labels(found: Found) -> list[str]:
    """The waves' names: no two alike, or the picture would merge them."""
    labels: list[str] = []
    for wave in found.waves:
        name, copy = found.wave(wave), 2
        while name in labels:
            name, copy = f"{found.wave(wave)} ({copy})", copy + 1
        labels.append(name)
    return labels


def _point(found: Found, cell: Cell, kind: str, wave: str, label: str) -> Spec:
    """A wave as a row of data."""
    row: Any = found.row(cell, "value", wave)
    unit = row["unit"] if row else ""
    value = found.number(cell, "value", wave)
    low = found.number(cell, "value", wave, "ci_low")
    high = found.number(cell, "value", wave, "ci_high")
    lower = found.number(cell, "lower_limit", wave)
    upper = found.number(cell, "upper_limit", wave)
    centre = found.number(cell, "centre", wave)
    rules = found.rules(cell, wave)
    plotted = {"ewma": "ewma", "cusum": "cusum_up"}.get(kind, "value")
    bounded = low is not None and high is not None and kind not in CUMULATED
    scale = "sigma" if kind == "cusum" else unit
    limits = (told(lower, scale), told(upper, scale))
    judged = found.number(cell, "signal", wave) is not None
    quiet = _say(found, "no_signal" if judged else "unjudged")
    return {
        # Limits rest on many waves, so that none of them can be left out.
        CHART_CELL: dict(cell),
        "label": label,
        "value": value,
        "plotted": found.number(cell, plotted, wave),
        "down": found.number(cell, "cusum_down", wave),
        "low": low if bounded else None,
        "high": high if bounded else None,
        "lower": lower,
        "upper": upper,
        "centre": 0.0 if kind == "cusum" else centre,
        "signal": bool(rules),
        "small": bool(row and row["status"] == "small"),
        "shown": told(value, unit),
        "average": told(found.number(cell, "ewma", wave), unit),
        "interval": _range(found, low, high, unit),
        "limits": "–" if lower is None else _say(found, "range", low=limits[0], high=limits[1]),
        "base": _base(row),
        "rules": rule_names(rules, found.language) or quiet,
        "phase": _phase(found, wave),
    }


def _range(found: Found, low: float | None, high: float | None, unit: str) -> str:
    if low is None or high is None:
        return "–"
    return _say(found, "range", low=told(low, unit), high=told(high, unit))


def _phase(found: Found, wave: str) -> str:
    if wave in found.metric.exclude:
        return _say(found, "left_out")
    baseline = found.metric.baseline
    if baseline in found.waves and found.waves.index(wave) > found.waves.index(baseline):
        return _say(found, "two")
    return _say(found, "one")


def _layers(found: Found, kind: str, labels: list[str], points: list[Spec]) -> list[Spec]:
    """Limits and centre beneath, then intervals, line and dots. Empty layers are left out."""
    x = _across(labels)
    y = _upright(found, kind, points)
    layers = [
        _step(x, {**y, "field": name}, dashed=True)
        for name in ("lower", "upper")
        if any(point[name] is not None for point in points)
    ]
    if any(point["centre"] is not None for point in points):
        layers.append(_step(x, {**y, "field": "centre"}, dashed=False))
    baseline = found.metric.baseline
    if baseline in found.waves and baseline != found.waves[-1]:
        layers.append(_end(x, labels[found.waves.index(baseline)]))
    if any(point["low"] is not None for point in points):
        layers.append(_bars(x, y))
    if kind == "ewma":
        layers.append(_values(x, y))
    for name in ("plotted", "down"):
        if any(point[name] is not None for point in points):
            layers += _series(found, kind, x, {**y, "field": name})
    if not any(point["plotted"] is not None for point in points):
        # Nothing could be judged: the values are still worth seeing.
        layers.append(_values(x, y))
    return layers


def _across(labels: list[str]) -> Spec:
    return {
        "field": "label",
        "type": "ordinal",
        "title": None,
        "sort": None,
        "scale": {"domain": labels, "type": "band"},
        "axis": {"labelAngle": 0, "labelOverlap": "greedy"},
    }


def _upright(found: Found, kind: str, points: list[Spec]) -> Spec:
    row = next((row for (_, term, _), row in found.rows.items() if term == "value"), None)
    unit = row["unit"] if row else ""
    title = found.subject()
    if kind == "cusum":
        title = _say(found, "cusum")
    elif unit == "points":
        title = _say(found, "points", subject=title)
    shares = unit in SHARES and kind != "cusum"
    return {
        "field": "plotted",
        "type": "quantitative",
        "title": title,
        "scale": {"zero": False, "nice": True},
        "axis": {"tickCount": 6, **({"format": ".2~%"} if shares else {})},
    }


def _step(x: Spec, y: Spec, *, dashed: bool) -> Spec:
    mark: Spec = {"type": "line", "interpolate": "step", "color": GREY, "strokeWidth": 1}
    if dashed:
        mark |= {"strokeDash": [5, 3], "strokeWidth": 1.5}
    return {"mark": mark, "encoding": {"x": x, "y": y}}


def _end(x: Spec, label: str) -> Spec:
    """The upright line where phase I ends."""
    return {
        "data": {"values": [{"label": label}]},
        "mark": {"type": "rule", "color": GREY, "strokeDash": [2, 2]},
        "encoding": {"x": {**x, "bandPosition": 1}},
    }


def _bars(x: Spec, y: Spec) -> Spec:
    return {
        "transform": [{"filter": "isValid(datum.low)"}],
        "mark": {"type": "rule", "color": POINTS, "strokeWidth": 2, "opacity": 0.35},
        "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
    }


def _values(x: Spec, y: Spec) -> Spec:
    """The waves' own values, behind what is judged."""
    return {
        "transform": [{"filter": "isValid(datum.value)"}],
        "mark": {"type": "point", "filled": True, "size": 25, "color": GREY, "opacity": 0.7},
        "encoding": {"x": x, "y": {**y, "field": "value"}},
    }


def _series(found: Found, kind: str, x: Spec, y: Spec) -> list[Spec]:
    """A line that breaks at gaps, and its dots; those that signal by shape and colour."""
    signals = "datum.signal"
    if kind == "cusum":
        # Of the two sums only the one beyond its limit signals.
        signals += f" && abs(datum.{y['field']}) > datum.upper"
    colour = {"condition": {"test": signals, "value": SIGNALS}, "value": POINTS}
    return [
        {"mark": {"type": "line", "color": POINTS}, "encoding": {"x": x, "y": y}},
        {
            "transform": [{"filter": f"isValid(datum.{y['field']})"}],
            "mark": {"type": "point", "filled": True, "opacity": 1},
            "encoding": {
                "x": x,
                "y": y,
                "stroke": colour,
                "fill": {
                    "condition": [
                        {"test": "datum.small", "value": "white"},
                        colour["condition"],
                    ],
                    "value": POINTS,
                },
                "shape": {
                    "condition": {"test": signals, "value": "diamond"},
                    "value": "circle",
                },
                "size": {"condition": {"test": signals, "value": 150}, "value": 60},
                "tooltip": _tooltip(found, kind),
            },
        },
    ]


def _tooltip(found: Found, kind: str) -> list[Spec]:
    level = f"{100 * found.results.about.confidence:.6g}%"
    titles = {"label": _say(found, "wave"), "shown": _say(found, "value")}
    if kind == "ewma":
        titles["average"] = _say(found, "ewma")
    titles |= {
        "interval": _say(found, "interval", level=level),
        "limits": _say(found, "limits"),
        "base": _say(found, "base"),
        "rules": _say(found, "signal"),
        "phase": _say(found, "phase"),
    }
    return [{"field": field, "type": "nominal", "title": title} for field, title in titles.items()]


def _alt(found: Found, cell: Cell, kind: str, points: list[Spec]) -> str:
    """What a reader who can't see the picture should know."""
    alt = _say(found, "alt")
    if any(point["low"] is not None for point in points):
        level = f"{100 * found.results.about.confidence:.6g}%"
        alt += _say(found, "alt_bars", level=level)
    if kind in CUMULATED:
        alt += _say(found, f"alt_{kind}")
    baseline = found.metric.baseline
    if baseline in found.waves and baseline != found.waves[-1]:
        alt += _say(found, "alt_baseline", wave=found.wave(baseline))
    if any(point["value"] is None for point in points):
        alt += _say(found, "alt_gaps")
    if any(point["small"] for point in points):
        alt += _say(found, "alt_hollow")
    return alt + _signals(found, cell)


def _signals(found: Found, cell: Cell) -> str:
    signalling = found.signalling(cell)
    if not found.judged(cell):
        return _say(found, "alt_unjudged")
    if not signalling:
        return _say(found, "alt_none")
    names = [found.wave(wave) for wave in signalling]
    listed = ("、" if found.chinese else ", ").join(names[:MOST_WAVES])
    if len(names) > MOST_WAVES:
        listed = _say(found, "more", list=listed, count=len(names) - MOST_WAVES)
    return _say(found, "alt_signals", list=listed)


def _base(row: EstimateRow | None) -> str:
    """The answers behind a row; a dash where they are withheld."""
    base = row["base"] if row else 0
    return "–" if base is None else f"{base:,}"
