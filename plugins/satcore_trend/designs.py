"""What a series is explained by: level, time, season and a measure that began on a day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, TypeAlias

import numpy as np
from attrs import field, frozen

from satcore import FloatArray, IntArray, OptionError

Season: TypeAlias = Literal["dummies", "harmonics"]


@frozen(kw_only=True)
class Design:
    """The columns of a regression on time.

    Attributes:
        degree: Degree of the polynomial in time; 0 is a constant level.
        origin: The time at which the intercept is read, in the unit of time.
        season: ``dummies`` (one column for each season but the first) or ``harmonics`` (pairs of
            sine and cosine); None for no season.
        cycle: Length of a whole cycle in the unit of time: 1 where times are years and the season
            is the year's.
        seasons: Seasons in a cycle, for dummies: 12 for months in a year.
        harmonics: Pairs of sine and cosine.
        intervention: The time at which a measure began: the level may step there, and the slope
            may change from there on (Wagner et al. 2002). None for no measure.

    Raises:
        OptionError: An option that can't stand, or one that another one needs.
    """

    degree: int = 1
    origin: float = 0.0
    season: Season | None = None
    cycle: float | None = None
    seasons: int | None = None
    harmonics: int = 2
    intervention: float | None = field(default=None)

    def __attrs_post_init__(self) -> None:
        if self.degree < 0:
            raise OptionError("degree", f"{self.degree} is no degree; give 0, 1, 2, …")
        if self.season not in (None, "dummies", "harmonics"):
            raise OptionError(
                "season", f"{self.season!r} is not known; give 'dummies', 'harmonics' or nothing"
            )
        if self.season is not None:
            self._check_season()

    def _check_season(self) -> None:
        if self.cycle is None or not self.cycle > 0:
            raise OptionError(
                "cycle",
                "a season needs the length of its cycle in the unit of time, above 0: 1 where "
                "times are years, 12 where they are months",
            )
        if self.season == "dummies" and (self.seasons is None or self.seasons < 2):
            raise OptionError(
                "seasons", "dummies need the number of seasons in a cycle, 2 or more: 12 for months"
            )
        if self.season == "harmonics" and self.harmonics < 1:
            raise OptionError("harmonics", f"{self.harmonics} pairs are none; give 1 or more")

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names, in their order."""
        return tuple(self._names())

    def _names(self) -> Iterator[str]:
        yield "intercept"
        for power in range(1, self.degree + 1):
            yield "time" if power == 1 else f"time^{power}"
        if self.season == "dummies":
            yield from (f"season_{place}" for place in range(2, (self.seasons or 0) + 1))
        elif self.season == "harmonics":
            for pair in range(1, self.harmonics + 1):
                yield f"sin_{pair}"
                yield f"cos_{pair}"
        if self.intervention is not None:
            yield from ("level_change", "slope_change")

    def columns(self, times: FloatArray, places: IntArray | None = None) -> FloatArray:
        """The design matrix at some times, (times, columns).

        Args:
            times: In the unit of time.
            places: The season of each time from 0, where the calendar knows better than
                :func:`season_places`; for dummies alone.
        """
        times = np.asarray(times, dtype=np.float64)
        return np.stack(list(self._columns(times, places)), axis=-1)

    def _columns(self, times: FloatArray, places: IntArray | None) -> Iterator[FloatArray]:
        since = times - self.origin
        for power in range(self.degree + 1):
            yield since**power
        if self.season == "dummies":
            seasons = self.seasons or 0
            if places is None:
                places = season_places(times, self.cycle or 1.0, seasons)
            for place in range(1, seasons):
                yield (places == place).astype(np.float64)
        elif self.season == "harmonics":
            turn = 2 * np.pi * times / (self.cycle or 1.0)
            for pair in range(1, self.harmonics + 1):
                yield np.sin(pair * turn)
                yield np.cos(pair * turn)
        if self.intervention is not None:
            after = times >= self.intervention
            yield after.astype(np.float64)
            yield np.where(after, times - self.intervention, 0.0)

    def problems(
        self, times: FloatArray, shown: Callable[[float], str] = "{:g}".format
    ) -> Iterator[OptionError]:
        """What the times of a series can't bear, each with its cure.

        Args:
            times: The times at which the series has a value, in order.
            shown: How a time is told to a person.
        """
        if self.season is not None and self.cycle is not None:
            covered = cycles_covered(times, self.cycle)
            if covered < 2:
                yield OptionError(
                    "season",
                    f"the waves cover {covered:.2g} cycles, and a season needs two full ones to be "
                    "told from the trend; leave the season out, or wait for more waves",
                )
        if self.intervention is not None and times.size:
            first, last = float(times[0]), float(times[-1])
            if not first < self.intervention <= last:
                yield OptionError(
                    "intervention",
                    f"{shown(self.intervention)} lies {_side(self.intervention, first)} the waves, "
                    f"which run from {shown(first)} to {shown(last)}; a change can only be seen "
                    "with waves before and after it",
                )


def _side(when: float, first: float) -> str:
    if when == first:
        return "on the first of"
    return "before all" if when < first else "after all"


def season_places(times: FloatArray, cycle: float, seasons: int) -> IntArray:
    """The season of each time, from 0: the nearest of equal steps of the cycle, counted from 0.

    With times in years and a cycle of 1, a time of 2024.0 is season 0 of 12, and 2024 + 1/12
    season 1.

    Args:
        times: In the unit of time.
        cycle: Length of a whole cycle.
        seasons: Seasons in a cycle.
    """
    nearest = np.rint(np.asarray(times, dtype=np.float64) / cycle * seasons)
    return np.asarray(np.mod(nearest, seasons), dtype=np.int64)


def cycles_covered(times: FloatArray, cycle: float) -> float:
    """How many cycles waves cover, each wave standing for the usual spacing after it."""
    times = np.unique(times)
    if times.size < 2:
        return 0.0
    step = float(np.median(np.diff(times)))
    return round(float(times[-1] - times[0] + step) / cycle, 6)
