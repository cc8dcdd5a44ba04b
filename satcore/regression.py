"""Least squares from covariances: coefficients, R², and how R² is shared among predictors.

``coefficients``, ``coefficient_errors``, ``coefficient_covariances``,
``standardised_coefficients``, ``r_squared``,
``adjusted_r_squared``, ``lmg``, ``relative_weights``, ``pratt``, ``collinear``,
``variance_inflation``.

Every function takes a matrix of covariances or correlations of one outcome and p predictors, **the
outcome first**: (..., 1+p, 1+p), any axes in front, cells and replicates say. What comes out has
the same axes in front.

What happens to matrices that are not regular, by cell and not by the whole array:

- A predictor that does not vary takes no part: it has no coefficient and no share (NaN), and the
  others have those that they would have without it.
- Predictors of which one is a sum of others (``collinear``) have no coefficients of their own, nor
  Pratt's product (NaN); those beside them do. R², LMG and relative weights do not need them: a
  predictor that adds nothing adds 0, and two equal ones share equally.
- An outcome that does not vary has nothing that could be explained: all is NaN.
- Correlations that no answers can have - negative roots, as pairs of items that were answered by
  different people may give - leave all NaN.

Sources: Lindeman, Merenda and Gold (1980) and Grömping (2006) for LMG, which is Shapley's value of
R² (Lipovetsky and Conklin 2001); Johnson (2000) for relative weights, which are Genizi's (1993);
Pratt (1987) for the product of coefficient and correlation.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from satcore.inference import FloatArray

#: Predictors whose 2**p subsets are looked through for LMG.
MOST_SHARED: Final = 20

#: Roots of correlations, and parts of a variance of 1, below which there is nothing but rounding.
_SINGULAR: Final = 1e-10

#: A predictor that has this part in a root of nothing is a sum of others.
_INVOLVED: Final = 1e-9

#: Subsets that are looked through at a time, all cells together.
_AT_A_TIME: Final = 1 << 16


@frozen(eq=False)
class _Standard:
    """Correlations, for all cells in one row.

    Attributes:
        xx: Correlations of the predictors, 0 beside one that does not vary: (cells, p, p).
        xy: Correlations with the outcome, likewise: (cells, p).
        spread: Standard deviations of the predictors: (cells, p).
        of_outcome: That of the outcome: (cells,).
        varies: Whether each predictor varies: (cells, p).
        known: Whether a cell has correlations at all: (cells,).
        front: The axes in front.
    """

    xx: FloatArray
    xy: FloatArray
    spread: FloatArray
    of_outcome: FloatArray
    varies: NDArray[np.bool_]
    known: NDArray[np.bool_]
    front: tuple[int, ...]

    @classmethod
    def of(cls, cov: FloatArray) -> _Standard:
        """The correlations of covariances."""
        k = cov.shape[-1]
        flat = np.asarray(cov, dtype=np.float64).reshape(-1, k, k)
        variance = np.diagonal(flat, axis1=1, axis2=2)
        with np.errstate(invalid="ignore"):
            varies = variance[:, 1:] > 0
            known = (variance[:, 0] > 0) & np.isfinite(flat).all(axis=(1, 2))
        spread = np.sqrt(np.where(known[:, None], np.maximum(variance, 0.0), 0.0))
        by = np.where(spread > 0, spread, 1.0)
        used = np.where(known[:, None, None], flat, 0.0) / (by[:, :, None] * by[:, None, :])
        there = np.concatenate([known[:, None], varies & known[:, None]], axis=1)
        used = np.where(there[:, :, None] & there[:, None, :], used, 0.0)
        # A correlation of an item with itself is 1, whatever the root of its variance rounds to.
        places = np.arange(k)
        used[:, places, places] = there
        possible = np.linalg.eigvalsh(used)[:, 0] > -_SINGULAR * k
        return cls(
            xx=np.ascontiguousarray(used[:, 1:, 1:]),
            xy=np.ascontiguousarray(used[:, 1:, 0]),
            spread=spread[:, 1:],
            of_outcome=spread[:, 0],
            varies=there[:, 1:],
            known=known & possible,
            front=cov.shape[:-2],
        )

    def shown(self, values: FloatArray, there: NDArray[np.bool_] | None = None) -> FloatArray:
        """Values by predictor in the axes that came in; NaN where a predictor has none."""
        kept = self.varies if there is None else self.varies & there
        found = np.where(kept & self.known[:, None], values, np.nan)
        return np.asarray(found.reshape(*self.front, values.shape[1]))

    def shown_once(self, values: FloatArray) -> FloatArray:
        """One value a cell in the axes that came in."""
        return np.asarray(np.where(self.known, values, np.nan).reshape(self.front))


@frozen(eq=False)
class _Roots:
    """The roots of the predictors' correlations: R = V diag(roots) V'.

    Attributes:
        roots: The roots, 1 where there is nothing but rounding: (cells, p).
        vectors: V: (cells, p, p).
        there: Whether each root is one: (cells, p).
    """

    roots: FloatArray
    vectors: FloatArray
    there: NDArray[np.bool_]

    @classmethod
    def of(cls, standard: _Standard) -> _Roots:
        """The roots of correlations."""
        roots, vectors = np.linalg.eigh(standard.xx)
        there = roots > _SINGULAR
        return cls(roots=np.where(there, roots, 1.0), vectors=vectors, there=there)

    def power(self, exponent: float) -> FloatArray:
        """The matrix to a power, on what is not singular: (cells, p, p)."""
        raised = np.where(self.there, self.roots**exponent, 0.0)
        return np.asarray((self.vectors * raised[:, None, :]) @ np.swapaxes(self.vectors, 1, 2))

    @property
    def alone(self) -> NDArray[np.bool_]:
        """Whether each predictor is no sum of others: (cells, p)."""
        in_nothing = np.where(self.there[:, None, :], 0.0, self.vectors**2)
        return np.asarray(in_nothing.sum(axis=2) < _INVOLVED)


def _times(matrix: FloatArray, vector: FloatArray) -> FloatArray:
    """A matrix times a vector, by cell."""
    return np.asarray((matrix @ vector[:, :, None])[:, :, 0])


def _beta(standard: _Standard, roots: _Roots) -> FloatArray:
    return _times(roots.power(-1.0), standard.xy)


def _explained(standard: _Standard, roots: _Roots) -> FloatArray:
    """R² by cell, between 0 and 1."""
    return np.asarray(np.clip(np.sum(_beta(standard, roots) * standard.xy, axis=1), 0.0, 1.0))


def collinear(cov: FloatArray) -> NDArray[np.bool_]:
    """Which predictors are sums of others, so that they have no coefficient: (..., p).

    Args:
        cov: Covariances or correlations, the outcome first: (..., 1+p, 1+p).
    """
    standard = _Standard.of(cov)
    found = standard.varies & standard.known[:, None] & ~_Roots.of(standard).alone
    return found.reshape(*standard.front, found.shape[1])


def standardised_coefficients(cov: FloatArray) -> FloatArray:
    """Coefficients of the standardised predictors on the standardised outcome: (..., p).

    Args:
        cov: Covariances or correlations, the outcome first: (..., 1+p, 1+p).
    """
    standard = _Standard.of(cov)
    roots = _Roots.of(standard)
    return standard.shown(_beta(standard, roots), roots.alone)


def coefficients(cov: FloatArray) -> FloatArray:
    """Coefficients in the items' own units: what one point of a predictor adds: (..., p).

    The constant is the outcome's mean less the coefficients times the predictors' means.

    Args:
        cov: Covariances, the outcome first: (..., 1+p, 1+p).
    """
    standard = _Standard.of(cov)
    roots = _Roots.of(standard)
    by = np.where(standard.spread > 0, standard.spread, 1.0)
    return standard.shown(_beta(standard, roots) * standard.of_outcome[:, None] / by, roots.alone)


def coefficient_covariances(cov: FloatArray, base: FloatArray) -> FloatArray:
    """Classical covariances of ``coefficients``, for answers without weights: (..., p, p).

    They suppose that the outcome spreads alike about the fit wherever the predictors are.
    ``MomentSums.coefficient_covariances`` does not.

    Args:
        cov: Covariances, divided by n-1, the outcome first: (..., 1+p, 1+p).
        base: Respondents n: (...). NaN without more of them than predictors and the constant.
    """
    standard = _Standard.of(cov)
    roots = _Roots.of(standard)
    n = np.asarray(base, dtype=np.float64).reshape(-1)
    left = n - roots.there.sum(axis=1) - 1
    there = standard.varies & roots.alone & standard.known[:, None] & (left > 0)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = standard.of_outcome**2 * (1 - _explained(standard, roots)) / left
        by = np.where(there, standard.spread, np.nan)
        found = roots.power(-1.0) * rest[:, None, None] / (by[:, :, None] * by[:, None, :])
    return np.asarray(found.reshape(*standard.front, *found.shape[1:]))


def coefficient_errors(cov: FloatArray, base: FloatArray) -> FloatArray:
    """Classical standard errors of ``coefficients``, for answers without weights: (..., p).

    Args:
        cov: Covariances, divided by n-1, the outcome first: (..., 1+p, 1+p).
        base: Respondents n: (...). NaN without more of them than predictors and the constant.
    """
    variances = np.diagonal(coefficient_covariances(cov, base), axis1=-2, axis2=-1)
    return np.sqrt(np.asarray(variances))


def coefficient_gradients(cov: FloatArray) -> FloatArray:
    """Derivatives of ``coefficients`` by the covariances: (cells, p, 1+p, 1+p).

    That by a covariance moves both of its entries; only entries on and above the diagonal are
    filled. With S the predictors' covariances, db = S⁻¹(ds - dS b).

    Args:
        cov: Covariances, the outcome first: (cells, 1+p, 1+p).
    """
    standard = _Standard.of(cov)
    roots = _Roots.of(standard)
    by = np.where(standard.spread > 0, standard.spread, 1.0)
    inverse = roots.power(-1.0) / (by[:, :, None] * by[:, None, :])
    b = _beta(standard, roots) * standard.of_outcome[:, None] / by
    cells, p = b.shape
    found = np.zeros((cells, p, p + 1, p + 1))
    found[:, :, 0, 1:] = inverse
    each = -inverse[:, :, :, None] * b[:, None, None, :]
    both = each + np.swapaxes(each, 2, 3)
    places = np.arange(p)
    both[:, :, places, places] /= 2
    found[:, :, 1:, 1:] = np.triu(both)
    there = standard.varies & roots.alone & standard.known[:, None]
    return np.where(there[:, :, None, None], found, np.nan)


def r_squared(cov: FloatArray) -> FloatArray:
    """The part of the outcome's variance that the predictors explain together: (...).

    Args:
        cov: Covariances or correlations, the outcome first: (..., 1+p, 1+p).
    """
    standard = _Standard.of(cov)
    return standard.shown_once(_explained(standard, _Roots.of(standard)))


def adjusted_r_squared(cov: FloatArray, base: FloatArray) -> FloatArray:
    """R² less what as many predictors explain by chance: 1 - (1 - R²)(n - 1)/(n - p - 1): (...).

    Args:
        cov: Covariances or correlations, the outcome first: (..., 1+p, 1+p).
        base: Respondents n: (...).
    """
    standard = _Standard.of(cov)
    roots = _Roots.of(standard)
    n = np.asarray(base, dtype=np.float64).reshape(-1)
    left = n - roots.there.sum(axis=1) - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = np.where(left > 0, (1 - _explained(standard, roots)) * (n - 1) / left, np.nan)
    return standard.shown_once(1 - rest)


def variance_inflation(cov: FloatArray) -> FloatArray:
    """By how much the others inflate the variance of a predictor's coefficient: (..., p).

    1 / (1 - R²) of the predictor on the others; infinite for one that is a sum of them.

    Args:
        cov: Covariances or correlations, the outcome first: (..., 1+p, 1+p).
    """
    standard = _Standard.of(cov)
    roots = _Roots.of(standard)
    own = np.diagonal(roots.power(-1.0), axis1=1, axis2=2)
    return standard.shown(np.where(roots.alone, own, np.inf))


def pratt(cov: FloatArray) -> FloatArray:
    """Pratt's product of standardised coefficient and correlation: (..., p).

    The products sum to R². One is negative where coefficient and correlation disagree in sign; it
    is no share then.

    Args:
        cov: Covariances or correlations, the outcome first: (..., 1+p, 1+p).
    """
    standard = _Standard.of(cov)
    roots = _Roots.of(standard)
    return standard.shown(_beta(standard, roots) * standard.xy, roots.alone)


def relative_weights(cov: FloatArray) -> FloatArray:
    """Johnson's relative weights: R² shared by way of the nearest uncorrelated items: (..., p).

    With R = VΔ²V' the predictors' correlations, Λ = VΔV' relates them to those items and
    b = Λ⁻¹r these to the outcome; a predictor's weight is Σ Λ²b². They sum to R².

    Args:
        cov: Covariances or correlations, the outcome first: (..., 1+p, 1+p).
    """
    standard = _Standard.of(cov)
    roots = _Roots.of(standard)
    near, back = roots.power(0.5), roots.power(-0.5)
    return standard.shown(_times(near**2, _times(back, standard.xy) ** 2))


def lmg(cov: FloatArray) -> FloatArray:
    """LMG: what a predictor adds to R², averaged over all orders of the predictors: (..., p).

    Exact: R² of every subset is found, from the empty one on, by taking one predictor more out of
    the correlations of the others. The shares are never negative and sum to R².

    Args:
        cov: Covariances or correlations, the outcome first: (..., 1+p, 1+p).

    Raises:
        ValueError: More than ``MOST_SHARED`` predictors: every one doubles time and memory.
    """
    p = cov.shape[-1] - 1
    if p > MOST_SHARED:
        raise ValueError(
            f"LMG of {p} predictors needs 2**{p} subsets; the most is {MOST_SHARED} predictors: "
            "take relative weights"
        )
    standard = _Standard.of(cov)
    found = np.empty(standard.xy.shape)
    step = max(1, _AT_A_TIME >> p)
    for start in range(0, len(found), step):
        some = slice(start, start + step)
        found[some] = _shapley(_subsets(standard.xx[some], standard.xy[some]))
    return standard.shown(found)


def _subsets(xx: FloatArray, xy: FloatArray) -> FloatArray:
    """What every subset of the predictors leaves of the outcome's variance of 1: (cells, 2**p).

    Bit k of a subset's number is predictor k.
    """
    cells, p = xy.shape
    # Subsets lie side by side in memory: they are what is run over.
    left = np.empty((cells, p + 1, p + 1, 1))
    left[:, :p, :p, 0], left[:, :p, p, 0], left[:, p, :p, 0] = xx, xy, xy
    left[:, p, p, 0] = 1.0
    for taken in range(p):
        wide = p - taken
        subsets = 1 << taken
        pivot = left[:, 0, 0]
        there = pivot > _SINGULAR
        by = np.where(there, 1.0 / np.where(there, pivot, 1.0), 0.0)
        both = np.empty((cells, wide, wide, 2 * subsets))
        both[..., :subsets] = left[:, 1:, 1:]
        # What is below the diagonal is never looked at.
        for row in range(wide):
            shared = left[:, 0, row + 1] * by
            np.subtract(
                left[:, row + 1, row + 1 :],
                shared[:, None] * left[:, 0, row + 1 :],
                out=both[:, row, row:, subsets:],
            )
        left = both
    return left[:, 0, 0]


def _shapley(left: FloatArray) -> FloatArray:
    """Each predictor's part, averaged over all orders: (cells, p)."""
    cells, subsets = left.shape
    p = subsets.bit_length() - 1
    found = np.zeros((cells, p))
    for start in range(0, subsets, _AT_A_TIME):
        some = np.arange(start, min(start + _AT_A_TIME, subsets), dtype=np.uint32)
        # One product a cell, so that its last digits do not depend on its neighbours.
        part = np.ascontiguousarray(left[:, None, some[0] : some[-1] + 1])
        found += (part @ _shares_of_subsets(some, p))[:, 0]
    return found


def _shares_of_subsets(numbers: NDArray[np.uint32], p: int) -> FloatArray:
    """What each subset adds to each predictor's part: (subsets, p).

    A subset with the predictor stands against the one without, in the share of all orders in
    which the rest of it comes first.
    """
    sizes = np.bitwise_count(numbers).astype(np.intp)
    by_size = np.array([_order_share(p, size) for size in range(p)])
    with_it, without = by_size[np.maximum(sizes - 1, 0)], by_size[np.minimum(sizes, p - 1)]
    # What is left falls when a predictor is taken in: the one without counts for it.
    columns = [np.where(numbers >> np.uint32(k) & 1, -with_it, without) for k in range(p)]
    return np.stack(columns, axis=1)


def _order_share(p: int, size: int) -> float:
    """The share of all orders of p in which a given set of so many stands before a given one."""
    share = 1.0 / p
    for taken in range(size):
        share *= (taken + 1) / (p - 1 - taken)
    return share
