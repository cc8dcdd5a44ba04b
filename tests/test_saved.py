"""States on disk: day by day they make what one run makes, and never merge where they must not."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import struct
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from attrs import evolve, frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import satcore
from satcore import Block, Codebook, Counted, Estimate, Field, Item, Metric, Saved, Statistic
from satcore.errors import DataError, OutputError
from satcore.lineup import rolled
from satcore.planning import Plan
from satcore.saved.asked import Asked
from satcore.saved.fitting import bundle_for
from satcore.states import Axis, Cells, State
from satcore.statistics import Rows
from satcore_nps import NPS

STUDY = """
[study]
data = "days/*.csv"
missing = ["99"]
by = ["region*wave", "channel"]

[roles]
segments = ["region", "channel"]
wave = { time = "date", period = "month" }

[[keep]]
column = "status"
is = ["Complete"]

[metrics.nps]
item = "Q1"

[metrics.kano]
functional = "{feature}_f"
dysfunctional = "{feature}_d"
features = ["F1", "F2"]
by = ["channel"]

[metrics.servqual]
expectation = "E{1..4}"
perception = "P{1..4}"
scale = "1..7"
dimensions = { tangibles = "1..2", reliability = "3..4" }
by = ["region"]

[metrics.course]
metric = "trend"
of = "nps"
"""


def answers(day: int, rows: int = 150) -> pl.DataFrame:
    rng = np.random.default_rng(day)

    def drawn(low: int, high: int) -> list[int | None]:
        found = rng.integers(low, high + 1, rows).tolist()
        return [None if rng.random() < 0.04 else value for value in found]

    months = [f"2026-{1 + (day + row % 3) % 9:02}-{1 + row % 28:02}" for row in range(rows)]
    return pl.DataFrame(
        {
            "Q1": [99 if rng.random() < 0.03 else value for value in drawn(0, 10)],
            "region": rng.choice(["North", "South", f"only {day}"], rows).tolist(),
            "channel": [None if row % 17 == 0 else ("web", "app")[row % 2] for row in range(rows)],
            "date": months,
            "status": ["Partial" if row % 11 == 0 else "Complete" for row in range(rows)],
            "w": np.round(rng.uniform(0.2, 3, rows), 3).tolist(),
            **{f"F{n}_{kind}": drawn(1, 5) for n in (1, 2) for kind in "fd"},
            **{f"{kind}{n}": drawn(1, 7) for n in range(1, 5) for kind in "EP"},
        }
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a study, three days of answers, and the states of each."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "days").mkdir()
    (folder / "study.toml").write_text(STUDY)
    for day in (1, 2, 3):
        answers(day).write_csv(folder / "days" / f"day{day}.csv")
        save_day(folder, day, "study.toml")
    return folder


def save_day(folder: Path, day: int, study: str, **more: Any) -> None:
    plan = satcore.plan(folder / study, folder / "days" / f"day{day}.csv", **more)
    satcore.save(plan, satcore.scan(plan), folder / f"day{day}.satcore")


@pytest.fixture
def folder(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path


def without_name(results: satcore.Results) -> dict[str, Any]:
    found = results.to_dict()
    del found["study"]["data"]
    return found


def same_states(one: Mapping[Any, Mapping[str, State]], other: Mapping[Any, Any]) -> None:
    assert set(one) == set(other)
    for names, states in one.items():
        assert set(states) == set(other[names])
        for key, state in states.items():
            assert state.cells == other[names][key].cells
            for name, array in state.arrays.items():
                assert array.dtype == other[names][key].arrays[name].dtype
                assert array.tobytes() == other[names][key].arrays[name].tobytes(), (names, key)


def saved_days(study: str = "study.toml", **more: Any) -> list[Saved]:
    if study != "study.toml" or more:
        for day in (1, 2, 3):
            save_day(Path(), day, study, **more)
    return [satcore.load(f"day{day}.satcore") for day in (1, 2, 3)]


def test_days_merged_are_one_run_to_the_bit(folder: Path) -> None:
    plan = satcore.plan("study.toml")
    at_once = satcore.scan(plan)
    for order in ((0, 1, 2), (2, 0, 1)):
        days = saved_days()
        merged = satcore.merge(*(days[place] for place in order))
        same_states(bundle_for(plan, merged).states, at_once.states)
    merged = satcore.merge(*days)
    assert [one for one, _ in merged.bundle.fragments] == [f"days/day{n}.csv" for n in (1, 2, 3)]
    again = satcore.run("study.toml", merged)
    assert without_name(again) == without_name(satcore.evaluate(plan, at_once))
    assert again.about.data == "day1.satcore, day2.satcore, day3.satcore"
    assert {one["metric"] for one in again.rows()} == {"nps", "kano", "servqual", "course"}
    # Merging in two steps, by way of the disk, is the same to the bit as well.
    satcore.merge(days[0], days[1]).write("two.satcore")
    both = satcore.merge(satcore.load("two.satcore"), days[2])
    same_states(both.bundle.states, merged.bundle.states)
    assert both.bundle.intake == merged.bundle.intake


def test_weighted_days_merged_are_one_run_but_for_rounding(folder: Path) -> None:
    plan = satcore.plan("study.toml", weight="w")
    at_once = satcore.scan(plan)
    found = bundle_for(plan, satcore.merge(*saved_days(weight="w")))
    real = 0
    for names, states in at_once.states.items():
        for key, state in states.items():
            for name, array in state.arrays.items():
                other = found.states[names][key].arrays[name]
                if array.dtype.kind == "f":
                    real += 1
                    # Sums of weights and of their squares have no terms below 0.
                    terms = np.abs(array).max(initial=0)
                    assert np.abs(array - other).max(initial=0) <= 1e-12 * max(terms, 1)
                else:
                    assert array.tobytes() == other.tobytes()
    assert real > 10


def test_what_was_saved_is_the_same_bytes_whoever_saved_it(folder: Path) -> None:
    first = [Path(f"day{day}.satcore").read_bytes() for day in (1, 2, 3)]
    for day in (1, 2, 3):
        save_day(Path(), day, "study.toml")
    assert [Path(f"day{day}.satcore").read_bytes() for day in (1, 2, 3)] == first


def test_parquet_row_groups_are_fragments_of_one_file(folder: Path) -> None:
    answers(1).write_parquet("days/day1.parquet", row_group_size=60)
    plan = satcore.plan("study.toml", "days/day1.parquet")
    satcore.save(plan, satcore.scan(plan), "p.satcore")
    found = satcore.load("p.satcore")
    assert list(found.fragments) == [f"days/day1.parquet#row group {n}" for n in range(3)]
    hashes = {str(said).partition(" ")[0] for said in found.fragments.values()}
    assert len(hashes) == 1
    assert len(set(found.fragments.values())) == 3


# --- a third party's ------------------------------------------------------------------------------


@frozen(kw_only=True)
class Spread(Statistic):
    """The least and the greatest code, and a sum of real numbers."""

    item: Item

    def fields(self, *, weighted: bool) -> Mapping[str, Field]:
        return {
            "least": Field(reduction="min", dtype=np.int16),
            "most": Field(reduction="max", shape=(1,), dtype=np.float32),
            "total": Field(dtype=np.float64),
        }

    def observe(self, block: Block) -> Mapping[str, Any]:
        codes = block.codes(self.item)
        most = block.most(codes.astype(np.float64), -np.inf).astype(np.float32)
        least = block.least(codes.astype(np.int64), np.iinfo(np.int16).max)
        return {
            "least": least.astype(np.int16),
            "most": most[:, None],
            "total": block.total(codes.astype(np.float64)),
        }


@frozen(kw_only=True)
class Width(Metric):
    item: str

    def statistics(self, codebook: Codebook) -> Mapping[str, Statistic]:
        return {"spread": Spread(item=codebook.item(self.item, "0..10"))}

    def evaluate(self, spread: Counted) -> Iterator[Estimate]:
        width = spread["most"][:, 0] - spread["least"].astype(np.float64)
        none = np.full(len(width), np.nan)
        yield Estimate(term="width", value=width, std_error=none, base=np.ones(len(width), int))


def test_a_third_partys_statistic_is_saved_and_merged_like_any_other(folder: Path) -> None:
    def plan(data: Any) -> Plan:
        metrics = {"nps": NPS(item="Q1"), "width": Width(item="Q1")}
        return satcore.plan(
            metrics, data, segments=["region"], by=["region*wave"], missing=["99"],
            wave={"time": "date", "period": "month"},
        )  # fmt: skip

    for day in (1, 2, 3):
        satcore.save(found := plan(f"days/day{day}.csv"), satcore.scan(found), f"{day}.satcore")
    merged = satcore.merge(*(satcore.load(f"{day}.satcore") for day in (1, 2, 3)))
    whole = plan("days/*.csv")
    at_once = satcore.scan(whole)
    again = plan(merged)
    same_states(bundle_for(again, merged).states, at_once.states)
    assert without_name(satcore.evaluate(again, merged)) == without_name(
        satcore.evaluate(whole, at_once)
    )


ABSENT = """
import sys
import satcore
days = [satcore.load(f"day{day}.satcore") for day in (1, 2)]
satcore.merge(*days).write("both.satcore")
loaded = [name for name in sys.modules if name.startswith(("satcore_", "polars", "tests"))]
assert not loaded, loaded
"""


def test_states_merge_where_no_plugin_is(folder: Path) -> None:
    saved_days()
    done = subprocess.run([sys.executable, "-c", ABSENT], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    wanted = satcore.merge(*(satcore.load(f"day{day}.satcore") for day in (1, 2)))
    same_states(satcore.load("both.satcore").bundle.states, wanted.bundle.states)


# --- a study that asks for less, and one that asks for more ---------------------------------------


def test_less_may_be_asked_for(folder: Path) -> None:
    merged = satcore.merge(*saved_days())
    Path("less.toml").write_text(
        STUDY.replace('["region*wave", "channel"]', '["wave*region", "region"]')
        .replace('segments = ["region", "channel"]', 'segments = ["region"]')
        .partition("[metrics.servqual]")[0]
        .replace('by = ["channel"]', "by = []")
    )
    found = satcore.run("less.toml", merged)
    assert without_name(found) == without_name(satcore.run("less.toml", "days/*.csv"))
    # Without the waves.
    Path("none.toml").write_text(
        Path("less.toml")
        .read_text()
        .replace('["wave*region", "region"]', "[]")
        .replace('wave = { time = "date", period = "month" }', "")
    )
    found = satcore.run("none.toml", merged)
    assert without_name(found) == without_name(satcore.run("none.toml", "days/*.csv"))


def test_segments_may_stand_in_another_order(folder: Path) -> None:
    Path("a.toml").write_text(STUDY.replace('"region*wave", "channel"', '"region*channel*wave"'))
    merged = satcore.merge(*saved_days("a.toml"))
    text = Path("a.toml").read_text().replace('["region", "channel"]', '["channel", "region"]')
    Path("b.toml").write_text(text)
    found = satcore.run("b.toml", merged)
    assert without_name(found) == without_name(satcore.run("b.toml", "days/*.csv"))


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('item = "Q1"', 'item = "Q7"', r"\[metrics.nps\]: .*has no column 'Q7'"),
        ('scale = "1..7"', 'scale = "0..7"', "column 'E1': scale 0..7, not 1..7"),
        ('by = ["region"]', 'by = ["channel"]', r"not counted by channel, but by region; ask for"),
        ('missing = ["99"]', "missing = []", "column 'Q1': missing answers none, not '99'"),
        ('is = ["Complete"]', 'is = ["Partial"]', r"\[\[keep\]\] is status is 'Partial', not"),
        ('"month"', '"week"', "waves are each week of column 'date', not each month of column"),
        ("[roles]", '[roles]\nweight = "w"', "weights are column 'w', not none"),
        (
            "[metrics.nps]",
            '[metrics.more]\nmetric = "nps"\nitem = "w"\n[metrics.nps]',
            r"\[metrics.more\] asks for what was not counted: .*'w'.*leave the metric out",
        ),
    ],
)
def test_more_or_other_than_was_counted_is_refused(
    folder: Path, old: str, new: str, why: str
) -> None:
    merged = satcore.merge(*saved_days())
    assert STUDY.count(old) == 1
    Path("other.toml").write_text(STUDY.replace(old, new, 1))
    with pytest.raises((DataError, satcore.StudyError), match=why):
        satcore.run("other.toml", merged)


def test_answers_that_this_study_refuses_are_refused_here_too(folder: Path) -> None:
    Path("lax.toml").write_text(STUDY.replace('missing = ["99"]', 'invalid = "missing"'))
    days = saved_days("lax.toml")
    assert satcore.run("lax.toml", days[0]).responses.read == 150
    Path("strict.toml").write_text(STUDY.replace('missing = ["99"]', ""))
    with pytest.raises(DataError, match=r"answers are outside the scale 0\.\.10: '99'"):
        satcore.run("strict.toml", days[0])


# --- what never merges ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('missing = ["99"]', 'missing = ["98", "99"]', "'98', '99', not '99'"),
        ('is = ["Complete"]', 'not = ["Partial"]', "is not 'Partial', not status is 'Complete'"),
        ('"month"', '"quarter"', "each quarter of column 'date', not each month"),
        ("[roles]", '[roles]\nweight = "w"', "weights are column 'w', not none"),
        ('"region*wave", "channel"', '"region*wave"', "`by` is .*, not"),
        (
            "[study]",
            '[metrics.also]\nmetric = "nps"\nitem = "w"\n[study]\ninvalid = "missing"',
            "the former alone counts .*Tally.*'w'",
        ),
        ('scale = "1..7"', 'scale = "0..7"', r"column 'E1': scale 0..7, not 1..7"),
    ],
)
def test_states_that_were_counted_otherwise_do_not_merge(
    folder: Path, old: str, new: str, why: str
) -> None:
    first = saved_days()[0]
    assert old in STUDY
    Path("other.toml").write_text(STUDY.replace(old, new))
    plan = satcore.plan("other.toml", "days/day2.csv")
    satcore.save(plan, satcore.scan(plan), "other.satcore")
    with pytest.raises(DataError, match=why) as caught:
        satcore.merge(first, satcore.load("other.satcore"))
    assert "other.satcore and day1.satcore were counted for different things" in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[study]", '[study]\nconfidence = 0.9\nmin_base = 5\ntitle = "Another"'),
        ('is = ["Complete"]', 'is = ["Complete", "Complete"]'),
        ("[metrics.nps]", "[labels.region]\nSouth = 'S'\nNorth = 'N'\n[metrics.nps]"),
    ],
)
def test_what_changes_no_count_keeps_nothing_apart(folder: Path, old: str, new: str) -> None:
    first = saved_days()[0]
    Path("other.toml").write_text(STUDY.replace(old, new))
    plan = satcore.plan("other.toml", "days/day2.csv")
    satcore.save(plan, satcore.scan(plan), "other.satcore")
    merged = satcore.merge(first, satcore.load("other.satcore"))
    for study in ("study.toml", "other.toml"):
        wanted = satcore.run(study, ["days/day1.csv", "days/day2.csv"])
        assert without_name(satcore.run(study, merged)) == without_name(wanted)


def test_the_same_fragment_twice_is_named(folder: Path) -> None:
    one, two, three = saved_days()
    merged = satcore.merge(one, two)
    with pytest.raises(DataError, match=r"day2.satcore: days/day2.csv is in .* already"):
        satcore.merge(merged, three, two)


def test_a_copy_under_another_name_is_named(folder: Path) -> None:
    days = saved_days()
    Path("days/copy.csv").write_bytes(Path("days/day1.csv").read_bytes())
    plan = satcore.plan("study.toml", "days/copy.csv")
    satcore.save(plan, satcore.scan(plan), "copy.satcore")
    with pytest.raises(DataError, match=r"copy.csv has the same content as days/day1.csv"):
        satcore.merge(*days, satcore.load("copy.satcore"))


def test_a_copy_within_one_run_is_not_saved(folder: Path) -> None:
    Path("days/copy.csv").write_bytes(Path("days/day1.csv").read_bytes())
    plan = satcore.plan("study.toml", ["days/day1.csv", "days/copy.csv"])
    with pytest.raises(DataError, match=r"copy.csv has the same content as days/day1.csv"):
        satcore.save(plan, satcore.scan(plan), "x.satcore")
    assert not Path("x.satcore").exists()


def test_parts_that_are_alike_are_no_copies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    alike = pl.DataFrame({"Q1": [9] * 40})
    alike.write_parquet("p.parquet", row_group_size=10)
    monkeypatch.setattr("satcore.surveys.MEMORY_FRAGMENT_ROWS", 10)
    for data in ("p.parquet", alike):
        plan = satcore.plan(NPS(item="Q1"), data)
        satcore.save(plan, satcore.scan(plan), "x.satcore")
        found = satcore.load("x.satcore")
        assert len(found.fragments) == len(set(found.fragments.values())) == 4
        assert satcore.run(NPS(item="Q1"), found).responses.read == 40


def test_files_without_answers_are_no_copies_of_each_other(folder: Path) -> None:
    head = Path("days/day1.csv").read_text().partition("\n")[0] + "\n"
    for name in ("x", "y"):
        Path(f"days/{name}.csv").write_text(head)
    parts = []
    for day, name in ((1, "x"), (2, "y")):
        plan = satcore.plan("study.toml", [f"days/day{day}.csv", f"days/{name}.csv"])
        satcore.save(plan, satcore.scan(plan), f"{name}.satcore")
        parts.append(satcore.load(f"{name}.satcore"))
    assert len(satcore.merge(*parts).fragments) == 4


def test_a_changed_file_is_told_and_swapped(folder: Path) -> None:
    one, two, _ = saved_days()
    answers(9).write_csv("days/day1.csv")
    plan = satcore.plan("study.toml", "days/day1.csv")
    satcore.save(plan, satcore.scan(plan), "new.satcore")
    new = satcore.load("new.satcore")
    with pytest.raises(DataError, match=r"day1.csv: changed since it was .*--replace"):
        satcore.merge(one, two, new)
    found = satcore.merge(one, two, new, replace=True)
    wanted = satcore.run("study.toml", ["days/day2.csv", "days/day1.csv"])
    assert without_name(satcore.run("study.toml", found)) == without_name(wanted)
    with pytest.raises(DataError, match=r"holds a sum of days/day1.csv and of days/day2.csv, from"):
        satcore.merge(satcore.merge(one, two), new, replace=True)


def test_names_last_whatever_was_read_beside(folder: Path) -> None:
    for month in ("a", "b"):
        Path(f"days/{month}").mkdir()
    answers(1).write_csv("days/a/d.csv")
    answers(2).write_csv("days/b/d.csv")
    parts = []
    for place, paths in enumerate((["days/a/d.csv"], ["days/b/d.csv", "days/day3.csv"])):
        plan = satcore.plan("study.toml", paths)
        satcore.save(plan, satcore.scan(plan), f"{place}.satcore")
        parts.append(satcore.load(f"{place}.satcore"))
    names = list(satcore.merge(*parts).fragments)
    assert names == ["days/a/d.csv", "days/b/d.csv", "days/day3.csv"]


def test_answers_in_memory_are_told_apart_by_what_they_are(tmp_path: Path) -> None:
    def saved(q1: list[Any]) -> Saved:
        plan = satcore.plan(NPS(item="Q1"), {"Q1": q1})
        satcore.save(plan, satcore.scan(plan), tmp_path / "m.satcore")
        return satcore.load(tmp_path / "m.satcore")

    merged = satcore.merge(saved([10, 9, None]), saved([0, 9, 3]))
    assert satcore.run(NPS(item="Q1"), merged).responses.read == 6
    with pytest.raises(DataError, match="no answer is counted twice"):
        satcore.merge(saved([10, 9, None]), saved([10, 9, None]))
    # One null more or less, one type instead of another: other answers.
    for other in ([10, 9, 9], ["10", "9", None], [10, None, 9]):
        assert len(satcore.merge(saved([10, 9, None]), saved(other)).fragments) == 2


def test_rows_that_do_not_fit_are_refused(folder: Path) -> None:
    one = saved_days()[0]
    intake = evolve(one.bundle.intake, dropped=[0])
    with pytest.raises(DataError, match="responses were counted, but 150 came in"):
        satcore.run("study.toml", evolve(one, bundle=evolve(one.bundle, intake=intake)))


def test_labels_that_would_make_too_many_cells_are_refused_before_they_are_made(
    folder: Path,
) -> None:
    one = saved_days()[0]

    def widened(name: str, first: int, second: int) -> Saved:
        labels = [tuple(f"{name}{n}" for n in range(size)) for size in (first, second)]
        cells = Cells((Axis("region", labels[0]), Axis("wave", labels[1])))
        states = {
            key: State.empty(cells, state.fields)
            for key, state in one.bundle.states["region", "wave"].items()
            if key == Rows().key
        }
        fragments = ((name, 150),)
        bundle = evolve(
            one.bundle, states={("region", "wave"): states}, fragments=fragments, fingerprints={}
        )
        return evolve(one, name=name, bundle=bundle)

    with pytest.raises(DataError, match=r"region × wave would be \d+ cells, more than"):
        satcore.merge(widened("x", 20_000, 1), widened("y", 1, 20_000))


def test_a_bundle_of_another_plan_is_not_saved(folder: Path) -> None:
    plan = satcore.plan("study.toml", "days/day1.csv")
    bundle = satcore.scan(plan)
    other = satcore.plan(NPS(item="Q1"), "days/day1.csv", invalid="missing")
    with pytest.raises(OutputError, match="not counted by this plan"):
        satcore.save(other, bundle, "x.satcore")
    with pytest.raises(OutputError, match="fragments that this plan has not"):
        satcore.save(satcore.plan("study.toml", "days/day2.csv"), bundle, "x.satcore")
    with pytest.raises(OutputError, match="is there and no state file"):
        satcore.save(plan, bundle, "study.toml")
    assert Path("study.toml").read_text() == STUDY
    assert not Path("x.satcore").exists()


def test_rolling_up_saved_states_is_counting_coarsely(folder: Path) -> None:
    plan = satcore.plan("study.toml")
    found = bundle_for(plan, satcore.merge(*saved_days()))
    coarse = satcore.scan(satcore.plan("study.toml", by=["region"]))
    key = next(key for key in found.states[("region", "wave")] if "Tally" in key)
    mine, theirs = rolled(found, ("region",), key), rolled(coarse, ("region",), key)
    assert mine.cells == theirs.cells
    assert all(mine.arrays[n].tobytes() == theirs.arrays[n].tobytes() for n in mine.arrays)


@pytest.mark.parametrize("label", ["soon", "2026-13", "2026-1", "99999-01", ""])
def test_a_wave_that_is_no_period_is_refused(folder: Path, label: str) -> None:
    one = saved_days()[0]

    def renamed(state: State) -> State:
        region, wave = state.cells.axes
        labels = (label, *wave.labels[1:])
        return evolve(state, cells=Cells((region, Axis(wave.name, labels))))

    states = dict(one.bundle.states)
    states["region", "wave"] = {
        key: renamed(state) for key, state in states["region", "wave"].items()
    }
    with pytest.raises(DataError, match=re.escape(f"{label!r} is no month")):
        satcore.run("study.toml", evolve(one, bundle=evolve(one.bundle, states=states)))


def test_respondents_are_told_apart_where_something_is_drawn() -> None:
    mine, theirs = Asked(respondent="id"), Asked(respondent=None)
    assert list(mine.differences(theirs)) == ["respondents are column 'id', not none"]
    assert not list(theirs.differences(mine, fewer=True))
    assert list(theirs.differences(mine))


# --- states that lie, evaluated -------------------------------------------------------------------

_SAID = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 1 << 63) | st.text(max_size=4)
    | st.sampled_from(["sum", "<i8", "region", "wave", "2026-01", "2026-99", "month", "week"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["a", "column", "names"]), inner, max_size=2),
    max_leaves=5,
)  # fmt: skip


def _places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if way:
        yield way
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for name, one in inner:
            yield from _places(one, (*way, name))


@pytest.fixture(scope="module")
def two_days(made: Path) -> tuple[bytes, Plan]:
    small = {
        "Q1": [10, 0, 7, None, "x", 9],
        "region": ["n", "s", None, "n", "n", "s"],
        "month": ["2026-01-03", "2026-01-09", "2026-03-01", "2026-03-01", "2026-03-04", None],
    }
    plan = satcore.plan(
        NPS(item="Q1"), small, segments=["region"], wave={"time": "month", "period": "month"},
        by=["region*wave"], invalid="missing",
    )  # fmt: skip
    satcore.save(plan, satcore.scan(plan), made / "fuzzed.satcore")
    return (made / "fuzzed.satcore").read_bytes(), plan


@settings(
    derandomize=True, max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(data=st.data())
def test_fuzzed_states_are_read_merged_and_evaluated_or_refused(
    two_days: tuple[bytes, Plan], tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    good, plan = two_days
    length = struct.unpack_from("<Q", good, 24)[0]
    header, body = json.loads(good[80 : 80 + length]), good[80 + length + -(80 + length) % 64 :]
    places = list(_places(header))
    for _ in range(data.draw(st.integers(0, 2))):
        *way, last = data.draw(st.sampled_from(places))
        inner = header
        try:
            for one in way:
                inner = inner[one]
            inner[last] = data.draw(_SAID)
        except (TypeError, KeyError, IndexError):
            continue
    arrays = bytearray(body)
    for place, byte in data.draw(
        st.lists(st.tuples(st.integers(0, len(body) - 1), st.integers(0, 255)), max_size=3)
    ):
        arrays[place] = byte
    text = json.dumps(header).encode()
    padded = text + b" " * (-(80 + len(text)) % 64)
    size = 80 + len(padded) + len(arrays)
    start = struct.pack("<16sIIQQQ", good[:16], 1, 0, len(text), size, 0)
    digest = hashlib.sha256(start[16:] + padded + arrays).digest()
    path = tmp_path_factory.getbasetemp() / "f.satcore"
    path.write_bytes(start + digest + padded + arrays)
    try:
        found = satcore.load(path)
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            satcore.evaluate(plan, found).to_json()
        fragments = (("another", found.bundle.intake.read),)
        other = evolve(found, bundle=evolve(found.bundle, fragments=fragments, fingerprints={}))
        satcore.merge(found, other).write(path)
        satcore.load(path)
    except DataError as error:
        assert "f.satcore" in str(error)  # noqa: PT017
