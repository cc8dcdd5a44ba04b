"""``satcore plugins new`` and ``check``: names, refusals, and what is written."""

from __future__ import annotations

import ast
import importlib.util
import itertools
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from satcore import OutputError, PluginError
from satcore.scaffold import HOOKS, Package, check_free, plugin_name, write

#: The shortest name and the longest: lines of code must fit with either.
NAMES = ("a", "retail", "my_metric_of_thirty_letters_xx")

COMBINATIONS = tuple(
    chosen
    for number in range(1, len(HOOKS) + 1)
    for chosen in itertools.combinations(HOOKS, number)
)


def satcore(*arguments: str, cwd: Path, before: str = "") -> tuple[int, str, str]:
    """Runs a command in a process of its own."""
    code = f"import sys\n{before}\nfrom satcore.cli import main\nmain(sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        check=False,
        timeout=120,
        cwd=cwd,
        encoding="utf-8",
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


def tree(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text("utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }


class TestNames:
    @pytest.mark.parametrize(
        ("typed", "name"),
        [
            ("retail", "retail"),
            ("my-metric", "my_metric"),
            ("My Metric", "my_metric"),
            ("satcore-retail", "retail"),
            ("satcore_retail", "retail"),
            ("b2b.retail", "b2b_retail"),
        ],
    )
    def test_what_becomes_of_them(self, typed: str, name: str) -> None:
        found = plugin_name(typed)
        assert found.name == name
        assert found.remark == ("" if typed == name else f"{typed!r} becomes {name!r}")

    def test_their_forms(self) -> None:
        found = plugin_name("my_metric")
        assert (found.distribution, found.module) == ("satcore-my-metric", "satcore_my_metric")
        assert (found.words, found.stem) == ("My metric", "MyMetric")

    @pytest.mark.parametrize(
        "typed",
        ["", "2x", "NPS!", "a__b/", "_a", "a_", "-", "é", "网点", "../up", "a\nb", "satcore-"],
    )
    def test_bad_ones(self, typed: str) -> None:
        with pytest.raises(PluginError, match="can't name a plugin"):
            plugin_name(typed)

    @pytest.mark.parametrize("typed", ["class", "Lambda", "satcore-import"])
    def test_words_of_python(self, typed: str) -> None:
        with pytest.raises(PluginError, match="a word of Python itself"):
            plugin_name(typed)

    def test_too_long(self) -> None:
        assert plugin_name("a" * 30).name == "a" * 30
        with pytest.raises(PluginError, match="longer than 30 letters"):
            plugin_name("a" * 31)

    def test_taken(self, plugins: Any) -> None:
        with pytest.raises(PluginError, match="'kano' is taken by the plugin kano"):
            check_free(plugin_name("kano"), ("metric",), plugins)
        with pytest.raises(PluginError, match="Taken are ces, churn, complaint_rate"):
            check_free(plugin_name("nps"), ("report",), plugins)

    def test_near(self, plugins: Any) -> None:
        assert "did you mean 'kano'?" in check_free(plugin_name("knao"), ("metric",), plugins)
        assert check_free(plugin_name("retail"), HOOKS, plugins) == ""

    def test_files_that_somebody_reads(self, plugins: Any) -> None:
        assert check_free(plugin_name("parquet"), ("metric",), plugins) == ""
        with pytest.raises(PluginError, match=r"end with '\.parquet' are read by the plugin files"):
            check_free(plugin_name("parquet"), ("survey",), plugins)


class TestPackages:
    @pytest.mark.parametrize("hooks", COMBINATIONS, ids="-".join)
    @pytest.mark.parametrize("name", NAMES)
    def test_whole(self, name: str, hooks: tuple[Any, ...]) -> None:
        files = Package(name=plugin_name(name), hooks=hooks).files()
        assert {f"satcore_{name}/{hook}.py" for hook in hooks} <= set(files)
        assert {f"tests/test_{hook}.py" for hook in hooks} <= set(files)
        assert f"satcore_{name}/py.typed" in files
        for path, text in files.items():
            assert "$" not in text
            if path.endswith(".py"):
                assert ast.get_docstring(ast.parse(text)), path
            if path.endswith(".toml"):
                tomllib.loads(text)
        project = tomllib.loads(files["pyproject.toml"])["project"]
        assert project["entry-points"]["satcore"] == {name: f"satcore_{name}"}
        assert "authors" not in project
        # Any pip can install an extra; --group needs 25.1, and Python 3.11 brings 23.
        assert "satcore[testing]" in project["optional-dependencies"]["dev"]
        assert 'python -m pip install -e ".[dev]"' in files["README.md"]
        assert not any(
            "--group" in text or "[dependency-groups]" in text for text in files.values()
        )
        data = tomllib.loads(files["example/study.toml"])["study"]["data"]
        assert f"example/{data}" in files

    def test_public_names_alone(self) -> None:
        for path, text in Package(name=plugin_name("retail"), hooks=HOOKS).files().items():
            if not path.endswith(".py"):
                continue
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.ImportFrom) and node.module:
                    own = node.module.startswith("satcore_retail")
                    assert (
                        own
                        or node.module in ("satcore", "satcore.testing")
                        or (not node.module.startswith("satcore"))
                    ), f"{path} imports {node.module}"

    def test_the_author(self) -> None:
        def authors(author: str) -> Any:
            package = Package(name=plugin_name("retail"), author=author)
            return tomllib.loads(package.files()["pyproject.toml"])["project"].get("authors")

        assert authors(" Ann Example <ann@example.org>") == [
            {"name": "Ann Example", "email": "ann@example.org"}
        ]
        assert authors('Öst "Jr" \\ 李') == [{"name": 'Öst "Jr" \\ 李'}]
        assert authors("<ann@example.org>") == [{"email": "ann@example.org"}]
        assert authors(" ") is None
        for wrong in ("Ann <ann>", "Ann <ann@example.org", "a\nb", "a\x00b", "\udc80"):
            with pytest.raises(PluginError, match="can't be read"):
                authors(wrong)

    def test_style(self, tmp_path: Path) -> None:
        """Whatever the name's length and the hooks."""
        if importlib.util.find_spec("ruff") is None:
            pytest.skip("ruff is not installed")
        for name, hooks in itertools.product(NAMES, COMBINATIONS):
            folder = tmp_path / "-".join([name, *hooks])
            write(Package(name=plugin_name(name), hooks=hooks), folder)
        for command in (["check"], ["format", "--check"]):
            done = subprocess.run(
                [sys.executable, "-m", "ruff", *command, "--no-cache", str(tmp_path)],
                capture_output=True,
                check=False,
                timeout=120,
                encoding="utf-8",
            )
            assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", ["satcore-hcahps", "satcore-waiting"])
def test_examples_install_as_new_packages_do(name: str) -> None:
    """Their pages say what their projects offer."""
    docs = Path(__file__).parents[2] / "docs"
    project = tomllib.loads((docs / "examples" / name / "pyproject.toml").read_text("utf-8"))
    assert "satcore[testing]" in project["project"]["optional-dependencies"]["dev"]
    for page in (docs / "examples" / name / "README.md", docs / "tutorials" / "author.md"):
        text = page.read_text("utf-8")
        assert '-e ".[dev]"' in text
        assert "--group" not in text


class TestWriting:
    package = Package(name=plugin_name("retail"))

    def test_a_new_folder(self, tmp_path: Path) -> None:
        paths = write(self.package, tmp_path / "some" / "retail")
        assert set(paths) == set(tree(tmp_path / "some" / "retail"))
        assert tree(tmp_path / "some" / "retail") == self.package.files()

    def test_an_empty_folder(self, tmp_path: Path) -> None:
        assert write(self.package, tmp_path)
        assert (tmp_path / "pyproject.toml").is_file()

    def test_nothing_is_overwritten(self, tmp_path: Path) -> None:
        (tmp_path / "README.md").write_text("mine")
        (tmp_path / ".git").mkdir()
        with pytest.raises(OutputError, match=r"is not empty.*it holds \.git, README\.md; name"):
            write(self.package, tmp_path)
        assert tree(tmp_path) == {"README.md": "mine"}

    def test_a_file_in_its_place(self, tmp_path: Path) -> None:
        (tmp_path / "retail").write_text("mine")
        with pytest.raises(OutputError, match="is a file; name another folder"):
            write(self.package, tmp_path / "retail")
        with pytest.raises(OutputError, match="can't be written"):
            write(self.package, tmp_path / "retail" / "below")
        (tmp_path / "loose").symlink_to(tmp_path / "nowhere")
        with pytest.raises(OutputError, match="is a file"):
            write(self.package, tmp_path / "loose")
        assert tree(tmp_path) == {"retail": "mine"}


class TestCommands:
    def test_new(self, tmp_path: Path) -> None:
        code, out, err = satcore("plugins", "new", "My-Shop", "--report", cwd=tmp_path)
        assert (code, err) == (0, "note: 'My-Shop' becomes 'my_shop'\n")
        assert "satcore-my-shop, a plugin of satcore, is in my_shop:\n" in out
        assert "  satcore_my_shop/report.py\n" in out
        assert '  python -m pip install -e ".[dev]"\n' in out
        assert "satcore plugins check my_shop && pytest" in out
        found = set(tree(tmp_path / "my_shop"))
        assert "satcore_my_shop/report.py" in found
        assert "satcore_my_shop/metric.py" not in found
        # A second time.
        code, out, err = satcore("plugins", "new", "my_shop", cwd=tmp_path)
        assert (code, out) == (2, "")
        assert err.startswith("error: my_shop is not empty, and nothing is overwritten: it holds ")

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["new", "2x"], "error: '2x' can't name a plugin"),
            (["new", "nps"], "error: the name 'nps' is taken by the plugin nps"),
            (["new", "shop", "--author", "Ann <"], "error: the author 'Ann <' can't be read"),
            (["new"], "Missing argument 'NAME'"),
            (["--json", "new", "shop"], "--json stands before 'new'"),
            (["check", "npx"], "error: there is no plugin 'npx'; did you mean 'nps'?"),
            (["chekc"], "No such command 'chekc'"),
        ],
    )
    def test_refusals(self, tmp_path: Path, arguments: list[str], message: str) -> None:
        code, out, err = satcore("plugins", *arguments, cwd=tmp_path)
        assert (code, out) == (2, "")
        assert message in err
        assert tree(tmp_path) == {}

    def test_listing_stays(self, tmp_path: Path) -> None:
        code, out, err = satcore("plugins", "--disable", "kano", cwd=tmp_path)
        assert (code, err) == (0, "")
        assert "disabled" in out
        assert "satcore_nps" in satcore("plugins", "--json", cwd=tmp_path)[1]

    def test_checking_needs_hypothesis(self, tmp_path: Path) -> None:
        absent = "sys.modules['hypothesis'] = None"
        code, out, err = satcore("plugins", "check", "nps", cwd=tmp_path, before=absent)
        assert (code, out) == (2, "")
        assert "python -m pip install 'satcore[testing]'" in err

    def test_a_plugin_that_breaks_a_law(self, tmp_path: Path) -> None:
        (tmp_path / "wrong.py").write_text(WRONG, "utf-8")
        folder = ("--plugins-dir", str(tmp_path))
        code, out, err = satcore("plugins", "check", "wrong", *folder, cwd=tmp_path)
        assert (code, err) == (1, "")
        assert "FAILED " in out
        assert "interval_levels" in out
        assert " failed" in out.splitlines()[-1]


#: Its interval ignores the confidence.
WRONG = '''
"""A plugin with a fault."""
from attrs import evolve, frozen
from satcore import Interval, Metric, MetricSpec, Tally, hookimpl


@frozen(eq=False)
class Deaf(Interval):
    """Always the same bounds."""

    inner: Interval
    method: str = "deaf"

    def bounds(self, confidence):
        return self.inner.bounds(0.95)


@frozen(kw_only=True)
class Wrong(Metric):
    """A share."""

    item: str

    def statistics(self, codebook):
        """The table."""
        return {"answers": Tally(codebook.item(self.item, "0..10"))}

    def evaluate(self, answers):
        """The share."""
        share = answers.share([9, 10], term="share")
        yield evolve(share, interval=Deaf(share.interval))


@hookimpl
def satcore_metrics():
    """Offer it."""
    return [MetricSpec("wrong", Wrong, summary="A share", primary="share", example={"item": "Q1"})]
'''
