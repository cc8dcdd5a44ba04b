"""Results: tidy rows, held as columns, with everything needed to believe and to repeat them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, TypedDict, cast

import numpy as np
from attrs import field, frozen

from satcore.catalogues import Catalogues
from satcore.codebook import Text
from satcore.errors import listed, near
from satcore.periods import period_said
from satcore.states import Label

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from satcore.frames import Rows
    from satcore.hookspecs import MetricSpec
    from satcore.metrics import Metric
    from satcore.notebooks import MetricResults
    from satcore.standing import Estimates

#: Version of the layout of ``Results.to_dict``. Fields are added freely, never renamed.
SCHEMA: Final = 1

#: A cell by its segment values and wave; empty for the total.
CellLabels: TypeAlias = Mapping[str, Label]

Status: TypeAlias = Literal["ok", "small", "suppressed", "undefined", "empty", "error"]

Rule: TypeAlias = Literal["at_least", "at_most", "between", "no_worse_than"]

Outcome: TypeAlias = Literal["met", "not_met", "not_shown"]


class EstimateRow(TypedDict):
    """One number of one cell."""

    metric: str
    kind: str
    item: str
    term: str
    cell: CellLabels
    value: float | None
    label: str | None
    std_error: float | None
    ci_low: float | None
    ci_high: float | None
    confidence: float
    method: str
    unit: str
    base: int | None
    weighted_base: float | None
    effective_base: float | None
    status: Status
    message: str


class ComparisonRow(TypedDict):
    """One cell held against another, or several against each other.

    ``kind`` is ``rest`` (against all other cells along ``along``), ``previous`` (against the wave
    before), ``pair``, or ``heterogeneity`` (all cells along ``along``; ``cell`` holds what is
    fixed). ``against`` is the other cell of ``previous`` and ``pair``. Within one cell, ``null``
    tests a number against the fixed value in ``against``, and ``paired`` an item against another
    item of the same respondents.
    """

    metric: str
    item: str
    term: str
    kind: Literal["rest", "previous", "pair", "heterogeneity", "null", "paired"]
    along: str
    cell: CellLabels
    against: CellLabels | None
    difference: float | None
    std_error: float | None
    ci_low: float | None
    ci_high: float | None
    statistic: float | None
    df: int | None
    p: float | None
    p_adjusted: float | None
    confidence: float
    method: str
    status: Status
    message: str


class StandardRow(TypedDict):
    """One cell held against a service standard.

    ``standard`` is its title, or what it asks. ``target`` is a number, or two for ``between``; for
    ``no_worse_than`` it is the worst difference allowed, ``value`` the difference from the cell
    ``against``. ``bound`` is the one-sided bound at ``confidence`` that decided, or fell short;
    ``needed`` how many more answers would decide, should the value stay.
    """

    standard: str
    metric: str
    item: str
    term: str
    cell: CellLabels
    against: CellLabels | None
    rule: Rule
    target: float | list[float]
    bound: float | None
    value: float | None
    outcome: Outcome
    needed: int | None
    base: int | None
    confidence: float
    unit: str
    status: Status
    message: str


class ItemRow(TypedDict):
    """How one item was answered, over all kept responses and without weights.

    ``missing_by`` and ``invalid_by`` count the missing and invalid answers by their text. Where so
    few answered that the total is withheld, the numbers are None.
    """

    item: str
    label: str | None
    scale: str
    answered: int | None
    missing: int | None
    missing_by: Mapping[str, int]
    invalid: int | None
    invalid_by: Mapping[str, int]


class DroppedRow(TypedDict):
    """How many responses one ``[[keep]]`` rule dropped; a response counts at the first."""

    column: str
    rule: str
    rows: int


class SkippedRow(TypedDict):
    """A fragment that could not be read, and of which nothing was counted."""

    fragment: str
    message: str


class FailureRow(TypedDict):
    """A metric that could not be measured, wholly or in some cells."""

    metric: str
    kind: str
    cells: int
    message: str


ESTIMATE_COLUMNS: Final = tuple(EstimateRow.__annotations__)
COMPARISON_COLUMNS: Final = tuple(ComparisonRow.__annotations__)
STANDARD_COLUMNS: Final = tuple(StandardRow.__annotations__)


@frozen(eq=False)
class Table:
    """Rows held as columns of equal length: lists, or numpy arrays in which NaN is "none".

    Attributes:
        columns: The columns, by name.
    """

    columns: Mapping[str, Sequence[Any] | np.ndarray[Any, Any]]

    @classmethod
    def joined(cls, names: Sequence[str], parts: Iterable[Mapping[str, Any]]) -> Table:
        """One table of parts that hold the same columns."""
        listed = list(parts)
        columns: dict[str, Any] = {}
        for name in names:
            pieces = [part[name] for part in listed]
            if pieces and all(isinstance(piece, np.ndarray) for piece in pieces):
                columns[name] = np.concatenate(pieces)
            else:
                plain = (one.tolist() if isinstance(one, np.ndarray) else one for one in pieces)
                columns[name] = [value for piece in plain for value in piece]
        return cls(columns)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def plain(self, name: str) -> list[Any]:
        """A column as plain Python values, None for NaN."""
        column = self.columns[name]
        if not isinstance(column, np.ndarray):
            return list(column)
        if column.dtype.kind == "f":
            return [None if value != value else value for value in column.tolist()]
        return cast("list[Any]", column.tolist())

    def rows(self, **wanted: object) -> Iterator[dict[str, Any]]:
        """Row after row, as mappings of column to value.

        Args:
            wanted: The value that a column must have, by the column's name; None for any.
        """
        wanted = {name: value for name, value in wanted.items() if value is not None}
        table = self
        if wanted and self.columns:
            # Rows are chosen before any is built: of many terms, one is wanted at a time.
            chosen = tuple(wanted.values())
            held = zip(*(self.plain(name) for name in wanted), strict=True)
            table = self.picked([place for place, one in enumerate(held) if one == chosen])
        names = list(table.columns)
        for values in zip(*(table.plain(name) for name in names), strict=True):
            yield dict(zip(names, values, strict=True))

    def picked(self, places: Sequence[int]) -> Table:
        """Some of the rows, by their places."""
        return Table(
            {
                name: (
                    column[np.asarray(places, dtype=np.intp)]
                    if isinstance(column, np.ndarray)
                    else [column[place] for place in places]
                )
                for name, column in self.columns.items()
            }
        )


@frozen(kw_only=True)
class Measured:
    """A metric of the results, with what reports need of it.

    Attributes:
        name: Its name in the study.
        kind: Its kind.
        metric: The metric with its options.
        spec: The record that offered it; None for one given as an object and registered nowhere.
        plugin: The plugin that offered it and its version: ``"nps (satcore 0.1.0)"``.
        stands_on: The other metrics' estimates that it stands on.
        titled: What the study calls it, or its questionnaire's name; None for its kind's.
        catalogues: What its plugin says in other languages.
    """

    name: str
    kind: str
    metric: Metric
    spec: MetricSpec | None = None
    plugin: str = ""
    stands_on: tuple[Estimates, ...] = ()
    titled: Text | None = None
    catalogues: Catalogues = field(factory=Catalogues)

    @property
    def primary(self) -> str:
        """The primary term; empty where the record names none."""
        return self.spec.primary if self.spec else ""

    def title(self, language: str = "en") -> str:
        """The metric's name for people."""
        if self.titled is not None:
            return self.titled.said(language) or self.name
        said = self._said(self.spec.title, language, "title") if self.spec else ""
        return said or self.name

    def term(self, term: str, language: str = "en") -> str:
        """A term's name for people."""
        text = self.spec.terms.get(term) if self.spec else None
        return self._said(text, language, "term") if text else term

    def _said(self, text: Text, language: str, context: str) -> str:
        """A text of the record; from the plugin's catalogues where it is not in the language."""
        spoken = dict(text.by_language)
        said = text.said("en")
        if language == "en" or language in spoken or not said:
            return text.said(language)
        return self.catalogues.phrase(said, language, context) or text.said(language)


