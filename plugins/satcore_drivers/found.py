"""What pictures and findings need of the results: drivers, numbers, names."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from attrs import frozen

from satcore import EstimateRow, Measured, Results
from satcore_drivers.options import OVERALL

Cell: TypeAlias = "tuple[tuple[str, str | None], ...]"


@frozen(kw_only=True)
class Found:
    """The rows of one metric, by item, term and cell.

    Attributes:
        results: The results.
        measured: The metric.
        language: ``"en"`` or ``"zh"``.
        rows: The rows.
        sets: The cells of each reported set, by its columns.
        labels: What each driver is called, no two alike.
    """

    results: Results
    measured: Measured
    language: str
    rows: Mapping[tuple[str, str, Cell], EstimateRow]
    sets: Mapping[tuple[str, ...], Sequence[Cell]]
    labels: Mapping[str, str]

    @classmethod
    def of(cls, results: Results, name: str, language: str) -> Found | None:
        """What was found of a metric; None where it has no rows."""
        measured = next((one for one in results.metrics if one.name == name), None)
        if measured is None:
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
            labels=_labels(results, measured.metric, language),
        )

    @property
    def metric(self) -> Any:
        """The metric with its options."""
        return self.measured.metric

    @property
    def names(self) -> tuple[str, ...]:
        """The drivers, as the study lists them."""
        return tuple(self.labels)

    @property
    def chinese(self) -> bool:
        """Whether the reader's language is Chinese."""
        return self.language == "zh"

    @property
    def comma(self) -> str:
        """What stands between the parts of a list."""
        return "、" if self.chinese else ", "

    @property
    def level(self) -> str:
        """The confidence level of the intervals."""
        return f"{100 * next(iter(self.rows.values()))['confidence']:.6g}%"

    @property
    def outcome(self) -> str:
        """What the outcome is called."""
        name = str(getattr(self.metric, "outcome", "") or "")
        asked: Mapping[str, Any] = self.results.about.questions
        said = asked[name].said(self.language) if name in asked else ""
        return said or name

    def ordered(self, term: str) -> tuple[str, ...]:
        """The drivers by a term over all answers, greatest first; those without it last."""

        def place(name: str) -> tuple[bool, float, int]:
            value = self.value(name, term)
            return value is None, -(value or 0.0), self.names.index(name)

        return tuple(sorted(self.names, key=place))

    def say(self, texts: Mapping[str, tuple[str, str]], key: str, **values: object) -> str:
        """A text in the reader's language."""
        text = texts[key][1 if self.chinese else 0]
        return text.format(**values) if values else text

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

    def label(self, item: str, term: str, cell: Cell = ()) -> str | None:
        """A category."""
        row = self.row(item, term, cell)
        return row["label"] if row else None

    def term(self, term: str) -> str:
        """A term for people."""
        return self.measured.term(term, self.language)

    def status(self, term: str) -> str:
        """The status of a term of all drivers over all answers."""
        row = self.row(OVERALL, term)
        return row["status"] if row else "empty"


def finite(value: float | None) -> float | None:
    """A number, or None for one that is none."""
    return value if value is not None and math.isfinite(value) else None


def percent(share: float) -> str:
    """A share as a percentage; all and nothing only where they are."""
    if 0.9995 <= share < 1:
        return ">99.9%"
    if 0 < share < 0.0005:
        return "<0.1%"
    return f"{100 * share:.1f}%".replace("-", "−")


def score(value: float) -> str:
    """A number of points."""
    text = f"{value:.2f}"
    return "0.00" if text == "-0.00" else text.replace("-", "−")


def _labels(results: Results, metric: Any, language: str) -> dict[str, str]:
    found: dict[str, str] = {}
    asked: Mapping[str, Any] = results.about.questions
    for name in metric.names:
        said = asked[name].said(language) if name in asked else ""
        label = metric.item_title(name, language) or said or name
        found[name] = f"{label} ({name})" if label in found.values() else label
    return found
