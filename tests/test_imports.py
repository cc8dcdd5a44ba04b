"""What is loaded when, and who may import what."""

from __future__ import annotations

import ast
import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import satcore

BUNDLED = ("satcore_files", "satcore_html", "satcore_nps")

#: What costs time to import, or may be absent.
HEAVY = frozenset(
    {
        *("polars", "scipy", "statsmodels", "pandas", "pyarrow", "cattrs"),
        *("click", "rich", "jinja2", "altair", "vl_convert", "xlsxwriter", "pytest", "hypothesis"),
    }
)

#: The core's own requirements.
LIGHT = frozenset({"numpy", "attr", "attrs", "pluggy"})


def loaded(code: str) -> set[str]:
    """The packages that a fresh interpreter has loaded after some code."""
    report = "\nimport sys, json\nprint(json.dumps([name for name in sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code + report],
        capture_output=True,
        check=True,
        timeout=120,
    )
    return set(json.loads(done.stdout))


def packages(modules: set[str]) -> set[str]:
    """The packages to which modules belong, the standard library's and satcore's left out."""
    names = {name.partition(".")[0] for name in modules}
    return {
        name
        for name in names - set(sys.stdlib_module_names) - {"satcore", *BUNDLED}
        if not name.startswith(("_", "sitecustomize", "usercustomize"))
    }


@pytest.fixture(scope="module")
def at_start() -> set[str]:
    """What an interpreter loads without being asked, such as what an editable install needs."""
    return loaded("")


def sources(package: str) -> Iterator[Path]:
    found = importlib.util.find_spec(package)
    assert found is not None
    assert found.submodule_search_locations is not None
    for location in found.submodule_search_locations:
        yield from sorted(Path(location).rglob("*.py"))


def modules(package: str) -> list[str]:
    """Every module of a package, by its dotted name."""
    found = []
    for path in sources(package):
        parts = path.with_suffix("").parts
        start = len(parts) - 1 - parts[::-1].index(package)
        found.append(".".join(parts[start:]).removesuffix(".__init__"))
    return found


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


class TestWhatIsLoaded:
    def test_import_satcore(self, at_start: set[str]) -> None:
        modules = loaded("import satcore") - at_start
        assert packages(modules) == set()
        assert {name for name in modules if name.startswith("satcore")} == {"satcore"}

    def test_every_public_name(self, at_start: set[str]) -> None:
        code = "import satcore\nfor name in satcore.__all__: getattr(satcore, name)"
        assert packages(loaded(code) - at_start) <= LIGHT

    def test_every_module_of_the_core_but_the_command_line(self, at_start: set[str]) -> None:
        core = [
            name
            for name in modules("satcore")
            if not name.startswith(("satcore.cli", "satcore.__main__", "satcore.testing"))
        ]
        assert {"satcore", "satcore.running", "satcore.study.reading"} <= set(core)
        code = "import importlib\n" + "\n".join(
            f"importlib.import_module({name!r})" for name in core
        )
        found = loaded(code)
        assert set(core) <= found
        assert packages(found - at_start) <= LIGHT

    @pytest.mark.parametrize("package", BUNDLED)
    def test_a_bundled_plugin(self, package: str, at_start: set[str]) -> None:
        every = modules(package)
        assert package in every
        code = "import importlib\n" + "\n".join(
            f"importlib.import_module({name!r})" for name in every
        )
        found = loaded(code)
        assert set(every) <= found
        assert packages(found - at_start) <= LIGHT

    def test_the_command_line(self, at_start: set[str]) -> None:
        # This one does load something: the test above would notice.
        found = packages(loaded("import satcore.cli") - at_start)
        assert "click" in found
        assert not found & (HEAVY - {"click", "rich"})
        run = packages(loaded("import satcore.cli.run") - at_start)
        assert {"click", "rich"} <= run
        assert not run & (HEAVY - {"click", "rich"})


class TestPublicNames:
    """``__all__``, the lazy table and the names for type checkers are one list."""

    @pytest.fixture(scope="class")
    @staticmethod
    def source() -> ast.Module:
        return tree(Path(satcore.__file__))

    def test_all(self) -> None:
        assert satcore.__all__ == sorted(set(satcore.__all__))
        for name in satcore.__all__:
            assert getattr(satcore, name) is not None
        assert set(satcore.__all__) <= set(dir(satcore))

    def test_for_type_checkers(self, source: ast.Module) -> None:
        typed: list[tuple[str, str]] = []
        for node in source.body:
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
                for one in node.body:
                    assert isinstance(one, ast.ImportFrom)
                    assert one.module is not None
                    for alias in one.names:
                        # `X as X` is what re-exports a name.
                        assert alias.asname == alias.name
                        typed.append((one.module.removeprefix("satcore."), alias.name))
        homes = [(home, name) for home, names in satcore._HOMES.items() for name in names]
        assert sorted(typed) == sorted(homes)
        assert sorted(name for _, name in homes) == satcore.__all__

    def test_each_is_made_where_its_home_says(self) -> None:
        for home, names in satcore._HOMES.items():
            module = importlib.import_module(f"satcore.{home}")
            for name in names:
                assert getattr(satcore, name) is getattr(module, name)

    def test_another_name(self) -> None:
        with pytest.raises(AttributeError, match="module 'satcore' has no attribute 'nix'"):
            satcore.nix  # noqa: B018 - the look itself is what is tested

    def test_what_plugins_use_is_all_public(self) -> None:
        wanted = {
            alias.name
            for package in BUNDLED
            for path in sources(package)
            for node in ast.walk(tree(path))
            if isinstance(node, ast.ImportFrom) and node.module == "satcore"
            for alias in node.names
        }
        assert wanted
        assert wanted <= set(satcore.__all__)


@pytest.mark.parametrize("package", BUNDLED)
def test_a_bundled_plugin_imports_public_names_alone(package: str) -> None:
    """Anywhere in its files, functions and types included."""
    for path in sources(package):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path}:{node.lineno} imports by dots"
                names = [node.module or ""]
            else:
                continue
            for name in names:
                top = name.partition(".")[0]
                if top == "satcore":
                    assert name == "satcore", f"{path}:{node.lineno} imports {name}"
                    assert isinstance(node, ast.ImportFrom), f"{path}:{node.lineno}"
                elif top.startswith("satcore"):
                    assert top == package, f"{path}:{node.lineno} imports {name}"


def test_the_core_imports_no_plugin() -> None:
    for path in sources("satcore"):
        for node in ast.walk(tree(path)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                assert not name.startswith("satcore_"), f"{path}:{node.lineno} imports {name}"
