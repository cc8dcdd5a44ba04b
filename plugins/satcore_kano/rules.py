"""Rules that pick a feature's category from its counts, for all cells at once.

Counts are arrays (cells, 6) in the order of ``CATEGORIES``; weighted sums serve as well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from satcore import FloatArray
from satcore_kano.tables import CATEGORIES

#: What wins a tie: what hurts most when it is absent, first (Berger et al. 1993).
TIES: Final = "MOAIRQ"

#: A category strength below this is no clear majority (Lee and Newcomb 1997).
STRENGTH: Final = 0.06

#: What is said where many answers are R, or Q.
REVERSED: Final = "the polarity may be reversed: swap the two questions"
UNCLEAR: Final = "the wording may be unclear"

Rule = Callable[[FloatArray, float], list[str | None]]


def _among(counts: FloatArray, letters: str) -> list[str]:
    """The most frequent of some categories; ties go by the letters' order."""
    places = [CATEGORIES.index(letter) for letter in letters]
    return [letters[int(best)] for best in np.argmax(counts[:, places], axis=1)]


def mode(counts: FloatArray, strength: float = STRENGTH) -> list[str | None]:
    """The most frequent category; ties M > O > A > I > R > Q."""
    best = _among(counts, TIES)
    return [
        letter if some else None for letter, some in zip(best, counts.sum(axis=1) > 0, strict=True)
    ]


def berger(counts: FloatArray, strength: float = STRENGTH) -> list[str | None]:
    """If A+O+M outnumber I+R+Q, the most frequent of A, O, M; else of I, R, Q.

    Source: Berger et al. (1993), Center for Quality of Management Journal 2(4).
    """
    wanted = counts[:, :3].sum(axis=1) > counts[:, 3:].sum(axis=1)
    yes, no = _among(counts, "MOA"), _among(counts, "IRQ")
    return [
        (one if take else other) if some else None
        for one, other, take, some in zip(yes, no, wanted, counts.sum(axis=1) > 0, strict=True)
    ]


def lee_newcomb(counts: FloatArray, strength: float = STRENGTH) -> list[str | None]:
    """The mode where it leads clearly; else a combination of the two most frequent.

    Source: Lee and Newcomb (1997), Quality Management Journal 4(3).
    """
    ordered = counts[:, [CATEGORIES.index(letter) for letter in TIES]]
    order = np.argsort(-ordered, axis=1, kind="stable")
    result: list[str | None] = []
    for cell, label in enumerate(mode(counts)):
        first, second = order[cell, 0], order[cell, 1]
        total = counts[cell].sum()
        if label is None or (ordered[cell, first] - ordered[cell, second]) / total >= strength:
            result.append(label)
        else:
            result.append(f"{TIES[first]}/{TIES[second]}")
    return result


#: The rules there are, by name.
RULES: Final[dict[str, Rule]] = {"mode": mode, "berger": berger, "lee_newcomb": lee_newcomb}


def fong_limit(counts: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Fong's test (1996): the lead of the first category, and what it has to exceed.

    The lead is clear at 90% where a-b is at least 1.65·√((a+b)(2n-a-b)/(2n)), a and b the two
    largest counts, n all answers.
    """
    top = np.sort(counts, axis=1)[:, ::-1]
    a, b, n = top[:, 0], top[:, 1], counts.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return a - b, 1.65 * np.sqrt((a + b) * (2 * n - a - b) / (2 * n))


def modal_probability(counts: FloatArray, labels: list[str | None], seed: int) -> FloatArray:
    """How often the category stays the modal one when the answers are drawn anew (bootstrap).

    Every cell starts the generator anew, so that it does not depend on its neighbours.
    """
    found = np.full(len(counts), np.nan)
    for cell, label in enumerate(labels):
        n = int(counts[cell].sum())
        if label is None or n == 0:
            continue
        generator = np.random.Generator(np.random.PCG64(seed))
        drawn = generator.multinomial(n, counts[cell] / n, size=RESAMPLES)
        best = np.argmax(drawn[:, [CATEGORIES.index(letter) for letter in TIES]], axis=1)
        found[cell] = np.mean(best == TIES.index(label))
    return found


#: Resamples of the bootstrap.
RESAMPLES: Final = 2_000
