"""Results as tables on a terminal or a pipe."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from satcore.cli.wording import visible
from satcore.results import ComparisonRow, EstimateRow, Measured, Results, cell_text

if TYPE_CHECKING:
    from rich.console import RenderableType

#: Rows of one table that are shown; the others are counted and told.
MOST_ROWS: Final = 60

#: Differences that are shown.
MOST_DIFFERENCES: Final = 15

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
    out = console()
    for renderable in rendered(results):
        out.print(renderable)


def rendered(results: Results) -> Iterator[RenderableType]:
    """What is printed, piece by piece."""
    about, responses = results.about, results.responses
    if title := about.title.said("en"):
        yield _line(title, style="bold")
    weighted = f", weighted by {about.weight}" if about.weight else ""
    yield _line(f"{about.data}: {responses.read} responses read, {responses.kept} kept{weighted}")
    for dropped in responses.dropped:
        rule = f"{dropped['column']} {dropped['rule']}"
        yield _line(f"  {dropped['rows']} dropped; kept is what has {rule}")
    for item in results.items:
        if item["missing"] or item["invalid"]:
            reasons = ", ".join(f"{text} {count}" for text, count in item["missing_by"].items())
            invalid = f", {item['invalid']} invalid" if item["invalid"] else ""
            yield _line(
                f"  {item['item']}: {item['answered']} answered, {item['missing']} missing"
                f"{f' ({reasons})' if reasons else ''}{invalid}"
            )
    for measured in results.metrics:
        rows = results.rows(measured.name)
        yield _line("")
        yield _metric_table(results, measured, rows)
        cells = len({cell_text(row["cell"]) for row in rows})
        if cells > MOST_ROWS:
            yield _line(f"{cells - MOST_ROWS} more cells; --format csv or json gives all of them")
        yield from _differences(results, measured)
    if results.notes:
        yield _line("")
    for note in results.notes:
        yield _line(f"note: {note}")
    for failure in results.failures:
        where = f"{failure['metric']}, {failure['cells']} cells"
        yield _line(f"failed: {where}: {failure['message']}", style="red")


def _line(text: str, style: str = "") -> Text:
    """One line. It may hold texts from data, which neither mark up nor drive a terminal."""
    return Text(visible(text), style=style)


def _metric_table(results: Results, measured: Measured, rows: Sequence[EstimateRow]) -> Table:
    """Cells down, terms across: value and interval."""
    about = results.about
    percent = f"{100 * about.confidence:g}%"
    methods = sorted({row["method"] for row in rows if row["method"]})
    title = f"{measured.title('en')} ({measured.name}): value [{percent} interval]"
    caption = f"intervals: {', '.join(methods)}" if methods else None
    keys = list(dict.fromkeys((row["item"], row["term"]) for row in rows))
    items = {item for item, _ in keys}
    table = Table(
        title=_line(title),
        caption=_line(caption) if caption else None,
        title_justify="left",
        caption_justify="left",
    )
    table.add_column("cell", overflow="fold")
    table.add_column("n", justify="right", overflow="fold")
    if about.weight:
        table.add_column("n eff.", justify="right", overflow="fold")
    for item, term in keys:
        name = measured.term(term, "en")
        header = [_line(item), _line(name)] if len(items) > 1 else [_line(name)]
        table.add_column(Text("\n").join(header), justify="right", overflow="fold")
    table.add_column("status", overflow="fold")
    by_cell = _by_cell(rows)
    for cell_rows in list(by_cell.values())[:MOST_ROWS]:
        first = next(iter(cell_rows.values()))
        labels = ", ".join(
            f"{axis} {about.label(axis, label, 'en')}" for axis, label in first["cell"].items()
        )
        effective = first["effective_base"]
        worst = [row for row in cell_rows.values() if row["status"] != "ok"]
        table.add_row(
            _line(labels or "total"),
            str(first["base"]),
            *([f"{effective:.1f}" if effective is not None else ""] if about.weight else []),
            *(_line(_number(cell_rows.get(key))) for key in keys),
            _line("ok" if not worst else _status(worst[0])),
        )
    return table


def _by_cell(rows: Sequence[EstimateRow]) -> Mapping[str, dict[tuple[str, str], EstimateRow]]:
    cells: dict[str, dict[tuple[str, str], EstimateRow]] = {}
    for row in rows:
        cells.setdefault(cell_text(row["cell"]), {})[(row["item"], row["term"])] = row
    return cells


def _status(row: EstimateRow) -> str:
    return f"{row['status']}: {row['message']}" if row["message"] else row["status"]


def _number(row: EstimateRow | None) -> str:
    if row is None or row["value"] is None:
        return "–"
    if row["label"] is not None:
        return row["label"]
    value = _scaled(row["value"], row["unit"])
    if row["ci_low"] is None or row["ci_high"] is None:
        return value
    return (
        f"{value} [{_scaled(row['ci_low'], row['unit'])}, {_scaled(row['ci_high'], row['unit'])}]"
    )


def _scaled(value: float, unit: str) -> str:
    if unit == "proportion":
        return f"{100 * value:.1f}%"
    return f"{value:.1f}" if unit == "points" else f"{value:.2f}"


def _differences(results: Results, measured: Measured) -> Iterator[RenderableType]:
    """The differences that stand at the level of the intervals, after Holm."""
    rows = results.comparison_rows(measured.name)
    primary = measured.primary or (rows[0]["term"] if rows else "")
    level = 1 - results.about.confidence
    tested = [row for row in rows if row["term"] == primary and row["p_adjusted"] is not None]
    if not tested:
        return
    standing = [row for row in tested if (row["p_adjusted"] or 0.0) < level]
    yield _line(
        f"{len(tested)} comparisons of {measured.term(primary, 'en')}; {len(standing)} stand at "
        f"{100 * level:g}% after Holm's adjustment within each kind"
    )
    for _, group in groupby(standing[:MOST_DIFFERENCES], key=lambda row: row["kind"]):
        for row in group:
            yield _line(f"  {_difference(row)}")
    if len(standing) > MOST_DIFFERENCES:
        yield _line(f"  and {len(standing) - MOST_DIFFERENCES} more; --format json gives them")


def _difference(row: ComparisonRow) -> str:
    p = f"p = {row['p_adjusted']:.3g}"
    here = cell_text(row["cell"])
    if row["kind"] == "heterogeneity":
        fixed = f" within {here}" if here else ""
        return f"{row['along']} differs{fixed}: {row['method']} {row['statistic']:.2f}, {p}"
    against = cell_text(row["against"]) if row["against"] else f"the rest of {row['along']}"
    size = f"{row['difference']:+.3g}"
    if row["ci_low"] is not None and row["ci_high"] is not None:
        size += f" [{row['ci_low']:.3g}, {row['ci_high']:.3g}]"
    return f"{here} against {against}: {size}, {p}"
