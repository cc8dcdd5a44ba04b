"""What pictures and findings of loyalty share: their reading, and how numbers are written."""

from __future__ import annotations

from typing import Any, TypeAlias

from satcore import Reading, shown_percent, shown_score

#: The rows of one metric of this plugin.
Found: TypeAlias = Reading[Any]


def shown(value: float, unit: str) -> str:
    """A number as pictures and sentences write it."""
    if unit == "proportion":
        return shown_percent(value)
    return shown_score(value, 1 if unit == "points" else 2)
