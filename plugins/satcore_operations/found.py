"""What pictures and findings need of the results: rows, sets of cells, names, numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from attrs import frozen

from satcore import EstimateRow, Measured, Metric, Results

Cell: TypeAlias = "tuple[tuple[str, str | None], ...]"

#: Words of both languages that pictures and findings share.
WORDS: Final[dict[str, tuple[str, str]]] = {
    "none": ("none", "无"),
    "range": ("{low} to {high}", "{low} 至 {high}"),
    "interval": ("{level} interval", "{level} 区间"),
    "absent": ("{label} (not given)", "{label}（未填写）"),
    "wave": ("wave", "波次"),
    "day": ("day", "日"),
    "week": ("week", "周"),
    "month": ("month", "月份"),
    "quarter": ("quarter", "季度"),
    "year": ("year", "年份"),
    "unit_second": ("{n} seconds", "{n} 秒"),
    "unit_minute": ("{n} minutes", "{n} 分钟"),
    "unit_hour": ("{n} hours", "{n} 小时"),
    "unit_day": ("{n} days", "{n} 天"),
    "unit_week": ("{n} weeks", "{n} 周"),
    "unit_month": ("{n} months", "{n} 个月"),
    "unit_year": ("{n} years", "{n} 年"),
}


@frozen(kw_only=True)
class Found:
    """The rows of one metric, by item, term and cell.

    Attributes:
        results: The results.
        measured: The metric.
        language: ``"en"`` or ``"zh"``.
        rows: The rows.
        sets: The cells of each reported set, by its columns.
    """

    results: Results
    measured: Measured
    language: str
    rows: Mapping[tuple[str, str, Cell], EstimateRow]
    sets: Mapping[tuple[str, ...], Sequence[Cell]]

    @classmethod
    def of(cls, results: Results, name: str, language: str, kind: type[Metric]) -> Found | None:
        """What was found of a metric; None where it is another's or has no rows."""
        measured = next((one for one in results.metrics if one.name == name), None)
        if measured is None or not isinstance(measured.metric, kind):
            return None
        rows: dict[tuple[str, str, Cell], EstimateRow] = {}
        sets: dict[tuple[str, ...], dict[Cell, None]] = {}
        for row in results.rows(name):
            cell: Cell = tuple(row["cell"].items())
            rows[row["item"], row["term"], cell] = row
            sets.setdefault(tuple(row["cell"]), {})[cell] = None
        if not rows:
            return None
        return cls(
            results=results, measured=measured, language=language, rows=rows,
            sets={axes: tuple(cells) for axes, cells in sets.items()},
        )  # fmt: skip

    @property
    def chinese(self) -> bool:
        """Whether the reader's language is Chinese."""
        return self.language == "zh"

    @property
    def level(self) -> str:
        """The confidence level of the intervals."""
        return f"{100 * self.results.about.confidence:.6g}%"

    def items(self, term: str) -> tuple[str, ...]:
        """The items of a term, in their order."""
        return tuple(dict.fromkeys(item for item, of, _ in self.rows if of == term))

    def say(self, texts: Mapping[str, tuple[str, str]], key: str, **values: object) -> str:
        """A text in the reader's language."""
        text = texts[key][self.chinese]
        return text.format(**values) if values else text

    def word(self, key: str, **values: object) -> str:
        """A shared word in the reader's language."""
        return self.say(WORDS, key, **values)

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
        low, high = (finite(row[name]) if row else None for name in ("ci_low", "ci_high"))
        return None if low is None or high is None else (low, high)

    def term(self, term: str) -> str:
        """A term for people."""
        return self.measured.term(term, self.language)

    def item(self, item: str) -> str:
        """An item for people."""
        said = self.measured.metric.item_title(item, self.language)
        asked = self.results.about.questions
        return said or (asked[item].said(self.language) if item in asked else "") or item

    def axis(self, name: str) -> str:
        """What to call a column of segments or the wave."""
        about = self.results.about
        if name == about.wave or name == "wave":
            return self.word(about.wave_period if about.wave_period in WORDS else "wave")
        return name

    def labels(self, axis: str, cells: Sequence[Cell]) -> list[str]:
        """The cells' labels; no two alike, or a picture would merge them."""
        names: list[str] = []
        for cell in cells:
            value = cell[0][1]
            label = self.results.about.label(axis, value, self.language)
            if value is None:
                label = self.word("absent", label=label)
            name, copy = label, 2
            while name in names:
                name, copy = f"{label} ({copy})", copy + 1
            names.append(name)
        return names

    def size(self, cell: Cell) -> int:
        """How much a cell rests on."""
        return max(
            (row["base"] or 0 for (_, _, at), row in self.rows.items() if at == cell), default=0
        )


def finite(value: float | None) -> float | None:
    """A number, or None for one that is none."""
    return value if value is not None and math.isfinite(value) else None


def shown(value: float | None, unit: str) -> str:
    """A number in its unit; all and nothing of a share only where they are."""
    if value is None:
        return ""
    if unit in ("proportion", "proportion a year"):
        if unit == "proportion" and 0.9995 <= value < 1:
            return ">99.9%"
        return "<0.1%" if 0 < value < 0.0005 else f"{100 * value:.1f}%"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
