"""The plugin host: finds plugins, loads them one by one, contains those that fail.

A plugin that can't be imported, has a mistyped hook, asks for a newer API or returns something
else than records is named with its reason; the others go on. No registry is global: every run
has its own, and importing twice costs nothing.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final, Literal, TypeAlias, TypeVar

import pluggy
from attrs import define, evolve, frozen

from satcore import hookspecs
from satcore.errors import PluginError, listed, near
from satcore.hookspecs import NAME, PLUGIN_API, MetricSpec, ReportSpec, SurveySpec

#: Names of plugins that are not to be loaded, separated by commas.
DISABLE_VARIABLE: Final = "SATCORE_DISABLE_PLUGINS"

State: TypeAlias = Literal["ok", "disabled", "failed", "incompatible"]

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_RECORDS: Final[dict[str, type[Any]]] = {
    "satcore_metrics": MetricSpec,
    "satcore_surveys": SurveySpec,
    "satcore_reports": ReportSpec,
}
_Spec = TypeVar("_Spec", SurveySpec, ReportSpec)


@frozen(kw_only=True)
class PluginInfo:
    """What is known of one plugin.

    Attributes:
        name: The entry point's name.
        module: The module it names.
        distribution: The installed distribution it belongs to; empty where unknown.
        version: That distribution's version.
        hooks: The hooks it implements.
        records: What it offers, by hook.
        state: ``ok``, ``disabled``, ``failed`` or ``incompatible``.
        reason: Why it is not ok, or what to know though it is.
        load_ms: Milliseconds that loading took.
    """

    name: str
    module: str
    distribution: str = ""
    version: str = ""
    hooks: tuple[str, ...] = ()
    records: tuple[Any, ...] = ()
    state: State = "ok"
    reason: str = ""
    load_ms: float = 0.0

    @property
    def metrics(self) -> tuple[MetricSpec, ...]:
        """The metrics it offers."""
        return tuple(one for one in self.records if isinstance(one, MetricSpec))

    @property
    def described(self) -> str:
        """Name, distribution and version in one line."""
        return f"{self.name} ({self.distribution} {self.version})" if self.version else self.name


@define(eq=False)
class Plugins:
    """The plugins of one run, loaded on first need.

    Attributes:
        points: Their entry points.
        disabled: Names of those that are not to be loaded.
    """

    points: tuple[EntryPoint, ...]
    disabled: frozenset[str] = frozenset()
    _loaded: tuple[PluginInfo, ...] | None = None

    @classmethod
    def found(cls, disable: Iterable[str] = ()) -> Plugins:
        """The installed plugins, in the order of their names.

        Args:
            disable: Plugins to leave out, besides those that the environment names.
        """
        named = [name.strip() for name in os.environ.get(DISABLE_VARIABLE, "").split(",")]
        points = sorted(entry_points(group=NAME), key=lambda point: (point.name, point.value))
        return cls(tuple(points), frozenset([*disable, *filter(None, named)]))

    def infos(self) -> tuple[PluginInfo, ...]:
        """Every plugin with its state."""
        if self._loaded is None:
            self._loaded = tuple(_with_claims(list(self._load())))
        return self._loaded

    def unknown_disabled(self) -> tuple[str, ...]:
        """Names that are disabled but belong to no plugin."""
        return tuple(sorted(self.disabled - {point.name for point in self.points}))

    def metrics(self) -> tuple[tuple[PluginInfo, MetricSpec], ...]:
        """Every metric that can be used, with its plugin."""
        return tuple((info, spec) for info in self._usable() for spec in info.metrics)

    def metric(self, kind: str) -> tuple[PluginInfo, MetricSpec]:
        """A metric by its kind, or by ``plugin:kind``.

        Raises:
            PluginError: No plugin offers it, or several do.
        """
        plugin, _, name = kind.rpartition(":")
        found = [
            (info, spec)
            for info, spec in self.metrics()
            if spec.name == name and plugin in ("", info.name)
        ]
        if len(found) == 1:
            return found[0]
        if found:
            ways = " or ".join(repr(f"{info.name}:{name}") for info, _ in found)
            raise PluginError(
                f"the plugins {listed(info.name for info, _ in found)} both offer a metric "
                f"{name!r}; write {ways}, or disable one of them"
            )
        raise PluginError(self._absent(plugin, name))

    def reader(self, path: str) -> SurveySpec:
        """The reader of a file, by how its name ends.

        Raises:
            PluginError: No plugin reads it, or several do.
        """
        return self._by_suffix(path, SurveySpec, "reads")

    def report(self, path: str) -> ReportSpec:
        """The report that writes a file, by how its name ends.

        Raises:
            PluginError: No plugin writes it, or several do.
        """
        return self._by_suffix(path, ReportSpec, "writes")

    def of_metric(self, metric: type) -> tuple[PluginInfo, MetricSpec] | None:
        """The plugin and record of a metric's class, where one offers it."""
        return next((pair for pair in self.metrics() if pair[1].metric is metric), None)

    def _usable(self) -> Iterator[PluginInfo]:
        return (info for info in self.infos() if info.state == "ok")

    def _absent(self, plugin: str, name: str) -> str:
        """Why a metric can't be had."""
        kind = f"{plugin}:{name}" if plugin else name
        for info in self.infos():
            if info.state != "ok" and info.name in (plugin, name):
                return (
                    f"the metric {kind!r} can't be used: its plugin {info.name!r} is "
                    f"{info.state}: {info.reason}; `satcore plugins` shows the plugins"
                )
        names = [spec.name for _, spec in self.metrics()]
        broken = [info.name for info in self.infos() if info.state in ("failed", "incompatible")]
        hint = near(name, names) or f"; there are {listed(names)}"
        if broken:
            hint += (
                f"; the plugins {listed(broken)} could not be loaded and may offer it: "
                "`satcore plugins` says why"
            )
        return f"no plugin offers a metric {kind!r}{hint}"

    def _by_suffix(self, path: str, record: type[_Spec], verb: str) -> _Spec:
        found = [
            (info, one, suffix)
            for info in self._usable()
            for one in info.records
            if isinstance(one, record)
            for suffix in one.suffixes
            if path.lower().endswith(suffix)
        ]
        longest = max((len(suffix) for _, _, suffix in found), default=0)
        found = [one for one in found if len(one[2]) == longest]
        if len(found) == 1:
            return found[0][1]
        if found:
            raise PluginError(
                f"{path}: the plugins {listed(info.name for info, _, _ in found)} both say that "
                f"they {verb.rstrip('s')} it; disable one of them"
            )
        known = sorted(
            {
                suffix
                for info in self._usable()
                for one in info.records
                if isinstance(one, record)
                for suffix in one.suffixes
            }
        )
        raise PluginError(f"{path}: no plugin {verb} such a file; there are {listed(known)}")

    def _load(self) -> Iterator[PluginInfo]:
        manager = pluggy.PluginManager(NAME)
        manager.add_hookspecs(hookspecs)
        for point in self.points:
            info = PluginInfo(
                name=point.name,
                module=point.value,
                distribution=point.dist.name if point.dist else "",
                version=point.dist.version if point.dist else "",
            )
            if point.name in self.disabled:
                yield evolve(info, state="disabled", reason="disabled by the user")
            else:
                # A clock for the listing only: no result depends on it.
                start = time.perf_counter()
                loaded = _loaded(manager, point, info)
                yield evolve(loaded, load_ms=1000 * (time.perf_counter() - start))


