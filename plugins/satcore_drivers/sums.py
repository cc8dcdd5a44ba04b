"""Covariances of an outcome and its drivers, and how they are told where they are not regular."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from satcore import (
    Derived,
    Estimate,
    FloatArray,
    IntArray,
    Interval,
    Item,
    MomentSums,
    Replicated,
    collinear,
    r_squared,
)

#: A variance below this part of what a scale could have is rounding.
_ROUNDING: Final = 1e-12

#: A fit that leaves less than this part of the outcome's variance has used up its answers.
_SATURATED: Final = 1e-9

#: What is told beside a number.
NOBODY: Final = "nobody rated it"
NOBODY_ALL: Final = (
    "nobody rated every driver; never rated: {drivers}. Leave them out, or write "
    'missing = "pairwise"'
)
NOBODY_TOGETHER: Final = 'nobody rated every driver; write missing = "pairwise"'
CONSTANT: Final = "everyone gave it the same answer"
CONSTANT_OUTCOME: Final = "everyone gave the outcome the same answer: there is nothing to explain"
TOO_FEW: Final = "{base} respondents are too few for {drivers} drivers"
SUM: Final = "the outcome is a sum of drivers: they explain it without remainder"
PROBABILITY: Final = "a share of {count} replicates; it has no interval of its own"
COLLINEAR: Final = (
    "it is a sum of other drivers: what it adds by itself can't be told; LMG and Johnson share "
    "what they have in common"
)
FLAGS_COLLINEAR: Final = (
    "who rated it low or high follows from other drivers' ratings: what it adds by itself can't "
    "be told"
)
IMPOSSIBLE: Final = (
    "pairs of items were answered by different people, and their correlations contradict each "
    'other; write missing = "listwise"'
)
NO_ERROR: Final = "no interval: it needs replicates"


@frozen(kw_only=True, eq=False)
class Sums:
    """Covariances by cell, the outcome first, and in replicates.

    Attributes:
        moments: What was counted.
        drawn: The same in replicates; None without any.
        names: The drivers.
        base: Respondents that answered, by cell: all items, or where pairwise the outcome.
        cov: Covariances: (cells, 1+p, 1+p).
        replicated: Covariances in replicates: (cells, replicates, 1+p, 1+p); None without any.
        rated: Respondents that rated each driver beside the outcome: (cells, p).
        asked: Respondents that rated the outcome: (cells,).
    """

    moments: MomentSums
    drawn: Replicated | None
    names: Sequence[str]
    rated: IntArray
    asked: IntArray
    base: IntArray = field(init=False)
    cov: FloatArray = field(init=False)
    replicated: FloatArray | None = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "base", _base(self.moments))
        object.__setattr__(self, "cov", self._clean(self.moments))
        found = None
        if self.drawn is not None:
            found = np.stack([self._clean(view) for view in self.drawn.views], axis=1)
        object.__setattr__(self, "replicated", found)

    def _clean(self, moments: MomentSums) -> FloatArray:
        """Covariances; 0 beside an item without variance or without two answers."""
        cov = moments.cov()
        if moments.statistic.pairwise:
            # Every pair has its own n: n/(n-1) would not cancel.
            n = moments.counted["n"].astype(np.float64)
            with np.errstate(divide="ignore", invalid="ignore"):
                cov = np.where(n > 1, cov * (n - 1) / n, 0.0)
        reach = np.array([_reach(item) for item in moments.statistic.of])
        variance = np.diagonal(cov, axis1=1, axis2=2)
        with np.errstate(invalid="ignore"):
            varies = variance > _ROUNDING * reach
        # An outcome without a variance leaves nothing; a driver without one only itself.
        return np.where(varies[:, :, None] & varies[:, None, :], cov, 0.0)

    @property
    def pairwise(self) -> bool:
        """Whether each pair of items rests on those who answered both."""
        return self.moments.statistic.pairwise

    @property
    def drivers(self) -> int:
        """How many columns explain the outcome."""
        return int(self.cov.shape[1]) - 1

    @property
    def varies(self) -> NDArray[np.bool_]:
        """Whether each driver varies: (cells, p)."""
        return np.asarray(np.diagonal(self.cov, axis1=1, axis2=2)[:, 1:] > 0)

    @property
    def explained(self) -> NDArray[np.bool_]:
        """Whether a cell's fit leaves something unexplained; as many drivers as answers do not."""
        with np.errstate(invalid="ignore"):
            return np.asarray(r_squared(self.cov) < 1 - _SATURATED)

    @property
    def df(self) -> FloatArray:
        """Degrees of freedom of a fit."""
        return np.asarray(self.base - self.varies.sum(axis=1) - 1, dtype=np.float64)

    def messages(self, driver: int) -> list[str]:
        """What to know about a driver, cell by cell.

        Args:
            driver: Its place, from 0.
        """
        alike = collinear(self.cov)[:, driver]
        told = self.cell_messages()
        for cell, already in enumerate(told):
            if self.asked[cell] and not self.rated[cell, driver]:
                told[cell] = NOBODY
            elif already or not self.base[cell]:
                continue
            elif not self.varies[cell, driver]:
                told[cell] = CONSTANT
            elif alike[cell]:
                told[cell] = COLLINEAR
        return told

    def flag_messages(self, driver: int) -> list[str]:
        """What to know about a driver that two flags stand for, cell by cell.

        Args:
            driver: Its place, from 0.
        """
        both = collinear(self.cov)[:, 2 * driver : 2 * driver + 2]
        alike = np.asarray(both.any(axis=1))
        return [
            NOBODY
            if self.asked[cell] and not self.rated[cell, driver]
            else already or (FLAGS_COLLINEAR if alike[cell] else "")
            for cell, already in enumerate(self.cell_messages())
        ]

    def cell_messages(self) -> list[str]:
        """What to know about a cell."""
        explained = self.explained
        possible = np.isfinite(r_squared(self.cov))
        return [
            self._nobody(cell)
            if not base
            else CONSTANT_OUTCOME
            if base > 1 and not self.cov[cell, 0, 0] > 0
            else TOO_FEW.format(base=base, drivers=self.drivers)
            if base <= self.drivers + 1 and not explained[cell]
            else IMPOSSIBLE
            if not possible[cell]
            else ""
            if explained[cell]
            else SUM
            for cell, base in enumerate(self.base.tolist())
        ]

    def _nobody(self, cell: int) -> str:
        """Why nobody answered all, where the outcome was answered."""
        if not self.asked[cell]:
            return ""
        never = [
            name
            for name, rated in zip(self.names, self.rated[cell].tolist(), strict=True)
            if not rated
        ]
        return NOBODY_ALL.format(drivers=", ".join(never)) if never else NOBODY_TOGETHER

    def estimate(
        self,
        term: str,
        item: str,
        value: FloatArray,
        std_error: FloatArray,
        interval: Interval | None,
        message: Sequence[str],
        *,
        unit: str = "proportion",
        **more: object,
    ) -> Estimate:
        """An estimate with this base."""
        return Estimate(
            term=term,
            item=item,
            value=value,
            std_error=np.where(np.isfinite(value), std_error, np.nan),
            base=self.base,
            weighted_base=_weighted(self.moments),
            effective_base=_effective(self.moments),
            interval=interval,
            unit=unit,
            message=tuple(message),
            **more,  # type: ignore[arg-type]
        )


def _reach(item: object) -> float:
    """The square of how far an item's values lie apart."""
    if not isinstance(item, Item | Derived):
        return 1.0
    return max(((item.high - item.low) / item.denominator) ** 2, 1.0)


def _of_outcome(moments: MomentSums, name: str) -> FloatArray:
    found = moments.counted[name]
    return np.asarray(found[:, 0, 0] if moments.statistic.pairwise else found, dtype=np.float64)


def _base(moments: MomentSums) -> IntArray:
    return _of_outcome(moments, "n").astype(np.int64)


def _weighted(moments: MomentSums) -> FloatArray:
    return _of_outcome(moments, "w" if moments.weighted else "n")


def _effective(moments: MomentSums) -> FloatArray:
    w = _weighted(moments)
    square = _of_outcome(moments, "w2") if moments.weighted else w
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(square > 0, w * w / square, 0.0)


def told(*messages: Sequence[str]) -> tuple[str, ...]:
    """Messages of each cell, one after the other."""
    return tuple("; ".join(one for one in cell if one) for cell in zip(*messages, strict=True))
