"""Answers needed: against R's figures, statsmodels, and the rules that they promise to satisfy."""

from __future__ import annotations

import json
import math
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import click
import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.power import NormalIndPower, TTestIndPower, TTestPower
from statsmodels.stats.proportion import samplesize_proportions_2indep_onetail

from satcore import NET_INTERVALS, OptionError, WilsonInterval
from satcore.cli.sample_size import sample_size
from satcore.nets import IndependentNets
from satcore.sample_size import (
    Conditions,
    SampleSize,
    mean_change,
    mean_margin,
    mean_target,
    nps_change,
    nps_margin,
    nps_target,
    share_change,
    share_margin,
    share_target,
)

DOCS = Path(__file__).resolve().parents[1] / "docs" / "sample-size.md"
SEED = 20240229


def one_sided(level: float) -> float:
    """The two-sided confidence whose bounds are one-sided ones at a level."""
    return 2 * level - 1


class TestFormulas:
    """The formulas alone, not rounded, as the tools that are known for them give them."""

    def test_power_prop_test(self) -> None:
        # The equation that R's power.prop.test solves; its manual gives n = 76.7.
        found = share_change(start=0.5, change=0.25, conditions=Conditions(power=0.9))
        n = found.formula_answers
        assert round(n, 1) == 76.7
        z = stats.norm.ppf(0.975) * math.sqrt(1.25 * (1 - 1.25 / 2))
        error = math.sqrt(0.5 * 0.5 + 0.75 * 0.25)
        assert stats.norm.cdf((math.sqrt(n) * 0.25 - z) / error) == pytest.approx(0.9, abs=1e-12)
        # The manual's other example: 50 answers each have a power of 0.740.
        assert stats.norm.cdf((math.sqrt(50) * 0.25 - z) / error) == pytest.approx(0.740, abs=5e-4)

    @pytest.mark.parametrize("ratio", [0.5, 1.0, 3.0])
    @pytest.mark.parametrize(("start", "change"), [(0.8, 0.05), (0.3, -0.1), (0.02, 0.03)])
    def test_shares_against_statsmodels(self, start: float, change: float, ratio: float) -> None:
        # Equal samples: the same pooled variance under the null.
        theirs = samplesize_proportions_2indep_onetail(
            change, start, 0.8, ratio=1, alpha=0.05, value=0, alternative="two-sided"
        )
        ours = share_change(start=start, change=change).formula_answers
        assert ours == pytest.approx(theirs, rel=1e-9)
        # With another ratio: the power of the same normal approximation, written out.
        n = share_change(start=start, change=change, ratio=ratio).formula_answers
        end, pool = start + change, (start + ratio * (start + change)) / (1 + ratio)
        null = math.sqrt(pool * (1 - pool) * (1 / n + 1 / (ratio * n)))
        true = math.sqrt(start * (1 - start) / n + end * (1 - end) / (ratio * n))
        power = stats.norm.cdf((abs(change) - stats.norm.ppf(0.975) * null) / true)
        assert power == pytest.approx(0.8, abs=1e-10)

    @pytest.mark.parametrize(("two_sided", "n"), [(None, 22.02110), (False, 17.84713)])
    def test_power_t_test(self, two_sided: bool | None, n: float) -> None:
        # R prints these for power.t.test(power = .90, delta = 1), two-sided and one-sided; its
        # root search stops in the last digit shown.
        asked = Conditions(power=0.9, two_sided=two_sided)
        found = mean_change(change=1, sd=1, conditions=asked)
        assert found.formula_answers == pytest.approx(n, abs=2e-5)

    @pytest.mark.parametrize("ratio", [0.5, 1.0, 4.0])
    @pytest.mark.parametrize("effect", [0.1, 0.5, 1.5])
    def test_means_against_statsmodels(self, effect: float, ratio: float) -> None:
        # Both directions differ by what lies beyond the far critical value, so one is compared.
        theirs = TTestIndPower().solve_power(
            effect_size=effect, alpha=0.05, power=0.8, ratio=ratio, alternative="larger"
        )
        asked = Conditions(two_sided=False)
        ours = mean_change(change=2 * effect, sd=2, ratio=ratio, conditions=asked)
        assert ours.formula_answers == pytest.approx(theirs, rel=1e-6)

    @pytest.mark.parametrize("effect", [0.1, 0.5, 1.5])
    def test_one_mean_against_statsmodels(self, effect: float) -> None:
        theirs = TTestPower().solve_power(
            effect_size=effect, alpha=0.05, power=0.9, alternative="larger"
        )
        ours = mean_target(expect=4 + effect, target=4, sd=1, conditions=Conditions(power=0.9))
        assert ours.formula_answers == pytest.approx(theirs, rel=1e-6)
        mirrored = mean_target(expect=4 - effect, target=4, sd=1, conditions=Conditions(power=0.9))
        assert mirrored.answers == ours.answers

    def test_nets_against_statsmodels(self) -> None:
        # A net is the mean of -1, 0 and 1; its z test is that of any mean.
        theirs = NormalIndPower(ddof=0).solve_power(
            effect_size=0.05 / math.sqrt(0.7 - 0.09), alpha=0.05, power=0.8, ratio=0,
            alternative="larger",
        )  # fmt: skip
        ours = nps_target(promoters=0.5, detractors=0.2, target=25)
        assert ours.formula_answers == pytest.approx(theirs, rel=1e-6)


