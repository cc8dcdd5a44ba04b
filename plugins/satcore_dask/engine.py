"""The engine: tasks as Dask futures, merged eight by eight on the workers."""

from __future__ import annotations

import importlib.metadata
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from attrs import field, frozen

from satcore import (
    Bundle,
    EngineError,
    Job,
    Plan,
    PluginError,
    Progress,
    SatcoreError,
    combine,
    head,
    ready,
    work,
)

#: Results that are merged at a time. A node of the tree holds as many states, and the driver one.
FAN_IN: Final = 8

_INSTALL: Final = (
    "the engine 'dask' needs Dask, which is not installed; it comes with the extra `dask`: "
    "python -m pip install 'satcore[dask]'"
)


@frozen
class DaskEngine:
    """Counts on a Dask cluster. A worker that dies is no matter: its tasks are done again.

    Attributes:
        client: A ``distributed.Client``, a scheduler's address, or None for a cluster of processes
            on this machine, which listens on 127.0.0.1 alone and ends with the scan.
        workers: How many processes such a cluster has.
        ahead: Tasks with answers in memory that are in hand at a time.
    """

    client: Any = None
    workers: int = field(default=2, kw_only=True)
    ahead: int = field(default=8, kw_only=True)

    def scan(self, plan: Plan, progress: Progress | None = None) -> Bundle:
        """Count every fragment once.

        Raises:
            SatcoreError: A fragment can't be read, or a worker lacks what it needs.
            EngineError: There is no cluster, or it gave up a task.
        """
        job = Job.of(plan)
        with _opened(self.client, self.workers) as client:
            try:
                _hold_ready(client, job)
                return job.bundle(self._results(client, job, progress))
            except SatcoreError:
                raise
            except Exception as error:
                raise EngineError(
                    f"Dask failed: {type(error).__name__}: {error}. Nothing was counted"
                ) from error

    def _results(self, client: Any, job: Job, progress: Progress | None) -> Iterator[bytes]:
        """The one result of all tasks; none where there is no task."""
        from distributed import as_completed

        # A future, and no scattered data, as what a worker has lost can be made again by it.
        text = client.submit(str, job.text, pure=False)
        results: list[Any] = []
        heads = as_completed([], loop=client.loop)
        waiting = 0
        try:
            for task in job.tasks():
                if task.frames and waiting >= self.ahead:
                    self._tell(job, next(heads), progress)
                    waiting -= 1
                with warnings.catch_warnings():
                    # Answers in memory have no other way to the workers.
                    warnings.filterwarnings("ignore", message="Sending large graph")
                    results.append(client.submit(work, text, task.text, task.frames, pure=False))
                heads.add(client.submit(head, results[-1], pure=False))
                waiting += 1
            level = results
            while len(level) > 1:
                level = [
                    client.submit(combine, text, level[start : start + FAN_IN], pure=False)
                    for start in range(0, len(level), FAN_IN)
                ]
            for one in heads:
                self._tell(job, one, progress)
            for one in level:
                yield one.result()
        finally:
            # What nobody holds any more is not done: quieter than to cancel what may be done.
            for one in results:
                one.release()

    def _tell(self, job: Job, future: Any, progress: Progress | None) -> None:
        """Tell the rows of a task that is done; what went wrong in it stops the scan at once."""
        rows = job.rows(future.result())
        if progress is not None:
            progress(rows)


@contextmanager
def _opened(client: Any, workers: int) -> Iterator[Any]:
    """A client that was given, or one that ends with the scan."""
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise EngineError(_INSTALL) from error
    if client is not None and not isinstance(client, str):
        yield client
        return
    if client is None:
        with (
            LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                worker_dashboard_address="127.0.0.1:0",
                silence_logs=50,
            ) as cluster,
            Client(cluster, set_as_default=False) as found,
        ):
            yield found
        return
    try:
        found = Client(client, set_as_default=False)
    except (OSError, ValueError) as error:
        raise EngineError(
            f"no Dask scheduler answers at {client!r}: {error}; an address is written as "
            "dask:tcp://127.0.0.1:8786"
        ) from error
    with found:
        yield found


def _hold_ready(client: Any, job: Job) -> None:
    """Ask every worker whether it can count, before any task is given.

    A worker that can't even load a task's function is lost by it, and the next one after it.

    Raises:
        EngineError: There are no workers, or some lack satcore.
        PluginError: Some lack a plugin.
    """
    # A function of the standard library, so that any worker can load it.
    version = importlib.metadata.version
    versions = client.run(version, "satcore", on_error="return")
    if not versions:
        raise EngineError("the Dask scheduler has no workers; start some, as `dask worker ADDRESS`")
    own = version("satcore")
    lacking = [f"{name} ({found})" for name, found in versions.items() if found != own]
    if lacking:
        raise EngineError(
            f"satcore {own} is not installed on the Dask workers {', '.join(sorted(lacking))}"
        )
    told = {why for why in client.run(ready, job.text).values() if why}
    if told:
        raise PluginError("\n".join(sorted(told)))
