"""Control charts of series: limits frozen in phase I, points judged by rules."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypeAlias, get_args

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike, NDArray

from satcore import FloatArray, listed, near
from satcore_control import limits as estimated
from satcore_control.limits import Limits
from satcore_control.rules import (
    BEYOND_LIMITS,
    ON_THE_LINE,
    BoolArray,
    Broken,
    broken_rules,
    rules_named,
)

Kind: TypeAlias = Literal[
    "own", "p", "u", "c", "laney_p", "laney_u", "individuals", "ewma", "cusum"
]

#: Every kind of chart.
KINDS: Final[tuple[str, ...]] = get_args(Kind)

#: Charts of counts, and those whose counts are out of a size of their own.
COUNTED: Final = ("p", "u", "c", "laney_p", "laney_u")
SIZED: Final = ("p", "u", "laney_p", "laney_u")

#: Charts whose points carry the past: run rules don't hold for them.
CUMULATED: Final = ("ewma", "cusum")

#: A Shewhart chart's limits stand this many sigmas from the centre.
SHEWHART: Final = 3.0

#: Whence the sigma of an EWMA or CUSUM comes.
Spread: TypeAlias = Literal["auto", "own", "moving_range"]


@frozen(kw_only=True)
class Signal:
    """A point that signals.

    Attributes:
        cell: The series' place, from 0.
        wave: The point's place in it, from 0.
        rules: The rules that it breaks.
    """

    cell: int
    wave: int
    rules: tuple[str, ...]


@frozen(kw_only=True, eq=False)
class ControlChart:
    """Control charts of one or several series.

    Arrays are (cells, waves), or (cells,) where it says so; NaN where there is nothing.

    Attributes:
        kind: The kind of chart.
        value: The values: shares for counts of a p chart, rates for those of a u chart.
        centre: The centre line: (cells,).
        centre_error: Its standard error: (cells,).
        sigma: Standard deviation of each value by chance.
        plotted: What is held against the limits: the values, their moving average (EWMA), or
            the upper sums (CUSUM, in sigmas).
        down: The lower sums of a CUSUM, 0 or less; None for other charts.
        lower: The lower limits; for a CUSUM minus the decision interval.
        upper: The upper limits.
        phase_one: The points that centre and sigma were estimated from.
        judged: The points that have a number and limits.
        broken: Where each rule is broken.
        ratio: How many times as far as chance alone neighbouring points of phase I stray (Laney's
            sigma z): (cells,); NaN where sigma comes from those points.
    """

    kind: str
    value: FloatArray
    centre: FloatArray
    centre_error: FloatArray
    sigma: FloatArray
    plotted: FloatArray
    down: FloatArray | None = None
    lower: FloatArray
    upper: FloatArray
    phase_one: BoolArray
    judged: BoolArray
    broken: Mapping[str, Broken]
    ratio: FloatArray

    @property
    def signalling(self) -> BoolArray:
        """The points that break any rule."""
        found = np.zeros(self.value.shape, dtype=np.bool_)
        for one in self.broken.values():
            found |= one.points
        return found

    @property
    def signals(self) -> tuple[Signal, ...]:
        """The points that signal, with the rules that they break."""
        return tuple(
            Signal(cell=cell, wave=wave, rules=self.rules_at(cell, wave))
            for cell, wave in np.argwhere(self.signalling).tolist()
        )

    def rules_at(self, cell: int, wave: int) -> tuple[str, ...]:
        """The rules that a point breaks."""
        return tuple(name for name, one in self.broken.items() if one.points[cell, wave])

    @property
    def typical_sigma(self) -> FloatArray:
        """Root mean square of phase I's sigmas: (cells,); theirs where all points share one."""
        known = self.phase_one & np.isfinite(self.sigma)
        with np.errstate(divide="ignore", invalid="ignore"):
            squares = np.where(known, self.sigma * self.sigma, 0.0).sum(axis=1)
            mean: FloatArray = np.sqrt(squares / known.sum(axis=1))
        return mean


