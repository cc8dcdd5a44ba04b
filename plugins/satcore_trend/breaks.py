"""Changes of level or trend: at a known time, at an unknown one, and by cumulative sums."""

from __future__ import annotations

from typing import Final

import numpy as np
from attrs import frozen

from satcore import FloatArray, IntArray
from satcore_trend.distributions import f_upper, kolmogorov_upper
from satcore_trend.least_squares import PERFECT, least_squares

#: Part of the waves at each end where no change is sought (Andrews 1993).
TRIM: Final = 0.15

#: Series without a change that are simulated for the p-value.
SIMULATIONS: Final = 9_999


@frozen(kw_only=True)
class ChowTest:
    """Whether a series is one line or two, by Chow (1960); every array by series.

    Attributes:
        f: F statistic; NaN where one of the parts has fewer waves than columns.
        p: Its upper tail.
        above: Degrees of freedom of the change.
        below: Degrees of freedom of the residuals.
    """

    f: FloatArray
    p: FloatArray
    above: int
    below: IntArray


def chow(
    times: FloatArray,
    values: FloatArray,
    when: float,
    columns: FloatArray,
    std_errors: FloatArray | None = None,
) -> ChowTest:
    """Test for a change of every coefficient at a known time, errors independent.

    Args:
        times: (waves,).
        values: (series, waves), NaN where the wave is missing.
        when: The first time of the second part.
        columns: The design of one part, (waves, columns).
        std_errors: (series, waves), or None for equal ones.
    """
    count = columns.shape[-1]
    after = np.asarray(times) >= when
    whole = least_squares(values, columns, std_errors)
    parts = [
        least_squares(np.where(side, values, np.nan), columns, std_errors)
        for side in (~after, after)
    ]
    one = (whole.basis.rest**2).sum(axis=-1)
    two = sum((part.basis.rest**2).sum(axis=-1) for part in parts)
    below = np.maximum(whole.basis.present.sum(axis=-1) - 2 * count, 0)
    sound = np.isfinite(np.stack([part.coefficients[:, 0] for part in parts])).all(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        f = np.where(sound & (below > 0), (one - two) / count / (two / below), np.nan)
    return ChowTest(f=f, p=f_upper(f, count, below), above=count, below=below)


@frozen(kw_only=True)
class ChangePoint:
    """The most likely change of one series, and whether there is one.

    Attributes:
        before: Place of the last wave before the change, from 0 among the waves that are there.
        time: Its time.
        sup_f: The largest F of all places, times the number of coefficients that change (Andrews
            1993 and R's ``strucchange`` write it so).
        p: Part of series without a change, of equal length, whose largest is as large; these are
            simulated with independent normal errors, seeded, so that p is 0.0001 at least.
        simulations: How many are simulated.
    """

    before: int
    time: float
    sup_f: float
    p: float
    simulations: int


def change_point(
    times: FloatArray,
    values: FloatArray,
    columns: FloatArray,
    std_errors: FloatArray | None = None,
    *,
    trim: float = TRIM,
    simulations: int = SIMULATIONS,
    seed: int = 0,
) -> ChangePoint | None:
    """Seek a change of every coefficient of one series at an unknown time.

    The p-value takes errors for independent, of one variance and normal: then the largest F of
    series without a change depends on nothing but the design, and simulating it is exact at any
    length, where the tables of Andrews (1993) and Hansen (1997) hold for long series.

    Args:
        times: (waves,).
        values: (waves,), NaN where the wave is missing.
        columns: The design of one part, (waves, columns): ones for a level, ones and times for a
            trend.
        std_errors: (waves,), for weights 1/SE²; None for equal ones.
        trim: Part of the waves at each end where no change is sought.
        simulations: Series simulated for the p-value.
        seed: Of the simulation.

    Returns:
        The change; None where the series is too short for two parts, or never varies.
    """
    present = np.isfinite(values)
    scale = np.ones(int(present.sum())) if std_errors is None else 1.0 / std_errors[present]
    design = columns[present] * scale[:, None]
    found = largest_f((values[present] * scale)[None], design, trim=trim)
    if found is None or not np.isfinite(found[0][0]):
        return None
    generator = np.random.Generator(np.random.PCG64(seed))
    noise = generator.standard_normal((simulations, int(present.sum())))
    null = largest_f(noise, design, trim=trim)
    as_large = 0 if null is None else int((null[0] >= found[0][0]).sum())
    return ChangePoint(
        before=int(found[1][0]),
        time=float(times[present][found[1][0]]),
        sup_f=float(found[0][0]),
        p=(as_large + 1) / (simulations + 1),
        simulations=simulations,
    )


def largest_f(
    values: FloatArray, columns: FloatArray, *, trim: float = TRIM
) -> tuple[FloatArray, IntArray] | None:
    """The largest F of all changes, and the place of the last wave before it, by series.

    Args:
        values: (series, waves), none missing.
        columns: The design of one part, (waves, columns).
        trim: Part of the waves at each end where no change is sought.

    Returns:
        Both by series, or None where there are too few waves.
    """
    waves, count = columns.shape
    edge = max(int(trim * waves), count)
    places = np.arange(edge - 1, waves - edge)
    below = waves - 2 * count
    if places.size == 0 or below < 1:
        return None
    rest = _rest(values, columns)
    one = (rest * rest).sum(axis=-1)
    heights = np.empty((places.size, values.shape[0]))
    for row, place in enumerate(places):
        end = place + 1
        two = _squares(rest[:, :end], columns[:end]) + _squares(rest[:, end:], columns[end:])
        with np.errstate(divide="ignore", invalid="ignore"):
            heights[row] = (one - two) / (two / below)
    flat = one <= (PERFECT * np.abs(values).max(axis=-1)) ** 2 * waves
    top = np.argmax(heights, axis=0)
    largest = np.where(flat, np.nan, heights[top, np.arange(values.shape[0])])
    return largest, np.asarray(places[top], dtype=np.int64)


def _rest(values: FloatArray, columns: FloatArray) -> FloatArray:
    """Residuals by series, on one design."""
    q, _ = np.linalg.qr(columns)
    return np.asarray(values - (values @ q) @ q.T, dtype=np.float64)


def _squares(values: FloatArray, columns: FloatArray) -> FloatArray:
    """Residual sums of squares by series, on one design."""
    rest = _rest(values, columns)
    return np.asarray((rest * rest).sum(axis=-1), dtype=np.float64)


@frozen(kw_only=True)
class CusumTest:
    """Cumulative sums of least-squares residuals (Ploberger and Krämer 1992), by series.

    Attributes:
        path: Sums up to each wave over sigma times the root of the waves, (series, waves); NaN
            where the wave is missing.
        statistic: The largest size.
        p: Its upper tail for a level, that of a Brownian bridge; for other designs it is on the
            safe side.
    """

    path: FloatArray
    statistic: FloatArray
    p: FloatArray


def cusum(
    values: FloatArray, columns: FloatArray, std_errors: FloatArray | None = None
) -> CusumTest:
    """Whether residuals wander off, for a change at an unknown time.

    Args:
        values: (series, waves), NaN where the wave is missing.
        columns: The design, (waves, columns).
        std_errors: (series, waves), or None for equal ones.
    """
    found = least_squares(values, columns, std_errors)
    form = found.basis
    scale = found.sigma * np.sqrt(form.present.sum(axis=-1))
    with np.errstate(divide="ignore", invalid="ignore"):
        path = np.cumsum(form.rest, axis=-1) / scale[:, None]
    statistic = np.abs(path).max(axis=-1, initial=0.0)
    return CusumTest(
        path=np.where(form.present, path, np.nan),
        statistic=statistic,
        p=np.where(np.isfinite(statistic), kolmogorov_upper(statistic), np.nan),
    )
