"""Control charts: published examples, run rules against a plain search, phases, gaps, pictures."""

from __future__ import annotations

import csv
import itertools
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

import satcore
from satcore import (
    Codebook,
    Estimate,
    Metric,
    OptionError,
    Results,
    Series,
    StudyError,
    Tallied,
    Tally,
    Waves,
)
from satcore.periods import period_said
from satcore.plugins import Plugins
from satcore_control import Control, chart
from satcore_control.rules import RULES, SETS, broken_rules, rules_named
from satcore_nps import NPS

#: 2 over the root of pi: the mean range of two standard normal numbers.
D2 = 1.1283791670955126

#: The references carry 15 digits.
CLOSE = {"rel": 1e-12, "abs": 1e-12}

WESTERN = SETS["western_electric"]

#: Concentration of a chemical process (Montgomery and Runger, Applied Statistics and Probability
#: for Engineers, 3rd edition, table 16-3), and the tabular CUSUM made of it with the target 99,
#: K = 1 and H = 10 (table 16-8).
CONCENTRATION = [
    102.0, 94.8, 98.3, 98.4, 102.0, 98.5, 99.0, 97.7, 100.0, 98.1,
    101.3, 98.7, 101.1, 98.4, 97.0, 96.7, 100.3, 101.4, 97.2, 101.0,
]  # fmt: skip
CUSUM_UP = [2.0, 0, 0, 0, 2.0, 0.5, 0, 0, 0, 0, 1.3, 0, 1.1, 0, 0, 0, 0.3, 1.7, 0, 1.0]
CUSUM_DOWN = [0, 3.2, 2.9, 2.5, 0, 0, 0, 0.3, 0, 0, 0, 0, 0, 0, 1.0, 2.3, 0, 0, 0.8, 0]

#: NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.4: target 50, s = 2.0539, lambda 0.3.
EWMA_DATA = [
    52.0, 47.0, 53.0, 49.3, 50.1, 47.0, 51.0, 50.1, 51.2, 50.5,
    49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1,
]  # fmt: skip
EWMA = [
    50.60, 49.52, 50.56, 50.18, 50.16, 49.21, 49.75, 49.85, 50.26, 50.33,
    50.11, 49.36, 49.52, 50.05, 49.38, 49.92, 50.73, 51.23, 51.94, 51.99,
]  # fmt: skip


def columns(path: Path) -> dict[str, list[str]]:
    with path.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return {name: [row[name] for row in rows] for name in rows[0]}


# Published examples


def test_p_chart_of_orange_juice(shared: Path, reference: Any) -> None:
    expected = reference("spc")["p_orangejuice_trial"]
    found = columns(shared / "data" / "qcc" / "orangejuice.csv")
    trial = [place for place, said in enumerate(found["trial"]) if said == "True"]
    made = chart([float(found["D"][place]) for place in trial], 50, kind="p")
    assert made.centre[0] == pytest.approx(expected["center"], **CLOSE)
    assert made.sigma[0] * math.sqrt(50) == pytest.approx([expected["sd"]] * 30, **CLOSE)
    assert made.lower[0] == pytest.approx([expected["limits"][0]["LCL"]] * 30, **CLOSE)
    assert made.upper[0] == pytest.approx([expected["limits"][0]["UCL"]] * 30, **CLOSE)
    beyond = [one.wave + 1 for one in made.signals if "beyond_3_sigma" in one.rules]
    assert beyond == expected["beyond"]
    # The production points that follow are judged by the trial's limits.
    frozen = chart([float(one) for one in found["D"]], 50, kind="p", phase_one=30)
    assert frozen.centre[0] == made.centre[0]
    assert (frozen.upper[0] == made.upper[0, 0]).all()


def test_u_chart_of_computers(shared: Path, reference: Any) -> None:
    expected = reference("spc")["u_pcmanufact"]
    found = columns(shared / "data" / "qcc" / "pcmanufact.csv")
    counts, sizes = ([float(one) for one in found[name]] for name in ("x", "size"))
    made = chart(counts, sizes, kind="u")
    assert made.centre[0] == pytest.approx(expected["center"], **CLOSE)
    assert made.lower[0] == pytest.approx([expected["limits"][0]["LCL"]] * 20, **CLOSE)
    assert made.upper[0] == pytest.approx([expected["limits"][0]["UCL"]] * 20, **CLOSE)
    beyond = [one.wave + 1 for one in made.signals if "beyond_3_sigma" in one.rules]
    assert beyond == expected["beyond"]


def test_individuals_chart_of_concentration() -> None:
    """The same example's 16-2: a mean moving range of 2.59 and limits of 92.21 and 105.99.

    The book rounds mean and range to a tenth and a hundredth first.
    """
    made = chart(CONCENTRATION)
    assert made.centre[0] == pytest.approx(99.1, abs=0.01)
    assert made.sigma[0, 0] * D2 == pytest.approx(2.59, abs=0.005)
    assert made.lower[0, 0] == pytest.approx(92.21, abs=0.02)
    assert made.upper[0, 0] == pytest.approx(105.99, abs=0.02)
    assert made.signals == ()


