"""Service standards: how cells are judged, which cells are, and how mistakes are told."""

from __future__ import annotations

import math
import statistics
import sys
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import EntryPoint
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

import satcore
from satcore import (
    Estimate,
    Interval,
    Metric,
    MetricSpec,
    NormalInterval,
    StandardRow,
    Study,
    StudyError,
    Text,
    WilsonInterval,
    hookimpl,
)
from satcore.plugins import Plugins
from satcore.results import Results
from satcore.standards import Judgement, Standard, judged, judged_as_they_stand


def at_least(target: float, **more: Any) -> Standard:
    return Standard(metric="m", rule="at_least", low=target, **more)


def at_most(target: float, **more: Any) -> Standard:
    return Standard(metric="m", rule="at_most", high=target, **more)


def between(low: float, high: float, **more: Any) -> Standard:
    return Standard(metric="m", rule="between", low=low, high=high, **more)


def on_shares(standard: Standard, counts: Iterable[int], n: int) -> list[Judgement]:
    base = np.full(len(list(counts)), n)
    share = np.array(list(counts)) / n
    interval = WilsonInterval(share=share, sample=base.astype(float))
    return judged(standard, share, base, interval.bounds)


def on_normal(
    standard: Standard, value: Iterable[float], error: Iterable[float], base: int = 100
) -> list[Judgement]:
    centre, std_error = np.array(list(value)), np.array(list(error))
    interval = NormalInterval(centre=centre, std_error=std_error)
    return judged(standard, centre, np.full(centre.size, base), interval.bounds)


def outcomes(judgements: Iterable[Judgement]) -> list[str]:
    return [one.outcome for one in judgements]


