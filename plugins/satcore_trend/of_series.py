"""The trend of another metric's estimates, wave by wave."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from satcore import (
    Estimate,
    FloatArray,
    IntArray,
    Interval,
    OptionError,
    Series,
    StudentInterval,
    Waves,
)
from satcore_trend.changes import change_points
from satcore_trend.diagnostics import (
    Influence,
    breusch_godfrey,
    dispersion,
    durbin_watson,
    influence,
)
from satcore_trend.forecasting import back_test, forecast, too_short
from satcore_trend.intervals import IndependentSlopes, SenInterval
from satcore_trend.on_waves import Kind, WaveDesign, within
from satcore_trend.ranks import rank_trend
from satcore_trend.regression import Regression, regress
from satcore_trend.robust import default_lag
from satcore_trend.weighing import Weighed, weighed

if TYPE_CHECKING:
    from satcore_trend.metric import Trend

#: Waves below which intervals cover less, or more, than they say; docs/coverage_trend.md.
FEW_WAVES: Final = 24

#: Cook's distance above which one wave decides (Cook and Weisberg 1982).
DECISIVE: Final = 1.0


def series_trend(options: Trend, series: Series) -> Iterator[Estimate]:
    """Everything a trend says of a series, for all cells at once.

    Args:
        options: What was asked for.
        series: The followed estimates, (cells, waves).

    Raises:
        OptionError: Waves that these options can't stand on.
    """
    design = WaveDesign.of(options, series.waves)
    _check_lag(options, series.waves)
    weights = weighed(series) if options.weights == "std_error" else Weighed.alike(series)
    refusals = design.refusals(np.isfinite(weights.values))
    refused = np.array([bool(one) for one in refusals], dtype=np.bool_)[:, None]
    trend = _SeriesTrend(
        options=options,
        series=series,
        weights=weights,
        design=design,
        refusals=refusals,
        regression=regress(
            series.waves.times,
            np.where(refused, np.nan, weights.values),
            weights.errors,
            design=design.design,
            errors=options.errors,
            lag=options.lag,
            kernel=options.kernel,
            correction=options.correction,
            places=design.places(series.waves.times),
        ),
    )
    yield from trend.estimates()


def _check_lag(options: Trend, waves: Waves) -> None:
    if options.lag is not None and options.lag >= max(len(waves), 1):
        raise OptionError(
            "lag",
            f"{options.lag} lags don't fit {len(waves)} waves; give {max(len(waves) - 1, 0)} at "
            "most, or leave it out",
        )


@frozen(kw_only=True, eq=False)
class _SeriesTrend:
    """Tells a regression as estimates.

    Attributes:
        options: What was asked for.
        series: The followed estimates.
        weights: Values and errors of all waves.
        design: What they are explained by.
        refusals: Why a cell can't be fitted on it; empty where it was.
        regression: The fit.
    """

    options: Trend
    series: Series
    weights: Weighed
    design: WaveDesign
    refusals: tuple[str, ...]
    regression: Regression
    base: IntArray = field(init=False)
    weighted: FloatArray = field(init=False)
    effective: FloatArray = field(init=False)
    reasons: tuple[str, ...] = field(init=False)

    def __attrs_post_init__(self) -> None:
        there = np.isfinite(self.weights.values)
        object.__setattr__(self, "base", sure_base(self.series.base, there, self.regression.df))
        _, weighted, effective = self.series.bases(there)
        object.__setattr__(self, "weighted", weighted)
        object.__setattr__(self, "effective", effective)
        reasons = zip(self.refusals, self.regression.reasons(), strict=True)
        object.__setattr__(self, "reasons", tuple(first or second for first, second in reasons))

    def estimates(self) -> Iterator[Estimate]:
        """The coefficients, the diagnostics, every wave, and what is to come."""
        yield from self._coefficients()
        yield from self._diagnostics()
        if self.options.change_point:
            yield self._change_point()
        yield from self._waves()
        if self.options.forecast:
            yield from self._forecast()

    # ------------------------------------------------------------------ coefficients

    def _coefficients(self) -> Iterator[Estimate]:
        for term, combination, kind in self.design.combinations(self.regression.present):
            message = self._warnings(combination) if term == "slope" else self.reasons
            yield self._combined(term, combination, self._unit(kind), message)

    def _unit(self, kind: Kind) -> str:
        return unit_of(kind, self.series.unit, self.series.waves)

    def _combined(
        self, term: str, combination: FloatArray, unit: str, message: tuple[str, ...]
    ) -> Estimate:
        """A combination of the coefficients, tested against 0; slopes are compared."""
        fit = self.regression
        if unit == "proportion":
            # A difference of two shares is no share: 0.05 would read as a level of 5%.
            combination, unit = 100.0 * combination, "percentage_points"
        value = np.einsum("sp,sp->s", combination, fit.coefficients)
        variance = np.einsum("sp,spq,sq->s", combination, fit.covariance, combination)
        std_error = np.sqrt(np.where(variance >= 0, variance, np.nan))
        df = fit.df.astype(np.float64)
        slope = term == "slope"
        comparison = IndependentSlopes(value=value, std_error=std_error, df=df, unit=unit)
        return self._estimate(
            term,
            value,
            unit,
            std_error=std_error,
            interval=StudentInterval(centre=value, std_error=std_error, df=df, method=fit.errors),
            message=message,
            # The change is the slope times the span: its test would be the slope's again.
            null=None if term == "change" else 0.0,
            comparison=comparison if slope else None,
            compared=slope,
        )

    def _estimate(self, term: str, value: FloatArray, unit: str, **more: Any) -> Estimate:
        """A number that rests on all waves of a cell, unless ``more`` says otherwise."""
        bare = np.full(value.shape, np.nan)
        given: dict[str, Any] = {
            "std_error": bare,
            "base": self.base,
            "weighted_base": self.weighted if self.series.weighted else self.base,
            "effective_base": self.effective,
            "compared": False,
        } | more
        return Estimate(term=term, value=value, unit=unit, **given)

    def _newey_west(self, waves: int) -> str:
        """Which of Newey and West's errors these are: programs differ in what they take."""
        options = self.options
        lag = int(default_lag(np.array([waves]))[0]) if options.lag is None else options.lag
        corrected = "times n/(n-p)" if options.correction else "no small-sample correction"
        return f"Newey-West: lag {lag}, {options.kernel} kernel, {corrected}"

    def _warnings(self, slope: FloatArray) -> tuple[str, ...]:
        """What a reader of the slope has to know, by cell."""
        form = self.regression.least_squares.basis
        moved = influence(form) if len(self.series.waves) else None
        said = []
        for cell, reason in enumerate(self.reasons):
            parts = [reason, self.weights.messages[cell]]
            waves = int(self.regression.waves[cell])
            if not reason and waves < FEW_WAVES:
                parts.append(f"{waves} waves are few: below {FEW_WAVES} intervals are rough")
            if moved is not None and not reason:
                parts.append(self._decisive(moved, cell, slope[cell]))
            if not reason and self.options.errors == "hac":
                parts.append(self._newey_west(waves))
            said.append("; ".join(part for part in parts if part))
        return tuple(said)

    def _decisive(self, moved: Influence, cell: int, slope: FloatArray) -> str:
        """The wave that decides a slope by itself, if there is one; both by least squares."""
        least = self.regression.least_squares
        share = (least.basis.q[cell] @ (least.basis.inverse[cell].T @ slope)) ** 2
        # More than half of what all waves tell of the slope, however well the wave fits in.
        leads = share.max() > 0.5 * share.sum()
        place = int(share.argmax()) if leads else int(moved.place[cell])
        plain = float(least.coefficients[cell] @ slope)
        without = float(moved.without[cell, place] @ slope)
        decides = leads or moved.cook[cell, place] > DECISIVE
        if not decides or not np.isfinite(without):
            return ""
        label = self.series.waves.labels[place]
        return (
            f"one wave decides: by least squares the slope is {plain:.4g}, and {without:.4g} "
            f"without {label}"
        )

    # ------------------------------------------------------------------- diagnostics

    def _diagnostics(self) -> Iterator[Estimate]:
        # Under a strong autocorrelation the line may run beside the waves, so that these tell of
        # the line by least squares.
        fit, plain = self.regression, self.regression.least_squares
        line = plain.coefficients @ fit.design.columns(fit.times, fit.places).T
        times, values = self.series.waves.times, self.weights.values
        ranks = rank_trend(times, values)
        few = tuple(
            "too few waves for an interval by ranks" if np.isfinite(slope) and np.isnan(low) else ""
            for slope, low in zip(ranks.slope.tolist(), ranks.low.tolist(), strict=True)
        )
        yield self._estimate(
            "sen_slope", ranks.slope, self._unit("time"), message=few,
            interval=SenInterval(times=times, values=values),
        )  # fmt: skip
        yield self._estimate("kendall_tau", ranks.tau, "coefficient", message=_p(ranks.p))
        yield self._estimate("r_squared", plain.r_squared, "coefficient")
        if fit.errors == "ar1":
            yield self._estimate("autocorrelation", fit.rho, "coefficient")
        # Where the line meets every wave, what is left is rounding and says nothing.
        rest = np.where(plain.basis.perfect[:, None], np.nan, fit.values - line)
        yield self._estimate("durbin_watson", durbin_watson(rest), "")
        serial = breusch_godfrey(plain.basis)
        yield self._estimate("breusch_godfrey", serial.statistic, "", message=_p(serial.p))
        if self.weights.errors is not None:
            spread = dispersion(fit.values, line, self.weights.errors**2, fit.df)
            # Equal weights say nothing of how far sampling alone moves waves.
            spread = np.where(self.weights.own, spread, np.nan)
            yield self._estimate("dispersion", spread, "")

    def _change_point(self) -> Estimate:
        """The most likely change at an unknown wave, waves weighing alike."""
        waves = self.series.waves
        since = waves.times - self.regression.design.origin
        parts = [np.ones_like(since), since] if self.options.change_point == "trend" else None
        columns = np.stack(parts or [np.ones_like(since)], axis=-1)
        labels: list[str | None] = []
        values, messages = [], []
        every = change_points(waves.times, self.weights.values, columns)
        for row, found in zip(self.weights.values, every, strict=True):
            after = None if found is None else _next_there(row, waves.times, found.time)
            labels.append(None if after is None else waves.labels[after])
            values.append(np.nan if found is None else found.sup_f)
            messages.append(_unchanged(row) if found is None else f"p {found.p:.4g}")
        return self._estimate(
            "change_point", np.array(values), "", label=tuple(labels), message=tuple(messages)
        )

    # ------------------------------------------------------------- every wave, and next

    def _waves(self) -> Iterator[Estimate]:
        series, fit = self.series, self.regression
        for place, label in enumerate(series.waves.labels):
            yield self._estimate(
                "observed",
                series.value[:, place],
                series.unit,
                item=label,
                std_error=series.std_error[:, place],
                interval=series.interval_at(place),
                base=series.base[:, place],
                weighted_base=series.weighted_base[:, place],
                effective_base=series.effective_base[:, place],
                records=series.records_at(place),
            )
        line, error = self._line() if fit.errors == "ar1" else fit.line(fit.times, fit.places)
        inside = within(series.waves.times, fit.present)
        line, error = (np.where(inside, one, np.nan) for one in (line, error))
        for place, label in enumerate(series.waves.labels):
            interval = StudentInterval(
                centre=line[:, place],
                std_error=error[:, place],
                df=fit.df.astype(np.float64),
                method=fit.errors,
            )
            yield self._estimate(
                "fitted", line[:, place], series.unit, item=label, std_error=error[:, place],
                interval=interval, message=_outside(inside[:, place], self.reasons),
            )  # fmt: skip

    def _line(self) -> tuple[FloatArray, FloatArray]:
        """The line of autocorrelated waves, and its standard errors, (cells, waves).

        Where neighbours are much alike, the level about which the waves wander can't be told: the
        line that fits best may run far beside them. What can be told is the line's shape, so it is
        drawn through the weighted mean of the waves there are, as least squares does. The errors
        are those of the shape about that mean, and of the mean by least squares.
        """
        fit, columns = self.regression, self.design.columns()
        errors = np.ones_like(fit.values) if fit.wave_errors is None else fit.wave_errors
        weight = np.where(fit.present, 1.0 / errors**2, 0.0)
        whole = weight.sum(axis=1, keepdims=True)
        weight = weight / whole
        mean = np.where(fit.present, weight * fit.values, 0.0).sum(axis=1, keepdims=True)
        about = columns - (weight @ columns)[:, None, :]
        line = mean + np.einsum("swp,sp->sw", about, fit.coefficients)
        variance = np.einsum("swp,spq,swq->sw", about, fit.covariance, about)
        variance = variance + fit.least_squares.sigma[:, None] ** 2 / whole
        return line, np.sqrt(np.where(variance >= 0, variance, np.nan))

    def _forecast(self) -> Iterator[Estimate]:
        series, fit = self.series, self.regression
        try:
            ahead = series.waves.after(self.options.forecast)
        except ValueError:
            raise OptionError(
                "forecast",
                f"{self.options.forecast} waves after {series.waves.labels[-1]} lie beyond the "
                "year 9999, where the calendar ends; ask for fewer",
            ) from None
        reasons = tuple(
            reason or too_short(int(waves))
            for reason, waves in zip(self.refusals, fit.waves, strict=True)
        )
        if not len(ahead):
            return
        found = forecast(fit, ahead.times, places=self.design.places(ahead.times))
        for place, label in enumerate(ahead.labels):
            mean, error = found.mean[:, place], found.std_error[:, place]
            interval: Interval = StudentInterval(
                centre=mean, std_error=error, df=found.df.astype(np.float64), method="prediction"
            )
            yield self._estimate(
                "forecast", mean, series.unit, item=label, std_error=error, interval=interval,
                message=reasons,
            )  # fmt: skip
        yield from self._back_test(reasons)

    def _back_test(self, reasons: tuple[str, ...]) -> Iterator[Estimate]:
        """How such forecasts did in the past, against simpler ones."""
        waves, fit = self.series.waves, self.regression
        cycle = 1.0 if waves.unit == "year" else self.options.cycle
        tested = back_test(
            waves.times, fit.values, self.weights.errors,
            design=fit.design, errors=self.options.errors, cycle=cycle, places=fit.places,
        )  # fmt: skip
        count = tuple(
            reason or f"{made} forecasts held against what came"
            for reason, made in zip(reasons, tested.forecasts.tolist(), strict=True)
        )
        yield self._estimate("error_to_last", tested.ratio_last, "ratio", message=count)
        if cycle is not None:
            yield self._estimate("error_to_cycle", tested.ratio_cycle, "ratio", message=reasons)


