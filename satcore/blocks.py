"""Raw columns become blocks: small codes, cell numbers, weights.

Every column takes one road: its distinct values as texts, few in a block, and for each row the
place of its value among them. What a value means - a code of a scale, a label, a period, a reason
to drop the row - is then decided once per distinct text and not once per row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from attrs import define, evolve, field, frozen
from numpy.typing import NDArray

from satcore.codebook import Count, Instant, Item, Measure, as_text
from satcore.coding import codes_of, fewest_bits, joined
from satcore.derived import AnyItem, Derived, Exact, Flags, Ratio
from satcore.errors import DataError
from satcore.inference import FloatArray, IntArray
from satcore.instants import seconds_of
from satcore.intake import ItemIntake, Odd
from satcore.states import Array, Axis, Label, ordered

if TYPE_CHECKING:
    import polars as pl

#: Rows of a block. Blocks are cut at fixed rows of their fragment, whatever batches a reader
#: gives, so that sums of weights round the same way every time.
BLOCK_ROWS = 1 << 18

#: Columns up to which blocks have four times as many rows, and twice as many: looking at a block
#: has a price of its own.
FEW_COLUMNS = (1, 2)

#: Integers of a range no wider are counted by place, without sorting.
NARROW = 1 << 12


class Numbers(Protocol):
    """The rows of some answers in their fragment, from 1: an array, or what stands for one."""

    def __getitem__(self, which: Any, /) -> Any:
        """One number, or an array of some."""


@frozen
class Consecutive:
    """Rows that follow each other; they are written out where somebody asks.

    Attributes:
        first: The first number.
        count: How many there are.
    """

    first: int
    count: int

    def __getitem__(self, which: Any, /) -> Any:
        """One number, or an array of some."""
        return self.all()[which]

    def all(self) -> IntArray:
        """All numbers."""
        return np.arange(self.first, self.first + self.count, dtype=np.int64)


@frozen(kw_only=True, eq=False)
class Block:
    """Some responses, coded, for one grouping set. Statistics read it and never change it.

    The methods that count give arrays with the cell axis first.

    Attributes:
        rows: How many responses.
        cells: How many cells the grouping set has.
        place: The cell of each response in as few bits as it takes; None where there is only one.
        weight: The weight of each response; None without weights, and in a block whose rows stand
            for several: ``weights`` and the counting methods serve both.
        multiplicity: How often each response counts; None for once. Replicates use it, and
            tables whose rows stand for all responses that answered alike.
        identity: A number that tells each response from all others, whatever it is read with;
            None where nothing planned needs it.
    """

    rows: int
    cells: int = 1
    place: Array | None = field(default=None, alias="cell")
    weight: FloatArray | None = None
    multiplicity: IntArray | None = None
    identity: NDArray[np.uint64] | None = None
    _codes: Mapping[Item, Array] = field(factory=dict)
    _measures: Mapping[Measure, FloatArray] = field(factory=dict)
    _derived: dict[Derived, Array] = field(factory=dict)
    _tables: dict[Derived, Array] = field(factory=dict)
    _places: dict[tuple[Exact, ...], Array] = field(factory=dict)
    _complete: frozenset[Item] = frozenset()
    _weighed: tuple[FloatArray, FloatArray] | None = None

    @property
    def cell(self) -> NDArray[np.intp] | None:
        """The cell of each response, in numbers to count by; None where there is only one."""
        return None if self.place is None else self.place.astype(np.intp, copy=False)

    @property
    def weighted(self) -> bool:
        """Whether the responses carry weights."""
        return self.weight is not None or self._weighed is not None

    def weights(self) -> tuple[FloatArray, FloatArray]:
        """For each row the sums of the weights and squared weights of what it stands for.

        Raises:
            ValueError: There are no weights.
        """
        if self._weighed is not None:
            return self._weighed
        if self.weight is None:
            raise ValueError("these responses carry no weights")
        if self.multiplicity is None:
            return self.weight, self.weight * self.weight
        return self.weight * self.multiplicity, self.weight**2 * self.multiplicity

    def complete(self, item: AnyItem) -> bool:
        """Whether every response has a valid answer in every column that an item rests on."""
        return bool(self._complete) and self._complete.issuperset(item.sources)

    def given(self, item: Exact) -> bool:
        """Whether every response is known to have a value of an item."""
        if isinstance(item, Derived):
            return item.total and all(self.given(part) for part in item.parts)
        return item in self._complete

    def codes(self, item: Exact) -> Array:
        """The code of each answer: 0 upwards, then ``item.missing_code``, ``item.invalid_code``.

        In as few bits as the codes take.
        """
        if isinstance(item, Item):
            return self._codes[item]
        if item not in self._derived:
            self._derived[item] = codes_of(item, self, self._tables)
        return self._derived[item]

    def place_among(self, columns: tuple[Exact, ...]) -> Array:
        """The number of each response's combination of codes, the last column fastest."""
        if columns not in self._places:
            codes = [self.codes(column) for column in columns]
            self._places[columns] = joined(codes, [column.size for column in columns])
        return self._places[columns]

    def numerators(self, item: Exact) -> tuple[IntArray, Flags]:
        """An exact item's numerators, 0 where there is none, and where there is one."""
        codes = self.codes(item)
        numerators = codes.astype(np.int64) + item.low
        if self.given(item):
            return numerators, np.ones(codes.size, dtype=np.bool_)
        there = codes < item.levels
        return np.where(there, numerators, 0), there

    def values(self, item: AnyItem) -> FloatArray:
        """The value of each answer, NaN where it is missing or invalid."""
        if isinstance(item, Instant):
            times = self._measures[item]
            return np.where(np.isfinite(times), times, np.nan)
        if isinstance(item, Measure):
            return self._measures[item]
        if isinstance(item, Ratio):
            return item.divide([self.values(part) for part in item.parts])
        numerators, there = self.numerators(item)
        return np.where(there, numerators / item.denominator, np.nan)

    def unread(self, item: Instant) -> Flags:
        """Where a time is written that could not be read: an invalid answer, and not none at all.

        A case whose closing can't be read is no open case.
        """
        return np.isneginf(self._measures[item])

    def repeated(self, times: IntArray) -> Block:
        """The same responses, each counted so often."""
        known = self.multiplicity
        return evolve(self, multiplicity=times if known is None else known * times)

    def cut(self, start: int, stop: int) -> Block:
        """Some responses that stand together."""
        here = slice(start, stop)

        def part(array: Array | None) -> Any:
            return None if array is None else array[here]

        weighed = self._weighed
        return evolve(
            self,
            rows=len(range(self.rows)[here]),
            cell=part(self.place),
            weight=part(self.weight),
            multiplicity=part(self.multiplicity),
            identity=part(self.identity),
            codes={item: codes[here] for item, codes in self._codes.items()},
            measures={one: values[here] for one, values in self._measures.items()},
            weighed=None if weighed is None else (weighed[0][here], weighed[1][here]),
            derived={item: codes[here] for item, codes in self._derived.items()},
            places={},
        )

    def rows_of_cells(self) -> Iterator[tuple[int, NDArray[np.intp]]]:
        """The rows of every cell that has any, in their order."""
        if self.place is None:
            yield 0, np.arange(self.rows, dtype=np.intp)
            return
        if not self.rows:
            return
        # Few bits are sorted by their digits, in a fraction of the time.
        order = np.argsort(self.place, kind="stable")
        present, starts = np.unique(self.place[order], return_index=True)
        yield from zip(present.tolist(), np.split(order, starts[1:]), strict=True)

    def rows_by_cell(self) -> IntArray:
        """How many responses each cell has: (cells,)."""
        if self.place is None and self.multiplicity is None:
            return np.array([self.rows], dtype=np.int64)
        if self.multiplicity is None:
            return self._counted(self._joint(np.zeros(1, dtype=np.intp), 1), self.cells)
        return self.total(np.ones(self.rows, dtype=np.int64))

    def count(self, codes: Array, size: int) -> IntArray:
        """How many responses have each code: (cells, size).

        Args:
            codes: A code from 0 to ``size - 1`` for each response.
            size: How many codes there are.
        """
        return self._counted(self._joint(codes, size), self.cells * size).reshape(self.cells, size)

    def table(self, codes: Array, size: int) -> dict[str, Array]:
        """Counts by code, and sums of weights and squared weights where there are weights.

        Args:
            codes: A code from 0 to ``size - 1`` for each response.
            size: How many codes there are.
        """
        joint = self._joint(codes, size)
        cells = self.cells * size
        shape = (self.cells, size)
        table: dict[str, Array] = {"n": self._counted(joint, cells).reshape(shape)}
        if self.weighted:
            for name, weight in zip(("w", "w2"), self.weights(), strict=True):
                # Without any row, numpy gives integers.
                sums = np.bincount(joint, weight, cells).astype(np.float64, copy=False)
                table[name] = sums.reshape(shape)
        return table

    def total(self, values: Array) -> Array:
        """The sum of a value over each cell's responses: (cells,). Integers stay integers."""
        values = np.asarray(values)
        return self._reduce(
            np.add, values if self.multiplicity is None else values * self.multiplicity, 0
        )

    def least(self, values: Array, empty: Any) -> Array:
        """The least value of each cell: (cells,); ``empty`` where a cell has no response."""
        return self._reduce(np.minimum, values, empty)

    def most(self, values: Array, empty: Any) -> Array:
        """The greatest value of each cell: (cells,); ``empty`` where a cell has no response."""
        return self._reduce(np.maximum, values, empty)

    def grouped(self, cell: NDArray[np.intp] | None, cells: int) -> Block:
        """The same responses for another grouping set."""
        return evolve(self, cell=cell, cells=cells)

    def _counted(self, joint: NDArray[np.intp], size: int) -> IntArray:
        if self.multiplicity is None:
            return np.bincount(joint, minlength=size).astype(np.int64, copy=False)
        # Whole numbers in doubles: exact, as a block is small.
        return np.bincount(joint, self.multiplicity, size).astype(np.int64)

    def _joint(self, codes: Array, size: int) -> NDArray[np.intp]:
        cell = self.cell
        if cell is None:
            return codes.astype(np.intp, copy=False)
        return np.asarray(cell * size + codes, dtype=np.intp)

    def _reduce(self, ufunc: np.ufunc, values: Array, empty: Any) -> Array:
        values = np.asarray(values)
        kind = np.int64 if values.dtype.kind in "bui" else values.dtype
        cell = self.cell
        if cell is None:
            return np.array([ufunc.reduce(values.astype(kind), initial=empty)], dtype=kind)
        result = np.full(self.cells, empty, dtype=kind)
        ufunc.at(result, cell, values.astype(kind))
        return result