def chart(
    values: ArrayLike,
    sizes: ArrayLike | None = None,
    *,
    kind: str = "individuals",
    std_error: ArrayLike | None = None,
    phase_one: int | ArrayLike | None = None,
    rules: Sequence[str] = (),
    smoothing: float = 0.2,
    width: float = 3.0,
    slack: float = 0.5,
    decision: float = 5.0,
    spread: str = "auto",
) -> ControlChart:
    """A control chart of a series, or of several: (waves,) or (cells, waves), NaN for a gap.

    Args:
        values: Counts for ``p``, ``u``, ``c``, ``laney_p`` and ``laney_u``; else the values.
        sizes: Answers or units behind each count: one number or an array like ``values``. For
            standard errors, the answers that these were estimated from: they are then pooled over
            phase I and the centre weighs points by their answers. Without them errors are taken
            as known, and points weighed by their precision.
        kind: ``own`` (standard errors), ``p``, ``u``, ``c``, ``laney_p``,
            ``laney_u`` (Laney 2002), ``individuals`` (moving range), ``ewma`` (Roberts 1959) or
            ``cusum`` (Page 1954).
        std_error: Standard errors of the values, like ``values``.
        phase_one: The points from which centre and sigma are estimated: how many from the first
            on, or an array of true and false; all where None. The others are judged by the same
            limits.
        rules: Rules, or ``"western_electric"``, ``"nelson"``; where empty, Western Electric's
            four, and for EWMA and CUSUM their limits alone.
        smoothing: EWMA's weight of the newest point, above 0 up to 1.
        width: EWMA's limits, in sigmas of the average.
        slack: CUSUM's k, in sigmas.
        decision: CUSUM's h, in sigmas.
        spread: Whence EWMA and CUSUM have sigma: ``own`` standard errors, ``moving_range``, or
            ``auto``: own where they are given.

    Raises:
        ValueError: A kind, rule or number that can't stand, or arrays that don't fit.
    """
    _check_kind(kind)
    _check_numbers(smoothing, width, slack, decision, spread)
    named = rules_for(kind, rules)
    given = _series("values", values)
    size = None if sizes is None else _like("sizes", sizes, given)
    error = None if std_error is None else _like("std_error", std_error, given)
    if kind in SIZED and size is not None:
        given, size = _counted(kind, given, size)
    elif kind in COUNTED:
        _check_counts(kind, given)
    first = _phase_one(phase_one, given) & np.isfinite(given)
    found = _limits(kind, given, size, error, first, spread)
    value = given / size if kind in SIZED and size is not None else given
    return _judged(
        kind, value, found, named,
        smoothing=smoothing, width=width, slack=slack, decision=decision,
    )  # fmt: skip


def rules_for(kind: str, rules: Sequence[str]) -> tuple[str, ...]:
    """The rules by which a chart judges.

    Raises:
        ValueError: An unknown rule, or run rules for a chart whose points carry the past.
    """
    if kind in CUMULATED:
        if [name for name in rules if name != BEYOND_LIMITS]:
            raise ValueError(
                f"run rules stand for points that don't depend on each other; those of {kind} "
                "carry the past and are judged by their limits alone: leave rules out"
            )
        return (BEYOND_LIMITS,)
    return rules_named(rules or ("western_electric",))


