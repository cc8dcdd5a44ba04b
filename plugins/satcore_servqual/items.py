"""Which columns are the items, and which items make a dimension."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from satcore import Derived, IntArray, Item, OptionError, Text, numbered_columns

#: The five dimensions of Parasuraman, Zeithaml and Berry (1988), by item number.
CLASSICAL: Final[Mapping[str, str]] = {
    "tangibles": "1..4",
    "reliability": "5..9",
    "responsiveness": "10..13",
    "assurance": "14..17",
    "empathy": "18..22",
}

#: What the overall numbers are called.
OVERALL: Final = ("overall", "overall_items", "overall_dimensions")

#: The dimensions that a study may name instead of listing them.
NAMED: Final[Mapping[str, Mapping[str, str]]] = {
    "classical": CLASSICAL,
    "without_tangibles": {name: of for name, of in CLASSICAL.items() if name != "tangibles"},
}

_PART = re.compile(r"\s*(\d+)\s*(?:\.\.\s*(\d+)\s*)?")


def columns(option: str, given: str | tuple[str, ...]) -> dict[int, str]:
    """Columns by item number, from a pattern or a list.

    Args:
        option: The option's name, for messages.
        given: ``"sq{01..24}_E"``, whose zeros are kept, or columns, numbered from 1.

    Raises:
        OptionError: One column alone; else as ``satcore.columns_of``.
    """
    if isinstance(given, str) and "{" not in given:
        raise OptionError(
            option, f"{given!r} is one column; write a pattern, as 'P{{1..22}}', or a list"
        )
    return numbered_columns(option, given)


def numbers(dimension: str, given: str | tuple[int, ...]) -> tuple[int, ...]:
    """Item numbers of a dimension, from ``"4..6,22"`` or a list.

    Raises:
        OptionError: A text that is no list of numbers and ranges.
    """
    if not isinstance(given, str):
        return tuple(given)
    found: list[int] = []
    for part in given.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise OptionError(
                f"dimensions.{dimension}", f"{part.strip()!r} is no number and no range like 1..4"
            )
        found.extend(range(int(match[1]), int(match[2] or match[1]) + 1))
    return tuple(found)


def dimensions(
    given: str | Mapping[str, str | tuple[int, ...]] | None, there: Mapping[int, str]
) -> dict[str, tuple[int, ...]]:
    """Item numbers by dimension.

    Args:
        given: A name of ``NAMED``, numbers by dimension, or None for the classical ones where
            there are 22 items and one dimension of all items elsewhere.
        there: The items there are.

    Raises:
        OptionError: An unknown name, an item that is not there, or one in two dimensions.
    """
    if given is None:
        given = CLASSICAL if set(there) == set(range(1, 23)) else {"all": tuple(there)}
    if isinstance(given, str):
        if given not in NAMED:
            raise OptionError("dimensions", f"{given!r} is none of {', '.join(NAMED)}")
        given = NAMED[given]
    found = {name: numbers(name, of) for name, of in given.items()}
    if not found:
        raise OptionError("dimensions", "there is no dimension")
    owner: dict[int, str] = {}
    for name, of in found.items():
        if name in OVERALL or name in map(str, there):
            what = "the overall numbers'" if name in OVERALL else "also an item's"
            raise OptionError(f"dimensions.{name}", f"{name!r} is {what} name; take another")
        absent = [number for number in of if number not in there]
        if absent:
            raise OptionError(
                f"dimensions.{name}", f"there is no item {absent}; there are {_spans(there)}"
            )
        if not of:
            raise OptionError(f"dimensions.{name}", "it has no item")
        for number in of:
            if number in owner:
                raise OptionError(
                    f"dimensions.{name}", f"item {number} is in {owner[number]!r} already"
                )
            owner[number] = name
    return found


def _spans(there: Mapping[int, str]) -> str:
    ordered = sorted(there)
    return f"{ordered[0]} to {ordered[-1]}" if ordered else "none"


Flags = NDArray[np.bool_]


@frozen
class Answered(Derived):
    """What is answered of some items, summed or counted; missing where too little is.

    Sum over count is the mean of what is answered. It serves where a mean of so many items, any
    number of which may be answered, has no fixed denominator of a decent size.

    Attributes:
        items: The items, of the denominator 1.
        at_least: How many have to be answered.
        counted: Whether answers are counted instead of summed.
        name: What results call it.
        label: What it says, for people.
    """

    items: tuple[Item | Derived, ...]
    at_least: int
    counted: bool = False
    name: str = field(default="answered", eq=False, kw_only=True)
    label: Text | None = field(default=None, eq=False, kw_only=True)

    @property
    def parts(self) -> tuple[Item | Derived, ...]:
        """The items."""
        return self.items

    @property
    def low(self) -> int:
        """The least sum or count."""
        return self.at_least if self.counted else sum(min(part.low, 0) for part in self.items)

    @property
    def high(self) -> int:
        """The greatest sum or count."""
        if self.counted:
            return len(self.items)
        return sum(max(part.high, 0) for part in self.items)

    @property
    def key(self) -> str:
        """The parts and what is made of them."""
        parts = ",".join(part.key for part in self.items)
        return f"servqual.answered({parts};{self.at_least};{self.counted})"

    def combine(
        self, numerators: Sequence[IntArray], answered: Sequence[Flags]
    ) -> tuple[IntArray, Flags]:
        """Add or count what is answered."""
        count = np.sum(np.stack(list(answered)), axis=0, dtype=np.int64)
        # Where a part is not answered its numerator is 0.
        summed = np.sum(np.stack(list(numerators)), axis=0, dtype=np.int64)
        return np.asarray(count if self.counted else summed), np.asarray(count >= self.at_least)
