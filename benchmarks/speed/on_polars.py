"""The figures asked of Polars, in the best plain queries that were found.

- A pair of columns is grouped by as one small number, a fifth faster than by two columns.
- Shares of a few classes are sums of comparisons while grouping.
- Alphas come from squares of items and of their total. Sums of bytes are kept in 64 bits by
  Polars itself, products of bytes up to 7 stay below 256. ``var`` takes four times as long.
- Listwise deletion is ``drop_nulls`` of a dimension and side in a query of its own; all of them
  are collected together. Filters within one query take four times as long.
- The streaming engine reads Parquet with a fraction of the memory, and is never much slower.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from typing import Any

import numpy as np
import polars as pl
from polars import col

from benchmarks.speed import figures
from benchmarks.speed.figures import Figures, spread
from benchmarks.speed.survey import CELLS, FEATURES, MONTHS, REGIONS, SCALES

_CELL = col("region").cast(pl.UInt16) * MONTHS + col("month")


def collected(queries: Sequence[pl.LazyFrame]) -> list[pl.DataFrame]:
    """Several queries at once, which share what they read."""
    return pl.collect_all(queries, engine="streaming")


# --- NPS ------------------------------------------------------------------------------------------


def histogram(frame: pl.DataFrame) -> pl.DataFrame:
    """The table of 11 answers, by grouping."""
    return frame.lazy().group_by("nps").len().collect(engine="streaming")


def comparisons(frame: pl.DataFrame) -> pl.DataFrame:
    """The same by eleven comparisons: what somebody writes who knows the codes beforehand."""
    return frame.select((col("nps") == answer).sum().alias(str(answer)) for answer in range(11))


def histogram_figures(frame: pl.DataFrame) -> Figures:
    """Net promoters of the table of 11 answers."""
    if frame.columns[0] == "nps":
        return figures.histogram(spread(frame["nps"].to_numpy(), frame["len"].to_numpy(), 11))
    return figures.histogram(np.array(frame.row(0)))


def _nps_cells(frame: pl.LazyFrame) -> pl.LazyFrame:
    return frame.group_by(_CELL.alias("place")).agg(
        pl.len().alias("n"),
        (col("nps") >= 9).sum().alias("promoters"),
        (col("nps") <= 6).sum().alias("detractors"),
    )


def nps_cells(frame: pl.DataFrame) -> pl.DataFrame:
    """Net promoters by region and month."""
    return _nps_cells(frame.lazy()).collect(engine="streaming")


def nps_cells_figures(frame: pl.DataFrame) -> Figures:
    """The figures in what ``nps_cells`` found."""
    place = frame["place"].to_numpy()
    return figures.nps(
        *(spread(place, frame[name].to_numpy(), CELLS) for name in ("n", "promoters", "detractors"))
    )


def weighted(frame: pl.DataFrame) -> pl.DataFrame:
    """Sums of weights by region, month and answer."""
    return (
        frame.lazy()
        .group_by((_CELL * 11 + col("nps")).alias("place"))
        .agg(
            pl.len().alias("n"),
            col("w").sum().alias("weights"),
            (col("w") * col("w")).sum().alias("squares"),
        )
        .collect(engine="streaming")
    )


def weighted_figures(frame: pl.DataFrame) -> Figures:
    """The figures in what ``weighted`` found."""
    place = frame["place"].to_numpy()
    tables = (
        spread(place, frame[name].to_numpy(), CELLS * 11).reshape(CELLS, 11)
        for name in ("n", "weights", "squares")
    )
    return figures.weighted_nps(*tables)


# --- Kano -----------------------------------------------------------------------------------------


def _pair(feature: str) -> pl.Expr:
    return col(f"{feature}_f") * 5 + col(f"{feature}_d") - 6


def kano_queries(frame: pl.LazyFrame, by: bool = False) -> list[pl.LazyFrame]:
    """The table of each pair, by region too."""
    region = col("region").cast(pl.UInt16) * 25
    return [
        frame.group_by((region + _pair(one) if by else _pair(one)).alias("place")).len()
        for one in FEATURES
    ]


def kano_figures(frames: Sequence[pl.DataFrame], by: bool = False) -> Figures:
    """Categories and coefficients."""
    segments = REGIONS if by else 1
    tables = [
        spread(one["place"].to_numpy(), one["len"].to_numpy(), segments * 25).reshape(segments, 25)
        for one in frames
    ]
    together = np.stack(tables, axis=1)
    return figures.kano(together if by else together[0])


# --- SERVQUAL -------------------------------------------------------------------------------------


def _total(columns: Sequence[str]) -> pl.Expr:
    return reduce(lambda one, other: one + other, map(col, columns)).cast(pl.UInt16)


def _sums(name: str, columns: Sequence[str]) -> Iterator[pl.Expr]:
    total = _total(columns)
    yield pl.len().alias(f"n_{name}")
    yield (total * total).sum().alias(f"t_{name}")
    for column in columns:
        yield col(column).sum().alias(f"s_{column}")
        yield (col(column) * col(column)).sum().alias(f"q_{column}")


def servqual_query(frame: pl.LazyFrame, also: Sequence[pl.Expr] = ()) -> pl.LazyFrame:
    """Sums of complete answers, and what else is asked of the total."""
    sums = [one for name, columns in SCALES.items() for one in _sums(name, columns)]
    return frame.select([*sums, *also])


def listwise(frame: pl.DataFrame) -> dict[str, Any]:
    """Sums of the answers that are complete in a dimension and side."""
    found = collected(
        [
            frame.lazy().select(columns).drop_nulls().select(list(_sums(name, columns)))
            for name, columns in SCALES.items()
        ]
    )
    return {name: value for one in found for name, value in one.row(0, named=True).items()}


def complete_figures(sums: dict[str, Any]) -> Figures:
    """Cronbach's alpha."""
    return figures.alphas(sums)


