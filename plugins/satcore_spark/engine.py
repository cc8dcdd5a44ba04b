"""The engine: tasks as an RDD, merged eight by eight; tables by ``mapInArrow``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, field, frozen

from satcore import (
    Bundle,
    EngineError,
    Job,
    Plan,
    Progress,
    SatcoreError,
    Survey,
    bundle_of,
    combine,
    count_frames,
    work,
)
from satcore_spark.java import java

if TYPE_CHECKING:
    import polars as pl

#: Results that are merged at a time.
FAN_IN: Final = 8

#: Tasks for each of the cluster's cores that make one Spark job; between jobs, progress is told.
_TASKS_A_CORE: Final = 16

#: Settings under which Spark drops rows of damaged files in silence: one query more, one less.
_REFUSED: Final = ("spark.sql.files.ignoreCorruptFiles", "spark.sql.files.ignoreMissingFiles")

_INSTALL: Final = (
    "the engine 'spark' needs PySpark, which is not installed; it comes with the extra `spark`: "
    "python -m pip install 'satcore[spark]'"
)


@frozen
class SparkEngine:
    """Counts on Spark.

    Files are read by the executors, which have to find them under the same paths; satcore and its
    plugins have to be installed there. A data frame that only Spark can read becomes a survey by
    ``survey_of`` and is counted partition by partition.

    Attributes:
        session: A ``SparkSession``, a master's address, or None for the session that is active,
            else a local one of two threads, which listens on 127.0.0.1 alone and ends with the
            scan.
        tasks_a_core: Tasks for each core that make one Spark job.
    """

    session: Any = None
    tasks_a_core: int = field(default=_TASKS_A_CORE, kw_only=True)

    def scan(self, plan: Plan, progress: Progress | None = None) -> Bundle:
        """Count every fragment once.

        Raises:
            SatcoreError: A fragment can't be read, or a worker lacks what it needs.
            EngineError: Spark can't be had, gave up a task, or would drop damaged files.
        """
        with _opened(self.session) as session:
            _refuse_silence(session)
            try:
                if _is_table(plan.survey):
                    return _of_table(plan, session, progress)
                job = Job.of(plan)
                return job.bundle(self._results(job, session.sparkContext), progress)
            except SatcoreError:
                raise
            except Exception as error:
                told = str(error).strip().splitlines()
                raise EngineError(
                    f"Spark failed: {type(error).__name__}: {' '.join(told[:6])}. Nothing was "
                    "counted"
                ) from error

    def _results(self, job: Job, context: Any) -> Iterator[bytes]:
        text = context.broadcast(job.text)
        tasks = ((task.number, task.text, task.frames) for task in job.tasks())
        together = self.tasks_a_core * max(1, context.defaultParallelism)
        while some := list(islice(tasks, together)):
            counted = context.parallelize(some, len(some)).map(_working(text))
            while len(some) > FAN_IN:
                # By number, so that merging has the same order however tasks are retried.
                counted = counted.groupBy(_group, -(-len(some) // FAN_IN)).map(_combining(text))
                some = some[::FAN_IN]
            for _, raw in sorted(counted.collect()):
                yield raw


def _working(text: Any) -> Callable[[tuple[int, str, Sequence[bytes]]], tuple[int, bytes]]:
    def count(task: tuple[int, str, Sequence[bytes]]) -> tuple[int, bytes]:
        number, told, frames = task
        return number, work(text.value, told, frames)

    return count


def _group(result: tuple[int, bytes]) -> int:
    return result[0] // FAN_IN


def _combining(text: Any) -> Callable[[tuple[int, Iterable[tuple[int, bytes]]]], tuple[int, bytes]]:
    def merge(group: tuple[int, Iterable[tuple[int, bytes]]]) -> tuple[int, bytes]:
        number, results = group
        return number, combine(text.value, [raw for _, raw in sorted(results)])

    return merge


@contextmanager
def _opened(session: Any) -> Iterator[Any]:
    """A session that was given or is active, or one that ends with the scan."""
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise EngineError(_INSTALL) from error
    if session is not None and not isinstance(session, str):
        yield session
        return
    active = SparkSession.getActiveSession() if session is None else None
    if active is not None:
        yield active
        return
    # Whatever runs here runs there: the local session's workers are of this Python.
    before = os.environ.get("PYSPARK_PYTHON")
    os.environ["PYSPARK_PYTHON"] = before or sys.executable
    try:
        with java():
            builder = SparkSession.builder.appName("satcore").master(session or "local[2,4]")
            for name, value in _OWN.items():
                builder = builder.config(name, value)
            try:
                made = builder.getOrCreate()
            except Exception as error:
                raise EngineError(
                    f"Spark can't be begun at {session or 'local[2]'}: {error}"
                ) from error
            try:
                yield made
            finally:
                made.stop()
    finally:
        if before is None:
            del os.environ["PYSPARK_PYTHON"]


#: How a session of its own is begun: nobody else's machine can reach it.
_OWN: Final = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}


def _refuse_silence(session: Any) -> None:
    """Refuse settings under which rows vanish without a word.

    Raises:
        EngineError: One is set.
    """
    for name in _REFUSED:
        if str(session.conf.get(name, "false")).lower() == "true":
            raise EngineError(
                f"{name} is set: Spark would drop parts of damaged files in silence, and two "
                "statistics would count different answers; unset it, and use skip_bad_fragments "
                "(--skip-bad-fragments) to leave out such files whole"
            )


# ------------------------------------------------------------------------------ tables of Spark's


@frozen(kw_only=True, eq=False)
class SparkTable:
    """A data frame of Spark's, whole.

    Attributes:
        id: What to call it.
        frame: The data frame.
    """

    id: str
    frame: Any

    @property
    def rows(self) -> None:
        """Not known before it is counted."""

    def read(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Refuse: the answers are Spark's to count.

        Raises:
            EngineError: Always.
        """
        raise EngineError(f"{self.id} is a table of Spark; count it with engine 'spark'")


