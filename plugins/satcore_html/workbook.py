"""The report as an Excel workbook: findings, one tidy sheet of estimates, and what goes with them.

Every text is written as text: a label that begins with ``=``, ``+``, ``-`` or ``@`` is none of
Excel's business, and carries the mark by which it stays text when somebody edits the cell. No
clock is asked, so that the same results give the same bytes.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any, Final, TypeAlias

from attrs import frozen

from satcore import ComparisonRow, EstimateRow, OutputError, Results, StandardRow
from satcore_html import numerals, page, quality
from satcore_html.estimates import Teller
from satcore_html.extras import needed
from satcore_html.findings import Finding, findings
from satcore_html.grid import Grid
from satcore_html.messages import notes, said
from satcore_html.methods import explained
from satcore_html.methods import title as method_title
from satcore_html.standards import standard_titles, standards
from satcore_html.units import COUNTED, SHARES
from satcore_html.words import LANGUAGES, Words

#: What a sheet holds (https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3).
MOST_ROWS: Final = 1_048_576
MOST_LETTERS: Final = 32_767

#: The widest that a column is made for its texts, in letters.
WIDEST: Final = 60

#: The workbook's date of birth. A true one would make other bytes of the same results.
BORN: Final = dt.datetime(2000, 1, 1)

#: What XML can't hold, though a label may.
_NO_XML: Final = re.compile("[\ud800-\udfff\ufffe\uffff]")

#: What a spreadsheet would take for the beginning of a formula, were it typed.
_FORMULA: Final = re.compile(r"[\s']*[=+\-@＝＋－＠]|[\t\r\n]")

#: Formats of numbers, by what they are.
_FORMATS: Final[Mapping[str, str]] = {
    "proportion": "0.0%",
    "points": "0.0",
    "count": "#,##0",
    "sample": "#,##0.0",
    "p": "0.000",
    "": "0.00",
}


@frozen
class Number:
    """A number on its way into a cell.

    Attributes:
        value: The number; None for an empty cell.
        form: One of ``_FORMATS``.
    """

    value: float | None
    form: str = ""


Content: TypeAlias = "str | Number"


@frozen(kw_only=True)
class Sheet:
    """A sheet.

    Attributes:
        title: Its name.
        heads: The headings.
        lines: The rows, as long as the headings.
    """

    title: str
    heads: Sequence[str]
    lines: Sequence[Sequence[Content]]


def workbook(results: Results, language: str) -> bytes:
    """The bytes of the workbook.

    Raises:
        OutputError: The extra is not installed, the language is not spoken, or there are more
            rows than a sheet holds.
    """
    if language not in LANGUAGES:
        raise OutputError(f"the report speaks {' and '.join(LANGUAGES)}, not {language!r}")
    library, _ = needed("xlsxwriter"), needed("babel")
    words = Words.of(results, language)
    teller = Teller.of(results, words)
    stream = BytesIO()
    book = library.Workbook(stream, {"in_memory": True})
    book.set_properties(
        {"title": _held(results.about.title.said(language)), "author": "satcore", "created": BORN}
    )
    formats = _Formats(book)
    for sheet in _sheets(results, teller):
        _write(book, sheet, formats)
    book.close()
    return stream.getvalue()


def _sheets(results: Results, teller: Teller) -> Iterator[Sheet]:
    yield _findings(results, teller)
    yield _estimates(results, teller)
    if len(results.comparisons):
        yield _comparisons(results, teller)
    if len(results.standards):
        yield _standards(results, teller)
    yield _notes(results, teller)


# The sheets


def _findings(results: Results, teller: Teller) -> Sheet:
    """The findings with their numbers, and beneath them each metric in short."""
    words = teller.words
    lines: list[Sequence[Content]] = []
    found = findings(results, teller)
    for group in found.groups:
        lines += [(group.title, *_finding(one)) for one in group.findings]
        lines += [(group.title, "", text) for text in (group.nothing, group.more) if text]
    lines += [("", "", found.note)] if found.note else []
    lines += [(words("headline"), *line) for line in _short(results, teller)]
    keys = ["question", "metric", "finding", "how_sure", "value", "low", "high", "difference"]
    keys += ["difference_low", "difference_high", "p_adjusted", "base"]
    return Sheet(title=words("findings"), heads=[words(key) for key in keys], lines=lines)


def _finding(one: Finding) -> Iterator[Content]:
    """A finding and the numbers that it rests on."""
    fact, form = one.fact, _form(one.fact.unit)
    yield from (one.subject, one.sentence, one.sure)
    numbers = (fact.value, fact.low, fact.high, fact.difference)
    yield from (Number(value, form) for value in numbers)
    yield from (Number(value, form) for value in (fact.difference_low, fact.difference_high))
    yield from (Number(fact.p_adjusted, "p"), Number(fact.base, "count"))


def _short(results: Results, teller: Teller) -> Iterator[tuple[str, str]]:
    """For each metric the total, and the metric's own sentences."""
    words = teller.words
    gap = "" if words.language == "zh" else " "
    for section in page.sections(results, teller, drawn=False):
        for one in section.findings:
            name = words("subject_item", metric=section.title, item=one.item)
            number = f"{one.value} {one.unit}".strip()
            number = words("brackets", text=number, more=gap.join(one.sentences)) if number else ""
            yield name if one.item else section.title, number or gap.join(one.sentences)
        told = [*section.said, *([section.more] if section.more else [])]
        told += [f"{head}{why}" for head, why in section.failures]
        yield from ((section.title, sentence) for sentence in told)
    told_of = standards(teller)
    for sentence in told_of.sentences if told_of else ():
        yield words("standards"), sentence


