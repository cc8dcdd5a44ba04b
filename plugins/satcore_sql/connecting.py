"""Tables: of a connection that is named, or of DuckDB over a study's own answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from satcore import DataError, EngineError, FragmentError, Plan, Survey, listed, near

if TYPE_CHECKING:
    import polars as pl

_INSTALL: Final = (
    "the engine 'sql' needs Ibis, which is not installed; it comes with the extra `sql`: "
    "python -m pip install 'satcore[sql]'"
)

#: Rows that are read out of a database at a time.
_BATCH: Final = 1 << 17

#: The table into which a study's answers are put that DuckDB can't read itself.
_LOADED: Final = "satcore_answers"
_BEGIN: Final = "CREATE TABLE satcore_answers AS SELECT * FROM satcore_batch"
_HELD: Final = "CREATE OR REPLACE TEMP TABLE satcore_held AS "
_MORE: Final = "INSERT INTO satcore_answers SELECT * FROM satcore_batch"


def ibis() -> Any:
    """Ibis.

    Raises:
        EngineError: It is not installed.
    """
    try:
        import ibis as found
    except ImportError as error:
        raise EngineError(_INSTALL) from error
    return found


def table_of(address: str) -> Any:
    """The table of ``CONNECTION#TABLE``.

    Raises:
        EngineError: The address names no table, or it can't be had.
    """
    connection, mark, name = address.rpartition("#")
    if not mark or not connection or not name:
        raise EngineError(
            f"{address!r} names no table; write CONNECTION#TABLE, as sql:duckdb:///study.db#answers"
        )
    try:
        opened = ibis().connect(connection)
        names = opened.list_tables()
    except EngineError:
        raise
    except Exception as error:
        raise EngineError(
            f"{connection} can't be opened: {type(error).__name__}: {error}"
        ) from error
    if name not in names:
        raise EngineError(
            f"{connection} has no table {name!r}{near(name, names)}; there are {listed(names)}"
        )
    return opened.table(name)


@frozen(kw_only=True, eq=False)
class TableFragment:
    """A whole table of a database.

    Attributes:
        id: The table's name.
        table: The Ibis table.
    """

    id: str
    table: Any

    @property
    def rows(self) -> None:
        """Not known before it is counted."""

    def read(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """The named columns, batch by batch, in whatever order the database gives."""
        import polars as pl

        for batch in self.table.select(*columns).to_pyarrow_batches(chunk_size=_BATCH):
            frame = pl.from_arrow(batch)
            if isinstance(frame, pl.DataFrame):
                yield frame


def survey_of(table: Any) -> Survey:
    """The survey that a table is."""
    name = table.get_name() if hasattr(table, "get_name") else "a table"
    fragment = TableFragment(id=name, table=table)
    return Survey(name=name, columns=tuple(table.columns), fragments=(fragment,))


@contextmanager
def opened(plan: Plan, table: Any) -> Iterator[tuple[Any, dict[str, int] | None]]:
    """The table that holds a plan's answers, and the rows of its fragments where known already.

    Raises:
        EngineError: DuckDB is not installed.
        DataError: The answers can't be read.
    """
    fragments = plan.survey.fragments
    if len(fragments) == 1 and isinstance(fragments[0], TableFragment):
        yield fragments[0].table, None
        return
    if table is not None:
        raise EngineError(
            f"the study's answers are {plan.survey.name}, and the engine has a table of its own; "
            "leave out the study's data, or the table"
        )
    connection = ibis().duckdb.connect()
    try:
        columns = list(plan.columns or plan.survey.columns[:1])
        if _native(plan, columns):
            paths = list(dict.fromkeys(getattr(one, "path", "") for one in fragments))
            made = connection.read_parquet(paths, union_by_name=True, hive_partitioning=False)
            yield made.select(*columns), {one.id: one.rows or 0 for one in fragments}
        else:
            yield _loaded(connection, plan, columns)
    finally:
        connection.disconnect()


def _native(plan: Plan, columns: Sequence[str]) -> bool:
    """Whether DuckDB reads the files itself: Parquet that holds every column, and all of it."""
    source, fragments = plan.survey.source, plan.survey.fragments
    paths = {getattr(one, "path", None) for one in fragments}
    if source is None or plan.skip_bad_fragments or not paths <= set(source.paths):
        return False
    if not all(path.lower().endswith((".parquet", ".pq")) for path in source.paths):
        return False
    return all(set(columns) <= set(getattr(one, "columns", ())) for one in fragments)


def _loaded(connection: Any, plan: Plan, columns: list[str]) -> tuple[Any, dict[str, int]]:
    """A table of what the survey's own readers read, and the rows of each fragment."""
    import polars as pl

    rows: dict[str, int] = {}
    made = False
    for fragment in plan.survey.fragments:
        rows[fragment.id] = 0
        try:
            for batch in fragment.read(columns):
                frame = batch.select(columns)
                frame = frame.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
                rows[fragment.id] += frame.height
                _put(connection, frame, begin=not made)
                made = True
        except DataError as error:
            raise FragmentError(error.problems) from error
    if not made:
        _put(connection, pl.DataFrame(schema=dict.fromkeys(columns, pl.String)), begin=True)
    return connection.table(_LOADED), rows


def held(asked: Any) -> Any:
    """An expression as a table of DuckDB's own, worked out once; the one before it goes."""
    backend = asked.get_backend()
    backend.con.execute(_HELD + ibis().to_sql(asked, dialect="duckdb"))
    return backend.table("satcore_held")


def _put(connection: Any, frame: pl.DataFrame, *, begin: bool) -> None:
    """Put a batch into the table of loaded answers, by DuckDB's own connection."""
    own = connection.con
    own.register("satcore_batch", frame.to_arrow())
    own.execute(_BEGIN if begin else _MORE)
    own.unregister("satcore_batch")
