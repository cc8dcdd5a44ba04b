"""Cells held against each other, the same way for every metric.

Three questions are asked of each estimate: does a segment differ from the rest, does a wave
differ from the one before, do segments differ at all; all pairs on request. Tests about one
metric, term, item, grouping set, dimension and kind are one family, adjusted by Holm.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from satcore.covering import Cover
from satcore.estimates import Estimate, statuses
from satcore.inference import (
    Comparison,
    FloatArray,
    Heterogeneity,
    IndependentCells,
    IntArray,
    holm,
)
from satcore.lineup import Evaluated, Lineup, Section
from satcore.planning import WAVE, Measure, Plan
from satcore.results import CellLabels
from satcore.states import Array

#: The kinds of comparisons that may be asked for.
KINDS: Final = ("rest", "previous", "heterogeneity", "pairs")

#: Those that are made unless the study says otherwise.
DEFAULT_KINDS: Final = ("rest", "previous", "heterogeneity")

#: The method of a comparison that a metric's own test could not make.
FAILED: Final = "failed"

#: The worse of two statuses is the status of their comparison; from best to worst.
_ORDER: Final = ("ok", "small", "undefined", "empty", "suppressed", "error")


@frozen(kw_only=True, eq=False)
class _Pairs:
    """Pairs of cells that make one family: numbers on the lineup's cell axis."""

    kind: str
    along: str
    first: IntArray
    second: IntArray


def compare(
    plan: Plan,
    measure: Measure,
    lineup: Lineup,
    evaluated: Evaluated,
    labels: Sequence[CellLabels],
    cover: Cover,
) -> Iterator[dict[str, Any]]:
    """Parts of the table of comparisons, one a family. What a metric's own test raises is told."""
    if not plan.comparisons:
        return
    place = np.full(lineup.size, -1, dtype=np.int64)
    place[evaluated.good] = np.arange(evaluated.good.size)
    for estimate in (one.estimate for one in evaluated.estimates):
        held = estimate.compared and estimate.label is None
        if not held or not (estimate.comparison or np.isfinite(estimate.std_error).any()):
            continue
        comparison = estimate.comparison or IndependentCells(
            value=estimate.value, std_error=estimate.std_error, interval=estimate.interval
        )
        hidden = cover.withheld(lineup, evaluated.good, estimate.answers)
        status = _statuses(plan, estimate, place, hidden)
        same = {"metric": measure.measured.name, "item": estimate.item, "term": estimate.term}
        for section in lineup.sections:
            for pairs in _families(plan, section):
                yield _pair_part(plan, same, comparison, pairs, place, status, labels)
            if "heterogeneity" in plan.comparisons:
                yield from _heterogeneity(plan, same, comparison, section, place, status, labels)


def _families(plan: Plan, section: Section) -> Iterator[_Pairs]:
    """The families of pairs within a grouping set."""
    cells = section.start + np.arange(len(section.cells), dtype=np.int64)
    grid = cells.reshape(section.cells.shape)
    for number, axis in enumerate(section.cells.axes):
        lines = np.moveaxis(grid, number, 0)
        if axis.name in section.rests:
            rest = section.rests[axis.name] + np.arange(cells.size, dtype=np.int64)
            yield _Pairs(kind="rest", along=axis.name, first=cells, second=rest)
        if axis.name == WAVE and "previous" in plan.comparisons:
            # An absent wave has no place in time.
            dated = len(axis.labels) - (axis.labels[-1:] == (None,))
            later, earlier = lines[1:dated].ravel(), lines[: max(dated - 1, 0)].ravel()
            yield _Pairs(kind="previous", along=WAVE, first=later, second=earlier)
        if "pairs" in plan.comparisons and len(axis.labels) > 1:
            two = np.array(list(combinations(range(len(axis.labels)), 2)))
            yield _Pairs(
                kind="pair",
                along=axis.name,
                first=lines[two[:, 0]].ravel(),
                second=lines[two[:, 1]].ravel(),
            )


def _statuses(
    plan: Plan, estimate: Estimate, place: IntArray, hidden: NDArray[np.bool_]
) -> IntArray:
    """The status of every cell of the lineup, rests too, as its place in the order."""
    names = statuses(estimate, plan.about.min_base, hidden[place >= 0])
    ranks = np.array([_ORDER.index(name) for name in names.tolist()], dtype=np.int64)
    everything = np.full(place.size, _ORDER.index("error"), dtype=np.int64)
    everything[place >= 0] = ranks[place[place >= 0]]
    return everything


