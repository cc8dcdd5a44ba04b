"""What a plugin loads when it is imported, and what it imports."""

from __future__ import annotations

import ast
import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from satcore.plugin_files import MODULE_PREFIX
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
import importlib.util, json, sys
module, file, heavy, sys.path[:] = json.loads(sys.argv[1])
import satcore
before = set(sys.modules)
if file is None:
    importlib.import_module(module)
else:
    spec = importlib.util.spec_from_file_location(module, file)
    sys.modules[module] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[module])
print(json.dumps(sorted(name for name in heavy if name in sys.modules and name not in before)))
"""

_SECONDS = 120


def file_of(module: str) -> Path | None:
    """The file of a plugin of one file; None for a module that has a name to import.

    Args:
        module: The file's path, as the host lists it, or the name under which it was loaded.
    """
    if module.endswith(".py") and Path(module).is_file():
        return Path(module)
    if module.startswith(MODULE_PREFIX):
        file = getattr(sys.modules.get(module), "__file__", None)
        return Path(file) if file else None
    return None


def light_import(module: str) -> None:
    """Nothing slow is loaded when a module is imported.

    Args:
        module: The module's name, or the path of a plugin of one file.

    Raises:
        NotApplicable: It can't be imported by its name, and is no such file.
        LawError: It loads something slow, or can't be loaded in a new interpreter.
    """
    file = file_of(module)
    if file is None:
        _need_importable(module)
    name = module if file is None else f"{MODULE_PREFIX}{file.stem}"
    module = module if file is None else file.name
    given = json.dumps([name, None if file is None else str(file), HEAVY, sys.path])
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


def _need_importable(module: str) -> None:
    """A new interpreter has to find a module by its name.

    Raises:
        NotApplicable: It would not.
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


def sources(module: str) -> Iterator[Path]:
    """The Python files of a package or module, or a plugin's only one."""
    file = file_of(module)
    if file is not None:
        yield file
        return
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
