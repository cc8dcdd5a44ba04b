"""Bundles as bytes: all of them comes back, and nothing that was tampered with does."""

from __future__ import annotations

import hashlib
import json
import struct
import tracemalloc
from typing import Any

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

import satcore
from satcore.errors import DataError
from satcore.planning import Plan
from satcore.saved.codec import dumps, loads
from satcore.saved.container import MAGIC, MOST_BYTES, VERSION
from satcore.scanning import Bundle, merge_bundles, scan_fragment
from satcore.states import Field, State
from satcore_nps import NPS

DATA: dict[str, Any] = {
    "Q1": [10, 0, 7, None, "refused", 9, 9, 12],
    "region": ["n", "s", None, "n", "é", "s", "n", "s"],
    "month": ["2026-01", "2026-01", "2026-03", "2026-03", "2026-01", None, "2026-01", "2026-03"],
    "w": [1.5, 0.25, 1, 1, 2, 0, 1, 1],
}


def counted(**more: Any) -> tuple[Plan, Bundle]:
    plan = satcore.plan(
        NPS(item="Q1"), DATA, segments=["region"], wave="month", by=["region*month", "region"],
        missing=["refused"], invalid="missing", **more,
    )  # fmt: skip
    bundles = [scan_fragment(plan, one) for one in plan.survey.fragments]
    return plan, merge_bundles(plan, bundles)


def equal(one: Bundle, other: Bundle) -> None:
    assert one.fragments == other.fragments
    assert one.fingerprints == other.fingerprints
    assert one.intake == other.intake
    assert list(one.intake.items) == list(other.intake.items)
    assert one.failed == other.failed
    assert list(one.states) == list(other.states)
    for names, states in one.states.items():
        assert list(states) == list(other.states[names])
        for key, state in states.items():
            same(state, other.states[names][key])


def native(state: State) -> dict[str, Field]:
    return {
        name: evolve(said, dtype=np.dtype(said.dtype).newbyteorder("="))
        for name, said in state.fields.items()
    }


def same(one: State, other: State) -> None:
    assert one.cells == other.cells
    assert native(one) == native(other)
    for name, array in one.arrays.items():
        assert array.dtype == other.arrays[name].dtype
        assert array.shape == other.arrays[name].shape
        assert array.tobytes() == other.arrays[name].tobytes()


@pytest.mark.parametrize("more", [{}, {"weight": "w"}])
def test_all_of_a_bundle_comes_back(more: dict[str, Any]) -> None:
    _, bundle = counted(**more)
    bundle = evolve(bundle, fingerprints={bundle.fragments[0][0]: "abc"}, failed={"x": "why"})
    data = dumps(bundle)
    equal(loads(data), bundle)
    assert dumps(loads(data)) == data
    assert bundle.intake.items
    (cells,) = {state.cells for state in loads(data).states["region", "wave"].values()}
    assert [axis.labels for axis in cells.axes] == [
        ("n", "s", "é", None),
        ("2026-01", "2026-03", None),
    ]


def test_results_of_it_are_the_same() -> None:
    plan, bundle = counted()
    again = merge_bundles(plan, [loads(dumps(bundle))])
    assert satcore.evaluate(plan, again).to_json() == satcore.evaluate(plan, bundle).to_json()


def test_every_kind_of_number_and_reduction_comes_back() -> None:
    _, bundle = counted()
    cells = next(iter(bundle.states[("region", "wave")].values())).cells
    fields = {
        f"{kind}{way}": Field(reduction=way, shape=(2, 3), dtype=kind)  # type: ignore[arg-type]
        for kind in (
            "bool",
            "i1",
            "u1",
            "i2",
            "u2",
            "i4",
            "u4",
            "i8",
            "u8",
            "f2",
            "f4",
            "f8",
            ">i4",
        )
        for way in (("sum",) if kind == "bool" else ("sum", "min", "max"))
    }
    state = State.empty(cells, fields)
    found = loads(dumps(evolve(bundle, states={("region", "wave"): {"k": state}})))
    same(found.states[("region", "wave")]["k"], State(cells, fields, {
        name: array.astype(array.dtype.newbyteorder("=")) for name, array in state.arrays.items()
    }))  # fmt: skip


