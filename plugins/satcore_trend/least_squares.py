"""Ordinary and weighted least squares: many series at once, or one to the last digit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Final, TypeAlias

import numpy as np
from attrs import frozen

from satcore import FloatArray, IntArray

Flags: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

#: Residuals below this part of the series are rounding: such a fit is perfect.
PERFECT: Final = 1e-13

#: A column whose part of its own beside the others is less than this is one of them.
DEPENDENT: Final = 1e-10


@frozen(kw_only=True)
class Basis:
    """A weighted design and its series, made orthogonal.

    Rows of waves that are missing are 0 throughout, which leaves every sum as it is.

    Attributes:
        present: Whether a series has the wave, (series, waves).
        scale: Square roots of the weights, 0 where missing, (series, waves).
        q: Orthonormal columns of the weighted design, (series, waves, columns).
        r: Their triangle: weighted design = q r, (series, columns, columns).
        inverse: Its inverse; NaN where the columns can't be told apart.
        projected: What the design explains: q' y, (series, columns).
        rest: Weighted residuals of weighted least squares, (series, waves).
        df: Waves less columns; 0 where there are too few, (series,).
        perfect: Whether the residuals are nothing but rounding, (series,).
    """

    present: Flags
    scale: FloatArray
    q: FloatArray
    r: FloatArray
    inverse: FloatArray
    projected: FloatArray
    rest: FloatArray
    df: IntArray
    perfect: Flags


@frozen(kw_only=True)
class LeastSquares:
    """Least squares of many series.

    Attributes:
        coefficients: (series, columns).
        covariance: Of the coefficients under independent errors, (series, columns, columns).
        fitted: (series, waves); NaN where the wave is missing.
        residuals: The same, unweighted.
        sigma: Residual standard error, (series,); under weights that of a wave of weight 1.
        r_squared: Part of the (weighted) variation about the mean that is explained, (series,).
        df: Waves less columns, (series,).
        basis: The orthogonal form, on which other methods build.
    """

    coefficients: FloatArray
    covariance: FloatArray
    fitted: FloatArray
    residuals: FloatArray
    sigma: FloatArray
    r_squared: FloatArray
    df: IntArray
    basis: Basis


def transposed(matrices: FloatArray) -> FloatArray:
    """Each matrix of a stack, transposed."""
    return np.swapaxes(matrices, -1, -2)


def basis(values: FloatArray, columns: FloatArray, std_errors: FloatArray | None = None) -> Basis:
    """The orthogonal form of a weighted regression.

    Args:
        values: (series, waves), NaN where the wave is missing.
        columns: (waves, columns), or (series, waves, columns).
        std_errors: (series, waves); a wave's weight is 1/SE². None for equal weights.
    """
    present = np.isfinite(values)
    scale = present.astype(np.float64)
    if std_errors is not None:
        present &= np.isfinite(std_errors) & (std_errors > 0)
        scale = np.divide(1.0, std_errors, out=np.zeros(values.shape), where=present)
    weighted = np.where(present, values, 0.0) * scale
    design = np.where(present[..., None], columns, 0.0) * scale[..., None]
    q, r = _qr(design)
    projected = np.matmul(transposed(q), weighted[..., None])[..., 0]
    rest = weighted - np.matmul(q, projected[..., None])[..., 0]
    again = np.matmul(transposed(q), rest[..., None])[..., 0]
    rest = rest - np.matmul(q, again[..., None])[..., 0]
    df = present.sum(axis=-1) - design.shape[-1]
    size = np.abs(weighted).max(axis=-1, initial=0.0)
    return Basis(
        present=present,
        scale=scale,
        q=q,
        r=r,
        inverse=_inverse(design, r, df),
        projected=projected + again,
        rest=rest,
        df=np.maximum(df, 0),
        perfect=np.abs(rest).max(axis=-1, initial=0.0) <= PERFECT * size,
    )


def _qr(design: FloatArray) -> tuple[FloatArray, FloatArray]:
    """QR with as many columns as the design has, even where there are fewer waves."""
    short = design.shape[-1] - design.shape[-2]
    if short > 0:
        design = np.concatenate(
            [design, np.zeros((*design.shape[:-2], short, design.shape[-1]))], -2
        )
    q, r = np.linalg.qr(design)
    return (q[..., : q.shape[-2] - short, :] if short > 0 else q), r


def _inverse(design: FloatArray, r: FloatArray, df: IntArray) -> FloatArray:
    """The triangle's inverse; NaN where waves are too few or columns depend on each other."""
    lengths = np.sqrt((design * design).sum(axis=-2))
    own = np.abs(np.diagonal(r, axis1=-2, axis2=-1))
    sound = (own > DEPENDENT * lengths).all(axis=-1) & (df >= 0)
    safe = np.where(sound[..., None, None], r, np.eye(r.shape[-1]))
    return np.where(sound[..., None, None], np.linalg.inv(safe), np.nan)


