"""A billion rows that no file holds: a survey whose fragments make their answers as they are read.

Each run is a process of its own, which tells its peak memory; a quarter of the rows is run beside
all of them, for memory that doesn't grow with rows. The time it takes to make the answers and to
throw them away is the floor.

    python -m benchmarks --only billion [--rows 1000000000]
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from attrs import frozen

import satcore
from benchmarks.speed import figures, on_satcore, survey
from benchmarks.speed.child import ROOT, figures_told, peak
from benchmarks.speed.contest import Contest, Contestant, Goal

COLUMNS = (*survey.SEGMENTS, "nps")

#: Rows of a fragment: two chunks.
FRAGMENT = 2 * survey.CHUNK


@frozen(kw_only=True)
class Made:
    """A fragment whose answers are made from its number when they are read.

    Attributes:
        number: Its place in the survey.
        rows: How many responses it holds.
    """

    number: int
    rows: int

    @property
    def id(self) -> str:
        """A name that no other fragment has."""
        return f"made, fragment {self.number}"

    def read(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """The named columns, chunk by chunk."""
        for chunk in survey.chunks(columns, self.rows, 2 * self.number):
            yield pl.DataFrame(chunk)


def made(rows: int) -> satcore.Survey:
    """A survey of so many rows, none of which exists before it is read."""
    starts = range(0, rows, FRAGMENT)
    return satcore.Survey(
        name="made answers",
        columns=COLUMNS,
        fragments=tuple(
            Made(number=number, rows=min(FRAGMENT, rows - start))
            for number, start in enumerate(starts)
        ),
    )


def counted(rows: int) -> figures.Figures:
    """The figures as satcore tells them."""
    return on_satcore.nps_cells_figures(on_satcore.nps_cells(made(rows)))


def thrown_away(rows: int) -> figures.Figures:
    """The answers made, and nothing counted but how many there are."""
    n = sum(frame.height for fragment in made(rows).fragments for frame in fragment.read(COLUMNS))
    return {"n": np.array(n)}


def _child(what: str, rows: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.speed.billion", what, str(rows)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _expected(rows: int) -> figures.Figures:
    """The figures of all rows, by numpy, chunk by chunk."""
    table = np.zeros(survey.CELLS * 11, dtype=np.int64)
    for fragment in made(rows).fragments:
        for frame in fragment.read(COLUMNS):
            region, month, nps = (frame[name].to_numpy() for name in COLUMNS)
            place = (region * np.uint16(survey.MONTHS) + month) * np.uint16(11) + nps
            table += np.bincount(place, minlength=len(table))
    return figures.histogram(table.reshape(survey.CELLS, 11))


def billion(rows: int, _: Path) -> Iterator[Contest]:
    """NPS by region and month of a stream."""
    quarter = max(1, rows // 4)
    yield Contest(
        name="billion",
        what=f"NPS by 32 regions × 36 months of {rows:,} streamed rows",
        rows=rows,
        figures="by cell n, promoters, detractors, NPS",
        expected=_expected(rows),
        contestants=[
            Contestant(
                name="satcore",
                ask=partial(_child, "count", rows),
                tell=figures_told,
                child=True,
                fresh=True,
                also=_measures,
            ),
            Contestant(
                name="satcore, a quarter of the rows",
                ask=partial(_child, "count", quarter),
                child=True,
                fresh=True,
                also=_measures,
            ),
            Contestant(
                name="making the answers alone",
                ask=partial(_child, "make", rows),
                child=True,
                fresh=True,
                also=_measures,
            ),
        ],
        goals=[
            Goal(against=("satcore, a quarter of the rows",), at_most=1.15, measure="peak"),
        ],
        most_rounds=1,
    )


def _measures(found: dict[str, Any]) -> dict[str, float]:
    return {name: found[name] for name in ("wall", "cpu", "peak", "rows_per_second")}


def main() -> None:
    """Count, or make, in this process."""
    what, rows = sys.argv[1], int(sys.argv[2])
    start, busy = time.perf_counter(), time.process_time()
    found = {"count": counted, "make": thrown_away}[what](rows)
    wall = time.perf_counter() - start
    told = {
        "wall": wall,
        "cpu": time.process_time() - busy,
        "peak": peak(),
        "rows_per_second": rows / wall,
        "figures": {name: values.tolist() for name, values in found.items()},
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