# --- all of it ------------------------------------------------------------------------------------

_SATISFIED = (
    (col("csat") >= 4).sum().alias("satisfied"),
    (col("csat") <= 2).sum().alias("dissatisfied"),
)


def fused(paths: Sequence[str]) -> list[pl.DataFrame]:
    """Everything of a survey in Parquet: a query a table, read once."""
    frame = pl.scan_parquet(list(paths))
    return collected([_nps_cells(frame), servqual_query(frame, _SATISFIED), *kano_queries(frame)])


def fused_figures(frames: Sequence[pl.DataFrame]) -> Figures:
    """The figures in what ``fused`` found."""
    cells, sums, *pairs = frames
    only = sums.row(0, named=True)
    return {
        **nps_cells_figures(cells),
        **kano_figures(pairs),
        **figures.servqual(only),
        **{name: figures.whole(only[name]) for name in ("satisfied", "dissatisfied")},
    }


def fused_in_one(paths: Sequence[str]) -> dict[str, Any]:
    """The same as one selection, with tables as ``value_counts``."""
    frame = pl.scan_parquet(list(paths))
    counts = [_pair(one).value_counts().implode().alias(one) for one in FEATURES]
    cells = (_CELL * 11 + col("nps")).value_counts().implode().alias("cells")
    query = servqual_query(frame, [*_SATISFIED, *counts, cells])
    return query.collect(engine="streaming").row(0, named=True)


def fused_in_one_figures(found: dict[str, Any]) -> Figures:
    """The figures in what ``fused_in_one`` found."""

    def table(name: str, size: int) -> Any:
        places, numbers = pl.DataFrame(found[name]).get_columns()
        return spread(places.to_numpy(), numbers.to_numpy(), size)

    return {
        **figures.histogram(table("cells", CELLS * 11).reshape(CELLS, 11)),
        **figures.kano(np.stack([table(one, 25) for one in FEATURES])),
        **figures.servqual(found),
        **{name: figures.whole(found[name]) for name in ("satisfied", "dissatisfied")},
    }


def decoded(paths: Sequence[str]) -> int:
    """The floor: every column decoded and thrown away, in whatever order is the quickest."""
    batches = pl.scan_parquet(list(paths)).collect_batches(maintain_order=False)
    return sum(batch.height for batch in batches)
