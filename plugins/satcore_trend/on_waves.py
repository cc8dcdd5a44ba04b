"""What a trend is fitted on: its design on the waves of a study, and what waves can't bear."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from satcore import FloatArray, IntArray, OptionError, Waves
from satcore_trend.designs import Design, cycles_covered

if TYPE_CHECKING:
    from satcore_trend.metric import Trend

#: Waves of a year, by the period that their labels name.
A_YEAR: Final = {"month": 12, "quarter": 4}

#: Full cycles below which a season can't be told from a trend.
CYCLES: Final = 2

#: Waves on each side of a measure below which its level and slope can't be told apart.
SIDE: Final = 2

#: What a number is counted in: the metric's unit, that a unit of time, or that squared.
Kind: TypeAlias = Literal["level", "time", "squared"]


@frozen(kw_only=True, eq=False)
class WaveDesign:
    """A design on the waves of a study.

    Attributes:
        design: Its columns.
        waves: The waves.
    """

    design: Design
    waves: Waves

    @classmethod
    def of(cls, options: Trend, waves: Waves) -> WaveDesign:
        """The design that the options ask for.

        Raises:
            OptionError: Waves at the same time, a season that these waves can't show, or a
                measure that began before or after all of them.
        """
        _check_distinct(waves)
        cycle, seasons = _cycle(options, waves)
        design = Design(
            degree=options.degree,
            origin=float(waves.times[0]) if len(waves) else 0.0,
            season=options.season or None,
            cycle=cycle,
            seasons=seasons,
            harmonics=options.harmonics,
            intervention=_intervention(options.intervention, waves),
        )
        made = cls(design=design, waves=waves)
        made._check_seasons()
        return made

    def places(self, times: FloatArray) -> IntArray | None:
        """The season of each time, counted from that of the first wave; None without dummies."""
        design = self.design
        if design.season != "dummies" or design.seasons is None or design.cycle is None:
            return None
        steps = np.rint((times - design.origin) / design.cycle * design.seasons)
        return np.asarray(np.mod(steps, design.seasons), dtype=np.int64)

    def columns(self) -> FloatArray:
        """The design matrix of the waves, (waves, columns)."""
        return self.design.columns(self.waves.times, self.places(self.waves.times))

    def refusals(self, present: NDArray[np.bool_]) -> tuple[str, ...]:
        """Why the waves that a cell has can't tell the design; empty where they can.

        Args:
            present: Whether a cell has the wave, (cells, waves).
        """
        return tuple(
            next(iter(self._refused(self.waves.times[row])), "") if row.any() else ""
            for row in present
        )

    def _refused(self, times: FloatArray) -> Iterator[str]:
        design = self.design
        if design.season is not None and design.cycle is not None:
            covered = cycles_covered(times, design.cycle)
            if covered < CYCLES:
                yield f"the waves with answers cover {covered:.3g} cycles, and a season needs two"
        if design.intervention is not None and not times[0] < design.intervention <= times[-1]:
            side = "after" if times[-1] < design.intervention else "before"
            yield f"no wave {side} the measure has answers, so that no change can be seen"
        elif design.intervention is not None:
            yield from _too_near_an_end(times, design.intervention)

    def combinations(self, present: NDArray[np.bool_]) -> Iterator[tuple[str, FloatArray, Kind]]:
        """What is told of the coefficients: a term, its (cells, columns), what it is counted in.

        Under a curve, ``slope`` is that at the last wave; with a measure it is that before it.

        Args:
            present: Whether a cell has the wave, (cells, waves).
        """
        cells, design = present.shape[0], self.design
        one = np.ones((cells, 1))
        last = float(self.waves.times[-1]) - design.origin if len(self.waves) else 0.0
        slope = self._only("time") + 2.0 * last * self._only("time^2")
        yield "slope", one * slope, "time"
        if design.degree == 2:
            yield "curvature", one * self._only("time^2"), "squared"
        if design.intervention is not None:
            bend = self._only("slope_change")
            yield "level_change", one * self._only("level_change"), "level"
            yield "slope_change", one * bend, "time"
            yield "slope_after", one * (slope + bend), "time"
            return
        first, final = _ends(self.waves.times - design.origin, present)
        curve = (final**2 - first**2)[:, None] * self._only("time^2")
        yield "change", (final - first)[:, None] * self._only("time") + curve, "level"

    def _only(self, name: str) -> FloatArray:
        return np.array([float(one == name) for one in self.design.names])

    def _check_seasons(self) -> None:
        """Refuse a season of which the waves don't show all."""
        design, waves = self.design, self.waves
        places = self.places(waves.times)
        if not len(waves) or design.season is None:
            return
        if places is not None:
            seen = np.unique(places).size
            if seen < (design.seasons or 0):
                raise OptionError(
                    "cycle",
                    f"only {seen} of {design.seasons} seasons of a cycle have a wave; say how many "
                    f"waves make a cycle: cycle = {max(seen, 2)}",
                )
        most = None if design.seasons is None else (design.seasons - 1) // 2
        if design.season == "harmonics" and most is not None and design.harmonics > most:
            cure = f"harmonics = {most}" if most else 'season = "dummies"'
            raise OptionError(
                "harmonics",
                f"{design.seasons} waves of a cycle can't show {design.harmonics} pairs of sine "
                f"and cosine; take {cure}",
            )


