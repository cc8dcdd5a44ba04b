"""The command line: analysts' way in.

Exit codes: 0 done; 1 a metric failed; 2 a mistake of the user's, told in words; 70 a fault of
satcore itself; 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Final

import click

from satcore import __version__
from satcore.cli.demo import demo
from satcore.cli.listing import metrics, plugins
from satcore.cli.run import run
from satcore.errors import ProblemsError, SatcoreError

USER_MISTAKE: Final = 2
OWN_FAULT: Final = 70
STOPPED: Final = 130

#: Set it to see where a fault of satcore's own arose.
TRACEBACK_VARIABLE: Final = "SATCORE_TRACEBACK"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="satcore")
def cli() -> None:
    """Measure satisfaction: metrics as plugins, every number with an honest interval."""


for command in (run, demo, metrics, plugins):
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and leave with its exit code. No traceback reaches the user."""
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
    except OSError as error:
        _say(f"error: {error.filename or 'output'}: {error.strerror or error}")
        code = USER_MISTAKE
    except Exception as error:
        if os.environ.get(TRACEBACK_VARIABLE):
            raise
        _say(
            f"error: satcore itself failed: {type(error).__name__}: {error}\n"
            f"This is a fault of satcore, not yours. {TRACEBACK_VARIABLE}=1 shows where it arose; "
            "please report it with that."
        )
        code = OWN_FAULT
    _close_output()
    sys.exit(code if isinstance(code, int) else 0)


def _tell(error: SatcoreError) -> None:
    problems = error.problems if isinstance(error, ProblemsError) else (error,)
    if len(problems) == 1:
        _say(f"error: {problems[0]}")
        return
    _say(f"error: {len(problems)} problems")
    for number, problem in enumerate(problems, 1):
        _say(f"  {number}. {problem}")


def _say(text: str) -> None:
    click.echo(text, err=True)


def _close_output() -> None:
    """Flush what is left; where that fails, let the interpreter's own last flush go nowhere."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
