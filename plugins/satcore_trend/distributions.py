"""Tails of Student's t, F, chi-square and the normal, element by element."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from satcore import FloatArray


def _floats(values: ArrayLike) -> FloatArray:
    return np.asarray(values, dtype=np.float64)


def t_quantile(confidence: float, df: ArrayLike) -> FloatArray:
    """The quantile that makes a two-sided interval of Student's t; NaN without df."""
    from scipy.special import stdtrit

    degrees = _floats(df)
    usable = np.where(degrees > 0, degrees, np.nan)
    return np.asarray(stdtrit(usable, 0.5 + confidence / 2), dtype=np.float64)


def t_two_sided(statistic: ArrayLike, df: ArrayLike) -> FloatArray:
    """The two-sided p-value of a Student's t statistic; NaN without df."""
    from scipy.special import stdtr

    degrees = _floats(df)
    usable = np.where(degrees > 0, degrees, np.nan)
    return np.asarray(2.0 * stdtr(usable, -np.abs(statistic)), dtype=np.float64)


def chi_square_upper(statistic: ArrayLike, df: ArrayLike) -> FloatArray:
    """The upper tail of the chi-square distribution."""
    from scipy.special import chdtrc

    return np.asarray(chdtrc(_floats(df), _floats(statistic)), dtype=np.float64)


def chi_square_quantile(probability: float, df: ArrayLike) -> FloatArray:
    """The quantile of the chi-square distribution; NaN without df."""
    from scipy.special import chdtri

    degrees = np.asarray(df, dtype=np.float64)
    usable = np.where(degrees > 0, degrees, np.nan)
    return np.asarray(chdtri(usable, 1.0 - probability), dtype=np.float64)


def f_upper(statistic: ArrayLike, above: ArrayLike, below: ArrayLike) -> FloatArray:
    """The upper tail of the F distribution with ``above`` and ``below`` degrees of freedom."""
    from scipy.special import fdtrc

    return np.asarray(fdtrc(_floats(above), _floats(below), _floats(statistic)), dtype=np.float64)


def kolmogorov_upper(statistic: ArrayLike) -> FloatArray:
    """The upper tail of the largest absolute value of a Brownian bridge (Kolmogorov 1933)."""
    from scipy.special import kolmogorov

    return np.asarray(kolmogorov(_floats(statistic)), dtype=np.float64)


def normal_quantile(probability: float) -> float:
    """The quantile of the standard normal distribution."""
    from scipy.special import ndtri

    return float(ndtri(probability))
