"""Service standards: targets held against one-sided bounds, cell by cell.

A standard is met where the bound on the doubtful side clears the target, not met where the other
bound fails it, and not shown in between: a number on the right side of a target is no proof.
A number without an error by any method, as a count of signals, is held against the target itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, Literal, TypeAlias

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from satcore.codebook import Text
from satcore.errors import listed
from satcore.inference import FloatArray, IntArray
from satcore.results import Outcome, Rule

_BoolArray: TypeAlias = NDArray[np.bool_]

#: From a two-sided level to the lower and upper bounds of all cells at hand.
Bounds: TypeAlias = Callable[[float], tuple[FloatArray, FloatArray]]

#: A value this near to a target, relative to it, stands on it.
_ROUNDING: Final = 1e-12

#: More answers than this are told as none: no survey has as many.
_MOST_NEEDED: Final = 10**12


#: Said of numbers that were held against a target themselves.
AS_IT_STANDS: Final = "judged as it stands, without an interval"


@frozen(kw_only=True)
class Standard:
    """One standard as it is planned: which numbers have to lie where.

    Attributes:
        metric: The metric's name in the study.
        rule: What is asked.
        low: The least value that is good enough; for ``no_worse_than`` the least difference.
        high: The greatest value that is good enough, likewise.
        term: The term; the metric's primary one where None.
        item: The item; the only one that has the term where None.
        by: The grouping sets whose cells are held, ``along`` among their dimensions.
        along: For ``no_worse_than``, the dimension along which cells are compared.
        reference: The label there that the others are held against; None for the wave before.
        confidence: One-sided confidence, above 0.5.
        adjust: ``"holm"`` to allow for the number of cells; None to take each for itself.
        title: What it is called; None to call it by what it asks.
    """

    metric: str
    rule: Rule
    low: float = -math.inf
    high: float = math.inf
    term: str | None = None
    item: str | None = None
    by: tuple[tuple[str, ...], ...] = ((),)
    along: str = ""
    reference: str | None = None
    confidence: float = 0.95
    adjust: Literal["holm"] | None = None
    title: Text | None = None

    @property
    def sets(self) -> tuple[tuple[str, ...], ...]:
        """The grouping sets that have to be scanned for it."""
        return self.by

    @property
    def target(self) -> float | list[float]:
        """The target as rows show it; of ``no_worse_than``, the worst difference allowed."""
        if self.rule == "between":
            return [self.low, self.high]
        return self.low if math.isfinite(self.low) else self.high

    @property
    def name(self) -> str:
        """Its title, or what it asks: ``nps at least 30 by region``."""
        if self.title is not None and (said := self.title.said("en")):
            return said
        what = " ".join(part for part in (self.metric, self.item, self.term) if part)
        sets = ["*".join(name for name in names if name != self.along) for names in self.by]
        by = listed([names for names in sets if names])
        return f"{what} {self._asked()}{f' by {by}' if by else ''}"

    def _asked(self) -> str:
        if self.rule == "between":
            return f"between {self.low:g} and {self.high:g}"
        if self.rule == "at_least":
            return f"at least {self.low:g}"
        if self.rule == "at_most":
            return f"at most {self.high:g}"
        against = "the wave before" if self.reference is None else f"{self.along}={self.reference}"
        margin = self.high if math.isfinite(self.high) else -self.low
        return f"{f'no more than {margin:g}' if margin else 'no'} worse than {against}"


@frozen(kw_only=True)
class Judgement:
    """What a standard says of one cell.

    Attributes:
        outcome: Whether it is met.
        bound: The one-sided bound that decided; where none did, the one that fell short.
        needed: How many more answers would decide, should the value stay; None where nothing is
            open or no number would.
        message: What to know about it.
    """

    outcome: Outcome
    bound: float | None = None
    needed: int | None = None
    message: str = ""


def judged(
    standard: Standard, value: FloatArray, base: IntArray, bounds: Bounds
) -> list[Judgement]:
    """Judge cells, or differences between cells, that make one family.

    The one-sided bound at confidence c is that of the two-sided interval at level 2c - 1.

    Args:
        standard: The standard.
        value: Values, or differences, by cell.
        base: Answers behind them.
        bounds: Their bounds at any two-sided level.

    Raises:
        ValueError: The bounds have another shape than the values.
    """
    low, high = _checked(bounds, 2 * standard.confidence - 1, value.size)
    bounded = ~(np.isnan(low) | np.isnan(high))
    # Answers that all agree have an error of 0, which is no certainty.
    agreed = bounded & (low == high)
    family = np.flatnonzero(bounded & ~agreed)

    def of_family(level: float) -> tuple[FloatArray, FloatArray]:
        low, high = _checked(bounds, level, value.size)
        return low[family], high[family]

    judgements = [
        Judgement(
            outcome="not_shown",
            message="all answers agree, which leaves no error to judge by"
            if one
            else "too few answers for an interval",
        )
        for one in agreed.tolist()
    ]
    meeting = _stepped(standard, of_family, family.size, _meets)
    failing = _stepped(standard, of_family, family.size, _fails)
    for place, cell in enumerate(family.tolist()):
        judgements[cell] = _judgement(
            standard, float(value[cell]), int(base[cell]), meeting.at(place), failing.at(place)
        )
    return judgements


def judged_as_they_stand(standard: Standard, value: FloatArray) -> list[Judgement]:
    """Judge numbers that have no error by any method, as a count of signals has none.

    Args:
        standard: The standard.
        value: Values, or differences, by cell.
    """
    return [
        Judgement(outcome="met" if one else "not_met", message=AS_IT_STANDS)
        for one in _meets(standard, value, value).tolist()
    ]


def _checked(bounds: Bounds, level: float, size: int) -> tuple[FloatArray, FloatArray]:
    low, high = (np.asarray(bound, dtype=np.float64) for bound in bounds(level))
    if low.shape != (size,) or high.shape != (size,):
        raise ValueError(f"bounds of the shapes {low.shape} and {high.shape} for {size} cells")
    return low, high


def _meets(standard: Standard, low: FloatArray, high: FloatArray) -> _BoolArray:
    return np.asarray((low >= standard.low) & (high <= standard.high))


def _fails(standard: Standard, low: FloatArray, high: FloatArray) -> _BoolArray:
    return np.asarray((high < standard.low) | (low > standard.high))


@frozen
class _Held:
    """One cell in the search for those that meet a standard, or for those that fail it.

    Attributes:
        cleared: Whether it does.
        low: The lower bound that it was held by.
        high: The upper bound.
        confidence: Their one-sided confidence.
        family: How many cells Holm's adjustment allowed for; 0 without it.
    """

    cleared: bool
    low: float
    high: float
    confidence: float
    family: int

    @property
    def told(self) -> str:
        """What became of the confidence, where several cells share it."""
        if self.family < 2:
            return ""
        return f"bound at {100 * self.confidence:.4g}% (Holm, {self.family} cells)"


@frozen(eq=False)
class _Search:
    """A search over all cells of a family; what ``_Held`` says of one, as arrays."""

    cleared: _BoolArray
    low: FloatArray
    high: FloatArray
    confidence: FloatArray
    family: int

    def at(self, place: int) -> _Held:
        """One cell."""
        return _Held(
            bool(self.cleared[place]),
            float(self.low[place]),
            float(self.high[place]),
            float(self.confidence[place]),
            self.family,
        )


def _stepped(
    standard: Standard,
    bounds: Bounds,
    size: int,
    clears: Callable[[Standard, FloatArray, FloatArray], _BoolArray],
) -> _Search:
    """Which cells clear a target in one direction.

    Holm's step-down (1979) needs no p-values where bounds can be had at any level: with r of m
    cells decided, the others are held at alpha / (m - r), until that decides no more.
    """
    alpha = 1 - standard.confidence
    holm = standard.adjust == "holm"
    cleared = np.zeros(size, dtype=bool)
    low, high, confidence = (np.full(size, np.nan) for _ in range(3))
    while not cleared.all():
        left = size - int(cleared.sum()) if holm else 1
        level = standard.confidence if left == 1 else 1 - alpha / left
        lows, highs = bounds(2 * level - 1)
        undecided = ~cleared
        low[undecided], high[undecided] = lows[undecided], highs[undecided]
        confidence[undecided] = level
        new = undecided & clears(standard, lows, highs)
        cleared |= new
        if not holm or not new.any():
            break
    return _Search(cleared, low, high, confidence, size if holm else 0)


def _judgement(
    standard: Standard, value: float, base: int, meeting: _Held, failing: _Held
) -> Judgement:
    """The judgement of one cell that has bounds."""
    if meeting.cleared:
        # Of two targets, the one that was nearer to being missed.
        below = meeting.low - standard.low <= standard.high - meeting.high
        bound = meeting.low if below else meeting.high
        return Judgement(outcome="met", bound=bound, message=meeting.told)
    if failing.cleared:
        bound = failing.high if failing.high < standard.low else failing.low
        return Judgement(outcome="not_met", bound=bound, message=failing.told)
    bound, limit, held = _short(standard, value, meeting, failing)
    needed, why = _needed(value, bound, limit, base, strictly=held is failing)
    return Judgement(
        outcome="not_shown",
        bound=bound,
        needed=needed,
        message="; ".join(part for part in (held.told, why) if part),
    )


def _short(
    standard: Standard, value: float, meeting: _Held, failing: _Held
) -> tuple[float, float, _Held]:
    """The bound that falls short, the target that it falls short of, and its search."""
    if value < standard.low:
        return failing.high, standard.low, failing
    if value > standard.high:
        return failing.low, standard.high, failing
    short = [
        (bound, limit, meeting)
        for bound, limit, falls in (
            (meeting.low, standard.low, meeting.low < standard.low),
            (meeting.high, standard.high, meeting.high > standard.high),
        )
        if falls
    ]
    return max(short, key=lambda one: _times(value, one[0], one[1]))


def _times(value: float, bound: float, limit: float) -> float:
    """How many times the answers there are would bring a bound to a target.

    The bound's distance from the value shrinks with the root of the number of answers.
    """
    if _on(value, limit):
        return math.inf
    return ((value - bound) / (value - limit)) ** 2


def _on(value: float, limit: float) -> bool:
    return math.isclose(value, limit, rel_tol=_ROUNDING, abs_tol=_ROUNDING)


def _needed(
    value: float, bound: float, limit: float, base: int, *, strictly: bool
) -> tuple[int | None, str]:
    """How many more answers would decide, or why that can't be said.

    Args:
        value: The value.
        bound: The bound that falls short.
        limit: The target.
        base: Answers there are.
        strictly: Whether the bound has to pass the target, not only to reach it.
    """
    if _on(value, limit):
        return None, "the value stands on the target, where no number of answers decides"
    answers = base * _times(value, bound, limit)
    if not answers < _MOST_NEEDED:
        return None, "more answers than any survey has would be needed"
    wanted = math.floor(answers) + 1 if strictly else math.ceil(answers)
    return max(wanted - base, 1), ""
