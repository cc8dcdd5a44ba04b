"""What a journey is to one respondent, as items: how far, the best, the worst and the last."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from satcore import Derived, Indicator, IntArray, Item, Text

Exact: TypeAlias = "Item | Derived"
Flags: TypeAlias = "NDArray[np.bool_]"


def answered(item: Exact) -> Indicator:
    """1 where an item is answered, 0 where it is not."""
    return Indicator(item, range(item.low, item.high + 1), missing_is_0=True, name=item.name)


@frozen(cache_hash=True)
class Furthest(Derived):
    """The number of the last of some items that is answered, from 1; missing where none is.

    Attributes:
        items: The items, in their order.
        name: What results call it.
        label: What it says, for people.
    """

    items: tuple[Exact, ...]
    name: str = field(default="furthest", eq=False, kw_only=True)
    label: Text | None = field(default=None, eq=False, kw_only=True)

    @property
    def parts(self) -> tuple[Exact, ...]:
        """The items."""
        return self.items

    @property
    def low(self) -> int:
        """The first."""
        return 1

    @property
    def high(self) -> int:
        """The last."""
        return len(self.items)

    @property
    def key(self) -> str:
        """The items in their order."""
        return f"journey.furthest({','.join(one.key for one in self.items)})"

    def combine(
        self, numerators: Sequence[IntArray], answered: Sequence[Flags]
    ) -> tuple[IntArray, Flags]:
        """Look for the last one."""
        found = np.zeros_like(numerators[0])
        for place, there in enumerate(answered, start=1):
            found = np.where(there, place, found)
        return found, found > 0


@frozen(cache_hash=True)
class Picked(Derived):
    """One rating of a journey: the highest, the lowest, or that of the last touchpoint used.

    Attributes:
        items: The ratings, in the order of the touchpoints.
        which: Which of them.
        name: What results call it.
        label: What it says, for people.
    """

    items: tuple[Exact, ...]
    which: Literal["highest", "lowest", "last"]
    name: str = field(default="picked", eq=False, kw_only=True)
    label: Text | None = field(default=None, eq=False, kw_only=True)

    @property
    def parts(self) -> tuple[Exact, ...]:
        """The ratings."""
        return self.items

    @cached_property
    def denominator(self) -> int:
        """The least common one."""
        return math.lcm(*(one.denominator for one in self.items))

    @cached_property
    def low(self) -> int:
        """The least of all."""
        return min(one.low * (self.denominator // one.denominator) for one in self.items)

    @cached_property
    def high(self) -> int:
        """The greatest of all."""
        return max(one.high * (self.denominator // one.denominator) for one in self.items)

    @property
    def key(self) -> str:
        """The ratings and which of them."""
        return f"journey.{self.which}({','.join(one.key for one in self.items)})"

    def combine(
        self, numerators: Sequence[IntArray], answered: Sequence[Flags]
    ) -> tuple[IntArray, Flags]:
        """Pick among those that are there."""
        found = np.zeros_like(numerators[0])
        some = np.zeros(found.shape, dtype=np.bool_)
        for item, one, there in zip(self.items, numerators, answered, strict=True):
            mine = one * (self.denominator // item.denominator)
            if self.which == "highest":
                better = ~some | (mine > found)
            elif self.which == "lowest":
                better = ~some | (mine < found)
            else:
                better = np.ones(some.shape, dtype=np.bool_)
            found = np.where(there & better, mine, found)
            some = some | there
        return found, some


@frozen(cache_hash=True)
class Lost(Derived):
    """By how much a rating stays below a target: 0 from there on.

    Attributes:
        rating: The rating.
        target: The target.
        of: Whose shortfall counts as 0 where they did not rate: those that answered this item.
            None for those who rated alone.
        name: What results call it.
        label: What it says, for people.
    """

    rating: Exact
    target: float
    of: Exact | None = None
    name: str = field(default="lost", eq=False, kw_only=True)
    label: Text | None = field(default=None, eq=False, kw_only=True)

    @property
    def parts(self) -> tuple[Exact, ...]:
        """The rating, and who counts at all."""
        return (self.rating,) if self.of is None else (self.rating, self.of)

    @cached_property
    def _target(self) -> Fraction:
        return Fraction(str(self.target))

    @cached_property
    def denominator(self) -> int:
        """One that serves rating and target."""
        return math.lcm(self.rating.denominator, self._target.denominator)

    @property
    def low(self) -> int:
        """Nothing lost."""
        return 0

    @cached_property
    def high(self) -> int:
        """The lowest rating's."""
        lowest = Fraction(self.rating.low, self.rating.denominator)
        return max(int((self._target - lowest) * self.denominator), 0)

    @property
    def key(self) -> str:
        """The rating, the target and who counts."""
        of = "" if self.of is None else self.of.key
        return f"journey.lost({self.rating.key};{self._target};{of})"

    def combine(
        self, numerators: Sequence[IntArray], answered: Sequence[Flags]
    ) -> tuple[IntArray, Flags]:
        """Take it from the target."""
        target = int(self._target * self.denominator)
        mine = numerators[0] * (self.denominator // self.rating.denominator)
        short = np.where(answered[0], np.maximum(target - mine, 0), 0)
        return short, answered[0] if self.of is None else answered[1]


@frozen(cache_hash=True)
class AtPlace(Derived):
    """An item in the rows of one value of a column; missing in all others.

    Attributes:
        item: The item.
        column: The column.
        value: The value.
        name: What results call it.
        label: What it says, for people.
    """

    item: Exact
    column: Exact
    value: int
    name: str = field(default="at_place", eq=False, kw_only=True)
    label: Text | None = field(default=None, eq=False, kw_only=True)

    @property
    def parts(self) -> tuple[Exact, ...]:
        """The item, then the column."""
        return (self.item, self.column)

    @property
    def denominator(self) -> int:
        """The item's."""
        return self.item.denominator

    @property
    def low(self) -> int:
        """The item's."""
        return self.item.low

    @property
    def high(self) -> int:
        """The item's."""
        return self.item.high

    @property
    def key(self) -> str:
        """The item, the column and the value."""
        return f"journey.at({self.item.key},{self.column.key};{self.value})"

    def combine(
        self, numerators: Sequence[IntArray], answered: Sequence[Flags]
    ) -> tuple[IntArray, Flags]:
        """Keep where the column has the value."""
        there = answered[0] & answered[1] & (numerators[1] == self.value)
        return np.where(there, numerators[0], 0), there
