"""The hooks: what a plugin may offer, as typed records.

A plugin is a module named by an entry point of the group ``satcore``. It implements any of the
hooks below with ``@satcore.hookimpl``. Hooks take no arguments and return records, so that the
API grows by record fields with defaults and never by new parameters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import pluggy
from attrs import field, frozen

from satcore.codebook import Scale, Text

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

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


def _numbered(value: Mapping[int, str | Mapping[str, str] | Text]) -> dict[int, Text]:
    return {number: Text.of(text) for number, text in value.items()}


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


#: A folder of catalogues: a path, or what ``importlib.resources.files`` gives.
CatalogueFolder: TypeAlias = "Path | Traversable"


def _folder(value: str | CatalogueFolder) -> CatalogueFolder:
    return Path(value) if isinstance(value, str) else value


@frozen
class CatalogueSpec:
    """What a plugin says in other languages, as gettext's files hold it.

    The files are ``<language>/LC_MESSAGES/<domain>.po`` in the folder, for instance
    ``zh/LC_MESSAGES/satcore_retail.po``. Their source is read; a ``.mo`` serves where there is
    no ``.po``.

    Attributes:
        domain: The files' name; a plugin's package has a good one: ``"satcore_retail"``.
        folder: The folder: ``importlib.resources.files("satcore_retail") / "locale"``.
        summary: One line.
        api: The plugin API that the record was written for.
    """

    domain: str
    folder: CatalogueFolder = field(converter=_folder)
    summary: str = ""
    api: int = field(default=1, kw_only=True)

    @property
    def name(self) -> str:
        """The domain: the record's name among those of its kind."""
        return self.domain


#: What a questionnaire asks of each item. Each is asked in columns of its own.
FORMS: Final = ("expectation", "desired", "adequate", "perception")

_NUMBERS = re.compile(r"\s*(\d+)\s*(?:\.\.\s*(\d+)\s*)?")


@frozen
class InstrumentDimension:
    """A dimension of a questionnaire.

    Attributes:
        name: Its name in study files and results: ``"empathy"``.
        title: Its name for people, by language.
        items: The numbers of its items, as ``"1..4"`` or ``"1,4,6"``; empty where no source for
            them could be read, and the study has to say.
        scale: Its scale where that is not the questionnaire's; such items are not scored with
            the others.
    """

    name: str
    title: Text = field(converter=_text)
    items: str = ""
    scale: str = field(default="", kw_only=True)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of its items; none where they are not known.

        Raises:
            ValueError: They are no numbers and ranges.
        """
        found: list[int] = []
        for part in self.items.split(",") if self.items else ():
            match = _NUMBERS.fullmatch(part)
            if match is None:
                raise ValueError(
                    f"{self.name}: {part.strip()!r} is no number and no range like 1..4"
                )
            found.extend(range(int(match[1]), int(match[2] or match[1]) + 1))
        return tuple(found)


@frozen
class InstrumentSpec:
    """A questionnaire that others have published: what it asks, and how it is scored.

    It holds facts - how many items, on which scale, in which dimensions - and where they were
    read, never the questions' own wording, which belongs to its authors.

    Attributes:
        name: What study files call it: ``"servqual"``.
        title: Its name for people, by language.
        source: Authors, year, title and journal.
        industry: The trade it was made for, by language.
        items: How many items it has.
        scale: The scale of its answers, as ``"1..7"``; empty where it could not be read, and the
            study or the metric has to say.
        dimensions: Its dimensions.
        forms: What it asks of each item, of ``FORMS``; ``("perception",)`` where performance alone
            is asked.
        scoring: How it is scored, by language.
        read: Where its facts were read, where that is not the source itself.
        unread: What could not be read and is therefore left out, by language; empty where nothing.
        labels: What items are about, by number and language, in words of the plugin's own.
        columns: Columns of each form where the study names none; ``P{1..22}`` and the like where
            left out.
        metric: The kind of metric that scores it where the study names none.
        api: The plugin API that the record was written for.
    """

    name: str
    title: Text = field(converter=_text)
    source: str
    industry: Text = field(converter=_text, kw_only=True)
    items: int = field(kw_only=True)
    scale: str = field(kw_only=True)
    dimensions: tuple[InstrumentDimension, ...] = field(kw_only=True)
    forms: tuple[str, ...] = field(default=("perception",), kw_only=True)
    scoring: Text = field(factory=lambda: Text.of(""), converter=_text, kw_only=True)
    read: str = field(default="", kw_only=True)
    unread: Text = field(factory=lambda: Text.of(""), converter=_text, kw_only=True)
    labels: Mapping[int, Text] = field(factory=dict, converter=_numbered, kw_only=True)
    columns: Mapping[str, str] = field(factory=dict, kw_only=True)
    metric: str = field(default="servqual", kw_only=True)
    api: int = field(default=1, kw_only=True)

    def __attrs_post_init__(self) -> None:
        """Hold the record's parts against each other.

        Raises:
            ValueError: A form that there is not, a scale that is none, an item in two dimensions
                or in none, one beyond the last, or one of another scale before others.
        """
        for scale in (self.scale, *(one.scale for one in self.dimensions)):
            if scale:
                Scale.parse(scale)
        odd = [form for form in (*self.forms, *self.columns) if form not in FORMS]
        if odd or not self.forms:
            raise ValueError(f"{self.name}: forms are of {', '.join(FORMS)}, not {odd or 'none'}")
        owner: dict[int, str] = {}
        for one in self.dimensions:
            for number in one.numbers:
                if not 1 <= number <= self.items:
                    raise ValueError(f"{self.name}: {one.name} has item {number} of {self.items}")
                if number in owner:
                    raise ValueError(f"{self.name}: item {number} is in two dimensions")
                owner[number] = one.name
        if self.complete and len(owner) != self.items:
            raise ValueError(f"{self.name}: {self.items - len(owner)} items are in no dimension")
        if self.scored != tuple(range(1, len(self.scored) + 1)):
            raise ValueError(f"{self.name}: items of another scale are numbered last")
        if any(not 1 <= number <= self.items for number in self.labels):
            raise ValueError(f"{self.name}: a label of an item that there is not")

    @property
    def complete(self) -> bool:
        """Whether it is known which items belong to each dimension."""
        return all(one.items for one in self.dimensions)

    @property
    def scored(self) -> tuple[int, ...]:
        """The items that are answered on the questionnaire's own scale, by number."""
        others = {number for one in self.dimensions if one.scale for number in one.numbers}
        return tuple(number for number in range(1, self.items + 1) if number not in others)

    def pattern(self, form: str) -> str:
        """The columns of a form, where the study names none.

        Args:
            form: One of ``forms``.
        """
        given = self.columns.get(form)
        return given or f"{form[0].upper()}{{1..{max(self.scored, default=0)}}}"


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


@hookspec
def satcore_catalogues() -> Iterable[CatalogueSpec]:  # type: ignore[empty-body]
    """Offer what the plugin says in other languages.

    Called once, with the plugin's other hooks. The files are read when a report speaks their
    language; one that is broken costs its own sentences alone.

    :return: a record for each domain. Its name should be no other plugin's.

    .. versionadded:: 0.1
    """


@hookspec
def satcore_instruments() -> Iterable[InstrumentSpec]:  # type: ignore[empty-body]
    """Offer questionnaires.

    Called once, when the first questionnaire is asked for.

    :return: a record for each questionnaire. Its name must be no other plugin's.

    .. versionadded:: 0.1
    """
