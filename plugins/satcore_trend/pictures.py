"""The picture of a trend: the series, the fit, what is to come, and where a measure began."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from attrs import frozen

from satcore import CHART_CELL, Chart, EstimateRow, Results, Waves
from satcore_trend.on_waves import A_YEAR, period_of
from satcore_trend.seasons import decompose
from satcore_trend.spacing import spacing

#: Units of shares, which are told in percent.
SHARES: Final = frozenset({"proportion", "proportion per year"})

#: Cells with a picture of their own, those with the most answers first; the total always.
MOST_CELLS: Final = 9

#: Waves that are named along an axis at most; fewer where a name is long.
MOST_TICKS: Final = 12
MOST_LONG: Final = 8

#: Every how many waves are named where not all are.
STEPS: Final[Mapping[str, tuple[int, ...]]] = {
    "month": (1, 2, 3, 6, 12, 24, 60, 120),
    "quarter": (1, 2, 4, 8, 20, 40),
}

#: How a wave's date is told, by the period that it begins.
FORMS: Final[Mapping[str, str]] = {
    "year": "%Y",
    "quarter": "%Y-Q%q",
    "month": "%Y-%m",
    "week": "%G-W%V",
    "day": "%Y-%m-%d",
}

#: Room between the frame and what is drawn, so that no bar or dot is cut off, in pixels.
PADDING: Final = 10

#: Okabe and Ito's colours, told apart by everyone.
SERIES: Final = "#6b7680"
FIT: Final = "#0072B2"
FORECAST: Final = "#D55E00"
TARGET: Final = "#009E73"

Spec: TypeAlias = dict[str, Any]
Cell: TypeAlias = tuple[tuple[str, str | None], ...]

TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "title": ("{term}: trend", "{term}：趋势"),
    "title_cell": ("{term}: trend, {cell}", "{term}：趋势（{cell}）"),
    "axis": ("{term} ({unit})", "{term}（{unit}）"),
    "axis_plain": ("{term}", "{term}"),
    "points": ("points", "分"),
    "largest": (
        "{title} (one of the {shown} of {count} groups with the most answers)",
        "{title}（{count} 组中回答最多的 {shown} 组之一）",
    ),
    "parts": (
        "{term}: trend, season and remainder (STL, for the eye)",
        "{term}：趋势、季节与残差（STL 分解，仅供观察）",
    ),
    "part_observed": ("Measured", "实测"),
    "part_trend": ("Trend", "趋势"),
    "part_seasonal": ("Season", "季节"),
    "part_remainder": ("Remainder", "残差"),
    "alt_parts": (
        (
            "Four rows, one above the other: the measured waves, and the trend, the season and the "
            "remainder that add up to them. The season moves them by {low} to {high}."
        ),
        "自上而下四行：实测值，以及相加即得实测值的趋势、季节与残差。季节影响为 {low} 至 {high}。",
    ),
    "interval": ("{level} interval", "{level} 区间"),
    "base": ("Answers", "回答数"),
    "of_linear": ("{question}: mean", "{question}：均值"),
    "of_ordered": ("{question}: mean", "{question}：均值"),
    "of_binomial": ("{question}: share of {top}", "{question}：{top} 的占比"),
    "of_poisson": ("{question}: rate", "{question}：发生率"),
    "of_negative_binomial": ("{question}: rate", "{question}：发生率"),
    "wave": ("Wave", "波次"),
    "alt": ("Dots are measured waves.", "圆点为各期实测值。"),
    "alt_bars": (
        "Dots are measured waves, bars their {level} intervals.",
        "圆点为各期实测值，线段为其 {level} 区间。",
    ),
    "alt_fit": (" The line is the fitted trend.", "蓝线为拟合趋势。"),
    "alt_fit_band": (
        " The line is the fitted trend, the band its {level} interval.",
        "蓝线为拟合趋势，色带为其 {level} 区间。",
    ),
    "alt_gaps": (
        " The grey line is broken where a wave has no number.",
        "没有数值的波次处灰线中断。",
    ),
    "alt_hollow": (" Hollow dots rest on few answers.", "空心圆点表示回答较少。"),
    "alt_slope": (
        " The slope is {slope} a {unit} ({low} to {high}).",
        "斜率为每{unit} {slope}（{low} 至 {high}）。",
    ),
    "alt_forecast": (" The dashed line is what is expected next.", "虚线为后续预测值。"),
    "alt_forecast_fan": (
        " The dashed line is what is expected next, the fan its {level} prediction intervals.",
        "虚线为后续预测值，扇形为 {level} 预测区间。",
    ),
    "alt_intervention": (
        " The vertical line marks where the measure began: {date}.",
        "竖线为措施开始时间：{date}。",
    ),
    "alt_target": (" The dotted line is a target: {target}.", "点线为目标值：{target}。"),
    "percentage_points": ("{number} percentage points", "{number} 个百分点"),
    "year": ("year", "年"),
    "wave_unit": ("wave", "期"),
}


@frozen(kw_only=True)
class Followed:
    """What a trend follows, as its picture needs it.

    Attributes:
        metric: The followed metric's name in the study; empty where answers are followed.
        term: The followed term; the primary one where empty.
        item: The followed item, or the question.
        intervention: The wave or date at which a measure began; empty for none.
        model: How answers are followed.
        top: The answers whose share is followed.
        season: Whether the trend has a season.
        cycle: Waves in a cycle, where the study says it.
    """

    metric: str
    term: str
    item: str
    intervention: str = ""
    model: str = "linear"
    top: tuple[int, ...] = ()
    season: bool = False
    cycle: int | None = None


def trend_charts(results: Results, name: str, language: str, followed: Followed) -> Iterator[Chart]:
    """The trend of all answers, then of the cells with the most answers.

    Args:
        results: The results.
        name: The trend's name in the study.
        language: ``"en"`` or ``"zh"``.
        followed: What it follows.
    """
    rows: dict[Cell, list[EstimateRow]] = {}
    for row in results.rows(name):
        rows.setdefault(tuple(row["cell"].items()), []).append(row)
    teller = _Teller(results=results, name=name, language=language, followed=followed)
    groups = [cell for cell in rows if cell and _shown(rows[cell])]
    groups.sort(
        key=lambda cell: -max(row["base"] or 0 for row in rows[cell] if row["term"] == "slope")
    )
    cut = len(groups) if len(groups) > MOST_CELLS else 0
    if () in rows and _shown(rows[()]):
        yield teller.chart((), rows[()])
        yield from teller.parts(rows[()])
    for cell in groups[:MOST_CELLS]:
        yield teller.chart(cell, rows[cell], cut)


def _shown(rows: Sequence[EstimateRow]) -> bool:
    """Whether there is a wave to draw."""
    return any(row["term"] == "observed" and row["value"] is not None for row in rows)


@frozen(kw_only=True)
class _Teller:
    """Draws the pictures of one trend in one language."""

    results: Results
    name: str
    language: str
    followed: Followed

    def say(self, key: str, **values: object) -> str:
        return TEXTS[key][self.language == "zh"].format(**values)

    @property
    def level(self) -> str:
        return f"{100 * self.results.about.confidence:g}%"

    @property
    def term(self) -> str:
        """The followed number's name for people."""
        for one in self.results.metrics:
            if one.name == self.followed.metric:
                said = one.term(self.followed.term or one.primary, self.language)
                item = self.followed.item
                titled = one.metric.item_title(item, self.language) or item if item else ""
                return f"{said}, {titled}" if titled else said
        question = self.results.about.questions.get(self.followed.item)
        said = question.said(self.language) if question else self.followed.item
        top = ("、" if self.language == "zh" else ", ").join(map(str, self.followed.top))
        return self.say(f"of_{self.followed.model}", question=said, top=top)

    def chart(self, cell: Cell, rows: Sequence[EstimateRow], cut: int = 0) -> Chart:
        """The picture of one cell; ``cut`` is how many groups there are where not all are drawn."""
        points, ahead = self._points(rows, "observed"), self._points(rows, "forecast")
        axis = _Axis.of(points, [] if all(one["value"] is None for one in ahead) else ahead)
        measured, percent = self._measure(rows)
        layers = [
            *_band(axis.placed(self._fitted(rows, points)), axis, measured, percent),
            *_fan(axis.joined(ahead, points), axis, measured, percent),
            *_intervention(axis, self._measure_began(points), self.followed.intervention),
            *_targets(self._targets(cell), measured, percent),
            *self._series(axis.placed(points), axis, measured, percent),
        ]
        where = ", ".join(
            self.results.about.label(axis_name, value, self.language) for axis_name, value in cell
        )
        title = self.say("title_cell" if where else "title", term=self.term, cell=where)
        if cut:
            title = self.say("largest", title=title, shown=MOST_CELLS, count=cut)
        return Chart(
            title=title,
            alt=self._alt(rows, points, ahead, cell, axis),
            spec={
                "width": "container",
                "height": 280,
                "usermeta": {"satcore": {"wide": True}},
                "layer": layers,
            },
        )

    def parts(self, rows: Sequence[EstimateRow]) -> Iterator[Chart]:
        """Trend, season and remainder, where waves stand evenly and none is missing."""
        points = self._points(rows, "observed")
        axis = _Axis.of(points, [])
        waves = Waves.of([point["wave"] for point in points])
        period = self.followed.cycle or A_YEAR.get(waves.period)
        values = np.array([np.nan if one["value"] is None else one["value"] for one in points])
        if not self.followed.season or period is None or not _even(waves, values, period):
            return
        found = decompose(values, period)
        _, percent = self._measure(rows)
        parts = {"observed": values, "trend": found.trend, "seasonal": found.seasonal,
                 "remainder": found.remainder}  # fmt: skip
        data = [
            {**point, "part": self.say(f"part_{name}"), "value": value}
            for name, series in parts.items()
            for point, value in zip(axis.placed(points), series.tolist(), strict=True)
        ]
        form = "{:+.1%}" if percent else "{:+.3g}"
        low, high = (form.format(end) for end in (found.seasonal.min(), found.seasonal.max()))
        yield Chart(
            title=self.say("parts", term=self.term),
            alt=self.say("alt_parts", low=low, high=high),
            spec={
                "data": {"values": data},
                "facet": {
                    "row": {
                        "field": "part",
                        "type": "nominal",
                        "title": None,
                        "sort": [self.say(f"part_{name}") for name in parts],
                        "header": {"labelAngle": 0, "labelAnchor": "start", "labelOrient": "top"},
                    }
                },
                "spec": {
                    "width": 620,
                    "height": 80,
                    "mark": {"type": "line", "color": FIT},
                    "encoding": {
                        "x": axis.channel(),
                        "y": {**_score("", percent), "title": None, "axis": _ticks(percent, 3)},
                    },
                },
                "resolve": {"scale": {"y": "independent"}},
                "spacing": 8,
            },
        )

    def _measure(self, rows: Sequence[EstimateRow]) -> tuple[str, bool]:
        """The title of the upright axis, and whether it is in percent."""
        unit = next(row["unit"] for row in rows if row["term"] == "observed")
        if unit == "points":
            return self.say("axis", term=self.term, unit=self.say("points")), False
        return self.say("axis_plain", term=self.term), unit in SHARES

    def _measure_began(self, points: Sequence[Spec]) -> str:
        """The wave in which a measure began, from which on the line may differ."""
        waves = Waves.of([point["wave"] for point in points])
        return period_of(self.followed.intervention, waves) if self.followed.intervention else ""

    def _fitted(self, rows: Sequence[EstimateRow], points: Sequence[Spec]) -> list[Spec]:
        """The fitted line, broken where a measure began."""
        fitted, began = self._points(rows, "fitted"), self._measure_began(points)
        # Rounding in the last digits would stretch the scale of waves that are all alike.
        fitted = [{**one, "value": _rounded(one["value"])} for one in fitted]
        if not began:
            return [{**point, "after": False} for point in fitted]
        waves = Waves.of([point["wave"] for point in fitted])
        try:
            since = waves.time(began)
        except ValueError:
            return [{**point, "after": False} for point in fitted]
        times = dict(zip(waves.labels, waves.times.tolist(), strict=True))
        return [{**point, "after": times[point["wave"]] >= since} for point in fitted]

    def _wave(self, wave: str) -> str:
        """A wave for people."""
        about = self.results.about
        return about.label(about.wave, wave, self.language) if about.wave else wave

    def _points(self, rows: Sequence[EstimateRow], term: str) -> list[Spec]:
        """The waves of one term, gaps among them."""
        return [
            {
                # A trend rests on all of its waves, so that none of them can be left out.
                CHART_CELL: dict(row["cell"]),
                "wave": row["item"],
                "label": self._wave(row["item"]),
                "value": row["value"],
                "low": row["ci_low"],
                "high": row["ci_high"],
                "base": row["base"],
                "range": _range(row),
                "small": row["status"] == "small",
            }
            for row in rows
            if row["term"] == term
        ]

    def _alt(
        self,
        rows: Sequence[EstimateRow],
        points: Sequence[Spec],
        ahead: Sequence[Spec],
        cell: Cell,
        axis: _Axis,
    ) -> str:
        """The picture in words: what is drawn, and nothing else."""
        fitted = self._fitted(rows, points)
        alt = self.say("alt_bars" if _spread(points) else "alt", level=self.level)
        if _joined(fitted):
            alt += self.say("alt_fit_band" if _spread(fitted) else "alt_fit", level=self.level)
        if _joined(points) and _broken(points):
            alt += self.say("alt_gaps")
        if any(point["small"] and point["value"] is not None for point in points):
            alt += self.say("alt_hollow")
        for row in rows:
            bounded = row["ci_low"] is not None and row["ci_high"] is not None
            if row["term"] == "slope" and bounded and not row["unit"].startswith("log"):
                unit = "year" if row["unit"].endswith(" a year") else "wave_unit"
                share = row["unit"].startswith("proportion")
                ends = [row[end] or 0.0 for end in ("value", "ci_low", "ci_high")]
                slope, low, high = (f"{100 * e:+.2f}" if share else f"{e:+.3g}" for e in ends)
                slope = self.say("percentage_points", number=slope) if share else slope
                alt += self.say("alt_slope", slope=slope, unit=self.say(unit), low=low, high=high)
                break
        if any(point["value"] is not None for point in ahead):
            key = "alt_forecast_fan" if _spread(ahead) else "alt_forecast"
            alt += self.say(key, level=self.level)
        began = self._measure_began(points)
        if began and axis.at(began) is not None:
            alt += self.say("alt_intervention", date=self.followed.intervention)
        for target in self._targets(cell):
            alt += self.say("alt_target", target=f"{target:g}")
        return alt

    def _targets(self, cell: Cell) -> list[float]:
        """What the study's standards ask of the followed number in this cell."""
        wanted: list[float] = []
        for row in self.results.standard_rows():
            same = (row["metric"], row["rule"] in ("at_least", "at_most", "between"))
            if same != (self.followed.metric, True) or dict(row["cell"]) != dict(cell):
                continue
            if self.followed.term in ("", row["term"]) and self.followed.item in ("", row["item"]):
                target = row["target"]
                wanted += [float(one) for one in (target if isinstance(target, list) else [target])]
        return list(dict.fromkeys(wanted))

    def _series(
        self, points: list[Spec], axis: _Axis, measured: str, percent: bool
    ) -> Iterator[Spec]:
        """The waves: their intervals, a line that breaks at gaps, and dots."""
        tooltip = [
            {"field": "label", "type": "nominal", "title": self.say("wave")},
            {
                "field": "value",
                "type": "quantitative",
                "title": measured,
                "format": ".1%" if percent else ".2f",
            },
            {
                "field": "range",
                "type": "nominal",
                "title": self.say("interval", level=self.level),
            },
            {"field": "base", "type": "quantitative", "title": self.say("base"), "format": ","},
        ]
        x, y = axis.channel(), _score(measured, percent)
        if _spread(points):
            yield {
                "data": {"values": points},
                "transform": [{"filter": "isValid(datum.low)"}],
                "mark": {"type": "rule", "color": SERIES, "opacity": 0.5},
                "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
            }
        yield {
            "data": {"values": points},
            "mark": {"type": "line", "color": SERIES, "opacity": 0.6, "strokeWidth": 1},
            "encoding": {"x": x, "y": y},
        }
        fill = {"condition": {"test": "datum.small", "value": "white"}, "value": SERIES}
        yield {
            "data": {"values": points},
            "transform": [{"filter": "isValid(datum.value)"}],
            "mark": {"type": "point", "filled": True, "size": 45, "stroke": SERIES, "opacity": 1},
            "encoding": {"x": x, "y": y, "fill": fill, "tooltip": tooltip},
        }


