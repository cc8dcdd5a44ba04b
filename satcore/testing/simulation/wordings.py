"""How the codes of an item are written in a file."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from satcore.codebook import Item
from satcore.testing.simulation.chunks import Chunk
from satcore.testing.simulation.tables import table_of, taken

if TYPE_CHECKING:
    import polars as pl

#: Codes of answers.
Codes: TypeAlias = NDArray[Any]


@frozen(kw_only=True, eq=False)
class Wordings:
    """How the codes of an item are written.

    Attributes:
        item: The item.
    """

    item: Item

    @cached_property
    def values(self) -> tuple[int, ...]:
        """The codes that can be written: a value that is declared missing is none."""
        return tuple(code for code in range(self.item.levels) if self._texts(code))

    def _texts(self, code: int) -> tuple[str, ...]:
        """The texts that a code may be written as: its wordings, else its number."""
        value = code + self.item.low
        said = [text for text, one in self.item.scale.codes if one == value]
        return tuple(
            text for text in (said or [str(value)]) if self.item.code_of(text) == code
        ) or tuple(text for text in [str(value)] if self.item.code_of(text) == code)

    @cached_property
    def _missing(self) -> tuple[str | None, ...]:
        """The texts of a missing answer: empty, and those declared."""
        return (None, *(text for text in self.item.missing if text.strip()))

    @cached_property
    def _lists(self) -> tuple[tuple[str | None, ...], ...]:
        """The texts by code, missing last."""
        return (*(self._texts(code) for code in range(self.item.levels)), self._missing)

    @cached_property
    def _table(self) -> pl.Series:
        return table_of(self.item.name, [text for texts in self._lists for text in texts])

    @cached_property
    def _counts(self) -> tuple[Codes, Codes]:
        """How many texts each code has, and the place of the first of them."""
        counts = np.array([len(texts) for texts in self._lists], dtype=np.uint16)
        return counts, (np.cumsum(counts) - counts).astype(np.uint16)

    def series(self, codes: Codes, chunk: Chunk) -> pl.Series:
        """The column; several texts of one code are equally likely."""
        counts, first = self._counts
        missing = self.item.missing_code
        if np.array_equal(first, np.arange(first.size)):  # one text a value: codes are places
            places = codes.astype(first.dtype)
            several = np.flatnonzero(codes == missing) if counts[missing] > 1 else first[:0]
        else:
            # A value that can't be written, because it is declared missing, is missing.
            codes = np.where(counts[codes] == 0, missing, codes)
            places = first[codes]
            several = np.flatnonzero(counts[codes] > 1)
        if several.size:
            bits = chunk.streams.bits(f"wording {self.item.name}", chunk.block)[several]
            places[several] += bits % counts[codes[several]]
        return taken(self._table, places)