class _Names:
    """What metrics, terms and items are called, each looked up once."""

    def __init__(self, results: Results, teller: Teller) -> None:
        language = teller.words.language
        self._metrics = {one.name: one for one in results.metrics}
        self._titles = {name: results.title(name, language) for name in self._metrics}
        self._tellers = {name: teller.of_metric(one) for name, one in self._metrics.items()}
        self._units = {
            (row["metric"], row["item"], row["term"]): row["unit"] for row in results.rows()
        }
        self._language = language
        self._teller = teller

    def __call__(self, row: EstimateRow | ComparisonRow | StandardRow) -> list[Content]:
        metric = row["metric"]
        measured = self._metrics.get(metric)
        if measured is None:
            return [metric, row["item"], row["term"]]
        item = self._tellers[metric].item(row["item"])
        return [self._titles[metric], item, measured.term(row["term"], self._language)]

    def item(self, metric: str, item: str) -> str:
        teller = self._tellers.get(metric)
        return teller.item(item) if teller else item

    def label(self, row: EstimateRow, label: str) -> str:
        """A row's category, as its metric's plugin calls it."""
        return self._tellers.get(row["metric"], self._teller).words.label(label)

    def said(self, row: EstimateRow | ComparisonRow | StandardRow) -> str:
        """What stands beside a row, as its metric's plugin has it in the reader's language."""
        teller = self._tellers.get(row["metric"], self._teller)
        return said(row["message"], teller.words)[0]

    def unit(self, row: ComparisonRow) -> str:
        return self._units.get((row["metric"], row["item"], row["term"]), "")


def _named(teller: Teller) -> list[str]:
    return [teller.words(key) for key in ("metric", "item", "term")]


def _axes(results: Results) -> list[str]:
    about = results.about
    return [*about.segments, *([about.wave] if about.wave else [])]


def _cell(cell: Mapping[str, str | None], axes: Iterable[str], teller: Teller) -> list[Content]:
    """A column a dimension; one that a cell is not cut by holds all answers."""
    total = teller.words("total")
    return [teller.cells.value(axis, cell[axis]) if axis in cell else total for axis in axes]


