"""What is told beside the numbers of a path model, and on how many answers they rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np
from attrs import frozen

from satcore import FloatArray, IntArray, MomentSums, Tallied, listed
from satcore_loyalty.numbers import Number, Solution
from satcore_loyalty.structure import Structure

if TYPE_CHECKING:
    from satcore_loyalty.metric import Loyalty

SINGLE: Final = "of a single item it can't be known"
ONE: Final = "one respondent has no variance"
CONSTANT: Final = "items without variance: {items}"
MOVING: Final = "the weights still move after {steps} steps"
UNKNOWN: Final = (
    "the answers do not determine the model: constructs go wholly together, or not at all"
)
FEW: Final = "no more respondents ({base}) than items ({items})"
NO_REPLICATES: Final = "no replicates were asked for, so that it has no interval"
FAILED: Final = "{count} of {whole} replicates could not be estimated"
NEGATIVE: Final = "negative weight: is the item asked the other way round?"
NO_MEAN: Final = "with a negative weight of {items} it is no mean of its items"
NO_SCALE: Final = "the weights do not sum to more than 0"
LEFT_OUT: Final = "{count} left out who did not answer every item"
GAPS: Final = "{count} did not answer every item"


@frozen(kw_only=True, eq=False)
class Answered:
    """How many answers a path model rests on.

    Attributes:
        base: Respondents by cell; of the two items that fewest answered both, where pairwise.
        weighted_base: Sum of their weights.
        effective_base: Kish's effective base.
        gaps: Respondents who answered some items, but not all.
        pairwise: Whether these count where they can.
    """

    base: IntArray
    weighted_base: FloatArray
    effective_base: FloatArray
    gaps: IntArray
    pairwise: bool

    @classmethod
    def of(cls, moments: MomentSums, answered: Tallied) -> Answered:
        """From what was counted."""
        gaps = answered.counts[:, 1:-1].sum(axis=1)
        pairwise = moments.statistic.pairwise
        if not pairwise:
            return cls(
                base=moments.base,
                weighted_base=moments.weighted_base,
                effective_base=moments.effective_base,
                gaps=gaps,
                pairwise=pairwise,
            )

        def least(name: str) -> FloatArray:
            return np.asarray(moments.counted[name].min(axis=(1, 2)), dtype=np.float64)

        base = moments.counted["n"].min(axis=(1, 2))
        if not moments.weighted:
            whole = base.astype(np.float64)
            return cls(
                base=base, weighted_base=whole, effective_base=whole, gaps=gaps, pairwise=True
            )
        with np.errstate(divide="ignore", invalid="ignore"):
            effective = moments.counted["w"] ** 2 / moments.counted["w2"]
        effective = np.where(base > 0, effective.min(axis=(1, 2)), 0.0)
        return cls(
            base=base,
            weighted_base=least("w"),
            effective_base=effective,
            gaps=gaps,
            pairwise=True,
        )


def told(
    metric: Loyalty,
    model: Structure,
    found: Solution,
    cov: FloatArray,
    answered: Answered,
    failed: IntArray,
    std_error: FloatArray,
) -> Callable[[Number, FloatArray], tuple[str, ...]]:
    """Gives the messages of a number, by cell.

    Args:
        metric: The metric with its options.
        model: The path model.
        found: Its estimates.
        cov: Covariances of the items.
        answered: On how many answers they rest.
        failed: Replicates without an estimate, by cell.
        std_error: Of every number: (cells, numbers).
    """
    cells = range(cov.shape[0])
    items = len(model.columns)
    flat = np.einsum("cii->ci", cov) <= 0
    base = answered.base.tolist()
    negative = found.fitted.weights < 0

    def undefined(cell: int) -> str:
        """Why a cell has no model."""
        if base[cell] == 0:
            return ""
        if base[cell] == 1:
            return ONE
        if flat[cell].any():
            names = [name for name, one in zip(model.columns, flat[cell], strict=True) if one]
            return CONSTANT.format(items=listed(names, 5))
        corr = found.corr[cell]
        if found.fitted.steps[cell] >= metric.steps and np.isfinite(corr).all():
            return MOVING.format(steps=metric.steps)
        return UNKNOWN

    without = ["" if found.fitted.converged[cell] else undefined(cell) for cell in cells]
    common: list[list[str]] = []
    for cell in cells:
        said = []
        if base[cell] and found.fitted.converged[cell]:
            if base[cell] <= items:
                said.append(FEW.format(base=base[cell], items=items))
            elif failed[cell]:
                count = int(failed[cell])
                said.append(FAILED.format(count=count, whole=metric.replicates))
        common.append(said)

    def of_number(one: Number, values: FloatArray) -> tuple[str, ...]:
        messages = []
        for cell in cells:
            if one.single:
                messages.append(SINGLE if base[cell] else "")
                continue
            said = [without[cell]] if without[cell] else [*common[cell]]
            known = bool(np.isfinite(values[cell]))
            if base[cell] and found.fitted.converged[cell]:
                if not known:
                    said.append(NO_SCALE if one.construct >= 0 else UNKNOWN)
                elif not metric.replicates and (one.construct < 0 or answered.pairwise):
                    said.append(NO_REPLICATES)
            if one.place >= 0 and negative[cell, one.place]:
                said.append(NEGATIVE)
            if one.construct >= 0:
                said += _of_index(cell, one.construct)
            messages.append("; ".join(said))
        return tuple(messages)

    def _of_index(cell: int, construct: int) -> list[str]:
        said = []
        odd = [model.columns[place] for place in model.items_of(construct) if negative[cell, place]]
        if odd:
            said.append(NO_MEAN.format(items=listed(odd, 5)))
        if answered.gaps[cell]:
            text = GAPS if answered.pairwise else LEFT_OUT
            said.append(text.format(count=f"{int(answered.gaps[cell]):,}"))
        return said

    return of_number
