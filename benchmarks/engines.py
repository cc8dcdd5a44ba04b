"""What each engine costs beside the local one, and whether it counts the same.

One study - NPS, two Kano features, SERVQUAL of eight items a side, by region and month - over
synthetic Parquet, in one run, each engine right after the local one::

    python -m benchmarks.engines --rows 2000000 --engines processes:2 dask sql spark

Wall time and the processor time of the whole process tree; an engine's own start is part of both.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

import satcore
from satcore.planning import Plan
from satcore.scanning import Bundle

STUDY = """
[study]
data = "part-*.parquet"
by = ["region", "wave", "region*wave"]

[roles]
segments = ["region"]
wave = "month"

[metrics.nps]
item = "Q1"

[metrics.kano]
features = ["F1", "F2"]
functional = "{feature}_functional"
dysfunctional = "{feature}_dysfunctional"

[metrics.servqual]
perception = "P{1..8}"
expectation = "E{1..8}"
"""


def survey(folder: Path, rows: int, files: int) -> None:
    """Write a survey whose answers are spread evenly."""
    rng = np.random.default_rng(11)
    each = rows // files
    for number in range(files):
        columns = {
            "region": rng.integers(0, 8, each).astype(np.uint8),
            "month": rng.integers(1, 13, each).astype(np.uint8),
            "Q1": rng.integers(0, 11, each).astype(np.uint8),
        }
        for feature in ("F1", "F2"):
            for side in ("functional", "dysfunctional"):
                columns[f"{feature}_{side}"] = rng.integers(1, 6, each).astype(np.uint8)
        for item in range(1, 9):
            for side in ("P", "E"):
                columns[f"{side}{item}"] = rng.integers(1, 8, each).astype(np.uint8)
        pl.DataFrame(columns).write_parquet(folder / f"part-{number:03}.parquet")
    (folder / "study.toml").write_text(STUDY)


def spent() -> float:
    """Processor seconds of this process and of those that it began and that have ended."""
    told = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in told)


def measured(plan: Plan, engine: str) -> tuple[Bundle, float, float]:
    began, before = time.perf_counter(), spent()
    bundle = satcore.scan(plan, engine=engine, stream=True)
    return bundle, time.perf_counter() - began, spent() - before


def same(one: Bundle, other: Bundle) -> bool:
    return all(
        array.tobytes() == one.states[names][key].arrays[name].tobytes()
        for names, by_key in other.states.items()
        for key, state in by_key.items()
        for name, array in state.arrays.items()
    )


def state_bytes(bundle: Bundle) -> int:
    return sum(
        array.nbytes
        for by_key in bundle.states.values()
        for state in by_key.values()
        for array in state.arrays.values()
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--files", type=int, default=16)
    parser.add_argument("--engines", nargs="+", default=["processes:2", "dask", "sql", "spark"])
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        survey(Path(folder), asked.rows, asked.files)
        plan = satcore.plan(str(Path(folder) / "study.toml"))
        measured(plan, "local:2")  # imports are not to be measured
        print("| engine | wall s | CPU s | wall × local | CPU × local | same states |")
        print("|---|---|---|---|---|---|")
        for engine in asked.engines:
            base, wall, cpu = measured(plan, "local:2")
            found, own_wall, own_cpu = measured(plan, engine)
            ratios = f"{own_wall / wall:.1f} | {own_cpu / cpu:.1f} | {same(found, base)}"
            print(f"| local:2 | {wall:.1f} | {cpu:.1f} | 1 | 1 | |")
            print(f"| {engine} | {own_wall:.1f} | {own_cpu:.1f} | {ratios} |", flush=True)
        print(f"{asked.rows} rows, {asked.files} files; {state_bytes(base)} bytes of state")


if __name__ == "__main__":
    main()
