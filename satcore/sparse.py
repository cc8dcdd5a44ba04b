"""Sparse tables: how often each combination was given, where most never were.

Cells times codes can be far more than answers. A sparse table keeps a key - cell and code in one
whole number - for every combination that was given, in order, and what it counts beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from attrs import define, field, frozen

from satcore.inference import FloatArray, IntArray
from satcore.states import Array, Cells, united

#: Keys that are sorted at a time.
SORTED: Final = 1 << 20


@frozen(kw_only=True, eq=False)
class SparseTable:
    """A table of which only what was given is kept.

    Attributes:
        cells: The cells that keys are about.
        width: How many codes there are: a key is the cell's number times it, plus the code.
        keys: The keys, ascending, each once.
        n: How often each was given.
        sums: Sums of weights and of squared weights, likewise; none without weights.
    """

    cells: Cells
    width: int
    keys: IntArray
    n: IntArray
    sums: tuple[FloatArray, ...] = ()

    def merged(self, other: SparseTable, declared: Mapping[str, Sequence[str]]) -> SparseTable:
        """The table of the answers of both.

        Args:
            other: A table of the same codes; its labels may differ.
            declared: The order of declared labels, by axis.
        """
        cells = united(self.cells, other.cells, declared)
        parts = [(one._keys_on(cells), one.n, *one.sums) for one in (self, other)]
        keys, n, *sums = added(*(np.concatenate(both) for both in zip(*parts, strict=True)))
        return SparseTable(cells=cells, width=self.width, keys=keys, n=n, sums=tuple(sums))

    def _keys_on(self, cells: Cells) -> IntArray:
        """The keys where the cells are others, among which its own are."""
        if cells == self.cells:
            return self.keys
        cell, code = np.divmod(self.keys, self.width)
        number = np.zeros(cell.shape, dtype=np.int64)
        places = np.unravel_index(cell, self.cells.shape)
        for place, narrow, wide in zip(places, self.cells.axes, cells.axes, strict=True):
            at = {label: where for where, label in enumerate(wide.labels)}
            mine = np.array([at[label] for label in narrow.labels], dtype=np.int64)
            number = number * len(wide.labels) + mine[place]
        return np.asarray(number * self.width + code)


@define(eq=False)
class SparseCounts:
    """A sparse table as it is counted. Keys are collected, sorted a million at a time and added.

    Attributes:
        weighted: Whether sums of weights are kept.
    """

    weighted: bool
    _waiting: list[tuple[Array, ...]] = field(factory=list, init=False)
    _rows: int = field(default=0, init=False)
    _most: int = field(default=SORTED, init=False)

    def count(self, keys: Array, weights: tuple[FloatArray, ...] = ()) -> None:
        """Count some responses.

        Args:
            keys: The key of each.
            weights: What each adds to the sums.
        """
        wide = keys.astype(np.int64)
        if weights:
            self._waiting.append((wide, np.ones(keys.size, dtype=np.int64), *weights))
        else:
            self._waiting.append(np.unique(wide, return_counts=True))
        self._rows += self._waiting[-1][0].size
        if self._rows >= self._most:
            self._add_up()

    def _add_up(self) -> None:
        if not self._waiting:
            return
        columns = zip(*self._waiting, strict=True)
        found = added(*(np.concatenate(column) for column in columns))
        self._waiting = [found]
        self._rows = found[0].size
        # What is known is sorted again each time: wait for as many new ones.
        self._most = max(SORTED, 2 * self._rows)

    def table(self, cells: Cells, width: int) -> SparseTable:
        """What was counted.

        Args:
            cells: The cells that keys are about.
            width: How many codes there are.
        """
        self._add_up()
        if not self._waiting:
            nothing, real = np.zeros(0, dtype=np.int64), (np.zeros(0),) * (2 * self.weighted)
            return SparseTable(cells=cells, width=width, keys=nothing, n=nothing, sums=real)
        keys, n, *sums = self._waiting[0]
        return SparseTable(cells=cells, width=width, keys=keys, n=n, sums=tuple(sums))


def added(keys: IntArray, *columns: Array) -> tuple[Array, ...]:
    """Every key once, ascending, and the sums of the columns over its rows, in their order."""
    if not keys.size:
        return keys, *columns
    # Equal keys stay in their order, so that sums of weights round alike every time.
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    return ordered[starts], *(np.add.reduceat(column[order], starts) for column in columns)
