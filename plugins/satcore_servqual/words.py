"""What people call dimensions and overall numbers, and numbers in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen

from satcore import Measured, Results, Text
from satcore_servqual.items import columns

#: Names for people, in English and Chinese; a dimension of a study's own keeps its name.
NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "tangibles": ("Tangibles", "有形性"),
    "reliability": ("Reliability", "可靠性"),
    "responsiveness": ("Responsiveness", "响应性"),
    "assurance": ("Assurance", "保证性"),
    "empathy": ("Empathy", "移情性"),
    "all": ("All items", "全部题项"),
    "overall": ("Overall", "总体"),
    "overall_items": ("Overall, mean of items", "总体（题项平均）"),
    "overall_dimensions": ("Overall, mean of dimensions", "总体（维度平均）"),
}

#: The differences that are tested, in the order in which they are told.
CONTRASTS: Final = ("gap", "adequacy", "superiority")

#: A label longer than this is cut.
LONGEST: Final = 42

Row = Any


def dimension(name: str, language: str, titles: Mapping[str, Text] | None = None) -> str:
    """A dimension or an overall number for people.

    Args:
        name: Its name.
        language: ``"en"`` or ``"zh"``.
        titles: Names that the study gives.
    """
    if titles and name in titles:
        return Text.of(titles[name]).said(language)
    said = NAMES.get(name)
    return name if said is None else said[1 if language == "zh" else 0]


def score(value: float) -> str:
    """A number of points of the scale."""
    text = f"{value:.2f}"
    return "0.00" if text == "-0.00" else text.replace("-", "−")


@frozen(kw_only=True)
class Found:
    """What one SERVQUAL metric found over all answers.

    Attributes:
        results: The results.
        measured: The metric.
        language: ``"en"`` or ``"zh"``.
        rows: Rows by term and item.
        tests: Rows of the test of a difference against 0, likewise.
    """

    results: Results
    measured: Measured
    language: str
    rows: Mapping[tuple[str, str], Row]
    tests: Mapping[tuple[str, str], Row]

    @classmethod
    def of(cls, results: Results, name: str, language: str) -> Found:
        """The rows of a metric.

        Args:
            results: The results.
            name: The metric's name in the study.
            language: ``"en"`` or ``"zh"``.
        """
        return cls(
            results=results,
            measured=next(one for one in results.metrics if one.name == name),
            language=language,
            rows={(row["term"], row["item"]): row for row in results.rows(name, cell={})},
            tests={
                (row["term"], row["item"]): row
                for row in results.comparison_rows(name)
                if row["kind"] == "null" and not row["cell"] and row["method"] != "wilcoxon"
            },
        )

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The dimensions."""
        return tuple(self._metric.groups())

    @property
    def items(self) -> tuple[str, ...]:
        """The items' numbers, in the study's order."""
        return tuple(str(number) for number in columns("perception", self._metric.perception))

    @property
    def _metric(self) -> Any:
        return self.measured.metric

    def term(self, term: str) -> str:
        """A term for people."""
        return self.measured.term(term, self.language)

    def label(self, item: str) -> str:
        """An item or dimension for people: an item's number with what the question says."""
        if item not in self.items:
            return dimension(item, self.language, self._metric.titles)
        column = columns("perception", self._metric.perception)[int(item)]
        asked = self.results.about.questions.get(column)
        said = next((row["label"] for row in self.results.items if row["item"] == column), None)
        said = asked.said(self.language) if asked else said
        if not said:
            return item
        text = f"{item} {said}"
        return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"

    def value(self, term: str, item: str) -> float | None:
        """A number, or None."""
        row = self.rows.get((term, item))
        found: float | None = row["value"] if row else None
        return found

    def range(self, term: str, item: str) -> str:
        """An interval in words; empty where there is none."""
        row = self.rows.get((term, item))
        if row is None or row["ci_low"] is None or row["ci_high"] is None:
            return ""
        low, high = score(row["ci_low"]), score(row["ci_high"])
        return f"{low} 至 {high}" if self.language == "zh" else f"{low} to {high}"

    def told(self, term: str, item: str) -> str:
        """A number with its interval in words."""
        value, bounds = self.value(term, item), self.range(term, item)
        shown = "–" if value is None else score(value)
        if self.language == "zh":
            return f"{shown}（{bounds}）" if bounds else shown
        return f"{shown} ({bounds})" if bounds else shown
