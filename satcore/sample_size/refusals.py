"""What can't be planned with, told with its cure."""

from __future__ import annotations

import math
from typing import Final

from satcore.errors import OptionError

#: More answers than this are beyond any survey.
MOST_ANSWERS: Final = 1e10

#: The greatest factor of answers, and the least is one over it; one beyond is a slip of the finger.
MOST_RATIO: Final = 1_000.0


def outside(option: str, value: float, right: str) -> OptionError:
    """The refusal of a value outside its range."""
    return OptionError(option, f"{value:g} can't stand: it is {right}{fraction_hint(value)}")


def fraction_hint(value: float) -> str:
    """What a percentage that was typed as a number was meant to be."""
    return f"; did you mean {value / 100:g}?" if 1 < abs(value) <= 100 else ""


def check_share(option: str, value: float, *, ends: bool = True) -> None:
    """Refuse what is no share; with ``ends`` out, 0 and 1 too."""
    if ends and 0 <= value <= 1:
        return
    if not ends and 0 < value < 1:
        return
    right = "a share from 0 to 1" if ends else "a share between 0 and 1"
    raise outside(option, value, right)


def check_finite(option: str, value: float) -> None:
    """Refuse what is no finite number."""
    if not math.isfinite(value):
        raise OptionError(option, f"{value:g} is no number to plan with")


def check_sd(sd: float) -> None:
    """Refuse a standard deviation that is not above 0."""
    if not 0 < sd < math.inf:
        raise OptionError(
            "sd",
            f"{sd:g} can't stand: the answers' standard deviation is above 0; take it from an "
            "earlier survey, or a quarter of the scale's range",
        )


def check_change(change: float) -> None:
    """Refuse what is no change."""
    check_finite("change", change)
    if change == 0:
        raise OptionError("change", "a change of 0 can't be shown, however many answer")


def check_ratio(ratio: float) -> None:
    """Refuse sizes of samples too far apart."""
    if not 1 / MOST_RATIO <= ratio <= MOST_RATIO:
        raise OptionError(
            "ratio",
            f"{ratio:g} can't stand: it is the second sample's answers for one of the first, from "
            f"{1 / MOST_RATIO:g} to {MOST_RATIO:g}",
        )


def squared_ratio(reach: float, distance: float, option: str) -> float:
    """The formulas' common end: (reach / distance)², refused where no survey is so large."""
    quotient = reach / distance if distance else math.inf
    if not quotient * quotient <= MOST_ANSWERS:
        raise OptionError(
            option, f"it takes more than {MOST_ANSWERS:.0e} answers; ask for something coarser"
        )
    return quotient * quotient


def refuse_equal(expect: float, target: float) -> None:
    """Refuse a truth on the target: no number of answers shows it."""
    if expect == target:
        raise OptionError(
            "target",
            f"what is expected equals the target, {target:g}: however many answer, the bound "
            "clears it only by luck; expect more, or aim lower",
        )
