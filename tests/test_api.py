"""The public API: one list, and plugins that outlive its growth.

``tests/api.txt`` holds every public name with its signature, every field of every public class,
the hooks, the study file, the rows of the results and the commands. A change of the API is a
change of that file. Where it is meant::

    RENEW_API=1 pytest tests/test_api.py
"""

from __future__ import annotations

import difflib
import importlib
import inspect
import os
import re
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import click
import pytest

import satcore
from satcore import hookspecs
from satcore.cli import cli
from satcore.plugins import Plugins
from satcore.study import tables

ROOT = Path(__file__).resolve().parents[1]
SNAPSHOT = Path(__file__).with_name("api.txt")

#: The hooks' records, and what plugins of the first release could leave out of them.
RECORDS = {
    satcore.MetricSpec: ("name", "metric"),
    satcore.SurveySpec: ("name", "suffixes", "read"),
    satcore.ReportSpec: ("name", "suffixes", "render"),
    satcore.EngineSpec: ("name", "open"),
    satcore.EngineRequest: (),
    satcore.InstrumentSpec: (
        "name",
        "title",
        "source",
        "industry",
        "items",
        "scale",
        "dimensions",
    ),
    satcore.InstrumentDimension: ("name", "title"),
    satcore.Source: ("paths",),
}


def said(annotation: Any) -> str:
    """An annotation as it is written."""
    if isinstance(annotation, str):
        return annotation
    forward = getattr(annotation, "__forward_arg__", None)
    return forward or getattr(annotation, "__name__", str(annotation))


def default(value: Any) -> str:
    """A default; one that has no text of its own is three dots."""
    plain = value is None or isinstance(value, str | int | float | tuple)
    return f" = {value!r}" if plain else " = ..."


def parameters(function: Any) -> str:
    """A function's parameters and what it returns."""
    parts, starred = [], False
    signature = inspect.signature(function)
    for one in signature.parameters.values():
        if one.kind is one.KEYWORD_ONLY and not starred:
            parts.append("*")
            starred = True
        stars = {one.VAR_POSITIONAL: "*", one.VAR_KEYWORD: "**"}.get(one.kind, "")
        starred = starred or one.kind is one.VAR_POSITIONAL
        kind = "" if one.annotation is one.empty else f": {said(one.annotation)}"
        given = "" if one.default is one.empty else default(one.default)
        parts.append(f"{stars}{one.name}{kind}{given}")
    returns = signature.return_annotation
    arrow = "" if returns is signature.empty else f" -> {said(returns)}"
    return f"({', '.join(parts)}){arrow}"


def fields(kind: type[Any]) -> Iterator[str]:
    """The fields of an attrs class or of a row."""
    if not attrs.has(kind):
        for name, annotation in kind.__annotations__.items():
            yield f"    {name}: {said(annotation)}"
        return
    for one in attrs.fields(kind):
        given = "" if one.default is attrs.NOTHING else default(one.default)
        how = "" if one.init else "  (not given)"
        how = how or ("" if one.kw_only else "  (in order)")
        if not one.name.startswith("_"):
            yield f"    {one.name}: {said(written(kind, one.name))}{given}{how}"


def written(kind: type[Any], name: str) -> Any:
    """A field's annotation as it is written: whoever resolves types changes that of the field."""
    for base in kind.__mro__:
        own = inspect.get_annotations(base)
        if name in own:
            return own[name]
    raise KeyError(name)


def members(kind: type[Any]) -> Iterator[str]:
    """The public methods and properties that a class or a base of it in satcore defines."""
    found: dict[str, str] = {}
    for one in kind.__mro__:
        if not one.__module__.startswith("satcore"):
            continue
        for name, value in vars(one).items():
            if name.startswith("_") or name in found:
                continue
            if isinstance(value, property):
                returns = value.fget.__annotations__.get("return", "Any") if value.fget else "Any"
                found[name] = f"    {name}: {said(returns)}  (property)"
            elif isinstance(value, classmethod | staticmethod):
                found[name] = f"    {type(value).__name__} {name}{parameters(value.__func__)}"
            elif inspect.isfunction(value):
                found[name] = f"    def {name}{parameters(value)}"
    yield from (found[name] for name in sorted(found))


def named(home: ModuleType) -> Iterator[str]:
    """The public names of a module."""
    for name in home.__all__:
        value = getattr(home, name)
        if inspect.isclass(value):
            bases = ", ".join(one.__name__ for one in value.__bases__ if one is not object)
            yield f"class {name}({bases})" if bases else f"class {name}"
            if attrs.has(value) or hasattr(value, "__total__"):
                yield from fields(value)
            if not hasattr(value, "__total__"):
                yield from members(value)
        elif inspect.isfunction(value):
            yield f"def {name}{parameters(value)}"
        else:
            shown = default(value) if isinstance(value, int | str | tuple) else ""
            yield f"{name}{shown}"


