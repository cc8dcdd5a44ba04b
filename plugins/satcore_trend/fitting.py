"""The trend of one plain series: ``fit(x, y)``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any, Final

import numpy as np
from attrs import evolve, field, frozen

from satcore import DataError, FloatArray, IntArray, OptionError, Problem
from satcore_trend.calendar_times import Times, read_times
from satcore_trend.designs import Design, Season
from satcore_trend.diagnostics import ChiSquare, autocorrelation, breusch_godfrey, durbin_watson
from satcore_trend.distributions import t_quantile
from satcore_trend.forecasting import forecast
from satcore_trend.least_squares import exact_least_squares
from satcore_trend.regression import Regression, regress
from satcore_trend.robust import default_lag

#: Waves below which intervals are told to be rough.
SHORT: Final = 24

#: Points times columns² up to which least squares is computed in exact arithmetic.
EXACT: Final = 100_000

#: A spacing this many times the usual one is told.
FAR: Final = 20.0


class SeriesError(DataError, ValueError):
    """A series or an option that no trend can be fitted to; every problem at once."""


@frozen(kw_only=True)
class Prediction:
    """The line and the points to come, at some times; every array by time.

    Attributes:
        times: In the unit of the fit.
        value: The line.
        std_error: Of the line.
        low: Lower bound of the line: the confidence band.
        high: Upper bound of the line.
        expected: Where a new point is expected; under ``ar1`` and after the last point, from the
            last residual on, else the line.
        prediction_error: Standard error of a new point about it.
        prediction_low: Lower bound of a new point: the prediction interval.
        prediction_high: Upper bound of a new point.
    """

    times: FloatArray
    value: FloatArray
    std_error: FloatArray
    low: FloatArray
    high: FloatArray
    expected: FloatArray
    prediction_error: FloatArray
    prediction_low: FloatArray
    prediction_high: FloatArray


@frozen(kw_only=True)
class Fit:
    """The trend of one series, in order of time.

    Attributes:
        names: The coefficients' names: ``intercept``, ``time``, …
        coefficients: By name's place.
        std_errors: By name's place; NaN where no error can be estimated.
        low: Lower bounds by Student's t.
        high: Upper bounds.
        p: Two-sided p-values against 0.
        covariance: Of the coefficients.
        df: Points less coefficients.
        sigma: Residual standard error; with ``std_error`` given, that of a point whose own is 1.
        r_squared: Part of the (weighted) variation that is explained.
        rho: Autocorrelation one step apart, under ``ar1``; else NaN.
        times: In the unit of time; years for the calendar.
        values: The series.
        fitted: The line.
        residuals: Series less line.
        confidence: Of the intervals.
        method: How errors were estimated, in words.
        unit: The unit of time, so that a slope is per ``year`` or per ``unit of x``.
        origin: The time at which the intercept is read.
        notes: What a reader should know: order changed, gaps, a short series.
        regression: The same as one of many series.
    """

    names: tuple[str, ...]
    coefficients: FloatArray
    std_errors: FloatArray
    low: FloatArray
    high: FloatArray
    p: FloatArray
    covariance: FloatArray
    df: int
    sigma: float
    r_squared: float
    rho: float
    times: FloatArray
    values: FloatArray
    fitted: FloatArray
    residuals: FloatArray
    confidence: float
    method: str
    unit: str
    origin: float
    notes: tuple[str, ...]
    regression: Regression = field(repr=False)
    _kind: str = field(repr=False, default="number")

    @property
    def residual_std_error(self) -> float:
        """Another name of ``sigma``."""
        return self.sigma

    @property
    def autocorrelation(self) -> float:
        """Autocorrelation of the residuals of neighbours."""
        return float(autocorrelation(self.residuals)[0])

    @property
    def durbin_watson(self) -> float:
        """Durbin and Watson's statistic of the residuals: 2 without autocorrelation."""
        return float(durbin_watson(self.residuals)[0])

    def breusch_godfrey(self, order: int = 1) -> ChiSquare:
        """Test the least-squares residuals for autocorrelation up to an order."""
        return breusch_godfrey(self.regression.least_squares.basis, order)

    def coefficient(self, name: str) -> float:
        """One coefficient by its name."""
        return float(self.coefficients[self.names.index(name)])

    def predict(
        self, x: Iterable[Any], std_error: float | None = None, confidence: float | None = None
    ) -> Prediction:
        """The line with its confidence band, and new points with their prediction interval.

        Args:
            x: Times, written as those of the series were.
            std_error: Standard error that a new point will have; None: the root mean square of
                the series' own.
            confidence: Of band and interval; None: that of the fit.

        Raises:
            SeriesError: Times that are written otherwise.
        """
        read = _read_like(x, self._kind)
        design = self.regression.design
        places = _places(read, design)
        level = self.confidence if confidence is None else confidence
        half = float(t_quantile(level, self.df))
        line, error = self.regression.line(read.values, places)
        size = None if std_error is None else np.array([std_error])
        # Under independent errors this is the line itself, at any time.
        plain = evolve(self.regression, errors="iid")
        ahead = forecast(plain, read.values, size, places, least=0)
        expected, apart = ahead.mean[0], ahead.std_error[0]
        if self.regression.errors == "ar1":
            later = read.values > self.times[np.isfinite(self.values)][-1]
            last = forecast(self.regression, read.values, size, places, least=0)
            expected = np.where(later, last.mean[0], expected)
            apart = np.where(later, last.std_error[0], apart)
        return Prediction(
            times=read.values,
            value=line[0],
            std_error=error[0],
            low=line[0] - half * error[0],
            high=line[0] + half * error[0],
            expected=expected,
            prediction_error=apart,
            prediction_low=expected - half * apart,
            prediction_high=expected + half * apart,
        )


