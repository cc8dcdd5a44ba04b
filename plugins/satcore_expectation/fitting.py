"""Least squares on frequency tables: coefficients and their errors, for all cells at once.

Every answer of a table is one row of the design, counted as often as it was given. That is the
regression on the respondents themselves, not an approximation of it: what a respondent adds depends
on the answer alone.

Errors: unweighted the classical ones, with HC3 beside them (MacKinnon and White 1985); under
weights Taylor-linearised with the kept responses of the whole survey (Binder 1983; the rule of R's
``svyglm`` for a design of weights alone).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from attrs import frozen

from satcore import FloatArray, IntArray, Tallied

#: The least eigenvalue of the predictors' correlations; below, they are tied to each other.
TIED: Final = 1e-9

#: Leverage from which a respondent decides a coefficient alone, and HC3 has no value.
ALONE: Final = 1 - 1e-8

#: Why a cell has no fit.
FEW: Final = "few"
FLAT_OUTCOME: Final = "flat outcome"
FLAT: Final = "flat"
COLLINEAR: Final = "tied"


@frozen(kw_only=True, eq=False)
class Answers:
    """The answers of a table of which some cells gave any.

    Attributes:
        counts: Answers by cell: (cells, answers).
        weights: Sums of weights, likewise; the counts without weights.
        squares: Sums of squared weights, likewise.
        weighted: Whether the responses carry weights.
        survey_rows: Kept responses of the whole survey.
        given: Which answers of the whole table these are.
    """

    counts: IntArray
    weights: FloatArray
    squares: FloatArray
    weighted: bool
    survey_rows: int
    given: IntArray

    @classmethod
    def of(cls, table: Tallied) -> Answers:
        """The answers that a table holds."""
        given = np.flatnonzero(table.counts.any(axis=0))
        return cls(
            counts=table.counts[:, given],
            weights=table.weights[:, given],
            squares=table.squared_weights[:, given],
            weighted=table.weighted,
            survey_rows=table.survey_rows,
            given=given.astype(np.int64),
        )

    @property
    def seen(self) -> np.ndarray:
        """Which answers each cell gave with a weight above 0: (cells, answers)."""
        return (self.counts > 0) & (self.weights > 0)

    @property
    def base(self) -> IntArray:
        """Respondents by cell."""
        return np.asarray(self.counts.sum(axis=1))

    @property
    def total(self) -> FloatArray:
        """Sum of the weights by cell."""
        return np.asarray(self.weights.sum(axis=1))

    def means(self, values: FloatArray) -> FloatArray:
        """Weighted means by cell, of values by answer or by cell and answer."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.sum(self.weights * values, axis=1) / self.total)

    def errors(self, influence: FloatArray) -> FloatArray:
        """Standard errors by cell of a mean of what each answer adds: (cells, answers)."""
        n = self.base.astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = np.sum(self.squares * influence**2, axis=1) / self.total**2
            if self.weighted:
                rows = self.survey_rows
                factor = np.full(n.shape, rows / (rows - 1) if rows > 1 else np.nan)
            else:
                factor = n / (n - 1)
            return np.where(n >= 2, np.sqrt(factor * spread), np.nan)


@frozen(kw_only=True, eq=False)
class Fit:
    """A regression in every cell. Where ``problem`` says why there is none, numbers are NaN.

    Attributes:
        coefficients: The constant first: (cells, terms).
        covariance: Of the coefficients, by the errors that stand: (cells, terms, terms).
        robust: HC3's, for unweighted answers; NaN elsewhere.
        r_squared: The share of the outcome's variance that is explained, by cell.
        r_squared_error: Its standard error by linearisation, likewise.
        unexplained: Sum of squared residuals, likewise.
        inflation: The largest variance inflation of a predictor, likewise.
        df: Respondents less terms.
        problem: By cell, empty, ``few``, ``flat outcome``, ``flat`` with the predictor's number,
            or ``tied``.
    """

    coefficients: FloatArray
    covariance: FloatArray
    robust: FloatArray
    r_squared: FloatArray
    r_squared_error: FloatArray
    unexplained: FloatArray
    inflation: FloatArray
    df: FloatArray
    problem: tuple[str, ...]

    @property
    def good(self) -> np.ndarray:
        """Which cells have a fit."""
        return np.array([not one for one in self.problem], dtype=np.bool_)


