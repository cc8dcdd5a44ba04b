"""Kaplan and Meier's curve from tables by time, with quantiles and shares within a time.

Sources: Kaplan and Meier (1958), JASA 53; Greenwood (1926) for the variance; Kalbfleisch and
Prentice (2002), The Statistical Analysis of Failure Time Data, 1.4, for the log-log interval;
Brookmeyer and Crowley (1982), Biometrics 38, for intervals of quantiles; Woodruff (1952), JASA 47,
for a quantile's standard error from its interval. Under weights the variance is that of the curve
linearised by respondent (the infinitesimal jackknife), which is Greenwood's where all weights are
equal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from attrs import evolve, frozen

from satcore import (
    Counted,
    Estimate,
    FloatArray,
    IntArray,
    Interval,
    WilsonInterval,
    normal_quantile,
    normal_two_sided,
)
from satcore_operations.telling import (
    CENSORED,
    EMPTIED,
    FOLLOWED,
    NO_BOUNDS,
    NO_QUANTILE_ERROR,
    NOT_COUNTED,
    NOT_FOLLOWED,
    NOT_REACHED,
    counted,
    number,
    together,
)

#: How the interval of a curve is made.
Band: TypeAlias = Literal["log_log", "log", "plain"]

#: The level at which a quantile's interval gives its standard error.
_LEVEL: Final = 0.95

#: The level at which there has to be an upper end for that.
_SURER: Final = 0.99

#: Rounding of a curve that stands at a half.
_HAIR: Final = 1e-12


def _z(confidence: float, df: FloatArray | None) -> Any:
    """The quantile of a two-sided level: the normal's, or Student's by cell: (cells, 1)."""
    level = 0.5 + confidence / 2.0
    if df is None:
        return normal_quantile(level)
    from scipy.special import stdtrit

    return np.asarray(stdtrit(np.where(df > 0, df, np.nan), level))[:, None]


@frozen(kw_only=True, eq=False)
class Curve:
    """Survival by cell and step, with what bounds it.

    Attributes:
        survival: The share that has not ended by each step: (cells, steps).
        log_error: The standard error of its logarithm.
        sample: How many are followed there: what bounds a curve that is 1 or 0, by Wilson.
        df: Degrees of freedom by cell under weights; None without.
        band: How the interval is made.
        before: The last step above 0, by cell: (cells, 1). None where nothing came before.
    """

    survival: FloatArray
    log_error: FloatArray
    sample: FloatArray
    df: FloatArray | None
    band: Band
    before: Curve | None = None

    def bounds(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds: (cells, steps)."""
        z, s, error = _z(confidence, self.df), self.survival, self.log_error
        with np.errstate(all="ignore"):
            if self.band == "log_log":
                spread = z * error / np.abs(np.log(s))
                low, high = s ** np.exp(spread), s ** np.exp(-spread)
            elif self.band == "log":
                low, high = s * np.exp(-z * error), s * np.exp(z * error)
            else:
                low, high = s - z * s * error, s + z * s * error
            # Where none or all have ended, no error says how sure that is.
            least = self.sample / (self.sample + z * z)
            low = np.where(s >= 1.0, least, np.where(s <= 0.0, 0.0, np.clip(low, 0.0, 1.0)))
            none_left = (1.0 - least) * self._most_before(confidence)
            high = np.where(s >= 1.0, 1.0, np.where(s <= 0.0, none_left, np.clip(high, 0.0, 1.0)))
        unknown = np.isnan(s) | np.isnan(low) | np.isnan(high)
        return np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)

    def _most_before(self, confidence: float) -> Any:
        """What a curve that came down to 0 was at most until then; all, where that is unknown."""
        if self.before is None:
            return 1.0
        high = self.before.bounds(confidence)[1]
        return np.where(np.isnan(high), 1.0, high)

    def at(self, step: int) -> Curve:
        """One step of it."""
        here = slice(step, step + 1)
        return evolve(
            self,
            survival=self.survival[:, here],
            log_error=self.log_error[:, here],
            sample=self.sample[:, here],
        )