def survey_of(frame: Any, name: str = "a table of Spark") -> Survey:
    """The survey that a Spark data frame is.

    Args:
        frame: The data frame.
        name: What to call it.
    """
    table = SparkTable(id=name, frame=frame)
    return Survey(name=name, columns=tuple(frame.columns), fragments=(table,))


def _is_table(survey: Survey) -> bool:
    return len(survey.fragments) == 1 and isinstance(survey.fragments[0], SparkTable)


def _of_table(plan: Plan, session: Any, progress: Progress | None) -> Bundle:
    """A data frame, counted partition by partition, and once more by Spark itself."""
    table: Any = plan.survey.fragments[0]
    if plan.replicated and plan.dimensions.respondent is None:
        raise EngineError(
            "replicates tell respondents apart by their place, and a table has no order; name the "
            "column that does, as [roles] respondent"
        )
    text = session.sparkContext.broadcast(Job.of(plan).text)
    columns = list(plan.columns or plan.survey.columns[:1])
    asked = table.frame.select(*(f"`{name}`" for name in columns))
    found = asked.mapInArrow(_partition(text), "number long, result binary").collect()
    raws = [bytes(row["result"]) for row in sorted(found, key=lambda row: row["number"])]
    bundle = bundle_of(combine(text.value, raws))
    rows = asked.count()
    if bundle.intake.read != rows:
        raise EngineError(
            f"Spark counted {rows} rows of {table.id}, but its partitions gave "
            f"{bundle.intake.read}; count when nobody writes to it"
        )
    if progress is not None:
        progress(rows)
    return evolve(bundle, fragments=((table.id, rows),))


def _partition(text: Any) -> Callable[[Iterator[Any]], Iterator[Any]]:
    def count(batches: Iterator[Any]) -> Iterator[Any]:
        import polars as pl
        import pyarrow as pa
        from pyspark import TaskContext

        context = TaskContext.get()
        number = context.partitionId() if context else 0
        frames = (pl.DataFrame(batch) for batch in batches)
        raw = count_frames(text.value, number, f"partition {number}", frames)
        columns = {"number": pa.array([number], pa.int64()), "result": pa.array([raw], pa.binary())}
        yield pa.RecordBatch.from_pydict(columns)

    return count
