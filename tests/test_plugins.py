"""The plugin host: who is found, in what state, and what a broken plugin can't do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from satcore import PLUGIN_API, DataError, PluginError, StudyError, run
from satcore.plugins import PluginInfo, Plugins

#: A sound plugin, as an author would write it.
TOPBOX = """
from attrs import frozen
from satcore import Metric, MetricSpec, Tally, hookimpl

@frozen(kw_only=True)
class TopBox(Metric):
    item: str
    top: tuple[int, ...] = (9, 10)

    def statistics(self, codebook):
        return {"answers": Tally(codebook.item(self.item, "0..10"))}

    def evaluate(self, answers):
        yield answers.share(self.top, term="top_box")

@hookimpl
def satcore_metrics():
    return [MetricSpec("NAME", TopBox, summary="Share of answers in the top box")]
"""

#: A metric that can't be evaluated on cells where more than one answer is 10.
PICKY = """
import numpy as np
from attrs import frozen
from satcore import Metric, MetricSpec, Tally, hookimpl

@frozen(kw_only=True)
class Picky(Metric):
    item: str

    def statistics(self, codebook):
        return {"answers": Tally(codebook.item(self.item, "0..10"))}

    def evaluate(self, answers):
        if (answers.n[:, 10] > 1).any():
            raise ZeroDivisionError("two tens")
        yield answers.share([9, 10], term="top_box")

@hookimpl
def satcore_metrics():
    return [MetricSpec("picky", Picky, primary="top_box")]
"""

#: Hooks by what is wrong with them, and what has to be said of it.
BROKEN_HOOKS: Mapping[str, tuple[str, str]] = {
    "mistyped": (
        "def satcore_metrix():\n    return []",
        "there is no hook 'satcore_metrix'; did you mean 'satcore_metrics'? (hooks are satcore_m",
    ),
    "argument": (
        "def satcore_metrics(config):\n    return []",
        "PluginValidationError: ",
    ),
    "raising": (
        "def satcore_metrics():\n    raise OSError('no licence\\nfor you')",
        "OSError: no licence for you",
    ),
    "leaving": ("def satcore_metrics():\n    raise SystemExit(0)", "SystemExit: 0"),
    "generating": (
        "def satcore_metrics():\n    yield MetricSpec('good', Good)\n    raise ValueError('half')",
        "ValueError: half",
    ),
    "texts": (
        "def satcore_metrics():\n    return ['nps']",
        "TypeError: satcore_metrics returns MetricSpec records, not str",
    ),
    "foreign": (
        "def satcore_metrics():\n    return [SurveySpec('x', ('.x',), print)]",
        "TypeError: satcore_metrics returns MetricSpec records, not SurveySpec",
    ),
    "single": (
        "def satcore_metrics():\n    return MetricSpec('good', Good)",
        "TypeError: satcore_metrics returns a list of MetricSpec records, not one MetricSpec",
    ),
    "capital": (
        "def satcore_metrics():\n    return [MetricSpec('Top Box', Good)]",
        "ValueError: satcore_metrics: 'Top Box' is no name; use small letters, digits and undersc",
    ),
    "number": (
        "def satcore_metrics():\n    return [MetricSpec(3, Good)]",
        "ValueError: satcore_metrics: 3 is no name",
    ),
    "twice": (
        "def satcore_metrics():\n    return [MetricSpec('good', Good)] * 2",
        "ValueError: satcore_metrics returns two records of one name: good, good",
    ),
    "nometric": (
        "def satcore_metrics():\n    return [MetricSpec('good', dict)]",
        "TypeError: satcore_metrics: 'good': <class 'dict'> is no attrs class that derives from Me",
    ),
    "suffixes": (
        "def satcore_surveys():\n    return [SurveySpec('x', '.x', print)]",
        """TypeError: satcore_surveys: 'x': suffixes are a tuple, as (".csv",), not '.x'""",
    ),
    "oddapi": (
        "def satcore_metrics():\n    return [MetricSpec('good', Good, api='2')]",
        "TypeError: satcore_metrics: 'good': api is a whole number, not '2'",
    ),
    "unknownfield": (
        "def satcore_metrics():\n    return [MetricSpec('good', Good, colour='red')]",
        "TypeError: ",
    ),
}

HOOKS_HEAD = """
from attrs import frozen
from satcore import Metric, MetricSpec, SurveySpec, hookimpl

@frozen
class Good(Metric):
    item: str = "Q1"

    def statistics(self, codebook):
        return {}

    def evaluate(self):
        return ()

