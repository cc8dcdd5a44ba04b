"""Tables and designs held up to the light before a model is fitted to them."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike

from satcore import FloatArray
from satcore_trend.answers_fit import Weighted

#: Singular values below this share of the largest are taken as 0.
RANK_TOLERANCE: Final = 1e-12

#: A gain of the linear program above this is no work of its own tolerance, 1e-7 a row.
NOT_ROUNDING: Final = 1e-5


@frozen(kw_only=True, eq=False)
class Basis:
    """The design on orthonormal columns, so that the fit is not hurt by where time starts.

    Attributes:
        columns: Orthonormal columns, (waves, p).
        back: Coefficients of the design are ``back @`` those of the columns.
    """

    columns: FloatArray
    back: FloatArray

    def covariance(self, covariance: FloatArray) -> FloatArray:
        """The covariance of the design's coefficients from that of the columns'."""
        return np.asarray(self.back @ covariance @ self.back.T, dtype=np.float64)


def basis(design: FloatArray) -> Basis | None:
    """The design's basis; None where its columns can not be told apart.

    Args:
        design: (waves, p), the waves with answers alone.
    """
    sizes = np.linalg.norm(design, axis=0)
    if design.shape[0] < design.shape[1] or not np.all(sizes > 0):
        return None
    scaled = design / sizes
    if design.shape[1]:
        singular = np.linalg.svd(scaled, compute_uv=False)
        if singular[-1] < RANK_TOLERANCE * singular[0]:
            return None
    columns, triangle = np.linalg.qr(scaled)
    back = np.linalg.solve(triangle, np.eye(triangle.shape[0])) / sizes[:, None]
    return Basis(columns=columns, back=back)


def indistinct(waves: int, coefficients: int) -> str:
    """Says why a design has no basis."""
    return (
        f"the {waves} wave{'' if waves == 1 else 's'} with answers do not determine "
        f"{coefficients} coefficients: more waves or fewer terms are needed"
    )


def checked_design(design: ArrayLike, waves: int) -> FloatArray:
    """The design as an array.

    Args:
        design: One row a wave, one column a coefficient.
        waves: How many waves the table has.

    Raises:
        ValueError: It is not such a matrix, or holds a number that is none.
    """
    matrix = np.asarray(design, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != waves:
        raise ValueError(
            f"the design has shape {matrix.shape}; it needs one row for each of the {waves} waves "
            "and one column for each coefficient"
        )
    if not np.all(np.isfinite(matrix)):
        wave = int(np.flatnonzero(~np.isfinite(matrix).all(axis=1))[0])
        raise ValueError(f"the design's row of wave {wave} (from 0) is not all finite numbers")
    return matrix


def checked_table(counts: ArrayLike, name: str, shape: tuple[int, ...] | None = None) -> FloatArray:
    """A table of counts or of sums of weights, as an array.

    Args:
        counts: The numbers; not negative, not absent.
        name: What to call it in a message.
        shape: The shape that it must have; left out: any table of waves by answers.

    Raises:
        ValueError: The shape is wrong, or a number is negative, infinite or absent.
    """
    table = np.asarray(counts, dtype=np.float64)
    if shape is None and table.ndim != 2:
        raise ValueError(f"{name} has shape {table.shape}; it needs waves by answers")
    if shape is not None and table.shape != shape:
        raise ValueError(f"{name} has shape {table.shape}; it needs {shape}")
    wrong = np.argwhere(~(np.isfinite(table) & (table >= 0)))
    if wrong.size:
        place = tuple(int(index) for index in wrong[0])
        raise ValueError(
            f"{name} holds {table[place]:g} at {place} (from 0); each number must be finite and "
            "not negative, 0 where nothing was counted"
        )
    return table


def checked_weights(weighted: Weighted | None, counts: FloatArray) -> Weighted | None:
    """Sums of weights that fit the table of counts; waves without weight count as empty.

    Raises:
        ValueError: As ``checked_table``; or a cell of the table has weight and no answers.
    """
    if weighted is None:
        return None
    weights = checked_table(weighted.weights, "the sums of weights", counts.shape)
    squares = checked_table(weighted.squares, "the sums of squared weights", counts.shape)
    if np.any((weights > 0) & (counts == 0)) or np.any((weights > 0) != (squares > 0)):
        raise ValueError(
            "the sums of weights, those of squared weights and the counts disagree on which "
            "answers were given"
        )
    return Weighted(weights=weights, squares=squares, responses=weighted.responses)


def chosen(weighted: Weighted | None, waves: Any) -> Weighted | None:
    """The weights of some waves, or of some waves and answers."""
    if weighted is None:
        return None
    weights, squares = np.asarray(weighted.weights), np.asarray(weighted.squares)
    return Weighted(weights=weights[waves], squares=squares[waves], responses=weighted.responses)


def inverse(matrix: FloatArray) -> FloatArray:
    """The inverse, as an array of plain floats."""
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


def newton_step(information: FloatArray, score: FloatArray) -> FloatArray:
    """Where the score vanishes if the information stays what it is.

    Raises:
        numpy.linalg.LinAlgError: The information is singular.
    """
    return np.asarray(np.linalg.solve(information, score), dtype=np.float64)


def separated(rows: FloatArray) -> bool:
    """Whether a concave log-likelihood rises for ever in some direction, so that it has no maximum.

    Albert and Anderson (1984) name it separation; it is found by a linear program (Konis 2007).

    Args:
        rows: (conditions, p). A direction d is one in which no answer becomes less likely when
            ``rows @ d >= 0``; where one of them is positive some answers become likelier for ever.
    """
    from scipy.optimize import linprog

    if rows.size == 0:
        return False
    scaled = rows / np.maximum(np.abs(rows).max(axis=0), np.finfo(float).tiny)
    found = linprog(-scaled.sum(axis=0), A_ub=-scaled, b_ub=np.zeros(len(rows)), bounds=(-1.0, 1.0))
    return bool(float(found.fun or 0.0) < -NOT_ROUNDING)