def fit(
    x: Iterable[Any],
    y: Iterable[Any],
    std_error: Iterable[Any] | None = None,
    degree: int = 1,
    *,
    errors: str = "iid",
    lag: int | None = None,
    kernel: str = "bartlett",
    correction: bool = False,
    season: Season | None = None,
    cycle: float | None = None,
    seasons: int | None = None,
    harmonics: int = 2,
    intervention: Any = None,
    origin: Any = None,
    confidence: float = 0.95,
) -> Fit:
    """Fit a trend to one series.

    Args:
        x: Times: numbers, dates, ISO texts, numpy dates, months ``2024-03`` or quarters
            ``2024-Q1``. Those of the calendar are told in years of 365.2425 days; months are
            exactly a twelfth and quarters a quarter of a year apart.
        y: The series; None or NaN is a gap.
        std_error: Standard errors of the values. Weights are 1/SE², their scale is estimated.
        degree: Degree of the polynomial in time.
        errors: ``iid``, ``ar1`` (order 1 by restricted maximum likelihood), ``hac`` (Newey-West)
            or ``hc0`` to ``hc3``.
        lag: Largest lag of ``hac``; None for floor(4 (n/100)^(2/9)).
        kernel: ``bartlett`` or ``uniform``, for ``hac``.
        correction: Whether ``hac`` multiplies by n / (n - columns).
        season: ``dummies`` or ``harmonics``; None for no season.
        cycle: Length of the season's cycle in the unit of time; a year for the calendar.
        seasons: Seasons in a cycle, for dummies; None: the cycle over the usual spacing.
        harmonics: Pairs of sine and cosine.
        intervention: The time at which a measure began, written as ``x`` is.
        origin: The time at which the intercept is read, written as ``x`` is; None: 0 for numbers,
            the first time for the calendar.
        confidence: Of the intervals.

    Raises:
        SeriesError: Everything that is wrong with series and options, at once.
    """
    data = _Series.read(x, y, std_error)
    options = _Options(
        degree=degree, errors=errors, lag=lag, season=season, cycle=cycle, seasons=seasons,
        harmonics=harmonics, confidence=confidence,
    )  # fmt: skip
    design, problems = _design(data, options, intervention, origin)
    problems = [*_refused(data, options), *problems]
    if problems or design is None:
        raise SeriesError(problems)
    places = _places(data.times, design)
    wave_errors = None if data.errors is None else data.errors[None]
    try:
        found = regress(
            data.times.values, data.values[None], wave_errors,
            design=design, errors=errors, lag=lag, kernel=kernel, correction=correction,
            places=places,
        )  # fmt: skip
    except OptionError as error:
        raise SeriesError([Problem(error.option, error.message)]) from None
    if errors != "ar1":
        found = _exact(found)
    return _told(found, data, confidence)


@frozen(kw_only=True)
class _Options:
    degree: int
    errors: str
    lag: int | None
    season: Season | None
    cycle: float | None
    seasons: int | None
    harmonics: int
    confidence: float


