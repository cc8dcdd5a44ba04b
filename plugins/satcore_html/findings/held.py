"""Facts from comparisons: what differs, what changed, and where neither was shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from satcore import ComparisonRow
from satcore_html.comparisons import alpha
from satcore_html.findings.claims import distance, side, tested
from satcore_html.findings.records import Fact, Kind, Question
from satcore_html.findings.survey import Key, Told, key
from satcore_html.findings.terms import of_time

#: What a difference above 0, and one below, is called, by the kind of the comparison.
_CALLED: Final[Mapping[str, tuple[Kind, Kind]]] = {
    "rest": ("high", "low"),
    "pair": ("high", "low"),
    "null": ("high", "low"),
    "previous": ("rose", "fell"),
    "paired": ("item_high", "item_low"),
}


def differences(told: Told, waves: Sequence[str | None], wave: str) -> Iterator[Fact]:
    """What a metric's comparisons show, and where they show nothing.

    Args:
        told: The metric's rows.
        waves: The waves in their order.
        wave: The wave's name in cells; empty without waves.
    """
    families: dict[tuple[str, ...], list[ComparisonRow]] = {}
    for row in told.comparisons:
        if row["kind"] in _CALLED and tested(row) and not _hidden(told, row):
            unit = told.unit.get(row["item"], "")
            target = (row["against"] or {}).get("value") or "" if row["kind"] == "null" else ""
            family = (row["kind"], row["along"], unit, target, *row["cell"])
            families.setdefault(family, []).append(row)
    latest = {wave: len(waves) - place for place, wave in enumerate(waves)}
    for (kind, _, unit, _, *axes), rows in families.items():
        question = _question(told, kind, unit)
        double = _double(told, rows[0]) if kind == "rest" else frozenset()
        for row in rows:
            if side(row) > 0 or (side(row) < 0 and (row["item"], _line(row)) not in double):
                recent = latest.get(row["cell"].get(wave), 0) if kind == "previous" else 0
                yield _claim(told, row, question, (len(axes), recent, -distance(row)))
        yield from _unshown(told, rows, question, tuple(axes))


def _question(told: Told, kind: str, unit: str) -> Question:
    if kind == "previous" or (kind == "null" and of_time(told.measured, unit)):
        return "changed"
    return "stands_out"


def _hidden(told: Told, row: ComparisonRow) -> bool:
    """Whether a side of a comparison is withheld; the core tells none of these."""
    cells = [row["cell"]]
    if row["against"] is not None and row["kind"] in ("previous", "pair"):
        cells.append(row["against"])
    sides = (told.found.get((row["item"], key(cell))) for cell in cells)
    return any(one is not None and one["status"] == "suppressed" for one in sides)


def _line(row: ComparisonRow) -> Key:
    """What is held fixed where a cell is compared along a dimension."""
    return tuple(pair for pair in row["cell"].items() if pair[0] != row["along"])


def _double(told: Told, like: ComparisonRow) -> frozenset[tuple[str, Key]]:
    """The lines of two groups, by item: one is as much higher as the other is lower."""
    labels: dict[tuple[str, Key], set[str | None]] = {}
    for row in told.rows:
        if tuple(row["cell"]) == tuple(like["cell"]) and row["status"] != "empty":
            line = tuple(pair for pair in row["cell"].items() if pair[0] != like["along"])
            labels.setdefault((row["item"], line), set()).add(row["cell"][like["along"]])
    return frozenset(place for place, some in labels.items() if len(some) == 2)


def _claim(told: Told, row: ComparisonRow, question: Question, rank: tuple[float, ...]) -> Fact:
    above, below = _CALLED[row["kind"]]
    estimate = told.found.get((row["item"], key(row["cell"])))
    return Fact(
        kind=above if side(row) > 0 else below,
        question=question,
        metric=row["metric"],
        item=row["item"],
        term=row["term"],
        cell=row["cell"],
        against=row["against"],
        compared=row["kind"],
        along=row["along"],
        axes=tuple(row["cell"]),
        value=estimate["value"] if estimate else None,
        low=estimate["ci_low"] if estimate else None,
        high=estimate["ci_high"] if estimate else None,
        base=estimate["base"] if estimate else None,
        unit=told.unit.get(row["item"], ""),
        difference=row["difference"],
        difference_low=row["ci_low"],
        difference_high=row["ci_high"],
        p_adjusted=row["p_adjusted"],
        confidence=row["confidence"],
        small=row["status"] == "small",
        rank=rank,
    )


def _unshown(
    told: Told, rows: Sequence[ComparisonRow], question: Question, axes: tuple[str, ...]
) -> Iterator[Fact]:
    """Where nothing was shown: over the items without any claim, and in the last wave."""
    items = dict.fromkeys(row["item"] for row in rows)
    claimed = {row["item"] for row in rows if side(row)}
    open_rows = [row for row in rows if row["item"] not in claimed]
    paired = rows[0]["kind"] == "paired"
    if open_rows and not (paired and claimed):
        yield _none(told, open_rows, question, axes, 1 if paired else len(items))
    if rows[0]["kind"] != "previous" or len(axes) > 1 or len(items) > 1:
        return
    last = rows[-1]
    if not side(last) and (claimed or len(rows) > 1):
        yield _none(told, [last], question, axes, 1)


def _none(
    told: Told, rows: Sequence[ComparisonRow], question: Question, axes: tuple[str, ...], of: int
) -> Fact:
    first, single = rows[0], len(rows) == 1
    items = dict.fromkeys(row["item"] for row in rows)
    lows = [row["ci_low"] for row in rows]
    highs = [row["ci_high"] for row in rows]
    known = [(a, b) for a, b in zip(lows, highs, strict=True) if a is not None and b is not None]
    whole = len(known) == len(rows)
    estimate = told.found.get((first["item"], key(first["cell"]))) if single else None
    return Fact(
        kind="none",
        question=question,
        metric=first["metric"],
        item=first["item"] if len(items) == 1 else "",
        term=first["term"],
        cell=first["cell"] if single else {},
        against=first["against"] if single or first["kind"] == "null" else None,
        compared=first["kind"],
        along=first["along"],
        axes=axes,
        value=estimate["value"] if estimate else None,
        low=estimate["ci_low"] if estimate else None,
        high=estimate["ci_high"] if estimate else None,
        unit=told.unit.get(first["item"], ""),
        difference=first["difference"] if single else None,
        difference_low=min(low for low, _ in known) if whole else None,
        difference_high=max(high for _, high in known) if whole else None,
        p_adjusted=min(row["p_adjusted"] or 0.0 for row in rows),
        confidence=first["confidence"],
        small=any(row["status"] == "small" for row in rows),
        count=len(rows),
        items=min(len(items), of),
        of=of,
        together=_together(told, first, tuple(items), axes),
        rank=(len(axes), 0 if single else 1),
    )


def _together(told: Told, row: ComparisonRow, items: Sequence[str], axes: tuple[str, ...]) -> int:
    """Items in which every test over all groups at once finds that they differ."""
    if row["kind"] not in ("rest", "pair") or len(axes) != 1:
        return 0
    tests: dict[str, list[bool]] = {}
    for one in told.comparisons:
        if one["kind"] != "heterogeneity" or one["along"] != row["along"] or one["cell"]:
            continue
        p = one["p_adjusted"]
        shown = p is not None and p < alpha(one["confidence"])
        tests.setdefault(one["item"], []).append(shown)
    return sum(all(tests[item]) for item in items if item in tests)


def families(told: Told) -> int:
    """How many families of tests could have made a claim, each with a chance of its own."""
    found = set()
    for row in told.comparisons:
        if row["kind"] not in (*_CALLED, "heterogeneity") or row["p_adjusted"] is None:
            continue
        within = row["kind"] in ("null", "paired")
        where = key(row["cell"]) if within else (row["item"], *row["cell"])
        found.add((row["kind"], row["along"], where, row["method"] if within else ""))
    return len(found)
