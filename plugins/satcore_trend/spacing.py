"""How far apart waves lie, in steps of their usual spacing."""

from __future__ import annotations

from typing import Final

import numpy as np
from attrs import frozen

from satcore import FloatArray, IntArray

#: How far a spacing may be from a whole number of steps: months of 28 to 31 days are one step.
TOLERANCE: Final = 0.15


@frozen(kw_only=True)
class Spacing:
    """The spacings of a series' waves.

    Attributes:
        step: The usual spacing, in the unit of time.
        lengths: Each spacing in steps; whole numbers where the waves are regular.
        regular: Whether every spacing is a whole number of steps, within the tolerance.
    """

    step: float
    lengths: FloatArray
    regular: bool

    def steps(self, apart: FloatArray) -> FloatArray:
        """Times apart in steps; whole where the waves are regular and the time nearly so."""
        lengths = np.asarray(apart, dtype=np.float64) / self.step
        whole = np.rint(lengths)
        near = (np.abs(lengths - whole) <= TOLERANCE) & (whole >= 1)
        return np.where(near & self.regular, whole, lengths)


def spacing(times: FloatArray) -> Spacing:
    """The spacings of waves in order of time.

    The step is the smallest spacing, or the median one, whichever makes every spacing whole; where
    neither does, the waves are irregular and the step is the median.

    Raises:
        ValueError: Two waves at the same time.
    """
    apart = np.diff(np.asarray(times, dtype=np.float64))
    if apart.size == 0:
        return Spacing(step=1.0, lengths=apart, regular=True)
    if apart.min() <= 0:
        raise ValueError(
            "two values at the same time have no correlation in time; average them, or use "
            'errors="iid"'
        )
    median = float(np.median(apart))
    for step in (float(apart.min()), median):
        lengths = apart / step
        whole = np.rint(lengths)
        if (np.abs(lengths - whole) <= TOLERANCE).all() and whole.min() >= 1:
            return Spacing(step=step, lengths=whole, regular=True)
    return Spacing(step=median, lengths=apart / median, regular=False)


def whole_steps(lengths: FloatArray) -> IntArray:
    """The nearest whole number of steps, at least 1."""
    return np.maximum(np.rint(lengths), 1).astype(np.int64)