class TestJudging:
    def test_the_bound_is_the_one_sided_one(self) -> None:
        """statsmodels' two-sided Wilson interval at 2 alpha holds the one-sided bounds."""
        low, high = proportion_confint(120, 200, alpha=0.1, method="wilson")
        met, unmet, less = (
            on_shares(at_least(target), [120], 200)[0] for target in (0.5, 0.7, 0.58)
        )
        assert (met.outcome, met.bound) == ("met", pytest.approx(low, rel=1e-12))
        assert (unmet.outcome, unmet.bound) == ("not_met", pytest.approx(high, rel=1e-12))
        assert (less.outcome, less.bound) == ("not_shown", pytest.approx(low, rel=1e-12))

    def test_confidence_moves_the_bound(self) -> None:
        low, _ = proportion_confint(120, 200, alpha=0.02, method="wilson")
        (one,) = on_shares(at_least(0.5, confidence=0.99), [120], 200)
        assert one.bound == pytest.approx(low, rel=1e-12)

    def test_a_bound_on_the_target_meets_it(self) -> None:
        """At least: the target itself is good enough, and no failure."""
        interval = _Fixed(low=np.array([30.0, 20.0]), high=np.array([50.0, 30.0]))
        value = np.array([40.0, 25.0])
        found = judged(at_least(30), value, np.array([10, 10]), interval.bounds)
        assert outcomes(found) == ["met", "not_shown"]
        assert outcomes(judged(at_most(30), value, np.array([10, 10]), interval.bounds)) == [
            "not_shown",
            "met",
        ]

    @given(
        value=st.floats(-50, 50),
        error=st.floats(0.01, 30),
        target=st.floats(-60, 60),
        confidence=st.floats(0.51, 0.999),
    )
    def test_at_most_mirrors_at_least(
        self, value: float, error: float, target: float, confidence: float
    ) -> None:
        (one,) = on_normal(at_least(target, confidence=confidence), [value], [error])
        (other,) = on_normal(at_most(-target, confidence=confidence), [-value], [error])
        assert one.outcome == other.outcome
        assert one.needed == other.needed
        assert one.bound is not None
        assert one.bound == pytest.approx(-(other.bound or 0.0), abs=1e-9)

    @pytest.mark.parametrize(
        ("value", "outcome"),
        [
            (5.0, "met"),
            (1.5, "not_shown"),
            (8.5, "not_shown"),
            (-2.0, "not_met"),
            (12.0, "not_met"),
        ],
    )
    def test_between(self, value: float, outcome: str) -> None:
        # The 95% bounds are 1.645 away; two one-sided tests are one of equivalence.
        (one,) = on_normal(between(0, 10), [value], [1.0])
        assert one.outcome == outcome

    def test_between_tells_the_bound_that_is_nearest_to_failing(self) -> None:
        (low,), (high,) = (on_normal(between(0, 10), [value], [1.0]) for value in (4.0, 6.0))
        assert low.bound == pytest.approx(4 - 1.6448536269514722)
        assert high.bound == pytest.approx(6 + 1.6448536269514722)

    def test_between_that_is_too_narrow_needs_what_the_harder_side_needs(self) -> None:
        (one,) = on_normal(between(0, 10), [4.0], [10.0])
        assert one.bound == pytest.approx(4 - 16.448536269514722)
        assert one.needed == math.ceil(100 * (16.448536269514722 / 4) ** 2) - 100

    @given(
        value=st.floats(-20, 20),
        error=st.floats(0.1, 20),
        base=st.integers(2, 5000),
        low=st.floats(-20, 0),
        width=st.floats(5, 40),
    )
    def test_as_many_more_answers_decide_and_no_fewer(
        self, value: float, error: float, base: int, low: float, width: float
    ) -> None:
        standard = between(low, low + width)
        (one,) = on_normal(standard, [value], [error], base)
        if one.needed is None:
            return

        def then(more: int) -> str:
            shrunk = error * math.sqrt(base / (base + more))
            return on_normal(standard, [value], [shrunk], base + more)[0].outcome

        # A rounding error of the root may cost one answer of very many.
        slack = 1 + one.needed // 10**9
        assert one.needed >= 1
        assert then(one.needed + slack) != "not_shown"
        if one.needed > slack:
            assert then(one.needed - 1 - (slack - 1)) == "not_shown"

    @pytest.mark.parametrize(
        ("standard", "needed"), [(at_least(-5), 300), (at_least(5), 301), (at_most(-5), 301)]
    )
    def test_a_bound_may_reach_a_target_but_has_to_pass_it_to_fail(
        self, standard: Standard, needed: int
    ) -> None:
        """Twice as near takes four times the answers; on the target itself nothing has failed."""
        interval = _Fixed(low=np.array([-10.0]), high=np.array([10.0]))
        (one,) = judged(standard, np.array([0.0]), np.array([100]), interval.bounds)
        assert one.needed == needed

    def test_a_value_on_the_target_is_never_decided(self) -> None:
        (one,) = on_normal(at_least(30.0), [30.000000000000004], [2.0])
        assert (one.outcome, one.needed) == ("not_shown", None)
        assert "stands on the target" in one.message

    def test_more_answers_than_there_are_people(self) -> None:
        (one,) = on_normal(at_least(30.0), [30.00001], [20.0], base=10)
        assert one.needed is None
        assert "more answers than any survey has" in one.message

    def test_answers_that_all_agree_show_nothing(self) -> None:
        (one,) = on_normal(at_least(3.0), [5.0], [0.0], base=2)
        assert (one.outcome, one.bound, one.needed) == ("not_shown", None, None)
        assert one.message == "all answers agree, which leaves no error to judge by"

    def test_without_bounds_nothing_is_shown(self) -> None:
        (one,) = on_normal(at_least(3.0), [5.0], [math.nan])
        assert (one.outcome, one.bound, one.needed) == ("not_shown", None, None)
        assert one.message == "too few answers for an interval"

    def test_an_interval_without_an_end(self) -> None:
        interval = _Fixed(low=np.array([-np.inf]), high=np.array([8.0]))
        (one,) = judged(at_least(3), np.array([5.0]), np.array([9]), interval.bounds)
        assert (one.outcome, one.needed) == ("not_shown", None)

    def test_bounds_of_another_shape_are_refused(self) -> None:
        interval = _Fixed(low=np.array([1.0]), high=np.array([2.0]))
        with pytest.raises(ValueError, match=r"bounds of the shapes \(1,\) and \(1,\) for 2 cells"):
            judged(at_least(3), np.array([5.0, 6.0]), np.array([9, 9]), interval.bounds)

    def test_how_often_a_standard_at_its_very_edge_is_called(self) -> None:
        """Where the truth is the target, each wrong call is made about one time in twenty."""
        counts = np.random.default_rng(5).binomial(400, 0.6, 20_000)
        found = outcomes(on_shares(at_least(0.6), counts.tolist(), 400))
        assert 0.04 < found.count("met") / len(found) < 0.06
        assert 0.04 < found.count("not_met") / len(found) < 0.06


