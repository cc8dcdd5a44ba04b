"""What the people of a synthetic survey are like."""

from __future__ import annotations

import datetime as dt
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import Attribute, field, frozen

from satcore.errors import OptionError


def _between(low: float, high: float, *, below: bool = False) -> Callable[..., None]:
    def check(_: Any, attribute: Attribute[float], value: float) -> None:
        if not low <= value <= high or (below and value == high):
            end = f"below {high:g}" if below else f"to {high:g}"
            raise OptionError(attribute.name, f"{value!r} is not from {low:g} {end}")

    return check


def _finite(_: Any, attribute: Attribute[float], value: float) -> None:
    if not math.isfinite(value):
        raise OptionError(attribute.name, f"{value!r} is no number")


def _at_least_one(_: Any, attribute: Attribute[int], value: int) -> None:
    if value < 1:
        raise OptionError(attribute.name, f"{value} is less than 1")


@frozen(kw_only=True)
class Settings:
    """The people, and how they answer. Latent answers have a standard deviation of 1.

    Attributes:
        correlation: Correlation of the latent answers to two questions of one dimension (of one
            metric, where it has no dimensions); half of it between two dimensions of a metric.
        missing_rate: Probability that an answer is missing, whatever it would have been.
        not_used: Probability that a respondent leaves out all questions of a dimension.
        break_off: Probability that a respondent stops midway; what follows is missing.
        shift: How far the segment that answers highest, and lowest, lies from the middle.
        drift: What latent answers gain from one wave to the next.
        waves: How many waves there are, unless the study names them.
        start: A day of the first wave.
        dropped: Share of the responses that a rule of ``[[keep]]`` drops.
        answers: Probabilities of an item's answers, from its least value upwards, for respondents
            in the middle of all segments and waves.
    """

    correlation: float = field(default=0.4, validator=_between(0, 1, below=True))
    missing_rate: float = field(default=0.02, validator=_between(0, 1))
    not_used: float = field(default=0.0, validator=_between(0, 1))
    break_off: float = field(default=0.0, validator=_between(0, 1))
    shift: float = field(default=0.3, validator=_finite)
    drift: float = field(default=0.0, validator=_finite)
    waves: int = field(default=12, converter=operator.index, validator=_at_least_one)
    start: dt.date = dt.date(2025, 1, 1)
    dropped: float = field(default=0.05, validator=_between(0, 1, below=True))
    answers: Mapping[str, Sequence[float]] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        for name, shares in self.answers.items():
            sound = all(math.isfinite(share) and share >= 0 for share in shares)
            if not sound or abs(math.fsum(shares) - 1) > 1e-9:
                raise OptionError(
                    "answers", f"the probabilities of {name!r} are not 0 or more with the sum 1"
                )
