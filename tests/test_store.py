"""Saving on the command line and in a store: killed, out of space, eight at once."""

from __future__ import annotations

import errno
import json
import os
import random
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from attrs import evolve

import satcore
from satcore import DataError, OutputError, Saved, Store
from satcore.cli import main
from satcore.saved import marks, writing
from satcore.saved.store import part_name
from satcore_nps import NPS

STUDY = """
[study]
data = "data/*.csv"
[roles]
segments = ["region"]
[metrics.nps]
item = "Q1"
"""


def day(number: int, rows: int = 40) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "Q1": [(number * 7 + row * row) % 11 for row in range(rows)],
            "region": [f"r{(number + row) % 5}" for row in range(rows)],
        }
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    for number in (1, 2, 3):
        day(number).write_csv(f"data/day{number}.csv")
    Path("study.toml").write_text(STUDY)
    return tmp_path


Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], folder: Path) -> Call:
    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(arguments)
        out, err = capsys.readouterr()
        assert isinstance(left.value.code, int)
        return left.value.code, out, err

    return call


def results(out: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(out)
    del found["study"]["data"]
    return found


def saved(*paths: str) -> Saved:
    plan = satcore.plan("study.toml", list(paths) or None)
    satcore.save(plan, satcore.scan(plan), "saved.satcore")
    return satcore.load("saved.satcore")


# --- the command line -----------------------------------------------------------------------------


def test_day_by_day_on_the_command_line(call: Call) -> None:
    _, wanted, _ = call("run", "study.toml", "--format", "json")
    for number in (1, 2, 3):
        name = f"day{number}.satcore"
        code, _, err = call("run", "study.toml", f"data/day{number}.csv", "--save", name)
        assert (code, err) == (0, f"states written to {name}\n")
    code, out, err = call("merge", "day1.satcore", "day2.satcore", "-o", "all.satcore")
    assert (code, out, err) == (0, "", "all.satcore: 2 fragments, 80 responses\n")
    code, _, err = call("merge", "all.satcore", "day3.satcore", "-o", "all.satcore")
    assert (code, err) == (0, "all.satcore: 3 fragments, 120 responses\n")
    for states in (["all.satcore"], [f"day{number}.satcore" for number in (1, 2, 3)]):
        given = [part for one in states for part in ("--states", one)]
        code, found, err = call("run", "study.toml", *given, "--format", "json")
        assert (code, err) == (0, "")
        assert results(found) == results(wanted)
    assert json.loads(call("run", "study.toml", "--states", "all.satcore", "--format", "json")[1])[
        "study"
    ]["data"] == "all.satcore"  # fmt: skip
    # Without a study file, and from other folders.
    code, out, _ = call("run", "--metric", "nps", "--item", "Q1", "--states", "all.satcore")
    assert code == 0
    assert "all.satcore: 120 responses read" in out


def test_a_standard_is_held_against_saved_states(call: Call, folder: Path) -> None:
    Path("held.toml").write_text(STUDY + '[[standards]]\nmetric = "nps"\nat_least = 99\n')
    call("run", "held.toml", "--save", "all.satcore")
    code, out, _ = call("check", "held.toml", "--states", "all.satcore")
    assert code == 1
    assert "99" in out
    assert call("check", "held.toml", "--store", "st")[0] == 1


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("run", "study.toml", "--states", "a", "--store", "b"), "give one"),
        (("run", "study.toml", "data/day1.csv", "--states", "a"), "leave the data files out"),
        (("run", "study.toml", "--replace"), "--replace belongs to --store"),
        (("run", "study.toml", "--forget"), "--forget belongs to --store"),
        (("run", "study.toml", "--save", "study.toml"), "is read by this run"),
        (("run", "study.toml", "--save", "data/day1.csv"), "is there and no state file"),
        (("run", "study.toml", "--save", "none/x.satcore"), "there is no folder"),
        (("run", "study.toml", "--save", "x", "-o", "x", "--format", "json"), "is named twice"),
        (("run", "study.toml", "--states", "none.satcore"), "none.satcore: it can't be read: No"),
        (("run", "study.toml", "--states", "data/day1.csv"), "day1.csv: it is no state file"),
        (("run", "study.toml", "--states", "data"), "data: the store is empty"),
        (("run", "study.toml", "--store", "study.toml"), "can't be a store: it is a file"),
        (("merge", "a.satcore", "a.satcore", "-o", "b"), "a.satcore is named twice"),
        (("merge", "a.satcore", "-o", "study.toml"), "is there and no state file"),
        (("merge", "/dev/null", "-o", "b"), "/dev/null: it is a pipe or a device"),
    ],
)
def test_mistakes_are_told(call: Call, arguments: tuple[str, ...], why: str) -> None:
    code, _, err = call(*arguments)
    assert code == 2
    assert why in " ".join(err.split())
    assert Path("study.toml").read_text() == STUDY