class TestHolm:
    @pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
    def test_steps_decide_what_adjusted_p_values_decide(self, confidence: float) -> None:
        """Wilson's bound inverts the score test, so that statsmodels' Holm says the same."""
        from scipy.stats import norm

        counts = np.random.default_rng(3).binomial(200, np.linspace(0.3, 0.9, 60))
        z = (counts / 200 - 0.6) / math.sqrt(0.6 * 0.4 / 200)
        alpha = 1 - confidence
        above = multipletests(norm.sf(z), alpha=alpha, method="holm")[0]
        below = multipletests(norm.cdf(z), alpha=alpha, method="holm")[0]
        standard = at_least(0.6, adjust="holm", confidence=confidence)
        found = outcomes(on_shares(standard, counts.tolist(), 200))
        assert [one == "met" for one in found] == above.tolist()
        assert [one == "not_met" for one in found] == below.tolist()
        assert 5 < above.sum() < 55
        assert 5 < below.sum() < 55

    @given(
        z=st.lists(st.floats(-6, 6), min_size=1, max_size=12),
        confidence=st.sampled_from([0.8, 0.95, 0.99]),
    )
    def test_steps_are_those_of_a_plain_loop(self, z: list[float], confidence: float) -> None:
        normal = statistics.NormalDist()
        left = sorted(range(len(z)), key=lambda cell: -z[cell])
        met = set()
        while left and z[left[0]] >= normal.inv_cdf(1 - (1 - confidence) / len(left)):
            met.add(left.pop(0))
        standard = at_least(0.0, adjust="holm", confidence=confidence)
        found = outcomes(on_normal(standard, z, [1.0] * len(z)))
        assert {cell for cell, one in enumerate(found) if one == "met"} == met

    def test_the_level_of_a_bound_is_told(self) -> None:
        found = on_shares(at_least(0.5, adjust="holm"), [150, 112, 101], 200)
        assert outcomes(found) == ["met", "not_shown", "not_shown"]
        assert found[0].message == "bound at 98.33% (Holm, 3 cells)"
        # One is decided, two are left: 1 - 0.05 / 2.
        assert found[1].message == "bound at 97.5% (Holm, 3 cells)"
        low, _ = proportion_confint(112, 200, alpha=0.05, method="wilson")
        assert found[1].bound == pytest.approx(low, rel=1e-12)

    def test_a_cell_alone_is_not_adjusted(self) -> None:
        adjusted, plain = (
            on_shares(at_least(0.5, adjust=adjust), [112], 200) for adjust in ("holm", None)
        )
        assert adjusted == plain

    def test_cells_without_bounds_are_none_of_the_family(self) -> None:
        value, error = [5.0, 5.0, 9.0], [1.0, math.nan, 1.0]
        with_it = on_normal(at_least(3, adjust="holm"), value, error)
        without = on_normal(at_least(3, adjust="holm"), [5.0, 9.0], [1.0, 1.0])
        assert [with_it[0], with_it[2]] == without


@frozen(kw_only=True, eq=False)
class _Fixed(Interval):
    """An interval that is the same at every level."""

    low: Any
    high: Any
    method: str = "fixed"

    def bounds(self, confidence: float) -> tuple[Any, Any]:
        return self.low, self.high


# Studies and their rows

COLUMNS: dict[str, list[Any]] = {
    # East: 60 promoters of 80; West: 20 of 80, North: 5 of 6, South answered nothing.
    "Q1": [9] * 60 + [5] * 20 + [9] * 20 + [0] * 60 + [9] * 5 + [3] + [None] * 3,
    "Q2": [1, 5] * 84 + [3],
    "Q3": [9, *[None] * 168],
    "region": ["East"] * 80 + ["West"] * 80 + ["North"] * 6 + ["South"] * 3,
    "month": ["m1", "m2"] * 84 + ["m1"],
}

Hold = Callable[..., Results]


@pytest.fixture
def hold(plugins: Plugins) -> Hold:
    """Results of a study of Q1 with these standards."""

    def hold(
        *standards: Mapping[str, Any],
        data: Mapping[str, Any] = COLUMNS,
        wave: bool = False,
        metrics: Mapping[str, Any] | None = None,
        **study: Any,
    ) -> Results:
        table = {
            "study": study,
            "roles": {"segments": ["region"], **({"wave": "month"} if wave else {})},
            "metrics": metrics or {"nps": {"item": "Q1"}},
            "standards": [{"metric": "nps", **one} for one in standards],
        }
        return satcore.run(Study.of(table), data, plugins=plugins)

    return hold


def cells(rows: Iterable[StandardRow]) -> list[tuple[str | None, str]]:
    return [(row["cell"].get("region", ""), row["outcome"]) for row in rows]


