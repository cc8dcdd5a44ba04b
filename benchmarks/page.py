"""The documentation's page of speed, renewed from what was measured.

    python -m benchmarks --json benchmarks/results.json
    python -m benchmarks --only billion --json benchmarks/results-billion.json
    python -m benchmarks.page

Everything between two marks of the page is made from the files of results that are kept.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.speed import telling

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "explanation" / "speed.md"

#: What is kept: the suite first, then what is run on its own.
RESULTS = tuple(sorted((ROOT / "benchmarks").glob("results*.json"), key=lambda path: path.stem))

BEGIN = "<!-- results -->\n"
END = "<!-- end of results -->\n"


def renewed(page: str, results: Sequence[Mapping[str, Any]]) -> str:
    """A page with other results between its marks.

    Raises:
        ValueError: The page has no marks, or they stand the wrong way round.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page lacks {BEGIN.strip()} … {END.strip()}")
    return f"{before}{BEGIN}\n{''.join(_told(results))}{END}{after}"


def _told(results: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "### The targets\n\n"
    heads = ("", "rows", "wanted", "measure", "ratio", "CPU ratio", "")
    yield f"{telling.table(heads, _goals(results))}\n\n"
    for one in results:
        for contest in one["contests"]:
            yield f"### {contest['name']}\n\n{contest['what']}; {contest['rows']:,} rows, "
            yield f"{_rounds(contest['rounds'])}.\n\n{telling.contest(contest)}\n\n"
            if contest["figures"]:
                yield f"Held against each other: {contest['figures']}.\n\n"
    yield "### Machine and command\n\n"
    for one in results:
        yield f"`{one['command']}`, {one['seconds']:,.0f} s in all, on\n"
        yield f"{telling.machine(one['machine'])}\n\n"


def _rounds(rounds: int) -> str:
    return "one round" if rounds == 1 else f"median of {rounds} rounds"


def _goals(results: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, ...]]:
    for one in results:
        for contest in one["contests"]:
            for goal in contest["goals"]:
                yield (
                    contest["name"],
                    f"{contest['rows']:,}",
                    goal["goal"],
                    telling.MEASURES[goal["measure"]],
                    telling.times(goal["ratio"]),
                    "" if goal["measure"] == "peak" else telling.times(goal["ratios"]["cpu"]),
                    "reached" if goal["reached"] else "missed",
                )


def main() -> None:
    """Renew the page."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.page", description="Renew the page of speed."
    )
    parser.add_argument("results", type=Path, nargs="*", default=RESULTS, help="JSON files")
    parser.add_argument("--page", type=Path, default=PAGE)
    given = parser.parse_args()
    results = [json.loads(path.read_text("utf-8")) for path in given.results]
    given.page.write_text(renewed(given.page.read_text("utf-8"), results), "utf-8")


if __name__ == "__main__":
    main()
