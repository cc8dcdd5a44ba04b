"""Service standards: what was asked, what became of it, and how many answers are still needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import frozen

from satcore import Measured, Results, StandardRow
from satcore_html import numerals
from satcore_html.estimates import Teller
from satcore_html.grid import Column, Grid, grid

#: The outcomes by urgency, and their signs: an outcome is told without colour.
SIGNS: Final = {"not_met": "✗", "not_shown": "?", "met": "✓"}

#: Groups that a sentence names.
MOST_NAMED: Final = 8


@frozen(kw_only=True)
class Standards:
    """The part of the page on service standards.

    Attributes:
        sentences: What became of each standard.
        note: How to read the tables.
        grids: A table for each standard.
    """

    sentences: tuple[str, ...]
    note: str
    grids: tuple[Grid, ...]


def standards(teller: Teller) -> Standards | None:
    """What the page says of the standards; None where the study has none."""
    by_standard: dict[str, list[StandardRow]] = {}
    for row in teller.results.standard_rows():
        by_standard.setdefault(row["standard"], []).append(row)
    if not by_standard:
        return None
    metrics = {measured.name: measured for measured in teller.results.metrics}
    sentences, grids = [], []
    for rows in by_standard.values():
        measured = metrics[rows[0]["metric"]]
        own = teller.of_metric(measured)
        title = standard_title(rows, measured, own)
        sentences.append(_sentence(rows, title, own))
        grids.append(_grid(rows, title, own))
    return Standards(
        sentences=tuple(sentences), note=teller.words("standards_note"), grids=tuple(grids)
    )


def standard_title(rows: Sequence[StandardRow], measured: Measured, teller: Teller) -> str:
    """A standard's own title, or what it asks."""
    words, row = teller.words, rows[0]
    title = teller.results.titles.get(row["standard"])
    if title is not None and (said := title.said(words.language)):
        return said
    asked = _asked(row, _what(row, measured, teller), teller)
    if not asked:
        return row["standard"]
    other = _other(row)
    sets = dict.fromkeys(tuple(name for name in one["cell"] if name not in other) for one in rows)
    by = words("separator").join(teller.cells.axes(names) for names in sets if names)
    return words("standard_by", text=asked, axis=by) if by else asked


def standard_titles(results: Results, teller: Teller) -> dict[str, str]:
    """What each standard is called, by its name in the rows."""
    by_standard: dict[str, list[StandardRow]] = {}
    for row in results.standard_rows():
        by_standard.setdefault(row["standard"], []).append(row)
    metrics = {one.name: one for one in results.metrics}
    titles = {}
    for name, rows in by_standard.items():
        measured = metrics[rows[0]["metric"]]
        titles[name] = standard_title(rows, measured, teller.of_metric(measured))
    return titles


def _what(row: StandardRow, measured: Measured, teller: Teller) -> str:
    """The number that a standard speaks of."""
    words = teller.words
    name = measured.title(words.language)
    if row["term"] and row["term"] != measured.primary:
        name = words("within_term", text=name, term=measured.term(row["term"], words.language))
    items = {one["item"] for one in teller.results.rows(measured.name, row["term"])}
    return words("brackets", text=name, more=teller.item(row["item"])) if len(items) > 1 else name


def _asked(row: StandardRow, what: str, teller: Teller) -> str:
    """What is asked of a number; empty where the other side is not known."""
    words, wanted, unit = teller.words, row["target"], row["unit"]
    if isinstance(wanted, list):
        low, high = (numerals.number(one, unit) for one in wanted)
        return words("standard_between", what=what, low=low, high=high)
    if row["rule"] != "no_worse_than":
        return words(f"standard_{row['rule']}", what=what, target=numerals.number(wanted, unit))
    other = _other(row)
    if not other:
        return ""
    against = teller.cells.label(other)
    if not wanted:
        return words("standard_no_worse", what=what, against=against)
    margin = numerals.difference(abs(wanted), unit).removeprefix("+")
    name = words.difference_unit(unit)
    return words(
        "standard_little_worse", what=what, margin=f"{margin} {name}".strip(), against=against
    )


def _other(row: StandardRow) -> dict[str, str | None]:
    """Where the other side of a comparison differs from the cell."""
    against = row["against"] or {}
    return {axis: label for axis, label in against.items() if row["cell"].get(axis, "") != label}


