"""The metric of key drivers: how far each rating goes with an overall one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal

import numpy as np
from attrs import frozen

from satcore import (
    Chart,
    Codebook,
    Columns,
    Estimate,
    FloatArray,
    Given,
    Indicator,
    Interval,
    Item,
    Metric,
    Moments,
    MomentSums,
    Replicated,
    Replicates,
    Results,
    Statistic,
    StudentInterval,
    Tallied,
    Tally,
    coefficient_errors,
    coefficients,
    lmg,
    pratt,
    relative_weights,
    standardised_coefficients,
    variance_inflation,
)
from satcore_drivers.explained import explained_together
from satcore_drivers.intervals import CorrelationInterval, RankInterval, ShareInterval, spread
from satcore_drivers.options import (
    columns,
    driver_title,
    one_of,
    outcome_of,
    replicates_of,
)
from satcore_drivers.sums import NO_ERROR, PROBABILITY, Sums, told

#: Drivers up to which LMG has intervals, and errors of coefficients come from fourth moments.
MOST_DRAWN: Final = 12

#: Drivers up to which LMG is found at all: every one doubles its time.
MOST_SHARED: Final = 20

NEGATIVE: Final = (
    "it is negative, and so no share: the driver's own effect and its correlation differ in sign"
)
DEAR: Final = (
    "no interval: {drivers} drivers in {replicates} replicates are {subsets} subsets a cell; "
    "johnson has one, and differs little"
)
TOO_DEAR: Final = "{drivers} drivers have {subsets} subsets, too many for LMG; take johnson"


@frozen(kw_only=True)
class Drivers(Metric):
    """Key drivers: which ratings go with an overall rating, and how much of it each explains.

    Attributes:
        outcome: The column of the overall rating; a yes/no answer may be one, from 0 to 1.
        drivers: The drivers' columns: a pattern as ``"Q5_{1..8}"``, a list, or texts for people by
            column.
        scale: The drivers' scale, where the study declares none.
        outcome_scale: The outcome's; that of the drivers where left out.
        missing: Whose answers count where a driver was not used: ``listwise``, those who rated
            everything, or ``pairwise``, for each pair of items those who rated both.
        order_by: What drivers are ranked by: ``johnson`` or ``lmg``.
        errors: Errors of coefficients: ``classical``, or ``robust`` where answers spread unequally
            about the fit. Under weights, and pairwise, they are always robust.
        replicates: How many times the answers are drawn anew to see how sure importance and order
            are; 0 for not at all, and no such intervals.
        seed: The drawing's seed.
    """

    outcome: str
    drivers: Columns
    scale: str | None = None
    outcome_scale: str | None = None
    missing: Literal["listwise", "pairwise"] = "listwise"
    order_by: Literal["johnson", "lmg"] = "johnson"
    errors: Literal["classical", "robust"] = "classical"
    replicates: int = 200
    seed: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """The drivers, by their columns."""
        return columns("drivers", self.drivers)

    @property
    def _fourth(self) -> bool:
        """Whether fourth moments can give robust errors."""
        return self.missing == "listwise" and len(self.names) <= MOST_DRAWN

    def statistics(self, codebook: Codebook) -> Mapping[str, Statistic | Mapping[str, Statistic]]:
        """Moments of outcome and drivers, plain and in replicates, and who rated what.

        Raises:
            OptionError: A column twice, no drivers, or a value that an option can't have.
        """
        one_of("missing", self.missing, ("listwise", "pairwise"))
        one_of("order_by", self.order_by, ("johnson", "lmg"))
        one_of("errors", self.errors, ("classical", "robust"))
        replicates_of(self.replicates, self.seed)
        outcome = outcome_of(codebook, self.outcome, self.names, self.outcome_scale or self.scale)
        drivers = {name: codebook.item(name, self.scale) for name in self.names}
        items = (outcome, *drivers.values())
        pairwise = self.missing == "pairwise"
        robust = self._fourth and (codebook.weighted or self.errors == "robust")
        declared: dict[str, Statistic | Mapping[str, Statistic]] = {
            "sums": Moments(items, order=4 if robust else 2, pairwise=pairwise),
            "rated": rated_of(outcome, drivers),
        }
        if self.replicates:
            declared["drawn"] = Replicates(
                Moments(items, pairwise=pairwise), count=self.replicates, seed=self.seed
            )
        return declared

    def evaluate(
        self,
        sums: MomentSums,
        rated: Mapping[str, Tallied],
        drawn: Replicated | None = None,
    ) -> Iterator[Estimate]:
        """Coefficients, importance and rank of each driver; what all explain together."""
        made = Sums(
            moments=sums,
            drawn=drawn,
            names=self.names,
            rated=np.stack([one.count([1]) for one in rated.values()], axis=1),
            asked=next(iter(rated.values())).base,
        )
        drawn_shares = self._drawn(made)
        for estimates in (
            self._shares(made, "lmg", drawn_shares),
            self._shares(made, "johnson", drawn_shares),
            self._coefficients(made),
            self._correlations(made),
            self._pratt(made),
            self._inflation(made),
            self._ranks(made, drawn_shares),
        ):
            yield from estimates
        for name, tally in rated.items():
            yield tally.share([1], term="rated", item=name)
        yield explained_together(made)

    def _drawn(self, made: Sums) -> dict[str, FloatArray]:
        """Shares of R² in replicates, by term, where there are any."""
        if made.replicated is None:
            return {}
        wanted = ("johnson", "lmg") if made.drivers <= MOST_DRAWN else ("johnson",)
        return {term: SHARES[term](made.replicated) for term in wanted}

    def _shares(
        self, made: Sums, term: str, drawn_shares: Mapping[str, FloatArray]
    ) -> Iterator[Estimate]:
        """Shares of R², with what replicates tell of them."""
        p, share = made.drivers, SHARES[term]
        fit = made.explained[:, None]
        why = ""
        if term == "lmg" and p > MOST_SHARED:
            value = np.full(made.varies.shape, np.nan)
            why = TOO_DEAR.format(drivers=p, subsets=f"{2.0**p:,.0f}")
        else:
            value = np.where(fit, share(made.cov), np.nan)
        drawn = drawn_shares.get(term)
        if made.replicated is None:
            why = why or NO_ERROR
        elif drawn is None and not why:
            why = DEAR.format(
                drivers=p,
                replicates=self.replicates,
                subsets=f"{self.replicates * 2.0**p:,.0f}",
            )
        for place, name in enumerate(self.names):
            mine = value[:, place]
            interval = None
            if drawn is not None:
                interval = ShareInterval.of(mine, drawn[:, :, place], made.base)
            yield made.estimate(
                term,
                name,
                mine,
                np.full(mine.shape, np.nan) if interval is None else interval.std_error,
                interval,
                told(made.messages(place), [why] * len(mine)),
            )

    def _errors(self, made: Sums) -> tuple[FloatArray, str]:
        """Standard errors of the coefficients, and how they were found."""
        sums = made.moments
        if sums.statistic.order == 4:
            variances = np.diagonal(sums.coefficient_covariances(), axis1=1, axis2=2)
            return np.sqrt(np.maximum(variances, 0.0)), "linearised" if sums.weighted else "robust"
        if not (made.pairwise or sums.weighted or self.errors == "robust"):
            return coefficient_errors(made.cov, made.base.astype(np.float64)), "t"
        if made.replicated is None:
            return np.full(made.varies.shape, np.nan), "none"
        return spread(np.moveaxis(coefficients(made.replicated), 1, 2)), "replicates"

    def _coefficients(self, made: Sums) -> Iterator[Estimate]:
        """Coefficients in points of the scales, and standardised."""
        fit = made.explained[:, None]
        value = np.where(fit, coefficients(made.cov), np.nan)
        beta = np.where(fit, standardised_coefficients(made.cov), np.nan)
        error, method = self._errors(made)
        # A standardised coefficient is as sure as the plain one: the spreads are taken as given.
        variance = np.diagonal(made.cov, axis1=1, axis2=2)
        with np.errstate(divide="ignore", invalid="ignore"):
            by = np.sqrt(variance[:, 1:] / variance[:, :1])
        why = [NO_ERROR if method == "none" else ""] * len(value)
        for place, name in enumerate(self.names):
            for term, one, factor in (("beta", beta, by[:, place]), ("coefficient", value, 1.0)):
                mine, mine_error = one[:, place], error[:, place] * factor
                yield made.estimate(
                    term,
                    name,
                    mine,
                    mine_error,
                    None
                    if method == "none"
                    else StudentInterval(
                        centre=mine, std_error=mine_error, df=made.df, method=method
                    ),
                    told(made.messages(place), why),
                    unit="score" if term == "coefficient" else "coefficient",
                    null=0.0 if term == "beta" else None,
                    family="drivers" if term == "beta" else "",
                )

    def _correlations(self, made: Sums) -> Iterator[Estimate]:
        """Correlations with the outcome, each by itself."""
        value = correlations(made.cov)
        drawn = None if made.replicated is None else correlations(made.replicated)
        classical = not (made.pairwise or made.moments.weighted)
        n = made.base.astype(np.float64)
        for place, name in enumerate(self.names):
            mine, why = value[:, place], ""
            if drawn is not None:
                error = spread(drawn[:, :, place])
            elif classical:
                with np.errstate(divide="ignore", invalid="ignore"):
                    error = np.where(n > 3, (1 - mine**2) / np.sqrt(n - 3), np.nan)
            else:
                error, why = np.full(mine.shape, np.nan), NO_ERROR
            yield made.estimate(
                "correlation",
                name,
                mine,
                error,
                CorrelationInterval(
                    value=mine,
                    std_error=error,
                    df=n - 1,
                    method="fisher" if drawn is None else "replicates_fisher",
                ),
                told(made.messages(place), [why] * len(mine)),
                unit="coefficient",
            )

    def _pratt(self, made: Sums) -> Iterator[Estimate]:
        """Pratt's products, with a word on what is no share."""
        value = np.where(made.explained[:, None], pratt(made.cov), np.nan)
        drawn = None if made.replicated is None else pratt(made.replicated)
        df = (made.base - 1).astype(np.float64)
        for place, name in enumerate(self.names):
            mine = value[:, place]
            warned = [NEGATIVE if one < 0 else "" for one in mine.tolist()]
            interval: Interval | None = None
            error = np.full(mine.shape, np.nan)
            if drawn is not None:
                error = spread(drawn[:, :, place])
                interval = StudentInterval(centre=mine, std_error=error, df=df, method="replicates")
            why = [NO_ERROR if drawn is None else ""] * len(mine)
            yield made.estimate(
                "pratt", name, mine, error, interval, told(made.messages(place), warned, why)
            )

    def _inflation(self, made: Sums) -> Iterator[Estimate]:
        """By how much the other drivers inflate the variance of a coefficient."""
        value = np.where(made.explained[:, None], variance_inflation(made.cov), np.nan)
        drawn = None if made.replicated is None else variance_inflation(made.replicated)
        for place, name in enumerate(self.names):
            mine = np.where(np.isfinite(value[:, place]), value[:, place], np.nan)
            error = np.full(mine.shape, np.nan)
            interval: Interval | None = None
            if drawn is not None:
                error = spread(drawn[:, :, place])
                interval = StudentInterval(
                    centre=mine,
                    std_error=error,
                    df=(made.base - 1).astype(np.float64),
                    method="replicates",
                    low=1.0,
                )
            why = [NO_ERROR if drawn is None else ""] * len(mine)
            yield made.estimate(
                "vif",
                name,
                mine,
                error,
                interval,
                told(made.messages(place), why),
                unit="ratio",
            )

    def _ranks(self, made: Sums, drawn_shares: Mapping[str, FloatArray]) -> Iterator[Estimate]:
        """Each driver's rank, and how often it comes first in replicates."""
        if self.order_by == "lmg" and made.drivers > MOST_DRAWN:
            return
        share = SHARES[self.order_by]
        rank = ranks(np.where(made.explained[:, None], share(made.cov), np.nan))
        drawn = drawn_shares.get(self.order_by)
        by_replicate = None if drawn is None else ranks(drawn)
        first = None if drawn is None else firsts(drawn)
        for place, name in enumerate(self.names):
            mine, messages = rank[:, place], made.messages(place)
            if by_replicate is None or first is None:
                yield made.estimate(
                    "rank",
                    name,
                    mine,
                    np.full(mine.shape, np.nan),
                    None,
                    told(messages, [NO_ERROR] * len(mine)),
                    unit="rank",
                    compared=False,
                )
                continue
            places = by_replicate[:, :, place]
            yield made.estimate(
                "rank",
                name,
                mine,
                spread(places),
                RankInterval(value=mine, drawn=places),
                told(messages),
                unit="rank",
                compared=False,
            )
            yield probability(made, "first", name, first[:, :, place], mine, messages)

    def item_title(self, item: str, language: str = "en") -> str:
        """A driver's name for people."""
        return driver_title(self.drivers, item, language)

    def charts(self, results: Results, name: str, language: str = "en") -> Iterable[Chart]:
        """Drivers by importance with their intervals, for all answers and by group."""
        from satcore_drivers.pictures import importance_charts

        return importance_charts(results, name, language)

    def findings(self, results: Results, name: str, language: str = "en") -> Iterable[str]:
        """What matters most, and how sure the order is."""
        from satcore_drivers.findings import drivers_findings

        return drivers_findings(results, name, language)


