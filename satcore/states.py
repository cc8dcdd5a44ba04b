"""States: what counting leaves behind. Merged, aligned by label, rolled up - written once.

A state is a bundle of arrays whose first axis is the cell, each with one reduction. Nothing here
knows what the arrays mean, so a third party's statistic is merged like the core's own. Merging
never changes its operands.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any, Literal, TypeAlias

import numpy as np
from attrs import frozen
from numpy.typing import DTypeLike, NDArray

Array: TypeAlias = NDArray[Any]
Reduction: TypeAlias = Literal["sum", "min", "max"]
Label: TypeAlias = str | None

_UFUNCS: dict[Reduction, np.ufunc] = {"sum": np.add, "min": np.minimum, "max": np.maximum}


@frozen(kw_only=True)
class Field:
    """One array of a state, but for its cell axis.

    Attributes:
        reduction: How two values of a cell become one.
        shape: The axes after the cell axis.
        dtype: What it holds: integers wherever the answers are integers.
    """

    reduction: Reduction = "sum"
    shape: tuple[int, ...] = ()
    dtype: DTypeLike = np.int64

    @property
    def ufunc(self) -> np.ufunc:
        """The reduction as a numpy function."""
        return _UFUNCS[self.reduction]

    @property
    def identity(self) -> Any:
        """What a cell without answers holds: merging it changes nothing."""
        if self.reduction == "sum":
            return 0
        kind = np.dtype(self.dtype)
        least = self.reduction == "max"
        if kind.kind == "f":
            return -np.inf if least else np.inf
        return np.iinfo(kind).min if least else np.iinfo(kind).max

    def empty(self, cells: int) -> Array:
        """The array of cells that hold nothing."""
        return np.full((cells, *self.shape), self.identity, dtype=self.dtype)


_DIGITS = re.compile(r"(\d+)")


def label_order(label: Label) -> tuple[int, float, tuple[tuple[int, int, str], ...], str]:
    """Where an undeclared label stands: numbers by size, then texts, the absent label last.

    Numbers within texts count by size too, so that W2 comes before W10.

    The order depends on the labels alone, never on who was seen first; merging would otherwise
    not commute.
    """
    if label is None:
        return (2, 0.0, (), "")
    try:
        number = float(label)
    except ValueError:
        number = math.nan
    if math.isfinite(number):
        return (0, number, (), label)
    parts = tuple(
        # By length, then digit by digit: Python reads no number of thousands of digits.
        (0, len(part.lstrip("0")), part.lstrip("0")) if place % 2 else (1, 0, part)
        for place, part in enumerate(_DIGITS.split(label))
    )
    return (1, 0.0, parts, label)


@frozen
class Axis:
    """One dimension of the cells: a segment column or the wave.

    Attributes:
        name: The dimension's name.
        labels: Its labels in order, each once; None stands for an absent value.
    """

    name: str
    labels: tuple[Label, ...]

    def united(self, other: Axis, declared: Sequence[str] = ()) -> Axis:
        """The axis with the labels of both."""
        if self.labels == other.labels:
            return self
        return Axis(self.name, ordered({*self.labels, *other.labels}, declared))


def ordered(labels: Iterable[Label], declared: Sequence[str] = ()) -> tuple[Label, ...]:
    """Labels in their order: the declared ones as declared, then the others, absent last."""
    rank = {label: place for place, label in enumerate(declared)}
    return tuple(
        sorted(
            set(labels),
            key=lambda label: (
                (0, rank[label], (0, 0.0, (), "")) if label in rank else (1, 0, label_order(label))
            ),
        )
    )


@frozen
class Cells:
    """The cells of one grouping set: the product of its axes' labels, the last axis fastest.

    Attributes:
        axes: The dimensions; none for the total, which is one cell.
    """

    axes: tuple[Axis, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The dimensions' names."""
        return tuple(axis.name for axis in self.axes)

    @property
    def shape(self) -> tuple[int, ...]:
        """How many labels each dimension has."""
        return tuple(len(axis.labels) for axis in self.axes)

    def __len__(self) -> int:
        return math.prod(self.shape)

    def labels_of(self, cell: int) -> dict[str, Label]:
        """The segment values and wave of one cell."""
        places = np.unravel_index(cell, self.shape) if self.axes else ()
        return {
            axis.name: axis.labels[int(place)]
            for axis, place in zip(self.axes, places, strict=True)
        }

    def all_labels(self) -> list[dict[str, Label]]:
        """The segment values and wave of every cell."""
        names = self.names
        return [
            dict(zip(names, labels, strict=True))
            for labels in product(*(axis.labels for axis in self.axes))
        ]


