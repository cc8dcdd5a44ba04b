"""What a response surface is like: its lines of agreement and disagreement, its stationary point.

S = b0 + b1 E + b2 P + b3 E² + b4 EP + b5 P², both about the midpoint of their scale. Along the
line of agreement (E = P) the slope at the midpoint is a1 = b1 + b2 and the curvature a2 = b3 + b4 +
b5; along that of disagreement (P = -E), read towards higher expectation, they are a3 = b1 - b2 and
a4 = b3 - b4 + b5 (Edwards and Parry 1993, Academy of Management Journal 36).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

import numpy as np

from satcore import Estimate, FloatArray, StudentInterval
from satcore_expectation import words
from satcore_expectation.fitting import Fit

#: Slopes and curvatures as combinations of b0 to b5.
SLOPES: Final[Mapping[str, FloatArray]] = {
    "a1": np.array([0.0, 1, 1, 0, 0, 0]),
    "a2": np.array([0.0, 0, 0, 1, 1, 1]),
    "a3": np.array([0.0, 1, -1, 0, 0, 0]),
    "a4": np.array([0.0, 0, 0, 1, -1, 1]),
}

#: How many standard errors the surface's discriminant has to be from 0 for its stationary point
#: to have an interval: a ratio whose denominator may be 0 has none that can be believed.
DISTINCT: Final = 2.0


def stationary(
    estimate: Callable[..., Estimate],
    fit: Fit,
    covariance: FloatArray,
    method: str,
    centre: float,
    problems: tuple[str, ...],
) -> Iterator[Estimate]:
    """Where the surface is level: expectation and perception in points of their scale.

    Args:
        estimate: Makes an estimate of item, term, value, error and interval.
        fit: The surface.
        covariance: Of its coefficients.
        method: What its errors are called.
        centre: The midpoint of the scale.
        problems: Why cells have no surface.
    """
    _, b1, b2, b3, b4, b5 = fit.coefficients.T
    nothing = np.zeros_like(b1)
    bend = 4 * b3 * b5 - b4**2
    by_bend = np.stack([nothing, nothing, nothing, 4 * b5, -2 * b4, 4 * b3], axis=1)
    flat = ~(np.abs(bend) > DISTINCT * _error(covariance, by_bend))
    tops = {
        "stationary_expectation": (
            b2 * b4 - 2 * b1 * b5,
            np.stack([nothing, -2 * b5, b4, nothing, b2, -2 * b1], axis=1),
        ),
        "stationary_perception": (
            b1 * b4 - 2 * b2 * b3,
            np.stack([nothing, b4, -2 * b3, -2 * b2, b1, nothing], axis=1),
        ),
    }
    for term, (top, by_top) in tops.items():
        with np.errstate(divide="ignore", invalid="ignore"):
            place = top / bend
            gradient = (by_top - place[:, None] * by_bend) / bend[:, None]
        std_error = np.where(flat, np.nan, _error(covariance, gradient))
        value = place + centre
        yield estimate(
            "surface",
            term,
            value,
            std_error,
            StudentInterval(centre=value, std_error=std_error, df=fit.df, method=method),
            message=tuple(
                said or (words.TOO_FLAT if here else "")
                for said, here in zip(problems, flat.tolist(), strict=True)
            ),
        )


def _error(covariance: FloatArray, gradient: FloatArray) -> FloatArray:
    """The error of a combination that differs from cell to cell."""
    with np.errstate(invalid="ignore", over="ignore"):
        variance = np.einsum("ci,cij,cj->c", gradient, covariance, gradient)
        return np.asarray(np.sqrt(np.maximum(variance, 0.0)), dtype=np.float64)
