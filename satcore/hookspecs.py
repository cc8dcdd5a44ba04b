"""The hooks: what a plugin may offer, as typed records.

A plugin is a module named by an entry point of the group ``satcore``. It implements any of the
hooks below with ``@satcore.hookimpl``. Hooks take no arguments and return records, so that the
API grows by record fields with defaults and never by new parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import pluggy
from attrs import field, frozen

from satcore.codebook import Text

if TYPE_CHECKING:
    from satcore.engines import Engine
    from satcore.metrics import Chart, Metric
    from satcore.results import Results
    from satcore.surveys import Survey

#: Name of the pluggy project and of the entry-point group.
NAME: Final = "satcore"

#: Version of the plugin API that this satcore offers. A record that asks for a later one is
#: listed as incompatible and not used.
PLUGIN_API: Final = 1

hookspec = pluggy.HookspecMarker(NAME)

#: Marks a function of a plugin as the implementation of a hook.
hookimpl = pluggy.HookimplMarker(NAME)


def _text(value: str | Mapping[str, str] | Text) -> Text:
    return Text.of(value)


def _texts(value: Mapping[str, str | Mapping[str, str] | Text]) -> dict[str, Text]:
    return {name: Text.of(text) for name, text in value.items()}


@frozen
class MetricSpec:
    """A metric that a plugin offers.

    Attributes:
        name: The metric's kind, as study files name it: ``"nps"``.
        metric: The metric's class: a frozen attrs class, whose fields are its options.
        summary: One line that says what it measures.
        primary: The term that standards and trends take where none is named; the first that
            ``evaluate`` yields where left out.
        title: The metric's name for people, by language.
        terms: Its terms' names for people, by term and language.
        headline: The terms that a terminal's table shows; the first few where left out.
        example: Options of an instance that can be shown and checked, as a study file would write
            them: ``{"item": "Q1"}``.
        beside: Other metrics that the example stands on, by their names in a study:
            ``{"nps": {"item": "Q1"}}``.
        api: The plugin API that the record was written for.
    """

    name: str
    metric: type[Metric]
    summary: str = ""
    primary: str = ""
    title: Text = field(factory=lambda: Text.of(""), converter=_text, kw_only=True)
    terms: Mapping[str, Text] = field(factory=dict, converter=_texts, kw_only=True)
    headline: tuple[str, ...] = field(default=(), kw_only=True)
    example: Mapping[str, Any] = field(factory=dict, kw_only=True)
    beside: Mapping[str, Mapping[str, Any]] = field(factory=dict, kw_only=True)
    api: int = field(default=1, kw_only=True)


@frozen(kw_only=True)
class Source:
    """What a survey reader is asked to open.

    Attributes:
        paths: Files, in order; globs are expanded already and every file is there.
        encoding: The encoding that the study names; None to find it.
    """

    paths: tuple[str, ...]
    encoding: str | None = None


#: Opens a source.
SurveyReader: TypeAlias = "Callable[[Source], Survey]"


@frozen
class SurveySpec:
    """A kind of file that a plugin reads.

    Attributes:
        name: What to call the kind: ``"csv"``.
        suffixes: File names it reads, by how they end: ``(".csv", ".tsv")``.
        read: Opens the files. It checks names and headers now, and reads answers later.
        summary: One line.
        api: The plugin API that the record was written for.
    """

    name: str
    suffixes: tuple[str, ...]
    read: SurveyReader
    summary: str = ""
    api: int = field(default=1, kw_only=True)


#: Renders results: called as ``render(results, language)``, gives the file's bytes.
ReportRenderer: TypeAlias = "Callable[[Results, str], bytes]"

#: Makes pictures of a metric: called as ``make(results, name, language)``.
ChartMaker: TypeAlias = "Callable[[Results, str, str], Iterable[Chart]]"


@frozen
class ReportSpec:
    """A kind of report that a plugin writes.

    Attributes:
        name: What to call the kind: ``"html"``.
        suffixes: File names it writes, by how they end.
        render: Makes the file's bytes from results and a language. It may raise
            ``OutputError`` to say what has to be installed.
        summary: One line.
        languages: The languages it speaks.
        plain_charts: Makes pictures of any metric, from results, its name and a language: those
            that the report shows for metrics without pictures of their own. None where it has none.
        render_static: Makes the file's bytes as ``render`` does, without any script in it; what
            ``--static`` asks for. None where the report has no such form.
        api: The plugin API that the record was written for.
    """

    name: str
    suffixes: tuple[str, ...]
    render: ReportRenderer
    summary: str = ""
    languages: Sequence[str] = ("en",)
    plain_charts: ChartMaker | None = field(default=None, kw_only=True)
    render_static: ReportRenderer | None = field(default=None, kw_only=True)
    api: int = field(default=1, kw_only=True)


@frozen(kw_only=True)
class EngineRequest:
    """What an engine is asked for by its name.

    Attributes:
        address: What stands after the name and a colon: ``"tcp://127.0.0.1:8786"``; empty for
            whatever the engine begins by itself.
        stream: Whether answers may be read out of a database where it can't count them itself.
    """

    address: str = ""
    stream: bool = False


#: Gives an engine.
EngineOpener: TypeAlias = "Callable[[EngineRequest], Engine]"


@frozen
class EngineSpec:
    """An engine that a plugin offers.

    Attributes:
        name: What to call it: ``"dask"``.
        open: Gives the engine. It may raise ``EngineError`` to say what has to be installed, and
            begins nothing before there is something to scan.
        summary: One line.
        api: The plugin API that the record was written for.
    """

    name: str
    open: EngineOpener
    summary: str = ""
    api: int = field(default=1, kw_only=True)


@hookspec
def satcore_metrics() -> Iterable[MetricSpec]:  # type: ignore[empty-body]
    """Offer metrics.

    Called once, when the first metric is asked for.

    :return: a record for each metric. Its name must be no other plugin's.

    .. versionadded:: 0.1
    """


@hookspec
def satcore_surveys() -> Iterable[SurveySpec]:  # type: ignore[empty-body]
    """Offer readers of survey files.

    Called once, when the first file is to be opened.

    :return: a record for each kind of file.

    .. versionadded:: 0.1
    """


@hookspec
def satcore_reports() -> Iterable[ReportSpec]:  # type: ignore[empty-body]
    """Offer reports.

    Called once, when the first report is to be written.

    :return: a record for each kind of report.

    .. versionadded:: 0.1
    """


@hookspec
def satcore_engines() -> Iterable[EngineSpec]:  # type: ignore[empty-body]
    """Offer engines.

    Called once, when the first engine is asked for that is not the core's own.

    :return: a record for each engine.

    .. versionadded:: 0.1
    """