class TestRows:
    def test_a_standard_on_the_total(self, hold: Hold) -> None:
        results = hold({"at_least": -50})
        (row,) = results.standard_rows()
        (total,) = (one for one in results.rows("nps", "nps") if not one["cell"])
        assert row["value"] == total["value"]
        assert row["base"] == total["base"] == 166
        assert {name: row[name] for name in ("metric", "item", "term", "cell", "against")} == {
            "metric": "nps",
            "item": "Q1",
            "term": "nps",
            "cell": {},
            "against": None,
        }
        assert (row["rule"], row["target"], row["unit"]) == ("at_least", -50, "points")
        assert (row["standard"], row["confidence"]) == ("nps at least -50", 0.95)

    def test_the_bound_is_that_of_the_reported_interval(self, hold: Hold) -> None:
        """95% one-sided is the lower end of a 90% interval."""
        (row,) = hold({"at_least": -50}).standard_rows()
        results = hold({"at_least": -50}, confidence=0.9)
        (total,) = (one for one in results.rows("nps", "nps") if not one["cell"])
        assert row["bound"] == total["ci_low"]

    def test_by_segment(self, hold: Hold) -> None:
        rows = hold({"term": "promoters", "at_least": 0.5, "by": "region"}).standard_rows()
        assert cells(rows) == [
            ("East", "met"),
            ("North", "not_shown"),
            ("South", "not_shown"),
            ("West", "not_met"),
        ]
        by_region = {row["cell"]["region"]: row for row in rows}
        assert by_region["North"]["status"] == "small"
        assert by_region["North"]["message"] == "fewer than 30 answers"
        assert by_region["South"]["status"] == "empty"
        assert by_region["South"]["value"] is by_region["South"]["needed"] is None
        low, high = proportion_confint(5, 6, alpha=0.1, method="wilson")
        assert low < 0.5 < high
        assert by_region["North"]["bound"] == pytest.approx(low, rel=1e-12)
        assert (
            by_region["North"]["needed"] == math.ceil(6 * ((5 / 6 - low) / (5 / 6 - 0.5)) ** 2) - 6
        )

    def test_sets_that_are_not_reported(self, hold: Hold) -> None:
        results = hold({"at_least": 0, "by": ["region", "region*month"]}, wave=True, by=[])
        assert {tuple(row["cell"]) for row in results.rows()} == {()}
        rows = results.standard_rows()
        assert len(rows) == 4 + 4 * 2
        assert {tuple(row["cell"]) for row in rows} == {("region",), ("region", "wave")}

    def test_the_study_reports_the_same_with_and_without_standards(self, hold: Hold) -> None:
        with_them = hold({"at_least": 0, "by": "region*month"}, wave=True).to_dict()
        assert with_them.pop("standards")
        without = hold(wave=True).to_dict()
        assert without.pop("standards") == []
        assert with_them == without

    def test_suppressed_cells_give_nothing_away(self, hold: Hold) -> None:
        rows = hold(
            {"term": "promoters", "at_least": 0.5, "by": "region"},
            {"no_worse_than": {"region": "North"}},
            suppress_below=10,
        ).standard_rows()
        withheld = [row for row in rows if row["status"] == "suppressed"]
        # North itself, West so that North is not the total less the others, and everything that is
        # held against North.
        assert len(withheld) == 5
        for row in withheld:
            assert (row["value"], row["bound"], row["needed"]) == (None, None, None)
            assert row["outcome"] == "not_shown"
            assert "withheld" in row["message"]

    def test_against_a_named_segment(self, hold: Hold) -> None:
        results = hold({"no_worse_than": {"region": "West"}}, comparisons=["pairs"], confidence=0.9)
        rows = {row["cell"]["region"]: row for row in results.standard_rows()}
        assert set(rows) == {"East", "North", "South"}
        assert {str(row["against"]) for row in rows.values()} == {"{'region': 'West'}"}
        (pair,) = (
            one
            for one in results.comparison_rows("nps", "nps")
            if one["cell"] == {"region": "East"} and one["against"] == {"region": "West"}
        )
        assert rows["East"]["value"] == pair["difference"]
        # At 90% one-sided the bound is that of an 80% interval, nearer than that at 90%.
        assert pair["ci_low"] is not None
        assert pair["ci_low"] < (rows["East"]["bound"] or 0.0) < (pair["difference"] or 0.0)
        assert rows["East"]["outcome"] == "met"
        assert (rows["South"]["status"], rows["South"]["outcome"]) == ("empty", "not_shown")
        assert rows["South"]["message"] == "nobody answered on one side"

    def test_the_bound_of_a_difference_is_that_of_the_comparison(self, hold: Hold) -> None:
        standard = {"no_worse_than": {"region": "West"}, "confidence": 0.95}
        results = hold(standard, comparisons=["pairs"], confidence=0.9)
        (pair,) = (
            one
            for one in results.comparison_rows("nps", "nps")
            if one["cell"] == {"region": "East"} and one["against"] == {"region": "West"}
        )
        (row,) = (one for one in results.standard_rows() if one["cell"] == {"region": "East"})
        assert row["bound"] == pair["ci_low"]

    @pytest.mark.parametrize(
        ("margin", "better", "target", "outcome"),
        [
            (0, "high", 0.0, "not_met"),
            (0, "low", 0.0, "met"),
            (95, "high", -95.0, "not_shown"),
            (140, "high", -140.0, "met"),
        ],
    )
    def test_margin_and_direction(
        self, hold: Hold, margin: float, better: str, target: float, outcome: str
    ) -> None:
        standard = {"no_worse_than": {"region": "East"}, "margin": margin, "better": better}
        (row,) = (
            one for one in hold(standard).standard_rows() if one["cell"] == {"region": "West"}
        )
        assert row["value"] == -100.0
        assert (row["target"], row["outcome"]) == (target, outcome)
        needed = "answers needed suppose that the other side grows in proportion"
        assert (needed in row["message"]) is (row["needed"] is not None)
        assert (row["needed"] is not None) is (outcome == "not_shown")

    def test_the_last_wave(self, hold: Hold) -> None:
        data = {
            "Q1": [9, 1] * 40 + [9] * 60 + [1] * 20 + [None] * 2,
            "region": ["East", "West"] * 80 + ["East"] * 2,
            "month": ["2026-01-05"] * 80 + ["2026-03-07"] * 80 + ["2026-04-01"] * 2,
        }
        table = {
            "roles": {"segments": ["region"], "wave": {"time": "month", "period": "month"}},
            "metrics": {"nps": {"item": "Q1"}},
            "standards": [{"metric": "nps", "no_worse_than": "last_wave", "by": "region"}],
        }
        results = satcore.run(Study.of(table), data)
        # Nobody answered in April or February: March is held against January.
        assert [(row["cell"], row["against"]) for row in results.standard_rows()] == [
            (
                {"region": region, "wave": "2026-03"},
                {"region": region, "wave": "2026-01"},
            )
            for region in ("East", "West")
        ]
        # East: 40 promoters of 40, then 30 of 40; West: none of 40, then 30 of 40.
        assert [row["outcome"] for row in results.standard_rows()] == ["not_met", "met"]
        assert all(
            "assumes different respondents" in row["message"] for row in results.standard_rows()
        )

    def test_a_first_wave_has_none_before_it(self, hold: Hold) -> None:
        data = {"Q1": [9, 8, 3], "region": ["a", "b", "a"], "month": ["m1"] * 3}
        (row,) = hold({"no_worse_than": "last_wave"}, data=data, wave=True).standard_rows()
        assert (row["cell"], row["against"]) == ({"wave": "m1"}, None)
        assert (row["outcome"], row["status"]) == ("not_shown", "empty")
        assert row["message"] == "no wave before it has answers"

    def test_a_segment_that_fell_silent_is_not_judged_by_old_answers(self, hold: Hold) -> None:
        data = {
            "Q1": [9] * 6,
            "region": ["a", "b", "a", "b", "a", "a"],
            "month": ["m1", "m1", "m2", "m2", "m3", "m3"],
        }
        standard = {"no_worse_than": "last_wave", "by": "region"}
        rows = hold(standard, data=data, wave=True).standard_rows()
        silent = next(row for row in rows if row["cell"]["region"] == "b")
        assert (silent["cell"]["wave"], silent["status"]) == ("m3", "empty")
        assert silent["message"] == "nobody answered on one side"

    def test_nobody_at_all_is_a_row(self, hold: Hold) -> None:
        data: dict[str, list[Any]] = {"Q1": [], "region": [], "month": []}
        rows = hold({"at_least": 0, "by": "region"}, {"at_least": 0}, data=data).standard_rows()
        assert [(row["outcome"], row["status"], row["cell"]) for row in rows] == [
            ("not_shown", "empty", {}),
            ("not_shown", "empty", {}),
        ]

    def test_a_segment_that_nobody_has(self, hold: Hold) -> None:
        """It can't be known before the answers are read, and is a mistake all the same."""
        with pytest.raises(StudyError) as raised:
            hold({"at_least": 0}, {"no_worse_than": {"region": "Est"}})
        (problem,) = raised.value.problems
        assert problem.place == "[[standards]] number 2 no_worse_than"
        assert problem.message == (
            "region has no 'Est', only East, North, South, West; did you mean 'West' or 'East'?"
        )

    @pytest.mark.parametrize("region", [[], [None, None]])
    def test_a_segment_where_nobody_has_any(self, hold: Hold, region: list[None]) -> None:
        """Answers that are yet to come are no mistake."""
        data: dict[str, list[Any]] = {"Q1": [9] * len(region), "region": region}
        rows = hold({"no_worse_than": {"region": "East"}}, data=data).standard_rows()
        assert {(row["outcome"], row["status"]) for row in rows} == {("not_shown", "empty")}
        assert all(row["message"] for row in rows)

    def test_a_proportion_written_in_percent(self, hold: Hold) -> None:
        (row,) = hold({"term": "promoters", "at_least": 30}).standard_rows()
        assert row["status"] == "error"
        assert row["message"] == "promoters is a proportion, of which 30% is written 0.3"

    def test_holm_over_the_cells(self, hold: Hold) -> None:
        standard = {"term": "promoters", "at_least": 0.5, "by": "region", "adjust": "holm"}
        rows = hold(standard).standard_rows()
        messages = {row["cell"]["region"]: row["message"] for row in rows}
        # South has nobody, so that there are three.
        assert messages["East"] == "bound at 98.33% (Holm, 3 cells)"
        assert messages["South"] == "nobody answered"

    def test_titles(self, hold: Hold) -> None:
        results = hold({"at_least": 0, "title": {"en": "Loyal", "zh": "忠诚"}}, {"at_least": 0})
        assert [row["standard"] for row in results.standard_rows()] == ["Loyal", "nps at least 0"]
        assert results.titles == {"Loyal": Text.of({"en": "Loyal", "zh": "忠诚"})}

    @pytest.mark.parametrize(
        ("standard", "name"),
        [
            ({"at_most": 12.5, "by": "region"}, "nps at most 12.5 by region"),
            ({"between": [0, 50], "term": "nps"}, "nps nps between 0 and 50"),
            (
                {"no_worse_than": "last_wave", "margin": 5, "by": "region"},
                "nps no more than 5 worse than the wave before by region",
            ),
            ({"no_worse_than": {"region": "West"}}, "nps no worse than region=West"),
            (
                {"at_least": 0, "by": ["region", "region * month"]},
                "nps at least 0 by region, region*wave",
            ),
        ],
    )
    def test_names(self, hold: Hold, standard: dict[str, Any], name: str) -> None:
        rows = hold(standard, wave=True).standard_rows()
        assert {row["standard"] for row in rows} == {name}

    def test_json(self, hold: Hold) -> None:
        rows = hold({"between": [0, 50]}).to_dict()["standards"]
        assert [row["target"] for row in rows] == [[0.0, 50.0]]


