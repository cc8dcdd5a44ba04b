"""Long tables in few bytes: by column, repeated texts once, deflated.

The page shows them a part at a time. The layout, which ``tables.js`` reads, is JSON, deflated
without a header (RFC 1951) and written in base64.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Sequence
from typing import Any

from satcore_html.grid import Grid


def packed(grid: Grid) -> str:
    """A table's rows as a text that is safe anywhere in a page."""
    layout = {
        "columns": [
            {
                **_texts(column.texts),
                "numeric": column.numeric,
                "prose": column.prose,
                "langs": _texts(column.langs),
            }
            for column in grid.columns
        ],
        "titles": _texts(grid.titles),
        "tones": _texts(grid.tones),
        "places": _texts(grid.places),
    }
    text = json.dumps(layout, ensure_ascii=False, separators=(",", ":"))
    deflater = zlib.compressobj(level=6, wbits=-15)
    data = deflater.compress(text.encode("utf-8", errors="replace")) + deflater.flush()
    return base64.b64encode(data).decode("ascii")


def _texts(texts: Sequence[str]) -> dict[str, Any]:
    """Texts, or where many are alike each of them once with the place of every row's."""
    places: dict[str, int] = {}
    for text in texts:
        places.setdefault(text, len(places))
    if len(places) * 2 > len(texts):
        return {"texts": list(texts)}
    return {"texts": list(places), "at": [places[text] for text in texts]}
