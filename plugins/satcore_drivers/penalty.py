"""Penalty-reward contrasts: what a low rating costs, what a high one brings.

An overall rating is regressed on two flags a driver: rated low, and rated high; the ratings
between are what both are held against (Brandt 1987; Matzler and Sauerwein 2002). A driver whose
penalty is greater than its reward is taken for granted (basic), one whose reward is greater
delights (excitement), and one with both is a matter of performance: Kano's classes from ordinary
ratings. The test is that of reward + penalty = 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal

import numpy as np
from attrs import frozen

from satcore import (
    Chart,
    Codebook,
    Columns,
    Derived,
    Estimate,
    FloatArray,
    Given,
    Indicator,
    Item,
    Metric,
    Moments,
    MomentSums,
    OptionError,
    Replicated,
    Replicates,
    Results,
    Statistic,
    StudentInterval,
    Tallied,
    Tally,
    coefficient_covariances,
    coefficients,
)
from satcore_drivers.explained import explained_together
from satcore_drivers.intervals import spread
from satcore_drivers.metric import MOST_DRAWN, rated_of
from satcore_drivers.options import (
    columns,
    driver_title,
    one_of,
    outcome_of,
    replicates_of,
)
from satcore_drivers.sums import NO_ERROR, Sums, told

#: The level at which a driver's class is told.
LEVEL: Final = 0.95

NOBODY_LOW: Final = "nobody rated it {low} or below: no penalty can be told"
NOBODY_HIGH: Final = "nobody rated it {high} or above: no reward can be told"
EVERYBODY: Final = "nobody rated it between {low} and {high}: there is nothing to hold both against"
NOT_SHOWN: Final = "neither reward nor penalty is shown at 95%"

#: The classes, as labels name them.
CLASSES: Final = ("basic", "performance", "excitement")


@frozen(kw_only=True)
class PenaltyReward(Metric):
    """Penalty-reward contrasts: basic, performance and excitement factors from ordinary ratings.

    Attributes:
        outcome: The column of the overall rating.
        drivers: The drivers' columns: a pattern as ``"Q5_{1..8}"``, a list, or texts for people by
            column.
        low: A rating of so much or less is low.
        high: A rating of so much or more is high.
        scale: The drivers' scale, where the study declares none.
        outcome_scale: The outcome's; that of the drivers where left out.
        errors: ``classical``, or ``robust`` where answers spread unequally about the fit. Under
            weights they are always robust: from fourth moments for up to six drivers, from
            replicates for more.
        replicates: How many times the answers are drawn anew where that is needed; 0 for not.
        seed: The drawing's seed.
    """

    outcome: str
    drivers: Columns
    low: int
    high: int
    scale: str | None = None
    outcome_scale: str | None = None
    errors: Literal["classical", "robust"] = "classical"
    replicates: int = 200
    seed: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """The drivers, by their columns."""
        return columns("drivers", self.drivers)

    def statistics(self, codebook: Codebook) -> Mapping[str, Statistic | Mapping[str, Statistic]]:
        """Moments of the outcome and two flags a driver.

        Raises:
            OptionError: Codes that leave no rating low, high or between, a column twice, or a
                value that an option can't have.
        """
        one_of("errors", self.errors, ("classical", "robust"))
        replicates_of(self.replicates, self.seed)
        outcome = outcome_of(codebook, self.outcome, self.names, self.outcome_scale or self.scale)
        drivers = {name: codebook.item(name, self.scale) for name in self.names}
        for name, item in drivers.items():
            if not item.low <= self.low < self.high <= item.high:
                raise OptionError(
                    "low" if self.low < item.low or self.low >= self.high else "high",
                    f"low = {self.low} and high = {self.high} have to lie on the scale of "
                    f"{name!r}, {item.low}..{item.high}, low below high",
                )
            if self.high - self.low < 2:
                raise OptionError(
                    "high",
                    f"no rating lies between {self.low} and {self.high}; what is low and high is "
                    "held against those between",
                )
        flags = tuple(flag for item in drivers.values() for flag in self._flags(item))
        robust = codebook.weighted or self.errors == "robust"
        fourth = robust and len(flags) <= MOST_DRAWN
        items: tuple[Item | Derived, ...] = (outcome, *flags)
        declared: dict[str, Statistic | Mapping[str, Statistic]] = {
            "sums": Moments(items, order=4 if fourth else 2),
            "rated": rated_of(outcome, drivers),
            "groups": {
                name: Tally(Given(item, (outcome, *drivers.values()), name=name))
                for name, item in drivers.items()
            },
        }
        if robust and not fourth and self.replicates:
            declared["drawn"] = Replicates(Moments(items), count=self.replicates, seed=self.seed)
        return declared

    def _flags(self, item: Item) -> tuple[Derived, Derived]:
        """Whether a driver was rated high, and whether low."""
        return (
            Indicator(item, range(self.high, item.high + 1), name=f"{item.name} high"),
            Indicator(item, range(item.low, self.low + 1), name=f"{item.name} low"),
        )

    def evaluate(
        self,
        sums: MomentSums,
        rated: Mapping[str, Tallied],
        groups: Mapping[str, Tallied],
        drawn: Replicated | None = None,
    ) -> Iterator[Estimate]:
        """Reward, penalty, their sum and class of each driver; what all explain together."""
        made = Sums(
            moments=sums,
            drawn=drawn,
            names=self.names,
            rated=np.stack([one.count([1]) for one in rated.values()], axis=1),
            asked=next(iter(rated.values())).base,
        )
        value = np.where(made.explained[:, None], coefficients(made.cov), np.nan)
        variances, method = self._variances(made)
        for place, (name, tally) in enumerate(groups.items()):
            yield from self._driver(made, name, tally, place, value, variances, method)
            yield rated[name].share([1], term="rated", item=name)
        yield explained_together(made)

    def _variances(self, made: Sums) -> tuple[FloatArray, str]:
        """Covariances of the coefficients, and how they were found."""
        sums = made.moments
        if sums.statistic.order == 4:
            return sums.coefficient_covariances(), "linearised" if sums.weighted else "robust"
        if not sums.weighted and self.errors == "classical":
            return coefficient_covariances(made.cov, made.base.astype(np.float64)), "t"
        k = made.cov.shape[1] - 1
        if made.replicated is None:
            return np.full((len(made.cov), k, k), np.nan), "none"
        found = np.full((len(made.cov), k, k), np.nan)
        each = np.moveaxis(coefficients(made.replicated), 1, 2)
        for place in range(0, k, 2):
            one, other = spread(each[:, place]), spread(each[:, place + 1])
            both = spread(each[:, place] + each[:, place + 1])
            found[:, place, place], found[:, place + 1, place + 1] = one**2, other**2
            found[:, place, place + 1] = found[:, place + 1, place] = (
                both**2 - one**2 - other**2
            ) / 2
        return found, "replicates"

    def _driver(
        self,
        made: Sums,
        name: str,
        tally: Tallied,
        place: int,
        value: FloatArray,
        variances: FloatArray,
        method: str,
    ) -> Iterator[Estimate]:
        """What is told of one driver."""
        at = (2 * place, 2 * place + 1)
        low_codes = range(tally.item.low, self.low + 1)
        high_codes = range(self.high, tally.item.high + 1)
        high, low = tally.count(high_codes), tally.count(low_codes)
        between = tally.base - high - low
        empty = [
            EVERYBODY.format(low=self.low, high=self.high) if base and not rest else ""
            for base, rest in zip(tally.base.tolist(), between.tolist(), strict=True)
        ]
        none = {
            "reward": (NOBODY_HIGH.format(high=self.high), high),
            "penalty": (NOBODY_LOW.format(low=self.low), low),
        }
        why = [NO_ERROR if method == "none" else ""] * len(value)
        messages = made.flag_messages(place)
        found: dict[str, tuple[FloatArray, FloatArray]] = {}
        for term, number in zip(("reward", "penalty"), at, strict=True):
            said, count = none[term]
            nobody = [
                said if base and not some else ""
                for base, some in zip(tally.base.tolist(), count.tolist(), strict=True)
            ]
            with np.errstate(invalid="ignore"):
                error = np.sqrt(variances[:, number, number])
            found[term] = value[:, number], error
            yield self._one(
                made, term, name, *found[term], method, told(nobody, empty, messages, why)
            )
        total = value[:, at[0]] + value[:, at[1]]
        with np.errstate(invalid="ignore"):
            both = variances[:, at[0], at[0]] + variances[:, at[1], at[1]]
            error = np.sqrt(np.maximum(both + 2 * variances[:, at[0], at[1]], 0.0))
        found["sum"] = total, error
        estimate = self._one(
            made, "sum", name, total, error, method, told(empty, messages, why), test=True
        )
        labels = self._classes(made, found)
        unknown = [
            NOT_SHOWN if np.isfinite(one) and label is None and method != "none" else ""
            for one, label in zip(total.tolist(), labels, strict=True)
        ]
        yield estimate
        yield made.estimate(
            "factor",
            name,
            total,
            error,
            estimate.interval,
            told(empty, messages, why, unknown),
            unit="score",
            label=tuple(labels),
            compared=False,
        )
        yield tally.share(low_codes, term="low_share", item=name)
        yield tally.share(high_codes, term="high_share", item=name)

    def _one(
        self,
        made: Sums,
        term: str,
        name: str,
        value: FloatArray,
        error: FloatArray,
        method: str,
        message: tuple[str, ...],
        *,
        test: bool = False,
    ) -> Estimate:
        interval = (
            None
            if method == "none"
            else StudentInterval(centre=value, std_error=error, df=made.df, method=method)
        )
        return made.estimate(
            term,
            name,
            value,
            error,
            interval,
            message,
            unit="score",
            null=0.0 if test else None,
            family="drivers" if test else "",
        )

    def _classes(
        self, made: Sums, found: Mapping[str, tuple[FloatArray, FloatArray]]
    ) -> list[str | None]:
        """The class of a driver by cell, at 95%; None where no effect is shown."""
        bounds = {
            term: StudentInterval(centre=value, std_error=error, df=made.df).bounds(LEVEL)
            for term, (value, error) in found.items()
        }
        with np.errstate(invalid="ignore"):
            rewarded = bounds["reward"][0] > 0
            punished = bounds["penalty"][1] < 0
            more, less = bounds["sum"][0] > 0, bounds["sum"][1] < 0
        known = np.isfinite(found["sum"][0]) & np.isfinite(bounds["sum"][0])
        chosen = np.select(
            [~known, punished & less, rewarded & more, rewarded | punished],
            ["", "basic", "excitement", "performance"],
            "",
        )
        return [str(one) or None for one in chosen.tolist()]

    def item_title(self, item: str, language: str = "en") -> str:
        """A driver's name for people."""
        return driver_title(self.drivers, item, language)

    def charts(self, results: Results, name: str, language: str = "en") -> Iterable[Chart]:
        """Penalties to the left, rewards to the right, with their intervals."""
        from satcore_drivers.pictures import contrast_charts

        return contrast_charts(results, name, language)

    def findings(self, results: Results, name: str, language: str = "en") -> Iterable[str]:
        """Which drivers are basic, of performance, or delight."""
        from satcore_drivers.findings import contrast_findings

        return contrast_findings(results, name, language)
