"""The highest and the lowest item: what these answers hold, with how far others reach."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from satcore import EstimateRow
from satcore_html.findings.records import SHOWN, Fact, Kind
from satcore_html.findings.survey import Told
from satcore_html.findings.terms import of_time

#: Fewer items are read at a glance.
LEAST: Final = 3


def extremes(told: Told) -> Iterator[Fact]:
    """The items with the greatest and the least number over all answers.

    That is said of these answers. Whether the order holds beyond them is told by the number of
    other items whose intervals reach as far.
    """
    rows = [
        row
        for row in told.rows
        if not row["cell"]
        and row["status"] in SHOWN
        and None not in (row["value"], row["ci_low"], row["ci_high"])
    ]
    units = {row["unit"] for row in rows}
    if len(rows) < LEAST or len(units) != 1 or of_time(told.measured, *units):
        return
    if len({row["value"] for row in rows}) == 1:
        return
    for kind, sign in (("highest", 1), ("lowest", -1)):
        best = max(rows, key=lambda row: sign * (row["value"] or 0.0))
        reaching = sum(_reaches(row, best, sign) for row in rows if row is not best)
        yield _extreme("highest" if kind == "highest" else "lowest", best, reaching, len(rows))


def _reaches(row: EstimateRow, best: EstimateRow, sign: int) -> bool:
    """Whether a row's interval holds values as extreme as some in the best one's."""
    if sign > 0:
        return (row["ci_high"] or 0.0) >= (best["ci_low"] or 0.0)
    return (row["ci_low"] or 0.0) <= (best["ci_high"] or 0.0)


def _extreme(kind: Kind, row: EstimateRow, reaching: int, of: int) -> Fact:
    return Fact(
        kind=kind,
        question="stands_out",
        metric=row["metric"],
        item=row["item"],
        term=row["term"],
        value=row["value"],
        low=row["ci_low"],
        high=row["ci_high"],
        unit=row["unit"],
        confidence=row["confidence"],
        base=row["base"],
        small=row["status"] == "small",
        count=reaching,
        of=of,
        rank=(0 if kind == "highest" else 1,),
    )
