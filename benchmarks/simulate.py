"""How fast synthetic surveys are written, and in how much memory.

A survey of 60 items on 0..10 with a segment, waves and weights is written to Parquet; rows, time,
rows a second, size and the process's peak memory are printed. Each size is a process of its own,
since memory that was once used is not given back.

    python -m benchmarks.simulate [--rows 1000000 --rows 10000000] [--folder DIR]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from satcore import Codebook, Scale
from satcore.codebook import Declaration
from satcore.testing.simulate import simulate

ITEMS = 60


def survey_of(rows: int) -> Any:
    scale = Scale(low=0, high=10)
    codebook = Codebook(declared={f"Q{n}": Declaration(scale=scale) for n in range(1, ITEMS + 1)})
    return simulate(
        codebook, rows, seed=1, segments=["region"], wave="month", weight="w", drift=0.01
    )


def measure(rows: int, folder: Path) -> dict[str, float]:
    """Write one survey in this process."""
    import resource

    target = folder / f"{rows}.parquet"
    survey = survey_of(rows)
    start, processor = time.perf_counter(), time.process_time()
    survey.write(target)
    seconds, busy = time.perf_counter() - start, time.process_time() - processor
    size = target.stat().st_size
    target.unlink()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "rows": rows,
        "seconds": round(seconds, 2),
        "processor_seconds": round(busy, 2),
        "rows_per_second": round(rows / seconds),
        "file_mb": round(size / 1e6),
        "peak_mb": round(peak),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, action="append")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--alone", action="store_true", help="measure in this process")
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.gettempdir())
    for rows in given.rows or [1_000_000, 10_000_000]:
        if given.alone:
            print(json.dumps(measure(rows, folder)))
        else:
            again = ["--alone", "--rows", str(rows), "--folder", str(folder)]
            subprocess.run([sys.executable, "-m", "benchmarks.simulate", *again], check=True)


if __name__ == "__main__":
    main()
