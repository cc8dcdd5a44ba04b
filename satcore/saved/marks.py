"""Which answers a fragment holds: a name that lasts, and a fingerprint of its content."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from attrs import frozen

from satcore.errors import DataError, Problem
from satcore.surveys import MEMORY, Fragment


@frozen(kw_only=True)
class Mark:
    """What a state file remembers of a fragment.

    Attributes:
        id: Its name there: a file's path from the study's folder, and what part of the file it is.
        file: The file's name there; the id itself where it is no part of a file.
        fingerprint: A hash of its content, and how it was read; None where nothing tells.
    """

    id: str
    file: str
    fingerprint: str | None


@frozen(kw_only=True)
class Marks:
    """The marks of a survey's fragments, and what tells that a file has changed since.

    Attributes:
        by_id: Each fragment's mark, by its id within the survey.
        stamps: What the system said of each file before it was hashed.
    """

    by_id: dict[str, Mark]
    stamps: dict[str, tuple[int, int, int]]

    @classmethod
    def of(cls, fragments: Iterable[Fragment], folder: Path | None) -> Marks:
        """Look at some fragments; every file is read once, to be hashed.

        Args:
            fragments: The fragments.
            folder: The folder from which files are named: the study's. Whole paths where None.

        Raises:
            DataError: Files can't be read.
        """
        made, hashes = cls(by_id={}, stamps={}), dict[str, str]()
        problems = []
        for one in fragments:
            try:
                made.by_id[one.id] = made._mark(one, folder, hashes)
            except OSError as error:
                place = str(error.filename or one.id)
                problems.append(Problem(place, f"it can't be read: {error.strerror or error}"))
        if problems:
            raise DataError(dict.fromkeys(problems))
        return made

    def _mark(self, fragment: Fragment, folder: Path | None, hashes: dict[str, str]) -> Mark:
        # Both are told of by `Fragment`, but a reader need not give them.
        path = getattr(fragment, "path", None)
        own = getattr(fragment, "fingerprint", None)
        file, name, fingerprint = fragment.id, fragment.id, None
        if isinstance(path, str) and Path(path).is_file():
            if path not in hashes:
                self.stamps[path] = _stamp(path)
                hashes[path] = _hash_of(path)
            file, part = _name_of(path, folder), _part_of(fragment.id, Path(path).name)
            name = file + part
            fingerprint = f"{hashes[path]} {getattr(fragment, 'reading', part)}".strip()
        if callable(own):
            fingerprint = str(own())
            if fragment.id.startswith(MEMORY):
                # All answers in memory are called alike; what they are tells them apart. Slices of
                # them that happen to be alike are other answers all the same.
                file = name = f"{fragment.id} ({fingerprint.partition(':')[2][:16]})"
                fingerprint = f"{fingerprint} {fragment.id.removeprefix(MEMORY)}".strip()
        return Mark(id=_plain(name), file=_plain(file), fingerprint=fingerprint)

    def hold(self, fragments: Iterable[Fragment]) -> None:
        """Hold the files of fragments against what they were when they were hashed.

        Raises:
            DataError: Some have changed; what was counted may be neither the old nor the new.
        """
        problems = []
        for path in dict.fromkeys(getattr(one, "path", None) for one in fragments):
            if path not in self.stamps:
                continue
            try:
                now = _stamp(path)
            except OSError:
                now = None
            if now != self.stamps[path]:
                problems.append(
                    Problem(path, "it changed while it was read; nothing of it was kept, run again")
                )
        if problems:
            raise DataError(problems)


def _stamp(path: str) -> tuple[int, int, int]:
    found = Path(path).stat()
    return found.st_size, found.st_mtime_ns, found.st_ino


def _hash_of(path: str) -> str:
    with Path(path).open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def _name_of(path: str, folder: Path | None) -> str:
    whole = os.path.abspath(path)  # noqa: PTH100  links stay
    if folder is None:
        return Path(whole).as_posix()
    try:
        return Path(os.path.relpath(whole, folder)).as_posix()
    except ValueError:  # another drive
        return Path(whole).as_posix()


def _plain(name: str) -> str:
    """A name as a text: bytes of a file's name that are none stand as escapes."""
    return name.encode(errors="backslashreplace").decode()


def _part_of(fragment: str, name: str) -> str:
    """What a fragment's id says besides the file: ``#row group 3``."""
    found = fragment.rpartition(name)
    return found[2] if found[1] else f" ({fragment})"
