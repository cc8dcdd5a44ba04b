"""``satcore run``: a study and its answers in, results out."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from satcore.assembling import assemble, study_of
from satcore.choosing import brought, chosen, scanned
from satcore.cli.options import (
    REPORT_HELP,
    engine_options,
    found_plugins,
    plugin_options,
    report_options,
    static_option,
)
from satcore.cli.output import (
    FORMATS,
    check_target,
    deliver,
    form_of,
    renderer_of,
    write_report,
)
from satcore.cli.progress import progress_of
from satcore.cli.saving import check_saving, results_with, saving_options, states_given
from satcore.cli.show import show
from satcore.cli.wording import visible
from satcore.engines import Engine
from satcore.errors import OutputError
from satcore.frames import ROWS
from satcore.planning import Plan
from satcore.plugins import Plugins
from satcore.results import Results
from satcore.scanning import Bundle, finished
from satcore.study import MetricTable, Study
from satcore.surveys import Survey

Command = TypeVar("Command", bound=Callable[..., Any])


def survey_options(command: Command) -> Command:
    """What is typed in place of a study's own ``[study]`` and ``[roles]``."""
    for option in reversed(_SURVEY_OPTIONS):
        command = option(command)
    return command


_SURVEY_OPTIONS: Final = (
    click.option(
        "--segment", "segments", multiple=True, metavar="COLUMN", help="A segment column."
    ),
    click.option(
        "--wave", metavar="COLUMN", help="The column of waves, or of times with --period."
    ),
    click.option(
        "--period", type=click.Choice(("day", "week", "month", "quarter", "year")),
        help="Make waves from times.",
    ),
    click.option("--weight", metavar="COLUMN", help="The column of weights."),
    click.option(
        "--by", multiple=True, metavar="SET", help="Cells to report: region, region*wave."
    ),
    click.option("--missing", multiple=True, metavar="TEXT", help='An answer that means "none".'),
    click.option(
        "--invalid", type=click.Choice(("error", "missing")), help="Answers off the scale."
    ),
    click.option("--encoding", metavar="NAME", help="Encoding of the files; found where left out."),
    click.option("--confidence", type=float, help="Level of the intervals; 0.95 by default."),
    click.option("--min-base", type=int, help="Mark cells with fewer answers; 30 by default."),
    click.option("--suppress-below", type=int, help="Withhold cells with fewer answers."),
)  # fmt: skip


@click.command()
@click.argument("files", nargs=-1, metavar="[STUDY.toml] [DATA]...")
@click.option("--metric", metavar="KIND", help="Measure this without a study file: nps.")
@click.option("--item", metavar="COLUMN", help="The metric's item, with --metric.")
@click.option(
    "--option", "options", multiple=True, metavar="KEY=VALUE",
    help="Another option of the metric, with --metric; may be given again.",
)  # fmt: skip
@survey_options
@click.option("--pairs", is_flag=True, help="Compare all pairs of segments too.")
@click.option(
    "--format", "form", type=click.Choice(FORMATS),
    help="How to give the results; the table, or what FILE of --output ends in, where left out.",
)  # fmt: skip
@click.option(
    "--rows", type=click.Choice(ROWS), default="estimates", show_default=True,
    help="Which rows CSV and Parquet hold.",
)  # fmt: skip
@click.option("-o", "--output", metavar="FILE", help="Write the results there, not to the screen.")
@click.option("--report", metavar="FILE", help=REPORT_HELP)
@static_option
@click.option("--threads", type=click.IntRange(min=1), help="Threads; all processors by default.")
@saving_options
@engine_options
@report_options
@plugin_options
@click.pass_context
def run(context: click.Context, /, **given: Any) -> None:
    """Measure a survey.

    With a study file: satcore run study.toml. Data files named after it replace the study's own.
    Without one: satcore run --metric nps --item Q1 answers.csv.
    """
    plugins = found_plugins(given["disable"])
    output = given["output"]
    form = form_of(given["form"], output)
    if form == "table" and output is not None:
        raise click.UsageError(
            "--output wants --format json, csv or parquet, or a FILE that ends in one"
        )
    if given["rows"] != "estimates" and form not in ("csv", "parquet"):
        raise click.UsageError("--rows wants --format csv or parquet; JSON holds all rows")
    if form == "parquet" and output is None:
        raise click.UsageError("--format parquet wants --output FILE")
    keep_inputs(given)
    check_saving(given)
    # What can't be written is told before the answers are read.
    if given["report"] is not None:
        check_target(given["report"])
        renderer_of(given["report"], plugins, static=given["static"])
    elif given["static"]:
        raise click.UsageError("--static wants --report FILE.html")
    if output is not None:
        check_target(output)
    engine = engine_of(given, plugins)
    states = states_given(given)
    plan = planned(given, plugins, None if states is None else states.survey, engine)
    keep_answers(given, plan)
    results = results_with(given, plan, states, lambda plan: counted(plan, engine))
    if form == "table":
        show(results)
    else:
        deliver(results, form, output, given["rows"])
    if given["report"] is not None:
        write_report(results, given["report"], given["language"], plugins, static=given["static"])
        click.echo(f"report written to {given['report']}", err=True)
    _tell_failures(results, form)
    context.exit(1 if results.failures else 0)


