"""What each wave of a series weighs: one over the square of its standard error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from satcore import FloatArray, Series, listed, normal_quantile

#: Waves named in a message, at most.
NAMED: Final = 3

#: The level at which an interval's width stands for an error: the same whatever is reported, so
#: that no estimate depends on the confidence that was asked for.
LEVEL: Final = 0.95


@frozen(kw_only=True, eq=False)
class Weighed:
    """A series as it is fitted.

    Attributes:
        values: (cells, waves), NaN where a wave takes no part.
        errors: Standard errors, (cells, waves); None where all waves weigh alike.
        own: Whether a cell's errors are its waves' own, (cells,).
        messages: What was done about waves without an error, by cell.
    """

    values: FloatArray
    errors: FloatArray | None
    own: NDArray[np.bool_]
    messages: tuple[str, ...]

    @classmethod
    def alike(cls, series: Series) -> Weighed:
        """Every wave weighs the same."""
        return cls(
            values=series.value,
            errors=None,
            own=np.zeros(series.cells, dtype=np.bool_),
            messages=("",) * series.cells,
        )


def weighed(series: Series) -> Weighed:
    """Waves weighted by their own standard errors.

    A wave on which all agree has an error of 0, and would weigh without end. It gets the one that
    its interval implies - half its width over the normal quantile, which for nets is adjusted
    Wald's and for shares Wilson's - since those are never 0. Where the interval has no width
    either, it gets the largest error of the other waves. A wave without any error is left out; a
    cell none of whose waves has one above 0 is fitted with equal weights.
    """
    there = series.there
    known = there & np.isfinite(series.std_error)
    # Cells whose metric gives no error at all keep their waves.
    bare = ~known.any(axis=1, keepdims=True)
    errors = np.where(known, series.std_error, np.nan)
    flat = known & ~(errors > 0)
    reach = _reach(series)
    widened = flat & (reach > 0)
    errors = np.where(widened, reach, errors)
    # Nothing says how sure such a wave is: as unsure as the least sure of the others.
    positive = np.where(errors > 0, errors, 0.0)
    largest = positive.max(axis=1, keepdims=True, initial=0.0)
    lent = flat & ~widened
    errors = np.where(lent | (bare & there), np.where(largest > 0, largest, 1.0), errors)
    dropped = there & ~known & ~bare
    own = largest[:, 0] > 0
    labels = np.array(series.waves.labels, dtype=object)
    return Weighed(
        values=np.where(np.isfinite(errors), series.value, np.nan),
        errors=errors,
        own=own,
        messages=tuple(
            "; ".join(_messages(*(labels[some] for some in waves), lender=lender))
            for *waves, lender in zip(widened, lent, dropped, own.tolist(), strict=True)
        ),
    )


def _reach(series: Series) -> FloatArray:
    """The standard error that each wave's interval implies; NaN without an interval."""
    if series.interval is None:
        return np.full(series.value.shape, np.nan)
    low, high = series.interval.bounds(LEVEL)
    reach = (high - low) / (2.0 * normal_quantile(0.5 + LEVEL / 2.0))
    return np.asarray(reach.reshape(series.value.shape), dtype=np.float64)


def _messages(
    widened: np.ndarray, lent: np.ndarray, dropped: np.ndarray, *, lender: bool
) -> Iterator[str]:
    if widened.size:
        yield f"all agree in {_told(widened)}: the interval's width stands for the error"
    if lent.size and lender:
        yield f"all agree in {_told(lent)}: the other waves' largest error stands for the error"
    elif lent.size:
        yield "no wave has an error above 0: all weigh alike"
    if dropped.size:
        yield f"left out, without a standard error: {_told(dropped)}"


def _told(labels: np.ndarray) -> str:
    return listed(labels.tolist(), NAMED)
