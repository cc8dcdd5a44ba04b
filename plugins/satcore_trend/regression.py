"""Many series regressed on time at once: what the trend of every metric rests on."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import numpy as np
from attrs import frozen

from satcore import FloatArray, IntArray, OptionError, near
from satcore_trend.autoregressive import POINTS, autoregression
from satcore_trend.designs import Design
from satcore_trend.distributions import t_quantile, t_two_sided
from satcore_trend.least_squares import Flags, LeastSquares, least_squares
from satcore_trend.robust import HETEROSCEDASTIC, default_lag, hac_covariance, hc_covariance

Errors: TypeAlias = Literal["ar1", "iid", "hac", "hc0", "hc1", "hc2", "hc3"]

ERRORS: Final = ("ar1", "iid", "hac", *HETEROSCEDASTIC)


@frozen(kw_only=True)
class Regression:
    """Regressions of many series on one design.

    NaN stands for what can't be estimated; :meth:`reasons` says why.

    Attributes:
        design: What the series are explained by.
        errors: How the errors were taken: ``ar1``, ``iid``, ``hac``, ``hc0`` to ``hc3``.
        method: The same in words, with lag, kernel and correction.
        times: (waves,).
        places: The season of each wave, where it was given.
        values: (series, waves), NaN where the wave is missing.
        wave_errors: Standard errors of the values, or None.
        coefficients: (series, columns), in the order of :attr:`names`.
        covariance: (series, columns, columns).
        df: Degrees of freedom: waves less columns, (series,).
        sigma: Residual standard error; with standard errors given, that of a wave whose own is 1.
        r_squared: Part of the (weighted) variation that is explained.
        rho: Autocorrelation of waves one step apart; NaN but for ``ar1``.
        rhos: Values of rho that are averaged, (points, series).
        rho_weights: How likely each is, (points, series).
        least_squares: The least squares of the same design.
    """

    design: Design
    errors: str
    method: str
    times: FloatArray
    places: IntArray | None
    values: FloatArray
    wave_errors: FloatArray | None
    coefficients: FloatArray
    covariance: FloatArray
    df: IntArray
    sigma: FloatArray
    r_squared: FloatArray
    rho: FloatArray
    rhos: FloatArray
    rho_weights: FloatArray
    least_squares: LeastSquares

    @property
    def names(self) -> tuple[str, ...]:
        """The coefficients' names."""
        return self.design.names

    @property
    def std_errors(self) -> FloatArray:
        """Standard errors of the coefficients, (series, columns)."""
        variances = np.diagonal(self.covariance, axis1=-2, axis2=-1)
        return np.sqrt(np.where(variances >= 0, variances, np.nan))

    @property
    def fitted(self) -> FloatArray:
        """The fitted line at the waves that are there, (series, waves)."""
        line = self.coefficients @ self.design.columns(self.times, self.places).T
        return np.where(self.present, line, np.nan)

    @property
    def residuals(self) -> FloatArray:
        """Values less the fitted line, (series, waves)."""
        return np.where(self.present, self.values, np.nan) - self.fitted

    @property
    def present(self) -> Flags:
        """Whether a series has the wave, (series, waves)."""
        return self.least_squares.basis.present

    @property
    def waves(self) -> IntArray:
        """Waves that each series has."""
        return np.asarray(self.present.sum(axis=-1), dtype=np.int64)

    def bounds(self, confidence: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """Intervals of the coefficients by Student's t, each (series, columns)."""
        half = t_quantile(confidence, self.df)[:, None] * self.std_errors
        return self.coefficients - half, self.coefficients + half

    def p_values(self, null: float = 0.0) -> FloatArray:
        """Two-sided p-values of the coefficients, (series, columns)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            statistic = (self.coefficients - null) / self.std_errors
        return t_two_sided(statistic, self.df[:, None])

    def line(
        self, times: FloatArray, places: IntArray | None = None
    ) -> tuple[FloatArray, FloatArray]:
        """The line and its standard error at some times, each (series, times)."""
        columns = self.design.columns(times, places)
        variance = np.einsum("tp,spq,tq->st", columns, self.covariance, columns)
        return self.coefficients @ columns.T, np.sqrt(np.where(variance >= 0, variance, np.nan))

    def reasons(self) -> tuple[str, ...]:
        """Why a series has no slope or no errors; empty where it has both."""
        return tuple(
            _reason(int(waves), bool(np.isfinite(found)), bool(perfect), self.design)
            for waves, found, perfect in zip(
                self.waves,
                self.coefficients[:, 0],
                self.least_squares.basis.perfect,
                strict=True,
            )
        )


def _reason(waves: int, found: bool, perfect: bool, design: Design) -> str:
    needed = len(design.names)
    if waves == 0:
        return "no wave has a value"
    if waves < needed:
        have = "one wave has a value" if waves == 1 else f"{waves} waves have a value"
        return f"{have}, and this trend needs {needed}, or {needed + 1} for its error"
    if not found:
        cure = (
            "more waves or fewer terms are needed"
            if design.intervention is None
            else "a measure needs at least two waves before its date and two from the date on"
        )
        return f"the waves that have a value can't tell the terms of the trend apart; {cure}"
    if waves == needed:
        return (
            f"{waves} waves are met exactly by {needed} terms, so that no error can be "
            f"estimated; one more wave gives one"
        )
    if perfect:
        return "the values lie exactly on the fitted line, so that no error can be estimated"
    return ""


def regress(
    times: FloatArray,
    values: FloatArray,
    wave_errors: FloatArray | None = None,
    *,
    design: Design | None = None,
    errors: str = "ar1",
    lag: int | None = None,
    kernel: str = "bartlett",
    correction: bool = False,
    places: IntArray | None = None,
) -> Regression:
    """Regress many series on time.

    Args:
        times: Of the waves, in order, in one unit, (waves,).
        values: (series, waves), NaN where the wave is missing.
        wave_errors: Standard errors of the values, (series, waves), above 0; None for waves that
            count alike. A value whose standard error is 0 or NaN counts as missing.
        design: What the series are explained by; a straight line when left out.
        errors: ``ar1`` (order 1 by restricted maximum likelihood), ``iid``, ``hac`` (Newey-West),
            ``hc0`` to ``hc3``; tests by Student's t with waves less columns df for all.
        lag: Largest lag of ``hac``; None for floor(4 (n/100)^(2/9)).
        kernel: ``bartlett`` or ``uniform``, for ``hac``.
        correction: Whether ``hac`` multiplies by n / (n - columns).
        places: The season of each wave from 0, where the calendar knows it; for dummies.

    Raises:
        OptionError: An unknown kind of errors or kernel, or a negative lag.
        ValueError: Arrays whose shapes don't fit, or waves that are not in order.
    """
    design = design or Design()
    times, values = np.asarray(times, dtype=np.float64), np.asarray(values, dtype=np.float64)
    _check(times, values, wave_errors, errors)
    columns = design.columns(times, places)
    plain = least_squares(values, columns, wave_errors)
    series = values.shape[0]
    found = {
        "coefficients": plain.coefficients,
        "covariance": plain.covariance,
        "sigma": plain.sigma,
        "r_squared": plain.r_squared,
        "rho": np.full(series, np.nan),
        "rhos": np.full((POINTS, series), np.nan),
        "rho_weights": np.full((POINTS, series), np.nan),
    }
    if errors == "hac":
        found["covariance"] = hac_covariance(plain.basis, lag, kernel, correction=correction)
    elif errors in HETEROSCEDASTIC:
        found["covariance"] = hc_covariance(plain.basis, errors)
    elif errors == "ar1":
        auto = autoregression(times, values, columns, wave_errors)
        found |= {
            "coefficients": auto.coefficients,
            "covariance": auto.covariance,
            "sigma": auto.sigma,
            "r_squared": _explained(plain, values - auto.coefficients @ columns.T),
            "rho": auto.rho,
            "rhos": auto.rhos,
            "rho_weights": auto.weights,
        }
    return Regression(
        design=design,
        errors=errors,
        method=method(errors, plain.basis.present.sum(axis=-1), lag, kernel, correction=correction),
        times=times,
        places=places,
        values=values,
        wave_errors=wave_errors,
        df=plain.df,
        least_squares=plain,
        **found | {"coefficients": _level_kept(found["coefficients"], values, plain)},
    )


def _level_kept(coefficients: FloatArray, values: FloatArray, plain: LeastSquares) -> FloatArray:
    """The coefficients; exactly the level and zeros for a series that never moves."""
    present = plain.basis.present
    low = np.where(present, values, np.inf).min(axis=-1, initial=np.inf)
    high = np.where(present, values, -np.inf).max(axis=-1, initial=-np.inf)
    level = np.zeros_like(coefficients)
    level[:, 0] = low
    flat = (low == high) & np.isfinite(coefficients).all(axis=-1)
    return np.where(flat[:, None], level, coefficients)


def _check(
    times: FloatArray, values: FloatArray, wave_errors: FloatArray | None, errors: str
) -> None:
    if errors not in ERRORS:
        known = ", ".join(map(repr, ERRORS))
        raise OptionError("errors", f"{errors!r} is not known; give {known}{near(errors, ERRORS)}")
    if values.ndim != 2 or times.shape != values.shape[1:]:
        raise ValueError(
            f"times have the shape {times.shape} and values {values.shape}; give times (waves,) "
            "and values (series, waves)"
        )
    if wave_errors is not None and wave_errors.shape != values.shape:
        raise ValueError(
            f"standard errors have the shape {wave_errors.shape} and values {values.shape}; give "
            "one for each value"
        )
    if not np.isfinite(times).all() or (np.diff(times) < 0).any():
        raise ValueError("times must be numbers in order, the earliest first")


def _explained(plain: LeastSquares, residuals: FloatArray) -> FloatArray:
    """One less the weighted squares of other residuals over those about the mean."""
    form = plain.basis
    least = (form.rest * form.rest).sum(axis=-1)
    own = np.where(form.present, residuals * form.scale, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(least > 0, (own * own).sum(axis=-1) / least, 1.0)
        return 1.0 - (1.0 - plain.r_squared) * ratio


def method(errors: str, waves: IntArray, lag: int | None, kernel: str, *, correction: bool) -> str:
    """How the errors were estimated, in words."""
    if errors == "ar1":
        return "AR(1) errors by REML, averaged over rho; t with k-p df"
    if errors == "hac":
        lags = np.unique(default_lag(waves)) if lag is None else np.array([lag])
        told = " to ".join(str(value) for value in sorted({int(lags.min()), int(lags.max())}))
        corrected = "n/(n-p) correction" if correction else "no small-sample correction"
        return f"Newey-West, lag {told}, {kernel} kernel, {corrected}; t with k-p df"
    if errors == "iid":
        return "least squares; t with k-p df"
    return f"{errors.upper()}; t with k-p df"