def test_answers_that_are_refused_leave_no_states(call: Call) -> None:
    Path("data/day4.csv").write_text("Q1,region\n77,r1\n")
    code, _, err = call("run", "study.toml", "--save", "x.satcore")
    assert code == 2
    assert "'77'" in err
    assert not Path("x.satcore").exists()


# --- a store --------------------------------------------------------------------------------------


def test_a_store_counts_what_is_new(call: Call) -> None:
    _, wanted, _ = call("run", "study.toml", "--format", "json")
    code, found, err = call("run", "study.toml", "--store", "st", "--format", "json")
    assert (code, err) == (0, "st: 3 new\n")
    assert results(found) == results(wanted)
    before = {path.name: path.stat().st_mtime_ns for path in Path("st").iterdir()}
    assert set(before) == {part_name(f"data/day{number}.csv") for number in (1, 2, 3)}
    day(4).write_csv("data/day4.csv")
    _, found, err = call("run", "study.toml", "--store", "st", "--format", "json")
    assert err == "st: 1 new, 3 known\n"
    assert results(found) == results(call("run", "study.toml", "--format", "json")[1])
    after = {path.name: path.stat().st_mtime_ns for path in Path("st").iterdir()}
    assert before.items() < after.items()
    # Without the answers, merged, and given one file only.
    assert results(call("run", "study.toml", "--states", "st", "--format", "json")[1]) == results(
        found
    )
    assert (
        call("merge", "st", "-o", "all.satcore")[2] == "all.satcore: 4 fragments, 160 responses\n"
    )
    _, alone, err = call("run", "study.toml", "data/day4.csv", "--store", "st", "--format", "json")
    assert results(alone)["estimates"] == results(found)["estimates"]
    assert "st: 1 known" in err
    assert "data/day1.csv, data/day2.csv, data/day3.csv: counted before and not among" in err


def test_known_files_are_not_counted_again(folder: Path) -> None:
    store, seen = Store("st"), list[str]()

    def scan(plan: Any) -> Any:
        seen.extend(one.id for one in plan.survey.fragments)
        return satcore.scan(plan)

    plan = satcore.plan("study.toml")
    assert store.add(plan, scan).new == ("data/day1.csv", "data/day2.csv", "data/day3.csv")
    told = store.add(plan, scan)
    assert (told.new, len(told.known), len(seen)) == ((), 3, 3)


def test_a_changed_file_is_told_and_replaced(call: Call) -> None:
    call("run", "study.toml", "--store", "st")
    day(8).write_csv("data/day2.csv")
    code, out, err = call("run", "study.toml", "--store", "st")
    assert (code, out) == (2, "")
    assert err.startswith("error: data/day2.csv: it has changed since it was counted; --replace")
    _, found, err = call("run", "study.toml", "--store", "st", "--replace", "--format", "json")
    assert err == "st: 1 replaced, 2 known\n"
    assert results(found) == results(call("run", "study.toml", "--format", "json")[1])


