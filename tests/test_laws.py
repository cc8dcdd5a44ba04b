"""The laws of counting, on random surveys that are cut in every way."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import reduce
from itertools import pairwise
from typing import Any
from unittest import mock

import numpy as np
import polars as pl
import pytest
from attrs import evolve, field, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from satcore import (
    Block,
    Codebook,
    Counted,
    Field,
    Item,
    Metric,
    Scale,
    Statistic,
    Survey,
    Tally,
    blocks,
)
from satcore.blocks import BLOCK_ROWS
from satcore.codebook import Declaration
from satcore.engines import LocalEngine
from satcore.errors import DataError
from satcore.evaluation import results_of
from satcore.intake import ItemIntake
from satcore.lineup import rolled
from satcore.metrics import declared_statistics
from satcore.periods import periods_between
from satcore.planning import Dimensions, Keep, Measure, Plan, Wave
from satcore.results import About, Measured, Results
from satcore.scanning import Bundle, finished, merge_bundles, scan_fragment
from satcore.states import Axis, Cells, State, merge, ordered
from satcore.statistics import Rows

HIGHEST, LOWEST = np.iinfo(np.int64).max, np.iinfo(np.int64).min

few = settings(derandomize=True, deadline=None, max_examples=30)
some = settings(derandomize=True, deadline=None, max_examples=60)


# --------------------------------------------------------------------------- what is measured


@frozen
class Extremes(Statistic):
    """A third party's statistic: every reduction, integers and floats, an axis of its own."""

    item: Item

    def fields(self, *, weighted: bool) -> Mapping[str, Field]:
        fields = {
            "n": Field(),
            "total": Field(),
            "least": Field(reduction="min"),
            "most": Field(reduction="max", shape=(2,)),
            "low": Field(reduction="min", dtype=np.float64),
        }
        return {**fields, "w": Field(dtype=np.float64)} if weighted else fields

    def observe(self, block: Block) -> Mapping[str, Any]:
        codes = block.codes(self.item)
        most = block.most(codes, LOWEST)
        counted = {
            "n": block.rows_by_cell(),
            "total": block.total(codes),
            "least": block.least(codes, HIGHEST),
            "most": np.stack([most, block.most(-codes.astype(np.int64), LOWEST)], axis=1),
            "low": block.least(codes / 3.0, np.inf),
        }
        if block.weight is not None:
            counted["w"] = block.total(block.weight)
        return counted


@frozen(kw_only=True)
class Everything(Metric):
    """Tallies of both questions and a third party's statistic."""

    def statistics(self, codebook: Codebook) -> Mapping[str, Any]:
        first, second = codebook.item("first"), codebook.item("second")
        return {"tallies": (Tally(first), Tally(second)), "extremes": Extremes(first)}

    def evaluate(self, tallies: Any, extremes: Counted) -> Iterator[Any]:
        for tally in tallies:
            top = [tally.item.scale.high]
            yield tally.mean()
            yield tally.share(top, term="top")
            yield tally.net(top, [tally.item.scale.low], term="net")


FIRST = Scale(low=0, high=10, codes=(("Top", 10), ("没有", 0)))
SECOND = Scale.of_codes({"Bad": 1, "Good": 2, "很好": 3})

CODEBOOK = Codebook(
    declared={
        "first": Declaration(scale=FIRST, missing=("99",)),
        "second": Declaration(scale=SECOND),
    },
    missing=("NA",),
)

# --------------------------------------------------------------------------- what was answered

#: Answers and the codes they stand for, by the type of their column.
FIRST_ANSWERS: Mapping[Any, Mapping[Any, int]] = {
    pl.String: {
        "0": 0, "3": 3, "9": 9, "10": 10, " 9 ": 9, "9.0": 9, "+4": 4, "Top": 10, "没有": 0,
        "": 11, None: 11, "  ": 11, "NA": 11, "99": 11, "99.0": 11,
        "11": 12, "-1": 12, "9.5": 12, "x": 12, "top": 12,
    },
    pl.Int64: {**{value: value for value in range(11)}, 99: 11, None: 11, 11: 12, -(2**60): 12},
    pl.Int8: {**{value: value for value in range(11)}, 99: 11, None: 11, -128: 12, 127: 12},
    pl.Float64: {
        0.0: 0, 9.0: 9, 10.0: 10, 99.0: 11, None: 11, math.nan: 11,
        9.5: 12, -1.0: 12, math.inf: 12,
    },
}  # fmt: skip

SECOND_ANSWERS: Mapping[str | None, int] = {
    "Bad": 0, "Good": 1, "很好": 2, "1": 0, "2": 1, "3.0": 2, None: 3, "NA": 3, "4": 4, "Goo": 4,
}  # fmt: skip

#: Segment values and the labels they stand for.
SEGMENTS: Sequence[tuple[Any, Mapping[Any, str | None]]] = (
    (
        pl.String,
        {
            text: text or None
            for text in
            [None, "", "NA", "1", "1.0", "10", "-3", "北京", "W10", "W2", "b", "B", "nan", "é"]
        },
    ),
    (pl.Categorical, {"North": "North", "NA": "NA", None: None}),
    (pl.Int32, {None: None, 1: "1", 2: "2", 10: "10", -3: "-3"}),
    (pl.Float64, {None: None, math.nan: None, 1.0: "1", 2.5: "2.5", 10.0: "10"}),
    (pl.Boolean, {True: "true", False: "false", None: None}),
    (pl.Int64, {value: str(value) for value in range(-150, 250)}),
)  # fmt: skip

#: Times and the months that they fall into.
TIMES: Mapping[str | None, str | None] = {
    "2025-11-30": "2025-11", "2025-11-01T23:59:59Z": "2025-11", "2026-02-01": "2026-02",
    "2026/2/3 12:00": "2026-02", "20260731": "2026-07", " 2026-03-05 ": "2026-03",
    "": None, None: None,
}  # fmt: skip