def test_cusum_of_concentration() -> None:
    """A first point on the target, all of phase I, sets the centre and adds nothing to the sums."""
    made = chart([99.0, *CONCENTRATION], kind="cusum", std_error=2.0, phase_one=1)
    assert made.down is not None
    assert 2.0 * made.plotted[0, 1:] == pytest.approx(CUSUM_UP, abs=1e-9)
    assert -2.0 * made.down[0, 1:] == pytest.approx(CUSUM_DOWN, abs=1e-9)
    assert made.signals == ()
    tight = chart([99.0, *CONCENTRATION], kind="cusum", std_error=2.0, phase_one=1, decision=1.5)
    assert [(one.wave, one.rules) for one in tight.signals] == [(2, ("beyond_limits",))]


def test_ewma_of_the_handbook() -> None:
    made = chart([50.0, *EWMA_DATA], kind="ewma", std_error=2.0539, phase_one=1, smoothing=0.3)
    # The handbook carries its rounded averages on.
    assert made.plotted[0, 1:] == pytest.approx(EWMA, abs=0.011)
    assert made.upper[0, -1] == pytest.approx(52.5884, abs=1e-3)
    assert made.lower[0, -1] == pytest.approx(47.4115, abs=1e-3)
    assert made.signals == ()


@given(smoothing=st.floats(0.05, 1.0), waves=st.integers(2, 12), width=st.floats(0.5, 4.0))
def test_ewma_limits_are_robertss(smoothing: float, waves: int, width: float) -> None:
    values = np.linspace(-1.0, 2.0, waves)
    made = chart(values, kind="ewma", std_error=1.5, smoothing=smoothing, width=width)
    t = np.arange(1, waves + 1)
    reach = width * 1.5 * np.sqrt(smoothing / (2 - smoothing) * (1 - (1 - smoothing) ** (2 * t)))
    assert made.upper[0] - made.centre[0] == pytest.approx(reach, rel=1e-9)
    assert made.centre[0] - made.lower[0] == pytest.approx(reach, rel=1e-9)


@pytest.mark.parametrize("kind", ["laney_p", "laney_u"])
def test_laney_widens_the_plain_limits(kind: str) -> None:
    rng = np.random.default_rng(4)
    sizes = rng.integers(2_000, 9_000, 24)
    counts = rng.binomial(sizes, np.clip(rng.normal(0.3, 0.03, 24), 0, 1)).astype(float)
    plain = chart(counts, sizes, kind=kind[-1])
    made = chart(counts, sizes, kind=kind)
    centre = counts.sum() / sizes.sum()
    spread = math.sqrt(centre * (1 - centre) if kind == "laney_p" else centre)
    z = [(count / size - centre) / (spread / math.sqrt(size))
         for count, size in zip(counts, sizes, strict=True)]  # fmt: skip
    ratio = sum(abs(z[i] - z[i - 1]) for i in range(1, 24)) / 23 / D2
    assert ratio > 2
    assert made.sigma[0] == pytest.approx(ratio * plain.sigma[0], rel=1e-12)
    assert plain.centre_error[0] == pytest.approx(spread / math.sqrt(sizes.sum()), rel=1e-12)
    assert made.centre_error[0] == pytest.approx(ratio * plain.centre_error[0], rel=1e-12)
    assert len(made.signals) < len(plain.signals)


def test_known_errors_weigh_by_precision() -> None:
    made = chart([10.0, 14.0, 12.0], kind="own", std_error=[1.0, 2.0, 4.0])
    centre = (10 / 1 + 14 / 4 + 12 / 16) / (1 + 1 / 4 + 1 / 16)
    assert made.centre[0] == pytest.approx(centre, rel=1e-12)
    assert made.upper[0] == pytest.approx([centre + 3, centre + 6, centre + 12], rel=1e-12)
    assert made.centre_error[0] == pytest.approx((1 + 1 / 4 + 1 / 16) ** -0.5, rel=1e-12)
    # An error of 0 is no certainty, and without answers nothing tells what it should be.
    without = chart([10.0, 14.0, 12.0], kind="own", std_error=[1.0, 2.0, 0.0])
    assert without.judged.tolist() == [[True, True, False]]
    assert without.centre[0] == pytest.approx((10 + 14 / 4) / (1 + 1 / 4), rel=1e-12)


def test_estimated_errors_are_pooled_and_weigh_by_answers() -> None:
    error, size = [1.0, 2.0, 0.0, 9.0], [100.0, 50.0, 25.0, 400.0]
    made = chart([10.0, 14.0, 12.0, 30.0], size, kind="own", std_error=error, phase_one=3)
    assert made.centre[0] == pytest.approx((1000 + 700 + 300) / 175, rel=1e-12)
    pooled = (100**2 * 1 + 50**2 * 4) / 175
    assert made.sigma[0] == pytest.approx([math.sqrt(pooled / n) for n in size], rel=1e-12)
    # The error of the weighted mean of independent waves.
    assert made.centre_error[0] == pytest.approx(math.hypot(100 * 1, 50 * 2) / 175, rel=1e-12)
    assert made.judged.all()
    assert made.phase_one.tolist() == [[True, True, True, False]]


@pytest.mark.parametrize("unanimous", [0.0, math.nan])
def test_a_wave_that_agrees_or_knows_no_error(unanimous: float) -> None:
    """Agreement is a finding like any other; an error that nobody knows is none."""
    made = chart([10.0, 14.0, 12.0], 50, kind="own", std_error=[1.0, 1.0, unanimous])
    assert made.judged.tolist() == [[True, True, not math.isnan(unanimous)]]
    assert made.centre[0] == pytest.approx(12.0, rel=1e-12)
    assert made.phase_one.sum() == (2 if math.isnan(unanimous) else 3)


