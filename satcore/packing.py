"""Packing: many columns as one code, counted in one pass.

Statistics that count answers, and never a respondent, need no more than a table of how often each
combination of answers was given. Columns that go together into such a table make a *pack*: one
code a response, one count of it. The table is then a block itself, whose rows stand for all
responses that answered alike, and every statistic of the pack observes that block: packing is a
compressor, not a second way of counting.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final, TypeAlias

import numpy as np
from attrs import define, evolve, field, frozen

from satcore.blocks import Block
from satcore.codebook import Item
from satcore.coding import fewest_bits, joined
from satcore.derived import Derived, Exact
from satcore.inference import FloatArray
from satcore.sparse import SparseCounts, SparseTable
from satcore.states import Array, Cells, Field, State, merge
from satcore.statistics import Statistic

#: Codes of a pack: a table of so many numbers stays near the processor.
MOST_CODES: Final = 1 << 17

#: Codes of a pack where everybody answered: a table of so many numbers is counted fastest.
MOST_COMPLETE: Final = 1 << 15

#: Codes that a table may have where one statistic needs them, or cells are many: beyond, counting
#: waits for memory at every response.
MOST_ENTRIES: Final = 1 << 20

#: Cells from which on answers are sorted by cell and code where no table can hold them; a few
#: cells are counted one after the other.
MANY_CELLS: Final = 1 << 10

#: Keys of a sparse table: cell and codes in one whole number.
MOST_KEYS: Final = 1 << 62

#: Bits of a code of which four are counted at a time.
_FOURTH: Final = 4


#: What counting a pack leaves behind: an array by cell and code, or only what was given.
Table: TypeAlias = "State | SparseTable"


@frozen(kw_only=True)
class Pack:
    """Columns that are counted together.

    Attributes:
        columns: Items of a scale, or derived ones.
        statistics: The keys of the statistics that observe its table.
        sparse: Whether the table keeps only combinations that were given: cells times codes are
            more than a table can have.
        complete: Whether the table is of those who answered everything: it has no codes for
            missing and invalid answers.
    """

    columns: tuple[Exact, ...]
    statistics: tuple[str, ...]
    sparse: bool = False
    complete: bool = False

    @property
    def key(self) -> str:
        """Canonical text of what is counted."""
        return f"pack({','.join(column.key for column in self.columns)})"

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """How many codes each column has in the table."""
        if self.complete:
            return tuple(column.levels for column in self.columns)
        return tuple(column.size for column in self.columns)

    @cached_property
    def width(self) -> int:
        """How many codes the table has."""
        return math.prod(self.sizes)

    def fields(self, *, weighted: bool) -> Mapping[str, Field]:
        """The table's arrays."""
        shape = (self.width,)
        if not weighted:
            return {"n": Field(shape=shape)}
        real = Field(shape=shape, dtype=np.float64)
        return {"n": Field(shape=shape), "w": real, "w2": real}


def packs_of(
    statistics: Mapping[str, Statistic], cells: int
) -> tuple[tuple[Pack, ...], tuple[str, ...]]:
    """Packs that serve as many statistics as can be, and the keys of the others.

    The widest statistics are placed first; a later one joins the pack that holds most of its
    columns already, as long as the table stays small.

    Args:
        statistics: What is to be counted, by key.
        cells: How many cells the grouping set has.
    """
    wanted: list[tuple[int, str, tuple[Exact, ...]]] = []
    sparse: dict[tuple[Exact, ...], list[str]] = {}
    plain = []
    for key, one in statistics.items():
        columns = _columns(one) if one.additive else None
        width = math.prod(column.size for column in columns or ())
        if columns is None or width * cells > MOST_KEYS:
            plain.append(key)
        elif width * cells > MOST_ENTRIES and cells >= MANY_CELLS:
            sparse.setdefault(columns, []).append(key)
        elif width * cells > MOST_ENTRIES:
            plain.append(key)
        else:
            wanted.append((width, key, columns))
    packs: list[tuple[dict[Exact, None], list[str]]] = []
    for _, key, columns in sorted(wanted, key=lambda one: -one[0]):
        best = _best(packs, columns, max(cells, 1))
        if best is None:
            packs.append((dict.fromkeys(columns), [key]))
        else:
            best[0].update(dict.fromkeys(columns))
            best[1].append(key)
    made = [Pack(columns=tuple(columns), statistics=tuple(keys)) for columns, keys in packs]
    made += [
        Pack(columns=columns, statistics=tuple(keys), sparse=True)
        for columns, keys in sparse.items()
    ]
    return tuple(made), tuple(plain)


