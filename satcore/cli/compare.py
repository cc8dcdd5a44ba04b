"""``satcore compare``: what changed between two surveys, two saved states or two waves."""

from __future__ import annotations

import glob
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from attrs import evolve
from rich.table import Table
from rich.text import Text

from satcore.addresses import is_address
from satcore.changes import Change, Shift, change_columns
from satcore.cli.options import (
    REPORT_HELP,
    engine_options,
    found_plugins,
    plugin_options,
    report_options,
)
from satcore.cli.output import check_target, print_bytes, write_bytes, write_report
from satcore.cli.run import asked, engine_of, survey_options
from satcore.cli.show import console, opening, text_of
from satcore.cli.wording import scaled, visible
from satcore.comparing import Compared, compare, compare_waves
from satcore.errors import OutputError
from satcore.frames import csv_bytes
from satcore.plugins import Plugins
from satcore.saved import load, merge

if TYPE_CHECKING:
    from rich.console import RenderableType

    from satcore.study import Study

FORMATS: Final = ("table", "json", "csv")

#: Changes that the table shows; those that are shown to be one come first.
MOST_ROWS: Final = 60

#: What the report says of its headline numbers.
POOLED: Final = "numbers of all answers are of both sides together, each side's own stand by wave"

_SIGNS: Final = {"rose": "↑ rose", "fell": "↓ fell", "not shown": "– not shown", "": ""}


@click.command("compare")
@click.argument("files", nargs=-1, metavar="[STUDY.toml] BEFORE AFTER")
@click.option("--metric", metavar="KIND", help="Measure this without a study file: nps.")
@click.option("--item", metavar="COLUMN", help="The metric's item, with --metric.")
@click.option(
    "--option", "options", multiple=True, metavar="KEY=VALUE",
    help="Another option of the metric, with --metric; may be given again.",
)  # fmt: skip
@click.option(
    "--data", multiple=True, metavar="FILE",
    help="Where BEFORE and AFTER are waves: the answers, in place of the study's own.",
)  # fmt: skip
@click.option(
    "--states", multiple=True, metavar="FILE.satcore",
    help="Where they are waves: saved states that hold them; may be given again.",
)  # fmt: skip
@click.option("--names", nargs=2, metavar="BEFORE AFTER", help="What to call the sides: 2025 2026.")
@survey_options
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="table", show_default=True,
    help="How to give the changes.",
)  # fmt: skip
@click.option("-o", "--output", metavar="FILE", help="Write them there, not to the screen.")
@click.option("--report", metavar="FILE", help=REPORT_HELP)
@click.option("--threads", type=click.IntRange(min=1), help="Threads; all processors by default.")
@engine_options
@report_options
@plugin_options
@click.pass_context
def compare_command(context: click.Context, /, **given: Any) -> None:
    """Hold two surveys against each other: what changed, by how much, how surely.

    BEFORE and AFTER are files of answers, saved states (FILE.satcore or a store), or two waves of
    the study: satcore compare study.toml 2026-01 2026-02.
    """
    form, output, report = given["form"], given["output"], given["report"]
    if form == "table" and output is not None:
        raise click.UsageError("--output wants --format json or csv")
    plugins = found_plugins(given["disable"])
    study, sides = asked({**given, "pairs": False})
    if len(sides) != 2:
        raise click.UsageError(
            f"two sides are compared, and there {'is' if len(sides) == 1 else 'are'} "
            f"{len(sides) or 'none'}: name a file before and a file after, or two waves"
        )
    _keep_inputs(given, sides)
    for target in (output, report):
        if target is not None:
            check_target(target)
    if report is not None:
        plugins.report(report)
    compared = _compared(study, sides[0], sides[1], given, plugins)
    if form == "table":
        out = console()
        for piece in rendered(compared):
            out.print(piece)
    else:
        data = _encoded(compared, form)
        write_bytes(output, data) if output is not None else print_bytes(data)
    if report is not None:
        # A page has no column for each side: its headline numbers are easily taken for the later.
        results = compared.results
        told = evolve(results, notes=(*results.notes, POOLED))
        write_report(told, report, given["language"], plugins)
        click.echo(f"report written to {report}", err=True)
    context.exit(1 if compared.results.failures else 0)


def _keep_inputs(given: dict[str, Any], sides: Sequence[str]) -> None:
    """Refuse to write over what is read, or the same file twice.

    Raises:
        OutputError: A target that is read, or the other target.
    """
    named = [given[name] for name in ("output", "report") if given[name] is not None]
    inputs = (*given["files"], *sides, *given["data"], *given["states"])
    read = {Path(name).resolve() for name in inputs}
    for target in named:
        if Path(target).resolve() in read:
            raise OutputError(f"{target} is read by this run; write the results to another file")
    if len(named) == 2 and Path(named[0]).resolve() == Path(named[1]).resolve():
        raise OutputError(f"{named[0]} is named twice; results and report need files of their own")


