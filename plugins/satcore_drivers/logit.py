"""Drivers of a yes/no outcome: logistic regression from the table of all combinations.

A logistic fit can't be had from sums and products, and a second look at the answers there is not.
Where drivers have few answers together, the table of all their combinations holds all that a fit
needs: it is counted once, merged like any table, and fitted afterwards as rows would be.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from satcore import (
    Chart,
    Codebook,
    Columns,
    Derived,
    Estimate,
    FloatArray,
    Indicator,
    IntArray,
    Interval,
    Item,
    Metric,
    NormalInterval,
    OptionError,
    Results,
    Statistic,
    StudentInterval,
    Tallied,
    Tally,
    Text,
)
from satcore_drivers.metric import rated_of
from satcore_drivers.options import OVERALL, columns, driver_title, outcome_of
from satcore_drivers.sums import CONSTANT, NOBODY, told

#: Combinations that a table may have: half a megabyte a cell, three times that under weights.
MOST_COMBINATIONS: Final = 1 << 16

#: Steps of the fit; fixed, so that a cell does not depend on its neighbours.
_STEPS: Final = 40

#: Log-odds further than this from 0 are certainty: no finite fit is behind them.
_CERTAIN: Final = 25.0

ONE_SIDED: Final = "everybody gave the outcome the same answer: there is nothing to explain"
SEPARATED: Final = (
    "some ratings tell yes from no without exception: the effect has no finite value; leave the "
    "driver out or take fewer drivers"
)
FIT_TOO_FEW: Final = "{base} respondents are too few for {drivers} drivers"
SUM_OF_OTHERS: Final = "it is a sum of other drivers: what it adds by itself can't be told"
NO_FIT_ERROR: Final = "no interval is told for it"


@frozen(cache_hash=True)
class Combination(Derived):
    """Several items as one number, the last item fastest.

    Attributes:
        items: The items.
        name: What results call it.
        label: What it says, for people.
    """

    items: tuple[Item | Derived, ...]
    name: str = field(default="combination", eq=False, kw_only=True)
    label: Text | None = field(default=None, eq=False, kw_only=True)

    @property
    def parts(self) -> tuple[Item | Derived, ...]:
        """The items."""
        return self.items

    @property
    def low(self) -> int:
        """All at their least."""
        return 0

    @property
    def high(self) -> int:
        """All at their greatest."""
        return math.prod(item.levels for item in self.items) - 1

    @property
    def key(self) -> str:
        """The items in their order."""
        return f"drivers.combination({','.join(item.key for item in self.items)})"

    def combine(
        self, numerators: Sequence[IntArray], answered: Sequence[NDArray[np.bool_]]
    ) -> tuple[IntArray, NDArray[np.bool_]]:
        """Number the combination."""
        there = np.logical_and.reduce(list(answered))
        total = np.zeros_like(numerators[0])
        for item, one in zip(self.items, numerators, strict=True):
            total = total * item.levels + (one - item.low)
        return np.where(there, total, 0), there


@frozen(kw_only=True)
class DriversLogit(Metric):
    """Drivers of a yes/no outcome: odds ratios and what a point of a rating changes on average.

    Attributes:
        outcome: The column of the outcome.
        yes: The outcome's answers that count as yes.
        drivers: The drivers' columns: a pattern as ``"Q5_{1..4}"``, a list, or texts for people by
            column.
        high: Where given, drivers count as rated high (so much or more) or not, instead of by
            their points; up to 15 drivers fit then, whatever their scales.
        scale: The drivers' scale, where the study declares none.
        outcome_scale: The outcome's.
    """

    outcome: str
    drivers: Columns
    yes: tuple[int, ...] = (1,)
    high: int | None = None
    scale: str | None = None
    outcome_scale: str | None = "0..1"

    @property
    def names(self) -> tuple[str, ...]:
        """The drivers, by their columns."""
        return columns("drivers", self.drivers)

    def _item(self, item: Item) -> Item | Derived:
        if self.high is None:
            return item
        if not item.low < self.high <= item.high:
            raise OptionError(
                "high",
                f"{self.high} makes all ratings of {item.name!r} high, or none; its scale is "
                f"{item.low}..{item.high}",
            )
        return Indicator(item, range(self.high, item.high + 1), name=item.name)

    def statistics(self, codebook: Codebook) -> Mapping[str, Statistic | Mapping[str, Statistic]]:
        """The table of all combinations.

        Raises:
            OptionError: More combinations than a table may have, with the price; answers that are
                all yes or none; a column twice.
        """
        outcome = outcome_of(codebook, self.outcome, self.names, self.outcome_scale)
        codes = set(range(outcome.low, outcome.high + 1))
        if not set(self.yes) <= codes or not self.yes or set(self.yes) == codes:
            raise OptionError(
                "yes",
                f"{list(self.yes)} has to be some of the answers {outcome.low}..{outcome.high} of "
                f"{self.outcome!r}, and not all",
            )
        raw = {name: codebook.item(name, self.scale) for name in self.names}
        items = (
            Indicator(outcome, self.yes, name=outcome.name),
            *(self._item(item) for item in raw.values()),
        )
        size = math.prod(item.levels for item in items)
        if size > MOST_COMBINATIONS:
            raise OptionError(
                "drivers",
                f"their answers make {size:,} combinations with the outcome, {8 * size / 1e6:,.0f} "
                f"MB in every cell; a logistic fit takes up to {MOST_COMBINATIONS:,}. Give high = "
                "(rated high or not, for up to 15 drivers), fewer drivers, or take the metric "
                "'drivers', which takes any number of them for a 0/1 outcome too",
            )
        return {
            "combinations": Tally(Combination(items, name=outcome.name)),
            "rated": rated_of(outcome, raw),
        }

    def evaluate(self, combinations: Tallied, rated: Mapping[str, Tallied]) -> Iterator[Estimate]:
        """Log-odds, odds ratios and average effects of each driver; what all explain."""
        item = combinations.item
        assert isinstance(item, Combination)  # noqa: S101 - ``statistics`` has put it there
        levels = [one.levels for one in item.items]
        grid = np.stack(np.unravel_index(np.arange(item.levels), levels), axis=1).astype(float)
        low = np.array([one.low for one in item.items[1:]])
        yes, x = grid[:, 0] > 0, grid[:, 1:] + low
        factor = (
            combinations.survey_rows / max(combinations.survey_rows - 1, 1)
            if combinations.weighted
            else 1.0
        )
        fits = [
            _fit(x, yes, n, w, w2 if combinations.weighted else None, factor)
            for n, w, w2 in zip(
                combinations.counts,
                combinations.weights,
                combinations.squared_weights,
                strict=True,
            )
        ]
        df = (combinations.base - x.shape[1] - 1).astype(np.float64)
        method = "linearised" if combinations.weighted else "wald"
        for place, name in enumerate(self.names):
            never = [
                NOBODY if base and not some else ""
                for base, some in zip(
                    rated[name].base.tolist(), rated[name].count([1]).tolist(), strict=True
                )
            ]
            message = told(never, [fit.message[place] for fit in fits])
            b = np.array([fit.b[place] for fit in fits])
            error = np.array([fit.error[place] for fit in fits])
            on_log = _interval(b, error, df, method)
            yield self._one(combinations, "log_odds", name, b, error, on_log, message, null=0.0)
            with np.errstate(over="ignore"):
                odds = np.exp(b)
            yield self._one(
                combinations, "odds_ratio", name, odds, odds * error,
                OddsInterval(log=on_log), message, unit="ratio",
            )  # fmt: skip
            effect = np.array([fit.effect[place] for fit in fits])
            effect_error = np.array([fit.effect_error[place] for fit in fits])
            yield self._one(
                combinations, "effect", name, effect, effect_error,
                _interval(effect, effect_error, df, method), message, unit="proportion",
            )  # fmt: skip
            yield rated[name].share([1], term="rated", item=name)
        explained = np.array([fit.explained for fit in fits])
        yield self._one(
            combinations, "pseudo_r_squared", OVERALL, explained,
            np.full(explained.shape, np.nan), None,
            told([fit.whole for fit in fits], [NO_FIT_ERROR] * len(fits)), unit="proportion",
        )  # fmt: skip
        yield combinations.share(yes, term="yes", item=OVERALL)

    def _one(
        self,
        tally: Tallied,
        term: str,
        name: str,
        value: FloatArray,
        error: FloatArray,
        interval: Interval | None,
        message: tuple[str, ...],
        *,
        unit: str = "coefficient",
        null: float | None = None,
    ) -> Estimate:
        return Estimate(
            term=term,
            item=name,
            value=value,
            std_error=error,
            base=tally.base,
            weighted_base=tally.weighted_base,
            effective_base=tally.effective_base,
            interval=interval,
            unit=unit,
            message=message,
            null=null,
            family="" if null is None else "drivers",
        )

    def item_title(self, item: str, language: str = "en") -> str:
        """A driver's name for people."""
        return driver_title(self.drivers, item, language)

    def charts(self, results: Results, name: str, language: str = "en") -> Iterable[Chart]:
        """What a point of each rating changes, with intervals."""
        from satcore_drivers.pictures import importance_charts

        return importance_charts(results, name, language)

    def findings(self, results: Results, name: str, language: str = "en") -> Iterable[str]:
        """Which drivers change the odds."""
        from satcore_drivers.findings import logit_findings

        return logit_findings(results, name, language)