@given(
    scores=st.lists(
        st.lists(st.integers(0, 1), min_size=2, max_size=30), min_size=2, max_size=8
    ).filter(lambda waves: len({one for wave in waves for one in wave}) == 2)
)
def test_own_has_the_p_charts_centre(scores: list[list[int]]) -> None:
    """Where answers are 0 and 1, the mean of means is the share of all answers."""
    size = np.array([len(wave) for wave in scores], dtype=float)
    count = np.array([sum(wave) for wave in scores])
    share = count / size
    error = np.sqrt(share * (1 - share) / size)
    plain = chart(count, size, kind="p")
    if not error.any():
        return
    made = chart(share, size, kind="own", std_error=error)
    assert made.centre[0] == pytest.approx(plain.centre[0], rel=1e-9)
    # Within waves there is never more variance than in all of them together.
    assert (made.sigma[0] <= plain.sigma[0] * (1 + 1e-9)).all()


@pytest.mark.parametrize("truth", [60.0, 80.0])
def test_the_centre_of_an_nps_is_not_drawn_to_its_end(truth: float) -> None:
    """Its error shrinks as it rises: weights of 1/SE² gave 61.8 for 60, and 83.9 for 80."""
    answers, waves, series = 40, 24, 400
    detractors = 0.05
    promoters = truth / 100 + detractors
    shares = [promoters, 1 - promoters - detractors, detractors]
    counts = np.random.default_rng(3).multinomial(answers, shares, (series, waves))
    plus, minus = counts[..., 0] / answers, counts[..., 2] / answers
    value = 100 * (plus - minus)
    error = 100 * np.sqrt((plus + minus - (plus - minus) ** 2) / answers)
    made = chart(value, answers, kind="own", std_error=error)
    assert made.centre.std() == pytest.approx(made.centre_error.mean(), rel=0.12)
    assert made.centre.mean() == pytest.approx(truth, abs=4 * made.centre.std() / 20)
    # A wave's luck does not narrow its limits: all of a cell are as wide.
    assert (np.ptp(made.upper, axis=1) < 1e-9).all()


def test_limits_stay_where_values_can_be() -> None:
    shares = chart([1, 0, 2, 20], [20, 20, 20, 20], kind="p", phase_one=3)
    assert (shares.lower >= 0).all()
    assert (shares.upper <= 1).all()
    assert [one.wave for one in shares.signals] == [3]
    assert (chart([1, 0, 2, 1], kind="c").lower == 0).all()


# Rules


def plainly(name: str, z: Sequence[float], place: int) -> bool:
    """One rule at one point, by its words."""

    def last(count: int) -> Sequence[float]:
        return z[max(place - count + 1, 0) : place + 1]

    def of(least: int, count: int, sigmas: float) -> bool:
        return any(
            side * z[place] > sigmas and sum(side * one > sigmas for one in last(count)) >= least
            for side in (1, -1)
        )

    match name:
        case "beyond_3_sigma":
            return abs(z[place]) > 3
        case "2_of_3_beyond_2_sigma":
            return of(2, 3, 2)
        case "4_of_5_beyond_1_sigma":
            return of(4, 5, 1)
        case "8_on_one_side":
            return of(8, 8, 0)
        case "9_on_one_side":
            return of(9, 9, 0)
        case "15_within_1_sigma":
            return len(last(15)) == 15 and all(abs(one) <= 1 for one in last(15))
        case "8_outside_1_sigma":
            return len(last(8)) == 8 and all(abs(one) > 1 for one in last(8))
    count = 6 if name == "6_rising_or_falling" else 14
    steps = [after - before for before, after in itertools.pairwise(last(count))]
    if len(steps) < count - 1:
        return False
    if count == 6:
        return all(one > 0 for one in steps) or all(one < 0 for one in steps)
    return all(one * other < 0 for one, other in itertools.pairwise(steps))


LEVELS = st.sampled_from([-3.5, -3.0, -2.5, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.5])


@st.composite
def series_of_runs(draw: st.DrawFn) -> list[float]:
    """Points with runs in them, and gaps as NaN."""
    parts = draw(
        st.lists(
            st.one_of(
                st.lists(LEVELS, max_size=4),
                st.lists(st.sampled_from([0.5, 1.5]), min_size=6, max_size=10),
                st.lists(st.sampled_from([-0.9, 0.3]), min_size=12, max_size=16),
                st.lists(st.sampled_from([-1.5, 1.5]), min_size=6, max_size=9),
                st.integers(4, 7).map(lambda n: [0.3 * i for i in range(n)]),
                st.integers(10, 15).map(lambda n: [(-1) ** i * (0.2 + 0.01 * i) for i in range(n)]),
                st.just([math.nan]),
            ),
            max_size=5,
        )
    )
    return [one for part in parts for one in part]


@settings(max_examples=150)
@given(rows=st.lists(series_of_runs(), min_size=1, max_size=3))
def test_rules_say_what_their_words_say(rows: list[list[float]]) -> None:
    width = max(map(len, rows))
    z = np.full((len(rows), width), math.nan)
    for place, row in enumerate(rows):
        z[place, : len(row)] = row
    judged = np.isfinite(z)
    found = broken_rules(z, z, judged, tuple(RULES))
    for cell, row in enumerate(z.tolist()):
        places = [place for place, one in enumerate(row) if not math.isnan(one)]
        known = [row[place] for place in places]
        for name, broken in found.items():
            expected = [places[at] for at in range(len(known)) if plainly(name, known, at)]
            assert np.flatnonzero(broken.points[cell]).tolist() == expected, name


