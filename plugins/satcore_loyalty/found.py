"""What pictures and findings need of the results: rows, numbers, names."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from attrs import frozen

from satcore import EstimateRow, Measured, Metric, Results

Cell: TypeAlias = "tuple[tuple[str, str | None], ...]"

#: Words that several pictures use.
TEXTS: Mapping[str, tuple[str, str]] = {
    "base": ("Answers", "回答数"),
    "interval": ("{level} interval", "{level} 区间"),
    "range": ("{low} to {high}", "{low} 至 {high}"),
    "none": ("none", "无"),
    "absent": ("{label} (not given)", "{label}（未填写）"),
    "wave": ("wave", "波次"),
    "day": ("day", "日"),
    "week": ("week", "周"),
    "month": ("month", "月份"),
    "quarter": ("quarter", "季度"),
    "year": ("year", "年份"),
    "alt_hollow": (" Hollow dots rest on few answers.", "空心圆点表示回答较少。"),
    "by": ("{title} by {axis}", "{title}（按{axis}）"),
    "largest": (
        "{title} (the {shown} largest of {count})",
        "{title}（{count} 组中最大的 {shown} 组）",
    ),
}


@frozen(kw_only=True)
class Found:
    """The rows of one metric, by item, term and cell.

    Attributes:
        results: The results.
        measured: The metric.
        language: ``"en"`` or ``"zh"``.
        rows: The rows.
        items: The items of each term, in order.
        sets: The cells of each reported set, by its columns.
    """

    results: Results
    measured: Measured
    language: str
    rows: Mapping[tuple[str, str, Cell], EstimateRow]
    items: Mapping[str, Sequence[str]]
    sets: Mapping[tuple[str, ...], Sequence[Cell]]

    @classmethod
    def of(cls, results: Results, name: str, language: str, kind: type[Metric]) -> Found | None:
        """What was found of a metric; None where it is of another kind or has no rows."""
        measured = next((one for one in results.metrics if one.name == name), None)
        if measured is None or not isinstance(measured.metric, kind):
            return None
        rows: dict[tuple[str, str, Cell], EstimateRow] = {}
        items: dict[str, dict[str, None]] = {}
        sets: dict[tuple[str, ...], dict[Cell, None]] = {}
        for row in results.rows(name):
            cell: Cell = tuple(row["cell"].items())
            rows[row["item"], row["term"], cell] = row
            items.setdefault(row["term"], {})[row["item"]] = None
            sets.setdefault(tuple(row["cell"]), {})[cell] = None
        if not rows:
            return None
        return cls(
            results=results,
            measured=measured,
            language=language,
            rows=rows,
            items={term: tuple(of) for term, of in items.items()},
            sets={axes: tuple(cells) for axes, cells in sets.items()},
        )

    @property
    def chinese(self) -> bool:
        """Whether the reader's language is Chinese."""
        return self.language == "zh"

    @property
    def level(self) -> str:
        """The confidence level of the intervals."""
        return f"{100 * self.results.about.confidence:.6g}%"

    @property
    def comma(self) -> str:
        """What stands between the parts of a list."""
        return "、" if self.chinese else ", "

    def say(self, texts: Mapping[str, tuple[str, str]], key: str, **values: object) -> str:
        """A text in the reader's language."""
        text = texts[key][1 if self.chinese else 0]
        return text.format(**values) if values else text

    def title(self, item: str) -> str:
        """An item for people: what the metric calls it, what its column asks, or its name."""
        asked = self.results.about.questions
        said = asked[item].said(self.language) if item in asked else ""
        metric: Metric = self.measured.metric
        return metric.item_title(item, self.language) or said or item

    def row(self, item: str, term: str, cell: Cell = ()) -> EstimateRow | None:
        """A row."""
        return self.rows.get((item, term, cell))

    def value(self, item: str, term: str, cell: Cell = ()) -> float | None:
        """A number; None where there is none."""
        row = self.row(item, term, cell)
        return finite(row["value"]) if row else None

    def bounds(self, item: str, term: str, cell: Cell = ()) -> tuple[float, float] | None:
        """An interval; None where there is none."""
        row = self.row(item, term, cell)
        if row is None:
            return None
        low, high = finite(row["ci_low"]), finite(row["ci_high"])
        return None if low is None or high is None else (low, high)

    def term(self, term: str) -> str:
        """A term for people."""
        return self.measured.term(term, self.language)

    def axis(self, name: str) -> str:
        """A segment or the wave for people."""
        about = self.results.about
        if name == about.wave:
            if about.wave_period in TEXTS:
                return self.say(TEXTS, about.wave_period)
            if name == "wave":
                return self.say(TEXTS, "wave")
        return name

    def named(self, axis: str, cells: Sequence[Cell]) -> list[str]:
        """The cells' labels; no two alike, or a picture would merge them."""
        names: list[str] = []
        for cell in cells:
            value = cell[0][1]
            label = self.results.about.label(axis, value, self.language)
            if value is None:
                label = self.say(TEXTS, "absent", label=label)
            name, copy = label, 2
            while name in names:
                name, copy = f"{label} ({copy})", copy + 1
            names.append(name)
        return names


def finite(value: float | None) -> float | None:
    """A number, or None for one that is none."""
    return value if value is not None and math.isfinite(value) else None


def percent(share: float) -> str:
    """A share as a percentage; all and nothing only where they are."""
    if 0.9995 <= share < 1:
        return ">99.9%"
    if 0 < share < 0.0005:
        return "<0.1%"
    return f"{100 * share:.1f}%"


def shown(value: float, unit: str) -> str:
    """A number as pictures and sentences write it."""
    if unit == "proportion":
        return percent(value)
    return f"{value:.1f}" if unit == "points" else f"{value:.2f}"
