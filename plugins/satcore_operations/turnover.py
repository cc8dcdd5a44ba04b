"""Staff turnover: separations on the average headcount, annualised, voluntary ones apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from attrs import frozen

from satcore import (
    Chart,
    Codebook,
    Estimate,
    Metric,
    OptionError,
    Results,
    Statistic,
)
from satcore_operations import telling
from satcore_operations.choices import Twice, both, end_moment, in_order, moment, one_way, yes
from satcore_operations.complaints import OVERALL
from satcore_operations.durations import SECONDS
from satcore_operations.exposed import Exposed, Exposures, Spans
from satcore_operations.telling import counted, number, together, where

#: The item of those that went of their own will.
VOLUNTARY = "voluntary"

#: Months of a year.
MONTHS = 12.0

#: The unit of a rate by year.
A_YEAR = "proportion per year"


@frozen(kw_only=True)
class Turnover(Metric):
    """Separations over average headcount in a year, with exact intervals; voluntary ones apart.

    Attributes:
        separations: A row a unit and month: the column that counts who left,
        headcount: and the columns that count the staff, as at the month's start and end; their
            mean is the row's average headcount.
        months: How many months each row covers.
        voluntary: The column that counts who left of their own will; beside ``joined``, one on a
            scale that says so of everybody who left.
        voluntary_values: Its values that stand for it, beside ``joined``.
        scale: Its scale, beside ``joined``.
        joined: Instead, a row a person: the column of when each came,
        ended: and of when they left; nothing where they have not. The average headcount is
            everybody's time within the window, over its length.
        since: The window's first moment, for times.
        until: The moment at which it ends; a date ends with its day.
        zone: The time zone of times that name none.
        form: The times' form in strptime's letters, where it is not year-month-day.
        twice: Which of two a local time is that happens twice.
        period: What the period is called beside the numbers.
    """

    separations: str = ""
    headcount: tuple[str, ...] = ()
    months: float = 1.0
    voluntary: str = ""
    voluntary_values: tuple[int, ...] = (1,)
    scale: str = "0..1"
    joined: str = ""
    ended: str = ""
    since: str = ""
    until: str = ""
    zone: str = ""
    form: str | None = None
    twice: Twice = "refuse"
    period: str = ""

    def statistics(self, codebook: Codebook) -> Mapping[str, Statistic]:
        """Sums of separations and of heads, all and voluntary.

        Raises:
            OptionError: Columns that do not go together.
        """
        heads = ["headcount"] if self.headcount else []
        way = one_way(separations=[self.separations, *heads], joined=[self.joined, self.ended])
        if way == "joined":
            return self._by_times(codebook)
        both(("separations", self.separations), ("headcount", "given" if self.headcount else ""))
        if not self.months > 0:
            raise OptionError("months", f"{self.months:g} is no number of months; a row covers 1")
        if self.since or self.until:
            given = "since" if self.since else "until"
            raise OptionError(
                given, "a window goes with joined and ended: times to hold against it"
            )
        exposure = tuple(codebook.count(column) for column in self.headcount)
        all_of_them = codebook.count(self.separations)
        declared: dict[str, Statistic] = {
            "everybody": Exposed(events=all_of_them, exposure=exposure)
        }
        if self.voluntary:
            chosen = codebook.count(self.voluntary)
            declared["willing"] = Exposed(events=chosen, exposure=exposure)
            declared["known"] = Exposed(events=chosen, exposure=(all_of_them,))
        return declared

    def _by_times(self, codebook: Codebook) -> Mapping[str, Statistic]:
        both(("joined", self.joined), ("ended", self.ended))
        since = moment("since", self.since, self.zone)
        until = end_moment("until", self.until, self.zone)
        if since is None or until is None:
            raise OptionError(
                "since", "the period has no beginning or no end: give since and until"
            )
        in_order(since, until)
        start, end = (
            codebook.instant(
                column, zone=self.zone, form=self.form, twice=self.twice, after=after,
                apart=SECONDS["month"],
            )
            for column, after in ((self.joined, ""), (self.ended, self.joined))
        )  # fmt: skip
        same: dict[str, Any] = {
            "start": start, "end": end, "since": since, "until": until, "unit": SECONDS["month"],
        }  # fmt: skip
        declared: dict[str, Statistic] = {"everybody": Spans(**same)}
        if self.voluntary:
            why = yes(
                codebook, self.voluntary, self.voluntary_values, self.scale, "voluntary_values"
            )
            declared["willing"] = Spans(**same, event=why)
            declared["known"] = Spans(**same, event=why, leavers=True)
        return declared

    @property
    def _year(self) -> float:
        """How many times the exposure's unit goes into a year."""
        return MONTHS / (1.0 if self.joined else self.months)

    def evaluate(
        self,
        everybody: Exposures,
        willing: Exposures | None = None,
        known: Exposures | None = None,
    ) -> Iterator[Estimate]:
        """The annual rates, and the share of separations that were voluntary."""
        yield self._rate(everybody, "" if willing is None else OVERALL)
        if willing is not None:
            yield self._rate(willing, VOLUNTARY)
        if known is not None:
            yield self._share(known)

    def _rate(self, rates: Exposures, item: str) -> Estimate:
        return rates.rate(
            term="rate", item=item, unit=A_YEAR, per=self._year,
            message=self._told(rates, item == VOLUNTARY),
        )  # fmt: skip

    def _told(self, rates: Exposures, willing: bool) -> tuple[str, ...]:
        some = rates.rows > 0
        heads = rates.exposure * (1.0 if self.joined else self.months)
        rate = telling.WILLING if willing else telling.SEPARATIONS
        said = [
            rate.format(events_number=number(e), exposure_number=number(t))
            if t > 0
            else telling.NO_HEADS.format(events_number=number(e))
            for e, t in zip(rates.events.tolist(), np.round(heads, 2).tolist(), strict=True)
        ]
        return together(
            [text if here else "" for text, here in zip(said, some.tolist(), strict=True)],
            where(some, self.period or telling.window(self.since, self.until)),
            where(
                (rates.exposure > 0) & (rates.events > rates.exposure) & (not self.joined),
                telling.MORE_THAN_AVERAGE,
            ),
            *self._left_out(rates),
        )

    def _left_out(self, rates: Exposures) -> Iterator[list[str]]:
        """The rows that do not count, and why."""
        yield counted(telling.UNCOUNTED, rates.left_out("uncounted"))
        yield counted(telling.BACKWARDS, rates.left_out("backwards"))
        yield counted(telling.GONE_BEFORE, rates.left_out("before"))
        yield counted(telling.AFTER, rates.left_out("after"))

    def _share(self, known: Exposures) -> Estimate:
        """Voluntary separations over those of which it is said."""
        odd = (known.exposure > 0) & (known.ratio > 1.0)
        said = [
            telling.OF_LEAVERS.format(events_number=number(e), exposure_number=number(t))
            if t > 0
            else ""
            for e, t in zip(known.events.tolist(), known.exposure.tolist(), strict=True)
        ]
        window = self.period or telling.window(self.since, self.until)
        told = together(
            where(odd, telling.MORE_WILLING),
            said,
            where(known.exposure > 0, window),
            *self._left_out(known),
        )
        return known.share(term="ratio", item=VOLUNTARY, message=told)

    def item_title(self, item: str, language: str = "en") -> str:
        """All separations, and those of their own will."""
        names = {OVERALL: ("All separations", "全部离职"), VOLUNTARY: ("Voluntary", "主动离职")}
        return names[item][language == "zh"] if item in names else ""

    def charts(self, results: Results, name: str, language: str = "en") -> Iterable[Chart]:
        """The annual rate by group with its intervals, and over the waves."""
        from satcore_operations.pictures import rate_charts

        return rate_charts(results, name, language)

    def findings(self, results: Results, name: str, language: str = "en") -> Iterable[str]:
        """The annual rate with its numerator and denominator, and where it differs."""
        from satcore_operations.findings import turnover_findings

        return turnover_findings(results, name, language)
