"""What residuals tell of a regression: order in time, spread, and waves that rule alone."""

from __future__ import annotations

import numpy as np
from attrs import frozen

from satcore import FloatArray, IntArray
from satcore_trend.distributions import chi_square_upper
from satcore_trend.least_squares import Basis, least_squares
from satcore_trend.robust import leverage


def durbin_watson(residuals: FloatArray) -> FloatArray:
    """Durbin and Watson's statistic (1950), by series: about 2 (1 - autocorrelation).

    Args:
        residuals: (series, waves), NaN where the wave is missing; each wave is held against the
            one before it that is there.
    """
    residuals = np.atleast_2d(residuals)
    before = _carried(residuals)
    apart = residuals[:, 1:] - before[:, :-1]
    squares = np.nansum(residuals**2, axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(squares > 0, np.nansum(apart**2, axis=-1) / squares, np.nan)


def autocorrelation(residuals: FloatArray) -> FloatArray:
    """Autocorrelation of neighbours, by series: products of neighbours over squares.

    Args:
        residuals: (series, waves), NaN where the wave is missing.
    """
    residuals = np.atleast_2d(residuals)
    products = residuals[:, 1:] * _carried(residuals)[:, :-1]
    squares = np.nansum(residuals**2, axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(squares > 0, np.nansum(products, axis=-1) / squares, np.nan)


def _carried(values: FloatArray) -> FloatArray:
    """Each wave's value, or the last one before it that is there."""
    places = np.where(np.isfinite(values), np.arange(values.shape[1]), 0)
    last = np.maximum.accumulate(places, axis=1)
    return np.take_along_axis(values, last, axis=1)


@frozen(kw_only=True)
class ChiSquare:
    """A statistic with its chi-square p-value, by series.

    Attributes:
        statistic: NaN where it can't be had.
        p: Upper tail.
        df: Degrees of freedom.
    """

    statistic: FloatArray
    p: FloatArray
    df: int


def breusch_godfrey(form: Basis, order: int = 1) -> ChiSquare:
    """Test residuals for autocorrelation up to an order (Breusch 1978, Godfrey 1978).

    Waves times R² of residuals on the design and on earlier residuals, 0 before the first. Earlier
    means earlier in the waves' common order; a missing one is 0.

    Args:
        form: The orthogonal form of the regressions.
        order: The largest lag.

    Raises:
        ValueError: An order below 1.
    """
    if order < 1:
        raise ValueError(f"an order of {order} holds no lag; give 1 or more")
    series, waves = form.rest.shape
    lagged = np.zeros((series, waves, order))
    for lag in range(1, min(order, waves - 1) + 1):
        lagged[:, lag:, lag - 1] = form.rest[:, :-lag]
    return _explained(form, np.concatenate([form.q, lagged], axis=-1), form.rest, order)


def breusch_pagan(form: Basis, columns: FloatArray) -> ChiSquare:
    """Test whether the spread changes with the design (Breusch-Pagan 1979, Koenker 1981's form).

    Args:
        form: The orthogonal form of the regressions.
        columns: The design with its intercept, (waves, columns).
    """
    squares = form.rest * form.rest
    count = form.present.sum(axis=-1)
    mean = squares.sum(axis=-1) / np.maximum(count, 1)
    about = np.where(form.present, squares - mean[:, None], 0.0)
    wide = np.where(form.present[..., None], columns, 0.0)
    return _explained(form, wide, about, columns.shape[-1] - 1)


def _explained(form: Basis, columns: FloatArray, values: FloatArray, df: int) -> ChiSquare:
    """Waves times the part of centred values that columns explain."""
    count = form.present.sum(axis=-1)
    found = least_squares(np.where(form.present, values, np.nan), columns)
    total = (values * values).sum(axis=-1)
    rest = (found.basis.rest**2).sum(axis=-1)
    sound = (count > columns.shape[-1]) & ~form.perfect & (total > 0)
    sound &= np.isfinite(found.coefficients[:, 0])
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(sound, count * (1.0 - rest / total), np.nan)
    return ChiSquare(statistic=statistic, p=chi_square_upper(statistic, df), df=df)


def dispersion(
    values: FloatArray, fitted: FloatArray, variances: FloatArray, df: IntArray
) -> FloatArray:
    """Pearson's dispersion by series: squares over the variances that theory gives, by df.

    About 1 where waves differ from the line by sampling alone; above, they move more.

    Args:
        values: (series, waves), NaN where the wave is missing.
        fitted: The line.
        variances: Of the values given the line: SE² of each wave, or the model's own.
        df: Waves less columns, (series,).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        squares = np.nansum((values - fitted) ** 2 / variances, axis=-1)
        return np.where(df > 0, squares / df, np.nan)


@frozen(kw_only=True)
class Influence:
    """What each wave does to a (weighted) least-squares fit.

    Attributes:
        cook: Cook's distance (1977), (series, waves).
        without: Coefficients without the wave, (series, waves, columns); NaN where the others
            can't tell them.
        place: The wave that moves its fit most, (series,).
    """

    cook: FloatArray
    without: FloatArray
    place: IntArray


def influence(form: Basis) -> Influence:
    """Leave each wave out, without fitting anew.

    Args:
        form: The orthogonal form of the regressions.
    """
    drawn = leverage(form)
    coefficients = np.matmul(form.inverse, form.projected[..., None])[..., 0]
    squares = (form.rest * form.rest).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.where((form.df > 0) & ~form.perfect, squares / form.df, np.nan)
        pull = form.rest / (1.0 - drawn)
        cook = pull * pull * drawn / (form.q.shape[-1] * variance[:, None])
    rows = np.matmul(form.q, np.swapaxes(form.inverse, -1, -2))
    without = coefficients[:, None, :] - rows * pull[..., None]
    cook = np.where(form.present, cook, np.nan)
    return Influence(
        cook=cook,
        without=np.where(form.present[..., None], without, np.nan),
        place=np.argmax(np.where(np.isfinite(cook), cook, -1.0), axis=-1),
    )
