"""Cells and axes for people: what a group is called on the page."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from satcore import About, EstimateRow
from satcore_html.words import Words

#: A cell's dimensions, in its own order; empty for the total.
Axes = tuple[str, ...]


@frozen
class Cells:
    """How cells are called.

    Attributes:
        about: What was asked for; it knows the labels.
        words: The page's words.
    """

    about: About
    words: Words

    def axis(self, name: str) -> str:
        """A dimension's name: a segment's column, or the wave's period."""
        if name and name == self.about.wave:
            if self.about.wave_period:
                return self.words.known(f"period_{self.about.wave_period}", self.about.wave_period)
            if name == "wave":
                return self.words("wave")
        return name

    def axes(self, names: Axes) -> str:
        """Dimensions in a row."""
        return self.words("times").join(self.axis(name) for name in names)

    def label(self, cell: Mapping[str, str | None]) -> str:
        """A cell's labels in a row; the total's name where it has none."""
        if not cell:
            return self.words("total")
        return " · ".join(self.value(axis, value) for axis, value in cell.items())

    def value(self, axis: str, value: str | None) -> str:
        """One label; one that nobody would see, or take for a number left out, is explained."""
        text = self.about.label(axis, value, self.words.language)
        if value is None:
            return self.words("brackets", text=text, more=self.words("absent"))
        return text if text.strip() else f"“{text}”"


def by_axes(rows: list[EstimateRow]) -> dict[Axes, list[EstimateRow]]:
    """Rows by the dimensions of their cells: the total first, then in the order of the rows."""
    grouped: dict[Axes, list[EstimateRow]] = {}
    for row in rows:
        grouped.setdefault(tuple(row["cell"]), []).append(row)
    return dict(sorted(grouped.items(), key=lambda pair: bool(pair[0])))
