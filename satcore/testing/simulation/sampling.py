"""Rows of a synthetic survey: any slice of any columns, block by block."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from attrs import frozen

from satcore.errors import DataError, listed, near
from satcore.surveys import Survey
from satcore.testing.simulation.chunks import Chunk
from satcore.testing.simulation.design import Column, Design
from satcore.testing.simulation.streams import BLOCK, Streams

if TYPE_CHECKING:
    import polars as pl

#: Blocks of one fragment: enough for a thread to be worth its while.
_FRAGMENT_BLOCKS = 16


@frozen(kw_only=True, eq=False)
class Sample:
    """Respondents of a design.

    Attributes:
        name: What to call them.
        design: How their columns are made.
        rows: How many there are.
        streams: Where the numbers of a block come from, by its number.
    """

    name: str
    design: Design
    rows: int
    streams: Callable[[int], Streams]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(self.design.columns)

    @property
    def blocks(self) -> int:
        """How many blocks there are, the last one perhaps in part."""
        return -(-self.rows // BLOCK)

    def block(self, number: int, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """A block's rows.

        Raises:
            DataError: A column that there is not.
        """
        import polars as pl

        chunk = Chunk(self.streams(number), number)
        made = [self._column(name).series(chunk) for name in columns or self.columns]
        return pl.DataFrame(made).head(self.rows - number * BLOCK)

    def _column(self, name: str) -> Column:
        if name not in self.design.columns:
            hint = near(name, self.columns) or f"; there are {listed(self.columns)}"
            raise DataError.at(self.name, f"there is no column {name!r}{hint}")
        return self.design.columns[name]

    def frames(
        self, start: int = 0, rows: int | None = None, columns: Sequence[str] | None = None
    ) -> Iterator[pl.DataFrame]:
        """The rows from one on, in pieces of a block or less.

        Blocks are made by a thread for each processor, a few ahead of what is taken; their order
        stays.

        Args:
            start: The first row, from 0.
            rows: How many; all that follow where None.
            columns: The columns; all of them where None.
        """
        end = self.rows if rows is None else min(start + rows, self.rows)
        numbers = range(start // BLOCK, -(-end // BLOCK)) if start < end else range(0)
        for number, frame in _ahead(lambda number: self.block(number, columns), numbers):
            first = number * BLOCK
            low, high = max(start - first, 0), min(end - first, BLOCK)
            yield frame.slice(low, high - low)

    def survey(self) -> Survey:
        """A survey that makes its answers while they are read."""
        return Survey(
            name=self.name,
            columns=self.columns,
            fragments=tuple(
                SampleFragment(sample=self, first=first)
                for first in range(0, self.blocks, _FRAGMENT_BLOCKS)
            ),
        )


@frozen(kw_only=True, eq=False)
class SampleFragment:
    """Some blocks of a sample.

    Attributes:
        sample: The sample.
        first: The first block.
    """

    sample: Sample
    first: int

    @property
    def id(self) -> str:
        """The sample's name and the first row."""
        return f"{self.sample.name}, from row {self.first * BLOCK + 1}"

    @property
    def rows(self) -> int:
        """How many respondents it holds."""
        return min(_FRAGMENT_BLOCKS * BLOCK, self.sample.rows - self.first * BLOCK)

    def read(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """The named columns, a block at a time; no other column is made."""
        last = min(self.first + _FRAGMENT_BLOCKS, self.sample.blocks)
        for number in range(self.first, last):
            yield self.sample.block(number, columns)


def _ahead(
    make: Callable[[int], pl.DataFrame], numbers: range
) -> Iterator[tuple[int, pl.DataFrame]]:
    """What is made of some numbers, in their order, a few in hand."""
    threads = os.cpu_count() or 1
    if len(numbers) < 2 or threads == 1:
        yield from ((number, make(number)) for number in numbers)
        return
    with ThreadPoolExecutor(threads, "satcore-simulate") as pool:
        waiting: deque[tuple[int, Future[pl.DataFrame]]] = deque()
        try:
            for number in numbers:
                waiting.append((number, pool.submit(make, number)))
                if len(waiting) > 2 * threads:
                    taken, future = waiting.popleft()
                    yield taken, future.result()
            while waiting:
                taken, future = waiting.popleft()
                yield taken, future.result()
        finally:
            for _, future in waiting:
                future.cancel()
