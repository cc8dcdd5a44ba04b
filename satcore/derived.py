"""Derived items: small expressions over items that stand wherever an item may stand.

Each is computed per respondent, with one rule for missing answers. All but ``Ratio`` are an
integer numerator over one fixed denominator with a known range, so that counting them stays
exact; those with few values can be tallied like a column.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TypeAlias

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from satcore.codebook import Item, Measure, Text
from satcore.inference import FloatArray, IntArray

Flags: TypeAlias = NDArray[np.bool_]

#: An item as an integer over a fixed denominator: what can be counted exactly.
Exact: TypeAlias = "Item | Derived"

#: Multiples of some items' numerators, and a constant.
Linear: TypeAlias = "tuple[tuple[tuple[Exact, int], ...], int]"

#: Anything that has a value per respondent.
AnyItem: TypeAlias = "Exact | Measure | Ratio"


class Derived(ABC):
    """An item made of others. Its value is a numerator over ``denominator``.

    Attributes:
        name: What results call it.
        label: What it says, for people.
    """

    name: str
    label: Text | None

    @property
    @abstractmethod
    def parts(self) -> tuple[Exact, ...]:
        """The items it is made of."""

    @property
    @abstractmethod
    def low(self) -> int:
        """The least numerator there can be."""

    @property
    @abstractmethod
    def high(self) -> int:
        """The greatest numerator there can be."""

    @property
    def denominator(self) -> int:
        """What numerators are divided by."""
        return 1

    @abstractmethod
    def combine(
        self, numerators: Sequence[IntArray], answered: Sequence[Flags]
    ) -> tuple[IntArray, Flags]:
        """Numerators and whether there is one, from those of the parts, respondent by respondent.

        Where a part is not answered its numerator is 0.
        """

    @property
    def total(self) -> bool:
        """Whether it has a value wherever all of its parts have one."""
        return False

    def linear(self) -> Linear | None:
        """Where every part is answered, the numerator as a sum of multiples of theirs.

        Returns:
            The multiples of the parts' numerators and a constant; None where it is no such sum.
        """
        return None

    @property
    @abstractmethod
    def key(self) -> str:
        """Canonical text of what is computed. Names and labels are no part of it."""

    @property
    def sources(self) -> tuple[Item, ...]:
        """The columns it rests on, each once."""
        return tuple(dict.fromkeys(source for part in self.parts for source in part.sources))

    @property
    def levels(self) -> int:
        """How many numerators there may be; codes 0 to ``levels - 1`` stand for them."""
        return self.high - self.low + 1

    @property
    def missing_code(self) -> int:
        """The code of a respondent without a value."""
        return self.levels

    @property
    def invalid_code(self) -> int:
        """The code of an invalid answer. Derived items have none: their parts do."""
        return self.levels + 1

    @property
    def size(self) -> int:
        """How many codes there are."""
        return self.levels + 2


def _items(items: Iterable[Exact]) -> tuple[Exact, ...]:
    return tuple(items)


def _numbers(numbers: Iterable[int]) -> tuple[int, ...]:
    return tuple(numbers)


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(names)


def _keys(parts: Sequence[Exact]) -> str:
    return ",".join(part.key for part in parts)


def _shared(parts: Sequence[Exact]) -> tuple[int, list[int]]:
    """One denominator for all parts, and what each numerator has to be multiplied by."""
    denominator = math.lcm(*(part.denominator for part in parts))
    return denominator, [denominator // part.denominator for part in parts]


def _every(answered: Sequence[Flags]) -> Flags:
    return np.asarray(np.all(np.stack(list(answered)), axis=0))


@frozen(cache_hash=True)
class Sum(Derived):
    """The sum of some items; missing where any of them is.

    Attributes:
        items: The items.
        name: What results call it.
        label: What it says, for people.
    """

    items: tuple[Exact, ...] = field(converter=_items)
    name: str = field(default="sum", eq=False, kw_only=True)
    label: Text | None = field(default=None, eq=False, kw_only=True)

    @property
    def parts(self) -> tuple[Exact, ...]:
        """The items."""
        return self.items

    @cached_property
    def denominator(self) -> int:
        """The least common one."""
        return _shared(self.items)[0]

    @cached_property
    def low(self) -> int:
        """All parts at their least."""
        factors = _shared(self.items)[1]
        return sum(part.low * by for part, by in zip(self.items, factors, strict=True))

    @cached_property
    def high(self) -> int:
        """All parts at their greatest."""
        factors = _shared(self.items)[1]
        return sum(part.high * by for part, by in zip(self.items, factors, strict=True))

    def linear(self) -> Linear:
        """The parts, brought to one denominator."""
        return tuple(zip(self.items, _shared(self.items)[1], strict=True)), 0

    @cached_property
    def key(self) -> str:
        """The parts, summed."""
        return f"sum({_keys(self.items)})"

    @property
    def total(self) -> bool:
        """It has a value wherever its parts have."""
        return True

    def by_answered(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """What each part counts, and by how much the sum is taken for each number of answers."""
        return tuple(_shared(self.items)[1]), (*(0 for _ in self.items), 1)

    def combine(
        self, numerators: Sequence[IntArray], answered: Sequence[Flags]
    ) -> tuple[IntArray, Flags]:
        """Add."""
        factors = _shared(self.items)[1]
        total = sum(
            (one * by for one, by in zip(numerators, factors, strict=True)),
            start=np.zeros_like(numerators[0]),
        )
        return total, _every(answered)


@frozen(cache_hash=True)
class Mean(Derived):
    """The mean of some items.

    Attributes:
        items: The items.
        at_least: How many have to be answered; all of them where None.
        name: What results call it.
        label: What it says, for people.
    """

    items: tuple[Exact, ...] = field(converter=_items)
    at_least: int | None = None
    name: str = field(default="mean", eq=False, kw_only=True)
    label: Text | None = field(default=None, eq=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.at_least is not None and not 1 <= self.at_least <= len(self.items):
            raise ValueError(f"at_least is {self.at_least}, but there are {len(self.items)} items")

    @property
    def _counts(self) -> range:
        """How many items may have been answered."""
        return range(self.at_least or len(self.items), len(self.items) + 1)

    @property
    def parts(self) -> tuple[Exact, ...]:
        """The items."""
        return self.items

    @cached_property
    def denominator(self) -> int:
        """One that serves any number of answered items."""
        return _shared(self.items)[0] * math.lcm(*self._counts)

    @cached_property
    def low(self) -> int:
        """The least mean there can be: of the parts with the least values, as few as may be."""
        least = sorted(part.low * by for part, by in zip(*self._scaled, strict=True))
        return sum(least[: self._counts.start]) * (math.lcm(*self._counts) // self._counts.start)

    @cached_property
    def high(self) -> int:
        """The greatest mean there can be, likewise."""
        greatest = sorted((part.high * by for part, by in zip(*self._scaled, strict=True)))
        few = self._counts.start
        return sum(greatest[-few:]) * (math.lcm(*self._counts) // few)

    @property
    def _scaled(self) -> tuple[tuple[Exact, ...], list[int]]:
        """The items, and what brings each to their shared denominator."""
        return self.items, _shared(self.items)[1]

    def linear(self) -> Linear:
        """The parts, each its share."""
        share = math.lcm(*self._counts) // len(self.items)
        factors = _shared(self.items)[1]
        return tuple((part, share * by) for part, by in zip(self.items, factors, strict=True)), 0

    @cached_property
    def key(self) -> str:
        """The parts, averaged."""
        return f"mean({_keys(self.items)};{self._counts.start})"

    @property
    def total(self) -> bool:
        """It has a value wherever its parts have."""
        return True

    def by_answered(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """What each part counts, and by how much the sum is taken for each number of answers."""
        whole, least = math.lcm(*self._counts), self._counts.start
        shares = (whole // n if n >= least else 0 for n in range(1, len(self.items) + 1))
        return tuple(_shared(self.items)[1]), (0, *shares)

    def combine(
        self, numerators: Sequence[IntArray], answered: Sequence[Flags]
    ) -> tuple[IntArray, Flags]:
        """Add what is answered and divide by how many are."""
        factors = _shared(self.items)[1]
        total = sum(
            (one * by for one, by in zip(numerators, factors, strict=True)),
            start=np.zeros_like(numerators[0]),
        )
        count = np.sum(np.stack(list(answered)), axis=0, dtype=np.int64)
        enough: Flags = np.asarray(count >= self._counts.start)
        share = math.lcm(*self._counts) // np.maximum(count, 1)
        return np.where(enough, total * share, 0), enough


@frozen(cache_hash=True)
class Difference(Derived):
    """One item less another; missing where either is.

    Attributes:
        first: The item.
        second: What is taken from it.
        name: What results call it.
        label: What it says, for people.
    """

    first: Exact
    second: Exact
    name: str = field(default="difference", eq=False, kw_only=True)
    label: Text | None = field(default=None, eq=False, kw_only=True)

    @property
    def parts(self) -> tuple[Exact, ...]:
        """Both items."""
        return (self.first, self.second)

    @cached_property
    def denominator(self) -> int:
        """The least common one."""
        return _shared(self.parts)[0]

    @cached_property
    def low(self) -> int:
        """The first at its least, the second at its greatest."""
        mine, theirs = _shared(self.parts)[1]
        return self.first.low * mine - self.second.high * theirs

    @cached_property
    def high(self) -> int:
        """The first at its greatest, the second at its least."""
        mine, theirs = _shared(self.parts)[1]
        return self.first.high * mine - self.second.low * theirs

    @cached_property
    def key(self) -> str:
        """The first less the second."""
        return f"difference({_keys(self.parts)})"

    def linear(self) -> Linear:
        """The first, less the second."""
        mine, theirs = _shared(self.parts)[1]
        return ((self.first, mine), (self.second, -theirs)), 0

    @property
    def total(self) -> bool:
        """It has a value wherever its parts have."""
        return True

    def combine(
        self, numerators: Sequence[IntArray], answered: Sequence[Flags]
    ) -> tuple[IntArray, Flags]:
        """Subtract."""
        mine, theirs = _shared(self.parts)[1]
        return numerators[0] * mine - numerators[1] * theirs, _every(answered)


@frozen(cache_hash=True)
class Product(Derived):
    """One item times another; missing where either is.

    Attributes:
        first: An item.
        second: Another.
        name: What results call it.
        label: What it says, for people.
    """

    first: Exact
    second: Exact
    name: str = field(default="product", eq=False, kw_only=True)
    label: Text | None = field(default=None, eq=False, kw_only=True)

    @property
    def parts(self) -> tuple[Exact, ...]:
        """Both items."""
        return (self.first, self.second)

    @cached_property
    def denominator(self) -> int:
        """The product of both."""
        return self.first.denominator * self.second.denominator

    @property
    def _corners(self) -> list[int]:
        ends = (self.first.low, self.first.high)
        return [one * other for one in ends for other in (self.second.low, self.second.high)]

    @cached_property
    def low(self) -> int:
        """The least product of two ends."""
        return min(self._corners)

    @cached_property
    def high(self) -> int:
        """The greatest product of two ends."""
        return max(self._corners)

    @cached_property
    def key(self) -> str:
        """The first times the second."""
        return f"product({_keys(self.parts)})"

    @property
    def total(self) -> bool:
        """It has a value wherever its parts have."""
        return True

    def combine(
        self, numerators: Sequence[IntArray], answered: Sequence[Flags]
    ) -> tuple[IntArray, Flags]:
        """Multiply."""
        return numerators[0] * numerators[1], _every(answered)


@frozen(cache_hash=True)
class Indicator(Derived):
    """1 where an item has one of some numerators, 0 where it has another.

    Attributes:
        item: The item.
        codes: The numerators; the values themselves for an item of a scale.
        missing_is_0: Whether a missing answer counts as 0 instead of staying missing.
        name: What results call it.
        label: What it says, for people.
    """

    item: Exact
    codes: tuple[int, ...] = field(converter=_numbers)
    missing_is_0: bool = False
    name: str = field(default="indicator", eq=False, kw_only=True)
    label: Text | None = field(default=None, eq=False, kw_only=True)

    @property
    def parts(self) -> tuple[Exact, ...]:
        """The item."""
        return (self.item,)

    @property
    def low(self) -> int:
        """Not among them."""
        return 0

    @property
    def high(self) -> int:
        """Among them."""
        return 1

    @property
    def key(self) -> str:
        """The item among its codes."""
        codes = ",".join(map(str, sorted(self.codes)))
        return f"indicator({self.item.key};{codes};{self.missing_is_0})"

    @property
    def total(self) -> bool:
        """It has a value wherever its parts have."""
        return True

    def combine(
        self, numerators: Sequence[IntArray], answered: Sequence[Flags]
    ) -> tuple[IntArray, Flags]:
        """Look up."""
        among = np.isin(numerators[0], self.codes) & answered[0]
        there = np.ones_like(answered[0]) if self.missing_is_0 else answered[0]
        return among.astype(np.int64), there


@frozen(cache_hash=True)
class Recode(Derived):
    """A category looked up in a table by the numerators of one or more items.

    Attributes:
        items: The items.
        table: The category, 0 upwards, of every combination, the last item fastest, each item
            from its least numerator upwards.
        categories: The categories' names, in the order of their numbers.
        name: What results call it.
        label: What it says, for people.
    """

    items: tuple[Exact, ...] = field(converter=_items)
    table: tuple[int, ...] = field(converter=_numbers)
    categories: tuple[str, ...] = field(converter=_names)
    name: str = field(default="recode", eq=False, kw_only=True)
    label: Text | None = field(default=None, eq=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        size = math.prod(item.levels for item in self.items)
        if len(self.table) != size:
            raise ValueError(f"the table has {len(self.table)} entries, not {size}")
        if not all(0 <= entry < len(self.categories) for entry in self.table):
            raise ValueError(f"the table names categories that are none of {self.categories}")

    @property
    def parts(self) -> tuple[Exact, ...]:
        """The items."""
        return self.items

    @property
    def low(self) -> int:
        """The first category."""
        return 0

    @property
    def high(self) -> int:
        """The last category."""
        return len(self.categories) - 1

    @property
    def key(self) -> str:
        """The items and the table."""
        table = ",".join(map(str, self.table))
        return f"recode({_keys(self.items)};{len(self.categories)};{table})"

    @property
    def total(self) -> bool:
        """It has a value wherever its parts have."""
        return True

    def combine(
        self, numerators: Sequence[IntArray], answered: Sequence[Flags]
    ) -> tuple[IntArray, Flags]:
        """Look up."""
        there = _every(answered)
        place = np.zeros_like(numerators[0])
        for item, one in zip(self.items, numerators, strict=True):
            place = place * item.levels + (one - item.low)
        table = np.array(self.table, dtype=np.int64)
        return table[np.where(there, place, 0)], there


class _OfItsItem(Derived):
    """An item that keeps the range of the first of its parts."""

    @property
    def denominator(self) -> int:
        """The first part's."""
        return self.parts[0].denominator

    @property
    def low(self) -> int:
        """The first part's."""
        return self.parts[0].low

    @property
    def high(self) -> int:
        """The first part's."""
        return self.parts[0].high


