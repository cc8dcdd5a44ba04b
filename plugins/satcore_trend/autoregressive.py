"""Regression with autocorrelated errors by restricted maximum likelihood, many series at once.

The model is y = X b + e with Var(e) = sigma² D R D, D the waves' standard errors (or 1) and
R = rho^(time apart in steps): an autoregression of order 1 that honours gaps. rho maximises the
restricted likelihood (Patterson and Thompson 1971); coefficients are the generalised least squares
at that rho, tested by Student's t with waves less columns degrees of freedom.

Standard errors do not take the estimated rho for the truth. That is what makes plain errors too
small in short series: simulated, their intervals cover 93.8% at 24 waves and rho 0, 93.4% at 60
waves and rho 0.5, 90.6% at 24 waves and 0.5. Here the covariance is averaged over what the
restricted likelihood leaves open about rho, times the root of 1 - rho² so that the unit root gets
no weight: the mean of the covariances given rho, plus the spread of the coefficients as rho varies
(the law of total variance). This serves the purpose of the correction by Kenward and Roger (1997),
which takes a quadratic at the estimate for the likelihood, and does not break down where the
likelihood is flat or has its top near the edge. With it the slope's intervals cover 96.5, 95.2 and
95.0% there; ``docs/coverage_trend.md`` has the table.

Between waves that are no whole number of steps apart a power of a negative rho does not exist.
There its size is taken to the real power, and its sign to the nearest whole one, which is a proper
correlation and the same thing where the spacing is regular. Leaving negative values out altogether
would make the intervals of uncorrelated series far too wide: rho would be 0 or above by
construction.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from attrs import frozen

from satcore import FloatArray, IntArray
from satcore_trend.least_squares import Basis, basis, transposed
from satcore_trend.spacing import Spacing, spacing, whole_steps

#: atanh of the largest rho that is considered: 0.995.
EDGE: Final = 3.0

#: Points of the first look over rho, and steps of the search after it.
LOOKS: Final = 41
STEPS: Final = 24

#: Parabolas laid through the top at the end, and half their width: they find it to more digits
#: than comparing heights can, as heights near a top differ by less than their rounding.
POLISH: Final = 2
NARROW: Final = 1e-4

#: Points at which the likelihood is averaged, and how far they reach: in atanh(rho), where an
#: autocorrelation has an error of about 1 / sqrt(df), to 8 of these on each side.
POINTS: Final = 25
REACH: Final = 8.0

#: Exponent of 1 - rho² in the average, 1/2, plus 1 for the change of variable to atanh(rho).
DAMPING: Final = 1.5

#: Series worked on together, which bounds the memory.
TOGETHER: Final = 4096

_GOLDEN: Final = (5**0.5 - 1) / 2


@frozen(kw_only=True)
class Given:
    """What follows once rho is given; every array by series.

    Attributes:
        log_likelihood: The restricted one, but for a constant.
        variance: sigma²: of a wave with a standard error of 1.
        shift: What generalised least squares adds to the projections of weighted least squares.
        root: Lower triangle L of the orthogonal columns' information L L', (series, columns,
            columns).
    """

    log_likelihood: FloatArray
    variance: FloatArray
    shift: FloatArray
    root: FloatArray

    def covariance(self) -> FloatArray:
        """Of the projections: sigma² (L L')⁻¹."""
        inverse: FloatArray = np.asarray(np.linalg.inv(self.root), dtype=np.float64)
        product: FloatArray = np.matmul(transposed(inverse), inverse)
        return product * self.variance[:, None, None]


class Likelihood:
    """The restricted likelihood of rho for series whose present waves are the same.

    It rests on sums of products of waves next to each other, one set for each length of a spacing,
    so that the price of one rho does not depend on the number of waves.
    """

    def __init__(self, form: Basis, between: Spacing) -> None:
        self.df = form.df
        self.columns = form.q.shape[-1]
        rows = np.concatenate([form.q, self._varied(form)[..., None]], axis=-1)
        lengths, places, counts = np.unique(
            np.round(between.lengths, 6), return_inverse=True, return_counts=True
        )
        self.lengths: FloatArray = lengths
        self.counts: IntArray = counts
        self.first = rows[:, :1].transpose(0, 2, 1) @ rows[:, :1]
        self.sums = [_products(rows, places == place) for place in range(lengths.size)]

    @staticmethod
    def _varied(form: Basis) -> FloatArray:
        """The residuals; any where there are none, since what comes of them is not used."""
        rough = np.cos(3.0 * np.arange(form.rest.shape[-1]) ** 2)
        return np.where((form.perfect | (form.df == 0))[:, None], rough, form.rest)

    def at(self, rho: FloatArray) -> Given:
        """Everything at one rho a series."""
        total = self.first.copy()
        log_size = np.zeros(rho.shape)
        for length, count, (before, across, after) in zip(
            self.lengths, self.counts, self.sums, strict=True
        ):
            power = powers(rho, length)
            own = 1.0 - power * power
            scaled = power[:, None, None]
            total += (after - scaled * across + scaled * scaled * before) / own[:, None, None]
            log_size += count * np.log(own)
        factor = np.linalg.cholesky(total)
        root, cross, last = factor[:, :-1, :-1], factor[:, -1, :-1], factor[:, -1, -1]
        variance = last * last / self.df
        information = 2.0 * np.log(np.diagonal(root, axis1=-2, axis2=-1)).sum(axis=-1)
        shift = np.linalg.solve(transposed(root), cross[..., None])[..., 0]
        return Given(
            log_likelihood=-0.5 * (self.df * np.log(variance) + log_size + information),
            variance=variance,
            shift=np.asarray(shift, dtype=np.float64),
            root=root,
        )

    def best(self) -> FloatArray:
        """The rho of the highest restricted likelihood.

        A look over all, golden sections, then parabolas: a fixed number of steps. A single degree
        of freedom says nothing of rho, whose likelihood is level then: 0 is taken.
        """
        if (self.df < 2).all():
            return np.zeros(self.df.shape)
        low, high = self._bracket()
        angle = (low + high) / 2
        for _ in range(POLISH):
            before, here, after = (self._height(angle + side * NARROW) for side in (-1, 0, 1))
            bend = before - 2.0 * here + after
            with np.errstate(divide="ignore", invalid="ignore"):
                aside = np.where(bend < 0, 0.5 * NARROW * (before - after) / bend, 0.0)
            angle = np.clip(angle + np.clip(aside, -NARROW, NARROW), -EDGE, EDGE)
        return np.asarray(np.tanh(angle), dtype=np.float64)

    def _bracket(self) -> tuple[FloatArray, FloatArray]:
        """A narrow range of atanh(rho) about the top, by golden sections (Kiefer 1953)."""
        looks = np.linspace(-EDGE, EDGE, LOOKS)
        found = [self._height(np.full(self.df.shape, look)) for look in looks]
        top = looks[np.argmax(found, axis=0)]
        wide = looks[1] - looks[0]
        low, high = np.maximum(top - wide, -EDGE), np.minimum(top + wide, EDGE)
        left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        at_left, at_right = self._height(left), self._height(right)
        for _ in range(STEPS):
            better = at_left >= at_right
            low, high = np.where(better, low, left), np.where(better, right, high)
            kept = np.where(better, left, right)
            kept_height = np.where(better, at_left, at_right)
            new = np.where(better, high - _GOLDEN * (high - low), low + _GOLDEN * (high - low))
            height = self._height(new)
            left, right = np.where(better, new, kept), np.where(better, kept, new)
            at_left = np.where(better, height, kept_height)
            at_right = np.where(better, kept_height, height)
        return low, high

    def _height(self, angle: FloatArray) -> FloatArray:
        return self.at(np.tanh(angle)).log_likelihood

    def spread(self, best: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Values of rho about the best one and how likely each is, both (points, series)."""
        middle = np.arctanh(best)
        reach = REACH / np.sqrt(np.maximum(self.df, 1))
        ends = np.maximum(middle - reach, -EDGE), np.minimum(middle + reach, EDGE)
        part = np.linspace(0.0, 1.0, POINTS)[:, None]
        rhos = np.tanh(ends[0] + part * (ends[1] - ends[0]))
        heights = np.stack([self.at(rho).log_likelihood for rho in rhos])
        heights += DAMPING * np.log1p(-rhos * rhos)
        weights = np.exp(heights - heights.max(axis=0))
        weights[[0, -1]] *= 0.5  # the trapezoidal rule
        return rhos, weights / weights.sum(axis=0)


def powers(rho: FloatArray, length: float | FloatArray) -> FloatArray:
    """The correlation of two waves: the size of rho to the length, its sign to the whole steps."""
    odd = whole_steps(np.asarray(length, dtype=np.float64)) % 2 == 1
    sign = np.where(odd & (rho < 0), -1.0, 1.0)
    return np.asarray(sign * np.abs(rho) ** length, dtype=np.float64)


def _products(rows: FloatArray, chosen: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Sums of products over chosen pairs of neighbours: of the earlier, of both, of the later."""
    before, after = rows[:, :-1][:, chosen], rows[:, 1:][:, chosen]
    across = np.matmul(transposed(before), after)
    return (
        np.matmul(transposed(before), before),
        across + transposed(across),
        np.matmul(transposed(after), after),
    )


@frozen(kw_only=True)
class Autoregression:
    """Regression with errors of order 1, by series.

    Attributes:
        coefficients: Generalised least squares at ``rho``, (series, columns).
        covariance: Averaged over what is open about rho, (series, columns, columns).
        sigma: Standard deviation of the errors; under weights that of a wave of weight 1.
        rho: Autocorrelation of waves one step apart.
        df: Waves less columns.
        rhos: Values of rho that are averaged, (points, series).
        weights: How likely each is, (points, series).
    """

    coefficients: FloatArray
    covariance: FloatArray
    sigma: FloatArray
    rho: FloatArray
    df: IntArray
    rhos: FloatArray
    weights: FloatArray


def autoregression(
    times: FloatArray,
    values: FloatArray,
    columns: FloatArray,
    std_errors: FloatArray | None = None,
) -> Autoregression:
    """Regressions with autocorrelated errors, of many series.

    Where the errors can't be estimated (no more waves than columns, or a perfect fit), the numbers
    are NaN and coefficients those of least squares.

    Args:
        times: (waves,), in order.
        values: (series, waves), NaN where the wave is missing.
        columns: The design, (waves, columns).
        std_errors: (series, waves), or None for equal ones.

    Raises:
        ValueError: Two waves at the same time.
    """
    series, count = values.shape[0], columns.shape[-1]
    found = Autoregression(
        coefficients=np.full((series, count), np.nan),
        covariance=np.full((series, count, count), np.nan),
        sigma=np.full(series, np.nan),
        rho=np.full(series, np.nan),
        df=np.zeros(series, dtype=np.int64),
        rhos=np.full((POINTS, series), np.nan),
        weights=np.full((POINTS, series), np.nan),
    )
    for chosen, form, between in same_waves(times, values, columns, std_errors):
        _fill(found, chosen, form, between)
    return found


def same_waves(
    times: FloatArray,
    values: FloatArray,
    columns: FloatArray,
    std_errors: FloatArray | None,
) -> Iterator[tuple[IntArray, Basis, Spacing]]:
    """Series whose present waves are the same, with their orthogonal form on these waves."""
    present = np.isfinite(values)
    if std_errors is not None:
        present &= np.isfinite(std_errors) & (std_errors > 0)
    patterns, of = np.unique(present, axis=0, return_inverse=True)
    for place, pattern in enumerate(patterns):
        members = np.flatnonzero(of.reshape(-1) == place)
        if not pattern.any():
            continue
        between = spacing(times[pattern])
        for start in range(0, members.size, TOGETHER):
            chosen = members[start : start + TOGETHER]
            errors = None if std_errors is None else std_errors[chosen][:, pattern]
            yield chosen, basis(values[chosen][:, pattern], columns[pattern], errors), between


def _fill(found: Autoregression, chosen: IntArray, form: Basis, between: Spacing) -> None:
    found.df[chosen] = form.df
    plain = np.matmul(form.inverse, form.projected[..., None])[..., 0]
    found.coefficients[chosen] = plain
    if form.df[0] == 0:
        return
    likelihood = Likelihood(form, between)
    rho = likelihood.best()
    given = likelihood.at(rho)
    rhos, weights = likelihood.spread(rho)
    average = np.zeros_like(given.root)
    for one, weight in zip(rhos, weights, strict=True):
        there = likelihood.at(one)
        apart = (there.shift - given.shift)[..., None]
        average += weight[:, None, None] * (there.covariance() + apart * transposed(apart))
    covariance = np.matmul(np.matmul(form.inverse, average), transposed(form.inverse))
    unknown = form.perfect
    added = np.matmul(form.inverse, given.shift[..., None])[..., 0]
    found.coefficients[chosen] = np.where(unknown[:, None], plain, plain + added)
    found.covariance[chosen] = np.where(unknown[:, None, None], np.nan, covariance)
    found.sigma[chosen] = np.where(unknown, np.nan, np.sqrt(given.variance))
    found.rho[chosen] = np.where(unknown, np.nan, rho)
    found.rhos[:, chosen] = rhos
    found.weights[:, chosen] = weights
