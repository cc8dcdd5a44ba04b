"""Staff and customers, linked by the unit that both belong to: internal and external satisfaction.

Source of the question: Heskett, Sasser and Schlesinger (1997), The Service Profit Chain (the
"satisfaction mirror"). Of the answer: Fuller (1987), Measurement Error Models, section 1.2
(moments corrected for errors in both variables); Efron (1982), The Jackknife.

The correlation's interval is made on Fisher's scale of the plain correlation, and its bounds are
corrected as the value is (docs/loyalty.md tells how often they hold the truth); the jackknife of
the corrected correlation itself gives intervals that are too narrow where it is near 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from satcore import (
    Chart,
    Codebook,
    Estimate,
    FloatArray,
    IntArray,
    Interval,
    Item,
    Metric,
    OptionError,
    Results,
    Statistic,
    StudentInterval,
    Tallied,
    as_text,
)
from satcore_loyalty.shares import table

#: What the numbers over all units are called.
OVERALL: Final = "overall"

#: Units below which nothing is said of a relation, and below which it is told that they are few.
LEAST: Final = 4
FEW: Final = 15

#: Units that there may be: each has a number of its own in the results.
MOST: Final = 500

UNITS: Final = "{count} units"
TOO_FEW: Final = "{count} units with two answers of staff and of customers, {least} are needed"
FEW_UNITS: Final = "{count} units are few"
LEFT_OUT: Final = "{count} units left out with fewer than two answers of staff or of customers"
OBSERVED: Final = "{value} before it was corrected for the samples' errors"
NO_SPREAD: Final = "units differ no more than the errors of their samples would have them"
OPEN: Final = "the errors of so small samples leave it open from -1 to 1"
LONE: Final = "{count} of the units decide alone whether it can be told"


@frozen(kw_only=True, eq=False)
class _Side:
    """Means of the units on one side.

    Attributes:
        n: Answers: (cells, units).
        w: Sums of weights.
        w2: Sums of squared weights.
        mean: Means; NaN without answers.
        variance: Their squared standard errors; NaN below two answers.
    """

    n: IntArray
    w: FloatArray
    w2: FloatArray
    mean: FloatArray
    variance: FloatArray

    @classmethod
    def of(cls, tally: Tallied) -> _Side:
        """From the table of unit and answer; errors as everywhere: linearised under weights."""
        units, levels = (item.levels for item in tally.items)
        shape = (tally.counts.shape[0], units, levels)
        values = tally.grid(1)[:levels]
        n = tally.counts.reshape(shape)
        w, w2 = tally.weights.reshape(shape), tally.squared_weights.reshape(shape)
        number, total = n.sum(axis=2), np.cumsum(w, axis=2)[:, :, -1]
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = np.cumsum(w * values, axis=2)[:, :, -1] / total
            square = np.cumsum(w2 * (values - mean[:, :, None]) ** 2, axis=2)[:, :, -1]
            rows = tally.survey_rows
            factor = rows / (rows - 1) if rows > 1 else np.nan
            if not tally.weighted:
                factor = number / (number - 1)
            variance = np.where(number >= 2, factor * square / total**2, np.nan)
        return cls(
            n=number, w=total, w2=np.cumsum(w2, axis=2)[:, :, -1], mean=mean, variance=variance
        )


@frozen(kw_only=True)
class SatisfactionMirror(Metric):
    """Internal and external satisfaction: do customers of satisfied staff fare better?

    Rows are answers of staff or of customers; both name their unit. Means of the units are held
    against each other, corrected for the errors of both samples: uncorrected, a correlation of
    means from few answers is too near to 0.

    Attributes:
        unit: The column of the unit.
        units: Its values: a declared scale whose codes are the units' names, or ``"1..40"``.
        staff: The column of staff's satisfaction; empty in customers' rows.
        customers: The column of customers' satisfaction; empty in staff's rows.
        scale: The scale of customers' satisfaction.
        staff_scale: That of staff's; the same where left out.
    """

    unit: str
    units: str
    staff: str
    customers: str
    scale: str = "1..10"
    staff_scale: str | None = None

    def statistics(self, codebook: Codebook) -> Mapping[str, Statistic]:
        """Tables of both sides by unit.

        Raises:
            OptionError: One column for two things, or units that are too few or too many.
        """
        if len({self.unit, self.staff, self.customers}) < 3:
            raise OptionError("staff", "unit, staff and customers are three columns")
        unit = codebook.item(self.unit, self.units)
        if not LEAST <= unit.levels <= MOST:
            raise OptionError(
                "units", f"{unit.levels} units; there have to be {LEAST} to {MOST} of them"
            )
        staff = codebook.item(self.staff, self.staff_scale or self.scale)
        customers = codebook.item(self.customers, self.scale)
        return {
            "inside": table("scale" if self.staff_scale is None else "staff_scale", unit, staff),
            "outside": table("scale", unit, customers),
        }

    def evaluate(self, inside: Tallied, outside: Tallied) -> Iterator[Estimate]:
        """Correlation and slope over the units, then the units' means."""
        staff, customers = _Side.of(inside), _Side.of(outside)
        used = (staff.n >= 2) & (customers.n >= 2)
        with np.errstate(all="ignore"):
            yield from _related(staff, customers, used)
        names = unit_names(inside.items[0])
        for term, side, tally in (("staff", staff, inside), ("customers", customers, outside)):
            for place, name in enumerate(names):
                yield _of_unit(term, name, side, place, tally.weighted)

    def item_title(self, item: str, language: str = "en") -> str:
        """A unit is called by its name."""
        if item == OVERALL:
            return "全部单位" if language == "zh" else "All units"
        return item

    def charts(self, results: Results, name: str, language: str = "en") -> Iterable[Chart]:
        """The units, staff against customers."""
        from satcore_loyalty.curves import mirror_charts

        return mirror_charts(results, name, language)

    def findings(self, results: Results, name: str, language: str = "en") -> Iterable[str]:
        """Whether units with satisfied staff have satisfied customers."""
        from satcore_loyalty.findings import mirror_findings

        return mirror_findings(results, name, language)