@frozen(kw_only=True, eq=False)
class Answers:
    """A random survey, as one frame, and what plain Python makes of it.

    Attributes:
        frame: The answers.
        codes: The code of each answer, by item.
        labels: The label of each row, by dimension.
        kept: Whether each row is kept.
        dimensions: What cells are made of.
    """

    frame: pl.DataFrame
    codes: Mapping[str, list[int]]
    labels: Mapping[str, list[str | None]]
    kept: list[bool]
    dimensions: Dimensions

    @property
    def names(self) -> tuple[str, ...]:
        return self.dimensions.names


def _drawn(rng: Any, rows: int, meanings: Mapping[Any, Any]) -> tuple[list[Any], list[Any]]:
    raw = list(meanings)
    values = [raw[place] for place in rng.integers(0, len(raw), rows)]
    return values, [meanings[value] for value in values]


@st.composite
def answers(
    draw: st.DrawFn, *, weighted: bool = False, most: int = 60, waves: bool = True
) -> Answers:
    rows = draw(st.integers(0, most))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kind = draw(st.sampled_from(list(FIRST_ANSWERS)))
    first, first_codes = _drawn(rng, rows, FIRST_ANSWERS[kind])
    second, second_codes = _drawn(rng, rows, SECOND_ANSWERS)
    columns = {
        "first": pl.Series(first, dtype=kind),
        "second": pl.Series(second, dtype=pl.String),
    }
    codes = {"first": first_codes, "second": second_codes}
    labels: dict[str, list[str | None]] = {}
    segments = ("one", "two")[: draw(st.integers(0, 2))]
    for name in segments:
        dtype, meanings = draw(st.sampled_from(SEGMENTS))
        values, labels[name] = _drawn(rng, rows, meanings)
        columns[name] = pl.Series(values, dtype=dtype)
    wave = None
    source = draw(st.sampled_from([None, "column", "time"])) if waves else None
    if source == "column":
        wave = Wave(column="when")
        values, labels["wave"] = _drawn(rng, rows, {"w10": "w10", "w9": "w9", None: None})
        columns["when"] = pl.Series(values, dtype=pl.String)
    elif source == "time":
        wave = Wave(column="when", period="month")
        values, labels["wave"] = _drawn(rng, rows, TIMES)
        columns["when"] = pl.Series(values, dtype=pl.String)
    if weighted:
        columns["w"] = pl.Series(rng.choice([0.0, 1.0, 0.1, 1e-4, 12345.678], rows))
        columns["w"] *= pl.Series(rng.random(rows))
    keep, kept = [], [True] * rows
    status, _ = _drawn(rng, rows, dict.fromkeys(["done", "test", "", None]))
    columns["status"] = pl.Series(status, dtype=pl.String)
    if draw(st.booleans()):
        keep.append(Keep(column="status", is_=("done", "")))
        kept = [before and one != "test" for before, one in zip(kept, status, strict=True)]
    if draw(st.booleans()):
        keep.append(Keep(column="second", not_=("Bad", "1")))
        kept = [
            before and one not in ("Bad", "1") for before, one in zip(kept, second, strict=True)
        ]
    declared = {"one": ("never", "NA")} if draw(st.booleans()) and segments else {}
    return Answers(
        frame=pl.DataFrame([series.alias(name) for name, series in columns.items()]),
        codes=codes,
        labels=labels,
        kept=kept,
        dimensions=Dimensions(
            segments=segments,
            wave=wave,
            weight="w" if weighted else None,
            keep=tuple(keep),
            declared=declared,
        ),
    )


