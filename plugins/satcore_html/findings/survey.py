"""The rows that findings rest on, each table read once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from attrs import frozen

from satcore import ComparisonRow, EstimateRow, Measured, Results
from satcore_html.findings.records import CellLabels
from satcore_html.findings.terms import told_term

#: A cell as a key.
Key: TypeAlias = "tuple[tuple[str, str | None], ...]"


def key(cell: CellLabels) -> Key:
    """A cell as a key."""
    return tuple(cell.items())


@frozen(kw_only=True)
class Told:
    """The rows of one metric's told term.

    Attributes:
        measured: The metric.
        term: The term.
        rows: Its estimates.
        comparisons: Its comparisons.
        items: Its items, in order.
        unit: The unit of each item.
        found: The estimates by item and cell.
    """

    measured: Measured
    term: str
    rows: Sequence[EstimateRow]
    comparisons: Sequence[ComparisonRow]
    items: tuple[str, ...]
    unit: Mapping[str, str]
    found: Mapping[tuple[str, Key], EstimateRow]


def told(results: Results) -> list[Told]:
    """The rows of each metric, in the study's order."""
    estimates: dict[str, list[EstimateRow]] = {}
    for row in results.rows():
        estimates.setdefault(row["metric"], []).append(row)
    comparisons: dict[str, list[ComparisonRow]] = {}
    for comparison in results.comparison_rows():
        comparisons.setdefault(comparison["metric"], []).append(comparison)
    return [
        _told(one, estimates.get(one.name, []), comparisons.get(one.name, []))
        for one in results.metrics
    ]


def _told(
    measured: Measured, rows: Sequence[EstimateRow], comparisons: Sequence[ComparisonRow]
) -> Told:
    terms = dict.fromkeys(row["term"] for row in rows)
    term = told_term(measured, terms, (row["term"] for row in comparisons))
    mine = [row for row in rows if row["term"] == term]
    unit: dict[str, str] = {}
    for row in mine:
        unit.setdefault(row["item"], row["unit"])
    return Told(
        measured=measured,
        term=term,
        rows=mine,
        comparisons=[row for row in comparisons if row["term"] == term],
        items=tuple(unit),
        unit=unit,
        found={(row["item"], key(row["cell"])): row for row in mine},
    )
