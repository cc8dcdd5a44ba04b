"""``satcore plugins new`` and ``satcore plugins check``: for those who write plugins."""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import click
from attrs import evolve

from satcore.cli.options import found_plugins, plugin_options
from satcore.cli.wording import visible
from satcore.errors import PluginError, listed, near
from satcore.scaffold import HOOKS, Package, PluginName, check_free, plugin_name, write

if TYPE_CHECKING:
    from satcore.plugins import PluginInfo, Plugins
    from satcore.testing import Check

_MODULE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")


@click.command()
@click.argument("name")
@click.option("--metric", is_flag=True, help="With a metric; so it is where no hook is named.")
@click.option("--survey", is_flag=True, help="With a reader of survey files.")
@click.option("--report", is_flag=True, help="With a report.")
@click.option("--directory", metavar="DIR", help="The new folder; NAME where left out.")
@click.option("--author", default="", metavar="TEXT", help="'Ann Example <ann@example.org>'.")
@plugin_options
def new(
    name: str, directory: str | None, author: str, disable: tuple[str, ...], **hooks: bool
) -> None:
    """Begin a plugin: a package that installs and passes its tests as it is."""
    wanted = plugin_name(name)
    chosen = tuple(hook for hook in HOOKS if hooks[hook]) or HOOKS[:1]
    remarks = (wanted.remark, check_free(wanted, chosen, found_plugins(disable)))
    folder = Path(wanted.name if directory is None else directory)
    paths = write(Package(name=wanted, hooks=chosen, author=author), folder)
    for remark in filter(None, remarks):
        click.echo(visible(f"note: {remark}"), err=True)
    _say_written(wanted, folder, paths)


def _say_written(name: PluginName, folder: Path, paths: Sequence[str]) -> None:
    """What was written, and what to do with it."""
    click.echo(visible(f"{name.distribution}, a plugin of satcore, is in {folder}:"))
    for path in paths:
        click.echo(f"  {path}")
    click.echo("Next:")
    click.echo(visible(f"  cd {folder}"))
    click.echo('  python -m pip install -e ".[dev]"')
    click.echo(f"  satcore plugins check {name.name} && pytest")


@click.command()
@click.argument("package")
@click.option("--long", is_flag=True, help="Simulate longer, to see how often intervals hold.")
@plugin_options
def check(package: str, long: bool, disable: tuple[str, ...]) -> None:
    """Check whether a plugin keeps satcore's laws.

    PACKAGE is the plugin's name, as `satcore plugins` shows it, its module or file, or one of its
    metrics. Exit code 1 when a check fails.
    """
    _need_kit()
    found = found_plugins(disable)
    plugin = _plugin(package, found)

    from satcore.testing import plugin_checks, run_checks

    checks = plugin_checks(plugin, plugins=found)
    if long:
        if isinstance(plugin, ModuleType):
            raise PluginError(f"--long needs an installed plugin; {package!r} is a module alone")
        checks += _long_runs(plugin, found)
    click.get_current_context().exit(run_checks(checks, write=_say).status)


def _long_runs(plugin: str, found: Plugins) -> Iterator[Check]:
    """How often the intervals of a plugin's metrics hold, in a long simulation."""
    from satcore.testing import metric_checks
    from satcore.testing.checks import LawError, NotApplicable
    from satcore.testing.plugin import example_of

    for info, spec in found.metrics():
        if info.name != plugin:
            continue
        # Where there is no example, the plugin's checks tell it already.
        with suppress(LawError, NotApplicable):
            metric, beside = example_of(spec, found)
            for one in metric_checks(metric, beside=beside, coverage="long"):
                if one.name == "coverage":
                    yield evolve(one, name=f"{spec.name}.long_coverage")


def _say(text: str) -> None:
    """Some lines, line by line: what checks tell comes from plugins."""
    for line in text.splitlines():
        click.echo(visible(line))


def _need_kit() -> None:
    """Say what has to be installed for the kit.

    Raises:
        PluginError: It is absent.
    """
    if importlib.util.find_spec("hypothesis") is None:
        raise PluginError(
            "checking needs hypothesis, which is not installed; it comes with the extra `testing`: "
            "python -m pip install 'satcore[testing]'"
        )


def _plugin(package: str, found: Plugins) -> str | ModuleType:
    """A plugin's name, from that, its module or a metric; a module that is no plugin yet, itself.

    Raises:
        PluginError: There is no such plugin, and no such module that can be imported; or the
            plugin's name is another's.
    """
    infos = found.infos()
    for info in infos:
        if package == info.name:
            return info.name
    for info in infos:
        if package == info.module:
            return _own_name(info, infos)
    owner = _offering(package, found)
    if owner:
        click.echo(visible(f"note: the metric {package} is of the plugin {owner}"), err=True)
        return owner
    return _loose(package, [info.name for info in infos])


def _own_name(info: PluginInfo, infos: Sequence[PluginInfo]) -> str:
    """The name of a plugin that is found by its module or file.

    Raises:
        PluginError: Another plugin stands under that name.
    """
    if next(one for one in infos if one.name == info.name) is not info:
        raise PluginError(f"{info.module} can't be checked: {info.reason}")
    return info.name


def _offering(kind: str, found: Plugins) -> str:
    """The plugin that offers a metric; empty where none does.

    Raises:
        PluginError: Several do.
    """
    owners = [info.name for info, spec in found.metrics() if spec.name == kind]
    if len(owners) > 1:
        raise PluginError(
            f"the plugins {listed(owners)} all offer a metric {kind!r}; name one of them"
        )
    return owners[0] if owners else ""


def _loose(package: str, names: Sequence[str]) -> ModuleType:
    """A module that is no plugin yet.

    Raises:
        PluginError: It can't be imported.
    """
    try:
        if _MODULE.fullmatch(package):
            return importlib.import_module(package)
    except ModuleNotFoundError as error:
        if error.name not in (package, package.partition(".")[0]):
            raise PluginError(f"{package!r} can't be imported: {error}") from error
    except Exception as error:
        raise PluginError(
            f"{package!r} can't be imported: {type(error).__name__}: {error}"
        ) from error
    raise PluginError(
        f"there is no plugin {package!r}{near(package, names)}; there are {listed(names)}"
    )
