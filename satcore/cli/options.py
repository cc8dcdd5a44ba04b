"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from satcore.plugin_files import FOLDERS_VARIABLE
from satcore.plugins import DISABLE_VARIABLE, Plugins

Command = TypeVar("Command", bound=Callable[..., Any])

#: Languages of reports.
LANGUAGES = ("en", "zh")

#: What `--report` does.
REPORT_HELP = "Write a report for people: FILE.html, FILE.md or FILE.xlsx."


#: Where a command keeps the folders of plugin files that were named.
_FOLDERS = "satcore.plugins_dir"


def plugin_options(command: Command) -> Command:
    """``--disable NAME``: leave plugins out. ``--plugins-dir FOLDER``: plugins of one file."""
    command = click.option(
        "--plugins-dir",
        multiple=True,
        metavar="FOLDER",
        expose_value=False,
        is_eager=True,
        callback=_keep_folders,
        help=f"Load plugins of one file from a folder; {FOLDERS_VARIABLE} does the same.",
    )(command)
    return click.option(
        "--disable",
        multiple=True,
        metavar="NAME",
        help=f"Leave a plugin out; may be given again. {DISABLE_VARIABLE}=a,b does the same.",
    )(command)


def _keep_folders(context: click.Context, _: click.Parameter, folders: tuple[str, ...]) -> None:
    context.meta[_FOLDERS] = folders


def report_options(command: Command) -> Command:
    """``--language``: what the report speaks."""
    return click.option(
        "--language",
        type=click.Choice(LANGUAGES),
        default="en",
        show_default=True,
        help="Language of the report.",
    )(command)


def static_option(command: Command) -> Command:
    """``--static``: the report without scripts."""
    return click.option(
        "--static",
        is_flag=True,
        help="Write FILE.html without any script: its pictures are still ones.",
    )(command)


def engine_options(command: Command) -> Command:
    """``--engine``, ``--stream`` and ``--skip-bad-fragments``: who counts, and what may be left."""
    for option in (
        click.option(
            "--skip-bad-fragments",
            is_flag=True,
            help="Leave out, whole, what can't be read, and list it in the results.",
        ),
        click.option(
            "--stream",
            is_flag=True,
            help="Let a database's engine read answers out where it can't count them there.",
        ),
        click.option(
            "--engine",
            metavar="NAME[:ADDRESS]",
            help="Who counts: local, processes:4, dask:ADDRESS, spark:MASTER, sql:CONNECTION.",
        ),
    ):
        command = option(command)
    return command


def found_plugins(disable: tuple[str, ...]) -> Plugins:
    """The plugins of this command."""
    folders = click.get_current_context().meta.get(_FOLDERS, ())
    return Plugins.found(disable, folders)