#: How R² is shared.
SHARES: Final = {"lmg": lmg, "johnson": relative_weights}


def rated_of(outcome: Item, drivers: Mapping[str, Item]) -> dict[str, Statistic]:
    """Tables of who rated each driver, among those who rated the outcome."""
    return {
        name: Tally(
            Given(
                Indicator(item, range(item.low, item.high + 1), missing_is_0=True),
                (outcome,),
                name=name,
            )
        )
        for name, item in drivers.items()
    }


def correlations(cov: FloatArray) -> FloatArray:
    """Correlations of each driver with the outcome: (..., p); NaN beside one that is constant."""
    variance = np.diagonal(cov, axis1=-2, axis2=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.sqrt(variance[..., 1:] * variance[..., :1])
        found = np.where(scale > 0, cov[..., 0, 1:] / scale, np.nan)
    return np.clip(found, -1.0, 1.0)


def ranks(values: FloatArray) -> FloatArray:
    """Ranks along the last axis, 1 for the greatest; equal ones share theirs."""
    # Equal predictors differ by rounding alone.
    near = 1e-12
    mine, others = values[..., :, None], values[..., None, :]
    with np.errstate(invalid="ignore"):
        above = np.sum(others > mine + near, axis=-1)
        alike = np.sum(np.abs(others - mine) <= near, axis=-1)
    return np.where(np.isfinite(values), above + (alike + 1) / 2, np.nan)


def firsts(values: FloatArray) -> FloatArray:
    """1 for the greatest along the last axis, 0 for others; equal ones share it."""
    known = np.isfinite(values)
    some = known.any(axis=-1, keepdims=True)
    greatest = np.max(np.where(known, values, -np.inf), axis=-1, keepdims=True)
    with np.errstate(invalid="ignore"):
        best = known & (values >= greatest - 1e-12)
        share = best / np.maximum(best.sum(axis=-1, keepdims=True), 1)
    return np.where(some & known, share, np.where(some, 0.0, np.nan))


def probability(
    made: Sums, term: str, item: str, hits: FloatArray, known: FloatArray, messages: list[str]
) -> Estimate:
    """How often something is so in replicates.

    Args:
        made: The sums.
        term: The term.
        item: What it speaks of.
        hits: 1, 0 or between by replicate: (cells, replicates).
        known: A number by cell without which there is no probability.
        messages: What to know about a cell.
    """
    there = np.isfinite(hits)
    count = there.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(there, hits, 0.0).sum(axis=1) / count
    value = np.where(np.isfinite(known) & (count > 0), share, np.nan)
    why = [
        PROBABILITY.format(count=of) if np.isfinite(one) else ""
        for one, of in zip(value.tolist(), count.tolist(), strict=True)
    ]
    nothing = np.full(value.shape, np.nan)
    return made.estimate(term, item, value, nothing, None, told(messages, why), compared=False)
