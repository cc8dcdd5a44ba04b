"""What a reader can choose on the page: segments and waves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from attrs import frozen

from satcore import Results
from satcore_html.cells import Cells

#: A dimension with more labels is not offered: nobody finds theirs among thousands of boxes.
MOST_LABELS: Final = 1_000

#: From so many labels on, a field helps to find one.
MANY: Final = 12


@frozen(kw_only=True)
class Axis:
    """A dimension that can be chosen from.

    Attributes:
        name: Its column, as cells name it.
        title: Its name for people.
        labels: For every label, what people call it.
        values: The labels as cells hold them; None for answers that gave none.
        wave: Whether it is the wave.
    """

    name: str
    title: str
    labels: tuple[str, ...]
    values: tuple[str | None, ...]
    wave: bool = False

    @property
    def many(self) -> bool:
        """Whether its labels are too many to be read at a glance."""
        return len(self.values) > MANY


class Choice:
    """The dimensions that can be chosen from, and where in them a cell stands.

    Attributes:
        axes: The dimensions: segments first, then the wave.
    """

    def __init__(self, axes: Iterable[Axis]) -> None:
        self.axes = tuple(axes)
        self._codes = {
            (axis.name, value): f"{number}:{place}"
            for number, axis in enumerate(self.axes)
            for place, value in enumerate(axis.values)
        }

    @classmethod
    def of(cls, results: Results, cells: Cells) -> Choice:
        """The dimensions of the cells of some results that have more than one label."""
        found: dict[str, dict[str | None, None]] = {}
        every = results.estimates.plain("cell") if len(results.estimates) else []
        distinct = dict.fromkeys(tuple(cell.items()) for cell in every)
        # Where a dimension stands alone its labels stand in their own order.
        for cell in sorted(distinct, key=len):
            for axis, value in cell:
                found.setdefault(axis, {})[value] = None
        names = sorted(found, key=lambda name: name == results.about.wave)
        return cls(
            Axis(
                name=name,
                title=cells.axis(name),
                labels=tuple(cells.value(name, value) for value in found[name]),
                values=tuple(found[name]),
                wave=name == results.about.wave,
            )
            for name in names
            if 1 < len(found[name]) <= MOST_LABELS
        )

    def place(self, *cells: Mapping[str, str | None]) -> str:
        """Where cells stand, as a text.

        ``0:2,1:5`` is the third label of the first dimension and the sixth of the second. Several
        cells are joined by ``|``; a row that tells of them stays while any is chosen. What stands
        in no dimension is empty, and always stays.
        """
        codes = self._codes
        places = (",".join(codes[pair] for pair in cell.items() if pair in codes) for cell in cells)
        distinct = dict.fromkeys(places)
        return "" if "" in distinct else "|".join(distinct)
