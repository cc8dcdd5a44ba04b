"""Tests and effect sizes of gaps."""

from __future__ import annotations

import numpy as np
from attrs import evolve

from satcore import Estimate, FloatArray, NormalInterval, Tallied, Test, normal_two_sided


def spread_of(tally: Tallied, differences: FloatArray, gap: Estimate) -> FloatArray:
    """The standard deviation of the differences by cell, weighted where there are weights.

    Args:
        tally: The table.
        differences: The difference of every answer of the table: (answers,).
        gap: Their mean.
    """
    n = tally.base.astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        square = (differences - gap.value[:, None]) ** 2
        mean = np.cumsum(tally.weights * square, axis=1)[:, -1] / tally.weighted_base
        return np.asarray(np.sqrt(mean * n / (n - 1)))


def effect_size(gap: Estimate, spread: FloatArray) -> Estimate:
    """Cohen's d of paired answers, d_z: the mean gap over its standard deviation (Cohen 1988).

    The standard error is the large-sample √(1/n + d²/2n), n the effective base.

    Args:
        gap: The mean gap.
        spread: The gaps' standard deviation by cell.
    """
    n = gap.effective_base
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(spread > 0, gap.value / spread, np.nan)
        error = np.sqrt(1 / n + value**2 / (2 * n))
    return evolve(
        gap,
        term="effect_size",
        value=value,
        std_error=error,
        interval=NormalInterval(centre=value, std_error=error),
        unit="standard deviations",
        null=None,
        message=tuple(
            "the gaps do not vary" if base > 1 and not error > 0 else ""
            for base, error in zip(gap.base.tolist(), gap.std_error.tolist(), strict=True)
        ),
    )


def wilcoxon(tally: Tallied, differences: FloatArray, term: str, item: str) -> Test:
    """Wilcoxon's signed-rank test (1945) from the frequency table of differences.

    Zeros are left out, ties share their mean rank and shrink the variance; the normal
    approximation has no continuity correction.

    Args:
        tally: The table.
        differences: The difference of every answer of the table: (answers,).
        term: The term that is tested.
        item: The item.
    """
    sizes = np.unique(np.abs(differences[differences != 0]))
    counts = np.stack(
        [
            [
                tally.counts[:, differences == size].sum(axis=1),
                tally.counts[:, differences == -size].sum(axis=1),
            ]
            for size in sizes
        ]
    ).astype(np.float64)  # (sizes, 2, cells)
    both = counts.sum(axis=1)
    before = np.cumsum(both, axis=0) - both
    rank = before + (both + 1) / 2
    n = both.sum(axis=0)
    positive = np.sum(rank * counts[:, 0], axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = n * (n + 1) * (2 * n + 1) / 24 - np.sum(both**3 - both, axis=0) / 48
        z = np.where(variance > 0, (positive - n * (n + 1) / 4) / np.sqrt(variance), np.nan)
    return Test(
        term=term,
        item=item,
        null=0.0,
        statistic=z,
        p=normal_two_sided(z),
        method="wilcoxon",
        base=tally.base,
        family="items",
    )
