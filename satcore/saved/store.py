"""A folder of states, one part for each file of answers, so that each can be replaced or taken out.

There is no index: what the folder holds is what its parts say. A part's name follows from the name
of its file of answers alone, and is given to a finished part only, so that whoever writes first
wins, nobody writes over another, and nothing that is known is lost with one damaged list.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from attrs import evolve, field, frozen

from satcore.errors import DataError, OutputError, Problem, listed
from satcore.planning import Plan
from satcore.saved.asked import Asked
from satcore.saved.marks import Mark, Marks
from satcore.saved.states import ALIKE, ENDING, Saved, hold_alike, merged
from satcore.saved.writing import UNFINISHED, write_whole
from satcore.scanning import Bundle, merge_bundles
from satcore.surveys import Fragment


@frozen(kw_only=True)
class Told:
    """What became of the files of answers, by their names.

    Attributes:
        new: Counted now.
        known: Counted before, or by another run at the same time, and the same as then.
        replaced: Counted anew, as they had changed, or a statistic had failed on them.
        left_out: Of which not every part could be read, where the run goes on without such parts.
            A file is kept whole or not at all; what was known of it before still counts.
        removed: In the store, but not among the files that were given. Their answers count.
        forgotten: Taken out of the store, as they were not among the files.
        unfinished: Files that a writer which was stopped has left behind, or is writing just now.
    """

    new: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    forgotten: tuple[str, ...] = ()
    unfinished: tuple[str, ...] = ()


@frozen
class Store:
    """A folder of states. Many may add to it at once.

    Attributes:
        folder: Where it is. It is made where it is not there.
    """

    folder: Path = field(converter=Path)

    def parts(self) -> tuple[Path, ...]:
        """The files that hold its parts, in the order of their names.

        Raises:
            DataError: There is no such folder, or it can't be read.
        """
        try:
            names = sorted(one.name for one in os.scandir(self.folder))
        except OSError as error:
            raise DataError.at(
                str(self.folder), f"the store can't be read: {error.strerror or error}"
            ) from error
        return tuple(self.folder / one for one in names if one.endswith(ENDING) and one[0] != ".")

    def read(self) -> Saved:
        """All its states together.

        Raises:
            DataError: It holds none, a part is damaged, or parts were counted for different things.
        """
        parts = self.parts()
        if not parts:
            raise DataError.at(str(self.folder), f"the store is empty; it has no *{ENDING}")
        return evolve(merged(map(Saved.read, parts)), name=str(self.folder), file=None)

    def add(
        self,
        plan: Plan,
        scan: Callable[[Plan], Bundle],
        *,
        replace: bool = False,
        forget: bool = False,
    ) -> Told:
        """Count the files of a plan that the store does not hold, and keep what was counted.

        Each file is kept as soon as it is counted; whoever stops in between has kept the others.

        Args:
            plan: What to count, and the files of answers.
            scan: Counts the fragments of a plan, and refuses answers that the study does not allow.
            replace: Whether a file that has changed is counted anew; otherwise it is an error.
            forget: Whether files that are no longer given are taken out.

        Raises:
            DataError: Files can't be read, have changed, or hold what they should not. Or the
                store's parts are damaged, or were counted for something else.
            OutputError: A part can't be written.
        """
        self._made()
        parts = {path: Saved.read(path).outline for path in self.parts()}
        self._hold_asked(plan, parts.values())
        marks = Marks.of(plan.survey.fragments, plan.folder)
        files = _by_file(plan.survey.fragments, marks)
        paths = {name: self.folder / part_name(name) for name in files}
        removed = _removed(parts, paths.values())
        there = {path: one for path, one in parts.items() if not (forget and path in removed)}
        todo, replaced = self._todo(files, marks, paths, there, replace=replace)
        problems: list[Problem] = []
        counted: dict[str, str] = {}
        kept: list[str] = []
        left_out: list[str] = []
        for name in todo:
            try:
                saved = self._counted(plan, scan, name, files[name], marks)
                if len(saved.fragments) < len(files[name]):
                    left_out.append(name)
                    continue
                _hold_content(saved, counted)
                if self._keep(saved, paths[name], replace=name in replaced):
                    kept.append(name)
            except DataError as error:
                problems += error.problems
        if problems:
            raise DataError(problems)
        if forget:
            for path in removed:
                path.unlink(missing_ok=True)
        gone = tuple(sorted(removed.values()))
        return Told(
            new=_without(kept, replaced),
            known=_without(files, (*kept, *left_out)),
            replaced=_without(replaced, left_out),
            left_out=tuple(left_out),
            removed=() if forget else gone,
            forgotten=gone if forget else (),
            unfinished=self._unfinished(),
        )

    def _made(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = "it is a file" if self.folder.is_file() else error.strerror or error
            raise OutputError(f"{self.folder} can't be a store: {reason}") from error

    def _hold_asked(self, plan: Plan, parts: Iterable[Saved]) -> None:
        """Refuse to add what was counted for something else, before it is counted."""
        nobody = Saved(
            name="this run",
            bundle=merge_bundles(plan, []),
            asked=Asked.of(plan),
            columns=plan.survey.columns,
        )
        for one in parts:
            hold_alike(one, nobody)

    def _todo(
        self,
        files: dict[str, list[Fragment]],
        marks: Marks,
        paths: dict[str, Path],
        parts: dict[Path, Saved],
        *,
        replace: bool,
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The files that have to be counted, and those of them that have changed."""
        todo, changed = list[str](), list[str]()
        problems: list[Problem] = []
        for name, fragments in files.items():
            now = [marks.by_id[one.id] for one in fragments]
            known = parts.get(paths[name])
            if known is None:
                todo.append(name)
                problems += _moved(name, now, parts.values())
            elif known.bundle.failed:
                # A statistic failed then; its plugin may have been mended.
                todo.append(name)
                changed.append(name)
            elif known.fragments != {mark.id: mark.fingerprint for mark in now}:
                todo.append(name)
                changed.append(name)
                if not replace:
                    problems.append(
                        Problem(
                            name,
                            "it has changed since it was counted; --replace takes what it is now "
                            "in place of what it was",
                        )
                    )
        if problems:
            raise DataError(problems)
        return tuple(todo), tuple(changed)

    def _counted(
        self,
        plan: Plan,
        scan: Callable[[Plan], Bundle],
        name: str,
        fragments: Sequence[Fragment],
        marks: Marks,
    ) -> Saved:
        survey = evolve(plan.survey, name=name, fragments=tuple(fragments))
        alone = evolve(plan, survey=survey)
        bundle = scan(alone)
        marks.hold(fragments)
        return evolve(Saved.of(alone, bundle, name=name, marks=marks), file=name)

    def _keep(self, saved: Saved, path: Path, *, replace: bool) -> bool:
        """Write a part; where another writer was first, hold ours against it. Tells who was.

        Raises:
            DataError: The other's is of other answers, or was counted for something else.
        """
        if write_whole(path, saved.pieces(), replace=replace):
            return True
        theirs = Saved.read(path)
        hold_alike(theirs, saved)
        if theirs.fragments != saved.fragments:
            raise DataError.at(
                saved.name, f"another run has put other answers of that name into {self.folder}"
            )
        return False

    def _unfinished(self) -> tuple[str, ...]:
        first, last = UNFINISHED
        names = sorted(one.name for one in os.scandir(self.folder))
        return tuple(one for one in names if one.startswith(first) and one.endswith(last))


