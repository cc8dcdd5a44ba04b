"""Waves to come, with the interval of the wave itself, and how such forecasts did in the past."""

from __future__ import annotations

from typing import Final

import numpy as np
from attrs import frozen

from satcore import FloatArray, IntArray
from satcore_trend.autoregressive import Likelihood, powers, same_waves
from satcore_trend.designs import Design
from satcore_trend.distributions import t_quantile
from satcore_trend.least_squares import Basis
from satcore_trend.regression import Regression, regress
from satcore_trend.spacing import Spacing

#: Waves below which nothing is forecast.
LEAST: Final = 8

#: Forecasts that a back-test makes at most, the latest ones.
ORIGINS: Final = 24


def too_short(waves: int) -> str:
    """Why a series is too short for a forecast; empty when it is not."""
    if waves >= LEAST:
        return ""
    told = "one wave" if waves == 1 else f"{waves} waves"
    return (
        f"{told} {'is' if waves == 1 else 'are'} too few for a forecast, which needs {LEAST}: from "
        "fewer, neither slope nor autocorrelation can be told from chance"
    )


@frozen(kw_only=True)
class Forecast:
    """Waves to come.

    Attributes:
        times: (horizons,).
        mean: What is expected, (series, horizons); NaN for series below eight waves.
        std_error: Of the wave itself about it: what is unknown of the line, the wave's own error
            and, for ``ar1``, of rho.
        df: Degrees of freedom, (series,).
    """

    times: FloatArray
    mean: FloatArray
    std_error: FloatArray
    df: IntArray

    def bounds(self, confidence: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """Prediction intervals by Student's t: where the wave itself will be."""
        half = t_quantile(confidence, self.df)[:, None] * self.std_error
        return self.mean - half, self.mean + half


def forecast(
    regression: Regression,
    times: FloatArray,
    wave_errors: FloatArray | None = None,
    places: IntArray | None = None,
    *,
    least: int = LEAST,
) -> Forecast:
    """Forecast the waves at some times after the last.

    Under ``ar1`` the forecast starts from the last wave's residual (best linear unbiased
    prediction, Goldberger 1962), and its variance is averaged over rho as the coefficients' is.
    Under the other kinds of errors, waves are taken for independent of each other about the line.

    Args:
        regression: The fitted series.
        times: After each series' last wave, (horizons,); under ``ar1`` NaN comes of others.
        wave_errors: Standard errors that the waves to come will have, (series,). None: the root
            mean square of each series' own. The median would serve only where all are alike:
            where they differ, so will those to come, and its intervals cover 92.5% at 60 waves.
        places: The season of each time, for dummies.
        least: Waves below which a series gets NaN.
    """
    times = np.asarray(times, dtype=np.float64)
    size = _sizes(regression, wave_errors)
    if regression.errors == "ar1":
        mean, variance = _autoregressive(regression, times, size, places)
    else:
        mean, error = regression.line(times, places)
        noise = (regression.sigma * size) ** 2
        variance = error * error + noise[:, None]
    long_enough = (regression.waves >= least)[:, None]
    return Forecast(
        times=times,
        mean=np.where(long_enough, mean, np.nan),
        std_error=np.where(long_enough, np.sqrt(variance), np.nan),
        df=regression.df,
    )


def _sizes(regression: Regression, wave_errors: FloatArray | None) -> FloatArray:
    """The standard errors of the waves to come; 1 where waves have none."""
    series = regression.values.shape[0]
    if wave_errors is not None:
        return np.broadcast_to(np.asarray(wave_errors, dtype=np.float64), (series,))
    if regression.wave_errors is None:
        return np.ones(series)
    own = np.where(regression.present, regression.wave_errors, 0.0)
    mean = (own * own).sum(axis=-1) / np.maximum(regression.waves, 1)
    return np.asarray(np.sqrt(mean), dtype=np.float64)


def _autoregressive(
    regression: Regression, times: FloatArray, size: FloatArray, places: IntArray | None
) -> tuple[FloatArray, FloatArray]:
    """Forecasts and their variances, averaged over rho."""
    shape = (regression.values.shape[0], times.size)
    mean, variance = np.full(shape, np.nan), np.full(shape, np.nan)
    columns = regression.design.columns(regression.times, regression.places)
    to_come = regression.design.columns(times, places)
    groups = same_waves(regression.times, regression.values, columns, regression.wave_errors)
    for chosen, form, between in groups:
        if form.df[0] == 0:
            continue
        last = regression.times[regression.present[chosen[0]]][-1]
        later = times > last
        apart = np.where(later, times - last, between.step)
        ahead = _Ahead(form, between, to_come, apart, size[chosen])
        known = np.where(form.perfect, 0.0, regression.rho[chosen])
        middle, _ = ahead.at(known)
        found = np.zeros_like(middle)
        likely = regression.rho_weights[:, chosen]
        for rho, weight in zip(regression.rhos[:, chosen], likely, strict=True):
            there, own = ahead.at(rho)
            found += weight[:, None] * (own + (there - middle) ** 2)
        told = later & ~form.perfect[:, None]
        mean[chosen] = np.where(told, middle, np.nan)
        variance[chosen] = np.where(told, found, np.nan)
    return mean, variance


class _Ahead:
    """Waves to come of series whose present waves are the same, for any rho."""

    def __init__(
        self,
        form: Basis,
        between: Spacing,
        columns: FloatArray,
        apart: FloatArray,
        size: FloatArray,
    ) -> None:
        self.form = form
        self.likelihood = Likelihood(form, between)
        self.rows = np.matmul(columns, form.inverse)  # of the orthogonal columns
        self.level = (self.rows * form.projected[:, None, :]).sum(axis=-1)
        self.apart = between.steps(apart)
        self.size = size[:, None]

    def at(self, rho: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The forecast given rho, and the variance of the wave about it."""
        given = self.likelihood.at(rho)
        power = powers(rho[:, None], self.apart)
        carried = power * self.size
        contrast = self.rows - carried[..., None] * self.form.q[:, -1][:, None, :]
        moved = (contrast * given.shift[:, None, :]).sum(axis=-1)
        new = self.size**2 * (1.0 - power * power) * given.variance[:, None]
        unknown = (np.matmul(contrast, given.covariance()) * contrast).sum(axis=-1)
        return self.level + carried * self.form.rest[:, -1:] + moved, new + unknown


@frozen(kw_only=True)
class BackTest:
    """How forecasts made in the past did, by series.

    Attributes:
        forecasts: Forecasts that could be held against a wave.
        error: Their mean absolute error.
        error_last: That of "the same as last", on the same waves.
        error_cycle: That of "the same as a cycle ago", on the waves that have one; NaN without a
            cycle.
        ratio_last: Error of the forecasts over that of "the same as last"; below 1 they are better.
        ratio_cycle: The same against "the same as a cycle ago", on its waves.
    """

    forecasts: IntArray
    error: FloatArray
    error_last: FloatArray
    error_cycle: FloatArray
    ratio_last: FloatArray
    ratio_cycle: FloatArray


def back_test(
    times: FloatArray,
    values: FloatArray,
    wave_errors: FloatArray | None = None,
    *,
    design: Design | None = None,
    errors: str = "ar1",
    cycle: float | None = None,
    places: IntArray | None = None,
) -> BackTest:
    """Forecast each wave from those before it, and hold it against what came.

    The origin rolls over the later half of the waves, the latest 24 of them at most. A series below
    eight waves gets no number.

    Args:
        times: (waves,).
        values: (series, waves), NaN where the wave is missing.
        wave_errors: (series, waves), or None.
        design: What the series are explained by.
        errors: As :func:`regress` takes it.
        cycle: Length of a cycle, to hold forecasts against the wave a cycle ago.
        places: The season of each wave, for dummies.
    """
    design = design or Design()
    times, values = np.asarray(times, dtype=np.float64), np.asarray(values, dtype=np.float64)
    series, waves = values.shape
    shape = (series, waves)
    model, last, ago = (np.full(shape, np.nan) for _ in range(3))
    start = max(waves // 2, len(design.names) + 2, waves - ORIGINS)
    for target in range(start, waves):
        before = slice(0, target)
        fitted = regress(
            times[before], values[:, before],
            None if wave_errors is None else wave_errors[:, before],
            design=design, errors=errors, places=None if places is None else places[before],
        )  # fmt: skip
        to_come = None if places is None else places[target : target + 1]
        ahead = forecast(fitted, times[target : target + 1], places=to_come, least=3)
        model[:, target] = ahead.mean[:, 0]
        last[:, target] = _latest(values[:, before])
        ago[:, target] = _cycle_ago(times, values, target, cycle)
    return _held(values, model, last, ago)


def _latest(values: FloatArray) -> FloatArray:
    """The last value of each series that is there."""
    present = np.isfinite(values)
    place = values.shape[1] - 1 - np.argmax(present[:, ::-1], axis=1)
    return np.asarray(values[np.arange(values.shape[0]), place], dtype=np.float64)


def _cycle_ago(
    times: FloatArray, values: FloatArray, target: int, cycle: float | None
) -> FloatArray:
    """The wave nearest to a cycle before, within half the usual spacing."""
    missing: FloatArray = np.full(values.shape[0], np.nan)
    if cycle is None:
        return missing
    wanted = times[target] - cycle
    near = int(np.argmin(np.abs(times[:target] - wanted)))
    within = abs(float(times[near] - wanted)) <= 0.5 * float(np.median(np.diff(times)))
    return values[:, near] if within else missing


def _held(values: FloatArray, model: FloatArray, last: FloatArray, ago: FloatArray) -> BackTest:
    long_enough = np.isfinite(values).sum(axis=-1) >= LEAST
    shared = np.isfinite(values) & np.isfinite(model) & np.isfinite(last) & long_enough[:, None]
    yearly = shared & np.isfinite(ago)
    error, error_last = (_mean_error(values, guess, shared) for guess in (model, last))
    on_yearly, error_cycle = (_mean_error(values, guess, yearly) for guess in (model, ago))
    with np.errstate(divide="ignore", invalid="ignore"):
        return BackTest(
            forecasts=np.asarray(shared.sum(axis=-1), dtype=np.int64),
            error=error,
            error_last=error_last,
            error_cycle=error_cycle,
            ratio_last=np.where(error_last > 0, error / error_last, np.nan),
            ratio_cycle=np.where(error_cycle > 0, on_yearly / error_cycle, np.nan),
        )


def _mean_error(values: FloatArray, guess: FloatArray, chosen: FloatArray) -> FloatArray:
    apart = np.where(chosen, np.abs(values - guess), 0.0)
    count = chosen.sum(axis=-1)
    return np.where(count > 0, apart.sum(axis=-1) / np.maximum(count, 1), np.nan)