def _judged(
    kind: str,
    value: FloatArray,
    found: Limits,
    rules: Sequence[str],
    *,
    smoothing: float,
    width: float,
    slack: float,
    decision: float,
) -> ControlChart:
    centre = found.centre[:, None]
    with np.errstate(invalid="ignore"):
        z = (value - centre) / found.sigma
    judged = np.isfinite(z)
    down = None
    if kind == "ewma":
        plotted, reach = _averaged(value, found, judged, smoothing, width)
        lower, upper = centre - reach, centre + reach
        broken = {BEYOND_LIMITS: _beyond(np.abs(plotted - centre), reach, judged)}
    elif kind == "cusum":
        plotted, down = _summed(z, judged, slack)
        upper = np.where(judged, decision, np.nan)
        lower = -upper
        broken = {BEYOND_LIMITS: _beyond(np.maximum(plotted, -down), upper, judged)}
    else:
        plotted = value
        reach = np.where(np.isfinite(value), SHEWHART * found.sigma, np.nan)
        lower = np.clip(centre - reach, found.low, found.high)
        upper = np.clip(centre + reach, found.low, found.high)
        broken = broken_rules(z, value, judged, rules)
    return ControlChart(
        kind=kind,
        value=value,
        centre=found.centre,
        centre_error=found.centre_error,
        sigma=np.where(np.isfinite(value), found.sigma, np.nan),
        plotted=plotted,
        down=down,
        lower=lower,
        upper=upper,
        phase_one=found.used,
        judged=judged,
        broken=broken,
        ratio=found.ratio,
    )


def _averaged(
    value: FloatArray, found: Limits, judged: BoolArray, smoothing: float, width: float
) -> tuple[FloatArray, FloatArray]:
    """The exponentially weighted moving average, and how far chance lets it stray (Roberts 1959).

    Its variance is carried point by point, so that waves may differ in precision; where they
    don't, it is sigma² λ/(2-λ) (1-(1-λ)^2t). A gap leaves both as they are.
    """
    average, reach = np.full(value.shape, np.nan), np.full(value.shape, np.nan)
    level, variance = found.centre, np.zeros_like(found.centre)
    for wave in range(value.shape[1]):
        here, old = judged[:, wave], 1.0 - smoothing
        step = smoothing * found.sigma[:, wave]
        level = np.where(here, smoothing * value[:, wave] + old * level, level)
        variance = np.where(here, step * step + old * old * variance, variance)
        average[:, wave] = np.where(here, level, np.nan)
        reach[:, wave] = np.where(here, width * np.sqrt(variance), np.nan)
    return average, reach


def _summed(z: FloatArray, judged: BoolArray, slack: float) -> tuple[FloatArray, FloatArray]:
    """The upper and the lower sums of the tabular CUSUM, in sigmas (Page 1954).

    A signal doesn't start them anew; a gap leaves them as they are.
    """
    up, down = np.full(z.shape, np.nan), np.full(z.shape, np.nan)
    high, low = np.zeros(len(z)), np.zeros(len(z))
    for wave in range(z.shape[1]):
        here = judged[:, wave]
        high = np.where(here, np.maximum(high + z[:, wave] - slack, 0.0), high)
        low = np.where(here, np.minimum(low + z[:, wave] + slack, 0.0), low)
        up[:, wave], down[:, wave] = np.where(here, high, np.nan), np.where(here, low, np.nan)
    return up, down


def _beyond(distance: FloatArray, reach: FloatArray, judged: BoolArray) -> Broken:
    """Points beyond their limits, though not by a rounding."""
    with np.errstate(invalid="ignore"):
        points = judged & (distance > reach * (1.0 + ON_THE_LINE))
    return Broken(points=points, over_gap=np.zeros_like(points))


def _limits(
    kind: str,
    value: FloatArray,
    size: FloatArray | None,
    error: FloatArray | None,
    phase_one: BoolArray,
    spread: str,
) -> Limits:
    if kind in SIZED:
        if size is None:
            raise ValueError(f"{kind}: the sizes are missing: how many answers each count is of")
        make = estimated.proportions if kind.endswith("p") else estimated.rates
        found = make(value, size, phase_one)
        return estimated.laney(found) if kind.startswith("laney") else found
    if kind == "c":
        return estimated.counts(value, phase_one)
    own = kind == "own" or (kind in CUMULATED and spread != "moving_range" and error is not None)
    if not own and spread != "own":
        return estimated.individuals(value, phase_one)
    if error is None:
        raise ValueError(
            f"{kind}: the standard errors are missing; without them, take the individuals chart, "
            'or spread = "moving_range"'
        )
    return estimated.own_errors(value, error, size, phase_one)


