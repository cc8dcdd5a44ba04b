"""The cases: who is asked for what, and what should come out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from benchmarks.speed import (
    billion,
    child,
    figures,
    growth,
    on_duckdb,
    on_numpy,
    on_polars,
    on_satcore,
    survey,
)
from benchmarks.speed.contest import Case, Contest, Contestant, Goal

PEERS = ("DuckDB", "Polars")


def read_once(columns: survey.Columns) -> list[Any]:
    """The floor in memory: every byte read once."""
    return [values.max() for values in columns.values()]


# --- everything at once ---------------------------------------------------------------------------

FUSED = "NPS by region × month, 10 Kano pairs, 44-item SERVQUAL with alpha, 2 shares; Parquet"
FUSED_FIGURES = (
    "by region × month n, promoters, detractors, NPS; by feature the six categories' counts, "
    "better, worse; the 44 items' means, 22 gaps, 5 dimensions' gaps, 10 alphas; 2 shares' counts"
)


def fused(rows: int, folder: Path) -> Iterator[Contest]:
    """The fused study over Parquet."""
    paths = survey.in_parquet(folder, rows)
    asked, plain = on_satcore.study(folder), on_satcore.study(folder, plain=True)
    yield Contest(
        name="fused",
        what=FUSED,
        rows=rows,
        figures=FUSED_FIGURES,
        contestants=[
            Contestant(
                name="satcore",
                ask=partial(on_satcore.fused, asked, paths),
                tell=on_satcore.fused_figures,
            ),
            Contestant(
                name="satcore, default options",
                ask=partial(on_satcore.fused, plain, paths),
                tell=on_satcore.fused_figures,
            ),
            Contestant(
                name="DuckDB", ask=partial(on_duckdb.fused, paths), tell=on_duckdb.fused_figures
            ),
            Contestant(
                name="Polars", ask=partial(on_polars.fused, paths), tell=on_polars.fused_figures
            ),
            Contestant(
                name="Polars, one selection",
                ask=partial(on_polars.fused_in_one, paths),
                tell=on_polars.fused_in_one_figures,
            ),
            Contestant(name="decoding alone", ask=partial(on_polars.decoded, paths)),
        ],
        goals=[
            Goal(against=("DuckDB",), at_least=3),
            Goal(against=("Polars", "Polars, one selection"), at_least=1.6),
            Goal(against=("decoding alone",), at_most=1.9),
            Goal(against=("decoding alone",), at_most=1.7, measure="cpu"),
        ],
    )


def memory(rows: int, folder: Path) -> Iterator[Contest]:
    """The fused study's peak memory, at some rows and at four times as many."""
    contestants = []
    names = {}
    for size in (rows, 4 * rows):
        paths = survey.in_parquet(folder, size)
        for tool in ("satcore", *PEERS):
            name = tool if size == rows else f"{tool}, {size:,} rows"
            names[tool, size] = name
            contestants.append(
                Contestant(
                    name=name,
                    ask=partial(child.asked, tool, folder, paths),
                    tell=child.figures_told,
                    same=str(size),
                    child=True,
                    fresh=True,
                    also=lambda found: {key: found[key] for key in ("peak", "wall", "cpu")},
                )
            )
    large = names["satcore", 4 * rows]
    yield Contest(
        name="memory",
        what=f"Peak memory of the fused study, at {rows:,} and {4 * rows:,} rows",
        rows=rows,
        figures=FUSED_FIGURES,
        contestants=contestants,
        goals=[
            Goal(against=("DuckDB",), at_most=2.5, measure="peak"),
            Goal(against=(names["DuckDB", 4 * rows],), at_most=2.5, measure="peak", ours=large),
            Goal(against=("satcore",), at_most=1.15, measure="peak", ours=large),
        ],
        most_rounds=2,
    )


# --- NPS ------------------------------------------------------------------------------------------


