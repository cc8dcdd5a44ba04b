"""Key dissatisfiers and enhancers: which complaints come with dissatisfaction overall.

A respondent is reached by a set of drivers who is dissatisfied with any of them. What a set is
worth is its reach among those dissatisfied overall, less its noise among the others; Shapley's
value shares the worth of all drivers among them (Conklin, Powaga and Lipovetsky 2004).

No subset has to be looked through. Whether any driver of a set applies is a game in which each
driver that applies to a respondent is worth the same, 1/m of m, and the others nothing; the
values of a sum of games add up. So a driver's value is the mean of flag/m among the dissatisfied
less that among the others: exact for any number of drivers, from one small table each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from satcore import (
    Chart,
    Codebook,
    Columns,
    Derived,
    Estimate,
    FloatArray,
    Given,
    Indicator,
    IntArray,
    Item,
    Metric,
    OptionError,
    Product,
    Results,
    Statistic,
    StudentInterval,
    Sum,
    Tallied,
    Tally,
    Text,
)
from satcore_drivers.metric import rated_of
from satcore_drivers.options import OVERALL, columns, driver_title, one_of, outcome_of
from satcore_drivers.sums import NOBODY, told

#: Drivers up to which the reach of growing sets is told: it needs a table of all combinations.
MOST_COMBINED: Final = 12

NO_SIDE: Final = {
    "low": "nobody is dissatisfied overall: there is nothing to reach",
    "high": "nobody is satisfied overall: there is nothing to reach",
}
NO_OTHER: Final = {
    "low": "everybody is dissatisfied overall: there is nothing to tell them from",
    "high": "everybody is satisfied overall: there is nothing to tell them from",
}
SIDES: Final = {"low": "dissatisfied", "high": "satisfied"}
OF_ORDER: Final = "the order of drivers is that of these answers; it has no interval"


@frozen(cache_hash=True)
class Pattern(Derived):
    """Flags as the bits of one number, the first flag the lowest bit.

    Attributes:
        flags: Items that are 0 or 1.
        name: What results call it.
        label: What it says, for people.
    """

    flags: tuple[Derived, ...]
    name: str = field(default="pattern", eq=False, kw_only=True)
    label: Text | None = field(default=None, eq=False, kw_only=True)

    @property
    def parts(self) -> tuple[Derived, ...]:
        """The flags."""
        return self.flags

    @property
    def low(self) -> int:
        """None of them."""
        return 0

    @property
    def high(self) -> int:
        """All of them."""
        return (1 << len(self.flags)) - 1

    @property
    def key(self) -> str:
        """The flags in their order."""
        return f"drivers.pattern({','.join(flag.key for flag in self.flags)})"

    def combine(
        self, numerators: Sequence[IntArray], answered: Sequence[NDArray[np.bool_]]
    ) -> tuple[IntArray, NDArray[np.bool_]]:
        """Put the bits together."""
        there = np.logical_and.reduce(list(answered))
        total = np.zeros_like(numerators[0])
        for bit, one in enumerate(numerators):
            total = total + (one << bit)
        return np.where(there, total, 0), there


@frozen(kw_only=True)
class KeyDrivers(Metric):
    """Key dissatisfiers or enhancers: Shapley's value of reach less noise, for each driver.

    Attributes:
        outcome: The column of the overall rating.
        drivers: The drivers' columns: a pattern as ``"Q5_{1..8}"``, a list, or texts for people by
            column.
        side: ``low`` for what comes with dissatisfaction, ``high`` for what comes with
            satisfaction.
        at: The rating at which that begins: so much or less for ``low``, so much or more for
            ``high``; of the outcome and of the drivers.
        outcome_at: The outcome's own, where it differs.
        scale: The drivers' scale, where the study declares none.
        outcome_scale: The outcome's; that of the drivers where left out.
        missing: What a driver without an answer means: ``not reached``, as who did not use it was
            not let down by it, or ``listwise``, its respondent does not count.
    """

    outcome: str
    drivers: Columns
    at: int
    side: Literal["low", "high"] = "low"
    outcome_at: int | None = None
    scale: str | None = None
    outcome_scale: str | None = None
    missing: Literal["not reached", "listwise"] = "not reached"

    @property
    def names(self) -> tuple[str, ...]:
        """The drivers, by their columns."""
        return columns("drivers", self.drivers, least=2)

    def _flag(self, option: str, item: Item, at: int, *, missing_is_0: bool = False) -> Indicator:
        low = self.side == "low"
        if not (item.low <= at < item.high if low else item.low < at <= item.high):
            raise OptionError(
                option,
                f"{at} leaves none or all of {item.name!r} {SIDES[self.side]}; its scale is "
                f"{item.low}..{item.high}",
            )
        codes = range(item.low, at + 1) if low else range(at, item.high + 1)
        return Indicator(item, codes, missing_is_0, name=item.name)

    def statistics(self, codebook: Codebook) -> Mapping[str, Statistic | Mapping[str, Statistic]]:
        """For each driver a table of outcome, and flag times how many flags there are.

        Raises:
            OptionError: A rating outside the scales, fewer than two drivers, a column twice, or a
                value that an option can't have.
        """
        one_of("side", self.side, ("low", "high"))
        one_of("missing", self.missing, ("listwise", "not reached"))
        outcome = outcome_of(codebook, self.outcome, self.names, self.outcome_scale or self.scale)
        drivers = {name: codebook.item(name, self.scale) for name in self.names}
        at = self.at if self.outcome_at is None else self.outcome_at
        overall = self._flag("at" if self.outcome_at is None else "outcome_at", outcome, at)
        as_0 = self.missing == "not reached"
        flags = tuple(
            self._flag("at", item, self.at, missing_is_0=as_0) for item in drivers.values()
        )
        number = Sum(flags, name="number")
        declared: dict[str, Statistic | Mapping[str, Statistic]] = {
            "parts": {
                name: Tally(overall, Product(flag, number))
                for name, flag in zip(self.names, flags, strict=True)
            },
            "number": Tally(overall, number),
            "rated": rated_of(outcome, drivers),
        }
        if len(flags) <= MOST_COMBINED:
            declared["patterns"] = Tally(Given(overall, flags, name=outcome.name), Pattern(flags))
        return declared

    def evaluate(
        self,
        parts: Mapping[str, Tallied],
        number: Tallied,
        rated: Mapping[str, Tallied],
        patterns: Tallied | None = None,
    ) -> Iterator[Estimate]:
        """The value of each driver, its reach and noise, and those of growing sets."""
        values: list[FloatArray] = []
        for name, tally in parts.items():
            estimate = self._value(name, tally, rated[name])
            values.append(estimate.value)
            yield estimate
            mine = tally.grid(1) > 0
            yield from self._sides(tally, mine, name, "reach", "noise")
            yield tally.share(mine, term="reached", item=name)
            yield rated[name].share([1], term="rated", item=name)
        reached = number.grid(1) > 0
        yield from self._sides(number, reached, OVERALL, "reach", "noise")
        yield self._objective(number, reached, OVERALL, "objective")
        if patterns is None:
            return
        order = np.argsort(-np.nan_to_num(np.stack(values, axis=1)), axis=1, kind="stable")
        bits = patterns.grid(1).astype(np.int64)
        place = np.argsort(order, axis=1)
        for driver, name in enumerate(self.names):
            # Of each cell the drivers that stand no lower than this one.
            ahead = place <= place[:, [driver]]
            mask = (ahead * (1 << np.arange(len(self.names)))).sum(axis=1)
            grown = (bits[None, :] & mask[:, None]) > 0
            yield from self._sides(patterns, grown, name, "reach_so_far", "noise_so_far")
            yield self._objective(patterns, grown, name, "objective_so_far")

    def _messages(self, tally: Tallied) -> list[str]:
        """Why there is no contrast, by cell."""
        there = tally.count(tally.grid(0) == 1)
        return [
            ""
            if not base
            else NO_SIDE[self.side]
            if not some
            else NO_OTHER[self.side]
            if some == base
            else ""
            for base, some in zip(tally.base.tolist(), there.tolist(), strict=True)
        ]

    def _value(self, name: str, tally: Tallied, rated: Tallied) -> Estimate:
        """Shapley's value: the mean of flag/m on one side, less that on the other."""
        product = tally.grid(1)
        with np.errstate(divide="ignore"):
            scores = np.where(product > 0, 1.0 / product, 0.0)
        never = [
            NOBODY if base and not some else ""
            for base, some in zip(rated.base.tolist(), rated.count([1]).tolist(), strict=True)
        ]
        estimate = _contrast(tally, scores, "value", name)
        return evolve(estimate, message=told(never, self._messages(tally)))

    def _sides(
        self, tally: Tallied, reached: NDArray[np.bool_], name: str, reach: str, noise: str
    ) -> Iterator[Estimate]:
        """The share that is reached among those on the side, and among the others."""
        overall = tally.grid(0) == 1
        for term, among in ((reach, overall), (noise, ~overall)):
            share = tally.share(reached, term=term, item=name, among=among)
            yield share if term in ("reach", "noise") else _of_order(share)

    def _objective(
        self, tally: Tallied, reached: NDArray[np.bool_], name: str, term: str
    ) -> Estimate:
        """Reach less noise."""
        scores = np.broadcast_to(reached, tally.counts.shape).astype(np.float64)
        estimate = _contrast(tally, scores, term, name)
        estimate = evolve(estimate, message=tuple(self._messages(tally)))
        return estimate if term == "objective" else _of_order(estimate)

    def item_title(self, item: str, language: str = "en") -> str:
        """A driver's name for people."""
        return driver_title(self.drivers, item, language)

    def charts(self, results: Results, name: str, language: str = "en") -> Iterable[Chart]:
        """Drivers by their value, with intervals."""
        from satcore_drivers.pictures import importance_charts

        return importance_charts(results, name, language)

    def findings(self, results: Results, name: str, language: str = "en") -> Iterable[str]:
        """Which drivers reach most of those concerned."""
        from satcore_drivers.findings import reach_findings

        return reach_findings(results, name, language)


