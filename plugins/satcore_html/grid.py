"""A table as the template shows it: texts only, whatever it tells.

A table holds its texts by column. Rows are built where they are shown: of tens of thousands, a
page shows a few at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from attrs import evolve, frozen

#: A longer table is folded, so that the page stays readable.
LONG: Final = 25

#: A longer table is shown page by page, and a page has so many rows.
WHOLE: Final = 200
PAGE: Final = 100


@frozen
class Entry:
    """One entry of a table.

    Attributes:
        text: What it says.
        numeric: Whether it is set as a number.
        prose: Whether it may run over several lines.
        lang: Its language where that is not the page's: ``"en"`` for what the core wrote.
    """

    text: str
    numeric: bool = False
    prose: bool = False
    lang: str = ""


@frozen
class Row:
    """A row: its heading, its entries, and how it stands out.

    Attributes:
        head: The row's heading.
        entries: The rest of it.
        tone: ``"quiet"`` for a row without a number, ``"strong"`` for one to look at first,
            ``"total"`` for what the others are parts of.
        place: Which groups it speaks of, as ``Choice.place`` writes it.
    """

    head: str
    entries: tuple[Entry, ...]
    tone: str = ""
    place: str = ""


@frozen
class Group:
    """Rows that belong together, with a heading unless there is only one group."""

    title: str
    rows: tuple[Row, ...]


@frozen(kw_only=True)
class Column:
    """A column of a table.

    Attributes:
        head: Its heading.
        texts: Its texts, by row.
        numeric: Whether it holds numbers.
        prose: Whether its texts may run over several lines.
        langs: Their languages where those are not the page's; left out, all are the page's.
    """

    head: str
    texts: Sequence[str]
    numeric: bool = False
    prose: bool = False
    langs: Sequence[str] = ()

    def entry(self, place: int) -> Entry:
        """The entry of one row."""
        lang = self.langs[place] if self.langs else ""
        return Entry(self.texts[place], self.numeric, self.prose, lang)

    def ordered(self, order: Sequence[int]) -> Column:
        """The column with its rows in another order."""
        langs = [self.langs[place] for place in order] if self.langs else ()
        return evolve(self, texts=[self.texts[place] for place in order], langs=langs)


@frozen(kw_only=True)
class Grid:
    """A table.

    Attributes:
        caption: What it shows.
        columns: The columns, all of one length; the first heads the rows.
        titles: For every row, the title of its group; rows of one group stand together.
        tones: For every row, how it stands out.
        places: For every row, which groups it speaks of; see ``Row``.
        notes: What to know when reading it.
    """

    caption: str
    columns: tuple[Column, ...]
    titles: Sequence[str] = ()
    tones: Sequence[str] = ()
    places: Sequence[str] = ()
    notes: tuple[str, ...] = ()

    @property
    def heads(self) -> tuple[str, ...]:
        """Column headings; the first stands over the rows' headings."""
        return tuple(column.head for column in self.columns)

    @property
    def numeric(self) -> tuple[bool, ...]:
        """For every column, whether it holds numbers."""
        return tuple(column.numeric for column in self.columns)

    @property
    def size(self) -> int:
        """How many rows it has."""
        return len(self.columns[0].texts)

    @property
    def folded(self) -> bool:
        """Whether it is too long to lie open."""
        return self.size > LONG

    @property
    def paged(self) -> bool:
        """Whether it is too long to be shown at once."""
        return self.size > WHOLE

    @property
    def grouped(self) -> bool:
        """Whether its rows stand in several groups."""
        return bool(self.titles) and self.titles[0] != self.titles[-1]

    @property
    def groups(self) -> tuple[Group, ...]:
        """All rows."""
        return self.first(self.size)

    @property
    def shown(self) -> tuple[Group, ...]:
        """The rows that a page shows before anyone asks for others."""
        return self.first(PAGE if self.paged else self.size)

    def first(self, most: int) -> tuple[Group, ...]:
        """The first rows."""
        places = range(min(most, self.size))
        if not self.titles:
            rows = tuple(self._row(place) for place in places)
            return (Group("", rows),) if rows else ()
        return tuple(
            Group(title, tuple(self._row(place) for place in some))
            for title, some in groupby(places, key=lambda place: self.titles[place])
        )

    def _row(self, place: int) -> Row:
        head, *others = self.columns
        return Row(
            head.texts[place],
            tuple(column.entry(place) for column in others),
            self.tones[place] if self.tones else "",
            self.places[place] if self.places else "",
        )


def grid(
    caption: str,
    columns: Sequence[Column],
    *,
    groups: Sequence[str] = (),
    tones: Sequence[str] = (),
    places: Sequence[str] = (),
    notes: Iterable[str] = (),
) -> Grid:
    """A table from its columns; the first one heads the rows.

    Args:
        caption: What it shows.
        columns: The columns, all of one length.
        groups: For every row, the title of its group; rows of one group are brought together.
        tones: For every row, how it stands out.
        places: For every row, which groups it speaks of; left out, it speaks of all.
        notes: What to know when reading it.
    """
    if groups and len(dict.fromkeys(groups)) < sum(1 for _ in groupby(groups)):
        first: dict[str, int] = {}
        for title in groups:
            first.setdefault(title, len(first))
        order = sorted(range(len(groups)), key=lambda place: first[groups[place]])
        columns = [column.ordered(order) for column in columns]
        groups, tones, places = (
            [some[place] for place in order] if some else () for some in (groups, tones, places)
        )
    return Grid(
        caption=caption,
        columns=tuple(columns),
        titles=groups,
        tones=tones if any(tones) else (),
        places=places if any(places) else (),
        notes=tuple(note for note in notes if note),
    )


def shared_notes(grids: Sequence[Grid]) -> tuple[tuple[str, ...], tuple[Grid, ...]]:
    """Notes that all tables have, and the tables without them: said once, they are read."""
    if not grids:
        return (), ()
    common = tuple(note for note in grids[0].notes if all(note in one.notes for one in grids))
    return common, tuple(
        evolve(one, notes=tuple(note for note in one.notes if note not in common)) for one in grids
    )
