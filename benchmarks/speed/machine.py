"""The machine and the libraries that figures of speed belong to."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from pathlib import Path
from typing import Any

LIBRARIES = ("satcore", "numpy", "polars", "duckdb", "pandas", "pingouin")


def machine() -> dict[str, Any]:
    """Processor, cores, memory, load and versions."""
    return {
        "processor": _processor(),
        "cores": _cores(),
        "memory_gib": _memory(),
        "system": f"{platform.system()} {platform.machine()}",
        "load_before": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "versions": {
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in LIBRARIES},
        },
    }


def _processor() -> str:
    """The model, with what it can do beside numpy's widest loops, where Linux tells it."""
    told = Path("/proc/cpuinfo")
    if not told.exists():
        return platform.processor() or platform.machine()
    lines = [line.partition(":") for line in told.read_text().splitlines()]
    of = {name.strip(): value.strip() for name, _, value in lines if value}
    name = of.get("model name", platform.machine())
    if "cpu family" in of:
        name += f" (family {of['cpu family']}, model {of['model']})"
    wide = [flag for flag in ("avx2", "avx512f") if flag in of.get("flags", "").split()]
    return ", ".join([name, *wide])


def _cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _memory() -> float | None:
    if not hasattr(os, "sysconf"):
        return None
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30), 1)
