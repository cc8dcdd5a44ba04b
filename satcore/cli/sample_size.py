"""``satcore sample-size``: how many answers a goal takes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

import attrs
import click
from rich.table import Table

from satcore import __version__
from satcore.cli.output import print_bytes
from satcore.cli.show import console
from satcore.errors import OptionError
from satcore.sample_size import (
    Conditions,
    SampleSize,
    mean_change,
    mean_margin,
    mean_target,
    nps_change,
    nps_margin,
    nps_target,
    share_change,
    share_margin,
    share_target,
)

Command = TypeVar("Command", bound=Callable[..., Any])

SCHEMA: Final = 1

#: Options whose name in Python is another than on the command line.
_TYPED: Final = {"start": "from", "margin": "margin-of-error"}


def fraction(text: str) -> float:
    """A share as it is typed: 0.85 or 85%. Its range is for what it stands for to check."""
    number = text.strip().replace("％", "%")
    try:
        value = float(number.removesuffix("%"))
    except ValueError:
        raise click.BadParameter(f"{text!r} is no number; write 0.85 or 85%") from None
    return value / 100 if number.endswith("%") else value


def _conditions(command: Command) -> Command:
    """The options that all goals share."""
    options = (
        click.option(
            "--confidence", type=fraction, help="Confidence of bounds, tests, intervals; 0.95."
        ),
        click.option("--power", type=fraction, help="Probability of showing what is true; 0.8."),
        click.option(
            "--two-sided/--one-sided", "two_sided", default=None,
            help="Test both directions, or one; changes are tested two-sided, targets one-sided.",
        ),
        click.option(
            "--design-effect", type=float, help="What weights and clusters cost (Kish); 1."
        ),
        click.option("--response-rate", type=fraction, help="The part of the invited who answer."),
        click.option(
            "--cells", type=int, help="Cells that are held to the confidence together; 1."
        ),
        click.option(
            "--format", "form", type=click.Choice(("table", "json")), default="table",
            show_default=True, help="How to give the result.",
        ),
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


@click.group(name="sample-size")
def sample_size() -> None:
    """Tell how many answers show a target or a change, or make an interval narrow."""


@sample_size.command()
@click.option("--expect", type=fraction, help="The share that is thought to be true.")
@click.option("--target", type=fraction, help="Show that the share is above it, or below it.")
@click.option("--from", "start", type=fraction, help="The share before a change.")
@click.option("--change", type=fraction, help="Show a change by this: 0.05, or -5%.")
@click.option("--ratio", type=float, help="Second sample's answers for one of the first; 1.")
@click.option("--margin-of-error", "margin", type=fraction, help="Know the share to ± this.")
@_conditions
def share(**given: Any) -> None:
    """Answers for a share.

    \b
    satcore sample-size share --expect 0.85 --target 0.80
    satcore sample-size share --from 0.80 --change 0.05
    satcore sample-size share --margin-of-error 0.03
    """  # noqa: D301 - click wants the control character itself
    _answer(
        given,
        target=(share_target, ("expect", "target")),
        change=(share_change, ("start", "change", "ratio?")),
        margin=(share_margin, ("margin", "expect?")),
    )


@sample_size.command()
@click.option("--sd", type=float, required=True, help="Standard deviation of the answers.")
@click.option("--expect", type=float, help="The mean that is thought to be true.")
@click.option("--target", type=float, help="Show that the mean is above it, or below it.")
@click.option("--change", type=float, help="Show a change by this.")
@click.option("--ratio", type=float, help="Second sample's answers for one of the first; 1.")
@click.option("--margin-of-error", "margin", type=float, help="Know the mean to ± this.")
@_conditions
def mean(**given: Any) -> None:
    """Answers for a mean.

    \b
    satcore sample-size mean --sd 1.2 --expect 4.2 --target 4
    satcore sample-size mean --sd 1.2 --change 0.3
    satcore sample-size mean --sd 1.2 --margin-of-error 0.1
    """  # noqa: D301 - click wants the control character itself
    _answer(
        given,
        target=(mean_target, ("sd", "expect", "target")),
        change=(mean_change, ("sd", "change", "ratio?")),
        margin=(mean_margin, ("sd", "margin")),
    )


@sample_size.command()
@click.option("--promoters", type=fraction, required=True, help="Their share: 0.5 or 50%.")
@click.option("--detractors", type=fraction, required=True, help="Their share: 0.2 or 20%.")
@click.option("--target", type=float, help="Show that the NPS is above it, or below it; points.")
@click.option("--change", type=float, help="Show a change by this; points.")
@click.option("--ratio", type=float, help="Second sample's answers for one of the first; 1.")
@click.option("--margin-of-error", "margin", type=float, help="Know the NPS to ± this; points.")
@_conditions
def nps(**given: Any) -> None:
    """Answers for a Net Promoter Score.

    \b
    satcore sample-size nps --promoters 0.5 --detractors 0.2 --target 25
    satcore sample-size nps --promoters 0.5 --detractors 0.2 --change 5
    satcore sample-size nps --promoters 0.5 --detractors 0.2 --margin-of-error 5
    """  # noqa: D301 - click wants the control character itself
    shares = ("promoters", "detractors")
    _answer(
        given,
        target=(nps_target, (*shares, "target")),
        change=(nps_change, (*shares, "change", "ratio?")),
        margin=(nps_margin, (*shares, "margin")),
    )


def _answer(
    given: dict[str, Any], **goals: tuple[Callable[..., SampleSize], tuple[str, ...]]
) -> None:
    """Find the goal that was typed, compute and print.

    Args:
        given: What was typed, None where nothing was.
        goals: By the option that marks the goal: its function and its options; a question mark
            stands behind one that may be left out.
    """
    form = given.pop("form")
    marks = [mark for mark in goals if given[mark] is not None]
    if len(marks) != 1:
        flags = [_flag(mark) for mark in goals]
        raise click.UsageError(
            f"give one of {', '.join(flags[:-1])} and {flags[-1]}"
            + (f"; {' and '.join(_flag(mark) for mark in marks)} are two goals" if marks else "")
        )
    function, names = goals[marks[0]]
    conditions = {field.name for field in attrs.fields(Conditions)}
    _check_options(given, marks[0], names, conditions)
    options = {name.rstrip("?"): given[name.rstrip("?")] for name in names}
    try:
        result = function(
            **{name: value for name, value in options.items() if value is not None},
            conditions=Conditions(
                **{name: given[name] for name in conditions if given[name] is not None}
            ),
        )
    except OptionError as error:
        raise click.UsageError(f"{_flag(error.option)}: {error.message}") from error
    if form == "json":
        print_bytes(_encoded(result))
    else:
        _show(result)


def _check_options(
    given: dict[str, Any], mark: str, names: tuple[str, ...], conditions: set[str]
) -> None:
    """Refuse what is missing for a goal, and what has no part in it."""
    for name in names:
        if not name.endswith("?") and given[name] is None:
            raise click.UsageError(f"{_flag(mark)} wants {_flag(name)} too")
    known = {name.rstrip("?") for name in names} | conditions
    if mark == "margin":
        known -= {"power", "two_sided"}
    for name, value in given.items():
        if value is not None and name not in known:
            raise click.UsageError(f"{_flag(name)} has no part in {_flag(mark)}; leave it out")


def _flag(name: str) -> str:
    if name == "two_sided":
        return "--two-sided/--one-sided"
    return "--" + _TYPED.get(name, name).replace("_", "-")


def _encoded(result: SampleSize) -> bytes:
    whole = {"satcore": __version__, "schema": SCHEMA, "sample_size": attrs.asdict(result)}
    return (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode()


def _show(result: SampleSize) -> None:
    for line in _lines(result):
        click.echo(line)
    level = "confidence" if result.goal == "margin" else "power"
    table = Table(title=f"answers by {level}", title_justify="left")
    heads = ("answers",) if result.second is None else ("first sample", "second sample")
    for head in (level, *heads):
        table.add_column(head, justify="right")
    for one in result.neighbours:
        sizes = (one.answers,) if one.second is None else (one.answers, one.second)
        table.add_row(_percent(one.level), *(f"{size:,}" for size in sizes))
    out = console()
    out.print()
    out.print(table)


def _lines(result: SampleSize) -> Iterator[str]:
    """The result in sentences."""
    asked = result.conditions
    yield f"{_number(result)} needed to {result.aim}."
    yield result.rule
    yield from _power(result)
    yield f"The formula alone gives {result.formula_answers:,.1f}: {result.formula}."
    if asked.cells > 1:
        yield (
            f"{asked.cells} cells, each held to {_percent(asked.cell_confidence)} so that all "
            f"together have {_percent(asked.confidence)} (Bonferroni; Holm asks for no more). The "
            "power is each cell's own."
        )
    if asked.design_effect != 1:
        yield (
            f"A design effect of {asked.design_effect:g} is counted in: {result.answers:,} answers "
            f"tell as much as {result.simple:,} of a simple random sample."
        )
    if result.invitations is not None and asked.response_rate is not None:
        yield (
            f"Invite {result.invitations:,} people, of whom {_percent(asked.response_rate)} answer."
        )
    for sentence in result.assumes:
        yield f"Assumed: {sentence}"


def _number(result: SampleSize) -> str:
    """How many, as the subject of a sentence, with its verb."""
    if result.total == 1:
        return "1 answer is"
    text = f"{result.answers:,} answers"
    if result.second == result.answers:
        text += " in each of two samples"
    elif result.second is not None:
        text += f" in the first sample and {result.second:,} in the second"
    if result.conditions.cells > 1:
        comma = "" if result.second is None else ","
        text += f"{comma} in each of {result.conditions.cells} cells"
    if result.total > result.answers:
        text += f" ({result.total:,} together)"
    return f"{text} are"


def _power(result: SampleSize) -> Iterator[str]:
    if result.goal == "margin":
        return
    wanted = _percent(result.conditions.power)
    text = f"So many answers show it with a probability (power) of {wanted}"
    if result.reached is None:
        yield f"{text}, by the formula."
        return
    text += f" or more: {_percent(result.reached)}, by {result.reached_by}"
    if result.lasting is not None:
        text += f"; no number of answers from {result.simple:,} to {result.lasting:,} has less"
    yield f"{text}."


def _percent(share: float) -> str:
    return f"{100 * share:.4g}%"