@frozen(kw_only=True, eq=False)
class Piece:
    """A fragment that gives its rows in batches cut at given places."""

    id: str
    frame: pl.DataFrame
    cuts: tuple[int, ...] = ()
    said: int | None = field()

    @said.default
    def _all(self) -> int:
        return self.frame.height

    @property
    def rows(self) -> int | None:
        return self.said

    def read(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        yield from pieces(self.frame.select(columns), self.cuts)


def pieces(frame: pl.DataFrame, cuts: Sequence[int]) -> list[pl.DataFrame]:
    """A frame cut at some rows; empty pieces where a place stands twice or outside."""
    edges = [0, *sorted(min(cut, frame.height) for cut in cuts), frame.height]
    return [frame.slice(start, end - start) for start, end in pairwise(edges)]


def survey_of(frames: Sequence[pl.DataFrame], batches: Sequence[Sequence[int]] = ()) -> Survey:
    cuts = [*batches, *([()] * (len(frames) - len(batches)))]
    return Survey(
        name="random",
        columns=tuple(frames[0].columns) if frames else (),
        fragments=tuple(
            Piece(id=f"part {number}", frame=frame, cuts=tuple(cut))
            for number, (frame, cut) in enumerate(zip(frames, cuts, strict=False))
        ),
    )


def by_all(names: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Each dimension, and all of them together."""
    return tuple(dict.fromkeys([*((name,) for name in names), *([tuple(names)] if names else [])]))


def plan_of(
    survey: Survey, dimensions: Dimensions, by: tuple[tuple[str, ...], ...] | None = None
) -> Plan:
    metric = Everything()
    by = by_all(dimensions.names) if by is None else by
    return Plan(
        survey=survey,
        measures=(
            Measure(
                measured=Measured(name="all", kind="all", metric=metric),
                declared=declared_statistics(metric, CODEBOOK),
                by=by,
            ),
        ),
        dimensions=dimensions,
        about=About(by=by, segments=dimensions.segments, invalid="missing"),
        comparisons=("rest", "previous", "heterogeneity"),
    )


@contextmanager
def blocks_at(rows: int) -> Iterator[None]:
    """Blocks of so many rows."""
    with (
        mock.patch.object(blocks, "BLOCK_ROWS", rows),
        mock.patch.object(blocks, "FEW_COLUMNS", ()),
    ):
        yield


def scanned(plan: Plan, threads: int = 1) -> Bundle:
    bundle = LocalEngine(threads=threads).scan(plan)
    assert not bundle.failed
    return bundle


# --------------------------------------------------------------------------- what is compared


def state_bytes(state: State) -> dict[str, Any]:
    """Everything that a state is."""
    return {
        "axes": [(axis.name, axis.labels) for axis in state.cells.axes],
        "fields": {name: (one.reduction, one.shape) for name, one in state.fields.items()},
        "arrays": {
            name: (array.dtype.str, array.shape, array.tobytes())
            for name, array in state.arrays.items()
        },
    }


def states_bytes(bundle: Bundle) -> dict[Any, Any]:
    return {
        (names, key): state_bytes(state)
        for names, by_key in bundle.states.items()
        for key, state in by_key.items()
    }


def counts(plan: Plan, bundle: Bundle) -> dict[str, Any]:
    """The counts of an intake, without its places."""
    intake = bundle.intake
    return {
        "rows": sum(rows for _, rows in bundle.fragments),
        "read": intake.read,
        "kept": intake.kept,
        "dropped": intake.dropped,
        "weights": intake.weights.counts(),
        "times": intake.times.counts(),
        "items": {
            item.name: (one.answered, one.missing, one.invalid.counts())
            for item in plan.items
            for one in [intake.items.get(item.key, ItemIntake())]
        },
    }


def results(plan: Plan, bundle: Bundle) -> Results:
    return results_of(plan, finished(plan, bundle))


def told(plan: Plan, bundle: Bundle) -> dict[str, Any]:
    """Everything that a reader of the results sees, but for the places of odd answers."""
    found = results(plan, bundle)
    assert not found.failures
    return {
        "responses": found.responses,
        "items": found.items,
        **{
            f"{kind} {name}": table.plain(name)
            for kind, table in (("estimate", found.estimates), ("comparison", found.comparisons))
            for name in table.columns
        },
    }


def assert_near(found: Bundle, wanted: Bundle) -> None:
    """Equal labels and integers to the bit; sums of weights to 1e-12 of their absolute terms."""
    assert list(found.states) == list(wanted.states)
    for names, by_key in wanted.states.items():
        for key, state in by_key.items():
            other = found.states[names][key]
            assert other.cells == state.cells
            assert_arrays_near(other, state)


def assert_arrays_near(found: State, wanted: State) -> None:
    assert list(found.arrays) == list(wanted.arrays)
    for name, array in wanted.arrays.items():
        assert found.arrays[name].dtype == array.dtype
        assert found.arrays[name].shape == array.shape
        if name in ("w", "w2"):  # no term is negative
            assert np.all(np.abs(found.arrays[name] - array) <= 1e-12 * array)
        else:
            np.testing.assert_array_equal(found.arrays[name], array)


cuts = st.lists(st.integers(0, 60), max_size=6)
batches = st.lists(cuts, max_size=7)
threads = st.integers(1, 8)
block_rows = st.one_of(st.integers(1, 9), st.just(BLOCK_ROWS))


# --------------------------------------------------------------------------- observe(A ++ B)


class TestEveryCut:
    @some
    @given(answers(), cuts, batches, threads, block_rows, st.randoms(use_true_random=False))
    def test_unweighted_states_are_equal_to_the_bit(
        self, drawn, cuts, batches, threads, block_rows, random
    ):
        whole = plan_of(survey_of([drawn.frame]), drawn.dimensions)
        frames = pieces(drawn.frame, cuts)
        random.shuffle(frames)
        with blocks_at(block_rows):
            cut = evolve(whole, survey=survey_of(frames, batches))
            found = scanned(cut, threads)
        wanted = scanned(whole)
        assert states_bytes(found) == states_bytes(wanted)
        assert counts(cut, found) == counts(whole, wanted)

    @few
    @given(answers(most=30), cuts, threads, block_rows, st.randoms(use_true_random=False))
    def test_unweighted_results_are_equal_to_the_bit(
        self, drawn, cuts, threads, block_rows, random
    ):
        whole = plan_of(survey_of([drawn.frame]), drawn.dimensions)
        frames = pieces(drawn.frame, cuts)
        random.shuffle(frames)
        with blocks_at(block_rows):
            cut = evolve(whole, survey=survey_of(frames))
            found = told(cut, scanned(cut, threads))
        assert found == told(whole, scanned(whole))

    @few
    @given(answers(weighted=True, most=30), cuts, batches, threads, block_rows)
    def test_weighted_states_of_the_same_fragments_are_equal_to_the_bit(
        self, drawn, cuts, batches, threads, block_rows
    ):
        frames = pieces(drawn.frame, cuts)
        one = plan_of(survey_of(frames), drawn.dimensions)
        other = evolve(one, survey=survey_of(frames, batches))
        with blocks_at(block_rows):
            wanted, found = scanned(one), scanned(other, threads)
        assert states_bytes(found) == states_bytes(wanted)
        assert found.fragments == wanted.fragments
        assert found.intake == wanted.intake
        assert told(other, found) == told(one, wanted)

    @some
    @given(
        answers(weighted=True), cuts, batches, threads, block_rows,
        st.randoms(use_true_random=False),
    )  # fmt: skip
    def test_weighted_states_of_any_cut_agree(
        self, drawn, cuts, batches, threads, block_rows, random
    ):
        whole = plan_of(survey_of([drawn.frame]), drawn.dimensions)
        frames = pieces(drawn.frame, cuts)
        random.shuffle(frames)
        with blocks_at(block_rows):
            cut = evolve(whole, survey=survey_of(frames, batches))
            found = scanned(cut, threads)
        wanted = scanned(whole)
        assert_near(found, wanted)
        assert counts(cut, found) == counts(whole, wanted)

    @few
    @given(answers(), cuts, batches, block_rows)
    def test_odd_answers_are_met_in_the_rows_order(self, drawn, cuts, batches, block_rows):
        whole = plan_of(survey_of([drawn.frame]), drawn.dimensions)
        with blocks_at(block_rows):
            cut = evolve(whole, survey=survey_of(pieces(drawn.frame, cuts), batches))
            found = scanned(cut)
        for item in whole.items:
            first: dict[Any, int] = {}
            for row, (code, kept) in enumerate(
                zip(drawn.codes[item.name], drawn.kept, strict=True), 1
            ):
                if kept and code == item.invalid_code:
                    first.setdefault(drawn.frame[item.name][row - 1], row)
            for bundle in (scanned(whole), found):
                starts = _starts(bundle)
                odd = bundle.intake.items.get(item.key, ItemIntake()).invalid
                places = [starts[one.fragment] + one.row for one in odd.seen.values()]
                assert places == list(first.values())

    @few
    @given(answers(), cuts, block_rows, st.data())
    def test_the_type_with_which_a_piece_was_read_changes_nothing(
        self, drawn, cuts, block_rows, data
    ):
        """Fragments, and the batches of one fragment, may each have been read as they liked."""
        # Only columns whose texts other types can hold.
        exact = [
            name
            for name, series in drawn.frame.to_dict(as_series=True).items()
            if series.dtype.is_integer()
        ]
        kinds = [pl.String, pl.Int64, pl.Categorical, pl.Float64, pl.Int128]
        batches = []
        for frame in pieces(drawn.frame, cuts):
            casts = {}
            for name in exact:
                kind = data.draw(st.sampled_from(kinds))
                casts[name] = frame[name].cast(pl.String if kind == pl.Categorical else kind)
                casts[name] = casts[name].cast(kind)
                if kind == pl.Float64 and not _holds(frame[name]):
                    casts[name] = frame[name]
            for name, series in frame.to_dict(as_series=True).items():
                if series.null_count() == len(series) and data.draw(st.booleans()):
                    casts[name] = pl.Series([None] * len(series), dtype=pl.Null)
            batches.append(frame.with_columns(**casts))
        whole = plan_of(survey_of([drawn.frame]), drawn.dimensions)
        wanted = states_bytes(scanned(whole))
        with blocks_at(block_rows):
            apart = scanned(evolve(whole, survey=survey_of(batches)))
            together = scanned(evolve(whole, survey=survey_of_batches(batches)))
        assert states_bytes(apart) == wanted
        assert states_bytes(together) == wanted


def _holds(series: pl.Series) -> bool:
    """Whether a float holds every one of some integers."""
    return all(value is None or abs(value) <= 2**53 for value in series.to_list())


def _starts(bundle: Bundle) -> dict[str, int]:
    """How many rows come before each fragment."""
    starts, rows = {}, 0
    for name, size in bundle.fragments:
        starts[name] = rows
        rows += size
    return starts


@frozen(kw_only=True, eq=False)
class Stream:
    """A fragment made of batches whose types may differ."""

    id: str
    batches: tuple[pl.DataFrame, ...]
    rows: int | None = None

    def read(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        for batch in self.batches:
            yield batch.select(columns)


def survey_of_batches(batches: Sequence[pl.DataFrame]) -> Survey:
    stream = Stream(id="stream", batches=tuple(batches))
    return Survey(name="random", columns=tuple(batches[0].columns), fragments=(stream,))


# --------------------------------------------------------------------------- plain counting


def plain_order(labels: set[str | None], declared: Sequence[str] = ()) -> list[str | None]:
    """Declared labels, numbers by size, texts with the numbers in them by size, the absent one."""

    def finite(text: str) -> bool:
        try:
            return math.isfinite(float(text))
        except ValueError:
            return False

    texts = [label for label in labels if label is not None and label not in declared]
    numbers = sorted((text for text in texts if finite(text)), key=lambda text: (float(text), text))

    def natural(text: str) -> tuple[list[tuple[int, int, str]], str]:
        parts = re.findall(r"\d+|\D+", text)
        return [(0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts], text

    others = sorted((text for text in texts if not finite(text)), key=natural)
    return [*declared, *numbers, *others, *([None] if None in labels else [])]


class TestPlainCounting:
    @some
    @given(answers(weighted=True, most=150), cuts, threads, block_rows)
    def test_states_equal_what_a_loop_over_rows_counts(self, drawn, cuts, threads, block_rows):
        whole = plan_of(survey_of(pieces(drawn.frame, cuts)), drawn.dimensions)
        with blocks_at(block_rows):
            bundle = scanned(whole, threads)
        rows = [row for row, kept in enumerate(drawn.kept) if kept]
        weight = drawn.frame["w"].to_list()
        assert bundle.intake.read == drawn.frame.height
        assert bundle.intake.kept == len(rows)
        for names in by_all(drawn.names):
            axes = [
                plain_order(
                    {drawn.labels[name][row] for row in rows},
                    drawn.dimensions.declared.get(name, ()),
                )
                for name in names
            ]
            shape = tuple(map(len, axes))
            cell = {
                row: tuple(
                    axis.index(drawn.labels[name][row])
                    for name, axis in zip(names, axes, strict=True)
                )
                for row in rows
            }
            for item in whole.items:
                state = rolled(bundle, names, Tally(item).key)
                assert [list(axis.labels) for axis in state.cells.axes] == axes
                wanted = {name: np.zeros((*shape, item.size)) for name in ("n", "w", "w2")}
                for row in rows:
                    place = (*cell[row], drawn.codes[item.name][row])
                    wanted["n"][place] += 1
                    wanted["w"][place] += weight[row]
                    wanted["w2"][place] += weight[row] ** 2
                for name, array in wanted.items():
                    found = state.arrays[name].reshape(array.shape)
                    np.testing.assert_allclose(found, array, rtol=0 if name == "n" else 1e-12)
            wanted = {
                "n": np.zeros(shape),
                "total": np.zeros(shape),
                "least": np.full(shape, HIGHEST),
                "most": np.full((*shape, 2), LOWEST),
                "low": np.full(shape, np.inf),
            }
            for row in rows:
                place, code = cell[row], drawn.codes["first"][row]
                wanted["n"][place] += 1
                wanted["total"][place] += code
                wanted["least"][place] = min(wanted["least"][place], code)
                wanted["most"][place] = np.maximum(wanted["most"][place], (code, -code))
                wanted["low"][place] = min(wanted["low"][place], code / 3.0)
            state = rolled(bundle, names, Extremes(whole.items[0]).key)
            for name, array in wanted.items():
                np.testing.assert_array_equal(state.arrays[name].reshape(array.shape), array)

    @few
    @given(answers(), block_rows)
    def test_answers_are_counted_as_answered_missing_or_invalid(self, drawn, block_rows):
        plan = plan_of(survey_of([drawn.frame]), drawn.dimensions)
        with blocks_at(block_rows):
            bundle = scanned(plan)
        for item in plan.items:
            codes = [c for c, kept in zip(drawn.codes[item.name], drawn.kept, strict=True) if kept]
            found = bundle.intake.items.get(item.key, ItemIntake())
            assert found.answered == sum(code < item.levels for code in codes)
            assert sum(found.missing.values()) == codes.count(item.missing_code)
            assert found.invalid.count == codes.count(item.invalid_code)


# --------------------------------------------------------------------------- merging


POOL = ("NA", "1", "1.0", "01", "10", "2", "1.5", "W10", "W2", "W02", "B", "北京", None)
FIELDS = {
    "n": Field(),
    "table": Field(shape=(2, 3)),
    "small": Field(dtype=np.int16),
    "least": Field(reduction="min"),
    "most": Field(reduction="max", shape=(2,), dtype=np.int8),
    "low": Field(reduction="min", dtype=np.float64),
    "high": Field(reduction="max", dtype=np.float32),
}


@st.composite
def states(
    draw: st.DrawFn, axes: Sequence[str] = ("a", "b"), declared: Sequence[str] = ("b", "NA")
) -> State:
    labels = [draw(st.sets(st.sampled_from(POOL), max_size=5)) for _ in axes]
    cells = Cells(
        tuple(Axis(name, ordered(one, declared)) for name, one in zip(axes, labels, strict=True))
    )
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return State.of(
        cells,
        FIELDS,
        {
            name: np.asarray(
                rng.integers(-50, 50, (len(cells), *one.shape)), dtype=np.dtype(one.dtype)
            )
            for name, one in FIELDS.items()
        },
    )


DECLARED = {"a": ("b", "NA"), "b": ("b", "NA")}


def joined(first: State, second: State) -> State:
    return merge(first, second, DECLARED)


NOBODY = State.empty(Cells((Axis("a", ()), Axis("b", ()))), FIELDS)


class TestMerging:
    @some
    @given(states(), states())
    def test_it_commutes(self, one, other):
        assert state_bytes(joined(one, other)) == state_bytes(joined(other, one))

    @some
    @given(states(), states(), states())
    def test_it_is_associative(self, one, two, three):
        left = joined(joined(one, two), three)
        right = joined(one, joined(two, three))
        assert state_bytes(left) == state_bytes(right)

    @few
    @given(states())
    def test_nobodys_answers_change_nothing(self, one):
        same = State.empty(one.cells, FIELDS)
        for empty in (NOBODY, same):
            assert state_bytes(joined(one, empty)) == state_bytes(one)
            assert state_bytes(joined(empty, one)) == state_bytes(one)
        assert state_bytes(joined(NOBODY, NOBODY)) == state_bytes(NOBODY)
        assert state_bytes(joined(same, same)) == state_bytes(same)

    @few
    @given(states(), states())
    def test_the_operands_stay_as_they_are(self, one, other):
        before = state_bytes(one), state_bytes(other)
        for state in (one, other):
            for array in state.arrays.values():
                array.flags.writeable = False
        joined(one, other), one.rolled_up(("a",)), one.rest("a"), one.aligned(one.cells)
        assert (state_bytes(one), state_bytes(other)) == before

    @few
    @given(states(), states())
    def test_labels_stand_in_their_order(self, one, other):
        for mine, theirs, both in zip(
            one.cells.axes, other.cells.axes, joined(one, other).cells.axes, strict=True
        ):
            seen = {*mine.labels, *theirs.labels}
            declared = [label for label in ("b", "NA") if label in seen]
            assert list(both.labels) == plain_order(seen, declared)

    @few
    @given(states(), states())
    def test_rolling_up_commutes_with_merging(self, one, other):
        for names in ((), ("a",), ("b",), ("a", "b")):
            rolled_first = joined(one.rolled_up(names), other.rolled_up(names))
            assert state_bytes(joined(one, other).rolled_up(names)) == state_bytes(rolled_first)

    @few
    @given(states(("a", "b", "c"), ()))
    def test_rolling_up_in_steps_is_rolling_up_at_once(self, one):
        for names in ((), ("a",), ("c",)):
            steps = one.rolled_up(("a", "c")).rolled_up(names)
            assert state_bytes(steps) == state_bytes(one.rolled_up(names))

    @few
    @given(states(("a", "b", "c"), ()), st.sampled_from("abc"))
    def test_the_rest_is_the_others_merged_by_hand(self, one, axis):
        rest = one.rest(axis)
        assert rest.cells == one.cells
        for number in range(len(one.cells)):
            mine = one.cells.labels_of(number)
            others = [
                other
                for other in range(len(one.cells))
                if one.cells.labels_of(other)[axis] != mine[axis]
                and {**one.cells.labels_of(other), axis: None} == {**mine, axis: None}
            ]
            for name, kind in FIELDS.items():
                array = one.arrays[name]
                wanted = reduce(kind.ufunc, array[others], kind.empty(1)[0])
                assert rest.arrays[name].dtype == array.dtype
                np.testing.assert_array_equal(rest.arrays[name][number], wanted)

    def test_the_order_of_labels(self):
        labels = ["W10", "W2", "a", "10", "9", "-1", "1.5", None, "10 to 19", "2 to 9", "NA", "2b"]
        wanted = ["NA", "-1", "1.5", "9", "10", "2 to 9", "2b", "10 to 19", "W2", "W10", "a", None]
        assert list(ordered(labels, ("NA",))) == wanted
        assert list(ordered(reversed(labels), ("NA",))) == wanted

    def test_labels_that_no_number_can_hold(self):
        """Python refuses to read a number of so many digits."""
        long, longer = "9" * 5000, "1" + "0" * 5000
        labels = ["x" + longer, "x" + long, "x1", longer, long, "1e999", "inf", "x0" + long]
        assert list(ordered(labels)) == [
            "1e999", long, longer, "inf", "x1", "x0" + long, "x" + long, "x" + longer,
        ]  # fmt: skip

    def test_small_integers_stay_small(self):
        """numpy widens them when it sums; a state's arrays keep the type of their field."""
        fields = {"n": Field(dtype=np.uint8)}
        cells = Cells((Axis("a", ("x", "y", "z")),))
        state = State.of(cells, fields, {"n": np.array([200, 50, 1], dtype=np.uint8)})
        for other in (state.rest("a"), state.rolled_up(()), joined(state, state)):
            assert other.arrays["n"].dtype == np.uint8

    def test_alignment_is_by_label_and_new_cells_hold_the_identity(self):
        state = State.of(
            Cells((Axis("a", ("1", None)),)),
            {"n": Field(), "least": Field(reduction="min", dtype=np.int8)},
            {"n": np.array([3, 4]), "least": np.array([5, -6], dtype=np.int8)},
        )
        wide = state.aligned(Cells((Axis("a", ("0", "1", "2", None)),)))
        assert wide.arrays["n"].tolist() == [0, 3, 0, 4]
        assert wide.arrays["least"].tolist() == [127, 5, 127, -6]

    def test_merging_many_labels_takes_time_in_proportion(self):
        """A look-up by position would take minutes here."""
        labels = tuple(f"{number:06}" for number in range(60_000))
        fields = {"n": Field()}
        one = State.empty(Cells((Axis("a", labels[:40_000]),)), fields)
        other = State.empty(Cells((Axis("a", labels[20_000:]),)), fields)
        assert merge(one, other).cells.axes[0].labels == labels

    @pytest.mark.parametrize(
        ("arrays", "message"),
        [
            ({}, "observe returned [], but fields declares ['n']"),
            ({"n": np.zeros(2, np.int64), "m": np.zeros(2)}, "observe returned ['m', 'n']"),
            ({"n": np.zeros(3, np.int64)}, "'n' is int64[3], but fields declares int64[2]"),
            ({"n": np.zeros(2)}, "'n' is float64[2], but fields declares int64[2]"),
        ],
    )
    def test_what_observe_returns_is_held_against_its_fields(self, arrays, message):
        cells = Cells((Axis("a", ("x", "y")),))
        with pytest.raises(ValueError) as raised:  # noqa: PT011 - the message is held below
            State.of(cells, {"n": Field()}, arrays)
        assert str(raised.value).startswith(message)


class TestMergingBundles:
    @few
    @given(answers(), cuts, st.integers(0, 7))
    def test_bundles_merge_like_the_answers_they_hold(self, drawn, cuts, split):
        plan = plan_of(survey_of(pieces(drawn.frame, cuts)), drawn.dimensions)
        bundles = [scan_fragment(plan, fragment) for fragment in plan.survey.fragments]
        before = [(states_bytes(bundle), counts(plan, bundle)) for bundle in bundles]
        halves = [merge_bundles(plan, bundles[:split]), merge_bundles(plan, bundles[split:])]
        both = merge_bundles(plan, halves)
        at_once = merge_bundles(plan, bundles)
        assert states_bytes(both) == states_bytes(at_once)
        assert both.fragments == at_once.fragments
        assert counts(plan, both) == counts(plan, at_once)
        # Merging a second time gives the same: nothing was changed by the first.
        assert [(states_bytes(bundle), counts(plan, bundle)) for bundle in bundles] == before
        assert states_bytes(merge_bundles(plan, bundles)) == states_bytes(at_once)

    @few
    @given(answers())
    def test_the_bundle_of_nobody_changes_nothing(self, drawn):
        plan = plan_of(survey_of([drawn.frame]), drawn.dimensions)
        nobody, one = merge_bundles(plan, []), scan_fragment(plan, plan.survey.fragments[0])
        alone = merge_bundles(plan, [one])
        for bundles in ([nobody, one], [one, nobody], [nobody, one, nobody]):
            found = merge_bundles(plan, bundles)
            assert states_bytes(found) == states_bytes(alone)
            assert counts(plan, found) == counts(plan, one)
        assert states_bytes(merge_bundles(plan, [nobody, nobody])) == states_bytes(nobody)

    def test_no_answer_is_counted_twice(self):
        frame = pl.DataFrame({"first": [9], "second": ["Bad"]})
        plan = plan_of(survey_of([frame]), Dimensions())
        one = scan_fragment(plan, plan.survey.fragments[0])
        with pytest.raises(DataError, match="part 0: counted already; no answer is counted twice"):
            merge_bundles(plan, [one, one])


# --------------------------------------------------------------------------- rolling up


class TestRollingUp:
    @some
    @given(answers(most=100), cuts)
    def test_it_equals_scanning_the_coarser_set(self, drawn, cuts):
        survey = survey_of(pieces(drawn.frame, cuts))
        fine = plan_of(survey, drawn.dimensions)
        bundle = finished(fine, scanned(fine))
        for names in [(), *((name,) for name in drawn.names)]:
            coarse = plan_of(survey, drawn.dimensions, by=(names,))
            direct = finished(coarse, scanned(coarse)).states[names]
            for key in coarse.statistics:
                assert state_bytes(rolled(bundle, names, key)) == state_bytes(direct[key])

    @few
    @given(answers(weighted=True, most=100), cuts)
    def test_weighted_it_agrees_with_scanning_the_coarser_set(self, drawn, cuts):
        survey = survey_of(pieces(drawn.frame, cuts))
        fine = plan_of(survey, drawn.dimensions)
        bundle = finished(fine, scanned(fine))
        for names in [(), *((name,) for name in drawn.names)]:
            coarse = plan_of(survey, drawn.dimensions, by=(names,))
            direct = finished(coarse, scanned(coarse)).states[names]
            for key in coarse.statistics:
                found = rolled(bundle, names, key)
                assert found.cells == direct[key].cells
                assert_arrays_near(found, direct[key])

    @few
    @given(answers())
    def test_to_the_total_it_equals_counting_without_segments(self, drawn):
        survey = survey_of([drawn.frame])
        bundle = scanned(plan_of(survey, drawn.dimensions))
        bare = plan_of(survey, Dimensions(keep=drawn.dimensions.keep))
        total = scanned(bare).states[()]
        for key in bare.statistics:
            assert state_bytes(rolled(bundle, (), key)) == state_bytes(total[key])

    def test_only_the_largest_sets_are_scanned(self):
        names = ("one", "two")
        dimensions = Dimensions(segments=names)
        frame = pl.DataFrame({"first": [1], "second": ["Bad"], "one": ["x"], "two": ["y"]})
        assert plan_of(survey_of([frame]), dimensions).sets == (names,)
        assert plan_of(survey_of([frame]), dimensions, by=(("one",), ("two",))).sets == (
            ("one",),
            ("two",),
        )
        assert plan_of(survey_of([frame]), dimensions, by=()).sets == ((),)

    def test_a_set_that_was_not_scanned_is_no_silent_zero(self):
        frame = pl.DataFrame({"first": [1], "second": ["Bad"], "one": ["x"], "two": ["y"]})
        plan = plan_of(survey_of([frame]), Dimensions(segments=("one", "two")), by=(("one",),))
        with pytest.raises(KeyError):
            rolled(scanned(plan), ("two",), Rows().key)


# --------------------------------------------------------------------------- what changes nothing


class TestWhatChangesNothing:
    @few
    @given(answers(most=20), st.randoms(use_true_random=False))
    def test_the_order_of_rows(self, drawn, random):
        order = list(range(drawn.frame.height))
        random.shuffle(order)
        plan = plan_of(survey_of([drawn.frame]), drawn.dimensions)
        other = evolve(plan, survey=survey_of([drawn.frame[order]]))
        assert told(plan, scanned(plan)) == told(other, scanned(other))

    @few
    @given(answers(most=20))
    def test_a_label_that_nobody_has(self, drawn):
        names = drawn.dimensions.segments
        plan = plan_of(survey_of([drawn.frame]), evolve(drawn.dimensions, declared={}))
        more = plan_of(
            plan.survey, evolve(drawn.dimensions, declared=dict.fromkeys(names, ("nobody",)))
        )
        found = results(more, scanned(more)).to_dict()
        wanted = results(plan, scanned(plan)).to_dict()
        for kind in ("estimates", "comparisons"):
            there = {json.dumps(row, sort_keys=True) for row in found[kind]}
            assert there >= {json.dumps(row, sort_keys=True) for row in wanted[kind]}
        empty = [row for row in found["estimates"] if "nobody" in row["cell"].values()]
        assert {row["status"] for row in empty} <= {"empty"}
        assert bool(empty) == bool(names)

    @few
    @given(answers(most=20))
    def test_answers_in_other_words(self, drawn):
        """The wordings of ``codes`` and the numbers they stand for are the same answers."""
        number = {"Bad": "1", "Good": "2", "很好": "3", "Top": "10", "没有": "0"}
        other = drawn.frame.with_columns(
            pl.Series(name, [number.get(text, text) for text in drawn.frame[name]], dtype=pl.String)
            for name in ("first", "second")
            if drawn.frame[name].dtype == pl.String
        )
        dimensions = evolve(
            drawn.dimensions,
            keep=tuple(rule for rule in drawn.dimensions.keep if rule.column == "status"),
        )
        plan = plan_of(survey_of([drawn.frame]), dimensions)
        renamed = evolve(plan, survey=survey_of([other]))
        assert told(plan, scanned(plan)) == told(renamed, scanned(renamed))

    @few
    @given(answers(weighted=True))
    def test_scanning_leaves_the_answers_as_they_are(self, drawn):
        before = drawn.frame.clone().to_dict(as_series=False)
        plan = plan_of(survey_of([drawn.frame]), drawn.dimensions)
        scanned(plan)
        np.testing.assert_equal(drawn.frame.to_dict(as_series=False), before)

    @few
    @given(answers(weighted=True), threads)
    def test_a_second_scan_with_the_same_plan(self, drawn, threads):
        plan = plan_of(survey_of(pieces(drawn.frame, (3, 20))), drawn.dimensions)
        first, second = scanned(plan), scanned(plan, threads)
        assert states_bytes(first) == states_bytes(second)
        assert first.intake == second.intake


# --------------------------------------------------------------------------- many cells


def many(labels: int, rows: int, *, seed: int = 5) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "first": rng.integers(0, 11, rows),
            "second": rng.choice(["Bad", "Good", "很好"], rows),
            "one": rng.integers(0, labels, rows),
            "two": rng.integers(0, labels, rows),
        }
    )


