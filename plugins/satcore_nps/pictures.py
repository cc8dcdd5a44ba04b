"""The pictures of the Net Promoter Score, as Vega-Lite specifications in plain data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from attrs import frozen

from satcore import CHART_CELL, Chart, EstimateRow, Results

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

#: Width of a picture among several, by how many stand side by side.
FACET_WIDTHS: Final = {1: 600, 2: 420, 3: 270, 4: 195}

CLASSES: Final = ("detractors", "passives", "promoters")

Spec: TypeAlias = dict[str, Any]
Cell: TypeAlias = "tuple[tuple[str, str | None], ...]"

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "by": ("{term} by {axis}", "按{axis}划分的{term}"),
    "total": ("All answers", "全部回答"),
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
    "interval": ("{level} interval", "{level} 区间"),
    "base": ("Answers", "回答数"),
    "effective": ("Effective answers", "有效样本量"),
    "range": ("{low} to {high}", "{low} 至 {high}"),
    "none": ("none", "无"),
    "group": ("Group", "分组"),
    "absent": ("{label} (not given)", "{label}（未填写）"),
    "wave": ("wave", "波次"),
    "day": ("day", "日"),
    "week": ("week", "周"),
    "month": ("month", "月份"),
    "quarter": ("quarter", "季度"),
    "year": ("year", "年份"),
    "suppressed": ("withheld", "不公布"),
    "undefined": ("no value", "无数值"),
    "empty": ("no answers", "无回答"),
    "error": ("failed", "计算失败"),
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
    wave = results.about.wave
    charts: list[Chart] = []
    sets = {axes: cells for axes, cells in found.sets.items() if found.valued(cells)}
    if (wave,) in sets:
        charts.append(_line(found, sets[wave,]))
    segments = [axes[0] for axes in sets if len(axes) == 1 and axes[0] != wave]
    for segment in segments:
        largest = found.largest(sets[segment,])
        charts += [_dots(found, segment, largest), *_bars(found, segment, largest)]
    if not segments and found.valued([()]):
        charts += [_dots(found, "", []), *_bars(found, "", [])]
    for axes, cells in sets.items():
        if len(axes) == 2 and len(cells) <= MOST_CROSSED:
            charts.append(_crossed(found, axes, cells))
    return tuple(charts)


@frozen(kw_only=True)
class _Found:
    """A metric's rows, found by cell, and what is said of them."""

    results: Results
    name: str
    language: str
    rows: Mapping[tuple[str, Cell], EstimateRow]
    sets: Mapping[tuple[str, ...], list[Cell]]

    @classmethod
    def of(cls, results: Results, name: str, language: str) -> _Found:
        rows: dict[tuple[str, Cell], EstimateRow] = {}
        cell: Cell
        sets: dict[tuple[str, ...], list[Cell]] = {}
        for row in results.rows(name):
            cell = tuple(row["cell"].items())
            rows[row["term"], cell] = row
            if row["term"] == "nps" and cell:
                sets.setdefault(tuple(row["cell"]), []).append(cell)
        return cls(results=results, name=name, language=language, rows=rows, sets=sets)

    def valued(self, cells: Sequence[Cell]) -> bool:
        """Whether any of the cells has a score to draw."""
        return any(self.number(cell) is not None for cell in cells)

    def say(self, key: str, **values: object) -> str:
        """A text in the reader's language."""
        text = TEXTS[key][1 if self.language == "zh" else 0]
        return text.format(**values) if values else text

    def term(self, term: str) -> str:
        """A term for people, as the whole report calls it."""
        for measured in self.results.metrics:
            if measured.name == self.name:
                return measured.term(term, self.language)
        return term

    def row(self, cell: Cell, term: str = "nps") -> EstimateRow | None:
        """A cell's row of one term."""
        return self.rows.get((term, cell))

    def number(self, cell: Cell, term: str = "nps", column: str = "value") -> float | None:
        """A cell's number; None where there is none."""
        row: Any = self.row(cell, term)
        value = row[column] if row else None
        return value if value is not None and math.isfinite(value) else None

    def axis(self, name: str) -> str:
        """A dimension for people: a segment's column, or the wave's period."""
        about = self.results.about
        if name and name == about.wave:
            if about.wave_period in TEXTS:
                return self.say(about.wave_period)
            if name == "wave":
                return self.say("wave")
        return name

    def labels(self, axis: str, values: Sequence[str | None]) -> list[str]:
        """Labels for an axis: no two alike, or the picture would merge their groups."""
        taken: set[str] = set()
        labels = []
        for value in values:
            label = self.results.about.label(axis, value, self.language)
            if value is None:
                label = self.say("absent", label=label)
            name, copy = label, 2
            while name in taken:
                name, copy = f"{label} ({copy})", copy + 1
            taken.add(name)
            labels.append(name)
        return labels

    def largest(self, cells: list[Cell]) -> list[Cell]:
        """The cells with the most answers, in the order in which they stand."""
        bases = [(self.row(cell) or {"base": 0})["base"] or 0 for cell in cells]
        places = sorted(range(len(cells)), key=lambda place: (-bases[place], place))
        return [cells[place] for place in sorted(places[:MOST_LABELS])]

    def titled(self, title: str, shown: int, axes: tuple[str, ...]) -> str:
        """A title that says so where groups are left out."""
        count = len(self.sets.get(axes, ()))
        if count <= shown:
            return title
        return self.say("largest", title=title, shown=shown, count=f"{count:,}")

    @property
    def level(self) -> str:
        """The confidence level of the intervals."""
        row = next(iter(self.rows.values()), None)
        return f"{100 * (row['confidence'] if row else self.results.about.confidence):.6g}%"

    def range(self, cell: Cell, term: str = "nps") -> str:
        """A cell's interval in words."""
        low, high = self.number(cell, term, "ci_low"), self.number(cell, term, "ci_high")
        if low is None or high is None:
            return self.say("none")
        tell = _points if term == "nps" else _percent
        return self.say("range", low=tell(low), high=tell(high))

    def point(self, cell: Cell, label: str) -> Spec:
        """A cell's score as a row of data."""
        row, value = self.row(cell), self.number(cell)
        low, high = self.number(cell, "nps", "ci_low"), self.number(cell, "nps", "ci_high")
        bounded = low is not None and high is not None
        status = row["status"] if row else "empty"
        return {
            CHART_CELL: dict(cell),
            "label": label,
            "value": value,
            "low": low if bounded else None,
            "high": high if bounded else None,
            "shown": "" if value is None else _points(value),
            "interval": self.range(cell),
            **self.bases(row),
            "small": status == "small",
            "absent": self.say(status if status in TEXTS else "undefined") if value is None else "",
        }

    def bases(self, row: EstimateRow | None) -> Spec:
        """What a number rests on."""
        base = row["base"] if row else 0
        # A dash stands for answers whose number is withheld.
        bases = {"base": "–" if base is None else f"{base:,}"}
        if self.results.about.weight:
            effective = row["effective_base"] if row else None
            bases["effective"] = "" if effective is None else f"{effective:,.1f}"
        return bases

    def tooltip(self, titles: Mapping[str, str]) -> list[Spec]:
        """Tooltips: what is pointed at, then what it rests on."""
        told = {**titles, "interval": self.say("interval", level=self.level)}
        told["base"] = self.say("base")
        if self.results.about.weight:
            told["effective"] = self.say("effective")
        return [
            {"field": field, "type": "nominal", "title": title} for field, title in told.items()
        ]


