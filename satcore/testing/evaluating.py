"""The laws of evaluating: pure, cell by cell, and never a bare NaN."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from satcore.lineup import Bounded, Evaluated, Lineup
from satcore.measuring import UnsuppliedError, evaluate_metric, mapped, supplied
from satcore.planning import Plan
from satcore.results import EstimateRow
from satcore.scanning import Bundle, finished
from satcore.testing import counting
from satcore.testing.checks import LawError
from satcore.testing.declaring import fields_of
from satcore.testing.searching import Case, search
from satcore.testing.subjects import Subject, count
from satcore.testing.telling import cell_name, number

if TYPE_CHECKING:
    import polars as pl

#: How far a number may lie from the same number evaluated among other cells.
NEAR = 1e-9

#: From how many answers on a metric that gives errors has to give one.
MANY = 30

#: Arrays that do not come from roots and differences.
_EXACT = ("value", "base", "weighted_base")

_ARRAYS = ("value", "std_error", "base", "weighted_base", "effective_base")


def sets(subject: Subject) -> tuple[str, ...]:
    """The grouping sets that the metric can be reported for."""
    return ("segment",) if subject.along_waves else ("segment", "wave", "segment*wave")


def arrays_of(bounded: Bounded) -> dict[str, Any]:
    """Every array of an estimate, by name."""
    estimate = bounded.estimate
    arrays = {name: getattr(estimate, name) for name in _ARRAYS}
    return {**arrays, "ci_low": bounded.low, "ci_high": bounded.high}


def term_name(bounded: Bounded) -> str:
    """An estimate for messages."""
    estimate = bounded.estimate
    return f"{estimate.term} of {estimate.item}" if estimate.item else estimate.term


def hold_same(
    found: Evaluated,
    wanted: Evaluated,
    *,
    what: tuple[str, str],
    labels: Sequence[Mapping[str, Any]],
    example: str,
    near: float = 0.0,
    near_errors: float = 0.0,
    only: Sequence[str] = (*_ARRAYS, "ci_low", "ci_high"),
) -> None:
    """Hold the estimates of two evaluations of the same cells to be equal.

    Args:
        found: What came.
        wanted: What should have come.
        what: How either was made.
        labels: The cells' labels.
        example: The answers.
        near: How far numbers may lie apart, as a share of the largest, or of 1.
        near_errors: Likewise for errors and bounds.
        only: The arrays that are compared.

    Raises:
        LawError: They differ.
    """
    ours, theirs = ({b.estimate.key: b for b in each.estimates} for each in (found, wanted))
    if list(ours) != list(theirs) or found.failed.keys() != wanted.failed.keys():
        came = next(iter(found.failed.values()), f"terms {list(ours)}")
        right = next(iter(wanted.failed.values()), f"terms {list(theirs)}")
        raise LawError(expected=f"{what[1]}: {right}", came=f"{what[0]}: {came}", example=example)
    names = [labels[cell] for cell in wanted.good.tolist()]
    for key, bounded in theirs.items():
        _hold_same_labels(ours[key], bounded, what, names, example)
        for name in only:
            came_all, right_all = arrays_of(ours[key])[name], arrays_of(bounded)[name]
            if name == "value":  # no number is no number, whatever it is written as
                came_all = np.where(np.isfinite(came_all), came_all, np.nan)
                right_all = np.where(np.isfinite(right_all), right_all, np.nan)
            share = near if name in _EXACT else near_errors
            place = apart(came_all, right_all, share * _largest(bounded.estimate.value, right_all))
            if place is not None:
                wished, said = number(right_all[place]), number(came_all[place])
                _differ(bounded, name, what, names[place], wished, said, example)


def _hold_same_labels(
    found: Bounded,
    wanted: Bounded,
    what: tuple[str, str],
    names: Sequence[Mapping[str, Any]],
    example: str,
) -> None:
    came, right = found.estimate.label, wanted.estimate.label
    if (came is None) != (right is None):
        _differ(wanted, "label", what, names[0], right, came, example)
    for place, (one, other) in enumerate(zip(came or (), right or (), strict=True)):
        if one != other:
            _differ(wanted, "label", what, names[place], other, one, example)


def apart(came: Any, wanted: Any, slack: float) -> int | None:
    """The first place at which numbers differ by more than a little; None where there is none."""
    with np.errstate(invalid="ignore"):
        same = (came == wanted) | (np.abs(came - wanted) <= slack)
    same |= np.isnan(came) & np.isnan(wanted)
    return None if same.all() else int(np.flatnonzero(~same)[0])


def _largest(*arrays: Any) -> float:
    """The greatest magnitude of some numbers; at least 1."""
    return max(float(np.abs(one[np.isfinite(one)]).max(initial=1.0)) for one in arrays)


def _differ(
    bounded: Bounded,
    name: str,
    what: tuple[str, str],
    cell: Mapping[str, Any],
    wished: object,
    came: object,
    example: str,
) -> None:
    where = f"{term_name(bounded)}, {name}, {cell_name(cell)}"
    raise LawError(
        expected=f"{what[1]}: {where}: {wished}", came=f"{what[0]}: {came}", example=example
    )


# --------------------------------------------------------------------------- supplied by hand


def _supplied(plan: Plan, bundle: Bundle, subject: Subject, lineup: Lineup) -> dict[str, Any]:
    """What ``evaluate`` is given, as functions of the numbers of cells."""
    try:
        return {
            name: mapped(declared, lambda leaf: supplied(plan, bundle, leaf, lineup))
            for name, declared in subject.planned(plan).declared.items()
        }
    except UnsuppliedError as error:
        raise LawError(expected="everything counted and evaluated", came=str(error)) from None


def _on(supply: Callable[[Any], Any], cells: Any) -> Any:
    return supply(cells)


def _alone(supply: Callable[[Any], Any], cell: int) -> Callable[[Any], Any]:
    return lambda cells: supply(cells + cell)


def _each_alone(
    subject: Subject, plan: Plan, frame: pl.DataFrame, picked: Callable[[Lineup], list[int]]
) -> None:
    """Hold some cells, evaluated each alone, against the same among all."""
    bundle = finished(plan, count(plan, [frame]))
    measure = subject.planned(plan)
    lineup = Lineup.of(plan, bundle, measure.by)
    given = _supplied(plan, bundle, subject, lineup)
    together = subject.picked(evaluate_metric(plan, measure, given, lineup.size))
    labels = lineup.labels()
    example = subject.shown(plan, frame)
    for cell in picked(lineup):
        by_itself = {name: mapped(tree, partial(_alone, cell=cell)) for name, tree in given.items()}
        alone = subject.picked(evaluate_metric(plan, measure, by_itself, 1))
        hold_same(
            _cell_of(together, cell),
            alone,
            what=("among the others", "alone"),
            labels=[labels[cell]],
            example=example,
            near=NEAR,
            near_errors=1e-6,
        )


def _cell_of(evaluated: Evaluated, cell: int) -> Evaluated:
    """One cell of an evaluation."""
    if cell in evaluated.failed:
        return Evaluated.none(1, evaluated.failed[cell])
    places = np.flatnonzero(evaluated.good == cell)
    estimates = []
    for bounded in evaluated.estimates:
        # Messages tell of the cell; they may also count the cells beside it.
        estimate = bounded.estimate.picked(places)
        low, high = bounded.low[places], bounded.high[places]
        estimates.append(Bounded(estimate=estimate, low=low, high=high))
    return Evaluated(good=np.array([0]), estimates=tuple(estimates))


def cells_alone(subject: Subject) -> None:
    """Few answers in few cells, then many in many."""
    for plan in subject.plans("segment", fixed=True):

        def hold(case: Case, plan: Plan = plan) -> None:
            frame = subject.frame[list(case.rows)]
            _each_alone(subject, plan, frame, lambda lineup: list(range(lineup.size)))

        search(hold, population=subject.frame.height, examples=subject.examples(plan) // 3)
    for plan in subject.plans(*sets(subject)):
        _each_alone(subject, plan, subject.frame, _some_cells)


def _some_cells(lineup: Lineup) -> list[int]:
    """The first cell of every grouping set, and the last of all."""
    return sorted({*(one.start for one in lineup.sections), lineup.size - 1})


# --------------------------------------------------------------------------- pure


def evaluated_twice(subject: Subject) -> None:
    """The same bytes again, also after other answers were evaluated."""
    for plan in subject.plans(*sets(subject)):
        lineup, first = subject.usual(plan)
        subject.evaluated(plan, count(plan, [subject.frame.head(40)]))
        _, second = subject.evaluated(plan, subject.counted(plan))
        hold_same(
            second,
            first,
            what=("the second time", "the first time"),
            labels=lineup.labels(),
            example="",
        )


def arrays_within(thing: object, depth: int = 0) -> Iterator[Any]:
    """Every array that something holds."""
    if isinstance(thing, np.ndarray):
        yield thing
    elif isinstance(thing, Mapping) and depth < 6:
        for one in thing.values():
            yield from arrays_within(one, depth + 1)
    elif isinstance(thing, tuple | list) and depth < 6:
        for one in thing:
            yield from arrays_within(one, depth + 1)
    elif attrs.has(type(thing)) and depth < 6:
        for one in fields_of(type(thing)):
            yield from arrays_within(getattr(thing, one.name, None), depth + 1)


def inputs_untouched(subject: Subject) -> None:
    """The blocks that are counted, and what ``evaluate`` is given."""
    counting.blocks_untouched(subject)
    for plan in subject.plans(*sets(subject)):
        bundle = finished(plan, subject.counted(plan))
        measure = subject.planned(plan)
        lineup = Lineup.of(plan, bundle, measure.by)
        cells = np.arange(lineup.size, dtype=np.int64)
        arguments = {
            name: mapped(tree, partial(_on, cells=cells))
            for name, tree in _supplied(plan, bundle, subject, lineup).items()
        }
        held = [*arrays_within(list(arguments.values()))]
        before = [array.tobytes() for array in held]
        try:
            with np.errstate(all="ignore"):
                list(measure.metric.evaluate(**arguments))
        except ValueError as error:
            if "read-only" in str(error):
                raise LawError(
                    expected="evaluate leaves the arrays that it is given as they are",
                    came=f"it writes to one: {error}",
                ) from None
            raise
        for array, bytes_before in zip(held, before, strict=True):
            if array.tobytes() != bytes_before:
                raise LawError(
                    expected="evaluate leaves the arrays that it is given as they are",
                    came=f"it changed one of the shape {array.shape}",
                )


# --------------------------------------------------------------------------- odd answers


def odd_frames(subject: Subject) -> dict[str, pl.DataFrame]:
    """Few answers, none at all, all alike."""
    import polars as pl

    frame = subject.frame
    answers = [name for name in frame.columns if name not in subject.roles.values()]
    unanswered = frame.head(6).with_columns(
        pl.lit(None, dtype=frame[name].dtype).alias(name) for name in answers
    )
    return {
        "an empty survey": frame.head(0),
        "only missing answers": unanswered,
        "one answer among missing ones": pl.concat([frame.head(1), unanswered.tail(5)]),
        "one row": frame.head(1),
        "two rows": frame.head(2),
        "cells of one row": frame.unique(
            subject.roles["segment"], keep="first", maintain_order=True
        ),
        "rows that are all alike": pl.concat([frame.head(1)] * 40),
    }


def _odd_rows(subject: Subject) -> Iterator[tuple[str, pl.DataFrame, list[EstimateRow], str]]:
    """The rows of few answers, none at all, all alike, without weights and with."""
    for plan in subject.plans("segment", fixed=True):
        for title, frame in odd_frames(subject).items():
            rows = subject.rows(plan, title, frame)
            yield title, frame, rows, subject.shown(plan, frame, title)


def evaluates(subject: Subject) -> None:
    """Plenty of answers, all cells."""
    for plan in subject.plans(*sets(subject)):
        _, evaluated = subject.usual(plan)
        for cell, why in evaluated.failed.items():
            came = f"{len(evaluated.failed)} cells fail; cell {cell}: {why}"
            raise LawError(expected="every cell evaluated", came=came)


def edge_cells(subject: Subject) -> None:
    """Rows that say what is wrong, and no exception, however few the answers."""
    for title, frame, rows, example in _odd_rows(subject):
        if not rows:
            raise LawError(expected=f"{title}: a row for every cell", came="none")
        for row in rows:
            if row["status"] == "error":
                raise LawError(
                    expected=f"{title}: a status for {cell_name(row['cell'])}",
                    came=row["message"],
                    example=example,
                )
            if not frame.height and row["status"] != "empty":
                raise LawError(
                    expected=f"{title}: {row['term']} with a base of 0: status 'empty'",
                    came=f"{row['status']!r}, base {row['base']}, value {row['value']}",
                    example=example,
                )


def terms(subject: Subject) -> None:
    """The same items and terms in the same order, each once, whatever was answered."""
    _, usual = subject.usual(subject.plan(*sets(subject)))
    wanted = [one.estimate.key for one in usual.estimates]
    for title, _, rows, example in _odd_rows(subject):
        found = [(row["item"], row["term"]) for row in rows if not row["cell"]]
        failed = all(row["status"] == "error" for row in rows)
        if wanted and found != wanted and not failed:
            odd = sorted(set(found) ^ set(wanted)) or "their order"
            raise LawError(
                expected=f"{len(wanted)} items and terms, as with plenty of answers",
                came=f"{title}: {len(found)}; the difference is {odd}",
                example=example,
            )


# --------------------------------------------------------------------------- no bare NaN


def nan_status(subject: Subject) -> None:
    """Plenty of answers, few, none: numbers that are shown are numbers."""
    for plan in subject.plans(*sets(subject), fixed=True):
        title = "plenty of answers"
        rows = subject.rows(plan, title, subject.frame)
        _hold_numbers(rows, title, "")
    for title, _, rows, example in _odd_rows(subject):
        _hold_numbers(rows, title, example)


def _hold_numbers(rows: Sequence[Any], title: str, example: str) -> None:
    with_error = {(r["item"], r["term"]) for r in rows if r["std_error"] is not None}
    with_bounds = {(r["item"], r["term"]) for r in rows if r["ci_low"] is not None}
    for row in rows:
        if row["status"] not in ("ok", "small"):
            continue
        key = (row["item"], row["term"])
        wrong = _wrong(row)
        if wrong is None and (row["base"] or 0) >= MANY and _only_the_core_speaks(row["message"]):
            if row["std_error"] is None and key in with_error:
                wrong = f"no standard error, though {row['base']} answers stand behind it"
            elif row["ci_low"] is None and key in with_bounds:
                wrong = f"no interval, though {row['base']} answers stand behind it"
        if wrong:
            where = f"{row['term']} of {row['item']!r}, {cell_name(row['cell'])}"
            raise LawError(
                expected=f"{title}: {where}: numbers, or a status or message that says why not",
                came=f"status {row['status']!r} with {wrong}",
                example=example,
            )


def _wrong(row: Mapping[str, Any]) -> str | None:
    """What is no number in a row that is shown."""
    for name in ("value", "effective_base"):
        if row[name] is None or not np.isfinite(row[name]):
            return f"{name} {row[name]}"
    for name in ("std_error", "weighted_base", "effective_base", "base"):
        if row[name] is not None and not 0 <= row[name] < np.inf:
            return f"{name} {row[name]}"
    low, high = row["ci_low"], row["ci_high"]
    if (low is None) != (high is None):
        return f"bounds {low} and {high}"
    if low is not None and low > high:
        return f"a lower bound {low} above the upper {high}"
    return None


def _only_the_core_speaks(message: str) -> bool:
    return message in (
        "",
        "too few answers for a standard error",
        "too few answers for an interval",
    )
