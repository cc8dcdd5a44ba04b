"""What pictures and findings need of the results of a journey."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Final

from attrs import frozen

from satcore import Reading, Texts, finite
from satcore_journey.metric import Journey

WITH_INTERVAL: Final[Texts] = {
    "told": (
        "{value} ({level} interval {low} to {high})",
        "{value}（{level} 区间 {low} 至 {high}）",
    ),
}


@frozen(kw_only=True)
class Found(Reading[Journey]):
    """The rows of one journey."""

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """What each touchpoint is called, no two alike."""
        return self.titles(self.metric.names)

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
    def overall(self) -> str:
        """What the overall rating is called."""
        return self.question(self.metric.overall or "")

    def message(self, item: str, term: str) -> str:
        """What stands beside a number."""
        row = self.row(item, term)
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
