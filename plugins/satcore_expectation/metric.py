"""The metric of expectation confirmation: what was expected, what was met, and what follows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal

import numpy as np
from attrs import evolve, frozen

from satcore import (
    Chart,
    Codebook,
    Difference,
    Estimate,
    FloatArray,
    Interval,
    Metric,
    OptionError,
    Results,
    Statistic,
    StudentInterval,
    Tallied,
    Tally,
    Test,
    columns_of,
)
from satcore_expectation import words
from satcore_expectation.checking import ordered_estimates
from satcore_expectation.fitting import (
    FEW,
    FLAT,
    FLAT_OUTCOME,
    Answers,
    Fit,
    least_squares,
    wald_test,
)
from satcore_expectation.items import made, middle
from satcore_expectation.spread import correlation, inflation, mean_of, sd_of, share_explained
from satcore_expectation.surface import SLOPES, stationary

#: By how much HC3's error is larger than the classical one where that is told.
UNEVEN: Final = 1.25


@frozen(kw_only=True)
class Expectation(Metric):
    """Expectation confirmation: satisfaction as a surface over expectation and perception.

    Attributes:
        outcome: The column of satisfaction, or a list that is averaged per respondent.
        expectation: The column of what was expected, or such a list.
        perception: The column of what was perceived, or such a list.
        disconfirmation: The column that asks whether it was worse or better than expected, or such
            a list; its midpoint means "as expected". It is told apart from what follows from
            perception less expectation.
        scale: The scale of expectation and perception.
        outcome_scale: That of satisfaction, where it is another.
        disconfirmation_scale: That of disconfirmation, where it is another.
        errors: ``robust`` errors (HC3), which hold where answers spread unevenly, with the
            classical ones of least squares told beside them; or ``classical``, the other way
            round. Weighted answers have linearised errors either way.
        ordered: Whether an ordered logit model of the same surface is fitted as a check; where
            left out, it is for an outcome of one item.
    """

    outcome: str | tuple[str, ...]
    expectation: str | tuple[str, ...]
    perception: str | tuple[str, ...]
    disconfirmation: str | tuple[str, ...] | None = None
    scale: str = "1..7"
    outcome_scale: str | None = None
    disconfirmation_scale: str | None = None
    errors: Literal["robust", "classical"] = "robust"
    ordered: bool | None = None

    def named(self) -> dict[str, tuple[str, ...]]:
        """The columns by option.

        Raises:
            OptionError: None at all, one twice, or one in two options.
        """
        found = {
            option: columns_of(option, given)
            for option in ("outcome", "expectation", "perception", "disconfirmation")
            if (given := getattr(self, option)) is not None
        }
        owner: dict[str, str] = {}
        for option, names in found.items():
            for name in names:
                if name in owner:
                    raise OptionError(option, f"{name!r} is the {owner[name]}'s already")
                owner[name] = option
        return found

    @property
    def checks(self) -> bool:
        """Whether the ordered logit model is fitted."""
        if self.ordered is None:
            return isinstance(self.outcome, str) or len(self.outcome) == 1
        return self.ordered

    def statistics(self, codebook: Codebook) -> Mapping[str, Statistic]:
        """The joint table of the three, that of their difference, and perceived disconfirmation.

        Raises:
            OptionError: Columns that can't stand, errors that there are not, or means of so many
                items that their table would be too large.
        """
        if self.errors not in ("classical", "robust"):
            raise OptionError("errors", f"{self.errors!r} is none of robust, classical")
        scales = {
            "outcome": self.outcome_scale or self.scale,
            "expectation": self.scale,
            "perception": self.scale,
            "disconfirmation": self.disconfirmation_scale or self.scale,
        }
        items = {
            option: made(codebook, option, names, scales[option])
            for option, names in self.named().items()
        }
        expected, perceived = items["expectation"], items["perception"]
        try:
            table = Tally(items["outcome"], expected, perceived)
        except ValueError as error:
            sizes = " x ".join(
                str(items[one].levels) for one in ("outcome", "expectation", "perception")
            )
            raise OptionError(
                "perception",
                f"the table of outcome, expectation and perception would have {sizes} answers, too "
                "many; average fewer items",
            ) from error
        declared: dict[str, Statistic] = {
            "table": table,
            "inferred": Tally(Difference(perceived, expected, name="inferred")),
        }
        if "disconfirmation" in items:
            declared["perceived"] = Tally(items["disconfirmation"])
        return declared

    def evaluate(
        self, table: Tallied, inferred: Tallied, perceived: Tallied | None = None
    ) -> Iterator[Estimate | Test]:
        """Disconfirmation, where answers lie, and the models."""
        yield from _disconfirmed(inferred, "inferred", 0.0)
        if perceived is not None:
            yield from _disconfirmed(perceived, "perceived", middle(perceived.item))
        answers = Answers.of(table)
        outcome, expected, perception = (table.grid(place)[answers.given] for place in range(3))
        for place, values in (("expectation", expected), ("perception", perception)):
            yield mean_of(table, answers, values, place)
            yield sd_of(table, answers, values, place)
        yield correlation(table, answers, expected, perception)
        centre = middle(table.items[1])
        e, p = expected - centre, perception - centre
        predictors = np.stack([e, p, e * e, e * p, p * p], axis=1)
        told = _Told(metric=self, table=table, answers=answers, inferred=inferred)
        difference = least_squares(answers, (p - e)[:, None], outcome)
        yield from self._model(told, "difference", difference)
        linear = least_squares(answers, predictors[:, :2], outcome)
        yield from self._model(told, "linear", linear)
        yield from self._gain(told, "linear", difference, linear, np.array([[0.0, 1.0, 1.0]]))
        yield inflation(table, linear, answers, expected, perception)
        surface = least_squares(answers, predictors, outcome)
        yield from self._model(told, "surface", surface)
        yield from self._gain(told, "surface", linear, surface, np.eye(6)[3:])
        problems = told.problems("surface", surface)
        yield told.estimate(
            "surface",
            "vif",
            surface.inflation,
            message=tuple(said or words.DESCRIBES for said in problems),
        )
        covariance, method = self._covariance(answers, surface)
        for term, direction in SLOPES.items():
            yield told.combined("surface", term, surface, covariance, method, direction)
        yield from stationary(told.estimate, surface, covariance, method, centre, problems)
        if self.checks:
            yield from ordered_estimates(table, answers, predictors, outcome)

    def _covariance(self, answers: Answers, fit: Fit) -> tuple[FloatArray, str]:
        if answers.weighted:
            return fit.covariance, "linearised"
        return (fit.robust, "hc3") if self.errors == "robust" else (fit.covariance, "t")

    def _model(self, told: _Told, model: str, fit: Fit) -> Iterator[Estimate]:
        """A model's coefficients and what it explains."""
        covariance, method = self._covariance(told.answers, fit)
        terms = fit.coefficients.shape[1]
        for place in range(terms):
            yield told.combined(
                model,
                f"b{place}",
                fit,
                covariance,
                method,
                np.eye(terms)[place],
                null=None if place == 0 else 0.0,
            )
        yield share_explained(told.table, model, fit, told.problems(model, fit, left_out=True))

    def _gain(
        self, told: _Told, model: str, small: Fit, large: Fit, constraints: FloatArray
    ) -> Iterator[Estimate | Test]:
        """What a model explains beyond the one within it, with its test."""
        gain = np.maximum(large.r_squared - small.r_squared, 0.0)
        problems = told.problems(model, large)
        yield told.estimate(
            model,
            "r_squared_gain",
            gain,
            unit="proportion",
            message=tuple(said or words.TESTED for said in problems),
        )
        covariance, _ = self._covariance(told.answers, large)
        statistic, p = wald_test(large, covariance, constraints)
        yield Test(
            term="r_squared_gain",
            item=model,
            null=0.0,
            statistic=statistic,
            p=p,
            method="f_test",
            base=told.table.base,
            family=model,
        )

    def item_title(self, item: str, language: str = "en") -> str:
        """What a model or a part of the rows is called."""
        return words.ITEMS[item][language == "zh"] if item in words.ITEMS else ""

    def charts(self, results: Results, name: str, language: str = "en") -> Iterable[Chart]:
        """The response surface, and who stands above, at and below expectation."""
        from satcore_expectation.pictures import expectation_charts

        return expectation_charts(results, name, language)

    def findings(self, results: Results, name: str, language: str = "en") -> Iterable[str]:
        """Whether expectations were met, and what that does to satisfaction."""
        from satcore_expectation.findings import expectation_findings

        return expectation_findings(results, name, language)


