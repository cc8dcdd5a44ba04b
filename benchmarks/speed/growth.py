"""How satcore's cost grows with rows, columns, metrics and segments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

import satcore
from benchmarks.speed import on_satcore, survey
from benchmarks.speed.contest import Contest, Contestant
from satcore_nps import NPS

#: Steps by which something grows.
STEPS = (1, 4, 16, 64)

#: Values of a segment column.
LEVELS = (1, 32, 1_024, 32_768)


def growth(rows: int, folder: Path) -> Iterator[Contest]:
    """Each thing in turn, the others held."""
    frame = pl.DataFrame(survey.in_memory(survey.ALL, rows))
    yield _by_rows(frame, folder)
    yield _by_columns(frame)
    yield _by_metrics(frame)
    yield _by_segments(frame)


def _contest(name: str, what: str, rows: int, asks: Mapping[str, Callable[[], Any]]) -> Contest:
    return Contest(
        name=f"growth: {name}",
        what=what,
        rows=rows,
        figures="",
        ours=next(iter(asks)),
        contestants=[Contestant(name=step, ask=ask) for step, ask in asks.items()],
    )


def _by_rows(frame: pl.DataFrame, folder: Path) -> Contest:
    folder.mkdir(parents=True, exist_ok=True)
    path = on_satcore.study(folder)
    sizes = dict.fromkeys(max(1, frame.height // step) for step in (16, 8, 4, 2, 1))
    return _contest(
        "rows",
        "The fused study on more and more rows, in memory",
        frame.height,
        {
            f"{size:,} rows": partial(on_satcore.fused, path, frame.head(size).rechunk())
            for size in sizes
        },
    )


def _by_columns(frame: pl.DataFrame) -> Contest:
    """Kano and SERVQUAL answers as questions of their own, all on 1..7."""
    columns = (*survey.KANO, *survey.SERVQUAL)
    return _contest(
        "columns",
        "NPS of more and more columns, a metric each",
        frame.height,
        {f"{step} columns": partial(_measure, frame, columns[:step]) for step in STEPS},
    )


def _by_metrics(frame: pl.DataFrame) -> Contest:
    return _contest(
        "metrics",
        "More and more metrics of one column",
        frame.height,
        {f"{step} metrics": partial(_measure, frame, ("csat",) * step) for step in STEPS},
    )


def _measure(frame: pl.DataFrame, columns: tuple[str, ...]) -> satcore.Results:
    metrics = {
        f"metric {number}": NPS(item=column, scale="1..7", detractors=4, promoters=6)
        for number, column in enumerate(columns)
    }
    return satcore.run(metrics, frame, by=[], comparisons=[])


def _by_segments(frame: pl.DataFrame) -> Contest:
    numbers = np.arange(frame.height, dtype=np.uint32)
    return _contest(
        "segments",
        "NPS by a segment of more and more values",
        frame.height,
        {
            f"{levels:,} values": partial(
                satcore.run,
                NPS(item="nps"),
                frame.select("nps").with_columns(pl.Series("segment", numbers % levels)),
                segments=["segment"],
                by=["segment"],
                comparisons=[],
            )
            for levels in LEVELS
        },
    )
