"""A series taken apart into trend, season and rest, for the picture alone."""

from __future__ import annotations

import math

import numpy as np
from attrs import frozen

from satcore import FloatArray


@frozen(kw_only=True)
class Decomposition:
    """A series as the sum of three.

    Attributes:
        trend: (waves,).
        seasonal: (waves,).
        remainder: (waves,).
    """

    trend: FloatArray
    seasonal: FloatArray
    remainder: FloatArray


def decompose(values: FloatArray, period: int) -> Decomposition:
    """Seasonal decomposition by loess (Cleveland et al. 1990), the season the same in each cycle.

    statsmodels smooths; windows, degrees and steps are those of R's ``stl(x, "periodic")``, which
    takes the season's mean over the cycles as this does. It is for the eye: errors and tests come
    from a regression with a season.

    Args:
        values: Waves at equal spacing, none missing, (waves,).
        period: Waves in a cycle.

    Raises:
        ValueError: Fewer than two full cycles, a missing wave, or a period below 2.
    """
    from statsmodels.tsa.seasonal import STL

    values = np.asarray(values, dtype=np.float64)
    if period < 2:
        raise ValueError(f"a cycle of {period} waves has no season; give the waves in a cycle")
    if not np.isfinite(values).all():
        missing = int((~np.isfinite(values)).sum())
        raise ValueError(
            f"{missing} of {values.size} waves are missing, and loess needs all; use a regression "
            "with a season, which honours gaps"
        )
    if values.size < 2 * period:
        raise ValueError(
            f"{values.size} waves are less than two cycles of {period}; a season needs two"
        )
    window = 10 * values.size + 1
    trend = _odd(math.ceil(1.5 * period / (1 - 1.5 / window)))
    low = _odd(period)
    found = STL(
        values, period=period, seasonal=window, trend=trend, low_pass=low,
        seasonal_deg=0, trend_deg=1, low_pass_deg=1, robust=False,
        seasonal_jump=math.ceil(window / 10), trend_jump=math.ceil(trend / 10),
        low_pass_jump=math.ceil(low / 10),
    ).fit(inner_iter=2, outer_iter=0)  # fmt: skip
    place = np.arange(values.size) % period
    means = np.bincount(place, np.asarray(found.seasonal)) / np.bincount(place)
    seasonal = means[place]
    smooth = np.asarray(found.trend, dtype=np.float64)
    return Decomposition(trend=smooth, seasonal=seasonal, remainder=values - smooth - seasonal)


def _odd(window: int) -> int:
    return window + 1 - window % 2
