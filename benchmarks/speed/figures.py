"""The figures that contestants are asked for, and whether they agree.

What a tool counts is turned into the same figures for all of them: counts as whole numbers, the
rest by the formulas below, written out here and not taken from satcore.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from benchmarks.speed.survey import DIMENSIONS, ITEMS, SCALES

Figures: TypeAlias = Mapping[str, NDArray[Any]]

CATEGORIES = "AOMIRQ"

#: Kano's evaluation table; functional answers downwards, dysfunctional ones to the right.
EVALUATION = ("QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ")

#: How far figures that are no counts may lie apart, relative to the figure or absolute.
CLOSE = 1e-9


def nps(n: Any, promoters: Any, detractors: Any) -> dict[str, NDArray[Any]]:
    """Counts and the score; not a number where nobody answered."""
    n, promoters, detractors = (whole(value) for value in (n, promoters, detractors))
    with np.errstate(invalid="ignore"):
        score = 100.0 * (promoters - detractors) / n
    return {"n": n, "promoters": promoters, "detractors": detractors, "nps": score}


def histogram(counts: Any) -> dict[str, NDArray[Any]]:
    """Net promoters of a table of 11 answers, by cell where there are several."""
    table = whole(counts)
    n, low, high = table.sum(axis=-1), table[..., :7].sum(axis=-1), table[..., 9:].sum(axis=-1)
    return nps(n, high, low)


def weighted_nps(n: Any, weights: Any, squares: Any) -> dict[str, NDArray[Any]]:
    """Net promoters of weighted tables of 11 answers, by cell."""
    n, weights, squares = whole(n), np.asarray(weights), np.asarray(squares)
    total = weights.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        net = 100.0 * (weights[..., 9:].sum(axis=-1) - weights[..., :7].sum(axis=-1)) / total
        effective = total**2 / squares.sum(axis=-1)
    return {
        "n": n.sum(axis=-1),
        "weighted base": total,
        "effective base": np.nan_to_num(effective),
        "nps": net,
    }


def kano(tables: Any) -> dict[str, NDArray[Any]]:
    """Categories and coefficients of tables of 25 pairs, functional answer slowest.

    Args:
        tables: Counts; the pairs are the last axis.
    """
    counts = whole(tables)
    letters = np.array(list("".join(EVALUATION)))
    categories = np.stack([counts[..., letters == one].sum(axis=-1) for one in CATEGORIES], axis=-1)
    a, o, m, i = (categories[..., place] for place in range(4))
    with np.errstate(invalid="ignore"):
        better, worse = (a + o) / (a + o + m + i), -(o + m) / (a + o + m + i)
    return {"kano categories": categories, "better": better, "worse": worse}


def alphas(sums: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """Cronbach's alpha of every dimension and side, in exact whole numbers as far as they go.

    Args:
        sums: By name: ``n_SCALE`` answers complete in a scale, ``s_COLUMN`` and ``q_COLUMN`` their
            sum and sum of squares, ``t_SCALE`` the sum of squares of the respondents' totals. The
            variance of the total holds all covariances, so that no product of items is needed.
    """
    found = []
    for scale, columns in SCALES.items():
        n, k = int(sums[f"n_{scale}"]), len(columns)
        each = [(int(sums[f"s_{column}"]), int(sums[f"q_{column}"])) for column in columns]
        parts = sum(n * squares - total**2 for total, squares in each)
        whole_scale = n * int(sums[f"t_{scale}"]) - sum(total for total, _ in each) ** 2
        found.append(k / (k - 1) * (1 - parts / whole_scale))
    return {"alpha": np.array(found)}


def servqual(sums: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """Alphas, and means and gaps of complete answers."""
    n = int(sums[f"n_{next(iter(SCALES))}"])
    expected, perceived = (
        np.array([int(sums[f"s_{side}{number}"]) for number in ITEMS]) / n for side in "EP"
    )
    gaps = perceived - expected
    by_dimension = [gaps[[number - 1 for number in of]].mean() for of in DIMENSIONS.values()]
    return {
        **alphas(sums),
        "expectation": expected,
        "perception": perceived,
        "gap": gaps,
        "dimension gap": np.array(by_dimension),
    }


def spread(places: Any, values: Any, size: int) -> NDArray[Any]:
    """Values at their places; 0 where there is none."""
    table = np.zeros(size, dtype=values.dtype if values.dtype.kind == "f" else np.int64)
    table[places] = values
    return table


def whole(values: Any) -> NDArray[np.int64]:
    """Whole numbers; floats that are none are refused."""
    array = np.asarray(values)
    if array.dtype.kind == "f":
        rounded = np.rint(array)
        if not np.allclose(array, rounded, rtol=0, atol=1e-4):
            raise ValueError("a count is no whole number")
        array = rounded
    return array.astype(np.int64)


def disagreement(
    these: Figures, those: Figures, rough: Mapping[str, float] | None = None
) -> str | None:
    """What two contestants tell differently; None where they agree.

    Args:
        these: The figures of one.
        those: The figures of another.
        rough: Relative differences allowed to figures that rest on random numbers.
    """
    if set(these) != set(those):
        return f"other figures: {sorted(set(these) ^ set(those))}"
    for name, mine in these.items():
        yours = those[name]
        if mine.shape != yours.shape:
            return f"{name}: of shape {mine.shape} and {yours.shape}"
        if mine.dtype.kind == "i" and yours.dtype.kind == "i":
            same = mine == yours
        else:
            near = (rough or {}).get(name, CLOSE)
            same = np.isclose(mine, yours, rtol=near, atol=CLOSE, equal_nan=True)
        if not same.all():
            place = np.unravel_index(int(np.argmin(same)), same.shape)
            where = f"{name}{[int(one) for one in place]}" if place else name
            return f"{where}: {mine[place]!r} and {yours[place]!r}"
    return None
