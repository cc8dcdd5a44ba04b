"""What a model of the answers gives: coefficients, how sure they are, and what was done.

Every model of this kind is fitted to the table of one cell, waves by answers. The table holds all
that the model needs of the answers, so the fit is that of one row per respondent, and its cost does
not depend on how many respondents there are.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from attrs import frozen

from satcore import FloatArray, IntArray, OptionError

#: Whether the spread of the waves about the fitted line widens the errors: when it is wider than
#: sampling explains (``"auto"``), never (``"model"``) or always (``"quasi"``, narrower ones too).
Errors = Literal["auto", "model", "quasi"]

ERRORS: Final = ("auto", "model", "quasi")


@frozen(kw_only=True, eq=False)
class ModelFit:
    """A model fitted to the answers of one cell; the names of its coefficients are the caller's.

    Attributes:
        model: ``"linear"``, ``"binomial"``, ``"ordinal"``, ``"poisson"`` or
            ``"negative_binomial"``.
        coefficients: By column of the design; NaN where the answers do not tell them. Points of the
            score (linear), log odds (binomial, ordinal) or log rates (counts), a unit of the
            column.
        covariance: Of the coefficients, as reported: widened where ``quasi``.
        df: Degrees of freedom of t; infinite where the normal distribution serves.
        dispersion: How far the waves lie from the fitted curve, over what sampling alone explains:
            1 is expected; NaN where no wave is left over to tell.
        dispersion_df: Waves less coefficients.
        dispersion_p: The p-value of a dispersion this large when sampling alone is at work.
        quasi: Whether the errors hold the dispersion (Wedderburn 1974).
        method: How it was fitted and where the errors come from, in words.
        status: ``"ok"``; ``"undefined"`` when the answers determine no value; ``"empty"`` without
            answers.
        message: What the reader must know; empty when there is nothing to tell.
        answers: How many answers, or events, the fit rests on.
        waves: How many waves have answers.
        log_likelihood: At the fit, constants that hold no coefficient included for counts and left
            out else; NaN for weighted fits.
    """

    model: str
    coefficients: FloatArray
    covariance: FloatArray
    df: float
    dispersion: float = float("nan")
    dispersion_df: int = 0
    dispersion_p: float = float("nan")
    quasi: bool = False
    method: str = ""
    status: str = "ok"
    message: str = ""
    answers: float = 0.0
    waves: int = 0
    log_likelihood: float = float("nan")

    @property
    def std_errors(self) -> FloatArray:
        """The standard errors of the coefficients; NaN where there are none."""
        # A variance that is 0 but for rounding may lie below it.
        return np.sqrt(np.maximum(np.diagonal(self.covariance), 0.0))

    def bounds(self, confidence: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds of the coefficients at a two-sided confidence level."""
        from scipy.special import ndtri, stdtrit

        level = 0.5 + confidence / 2.0
        reach = float(ndtri(level) if np.isinf(self.df) else stdtrit(self.df, level))
        return (
            self.coefficients - reach * self.std_errors,
            self.coefficients + reach * self.std_errors,
        )

    def p_values(self) -> FloatArray:
        """Two-sided, each coefficient against 0."""
        from scipy.special import ndtr, stdtr

        with np.errstate(divide="ignore", invalid="ignore"):
            size = -np.abs(self.coefficients / self.std_errors)
        tail = ndtr(size) if np.isinf(self.df) else stdtr(self.df, size)
        return np.asarray(2.0 * tail, dtype=np.float64)

    def ratios(self) -> FloatArray:
        """Odds ratios or rate ratios, a unit of each column; no meaning for the linear model."""
        return np.exp(self.coefficients)

    def ratio_bounds(self, confidence: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds of the ratios (Wald, on the logarithm)."""
        low, high = self.bounds(confidence)
        return np.exp(low), np.exp(high)


@frozen(kw_only=True, eq=False)
class Spread:
    """How far the waves lie from the curve.

    Attributes:
        dispersion: Mean square of the waves over that of sampling.
        df: Waves less coefficients.
        p: Of a dispersion this large by sampling alone.
    """

    dispersion: float = float("nan")
    df: int = 0
    p: float = float("nan")

    def widens(self, errors: Errors) -> bool:
        """Whether the errors are to hold it."""
        if errors == "model" or np.isnan(self.dispersion):
            return False
        return errors == "quasi" or self.dispersion > 1.0

    @property
    def words(self) -> str:
        """For the method's text."""
        return (
            f"quasi: errors times {np.sqrt(self.dispersion):.3g} for the spread of the waves, "
            f"t with {self.df} degrees of freedom"
        )


def chi_square_spread(statistic: float, df: int) -> Spread:
    """The spread by Pearson's statistic, or by a score statistic like it.

    Args:
        statistic: Chi-square distributed under the model.
        df: Its degrees of freedom; without any there is no spread.
    """
    from scipy.special import chdtrc

    if df < 1:
        return Spread()
    return Spread(dispersion=statistic / df, df=df, p=float(chdtrc(df, statistic)))


@frozen(kw_only=True, eq=False)
class Weighted:
    """The sums of weights of the same table; without it every answer weighs the same.

    Attributes:
        weights: Sums of weights, wave by answer.
        squares: Sums of squared weights, wave by answer.
        responses: Responses of the whole survey, for n/(n-1); left out: those of the table.
    """

    weights: FloatArray | IntArray
    squares: FloatArray | IntArray
    responses: float | None = None

    def effective(self) -> FloatArray:
        """The table that an unweighted sample as sure as this one would have (Kish 1965).

        Each wave holds its effective number of answers, shared out as the weights are. With equal
        weights that is the table of counts.
        """
        weights = np.asarray(self.weights, dtype=np.float64)
        totals = weights.sum(axis=1, keepdims=True)
        squares = np.asarray(self.squares, dtype=np.float64).sum(axis=1, keepdims=True)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(squares > 0, weights * totals / squares, 0.0)

    def meat(self, scores: FloatArray, counts: FloatArray, *, within: bool) -> FloatArray:
        """The variance of the sum of scores, linearised (Taylor), with n/(n-1).

        Args:
            scores: What one answer adds to the estimating equations, (waves, answers, p).
            counts: The table of counts.
            within: Whether scores are taken about their wave's mean. Then the variance holds what
                sampling adds and nothing of how the waves lie about the curve.
        """
        if within:
            totals = np.asarray(self.weights, dtype=np.float64)
            sums = totals.sum(axis=1)[:, None]
            middle = np.einsum("wa,wap->wp", totals, scores) / np.where(sums > 0, sums, 1.0)
            scores = scores - middle[:, None, :]
        n = float(counts.sum()) if self.responses is None else self.responses
        factor = n / (n - 1.0) if n > 1 else float("nan")
        squares = np.asarray(self.squares, dtype=np.float64)
        meat = factor * np.einsum("wa,wap,waq->pq", squares, scores, scores)
        return np.asarray(meat, dtype=np.float64)


def check_errors(errors: str) -> None:
    """Refuses an unknown way to the errors.

    Raises:
        OptionError: It is not one of ``ERRORS``.
    """
    if errors not in ERRORS:
        raise OptionError(
            "errors", f"there is no {errors!r}; it is one of {', '.join(map(repr, ERRORS))}"
        )


def nothing(size: int) -> tuple[FloatArray, FloatArray]:
    """Coefficients and covariance where there are none."""
    return np.full(size, np.nan), np.full((size, size), np.nan)
