"""What becomes of complaints: resolved, within the promise, satisfied after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from attrs import evolve, frozen

from satcore import (
    Chart,
    Codebook,
    Derived,
    Estimate,
    Given,
    Metric,
    OptionError,
    Results,
    Statistic,
    Tallied,
    Tally,
)
from satcore_operations import telling
from satcore_operations.choices import TimeUnit, Twice, yes
from satcore_operations.resolved import Resolved
from satcore_operations.response import ResponseTime
from satcore_operations.survival import Survived
from satcore_operations.telling import number, together

#: Items of the rates.
RESOLVED: Final = "resolved"
SATISFIED: Final = "satisfied"
REOPENED: Final = "reopened"

TITLES: Final[dict[str, tuple[str, str]]] = {
    RESOLVED: ("Resolved", "已解决"),
    SATISFIED: ("Satisfied after", "处理后满意"),
    REOPENED: ("Reopened", "重新打开"),
}


@frozen(kw_only=True)
class Recovery(Metric):
    """Complaint recovery: the shares resolved, closed within the promise, and satisfied after.

    Attributes:
        resolved: The column on a scale that says whether a complaint was resolved, of all that say.
        resolved_values: Its values that stand for it.
        resolved_scale: Its scale.
        satisfied: The column of the answer after the complaint was dealt with, of those that were
            resolved and answered.
        satisfied_values: Answers that are satisfied.
        satisfied_scale: Its scale.
        reopened: The column on a scale that says whether a complaint came back. One that did
            was not resolved, whatever ``resolved`` says of it.
        reopened_values: Its values that stand for it.
        reopened_scale: Its scale.
        duration: The column of how long complaints took, in ``unit``: with ``promise``.
        opened: Instead, when they were opened,
        closed: and when they were closed.
        until: When the table was drawn, beside ``opened``.
        since: Complaints opened before are left out of the share within the promise.
        zone: The time zone of times that name none.
        form: The times' form in strptime's letters, where it is not year-month-day.
        twice: Which of two a local time is that happens twice.
        opening: The column that says which opening of its case a row is: the first counts.
        unit: The unit of durations, around the clock.
        resolution: Durations are rounded up to whole steps of this.
        longest: Durations beyond it are counted as still open at it.
        promise: The time within which a complaint should be closed.
    """

    resolved: str
    resolved_values: tuple[int, ...] = (1,)
    resolved_scale: str = "0..1"
    satisfied: str = ""
    satisfied_values: tuple[int, ...] = (4, 5)
    satisfied_scale: str = "1..5"
    reopened: str = ""
    reopened_values: tuple[int, ...] = (1,)
    reopened_scale: str = "0..1"
    duration: str = ""
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

    @property
    def _times(self) -> ResponseTime | None:
        """How long complaints take; None where nobody asks."""
        if not (self.duration or self.opened or self.closed):
            return None
        return ResponseTime(
            duration=self.duration, opened=self.opened, closed=self.closed, until=self.until,
            since=self.since, zone=self.zone, form=self.form, twice=self.twice,
            opening=self.opening, unit=self.unit, resolution=self.resolution,
            longest=self.longest, promise=self.promise,
        )  # fmt: skip

    def statistics(self, codebook: Codebook) -> Mapping[str, Statistic]:
        """Tables of what was resolved and who was satisfied; the table of durations.

        Raises:
            OptionError: A promise without times, or times without a promise.
        """
        if (self._times is None) != (self.promise is None):
            wanted = "promise" if self.promise is None else "duration"
            raise OptionError(wanted, "a share within the promise asks for times and for a promise")
        resolved: Derived = yes(
            codebook, self.resolved, self.resolved_values, self.resolved_scale, "resolved_values"
        )
        declared: dict[str, Statistic] = {}
        if self.reopened:
            again = yes(
                codebook, self.reopened, self.reopened_values, self.reopened_scale,
                "reopened_values",
            )  # fmt: skip
            declared["again"] = Tally(again)
            resolved = Resolved(resolved, again, name=RESOLVED)
        declared["done"] = Tally(resolved)
        if self.satisfied:
            pleased = yes(
                codebook, self.satisfied, self.satisfied_values, self.satisfied_scale,
                "satisfied_values",
            )  # fmt: skip
            declared["pleased"] = Tally(Given(pleased, (resolved,)), resolved)
        times = self._times
        if times is not None:
            declared |= times.statistics(codebook)
        return declared

    def evaluate(
        self,
        done: Tallied,
        pleased: Tallied | None = None,
        again: Tallied | None = None,
        times: Survived | None = None,
    ) -> Iterator[Estimate]:
        """Each of the three, with what it is of."""
        told = telling.RESOLVED if again is None else telling.RESOLVED_FOR_GOOD
        yield _named(done.share([1], term="rate", item=RESOLVED), told)
        if again is not None:
            share = again.share([1], term="rate", item=REOPENED)
            yield _named(share, telling.REOPENED_OF)
        if pleased is not None:
            happy, solved = pleased.grid(0) == 1, pleased.grid(1) == 1
            share = pleased.share(happy & solved, term="rate", item=SATISFIED, among=solved)
            yield _named(share, telling.SATISFIED)
        of_times = self._times
        if times is not None and of_times is not None:
            within = next(one for one in of_times.evaluate(times) if one.term == "within")
            yield evolve(within, item="promise")

    def item_title(self, item: str, language: str = "en") -> str:
        """What each share is of."""
        if item == "promise" and self.promise is not None:
            from satcore_operations.response import UNITS_ZH

            if language == "zh":
                return f"{self.promise:g} {UNITS_ZH[self.unit]}内"
            return f"Within {self.promise:g} {self.unit}{'' if self.promise == 1 else 's'}"
        return TITLES[item][language == "zh"] if item in TITLES else ""

    def charts(self, results: Results, name: str, language: str = "en") -> Iterable[Chart]:
        """The shares with their intervals, by group and over the waves."""
        from satcore_operations.pictures import recovery_charts

        return recovery_charts(results, name, language)

    def findings(self, results: Results, name: str, language: str = "en") -> Iterable[str]:
        """The shares with what they are of."""
        from satcore_operations.findings import recovery_findings

        return recovery_findings(results, name, language)


def _named(share: Estimate, told: str) -> Estimate:
    """A share with its numerator and denominator told; the latter as counted, not weighted."""
    said = [told.format(base=number(base)) if base else "" for base in share.base.tolist()]
    return evolve(share, message=together(said))
