"""Simple loyalty: how many would buy again, recommend, stay; and how loyalty follows satisfaction.

Sources: Jones and Sasser (1995), "Why satisfied customers defect", Harvard Business Review 73(6)
(loyalty by level of satisfaction, and the four kinds of customers).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import numpy as np
from attrs import evolve, frozen

from satcore import (
    Chart,
    Codebook,
    Estimate,
    FloatArray,
    Indicator,
    Item,
    Metric,
    OptionError,
    Results,
    Statistic,
    Sum,
    Tallied,
    Tally,
    Text,
    near,
)

#: What the numbers of all intentions together, or of all levels, are called.
OVERALL: Final = "overall"

#: The most entries that a table may have.
MOST_ENTRIES: Final = 131_072

#: The four kinds of customers by Jones and Sasser: satisfied or not, loyal or not.
KINDS: Final[Mapping[str, tuple[bool, bool]]] = {
    "loyalists": (True, True),
    "mercenaries": (True, False),
    "hostages": (False, True),
    "defectors": (False, False),
}

#: What usual intentions are called.
TITLES: Final[Mapping[str, Text]] = {
    name: Text.of({"en": english, "zh": chinese})
    for name, english, chinese in (
        ("repurchase", "Would buy again", "愿意再次购买"),
        ("recommend", "Would recommend", "愿意推荐"),
        ("stay", "Would stay", "愿意继续使用"),
    )
}

ALIKE: Final = "everybody is equally satisfied"


def table(option: str, *items: Item) -> Tally:
    """The table of some items.

    Args:
        option: The option to name where it would be too large.
        items: The items.

    Raises:
        OptionError: It would be.
    """
    size = math.prod(item.size for item in items)
    if size > MOST_ENTRIES:
        names = " and ".join(f"{item.name!r} ({item.scale})" for item in items)
        raise OptionError(
            option,
            f"the table of {names} would have {size:,} entries, and {MOST_ENTRIES:,} are the most; "
            "take scales of fewer answers",
        )
    return Tally(*items)


def _picked(item: Item, option: str, codes: tuple[int, ...]) -> tuple[int, ...]:
    """Codes of a scale that leave something over.

    Raises:
        OptionError: None, all, or one that is no value of the scale.
    """
    odd = [code for code in codes if not item.low <= code <= item.high]
    if odd:
        raise OptionError(option, f"{odd[0]} is no value of {item.name!r}, which is {item.scale}")
    if not codes or len(set(codes)) == item.levels:
        which = "no answer" if not codes else "every answer"
        raise OptionError(option, f"{which} of {item.name!r} counts; name some of {item.scale}")
    return tuple(sorted(set(codes)))


@frozen(kw_only=True)
class LoyaltyShares(Metric):
    """Shares of loyal customers: by intention, in every respect, in none.

    Attributes:
        intentions: A column by intention: ``{ repurchase = "Q7", recommend = "Q8", stay = "Q9" }``.
        scale: The columns' scale.
        loyal: Answers that count as loyal.
        titles: What intentions are called for people, by name.
    """

    intentions: Mapping[str, str]
    scale: str = "1..10"
    loyal: tuple[int, ...] = (9, 10)
    titles: Mapping[str, Text] | None = None

    def statistics(self, codebook: Codebook) -> Mapping[str, Statistic | Mapping[str, Statistic]]:
        """A table of each intention, and of how many intentions each respondent has.

        Raises:
            OptionError: No intention, a column twice, or answers that are none of the scale.
        """
        if not self.intentions:
            raise OptionError("intentions", 'name some, as { recommend = "Q8" }')
        if OVERALL in self.intentions:
            raise OptionError("intentions", f"{OVERALL!r} is the name of all together")
        columns = list(self.intentions.values())
        twice = [column for column in columns if columns.count(column) > 1]
        if twice:
            raise OptionError("intentions", f"the column {twice[0]!r} stands there twice")
        odd = [name for name in self.titles or {} if name not in self.intentions]
        if odd:
            raise OptionError(
                "titles", f"{odd[0]!r} is no intention{near(odd[0], self.intentions)}"
            )
        items = {name: codebook.item(of, self.scale) for name, of in self.intentions.items()}
        flags = tuple(
            Indicator(item, _picked(item, "loyal", self.loyal)) for item in items.values()
        )
        declared: dict[str, Statistic | Mapping[str, Statistic]] = {
            "answers": {name: Tally(item) for name, item in items.items()}
        }
        if len(items) > 1:
            declared["together"] = Tally(Sum(flags, name="loyal"))
        return declared

    def evaluate(
        self, answers: Mapping[str, Tallied], together: Tallied | None = None
    ) -> Iterator[Estimate]:
        """The share of each intention; those with all of them, and with none."""
        for name, tally in answers.items():
            yield tally.share(self.loyal, term="share", item=name)
        if together is not None:
            yield together.share([len(answers)], term="secure", item=OVERALL)
            yield together.share([0], term="at_risk", item=OVERALL)

    def item_title(self, item: str, language: str = "en") -> str:
        """An intention's name for people."""
        if item == OVERALL:
            return "全部意向" if language == "zh" else "All intentions"
        title = (self.titles or {}).get(item) or TITLES.get(item)
        return title.said(language) if title is not None else ""

    def charts(self, results: Results, name: str, language: str = "en") -> Iterable[Chart]:
        """The shares with their intervals."""
        from satcore_loyalty.curves import share_charts

        return share_charts(results, name, language)

    def findings(self, results: Results, name: str, language: str = "en") -> Iterable[str]:
        """Who is loyal in every respect, and who in none."""
        from satcore_loyalty.findings import share_findings

        return share_findings(results, name, language)


