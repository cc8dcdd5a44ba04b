"""The checks of a whole plugin."""

from __future__ import annotations

import ast
import importlib
import importlib.util
from collections.abc import Callable, Mapping
from functools import partial
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any

from attrs import evolve

from satcore.errors import OptionError, PluginError, listed, near
from satcore.hookspecs import (
    NAME,
    PLUGIN_API,
    InstrumentSpec,
    MetricSpec,
    ReportSpec,
    SurveySpec,
)
from satcore.metrics import Metric
from satcore.plugins import PluginInfo, Plugins
from satcore.study import structured
from satcore.testing import declaring, importing, speaking
from satcore.testing.checks import Check, LawError, NotApplicable, expecting
from satcore.testing.metrics import metric_checks
from satcore.testing.reports import report_checks
from satcore.testing.subjects import AssumedCodebook, Subject

_Hold = Callable[[PluginInfo, Plugins], None]


def plugin_checks(
    name: str | ModuleType,
    *,
    plugins: Plugins | None = None,
    expected_failures: Mapping[str, str] | None = None,
) -> list[Check]:
    """The checks of a plugin: of its records, and of what they offer.

    A metric is checked with the options that its record gives as ``example``; the checks are
    named after it, as ``nps.cuts``.

    Args:
        name: The entry point's name, or the plugin's module where it has none yet.
        plugins: The plugins there are; the installed ones where None.
        expected_failures: Why a check has to fail, by its name.

    Raises:
        PluginError: No plugin is called so.
        ValueError: An expected failure of a check that there is not.
    """
    host, own = _hosted(name, plugins)
    info = next(one for one in host.infos() if one.name == own)
    checks = [
        Check(n, law, partial(_run, hold, info, host), subject=f"plugin {own!r}")
        for n, law, hold in _CHECKS
    ]
    for record in info.records:
        if isinstance(record, MetricSpec):
            checks += _metric(record, info, host)
        elif isinstance(record, ReportSpec):
            checks += [_under(record.name, one) for one in report_checks(record)]
    return expecting(checks, expected_failures)


def _hosted(name: str | ModuleType, plugins: Plugins | None) -> tuple[Plugins, str]:
    host = plugins or Plugins.found()
    if isinstance(name, ModuleType):
        module = name.__name__
        for point in host.points:
            if point.value == module:
                return host, point.name
        short = module.rpartition(".")[2].removeprefix("satcore_")
        point = EntryPoint(short, module, NAME)
        others = tuple(one for one in host.points if one.name != short)
        return Plugins((*others, point), host.disabled), short
    names = [point.name for point in host.points]
    if name not in names:
        raise PluginError(
            f"there is no plugin {name!r}; there are {listed(names)}{near(name, names)}"
        )
    return host, name


def _run(hold: _Hold, info: PluginInfo, host: Plugins) -> str | None:
    hold(info, host)
    return None


def _under(name: str, check: Check) -> Check:
    return evolve(check, name=f"{name}.{check.name}")


# --------------------------------------------------------------------------- the plugin


def _loads(info: PluginInfo, host: Plugins) -> None:
    if info.state != "ok":
        raise LawError(expected="a plugin that can be used", came=f"{info.state}: {info.reason}")
    if not info.records:
        raise LawError(expected="a hook that offers something", came=info.reason or "no record")


def _module(info: PluginInfo) -> str:
    """A plugin's module, or its file's path: there a colon may follow the drive."""
    return info.module if importing.file_of(info.module) else info.module.partition(":")[0]


def _light(info: PluginInfo, host: Plugins) -> None:
    importing.light_import(_module(info))


def _public(info: PluginInfo, host: Plugins) -> None:
    for found in importing.private_imports(_module(info)):
        raise LawError(expected="public names alone: from satcore import …", came=found)


def _typed(info: PluginInfo, host: Plugins) -> None:
    if importing.file_of(info.module):
        raise NotApplicable(f"{info.module} is a file and no package")
    package = _module(info).partition(".")[0]
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise NotApplicable(f"{package} is a module and no package")
    if not any((Path(one) / "py.typed").is_file() for one in found.submodule_search_locations):
        raise LawError(expected=f"a file {package}/py.typed", came="none")


