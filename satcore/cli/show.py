"""Results as tables on a terminal or a pipe."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from satcore.cli.standards import standards_pieces
from satcore.cli.wording import scaled, visible
from satcore.results import ComparisonRow, EstimateRow, Measured, Results, cell_text

if TYPE_CHECKING:
    from rich.console import RenderableType

#: Rows of one table that are shown; the others are counted and told.
MOST_ROWS: Final = 60

#: Items whose missing answers are shown one by one.
MOST_ITEMS: Final = 8

#: Terms of one table that are shown, where the metric names none.
MOST_TERMS: Final = 6

#: Differences that are shown.
MOST_DIFFERENCES: Final = 15

#: Smaller p-values are told as smaller than this.
LEAST_P: Final = 1e-15

#: Width of a table on a pipe, where nothing is cut.
PIPE_WIDTH: Final = 240


class _Console(Console):
    """A console that leaves a broken pipe to the command line, which knows the exit code."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


def console(*, error: bool = False) -> Console:
    """A console; on a pipe without colour and wide enough to cut nothing."""
    stream = sys.stderr if error else sys.stdout
    width = None if stream.isatty() else PIPE_WIDTH
    return _Console(file=stream, width=width, highlight=False, soft_wrap=not stream.isatty())


def show(results: Results) -> None:
    """Print results for people."""
    _print(rendered(results))


#: Remarks on the numbers of one metric that are printed.
MOST_REMARKS = 5


def show_standards(results: Results) -> None:
    """Print what became of the standards, for people."""
    _print(_checked(results))


def _print(pieces: Iterable[RenderableType]) -> None:
    out = console()
    for renderable in pieces:
        out.print(renderable)


def rendered(results: Results) -> Iterator[RenderableType]:
    """What is printed, piece by piece."""
    yield from opening(results)
    holed = [item for item in results.items if item["missing"] or item["invalid"]]
    for item in holed[:MOST_ITEMS]:
        reasons = ", ".join(f"{text} {count}" for text, count in item["missing_by"].items())
        invalid = f", {item['invalid']} invalid" if item["invalid"] else ""
        yield text_of(
            f"  {item['item']}: {item['answered']} answered, {item['missing']} missing"
            f"{f' ({reasons})' if reasons else ''}{invalid}"
        )
    if len(holed) > MOST_ITEMS:
        rest = holed[MOST_ITEMS:]
        missing = [item["missing"] or 0 for item in rest]
        yield text_of(
            f"  {len(rest)} more items: {min(missing)} to {max(missing)} missing each, "
            f"{sum(item['invalid'] or 0 for item in rest)} invalid in all; "
            "--format json gives each"
        )
    for measured in results.metrics:
        rows = results.rows(measured.name)
        yield text_of("")
        yield _metric_table(results, measured, rows)
        shown = _shown_terms(measured, rows)
        lines = len(_lines_of([row for row in rows if row["term"] in shown]))
        others = list(dict.fromkeys(row["term"] for row in rows if row["term"] not in shown))
        if lines > MOST_ROWS:
            yield text_of(f"{lines - MOST_ROWS} more lines; --format csv or json gives all of them")
        yield from _remarks([row for row in rows if row["term"] in shown])
        if others:
            yield text_of(f"more terms in csv, json and the report: {', '.join(others)}")
        yield from _differences(results, measured)
    if len(results.standards):
        yield text_of("")
        yield from standards_pieces(results)
    yield from _endnotes(results)


def _checked(results: Results) -> Iterator[RenderableType]:
    """What is printed where only the standards are asked for."""
    yield from opening(results)
    yield text_of("")
    yield from standards_pieces(results)
    yield from _endnotes(results)


def opening(results: Results) -> Iterator[RenderableType]:
    """What the study is called and how many responses it has."""
    about, responses = results.about, results.responses
    if title := about.title.said("en"):
        yield text_of(title, style="bold")
    weighted = f", weighted by {about.weight}" if about.weight else ""
    if responses.read is None:
        yield text_of(f"{about.data}: the number of responses is withheld{weighted}")
        return
    yield text_of(f"{about.data}: {responses.read} responses read, {responses.kept} kept{weighted}")
    for dropped in responses.dropped:
        rule = f"{dropped['column']} {dropped['rule']}"
        yield text_of(f"  {dropped['rows']} dropped; kept is what has {rule}")


def _endnotes(results: Results) -> Iterator[RenderableType]:
    """Notes, and what could not be measured."""
    if results.notes:
        yield text_of("")
    for note in results.notes:
        yield text_of(f"note: {note}")
    for failure in results.failures:
        where = f"{failure['metric']}, {failure['cells']} cells"
        yield text_of(f"failed: {where}: {failure['message']}", style="red")


def text_of(text: str, style: str = "") -> Text:
    """One line. It may hold texts from data, which neither mark up nor drive a terminal."""
    return Text(visible(text), style=style)