def unit_names(unit: object) -> tuple[str, ...]:
    """What the units are called: the first wording of their code, or the code."""
    assert isinstance(unit, Item)  # noqa: S101 - a codebook's
    worded: dict[int, str] = {}
    for wording, code in unit.scale.codes:
        worded.setdefault(code, wording)
    found: list[str] = []
    for code in range(unit.low, unit.high + 1):
        name = worded.get(code) or as_text(code) or ""
        found.append(name if name not in (*found, OVERALL) else f"{name} ({code})")
    return tuple(found)


def _of_unit(term: str, name: str, side: _Side, place: int, weighted: bool) -> Estimate:
    n, w, w2 = side.n[:, place], side.w[:, place], side.w2[:, place]
    error = np.sqrt(side.variance[:, place])
    with np.errstate(divide="ignore", invalid="ignore"):
        effective = np.where(w2 > 0, w * w / w2, 0.0)
    return Estimate(
        term=term,
        item=name,
        value=side.mean[:, place],
        std_error=error,
        base=n,
        weighted_base=w,
        effective_base=effective,
        interval=StudentInterval(
            centre=side.mean[:, place],
            std_error=error,
            df=np.maximum(n - 1, 0).astype(np.float64),
            method="linearised" if weighted else "t",
        ),
    )


@frozen(kw_only=True, eq=False)
class _Relation:
    """How the units' means go together, by cell.

    Attributes:
        plain: The correlation of the means as they are.
        kept: The part of a true correlation that the samples' errors leave of it.
        plain_slope: The slope of customers' means on staff's as they are.
        slope: The same, corrected for the errors of staff's means.
    """

    plain: FloatArray
    kept: FloatArray
    plain_slope: FloatArray
    slope: FloatArray

    @classmethod
    def of(
        cls,
        x: FloatArray,
        y: FloatArray,
        ex: FloatArray,
        ey: FloatArray,
        used: NDArray[np.bool_],
    ) -> _Relation:
        """From means and their squared errors: (cells, units)."""
        u = used.sum(axis=1)
        mx, my = (np.sum(np.where(used, one, 0.0), axis=1) / u for one in (x, y))
        dx, dy = (np.where(used, one - mean[:, None], 0.0) for one, mean in ((x, mx), (y, my)))
        sxx, syy, sxy = (np.sum(a * b, axis=1) / (u - 1) for a, b in ((dx, dx), (dy, dy), (dx, dy)))
        vx, vy = (
            spread - np.sum(np.where(used, error, 0.0), axis=1) / u
            for spread, error in ((sxx, ex), (syy, ey))
        )
        vx, vy = (np.where(one > 1e-12, one, np.nan) for one in (vx, vy))
        return cls(
            plain=sxy / np.sqrt(np.where(sxx * syy > 1e-12, sxx * syy, np.nan)),
            kept=np.sqrt(vx * vy / (sxx * syy)),
            plain_slope=sxy / sxx,
            slope=sxy / vx,
        )

    @property
    def on_z(self) -> FloatArray:
        """The plain correlation on Fisher's scale, where its errors are alike everywhere."""
        return np.arctanh(np.clip(self.plain, -_NEARLY, _NEARLY))


#: A correlation of 1 has no place on Fisher's scale.
_NEARLY: Final = 1 - 1e-9


