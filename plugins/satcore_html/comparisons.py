"""Tables of comparisons: cell against rest, wave against wave, pairs, all groups at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias, cast

from attrs import frozen

from satcore import ComparisonRow, Table
from satcore_html import numerals
from satcore_html.cells import Axes
from satcore_html.estimates import Teller
from satcore_html.grid import Column, Grid, grid, shared_notes
from satcore_html.methods import title as method_title

#: The kinds, in the order in which they are told: the overall test first.
KINDS: Final = ("null", "paired", "heterogeneity", "rest", "previous", "pair")


def alpha(confidence: float) -> float:
    """The level of a test that goes with a confidence level."""
    # 1 - 0.95 is 0.050000000000000044; a p of exactly 0.05 is not below it.
    return round(1 - confidence, 12)


@frozen(kw_only=True)
class Compared:
    """The comparisons of one kind, of one term.

    Attributes:
        title: What was compared.
        notes: How to read it.
        grids: The tables.
    """

    title: str
    notes: tuple[str, ...]
    grids: tuple[Grid, ...]


#: Of a longer table, those that show a difference are on the page first.
MOST_COMPARED: Final = 2_000

#: What a table of comparisons holds: its kind, the dimensions of its cells, and the one compared
#: along.
Family: TypeAlias = "tuple[str, Axes, str]"


@frozen(kw_only=True)
class Kept:
    """The comparisons of one term that a report tells.

    Attributes:
        rows: Them, in their order.
        counts: How many there are, by table, where not all are told.
    """

    rows: tuple[ComparisonRow, ...]
    counts: Mapping[Family, int]


def kept(table: Table, places: Sequence[int], confidence: float) -> Kept:
    """The comparisons of one term; of very many, those that a reader looks for.

    Args:
        table: All comparisons.
        places: Where those of the term stand.
        confidence: The level at which a difference counts as shown.
    """
    some = table.picked(places)
    families: dict[Family, list[int]] = {}
    keys = zip(some.plain("kind"), some.plain("cell"), some.plain("along"), strict=True)
    for place, (kind, cell, along) in enumerate(keys):
        families.setdefault((kind, tuple(cell), along), []).append(place)
    counts = {key: len(own) for key, own in families.items() if len(own) > MOST_COMPARED}
    if counts:
        plain, adjusted = some.plain("p"), some.plain("p_adjusted")
        least = [p if after is None else after for p, after in zip(plain, adjusted, strict=True)]
        told: list[int] = []
        for key, own in families.items():
            if key in counts:
                level = alpha(confidence)
                shown = (one for one in own if (p := least[one]) is not None and p < level)
                first = sorted(shown, key=lambda one: (least[one], one))
                own = list(dict.fromkeys([*first, *own]))[:MOST_COMPARED]
            told += own
        some = some.picked(sorted(told))
    return Kept(rows=tuple(cast("ComparisonRow", row) for row in some.rows()), counts=counts)


def compared(
    rows: Iterable[ComparisonRow],
    term: str,
    units: Mapping[str, str],
    teller: Teller,
    counts: Mapping[Family, int] | None = None,
) -> list[Compared]:
    """The comparisons of one term, by kind; a table for each way of cutting the answers.

    Args:
        rows: The rows of the term.
        term: The term's name for people.
        units: The estimates' unit, by item.
        teller: Turns rows into texts.
        counts: How many comparisons a table had, where not all are among the rows.
    """
    words = teller.words
    by_kind: dict[str, list[ComparisonRow]] = {}
    for row in rows:
        by_kind.setdefault(row["kind"], []).append(row)
    order = {kind: place for place, kind in enumerate(KINDS)}
    told = []
    for kind, some in sorted(by_kind.items(), key=lambda pair: order.get(pair[0], len(order))):
        name = words.known(f"kind_{kind}", kind)
        if kind == "heterogeneity":
            free, within = (
                [row for row in some if bool(row["cell"]) is fixed] for fixed in (False, True)
            )
            grids = [_overall(free, "overall_tests", term, teller)] if free else []
            if within:
                grids.append(_overall(within, "overall_tests_within", term, teller))
        else:
            grids = _families(some, units, teller, counts or {})
        notes, tables = shared_notes(grids)
        told.append(
            Compared(
                title=words("term_by_kind", term=term, kind=name),
                notes=tuple(note for note in (words.known(f"about_{kind}", ""), *notes) if note),
                grids=tables,
            )
        )
    return told


def _families(
    rows: Sequence[ComparisonRow],
    units: Mapping[str, str],
    teller: Teller,
    counts: Mapping[Family, int],
) -> list[Grid]:
    """Tables of pairs: one for each set of dimensions and the dimension compared along."""
    words, cells = teller.words, teller.cells
    families: dict[tuple[Axes, str], list[ComparisonRow]] = {}
    for row in rows:
        families.setdefault((tuple(row["cell"]), row["along"]), []).append(row)
    grids = []
    for (axes, along), some in families.items():
        caption = words("by_axis", axis=cells.axes(axes)) if axes else words("total")
        if len(axes) > 1:
            caption = words("brackets", text=caption, more=words("along", axis=cells.axis(along)))
        methods = list(dict.fromkeys(row["method"] for row in some if row["method"]))
        method = words("semicolon").join(method_title(one, words) for one in methods)
        columns = _items(some, teller)
        columns.append(Column(head=words("cell"), texts=teller.labels(some)))
        if any(row["against"] for row in some):
            texts = [_against(row, teller) for row in some]
            columns.append(Column(head=words("against"), texts=texts))
        columns += [*_differences(some, units, teller), *_tested(some, teller)]
        count = counts.get((some[0]["kind"], axes, along))
        notes = [words("comparison_method", method=method) if method else ""]
        if count is not None:
            shown, every = numerals.count(len(some)), numerals.count(count)
            notes.append(words("comparisons_cut", shown=shown, count=every))
        grids.append(
            grid(
                caption,
                columns,
                tones=["strong" if _shown(row) else "" for row in some],
                places=[_place(row, teller) for row in some],
                notes=notes,
            )
        )
    return grids


def _place(row: ComparisonRow, teller: Teller) -> str:
    """Which groups a comparison speaks of: either side of a pair."""
    if row["kind"] == "pair" and row["against"]:
        return teller.choice.place(row["cell"], row["against"])
    return teller.choice.place(row["cell"])


def _against(row: ComparisonRow, teller: Teller) -> str:
    """The other side: a cell, another item, or a fixed value."""
    against = row["against"]
    if not against:
        return ""
    if row["kind"] == "paired":
        return teller.item(against["item"] or "")
    if row["kind"] == "null":
        return against["value"] or ""
    return teller.cells.label(against)


def _overall(rows: Sequence[ComparisonRow], caption: str, term: str, teller: Teller) -> Grid:
    """The table of tests over all groups at once; ``caption`` is a phrase's key."""
    words, cells = teller.words, teller.cells
    columns = _items(rows, teller)
    columns += [
        Column(head=words("across"), texts=[cells.axis(row["along"]) for row in rows]),
        *(
            [Column(head=words("within"), texts=[cells.label(row["cell"]) for row in rows])]
            if any(row["cell"] for row in rows)
            else []
        ),
        Column(head=words("test"), texts=[method_title(row["method"], words) for row in rows]),
        Column(
            head=words("statistic"),
            texts=[numerals.statistic(row["statistic"]) for row in rows],
            numeric=True,
        ),
        Column(
            head=words("df"),
            texts=[numerals.NOTHING if row["df"] is None else str(row["df"]) for row in rows],
            numeric=True,
        ),
        *_tested(rows, teller),
    ]
    return grid(
        words(caption, term=term),
        columns,
        places=[teller.choice.place(row["cell"]) for row in rows],
        tones=["strong" if _shown(row) else "" for row in rows],
    )