def _sentence(rows: Sequence[StandardRow], title: str, teller: Teller) -> str:
    """How many groups meet a standard, and which do not."""
    words = teller.words
    outcomes = [row["outcome"] for row in rows]
    worst = next(outcome for outcome in SIGNS if outcome in outcomes)
    parts = []
    for outcome in reversed(SIGNS):
        count = sum(one == outcome for one in outcomes)
        told = words("outcome_count", outcome=words(f"outcome_{outcome}"), count=count)
        cells = [teller.cells.label(row["cell"]) for row in rows if row["outcome"] == outcome]
        if count and outcome != "met" and len(rows) > 1:
            named = words("separator").join(cells[:MOST_NAMED])
            told = words("brackets", text=told, more=named + ("…" if cells[MOST_NAMED:] else ""))
        if count:
            parts.append(told)
    outcome = words("semicolon").join(parts) if len(rows) > 1 else words(f"outcome_{worst}")
    return words("standard_said", sign=SIGNS[worst], standard=title, told=outcome)


def _grid(rows: Sequence[StandardRow], title: str, teller: Teller) -> Grid:
    """The cells of one standard."""
    words, cells = teller.words, teller.cells
    level = numerals.level(rows[0]["confidence"])
    columns = [Column(head=words("cell"), texts=[cells.label(row["cell"]) for row in rows])]
    if any(row["against"] for row in rows):
        texts = [cells.label(row["against"]) if row["against"] else "" for row in rows]
        columns.append(Column(head=words("against"), texts=texts))
    columns += [
        Column(head=words("target"), texts=[_target(row, teller) for row in rows], numeric=True),
        _values(rows, teller),
        Column(
            head=words("one_sided_bound", level=level),
            texts=[_bound(row) for row in rows],
            numeric=True,
        ),
        Column(
            head=words("base"), texts=[numerals.count(row["base"]) for row in rows], numeric=True
        ),
        Column(head=words("outcome"), texts=[_outcome(row, teller) for row in rows]),
        Column(
            head=words("needed"),
            texts=[
                numerals.NOTHING if row["needed"] is None else numerals.count(row["needed"])
                for row in rows
            ],
            numeric=True,
        ),
    ]
    if any(row["status"] != "ok" for row in rows):
        texts = [teller.status(row["status"]) for row in rows]
        columns.append(Column(head=words("status"), texts=texts))
    columns += teller.notes([row["message"] for row in rows])
    waves = any("different respondents" in row["message"] for row in rows)
    return grid(
        title,
        columns,
        tones=[_tone(row) for row in rows],
        places=[teller.choice.place(row["cell"]) for row in rows],
        notes=[words("about_previous") if waves else ""],
    )


def _values(rows: Sequence[StandardRow], teller: Teller) -> Column:
    """The estimates, or differences, of the cells."""
    words, unit = teller.words, rows[0]["unit"]
    if rows[0]["rule"] == "no_worse_than":
        name = words.difference_unit(unit)
        head = words("difference_in", unit=name) if name else words("difference")
        texts = [numerals.difference(row["value"], unit) for row in rows]
    else:
        head = words("value_in", unit=teller.unit(unit)) if teller.unit(unit) else words("value")
        texts = [numerals.number(row["value"], unit) for row in rows]
    return Column(head=head, texts=texts, numeric=True)


def _number(row: StandardRow, value: float) -> str:
    """A value of a row, or a difference where the row is about one."""
    if row["rule"] == "no_worse_than":
        return numerals.difference(value, row["unit"])
    return numerals.number(value, row["unit"])


def _bound(row: StandardRow) -> str:
    value, bound = row["value"], row["bound"]
    if value is None or bound is None:
        return numerals.NOTHING
    return f"{'≥' if bound <= value else '≤'} {_number(row, bound)}"


def _target(row: StandardRow, teller: Teller) -> str:
    wanted = row["target"]
    if isinstance(wanted, list):
        low, high = (_number(row, one) for one in wanted)
        return teller.words("range", low=low, high=high)
    if row["rule"] == "no_worse_than" and not wanted:
        return teller.words("no_worse")
    at_least = row["rule"] == "at_least" or (row["rule"] == "no_worse_than" and wanted < 0)
    return f"{'≥' if at_least else '≤'} {_number(row, wanted)}"


def _outcome(row: StandardRow, teller: Teller) -> str:
    return f"{SIGNS[row['outcome']]} {teller.words('outcome_' + row['outcome'])}"


def _tone(row: StandardRow) -> str:
    if row["value"] is None:
        return "quiet"
    return "strong" if row["outcome"] == "not_met" else ""
