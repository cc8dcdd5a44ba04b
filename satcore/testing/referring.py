"""What a metric finds, held against the numbers of an independent tool."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from satcore.errors import near
from satcore.testing.checks import LawError
from satcore.testing.subjects import Subject
from satcore.testing.telling import cell_name, number

#: How far a number may lie from its reference, as a share of it.
CLOSE = 1e-9

#: Values by term, or by item and term, with or without a tolerance of their own; or rows.
Reference: TypeAlias = "Mapping[Any, Any] | Sequence[Mapping[str, Any]]"

#: What of a row can be held against a reference.
_NUMBERS = ("value", "std_error", "ci_low", "ci_high", "base", "label")


def rows_of(reference: Reference) -> list[dict[str, Any]]:
    """References as rows.

    Raises:
        ValueError: One that is none.
    """
    if not isinstance(reference, Mapping):
        rows = [dict(row) for row in reference]
        for row in rows:
            if "term" not in row or not any(name in row for name in _NUMBERS):
                raise ValueError(f"reference: a row has a term and a value, not {row}")
        return rows
    return [_row(key, value) for key, value in reference.items()]


def _row(key: Any, value: Any) -> dict[str, Any]:
    item, term = key if isinstance(key, tuple) else (None, key)
    row: dict[str, Any] = {"term": term, "value": value}
    if isinstance(value, tuple | list):
        row["value"], row["tolerance"] = value
    return row if item is None else {**row, "item": item}


def reference(subject: Subject, wanted: Reference) -> None:
    """The given answers, all of them, without weights unless a row says otherwise."""
    rows = rows_of(wanted)
    for weighted in (False, True):
        asked = [row for row in rows if bool(row.get("weighted")) == weighted]
        if not asked:
            continue
        cells = {tuple(row.get("cell") or ()) for row in asked} - {()}
        by = {"*".join(_roles(subject, names)) for names in cells}
        plan = subject.plan(*sorted(by), weighted=weighted)
        found = subject.rows(plan, "everything given", subject.full)
        for row in asked:
            _hold(found, row)


def _roles(subject: Subject, names: Sequence[str]) -> list[str]:
    known = {subject.roles["segment"]: "segment", subject.roles["wave"]: "wave"}
    for name in names:
        if name not in known:
            there = " and ".join(known)
            raise ValueError(f"reference: cells are made of {there}, not of {name!r}")
    return [known[name] for name in names]


def _hold(found: Sequence[Any], row: Mapping[str, Any]) -> None:
    cell = dict(row.get("cell") or {})
    here = [
        one
        for one in found
        if one["term"] == row["term"]
        and one["cell"] == cell
        and row.get("item", one["item"]) == one["item"]
    ]
    where = f"{row['term']}{' of ' + row['item'] if row.get('item') else ''}, {cell_name(cell)}"
    if len(here) != 1:
        names = sorted({one["term"] for one in found})
        raise LawError(
            expected=f"one row of {where}", came=f"{len(here)}{near(row['term'], names)}"
        )
    for name in _NUMBERS:
        if name not in row:
            continue
        came, right = here[0][name], row[name]
        if name == "label" or right is None or came is None:
            agrees = came == right
        else:
            given = row.get("tolerance")
            slack = CLOSE * abs(right) if given is None else given
            agrees = abs(came - right) <= slack
        if not agrees:
            told = right if isinstance(right, str) or right is None else number(right)
            raise LawError(
                expected=f"{where}, {name}: {told}",
                came=str(came) if isinstance(came, str) or came is None else number(came),
            )
