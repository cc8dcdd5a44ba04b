"""``python -m benchmarks``: which cases, of how many rows, how often, and what is kept."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.speed import telling
from benchmarks.speed.cases import CASES
from benchmarks.speed.contest import Case, DisagreementError, held
from benchmarks.speed.machine import machine


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the cases; 1 where contestants tell different figures."""
    given = _parser().parse_args(arguments)
    if given.list:
        print(telling.table(["case", "rows", "what"], _listed()))
        return 0
    chosen = _chosen(given.only)
    told = {
        "command": _command(given),
        "machine": machine(),
        "rounds": given.rounds,
    }
    print(telling.machine(told["machine"]), flush=True)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="satcore-benchmarks-") as temporary:
        folder = given.data or Path(temporary)
        contests, differences = _held(chosen, given.rows, given.rounds, folder)
    told |= {"seconds": round(time.perf_counter() - started, 1), "contests": contests}
    if given.json is not None:
        given.json.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(f"\n{len(contests)} contests in {told['seconds']:.0f} s")
    for difference in differences:
        print(difference, file=sys.stderr)
    return 1 if differences else 0


def _held(
    chosen: Sequence[Case], rows: int | None, rounds: int, folder: Path
) -> tuple[list[dict[str, Any]], list[str]]:
    """The contests that were held, and what contestants told differently in the others."""
    contests: list[dict[str, Any]] = []
    differences = []
    for case in chosen:
        for contest in case.contests(rows or case.rows, folder):
            print(f"\n{contest.name}: {contest.what}; {contest.rows:,} rows", flush=True)
            try:
                found = held(contest, rounds)
            except DisagreementError as error:
                differences.append(str(error))
                print("the figures differ; nothing was timed", flush=True)
                continue
            contests.append({"case": case.name, **found})
            print(telling.contest(found))
            for goal in telling.goals(found):
                print(goal, flush=True)
        del contest  # and with it the answers, before the next case makes its own
    return contests, differences


def _command(given: argparse.Namespace) -> str:
    """The command that measures the same; where files are kept does not matter."""
    options = {"--only": given.only, "--rows": given.rows, "--rounds": given.rounds}
    said = [f"{name} {value}" for name, value in options.items() if value is not None]
    return " ".join(["python -m benchmarks", *said])


def _listed() -> list[tuple[str, str, str]]:
    return [(case.name, f"{case.rows:,}", case.what) for case in CASES]


def _chosen(only: str | None) -> list[Case]:
    if only is None:
        return [case for case in CASES if not case.alone]
    return [case for case in CASES if case.name in only.split(",")]


def _names(text: str) -> str:
    known = [case.name for case in CASES]
    unknown = [name for name in text.split(",") if name not in known]
    if unknown:
        raise argparse.ArgumentTypeError(
            f"there is no case {', '.join(unknown)}; there are {', '.join(known)}"
        )
    return text


def _positive(text: str) -> int:
    value = int(float(text)) if float(text).is_integer() else 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is no whole number from 1")
    return value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="satcore beside DuckDB, Polars, pandas, pingouin and numpy: the same figures "
        "of the same answers, in turn.",
    )
    parser.add_argument("--list", action="store_true", help="the cases and their rows")
    parser.add_argument("--only", type=_names, metavar="CASE[,CASE]", help="run these alone")
    parser.add_argument("--rows", type=_positive, help="rows, as 2e7; each case's own if left out")
    parser.add_argument("--rounds", type=_positive, default=5, help="timed rounds (5)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep everything measured")
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="keep the made Parquet files here for other runs"
    )
    return parser
