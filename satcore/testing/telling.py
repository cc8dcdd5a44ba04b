"""Answers, numbers and differences in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import polars as pl

#: Columns and rows that a table shows.
MOST_COLUMNS = 8
MOST_ROWS = 12


def table(frame: pl.DataFrame, columns: Sequence[str], note: str = "") -> str:
    """Some rows of answers as a table of plain text.

    Args:
        frame: The answers.
        columns: The columns that matter.
        note: What was done with them.
    """
    shown = [name for name in columns if name in frame.columns][:MOST_COLUMNS]
    cells = [[_cell(value) for value in row] for row in frame.select(shown).head(MOST_ROWS).rows()]
    widths = [max(map(len, column)) for column in zip(shown, *cells, strict=True)]
    lines = [
        "  " + "  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True))
        for row in [shown, *cells]
    ]
    if not frame.height:
        lines.append("  (no row)")
    if frame.height > MOST_ROWS:
        lines.append(f"  and {frame.height - MOST_ROWS} rows more")
    if len(columns) > len(shown):
        lines.append(f"  and {len(columns) - len(shown)} columns more")
    return "\n".join([*lines, *([f"  {note}"] if note else [])])


def _cell(value: object) -> str:
    return "-" if value is None else str(value)


def number(value: object) -> str:
    """A number, or a few of them, with the digits that matter."""
    array = np.asarray(value)
    if array.ndim == 0:
        return f"{array.item():.12g}" if array.dtype.kind == "f" else str(array.item())
    texts = [number(one) for one in array.ravel()[:12]]
    more = f" and {array.size - 12} more" if array.size > 12 else ""
    return f"[{', '.join(texts)}{more}]"


def cell_name(labels: Mapping[str, Any]) -> str:
    """A cell for messages."""
    from satcore.results import cell_text

    return cell_text(labels) or "the total"
