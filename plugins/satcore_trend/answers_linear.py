"""The mean of a score along the waves, by least squares on the answers."""

from __future__ import annotations

from typing import Final

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike

from satcore import FloatArray
from satcore_trend.answers_design import (
    Basis,
    basis,
    checked_design,
    checked_table,
    checked_weights,
    chosen,
    indistinct,
    inverse,
)
from satcore_trend.answers_fit import Errors, ModelFit, Spread, Weighted, check_errors, nothing

ONLY_ONE_ANSWER: Final = "all answers are the same: nothing tells how sure the slope is"
MET: Final = "the answers lie exactly on the line: nothing is left to tell how sure it is"
NOTHING_LEFT: Final = "as many coefficients as answers: nothing is left to tell how sure they are"

#: Squares below this share of all squares are rounding.
ROUNDING: Final = 1e-24


@frozen(kw_only=True, eq=False)
class LinearFit(ModelFit):
    """Least squares on the answers.

    Attributes:
        residual_std_error: Of a single answer about the curve; NaN for weighted answers.
        r_squared: Share of the answers' variance about their mean that the curve holds.
        classical: The covariance without the spread of the waves: the textbook's, as of one row
            per respondent; linearised for weighted answers.
    """

    residual_std_error: float = float("nan")
    r_squared: float = float("nan")
    classical: FloatArray


def linear(
    counts: ArrayLike,
    scores: ArrayLike,
    design: ArrayLike,
    *,
    weighted: Weighted | None = None,
    errors: Errors = "auto",
) -> LinearFit:
    """The score's mean along the design, by least squares on the answers.

    Dispersion is the mean square of the waves' means about the curve over that of the answers about
    their wave's mean; its p-value is the lack-of-fit test's (F; Draper and Smith 1998). Errors that
    hold it rest on the first mean square alone, as in a regression of the waves' means in which
    their numbers of answers are weights.

    Weighted answers have linearised errors (Taylor, n/(n-1)), t has answers less coefficients as
    its degrees of freedom, and the dispersion is that of the effective numbers of answers.

    Args:
        counts: How many gave each answer, (waves, answers).
        scores: What each answer is worth, (answers,).
        design: One row a wave, one column a coefficient, the constant among them.
        weighted: The sums of weights of the same table.
        errors: Whether the spread of the waves widens the errors.

    Raises:
        OptionError: ``errors`` is none of the known ones.
        ValueError: Shapes disagree, or a number is negative, infinite or absent.
    """
    check_errors(errors)
    table = checked_table(counts, "the table of counts")
    matrix = checked_design(design, table.shape[0])
    worth = _checked_scores(scores, table.shape[1])
    weighted = checked_weights(weighted, table)
    mass = table if weighted is None else np.asarray(weighted.weights, dtype=np.float64)
    kept = mass.sum(axis=1) > 0
    table, matrix, weighted = table[kept], matrix[kept], chosen(weighted, kept)
    rows = basis(matrix) if kept.any() else None
    if rows is None:
        return _no_line(table, matrix.shape[1])
    line = _line(mass[kept], worth, rows)
    effective = line if weighted is None else _line(weighted.effective(), worth, rows)
    return _fit(line, effective, table, rows, weighted, errors)


def _checked_scores(scores: ArrayLike, answers: int) -> FloatArray:
    worth = np.asarray(scores, dtype=np.float64)
    if worth.shape != (answers,) or not np.all(np.isfinite(worth)):
        raise ValueError(f"the scores need one finite number for each of the {answers} answers")
    return worth


@frozen(kw_only=True, eq=False)
class _Line:
    """A line through a table, on the basis.

    Attributes:
        at: Its coefficients.
        bread: The inverse of the cross-products.
        residuals: Answers about the line, (waves, answers).
        total: Sum of squares about the mean.
        within: About the waves' means.
        between: Of the waves' means about the line.
        mass: How many answers.
    """

    at: FloatArray
    bread: FloatArray
    residuals: FloatArray
    total: float
    within: float
    between: float
    mass: float


