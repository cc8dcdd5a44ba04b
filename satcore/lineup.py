"""The cells on which a metric is evaluated, in one long line, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from attrs import evolve, field, frozen

from satcore.estimates import Estimate
from satcore.inference import FloatArray, IntArray
from satcore.metrics import Paired, Test
from satcore.planning import WAVE, GroupingSet, Plan
from satcore.results import CellLabels
from satcore.scanning import Bundle
from satcore.states import Array, Cells, State
from satcore.statistics import Rows
from satcore.waves import Waves, in_order


@frozen(kw_only=True, eq=False)
class Section:
    """One grouping set's part of the long cell axis on which metrics are evaluated.

    Attributes:
        names: The grouping set.
        cells: Its cells.
        start: The number of its first cell.
        rests: Where the rest along an axis begins: for cell i of the section, cell
            ``rests[axis] + i`` holds all the others along that axis.
    """

    names: GroupingSet
    cells: Cells
    start: int
    rests: Mapping[str, int] = field(factory=dict)


@frozen(kw_only=True, eq=False)
class Lineup:
    """The cells on which one metric is evaluated: its reported cells, then the rests.

    Attributes:
        sections: The grouping sets, the total first.
        reported: How many cells are reported; the rests follow.
        cells: How many cells there are.
        waves: The waves into which every cell is divided; None where they are whole.
        places: Where each of these waves stands among the labels of the wave.
        dated_of: How many labels of the wave there are, those without a place in time too.
    """

    sections: tuple[Section, ...]
    reported: int
    cells: int
    waves: Waves | None = None
    places: tuple[int, ...] = ()
    dated_of: int = 0

    @property
    def size(self) -> int:
        """How many entries the cell axis has: a cell's waves stand side by side."""
        return self.cells if self.waves is None else self.cells * len(self.waves)

    @classmethod
    def of(cls, plan: Plan, bundle: Bundle, by: Iterable[GroupingSet]) -> Lineup:
        """The cells of some grouping sets, besides the total, in a bundle."""
        with_rest = "rest" in plan.comparisons
        sets = [(), *(names for names in by if names)]
        found = [rolled(bundle, names, Rows().key).cells for names in sets]
        start, rest = 0, sum(len(cells) for cells in found)
        reported, sections = rest, []
        for names, cells in zip(sets, found, strict=True):
            rests = {}
            for axis in cells.axes if with_rest else ():
                if axis.name in plan.dimensions.segments and len(axis.labels) > 1:
                    rests[axis.name] = rest
                    rest += len(cells)
            sections.append(Section(names=names, cells=cells, start=start, rests=rests))
            start += len(cells)
        return cls(sections=tuple(sections), reported=reported, cells=rest)

    def divided(self, bundle: Bundle) -> Lineup:
        """The same cells, each divided into its waves."""
        axis = rolled(bundle, (WAVE,), Rows().key).cells.axes[0]
        waves, places = in_order(axis.labels)
        return evolve(self, waves=waves, places=tuple(places), dated_of=len(axis.labels))

    def arrays(self, bundle: Bundle, key: str) -> dict[str, Array]:
        """A statistic's arrays over all these cells."""
        more = () if self.waves is None else (WAVE,)
        states = [rolled(bundle, (*section.names, *more), key) for section in self.sections]
        rests = [
            state.rest(axis)
            for section, state in zip(self.sections, states, strict=True)
            for axis in section.rests
        ]
        everything = [*states, *rests]
        return {
            name: self._by_wave(np.concatenate([state.arrays[name] for state in everything]))
            for name in states[0].arrays
        }

    def _by_wave(self, array: Array) -> Array:
        """The waves in the order of time, those without a place in time left out."""
        if self.waves is None:
            return array
        by_wave = array.reshape(self.cells, -1, *array.shape[1:])[:, list(self.places)]
        return by_wave.reshape(self.size, *array.shape[1:])

    def labels(self) -> list[CellLabels]:
        """The labels of every reported cell."""
        return [labels for section in self.sections for labels in section.cells.all_labels()]


def rolled(bundle: Bundle, names: GroupingSet, key: str) -> State:
    """The state of a grouping set, rolled up from one that was scanned."""
    for scanned, by_key in bundle.states.items():
        if set(names) <= set(scanned) and key in by_key:
            return by_key[key].rolled_up(names)
    raise KeyError((names, key))


@frozen(kw_only=True, eq=False)
class Bounded:
    """An estimate with its bounds at the run's confidence.

    Attributes:
        estimate: The estimate.
        low: Lower bounds by cell; NaN without an interval.
        high: Upper bounds by cell.
    """

    estimate: Estimate
    low: FloatArray
    high: FloatArray


@frozen(kw_only=True, eq=False)
class Evaluated:
    """What one metric gave.

    Attributes:
        good: The numbers of the cells that could be evaluated.
        estimates: Its estimates over those cells.
        pairs: Differences of paired items over those cells.
        tests: Tests of its own over those cells.
        failed: Why the others could not, by cell.
    """

    good: IntArray
    estimates: tuple[Bounded, ...] = ()
    pairs: tuple[Paired, ...] = ()
    tests: tuple[Test, ...] = ()
    failed: Mapping[int, str] = field(factory=dict)

    @classmethod
    def none(cls, size: int, message: str) -> Evaluated:
        """Nothing, for the same reason in every cell."""
        return cls(good=np.array([], dtype=np.int64), failed=dict.fromkeys(range(size), message))