def _pair_part(
    plan: Plan,
    same: Mapping[str, str],
    comparison: Comparison,
    pairs: _Pairs,
    place: IntArray,
    status: IntArray,
    labels: Sequence[CellLabels],
) -> dict[str, Any]:
    size = pairs.first.size
    worse = np.maximum(status[pairs.first], status[pairs.second])
    usable = worse <= _ORDER.index("small")
    columns: dict[str, FloatArray] = {
        name: np.full(size, np.nan)
        for name in ("difference", "std_error", "ci_low", "ci_high", "statistic", "p")
    }
    method, failure = "", ""
    if usable.any():
        try:
            with np.errstate(all="ignore"):
                found = comparison.differences(
                    place[pairs.first[usable]], place[pairs.second[usable]], plan.about.confidence
                )
            method = found.method
            for name, values in (
                ("difference", found.value),
                ("std_error", found.std_error),
                ("ci_low", found.low),
                ("ci_high", found.high),
                ("statistic", found.statistic),
                ("p", found.p),
            ):
                columns[name][usable] = values
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a metric's own test may raise anything
            method, failure = FAILED, _told(error)
            columns = {name: np.full(size, np.nan) for name in columns}
            worse = np.where(usable, _ORDER.index("error"), worse)
    undefined = usable & ~np.isfinite(columns["p"])
    worse = np.where(undefined, np.maximum(worse, _ORDER.index("undefined")), worse)
    names = [_ORDER[rank] for rank in worse.tolist()]
    messages = {name: _message(plan, name, pairs.kind) for name in set(names)}
    against: list[CellLabels | None] = (
        [None] * size if pairs.kind == "rest" else [labels[cell] for cell in pairs.second.tolist()]
    )
    return {
        **{name: [text] * size for name, text in same.items()},
        "kind": [pairs.kind] * size,
        "along": [pairs.along] * size,
        "cell": [labels[cell] for cell in pairs.first.tolist()],
        "against": against,
        **columns,
        "df": [None] * size,
        "p_adjusted": holm(columns["p"]),
        "confidence": [plan.about.confidence] * size,
        "method": [method] * size,
        "status": names,
        "message": [
            failure if failure and here else messages[name]
            for name, here in zip(names, usable.tolist(), strict=True)
        ],
    }


def _message(plan: Plan, status: str, kind: str) -> str:
    said = {
        "small": f"fewer than {plan.about.min_base} answers on one side",
        "undefined": "no test follows from these answers",
        "empty": "nobody answered on one side",
        "suppressed": "withheld, as one of its sides is",
        "error": "the metric failed on one side",
    }.get(status, "")
    if kind == "previous" and status in ("ok", "small"):
        return "; ".join(part for part in (said, "assumes different respondents") if part)
    return said


def _heterogeneity(
    plan: Plan,
    same: Mapping[str, str],
    comparison: Comparison,
    section: Section,
    place: IntArray,
    status: IntArray,
    labels: Sequence[CellLabels],
) -> Iterator[dict[str, Any]]:
    """Whether the segments of a column differ at all, the other dimensions held fixed."""
    cells = section.start + np.arange(len(section.cells), dtype=np.int64)
    grid = cells.reshape(section.cells.shape)
    for number, axis in enumerate(section.cells.axes):
        if axis.name not in plan.dimensions.segments or len(axis.labels) < 2:
            continue
        lines = np.moveaxis(grid, number, -1).reshape(-1, len(axis.labels))
        rows: list[dict[str, Any]] = []
        for line in lines:
            usable = line[status[line] <= _ORDER.index("small")]
            fixed = {name: value for name, value in labels[line[0]].items() if name != axis.name}
            withheld = int(np.sum(status[line] == _ORDER.index("suppressed")))
            for test in _tests(comparison, place[usable]):
                notes = [test.message, f"{withheld} withheld cells left out" if withheld else ""]
                rows.append(
                    {
                        "cell": fixed,
                        "statistic": test.statistic,
                        "df": test.df,
                        "p": test.p,
                        "method": test.method,
                        "message": "; ".join(note for note in notes if note),
                    }
                )
        for method in dict.fromkeys(row["method"] for row in rows):
            yield _heterogeneity_part(
                plan, same, axis.name, [row for row in rows if row["method"] == method]
            )


def _tests(comparison: Comparison, cells: IntArray) -> tuple[Heterogeneity, ...]:
    """The tests of several cells; one without numbers that says why where they raise."""
    if cells.size < 2:
        return ()
    try:
        with np.errstate(all="ignore"):
            return tuple(comparison.heterogeneity(cells))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a metric's own test may raise anything
        return (
            Heterogeneity(statistic=np.nan, df=0, p=np.nan, method=FAILED, message=_told(error)),
        )


def _told(error: BaseException) -> str:
    return f"the metric's own comparison failed: {type(error).__name__}: {error}"


def _heterogeneity_part(
    plan: Plan, same: Mapping[str, str], along: str, rows: list[dict[str, Any]]
) -> dict[str, Any]:
    size = len(rows)
    nothing: Array = np.full(size, np.nan)
    p = np.array([row["p"] for row in rows])
    return {
        **{name: [text] * size for name, text in same.items()},
        "kind": ["heterogeneity"] * size,
        "along": [along] * size,
        "cell": [row["cell"] for row in rows],
        "against": [None] * size,
        "difference": nothing,
        "std_error": nothing,
        "ci_low": nothing,
        "ci_high": nothing,
        "statistic": np.array([row["statistic"] for row in rows]),
        "df": [row["df"] for row in rows],
        "p": p,
        "p_adjusted": holm(p),
        "confidence": [plan.about.confidence] * size,
        "method": [row["method"] for row in rows],
        "status": [_status_of(row) for row in rows],
        "message": [row["message"] for row in rows],
    }


def _status_of(row: Mapping[str, Any]) -> str:
    if row["method"] == FAILED:
        return "error"
    return "ok" if np.isfinite(row["p"]) else "undefined"