@frozen(eq=False)
class Distinct:
    """A column as its distinct values and each row's place among them.

    Attributes:
        texts: The distinct values as texts; None for null.
        places: For each row the place of its value in ``texts``.
        consecutive: Whether the values are whole numbers, each one more than that before, and
            none is null.
    """

    texts: list[str | None]
    places: Array
    consecutive: bool = False
    _counts: list[int] = field(factory=list)

    def mapped(self, values: Sequence[Any], dtype: Any) -> Array:
        """For each row the value that stands for its text."""
        return np.array(values, dtype=dtype)[self.places]

    def counts(self) -> list[int]:
        """How many rows have each text."""
        if not self._counts:
            self._counts.extend(np.bincount(self.places, minlength=len(self.texts)).tolist())
        return self._counts

    def firsts(self) -> IntArray:
        """For each text the first row that has it, from 0; 0 for one that no row has."""
        first: IntArray = np.zeros(len(self.texts), dtype=np.int64)
        # Backwards, so that the earliest row is written last.
        first[self.places[::-1]] = np.arange(len(self.places) - 1, -1, -1)
        return first

    def tell(self, odd: Odd, places: Sequence[int], fragment: str, rows: Numbers) -> None:
        """Tell odd texts, by their places, in the order in which they were met.

        Args:
            odd: Takes them.
            places: Places in ``texts``.
            fragment: The fragment's id.
            rows: Each value's row in the fragment, from 1.
        """
        if not places:
            return
        first, counts = self.firsts(), self.counts()
        for place in sorted(places, key=lambda place: int(first[place])):
            odd.add(self.texts[place] or "", counts[place], fragment, int(rows[first[place]]))


