"""Covariances of least squares that bear autocorrelated or unequal errors, many series at once."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from satcore import FloatArray, IntArray, OptionError, near
from satcore_trend.least_squares import Basis, transposed

Kernel: TypeAlias = Literal["bartlett", "uniform"]

KERNELS: Final = ("bartlett", "uniform")

HETEROSCEDASTIC: Final = ("hc0", "hc1", "hc2", "hc3")


def default_lag(waves: ArrayLike) -> IntArray:
    """The lag that is taken where none is given: floor(4 (n/100)^(2/9)), at least 0, below n."""
    counts = np.asarray(waves, dtype=np.float64)
    lags = np.floor(4.0 * (counts / 100.0) ** (2.0 / 9.0))
    return np.asarray(np.clip(lags, 0, np.maximum(counts - 1, 0)), dtype=np.int64)


def hac_covariance(
    form: Basis,
    lag: ArrayLike | None = None,
    kernel: str = "bartlett",
    *,
    correction: bool = False,
) -> FloatArray:
    """The covariance of coefficients by Newey and West (1987), (series, columns, columns).

    Lags count places in the waves' common order, so that a missing wave keeps its place.

    Args:
        form: The orthogonal form of the regressions.
        lag: The largest lag, one or by series; None for :func:`default_lag`.
        kernel: ``bartlett``: 1 - lag/(largest + 1); ``uniform``: 1, which may leave no variance.
        correction: Whether to multiply by n / (n - columns).

    Raises:
        OptionError: An unknown kernel or a negative lag.
    """
    if kernel not in KERNELS:
        raise OptionError(
            "kernel",
            f"{kernel!r} is not known; give 'bartlett' or 'uniform'{near(kernel, KERNELS)}",
        )
    waves = form.present.sum(axis=-1)
    largest = default_lag(waves) if lag is None else np.asarray(lag, dtype=np.int64)
    largest = np.broadcast_to(largest, waves.shape)
    if (largest < 0).any():
        raise OptionError("lag", f"{int(largest.min())} is no lag; give 0 or more")
    scores = form.q * form.rest[..., None]
    middle = np.matmul(transposed(scores), scores)
    for apart in range(1, min(int(largest.max(initial=0)), scores.shape[-2] - 1) + 1):
        share = np.where(apart <= largest, _kernel(kernel, apart, largest), 0.0)
        across = np.matmul(transposed(scores[:, apart:]), scores[:, :-apart])
        middle = middle + share[:, None, None] * (across + transposed(across))
    return _sandwich(form, middle, corrected=correction)


def _kernel(kernel: str, apart: int, largest: IntArray) -> FloatArray:
    if kernel == "uniform":
        return np.ones(largest.shape)
    return np.asarray(1.0 - apart / (largest + 1.0), dtype=np.float64)


def hc_covariance(form: Basis, kind: str = "hc3") -> FloatArray:
    """The covariance of coefficients under unequal errors, (series, columns, columns).

    HC0 is White's (1980), HC1 to HC3 are those of MacKinnon and White (1985).

    Args:
        form: The orthogonal form of the regressions.
        kind: ``hc0``, ``hc1`` (times n / (n - columns)), ``hc2`` (residuals over the root of
            1 - leverage), ``hc3`` (over 1 - leverage).

    Raises:
        OptionError: Another kind.
    """
    if kind not in HETEROSCEDASTIC:
        raise OptionError(
            "errors", f"{kind!r} is not known; give {', '.join(map(repr, HETEROSCEDASTIC))}"
        )
    own = 1.0 - leverage(form)
    with np.errstate(divide="ignore", invalid="ignore"):
        residuals = {
            "hc2": form.rest / np.sqrt(own),
            "hc3": form.rest / own,
        }.get(kind, form.rest)
    scores = form.q * residuals[..., None]
    return _sandwich(form, np.matmul(transposed(scores), scores), corrected=kind == "hc1")


def leverage(form: Basis) -> FloatArray:
    """How much each wave draws its own fit, (series, waves); NaN where it is the fit alone."""
    found = (form.q * form.q).sum(axis=-1)
    return np.where(found < 1.0 - 1e-10, found, np.nan)


def _sandwich(form: Basis, middle: FloatArray, *, corrected: bool) -> FloatArray:
    found = np.matmul(np.matmul(form.inverse, middle), transposed(form.inverse))
    usable = (form.df > 0) & ~form.perfect
    if corrected:
        factor = form.present.sum(axis=-1) / np.where(form.df > 0, form.df, 1)
        found = found * factor[:, None, None]
    return np.where(usable[:, None, None], found, np.nan)
