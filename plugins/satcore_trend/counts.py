"""Rates of events along the waves: Poisson, quasi-Poisson, negative binomial, with exposure.

Complaints per thousand visits, refunds per order: a count and what it is counted on. A step in the
design at a date tells by which factor a measure changed the rate (interrupted series; Lopez Bernal,
Cummins and Gasparrini 2017).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from attrs import evolve, frozen
from numpy.typing import ArrayLike

from satcore import FloatArray
from satcore_trend.answers_design import (
    Basis,
    basis,
    checked_design,
    checked_table,
    indistinct,
    inverse,
    separated,
)
from satcore_trend.answers_fit import Errors, ModelFit, check_errors, chi_square_spread, nothing
from satcore_trend.answers_glm import NegativeBinomial, Poisson, Settled, pearson, solve

POISSON: Final = "Poisson model, log link, exposure as offset"
NEGATIVE_BINOMIAL: Final = "negative binomial model (NB2), log link, exposure as offset"
SEPARATED: Final = (
    "one side of a term has no events at all: its rate ratio is 0 or infinite, and none fits best"
)
UNSETTLED: Final = "the steps to the maximum of the likelihood did not settle"
NO_SPREAD: Final = "the counts spread no wider than Poisson's: alpha is 0"

#: How often the range in which the logarithm of alpha is sought is widened by 1, and the least
#: alpha to start from.
WIDENINGS: Final = 20
LEAST: Final = 1e-6


@frozen(kw_only=True, eq=False)
class NegativeBinomialFit(ModelFit):
    """A negative binomial model: the variance is m + alpha m².

    Attributes:
        alpha: By maximum likelihood; 0 is Poisson's.
    """

    alpha: float = float("nan")


def poisson(
    events: ArrayLike, exposure: ArrayLike, design: ArrayLike, *, errors: Errors = "auto"
) -> ModelFit:
    """The log rate along the design, by maximum likelihood on wave totals.

    Dispersion is Pearson's chi-square over waves less coefficients, at the maximum itself. (R's
    ``summary.glm`` weighs the squares with the weights of the step before the last, so that its
    dispersion of a quasi-Poisson fit differs in the sixth digit at its usual stop.)

    Args:
        events: By wave, (waves,).
        exposure: What they are counted on, by wave; a wave without exposure has no events.
        design: One row a wave, one column a coefficient, the constant among them.
        errors: Whether the spread of the waves widens the errors.

    Raises:
        OptionError: ``errors`` is none of the known ones.
        ValueError: Shapes disagree, a number is negative, infinite or absent, or there are events
            without exposure.
    """
    check_errors(errors)
    totals = _Totals.checked(events, exposure, design)
    fit, rows = totals.without_numbers("poisson", POISSON)
    if rows is None:
        return fit
    family = Poisson(exposure=totals.exposure)
    settled = solve(totals.events, rows.columns, family, totals.start(rows))
    if not settled.converged:
        return evolve(fit, status="undefined", message=UNSETTLED)
    df = totals.events.size - rows.columns.shape[1]
    spread = chi_square_spread(pearson(totals.events, settled, family), df)
    quasi = spread.widens(errors)
    factor = spread.dispersion if quasi else 1.0
    return evolve(
        fit,
        coefficients=rows.back @ settled.coefficients,
        covariance=rows.covariance(factor * inverse(settled.information)),
        df=float(df) if quasi else float("inf"),
        dispersion=spread.dispersion,
        dispersion_df=spread.df,
        dispersion_p=spread.p,
        quasi=quasi,
        method=f"{POISSON}; {spread.words if quasi else 'normal distribution'}",
        log_likelihood=settled.log_likelihood,
    )


def negative_binomial(
    events: ArrayLike, exposure: ArrayLike, design: ArrayLike
) -> NegativeBinomialFit:
    """The log rate along the design where the waves' own rates vary (NB2; Lawless 1987).

    Alpha by maximum likelihood; errors are those of the expected information, in which alpha and
    the coefficients are orthogonal. The waves tell how far they spread, so t has waves less
    coefficients as its degrees of freedom. Where the likelihood falls from alpha = 0 on, the fit is
    Poisson's, which the message says.

    Args:
        events: As ``poisson``.
        exposure: As ``poisson``.
        design: As ``poisson``.

    Raises:
        ValueError: As ``poisson``.
    """
    totals = _Totals.checked(events, exposure, design)
    found, rows = totals.without_numbers("negative_binomial", NEGATIVE_BINOMIAL)
    fit = NegativeBinomialFit(
        model="negative_binomial",
        coefficients=found.coefficients,
        covariance=found.covariance,
        df=found.df,
        method=found.method,
        status=found.status,
        message=found.message,
        answers=found.answers,
        waves=found.waves,
    )
    if rows is None:
        return fit
    alpha, settled = _by_likelihood(totals, rows)
    if not settled.converged:
        return evolve(fit, status="undefined", message=UNSETTLED)
    family = _family(totals, alpha)
    df = totals.events.size - rows.columns.shape[1]
    spread = chi_square_spread(pearson(totals.events, settled, family), df)
    method = f"{NEGATIVE_BINOMIAL}; t with {df} degrees of freedom"
    return evolve(
        fit,
        coefficients=rows.back @ settled.coefficients,
        covariance=rows.covariance(inverse(settled.information)),
        df=float(df) if df > 0 else float("nan"),
        dispersion=spread.dispersion,
        dispersion_df=spread.df,
        dispersion_p=spread.p,
        method=method,
        message=NO_SPREAD if alpha == 0.0 else "",
        log_likelihood=settled.log_likelihood,
        alpha=alpha,
    )


@frozen(kw_only=True, eq=False)
class _Totals:
    """Events, exposure and design of the waves that have exposure."""

    events: FloatArray
    exposure: FloatArray
    design: FloatArray

    @classmethod
    def checked(cls, events: ArrayLike, exposure: ArrayLike, design: ArrayLike) -> _Totals:
        """Refuses what is no count on an exposure."""
        base = checked_table(exposure, "exposure", np.shape(exposure)[:1])
        counted = checked_table(events, "events", base.shape)
        matrix = checked_design(design, base.size)
        bare = np.flatnonzero((base == 0) & (counted > 0))
        if bare.size:
            raise ValueError(
                f"wave {int(bare[0])} (from 0) has {counted[bare[0]]:g} events and an exposure of "
                "0; a wave's exposure is what its events are counted on, above 0"
            )
        kept = base > 0
        return cls(events=counted[kept], exposure=base[kept], design=matrix[kept])

    def without_numbers(self, model: str, method: str) -> tuple[ModelFit, Basis | None]:
        """The fit without numbers, and the basis where there can be some."""
        size = self.design.shape[1]
        coefficients, covariance = nothing(size)
        rows = basis(self.design) if self.events.size else None
        status, message = "ok", ""
        if not self.events.size:
            status, message = "empty", "no exposure"
        elif rows is None:
            status, message = "undefined", indistinct(self.events.size, size)
        elif not self.events.sum() > 0:
            status, message = "undefined", "no events: the log rate is infinite"
        elif self._is_separated(rows):
            status, message = "undefined", SEPARATED
        fit = ModelFit(
            model=model,
            coefficients=coefficients,
            covariance=covariance,
            df=float("nan"),
            method=method,
            status=status,
            message=message,
            answers=float(self.events.sum()),
            waves=self.events.size,
        )
        return fit, rows if status == "ok" else None

    def _is_separated(self, rows: Basis) -> bool:
        seen = self.events > 0
        if seen.sum() >= rows.columns.shape[1]:
            rank = np.linalg.matrix_rank(rows.columns[seen])
            if rank == rows.columns.shape[1]:
                return False
        # Rates of waves with events must stay, those of waves without may only fall.
        held = rows.columns[seen]
        return separated(np.concatenate([held, -held, -rows.columns[~seen]]))

    def start(self, rows: Basis) -> FloatArray:
        """Least squares on the log rates."""
        rates = np.log((self.events + 0.5) / self.exposure)
        roots = np.sqrt(self.events + 0.5)
        weighted = rows.columns * roots[:, None]
        return np.asarray(np.linalg.lstsq(weighted, rates * roots, rcond=None)[0])


# ---- alpha ---------------------------------------------------------------------------------------


def _family(totals: _Totals, alpha: float) -> Poisson | NegativeBinomial:
    if alpha == 0.0:
        return Poisson(exposure=totals.exposure)
    return NegativeBinomial(exposure=totals.exposure, alpha=alpha)


def _by_likelihood(totals: _Totals, rows: Basis) -> tuple[float, Settled]:
    """Alpha where the profile likelihood is flat, sought on its logarithm (Brent 1973)."""
    from scipy.optimize import brentq

    plain = solve(totals.events, rows.columns, _family(totals, 0.0), totals.start(rows))
    wider = (totals.events - plain.mean) ** 2
    # The slope of the likelihood at alpha = 0 (Dean and Lawless 1989).
    if np.sum(wider - totals.events) <= 0.0:
        return 0.0, plain
    start = plain.coefficients

    def rise(log_alpha: float) -> float:
        return _slope(totals, rows, float(np.exp(log_alpha)), start)

    low = high = float(np.log(max(np.sum(wider - plain.mean) / np.sum(plain.mean**2), LEAST)))
    for _ in range(WIDENINGS):
        if rise(high) <= 0.0:
            break
        low, high = high, high + 1.0
    for _ in range(WIDENINGS):
        if rise(low) >= 0.0:
            break
        low, high = low - 1.0, low
    if low < high:
        try:
            low = float(brentq(rise, low, high, xtol=1e-14, rtol=1e-14))
        except ValueError:  # No change of sign, or a fit that did not settle on the way.
            return 0.0, evolve(plain, converged=False)
    alpha = float(np.exp(low))
    return alpha, solve(totals.events, rows.columns, _family(totals, alpha), start)


def _slope(totals: _Totals, rows: Basis, alpha: float, start: FloatArray) -> float:
    """The profile likelihood's slope by the logarithm of alpha; NaN where a fit does not settle."""
    from scipy.special import digamma

    settled = solve(totals.events, rows.columns, _family(totals, alpha), start)
    if not settled.converged:
        return float("nan")
    y, mean, size = totals.events, settled.mean, 1.0 / alpha
    by_size = digamma(y + size) - digamma(size) - np.log1p(mean / size) - (y - mean) / (mean + size)
    return -size * float(np.sum(by_size))