def nps(rows: int, _: Path) -> Iterator[Contest]:
    """NPS from its full histogram, of answers in memory."""
    columns = survey.in_memory(("nps",), rows)
    frame, table = pl.DataFrame(columns), pd.DataFrame(columns, copy=False)
    with on_duckdb.connected(frame) as connection:
        yield Contest(
            name="nps",
            what="NPS from the full histogram of 11 answers, in memory",
            rows=rows,
            figures="n, promoters, detractors, NPS",
            contestants=[
                Contestant(
                    name="satcore",
                    ask=partial(on_satcore.nps, frame),
                    tell=on_satcore.nps_figures,
                ),
                Contestant(
                    name="DuckDB",
                    ask=partial(on_duckdb.asked, connection, on_duckdb.HISTOGRAM),
                    tell=on_duckdb.histogram,
                ),
                Contestant(
                    name="Polars group_by",
                    ask=partial(on_polars.histogram, frame),
                    tell=on_polars.histogram_figures,
                ),
                Contestant(
                    name="Polars, 11 comparisons",
                    ask=partial(on_polars.comparisons, frame),
                    tell=on_polars.histogram_figures,
                ),
                Contestant(
                    name="pandas",
                    ask=partial(on_numpy.pandas_histogram, table),
                    tell=on_numpy.pandas_histogram_figures,
                ),
                Contestant(
                    name="numpy",
                    ask=partial(on_numpy.histogram, columns),
                    tell=figures.histogram,
                ),
                Contestant(name="reading alone", ask=partial(read_once, columns)),
            ],
            goals=[
                Goal(against=("DuckDB",), at_least=5),
                Goal(against=("Polars group_by",), at_least=5),
            ],
        )


def nps_cells(rows: int, _: Path) -> Iterator[Contest]:
    """NPS by region and month, of answers in memory."""
    columns = survey.in_memory((*survey.SEGMENTS, "nps"), rows)
    frame, table = pl.DataFrame(columns), pd.DataFrame(columns, copy=False)
    with on_duckdb.connected(frame) as connection:
        yield Contest(
            name="nps-cells",
            what="NPS by 32 regions × 36 months, in memory",
            rows=rows,
            figures="by cell n, promoters, detractors, NPS",
            contestants=[
                Contestant(
                    name="satcore",
                    ask=partial(on_satcore.nps_cells, frame),
                    tell=on_satcore.nps_cells_figures,
                ),
                Contestant(
                    name="satcore, default options",
                    ask=partial(on_satcore.nps_cells, frame, plain=True),
                    tell=on_satcore.nps_cells_figures,
                ),
                Contestant(
                    name="DuckDB",
                    ask=partial(
                        on_duckdb.asked, connection, on_duckdb.NPS_CELLS.format(source="answers")
                    ),
                    tell=on_duckdb.nps_cells,
                ),
                Contestant(
                    name="Polars",
                    ask=partial(on_polars.nps_cells, frame),
                    tell=on_polars.nps_cells_figures,
                ),
                Contestant(
                    name="pandas",
                    ask=partial(on_numpy.pandas_cells, table),
                    tell=on_numpy.pandas_cells_figures,
                    once=True,
                ),
                Contestant(
                    name="numpy",
                    ask=partial(on_numpy.nps_cells, columns),
                    tell=figures.histogram,
                ),
                Contestant(name="reading alone", ask=partial(read_once, columns)),
            ],
            goals=[Goal(against=(one,), at_least=3) for one in PEERS],
        )


