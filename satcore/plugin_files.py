"""Plugins of one file: every ``NAME.py`` of a folder that somebody names."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Final

from attrs import frozen

from satcore.errors import PluginError, near

#: Folders of plugin files, separated as the system separates paths.
FOLDERS_VARIABLE: Final = "SATCORE_PLUGINS_DIR"

#: The names of their modules begin so; nothing can be imported by such a name.
MODULE_PREFIX: Final = "satcore_plugin_file_"


@frozen
class FilePoint:
    """A plugin file, as the host sees an entry point.

    Attributes:
        name: The plugin's name: the file's, without its ending.
        value: The file's path.
        dist: None: it belongs to no distribution.
    """

    name: str
    value: str
    dist: None = None

    def load(self) -> ModuleType:
        """Run the file as a module.

        Raises:
            ImportError: It can't be read as one.
        """
        # Annotations are looked up by the module's name, so it has to be known by one.
        name = f"{MODULE_PREFIX}{self.name}"
        spec = importlib.util.spec_from_file_location(name, self.value)
        if spec is None or spec.loader is None:
            raise ImportError(f"{self.value} can't be loaded as a module")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
        return module


def plugin_files(folders: Iterable[str] = ()) -> Iterator[FilePoint]:
    """The plugin files of some folders, besides those that the environment names.

    Files whose names begin with an underscore are the plugins' own business.

    Raises:
        PluginError: A folder that isn't there.
    """
    named = os.environ.get(FOLDERS_VARIABLE, "").split(os.pathsep)
    for folder in dict.fromkeys([*folders, *filter(None, named)]):
        path = Path(folder)
        if not path.is_dir():
            siblings = (one.name for one in path.parent.iterdir()) if path.parent.is_dir() else ()
            what = "is a file; name its folder" if path.exists() else "there is no such folder"
            hint = "" if path.exists() else near(path.name, siblings)
            raise PluginError(f"plugins folder {folder}: {what}{hint}")
        for file in sorted(path.glob("*.py")):
            if not file.name.startswith("_"):
                yield FilePoint(file.stem, str(file))