def distinct(series: pl.Series) -> Distinct:
    """The distinct values of a column as texts, null and not-a-number as None.

    Raises:
        DataError: The column holds lists or the like, not single values.
    """
    import polars as pl

    kind = series.dtype
    if kind.is_nested() or kind == pl.Object:
        raise DataError.at(
            f"column {series.name}", f"it holds {kind}; numbers, texts or dates are wanted"
        )
    # numpy has no integers of 128 bits; they go the slower way below.
    if kind.is_integer() and len(series) and not str(kind).endswith("128"):
        return _distinct_integers(series)
    if isinstance(kind, pl.Categorical | pl.Enum):
        series = series.cast(pl.String)
    elif kind.is_decimal():
        series = series.cast(pl.Float64)
    if series.dtype.is_float():
        series = series.fill_nan(None)
    values = series.drop_nulls().unique().sort()
    if series.dtype == pl.String:
        order = pl.Enum(values)
        physical = series.cast(order).to_physical()
        texts: list[str | None] = [*values.to_list(), None]
        return Distinct(texts, physical.fill_null(len(texts) - 1).to_numpy())
    found = values.search_sorted(series.fill_null(values[0])) if len(values) else series
    places = np.zeros(len(series), dtype=np.intp) if not len(values) else found.to_numpy()
    absent = series.is_null().to_numpy()
    texts = [*(as_text(value) for value in values.to_list()), None]
    return Distinct(texts, np.where(absent, len(texts) - 1, places))


