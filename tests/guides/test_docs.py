"""The documentation says what the code does: entries, signatures, and every block runs.

Pages are run in their order, block by block, each page in a folder of its own. How a block is
marked is told in ``docs/_ext/blocks.py``.
"""

from __future__ import annotations

import importlib.util
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs
import click
import polars as pl
import pytest

import satcore
from satcore import Study, hookspecs, results
from satcore.cli import cli
from satcore.study import tables

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def extension(name: str) -> Any:
    """A module of ``docs/_ext``, which is no package of ours."""
    spec = importlib.util.spec_from_file_location(f"docs_{name}", DOCS / "_ext" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


made = extension("made")
blocks = extension("blocks")

PAGES = sorted(
    path for path in DOCS.rglob("*.md") if "examples" not in path.relative_to(DOCS).parts
)


def text_of(page: str) -> str:
    return (DOCS / page).read_text("utf-8")


def label(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# --- what is made from the code -------------------------------------------------------------------


def test_made_parts_are_fresh() -> None:
    assert [label(path) for path in made.pages()]
    stale = [label(path) for path in made.stale()]
    assert not stale, f"{stale} are stale; run: python docs/_ext/made.py"


def test_a_stale_part_is_found(tmp_path: Path) -> None:
    page = "before\n<!-- made: table ItemTable -->\nold\n<!-- end -->\nafter\n"
    new = made.renewed(page)
    assert new.startswith("before\n<!-- made: table ItemTable -->\n| option |")
    assert new.endswith("<!-- end -->\nafter\n")
    assert made.renewed(new) == new


def test_every_hook_has_its_entry() -> None:
    text = text_of("reference/hooks.md")
    hooks = {name: hook for name, hook in vars(hookspecs).items() if name.startswith("satcore_")}
    assert len(hooks) >= 3
    for name, hook in hooks.items():
        arguments = ", ".join(inspect.signature(hook).parameters)
        assert f"\n## `{name}({arguments})`\n" in text
        returns = hook.__annotations__["return"]
        assert f"\n{name}({arguments}) -> {returns}\n" in text
    headings = set(re.findall(r"^## `(\w+)\(", text, re.MULTILINE))
    assert headings == set(hooks)


def test_every_field_of_a_record_has_its_entry() -> None:
    text = text_of("reference/hooks.md")
    for record in (satcore.MetricSpec, satcore.SurveySpec, satcore.ReportSpec, satcore.Source):
        part = re.split(rf"^### `{record.__name__}`$", text, flags=re.MULTILINE)[1]
        rows = re.findall(r"^\| `(\w+)` \| `(.+?)` \|", part.split("\n#")[0], re.MULTILINE)
        told = [(name, kind.replace("\\|", "|")) for name, kind in rows]
        assert told == [(one.name, one.type) for one in attrs.fields(record)]


def test_every_public_name_has_its_entry_with_its_signature() -> None:
    text = text_of("reference/python.md")
    rows = re.findall(r"^\| `(\w+)(?:\((.*?)\))?` \| (.*) \|$", text, re.MULTILINE)
    assert sorted(name for name, _, _ in rows) == satcore.__all__
    for name, arguments, said in rows:
        assert said, f"{name} is not described"
        value = getattr(satcore, name)
        if inspect.isfunction(value) or attrs.has(value):
            parameters = inspect.signature(value).parameters.values()
            given = [one.partition("=")[0].strip("* ") for one in arguments.split(", ")]
            assert [one.name for one in parameters] == [
                one for one in given if re.fullmatch(r"\w+", one)
            ], name
    # Each is told in full by autodoc too.
    told = re.findall(r"^\.\. (?:autofunction|autoclass|py:data):: satcore\.(\w+)$", text, re.M)
    assert sorted(told) == satcore.__all__


def test_every_name_of_the_kit_has_its_entry() -> None:
    text = text_of("reference/testing.md")
    kit = importlib.import_module("satcore.testing")
    rows = dict(re.findall(r"^\| `(\w+)(?:\((.*?)\))?` \|", text, re.MULTILINE))
    assert sorted(rows) == sorted(kit.__all__)
    for name in kit.__all__:
        if inspect.isfunction(getattr(kit, name)):
            parameters = inspect.signature(getattr(kit, name)).parameters
            given = [one.partition("=")[0].strip("* ") for one in rows[name].split(", ")]
            assert [one for one in given if one] == list(parameters)


def test_every_table_of_a_study_is_told() -> None:
    text = text_of("reference/study.md")
    kinds = {
        name
        for name, value in vars(tables).items()
        if inspect.isclass(value) and attrs.has(value) and value.__module__ == tables.__name__
    }
    # A study's metrics bring their own options, and the study itself is made of the tables.
    assert set(re.findall(r"<!-- made: table (\w+) -->", text)) == kinds - {"MetricTable", "Study"}
    for part in ("study", "roles", "keep", "scales", "labels", "items", "metrics", "standards"):
        assert re.search(rf"^## `\[+{part}\b", text, re.MULTILINE)


def in_json(kind: Any) -> str:
    """A type as whoever reads the JSON would call its values."""
    words = {str: "text", int: "whole number", float: "number", type(None): "null"}
    if kind in words:
        return words[kind]
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Literal:
        return "text"
    if origin in (Union, types.UnionType):
        return " or ".join(map(in_json, parts))
    return f"list of {in_json(parts[0])}s" if origin is list else "object"


@pytest.mark.parametrize(
    ("heading", "row"),
    [
        ("## A row of `estimates`", results.EstimateRow),
        ("## A row of `comparisons`", results.ComparisonRow),
        ("## A row of `standards`", results.StandardRow),
        ("## A row of `responses.items`", results.ItemRow),
        ("## A row of `responses.dropped`", results.DroppedRow),
        ("## A row of `responses.skipped`", results.SkippedRow),
        ("## A row of `failures`", results.FailureRow),
    ],
)
def test_every_field_of_a_row_is_told_in_order(heading: str, row: Any) -> None:
    part = text_of("reference/results.md").split(f"{heading}\n")[1].split("\n## ")[0]
    told = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", part, re.MULTILINE)
    fields = [(name, in_json(kind)) for name, kind in get_type_hints(row).items()]
    assert [(name, kind) for name, kind, _ in told] == fields


def test_every_status_and_outcome_is_told() -> None:
    text = text_of("reference/results.md")
    for choice in (*get_args(results.Status), *get_args(results.Outcome), *get_args(results.Rule)):
        assert f"`{choice}`" in text


def test_the_layout_of_the_results_is_told() -> None:
    part = text_of("reference/results.md").split("```text\n")[1].split("```")[0]
    told = re.findall(r"^(\w+)", part, re.MULTILINE)
    from satcore_nps import NPS

    found = satcore.run(NPS(item="Q1"), {"Q1": [10, 0]}).to_dict()
    assert told == list(found)
    for name in found["study"]:
        assert re.search(rf"\b{name}\b", part)


def test_every_command_and_option_is_told() -> None:
    text = text_of("reference/commands.md")

    def walk(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
        yield name, command
        if isinstance(command, click.Group):
            context = click.Context(command, help_option_names=["-h", "--help"])
            for inner in command.list_commands(context):
                found = command.get_command(context, inner)
                assert found is not None
                yield from walk(found, f"{name} {inner}")

    for name, command in walk(cli, "satcore"):
        part = text.split(f"## `{name}`\n")[1].split("\n## ")[0]
        for option in command.params:
            if isinstance(option, click.Option):
                assert "`, `".join((*option.opts, *option.secondary_opts)) in part, name


def test_every_environment_variable_is_told() -> None:
    told = set(re.findall(r"^\| `(SATCORE_\w+)` \|", text_of("reference/environment.md"), re.M))
    named = set()
    for path in (ROOT / "satcore").rglob("*.py"):
        named |= set(re.findall(r'^\w+_VARIABLE: Final = "(SATCORE_\w+)"', path.read_text(), re.M))
    assert told == named


def test_every_exit_code_is_told() -> None:
    told = set(re.findall(r"^\| (\d+) \|", text_of("reference/environment.md"), re.MULTILINE))
    assert told == {"0", "1", "2", "70", "130"}
    from satcore import cli as command_line

    codes = {command_line.USER_MISTAKE, command_line.OWN_FAULT, command_line.STOPPED}
    assert {int(code) for code in told} == codes | {0, 1}


def test_every_bundled_metric_is_told() -> None:
    text = text_of("reference/metrics.md")
    points = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    for module in map(importlib.import_module, points["satcore"].values()):
        for spec in getattr(module, "satcore_metrics", list)():
            part = text.split(f"\n## `{spec.name}`\n")[1].split("\n## ")[0]
            for name in (*(one.name for one in attrs.fields(spec.metric)), *spec.terms):
                assert f"| `{name}` |" in part


# --- links ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [*PAGES, ROOT / "README.md"], ids=label)
def test_links_lead_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text("utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not target.startswith(("http://", "https://", "#", "mailto:")):
            assert (path.parent / target.partition("#")[0]).exists(), f"{label(path)}: {target}"


def test_every_page_is_in_a_table_of_contents() -> None:
    index = text_of("index.md")
    for path in PAGES:
        name = path.relative_to(DOCS).with_suffix("").as_posix()
        folder = f"{name.rpartition('/')[0]}/*" if "/" in name else "*"
        assert name == "index" or f"\n{name}\n" in index or f"\n{folder}\n" in index, name


# --- blocks ---------------------------------------------------------------------------------------

#: Blocks that are no code.
SHOWN = {"text", "xml", "csv"}


#: Runs the Python blocks of a page in one module, one by one. Annotations are looked up by
#: the module's name, so it has to be known by one.
INTERPRETER = """
import contextlib, io, json, sys, traceback, types
module = sys.modules["page"] = types.ModuleType("page")
sys.path.insert(0, "")
for line in sys.stdin:
    out, error = io.StringIO(), ""
    try:
        with contextlib.redirect_stdout(out):
            exec(compile(json.loads(line), "page", "exec"), vars(module))
    except BaseException:
        error = traceback.format_exc()
    print(json.dumps([out.getvalue(), error]), flush=True)
"""


class Story:
    """A page that is run in a folder.

    Attributes:
        folder: Where its files are and its commands run.
        programs: Where its commands are found first.
    """

    def __init__(self, folder: Path, programs: Path, *, installs: bool = False) -> None:
        self.folder, self.programs, self.installs = folder, programs, installs
        self.printed = ""
        self.interpreter: subprocess.Popen[str] | None = None

    def run(self, block: Any) -> None:
        remarks, language = block.remarks, block.language
        if "skip" in remarks:
            assert remarks["skip"], "say why it is skipped"
            return
        if "file" in remarks:
            path = self.folder / remarks["file"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, "utf-8")
            if language == "toml":
                self.toml(block.text)
        elif "installs" in remarks and not self.installs:
            return
        elif "prints" in remarks:
            assert blocks.printed(block.text, self.printed), self.printed
        elif language.startswith("{") or language in SHOWN:
            return
        else:
            languages = {
                "python": self.python,
                "toml": self.toml,
                "json": json.loads,
                "sh": self.shell,
                "bash": self.shell,
                "console": self.console,
                "answers": self.answers,
            }
            assert language in languages, f"{language!r} is none of {sorted(languages)}"
            languages[language](block.text)

    def python(self, text: str) -> None:
        if self.interpreter is None:
            self.interpreter = subprocess.Popen(
                [str(self.programs / "python"), "-W", "error", "-c", INTERPRETER],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self.interpreter.stdin is not None
        assert self.interpreter.stdout is not None
        print(json.dumps(text), file=self.interpreter.stdin, flush=True)
        self.printed, error = json.loads(self.interpreter.stdout.readline())
        assert not error, error

    @property
    def environment(self) -> dict[str, str]:
        return {
            **{k: v for k, v in os.environ.items() if not k.startswith("SATCORE_")},
            "PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}",
            "LANG": "C.UTF-8",
        }

    def __enter__(self) -> Story:
        return self

    def __exit__(self, *_: object) -> None:
        if self.interpreter is not None:
            self.interpreter.communicate()

    def toml(self, text: str) -> None:
        table = tomllib.loads(text)
        if not {"project", "build-system", "tool"} & set(table):
            assert Study.of(table).problems == ()

    def answers(self, text: str) -> None:
        from satcore.cli.populations import Population
        from satcore.surveys import as_frame

        as_frame(Population.of_demo().survey(3000, 1)).write_csv(self.folder / text.strip())

    def shell(self, text: str) -> None:
        code, output = self.process(text)
        assert code == 0, f"leaves with {code}:\n{output[-2000:]}"

    def console(self, text: str) -> None:
        for command in blocks.commands(text):
            _, output = self.process(command.text)
            assert blocks.printed(command.output, output), f"$ {command.text}\n{output}"

    def process(self, text: str) -> tuple[int, str]:
        # What follows goes on where this one ends, as in a terminal.
        place = self.folder / ".place"
        there = place.read_text().strip() if place.exists() else str(self.folder)
        done = subprocess.run(
            ["bash", "-e", "-c", f"trap 'pwd > \"{place}\"' EXIT\n{text}"],
            cwd=there,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=300,
        )
        return done.returncode, done.stdout.decode()


def tell(path: Path, story: Story) -> None:
    for block in blocks.blocks(path.read_text("utf-8")):
        try:
            story.run(block)
        except Exception as error:
            raise AssertionError(f"{label(path)}:{block.line}: {error}") from error


@pytest.mark.parametrize("path", PAGES, ids=label)
def test_blocks_run(path: Path, tmp_path: Path) -> None:
    with Story(tmp_path, Path(sys.executable).parent) as story:
        tell(path, story)


def test_the_readme_runs(tmp_path: Path) -> None:
    """Its Python, its studies and its satcore commands; not what installs."""
    text = (ROOT / "README.md").read_text("utf-8")
    found = list(blocks.blocks(text))
    assert {"python", "toml", "sh"} <= {block.language for block in found}
    with Story(tmp_path, Path(sys.executable).parent) as story:
        story.answers("demo.csv")
        answers = pl.read_csv(tmp_path / "demo.csv").with_columns(
            pl.col("recommend").replace(99, None).alias("Q1"),
            pl.lit("web").alias("channel"),
            (pl.col("month") + "-15").alias("EndDate"),
            pl.lit(1.5).alias("w"),
        )
        answers.write_csv(tmp_path / "answers.csv")
        for block in found:
            if block.language == "python":
                story.python(block.text)
            elif block.language == "toml":
                story.toml(block.text)
                if "[metrics" in block.text:
                    (tmp_path / "study.toml").write_text(block.text, "utf-8")
        for block in found:
            if block.language == "sh":
                for line in block.text.splitlines():
                    if line.startswith("satcore "):
                        code, output = story.process(line)
                        # These answers need not meet the standard that the page names.
                        met = {0, 1} if line.startswith("satcore check") else {0}
                        assert code in met, f"$ {line}\n{output}"


class TestBlocks:
    """The reader of blocks itself."""

    def test_remarks(self) -> None:
        page = "<!-- file: a.toml -->\n```toml\nx = 1\n```\n\n- b\n  ```sh\n  ls\n  ```\n"
        first, second = blocks.blocks(page)
        assert (first.remarks, first.text, first.line) == ({"file": "a.toml"}, "x = 1\n", 2)
        assert (second.language, second.text) == ("sh", "ls\n")

    def test_setup(self) -> None:
        (one,) = blocks.blocks("<!-- setup: touch a -->\n")
        assert (one.language, one.text) == ("sh", "touch a\n")

    @pytest.mark.parametrize("page", ["```sh\nls\n", "<!-- skip: no -->\ntext\n"])
    def test_torn(self, page: str) -> None:
        with pytest.raises(ValueError, match="line"):
            list(blocks.blocks(page))

    def test_console(self) -> None:
        one, two = blocks.commands("$ echo a \\\n  b\na b\n$ true\n")
        assert (one.text, one.output) == ("echo a \\\n  b", "a b\n")
        assert (two.text, two.output) == ("true", "")

    @pytest.mark.parametrize(
        ("expected", "output", "same"),
        [
            ("a\n", "a  \n\n", True),
            ("a\n", "a\nb\n", False),
            ("a\n...\nz\n", "a\nb\nc\nz\n", True),
            ("a\n...\nz\n", "a\nb\n", False),
            ("a...\n", "ab\n", False),
            ("", "", True),
            ("", "a", False),
        ],
    )
    def test_printed(self, expected: str, output: str, same: bool) -> None:
        assert blocks.printed(expected, output) is same

    @pytest.mark.parametrize(
        ("language", "text"),
        [
            ("python", "1 / 0"),
            ("toml", "[study]\ntitel = 'x'"),
            ("toml", "x ="),
            ("json", "{"),
            ("sh", "exit 3"),
            ("console", "$ echo a\nb"),
            ("ruby", "puts 1"),
        ],
    )
    def test_what_is_wrong_fails(self, language: str, text: str, tmp_path: Path) -> None:
        block = blocks.Block(line=1, language=language, text=text, remarks={})
        with (
            Story(tmp_path, Path(sys.executable).parent) as story,
            pytest.raises((AssertionError, ValueError)),
        ):
            story.run(block)


@pytest.mark.xdist_group("environments")
def test_the_authors_tutorial_in_an_environment_of_its_own(tmp_path: Path) -> None:
    """Every command of the page, installs included, beside an installed satcore."""
    uv = found_uv()
    if uv is None:
        pytest.skip("uv is not there to make an environment quickly")
    environment = tmp_path / "environment"
    python = environment / "bin" / "python"
    tools = ["mypy", "ruff"]
    for command in (
        ["venv", "--quiet", "--seed", "--python", sys.executable, str(environment)],
        ["pip", "install", "--quiet", "--python", str(python), f"{ROOT}[testing]", *tools],
    ):
        done = subprocess.run([uv, *command], capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
    folder = tmp_path / "empty"
    folder.mkdir()
    with Story(folder, python.parent, installs=True) as story:
        tell(DOCS / "tutorials" / "author.md", story)


def found_uv() -> str | None:
    try:
        import uv
    except ImportError:
        return shutil.which("uv")
    return str(uv.find_uv_bin())