def least_squares(
    values: FloatArray, columns: FloatArray, std_errors: FloatArray | None = None
) -> LeastSquares:
    """Ordinary or weighted least squares of many series on one design.

    Weights are 1/SE²; their common scale is estimated, so that standard errors that are all twice
    as large change nothing (Aitken 1935).

    Args:
        values: (series, waves), NaN where the wave is missing.
        columns: (waves, columns), or (series, waves, columns).
        std_errors: (series, waves), or None for equal weights.
    """
    form = basis(values, columns, std_errors)
    coefficients = np.matmul(form.inverse, form.projected[..., None])[..., 0]
    squares = (form.rest * form.rest).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.where((form.df > 0) & ~form.perfect, squares / form.df, np.nan)
        residuals = np.where(form.present, form.rest / form.scale, np.nan)
    unscaled = np.matmul(form.inverse, transposed(form.inverse))
    return LeastSquares(
        coefficients=coefficients,
        covariance=unscaled * variance[..., None, None],
        fitted=np.where(form.present, values, np.nan) - residuals,
        residuals=residuals,
        sigma=np.sqrt(variance),
        r_squared=_explained(values, form, squares),
        df=form.df,
        basis=form,
    )


def _explained(values: FloatArray, form: Basis, squares: FloatArray) -> FloatArray:
    """One less the residual sum of squares over that about the weighted mean."""
    weight = form.scale * form.scale
    clean = np.where(form.present, values, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (weight * clean).sum(axis=-1) / weight.sum(axis=-1)
        apart = np.where(form.present, clean - mean[..., None], 0.0)
        total = (weight * apart * apart).sum(axis=-1)
        size = (weight * clean * clean).sum(axis=-1)
        return np.where(total > PERFECT**2 * size, 1.0 - squares / total, np.nan)


@frozen(kw_only=True)
class Exact:
    """Least squares of one series, rounded once.

    Attributes:
        coefficients: (columns,).
        unscaled: The inverse of the (weighted) cross-products, (columns, columns).
        squares: The (weighted) residual sum of squares.
        total: The (weighted) sum of squares about the mean.
    """

    coefficients: FloatArray
    unscaled: FloatArray
    squares: float
    total: float


def exact_least_squares(
    values: Sequence[Fraction],
    columns: Sequence[Sequence[Fraction]],
    weights: Sequence[Fraction] | None = None,
) -> Exact:
    """Least squares in rational arithmetic: no digit is lost, however collinear the columns.

    The normal equations are solved without fractions (Bareiss 1968), so that the only rounding is
    that of the results. Meant for one plain series of up to a thousand values.

    Args:
        values: The series.
        columns: Each column of the design.
        weights: Weights, or None for equal ones.

    Raises:
        ValueError: The columns can't be told apart.
    """
    weights = weights or [Fraction(1)] * len(values)
    count = len(columns)
    rows = [*columns, values]
    sums = [
        [_product(one, other, weights) if place >= at else Fraction(0)
         for place, other in enumerate(rows)]
        for at, one in enumerate(rows)
    ]  # fmt: skip
    for at in range(count + 1):
        for place in range(at):
            sums[at][place] = sums[place][at]
    inverse = _inverted([row[:count] for row in sums[:count]])
    moments = [sums[at][count] for at in range(count)]
    found = [_dot(row, moments) for row in inverse]
    squares = sums[count][count] - _dot(found, moments)
    whole = sum(weights, Fraction(0))
    mean = _product(values, [Fraction(1)] * len(values), weights) / whole
    return Exact(
        coefficients=np.array([float(value) for value in found]),
        unscaled=np.array([[float(value) for value in row] for row in inverse]),
        squares=float(squares),
        total=float(sums[count][count] - whole * mean * mean),
    )


def _dot(one: Sequence[Fraction], other: Sequence[Fraction]) -> Fraction:
    return sum((a * b for a, b in zip(one, other, strict=True)), Fraction(0))


def _product(
    one: Sequence[Fraction], other: Sequence[Fraction], weights: Sequence[Fraction]
) -> Fraction:
    return sum((a * b * w for a, b, w in zip(one, other, weights, strict=True)), Fraction(0))


def _inverted(matrix: list[list[Fraction]]) -> list[list[Fraction]]:
    """The inverse of a symmetric positive definite matrix, by fraction-free elimination."""
    count = len(matrix)
    common = math.lcm(*(value.denominator for row in matrix for value in row))
    work = [
        [int(value * common) for value in row] + [common * (at == place) for place in range(count)]
        for at, row in enumerate(matrix)
    ]
    before = 1
    for at in range(count):
        pivot = work[at][at]
        if pivot <= 0:
            raise ValueError(
                "the columns of the design can't be told apart at these times; lower the degree, "
                "leave the season or the intervention out, or add points"
            )
        for other in range(count):
            if other != at:
                factor = work[other][at]
                work[other] = [
                    (pivot * a - factor * b) // before
                    for a, b in zip(work[other], work[at], strict=True)
                ]
        before = pivot
    return [[Fraction(value, before) for value in row[count:]] for row in work]
