"""Evaluation tables: which category a pair of answers stands for.

Rows are answers to the functional question, columns to the dysfunctional one, both from "I like
it" to "I dislike it". A attractive, O one-dimensional, M must-be, I indifferent, R reverse, Q
questionable.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from attrs import field, frozen

from satcore import OptionError, near

#: The categories, in the order of their numbers.
CATEGORIES: Final = "AOMIRQ"


@frozen
class EvaluationTable:
    """A category for every pair of answers.

    Attributes:
        rows: One text a functional answer, one letter a dysfunctional answer.
        functional_scores: What each functional answer counts in the continuous analysis.
        dysfunctional_scores: Likewise for dysfunctional answers.
    """

    rows: tuple[str, ...]
    functional_scores: tuple[float, ...] = field(default=())
    dysfunctional_scores: tuple[float, ...] = field(default=())

    @property
    def answers(self) -> int:
        """How many answers each question has."""
        return len(self.rows)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The category's number for every pair, the dysfunctional answer fastest."""
        return tuple(CATEGORIES.index(letter) for row in self.rows for letter in row)

    @property
    def grid(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """``numbers`` as an array."""
        return np.array(self.numbers, dtype=np.int64)

    def scores(self) -> tuple[np.ndarray, np.ndarray]:
        """Functional and dysfunctional scores for every pair."""
        size = self.answers
        return (
            np.repeat(np.array(self.functional_scores, dtype=np.float64), size),
            np.tile(np.array(self.dysfunctional_scores, dtype=np.float64), size),
        )


#: Scores of DuMouchel (1993, in Berger et al.): a like is further from neutral than a dislike.
_FUNCTIONAL: Final = (4.0, 2.0, 0.0, -1.0, -2.0)
_DYSFUNCTIONAL: Final = (-2.0, -1.0, 0.0, 2.0, 4.0)

#: The tables there are, by name.
TABLES: Final = {
    # Kano et al. (1984); Berger et al. (1993).
    "kano": EvaluationTable(
        ("QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ"), _FUNCTIONAL, _DYSFUNCTIONAL
    ),
    # Pouliot (1993, in Berger et al.): who expects or tolerates both contradicts himself.
    "pouliot": EvaluationTable(
        ("QAAAO", "RQIIM", "RIIIM", "RIIQM", "RRRRQ"), _FUNCTIONAL, _DYSFUNCTIONAL
    ),
    # Three answers: like, neutral, dislike.
    "short": EvaluationTable(("QAO", "RIM", "RRQ"), (4.0, 0.0, -2.0), (-2.0, 0.0, 4.0)),
}


def table_of(option: str | tuple[str, ...]) -> EvaluationTable:
    """A table by its name, or a user's own from its rows.

    Raises:
        OptionError: An unknown name, rows that are no square, or letters that are no category.
    """
    if isinstance(option, str):
        if option not in TABLES:
            raise OptionError(
                "table",
                f"{option!r} is none of {', '.join(TABLES)}, nor rows as a list"
                f"{near(option, TABLES)}",
            )
        return TABLES[option]
    size = len(option)
    for row in option:
        if len(row) != size or not set(row) <= set(CATEGORIES):
            raise OptionError(
                "table",
                f"the row {row!r} is not {size} letters of {CATEGORIES}; a table of {size} answers "
                f"has {size} rows of {size} letters",
            )
    known = {5: "kano", 3: "short"}.get(size)
    if known is None:
        raise OptionError("table", f"a table has 5 or 3 rows, not {size}")
    return EvaluationTable(
        tuple(option), TABLES[known].functional_scores, TABLES[known].dysfunctional_scores
    )