@frozen(kw_only=True, eq=False)
class SurvivalInterval(Interval):
    """The interval of survival at one time.

    Attributes:
        curve: The curve at that time alone.
        method: The interval's name.
    """

    curve: Curve
    method: str = "greenwood_log_log"

    def bounds(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds by cell."""
        low, high = self.curve.bounds(confidence)
        return low[:, 0], high[:, 0]

    def p_value(self, null: float) -> FloatArray:
        """The z test of the curve's logarithm of its logarithm."""
        s, error = self.curve.survival[:, 0], self.curve.log_error[:, 0]
        with np.errstate(all="ignore"):
            apart = np.log(-np.log(s)) - np.log(-np.log(null))
            return normal_two_sided(apart / (error / np.abs(np.log(s))))


@frozen(kw_only=True, eq=False)
class QuantileInterval(Interval):
    """The interval of a quantile: the times at which the curve's bounds pass it.

    Where nobody was followed until the curve's upper bound passes it, there is no upper end, and
    no interval.

    Attributes:
        curve: The curve.
        left: The share that has not ended by the quantile.
        step: A step, in units of time.
    """

    curve: Curve
    left: float
    step: float
    method: str = "brookmeyer_crowley"

    def bounds(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds by cell."""
        below, above = self.curve.bounds(confidence)
        low, high = passed(below, self.left, self.step), passed(above, self.left, self.step)
        known = np.isfinite(low) & np.isfinite(passed(self.curve.survival, self.left, self.step))
        known &= np.isfinite(high)
        return np.where(known, low, np.nan), np.where(known, high, np.nan)


def passed(curve: FloatArray, left: float, step: float) -> FloatArray:
    """The first time by which no more than a share are left, by cell; NaN where there is none."""
    with np.errstate(invalid="ignore"):
        there = curve <= left + _HAIR
    return np.where(there.any(axis=1), there.argmax(axis=1) * step, np.nan)


@frozen(kw_only=True, eq=False)
class Survived:
    """Counted lifetimes, for all cells at once.

    Attributes:
        ended: What ended by step, as counted: (cells, steps + 1).
        open: What had not, by the step until which it was followed.
        late: From which step those that came later were followed; 0 where all were from the start.
        weights: What ended and what had not as sums of weights, then of squared ones; as counted
            without weights.
        weighted: Whether rows carry weights.
        survey_rows: Kept rows of the whole survey.
        step: A step, in units of time.
        told: What was counted beside, by its name.
    """

    ended: IntArray
    open: IntArray
    late: IntArray
    weights: tuple[FloatArray, FloatArray, FloatArray, FloatArray]
    weighted: bool
    survey_rows: int
    step: float
    told: Mapping[str, IntArray]

    @classmethod
    def of(
        cls, counted: Counted, *, steps: int, step: float, told: Mapping[str, IntArray]
    ) -> Survived:
        """From a state of lifetimes."""

        def parts(name: str) -> tuple[Any, Any]:
            table = counted[name]
            return table[:, : steps + 1], table[:, steps + 1 : 2 * (steps + 1)]

        n = parts("n")
        plain = (n[0].astype(np.float64), n[1].astype(np.float64))
        weights = (*parts("w"), *parts("w2")) if counted.weighted else (*plain, *plain)
        late = counted["late"][:, 1:] if "late" in counted.arrays else np.zeros_like(n[0])
        return cls(
            ended=n[0], open=n[1], late=late, weights=weights, weighted=counted.weighted,
            survey_rows=counted.survey_rows, step=step, told=told,
        )  # fmt: skip

    @property
    def cases(self) -> IntArray:
        """Cases that count, by cell."""
        return np.asarray(self.ended.sum(axis=1) + self.open.sum(axis=1))

    @property
    def still_there(self) -> IntArray:
        """Cases that had not ended when they were followed no longer, by cell.

        Those that ended beyond the last step are not among them, though they are censored there.
        """
        ended_later = self.told["too_long"] - self.told["open_long"]
        return np.asarray(self.open.sum(axis=1) - ended_later)

    @property
    def longest(self) -> float:
        """The time of the last step."""
        return float((self.ended.shape[1] - 1) * self.step)

    def bases(self) -> dict[str, Any]:
        """Base, weighted base and effective base."""
        if not self.weighted:
            return {"base": self.cases}
        d, m, d2, m2 = self.weights
        w, w2 = _over(d) + _over(m), _over(d2) + _over(m2)
        with np.errstate(divide="ignore", invalid="ignore"):
            effective = np.where(w2 > 0, w * w / w2, 0.0)
        return {"base": self.cases, "weighted_base": w, "effective_base": effective}

    def curve(self, band: Band = "log_log") -> Curve:
        """Kaplan and Meier's curve with Greenwood's error, at every step.

        It is known up to the last step to which anybody who weighs something was followed, and
        beyond it where it has come down to 0.
        """
        d, m, d2, m2 = self.weights
        at_risk = _from_end(d + m) - _from_end(self.late.astype(np.float64))
        followed = _from_end(self.ended + self.open) - _from_end(self.late)
        with np.errstate(divide="ignore", invalid="ignore"):
            # What rounding leaves of sums of weights may be a hair more than all of them.
            hazard = np.where((d > 0) & (at_risk > 0), np.minimum(d / at_risk, 1.0), 0.0)
            stay = at_risk - d
            last = hazard >= 1.0 - _HAIR
            hazard = np.where(last, 1.0, hazard)
            survival: FloatArray = np.asarray(np.cumprod(1.0 - hazard, axis=1), dtype=np.float64)
            each = np.where((d > 0) & ~last, d / (at_risk * stay), 0.0)
            green = np.cumsum(each, axis=1)
            variance = green
            if self.weighted:
                passed_by = np.where((d > 0) & ~last, green - 1.0 / stay, 0.0)
                gone = np.cumsum(m2 * green**2 + d2 * passed_by**2, axis=1)
                rest = _from_end(d2 + m2) - (d2 + m2)
                n = self.survey_rows
                variance = (gone + np.maximum(rest, 0.0) * green**2) * (
                    n / (n - 1.0) if n > 1 else np.nan
                )
                variance = np.where((self.cases >= 2)[:, None], variance, np.nan)
        steps = np.arange(survival.shape[1])
        # Who weighs nothing tells nothing.
        anybody = (followed > 0) & (at_risk > 0)
        end = np.where(
            anybody.any(axis=1), survival.shape[1] - 1 - anybody[:, ::-1].argmax(axis=1), -1
        )
        beyond = (steps > end[:, None]) & (survival > 0.0)
        survival = np.where(beyond, np.nan, survival)
        sample = followed.astype(np.float64)
        # What tells of a curve that is 0: those that were followed when it came down to it, however
        # many that came later are followed beyond.
        above = (survival > 0.0).sum(axis=1)[:, None] - 1
        at_0 = np.take_along_axis(sample, np.minimum(above + 1, sample.shape[1] - 1), axis=1)
        down = np.where(survival <= 0.0, at_0, sample)
        df = (self.cases - 1).astype(np.float64) if self.weighted else None
        error = np.sqrt(variance)
        there = np.maximum(above, 0)
        before = Curve(
            survival=np.where(above >= 0, np.take_along_axis(survival, there, axis=1), 1.0),
            log_error=np.take_along_axis(error, there, axis=1),
            sample=np.take_along_axis(sample, there, axis=1), df=df, band=band,
        )  # fmt: skip
        return Curve(
            survival=survival, log_error=error, sample=down, df=df, band=band, before=before
        )

    def at(
        self, curve: Curve, step: int, *, term: str, item: str, message: list[str] | None = None
    ) -> Estimate:
        """The share that has not ended by a step.

        Args:
            curve: The curve.
            step: The step.
            term: The estimate's name.
            item: What it speaks of.
            message: What else to tell, by cell.
        """
        here = curve.at(step)
        value = here.survival[:, 0]
        with np.errstate(invalid="ignore"):
            error = np.where((value > 0) & np.isfinite(value), value * here.log_error[:, 0], np.nan)
        name = "linearised" if self.weighted else "greenwood"
        return Estimate(
            term=term, item=item, unit="proportion", value=value, std_error=error,
            interval=SurvivalInterval(curve=here, method=f"{name}_{curve.band}"),
            message=self._missing(np.isnan(value), NOT_FOLLOWED, message), **self.bases(),
        )  # fmt: skip

    def told_at(self, curve: Curve, at: Mapping[str, int]) -> Iterator[Estimate]:
        """Survival at some times, and the share that had not ended and was followed no longer.

        The latter counts since the time before. It says how the table came about, and nothing of
        how others would fare: it has no interval.

        Args:
            curve: The curve.
            at: The steps in their order, by what results call them.
        """
        followed = _from_end(self.ended + self.open)
        whole = _over(self.weights[0]) + _over(self.weights[1])
        place, said = self._emptied(curve)
        emptied = place.tolist(), said
        before = -1
        for item, step in at.items():
            odd = [text if at <= step else "" for at, text in zip(*emptied, strict=True)]
            told = list(together(counted(FOLLOWED, followed[:, step]), odd))
            yield self.at(curve, step, term="survival", item=item, message=told)
            here = slice(before + 1, step + 1)
            number_lost = self.open[:, here].sum(axis=1)
            with np.errstate(invalid="ignore"):
                lost = _over(self.weights[1][:, here]) / whole
            before = step
            yield Estimate(
                term="censored", item=item, unit="proportion", compared=False, value=lost,
                std_error=np.full(lost.shape, np.nan), **self.bases(),
                message=tuple(counted(CENSORED, number_lost)),
            )  # fmt: skip

    def within(
        self, curve: Curve, step: int, *, term: str, item: str, message: list[str] | None = None
    ) -> Estimate:
        """The share that had ended by a step, with Wilson's interval.

        Where every case was followed to its end or to that step, it is the plain share of them.
        Else it is one less the curve, and Wilson's interval is on the sample that would give its
        error.

        Args:
            curve: As ``at``.
            step: As ``at``.
            term: As ``at``.
            item: As ``at``.
            message: As ``at``.
        """
        here = curve.at(step)
        value = 1.0 - here.survival[:, 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            error = (1.0 - value) * here.log_error[:, 0]
            error = np.where(value >= 1.0, 0.0, error)
            implied = value * (1.0 - value) / error**2
            bases = self.bases()
            decided = self.cases - self.open[:, :step].sum(axis=1)
            alike = bases.get("effective_base", self.cases) * decided / np.maximum(self.cases, 1)
        sample = np.where((error > 0) & (value > 0) & (value < 1), implied, alike)
        return Estimate(
            term=term, item=item, unit="proportion", value=value,
            std_error=np.where(np.isfinite(value), error, np.nan),
            interval=WilsonInterval(share=value, sample=sample, df=curve.df),
            message=self._missing(np.isnan(value), NOT_FOLLOWED, message), **bases,
        )  # fmt: skip

    def quantile(
        self, curve: Curve, share: float, *, term: str, item: str, unit: str,
        message: list[str] | None = None,
    ) -> Estimate:  # fmt: skip
        """The time by which a share has ended.

        It is the least time by which at least that share has: the inverse of the distribution,
        R's type 1; of Kaplan and Meier's curve where some had not ended.

        Args:
            curve: As ``at``.
            share: The share.
            term: As ``at``.
            item: As ``at``.
            unit: The unit of time.
            message: As ``at``.
        """
        left = 1.0 - share
        value = passed(curve.survival, left, self.step)
        interval = QuantileInterval(curve=curve, left=left, step=self.step)
        low, high = interval.bounds(_LEVEL)
        # Near the end of what was followed the interval tells little of how the quantile strays.
        sure = np.isfinite(interval.bounds(_SURER)[1])
        error = np.where(sure, high - low, np.nan)
        error = error / (2.0 * normal_quantile(0.5 + _LEVEL / 2.0))
        longest = [number(time) for time in self._followed_until().tolist()]
        cut = np.isnan(value) & (self.told["too_long"] > 0)
        told = self._missing(np.isnan(value) & ~cut, NOT_REACHED, message, longest)
        told = self._missing(cut, NOT_COUNTED, list(told), longest)
        bounded = np.isfinite(high) & np.isfinite(value)
        told = self._missing(~bounded & np.isfinite(value), NO_BOUNDS, list(told), longest)
        told = self._missing(bounded & ~sure, NO_QUANTILE_ERROR, list(told), longest)
        place, said = self._emptied(curve)
        odd = np.isfinite(value) & (place * self.step <= value)
        told = together(
            told, [text if one else "" for one, text in zip(odd.tolist(), said, strict=True)]
        )
        return Estimate(
            term=term, item=item, unit=unit, value=value, std_error=error, interval=interval,
            message=told, **self.bases(),
        )  # fmt: skip

    def _emptied(self, curve: Curve) -> tuple[IntArray, list[str]]:
        """Where all that were followed had ended, and others are followed later; and words for it.

        With delayed entry a few that came early may so bring the curve down to 0. The step is
        beyond the last one where there is none.
        """
        followed = _from_end(self.ended + self.open) - _from_end(self.late)
        steps = followed.shape[1]
        at_0 = curve.survival <= 0.0
        place = np.where(at_0.any(axis=1), at_0.argmax(axis=1), steps)
        later = (followed > 0) & (np.arange(steps) > place[:, None])
        place = np.where(later.any(axis=1), place, steps)
        said = [
            EMPTIED.format(time=number(at * self.step), count=number(row[at])) if at < steps else ""
            for at, row in zip(place.tolist(), followed.tolist(), strict=True)
        ]
        return place, said

    def _followed_until(self) -> FloatArray:
        """Until when anybody was followed, by cell."""
        anybody = self.weights[0] + self.weights[1] > 0
        last = anybody.shape[1] - 1 - anybody[:, ::-1].argmax(axis=1)
        return np.where(anybody.any(axis=1), last * self.step, 0.0)

    def _missing(
        self, flags: Any, told: str, message: list[str] | None, longest: list[str] | None = None
    ) -> tuple[str, ...]:
        """What is told of each cell, with why there is no number where there is none."""
        cells = len(self.cases)
        said, until = message or [""] * cells, longest or [""] * cells
        why = np.asarray(flags & (_over(self.weights[0] + self.weights[1]) > 0)).tolist()
        return tuple(
            "; ".join(part for part in (told.format(longest=end) if lacking else "", text) if part)
            for lacking, text, end in zip(why, said, until, strict=True)
        )


def _over(table: FloatArray) -> FloatArray:
    """Sums over the steps, one after the other: a cell's are the same alone and among others."""
    return np.asarray(np.cumsum(table, axis=1)[:, -1])


def _from_end(table: Any) -> Any:
    """Sums from each step to the last."""
    return np.cumsum(table[:, ::-1], axis=1)[:, ::-1]
