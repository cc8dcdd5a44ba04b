"""Dask counts: fragments are read where Dask's workers are, states merged there in a tree.

Nothing of Dask is imported before there is something to scan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from satcore import EngineRequest, EngineSpec, hookimpl
from satcore_dask.engine import DaskEngine

if TYPE_CHECKING:
    from satcore import Engine

__all__ = ["DaskEngine"]


def open_dask(request: EngineRequest) -> Engine:
    """The engine of a scheduler's address, or of a cluster of its own."""
    return DaskEngine(request.address or None)


@hookimpl
def satcore_engines() -> list[EngineSpec]:
    """Dask."""
    return [
        EngineSpec(
            "dask",
            open=open_dask,
            summary="A Dask cluster by its scheduler's address; two processes here without one",
        )
    ]
