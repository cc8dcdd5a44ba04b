"""Tables of estimates, and how one estimate is told in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from attrs import evolve, frozen

from satcore import ComparisonRow, EstimateRow, Measured, Results
from satcore_html import numerals
from satcore_html.cells import Cells, by_axes
from satcore_html.choosing import Choice
from satcore_html.grid import Column, Grid, grid
from satcore_html.messages import said
from satcore_html.methods import title as method_title
from satcore_html.units import COUNTED, of_events
from satcore_html.words import Words


@frozen(kw_only=True)
class Teller:
    """Turns rows of results into texts of the page.

    Attributes:
        results: The results.
        words: The page's words.
        cells: What groups are called.
        items: What items are called, by name.
        choice: What a reader can choose.
    """

    results: Results
    words: Words
    cells: Cells
    items: Mapping[str, str]
    choice: Choice

    @classmethod
    def of(cls, results: Results, words: Words) -> Teller:
        """The teller of some results."""
        items = {row["item"]: row["label"] for row in results.items if row["label"]}
        asked = results.about.questions.items()
        items |= {name: text.said(words.language) for name, text in asked}
        cells = Cells(results.about, words)
        return cls(
            results=results,
            words=words,
            cells=cells,
            items=items,
            choice=Choice.of(results, cells),
        )

    def of_metric(self, measured: Measured) -> Teller:
        """The same teller, with a metric's own names for its items."""
        table = self.results.estimates
        items: dict[str, None] = {}
        if len(table):
            held = zip(table.plain("metric"), table.plain("item"), strict=True)
            items = dict.fromkeys(item for metric, item in held if metric == measured.name)
        titles = {item: measured.metric.item_title(item, self.words.language) for item in items}
        own = {item: title for item, title in titles.items() if title}
        words = self.words.of_metric(measured)
        return evolve(self, items={**self.items, **own}, words=words)

    def item(self, name: str) -> str:
        """An item for people: its label where it has one; a wave as waves are told."""
        return self.items[name] if name in self.items else self.words.wave(name)

    def unit(self, unit: str) -> str:
        """A unit for people; none where the number itself tells, or there is nothing to tell."""
        return self.words.unit(unit)

    def value(self, row: EstimateRow) -> str:
        """A row's value: its category, its number, or both."""
        label, value = row["label"], row["value"]
        if label is None:
            return numerals.number(value, row["unit"])
        label = self.words.label(label)
        if value is None:
            return label
        return self.words("brackets", text=label, more=numerals.number(value, row["unit"]))

    def interval(self, row: EstimateRow) -> str:
        """A row's interval; a dash where there is none."""
        return self.span(row["ci_low"], row["ci_high"], row["unit"])

    def span(self, low: float | None, high: float | None, unit: str) -> str:
        """Two bounds."""
        if low is None or high is None:
            return numerals.NOTHING
        return self.words("range", low=numerals.number(low, unit), high=numerals.number(high, unit))

    def labels(self, rows: Iterable[EstimateRow | ComparisonRow]) -> list[str]:
        """What the cells of some rows are called."""
        return _by_cell(rows, self.cells.label)

    def places(self, rows: Iterable[EstimateRow | ComparisonRow]) -> list[str]:
        """Where the cells of some rows stand among what can be chosen."""
        return _by_cell(rows, self.choice.place)

    def answers(self, row: EstimateRow) -> str:
        """``1,000 answers``; a dash where their number is withheld.

        What events are told per so many of is no answer: there it is an exposure.
        """
        base = row["base"]
        if base is None:
            return numerals.NOTHING
        exposed = of_events(row["unit"])
        return self.words.counted("exposure" if exposed else "answers", base)

    def status(self, status: str) -> str:
        """A status in a word or two."""
        return self.words.known(f"status_{status}", status)

    def notes(self, messages: Sequence[str]) -> list[Column]:
        """A column of messages; none where they say nothing beyond the statuses."""
        # Of tens of thousands of rows, most say the same.
        known = {message: said(message, self.words) for message in dict.fromkeys(messages)}
        told = [known[message] for message in messages]
        texts = [text for text, _ in told]
        if not any(texts):
            return []
        return [
            Column(
                head=self.words("note"),
                texts=texts,
                prose=True,
                langs=[lang for _, lang in told],
            )
        ]

    @property
    def weighted(self) -> bool:
        """Whether the responses carry weights."""
        return bool(self.results.about.weight)


