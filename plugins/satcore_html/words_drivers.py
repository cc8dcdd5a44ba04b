"""The phrases that key drivers need in both languages."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, tuple[str, str]]] = {
    "unit_rank": ("rank", "名次"),
}
