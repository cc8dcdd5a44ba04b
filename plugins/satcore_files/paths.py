"""Files by their paths: opening them, telling why not, and naming them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from satcore import DataError, is_address, shown_address


@contextmanager
def opened(path: str) -> Iterator[BinaryIO]:
    """The file, open for reading; the text at an address in UTF-8.

    Raises:
        DataError: It can't be opened, or reading from it fails.
    """
    if is_address(path):
        from satcore_files.remote import RemoteText

        yield cast("BinaryIO", RemoteText(path))
        return
    try:
        mode = Path(path).stat().st_mode
        if stat.S_ISDIR(mode):
            raise DataError.at(path, 'it is a folder; give its files, such as "folder/*.csv"')
        if not stat.S_ISREG(mode):
            # A file is opened more than once; a pipe gives its bytes only once.
            raise DataError.at(path, "it is a pipe or a device; save its contents to a file first")
        with Path(path).open("rb") as file:
            yield file
    except OSError as error:
        raise DataError.at(path, _reason(error)) from error


def check_local(path: str) -> None:
    """Refuse an address, where only files can be read.

    Raises:
        DataError: The path is an address.
    """
    if is_address(path):
        raise DataError.at(
            shown_address(path),
            "files of this kind can't be read at an address; download it (CSV and Parquet can)",
        )


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, PermissionError):
        return "it may not be read; ask for the permission to read it, or copy it"
    return f"it can't be read: {error.strerror or error}"


def file_ids(paths: Sequence[str]) -> list[str]:
    """A name for each file that holds nothing of the folders above all of them.

    That is its path below the folder that all the files share, so that it stays the same when
    that folder is moved, and differs between files of one name in different folders.
    """
    if any(is_address(path) for path in paths):
        return [shown_address(path) for path in paths]
    absolute = [Path(os.path.abspath(path)) for path in paths]  # noqa: PTH100  links stay
    try:
        shared = os.path.commonpath([path.parent for path in absolute])
    except ValueError:  # several drives
        return [path.as_posix() for path in absolute]
    return [path.relative_to(shared).as_posix() for path in absolute]


def survey_name(paths: Sequence[str]) -> str:
    """What to call the survey that these files are."""
    first = Path(shown_address(paths[0])).name
    if len(paths) == 1:
        return first
    return f"{first} and {len(paths) - 1} more"
