"""A table as the template shows it: texts only, whatever it tells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from attrs import evolve, field, frozen

#: A longer table is folded, so that the page stays readable.
LONG: Final = 25


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
    """

    head: str
    entries: tuple[Entry, ...]
    tone: str = ""


@frozen
class Group:
    """Rows that belong together, with a heading unless there is only one group."""

    title: str
    rows: tuple[Row, ...]


@frozen(kw_only=True)
class Grid:
    """A table.

    Attributes:
        caption: What it shows.
        heads: Column headings; the first stands over the rows' headings.
        numeric: For every column, whether it holds numbers.
        groups: The rows.
        notes: What to know when reading it.
    """

    caption: str
    heads: tuple[str, ...]
    numeric: tuple[bool, ...]
    groups: tuple[Group, ...]
    notes: tuple[str, ...] = field(default=())

    @property
    def size(self) -> int:
        """How many rows it has."""
        return sum(len(group.rows) for group in self.groups)

    @property
    def folded(self) -> bool:
        """Whether it is too long to lie open."""
        return self.size > LONG


@frozen(kw_only=True)
class Column:
    """A column on its way into a table.

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


def grid(
    caption: str,
    columns: Sequence[Column],
    *,
    groups: Sequence[str] = (),
    tones: Sequence[str] = (),
    notes: Iterable[str] = (),
) -> Grid:
    """A table from its columns; the first one heads the rows.

    Args:
        caption: What it shows.
        columns: The columns, all of one length.
        groups: For every row, the title of its group; rows of one group stand together.
        tones: For every row, how it stands out.
        notes: What to know when reading it.
    """
    head, *others = columns
    rows: dict[str, list[Row]] = {}
    for place, text in enumerate(head.texts):
        title = groups[place] if groups else ""
        tone = tones[place] if tones else ""
        entries = tuple(column.entry(place) for column in others)
        rows.setdefault(title, []).append(Row(text, entries, tone))
    return Grid(
        caption=caption,
        heads=tuple(column.head for column in columns),
        numeric=tuple(column.numeric for column in columns),
        groups=tuple(Group(title, tuple(one)) for title, one in rows.items()),
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