def _removed(parts: dict[Path, Saved], wanted: Iterable[Path]) -> dict[Path, str]:
    """The parts of files that are not wanted any more; what is no part is left alone."""
    names = {path.name for path in wanted}
    return {
        path: one.file
        for path, one in parts.items()
        if one.file is not None and path.name == part_name(one.file) and path.name not in names
    }


def part_name(file: str) -> str:
    """The name of the part that holds a file of answers: readable, and its own."""
    readable = re.sub(r"[^\w.-]+", "_", file.rpartition("/")[2], flags=re.ASCII)[:60].lstrip(".")
    digest = hashlib.sha256(file.encode(errors="surrogatepass")).hexdigest()
    return f"{readable or 'part'}-{digest[:24]}{ENDING}"


def _by_file(fragments: Iterable[Fragment], marks: Marks) -> dict[str, list[Fragment]]:
    files: dict[str, list[Fragment]] = {}
    for one in fragments:
        files.setdefault(marks.by_id[one.id].file, []).append(one)
    return files


def _moved(name: str, marks: Sequence[Mark], parts: Iterable[Saved]) -> Iterator[Problem]:
    """What to say of a new file whose answers are there in a part that is not its own."""
    contents = {mark.fingerprint for mark in marks}
    for one in parts:
        if any(mark.id in one.fragments for mark in marks):
            yield Problem(name, f"it is in {one.name} already; no answer is counted twice")
            return
        rows = dict(one.bundle.fragments)
        same = [
            other
            for other, said in one.fragments.items()
            if said is not None and said in contents and rows[other]
        ]
        if same:
            yield Problem(
                name,
                f"it has the same content as {listed(same, 3)}, which the store holds; no answer "
                f"is counted twice. If it was moved, --forget takes out what is not there any "
                f"more; {ALIKE}",
            )
            return


def _hold_content(saved: Saved, counted: dict[str, str]) -> None:
    """Refuse what was counted in this run already, under another name.

    Raises:
        DataError: It was.
    """
    for name, rows in saved.bundle.fragments:
        said = saved.fragments[name]
        if said is None or not rows:
            continue
        if said in counted:
            raise DataError.at(
                name,
                f"it has the same content as {counted[said]}; no answer is counted twice; {ALIKE}",
            )
        counted[said] = name


def _without(names: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    left_out = set(others)
    return tuple(name for name in names if name not in left_out)