def _too_near_an_end(times: FloatArray, began: float) -> Iterator[str]:
    """Why level and slope can't both be told on each side of a measure: one wave has no slope."""
    before, after = int((times < began).sum()), int((times >= began).sum())
    if min(before, after) < SIDE:
        yield (
            f"{before} {_waves(before)} before the measure and {after} from its date on have "
            f"answers; level and slope need at least {SIDE} before and {SIDE} from the date on: "
            "take another date, or wait for more waves"
        )


def _waves(count: int) -> str:
    return "wave" if count == 1 else "waves"


def _ends(times: FloatArray, present: NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
    """The first and the last time that each cell has."""
    if not times.size:
        nothing = np.full(present.shape[0], np.nan)
        return nothing, nothing
    first = times[np.argmax(present, axis=1)]
    last = times[times.size - 1 - np.argmax(present[:, ::-1], axis=1)]
    return first, last


def within(times: FloatArray, present: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether a time lies between the first and the last wave that a cell has, (cells, waves)."""
    first, last = _ends(times, present)
    inside = (times >= first[:, None]) & (times <= last[:, None])
    return np.asarray(inside & present.any(axis=1, keepdims=True), dtype=np.bool_)


def _check_distinct(waves: Waves) -> None:
    for first, second in waves.equal():
        raise OptionError(
            "wave",
            f"{first!r} and {second!r} are the same time; write them alike in the data, so that "
            "their answers are one wave",
        )


def _cycle(options: Trend, waves: Waves) -> tuple[float | None, int | None]:
    """The length of a cycle in the waves' unit, and the waves in it."""
    if not options.season:
        return None, None
    if not len(waves):
        # Without waves there is no number, whatever the design.
        return 1.0, 2
    if waves.period == "year":
        raise OptionError(
            "season", "waves of a year hide what happens within it; leave the season out"
        )
    seasons = options.cycle or A_YEAR.get(waves.period)
    if waves.unit == "wave" and seasons is None:
        raise OptionError("cycle", "these waves are no dates; say how many make a cycle: cycle = 4")
    if options.season == "dummies" and seasons is None:
        raise OptionError(
            "season",
            f"dummies would make each {waves.period} of a year a season of its own; take "
            'season = "harmonics", or waves of a month or quarter',
        )
    cycle = 1.0 if waves.unit == "year" else float(seasons or 1)
    covered = cycles_covered(waves.times, cycle)
    if covered < CYCLES:
        raise OptionError(
            "season",
            f"{waves.span} are {covered:.3g} cycles, and a season needs two full ones to be told "
            "from a trend; leave it out, or wait",
        )
    return cycle, seasons


def _intervention(when: str, waves: Waves) -> float | None:
    """Where among the times a measure began."""
    if not when or not len(waves):
        return None
    time = _moment(when, waves)
    if not waves.times[0] < time <= waves.times[-1]:
        side = "after the last" if time > waves.times[-1] else "not after the first"
        raise OptionError(
            "intervention",
            f"{when} is {side} of the waves, {waves.span}; what a measure changed shows only with "
            "waves before and after it",
        )
    return time


def _moment(when: str, waves: Waves) -> float:
    """The time of a wave or a date; a date counts as the beginning of the wave it lies in."""
    label = period_of(when, waves)
    if label not in waves.labels and waves.period and Waves.of([label]).period == waves.period:
        return float(Waves.of([label]).times[0])
    try:
        return waves.time(label)
    except ValueError as error:
        raise OptionError("intervention", str(error)) from None


def period_of(when: str, waves: Waves) -> str:
    """The wave's label for the period that a date lies in; the text itself where it is none."""
    day = next(iter(Waves.of([when]).dates), None)
    if when in waves.labels or day is None or not waves.period:
        return when
    week = day.isocalendar()
    return {
        "year": f"{day.year:04}",
        "quarter": f"{day.year:04}-Q{(day.month + 2) // 3}",
        "month": f"{day.year:04}-{day.month:02}",
        "week": f"{week.year:04}-W{week.week:02}",
    }.get(waves.period, day.isoformat())
