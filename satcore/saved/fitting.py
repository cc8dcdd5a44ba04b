"""Saved states as the bundle of a plan, which may ask for less than they hold, never for more."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from attrs import evolve

from satcore.errors import DataError, Problem
from satcore.periods import Period, period_label, period_start
from satcore.planning import WAVE, GroupingSet, Plan
from satcore.saved.asked import Asked
from satcore.saved.states import Saved, arrays_of, said_sets
from satcore.scanning import Bundle, finished, merge_bundles
from satcore.states import Array, Cells, State
from satcore.statistics import Rows


def bundle_for(plan: Plan, saved: Saved) -> Bundle:
    """The states that a plan needs, rolled up from saved ones and ready to be evaluated.

    Raises:
        DataError: They were counted for something else, or lack what the plan needs; each thing
            is named. Or they hold answers that this study refuses.
    """
    problems = [
        Problem(f"{saved.name} was counted for something else", f"here {said}")
        for said in Asked.of(plan).differences(saved.asked, fewer=True)
    ]
    if problems:
        raise DataError(problems)
    states: dict[GroupingSet, dict[str, State]] = {}
    lacking: dict[str, None] = {}
    for names, keys in plan.counted.items():
        states[names] = {}
        for key in keys:
            found = _found(saved, names, key)
            if found is None or arrays_of(found) != _wanted(plan, found, key):
                lacking |= dict.fromkeys(_told(plan, saved, names, key))
            else:
                states[names][key] = _ordered(found.rolled_up(names), names)
    if lacking:
        raise DataError(Problem(saved.name, message) for message in lacking)
    _hold_rows(saved, states)
    _hold_waves(plan, saved, states)
    bundle = evolve(
        saved.bundle,
        states=states,
        failed={key: why for key, why in saved.bundle.failed.items() if key in plan.statistics},
    )
    return finished(plan, merge_bundles(plan, [bundle]))


def placed_on(plan: Plan, saved: Saved) -> Plan:
    """The plan as it speaks of saved states instead of the answers it was made with."""
    about = evolve(plan.about, data=os.path.basename(os.path.normpath(saved.name)))  # noqa: PTH119
    return evolve(plan, survey=saved.survey, about=about)


def _found(saved: Saved, names: GroupingSet, key: str) -> State | None:
    """The state with fewest cells from which a grouping set follows."""
    there = [
        states[key]
        for scanned, states in saved.bundle.states.items()
        if set(names) <= set(scanned) and key in states
    ]
    return min(there, key=lambda one: (len(one.cells.axes), len(one.cells)), default=None)


def _wanted(plan: Plan, found: State, key: str) -> object:
    fields = plan.statistics[key].fields(weighted=plan.weighted)
    return arrays_of(State(found.cells, fields, {}))


def _told(plan: Plan, saved: Saved, names: GroupingSet, key: str) -> Iterator[str]:
    """What saved states lack, by the metrics that ask for it."""
    there = [scanned for scanned, states in saved.bundle.states.items() if key in states]
    if key == Rows().key or there:
        wide = any(set(names) <= set(scanned) for scanned in there)
        if wide:
            yield f"{key} has other arrays; another version of its plugin counted it"
        else:
            yield (
                f"it was not counted by {said_sets([names])}, but by {said_sets(there)}; ask for "
                "that or less in `by`, or count the answers again"
            )
        return
    asking = [one for one in plan.measures if key in {each.key for each in one.statistics}]
    for one in asking:
        yield (
            f"[metrics.{one.measured.name}] asks for what was not counted: {key}; leave the "
            "metric out, or count the answers again"
        )


def _ordered(state: State, names: GroupingSet) -> State:
    """A state with its axes in another order."""
    if state.cells.names == names:
        return state
    places = [state.cells.names.index(name) for name in names]
    cells = Cells(tuple(state.cells.axes[place] for place in places))
    arrays: dict[str, Array] = {}
    for name, one in state.fields.items():
        array = state.arrays[name].reshape(*state.cells.shape, *one.shape)
        more = range(len(names), array.ndim)
        arrays[name] = array.transpose(*places, *more).reshape(len(cells), *one.shape)
    return State(cells, state.fields, arrays)


def _hold_rows(saved: Saved, states: Mapping[GroupingSet, Mapping[str, State]]) -> None:
    """Hold the rows that were counted against those that came in."""
    kept = saved.bundle.intake.kept
    for names, by_key in states.items():
        rows = by_key.get(Rows().key)
        if rows is not None and int(rows.arrays["n"].sum()) != kept:
            raise DataError.at(
                saved.name,
                f"by {said_sets([names])} {int(rows.arrays['n'].sum())} responses were counted, "
                f"but {kept} came in: no satcore wrote that",
            )


def _hold_waves(
    plan: Plan, saved: Saved, states: Mapping[GroupingSet, Mapping[str, State]]
) -> None:
    """Hold the labels of waves that were made from times against the calendar."""
    wave = plan.dimensions.wave
    if wave is None or wave.period is None:
        return
    for by_key in states.values():
        for axis in next(iter(by_key.values())).cells.axes:
            for label in axis.labels if axis.name == WAVE else ():
                if label is not None and not _is_period(label, wave.period):
                    raise DataError.at(
                        saved.name, f"{label!r} is no {wave.period}: no satcore wrote that"
                    )


def _is_period(label: str, period: Period) -> bool:
    try:
        return period_label(period_start(label, period), period) == label
    except (ValueError, OverflowError):
        return False