def _even(waves: Waves, values: np.ndarray[Any, Any], period: int) -> bool:
    """Whether loess can take a series apart: two cycles of evenly spaced waves, none missing."""
    if values.size < 2 * period or not np.isfinite(values).all() or waves.equal():
        return False
    between = spacing(waves.times)
    return between.regular and bool((between.lengths == 1).all())


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.12g}")


def _spread(points: Sequence[Spec]) -> bool:
    """Whether an interval has a width that can be drawn.

    A layer without a number has no extent, of which Vega warns.
    """
    bounds = [(one["low"], one["high"]) for one in points]
    return any(low is not None and high is not None and low < high for low, high in bounds)


def _joined(points: Sequence[Spec]) -> bool:
    """Whether two points in a row have a value, so that there is a line between them."""
    there = [one["value"] is not None for one in points]
    return any(one and other for one, other in pairwise(there))


def _broken(points: Sequence[Spec]) -> bool:
    """Whether a wave without a value lies between waves that have one."""
    there = [place for place, one in enumerate(points) if one["value"] is not None]
    return bool(there) and there[-1] - there[0] >= len(there)


def _range(row: EstimateRow) -> str:
    if row["ci_low"] is None or row["ci_high"] is None:
        return "–"
    if row["unit"] in SHARES:
        return f"{100 * row['ci_low']:.1f}% – {100 * row['ci_high']:.1f}%"
    return f"{row['ci_low']:.2f} – {row['ci_high']:.2f}"