def keep_inputs(given: dict[str, Any]) -> None:
    """Refuse to write over what is read, or the same file twice.

    Raises:
        OutputError: A target that is a study, a file of answers, or the other target.
    """
    named = (given["output"], given["report"], given["save"])
    targets = [path for path in named if path is not None]
    inputs = {Path(name).resolve() for name in (*given["files"], *given["states"])}
    for target in targets:
        if Path(target).resolve() in inputs:
            raise OutputError(f"{target} is read by this run; write the results to another file")
    if len({Path(target).resolve() for target in targets}) < len(targets):
        raise OutputError(
            f"{targets[0]} is named twice; results, report and states need files of their own"
        )


def keep_answers(given: dict[str, Any], plan: Plan) -> None:
    """Refuse to write over the answers that a study names.

    Raises:
        OutputError: A target that is one of the files of answers.
    """
    answers = {Path(name).resolve() for name in plan.inputs}
    for target in (given["output"], given["report"], given["save"]):
        if target is not None and Path(target).resolve() in answers:
            raise OutputError(
                f"{target} holds the answers of this study; write the results to another file"
            )


def planned(
    given: dict[str, Any],
    plugins: Plugins,
    survey: Survey | None = None,
    engine: Engine | None = None,
) -> Plan:
    """The plan of what was typed; of a survey's columns where one is given."""
    study, files = asked(given)
    data: Any = survey or list(files) or None
    if data is None and engine is not None:
        data = brought(engine)
    skip = bool(given.get("skip_bad_fragments"))
    return assemble(study, data, plugins=plugins, skip_bad_fragments=skip)


def asked(given: dict[str, Any]) -> tuple[Study, Sequence[str]]:
    """The study that was typed, and the files that stand beside it.

    Raises:
        UsageError: What was typed is no study, or two.
        StudyError: The study file can't be read, or an option is wrong.
    """
    files: Sequence[str] = given["files"]
    is_study = bool(files) and files[0].lower().endswith(".toml")
    if is_study and given["metric"]:
        raise click.UsageError("give a study file or --metric, not both")
    if is_study and (given["item"] is not None or given["options"]):
        raise click.UsageError(
            "--item and --option belong to --metric; with a study file, write them in its "
            "[metrics] table"
        )
    later = [name for name in files[1:] if name.lower().endswith(".toml")]
    if later:
        raise click.UsageError(f"{later[0]}: there is one study file, and it comes first")
    if not is_study and not given["metric"]:
        raise click.UsageError(
            "give a study file, as `satcore run study.toml`, or say what to measure, as "
            "`satcore run --metric nps --item Q1 answers.csv`"
        )
    base = Study.read(files[0]) if is_study else _typed_study(given)
    wave: Any = given["wave"]
    if given["period"] is not None:
        if wave is None:
            raise click.UsageError("--period wants --wave COLUMN, the column of times")
        wave = {"time": wave, "period": given["period"]}
    more = {
        name: given[name]
        for name in ("invalid", "encoding", "min_base", "suppress_below")
        if given[name] is not None
    }
    if given["missing"]:
        more["missing"] = ["", *given["missing"]]
    if given["pairs"]:
        more["comparisons"] = [*base.study.comparisons, "pairs"]
    study = study_of(
        by=given["by"] or None,
        segments=given["segments"],
        wave=wave,
        weight=given["weight"],
        confidence=given["confidence"],
        more=more,
        base=base,
    )
    return study, files[1:] if is_study else files


def _typed_study(given: dict[str, Any]) -> Study:
    options: dict[str, Any] = {}
    if given["item"] is not None:
        options["item"] = given["item"]
    for text in given["options"]:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise click.UsageError(f"--option {text!r}: write KEY=VALUE, as interval=score")
        if name in options:
            raise click.UsageError(f"--option {text!r}: {name} is given twice")
        options[name] = _value(value)
    kind = given["metric"]
    return Study(metrics={kind.rpartition(":")[2]: MetricTable(kind=kind, options=options)})


def _value(text: str) -> Any:
    """A value as TOML would read it; anything else is a text."""
    try:
        read = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    return read["value"] if len(read) == 1 else text


def engine_of(given: dict[str, Any], plugins: Plugins) -> Engine:
    """The engine that was typed; the threads of this machine where none was."""
    name, threads = given.get("engine"), given.get("threads")
    if name is None:
        return chosen(f"local:{threads}" if threads else "local")
    if threads:
        raise click.UsageError("--threads belongs to the local engine; leave out --engine")
    return chosen(name, plugins=plugins, stream=bool(given.get("stream")))


def counted(plan: Plan, engine: Engine) -> Bundle:
    """What a plan counts, with a progress bar on a terminal."""
    with progress_of(plan) as progress:
        bundle = finished(plan, scanned(plan, engine, progress))
    for name in {**plan.skipped, **bundle.skipped}:
        click.echo(visible(f"left out, as it could not be read: {name}"), err=True)
    return bundle


def _tell_failures(results: Results, form: str) -> None:
    """On a pipe the results hold the failures; a person should see them all the same."""
    if form == "table":
        return
    for failure in results.failures:
        click.echo(
            f"failed: {failure['metric']}, {failure['cells']} cells: {failure['message']}", err=True
        )
