"""A composite: the mean of several questions' shares, answered by the same patients."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from satcore import Estimate, Indicator, Item, Moments, MomentSums, Sum, Tallied, Tally
from satcore import WilsonInterval as Wilson


def answered(item: Item) -> Indicator:
    """1 where a question was answered, 0 where not: it is never missing."""
    return Indicator(item, tuple(range(item.low, item.high + 1)), missing_is_0=True)


def joint(items: Sequence[Item], best: Sequence[Sequence[int]]) -> Moments:
    """Of each question, whether the answer was among the best, and whether there was one.

    None of these is ever missing, so that all patients of a cell count and a patient who left out
    one question stays in the shares of the others.

    Args:
        items: The questions.
        best: The best answers of each.
    """
    tops = [
        Indicator(item, tuple(codes), missing_is_0=True)
        for item, codes in zip(items, best, strict=True)
    ]
    return Moments([*tops, *map(answered, items)])


def any_answered(items: Sequence[Item]) -> Tally:
    """How many of the questions each patient answered."""
    return Tally(Sum([answered(item) for item in items], name="answered"))


def composite(sums: MomentSums, number: Tallied, *, name: str) -> Estimate:
    """The mean of the shares Σx/Σa of k questions, with its linearised standard error.

    The mean of ratios is smooth in the means of x and a; by their derivatives 1/(ka) and -x/(ka²)
    it becomes the mean of one number a patient, whose error the moments know (Särndal, Swensson
    and Wretman 1992, section 5.6).

    Args:
        sums: What ``joint`` has counted.
        number: What ``any_answered`` has counted.
        name: What the composite is called.
    """
    means = sums.means()
    k = means.shape[1] // 2
    best = means[:, :k]
    among = np.where(means[:, k:] > 0, means[:, k:], np.nan)
    # Column after column: the order of the sum must not depend on how many cells there are.
    value = sum((best[:, one] / among[:, one] for one in range(k)), np.zeros(len(best))) / k
    value = np.clip(value, 0.0, 1.0)
    slopes = np.concatenate([1 / (k * among), -best / (k * among**2)], axis=1)
    # Bases are those of the patients who answered any of the questions.
    some = range(1, k + 1)
    base = number.share(some, among=some, term="answered")

    std_error = sums.linear_error(slopes)
    # A difference of sums leaves some 1e-8/√n where there is no error at all.
    noise = 1e-7 / np.sqrt(np.maximum(base.base, 1))
    std_error = np.where(std_error < noise, 0.0, std_error)
    with np.errstate(divide="ignore", invalid="ignore"):
        implied = value * (1 - value) / std_error**2
    sample = np.where(std_error > 0, implied, base.effective_base)
    return Estimate(
        term="top_box",
        item=name,
        unit="proportion",
        value=value,
        std_error=std_error,
        base=base.base,
        weighted_base=base.weighted_base,
        effective_base=base.effective_base,
        interval=Wilson(share=value, sample=sample, df=np.maximum(base.base - 1.0, 0.0)),
        message=tuple(
            "" if whole else "nobody here answered one of its questions"
            for whole in np.isfinite(value).tolist()
        ),
    )