def _best(
    packs: Iterable[tuple[dict[Exact, None], list[str]]], columns: Sequence[Exact], cells: int
) -> tuple[dict[Exact, None], list[str]] | None:
    """The pack that grows least by some columns, and stays small."""
    best, least = None, math.inf
    for pack in packs:
        more = [column for column in columns if column not in pack[0]]
        growth = math.prod(column.size for column in more)
        if growth < least and (growth == 1 or _is_small([*pack[0], *more], cells)):
            best, least = pack, growth
    return best


def _is_small(columns: Sequence[Exact], cells: int) -> bool:
    """Whether a table stays in the processor's cache. Python's whole numbers can't overflow."""
    return (
        math.prod(column.size for column in columns) * cells <= MOST_CODES
        and math.prod(column.levels for column in columns) * cells <= MOST_COMPLETE
    )


def _columns(statistic: Statistic) -> tuple[Exact, ...] | None:
    """The columns from which a statistic can be told: its items, or what they are made of.

    Whichever make the smaller table; columns of a scale where that is no matter, as others may
    need them too. None where it looks at numbers without a scale.
    """
    items = statistic.items
    if not all(isinstance(item, Item | Derived) for item in items):
        return None
    own: tuple[Exact, ...] = tuple(dict.fromkeys(items))  # type: ignore[arg-type]
    sources: tuple[Exact, ...] = tuple(
        dict.fromkeys(source for item in own for source in item.sources)
    )
    widths = [math.prod(column.size for column in columns) for columns in (sources, own)]
    return sources if widths[0] <= max(widths[1], MOST_COMPLETE >> 1) else own


@define(eq=False)
class PackTable:
    """The table of one pack, as it is counted.

    Attributes:
        pack: The pack.
        cells: How many cells there are.
        weighted: Whether responses carry weights.
    """

    pack: Pack
    cells: int
    weighted: bool
    _fours: Array | None = field(default=None, init=False)
    _complete: Array | None = field(default=None, init=False)
    _arrays: dict[str, Array] = field(factory=dict, init=False)
    _sparse: SparseCounts | None = field(default=None, init=False)
    _whole: Pack = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._whole = evolve(self.pack, complete=True)
        if self.pack.sparse:
            self._sparse = SparseCounts(self.weighted)

    def count(self, block: Block) -> None:
        """Count a block of the same cells."""
        columns = [block.codes(column) for column in self.pack.columns]
        if self._sparse is not None:
            joint, _ = _joint(block, columns, self.pack.sizes)
            self._sparse.count(joint, block.weights() if self.weighted else ())
            return
        if not self.weighted and all(block.given(column) for column in self.pack.columns):
            # Nobody is missing: fewer codes, a smaller table.
            joint, size = _joint(block, columns, self._whole.sizes)
            if self._complete is None:
                self._complete = np.zeros(size, dtype=np.int64)
            if size <= 1 << _FOURTH:
                joint = self._by_fours(joint)
            self._complete += np.bincount(joint, minlength=size)
            return
        joint, size = _joint(block, columns, self.pack.sizes)
        if self.weighted:
            joint = joint.astype(np.intp, copy=False)  # once, not at every count
        self._add("n", np.bincount(joint, minlength=size))
        if self.weighted:
            for name, weight in zip(("w", "w2"), block.weights(), strict=True):
                self._add(name, np.bincount(joint, weight, size).astype(np.float64, copy=False))

    def _by_fours(self, joint: Array) -> Array:
        """Count four small codes at a time; gives those that are left over."""
        whole = joint.size // 4 * 4
        if whole and joint.dtype == np.uint8 and joint.flags.c_contiguous:
            # Bytes 0, 1, 2, 3 of a word fold into two bytes of two codes each; the lower 16 bits
            # of the result hold all four, whichever end of a word comes first.
            words = joint[:whole].view("<u4")
            folded = words >> 12
            np.bitwise_or(folded, words, out=folded)
            if self._fours is None:
                self._fours = np.zeros(1 << 4 * _FOURTH, dtype=np.int64)
            self._fours += np.bincount(folded.astype("<u4").view("<u2")[::2], minlength=1 << 16)
            return joint[whole:]
        return joint

    def _add(self, name: str, counted: Array) -> None:
        if name in self._arrays:
            self._arrays[name] += counted
        else:
            self._arrays[name] = counted

    def tables(self, cells: Cells) -> Iterator[tuple[Pack, Table]]:
        """What was counted: of those who answered everything apart, as long as nobody did not."""
        if self._sparse is not None:
            yield self.pack, self._sparse.table(cells, self.pack.width)
            return
        if self._complete is not None:
            if self._fours is not None:
                self._complete += _folded(self._fours, self._complete.size)
            yield self._whole, _state(self._whole, cells, {"n": self._complete})
        if self._arrays:
            yield self.pack, _state(self.pack, cells, self._arrays)


