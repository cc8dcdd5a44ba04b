"""Importance-performance analysis: what is important, and how well it is done.

Every driver is a point: how important it is - stated, or derived from how it goes with an overall
rating - and how well it is rated. Two lines make four quadrants (Martilla and James 1977). A point
near a line lies in its quadrant by chance: how often it does in replicates is told beside it, and
lines that are means or medians of the points move with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from satcore import (
    Chart,
    Codebook,
    Columns,
    Estimate,
    FloatArray,
    IntArray,
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
    lmg,
    relative_weights,
)
from satcore_drivers.intervals import CorrelationInterval, ShareInterval, spread
from satcore_drivers.metric import MOST_DRAWN, correlations, rated_of
from satcore_drivers.options import (
    OVERALL,
    columns,
    driver_title,
    one_of,
    outcome_of,
    replicates_of,
)
from satcore_drivers.sums import NO_ERROR, NOBODY, PROBABILITY, Sums, told

#: The quadrants, as labels name them: important or not, done well or not.
QUADRANTS: Final = ("concentrate", "keep_up", "low_priority", "overkill")

#: How importance is derived.
DERIVED: Final = {"johnson": relative_weights, "lmg": lmg, "correlation": correlations}

#: What is nearer to a line than this lies on it.
_NEAR: Final = 1e-10

UNSURE: Final = "in {share} of replicates it lies in another quadrant"


@frozen(kw_only=True)
class ImportancePerformance(Metric):
    """Importance-performance analysis: the quadrant of each driver, and how sure it is.

    Attributes:
        drivers: The columns of the ratings: a pattern as ``"P{1..8}"``, a list, or texts for people
            by column.
        importance: Columns of the stated importance, in the drivers' order. Left out, importance
            is derived from ``outcome``.
        outcome: The column of the overall rating from which importance is derived.
        derived: How it is derived: ``johnson`` (relative weights), ``lmg`` (up to 12 drivers) or
            ``correlation``.
        lines: Where the quadrants part: ``data``, the drivers' means; ``median``, their medians;
            ``scale``, the middles of the scales (importance has to be stated); or ``diagonal``:
            the line on which importance equals performance, both stated, or both in standard
            deviations of the drivers' where importance is derived. It makes two sides:
            ``concentrate`` above it, ``keep_up`` below.
        scale: The scale of ratings, where the study declares none.
        importance_scale: That of stated importance; that of the ratings where left out.
        outcome_scale: The outcome's, likewise.
        replicates: How many times the answers are drawn anew to see how sure quadrants are.
        seed: The drawing's seed.
    """

    drivers: Columns
    importance: Columns | None = None
    outcome: str | None = None
    derived: Literal["johnson", "lmg", "correlation"] = "johnson"
    lines: Literal["data", "median", "scale", "diagonal"] = "data"
    scale: str | None = None
    importance_scale: str | None = None
    outcome_scale: str | None = None
    replicates: int = 200
    seed: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """The drivers, by the columns of their ratings."""
        return columns("drivers", self.drivers, least=2)

    @property
    def stated(self) -> bool:
        """Whether importance was asked for."""
        return self.importance is not None

    def statistics(self, codebook: Codebook) -> Mapping[str, Statistic | Mapping[str, Statistic]]:
        """Tables of ratings and stated importance; moments in replicates.

        Raises:
            OptionError: Neither importance nor an outcome or both, another number of columns,
                lines that derived importance does not have, or a value that an option can't have.
        """
        one_of("lines", self.lines, ("data", "median", "scale", "diagonal"))
        one_of("derived", self.derived, tuple(DERIVED))
        replicates_of(self.replicates, self.seed)
        if (self.importance is None) == (self.outcome is None):
            raise OptionError(
                "importance",
                "give the columns of stated importance, or an outcome from which it is derived: "
                "one of the two",
            )
        ratings = {name: codebook.item(name, self.scale) for name in self.names}
        declared: dict[str, Statistic | Mapping[str, Statistic]] = {
            "performance": {name: Tally(item) for name, item in ratings.items()},
        }
        if self.importance is not None:
            given = columns("importance", self.importance, least=2)
            if len(given) != len(ratings):
                raise OptionError(
                    "importance",
                    f"{len(given)} columns for {len(ratings)} drivers; give one for each, in the "
                    "same order",
                )
            both = sorted(set(given) & set(ratings))
            if both:
                raise OptionError("importance", f"{both[0]!r} is a rating too")
            scale = self.importance_scale or self.scale
            stated = [codebook.item(name, scale) for name in given]
            ends = {(item.low, item.high) for item in (*ratings.values(), *stated)}
            if self.lines == "diagonal" and len(ends) > 1:
                raise OptionError(
                    "lines",
                    "a diagonal holds importance against performance, and they have different "
                    "scales; take data, median or scale",
                )
            declared["stated"] = {
                name: Tally(item) for name, item in zip(ratings, stated, strict=True)
            }
            items = (*stated, *ratings.values())
        else:
            if self.lines == "scale":
                raise OptionError(
                    "lines",
                    "derived importance has no scale, and so no middle of one; take data, median "
                    "or diagonal, or stated importance",
                )
            if self.derived == "lmg" and len(ratings) > MOST_DRAWN:
                raise OptionError(
                    "derived",
                    f"lmg of {len(ratings)} drivers is {2 ** len(ratings):,} subsets in every "
                    f"replicate; it serves up to {MOST_DRAWN}: take johnson",
                )
            outcome = outcome_of(
                codebook, str(self.outcome), self.names, self.outcome_scale or self.scale
            )
            items = (outcome, *ratings.values())
            declared["sums"] = Moments(items)
            declared["rated"] = rated_of(outcome, ratings)
        if self.replicates:
            # Means rest on everyone who rated an item, whatever else he or she rated.
            means = items if self.stated else tuple(ratings.values())
            for key, of, pairwise in (("means", means, True), ("drawn", items, False)):
                if key == "means" or not self.stated:
                    declared[key] = Replicates(
                        Moments(of, pairwise=pairwise), count=self.replicates, seed=self.seed
                    )
        return declared

    def evaluate(
        self,
        performance: Mapping[str, Tallied],
        stated: Mapping[str, Tallied] | None = None,
        sums: MomentSums | None = None,
        rated: Mapping[str, Tallied] | None = None,
        drawn: Replicated | None = None,
        means: Replicated | None = None,
    ) -> Iterator[Estimate]:
        """Importance, performance and quadrant of each driver, and where the lines lie."""
        y = [tally.mean(term="performance", item=name) for name, tally in performance.items()]
        if stated is not None:
            x = [tally.mean(term="importance", item=name) for name, tally in stated.items()]
            points = None if means is None else self._stated_points(means)
        else:
            x, replicated = self._derived_importance(sums, rated, drawn)
            points = None
            if replicated is not None and means is not None:
                rating = np.stack([view.means() for view in means.views], axis=1)
                points = np.stack([replicated, rating], axis=2)
        never = [_never(tally) for tally in performance.values()]
        here = np.stack([_values(x), _values(y)], axis=1)
        middle = self._middle(performance, stated)
        classes = self._classes(here[:, None], middle)[:, 0]
        in_replicates = None if points is None else self._classes(points, middle)
        for place, name in enumerate(self.names):
            yield evolve(x[place], message=told(_said(x[place]), never[place]))
            yield evolve(y[place], message=told(never[place]))
            drawn_class = None if in_replicates is None else in_replicates[:, :, place]
            yield from self._quadrant(name, y[place], classes[:, place], drawn_class)
        if self.lines != "diagonal":
            yield from self._lines(here, points, middle, y[0])

    def _stated_points(self, replicated: Replicated) -> FloatArray:
        """Stated importance and performance in replicates: (cells, replicates, 2, p)."""
        means = np.stack([view.means() for view in replicated.views], axis=1)
        cells, count, both = means.shape
        return means.reshape(cells, count, 2, both // 2)

    def _derived_importance(
        self,
        sums: MomentSums | None,
        rated: Mapping[str, Tallied] | None,
        drawn: Replicated | None,
    ) -> tuple[list[Estimate], FloatArray | None]:
        """Derived importance, and in replicates."""
        if sums is None or rated is None:
            raise TypeError("importance is neither stated nor derived")
        made = Sums(
            moments=sums,
            drawn=drawn,
            names=self.names,
            rated=np.stack([one.count([1]) for one in rated.values()], axis=1),
            asked=next(iter(rated.values())).base,
        )
        derive = DERIVED[self.derived]
        value = np.where(made.explained[:, None], derive(made.cov), np.nan)
        replicated = None if made.replicated is None else derive(made.replicated)
        found = []
        for place, name in enumerate(self.names):
            mine = value[:, place]
            interval: ShareInterval | CorrelationInterval | None = None
            if replicated is not None and self.derived == "correlation":
                interval = CorrelationInterval(
                    value=mine,
                    std_error=spread(replicated[:, :, place]),
                    df=(made.base - 1).astype(np.float64),
                    method="replicates_fisher",
                )
            elif replicated is not None:
                interval = ShareInterval.of(mine, replicated[:, :, place], made.base)
            found.append(
                made.estimate(
                    "importance",
                    name,
                    mine,
                    np.full(mine.shape, np.nan) if interval is None else interval.std_error,
                    interval,
                    told(
                        made.messages(place),
                        [NO_ERROR if interval is None else ""] * len(mine),
                    ),
                    unit="coefficient" if self.derived == "correlation" else "proportion",
                )
            )
        return found, replicated

    def _middle(
        self, performance: Mapping[str, Tallied], stated: Mapping[str, Tallied] | None
    ) -> FloatArray | None:
        """The middles of both scales; None where the points say where lines lie."""
        if self.lines != "scale" or stated is None:
            return None
        ends = [
            [(one.item.low + one.item.high) / 2 for one in of.values()]
            for of in (stated, performance)
        ]
        return np.array([np.mean(of) for of in ends])

    def _line(self, points: FloatArray, middle: FloatArray | None) -> FloatArray:
        """Where the lines lie: (cells, replicates, 2, 1)."""
        if middle is not None:
            return np.broadcast_to(middle[None, None, :, None], (*points.shape[:3], 1))
        known = np.where(np.isfinite(points).all(axis=2, keepdims=True), points, np.nan)
        some = np.isfinite(known).any(axis=3, keepdims=True)
        filled = np.where(some, known, 0.0)
        found = (np.nanmedian if self.lines == "median" else np.nanmean)(filled, axis=3)
        return np.where(some, np.asarray(found)[..., None], np.nan)

    def _classes(self, points: FloatArray, middle: FloatArray | None) -> IntArray:
        """The number of each driver's quadrant; -1 for none: (cells, replicates, p)."""
        known = np.asarray(np.isfinite(points).all(axis=2))
        with np.errstate(invalid="ignore", divide="ignore"):
            if self.lines == "diagonal":
                x, y = points[:, :, 0], points[:, :, 1]
                if not self.stated:
                    x, y = _standard(x, known), _standard(y, known)
                return np.where(known, np.where(x > y + _NEAR, 0, 1), -1)
            line = self._line(points, middle)
            # A point on the line is on its far side, whatever the last digit says.
            important, good = np.moveaxis(points >= line - _NEAR, 2, 0)
        return np.where(known, np.where(important, 0, 2) + good, -1)

    def _quadrant(
        self, name: str, like: Estimate, classes: IntArray, drawn: IntArray | None
    ) -> Iterator[Estimate]:
        """The quadrant of a driver, and the probability of each."""
        shown = QUADRANTS[:2] if self.lines == "diagonal" else QUADRANTS
        labels = tuple(QUADRANTS[one] if one >= 0 else None for one in classes.tolist())
        known = classes >= 0
        shares = {}
        if drawn is not None:
            there = (drawn >= 0).sum(axis=1)
            with np.errstate(divide="ignore", invalid="ignore"):
                for number, quadrant in enumerate(shown):
                    share = (drawn == number).sum(axis=1) / there
                    shares[quadrant] = np.where(known, share, np.nan)
        nothing = np.full(classes.shape, np.nan)
        mine = nothing
        if shares:
            every = np.stack(list(shares.values()), axis=1)
            mine = np.where(known, every[np.arange(len(every)), np.maximum(classes, 0)], np.nan)
        value = mine if shares else np.where(known, 1.0, np.nan)
        messages = [
            NO_ERROR
            if not shares and fine
            else UNSURE.format(share=f"{100 * (1 - one):.0f}%")
            if fine and 1 - one > 0.1
            else ""
            for fine, one in zip(known.tolist(), value.tolist(), strict=True)
        ]
        yield self._share("quadrant", name, like, value, drawn, messages, label=labels)
        for quadrant, share in shares.items():
            yield self._share(quadrant, name, like, share, drawn, [""] * len(share))

    def _share(
        self,
        term: str,
        name: str,
        like: Estimate,
        value: FloatArray,
        drawn: IntArray | None,
        message: list[str],
        label: tuple[str | None, ...] | None = None,
    ) -> Estimate:
        """A share of replicates."""
        if drawn is not None:
            told_of = [
                PROBABILITY.format(count=count) if np.isfinite(one) else ""
                for one, count in zip(
                    value.tolist(), (drawn >= 0).sum(axis=1).tolist(), strict=True
                )
            ]
            message = list(told(message, told_of))
        return evolve(
            like,
            term=term,
            item=name,
            value=value,
            std_error=np.full(value.shape, np.nan),
            interval=None,
            unit="proportion",
            comparison=None,
            compared=False,
            label=label,
            message=tuple(message),
        )

    def _lines(
        self, here: FloatArray, points: FloatArray | None, middle: FloatArray | None, like: Estimate
    ) -> Iterator[Estimate]:
        """Where the lines lie, and how surely."""
        line = self._line(here[:, None], middle)[:, 0, :, 0]
        drawn = None if points is None else self._line(points, middle)[:, :, :, 0]
        for place, term in enumerate(("importance_line", "performance_line")):
            value = line[:, place]
            fixed = middle is not None
            error = np.full(value.shape, np.nan)
            interval = None
            if drawn is not None and not fixed:
                error = spread(drawn[:, :, place])
                interval = StudentInterval(
                    centre=value,
                    std_error=error,
                    df=(like.base - 1).astype(np.float64),
                    method="replicates",
                )
            why = FIXED if fixed else "" if interval is not None else NO_ERROR
            yield evolve(
                like,
                term=term,
                item=OVERALL,
                value=np.where(like.base > 0, value, np.nan),
                std_error=error,
                interval=interval,
                unit="score",
                comparison=None,
                compared=False,
                message=(why,) * len(value),
            )

    def item_title(self, item: str, language: str = "en") -> str:
        """A driver's name for people."""
        return driver_title(self.drivers, item, language)

    def charts(self, results: Results, name: str, language: str = "en") -> Iterable[Chart]:
        """The plane of importance and performance."""
        from satcore_drivers.pictures import quadrant_charts

        return quadrant_charts(results, name, language)

    def findings(self, results: Results, name: str, language: str = "en") -> Iterable[str]:
        """What to concentrate on, and how sure that is."""
        from satcore_drivers.findings import quadrant_findings

        return quadrant_findings(results, name, language)


FIXED: Final = "the middle of the scale, which is no estimate"


def _values(estimates: list[Estimate]) -> FloatArray:
    return np.stack([one.value for one in estimates], axis=1)


def _said(estimate: Estimate) -> tuple[str, ...]:
    return estimate.message or ("",) * len(estimate.value)


def _never(tally: Tallied) -> list[str]:
    """Whether nobody rated a driver where there are respondents."""
    respondents = tally.n.sum(axis=1)
    return [
        NOBODY if some and not base else ""
        for some, base in zip(respondents.tolist(), tally.base.tolist(), strict=True)
    ]


def _standard(values: FloatArray, known: NDArray[np.bool_]) -> FloatArray:
    """Values less their mean, over their standard deviation, along the last axis."""
    count = known.sum(axis=-1, keepdims=True)
    filled = np.where(known, values, 0.0)
    mean = filled.sum(axis=-1, keepdims=True) / count
    square = np.where(known, (values - mean) ** 2, 0.0).sum(axis=-1, keepdims=True)
    return np.asarray((values - mean) / np.sqrt(square / count))
