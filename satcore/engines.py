"""Engines: who scans. Here, the threads of this machine."""

from __future__ import annotations

import os
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from itertools import islice
from threading import Event
from typing import Final, Protocol, TypeVar

from attrs import field, frozen

from satcore.errors import EngineError
from satcore.planning import Plan
from satcore.scanning import Bundle, Progress, merge_bundles, scan_fragment

Done = TypeVar("Done")

#: Seconds after which a wait looks whether Ctrl-C was pressed.
_HEARING: Final = 0.2


class Engine(Protocol):
    """Scans the fragments of a plan and merges what they leave behind."""

    def scan(self, plan: Plan, progress: Progress | None = None) -> Bundle:
        """Count every fragment once."""


def awaited(future: Future[Done]) -> Done:
    """A future's result; Ctrl-C is heard while it is waited for.

    polars has signals restart what they interrupt, so that a wait without an end never ends by
    one: Python looks for Ctrl-C when a wait returns.
    """
    while not future.done():
        wait([future], timeout=_HEARING)
    return future.result()


class Stopping:
    """Progress that ends threads at their next block once nobody wants their results any more."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._stopped = Event()

    def stop(self) -> None:
        """End them."""
        self._stopped.set()

    def __call__(self, rows: int) -> None:
        """Tell that rows have been read.

        Raises:
            EngineError: It has been stopped.
        """
        if self._stopped.is_set():
            raise EngineError("the scan was stopped")
        if self._progress is not None:
            self._progress(rows)


@frozen
class LocalEngine:
    """Threads on this machine; polars decodes in threads of its own beside them.

    Bundles are merged in the fragments' order, whichever is done first, so that any number of
    threads gives the same bytes.

    Attributes:
        threads: How many; the machine's processors by default.
    """

    threads: int = field(factory=lambda: os.cpu_count() or 1)

    def scan(self, plan: Plan, progress: Progress | None = None) -> Bundle:
        """Count every fragment once.

        Raises:
            DataError: A fragment can't be read.
        """
        from threadpoolctl import threadpool_limits

        # Products of small matrices are slower on several threads than on one, and much slower
        # where the fragments have threads of their own.
        with threadpool_limits(1, "blas"), closing(self._bundles(plan, progress)) as bundles:
            return merge_bundles(plan, bundles)

    def _bundles(self, plan: Plan, progress: Progress | None) -> Generator[Bundle, None, None]:
        fragments = iter(plan.survey.fragments)
        if self.threads == 1 or len(plan.survey.fragments) == 1:
            for fragment in fragments:
                yield scan_fragment(plan, fragment, progress)
            return
        stopping = Stopping(progress)
        with ThreadPoolExecutor(self.threads, "satcore") as pool:
            # A few are in hand beyond the threads, so that none waits and memory stays flat.
            waiting: list[Future[Bundle]] = []
            try:
                while True:
                    waiting += [
                        pool.submit(scan_fragment, plan, fragment, stopping)
                        for fragment in islice(fragments, 2 * self.threads - len(waiting))
                    ]
                    if not waiting:
                        return
                    yield awaited(waiting.pop(0))
            finally:
                stopping.stop()
                for one in waiting:
                    one.cancel()
