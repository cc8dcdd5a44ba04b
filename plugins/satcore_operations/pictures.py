"""The pictures of operational indicators, as Vega-Lite specifications in plain data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final, TypeAlias

from satcore import CHART_CELL, CellKey, Chart, Metric, Results, dot, dot_layers, dots_told
from satcore_operations.churn import Churn
from satcore_operations.complaints import ComplaintRate
from satcore_operations.execution import Execution
from satcore_operations.found import TIMES, Found, shown
from satcore_operations.recovery import Recovery
from satcore_operations.response import ResponseTime
from satcore_operations.turnover import Turnover

#: Okabe and Ito's blue; grey for words.
BLUE: Final = "#0072B2"
GREY: Final = "#6b7680"

#: Height of a line; width of a picture among several, by how many stand side by side.
LINE: Final = 28
WIDTHS: Final = {1: 520, 2: 300, 3: 200}

#: Groups that are drawn.
MOST: Final = 12

Spec: TypeAlias = dict[str, Any]

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "by": ("{term} by {axis}", "{term}（按{axis}）"),
    "of": ("{item}: {term}", "{item}：{term}"),
    "items": ("{term} by item", "各项{term}"),
    "curve": ("{term} over time", "{term}曲线"),
    "curve_by": ("{term} over time, by {axis}", "{term}曲线（按{axis}）"),
    "largest": ("{title} (the {some} largest of {all})", "{title}（{all} 组中最大的 {some} 组）"),
    "latest": ("{title} (the last {some} of {all})", "{title}（{all} 期中的最近 {some} 期）"),
    "censored": ("Followed no longer", "停止观察"),
    "time_second": ("Seconds", "秒"),
    "time_minute": ("Minutes", "分钟"),
    "time_hour": ("Hours", "小时"),
    "time_day": ("Days", "天"),
    "time_week": ("Weeks", "周"),
    "time_month": ("Months", "月"),
    "time_year": ("Years", "年"),
    "alt_curve": (
        "Steps are shares by Kaplan and Meier, the band {level} intervals, ticks censored cases.",
        "阶梯线为 Kaplan-Meier 估计的比例，阴影为 {level} 区间；短竖线表示有个案停止观察。",
    ),
    "alt_points": (
        "Dots are shares by Kaplan and Meier at the times told, lines their {level} intervals.",
        "圆点为所列时点的 Kaplan-Meier 估计比例，线段为 {level} 区间。",
    ),
    "titled": ("{term} ({unit})", "{term}（{unit}）"),
    "thousand": ("per thousand", "每千"),
    "per": ("per {number}", "每 {number}"),
    "alt_last": (" {share} after {time}.", "{time}后为 {share}。"),
}


def rate_charts(results: Results, name: str, language: str = "en") -> tuple[Chart, ...]:
    """Rates of complaints or turnover: by item, by group with intervals, over the waves."""
    return _charts(results, name, language, (ComplaintRate, Turnover), "rate")


def execution_charts(results: Results, name: str, language: str = "en") -> tuple[Chart, ...]:
    """Rates by step, by group, over the waves."""
    return _charts(results, name, language, (Execution,), "rate")


def recovery_charts(results: Results, name: str, language: str = "en") -> tuple[Chart, ...]:
    """Shares of complaints, by group, over the waves."""
    return _charts(results, name, language, (Recovery,), "rate")


def response_charts(results: Results, name: str, language: str = "en") -> tuple[Chart, ...]:
    """The share still open by time, and the median, or the promise where there is one, by group."""
    found = Found.of(results, name, language, ResponseTime)
    if found is None:
        return ()
    term = "within" if found.items.get("within", ()) else "median"
    return (*_curves(found), *_of_groups(found, term))


def churn_charts(results: Results, name: str, language: str = "en") -> tuple[Chart, ...]:
    """Survival by tenure, and the rate by group and over the waves."""
    found = Found.of(results, name, language, Churn)
    return () if found is None else (*_curves(found), *_of_groups(found, "rate"))


def _charts(
    results: Results, name: str, language: str, kinds: tuple[type[Metric], ...], term: str
) -> tuple[Chart, ...]:
    found = Found.of(results, name, language, kinds)
    if found is None:
        return ()
    items = found.items.get(term, ())
    points = [_point(found, item, term, (), title) for item, title in found.titles(items).items()]
    whole = []
    if len(items) > 1:
        whole = [_dots(found, term, found.say(TEXTS, "items", term=found.term(term)), points)]
    return (*(one for one in whole if one is not None), *_of_groups(found, term))


def _of_groups(found: Found, term: str) -> Iterator[Chart]:
    """The first item of a term, by group and over the waves."""
    items = found.items.get(term, ())
    if not items:
        return
    item, wave = items[0], found.results.about.wave
    for axes, cells in found.sets.items():
        if len(axes) != 1:
            continue
        over_time = axes[0] in (wave, "wave") and bool(wave)
        chosen = _chosen(found, cells, over_time=over_time)
        labels = found.cell_labels(axes[0], chosen)
        points = [
            _point(found, item, term, cell, label)
            for cell, label in zip(chosen, labels, strict=True)
        ]
        title = found.say(TEXTS, "by", term=found.term(term), axis=found.axis(axes[0]))
        if len(items) > 1:
            title = found.say(TEXTS, "of", item=found.item(item), term=title)
        title = _cut(found, title, chosen, cells, over_time=over_time)
        chart = _dots(found, term, title, points, upright=over_time)
        if chart is not None:
            yield chart


def _chosen(found: Found, cells: Sequence[CellKey], *, over_time: bool) -> list[CellKey]:
    """The largest groups in their order; the last waves."""
    if over_time:
        return list(cells[-4 * MOST :])
    return list(found.largest(cells, MOST))


def _cut(
    found: Found, title: str, some: Sequence[CellKey], cells: Sequence[CellKey], *, over_time: bool
) -> str:
    if len(some) == len(cells):
        return title
    key = "latest" if over_time else "largest"
    return found.say(TEXTS, key, title=title, some=len(some), all=f"{len(cells):,}")


def _point(found: Found, item: str, term: str, cell: CellKey, label: str) -> Spec:
    unit = found.unit(term)
    return dot(found, item, term, cell, label, shown=lambda value: shown(value, unit))


def _dots(
    found: Found, term: str, title: str, points: Sequence[Spec], *, upright: bool = False
) -> Chart | None:
    """Dots with their intervals, a line each; upright over the waves."""
    if all(point["value"] is None for point in points):
        return None
    unit = found.unit(term)
    return Chart(
        title=title,
        alt=dots_told(found, points),
        spec={
            "data": {"values": list(points)},
            "width": "container",
            "height": 220 if upright else LINE * len(points),
            "layer": dot_layers(
                found,
                points,
                of=found.term(term),
                by=" ",
                upright=upright,
                title=_titled(found, term, unit),
                axis={"format": ".2~%" if unit.startswith("proportion") else ".3~g"},
                scale={"domainMin": 0, "nice": True},
            ),
        },
    )


def _titled(found: Found, term: str, unit: str) -> str:
    """A term with its unit, where the axis does not tell it."""
    title = found.term(term)
    if unit.startswith("per "):
        number = unit.removeprefix("per ")
        said = found.say(TEXTS, "thousand" if number == "thousand" else "per", number=number)
        return found.say(TEXTS, "titled", term=title, unit=said)
    if f"time_{unit[:-1]}" in TEXTS:
        said = found.say(TEXTS, f"time_{unit[:-1]}").lower()
        return found.say(TEXTS, "titled", term=title, unit=said)
    return title


# --------------------------------------------------------------------------- curves


def _curves(found: Found) -> Iterator[Chart]:
    """Survival by time for everybody, then for the groups of each segment side by side."""
    items = found.items.get("survival", ())
    if len(items) < 2:
        return
    unit: str = getattr(found.metric, "unit", "day")
    points = _steps(found, items, (), "")
    title = found.say(TEXTS, "curve", term=found.term("survival"))
    if points:
        yield Chart(
            title=title,
            alt=_alt(found, points, unit),
            spec={
                "data": {"values": points},
                "width": "container",
                "height": 260,
                "layer": _layers(found, points, unit),
            },
        )
    for axes, cells in found.sets.items():
        if len(axes) != 1 or axes[0] in (found.results.about.wave, "wave"):
            continue
        chart = _facets(found, items, axes[0], cells, unit)
        if chart is not None:
            yield chart


def _facets(
    found: Found, items: Sequence[str], axis: str, cells: Sequence[CellKey], unit: str
) -> Chart | None:
    chosen = _chosen(found, cells, over_time=False)
    labels = found.cell_labels(axis, chosen)
    points = [
        point
        for cell, label in zip(chosen, labels, strict=True)
        for point in _steps(found, items, cell, label)
    ]
    if not points:
        return None
    title = found.say(TEXTS, "curve_by", term=found.term("survival"), axis=found.axis(axis))
    columns = next((one for one in (3, 2) if len(chosen) % one == 0), min(3, len(chosen)))
    return Chart(
        title=_cut(found, title, chosen, cells, over_time=False),
        alt=_alt_of_curve(found),
        spec={
            "data": {"values": points},
            "facet": {
                "field": "facet",
                "type": "nominal",
                "title": None,
                "sort": labels,
                "header": {"labelFontWeight": "bold"},
            },
            "columns": columns,
            "spec": {
                "width": WIDTHS[columns],
                "height": 170,
                "layer": _layers(found, points, unit),
            },
        },
    )


def _steps(found: Found, items: Sequence[str], cell: CellKey, facet: str) -> list[Spec]:
    """The curve's points of a cell, in the order of time."""
    points: list[Spec] = []
    for item in items:
        value = found.value(item, "survival", cell)
        if value is None:
            continue
        bounds = found.bounds(item, "survival", cell)
        span = [shown(one, "proportion") for one in bounds] if bounds else None
        points.append(
            {
                CHART_CELL: dict(cell),
                "time": float(item),
                "value": value,
                "low": bounds[0] if bounds else None,
                "high": bounds[1] if bounds else None,
                "censored": found.value(item, "censored", cell) or 0.0,
                "lost": shown(found.value(item, "censored", cell), "proportion"),
                "shown": shown(value, "proportion"),
                "interval": found.word("range", low=span[0], high=span[1]) if span else "",
                "facet": facet,
            }
        )
    return points


