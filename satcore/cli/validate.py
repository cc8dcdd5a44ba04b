"""``satcore validate``: what a study's run will read, count and hold, without running it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import click
from rich.table import Table
from rich.text import Text

from satcore.cli.check import NOT_TYPED
from satcore.cli.options import found_plugins, plugin_options
from satcore.cli.output import print_bytes
from satcore.cli.progress import progress_of
from satcore.cli.run import planned, survey_options
from satcore.cli.show import console
from satcore.cli.wording import visible
from satcore.errors import listed
from satcore.pricing import Between, MetricPrice, Price, StatisticPrice, price
from satcore.room import amount

if TYPE_CHECKING:
    from rich.console import RenderableType

FORMATS: Final = ("table", "json")

#: Metrics, and packs, that a table shows; the others are counted and told.
MOST_METRICS: Final = 60
MOST_PACKS: Final = 5


@click.command()
@click.argument("files", nargs=-1, metavar="STUDY.toml [DATA]...")
@survey_options
@click.option(
    "--labels", is_flag=True, help="Read the columns of segments and wave to know the cells."
)
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="table", show_default=True,
    help="How to give the plan.",
)  # fmt: skip
@click.option("--threads", type=click.IntRange(min=1), help="Threads; all processors by default.")
@plugin_options
def validate(**given: Any) -> None:
    """Tell what a study's run will read, count and hold, and all that is wrong with it.

    No answer is counted. Leaves with 0 where the study can be run as far as can be known, with 2
    after a mistake in it, in the data's columns, or where the states can't fit into memory.
    """
    files: Sequence[str] = given["files"]
    if not files or not files[0].lower().endswith(".toml"):
        raise click.UsageError("give a study file, as `satcore validate study.toml`")
    plan = planned({**given, **NOT_TYPED}, found_plugins(given["disable"]))
    if given["labels"]:
        with progress_of(plan) as progress:
            found = price(plan, count_labels=True, threads=given["threads"], progress=progress)
    else:
        found = price(plan, threads=given["threads"])
    if given["form"] == "json":
        text = json.dumps(found.to_dict(), ensure_ascii=False, indent=1) + "\n"
        print_bytes(text.encode(errors="replace"))
        return
    out = console()
    for piece in _pieces(found):
        out.print(piece)


def _pieces(found: Price) -> Iterator[RenderableType]:
    """What is printed, piece by piece."""
    yield from _opening(found)
    yield _line("")
    yield _sets_table(found)
    yield _line("")
    yield _metrics_table(found)
    if len(found.metrics) > MOST_METRICS:
        more = len(found.metrics) - MOST_METRICS
        yield _line(f"{more} more metrics; --format json gives all of them")
    yield from _packs(found)
    yield _line("")
    yield from _state(found)
    for note in (*found.plan.survey.notes, *found.plan.notes):
        yield _line(f"note: {note}")


def _opening(found: Price) -> Iterator[RenderableType]:
    """What the study is called, and what is read of what there is."""
    plan = found.plan
    if title := plan.about.title.said("en"):
        yield _line(title, style="bold")
    rows = "rows not known before reading" if found.rows is None else f"{found.rows:,} rows"
    fragments = _counted(len(plan.survey.fragments), "fragment")
    files = f"{_counted(len(plan.inputs), 'file')}, " if plan.inputs else ""
    yield _line(f"{plan.about.data}: {files}{fragments}, {rows}")
    read = plan.columns
    weight = plan.dimensions.weight
    weighted = f"; weighted by {weight}" if weight else ""
    yield _line(
        f"reads {len(read)} of {len(plan.survey.columns)} columns: {listed(read)}{weighted}"
    )


def _sets_table(found: Price) -> Table:
    """The grouping sets that are counted; those within them follow by rolling up."""
    table = _table("grouping sets that are counted", 2, "labels", "cells", "bytes a cell", "states")
    for one in found.sets:
        table.add_row(
            _line(_set(one.names)),
            _line(" × ".join(f"{name} {_number(count)}" for name, count in one.labels.items())),
            _line(_number(one.cells)),
            f"{one.cell_bytes:,}",
            _line(_bytes(one.bytes)),
        )
    return table


def _metrics_table(found: Price) -> Table:
    """What each metric needs, one line a grouping set."""
    names = ("kind", "columns", "counted in", "statistics", "bytes a cell", "states")
    table = _table("metrics", 5, *names, first="metric")
    for one in found.metrics[:MOST_METRICS]:
        opening = (one.name, one.kind, _columns(one))
        for need in one.needs:
            table.add_row(
                *(_line(text) for text in opening),
                _line(_set(need.names)),
                _line(_statistics(need.statistics)),
                f"{need.cell_bytes:,}",
                _line(_bytes(need.bytes)),
            )
            opening = ("", "", "")
    table.caption = _line("what several metrics need is counted once, and stands at each of them")
    table.caption_justify = "left"
    return table


def _packs(found: Price) -> Iterator[RenderableType]:
    """The largest tables of columns that are counted together."""
    packs = [(one.names, pack) for one in found.sets for pack in one.packs]
    packs.sort(key=lambda one: -one[1].bytes)
    for names, pack in packs[:MOST_PACKS]:
        yield _line(
            f"pack of {_set(names)}: {listed(pack.columns, 4) or 'responses'}; "
            f"{_counted(pack.codes, 'code')} a cell for "
            f"{_counted(pack.statistics, 'statistic')}, {amount(pack.bytes)}"
        )
    if len(packs) > MOST_PACKS:
        rest = sum(pack.bytes for _, pack in packs[MOST_PACKS:])
        yield _line(f"{_counted(len(packs) - MOST_PACKS, 'smaller pack')}, {amount(rest)}")


def _state(found: Price) -> Iterator[RenderableType]:
    """What the states take, what they may take, and how to know more."""
    yield _line(
        f"states: {_bytes(found.bytes)}; while scanning with {_counted(found.threads, 'thread')} "
        f"about {_bytes(found.held)}"
    )
    yield _line(f"limit: {amount(found.limit.bytes)} of states ({found.limit.source})")
    if found.bytes.most > found.limit.bytes:
        yield _line(
            "how many labels there are decides whether the run can go on: it is refused once the "
            "cells that are found take more than the limit"
        )
    if not found.bytes.exact:
        most = found.plan.dimensions.max_cells
        yield _line(
            f"the least follows from declared labels, the most from max_cells = {most}; --labels "
            "reads the columns of segments and wave, and tells exactly"
        )


def _table(title: str, right: int, *names: str, first: str = "set") -> Table:
    """A table whose columns are numbers from the given place on."""
    table = Table(title=_line(title), title_justify="left")
    for place, name in enumerate((first, *names)):
        table.add_column(name, justify="right" if place >= right else "left", overflow="fold")
    return table


def _set(names: Sequence[str]) -> str:
    return "*".join(names) or "total"


def _columns(metric: MetricPrice) -> str:
    if len(metric.columns) <= 4:
        return ", ".join(metric.columns)
    return f"{len(metric.columns)}: {metric.columns[0]} … {metric.columns[-1]}"


def _statistics(statistics: Sequence[StatisticPrice]) -> str:
    kinds = Counter(one.kind for one in statistics)
    return ", ".join(f"{count} {kind}" for kind, count in kinds.items())


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _number(count: Between) -> str:
    return f"{count.least:,}" if count.exact else f"{count.least:,} to {count.most:,}"


def _bytes(size: Between) -> str:
    return amount(size.least) if size.exact else f"{amount(size.least)} to {amount(size.most)}"


def _line(text: str, style: str = "") -> Text:
    """One line; texts from data neither mark up nor drive a terminal."""
    return Text(visible(text), style=style)
