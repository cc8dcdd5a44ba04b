"""What a trend says, in sentences no surer than its intervals."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from satcore import ComparisonRow, EstimateRow, Results

TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "rises": (
        "It rises by {value} {per}{when} ({low} to {high}).",
        "{when}呈上升趋势：{per}上升 {value}（{low} 至 {high}）。",
    ),
    "falls": (
        "It falls by {value} {per}{when} ({low} to {high}).",
        "{when}呈下降趋势：{per}下降 {value}（{low} 至 {high}）。",
    ),
    "flat": (
        "No trend is shown{when}: {value} {per}, with anything from {low} to {high} possible.",
        "{when}未显示趋势：{per} {value}，区间为 {low} 至 {high}。",
    ),
    "ratio_rises": (
        "The {what} grow by a factor of {value} {per}{when} ({low} to {high}).",
        "{when}{what}呈上升趋势：{per}变为此前的 {value} 倍（{low} 至 {high}）。",
    ),
    "ratio_falls": (
        "The {what} shrink by a factor of {value} {per}{when} ({low} to {high}).",
        "{when}{what}呈下降趋势：{per}变为此前的 {value} 倍（{low} 至 {high}）。",
    ),
    "ratio_flat": (
        (
            "No trend of the {what} is shown{when}: a factor of {value} {per}, with anything from "
            "{low} to {high} possible."
        ),
        "{when}未显示{what}的趋势：{per}变为此前的 {value} 倍，区间为 {low} 至 {high}。",
    ),
    "before": (" before the measure", "措施之前，"),
    "last": (" at the last wave", "在最后一期，"),
    "none": ("No trend can be told: {why}.", "无法判断趋势：{why}。"),
    "unsure": (
        "How sure a slope of {value} {per} is can't be told: {why}.",
        "斜率为{per} {value}，但无法说明其可靠程度：{why}。",
    ),
    "no_value": ("no slope follows from these waves", "现有各期数据得不到斜率"),
    "no_error": ("these waves leave no error to judge by", "现有各期数据得不到误差"),
    "level": (
        "When the measure began, the level moved {side} by {value} ({low} to {high}).",
        "措施开始时水平{side} {value}（{low} 至 {high}）。",
    ),
    "level_ratio": (
        "When the measure began, the {what} changed by a factor of {value} ({low} to {high}).",
        "措施开始时{what}变为原来的 {value} 倍（{low} 至 {high}）。",
    ),
    "no_level": (
        "No change of level is shown at the measure: {value} ({low} to {high}).",
        "未显示措施带来的水平变化：{value}（{low} 至 {high}）。",
    ),
    "no_level_ratio": (
        "No change of the {what} is shown at the measure: a factor of {value} ({low} to {high}).",
        "未显示措施使{what}变化：{value} 倍（{low} 至 {high}）。",
    ),
    "up": ("up", "上移"),
    "down": ("down", "下移"),
    "bend": (
        "From then on the slope differs by {value} {per} ({low} to {high}).",
        "此后斜率改变：{per} {value}（{low} 至 {high}）。",
    ),
    "cause": (
        "Whatever else began at that time is in these numbers too.",
        "同一时间发生的其他变化也会反映在这些数值中。",
    ),
    "changed": (
        "The likeliest change is at {wave} (p {p}).",
        "最可能的变点为 {wave}（p {p}）。",
    ),
    "unchanged": (
        "No wave stands out as a change (the likeliest is {wave}, p {p}).",
        "没有哪一期可判定为变点（最可能为 {wave}，p {p}）。",
    ),
    "serial": (
        "Waves resemble their neighbours (autocorrelation {value}); the errors allow for it.",
        "相邻各期相互关联（自相关 {value}），误差估计已计入。",
    ),
    "serial_not": (
        (
            "Waves resemble their neighbours (Breusch-Godfrey, p {p}), and these errors do not "
            'allow for it; take errors = "ar1".'
        ),
        "相邻各期相互关联（Breusch-Godfrey 检验 p {p}），当前误差估计未计入；可改用 ar1。",
    ),
    "dispersed": (
        "The variance of the waves about the line is {value} times what sampling alone explains.",
        "各期围绕趋势线的方差为抽样所能解释的 {value} 倍。",
    ),
    "decides": (
        "One wave decides: by least squares the slope is {value}, and {without} without {wave}.",
        "单独一期左右结果：最小二乘斜率为 {value}，去掉 {wave} 后为 {without}。",
    ),
    "few": (
        "With {waves} waves intervals are rough; {least} or more are wanted.",
        "仅 {waves} 期，区间较为粗略；建议不少于 {least} 期。",
    ),
    "next": (
        "{wave} is expected at {value} ({low} to {high}).",
        "{wave} 的预测值为 {value}（{low} 至 {high}）。",
    ),
    "better": (
        'Forecasts beat "same as last" so far: their error is {value} of its.',
        "历史回测中预测优于“与上期相同”：误差为其 {value}。",
    ),
    "worse": (
        'Forecasts do no better than "same as last" so far: their error is {value} times its.',
        "历史回测中预测不优于“与上期相同”：误差为其 {value} 倍。",
    ),
    "segments": (
        "Slopes differ between the values of {axis} (p {p}).",
        "{axis} 各组斜率存在差异（p {p}）。",
    ),
    " a year": ("a year", "每年"),
    " a wave": ("a wave", "每期"),
    "points": ("{number} points", "{number} 分"),
    "proportion": ("{number} percentage points", "{number} 个百分点"),
    "log odds": ("odds", "优势"),
    "log rate": ("rates", "发生率"),
}

#: Units that a sentence names, and what it calls them.
_NAMED: Final = {
    "points": "points",
    "proportion": "proportion",
    "proportion per year": "proportion",
    "percentage_points": "proportion",
}

#: Autocorrelation that is worth a sentence.
NOTABLE: Final = 0.3

#: Dispersion that is worth a sentence.
WIDE: Final = 2.0

#: What the slope's message says of single waves and of their number.
_DECIDES: Final = re.compile(
    r"one wave decides: by least squares the slope is (?P<value>\S+), and (?P<without>\S+) "
    r"without (?P<wave>.+)"
)
_FEW: Final = re.compile(r"(?P<waves>\d+) waves are few: below (?P<least>\d+) intervals are rough")


def trend_findings(results: Results, name: str, language: str = "en") -> Iterator[str]:
    """What the numbers of all answers say, and whether segments go different ways.

    Args:
        results: The results.
        name: The trend's name in the study.
        language: ``"en"`` or ``"zh"``.
    """
    whole = results.rows(name, cell={})
    teller = _Teller(
        {row["term"]: row for row in whole if row["item"] == ""},
        next((row for row in whole if row["term"] == "forecast"), None),
        results,
        language,
    )
    yield from teller.slope()
    yield from teller.measure()
    yield from teller.change_point()
    yield from teller.cautions()
    yield from teller.forecasts()
    for held in results.comparison_rows(name, "slope"):
        yield from teller.segments(held)


class _Teller:
    """Tells the rows of one cell in one language."""

    def __init__(
        self,
        rows: Mapping[str, EstimateRow],
        ahead: EstimateRow | None,
        results: Results,
        language: str,
    ) -> None:
        self.rows = rows
        self.ahead = ahead
        self.results = results
        self.language = language

    def say(self, key: str, **values: object) -> str:
        return TEXTS[key][self.language == "zh"].format(**values)

    def _numbers(self, row: EstimateRow, *, size: bool = False) -> dict[str, str]:
        """Value and bounds as texts; the value's size where a word gives its sign."""
        given = [row[name] or 0.0 for name in ("value", "ci_low", "ci_high")]
        if size:
            value, *bounds = (abs(one) for one in given)
            given = [value, *sorted(bounds)]
        unit, per = self._parted(row["unit"])
        shown = [self._number(one, unit) for one in given]
        value_told = self.say(_NAMED[unit], number=shown[0]) if unit in _NAMED else shown[0]
        what = self.say(unit) if unit in ("log odds", "log rate") else ""
        return {"value": value_told, "low": shown[1], "high": shown[2], "per": per, "what": what}

    def _number(self, value: float, unit: str) -> str:
        forms = {
            "proportion": f"{100 * value:.2f}",
            "proportion per year": f"{100 * value:.2f}",
            "percentage_points": f"{value:.2f}",
            "ratio": f"{value:.2f}",
        }
        return forms.get(unit, f"{value:.3g}")

    def _parted(self, unit: str) -> tuple[str, str]:
        """A unit, and what it is told for each of."""
        for ending in (" a year", " a wave"):
            if unit.endswith(ending):
                return unit.removesuffix(ending), self.say(ending)
            if unit == ending.strip():
                return "", self.say(ending)
        return unit, ""

    def slope(self) -> Iterator[str]:
        row = self.rows.get("slope")
        if row is None:
            return
        low, high = row["ci_low"], row["ci_high"]
        # Reasons are the metric's own words; in another language the page tells them below.
        plain = row["message"] if self.language == "en" else ""
        if row["value"] is None:
            yield self.say("none", why=plain or self.say("no_value"))
            return
        if low is None or high is None:
            why = plain or self.say("no_error")
            yield self.say("unsure", why=why, **_part(self._numbers(row), "value", "per"))
            return
        key = "rises" if low > 0 else "falls" if high < 0 else "flat"
        when = "before" if "level_change" in self.rows else "last" if self._curved else ""
        numbers = self._numbers(row, size=key != "flat")
        if "slope_ratio" in self.rows:
            key, per = f"ratio_{key}", numbers["per"]
            numbers |= self._numbers(self.rows["slope_ratio"]) | _part(numbers, "what")
            numbers["per"] = per
        yield self.say(key, when=self.say(when) if when else "", **numbers)

    @property
    def _curved(self) -> bool:
        return "curvature" in self.rows

    def measure(self) -> Iterator[str]:
        level, bend = self._bounded("level_change"), self._bounded("slope_change")
        if level is not None:
            clear = _clear(level)
            ratio = self._bounded("level_change_ratio")
            numbers = self._numbers(level, size=clear and ratio is None)
            if ratio is not None:
                numbers |= self._numbers(ratio) | _part(numbers, "what")
            side = self.say("up" if (level["value"] or 0.0) > 0 else "down")
            key = ("level" if clear else "no_level") + ("" if ratio is None else "_ratio")
            yield self.say(key, side=side, **numbers)
        if bend is not None and _clear(bend) and "slope_ratio" not in self.rows:
            yield self.say("bend", **self._numbers(bend))
        if any(one is not None and _clear(one) for one in (level, bend)):
            yield self.say("cause")

    def _bounded(self, term: str) -> EstimateRow | None:
        row = self.rows.get(term)
        if row is None or row["value"] is None:
            return None
        return None if row["ci_low"] is None or row["ci_high"] is None else row

    def change_point(self) -> Iterator[str]:
        row = self.rows.get("change_point")
        p = _p_of(row["message"]) if row is not None else None
        if row is not None and row["label"] is not None and p is not None:
            key = "changed" if p < self._alpha else "unchanged"
            yield self.say(key, wave=self._wave(row["label"]), p=f"{p:.2g}")

    @property
    def _alpha(self) -> float:
        return 1.0 - self.results.about.confidence

    def cautions(self) -> Iterator[str]:
        slope = self.rows.get("slope")
        serial, test = self.rows.get("autocorrelation"), self.rows.get("breusch_godfrey")
        if serial is not None and (serial["value"] or 0.0) >= NOTABLE:
            yield self.say("serial", value=f"{serial['value']:.2f}")
        if slope is None:
            return
        if test is not None and slope["method"].startswith(("iid", "hc")):
            p = _p_of(test["message"])
            if p is not None and p < self._alpha:
                yield self.say("serial_not", p=f"{p:.2g}")
        spread = self.rows.get("dispersion")
        if spread is not None and (spread["value"] or 0.0) >= WIDE:
            yield self.say("dispersed", value=f"{spread['value']:.1f}")
        for part in slope["message"].split("; "):
            if slope["ci_low"] is not None and (few := _FEW.fullmatch(part)):
                yield self.say("few", **few.groupdict())
            if decides := _DECIDES.fullmatch(part):
                yield self.say("decides", **decides.groupdict())

    def forecasts(self) -> Iterator[str]:
        ahead = self.ahead
        if ahead is not None and ahead["value"] is not None and ahead["ci_low"] is not None:
            yield self.say("next", wave=self._wave(ahead["item"]), **self._ahead(ahead))
        row = self.rows.get("error_to_last")
        if row is not None and row["value"] is not None:
            key = "better" if row["value"] < 1.0 else "worse"
            shown = f"{100 * row['value']:.0f}%" if key == "better" else f"{row['value']:.2f}"
            yield self.say(key, value=shown)

    def _ahead(self, row: EstimateRow) -> dict[str, str]:
        """A value to come; a share in percent, for it is a level and no difference."""
        given = {"value": row["value"], "low": row["ci_low"], "high": row["ci_high"]}
        shares = ("proportion", "proportion per year")
        form = "{:.1%}" if row["unit"] in shares else "{:.3g}"
        return {name: form.format(one or 0.0) for name, one in given.items()}

    def _wave(self, wave: str) -> str:
        about = self.results.about
        return about.label(about.wave, wave, self.language) if about.wave else wave

    def segments(self, held: ComparisonRow) -> Iterator[str]:
        p = held["p_adjusted"]
        if held["kind"] == "heterogeneity" and not held["cell"] and p is not None:
            told = self.say("segments", axis=held["along"], p=f"{p:.2g}")
            yield from [told] if p < self._alpha else []


def _part(numbers: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: numbers[name] for name in names}


def _clear(row: EstimateRow) -> bool:
    """Whether an interval leaves 0 out."""
    return (row["ci_low"] or 0.0) > 0 or (row["ci_high"] or 0.0) < 0


def _p_of(message: str) -> float | None:
    """The p-value that a message tells."""
    for part in message.split("; "):
        if part.startswith("p "):
            return float(part.removeprefix("p "))
    return None
