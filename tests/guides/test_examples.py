"""Plugins as distributions: built, installed into fresh environments, used, and taken out again.

Nothing is downloaded but what builds a wheel: the environments find satcore and what it needs
in the running one.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"

pytestmark = pytest.mark.xdist_group("environments")


def _uv() -> str | None:
    """The uv that is installed beside this Python, else one on the path."""
    if importlib.util.find_spec("uv") is not None:
        import uv

        return str(uv.find_uv_bin())
    return shutil.which("uv")


class Environment:
    """A fresh environment."""

    def __init__(self, folder: Path) -> None:
        self.uv = _uv()
        self.folder = folder
        make = [sys.executable, "-m", "venv", str(folder)]
        if self.uv:
            make = [self.uv, "venv", "--quiet", "--python", sys.executable, str(folder)]
        self._done(make, cwd=folder.parent)
        scripts = "Scripts" if os.name == "nt" else "bin"
        self.python = str(folder / scripts / "python")
        self._see_running()

    def _see_running(self) -> None:
        """Make it find what the running environment has; editable installs among it."""
        say = "import sysconfig; print(sysconfig.get_path('purelib'))"
        own = Path(self._done([self.python, "-c", say], cwd=self.folder).strip())
        names = dict.fromkeys(sysconfig.get_path(kind) for kind in ("purelib", "platlib"))
        lines = [f"import site; site.addsitedir({name!r})\n" for name in names]
        (own / "_running.pth").write_text("".join(lines), "utf-8")

    def build(self, folder: Path) -> Path:
        """A package's wheel."""
        dist = folder / "dist"
        command = [self.python, "-m", "pip", "wheel", "--no-deps", "-w", str(dist), "."]
        if self.uv:
            command = [self.uv, "build", "--quiet", "--wheel", "--out-dir", str(dist)]
        self._done(command, cwd=folder)
        (wheel,) = dist.glob("*.whl")
        return wheel

    def install(self, wheel: Path) -> None:
        self._pip("install", "--no-deps", str(wheel))

    def uninstall(self, name: str) -> None:
        self._pip("uninstall", *([] if self.uv else ["--yes"]), name)

    def _pip(self, verb: str, *arguments: str) -> None:
        command = [self.python, "-m", "pip", verb]
        if self.uv:
            command = [self.uv, "pip", verb, "--quiet", "--python", self.python]
        self._done([*command, *arguments], cwd=self.folder)

    def module(self, *arguments: str, cwd: Path) -> tuple[int, str]:
        """Runs a module; -P keeps the working folder out of what can be imported."""
        done = self._process([self.python, "-P", "-m", *arguments], cwd)
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stdout + done.stderr

    def satcore(self, *arguments: str, cwd: Path) -> tuple[int, str]:
        return self.module("satcore", *arguments, cwd=cwd)

    def plugins(self) -> dict[str, dict[str, Any]]:
        code, out = self.satcore("plugins", "--json", cwd=self.folder)
        assert code == 0
        return {one["name"]: one for one in json.loads(out)}

    def _done(self, command: list[str], cwd: Path) -> str:
        done = self._process(command, cwd)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def _process(self, command: list[str], cwd: Path) -> subprocess.CompletedProcess[str]:
        left_out = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PYTEST_ADDOPTS", "COLUMNS")
        inherited = {
            name: text
            for name, text in os.environ.items()
            if name not in left_out and not name.startswith(("SATCORE_", "PYTEST_XDIST"))
        }
        return subprocess.run(
            command,
            capture_output=True,
            check=False,
            timeout=300,
            cwd=cwd,
            encoding="utf-8",
            env={**inherited, "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200"},
        )


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("distributions")


@pytest.fixture(scope="module")
def environment(work: Path) -> Environment:
    return Environment(work / "environment")


@pytest.fixture(scope="module")
def retail(work: Path, environment: Environment) -> Path:
    """A new package as the command writes it, with every hook, installed."""
    code, out = environment.satcore(
        "plugins", "new", "retail", "--metric", "--survey", "--report", cwd=work
    )
    assert code == 0, out
    environment.install(environment.build(work / "retail"))
    return work / "retail"


@pytest.fixture(scope="module")
def examples(work: Path, environment: Environment) -> dict[str, Path]:
    """Both examples out of the project's tree, installed."""
    ignored = shutil.ignore_patterns(".*", "__pycache__", "dist")
    folders = {}
    for name in ("hcahps", "waiting"):
        folders[name] = work / f"satcore-{name}"
        shutil.copytree(EXAMPLES / folders[name].name, folders[name], ignore=ignored)
        environment.install(environment.build(folders[name]))
    return folders


@pytest.fixture(params=["hcahps", "waiting"])
def example(request: pytest.FixtureRequest, examples: dict[str, Path]) -> Path:
    """One of them."""
    return examples[request.param]