def test_a_removed_file_is_told_and_forgotten(call: Call) -> None:
    call("run", "study.toml", "--store", "st")
    Path("data/day2.csv").unlink()
    _, found, err = call("run", "study.toml", "--store", "st", "--format", "json")
    assert "data/day2.csv: counted before and not among the files that were given" in err
    assert results(found)["responses"]["read"] == 120
    _, found, err = call("run", "study.toml", "--store", "st", "--forget", "--format", "json")
    assert err == "st: 2 known, 1 forgotten\n"
    assert results(found) == results(call("run", "study.toml", "--format", "json")[1])


def test_a_moved_file_is_told(call: Call) -> None:
    call("run", "study.toml", "--store", "st")
    Path("data/day2.csv").rename("data/two.csv")
    code, _, err = call("run", "study.toml", "--store", "st")
    assert code == 2
    assert "data/two.csv: it has the same content as data/day2.csv, which the store holds" in err
    _, found, err = call("run", "study.toml", "--store", "st", "--forget", "--format", "json")
    assert err == "st: 1 new, 2 known, 1 forgotten\n"
    assert results(found)["responses"]["read"] == 120


def test_two_new_files_alike_are_told_and_the_store_stays_good(call: Call) -> None:
    Path("data/copy.csv").write_bytes(Path("data/day1.csv").read_bytes())
    code, _, err = call("run", "study.toml", "--store", "st")
    assert code == 2
    assert "data/day1.csv: it has the same content as data/copy.csv" in err
    Path("data/copy.csv").unlink()
    code, _, err = call("run", "study.toml", "--store", "st", "--forget")
    assert (code, err) == (0, "st: 1 new, 2 known, 1 forgotten\n")


def test_a_store_takes_nothing_that_was_asked_otherwise(call: Call) -> None:
    call("run", "study.toml", "data/day1.csv", "--store", "st")
    code, _, err = call("run", "study.toml", "--missing", "0", "--store", "st")
    assert code == 2
    assert "this run and st/day1.csv-" in err
    assert "column 'Q1': missing answers '', '0', not none" in err
    assert len(list(Path("st").iterdir())) == 1


def test_a_file_with_wrong_answers_keeps_no_other_out(call: Call) -> None:
    Path("data/day0.csv").write_text("Q1,region\n77,r1\n")
    Path("data/day9.csv").write_text("Q1,region\n78,r1\n")
    code, _, err = call("run", "study.toml", "--store", "st")
    assert code == 2
    assert "data/day0.csv: column Q1" in err
    assert "data/day9.csv: column Q1" in err
    assert len(list(Path("st").iterdir())) == 3


def test_a_damaged_part_is_named(call: Call) -> None:
    call("run", "study.toml", "--store", "st")
    part = sorted(Path("st").iterdir())[1]
    data = bytearray(part.read_bytes())
    data[-100] ^= 4
    part.write_bytes(data)
    code, _, err = call("run", "study.toml", "--states", "st")
    assert code == 2
    assert err.startswith(f"error: {part}: it is damaged: its checksum")


def test_a_file_that_changes_while_it_is_read_is_not_kept(folder: Path) -> None:
    def scan(plan: Any) -> Any:
        bundle = satcore.scan(plan)
        with Path("data/day2.csv").open("a") as file:
            file.write("5,r1\n")
        return bundle

    with pytest.raises(DataError, match=r"day2.csv: it changed while it was read"):
        Store("st").add(satcore.plan("study.toml", "data/day2.csv"), scan)
    assert not list(Path("st").iterdir())


def test_a_file_that_was_read_in_part_is_not_kept(folder: Path) -> None:
    day(1).write_parquet("data/p.parquet", row_group_size=10)
    plan = satcore.plan("study.toml", "data/p.parquet")

    def scan(plan: Any) -> Any:
        survey = evolve(plan.survey, fragments=plan.survey.fragments[1:])
        return satcore.scan(evolve(plan, survey=survey))

    told = Store("st").add(plan, scan)
    assert (told.left_out, told.new, told.known) == (("data/p.parquet",), (), ())
    assert not list(Path("st").iterdir())
    told = Store("st").add(plan, satcore.scan)
    assert told.new == ("data/p.parquet",)
    assert Store("st").add(plan, scan).known == ("data/p.parquet",)
    assert len(Store("st").read().fragments) == 4


