"""What pictures and findings need of the results: options, numbers, names."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from attrs import frozen

from satcore import EstimateRow, Measured, Results
from satcore_multiple.metric import Multiple
from satcore_multiple.options import OVERALL

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
        labels: What each option is called, no two alike.
    """

    results: Results
    measured: Measured
    language: str
    rows: Mapping[tuple[str, str, Cell], EstimateRow]
    sets: Mapping[tuple[str, ...], Sequence[Cell]]
    labels: Mapping[str, str]

    @classmethod
    def of(cls, results: Results, name: str, language: str) -> Found | None:
        """What was found of a metric; None where it is no multiple response or has no rows."""
        measured = next((one for one in results.metrics if one.name == name), None)
        if measured is None or not isinstance(measured.metric, Multiple):
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
    def metric(self) -> Multiple:
        """The metric with its options."""
        metric = self.measured.metric
        assert isinstance(metric, Multiple)  # noqa: S101 - ``of`` has looked
        return metric

    @property
    def chinese(self) -> bool:
        """Whether the reader's language is Chinese."""
        return self.language == "zh"

    @property
    def level(self) -> str:
        """The confidence level of the intervals."""
        return f"{100 * next(iter(self.rows.values()))['confidence']:.6g}%"

    @property
    def ordered(self) -> tuple[str, ...]:
        """The options by their share of all respondents, the exclusive ones last."""
        names = self.metric.names
        exclusive = self.metric.exclusive

        def place(name: str) -> tuple[bool, float, int]:
            share = self.value(name)
            return name in exclusive, 1.0 if share is None else -share, names.index(name)

        return tuple(sorted(names, key=place))

    def say(self, texts: Mapping[str, tuple[str, str]], key: str, **values: object) -> str:
        """A text in the reader's language."""
        text = texts[key][1 if self.chinese else 0]
        return text.format(**values) if values else text

    def row(self, item: str, term: str = "respondents", cell: Cell = ()) -> EstimateRow | None:
        """A row."""
        return self.rows.get((item, term, cell))

    def value(self, item: str, term: str = "respondents", cell: Cell = ()) -> float | None:
        """A number; None where there is none."""
        row = self.row(item, term, cell)
        return finite(row["value"]) if row else None

    def bounds(
        self, item: str, term: str = "respondents", cell: Cell = ()
    ) -> tuple[float, float] | None:
        """An interval; None where there is none."""
        row = self.row(item, term, cell)
        if row is None:
            return None
        low, high = finite(row["ci_low"]), finite(row["ci_high"])
        return None if low is None or high is None else (low, high)

    def term(self, term: str) -> str:
        """A term for people."""
        return self.measured.term(term, self.language)

    def unsure(self) -> dict[frozenset[str], float]:
        """Adjusted p of the options held against each other, over all respondents."""
        found: dict[frozenset[str], float] = {}
        for row in self.results.comparison_rows(self.measured.name, "respondents"):
            other = (row["against"] or {}).get("item")
            if row["kind"] == "paired" and not row["cell"] and other is not None:
                p = row["p_adjusted"]
                found[frozenset((row["item"], other))] = 1.0 if p is None else p
        return found


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


def _labels(results: Results, metric: Multiple, language: str) -> dict[str, str]:
    found: dict[str, str] = {}
    asked: Mapping[str, Any] = results.about.questions
    for name in metric.names:
        said = asked[name].said(language) if name in asked else ""
        label = metric.item_title(name, language) or said or name
        found[name] = f"{label} ({name})" if label in found.values() else label
    return found


__all__ = ["OVERALL", "Cell", "Found", "finite", "percent"]
