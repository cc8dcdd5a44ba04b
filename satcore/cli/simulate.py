"""``satcore simulate``: a synthetic survey that answers a study, its true values beside it."""

from __future__ import annotations

import datetime as dt
import json
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click
from attrs import asdict
from rich.table import Table
from rich.text import Text

from satcore import __version__
from satcore.cli.options import found_plugins, plugin_options
from satcore.cli.output import check_target, write_bytes
from satcore.cli.show import console
from satcore.cli.wording import scaled, visible
from satcore.errors import OptionError, OutputError
from satcore.instruments import expanded
from satcore.plugins import Plugins
from satcore.results import cell_text
from satcore.study import Study
from satcore.testing.simulate import Simulated, TruthRow
from satcore.testing.simulate import simulate as simulated_of
from satcore.testing.simulation.writing import check_name

#: Version of the layout of the file of ``--truth``.
SCHEMA: Final = 1

#: Cells of true values beyond which only those of the total are shown.
_SHOWN: Final = 40

#: Options that go to ``satcore.testing.simulate`` as they are.
_SETTINGS: Final = (
    "seed", "missing_rate", "not_used", "break_off", "correlation", "shift", "drift", "waves",
)  # fmt: skip


@click.command()
@click.argument("paths", nargs=-1, metavar="[STUDY.toml] OUT.parquet|OUT.csv")
@click.option("--instrument", metavar="NAME",
              help="Answer a questionnaire, as dineserv, instead of a study.")  # fmt: skip
@click.option("--mean", "means", multiple=True, metavar="[FORM.]DIMENSION=VALUE",
              help="With --instrument: a dimension's true mean; may be repeated.")  # fmt: skip
@click.option("--rows", type=click.IntRange(min=1), required=True, help="How many respondents.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True,
              help="Another seed asks other people of the same population.")  # fmt: skip
@click.option("--missing-rate", type=float, default=0.02, show_default=True,
              help="Probability that an answer is missing.")  # fmt: skip
@click.option("--not-used", type=float, default=0.0, show_default=True,
              help="Probability that a respondent leaves out a dimension.")  # fmt: skip
@click.option("--break-off", type=float, default=0.0, show_default=True,
              help="Probability that a respondent stops midway.")  # fmt: skip
@click.option("--correlation", type=float, default=0.4, show_default=True,
              help="Correlation of two questions of one dimension.")  # fmt: skip
@click.option("--shift", type=float, default=0.3, show_default=True,
              help="How far segments lie from the middle, in standard deviations.")  # fmt: skip
@click.option("--drift", type=float, default=0.0, show_default=True,
              help="What answers gain a wave, in standard deviations.")  # fmt: skip
@click.option("--waves", type=click.IntRange(min=1), default=12, show_default=True,
              help="How many waves, unless the study names them.")  # fmt: skip
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), default="2025-01-01",
              show_default=True, help="A day of the first wave.")  # fmt: skip
@click.option("--truth", metavar="FILE.json", help="Write every true value there.")
@click.option("--force", is_flag=True, help="Replace files that are there.")
@plugin_options
def simulate(
    paths: tuple[str, ...], instrument: str | None, means: tuple[str, ...], **given: Any
) -> None:
    """Simulate answers to a study, and tell what is true of the people who gave them.

    The answers look as the study says: its scales, wordings, missing codes, segments, waves,
    weights and [[keep]] columns. `satcore run STUDY OUT` measures them.

    With --instrument dineserv no study is needed: the items of the questionnaire are answered, and
    every dimension has a known mean.
    """
    if len(paths) != (2 if instrument is None else 1):
        raise click.UsageError(
            "name a study file and the file to write, as STUDY.toml OUT.csv, or the questionnaire "
            "and the file to write, as --instrument dineserv OUT.csv"
        )
    if means and instrument is None:
        raise click.UsageError(
            "--mean is the mean of a questionnaire's dimension; name it, as --instrument dineserv"
        )
    out, study = paths[-1], None if instrument is not None else paths[0]
    _check_targets(study, out, given["truth"], force=given["force"])
    plugins = found_plugins(given["disable"])
    if study is None:
        _answer(instrument or "", out, means, given, plugins)
        return
    survey = _simulated(study, given, plugins)
    survey.write(out)
    click.echo(
        f"{survey.rows} responses, {len(survey.columns)} columns written to {visible(out)}",
        err=True,
    )
    if given["truth"] is not None:
        write_bytes(given["truth"], _truth_json(study, survey))
        click.echo(f"true values written to {visible(given['truth'])}", err=True)
    _show_truth(survey, plugins, study, whole=given["truth"])


def _simulated(study: str, given: dict[str, Any], plugins: Plugins) -> Simulated:
    with _told_by_option():
        return simulated_of(
            Study.read(study), given["rows"], plugins=plugins, **_settings_of(given)
        )


def _settings_of(given: dict[str, Any]) -> dict[str, Any]:
    start: dt.datetime = given["start"]
    return {**{name: given[name] for name in _SETTINGS}, "start": start.date()}