@hookimpl
"""

#: Modules that can't even be imported.
BROKEN_MODULES: Mapping[str, tuple[str, str]] = {
    "raises": ("raise RuntimeError('no licence')", "RuntimeError: no licence"),
    "exits": ("import sys\nsys.exit('good bye')", "SystemExit: good bye"),
    "weird": ("class Weird(BaseException): ...\nraise Weird", "Weird"),
    "speechless": (
        "class Dumb(Exception):\n    def __str__(self): raise self\nraise Dumb",
        "Dumb",
    ),
    "needy": ("import a_package_that_is_not_there", "ModuleNotFoundError: No module named 'a_pack"),
    "garbled": ("def (", "SyntaxError: "),
    "later": ("from satcore import SurveySpecTwo", "ImportError: cannot import name 'SurveySpecT"),
}

ANSWERS = "Q1,region\n10,East\n9,East\n3,West\n10,West\n10,West\n"


def install(
    folder: Path, name: str, source: str, *, metadata: bool = True, point: str = ""
) -> None:
    """What pip would leave behind: a module, and its distribution's metadata."""
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.py").write_text(source, "utf-8")
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    points = point or f"{name} = {name}"
    (info / "entry_points.txt").write_text(f"[satcore]\n{points}\n", "utf-8")
    if metadata:
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", "utf-8"
        )


