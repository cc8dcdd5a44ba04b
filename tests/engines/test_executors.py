"""Threads, processes and foreign executors count what the local engine counts."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import attrs
import polars as pl
import pytest

import satcore
from satcore.choosing import hold_rows
from satcore.planning import Plan
from satcore.scanning import Bundle
from satcore.surveys import Survey
from satcore.tasks.working import Answer
from satcore.testing import engine_checks

Same = Callable[[Bundle, Bundle], None]


@pytest.fixture(scope="session")
def spawned(plugin_folder: None) -> Iterator[Executor]:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


@attrs.define
class Here(Executor):
    """Does everything at once, here, but by texts and bytes alone; keeps what it was given."""

    given: list[tuple[Any, ...]] = attrs.field(factory=list)
    spoil: Callable[[bytes], bytes] = attrs.field(default=lambda raw: raw)

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.given.append(args)
        future: Future[Any] = Future()
        future.set_result(self.spoil(fn(*args, **kwargs)))
        return future


class TestTheSameStates:
    def test_threads(self, plan: Plan, local: Bundle, same: Same) -> None:
        with ThreadPoolExecutor(2) as pool:
            same(satcore.scan(plan, engine=pool), local)

    def test_every_kind_of_metric(
        self, toolbox: Callable[..., Plan], same: Same, spawned: Executor
    ) -> None:
        plan = toolbox()
        same(satcore.scan(plan, engine=spawned), satcore.scan(plan))

    def test_a_foreign_pool(self, plan: Plan, local: Bundle, same: Same, spawned: Executor) -> None:
        told: list[int] = []
        same(satcore.scan(plan, engine=spawned, progress=told.append), local)
        assert sum(told) == local.intake.read

    def test_answers_in_memory(
        self, frame: pl.DataFrame, folder: Path, same: Same, spawned: Executor
    ) -> None:
        plan = satcore.plan(str(folder / "parquet.toml"), frame)
        same(satcore.scan(plan, engine=spawned), satcore.scan(plan))

    def test_results_are_the_same_to_the_last_byte(self, folder: Path) -> None:
        study = str(folder / "parquet.toml")
        mine, local = satcore.run(study, engine=Here()), satcore.run(study)
        assert mine.to_json() == local.to_json()

    def test_the_kit(self, spawned: Executor) -> None:
        for engine in (satcore.ExecutorEngine(spawned), satcore.ExecutorEngine(Here())):
            for check in engine_checks(engine):
                check()


class TestTexts:
    def test_nothing_but_texts_and_bytes_is_sent(self, plan: Plan) -> None:
        here = Here()
        satcore.scan(plan, engine=here)
        assert len(here.given) == len(plan.survey.fragments)
        for text, task, frames in here.given:
            assert isinstance(json.loads(text), dict)
            assert isinstance(json.loads(task), dict)
            assert frames == ()

    def test_answers_in_memory_go_along_with_the_columns_that_are_counted(
        self, frame: pl.DataFrame
    ) -> None:
        from satcore_nps import NPS

        here = Here()
        satcore.run(NPS(item="Q1"), frame, invalid="missing", engine=here)
        ((_, _, (data,)),) = here.given
        assert pl.read_ipc_stream(data).columns == ["Q1"]

    def test_a_class_that_no_plugin_offers(self, frame: pl.DataFrame) -> None:
        @attrs.frozen
        class Own(satcore.Statistic):
            item: satcore.Item

            def fields(self, *, weighted: bool) -> dict[str, satcore.Field]:
                return {"n": satcore.Field()}

            def observe(self, block: satcore.Block) -> dict[str, Any]:
                return {"n": block.rows_by_cell()}

        @attrs.frozen(kw_only=True)
        class Count(satcore.Metric):
            def statistics(self, codebook: satcore.Codebook) -> dict[str, Any]:
                return {"own": Own(codebook.item("amount", "0..200"))}

            def evaluate(self, own: Any) -> Iterator[satcore.Estimate]:
                yield satcore.Estimate(
                    term="n",
                    value=own["n"].astype(float),
                    std_error=own["n"] * 0.0,
                    base=own["n"],
                )

        with pytest.raises(satcore.EngineError, match="belongs to no plugin"):
            satcore.run(Count(), frame, engine=Here())
        with ThreadPoolExecutor(1) as pool:  # which has the class itself
            assert satcore.run(Count(), frame, engine=pool).rows()[0]["value"] == frame.height

    def test_a_plugin_that_a_worker_lacks_is_named_at_once(
        self, folder: Path, tmp_path: Path
    ) -> None:
        job = satcore.Job.of(satcore.plan(str(folder / "parquet.toml")))
        code = "import sys, satcore; print(satcore.ready(sys.stdin.read()))"
        bare = {name: value for name, value in os.environ.items() if name != "SATCORE_PLUGINS_DIR"}
        told = [
            subprocess.run(
                [sys.executable, "-c", code], input=job.text, env=env, check=True, timeout=60,
                capture_output=True, text=True,
            ).stdout.strip()
            for env in (dict(os.environ), bare)
        ]  # fmt: skip
        assert told[0] == ""
        assert "the plugin 'spread' is missing" in told[1]

    def test_another_version_of_satcore(self, plan: Plan) -> None:
        text = satcore.Job.of(plan).text.replace(
            f'"satcore":"{satcore.__version__}"', '"satcore":"99"'
        )
        assert "planned by 99" in satcore.ready(text)

    def test_a_class_of_somebody_else_is_not_made(self, plan: Plan) -> None:
        text = satcore.Job.of(plan).text
        for wrong in ("subprocess:Popen", "satcore_nps:NPS", "satcore.nothing:Item"):
            changed = text.replace("satcore.codebook:Item", wrong)
            assert changed != text
            assert "worker" in satcore.ready(changed)


class TestTheLedger:
    def test_a_result_counts_once(self, plan: Plan, local: Bundle, same: Same) -> None:
        job = satcore.Job.of(plan)
        results = [satcore.work(job.text, task.text, task.frames) for task in job.tasks()]
        same(job.bundle([*results, *results[:3], results[0]]), local)

    def test_merged_results(self, plan: Plan, local: Bundle, same: Same) -> None:
        job = satcore.Job.of(plan, together=2)
        results = [satcore.work(job.text, task.text, task.frames) for task in job.tasks()]
        whole = satcore.combine(job.text, results)
        same(job.bundle([whole]), local)
        assert Answer.of(whole).tasks == tuple(range(len(job)))
        if len(results) > 1:
            with pytest.raises(satcore.EngineError, match="have been counted already"):
                job.bundle([results[0], whole])

    def test_a_lost_result(self, plan: Plan) -> None:
        job = satcore.Job.of(plan)
        results = [satcore.work(job.text, task.text, task.frames) for task in job.tasks()]
        with pytest.raises(satcore.EngineError, match=f"tasks 1 of {len(job)}"):
            job.bundle([results[0], *results[2:]])

    def test_what_is_no_result(self, plan: Plan) -> None:
        for wrong in (b"", b"nothing", b'{"tasks": [0]}\n'):
            with pytest.raises(satcore.EngineError, match="no result"):
                satcore.scan(plan, engine=Here(spoil=lambda raw, wrong=wrong: wrong))

    def test_a_damaged_result(self, plan: Plan) -> None:
        with pytest.raises(satcore.DataError):
            satcore.scan(plan, engine=Here(spoil=lambda raw: raw[:-9]))

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            (lambda b: attrs.evolve(b, fragments=b.fragments[1:]), "not counted: part-0"),
            (
                lambda b: attrs.evolve(b, fragments=(*b.fragments, ("odd", 0))),
                "no fragments of the survey: odd",
            ),
            (
                lambda b: attrs.evolve(b, fragments=((b.fragments[0][0], 2), *b.fragments[1:])),
                "2 rows counted of 1",
            ),
        ],
    )
    def test_rows_are_held_against_the_fragments(
        self, folder: Path, change: Callable[[Bundle], Bundle], told: str
    ) -> None:
        plan = satcore.plan(str(folder / "parquet.toml"))
        bundle = satcore.scan(plan)
        hold_rows(plan, bundle, "it")
        with pytest.raises(satcore.EngineError, match=told):
            hold_rows(plan, change(bundle), "it")

    def test_states_are_held_against_the_rows(self, folder: Path) -> None:
        plan = satcore.plan(str(folder / "parquet.toml"))
        bundle = satcore.scan(plan)
        names = next(iter(bundle.states))
        for state in bundle.states[names].values():
            if set(state.arrays) == {"n"} and state.arrays["n"].ndim == 1:
                state.arrays["n"][0] += 1
        with pytest.raises(satcore.EngineError, match="rows of"):
            hold_rows(plan, bundle, "it")


#: A reader that kills its own process, as often as there are marks in a folder.
FATAL = '''
"""A reader of files that end in .fatal: whoever reads the marked part is killed."""

import os
import signal
from pathlib import Path

import attrs
import polars as pl
import satcore


@attrs.frozen(kw_only=True)
class Part:
    id: str
    path: str
    rows: int

    def read(self, columns):
        marks = sorted(Path(self.path).parent.glob("mark-*"))
        if self.id == "3" and marks:
            marks[0].unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        yield pl.DataFrame({"Q1": [int(self.id)] * self.rows}).select(columns)


def read(source):
    (path,) = source.paths
    parts = tuple(Part(id=str(number), path=path, rows=number) for number in range(8))
    return satcore.Survey(name="fatal", columns=("Q1",), fragments=parts)


@satcore.hookimpl
def satcore_surveys():
    return [satcore.SurveySpec("fatal", (".fatal",), read=read)]
'''


@pytest.fixture
def fatal(folder: Path, tmp_path: Path) -> Iterator[Path]:
    reader = folder / "plugins" / "fatal.py"
    reader.write_text(FATAL)
    (tmp_path / "answers.fatal").write_text("")
    yield tmp_path
    reader.unlink()


class TestKilled:
    """A process that counts is killed; nothing is lost and nothing counts twice."""

    def test_once(self, fatal: Path) -> None:
        from satcore_nps import NPS

        (fatal / "mark-1").touch()
        found = satcore.run(NPS(item="Q1"), str(fatal / "answers.fatal"), engine="processes:2")
        assert not list(fatal.glob("mark-*"))
        assert found.responses.read == sum(range(8))
        assert found.items[0]["answered"] == sum(range(8))

    def test_again_and_again(self, fatal: Path) -> None:
        from satcore_nps import NPS

        for number in range(5):
            (fatal / f"mark-{number}").touch()
        with pytest.raises(satcore.EngineError, match="killed twice"):
            satcore.run(NPS(item="Q1"), str(fatal / "answers.fatal"), engine="processes:2")

    def test_in_a_foreign_pool(self, fatal: Path) -> None:
        from satcore_nps import NPS

        (fatal / "mark-1").touch()
        context = multiprocessing.get_context("spawn")
        with (
            ProcessPoolExecutor(1, mp_context=context) as pool,
            pytest.raises(satcore.EngineError, match="ProcessPoolExecutor failed"),
        ):
            satcore.run(NPS(item="Q1"), str(fatal / "answers.fatal"), engine=pool)


class TestBadFragments:
    @pytest.fixture
    def damaged(self, frame: pl.DataFrame, tmp_path: Path) -> Path:
        for number in range(3):
            frame[number * 100 : number * 100 + 100].write_parquet(tmp_path / f"{number}.parquet")
        path = tmp_path / "1.parquet"
        data = bytearray(path.read_bytes())
        data[4 : len(data) // 2] = bytes(len(data) // 2 - 4)
        path.write_bytes(data)
        return tmp_path

    def engines(self, spawned: Executor) -> list[Any]:
        return ["local:1", "local:2", spawned]

    def test_a_damaged_file_stops_the_run_and_is_named(
        self, damaged: Path, spawned: Executor
    ) -> None:
        from satcore_nps import NPS

        for engine in self.engines(spawned):
            with pytest.raises(satcore.FragmentError, match=r"1\.parquet"):
                satcore.run(
                    NPS(item="Q1"), str(damaged / "*.parquet"), invalid="missing", engine=engine
                )

    def test_or_is_left_out_whole_and_told(self, damaged: Path, spawned: Executor) -> None:
        from satcore_nps import NPS

        for engine in self.engines(spawned):
            found = satcore.run(
                NPS(item="Q1"),
                str(damaged / "*.parquet"),
                invalid="missing",
                engine=engine,
                skip_bad_fragments=True,
            )
            assert found.responses.read == 200
            (row,) = found.responses.skipped
            assert row["fragment"] == "1.parquet#row group 0"
            assert "damaged" in row["message"]
            assert any("left out whole" in note for note in found.notes)
            assert found.to_dict()["responses"]["skipped"] == [dict(row)]

    def test_a_file_that_can_not_even_be_opened(self, damaged: Path) -> None:
        from satcore_nps import NPS

        (damaged / "2.parquet").write_bytes(b"PAR1 nothing")
        asked = {"invalid": "missing", "skip_bad_fragments": True}
        found = satcore.run(NPS(item="Q1"), str(damaged / "*.parquet"), **asked)
        assert found.responses.read == 100
        assert [row["fragment"].rpartition("/")[2] for row in found.responses.skipped] == [
            "2.parquet",
            "1.parquet#row group 0",
        ]
        (damaged / "0.parquet").unlink()
        (damaged / "1.parquet").unlink()
        with pytest.raises(satcore.StudyError, match=r"2\.parquet"):  # none is left
            satcore.run(NPS(item="Q1"), str(damaged / "*.parquet"), **asked)

    def test_a_file_that_has_changed(self, frame: pl.DataFrame, tmp_path: Path) -> None:
        from satcore_nps import NPS

        path = tmp_path / "answers.parquet"
        frame.write_parquet(path)
        plan = satcore.plan(NPS(item="Q1"), str(path), invalid="missing")
        frame.head(10).write_parquet(path)
        with pytest.raises(satcore.FragmentError, match="has changed"):
            satcore.scan(plan, engine=Here())

    def test_what_else_is_wrong_is_never_left_out(self, frame: pl.DataFrame) -> None:
        from satcore_nps import NPS

        with pytest.raises(satcore.DataError, match="weight"):
            satcore.run(
                NPS(item="amount"),
                frame.with_columns(weight=-1),
                weight="weight",
                invalid="missing",
                skip_bad_fragments=True,
            )


class TestChoosing:
    def test_by_name(self) -> None:
        from satcore.choosing import chosen

        assert chosen("local:3") == satcore.LocalEngine(3)
        assert chosen("processes:3") == satcore.ProcessEngine(3)

    @pytest.mark.parametrize(
        ("engine", "told"),
        [
            ("locl", "did you mean 'local'"),
            ("local:0", "'0' is no number of threads"),
            ("processes:two", "'two' is no number of processes"),
            (3, "int is no engine"),
        ],
    )
    def test_mistakes(self, engine: Any, told: str, frame: pl.DataFrame) -> None:
        from satcore_nps import NPS

        with pytest.raises(satcore.StudyError, match=told):
            satcore.run(NPS(item="Q1"), frame, engine=engine)

    def test_a_pool_that_forks_is_refused(self, frame: pl.DataFrame) -> None:
        from satcore_nps import NPS

        with (
            ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as pool,
            pytest.raises(satcore.EngineError, match="forks its processes"),
        ):
            satcore.run(NPS(item="Q1"), frame, engine=pool)

    def test_a_survey_that_a_third_party_reads(self, spawned: Executor) -> None:
        from satcore_nps import NPS

        class Part:
            id, rows = "odd", 3

            def read(self, columns: Any) -> Iterator[pl.DataFrame]:
                yield pl.DataFrame({"Q1": [1, 2]}).select(columns)
                yield pl.DataFrame({"Q1": ["10"]}).select(columns)

        survey = Survey(name="odd", columns=("Q1",), fragments=(Part(),))  # type: ignore[arg-type]
        assert satcore.run(NPS(item="Q1"), survey, engine=spawned).responses.read == 3


SLOW = '''
"""A reader of files that end in .slow: each part says that it is begun, and never ends."""

import os
import sys
from pathlib import Path

import attrs
import polars as pl
import satcore


@attrs.frozen(kw_only=True)
class Part:
    id: str
    path: str
    rows: int = 10**9

    def read(self, columns):
        with (Path(self.path).parent / "begun").open("w") as told:
            told.write(f"{os.getpid()}\\n")
        while True:
            yield pl.DataFrame({"Q1": [1] * (1 << 17)}).select(columns)


def read(source):
    (path,) = source.paths
    parts = tuple(Part(id=str(number), path=path) for number in range(8))
    return satcore.Survey(name="slow", columns=("Q1",), fragments=parts)


@satcore.hookimpl
def satcore_surveys():
    return [satcore.SurveySpec("slow", (".slow",), read=read)]
'''


_HEEDING = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from satcore.cli import main
main()
"""


