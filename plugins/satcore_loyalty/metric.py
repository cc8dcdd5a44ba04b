"""The metric of satisfaction index models: PLS path models with their indices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal

import numpy as np
from attrs import frozen

from satcore import (
    Chart,
    Codebook,
    Derived,
    Estimate,
    FloatArray,
    Indicator,
    IntArray,
    Item,
    Metric,
    Moments,
    MomentSums,
    OptionError,
    Replicated,
    Replicates,
    Results,
    Reversed,
    Statistic,
    StudentInterval,
    Sum,
    Tallied,
    Tally,
    Text,
    near,
)
from satcore_loyalty.models import TITLES
from satcore_loyalty.numbers import Number, Solution, numbers, solution
from satcore_loyalty.pls import Fitted, Scheme, correlations, fit
from satcore_loyalty.structure import Structure, structure
from satcore_loyalty.telling import Answered, told

#: Matrices that are estimated at a time: replicates of the same cells are put together up to here.
TOGETHER: Final = 2048

#: Of the replicates at least this share has to be estimable for an interval.
ENOUGH: Final = 0.5


@frozen(kw_only=True, eq=False)
class Moved:
    """How far the numbers move from replicate to replicate.

    Attributes:
        std_error: Their standard deviation over the replicates: (cells, numbers).
        failed: Replicates without an estimate, by cell.
    """

    std_error: FloatArray
    failed: IntArray


@frozen(kw_only=True)
class Loyalty(Metric):
    """Satisfaction index models - ACSI, ECSI, one's own - by PLS path modelling.

    Attributes:
        model: A named model: ``acsi``, ``ecsi`` or ``ccsi``.
        constructs: Columns of each construct's items: a pattern as ``"IMAG{1..5}"``, a column, or
            a list. Of a named model every construct; ``ecsi`` has the columns of its published
            data where they are left out.
        paths: Of a model of one's own, as ``["Quality -> Satisfaction, Loyalty"]``.
        titles: What constructs are called for people, by name.
        scale: The items' scale: its ends are the index's 0 and 100.
        reversed: Columns that are asked the other way round.
        scheme: How a construct's neighbours count for its weights: ``path``, ``centroid`` or
            ``factor``.
        missing: Who counts: ``listwise``, who answered every item; or ``pairwise``, for every two
            items who answered both. Means are not put in place of missing answers: that makes
            correlations smaller and errors too small.
        replicates: Replicates that intervals rest on; 0 for none, which leaves the indices alone
            with an interval, as if their weights were known.
        seed: The replicates' seed.
        steps: After how many steps weights that still move are given up.
    """

    model: Literal["acsi", "ecsi", "ccsi"] | None = None
    constructs: Mapping[str, str | tuple[str, ...]] | None = None
    paths: tuple[str, ...] | None = None
    titles: Mapping[str, Text] | None = None
    scale: str = "1..10"
    reversed: tuple[str, ...] = ()
    scheme: Scheme = "path"
    missing: Literal["listwise", "pairwise"] = "listwise"
    replicates: int = 200
    seed: int = 0
    steps: int = 300

    @property
    def structure(self) -> Structure:
        """The path model.

        Raises:
            OptionError: Options that describe none.
        """
        return structure(self.model, self.constructs, self.paths)

    def _check(self, model: Structure) -> None:
        """Options that can't stand."""
        for option, allowed in (
            ("scheme", ("path", "centroid", "factor")),
            ("missing", ("listwise", "pairwise")),
        ):
            value = getattr(self, option)
            if value not in allowed:
                raise OptionError(
                    option, f"{value!r} is none of {', '.join(allowed)}{near(value, allowed)}"
                )
        for option, least in (("replicates", 0), ("seed", 0), ("steps", 1)):
            value = getattr(self, option)
            if value < least:
                raise OptionError(option, f"{value} is less than {least}")
        if 0 < self.replicates < 20:
            raise OptionError(
                "replicates", f"{self.replicates} tell no error; take 0, or 20 at least"
            )
        for option, given, known in (
            ("reversed", self.reversed, model.columns),
            ("titles", self.titles or {}, model.constructs),
        ):
            odd = [name for name in given if name not in known]
            if odd:
                what = "item" if option == "reversed" else "construct"
                raise OptionError(
                    option, f"{odd[0]!r} is no {what} of the model{near(odd[0], known)}"
                )

    def _items(self, codebook: Codebook, model: Structure) -> tuple[Item | Derived, ...]:
        """The items, those that are asked the other way round turned."""
        found: list[Item | Derived] = []
        for column in model.columns:
            item = codebook.item(column, self._scale_of(codebook, column))
            if item.levels < 2:
                raise OptionError("scale", f"{column!r} is {item.scale}: one answer is no scale")
            found.append(Reversed(item, name=column) if column in self.reversed else item)
        return tuple(found)

    def _scale_of(self, codebook: Codebook, column: str) -> str | None:
        """None where the study declares the item's scale: constructs may have several."""
        said = codebook.declared.get(column)
        return None if said is not None and said.scale is not None else self.scale

    def statistics(self, codebook: Codebook) -> Mapping[str, Statistic]:
        """Moments of all items, in replicates too, and how many items were answered.

        Raises:
            OptionError: Options that describe no model, or can't stand.
        """
        model = self.structure
        self._check(model)
        items = self._items(codebook, model)
        moments = Moments(items, pairwise=self.missing == "pairwise")
        flags = tuple(
            Indicator(item, range(item.low, item.high + 1), missing_is_0=True) for item in items
        )
        declared: dict[str, Statistic] = {"moments": moments, "answered": Tally(Sum(flags))}
        if self.replicates:
            declared["drawn"] = Replicates(moments, count=self.replicates, seed=self.seed)
        return declared

    def evaluate(
        self, moments: MomentSums, answered: Tallied, drawn: Replicated | None = None
    ) -> Iterator[Estimate]:
        """Indices, paths, total effects, R², loadings, weights, reliability, validity."""
        model = self.structure
        with np.errstate(all="ignore"):
            cov, mean = moments.cov(), moments.means()
            corr = correlations(cov)
            fitted = fit(corr, model, self.scheme, self.steps)
            found = self._solution(model, moments, fitted, corr, cov, mean)
            told_of = Answered.of(moments, answered)
            listed = tuple(numbers(model))
            values = np.stack([one.of(found) for one in listed], axis=1)
            if drawn is None:
                moved = _index_moved(listed, found, moments, model)
            else:
                like = (fitted.weights, corr)
                moved = self._moved(model, listed, values, drawn, like)
            # Of so few respondents the replicates can't tell.
            few = told_of.base <= len(model.columns)
            std_error = np.where(few[:, None], np.nan, moved.std_error)
        reasons = told(self, model, found, cov, told_of, moved.failed, std_error)
        df = np.maximum(told_of.base - 1, 0).astype(np.float64)
        if drawn is not None:
            df = np.minimum(df, self.replicates - 1)
        for place, one in enumerate(listed):
            error = np.where(np.isfinite(values[:, place]), std_error[:, place], np.nan)
            yield Estimate(
                term=one.term,
                item=one.item,
                value=values[:, place],
                std_error=error,
                base=told_of.base,
                weighted_base=told_of.weighted_base,
                effective_base=told_of.effective_base,
                unit=one.unit,
                interval=StudentInterval(
                    centre=values[:, place], std_error=error, df=df,
                    method="linearised" if drawn is None else "replicates; t",
                    low=one.low, high=one.high,
                ),
                message=reasons(one, values[:, place]),
                compared=(one.compared and self.replicates > 0) or one.term == "index",
                null=one.null if drawn is not None else None,
            )  # fmt: skip

    def _solution(
        self,
        model: Structure,
        moments: MomentSums,
        fitted: Fitted,
        corr: FloatArray,
        cov: FloatArray,
        mean: FloatArray,
    ) -> Solution:
        items = [item for item in moments.statistic.of if isinstance(item, Item | Derived)]
        low = np.array([item.low / item.denominator for item in items])
        high = np.array([item.high / item.denominator for item in items])
        return solution(fitted, corr, cov, mean, (low, high), model)

    def _moved(
        self,
        model: Structure,
        listed: Sequence[Number],
        values: FloatArray,
        drawn: Replicated,
        like: tuple[FloatArray, FloatArray],
    ) -> Moved:
        """The spread of every number over the replicates.

        Each construct's sign in a replicate is that which goes with the answers' own score.
        """
        cells = values.shape[0]
        summed, squared = np.zeros_like(values), np.zeros_like(values)
        known = np.zeros(values.shape, dtype=np.int64)
        estimated = np.zeros(cells, dtype=np.int64)
        step = max(1, TOGETHER // max(cells, 1))
        for start in range(0, len(drawn.views), step):
            views: Sequence[MomentSums] = drawn.views[start : start + step]
            cov = np.concatenate([view.cov() for view in views])
            mean = np.concatenate([view.means() for view in views])
            corr = correlations(cov)
            many = len(views)
            others = (np.tile(like[0], (many, 1)), np.tile(like[1], (many, 1, 1)))
            fitted = fit(corr, model, self.scheme, self.steps, others)
            found = self._solution(model, views[0], fitted, corr, cov, mean)
            estimated += fitted.converged.reshape(many, cells).sum(axis=0)
            for place, one in enumerate(listed):
                away = one.of(found).reshape(many, cells) - values[:, place]
                here = np.isfinite(away)
                away = np.where(here, away, 0.0)
                known[:, place] += here.sum(axis=0)
                summed[:, place] += away.sum(axis=0)
                squared[:, place] += (away**2).sum(axis=0)
        count = len(drawn.views)
        variance = np.maximum(squared - summed**2 / known, 0.0) / (known - 1)
        enough = known >= ENOUGH * count
        return Moved(
            std_error=np.where(enough, np.sqrt(variance), np.nan), failed=count - estimated
        )

    @property
    def _titles(self) -> Mapping[str, Text]:
        named = TITLES if self.model is not None else {}
        return {**named, **(self.titles or {})}

    def item_title(self, item: str, language: str = "en") -> str:
        """A construct's name for people, or those of a path or a pair."""
        for between, shown in ((" -> ", " → "), (" / ", " / ")):
            if between in item:
                one, other = item.split(between)
                return f"{self._title(one, language)}{shown}{self._title(other, language)}"
        construct, dot, column = item.partition(".")
        return (
            f"{self._title(construct, language)} · {column}" if dot else self._title(item, language)
        )

    def _title(self, construct: str, language: str) -> str:
        title = self._titles.get(construct)
        return title.said(language) if title is not None else construct

    def charts(self, results: Results, name: str, language: str = "en") -> Iterable[Chart]:
        """The path diagram, and the indices by group and over the waves."""
        from satcore_loyalty.pictures import loyalty_charts

        return loyalty_charts(results, name, language)

    def findings(self, results: Results, name: str, language: str = "en") -> Iterable[str]:
        """The indices, what drives satisfaction and loyalty, and how well they are measured."""
        from satcore_loyalty.findings import loyalty_findings

        return loyalty_findings(results, name, language)


def _index_moved(
    listed: Sequence[Number], found: Solution, moments: MomentSums, model: Structure
) -> Moved:
    """Errors of the indices alone, as means of items whose weights are known.

    Linear errors of pairwise means are not known: they have none.
    """
    cells = found.index.shape[0]
    std_error = np.full((cells, len(listed)), np.nan)
    if not moments.statistic.pairwise:
        items = [item for item in moments.statistic.of if isinstance(item, Item | Derived)]
        span = np.array([(item.high - item.low) / item.denominator for item in items])
        for place, one in enumerate(listed):
            if one.construct >= 0:
                mine = model.membership[:, one.construct]
                linear = np.where(mine, 100 * found.shares / span, 0.0)
                std_error[:, place] = moments.linear_error(linear)
    return Moved(std_error=std_error, failed=np.zeros(cells, dtype=np.int64))
