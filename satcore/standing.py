"""Metrics that stand on other metrics, and statistics counted wave by wave.

A metric's ``statistics`` may name, beside what is to be counted, another metric of the study:
``Estimates("nps")`` hands ``evaluate`` that metric's numbers for the same cells,
``Estimates("nps", along="wave")`` those of every wave of each cell. ``ByWave(Tally(item))`` does
the same for a statistic. None of them costs a scan of its own.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from attrs import evolve, field, frozen

from satcore.estimates import Estimate
from satcore.inference import FloatArray, IntArray, Interval, PickedInterval, kish
from satcore.statistics import Statistic
from satcore.waves import Waves


@frozen
class Estimates:
    """Another metric's estimates, as a leaf of ``statistics``.

    Attributes:
        of: The metric's name in the study.
        term: The term; the metric's primary one where empty.
        item: The item; the only one with that term where empty.
        along: ``"wave"`` for every wave of each cell, as a ``Series``; None for the cells
            themselves, as ``Estimated``.
    """

    of: str
    term: str = field(default="", kw_only=True)
    item: str = field(default="", kw_only=True)
    along: Literal["wave"] | None = field(default=None, kw_only=True)


@frozen
class ByWave:
    """A statistic counted for every wave of each cell, as a leaf of ``statistics``.

    Attributes:
        statistic: The statistic.
    """

    statistic: Statistic


@frozen(kw_only=True, eq=False)
class Estimated:
    """One estimate of another metric: what ``evaluate`` gets for ``Estimates``.

    The arrays have the cell axis first; those of a ``Series`` have a second axis, the waves.

    Attributes:
        metric: The metric's name in the study.
        term: The term.
        item: The item; empty where the metric has none.
        unit: ``"points"``, ``"proportion"``, ``"score"``, ...
        method: The interval's name; empty without one.
        confidence: The level of the bounds.
        value: The number; NaN where there is none.
        std_error: Its standard error; NaN where there is none.
        low: Lower bounds.
        high: Upper bounds.
        base: Answers that it rests on.
        weighted_base: Sum of the weights of those answers; their number without weights.
        effective_base: Kish's effective base.
        weighted: Whether the responses carry weights.
        exposure: What events were divided by, where the number is a rate of events; else None.
        records: Answers that it rests on, where the base counts something else; else None. A row
            that speaks of one wave hands them on, so that it is withheld where that wave is.
    """

    metric: str
    term: str
    item: str
    unit: str
    method: str
    confidence: float
    value: FloatArray
    std_error: FloatArray
    low: FloatArray
    high: FloatArray
    base: IntArray
    weighted_base: FloatArray = field()
    effective_base: FloatArray
    weighted: bool = False
    exposure: FloatArray | None = None
    records: IntArray | None = None
    _bounds: Interval | None = None
    _places: IntArray = field(factory=lambda: np.array([], dtype=np.int64))

    @weighted_base.default
    def _unweighted(self) -> FloatArray:
        return self.base.astype(np.float64)

    @property
    def interval(self) -> Interval | None:
        """How the metric bounds it, at any level: (cells,); of a ``Series``, cells × waves."""
        if self._bounds is None:
            return None
        return PickedInterval(interval=self._bounds, places=self._places.ravel())

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return len(self.value)

    def taken(self, cells: IntArray) -> Estimated:
        """The same of some cells, by number; the arrays can't be written to."""
        parts: dict[str, Any] = {name: _taken(getattr(self, name), cells) for name in _ARRAYS}
        if self.exposure is not None:
            parts["exposure"] = _taken(self.exposure, cells)
        if self.records is not None:
            parts["records"] = _taken(self.records, cells)
        places = self._places[cells] if self._places.size else self._places
        return evolve(self, **parts, places=places)


#: The arrays of an estimate that another metric may stand on.
_ARRAYS = ("value", "std_error", "low", "high", "base", "weighted_base", "effective_base")


@frozen(kw_only=True, eq=False)
class Series(Estimated):
    """One estimate of another metric, wave by wave: its arrays are (cells, waves).

    A wave without a number - nobody answered, or the metric failed there - is NaN: a gap, which
    keeps its place in time.

    Attributes:
        waves: The waves in the order of time.
    """

    waves: Waves

    @property
    def there(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Where there is a number: (cells, waves)."""
        return np.isfinite(self.value)

    def bases(
        self, chosen: np.ndarray[Any, np.dtype[np.bool_]]
    ) -> tuple[IntArray, FloatArray, FloatArray]:
        """What some waves rest on together: base, weighted base and effective base, by cell.

        Args:
            chosen: A flag for each wave, or one for each cell and wave.
        """
        base = np.where(chosen, self.base, 0).sum(axis=1)
        weights = np.where(chosen, self.weighted_base, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            squares = np.where(self.effective_base > 0, weights**2 / self.effective_base, 0.0)
        together = weights.sum(axis=1)
        return base, together, kish(together, squares.sum(axis=1))

    def records_at(self, wave: int) -> IntArray | None:
        """The answers that its number of one wave rests on, where the base counts something else.

        Args:
            wave: The wave's place.
        """
        return None if self.records is None else self.records[:, wave]

    def interval_at(self, wave: int) -> Interval | None:
        """How the metric bounds its number of one wave, at any level: (cells,).

        Args:
            wave: The wave's place.
        """
        if self._bounds is None:
            return None
        return PickedInterval(interval=self._bounds, places=self._places[:, wave])


@frozen(kw_only=True, eq=False)
class Waved:
    """A statistic, wave by wave: what ``evaluate`` gets for ``ByWave``.

    Attributes:
        waves: The waves in the order of time.
        counted: What ``evaluate`` would get for the statistic, its cell axis (cells × waves)
            long, the waves fastest.
        cells: How many cells there are.
    """

    waves: Waves
    counted: Any
    cells: int

    @property
    def shape(self) -> tuple[int, int]:
        """Cells and waves: what the cell axis of ``counted`` has to be reshaped to."""
        return (self.cells, len(self.waves))

    def at(self, estimate: Estimate, wave: int) -> Estimate:
        """One wave of an estimate made from ``counted``: (cells,).

        Args:
            estimate: Over cells × waves, as ``counted`` gives it.
            wave: The wave's place.
        """
        return estimate.picked(np.arange(self.cells, dtype=np.int64) * len(self.waves) + wave)


def _taken(array: np.ndarray[Any, Any], cells: IntArray) -> np.ndarray[Any, Any]:
    part = array[cells]
    part.flags.writeable = False
    return part