def _loaded(manager: pluggy.PluginManager, point: EntryPoint, info: PluginInfo) -> PluginInfo:
    """Import, register, check and call one plugin; whatever it raises stays here."""
    plugin: object = None
    try:
        plugin = point.load()
        manager.register(plugin, point.name)
        manager.check_pending()
        callers = manager.get_hookcallers(plugin) or []
        hooks = tuple(sorted(caller.name for caller in callers))
        records = tuple(record for hook in hooks for record in _records(manager, plugin, hook))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin may raise anything
        # pluggy keeps a plugin that it has refused; it must not speak again.
        if plugin is not None and manager.is_registered(plugin):
            manager.unregister(plugin)
        return evolve(info, state="failed", reason=_reason(error))
    needed = max((record.api for record in records), default=0)
    if needed > PLUGIN_API:
        manager.unregister(plugin)
        return evolve(
            info,
            hooks=hooks,
            state="incompatible",
            reason=f"made for plugin API {needed}, this satcore offers {PLUGIN_API}; "
            "upgrade satcore or take an older version of the plugin",
        )
    if not hooks:
        return evolve(info, reason="implements no hook; mark its functions with @hookimpl")
    return evolve(info, hooks=hooks, records=records)


def _records(manager: pluggy.PluginManager, plugin: object, hook: str) -> tuple[Any, ...]:
    """Call one hook of one plugin alone and check what it returns."""
    others = [other for other in manager.get_plugins() if other is not plugin]
    caller: Callable[[], list[Any]] = manager.subset_hook_caller(hook, others)
    returned = caller()
    records = tuple(returned[0]) if returned else ()
    wanted = _RECORDS[hook]
    names: list[str] = []
    for record in records:
        if not isinstance(record, wanted):
            raise TypeError(
                f"{hook} returns {wanted.__name__} records, not {type(record).__name__}"
            )
        if not _NAME.fullmatch(record.name):
            raise ValueError(
                f"{hook}: {record.name!r} is no name; use small letters, digits and underscores"
            )
        names.append(record.name)
    if len(set(names)) < len(names):
        raise ValueError(f"{hook} returns two records of one name: {listed(names)}")
    return records


def _reason(error: BaseException) -> str:
    """Why a plugin failed, in one line; for a mistyped hook, the one that was meant."""
    if isinstance(error, pluggy.PluginValidationError):
        match = re.search(r"unknown hook '(\w+)'", str(error))
        if match:
            return (
                f"there is no hook {match[1]!r}{near(match[1], _RECORDS)}"
                f" (hooks are {listed(_RECORDS)})"
            )
    return f"{type(error).__name__}: {error}".replace("\n", " ")


def _with_claims(infos: list[PluginInfo]) -> Iterator[PluginInfo]:
    """Say where two plugins claim one metric name; each stays usable by its full name."""
    owners: dict[str, list[str]] = {}
    for info in infos:
        if info.state == "ok":
            for spec in info.metrics:
                owners.setdefault(spec.name, []).append(info.name)
    for info in infos:
        claims = [
            f"metric {spec.name!r} is also offered by "
            f"{listed(owner for owner in owners[spec.name] if owner != info.name)}: "
            f"write '{info.name}:{spec.name}', or disable one"
            for spec in info.metrics
            if info.state == "ok" and len(owners[spec.name]) > 1
        ]
        yield evolve(info, reason="; ".join(claims)) if claims else info