@frozen(kw_only=True)
class _Axis:
    """The axis of time: by date where waves are dates, by number, else by their order.

    Attributes:
        kind: Which of these.
        places: Where each wave stands, by its label in the data.
        labels: The waves' labels for people, in their order.
        ticks: Where an axis names its waves.
        form: How dates are told, by the waves' period.
    """

    kind: Literal["temporal", "quantitative", "ordinal"]
    places: Mapping[str, Any]
    labels: tuple[str, ...]
    ticks: tuple[Any, ...]
    form: str = ""

    @classmethod
    def of(cls, points: Sequence[Spec], ahead: Sequence[Spec]) -> _Axis:
        every = [*points, *ahead]
        waves = Waves.of([point["wave"] for point in every])
        labels = tuple(point["label"] for point in every)
        kind: Literal["temporal", "quantitative", "ordinal"] = "ordinal"
        places: dict[str, Any] = {point["wave"]: point["label"] for point in every}
        if waves.dates:
            kind, days = "temporal", [f"{day.isoformat()}T00:00:00Z" for day in waves.dates]
            places = dict(zip(waves.labels, days, strict=True))
        elif waves.dated and len(waves):
            kind, places = (
                "quantitative",
                dict(zip(waves.labels, waves.times.tolist(), strict=True)),
            )
        ticks = _thinned(tuple(dict.fromkeys(places.values())), waves.period)
        return cls(
            kind=kind, places=places, labels=labels, ticks=ticks, form=FORMS.get(waves.period, "")
        )

    def channel(self) -> Spec:
        """The encoding of x: ticks stand at waves and nowhere else."""
        forms: dict[str, Spec] = {
            "temporal": {
                "scale": {"type": "utc", "padding": PADDING},
                "axis": {"format": self.form, "labelFlush": False},
            },
            "quantitative": {
                "scale": {"zero": False, "nice": False, "padding": PADDING},
                "axis": {"format": ".12~g"},
            },
            "ordinal": {
                "sort": None,
                "scale": {"domain": list(self.labels)},
                "axis": {"labelAngle": 0},
            },
        }
        form = forms[self.kind]
        # A grid would stand where the intervals' bars do.
        axis = {"values": list(self.ticks), "labelOverlap": "greedy", "labelSeparation": 8,
                "grid": False, **form["axis"]}  # fmt: skip
        return {"field": "place", "type": self.kind, "title": None, **form, "axis": axis}

    def placed(self, points: Sequence[Spec]) -> list[Spec]:
        """Points with their place in time."""
        return [{**point, "place": self.places.get(point["wave"])} for point in points]

    def joined(self, ahead: Sequence[Spec], points: Sequence[Spec]) -> list[Spec]:
        """Points to come, after the last one that has a value, from which they fan out."""
        if not any(point["value"] is not None for point in ahead):
            return []
        last = [point for point in points if point["value"] is not None][-1:]
        start = [{**one, "low": one["value"], "high": one["value"], "start": True} for one in last]
        return self.placed([*start, *ahead])

    def at(self, when: str) -> Any:
        """Where a wave or a date stands; None where it can't be placed."""
        if when in self.places:
            return self.places[when]
        if self.kind == "temporal":
            days = Waves.of([when]).dates
            return f"{days[0].isoformat()}T00:00:00Z" if days else None
        try:
            return float(when) if self.kind == "quantitative" else None
        except ValueError:
            return None


