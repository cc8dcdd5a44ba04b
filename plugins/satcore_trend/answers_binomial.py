"""A share along the waves: the binomial model on totals, logit link."""

from __future__ import annotations

from typing import Final

import numpy as np
from attrs import evolve
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
    separated,
)
from satcore_trend.answers_fit import (
    Errors,
    ModelFit,
    Spread,
    Weighted,
    check_errors,
    chi_square_spread,
    nothing,
)
from satcore_trend.answers_glm import Binomial, Settled, pearson, solve

METHOD: Final = "binomial model on wave totals, logit link"
SEPARATED: Final = (
    "the share is 0% or 100% in so many waves that the likelihood has no maximum (separation): "
    "no finite odds ratio fits best"
)
UNSETTLED: Final = "the steps to the maximum of the likelihood did not settle"


def binomial(
    successes: ArrayLike,
    trials: ArrayLike,
    design: ArrayLike,
    *,
    weighted: Weighted | None = None,
    errors: Errors = "auto",
) -> ModelFit:
    """The log odds of a share along the design, by maximum likelihood on the waves' totals.

    Dispersion is Pearson's chi-square over waves less coefficients. Weighted answers have
    pseudo-likelihood coefficients and linearised errors (Binder 1983), and the dispersion is that
    of the effective numbers of answers.

    Args:
        successes: Answers that count, (waves,).
        trials: Answers, (waves,).
        design: One row a wave, one column a coefficient, the constant among them.
        weighted: The sums of weights, (waves, 2): of the answers that do not count, then of those
            that do.
        errors: Whether the spread of the waves widens the errors.

    Raises:
        OptionError: ``errors`` is none of the known ones.
        ValueError: Shapes disagree, a number is negative, infinite or absent, or successes
            outnumber trials.
    """
    check_errors(errors)
    table = _checked_totals(successes, trials)
    matrix = checked_design(design, table.shape[0])
    weighted = checked_weights(weighted, table)
    mass = table if weighted is None else np.asarray(weighted.weights, dtype=np.float64)
    kept = mass.sum(axis=1) > 0
    table, mass, matrix, weighted = table[kept], mass[kept], matrix[kept], chosen(weighted, kept)
    rows = basis(matrix) if kept.any() else None
    fit = _undefined(table, mass, matrix, rows)
    if rows is None or fit.status != "ok":
        return fit
    return _fit(fit, table, mass, rows, weighted, errors)


def _checked_totals(successes: ArrayLike, trials: ArrayLike) -> FloatArray:
    """The table of those that do not count and those that do."""
    all_of = checked_table(trials, "trials", np.shape(trials)[:1])
    those = checked_table(successes, "successes", all_of.shape)
    if np.any(those > all_of):
        wave = int(np.flatnonzero(those > all_of)[0])
        raise ValueError(
            f"wave {wave} (from 0) has {those[wave]:g} successes in {all_of[wave]:g} trials; "
            "successes are among the trials"
        )
    return np.stack([all_of - those, those], axis=1)


def _undefined(
    table: FloatArray, mass: FloatArray, matrix: FloatArray, rows: Basis | None
) -> ModelFit:
    """The fit without numbers; its status is ``"ok"`` where there can be some."""
    coefficients, covariance = nothing(matrix.shape[1])
    status, message = "ok", ""
    if not table.sum() > 0:
        status, message = "empty", "no answers"
    elif rows is None:
        status, message = "undefined", indistinct(table.shape[0], matrix.shape[1])
    elif not np.all(mass.sum(axis=0) > 0):
        which = "no answer" if not mass[:, 1].sum() > 0 else "every answer"
        status, message = (
            "undefined",
            f"{which} counts towards the share: its log odds are infinite",
        )
    elif _is_separated(mass, rows):
        status, message = "undefined", SEPARATED
    return ModelFit(
        model="binomial",
        coefficients=coefficients,
        covariance=covariance,
        df=float("nan"),
        method=METHOD,
        status=status,
        message=message,
        answers=float(table.sum()),
        waves=table.shape[0],
    )


def _is_separated(mass: FloatArray, rows: Basis) -> bool:
    mixed = np.all(mass > 0, axis=1)
    if mixed.sum() >= rows.columns.shape[1]:
        rank = np.linalg.matrix_rank(rows.columns[mixed])
        if rank == rows.columns.shape[1]:
            return False
    return separated(np.concatenate([rows.columns[mass[:, 1] > 0], -rows.columns[mass[:, 0] > 0]]))


def _fit(
    fit: ModelFit,
    table: FloatArray,
    mass: FloatArray,
    rows: Basis,
    weighted: Weighted | None,
    errors: Errors,
) -> ModelFit:
    settled, spread = _solved(mass, rows)
    if not settled.converged:
        return evolve(fit, status="undefined", message=UNSETTLED)
    if weighted is not None:
        _, spread = _solved(weighted.effective(), rows)
    quasi = spread.widens(errors)
    covariance = inverse(settled.information)
    df, base = float("inf"), METHOD
    if weighted is not None:
        share = settled.mean / mass.sum(axis=1)
        residuals = np.array([0.0, 1.0])[None, :] - share[:, None]
        scores = residuals[:, :, None] * rows.columns[:, None, :]
        meat = weighted.meat(scores, table, within=quasi)
        covariance = covariance @ meat @ covariance
        df, base = float(table.sum()) - rows.columns.shape[1], f"{METHOD}, linearised errors"
    if quasi:
        covariance, df = spread.dispersion * covariance, float(spread.df)
    normal = "normal distribution" if np.isinf(df) else f"t with {df:g} degrees of freedom"
    return evolve(
        fit,
        coefficients=rows.back @ settled.coefficients,
        covariance=rows.covariance(covariance),
        df=df if df > 0 else float("nan"),
        dispersion=spread.dispersion,
        dispersion_df=spread.df,
        dispersion_p=spread.p,
        quasi=quasi,
        method=f"{base}; {spread.words if quasi else normal}",
        log_likelihood=settled.log_likelihood if weighted is None else float("nan"),
    )


def _solved(mass: FloatArray, rows: Basis) -> tuple[Settled, Spread]:
    trials, successes = mass.sum(axis=1), mass[:, 1]
    family = Binomial(trials=trials)
    odds = np.log((successes + 0.5) / (mass[:, 0] + 0.5))
    roots = np.sqrt(trials)
    start = np.linalg.lstsq(rows.columns * roots[:, None], odds * roots, rcond=None)[0]
    settled = solve(successes, rows.columns, family, start)
    statistic = pearson(successes, settled, family)
    return settled, chi_square_spread(statistic, trials.size - rows.columns.shape[1])