@pytest.mark.parametrize("name", RULES)
def test_every_rule_can_signal(name: str) -> None:
    patterns = {
        "6_rising_or_falling": [0.9, 0.6, 0.3, -0.1, -0.4, -0.8],
        "14_alternating": [0.5, -0.5] * 7,
        "15_within_1_sigma": [0.5, -0.2, 0.1] * 5,
        "8_outside_1_sigma": [1.5, -1.5] * 4,
    }
    z = np.array([patterns.get(name, [3.2] * 9)])
    points = broken_rules(z, z, np.isfinite(z), (name,))[name].points
    assert points[0, -1]
    assert not points[0, 0] or name == "beyond_3_sigma"


def test_a_run_over_a_gap_says_so() -> None:
    z = np.array([[0.5] * 4 + [math.nan] + [0.5] * 12])
    broken = broken_rules(z, z, np.isfinite(z), ("8_on_one_side",))["8_on_one_side"]
    assert np.flatnonzero(broken.points[0]).tolist() == list(range(8, 17))
    assert np.flatnonzero(broken.over_gap[0]).tolist() == list(range(8, 12))


def test_a_point_on_a_line_is_not_beyond_it() -> None:
    z = np.array([[3.0, -3.0, 3.0 + 1e-12, 3.0 + 1e-6]])
    broken = broken_rules(z, z, np.isfinite(z), ("beyond_3_sigma",))["beyond_3_sigma"]
    assert broken.points.tolist() == [[False, False, False, True]]


@pytest.mark.parametrize(("rules", "expected"), [(WESTERN, 91.75), (WESTERN[:1], 370.4)])
def test_false_signals_come_as_seldom_as_published(rules: tuple[str, ...], expected: float) -> None:
    """Champ and Woodall (1987), Technometrics 29(4): average run lengths without a change."""
    series, waves = 1_000, 1_600
    z = np.random.default_rng(7).normal(size=(series, waves))
    found = broken_rules(z, z, np.ones(z.shape, dtype=bool), rules)
    points = np.logical_or.reduce([one.points for one in found.values()])
    first = np.where(points.any(axis=1), points.argmax(axis=1) + 1, waves)
    # The run's length is nearly exponential; the longest are cut at the end of the series.
    cut = expected * (1 - math.exp(-waves / expected))
    assert first.mean() == pytest.approx(cut, abs=3.3 * expected / math.sqrt(series))


def test_rules_by_name() -> None:
    assert rules_named(("western_electric", "beyond_3_sigma")) == WESTERN
    assert len(rules_named(("nelson",))) == 8
    with pytest.raises(ValueError, match="did you mean 'nelson'"):
        rules_named(("nelsen",))


# Phases and gaps


@pytest.mark.parametrize("kind", ["own", "p", "u", "c", "laney_p", "laney_u", "individuals"])
@given(later=st.lists(st.integers(0, 40), min_size=8, max_size=8))
@settings(max_examples=20)
def test_limits_are_frozen(kind: str, later: list[int]) -> None:
    first = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10]
    # The third wave is left out of phase I.
    mask = [place != 2 and place < 10 for place in range(18)]

    def made(values: Sequence[float]) -> Any:
        return chart(values, 50, kind=kind, std_error=2.0, phase_one=mask)

    one, other = made([*first, *later]), made([*first[:2], 39, *first[3:], *range(8)])
    assert one.centre == other.centre
    assert one.upper.tolist() == other.upper.tolist()
    assert one.phase_one.sum() == 9


@pytest.mark.parametrize(
    "kind", ["own", "p", "u", "c", "laney_p", "laney_u", "individuals", "ewma", "cusum"]
)
def test_gaps_change_nothing_but_themselves(kind: str) -> None:
    values = np.array([12.0, 15, 8, 10, 4, 7, 16, 9, 14, 10, 22, 24, 20, 23])
    sizes, error = np.linspace(40, 60, 14), np.linspace(2, 3, 14)
    at = [0, 3, 3, 9, 14]
    gapped = np.insert(values, at, np.nan)
    kept = np.flatnonzero(np.isfinite(gapped))

    def made(some: Any, *others: Any) -> Any:
        return chart(some, np.round(others[0]), kind=kind, std_error=others[1])

    whole = made(values, sizes, error)
    broken = made(gapped, np.insert(sizes, at, 50), np.insert(error, at, 2.5))
    for name in ("plotted", "lower", "upper", "sigma"):
        spread = getattr(broken, name)[0]
        # Sums of real numbers round as they are grouped; nothing else may differ.
        assert spread[kept] == pytest.approx(getattr(whole, name)[0], **CLOSE)
        assert np.isnan(np.delete(spread, kept)).all()
    moved = [kept[one.wave] for one in whole.signals]
    assert [one.wave for one in broken.signals] == moved
    assert broken.centre == pytest.approx(whole.centre, **CLOSE)


@pytest.mark.parametrize(
    "kind", ["own", "p", "u", "c", "laney_p", "laney_u", "individuals", "ewma", "cusum"]
)
@pytest.mark.parametrize(
    "values", [[], [4.0], [4.0, 4.0, 4.0], [0.0, 0.0], [math.nan, math.nan], [math.nan, 3.0]]
)
def test_nothing_to_judge_by_is_no_crash(kind: str, values: list[float]) -> None:
    made = chart(values, 9, kind=kind, std_error=0.0)
    assert made.value.shape == (1, len(values))
    assert not made.signalling.any()
    assert np.isnan(made.upper[~made.judged]).all()


