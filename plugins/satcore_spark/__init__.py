"""Spark counts: files where its executors read them, its own tables partition by partition.

Nothing of Spark is imported, and no Java begun, before there is something to scan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from satcore import EngineRequest, EngineSpec, hookimpl
from satcore_spark.engine import SparkEngine, survey_of

if TYPE_CHECKING:
    from satcore import Engine

__all__ = ["SparkEngine", "survey_of"]


def open_spark(request: EngineRequest) -> Engine:
    """The engine of a master's address, or of a local session of its own."""
    return SparkEngine(request.address or None)


@hookimpl
def satcore_engines() -> list[EngineSpec]:
    """Spark."""
    return [
        EngineSpec(
            "spark",
            open=open_spark,
            summary="A Spark cluster by its master's address; local[2] on this machine without one",
        )
    ]
