"""Customers lost and kept: over a period, and by how long they have been customers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from attrs import evolve, frozen

from satcore import (
    Chart,
    Codebook,
    Estimate,
    Metric,
    OptionError,
    Results,
    Statistic,
    Tallied,
    Tally,
)
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
from satcore_operations.exposed import Exposed, Exposures, Spans
from satcore_operations.response import time_title
from satcore_operations.survival import Band, Survived
from satcore_operations.telling import counted, number, together, where


@frozen(kw_only=True)
class Churn(Metric):
    """Customers lost of those there were at the start, retention, and survival by tenure.

    Attributes:
        left: A row a customer: the column on a scale that says who left in the period. All rows
            are the customers at its start.
        left_values: Its values that stand for having left.
        scale: Its scale.
        tenure: The column of how long each has been, or was, a customer, in ``unit``: beside
            ``left``, for survival.
        lost: Instead, a row a branch or month: the column that counts the customers lost,
        customers: and the one that counts those there were at the start.
        joined: Instead, the column of when each customer came,
        ended: and of when they left; nothing where they have not. Customers at the start are
            those that came before ``since`` and had not left by then.
        since: The period's first moment, for times.
        until: The moment at which it ends; a date ends with its day.
        zone: The time zone of times that name none.
        form: The times' form in strptime's letters, where it is not year-month-day.
        twice: Which of two a local time is that happens twice.
        period: What the period is called beside the numbers: ``"Q2 2026"``.
        at: Times at which survival is told, as a list or a range of whole ones: ``"0..72"``.
        unit: The unit of tenure; a month is a twelfth of 365.2425 days.
        resolution: Tenures are rounded up to whole steps of this.
        longest: Those beyond are counted as still there at it.
        interval: How the interval of survival is made: ``log_log``, ``log`` or ``plain``.
    """

    left: str = ""
    left_values: tuple[int, ...] = (1,)
    scale: str = "0..1"
    tenure: str = ""
    lost: str = ""
    customers: str = ""
    joined: str = ""
    ended: str = ""
    since: str = ""
    until: str = ""
    zone: str = ""
    form: str | None = None
    twice: Twice = "refuse"
    period: str = ""
    at: str | tuple[float, ...] = ()
    unit: TimeUnit = "month"
    resolution: float = 1.0
    longest: float = 600.0
    interval: Band = "log_log"

    @property
    def _steps(self) -> int:
        return steps_of(self.longest, self.resolution)

    def _at(self) -> dict[str, int]:
        """The steps at which survival is told, by what results call them."""
        return {
            f"{time:g}": whole_steps("at", time, self.resolution, self._steps)
            for time in times_of(self.at)
        }

    @property
    def units(self) -> str:
        """The unit of tenure, as results name it."""
        return f"{self.unit}s"

    def statistics(self, codebook: Codebook) -> Mapping[str, Statistic]:
        """Who left, of how many; and the table of tenures.

        Raises:
            OptionError: Columns that do not go together, or times between steps.
        """
        way = one_way(
            left=[self.left], lost=[self.lost, self.customers], joined=[self.joined, self.ended]
        )
        if way != "left":
            idle("left", left_values=self.left_values != (1,), scale=self.scale != "0..1")
        self._at()
        if self.at and way != "joined" and not self.tenure:
            raise OptionError("tenure", "survival at times asks how long customers have been there")
        if self.tenure and way != "left":
            raise OptionError("tenure", "a tenure goes with left: who of them has left")
        if way != "joined" and (self.since or self.until):
            given = "since" if self.since else "until"
            raise OptionError(
                given, "a window goes with joined and ended: times to hold against it"
            )
        if way == "left":
            gone = yes(codebook, self.left, self.left_values, self.scale, "left_values")
            declared: dict[str, Statistic] = {"answers": Tally(gone)}
            if self.tenure:
                declared["lives"] = Lifetimes(
                    steps=self._steps, step=self.resolution, ended=gone,
                    duration=codebook.measure(self.tenure),
                )  # fmt: skip
            return declared
        if way == "lost":
            both(("lost", self.lost), ("customers", self.customers))
            heads = (codebook.count(self.customers),)
            return {"heads": Exposed(events=codebook.count(self.lost), exposure=heads)}
        return self._by_times(codebook)

    def _by_times(self, codebook: Codebook) -> Mapping[str, Statistic]:
        both(("joined", self.joined), ("ended", self.ended))
        both(("since", self.since), ("until", self.until))
        since = moment("since", self.since, self.zone)
        until = end_moment("until", self.until, self.zone)
        if since is None or until is None:
            raise OptionError("since", "the period has no beginning: give since and until")
        in_order(since, until)
        if codebook.weighted:
            raise OptionError(
                "joined",
                "customers that came before the period are followed from its start on, and errors "
                "under weights do not know of that; count them with left, or drop the weight",
            )
        start, end = (
            codebook.instant(
                column, zone=self.zone, form=self.form, twice=self.twice, after=after,
                apart=SECONDS[self.unit],
            )
            for column, after in ((self.joined, ""), (self.ended, self.joined))
        )  # fmt: skip
        return {
            "heads": Spans(start=start, end=end, since=since, until=until),
            "lives": Lifetimes(
                steps=self._steps, step=self.resolution, start=start, end=end,
                unit=SECONDS[self.unit], since=since, until=until, delayed=True,
            ),
        }  # fmt: skip

    def evaluate(
        self,
        answers: Tallied | None = None,
        heads: Exposures | None = None,
        lives: Survived | None = None,
    ) -> Iterator[Estimate]:
        """Both rates; survival at times and the median tenure."""
        for other, term in ((False, "rate"), (True, "retention")):
            if answers is not None:
                yield self._of_answers(answers, term, other=other)
            if heads is not None:
                yield heads.share(term=term, other=other, message=self._told(heads))
        if lives is None:
            return
        curve, told = lives.curve(self.interval), self._of_lives(lives)
        yield lives.quantile(
            curve, 0.5, term="median", item="", unit=self.units, message=list(told)
        )
        yield from lives.told_at(curve, self._at())

    def _window(self) -> str:
        return self.period or telling.window(self.since, self.until)

    def _of_answers(self, answers: Tallied, term: str, *, other: bool) -> Estimate:
        share = answers.share([0 if other else 1], term=term, item="")
        said = [
            telling.LEFT.format(lost_number=number(count), base_number=number(base)) if base else ""
            for count, base in zip(answers.count([1]).tolist(), answers.base.tolist(), strict=True)
        ]  # fmt: skip
        return evolve(
            share,
            message=together(
                said,
                where(answers.base > 0, self._window()),
                counted(telling.UNSAID_LEFT, answers.missing),
            ),
        )

    def _told(self, heads: Exposures) -> tuple[str, ...]:
        rows = zip(
            heads.events.tolist(), heads.exposure.tolist(), (heads.rows > 0).tolist(), strict=True
        )
        said = []
        for lost, whole, some in rows:
            text = ""
            if some and lost > whole:
                text = telling.MORE_THAN_HEADS.format(lost=number(lost), heads=number(whole))
            elif some and whole == 0:
                text = telling.NOBODY_AT_START
            elif some:
                text = telling.LEFT.format(lost_number=number(lost), base_number=number(whole))
            said.append(text)
        return together(
            said,
            where(heads.rows > 0, self._window()),
            counted(
                telling.UNCOUNTED if self.lost else telling.UNDATED, heads.left_out("uncounted")
            ),
            counted(telling.BACKWARDS, heads.left_out("backwards")),
            counted(telling.GONE_BEFORE, heads.left_out("before")),
            counted(telling.CAME_LATER, heads.left_out("after")),
        )

    def _of_lives(self, lives: Survived) -> tuple[str, ...]:
        told = lives.told
        longest = number(self.longest)
        return together(
            where(lives.cases > 0, self._window()),
            counted(telling.STAYED, lives.still_there),
            counted(telling.TOO_LONG_LIVED, told["too_long"], longest=longest),
            counted(telling.LATE, told["late"]),
            counted(telling.AT_ONCE, told["at_once"]),
            counted(telling.BACKWARDS if self.joined else telling.BELOW_ZERO, told["negative"]),
            counted(telling.GONE_BEFORE, told["before"]),
            counted(telling.AFTER, told["after"]),
            counted(telling.UNDATED, told["uncounted"]),
            counted(telling.UNSAID_LEFT, told["unsaid"]),
        )

    def item_title(self, item: str, language: str = "en") -> str:
        """The tenure at which a share is still there."""
        return time_title(item, self.unit, language)

    def charts(self, results: Results, name: str, language: str = "en") -> Iterable[Chart]:
        """Survival by tenure, and the rate by group."""
        from satcore_operations.pictures import churn_charts

        return churn_charts(results, name, language)

    def findings(self, results: Results, name: str, language: str = "en") -> Iterable[str]:
        """Who left of how many, and how many stay for how long."""
        from satcore_operations.findings import churn_findings

        return churn_findings(results, name, language)
