"""A real Dask cluster of two processes counts what the local engine counts."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import satcore
from satcore.planning import Plan
from satcore.scanning import Bundle

if not os.environ.get("SATCORE_REQUIRE_DASK"):
    pytest.importorskip("distributed", reason="the extra `dask` is not installed")

from satcore_dask import DaskEngine

Same = Callable[[Bundle, Bundle], None]


@pytest.fixture(scope="module")
def client(plugin_folder: None) -> Iterator[Any]:
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            silence_logs=50,
        ) as cluster,
        Client(cluster, set_as_default=False) as made,
    ):
        yield made


def test_the_same_states(plan: Plan, local: Bundle, same: Same, client: Any) -> None:
    told: list[int] = []
    same(satcore.scan(plan, engine=DaskEngine(client), progress=told.append), local)
    assert sum(told) == local.intake.read


def test_every_kind_of_metric(toolbox: Callable[..., Plan], same: Same, client: Any) -> None:
    plan = toolbox()
    same(satcore.scan(plan, engine=DaskEngine(client)), satcore.scan(plan))


def test_by_its_executor(folder: Path, same: Same, client: Any) -> None:
    plan = satcore.plan(str(folder / "parquet.toml"))
    same(satcore.scan(plan, engine=client.get_executor()), satcore.scan(plan))


def test_answers_in_memory(folder: Path, frame: pl.DataFrame, same: Same, client: Any) -> None:
    plan = satcore.plan(str(folder / "parquet.toml"), frame)
    same(satcore.scan(plan, engine=DaskEngine(client, ahead=1)), satcore.scan(plan))


def test_by_address(folder: Path, client: Any) -> None:
    study, address = str(folder / "parquet.toml"), client.scheduler.address
    assert address.startswith("tcp://127.0.0.1:")
    found = satcore.run(study, engine=f"dask:{address}")
    assert found.to_json() == satcore.run(study).to_json()


def test_a_tree_of_several_levels(frame: pl.DataFrame, client: Any, same: Same) -> None:
    from satcore.surveys import FrameFragment, Survey
    from satcore_nps import NPS

    parts = tuple(
        FrameFragment(id=f"part {n}", frame=frame[n * 300 : n * 300 + 300]) for n in range(20)
    )
    survey = Survey(name="parts", columns=tuple(frame.columns), fragments=parts)
    asked = {"segments": ["region", "shop"], "invalid": "missing"}
    plan = satcore.plan(NPS(item="Q1"), survey, **asked)
    same(satcore.scan(plan, engine=DaskEngine(client)), satcore.scan(plan))


def test_bad_fragments(frame: pl.DataFrame, tmp_path: Path, client: Any) -> None:
    from satcore_nps import NPS

    for number in range(2):
        frame.head(100).write_parquet(tmp_path / f"{number}.parquet")
    data = bytearray((tmp_path / "1.parquet").read_bytes())
    data[4 : len(data) // 2] = bytes(len(data) // 2 - 4)
    (tmp_path / "1.parquet").write_bytes(data)
    asked: dict[str, Any] = {"invalid": "missing", "engine": DaskEngine(client)}
    with pytest.raises(satcore.FragmentError, match=r"1\.parquet"):
        satcore.run(NPS(item="Q1"), str(tmp_path / "*.parquet"), **asked)
    found = satcore.run(
        NPS(item="Q1"), str(tmp_path / "*.parquet"), skip_bad_fragments=True, **asked
    )
    assert found.responses.read == 100
    assert len(found.responses.skipped) == 1


def test_a_plugin_that_the_workers_lack(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = satcore.plan(str(folder / "parquet.toml"))
    monkeypatch.delenv("SATCORE_PLUGINS_DIR")
    with pytest.raises(satcore.PluginError, match="the plugin 'spread' is missing"):
        satcore.scan(plan, engine="dask")


def test_it_listens_to_this_machine_alone(heard: Callable[[], set[str]]) -> None:
    from satcore_dask.engine import _opened

    with _opened(None, 2) as client:
        assert len(client.scheduler_info()["workers"]) == 2
        assert heard() == {"0100007F"}  # 127.0.0.1


def test_no_scheduler(frame: pl.DataFrame) -> None:
    from satcore_nps import NPS

    with pytest.raises(satcore.EngineError, match="no Dask scheduler answers"):
        satcore.run(NPS(item="Q1"), frame, invalid="missing", engine="dask:nothing://127.0.0.1:1")


FATAL = '''
"""A reader of files that end in .deadly: the first to read its part is killed."""

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
    return satcore.Survey(name="deadly", columns=("Q1",), fragments=parts)


@satcore.hookimpl
def satcore_surveys():
    return [satcore.SurveySpec("deadly", (".deadly",), read=read)]
'''


def test_a_worker_is_killed(folder: Path, tmp_path: Path, client: Any) -> None:
    """Its tasks, and what it held of the merged states, are made again; rows count once."""
    from satcore_nps import NPS

    reader = folder / "plugins" / "deadly.py"
    reader.write_text(FATAL)
    (tmp_path / "answers.deadly").write_text("")
    for number in (7, 18):
        (tmp_path / f"mark-{number}").touch()
    try:
        found = satcore.run(
            NPS(item="Q1"), str(tmp_path / "answers.deadly"), engine=DaskEngine(client)
        )
    finally:
        reader.unlink()
    assert not list(tmp_path.glob("mark-*"))
    assert found.responses.read == sum(range(20))
    assert found.items[0]["answered"] == sum(range(20))


def test_nothing_of_dask_is_imported_unless_asked_for() -> None:
    code = (
        "import sys, satcore; from satcore.plugins import Plugins; Plugins.found().infos(); "
        "print([name for name in ('dask', 'distributed') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"


def test_a_cluster_of_its_own(folder: Path) -> None:
    """From the command line; nothing of it is left."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "satcore", "run", str(folder / "parquet.toml")),
            *("--engine", "dask", "--format", "json"),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == satcore.run(str(folder / "parquet.toml")).to_json().strip()
