"""The control chart of any metric, wave by wave."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

import numpy as np
from attrs import frozen

from satcore import (
    Chart,
    Codebook,
    Estimate,
    Estimates,
    FloatArray,
    Metric,
    OptionError,
    Results,
    Series,
    Waves,
    near,
)
from satcore_control.charts import (
    COUNTED,
    CUMULATED,
    SIZED,
    ControlChart,
    Spread,
    number_problem,
    rules_for,
)
from satcore_control.charts import chart as control_chart
from satcore_control.estimates import Drawn
from satcore_control.joining import joined
from satcore_control.rules import BoolArray

#: A count that is this near to a whole number is one: a share comes from dividing it.
WHOLE = 1e-6


@frozen(kw_only=True)
class Control(Metric):
    """A control chart of another metric: does a wave stray further than chance lets it?

    Attributes:
        of: The metric, by its name in the study.
        term: Its term; the primary one where empty.
        item: Its item; the only one where empty.
        chart: ``auto`` takes ``p`` for shares of plain answers, ``u`` for rates of events with
            their exposure, ``own`` where there are standard errors, else ``individuals``. By
            name: ``own`` (standard errors of phase I, pooled, at each wave's own number of
            answers), ``p``, ``u``, ``c``, ``laney_p``, ``laney_u`` (Laney 2002), ``individuals``
            (moving range), ``ewma`` (Roberts 1959), ``cusum`` (Page 1954).
        baseline: The last wave of phase I, from which centre and limits are estimated; later
            waves are judged by these. All waves where empty.
        exclude: Waves that phase I leaves out; they are judged like any other.
        rules: Run rules, or ``western_electric``, ``nelson``; where empty, Western Electric's
            four, and for EWMA and CUSUM their limits alone.
        smoothing: EWMA's weight of the newest wave.
        width: EWMA's limits, in sigmas of the average.
        slack: CUSUM's k, in sigmas.
        decision: CUSUM's h, in sigmas.
        spread: Whence EWMA and CUSUM have sigma: ``own`` standard errors, ``moving_range``, or
            ``auto``: own where there are any.
    """

    of: str
    term: str = ""
    item: str = ""
    chart: Literal[
        "auto", "own", "p", "u", "c", "laney_p", "laney_u", "individuals", "ewma", "cusum"
    ] = "auto"
    baseline: str = ""
    exclude: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    smoothing: float = 0.2
    width: float = 3.0
    slack: float = 0.5
    decision: float = 5.0
    spread: Spread = "auto"

    def statistics(self, codebook: Codebook) -> Mapping[str, Estimates]:
        """The other metric's estimates, wave by wave.

        Raises:
            OptionError: A rule or number that can't stand.
        """
        try:
            rules_for(self.chart, self.rules)
        except ValueError as error:
            raise OptionError("rules", str(error)) from None
        problem = number_problem(self.smoothing, self.width, self.slack, self.decision)
        if problem:
            raise OptionError(*problem)
        return {"series": Estimates(of=self.of, term=self.term, item=self.item, along="wave")}

    def evaluate(self, series: Series) -> Iterator[Estimate]:
        """Signals, centre and sigma of the chart; value, limits and signal of each wave.

        Raises:
            OptionError: ``baseline`` or ``exclude`` name no wave, or a chart that these numbers
                can't stand on.
        """
        first = _phase_one(series.waves, self.baseline, self.exclude)
        kinds = self._kinds(series)
        self._check(series)
        own = self._own(series, kinds)
        chart = self._drawn(series, kinds, own, first)
        yield from Drawn(
            series=series, chart=chart, kinds=kinds, own=own.tolist(), first=first
        ).estimates()

    def charts(self, results: Results, name: str, language: str = "en") -> Iterable[Chart]:
        """The control chart of all answers and of the largest groups."""
        from satcore_control.pictures import control_charts

        return control_charts(results, name, language)

    def findings(self, results: Results, name: str, language: str = "en") -> Iterable[str]:
        """Which waves signal, and by which rule."""
        from satcore_control.findings import control_findings

        return control_findings(results, name, language)

    def _kinds(self, series: Series) -> list[str]:
        """The kind of chart by cell."""
        if self.chart != "auto":
            return [self.chart] * series.cells
        if series.exposure is not None and not series.weighted:
            return ["u"] * series.cells
        shares = series.unit == "proportion" and not series.weighted
        return [
            "p" if shares and whole else "own" if erring else "individuals"
            for whole, erring in zip(_whole(series), _erring(series), strict=True)
        ]

    def _own(self, series: Series, kinds: Sequence[str]) -> BoolArray:
        """Cells whose sigma comes from the waves' standard errors."""
        erring = _erring(series) if self.spread == "auto" else self.spread == "own"
        cumulated = np.array([kind in CUMULATED for kind in kinds], dtype=np.bool_)
        own = np.array([kind == "own" for kind in kinds], dtype=np.bool_)
        return np.asarray(own | (cumulated & erring), dtype=np.bool_)

    def _check(self, series: Series) -> None:
        """Refuse a chart of counts for numbers that are none."""
        kind = self.chart
        if kind not in COUNTED:
            return
        if series.weighted:
            raise OptionError(
                "chart",
                f"{kind} rests on plain counts, and these answers are weighted; own and "
                "individuals would do",
            )
        if kind == "c" and series.exposure is not None:
            raise OptionError(
                "chart",
                f"c stands for numbers of events where every wave has the same exposure, and "
                f"{_named(series)} is a rate with an exposure of its own; u would do",
            )
        shares = series.unit == "proportion"
        if kind in ("p", "laney_p") and not shares:
            raise OptionError(
                "chart",
                f"{kind} stands for shares of answers, and {_named(series)} is in {series.unit}; "
                "own and individuals would do",
            )
        if kind in ("u", "c", "laney_u") and (shares or series.unit == "points"):
            raise OptionError(
                "chart",
                f"{kind} stands for numbers of events, and {_named(series)} is in {series.unit}; "
                f"{'p' if shares else 'own'} would do",
            )
        counts = _counts(series, kind)[series.there]
        if (counts < 0).any() or (np.abs(counts - np.round(counts)) > WHOLE).any():
            times = "" if kind == "c" else " times its answers"
            raise OptionError(
                "chart",
                f"{kind} stands for whole numbers of events or answers; {_named(series)}{times} "
                "gives others; own and individuals would do",
            )

    def _drawn(
        self, series: Series, kinds: Sequence[str], own: BoolArray, first: BoolArray
    ) -> ControlChart:
        """The charts of all cells. Cells are drawn together where they share a kind."""
        keys = list(zip(kinds, own.tolist(), strict=True))
        groups = {key: np.array([one == key for one in keys]) for key in sorted(set(keys))}
        return joined(
            [
                (cells, self._of_kind(series, cells, kind, errors, first))
                for (kind, errors), cells in groups.items()
            ]
        )

    def _of_kind(
        self, series: Series, cells: BoolArray, kind: str, errors: bool, first: BoolArray
    ) -> ControlChart:
        value = series.value[cells]
        there = np.isfinite(value)
        size = None
        if kind in SIZED:
            size = np.where(there, _sizes(series)[cells], 0.0)
        elif errors:
            size = np.where(there, series.effective_base[cells], np.nan)
        given = np.round(_counts(series, kind)[cells]) if kind in COUNTED else value
        error = np.where(np.isfinite(series.std_error), series.std_error, np.nan)
        return control_chart(
            np.where(there, given, np.nan),
            size,
            kind=kind,
            std_error=error[cells] if errors else None,
            phase_one=first,
            rules=self.rules,
            smoothing=self.smoothing,
            width=self.width,
            slack=self.slack,
            decision=self.decision,
            spread=self.spread,
        )