def _distinct_integers(series: pl.Series) -> Distinct:
    """Integers in a narrow range are their own places: no sorting, no hashing."""
    low, high = series.min(), series.max()
    if not isinstance(low, int) or not isinstance(high, int):  # all null
        return Distinct([None], np.zeros(len(series), dtype=np.intp))
    absent = series.is_null()
    numbers = (series.fill_null(low) if series.null_count() else series).to_numpy()
    narrow, complete = high - low <= NARROW, not absent.any()
    if narrow:
        places = _shifted(numbers, low, fewest_bits(high - low + 2))
        texts: list[str | None] = [str(value) for value in range(low, high + 1)]
    else:
        values, places = np.unique(numbers, return_inverse=True)
        texts = [str(value) for value in values.tolist()]
    if not complete:
        places = np.where(absent.to_numpy(), len(texts), places)
    return Distinct([*texts, None], places, narrow and complete)


@frozen(eq=False)
class ItemEncoder:
    """Answers to codes, missing and invalid counted by text."""

    item: Item
    _known: dict[str | None, int] = field(factory=dict)
    _memory: list[Array] = field(factory=list)
    _proper: list[int] = field(factory=list)

    def encode(self, series: pl.Series, intake: ItemIntake, fragment: str, rows: Numbers) -> Array:
        """The codes of a column's answers.

        Args:
            series: The column, kept rows only.
            intake: Takes the counts.
            fragment: The fragment's id, for places.
            rows: Each answer's row in the fragment, from 1.
        """
        if series.dtype.is_integer():
            codes = self._quick(series, intake)
            if codes is not None:
                return codes
        return self._by_text(series, intake, fragment, rows)

    def _quick(self, series: pl.Series, intake: ItemIntake) -> Array | None:
        """The codes of whole numbers that are valid or null, without a look at their texts."""
        item, absent = self.item, series.null_count()
        if not len(series) or len(series) == absent or str(series.dtype).endswith("128"):
            return None
        low, high = series.min(), series.max()
        if not (isinstance(low, int) and isinstance(high, int)):  # pragma: no cover
            return None
        if low < item.scale.low or high > item.scale.high or not self._are_values(low, high):
            return None
        if absent and self.item.code_of(None) != item.missing_code:  # pragma: no cover
            return None
        intake.answered += len(series) - absent
        if not absent:
            return self._codes(series.to_numpy())
        reason = item.missing_reason(None)
        intake.missing[reason] = intake.missing.get(reason, 0) + absent
        # The value that would have the code, where the column's type can hold it.
        beyond = item.scale.low + item.missing_code
        if beyond <= np.iinfo(str(series.dtype).lower()).max:
            return self._codes(series.fill_null(beyond).to_numpy())
        codes = self._codes(series.fill_null(low).to_numpy())
        return np.where(series.is_null().to_numpy(), codes.dtype.type(item.missing_code), codes)

    def _codes(self, values: Array) -> Array:
        """Codes of valid values, in memory that the next block takes again."""
        low, kind = self.item.scale.low, np.dtype(np.uint8 if self.item.size <= 256 else np.uint16)
        if values.dtype != kind or not low:
            return _shifted(values, low, kind)
        if not self._memory or self._memory[0].size < values.size:
            self._memory[:] = [np.empty(max(values.size, BLOCK_ROWS), dtype=kind)]
        codes = self._memory[0][: values.size]
        # Whole numbers without a sign wrap alike, whichever sign the scale begins with.
        np.subtract(values, kind.type(low % (1 << 8 * kind.itemsize)), out=codes)
        return codes

    def _are_values(self, low: int, high: int) -> bool:
        """Whether whole numbers of a range stand for themselves."""
        if not self.item.scale.codes and not self.item.missing:
            return True
        if self._proper and self._proper[0] <= low and high <= self._proper[1]:
            return True
        for value in range(low, high + 1):
            code = self._known.get(str(value))
            if code is None:
                code = self._known[str(value)] = self.item.code_of(str(value))
            if code != value - self.item.scale.low:
                return False
        self._proper[:] = (low, high)
        return True

    def _by_text(
        self, series: pl.Series, intake: ItemIntake, fragment: str, rows: Numbers
    ) -> Array:
        item = self.item
        found = distinct(series)
        codes, odd = [], []
        for place, (text, count) in enumerate(zip(found.texts, found.counts(), strict=True)):
            code = self._known.get(text)
            if code is None:
                code = item.code_of(text)
                if code != item.invalid_code:  # of those there is no end
                    self._known[text] = code
            codes.append(code)
            if code < item.levels or count == 0:
                intake.answered += count
            elif code == item.missing_code:
                reason = item.missing_reason(text)
                intake.missing[reason] = intake.missing.get(reason, 0) + count
            else:
                odd.append(place)
        found.tell(intake.invalid, odd, fragment, rows)
        return found.mapped(codes, np.uint8 if item.size <= 256 else np.uint16)


