"""Intervals and the two-sample test of a share, from plain counts.

Beside Wilson's interval, which is the core's own and stands under weights too, there are the exact
interval and the adjusted one. Both rest on plain counts.

Sources: Clopper and Pearson (1934), Biometrika 26; Agresti and Coull (1998), The American
Statistician 52; Newcombe (1998), Statistics in Medicine 17, "Interval estimation for the difference
between independent proportions".
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from attrs import frozen

from satcore.inference import (
    FloatArray,
    Heterogeneity,
    IndependentShares,
    IntArray,
    Interval,
    WilsonInterval,
    chi_square_table,
    normal_quantile,
    two_sided_level,
)


@frozen(kw_only=True, eq=False)
class ClopperPearsonInterval(Interval):
    """The exact interval: shares that neither one-sided binomial test refuses.

    Attributes:
        count: Answers that count, by cell.
        base: All answers, by cell.
    """

    count: IntArray
    base: IntArray
    method: str = "clopper_pearson"
    from_counts: bool = True

    def bounds(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds by cell; an end of the scale where all answers stand there."""
        from scipy.special import betaincinv

        level = two_sided_level(confidence)
        x, n = self.count.astype(np.float64), self.base.astype(np.float64)
        low = betaincinv(np.maximum(x, 1.0), np.maximum(n - x + 1.0, 1.0), 1.0 - level)
        high = betaincinv(x + 1.0, np.maximum(n - x, 1.0), level)
        nobody = n == 0
        low = np.where(nobody, np.nan, np.where(x <= 0, 0.0, low))
        high = np.where(nobody, np.nan, np.where(x >= n, 1.0, high))
        return np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)

    def p_value(self, null: float) -> FloatArray:
        """Twice the smaller tail of the binomial distribution, at most 1."""
        from scipy.special import bdtr, bdtrc

        x, n = self.count.astype(np.float64), self.base
        below = bdtr(x, n, null)
        above = np.where(x > 0, bdtrc(np.maximum(x - 1.0, 0.0), n, null), 1.0)
        p = np.minimum(2.0 * np.minimum(below, above), 1.0)
        return np.where(n == 0, np.nan, p)


@frozen(kw_only=True, eq=False)
class AgrestiCoullInterval(Interval):
    """Wald's interval after z²/2 answers of either kind are added, cut at 0 and 1.

    Attributes:
        count: Answers that count, by cell.
        base: All answers, by cell.
    """

    count: IntArray
    base: IntArray
    method: str = "agresti_coull"
    from_counts: bool = True

    def bounds(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds by cell."""
        z = normal_quantile(two_sided_level(confidence))
        n = self.base + z * z
        share = (self.count + z * z / 2.0) / n
        reach = z * np.sqrt(share * (1.0 - share) / n)
        nobody = self.base == 0
        low = np.where(nobody, np.nan, np.maximum(share - reach, 0.0))
        return low, np.where(nobody, np.nan, np.minimum(share + reach, 1.0))

    def p_value(self, null: float) -> FloatArray:
        """The score test's two-sided p-value, whose interval this one comes near to."""
        with np.errstate(divide="ignore", invalid="ignore"):
            share = self.count / self.base
        return WilsonInterval(share=share, sample=self.base.astype(np.float64)).p_value(null)


#: The intervals a share may have besides Wilson's, by name: from the answers that count, and all.
_FROM_COUNTS: dict[str, Callable[[IntArray, IntArray], Interval]] = {
    "clopper_pearson": lambda count, base: ClopperPearsonInterval(count=count, base=base),
    "agresti_coull": lambda count, base: AgrestiCoullInterval(count=count, base=base),
}

#: The intervals a share may have.
SHARE_INTERVALS = ("wilson", *_FROM_COUNTS)

#: Those that stand under weights too; the others rest on plain counts.
WEIGHTED_SHARE_INTERVALS = ("wilson",)


def share_interval(name: str, count: IntArray, base: IntArray) -> Interval:
    """An interval of a share from plain counts.

    Args:
        name: A name of ``SHARE_INTERVALS`` other than ``wilson``.
        count: Answers that count, by cell.
        base: All answers, by cell.

    Raises:
        ValueError: An unknown name.
    """
    if name not in _FROM_COUNTS:
        raise ValueError(
            f"{name!r} is no interval of a share; there are {', '.join(SHARE_INTERVALS)}"
        )
    return _FROM_COUNTS[name](count, base)


@frozen(kw_only=True, eq=False)
class ScoredShares(IndependentShares):
    """The two-proportion score test: the error is that of one share common to both sides.

    Its square is Pearson's chi-square of the table of two by two. Plain counts only.

    Attributes:
        count: Answers that count, by cell.
        base: All answers, by cell.
    """

    count: IntArray
    base: IntArray
    test: str = "score_z"

    def _scale(self, first: IntArray, second: IntArray, std_error: FloatArray) -> FloatArray:
        """The error under a common share; NaN where both sides agree on one answer."""
        n, other = self.sample[first], self.sample[second]
        share = (self.count[first] + self.count[second]) / (n + other)
        pooled = np.sqrt(share * (1 - share) * (1 / n + 1 / other))
        return np.where(pooled > 0, pooled, np.nan)

    def heterogeneity(self, cells: IntArray) -> tuple[Heterogeneity, ...]:
        """Cochran's Q of the shares, and chi-square of the table of two classes by cell."""
        count, base = self.count[cells], self.base[cells]
        table = chi_square_table(np.stack([count, base - count], axis=1))
        return (*super().heterogeneity(cells), *(() if table is None else (table,)))
