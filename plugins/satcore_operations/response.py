"""Response and resolution times: half, nine in ten, within the promise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from attrs import frozen

from satcore import Chart, Codebook, Count, Estimate, Metric, OptionError, Results, Statistic
from satcore_operations import telling
from satcore_operations.choices import (
    TimeUnit,
    Twice,
    both,
    end_moment,
    idle,
    in_order,
    moment,
    one_way,
    yes,
)
from satcore_operations.durations import SECONDS, Lifetimes, steps_of, times_of, whole_steps
from satcore_operations.survival import Band, Survived
from satcore_operations.telling import counted, number, together, where


@frozen(kw_only=True)
class ResponseTime(Metric):
    """How long cases take: median, 90th percentile, share within the promise; open ones censored.

    Attributes:
        duration: The column of durations, in ``unit``.
        open: A column on a scale that says which cases are still open; their durations are how
            long they have been so far. None is where empty.
        open_values: Its values that stand for an open case.
        open_scale: Its scale.
        opened: Instead of ``duration``, the column of when cases were opened,
        closed: and of when they were closed; nothing where they were not.
        until: When the table was drawn: what was not closed by then is open then. A date ends
            with its day. Needed with ``opened``.
        since: Cases opened before are left out, and told of.
        zone: The time zone of times that name none: durations are as long as they were, through
            every change of clocks. Without one, days have 24 hours.
        form: The times' form in strptime's letters, where it is not year-month-day.
        twice: Which of two a local time is that happens twice.
        opening: The column that says which opening of its case a row is, from 1: only the first
            counts. Without it every row is a case.
        unit: The unit of durations, around the clock: nights, weekends and holidays count.
        resolution: Durations are rounded up to whole steps of this.
        longest: Durations beyond it are counted as still open at it.
        promise: The time within which a case should be closed.
        at: Times at which the share still open is told, as a list or a range: ``"0..72"``.
        interval: How the interval of that share is made: ``log_log``, ``log`` or ``plain``.
    """

    duration: str = ""
    open: str = ""
    open_values: tuple[int, ...] = (1,)
    open_scale: str = "0..1"
    opened: str = ""
    closed: str = ""
    until: str = ""
    since: str = ""
    zone: str = ""
    form: str | None = None
    twice: Twice = "refuse"
    opening: str = ""
    unit: TimeUnit = "hour"
    resolution: float = 1.0
    longest: float = 2000.0
    promise: float | None = None
    at: str | tuple[float, ...] = ()
    interval: Band = "log_log"

    @property
    def _steps(self) -> int:
        return steps_of(self.longest, self.resolution)

    def _step(self, option: str, time: float) -> int:
        return whole_steps(option, time, self.resolution, self._steps)

    def _at(self) -> dict[str, int]:
        """The steps at which the share still open is told, by what results call them."""
        return {f"{time:g}": self._step("at", time) for time in times_of(self.at)}

    def statistics(self, codebook: Codebook) -> Mapping[str, Statistic]:
        """The table of durations.

        Raises:
            OptionError: Columns that do not go together, or times between steps.
        """
        way = one_way(duration=[self.duration], opened=[self.opened, self.closed])
        if way == "duration" and not self.open:
            idle("open", open_values=self.open_values != (1,), open_scale=self.open_scale != "0..1")
        if self.promise is not None:
            self._step("promise", self.promise)
        self._at()
        opening: Count | None = codebook.count(self.opening) if self.opening else None
        if way == "duration":
            for option in ("until", "since"):
                if getattr(self, option):
                    raise OptionError(option, "durations say nothing of when: name opened, closed")
            ended = None
            if self.open:
                item = codebook.item(self.open, self.open_scale or None)
                values = [v for v in range(item.low, item.high + 1) if v not in self.open_values]
                yes(codebook, self.open, self.open_values, self.open_scale, "open_values")
                ended = yes(codebook, self.open, values, self.open_scale, "open_values")
            return {
                "times": Lifetimes(
                    steps=self._steps, step=self.resolution,
                    duration=codebook.measure(self.duration), ended=ended, opening=opening,
                )
            }  # fmt: skip
        both(("opened", self.opened), ("closed", self.closed))
        if self.open:
            raise OptionError("open", "a case without a closing time is open: leave it out")
        until = end_moment("until", self.until, self.zone)
        if until is None:
            raise OptionError(
                "until",
                "say when the table was drawn, as '2026-06-30': cases without a closing time were "
                "open for so long",
            )
        since = moment("since", self.since, self.zone)
        in_order(since, until)
        start, end = (
            codebook.instant(
                column, zone=self.zone, form=self.form, twice=self.twice, after=after,
                apart=SECONDS[self.unit],
            )
            for column, after in ((self.opened, ""), (self.closed, self.opened))
        )  # fmt: skip
        return {
            "times": Lifetimes(
                steps=self._steps, step=self.resolution, start=start, end=end,
                unit=SECONDS[self.unit], since=since, until=until, opening=opening,
            )
        }  # fmt: skip

    @property
    def units(self) -> str:
        """The unit of times, as results name it."""
        return f"{self.unit}s"

    def evaluate(self, times: Survived) -> Iterator[Estimate]:
        """Median, 90th percentile, share within the promise, share still open at times."""
        curve, told = times.curve(self.interval), self._told(times)
        for term, share in (("median", 0.5), ("p90", 0.9)):
            yield times.quantile(
                curve, share, term=term, item="", unit=self.units, message=list(told)
            )
        if self.promise is not None:
            step = self._step("promise", self.promise)
            early = times.open[:, :step].sum(axis=1)
            yield times.within(
                curve, step, term="within", item="",
                message=list(
                    together(self._closed(times), told, counted(telling.OPEN_EARLY, early))
                ),
            )  # fmt: skip
        yield from times.told_at(curve, self._at())

    def _closed(self, times: Survived) -> list[str]:
        """What a share within the promise is of."""
        promise = self.promise or 0.0
        said = {"promise": number(promise), "unit": self.unit if promise == 1 else self.units}
        return [
            telling.CLOSED.format(**said, base=number(base)) if base else ""
            for base in times.cases.tolist()
        ]

    def _told(self, times: Survived) -> tuple[str, ...]:
        """The cases behind the numbers, the window, and what was left out or odd."""
        told, some = times.told, times.cases > 0
        longest = number(self.longest)
        return together(
            where(some, telling.window(self.since, self.until)),
            counted(telling.OPEN, times.still_there),
            counted(telling.TOO_LONG, told["too_long"], longest=longest),
            counted(telling.AT_ONCE, told["at_once"]),
            counted(telling.REOPENED, told["reopened"]),
            counted(telling.UNNUMBERED, told["unnumbered"]),
            counted(telling.NEGATIVE if self.opened else telling.BELOW_ZERO, told["negative"]),
            counted(telling.BEFORE, told["before"]),
            counted(telling.AFTER, told["after"]),
            counted(telling.UNDATED, told["uncounted"]),
            counted(telling.UNSAID, told["unsaid"]),
        )

    def item_title(self, item: str, language: str = "en") -> str:
        """The time at which a share is still open."""
        return time_title(item, self.unit, language)

    def charts(self, results: Results, name: str, language: str = "en") -> Iterable[Chart]:
        """The share still open by time, and the share within the promise by group."""
        from satcore_operations.pictures import response_charts

        return response_charts(results, name, language)

    def findings(self, results: Results, name: str, language: str = "en") -> Iterable[str]:
        """Half and nine in ten, and the promise."""
        from satcore_operations.findings import response_findings

        return response_findings(results, name, language)


#: Units of time in Chinese.
UNITS_ZH: Mapping[str, str] = {
    "second": "秒",
    "minute": "分钟",
    "hour": "小时",
    "day": "天",
    "week": "周",
    "month": "个月",
    "year": "年",
}


def time_title(item: str, unit: str, language: str) -> str:
    """What to call a time: ``after 24 hours``."""
    if not item or item == "overall":
        return ""
    if language == "zh":
        return f"{item} {UNITS_ZH[unit]}后"
    return f"after {item} {unit}{'' if item == '1' else 's'}"