def _compared(
    study: Study, before: str, after: str, given: dict[str, Any], plugins: Plugins
) -> Compared:
    """The comparison of what was typed: of files where both are there, else of waves."""
    more: dict[str, Any] = {"engine": engine_of(given, plugins), "plugins": plugins}
    skip = bool(given.get("skip_bad_fragments"))
    there = [_is_there(one) for one in (before, after)]
    wave = study.roles.wave is not None
    if any(there) or not wave:
        if given["data"] or given["states"]:
            option = "--data" if given["data"] else "--states"
            raise click.UsageError(f"{option} belongs to two waves; {before} is a file of answers")
        if wave and not all(there):
            lost = after if there[0] else before
            raise click.UsageError(
                f"one side is a file and the other, {lost!r}, is none; name two files, or two waves"
            )
        return compare(study, before, after, names=given["names"], skip_bad_fragments=skip, **more)
    if given["names"]:
        raise click.UsageError("--names belongs to two files; waves have their names")
    if given["data"] and given["states"]:
        raise click.UsageError("--data and --states: give one")
    data: Any = list(given["data"]) or None
    if given["states"]:
        data = merge(*map(load, given["states"]))
    return compare_waves(study, before, after, data, skip_bad_fragments=skip, **more)


def _is_there(name: str) -> bool:
    """Whether a name is that of a file, a folder or an address, or a pattern of files."""
    return is_address(name) or glob.has_magic(name) or Path(name.partition("#")[0]).exists()


def _encoded(compared: Compared, form: str) -> bytes:
    if form == "json":
        text = json.dumps(compared.to_dict(), ensure_ascii=False, indent=1, allow_nan=False)
        return (text + "\n").encode()
    return csv_bytes(change_columns(compared.changes, compared.results.about.segments))


# --- The table


def rendered(compared: Compared) -> Iterator[RenderableType]:
    """What is printed, piece by piece."""
    results = compared.results
    yield from opening(results)
    changes = [one for one in compared.changes if one.direction]
    shown = [one for one in changes if one.direction in ("rose", "fell")]
    level = f"{100 * results.about.confidence:g}%"
    yield text_of("")
    yield text_of(
        f"{_counted(len(changes), 'number')} on both sides; {len(shown)} changed by more than "
        f"chance explains ({level}, Holm's adjustment within each group of cells)"
    )
    if changes:
        yield _table(compared, _most_telling(changes))
    if left_out := len(changes) - min(len(changes), MOST_ROWS):
        yield text_of(f"{left_out} more; --format csv or json gives all of them")
    untold = len(compared.changes) - len(changes)
    if untold:
        yield text_of(f"{_counted(untold, 'number')} can't be compared: --format csv says why")
    yield from _standards(compared)
    if results.notes:
        yield text_of("")
    for note in results.notes:
        yield text_of(f"note: {note}")
    for failure in results.failures:
        where = f"{failure['metric']}, {failure['cells']} cells"
        yield text_of(f"failed: {where}: {failure['message']}", style="red")


def _most_telling(changes: Sequence[Change]) -> list[Change]:
    """The changes that there is room for: those that are shown, then the smallest p, in order."""

    def place(number: int) -> tuple[bool, float, int]:
        one = changes[number]
        p = 1.0 if one.p_adjusted is None else one.p_adjusted
        return one.direction == "not shown", p, number

    chosen = sorted(sorted(range(len(changes)), key=place)[:MOST_ROWS])
    return [changes[number] for number in chosen]


def _table(compared: Compared, changes: Sequence[Change]) -> Table:
    title = Text(f"From {visible(compared.before)} to {visible(compared.after)}")
    table = Table(title=title, title_justify="left")
    for name in ("metric", "item", "term", "cell"):
        table.add_column(name, overflow="fold")
    for name in ("before", "after", "difference", "p"):
        table.add_column(name, justify="right", overflow="fold")
    table.add_column("change", no_wrap=True)
    last = ""
    for one in changes:
        if last and one.metric != last:
            table.add_section()
        table.add_row(
            Text(visible(one.metric) if one.metric != last else ""),
            Text(visible(one.item)),
            Text(visible(one.term)),
            Text(visible(_cell(one, compared))),
            _number(one.before, one.unit),
            _number(one.after, one.unit),
            _difference(one),
            _p(one.p_adjusted),
            Text(_SIGNS[one.direction]),
        )
        last = one.metric
    return table


def _cell(one: Change | Shift, compared: Compared) -> str:
    about = compared.results.about
    told = (f"{axis} {about.label(axis, label)}" for axis, label in one.cell.items())
    return ", ".join(told) or "all"


def _number(value: float | None, unit: str) -> str:
    return "–" if value is None else scaled(value, unit)


def _difference(one: Change) -> str:
    if one.difference is None:
        return "–"
    factor = 100.0 if one.unit == "proportion" else 1.0
    digits = 1 if one.unit in ("proportion", "points") else 2
    told = f"{factor * one.difference:+.{digits}f}"
    if one.ci_low is None or one.ci_high is None:
        return told
    return f"{told} [{factor * one.ci_low:.{digits}f}, {factor * one.ci_high:.{digits}f}]"


def _p(p: float | None) -> str:
    if p is None:
        return ""
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def _standards(compared: Compared) -> Iterator[RenderableType]:
    if not compared.shifts:
        return
    table = Table(title=Text("Service standards"), title_justify="left")
    table.add_column("standard", overflow="fold")
    table.add_column("cell", overflow="fold")
    table.add_column("before", justify="right")
    table.add_column("after", justify="right")
    table.add_column("what became of it", overflow="fold")
    for one in compared.shifts[:MOST_ROWS]:
        table.add_row(
            Text(visible(one.standard)),
            Text(visible(_cell(one, compared))),
            _number(one.value_before, one.unit),
            _number(one.value_after, one.unit),
            Text(one.shift),
        )
    yield text_of("")
    yield table
    if len(compared.shifts) > MOST_ROWS:
        yield text_of(f"{len(compared.shifts) - MOST_ROWS} more; --format json gives all of them")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
