"""What is asked for, and what is answered."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from satcore.errors import OptionError
from satcore.inference import normal_quantile, two_sided_level
from satcore.sample_size.refusals import MOST_RATIO, outside

#: The greatest power: beyond it rounding would decide.
MOST_POWER: Final = 0.9999

#: The least probability of an error in one cell, for the same reason.
LEAST_ERROR: Final = 1e-9

#: The least response rate; one below it is a slip of the finger.
LEAST_RATE: Final = 1e-6


@frozen(kw_only=True)
class Conditions:
    """Under what conditions a goal is to be reached.

    Attributes:
        confidence: Confidence of bounds, tests and intervals.
        power: Probability of showing what is true.
        two_sided: Whether both directions are tested; None for what is usual: changes are tested
            two-sided, targets one-sided.
        design_effect: What weights and clusters multiply variances by (Kish 1965).
        response_rate: The part of those invited who answer; None where nobody asks.
        cells: Cells that must all be held to the confidence together (Bonferroni).

    Raises:
        OptionError: A value outside its range.
    """

    confidence: float = 0.95
    power: float = 0.8
    two_sided: bool | None = None
    design_effect: float = 1.0
    response_rate: float | None = None
    cells: int = 1

    def __attrs_post_init__(self) -> None:
        if not 0.5 < self.confidence < 1:
            raise outside("confidence", self.confidence, "between 0.5 and 1, as 0.95")
        if not 0.5 <= self.power <= MOST_POWER:
            raise outside("power", self.power, f"from 0.5 to {MOST_POWER:g}, as 0.8")
        if not 1 <= self.design_effect <= MOST_RATIO:
            raise OptionError(
                "design_effect",
                f"{self.design_effect:g} can't stand: weights and clusters cost answers, so it is "
                f"1 or more, as 1.3, and at most {MOST_RATIO:g}",
            )
        if self.response_rate is not None and not LEAST_RATE <= self.response_rate <= 1:
            raise outside("response_rate", self.response_rate, f"from {LEAST_RATE:g} to 1, as 0.2")
        if self.cells < 1:
            raise OptionError("cells", f"{self.cells} can't stand: there is at least one cell")
        if 1 - self.cell_confidence < LEAST_ERROR:
            raise OptionError(
                "confidence",
                f"{self.confidence!r} in {self.cells} cells leaves an error below {LEAST_ERROR:g} "
                "for each, which no approximation keeps; ask for less",
            )

    @property
    def cell_confidence(self) -> float:
        """The confidence of each cell, so that all together have the asked one (Bonferroni)."""
        return 1 - (1 - self.confidence) / self.cells

    def z(self, two_sided: bool) -> float:
        """The normal quantile that a bound or test of one cell uses."""
        level = self.cell_confidence
        return normal_quantile(two_sided_level(level) if two_sided else level)

    def sides(self, usual: bool) -> bool:
        """Whether both directions are tested, where nothing else is asked: ``usual``."""
        return usual if self.two_sided is None else self.two_sided


@frozen(kw_only=True)
class Neighbour:
    """The answers that another power or confidence would take.

    Attributes:
        level: The power, or the confidence where an interval's width is asked for.
        answers: Answers of a cell, of the first sample where there are two.
        second: Answers of the second sample; None where there is one.
    """

    level: float
    answers: int
    second: int | None


@frozen(kw_only=True)
class SampleSize:
    """How many answers it takes, and what that number rests on.

    Attributes:
        measure: ``share``, ``mean`` or ``nps``.
        goal: ``target``, ``change`` or ``margin``.
        aim: What is to be reached, in words that follow "to".
        rule: When it counts as reached, a sentence.
        answers: Answers of one cell, of the first sample where there are two, with the design
            effect.
        second: Answers of the second sample; None where there is one.
        total: Answers of all samples and cells.
        invitations: People to invite for the total; None without a response rate.
        simple: Answers without the design effect (of the first sample).
        formula: The formula's name and source.
        formula_answers: What the formula alone gives, not rounded.
        reached: The power at ``simple`` answers; None where it was not computed.
        reached_by: How ``reached`` was found.
        lasting: No number of answers from ``simple`` up to this one has less than the asked power;
            None where only ``simple`` itself was looked at.
        two_sided: Whether both directions are tested.
        conditions: What was asked for.
        assumes: What the number assumes, sentence by sentence.
        neighbours: The answers for other powers, or confidences for a margin.
    """

    measure: str
    goal: str
    aim: str
    rule: str
    answers: int
    second: int | None
    total: int
    invitations: int | None
    simple: int
    formula: str
    formula_answers: float
    reached: float | None
    reached_by: str
    lasting: int | None
    two_sided: bool
    conditions: Conditions
    assumes: tuple[str, ...]
    neighbours: tuple[Neighbour, ...]