def _series(name: str, given: ArrayLike) -> FloatArray:
    array = np.array(given, dtype=np.float64, ndmin=2)
    if array.ndim != 2:
        raise ValueError(
            f"{name}: a series (waves,) or several (cells, waves) are wanted, not an array of "
            f"{array.ndim} dimensions"
        )
    if np.isinf(array).any():
        raise ValueError(f"{name}: there is an infinite number; a gap is NaN")
    return array


def _like(name: str, given: ArrayLike, values: FloatArray) -> FloatArray:
    """Numbers for each value: one for all, or an array of the same shape."""
    array = np.asarray(given, dtype=np.float64)
    if array.ndim and np.atleast_2d(array).shape != values.shape:
        raise ValueError(f"{name} has the shape {array.shape}; values have {values.shape}")
    if np.isinf(array).any() or (array < 0).any():
        raise ValueError(f"{name}: there is a negative or infinite number; a gap is NaN")
    return np.array(np.broadcast_to(array, values.shape))


def _counted(kind: str, count: FloatArray, size: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Counts and sizes, both NaN where nobody was asked."""
    _check_counts(kind, count)
    asked = np.isfinite(count) & (size > 0)
    if (np.isfinite(count) & ~asked & (count > 0)).any():
        raise ValueError(f"{kind}: there are counts above 0 with no size, or a size of 0")
    if kind in ("p", "laney_p") and (asked & (count > size)).any():
        raise ValueError(f"{kind}: there are counts above their sizes; for events use u")
    return np.where(asked, count, np.nan), np.where(asked, size, np.nan)


def _check_counts(kind: str, count: FloatArray) -> None:
    known = count[np.isfinite(count)]
    if (known < 0).any() or (known != np.round(known)).any():
        raise ValueError(f"{kind}: counts are whole and not negative; for values use individuals")


def _phase_one(given: int | ArrayLike | None, values: FloatArray) -> BoolArray:
    if given is None:
        return np.ones(values.shape, dtype=np.bool_)
    if isinstance(given, int | np.integer) and not isinstance(given, bool):
        if not 0 < given <= values.shape[1]:
            raise ValueError(
                f"phase_one: {given} points are wanted of {values.shape[1]}; 1 to "
                f"{values.shape[1]} would do"
            )
        return np.broadcast_to(np.arange(values.shape[1]) < given, values.shape)
    mask: NDArray[np.generic] = np.atleast_2d(np.asarray(given))
    if mask.dtype != np.bool_ or mask.shape[-1] != values.shape[1]:
        raise ValueError("phase_one: a number of points or true and false for each is wanted")
    return np.broadcast_to(mask.astype(np.bool_), values.shape)


def _check_kind(kind: str) -> None:
    if kind not in KINDS:
        raise ValueError(f"kind: {kind!r} is none of {listed(KINDS)}{near(kind, KINDS)}")


def _check_numbers(
    smoothing: float, width: float, slack: float, decision: float, spread: str
) -> None:
    problem = number_problem(smoothing, width, slack, decision)
    if problem:
        raise ValueError(": ".join(problem))
    if spread not in get_args(Spread):
        raise ValueError(f"spread: {spread!r} is none of {listed(get_args(Spread))}")


def number_problem(
    smoothing: float, width: float, slack: float, decision: float
) -> tuple[str, str] | None:
    """The first of EWMA's and CUSUM's numbers that can't stand, and why; None where all can."""
    if not 0 < smoothing <= 1:
        return "smoothing", f"{smoothing:g} is not above 0 and at most 1; 0.2 is usual"
    for name, number, usual in (("width", width, 3), ("decision", decision, 5)):
        if not (number > 0 and math.isfinite(number)):
            return name, f"{number:g} is not above 0; {usual} is usual"
    if not (slack >= 0 and math.isfinite(slack)):
        return "slack", f"{slack:g} is negative or infinite; 0.5 is usual"
    return None
