"""What a control chart found, for those who tell of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from attrs import frozen

from satcore import EstimateRow, Measured, Results
from satcore_control.words import rules_of

#: Units of shares, which are told in percent.
SHARES: Final = frozenset({"proportion", "proportion per year"})

Cell: TypeAlias = "tuple[tuple[str, str | None], ...]"


@frozen(kw_only=True)
class Found:
    """The rows of one control chart.

    Attributes:
        results: The results.
        measured: The control chart's metric.
        language: ``"en"`` or ``"zh"``.
        rows: Rows by cell, term and wave; the wave is empty for the whole chart's.
        cells: The cells in their order, the total first.
        waves: The waves in the order of time.
    """

    results: Results
    measured: Measured
    language: str
    rows: Mapping[tuple[Cell, str, str], EstimateRow]
    cells: tuple[Cell, ...]
    waves: tuple[str, ...]

    @classmethod
    def of(cls, results: Results, name: str, language: str) -> Found:
        """The rows of a metric.

        Args:
            results: The results.
            name: The metric's name in the study.
            language: ``"en"`` or ``"zh"``.
        """
        found = results.rows(name)
        rows = {(tuple(row["cell"].items()), row["term"], row["item"]): row for row in found}
        return cls(
            results=results,
            measured=next(one for one in results.metrics if one.name == name),
            language=language,
            rows=rows,
            cells=tuple(dict.fromkeys(cell for cell, _, _ in rows)),
            waves=tuple(dict.fromkeys(wave for _, term, wave in rows if term == "value")),
        )

    @property
    def metric(self) -> Any:
        """The control chart with its options."""
        return self.measured.metric

    @property
    def chinese(self) -> bool:
        """Whether the reader's language is Chinese."""
        return self.language == "zh"

    def row(self, cell: Cell, term: str, wave: str = "") -> EstimateRow | None:
        """A row."""
        return self.rows.get((cell, term, wave))

    def number(self, cell: Cell, term: str, wave: str = "", column: str = "value") -> float | None:
        """A number; None where there is none."""
        row: Any = self.row(cell, term, wave)
        value = row[column] if row else None
        return value if value is not None and math.isfinite(value) else None

    def rules(self, cell: Cell, wave: str) -> tuple[str, ...]:
        """The rules that a wave breaks."""
        row = self.row(cell, "signal", wave)
        return rules_of(row["label"]) if row else ()

    def kind(self, cell: Cell) -> str:
        """The kind of chart of a cell; empty where it was not drawn."""
        row = self.row(cell, "sigma")
        kind = row["label"] if row else None
        return kind or ("" if self.metric.chart == "auto" else str(self.metric.chart))

    def judged(self, cell: Cell) -> tuple[str, ...]:
        """The waves that could be judged."""
        return tuple(wave for wave in self.waves if self.number(cell, "signal", wave) is not None)

    def signalling(self, cell: Cell) -> tuple[str, ...]:
        """The waves that signal."""
        return tuple(wave for wave in self.judged(cell) if self.rules(cell, wave))

    def wave(self, wave: str) -> str:
        """A wave for people."""
        about = self.results.about
        return about.label(about.wave, wave, self.language)

    def cell(self, cell: Cell) -> str:
        """A cell for people."""
        if not cell:
            return "全部回答" if self.chinese else "all answers"
        about = self.results.about
        labels = [about.label(axis, value, self.language) for axis, value in cell]
        return ("、" if self.chinese else ", ").join(labels)

    def subject(self) -> str:
        """What the chart is of, for people: the metric, its item and term."""
        metric = self.metric
        of = next((one for one in self.results.metrics if one.name == metric.of), None)
        if of is None:
            return str(metric.of)
        parts = [of.title(self.language)]
        if metric.item:
            parts.append(of.metric.item_title(metric.item, self.language) or metric.item)
        if metric.term and metric.term != of.primary:
            parts.append(of.term(metric.term, self.language))
        return ("·" if self.chinese else ", ").join(parts)


def told(value: float | None, unit: str) -> str:
    """A number in its unit, for people."""
    if value is None:
        return "–"
    if unit in SHARES:
        return f"{100 * value:.1f}%"
    text = f"{value:.1f}" if unit == "points" else f"{value:.2f}"
    return text[1:] if text in ("-0.0", "-0.00") else text.replace("-", "−")