def _estimates(results: Results, teller: Teller) -> Sheet:
    """One row a number, one column a thing that is told of it."""
    words, axes, names = teller.words, _axes(results), _Names(results, teller)
    keys = ["std_error", "low", "high", "confidence", "method", "unit", "base"]
    keys += ["weighted_base", "effective_base", "status", "note"]
    heads = [*_named(teller), *(teller.cells.axis(axis) for axis in axes)]
    heads += [words("value"), words("category"), *(words(key) for key in keys)]
    lines = []
    for row in results.rows():
        form = _form(row["unit"])
        label = row["label"]
        shown = "" if label is None else names.label(row, label)
        line: list[Content] = [*names(row), *_cell(row["cell"], axes, teller)]
        line += [Number(row["value"], form), shown]
        line += [Number(row[key], form) for key in ("std_error", "ci_low", "ci_high")]
        line += [Number(row["confidence"], "proportion"), method_title(row["method"], words)]
        line += [teller.unit(row["unit"]) or row["unit"], Number(row["base"], "count")]
        line += [Number(row["weighted_base"], "sample"), Number(row["effective_base"], "sample")]
        line += [teller.status(row["status"]), names.said(row)]
        lines.append(line)
    return Sheet(title=words("sheet_estimates"), heads=heads, lines=lines)


def _comparisons(results: Results, teller: Teller) -> Sheet:
    words, axes, names = teller.words, _axes(results), _Names(results, teller)
    keys = ["against", "difference", "std_error", "low", "high", "statistic", "df", "p"]
    keys += ["p_adjusted", "confidence", "method", "status", "note"]
    heads = [*_named(teller), words("comparison"), words("across")]
    heads += [*(teller.cells.axis(axis) for axis in axes), *(words(key) for key in keys)]
    lines = []
    for row in results.comparison_rows():
        form = _form(names.unit(row))
        line: list[Content] = [*names(row), words.known(f"kind_{row['kind']}", row["kind"])]
        line += [teller.cells.axis(row["along"]), *_cell(row["cell"], axes, teller)]
        line.append(_against(row, names, teller))
        line += [Number(row[key], form) for key in ("difference", "std_error", "ci_low", "ci_high")]
        line += [Number(row["statistic"]), Number(row["df"], "count"), Number(row["p"], "p")]
        line += [Number(row["p_adjusted"], "p"), Number(row["confidence"], "proportion")]
        line += [method_title(row["method"], words), teller.status(row["status"])]
        line.append(names.said(row))
        lines.append(line)
    return Sheet(title=words("comparisons"), heads=heads, lines=lines)


def _against(row: ComparisonRow, names: _Names, teller: Teller) -> str:
    """The other side: a cell, another item, or a fixed value."""
    against = row["against"]
    if not against:
        return ""
    if row["kind"] == "paired":
        return names.item(row["metric"], against["item"] or "")
    if row["kind"] == "null":
        return against["value"] or ""
    return teller.cells.label(against)


def _standards(results: Results, teller: Teller) -> Sheet:
    words, axes, names = teller.words, _axes(results), _Names(results, teller)
    keys = ["against", "rule", "target", "target_high", "value", "bound", "outcome", "needed"]
    keys += ["base", "confidence", "status", "note"]
    heads = [words("standard"), *_named(teller), *(teller.cells.axis(axis) for axis in axes)]
    heads += [words(key) for key in keys]
    titles = standard_titles(results, teller)
    lines = []
    for row in results.standard_rows():
        form, target = _form(row["unit"]), row["target"]
        low, high = target if isinstance(target, list) else (target, None)
        line: list[Content] = [titles[row["standard"]], *names(row)]
        line += _cell(row["cell"], axes, teller)
        line += [teller.cells.label(row["against"]) if row["against"] else ""]
        line += [words(f"rule_{row['rule']}"), Number(low, form), Number(high, form)]
        line += [Number(row["value"], form), Number(row["bound"], form)]
        line += [words(f"outcome_{row['outcome']}"), Number(row["needed"], "count")]
        line += [Number(row["base"], "count"), Number(row["confidence"], "proportion")]
        line += [teller.status(row["status"]), names.said(row)]
        lines.append(line)
    return Sheet(title=words("standards"), heads=heads, lines=lines)


