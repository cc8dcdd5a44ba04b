"""States on disk: what was counted, kept so that the answers need not be read again."""

from __future__ import annotations

import os
from pathlib import Path

from satcore.planning import Plan
from satcore.saved.states import Saved, merged
from satcore.saved.store import Store, Told
from satcore.scanning import Bundle

__all__ = ["Saved", "Store", "Told", "load", "merge", "save"]


def save(plan: Plan, bundle: Bundle, path: str | os.PathLike[str]) -> None:
    """Keep what a scan has counted, in a file that is there whole or not at all.

    The files of answers are read once more, to remember a hash of their content; save before
    anything changes them.

    Args:
        plan: The plan of the scan.
        bundle: What the scan left behind.
        path: The file, as ``"day1.satcore"``.

    Raises:
        DataError: The answers can't be read any more, or the states are too large for one file.
        OutputError: The file can't be written, or the bundle is of another plan.
    """
    Saved.of(plan, bundle, name=os.fspath(path)).write(path)


def load(path: str | os.PathLike[str]) -> Saved:
    """Saved states: a file, or a folder that is a store, whose parts are merged.

    Args:
        path: The file or the folder.

    Raises:
        DataError: It can't be read, is none, damaged, or of another version; the message names it.
    """
    return Store(Path(path)).read() if Path(path).is_dir() else Saved.read(path)


def merge(*saved: Saved, replace: bool = False) -> Saved:
    """The states of all answers together; it equals counting them together.

    No plugin is needed for it.

    Args:
        *saved: The states.
        replace: Whether a changed version of a fragment takes the place of the old one, where that
            is on its own.

    Raises:
        DataError: They were counted for different things, or hold the same answers; every
            difference and every fragment is named.
    """
    return merged(saved, replace=replace)