@frozen(kw_only=True)
class About:
    """What was asked for: the part of a study that readers of the results need.

    Attributes:
        title: The study's title.
        data: Where the answers came from.
        by: The reported grouping sets besides the total.
        segments: Segment columns.
        wave: The wave's name in cells; empty without waves.
        wave_period: ``"month"`` and the like where waves are made from times; else empty.
        weight: The weight column; empty without weights.
        confidence: Confidence level of the intervals.
        min_base: Cells with fewer answers are marked.
        suppress_below: Cells with fewer answers are withheld.
        invalid: What was done with answers outside their scale: ``"error"`` or ``"missing"``.
        labels: Names for people of segment values, by column and value.
        questions: What items ask, by column.
        versions: Version of satcore and of the libraries that count.
    """

    title: Text = field(factory=lambda: Text.of(""))
    data: str = ""
    by: tuple[tuple[str, ...], ...] = ()
    segments: tuple[str, ...] = ()
    wave: str = ""
    wave_period: str = ""
    weight: str = ""
    confidence: float = 0.95
    min_base: int = 0
    suppress_below: int = 0
    invalid: str = "error"
    labels: Mapping[str, Mapping[str, Text]] = field(factory=dict)
    questions: Mapping[str, Text] = field(factory=dict)
    versions: Mapping[str, str] = field(factory=dict)

    def label(self, axis: str, value: Label, language: str = "en", *, plain: bool = False) -> str:
        """A segment value or wave for people; an absent one is an em dash.

        A wave made from times is told as a date where Babel is installed, as it is with the extra
        ``report``: ``2026-03`` is "March 2026", or "2026年3月".

        Args:
            axis: The segment's column, or the wave's name.
            value: The value, as cells hold it.
            language: The reader's language.
            plain: Whether such a wave stays as it is.
        """
        if value is None:
            return "—"
        text = self.labels.get(axis, {}).get(value)
        if text:
            return text.said(language)
        if axis and axis == self.wave and self.wave_period and not plain:
            return period_said(value, self.wave_period, language)
        return value