def weighted(rows: int, _: Path) -> Iterator[Contest]:
    """Weighted NPS by region and month, of answers in memory."""
    columns: survey.Columns = survey.in_memory((*survey.SEGMENTS, "nps"), rows)
    columns["w"] = survey.weights(rows)
    frame = pl.DataFrame(columns)
    with on_duckdb.connected(frame) as connection:
        yield Contest(
            name="weighted",
            what="Weighted NPS by 32 regions × 36 months, in memory",
            rows=rows,
            figures="by cell n, Σw, (Σw)²/Σw², NPS",
            contestants=[
                Contestant(
                    name="satcore",
                    ask=partial(on_satcore.nps_cells, frame, weight="w"),
                    tell=on_satcore.weighted_figures,
                ),
                Contestant(
                    name="DuckDB",
                    ask=partial(on_duckdb.asked, connection, on_duckdb.WEIGHTED),
                    tell=on_duckdb.weighted,
                ),
                Contestant(
                    name="Polars",
                    ask=partial(on_polars.weighted, frame),
                    tell=on_polars.weighted_figures,
                ),
                Contestant(
                    name="numpy",
                    ask=partial(on_numpy.weighted, columns),
                    tell=on_numpy.weighted_figures,
                ),
                Contestant(name="reading alone", ask=partial(read_once, columns)),
            ],
            goals=[Goal(against=(one,), at_least=2) for one in PEERS],
        )


# --- Kano -----------------------------------------------------------------------------------------


def kano(rows: int, _: Path) -> Iterator[Contest]:
    """10 Kano pairs of everybody, in memory."""
    columns = survey.in_memory(survey.KANO, rows)
    frame, table = pl.DataFrame(columns), pd.DataFrame(columns, copy=False)
    with on_duckdb.connected(frame) as connection:
        yield Contest(
            name="kano",
            what="10 Kano pairs, in memory",
            rows=rows,
            figures="by feature the six categories' counts, better, worse",
            contestants=[
                Contestant(
                    name="satcore",
                    ask=partial(on_satcore.kano, frame),
                    tell=on_satcore.kano_figures,
                ),
                Contestant(
                    name="satcore, default options",
                    ask=partial(on_satcore.kano, frame, plain=True),
                    tell=on_satcore.kano_figures,
                ),
                Contestant(
                    name="DuckDB",
                    ask=partial(on_duckdb.asked, connection, on_duckdb.kano_query()),
                    tell=on_duckdb.kano,
                ),
                Contestant(
                    name="Polars",
                    ask=lambda: on_polars.collected(on_polars.kano_queries(frame.lazy())),
                    tell=on_polars.kano_figures,
                ),
                Contestant(
                    name="pandas",
                    ask=partial(on_numpy.pandas_kano, table),
                    tell=on_numpy.pandas_kano_figures,
                    once=True,
                ),
                Contestant(name="numpy", ask=partial(on_numpy.kano, columns), tell=figures.kano),
                Contestant(name="reading alone", ask=partial(read_once, columns)),
            ],
            goals=[Goal(against=PEERS, at_least=3)],
        )


def kano_segments(rows: int, _: Path) -> Iterator[Contest]:
    """10 Kano pairs by region, in memory."""
    columns = survey.in_memory(("region", *survey.KANO), rows)
    frame = pl.DataFrame(columns)
    query = on_duckdb.kano_query(by="region")
    with on_duckdb.connected(frame) as connection:
        yield Contest(
            name="kano-segments",
            what="10 Kano pairs by 32 regions, in memory",
            rows=rows,
            figures="by region and feature the six categories' counts, better, worse",
            contestants=[
                Contestant(
                    name="satcore",
                    ask=partial(on_satcore.kano, frame, by_region=True),
                    tell=partial(on_satcore.kano_figures, by_region=True),
                ),
                Contestant(
                    name="satcore, default options",
                    ask=partial(on_satcore.kano, frame, plain=True, by_region=True),
                    tell=partial(on_satcore.kano_figures, by_region=True),
                ),
                Contestant(
                    name="DuckDB",
                    ask=partial(on_duckdb.asked, connection, query),
                    tell=partial(on_duckdb.kano, by="region"),
                ),
                Contestant(
                    name="Polars",
                    ask=lambda: on_polars.collected(on_polars.kano_queries(frame.lazy(), by=True)),
                    tell=partial(on_polars.kano_figures, by=True),
                ),
                Contestant(
                    name="numpy", ask=partial(on_numpy.kano_by_region, columns), tell=figures.kano
                ),
                Contestant(name="reading alone", ask=partial(read_once, columns)),
            ],
            goals=[Goal(against=PEERS, at_least=2)],
        )


