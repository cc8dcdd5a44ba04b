"""Generalised linear models by maximum likelihood (Nelder and Wedderburn 1972).

A small solver on wave totals. It goes on until the coefficients no longer move, past the usual stop
at a relative change of deviance of 1e-8: a dispersion taken there keeps an error of some 1e-6.
"""

from __future__ import annotations

from typing import Final, Protocol

import numpy as np
from attrs import frozen

from satcore import FloatArray
from satcore_trend.answers_design import newton_step

#: Steps of a fit, and halvings of a step, at most.
STEPS: Final = 100
HALVINGS: Final = 30

#: A step this small, in standard errors, is the last; one below the second is when it no longer
#: shrinks, for then rounding moves it.
SETTLED: Final = 1e-11
ROUNDING: Final = 1e-6

#: A step below this many standard errors, and below 1 in any wave, is taken whole: the likelihood
#: is all but a parabola there, and of many answers its changes drown in its own rounding.
NEAR: Final = 0.1


class Family(Protocol):
    """A distribution with its link."""

    def mean(self, predictor: FloatArray) -> FloatArray:
        """The mean of a wave's total."""

    def slope(self, mean: FloatArray) -> FloatArray:
        """How fast the mean rises with the predictor."""

    def variance(self, mean: FloatArray) -> FloatArray:
        """The variance of a wave's total."""

    def curvature(self, y: FloatArray, mean: FloatArray) -> FloatArray:
        """How strongly the log-likelihood bends with the predictor: observed, never negative."""

    def log_likelihood(self, y: FloatArray, mean: FloatArray) -> float:
        """Up to constants that hold no coefficient."""


@frozen(kw_only=True, eq=False)
class Binomial:
    """Successes among trials, logit link.

    Attributes:
        trials: By wave.
    """

    trials: FloatArray

    def mean(self, predictor: FloatArray) -> FloatArray:
        """Expected successes."""
        from scipy.special import expit

        return np.asarray(self.trials * expit(predictor), dtype=np.float64)

    def slope(self, mean: FloatArray) -> FloatArray:
        """Trials times p (1 - p)."""
        return mean * (1.0 - mean / self.trials)

    def variance(self, mean: FloatArray) -> FloatArray:
        """Trials times p (1 - p)."""
        return self.slope(mean)

    def curvature(self, y: FloatArray, mean: FloatArray) -> FloatArray:
        """As expected: the link is the natural one."""
        return self.slope(mean)

    def log_likelihood(self, y: FloatArray, mean: FloatArray) -> float:
        """As of one row per respondent."""
        from scipy.special import xlogy

        share = mean / self.trials
        return float(np.sum(xlogy(y, share) + xlogy(self.trials - y, 1.0 - share)))


@frozen(kw_only=True, eq=False)
class Poisson:
    """Events, log link, exposure as offset."""

    exposure: FloatArray

    def mean(self, predictor: FloatArray) -> FloatArray:
        """Expected events."""
        return self.exposure * np.exp(predictor)

    def slope(self, mean: FloatArray) -> FloatArray:
        """The mean."""
        return mean

    def variance(self, mean: FloatArray) -> FloatArray:
        """The mean."""
        return mean

    def curvature(self, y: FloatArray, mean: FloatArray) -> FloatArray:
        """As expected: the link is the natural one."""
        return mean

    def log_likelihood(self, y: FloatArray, mean: FloatArray) -> float:
        """With the factorials."""
        from scipy.special import gammaln, xlogy

        return float(np.sum(xlogy(y, mean) - mean - gammaln(y + 1.0)))


@frozen(kw_only=True, eq=False)
class NegativeBinomial:
    """Events whose variance is m + alpha m² (NB2), log link, exposure as offset.

    Attributes:
        exposure: By wave.
        alpha: Above 0; the Poisson distribution is its limit at 0.
    """

    exposure: FloatArray
    alpha: float

    def mean(self, predictor: FloatArray) -> FloatArray:
        """Expected events."""
        return self.exposure * np.exp(predictor)

    def slope(self, mean: FloatArray) -> FloatArray:
        """The mean."""
        return mean

    def variance(self, mean: FloatArray) -> FloatArray:
        """The mean, and alpha times its square."""
        return mean + self.alpha * mean * mean

    def curvature(self, y: FloatArray, mean: FloatArray) -> FloatArray:
        """(1 + alpha y) m / (1 + alpha m)²."""
        return (1.0 + self.alpha * y) * mean / (1.0 + self.alpha * mean) ** 2

    def log_likelihood(self, y: FloatArray, mean: FloatArray) -> float:
        """With all constants, so that fits with different alpha compare."""
        from scipy.special import betaln

        size, spread = 1.0 / self.alpha, np.maximum(self.alpha * mean, np.finfo(float).tiny)
        # gamma(y + r) / (gamma(r) y!) = 1 / ((y + r) B(y + 1, r))
        ways = -betaln(y + 1.0, size) - np.log(y + size)
        return float(np.sum(ways - y * np.log1p(1.0 / spread) - size * np.log1p(spread)))