@frozen(eq=False)
class State:
    """What one statistic has counted.

    Attributes:
        cells: The cells of the first axis.
        fields: The arrays' descriptions, by name.
        arrays: The arrays, by name, the cell axis first.
    """

    cells: Cells
    fields: Mapping[str, Field]
    arrays: Mapping[str, Array]

    @classmethod
    def of(cls, cells: Cells, fields: Mapping[str, Field], arrays: Mapping[str, Array]) -> State:
        """A state from what ``observe`` returned, held against its fields.

        Raises:
            ValueError: An array is missing, not declared, or has another shape or type.
        """
        if set(arrays) != set(fields):
            raise ValueError(
                f"observe returned {sorted(arrays)}, but fields declares {sorted(fields)}"
            )
        for name, one in fields.items():
            wanted = (len(cells), *one.shape)
            if arrays[name].shape != wanted or arrays[name].dtype != np.dtype(one.dtype):
                raise ValueError(
                    f"{name!r} is {arrays[name].dtype}{list(arrays[name].shape)}, but fields "
                    f"declares {np.dtype(one.dtype)}{list(wanted)}"
                )
        return cls(cells, fields, arrays)

    @classmethod
    def empty(cls, cells: Cells, fields: Mapping[str, Field]) -> State:
        """The state that has counted nothing."""
        return cls(cells, fields, {name: one.empty(len(cells)) for name, one in fields.items()})

    def aligned(self, cells: Cells) -> State:
        """The same counts on more cells; the new ones hold nothing."""
        if cells == self.cells:
            return self
        places = []
        for narrow, wide in zip(self.cells.axes, cells.axes, strict=True):
            number = {label: place for place, label in enumerate(wide.labels)}
            places.append(np.array([number[label] for label in narrow.labels], dtype=np.intp))
        arrays = {}
        for name, one in self.fields.items():
            target = one.empty(len(cells)).reshape(*cells.shape, *one.shape)
            source = self.arrays[name].reshape(*self.cells.shape, *one.shape)
            target[np.ix_(*places)] = source
            arrays[name] = target.reshape(len(cells), *one.shape)
        return State(cells, self.fields, arrays)

    def rolled_up(self, names: Sequence[str]) -> State:
        """The state of a coarser grouping set, whose axes keep their order here."""
        if tuple(names) == self.cells.names:
            return self
        kept = tuple(axis for axis in self.cells.axes if axis.name in names)
        dropped = tuple(
            place for place, axis in enumerate(self.cells.axes) if axis.name not in names
        )
        cells = Cells(kept)
        return State(
            cells,
            self.fields,
            {
                name: _reduced(
                    one, self.arrays[name].reshape(*self.cells.shape, *one.shape), dropped
                ).reshape(len(cells), *one.shape)
                for name, one in self.fields.items()
            },
        )

    def rest(self, axis: str) -> State:
        """For every cell, the merge of the others along an axis, the other axes held fixed."""
        place = self.cells.names.index(axis)
        arrays = {}
        for name, one in self.fields.items():
            array = self.arrays[name].reshape(*self.cells.shape, *one.shape)
            arrays[name] = _others(one, array, place).reshape(len(self.cells), *one.shape)
        return State(self.cells, self.fields, arrays)

    def taken(self, cells: Array) -> dict[str, Array]:
        """The arrays of some cells, by number."""
        return {name: array[cells] for name, array in self.arrays.items()}


def _reduced(one: Field, array: Array, axes: tuple[int, ...]) -> Array:
    """Reduce over axes, one after the other; an axis without labels leaves the identity."""
    for axis in sorted(axes, reverse=True):
        array = one.ufunc.reduce(array, axis=axis, initial=one.identity, dtype=array.dtype)
    return array


def _others(one: Field, array: Array, axis: int) -> Array:
    """The merge of all but one along an axis, by prefixes and suffixes.

    Subtracting from the total would be quicker, but knows no minimum and cancels digits.
    """
    moved = np.moveaxis(array, axis, 0)
    identity = np.full((1, *moved.shape[1:]), one.identity, dtype=moved.dtype)
    kind = moved.dtype  # numpy would widen small integers
    before = np.concatenate([identity, one.ufunc.accumulate(moved, axis=0, dtype=kind)[:-1]])
    backwards = one.ufunc.accumulate(moved[::-1], axis=0, dtype=kind)
    after = np.concatenate([backwards[::-1][1:], identity])
    merged = one.ufunc(before[: len(moved)], after[: len(moved)])
    return np.moveaxis(merged, 0, axis)


def united(cells: Cells, other: Cells, declared: Mapping[str, Sequence[str]]) -> Cells:
    """The cells that hold the labels of both."""
    if cells == other:
        return cells
    return Cells(
        tuple(
            mine.united(theirs, declared.get(mine.name, ()))
            for mine, theirs in zip(cells.axes, other.axes, strict=True)
        )
    )


def merge(
    first: State, second: State, declared: Mapping[str, Sequence[str]] | None = None
) -> State:
    """The state of the answers of both. It equals counting them together.

    Args:
        first: A state.
        second: A state of the same statistic and grouping set; its labels may differ.
        declared: The order of declared labels, by axis.
    """
    cells = united(first.cells, second.cells, declared or {})
    left, right = first.aligned(cells), second.aligned(cells)
    return State(
        cells,
        first.fields,
        {
            name: one.ufunc(left.arrays[name], right.arrays[name])
            for name, one in first.fields.items()
        },
    )