def _layers(found: Found, points: Sequence[Spec], unit: str) -> list[Spec]:
    """A band, a line in steps, and ticks where some were followed no longer."""
    time: Spec = {
        "field": "time",
        "type": "quantitative",
        "title": found.say(TEXTS, f"time_{unit}"),
        "scale": {"nice": False},
    }
    share: Spec = {
        "field": "value",
        "type": "quantitative",
        "title": found.term("survival"),
        "scale": {"domain": [0, 1]},
        "axis": {"format": ".2~%", "tickCount": 5},
    }
    if not _dense(found):
        return _told_times(found, points, time, share)
    layers: list[Spec] = [
        {
            "mark": {"type": "area", "interpolate": "step-after", "color": BLUE, "opacity": 0.2},
            "transform": [{"filter": "isValid(datum.low)"}],
            "encoding": {"x": time, "y": {**share, "field": "low"}, "y2": {"field": "high"}},
        },
        {
            "mark": {"type": "line", "interpolate": "step-after", "color": BLUE, "strokeWidth": 2},
            "encoding": {"x": time, "y": share, "tooltip": _tooltip(found, time)},
        },
    ]
    if any(point["censored"] for point in points):
        layers.append(
            {
                "transform": [{"filter": "datum.censored > 0"}],
                "mark": {"type": "tick", "orient": "vertical", "color": GREY, "size": 10},
                "encoding": {"x": time, "y": share, "tooltip": _tooltip(found, time)},
            }
        )
    return layers


