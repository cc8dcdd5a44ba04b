"""Fixtures that several test files share."""

from __future__ import annotations

import json
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest

from satcore.plugins import Plugins

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real surveys and reference values; tests that need it skip without it."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the folder ../shared with real surveys and reference values is absent")
    return SHARED


@pytest.fixture(scope="session")
def reference(shared: Path) -> Any:
    """Reads reference values by the name of their file."""
    return lambda name: json.loads((shared / "reference" / f"{name}.json").read_text("utf-8"))


#: Engines that need libraries of their own: they have environments of their own.
ENGINES = ("dask", "spark", "sql")


@pytest.fixture
def plugins() -> Plugins:
    """The bundled plugins, without those that happen to be installed beside them."""
    points = distribution("satcore").entry_points.select(group="satcore")
    return Plugins(tuple(one for one in points if one.name not in ENGINES))