@frozen(kw_only=True)
class _Series:
    """A series in order of time, and what was done to put it there."""

    times: Times
    values: FloatArray
    errors: FloatArray | None
    notes: tuple[str, ...]

    @property
    def present(self) -> FloatArray:
        """Times that have a value."""
        return self.times.values[np.isfinite(self.values)]

    @classmethod
    def read(cls, x: Iterable[Any], y: Iterable[Any], std_error: Iterable[Any] | None) -> _Series:
        problems: list[Problem] = []
        times: Times | None = None
        points = x if isinstance(x, np.ndarray) else list(x)
        try:
            times = read_times(points)
        except ValueError as error:
            problems.append(Problem("x", str(error)))
        values = _floats(y, "y", problems)
        errors = None if std_error is None else _floats(std_error, "std_error", problems)
        for name, other in (("y", values), ("std_error", errors)):
            if other is not None and other.size != len(points):
                told = f"{other.size} values for {len(points)} times; give one for each"
                problems.append(Problem(name, told))
        if values is not None:
            _check_values(values, errors, problems)
        if problems or times is None or values is None:
            raise SeriesError(problems)
        return cls._ordered(times, values, errors)

    @classmethod
    def _ordered(cls, times: Times, values: FloatArray, errors: FloatArray | None) -> _Series:
        notes = []
        order = np.argsort(times.values, kind="stable")
        if (np.diff(times.values) < 0).any():
            notes.append("the points were not in order of time and were put in order")
        missing = int(np.isnan(values).sum())
        if missing:
            told = "1 value is" if missing == 1 else f"{missing} values are"
            notes.append(f"{told} missing and kept as gaps")
        months = None if times.months is None else times.months[order]
        return cls(
            times=evolve(times, values=times.values[order], months=months),
            values=values[order],
            errors=None if errors is None else errors[order],
            notes=tuple(notes),
        )


def _floats(values: Iterable[Any], name: str, problems: list[Problem]) -> FloatArray | None:
    try:
        plain = [np.nan if value is None else float(value) for value in values]
    except (TypeError, ValueError) as error:
        problems.append(Problem(name, f"{error}; give numbers, and None or NaN for a gap"))
        return None
    return np.array(plain, dtype=np.float64)


def _check_values(values: FloatArray, errors: FloatArray | None, problems: list[Problem]) -> None:
    endless = np.flatnonzero(np.isinf(values))
    if endless.size:
        problems.append(
            Problem("y", f"the value at place {endless[0] + 1} is infinite; give a number or None")
        )
    if not np.isfinite(values).any():
        problems.append(Problem("y", "there is no value; give two or more"))
    if errors is None or errors.size != values.size:
        return
    bad = np.flatnonzero(np.isfinite(values) & ~((errors > 0) & np.isfinite(errors)))
    if bad.size:
        more = "" if bad.size == 1 else f" and at {bad.size - 1} other places"
        problems.append(
            Problem(
                "std_error",
                f"{errors[bad[0]]:g} at place {bad[0] + 1}{more} would give a weight that is "
                "infinite or none; give a standard error above 0 (for a share of 0 or 1 that of "
                "the adjusted method), or leave std_error out",
            )
        )


def _refused(data: _Series, options: _Options) -> Iterator[Problem]:
    """What the series can't bear, but for what concerns the design alone."""
    if not 0 < options.confidence < 1:
        yield Problem("confidence", f"{options.confidence:g} is no confidence; give 0.95 for 95%")
    present = data.present
    if options.degree > 0:
        if present.size == 1:
            yield Problem(
                "x", "one point has no slope; give two or more, or degree=0 for the level"
            )
        elif np.unique(present).size == 1:
            shown = data.times.shown()(float(present[0]))
            yield Problem(
                "x",
                f"all {present.size} points are at the same time ({shown}), so that there is no "
                "slope; give points at other times, or degree=0 for the level",
            )
        elif np.unique(present).size <= options.degree:
            yield Problem(
                "degree",
                f"{options.degree} needs {options.degree + 1} points at different times, and there "
                f"are {np.unique(present).size}; lower the degree",
            )
    twice = present[1:][np.diff(present) == 0]
    if twice.size and options.errors in ("ar1", "hac") and np.unique(present).size > 1:
        yield Problem(
            "x",
            f"{data.times.shown()(float(twice[0]))} occurs more than once, and errors="
            f"{options.errors!r} needs points one after the other; average those of one time, or "
            'use errors="iid"',
        )
    if options.lag is not None and not 0 <= options.lag < max(present.size, 1):
        yield Problem(
            "lag", f"{options.lag} does not fit {present.size} points; give 0 to {present.size - 1}"
        )


def _design(
    data: _Series, options: _Options, intervention: Any, origin: Any
) -> tuple[Design | None, list[Problem]]:
    """The design, and what is wrong with it."""
    problems: list[Problem] = []
    kind = data.times.kind
    first = 0.0 if kind == "number" else float(data.times.values[0])
    start = _moment(origin, kind, "origin", problems)
    when = _moment(intervention, kind, "intervention", problems)
    cycle = 1.0 if options.cycle is None and kind != "number" else options.cycle
    try:
        design = Design(
            degree=options.degree, origin=first if start is None else start,
            season=options.season, cycle=cycle,
            seasons=options.seasons or _seasons(data.present, cycle),
            harmonics=options.harmonics, intervention=when,
        )  # fmt: skip
    except OptionError as error:
        return None, [*problems, Problem(error.option, error.message)]
    shown = data.times.shown()
    problems += [Problem(one.option, one.message) for one in design.problems(data.present, shown)]
    return design, problems


