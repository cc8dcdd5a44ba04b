"""What changed between two waves of results, and what became of the standards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

from attrs import asdict, fields, frozen

from satcore.frames import FrameColumn, cell_columns, kind_of
from satcore.planning import WAVE
from satcore.results import (
    CellLabels,
    ComparisonRow,
    EstimateRow,
    Outcome,
    Results,
    StandardRow,
)

#: What the interval of a difference says: all of it above 0, all of it below, or neither.
Direction: TypeAlias = Literal["rose", "fell", "not shown", ""]

#: From the outcome before and the outcome after to a word.
_SHIFTS: Final[Mapping[tuple[Outcome, Outcome], str]] = {
    ("met", "met"): "still met",
    ("not_met", "met"): "newly met",
    ("not_shown", "met"): "newly met",
    ("met", "not_met"): "no longer met",
    ("met", "not_shown"): "no longer shown to be met",
    ("not_met", "not_met"): "still not met",
    ("not_shown", "not_met"): "now shown not to be met",
    ("not_met", "not_shown"): "no longer shown not to be met",
    ("not_shown", "not_shown"): "still not shown",
}

_Key: TypeAlias = "tuple[str, str, str, tuple[tuple[str, str | None], ...]]"


@frozen(kw_only=True)
class Change:
    """One number on both sides.

    Attributes:
        metric: The metric's name in the study.
        item: The item; empty where it has only one.
        term: The term.
        cell: The segment values; empty for all answers of a side.
        unit: The unit of the values.
        before: The value before; None where there is none.
        after: The value after.
        base_before: Answers behind the first; None where withheld.
        base_after: Answers behind the second.
        difference: After less before.
        ci_low: Its lower bound at the run's confidence.
        ci_high: Its upper bound.
        p: Of no difference.
        p_adjusted: The same after Holm's adjustment, over the cells of one grouping set.
        direction: ``"rose"`` or ``"fell"`` where the adjusted p and the interval say so; ``"not
            shown"`` where they do not; empty where there is nothing to tell.
        method: How the difference was tested.
        status: The worse status of the two sides.
        message: What to know about it.
    """

    metric: str
    item: str
    term: str
    cell: CellLabels
    unit: str
    before: float | None
    after: float | None
    base_before: int | None
    base_after: int | None
    difference: float | None
    ci_low: float | None
    ci_high: float | None
    p: float | None
    p_adjusted: float | None
    direction: Direction
    method: str
    status: str
    message: str

    def to_dict(self) -> dict[str, Any]:
        """It as plain data."""
        return asdict(self)


@frozen(kw_only=True)
class Shift:
    """What became of a standard in one cell.

    Attributes:
        standard: The standard's name.
        cell: The segment values; empty for all answers of a side.
        unit: The unit of the values.
        before: The outcome before; None where the standard asks how the sides differ.
        after: The outcome after; there, that of the difference.
        value_before: The value before; None likewise.
        value_after: The value after; there, the difference.
        shift: The two outcomes in words: ``"newly met"``, ``"still not shown"``.
    """

    standard: str
    cell: CellLabels
    unit: str
    before: Outcome | None
    after: Outcome
    value_before: float | None
    value_after: float | None
    shift: str

    def to_dict(self) -> dict[str, Any]:
        """It as plain data."""
        return asdict(self)


def changes_of(results: Results, before: str, after: str) -> tuple[Change, ...]:
    """Every number that both waves have, in the order of the estimates.

    Args:
        results: Results with the two waves.
        before: The label of the first.
        after: The label of the second.
    """
    estimates = results.rows()
    alpha = 1 - results.about.confidence
    earlier = {_key(row): row for row in estimates if row["cell"].get(WAVE) == before}
    compared = {
        _key(row): row
        for row in results.comparison_rows()
        if row["kind"] == "previous"
        and row["along"] == WAVE
        and row["cell"].get(WAVE) == after
        and (row["against"] or {}).get(WAVE) == before
    }
    return tuple(
        _change(earlier[_key(row)], row, compared.get(_key(row)), alpha)
        for row in estimates
        if row["cell"].get(WAVE) == after and _key(row) in earlier
    )


def change_columns(changes: Sequence[Change], segments: Sequence[str]) -> list[FrameColumn]:
    """The columns of a tidy frame of changes; cells as in ``frame_columns``.

    Args:
        changes: What changed between two waves.
        segments: The segment columns.
    """
    columns: list[FrameColumn] = []
    for field in fields(Change):
        values = [getattr(one, field.name) for one in changes]
        if field.name == "cell":
            columns += cell_columns(field.name, values, segments)
        else:
            columns.append(FrameColumn(field.name, kind_of(str(field.type)), values))
    return columns


def _key(row: EstimateRow | ComparisonRow) -> _Key:
    return row["metric"], row["item"], row["term"], tuple(_bare(row["cell"]).items())


def _bare(cell: CellLabels) -> CellLabels:
    return {axis: label for axis, label in cell.items() if axis != WAVE}


def _change(
    before: EstimateRow, after: EstimateRow, compared: ComparisonRow | None, alpha: float
) -> Change:
    difference = low = high = p = adjusted = None
    method, message, status = "", after["message"], after["status"]
    if compared is not None:
        difference, p, adjusted = compared["difference"], compared["p"], compared["p_adjusted"]
        low, high = compared["ci_low"], compared["ci_high"]
        method, message, status = compared["method"], compared["message"], compared["status"]
    elif before["status"] != "ok":
        message, status = before["message"], before["status"]
    return Change(
        metric=after["metric"],
        item=after["item"],
        term=after["term"],
        cell=_bare(after["cell"]),
        unit=after["unit"],
        before=before["value"],
        after=after["value"],
        base_before=before["base"],
        base_after=after["base"],
        difference=difference,
        ci_low=low,
        ci_high=high,
        p=p,
        p_adjusted=adjusted,
        direction=_direction(adjusted, low, high, alpha),
        method=method,
        status=status,
        message=message,
    )


def _direction(
    p_adjusted: float | None, low: float | None, high: float | None, alpha: float
) -> Direction:
    """What may be said of a difference: no more than its p and its interval both say."""
    if p_adjusted is None:
        return ""
    if p_adjusted >= alpha or low is None or high is None:
        return "not shown"
    if low > 0:
        return "rose"
    return "fell" if high < 0 else "not shown"


def shifts_of(results: Results, before: str, after: str) -> tuple[Shift, ...]:
    """What became of every standard that both waves were held to.

    Args:
        results: Results with the two waves.
        before: The label of the first.
        after: The label of the second.
    """
    rows = results.standard_rows()
    earlier = {
        _held(row): row
        for row in rows
        if row["cell"].get(WAVE) == before and row["rule"] != "no_worse_than"
    }
    return tuple(
        _shift(earlier.get(_held(row)), row) for row in rows if row["cell"].get(WAVE) == after
    )


def _shift(before: StandardRow | None, after: StandardRow) -> Shift:
    return Shift(
        standard=after["standard"],
        cell=_bare(after["cell"]),
        unit=after["unit"],
        before=before["outcome"] if before else None,
        after=after["outcome"],
        value_before=before["value"] if before else None,
        value_after=after["value"],
        shift=_SHIFTS[before["outcome"], after["outcome"]]
        if before
        else after["outcome"].replace("_", " "),
    )


def _held(row: StandardRow) -> tuple[str, tuple[tuple[str, str | None], ...]]:
    return row["standard"], tuple(_bare(row["cell"]).items())