def hooks() -> Iterator[str]:
    for name, hook in vars(hookspecs).items():
        if name.startswith("satcore_"):
            yield f"hook {name}{parameters(hook)}"


def study() -> Iterator[str]:
    for name, value in vars(tables).items():
        if inspect.isclass(value) and value.__module__ == tables.__name__ and attrs.has(value):
            yield f"table {name}"
            yield from fields(value)


def commands(command: click.Command = cli, name: str = "satcore") -> Iterator[str]:
    yield f"command {name}"
    for one in command.params:
        if isinstance(one, click.Argument):
            yield f"    {one.human_readable_name}{' ...' if one.nargs == -1 else ''}"
            continue
        kind = one.type
        takes = "" if getattr(one, "is_flag", False) else f" {kind.name}"
        if isinstance(kind, click.Choice):
            takes = f" {'|'.join(map(str, kind.choices))}"
        many = " ..." if one.multiple else ""
        yield f"    {', '.join((*one.opts, *one.secondary_opts))}{takes}{many}"
    if isinstance(command, click.Group):
        context = click.Context(command, help_option_names=["-h", "--help"])
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            assert found is not None
            yield from commands(found, f"{name} {inner}")


def api() -> str:
    """The public API as text."""
    parts = {
        "satcore": named(satcore),
        "satcore.testing": named(importlib.import_module("satcore.testing")),
        "hooks": hooks(),
        "study file": study(),
        "commands": commands(),
    }
    return "\n\n".join(f"# {name}\n\n" + "\n".join(lines) for name, lines in parts.items()) + "\n"


def test_the_api_is_what_was_agreed() -> None:
    now = api()
    if os.environ.get("RENEW_API"):
        SNAPSHOT.write_text(now, "utf-8")
    agreed = SNAPSHOT.read_text("utf-8")
    difference = "\n".join(
        difflib.unified_diff(
            agreed.splitlines(), now.splitlines(), "agreed", "now", n=1, lineterm=""
        )
    )
    assert not difference, (
        f"the public API has changed:\n{difference}\n\n"
        "If plugins go on working, or the change was announced (docs/reference/stability.md), note "
        "it in CHANGELOG.md and renew the list: RENEW_API=1 pytest tests/test_api.py"
    )


def test_nothing_in_the_list_depends_on_the_process() -> None:
    assert api() == api()
    assert not re.search(r"0x[0-9a-f]{6,}", api())


# --- hooks and records ----------------------------------------------------------------------------


def specs() -> list[str]:
    return [name for name in vars(hookspecs) if name.startswith("satcore_")]


@pytest.mark.parametrize("name", specs())
def test_hooks_say_since_when_they_are_there(name: str) -> None:
    text = inspect.getdoc(getattr(hookspecs, name))
    assert text is not None
    (version,) = re.findall(r"^\.\. versionadded:: (\d+\.\d+)$", text, re.MULTILINE)
    assert tuple(map(int, version.split("."))) <= tuple(
        map(int, satcore.__version__.split(".")[:2])
    )
    assert not inspect.signature(getattr(hookspecs, name)).parameters, "hooks take no arguments"


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_all_that_records_gained_may_be_left_out(record: type[Any]) -> None:
    wanted = [one.name for one in attrs.fields(record) if one.default is attrs.NOTHING]
    assert tuple(wanted) == RECORDS[record]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_records_are_told_field_by_field(record: type[Any]) -> None:
    text = inspect.getdoc(record)
    assert text is not None
    for one in attrs.fields(record):
        assert re.search(rf"^    {one.name}: \S", text, re.MULTILINE), one.name


