"""The metric of multiple response: shares of respondents and of answers, by option."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Final, Literal

import numpy as np
from attrs import evolve, frozen

from satcore import (
    Chart,
    Codebook,
    Estimate,
    FloatArray,
    IntArray,
    Metric,
    Moments,
    MomentSums,
    OptionError,
    Paired,
    Results,
    Statistic,
    Tallied,
    Tally,
    Text,
    WilsonInterval,
    near,
)
from satcore_multiple.items import Chosen
from satcore_multiple.options import OVERALL, columns

#: Beyond so many options their pairs are compared only where that is asked for.
MOST_PAIRED: Final = 20

#: What is told beside a number.
NOBODY: Final = "nobody chose an option"
NEVER_SHOWN: Final = "its column holds no answer: was the option shown?"
ALL_CHOSEN: Final = (
    "every answer is 'chosen', the others are blank ({count}): where a blank means not chosen, "
    'write blank = "not chosen"'
)
BLANKS: Final = "blanks that count as not chosen: {count}"
TOGETHER: Final = "{count} chose it together with other options"


@frozen(kw_only=True)
class Multiple(Metric):
    """Multiple response: "tick all that apply", one column an option.

    Attributes:
        options: The options' columns: a pattern as ``"Q5_{1..8}"`` or ``"Q5:{A,B,C}"``, a list,
            or texts for people by column.
        chosen: The value of an option that was chosen.
        scale: The values of each column: a range or a declared scale.
        base: Whom shares are of: ``answered``, who answered at least one option, or ``chose``,
            who chose at least one (of those that are not exclusive).
        blank: What an empty column means in someone who belongs to the base: ``missing`` (not
            asked) or ``not chosen`` (exports that write only what was chosen).
        exclusive: Options that exclude the others, as "none of these". They have a share of
            respondents; they are no answers, and count neither in the shares of answers nor in
            the number of options chosen.
        pairs: Whether options are held against each other, two by two, in the same respondents;
            where left out, up to 20 options are.
    """

    options: str | tuple[str, ...] | Mapping[str, Text]
    chosen: int = 1
    scale: str = "0..1"
    base: Literal["answered", "chose"] = "answered"
    blank: Literal["missing", "not chosen"] = "missing"
    exclusive: tuple[str, ...] = ()
    pairs: bool | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The options, by their columns."""
        return columns(self.options)

    @property
    def counted(self) -> tuple[str, ...]:
        """The options that count as answers: those that don't exclude the others."""
        return tuple(name for name in self.names if name not in self.exclusive)

    @property
    def _paired(self) -> bool:
        return len(self.counted) <= MOST_PAIRED if self.pairs is None else self.pairs

    def _check(self) -> None:
        """Options that can't stand, whatever the scale.

        Raises:
            OptionError: The option and what would be right.
        """
        unknown = [name for name in self.exclusive if name not in self.names]
        if unknown:
            raise OptionError(
                "exclusive",
                f"{unknown[0]!r} is none of the options{near(unknown[0], self.names)}",
            )
        if len(self.counted) < 2:
            raise OptionError(
                "exclusive", "fewer than two options are left that do not exclude the others"
            )
        for option, allowed in (
            ("base", ("answered", "chose")),
            ("blank", ("missing", "not chosen")),
        ):
            value = getattr(self, option)
            if value not in allowed:
                raise OptionError(
                    option, f"{value!r} is none of {', '.join(allowed)}{near(value, allowed)}"
                )

    def statistics(self, codebook: Codebook) -> Mapping[str, Statistic | Mapping[str, Statistic]]:
        """Tables of each option with the number chosen; for pairs of options joint moments.

        Raises:
            OptionError: Fewer than two options, an option twice, an exclusive one that is none, or
                a scale on which nothing is chosen or nothing else.
        """
        self._check()
        items = {name: codebook.item(name, self.scale) for name in self.names}
        for name, item in items.items():
            if not item.low <= self.chosen <= item.high:
                raise OptionError(
                    "chosen", f"{self.chosen} is no value of {name!r}, which is {item.scale}"
                )
            if item.levels == 1 and self.blank == "missing":
                raise OptionError(
                    "blank",
                    f"{name!r} has no value but {self.chosen}, so that all who answer choose it; "
                    'write blank = "not chosen", or a scale with a value of what was not chosen',
                )
        made = Chosen(columns=items, counted=self.counted, chosen=self.chosen, base=self.base)
        flag = made.flag if self.blank == "not chosen" else made.answer
        declared: dict[str, Statistic | Mapping[str, Statistic]] = {
            "columns": {name: Tally(item) for name, item in items.items()},
            "respondents": {name: Tally(flag(name)) for name in items},
            "together": {name: Tally(made.flag(name), made.number) for name in items},
            "number": Tally(made.number),
        }
        if self._paired:
            flags = tuple(made.flag(name) for name in self.counted)
            asked = tuple(made.asked(name) for name in self.counted)
            declared["joint"] = Moments(flags if self.blank == "not chosen" else (*flags, *asked))
        return declared

    def evaluate(
        self,
        columns: Mapping[str, Tallied],
        respondents: Mapping[str, Tallied],
        together: Mapping[str, Tallied],
        number: Tallied,
        joint: MomentSums | None = None,
    ) -> Iterator[Estimate | Paired]:
        """Both shares of each option, how many were chosen, and options against each other."""
        shares: dict[str, Estimate] = {}
        for name in self.names:
            shown = columns[name].base > 0
            exclusive = name in self.exclusive
            alone = _with_others(together[name]) if exclusive else None
            shares[name] = self._respondents(name, respondents[name], number, shown, alone)
            yield shares[name]
            if exclusive:
                flag, others = together[name].grid(0), together[name].grid(1)
                yield together[name].share(
                    (flag == 1) & (others >= 1), term="contradicted", item=name
                )
            else:
                yield _of_answers(name, together[name], shown | (self.blank == "not chosen"))
        yield self._number(columns, respondents, number)
        if self.base == "answered":
            yield number.share(range(1, len(self.counted) + 1), term="any", item=OVERALL)
        if joint is not None:
            yield from self._pairs(shares, joint)

    def _respondents(
        self,
        name: str,
        answers: Tallied,
        number: Tallied,
        shown: np.ndarray,
        with_others: IntArray | None,
    ) -> Estimate:
        """The share of respondents that chose an option."""
        blanks = number.base - answers.base
        doubted = (answers.base > 0) & (answers.counts[:, 0] == 0) & (blanks > 0)
        messages = []
        for cell, base in enumerate(number.base.tolist()):
            told = []
            if base and not shown[cell]:
                told.append(NEVER_SHOWN)
            if doubted[cell]:
                told.append(ALL_CHOSEN.format(count=f"{blanks[cell]:,}"))
            if with_others is not None and with_others[cell]:
                told.append(TOGETHER.format(count=f"{with_others[cell]:,}"))
            messages.append("; ".join(told))
        share = answers.share([1], term="respondents", item=name)
        return evolve(share, message=tuple(messages))

    def _number(
        self, columns: Mapping[str, Tallied], respondents: Mapping[str, Tallied], number: Tallied
    ) -> Estimate:
        """How many of the counted options a respondent chose."""
        # An option that nobody was shown is told where it stands.
        blanks = sum(
            (
                np.where(columns[name].base > 0, number.base - respondents[name].base, 0)
                for name in self.counted
            ),
            start=np.zeros_like(number.base),
        )
        mean = number.mean(term="chosen_mean", item=OVERALL, unit="options")
        return evolve(
            mean,
            message=tuple(
                BLANKS.format(count=f"{count:,}") if count else "" for count in blanks.tolist()
            ),
        )

    def _pairs(self, shares: Mapping[str, Estimate], joint: MomentSums) -> Iterator[Paired]:
        """Options against each other in the same respondents, by the delta method.

        A share is a mean of flags over a mean of who was asked; the latter is 1 where nobody
        leaves a blank.
        """
        names, means = self.counted, joint.means()
        asked = means[:, len(names) :] if means.shape[1] > len(names) else np.ones_like(means)
        place = {name: number for number, name in enumerate(names)}
        root = np.sqrt(joint.base)
        for first, second in combinations(names, 2):
            coefficients = np.zeros_like(means)
            for name, sign in ((first, 1.0), (second, -1.0)):
                at = place[name]
                with np.errstate(divide="ignore", invalid="ignore"):
                    coefficients[:, at] = sign / asked[:, at]
                    if means.shape[1] > len(names):
                        coefficients[:, len(names) + at] = -sign * shares[name].value / asked[:, at]
            error = joint.linear_error(coefficients)
            one, other = shares[first], shares[second]
            yield Paired(
                term="respondents",
                item=first,
                against=second,
                value=one.value - other.value,
                # Rounding leaves a trace where the answers leave no error.
                std_error=np.where(error * root < 1e-7, 0.0, error),
                method="paired delta",
                base=np.minimum(one.base, other.base),
            )

    def item_title(self, item: str, language: str = "en") -> str:
        """An option's name for people."""
        if item == OVERALL:
            return "全部选项" if language == "zh" else "All options"
        known = self.options if isinstance(self.options, Mapping) else {}
        return known[item].said(language) if item in known else ""

    def charts(self, results: Results, name: str, language: str = "en") -> Iterable[Chart]:
        """Shares of respondents by option, for all answers, by group and over the waves."""
        from satcore_multiple.pictures import multiple_charts

        return multiple_charts(results, name, language)

    def findings(self, results: Results, name: str, language: str = "en") -> Iterable[str]:
        """What most people chose, and where the order is not sure."""
        from satcore_multiple.findings import multiple_findings

        return multiple_findings(results, name, language)