def _by_cell(
    rows: Iterable[EstimateRow | ComparisonRow],
    tell: Callable[[Mapping[str, str | None]], str],
) -> list[str]:
    """What is told of the cell of each row; each cell is asked once."""
    known: dict[tuple[tuple[str, str | None], ...], str] = {}
    texts = []
    for row in rows:
        key = tuple(row["cell"].items())
        text = known.get(key)
        if text is None:
            text = known[key] = tell(row["cell"])
        texts.append(text)
    return texts


def estimates_grids(rows: Sequence[EstimateRow], term: str, teller: Teller) -> list[Grid]:
    """The cells of one term, a table for each way of cutting them.

    Where there is one item, every table begins with the total, to read the groups against.
    """
    by = by_axes(list(rows))
    total = by.pop((), [])
    several = len({row["item"] for row in rows}) > 1
    grids = []
    if total and (several or not by):
        caption = teller.words("picture_total", term=term)
        grids.append(estimates_grid(total, caption, teller))
    for axes, some in by.items():
        caption = teller.words("picture_by", term=term, axis=teller.cells.axes(axes))
        shown = some if several else [*total, *some]
        grids.append(estimates_grid(shown, caption, teller))
    return grids


def whole_grid(rows: Sequence[EstimateRow], term: str, teller: Teller) -> Grid:
    """All cells of one term in one table, grouped by what they are cut by."""
    ordered: list[EstimateRow] = []
    groups: list[str] = []
    for axes, some in by_axes(list(rows)).items():
        name = teller.words("by_axis", axis=teller.cells.axes(axes)) if axes else ""
        ordered += some
        groups += [name] * len(some)
    return estimates_grid(ordered, term, teller, groups=groups)


def estimates_grid(
    rows: Sequence[EstimateRow], caption: str, teller: Teller, *, groups: Sequence[str] = ()
) -> Grid:
    """A table of estimates of one term.

    A method that all rows share is told once, beneath the table.

    Args:
        rows: The rows, in order.
        caption: What the table shows.
        teller: Turns rows into texts.
        groups: For every row, the title of its group.
    """
    words = teller.words
    several = len({row["item"] for row in rows}) > 1
    methods = {row["method"] for row in rows if row["ci_low"] is not None}
    unit = teller.unit(rows[0]["unit"])
    labels = Column(head=words("cell"), texts=teller.labels(rows))
    columns = [labels]
    if several:
        items = Column(head=words("item"), texts=[teller.item(row["item"]) for row in rows])
        columns = [items, labels] if any(row["cell"] for row in rows) else [items]
    columns += [
        Column(
            head=words("value_in", unit=unit) if unit else words("value"),
            texts=[teller.value(row) for row in rows],
            numeric=True,
        ),
    ]
    counted = rows[0]["unit"] in COUNTED
    if not counted:
        columns.append(
            Column(
                head=words("interval", level=numerals.level(rows[0]["confidence"])),
                texts=[teller.interval(row) for row in rows],
                numeric=True,
            )
        )
    columns += [
        Column(
            head=words("base"),
            texts=[numerals.count(row["base"]) for row in rows],
            numeric=True,
        ),
    ]
    if teller.weighted:
        columns.append(
            Column(
                head=words("effective_base"),
                texts=[numerals.sample(row["effective_base"]) for row in rows],
                numeric=True,
            )
        )
    if len(methods) > 1:
        texts = [method_title(row["method"], words) for row in rows]
        columns.append(Column(head=words("method"), texts=texts))
    columns.append(
        Column(head=words("status"), texts=[teller.status(row["status"]) for row in rows])
    )
    columns += teller.notes([row["message"] for row in rows])
    note = ""
    if len(methods) == 1:
        note = words("interval_method", method=method_title(methods.pop(), words))
    elif not methods and not counted:
        note = words("no_interval_method")
    return grid(
        caption,
        columns,
        groups=groups,
        tones=[_tone(row) for row in rows],
        places=teller.places(rows),
        notes=[note],
    )


def _tone(row: EstimateRow) -> str:
    if row["status"] not in ("ok", "small"):
        return "quiet"
    return "" if row["cell"] else "total"
