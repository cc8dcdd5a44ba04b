"""``satcore plot``: one picture of one metric, as SVG or PNG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from attrs import evolve

from satcore.cli.options import found_plugins, plugin_options, report_options
from satcore.cli.output import check_target, print_bytes, write_bytes
from satcore.cli.run import (
    counted,
    engine_of,
    keep_answers,
    keep_inputs,
    planned,
    survey_options,
)
from satcore.cli.wording import visible
from satcore.drawing import FORMS, Form, draw
from satcore.errors import OutputError, PluginError, listed, near
from satcore.evaluation import results_of
from satcore.hookspecs import ReportSpec
from satcore.metrics import Chart
from satcore.plugins import Plugins
from satcore.results import Measured, Results, Table

#: What `satcore run` can be told and this command can't: there is always a study file.
NOT_TYPED: dict[str, Any] = {"metric": None, "item": None, "options": (), "pairs": False}


@click.command()
@click.argument("study", metavar="STUDY.toml")
@click.argument("metric")
@click.argument("data", nargs=-1, metavar="[DATA]...")
@click.option("--item", metavar="ITEM", help="Draw this item alone: a feature, a dimension.")
@click.option(
    "--chart", type=click.IntRange(min=1), default=1, show_default=True,
    help="Which of the metric's pictures, by its number in --list.",
)  # fmt: skip
@click.option("--list", "listing", is_flag=True, help="List the pictures there are; draw none.")
@click.option(
    "-o", "--output", metavar="FILE",
    help="Write the picture there, FILE.svg or FILE.png; else SVG on standard output.",
)  # fmt: skip
@survey_options
@click.option("--threads", type=click.IntRange(min=1), help="Threads; all processors by default.")
@report_options
@plugin_options
@click.pass_context
def plot(context: click.Context, /, **given: Any) -> None:
    """Draw a picture of a metric, as it stands in the report.

    METRIC is its name in the study. Data files named after it replace the study's own.
    """
    study, output = given["study"], given["output"]
    if not study.lower().endswith(".toml"):
        raise click.UsageError("give a study file and a metric, as `satcore plot study.toml nps`")
    form = _form(output)
    files = (study, *given["data"])
    plugins = found_plugins(given["disable"])
    targets = {"output": output, "report": None, "save": None}
    keep_inputs({**targets, "files": files, "states": ()})
    if output is not None:
        check_target(output)
    plan = planned({**given, **NOT_TYPED, "files": files}, plugins)
    keep_answers(targets, plan)
    names = [one.measured.name for one in plan.measures]
    if given["metric"] not in names:
        metric = given["metric"]
        raise click.UsageError(
            f"the study has no metric {metric!r}{near(metric, names)}; it has {listed(names)}"
        )
    results = results_of(plan, counted(plan, engine_of(given, plugins)))
    found = results[given["metric"]].measured
    language, item = given["language"], given["item"]
    if item is None:
        charts = _charts(results, found, language, plugins)
    else:
        charts = _charts_of_item(results, found, item, language, plugins)
    if given["listing"]:
        for number, chart in enumerate(charts, 1):
            click.echo(f"{number}. {visible(chart.title)}")
        context.exit(0)
    failed = [row for row in results.failures if row["metric"] == found.name]
    for row in failed:
        told = f"failed: {row['metric']}, {row['cells']} cells: {row['message']}"
        click.echo(visible(told), err=True)
    _deliver(draw(_chosen(charts, given["chart"], found), form), output)
    context.exit(1 if failed else 0)


def _form(path: str | None) -> Form:
    """What a file's name asks for."""
    if path is None:
        return "svg"
    suffix = Path(path).suffix.lower().removeprefix(".")
    if suffix not in FORMS:
        raise click.UsageError(f"{path!r}: a picture is a FILE.svg or a FILE.png")
    return suffix


def _charts_of_item(
    results: Results, found: Measured, item: str, language: str, plugins: Plugins
) -> list[Chart]:
    """The pictures of one item; plain ones where the metric has several.

    A metric's own pictures show its items side by side, and would say of the others that nobody
    had answered them.

    Raises:
        OutputError: The metric has no such item; with those that it has.
    """
    items = list(dict.fromkeys(row["item"] for row in results.rows(found.name)))
    if item not in items:
        there = f"it has {listed(items)}" if any(items) else "it has none"
        raise OutputError(
            f"the metric {found.name!r} has no item {item!r}{near(item, items)}; {there}"
        )

    if len(items) == 1:
        return _charts(results, found, language, plugins)
    table = results.estimates
    rows = [row for row in table.rows() if (row["metric"], row["item"]) == (found.name, item)]
    alone = Table({name: [row[name] for row in rows] for name in table.columns})
    charts = _plain_charts(evolve(results, estimates=alone), found, language, plugins)
    asked = results.about.questions.get(item)
    name = found.metric.item_title(item, language) or (asked.said(language) if asked else item)
    colon = "：" if language == "zh" else ": "
    return [evolve(chart, title=f"{chart.title}{colon}{name}") for chart in charts]


def _charts(results: Results, found: Measured, language: str, plugins: Plugins) -> list[Chart]:
    """The metric's own pictures; plain ones, as a report has them, where it has none."""
    charts: list[Chart] = []
    try:
        charts = list(found.metric.charts(results, found.name, language))
    except Exception as error:  # noqa: BLE001 - a plugin may raise anything
        click.echo(
            f"the pictures of {found.name!r} failed ({type(error).__name__}: "
            f"{visible(str(error))}); a plain one is drawn instead",
            err=True,
        )
    return charts or _plain_charts(results, found, language, plugins)


def _plain_charts(
    results: Results, found: Measured, language: str, plugins: Plugins
) -> list[Chart]:
    """The pictures that a report has for any metric; none where no report has any."""
    for spec in plugins.reports():
        if spec.plain_charts is not None and language in spec.languages:
            return _plain(spec, results, found, language)
    return []


def _plain(spec: ReportSpec, results: Results, found: Measured, language: str) -> list[Chart]:
    if spec.plain_charts is None:
        return []
    try:
        return list(spec.plain_charts(results, found.name, language))
    except Exception as error:
        raise PluginError(
            f"the plain pictures of the report {spec.name!r} failed: {type(error).__name__}: "
            f"{error}; `satcore plugins` shows which plugin offers it"
        ) from error


def _chosen(charts: Sequence[Chart], number: int, found: Measured) -> Chart:
    if not charts:
        raise OutputError(f"there is nothing to draw of {found.name!r}: it has no number to show")
    if number > len(charts):
        there = f"{len(charts)} pictures" if len(charts) > 1 else "one picture"
        raise OutputError(
            f"--chart {number}: {found.name!r} has {there}; --list tells what they show"
        )
    return charts[number - 1]


def _deliver(data: bytes, path: str | None) -> None:
    if path is None:
        print_bytes(data)
    else:
        write_bytes(path, data)
        click.echo(f"picture written to {path}", err=True)