def _with_others(together: Tallied) -> IntArray:
    """Respondents by cell that chose an exclusive option together with others."""
    return together.count((together.grid(0) == 1) & (together.grid(1) >= 1))


def _ordered(table: FloatArray) -> FloatArray:
    """Sums over the answers, one after the other: a cell's are the same alone and among others."""
    return np.asarray(np.cumsum(table, axis=1)[:, -1])


def _of_answers(name: str, together: Tallied, known: np.ndarray) -> Estimate:
    """An option's share of all that was chosen: a ratio of two sums over respondents.

    Its error is the delta method's: that of the mean of ``flag - share x number``, over the mean
    number. The interval is Wilson's on the number of answers that would give this error.

    Args:
        name: The option.
        together: The table of the option's flag and the number chosen.
        known: Whether the option was shown at all, by cell.
    """
    flag, number = together.grid(0), together.grid(1)
    weights = together.weights
    total = _ordered(weights * number)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(known, _ordered(weights * flag) / total, np.nan)
        residual = flag - share[:, None] * number
        # 1 - 49 x (1/49) is not quite 0.
        residual = np.where(np.abs(residual) < 1e-12, 0.0, residual)
        # NaN would leave answers out.
        scored = together.mean(np.where(np.isnan(residual), 0.0, residual), term="answers")
        each = total / together.weighted_base
        error = np.where(np.isnan(share), np.nan, scored.std_error / each)
        # Those who all answer alike are no more than so many.
        alike = together.effective_base * np.minimum(each, 1.0)
        sample = np.where(error > 0, share * (1 - share) / error**2, alike)
    nobody = (together.base > 0) & (total == 0)
    return evolve(
        scored,
        item=name,
        value=share,
        std_error=error,
        unit="proportion",
        interval=WilsonInterval(
            share=share,
            sample=sample,
            df=(together.base - 1).astype(np.float64),
            method="wilson_ratio",
        ),
        message=tuple(NOBODY if one else "" for one in nobody.tolist()),
    )