def _names(info: PluginInfo, host: Plugins) -> None:
    own = {type(one): set[str]() for one in info.records}
    for one in info.records:
        own[type(one)].add(one.name)
    for other in host.infos():
        if other.name == info.name or other.state != "ok":
            continue
        for one in other.records:
            if one.name in own.get(type(one), ()):
                kind = type(one).__name__
                came = f"{one.name!r}, a {kind} of the plugin {other.name!r} too"
                raise LawError(expected="names that no other plugin has", came=came)


def _suffixes(info: PluginInfo, host: Plugins) -> None:
    mine = [one for one in info.records if isinstance(one, SurveySpec | ReportSpec)]
    if not mine:
        raise NotApplicable("it offers neither readers nor reports")
    for other in host.infos():
        for one in other.records if other.state == "ok" else ():
            for record in mine:
                if type(one) is not type(record) or one is record:
                    continue
                both = sorted(set(one.suffixes) & set(record.suffixes))
                if both:
                    came = f"{', '.join(both)}, also of {one.name!r} of the plugin {other.name!r}"
                    raise LawError(expected="files that no other plugin claims", came=came)


def _summaries(info: PluginInfo, host: Plugins) -> None:
    for one in info.records:
        if isinstance(one, InstrumentSpec):
            _questionnaire(one)
            continue
        if not one.summary.strip() or "\n" in one.summary:
            raise LawError(expected=f"{one.name!r}: a summary of one line", came=repr(one.summary))
        if isinstance(one, MetricSpec) and not str(one.title):
            raise LawError(expected=f"{one.name!r}: a title for people", came="none")


def _questionnaire(spec: InstrumentSpec) -> None:
    """Hold that a questionnaire tells its name, its source, and why facts are left out."""
    texts = {"title": spec.title, "industry": spec.industry}
    texts |= {f"title of {one.name!r}": one.title for one in spec.dimensions}
    for name, text in texts.items():
        if not str(text).strip():
            raise LawError(expected=f"{spec.name!r}: {name}, for people", came="none")
    if not spec.source.strip():
        raise LawError(expected=f"{spec.name!r}: a source of its facts", came="none")
    if not (spec.complete and spec.scale) and not str(spec.unread).strip():
        came = "a scale or items of dimensions are left out, and nothing says why"
        raise LawError(expected=f"{spec.name!r}: why facts are left out, as unread", came=came)


def _documented(info: PluginInfo, host: Plugins) -> None:
    for one in info.metrics:
        declaring.docstring(one.metric)
    module = _module(info)
    file = importing.file_of(module)
    if file is None:
        said = importlib.import_module(module).__doc__
    else:
        said = ast.get_docstring(ast.parse(file.read_bytes(), str(file)))
    if not (said or "").strip():
        raise LawError(expected=f"a docstring of {module}", came="none")


def _api(info: PluginInfo, host: Plugins) -> None:
    for one in info.records:
        if not 1 <= one.api <= PLUGIN_API:
            raise LawError(
                expected=f"{one.name!r}: an api from 1 to {PLUGIN_API}", came=str(one.api)
            )


def _catalogues(info: PluginInfo, host: Plugins) -> None:
    speaking.readable(info)


_CHECKS: tuple[tuple[str, str, _Hold], ...] = (
    ("loads", "A plugin is found, imported and registered, and offers something.", _loads),
    ("light_import", "Importing a plugin loads nothing slow.", _light),
    ("public_names", "A plugin imports public names of satcore alone.", _public),
    ("typed", "A plugin's package says that it is typed.", _typed),
    ("names", "No other plugin offers a record of the same name.", _names),
    ("suffixes", "No other plugin claims the same files.", _suffixes),
    ("summaries", "Every record has a summary, every metric a title.", _summaries),
    ("documented", "A plugin and its metrics say what they are.", _documented),
    ("catalogues", "Catalogues can be read, and keep what is put in.", _catalogues),
    ("api", "Records are made for an API that this satcore offers.", _api),
)