def _thinned(places: tuple[Any, ...], period: str) -> tuple[Any, ...]:
    """Every so many places, from the first on: of a calendar's periods by steps people count in."""
    most = MOST_LONG if period in ("day", "week") else MOST_TICKS
    least = max(1, -(-len(places) // most))
    step = next((one for one in STEPS.get(period, ()) if one >= least), least)
    return places[::step]


def _ticks(percent: bool, count: int) -> Spec:
    return {"tickCount": count, **({"format": ".2~%"} if percent else {})}


def _score(title: str, percent: bool) -> Spec:
    return {
        "field": "value",
        "type": "quantitative",
        "title": title,
        "scale": {"zero": False, "nice": True, "padding": PADDING},
        "axis": _ticks(percent, 6),
    }


def _band(points: list[Spec], axis: _Axis, measured: str, percent: bool) -> Iterator[Spec]:
    """The fitted line and its band."""
    if not _joined(points):
        return
    side = {"field": "after", "type": "nominal"}
    x, y = axis.channel(), _score(measured, percent)
    low = {**y, "field": "low"}
    if _spread(points):
        yield {
            "data": {"values": points},
            "mark": {"type": "area", "color": FIT, "opacity": 0.14},
            "encoding": {"x": x, "y": low, "y2": {"field": "high"}, "detail": side},
        }
    yield {
        "data": {"values": points},
        "mark": {"type": "line", "color": FIT, "strokeWidth": 2},
        "encoding": {"x": x, "y": y, "detail": side},
    }


def _fan(points: list[Spec], axis: _Axis, measured: str, percent: bool) -> Iterator[Spec]:
    """What is expected next, opening from the last wave."""
    if not points:
        return
    x, y = axis.channel(), _score(measured, percent)
    if _spread(points):
        yield {
            "data": {"values": points},
            "mark": {"type": "area", "color": FORECAST, "opacity": 0.12},
            "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
        }
    yield {
        "data": {"values": points},
        "mark": {"type": "line", "color": FORECAST, "strokeDash": [5, 3]},
        "encoding": {"x": x, "y": y},
    }
    yield {
        "data": {"values": points},
        "transform": [{"filter": "!datum.start && isValid(datum.value)"}],
        "mark": {"type": "point", "filled": True, "size": 30, "color": FORECAST, "opacity": 1},
        "encoding": {"x": x, "y": y},
    }


def _intervention(axis: _Axis, began: str, said: str) -> Iterator[Spec]:
    """A vertical line at the wave in which a measure began."""
    place = axis.at(began) if began else None
    if place is None:
        return
    tooltip = {"field": "label", "type": "nominal"}
    yield {
        "data": {"values": [{"label": said, "place": place}]},
        "mark": {"type": "rule", "color": FORECAST, "strokeDash": [2, 2], "strokeWidth": 1.5},
        "encoding": {"x": axis.channel(), "tooltip": [tooltip]},
    }


def _targets(targets: Sequence[float], measured: str, percent: bool) -> Iterator[Spec]:
    """A dotted line at each target."""
    if targets:
        yield {
            "data": {"values": [{"value": target} for target in targets]},
            "mark": {"type": "rule", "color": TARGET, "strokeDash": [1, 3], "strokeWidth": 2},
            "encoding": {"y": _score(measured, percent)},
        }