@frozen(cache_hash=True)
class Reversed(_OfItsItem):
    """An item asked the other way round: its lowest answer counts as its highest.

    Attributes:
        item: The item.
        name: What results call it.
        label: What it says, for people.
    """

    item: Exact
    name: str = field(default="reversed", eq=False, kw_only=True)
    label: Text | None = field(default=None, eq=False, kw_only=True)

    @property
    def parts(self) -> tuple[Exact, ...]:
        """The item."""
        return (self.item,)

    @property
    def key(self) -> str:
        """The item, reversed."""
        return f"reversed({self.item.key})"

    def linear(self) -> Linear:
        """Mirrored about the middle."""
        return ((self.item, -1),), self.item.low + self.item.high

    @property
    def total(self) -> bool:
        """It has a value wherever its parts have."""
        return True

    def combine(
        self, numerators: Sequence[IntArray], answered: Sequence[Flags]
    ) -> tuple[IntArray, Flags]:
        """Mirror about the middle of the scale."""
        return self.item.low + self.item.high - numerators[0], answered[0]


@frozen(cache_hash=True)
class Given(_OfItsItem):
    """An item where others are answered too; missing elsewhere.

    Attributes:
        item: The item.
        others: Those that have to be answered.
        name: What results call it.
        label: What it says, for people.
    """

    item: Exact
    others: tuple[Exact, ...] = field(converter=_items)
    name: str = field(default="given", eq=False, kw_only=True)
    label: Text | None = field(default=None, eq=False, kw_only=True)

    @property
    def parts(self) -> tuple[Exact, ...]:
        """The item, then the others."""
        return (self.item, *self.others)

    @property
    def key(self) -> str:
        """The item and the others."""
        return f"given({_keys(self.parts)})"

    def linear(self) -> Linear:
        """The item itself: the others are answered."""
        return ((self.item, 1), *((one, 0) for one in self.others)), 0

    @property
    def total(self) -> bool:
        """It has a value wherever its parts have."""
        return True

    def combine(
        self, numerators: Sequence[IntArray], answered: Sequence[Flags]
    ) -> tuple[IntArray, Flags]:
        """Keep where all are answered."""
        return numerators[0], _every(answered)


