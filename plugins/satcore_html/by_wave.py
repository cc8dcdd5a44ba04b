"""Terms that are told wave by wave, as one table: a row for each wave, the terms side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from attrs import frozen

from satcore import EstimateRow, Waves
from satcore_html import numerals
from satcore_html.estimates import Teller
from satcore_html.grid import Column, Grid, grid
from satcore_html.methods import title as method_title

#: What a row with a yes shows; a no shows nothing.
YES: Final = "✓"

#: A row's cell and wave, as a key.
_Place = tuple[tuple[tuple[str, str | None], ...], str]


@frozen(kw_only=True)
class Parted:
    """Rows of a metric's terms, those by wave apart from the others.

    Attributes:
        by_wave: By term, the rows whose item is a wave; nothing where that would be one term.
        others: By term, the other rows.
    """

    by_wave: Mapping[str, Sequence[EstimateRow]]
    others: Mapping[str, Sequence[EstimateRow]]


def parted(rows: Iterable[EstimateRow], teller: Teller) -> Parted:
    """Takes the rows by wave out of some rows.

    Args:
        rows: The rows, terms in order.
        teller: Knows the study.
    """
    rows = list(rows)
    waves = _waves(dict.fromkeys(row["item"] for row in rows), teller)
    by_wave = _by_term(row for row in rows if row["item"] in waves)
    if len(by_wave) < 2:
        return Parted(by_wave={}, others=_by_term(rows))
    return Parted(by_wave=by_wave, others=_by_term(row for row in rows if row["item"] not in waves))


def of_waves(items: Iterable[str], teller: Teller) -> bool:
    """Whether any of some items is a wave."""
    return bool(_waves(items, teller))


def _by_term(rows: Iterable[EstimateRow]) -> dict[str, list[EstimateRow]]:
    by_term: dict[str, list[EstimateRow]] = {}
    for row in rows:
        by_term.setdefault(row["term"], []).append(row)
    return by_term


def _waves(items: Iterable[str], teller: Teller) -> set[str]:
    """Items that are waves: those of the study's cells, and periods of the calendar to come."""
    wave = teller.results.about.wave
    if not wave:
        return set()
    cells = teller.results.estimates.plain("cell") if len(teller.results.estimates) else []
    seen = {cell[wave] for cell in cells if wave in cell}
    items = list(items)
    if not any(item in seen for item in items):
        # Questions may be numbers, which alone would look like waves.
        return set()
    return {item for item in items if item and (item in seen or Waves.of([item]).dated)}


def waves_grid(rows: Parted, names: Mapping[str, str], teller: Teller) -> Grid:
    """The table of the terms by wave; answers and status are those of the first term.

    Args:
        rows: The rows, those by wave apart.
        names: What terms are called.
        teller: Turns rows into texts.
    """
    by_term = rows.by_wave
    words = teller.words
    at = {term: {_place(row): row for row in some} for term, some in by_term.items()}
    places = _ordered([place for found in at.values() for place in found])
    labels = [teller.cells.value(teller.results.about.wave, wave) for _, wave in places]
    columns = [Column(head=words("wave_head"), texts=labels)]
    for term, found in at.items():
        some = [found.get(place) for place in places]
        # What a term says of all waves has its interval in a table of its own.
        columns += _columns(names[term], some, teller, bounded=term not in rows.others)
    told = [[found[place] for found in at.values() if place in found] for place in places]
    columns += [
        Column(
            head=words("base"),
            texts=[numerals.count(some[0]["base"]) for some in told],
            numeric=True,
        ),
        Column(head=words("status"), texts=[teller.status(some[0]["status"]) for some in told]),
        *teller.notes([_messages(some) for some in told]),
    ]
    groups = [teller.cells.label(dict(cell)) for cell, _ in places]
    axis = teller.results.about.wave
    where = [teller.choice.place({**dict(cell), axis: wave}) for cell, wave in places]
    note = _methods(rows, names, teller)
    return grid(words("by_waves"), columns, groups=groups, places=where, notes=[note])


def _place(row: EstimateRow) -> _Place:
    return tuple(row["cell"].items()), row["item"]


def _ordered(places: Sequence[_Place]) -> list[_Place]:
    """Each place once: cell by cell, the total first, and waves as the terms have them."""
    cells = sorted(dict.fromkeys(cell for cell, _ in places), key=bool)
    waves = list(dict.fromkeys(wave for _, wave in places))
    rank = {cell: place for place, cell in enumerate(cells)}
    turn = {wave: place for place, wave in enumerate(waves)}
    return sorted(dict.fromkeys(places), key=lambda place: (rank[place[0]], turn[place[1]]))


def _columns(
    name: str, rows: Sequence[EstimateRow | None], teller: Teller, *, bounded: bool
) -> list[Column]:
    """A term's values, and its intervals where they are wanted and it has any."""
    words = teller.words
    there = [row for row in rows if row is not None]
    if _yes_or_no(there):
        marks = {None: numerals.NOTHING, 0.0: "", 1.0: YES}
        return [Column(head=name, texts=[marks[row["value"]] if row else "" for row in rows])]
    unit = teller.unit(there[0]["unit"])
    columns = [
        Column(
            head=words("brackets", text=name, more=unit) if unit else name,
            texts=[teller.value(row) if row else "" for row in rows],
            numeric=True,
        )
    ]
    if bounded and any(row["ci_low"] is not None for row in there):
        level = numerals.level(there[0]["confidence"])
        columns.append(
            Column(
                head=words("interval", level=level),
                texts=[teller.interval(row) if row else "" for row in rows],
                numeric=True,
            )
        )
    return columns


def _yes_or_no(rows: Sequence[EstimateRow]) -> bool:
    """Whether a term says yes or no: 0 or 1 of nothing. What a yes rests on is its message."""
    return all(row["unit"] == "" and row["value"] in (None, 0.0, 1.0) for row in rows)


def _messages(rows: Sequence[EstimateRow]) -> str:
    """What the terms say of a wave, each thing once."""
    parts = dict.fromkeys(part for row in rows for part in row["message"].split("; ") if part)
    return "; ".join(parts)


def _methods(rows: Parted, names: Mapping[str, str], teller: Teller) -> str:
    """How the intervals of each term were made."""
    words = teller.words
    told = []
    for term, some in rows.by_wave.items():
        methods = dict.fromkeys(row["method"] for row in some if row["ci_low"] is not None)
        if methods and term not in rows.others:
            titles = words("separator").join(method_title(one, words) for one in methods)
            told.append(words("term_by_kind", term=names[term], kind=titles))
    return words("interval_method", method=words("semicolon").join(told)) if told else ""