def _items(rows: Sequence[ComparisonRow], teller: Teller) -> list[Column]:
    if len({row["item"] for row in rows}) < 2:
        return []
    return [Column(head=teller.words("item"), texts=[teller.item(row["item"]) for row in rows])]


def _tested(rows: Sequence[ComparisonRow], teller: Teller) -> list[Column]:
    """What the test said, and what there is to know about it."""
    words = teller.words
    columns = [
        Column(head=words("p"), texts=[numerals.p_value(row["p"]) for row in rows], numeric=True),
        Column(
            head=words("p_adjusted"),
            texts=[numerals.p_value(row["p_adjusted"]) for row in rows],
            numeric=True,
        ),
        Column(head=words("finding"), texts=[_finding(row, teller) for row in rows]),
    ]
    if any(row["status"] != "ok" for row in rows):
        texts = [teller.status(row["status"]) for row in rows]
        columns.append(Column(head=words("status"), texts=texts))
    return columns + teller.notes([row["message"] for row in rows])


def _differences(
    rows: Sequence[ComparisonRow], units: Mapping[str, str], teller: Teller
) -> list[Column]:
    words = teller.words
    unit = units.get(rows[0]["item"], "")
    name = words.difference_unit(unit)
    level = numerals.level(rows[0]["confidence"])
    return [
        Column(
            head=words("difference_in", unit=name) if name else words("difference"),
            texts=[
                numerals.difference(row["difference"], units.get(row["item"], "")) for row in rows
            ],
            numeric=True,
        ),
        Column(
            head=words("interval", level=level),
            texts=[_span(row, units.get(row["item"], ""), teller) for row in rows],
            numeric=True,
        ),
    ]


def _span(row: ComparisonRow, unit: str, teller: Teller) -> str:
    low, high = row["ci_low"], row["ci_high"]
    if low is None or high is None:
        return numerals.NOTHING
    return teller.words(
        "range", low=numerals.difference(low, unit), high=numerals.difference(high, unit)
    )


def _shown(row: ComparisonRow) -> bool:
    """Whether the answers show a difference, after allowing for the number of comparisons."""
    p = row["p"] if row["p_adjusted"] is None else row["p_adjusted"]
    return p is not None and p < alpha(row["confidence"])


def _finding(row: ComparisonRow, teller: Teller) -> str:
    if row["p"] is None:
        return numerals.NOTHING
    if not _shown(row):
        return teller.words("not_shown")
    if row["difference"] is None:
        return teller.words("shown")
    return teller.words("higher" if row["difference"] > 0 else "lower")