def test_equal_values_are_not_judged() -> None:
    made = chart([0.1] * 9 + [5.0], phase_one=9)
    assert not made.judged.any()
    # Shares of a third at any size: what is left of their spread is rounding.
    alike = chart([1, 10, 100, 3, 33], [3, 30, 300, 9, 99], kind="laney_p")
    assert not alike.judged.any()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"kind": "x"}, "'x' is none of own"),
        ({"kind": "p"}, "sizes are missing"),
        ({"kind": "own"}, "standard errors are missing"),
        ({"kind": "ewma", "spread": "own"}, "standard errors are missing"),
        ({"kind": "p", "sizes": 3}, "above their sizes"),
        ({"kind": "u", "sizes": 0}, "a size of 0"),
        ({"kind": "p", "sizes": [1, 2]}, "sizes has the shape"),
        ({"kind": "p", "sizes": -1}, "negative"),
        ({"values": [1.5, 2], "kind": "c"}, "whole and not negative"),
        ({"values": [1.0, math.inf]}, "infinite"),
        ({"values": [[[1.0]]]}, "3 dimensions"),
        ({"phase_one": 9}, "9 points are wanted of 4"),
        ({"phase_one": [1, 2]}, "true and false"),
        ({"rules": ("beyond_4_sigma",)}, "did you mean 'beyond_3_sigma'"),
        ({"kind": "cusum", "rules": ("nelson",)}, "carry the past"),
        ({"kind": "ewma", "smoothing": 0.0}, "0.2 is usual"),
        ({"kind": "ewma", "width": -1.0}, "3 is usual"),
        ({"kind": "cusum", "decision": 0.0}, "5 is usual"),
        ({"kind": "cusum", "slack": -1.0}, "0.5 is usual"),
        ({"kind": "ewma", "spread": "mine"}, "none of auto"),
    ],
)
def test_bad_series_are_told(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        chart(**{"values": [4.0, 5.0, 6.0, 7.0], **options})


# The metric


MONTHS = tuple(f"{2023 + month // 12}-{month % 12 + 1:02}" for month in range(24))


def series(
    value: Any,
    *,
    std_error: Any = math.nan,
    base: Any = 100,
    unit: str = "score",
    weighted: bool = False,
    labels: Sequence[str] = MONTHS,
) -> Series:
    """A series of another metric; one cell a row."""
    values = np.atleast_2d(np.asarray(value, dtype=np.float64))
    error = np.broadcast_to(np.asarray(std_error, dtype=np.float64), values.shape)
    bases = np.where(np.isfinite(values), np.broadcast_to(base, values.shape), 0)
    return Series(
        metric="other",
        term="t",
        item="",
        unit=unit,
        method="wald",
        confidence=0.95,
        value=values,
        std_error=np.where(np.isfinite(values), error, np.nan),
        low=values - 1,
        high=values + 1,
        base=bases,
        effective_base=bases * (0.8 if weighted else 1.0),
        weighted=weighted,
        waves=Waves.of(labels[: values.shape[1]]),
    )


def evaluated(metric: Control, given: Series) -> dict[tuple[str, str], Estimate]:
    with np.errstate(all="ignore"):
        return {(one.term, one.item): one for one in metric.evaluate(given)}


NOISE = np.random.default_rng(11).normal(50, 2, 24)


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (series(np.arange(24) / 100, unit="proportion", std_error=0.03), "p"),
        (series(np.arange(24) / 100, unit="proportion", std_error=0.03, weighted=True), "own"),
        (series(NOISE / 100, unit="proportion", std_error=0.03), "own"),
        (series(NOISE, std_error=2.0), "own"),
        (series(NOISE), "individuals"),
    ],
)
def test_auto_takes_the_chart_that_fits(given: Series, kind: str) -> None:
    found = evaluated(Control(of="other"), given)
    assert found["sigma", ""].label == (kind,)
    assert all(not one.compared for one in found.values())
    assert not any(np.isnan(found["signal", wave].value).any() for wave in given.waves.labels)


def test_p_is_drawn_of_the_counts() -> None:
    counts, sizes = np.array([12, 15, 8, 10, 24, 9]), np.array([50, 55, 60, 50, 50, 45])
    found = evaluated(
        Control(of="other"), series(counts / sizes, base=sizes, unit="proportion", std_error=0.1)
    )
    plain = chart(counts, sizes, kind="p")
    for wave, label in enumerate(MONTHS[:6]):
        assert found["upper_limit", label].value[0] == plain.upper[0, wave]
        assert found["lower_limit", label].value[0] == plain.lower[0, wave]
        assert found["centre", label].base[0] == sizes.sum()
    assert found["centre", ""].value[0] == pytest.approx(counts.sum() / sizes.sum(), **CLOSE)