def _disconfirmed(answers: Tallied, item: str, at: float) -> Iterator[Estimate]:
    """The mean of a disconfirmation, and the shares above, at and below what was expected."""
    values = answers.values
    yield evolve(answers.mean(term="mean", item=item, null=at), family=item)
    for term, flags in (
        ("above", values > at),
        ("at", values == at),
        ("below", values < at),
    ):
        yield answers.share(flags, term=term, item=item)


@frozen(kw_only=True, eq=False)
class _Told:
    """Makes estimates of the models, with what is told beside them.

    Attributes:
        metric: The metric.
        table: The joint table.
        answers: Its answers.
        inferred: The table of perception less expectation.
    """

    metric: Expectation
    table: Tallied
    answers: Answers
    inferred: Tallied

    def _columns(self, options: Sequence[str]) -> str:
        named = self.metric.named()
        return ", ".join(name for option in options for name in named[option])

    def problems(self, model: str, fit: Fit, *, left_out: bool = False) -> tuple[str, ...]:
        """Why each cell has no fit; else, where asked for, how many are left out of it."""
        every = self._columns(("outcome", "expectation", "perception"))
        terms = fit.coefficients.shape[1]
        found = []
        for cell, problem in enumerate(fit.problem):
            base = int(self.table.base[cell])
            missing = int(self.inferred.base[cell]) - base
            kind, _, place = problem.partition(f"{FLAT} ")
            if base == 0:
                said = words.NOBODY.format(told=every)
            elif problem == FEW:
                said = words.TOO_FEW.format(count=f"{base:,}", terms=terms)
            elif problem == FLAT_OUTCOME:
                said = words.SAME.format(told=self._columns(("outcome",)))
            elif place:
                said = self._constant(model, int(place))
            elif problem:
                said = words.TOGETHER
            elif left_out and missing > 0:
                said = words.LEFT_OUT.format(count=f"{missing:,}", told=every)
            else:
                said = kind
            found.append(said)
        return tuple(found)

    def _constant(self, model: str, place: int) -> str:
        """A predictor that does not vary."""
        if model == "difference":
            return words.TOGETHER
        options: tuple[str, ...] = ("expectation", "perception")
        if place in (0, 2):
            options = ("expectation",)
        elif place in (1, 4):
            options = ("perception",)
        return words.CONSTANT.format(told=self._columns(options))

    def estimate(
        self,
        item: str,
        term: str,
        value: FloatArray,
        std_error: FloatArray | None = None,
        interval: Interval | None = None,
        *,
        unit: str = "score",
        null: float | None = None,
        message: tuple[str, ...] | None = None,
    ) -> Estimate:
        """An estimate that rests on the joint table."""
        return Estimate(
            term=term,
            item=item,
            value=value,
            std_error=np.full(value.shape, np.nan) if std_error is None else std_error,
            interval=interval,
            unit=unit,
            null=null,
            family=item if null is not None else "",
            base=self.table.base,
            weighted_base=self.table.weighted_base,
            effective_base=self.table.effective_base,
            message=message,
        )

    def combined(
        self,
        item: str,
        term: str,
        fit: Fit,
        covariance: FloatArray,
        method: str,
        direction: FloatArray,
        null: float | None = 0.0,
    ) -> Estimate:
        """A linear combination of a model's coefficients."""
        value = fit.coefficients @ direction
        std_error = _error(covariance, direction)
        messages = self.problems(item, fit)
        if not self.answers.weighted:
            other = fit.covariance if method == "hc3" else fit.robust
            beside = _beside(method, std_error, _error(other, direction))
            messages = tuple(said or more for said, more in zip(messages, beside, strict=True))
        interval = StudentInterval(centre=value, std_error=std_error, df=fit.df, method=method)
        return self.estimate(item, term, value, std_error, interval, null=null, message=messages)


def _beside(method: str, std_error: FloatArray, other: FloatArray) -> list[str]:
    """The errors that do not stand, told beside those that do; louder where they are larger."""
    told = []
    for mine, theirs in zip(std_error.tolist(), other.tolist(), strict=True):
        if not np.isfinite(theirs):
            told.append("")
        elif method == "hc3":
            told.append(words.CLASSICAL.format(value=f"{theirs:.3g}"))
        else:
            said = words.ROBUST.format(value=f"{theirs:.3g}")
            if theirs > UNEVEN * mine > 0:
                said += "; " + words.UNEVEN.format(more=f"{100 * (theirs / mine - 1):.0f}%")
            told.append(said)
    return told


def _error(covariance: FloatArray, direction: FloatArray) -> FloatArray:
    variance = np.einsum("i,cij,j->c", direction, covariance, direction)
    return np.asarray(np.sqrt(np.maximum(variance, 0.0)), dtype=np.float64)