class TestMistakes:
    @pytest.mark.parametrize(
        ("standard", "place", "told"),
        [
            (
                {"metric": "npss", "at_least": 3}, "metric",
                "no metric is called 'npss'; there are nps; did you mean 'nps'?",
            ),
            ({"at_least": 3, "term": "promoter"}, "term", "nps has no term 'promoter'"),
            ({"at_least": 3, "item": "Q9"}, "item", "Q9"),
            ({}, "", "say what is asked, as at_least = 30"),
            ({"at_least": 3, "at_most": 5}, "at_most", "stands beside at_least; a standard has"),
            ({"between": [5, 3]}, "between", "5 is more than 3; the lower one is first"),
            ({"between": [5, 3, 4]}, "between", "2 entries are wanted, not 3"),
            ({"at_least": math.nan}, "at_least", "neither nan nor inf"),
            ({"at_least": "30"}, "at_least", "a number is wanted, not '30' (a text)"),
            ({"at_least": 3, "margin": 5}, "margin", "belongs to no_worse_than"),
            ({"at_least": 3, "better": "low"}, "better", "belongs to no_worse_than"),
            ({"no_worse_than": {"region": "a"}, "margin": -5}, "margin", "-5 is less than 0"),
            ({"no_worse_than": {"region": "a", "x": "b"}}, "no_worse_than", "name one value, as"),
            ({"no_worse_than": {"regoin": "a"}}, "no_worse_than", "did you mean 'region'?"),
            ({"no_worse_than": "lastwave"}, "no_worse_than", "'last_wave' or a table is wanted"),
            ({"no_worse_than": "last_wave"}, "no_worse_than", "there is no wave; name its column"),
            ({"at_least": 3, "by": "regoin"}, "by", "did you mean 'region'?"),
            ({"at_least": 3, "by": ""}, "by", "leave by out for all answers together"),
            ({"at_least": 3, "confidence": 0.4}, "confidence", "0.4 is not between 0.5 and 1"),
            ({"at_least": 3, "confidence": 1.0}, "confidence", "1 is not between 0.5 and 1"),
            ({"at_least": 3, "adjust": "holmes"}, "adjust", "none of 'holm'; did you mean 'holm'?"),
            ({"atleast": 3}, "atleast", "did you mean 'at_least'?"),
        ],
    )  # fmt: skip
    def test_each_is_told_with_its_cure(
        self, hold: Hold, standard: dict[str, Any], place: str, told: str
    ) -> None:
        with pytest.raises(StudyError) as raised:
            hold(standard)
        (problem,) = raised.value.problems
        assert problem.place == f"study: [[standards]] number 1 {place}".rstrip()
        assert told in problem.message

    def test_the_wave_is_left_out_of_by(self, hold: Hold) -> None:
        with pytest.raises(StudyError, match="leave the wave out of by"):
            hold({"no_worse_than": "last_wave", "by": "region*month"}, wave=True)

    def test_the_studys_own_confidence(self, hold: Hold) -> None:
        with pytest.raises(StudyError, match=r"number 1 confidence: 0.3 is not between 0.5 and 1"):
            hold({"at_least": 3}, confidence=0.3)
        assert hold({"at_least": 3, "confidence": 0.8}, confidence=0.3).standard_rows()

    def test_all_at_once_each_with_its_number(self, hold: Hold) -> None:
        with pytest.raises(StudyError) as raised:
            hold({"at_least": 3, "margin": 1}, {"at_least": 3}, {"at_least": 3, "by": "x"})
        places = [problem.place for problem in raised.value.problems]
        assert places == [
            "study: [[standards]] number 1 margin",
            "study: [[standards]] number 3 by",
        ]

    def test_two_of_one_name(self, hold: Hold) -> None:
        with pytest.raises(StudyError, match="two standards are called 'nps at least 3'"):
            hold({"at_least": 3}, {"at_least": 3, "confidence": 0.9})

    def test_a_table_in_single_brackets(self) -> None:
        study = Study.of({"standards": {"metric": "nps"}})
        (problem,) = study.problems
        assert problem.message == "a standard stands below [[standards]]; this is a table"

    def test_several_items(self, hold: Hold) -> None:
        metrics = {"service": {"metric": "servqual", "perception": ["Q1", "Q2"], "scale": "0..10",
                               "dimensions": {"d": [1, 2]}}}  # fmt: skip
        with pytest.raises(StudyError, match=r"name one: overall_items, .*, 1, 2"):
            hold({"metric": "service", "term": "perception", "at_least": 3}, metrics=metrics)
        standard = {"metric": "service", "term": "perception", "item": 2, "at_least": 3}
        (row,) = hold(standard, metrics=metrics).standard_rows()
        assert (row["item"], row["base"]) == ("2", 169)
        assert row["standard"] == "service 2 perception at least 3"

    def test_a_category_has_no_target(self, hold: Hold) -> None:
        data = {"f": [1, 2, 5], "d": [5, 4, 1], "region": ["a"] * 3}
        metrics = {"kano": {"features": ["x"], "pairs": {"x": ["f", "d"]}}}
        with pytest.raises(StudyError, match="is a category"):
            hold({"metric": "kano", "term": "category", "at_least": 0}, data=data, metrics=metrics)