# --- SERVQUAL -------------------------------------------------------------------------------------


def servqual(rows: int, _: Path) -> Iterator[Contest]:
    """Ten alphas of answers in memory, of which 2% are missing."""
    columns = survey.in_memory(survey.SERVQUAL, rows)
    absent = survey.missing(columns, 0.02)
    frame = pl.DataFrame(columns).with_columns(
        pl.when(pl.Series(absent[column])).then(None).otherwise(pl.col(column)).alias(column)
        for column in columns
    )
    floats = {
        column: np.where(absent[column], np.float64("nan"), values)
        for column, values in columns.items()
    }
    table = pd.DataFrame(floats, copy=False)
    with on_duckdb.connected(frame) as connection:
        yield Contest(
            name="servqual",
            what="Alphas of 44 items, 2% missing, listwise in each dimension, in memory",
            rows=rows,
            figures="10 alphas: 5 dimensions, expected and perceived",
            contestants=[
                Contestant(
                    name="satcore",
                    ask=partial(on_satcore.servqual, frame),
                    tell=on_satcore.alpha_figures,
                ),
                Contestant(
                    name="satcore, default options",
                    ask=partial(on_satcore.servqual, frame, plain=True),
                    tell=on_satcore.alpha_figures,
                ),
                Contestant(
                    name="DuckDB",
                    ask=partial(on_duckdb.listwise, connection),
                    tell=on_duckdb.alphas,
                ),
                Contestant(
                    name="Polars",
                    ask=partial(on_polars.listwise, frame),
                    tell=on_polars.complete_figures,
                ),
                Contestant(
                    name="pingouin",
                    ask=partial(on_numpy.pingouin_alphas, table),
                    tell=on_numpy.alpha_figures,
                ),
                Contestant(
                    name="pandas",
                    ask=partial(on_numpy.pandas_alphas, table),
                    tell=on_numpy.alpha_figures,
                ),
                Contestant(
                    name="numpy",
                    ask=partial(on_numpy.alphas, floats),
                    tell=on_numpy.alpha_figures,
                ),
                Contestant(name="reading alone", ask=partial(read_once, columns)),
            ],
            goals=[
                Goal(against=("DuckDB",), at_least=1.5),
                Goal(against=("Polars",), at_least=1),
                Goal(against=("pingouin",), at_least=5),
            ],
        )


# --- bootstrap ------------------------------------------------------------------------------------

FEW = 10_000


def bootstrap(rows: int, _: Path) -> Iterator[Contest]:
    """2,000 resamples of NPS, of few answers and of many."""
    few = min(FEW, rows)
    columns = survey.in_memory(("nps",), rows)
    many_frame = pl.DataFrame(columns)
    few_frame = many_frame.head(few)
    large = f"satcore, counts of {rows:,}"
    yield Contest(
        name="bootstrap",
        what=f"Bootstrap of NPS, 2,000 resamples, of {few:,} and of {rows:,} answers",
        rows=rows,
        ours=f"satcore, counts of {few:,}",
        figures="NPS; half the interval's width within 15%, for it rests on random numbers",
        rough={"half width": 0.15},
        contestants=[
            Contestant(
                name=f"satcore, counts of {few:,}",
                ask=on_satcore.counted_bootstrap(few_frame),
                tell=on_satcore.bootstrap_figures,
            ),
            Contestant(
                name=large,
                ask=on_satcore.counted_bootstrap(many_frame),
                tell=on_satcore.bootstrap_figures,
                same="many",
            ),
            Contestant(
                name="satcore",
                ask=partial(on_satcore.bootstrap, few_frame),
                tell=on_satcore.bootstrap_figures,
            ),
            Contestant(
                name="numpy, resampling rows",
                ask=partial(on_numpy.resampled, columns["nps"][:few]),
                tell=on_numpy.resampled_figures,
            ),
        ],
        goals=[
            Goal(against=(f"satcore, counts of {few:,}",), at_most=1.1, ours=large),
            Goal(
                against=("numpy, resampling rows",),
                at_least=50,
                ours=f"satcore, counts of {few:,}",
            ),
            Goal(against=("numpy, resampling rows",), at_least=50),
        ],
    )


