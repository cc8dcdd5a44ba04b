"""A new package, written to a folder that holds nothing yet."""

from __future__ import annotations

from pathlib import Path

from satcore.errors import OutputError, listed
from satcore.scaffold.package import Package


def write(package: Package, folder: Path) -> tuple[str, ...]:
    """Write a package's files.

    Args:
        package: The package.
        folder: Where to: a folder that is empty, or not there yet.

    Returns:
        The files' paths in the folder.

    Raises:
        OutputError: The folder holds something, or can't be written.
    """
    files = package.files()
    try:
        _check_empty(folder)
        for path, text in files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            # "x": whatever came there meanwhile stays.
            with target.open("x", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
    except OSError as error:
        raise OutputError(
            f"{error.filename or folder} can't be written: {error.strerror or error}"
        ) from None
    return tuple(files)


def _check_empty(folder: Path) -> None:
    """Refuse a folder with something in it.

    Raises:
        OutputError: It has.
    """
    if folder.is_dir():
        there = sorted(one.name for one in folder.iterdir())
        if there:
            raise OutputError(
                f"{folder} is not empty, and nothing is overwritten: it holds "
                f"{listed(there, most=6)}; name another with --directory"
            )
    elif folder.exists() or folder.is_symlink():
        raise OutputError(f"{folder} is a file; name another folder with --directory")
