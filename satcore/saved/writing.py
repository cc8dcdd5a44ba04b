"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from itertools import count
from pathlib import Path

from satcore.errors import OutputError

#: How names of files begin and end that are not finished.
UNFINISHED = (".", ".unfinished")


def write_whole(
    path: str | os.PathLike[str], pieces: Iterable[bytes | memoryview], *, replace: bool = True
) -> bool:
    """Write a file whole, or leave what was there.

    The pieces go to a file of another name in the same folder, to the disk, and only then under
    the name that is asked for. Whoever is killed in between leaves the old file and an unfinished
    one, whose name ends with ``.unfinished``.

    Args:
        path: Where it is to be. A link stays a link: what it leads to is written.
        pieces: Its bytes.
        replace: Whether a file that is there is replaced. Where not, the first writer wins.

    Returns:
        Whether it was written; False where another was there that was not to be replaced.

    Raises:
        OutputError: It can't be written; with the reason. What was there is as it was.
    """
    target = Path(os.path.realpath(path))
    try:
        descriptor, name = _fresh(target)
        try:
            try:
                for piece in pieces:
                    _put(descriptor, memoryview(piece))
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            written = _named(name, target, replace=replace)
            _sync_folder(target.parent)
        finally:
            # After a replacement it is gone already.
            with suppress(OSError):
                name.unlink()
    except OSError as error:
        reason = error.strerror or str(error)
        left = "; the file that was there is as it was" if target.exists() else ""
        raise OutputError(f"{os.fspath(path)} can't be written: {reason}{left}") from error
    return written


def _fresh(target: Path) -> tuple[int, Path]:
    """A new file beside the target, as others might be written at the same time."""
    first, last = UNFINISHED
    for number in count():
        name = target.with_name(f"{first}{target.name}.{os.getpid()}-{number}{last}")
        try:
            flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
            return os.open(name, flags, 0o666), name
        except FileExistsError:
            continue
    raise AssertionError


def _put(descriptor: int, piece: memoryview) -> None:
    while piece:
        piece = piece[os.write(descriptor, piece[: 1 << 20]) :]


def _named(name: Path, target: Path, *, replace: bool) -> bool:
    """Give a finished file its name."""
    if not replace:
        try:
            os.link(name, target)
        except FileExistsError:
            return False
        except OSError:
            # A file system without links: the last of several writers wins. What they write of
            # one file of answers is the same.
            if target.exists():
                return False
        else:
            return True
    name.replace(target)
    return True


def _sync_folder(folder: Path) -> None:
    """Bring the folder's list of names to the disk, where that is a thing."""
    if os.name != "posix":
        return
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
