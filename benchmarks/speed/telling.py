"""What came out, as tables in Markdown: on the terminal and on the documentation's page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

MEASURES = {"wall": "wall", "cpu": "CPU", "peak": "peak memory", "rows_per_second": "rows/s"}


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose columns are as wide as what they hold; figures stand to the right."""
    listed = [tuple(heads), *(tuple(row) for row in rows)]
    widths = [max(len(row[place]) for row in listed) for place in range(len(heads))]
    aligned = [
        [
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        for row in listed
    ]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(f"| {' | '.join(row)} |" for row in (aligned[0], rule, *aligned[1:]))


def contest(found: Mapping[str, Any]) -> str:
    """Who took how long, and how many times as long as satcore."""
    medians, ratios = found["medians"], found["ratios"]
    measures = [name for name in MEASURES if any(name in one for one in medians.values())]
    heads = [""]
    for name in measures:
        heads += [MEASURES[name], f"× {found['ours']}"]
    rows = [[_who(who, found), *_cells(measures, medians[who], ratios[who])] for who in medians]
    return table(heads, rows)


def _who(name: str, found: Mapping[str, Any]) -> str:
    """A contestant; one that is too slow for every round says so."""
    return name if len(found["samples"][name]) == found["rounds"] else f"{name} (asked once)"


def _cells(
    measures: Sequence[str], median: Mapping[str, float], ratio: Mapping[str, float | None]
) -> Iterator[str]:
    for name in measures:
        yield amount(name, median[name]) if name in median else ""
        yield times(ratio.get(name))


def amount(measure: str, value: float) -> str:
    """Seconds, MiB or rows a second for people."""
    if measure == "peak":
        return f"{value:,.0f} MiB"
    if measure == "rows_per_second":
        return f"{value / 1e6:,.1f} million"
    return f"{value:.2f} s" if value >= 1 else f"{1000 * value:.1f} ms"


def times(ratio: float | None) -> str:
    """A ratio for people."""
    if ratio is None:
        return "–"
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:,.0f}"


def goals(found: Mapping[str, Any]) -> Iterator[str]:
    """What should have come out, and whether it did."""
    for goal in found["goals"]:
        said = "reached" if goal["reached"] else "missed"
        yield f"{MEASURES[goal['measure']]}: {goal['goal']}; {times(goal['ratio'])}, {said}"


def machine(told: Mapping[str, Any]) -> str:
    """The machine in one line, the versions in another."""
    versions = ", ".join(f"{name} {version}" for name, version in told["versions"].items())
    return (
        f"{told['processor']}; {told['cores']} cores, {told['memory_gib']} GiB, {told['system']}; "
        f"load {told['load_before']} before the run\n{versions}"
    )
