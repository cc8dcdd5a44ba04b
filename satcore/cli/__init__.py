"""The command line: analysts' way in.

Exit codes: 0 done; 1 a metric failed, or a standard is not met; 2 a mistake of the user's, told in
words; 70 a fault of satcore itself, or one of a plugin that it could not contain; 130 stopped by
Ctrl-C.
"""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from typing import Final

import click

from satcore import __version__
from satcore.cli.wording import visible
from satcore.errors import ProblemsError, SatcoreError, near

USER_MISTAKE: Final = 2
OWN_FAULT: Final = 70
STOPPED: Final = 130

#: click completes commands where a shell has set it.
COMPLETE_VARIABLE: Final = "_SATCORE_COMPLETE"

#: Set it to see where a fault of satcore's own arose.
TRACEBACK_VARIABLE: Final = "SATCORE_TRACEBACK"


#: The commands, in the order of their help, and the module that each is in.
COMMANDS: Final[Mapping[str, str]] = {
    "init": "init",
    "run": "run",
    "validate": "validate",
    "check": "check",
    "compare": "compare",
    "merge": "saving",
    "plot": "plot",
    "sample-size": "sample_size",
    "simulate": "simulate",
    "demo": "demo",
    "metrics": "listing",
    "instruments": "instruments",
    "plugins": "listing",
}


class _Commands(click.Group):
    """Commands whose modules are imported when they are asked for: starting takes half the time."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"satcore.cli.{COMMANDS[cmd_name]}")
        there = (one for one in vars(module).values() if isinstance(one, click.Command))
        return next(one for one in there if one.name == cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            ctx.fail(f"there is no command {name!r}{near(name, COMMANDS)}")
        return super().resolve_command(ctx, args)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="satcore")
def cli() -> None:
    """Measure satisfaction: metrics as plugins, every number with an honest interval."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and leave with its exit code. No traceback reaches the user."""
    _mend_streams()
    out = sys.stdout
    code: object
    try:
        code = cli.main(
            list(arguments) if arguments is not None else None, "satcore", standalone_mode=False
        )
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        code = USER_MISTAKE
    except (click.Abort, KeyboardInterrupt):
        _say("stopped")
        code = STOPPED
    except SatcoreError as error:
        _tell(error)
        code = USER_MISTAKE
    except BrokenPipeError:
        # The reader of a pipe has gone, as `head` does: nobody is left to be told.
        code = 0
    except SystemExit as error:
        # click leaves so where it met the broken pipe itself: then it has put something else in
        # the place of standard output.
        code = 0
        if sys.stdout is out and COMPLETE_VARIABLE not in os.environ:
            _say(
                f"error: something tried to leave with SystemExit: {error.code}. satcore doesn't, "
                "so it was a plugin; `satcore plugins` lists them"
            )
            code = OWN_FAULT
    except OSError as error:
        place = f"{error.filename}:" if error.filename else "output can't be written:"
        _say(f"error: {place} {error.strerror or error}")
        code = USER_MISTAKE
    except Exception as error:
        if os.environ.get(TRACEBACK_VARIABLE):
            raise
        _say(
            f"error: satcore itself failed: {type(error).__name__}: {error}. This is a fault of "
            f"satcore or a plugin, not yours. {TRACEBACK_VARIABLE}=1 shows where it arose; please "
            "report it with that"
        )
        code = OWN_FAULT
    _close_output()
    sys.exit(code if isinstance(code, int) else 0)


def _mend_streams() -> None:
    """Make the standard streams take any text.

    One that was closed is None, and one in another encoding than UTF-8 refuses most labels.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, io.TextIOWrapper(io.BytesIO(), "utf-8"))
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _tell(error: SatcoreError) -> None:
    problems = error.problems if isinstance(error, ProblemsError) else (error,)
    if len(problems) == 1:
        _say(f"error: {problems[0]}")
    else:
        _say(f"error: {len(problems)} problems")
        for number, problem in enumerate(problems, 1):
            _say(f"  {number}. {problem}")
    if error.__cause__ is not None and os.environ.get(TRACEBACK_VARIABLE):
        traceback.print_exception(error.__cause__)


def _say(text: str) -> None:
    with suppress(OSError):
        click.echo(visible(text), err=True)


def _close_output() -> None:
    """Flush what is left; where that fails, let the interpreter's own last flush go nowhere."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