def unit_of(kind: Kind, unit: str, waves: Waves) -> str:
    """What a combination of coefficients is counted in.

    Args:
        kind: That of the combination.
        unit: The unit of the series, or of the model.
        waves: The waves, whose unit is that of time.
    """
    a_time = f"{unit} a {waves.unit}".strip()
    return {"level": unit, "time": a_time, "squared": f"{a_time}, squared"}[kind]


def sure_base(base: IntArray, there: NDArray[np.bool_], df: FloatArray | IntArray) -> IntArray:
    """The answers that a trend rests on, by cell: those of all its waves.

    Without degrees of freedom the line goes through every wave and tells each one's value. So it
    rests on the wave with the fewest answers, and is withheld where that one is.

    Args:
        base: Answers, (cells, waves).
        there: Whether the wave takes part, (cells, waves).
        df: Waves less coefficients, (cells,).
    """
    whole = np.where(there, base, 0).sum(axis=1)
    least = np.where(there, base, np.iinfo(np.int64).max).min(
        axis=1, initial=np.iinfo(np.int64).max
    )
    exact = ~(df > 0) & there.any(axis=1)
    return np.asarray(np.where(exact, least, whole), dtype=np.int64)


def _outside(inside: NDArray[np.bool_], reasons: tuple[str, ...]) -> tuple[str, ...]:
    """Why a line does not reach a wave, by cell."""
    return tuple(
        "" if here or reason else "outside the waves of this group"
        for here, reason in zip(inside.tolist(), reasons, strict=True)
    )


def _unchanged(row: FloatArray) -> str:
    """Why no change was sought in a series."""
    values = row[np.isfinite(row)]
    if values.size > 1 and np.ptp(values) == 0:
        return "all waves are equal: nothing changes"
    return "too few waves for a change to be sought, or none off the line"


def _next_there(row: FloatArray, times: FloatArray, time: float) -> int:
    """The first wave after a time that has a value."""
    return int(np.flatnonzero(np.isfinite(row) & (times > time))[0])


def _p(p: FloatArray) -> tuple[str, ...]:
    """P-values as messages."""
    return tuple("" if np.isnan(one) else f"p {one:.4g}" for one in p.tolist())
