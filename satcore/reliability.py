"""Reliability of a sum of items, as functions of their covariances, for all cells at once.

Covariances are arrays (cells, k, k). Sources: Cronbach (1951), Psychometrika 16, "Coefficient
alpha and the internal structure of tests"; McDonald (1999), Test Theory (omega); Johns (1981)
on difference scores; Feldt (1965), Psychometrika 30 (an interval for normal items).
"""

from __future__ import annotations

import numpy as np
from attrs import frozen

from satcore.inference import (
    FloatArray,
    IntArray,
    Interval,
    student_quantile,
    student_two_sided,
    two_sided_level,
)

#: Steps of the one-factor fit; fixed, so that a cell does not depend on its neighbours.
_FACTOR_STEPS = 100

#: An item's own variance may not vanish.
_LEAST_UNIQUE = 1e-6


#: A variance below this part of what it is made of is nothing but rounding.
_ROUNDING = 1e-12

#: Correlations whose least eigenvalue is below this have an item that is a sum of others.
_SINGULAR = 1e-10


def alpha(cov: FloatArray) -> FloatArray:
    """Cronbach's alpha: k/(k-1) · (1 - Σ variances / variance of the sum)."""
    k = cov.shape[1]
    own, total = np.einsum("cii->c", cov), cov.sum(axis=(1, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        # A sum that does not vary leaves rounding, whose sign is anyone's.
        varies = total > _ROUNDING * own
        return np.asarray(np.where(varies, k / (k - 1) * (1 - own / total), np.nan))


def correlations(cov: FloatArray) -> FloatArray:
    """Correlations from covariances; NaN beside an item without variance."""
    spread = np.sqrt(np.einsum("cii->ci", cov))
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = spread[:, :, None] * spread[:, None, :]
        return np.asarray(np.where(scale > 0, cov / scale, np.nan))


def standardised_alpha(cov: FloatArray) -> FloatArray:
    """Alpha of the standardised items: k·r̄ / (1 + (k-1)·r̄)."""
    k = cov.shape[1]
    r = correlations(cov)
    mean = (r.sum(axis=(1, 2)) - np.einsum("cii->c", r)) / (k * (k - 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        below = 1 + (k - 1) * mean
        return np.asarray(np.where(below > _ROUNDING * k, k * mean / below, np.nan))


def without(cov: FloatArray, item: int) -> FloatArray:
    """The covariances of the other items."""
    kept = [place for place in range(cov.shape[1]) if place != item]
    # In memory as any covariances, so that a cell's sums do not depend on its neighbours.
    return np.ascontiguousarray(cov[:, kept][:, :, kept])


def item_rest(cov: FloatArray, item: int) -> FloatArray:
    """The correlation of an item with the sum of the others."""
    own = cov[:, item, item]
    shared = cov[:, item].sum(axis=1) - own
    others = without(cov, item)
    rest = others.sum(axis=(1, 2))
    rest = np.where(rest > _ROUNDING * np.einsum("cii->c", others), rest, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.sqrt(own * rest)
        return np.asarray(np.where(scale > 0, shared / scale, np.nan))


def omega(cov: FloatArray) -> FloatArray:
    """McDonald's omega of one factor: (Σλ)² / ((Σλ)² + Σθ), fitted by maximum likelihood.

    The fit is the expectation-maximisation of Rubin and Thayer (1982) on correlations, with
    loadings brought back to the items' units. NaN for fewer than three items, which do not
    identify a factor, and where an item is a sum of others, as with no more respondents than
    items: then the likelihood has no maximum, and rounding would say where to stop.
    """
    r = correlations(cov)
    spread = np.sqrt(np.einsum("cii->ci", cov))
    k = r.shape[1]
    if k < 3:
        return np.full(r.shape[0], np.nan)
    if k == 3:
        return _three_items(r, spread)
    load = np.sqrt(np.clip((r.sum(axis=2) - 1) / (k - 1), 0.05, 0.95))
    unique = 1 - load**2
    with np.errstate(all="ignore"):
        for _ in range(_FACTOR_STEPS):
            # Three steps become one long one (Varadhan and Roland 2008, SQUAREM).
            first = _factor_step(r, load, unique)
            second = _factor_step(r, *first)
            ahead = [one - zero for one, zero in zip(first, (load, unique), strict=True)]
            bend = [two - one - step for two, one, step in zip(second, first, ahead, strict=True)]
            length = np.sqrt(
                sum(np.sum(step**2, axis=1) for step in ahead)
                / np.maximum(sum(np.sum(turn**2, axis=1) for turn in bend), 1e-300)
            )[:, None]
            length = np.clip(length, 1.0, 64.0)
            load, unique = (
                start + 2 * length * step + length**2 * turn
                for start, step, turn in zip((load, unique), ahead, bend, strict=True)
            )
            load, unique = _factor_step(r, load, np.clip(unique, _LEAST_UNIQUE, 1.0))
        common = np.sum(load * spread, axis=1) ** 2
        found = common / (common + np.sum(unique * spread**2, axis=1))
    return np.asarray(np.where(_least_root(r) > _SINGULAR, found, np.nan))


def _least_root(r: FloatArray) -> FloatArray:
    """The least eigenvalue of each matrix of correlations; NaN where one is not known."""
    known = np.isfinite(r).all(axis=(1, 2))
    least = np.full(r.shape[0], np.nan)
    least[known] = np.linalg.eigvalsh(r[known])[:, 0]
    return least


def _three_items(r: FloatArray, spread: FloatArray) -> FloatArray:
    """Three items fit one factor exactly; an own variance may then turn out negative."""
    products = np.stack([r[:, 0, 1] * r[:, 0, 2], r[:, 0, 1] * r[:, 1, 2], r[:, 0, 2] * r[:, 1, 2]])
    others = np.stack([r[:, 1, 2], r[:, 0, 2], r[:, 0, 1]])
    with np.errstate(all="ignore"):
        load = np.sqrt(products / others).T
        common = np.sum(load * spread, axis=1) ** 2
        own = np.sum((1 - load**2) * spread**2, axis=1)
        found = common / (common + own)
        # Where the own variances are negative in all, there is no such reliability.
        return np.asarray(np.where(np.all(others > 0, axis=0) & (found <= 1), found, np.nan))


def _factor_step(
    r: FloatArray, load: FloatArray, unique: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """One step of expectation-maximisation for one factor."""
    precision = load / unique
    beta = precision / (1 + np.sum(load * precision, axis=1))[:, None]
    moment = np.einsum("cij,cj->ci", r, beta)
    factor = 1 - np.sum(beta * load, axis=1) + np.sum(beta * moment, axis=1)
    better = moment / factor[:, None]
    return better, np.maximum(1 - better * moment, _LEAST_UNIQUE)


def difference_reliability(
    cov_first: FloatArray, cov_second: FloatArray, between: FloatArray
) -> FloatArray:
    """The reliability of one sum less another (Johns 1981), by their alphas.

    Args:
        cov_first: Covariances of the first sum's items.
        cov_second: Those of the second's.
        between: Covariance of both sums: (cells,).
    """
    first, second = cov_first.sum(axis=(1, 2)), cov_second.sum(axis=(1, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = first + second - 2 * between
        true = first * alpha(cov_first) + second * alpha(cov_second) - 2 * between
        varies = spread > _ROUNDING * (first + second)
        return np.asarray(np.where(varies, true / spread, np.nan))


@frozen(kw_only=True, eq=False)
class CeilingInterval(Interval):
    """Student's t on log(1 - value), for coefficients that can't pass 1.

    Attributes:
        value: The coefficient by cell.
        std_error: Its standard error.
        df: Degrees of freedom.
        method: The method's name.
    """

    value: FloatArray
    std_error: FloatArray
    df: FloatArray
    method: str = "log_t"

    def bounds(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds by cell."""
        distance = 1 - self.value
        with np.errstate(all="ignore"):
            reach = student_quantile(two_sided_level(confidence), self.df)
            by = np.exp(reach * self.std_error / distance)
            low, high = 1 - distance * by, 1 - distance / by
            known = np.isfinite(low) & np.isfinite(high)
            return np.where(known, low, np.nan), np.where(known, high, np.nan)

    def p_value(self, null: float) -> FloatArray:
        """The t test on the logarithm."""
        with np.errstate(all="ignore"):
            distance = 1 - self.value
            t = (np.log(1 - null) - np.log(distance)) * distance / self.std_error
        return student_two_sided(t, self.df)


@frozen(kw_only=True, eq=False)
class FeldtInterval(Interval):
    """Feldt's interval of alpha, exact for normal items that are parallel (1965).

    Attributes:
        value: Alpha by cell.
        base: Respondents by cell.
        items: How many items.
    """

    value: FloatArray
    base: IntArray
    items: int
    method: str = "feldt"
    from_counts: bool = True

    def bounds(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds by cell."""
        from scipy.special import fdtri

        level = two_sided_level(confidence)
        first = np.where(self.base > 1, self.base - 1.0, np.nan)
        second = first * (self.items - 1)
        with np.errstate(all="ignore"):
            high = 1 - (1 - self.value) * fdtri(first, second, 1 - level)
            low = 1 - (1 - self.value) * fdtri(first, second, level)
        return low, high
