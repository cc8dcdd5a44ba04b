"""The centre of a control chart, and how far chance alone lets its points stray.

Every function takes arrays (cells, waves) with NaN in gaps, and estimates from the points of
phase I alone. Sigmas are by point, so that each wave is judged with its own number of answers.

Sources: Shewhart (1931), Economic Control of Quality of Manufactured Product; Montgomery (2013),
Introduction to Statistical Quality Control, 7th edition (p, u, c, individuals); Laney (2002),
Quality Engineering 14(4), "Improved control charts for attributes" (p', u').
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from attrs import evolve, frozen

from satcore import FloatArray
from satcore_control.rules import BoolArray

#: The mean range of two standard normal numbers, 1.12838: two over the root of pi.
D2: Final = 2.0 / math.sqrt(math.pi)

#: A spread below this part of the values is rounding: the values are equal.
ROUNDING: Final = 1e-12


@frozen(kw_only=True, eq=False)
class Limits:
    """A centre line and its sigmas.

    Attributes:
        centre: By cell; NaN without a point in phase I.
        centre_error: Standard error of the centre, by cell.
        sigma: Standard deviation of each point by chance: (cells, waves); NaN where there is
            nothing to tell it by.
        low: The least value there can be; a limit below it is cut.
        high: The greatest value there can be.
        ratio: Laney's sigma z by cell: how many times as far as chance alone neighbouring points
            of phase I stray; NaN where sigmas come from the points themselves.
        used: The points of phase I that centre and sigma were estimated from.
    """

    centre: FloatArray
    centre_error: FloatArray
    sigma: FloatArray
    low: float = -math.inf
    high: float = math.inf
    ratio: FloatArray
    used: BoolArray


def proportions(count: FloatArray, size: FloatArray, phase_one: BoolArray) -> Limits:
    """The p chart: shares of answers, with the binomial variance at each point's own size."""
    with np.errstate(divide="ignore", invalid="ignore"):
        answers = _sum(size, phase_one)
        centre = _sum(count, phase_one) / answers
        spread = np.sqrt(np.maximum(centre * (1.0 - centre), 0.0))
        sigma = _positive(spread[:, None] / np.sqrt(size))
        return _limits(count / size, phase_one, centre, spread / np.sqrt(answers), sigma, 0.0, 1.0)


def rates(count: FloatArray, size: FloatArray, phase_one: BoolArray) -> Limits:
    """The u chart: events for each unit, with Poisson's variance at each point's own size."""
    with np.errstate(divide="ignore", invalid="ignore"):
        units = _sum(size, phase_one)
        centre = _sum(count, phase_one) / units
        sigma = _positive(np.sqrt(centre)[:, None] / np.sqrt(size))
        return _limits(count / size, phase_one, centre, np.sqrt(centre / units), sigma, 0.0)


def counts(count: FloatArray, phase_one: BoolArray) -> Limits:
    """The c chart: numbers of events, with Poisson's variance."""
    return rates(count, np.where(np.isnan(count), np.nan, 1.0), phase_one)


def laney(limits: Limits) -> Limits:
    """Limits of the p' or u' chart: sigmas times Laney's sigma z (2002).

    Args:
        limits: Those of the p or u chart.
    """
    ratio = np.where(limits.ratio > 1e-9, limits.ratio, np.nan)
    return evolve(
        limits,
        sigma=limits.sigma * ratio[:, None],
        centre_error=limits.centre_error * ratio,
        ratio=np.full_like(ratio, np.nan),
    )


def individuals(value: FloatArray, phase_one: BoolArray) -> Limits:
    """The individuals chart: sigma is the mean moving range of phase I over 1.12838.

    A moving range is taken between each point of phase I and the one before it; gaps and waves
    left out stand between neighbours without parting them.
    """
    points = phase_one.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = _sum(value, phase_one) / points
        spread = _mean_moving_range(value, phase_one) / D2
        spread = np.where(spread > ROUNDING * _largest(value), spread, np.nan)
        sigma = np.where(np.isnan(value), np.nan, spread[:, None])
        return _limits(value, phase_one, centre, spread / np.sqrt(points), sigma, ratio=False)


