"""What pictures and findings need of the results: numbers by cell and term, and names."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from attrs import frozen

from satcore import ComparisonRow, EstimateRow, Measured, Results

Cell: TypeAlias = "tuple[tuple[str, str | None], ...]"

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "range": ("{low} to {high}", "{low} 至 {high}"),
    "none": ("none", "无"),
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
}


@frozen(kw_only=True)
class Found:
    """The rows of one metric, by term and cell.

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
    rows: Mapping[tuple[str, Cell], EstimateRow]
    sets: Mapping[tuple[str, ...], Sequence[Cell]]

    @classmethod
    def of(cls, results: Results, name: str, language: str) -> Found | None:
        """What was found of a metric; None where there are no rows of it."""
        measured = next((one for one in results.metrics if one.name == name), None)
        rows: dict[tuple[str, Cell], EstimateRow] = {}
        sets: dict[tuple[str, ...], dict[Cell, None]] = {}
        for row in results.rows(name):
            cell: Cell = tuple(row["cell"].items())
            rows[row["term"], cell] = row
            sets.setdefault(tuple(row["cell"]), {})[cell] = None
        if measured is None or not rows:
            return None
        return cls(
            results=results,
            measured=measured,
            language=language,
            rows=rows,
            sets={axes: tuple(cells) for axes, cells in sets.items()},
        )

    @property
    def chinese(self) -> bool:
        """Whether the reader's language is Chinese."""
        return self.language == "zh"

    @property
    def comma(self) -> str:
        """What stands between the members of a list."""
        return "、" if self.chinese else ", "

    @property
    def level(self) -> str:
        """The confidence level of the intervals."""
        return f"{100 * next(iter(self.rows.values()))['confidence']:.6g}%"

    def say(self, texts: Mapping[str, tuple[str, str]], key: str, **values: object) -> str:
        """A text in the reader's language."""
        text = texts[key][1 if self.chinese else 0]
        return text.format(**values) if values else text

    def term(self, term: str) -> str:
        """A term for people."""
        return self.measured.term(term, self.language)

    def row(self, term: str, cell: Cell = ()) -> EstimateRow | None:
        """A row."""
        return self.rows.get((term, cell))

    def value(self, term: str, cell: Cell = ()) -> float | None:
        """A number; None where there is none."""
        row = self.row(term, cell)
        return _finite(row["value"]) if row else None

    def bounds(self, term: str, cell: Cell = ()) -> tuple[float, float] | None:
        """An interval; None where there is none."""
        row = self.row(term, cell)
        if row is None:
            return None
        low, high = _finite(row["ci_low"]), _finite(row["ci_high"])
        return None if low is None or high is None else (low, high)

    def word(self, term: str, cell: Cell) -> str:
        """Why there is no number."""
        row = self.row(term, cell)
        status = row["status"] if row else "empty"
        return self.say(TEXTS, status if status in TEXTS else "undefined")

    def scale(self) -> tuple[int, int] | None:
        """The lowest and the highest answer of the item; None where the results do not tell."""
        item = next(iter(self.rows.values()))["item"]
        for row in self.results.items:
            if row["item"] == item:
                low, _, high = row["scale"].partition("..")
                return int(low), int(high)
        return None

    def against_rest(self, term: str) -> list[ComparisonRow]:
        """Groups against the rest, of single columns, whose test could be made."""
        return [
            row
            for row in self.results.comparison_rows(self.measured.name, term)
            if row["kind"] == "rest" and len(row["cell"]) == 1 and row["p_adjusted"] is not None
        ]

    def axis(self, name: str) -> str:
        """A dimension for people: a segment's column, or the wave's period."""
        about = self.results.about
        if name == about.wave:
            if about.wave_period in TEXTS:
                return self.say(TEXTS, about.wave_period)
            if name == "wave":
                return self.say(TEXTS, "wave")
        return name

    def names(self, axis: str, cells: Sequence[Cell]) -> list[str]:
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


def _finite(value: Any) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def percent(share: float) -> str:
    """A share as a percentage; all and nothing only where they are."""
    if 0.9995 <= share < 1:
        return ">99.9%"
    if 0 < share < 0.0005:
        return "<0.1%"
    return f"{100 * share:.1f}%"
