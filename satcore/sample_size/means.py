"""Answers for means."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np
from attrs import evolve

from satcore.errors import OptionError
from satcore.inference import normal_quantile, student_quantile, two_sided_level
from satcore.sample_size.conditions import Conditions, SampleSize
from satcore.sample_size.powers import student_power
from satcore.sample_size.refusals import (
    check_change,
    check_finite,
    check_ratio,
    check_sd,
    refuse_equal,
    squared_ratio,
)
from satcore.sample_size.solving import Solved, finished, rounded_up, smallest
from satcore.sample_size.words import bound_rule, change_rule, side, width_rule

#: Halvings on the way to the formula's number for means.
BISECTIONS: Final = 64


def mean_target(
    *, expect: float, target: float, sd: float, conditions: Conditions | None = None
) -> SampleSize:
    """Answers that show a mean above a target, or below it.

    Args:
        expect: The mean that is thought to be true.
        target: The target; "at least" where ``expect`` is above it, "at most" where below.
        sd: The standard deviation of the answers.
        conditions: Confidence, power and the rest.

    Raises:
        OptionError: A standard deviation that isn't above 0, or a mean equal to its target.
    """
    asked = conditions or Conditions()
    check_finite("expect", expect)
    check_finite("target", target)
    check_sd(sd)
    refuse_equal(expect, target)
    least, two_sided = expect > target, asked.sides(usual=False)
    return finished(
        _mean_solver(abs(expect - target), sd, asked, two_sided),
        asked,
        measure="mean",
        goal="target",
        aim=f"show that the mean is {side(least)} {target:g} if in truth it is {expect:g}",
        rule=bound_rule(least, two_sided, asked, "t", f"{target:g}"),
        formula="one mean against a fixed value, noncentral t, as R's power.t.test",
        reached_by="the noncentral t distribution",
        two_sided=two_sided,
        assumes=(f"The answers' standard deviation is {sd:g}.",),
    )


def mean_change(
    *, change: float, sd: float, ratio: float = 1.0, conditions: Conditions | None = None
) -> SampleSize:
    """Answers of two independent samples that show a change of a mean.

    Args:
        change: What the mean changes by, in its own unit.
        sd: The standard deviation of the answers, the same in both samples.
        ratio: Answers of the second sample for each one of the first.
        conditions: Confidence, power and the rest.

    Raises:
        OptionError: A standard deviation that isn't above 0, no change, or no such ratio.
    """
    asked = conditions or Conditions()
    check_change(change)
    check_sd(sd)
    check_ratio(ratio)
    two_sided = asked.sides(usual=True)
    return finished(
        _mean_solver(abs(change), sd, asked, two_sided, ratio=ratio),
        asked,
        measure="mean",
        goal="change",
        aim=f"show that the mean changed if in truth it changed by {change:+g}",
        rule=change_rule(two_sided, asked),
        formula="two independent means, noncentral t, as R's power.t.test",
        reached_by="the noncentral t distribution",
        two_sided=two_sided,
        ratio=ratio,
        assumes=(
            f"The answers' standard deviation is {sd:g} in both samples.",
            "The two samples are different people, drawn independently.",
        ),
    )


def mean_margin(*, margin: float, sd: float, conditions: Conditions | None = None) -> SampleSize:
    """Answers for an interval of a mean of a wanted width.

    Args:
        margin: Half the interval's width, in the mean's unit.
        sd: The standard deviation of the answers.
        conditions: Confidence and the rest; the power has no part in it.

    Raises:
        OptionError: A margin or a standard deviation that isn't above 0.
    """
    asked = conditions or Conditions()
    check_sd(sd)
    if not 0 < margin < math.inf:
        raise OptionError("margin", f"{margin:g} can't stand: half the width is above 0")

    def solve(confidence: float) -> Solved:
        level = two_sided_level(evolve(asked, confidence=confidence).cell_confidence)
        formula = squared_ratio(normal_quantile(level) * sd, margin, "margin")

        def narrow(n: int) -> bool:
            t = float(student_quantile(level, np.array([n - 1.0]))[0])
            return t * sd / math.sqrt(n) <= margin

        return Solved(answers=smallest(narrow, start=2), formula=formula)

    return finished(
        solve,
        asked,
        measure="mean",
        goal="margin",
        aim=f"know the mean to ± {margin:g}",
        rule=width_rule(asked, "t", f"{margin:g}"),
        formula="z² sd² / margin² (Cochran 1977)",
        two_sided=True,
        assumes=(f"The answers' standard deviation is {sd:g}.",),
    )


def _mean_solver(
    distance: float, sd: float, asked: Conditions, two_sided: bool, ratio: float | None = None
) -> Callable[[float], Solved]:
    """Answers by power for one mean, or for two where there is a ratio, by the noncentral t."""
    level = two_sided_level(asked.cell_confidence) if two_sided else asked.cell_confidence
    per_answer = 1.0 if ratio is None else 1 + 1 / ratio
    least = 2.0 if ratio is None else max(2.0, 2.0 / ratio)

    def power_at(n: float) -> float:
        df = n - 1 if ratio is None else n * (1 + ratio) - 2
        return student_power(df, distance / sd * math.sqrt(n / per_answer), level)

    def solve(power: float) -> Solved:
        reach = (normal_quantile(level) + normal_quantile(power)) * sd * math.sqrt(per_answer)
        # The t distribution asks for more than the normal one.
        normal = squared_ratio(reach, distance, "target" if ratio is None else "change")
        low, high = least, max(2 * normal, 2 * least)
        while power_at(high) < power:
            high *= 2
        for _ in range(BISECTIONS):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if power_at(middle) < power else (low, middle)
        answers = rounded_up(high)
        return Solved(answers=answers, formula=high, reached=power_at(answers))

    return solve
