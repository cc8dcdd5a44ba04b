"""How well items measure their constructs: composite reliability, rho_A, AVE, HTMT."""

from __future__ import annotations

import numpy as np

from satcore import FloatArray


def rho_c(loadings: FloatArray) -> FloatArray:
    """Composite reliability (Werts, Linn and Jöreskog 1974) from loadings: (matrices, items)."""
    square = np.sum(loadings, axis=1) ** 2
    return np.asarray(square / (square + np.sum(1 - loadings**2, axis=1)))


def ave(loadings: FloatArray) -> FloatArray:
    """Average variance extracted (Fornell and Larcker 1981) from loadings: (matrices, items)."""
    return np.asarray(np.mean(loadings**2, axis=1))


def rho_a(weights: FloatArray, corr: FloatArray) -> FloatArray:
    """Reliability of a score in mode A (Dijkstra and Henseler 2015, formula 3).

    Args:
        weights: Of a construct's standardised items: (matrices, items).
        corr: These items' correlations: (matrices, items, items).
    """
    square = weights**2
    explained = np.einsum("ca,cab,cb->c", weights, corr, weights) - np.sum(square, axis=1)
    of_weights = np.sum(square, axis=1) ** 2 - np.sum(square**2, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.sum(square, axis=1) ** 2 * explained / of_weights)


def htmt(corr: FloatArray, one: tuple[int, ...], other: tuple[int, ...]) -> FloatArray:
    """The heterotrait-monotrait ratio (Henseler, Ringle and Sarstedt 2015), of absolute values.

    Correlations between the items of two constructs over the geometric mean of those within
    each. A construct of a single item counts as measured without error.

    Args:
        corr: Correlations of all items: (matrices, items, items).
        one: Places of a construct's items.
        other: Places of another's.
    """
    size = np.abs(corr)
    across = np.mean(size[:, one][:, :, other], axis=(1, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(across / np.sqrt(_within(size, one) * _within(size, other)))


def _within(size: FloatArray, items: tuple[int, ...]) -> FloatArray:
    k = len(items)
    if k == 1:
        return np.where(np.isfinite(size[:, items[0], items[0]]), 1.0, np.nan)
    block = size[:, items][:, :, items]
    return np.asarray((np.sum(block, axis=(1, 2)) - k) / (k * (k - 1)))