class TestExactPower:
    """The number keeps the rule's promise, by rules and counts found without our shortcuts."""

    @staticmethod
    def share_power(n: int, expect: float, target: float, level: float) -> float:
        k = np.arange(n + 1)
        interval = WilsonInterval(share=k / n, sample=np.full(n + 1, float(n)))
        low, high = interval.bounds(one_sided(level))
        shown = low >= target if expect > target else high <= target
        return float(stats.binom.pmf(k, n, expect)[shown].sum())

    @pytest.mark.parametrize(
        ("expect", "target"),
        [(0.85, 0.8), (0.8, 0.85), (0.999, 0.99), (0.02, 0.1), (0.5, 0.3), (1.0, 0.5), (0, 0.2)],
    )
    def test_share_target(self, expect: float, target: float) -> None:
        found = share_target(expect=expect, target=target)
        assert found.reached == pytest.approx(
            self.share_power(found.simple, expect, target, 0.95), abs=1e-9
        )
        assert found.lasting is not None
        assert found.lasting > found.answers
        for n in range(found.answers, found.lasting + 1, max(1, found.answers // 60)):
            assert self.share_power(n, expect, target, 0.95) >= 0.8 - 1e-9
        if found.answers > 1:
            assert self.share_power(found.answers - 1, expect, target, 0.95) < 0.8

    def test_the_formula_lands_on_a_trough(self) -> None:
        # Why counting out is worth its while: rounded up, the formula keeps less than it promises.
        found = share_target(expect=0.85, target=0.8)
        formula = math.ceil(found.formula_answers)
        assert formula < found.answers
        later = range(formula, found.answers)
        assert min(self.share_power(n, 0.85, 0.8, 0.95) for n in later) < 0.8

    @settings(max_examples=25, deadline=None)
    @given(
        expect=st.floats(0.01, 0.99),
        distance=st.floats(0.05, 0.4),
        confidence=st.sampled_from([0.8, 0.95, 0.99]),
    )
    def test_at_most_is_at_least_of_the_others(
        self, expect: float, distance: float, confidence: float
    ) -> None:
        target = expect + distance if expect < 0.5 else expect - distance
        asked = Conditions(confidence=confidence)
        found = share_target(expect=expect, target=target, conditions=asked)
        other = share_target(expect=1 - expect, target=1 - target, conditions=asked)
        assert found.answers == other.answers
        assert found.reached == pytest.approx(
            self.share_power(found.simple, expect, target, confidence), abs=1e-9
        )

    @pytest.mark.parametrize(
        ("start", "change", "ratio"), [(0.8, 0.1, 1.0), (0.05, -0.05, 1.0), (0.02, 0.1, 0.25)]
    )
    def test_share_change(self, start: float, change: float, ratio: float) -> None:
        found = share_change(start=start, change=change, ratio=ratio)
        n, second = found.answers, found.second
        assert second == math.ceil(n * ratio)
        # The unpooled z test, written out; pooled where a sample is unanimous.
        before = np.arange(n + 1)[:, None] / n
        after = np.arange(second + 1)[None, :] / second
        pool = (n * before + second * after) / (n + second)
        unpooled = before * (1 - before) / n + after * (1 - after) / second
        pooled = pool * (1 - pool) * (1 / n + 1 / second)
        unanimous = (before % 1 == 0) | (after % 1 == 0)
        variance = np.where(unanimous, pooled, unpooled)
        with np.errstate(divide="ignore", invalid="ignore"):
            z = math.copysign(1, change) * (after - before) / np.sqrt(variance)
        chance = stats.binom.pmf(np.arange(n + 1), n, start)
        other = stats.binom.pmf(np.arange(second + 1), second, round(start + change, 12))
        power = chance @ (z >= stats.norm.ppf(0.975)) @ other
        assert found.reached == pytest.approx(power, abs=1e-8)
        assert power >= 0.8

    @staticmethod
    def net_power(n: int, promoters: float, detractors: float, target: float) -> float:
        """Every table of low, middle and high answers, through the interval itself."""
        low, high = np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij")
        possible = low + high <= n
        low, high = low[possible], high[possible]
        counts = np.stack([low, n - low - high, high], axis=1)
        bottom, top = NET_INTERVALS["adjusted_wald"](counts, 0).bounds(one_sided(0.95))
        least = 100 * (promoters - detractors) > target
        shown = bottom >= target if least else top <= target
        shares = [detractors, max(0.0, 1 - promoters - detractors), promoters]
        return float(stats.multinomial.pmf(counts, n, shares)[shown].sum())

    @pytest.mark.parametrize(
        ("promoters", "detractors", "target"),
        [
            (0.9, 0.02, 80),
            (0.02, 0.9, -80),
            (0.5, 0.2, 15),
            (0.5, 0.2, 45),
            (0.3, 0.3, -12),
            (0.6, 0.4, 0),
            (1, 0, 50),
            (0, 0, -50),
            (0, 0, 30),
        ],
    )
    def test_nps_target(self, promoters: float, detractors: float, target: float) -> None:
        found = nps_target(promoters=promoters, detractors=detractors, target=target)
        power = self.net_power(found.simple, promoters, detractors, target)
        assert found.reached == pytest.approx(power, abs=1e-8)
        assert power >= 0.8
        assert self.net_power(found.simple - 1, promoters, detractors, target) < 0.8

    def test_nps_target_by_simulation(self) -> None:
        found = nps_target(promoters=0.5, detractors=0.2, target=25)
        drawn = np.random.default_rng(SEED).multinomial(found.answers, [0.2, 0.3, 0.5], 40_000)
        bottom, _ = NET_INTERVALS["adjusted_wald"](drawn, 0).bounds(one_sided(0.95))
        # Five standard errors of a simulated share are one point here; two were allowed.
        assert np.mean(bottom >= 25) == pytest.approx(0.8, abs=0.01)

    @pytest.mark.parametrize(
        ("promoters", "detractors", "change", "ratio"),
        [(0.5, 0.2, 5, 1.0), (0.5, 0.2, -15, 2.0), (0.5, 0.04, 20, 1.0)],
    )
    def test_nps_change_by_simulation(
        self, promoters: float, detractors: float, change: float, ratio: float
    ) -> None:
        asked = Conditions(two_sided=True)
        found = nps_change(
            promoters=promoters, detractors=detractors, change=change, ratio=ratio,
            conditions=asked,
        )  # fmt: skip
        assert found.second is not None
        half = change / 200
        after = [detractors - half, promoters + half]
        if after[0] < 0:
            after = [0.0, promoters + change / 100 - detractors]
        runs, random = 20_000, np.random.default_rng(SEED)
        first = random.multinomial(
            found.answers, [detractors, 1 - promoters - detractors, promoters], runs
        )
        second = random.multinomial(found.second, [after[0], 1 - sum(after), after[1]], runs)
        counts = np.concatenate([first, second])
        nets = IndependentNets(counts=counts, interval=NET_INTERVALS["adjusted_wald"](counts, 0))
        contrast = nets.differences(np.arange(runs, 2 * runs), np.arange(runs), 0.95)
        shown = (contrast.p <= 0.05) & (np.sign(contrast.value) == np.sign(change))
        assert np.mean(shown) == pytest.approx(0.8, abs=0.02)

    def test_mean_target_by_simulation(self) -> None:
        found = mean_target(expect=4.5, target=4, sd=1.2)
        drawn = np.random.default_rng(SEED).normal(4.5, 1.2, (40_000, found.answers))
        error = drawn.std(axis=1, ddof=1) / math.sqrt(found.answers)
        bound = drawn.mean(axis=1) - stats.t.ppf(0.95, found.answers - 1) * error
        assert found.reached is not None
        assert np.mean(bound >= 4) == pytest.approx(found.reached, abs=0.01)
        assert 0.8 <= found.reached < 0.82


class TestMargins:
    @pytest.mark.parametrize("expect", [0.5, 0.9, 0.0])
    @pytest.mark.parametrize("margin", [0.01, 0.1, 0.49])
    def test_share(self, expect: float, margin: float) -> None:
        n = share_margin(margin=margin, expect=expect).answers
        sizes = np.array([n, max(n - 1, 1)], dtype=float)
        z = stats.norm.ppf(0.975)
        half = z * np.sqrt(expect * (1 - expect) / sizes + z**2 / (4 * sizes**2))
        half /= 1 + z**2 / sizes
        assert half[0] <= margin
        assert n == 1 or half[1] > margin

    def test_share_as_the_interval_shows_it(self) -> None:
        n = share_margin(margin=0.03, expect=0.5).answers
        interval = WilsonInterval(share=np.full(2, 0.5), sample=np.array([n, n - 1.0]))
        low, high = interval.bounds(0.95)
        half = (high - low) / 2
        assert half[0] <= 0.03 < half[1]
        # The formula that everybody knows: 1067 for three points.
        assert share_margin(margin=0.03).formula_answers == pytest.approx(1067.07, abs=0.01)

    def test_mean(self) -> None:
        n = mean_margin(margin=0.1, sd=1.2).answers
        half = [stats.t.ppf(0.975, m - 1) * 1.2 / math.sqrt(m) for m in (n, n - 1)]
        assert half[0] <= 0.1 < half[1]

    def test_nps(self) -> None:
        n = nps_margin(promoters=0.5, detractors=0.2, margin=5).answers
        half = []
        for size in (n, n - 1):
            counts: Any = size * np.array([[0.2, 0.3, 0.5]])
            low, high = NET_INTERVALS["adjusted_wald"](counts, 0).bounds(0.95)
            half.append((high - low)[0] / 2)
        assert half[0] <= 5 < half[1]

    def test_neighbours_are_confidences(self) -> None:
        found = share_margin(margin=0.03, conditions=Conditions(confidence=0.8))
        assert [one.level for one in found.neighbours] == [0.8, 0.9, 0.95, 0.99]
        assert [one.answers for one in found.neighbours] == sorted(
            one.answers for one in found.neighbours
        )


#: One goal of each kind.
GOALS: list[Callable[[Conditions], SampleSize]] = [
    lambda asked: share_target(expect=0.85, target=0.8, conditions=asked),
    lambda asked: share_change(start=0.8, change=0.05, conditions=asked),
    lambda asked: share_margin(margin=0.03, conditions=asked),
    lambda asked: mean_target(expect=4.2, target=4, sd=1.2, conditions=asked),
    lambda asked: mean_change(change=0.3, sd=1.2, conditions=asked),
    lambda asked: mean_margin(margin=0.1, sd=1.2, conditions=asked),
    lambda asked: nps_target(promoters=0.5, detractors=0.2, target=20, conditions=asked),
    lambda asked: nps_change(promoters=0.5, detractors=0.2, change=5, conditions=asked),
    lambda asked: nps_margin(promoters=0.5, detractors=0.2, margin=5, conditions=asked),
]


@pytest.mark.parametrize("goal", GOALS)
class TestConditions:
    def test_design_effect(self, goal: Callable[[Conditions], SampleSize]) -> None:
        plain, found = goal(Conditions()), goal(Conditions(design_effect=1.3))
        assert found.simple == plain.answers
        assert found.answers == -(-13 * plain.answers // 10)

    def test_response_rate(self, goal: Callable[[Conditions], SampleSize]) -> None:
        found = goal(Conditions(response_rate=0.2, cells=3))
        assert found.total == 3 * (found.answers + (found.second or 0))
        assert found.invitations == 5 * found.total
        assert goal(Conditions()).invitations is None

    def test_cells(self, goal: Callable[[Conditions], SampleSize]) -> None:
        # Six cells at 95% together are one at 1 - 0.05/6.
        found = goal(Conditions(cells=6))
        alone = goal(Conditions(confidence=1 - 0.05 / 6))
        assert found.answers == alone.answers
        assert found.total == 6 * alone.total
        assert found.answers > goal(Conditions()).answers

    def test_the_asked_level_is_among_the_neighbours(
        self, goal: Callable[[Conditions], SampleSize]
    ) -> None:
        found = goal(Conditions(power=0.85))
        asked = 0.95 if found.goal == "margin" else 0.85
        (own,) = [one for one in found.neighbours if one.level == asked]
        assert (own.answers, own.second) == (found.answers, found.second)
        assert len(found.neighbours) == (3 if found.goal == "margin" else 4)

    def test_two_sided_costs_more(self, goal: Callable[[Conditions], SampleSize]) -> None:
        one, two = goal(Conditions(two_sided=False)), goal(Conditions(two_sided=True))
        usual = goal(Conditions())
        if usual.goal == "margin":
            assert one.answers == two.answers
        else:
            assert one.answers < two.answers
            assert usual.answers == (two if usual.goal == "change" else one).answers
            assert usual.two_sided is (usual.goal == "change")


def test_shares_whose_sum_rounding_lifts_above_1() -> None:
    found = nps_target(promoters=0.9 + 5e-13, detractors=0.1, target=70)
    assert found.answers == nps_target(promoters=0.9, detractors=0.1, target=70).answers


def test_design_effect_of_two_samples() -> None:
    found = share_change(start=0.5, change=0.1, ratio=2, conditions=Conditions(design_effect=1.5))
    assert found.answers == math.ceil(1.5 * found.simple)
    assert found.second == math.ceil(1.5 * 2 * found.simple)
    assert found.total == found.answers + found.second


class TestChangesOfNets:
    def test_the_move_is_told(self) -> None:
        found = nps_change(promoters=0.5, detractors=0.2, change=5)
        assert any("50% to 52.5%" in one and "20% to 17.5%" in one for one in found.assumes)

    @pytest.mark.parametrize(
        ("promoters", "detractors", "change", "told"),
        [(0.5, 0.02, 10, ("58%", "0%")), (0.02, 0.5, -10, ("0%", "58%"))],
    )
    def test_where_a_class_runs_out(
        self, promoters: float, detractors: float, change: float, told: tuple[str, str]
    ) -> None:
        found = nps_change(promoters=promoters, detractors=detractors, change=change)
        sentence = found.assumes[1]
        ends = re.search(r"to (\S+) and detractors from \S+ to (\S+):", sentence)
        assert ends is not None
        assert ends.groups() == told

    def test_a_fall_takes_what_its_mirror_takes(self) -> None:
        up = nps_change(promoters=0.2, detractors=0.5, change=8)
        down = nps_change(promoters=0.5, detractors=0.2, change=-8)
        assert up.answers == down.answers


class TestLargeAndSmall:
    def test_beyond_counting(self) -> None:
        found = share_target(expect=0.8001, target=0.8)
        assert found.reached is None
        assert found.lasting is None
        assert found.answers == math.ceil(found.formula_answers)
        assert nps_target(promoters=0.5, detractors=0.5, target=1).reached is None

    @pytest.mark.parametrize("ratio", [0.001, 1000])
    def test_very_unequal_samples(self, ratio: float) -> None:
        found = share_change(start=0.5, change=0.001, ratio=ratio)
        assert found.reached is None
        assert found.second == math.ceil(round(found.answers * ratio, 6))
        assert mean_change(change=1, sd=1, ratio=ratio).reached is not None

    def test_no_spread(self) -> None:
        # Where scipy's noncentral t gives no number, too.
        for found in (mean_target(expect=5, target=4, sd=1e-300), mean_change(change=5, sd=1e-300)):
            assert found.answers == 2
            assert found.reached == 1

    def test_strict_cells_of_clear_means(self) -> None:
        # One degree of freedom asks for a t of 10^6; three answers or more do better.
        asked = Conditions(cells=100_000)
        found = mean_target(expect=50, target=4, sd=0.1, conditions=asked)
        assert 3 <= found.answers <= 6
        power = TTestPower().power(460, found.answers, 0.05 / 100_000, alternative="larger")
        assert power >= 0.8

    @pytest.mark.parametrize("power", [0.5, 0.9999])
    def test_powers_at_the_ends(self, power: float) -> None:
        found = share_target(expect=0.9, target=0.8, conditions=Conditions(power=power))
        assert found.reached is not None
        assert found.reached >= power
        net = nps_target(
            promoters=0.7, detractors=0.1, target=40, conditions=Conditions(power=power)
        )
        assert net.reached is not None
        assert net.reached >= power


class TestRefusals:
    @pytest.mark.parametrize(
        ("call", "option", "told"),
        [
            (lambda: share_target(expect=85, target=0.8), "expect", "did you mean 0.85"),
            (lambda: share_target(expect=0.9, target=1), "target", "between 0 and 1"),
            (lambda: share_target(expect=math.nan, target=0.8), "expect", "nan can't stand"),
            (lambda: share_target(expect=0.8, target=0.8), "target", "only by luck"),
            (lambda: share_target(expect=0.8 + 1e-9, target=0.8), "target", "more than 1e+10"),
            (lambda: share_change(start=0.98, change=0.05), "change", "by -0.98 to 0.02"),
            (lambda: share_change(start=0.8, change=5), "change", "did you mean 0.05"),
            (lambda: share_change(start=0.8, change=0), "change", "change of 0"),
            (lambda: share_change(start=0.8, change=0.1, ratio=0), "ratio", "from 0.001 to 1000"),
            (lambda: share_margin(margin=3), "margin", "did you mean 0.03"),
            (lambda: share_margin(margin=1e-200), "margin", "coarser"),
            (lambda: mean_target(expect=4, target=5, sd=0), "sd", "above 0"),
            (lambda: mean_target(expect=4, target=math.inf, sd=1), "target", "no number"),
            (lambda: mean_change(change=1, sd=-1), "sd", "earlier survey"),
            (lambda: mean_change(change=1e-300, sd=1), "change", "coarser"),
            (lambda: mean_margin(margin=0, sd=1), "margin", "above 0"),
            (
                lambda: nps_target(promoters=0.8, detractors=0.5, target=9),
                "detractors",
                "together 1.3",
            ),
            (
                lambda: nps_target(promoters=0.8, detractors=0.1, target=100),
                "target",
                "between -100 and 100",
            ),
            (
                lambda: nps_target(promoters=0.5, detractors=0.2, target=30),
                "target",
                "equals the target",
            ),
            (
                lambda: nps_change(promoters=0.8, detractors=0.1, change=60),
                "change",
                "leads to 130",
            ),
            (
                lambda: nps_margin(promoters=0.8, detractors=0.1, margin=100),
                "margin",
                "between 0 and 100",
            ),
            (lambda: Conditions(confidence=95), "confidence", "did you mean 0.95"),
            (lambda: Conditions(confidence=0.4), "confidence", "between 0.5 and 1"),
            (lambda: Conditions(confidence=1 - 1e-8, cells=100), "confidence", "ask for less"),
            (lambda: Conditions(power=1), "power", "from 0.5 to 0.9999"),
            (lambda: Conditions(power=0.2), "power", "from 0.5 to 0.9999"),
            (lambda: Conditions(design_effect=0.9), "design_effect", "1 or more"),
            (lambda: Conditions(design_effect=1e300), "design_effect", "at most 1000"),
            (lambda: Conditions(response_rate=0), "response_rate", "from 1e-06 to 1"),
            (lambda: Conditions(response_rate=1e-320), "response_rate", "from 1e-06 to 1"),
            (lambda: Conditions(cells=0), "cells", "at least one"),
        ],
    )
    def test_told_with_a_cure(self, call: Callable[[], object], option: str, told: str) -> None:
        with pytest.raises(OptionError) as caught:
            call()
        assert caught.value.option == option
        assert told in caught.value.message


def typed(line: str) -> str:
    """What the command prints for a line as one types it."""
    words = shlex.split(line)
    assert words[:2] == ["satcore", "sample-size"]
    done = CliRunner().invoke(sample_size, words[2:], prog_name="satcore sample-size")
    assert done.exit_code == 0, done.output
    return done.output


def refused(line: str) -> str:
    done = CliRunner().invoke(sample_size, shlex.split(line))
    assert done.exit_code == 2, done.output
    assert isinstance(done.exception, SystemExit | click.ClickException)
    return done.output


class TestCommand:
    def test_its_name(self) -> None:
        assert sample_size.name == "sample-size"

    @pytest.mark.parametrize("name", ["share", "mean", "nps"])
    def test_help_shows_examples_that_work(self, name: str) -> None:
        shown = CliRunner().invoke(sample_size, [name, "--help"]).output
        examples = re.findall(r"^  (satcore sample-size .+)$", shown, re.MULTILINE)
        assert len(examples) == 3
        for line in examples:
            assert " needed to " in typed(line)

    def test_percent_signs(self) -> None:
        plain = typed("satcore sample-size share --expect 0.85 --target 0.8 --confidence 0.9")
        assert typed("satcore sample-size share --expect 85% --target '80 %' --confidence 90%") == (
            plain
        )

    @pytest.mark.parametrize(
        ("line", "result"),
        [
            ("share --expect 0.85 --target 0.8", share_target(expect=0.85, target=0.8)),
            (
                "share --from 0.8 --change -5% --ratio 2",
                share_change(start=0.8, change=-0.05, ratio=2),
            ),
            ("share --margin-of-error 3% --expect 0.1", share_margin(margin=0.03, expect=0.1)),
            ("mean --sd 1.2 --expect 4.2 --target 4", mean_target(expect=4.2, target=4, sd=1.2)),
            (
                "mean --sd 1.2 --change 0.3 --one-sided",
                mean_change(change=0.3, sd=1.2, conditions=Conditions(two_sided=False)),
            ),
            ("mean --sd 1.2 --margin-of-error 0.1", mean_margin(margin=0.1, sd=1.2)),
            (
                "nps --promoters 50% --detractors 0.2 --target 15",
                nps_target(promoters=0.5, detractors=0.2, target=15),
            ),
            (
                (
                    "nps --promoters 0.5 --detractors 0.2 --change 5 --cells 2 "
                    "--design-effect 1.5 --response-rate 10% --power 0.9"
                ),
                nps_change(
                    promoters=0.5,
                    detractors=0.2,
                    change=5,
                    conditions=Conditions(cells=2, design_effect=1.5, response_rate=0.1, power=0.9),
                ),
            ),
            (
                "nps --promoters 0.5 --detractors 0.2 --margin-of-error 5",
                nps_margin(promoters=0.5, detractors=0.2, margin=5),
            ),
        ],
    )
    def test_json(self, line: str, result: SampleSize) -> None:
        whole = json.loads(typed(f"satcore sample-size {line} --format json"))
        assert whole["schema"] == 1
        assert whole["sample_size"] == json.loads(json.dumps(attrs.asdict(result)))

    @pytest.mark.parametrize(
        ("line", "start"),
        [
            ("share --expect 0.8 --target 0.7", "{answers:,} answers are needed to show that"),
            ("share --expect 0.1 --margin-of-error 49%", "1 answer is needed to know"),
            (
                "mean --sd 1 --change 0.1",
                "{answers:,} answers in each of two samples ({total:,} together) are needed",
            ),
            (
                "mean --sd 1 --change 0.1 --ratio 2 --cells 3",
                (
                    "{answers:,} answers in the first sample and {second:,} in the second, in each "
                    "of 3 cells ({total:,} together) are needed"
                ),
            ),
            (
                "mean --sd 1 --expect 1 --target 2 --cells 3",
                "{answers:,} answers in each of 3 cells ({total:,} together) are needed",
            ),
        ],
    )
    def test_the_first_sentence(self, line: str, start: str) -> None:
        found = json.loads(typed(f"satcore sample-size {line} --format json"))["sample_size"]
        assert typed(f"satcore sample-size {line}").startswith(start.format(**found))

    def test_sides_are_told(self) -> None:
        assert "one-sided 95% bound" in typed("satcore sample-size share --expect 0.9 --target 0.7")
        assert "two-sided test" in typed("satcore sample-size share --from 0.5 --change 0.2")

    @pytest.mark.parametrize(
        ("line", "told"),
        [
            ("share", "give one of --target, --change and --margin-of-error"),
            ("share --target 0.8", "--target wants --expect too"),
            ("share --change 0.1", "--change wants --from too"),
            ("share --expect .9 --target .8 --change .1", "--target and --change are two goals"),
            ("share --expect .9 --target .8 --ratio 2", "--ratio has no part in --target"),
            ("share --margin-of-error 3% --power .9", "--power has no part in --margin-of-error"),
            ("share --margin-of-error .1 --one-sided", "--two-sided/--one-sided has no part"),
            ("share --expect 0,85 --target 0.8", "'0,85' is no number; write 0.85 or 85%"),
            ("share --expect 85 --target 80", "--expect: 85 can't stand"),
            ("share --from 85 --change 0.1", "--from: 85 can't stand"),
            ("share --margin-of-error 3", "--margin-of-error: 3 can't stand"),
            ("nps --promoters 0.5 --detractors 0.6 --change 3", "together 1.1"),
            ("mean --sd 0 --change 1", "--sd: 0 can't stand"),
            ("mean --sd 1 --change 1 --design-effect 0", "--design-effect: 0 can't stand"),
            ("mean --sd 1 --change 1 --response-rate 20", "did you mean 0.2?"),
        ],
    )
    def test_mistakes(self, line: str, told: str) -> None:
        assert told in " ".join(refused(line).split())


class TestDocs:
    """The guide prints what the command prints."""

    EXAMPLES = re.findall(r"```console\n\$ (.+)\n((?:.*\n)*?)```", DOCS.read_text("utf-8"))

    def test_there_are_examples(self) -> None:
        assert len(self.EXAMPLES) >= 2

    @pytest.mark.parametrize(("line", "output"), EXAMPLES)
    def test_example(self, line: str, output: str) -> None:
        said = [one.rstrip() for one in typed(line).splitlines()]
        assert output.rstrip("\n").splitlines() == said