def _named(series: Series) -> str:
    return f"{series.metric}'s {series.term}"


def _sizes(series: Series) -> FloatArray:
    """What counts are divided by: the exposure of a rate of events, else the answers."""
    return series.base.astype(np.float64) if series.exposure is None else series.exposure


def _counts(series: Series, kind: str) -> FloatArray:
    return series.value if kind == "c" else series.value * _sizes(series)


def _whole(series: Series) -> BoolArray:
    """Cells whose shares come from whole numbers of answers."""
    counts = _counts(series, "p")
    whole = np.abs(counts - np.round(counts)) <= WHOLE
    return np.asarray((~series.there | whole).all(axis=1), dtype=np.bool_)


def _erring(series: Series) -> BoolArray:
    """Cells that have a standard error in any wave."""
    known = series.there & np.isfinite(series.std_error)
    return np.asarray(known.any(axis=1), dtype=np.bool_)


def _phase_one(waves: Waves, baseline: str, exclude: Sequence[str]) -> BoolArray:
    """The waves from which centre and limits are estimated."""
    labels = waves.labels
    first = np.ones(len(labels), dtype=np.bool_)
    if baseline:
        if baseline not in labels:
            raise OptionError("baseline", _unknown(waves, baseline))
        first[labels.index(baseline) + 1 :] = False
    for wave in exclude:
        if wave not in labels:
            raise OptionError("exclude", _unknown(waves, wave))
        first[labels.index(wave)] = False
    return first


def _unknown(waves: Waves, wave: str) -> str:
    """What is wrong with a wave that isn't one."""
    told = "is no wave"
    try:
        time = waves.time(wave)
    except ValueError:
        time = np.nan
    if waves.labels and time < waves.times[0]:
        told = "stands before the first wave, where there is nothing to estimate limits from"
    elif waves.labels and time > waves.times[-1]:
        told = "stands after the last wave"
    return f"{wave!r} {told}; the waves are {waves.span}{near(wave, waves.labels)}"