def _shifted(values: Array, low: int, kind: Any) -> Array:
    """Whole numbers less their least, in few bits; the values themselves where that is 0."""
    if low == 0:
        return values.astype(kind, copy=False)
    if values.dtype.kind == "u" and low > 0:
        shifted: Array = np.subtract(values, values.dtype.type(low))
        return shifted.astype(kind, copy=False)
    # A range as narrow as this has no end that wraps when its least is taken from it.
    return np.subtract(values.astype(np.int64, copy=False), low).astype(kind)


@frozen(eq=False)
class MeasureEncoder:
    """Numbers without a scale; missing ones become NaN, those that are no number are told."""

    measure: Measure

    def encode(
        self, series: pl.Series, intake: ItemIntake, fragment: str, rows: Numbers
    ) -> FloatArray:
        """A column's values as doubles.

        Args:
            series: The column, kept rows only.
            intake: Takes the counts.
            fragment: The fragment's id, for places.
            rows: Each value's row in the fragment, from 1.
        """
        import polars as pl

        texts = None
        if series.dtype.is_numeric() and not self.measure.missing:
            numbers = series.cast(pl.Float64).fill_null(np.nan).to_numpy()
            absent = np.isnan(numbers)
        else:
            texts = texts_of(series).str.strip_chars()
            absent = (
                texts.is_null() | (texts == "") | texts.is_in(self.measure.missing)
            ).to_numpy()
            numbers = texts.cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()
        wrong = ~np.isfinite(numbers) & ~absent
        if isinstance(self.measure, Count):
            wrong |= self.measure.refuses(numbers) & ~absent
        values = np.where(absent | wrong, np.nan, numbers)
        intake.answered += int(values.size - absent.sum() - wrong.sum())
        if absent.any():
            gone = distinct(series.filter(absent))
            for text, count in zip(gone.texts, gone.counts(), strict=True):
                if count:
                    reason = self.measure.missing_reason(text)
                    intake.missing[reason] = intake.missing.get(reason, 0) + count
        if wrong.any():
            odd = distinct(series.filter(wrong))
            places = np.flatnonzero(odd.counts()).tolist()
            odd.tell(intake.invalid, places, fragment, rows[wrong])
        return values