def least_squares(answers: Answers, predictors: FloatArray, outcome: FloatArray) -> Fit:
    """Regress an outcome on predictors, with a constant.

    Args:
        answers: How often each answer was given.
        predictors: Their values by answer, about a point near their middle: (answers, terms - 1).
        outcome: Its value by answer.
    """
    cells, slopes = answers.counts.shape[0], predictors.shape[1]
    terms = slopes + 1
    problem = _problems(answers, predictors, outcome)
    with np.errstate(divide="ignore", invalid="ignore"):
        total = answers.total[:, None]
        middle = answers.weights @ predictors / total
        products = (predictors[:, :, None] * predictors[:, None, :]).reshape(
            len(outcome), slopes**2
        )
        cross = (answers.weights @ products / total).reshape(cells, slopes, slopes)
        cross = cross - middle[:, :, None] * middle[:, None, :]
        level = answers.means(outcome)
        along = answers.weights @ (predictors * outcome[:, None]) / total
        along = along - middle * level[:, None]
        spread = np.sqrt(np.maximum(np.einsum("cii->ci", cross), 0.0))
        alike = cross / (spread[:, :, None] * spread[:, None, :])
    usable = np.array([not one for one in problem], dtype=np.bool_) & np.isfinite(alike).all(
        axis=(1, 2)
    )
    safe = np.where(usable[:, None, None], alike, np.eye(slopes))
    tied = usable & (np.linalg.eigvalsh(safe)[:, 0] < TIED)
    problem = [COLLINEAR if here else said for here, said in zip(tied, problem, strict=True)]
    few = (answers.base < terms).tolist()
    problem = [FEW if said and here else said for here, said in zip(few, problem, strict=True)]
    good = usable & ~tied
    inverse = np.linalg.inv(np.where(good[:, None, None], safe, np.eye(slopes)))
    inverse = np.where(good[:, None, None], inverse, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        inner = inverse / (spread[:, :, None] * spread[:, None, :])
        slope = np.einsum("cij,cj->ci", inner, along)
        constant = level - np.sum(middle * slope, axis=1)
        coefficients = np.concatenate([constant[:, None], slope], axis=1)
        design = np.concatenate([np.ones((len(outcome), 1)), predictors], axis=1)
        left = outcome - coefficients @ design.T
        return _with_errors(
            answers,
            design,
            outcome,
            coefficients=coefficients,
            left=left,
            inverse=_bread(inner, middle, answers.total),
            inflation=np.einsum("cii->ci", inverse).max(axis=1),
            df=np.where(good, answers.base - terms, np.nan).astype(np.float64),
            problem=tuple(problem),
        )


def _problems(answers: Answers, predictors: FloatArray, outcome: FloatArray) -> list[str]:
    """Why each cell has no fit, as far as single columns tell; empty where it may have one."""
    seen = answers.seen
    flat_outcome = _constant(seen, outcome)
    flat = [_constant(seen, column) for column in predictors.T]
    told = []
    for cell in range(seen.shape[0]):
        if flat_outcome[cell]:
            told.append(FLAT_OUTCOME)
        else:
            place = next((number for number, one in enumerate(flat) if one[cell]), None)
            told.append("" if place is None else f"{FLAT} {place}")
    return told


def _constant(seen: np.ndarray, values: FloatArray) -> np.ndarray:
    """Whether all answers that a cell gave have one value."""
    least = np.min(np.where(seen, values, np.inf), axis=1, initial=np.inf)
    most = np.max(np.where(seen, values, -np.inf), axis=1, initial=-np.inf)
    return np.asarray(most <= least)


def _bread(inner: FloatArray, middle: FloatArray, total: FloatArray) -> FloatArray:
    """The inverse of the weighted cross-products of the design, constant first."""
    slopes = inner / total[:, None, None]
    edge = -np.einsum("cij,cj->ci", slopes, middle)
    corner = 1 / total - np.einsum("ci,ci->c", edge, middle)
    top = np.concatenate([corner[:, None, None], edge[:, None, :]], axis=2)
    below = np.concatenate([edge[:, :, None], slopes], axis=2)
    return np.concatenate([top, below], axis=1)


def _with_errors(
    answers: Answers,
    design: FloatArray,
    outcome: FloatArray,
    *,
    coefficients: FloatArray,
    left: FloatArray,
    inverse: FloatArray,
    inflation: FloatArray,
    df: FloatArray,
    problem: tuple[str, ...],
) -> Fit:
    """The fit with the covariance of its coefficients and what it explains."""
    nothing = np.full(inverse.shape, np.nan)
    away = outcome - answers.means(outcome)[:, None]
    unexplained = np.sum(answers.weights * left**2, axis=1)
    whole = np.sum(answers.weights * away**2, axis=1)
    r_squared = np.clip(1 - unexplained / whole, 0.0, 1.0)
    added = ((1 - r_squared)[:, None] * away**2 - left**2) / (whole / answers.total)[:, None]
    if answers.weighted:
        rows = answers.survey_rows
        factor = rows / (rows - 1) if rows > 1 else np.nan
        covariance = factor * _sandwich(inverse, design, answers.squares * left**2)
        robust = nothing
    else:
        variance = np.where(df > 0, unexplained / np.where(df > 0, df, 1.0), np.nan)
        covariance = inverse * variance[:, None, None]
        leverage = np.einsum("ai,cij,aj->ca", design, inverse, design, optimize=True)
        alone = np.any((leverage > ALONE) & (answers.counts > 0), axis=1)
        pulled = answers.counts * (left / (1 - np.minimum(leverage, ALONE))) ** 2
        robust = np.where(alone[:, None, None], np.nan, _sandwich(inverse, design, pulled))
    return Fit(
        coefficients=coefficients,
        covariance=covariance,
        robust=robust,
        r_squared=r_squared,
        r_squared_error=answers.errors(added),
        unexplained=unexplained,
        inflation=inflation,
        df=df,
        problem=problem,
    )


def _sandwich(inverse: FloatArray, design: FloatArray, squared: FloatArray) -> FloatArray:
    """The inverse about the sum of squared scores: (cells, terms, terms)."""
    terms = design.shape[1]
    products = (design[:, :, None] * design[:, None, :]).reshape(len(design), terms**2)
    meat = (squared @ products).reshape(-1, terms, terms)
    return np.asarray(inverse @ meat @ inverse)


def wald_test(
    fit: Fit, covariance: FloatArray, constraints: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The F test that linear combinations of the coefficients are 0: statistic and p.

    With the classical covariance it is the F test by what both models leave unexplained; with
    another it stands under weights too. Its denominator has the fit's degrees of freedom.

    Args:
        fit: The model.
        covariance: Of its coefficients: (cells, terms, terms).
        constraints: One combination a row: (constraints, terms).
    """
    from scipy.special import fdtrc

    rank = len(constraints)
    found = fit.coefficients @ constraints.T
    spread = constraints @ covariance @ constraints.T
    usable = np.isfinite(spread).all(axis=(1, 2)) & (fit.df > 0)
    safe = np.where(usable[:, None, None], spread, np.eye(rank))
    scale = np.sqrt(np.einsum("cii->ci", safe))
    with np.errstate(divide="ignore", invalid="ignore"):
        alike = safe / (scale[:, :, None] * scale[:, None, :])
        usable &= np.isfinite(alike).all(axis=(1, 2))
        alike = np.where(usable[:, None, None], alike, np.eye(rank))
        usable &= np.linalg.eigvalsh(alike)[:, 0] > TIED
        alike = np.where(usable[:, None, None], alike, np.eye(rank))
        z = np.where(usable[:, None], found / scale, 0.0)
        statistic = np.einsum("ci,ci->c", z, np.linalg.solve(alike, z[:, :, None])[:, :, 0]) / rank
        p = fdtrc(rank, np.where(usable, fit.df, 1.0), np.maximum(statistic, 0.0))
    return np.where(usable, statistic, np.nan), np.where(usable, p, np.nan)
