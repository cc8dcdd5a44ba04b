"""What a run takes is told without running it, to the byte; what can't fit is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import polars as pl
import pytest
from attrs import evolve, field, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

import satcore
from satcore import (
    Block,
    ByWave,
    Codebook,
    DataError,
    Estimate,
    Estimates,
    Field,
    Item,
    Metric,
    Moments,
    Replicates,
    Statistic,
    StudyError,
    Survey,
    Tally,
)
from satcore import room as room_module
from satcore.cli import main
from satcore.engines import LocalEngine
from satcore.planning import Plan
from satcore.plugins import Plugins
from satcore.pricing import Between, Price, price
from satcore.room import Limit, Room, amount, bytes_of, least_cells, memory
from satcore.scanning import Bundle, scan_fragment
from satcore.states import Array
from satcore.statistics import Rows
from satcore_nps import NPS

few = settings(derandomize=True, deadline=None, max_examples=25)

LIMIT = "SATCORE_MAX_STATE"


@frozen
class Extremes(Statistic):
    """A third party's statistic: arrays of several types and reductions."""

    of: Item

    def fields(self, *, weighted: bool) -> Mapping[str, Field]:
        wide = Field(shape=(3, 5), dtype=np.float32)
        return {"least": Field(reduction="min", dtype=np.int16), "wide": wide}

    def observe(self, block: Block) -> Mapping[str, Array]:
        codes = block.codes(self.of).astype(np.int16)
        most = np.iinfo(np.int16).max
        least = block.least(codes, most).astype(np.int16)
        return {"least": least, "wide": np.ones((block.cells, 3, 5), dtype=np.float32)}


@frozen
class Asked(Statistic):
    """Remembers of how many cells it was asked."""

    asked: ClassVar[list[int]] = []

    def fields(self, *, weighted: bool) -> Mapping[str, Field]:
        return {"n": Field()}

    def observe(self, block: Block) -> Mapping[str, Array]:
        self.asked.append(block.cells)
        return {"n": block.rows_by_cell()}


@frozen
class Unsaid(Asked):
    """Can't say what it keeps."""

    def fields(self, *, weighted: bool) -> Mapping[str, Field]:
        raise RuntimeError("no fields today")


@frozen(kw_only=True)
class Counts(Metric):
    """Asks for what it is told to, and tells nothing."""

    asks: Callable[[Codebook], Any]
    names: tuple[str, ...] = ()

    def statistics(self, codebook: Codebook) -> Mapping[str, Any]:
        return {"found": self.asks(codebook)}

    def evaluate(self, found: Any) -> Iterator[Estimate]:
        return iter(())


def of(asks: Callable[[Codebook], Any]) -> Counts:
    return Counts(asks=asks)


ALL = {
    "tally": of(lambda book: Tally(book.item("Q1", "0..10"))),
    "pair": of(lambda book: Tally(book.item("Q1", "0..10"), book.item("Q2", "1..5"))),
    "moments": of(
        lambda book: {
            "two": Moments((book.item("Q1", "0..10"), book.item("Q2", "1..5"))),
            "four": Moments((book.item("Q1", "0..10"), book.item("Q2", "1..5")), order=4),
        }
    ),
    "drawn": of(lambda book: Replicates(Tally(book.item("Q2", "1..5")), count=7)),
    "extremes": of(lambda book: Extremes(book.item("Q2", "1..5"))),
    "waved": of(lambda book: ByWave(Tally(book.item("Q2", "1..5")))),
}


def answers(rows: int = 240, regions: int = 3) -> dict[str, list[Any]]:
    return {
        "Q1": [(5 * row) % 11 for row in range(rows)],
        "Q2": [1 + row % 5 for row in range(rows)],
        "region": [f"r{row % regions}" if row % 17 else None for row in range(rows)],
        "channel": [("web", "app")[row % 2] for row in range(rows)],
        "w": [1 + row % 4 for row in range(rows)],
        # Two months that nobody answered in lie between.
        "date": [f"2026-{(1, 2, 5)[row % 3]:02}-15" for row in range(rows)],
    }


