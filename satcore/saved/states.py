"""Saved states: what was counted, of which answers, and for what. Read, written and merged.

None of it needs the study, the answers or the plugins: only to evaluate them needs a plan.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from attrs import define, evolve, field, frozen

from satcore.errors import DataError, OutputError, Problem, listed
from satcore.intake import Intake
from satcore.planning import GroupingSet, Plan
from satcore.saved.asked import Asked
from satcore.saved.codec import loaded, pieces
from satcore.saved.container import MAGIC, MOST_BYTES, read_bytes
from satcore.saved.marks import Marks
from satcore.saved.writing import write_whole
from satcore.scanning import Bundle
from satcore.states import Cells, State, merge, united
from satcore.surveys import Survey

#: What to do where the same content is no mistake.
ALIKE: Final = (
    "if these are other answers that happen to be alike, give them a column that tells them apart"
)

#: How names of state files end.
ENDING = ".satcore"


@frozen(kw_only=True, eq=False)
class Saved:
    """States with all that is needed to go on with them later.

    Attributes:
        name: What to call them in messages: the file's name.
        bundle: The states, the fragments that they hold, and what came in.
        asked: What they were counted for.
        columns: The columns that the answers had.
        notes: What a reader of the results should know about the reading.
        file: The one file of answers that they hold, where they are a part of a store.
    """

    name: str
    bundle: Bundle
    asked: Asked
    columns: tuple[str, ...]
    notes: tuple[str, ...] = ()
    file: str | None = None

    @classmethod
    def of(cls, plan: Plan, bundle: Bundle, *, name: str, marks: Marks | None = None) -> Saved:
        """What a scan left behind, its fragments under names that last.

        Args:
            plan: The plan of the scan.
            bundle: What it left behind.
            name: What to call it.
            marks: What its fragments hold; looked at now where None.

        Raises:
            OutputError: The bundle is of another plan.
            DataError: Fragments can't be read, or two hold the same answers.
        """
        counted = {names: set(states) for names, states in bundle.states.items()}
        if counted != {names: set(keys) for names, keys in plan.counted.items()}:
            raise OutputError(f"{name}: these states were not counted by this plan")
        ids = {one for one, _ in bundle.fragments}
        if marks is None:
            parts = [one for one in plan.survey.fragments if one.id in ids]
            marks = Marks.of(parts, plan.folder)
        if not ids <= set(marks.by_id):
            raise OutputError(f"{name}: these states hold fragments that this plan has not")
        known = [(marks.by_id[one], rows) for one, rows in bundle.fragments]
        saved = cls(
            name=name,
            bundle=evolve(
                bundle,
                fragments=tuple((mark.id, rows) for mark, rows in known),
                fingerprints={
                    mark.id: mark.fingerprint for mark, _ in known if mark.fingerprint is not None
                },
            ),
            asked=Asked.of(plan),
            columns=plan.survey.columns,
            notes=plan.survey.notes,
        )
        _, twice = _once([saved], replace=False)
        if twice:
            raise DataError(twice)
        return saved

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Saved:
        """A state file.

        Raises:
            DataError: It can't be read, is none, damaged, or of another version.
        """
        place = os.fspath(path)
        bundle, meta = loaded(read_bytes(path), place)
        columns, notes = meta.distinct("columns"), meta.texts("notes")
        asked = Asked.read(meta.inner("asked"))
        if len(bundle.intake.dropped) != len(asked.keep):
            raise meta.wrong("asked.keep", "a list of another length than the rows dropped")
        return cls(
            name=place,
            bundle=bundle,
            asked=asked,
            columns=tuple(columns),
            notes=tuple(notes),
            file=meta.optional("file"),
        )

    def pieces(self) -> Iterator[bytes | memoryview]:
        """The bytes of a state file."""
        return pieces(
            self.bundle,
            {
                "columns": list(self.columns),
                "notes": list(self.notes),
                "file": self.file,
                "asked": self.asked.header(),
            },
        )

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write a state file, whole or not at all.

        Raises:
            OutputError: It can't be written; with the reason.
            DataError: It holds what no state file may.
        """
        hold_target(path)
        write_whole(path, self.pieces())

    @property
    def survey(self) -> Survey:
        """The answers as a plan sees them: their columns, and none of them to be read."""
        return Survey(name=self.name, columns=self.columns, fragments=(), notes=self.notes)

    @property
    def outline(self) -> Saved:
        """All but the arrays, to be compared with others in little memory."""
        states = {
            names: {key: State(one.cells, one.fields, {}) for key, one in found.items()}
            for names, found in self.bundle.states.items()
        }
        return evolve(self, bundle=evolve(self.bundle, states=states))

    @cached_property
    def fragments(self) -> Mapping[str, str | None]:
        """The fragments that they hold, and the fingerprint of each."""
        return {name: self.bundle.fingerprints.get(name) for name, _ in self.bundle.fragments}