@frozen(kw_only=True)
class Responses:
    """How many responses there were.

    Attributes:
        read: Rows read; None where so few were kept that the total is withheld.
        kept: Rows that passed every ``[[keep]]`` rule; None likewise.
        dropped: The others, by rule.
        skipped: Fragments that could not be read and were left out whole; their rows are not
            among those read.
    """

    read: int | None
    kept: int | None
    dropped: tuple[DroppedRow, ...] = ()
    skipped: tuple[SkippedRow, ...] = ()


@frozen(kw_only=True, eq=False)
class Results:
    """Everything a run found.

    Attributes:
        about: What was asked for.
        responses: Responses read, kept and dropped.
        items: How each item was answered.
        metrics: The metrics, in the study's order.
        estimates: The numbers; columns as ``EstimateRow``.
        comparisons: The comparisons; columns as ``ComparisonRow``.
        failures: Metrics that could not be measured, wholly or in some cells.
        notes: What else a reader should know.
        standards: Cells held against service standards; columns as ``StandardRow``.
        titles: The standards' titles, by the name in their rows, where the study gives any.
        catalogues: What satcore and the run's plugins say in other languages.
    """

    about: About
    responses: Responses
    items: tuple[ItemRow, ...]
    metrics: tuple[Measured, ...]
    estimates: Table
    comparisons: Table
    failures: tuple[FailureRow, ...] = ()
    notes: tuple[str, ...] = ()
    standards: Table = field(factory=lambda: Table({}))
    titles: Mapping[str, Text] = field(factory=dict)
    catalogues: Catalogues = field(factory=Catalogues.core)

    def title(self, name: str, language: str = "en") -> str:
        """What to call a metric among the others: its title, and what it stands on.

        Where two would be called alike, the name in the study tells them apart.

        Args:
            name: The metric's name in the study.
            language: ``"en"`` or ``"zh"``.
        """
        titles = {one.name: self._title(one, language) for one in self.metrics}
        mine = titles.get(name, name)
        if list(titles.values()).count(mine) > 1 and mine != name:
            return f"{mine}（{name}）" if language == "zh" else f"{mine} ({name})"
        return mine

    def _title(self, measured: Measured, language: str) -> str:
        by_name = {one.name: one for one in self.metrics}
        colon, comma = ("：", "，") if language == "zh" else (": ", ", ")
        said = []
        for leaf in measured.stands_on:
            base = by_name.get(leaf.of)
            if base is None:
                continue
            term = base.term(leaf.term, language) if leaf.term else base.title(language)
            item = base.metric.item_title(leaf.item, language) or leaf.item
            said.append(comma.join(part for part in (term, item) if part))
        title = measured.title(language)
        return f"{title}{colon}{comma.join(dict.fromkeys(said))}" if said else title

    def rows(
        self,
        metric: str | None = None,
        term: str | None = None,
        *,
        cell: CellLabels | None = None,
    ) -> list[EstimateRow]:
        """The rows of the estimates, of one metric, term or cell where named.

        Args:
            metric: The metric's name in the study.
            term: The term.
            cell: The cell; ``{}`` is the total.
        """
        return [
            cast("EstimateRow", row)
            for row in self.estimates.rows(metric=metric, term=term, cell=cell)
        ]

    def comparison_rows(
        self, metric: str | None = None, term: str | None = None
    ) -> list[ComparisonRow]:
        """The rows of the comparisons, of one metric or term where named."""
        return [
            cast("ComparisonRow", row) for row in self.comparisons.rows(metric=metric, term=term)
        ]

    def standard_rows(
        self, metric: str | None = None, term: str | None = None
    ) -> list[StandardRow]:
        """The rows of the standards, of one metric or term where named."""
        return [cast("StandardRow", row) for row in self.standards.rows(metric=metric, term=term)]

    def to_dict(self) -> dict[str, Any]:
        """Plain mappings, lists, texts and numbers, ready for JSON."""
        about = self.about
        return {
            "satcore": about.versions.get("satcore", ""),
            "schema": SCHEMA,
            "study": {
                "title": dict(about.title.by_language),
                "data": about.data,
                "by": ["*".join(names) for names in about.by],
                "segments": list(about.segments),
                "wave": about.wave or None,
                "wave_period": about.wave_period or None,
                "weight": about.weight or None,
                "confidence": about.confidence,
                "min_base": about.min_base,
                "suppress_below": about.suppress_below,
                "invalid": about.invalid,
                "metrics": [
                    {"metric": one.name, "kind": one.kind, "plugin": one.plugin}
                    for one in self.metrics
                ],
                "versions": dict(about.versions),
            },
            "responses": {
                "read": self.responses.read,
                "kept": self.responses.kept,
                "dropped": [dict(row) for row in self.responses.dropped],
                "skipped": [dict(row) for row in self.responses.skipped],
                "items": [
                    {
                        **row,
                        "missing_by": dict(row["missing_by"]),
                        "invalid_by": dict(row["invalid_by"]),
                    }
                    for row in self.items
                ],
            },
            "estimates": [_plain(row) for row in self.estimates.rows()],
            "comparisons": [_plain(row) for row in self.comparisons.rows()],
            "standards": [_plain(row) for row in self.standards.rows()],
            "failures": [dict(row) for row in self.failures],
            "notes": list(self.notes),
        }

    def to_json(self, *, indent: int | None = 1) -> str:
        """The results as JSON text; numbers keep every digit."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=indent, allow_nan=False)

    def to_polars(self, rows: Rows = "estimates") -> pl.DataFrame:
        """The estimates as a tidy data frame, or another table.

        The cell is one text column ``cell`` and, for every segment and the wave, a column
        ``cell.NAME``; likewise ``against``.

        Args:
            rows: ``"estimates"``, ``"comparisons"`` or ``"standards"``.
        """
        from satcore.frames import frame_columns, polars_frame

        return polars_frame(frame_columns(self, rows))

    def to_pandas(self, rows: Rows = "estimates") -> pd.DataFrame:
        """The same as a pandas data frame; needs pandas alone.

        Args:
            rows: As ``to_polars``.

        Raises:
            OutputError: pandas is not installed.
        """
        from satcore.frames import frame_columns, pandas_frame

        return pandas_frame(frame_columns(self, rows))

    def to_arrow(self, rows: Rows = "estimates") -> pa.Table:
        """The same as a pyarrow table.

        Whatever reads the Arrow C stream (polars, DuckDB, pandas) takes the results themselves and
        needs no pyarrow.

        Args:
            rows: As ``to_polars``.

        Raises:
            OutputError: pyarrow is not installed.
        """
        from satcore.frames import arrow_table, frame_columns

        return arrow_table(frame_columns(self, rows))

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The estimates by the Arrow C stream interface, without a copy through Python."""
        return self.to_polars().__arrow_c_stream__(requested_schema)

    def __getitem__(self, name: str) -> MetricResults:
        """One metric: its rows, frames and pictures.

        Args:
            name: Its name in the study.

        Raises:
            KeyError: There is no such metric; with the names that there are.
        """
        from satcore.notebooks import MetricResults

        for measured in self.metrics:
            if measured.name == name:
                return MetricResults(results=self, measured=measured)
        hint = near(str(name), self)
        raise KeyError(f"there is no metric {name!r}{hint}; there are {listed(self)}")

    def __iter__(self) -> Iterator[str]:
        """The metrics' names in the study, in its order."""
        return (measured.name for measured in self.metrics)

    def __contains__(self, name: object) -> bool:
        return name in tuple(self)

    def _repr_html_(self) -> str:
        from satcore.notebooks import results_html

        return results_html(self)


def cell_text(cell: CellLabels) -> str:
    """A cell in one line: ``region=East, wave=2026-01``; empty for the total."""
    return ", ".join(
        f"{axis}={'(absent)' if label is None else label}" for axis, label in cell.items()
    )


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row without values that JSON lacks: an unbounded interval has no bound."""
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in row.items()
    }