def _interval(value: FloatArray, error: FloatArray, df: FloatArray, method: str) -> Interval:
    if method == "wald":
        return NormalInterval(centre=value, std_error=error)
    return StudentInterval(centre=value, std_error=error, df=df, method=method)


@frozen(kw_only=True, eq=False)
class OddsInterval(Interval):
    """The exponential of an interval of log-odds.

    Attributes:
        log: The interval.
        method: Its method's name.
    """

    log: Interval
    method: str = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "method", self.log.method)

    def bounds(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds by cell."""
        with np.errstate(over="ignore"):
            low, high = (np.exp(one) for one in self.log.bounds(confidence))
        known = np.isfinite(low) & np.isfinite(high)
        return np.where(known, low, np.nan), np.where(known, high, np.nan)

    def p_value(self, null: float) -> FloatArray | None:
        """That of the log-odds."""
        return self.log.p_value(math.log(null)) if null > 0 else None


@frozen(kw_only=True, eq=False)
class _Fit:
    """A logistic fit of one cell.

    Attributes:
        b: Coefficients; NaN where there is none.
        error: Their standard errors.
        effect: Average effects of one point on the probability.
        effect_error: Their standard errors.
        explained: McFadden's pseudo R².
        message: What to know of each driver.
        whole: What to know of the cell.
    """

    b: FloatArray
    error: FloatArray
    effect: FloatArray
    effect_error: FloatArray
    explained: float
    message: tuple[str, ...]
    whole: str


def _none(p: int, message: Sequence[str], whole: str) -> _Fit:
    nothing = np.full(p, np.nan)
    return _Fit(
        b=nothing, error=nothing, effect=nothing, effect_error=nothing, explained=np.nan,
        message=tuple(message), whole=whole,
    )  # fmt: skip


def _fit(
    x: FloatArray,
    yes: NDArray[np.bool_],
    n: IntArray,
    w: FloatArray,
    w2: FloatArray | None,
    factor: float,
) -> _Fit:
    """Newton's steps to the maximum of the likelihood, on the combinations that were given.

    Args:
        x: The drivers' values in every combination.
        yes: Whether a combination is a yes.
        n: How often each was given.
        w: With what weight.
        w2: With what squared weight; None without weights.
        factor: n/(n-1) of the whole survey.
    """
    p = x.shape[1]
    given = (n > 0) & (w > 0)
    x, yes, w = x[given], yes[given], w[given]
    base = int(n.sum())
    if not base:
        return _none(p, [""] * p, "")
    if yes.all() or not yes.any():
        return _none(p, [ONE_SIDED] * p, ONE_SIDED)
    centre = np.sum(w[:, None] * x, axis=0) / w.sum()
    spread = np.sqrt(np.sum(w[:, None] * (x - centre) ** 2, axis=0) / w.sum())
    varies = spread > 1e-9
    if base <= varies.sum() + 1:
        few = FIT_TOO_FEW.format(base=base, drivers=p)
        return _none(p, [few] * p, few)
    scale = np.where(varies, spread, 1.0)
    z = np.concatenate([np.ones((len(x), 1)), np.where(varies, (x - centre) / scale, 0.0)], axis=1)
    share = w[yes].sum() / w.sum()
    b = np.zeros(p + 1)
    b[0] = np.log(share / (1 - share))
    for _ in range(_STEPS):
        mean, inner = _means(z, b)
        step = np.linalg.pinv(_information(z, w * inner), 1e-10, hermitian=True) @ (
            z.T @ (w * (yes - mean))
        )
        # A step never moves anybody's log-odds by more than 2.
        b = b + step / max(1.0, float(np.max(np.abs(z @ step))) / 2)
    mean, inner = _means(z, b)
    gradient = np.abs(z.T @ (w * (yes - mean))).max()
    if np.abs(z @ b).max() > _CERTAIN or gradient > 1e-6 * w.sum():
        return _none(p, [SEPARATED if one else CONSTANT for one in varies.tolist()], SEPARATED)
    information = _information(z, w * inner)
    inverse = np.linalg.pinv(information, 1e-10, hermitian=True)
    cov = inverse
    if w2 is not None:
        scores = _information(z, w2[given] * (yes - mean) ** 2)
        cov = factor * inverse @ scores @ inverse
    roots, vectors = np.linalg.eigh(_information(z, w / w.sum()))
    alone = np.sum(vectors[:, roots <= 1e-10] ** 2, axis=1)[1:] < 1e-9
    kept = varies & alone
    total = w.sum()
    each = w * inner
    slope = each.sum() / total
    bend = z.T @ (w * inner * (1 - 2 * mean)) / total
    effect = b[1:] * slope
    moved = slope * np.eye(p + 1)[1:] + b[1:, None] * bend[None, :]
    effect_error = np.sqrt(np.einsum("ij,jk,ik->i", moved, cov, moved))
    likelihood = np.sum(w * np.where(yes, np.log(mean), np.log1p(-mean)))
    null = total * (share * np.log(share) + (1 - share) * np.log1p(-share))

    def shown(values: Any) -> FloatArray:
        return np.where(kept, values / scale, np.nan)

    return _Fit(
        b=shown(b[1:]),
        error=shown(np.sqrt(np.diag(cov)[1:])),
        effect=shown(effect),
        effect_error=shown(effect_error),
        explained=float(1 - likelihood / null),
        message=tuple(
            "" if good else SUM_OF_OTHERS if some else CONSTANT
            for good, some in zip(kept.tolist(), varies.tolist(), strict=True)
        ),
        whole="",
    )


def _means(z: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Probabilities of a yes, and their variances."""
    mean = 1 / (1 + np.exp(-np.clip(z @ b, -700, 700)))
    return mean, mean * (1 - mean)


def _information(z: FloatArray, weight: FloatArray) -> FloatArray:
    return np.asarray((z * weight[:, None]).T @ z)
