"""One contestant in a process of its own, for what it holds in memory at most.

    python -m benchmarks.speed.child satcore FOLDER FILE...

prints its peak in MiB, its times and its figures as JSON. The peak is ``VmHWM`` of the process
itself: ``ru_maxrss`` would go on from whatever process started this one.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.speed.figures import Figures

#: Where ``python -m benchmarks`` finds this package.
ROOT = Path(__file__).resolve().parents[2]


def peak() -> float:
    """The most memory that this process ever held, in MiB."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (one for one in status.read_text().splitlines() if one.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def figures_of(name: str, folder: Path, paths: list[str]) -> Figures:
    """The fused figures as one tool tells them; no other tool is imported."""
    if name == "satcore":
        from benchmarks.speed import on_satcore

        return on_satcore.fused_figures(on_satcore.fused(on_satcore.study(folder), paths))
    if name == "DuckDB":
        from benchmarks.speed import on_duckdb

        return on_duckdb.fused_figures(on_duckdb.fused(paths))
    if name == "Polars":
        from benchmarks.speed import on_polars

        return on_polars.fused_figures(on_polars.fused(paths))
    raise ValueError(f"{name!r} is none of satcore, DuckDB, Polars")


def asked(name: str, folder: Path, paths: list[str]) -> dict[str, Any]:
    """What ``main`` prints, from a fresh process."""
    command = [sys.executable, "-m", "benchmarks.speed.child", name, str(folder), *paths]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def figures_told(found: dict[str, Any]) -> Figures:
    """The figures in what ``asked`` gave."""
    return {name: np.array(values) for name, values in found["figures"].items()}


def main() -> None:
    """Ask one contestant in this process."""
    name, folder, *paths = sys.argv[1:]
    start, busy = time.perf_counter(), time.process_time()
    figures = figures_of(name, Path(folder), paths)
    print(
        json.dumps(
            {
                "peak": peak(),
                "wall": time.perf_counter() - start,
                "cpu": time.process_time() - busy,
                "figures": {key: value.tolist() for key, value in figures.items()},
            }
        )
    )


if __name__ == "__main__":
    main()
