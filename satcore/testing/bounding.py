"""The laws of intervals: about their centre, wider where more is asked, as sure as they say."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from attrs import evolve

from satcore.inference import Interval
from satcore.lineup import Bounded, Evaluated, Lineup
from satcore.planning import Plan
from satcore.scanning import Bundle, merge_bundles, scan_fragment
from satcore.surveys import FrameFragment
from satcore.testing.checks import LawError, NotApplicable
from satcore.testing.evaluating import MANY, sets, term_name
from satcore.testing.searching import Case, search
from satcore.testing.subjects import Subject, count
from satcore.testing.telling import cell_name, number

if TYPE_CHECKING:
    import polars as pl

LEVELS = (0.5, 0.8, 0.9, 0.95, 0.99)

#: The level at which an interval has all but shrunk to its centre.
LOWEST = 1e-6

#: Answers of a population, and of one sample from it.
POPULATION = 1_000_000
SAMPLE = 200

#: How many samples are drawn.
SAMPLES = {"quick": 400, "long": 2000}

#: Between which shares the coverage of a 95 % interval has to lie.
LIMITS = (0.90, 0.99)

#: How likely chance alone may make the whole check fail.
CHANCE = 1e-4

_CHUNK = 100_000


# --------------------------------------------------------------------------- centre and width


#: Holds a law on one estimate: with the cells' labels and the answers as a table.
_Hold: TypeAlias = Callable[[Bounded, Sequence[Any], str], None]


def _each_bounded(subject: Subject, hold: _Hold) -> None:
    """Hold a law on every interval: on plenty of answers, then on few."""
    plans = list(subject.plans(*sets(subject)))
    usual = [subject.usual(plan) for plan in plans]
    if all(one.estimate.interval is None for _, found in usual for one in found.estimates):
        raise NotApplicable("none of its estimates has an interval")
    for plan, found in zip(plans, usual, strict=True):
        small = subject.plan("segment", weighted=plan.weighted)

        def few(case: Case, small: Plan = small) -> None:
            frame = subject.frame[list(case.rows)]
            found = subject.evaluated(small, count(small, [frame]))
            _hold_all(*found, hold, subject.shown(small, frame))

        examples = subject.examples(plan) // 2
        search(few, population=subject.frame.height, examples=examples)
        _hold_all(*found, hold, "")


def _hold_all(lineup: Lineup, evaluated: Evaluated, hold: _Hold, example: str) -> None:
    names = lineup.labels()
    labels = [names[cell] for cell in evaluated.good.tolist()]
    with np.errstate(all="ignore"):
        for one in evaluated.estimates:
            if one.estimate.interval is not None:
                hold(one, labels, example)


def _interval(one: Bounded) -> Interval:
    if one.estimate.interval is None:
        raise TypeError(f"{one.estimate.term} has no interval")
    return one.estimate.interval


def _first(wrong: Any) -> int | None:
    return int(np.flatnonzero(wrong)[0]) if wrong.any() else None


def interval_centre(subject: Subject) -> None:
    """Bounds in order and about the centre to which they shrink; that near to the estimate."""

    def hold(one: Bounded, labels: Sequence[Any], example: str) -> None:
        interval = _interval(one)
        shrunk_low, shrunk_high = interval.bounds(LOWEST)
        centre = (shrunk_low + shrunk_high) / 2
        scale = np.maximum(np.abs(centre), 1e-9)
        for level in LEVELS:
            low, high = interval.bounds(level)
            known = np.isfinite(low) & np.isfinite(high)
            cell = _first(known & (low > high + 1e-12 * scale))
            if cell is not None:
                _broken(
                    one,
                    labels[cell],
                    level,
                    "a lower bound below the upper",
                    low[cell],
                    high[cell],
                    example,
                )
            cell = _first(np.isnan(low) != np.isnan(high))
            if cell is not None:
                _broken(
                    one, labels[cell], level, "two bounds or none", low[cell], high[cell], example
                )
            slack = 1e-6 * np.maximum(scale, high - low)
            out = known & np.isfinite(centre) & ((centre < low - slack) | (centre > high + slack))
            cell = _first(out)
            if cell is not None:
                wanted = f"bounds about the method's centre {number(centre[cell])}"
                _broken(one, labels[cell], level, wanted, low[cell], high[cell], example)
        _hold_near_estimate(one, centre, labels, example)

    _each_bounded(subject, hold)


def _hold_near_estimate(one: Bounded, centre: Any, labels: Sequence[Any], example: str) -> None:
    """With plenty of answers a centre may be shrunk, but not away from the estimate."""
    estimate = one.estimate
    error = estimate.std_error
    plenty = (
        (estimate.base >= MANY) & (error > 0) & np.isfinite(centre) & np.isfinite(estimate.value)
    )
    reach = 2.0 * error + 1e-9 * np.abs(estimate.value)
    outside = (estimate.value < one.low) | (estimate.value > one.high)
    cell = _first(plenty & outside & (np.abs(centre - estimate.value) > reach))
    if cell is not None:
        wanted = f"the estimate {number(estimate.value[cell])} between the bounds"
        _broken(one, labels[cell], 0.95, wanted, one.low[cell], one.high[cell], example)


def _broken(
    one: Bounded, cell: Any, level: float, wanted: str, low: Any, high: Any, example: str
) -> None:
    method = one.estimate.interval.method if one.estimate.interval else ""
    raise LawError(
        expected=f"{term_name(one)}, {cell_name(cell)}, {method} at {level:.0%}: {wanted}",
        came=f"{number(low)} to {number(high)}",
        example=example,
    )


def interval_levels(subject: Subject) -> None:
    """No bound moves inwards as confidence rises, and some moves outwards."""

    def hold(one: Bounded, labels: Sequence[Any], example: str) -> None:
        interval, estimate = _interval(one), one.estimate
        bounds = [interval.bounds(level) for level in LEVELS]
        for place in range(1, len(LEVELS)):
            (low, high), (lower, higher) = bounds[place - 1], bounds[place]
            slack = 1e-9 * np.maximum(np.abs(high - low), 1e-9)
            # A level that few answers can't reach has no bounds at all.
            known = np.isfinite(low) & np.isfinite(high) & ~(np.isnan(lower) & np.isnan(higher))
            narrower = known & ~((lower <= low + slack) & (higher >= high - slack))
            cell = _first(narrower)
            if cell is not None:
                known_as = f"{number(low[cell])} to {number(high[cell])}"
                wanted = f"no narrower than at {LEVELS[place - 1]:.0%}: {known_as}"
                _broken(
                    one, labels[cell], LEVELS[place], wanted, lower[cell], higher[cell], example
                )
        (low, high), (lowest, highest) = bounds[0], bounds[-1]
        plenty = (estimate.base >= MANY) & (estimate.std_error > 0) & np.isfinite(high - low)
        alike = plenty & ~(highest - lowest > (high - low) * (1 + 1e-9))
        cell = _first(alike)
        if cell is not None:
            wanted = f"wider than at {LEVELS[0]:.0%}: {number(low[cell])} to {number(high[cell])}"
            _broken(one, labels[cell], LEVELS[-1], wanted, lowest[cell], highest[cell], example)

    _each_bounded(subject, hold)


# --------------------------------------------------------------------------- coverage


def coverage(subject: Subject, depth: Literal["quick", "long"]) -> str | None:
    """Samples of a population on which the metric itself is the truth, all in one run."""
    samples = SAMPLES[depth]
    truth = _truth(subject)
    if not truth:
        raise NotApplicable("no estimate with an interval and a known truth")
    rng = np.random.default_rng(19)
    size = SAMPLE * (_waves(subject) if subject.along_waves else 1)
    plan = subject.plan("segment", segment="sample")
    bundles = []
    per_chunk = max(1, _CHUNK // size)
    for start in range(0, samples, per_chunk):
        here = np.arange(start, min(start + per_chunk, samples))
        frame = _drawn(subject, rng, np.repeat(here, size))
        bundles.append(scan_fragment(plan, FrameFragment(id=f"from {start}", frame=frame)))
    _, evaluated = subject.evaluated(plan, _sound(merge_bundles(plan, bundles)))
    held = evaluated.good > 0  # the first cell is all samples together
    shares: dict[str, tuple[int, int]] = {}
    for one in evaluated.estimates:
        key = one.estimate.key
        if key not in truth:
            continue
        low, high = one.low[held], one.high[held]
        known = np.isfinite(low) & np.isfinite(high)
        slack = 1e-9 * np.maximum(np.abs(high - low), 1e-12)
        inside = known & (low - slack <= truth[key]) & (truth[key] <= high + slack)
        if known.sum() >= samples / 2:
            method = one.estimate.interval.method if one.estimate.interval else ""
            shares[f"{term_name(one)} ({method})"] = (int(inside.sum()), int(known.sum()))
    if not shares:
        raise NotApplicable("too few samples have an interval")
    _hold_shares(shares)
    return _reported(shares) if depth == "long" else None


def _waves(subject: Subject) -> int:
    return int(subject.frame[subject.roles["wave"]].n_unique())


def _truth(subject: Subject) -> dict[tuple[str, str], float]:
    """The metric on the whole population, for what has an interval and varies."""
    plan = subject.plan()
    _, evaluated = subject.evaluated(plan, _population(subject, plan))
    return {
        one.estimate.key: float(one.estimate.value[0])
        for one in evaluated.estimates
        if one.estimate.interval is not None
        and one.estimate.label is None
        and np.isfinite(one.estimate.value[0])
        and one.estimate.std_error[0] != 0  # NaN where it has none
    }


def _population(subject: Subject, plan: Plan) -> Bundle:
    """The answers over and over, a million of them, counted.

    Where answers do not depend on the wave, every answer is there in every wave: else the waves
    would differ, as no sample's interval can know. Copies are merged, which is to count them.
    """
    frame = subject.frame
    if subject.drawn_waves and subject.along_waves:
        wave = subject.roles["wave"]
        waves = frame.select(wave).unique(maintain_order=True)
        frame = frame.drop(wave).join(waves, how="cross")
    bundle = _sound(scan_fragment(plan, FrameFragment(id="people", frame=frame)))
    people = frame.height
    while people < POPULATION:
        halves = [
            evolve(bundle, fragments=((half, people),)) for half in ("these", "as many again")
        ]
        bundle, people = merge_bundles(plan, halves), 2 * people
    return bundle


def _sound(bundle: Bundle) -> Bundle:
    for reason in bundle.failed.values():
        raise LawError(expected="every statistic counted", came=reason)
    return bundle


def _drawn(subject: Subject, rng: np.random.Generator, sample: Any) -> pl.DataFrame:
    """People drawn from the population; each is somebody of their own."""
    import polars as pl

    frame: pl.DataFrame = subject.frame[rng.integers(0, subject.frame.height, sample.size)]
    respondent, wave = subject.roles["respondent"], subject.roles["wave"]
    if subject.drawn_waves:
        others = rng.integers(0, subject.frame.height, sample.size)
        frame = frame.with_columns(subject.frame[wave][others].alias(wave))
    return frame.with_columns(
        pl.Series("sample", sample), pl.Series(respondent, np.arange(sample.size))
    )


def _hold_shares(shares: dict[str, tuple[int, int]]) -> None:
    """Hold coverages against the limits, chance allowed for."""
    allowed = CHANCE / len(shares) / 2
    for name, (inside, known) in shares.items():
        too_few = _at_most(inside, known, LIMITS[0])
        too_many = _at_most(known - inside, known, 1 - LIMITS[1])
        if min(too_few, too_many) < allowed:
            raise LawError(
                expected=(
                    f"{name}: between {LIMITS[0]:.0%} and {LIMITS[1]:.0%} of the 95% intervals "
                    f"hold the population's value"
                ),
                came=f"{inside} of {known} do ({inside / known:.1%})",
            )


def _at_most(count: int, trials: int, share: float) -> float:
    """The probability of so many successes or fewer."""
    total = 0.0
    for k in range(count + 1):
        log = math.lgamma(trials + 1) - math.lgamma(k + 1) - math.lgamma(trials - k + 1)
        total += math.exp(log + k * math.log(share) + (trials - k) * math.log1p(-share))
    return min(total, 1.0)


def _reported(shares: dict[str, tuple[int, int]]) -> str:
    """Coverages, the odd ones first."""
    told = {name: inside / known for name, (inside, known) in shares.items()}
    odd = {name: share for name, share in told.items() if not 0.93 <= share <= 0.97}
    least, most = min(told.values()), max(told.values())
    text = f"coverage of {len(told)} estimates from {least:.1%} to {most:.1%}"
    if not odd:
        return f"{text}, all within 93% to 97%"
    return f"{text}; outside 93% to 97%: " + ", ".join(f"{n} {s:.1%}" for n, s in odd.items())