@frozen(kw_only=True, eq=False)
class CorrectedInterval(Interval):
    """Student's t for a plain correlation on Fisher's scale, its bounds corrected as the value is.

    Attributes:
        on_z: The interval of the plain correlation on Fisher's scale.
        kept: The part of a true correlation that the samples' errors leave of it.
        method: The method's name.
    """

    on_z: StudentInterval
    kept: FloatArray
    method: str = "jackknife of units"

    def bounds(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds by cell, between -1 and 1."""
        low, high = (
            np.clip(np.tanh(one) / self.kept, -1.0, 1.0) for one in self.on_z.bounds(confidence)
        )
        return low, high

    def p_value(self, null: float) -> FloatArray:
        """The t test on Fisher's scale."""
        there = np.arctanh(np.clip(null * self.kept, -_NEARLY, _NEARLY))
        return evolve(self.on_z, centre=self.on_z.centre - there).p_value(0.0)


def _jackknifed(others: FloatArray, used: NDArray[np.bool_]) -> tuple[FloatArray, IntArray]:
    """The jackknife's standard error by cell, and how many units decide whether there is one.

    Args:
        others: The number without each unit: (cells, units).
        used: Which units count.
    """
    u = used.sum(axis=1)
    counted = used & np.isfinite(others)
    middle = np.sum(np.where(counted, others, 0.0), axis=1) / u
    square = np.sum(np.where(counted, (others - middle[:, None]) ** 2, 0.0), axis=1)
    lone = u - counted.sum(axis=1)
    # Where it can't be told without some unit there is no error to tell either.
    return np.where(lone == 0, np.sqrt((u - 1) / u * square), np.nan), lone


def _related(staff: _Side, customers: _Side, used: NDArray[np.bool_]) -> Iterator[Estimate]:
    """Correlation and slope, with the jackknife's errors over the units.

    A unit left out takes its staff, its customers and the errors of both samples with it, so
    that the spread of what remains tells of all of them.
    """
    u = used.sum(axis=1)
    sides = staff.mean, customers.mean, staff.variance, customers.variance
    found = _Relation.of(*sides, used)
    # One unit at a time: all at once would take units times units numbers for every cell.
    apart = np.eye(used.shape[1], dtype=np.bool_)
    without = [_Relation.of(*sides, used & ~one) for one in apart]
    df = np.maximum(u - 2, 0).astype(np.float64)
    enough = np.where(u >= LEAST, 1.0, np.nan)

    error_z, lone = _jackknifed(np.stack([one.on_z for one in without], axis=1), used)
    correlation = np.clip(found.plain / found.kept, -1.0, 1.0) * enough
    # What a single standard error leaves open from -1 to 1 has no error to tell.
    reach = np.tanh(found.on_z + np.array([[-1.0], [1.0]]) * error_z) / found.kept
    is_open = (reach[0] <= -1) & (reach[1] >= 1)
    error_z = np.where(is_open, np.nan, error_z)
    on_z = StudentInterval(centre=found.on_z * enough, std_error=error_z, df=df)
    yield _over_units(
        "correlation",
        (staff, customers, used),
        correlation,
        np.where(np.isfinite(correlation), error_z * (1 - found.plain**2) / found.kept, np.nan),
        CorrectedInterval(on_z=on_z, kept=np.where(np.isfinite(correlation), found.kept, np.nan)),
        found.plain,
        lone,
        is_open,
    )
    error, lone = _jackknifed(np.stack([one.slope for one in without], axis=1), used)
    slope = found.slope * enough
    error = np.where(np.isfinite(slope), error, np.nan)
    yield _over_units(
        "slope",
        (staff, customers, used),
        slope,
        error,
        StudentInterval(centre=slope, std_error=error, df=df, method="jackknife of units"),
        found.plain_slope,
        lone,
    )


def _over_units(
    term: str,
    of: tuple[_Side, _Side, NDArray[np.bool_]],
    value: FloatArray,
    error: FloatArray,
    interval: Interval,
    plain: FloatArray,
    lone: IntArray,
    is_open: NDArray[np.bool_] | None = None,
) -> Estimate:
    """A number over the units, with the answers of those that count as its base."""
    staff, customers, used = of
    base, w, w2 = (
        np.sum(np.where(used, getattr(staff, name) + getattr(customers, name), 0), axis=1)
        for name in ("n", "w", "w2")
    )
    skipped = ((staff.n + customers.n > 0) & ~used).sum(axis=1)
    return Estimate(
        term=term,
        item=OVERALL,
        value=value,
        std_error=error,
        base=base,
        weighted_base=w,
        effective_base=np.where(w2 > 0, w * w / w2, 0.0),
        unit="coefficient",
        interval=interval,
        message=tuple(
            _told(*cell)
            for cell in zip(
                used.sum(axis=1).tolist(),
                skipped.tolist(),
                value.tolist(),
                plain.tolist(),
                lone.tolist(),
                base.tolist(),
                (np.zeros(base.size, dtype=np.bool_) if is_open is None else is_open).tolist(),
                strict=True,
            )
        ),
        null=0.0,
    )


def _told(
    units: int, skipped: int, value: float, plain: float, lone: int, base: int, is_open: bool
) -> str:
    said = []
    known = np.isfinite(value)
    if units < LEAST:
        said.append(TOO_FEW.format(count=units, least=LEAST))
    elif not known:
        said.append(NO_SPREAD)
    else:
        said.append((FEW_UNITS if units < FEW else UNITS).format(count=units))
        said.append(OBSERVED.format(value=f"{plain:.2f}"))
        if is_open:
            said.append(OPEN)
        elif lone:
            said.append(LONE.format(count=lone))
    if skipped:
        said.append(LEFT_OUT.format(count=skipped))
    return "; ".join(said) if base or skipped else ""