@frozen(eq=False)
class InstantEncoder:
    """Times as seconds; missing ones become NaN, those that can't be read are told."""

    instant: Instant

    def encode(
        self, series: pl.Series, intake: ItemIntake, fragment: str, rows: Numbers
    ) -> FloatArray:
        """A column's times in seconds, minus infinity where one can't be read.

        Args:
            series: The column, kept rows only.
            intake: Takes the counts.
            fragment: The fragment's id, for places.
            rows: Each value's row in the fragment, from 1.
        """
        instant, given, absent = self.instant, series, series.is_null().to_numpy()
        if not series.dtype.is_temporal() or any(instant.missing):
            texts = texts_of(series).str.strip_chars()
            absent = (texts.is_null() | (texts == "") | texts.is_in(instant.missing)).to_numpy()
            given = series if series.dtype.is_temporal() else texts
        found = seconds_of(given, zone=instant.zone, form=instant.form, twice=instant.twice)
        values = np.where(absent, np.nan, found.seconds)
        wrong = np.isnan(values) & ~absent
        intake.answered += int(values.size - absent.sum() - wrong.sum())
        if absent.any():
            gone = distinct(series.filter(absent))
            for text, count in zip(gone.texts, gone.counts(), strict=True):
                if count:
                    reason = instant.missing_reason(text)
                    intake.missing[reason] = intake.missing.get(reason, 0) + count
        if wrong.any():
            odd = distinct(series.filter(wrong))
            places = np.flatnonzero(odd.counts()).tolist()
            odd.tell(intake.invalid, places, fragment, rows[wrong])
        return np.where(wrong, -np.inf, values)


def encoder_of(measure: Measure) -> MeasureEncoder | InstantEncoder:
    """What reads a column without a scale."""
    return InstantEncoder(measure) if isinstance(measure, Instant) else MeasureEncoder(measure)


@define(eq=False)
class AxisEncoder:
    """Labels to numbers. The labels stay in their order while new ones arrive.

    Attributes:
        name: The dimension's name.
        column: The column it is read from.
        declared: Labels declared by the study: they come first, and are there when never seen.
        most: How many labels there may be.
        label_of: The label of a column's text; raises ValueError for one it can't read.
    """

    name: str
    column: str
    declared: tuple[str, ...] = ()
    most: int = 1 << 20
    label_of: Callable[[str | None], Label] = field(default=lambda text: text or None)
    labels: tuple[Label, ...] = field(init=False)
    _known: dict[str | None, Label] = field(factory=dict)
    _there: set[Label] = field(init=False)
    _number: dict[Label, int] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.labels = ordered(self.declared, self.declared)
        self._there = set(self.labels)
        self._number = {label: place for place, label in enumerate(self.labels)}

    @property
    def axis(self) -> Axis:
        """The labels so far."""
        return Axis(self.name, self.labels)

    def encode(self, series: pl.Series, odd: Odd, fragment: str, rows: Numbers) -> Array:
        """The number of each row's label in ``axis``.

        Args:
            series: The column, kept rows only.
            odd: Takes texts that are no label.
            fragment: The fragment's id, for places.
            rows: Each value's row in the fragment, from 1.

        Raises:
            DataError: More labels than there may be.
        """
        found = distinct(series)
        if found.consecutive:
            numbers = self._known_run(found)
            if numbers is not None:
                return numbers
        labels: list[Label] = []
        unread = []
        for place, (text, count) in enumerate(zip(found.texts, found.counts(), strict=True)):
            label: Label = None
            if count:
                if text not in self._known:
                    try:
                        self._known[text] = self.label_of(text)
                    except ValueError:
                        unread.append(place)
                        labels.append(None)
                        continue
                label = self._known[text]
            labels.append(label)
        found.tell(odd, unread, fragment, rows)
        seen = {label for label, count in zip(labels, found.counts(), strict=True) if count}
        if not seen <= self._there:
            self.labels = ordered(seen | self._there, self.declared)
            self._there = set(self.labels)
            if len(self.labels) > self.most:
                raise DataError.at(
                    f"{fragment}: column {self.column}",
                    f"more than {self.most} different values; is it an id? Take it out of the "
                    "segments, or allow more with max_cells in [study]",
                )
            self._number = {label: place for place, label in enumerate(self.labels)}
        places = [self._number.get(label, 0) for label in labels]
        return found.mapped(places, fewest_bits(len(self.labels)))

    def _known_run(self, found: Distinct) -> Array | None:
        """The numbers of whole numbers whose labels are known and follow each other.

        They are the places themselves, from some number on: nothing has to be looked up.
        """
        first: int | None = None
        for place, text in enumerate(found.texts[:-1]):
            label = self._known.get(text)
            number = None if label is None else self._number.get(label)
            if number is None:
                return None
            if first is None:
                first = number
            elif number != first + place:
                return None
        if first is None:
            return None
        kind = np.dtype(fewest_bits(len(self.labels)))
        places = found.places.astype(kind, copy=False)
        return places + kind.type(first) if first else places


