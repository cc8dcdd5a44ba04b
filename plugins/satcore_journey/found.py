"""What pictures and findings need of the results: touchpoints, numbers, names."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from attrs import frozen

from satcore import EstimateRow, Measured, Results
from satcore_journey.metric import Journey
from satcore_journey.options import OVERALL

Cell: TypeAlias = "tuple[tuple[str, str | None], ...]"

WITH_INTERVAL: Final[dict[str, tuple[str, str]]] = {
    "told": (
        "{value} ({level} interval {low} to {high})",
        "{value}（{level} 区间 {low} 至 {high}）",
    ),
}


@frozen(kw_only=True)
class Found:
    """The rows of one journey, by item, term and cell.

    Attributes:
        results: The results.
        measured: The metric.
        language: ``"en"`` or ``"zh"``.
        rows: The rows.
        sets: The cells of each reported set, by its columns.
        labels: What each touchpoint is called, no two alike.
    """

    results: Results
    measured: Measured
    language: str
    rows: Mapping[tuple[str, str, Cell], EstimateRow]
    sets: Mapping[tuple[str, ...], Sequence[Cell]]
    labels: Mapping[str, str]

    @classmethod
    def of(cls, results: Results, name: str, language: str) -> Found | None:
        """What was found of a metric; None where it is no journey or has no rows."""
        measured = next((one for one in results.metrics if one.name == name), None)
        if measured is None or not isinstance(measured.metric, Journey):
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
    def metric(self) -> Journey:
        """The metric with its options."""
        metric = self.measured.metric
        assert isinstance(metric, Journey)  # noqa: S101 - ``of`` has looked
        return metric

    @property
    def names(self) -> tuple[str, ...]:
        """The touchpoints: as listed, or by their mean step where respondents number them."""
        listed = self.metric.names

        def place(name: str) -> tuple[float, int]:
            step = self.value(name, "step")
            return math.inf if step is None else step, listed.index(name)

        return tuple(sorted(listed, key=place)) if self.metric.step else listed

    @property
    def moments(self) -> tuple[str, ...]:
        """The touchpoints that surely cost something, the dearest first."""
        sure = []
        for name in self.names:
            bounds = self.bounds(name, "cost")
            if bounds is not None and bounds[0] > 0:
                sure.append(name)
        return tuple(sorted(sure, key=lambda name: -(self.value(name, "cost") or 0.0)))

    @property
    def comma(self) -> str:
        """What stands between the parts of a list."""
        return "、" if self.language == "zh" else ", "

    @property
    def level(self) -> str:
        """The confidence level of the intervals."""
        return f"{100 * next(iter(self.rows.values()))['confidence']:.6g}%"

    @property
    def overall(self) -> str:
        """What the overall rating is called."""
        name = self.metric.overall or ""
        asked: Mapping[str, Any] = self.results.about.questions
        said = asked[name].said(self.language) if name in asked else ""
        return said or name

    def say(self, texts: Mapping[str, tuple[str, str]], key: str, **values: object) -> str:
        """A text in the reader's language."""
        text = texts[key][1 if self.language == "zh" else 0]
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

    def term(self, term: str) -> str:
        """A term for people."""
        return self.measured.term(term, self.language)

    def message(self, item: str, term: str, cell: Cell = ()) -> str:
        """What stands beside a number."""
        row = self.row(item, term, cell)
        return row["message"] if row else ""

    def told(self, item: str, term: str, shown: Callable[[float], str]) -> str:
        """A number with its interval; empty where there is none."""
        value, bounds = self.value(item, term), self.bounds(item, term)
        if value is None:
            return ""
        if bounds is None:
            return shown(value)
        low, high = map(shown, bounds)
        return self.say(
            WITH_INTERVAL, "told", value=shown(value), level=self.level, low=low, high=high
        )

    def unlike(self, kind: str, term: str) -> Iterator[tuple[str, str, float]]:
        """Items of all answers that are surely unlike a fixed value, or one another.

        Args:
            kind: The kind of comparison.
            term: The term.

        Yields:
            The item, what it is held against, and the difference.
        """
        for row in self.results.comparison_rows(self.measured.name, term):
            p, difference = row["p_adjusted"], finite(row["difference"])
            if row["kind"] != kind or row["cell"] or p is None or difference is None:
                continue
            if p <= 1 - self.results.about.confidence:
                yield row["item"], (row["against"] or {}).get("item") or "", difference


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


def _labels(results: Results, metric: Journey, language: str) -> dict[str, str]:
    found: dict[str, str] = {}
    asked: Mapping[str, Any] = results.about.questions
    for name in metric.names:
        said = asked[name].said(language) if name in asked else ""
        label = metric.item_title(name, language) or said or name
        found[name] = f"{label} ({name})" if label in found.values() else label
    return found


__all__ = ["OVERALL", "Cell", "Found", "finite", "percent", "score"]
