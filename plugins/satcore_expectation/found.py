"""What pictures and findings need of the results: numbers by item, term and cell, and names."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from attrs import frozen

from satcore import EstimateRow, Measured, Results
from satcore_expectation.metric import Expectation

Cell: TypeAlias = "tuple[tuple[str, str | None], ...]"

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "absent": ("{label} (not given)", "{label}（未填写）"),
    "wave": ("wave", "波次"),
    "day": ("day", "日"),
    "week": ("week", "周"),
    "month": ("month", "月份"),
    "quarter": ("quarter", "季度"),
    "year": ("year", "年份"),
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
    def of(cls, results: Results, name: str, language: str) -> Found | None:
        """What was found of a metric; None where it is another one or has no rows."""
        measured = next((one for one in results.metrics if one.name == name), None)
        if measured is None or not isinstance(measured.metric, Expectation):
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
            results=results,
            measured=measured,
            language=language,
            rows=rows,
            sets={axes: tuple(cells) for axes, cells in sets.items()},
        )

    @property
    def metric(self) -> Expectation:
        """The metric with its options."""
        metric = self.measured.metric
        assert isinstance(metric, Expectation)  # noqa: S101 - ``of`` has looked
        return metric

    @property
    def chinese(self) -> bool:
        """Whether the reader's language is Chinese."""
        return self.language == "zh"

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

    def row(self, item: str, term: str, cell: Cell = ()) -> EstimateRow | None:
        """A row."""
        return self.rows.get((item, term, cell))

    def value(self, item: str, term: str, cell: Cell = ()) -> float | None:
        """A number; None where there is none."""
        row = self.row(item, term, cell)
        return _finite(row["value"]) if row else None

    def bounds(self, item: str, term: str) -> tuple[float, float] | None:
        """The interval of all answers; None where there is none."""
        row = self.row(item, term)
        if row is None:
            return None
        low, high = _finite(row["ci_low"]), _finite(row["ci_high"])
        return None if low is None or high is None else (low, high)

    def tested(self, item: str, term: str) -> tuple[float, float] | None:
        """The statistic and the adjusted p of a test against a fixed value, over all answers."""
        for row in self.results.comparison_rows(self.measured.name, term):
            if row["kind"] == "null" and row["item"] == item and not row["cell"]:
                statistic, p = _finite(row["statistic"]), _finite(row["p_adjusted"])
                if statistic is not None and p is not None:
                    return statistic, p
        return None

    def shown(self, item: str, term: str) -> bool | None:
        """Whether a test against a fixed value refuses it; None where there is no test."""
        test = self.tested(item, term)
        return None if test is None else test[1] < 1 - self.results.about.confidence

    def ends(self) -> tuple[float, float] | None:
        """The ends of the scale of expectation; None where the results do not tell them."""
        column = self.metric.named()["expectation"][0]
        for row in self.results.items:
            if row["item"] == column:
                low, _, high = row["scale"].partition("..")
                return float(low), float(high)
        return None

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
