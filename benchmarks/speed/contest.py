"""Contestants in turn, round after round: their figures held together, their medians taken.

In every round each contestant is asked once, one after the other, so that a machine that grows
busy slows all of them alike. In a round before the first their figures are held against each
other, and what is loaded on first use is loaded; its times count only where there is nothing to
warm up, and where a single round is asked for.
"""

from __future__ import annotations

import gc
import resource
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import field, frozen

from benchmarks.speed.figures import Figures, disagreement


class DisagreementError(Exception):
    """Contestants that told different figures."""


@frozen(kw_only=True)
class Contestant:
    """Somebody who is asked.

    Attributes:
        name: Who.
        ask: Does the work; this is timed.
        tell: The figures in what ``ask`` gave; not timed. None for a floor, which has no figures.
        same: Who has to tell the same figures: all whose ``same`` is equal.
        child: Whether the work is done by processes that it starts, whose CPU time counts.
        fresh: Whether nothing is warmed up by asking once, so that the first time counts.
        also: Further measures in what ``ask`` gave: ``{"peak": MiB}``.
        once: Whether it is so slow that it is timed only while its figures are checked.
    """

    name: str
    ask: Callable[[], Any]
    tell: Callable[[Any], Figures] | None = None
    same: str = ""
    child: bool = False
    fresh: bool = False
    also: Callable[[Any], Mapping[str, float]] | None = None
    once: bool = False


@frozen(kw_only=True)
class Goal:
    """What satcore should reach against somebody: a ratio of medians.

    Attributes:
        against: Whom; the best of them where there are several.
        at_least: How many times as much as ``ours`` they should take.
        at_most: How many times as much as they ``ours`` may take.
        measure: ``wall``, ``cpu`` or ``peak``.
        ours: The contestant whose work it is.
    """

    against: tuple[str, ...]
    at_least: float | None = None
    at_most: float | None = None
    measure: str = "wall"
    ours: str = "satcore"


@frozen(kw_only=True)
class Contest:
    """Contestants who are asked for the same.

    Attributes:
        name: The case's name, with a size where it has several.
        what: What is asked, for people.
        rows: How many responses.
        contestants: Who is asked.
        figures: The names of the figures that are held against each other.
        goals: What should come out.
        ours: The contestant against whom the others are held.
        rough: Relative differences allowed to some figures.
        expected: Figures known beforehand, where a contestant is the only one to tell any.
        most_rounds: Rounds that are enough, where one takes long and varies little.
    """

    name: str
    what: str
    rows: int
    contestants: Sequence[Contestant]
    figures: str
    goals: Sequence[Goal] = ()
    ours: str = "satcore"
    rough: Mapping[str, float] = field(factory=dict)
    expected: Figures | None = None
    most_rounds: int = 1_000


@frozen(kw_only=True)
class Case:
    """A case that can be asked for by its name.

    Attributes:
        name: The name.
        what: What it is about.
        rows: How many responses, unless somebody says otherwise.
        contests: Makes its contests, one after the other, of so many rows, in a folder for files.
        alone: Whether it is run only when it is named.
    """

    name: str
    what: str
    rows: int
    contests: Callable[[int, Path], Iterator[Contest]]
    alone: bool = False


def held(contest: Contest, rounds: int) -> dict[str, Any]:
    """Hold a contest: what every contestant took, the ratios and the goals.

    Raises:
        DisagreementError: Their figures differ; says whose and which.
    """
    rounds = min(rounds, contest.most_rounds)
    # What is loaded by now is not searched for garbage again before each turn.
    gc.collect()
    gc.freeze()
    try:
        taken = _taken(contest, rounds)
    finally:
        gc.unfreeze()
    medians = {
        name: {
            measure: statistics.median(one[measure] for one in samples) for measure in samples[0]
        }
        for name, samples in taken.items()
    }
    ours = medians[contest.ours]
    ratios = {
        name: {measure: _ratio(value, ours[measure]) for measure, value in median.items()}
        for name, median in medians.items()
    }
    return {
        "name": contest.name,
        "what": contest.what,
        "rows": contest.rows,
        "figures": contest.figures,
        "rounds": rounds,
        "ours": contest.ours,
        "samples": taken,
        "medians": medians,
        "ratios": ratios,
        "goals": [_reached(goal, medians) for goal in contest.goals],
    }


def _taken(contest: Contest, rounds: int) -> dict[str, list[dict[str, float]]]:
    """What each took, round after round, once their figures have been checked."""
    taken = _checked(contest)
    repeated = [one for one in contest.contestants if not one.once]
    for one in repeated:
        if rounds > 1 and not one.fresh:
            taken[one.name] = []
    for _ in range(rounds):
        for one in repeated:
            if len(taken[one.name]) < rounds:
                _, measured = _asked(one)
                taken[one.name].append(measured)
    return taken


def _ratio(value: float, ours: float) -> float | None:
    """A ratio; None where the clock was too coarse for one."""
    return value / ours if ours else None


def _reached(goal: Goal, medians: Mapping[str, Mapping[str, float]]) -> dict[str, Any]:
    """What a goal speaks of as ratios, in every measure, and whether it is reached."""
    best = min(goal.against, key=lambda name: medians[name][goal.measure])
    over, under = (best, goal.ours) if goal.at_least is not None else (goal.ours, best)
    ratios = {
        measure: _ratio(value, medians[under][measure]) for measure, value in medians[over].items()
    }
    ratio = ratios[goal.measure]
    if goal.at_least is not None:
        reached, bound = ratio is not None and ratio >= goal.at_least, f"≥ {goal.at_least:g}"
    else:
        assert goal.at_most is not None
        reached, bound = ratio is not None and ratio <= goal.at_most, f"≤ {goal.at_most:g}"
    return {
        "goal": f"{over} takes {bound} × {under}",
        "measure": goal.measure,
        "ratio": ratio,
        "ratios": ratios,
        "reached": reached,
    }


def _checked(contest: Contest) -> dict[str, list[dict[str, float]]]:
    """What each took in the round before the first, once all tell the same figures."""
    first: dict[str, tuple[str, Figures]] = {}
    if contest.expected is not None:
        first[""] = ("what was made", contest.expected)
    taken = {}
    differences = []
    for one in contest.contestants:
        raw, measured = _asked(one)
        taken[one.name] = [measured]
        if one.tell is None:
            continue
        figures = one.tell(raw)
        if one.same not in first:
            first[one.same] = (one.name, figures)
            continue
        name, reference = first[one.same]
        difference = disagreement(reference, figures, contest.rough)
        if difference is not None:
            differences.append(f"{contest.name}: {name} and {one.name} differ in {difference}")
    if differences:
        raise DisagreementError("\n".join(differences))
    return taken


def _asked(one: Contestant) -> tuple[Any, dict[str, float]]:
    """What a contestant gave, with the wall and CPU time it took."""
    gc.collect()
    start, busy = time.perf_counter(), _processor(one.child)
    raw = one.ask()
    measured = {"wall": time.perf_counter() - start, "cpu": _processor(one.child) - busy}
    if one.also is not None:
        measured |= one.also(raw)
    return raw, measured


def _processor(child: bool) -> float:
    """CPU time of this process, or of the processes it started and waited for; all threads."""
    if not child:
        return time.process_time()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