@frozen(kw_only=True)
class LoyaltyLink(Metric):
    """How loyalty follows satisfaction: the share of loyal customers at each level.

    Attributes:
        satisfaction: The column of satisfaction.
        loyalty: The column of an intention.
        scale: The scale of satisfaction.
        loyalty_scale: That of the intention; the same where left out.
        loyal: Answers that count as loyal.
        satisfied: Answers that count as satisfied.
    """

    satisfaction: str
    loyalty: str
    scale: str = "1..10"
    loyalty_scale: str | None = None
    loyal: tuple[int, ...] = (9, 10)
    satisfied: tuple[int, ...] = (9, 10)

    def statistics(self, codebook: Codebook) -> Mapping[str, Statistic]:
        """The table of both questions.

        Raises:
            OptionError: One column for both, or answers that are none of the scale.
        """
        if self.satisfaction == self.loyalty:
            raise OptionError("loyalty", f"{self.loyalty!r} is the column of satisfaction too")
        satisfaction = codebook.item(self.satisfaction, self.scale)
        loyalty = codebook.item(self.loyalty, self.loyalty_scale or self.scale)
        _picked(satisfaction, "satisfied", self.satisfied)
        _picked(loyalty, "loyal", self.loyal)
        return {"both": table("scale", satisfaction, loyalty)}

    def evaluate(self, both: Tallied) -> Iterator[Estimate]:
        """The curve, its slope, and the four kinds of customers."""
        level, answer = both.grid(0), both.grid(1)
        loyal = np.isin(answer, self.loyal)
        for one in np.unique(level):
            here = level == one
            yield both.share(here & loyal, term="share", item=str(int(one)), among=here)
        yield _slope(both, level, loyal.astype(np.float64))
        satisfied = np.isin(level, self.satisfied)
        for kind, (pleased, stays) in KINDS.items():
            who = (satisfied == pleased) & (loyal == stays)
            yield both.share(who, term=kind, item=OVERALL)

    def item_title(self, item: str, language: str = "en") -> str:
        """A level of satisfaction for people."""
        if item == OVERALL:
            return "全部" if language == "zh" else "All"
        return f"满意度 {item}" if language == "zh" else f"Satisfaction {item}"

    def charts(self, results: Results, name: str, language: str = "en") -> Iterable[Chart]:
        """The curve with its intervals."""
        from satcore_loyalty.curves import link_charts

        return link_charts(results, name, language)

    def findings(self, results: Results, name: str, language: str = "en") -> Iterable[str]:
        """What a point of satisfaction goes with, and how many are loyal without it."""
        from satcore_loyalty.findings import link_findings

        return link_findings(results, name, language)


def _summed(table: FloatArray) -> FloatArray:
    """Sums over the answers, one after the other: a cell's are the same alone and among others."""
    return np.asarray(np.cumsum(table, axis=1)[:, -1])


def _slope(both: Tallied, level: FloatArray, loyal: FloatArray) -> Estimate:
    """By how much the share of loyal customers rises with a point of satisfaction.

    Least squares of the flag on the level; the error is the sandwich's, which supposes neither a
    straight line nor equal variances: that of the mean of (x - x̄)(y - ȳ - b(x - x̄)) / Var(x).
    """
    weights = both.weights
    with np.errstate(divide="ignore", invalid="ignore"):
        total = _summed(weights)[:, None]
        x = level - _summed(weights * level)[:, None] / total
        y = loyal - _summed(weights * loyal)[:, None] / total
        spread = _summed(weights * x * x)[:, None] / total
        alike = ~(spread[:, 0] > 1e-12)
        slope = np.where(alike, np.nan, _summed(weights * x * y) / (total * spread)[:, 0])
        influence = x * (y - slope[:, None] * x) / spread
    scored = both.mean(np.where(np.isfinite(influence), influence, 0.0), term="slope")
    error = np.where(alike, np.nan, scored.std_error)
    interval = scored.interval
    assert interval is not None  # noqa: S101 - a mean has one
    return evolve(
        scored,
        item=OVERALL,
        value=slope,
        std_error=error,
        unit="proportion",
        interval=evolve(interval, centre=slope, std_error=error),  # type: ignore[misc]
        null=0.0,
        message=tuple(
            ALIKE if one and base else ""
            for one, base in zip(alike.tolist(), both.base.tolist(), strict=True)
        ),
    )
