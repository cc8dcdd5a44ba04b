"""The parts of the documentation that are made from the code.

A page holds them between two comments::

    <!-- made: table StudyTable -->
    ...
    <!-- end -->

so that they can be read without a build. ``python docs/_ext/made.py`` writes them anew, a test
fails where one is stale, and Sphinx warns of it.
"""

from __future__ import annotations

import importlib
import inspect
import json
import re
import sys
import tomllib
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import attrs
import click

import satcore
from satcore import hookspecs
from satcore.cli import cli
from satcore.codebook import Text
from satcore.study import tables

DOCS: Final = Path(__file__).resolve().parents[1]

#: What attrs keeps for a default that is made anew for each object.
_FACTORY: Final[type[Any]] = type(attrs.Factory(list))

_BLOCK: Final = re.compile(r"<!-- made: (?P<asked>[^\n]+?) -->\n.*?<!-- end -->", re.DOTALL)


def renewed(text: str) -> str:
    """A page with its made parts made anew.

    Args:
        text: The page.

    Raises:
        KeyError: A part that nothing here makes.
    """

    def made(found: re.Match[str]) -> str:
        name, *arguments = found["asked"].split()
        return f"<!-- made: {found['asked']} -->\n{_MAKERS[name](*arguments).strip()}\n<!-- end -->"

    return _BLOCK.sub(made, text)


def pages() -> Iterator[Path]:
    """Every page with made parts."""
    for path in sorted(DOCS.glob("*/*.md")):
        if _BLOCK.search(path.read_text("utf-8")):
            yield path


def stale() -> list[Path]:
    """Pages whose made parts are not what the code says now."""
    return [path for path in pages() if renewed(text := path.read_text("utf-8")) != text]


# --- docstrings -----------------------------------------------------------------------------------


def markdown(text: str) -> str:
    """A docstring's words in Markdown: double backticks become single ones."""
    return re.sub(r"``([^`]+)``", r"`\1`", text)


def summary(thing: object) -> str:
    """The first paragraph of a docstring, in one line."""
    return " ".join(markdown(inspect.getdoc(thing) or "").partition("\n\n")[0].split())


def section(thing: object, title: str) -> dict[str, str]:
    """A section of a Google-style docstring: names and what is said of them."""
    text = inspect.getdoc(thing) or ""
    found = re.search(rf"^{title}:\n((?:[ ]{{4}}.*\n?|\n)+)", text, re.MULTILINE)
    entries: dict[str, str] = {}
    name = ""
    for line in inspect.cleandoc(found[1]).splitlines() if found else ():
        head = re.match(r"(\w+): (.*)", line)
        if head and not line.startswith(" "):
            name = head[1]
            entries[name] = head[2]
        elif name:
            entries[name] += " " + line.strip()
    return {name: markdown(text.strip()) for name, text in entries.items()}


def described(kind: type[Any]) -> dict[str, str]:
    """What an attrs class says of its fields, those of its bases included."""
    entries: dict[str, str] = {}
    for one in reversed(kind.__mro__):
        if one.__doc__ and one is not object:
            entries.update(section(one, "Attributes"))
    return entries


# --- words ----------------------------------------------------------------------------------------

_WORDS: Final[dict[Any, str]] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    Text: "text, or texts by language",
    tables.AnswerText: "text or number",
    Any: "anything",
    type(None): "",
}


def in_toml(kind: Any) -> str:
    """A type as the author of a study file would call its values."""
    if kind in _WORDS:
        return _WORDS[kind]
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Literal:
        return ", ".join(f"`{json.dumps(part)}`" for part in parts)
    if origin in (Union, types.UnionType):
        return " or ".join(filter(None, dict.fromkeys(map(in_toml, parts))))
    if origin in (tuple, list):
        if Ellipsis not in parts and len(parts) > 1:
            return f"list of {len(parts)}: {', '.join(map(in_toml, parts))}"
        return f"list of: {in_toml(parts[0])}"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return f"table of: {in_toml(parts[1])}"
    if attrs.has(kind):
        return "table"
    return f"`{getattr(kind, '__name__', kind)}`"


def default(one: attrs.Attribute[Any]) -> str:
    """What an option is where it is left out; empty for nothing."""
    if one.default is attrs.NOTHING:
        return "wanted"
    value: Any = one.default
    if isinstance(value, _FACTORY):
        value = "" if value.takes_self else value.factory()
    if value in (None, "", (), {}, []) or isinstance(value, Text):
        return ""
    return f"`{json.dumps(value)}`"


