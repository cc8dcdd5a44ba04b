"""Answers for shares."""

from __future__ import annotations

import math
from typing import Final

from attrs import evolve

from satcore.errors import OptionError
from satcore.inference import normal_quantile
from satcore.sample_size.conditions import Conditions, SampleSize
from satcore.sample_size.powers import share_power, two_share_power
from satcore.sample_size.refusals import (
    check_change,
    check_ratio,
    check_share,
    fraction_hint,
    refuse_equal,
    squared_ratio,
)
from satcore.sample_size.solving import (
    Solved,
    finished,
    first_lasting,
    raised,
    rounded_up,
    smallest,
    times,
)
from satcore.sample_size.words import bound_rule, change_rule, percent, side, width_rule

#: Formulas that ask for more answers than this are trusted: counting out adds nothing to them.
MOST_COUNTED_SHARE: Final = 1_000_000


def share_target(
    *, expect: float, target: float, conditions: Conditions | None = None
) -> SampleSize:
    """Answers that show a share above a target, or below it.

    The number is the smallest from which on the exact power never falls below the asked one: the
    power of counts goes up and down like a saw, and the formula may land on a trough.

    Args:
        expect: The share that is thought to be true, 0 to 1.
        target: The target; "at least" where ``expect`` is above it, "at most" where below.
        conditions: Confidence, power and the rest.

    Raises:
        OptionError: A share outside 0 to 1, or one equal to its target.
    """
    asked = conditions or Conditions()
    check_share("expect", expect)
    check_share("target", target, ends=False)
    refuse_equal(expect, target)
    least, two_sided = expect > target, asked.sides(usual=False)
    z = asked.z(two_sided)
    # "At most" is "at least" of the other answers.
    truth, bar = (expect, target) if least else (1 - expect, 1 - target)
    null_error, true_error = _deviation(bar), _deviation(truth)

    def solve(power: float) -> Solved:
        reach = z * null_error + normal_quantile(power) * true_error
        formula = squared_ratio(reach, truth - bar, "target")
        if formula > MOST_COUNTED_SHARE:
            return Solved(answers=rounded_up(formula), formula=formula)
        return first_lasting(
            lambda n: share_power(n, truth, bar, z),
            power,
            formula,
            margin=lambda n: max(n // 10, 20 * math.isqrt(n)) + 20,
        )

    return finished(
        solve,
        asked,
        measure="share",
        goal="target",
        aim=f"show that the share is {side(least)} {percent(target)} if in truth it is "
        f"{percent(expect)}",
        rule=bound_rule(least, two_sided, asked, "Wilson", percent(target)),
        formula="one share against a fixed value, normal approximation (Fleiss, Levin and Paik "
        "2003)",
        reached_by="binomial counts",
        two_sided=two_sided,
    )


def share_change(
    *, start: float, change: float, ratio: float = 1.0, conditions: Conditions | None = None
) -> SampleSize:
    """Answers of two independent samples that show a change of a share.

    Args:
        start: The share before, 0 to 1.
        change: What it changes by: 0.05 is five points up, -0.05 five points down.
        ratio: Answers of the second sample for each one of the first.
        conditions: Confidence, power and the rest.

    Raises:
        OptionError: A share outside 0 to 1, before or after, no change, or no such ratio.
    """
    asked = conditions or Conditions()
    check_share("start", start)
    check_change(change)
    check_ratio(ratio)
    # 0.9 + 0.1 is 1, not 1e-16 beside it.
    end = round(start + change, 12)
    if not 0 <= end <= 1:
        raise OptionError(
            "change",
            f"{change:g} from {start:g} leads to {end:g}, outside 0 to 1; a share of {start:g} can "
            f"change by {-start:g} to {1 - start:g}" + fraction_hint(change),
        )
    two_sided = asked.sides(usual=True)
    z = asked.z(two_sided)
    pooled = (start + ratio * end) / (1 + ratio)
    null_error = _deviation(pooled) * math.sqrt(1 + 1 / ratio)
    true_error = math.hypot(_deviation(start), _deviation(end) / math.sqrt(ratio))

    def solve(power: float) -> Solved:
        reach = z * null_error + normal_quantile(power) * true_error
        formula = squared_ratio(reach, change, "change")
        return raised(lambda n: two_share_power(n, times(n, ratio), start, end, z), power, formula)

    return finished(
        solve,
        asked,
        measure="share",
        goal="change",
        aim=f"show that the share changed if in truth it went from {percent(start)} to "
        f"{percent(end)}",
        rule=change_rule(two_sided, asked),
        formula="two independent shares, normal approximation, as R's power.prop.test (Fleiss, "
        "Levin and Paik 2003)",
        reached_by="the counts of both samples",
        two_sided=two_sided,
        ratio=ratio,
        assumes=("The two samples are different people, drawn independently.",),
    )


def share_margin(
    *, margin: float, expect: float = 0.5, conditions: Conditions | None = None
) -> SampleSize:
    """Answers for an interval of a share of a wanted width.

    Args:
        margin: Half the interval's width, as a share: 0.03 for plus and minus three points.
        expect: The share that is thought to be true; a half needs the most answers.
        conditions: Confidence and the rest; the power has no part in it.

    Raises:
        OptionError: A share outside 0 to 1, or a margin outside 0 to 0.5.
    """
    asked = conditions or Conditions()
    check_share("expect", expect)
    if not 0 < margin < 0.5:
        raise OptionError(
            "margin",
            f"{margin:g} can't stand: half the width of a share's interval lies between 0 and 0.5, "
            "as 0.03" + fraction_hint(margin),
        )

    def half_width(n: int, z: float) -> float:
        return z * math.sqrt(n * expect * (1 - expect) + z * z / 4) / (n + z * z)

    def solve(confidence: float) -> Solved:
        z = evolve(asked, confidence=confidence).z(two_sided=True)
        formula = squared_ratio(z * _deviation(expect), margin, "margin")
        return Solved(answers=smallest(lambda n: half_width(n, z) <= margin), formula=formula)

    return finished(
        solve,
        asked,
        measure="share",
        goal="margin",
        aim=f"know the share to ± {100 * margin:g} points if in truth it is {percent(expect)}",
        rule=width_rule(asked, "Wilson", f"{100 * margin:g} points"),
        formula="z² p(1-p) / margin² (Cochran 1977)",
        two_sided=True,
    )


def _deviation(share: float) -> float:
    return math.sqrt(share * (1 - share))
