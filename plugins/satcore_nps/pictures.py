"""The pictures of the Net Promoter Score, as Vega-Lite specifications in plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from attrs import frozen

from satcore import (
    CHART_CELL,
    CellKey,
    Chart,
    Reading,
    Results,
    dot,
    shown_percent,
    shown_score,
    side_by_side,
)

#: A picture with more labels than this is cut to the groups with the most answers.
MOST_LABELS: Final = 60

#: Crossed groups are drawn side by side up to this many.
MOST_CROSSED: Final = 60

#: Okabe and Ito's colours, told apart by everyone; grey for those who stand between.
DETRACTORS: Final = "#D55E00"
PASSIVES: Final = "#C3C9CE"
PROMOTERS: Final = "#0072B2"
GREY: Final = "#6b7680"

#: A share below this leaves no room for its number.
LEAST_NUMBERED: Final = 0.13

#: Height of a group's line. A picture's height is a number: Vega-Lite warns where it is to be
#: found from the labels while the width is to fit the page.
LINE: Final = 28


CLASSES: Final = ("detractors", "passives", "promoters")

Spec: TypeAlias = dict[str, Any]

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "by": ("{term} by {axis}", "按{axis}划分的{term}"),
    "waves": ("{term} over time, by {axis}", "{term}走势（按{axis}）"),
    "crossed": ("{term} by {axis} and {other}", "按{axis}与{other}划分的{term}"),
    "classes_by": (
        "Promoters, passives, detractors by {axis}",
        "按{axis}划分的推荐者、被动者与贬损者",
    ),
    "classes": ("Promoters, passives, detractors", "推荐者、被动者与贬损者"),
    "largest": (
        "{title} (the {shown} of {count} groups with the most answers)",
        "{title}（{count} 组中回答最多的 {shown} 组）",
    ),
    "class": ("Class", "类别"),
    "share": ("Share of answers", "占比"),
    "points": ("{term} (points)", "{term}（分）"),
    "alt_dots": (
        "Dots are estimates, bars their {level} intervals.",
        "圆点为估计值，线段为 {level} 区间。",
    ),
    "alt_reference": (" The dashed line is all answers, {value}.", "虚线为全部回答：{value}。"),
    "alt_hollow": (" Hollow dots rest on few answers.", "空心圆点表示回答较少。"),
    "alt_extremes": (
        (
            " Highest estimate: {high} at {high_value} ({high_range}); lowest: {low} at "
            "{low_value} ({low_range})."
        ),
        "估计值最高：{high}，{high_value}（{high_range}）；最低：{low}，{low_value}（{low_range}）。",
    ),
    "alt_waves": (
        (
            "The line joins the estimates of neighbouring periods; the band is their {level} "
            "interval. Where a period has no number the line is broken."
        ),
        "折线连接相邻各期的估计值，色带为 {level} 区间；没有数值的时期折线中断。",
    ),
    "alt_last": (" Latest: {label}, {value} ({range}).", "最近一期：{label}，{value}（{range}）。"),
    "alt_classes": (
        "Shares of all answers in each group, adding up to 100%.",
        "各组回答的构成，合计 100%。",
    ),
    "alt_all": (
        " All answers: {promoters} promoters, {passives} passives, {detractors} detractors.",
        "全部回答：推荐者 {promoters}，被动者 {passives}，贬损者 {detractors}。",
    ),
}


def nps_charts(results: Results, name: str, language: str = "en") -> tuple[Chart, ...]:
    """The pictures of a Net Promoter Score.

    For every segment the score with its interval and the three shares behind it, for the wave a
    line with a band, for two crossed dimensions small pictures side by side where they are few.

    Args:
        results: The results.
        name: The metric's name in the study.
        language: ``"en"`` or ``"zh"``.
    """
    found = _Found.of(results, name, language)
    if found is None:
        return ()
    wave = results.about.wave
    charts: list[Chart] = []
    sets = {axes: cells for axes, cells in found.sets.items() if axes and found.valued(cells)}
    if (wave,) in sets:
        charts.append(_line(found, sets[wave,]))
    segments = [axes[0] for axes in sets if len(axes) == 1 and axes[0] != wave]
    for segment in segments:
        largest = found.largest(sets[segment,], MOST_LABELS)
        charts += [_dots(found, segment, largest), *_bars(found, segment, largest)]
    if not segments and found.valued([()]):
        charts += [_dots(found, "", []), *_bars(found, "", [])]
    for axes, cells in sets.items():
        if len(axes) == 2 and len(cells) <= MOST_CROSSED:
            charts.append(_crossed(found, axes, cells))
    return tuple(charts)


@frozen(kw_only=True)
class _Found(Reading[Any]):
    """The rows of one Net Promoter Score, by cell."""

    @property
    def asked(self) -> str:
        """The item."""
        return next(iter(self.items.get("nps", ("",))))

    @property
    def title(self) -> str:
        """What stands at the axis of the score."""
        return self.say(TEXTS, "points", term=self.term("nps"))

    def valued(self, cells: Sequence[CellKey]) -> bool:
        """Whether any of the cells has a score to draw."""
        return any(self.number(cell) is not None for cell in cells)

    def number(self, cell: CellKey, term: str = "nps") -> float | None:
        """A cell's number; None where there is none."""
        return self.value(self.asked, term, cell)

    def titled(self, title: str, shown: int, axes: tuple[str, ...]) -> str:
        """A title that says so where groups are left out."""
        count = len(self.sets.get(axes, ()))
        if count <= shown:
            return title
        return self.say(TEXTS, "largest", title=title, shown=shown, count=f"{count:,}")

    def range(self, cell: CellKey, term: str = "nps") -> str:
        """A cell's interval in words."""
        shown = _points if term == "nps" else shown_percent
        return self.interval(self.asked, term, cell, shown=shown)

    def point(self, cell: CellKey, label: str, term: str = "nps") -> Spec:
        """A cell's number as a row of data."""
        shown = _points if term == "nps" else shown_percent
        return dot(self, self.asked, term, cell, label, shown=shown)

    def tooltip(self, titles: Mapping[str, str]) -> list[Spec]:
        """Tooltips: what is pointed at, then what it rests on."""
        told = {**titles, "interval": self.word("interval", level=self.level)}
        told["base"] = self.word("base")
        if self.results.about.weight:
            told["effective"] = self.word("effective")
        return [
            {"field": field, "type": "nominal", "title": title} for field, title in told.items()
        ]


