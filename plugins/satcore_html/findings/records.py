"""Facts and findings: what was found, free of any language, and the same for a reader."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from attrs import field, frozen

#: The cell of a row; empty for the total.
CellLabels: TypeAlias = "Mapping[str, str | None]"

#: The statuses of numbers that may be told.
SHOWN: Final = ("ok", "small")

#: What a fact says.
#:
#: Claims: ``high`` and ``low`` (a cell against the rest or another cell, or a number against a
#: fixed value), ``rose`` and ``fell`` (a wave against the one before), ``item_high`` and
#: ``item_low`` (an item against another of the same people), ``met`` and ``not_met`` (a standard).
#: Descriptions: ``highest`` and ``lowest`` (an item among all), ``standard`` (how many cells meet
#: one), ``own`` (a metric's sentence). What is left open: ``none`` (no difference was shown),
#: ``open`` (a standard is neither met nor failed). Counts of what can't be said: the others.
Kind: TypeAlias = Literal[
    "high",
    "low",
    "rose",
    "fell",
    "item_high",
    "item_low",
    "met",
    "not_met",
    "highest",
    "lowest",
    "standard",
    "own",
    "trend",
    "none",
    "open",
    "suppressed",
    "small",
    "empty",
    "undefined",
    "error",
    "failed",
    "invalid",
    "dropped",
    "skipped",
]

#: The questions that a manager has, in their order.
Question: TypeAlias = Literal["stands_out", "changed", "standards", "unsaid"]
QUESTIONS: Final[tuple[Question, ...]] = ("stands_out", "changed", "standards", "unsaid")

#: The kinds that claim a difference, and the side on which it lies.
SIDES: Final[Mapping[str, int]] = {
    "high": 1,
    "low": -1,
    "rose": 1,
    "fell": -1,
    "item_high": 1,
    "item_low": -1,
}


@frozen(kw_only=True)
class Fact:
    """One thing that the results show, or don't; its numbers are those of the rows.

    Attributes:
        kind: What it says.
        question: The question that it answers.
        metric: The metric's name in the study; empty for what concerns all of them.
        item: The item; empty where several are meant.
        term: The term.
        cell: The cell; empty for the total, or where several are meant.
        against: What it is held against, as in comparison rows; None for the rest, or nothing.
        compared: The kind of the comparison row; empty where nothing is compared.
        along: The dimension compared along.
        axes: The dimensions of the cells.
        standard: The name of the standard.
        value: The estimate.
        low: The lower bound of its interval.
        high: The upper bound.
        unit: The unit of the value.
        difference: The difference of a claim.
        difference_low: The lower bound of its interval; of several, the least.
        difference_high: The upper bound; of several, the greatest.
        p_adjusted: The p-value after Holm.
        bound: The one-sided bound that decided on a standard.
        target: What the standard asks.
        outcomes: How many cells meet a standard, do not, or leave it open.
        needed: About how many more answers would decide.
        confidence: The level of the intervals.
        base: Answers.
        small: Whether it rests on few answers.
        firm: Whether a claim would stand though every family of comparisons in the results
            were allowed for (Bonferroni over the families, on top of Holm within each).
        count: How many: comparisons, items, numbers, responses.
        of: Out of how many.
        items: The number of items meant.
        together: The number of these items in which a test of all groups at once finds
            differences.
        text: A metric's own sentence.
        rank: Where it stands among its like: the less, the earlier.
    """

    kind: Kind
    question: Question
    metric: str = ""
    item: str = ""
    term: str = ""
    cell: CellLabels = field(factory=dict)
    against: CellLabels | None = None
    compared: str = ""
    along: str = ""
    axes: tuple[str, ...] = ()
    standard: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    difference: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None
    p_adjusted: float | None = None
    bound: float | None = None
    target: float | list[float] | None = None
    outcomes: Mapping[str, int] = field(factory=dict)
    needed: int | None = None
    confidence: float = 0.95
    base: int | None = None
    small: bool = False
    firm: bool = True
    count: int = 0
    of: int = 0
    items: int = 1
    together: int = 0
    text: str = ""
    rank: tuple[float, ...] = ()

    @property
    def claims(self) -> bool:
        """Whether it says that a difference or an outcome was shown."""
        return self.kind in SIDES or self.kind in ("met", "not_met")


@frozen(kw_only=True)
class Finding:
    """A fact in the reader's language.

    Attributes:
        fact: The fact.
        subject: What it is about: the metric, and the item where there are several.
        sentence: The sentence, with the interval where it claims anything.
        sure: How sure it is; empty where the sentence says so.
        anchor: The id of the section that it comes from.
    """

    fact: Fact
    subject: str
    sentence: str
    sure: str
    anchor: str


@frozen(kw_only=True)
class Group:
    """The answer to one question.

    Attributes:
        question: The question.
        title: The question in the reader's language.
        findings: The findings, in order.
        more: How many were left out; empty where none were.
        nothing: What is said where there is no finding.
    """

    question: Question
    title: str
    findings: tuple[Finding, ...]
    more: str
    nothing: str


@frozen(kw_only=True)
class Findings:
    """The page of findings.

    Attributes:
        groups: The questions with their answers.
        note: How claims are made, and how many would be made by chance; empty where nothing was
            compared.
    """

    groups: tuple[Group, ...]
    note: str