@pytest.mark.parametrize("kind", ["auto", "own", "individuals", "ewma", "cusum"])
def test_cells_together_are_each_alone(kind: Any) -> None:
    rng = np.random.default_rng(2)
    shares = np.round(rng.uniform(0.2, 0.8, (4, 24)) * 100) / 100
    shares[1, 5:8] = np.nan
    shares[2] += 0.003  # no whole number of answers
    error = np.full(shares.shape, 0.04)
    error[3] = np.nan
    shares[3] += 0.0007
    given = series(shares, std_error=error, unit="proportion")
    metric = Control(of="other", chart=kind, baseline=MONTHS[11], exclude=(MONTHS[4],))
    together = evaluated(metric, given)
    for cell in range(4):
        alone = evaluated(metric, given.taken(np.array([cell])))
        for key, one in together.items():
            for name in ("value", "std_error", "base", "effective_base"):
                mine = np.asarray(getattr(one, name), dtype=float)[cell]
                assert np.array_equal([mine], getattr(alone[key], name), equal_nan=True)
            for name in ("label", "message"):
                entries = getattr(one, name)
                assert entries is None or entries[cell] == getattr(alone[key], name)[0]
    if kind == "auto":
        assert together["sigma", ""].label == ("p", "p", "own", "individuals")


def test_signals_name_their_rules() -> None:
    values = np.array([50.0, 51, 49, 50, 52, 48, 50, 51, 49, 50, 50, 60])
    values[8] = np.nan
    found = evaluated(Control(of="other", baseline=MONTHS[10]), series(values, std_error=1.0))
    assert found["signals", ""].value[0] == 1
    last = found["signal", MONTHS[11]]
    assert last.label == ("beyond_3_sigma",)
    assert last.message == ("beyond 3 sigma",)
    message = found["signals", ""].message
    assert message is not None
    assert "phase I: 2023-01 to 2023-11, 10 waves" in message[0]
    assert "without a number are passed over: 2023-09" in message[0]
    assert "wide of the mark" not in message[0]
    assert math.isnan(found["signal", MONTHS[8]].value[0])


@pytest.mark.parametrize(
    ("given", "options", "said"),
    [
        (series([50.0]), {}, "one wave in phase I"),
        (series([50.0, 51.0]), {}, "limits from 2 waves are wide of the mark"),
        (series([50.0] * 12), {}, "all equal"),
        (series([50.0] * 12, std_error=0.0), {}, "all equal, or have no standard error above 0"),
        (series([math.nan, 51.0]), {"baseline": MONTHS[0]}, "no wave of phase I has a number"),
        (
            series(NOISE[:12], std_error=[1.0] * 11 + [math.nan]),
            {},
            "want of a standard error: 2023-12",
        ),
        (series(NOISE, std_error=0.5), {}, 'chart = "individuals" allows for that'),
        (series(NOISE, std_error=0.5), {"chart": "ewma"}, 'spread = "moving_range" allows'),
    ],
)
def test_doubts_are_told(given: Series, options: dict[str, Any], said: str) -> None:
    message = evaluated(Control(of="other", **options), given)["signals", ""].message
    assert message is not None
    assert said in message[0]


@pytest.mark.parametrize("kind", ["own", "individuals", "ewma", "cusum"])
def test_equal_values_are_undefined_and_not_unanswered(kind: Any) -> None:
    found = evaluated(Control(of="other", chart=kind), series([50.0] * 12, std_error=0.0))
    assert found["sigma", ""].base.tolist() == [1200]
    assert math.isnan(found["sigma", ""].value[0])
    assert found["sigma", ""].message == ("all values are equal",)
    for wave in ("", MONTHS[3]):
        centre = found["centre", wave]
        assert centre.base.tolist() == [1200]
        if kind != "individuals":
            assert math.isnan(centre.value[0])
            assert centre.message == ("all values are equal",)


def test_values_that_differ_are_not_told_to_be_equal() -> None:
    found = evaluated(Control(of="other", chart="own"), series(NOISE, std_error=0.0))
    assert math.isnan(found["centre", ""].value[0])
    assert found["centre", ""].message == ("",)


def test_a_cell_without_answers_has_nothing_to_tell() -> None:
    found = evaluated(Control(of="other"), series([math.nan] * 6))
    assert found["signals", ""].base[0] == 0
    assert found["signals", ""].message == ("",)


@pytest.mark.parametrize(
    ("given", "options", "said"),
    [
        (series(NOISE), {"baseline": "2022-12"}, "stands before the first wave"),
        (series(NOISE), {"baseline": "2031-01"}, "stands after the last wave"),
        (series(NOISE), {"baseline": "2023-1x"}, "2023-01 to 2024-12; did you mean"),
        (series(NOISE), {"exclude": ("spring",)}, "'spring' is no wave"),
        (series(NOISE), {"chart": "p"}, "shares of answers"),
        (series(NOISE, unit="points"), {"chart": "u"}, "is in points"),
        (series(NOISE / 100, unit="proportion"), {"chart": "c"}, "p would do"),
        (series(NOISE / 100, unit="proportion"), {"chart": "p"}, "whole numbers"),
        (series(-np.round(NOISE)), {"chart": "c"}, "whole numbers"),
        (series(NOISE, unit="proportion", weighted=True), {"chart": "laney_p"}, "weighted"),
    ],
)
def test_wrong_charts_are_refused(given: Series, options: dict[str, Any], said: str) -> None:
    with pytest.raises(OptionError, match=said) as caught:
        evaluated(Control(of="other", **options), given)
    assert caught.value.option == next(iter(options))


def test_counts_of_events() -> None:
    events = np.array([12.0, 15, 8, 10, 4, 7, 30, 9])
    found = evaluated(Control(of="other", chart="c"), series(events))
    assert found["centre", ""].value[0] == pytest.approx(events.mean(), rel=1e-12)
    rates = evaluated(Control(of="other", chart="u"), series(events / 50, base=50))
    assert rates["centre", ""].value[0] == pytest.approx(events.mean() / 50, rel=1e-12)
    assert rates["signal", MONTHS[6]].value[0] == 1


