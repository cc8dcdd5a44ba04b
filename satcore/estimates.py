"""An estimate: one named number a cell, with what is needed to believe it."""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import evolve, field, frozen
from attrs.converters import optional
from numpy.typing import ArrayLike, NDArray

from satcore.inference import (
    Comparison,
    FloatArray,
    IntArray,
    Interval,
    PickedInterval,
    ScaledInterval,
)


def _floats(value: ArrayLike) -> FloatArray:
    return np.asarray(value, dtype=np.float64)


def _counts(value: ArrayLike) -> IntArray:
    return np.asarray(value, dtype=np.int64)


@frozen(kw_only=True, eq=False)
class Estimate:
    """One named number for every cell.

    Every array has one entry a cell, in the order of the cells that ``evaluate`` was given.

    Attributes:
        term: The number's name: ``"nps"``, ``"promoters"``.
        value: The number; NaN where it can't be computed.
        std_error: Its standard error, in the same unit; NaN where there is none.
        base: Answers that it rests on, not weighted.
        interval: How to bound it; None where the method has no interval.
        item: The item, feature or dimension it speaks of.
        unit: ``"points"``, ``"proportion"``, ``"score"``, ...
        weighted_base: Sum of the weights of those answers; the base itself without weights.
        effective_base: Kish's effective base; the base itself without weights.
        label: A category's name by cell, where the estimate has one.
        message: What to know about a cell's number: why it is undefined, say.
        comparison: How cells are compared; None for the core's way, which needs ``std_error``.
        exposure: What events were divided by, by cell, where the number is a rate of events: value
            times exposure is their whole number. Control charts of counts need it.
        records: Answers that it rests on, where the base counts something else, as an exposure:
            a cell of few is withheld, whatever its base.
        compared: Whether cells are held against each other at all.
        null: A fixed value against which each cell is tested: 0 for a gap.
        family: Tests against fixed values are adjusted within one family of a term and cell.
    """

    term: str
    value: FloatArray = field(converter=_floats)
    std_error: FloatArray = field(converter=_floats)
    base: IntArray = field(converter=_counts)
    interval: Interval | None = None
    item: str = ""
    unit: str = "score"
    weighted_base: FloatArray = field(converter=_floats)
    effective_base: FloatArray = field(converter=_floats)
    label: tuple[str | None, ...] | None = None
    message: tuple[str, ...] | None = None
    comparison: Comparison | None = None
    exposure: FloatArray | None = field(default=None, converter=optional(_floats))
    records: IntArray | None = field(default=None, converter=optional(_counts))
    compared: bool = True
    null: float | None = None
    family: str = ""

    @weighted_base.default
    def _unweighted(self) -> IntArray:
        return self.base

    @effective_base.default
    def _all_effective(self) -> IntArray:
        return self.base

    @property
    def answers(self) -> IntArray:
        """Answers that it rests on, by cell: those who could be told from what is shown."""
        return self.base if self.records is None else self.records

    @property
    def key(self) -> tuple[str, str]:
        """Item and term: what tells two estimates of one metric apart."""
        return (self.item, self.term)

    def scaled(self, factor: float) -> Estimate:
        """The estimate times a number: -1 turns a share into a loss."""
        return evolve(
            self,
            value=factor * self.value,
            std_error=abs(factor) * self.std_error,
            interval=None
            if self.interval is None
            else ScaledInterval(interval=self.interval, factor=factor),
            comparison=None,
            exposure=None,
        )

    def picked(self, cells: IntArray) -> Estimate:
        """The estimate of some cells, in any order; they are not held against each other.

        Args:
            cells: The numbers of the cells.
        """

        def texts(entries: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
            return None if entries is None else tuple(entries[cell] for cell in cells.tolist())

        return evolve(
            self,
            value=self.value[cells],
            std_error=self.std_error[cells],
            base=self.base[cells],
            weighted_base=self.weighted_base[cells],
            effective_base=self.effective_base[cells],
            interval=None
            if self.interval is None
            else PickedInterval(interval=self.interval, places=cells),
            label=texts(self.label),
            message=texts(self.message),
            comparison=None,
            exposure=None if self.exposure is None else self.exposure[cells],
            records=None if self.records is None else self.records[cells],
            compared=False,
        )

    def check(self, cells: int) -> None:
        """Hold the arrays against the number of cells.

        Raises:
            ValueError: An array has another shape, named with its term.
        """
        for name in (
            "value", "std_error", "base", "weighted_base", "effective_base", "exposure", "records"
        ):  # fmt: skip
            if getattr(self, name) is None:
                continue
            shape = getattr(self, name).shape
            if shape != (cells,):
                raise ValueError(
                    f"term {self.term!r}: {name} has the shape {shape}, not one entry for each of "
                    f"the {cells} cells"
                )
        for name in ("label", "message"):
            entries = getattr(self, name)
            if entries is not None and len(entries) != cells:
                raise ValueError(
                    f"term {self.term!r}: {len(entries)} entries of {name}, not {cells}"
                )


def told_withheld(below: int) -> str:
    """Why a cell is withheld.

    Cells with few answers and those that protect them are told alike: to know which is which
    would narrow down what both hold.
    """
    return f"fewer than {below} answers, here or in a group that this one would give away; withheld"


def statuses(estimate: Estimate, min_base: int, withheld: NDArray[np.bool_]) -> NDArray[np.str_]:
    """The status of each cell of an estimate.

    Args:
        estimate: The estimate.
        min_base: Cells with fewer answers are small.
        withheld: Whether each cell is withheld.
    """
    base = estimate.base
    return np.select(
        [
            # Records without any exposure are there all the same: they may have to be withheld.
            (base == 0) & (estimate.answers == 0),
            withheld,
            ~np.isfinite(estimate.value),
            base < min_base,
        ],
        ["empty", "suppressed", "undefined", "small"],
        "ok",
    )
