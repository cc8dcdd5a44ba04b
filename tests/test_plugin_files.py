"""Plugins of one file, and the trace of hook calls."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import satcore
from satcore.errors import PluginError
from satcore.plugins import Plugins

TOP = textwrap.dedent('''
    """Top box."""
    from __future__ import annotations
    from collections.abc import Iterator
    from attrs import frozen
    from satcore import Codebook, Estimate, Metric, MetricSpec, Tallied, Tally, hookimpl


    @frozen(kw_only=True)
    class TopBox(Metric):
        """Share of answers in the top box."""

        item: str
        top: tuple[int, ...] = (9, 10)

        def statistics(self, codebook: Codebook) -> dict[str, Tally]:
            return {"answers": Tally(codebook.item(self.item, "0..10"))}

        def evaluate(self, answers: Tallied) -> Iterator[Estimate]:
            yield answers.share(self.top, term="top_box")


    @hookimpl
    def satcore_metrics() -> list[MetricSpec]:
        return [MetricSpec("topbox", TopBox, summary="Share of answers in the top box")]
    ''')


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "mine"
    place.mkdir()
    (place / "topbox.py").write_text(TOP)
    (place / "_helper.py").write_text("raise SystemExit")
    (place / "notes.txt").write_text("no plugin")
    return place


def satcore_process(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "satcore", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **variables},
    )


def test_a_file_is_a_plugin(folder):
    plugins = Plugins.found(folders=[str(folder)])
    info, spec = plugins.metric("topbox")
    assert (info.name, info.module) == ("topbox", str(folder / "topbox.py"))
    assert {one.name for one in plugins.infos()} >= {"nps", "topbox"}
    assert "_helper" not in {one.name for one in plugins.infos()}
    results = satcore.run(spec.metric(item="Q1"), {"Q1": [9, 10, 3, 2]}, plugins=plugins)
    assert results.rows("topbox")[0]["value"] == 0.5


def test_its_options_are_structured_from_a_study(folder, tmp_path):
    (tmp_path / "a.csv").write_text("Q1\n9\n10\n3\n4\n")
    study = tmp_path / "study.toml"
    study.write_text('[study]\ndata = "a.csv"\n[metrics.topbox]\nitem = "Q1"\ntop = [10]\n')
    done = satcore_process("run", str(study), "--plugins-dir", str(folder), "--format", "csv")
    assert (done.returncode, done.stderr) == (0, "")
    assert ",top_box," in done.stdout
    assert ",0.25," in done.stdout
    wrong = study.read_text().replace("top = [10]", 'top = "all"')
    study.write_text(wrong)
    done = satcore_process("run", str(study), SATCORE_PLUGINS_DIR=str(folder))
    assert done.returncode == 2
    assert "[metrics.topbox] top: a list is wanted" in done.stderr


def test_a_broken_file_is_named_and_the_others_go_on(folder):
    (folder / "broken.py").write_text("import nothing_of_the_kind\n")
    (folder / "typo.py").write_text(TOP.replace("satcore_metrics()", "satcore_metric()"))
    (folder / "Not A Name.py").write_text(TOP.replace('"topbox"', '"other"'))
    infos = {one.name: one for one in Plugins.found(folders=[str(folder)]).infos()}
    assert "ModuleNotFoundError" in infos["broken"].reason
    assert "did you mean 'satcore_metrics'" in infos["typo"].reason
    assert infos["topbox"].state == infos["Not A Name"].state == "ok"
    assert "satcore_plugin_file_broken" not in sys.modules


def test_a_file_that_calls_itself_like_an_installed_plugin_is_told(folder):
    (folder / "nps.py").write_text(TOP.replace('"topbox"', '"other"'))
    states = [
        one.reason for one in Plugins.found(folders=[str(folder)]).infos() if one.name == "nps"
    ]
    assert any("another plugin is called 'nps'" in reason for reason in states)


def test_a_folder_that_is_not_there_is_told(folder):
    with pytest.raises(PluginError, match="there is no such folder; did you mean 'mine'"):
        Plugins.found(folders=[str(folder.with_name("mime"))])
    with pytest.raises(PluginError, match="is a file; name its folder"):
        Plugins.found(folders=[str(folder / "topbox.py")])
    done = satcore_process("metrics", "--plugins-dir", str(folder / "no"))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_the_trace_names_each_call_with_its_plugin_and_time(folder):
    done = satcore_process("plugins", "--plugins-dir", str(folder), SATCORE_TRACE="1")
    lines = [line for line in done.stderr.splitlines() if line.startswith("satcore: ")]
    assert any(line.startswith("satcore: nps: satcore_metrics returned in ") for line in lines)
    assert any(line.startswith("satcore: topbox: satcore_metrics returned in ") for line in lines)
    assert len({line.split(":")[1] for line in lines}) == len(lines)
    assert satcore_process("plugins", SATCORE_TRACE="0").stderr == ""


def test_the_trace_tells_what_a_hook_raised(folder):
    (folder / "angry.py").write_text(
        "from satcore import hookimpl\n@hookimpl\ndef satcore_metrics():\n    raise KeyError('x')\n"
    )
    done = satcore_process("plugins", "--plugins-dir", str(folder), SATCORE_TRACE="1")
    assert "satcore: angry: satcore_metrics raised KeyError in " in done.stderr