def _of_order(estimate: Estimate) -> Estimate:
    """A number of the drivers up to one, in the order that the answers themselves made."""
    messages = estimate.message or ("",) * len(estimate.value)
    known = np.isfinite(estimate.value).tolist()
    return evolve(
        estimate,
        std_error=np.full(estimate.value.shape, np.nan),
        interval=None,
        comparison=None,
        compared=False,
        message=told(messages, [OF_ORDER if one else "" for one in known]),
    )


def _contrast(tally: Tallied, scores: FloatArray, term: str, item: str) -> Estimate:
    """The mean of scores among those of the first item's 1, less that among its 0.

    Its error is that of the mean of what each answer adds to it, to first order.
    """
    overall = np.broadcast_to(tally.grid(0) == 1, tally.counts.shape)
    scores = np.broadcast_to(scores, tally.counts.shape)
    influence = np.zeros(tally.counts.shape)
    value = np.zeros(len(tally.counts))
    base = np.full(len(tally.counts), np.iinfo(np.int64).max)
    weights = tally.weights
    total = np.cumsum(weights, axis=1)[:, -1]
    for side, sign in ((overall, 1.0), (~overall, -1.0)):
        size = np.cumsum(weights * side, axis=1)[:, -1]
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = np.cumsum(weights * side * scores, axis=1)[:, -1] / size
            share = size / total
            influence += sign * np.where(side, (scores - mean[:, None]) / share[:, None], 0.0)
        value = value + sign * mean
        base = np.minimum(base, np.sum(tally.counts * side, axis=1))
    # NaN would leave answers out of the mean.
    found = tally.mean(np.nan_to_num(influence), term=term, item=item, unit="proportion")
    error = np.where(np.isfinite(value), found.std_error, np.nan)
    interval = StudentInterval(
        centre=value,
        std_error=error,
        df=np.asarray(base - 1, dtype=np.float64),
        method="linearised" if tally.weighted else "delta",
        low=-1.0,
        high=1.0,
    )
    return evolve(found, value=value, std_error=error, interval=interval)
