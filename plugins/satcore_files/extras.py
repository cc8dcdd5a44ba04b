"""Libraries that come with the extra ``files``."""

from __future__ import annotations

import importlib
from typing import Any

from satcore import DataError


def needed(library: str, path: str) -> Any:
    """A library that a kind of file needs.

    Raises:
        DataError: It is not installed; the message says what to install.
    """
    try:
        return importlib.import_module(library)
    except ImportError:
        raise DataError.at(
            path, f"it takes {library} to read it: install it with pip install 'satcore[files]'"
        ) from None
