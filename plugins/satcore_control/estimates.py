"""A control chart as estimates: rows by wave, and a few for the whole chart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
from attrs import frozen

from satcore import Estimate, FloatArray, IntArray, NormalInterval, Series, listed
from satcore_control.charts import CUMULATED, ControlChart
from satcore_control.limits import ROUNDING
from satcore_control.rules import BoolArray
from satcore_control.words import MOST_WAVES, kind_name, labelled, rule_names

#: Fewer points in phase I make limits that are wide of the mark.
FEW: Final = 8

#: Waves that stray this many times as far as chance alone are told of.
OVERDISPERSED: Final = 1.5

#: Base, weighted base and effective base by cell.
Bases: TypeAlias = "tuple[IntArray, FloatArray, FloatArray]"

#: The unit of sums that are counted in sigmas.
SIGMAS: Final = "sigma"


@frozen(kw_only=True, eq=False)
class Drawn:
    """The control charts of all cells, with the series they were drawn of.

    Attributes:
        series: The series.
        chart: The charts, of every cell.
        kinds: The kind of chart by cell.
        own: Whether sigma comes from the waves' standard errors, by cell.
        first: The waves of phase I: (waves,).
    """

    series: Series
    chart: ControlChart
    kinds: Sequence[str]
    own: Sequence[bool]
    first: BoolArray

    def estimates(self) -> Iterator[Estimate]:
        """The chart's own numbers, then those of each wave."""
        yield self._signals()
        yield self._centre("")
        yield self._sigma()
        for wave, label in enumerate(self.series.waves.labels):
            yield from self._wave(wave, label)

    def _wave(self, wave: int, label: str) -> Iterator[Estimate]:
        yield self._value(wave, label)
        yield from self._sums(wave, label)
        yield self._centre(label)
        for term, limit in (("lower_limit", self.chart.lower), ("upper_limit", self.chart.upper)):
            yield self._of_wave(term, limit[:, wave], wave, label, self._plotted_unit)
        yield self._signal(wave, label)

    def _value(self, wave: int, label: str) -> Estimate:
        series = self.series
        return Estimate(
            term="value",
            item=label,
            value=series.value[:, wave],
            std_error=series.std_error[:, wave],
            interval=series.interval_at(wave),
            unit=series.unit,
            base=series.base[:, wave],
            weighted_base=series.weighted_base[:, wave],
            effective_base=series.effective_base[:, wave],
            records=series.records_at(wave),
            compared=False,
        )

    def _sums(self, wave: int, label: str) -> Iterator[Estimate]:
        """What an EWMA or a CUSUM plots in place of the values."""
        chart, unit = self.chart, self.series.unit
        if chart.kind == "ewma":
            yield self._of_wave("ewma", chart.plotted[:, wave], wave, label, unit)
        if chart.down is not None:
            yield self._of_wave("cusum_up", chart.plotted[:, wave], wave, label, SIGMAS)
            yield self._of_wave("cusum_down", chart.down[:, wave], wave, label, SIGMAS)

    def _centre(self, label: str) -> Estimate:
        chart = self.chart
        shares = self.series.unit == "proportion"
        interval = NormalInterval(
            centre=chart.centre,
            std_error=chart.centre_error,
            low=0.0 if shares else -np.inf,
            high=1.0 if shares else np.inf,
        )
        return self._number(
            "centre",
            chart.centre,
            self._first_base,
            label,
            self.series.unit,
            std_error=chart.centre_error,
            interval=interval,
            message=self._unknown(chart.centre),
        )

    def _sigma(self) -> Estimate:
        value = self.chart.typical_sigma
        label = tuple(self.kinds)
        return self._number(
            "sigma", value, self._first_base, "", self.series.unit, label=label,
            message=self._unknown(value, tuple(map(_sigma_told, self.kinds, self.own))),
        )  # fmt: skip

    def _unknown(self, found: FloatArray, told: Sequence[str] = ()) -> tuple[str, ...]:
        """By cell what is told of a number that is there, and why another is not."""
        series = self.series
        known = np.where(series.there, series.value, np.nan)
        first = series.there & self.first
        messages = []
        for cell, here in enumerate(np.isfinite(found).tolist()):
            values = known[cell, first[cell]]
            if here:
                messages.append(told[cell] if told else "")
            elif values.size > 1 and np.ptp(values) <= ROUNDING * np.abs(values).max():
                messages.append("all values are equal")
            else:
                messages.append("")
        return tuple(messages)

    def _signals(self) -> Estimate:
        judged = self.chart.judged.any(axis=1)
        count = np.where(judged, self.chart.signalling.sum(axis=1), np.nan)
        bases = self.series.bases(self.series.there)
        message = tuple(self._told(cell) for cell in range(len(count)))
        return self._number("signals", count, bases, "", "waves", message=message)

    def _signal(self, wave: int, label: str) -> Estimate:
        chart = self.chart
        rules = [chart.rules_at(cell, wave) for cell in range(len(chart.value))]
        return self._of_wave(
            "signal",
            np.where(chart.judged[:, wave], chart.signalling[:, wave], np.nan),
            wave,
            label,
            "",
            label=tuple(map(labelled, rules)),
            message=tuple(self._why(cell, wave, broken) for cell, broken in enumerate(rules)),
        )

    def _why(self, cell: int, wave: int, rules: Sequence[str]) -> str:
        """Why a wave signals, or can't."""
        chart = self.chart
        if not np.isfinite(chart.value[cell, wave]):
            return ""
        if not chart.judged[cell, wave]:
            return "not judged: there is no limit to judge it by"
        told = rule_names(rules)
        if any(chart.broken[rule].over_gap[cell, wave] for rule in rules):
            told += "; waves without a number are passed over"
        return told

    def _told(self, cell: int) -> str:
        """What to know about a cell's chart."""
        chart, series = self.chart, self.series
        there, judged = series.there[cell], chart.judged[cell]
        if not there.any():
            return ""
        first = there & self.first
        parts = [f"{kind_name(self.kinds[cell])}; phase I: {self._span(first)}"]
        parts += self._doubts(cell, int(first.sum()), bool(judged.any()))
        inside = np.flatnonzero(there)
        within = np.arange(there.size) >= inside[0]
        gaps = ~there & within & (np.arange(there.size) <= inside[-1])
        if gaps.any():
            parts.append(f"waves without a number are passed over: {self._named(gaps)}")
        if judged.any() and (there & ~judged).any():
            parts.append(f"not judged for want of a standard error: {self._named(there & ~judged)}")
        return "; ".join(parts)

    def _doubts(self, cell: int, points: int, judged: bool) -> Iterator[str]:
        kind, ratio = self.kinds[cell], self.chart.ratio[cell]
        if not judged:
            yield _unjudged(points)
            return
        if points < FEW:
            yield (
                f"limits from {points} {'wave' if points == 1 else 'waves'} are wide of the mark; "
                f"{FEW} are the least to go by, 20 are better"
            )
        elif ratio >= OVERDISPERSED:
            other = {"p": "laney_p", "u": "laney_u"}.get(kind, "individuals")
            cure = 'spread = "moving_range"' if kind in CUMULATED else f'chart = "{other}"'
            yield (
                f"neighbouring waves stray {ratio:.1f} times as far as the answers' own chance "
                f"would have them; {cure} allows for that"
            )

    def _span(self, first: BoolArray) -> str:
        places = np.flatnonzero(first)
        if not places.size:
            return "no wave"
        labels = self.series.waves.labels
        told = f"{labels[places[0]]} to {labels[places[-1]]}, " if places.size > 1 else ""
        return f"{told}{places.size} waves" if told else labels[places[0]]

    def _named(self, waves: BoolArray) -> str:
        labels = self.series.waves.labels
        return listed((labels[place] for place in np.flatnonzero(waves).tolist()), MOST_WAVES)

    @property
    def _first_base(self) -> Bases:
        """Answers behind centre and sigma; where there is neither, those that gave none."""
        used = self.chart.phase_one
        none = ~used.any(axis=1, keepdims=True)
        return self.series.bases(np.where(none, self.series.there & self.first, used))

    @property
    def _plotted_unit(self) -> str:
        return SIGMAS if self.chart.kind == "cusum" else self.series.unit

    def _of_wave(
        self, term: str, value: FloatArray, wave: int, item: str, unit: str, **more: Any
    ) -> Estimate:
        """A number that speaks of one wave: it is withheld where that wave's answers are."""
        series = self.series
        bases = (
            series.base[:, wave],
            series.weighted_base[:, wave],
            series.effective_base[:, wave],
        )
        return self._number(term, value, bases, item, unit, records=series.records_at(wave), **more)

    def _number(
        self,
        term: str,
        value: FloatArray,
        bases: Bases,
        item: str,
        unit: str,
        *,
        std_error: FloatArray | None = None,
        **more: Any,
    ) -> Estimate:
        bare = np.full(len(value), np.nan)
        base, weighted, effective = bases
        return Estimate(
            term=term,
            item=item,
            value=value,
            std_error=bare if std_error is None else std_error,
            base=base,
            unit=unit,
            compared=False,
            weighted_base=weighted,
            effective_base=effective,
            **more,
        )


def _unjudged(points: int) -> str:
    """Why no wave of a cell can be judged."""
    if points == 0:
        return "no wave of phase I has a number: there is nothing to judge by"
    if points == 1:
        return "one wave in phase I can't tell how far waves stray; at least two are needed"
    return (
        "phase I doesn't tell how far waves stray by chance: its values are all equal, or have "
        "no standard error above 0"
    )


def _sigma_told(kind: str, own: bool) -> str:
    """Whence sigma comes."""
    match kind:
        case "p":
            return "binomial variance at each wave's own number of answers"
        case "u" | "c":
            return "Poisson variance"
        case "laney_p" | "laney_u":
            return f"as the {kind[-1]} chart, times Laney's sigma z"
    if own:
        return "standard errors of phase I, pooled, at each wave's own number of answers"
    return "mean moving range of phase I over 1.128"
