"""``satcore metrics`` and ``satcore plugins``: what there is, and in what state.

``satcore plugins new`` and ``satcore plugins check`` are in ``plugin_commands``.
"""

from __future__ import annotations

import json
from typing import Any

import attrs
import click
from click.core import ParameterSource
from rich.table import Table
from rich.text import Text

from satcore.cli.options import found_plugins, plugin_options
from satcore.cli.output import print_bytes
from satcore.cli.plugin_commands import check, new
from satcore.cli.show import console
from satcore.cli.wording import visible
from satcore.plugins import PluginInfo, Plugins

json_option = click.option("--json", "as_json", is_flag=True, help="Give JSON.")


@click.command()
@json_option
@plugin_options
def metrics(as_json: bool, disable: tuple[str, ...]) -> None:
    """List the metrics there are, and their options."""
    found = found_plugins(disable)
    rows: list[dict[str, Any]] = [
        {
            "metric": spec.name,
            "plugin": info.name,
            "title": dict(spec.title.by_language),
            "summary": spec.summary,
            "primary": spec.primary,
            "terms": list(spec.terms),
            "options": _options(spec.metric),
        }
        for info, spec in found.metrics()
    ]
    if as_json:
        print_bytes(encoded(rows))
        return
    table = Table()
    for name in ("metric", "plugin", "what it measures", "options"):
        table.add_column(name, overflow="fold")
    for row in rows:
        options = ", ".join(
            one["name"] if one["required"] else f"[{one['name']}]" for one in row["options"]
        )
        cells = (row["metric"], row["plugin"], row["summary"], options)
        table.add_row(*(Text(visible(cell)) for cell in cells))
    console().print(table)
    _tell_disabled(found)


def _options(metric: type[Any]) -> list[dict[str, Any]]:
    if not attrs.has(metric):
        return []
    return [
        {"name": one.name, "type": _type(one.type), "required": one.default is attrs.NOTHING}
        for one in attrs.fields(metric)
        if one.init
    ]


def _type(kind: Any) -> str:
    return kind.__name__ if isinstance(kind, type) else str(kind)


@click.group(invoke_without_command=True)
@json_option
@plugin_options
@click.pass_context
def plugins(context: click.Context, as_json: bool, disable: tuple[str, ...]) -> None:
    """List the plugins: what each offers, and why one can't be used.

    With a command: begin a plugin of your own, or check one.
    """
    if context.invoked_subcommand is None:
        _list(as_json, disable)
        return
    given = [
        option.opts[0]
        for option in context.command.params
        if option.name and context.get_parameter_source(option.name) is ParameterSource.COMMANDLINE
    ]
    if given:
        raise click.UsageError(
            f"{given[0]} stands before {context.invoked_subcommand!r}, where it lists plugins; "
            f"`satcore plugins {context.invoked_subcommand} --help` tells that command's options"
        )


for command in (new, check):
    plugins.add_command(command)


def _list(as_json: bool, disable: tuple[str, ...]) -> None:
    found = found_plugins(disable)
    infos = found.infos()
    if as_json:
        print_bytes(encoded([_plain(info) for info in infos]))
        return
    table = Table()
    for name in ("plugin", "version", "hooks", "offers", "state", "load ms", "reason"):
        table.add_column(name, overflow="fold")
    for info in infos:
        version = f"{info.distribution} {info.version}".strip()
        hooks = ", ".join(hook.removeprefix("satcore_") for hook in info.hooks)
        offers = ", ".join(record.name for record in info.records)
        cells = (info.name, version, hooks, offers, info.state, f"{info.load_ms:.0f}", info.reason)
        table.add_row(*(Text(visible(cell)) for cell in cells))
    console().print(table)
    _tell_disabled(found)


def encoded(rows: list[dict[str, Any]]) -> bytes:
    """Rows as JSON; names that plugins give may be anything."""
    return (json.dumps(rows, ensure_ascii=False, indent=1) + "\n").encode(errors="replace")


def _tell_disabled(found: Plugins) -> None:
    for name in found.unknown_disabled():
        click.echo(f"note: {name!r} is disabled, but there is no such plugin", err=True)


def _plain(info: PluginInfo) -> dict[str, Any]:
    return {
        "name": info.name,
        "module": info.module,
        "distribution": info.distribution,
        "version": info.version,
        "hooks": list(info.hooks),
        "metrics": [spec.name for spec in info.metrics],
        "offers": [record.name for record in info.records],
        "state": info.state,
        "reason": info.reason,
        "load_ms": round(info.load_ms, 3),
    }
