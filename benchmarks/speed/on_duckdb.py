"""The figures asked of DuckDB, in the best plain SQL that was found.

- Shares of a few classes are counted while grouping (``countif``): one row a cell comes out
  instead of eleven, a third faster than grouping by the answer too.
- All Kano tables come from one query with grouping sets, which reads a file once; one query a
  feature costs as much on a table in memory, and a tenth more on Parquet.
- Alphas come from squares of items and of their total, a fifth faster than the products of all
  pairs of items; casts to SMALLINT keep the arithmetic narrow. ``var_samp`` takes ten times as
  long.
- Listwise deletion is one query a dimension and side, with WHERE: ten times as fast as FILTER in
  one query.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np

from benchmarks.speed import figures
from benchmarks.speed.figures import Figures, spread
from benchmarks.speed.survey import CELLS, FEATURES, KANO, MONTHS, REGIONS, SCALES, SERVQUAL

if TYPE_CHECKING:
    import polars as pl

Rows = dict[str, Any]


def connected(frame: pl.DataFrame | None = None) -> duckdb.DuckDBPyConnection:
    """A database in memory, with a frame's rows in its own table ``answers``."""
    connection = duckdb.connect(config={"preserve_insertion_order": False})
    # It would be printed among the results.
    connection.execute("SET enable_progress_bar = false")
    if frame is not None:
        connection.register("given", frame)
        connection.execute("CREATE TABLE answers AS SELECT * FROM given")
        connection.unregister("given")
    return connection


def asked(connection: duckdb.DuckDBPyConnection, query: str) -> Rows:
    """A query's rows as numpy columns.

    What is null becomes 0: a column that a grouping set leaves out, which no answer to a Kano
    question is.
    """
    rows: Rows = connection.execute(query).fetchnumpy()
    return {
        name: column.filled(0) if isinstance(column, np.ma.MaskedArray) else column
        for name, column in rows.items()
    }


# --- NPS ------------------------------------------------------------------------------------------

HISTOGRAM = "SELECT nps, count(*) AS n FROM answers GROUP BY nps"

NPS_CELLS = """
    SELECT region, month, count(*) AS n,
        countif(nps >= 9) AS promoters, countif(nps <= 6) AS detractors
    FROM {source} GROUP BY region, month
"""

# A key of one number is a sixth faster than three columns; sums with FILTER are slower.
WEIGHTED = """
    SELECT (region::USMALLINT * 36 + month) * 11 + nps AS place,
        count(*) AS n, sum(w) AS weights, sum(w * w) AS squares
    FROM answers GROUP BY place
"""


def histogram(rows: Rows) -> Figures:
    """Net promoters of the table of 11 answers."""
    return figures.histogram(spread(rows["nps"], rows["n"], 11))


def nps_cells(rows: Rows) -> Figures:
    """Net promoters by region and month."""
    place = rows["region"].astype(np.int64) * MONTHS + rows["month"]
    return figures.nps(
        *(spread(place, rows[name], CELLS) for name in ("n", "promoters", "detractors"))
    )


def weighted(rows: Rows) -> Figures:
    """Weighted net promoters by region and month."""
    tables = (
        spread(rows["place"], rows[name], CELLS * 11).reshape(CELLS, 11)
        for name in ("n", "weights", "squares")
    )
    return figures.weighted_nps(*tables)


# --- Kano -----------------------------------------------------------------------------------------


def kano_query(source: str = "answers", by: str = "") -> str:
    """Tables of all pairs, by a segment too where one is named."""
    also = f"{by}, " if by else ""
    sets = ", ".join(f"({also}{feature}_f, {feature}_d)" for feature in FEATURES)
    columns = ", ".join(KANO)
    return f"SELECT {also}{columns}, count(*) AS n FROM {source} GROUP BY GROUPING SETS ({sets})"


def kano(rows: Rows, by: str = "") -> Figures:
    """Categories and coefficients."""
    segments = REGIONS if by else 1
    tables = np.zeros((segments, len(FEATURES), 25), dtype=np.int64)
    segment = rows[by] if by else np.zeros(len(rows["n"]), dtype=np.int64)
    for place, feature in enumerate(FEATURES):
        mine = rows[f"{feature}_f"] > 0
        pair = rows[f"{feature}_f"][mine].astype(np.int64) * 5 + rows[f"{feature}_d"][mine] - 6
        tables[segment[mine], place, pair] = rows["n"][mine]
    return figures.kano(tables if by else tables[0])


# --- SERVQUAL -------------------------------------------------------------------------------------


def _total(columns: Sequence[str]) -> str:
    return f"({' + '.join(columns)})::SMALLINT"


def _sums(columns: Sequence[str]) -> str:
    return ", ".join(
        f"sum({column}) AS s_{column}, sum({column}::SMALLINT * {column}::SMALLINT) AS q_{column}"
        for column in columns
    )


def _scale(name: str) -> str:
    total = _total(SCALES[name])
    return f"count(*) AS n_{name}, sum({total} * {total}) AS t_{name}"


def servqual_query(source: str = "answers", also: str = "") -> str:
    """Sums of complete answers, and what else is asked of the total."""
    scales = ", ".join(map(_scale, SCALES))
    return f"SELECT {also}{scales}, {_sums(SERVQUAL)} FROM {source}"


def listwise(connection: duckdb.DuckDBPyConnection) -> Rows:
    """Sums of the answers that are complete in a dimension and side."""
    rows: Rows = {}
    for name, columns in SCALES.items():
        there = " AND ".join(f"{column} IS NOT NULL" for column in columns)
        rows |= asked(
            connection, f"SELECT {_scale(name)}, {_sums(columns)} FROM answers WHERE {there}"
        )
    return rows


def alphas(rows: Rows) -> Figures:
    """Cronbach's alpha."""
    return figures.alphas(only(rows))


def only(rows: Rows) -> dict[str, Any]:
    """The only row."""
    return {name: column[0] for name, column in rows.items()}


# --- all of it ------------------------------------------------------------------------------------


def fused(paths: Sequence[str]) -> tuple[Rows, Rows, Rows]:
    """Everything of a survey in Parquet, in three queries."""
    source = f"read_parquet({list(paths)})"
    satisfied = "countif(csat >= 4) AS satisfied, countif(csat <= 2) AS dissatisfied, "
    with connected() as connection:
        return (
            asked(connection, NPS_CELLS.format(source=source)),
            asked(connection, kano_query(source)),
            asked(connection, servqual_query(source, satisfied)),
        )


def fused_figures(rows: tuple[Rows, Rows, Rows]) -> Figures:
    """The figures in what ``fused`` found."""
    cells, pairs, sums = rows
    totals = only(sums)
    return {
        **nps_cells(cells),
        **kano(pairs),
        **figures.servqual(totals),
        **{name: figures.whole(totals[name]) for name in ("satisfied", "dissatisfied")},
    }
