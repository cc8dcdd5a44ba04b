"""What a respondent chose, as items: of each option, how many, and who counts at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from satcore import Derived, Given, Indicator, IntArray, Item, Sum, Text


@frozen(cache_hash=True)
class Reached(Derived):
    """1 where an item is at least 1; missing elsewhere: who belongs to the base.

    Attributes:
        item: What is counted of a respondent, from 0 upwards.
        name: What results call it.
        label: What it says, for people.
    """

    item: Derived
    name: str = field(default="reached", eq=False, kw_only=True)
    label: Text | None = field(default=None, eq=False, kw_only=True)

    @property
    def parts(self) -> tuple[Derived, ...]:
        """The item."""
        return (self.item,)

    @property
    def low(self) -> int:
        """The only value."""
        return 1

    @property
    def high(self) -> int:
        """The only value."""
        return 1

    @property
    def key(self) -> str:
        """The item, reached."""
        return f"multiple.reached({self.item.key})"

    def combine(
        self, numerators: Sequence[IntArray], answered: Sequence[NDArray[np.bool_]]
    ) -> tuple[IntArray, NDArray[np.bool_]]:
        """Hold against 1."""
        there = answered[0] & (numerators[0] >= 1)
        return there.astype(np.int64), there


@frozen(kw_only=True)
class Chosen:
    """The answers to a multiple response set, as items of the respondents in the base.

    Attributes:
        columns: The column of each option.
        counted: The options that count as answers: all but those that exclude the others.
        chosen: The value of an option that was chosen.
        base: ``answered`` or ``chose``.
    """

    columns: Mapping[str, Item]
    counted: tuple[str, ...]
    chosen: int
    base: str

    @property
    def present(self) -> Reached:
        """Whether a respondent belongs to the base."""
        if self.base == "chose":
            return Reached(Sum(tuple(self._flag(option) for option in self.counted)))
        return Reached(
            Sum(
                tuple(
                    Indicator(item, range(item.low, item.high + 1), missing_is_0=True)
                    for item in self.columns.values()
                )
            )
        )

    def _flag(self, option: str) -> Indicator:
        return Indicator(self.columns[option], (self.chosen,), missing_is_0=True)

    def flag(self, option: str) -> Given:
        """1 where an option was chosen, 0 where not; a blank counts as not chosen."""
        return Given(self._flag(option), (self.present,), name=option)

    def answer(self, option: str) -> Given:
        """The same, where a blank stays missing."""
        asked = Indicator(self.columns[option], (self.chosen,))
        return Given(asked, (self.present,), name=option)

    def asked(self, option: str) -> Given:
        """1 where an option was answered, 0 where it was left blank."""
        item = self.columns[option]
        flag = Indicator(item, range(item.low, item.high + 1), missing_is_0=True)
        return Given(flag, (self.present,), name=option)

    @property
    def number(self) -> Given:
        """How many of the counted options were chosen."""
        flags = tuple(self._flag(option) for option in self.counted)
        return Given(Sum(flags), (self.present,), name="chosen")