def _points(value: float) -> str:
    text = f"{value:.1f}"
    return "0.0" if text == "-0.0" else text


def _percent(value: float) -> str:
    return f"{100 * value:.1f}%"


def _values(cells: Sequence[Cell]) -> list[str | None]:
    return [cell[0][1] for cell in cells]


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
    label, score = _discrete(labels), _score(found.say("points", term=found.term("nps")), ticks)
    name = found.axis(axis) or found.say("group")
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


def _dots(found: _Found, axis: str, cells: list[Cell]) -> Chart:
    """A dot and a bar for all answers and for each group; all answers as a line through them."""
    labels = found.labels(axis, _values(cells))
    total = found.number(())
    data = [found.point(cell, label) for cell, label in zip(cells, labels, strict=True)]
    if found.row(()) is not None:
        labels = [_beside(found.say("total"), labels), *labels]
        data.insert(0, found.point((), labels[0]))
    layers: list[Spec] = []
    if total is not None and cells:
        layers.append(
            {
                "data": {"values": [{"value": total}]},
                "mark": {"type": "rule", "color": GREY, "strokeDash": [4, 3]},
                "encoding": {"x": _score(found.say("points", term=found.term("nps")))},
            }
        )
    layers += _across_groups(found, axis, labels, data)
    alt = found.say("alt_dots", level=found.level)
    if total is not None and cells:
        alt += found.say("alt_reference", value=_points(total))
    if any(point["small"] for point in data):
        alt += found.say("alt_hollow")
    title = (
        found.say("by", term=found.term("nps"), axis=found.axis(axis))
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


def _beside(label: str, labels: Sequence[str]) -> str:
    """The total's label, unlike any group's."""
    while label in labels:
        label += " *"
    return label


def _extremes(found: _Found, cells: Sequence[Cell], labels: Sequence[str]) -> str:
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
        "alt_extremes",
        high=high[1],
        high_value=_points(high[0]),
        high_range=high[2],
        low=low[1],
        low_value=_points(low[0]),
        low_range=low[2],
    )


