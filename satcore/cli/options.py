"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from satcore.plugins import DISABLE_VARIABLE, Plugins

Command = TypeVar("Command", bound=Callable[..., Any])

#: Languages of reports.
LANGUAGES = ("en", "zh")


def disable_option(command: Command) -> Command:
    """``--disable NAME``: leave plugins out."""
    return click.option(
        "--disable",
        multiple=True,
        metavar="NAME",
        help=f"Leave a plugin out; may be given again. {DISABLE_VARIABLE}=a,b does the same.",
    )(command)


def report_options(command: Command) -> Command:
    """``--language``: what the report speaks."""
    return click.option(
        "--language",
        type=click.Choice(LANGUAGES),
        default="en",
        show_default=True,
        help="Language of the report.",
    )(command)


def found_plugins(disable: tuple[str, ...]) -> Plugins:
    """The plugins of this command."""
    return Plugins.found(disable)
