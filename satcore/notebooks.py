"""Results as a notebook shows them: one metric alone, and everything as escaped HTML tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING, Final

from attrs import frozen

from satcore import frames
from satcore.results import ComparisonRow, EstimateRow, Measured, Results, StandardRow

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from satcore.frames import Rows
    from satcore.metrics import Chart

#: Rows of one table that are shown; the others are counted and told.
MOST_ROWS: Final = 60


@frozen(kw_only=True, eq=False)
class MetricResults:
    """What a run found of one metric: ``results["nps"]``.

    Attributes:
        results: The results that it is part of.
        measured: The metric.
    """

    results: Results
    measured: Measured

    @property
    def name(self) -> str:
        """The metric's name in the study."""
        return self.measured.name

    def title(self, language: str = "en") -> str:
        """What to call it among the others."""
        return self.results.title(self.name, language)

    def rows(self, term: str | None = None) -> list[EstimateRow]:
        """Its estimates, of one term where named."""
        return self.results.rows(self.name, term)

    def comparison_rows(self, term: str | None = None) -> list[ComparisonRow]:
        """Its comparisons, of one term where named."""
        return self.results.comparison_rows(self.name, term)

    def standard_rows(self, term: str | None = None) -> list[StandardRow]:
        """Its service standards, of one term where named."""
        return self.results.standard_rows(self.name, term)

    def charts(self, language: str = "en") -> list[Chart]:
        """Its own pictures; ``satcore.draw`` makes SVG or PNG of one."""
        return list(self.measured.metric.charts(self.results, self.name, language))

    def to_polars(self, rows: Rows = "estimates") -> pl.DataFrame:
        """As ``Results.to_polars``."""
        return frames.polars_frame(frames.frame_columns(self.results, rows, self.name))

    def to_pandas(self, rows: Rows = "estimates") -> pd.DataFrame:
        """As ``Results.to_pandas``."""
        return frames.pandas_frame(frames.frame_columns(self.results, rows, self.name))

    def to_arrow(self, rows: Rows = "estimates") -> pa.Table:
        """As ``Results.to_arrow``."""
        return frames.arrow_table(frames.frame_columns(self.results, rows, self.name))

    def __repr__(self) -> str:
        return f"MetricResults({self.name!r}: {len(self.rows())} estimates)"

    def _repr_html_(self) -> str:
        return _page(_metric(self.results, self.measured))


def results_html(results: Results) -> str:
    """Results as HTML tables: for each metric its primary term; nothing in them is code."""
    return _page(_all(results))


def _page(parts: Iterator[str]) -> str:
    # A lone surrogate in a label can't be shown; it must not cost the table.
    return "".join(parts).encode("utf-8", errors="replace").decode("utf-8")


def _all(results: Results) -> Iterator[str]:
    kept, read = results.responses.kept, results.responses.read
    title = results.about.title.said("en")
    head = f"<strong>{escape(title)}</strong>: " if title else ""
    counted = (
        "too few responses to tell how many"
        if read is None or kept is None
        else f"{read:,} responses read, {kept:,} kept"
    )
    yield f"<p>{head}{escape(results.about.data)} {counted}</p>"
    for measured in results.metrics:
        yield from _metric(results, measured)
    for row in results.failures:
        yield f"<p>failed: {escape(row['metric'])}, {row['cells']:,} cells: "
        yield f"{escape(row['message'])}</p>"
    for note in results.notes:
        yield f"<p>note: {escape(note)}</p>"


def _metric(results: Results, measured: Measured) -> Iterator[str]:
    """The table of a metric's primary term, and what else there is of it."""
    every = results.rows(measured.name)
    primary = measured.primary or (every[0]["term"] if every else "")
    rows = [row for row in every if row["term"] == primary]
    level = f"{100 * results.about.confidence:.6g}%"
    title = results.title(measured.name)
    term = measured.term(primary)
    caption = title if term in ("", title) else f"{title}: {term}"
    items = len({row["item"] for row in rows}) > 1
    heads = [*(["item"] if items else []), "cell", "value", f"{level} interval", "n", "status"]
    body = [_cells(row, measured, results, items=items) for row in rows[:MOST_ROWS]]
    yield _table(caption, heads, body, numeric=("value", f"{level} interval", "n"))
    if len(rows) > MOST_ROWS:
        yield f"<p>{len(rows) - MOST_ROWS:,} more rows; <code>to_polars()</code> has them all</p>"
    others = [measured.term(one) for one in dict.fromkeys(row["term"] for row in every)]
    others = [one for one in others if one != term]
    if others:
        yield f"<p>also measured: {escape(', '.join(others))}</p>"


def _cells(row: EstimateRow, measured: Measured, results: Results, *, items: bool) -> list[str]:
    about = results.about
    cell = ", ".join(
        f"{axis} {about.label(axis, one, plain=True)}" for axis, one in row["cell"].items()
    )
    item = measured.metric.item_title(row["item"]) or row["item"]
    status = f"{row['status']}: {row['message']}" if row["message"] else row["status"]
    return [
        *([item] if items else []),
        cell or "total",
        _value(row),
        _interval(row),
        "" if row["base"] is None else f"{row['base']:,}",
        status,
    ]


def _value(row: EstimateRow) -> str:
    number = _number(row["value"], row["unit"])
    return number if row["label"] is None else f"{row['label']} {number}".strip()


def _interval(row: EstimateRow) -> str:
    low, high, unit = row["ci_low"], row["ci_high"], row["unit"]
    if low is None or high is None:
        return ""
    return f"{_number(low, unit)} to {_number(high, unit)}"


def _number(value: float | None, unit: str) -> str:
    """As on a terminal: percent for proportions, one decimal for points, else two."""
    if value is None:
        return ""
    if unit == "proportion":
        return f"{100 * value:.1f}%"
    return f"{value:.1f}" if unit == "points" else f"{value:.2f}"


def _table(
    caption: str, heads: Sequence[str], body: Sequence[Sequence[str]], numeric: Sequence[str]
) -> str:
    sides = ["right" if head in numeric else "left" for head in heads]

    def line(tag: str, texts: Sequence[str]) -> str:
        cells = (
            f'<{tag} style="text-align:{side}">{escape(text)}</{tag}>'
            for side, text in zip(sides, texts, strict=True)
        )
        return f"<tr>{''.join(cells)}</tr>"

    return (
        f'<table><caption style="text-align:left">{escape(caption)}</caption>'
        f"<thead>{line('th', heads)}</thead>"
        f"<tbody>{''.join(line('td', texts) for texts in body)}</tbody></table>"
    )
