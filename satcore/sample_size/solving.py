"""From a power to a number of answers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np
from attrs import frozen

from satcore.inference import FloatArray, IntArray
from satcore.sample_size.conditions import Conditions, Neighbour, SampleSize

#: Powers that are told beside the asked one.
POWERS: Final = (0.7, 0.8, 0.9)

#: Confidence levels that are told beside the asked one, for intervals of a width.
CONFIDENCES: Final = (0.90, 0.95, 0.99)


@frozen(kw_only=True)
class Solved:
    """Answers for one power, before the design effect."""

    answers: int
    formula: float
    reached: float | None = None
    lasting: int | None = None


def finished(
    solve: Callable[[float], Solved],
    asked: Conditions,
    *,
    measure: str,
    goal: str,
    aim: str,
    rule: str,
    formula: str,
    two_sided: bool,
    reached_by: str = "",
    ratio: float | None = None,
    assumes: tuple[str, ...] = (),
) -> SampleSize:
    """The result: design effect, cells, invitations and neighbours are the same for every goal."""
    level = asked.confidence if goal == "margin" else asked.power
    known = CONFIDENCES if goal == "margin" else POWERS
    solved = {one: solve(one) for one in sorted({*known, level})}
    main = solved[level]

    def sizes(simple: int) -> tuple[int, int | None]:
        first = times(simple, asked.design_effect)
        if ratio is None:
            return first, None
        return first, times(times(simple, ratio), asked.design_effect)

    answers, second = sizes(main.answers)
    total = asked.cells * (answers + (second or 0))
    rate = asked.response_rate
    neighbours = []
    for one, other in solved.items():
        first, beside = sizes(other.answers)
        neighbours.append(Neighbour(level=one, answers=first, second=beside))
    return SampleSize(
        measure=measure,
        goal=goal,
        aim=aim,
        rule=rule,
        answers=answers,
        second=second,
        total=total,
        invitations=None if rate is None else rounded_up(total / rate),
        simple=main.answers,
        formula=formula,
        formula_answers=main.formula,
        reached=main.reached,
        reached_by=reached_by,
        lasting=main.lasting,
        two_sided=two_sided,
        conditions=asked,
        assumes=("The answers are a random sample of those who are asked about.", *assumes),
        neighbours=tuple(neighbours),
    )


def first_lasting(
    power_at: Callable[[IntArray], FloatArray],
    wanted: float,
    formula: float,
    margin: Callable[[int], int],
) -> Solved:
    """The smallest number from which on the power stays: no larger one falls below, by counting.

    Args:
        power_at: The power by number of answers.
        wanted: The power that must stay.
        formula: Where to begin to look.
        margin: How far beyond a number its larger ones are looked at.
    """
    near = rounded_up(formula)
    low = max(1, near - margin(near))
    high = near + margin(near)
    numbers = np.arange(low, high + 1, dtype=np.int64)
    powers = power_at(numbers)
    while True:
        short = np.flatnonzero(powers < wanted)
        first = int(numbers[short[-1]]) + 1 if short.size else int(numbers[0])
        if not short.size and first > 1:
            lower = np.arange(max(1, first // 2), first, dtype=np.int64)
            numbers = np.concatenate([lower, numbers])
            powers = np.concatenate([power_at(lower), powers])
        elif first + margin(first) > numbers[-1]:
            upper = np.arange(numbers[-1] + 1, first + margin(first) + 1, dtype=np.int64)
            numbers = np.concatenate([numbers, upper])
            powers = np.concatenate([powers, power_at(upper)])
        else:
            place = first - int(numbers[0])
            return Solved(
                answers=first,
                formula=formula,
                reached=float(powers[place]),
                lasting=int(numbers[-1]),
            )


def raised(power_at: Callable[[int], float | None], wanted: float, formula: float) -> Solved:
    """The formula's number, raised where the power that was counted out falls short of it."""
    n = max(rounded_up(formula), 2)
    while (reached := power_at(n)) is not None and reached < wanted:
        n += max(1, n // 500)
    return Solved(answers=n, formula=formula, reached=reached)


def smallest(enough: Callable[[int], bool], start: int = 1) -> int:
    """The smallest number for which a condition holds that, once true, stays so."""
    low, high = start - 1, start
    while not enough(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def rounded_up(number: float) -> int:
    """Rounded up to a whole number of answers, at least 1; 110.00000000000001 is 110."""
    return max(1, math.ceil(number * (1 - 1e-12)))


def times(answers: int, factor: float) -> int:
    """Answers times a factor, rounded up."""
    return rounded_up(answers * factor)
