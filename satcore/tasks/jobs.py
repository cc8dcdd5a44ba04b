"""A job: a plan cut into tasks, and the ledger of what came back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import frozen

from satcore.errors import EngineError, listed
from satcore.planning import Plan
from satcore.scanning import Bundle, Progress, merge_bundles
from satcore.tasks.parts import Task, tasks_of
from satcore.tasks.texts import plan_text
from satcore.tasks.working import Answer


@frozen(kw_only=True, eq=False)
class Job:
    """A plan cut into tasks that another process can do.

    Attributes:
        plan: The plan.
        text: The plan as text, which goes with every task.
        together: How many fragments make a task.
    """

    plan: Plan
    text: str
    together: int = 1

    @classmethod
    def of(cls, plan: Plan, *, together: int = 1) -> Job:
        """The job of a plan.

        Args:
            plan: The plan.
            together: How many fragments make a task.

        Raises:
            EngineError: A statistic that can't be told to another process.
        """
        return cls(plan=plan, text=plan_text(plan), together=max(1, together))

    def __len__(self) -> int:
        return -(-len(self.plan.survey.fragments) // self.together)

    def tasks(self) -> Iterator[Task]:
        """The tasks, made as they are asked for: answers in memory are copied one task ahead."""
        return tasks_of(self.plan, self.together)

    def rows(self, head: bytes) -> int:
        """How many rows a task has counted.

        Args:
            head: A result, or what ``head`` left of it.

        Raises:
            SatcoreError: What went wrong in the task.
        """
        answer = Answer.of(head)
        if answer.error is not None:
            raise answer.error
        return sum(rows for _, rows in answer.fragments)

    def bundle(self, results: Iterable[bytes], progress: Progress | None = None) -> Bundle:
        """All results as one bundle, merged in the order in which they come.

        Each task counts once: a result that comes again is left aside.

        Args:
            results: What ``work`` or ``combine`` returned, in the tasks' order where the last
                digits of weighted sums should not depend on who was done first.
            progress: Told the rows of each result.

        Raises:
            SatcoreError: What went wrong in a task.
            EngineError: A task without a result, or results that overlap.
        """
        done: set[int] = set()
        merged = merge_bundles(self.plan, self._new(results, done, progress))
        lost = sorted(set(range(len(self))) - done)
        if lost:
            raise EngineError(f"no result came for the tasks {listed(lost)} of {len(self)}")
        return merged

    def _new(
        self, results: Iterable[bytes], done: set[int], progress: Progress | None
    ) -> Iterator[Bundle]:
        for raw in results:
            rows, answer = self.rows(raw), Answer.of(raw)
            if done.issuperset(answer.tasks):
                continue
            if done.intersection(answer.tasks):
                raise EngineError(
                    f"a result holds the tasks {listed(answer.tasks)}, of which some have been "
                    "counted already"
                )
            done.update(answer.tasks)
            if progress is not None:
                progress(rows)
            yield answer.bundle()