def check_tools(folder: Path, environment: Environment, work: Path) -> None:
    """ruff, and mypy strict, by the package's own settings."""
    absent = [name for name in ("mypy", "ruff") if importlib.util.find_spec(name) is None]
    if absent:
        pytest.skip(f"{' and '.join(absent)} not installed")
    assert tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["tool"]["mypy"]["strict"]
    commands = [
        ["ruff", "check", "--no-cache", "."],
        ["ruff", "format", "--no-cache", "--check", "."],
        ["mypy", "--python-executable", environment.python, "--cache-dir", str(work / "mypy")],
    ]
    for command in commands:
        done = environment._process([sys.executable, "-P", "-m", *command], folder)
        assert done.returncode == 0, done.stdout + done.stderr


class TestScaffold:
    """The life of a new plugin."""

    def test_its_wheel(self, retail: Path) -> None:
        (wheel,) = (retail / "dist").glob("*.whl")
        names = zipfile.ZipFile(wheel).namelist()
        assert wheel.name == "satcore_retail-0.1.0-py3-none-any.whl"
        assert {name for name in names if "dist-info" not in name} == {
            f"satcore_retail/{name}"
            for name in (
                *("__init__.py", "metric.py", "py.typed", "report.py", "survey.py"),
                "locale/zh/LC_MESSAGES/satcore_retail.po",
            )
        }

    def test_found(self, retail: Path, environment: Environment) -> None:
        found = environment.plugins()["retail"]
        assert (found["state"], found["reason"]) == ("ok", "")
        assert (found["distribution"], found["version"]) == ("satcore-retail", "0.1.0")
        assert found["offers"] == ["retail", "retail", "retail", "satcore_retail"]

    def test_used(self, retail: Path, environment: Environment) -> None:
        target = retail / "report.retail.md"
        code, out = environment.satcore(
            *("run", "example/study.toml", "--format", "json", "-o", "results.json"),
            *("--report", target.name),
            cwd=retail,
        )
        assert code == 0, out
        rows = json.loads((retail / "results.json").read_text("utf-8"))["estimates"]
        # 10, 9, 8 and one missing; 3, 0, 10, 7.
        assert [(row["cell"], row["value"], row["base"]) for row in rows] == [
            ({}, 4 / 7, 7),
            ({"branch": "North"}, 1.0, 3),
            ({"branch": "South"}, 0.25, 4),
        ]
        assert "| branch=South | Q1 Share | 25.0% |" in target.read_text("utf-8")

    def test_checked(self, retail: Path, environment: Environment) -> None:
        code, out = environment.satcore("plugins", "check", "retail", cwd=retail.parent)
        assert code == 0, out
        assert " 0 failed" in out.splitlines()[-1]

    def test_its_own_tests(self, retail: Path, environment: Environment) -> None:
        code, out = environment.module("pytest", "-q", "-p", "no:cacheprovider", cwd=retail)
        assert code == 0, out
        assert "failed" not in out

    def test_tools(self, retail: Path, environment: Environment, work: Path) -> None:
        check_tools(retail, environment, work)

    def test_a_second_one_of_that_name(self, retail: Path, environment: Environment) -> None:
        code, out = environment.satcore("plugins", "new", "retail", cwd=retail)
        assert code == 2
        assert "taken by the plugin retail (satcore-retail 0.1.0)" in out

    def test_uninstalled(self, retail: Path, environment: Environment) -> None:
        environment.uninstall("satcore-retail")
        assert "retail" not in environment.plugins()
        code, out = environment.satcore("run", "example/study.toml", cwd=retail)
        assert code == 2
        assert "no plugin" in out


class TestExamples:
    """What the documentation shows as complete plugins."""

    def test_found_and_used(self, example: Path, environment: Environment) -> None:
        name = example.name.removeprefix("satcore-")
        found = environment.plugins()[name]
        assert (found["state"], found["distribution"]) == ("ok", example.name)
        code, out = environment.satcore("run", "example/study.toml", cwd=example)
        assert code == 0, out
        assert "total" in out

    def test_its_own_tests(self, example: Path, environment: Environment) -> None:
        """The kit is among them."""
        assert "_checks(" in "".join(path.read_text() for path in example.glob("tests/*.py"))
        code, out = environment.module("pytest", "-q", "-p", "no:cacheprovider", cwd=example)
        assert code == 0, out
        assert "failed" not in out

    def test_tools(self, example: Path, environment: Environment, work: Path) -> None:
        check_tools(example, environment, work)

    def test_whole(self, example: Path) -> None:
        there = {path.name for path in example.iterdir()}
        assert {"README.md", "CHANGELOG.md", "pyproject.toml", "tests", "example"} <= there


def test_reports_of_both_languages(
    work: Path, environment: Environment, examples: dict[str, Path]
) -> None:
    """One plugin's report shows another plugin's metric, and they know nothing of each other."""
    study = examples["hcahps"] / "example" / "study.toml"
    for language, words in {"en": "Communication with nurses", "zh": "与护士的沟通"}.items():
        code, out = environment.satcore(
            "run", str(study), "--report", f"{language}.brief.md", "--language", language, cwd=work
        )
        assert code == 0, out
        assert words in (work / f"{language}.brief.md").read_text("utf-8")