class TestManyCells:
    def test_cells_are_numbered_beyond_a_byte_and_two(self):
        """Codes are bytes; a product with the cell's number must not be one."""
        frame = many(400, 5000)
        plan = plan_of(
            survey_of([frame]), Dimensions(segments=("one", "two")), by=(("one", "two"),)
        )
        bundle = scanned(plan)
        state = bundle.states["one", "two"][Tally(plan.items[0]).key]
        assert len(state.cells) > 2**17
        wanted = Counter(frame.select("one", "two", "first").rows())
        axes = [axis.labels for axis in state.cells.axes]
        places = np.argwhere(state.arrays["n"])
        assert len(places) == len(wanted)
        for cell, code in places.tolist():
            one, two = np.unravel_index(cell, state.cells.shape)
            answer = (int(axes[0][one] or 0), int(axes[1][two] or 0), code)
            assert state.arrays["n"][cell, code] == wanted[answer]

    @pytest.mark.parametrize("size", [1, 7, BLOCK_ROWS])
    @pytest.mark.parametrize("cut", [(), (50,), (10, 10, 40, 90)])
    def test_labels_are_bounded_however_the_answers_are_cut(self, size, cut):
        frame = many(400, 100)
        dimensions = Dimensions(segments=("one",), max_cells=60)
        plan = plan_of(survey_of(pieces(frame, cut)), dimensions)
        with blocks_at(size), pytest.raises(DataError, match="max_cells") as raised:
            scanned(plan)
        assert "one" in str(raised.value)

    @pytest.mark.parametrize("threads", [1, 3])
    def test_cells_are_bounded_when_the_fragments_of_each_would_fit(self, threads):
        frames = [
            pl.DataFrame({"first": [1] * 5, "second": ["Bad"] * 5, "one": one, "two": [*range(5)]})
            for one in ("x", "y", "z")
        ]
        dimensions = Dimensions(segments=("one", "two"), max_cells=14)
        plan = plan_of(survey_of(frames), dimensions)
        with pytest.raises(DataError) as raised:
            scanned(plan, threads)
        assert str(raised.value) == (
            "one*two: one (3) × two (5) are 15 cells, more than max_cells = 14; report fewer "
            "combinations in `by`, or raise max_cells in [study]"
        )
        assert len(scanned(evolve(plan, dimensions=evolve(dimensions, max_cells=15)))
                   .states["one", "two"][Rows().key].cells) == 15  # fmt: skip

    def test_memory_of_odd_answers_is_bounded(self):
        """An id taken for an answer: a hundred texts are remembered, the others counted."""
        rows = 5000
        frame = pl.DataFrame(
            {"first": [f"id {row}" for row in range(rows)], "second": ["Bad"] * rows}
        )
        plan = plan_of(survey_of(pieces(frame, (1000, 1001))), Dimensions())
        with blocks_at(300):
            invalid = scanned(plan, 2).intake.items[plan.items[0].key].invalid
        assert list(invalid.seen) == [f"id {row}" for row in range(100)]
        assert invalid.others == rows - 100
        assert invalid.count == rows


