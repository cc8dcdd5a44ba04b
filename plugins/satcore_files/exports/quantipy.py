"""Quantipy: a plain table, and what it means in JSON of the same name beside it.

``columns`` of the JSON tells each column's type, text and values; values may stand in ``lib``.
A ``delimited set`` is a question with several answers: ``1;3;`` in one cell. ``missings`` names
codes that are no answers.

Source: the example that comes with Quantipy, Example Data (A), whose JSON tells all of this but
``missings``, which has no public source that was read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from satcore import ResponseSet, Variable, is_address
from satcore_files.exports.layouts import Head, Layout
from satcore_files.options import Option

#: Bytes that a description may have.
_LONGEST: Final = 1 << 26


def recognised(head: Head) -> Layout | None:
    """The layout of a table with a Quantipy description beside it; None where there is none."""
    meta = _described(head.path)
    if meta is None:
        return None
    known = {name: meta["columns"][name] for name in head.header if name in meta["columns"]}
    variables, options, sets = {}, [], []
    for name, column in known.items():
        if not isinstance(column, Mapping):
            continue
        labels = _values(column.get("values"), meta)
        label = _text(column.get("text"), meta)
        missing = _missing(column.get("missings"))
        variables[name] = Variable(label=label, labels=labels, missing=missing)
        if column.get("type") == "delimited set":
            texts = {f"{name}:{code}": text for code, text in labels.items() if code not in missing}
            sets.append(ResponseSet(name=name, label=label, options=texts))
            options += [
                Option(
                    name=option,
                    sources=(name,),
                    among=(name,),
                    codes=(option.removeprefix(f"{name}:"),),
                    separator=";",
                    missing=tuple(f"{code};" for code in missing),
                )
                for option in texts
            ]
    return Layout(
        name="quantipy",
        columns=head.header,
        variables=variables,
        options=tuple(options),
        sets=tuple(sets),
        remarks=(f"described by {Path(head.path).with_suffix('.json').name}",),
    )


def _described(path: str) -> dict[str, Any] | None:
    if is_address(path):
        return None
    beside = Path(path).with_suffix(".json")
    try:
        if not beside.is_file() or beside.stat().st_size > _LONGEST:
            return None
        meta = json.loads(beside.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    if isinstance(meta, dict) and all(
        isinstance(meta.get(one), dict) for one in ("columns", "lib")
    ):
        return meta
    return None


def _text(text: object, meta: Mapping[str, Any]) -> str:
    """A text in the description's own language, else in the first there is."""
    if isinstance(text, Mapping) and text:
        text = text.get(meta["lib"].get("default text"), next(iter(text.values())))
    return " ".join(text.split()) if isinstance(text, str) else ""


def _values(values: object, meta: Mapping[str, Any]) -> dict[str, str]:
    """Texts by code; values that stand elsewhere are named by their path there."""
    if isinstance(values, str):
        place: object = meta
        for step in values.split("@"):
            place = place.get(step) if isinstance(place, Mapping) else None
        values = place
    if not isinstance(values, list):
        return {}
    return {
        str(one["value"]): _text(one.get("text"), meta)
        for one in values
        if isinstance(one, Mapping) and isinstance(one.get("value"), int | str)
    }


def _missing(missings: object) -> tuple[str, ...]:
    return tuple(str(code) for code in missings) if isinstance(missings, Mapping) else ()