# --- a small file ---------------------------------------------------------------------------------

#: Rows of the small file, whatever ``--rows`` says.
SMALL = 1_000


def start(_: int, folder: Path) -> Iterator[Contest]:
    """A small file through the command, as a process."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "small.csv"
    columns = survey.in_memory((*survey.SEGMENTS, "nps"), SMALL)
    pl.DataFrame(columns).write_csv(path)
    asked = ["-m", "satcore", "run", "--metric", "nps", "--item", "nps", "--format", "json"]
    yield Contest(
        name="start",
        what=f"`satcore run` on a CSV file of {SMALL:,} rows, as a process",
        rows=SMALL,
        figures="n, promoters, detractors, NPS",
        expected=figures.histogram(np.bincount(columns["nps"], minlength=11)),
        contestants=[
            Contestant(
                name="satcore", ask=_python(*asked, str(path)), tell=_run_figures, child=True
            ),
            Contestant(
                name="import numpy, polars", ask=_python("-c", "import numpy, polars"), child=True
            ),
        ],
        goals=[Goal(against=("import numpy, polars",), at_most=3)],
    )


def _python(*arguments: str) -> Callable[[], bytes]:
    """A fresh interpreter; bytecode is kept from the first time on, as on anyone's machine."""
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}

    def ask() -> bytes:
        command = [sys.executable, *arguments]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, env=kept).stdout

    return ask


def _run_figures(printed: bytes) -> figures.Figures:
    of = {row["term"]: row for row in json.loads(printed)["estimates"]}
    n = of["nps"]["base"]
    counts = (of[term]["value"] * n for term in ("promoters", "detractors"))
    told = figures.nps(n, *counts)
    return {**told, "nps": np.array(of["nps"]["value"])}


# --- all of them ----------------------------------------------------------------------------------

CASES = (
    Case(name="fused", what=FUSED, rows=20_000_000, contests=fused),
    Case(name="memory", what="Peak memory of the fused study", rows=10_000_000, contests=memory),
    Case(name="nps", what="NPS from the full histogram", rows=100_000_000, contests=nps),
    Case(
        name="nps-cells",
        what="NPS by 32 regions × 36 months",
        rows=100_000_000,
        contests=nps_cells,
    ),
    Case(
        name="weighted",
        what="Weighted NPS by 32 regions × 36 months",
        rows=100_000_000,
        contests=weighted,
    ),
    Case(name="kano", what="10 Kano pairs", rows=10_000_000, contests=kano),
    Case(
        name="kano-segments",
        what="10 Kano pairs by 32 regions",
        rows=10_000_000,
        contests=kano_segments,
    ),
    Case(
        name="servqual",
        what="Alphas of 44 items, 2% missing",
        rows=2_000_000,
        contests=servqual,
    ),
    Case(
        name="bootstrap",
        what="Bootstrap of NPS, 2,000 resamples",
        rows=100_000_000,
        contests=bootstrap,
    ),
    Case(name="start", what="satcore run on a small CSV file", rows=SMALL, contests=start),
    Case(
        name="growth",
        what="How cost grows with rows, columns, metrics and segments",
        rows=2_000_000,
        contests=growth.growth,
    ),
    Case(
        name="billion",
        what="A billion rows, streamed; only when it is named",
        rows=1_000_000_000,
        contests=billion.billion,
        alone=True,
    ),
)