def test_a_file_on_which_a_statistic_failed_is_counted_again(folder: Path) -> None:
    plan = satcore.plan("study.toml")
    key = next(key for key in plan.statistics if "Tally" in key)

    def failing(plan: Any) -> Any:
        return evolve(satcore.scan(plan), failed={key: "a mistake of the plugin"})

    store = Store("st")
    assert len(store.add(plan, failing).new) == 3
    assert satcore.run("study.toml", store.read()).failures
    assert len(store.add(plan, satcore.scan).replaced) == 3
    assert not satcore.run("study.toml", store.read()).failures
    assert len(store.add(plan, satcore.scan).known) == 3


def test_states_that_are_no_part_are_counted_in_and_never_forgotten(call: Call) -> None:
    call("run", "study.toml", "data/day1.csv", "data/day2.csv", "--save", "two.satcore")
    Path("st").mkdir()
    Path("two.satcore").rename("st/two.satcore")
    code, _, err = call("run", "study.toml", "--store", "st")
    assert code == 2
    assert "data/day1.csv: it is in st/two.satcore already" in err
    code, out, err = call("run", "study.toml", "data/day3.csv", "--store", "st", "--forget")
    assert (code, err) == (0, "st: 1 new\n")
    assert "st: 120 responses read" in out


def test_a_reader_without_fingerprints_is_told_of(call: Call, monkeypatch: Any) -> None:
    known = marks.Marks._mark

    def without_path(self: Any, fragment: Any, *more: Any) -> Any:
        return known(self, SimpleNamespace(id=fragment.id), *more)

    monkeypatch.setattr(marks.Marks, "_mark", without_path)
    code, _, err = call("run", "study.toml", "--save", "x.satcore")
    assert code == 0
    assert "day1.csv, day2.csv, day3.csv: the reader tells no fingerprint, so that a change" in err
    assert set(satcore.load("x.satcore").fragments.values()) == {None}


def test_bytes_of_a_name_that_are_no_text_are_kept_apart(folder: Path) -> None:
    for number in (7, 8):
        Path(os.fsdecode(b"data/d\xff%d.csv" % number)).write_text(day(number).write_csv())
    plan = satcore.plan("study.toml", "data/d*[78].csv")
    assert any("\\udcff7" in name for name in Store("st").add(plan, satcore.scan).new)
    assert Store("st").add(plan, satcore.scan).new == ()


def test_names_of_parts_are_plain_and_their_own() -> None:
    names = [
        part_name(one) for one in ("a/x.csv", "b/x.csv", "../../x.csv", "日/é ü.csv", ".h", "")
    ]
    assert len(set(names)) == len(names)
    for name in names:
        assert name.isascii()
        assert "/" not in name
        assert not name.startswith(".")
    assert part_name("a/x.csv").startswith("x.csv-")


# --- killed while saving --------------------------------------------------------------------------

#: For every byte on its input, forks a child that saves new states, and that asks for leave before
#: every step that the disk sees.
STEPS = """
import os, sys
from pathlib import Path
import satcore
from satcore.saved.writing import write_whole

def asking(name, real):
    def call(*given, **more):
        os.writev(1, [f"{name}\\n".encode()])
        os.readv(0, [bytearray(1)])
        return real(*given, **more)
    return call

new = satcore.load("new.satcore")
while os.readv(0, [bytearray(1)]):
    child = os.fork()
    if child == 0:
        print(os.getpid(), flush=True)
        for name in ("open", "write", "fsync", "close", "replace", "link", "unlink"):
            setattr(os, name, asking(name, getattr(os, name)))
        if sys.argv[1] == "save":
            new.write("all.satcore")
        else:
            write_whole(Path("all.satcore"), new.pieces(), replace=False)
        os.writev(1, [b"done\\n"])
        os._exit(0)
    os.waitpid(child, 0)
    print("ended", flush=True)
"""