# Metrics that nobody here wrote


@frozen(kw_only=True)
class Odd(Metric):
    """A metric of a third party, with what may be odd about one."""

    item: str
    bare: bool = False
    unbounded: bool = False
    breaks: bool = False
    crashes: bool = False

    def statistics(self, codebook: Any) -> Any:
        return {"answers": satcore.Tally(codebook.item(self.item, "0..10"))}

    def evaluate(self, answers: Any) -> Iterable[Estimate]:
        if self.crashes:
            raise RuntimeError("always")
        mean = answers.mean(term="mean")
        if self.breaks and (mean.value < 4).any():
            raise ZeroDivisionError("too low for me")
        yield Estimate(
            term="mean",
            value=mean.value,
            std_error=np.full_like(mean.value, np.nan) if self.unbounded else mean.std_error,
            base=mean.base,
            message=tuple(f"the mean is {value:.0f}" for value in mean.value),
            interval=None if self.bare or self.unbounded else _Late(value=mean.value),
            unit="score",
        )


@frozen(kw_only=True, eq=False)
class _Late(Interval):
    """An interval that knows one level only."""

    value: Any
    method: str = "late"

    def bounds(self, confidence: float) -> tuple[Any, Any]:
        if confidence != 0.95:
            raise LookupError("no table for this level")
        return self.value - 1, self.value + 1