def _points(value: float) -> str:
    return shown_score(value, 1)


def _discrete(labels: Sequence[str], kind: str = "nominal") -> Spec:
    """An axis of labels: all of them, in the order of the rows, whether they hold data or not."""
    return {
        "field": "label",
        "type": kind,
        "title": None,
        "sort": None,
        "scale": {"domain": list(labels)},
    }


def _score(title: str, ticks: int = 6) -> Spec:
    return {
        "field": "value",
        "type": "quantitative",
        "title": title,
        "scale": {"zero": False, "nice": True},
        "axis": {"tickCount": ticks},
    }


_HOLLOW: Final[Spec] = {
    "condition": {"test": "datum.small", "value": "white"},
    "value": PROMOTERS,
}


_IF_LONE: Final[Spec] = {
    "condition": {"test": "!isValid(datum.before) && !isValid(datum.after)", "value": 1},
    "value": 0,
}


def _bar(label: Spec, score: Spec, across: str, only: str) -> Spec:
    """An interval as a line; ``across`` is the channel of the score, x or y."""
    return {
        "transform": [{"filter": only}],
        "mark": {"type": "rule", "color": PROMOTERS, "strokeWidth": 2},
        "encoding": {
            _along(across): label,
            across: {**score, "field": "low"},
            f"{across}2": {"field": "high"},
        },
    }


def _lone(label: Spec, score: Spec) -> Spec:
    """The band is the interval; a wave between two gaps has no band and gets a bar.

    Neighbours are found where it is drawn, since a reader may leave waves out.
    """
    bar = _bar(label, score, "y", "isValid(datum.low)")
    return {
        **bar,
        "transform": [
            {
                "window": [
                    {"op": "lag", "field": "value", "as": "before"},
                    {"op": "lead", "field": "value", "as": "after"},
                ],
                # Pictures side by side add what they are divided by.
                "groupby": [],
            },
            {"filter": "isValid(datum.low)"},
        ],
        "encoding": {**bar["encoding"], "opacity": _IF_LONE},
    }


def _dot(label: Spec, score: Spec, across: str, tooltip: list[Spec]) -> Spec:
    """An estimate as a dot."""
    return {
        "transform": [{"filter": "isValid(datum.value)"}],
        "mark": {"type": "point", "filled": True, "size": 80, "stroke": PROMOTERS, "opacity": 1},
        "encoding": {_along(across): label, across: score, "fill": _HOLLOW, "tooltip": tooltip},
    }


def _along(across: str) -> str:
    return "y" if across == "x" else "x"


def _across_groups(
    found: _Found, axis: str, labels: list[str], points: list[Spec], ticks: int = 6
) -> list[Spec]:
    """Layers of a dot and a bar a line.

    A layer that would have nothing to draw is left out: Vega warns of it.
    """
    label, score = (
        _discrete(labels),
        _score(found.title, ticks),
    )
    name = found.axis(axis) or found.word("group")
    tooltip = found.tooltip({"label": name, "shown": found.term("nps")})
    layers = []
    if any(point["low"] is not None for point in points):
        layers.append(_bar(label, score, "x", "isValid(datum.low)"))
    layers.append(_dot(label, score, "x", tooltip))
    if any(point["absent"] for point in points):
        layers.append(
            {
                "transform": [{"filter": "!isValid(datum.value)"}],
                "mark": {"type": "text", "align": "left", "color": GREY, "fontStyle": "italic"},
                "encoding": {"y": label, "x": {"value": 6}, "text": {"field": "absent"}},
            }
        )
    return layers


