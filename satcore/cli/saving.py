"""States on the command line: ``--save``, ``--states``, ``--store``, and ``satcore merge``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from attrs import evolve

from satcore.cli.output import check_target
from satcore.cli.wording import visible
from satcore.errors import OutputError, listed
from satcore.evaluation import results_of
from satcore.planning import Plan
from satcore.results import Results
from satcore.saved import Saved, Store, Told, load, merge
from satcore.saved.fitting import bundle_for, placed_on
from satcore.saved.marks import Marks
from satcore.saved.states import hold_target
from satcore.scanning import Bundle

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS: Final = (
    click.option(
        "--save", metavar="FILE.satcore", help="Keep what was counted, to go on with it later."
    ),
    click.option(
        "--states", multiple=True, metavar="FILE.satcore",
        help="Evaluate saved states, or a store, without the answers; may be given again.",
    ),
    click.option(
        "--store", metavar="FOLDER",
        help="Count only files that the folder does not hold, keep them there, evaluate all.",
    ),
    click.option(
        "--replace", is_flag=True, help="With --store: count files anew that have changed."
    ),
    click.option(
        "--forget", is_flag=True, help="With --store: take out files that are not given any more."
    ),
)  # fmt: skip


def saving_options(command: Command) -> Command:
    """What is kept of a run, and what a run goes on with."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def check_saving(given: dict[str, Any]) -> None:
    """Refuse options that do not go together, and a target that can't be written.

    Raises:
        UsageError: Options that do not go together.
        OutputError: A target that can't be written, or is something else.
    """
    if given["states"] and given["store"] is not None:
        raise click.UsageError("--states evaluates what was counted; --store counts: give one")
    if given["states"] and any(not name.lower().endswith(".toml") for name in given["files"]):
        raise click.UsageError(
            "--states evaluates without the answers; leave the data files out, or add them to a "
            "store with --store"
        )
    for name in ("replace", "forget"):
        if given[name] and given["store"] is None:
            raise click.UsageError(f"--{name} belongs to --store")
    if given["save"] is not None:
        check_target(given["save"])
        hold_target(given["save"])


def states_given(given: dict[str, Any]) -> Saved | None:
    """The states that ``--states`` names, merged; None where it is not given.

    Raises:
        DataError: They can't be read or merged.
    """
    paths: Sequence[str] = given["states"]
    if not paths:
        return None
    states = merge(*map(load, paths))
    return states if len(paths) == 1 else evolve(states, name=listed(paths, 3))


def results_with(
    given: dict[str, Any], plan: Plan, states: Saved | None, scan: Callable[[Plan], Bundle]
) -> Results:
    """What a plan finds: of saved states, of a store, or of the answers.

    Raises:
        DataError: The answers or the states can't be read, or hold what they should not.
        OutputError: The states can't be written.
    """
    save, folder = given["save"], given["store"]
    bundle: Bundle | None = None
    if folder is not None:
        store = Store(folder)
        _tell(folder, store.add(plan, scan, replace=given["replace"], forget=given["forget"]))
        states = store.read()
    elif states is None and save is not None:
        marks = Marks.of(plan.survey.fragments, plan.folder)
        bundle = scan(plan)
        marks.hold(plan.survey.fragments)
        states = Saved.of(plan, bundle, name=save, marks=marks)
    if states is not None and (save is not None or folder is not None):
        _tell_unknown(states)
    if save is not None and states is not None:
        states.write(save)
        _say(f"states written to {save}")
    if states is None or bundle is not None:
        return results_of(plan, bundle or scan(plan))
    bundle = bundle_for(plan, states)
    return results_of(placed_on(plan, states), bundle)


def _tell(folder: str, told: Told) -> None:
    counts = [
        f"{len(names)} {what}"
        for names, what in (
            (told.new, "new"),
            (told.replaced, "replaced"),
            (told.known, "known"),
            (told.forgotten, "forgotten"),
            (told.left_out, "left out"),
        )
        if names
    ]
    _say(f"{folder}: {', '.join(counts) or 'nothing new'}")
    if told.left_out:
        _say(f"{folder}: {listed(told.left_out, 3)}: not every part could be read; none is kept")
    if told.removed:
        _say(
            f"{folder}: {listed(told.removed, 3)}: counted before and not among the files that "
            "were given; what was counted still counts, --forget takes it out"
        )
    if told.unfinished:
        _say(
            f"{folder}: {listed(told.unfinished, 3)}: unfinished, of a run that is writing now or "
            "was stopped; delete them when no run is writing"
        )


def _tell_unknown(states: Saved) -> None:
    unknown = [name for name, said in states.fragments.items() if said is None]
    if unknown:
        _say(
            f"{listed(unknown, 3)}: the reader tells no fingerprint, so that a change of these "
            "answers will not be told"
        )


@click.command("merge")
@click.argument("paths", nargs=-1, required=True, metavar="FILE.satcore...")
@click.option(
    "-o", "--output", required=True, metavar="FILE.satcore", help="Write the merged states there."
)
@click.option(
    "--replace", is_flag=True,
    help="Where a file of answers has changed, take the later states in place of the earlier.",
)  # fmt: skip
def merge_command(paths: tuple[str, ...], output: str, *, replace: bool) -> None:
    """Merge saved states: files, or stores.

    No answers, no study and no plugins are needed. States that were counted for different things,
    or that hold the same answers, are refused.
    """
    check_target(output)
    hold_target(output)
    twice = [path for path in paths if [*map(_real, paths)].count(_real(path)) > 1]
    if twice:
        raise OutputError(f"{twice[0]} is named twice; no answer is counted twice")
    states = merge(*map(load, paths), replace=replace)
    states.write(output)
    held = states.bundle.fragments
    _say(f"{output}: {len(held)} fragments, {sum(rows for _, rows in held)} responses")


def _real(path: str) -> Path:
    return Path(path).resolve()


def _say(text: str) -> None:
    click.echo(visible(text), err=True)