@pytest.fixture
def odd(monkeypatch: pytest.MonkeyPatch, hold: Hold) -> Callable[..., list[StandardRow]]:
    """The rows of a standard by region on the metric of a third party."""
    module = ModuleType("odd_plugin")
    module.satcore_metrics = hookimpl(  # type: ignore[attr-defined]
        lambda: [MetricSpec("odd", Odd, primary="mean")], specname="satcore_metrics"
    )
    monkeypatch.setitem(sys.modules, "odd_plugin", module)
    plugins = Plugins((EntryPoint("odd", "odd_plugin", "satcore"),))

    def odd(*, withhold: int = 0, **options: Any) -> list[StandardRow]:
        table = {
            "study": {"suppress_below": withhold},
            "roles": {"segments": ["region"]},
            "metrics": {"odd": {"item": "Q1", **options}},
            "standards": [{"metric": "odd", "at_least": 4, "by": "region"}],
        }
        return satcore.run(Study.of(table), COLUMNS, plugins=plugins).standard_rows()

    return odd


class TestThirdParties:
    def test_a_metric_without_an_interval_is_held_by_its_error(
        self, odd: Callable[..., list[StandardRow]]
    ) -> None:
        rows = {row["cell"]["region"]: row for row in odd(bare=True)}
        answers = np.array([9] * 60 + [5] * 20)
        error = answers.std(ddof=1) / math.sqrt(80)
        assert rows["East"]["outcome"] == "met"
        assert rows["East"]["bound"] == pytest.approx(8 - 1.6448536269514722 * error, rel=1e-12)
        assert (rows["East"]["term"], rows["East"]["unit"]) == ("mean", "score")

    def test_a_metric_without_either_is_judged_as_it_stands(
        self, odd: Callable[..., list[StandardRow]]
    ) -> None:
        rows = {row["cell"]["region"]: row for row in odd(unbounded=True)}
        assert {region: row["outcome"] for region, row in rows.items()} == {
            "East": "met", "North": "met", "South": "not_shown", "West": "not_met",
        }  # fmt: skip
        east = rows["East"]
        assert (east["status"], east["value"], east["bound"]) == ("ok", 8.0, None)
        assert east["needed"] is None
        assert east["message"] == "the mean is 8; judged as it stands, without an interval"
        assert rows["South"]["status"] == "empty"

    def test_a_single_answer_is_not_judged_as_it_stands(
        self, odd: Callable[..., list[StandardRow]]
    ) -> None:
        """It has no error by any metric, which is no sign of a count."""
        (row,) = [row for row in odd(unbounded=True, item="Q3") if row["base"]]
        assert (row["outcome"], row["value"]) == ("not_shown", 9.0)
        assert row["message"].endswith("the metric gives neither an interval nor a standard error")

    @pytest.mark.parametrize(
        ("asked", "value", "outcome"),
        [
            ({"at_most": 0}, 0.0, "met"),
            ({"at_most": 0}, 1.0, "not_met"),
            ({"at_least": 1}, 1.0, "met"),
            ({"between": [1, 2]}, 3.0, "not_met"),
        ],
    )
    def test_a_count_stands_for_itself(
        self, asked: dict[str, Any], value: float, outcome: str
    ) -> None:
        if "between" in asked:
            standard = between(*asked["between"])
        else:
            standard = at_most(0) if "at_most" in asked else at_least(1)
        (one,) = judged_as_they_stand(standard, np.array([value]))
        assert (one.outcome, one.bound, one.needed) == (outcome, None, None)
        assert one.message == "judged as it stands, without an interval"

    @pytest.mark.parametrize(("bad", "outcome"), [(None, "met"), (7, "not_met")])
    def test_no_signals_on_a_control_chart(self, hold: Hold, bad: int | None, outcome: str) -> None:
        waves = np.repeat(np.arange(12), 40)
        answers = np.where(np.arange(waves.size) % 4 < 3, 9, 3)
        answers[waves == bad] = 0
        data = {
            "Q1": answers.tolist(),
            "region": ["A"] * waves.size,
            "month": [f"2026-{one + 1:02}" for one in waves],
        }
        metrics = {"nps": {"item": "Q1"}, "control": {"of": "nps", "by": []}}
        (row,) = hold(
            {"metric": "control", "at_most": 0}, data=data, wave=True, metrics=metrics
        ).standard_rows()
        assert (row["term"], row["outcome"], row["status"]) == ("signals", outcome, "ok")
        assert row["value"] == (0.0 if bad is None else row["value"])
        assert row["message"].endswith("judged as it stands, without an interval")

    def test_an_interval_that_fails_is_an_error_and_told(
        self, odd: Callable[..., list[StandardRow]]
    ) -> None:
        rows = {row["cell"]["region"]: row for row in odd()}
        why = "the metric's own interval failed: LookupError: no table for this level"
        assert rows["East"]["message"] == f"{why}; the mean is 8"
        assert rows["East"]["status"] == "error"
        assert rows["East"]["value"] is None
        assert rows["South"]["status"] == "empty"

    def test_what_a_metric_says_is_withheld_with_its_number(
        self, odd: Callable[..., list[StandardRow]]
    ) -> None:
        rows = {row["cell"]["region"]: row for row in odd(bare=True)}
        assert rows["North"]["message"] == "fewer than 30 answers; the mean is 8"
        rows = {row["cell"]["region"]: row for row in odd(bare=True, withhold=10)}
        # East protects North, which would else be the total less the others.
        for name in ("North", "East"):
            assert rows[name]["message"].endswith("give away; withheld")
            assert (rows[name]["base"], rows[name]["value"]) == (None, None)
        assert rows["West"]["message"] == "the mean is 2"

    def test_a_metric_that_fails_in_some_cells(self, odd: Callable[..., list[StandardRow]]) -> None:
        rows = {row["cell"]["region"]: row for row in odd(bare=True, breaks=True)}
        assert rows["East"]["outcome"] == "met"
        assert (rows["West"]["outcome"], rows["West"]["status"]) == ("not_shown", "error")
        assert rows["West"]["message"] == "ZeroDivisionError: too low for me"

    def test_a_metric_that_fails_everywhere(self, odd: Callable[..., list[StandardRow]]) -> None:
        rows = odd(crashes=True)
        assert [row["status"] for row in rows] == ["error"] * 4
        assert {row["message"] for row in rows} == {"RuntimeError: always"}
        assert {row["term"] for row in rows} == {"mean"}