#: A plugin that knows the records of the first release, and nothing else.
OLD_PLUGIN = '''
import polars as pl
from attrs import frozen
from satcore import (
    Chart, Estimate, Metric, MetricSpec, ReportSpec, Source, Survey, SurveySpec, Tally, hookimpl
)


@frozen(kw_only=True)
class Old(Metric):
    """A share, made by hand and by the core."""

    item: str

    def statistics(self, codebook):
        return {"answers": Tally(codebook.item(self.item, "0..10"))}

    def evaluate(self, answers):
        share = answers.share((9, 10), term="top")
        yield share
        yield Estimate(term="twice", value=2 * share.value, std_error=2 * share.std_error,
                       base=answers.base)

    def charts(self, results, name, language="en"):
        yield Chart(title="t", spec={})


@frozen
class Piece:
    id: str
    rows: None = None

    def read(self, columns):
        yield pl.DataFrame({"Q1": [10, 9, 0, 1]}).select(columns)


def read(source: Source) -> Survey:
    return Survey(name=source.paths[0], columns=("Q1",), fragments=(Piece(source.paths[0]),))


def render(results, language):
    return "".join(
        f"{row['term']} {row['value']}\\n" for row in results.rows("old")
    ).encode()


@hookimpl
def satcore_metrics():
    return [MetricSpec("old", Old, "A share", "top", terms={"top": "Top"}, api=1)]


@hookimpl
def satcore_surveys():
    return [SurveySpec("old", (".old",), read, "One file")]


@hookimpl
def satcore_reports():
    return [ReportSpec("old", (".old.txt",), render, "Lines", ("en",))]
'''

#: Gives every record one more field, before anything else has seen the class.
GROW = """
import importlib, sys
from attrs import field, frozen

def grow(home, *names):
    module = importlib.import_module(f"satcore.{home}")
    for name in names:
        old = getattr(module, name)
        body = {
            "__module__": old.__module__,
            "__qualname__": name,
            "__annotations__": {"later": str},
            "later": field(default="later", kw_only=True),
        }
        if old.__eq__ is object.__eq__:
            grown = frozen(eq=False)(type(name, (old,), body))
        else:
            grown = frozen(type(name, (old,), body))
        setattr(module, name, grown)
    return module
"""


@pytest.mark.parametrize("grown", [True, False], ids=["grown", "as it is"])
def test_a_plugin_outlives_the_growth_of_every_record(tmp_path: Path, grown: bool) -> None:
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "old.py").write_text(OLD_PLUGIN)
    (tmp_path / "answers.old").write_text("")
    script = GROW + textwrap.dedent(
        f"""
        if {grown}:
            grow("hookspecs", "MetricSpec", "SurveySpec", "ReportSpec", "Source")
            grow("surveys", "Survey")
            grow("estimates", "Estimate")
            grow("metrics", "Chart", "Paired", "Test")
            grow("results", "About", "Measured", "Responses", "Results")
            import satcore
            assert satcore.MetricSpec("n", object).later == "later"
            assert satcore.plan.__globals__  # the rest of satcore loads on top of these
        from satcore.cli import main
        main(["run", "--plugins-dir", "plugins", "--metric", "old", "--item", "Q1", "answers.old",
              "--format", "json", "-o", "out.json", "--report", "out.old.txt"])
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.old.txt").read_text() == "top 0.5\ntwice 1.0\n"


class TestPluginApi:
    """``PLUGIN_API``: a plugin made for a later one is named and not used."""

    def plugin(self, folder: Path, name: str, api: object) -> None:
        (folder / f"{name}.py").write_text(
            "import satcore\n"
            "from satcore_nps import NPS\n"
            "@satcore.hookimpl\n"
            "def satcore_metrics():\n"
            f"    return [satcore.MetricSpec({name!r}, NPS, api={api!r})]\n"
        )

    def test_later_and_now(self, tmp_path: Path) -> None:
        self.plugin(tmp_path, "now", satcore.PLUGIN_API)
        self.plugin(tmp_path, "later", satcore.PLUGIN_API + 1)
        self.plugin(tmp_path, "odd", "1.0")
        infos = {info.name: info for info in Plugins.found((), [str(tmp_path)]).infos()}
        assert infos["now"].state == "ok"
        assert infos["later"].state == "incompatible"
        assert f"plugin API {satcore.PLUGIN_API + 1}" in infos["later"].reason
        assert infos["odd"].state == "failed"
        assert "whole number" in infos["odd"].reason

    def test_records_are_made_for_the_first_where_nothing_is_said(self) -> None:
        for record in (satcore.MetricSpec, satcore.SurveySpec, satcore.ReportSpec):
            assert attrs.fields_dict(record)["api"].default == 1
        assert satcore.PLUGIN_API >= 1


def test_every_package_of_the_wheel_is_typed() -> None:
    points = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"]
    bundled = {
        path.name for path in (ROOT / "plugins").iterdir() if (path / "__init__.py").exists()
    }
    assert bundled == set(points["satcore"].values())
    for package in ("satcore", *sorted(bundled)):
        found = importlib.import_module(package).__file__
        assert found is not None
        assert Path(found).with_name("py.typed").exists(), package