def _metric_table(results: Results, measured: Measured, rows: Sequence[EstimateRow]) -> Table:
    """Cells - and items, where there are several - down, terms across: value and interval."""
    about = results.about
    percent = f"{100 * about.confidence:g}%"
    terms = _shown_terms(measured, rows)
    rows = [row for row in rows if row["term"] in terms]
    methods = sorted({row["method"] for row in rows if row["method"]})
    said = results.title(measured.name).removesuffix(f" ({measured.name})")
    title = f"{said} ({measured.name}): value [{percent} interval]"
    caption = f"intervals: {', '.join(methods)}" if methods else None
    several = len({row["item"] for row in rows}) > 1
    table = Table(
        title=text_of(title),
        caption=text_of(caption) if caption else None,
        title_justify="left",
        caption_justify="left",
    )
    if several:
        table.add_column("item", overflow="fold")
    table.add_column("cell", overflow="fold")
    table.add_column("n", justify="right", overflow="fold")
    if about.weight:
        table.add_column("n eff.", justify="right", overflow="fold")
    for term in terms:
        unit = next(row["unit"] for row in rows if row["term"] == term)
        rate = f" ({unit})" if unit.endswith((" a year", " a wave")) else ""
        table.add_column(
            text_of(measured.term(term, "en") + rate), justify="right", overflow="fold"
        )
    table.add_column("status", overflow="fold")
    for by_term in list(_lines_of(rows).values())[:MOST_ROWS]:
        first = next(iter(by_term.values()))
        labels = ", ".join(
            f"{axis} {about.label(axis, label, plain=True)}"
            for axis, label in first["cell"].items()
        )
        effective = first["effective_base"]
        worst = [row for row in by_term.values() if row["status"] != "ok"]
        item = measured.metric.item_title(first["item"], "en") or first["item"]
        table.add_row(
            *([text_of(item)] if several else []),
            text_of(labels or "total"),
            "" if first["base"] is None else str(first["base"]),
            *([f"{effective:.1f}" if effective is not None else ""] if about.weight else []),
            *(text_of(_number(by_term.get(term))) for term in terms),
            text_of("ok" if not worst else _status(worst[0])),
        )
    return table


def _shown_terms(measured: Measured, rows: Sequence[EstimateRow]) -> list[str]:
    """The terms of a metric that a terminal has room for."""
    terms = list(dict.fromkeys(row["term"] for row in rows))
    headline = measured.spec.headline if measured.spec else ()
    return [term for term in headline if term in terms] or terms[:MOST_TERMS]


def _lines_of(rows: Sequence[EstimateRow]) -> Mapping[tuple[str, str], dict[str, EstimateRow]]:
    lines: dict[tuple[str, str], dict[str, EstimateRow]] = {}
    for row in rows:
        lines.setdefault((row["item"], cell_text(row["cell"])), {})[row["term"]] = row
    return lines


def _remarks(rows: Sequence[EstimateRow]) -> Iterator[Text]:
    """What a metric says of numbers that are sound: each once, with the first cell it is of."""
    cells: dict[str, list[str]] = {}
    for row in rows:
        if row["status"] == "ok" and row["message"]:
            where = ", ".join(part for part in (row["item"], cell_text(row["cell"])) if part)
            cells.setdefault(row["message"], []).append(where or "total")
    for message, places in list(cells.items())[:MOST_REMARKS]:
        more = f" and {len(places) - 1} more" if len(places) > 1 else ""
        yield text_of(f"{places[0]}{more}: {message}")
    if len(cells) > MOST_REMARKS:
        yield text_of(f"{len(cells) - MOST_REMARKS} more remarks; --format json gives all of them")


def _status(row: EstimateRow) -> str:
    return f"{row['status']}: {row['message']}" if row["message"] else row["status"]


def _number(row: EstimateRow | None) -> str:
    if row is None or row["value"] is None:
        return "–"
    value = scaled(row["value"], row["unit"])
    if row["label"] is not None:
        value = f"{row['label']} {value}"
    if row["ci_low"] is None or row["ci_high"] is None:
        return value
    return f"{value} [{scaled(row['ci_low'], row['unit'])}, {scaled(row['ci_high'], row['unit'])}]"


def _differences(results: Results, measured: Measured) -> Iterator[RenderableType]:
    """The differences that stand at the level of the intervals, after Holm."""
    rows = results.comparison_rows(measured.name)
    primary = measured.primary
    if rows and not results.rows(measured.name, primary):
        # Options leave the primary term out: a gap, where nobody was asked what they expect.
        compared = {row["term"] for row in rows}
        wanted = measured.spec.headline if measured.spec else ()
        primary = next((term for term in wanted if term in compared), rows[0]["term"])
    level = 1 - results.about.confidence
    tested = [row for row in rows if row["term"] == primary and row["p_adjusted"] is not None]
    if not tested:
        return
    standing = [row for row in tested if (row["p_adjusted"] or 0.0) < level]
    yield text_of(
        f"{len(tested)} comparisons of {measured.term(primary, 'en')}; {len(standing)} stand at "
        f"{100 * level:g}% after Holm's adjustment within each kind"
    )
    for _, group in groupby(standing[:MOST_DIFFERENCES], key=lambda row: row["kind"]):
        for row in group:
            yield text_of(f"  {_difference(row)}")
    if len(standing) > MOST_DIFFERENCES:
        yield text_of(f"  and {len(standing) - MOST_DIFFERENCES} more; --format json gives them")


def _difference(row: ComparisonRow) -> str:
    adjusted = row["p_adjusted"] or 0.0
    p = f"p = {adjusted:.3g}" if adjusted >= LEAST_P else f"p < {LEAST_P:g}"
    here = " ".join(part for part in (row["item"], cell_text(row["cell"])) if part)
    if row["kind"] == "heterogeneity":
        return f"{row['along']} differs, {here}: {row['method']} {row['statistic']:.2f}, {p}"
    against = f"the rest of {row['along']}"
    if row["against"]:
        against = ", ".join(
            text if name in ("item", "value") and text is not None else cell_text({name: text})
            for name, text in row["against"].items()
        )
    if row["difference"] is None:
        return f"{here} against {against}: {row['method']} {row['statistic']:.2f}, {p}"
    size = f"{row['difference']:+.3g}"
    if row["ci_low"] is not None and row["ci_high"] is not None:
        size += f" [{row['ci_low']:.3g}, {row['ci_high']:.3g}]"
    return f"{here} against {against}: {size}, {p}"
