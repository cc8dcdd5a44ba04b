"""``satcore metrics`` and ``satcore plugins``: what there is, and in what state."""

from __future__ import annotations

import json
from typing import Any

import attrs
import click
from rich.table import Table
from rich.text import Text

from satcore.cli.options import disable_option, found_plugins
from satcore.cli.output import print_bytes
from satcore.cli.show import console
from satcore.cli.wording import visible
from satcore.plugins import PluginInfo, Plugins

json_option = click.option("--json", "as_json", is_flag=True, help="Give JSON.")


@click.command()
@json_option
@disable_option
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


@click.command()
@json_option
@disable_option
def plugins(as_json: bool, disable: tuple[str, ...]) -> None:
    """List the plugins: what each offers, and why one can't be used."""
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
