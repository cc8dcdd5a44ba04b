"""PLS path modelling of many correlation matrices at once.

Source: Tenenhaus, Esposito Vinzi, Chatelin and Lauro (2005), "PLS path modeling", Computational
Statistics & Data Analysis 48, sections 1 and 2 (mode A, standardised items, the three schemes of
inner estimation); Lohmöller (1989) for path weighting.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from satcore import FloatArray, IntArray
from satcore_loyalty.structure import Structure

Scheme: TypeAlias = Literal["path", "centroid", "factor"]

#: Weights that change by no more than this between two steps stand still.
STILL: Final = 1e-12

#: A pivot of a correlation matrix below this is none: a construct is the others' combination.
FLAT: Final = 1e-10


@frozen(kw_only=True, eq=False)
class Fitted:
    """Path models, one a correlation matrix. Where one could not be estimated, all is NaN.

    Attributes:
        weights: Of each standardised item in its construct's score, which has variance 1:
            (matrices, items).
        loadings: Correlations of each item with its construct's score: (matrices, items).
        scores: Correlations of the constructs' scores: (matrices, constructs, constructs).
        paths: Standardised coefficients: (matrices, from, to), 0 where there is no path.
        r_squared: Explained variance: (matrices, constructs), NaN where nothing leads there.
        steps: How many steps were taken: (matrices,).
        converged: Whether the weights stood still: (matrices,).
    """

    weights: FloatArray
    loadings: FloatArray
    scores: FloatArray
    paths: FloatArray
    r_squared: FloatArray
    steps: IntArray
    converged: NDArray[np.bool_]


def correlations(cov: FloatArray) -> FloatArray:
    """Correlations from covariances; NaN with an item that does not vary."""
    spread = np.sqrt(np.einsum("cii->ci", cov))
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(spread > 0, 1 / spread, np.nan)
        made = cov * scale[:, :, None] * scale[:, None, :]
    diagonal = np.arange(cov.shape[1])
    made[:, diagonal, diagonal] = np.where(np.isfinite(scale), 1.0, np.nan)
    return np.asarray(made)


def solved(matrix: FloatArray, right: FloatArray) -> FloatArray:
    """The solutions of symmetric systems, (systems, p, p) and (systems, p); NaN of singular ones.

    Gauss's elimination for all systems at once: none can stop the others.
    """
    a, b = matrix.copy(), right.copy()
    size = b.shape[1]
    for i in range(size):
        pivot = np.where(a[:, i, i] > FLAT, a[:, i, i], np.nan)
        factor = a[:, i + 1 :, i] / pivot[:, None]
        a[:, i + 1 :] -= factor[:, :, None] * a[:, None, i]
        b[:, i + 1 :] -= factor * b[:, None, i]
        a[:, i, i] = pivot
    for i in reversed(range(size)):
        b[:, i] = (b[:, i] - np.sum(a[:, i, i + 1 :] * b[:, i + 1 :], axis=1)) / a[:, i, i]
    return b


def coefficients(scores: FloatArray, arrows: NDArray[np.bool_]) -> FloatArray:
    """Regressions of each construct on those that lead to it: (matrices, from, to)."""
    found = np.zeros_like(scores)
    for place in range(arrows.shape[0]):
        causes = np.flatnonzero(arrows[:, place])
        if causes.size:
            among = scores[:, causes][:, :, causes]
            found[:, causes, place] = solved(among, scores[:, causes, place])
    return found


def _inner(scores: FloatArray, arrows: NDArray[np.bool_], scheme: Scheme) -> FloatArray:
    """How much each construct's neighbours count for it: (matrices, neighbour, construct)."""
    if scheme == "centroid":
        return np.asarray(np.sign(scores) * (arrows | arrows.T))
    if scheme == "factor":
        return np.asarray(scores * (arrows | arrows.T))
    # What leads to a construct counts by its regression, what it leads to by its correlation.
    return np.asarray(coefficients(scores, arrows) + scores * arrows.T)