def _line(mass: FloatArray, scores: FloatArray, rows: Basis) -> _Line:
    sizes = mass.sum(axis=1)
    # Squares are taken of scores about their middle: a high, narrow score loses no digits.
    given = scores[mass.sum(axis=0) > 0]
    middle = float(mass.sum(axis=0) @ scores / sizes.sum())
    if np.ptp(given) == 0.0:
        middle = float(given[0])
    worth = scores - middle
    means, roots = mass @ worth / sizes, np.sqrt(sizes)
    orthogonal, triangle = np.linalg.qr(rows.columns * roots[:, None])
    unwound = inverse(triangle)
    level = middle * np.ones_like(sizes)
    constant = rows.columns @ (rows.columns.T @ level)
    has_constant = bool(np.allclose(constant, level, rtol=1e-9, atol=0.0))
    left = means if has_constant else means + middle
    at = unwound @ (orthogonal.T @ (roots * left))
    gaps = left - rows.columns @ at
    about = worth[None, :] - means[:, None]
    total, within = float(np.sum(mass * worth**2)), float(np.sum(mass * about**2))
    return _Line(
        at=at + rows.columns.T @ level if has_constant else at,
        bread=unwound @ unwound.T,
        residuals=about + gaps[:, None],
        total=total,
        within=within if within > ROUNDING * total else 0.0,
        between=float(sizes @ gaps**2),
        mass=float(sizes.sum()),
    )


def _fit(
    line: _Line,
    effective: _Line,
    table: FloatArray,
    rows: Basis,
    weighted: Weighted | None,
    errors: Errors,
) -> LinearFit:
    waves, size = rows.columns.shape
    answers = float(table.sum())
    spread = _spread(effective, waves, size)
    quasi, left = spread.widens(errors), answers - size
    plain = _plain(line, table, rows, weighted, within=False)
    if not quasi:
        covariance = plain
    elif weighted is None or effective.within == 0.0:
        # A regression of the waves' means; it serves where no answer differs within a wave, too.
        covariance = effective.between / spread.df * effective.bread
    else:
        covariance = spread.dispersion * _plain(line, table, rows, weighted, within=True)
    same = not line.total > 0.0
    # Answers that the line meets exactly leave rounding, and no error.
    met = line.within + line.between <= ROUNDING * line.total
    if same or met or left <= 0:
        covariance = np.full((size, size), np.nan)
    base = "OLS on the answers" if weighted is None else "WLS on the answers, linearised errors"
    return LinearFit(
        model="linear",
        coefficients=rows.back @ line.at,
        covariance=rows.covariance(covariance),
        df=float(spread.df) if quasi else (left if left > 0 else float("nan")),
        dispersion=spread.dispersion,
        dispersion_df=spread.df,
        dispersion_p=spread.p,
        quasi=quasi,
        method=f"{base}; " + (spread.words if quasi else f"t with {left:g} degrees of freedom"),
        message=_lacking(same=same, met=met, left=left),
        answers=answers,
        waves=waves,
        residual_std_error=_sigma(line, left) if weighted is None else float("nan"),
        r_squared=float("nan") if same else 1.0 - (line.within + line.between) / line.total,
        classical=rows.covariance(plain),
    )


def _lacking(*, same: bool, met: bool, left: float) -> str:
    """Why there is no error; empty where there is one."""
    if same:
        return ONLY_ONE_ANSWER
    if left <= 0:
        return NOTHING_LEFT
    return MET if met else ""


def _sigma(line: _Line, left: float) -> float:
    return float(np.sqrt((line.within + line.between) / left)) if left > 0 else float("nan")


def _plain(
    line: _Line, table: FloatArray, rows: Basis, weighted: Weighted | None, *, within: bool
) -> FloatArray:
    """The covariance on the basis; ``within``: with the answers about their wave's mean alone."""
    waves, size = rows.columns.shape
    if weighted is not None:
        scores = line.residuals[:, :, None] * rows.columns[:, None, :]
        meat = weighted.meat(scores, table, within=within)
        return np.asarray(line.bread @ meat @ line.bread, dtype=np.float64)
    squares, left = line.within, line.mass - waves
    if not within:
        squares, left = squares + line.between, line.mass - size
    return line.bread * (squares / left if left > 0 else float("nan"))


def _spread(line: _Line, waves: int, size: int) -> Spread:
    """The waves' means about the line, against the answers about their waves' means."""
    from scipy.special import fdtrc

    df, left = waves - size, line.mass - waves
    # The squares of equal answers are rounding, not spread.
    if df < 1 or left <= 0 or line.between + line.within <= ROUNDING * line.total:
        return Spread()
    with np.errstate(divide="ignore"):
        ratio = float(np.float64(line.between / df) / np.float64(line.within / left))
    return Spread(dispersion=ratio, df=df, p=float(fdtrc(df, left, ratio)))


def _no_line(table: FloatArray, size: int) -> LinearFit:
    coefficients, covariance = nothing(size)
    empty = table.size == 0 or not table.sum() > 0
    return LinearFit(
        model="linear",
        coefficients=coefficients,
        covariance=covariance,
        df=float("nan"),
        method="OLS on the answers",
        status="empty" if empty else "undefined",
        message="no answers" if empty else indistinct(table.shape[0], size),
        answers=float(table.sum()),
        waves=table.shape[0],
        classical=covariance,
    )