def _moment(value: Any, kind: str, name: str, problems: list[Problem]) -> float | None:
    if value is None:
        return None
    try:
        return float(_read_like([value], kind, name).values[0])
    except SeriesError as error:
        problems.extend(error.problems)
        return None


def _read_like(x: Iterable[Any], kind: str, name: str = "x") -> Times:
    """Times that are written as those of the series; dates may stand for months and quarters."""
    try:
        read = read_times(x if isinstance(x, np.ndarray) else list(x), name)
    except ValueError as error:
        raise SeriesError([Problem(name, str(error))]) from None
    if (read.kind == "number") != (kind == "number"):
        raise SeriesError(
            [Problem(name, f"these times are {read.kind}s and those of the series {kind}s; write "
                           "both alike")]
        )  # fmt: skip
    if read.kind == "date" and kind in ("month", "quarter") and read.months is not None:
        # A date lies in its month, which begins at a twelfth of the year.
        months = read.months if kind == "month" else 3 * (read.months // 3)
        return evolve(read, values=np.floor(read.values + 1e-2 - read.months / 12) + months / 12)
    return read


def _seasons(times: FloatArray, cycle: float | None) -> int | None:
    times = np.unique(times)
    if cycle is None or times.size < 2:
        return None
    return round(cycle / float(np.median(np.diff(times))))


def _places(times: Times, design: Design) -> IntArray | None:
    """The season of each time by the calendar, where the seasons are its months or quarters."""
    if times.months is None or design.season != "dummies" or design.cycle != 1.0:
        return None
    if design.seasons not in (2, 3, 4, 6, 12):
        return None
    return np.asarray(times.months * design.seasons // 12, dtype=np.int64)


def _exact(found: Regression) -> Regression:
    """The same least squares without rounding on the way; all else follows in proportion."""
    plain, form = found.least_squares, found.least_squares.basis
    present = form.present[0]
    count = len(found.names)
    usable = np.isfinite(plain.sigma[0]) and np.isfinite(plain.coefficients).all()
    if not usable or int(present.sum()) * count * count > EXACT:
        return found
    design = found.design
    columns = design.columns(found.times, found.places)[present]
    exact = [[Fraction(float(value)) for value in column] for column in columns.T]
    since = [Fraction(float(time)) - Fraction(design.origin) for time in found.times[present]]
    for power in range(design.degree + 1):
        exact[power] = [value**power for value in since]
    weights = None
    if found.wave_errors is not None:
        weights = [1 / Fraction(float(one)) ** 2 for one in found.wave_errors[0][present]]
    values = [Fraction(float(value)) for value in found.values[0][present]]
    best = exact_least_squares(values, exact, weights)
    variance = best.squares / int(found.df[0])
    covariance = best.unscaled * variance
    if found.errors != "iid":
        covariance = found.covariance[0]
    return evolve(
        found,
        coefficients=best.coefficients[None],
        covariance=covariance[None],
        sigma=np.sqrt([variance]),
        r_squared=np.array([1.0 - best.squares / best.total if best.total > 0 else np.nan]),
    )


def _told(found: Regression, data: _Series, confidence: float) -> Fit:
    low, high = found.bounds(confidence)
    return Fit(
        names=found.names,
        coefficients=found.coefficients[0],
        std_errors=found.std_errors[0],
        low=low[0],
        high=high[0],
        p=found.p_values()[0],
        covariance=found.covariance[0],
        df=int(found.df[0]),
        sigma=float(found.sigma[0]),
        r_squared=float(found.r_squared[0]),
        rho=float(found.rho[0]),
        times=data.times.values,
        values=data.values,
        fitted=found.fitted[0],
        residuals=found.residuals[0],
        confidence=confidence,
        method=found.method,
        unit=data.times.unit,
        origin=found.design.origin,
        notes=(*data.notes, *_notes(found, data)),
        regression=found,
        kind=data.times.kind,
    )


def _notes(found: Regression, data: _Series) -> Iterator[str]:
    reason, waves = found.reasons()[0], int(found.waves[0])
    if reason:
        yield reason
    elif waves < SHORT:
        yield (
            f"{waves} points are few: below {SHORT}, intervals may hold the truth less often than "
            "they say, the more so under autocorrelation"
        )
    if found.errors == "hac" and not reason:
        yield (
            f"Newey-West errors are too small in short series (lag {int(default_lag(waves))} is "
            'usual here); errors="ar1" holds better below some hundreds of points'
        )
    apart = np.diff(data.present)
    usual = float(np.median(apart)) if apart.size else 0.0
    if usual > 0 and apart.max() > FAR * usual:
        place = int(np.argmax(apart))
        shown = data.times.shown()
        yield (
            f"between {shown(float(data.present[place]))} and "
            f"{shown(float(data.present[place + 1]))} lies {apart.max() / usual:.0f} times the "
            "usual spacing; is one of the dates a mistake?"
        )