# --------------------------------------------------------------------------- its metrics


def _metric(spec: MetricSpec, info: PluginInfo, host: Plugins) -> list[Check]:
    """The checks of a metric with its example's options."""
    try:
        metric, beside = example_of(spec, host)
    except NotApplicable as error:
        return [_told(spec, error)]
    except LawError as error:
        return [_told(spec, error)]
    checks = [
        Check(
            "terms_named",
            "Every term has a name for people; primary and headline are terms.",
            partial(_terms_named, spec, metric, beside),
            subject=spec.name,
        ),
        Check(
            "chinese",
            "Title, terms and messages are told in Chinese, where the plugin speaks it.",
            partial(_chinese, spec, info, metric, beside),
            subject=spec.name,
        ),
        *metric_checks(metric, beside=beside),
    ]
    return [_under(spec.name, one) for one in checks]


def _told(spec: MetricSpec, error: NotApplicable | LawError) -> Check:
    def raised() -> str | None:
        raise error

    law = "A record gives options by which its metric can be tried."
    return Check(f"{spec.name}.example", law, raised, subject=spec.name)


def example_of(spec: MetricSpec, host: Plugins) -> tuple[Metric, dict[str, Metric]]:
    """A metric with its example's options, and the metrics beside it.

    Raises:
        NotApplicable: The record gives no example, or one that needs a plugin that is not there.
        LawError: Options that can't be read.
    """
    given: Any = getattr(spec, "example", None) or {}
    if not given and not _stands_by_itself(spec.metric):
        raise NotApplicable(
            f"MetricSpec({spec.name!r}) gives no example of its options; "
            'add one, as example={"item": "Q1"}'
        )
    options = dict(given)
    tables = dict(getattr(spec, "beside", None) or options.pop("beside", {}))
    beside = {}
    for name, table in tables.items():
        others = dict(table)
        kind = others.pop("metric", name)
        try:
            _, other = host.metric(kind)
        except PluginError as error:
            raise NotApplicable(f"its example stands on {kind!r}: {error}") from None
        beside[name] = _structured(others, other.metric, f"{spec.name!r}, beside {name!r}")
    return _structured(options, spec.metric, repr(spec.name)), beside


def _stands_by_itself(kind: type[Metric]) -> bool:
    """Whether a metric can be had without any option."""
    metric, problems = structured({}, kind)
    try:
        return not problems and bool(metric.statistics(AssumedCodebook()))
    except OptionError:
        return False


def _structured(options: Mapping[str, Any], kind: type[Metric], where: str) -> Metric:
    metric, problems = structured(options, kind)
    if problems:
        told = "; ".join(f"{option}: {message}" for option, message in problems)
        raise LawError(expected=f"{where}: an example of its options", came=told)
    made: Metric = metric
    return made


def _chinese(
    spec: MetricSpec, info: PluginInfo, metric: Metric, beside: Mapping[str, Metric]
) -> None:
    subject = Subject.of(metric, beside=beside)
    _, found = subject.usual(subject.plan("segment"))
    told = (one.estimate.message for one in found.estimates)
    speaking.chinese(spec, info, (text for said in told if said is not None for text in said))


def _terms_named(spec: MetricSpec, metric: Metric, beside: Mapping[str, Metric]) -> str | None:
    subject = Subject.of(metric, beside=beside)
    _, found = subject.usual(subject.plan("segment"))
    terms = list(dict.fromkeys(one.estimate.term for one in found.estimates))
    unnamed = [term for term in terms if term not in spec.terms]
    if unnamed:
        raise LawError(
            expected=f"MetricSpec({spec.name!r}): terms for people",
            came=f"none for {listed(unnamed)}",
        )
    for option in (spec.primary, *spec.headline):
        if option and option not in (*terms, *spec.terms):
            raise LawError(
                expected=f"one of {listed(terms, 40)}", came=f"{option!r}{near(option, terms)}"
            )
    return None
