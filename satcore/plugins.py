"""The plugin host: finds plugins, loads them one by one, contains those that fail.

A plugin that can't be imported, has a mistyped hook, asks for a newer API or returns something
else than records is named with its reason; the others go on. No registry is global: every run
has its own, and importing twice costs nothing.
"""

from __future__ import annotations

import difflib
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, TypeVar

import attrs
import pluggy
from attrs import define, evolve, frozen

from satcore import hookspecs
from satcore.addresses import file_name, shown_address
from satcore.catalogues import OWN, Catalogues
from satcore.errors import PluginError, listed, near
from satcore.hookspecs import (
    NAME,
    PLUGIN_API,
    CatalogueSpec,
    EngineSpec,
    InstrumentSpec,
    MetricSpec,
    ReportSpec,
    SurveySpec,
)
from satcore.metrics import Metric
from satcore.plugin_files import FilePoint, plugin_files

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

#: Names of plugins that are not to be loaded, separated by commas.
DISABLE_VARIABLE: Final = "SATCORE_DISABLE_PLUGINS"

#: Set it to see each call of a hook on standard error.
TRACE_VARIABLE: Final = "SATCORE_TRACE"

State: TypeAlias = Literal["ok", "disabled", "failed", "incompatible"]

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_RECORDS: Final[dict[str, type[Any]]] = {
    "satcore_metrics": MetricSpec,
    "satcore_surveys": SurveySpec,
    "satcore_reports": ReportSpec,
    "satcore_engines": EngineSpec,
    "satcore_catalogues": CatalogueSpec,
    "satcore_instruments": InstrumentSpec,
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
    def catalogues(self) -> tuple[CatalogueSpec, ...]:
        """The catalogues it offers."""
        return tuple(one for one in self.records if isinstance(one, CatalogueSpec))

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

    points: tuple[EntryPoint | FilePoint, ...]
    disabled: frozenset[str] = frozenset()
    _loaded: tuple[PluginInfo, ...] | None = None

    @classmethod
    def found(cls, disable: Iterable[str] = (), folders: Iterable[str] = ()) -> Plugins:
        """The installed plugins and those of plugin files, in the order of their names.

        Args:
            disable: Plugins to leave out, besides those that the environment names.
            folders: Folders of plugin files, besides those that the environment names.

        Raises:
            PluginError: A folder that isn't there.
        """
        # It brings a parser of e-mails; importing satcore should not pay for that.
        from importlib.metadata import entry_points

        named = [name.strip() for name in os.environ.get(DISABLE_VARIABLE, "").split(",")]
        everything: list[EntryPoint | FilePoint] = [*entry_points(group=NAME)]
        everything += plugin_files(folders)
        # Of two that share a name the first stands: the installed one, never a file beside it.
        points = sorted(
            everything,
            key=lambda point: (point.name, isinstance(point, FilePoint), point.value),
        )
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
                f"the plugins {listed(info.name for info, _ in found)} all offer a metric "
                f"{name!r}; write {ways}, or disable all but one"
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

    def engine(self, name: str, others: Iterable[str] = ()) -> EngineSpec:
        """An engine by its name.

        Args:
            name: The name.
            others: Engines that there are besides.

        Raises:
            PluginError: No plugin offers it, or several do.
        """
        offered = [
            (info, one)
            for info in self._usable()
            for one in info.records
            if isinstance(one, EngineSpec)
        ]
        found = [(info, one) for info, one in offered if one.name == name]
        if len(found) == 1:
            return found[0][1]
        if found:
            raise PluginError(
                f"the plugins {listed(info.name for info, _ in found)} all offer an engine "
                f"{name!r}; disable all but one"
            )
        names = sorted({*others, *(one.name for _, one in offered)})
        hint = f"{near(name, names)}{_there(names)}"
        raise PluginError(f"there is no engine {name!r}{self._silent()}{hint}")

    def instruments(self) -> tuple[tuple[PluginInfo, InstrumentSpec], ...]:
        """Every questionnaire that can be used, with its plugin."""
        return tuple(
            (info, one)
            for info in self._usable()
            for one in info.records
            if isinstance(one, InstrumentSpec)
        )

    def instrument(self, name: str) -> InstrumentSpec:
        """A questionnaire by its name, or by ``plugin:name``.

        Raises:
            PluginError: No plugin offers it, or several do.
        """
        plugin, _, own = name.rpartition(":")
        there = self.instruments()
        found = [(i, one) for i, one in there if one.name == own and plugin in ("", i.name)]
        if len(found) == 1:
            return found[0][1]
        if found:
            ways = " or ".join(repr(f"{info.name}:{own}") for info, _ in found)
            raise PluginError(
                f"the plugins {listed(info.name for info, _ in found)} all offer a questionnaire "
                f"{own!r}; write {ways}, or disable all but one"
            )
        names = [one.name for _, one in there]
        hint = near(own, names) or _there(names)
        raise PluginError(f"no plugin offers a questionnaire {name!r}{self._silent()}{hint}")

    def reports(self) -> list[ReportSpec]:
        """The reports of all plugins that can be used."""
        return [
            one for info in self._usable() for one in info.records if isinstance(one, ReportSpec)
        ]

    def catalogues(self) -> Catalogues:
        """The catalogues of all plugins that can be used, and satcore's own behind them."""
        offered = [(info.name, one) for info in self._usable() for one in info.catalogues]
        return Catalogues((*offered, (NAME, OWN)))

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
        if plugin and plugin not in (info.name for info in self.infos()):
            hint = near(plugin, (info.name for info in self.infos()))
            return f"there is no plugin {plugin!r} to offer a metric {name!r}{hint}"
        names = [spec.name for _, spec in self.metrics()]
        hint = near(name, names) or _there(names)
        return f"no plugin offers a metric {kind!r}{self._silent()}{hint}"

    def _silent(self) -> str:
        """The plugins that could not be asked."""
        silent = [f"{info.name!r} is {info.state}" for info in self.infos() if info.state != "ok"]
        if not silent:
            return ""
        return f"; {listed(silent)} and may offer it: `satcore plugins` says why"

    def _by_suffix(self, path: str, record: type[_Spec], verb: str) -> _Spec:
        name, path = file_name(path).lower(), shown_address(path)
        found = [
            (info, one, suffix)
            for info in self._usable()
            for one in info.records
            if isinstance(one, record)
            for suffix in one.suffixes
            if name.endswith(suffix)
        ]
        longest = max((len(suffix) for _, _, suffix in found), default=0)
        found = [one for one in found if len(one[2]) == longest]
        if len(found) == 1:
            return found[0][1]
        if found:
            raise PluginError(
                f"{path}: the plugins {listed(info.name for info, _, _ in found)} all say that "
                f"they {verb.rstrip('s')} it; disable all but one"
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
        raise PluginError(f"{path}: no plugin {verb} such a file{self._silent()}{_there(known)}")

    def _load(self) -> Iterator[PluginInfo]:
        names: set[str] = set()
        distributions: dict[int, tuple[str, str]] = {}
        for point in self.points:
            info = _described(point, distributions)
            if point.name in self.disabled:
                yield evolve(
                    info, state="disabled", reason=f"left out by --disable or {DISABLE_VARIABLE}"
                )
            elif point.name in names:
                yield evolve(info, state="failed", reason=_taken(point))
            else:
                # A clock for the listing only: no result depends on it.
                start = time.perf_counter()
                loaded = _loaded(point, info)
                yield evolve(loaded, load_ms=1000 * (time.perf_counter() - start))
            names.add(point.name)


def _described(
    point: EntryPoint | FilePoint, distributions: dict[int, tuple[str, str]]
) -> PluginInfo:
    """What an entry point tells before it is loaded; its metadata may be damaged.

    Args:
        point: The entry point.
        distributions: Names and versions that were read already, by the object's number: a
            README is parsed with them, which takes its time.
    """
    info = PluginInfo(name=point.name, module=point.value)
    try:
        if point.dist is not None:
            if id(point.dist) not in distributions:
                told = point.dist.metadata
                distributions[id(point.dist)] = told["Name"] or "", told["Version"] or ""
            name, version = distributions[id(point.dist)]
            return evolve(info, distribution=name, version=version)
    except Exception:  # noqa: BLE001 - the plugin itself may be sound
        return info
    return info


def _taken(point: EntryPoint | FilePoint) -> str:
    """Why a plugin can't have its name, and the cure."""
    cure = f"rename the file {point.value}"
    if not isinstance(point, FilePoint):
        cure = "uninstall one of them"
    return f"another plugin is called {point.name!r}; {cure}"


def _loaded(point: EntryPoint | FilePoint, info: PluginInfo) -> PluginInfo:
    """Import, register, check and call one plugin; whatever it raises stays here.

    Each has a manager of its own: pluggy compares plugins with ``==``, calls all of them at once
    and keeps those that it has refused.
    """
    manager = pluggy.PluginManager(NAME)
    if os.environ.get(TRACE_VARIABLE, "") not in ("", "0"):
        _trace(manager, point.name)
    try:
        manager.add_hookspecs(hookspecs)
        plugin = point.load()
        manager.register(plugin, point.name)
        manager.check_pending()
        hooks = tuple(hook for hook in _RECORDS if getattr(manager.hook, hook).get_hookimpls())
        records = tuple(record for hook in hooks for record in _records(manager, hook))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - a plugin may raise anything
        return evolve(info, state="failed", reason=_reason(error))
    needed = max((record.api for record in records), default=0)
    if needed > PLUGIN_API:
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


def _trace(manager: pluggy.PluginManager, plugin: str) -> None:
    """Tell every hook call on standard error: plugin, hook, what came, and how long it took."""
    started: list[float] = []

    def before(hook: str, implementations: Any, arguments: Any) -> None:
        started.append(time.perf_counter())

    def after(outcome: pluggy.Result[Any], hook: str, implementations: Any, arguments: Any) -> None:
        if not implementations:
            return
        took = 1000 * (time.perf_counter() - started.pop())
        raised = outcome.exception
        said = "returned" if raised is None else f"raised {type(raised).__name__}"
        print(f"satcore: {plugin}: {hook} {said} in {took:.1f} ms", file=sys.stderr)  # noqa: T201

    manager.add_hookcall_monitoring(before, after)


def _records(manager: pluggy.PluginManager, hook: str) -> tuple[Any, ...]:
    """Call one hook and check what it returns."""
    caller: Callable[[], list[Any]] = getattr(manager.hook, hook)
    returned = caller()
    wanted = _RECORDS[hook]
    if not returned:
        return ()
    if not isinstance(returned[0], Iterable):
        found = type(returned[0]).__name__
        raise TypeError(f"{hook} returns a list of {wanted.__name__} records, not one {found}")
    records = tuple(returned[0])
    names: list[str] = []
    for record in records:
        if not isinstance(record, wanted):
            raise TypeError(
                f"{hook} returns {wanted.__name__} records, not {type(record).__name__}"
            )
        if not (isinstance(record.name, str) and _NAME.fullmatch(record.name)):
            raise ValueError(
                f"{hook}: {record.name!r} is no name; use small letters, digits and underscores"
            )
        _check(record, f"{hook}: {record.name!r}")
        names.append(record.name)
    if len(set(names)) < len(names):
        raise ValueError(f"{hook} returns two records of one name: {listed(names)}")
    return records


def _check(
    record: MetricSpec | SurveySpec | ReportSpec | EngineSpec | CatalogueSpec | InstrumentSpec,
    place: str,
) -> None:
    """Hold a record's fields against their types, before anything is done with them."""
    if not isinstance(record.api, int):
        raise TypeError(f"{place}: api is a whole number, not {record.api!r}")
    if isinstance(record, MetricSpec):
        kind = record.metric
        if not (isinstance(kind, type) and issubclass(kind, Metric) and attrs.has(kind)):
            raise TypeError(f"{place}: {kind!r} is no attrs class that derives from Metric")
        return
    if isinstance(record, EngineSpec):
        if not callable(record.open):
            raise TypeError(f"{place}: open is called with a request, but is {record.open!r}")
        return
    if isinstance(record, CatalogueSpec):
        if not all(hasattr(record.folder, name) for name in ("is_dir", "iterdir", "joinpath")):
            raise TypeError(f"{place}: folder is a path, but is {record.folder!r}")
        return
    if isinstance(record, InstrumentSpec):
        return  # it has held its parts against each other when it was made
    suffixes: Any = record.suffixes
    if isinstance(suffixes, str) or not all(isinstance(one, str) and one for one in suffixes):
        raise TypeError(f'{place}: suffixes are a tuple, as (".csv",), not {suffixes!r}')


def _reason(error: BaseException) -> str:
    """Why a plugin failed, in one line; for a mistyped hook, the one that was meant."""
    kind = type(error).__name__
    try:
        text = " ".join(str(error).split())
    except Exception:  # noqa: BLE001 - it may not even be able to say what it is
        return kind
    if isinstance(error, pluggy.PluginValidationError):
        match = re.search(r"unknown hook '(\w+)'", text)
        if match:
            meant = difflib.get_close_matches(match[1], _RECORDS, n=1)
            hint = f"; did you mean {meant[0]!r}?" if meant else ""
            return f"there is no hook {match[1]!r}{hint} (hooks are {listed(_RECORDS)})"
    return f"{kind}: {text}" if text else kind


def _there(names: Iterable[str]) -> str:
    found = listed(names)
    return f"; there are {found}" if found else "; there are none at all"


def _with_claims(infos: list[PluginInfo]) -> Iterator[PluginInfo]:
    """Say where two plugins claim one name.

    Each metric stays usable by its full name; each plugin's own catalogue is asked first for what
    it says itself.
    """
    usable = [info for info in infos if info.state == "ok"]
    metrics = _owners((info.name, spec.name) for info in usable for spec in info.metrics)
    domains = _owners((info.name, spec.name) for info in usable for spec in info.catalogues)
    for info in infos:
        claims: list[str] = []
        if info.state == "ok":
            claims += [
                f"metric {name!r} is also offered by {others}: "
                f"write '{info.name}:{name}', or disable one"
                for name, others in _shared(info.name, info.metrics, metrics)
            ]
            claims += [
                f"catalogue {name!r} is also offered by {others}: call one of them otherwise"
                for name, others in _shared(info.name, info.catalogues, domains)
            ]
        yield evolve(info, reason="; ".join(claims)) if claims else info


def _owners(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Plugins by the name of what they offer."""
    owners: dict[str, list[str]] = {}
    for plugin, name in pairs:
        owners.setdefault(name, []).append(plugin)
    return owners


def _shared(
    plugin: str,
    records: Iterable[MetricSpec | CatalogueSpec],
    owners: Mapping[str, Sequence[str]],
) -> Iterator[tuple[str, str]]:
    """Names of a plugin's records that others claim, and who these are."""
    for record in records:
        others = [owner for owner in owners[record.name] if owner != plugin]
        if others:
            yield record.name, listed(others)