class Killing:
    """Saves step by step in a process of its own, and kills it at one of them."""

    def __init__(self, how: str) -> None:
        pipe = subprocess.PIPE
        self.parent = subprocess.Popen([sys.executable, "-c", STEPS, how], stdin=pipe, stdout=pipe)

    def __enter__(self) -> Killing:
        return self

    def __exit__(self, *_: object) -> None:
        self.parent.communicate()

    def __call__(self, kill_at: int | None) -> int:
        """Gives how many steps were taken; the one at which it is killed is not."""
        taken = 0
        self.go()
        child = int(self.said())
        while (line := self.said()) != "ended":
            if line == "done":
                assert kill_at is None
                continue
            taken += 1
            if taken == kill_at:
                os.kill(child, signal.SIGKILL)
            else:
                self.go()
        return taken

    def go(self) -> None:
        assert self.parent.stdin is not None
        self.parent.stdin.write(b".")
        self.parent.stdin.flush()

    def said(self) -> str:
        assert self.parent.stdout is not None
        return self.parent.stdout.readline().decode().strip()


@pytest.mark.parametrize("how", ["save", "add"])
def test_killed_at_any_moment_the_old_or_the_new_is_there(folder: Path, how: str) -> None:
    old = saved("data/day1.csv")
    new = saved("data/day1.csv", "data/day2.csv")
    new.write("new.satcore")
    wanted = {"old": b"".join(old.pieces()), "new": b"".join(new.pieces())}

    def reset() -> None:
        for path in folder.glob(".all*"):
            path.unlink()
        Path("all.satcore").unlink(missing_ok=True)
        if how == "save":
            Path("all.satcore").write_bytes(wanted["old"])

    def state() -> str:
        if not Path("all.satcore").exists():
            assert how == "add"
            return "old"
        data = Path("all.satcore").read_bytes()
        satcore.load("all.satcore")
        return next(name for name, one in wanted.items() if one == data)

    reset()
    with Killing(how) as kill:
        steps = kill(None)
        assert state() == "new"
        assert steps > 8
        moments = random.Random(20261122).choices(range(1, steps + 1), k=18)
        found = []
        for moment in [*moments, steps - 1, steps]:
            reset()
            kill(moment)
            found.append(state())
    # The first steps are those before the new name is given, the last those after.
    assert {"old", "new"} == set(found)
    assert found[-1] == "new"