def _dense(found: Found) -> bool:
    """Whether survival is told at every step, so that it is known between the times."""
    times = sorted(float(item) for item in found.items.get("survival", ()))
    step: float = getattr(found.metric, "resolution", 1.0)
    apart = [later - earlier for earlier, later in pairwise(times)]
    return all(one <= step * (1 + 1e-9) for one in apart)


def _tooltip(found: Found, time: Spec) -> list[Spec]:
    level = found.word("interval", level=found.level)
    return [
        {"field": "time", "type": "quantitative", "title": time["title"]},
        {"field": "shown", "type": "nominal", "title": found.term("survival")},
        {"field": "interval", "type": "nominal", "title": level},
        {"field": "lost", "type": "nominal", "title": found.say(TEXTS, "censored")},
    ]


def _told_times(found: Found, points: Sequence[Spec], time: Spec, share: Spec) -> list[Spec]:
    """Survival at some times alone: what lies between is not told, and not drawn as if it were."""
    layers: list[Spec] = []
    if any(point["low"] is not None for point in points):
        layers.append(
            {
                "transform": [{"filter": "isValid(datum.low)"}],
                "mark": {"type": "rule", "strokeWidth": 2, "color": BLUE},
                "encoding": {"x": time, "y": {**share, "field": "low"}, "y2": {"field": "high"}},
            }
        )
    dot = {"type": "point", "filled": True, "size": 80, "opacity": 1, "color": BLUE}
    layers.append(
        {"mark": dot, "encoding": {"x": time, "y": share, "tooltip": _tooltip(found, time)}}
    )
    return layers


def _alt(found: Found, points: Sequence[Spec], unit: str) -> str:
    last = points[-1]
    time = found.say(TIMES, unit, n=f"{last['time']:g}")
    told = found.say(TEXTS, "alt_last", share=last["shown"], time=time)
    return _alt_of_curve(found) + told


def _alt_of_curve(found: Found) -> str:
    key = "alt_curve" if _dense(found) else "alt_points"
    return found.say(TEXTS, key, level=found.level)
