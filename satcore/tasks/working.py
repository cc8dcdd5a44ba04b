"""What a worker does: count some fragments, merge some results, say what it lacks.

The three functions take texts and bytes and give bytes. They raise nothing that satcore can name:
an error is a result like any other, so that no executor has to carry exceptions, whose classes a
machine may lack.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, field, frozen

from satcore.errors import (
    DataError,
    EngineError,
    FragmentError,
    PluginError,
    Problem,
    ProblemsError,
    SatcoreError,
)
from satcore.planning import Plan
from satcore.saved.codec import dumps, loads
from satcore.scanning import Bundle, merge_bundles, scan_fragment
from satcore.tasks.parts import fragments_of
from satcore.tasks.texts import here, plan_of

if TYPE_CHECKING:
    import polars as pl

#: Errors by the names under which a result tells them.
_ERRORS: Final[dict[str, type[SatcoreError]]] = {
    "fragment": FragmentError,
    "data": DataError,
    "plugin": PluginError,
    "engine": EngineError,
}


@frozen(kw_only=True)
class Answer:
    """A result as it came back.

    Attributes:
        tasks: The numbers of the tasks that it answers.
        fragments: The fragments that it holds, and the rows of each.
        skipped: Fragments that could not be read and were left out, and why.
        error: Why there is no result.
        body: The states, as bytes.
    """

    tasks: tuple[int, ...]
    fragments: tuple[tuple[str, int], ...] = ()
    skipped: Mapping[str, str] = field(factory=dict)
    error: SatcoreError | None = None
    body: bytes = b""

    @classmethod
    def of(cls, raw: bytes) -> Answer:
        """A result from its bytes.

        Raises:
            EngineError: They are no result.
        """
        head, _, body = raw.partition(b"\n")
        try:
            told = json.loads(head)
            return cls(
                tasks=tuple(told["tasks"]),
                fragments=tuple((name, rows) for name, rows in told["fragments"]),
                skipped=told["skipped"],
                error=_raised(told["error"]),
                body=body,
            )
        except (ValueError, KeyError, TypeError) as error:
            raise EngineError(f"a worker returned what is no result: {error}") from error

    @property
    def raw(self) -> bytes:
        """The result as bytes."""
        head = {
            "tasks": self.tasks,
            "fragments": self.fragments,
            "skipped": dict(self.skipped),
            "error": _told(self.error),
        }
        return json.dumps(head).encode() + b"\n" + self.body

    def bundle(self) -> Bundle:
        """The states.

        Raises:
            SatcoreError: There are none, for the error that happened.
            EngineError: It holds other fragments than it says.
        """
        if self.error is not None:
            raise self.error
        bundle = loads(self.body)
        if bundle.fragments != self.fragments:
            raise EngineError(
                f"the result of task {self.tasks} holds {bundle.fragments}, but says that it holds "
                f"{self.fragments}"
            )
        return evolve(bundle, skipped=dict(self.skipped))


def work(plan: str, task: str, frames: Sequence[bytes] = ()) -> bytes:
    """Count the fragments of a task.

    Args:
        plan: The plan as text.
        task: The fragments as text.
        frames: The answers that came along.

    Returns:
        The result; an error that satcore can name is part of it.
    """
    number = json.loads(task)["task"]
    try:
        return _counted(plan_of(plan), task, frames, number).raw
    except Exception as error:  # noqa: BLE001 - it is told, not lost
        return Answer(tasks=(number,), error=_named(error)).raw


def _counted(plan: Plan, task: str, frames: Sequence[bytes], number: int) -> Answer:
    from threadpoolctl import threadpool_limits

    skipped: dict[str, str] = {}
    bundles: list[Bundle] = []
    # A worker is one of many; matrices as small as these are slower on several threads.
    with threadpool_limits(1, "blas"):
        for told, fragment in fragments_of(task, frames):
            if "skipped" in told:
                skipped[fragment.id] = told["skipped"]
            else:
                bundles.append(scan_fragment(plan, fragment))
        merged = merge_bundles(plan, bundles)
    return Answer(
        tasks=(number,),
        fragments=merged.fragments,
        skipped={**merged.skipped, **skipped},
        body=dumps(merged),
    )


@frozen(kw_only=True, eq=False)
class _Frames:
    """A fragment whose answers come as frames, once.

    Attributes:
        id: What to call it.
        frames: The frames.
    """

    id: str
    frames: Iterable[pl.DataFrame]

    @property
    def rows(self) -> None:
        """Not known before they have come."""

    def read(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """The named columns."""
        for frame in self.frames:
            yield frame.select(columns)


def count_frames(plan: str, number: int, name: str, frames: Iterable[pl.DataFrame]) -> bytes:
    """Count answers that come as frames: one part of a table that only its database can read.

    Args:
        plan: The plan as text.
        number: The part's number, from 0.
        name: What to call the part.
        frames: The answers; every frame has the plan's columns.

    Returns:
        The result; an error that satcore can name is part of it.
    """
    try:
        made = plan_of(plan)
        bundle = merge_bundles(made, [scan_fragment(made, _Frames(id=name, frames=frames))])
    except Exception as error:  # noqa: BLE001 - it is told, not lost
        return Answer(tasks=(number,), error=_named(error)).raw
    return Answer(tasks=(number,), fragments=bundle.fragments, body=dumps(bundle)).raw


def bundle_of(result: bytes) -> Bundle:
    """The states of a result.

    Args:
        result: What ``work``, ``combine`` or ``count_frames`` returned.

    Raises:
        SatcoreError: There are none, for the error that happened.
    """
    return Answer.of(result).bundle()


def head(result: bytes) -> bytes:
    """A result without its states: whose it is, how many rows, what went wrong.

    Args:
        result: What ``work`` returned.
    """
    return evolve(Answer.of(result), body=b"").raw


def combine(plan: str, results: Sequence[bytes]) -> bytes:
    """Merge results into one, in their order. The first error there is stands for all.

    Args:
        plan: The plan as text.
        results: What ``work`` or ``combine`` returned.
    """
    answers = [Answer.of(raw) for raw in results]
    tasks = tuple(number for one in answers for number in one.tasks)
    try:
        merged = merge_bundles(plan_of(plan), (one.bundle() for one in answers))
    except Exception as error:  # noqa: BLE001 - it is told, not lost
        return Answer(tasks=tasks, error=_named(error)).raw
    return Answer(
        tasks=tasks, fragments=merged.fragments, skipped=merged.skipped, body=dumps(merged)
    ).raw


def ready(plan: str) -> str:
    """What this process lacks to count for a plan; empty where nothing.

    Args:
        plan: The plan as text.
    """
    try:
        plan_of(plan)
    except Exception as error:  # noqa: BLE001 - it is told, not lost
        return str(_named(error))
    return ""


def _named(error: Exception) -> SatcoreError:
    if isinstance(error, SatcoreError):
        return error
    where = traceback.format_exception(error)
    return EngineError(f"{here()} failed: {''.join(where).strip()}")


def _told(error: SatcoreError | None) -> dict[str, Any] | None:
    if error is None:
        return None
    kind = next((name for name, one in _ERRORS.items() if isinstance(error, one)), "engine")
    problems: Iterable[Problem] = (Problem("", str(error)),)
    if isinstance(error, ProblemsError):
        problems = error.problems
    return {"kind": kind, "problems": [[one.place, one.message] for one in problems]}


def _raised(told: Mapping[str, Any] | None) -> SatcoreError | None:
    if told is None:
        return None
    kind = _ERRORS[told["kind"]]
    problems = [Problem(place, message) for place, message in told["problems"]]
    if issubclass(kind, ProblemsError):
        return kind(problems)
    return kind("\n".join(map(str, problems)))