@contextmanager
def _told_by_option() -> Iterator[None]:
    """Tell a setting that can't be as the option that it was given by."""
    try:
        yield
    except OptionError as error:
        option = error.option.replace("_", "-")
        raise click.BadParameter(error.message, param_hint=f"--{option}") from None


def _answer(
    instrument: str, out: str, means: tuple[str, ...], given: dict[str, Any], plugins: Plugins
) -> None:
    """Answer a questionnaire, and tell the means of its dimensions."""
    from satcore.testing.instruments import simulate_instrument

    with _told_by_option():
        made = simulate_instrument(
            instrument,
            given["rows"],
            means=dict(map(_mean, means)),
            plugins=plugins,
            **_settings_of(given),
        )
    made.survey.write(out)
    columns = len(made.survey.columns)
    click.echo(
        f"{made.survey.rows} responses, {columns} columns written to {visible(out)}", err=True
    )
    if given["truth"] is not None:
        write_bytes(given["truth"], _truth_json(f"instrument {instrument}", made.survey))
        click.echo(f"true values written to {visible(given['truth'])}", err=True)
    _show_means(made.means)
    name = next(iter(made.study.metrics))
    click.echo(
        f'next: a study that says [metrics.{name}] instrument = "{instrument}", and '
        f"satcore run STUDY.toml {shlex.quote(visible(out))}"
    )


def _mean(written: str) -> tuple[str, float]:
    """A mean of ``--mean``, by the dimension it is for."""
    name, _, value = written.partition("=")
    try:
        return name.strip(), float(value)
    except ValueError:
        raise OptionError("mean", f"{written!r} is not as tangibles=5.5") from None


def _show_means(means: Mapping[str, Mapping[str, float]]) -> None:
    """The true means of a questionnaire's dimensions."""
    table = Table(title="true means", title_justify="left")
    table.add_column("dimension")
    for form in means:
        table.add_column(form, justify="right")
    for dimension in next(iter(means.values())):
        numbers = (Text(f"{groups[dimension]:.2f}") for groups in means.values())
        table.add_row(Text(visible(dimension)), *numbers)
    console().print(table)


def _check_targets(study: str | None, out: str, truth: str | None, *, force: bool) -> None:
    """Tell what can't be written before anything is made.

    Raises:
        OutputError: A target that can't be written, is there already, is the study, or the other.
    """
    check_name(out)
    targets = [out] if truth is None else [out, truth]
    for target in targets:
        check_target(target)
        if study is not None and Path(target).resolve() == Path(study).resolve():
            raise OutputError(f"{target} is the study; write to another file")
        if Path(target).exists() and not force:
            raise OutputError(f"{target} is there already; --force replaces it")
    if truth is not None and Path(truth).resolve() == Path(out).resolve():
        raise OutputError(f"{out} is named twice; answers and true values need files of their own")


def _truth_json(study: str, survey: Simulated) -> bytes:
    """Everything that is known of the people, as JSON."""
    settings = asdict(survey.settings)
    told = {
        "satcore": __version__,
        "schema": SCHEMA,
        "study": Path(study).name,
        "rows": survey.rows,
        "seed": survey.seed,
        "population": survey.population,
        "settings": {**settings, "start": settings["start"].isoformat()},
        "truth": list(survey.truth),
        "shares": {item: survey.shares(item) for item in survey.questions},
    }
    return (json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def _show_truth(survey: Simulated, plugins: Plugins, study: str, whole: str | None) -> None:
    """The true values of the metrics' primary terms."""
    primary = _primary_terms(plugins, study)
    rows = [row for row in survey.truth if row["term"] == primary.get(row["metric"])]
    shown = rows if len(rows) <= _SHOWN else [row for row in rows if not row["cell"]]
    table = Table(title="true values", title_justify="left")
    for name in ("metric", "item", "term", "cell", "truth"):
        table.add_column(name, justify="right" if name == "truth" else "left")
    for row in shown:
        cell = visible(cell_text(row["cell"])) or "total"
        named = (row["metric"], row["item"], row["term"], cell)
        table.add_row(*(Text(visible(text)) for text in named), Text(_said(row)))
    console().print(table)
    if len(shown) < len(rows):
        there = f"{visible(whole)} has" if whole is not None else "--truth FILE.json writes"
        click.echo(f"{len(shown)} of {len(rows)} are shown; {there} all of them and other terms")


def _said(row: TruthRow) -> str:
    number = scaled(row["value"], row["unit"])
    return number if row["label"] is None else f"{visible(row['label'])} ({number})"


def _primary_terms(plugins: Plugins, study: str) -> dict[str, str]:
    """The primary term of each metric that names one."""
    tables = expanded(Study.read(study), plugins).study.metrics
    terms = {name: plugins.metric(table.kind)[1].primary for name, table in tables.items()}
    return {name: term for name, term in terms.items() if term}
