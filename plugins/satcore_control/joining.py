"""Charts of several groups of cells, put together in the order of the cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from attrs import evolve

from satcore_control.charts import ControlChart
from satcore_control.rules import BoolArray, Broken

#: The cells of a group, and their chart.
Part: TypeAlias = "tuple[BoolArray, ControlChart]"

#: The arrays of a chart.
ARRAYS = (
    "value",
    "centre",
    "centre_error",
    "sigma",
    "plotted",
    "lower",
    "upper",
    "phase_one",
    "judged",
    "ratio",
)


def joined(parts: Sequence[Part]) -> ControlChart:
    """The chart of all cells.

    Args:
        parts: For every group of cells, which they are - (cells,), each in one group - and their
            chart. All charts judge by the same rules.
    """
    whole = parts[0][1]
    if len(parts) == 1:
        return whole
    charts = [chart for _, chart in parts]
    arrays: dict[str, Any] = {
        name: _placed(parts, [getattr(one, name) for one in charts]) for name in ARRAYS
    }
    if whole.down is not None:
        arrays["down"] = _placed(parts, [one.down for one in charts])
    broken = {
        rule: Broken(
            points=_placed(parts, [one.broken[rule].points for one in charts]),
            over_gap=_placed(parts, [one.broken[rule].over_gap for one in charts]),
        )
        for rule in whole.broken
    }
    return evolve(whole, broken=broken, **arrays)


def _placed(parts: Sequence[Part], arrays: Sequence[Any]) -> Any:
    """Each group's array on the places of its cells."""
    whole = np.zeros((parts[0][0].size, *arrays[0].shape[1:]), dtype=arrays[0].dtype)
    for (cells, _), array in zip(parts, arrays, strict=True):
        whole[cells] = array
    return whole
