"""Trends fitted to the answers themselves; the models, by name.

One row per respondent and the table of waves by answers give the same coefficients and errors, for
the terms depend on the wave alone. Answers of one wave tell about that wave; how far waves lie from
a curve is told by the waves. So where they spread wider than sampling explains, errors hold that
spread, and t has waves less coefficients as its degrees of freedom (McCullagh and Nelder 1989).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike

from satcore_trend.answers_binomial import binomial
from satcore_trend.answers_fit import Errors, ModelFit, Weighted
from satcore_trend.answers_linear import LinearFit, linear

__all__ = ["Errors", "LinearFit", "ModelFit", "Weighted", "binomial", "each_cell", "linear"]

Fitted = TypeVar("Fitted", bound=ModelFit)


def each_cell(fit: Callable[..., Fitted], *tables: ArrayLike) -> Iterator[Fitted]:
    """One fit after another, for many cells.

    Args:
        fit: Takes the tables of one cell.
        tables: Arrays with the cell axis first.

    Raises:
        ValueError: The tables do not speak of the same number of cells.
    """
    for cell in zip(*(np.asarray(table) for table in tables), strict=True):
        yield fit(*cell)
