"""What reports are made with, loaded when one is made."""

from __future__ import annotations

import importlib
from types import ModuleType

from satcore import OutputError


def needed(name: str) -> ModuleType:
    """A library of the extra ``report``.

    Args:
        name: The module's name.

    Raises:
        OutputError: It is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise OutputError(
            f"the report needs {name.replace('_', '-')}, which is not installed; "
            'install it with: pip install "satcore[report]"'
        ) from error
