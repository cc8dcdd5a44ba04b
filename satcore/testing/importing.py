"""What a plugin loads when it is imported, and what it imports."""

from __future__ import annotations

import ast
import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from satcore.testing.checks import LawError, NotApplicable

#: Libraries that are slow to load; a plugin imports them inside the functions that need them.
HEAVY = (
    "altair",
    "dask",
    "duckdb",
    "hypothesis",
    "ibis",
    "jinja2",
    "matplotlib",
    "pandas",
    "plotly",
    "polars",
    "pyarrow",
    "pyspark",
    "pytest",
    "scipy",
    "sklearn",
    "statsmodels",
    "torch",
    "vl_convert",
    "xlsxwriter",
)

#: A new interpreter: this one has loaded too much to tell. Its path comes from here.
_PROGRAM = """
import importlib, json, sys
module, heavy, sys.path[:] = json.loads(sys.argv[1])
import satcore
before = set(sys.modules)
importlib.import_module(module)
print(json.dumps(sorted(name for name in heavy if name in sys.modules and name not in before)))
"""

_SECONDS = 120


def light_import(module: str) -> None:
    """Nothing slow is loaded when a module is imported.

    Args:
        module: The module's name.

    Raises:
        NotApplicable: It can't be imported by its name.
        LawError: It loads something slow, or can't be loaded in a new interpreter.
    """
    try:
        found = importlib.util.find_spec(module)
    except (ImportError, ValueError, AttributeError):
        found = None
    last = module.rpartition(".")[2]
    if last.startswith("test_") or last.endswith("_test") or last == "conftest":
        raise NotApplicable(f"{module} holds tests and is no plugin")
    if found is None or module == "__main__":
        raise NotApplicable(f"the module {module!r} can't be imported by its name")
    given = json.dumps([module, HEAVY, sys.path])
    done = subprocess.run(  # noqa: S603 - this very interpreter, no shell
        [sys.executable, "-c", _PROGRAM, given],
        capture_output=True,
        check=False,
        text=True,
        encoding="utf-8",
        timeout=_SECONDS,
    )
    if done.returncode:
        told = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise LawError(expected=f"import {module} in a new interpreter", came=told[0])
    loaded = json.loads(done.stdout.strip().splitlines()[-1])
    if loaded:
        raise LawError(
            expected=f"import {module} loads nothing slow: functions import what they need",
            came=f"it loads {', '.join(loaded)}",
        )


def sources(module: str) -> Iterator[Path]:
    """The Python files of a package or module."""
    found = importlib.util.find_spec(module)
    if found is None:
        return
    if found.submodule_search_locations:
        for location in found.submodule_search_locations:
            yield from sorted(Path(location).rglob("*.py"))
    elif found.origin:
        yield Path(found.origin)


def private_imports(module: str) -> Iterator[str]:
    """Where a plugin imports more than the public names of satcore.

    ``satcore.testing`` is public too.
    """
    import satcore

    for path in sources(module):
        for node in ast.walk(ast.parse(path.read_text("utf-8"), str(path))):
            place = f"{path.name}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.name.startswith("satcore.") and not _testing(alias.name):
                        yield f"{place} imports {alias.name}"
            elif isinstance(node, ast.ImportFrom) and not node.level:
                if (node.module or "").startswith("satcore.") and not _testing(node.module or ""):
                    yield f"{place} imports from {node.module}"
                elif node.module == "satcore":
                    names = {alias.name for alias in node.names} - {"testing", "*"}
                    private = sorted(names - set(satcore.__all__))
                    if private:
                        yield f"{place} imports {', '.join(private)}, not public"


def _testing(module: str) -> bool:
    return module == "satcore.testing" or module.startswith("satcore.testing.")
