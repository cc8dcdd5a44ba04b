"""The answers that every contestant is asked about: made from a seed, in chunks.

A survey has 68 columns of one byte: a region (0 to 31) and a month (0 to 35), one question on
0..10, one on 1..5, 10 Kano pairs on 1..5 and 22 SERVQUAL items on 1..7, expected and perceived.
Every chunk has a generator of its own, so that a survey is the same however it is cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Bytes: TypeAlias = NDArray[np.uint8]
Columns: TypeAlias = dict[str, NDArray[Any]]

SEED = 6
REGIONS = 32
MONTHS = 36
CELLS = REGIONS * MONTHS
FEATURES = tuple(f"k{number}" for number in range(1, 11))
SIDES = ("E", "P")
ITEMS = tuple(range(1, 23))

#: Parasuraman, Zeithaml and Berry (1988): the items of each dimension.
DIMENSIONS = {
    "tangibles": ITEMS[0:4],
    "reliability": ITEMS[4:9],
    "responsiveness": ITEMS[9:13],
    "assurance": ITEMS[13:17],
    "empathy": ITEMS[17:22],
}

#: The columns of each dimension's items, one list a side: what has an alpha.
SCALES = {
    f"{side}_{name}": tuple(f"{side}{number}" for number in of)
    for name, of in DIMENSIONS.items()
    for side in SIDES
}
SERVQUAL = tuple(column for columns in SCALES.values() for column in columns)
KANO = tuple(f"{feature}_{which}" for feature in FEATURES for which in "fd")
SEGMENTS = ("region", "month")
ALL = (*SEGMENTS, "nps", "csat", *KANO, *SERVQUAL)

#: Rows that one generator makes, and rows of a row group.
CHUNK = 1 << 19

#: Rows of one Parquet file.
PART = 10_000_000

#: Which answer each byte of noise stands for: distributions as surveys have them.
_NPS = np.repeat(np.arange(11, dtype=np.uint8), (4, 3, 4, 5, 7, 20, 21, 40, 56, 48, 48))
_CSAT = np.repeat(np.arange(1, 6, dtype=np.uint8), (16, 24, 56, 96, 64))
_FUNCTIONAL = np.repeat(np.arange(1, 6, dtype=np.uint8), (112, 64, 48, 20, 12))
_DYSFUNCTIONAL = np.repeat(np.arange(1, 6, dtype=np.uint8), (10, 22, 64, 64, 96))


def _noise(generator: Generator, rows: int) -> Bytes:
    return np.frombuffer(generator.bytes(rows), dtype=np.uint8)


def _chunk(columns: Sequence[str], number: int, rows: int) -> Columns:
    """Some columns of one chunk. A column is the same whichever others are asked for."""
    made: Columns = {}
    for column in columns:
        generator = np.random.Generator(np.random.SFC64([SEED, ALL.index(column), number]))
        noise = _noise(generator, rows)
        if column == "region":
            made[column] = noise % np.uint8(REGIONS)
        elif column == "month":
            made[column] = noise % np.uint8(MONTHS)
        elif column == "nps":
            made[column] = _NPS[noise]
        elif column == "csat":
            made[column] = _CSAT[noise]
        elif column in KANO:
            made[column] = (_FUNCTIONAL if column.endswith("f") else _DYSFUNCTIONAL)[noise]
        else:
            # What a dimension's items share, plus what is an item's own: 1 to 7, correlated.
            scale = next(place for place, of in enumerate(SCALES.values()) if column in of)
            shared = np.random.Generator(np.random.SFC64([SEED, len(ALL) + scale, number]))
            made[column] = (_noise(shared, rows) & 3) + (noise & 3) + np.uint8(1)
    return made


def chunks(columns: Sequence[str], rows: int, first: int = 0) -> Iterator[Columns]:
    """The answers, chunk by chunk, from a chunk's number on."""
    for number, start in enumerate(range(0, rows, CHUNK), first):
        yield _chunk(columns, number, min(CHUNK, rows - start))


def in_memory(columns: Sequence[str], rows: int, first: int = 0) -> Columns:
    """The answers as arrays."""
    made: Columns = {column: np.empty(rows, dtype=np.uint8) for column in columns}
    start = 0
    for chunk in chunks(columns, rows, first):
        for column, values in chunk.items():
            made[column][start : start + len(values)] = values
        start += len(next(iter(chunk.values())))
    return made


def weights(rows: int) -> NDArray[np.float64]:
    """A weight for every row, from 0.5 to 2."""
    return np.random.Generator(np.random.SFC64([SEED, 1_000])).uniform(0.5, 2.0, rows)


def missing(columns: Columns, share: float) -> dict[str, NDArray[np.bool_]]:
    """Which answers of each column are missing, each with the same chance."""
    return {
        column: np.random.Generator(np.random.SFC64([SEED, 2_000 + place])).random(
            len(values), dtype=np.float32
        )
        < share
        for place, (column, values) in enumerate(columns.items())
    }


def in_parquet(folder: Path, rows: int) -> list[str]:
    """The paths of Parquet files that hold that many rows; those not there yet are written.

    Row groups have 2^19 rows, compressed by snappy, as most writers do unasked. A larger survey
    goes on where a smaller one ends, so that surveys of several sizes share files.
    """
    import polars as pl

    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for start in range(0, rows, PART):
        wanted = min(PART, rows - start)
        path = folder / f"answers-{start}-{wanted}.parquet"
        if not path.exists():
            half = path.with_suffix(".half")
            first = start // PART * (PART // CHUNK + 1)
            frame = pl.DataFrame(in_memory(ALL, wanted, first))
            frame.write_parquet(half, compression="snappy", row_group_size=CHUNK)
            half.rename(path)
        paths.append(str(path))
    return paths
