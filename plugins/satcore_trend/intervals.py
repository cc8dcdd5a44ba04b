"""Intervals that trends bring along, and how slopes are held against each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import field, frozen

from satcore import (
    Comparison,
    Contrast,
    FloatArray,
    Heterogeneity,
    IntArray,
    Interval,
    StudentInterval,
)
from satcore_trend.distributions import chi_square_quantile, chi_square_upper, f_upper
from satcore_trend.ranks import rank_trend


@frozen(kw_only=True, eq=False)
class RatioInterval(Interval):
    """A coefficient's interval, on the scale of ratios: its bounds' exponentials.

    Attributes:
        interval: That of the coefficient, on the logarithm.
        method: The coefficient's.
    """

    interval: Interval
    method: str = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "method", self.interval.method)

    def bounds(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds by cell."""
        low, high = self.interval.bounds(confidence)
        return np.exp(low), np.exp(high)

    def p_value(self, null: float) -> FloatArray | None:
        """The coefficient's own, at the logarithm."""
        return self.interval.p_value(float(np.log(null)))


@frozen(kw_only=True, eq=False)
class SenInterval(Interval):
    """Sen's interval of the median slope (1968).

    Attributes:
        times: (waves,).
        values: (cells, waves), NaN where the wave is missing.
        method: ``"sen"``.
    """

    times: FloatArray
    values: FloatArray
    method: str = "sen"

    def bounds(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds by cell; NaN where there are too few waves for them."""
        found = rank_trend(self.times, self.values, confidence)
        return found.low, found.high


@frozen(kw_only=True, eq=False)
class IndependentSlopes(Comparison):
    """Slopes of different respondents: Welch's t for two, his F for several.

    Attributes:
        value: Slopes, by cell.
        std_error: Their standard errors.
        df: Their degrees of freedom.
        unit: The slopes' unit, for the message.
    """

    value: FloatArray
    std_error: FloatArray
    df: FloatArray
    unit: str

    def differences(self, first: IntArray, second: IntArray, confidence: float) -> Contrast:
        """First slopes minus second ones; degrees of freedom by Welch and Satterthwaite (1947)."""
        variance = (self.std_error[first] ** 2, self.std_error[second] ** 2)
        total = variance[0] + variance[1]
        with np.errstate(divide="ignore", invalid="ignore"):
            share = variance[0] ** 2 / self.df[first] + variance[1] ** 2 / self.df[second]
            df = total**2 / share
        difference = self.value[first] - self.value[second]
        std_error = np.sqrt(total)
        interval = StudentInterval(centre=difference, std_error=std_error, df=df)
        low, high = interval.bounds(confidence)
        with np.errstate(divide="ignore", invalid="ignore"):
            statistic = np.where(std_error > 0, difference / std_error, np.nan)
        return Contrast(
            value=difference,
            std_error=std_error,
            low=low,
            high=high,
            statistic=statistic,
            p=np.where(std_error > 0, interval.p_value(0.0), np.nan),
            method="welch_t",
        )

    def heterogeneity(self, cells: IntArray) -> tuple[Heterogeneity, ...]:
        """Whether segments share one slope: the segment × time interaction.

        Welch's test (1951) on the slopes about their common one, each weighted by its own error
        and with its own degrees of freedom; for two segments it is the square of Welch's t.
        """
        usable = np.isfinite(self.std_error[cells]) & (self.std_error[cells] > 0)
        usable &= self.df[cells] > 0
        kept = cells[usable]
        if kept.size < 2:
            return ()
        weight = 1.0 / self.std_error[kept] ** 2
        share = weight / weight.sum()
        common = float(share @ self.value[kept])
        above = int(kept.size) - 1
        unsure = float(np.sum((1.0 - share) ** 2 / self.df[kept]))
        squares = float(np.sum(weight * (self.value[kept] - common) ** 2))
        statistic = squares / above / (1.0 + 2.0 * (above - 1) / ((above + 1) ** 2 - 1) * unsure)
        # Models that take sampling for the only noise have degrees of freedom without end.
        p = (
            f_upper(statistic, above, ((above + 1) ** 2 - 1) / (3.0 * unsure))
            if unsure > 0
            else chi_square_upper(squares, above)
        )
        parts: Sequence[str] = (
            f"common slope {common:.4g} {self.unit}",
            f"{cells.size - kept.size} cells without a standard error above 0 left out"
            if kept.size < cells.size
            else "",
        )
        return (
            Heterogeneity(
                statistic=statistic,
                df=above,
                p=float(p),
                method="welch_f",
                message="; ".join(part for part in parts if part),
            ),
        )


@frozen(kw_only=True, eq=False)
class RateInterval(Interval):
    """The exact interval of a rate of events (Garwood 1936).

    Attributes:
        events: By cell.
        exposure: By cell.
        method: ``"garwood"``.
    """

    events: FloatArray
    exposure: FloatArray
    method: str = "garwood"

    def bounds(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds by cell; 0 below where nothing happened."""
        tail = (1.0 - confidence) / 2.0
        with np.errstate(divide="ignore", invalid="ignore"):
            low = 0.5 * chi_square_quantile(tail, 2.0 * self.events) / self.exposure
            high = 0.5 * chi_square_quantile(1.0 - tail, 2.0 * self.events + 2.0) / self.exposure
        sound = self.exposure > 0
        return (
            np.where(sound, np.where(self.events > 0, low, 0.0), np.nan),
            np.where(sound, high, np.nan),
        )


@frozen(kw_only=True, eq=False)
class LinkInterval(Interval):
    """The interval of a fitted mean, share or rate: bounds on the model's own scale, carried back.

    Attributes:
        interval: On the model's scale.
        model: ``linear``, ``binomial``, ``poisson`` or ``negative_binomial``.
        method: Its name.
    """

    interval: Interval
    model: str
    method: str

    def bounds(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds by cell."""
        low, high = self.interval.bounds(confidence)
        return inverse_link(self.model, low)[0], inverse_link(self.model, high)[0]


def inverse_link(model: str, line: FloatArray) -> tuple[FloatArray, FloatArray]:
    """From the model's scale to that of the answers, and the derivative there."""
    if model == "linear":
        return line, np.ones_like(line)
    if model == "binomial":
        share = 1.0 / (1.0 + np.exp(-line))
        return share, share * (1.0 - share)
    rate = np.exp(line)
    return rate, rate
