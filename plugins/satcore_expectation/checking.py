"""The ordered logit model of the same surface, cell by cell, as estimates."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from satcore import Estimate, FloatArray, NormalInterval, Tallied
from satcore_expectation import words
from satcore_expectation.fitting import Answers
from satcore_expectation.ordered import OrderedFit, ordered_logit
from satcore_expectation.surface import SLOPES

ITEM = "ordered"


def ordered_estimates(
    table: Tallied, answers: Answers, predictors: FloatArray, outcome: FloatArray
) -> Iterator[Estimate]:
    """Log odds of a higher outcome: the surface's coefficients, its slopes and curvatures.

    Args:
        table: The joint table.
        answers: Its answers.
        predictors: The surface's five by answer.
        outcome: The outcome by answer.
    """
    fits = [_fit(answers, cell, predictors, outcome) for cell in range(answers.counts.shape[0])]
    directions = {f"b{place + 1}": row for place, row in enumerate(np.eye(5))}
    directions |= {term: direction[1:] for term, direction in SLOPES.items()}
    for term, direction in directions.items():
        value = np.array([np.nan if one is None else direction @ one.slopes for one in fits])
        std_error = np.array(
            [
                np.nan if one is None else np.sqrt(direction @ one.covariance @ direction)
                for one in fits
            ]
        )
        yield Estimate(
            term=term,
            item=ITEM,
            value=value,
            std_error=std_error,
            interval=NormalInterval(centre=value, std_error=std_error),
            unit="log odds",
            null=0.0,
            family=ITEM,
            base=table.base,
            weighted_base=table.weighted_base,
            effective_base=table.effective_base,
            message=tuple(words.SEPARATED if one is None else "" for one in fits),
        )


def _fit(
    answers: Answers, cell: int, predictors: FloatArray, outcome: FloatArray
) -> OrderedFit | None:
    """The model in one cell; None where answers do not vary, or separate."""
    seen = answers.seen[cell]
    if not seen.any():
        return None
    rows = answers.survey_rows
    return ordered_logit(
        predictors[seen],
        outcome[seen],
        answers.weights[cell, seen],
        answers.squares[cell, seen] if answers.weighted else None,
        rows / (rows - 1) if rows > 1 else float("nan"),
    )