def hold_target(path: str | os.PathLike[str]) -> None:
    """Refuse to write states over a file that is something else.

    Raises:
        OutputError: There is such a file, with the advice to name another.
    """
    target = Path(path)
    if not target.exists():
        return
    if not target.is_file():
        raise OutputError(f"{target} can't be written: it is no file; name a file in it")
    with target.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise OutputError(f"{target} is there and no state file; name another, as day1{ENDING}")


def merged(saved: Iterable[Saved], *, replace: bool = False) -> Saved:
    """The states of all answers together; it equals counting them together.

    Args:
        saved: The states, in the order in which they are merged. Each is let go once it is, so
            that an iterator may read one after the other.
        replace: Whether states that hold a changed version of a fragment take the place of
            those before them that hold the old one. That needs the old one to be on its own: from
            a sum, nothing can be taken out.

    Raises:
        DataError: They were counted for different things, or hold the same answers; every
            difference and every fragment is named.
    """
    if replace:
        listed_ones = list(saved)
        kept, problems = _once([one.outline for one in listed_ones], replace=True)
        if problems:
            raise DataError(problems)
        saved = [listed_ones[place] for place in kept]
    total: _Total | None = None
    for one in saved:
        if total is None:
            total = _Total(first=one)
        else:
            total.add(one)
    if total is None:
        raise DataError.at("states", "none are given")
    return total.saved()


@define(eq=False)
class _Total:
    """A sum of saved states as it grows."""

    first: Saved
    parts: list[Saved] = field(init=False)
    problems: list[Problem] = field(factory=list)
    intake: Intake = field(init=False)
    states: dict[GroupingSet, dict[str, State]] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.parts = [self.first.outline]
        self.intake = Intake(dropped=[0] * len(self.first.asked.keep))
        self.intake.merge(self.first.bundle.intake)
        self.states = {names: dict(found) for names, found in self.first.bundle.states.items()}
        self.first = self.first.outline

    def add(self, one: Saved) -> None:
        """Take in one more; what is wrong with it is told in the end."""
        self.problems += _unlike(self.first, one)
        self.parts.append(one.outline)
        if self.problems:
            return
        self.intake.merge(one.bundle.intake)
        for names, found in one.bundle.states.items():
            mine = self.states[names]
            for key, state in found.items():
                _hold_size(one.name, mine[key].cells, state)
                mine[key] = merge(mine[key], state)

    def saved(self) -> Saved:
        """All of them together.

        Raises:
            DataError: They do not go together.
        """
        _, twice = _once(self.parts, replace=False)
        problems = [*self.problems, *twice]
        if problems:
            raise DataError(problems)
        parts = [part.bundle for part in self.parts]
        shared = set(self.first.columns).intersection(*(part.columns for part in self.parts))
        return Saved(
            name=listed((part.name for part in self.parts), 3),
            bundle=Bundle(
                fragments=tuple(one for part in parts for one in part.fragments),
                fingerprints={
                    name: said for part in parts for name, said in part.fingerprints.items()
                },
                intake=self.intake,
                states=self.states,
                failed={key: why for part in reversed(parts) for key, why in part.failed.items()},
            ),
            asked=self.first.asked,
            columns=tuple(name for name in self.first.columns if name in shared),
            notes=tuple(dict.fromkeys(note for part in self.parts for note in part.notes)),
        )


def hold_alike(mine: Saved, other: Saved) -> None:
    """Refuse states that were counted for different things.

    Raises:
        DataError: They were; every difference is named.
    """
    problems = list(_unlike(mine, other))
    if problems:
        raise DataError(problems)


