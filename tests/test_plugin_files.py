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
from satcore.testing import plugin_checks

README = Path(__file__).parents[1] / "README.md"

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
    plugins = Plugins.found(folders=[str(folder)])
    installed, file = (one for one in plugins.infos() if one.name == "nps")
    assert (installed.state, installed.module) == ("ok", "satcore_nps")
    assert (file.state, file.module) == ("failed", str(folder / "nps.py"))
    path = folder / "nps.py"
    assert file.reason == f"another plugin is called 'nps'; rename the file {path}"
    assert plugins.metric("nps")[0] is installed
    with pytest.raises(PluginError, match="'nps' is failed and may offer it"):
        plugins.metric("other")
    done = satcore_process("plugins", "check", str(path), "--plugins-dir", str(folder))
    assert done.returncode == 2
    assert f"rename the file {path}" in done.stderr


def test_of_two_files_of_one_name_the_second_is_told_to_be_renamed(folder, tmp_path):
    other = tmp_path / "theirs"
    other.mkdir()
    (other / "topbox.py").write_text(TOP)
    plugins = Plugins.found(folders=[str(other), str(folder)])
    first, second = (one for one in plugins.infos() if one.name == "topbox")
    assert (first.state, second.state) == ("ok", "failed")
    assert second.reason.endswith(f"rename the file {second.module}")


def told(folder, *names):
    """What the plugin's own checks say, by their names."""
    plugins = Plugins.found(folders=[str(folder)])
    checks = {check.name: check for check in plugin_checks("topbox", plugins=plugins)}
    return {name: checks[name].told() for name in names}


def test_the_kit_checks_a_file_by_its_path(folder):
    (folder / "topbox.py").write_text(TOP.replace('summary="', 'example={"item": "Q1"}, summary="'))
    found = told(folder, "public_names", "documented", "light_import", "topbox.light_import")
    assert {one.kind for one in found.values()} == {"passed"}
    (typed,) = told(folder, "typed").values()
    assert typed.kind == "not_applicable"
    assert "topbox.py is a file and no package" in typed.message


def test_the_kit_finds_what_is_wrong_with_a_file(folder):
    text = TOP.replace('"""Top box."""', "").replace(
        'summary="', 'example={"item": "Q1"}, summary="'
    )
    heavy = "import statistics, statsmodels\nfrom satcore.plugins import Plugins\n"
    text = text.replace("from collections.abc", f"{heavy}from collections.abc", 1)
    (folder / "topbox.py").write_text(text)
    found = told(folder, "public_names", "documented", "light_import", "topbox.light_import")
    assert {one.kind for one in found.values()} == {"failed"}
    assert "imports from satcore.plugins" in found["public_names"].message
    assert "a docstring of" in found["documented"].message
    assert "it loads" in found["light_import"].message
    assert "statsmodels" in found["topbox.light_import"].message


def test_the_readme_s_metric_is_checked_as_it_says(tmp_path):
    section = README.read_text("utf-8").partition("## A metric of your own")[2]
    (tmp_path / "satcore_topbox.py").write_text(section.split("```python\n")[1].split("```")[0])
    assert "`satcore plugins check topbox`" in section
    done = satcore_process("plugins", "check", "topbox", "--plugins-dir", str(tmp_path))
    assert done.stderr == "note: the metric topbox is of the plugin satcore_topbox\n"
    assert done.returncode == 0, done.stdout
    assert " 0 failed, " in done.stdout.splitlines()[-1]


def test_a_metric_of_two_plugins_is_checked_by_a_plugin_s_name(folder):
    (folder / "mine.py").write_text(TOP.replace('"topbox"', '"both"'))
    (folder / "theirs.py").write_text(TOP.replace('"topbox"', '"both"'))
    done = satcore_process("plugins", "check", "both", "--plugins-dir", str(folder))
    assert done.returncode == 2
    assert "the plugins mine, theirs all offer a metric 'both'; name one of them" in done.stderr


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
    # A line for each plugin and hook, and no more.
    assert len({line.partition(" returned in ")[0] for line in lines}) == len(lines)
    assert satcore_process("plugins", SATCORE_TRACE="0").stderr == ""


def test_the_trace_tells_what_a_hook_raised(folder):
    (folder / "angry.py").write_text(
        "from satcore import hookimpl\n@hookimpl\ndef satcore_metrics():\n    raise KeyError('x')\n"
    )
    done = satcore_process("plugins", "--plugins-dir", str(folder), SATCORE_TRACE="1")
    assert "satcore: angry: satcore_metrics raised KeyError in " in done.stderr
