"""Engines of other processes: any executor, and a pool of processes of its own."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from itertools import islice

from attrs import field, frozen

from satcore.engines import Stopping, awaited
from satcore.errors import EngineError, SatcoreError
from satcore.planning import Plan
from satcore.scanning import Bundle, Progress, merge_bundles, scan_fragment
from satcore.tasks import Job, Task, work


@frozen
class ExecutorEngine:
    """Any ``concurrent.futures.Executor``: its workers count, this process merges.

    Results are merged in the fragments' order, whoever is done first. Threads of this process are
    given the plan itself; anybody else gets it as text.

    Attributes:
        executor: The executor. It is not shut down.
        ahead: Tasks that are in hand at a time; answers in memory are copied for as many.
    """

    executor: Executor
    ahead: int = field(factory=lambda: 4 * (os.cpu_count() or 1), kw_only=True)

    def scan(self, plan: Plan, progress: Progress | None = None) -> Bundle:
        """Count every fragment once.

        Raises:
            SatcoreError: A fragment can't be read, or a worker lacks what it needs.
            EngineError: The executor broke, or the plan can't be told to other processes.
        """
        if isinstance(self.executor, ThreadPoolExecutor):
            with closing(self._here(plan, progress)) as bundles:
                return merge_bundles(plan, bundles)
        self._refuse_fork()
        job = Job.of(plan)
        try:
            with closing(self._results(job)) as results:
                return job.bundle(results, progress)
        except SatcoreError:
            raise
        except Exception as error:
            kind = type(self.executor).__name__
            raise EngineError(
                f"the executor {kind} failed: {type(error).__name__}: {error}. Nothing was "
                "counted; run again with workers that stay, or with engine 'processes'"
            ) from error

    def _refuse_fork(self) -> None:
        """Refuse forked processes: they inherit polars' locks, held by threads they lack, and hang.

        Raises:
            EngineError: The executor forks.
        """
        context = getattr(self.executor, "_mp_context", None)
        if context is not None and context.get_start_method() == "fork":
            raise EngineError(
                "this ProcessPoolExecutor forks its processes, in which polars waits for ever; "
                'give it mp_context=multiprocessing.get_context("spawn"), or take engine '
                "'processes'"
            )

    def _results(self, job: Job) -> Generator[bytes, None, None]:
        tasks = job.tasks()
        waiting: deque[Future[bytes]] = deque()
        try:
            while True:
                for task in islice(tasks, self.ahead - len(waiting)):
                    waiting.append(self.executor.submit(work, job.text, task.text, task.frames))
                if not waiting:
                    return
                yield awaited(waiting[0])
                waiting.popleft()
        finally:
            for one in waiting:
                one.cancel()

    def _here(self, plan: Plan, progress: Progress | None) -> Generator[Bundle, None, None]:
        """The bundles of threads, in the fragments' order."""
        fragments = iter(plan.survey.fragments)
        stopping = Stopping(progress)
        waiting: deque[Future[Bundle]] = deque()
        try:
            while True:
                for fragment in islice(fragments, self.ahead - len(waiting)):
                    waiting.append(self.executor.submit(scan_fragment, plan, fragment, stopping))
                if not waiting:
                    return
                yield awaited(waiting[0])
                waiting.popleft()
        finally:
            stopping.stop()
            for one in waiting:
                one.cancel()


@frozen
class ProcessEngine:
    """Processes on this machine, begun for the scan and ended with it.

    A process that is killed breaks the whole pool; the tasks whose results are lost by that are
    done once more in a new one.

    Attributes:
        processes: How many; the machine's processors by default.
    """

    processes: int = field(factory=lambda: os.cpu_count() or 1)

    def scan(self, plan: Plan, progress: Progress | None = None) -> Bundle:
        """Count every fragment once.

        Raises:
            SatcoreError: A fragment can't be read, or a worker lacks what it needs.
            EngineError: Processes were killed again and again, or the plan can't be told to them.
        """
        job = Job.of(plan)
        with closing(self._results(job)) as results:
            return job.bundle(results, progress)

    def _results(self, job: Job) -> Generator[bytes, None, None]:
        tasks = job.tasks()
        lost: list[Task] = []
        broken = 0
        while True:
            pool = _Pool(self.processes)
            try:
                yield from pool.results(job, lost, tasks)
            except BrokenProcessPool as error:
                broken += 1
                if broken > 1:
                    raise EngineError(
                        "processes that count were killed twice, for want of memory perhaps; use "
                        f"fewer than {self.processes}, as --engine processes:1, or engine 'local'. "
                        "A script has to guard its own call by `if __name__ == '__main__':`"
                    ) from error
                lost = [task for task, _ in pool.waiting]
            else:
                return
            finally:
                pool.end()


class _Pool:
    """A pool of processes that leaves none behind.

    Attributes:
        waiting: Tasks in hand, in their order.
    """

    def __init__(self, processes: int) -> None:
        self.waiting: deque[tuple[Task, Future[bytes]]] = deque()
        self._processes = processes
        self._pool = ProcessPoolExecutor(
            processes,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin,
            initargs=(max(1, (os.cpu_count() or 1) // processes),),
        )

    def results(self, job: Job, first: list[Task], tasks: Iterator[Task]) -> Iterator[bytes]:
        """The results of some tasks, then of those that follow, in their order."""
        again = iter(first)
        while True:
            room = 2 * self._processes - len(self.waiting)
            for source in (again, tasks):
                for task in islice(source, max(room, 0)):
                    room -= 1
                    # Put down first: a pool that is broken already takes no more.
                    self.waiting.append((task, Future()))
                    with _sheltered():
                        future = self._pool.submit(work, job.text, task.text, task.frames)
                    self.waiting[-1] = (task, future)
            if not self.waiting:
                return
            raw = awaited(self.waiting[0][1])
            self.waiting.popleft()
            yield raw

    def end(self) -> None:
        """End the processes, now: whatever they still do is of no use any more."""
        left = list((getattr(self._pool, "_processes", None) or {}).values())
        busy = any(not future.done() for _, future in self.waiting)
        self._pool.shutdown(wait=not busy, cancel_futures=True)
        for process in left if busy else ():
            process.kill()
        for process in left:
            process.join()


@contextmanager
def _sheltered() -> Iterator[None]:
    """Ctrl-C waits: processes that begin here never get it, not even before their first task."""
    if not hasattr(signal, "pthread_sigmask"):  # pragma: no cover - not on Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(threads: int) -> None:
    """What a process does before its first task."""
    # Ctrl-C reaches every process of a terminal; the first one ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.setdefault("POLARS_MAX_THREADS", str(threads))