def own_errors(
    value: FloatArray, std_error: FloatArray, size: FloatArray | None, phase_one: BoolArray
) -> Limits:
    """Limits from the waves' standard errors.

    With ``size`` errors are taken for estimates from the answers. A wave's estimated error hangs
    together with its value: the error of a share or an NPS shrinks as it nears its end, so that
    weights of 1/SE² pull the centre there, and a lucky wave narrows its own limits. So the centre
    weighs waves by their answers, and sigma is that of all answers of phase I at each wave's own
    number of them, as on the p chart: sigma² = v / n with v the mean of n SE² weighted by n. A wave
    on which all agree needs no error of its own.

    Without ``size`` errors are taken as known: the centre weighs waves by 1/SE², each is judged by
    its own, and one with an error of 0 is not judged.

    Args:
        value: The values.
        std_error: Their standard errors.
        size: Answers, effective ones where weighted.
        phase_one: The points of phase I.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        if size is None:
            sigma = _above_rounding(std_error, value)
            used = phase_one & np.isfinite(sigma)
            weight = 1.0 / (sigma * sigma)
            centre_error = 1.0 / np.sqrt(_sum(weight, used))
        else:
            known = np.isfinite(value) & np.isfinite(std_error) & (size > 0)
            used, weight = phase_one & known, size
            answers = _sum(size, used)
            # The error of the weighted mean; times the root of all answers, that of one.
            centre_error = np.sqrt(_sum((size * std_error) ** 2, used)) / answers
            pooled = (centre_error * np.sqrt(answers))[:, None] / np.sqrt(size)
            sigma = _above_rounding(np.where(known, pooled, np.nan), value)
            used = used & np.isfinite(sigma)
        centre = _sum(weight * value, used) / _sum(weight, used)
        return _limits(value, used, centre, centre_error, sigma)


def _above_rounding(sigma: FloatArray, value: FloatArray) -> FloatArray:
    """Sigmas; NaN for those that are no more than a rounding of the values."""
    return np.where(sigma > ROUNDING * _largest(value)[:, None], sigma, np.nan)


def _limits(
    value: FloatArray,
    phase_one: BoolArray,
    centre: FloatArray,
    centre_error: FloatArray,
    sigma: FloatArray,
    low: float = -math.inf,
    high: float = math.inf,
    *,
    ratio: bool = True,
) -> Limits:
    z = (value - centre[:, None]) / sigma
    judged = phase_one & np.isfinite(z)
    return Limits(
        centre=centre,
        centre_error=np.where(np.isfinite(sigma).any(axis=1), centre_error, np.nan),
        sigma=sigma,
        low=low,
        high=high,
        ratio=_mean_moving_range(z, judged) / D2 if ratio else np.full_like(centre, np.nan),
        used=phase_one,
    )


def _mean_moving_range(value: FloatArray, used: BoolArray) -> FloatArray:
    """Mean distance of each used point from the used point before; NaN with fewer than two."""
    order = np.argsort(~used, axis=1, kind="stable")
    packed = np.where(used, value, np.nan)
    packed = np.take_along_axis(packed, order, axis=1)
    ranges = np.abs(np.diff(packed, axis=1))
    there = np.isfinite(ranges)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean: FloatArray = _sum(ranges, there) / there.sum(axis=1)
    return mean


def _sum(array: FloatArray, used: BoolArray) -> FloatArray:
    total: Any = np.where(used, array, 0.0).sum(axis=1)
    return np.asarray(total, dtype=np.float64)


def _largest(value: FloatArray) -> FloatArray:
    known = np.where(np.isnan(value), 0.0, np.abs(value))
    return np.asarray(known.max(axis=1, initial=0.0), dtype=np.float64)


def _positive(sigma: FloatArray) -> FloatArray:
    """Sigmas; NaN for 0, by which nothing can be judged."""
    return np.where((sigma > 0) & np.isfinite(sigma), sigma, np.nan)
