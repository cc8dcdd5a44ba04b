"""Columns of few distinct texts: written as numbers where all texts are whole numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

if TYPE_CHECKING:
    import polars as pl

_WHOLE = re.compile(r"0|-?[1-9]\d{0,17}")


def table_of(name: str, texts: Sequence[str | None]) -> pl.Series:
    """The distinct values of a column; None and blank texts are null.

    Numbers take the narrowest type that holds them all.
    """
    import polars as pl

    known = [None if text is None or not text.strip() else text for text in texts]
    if any(known) and all(text is None or _WHOLE.fullmatch(text) for text in known):
        numbers = [None if text is None else int(text) for text in known]
        there = [number for number in numbers if number is not None]
        return pl.Series(name, numbers, dtype=_narrowest(min(there), max(there)))
    return pl.Series(name, known, dtype=pl.String)


def _narrowest(low: int, high: int) -> type[pl.DataType]:
    import polars as pl

    kinds: list[tuple[type[pl.DataType], int, int]] = [
        (pl.UInt8, 0, 1 << 8),
        (pl.Int8, -(1 << 7), 1 << 7),
        (pl.Int16, -(1 << 15), 1 << 15),
        (pl.Int32, -(1 << 31), 1 << 31),
    ]
    return next((kind for kind, least, end in kinds if least <= low and high < end), pl.Int64)


def taken(table: pl.Series, places: NDArray[Any]) -> pl.Series:
    """The values at some places of a table."""
    import polars as pl

    return table.gather(pl.Series(places))
