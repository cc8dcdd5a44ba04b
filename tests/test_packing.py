"""Packing: one code for many columns changes nothing but the time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

import satcore
from satcore import (
    Block,
    Codebook,
    Difference,
    Estimate,
    Field,
    Indicator,
    Item,
    Mean,
    Metric,
    Moments,
    Product,
    Recode,
    Reversed,
    Scale,
    Statistic,
    Sum,
    Tally,
)
from satcore import scanning as scanning_module
from satcore.packing import MOST_CODES, MOST_ENTRIES, Pack, packs_of
from satcore.scanning import finished, merge_bundles, scan_fragment
from satcore.states import Array
from satcore.statistics import Counted, Rows

few = settings(derandomize=True, deadline=None, max_examples=40)


def item(name: str, scale: str = "1..7") -> Item:
    return Item(name=name, scale=Scale.parse(scale))


A, B, C, D, E = (item(name) for name in "abcde")
ITEMS = (A, B, C, D, E)
STATISTICS: tuple[Statistic, ...] = (
    Tally(A),
    Tally(A, B),
    Tally(Recode((A, C), tuple(range(49)), tuple(map(str, range(49))))),
    Tally(Indicator(D, (6, 7))),
    Moments(ITEMS),
    Moments(ITEMS, order=4),
    Moments((A, B), pairwise=True),
    Moments((Mean(ITEMS, at_least=3), Mean((A, B)))),
    Moments((Sum(ITEMS), Difference(A, B), Reversed(C), Product(A, B))),
    Moments((Sum((Product(A, A), Product(B, B))), Difference(Mean((A, B)), Mean((C, D))))),
    Tally(Mean(ITEMS, at_least=2)),
)


@frozen(kw_only=True)
class Everything(Metric):
    statistics_of: tuple[Statistic, ...] = STATISTICS

    def statistics(self, codebook: Codebook) -> Mapping[str, Any]:
        return {"all": self.statistics_of}

    def evaluate(self, all: Any) -> Any:  # noqa: A002
        yield Estimate(term="n", value=all[0].base, std_error=all[0].base * 0.0, base=all[0].base)


answers = st.one_of(st.none(), st.integers(1, 7))
surveys = st.lists(
    st.tuples(*[answers] * 5, st.sampled_from(["x", "y", None]), st.sampled_from([0.0, 0.5, 2.0])),
    max_size=40,
)
complete = st.lists(
    st.tuples(*[st.integers(1, 7)] * 5, st.sampled_from(["x", "y"]), st.just(1.0)), max_size=40
)


def frame_of(rows: list[Any]) -> pl.DataFrame:
    schema = {**dict.fromkeys("abcde", pl.UInt8), "region": pl.String, "w": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def counted(
    frames: list[pl.DataFrame],
    *,
    packed: bool | str,
    weighted: bool,
    monkeypatch: Any,
    **more: Any,
) -> Any:
    """Counted in packs, in "sparse" ones, or plainly: "by cell" all at once, or one by one."""
    if packed == "sparse":
        monkeypatch.setattr("satcore.packing.MOST_ENTRIES", 0)
        monkeypatch.setattr("satcore.packing.MANY_CELLS", 0)
        monkeypatch.setattr("satcore.sparse.SORTED", 4)
    elif packed is not True:
        monkeypatch.setattr(
            scanning_module, "packs_of", lambda statistics, cells: ((), tuple(statistics))
        )
        monkeypatch.setattr("satcore.moments._FEW", 1 if packed == "by cell" else 1 << 60)
    whole = pl.concat(frames)
    plan = satcore.plan(
        Everything(**more), whole, segments=["region"], weight="w" if weighted else None
    )
    fragments = [satcore.surveys.FrameFragment(id=str(n), frame=f) for n, f in enumerate(frames)]
    bundles = [scan_fragment(plan, fragment) for fragment in fragments]
    monkeypatch.undo()
    return finished(plan, merge_bundles(plan, bundles))


class TestPackedEqualsPlain:
    @pytest.mark.parametrize("way", [True, "sparse", "by cell"])
    @few
    @given(parts=st.lists(st.one_of(surveys, complete), min_size=1, max_size=3))
    def test_unweighted_to_the_bit(self, way, parts):
        frames = [frame_of(part) for part in parts]
        with pytest.MonkeyPatch.context() as monkeypatch:
            packed, plain = (
                counted(frames, packed=here, weighted=False, monkeypatch=monkeypatch)
                for here in (way, False)
            )
        assert not packed.failed
        for names, by_key in plain.states.items():
            for key, state in by_key.items():
                found = packed.states[names][key]
                assert found.cells == state.cells
                for name, array in state.arrays.items():
                    assert found.arrays[name].dtype == array.dtype
                    assert found.arrays[name].tobytes() == array.tobytes(), (key, name)

    @pytest.mark.parametrize("way", [True, "sparse", "by cell"])
    @few
    @given(parts=st.lists(surveys, min_size=1, max_size=2))
    def test_weighted_to_the_last_digits(self, way, parts):
        frames = [frame_of(part) for part in parts]
        with pytest.MonkeyPatch.context() as monkeypatch:
            packed, plain = (
                counted(frames, packed=here, weighted=True, monkeypatch=monkeypatch)
                for here in (way, False)
            )
        for names, by_key in plain.states.items():
            for key, state in by_key.items():
                for name, array in state.arrays.items():
                    found = packed.states[names][key].arrays[name]
                    assert np.allclose(found, array, rtol=1e-12, atol=1e-9), (key, name)

    def test_a_new_label_in_a_later_block(self, monkeypatch):
        """Tables are of the cells that were known; new ones begin with a new label."""
        monkeypatch.setattr("satcore.blocks.BLOCK_ROWS", 4)
        monkeypatch.setattr("satcore.blocks.FEW_COLUMNS", ())
        rows = [(n % 7 + 1, 1, 2, 3, 4, "xyz"[n // 4], 1.0) for n in range(12)]
        packed = counted([frame_of(rows)], packed=True, weighted=False, monkeypatch=monkeypatch)
        plain = counted([frame_of(rows)], packed=False, weighted=False, monkeypatch=monkeypatch)
        for key, state in plain.states["region",].items():
            found = packed.states["region",][key]
            assert found.cells.axes[0].labels == ("x", "y", "z")
            for name, array in state.arrays.items():
                assert found.arrays[name].tobytes() == array.tobytes()


class TestManyLabels:
    """Segments that no dense table can hold beside the answers."""

    @staticmethod
    def data(levels: int, rows: int) -> dict[str, Any]:
        rng = np.random.default_rng(levels)
        return {
            "q": rng.integers(0, 11, rows, dtype=np.uint8),
            "branch": rng.integers(0, levels, rows, dtype=np.int32),
            "month": rng.integers(1, 13, rows, dtype=np.uint8),
        }

    @pytest.mark.parametrize("levels", [300, 100_000])
    def test_every_label_gets_its_answers(self, levels):
        data = self.data(levels, 150_000)
        plan = satcore.plan(TopBoxes(item="q"), data, segments=["branch"], by=["branch"])
        bundle = satcore.scan(plan)
        state = bundle.states["branch",][Tally(item("q", "0..10")).key]
        found = dict(
            zip(state.cells.axes[0].labels, state.arrays["n"][:, :11].tolist(), strict=True)
        )
        table = np.zeros((levels, 11), dtype=np.int64)
        np.add.at(table, (data["branch"], data["q"]), 1)
        seen = np.flatnonzero(table.any(axis=1))
        assert len(found) == seen.size
        for label in seen.tolist():
            assert found[str(label)] == table[label].tolist()

    def test_means_of_ten_thousand_cells(self):
        data = self.data(1000, 60_000)
        metric = Everything(statistics_of=(Moments((A, B)), Moments((A, B), pairwise=True)))
        rng = np.random.default_rng(0)
        data |= {name: rng.integers(1, 8, 60_000) for name in "ab"}
        plan = satcore.plan(metric, data, segments=["branch", "month"], by=["branch*month"])
        states = satcore.scan(plan).states["branch", "month"]
        state = states[Moments((A, B)).key]
        grid = state.arrays["ss"].reshape(1000, 12, 2, 2)
        at = [int(label or -1) for label in state.cells.axes[0].labels]
        wanted = np.zeros((1000, 12), dtype=np.int64)
        np.add.at(wanted, (data["branch"], data["month"] - 1), (data["a"] - 4) * (data["b"] - 4))
        assert np.array_equal(grid[:, :, 0, 1], wanted[at])
        assert np.array_equal(
            states[Moments((A, B), pairwise=True).key].arrays["ss"], state.arrays["ss"]
        )

    def test_more_keys_than_whole_numbers_is_counted_plainly(self):
        wide = tuple(item(f"i{n}", "0..200") for n in range(8))
        _, plain = packs_of({"m": Moments(wide)}, 1 << 20)
        assert plain == ("m",)

    def test_a_batch_without_rows_between_others(self):
        frames = [
            frame_of([(1, 2, 3, 4, 5, "x", 1.0)]),
            frame_of([]),
            frame_of([(7,) * 5 + ("y", 2.0)]),
        ]

        @frozen
        class Batches:
            id = "batches"
            rows = 2

            def read(self, columns: Any) -> Any:
                return (frame.select(columns) for frame in frames)

        survey = satcore.Survey(name="s", columns=tuple(frames[0].columns), fragments=(Batches(),))
        found = satcore.run(TopBoxes(item="a", top=(7,)), survey, segments=["region"])
        assert found.responses.read == 2
        values = {row["cell"].get("region"): row["value"] for row in found.estimates.rows()}
        assert values == {None: 0.5, "x": 0.0, "y": 1.0}


class TestExactness:
    """Sums are whole numbers wherever they are made: in single precision, in doubles, by cell."""

    @pytest.mark.parametrize("high", [1, 44, 45, 46, 300, 60_000])
    @pytest.mark.parametrize("cells", [1, 3, 5_000])
    def test_at_the_ends_of_the_scale(self, high, cells):
        rows = 20_000
        one, two = item("x", f"0..{high}"), item("y", f"-{high}..0")
        data = {
            "x": np.full(rows, high, dtype=np.int32),
            "y": np.full(rows, -high, dtype=np.int32),
            "cell": np.arange(rows) % cells,
        }
        metric = Everything(statistics_of=(Moments((one, two)),))
        plan = satcore.plan(metric, data, segments=["cell"], by=["cell"] if cells > 1 else [])
        bundle = satcore.scan(plan)
        state = next(
            state
            for by_key in bundle.states.values()
            for key, state in by_key.items()
            if key == Moments((one, two)).key
        ).rolled_up(())
        middle = high // 2
        a, b = high - middle, -high - (-high) // 2
        assert state.arrays["ss"][0].tolist() == [
            [rows * a * a, rows * a * b],
            [rows * a * b, rows * b * b],
        ]
        assert state.arrays["s"][0].tolist() == [rows * a, rows * b]

    def test_more_answers_than_whole_sums_can_hold(self):
        wide = Moments((item("x", "0..60000"),))
        counted = {
            "n": np.array([1 << 50]),
            "s": np.zeros((1, 1), np.int64),
            "ss": np.zeros((1, 1, 1), np.int64),
        }
        with pytest.raises(OverflowError, match="more than whole sums"):
            wide.view(Counted(arrays=counted, cells=1, survey_rows=1))


@frozen(kw_only=True)
class TopBoxes(Metric):
    item: str
    top: tuple[int, ...] = (9, 10)

    def statistics(self, codebook: Codebook) -> Mapping[str, Any]:
        scale = "0..10" if self.item == "q" else "1..7"
        return {"answers": Tally(codebook.item(self.item, scale))}

    def evaluate(self, answers: Any) -> Any:
        yield answers.share(self.top, term="top")


@pytest.mark.parametrize("scale", ["0..253", "0..254", "0..255", "0..256"])
def test_as_many_codes_as_the_bits_can_tell(scale: str) -> None:
    """One label and 256 codes: the radix itself needs a bit more than the codes do."""
    high = int(scale.partition("..")[2])
    wide = item("q", scale)
    data = {"q": [0, 5, high, high], "s": ["x"] * 4}
    results = satcore.run(Everything(statistics_of=(Tally(wide),)), data, segments=["s"])
    assert [row["base"] for row in results.rows()] == [4, 4]


class TestPlanning:
    def test_every_statistic_is_counted_once(self):
        wanted = {one.key: one for one in (*STATISTICS, Rows())}
        packs, plain = packs_of(wanted, 3)
        placed = [*plain, *(key for pack in packs for key in pack.statistics)]
        assert sorted(placed) == sorted(wanted)

    def test_tables_stay_small(self):
        wanted = {one.key: one for one in STATISTICS}
        for cells in (1, 30, 1_000, 100_000):
            packs, _ = packs_of(wanted, cells)
            for pack in packs:
                width = math.prod(pack.sizes)
                assert pack.sparse == (width * cells > MOST_ENTRIES)
                assert not pack.sparse or cells == 100_000
                assert len(pack.statistics) == 1 or width * cells <= max(
                    MOST_CODES, cells * max(math.prod(_own(wanted[key])) for key in pack.statistics)
                )
        assert sum(pack.sparse for pack in packs) > 3

    def test_widths_beyond_any_machine_s_numbers(self):
        wide = Moments(tuple(item(f"q{n}", "0..10") for n in range(40)))
        assert packs_of({"wide": wide}, 1) == ((), ("wide",))

    def test_a_statistic_that_does_not_say_so_gets_the_answers(self):
        @frozen
        class Own(Statistic):
            of: Item

            def fields(self, *, weighted: bool) -> Mapping[str, Field]:
                return {"rows": Field()}

            def observe(self, block: Block) -> Mapping[str, Array]:
                assert block.multiplicity is None
                return {"rows": np.array([block.rows])}

        results = satcore.run(
            Everything(statistics_of=(Tally(A), Own(A))), frame_of([(1, 1, 1, 1, 1, "x", 1.0)] * 9)
        )
        assert results.rows()[0]["base"] == 9

    def test_what_fails_on_a_table_is_named(self):
        @frozen
        class Fails(Statistic):
            of: Item

            @property
            def additive(self) -> bool:
                return True

            def fields(self, *, weighted: bool) -> Mapping[str, Field]:
                return {"n": Field()}

            def observe(self, block: Block) -> Mapping[str, Array]:
                raise ValueError("no table, please")

        results = satcore.run(
            {"bad": Everything(statistics_of=(Fails(A),)), "good": Everything()},
            frame_of([(1, 2, 3, 4, 5, "x", 1.0)]),
        )
        assert [row["message"] for row in results.failures] == [
            "counting Fails failed: ValueError: no table, please"
        ]
        assert results.rows("good")[0]["base"] == 1

    def test_a_pack_is_told_by_its_columns_and_statistics(self):
        one, other = (Pack(columns=(A, B), statistics=keys) for keys in (("a",), ("a", "b")))
        assert one != other
        assert one == Pack(columns=(A, B), statistics=("a",))
        assert {one: 1}[Pack(columns=(A, B), statistics=("a",))] == 1


def _own(statistic: Statistic) -> list[int]:
    sources = dict.fromkeys(one for each in statistic.items for one in each.sources)
    return [one.size for one in sources]


@pytest.mark.parametrize("scale", ["0..1", "0..10", "0..13", "0..14", "1..16"])
@pytest.mark.parametrize("rows", [1, 2, 3, 4, 5, 7, 8, 1001])
def test_small_codes_are_counted_four_at_a_time(scale: str, rows: int) -> None:
    one = item("q", scale)
    values = np.random.default_rng(rows).integers(one.low, one.high + 1, rows, dtype=np.uint8)
    metric = Everything(statistics_of=(Tally(one),))
    state = satcore.scan(satcore.plan(metric, {"q": values})).states[()][Tally(one).key]
    wanted = np.bincount(values - one.low, minlength=one.size)
    assert state.arrays["n"][0].tolist() == wanted.tolist()


def test_options_that_leave_out_costly_figures_change_no_other() -> None:
    from satcore_kano import Kano
    from satcore_servqual import Servqual

    rng = np.random.default_rng(0)
    data = {name: rng.integers(1, 6, 300) for name in ("a_f", "a_d", "b_f", "b_d")}
    data |= {f"{side}{n}": rng.integers(1, 8, 300) for side in "EP" for n in range(1, 7)}
    kano = {"features": ("a", "b"), "functional": "{feature}_f", "dysfunctional": "{feature}_d"}
    gaps = {"expectation": "E{1..6}", "perception": "P{1..6}"}
    gaps["dimensions"] = {"x": "1..3", "y": "4..6"}

    def rows(*metrics: Metric) -> dict[Any, Any]:
        found = satcore.run(list(metrics), data).estimates.rows()
        return {(row["metric"], row["item"], row["term"]): row for row in found}

    full = rows(Kano(**kano), Servqual(**gaps))
    terms = {}
    for level in ("alpha", "none"):
        less = rows(Kano(**kano, compare_features=False), Servqual(**gaps, reliability=level))
        assert all(full[key] == row for key, row in less.items())
        terms[level] = {term for _, _, term in full} - {term for _, _, term in less}
    costly = {"alpha_gap", "standardised_alpha", "omega", "item_rest", "alpha_if_dropped"}
    assert terms["alpha"] == costly | {"difference_reliability"}
    assert terms["none"] == terms["alpha"] | {"alpha", "alpha_expectation"}