@pytest.mark.parametrize("engine", ["local:2", "processes:2"])
def test_stopping(engine: str, tmp_path: Path) -> None:
    """Ctrl-C ends the command and all of its processes at once."""
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "slow.py").write_text(textwrap.dedent(SLOW))
    (tmp_path / "answers.slow").write_text("")
    command = [
        # Whoever runs these tests may ignore the signal, and children inherit that.
        *(sys.executable, "-c", _HEEDING, "run", "--metric", "nps", "--item", "Q1"),
        *("--engine", engine, "--format", "json", "-o", str(tmp_path / "found.json")),
        str(tmp_path / "answers.slow"),
    ]
    os.mkfifo(tmp_path / "begun")
    # Open for both, so that neither side waits for the other.
    told = os.fdopen(os.open(tmp_path / "begun", os.O_RDWR), "r")
    running = subprocess.Popen(
        command,
        env={**os.environ, "SATCORE_PLUGINS_DIR": str(tmp_path / "plugins")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert all(next(told).strip() for _ in range(2))
        os.killpg(running.pid, signal.SIGINT)
        _, said = running.communicate(timeout=60)
    finally:
        told.close()
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
    assert running.returncode == 130, said
    assert "Traceback" not in said
    assert not (tmp_path / "found.json").exists()
    assert not alive(running.pid)


def alive(session: int) -> list[str]:
    """The processes of a session that have not ended, by their command lines."""
    found = []
    for one in Path("/proc").glob("[0-9]*"):
        try:
            told = (one / "stat").read_text().rpartition(")")[2].split()
            if int(told[3]) == session and told[0] != "Z":
                found.append((one / "cmdline").read_text())
        except OSError:  # it has ended meanwhile
            continue
    # One that ends between the two looks has given its memory back, and its line with it.
    return [line for line in found if line]
