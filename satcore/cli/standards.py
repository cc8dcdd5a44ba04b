"""Service standards for people: a table on a terminal, and each row in a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from rich.table import Table
from rich.text import Text

from satcore.cli.wording import scaled, visible
from satcore.results import About, CellLabels, Outcome, Results, StandardRow

if TYPE_CHECKING:
    from rich.console import RenderableType

#: Rows that are shown; of more, those that are met are left out first.
MOST_ROWS: Final = 60

#: How an outcome is told: by a sign and a word, so that it needs no colour.
SIGNS: Final[dict[Outcome, str]] = {"met": "✓", "not_met": "✗", "not_shown": "?"}
WORDS: Final[dict[Outcome, str]] = {
    "met": "met",
    "not_met": "not met",
    "not_shown": "not shown",
}
STYLES: Final[dict[Outcome, str]] = {"met": "green", "not_met": "red", "not_shown": "yellow"}

_URGENCY: Final[tuple[Outcome, ...]] = ("not_met", "not_shown", "met")


def standards_pieces(results: Results) -> Iterator[RenderableType]:
    """The table of standards and what they come to."""
    rows = results.standard_rows()
    shown = _most_urgent(rows)
    yield _table(shown, results)
    if left_out := len(rows) - len(shown):
        yield Text(f"{left_out} more rows; --format json gives all of them")
    yield Text(summary(rows))


def _most_urgent(rows: Sequence[StandardRow]) -> list[StandardRow]:
    """The rows that there is room for, in their order."""
    order = sorted(range(len(rows)), key=lambda place: _URGENCY.index(rows[place]["outcome"]))
    return [rows[place] for place in sorted(order[:MOST_ROWS])]


def _table(rows: Sequence[StandardRow], results: Results) -> Table:
    levels = {row["confidence"] for row in rows}
    level = f", {100 * levels.pop():g}% one-sided" if len(levels) == 1 else ""
    title = Text(f"Service standards: value [bound]{level}")
    table = Table(title=title, title_justify="left")
    table.add_column("standard", overflow="fold")
    table.add_column("target", overflow="fold")
    table.add_column("cell", overflow="fold")
    table.add_column("n", justify="right", overflow="fold")
    table.add_column("value", justify="right", overflow="fold")
    table.add_column("outcome", no_wrap=True)
    table.add_column("needed", justify="right", overflow="fold")
    table.add_column("status", overflow="fold")
    before = None
    for row in rows:
        first = row["standard"] != before
        if first and before is not None:
            table.add_section()
        before = row["standard"]
        outcome = row["outcome"]
        table.add_row(
            Text(visible(row["standard"]) if first else ""),
            Text(target(row) if first else ""),
            Text(visible(cell(row, results.about))),
            "" if row["base"] is None else str(row["base"]),
            Text(_value(row)),
            Text(f"{SIGNS[outcome]} {WORDS[outcome]}", style=STYLES[outcome]),
            "" if row["needed"] is None else str(row["needed"]),
            Text(visible(_status(row))),
        )
    return table


def _status(row: StandardRow) -> str:
    return f"{row['status']}: {row['message']}" if row["message"] else row["status"]


def cell(row: StandardRow, about: About) -> str:
    """A cell, and what it is held against, in one line."""
    here = _labels(row["cell"], about) or "total"
    against = row["against"]
    if against is None:
        return here
    # What both have in common need not be said twice.
    other = {axis: label for axis, label in against.items() if row["cell"].get(axis, "") != label}
    return f"{here} against {_labels(other, about)}"


def _labels(labels: CellLabels, about: About) -> str:
    return ", ".join(
        f"{axis} {about.label(axis, label, plain=True)}" for axis, label in labels.items()
    )


def target(row: StandardRow) -> str:
    """The target in words: ``at least 30.0``."""
    wanted, unit = row["target"], row["unit"]
    if isinstance(wanted, list):
        return f"between {_target(wanted[0], unit)} and {_target(wanted[1], unit)}"
    if row["rule"] == "no_worse_than":
        return f"at most {_target(abs(wanted), unit)} worse" if wanted else "no worse"
    return f"{row['rule'].replace('_', ' ')} {_target(wanted, unit)}"


def _target(value: float, unit: str) -> str:
    """A target with the digits it was written with."""
    return f"{100 * value:.6g}%" if unit == "proportion" else f"{value:.6g}"


def _value(row: StandardRow) -> str:
    value, bound = row["value"], row["bound"]
    if value is None:
        return "–"
    told = scaled(value, row["unit"])
    if bound is None:
        return told
    return f"{told} [{'≥' if bound <= value else '≤'} {scaled(bound, row['unit'])}]"


def sentence(row: StandardRow) -> str:
    """One row in words, for a log: what was found, how sure it is, what was wanted."""
    parts = [WORDS[row["outcome"]]]
    value, bound, unit = row["value"], row["bound"], row["unit"]
    if value is not None:
        what = "difference" if row["rule"] == "no_worse_than" else "value"
        parts.append(f"{what} {scaled(value, unit)}")
    if value is not None and bound is not None:
        side = "lower" if bound <= value else "upper"
        parts.append(f"one-sided {side} bound {scaled(bound, unit)}")
    parts.append(f"target: {target(row)}")
    parts.append(f"{row['base']} answers")
    if row["needed"] is not None:
        parts.append(f"{row['needed']} more needed")
    if row["message"]:
        parts.append(row["message"])
    return "; ".join(parts)


def summary(rows: Sequence[StandardRow]) -> str:
    """What the standards come to: ``3 standards, 7 cells: 5 met, 1 not met, 1 not shown``."""
    failed = sum(row["status"] == "error" for row in rows)
    outcomes = Counter(row["outcome"] for row in rows if row["status"] != "error")
    standards = len({row["standard"] for row in rows})
    counts = [f"{outcomes[outcome]} {word}" for outcome, word in WORDS.items() if outcomes[outcome]]
    told = ", ".join([*counts, *([f"{failed} failed"] if failed else [])])
    return f"{_counted(standards, 'standard')}, {_counted(len(rows), 'cell')}: {told}"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