def table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A Markdown table; bars in its cells are escaped."""
    lines = [header, ("---",) * len(header), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
    )


def plain(annotation: Any) -> str:
    """An annotation as it is written."""
    if isinstance(annotation, str):
        return annotation
    forward: str | None = getattr(annotation, "__forward_arg__", None)
    return forward or str(getattr(annotation, "__name__", annotation))


# --- parts ----------------------------------------------------------------------------------------


def hooks() -> str:
    """Every hook with its exact arguments and its docstring."""
    parts = []
    for name, hook in vars(hookspecs).items():
        if not name.startswith("satcore_"):
            continue
        text = markdown(inspect.getdoc(hook) or "")
        text = re.sub(r"\.\. versionadded:: (.+)", r"*Since \1.*", text)
        text = re.sub(r":return: ", "**Returns** ", text)
        returns = plain(inspect.get_annotations(hook)["return"])
        head = f"{name}({_parameters(hook)}) -> {returns}"
        parts.append(f"## `{head.partition(' -> ')[0]}`\n\n```text\n{head}\n```\n\n{text}")
    return "\n\n".join(parts)


def record(name: str) -> str:
    """The fields of a record, in the order in which they may be given."""
    kind = getattr(satcore, name)
    texts = described(kind)
    rows = []
    for one in attrs.fields(kind):
        given = "wanted" if one.default is attrs.NOTHING else _shown(one)
        how = "by name" if one.kw_only else "in order, or by name"
        # As it is written: whoever resolves types changes that of the field.
        written = kind.__annotations__.get(one.name, one.type)
        rows.append((f"`{one.name}`", f"`{plain(written)}`", how, given, texts[one.name]))
    head = f"{markdown(summary(kind))}\n\n"
    return head + table(("field", "type", "given", "left out", "what it is"), rows)


def _shown(one: attrs.Attribute[Any]) -> str:
    value: Any = one.default
    if isinstance(value, _FACTORY):
        value = value.factory()
    return "" if isinstance(value, Text) or value in ("", {}, ()) else f"`{value!r}`"


def study_table(name: str) -> str:
    """The options of one table of the study file."""
    return options(getattr(tables, name))


def options(kind: type[Any]) -> str:
    """The fields of an attrs class, as options of a study file."""
    hints, texts = get_type_hints(kind), described(kind)
    rows = [
        (f"`{one.name.rstrip('_')}`", in_toml(hints[one.name]), default(one), texts[one.name])
        for one in attrs.fields(kind)
        if one.init
    ]
    return table(("option", "type", "left out", "what it is"), rows)


def metrics() -> str:
    """Every bundled metric, with its options and terms."""
    pyproject = tomllib.loads((DOCS.parent / "pyproject.toml").read_text("utf-8"))
    points = pyproject["project"]["entry-points"]["satcore"]
    modules = map(importlib.import_module, points.values())
    return "\n\n".join(
        _metric(spec, module.__name__)
        for module in modules
        for spec in getattr(module, "satcore_metrics", list)()
    )


def _metric(spec: satcore.MetricSpec, module: str) -> str:
    terms = [(f"`{name}`", text.said("en"), text.said("zh")) for name, text in spec.terms.items()]
    primary = f"Primary term: `{spec.primary}`. " if spec.primary else ""
    return (
        f"## `{spec.name}`\n\n{spec.summary}. {primary}From `{module}`.\n\n"
        f"{options(spec.metric)}\n\n{table(('term', 'English', 'Chinese'), terms)}"
    )


def instruments() -> str:
    """Every bundled questionnaire: counts, dimensions, scale, and where they were read."""
    from satcore_instruments import INSTRUMENTS

    return "\n\n".join(map(_instrument, INSTRUMENTS))


def _instrument(spec: satcore.InstrumentSpec) -> str:
    unread = spec.unread.said()
    told = [
        f"{spec.source}.",
        (
            f"{spec.items} items, scale {f'`{spec.scale}`' if spec.scale else 'not read'}, for "
            f"{spec.industry.said()}; asks {', '.join(spec.forms)}."
        ),
        f"Scored: {spec.scoring.said()}.",
        f"Read in: {spec.read}.",
        f"**Left out**: {unread}." if unread else "",
    ]
    rows = [
        (f"`{one.name}`", one.title.said("en"), one.title.said("zh"),
         str(len(one.numbers)) if one.items else "not read", one.items or "",
         one.scale or spec.scale)
        for one in spec.dimensions
    ]  # fmt: skip
    header = ("dimension", "English", "Chinese", "items", "numbers", "scale")
    title = f"## `{spec.name}`: {spec.title.said('en')} / {spec.title.said('zh')}"
    return "\n\n".join([title, *filter(None, told), table(header, rows)])


def commands() -> str:
    """Every command with its arguments and options."""
    return "\n\n".join(_commands(cli, "satcore"))


def _commands(command: click.Command, name: str) -> Iterator[str]:
    context = click.Context(command, info_name=name, help_option_names=["-h", "--help"])
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    rows = [
        (", ".join(f"`{one}`" for one in (*option.opts, *option.secondary_opts)),
         _value(option), _default(option), option.help or "")
        for option in command.params
        if isinstance(option, click.Option) and not option.hidden
    ]  # fmt: skip
    yield f"## `{name}`\n\n```text\n{usage}\n```\n\n{_help(command.help or '')}"
    if rows:
        yield table(("option", "value", "left out", "what it does"), rows)
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            if found is not None:
                yield from _commands(found, f"{name} {inner}")


def _help(text: str) -> str:
    """A command's help; what click is told not to wrap is shown as it stands."""
    parts = []
    for paragraph in inspect.cleandoc(text).replace("\r", "").split("\n\n"):
        if paragraph.startswith("\b"):
            parts.append(f"```text\n{paragraph.lstrip(chr(8)).strip()}\n```")
        else:
            parts.append(markdown(paragraph))
    return "\n\n".join(parts)