@pytest.mark.parametrize("kind", ["O", "c16", "U3", "M8[s]", "longdouble"])
def test_an_array_that_holds_no_plain_numbers_is_not_saved(kind: str) -> None:
    _, bundle = counted()
    cells = next(iter(bundle.states[("region", "wave")].values())).cells
    field = Field(dtype=kind)
    state = State(cells, {"a": field}, {"a": np.zeros(len(cells), dtype=kind)})
    with pytest.raises(DataError, match=r"mine: its array 'a' is .*numbers of at most 8 bytes"):
        dumps(evolve(bundle, states={("region", "wave"): {"mine": state}}))


def test_open_tables_are_not_saved() -> None:
    plan, _ = counted()
    with pytest.raises(ValueError, match="merge_bundles"):
        dumps(scan_fragment(plan, plan.survey.fragments[0]))


# --- what is refused ------------------------------------------------------------------------------


def sealed(data: bytes) -> bytes:
    """The same bytes with the lengths and the checksum that go with them."""
    header = struct.unpack_from("<Q", data, 24)[0]
    start = struct.pack("<16sIIQQQ", MAGIC, VERSION, 0, header, len(data), 0)
    digest = hashlib.sha256(start[16:] + data[80:]).digest()
    return start + digest + data[80:]


def rebuilt(header: Any, body: bytes, text: bytes | None = None) -> bytes:
    text = json.dumps(header).encode() if text is None else text
    padded = text + b" " * (-(80 + len(text)) % 64)
    start = struct.pack("<16sIIQQQ32s", MAGIC, VERSION, 0, len(text), 0, 0, b"")
    return sealed(start + padded + body)


def parts(data: bytes) -> tuple[Any, bytes]:
    length = struct.unpack_from("<Q", data, 24)[0]
    end = 80 + length
    return json.loads(data[80:end]), data[end + -end % 64 :]


@pytest.fixture(scope="module")
def good() -> bytes:
    return dumps(counted()[1], {"study": "x"})


def refused(data: bytes, why: str) -> None:
    with pytest.raises(DataError, match=why) as caught:
        loads(data, place="day1.satcore")
    assert str(caught.value).startswith("day1.satcore: ")


def test_cut_off_anywhere_is_refused(good: bytes) -> None:
    for length in (*range(200), *range(200, len(good), 37), len(good) - 1):
        refused(good[:length], "cut off|empty|first bytes")


def test_every_flipped_bit_is_refused(good: bytes) -> None:
    places = [*range(130), *range(130, len(good), 11)]
    for place in places:
        for bit in (0, 7):
            data = bytearray(good)
            data[place] ^= 1 << bit
            refused(bytes(data), "damaged|no state file|format|cut off")


def test_what_is_appended_is_refused(good: bytes) -> None:
    refused(good + b"\0" * 64, "64 bytes follow its end")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"PK\x03\x04", "zip archive"),
        (b"\x80\x04\x95", "a pickle"),
        (b"PAR1", "Parquet"),
        (b"", "empty"),
        (b"Q1,Q2\n", "first bytes"),
    ],
)
def test_other_files_are_told(data: bytes, why: str) -> None:
    refused(data, f"no state file of satcore: .*{why}")


def test_a_later_format_is_told(good: bytes) -> None:
    data = good[:16] + struct.pack("<I", VERSION + 1) + good[20:]
    refused(data, r"of format 2, but this satcore reads format 1.*update satcore")


def changed(header: Any, path: str, value: Any) -> Any:
    *way, last = [int(one) if one.isdigit() else one for one in path.split(".")]
    inner = header
    for one in way:
        inner = inner[one]
    inner[last] = value
    return header


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("sets.0.states.0.fields.0.dtype", "|O"),
        ("sets.0.states.0.fields.0.dtype", "<M8[s]"),
        ("sets.0.states.0.fields.0.dtype", "f8,O"),
        ("sets.0.states.0.fields.0.shape", [1 << 62, 1 << 62]),
        ("sets.0.states.0.fields.0.shape", [0, 1 << 62]),
        ("sets.0.states.0.fields.0.shape", [-1]),
        ("sets.0.states.0.fields.0.shape", [1] * 40),
        ("sets.0.states.0.fields.0.shape", [True]),
        ("sets.0.states.0.fields.0.shape", [2]),
        ("sets.0.states.0.fields.0.reduction", "__import__"),
        ("sets.0.states.0.fields", []),
        ("sets.0.states.0.cells", 9),
        ("sets.0.states.0.key", 1),
        ("sets.0.states", []),
        ("sets.0.cells", [[["a", "a"], ["b"]]]),
        ("sets.0.cells", [[["a"]]]),
        ("sets.0.cells", {}),
        ("sets.0.names", ["region", "region"]),
        ("fragments.id", []),
        ("fragments.rows", [-8]),
        ("fragments.rows", [1 << 70]),
        ("fragments.rows", [9]),
        ("fragments.fingerprint", [3]),
        ("intake.read", 8.0),
        ("intake.dropped", [99]),
        ("intake.items.0.missing_counts", []),
        ("intake.items.0.invalid.others", None),
        ("intake.items.0.invalid.texts", ["a"] * 2),
        ("failed", {"a": 1}),
        ("meta", []),
    ],
)  # fmt: skip
def test_a_header_that_lies_is_refused(good: bytes, path: str, value: Any) -> None:
    header, body = parts(good)
    loads(rebuilt(header, body))
    refused(rebuilt(changed(header, path, value), body), "damaged|no satcore wrote it")


