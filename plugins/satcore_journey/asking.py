"""What is counted of a journey: from one row a respondent, or from one row a contact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from attrs import field, frozen

from satcore import Derived, Given, Indicator, Item, Moments, Replicates, Statistic, Tally
from satcore_journey.items import AtPlace, Furthest, Lost, Picked, answered
from satcore_journey.options import AT, FIRST, Stop

Exact: TypeAlias = "Item | Derived"
Declared: TypeAlias = "dict[str, Statistic | Mapping[str, Statistic]]"

#: Which rating of a journey each term takes.
MOODS = {"peak": "highest", "low": "lowest", "end": "last"}


def top_from(rating: Exact) -> int:
    """The rating at which the two highest of its scale begin; of two ratings the higher one."""
    low, high = rating.low // rating.denominator, rating.high // rating.denominator
    return max(high - 1, low + 1)


def top(rating: Exact) -> Indicator:
    """1 where a rating is one of the two highest of the scale."""
    least = top_from(rating) * rating.denominator
    return Indicator(rating, range(least, rating.high + 1))


@frozen(kw_only=True)
class Asked:
    """Touchpoints with their items, and how often answers are drawn anew.

    Attributes:
        stops: The touchpoints, in their order.
        overall: The rating of the journey as a whole; None without one.
        together: Whether impacts are found in one regression.
        pairwise: Whether that regression takes every pair of touchpoints that were both rated.
        replicates: How often answers are drawn anew; 0 for not at all.
        seed: The drawing's seed.
        names: The touchpoints by name.
    """

    stops: tuple[Stop, ...]
    overall: Exact | None
    together: bool
    pairwise: bool
    replicates: int
    seed: int
    names: tuple[str, ...] = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(stop.name for stop in self.stops))

    def _drawn(self, statistic: Statistic) -> Replicates:
        return Replicates(statistic, count=self.replicates, seed=self.seed)

    def _common(self) -> Declared:
        """What is counted whatever the rows are."""
        declared: Declared = {
            "ratings": {stop.name: Tally(stop.rating) for stop in self.stops},
            "felt": {
                f"{term}{AT}{stop.name}": Tally(item)
                for stop in self.stops
                for term, item in stop.felt
            },
            "channels": {
                f"{stop.name}{AT}{channel}": Tally(item)
                for stop in self.stops
                for channel, item in stop.channels.items()
            },
        }
        if self.replicates:
            declared["channels_drawn"] = {
                stop.name: self._drawn(Moments(self.by_channel(stop), pairwise=True))
                for stop in self.stops
                if stop.channels
            }
        if self.overall is not None and not self.together:
            pairs = {stop.name: Moments((self.overall, stop.rating)) for stop in self.stops}
            declared["alone"] = pairs
            if self.replicates:
                declared["alone_drawn"] = {name: self._drawn(one) for name, one in pairs.items()}
        return {name: one for name, one in declared.items() if one}

    @staticmethod
    def by_channel(stop: Stop) -> tuple[Exact, ...]:
        """The ratings of a touchpoint's channels, each with whether it is a high one."""
        return tuple(one for item in stop.channels.values() for one in (item, top(item)))

    def wide(self) -> Declared:
        """What is counted where a row is a respondent."""
        ratings = tuple(stop.rating for stop in self.stops)
        furthest = Furthest(ratings)
        used = {
            stop.name: Given(answered(stop.rating), (furthest,), name=stop.name)
            for stop in self.stops
        }
        declared = self._common()
        declared["used"] = {name: Tally(item) for name, item in used.items()}
        declared["furthest"] = Tally(furthest)
        declared["moods"] = {
            term: Tally(Picked(ratings, which, name=term))  # type: ignore[arg-type]
            for term, which in MOODS.items()
        }
        if self.overall is None:
            return declared
        declared["users"] = {name: Tally(item, self.overall) for name, item in used.items()}
        if self.together:
            sums = Moments((self.overall, *ratings), pairwise=self.pairwise)
            declared["sums"] = sums
            if self.replicates:
                declared["sums_drawn"] = self._drawn(sums)
        if self.replicates:
            declared["lost_drawn"] = self._drawn(
                Moments(tuple(Lost(stop.rating, stop.target, furthest) for stop in self.stops))
            )
        return declared

    def long(self, place: Item, value: Item, step: Item | None) -> Declared:
        """What is counted where a row is a contact.

        Args:
            place: The column of touchpoints.
            value: The column of ratings.
            step: The column that numbers a respondent's contacts; None without one.
        """
        declared = self._common()
        declared["places"] = Tally(place) if step is None else Tally(place, step)
        if step is not None:
            declared["steps"] = Tally(step)
        used = {
            stop.name: AtPlace(answered(value), place, number)
            for number, stop in enumerate(self.stops, start=FIRST)
        }
        if step is None:
            declared["used"] = {name: Tally(item) for name, item in used.items()}
            if self.overall is not None:
                declared["users"] = {name: Tally(item, self.overall) for name, item in used.items()}
        if self.replicates:
            declared |= self._contacts_drawn(place, step, used)
        return {name: one for name, one in declared.items() if one}

    def _contacts_drawn(
        self, place: Item, step: Item | None, used: Mapping[str, AtPlace]
    ) -> Declared:
        """What is drawn anew of contacts: of each touchpoint its own rows alone."""
        met: dict[str, Exact] = dict(used)
        declared: Declared = {}
        if step is not None:
            met = {
                stop.name: AtPlace(step, place, number, name="step")
                for number, stop in enumerate(self.stops, start=FIRST)
            }
            declared["first"] = self._drawn(Moments((AtPlace(step, step, 1),)))
        declared["met"] = {name: self._drawn(Moments((item,))) for name, item in met.items()}
        declared["contacts"] = {
            stop.name: self._drawn(
                Moments((stop.rating, top(stop.rating), Lost(stop.rating, stop.target)))
            )
            for stop in self.stops
        }
        declared["felt_drawn"] = {
            f"{term}{AT}{stop.name}": self._drawn(Moments((item,)))
            for stop in self.stops
            for term, item in stop.felt
        }
        return declared