def _state(pack: Pack, cells: Cells, arrays: Mapping[str, Array]) -> State:
    fields = pack.fields(weighted="w" in arrays)
    shaped = {name: arrays[name].reshape(len(cells), *one.shape) for name, one in fields.items()}
    return State.of(cells, fields, shaped)


def _folded(fours: Array, size: int) -> Array:
    """How often each code stands among four that were counted together."""
    table = fours.reshape((1 << _FOURTH,) * 4)
    counts = sum(
        (table.sum(axis=tuple(set(range(4)) - {axis})) for axis in range(4)),
        start=np.zeros(1 << _FOURTH, dtype=np.int64),
    )
    return np.asarray(counts[:size])


def _joint(block: Block, columns: Sequence[Array], radices: Sequence[int]) -> tuple[Array, int]:
    """One code a response, its cell first and the last column fastest, and how many there are."""
    if block.place is None and not columns:
        return np.zeros(block.rows, dtype=np.uint8), 1
    if block.place is None:
        return joined(columns, radices), math.prod(radices)
    radices = (block.cells, *radices)
    return joined([block.place, *columns], radices), math.prod(radices)


def unpacked(pack: Pack, table: Table) -> Block:
    """The table of a pack as a block: a row for every combination that was given in a cell."""
    size, cells = pack.width, table.cells
    if isinstance(table, SparseTable):
        there, n, sums = table.keys, table.n, table.sums
    else:
        flat = table.arrays["n"].reshape(-1)
        there = np.flatnonzero(flat)
        n = flat[there]
        sums = tuple(
            table.arrays[name].reshape(-1)[there] for name in ("w", "w2") if name in table.arrays
        )
    codes = np.unravel_index(there % size, pack.sizes) if pack.columns else ()
    items: dict[Item, Array] = {}
    derived: dict[Derived, Array] = {}
    for column, code in zip(pack.columns, codes, strict=True):
        narrow = code.astype(fewest_bits(column.size))
        if isinstance(column, Item):
            items[column] = narrow
        else:
            derived[column] = narrow
    weighed: tuple[FloatArray, FloatArray] | None = None
    if sums:
        weighed = (sums[0], sums[1])
    return Block(
        rows=there.size,
        cells=len(cells),
        cell=None if len(cells) == 1 and not cells.axes else there // size,
        multiplicity=n,
        codes=items,
        derived=derived,
        weighed=weighed,
    )


def merged(first: Table, second: Table, declared: Mapping[str, Sequence[str]]) -> Table:
    """The table of the answers of both.

    Args:
        first: A pack's table.
        second: Another of the same pack; its labels may differ.
        declared: The order of declared labels, by axis.
    """
    if isinstance(first, SparseTable) and isinstance(second, SparseTable):
        return first.merged(second, declared)
    if isinstance(first, State) and isinstance(second, State):
        return merge(first, second, declared)
    raise TypeError("one table of a pack is sparse and the other is not")
