"""Which answers count: thresholds, boxes and how they are called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from satcore import (
    SHARE_INTERVALS,
    WEIGHTED_SHARE_INTERVALS,
    Codebook,
    OptionError,
    near,
    weighted_refusal,
)

#: The percentiles that may be asked for.
QUANTILES: Final = (5, 10, 25, 75, 90, 95)

#: Scales, by their number of answers, whose two best answers are customarily the satisfied ones:
#: 4 and 5 of 1..5, 6 and 7 of 1..7, 9 and 10 of 1..10 and 0..10.
CUSTOMARY: Final = (5, 7, 10, 11)


def check_interval(interval: str | None, codebook: Codebook) -> None:
    """Hold the name of a share's interval against those that there are.

    Raises:
        OptionError: An unknown one, or one that can't stand under weights.
    """
    if interval is not None and interval not in SHARE_INTERVALS:
        raise OptionError(
            "interval",
            f"{interval!r} is none of {', '.join(SHARE_INTERVALS)}"
            f"{near(interval, SHARE_INTERVALS)}",
        )
    if codebook.weighted and interval not in (None, *WEIGHTED_SHARE_INTERVALS):
        raise OptionError("interval", weighted_refusal(interval or "", WEIGHTED_SHARE_INTERVALS))


def customary(low: int, high: int, *, falling: bool) -> int:
    """The threshold where none is named: the second best answer of a customary scale.

    Args:
        low: The scale's lowest answer.
        high: Its highest.
        falling: Whether low answers are the good ones.

    Raises:
        OptionError: A scale for which there is no custom.
    """
    answers = high - low + 1
    if answers not in CUSTOMARY:
        raise OptionError(
            "threshold",
            f"there is no customary one for the {answers} answers of {low}..{high} (only for 5, 7, "
            "10 and 11): name the least answer that counts",
        )
    return low + 1 if falling else high - 1


def counted(low: int, high: int, threshold: int, *, falling: bool) -> tuple[int, ...]:
    """The answers from a threshold to the good end of the scale.

    Raises:
        OptionError: A threshold outside the scale, or one that all answers meet.
    """
    first, last = (low, high - 1) if falling else (low + 1, high)
    if not first <= threshold <= last:
        raise OptionError(
            "threshold",
            f"{threshold} divides nothing on {low}..{high}: it has to be from {first} to {last}",
        )
    return tuple(range(low, threshold + 1)) if falling else tuple(range(threshold, high + 1))


def check_box(box: Sequence[int], low: int, high: int) -> None:
    """Hold a box of answers against the scale.

    Raises:
        OptionError: None at all, one twice, or one outside the scale.
    """
    if not box:
        raise OptionError("box", "it is empty: name at least one answer")
    outside = [answer for answer in box if not low <= answer <= high]
    if outside:
        raise OptionError("box", f"{outside[0]} is no answer of {low}..{high}")
    twice = sorted({answer for answer in box if tuple(box).count(answer) > 1})
    if twice:
        raise OptionError("box", f"{twice[0]} stands there twice")


def check_quantiles(quantiles: Iterable[int]) -> None:
    """Hold percentiles against those that there are.

    Raises:
        OptionError: Another one, or one twice.
    """
    asked = tuple(quantiles)
    unknown = [one for one in asked if one not in QUANTILES]
    if unknown:
        known = ", ".join(map(str, QUANTILES))
        raise OptionError("quantiles", f"{unknown[0]} is none of {known}; 50 is the median")
    if len(set(asked)) < len(asked):
        raise OptionError("quantiles", "one stands there twice")


def spans(answers: Sequence[int], to: str, comma: str) -> str:
    """Answers for people: neighbours as a span, ``4 to 5``; others one by one."""
    runs: list[list[int]] = []
    for answer in sorted(answers):
        if runs and runs[-1][-1] == answer - 1:
            runs[-1].append(answer)
        else:
            runs.append([answer])
    return comma.join(str(run[0]) if len(run) == 1 else f"{run[0]}{to}{run[-1]}" for run in runs)
