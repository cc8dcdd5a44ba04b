"""Which engine: by name, as an object, or an executor; and whether it counted everything once."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from typing import Any

from satcore.engines import Engine, LocalEngine
from satcore.errors import EngineError, PluginError, Problem, StudyError, listed
from satcore.hookspecs import EngineRequest
from satcore.planning import Plan
from satcore.plugins import Plugins
from satcore.scanning import Bundle, Progress
from satcore.statistics import Rows
from satcore.surveys import Survey
from satcore.workers import ExecutorEngine, ProcessEngine

#: The engines of the core, and what a number after their name says.
CORE_ENGINES: Mapping[str, Any] = {"local": LocalEngine, "processes": ProcessEngine}


def chosen(
    engine: Engine | Executor | str, *, plugins: Plugins | None = None, stream: bool = False
) -> Engine:
    """The engine that is meant.

    Args:
        engine: A name, an address after a colon where the engine takes one; an engine; or an
            executor.
        plugins: The plugins that may offer it; the installed ones where None.
        stream: Whether an engine of a database may read answers out of it.

    Raises:
        StudyError: There is no such engine.
        EngineError: It can't be had, as its extra is not installed.
    """
    if isinstance(engine, Executor):
        return ExecutorEngine(engine)
    if not isinstance(engine, str):
        if not callable(getattr(engine, "scan", None)):
            raise StudyError(
                [
                    Problem(
                        "engine",
                        f"{type(engine).__name__} is no engine; give a name, an executor of "
                        "concurrent.futures, or an object with scan(plan, progress)",
                    )
                ]
            )
        return engine
    name, _, address = engine.partition(":")
    if name in CORE_ENGINES:
        return _core(name, address)
    try:
        spec = (plugins or Plugins.found()).engine(name, CORE_ENGINES)
    except PluginError as error:
        raise StudyError([Problem("engine", str(error))]) from None
    opened: Engine = spec.open(EngineRequest(address=address, stream=stream))
    return opened


def _core(name: str, address: str) -> Engine:
    """An engine of the core, with a number of threads or processes."""
    kind = CORE_ENGINES[name]
    if not address:
        made: Engine = kind()
        return made
    if not (address.isascii() and address.isdigit() and int(address) > 0):
        what = "threads" if name == "local" else "processes"
        message = f"{address!r} is no number of {what}; write {name}:4"
        raise StudyError([Problem("engine", message)])
    counted: Engine = kind(int(address))
    return counted


def brought(engine: Engine) -> Survey | None:
    """The answers that an engine brings itself: those of a table of its database."""
    survey = getattr(engine, "survey", None)
    found: Survey | None = survey() if callable(survey) else None
    return found


def scanned(plan: Plan, engine: Engine, progress: Progress | None = None) -> Bundle:
    """What an engine counts, held against the plan's fragments.

    Raises:
        SatcoreError: As the engine.
        EngineError: Rows were lost, or counted twice.
    """
    bundle = engine.scan(plan, progress)
    hold_rows(plan, bundle, type(engine).__name__)
    return bundle


def hold_rows(plan: Plan, bundle: Bundle, engine: str) -> None:
    """Hold the rows that were counted against those of the fragments.

    Args:
        plan: The plan.
        bundle: What was counted.
        engine: Who counted, for the message.

    Raises:
        EngineError: A fragment was left out in silence, is not the survey's, or has other rows;
            or the states hold other rows than were read.
    """
    wanted = {one.id: one.rows for one in plan.survey.fragments if one.id not in bundle.skipped}
    counted = dict(bundle.fragments)
    wrong: list[str] = []
    lost = [name for name in wanted if name not in counted]
    if lost:
        wrong.append(f"not counted: {listed(lost, 6)}")
    foreign = [name for name in counted if name not in wanted]
    if foreign or len(counted) < len(bundle.fragments):
        several = foreign or [name for name, _ in bundle.fragments]
        wrong.append(f"counted, but no fragments of the survey: {listed(several, 6)}")
    wrong += [
        f"{name}: {counted[name]} rows counted of {rows}"
        for name, rows in wanted.items()
        if rows is not None and name in counted and counted[name] != rows
    ]
    total, intake = sum(rows for _, rows in bundle.fragments), bundle.intake
    if intake.read != total:
        wrong.append(f"{intake.read} rows were read, but the fragments have {total}")
    for names, by_key in bundle.states.items():
        state = by_key.get(Rows().key)
        if state is not None and Rows().key not in bundle.failed:
            held = int(state.arrays["n"].sum())
            if held != intake.kept:
                where = "*".join(names) or "the total"
                wrong.append(f"{where} holds {held} rows of {intake.kept} that were kept")
    if wrong:
        raise EngineError(
            f"the engine {engine} counted other rows than there are, so that no result can be "
            f"given: {'; '.join(wrong)}"
        )