# --- no space ------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["write", "fsync", "replace"])
def test_a_full_disk_is_told_and_leaves_what_was(
    call: Call, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    call("run", "study.toml", "data/day1.csv", "--save", "all.satcore")
    before = Path("all.satcore").read_bytes()
    real, taken = getattr(os, step), 0

    def failing(*given: Any, **more: Any) -> Any:
        nonlocal taken
        taken += 1
        if taken > (3 if step == "write" else 0):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(*given, **more)

    with monkeypatch.context() as patch:
        patch.setattr(writing.os, step, failing)
        code, _, err = call("run", "study.toml", "--save", "all.satcore", "--format", "csv")
    assert code == 2
    assert err == (
        "error: all.satcore can't be written: No space left on device; the file that was there is "
        "as it was\n"
    )
    assert Path("all.satcore").read_bytes() == before
    assert sorted(one.name for one in Path().iterdir()) == ["all.satcore", "data", "study.toml"]


def test_ctrl_c_while_saving_leaves_what_was(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    call("run", "study.toml", "data/day1.csv", "--save", "all.satcore")
    before = Path("all.satcore").read_bytes()

    def stopped(descriptor: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(writing.os, "fsync", stopped)
        code, _, err = call("run", "study.toml", "--save", "all.satcore")
    assert (code, err.strip()) == (130, "stopped")
    assert Path("all.satcore").read_bytes() == before
    assert sorted(one.name for one in Path().iterdir()) == ["all.satcore", "data", "study.toml"]


def test_a_file_that_may_not_grow_is_told(folder: Path) -> None:
    """A real limit of the system's, in a process of its own."""
    saved("data/day1.csv").write("all.satcore")
    Path("saved.satcore").unlink()
    before = Path("all.satcore").read_bytes()
    limit = len(before) // 2
    done = subprocess.run(
        [sys.executable, "-m", "satcore", "run", "study.toml", "--save", "all.satcore"],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: all.satcore can't be written: File too large")
    assert Path("all.satcore").read_bytes() == before
    assert sorted(one.name for one in Path().iterdir()) == ["all.satcore", "data", "study.toml"]


def test_leftovers_of_the_killed_are_told(call: Call) -> None:
    call("run", "study.toml", "--store", "st")
    Path("st/.x.satcore.1-0.unfinished").write_bytes(b"satcore")
    code, _, err = call("run", "study.toml", "--store", "st")
    assert code == 0
    assert ".x.satcore.1-0.unfinished: unfinished, of a run that is writing now or" in err


# --- eight at once -------------------------------------------------------------------------------

ADDING = """
import json, sys
import satcore
plan = satcore.plan("study.toml")
order = int(sys.argv[1])
parts = plan.survey.fragments
from attrs import evolve
survey = evolve(plan.survey, fragments=(*parts[order:], *parts[:order]))
plan = evolve(plan, survey=survey)
print("ready", flush=True)
sys.stdin.readline()
told = satcore.Store("st").add(plan, satcore.scan)
print(json.dumps([told.new, told.known]), flush=True)
"""


def test_eight_processes_add_to_one_store(folder: Path) -> None:
    for number in range(4, 13):
        day(number).write_csv(f"data/day{number}.csv")
    children = [
        subprocess.Popen(
            [sys.executable, "-c", ADDING, str(number % 3)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for number in range(8)
    ]  # fmt: skip
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    for child in children:
        assert child.stdin is not None
        child.stdin.write("\n")
        child.stdin.flush()
    new: list[str] = []
    for child in children:
        out, err = child.communicate()
        assert child.returncode == 0, err
        mine, known = json.loads(out)
        assert len(mine) + len(known) == 12
        new += mine
    # Each file was put there by one of them, and all are there.
    assert sorted(new) == sorted(f"data/day{number}.csv" for number in range(1, 13))
    assert len(list(Path("st").iterdir())) == 12
    found = satcore.run("study.toml", satcore.load("st")).to_dict()
    wanted = satcore.run("study.toml").to_dict()
    assert found["estimates"] == wanted["estimates"]
    assert found["responses"] == wanted["responses"]


def test_who_comes_second_with_other_answers_is_told(folder: Path) -> None:
    plan = satcore.plan("study.toml", "data/day1.csv")

    def scan(plan: Any) -> Any:
        other = saved("data/day2.csv")
        (name,) = other.fragments
        bundle = evolve(
            other.bundle, fragments=(("data/day1.csv", 40),), fingerprints={"data/day1.csv": "x"}
        )
        assert name == "data/day2.csv"
        evolve(other, bundle=bundle).write(Path("st") / part_name("data/day1.csv"))
        return satcore.scan(plan)

    with pytest.raises(DataError, match="another run has put other answers of that name"):
        Store("st").add(plan, scan)


def test_a_store_that_may_not_be_made_is_told(folder: Path) -> None:
    with pytest.raises(OutputError, match=r"study.toml/st can't be a store"):
        Store("study.toml/st").add(satcore.plan("study.toml"), satcore.scan)
    with pytest.raises(DataError, match=r"nowhere: the store can't be read: No such file"):
        Store("nowhere").read()
    plan = satcore.plan(NPS(item="Q1"), {"Q1": [1, 9]})
    assert Store("memory").add(plan, satcore.scan).new[0].startswith("data in memory (")
