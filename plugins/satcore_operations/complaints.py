"""Complaints, or other events, on what they are counted on: per thousand visits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

import numpy as np
from attrs import frozen

from satcore import (
    Chart,
    Codebook,
    Estimate,
    Item,
    Metric,
    OptionError,
    Results,
    Statistic,
    StudentInterval,
    near,
)
from satcore_operations import telling
from satcore_operations.choices import Twice, end_moment, idle, in_order, moment, yes
from satcore_operations.exposed import Events, Exposed, Exposures
from satcore_operations.poisson import RatioInterval
from satcore_operations.telling import counted, number, together, where

#: The item of everything together, beside those of groups.
OVERALL = "overall"


@frozen(kw_only=True)
class ComplaintRate(Metric):
    """Events by exposure, as complaints per thousand visits, with exact Poisson intervals.

    Attributes:
        events: The column that counts events, or one on a scale whose values say whether a row is
            one; this is the numerator.
        event: The values that make a row an event; where empty, the column counts them.
        scale: The values of such a column: a range or a declared scale.
        exposure: The column that counts what events are counted on, as visits; rows where empty.
            This is the denominator.
        per: Of how many units of exposure the rate speaks.
        interval: ``exact`` (Garwood 1936) for events that happen one by one, or ``linearised``,
            which asks the rows how they stray, for events that come in clusters.
        time: The column that says when a row was, for a window.
        since: The window's first moment: a date, or a date and time.
        until: The moment at which it ends; a date ends with its day.
        zone: The time zone of times that name none: ``Europe/Berlin``.
        form: The times' form in strptime's letters, where it is not year-month-day.
        twice: Which of two a local time is that happens twice.
        groups: A column on a scale, for ratios of its values' rates within each cell.
        group_scale: Its scale; that which the study declares where empty.
        reference: The value that others are divided by; the lowest where left out.
    """

    events: str
    event: tuple[int, ...] = ()
    scale: str = "0..1"
    exposure: str = ""
    per: float = 1000.0
    interval: Literal["exact", "linearised"] = "exact"
    time: str = ""
    since: str = ""
    until: str = ""
    zone: str = ""
    form: str | None = None
    twice: Twice = "refuse"
    groups: str = ""
    group_scale: str = ""
    reference: int | None = None

    def statistics(self, codebook: Codebook) -> Mapping[str, Statistic | Mapping[str, Statistic]]:
        """Sums of events and exposure, for everybody and by group.

        Raises:
            OptionError: A window without a column of times, or values that there are not.
        """
        if not self.per > 0:
            raise OptionError("per", f"{self.per:g} is no number of units; 1000 is one")
        since = moment("since", self.since, self.zone)
        until = end_moment("until", self.until, self.zone)
        in_order(since, until)
        if (self.since or self.until) and not self.time:
            raise OptionError("time", "a window asks when rows were: name the column of their time")
        events: Events = codebook.count(self.events)
        if self.event:
            events = yes(codebook, self.events, self.event, self.scale, "event")
        else:
            idle("event", scale=self.scale != "0..1")
        same: dict[str, Any] = {
            "events": events,
            "exposure": (codebook.count(self.exposure),) if self.exposure else (),
            "since": since,
            "until": until,
        }
        if self.time:
            same["time"] = codebook.instant(
                self.time, zone=self.zone, form=self.form, twice=self.twice
            )
        declared: dict[str, Statistic | Mapping[str, Statistic]] = {"rates": Exposed(**same)}
        if self.groups:
            item = codebook.item(self.groups, self.group_scale or None)
            self._check_reference(item)
            # The reference first, so that evaluate need not ask for the scale.
            values = sorted(range(item.low, item.high + 1), key=lambda v: v != self._first(item))
            declared["groups"] = {
                str(value): Exposed(**same, group=item, value=value) for value in values
            }
        return declared

    def _first(self, item: Item) -> int:
        return item.low if self.reference is None else self.reference

    def _check_reference(self, item: Item) -> None:
        if not item.low <= self._first(item) <= item.high:
            known = [str(value) for value in range(item.low, item.high + 1)]
            raise OptionError(
                "reference",
                f"{self.reference} is no value of {self.groups!r}, which is {item.scale}"
                f"{near(str(self.reference), known)}",
            )

    @property
    def unit(self) -> str:
        """The rate's unit."""
        return "per thousand" if self.per == 1000 else f"per {number(self.per)}"

    def evaluate(
        self, rates: Exposures, groups: Mapping[str, Exposures] | None = None
    ) -> Iterator[Estimate]:
        """The rate, and where there are groups each one's rate and its ratio to the first's."""
        yield self._rate(rates, OVERALL if groups else "")
        if groups:
            names = list(groups)
            for name in names:
                yield self._rate(groups[name], name)
            for name in names[1:]:
                yield self._ratio(groups[name], groups[names[0]], name)

    def _rate(self, rates: Exposures, item: str) -> Estimate:
        return rates.rate(
            term="rate", item=item, unit=self.unit, per=self.per,
            exact=self.interval == "exact", message=self._told(rates),
        )  # fmt: skip

    def _told(self, rates: Exposures) -> tuple[str, ...]:
        """Numerator, denominator and window, and the rows that do not count."""
        seen = rates.rows > 0
        rate = telling.RATE if self.exposure else telling.RATE_OF_ROWS
        said = [
            rate.format(
                events_number=number(e),
                event=self.events,
                exposure_number=number(t),
                unit=self.exposure,
            )
            if t > 0
            else telling.NO_EXPOSURE.format(events_number=number(e), event=self.events)
            for e, t in zip(rates.events.tolist(), rates.exposure.tolist(), strict=True)
        ]
        return together(
            [text if here else "" for text, here in zip(said, seen.tolist(), strict=True)],
            where(seen, telling.window(self.since, self.until)),
            counted(telling.UNCOUNTED, rates.left_out("uncounted")),
            counted(telling.UNDATED, rates.left_out("undated")),
            counted(telling.BEFORE, rates.left_out("before")),
            counted(telling.AFTER, rates.left_out("after")),
        )

    def _ratio(self, rates: Exposures, first: Exposures, item: str) -> Estimate:
        """A group's rate over the reference group's, by the exact conditional interval."""
        one, other = rates.ratio, first.ratio
        plain = not rates.weighted and self.interval == "exact"
        with np.errstate(divide="ignore", invalid="ignore"):
            value = np.where(other > 0, one / other, np.nan)
            relative = [
                1.0 / side.events if plain else (side.linearised() / side.ratio) ** 2
                for side in (rates, first)
            ]
            error = np.where(one > 0, value * np.sqrt(relative[0] + relative[1]), np.nan)
            exposure = rates.exposure / first.exposure
        interval: Any = StudentInterval(
            centre=value, std_error=error, method="linearised", low=0.0,
            df=(np.minimum(rates.rows, first.rows) - 1).astype(np.float64),
        )  # fmt: skip
        if plain:
            interval = RatioInterval(events=rates.events, other=first.events, exposure=exposure)
        base = np.minimum(rates.base, first.base)
        lacking = (base > 0) & np.isnan(value)
        return Estimate(
            term="ratio", item=item, unit="ratio", value=value, std_error=error,
            interval=interval, base=base, compared=False,
            records=np.minimum(rates.rows, first.rows),
            message=together(
                where(lacking, telling.NO_REFERENCE),
                where((one == 0) & (other > 0) & (not plain), telling.NO_GROUP_EVENTS),
            ),
        )  # fmt: skip

    def item_title(self, item: str, language: str = "en") -> str:
        """Everything together, and the groups by their column."""
        if item == OVERALL:
            return "全部" if language == "zh" else "Overall"
        return f"{self.groups} {item}" if item and self.groups else ""

    def charts(self, results: Results, name: str, language: str = "en") -> Iterable[Chart]:
        """The rate by group with its intervals, and over the waves."""
        from satcore_operations.pictures import rate_charts

        return rate_charts(results, name, language)

    def findings(self, results: Results, name: str, language: str = "en") -> Iterable[str]:
        """The rate with its numerator, denominator and window, and where it differs."""
        from satcore_operations.findings import complaint_findings

        return complaint_findings(results, name, language)