def _hold_size(place: str, cells: Cells, state: State) -> None:
    """Refuse what no memory would hold: few labels here and few there may be many cells."""
    both = united(cells, state.cells, {})
    numbers = sum(
        math.prod(one.shape) * np.dtype(one.dtype).itemsize for one in state.fields.values()
    )
    if len(both) * max(numbers, 1) > MOST_BYTES:
        raise DataError.at(
            place,
            f"with the states before it, {' × '.join(cells.names)} would be {len(both)} cells, "
            "more than one state file may hold; report fewer combinations in `by`",
        )


def _unlike(mine: Saved, other: Saved) -> Iterator[Problem]:
    """Why two can't be merged."""
    place = f"{other.name} and {mine.name} were counted for different things"
    told = list(other.asked.differences(mine.asked))
    sets, others = mine.bundle.states, other.bundle.states
    if set(sets) != set(others):
        told.append(f"`by` is {said_sets(others)}, not {said_sets(sets)}")
    # An item that is coded otherwise makes other statistics, which need not be told too.
    for text in told or _statistics_apart(sets, others):
        yield Problem(place, text)


def _statistics_apart(
    mine: Mapping[GroupingSet, Mapping[str, State]],
    other: Mapping[GroupingSet, Mapping[str, State]],
) -> Iterator[str]:
    """Statistics and arrays that only one of two has, or has otherwise."""
    only: dict[bool, dict[str, None]] = {True: {}, False: {}}
    for names, states in mine.items():
        only[True] |= dict.fromkeys(key for key in states if key not in other[names])
        only[False] |= dict.fromkeys(key for key in other[names] if key not in states)
        for key in states:
            if key in other[names] and arrays_of(states[key]) != arrays_of(other[names][key]):
                yield f"{key} has other arrays; another version of its plugin counted it"
    for here, keys in only.items():
        if keys:
            yield f"{'the latter' if here else 'the former'} alone counts {listed(keys, 3)}"


def arrays_of(state: State) -> dict[str, tuple[str, tuple[int, ...], np.dtype[Any]]]:
    """What a state's arrays are, to be compared."""
    return {
        name: (one.reduction, tuple(one.shape), np.dtype(one.dtype).newbyteorder("="))
        for name, one in state.fields.items()
    }


def said_sets(sets: Iterable[GroupingSet]) -> str:
    """Grouping sets as ``by`` writes them."""
    return listed(("*".join(names) or "the total" for names in sets), 6)


def _once(saved: Sequence[Saved], *, replace: bool) -> tuple[list[int], list[Problem]]:
    """The places of those that no later one replaces, and the answers that are there twice."""
    holders: dict[str, int] = {}
    contents: dict[str, str] = {}
    kept: dict[int, None] = {}
    problems: list[Problem] = []
    for place, new in enumerate(saved):
        rows = dict(new.bundle.fragments)
        changed: dict[int, list[str]] = {}
        for name, said in new.fragments.items():
            if name in holders and saved[holders[name]].fragments[name] != said:
                changed.setdefault(holders[name], []).append(name)
        for before, names in changed.items():
            old = saved[before]
            alone = sorted(set(old.fragments) - set(new.fragments))
            if not replace:
                then = f"{listed(names, 3)}: changed since it was counted in {old.name}"
                problems.append(Problem(new.name, f"{then}; --replace takes the later one"))
            elif alone:
                problems.append(Problem(old.name, _inseparable(names, alone)))
            else:
                del kept[before]
                for name, said in old.fragments.items():
                    del holders[name]
                    if said is not None:
                        contents.pop(said, None)
        for name, said in new.fragments.items():
            if name in holders and saved[holders[name]].fragments[name] == said:
                where = saved[holders[name]].name
                message = f"{name} is in {where} already; no answer is counted twice"
                problems.append(Problem(new.name, message))
            elif said is not None and rows[name] and contents.get(said, name) != name:
                other = contents[said]
                same = f"{name} has the same content as {other} in {saved[holders[other]].name}"
                problems.append(Problem(new.name, f"{same}; no answer is counted twice; {ALIKE}"))
            holders.setdefault(name, place)
            if said is not None and rows[name]:
                contents.setdefault(said, name)
        kept[place] = None
    return list(kept), problems


def _inseparable(names: Sequence[str], others: Sequence[str]) -> str:
    return (
        f"it holds a sum of {listed(names, 3)} and of {listed(others, 3)}, from which nothing can "
        "be taken out; merge the states of each file anew, or keep a store (--store), which holds "
        "each file on its own"
    )