@frozen(cache_hash=True)
class When(_OfItsItem):
    """An item where a condition holds; elsewhere an invalid answer, told with its reason.

    Attributes:
        item: The item.
        condition: What has to have one of some values.
        values: The numerators that it may have.
        reason: What is wrong where it has another: ``"points do not sum to 100"``.
        name: What results call it.
        label: What it says, for people.
    """

    item: Exact
    condition: Exact
    values: tuple[int, ...] = field(converter=_numbers)
    reason: str = field(default="", eq=False)
    name: str = field(default="when", eq=False, kw_only=True)
    label: Text | None = field(default=None, eq=False, kw_only=True)

    @property
    def parts(self) -> tuple[Exact, ...]:
        """The item, then the condition."""
        return (self.item, self.condition)

    @property
    def key(self) -> str:
        """The item, the condition and its values."""
        return f"when({_keys(self.parts)};{','.join(map(str, self.values))})"

    def combine(
        self, numerators: Sequence[IntArray], answered: Sequence[Flags]
    ) -> tuple[IntArray, Flags]:
        """Keep where the condition holds."""
        holds = np.isin(numerators[1], self.values)
        return numerators[0], _every(answered) & holds

    def broken(self, numerators: Sequence[IntArray], answered: Sequence[Flags]) -> Flags:
        """Where the condition is answered and does not hold."""
        return answered[1] & ~np.isin(numerators[1], self.values)