def _notes(results: Results, teller: Teller) -> Sheet:
    """What the numbers rest on: what was asked, responses, failures, notes, methods, versions."""
    words = teller.words
    lines: list[Sequence[Content]] = []

    def told(topic: str, pairs: Iterable[tuple[str, str]]) -> None:
        lines.extend((topic, name, text) for name, text in pairs)

    told(words("asked"), page.asked(results, teller))
    grids = [quality.responses_grid(teller)]
    grids += [quality.items_grid(teller)] if results.items else []
    failures = quality.failures_grid(teller)
    grids += [failures] if failures else []
    for grid in (*grids, quality.metrics_grid(teller)):
        told(grid.caption, _grid_lines(grid, words))
    told(words("notes"), (("", note) for note, _ in notes(results, words)))
    level = numerals.level(results.about.confidence)
    told(words("methods"), [("", words("headline_note", level=level))])
    told(words("statuses"), page.statuses(results, teller))
    methods = explained(page.method_names(results), words)
    told(
        words("intervals_and_tests"),
        ((one.title, f"{one.text} {one.source}".strip()) for one in methods),
    )
    told(words("versions"), _grid_lines(quality.versions_grid(teller), words))
    heads = [words("topic"), words("what"), words("note")]
    return Sheet(title=words("notes"), heads=heads, lines=lines)


def _grid_lines(grid: Grid, words: Words) -> Iterator[tuple[str, str]]:
    """A table's rows as texts: ``Answered 990; Missing 10``; one column needs no heading."""
    heads = grid.heads[1:]
    for group in grid.groups:
        for row in group.rows:
            parts = [
                entry.text if len(heads) == 1 else words("term_by_kind", term=head, kind=entry.text)
                for head, entry in zip(heads, row.entries, strict=True)
                if entry.text
            ]
            yield row.head, words("semicolon").join(parts)


# Writing


def _form(unit: str) -> str:
    if unit in COUNTED:
        return "count"
    if unit in SHARES:
        return "proportion"
    return unit if unit in _FORMATS else ""


class _Formats:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Any) -> None:
        top = {"valign": "top"}
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, **top})
        self.text = book.add_format(top)
        self.prose = book.add_format({"text_wrap": True, **top})
        # Somebody who edits the cell would else make a formula of it.
        self.marked = book.add_format({"quote_prefix": True, **top})
        self.numbers = {
            name: book.add_format({"num_format": form, **top}) for name, form in _FORMATS.items()
        }


def _write(book: Any, sheet: Sheet, formats: _Formats) -> None:
    if len(sheet.lines) >= MOST_ROWS:
        raise OutputError(
            f"the sheet {sheet.title!r} would have {len(sheet.lines):,} rows, and Excel takes "
            f"{MOST_ROWS - 1:,}; --format csv or parquet has room for them all"
        )
    page = book.add_worksheet(sheet.title)
    page.freeze_panes(1, 0)
    for column, head in enumerate(sheet.heads):
        page.write_string(0, column, _held(head), formats.head)
    widths = [_width(head) for head in sheet.heads]
    for place, line in enumerate(sheet.lines, 1):
        for column, content in enumerate(line):
            if isinstance(content, Number):
                _write_number(page, place, column, content, formats)
            elif content:
                text = _held(content)
                wide = _width(text)
                widths[column] = max(widths[column], wide)
                page.write_string(place, column, text, _format_of(text, wide, formats))
    for column, width in enumerate(widths):
        page.set_column(column, column, min(width, WIDEST) + 2)
    page.autofilter(0, 0, max(len(sheet.lines), 1), len(sheet.heads) - 1)


def _write_number(page: Any, place: int, column: int, number: Number, formats: _Formats) -> None:
    value = number.value
    if value is None:
        return
    if not math.isfinite(value):
        # A sheet has no infinite numbers: an interval without a bound says so in a text.
        page.write_string(place, column, "∞" if value > 0 else "-∞", formats.marked)
        return
    page.write_number(place, column, value, formats.numbers[number.form])


def _format_of(text: str, wide: int, formats: _Formats) -> Any:
    if _FORMULA.match(text):
        return formats.marked
    return formats.prose if wide > WIDEST else formats.text


def _held(text: str) -> str:
    """A text as a cell holds it: one that is too long says that it was cut."""
    text = _NO_XML.sub("\ufffd", text)
    return text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 2]} …"


def _width(text: str) -> int:
    """Letters that a text takes; a Chinese one takes the room of two."""
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text[: 2 * WIDEST])
