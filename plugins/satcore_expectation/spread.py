"""Means, spreads, correlations and shares explained, with errors by linearisation."""

from __future__ import annotations

import numpy as np
from attrs import frozen

from satcore import (
    Estimate,
    FloatArray,
    Interval,
    StudentInterval,
    Tallied,
    normal_quantile,
)
from satcore_expectation.fitting import Answers, Fit


def _estimate(
    table: Tallied,
    item: str,
    term: str,
    value: FloatArray,
    std_error: FloatArray,
    interval: Interval,
    *,
    unit: str = "score",
    message: tuple[str, ...] | None = None,
) -> Estimate:
    return Estimate(
        term=term,
        item=item,
        value=value,
        std_error=std_error,
        interval=interval,
        unit=unit,
        base=table.base,
        weighted_base=table.weighted_base,
        effective_base=table.effective_base,
        message=message,
    )


def _student(table: Tallied, value: FloatArray, error: FloatArray, **ends: float) -> Interval:
    method = "linearised" if table.weighted else "t"
    return StudentInterval(centre=value, std_error=error, df=table.df, method=method, **ends)


def mean_of(table: Tallied, answers: Answers, values: FloatArray, item: str) -> Estimate:
    """The mean of expectation or perception among those who answered everything."""
    mean = answers.means(values)
    error = answers.errors(values - mean[:, None])
    return _estimate(table, item, "mean", mean, error, _student(table, mean, error))


def sd_of(table: Tallied, answers: Answers, values: FloatArray, item: str) -> Estimate:
    """The standard deviation of the same answers, divided by n."""
    away = values - answers.means(values)[:, None]
    variance = answers.means(away**2)
    sd = np.sqrt(variance)
    with np.errstate(divide="ignore", invalid="ignore"):
        added = (away**2 - variance[:, None]) / (2 * sd[:, None])
    error = np.where(sd > 0, answers.errors(added), np.nan)
    return _estimate(table, item, "sd", sd, error, _student(table, sd, error, low=0.0))


def _correlated(
    answers: Answers, first: FloatArray, second: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The correlation of two items, and what each answer adds to it: (cells, answers)."""
    one = first - answers.means(first)[:, None]
    other = second - answers.means(second)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        one = one / np.sqrt(answers.means(one**2))[:, None]
        other = other / np.sqrt(answers.means(other**2))[:, None]
        r = np.clip(answers.means(one * other), -1.0, 1.0)
        added = one * other - r[:, None] * (one**2 + other**2) / 2
    return r, added


def _about(centre: FloatArray, reach: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Bounds of a correlation, by Fisher's z."""
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = np.arctanh(centre)
        away = reach / (1 - centre**2)
        return np.tanh(middle - away), np.tanh(middle + away)


@frozen(kw_only=True, eq=False)
class FisherInterval(Interval):
    """A correlation by Fisher's z (1921), with an error that supposes no normality.

    Attributes:
        value: The correlation, by cell.
        std_error: Its standard error, by cell.
    """

    value: FloatArray
    std_error: FloatArray
    method: str = "fisher_z"

    def bounds(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds by cell."""
        return _about(self.value, normal_quantile(0.5 + confidence / 2) * self.std_error)


@frozen(kw_only=True, eq=False)
class ExplainedInterval(Interval):
    """A share of variance explained: careful at either end.

    R² is above 0 by chance alone, the more so the more predictors there are. So the lower bound is
    the smaller one of Fisher's about the adjusted R² (Ezekiel 1930) and that of the noncentral F
    distribution (Steiger and Fouladi 1992), which is 0 where the F test does not refuse 0. The
    upper bound is Fisher's about R² itself. The errors suppose no normality.

    Attributes:
        value: R², by cell.
        std_error: Its standard error, by cell.
        base: Respondents, by cell; the effective ones under weights.
        df: Respondents less terms, by cell.
        predictors: How many there are.
    """

    value: FloatArray
    std_error: FloatArray
    base: FloatArray
    df: FloatArray
    predictors: int
    method: str = "explained"

    def bounds(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds by cell."""
        from scipy.special import ncfdtrinc

        level = 0.5 + confidence / 2
        df = self.df
        with np.errstate(divide="ignore", invalid="ignore"):
            root = np.sqrt(self.value)
            reach = normal_quantile(level) * self.std_error / (2 * root)
            adjusted = np.maximum(1 - (1 - self.value) * (df + self.predictors) / df, 0.0)
            low, _ = _about(np.sqrt(adjusted), reach)
            _, high = _about(root, reach)
            f = self.value / self.predictors / ((1 - self.value) / df)
            usable = np.isfinite(f) & (df > 0)
            apart = ncfdtrinc(self.predictors, np.where(usable, df, 1.0), level, f)
            by_f = np.where(usable, apart / (apart + self.base), np.nan)
        lower = np.fmin(np.maximum(low, 0.0) ** 2, by_f)
        unknown = np.isnan(high) | np.isnan(lower)
        return np.where(unknown, np.nan, lower), np.where(unknown, np.nan, high**2)


def correlation(
    table: Tallied, answers: Answers, expected: FloatArray, perception: FloatArray
) -> Estimate:
    """How far expectation and perception go together."""
    r, added = _correlated(answers, expected, perception)
    error = answers.errors(added)
    # All on one line: there is no error to judge by.
    error = np.where(np.abs(r) < 1 - 1e-12, error, np.nan)
    interval = FisherInterval(value=r, std_error=error)
    return _estimate(table, "linear", "correlation", r, error, interval, unit="coefficient")


def inflation(
    table: Tallied, fit: Fit, answers: Answers, expected: FloatArray, perception: FloatArray
) -> Estimate:
    """By how much the variance of a slope grows because the two go together."""
    r, added = _correlated(answers, expected, perception)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = 2 * r / (1 - r**2) ** 2
        error = answers.errors(slope[:, None] * added)
    error = np.where(fit.good, error, np.nan)
    value = fit.inflation
    interval = _student(table, value, error, low=1.0)
    return _estimate(table, "linear", "vif", value, error, interval)


def share_explained(table: Tallied, model: str, fit: Fit, message: tuple[str, ...]) -> Estimate:
    """The share of the outcome's variance that a model explains."""
    known = (fit.r_squared > 0) & (fit.r_squared < 1 - 1e-12) & (fit.df > 0)
    error = np.where(known, fit.r_squared_error, np.nan)
    interval = ExplainedInterval(
        value=fit.r_squared,
        std_error=error,
        base=table.effective_base,
        df=fit.df,
        predictors=fit.coefficients.shape[1] - 1,
    )
    return _estimate(
        table,
        model,
        "r_squared",
        fit.r_squared,
        error,
        interval,
        unit="proportion",
        message=message,
    )
