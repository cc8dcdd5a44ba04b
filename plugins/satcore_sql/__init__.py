"""Databases count: answers stay where they are, and one query a statistic brings their sums.

Nothing of Ibis or DuckDB is imported before there is something to scan or to connect to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from satcore import EngineRequest, EngineSpec, hookimpl
from satcore_sql.engine import SqlEngine

if TYPE_CHECKING:
    from satcore import Engine

__all__ = ["SqlEngine"]


def open_sql(request: EngineRequest) -> Engine:
    """The engine of a table by ``CONNECTION#TABLE``, or DuckDB over the study's own answers."""
    from satcore_sql.connecting import table_of

    table = table_of(request.address) if request.address else None
    return SqlEngine(table, stream=request.stream)


@hookimpl
def satcore_engines() -> list[EngineSpec]:
    """Databases, by Ibis."""
    return [
        EngineSpec(
            "sql",
            open=open_sql,
            summary="A database's table by Ibis, as sql:duckdb:///a.db#answers; DuckDB without one",
        )
    ]
