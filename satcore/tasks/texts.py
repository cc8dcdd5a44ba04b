"""Plans as JSON text and back: statistics, items and dimensions by the names of their classes."""

from __future__ import annotations

import importlib
import json
import platform
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import attrs
import numpy as np
from attrs import define, field

import satcore
from satcore.errors import EngineError, PluginError
from satcore.hookspecs import NAME
from satcore.planning import Dimensions, Plan
from satcore.plugin_files import MODULE_PREFIX
from satcore.plugins import PluginInfo, Plugins
from satcore.results import About
from satcore.statistics import Statistic
from satcore.surveys import Survey

#: Version of the layout of these texts.
LAYOUT: Final = 1

_CORE: Final = "satcore"


def plan_text(plan: Plan) -> str:
    """What a plan counts, as JSON text. Fragments are no part of it.

    Raises:
        EngineError: A statistic whose class or options no text can name.
    """
    teller = _Teller()
    counted = [
        [list(names), [[key, teller.told(plan.statistics[key], key)] for key in keys]]
        for names, keys in plan.counted.items()
    ]
    dimensions = teller.told(plan.dimensions, "the dimensions")
    return json.dumps(
        {
            "layout": LAYOUT,
            "satcore": satcore.__version__,
            "name": plan.survey.name,
            "columns": plan.survey.columns[:1],
            "skip_bad_fragments": plan.skip_bad_fragments,
            "parts": list(teller.parts),
            "dimensions": dimensions,
            "counted": counted,
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


@lru_cache(maxsize=8)
def plan_of(text: str) -> Plan:
    """The plan that a text tells, without fragments. Reading it again gives the same plan.

    Raises:
        PluginError: A plugin is missing here, or makes something else of the text.
    """
    told = json.loads(text)
    if (told["layout"], told["satcore"]) != (LAYOUT, satcore.__version__):
        raise PluginError(
            f"{here()} has satcore {satcore.__version__}, but the run was planned by "
            f"{told['satcore']}; install the same version everywhere"
        )
    reader = _Reader()
    reader.read_parts(told["parts"])
    given: dict[tuple[str, ...], tuple[Statistic, ...]] = {}
    for names, statistics in told["counted"]:
        given[tuple(names)] = tuple(_same(reader.read(one), key) for key, one in statistics)
    dimensions = reader.read(told["dimensions"])
    if not isinstance(dimensions, Dimensions):
        raise PluginError(f"the text of a plan has dimensions that are {dimensions!r}")
    return Plan(
        survey=Survey(name=told["name"], columns=tuple(told["columns"]), fragments=()),
        measures=(),
        dimensions=dimensions,
        about=About(),
        skip_bad_fragments=told["skip_bad_fragments"],
        given=given,
    )


def here() -> str:
    """This process in a message: which machine lacks something."""
    return f"the worker on {platform.node() or 'this machine'}"


def _same(made: Any, key: str) -> Statistic:
    """A statistic that was told, held against its key."""
    if not isinstance(made, Statistic):
        raise PluginError(f"{here()} finds no statistic in {key}, but {type(made).__name__}")
    if made.key != key:
        kind = f"{type(made).__module__}.{type(made).__qualname__}"
        raise PluginError(
            f"{here()} makes another statistic of {kind} than was asked for ({made.key} instead "
            f"of {key}); install the same version of its plugin everywhere"
        )
    return made


@define(eq=False)
class _Teller:
    """Objects as JSON; one that is named again is told once."""

    parts: dict[str, int] = field(factory=dict)

    def told(self, value: Any, where: str) -> Any:
        """A value as JSON.

        Raises:
            EngineError: It is nothing that a text can name.
        """
        if isinstance(value, np.generic):
            value = value.item()
        if value is None or isinstance(value, bool | int | float | str):
            return value
        if isinstance(value, tuple | list):
            return [self.told(one, where) for one in value]
        if isinstance(value, Mapping):
            pairs = [[self.told(k, where), self.told(v, where)] for k, v in value.items()]
            return self._part({"pairs": pairs})
        if attrs.has(type(value)):
            return self._part(self._object(value, where))
        raise EngineError(
            f"{where}: {type(value).__name__} can't be told to another process; give statistics "
            "items, texts, numbers, tuples and mappings of them, or count with engine 'local'"
        )

    def _object(self, value: Any, where: str) -> dict[str, Any]:
        kind = type(value)
        owner = _owner(kind)
        if owner is None:
            raise EngineError(
                f"{where}: the class {kind.__qualname__} of the module {kind.__module__!r} belongs "
                "to no plugin, so that another process can't have it; make a plugin of it "
                "(`satcore plugins new`), installed wherever answers are counted, or count with "
                "engine 'local'"
            )
        options = {
            one.alias or one.name: self.told(getattr(value, one.name), where)
            for one in attrs.fields(kind)
            if one.init
        }
        return {"class": f"{kind.__module__}:{kind.__qualname__}", "of": owner, "with": options}

    def _part(self, told: dict[str, Any]) -> dict[str, int]:
        text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        return {"part": self.parts.setdefault(text, len(self.parts))}


def _owner(kind: type) -> str | None:
    """Who has to be installed for a class: ``satcore``, or a plugin by its name."""
    root = kind.__module__.partition(".")[0]
    if "." in kind.__qualname__:
        return None
    if root == _CORE:
        return _CORE
    if root.startswith(MODULE_PREFIX):
        return root.removeprefix(MODULE_PREFIX)
    from importlib.metadata import entry_points

    points = entry_points(group=NAME)
    return next((one.name for one in points if _root(one.value) == root), None)


def _root(module: str) -> str:
    return module.partition(":")[0].partition(".")[0].strip()


@define(eq=False)
class _Reader:
    """Objects from JSON."""

    parts: list[Any] = field(factory=list)
    _plugins: Plugins | None = None

    def read_parts(self, texts: list[str]) -> None:
        """Make the objects, each from those before it."""
        for text in texts:
            told = json.loads(text)
            if "pairs" in told:
                self.parts.append({self.read(key): self.read(one) for key, one in told["pairs"]})
            else:
                self.parts.append(self._object(told))

    def read(self, told: Any) -> Any:
        """A value from JSON."""
        if isinstance(told, list):
            return tuple(self.read(one) for one in told)
        return self.parts[told["part"]] if isinstance(told, dict) else told

    def _object(self, told: dict[str, Any]) -> Any:
        kind = self._class(told["class"], told["of"])
        options = {name: self.read(one) for name, one in told["with"].items()}
        made = object.__new__(kind)
        # A class may take its fields in another way than attrs does, as tallies do.
        begin = getattr(made, "__attrs_init__", made.__init__)
        begin(**options)
        return made

    def _class(self, name: str, owner: str) -> type[Any]:
        """A class of satcore or of an installed plugin, and of nobody else.

        Raises:
            PluginError: The plugin is missing here, or has no such class.
        """
        module, _, qualified = name.partition(":")
        if _root(module) != (_CORE if owner == _CORE else self._root_of(owner)):
            raise PluginError(f"{here()}: {name} is no class of the plugin {owner!r}")
        try:
            kind = getattr(importlib.import_module(module), qualified)
        except (ImportError, AttributeError) as error:
            raise PluginError(
                f"{here()}: {owner} has no {name} ({error}); install the same version everywhere"
            ) from error
        if not (isinstance(kind, type) and attrs.has(kind)):
            raise PluginError(f"{here()}: {name} is no attrs class")
        return kind

    def _root_of(self, owner: str) -> str:
        if self._plugins is None:
            self._plugins = Plugins.found()
        known = {info.name: info for info in reversed(self._plugins.infos())}
        info = known.get(owner, PluginInfo(name=owner, module="", state="failed"))
        if not info.module:
            raise PluginError(
                f"the plugin {owner!r} is missing: {here()} can't count what it declares. Install "
                "it there; a plugin file has to stand in a folder that SATCORE_PLUGINS_DIR names"
            )
        if info.state != "ok":
            raise PluginError(f"the plugin {owner!r} is {info.state} for {here()}: {info.reason}")
        is_file = info.module.endswith(".py")
        return f"{MODULE_PREFIX}{owner}" if is_file else _root(info.module)