def found_in(site: Path) -> dict[str, str]:
    """What makes a process find a folder's modules and distributions."""
    paths = os.pathsep.join(filter(None, (str(site), os.environ.get("PYTHONPATH"))))
    return {"PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}


def satcore(
    site: Path, *arguments: str, cwd: Path | None = None, **environment: str
) -> tuple[int, str, str]:
    """Runs a command in a process that finds the plugins of a folder."""
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("SATCORE_")}
    done = subprocess.run(
        [sys.executable, "-m", "satcore", *arguments],
        capture_output=True,
        check=False,
        timeout=120,
        cwd=cwd or site,
        encoding="utf-8",
        env={**inherited, **found_in(site), **environment},
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    site = tmp_path_factory.mktemp("site")
    (site / "answers.csv").write_text(ANSWERS, "utf-8")
    for name, (source, _) in BROKEN_MODULES.items():
        install(site, name, source)
    for name, (hook, _) in BROKEN_HOOKS.items():
        install(site, name, HOOKS_HEAD + hook)
    newer = HOOKS_HEAD + (
        f"def satcore_metrics():\n    return [MetricSpec('newer', Good, api={PLUGIN_API + 1})]"
    )
    install(site, "newer", newer)
    install(site, "topbox", TOPBOX.replace("NAME", "topbox"))
    install(site, "picky", PICKY)
    install(site, "idle", "def satcore_metrics(): ...")
    install(site, "absentpoint", "", point="absentpoint = absentpoint:plugin")
    install(site, "nometadata", TOPBOX.replace("NAME", "nometadata"), metadata=False)
    return site


@pytest.fixture(scope="module")
def listing(installed: Path) -> dict[str, dict[str, Any]]:
    code, out, err = satcore(installed, "plugins", "--json", "--disable", "idle")
    assert (code, err) == (0, "")
    return {one["name"]: one for one in json.loads(out)}


@pytest.fixture(scope="module")
def rivals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    site = tmp_path_factory.mktemp("site")
    (site / "answers.csv").write_text(ANSWERS, "utf-8")
    install(site, "acme", TOPBOX.replace("NAME", "nps"))
    return site


class TestInstalled:
    """Plugins as real distributions, in processes."""

    def test_the_bundled_ones_go_on(self, listing: dict[str, dict[str, Any]]) -> None:
        assert [listing[name]["state"] for name in ("files", "html", "nps")] == ["ok"] * 3

    @pytest.mark.parametrize("name", [*BROKEN_MODULES, *BROKEN_HOOKS])
    def test_each_broken_one_is_named_with_its_reason(
        self, listing: dict[str, dict[str, Any]], name: str
    ) -> None:
        wanted = {**BROKEN_MODULES, **BROKEN_HOOKS}[name][1]
        one = listing[name]
        assert one["state"] == "failed"
        assert one["reason"].startswith(wanted)
        assert "\n" not in one["reason"]
        assert (one["distribution"], one["version"]) == (name, "1.0")
        assert one["metrics"] == one["hooks"] == one["offers"] == []

    def test_the_others(self, listing: dict[str, dict[str, Any]]) -> None:
        assert listing["topbox"] | {"load_ms": 0} == {
            "name": "topbox",
            "module": "topbox",
            "distribution": "topbox",
            "version": "1.0",
            "hooks": ["satcore_metrics"],
            "metrics": ["topbox"],
            "offers": ["topbox"],
            "state": "ok",
            "reason": "",
            "load_ms": 0,
        }
        assert listing["topbox"]["load_ms"] > 0
        assert listing["newer"]["state"] == "incompatible"
        assert listing["newer"]["reason"] == (
            f"made for plugin API {PLUGIN_API + 1}, this satcore offers {PLUGIN_API}; upgrade "
            "satcore or take an older version of the plugin"
        )
        assert listing["idle"]["state"] == "disabled"
        assert listing["idle"]["load_ms"] == 0
        assert listing["absentpoint"]["state"] == "failed"
        assert "has no attribute 'plugin'" in listing["absentpoint"]["reason"]
        # Damaged metadata hides the version, not the plugin.
        assert listing["nometadata"]["state"] == "ok"
        assert listing["nometadata"]["version"] == ""
        assert listing["nometadata"]["metrics"] == ["nometadata"]

    def test_run_goes_on_with_the_others(self, installed: Path) -> None:
        (installed / "study.toml").write_text(
            "[study]\ndata = 'answers.csv'\n[roles]\nsegments = ['region']\n"
            + "".join(f"[metrics.{name}]\nitem = 'Q1'\n" for name in ("nps", "topbox", "picky")),
            "utf-8",
        )
        code, out, err = satcore(installed, "run", "study.toml", "--format", "json")
        assert code == 1  # one metric failed in some cells
        assert err == "failed: picky, 2 cells: ZeroDivisionError: two tens\n"
        results = json.loads(out)
        rows = {
            (row["metric"], row["term"], row["cell"].get("region", "")): row
            for row in results["estimates"]
        }
        assert rows["nps", "nps", ""]["value"] == pytest.approx(60)
        assert rows["topbox", "top_box", "East"]["value"] == 1
        assert rows["picky", "top_box", "East"]["value"] == 1
        for region in ("", "West"):
            row = rows["picky", "top_box", region]
            assert (row["status"], row["value"]) == ("error", None)
            assert "two tens" in row["message"]
        (failure,) = results["failures"]
        assert (failure["metric"], failure["cells"]) == ("picky", 2)
        plugins = {one["metric"]: one["plugin"] for one in results["study"]["metrics"]}
        assert plugins["picky"] == "picky (picky 1.0)"

    @pytest.mark.parametrize(
        ("kind", "reason"),
        [
            ("raises", "its plugin 'raises' is failed: RuntimeError: no licence"),
            ("newer", "its plugin 'newer' is incompatible: made for plugin API 2"),
            ("mistyped:good", "its plugin 'mistyped' is failed: there is no hook"),
        ],
    )
    def test_asking_for_a_broken_one_s_metric(
        self, installed: Path, kind: str, reason: str
    ) -> None:
        code, out, err = satcore(installed, "run", "--metric", kind, "--item", "Q1", "answers.csv")
        assert (code, out) == (2, "")
        assert f"the metric '{kind}' can't be used: {reason}" in err
        assert "`satcore plugins`" in err

    def test_asking_for_a_metric_that_a_broken_one_may_offer(self, installed: Path) -> None:
        code, _, err = satcore(installed, "run", "--metric", "other", "--item", "Q1", "answers.csv")
        assert code == 2
        assert "no plugin offers a metric 'other'; 'absentpoint' is failed" in err
        assert "may offer it: `satcore plugins` says why" in err

    def test_the_table_names_all(self, installed: Path) -> None:
        code, out, _ = satcore(installed, "plugins", SATCORE_DISABLE_PLUGINS=" idle , picky")
        assert code == 0
        for name in (*BROKEN_MODULES, *BROKEN_HOOKS, "newer", "idle", "nps"):
            assert f" {name} " in out
        for state in (" ok ", " failed ", " disabled ", " incompatible "):
            assert state in out

    def test_nothing_is_loaded_unless_it_is_needed(self, tmp_path: Path) -> None:
        site = tmp_path / "site"
        marker = tmp_path / "loaded"
        source = f"from pathlib import Path\nPath({str(marker)!r}).touch()\n"
        install(site, "curious", source + "import satcore")
        assert satcore(site, "--version")[0] == 0
        assert satcore(site, "run", "absent.toml")[0] == 2
        assert not marker.exists()
        assert satcore(site, "metrics", "--disable", "curious")[0] == 0
        assert not marker.exists()
        assert satcore(site, "metrics")[0] == 0
        assert marker.exists()


class TestClaims:
    """Two plugins that offer a metric of one name."""

    def run(self, rivals: Path, metric: str, *more: str) -> tuple[int, str, str]:
        return satcore(
            rivals,
            "run",
            "--metric",
            metric,
            "--item",
            "Q1",
            "answers.csv",
            "--format",
            "csv",
            *more,
        )

    def test_both_are_named(self, rivals: Path) -> None:
        code, out, _ = satcore(rivals, "plugins", "--json")
        infos = {one["name"]: one for one in json.loads(out)}
        assert code == 0
        assert infos["acme"]["state"] == infos["nps"]["state"] == "ok"
        assert infos["acme"]["reason"] == (
            "metric 'nps' is also offered by nps: write 'acme:nps', or disable one"
        )
        assert infos["nps"]["reason"] == (
            "metric 'nps' is also offered by acme: write 'nps:nps', or disable one"
        )

    def test_neither_is_taken_in_silence(self, rivals: Path) -> None:
        code, out, err = self.run(rivals, "nps")
        assert (code, out) == (2, "")
        assert "the plugins acme, nps all offer a metric 'nps'" in err
        assert "write 'acme:nps' or 'nps:nps', or disable all but one" in err

    def test_each_is_usable_by_its_full_name(self, rivals: Path) -> None:
        code, out, _ = self.run(rivals, "acme:nps")
        assert code == 0
        assert out.splitlines()[1].startswith("nps,nps,Q1,top_box,")
        code, out, _ = self.run(rivals, "nps:nps")
        assert code == 0
        assert out.splitlines()[1].startswith("nps,nps,Q1,nps,")

    def test_all_is_well_once_one_is_disabled(self, rivals: Path) -> None:
        code, out, _ = self.run(rivals, "nps", "--disable", "nps")
        assert code == 0
        assert out.splitlines()[1].startswith("nps,nps,Q1,top_box,")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of modules that can be imported in this process, forgotten afterwards."""
    known = set(sys.modules)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield tmp_path
    for name in set(sys.modules) - known:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


def written(site: Path, **sources: str) -> tuple[EntryPoint, ...]:
    for name, source in sources.items():
        (site / f"{name}.py").write_text(textwrap.dedent(source), "utf-8")
    return tuple(EntryPoint(name, name, "satcore") for name in sources)


def listed(plugins: Plugins) -> dict[str, PluginInfo]:
    return {info.name: info for info in plugins.infos()}


class TestHost:
    """The host itself, in this process."""

    def test_loaded_on_first_need_and_once(self, site: Path) -> None:
        points = written(
            site,
            counting="""
            import satcore
            calls = ["imported"]

            @satcore.hookimpl
            def satcore_metrics():
                calls.append("called")
                return []
            """,
        )
        plugins = Plugins(points)
        assert plugins.unknown_disabled() == ()
        assert "counting" not in sys.modules
        assert plugins.infos() is plugins.infos()
        assert plugins.metrics() == ()
        with pytest.raises(PluginError):
            plugins.metric("nps")
        assert sys.modules["counting"].calls == ["imported", "called"]

    def test_two_hosts_know_nothing_of_each_other(self, site: Path) -> None:
        points = written(site, good=TOPBOX.replace("NAME", "good"))
        first, second = Plugins(points), Plugins(points, frozenset({"good"}))
        assert listed(first)["good"].state == "ok"
        assert listed(second)["good"].state == "disabled"
        assert second.metrics() == ()
        assert len(first.metrics()) == 1

    def test_a_disabled_one_is_not_imported(self, site: Path) -> None:
        points = written(site, bomb="raise SystemExit")
        info = listed(Plugins(points, frozenset({"bomb"})))["bomb"]
        assert (info.state, info.load_ms) == ("disabled", 0)
        assert info.reason == "left out by --disable or SATCORE_DISABLE_PLUGINS"
        assert "bomb" not in sys.modules

    def test_disabling_by_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SATCORE_DISABLE_PLUGINS", " nps, nix ,,")
        plugins = Plugins.found(["html"])
        assert plugins.disabled == {"nps", "nix", "html"}
        assert plugins.unknown_disabled() == ("nix",)
        states = {info.name: info.state for info in plugins.infos()}
        assert [states[name] for name in ("files", "html", "nps")] == ["ok", "disabled", "disabled"]

    def test_objects_that_compare_badly(self, site: Path) -> None:
        """pluggy compares plugins with ``==``; arrays in them make that ambiguous."""
        written(
            site,
            objects="""
            import numpy as np
            from attrs import define, frozen
            from satcore import MetricSpec, hookimpl
            from good import TopBox

            @define
            class Plugin:
                name: str
                weights: np.ndarray

                @hookimpl
                def satcore_metrics(self):
                    return [MetricSpec(self.name, TopBox)]

            @frozen
            class Equal:
                @hookimpl
                def satcore_metrics(self):
                    return []

            first, second = Plugin("first", np.ones(3)), Plugin("second", np.ones(3))
            third, fourth = Equal(), Equal()
            """,
        )
        points = (
            *(EntryPoint(n, f"objects:{n}", "satcore") for n in ("first", "second")),
            *(EntryPoint(n, f"objects:{n}", "satcore") for n in ("third", "fourth")),
            *written(site, good=TOPBOX.replace("NAME", "good")),
        )
        infos = listed(Plugins(points))
        assert {name: info.state for name, info in infos.items()} == dict.fromkeys(infos, "ok")
        assert [infos[n].metrics[0].name for n in ("first", "second")] == ["first", "second"]

    def test_a_property_that_raises(self, site: Path) -> None:
        written(
            site,
            lazy="""
            class Plugin:
                @property
                def settings(self):
                    raise RuntimeError("not configured")

            plugin = Plugin()
            """,
        )
        point = EntryPoint("lazy", "lazy:plugin", "satcore")
        infos = listed(Plugins((point, *written(site, good=TOPBOX.replace("NAME", "good")))))
        assert set(infos) == {"lazy", "good"}
        assert infos["good"].state == "ok"

    def test_no_hook_at_all(self, site: Path) -> None:
        info = listed(Plugins(written(site, idle="def satcore_metrics(): ...")))["idle"]
        assert info.state == "ok"
        assert info.reason == "implements no hook; mark its functions with @hookimpl"

    def test_one_name_twice(self, site: Path) -> None:
        (good,) = written(site, good=TOPBOX.replace("NAME", "good"))
        (other,) = written(site, other=TOPBOX.replace("NAME", "other"))
        plugins = Plugins((good, EntryPoint("good", other.value, "satcore")))
        first, second = plugins.infos()
        assert first.state == "ok"
        assert second.state == "failed"
        assert second.reason == "another plugin is called 'good'; uninstall one of them"
        assert plugins.metric("good")[0] is first

    def test_one_module_under_two_names(self, site: Path) -> None:
        (good,) = written(site, good=TOPBOX.replace("NAME", "good"))
        plugins = Plugins((good, EntryPoint("twin", good.value, "satcore")))
        assert all(info.state == "ok" and "also offered" in info.reason for info in plugins.infos())
        assert plugins.metric("twin:good")[0].name == "twin"

    def test_a_broken_one_s_records_are_not_used(self, site: Path) -> None:
        """One good hook beside a bad one: all of it is out."""
        points = written(
            site,
            half=HOOKS_HEAD
            + "def satcore_metrics():\n    return [MetricSpec('half', Good)]\n\n"
            + "@hookimpl\ndef satcore_reports():\n    raise ValueError('other half')\n",
        )
        plugins = Plugins(points)
        assert plugins.metrics() == ()
        with pytest.raises(PluginError, match="its plugin 'half' is failed: ValueError: other"):
            plugins.metric("half")

    def test_ctrl_c_is_no_plugin_s_failure(self, site: Path) -> None:
        with pytest.raises(KeyboardInterrupt):
            Plugins(written(site, slow="raise KeyboardInterrupt")).infos()

    def test_readers_and_reports_by_how_a_name_ends(self, site: Path) -> None:
        points = written(
            site,
            one="""
            from satcore import ReportSpec, SurveySpec, hookimpl

            def read(source): ...

            @hookimpl
            def satcore_surveys():
                return [SurveySpec("plain", (".x",), read), SurveySpec("zipped", (".x.gz",), read)]

            @hookimpl
            def satcore_reports():
                return [ReportSpec("text", (".txt",), lambda results, language: b"")]
            """,
            two="""
            from satcore import SurveySpec, hookimpl

            @hookimpl
            def satcore_surveys():
                return [SurveySpec("gz", (".gz", ".y"), print)]
            """,
        )
        plugins = Plugins(points)
        assert plugins.reader("a/b.X").name == "plain"
        assert plugins.reader("a.x.gz").name == "zipped"  # the longest ending wins
        assert plugins.reader("a.csv.gz").name == "gz"
        assert plugins.report("a.txt").name == "text"
        with pytest.raises(PluginError) as raised:
            plugins.reader("a.z")
        assert str(raised.value) == (
            "a.z: no plugin reads such a file; there are .gz, .x, .x.gz, .y"
        )
        with pytest.raises(PluginError, match="there are none at all"):
            Plugins(()).report("a.html")

    def test_two_readers_of_one_ending(self, site: Path) -> None:
        source = """
            from satcore import SurveySpec, hookimpl

            @hookimpl
            def satcore_surveys():
                return [SurveySpec("x", (".x",), print)]
            """
        plugins = Plugins(written(site, one=source, two=source))
        with pytest.raises(PluginError) as raised:
            plugins.reader("a.x")
        assert str(raised.value) == (
            "a.x: the plugins one, two all say that they read it; disable all but one"
        )

    @pytest.mark.parametrize("kind", ["RuntimeError", "SystemExit"])
    def test_a_metric_that_can_t_be_planned_is_named(self, site: Path, kind: str) -> None:
        points = written(
            site,
            aimless=TOPBOX.replace("NAME", "aimless").replace(
                'return {"answers"', f'raise {kind}("no idea")\n        return {{"answers"'
            ),
        )
        study = {"aimless": {"item": "Q1"}}
        with pytest.raises(StudyError) as raised:
            run(_study(study), {"Q1": [9, 10]}, plugins=Plugins(points))
        assert str(raised.value) == (
            "study: [metrics.aimless]: the metric can't be planned (plugin aimless): "
            f"{kind}: no idea"
        )

    @pytest.mark.parametrize(
        ("does", "told"),
        [
            ("raise LookupError('no luck')", "LookupError: no luck"),
            ("raise SystemExit(0)", "SystemExit: 0"),
            ("return source.paths", "it gives no Survey but tuple"),
        ],
    )
    def test_a_reader_that_fails_is_named(self, site: Path, does: str, told: str) -> None:
        points = written(
            site,
            reading=f"""
            from satcore import SurveySpec, hookimpl

            def read(source):
                {does}

            @hookimpl
            def satcore_surveys():
                return [SurveySpec("odd", (".odd",), read)]
            """,
            good=TOPBOX.replace("NAME", "good"),
        )
        path = site / "a.odd"
        path.touch()
        with pytest.raises(StudyError) as raised:
            run(_study({"good": {"item": "Q1"}}), str(path), plugins=Plugins(points))
        (problem,) = raised.value.problems
        assert problem.place == str(path)
        assert problem.message.startswith(f"the reader 'odd' failed: {told}; `satcore plugins`")

    def test_files_of_two_readers_make_no_survey(self, site: Path) -> None:
        points = written(
            site,
            reading="""
            from satcore import SurveySpec, hookimpl

            @hookimpl
            def satcore_surveys():
                return [SurveySpec("x", (".x",), print), SurveySpec("y", (".y",), print)]
            """,
            good=TOPBOX.replace("NAME", "good"),
        )
        paths = [str(site / "a.x"), str(site / "a.y")]
        for path in paths:
            Path(path).touch()
        with pytest.raises((StudyError, DataError), match=r"several kinds \(x, y\) can't be one"):
            run(_study({"good": {"item": "Q1"}}), paths, plugins=Plugins(points))

    def test_a_report_that_fails_is_named(self, site: Path, plugins: Plugins) -> None:
        from satcore.cli.output import write_report

        points = written(
            site,
            reporting="""
            from satcore import ReportSpec, hookimpl

            def render(results, language):
                raise LookupError("no ink")

            @hookimpl
            def satcore_reports():
                return [ReportSpec("paper", (".paper",), render)]
            """,
        )
        results = run(_study({"nps": {"item": "Q1"}}), {"Q1": [9, 10]}, plugins=plugins)
        with pytest.raises(PluginError, match=r"x\.paper: the report 'paper' failed: LookupError"):
            write_report(results, str(site / "x.paper"), "en", Plugins(points))
        assert not (site / "x.paper").exists()


def _study(metrics: dict[str, dict[str, Any]]) -> Any:
    from satcore import Study

    return Study.of({"metrics": metrics})
