"""What people call dimensions and overall numbers, and numbers in words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final

from attrs import frozen

from satcore import ComparisonRow, Reading, Text, shown_score
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


@frozen(kw_only=True)
class Found(Reading[Any]):
    """What one SERVQUAL metric found over all answers."""

    @cached_property
    def tests(self) -> Mapping[tuple[str, str], ComparisonRow]:
        """Rows of the test of a difference against 0, by term and item."""
        return {
            (row["term"], row["item"]): row
            for row in self.results.comparison_rows(self.measured.name)
            if row["kind"] == "null" and not row["cell"] and row["method"] != "wilcoxon"
        }

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The dimensions."""
        return tuple(self.metric.groups())

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        """The items' numbers, in the study's order."""
        return tuple(str(number) for number in columns("perception", self.metric.perception))

    def item(self, item: str) -> str:
        """An item or dimension for people: an item's number with what the question says."""
        if item not in self.numbers:
            return dimension(item, self.language, self.metric.titles)
        column = columns("perception", self.metric.perception)[int(item)]
        asked = self.results.about.questions.get(column)
        said = next((row["label"] for row in self.results.items if row["item"] == column), None)
        said = asked.said(self.language) if asked else said
        if not said:
            return item
        text = f"{item} {said}"
        return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"

    def told(self, item: str, term: str) -> str:
        """A number with its interval in words."""
        value = self.value(item, term)
        shown = "–" if value is None else shown_score(value)
        if self.bounds(item, term) is None:
            return shown
        bounds = self.interval(item, term, shown=shown_score)
        return f"{shown}（{bounds}）" if self.chinese else f"{shown} ({bounds})"
