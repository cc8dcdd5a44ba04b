"""Saved states: what was counted, of which answers, and for what. Read, written and merged.

None of it needs the study, the answers or the plugins: only to evaluate them needs a plan.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from attrs import evolve, frozen

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
            DataError: Fragments can't be read.
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
        return cls(
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


def merged(saved: Sequence[Saved], *, replace: bool = False) -> Saved:
    """The states of all answers together; it equals counting them together.

    Args:
        saved: The states, in the order in which they are merged.
        replace: Whether states that hold a changed version of a fragment take the place of
            those before them that hold the old one. That needs the old one to be on its own: from
            a sum, nothing can be taken out.

    Raises:
        DataError: They were counted for different things, or hold the same answers; every
            difference and every fragment is named.
    """
    if not saved:
        raise DataError.at("states", "none are given")
    first = saved[0]
    problems = [problem for other in saved[1:] for problem in _unlike(first, other)]
    if problems:
        raise DataError(problems)
    kept = _once(saved, replace=replace)
    if len(kept) == 1:
        return evolve(kept[0], file=None)
    intake = Intake(dropped=[0] * len(first.asked.keep))
    for one in kept:
        intake.merge(one.bundle.intake)
    return Saved(
        name=listed((one.name for one in kept), 3),
        bundle=Bundle(
            fragments=tuple(part for one in kept for part in one.bundle.fragments),
            fingerprints={
                name: said for one in kept for name, said in one.bundle.fingerprints.items()
            },
            intake=intake,
            states=_merged_states(kept),
            failed={key: why for one in reversed(kept) for key, why in one.bundle.failed.items()},
        ),
        asked=first.asked,
        columns=tuple(
            name for name in first.columns if all(name in one.columns for one in kept[1:])
        ),
        notes=tuple(dict.fromkeys(note for one in kept for note in one.notes)),
    )


def hold_alike(mine: Saved, other: Saved) -> None:
    """Refuse states that were counted for different things.

    Raises:
        DataError: They were; every difference is named.
    """
    problems = list(_unlike(mine, other))
    if problems:
        raise DataError(problems)


def _merged_states(saved: Sequence[Saved]) -> dict[GroupingSet, dict[str, State]]:
    states = {names: dict(found) for names, found in saved[0].bundle.states.items()}
    for one in saved[1:]:
        for names, found in one.bundle.states.items():
            mine = states[names]
            for key, state in found.items():
                _hold_size(one.name, mine[key].cells, state)
                mine[key] = merge(mine[key], state)
    return states


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


def _once(saved: Sequence[Saved], *, replace: bool) -> list[Saved]:
    """Those whose fragments no later one replaces.

    Raises:
        DataError: Answers are there twice; each is named.
    """
    kept: list[Saved] = []
    problems: list[Problem] = []
    for new in saved:
        found = [(old, list(same_answers(old, new))) for old in kept]
        for old, same in found:
            ids = set(old.fragments)
            changed = [message for name, message in same if name is None]
            twice = [message for name, message in same if name is not None]
            if twice or (changed and not replace):
                problems += [Problem(new.name, message) for message in (*twice, *changed)]
            elif changed and not ids <= set(new.fragments):
                alone = ids - set(new.fragments)
                problems.append(
                    Problem(
                        old.name,
                        f"it holds a sum of {listed(sorted(ids & set(new.fragments)), 3)} and of "
                        f"{listed(sorted(alone), 3)}, from which nothing can be taken out; merge "
                        "the states of each file anew, or keep a store (--store), which holds "
                        "each file on its own",
                    )
                )
            elif changed:
                kept.remove(old)
        kept.append(new)
    if problems:
        raise DataError(problems)
    return kept


def same_answers(old: Saved, new: Saved) -> Iterator[tuple[str | None, str]]:
    """Fragments that both hold, in words; None beside those that have changed in between."""
    rows = dict(old.bundle.fragments)
    by_content = {said: name for name, said in old.fragments.items() if said and rows[name]}
    for name, said in new.fragments.items():
        if name in rows and said == old.fragments[name]:
            yield name, f"{name} is in {old.name} already; no answer is counted twice"
        elif name in rows:
            then = f"{name} has changed since it was counted in {old.name}"
            yield None, f"{then}; --replace takes the later one"
        elif said in by_content:
            same = f"{name} has the same content as {by_content[said]} in {old.name}"
            yield name, f"{same}; no answer is counted twice; {ALIKE}"