@frozen
class Ratio:
    """One item over another per respondent: a real number. Missing where either is, or at x/0.

    Attributes:
        top: The numerator.
        bottom: The denominator.
        name: What results call it.
        label: What it says, for people.
    """

    top: Exact
    bottom: Exact
    name: str = field(default="ratio", eq=False, kw_only=True)
    label: Text | None = field(default=None, eq=False, kw_only=True)

    @property
    def parts(self) -> tuple[Exact, ...]:
        """Both items."""
        return (self.top, self.bottom)

    @property
    def sources(self) -> tuple[Item, ...]:
        """The columns it rests on, each once."""
        return tuple(dict.fromkeys((*self.top.sources, *self.bottom.sources)))

    @property
    def key(self) -> str:
        """The one over the other."""
        return f"ratio({_keys(self.parts)})"

    def divide(self, values: Sequence[FloatArray]) -> FloatArray:
        """The quotient of the parts' values, NaN where it is missing."""
        with np.errstate(divide="ignore", invalid="ignore"):
            quotient = values[0] / values[1]
        return np.where(np.isfinite(quotient), quotient, np.nan)


def conditions_of(item: AnyItem) -> tuple[When, ...]:
    """The conditions anywhere within an item."""
    if isinstance(item, Item | Measure):
        return ()
    inner = tuple(one for part in item.parts for one in conditions_of(part))
    return (*inner, item) if isinstance(item, When) else inner