def _normal(raw: FloatArray, corr: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Weights that give scores of variance 1, and the items' correlations with these."""
    made = corr @ raw
    variance = np.sum(raw * made, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = 1 / np.sqrt(np.where(variance > 0, variance, np.nan))[:, None, :]
    return raw * scale, made * scale


def _iterated(
    corr: FloatArray, model: Structure, scheme: Scheme, most: int
) -> tuple[FloatArray, IntArray, NDArray[np.bool_]]:
    """Outer weights (matrices, items, constructs), steps taken, and whether they stand still.

    Each matrix stops by itself, whatever the others do.
    """
    member, arrows = model.membership, model.arrows
    total = corr.shape[0]
    found = np.full((total, *member.shape), np.nan)
    steps = np.zeros(total, dtype=np.int64)
    still = np.zeros(total, dtype=np.bool_)
    here = np.flatnonzero(np.isfinite(corr).all(axis=(1, 2)))
    corr = corr[here]
    weights, made = _normal(
        np.broadcast_to(member.astype(np.float64), (here.size, *member.shape)), corr
    )
    for step in range(1, most + 1):
        if not here.size:
            break
        scores = np.swapaxes(weights, 1, 2) @ made
        later, made = _normal((made @ _inner(scores, arrows, scheme)) * member, corr)
        with np.errstate(invalid="ignore"):
            change = np.max(np.abs(later - weights), axis=(1, 2))
        weights = later
        steps[here] = step
        done = (change <= STILL) | np.isnan(change)
        if not done.any():
            continue
        found[here[done]] = weights[done]
        still[here[done]] = ~np.isnan(change[done])
        goes_on = ~done
        here, corr, weights, made = here[goes_on], corr[goes_on], weights[goes_on], made[goes_on]
    return found, steps, still


def fit(
    corr: FloatArray,
    model: Structure,
    scheme: Scheme,
    steps: int,
    like: tuple[FloatArray, FloatArray] | None = None,
) -> Fitted:
    """Path models of correlation matrices.

    A construct's sign is free. It is set so that the loadings of its items have a positive sum;
    or, with ``like``, so that its score goes with that of another fit of the same answers.

    Args:
        corr: Correlations of the items: (matrices, items, items).
        model: The path model.
        scheme: How neighbours count: ``path``, ``centroid`` or ``factor``.
        steps: After how many steps weights that still move are given up.
        like: Weights and correlations of the fits to be like: (matrices, items), (matrices,
            items, items).
    """
    member = model.membership
    raw, taken, still = _iterated(corr, model, scheme, steps)
    raw[~still] = np.nan
    made = corr @ raw
    if like is None:
        side = np.sum(made * member, axis=1)
    else:
        weights, others = like
        side = np.sum(raw * (others @ (weights[:, :, None] * member)), axis=1)
    with np.errstate(invalid="ignore"):
        sign = np.where(side < 0, -1.0, 1.0)[:, None, :]
    raw, made = raw * sign, made * sign
    scores = np.swapaxes(raw, 1, 2) @ made
    paths = coefficients(scores, model.arrows)
    r_squared = np.where(model.arrows.any(axis=0), np.sum(paths * scores, axis=1), np.nan)
    # A single item is its construct, to the last digit.
    single = member[:, member.sum(axis=0) == 1].any(axis=1)
    one = np.where(still, 1.0, np.nan)[:, None]
    return Fitted(
        weights=np.where(single, one, np.sum(np.where(member, raw, 0.0), axis=2)),
        loadings=np.where(single, one, np.sum(np.where(member, made, 0.0), axis=2)),
        scores=scores,
        paths=paths,
        r_squared=r_squared,
        steps=taken,
        converged=still,
    )


def total_effects(paths: FloatArray) -> FloatArray:
    """Direct and indirect effects together: B + B² + …, as no path leads back."""
    found, power = paths.copy(), paths
    for _ in range(paths.shape[1] - 1):
        power = power @ paths
        found = found + power
    return found