def _value(option: click.Option) -> str:
    if option.is_flag:
        return ""
    if isinstance(option.type, click.Choice):
        return ", ".join(f"`{one}`" for one in option.type.choices)
    many = " (again and again)" if option.multiple else ""
    return f"`{option.metavar or _KINDS.get(option.type.name, option.type.name.upper())}`{many}"


#: What to call the values of options that have no name of their own.
_KINDS: Final = {
    "text": "TEXT",
    "integer": "NUMBER",
    "integer range": "NUMBER",
    "float": "NUMBER",
    "float range": "NUMBER",
    "fraction": "SHARE",
    "datetime": "DATE",
}


def _default(option: click.Option) -> str:
    plain = isinstance(option.default, str | int | float) and not isinstance(option.default, bool)
    return f"`{option.default}`" if plain and not option.is_flag else ""


def names(*asked: str) -> str:
    """Public names: a table with signatures, then what autodoc says of each."""
    rows = [(f"`{signature(name)}`", _said(name)) for name in asked]
    directives = "\n".join(_directive(name) for name in asked)
    return f"{table(('name', 'what it is'), rows)}\n\n```{{eval-rst}}\n{directives}```"


def kit() -> str:
    """The public names of ``satcore.testing``."""
    home = importlib.import_module("satcore.testing")
    rows = [(f"`{signature(name, home)}`", summary(getattr(home, name))) for name in home.__all__]
    directives = "\n".join(_directive(name, home) for name in home.__all__)
    return f"{table(('name', 'what it is'), rows)}\n\n```{{eval-rst}}\n{directives}```"


def signature(name: str, home: types.ModuleType = satcore) -> str:
    """A public name as it is called; without types, which autodoc gives."""
    value = getattr(home, name)
    called = inspect.isfunction(value) or attrs.has(value)
    return f"{name}({_parameters(value)})" if called else name


def _parameters(called: Callable[..., Any]) -> str:
    parameters = []
    for one in inspect.signature(called).parameters.values():
        shown = one.replace(annotation=one.empty)
        if not isinstance(one.default, str | int | float | tuple | type(None) | type(one.empty)):
            shown = shown.replace(default=_MADE)
        parameters.append(shown)
    return str(inspect.Signature(parameters))[1:-1]


class _Made:
    """A default that is made for each object."""

    def __repr__(self) -> str:
        return "…"


_MADE: Final = _Made()


def _said(name: str) -> str:
    value = getattr(satcore, name)
    if inspect.isclass(value) or inspect.isfunction(value):
        return summary(value)
    return _comment(name)


def _comment(name: str) -> str:
    """What stands above a name's definition in ``#:`` comments."""
    home = importlib.import_module(f"satcore.{satcore._HOME_OF[name]}")
    source = inspect.getsource(home)
    found = re.search(rf"((?:^#:.*\n)+){name}\b", source, re.MULTILINE)
    if found is None:
        definition = re.search(rf"^{name}\b.*= (.+)", source, re.MULTILINE)
        return f"`{definition[1]}`." if definition else ""
    return markdown(" ".join(line[2:].strip() for line in found[1].splitlines()))


def _directive(name: str, home: types.ModuleType = satcore) -> str:
    value, place = getattr(home, name), f"{home.__name__}.{name}"
    if inspect.isfunction(value):
        return f".. autofunction:: {place}\n"
    if inspect.isclass(value):
        return f".. autoclass:: {place}\n   :members:\n"
    return f".. py:data:: {place}\n\n   {_comment(name).replace('`', '``')}\n"


_MAKERS: Final[dict[str, Callable[..., str]]] = {
    "commands": commands,
    "hooks": hooks,
    "instruments": instruments,
    "kit": kit,
    "metrics": metrics,
    "names": names,
    "record": record,
    "table": study_table,
}


def setup(app: Any) -> dict[str, bool]:
    """Let Sphinx warn of stale pages."""
    from sphinx.util import logging

    def check(_: Any) -> None:
        for path in stale():
            logging.getLogger(__name__).warning(
                "%s is stale; renew it by python docs/_ext/made.py", path.relative_to(DOCS)
            )

    app.connect("builder-inited", check)
    return {"parallel_read_safe": True}


def main() -> None:
    """Write every stale page anew."""
    for path in stale():
        path.write_text(renewed(path.read_text("utf-8")), "utf-8")
        sys.stdout.write(f"renewed {path.relative_to(DOCS)}\n")


if __name__ == "__main__":
    main()