# Through a run


@pytest.fixture
def installed() -> Plugins:
    points = [
        EntryPoint(name, f"satcore_{name}", "satcore") for name in ("control", "files", "nps")
    ]
    return Plugins(tuple(points))


@pytest.fixture
def answers() -> dict[str, list[Any]]:
    """Answers of 24 months with a bad month, a bad end, and a month without any."""
    rng = np.random.default_rng(1)
    month = np.repeat(np.arange(24), 60)
    score = rng.normal(8, 1.8, month.size) - 2.5 * (month == 9) - 2.0 * (month > 21)
    asked = month != 4
    return {
        "day": [f"{MONTHS[one]}-15" for one in month[asked]],
        "score": np.clip(np.round(score), 0, 10).astype(int)[asked].tolist(),
        "region": rng.choice(["North", "South"], asked.sum()).tolist(),
        "weight": rng.uniform(0.5, 2.0, asked.sum()).tolist(),
    }


def charted(
    answers: Mapping[str, Any], plugins: Plugins, metric: Metric, **options: Any
) -> Results:
    asked: dict[str, Any] = {
        "wave": {"time": "day", "period": "month"},
        "segments": ["region"],
        "by": ["region"],
    }
    metrics = {"nps": NPS(item="score"), "chart": metric}
    return satcore.run(metrics, answers, plugins=plugins, **{**asked, **options})


def rows_of(results: Results, cell: Mapping[str, str]) -> dict[tuple[str, str], Any]:
    return {(row["term"], row["item"]): row for row in results.rows("chart") if row["cell"] == cell}


def test_a_chart_of_nps(answers: dict[str, Any], installed: Plugins) -> None:
    results = charted(answers, installed, Control(of="nps", baseline="2024-06"))
    by_month = satcore.run(
        NPS(item="score"),
        answers,
        plugins=installed,
        wave={"time": "day", "period": "month"},
        comparisons=[],
    )
    assert not results.failures
    rows = rows_of(results, {})
    expected = {row["cell"]["wave"]: row for row in by_month.rows("nps", "nps") if row["cell"]}
    for wave, row in expected.items():
        for column in ("value", "std_error", "ci_low", "ci_high", "method", "base", "status"):
            assert rows["value", str(wave)][column] == row[column], (wave, column)
    assert rows["signal", "2023-10"]["label"] == "beyond_3_sigma"
    assert rows["signal", "2024-12"]["value"] == 1
    for term in ("value", "upper_limit", "signal"):
        assert rows[term, "2023-05"]["status"] == "empty"
    # Centre and limits come from phase I alone.
    first = [expected[wave] for wave in MONTHS[:18] if expected[wave]["base"]]
    centre = sum(one["base"] * one["value"] for one in first) / sum(one["base"] for one in first)
    assert rows["centre", ""]["value"] == pytest.approx(centre, rel=1e-12)
    assert not results.comparison_rows("chart")
    assert {row["cell"].get("region") for row in results.rows("chart")} == {None, "North", "South"}


def test_a_chart_under_weights(answers: dict[str, Any], installed: Plugins) -> None:
    results = charted(answers, installed, Control(of="nps", term="promoters"), weight="weight")
    assert rows_of(results, {})["sigma", ""]["label"] == "own"
    refused = charted(
        answers, installed, Control(of="nps", term="promoters", chart="p"), weight="weight"
    )
    assert "weighted" in refused.failures[0]["message"]
    assert rows_of(refused, {})["signals", ""]["status"] == "error"


def test_a_withheld_wave_gives_nothing_away(answers: dict[str, Any], installed: Plugins) -> None:
    kept = [day[:7] != "2023-03" or place % 10 == 0 for place, day in enumerate(answers["day"])]
    few = {
        name: [one for one, keep in zip(column, kept, strict=True) if keep]
        for name, column in answers.items()
    }
    rows = rows_of(charted(few, installed, Control(of="nps"), suppress_below=20), {})
    for term in ("value", "lower_limit", "upper_limit", "signal"):
        assert rows[term, "2023-03"]["status"] == "suppressed"
        assert rows[term, "2023-03"]["value"] is None


@frozen(kw_only=True)
class Delight(Metric):
    """A third party's: the share of tens."""

    item: str

    def statistics(self, codebook: Codebook) -> Mapping[str, Tally]:
        return {"answers": Tally(codebook.item(self.item, "0..10"))}

    def evaluate(self, answers: Tallied) -> Iterator[Estimate]:
        yield answers.share([10], term="delight")


def test_a_third_partys_metric_has_its_chart(answers: dict[str, Any], installed: Plugins) -> None:
    results = satcore.run(
        {"delight": Delight(item="score"), "chart": Control(of="delight")},
        answers,
        plugins=installed,
        wave={"time": "day", "period": "month"},
    )
    assert not results.failures
    assert rows_of(results, {})["sigma", ""]["label"] == "p"


def test_a_baseline_that_is_no_wave(answers: dict[str, Any], installed: Plugins) -> None:
    metric = Control(of="nps", baseline="2022-06")
    results = charted(answers, installed, metric)
    message = results.failures[0]["message"]
    assert "stands before the first wave" in message
    assert "2023-01 to 2024-12" in message
    assert list(metric.charts(results, "chart")) == []
    assert list(metric.findings(results, "chart")) == []