def _line(found: _Found, cells: list[Cell]) -> Chart:
    """The score over time: a line with a band; a wave without a number is a gap."""
    wave = found.results.about.wave
    labels = found.labels(wave, _values(cells))
    points = [found.point(cell, label) for cell, label in zip(cells, labels, strict=True)]
    alt = found.say("alt_waves", level=found.level)
    if any(point["small"] for point in points):
        alt += found.say("alt_hollow")
    last = [place for place, point in enumerate(points) if point["value"] is not None][-1:]
    for place in last:
        alt += found.say(
            "alt_last",
            label=labels[place],
            value=points[place]["shown"],
            range=points[place]["interval"],
        )
    return Chart(
        title=found.say("waves", term=found.term("nps"), axis=found.axis(wave)),
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
    score = _score(found.say("points", term=found.term("nps")))
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


def _bars(found: _Found, axis: str, cells: list[Cell]) -> list[Chart]:
    """The three shares of all answers and of each group, as bars of equal length."""
    labels = found.labels(axis, _values(cells))
    shown: list[Cell] = [*cells]
    if found.row(()) is not None:
        labels = [_beside(found.say("total"), labels), *labels]
        shown = [(), *shown]
    data, absent = [], []
    for cell, label in zip(shown, labels, strict=True):
        shares = [found.number(cell, term) for term in CLASSES]
        if any(share is None for share in shares):
            row = found.row(cell)
            status = row["status"] if row else "empty"
            word = found.say(status if status in TEXTS else "undefined")
            absent.append({CHART_CELL: dict(cell), "label": label, "absent": word})
            continue
        for place, (term, share) in enumerate(zip(CLASSES, shares, strict=True)):
            assert share is not None  # noqa: S101 - told above
            data.append(
                {
                    CHART_CELL: dict(cell),
                    "label": label,
                    "class": found.term(term),
                    "order": place,
                    "share": share,
                    "shown": _percent(share),
                    "inside": f"{100 * share:.0f}%" if share >= LEAST_NUMBERED else "",
                    "interval": found.range(cell, term),
                    **found.bases(found.row(cell, term)),
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
        "title": found.say("share"),
        "scale": {"domain": [0, 1], "nice": False},
        "axis": {"format": ".0%", "values": [0, 0.25, 0.5, 0.75, 1]},
    }
    order = {"field": "order", "type": "quantitative"}
    tooltip = found.tooltip(
        {
            "label": found.axis(axis) or found.say("group"),
            "class": found.say("class"),
            "shown": found.say("share"),
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
    alt = found.say("alt_classes")
    overall = {term: found.number((), term) for term in CLASSES}
    if all(share is not None for share in overall.values()):
        told = {term: _percent(share) for term, share in overall.items() if share is not None}
        alt += found.say("alt_all", **told)
    title = found.say("classes_by", axis=found.axis(axis)) if cells else found.say("classes")
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


def _crossed(found: _Found, axes: tuple[str, ...], cells: list[Cell]) -> Chart:
    """Two dimensions: one picture a label of the first, side by side; over time where there is."""
    wave = found.results.about.wave
    facet, inner = (axes[1], axes[0]) if axes[0] == wave else (axes[0], axes[1])
    facets = list(dict.fromkeys(dict(cell)[facet] for cell in cells))
    inners = list(dict.fromkeys(dict(cell)[inner] for cell in cells))
    facet_labels = dict(zip(facets, found.labels(facet, facets), strict=True))
    inner_labels = dict(zip(inners, found.labels(inner, inners), strict=True))
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
        alt = found.say("alt_waves", level=found.level)
    else:
        layers = _across_groups(found, inner, labels, points, ticks=4)
        height = LINE * len(labels)
        alt = found.say("alt_dots", level=found.level)
    if any(point["small"] for point in points):
        alt += found.say("alt_hollow")
    # Even rows where the number allows it.
    columns = next((one for one in (4, 3, 2) if len(facets) % one == 0), min(3, len(facets)))
    return Chart(
        title=found.say(
            "crossed", term=found.term("nps"), axis=found.axis(facet), other=found.axis(inner)
        ),
        alt=alt,
        spec={
            "data": {"values": points},
            "facet": {
                "field": "facet",
                "type": "nominal",
                "title": None,
                "sort": list(facet_labels.values()),
                "header": {"labelFontWeight": "bold"},
            },
            "columns": columns,
            "spec": {"width": FACET_WIDTHS[columns], "height": height, "layer": layers},
            # Otherwise a column that ends a row early keeps its axis far below its pictures.
            "resolve": {"axis": {"x": "independent"}},
        },
    )