@frozen(kw_only=True, eq=False)
class Settled:
    """Where the steps ended.

    Attributes:
        coefficients: (p,).
        mean: Of each wave's total.
        information: Expected, (p, p).
        converged: Whether the last step was as small as it must be.
        log_likelihood: The family's.
    """

    coefficients: FloatArray
    mean: FloatArray
    information: FloatArray
    converged: bool
    log_likelihood: float


@np.errstate(over="ignore", divide="ignore", invalid="ignore")  # A lost way ends unconverged.
def solve(y: FloatArray, columns: FloatArray, family: Family, start: FloatArray) -> Settled:
    """Maximum likelihood by Newton's method; steps that lower the likelihood are halved.

    All families here have a log-likelihood that is concave in the coefficients. The steps take the
    observed curvature: expected ones crawl for negative binomial counts far from their means.

    Args:
        y: Totals by wave.
        columns: (waves, p), of full rank.
        family: Distribution and link.
        start: Where to start, (p,).
    """
    at, before, converged = start, np.inf, False
    likelihood = family.log_likelihood(y, family.mean(columns @ at))
    for _ in range(STEPS):
        curvature, score = _scores(y, columns, family, at)
        try:
            step = newton_step(curvature, score)
        except np.linalg.LinAlgError:
            break
        size = float(np.sqrt(np.maximum(score @ step, 0.0)))
        if not np.isfinite(size):
            break
        if size < NEAR and np.max(np.abs(columns @ step), initial=0.0) < 1.0:
            at = at + step
            likelihood = family.log_likelihood(y, family.mean(columns @ at))
        else:
            at, likelihood = _move(y, columns, family, at, step, likelihood)
        if size < SETTLED or (size < ROUNDING and size >= before):
            converged = True
            break
        before = size
    mean = family.mean(columns @ at)
    return Settled(
        coefficients=at,
        mean=mean,
        information=_weighed(columns, family.slope(mean) * _ratio(family, mean)),
        converged=converged,
        log_likelihood=likelihood,
    )


def _scores(
    y: FloatArray, columns: FloatArray, family: Family, at: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Observed curvature and score."""
    mean = family.mean(columns @ at)
    score = columns.T @ (_ratio(family, mean) * (y - mean))
    return _weighed(columns, family.curvature(y, mean)), np.asarray(score, dtype=np.float64)


def _ratio(family: Family, mean: FloatArray) -> FloatArray:
    """What a total above its mean tells about the predictor."""
    slope, variance = family.slope(mean), family.variance(mean)
    return np.where(variance > 0, slope / variance, 0.0)


def _weighed(columns: FloatArray, weights: FloatArray) -> FloatArray:
    return np.asarray(columns.T @ (columns * weights[:, None]), dtype=np.float64)


def _move(
    y: FloatArray,
    columns: FloatArray,
    family: Family,
    at: FloatArray,
    step: FloatArray,
    likelihood: float,
) -> tuple[FloatArray, float]:
    """One step, halved while it makes the totals less likely than rounding would."""
    slack = 1e-10 * (abs(likelihood) + 1.0)
    for halving in range(HALVINGS):
        there = at + step / 2.0**halving
        found = family.log_likelihood(y, family.mean(columns @ there))
        if found >= likelihood - slack:
            return there, found
    return at, likelihood


def pearson(y: FloatArray, settled: Settled, family: Family) -> float:
    """Pearson's chi-square of the waves."""
    variance = family.variance(settled.mean)
    gap = y - settled.mean
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.sum(np.where(variance > 0, gap * gap / variance, 0.0)))