def _dots(found: _Found, axis: str, cells: Sequence[CellKey]) -> Chart:
    """A dot and a bar for all answers and for each group; all answers as a line through them."""
    labelled = found.with_total(axis, cells)
    labels = [label for _, label in labelled]
    total = found.number(())
    data = [found.point(cell, label) for cell, label in labelled]
    layers: list[Spec] = []
    if total is not None and cells:
        layers.append(
            {
                "data": {"values": [{"value": total}]},
                "mark": {"type": "rule", "color": GREY, "strokeDash": [4, 3]},
                "encoding": {"x": _score(found.title)},
            }
        )
    layers += _across_groups(found, axis, labels, data)
    alt = found.say(TEXTS, "alt_dots", level=found.level)
    if total is not None and cells:
        alt += found.say(TEXTS, "alt_reference", value=_points(total))
    if any(point["small"] for point in data):
        alt += found.say(TEXTS, "alt_hollow")
    title = (
        found.say(TEXTS, "by", term=found.term("nps"), axis=found.axis(axis))
        if cells
        else found.term("nps")
    )
    return Chart(
        title=found.titled(title, len(cells), (axis,)),
        alt=alt + _extremes(found, cells, labels[-len(cells) :] if cells else []),
        spec={
            "data": {"values": data},
            "width": "container",
            "height": LINE * len(labels),
            "layer": layers,
        },
    )


def _extremes(found: _Found, cells: Sequence[CellKey], labels: Sequence[str]) -> str:
    """The highest and the lowest group in words, with their intervals."""
    known = [
        (value, label, found.range(cell))
        for cell, label in zip(cells, labels, strict=True)
        if (value := found.number(cell)) is not None
    ]
    if len(known) < 2:
        return ""
    high, low = max(known, key=lambda one: one[0]), min(known, key=lambda one: one[0])
    return found.say(
        TEXTS,
        "alt_extremes",
        high=high[1],
        high_value=_points(high[0]),
        high_range=high[2],
        low=low[1],
        low_value=_points(low[0]),
        low_range=low[2],
    )


def _line(found: _Found, cells: Sequence[CellKey]) -> Chart:
    """The score over time: a line with a band; a wave without a number is a gap."""
    wave = found.results.about.wave
    labels = found.cell_labels(wave, cells)
    points = [found.point(cell, label) for cell, label in zip(cells, labels, strict=True)]
    alt = found.say(TEXTS, "alt_waves", level=found.level)
    if any(point["small"] for point in points):
        alt += found.say(TEXTS, "alt_hollow")
    last = [place for place, point in enumerate(points) if point["value"] is not None][-1:]
    for place in last:
        alt += found.say(
            TEXTS,
            "alt_last",
            label=labels[place],
            value=points[place]["shown"],
            range=points[place]["interval"],
        )
    return Chart(
        title=found.say(TEXTS, "waves", term=found.term("nps"), axis=found.axis(wave)),
        alt=alt,
        spec={
            "data": {"values": points},
            "width": "container",
            "height": 260,
            "usermeta": {"satcore": {"wide": True}},
            "layer": _over_time(found, labels, points),
        },
    )


def _over_time(found: _Found, labels: list[str], points: list[Spec]) -> list[Spec]:
    wave = found.results.about.wave
    label = {
        **_discrete(labels, "ordinal"),
        "axis": {"labelAngle": 0, "labelOverlap": "greedy"},
    }
    score = _score(found.title)
    tooltip = found.tooltip({"label": found.axis(wave), "shown": found.term("nps")})
    layers: list[Spec] = []
    if any(point["low"] is not None for point in points):
        band = {"x": label, "y": {**score, "field": "low"}, "y2": {"field": "high"}}
        layers.append(
            {"mark": {"type": "area", "color": PROMOTERS, "opacity": 0.14}, "encoding": band}
        )
        layers.append(_lone(label, score))
    layers.append(
        {"mark": {"type": "line", "color": PROMOTERS}, "encoding": {"x": label, "y": score}}
    )
    return [*layers, _dot(label, score, "y", tooltip)]


