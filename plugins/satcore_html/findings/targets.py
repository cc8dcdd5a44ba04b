"""Facts from service standards: which are met, which are not, and what is left open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from satcore import Results, StandardRow
from satcore_html.findings.records import SHOWN, Fact, Kind

#: The outcomes in the order in which they are told, and what they are called.
_KINDS: Final[Mapping[str, tuple[int, Kind]]] = {
    "not_met": (0, "not_met"),
    "not_shown": (1, "open"),
    "met": (2, "met"),
}


def targets(results: Results) -> Iterator[Fact]:
    """How many cells meet each standard, and each cell whose number may be told."""
    by_standard: dict[str, list[StandardRow]] = {}
    for row in results.standard_rows():
        by_standard.setdefault(row["standard"], []).append(row)
    for rows in by_standard.values():
        if len(rows) > 1:
            yield _counted(rows)
        shown = [row for row in rows if row["value"] is not None and row["status"] in SHOWN]
        yield from (_cell(row, len(rows)) for row in shown)
        if len(rows) == 1 and not shown:
            yield _cell({**rows[0], "value": None, "bound": None, "needed": None}, 1)


def _counted(rows: list[StandardRow]) -> Fact:
    first = rows[0]
    outcomes = [_outcome(row) for row in rows]
    told: dict[str, int] = {name: outcomes.count(name) for name in _KINDS if name in outcomes}
    return Fact(
        kind="standard",
        question="standards",
        metric=first["metric"],
        item=first["item"],
        term=first["term"],
        standard=first["standard"],
        confidence=first["confidence"],
        unit=first["unit"],
        outcomes=told,
        of=len(rows),
        rank=(min(_KINDS[name][0] for name in told), -1, 0),
    )


def _cell(row: StandardRow, of: int) -> Fact:
    """One cell out of those that a standard is asked of."""
    place, kind = _KINDS[_outcome(row)]
    return Fact(
        kind=kind,
        question="standards",
        metric=row["metric"],
        item=row["item"],
        term=row["term"],
        cell=row["cell"],
        against=row["against"],
        axes=tuple(row["cell"]),
        standard=row["standard"],
        value=row["value"],
        unit=row["unit"],
        bound=row["bound"],
        target=row["target"],
        outcomes={row["rule"]: 1},
        needed=row["needed"],
        of=of,
        confidence=row["confidence"],
        base=row["base"],
        small=row["status"] == "small",
        rank=(place, 0, -_distance(row)),
    )


def _outcome(row: StandardRow) -> str:
    """What became of a cell; an outcome without its bound would be a claim without an interval."""
    if row["bound"] is None or row["status"] not in SHOWN:
        return "not_shown"
    return row["outcome"]


def _distance(row: StandardRow) -> float:
    """How far the value lies from the target, in lengths from the value to its bound."""
    value, bound, target = row["value"], row["bound"], row["target"]
    if value is None or bound is None or value == bound:
        return 0.0
    wanted = target if isinstance(target, list) else [target]
    return min(abs(value - one) for one in wanted) / abs(value - bound)
