"""The cumulative logit model on a frequency table: a check of the surface for ordinal outcomes.

The odds of an answer above any threshold change by the same factor with a predictor (proportional
odds; McCullagh 1980). The likelihood is concave, so that Newton's method with halved steps finds
its maximum where there is one.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from attrs import frozen

from satcore import FloatArray
from satcore_expectation.fitting import TIED

#: Newton steps and halvings of a step, at most; the last step's size, in thresholds' units.
STEPS: Final = 40
HALVINGS: Final = 30
SETTLED: Final = 1e-9


@frozen(kw_only=True, eq=False)
class OrderedFit:
    """Log odds of a higher answer.

    Attributes:
        slopes: One a predictor.
        covariance: Of the slopes.
    """

    slopes: FloatArray
    covariance: FloatArray


@frozen(kw_only=True, eq=False)
class _Rows:
    """One row for every group and answer that was given.

    Attributes:
        upper: How each parameter moves the threshold above the answer: (rows, parameters); of the
            highest answer 0, as there is none.
        lower: The same of the threshold below.
        top: Whether the answer is the highest; nothing is above it.
        bottom: Whether it is the lowest.
        weights: Of each row.
    """

    upper: FloatArray
    lower: FloatArray
    top: np.ndarray
    bottom: np.ndarray
    weights: FloatArray


def ordered_logit(
    places: FloatArray,
    answers: np.ndarray,
    weights: FloatArray,
    squares: FloatArray | None,
    factor: float = 1.0,
) -> OrderedFit | None:
    """Fit the model.

    None where there is no maximum, or fewer than two answers, or predictors are tied to each other.

    Args:
        places: The predictors, one row for every combination that was given: (rows, predictors).
        answers: The answer of each row, as a number; only their order counts.
        weights: How often each row counts, above 0.
        squares: Sums of squared weights of each row, for linearised errors; None for those of the
            observed information.
        factor: What linearised variances are multiplied by.
    """
    levels, at = np.unique(answers, return_inverse=True)
    if levels.size < 2:
        return None
    middle = np.average(places, axis=0, weights=weights)
    spread = np.sqrt(np.average((places - middle) ** 2, axis=0, weights=weights))
    if not np.all(spread > 0):
        return None
    scaled = (places - middle) / spread
    alike = scaled.T @ (weights[:, None] * scaled) / weights.sum()
    if np.linalg.eigvalsh(alike)[0] < TIED:
        return None
    cuts = levels.size - 1
    thresholds = np.eye(cuts)
    padded = np.concatenate([thresholds, np.zeros((1, cuts))])
    rows = _Rows(
        upper=np.concatenate([padded[at], np.where((at < cuts)[:, None], -scaled, 0.0)], axis=1),
        lower=np.concatenate([padded[at - 1], np.where((at > 0)[:, None], -scaled, 0.0)], axis=1),
        top=at == cuts,
        bottom=at == 0,
        weights=weights,
    )
    shares = np.cumsum(np.bincount(at, weights=weights))
    start = np.log(shares[:-1] / (shares[-1] - shares[:-1]))
    found = _maximum(rows, np.concatenate([start, np.zeros(places.shape[1])]))
    if found is None:
        return None
    at_maximum, information = found
    try:
        inverse = np.linalg.inv(information)
    except np.linalg.LinAlgError:
        return None
    if squares is not None:
        scores = _likelihood(rows, at_maximum)[3]
        inverse = factor * inverse @ (scores.T @ (squares[:, None] * scores)) @ inverse
    covariance = inverse[cuts:, cuts:] / (spread[:, None] * spread[None, :])
    if not np.all(np.diag(covariance) > 0):
        return None
    return OrderedFit(slopes=at_maximum[cuts:] / spread, covariance=covariance)


def _maximum(rows: _Rows, start: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """Where the likelihood is greatest, and its observed information there."""
    at = start
    value, gradient, information, _ = _likelihood(rows, at)
    for _ in range(STEPS):
        try:
            step = np.linalg.solve(information, gradient)
        except np.linalg.LinAlgError:
            return None
        size = float(np.max(np.abs(step)))
        if not np.isfinite(size):
            return None
        if size < SETTLED:
            return at, information
        slack = 1e-12 * (abs(value) + 1.0)
        for halving in range(HALVINGS):
            there = at + step / 2.0**halving
            found = _likelihood(rows, there)
            if found[0] >= value - slack:
                break
        else:
            return None
        at, (value, gradient, information, _) = there, found
    return None


def _likelihood(rows: _Rows, at: FloatArray) -> tuple[float, FloatArray, FloatArray, FloatArray]:
    """The log-likelihood, its gradient, the observed information and the scores of each row."""
    from scipy.special import expit

    above = np.where(rows.top, np.inf, rows.upper @ at)
    below = np.where(rows.bottom, -np.inf, rows.lower @ at)
    high, low = expit(above), expit(below)
    # The difference on the side where neither is near 1.
    share = np.where(above + below > 0, expit(-below) - expit(-above), high - low)
    if not np.all(share > 0):
        size = at.size
        nothing = np.zeros((len(share), size))
        return -np.inf, np.zeros(size), np.eye(size), nothing
    steep, shallow = high * expit(-above), low * expit(-below)
    scores = (steep[:, None] * rows.upper - shallow[:, None] * rows.lower) / share[:, None]
    bend = steep * (1 - 2 * high) / share
    bend_below = shallow * (1 - 2 * low) / share
    w = rows.weights
    curve = rows.upper.T @ ((w * bend)[:, None] * rows.upper)
    curve -= rows.lower.T @ ((w * bend_below)[:, None] * rows.lower)
    information = scores.T @ (w[:, None] * scores) - curve
    return float(w @ np.log(share)), w @ scores, information, scores
