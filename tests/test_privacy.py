"""Withheld cells can't be computed back; nobody's text and nobody's id is in any output."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp

from satcore.withholding import Names, Shown, closed, withheld

DIMENSIONS = ("a", "b", "c")


def subsets(names: Sequence[str]) -> list[Names]:
    every = chain.from_iterable(combinations(names, size) for size in range(1, len(names) + 1))
    return list(every)


def totals(joint: NDArray[np.int64], names: Names) -> NDArray[np.int64]:
    lost = tuple(place for place, one in enumerate(DIMENSIONS[: joint.ndim]) if one not in names)
    return np.array(joint.sum(axis=lost))


@st.composite
def tables(draw: st.DrawFn, most: int = 9) -> tuple[NDArray[np.int64], list[Names]]:
    """Respondents by up to three dimensions, and the grouping sets that are shown."""
    shape = draw(st.lists(st.integers(2, 4), min_size=1, max_size=3))
    size = int(np.prod(shape))
    counts = draw(st.lists(st.integers(0, most), min_size=size, max_size=size))
    names = DIMENSIONS[: len(shape)]
    sets = draw(st.lists(st.sampled_from(subsets(names)), min_size=1, max_size=4, unique=True))
    return np.array(counts, dtype=np.int64).reshape(shape), sets


def ranges(
    joint: NDArray[np.int64],
    shown: Mapping[Names, NDArray[np.int64]],
    masks: Mapping[Names, NDArray[np.bool_]],
) -> Iterator[tuple[Names, tuple[int, ...], int, int]]:
    """The least and the greatest number of answers that each withheld cell may have.

    Found by integer programming over all tables of respondents that fit what is shown: the
    numbers of the shown cells, that empty cells are empty and that withheld ones are not.
    """
    numbers = np.arange(joint.size).reshape(joint.shape)
    rows, low, high, hidden = [], [], [], []
    for names, table in shown.items():
        lost = tuple(n for n, one in enumerate(DIMENSIONS[: joint.ndim]) if one not in names)
        kept = [n for n in range(joint.ndim) if n not in lost]
        grid = numbers.transpose(*kept, *lost).reshape(*table.shape, -1)
        for cell in np.ndindex(table.shape):
            row = np.zeros(joint.size)
            row[grid[cell]] = 1
            rows.append(row)
            unknown = bool(masks[names][cell])
            low.append(1 if unknown else int(table[cell]))
            high.append(np.inf if unknown else int(table[cell]))
            if unknown:
                hidden.append((names, cell, row))
    most = Bounds(0, 10 * int(joint.sum()) + 10)
    fits = LinearConstraint(np.array(rows), low, high)
    for names, cell, row in hidden:
        found = [
            milp(sign * row, constraints=fits, bounds=most, integrality=np.ones(joint.size))
            for sign in (1, -1)
        ]
        least, greatest = (round(sign * one.fun) for sign, one in zip((1, -1), found, strict=True))
        yield names, cell, least, greatest


class TestTheRule:
    @settings(max_examples=60, deadline=None)
    @given(made=tables(), below=st.integers(2, 6), rests=st.booleans())
    def test_no_solver_finds_a_withheld_cell(
        self, made: tuple[NDArray[np.int64], list[Names]], below: int, rests: bool
    ) -> None:
        joint, sets = made
        counts = {names: totals(joint, names) for names in [(), *sets]}
        shown = closed(counts, DIMENSIONS if rests else ())
        masks = withheld(Shown(counts=shown), below)
        for names, table in shown.items():
            few = (table > 0) & (table < below)
            assert masks[names][few].all()
            assert not masks[names][table == 0].any()
        for names, cell, least, greatest in ranges(joint, shown, masks):
            assert least < greatest, f"{names} {cell} is {least}"