@pytest.mark.parametrize("missing", ["meta", "fragments", "intake", "failed", "sets"])
def test_a_header_that_lacks_a_part_is_refused(good: bytes, missing: str) -> None:
    header, body = parts(good)
    del header[missing]
    refused(rebuilt(header, body), f"{missing} of its header is missing")


@pytest.mark.parametrize(
    "text",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"[]",
        b"{",
        b'{"a": NaN}',
        b'{"a": ' + b"9" * 10_000 + b"}",
        b"\xff\xfe",
        b'"' + b"x" * 1000,
        b"[" + b"[]," * 1_200_000 + b"[]]",
        b"[" + b"1," * 9_000_000 + b"1]",
    ],
)
def test_a_header_that_is_none_is_refused_in_little_memory(text: bytes) -> None:
    data = rebuilt(None, b"", text)
    tracemalloc.start()
    try:
        refused(data, "damaged|more than one state file may hold")
        assert tracemalloc.get_traced_memory()[1] < 4 * len(data) + (1 << 22)
    finally:
        tracemalloc.stop()


def test_sizes_that_are_only_told_cost_no_memory(good: bytes) -> None:
    header, body = parts(good)
    changed(header, "sets.0.states.0.fields.0.shape", [MOST_BYTES // 100])
    data = rebuilt(header, body)
    tracemalloc.start()
    try:
        refused(data, "longer than the file|larger than any")
        assert tracemalloc.get_traced_memory()[1] < 1 << 22
    finally:
        tracemalloc.stop()


# --- fuzz -----------------------------------------------------------------------------------------

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.sampled_from(["sum", "<i8", "|O", "region", "wave", ""]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


def _places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = (
        list(value.items())
        if isinstance(value, dict)
        else list(enumerate(value))
        if isinstance(value, list)
        else []
    )
    return [
        *([way] if way else []),
        *(p for name, one in inner for p in _places(one, (*way, name))),
    ]


def _survives(data: bytes) -> None:
    """Either a bundle that can be written again, or a refusal with the file's name."""
    try:
        bundle = loads(data, place="f.satcore")
    except DataError as error:
        assert str(error).startswith("f.satcore: ")  # noqa: PT017
    else:
        equal(loads(dumps(bundle)), bundle)


@settings(max_examples=300, deadline=None)
@given(
    edits=st.lists(st.tuples(st.integers(0, 1 << 20), st.binary(max_size=8)), max_size=4),
    seal=st.booleans(),
)
def test_fuzzed_bytes_are_read_or_refused(
    good: bytes, edits: list[tuple[int, bytes]], seal: bool
) -> None:
    data = bytearray(good)
    for place, new in edits:
        place %= len(data)
        data[place : place + len(new)] = new
    _survives(sealed(bytes(data)) if seal and len(data) > 80 else bytes(data))


@settings(max_examples=500, deadline=None)
@given(data=st.data())
def test_fuzzed_headers_are_read_or_refused(good: bytes, data: st.DataObject) -> None:
    header, body = parts(good)
    for _ in range(data.draw(st.integers(1, 3))):
        *way, last = data.draw(st.sampled_from(_places(header)))
        inner = header
        for one in way:
            inner = inner[one]
        inner[last] = data.draw(_JSON)
    _survives(rebuilt(header, body))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    _survives(data)
    _survives(MAGIC + data)
    _survives(sealed(MAGIC + struct.pack("<I", 1) + data.ljust(64, b"\0")))
