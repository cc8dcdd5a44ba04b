"""Answers for the Net Promoter Score."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from attrs import evolve

from satcore.errors import OptionError
from satcore.inference import normal_quantile
from satcore.nets import ADJUSTMENT
from satcore.sample_size.conditions import Conditions, SampleSize
from satcore.sample_size.powers import net_power
from satcore.sample_size.refusals import (
    check_change,
    check_ratio,
    check_share,
    refuse_equal,
    squared_ratio,
)
from satcore.sample_size.solving import Solved, finished, first_lasting, rounded_up, smallest
from satcore.sample_size.words import bound_rule, change_rule, percent, side, width_rule

#: Formulas that ask for more answers than this are trusted, as counting out would take long.
MOST_COUNTED_NET: Final = 50_000


def nps_target(
    *,
    promoters: float,
    detractors: float,
    target: float,
    conditions: Conditions | None = None,
) -> SampleSize:
    """Answers that show a Net Promoter Score above a target, or below it.

    Args:
        promoters: The share of promoters that is thought to be true, 0 to 1.
        detractors: The share of detractors, likewise.
        target: The target in points; "at least" where the score of these shares is above it, "at
            most" where below.
        conditions: Confidence, power and the rest.

    Raises:
        OptionError: Shares outside 0 to 1 or above 1 together, a target outside -100 to 100, or
            one equal to the score.
    """
    asked = conditions or Conditions()
    net = _checked_net(promoters, detractors)
    if not -100 < target < 100:
        raise OptionError(
            "target", f"{target:g} can't be shown: a target lies between -100 and 100 points"
        )
    refuse_equal(net, target)
    least, two_sided = net > target, asked.sides(usual=False)
    z, bar = asked.z(two_sided), target / 100
    # "At most" is "at least" with the ends of the scale exchanged.
    high, low = (promoters, detractors) if least else (detractors, promoters)
    deviation = _net_deviation(promoters, detractors)

    def solve(power: float) -> Solved:
        reach = (z + normal_quantile(power)) * deviation
        formula = squared_ratio(reach, net / 100 - bar, "target")
        if formula > MOST_COUNTED_NET:
            return Solved(answers=rounded_up(formula), formula=formula)
        sign = 1 if least else -1
        return first_lasting(
            lambda n: np.array([net_power(int(one), high, low, sign * bar, z) for one in n]),
            power,
            formula,
            margin=lambda n: 5 * math.isqrt(n) + 20,
        )

    return finished(
        solve,
        asked,
        measure="nps",
        goal="target",
        aim=f"show that the NPS is {side(least)} {target:g} if in truth it is {net:g} "
        f"({percent(promoters)} promoters, {percent(detractors)} detractors)",
        rule=bound_rule(least, two_sided, asked, "adjusted Wald", f"{target:g}"),
        formula="a net against a fixed value, normal approximation, trinomial variance (Rocks "
        "2016)",
        reached_by="trinomial counts",
        two_sided=two_sided,
    )


def nps_change(
    *,
    promoters: float,
    detractors: float,
    change: float,
    ratio: float = 1.0,
    conditions: Conditions | None = None,
) -> SampleSize:
    """Answers of two independent samples that show a change of a Net Promoter Score.

    Half of the change comes from detractors who become passives, half from passives who become
    promoters (the other way round for a fall), so that the second sample's variance is known.
    Where one class runs out, the other makes the rest of the change.

    Args:
        promoters: The share of promoters before, 0 to 1.
        detractors: The share of detractors before, likewise.
        change: What the score changes by, in points.
        ratio: Answers of the second sample for each one of the first.
        conditions: Confidence, power and the rest.

    Raises:
        OptionError: Shares outside 0 to 1 or above 1 together, no change, one that leads beyond
            100 points, or no such ratio.
    """
    asked = conditions or Conditions()
    net = _checked_net(promoters, detractors)
    check_change(change)
    check_ratio(ratio)
    if not -100 <= net + change <= 100:
        raise OptionError(
            "change", f"{change:g} from {net:g} leads to {net + change:g}, beyond 100 points"
        )
    moved = _moved(promoters, detractors, change)
    two_sided = asked.sides(usual=True)
    z = asked.z(two_sided)
    error = math.hypot(
        _net_deviation(promoters, detractors), _net_deviation(*moved) / math.sqrt(ratio)
    )

    def solve(power: float) -> Solved:
        reach = (z + normal_quantile(power)) * error
        formula = squared_ratio(reach, change / 100, "change")
        return Solved(answers=rounded_up(formula), formula=formula)

    return finished(
        solve,
        asked,
        measure="nps",
        goal="change",
        aim=f"show that the NPS changed if in truth it went from {net:g} to {net + change:g}",
        rule=change_rule(two_sided, asked),
        formula="two independent nets, normal approximation, trinomial variances (Rocks 2016)",
        two_sided=two_sided,
        ratio=ratio,
        assumes=(
            (
                f"Promoters go from {percent(promoters)} to {percent(moved[0])} and detractors "
                f"from {percent(detractors)} to {percent(moved[1])}: the change is taken from "
                "both evenly, as far as both go."
            ),
            "The two samples are different people, drawn independently.",
        ),
    )


def nps_margin(
    *,
    promoters: float,
    detractors: float,
    margin: float,
    conditions: Conditions | None = None,
) -> SampleSize:
    """Answers for an interval of a Net Promoter Score of a wanted width.

    Args:
        promoters: The share of promoters that is thought to be true, 0 to 1.
        detractors: The share of detractors, likewise.
        margin: Half the interval's width, in points.
        conditions: Confidence and the rest; the power has no part in it.

    Raises:
        OptionError: Shares outside 0 to 1 or above 1 together, or a margin outside 0 to 100.
    """
    asked = conditions or Conditions()
    net = _checked_net(promoters, detractors)
    if not 0 < margin < 100:
        raise OptionError(
            "margin", f"{margin:g} can't stand: half the width lies between 0 and 100 points"
        )
    added, ends = float(ADJUSTMENT.sum()), float(ADJUSTMENT[0] + ADJUSTMENT[2])

    def half_width(n: int, z: float) -> float:
        total = n + added
        spread = (n * (promoters + detractors) + ends) / total
        return 100 * z * math.sqrt((spread - (n * net / 100 / total) ** 2) / total)

    def solve(confidence: float) -> Solved:
        z = evolve(asked, confidence=confidence).z(two_sided=True)
        reach = 100 * z * _net_deviation(promoters, detractors)
        formula = squared_ratio(reach, margin, "margin")
        return Solved(answers=smallest(lambda n: half_width(n, z) <= margin), formula=formula)

    return finished(
        solve,
        asked,
        measure="nps",
        goal="margin",
        aim=f"know the NPS to ± {margin:g} points if in truth it is {net:g} "
        f"({percent(promoters)} promoters, {percent(detractors)} detractors)",
        rule=width_rule(asked, "adjusted Wald", f"{margin:g} points"),
        formula="z² (p + d - (p - d)²) / margin², in points (Rocks 2016)",
        two_sided=True,
    )


def _net_deviation(promoters: float, detractors: float) -> float:
    """The standard deviation of one answer's contribution to a net, as a proportion."""
    return math.sqrt(max(promoters + detractors - (promoters - detractors) ** 2, 0.0))


def _moved(promoters: float, detractors: float, change: float) -> tuple[float, float]:
    """Promoters and detractors after a change in points: half from each, as far as both go."""
    half = change / 200
    up, down = promoters + half, detractors - half
    if down < 0:
        up, down = up - down, 0.0
    elif up < 0:
        up, down = 0.0, down - up
    return round(up, 12), round(down, 12)


def _checked_net(promoters: float, detractors: float) -> float:
    """The score of two shares in points."""
    check_share("promoters", promoters)
    check_share("detractors", detractors)
    if promoters + detractors > 1 + 1e-12:
        raise OptionError(
            "detractors",
            f"promoters and detractors are {promoters:g} and {detractors:g}, together "
            f"{promoters + detractors:g}: at most 1, as each answer is one or the other",
        )
    return round(100 * (promoters - detractors), 10)