def test_bad_options_stop_the_run(answers: dict[str, Any], installed: Plugins) -> None:
    for options, said in (
        ({"rules": ("9_in_a_row",)}, "rules"),
        ({"chart": "ewma", "rules": ("nelson",)}, "carry the past"),
        ({"smoothing": 1.5}, "smoothing"),
        ({"of": "csat"}, "csat"),
    ):
        with pytest.raises(StudyError, match=said):
            charted(answers, installed, Control(**{"of": "nps", **options}))


# Pictures and findings


KINDS: tuple[Any, ...] = ("auto", "individuals", "ewma", "cusum")


def nodes(part: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(part, Mapping):
        yield part
        for inner in part.values():
            yield from nodes(inner)
    elif isinstance(part, list | tuple):
        for inner in part:
            yield from nodes(inner)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("kind", KINDS)
def test_pictures(answers: dict[str, Any], installed: Plugins, kind: Any, language: str) -> None:
    metric = Control(of="nps", chart=kind, baseline="2024-06", exclude=("2023-10",))
    results = charted(answers, installed, metric)
    pictures = list(metric.charts(results, "chart", language))
    assert len(pictures) == 3
    assert ("全部回答" if language == "zh" else "all answers") in pictures[0].title
    rows = rows_of(results, {})
    for picture in pictures:
        json.dumps(picture.spec, allow_nan=False)
        assert picture.alt
        assert not any("url" in node for node in nodes(picture.spec) if "values" not in node)
    shown = {period_said(month, "month", language): month for month in MONTHS}
    points = {shown[point["label"]]: point for point in pictures[0].spec["data"]["values"]}
    assert list(points) == list(MONTHS)
    assert points["2023-05"]["value"] is None
    assert points["2023-05"]["upper"] is None
    for wave, point in points.items():
        assert point["value"] == rows["value", wave]["value"]
        assert point["upper"] == rows["upper_limit", wave]["value"]
        assert point["signal"] == bool(rows["signal", wave]["label"])
    assert any(point["signal"] for point in points.values())
    told = " ".join(str(point["phase"]) for point in points.values())
    assert ("未计入" if language == "zh" else "left out") in told
    convert = pytest.importorskip("vl_convert")
    svg = convert.vegalite_to_svg({**pictures[0].spec, "width": 600})
    assert svg.count("#D55E00") >= sum(point["signal"] for point in points.values())


def test_few_groups_are_drawn(answers: dict[str, Any], installed: Plugins) -> None:
    many = {**answers, "region": [f"r{place % 9}" for place in range(len(answers["score"]))]}
    metric = Control(of="nps")
    pictures = list(metric.charts(charted(many, installed, metric), "chart"))
    assert len(pictures) == 7
    assert "one of the 6 of 9 groups" in pictures[-1].title


def test_findings(answers: dict[str, Any], installed: Plugins) -> None:
    metric = Control(of="nps", baseline="2024-06")
    results = charted(answers, installed, metric)
    said = list(metric.findings(results, "chart"))
    assert "October 2023 (beyond 3 sigma)" in said[0]
    assert "of 23 judged waves signal" in said[0]
    assert "about 92 waves" in said[-1]
    chinese = list(metric.findings(results, "chart", "zh"))
    assert "2023年10月（超出 3σ）" in chinese[0]
    assert len(chinese) == len(said)
    calm = {**answers, "score": [8, 9, 10, 6] * (len(answers["score"]) // 4)}
    quiet = charted(calm, installed, metric)
    assert "none of 23 judged waves signals" in next(iter(metric.findings(quiet, "chart")))


def test_all_equal_answers(answers: dict[str, Any], installed: Plugins) -> None:
    alike = {**answers, "score": [9] * len(answers["score"])}
    metric = Control(of="nps")
    results = charted(alike, installed, metric)
    assert not results.failures
    rows = rows_of(results, {})
    assert rows["signals", ""]["status"] == "undefined"
    for row in (rows["centre", ""], rows["centre", "2023-02"], rows["sigma", ""]):
        assert (row["status"], row["base"]) == ("undefined", 23 * 60)
        assert row["message"] == "no value follows from these answers; all values are equal"
    assert "no wave can be judged" in next(iter(metric.findings(results, "chart")))
    assert all(json.dumps(one.spec, allow_nan=False) for one in metric.charts(results, "chart"))


def test_the_spec_names_every_term(answers: dict[str, Any], installed: Plugins) -> None:
    terms: set[str] = set()
    for kind in KINDS:
        results = charted(answers, installed, Control(of="nps", chart=kind))
        terms |= {row["term"] for row in results.rows("chart")}
    measured = next(one for one in results.metrics if one.name == "chart")
    assert measured.primary == "signals"
    assert all(measured.term(term, "zh") for term in terms)
    assert measured.spec is not None
    assert terms == set(measured.spec.terms)


def _texts() -> Iterable[dict[str, tuple[str, str]]]:
    from satcore_control import findings, pictures, words

    return (findings.TEXTS, pictures.TEXTS, dict(words.KIND_NAMES), dict(words.RULE_NAMES))


def test_both_languages_are_whole() -> None:
    for texts in _texts():
        for english, chinese in texts.values():
            assert english
            assert chinese
    assert set(RULES) | {"beyond_limits"} == set(list(_texts())[3])