def _bars(found: _Found, axis: str, cells: Sequence[CellKey]) -> list[Chart]:
    """The three shares of all answers and of each group, as bars of equal length."""
    labelled = found.with_total(axis, cells)
    labels = [label for _, label in labelled]
    data, absent = [], []
    for cell, label in labelled:
        shares = [found.number(cell, term) for term in CLASSES]
        if any(share is None for share in shares):
            word = found.absent(found.status(found.asked, "nps", cell))
            absent.append({CHART_CELL: dict(cell), "label": label, "absent": word})
            continue
        for place, (term, share) in enumerate(zip(CLASSES, shares, strict=True)):
            assert share is not None  # noqa: S101 - told above
            data.append(
                {
                    **found.point(cell, label, term),
                    "class": found.term(term),
                    "order": place,
                    "share": share,
                    "inside": f"{100 * share:.0f}%" if share >= LEAST_NUMBERED else "",
                }
            )
    if not data:
        return []
    names = [found.term(term) for term in CLASSES]
    label_axis = _discrete(labels)
    share_axis: Spec = {
        "field": "share",
        "type": "quantitative",
        "stack": "zero",
        "title": found.say(TEXTS, "share"),
        "scale": {"domain": [0, 1], "nice": False},
        "axis": {"format": ".0%", "values": [0, 0.25, 0.5, 0.75, 1]},
    }
    order = {"field": "order", "type": "quantitative"}
    tooltip = found.tooltip(
        {
            "label": found.axis(axis) or found.word("group"),
            "class": found.say(TEXTS, "class"),
            "shown": found.say(TEXTS, "share"),
        }
    )
    layers: list[Spec] = [
        {
            "mark": {"type": "bar", "height": {"band": 0.72}, "stroke": "white"},
            "encoding": {
                "y": label_axis,
                "x": share_axis,
                "order": order,
                "color": {
                    "field": "class",
                    "type": "nominal",
                    "title": None,
                    "sort": None,
                    "scale": {"domain": names, "range": [DETRACTORS, PASSIVES, PROMOTERS]},
                },
                "tooltip": tooltip,
            },
        },
        {
            "mark": {"type": "text", "tooltip": False},
            "encoding": {
                "y": label_axis,
                "x": {**share_axis, "bandPosition": 0.5},
                "order": order,
                "detail": {"field": "class", "type": "nominal"},
                "text": {"field": "inside"},
                "color": {
                    # White is read on blue; on the others, black.
                    "condition": {"test": "datum.order < 2", "value": "black"},
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
                "encoding": {
                    "y": label_axis,
                    "x": {"value": 6},
                    "text": {"field": "absent"},
                },
            }
        )
    alt = found.say(TEXTS, "alt_classes")
    overall = {term: found.number((), term) for term in CLASSES}
    if all(share is not None for share in overall.values()):
        told = {term: shown_percent(share) for term, share in overall.items() if share is not None}
        alt += found.say(TEXTS, "alt_all", **told)
    title = (
        found.say(TEXTS, "classes_by", axis=found.axis(axis))
        if cells
        else found.say(TEXTS, "classes")
    )
    return [
        Chart(
            title=found.titled(title, len(cells), (axis,)),
            alt=alt,
            spec={
                "data": {"values": data},
                "width": "container",
                "height": LINE * len(labels),
                "layer": layers,
            },
        )
    ]


def _crossed(found: _Found, axes: tuple[str, ...], cells: Sequence[CellKey]) -> Chart:
    """Two dimensions: one picture a label of the first, side by side; over time where there is."""
    wave = found.results.about.wave
    facet, inner = (axes[1], axes[0]) if axes[0] == wave else (axes[0], axes[1])
    facets = list(dict.fromkeys(dict(cell)[facet] for cell in cells))
    inners = list(dict.fromkeys(dict(cell)[inner] for cell in cells))
    facet_labels = dict(zip(facets, found.value_labels(facet, facets), strict=True))
    inner_labels = dict(zip(inners, found.value_labels(inner, inners), strict=True))
    points = []
    for cell in cells:
        by_axis = dict(cell)
        point = found.point(cell, inner_labels[by_axis[inner]])
        points.append({**point, "facet": facet_labels[by_axis[facet]]})
    labels = list(inner_labels.values())
    layers: list[Spec]
    if inner == wave:
        layers = _over_time(found, labels, points)
        height = 150
        alt = found.say(TEXTS, "alt_waves", level=found.level)
    else:
        layers = _across_groups(found, inner, labels, points, ticks=4)
        height = LINE * len(labels)
        alt = found.say(TEXTS, "alt_dots", level=found.level)
    if any(point["small"] for point in points):
        alt += found.say(TEXTS, "alt_hollow")
    return Chart(
        title=found.say(
            TEXTS,
            "crossed",
            term=found.term("nps"),
            axis=found.axis(facet),
            other=found.axis(inner),
        ),
        alt=alt,
        spec=side_by_side(points, list(facet_labels.values()), layers, height=height),
    )