def texts_of(series: pl.Series) -> pl.Series:
    """A column as texts: those by which its values are known, whatever type they came with."""
    import polars as pl

    if series.dtype == pl.String:
        return series
    found = distinct(series)
    return pl.Series(series.name, found.texts, dtype=pl.String).gather(found.places)


def wave_dates(
    series: pl.Series, form: str | None, odd: Odd, fragment: str, rows: Numbers
) -> pl.Series:
    """A time column cut down to what tells the day, so that few distinct texts are left.

    Args:
        series: Texts, dates or times.
        form: The texts' form in strptime's letters; None for year-month-day.
        odd: Takes the texts that are not of that form; they become null.
        fragment: The fragment's id, for places.
        rows: Each time's row in the fragment, from 1.
    """
    import polars as pl

    if series.dtype == pl.Date:
        return series.cast(pl.String)
    if isinstance(series.dtype, pl.Datetime):
        return series.dt.date().cast(pl.String)
    texts = texts_of(series).str.strip_chars()
    if form is None:
        return texts.str.slice(0, 11)
    read = texts.str.to_date(form, strict=False)
    wrong = (read.is_null() & (texts != "").fill_null(value=False)).to_numpy()
    if wrong.any():
        found = distinct(texts.filter(wrong))
        found.tell(odd, np.flatnonzero(found.counts()).tolist(), fragment, rows[wrong])
    return read.cast(pl.String)


def weights_of(series: pl.Series, odd: Odd, fragment: str, rows: Numbers) -> FloatArray:
    """Weights as numbers; what can't be a weight is told to ``odd`` and counts as 0.

    Args:
        series: The column, kept rows only.
        odd: Takes the texts of weights that can't be.
        fragment: The fragment's id, for places.
        rows: Each weight's row in the fragment, from 1.
    """
    import polars as pl

    numbers = series
    if isinstance(series.dtype, pl.String | pl.Categorical | pl.Enum):
        numbers = series.cast(pl.String).str.strip_chars().cast(pl.Float64, strict=False)
    elif not series.dtype.is_numeric():
        numbers = pl.Series([None] * len(series), dtype=pl.Float64)
    weights = numbers.cast(pl.Float64).fill_null(np.nan).to_numpy().astype(np.float64, copy=False)
    # One that is no number makes neither comparison true.
    if not weights.size or (weights.min() >= 0 and weights.max() < np.inf):
        return weights
    wrong = ~(np.isfinite(weights) & (weights >= 0))
    for place in np.flatnonzero(wrong).tolist():
        text = as_text(series[place])
        odd.add(text if text is not None else "(empty)", 1, fragment, int(rows[place]))
    return np.where(wrong, 0.0, weights)


def rows_of_block(columns: int, *, weighted: bool = False) -> int:
    """How many rows a block of so many columns has.

    Weights, their squares and the places where they are added take 24 bytes, as many columns do.
    """
    columns += 24 * weighted
    return BLOCK_ROWS * (1 + sum(columns <= few for few in FEW_COLUMNS) * 3 // 2)


def blocks_of(frames: Iterable[pl.DataFrame], rows: int) -> Iterator[pl.DataFrame]:
    """Batches of any size, cut again at fixed rows."""
    waiting: list[pl.DataFrame] = []
    height = 0
    for frame in frames:
        rest = frame
        while height + rest.height >= rows:
            waiting.append(rest.head(rows - height))
            rest = rest.slice(rows - height)
            yield _joined(waiting)
            waiting, height = [], 0
        if rest.height:
            waiting.append(rest)
            height += rest.height
    if height:
        yield _joined(waiting)


def _joined(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Batches as one; a column whose type differs between them is taken as its texts."""
    import polars as pl

    first = frames[0]
    differing = {
        name
        for frame in frames[1:]
        for name, kind in frame.schema.items()
        if kind != first.schema[name]
    }
    if differing:
        frames = [frame.with_columns(map(texts_of, frame[[*differing]])) for frame in frames]
    return pl.concat(frames) if len(frames) > 1 else first


def keep_mask(
    series: pl.Series, is_: Sequence[str] | None, not_: Sequence[str]
) -> NDArray[np.bool_]:
    """Which rows a ``[[keep]]`` rule keeps. An absent value has the empty text."""
    found = distinct(series)
    kept = [
        (is_ is None or (text or "") in is_) and (text or "") not in not_ for text in found.texts
    ]
    return np.asarray(found.mapped(kept, np.bool_))