class TestEveryPeriod:
    @few
    @given(answers(), cuts)
    def test_a_wave_made_from_time_has_no_gaps(self, drawn, cuts):
        plan = plan_of(survey_of(pieces(drawn.frame, cuts)), drawn.dimensions)
        found, bare = finished(plan, scanned(plan)), scanned(plan)
        wave = drawn.dimensions.wave
        if wave is None or wave.period is None:
            assert states_bytes(found) == states_bytes(bare)
            return
        for names, by_key in found.states.items():
            for key, state in by_key.items():
                axis = state.cells.axes[-1]
                dated = [label for label in axis.labels if label is not None]
                if dated:
                    assert dated == list(periods_between(dated[0], dated[-1], "month"))
                narrow = bare.states[names][key]
                assert {*axis.labels} >= {*narrow.cells.axes[-1].labels}
                total = state.rolled_up(())
                assert state_bytes(total) == state_bytes(narrow.rolled_up(()))

    def test_too_many_periods_are_refused(self):
        frame = pl.DataFrame(
            {"first": [1, 2], "second": ["Bad"] * 2, "when": ["2020-01-01", "9999-12-31"]}
        )
        wave = Wave(column="when", period="month")
        plan = plan_of(survey_of([frame]), Dimensions(wave=wave, max_cells=1000))
        with pytest.raises(DataError) as raised:
            finished(plan, scanned(plan))
        assert str(raised.value) == (
            "column when: from 2020-01 to 9999-12 there are more than 1000 periods of a month; "
            "is a date wrong? Drop it with [[keep]], take a longer period, or raise max_cells in "
            "[study]"
        )

    def test_the_last_day_of_the_calendar_is_a_day(self):
        """Systems write 9999-12-31 for "never"; there is no day after it to step to."""
        frame = pl.DataFrame(
            {"first": [1, 2], "second": ["Bad"] * 2, "when": ["9990-01-01", "9999-12-31"]}
        )
        for period, count in (("year", 10), ("quarter", 40), ("month", 120), ("week", 522)):
            wave = Wave(column="when", period=period)
            plan = plan_of(survey_of([frame]), Dimensions(wave=wave))
            state = finished(plan, scanned(plan)).states[("wave",)][Rows().key]
            assert len(state.cells) == count
            assert state.arrays["n"].sum() == 2