def planned(metrics: Mapping[str, Metric] | Metric, data: object = None, **given: Any) -> Plan:
    wanted = {"segments": ["region", "channel"], **given}
    return satcore.plan(metrics, answers() if data is None else data, **wanted)


def size(bundle: Bundle) -> dict[tuple[str, ...], int]:
    """The bytes that a bundle's states hold, by grouping set."""
    return {
        names: sum(array.nbytes for state in by_key.values() for array in state.arrays.values())
        for names, by_key in bundle.states.items()
    }


def told(found: Price) -> dict[tuple[str, ...], Between]:
    return {one.names: one.bytes for one in found.sets}


def pieces(data: Mapping[str, Sequence[Any]], parts: int) -> Survey:
    frame = pl.DataFrame(data)
    step = -(-frame.height // parts)
    from satcore.surveys import FrameFragment

    fragments = [
        FrameFragment(id=f"part {start}", frame=frame.slice(start, step))
        for start in range(0, frame.height, step)
    ]
    return Survey(name="parts", columns=tuple(frame.columns), fragments=tuple(fragments))


@frozen(kw_only=True)
class Watched:
    """A fragment that remembers what was read of it."""

    id: str = "watched"
    rows: int = 240
    seen: list[tuple[str, ...]] = field(factory=list)

    def read(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        self.seen.append(tuple(columns))
        yield pl.DataFrame(answers()).select(columns)


class TestNumbers:
    @pytest.mark.parametrize("weight", [None, "w"])
    @pytest.mark.parametrize(
        "by", [[], None, ["region*channel", "wave"], ["region*channel*wave"], ["region"]]
    )
    @pytest.mark.parametrize("threads", [1, 3])
    def test_to_the_byte(self, by: Any, weight: str | None, threads: int) -> None:
        plan = planned(
            ALL,
            pieces(answers(), 4),
            by=by,
            weight=weight,
            wave={"time": "date", "period": "month"},
        )
        bundle = satcore.scan(plan, engine=LocalEngine(threads))
        exact = price(plan, count_labels=True)
        real = size(bundle)
        assert {names: one.least for names, one in told(exact).items()} == real
        assert all(one.bytes.exact and one.cells.exact for one in exact.sets)
        assert exact.bytes == Between(sum(real.values()), sum(real.values()))
        for one in exact.sets:
            states = bundle.states[one.names]
            assert one.statistics == len(states)
            assert {len(state.cells) for state in states.values()} == {one.cells.most}
            axes = next(iter(states.values())).cells.axes
            assert {axis.name: len(axis.labels) for axis in axes} == {
                name: labels.most for name, labels in one.labels.items()
            }
        rough = told(price(plan))
        assert all(rough[names].least <= real[names] <= rough[names].most for names in real)

    @few
    @given(
        st.lists(st.sampled_from(["a", "b", "c", None]), max_size=30),
        st.sampled_from([("one",), ("one", "two")]),
        st.lists(st.sampled_from(["a", "z"]), unique=True),
        st.booleans(),
        st.integers(1, 4),
    )
    def test_whatever_the_labels(
        self,
        labels: list[str | None],
        sets: tuple[str, ...],
        declared: list[str],
        weighted: bool,
        parts: int,
    ) -> None:
        data = {
            "Q1": pl.Series([place % 11 for place in range(len(labels))], dtype=pl.Int64),
            "one": pl.Series(labels, dtype=pl.String),
            "two": pl.Series(labels[::-1], dtype=pl.String),
            "w": pl.Series([1.5] * len(labels), dtype=pl.Float64),
        }
        survey = pieces(data, parts) if labels else pl.DataFrame(data)
        plan = satcore.plan(
            NPS(item="Q1"),
            survey,
            segments=["one", "two"],
            by=["*".join(sets)],
            weight="w" if weighted else None,
        )
        plan = evolve(plan, dimensions=evolve(plan.dimensions, declared={"one": tuple(declared)}))
        real = size(satcore.scan(plan))
        exact = price(plan, count_labels=True)
        assert told(exact) == {names: Between(one, one) for names, one in real.items()}
        rough = told(price(plan))
        assert all(one.most >= real[names] for names, one in rough.items())
        if labels:
            assert all(one.least <= real[names] for names, one in rough.items())

    @pytest.mark.parametrize("name", sorted(ALL))
    def test_a_metric_costs_what_it_would_alone(self, name: str) -> None:
        given: dict[str, Any] = {"by": ["region*wave", "channel"], "wave": "channel"}
        given["segments"] = ["region"]
        given["by"] = ["region*wave"]
        together = price(planned(ALL, **given), count_labels=True)
        alone = planned({name: ALL[name]}, **given)
        states = satcore.scan(alone).states
        metric = next(one for one in together.metrics if one.name == name)
        for need in metric.needs:
            arrays = [states[need.names][one.key].arrays for one in need.statistics]
            real = sum(array.nbytes for by_name in arrays for array in by_name.values())
            assert need.bytes == Between(real, real)
        counted = {key for by_key in states.values() for key in by_key} - {Rows().key}
        assert {one.key for need in metric.needs for one in need.statistics} == counted

    def test_a_table_of_a_pack(self) -> None:
        plan = planned({"nps": NPS(item="Q1"), "pair": ALL["pair"]}, by=["region"], weight="w")
        found = price(plan, count_labels=True)
        packs = scan_fragment(plan, plan.survey.fragments[0]).packs["region",]
        real = [
            (
                tuple(column.name for column in pack.columns),
                sum(array.nbytes for array in table.arrays.values()),
            )
            for pack, table in packs.items()
        ]
        assert [(one.columns, one.bytes) for one in found.sets[0].packs] == real
        assert real == [(("Q1", "Q2"), 4 * 13 * 7 * 8 * 3)]
        assert found.sets[0].packs[0].codes == 13 * 7
        assert found.sets[0].packs[0].statistics == 3

    def test_what_a_run_holds_at_a_time(self) -> None:
        """Merged states and tables, and those of every bundle in hand."""
        metrics = {"nps": NPS(item="Q1"), "drawn": ALL["drawn"]}
        plan = planned(metrics, pieces(answers(), 6), by=[])
        # One cell: 13 codes of 8 bytes in a table and, merged, in a state, and 8 of responses;
        # 7 draws of 7 codes are in no table.
        states, table, loose = 8 + 104 + 392, 104, 392
        for threads, bundles in ((1, 1), (2, 4), (9, 6)):
            found = price(plan, threads=threads)
            assert found.held == Between(*[states + table + bundles * (table + loose)] * 2)
            assert found.threads == threads
        whole = planned(metrics, by=[])
        assert price(whole, threads=8).held.least == states + table + (table + loose)

    def test_declared_labels_are_certain(self) -> None:
        plan = planned(NPS(item="Q1"), by=["region*channel"], max_cells=50)
        plan = evolve(
            plan, dimensions=evolve(plan.dimensions, declared={"region": ("r0", "r1", "r9")})
        )
        only = price(plan).sets[0]
        assert only.labels == {"region": Between(3, 50), "channel": Between(1, 50)}
        assert only.cells == Between(3, 50)
        assert only.bytes == Between(3 * 112, 50 * 112)

    def test_metrics_on_metrics_and_standards(self) -> None:
        study = {
            "study": {"by": []},
            "roles": {"segments": ["region"], "wave": {"time": "date", "period": "month"}},
            "metrics": {
                "nps": {"item": "Q1"},
                "nps_trend": {"metric": "trend", "of": "nps"},
            },
            "standards": [{"metric": "nps", "at_least": 1, "by": "region"}],
        }
        asked = satcore.Study.of(study)
        plan = satcore.plan(asked, answers())
        found = price(plan, count_labels=True)
        needs = {one.name: [need.names for need in one.needs] for one in found.metrics}
        assert needs == {"nps": [("region",)], "nps_trend": [("wave",)]}
        assert {one.columns for one in found.metrics} == {("Q1",)}
        assert {names: one.least for names, one in told(found).items()} == size(satcore.scan(plan))

    def test_estimates_of_another_metric_cost_what_that_one_does(self) -> None:
        metrics = {"nps": NPS(item="Q1"), "again": of(lambda _: Estimates("nps", term="nps"))}
        found = price(planned(metrics, by=["region"]))
        assert found.metrics[0].needs == found.metrics[1].needs


class TestWhatIsRead:
    def watched(self, **given: Any) -> tuple[Watched, Plan]:
        one = Watched()
        survey = Survey(name="watched", columns=tuple(answers()), fragments=(one,))
        return one, planned({"nps": NPS(item="Q1"), "drawn": ALL["drawn"]}, survey, **given)

    def test_nothing(self) -> None:
        one, plan = self.watched(weight="w")
        price(plan)
        assert one.seen == []

    def test_the_dimensions_alone_where_labels_are_counted(self) -> None:
        one, plan = self.watched(weight="w", by=["region"])
        read: list[int] = []
        price(plan, count_labels=True, progress=read.append)
        assert one.seen == [("region", "channel")]
        assert read == [240]

    def test_nothing_where_there_are_no_dimensions(self) -> None:
        one, plan = self.watched(by=[])
        assert price(plan, count_labels=True).counted
        assert one.seen == []

    def test_an_id_for_a_segment_is_told(self) -> None:
        one = answers(regions=200)
        plan = planned(NPS(item="Q1"), one, by=["region"], max_cells=20)
        with pytest.raises(DataError, match="is it an id"):
            price(plan, count_labels=True)


class TestRefusal:
    def test_before_anything_is_read(self, monkeypatch: pytest.MonkeyPatch) -> None:
        one = Watched()
        survey = Survey(name="watched", columns=tuple(answers()), fragments=(one,))
        metrics = {"nps": NPS(item="Q1"), "moments": ALL["moments"], "drawn": ALL["drawn"]}
        monkeypatch.setenv(LIMIT, "500")
        with pytest.raises(StudyError) as raised:
            planned(metrics, survey, by=["region"])
        cells = price_at(monkeypatch, metrics, by=["region"])
        assert str(raised.value) == (
            f"study: region: region (1) is 1 cell of {amount(cells)}; the states take "
            f"{amount(cells)}, more than the 500 bytes that they may (SATCORE_MAX_STATE says so). "
            "A cell holds drawn 392 bytes (Replicates), moments 304 bytes (mostly Moments of 2 "
            "items), nps 104 bytes (Tally). Report fewer combinations in `by`, in [study] or in "
            "[metrics.drawn] alone, or ask for fewer items"
        )
        assert one.seen == []

    def test_the_total_can_be_too_much(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(LIMIT, "111")
        with pytest.raises(StudyError) as raised:
            planned(NPS(item="Q1"), by=[])
        assert str(raised.value) == (
            "study: [metrics]: the total is 1 cell of 112 bytes; the states take 112 bytes, more "
            "than the 111 bytes that they may (SATCORE_MAX_STATE says so). A cell holds nps 104 "
            "bytes (Tally). Ask for fewer items or replicates"
        )
        monkeypatch.setenv(LIMIT, "112")
        assert len(satcore.run(NPS(item="Q1"), answers(), by=[]).rows("nps"))

    @pytest.mark.parametrize("threads", [1, 3])
    @pytest.mark.parametrize("parts", [1, 3, 240])
    def test_as_labels_are_found(
        self, monkeypatch: pytest.MonkeyPatch, threads: int, parts: int
    ) -> None:
        """Also where the labels of every piece would fit."""
        metrics = {name: one for name, one in ALL.items() if name != "waved"}
        plan = planned(metrics, pieces(answers(), parts), by=["region*channel", "region"])
        engine = LocalEngine(threads)
        monkeypatch.delenv(LIMIT, raising=False)
        bundle = satcore.scan(plan, engine=engine)
        enough = sum(size(bundle).values())
        monkeypatch.setenv(LIMIT, str(enough))
        assert size(satcore.scan(plan, engine=engine)) == size(bundle)
        monkeypatch.setenv(LIMIT, str(enough - 1))
        with pytest.raises(DataError) as raised:
            satcore.scan(plan, engine=engine)
        assert str(raised.value).startswith("region*channel: region (4) × channel (2) are 8 cells")
        assert f"more than the {amount(enough - 1)} that they may" in str(raised.value)

    def test_in_a_fragment_before_it_is_counted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        plan = planned({"nps": NPS(item="Q1"), "asked": of(lambda _: Asked())}, by=["region"])
        monkeypatch.setenv(LIMIT, "300")
        Asked.asked.clear()
        with pytest.raises(DataError, match=r"region \(4\) is 4 cells of 120 bytes"):
            scan_fragment(plan, plan.survey.fragments[0])
        assert Asked.asked == []
        monkeypatch.setenv(LIMIT, "480")
        scan_fragment(plan, plan.survey.fragments[0])
        assert Asked.asked == [4]

    def test_no_thread_is_left_behind(self, monkeypatch: pytest.MonkeyPatch) -> None:
        plan = planned(NPS(item="Q1"), pieces(answers(), 240), by=["region*channel"])
        monkeypatch.setenv(LIMIT, "300")
        with pytest.raises(DataError) as raised:
            satcore.scan(plan, engine=LocalEngine(3))
        left = [one.name for one in threading.enumerate() if one.name.startswith("satcore")]
        assert (left, "more than the 300 bytes" in str(raised.value)) == ([], True)

    def test_as_gaps_between_periods_are_filled(self, monkeypatch: pytest.MonkeyPatch) -> None:
        plan = planned(
            NPS(item="Q1"), by=["wave"], segments=[], wave={"time": "date", "period": "month"}
        )
        monkeypatch.setenv(LIMIT, str(5 * 112))
        assert size(satcore.scan(plan)) == {("wave",): 5 * 112}
        monkeypatch.setenv(LIMIT, str(5 * 112 - 1))
        with pytest.raises(DataError, match=r"wave: wave \(5\) is 5 cells of 112 bytes"):
            satcore.scan(plan)
        with pytest.raises(DataError, match=r"wave: wave \(5\) is 5 cells of 112 bytes"):
            price(plan, count_labels=True)

    def test_declared_labels_beyond_max_cells(self) -> None:
        study = {
            "study": {"by": ["region*channel"], "max_cells": 5},
            "roles": {"segments": ["region", "channel"]},
            "labels": {
                "region": {f"r{place}": f"R {place}" for place in range(3)},
                "channel": {"web": "Web", "app": "App"},
            },
            "metrics": {"nps": {"item": "Q1"}},
        }
        with pytest.raises(StudyError) as raised:
            satcore.plan(satcore.Study.of(study), answers())
        assert str(raised.value) == (
            "study: region*channel: region (3) × channel (2) are 6 cells, more than max_cells = 5; "
            "report fewer combinations in `by`, or raise max_cells in [study]"
        )
        study["study"] = {"by": ["region*channel"], "max_cells": 6}
        assert len(satcore.plan(satcore.Study.of(study), answers()).sets) == 1

    def test_results_do_not_depend_on_the_limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        found = []
        for limit in ("", "8 kB", "1 TB"):
            monkeypatch.setenv(LIMIT, limit)
            run = satcore.run(NPS(item="Q1"), answers(), segments=["region", "channel"])
            found.append(run.to_json())
        assert found[0] == found[1] == found[2]

    def test_fields_that_fail_are_the_metrics_own_mistake(self) -> None:
        with pytest.raises(StudyError) as raised:
            planned({"nps": NPS(item="Q1"), "bad": of(lambda _: Unsaid())})
        assert str(raised.value) == (
            "study: metric 'bad': the metric can't be planned: RuntimeError: no fields today"
        )

    def test_no_amount_is_a_mistake_among_others(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(LIMIT, "plenty")
        with pytest.raises(StudyError) as raised:
            planned(NPS(item="Q1"))
        assert str(raised.value) == (
            "SATCORE_MAX_STATE: 'plenty' is no amount of memory; write it as 4 GB, 500 MB or 2 GiB"
        )


def price_at(monkeypatch: pytest.MonkeyPatch, metrics: Mapping[str, Metric], **given: Any) -> int:
    """What a cell of the first grouping set takes, with no limit on it."""
    with monkeypatch.context() as free:
        free.delenv(LIMIT)
        return price(planned(metrics, **given)).sets[0].cell_bytes


class TestLimit:
    @pytest.mark.parametrize(
        ("text", "size"),
        [
            ("1", 1),
            ("123456", 123456),
            ("4 GB", 4 * 10**9),
            ("4gb", 4 * 10**9),
            ("2 GiB", 2 * 2**30),
            ("1.5k", 1500),
            ("500M", 500 * 10**6),
            ("1 TB", 10**12),
            (" 7 bytes ", 7),
        ],
    )
    def test_amounts(self, text: str, size: int) -> None:
        assert bytes_of(text) == size

    @pytest.mark.parametrize(
        "text", ["", "GB", "-1", "0", "0 GB", "0.2", "1e9", "4 apples", "1i", "1iB", "４x", "1..2"]
    )
    def test_no_amounts(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"^"):
            bytes_of(text)

    @pytest.mark.parametrize(
        ("size", "text"),
        [
            (0, "0 bytes"),
            (1, "1 byte"),
            (999, "999 bytes"),
            (1000, "1 kB"),
            (1049, "1 kB"),
            (1050, "1.1 kB"),
            (999_949, "999.9 kB"),
            (999_950, "1 MB"),
            (16 * 10**9, "16 GB"),
            (3 * 10**18, "3000 PB"),
        ],
    )
    def test_amounts_for_people(self, size: int, text: str) -> None:
        assert amount(size) == text

    @given(st.integers(0, 10**17))
    def test_what_is_told_can_be_typed(self, size: int) -> None:
        said = amount(size)
        if size and not said.endswith("PB"):
            assert bytes_of(said) == pytest.approx(size, rel=0.05)

    def test_a_quarter_of_the_memory(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.delenv(LIMIT, raising=False)
        monkeypatch.setattr(room_module, "_CONTAINERS", ())
        pages = {"SC_PHYS_PAGES": 4_000_000, "SC_PAGE_SIZE": 4000}
        monkeypatch.setattr(os, "sysconf", pages.__getitem__)
        assert Limit.here() == Limit(
            bytes=4 * 10**9,
            source="a quarter of the 16 GB of memory; SATCORE_MAX_STATE sets another limit",
        )
        (tmp_path / "unbound").write_text("max\n")
        (tmp_path / "bound").write_text("8000000000\n")
        names = [str(tmp_path / name) for name in ("absent", "unbound", "bound")]
        monkeypatch.setattr(room_module, "_CONTAINERS", names)
        assert memory() == 8 * 10**9
        (tmp_path / "bound").write_text("9223372036854771712")  # version 1, no limit
        assert memory() == 16 * 10**9

    def test_where_the_system_does_not_tell(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv(LIMIT, raising=False)
        monkeypatch.setattr(room_module, "_CONTAINERS", ())
        monkeypatch.setattr(os, "sysconf", lambda _: -1)
        assert memory() is None
        monkeypatch.delattr(os, "sysconf")
        assert memory() is None
        assert Limit.here().bytes == 2 * 10**9
        assert "does not tell" in Limit.here().source

    def test_this_machine_tells(self) -> None:
        found = memory()
        assert found is not None
        assert 2**26 < found < 2**50

    def test_the_least_cells(self) -> None:
        plan = planned(NPS(item="Q1"), by=["region*channel", "region"])
        assert {names: len(one) for names, one in least_cells(plan).items()} == {
            ("region", "channel"): 1
        }
        assert Room(plan=plan).sets == {("region", "channel"): 112}


# --- the command ----------------------------------------------------------------------------------

STUDY = """
[study]
title = { en = "Branch survey", zh = "网点调查" }
data  = "*.csv"
by    = ["region*wave"]

[roles]
segments = ["region"]
wave     = { time = "date", period = "month" }

[labels.region]
r0 = "East"
r1 = "West"

[metrics.nps]
item = "Q1"

[metrics.nps_trend]
metric = "trend"
of     = "nps"
by     = []
"""

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Call:
    """Runs a command in this process: exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)
    for name in ("SATCORE_DISABLE_PLUGINS", "SATCORE_TRACEBACK", "COLUMNS", "FORCE_COLOR", LIMIT):
        monkeypatch.delenv(name, raising=False)
    frame = pl.DataFrame(answers())
    frame.head(100).write_csv(tmp_path / "a.csv")
    frame.tail(140).write_csv(tmp_path / "b.csv")
    (tmp_path / "study.toml").write_text(STUDY, "utf-8")

    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(arguments)
        assert isinstance(left.value.code, int)
        return (left.value.code, *capsys.readouterr())

    return call


class TestCommand:
    def test_for_people(self, call: Call) -> None:
        code, out, err = call("validate", "study.toml", "--threads", "2")
        assert (code, err) == (0, "")
        lines = out.splitlines()
        assert lines[:3] == [
            "Branch survey",
            "a.csv and 1 more: 2 files, 2 fragments, rows not known before reading",
            "reads 3 of 6 columns: region, date, Q1",
        ]
        flat = " ".join(out.split())
        wide = "region*wave │ region 2 to 200,000 × wave 1 to 200,000 │ 2 to 200,000 │ 112 │"
        assert f"{wide} 224 bytes to 22.4 MB │" in flat
        assert "│ nps │ nps │ Q1 │ region*wave │ 1 Tally │ 104 │ 208 bytes to 20.8 MB │" in flat
        assert "│ nps_trend │ trend │ Q1 │ wave │ 1 Tally │ 104 │ 104 bytes to 20.8 MB │" in flat
        assert "pack of region*wave: Q1; 13 codes a cell for 2 statistics, 208 bytes" in lines
        assert any(line.startswith("states: 224 bytes to 22.4 MB; while sc") for line in lines)
        assert any(line.startswith("the least follows from declared labels") for line in lines)

    def test_exactly(self, call: Call) -> None:
        code, out, err = call("validate", "study.toml", "--labels")
        assert (code, err) == (0, "")
        flat = " ".join(out.split())
        # r0, r1, r2 and those without a region; January to May.
        assert "│ region*wave │ region 4 × wave 5 │ 20 │ 112 │ 2.2 kB │" in flat
        assert "states: 2.2 kB;" in flat
        assert "the least follows" not in out

    def test_as_json(self, call: Call, plugins: Plugins) -> None:
        code, out, err = call("validate", "study.toml", "--labels", "--format", "json")
        assert (code, err) == (0, "")
        found = json.loads(out)
        plan = satcore.plan("study.toml", plugins=plugins)
        assert found == price(plan, count_labels=True).to_dict()
        assert found["bytes"]["least"] == sum(size(satcore.scan(plan)).values()) == 20 * 112
        assert found["schema"] == 1
        assert found["title"] == {"en": "Branch survey", "zh": "网点调查"}
        assert found["files"] == ["a.csv", "b.csv"]
        assert (found["fragments"], found["rows"], found["columns"]) == (2, None, 6)
        assert found["read"] == ["region", "date", "Q1"]
        only = found["sets"][0]
        assert only["set"] == ["region", "wave"]
        assert only["cells"] == {"least": 20, "most": 20}
        assert only["packs"] == [{"columns": ["Q1"], "codes": 13, "statistics": 2, "bytes": 2080}]
        assert [(one["metric"], one["kind"]) for one in found["metrics"]] == [
            ("nps", "nps"),
            ("nps_trend", "trend"),
        ]
        need = found["metrics"][1]["needs"][0]
        assert (need["set"], need["cell_bytes"]) == (["wave"], 104)
        assert need["statistics"][0]["items"] == ["Q1"]

    def test_rows_that_a_footer_tells(self, call: Call, tmp_path: Path) -> None:
        pl.DataFrame(answers()).write_parquet(tmp_path / "all.parquet", row_group_size=100)
        code, out, _ = call("validate", "study.toml", "all.parquet")
        assert code == 0
        assert "all.parquet: 1 file, 3 fragments, 240 rows" in out.splitlines()

    def test_what_is_typed_replaces_the_study(self, call: Call) -> None:
        code, out, _ = call("validate", "study.toml", "--weight", "w", "--by", "region")
        assert code == 0
        assert "reads 4 of 6 columns: region, date, w, Q1; weighted by w" in out.splitlines()
        flat = " ".join(out.split())
        assert "│ region │ region 2 to 200,000 │ 2 to 200,000 │ 320 │" in flat

    def test_all_mistakes_as_a_run_tells_them(self, call: Call, tmp_path: Path) -> None:
        broken = STUDY.replace('item = "Q1"', 'item = "Q11"').replace("title", "titel")
        broken += '[[standards]]\nmetric = "npss"\nat_least = 3\n'
        (tmp_path / "study.toml").write_text(broken, "utf-8")
        asked = call("validate", "study.toml")
        assert asked == call("run", "study.toml")
        code, out, err = asked
        assert (code, out) == (2, "")
        assert "error: 3 problems" in err
        assert "no such option" in err
        assert "did you mean 'Q1' or 'Q2'?" in err or "did you mean 'Q1'" in err
        assert "did you mean 'nps'" in err

    def test_what_can_not_fit_as_a_run_tells_it(
        self, call: Call, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(LIMIT, "223 bytes")
        asked = call("validate", "study.toml")
        assert asked == call("run", "study.toml")
        assert asked[0] == 2
        assert "study.toml: region*wave: region (2) × wave (1) are 2 cells of 112 b" in asked[2]
        # What is only found while reading.
        monkeypatch.setenv(LIMIT, "2.1 kB")
        code, out, err = call("validate", "study.toml")
        assert (code, err) == (0, "")
        assert "it is refused once the cells that are found take more than the limit" in out
        asked = call("validate", "study.toml", "--labels")
        assert asked == call("run", "study.toml")
        assert asked[0] == 2
        assert "region (4) × wave (5) are 20 cells of 112 bytes; the states take 2.2 kB" in asked[2]

    @pytest.mark.parametrize("arguments", [(), ("a.csv",)])
    def test_a_study_file_is_wanted(self, call: Call, arguments: tuple[str, ...]) -> None:
        code, out, err = call("validate", *arguments)
        assert (code, out) == (2, "")
        assert "give a study file, as `satcore validate study.toml`" in err

    def test_names_from_data_drive_no_terminal(self, call: Call, tmp_path: Path) -> None:
        pl.DataFrame({"Q1": [1, 2], "[red]\x1b[31m": ["a", "b"]}).write_csv(tmp_path / "odd.csv")
        code, out, _ = call(
            "validate", "study.toml", "odd.csv", "--segment", "[red]\x1b[31m", "--by",
            "[red]\x1b[31m", "--wave", "Q1",
        )  # fmt: skip
        assert code == 0
        assert "\x1b" not in out
        assert "[red]\\x1b[31m" in out

    def test_as_a_process(self, call: Call, tmp_path: Path) -> None:
        del call  # its folder
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "satcore", "validate", "study.toml", "--labels"],
            capture_output=True,
            check=False,
            timeout=120,
            cwd=tmp_path,
            env={**os.environ, LIMIT: "1 GB"},
        )
        assert (done.returncode, done.stderr) == (0, b"")
        assert "states: 2.2 kB" in done.stdout.decode()
        assert "limit: 1 GB of states (SATCORE_MAX_STATE says so)" in done.stdout.decode()
        refused = subprocess.run(
            [sys.executable, "-W", "error", "-m", "satcore", "validate", "study.toml"],
            capture_output=True,
            check=False,
            timeout=120,
            cwd=tmp_path,
            env={**os.environ, LIMIT: "10"},
        )
        assert (refused.returncode, refused.stdout) == (2, b"")
        assert b"more than the 10 bytes that they may" in refused.stderr
