"""``satcore check``: do the answers meet the study's service standards?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import click

from satcore.cli.junit import junit
from satcore.cli.options import (
    REPORT_HELP,
    engine_options,
    found_plugins,
    plugin_options,
    report_options,
    static_option,
)
from satcore.cli.output import (
    check_target,
    encoded,
    print_bytes,
    renderer_of,
    write_bytes,
    write_report,
)
from satcore.cli.run import (
    counted,
    engine_of,
    keep_answers,
    keep_inputs,
    planned,
    survey_options,
)
from satcore.cli.saving import check_saving, results_with, saving_options, states_given
from satcore.cli.show import show_standards
from satcore.cli.standards import cell, sentence, summary
from satcore.cli.wording import visible
from satcore.results import Results, StandardRow

FORMATS: Final = ("table", "json", "junit")

#: Cells that are named on standard error.
MOST_TOLD: Final = 20

#: What `satcore run` can be told and this command can't: there is always a study file.
NOT_TYPED: Final[dict[str, Any]] = {"metric": None, "item": None, "options": (), "pairs": False}

_EXAMPLE: Final = """\
the study has no standards to check; add one, as

[[standards]]
metric   = "{metric}"
at_least = 30"""


@click.command()
@click.argument("files", nargs=-1, metavar="STUDY.toml [DATA]...")
@survey_options
@click.option(
    "--strict", is_flag=True, help="Leave with 1 too where a standard is neither met nor refuted."
)
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="table", show_default=True,
    help="How to give the outcomes.",
)  # fmt: skip
@click.option("-o", "--output", metavar="FILE", help="Write them there, not to the screen.")
@click.option("--report", metavar="FILE", help=REPORT_HELP)
@click.option("--threads", type=click.IntRange(min=1), help="Threads; all processors by default.")
@saving_options
@engine_options
@static_option
@report_options
@plugin_options
@click.pass_context
def check(context: click.Context, /, **given: Any) -> None:
    """Hold a survey against its service standards.

    The study file says what is asked, in [[standards]]. Leaves with 0 where nothing is refuted, 1
    where a standard is not met or its metric failed (--strict: or is not shown), 2 after a mistake.
    """
    form, output, report = given["form"], given["output"], given["report"]
    files: Sequence[str] = given["files"]
    if not files or not files[0].lower().endswith(".toml"):
        raise click.UsageError(
            "give a study file with [[standards]], as `satcore check study.toml`"
        )
    if form == "table" and output is not None:
        raise click.UsageError("--output wants --format json or junit")
    plugins = found_plugins(given["disable"])
    keep_inputs(given)
    check_saving(given)
    if report is not None:
        check_target(report)
        renderer_of(report, plugins, static=given["static"])
    elif given["static"]:
        raise click.UsageError("--static wants --report FILE.html")
    if output is not None:
        check_target(output)
    engine = engine_of(given, plugins)
    states = states_given(given)
    survey = None if states is None else states.survey
    plan = planned({**given, **NOT_TYPED}, plugins, survey, engine)
    keep_answers(given, plan)
    if not plan.standards:
        raise click.UsageError(_EXAMPLE.format(metric=plan.measures[0].measured.name))
    results = results_with(given, plan, states, lambda plan: counted(plan, engine))
    rows = results.standard_rows()
    if form == "table":
        show_standards(results)
    else:
        strict = given["strict"]
        data = junit(results, strict=strict) if form == "junit" else encoded(results, form)
        write_bytes(output, data) if output is not None else print_bytes(data)
    if report is not None:
        write_report(results, report, given["language"], plugins, static=given["static"])
        click.echo(f"report written to {report}", err=True)
    _tell(rows, results, in_table=form == "table")
    context.exit(int(any(_stops(row, strict=given["strict"]) for row in rows)))


def _stops(row: StandardRow, *, strict: bool) -> bool:
    """Whether a row is a reason to leave with 1."""
    if row["outcome"] == "not_met" or row["status"] == "error":
        return True
    return strict and row["outcome"] == "not_shown"


def _tell(rows: Sequence[StandardRow], results: Results, *, in_table: bool) -> None:
    """On standard error: failures always, and what is not met where no table says so."""
    failed = Counter((row["standard"], row["message"]) for row in rows if row["status"] == "error")
    for (standard, message), cells in failed.items():
        _say(f"failed: {standard}, {cells} cells: {message}")
    if in_table:
        return
    unmet = [row for row in rows if row["outcome"] == "not_met"]
    for row in unmet[:MOST_TOLD]:
        _say(f"{row['standard']}: {cell(row, results.about)}: {sentence(row)}")
    if len(unmet) > MOST_TOLD:
        _say(f"and {len(unmet) - MOST_TOLD} more that are not met")
    _say(summary(rows))


def _say(text: str) -> None:
    click.echo(visible(text), err=True)
