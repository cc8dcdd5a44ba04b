"""The numbers behind a picture, as a table: the rows of its specification, named as it names them.

A picture's tooltips say in the reader's form what each of its marks shows, so that the table has
their columns; where a picture has none, it has the fields that the picture encodes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from satcore_html import numerals
from satcore_html.grid import Column, Grid, grid

#: Where a row of a specification says which groups it speaks of, once it lies in a page.
PLACE: Final = "_place"

#: Channels that show a number or a name.
_CHANNELS: Final = (
    "facet",
    "x",
    "x2",
    "y",
    "y2",
    "color",
    "fill",
    "shape",
    "size",
)

_PARTS: Final = ("layer", "concat", "hconcat", "vconcat")

_NUMBER: Final = re.compile(r"[-+−<>±]?\s?\d[\d,.]*%?(\D{1,6}[-+−]?\d[\d,.]*%?\D{0,2})?")

_Row = Mapping[str, Any]
_Fields = dict[str, str]


def behind(spec: Mapping[str, Any], caption: str, group: str = "") -> tuple[Grid, ...]:
    """Tables of a picture's data, one for each set of rows; none where there is nothing to tell.

    Args:
        spec: The Vega-Lite specification, its data inline.
        caption: What the tables show.
        group: What to call that by which pictures side by side are divided, where they don't say.
    """
    found: dict[int, tuple[Sequence[_Row], _Fields, _Fields]] = {}
    for rows, tooltips, fields in _units(spec, (), {}):
        held = found.setdefault(id(rows), (rows, {}, {}))
        held[1].update(tooltips)
        held[2].update(fields)
    told = any(tooltips for _, tooltips, _ in found.values())
    # Beside marks with tooltips, those without are lines to read by and words put in their place.
    divided = dict(_encoded({"facet": _divided(spec)}, group))
    grids = [
        _grid(rows, {**divided, **(tooltips if told else fields)}, caption)
        for rows, tooltips, fields in found.values()
        if tooltips or not told
    ]
    return tuple(one for one in grids if one is not None)


def _units(
    node: Mapping[str, Any], rows: Sequence[_Row], encoding: Mapping[str, Any]
) -> Iterator[tuple[Sequence[_Row], _Fields, _Fields]]:
    """The marks of a specification: their rows, tooltips, and other fields."""
    data = node.get("data")
    values = data.get("values") if isinstance(data, Mapping) else None
    if isinstance(values, list | tuple):
        rows = values
    own = node.get("encoding")
    encoding = {**encoding, **(own if isinstance(own, Mapping) else {})}
    if "mark" in node:
        yield rows, dict(_tooltips(encoding.get("tooltip"))), dict(_encoded(encoding))
    for name in _PARTS:
        parts = node.get(name)
        for part in parts if isinstance(parts, list | tuple) else ():
            if isinstance(part, Mapping):
                yield from _units(part, rows, encoding)
    inner = node.get("spec")
    if isinstance(inner, Mapping):
        yield from _units(inner, rows, encoding)


def _tooltips(given: object) -> Iterator[tuple[str, str]]:
    for one in given if isinstance(given, list | tuple) else (given,):
        if isinstance(one, Mapping) and isinstance(one.get("field"), str):
            yield one["field"], str(one.get("title") or one["field"])


def _encoded(encoding: Mapping[str, Any], otherwise: str = "") -> Iterator[tuple[str, str]]:
    for channel in _CHANNELS:
        one = encoding.get(channel)
        if isinstance(one, Mapping) and isinstance(one.get("field"), str):
            yield one["field"], str(one.get("title") or otherwise or one["field"])


def _divided(spec: Mapping[str, Any]) -> object:
    """What a picture is divided by, which its tooltips need not repeat."""
    facet = spec.get("facet")
    if isinstance(facet, Mapping) and "field" not in facet:
        return facet.get("row") or facet.get("column")
    return facet


def _grid(rows: Sequence[_Row], fields: _Fields, caption: str) -> Grid | None:
    lines: dict[tuple[str, ...], None] = {}
    names = [name for name in fields if any(_held(row, name) for row in rows)]
    for row in rows:
        if isinstance(row, Mapping):
            texts = tuple(_text(row.get(name)) for name in names)
            lines.setdefault((*texts, str(row.get(PLACE, ""))))
    if not names or not lines:
        return None
    columns = []
    for place, name in enumerate(names):
        own = [line[place] for line in lines]
        numeric = place > 0 and all(
            text in ("", "–", numerals.NOTHING) or _NUMBER.fullmatch(text) for text in own
        )
        columns.append(Column(head=fields[name], texts=own, numeric=numeric))
    return grid(caption, columns, places=[line[-1] for line in lines])


def _held(row: object, name: str) -> bool:
    return isinstance(row, Mapping) and row.get(name) is not None


def _text(value: object) -> str:
    """A value of a specification for people."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return numerals.NOTHING
    if isinstance(value, bool):
        return "✓" if value else ""
    if isinstance(value, int | float):
        return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
    return str(value)
