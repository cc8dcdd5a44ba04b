"""A bundle of states as bytes that can't run anything, and back.

No plan is needed for either, and so no plugin: a state is arrays with reductions, and whoever
counted them may be absent. What is not in a bundle - which study it was counted for - goes along
as JSON that the caller chooses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from satcore.errors import DataError
from satcore.intake import REMEMBERED, Intake, ItemIntake, Odd, Seen
from satcore.planning import GroupingSet
from satcore.saved.container import KINDS, Arrays, packed, unpacked
from satcore.saved.reading import Values
from satcore.scanning import Bundle
from satcore.states import Array, Axis, Cells, Field, Reduction, State

_REDUCTIONS: Mapping[str, Reduction] = {"sum": "sum", "min": "min", "max": "max"}

#: Axes that an array may have beside the cell axis.
_MOST_AXES = 16


def dumps(bundle: Bundle, meta: Mapping[str, Any] | None = None) -> bytes:
    """A bundle as bytes: its fragments with their fingerprints, its intake, states and failures.

    A bundle that ``scan_fragment`` gave is to be finished first, by ``merge_bundles(plan,
    [bundle])``: tables of packs that no statistic has observed yet mean nothing without the plan.

    Args:
        bundle: What a scan left behind.
        meta: More to go along, of what JSON knows. It is no part of the bundle.

    Raises:
        ValueError: It holds tables of packs that no statistic has observed yet.
        DataError: A statistic's array holds no numbers, or all is more than a file may hold.
    """
    return b"".join(pieces(bundle, meta))


def loads(data: bytes | bytearray | memoryview, *, place: str = "a bundle of states") -> Bundle:
    """The bundle of such bytes. Nothing in them is believed before it is checked.

    Args:
        data: What ``dumps`` gave.
        place: Where it comes from, for messages.

    Raises:
        DataError: It is none, cut off, damaged or of another version.
    """
    return loaded(data, place)[0]


def loaded(data: bytes | bytearray | memoryview, place: str) -> tuple[Bundle, Values]:
    """A bundle and what went along with it.

    Raises:
        DataError: As ``loads``.
    """
    header, arrays = unpacked(data, place)
    values = Values(header, place)
    bundle = _bundle(values, arrays)
    arrays.close()
    return bundle, values.inner("meta")


def pieces(bundle: Bundle, meta: Mapping[str, Any] | None = None) -> Iterator[bytes | memoryview]:
    """What ``dumps`` gives, piece by piece.

    Raises:
        ValueError: As ``dumps``.
        DataError: As ``dumps``.
    """
    if bundle.packs:
        raise ValueError("the bundle holds tables of packs; finish it by merge_bundles(plan, …)")
    arrays: list[Array] = []
    return packed(_header(bundle, meta or {}, arrays), arrays)


def _header(bundle: Bundle, meta: Mapping[str, Any], arrays: list[Array]) -> dict[str, Any]:
    """All but the arrays, which are put into a list in their order."""
    from satcore import __version__

    return {
        "satcore": __version__,
        "meta": dict(meta),
        "fragments": {
            "id": [name for name, _ in bundle.fragments],
            "rows": [rows for _, rows in bundle.fragments],
            "fingerprint": [bundle.fingerprints.get(name) for name, _ in bundle.fragments],
        },
        "intake": _intake_header(bundle.intake),
        "failed": dict(bundle.failed),
        "sets": [_set_header(names, states, arrays) for names, states in bundle.states.items()],
    }


def _set_header(
    names: GroupingSet, states: Mapping[str, State], arrays: list[Array]
) -> dict[str, Any]:
    """One grouping set: its cells, nearly always one kind for all statistics, and its states."""
    cells = list(dict.fromkeys(state.cells for state in states.values()))
    place = {one: number for number, one in enumerate(cells)}
    return {
        "names": list(names),
        "cells": [[list(axis.labels) for axis in one.axes] for one in cells],
        "states": [
            {
                "key": key,
                "cells": place[state.cells],
                "fields": [
                    _field_header(key, name, one, state.arrays[name], arrays)
                    for name, one in state.fields.items()
                ],
            }
            for key, state in states.items()
        ],
    }


def _field_header(
    key: str, name: str, one: Field, array: Array, arrays: list[Array]
) -> dict[str, Any]:
    kind = np.dtype(one.dtype).newbyteorder("<").str
    if kind not in KINDS:
        raise DataError.at(
            key,
            f"its array {name!r} is {np.dtype(one.dtype)}; numbers of at most 8 bytes are saved",
        )
    arrays.append(array)
    return {"name": name, "reduction": one.reduction, "dtype": kind, "shape": list(one.shape)}


def _intake_header(intake: Intake) -> dict[str, Any]:
    return {
        "read": intake.read,
        "dropped": intake.dropped,
        "weights": _odd_header(intake.weights),
        "times": _odd_header(intake.times),
        "items": [
            {
                "key": key,
                "answered": one.answered,
                "missing": list(one.missing),
                "missing_counts": list(one.missing.values()),
                "invalid": _odd_header(one.invalid),
            }
            for key, one in intake.items.items()
        ],
    }


def _odd_header(odd: Odd) -> dict[str, Any]:
    return {
        "texts": list(odd.seen),
        "counts": [one.count for one in odd.seen.values()],
        "fragments": [one.fragment for one in odd.seen.values()],
        "rows": [one.row for one in odd.seen.values()],
        "others": odd.others,
    }


def _bundle(values: Values, arrays: Arrays) -> Bundle:
    fragments = values.inner("fragments")
    ids, rows = fragments.distinct("id"), fragments.counts("rows")
    fingerprints = fragments.optionals("fingerprint")
    if not len(ids) == len(rows) == len(fingerprints):
        raise fragments.wrong("rows", "a list of another length than the ids")
    intake = _intake(values.inner("intake"))
    if sum(rows) != intake.read:
        raise DataError.at(
            values.place,
            f"its fragments have {sum(rows)} rows, but {intake.read} were read: no satcore wrote it",
        )
    states: dict[GroupingSet, dict[str, State]] = {}
    for one in values.inners("sets"):
        names = tuple(one.distinct("names"))
        if names in states:
            raise one.wrong("names", "a grouping set that is there twice")
        states[names] = _states(one, names, arrays)
    return Bundle(
        fragments=tuple(zip(ids, rows, strict=True)),
        fingerprints={
            name: said for name, said in zip(ids, fingerprints, strict=True) if said is not None
        },
        intake=intake,
        states=states,
        failed=values.mapping("failed"),
    )


def _states(values: Values, names: GroupingSet, arrays: Arrays) -> dict[str, State]:
    cells = [_cells(values, names, one) for one in values.found.get("cells") or ()]
    states: dict[str, State] = {}
    for one in values.inners("states"):
        key, number = one.text("key"), one.count("cells")
        if key in states or number >= len(cells):
            raise one.wrong("key", "a statistic that is there twice, or has no cells")
        fields = {field.text("name"): _field(field) for field in one.inners("fields")}
        if len(fields) < len(one.inners("fields")):
            raise one.wrong("fields", "a list with a name twice")
        states[key] = State(
            cells[number],
            fields,
            {
                name: arrays.take(np.dtype(said.dtype).str, (len(cells[number]), *said.shape))
                for name, said in fields.items()
            },
        )
    if not states:
        raise values.wrong("states", "an empty list")
    return states


def _cells(values: Values, names: GroupingSet, found: Any) -> Cells:
    if not isinstance(found, list) or len(found) != len(names):
        raise values.wrong("cells", "no list of the labels of each of its dimensions")
    inner = Values(dict(zip(names, found, strict=True)), values.place, f"{values.path}.cells")
    axes = []
    for name in names:
        labels = inner.optionals(name)
        if len(set(labels)) < len(labels):
            raise inner.wrong(name, "a list with a label twice")
        axes.append(Axis(name, tuple(labels)))
    return Cells(tuple(axes))


def _field(values: Values) -> Field:
    kind, shape, reduction = values.text("dtype"), values.counts("shape"), values.text("reduction")
    if kind not in KINDS:
        raise values.wrong("dtype", f"{kind!r}, which is no type of numbers")
    if len(shape) > _MOST_AXES:
        raise values.wrong("shape", f"a list of more than {_MOST_AXES} lengths")
    if reduction not in _REDUCTIONS:
        raise values.wrong("reduction", "neither sum nor min nor max")
    return Field(
        reduction=_REDUCTIONS[reduction],
        shape=tuple(shape),
        dtype=np.dtype(kind).newbyteorder("="),
    )


def _intake(values: Values) -> Intake:
    intake = Intake(
        read=values.count("read"),
        dropped=values.counts("dropped"),
        weights=_odd(values.inner("weights")),
        times=_odd(values.inner("times")),
    )
    for one in values.inners("items"):
        missing, counts = one.distinct("missing"), one.counts("missing_counts")
        if len(missing) != len(counts):
            raise one.wrong("missing_counts", "a list of another length than the reasons")
        intake.items[one.text("key")] = ItemIntake(
            answered=one.count("answered"),
            missing=dict(zip(missing, counts, strict=True)),
            invalid=_odd(one.inner("invalid")),
        )
    if intake.kept < 0:
        raise values.wrong("dropped", "more rows than were read")
    return intake


def _odd(values: Values) -> Odd:
    texts, counts = values.distinct("texts"), values.counts("counts")
    fragments, rows = values.texts("fragments"), values.counts("rows")
    if not len(texts) == len(counts) == len(fragments) == len(rows) <= REMEMBERED:
        raise values.wrong("counts", "a list of another length than the texts, or too long")
    seen = {
        text: Seen(count, fragment, row)
        for text, count, fragment, row in zip(texts, counts, fragments, rows, strict=True)
    }
    return Odd(seen, values.count("others"))
