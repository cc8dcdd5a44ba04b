"""Events and the exposure that they are counted on, as sums that merge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from satcore import (
    Counted,
    Derived,
    Estimate,
    Field,
    FloatArray,
    Instant,
    IntArray,
    Interval,
    Item,
    Measure,
    Statistic,
    StudentInterval,
    WilsonInterval,
)
from satcore_operations.poisson import GarwoodInterval, IndependentRates, LinearisedRate
from satcore_operations.telling import ONE_ROW, together, where

if TYPE_CHECKING:
    from satcore import Block

Events: TypeAlias = "Item | Derived | Measure"
Flags: TypeAlias = NDArray[np.bool_]

#: Why rows are left out, in the order of the state's columns.
REASONS: Final = ("uncounted", "undated", "backwards", "before", "after")

_SUMS: Final = ("e", "t", "ee", "et", "tt")


def fields_of_sums(*, weighted: bool) -> dict[str, Field]:
    """The arrays of a state of events and exposure."""
    real = Field(dtype=np.float64)
    fields = {"n": Field(), "left_out": Field(shape=(len(REASONS),))}
    fields |= dict.fromkeys(_SUMS, real)
    if weighted:
        fields |= dict.fromkeys(("w", "w2", "we", "wt", "w2ee", "w2et", "w2tt"), real)
    return fields


def summed(
    block: Block,
    events: FloatArray,
    exposure: FloatArray,
    reasons: Mapping[str, Flags],
    among: Flags,
) -> dict[str, NDArray[Any]]:
    """Sums of one block, by cell.

    Args:
        block: The rows.
        events: Events of each.
        exposure: Exposure of each.
        reasons: What leaves rows out; each is told of once, by the first thing that it lacks.
        among: The rows that are asked about at all.
    """
    left_out = np.zeros((block.cells, len(REASONS)), dtype=np.int64)
    kept = among
    for place, name in enumerate(REASONS):
        if name in reasons:
            left_out[:, place] = block.total((kept & reasons[name]).astype(np.int64))
            kept = kept & ~reasons[name]
    e, t = np.where(kept, events, 0.0), np.where(kept, exposure, 0.0)
    squares = {"e": e, "t": t, "ee": e * e, "et": e * t, "tt": t * t}
    found: dict[str, NDArray[Any]] = {
        "n": block.total(kept.astype(np.int64)),
        "left_out": left_out,
        **{name: block.total(values) for name, values in squares.items()},
    }
    if block.weighted:
        w, w2 = (np.where(kept, one, 0.0) for one in block.weights())
        found |= {"w": _sum(block, w), "w2": _sum(block, w2)}
        found |= {f"w{name}": _sum(block, w * squares[name]) for name in ("e", "t")}
        found |= {f"w2{name}": _sum(block, w2 * squares[name]) for name in ("ee", "et", "tt")}
    return found


@frozen(kw_only=True)
class Exposed(Statistic):
    """Sums of events and exposure over the rows of an event table, with their squares.

    Attributes:
        events: How many events a row stands for.
        exposure: What they are counted on: several columns are averaged; rows where none.
        time: When a row was, where there is a window.
        since: The window's first moment, in seconds since 1970; None for none.
        until: The moment at which it ends.
        group: Only rows with a value of it count.
        value: That value's numerator.
    """

    events: Events
    exposure: tuple[Measure, ...] = ()
    time: Instant | None = None
    since: float | None = None
    until: float | None = None
    group: Item | None = None
    value: int = 0

    def fields(self, *, weighted: bool) -> Mapping[str, Field]:
        """Rows, sums and squares; sums by weight and squares by squared weight; rows left out."""
        return fields_of_sums(weighted=weighted)

    def observe(self, block: Block) -> Mapping[str, NDArray[Any]]:
        """Sum one block."""
        events = block.values(self.events)
        exposure = np.ones(block.rows)
        if self.exposure:
            exposure = np.mean([block.values(one) for one in self.exposure], axis=0)
        among = np.ones(block.rows, dtype=np.bool_)
        if self.group is not None:
            among = block.values(self.group) == self.value
        reasons: dict[str, Any] = {"uncounted": np.isnan(events) | np.isnan(exposure)}
        if self.time is not None:
            when = block.values(self.time)
            reasons["undated"] = np.isnan(when)
            with np.errstate(invalid="ignore"):
                reasons["before"] = when < (-np.inf if self.since is None else self.since)
                reasons["after"] = when >= (np.inf if self.until is None else self.until)
        return summed(block, events, exposure, reasons, among)

    def view(self, counted: Counted) -> Exposures:
        """Rates and shares."""
        return Exposures(counted=counted, by_rows=not self.exposure)


@frozen(kw_only=True)
class Spans(Statistic):
    """Events and exposure told from when people came and left, within a window.

    Attributes:
        start: When each came.
        end: When each left; nothing where they have not.
        since: The window's first moment, in seconds since 1970.
        until: The moment at which it ends.
        unit: Seconds of a unit of exposure; None to take the heads that were there at ``since``,
            and what became of these, instead of everybody's time.
        event: Only those that left with 1 here are events.
        leavers: Whether those that left within the window are the heads, instead of everybody.
    """

    start: Instant
    end: Instant
    since: float
    until: float
    unit: float | None = None
    event: Item | Derived | None = None
    leavers: bool = False

    def fields(self, *, weighted: bool) -> Mapping[str, Field]:
        """As those of ``Exposed``."""
        return fields_of_sums(weighted=weighted)

    def observe(self, block: Block) -> Mapping[str, NDArray[Any]]:
        """Sum one block."""
        start, end = block.values(self.start), block.values(self.end)
        reasons = {
            "uncounted": np.isnan(start) | block.unread(self.end),
            "backwards": end < start,
            "before": end < self.since,
            # Of heads at the start, who came later is none.
            "after": start >= (self.until if self.unit is not None else self.since),
        }
        left = end < self.until
        events = left.astype(np.float64)
        if self.event is not None:
            chosen = block.values(self.event)
            # A leaver of whom nobody says why is left out of the rate, and told.
            reasons["uncounted"] |= left & (end >= self.since) & np.isnan(chosen)
            events = np.where(chosen == 1, events, 0.0)
        exposure = np.ones(block.rows)
        if self.unit is not None:
            gone = np.where(left, end, self.until)
            exposure = np.where(
                np.isnan(start), 0.0, (gone - np.maximum(start, self.since)) / self.unit
            )
        among = left if self.leavers else np.ones(block.rows, dtype=np.bool_)
        if self.leavers:
            exposure = np.ones(block.rows)
        return summed(block, events, exposure, reasons, among)

    def view(self, counted: Counted) -> Exposures:
        """Rates and shares."""
        return Exposures(counted=counted, by_rows=self.unit is None or self.leavers)


def _sum(block: Block, values: FloatArray) -> FloatArray:
    """Sums by cell of what is multiplied already."""
    if block.cell is None:
        return np.array([values.sum()])
    return np.bincount(block.cell, values, block.cells).astype(np.float64, copy=False)


@frozen(kw_only=True, eq=False)
class Exposures:
    """Counted events and exposures, for all cells at once.

    Attributes:
        counted: The sums.
        by_rows: Whether rows themselves are the exposure.
    """

    counted: Counted
    by_rows: bool

    @property
    def weighted(self) -> bool:
        """Whether rows carry weights."""
        return self.counted.weighted

    @property
    def rows(self) -> IntArray:
        """Rows that count, by cell."""
        return self.counted["n"]

    @property
    def events(self) -> FloatArray:
        """Events by cell, not weighted."""
        return self.counted["e"]

    @property
    def exposure(self) -> FloatArray:
        """Exposure by cell, not weighted."""
        return self.counted["t"]

    @property
    def base(self) -> IntArray:
        """What a rate rests on: its exposure in whole units, 1 at least where there is any."""
        return np.where(self.exposure > 0, np.maximum(np.floor(self.exposure), 1), 0).astype(
            np.int64
        )

    def left_out(self, reason: str) -> IntArray:
        """Rows that were left out for a reason, by cell."""
        found: IntArray = self.counted["left_out"][:, REASONS.index(reason)]
        return found

    @property
    def _totals(self) -> tuple[FloatArray, FloatArray]:
        if self.weighted:
            return self.counted["we"], self.counted["wt"]
        return self.events, self.exposure

    @property
    def ratio(self) -> FloatArray:
        """Events for each unit of exposure; NaN without exposure."""
        events, exposure = self._totals
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(exposure > 0, events / exposure, np.nan)

    def linearised(self) -> FloatArray:
        """The ratio's standard error from how rows differ (Taylor); it supposes no distribution."""
        r, n, c = self.ratio, self.rows.astype(np.float64), self.counted
        _, exposure = self._totals
        prefix = "w2" if self.weighted else ""
        spread = c[f"{prefix}ee"] - 2 * r * c[f"{prefix}et"] + r * r * c[f"{prefix}tt"]
        # What rounding leaves of squares that cancel is no spread.
        spread = np.where(spread > 1e-12 * c[f"{prefix}ee"], spread, 0.0)
        survey: Any = np.float64(self.counted.survey_rows) if self.weighted else n
        with np.errstate(divide="ignore", invalid="ignore"):
            error = np.sqrt(survey / (survey - 1.0) * spread) / exposure
        return np.where(n >= 2, error, np.nan)

    def _bases(self) -> dict[str, Any]:
        """Base, weighted base and effective base."""
        base = self.base
        # A row may be a person: few of them are withheld, whatever they were exposed to.
        if not self.weighted:
            return {"base": base, "records": self.rows}
        w, w2, n = self.counted["w"], self.counted["w2"], self.rows
        with np.errstate(divide="ignore", invalid="ignore"):
            effective = np.where(w2 > 0, w * w / w2 * base / n, 0.0)
        return {
            "base": base, "weighted_base": self.counted["wt"], "effective_base": effective,
            "records": self.rows,
        }  # fmt: skip

    def rate(
        self, *, term: str, item: str, unit: str, per: float = 1.0, exact: bool = True, **more: Any
    ) -> Estimate:
        """Events for ``per`` units of exposure.

        Args:
            term: The estimate's name.
            item: What it speaks of.
            unit: Its unit.
            per: Of how many units of exposure.
            exact: Whether events are Poisson; else, and under weights, rows tell how they stray.
            **more: As ``Estimate``.
        """
        value, exposure = per * self.ratio, self.exposure / per
        plain = exact and not self.weighted
        with np.errstate(divide="ignore", invalid="ignore"):
            error = per * self.linearised()
            if plain:
                error = np.where(exposure > 0, np.sqrt(self.events) / exposure, np.nan)
        strayed = StudentInterval(
            centre=value, std_error=error, df=(self.rows - 1).astype(np.float64),
            method="linearised", low=0.0,
        )  # fmt: skip
        interval: Interval = strayed
        if not plain:
            nothing = (self.events == 0) & (self.exposure > 0)
            with np.errstate(divide="ignore", invalid="ignore"):
                kept = self._bases().get("effective_base", self.base) / self.base
            interval = LinearisedRate(
                strayed=strayed, nothing=nothing,
                none=GarwoodInterval(
                    events=np.zeros(value.shape), exposure=np.where(nothing, exposure * kept, 0.0)
                ),
            )  # fmt: skip
            alone = where(np.isfinite(value) & (self.rows < 2) & ~nothing, ONE_ROW)
            more["message"] = together(*filter(None, [more.get("message")]), alone)
        if plain:
            interval = GarwoodInterval(events=self.events, exposure=exposure)
            more["comparison"] = IndependentRates(
                events=self.events, exposure=exposure, interval=interval
            )
        return Estimate(
            term=term, item=item, unit=unit, value=value, std_error=error, interval=interval,
            exposure=None if self.weighted else exposure, **self._bases(), **more,
        )  # fmt: skip

    def share(self, *, term: str, item: str = "", other: bool = False, **more: Any) -> Estimate:
        """The share of those exposed to whom it happened, with Wilson's interval.

        Where more events happened than there were heads there is no share.

        Args:
            term: The estimate's name.
            item: What it speaks of.
            other: Whether the share of those to whom it did not happen is wanted.
            **more: As ``Estimate``.
        """
        share = np.where(self.ratio > 1.0, np.nan, self.ratio)
        n = self.exposure
        with np.errstate(divide="ignore", invalid="ignore"):
            error = self.linearised() if self.weighted else np.sqrt(share * (1.0 - share) / n)
            implied = share * (1.0 - share) / error**2
        bases = self._bases()
        sample = n if not self.weighted else np.where(error > 0, implied, bases["effective_base"])
        value = 1.0 - share if other else share
        df = (self.rows - 1).astype(np.float64) if self.weighted else None
        interval = WilsonInterval(share=value, sample=np.where(n > 0, sample, np.nan), df=df)
        return Estimate(
            term=term, item=item, unit="proportion", value=value,
            std_error=np.where(np.isnan(value), np.nan, error), interval=interval, **bases, **more,
        )  # fmt: skip
