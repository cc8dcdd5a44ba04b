"""Operational indicators: reference values, events that are odd, and who stands on them."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import satcore
import satcore_html
import satcore_operations
from satcore import Codebook, OptionError, Results, StudyError, draw, instant_of
from satcore.engines import LocalEngine
from satcore.surveys import FrameFragment
from satcore_control import chart
from satcore_operations import (
    Churn,
    ComplaintRate,
    Execution,
    Recovery,
    ResponseTime,
    Turnover,
    telling,
)
from satcore_operations.poisson import binomial_p

TELCO = """
[study]
data = "{data}"
by = ["Contract"]

[roles]
segments = ["Contract"]

[scales.yn]
codes = {{ No = 0, Yes = 1 }}

[metrics.churn]
left     = "Churn"
scale    = "yn"
tenure   = "tenure"
at       = [1, 6, 12, 24, 48, 72]
interval = "log"

[metrics.months]
metric   = "complaint_rate"
events   = "Churn"
event    = [1]
scale    = "yn"
exposure = "tenure"
per      = 1.0
"""


def run(metric: Any, data: Mapping[str, Sequence[Any]], **more: Any) -> Results:
    return satcore.run({"it": metric}, {k: list(v) for k, v in data.items()}, **more)


def row(results: Results, term: str, item: str = "", **cell: str) -> Any:
    (found,) = [
        one for one in results.rows("it", term) if one["item"] == item and dict(one["cell"]) == cell
    ]
    return found


# --------------------------------------------------------------------------- reference values


@pytest.fixture(scope="module")
def telco(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Results:
    data = shared / "data" / "telco_churn" / "Telco-Customer-Churn.csv"
    study = tmp_path_factory.mktemp("telco") / "study.toml"
    study.write_text(TELCO.format(data=data.as_posix()), "utf-8")
    return satcore.run(study)


def test_churn_is_that_of_r(telco: Results, reference: Any) -> None:
    wanted = reference("operational")["telco"]
    cells = {"": wanted["overall"], **wanted["by_contract"]}
    rows = {one["cell"].get("Contract", ""): one for one in telco.rows("churn", "rate")}
    kept = {one["cell"].get("Contract", ""): one for one in telco.rows("churn", "retention")}
    assert rows.keys() == cells.keys()
    for name, one in cells.items():
        found = rows[name]
        assert found["base"] == one["n"]
        assert found["value"] == pytest.approx(one["p"], rel=1e-12)
        assert [found["ci_low"], found["ci_high"]] == pytest.approx(one["wilson"], rel=1e-10)
        assert f"{one['k']:,} left of {one['n']:,} customers at the start" in found["message"]
        assert kept[name]["value"] == pytest.approx(1 - one["p"], rel=1e-12)


def test_survival_is_that_of_r(telco: Results, reference: Any) -> None:
    rows = {one["item"]: one for one in telco.rows("churn", "survival") if not one["cell"]}
    wanted = reference("operational")["telco"]
    for one in wanted["KM"]:
        found = rows[f"{one['time']}"]
        assert found["method"] == "greenwood_log"
        assert found["value"] == pytest.approx(one["surv"], abs=1e-10)
        assert found["std_error"] == pytest.approx(one["se"], abs=1e-10)
        assert [found["ci_low"], found["ci_high"]] == pytest.approx(
            [one["lo"], one["hi"]], abs=1e-10
        )
    # Customers of no month yet are followed for none, and change nothing after.
    for one in wanted["KM_incl_tenure0"]:
        assert rows[f"{one['time']}"]["std_error"] == pytest.approx(one["se"], abs=1e-10)
    median = next(one for one in telco.rows("churn", "median") if not one["cell"])
    assert (median["status"], median["value"]) == ("undefined", None)
    assert "not reached: fewer had ended by 72" in median["message"]
    assert "durations of 0: 11" in median["message"]


def test_customers_lost_by_month_of_exposure(telco: Results, reference: Any) -> None:
    wanted = reference("operational")["telco"]["rate_per_customer_month"]
    found = next(one for one in telco.rows("months", "rate") if not one["cell"])
    assert found["value"] == pytest.approx(wanted["rate"], rel=1e-12)
    assert [found["ci_low"], found["ci_high"]] == pytest.approx(wanted["ci"], rel=1e-9)


def test_exact_poisson_intervals_are_those_of_r(reference: Any) -> None:
    for one in reference("operational")["poisson_exact"]:
        metric = ComplaintRate(events="complaints", exposure="visits")
        results = run(metric, {"complaints": [one["x"]], "visits": [one["T"]]})
        found = row(results, "rate")
        assert found["status"] == "ok"
        assert found["value"] == pytest.approx(one["rate"], rel=1e-12)
        assert [found["ci_low"], found["ci_high"]] == pytest.approx(one["ci_per1000"], rel=1e-9)
        assert found["method"] == "garwood"
        assert found["unit"] == "per thousand"
        assert f"{one['x']} complaints on {one['T']:,} visits" in found["message"]


def test_the_exact_ratio_is_that_of_r(reference: Any) -> None:
    wanted = reference("operational")["poisson_ratio"]
    data = {"complaints": [27, 15], "visits": [15_400, 16_900], "shop": [2, 1]}
    metric = ComplaintRate(
        events="complaints", exposure="visits", groups="shop", group_scale="1..2"
    )
    found = row(run(metric, data), "ratio", "2")
    assert found["value"] == pytest.approx(wanted["rr"], rel=1e-12)
    assert [found["ci_low"], found["ci_high"]] == pytest.approx(wanted["ci"], rel=1e-9)
    # Cells against each other have the same test.
    plain = ComplaintRate(events="complaints", exposure="visits")
    data = {**data, "shop": ["b", "a"]}
    results = run(plain, data, segments=["shop"], by=["shop"])
    rest = [one for one in results.comparison_rows("it", "rate") if one["kind"] == "rest"]
    assert [one["p"] for one in rest] == pytest.approx([wanted["p"]] * 2, rel=1e-9)
    assert rest[0]["method"] == "exact_conditional; mover of garwood"
    assert rest[1]["difference"] == pytest.approx(27 / 15.4 - 15 / 16.9, rel=1e-12)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 300).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))),
    st.floats(0.02, 0.98),
)
def test_the_exact_binomial_test_is_scipy_s(counts: tuple[int, int], share: float) -> None:
    from scipy.stats import binomtest

    of, count = counts
    assert binomial_p(count, of, share) == pytest.approx(
        binomtest(count, of, share).pvalue, rel=1e-9, abs=1e-12
    )


# --------------------------------------------------------------------------- survival on rows


lives = st.lists(
    st.tuples(st.integers(0, 30), st.booleans(), st.integers(1, 4)), min_size=2, max_size=80
)


def merged(metric: Any, data: Mapping[str, Sequence[Any]], cuts: Sequence[int]) -> Results:
    """Counted in pieces and merged."""
    import polars as pl

    frame = pl.DataFrame({k: list(v) for k, v in data.items()}, strict=False)
    plan = satcore.plan({"it": metric}, frame)
    edges = [0, *sorted(min(cut, frame.height) for cut in cuts), frame.height]
    fragments = tuple(
        FrameFragment(id=f"piece {place}", frame=frame.slice(start, end - start))
        for place, (start, end) in enumerate(pairwise(edges))
    )
    from attrs import evolve

    plan = evolve(plan, survey=evolve(plan.survey, fragments=fragments))
    return satcore.evaluate(plan, LocalEngine(threads=2).scan(plan))


@settings(max_examples=15, deadline=None)
@given(lives, st.lists(st.integers(0, 80), max_size=4))
def test_merged_survival_is_that_of_statsmodels_on_rows(
    rows: list[tuple[int, bool, int]], cuts: list[int]
) -> None:
    from statsmodels.duration.survfunc import SurvfuncRight

    time = np.array([one[0] for one in rows])
    gone = np.array([int(one[1]) for one in rows])
    metric = Churn(left="gone", tenure="time", at="0..30", longest=40)
    results = merged(metric, {"gone": gone, "time": time}, cuts)
    wanted = SurvfuncRight(time, gone)
    found = {float(one["item"]): one for one in results.rows("it", "survival")}
    for at, share, error in zip(
        wanted.surv_times, wanted.surv_prob, wanted.surv_prob_se, strict=True
    ):
        assert found[at]["value"] == pytest.approx(share, abs=1e-10)
        if share > 0:
            assert found[at]["std_error"] == pytest.approx(error, abs=1e-10)
    for at, one in found.items():
        if at <= time.max():
            before = wanted.surv_prob[wanted.surv_times <= at]
            assert one["value"] == pytest.approx(before[-1] if before.size else 1.0, abs=1e-10)
        elif one["value"] is None:
            assert "nobody was followed for so long" in one["message"]
    median = row(results, "median")
    quantile = wanted.quantile(0.5)
    if np.isfinite(quantile):
        there = wanted.surv_times[wanted.surv_prob <= 0.5 + 1e-12]
        assert median["value"] == there[0]
    elif wanted.surv_times.size:
        # The curve comes down no further than to where it ends.
        assert (median["value"] is None) == (wanted.surv_prob.min() > 0.5 + 1e-12)


@settings(max_examples=10, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 20), st.integers(1, 20), st.booleans()), min_size=3, max_size=60
    )
)
def test_customers_from_before_the_window_come_later(rows: list[tuple[int, int, bool]]) -> None:
    """Delayed entry: those that came before the window are at risk from its start on."""
    from statsmodels.duration.survfunc import SurvfuncRight

    # Days before the window that each came, and days within it that each was there.
    first = np.datetime64("2026-01-31")
    joined = [str(first - np.timedelta64(before, "D")) for before, _, _ in rows]
    ended = [
        str(first + np.timedelta64(days, "D")) if left and days < 20 else None
        for _, days, left in rows
    ]
    metric = Churn(
        joined="joined", ended="ended", since="2026-01-31", until="2026-02-19T00:00",
        unit="day", longest=60, at="0..40",
    )  # fmt: skip
    results = run(metric, {"joined": joined, "ended": ended})
    until = 19
    exits = [before + (days if left and days < until else until) for before, days, left in rows]
    status = [int(left and days < until) for _, days, left in rows]
    entry = np.array([before for before, _, _ in rows])
    wanted = SurvfuncRight(np.array(exits), np.array(status), entry=entry)
    found = {float(one["item"]): one["value"] for one in results.rows("it", "survival")}
    for at, share, risk in zip(wanted.surv_times, wanted.surv_prob, wanted.n_risk, strict=True):
        if at in found and found[at] is not None and risk > 0:
            assert found[at] == pytest.approx(share, abs=1e-10)
    there = [before > 0 for before, _, _ in rows]
    lost = [left and days < until for before, days, left in rows if before > 0]
    rate = row(results, "rate")
    assert rate["base"] == sum(there)
    if lost:
        assert rate["value"] == pytest.approx(sum(lost) / sum(there))


def test_a_curve_that_came_down_to_0_is_as_sure_as_its_cases() -> None:
    times = [*np.repeat(np.arange(1, 50), 20).tolist(), 50, 50]
    results = run(ResponseTime(duration="d", at=(49, 50, 60), promise=50.0), {"d": times})
    before, at_end, after = (row(results, "survival", f"{time}") for time in (49, 50, 60))
    within = row(results, "within")
    assert (at_end["value"], after["value"], within["value"]) == (0.0, 0.0, 1.0)
    assert at_end["ci_high"] == after["ci_high"] <= before["ci_high"] < 0.01
    assert 1 - within["ci_low"] == pytest.approx(at_end["ci_high"], abs=0.003)
    # All at one time: as sure as Wilson's interval of none of them.
    once = row(run(ResponseTime(duration="d", at=(2,)), {"d": [2] * 40}), "survival", "2")
    assert once["ci_high"] == pytest.approx(1.959964**2 / (40 + 1.959964**2), rel=1e-6)
    # The one that was followed longest tells little of those that were not.
    lost = {"d": [1] * 50 + [2] * 49 + [3], "open": [0] * 50 + [1] * 49 + [0]}
    few = row(run(ResponseTime(duration="d", open="open", at=(3,)), lost), "survival", "3")
    assert few["value"] == 0.0
    assert few["ci_high"] > 0.4


def test_a_curve_emptied_by_a_few_that_came_early_says_so() -> None:
    joined = ["2015-01-01"] * 300 + ["2025-06-10"]
    ended = [f"2025-{3 + one % 8:02}-05" if one < 60 else None for one in range(300)]
    metric = Churn(
        joined="joined", ended="ended", since="2025-01-01", until="2025-12-31", at=(0.0, 6.0, 124.0)
    )
    results = run(metric, {"joined": joined, "ended": [*ended, "2025-06-13"]})
    told = "all 1 that were followed at 1 had ended by then, others are followed only later"
    for time in ("6", "124"):
        found = row(results, "survival", time)
        assert (found["value"], told in found["message"]) == (0.0, True)
        assert found["ci_high"] > 0.75
    assert told not in row(results, "survival", "0")["message"]
    median = row(results, "median")
    assert (median["ci_low"], told in median["message"]) == (None, True)
    usual = run(metric, {"joined": joined[:300], "ended": ended})
    assert not any("followed only later" in one["message"] for one in usual.rows("it"))


def test_weighted_survival_has_the_error_of_its_derivatives() -> None:
    """Greenwood's error takes weights for repeated rows; linearised ones do not."""
    draw_ = np.random.default_rng(5)
    n = 60
    data = {
        "time": draw_.integers(1, 12, n).tolist(),
        "gone": draw_.integers(0, 2, n).tolist(),
        "w": np.round(draw_.uniform(0.5, 3.0, n), 2).tolist(),
    }
    metric = Churn(left="gone", tenure="time", at=(6,), longest=20)

    def survival(weights: list[float]) -> float:
        s, w = 1.0, np.array(weights)
        time, gone = np.array(data["time"]), np.array(data["gone"])
        for at in range(1, 7):
            s *= 1 - w[(time == at) & (gone == 1)].sum() / w[time >= at].sum()
        return float(s)

    found = row(run(metric, data, weight="w"), "survival", "6")
    assert found["value"] == pytest.approx(survival(data["w"]), rel=1e-12)
    slopes = []
    for place in range(n):
        up, down = list(data["w"]), list(data["w"])
        up[place] += 1e-5
        down[place] -= 1e-5
        slopes.append((survival(up) - survival(down)) / 2e-5 * data["w"][place])
    wanted = np.sqrt(n / (n - 1) * np.sum(np.square(slopes)))
    assert found["std_error"] == pytest.approx(wanted, rel=1e-6)
    assert found["method"] == "linearised_log_log"
    plain = row(run(metric, {**data, "w": [2.0] * n}, weight="w"), "survival", "6")
    greenwood = row(run(metric, data), "survival", "6")
    assert plain["std_error"] == pytest.approx(
        greenwood["std_error"] * np.sqrt(n / (n - 1)), rel=1e-9
    )


def test_who_weighs_nothing_tells_nothing_of_survival() -> None:
    """They were followed, and yet no share of theirs is told, nor beyond what the others show."""
    data = {
        "time": [2, 3, 5, 6, 2, 4, 15, 18],
        "gone": [1, 0, 1, 0, 1, 0, 0, 0],
        "w": [1.0, 1.0, 2.0, 1.0, 0.0, 0.0, 0.0, 0.0],
        "shop": ["A"] * 4 + ["B"] * 4,
    }
    metric = Churn(left="gone", tenure="time", at=(4, 12), longest=20)
    results = run(metric, data, weight="w", segments=["shop"])
    nothing = row(results, "survival", "4", shop="B")
    assert (nothing["value"], nothing["status"], nothing["base"]) == (None, "undefined", 4)
    assert "nobody was followed" not in nothing["message"]
    assert row(results, "median", shop="B")["value"] is None
    assert row(results, "survival", "4")["value"] == pytest.approx(0.8)
    assert row(results, "survival", "12")["value"] is None
    hours = {"hours": data["time"], "w": data["w"], "shop": data["shop"]}
    answered = run(
        ResponseTime(duration="hours", promise=4, longest=100), hours, weight="w", segments=["shop"]
    )
    assert row(answered, "within", shop="B")["value"] is None
    assert row(answered, "within")["value"] == pytest.approx(0.4)


def test_without_open_cases_numbers_are_the_plain_ones() -> None:
    hours = [0.2, 1.0, 3.3, 3.9, 4.0, 7.5, 8.0, 12.0, 20.0, 30.5]
    metric = ResponseTime(duration="hours", promise=8, resolution=0.5, longest=100)
    results = run(metric, {"hours": hours})
    assert row(results, "median")["value"] == 4.0
    # Rounded up to half hours: numpy's inverted_cdf on rows that are.
    rounded = np.ceil(np.array(hours) * 2) / 2
    for term, share in (("median", 0.5), ("p90", 0.9)):
        wanted = np.quantile(rounded, share, method="inverted_cdf")
        assert row(results, term)["value"] == wanted
    within = row(results, "within")
    from statsmodels.stats.proportion import proportion_confint

    assert within["value"] == pytest.approx(0.7)
    assert (within["ci_low"], within["ci_high"]) == pytest.approx(
        proportion_confint(7, 10, method="wilson"), rel=1e-9
    )
    assert within["std_error"] == pytest.approx(np.sqrt(0.7 * 0.3 / 10))


# --------------------------------------------------------------------------- times


def response(opened: Sequence[str | None], closed: Sequence[str | None], **more: Any) -> Results:
    options = {"unit": "hour", "until": "2026-12-31", "longest": 10_000.0, **more}
    metric = ResponseTime(opened="opened", closed="closed", **options)
    return run(metric, {"opened": list(opened), "closed": list(closed)})


@pytest.mark.parametrize(
    ("opened", "closed", "zone", "hours"),
    [
        ("2026-03-28 12:00", "2026-03-29 12:00", "Europe/Berlin", 23),
        ("2026-10-24 12:00", "2026-10-25 12:00", "Europe/Berlin", 25),
        ("2026-03-28 12:00", "2026-03-29 12:00", "", 24),
        ("2026-03-28 12:00", "2026-03-29 12:00", "Asia/Shanghai", 24),
        # Offsets are times of their own, whatever the zone.
        ("2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", "Europe/Berlin", 1),
        ("2026-10-25T00:00Z", "2026-10-25T12:00+0800", "Europe/Berlin", 4),
        ("2026/3/1", "2026.03.03", "", 48),
        ("20260301", "2026-03-01T05:59:59.5", "", 6),
    ],
)
def test_hours_between_two_times(opened: str, closed: str, zone: str, hours: int) -> None:
    assert row(response([opened], [closed], zone=zone), "median")["value"] == hours


def test_days_of_datetimes_and_of_a_form() -> None:
    import datetime as dt

    zone = dt.timezone(dt.timedelta(hours=8))
    opened = [dt.datetime(2026, 5, 1, 8, tzinfo=zone)]
    metric = ResponseTime(opened="o", closed="c", until="2026-12-31", form="%d.%m.%Y %H:%M")
    results = run(metric, {"o": opened, "c": ["01.05.2026 03:00"]})
    assert row(results, "median")["value"] == 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2026-03-29 02:30", "'2026-03-29 02:30' never happens in Europe/Berlin"),
        ("2026-10-25 02:30", "'2026-10-25 02:30' happens twice in Europe/Berlin"),
        ("yesterday", "yesterday"),
        ("2026-02-30 12:00", "2026-02-30"),
    ],
)
def test_a_time_that_is_none_stops_the_run(text: str, told: str) -> None:
    with pytest.raises(satcore.SatcoreError) as error:
        response(["2026-01-01", "2026-01-02"], ["2026-10-30", text], zone="Europe/Berlin")
    assert told in str(error.value)
    assert "closed" in str(error.value)


@pytest.mark.parametrize(("twice", "hours"), [("first", 2), ("second", 3)])
def test_a_time_that_happens_twice_may_be_told(twice: str, hours: int) -> None:
    # Half past two came at 00:30 UTC and again at 01:30.
    found = response(["2026-10-24 22:30Z"], ["2026-10-25 02:30"], zone="Europe/Berlin", twice=twice)
    assert row(found, "median")["value"] == hours
    with pytest.raises(satcore.SatcoreError, match="never happens in"):
        response(["2026-01-01"], ["2026-03-29 02:30"], zone="Europe/Berlin", twice=twice)


def test_a_closing_that_cannot_be_read_is_no_open_case() -> None:
    metric = ResponseTime(opened="opened", closed="closed", until="2026-02-01")
    data = {"opened": ["2026-01-01"] * 3, "closed": ["2026-01-02", "soon", None]}
    found = row(_lenient(metric, data), "median")
    assert found["base"] == 2
    assert "left out, neither open nor closed: 1" in found["message"]
    assert "still open at the end: 1" in found["message"]


def _lenient(metric: Any, data: Mapping[str, Sequence[Any]]) -> Results:
    """A run that takes invalid answers for missing ones."""
    from attrs import evolve

    plan = satcore.plan({"it": metric}, {k: list(v) for k, v in data.items()})
    plan = evolve(plan, about=evolve(plan.about, invalid="missing"))
    return satcore.evaluate(plan, satcore.scan(plan))


def test_what_is_odd_about_cases_is_told() -> None:
    data = {
        "opened": [
            *("2025-12-31", "2026-01-05", "2026-01-05", "2026-01-05", "2026-01-06", None),
            *("2027-01-01", "2026-01-05 00:00", "2026-01-05"),
        ],
        "closed": [
            *("2026-01-02", "2026-01-04", "2026-01-05", "2026-01-07", None, "2026-01-09"),
            *("2027-01-02", "2026-12-30", "2027-03-01"),
        ],
        "opening": [1, 1, 1, 1, 1, 1, 1, 2, 1],
    }
    metric = ResponseTime(
        opened="opened", closed="closed", since="2026-01-01", until="2026-01-31", unit="day",
        longest=20, opening="opening",
    )  # fmt: skip
    found = row(run(metric, data), "median")
    assert found["base"] == 4
    # Of 0 and 2 days; two are open for more than 20 days.
    assert found["value"] == 2
    for told in (
        "still open at the end: 2",
        "from 2026-01-01 until 2026-01-31",
        "longer than 20, counted as still open then: 2",
        "durations of 0: 1",
        "reopened, each counted once by its first opening: 1",
        "left out, closed before they were opened: 1",
        "left out, before the window: 1",
        "left out, after the window: 1",
        "left out for want of a time: 1",
    ):
        assert told in found["message"]


def test_what_took_longer_than_the_longest_is_not_open_at_the_end() -> None:
    data = {"days": [3, 30, 40, 5], "open": [0, 0, 1, 1]}
    found = row(run(ResponseTime(duration="days", open="open", longest=20), data), "median")
    assert (
        "still open at the end: 2; longer than 20, counted as still open then: 2"
        in (found["message"])
    )
    assert (
        "open at the end"
        not in row(run(ResponseTime(duration="days", longest=20), {"days": [3, 30]}), "p90")[
            "message"
        ]
    )


def test_a_quantile_beyond_what_is_counted_says_so() -> None:
    data = {"days": [3, 30, 40], "open": [0, 0, 0]}
    told = [
        row(run(ResponseTime(duration="days", open="open", longest=top), data), "p90")["message"]
        for top in (20, 60)
    ]
    assert "fewer had ended by 20, and no longer time is counted" in told[0]
    assert "not reached" not in told[1]
    lasting = run(ResponseTime(duration="days", open="open"), data | {"open": [0, 1, 1]})
    assert "by 40, as long as anybody was followed" in row(lasting, "p90")["message"]


def test_a_quantile_beyond_what_is_counted_is_told_in_chinese_too() -> None:
    """A page takes messages apart at their semicolons; none may stand within one."""
    data = {"days": [3, 30, 40], "open": [0, 0, 0]}
    results = run(ResponseTime(duration="days", open="open", longest=20), data)
    page = satcore_html.render(results, "zh").decode()
    assert "至 20 完成的仍较少，更长的时间不计" in page
    assert "no longer time" not in page


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_group_that_surely_differs_is_told_in_one_language(language: str) -> None:
    data = {"g": ["a", "b"] * 60, "gone": [1, 0] * 60}
    metric = Churn(left="gone")
    found = list(metric.findings(run(metric, data, segments=["g"]), "it", language))
    least = {"en": "p below 0.001", "zh": "p 低于 0.001"}
    assert [least[language] in text for text in found[-2:]] == [True, True]
    assert ("below" in "".join(found)) == (language == "en")


def test_cases_whose_opening_has_no_number_are_told() -> None:
    data = {"days": [3, 4, 5, 6, -1], "opening": [1, 2, 0, None, None]}
    found = row(run(ResponseTime(duration="days", opening="opening"), data), "median")
    assert found["base"] == 3
    assert "by its first opening: 1" in found["message"]
    assert "without a number of their opening, counted as first ones: 2" in found["message"]


@pytest.mark.parametrize(("promise", "told"), [(1.0, "1 hour, of 2"), (24.0, "24 hours, of 2")])
def test_a_promise_is_told_with_its_unit(promise: float, told: str) -> None:
    results = run(ResponseTime(duration="hours", promise=promise), {"hours": [1, 30]})
    assert f"closed within {told} cases" in row(results, "within")["message"]
    page = satcore_html.render(results, "zh").decode()
    assert f"占 2 个个案中 {promise:g} 小时内完成的比例" in page


def test_a_case_that_is_open_for_less_than_the_promise_is_estimated() -> None:
    data = {"hours": [5, 5, 9, 9, 3], "open": [0, 0, 0, 0, 1]}
    metric = ResponseTime(duration="hours", open="open", promise=8)
    found = row(run(metric, data), "within")
    assert found["value"] == pytest.approx(0.5)
    assert "open for less than the promise so far, so that it is estimated: 1" in found["message"]
    negative = row(run(metric, {"hours": [-1, 5], "open": [0, 0]}), "within")
    assert "left out, a duration below 0: 1" in negative["message"]


def test_one_time_in_seconds() -> None:
    assert instant_of("1970-01-02") == 86_400.0
    assert instant_of("2026-07-01 12:00", "Europe/Berlin") - instant_of("2026-07-01 10:00") == 0
    with pytest.raises(ValueError, match="is no time zone"):
        instant_of("2026-01-01", "Mars/Olympus")
    with pytest.raises(ValueError, match="happens twice in Europe/Berlin"):
        instant_of("2026-10-25 02:30", "Europe/Berlin")
    with pytest.raises(ValueError, match="is no time;"):
        instant_of("soon")


# --------------------------------------------------------------------------- rates


def test_no_events_on_some_exposure_is_a_rate_of_nothing() -> None:
    found = row(
        run(ComplaintRate(events="c", exposure="v"), {"c": [0, 0], "v": [700, 500]}), "rate"
    )
    assert (found["value"], found["ci_low"], found["status"]) == (0.0, 0.0, "ok")
    assert found["ci_high"] == pytest.approx(-np.log(0.025) / 1.2)
    none = row(run(ComplaintRate(events="c", exposure="v"), {"c": [3], "v": [0]}), "rate")
    assert none["value"] is None
    assert "3 c without any exposure: no rate follows" in none["message"]


def test_a_window_leaves_out_and_tells() -> None:
    data = {
        "c": [5, 1, 2, 9, 1, None],
        "v": [100, 100, 100, 100, None, 50],
        "day": [
            "2025-12-31 23:59",
            "2026-01-01",
            "2026-01-31 23:59",
            "2026-02-01",
            *["2026-01-05"] * 2,
        ],
    }
    metric = ComplaintRate(
        events="c", exposure="v", time="day", since="2026-01-01", until="2026-01-31"
    )
    found = row(run(metric, data), "rate")
    assert found["value"] == pytest.approx(15.0)
    for told in (
        "3 c on 200 v",
        "from 2026-01-01 until 2026-01-31",
        "left out, before the window: 1",
        "left out, after the window: 1",
        "left out for want of a count or an exposure: 2",
    ):
        assert told in found["message"]


@pytest.mark.parametrize("odd", ["-1", "2.5", "many"])
def test_a_count_that_is_none_stops_the_run(odd: str) -> None:
    with pytest.raises(satcore.SatcoreError, match=re.escape(odd)):
        run(ComplaintRate(events="c", exposure="v"), {"c": ["1", odd], "v": ["5", "5"]})


def test_rows_are_the_exposure_where_none_is_named() -> None:
    found = row(run(ComplaintRate(events="c", event=(1,), per=100), {"c": [0, 1, 1, 0]}), "rate")
    assert (found["value"], found["unit"]) == (50.0, "per 100")
    assert "2 c in 4 rows" in found["message"]


def test_weighted_rates_are_ratios_of_weighted_sums() -> None:
    data = {"c": [1, 4, 0, 2], "v": [10, 20, 15, 5], "w": [1.0, 2.0, 0.5, 3.0]}
    found = row(run(ComplaintRate(events="c", exposure="v", per=1), data, weight="w"), "rate")
    c, v, w = (np.array(data[name], dtype=float) for name in ("c", "v", "w"))
    rate = (w * c).sum() / (w * v).sum()
    error = np.sqrt(4 / 3 * np.sum((w * (c - rate * v)) ** 2)) / (w * v).sum()
    assert found["value"] == pytest.approx(rate, rel=1e-12)
    assert found["std_error"] == pytest.approx(error, rel=1e-9)
    assert found["method"] == "linearised"


def test_more_leavers_than_heads_are_told() -> None:
    found = row(run(Churn(lost="lost", customers="heads"), {"lost": [7], "heads": [5]}), "rate")
    assert (found["value"], found["status"]) == (None, "undefined")
    assert "7 left, but there were only 5 at the start: no share follows" in found["message"]
    staff = row(run(Turnover(separations="s", headcount=("h",)), {"s": [7], "h": [5]}), "rate")
    assert staff["value"] == pytest.approx(12 * 7 / 5)
    assert "more left than there were heads on average" in staff["message"]


def test_turnover_is_of_a_year_on_the_average_headcount() -> None:
    data = {"s": [2, 3, 1], "v": [1, 2, 0], "start": [50, 49, 47], "end": [49, 47, 48]}
    metric = Turnover(separations="s", headcount=("start", "end"), voluntary="v")
    results = run(metric, data)
    months = (50 + 49 + 49 + 47 + 47 + 48) / 2
    found = row(results, "rate", "overall")
    assert found["value"] == pytest.approx(12 * 6 / months, rel=1e-12)
    assert found["unit"] == "proportion per year"
    assert f"6 separations on {months:g} months of heads" in found["message"]
    assert row(results, "rate", "voluntary")["value"] == pytest.approx(12 * 3 / months)
    assert row(results, "ratio", "voluntary")["value"] == pytest.approx(0.5)
    quarters = run(Turnover(separations="s", headcount=("start",), months=3), data)
    assert row(quarters, "rate")["value"] == pytest.approx(4 * 6 / 146, rel=1e-12)


def test_turnover_of_people_counts_their_time() -> None:
    data = {
        "joined": ["2020-01-01", "2026-01-16", "2020-01-01", "2019-05-05", "2026-02-01"],
        "left": [None, None, "2026-01-16", "2025-12-01", "2026-01-20"],
        "why": [None, None, 1, 1, 0],
    }
    metric = Turnover(
        joined="joined", ended="left", since="2026-01-01", until="2026-01-30", voluntary="why"
    )
    found = row(run(metric, data), "rate", "overall")
    days = 30 + 15 + 15
    assert found["value"] == pytest.approx(365.2425 / days, rel=1e-12)
    assert "left out, gone before the window: 1" in found["message"]
    assert "left out, left before they joined: 1" in found["message"]


def test_the_voluntary_share_is_of_separations_of_which_it_is_said() -> None:
    # Of 20 separations a month, 10 were by choice; nothing is said of the months without any.
    data = {"s": [0] * 10 + [20] * 10, "h": [100] * 20, "v": [None] * 10 + [10] * 10}
    metric = Turnover(separations="s", headcount=("h",), voluntary="v")
    share = row(run(metric, data), "ratio", "voluntary")
    assert (share["value"], share["base"]) == (pytest.approx(0.5, rel=1e-12), 200)
    people = {
        "joined": ["2020-01-01"] * 200,
        "left": [f"2025-{1 + one % 12:02}-15" for one in range(40)] + [None] * 160,
        "why": [1] * 10 + [0] * 10 + [None] * 180,
        "w": [1.0, 2.0] * 100,
    }
    spans = Turnover(
        joined="joined", ended="left", since="2025-01-01", until="2025-12-31", voluntary="why"
    )
    plain = {name: values for name, values in people.items() if name != "w"}
    share = row(run(spans, plain), "ratio", "voluntary")
    assert (share["value"], share["base"]) == (pytest.approx(0.5, rel=1e-12), 20)
    assert share["std_error"] == pytest.approx((0.25 / 20) ** 0.5, rel=1e-12)
    weighted = row(run(spans, people, weight="w"), "ratio", "voluntary")
    w = np.tile([1.0, 2.0], 10)
    apart = w * (np.repeat([1.0, 0.0], 10) - 0.5)
    error = np.sqrt(200 / 199 * np.sum(apart**2)) / w.sum()
    assert weighted["std_error"] == pytest.approx(error, rel=1e-12)


def test_less_than_a_unit_of_exposure_is_some() -> None:
    data = {"s": [1, 0], "a": [1, 0], "b": [0, 0]}
    found = row(run(Turnover(separations="s", headcount=("a", "b")), data), "rate")
    assert (found["value"], found["base"], found["status"]) == (pytest.approx(24.0), 1, "small")


def test_rows_without_events_do_not_say_that_there_are_none() -> None:
    data = {"e": [0] * 20, "t": [50] * 20, "w": [1.0, 3.0] * 10}
    plain = row(run(ComplaintRate(events="e", exposure="t"), data), "rate")
    strays = row(run(ComplaintRate(events="e", exposure="t", interval="linearised"), data), "rate")
    assert (strays["ci_low"], strays["ci_high"]) == (0.0, plain["ci_high"])
    weighted = row(run(ComplaintRate(events="e", exposure="t"), data, weight="w"), "rate")
    # Kish: weights of 1 and 3 leave 0.8 of the exposure.
    assert weighted["ci_high"] == pytest.approx(plain["ci_high"] / 0.8, rel=1e-12)
    alone = {"e": [2], "t": [100]}
    one = row(run(ComplaintRate(events="e", exposure="t", interval="linearised"), alone), "rate")
    assert (one["value"], one["ci_low"]) == (20.0, None)
    assert "one row does not say how rows stray" in one["message"]


def test_a_ratio_of_no_events_says_why_it_has_no_interval() -> None:
    data = {"e": [0] * 5 + [2] * 5, "t": [50] * 10, "k": [1] * 5 + [2] * 5}
    metric = ComplaintRate(
        events="e", exposure="t", groups="k", group_scale="1..2", reference=2, interval="linearised"
    )
    found = row(run(metric, data), "ratio", "1")
    assert (found["value"], found["ci_high"]) == (0.0, None)
    assert "the group has no events" in found["message"]


# --------------------------------------------------------------------------- execution, recovery


def test_a_step_that_is_never_due_is_no_failure() -> None:
    data = {"S1": [1, 1, 0, 1], "S2": [2, 2, 2, 2], "S3": [1, 0, 1, None]}
    results = run(Execution(steps="S{1..3}"), data)
    never = row(results, "rate", "S2")
    assert (never["value"], never["status"], never["message"].split("; ")[-1]) == (
        *(None, "undefined"),
        "never due",
    )
    assert row(results, "rate", "overall")["value"] == pytest.approx(5 / 7)
    assert "steps not recorded: 1" in row(results, "rate", "overall")["message"]
    assert row(results, "rate", "S1")["value"] == pytest.approx(0.75)
    assert row(results, "rate", "complete")["value"] == pytest.approx(0.5)


def test_points_and_critical_steps() -> None:
    data = {"S1": [1, 1, 0], "S2": [0, 1, 1], "S3": [1, 0, 2]}
    metric = Execution(steps="S{1..3}", points={"S1": 3}, critical=("S3",))
    results = run(metric, data)
    assert row(results, "rate", "overall")["value"] == pytest.approx((4 + 4 + 1) / 14)
    # The second process missed its critical step: none of its points count.
    assert row(results, "rate", "vetoed")["value"] == pytest.approx((4 + 0 + 1) / 14)
    assert row(results, "rate", "critical")["value"] == pytest.approx(0.5)
    assert "in which a critical step was missed: 1" in row(results, "rate", "vetoed")["message"]


def test_steps_of_one_process_go_together() -> None:
    """The ratio's error is that of processes, as by hand."""
    draw_ = np.random.default_rng(2)
    table = draw_.integers(0, 3, (50, 4))
    data = {f"S{place + 1}": table[:, place].tolist() for place in range(4)}
    found = row(run(Execution(steps="S{1..4}"), data), "rate", "overall")
    due, met = (table != 2).sum(axis=1), (table == 1).sum(axis=1)
    there = due > 0
    rate, n = met.sum() / due.sum(), there.sum()
    error = np.sqrt(n / (n - 1) * ((met - rate * due)[there] ** 2).sum()) / due.sum()
    assert found["value"] == pytest.approx(rate, rel=1e-12)
    assert found["std_error"] == pytest.approx(error, rel=1e-9)


def test_recovery_tells_what_shares_are_of() -> None:
    data = {
        "done": [1, 1, 1, 0, 1],
        "again": [0, 1, 0, 0, None],
        "happy": [5, 5, 2, 5, None],
        "hours": [10, 50, 20, 90, 30],
    }
    metric = Recovery(
        resolved="done", reopened="again", satisfied="happy", duration="hours", promise=48
    )
    results = run(metric, data)
    # One came back: it was not resolved.
    assert row(results, "rate", "resolved")["value"] == pytest.approx(3 / 5)
    assert row(results, "rate", "reopened")["value"] == pytest.approx(1 / 4)
    satisfied = row(results, "rate", "satisfied")
    assert satisfied["value"] == pytest.approx(1 / 2)
    assert "satisfied, of 2 resolved complaints with an answer" in satisfied["message"]
    assert row(results, "within", "promise")["value"] == pytest.approx(3 / 5)


# --------------------------------------------------------------------------- who stands on them


MONTHS = [f"2025-{month:02}" for month in range(1, 13)] + [f"2026-{m:02}" for m in range(1, 7)]
COMPLAINTS = [3, 0, 2, 4, 1, 3, 2, 0, 3, 1, 2, 3, 2, 1, 12, 3, 2, 0]
VISITS = [900 + 50 * (place % 5) for place in range(len(MONTHS))]

WAVES = """
[study]
data = "table.csv"
min_base = 0

[roles]
wave     = "month"
segments = ["shop"]

[metrics.complaints]
metric   = "complaint_rate"
events   = "complaints"
exposure = "visits"
by       = ["shop", "wave"]

[metrics.chart]
metric = "control"
of     = "complaints"
by     = []

[metrics.trend]
metric = "trend"
of     = "complaints"
by     = []

[[standards]]
metric  = "complaints"
at_most = 3.5
"""


@pytest.fixture(scope="module")
def waves(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("waves")
    lines = ["month,complaints,visits,shop"]
    for month, complaints, visits in zip(MONTHS, COMPLAINTS, VISITS, strict=True):
        lines.append(f"{month},{complaints},{visits - 300},A")
        lines.append(f"{month},0,300,B")
    (folder / "table.csv").write_text("\n".join(lines) + "\n", "utf-8")
    (folder / "study.toml").write_text(WAVES, "utf-8")
    return folder


def test_a_control_chart_counts_events_on_their_exposure(waves: Path) -> None:
    results = satcore.run(waves / "study.toml")
    assert not list(results.failures)
    wanted = chart(COMPLAINTS, [visits / 1000 for visits in VISITS], kind="u")
    found = {one["item"]: one for one in results.rows("chart", "upper_limit")}
    for place, month in enumerate(MONTHS):
        assert found[month]["value"] == pytest.approx(float(wanted.upper[0, place]), rel=1e-12)
    signals = [one["item"] for one in results.rows("chart", "signal") if one["value"]]
    assert signals[0] == "2026-03"
    sigma = next(iter(results.rows("chart", "sigma")))
    assert (sigma["label"], sigma["message"]) == ("u", "Poisson variance")


def test_a_trend_and_a_standard_stand_on_a_rate(waves: Path) -> None:
    results = satcore.run(waves / "study.toml")
    (slope,) = list(results.rows("trend", "slope"))
    assert slope["status"] == "ok"
    assert slope["std_error"] > 0
    (standard,) = list(results.standard_rows())
    assert standard["outcome"] == "met"
    assert standard["value"] == pytest.approx(1000 * sum(COMPLAINTS) / sum(VISITS))


def test_the_chart_of_events_with_one_exposure_is_refused(waves: Path, tmp_path: Path) -> None:
    text = WAVES.replace('"table.csv"', f'"{(waves / "table.csv").as_posix()}"')
    study = tmp_path / "study.toml"
    study.write_text(text.replace('metric = "control"', 'metric = "control"\nchart = "c"'), "utf-8")
    results = satcore.run(study)
    assert any("u would do" in one["message"] for one in results.rows("chart"))


def every_kind(rows: int = 600) -> dict[str, list[Any]]:
    draw_ = np.random.default_rng(1)
    opened = np.datetime64("2025-01-01") + draw_.integers(0, 500_000, rows).astype("timedelta64[m]")
    closed = opened + draw_.integers(0, 5000, rows).astype("timedelta64[m]")
    return {
        "shop": [str(one) for one in draw_.choice(["A", "B", "C"], rows)],
        "month": [str(one)[:7] for one in opened],
        "opened": [str(one) for one in opened],
        "closed": [str(one) if one < np.datetime64("2025-12-01") else None for one in closed],
        "c": draw_.poisson(0.3, rows).tolist(),
        "v": draw_.integers(5, 30, rows).tolist(),
        "h": draw_.integers(0, 60, rows).tolist(),
        "flag": draw_.integers(0, 2, rows).tolist(),
        "S1": draw_.integers(0, 3, rows).tolist(),
        "S2": [2] * rows,
        "happy": draw_.integers(1, 6, rows).tolist(),
    }


KINDS = {
    "complaints": 'metric = "complaint_rate"\nevents = "c"\nexposure = "v"',
    "times": 'metric = "response_time"\nopened = "opened"\nclosed = "closed"\n'
    'until = "2025-12-01"\npromise = 24.0\nzone = "Asia/Shanghai"',
    "churn": 'left = "flag"\ntenure = "h"\nat = [10, 20]',
    "turnover": 'separations = "c"\nheadcount = ["v"]',
    "execution": 'steps = ["S1", "S2"]',
    "recovery": 'resolved = "flag"\nsatisfied = "happy"',
}
ITEMS = {"execution": "overall", "recovery": "resolved"}


@pytest.fixture(scope="module")
def studied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import polars as pl

    folder = tmp_path_factory.mktemp("kinds")
    pl.DataFrame(every_kind()).write_csv(folder / "table.csv")
    text = (
        '[study]\ndata = "table.csv"\nmin_base = 0\nby = ["shop"]\n'
        '[roles]\nsegments = ["shop"]\nwave = { time = "opened", period = "month" }\n'
    )
    for name, options in KINDS.items():
        item = f'item = "{ITEMS[name]}"\n' if name in ITEMS else ""
        text += f"[metrics.{name}]\n{options}\n"
        for of in ("trend", "control"):
            text += f'[metrics.{name}_{of}]\nmetric = "{of}"\nof = "{name}"\n{item}by = []\n'
        text += f'[[standards]]\nmetric = "{name}"\n{item}at_least = 0.001\n'
    (folder / "study.toml").write_text(text, "utf-8")
    return folder


def test_every_kind_has_a_trend_a_chart_and_a_standard(studied: Path) -> None:
    results = satcore.run(studied / "study.toml")
    assert not list(results.failures)
    standards = {one["metric"]: one for one in results.standard_rows()}
    for name in KINDS:
        (slope,) = list(results.rows(f"{name}_trend", "slope"))
        assert np.isfinite(slope["value"])
        assert slope["std_error"] > 0
        sigma = next(iter(results.rows(f"{name}_control", "sigma")))
        assert sigma["label"] == ("u" if name in ("complaints", "turnover") else sigma["label"])
        assert sigma["value"] > 0
        assert standards[name]["outcome"] == "met"


@pytest.mark.parametrize("engine", ["processes", "saved"])
def test_states_travel(studied: Path, tmp_path: Path, engine: str) -> None:
    """Processes give the rows that threads give, and so does what was saved and loaded."""
    wanted = satcore.run(studied / "study.toml")
    if engine == "saved":
        plan = satcore.plan(studied / "study.toml")
        satcore.save(plan, satcore.scan(plan), tmp_path / "states.satcore")
        found = satcore.evaluate(plan, satcore.load(tmp_path / "states.satcore").bundle)
    else:
        found = satcore.run(studied / "study.toml", engine="processes")
    for name in KINDS:
        assert list(found.rows(name)) == list(wanted.rows(name))


# --------------------------------------------------------------------------- options


@pytest.mark.parametrize(
    ("metric", "told"),
    [
        (ComplaintRate(events="c", since="2026-01-01"), "name the column of their time"),
        (ComplaintRate(events="c", per=0), "0 is no number of units"),
        (ComplaintRate(events="c", time="d", zone="Mars/X"), "is no time zone"),
        (ComplaintRate(events="c", time="d", since="soon"), "is no time"),
        (
            ComplaintRate(events="c", time="d", since="2026-02-01", until="2026-01-01"),
            "ends before",
        ),
        (ComplaintRate(events="c", event=(7,)), "7 is no value of 'c'"),
        (ComplaintRate(events="c", groups="g", group_scale="1..2", reference=3), "3 is no value"),
        (ResponseTime(), "none is given"),
        (ResponseTime(duration="d", opened="o"), "both given"),
        (ResponseTime(opened="o", closed="c"), "say when the table was drawn"),
        (ResponseTime(opened="o", until="2026-01-01"), "wants closed beside it"),
        (ResponseTime(duration="d", until="2026-01-01"), "durations say nothing of when"),
        (ResponseTime(duration="d", promise=1.5), "no whole number of steps"),
        (ResponseTime(duration="d", promise=9999), "outside 0 to longest = 2000"),
        (ResponseTime(duration="d", resolution=0), "no step of time"),
        (ResponseTime(duration="d", resolution=0.001), "more than 60,000"),
        (ResponseTime(duration="d", at="9..1"), "is no range"),
        (Churn(), "none is given"),
        (Churn(left="l", at=(3,)), "survival at times asks"),
        (Churn(lost="l", customers="c", since="2026-01-01"), "a window goes with joined"),
        (Churn(joined="a", ended="b"), "give since and until"),
        (Turnover(separations="s"), "wants headcount beside it"),
        (Turnover(separations="s", headcount=("h",), months=0), "no number of months"),
        (Execution(steps="S{1..3}", critical=("S9",)), "none of the steps"),
        (Execution(steps="S{1..3}", points={"S1": 0}), "counts 0"),
        (Execution(steps="S{3..1}"), "runs downwards"),
        (Execution(steps=("overall",)), "the name of several together"),
        (Execution(steps="S{1..3}", followed=(2,)), "followed and for not due"),
        (Recovery(resolved="r", promise=3), "asks for times and for a promise"),
    ],
)
def test_options_that_cannot_stand(metric: Any, told: str) -> None:
    with pytest.raises(OptionError, match=re.escape(told)):
        metric.statistics(Codebook())


@pytest.mark.parametrize(
    ("metric", "wanted"),
    [
        (satcore_operations.ComplaintRate(events="n", scale="1..2"), "event: scale is given"),
        (Churn(lost="n", customers="m", left_values=(2,)), "left: left_values is given"),
        (ResponseTime(duration="n", open_values=(2,)), "open: open_values is given"),
        (ResponseTime(duration="n", open_scale="1..2"), "open: open_scale is given"),
    ],
)
def test_options_that_nothing_reads_are_refused(metric: Any, wanted: str) -> None:
    """1 and 2 on a scale are no counts: without `event` twos would be two complaints each."""
    with pytest.raises(StudyError, match=f"{wanted}, and wants "):
        run(metric, {"n": [1, 2, 2], "m": [3, 3, 3]})


def test_survival_by_times_is_refused_under_weights() -> None:
    metric = Churn(joined="j", ended="e", since="2026-01-01", until="2026-03-31")
    with pytest.raises(StudyError, match="errors under weights"):
        run(metric, {"j": ["2025-01-01"], "e": [None], "w": [1.0]}, weight="w")


# --------------------------------------------------------------------------- words, pictures


def test_every_message_has_its_chinese() -> None:
    folder = Path(satcore_operations.__file__).parent
    said = {}
    for node in ast.parse((folder / "telling.py").read_text("utf-8")).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            said[node.target.id] = ast.literal_eval(node.value)
    assert all(getattr(telling, name) == text for name, text in said.items())
    catalogue = (folder / "locale/zh/LC_MESSAGES/satcore_operations.po").read_text("utf-8")
    # Methods and units stand in contexts of their own.
    pairs = dict(re.findall(r'(?<=\n\n)msgid "(.+)"\nmsgstr "(.+)"(?=\n)', catalogue))
    assert set(pairs) == set(said.values())
    for english, chinese in pairs.items():
        names = [sorted(re.findall(r"\{(\w+)\}", text)) for text in (english, chinese)]
        assert names[0] == names[1], english


@pytest.mark.parametrize("language", ["en", "zh"])
def test_findings_and_pictures_of_every_kind(language: str) -> None:
    draw_ = np.random.default_rng(1)
    n = 300
    data = {
        "shop": ["A", "B", "C"] * (n // 3),
        "month": [MONTHS[place % 6] for place in range(n)],
        "c": draw_.poisson(0.3, n),
        "v": draw_.integers(5, 30, n),
        "h": draw_.integers(0, 60, n),
        "open": draw_.integers(0, 2, n),
        "S1": draw_.integers(0, 3, n),
        "S2": [2] * n,
        "happy": draw_.integers(1, 6, n),
    }
    metrics = {
        "complaints": ComplaintRate(events="c", exposure="v", groups="S1", group_scale="0..2"),
        "times": ResponseTime(duration="h", open="open", promise=24, at="0..48"),
        "churn": Churn(left="open", tenure="h", at="1..40"),
        "turnover": Turnover(separations="c", headcount=("v",), voluntary="open"),
        "execution": Execution(steps=("S1", "S2"), critical=("S1",)),
        "recovery": Recovery(resolved="open", satisfied="happy", duration="h", promise=24),
    }
    results = satcore.run(
        metrics, {k: list(v) for k, v in data.items()}, segments=["shop"], wave="month"
    )
    assert not list(results.failures)
    for measured in results.metrics:
        told = list(measured.metric.findings(results, measured.name, language))
        assert told, measured.name
        if language == "zh":
            assert all(re.search(r"[\u4e00-\u9fff]", sentence) for sentence in told)
        pictures = list(measured.metric.charts(results, measured.name, language))
        assert len(pictures) >= 2, measured.name
        for picture in pictures[:2]:
            assert picture.alt
            assert draw(picture).startswith(b"<svg")
        # Cases, visits and employees are no answers.
        spoken = json.dumps([[one.alt, one.spec] for one in pictures], ensure_ascii=False)
        assert not re.search("(?i)answers|回答", spoken), measured.name
    (curve, *_) = results.metrics[1].metric.charts(results, "times", language)
    marks = [layer["mark"]["type"] for layer in curve.spec["layer"]]
    assert marks == ["area", "line", "tick"]
    # What lies between times is not drawn as if it were known.
    few = ResponseTime(duration="h", open="open", at=(12, 24, 48))
    results = satcore.run({"it": few}, {k: list(v) for k, v in data.items()})
    (points, *_) = results.metrics[0].metric.charts(results, "it", language)
    assert [layer["mark"]["type"] for layer in points.spec["layer"]] == ["rule", "point"]


def test_steps_that_are_asked_alike_keep_lines_of_their_own() -> None:
    asked = {"label": "Was it done?"}
    study = {
        "items": {"S1": asked, "S2": asked},
        "metrics": {"execution": {"steps": ["S1", "S2"], "scale": "0..1", "not_due": []}},
    }
    answers = {"S1": [0, 1, 1, 1] * 30, "S2": [1, 0, 0, 0] * 30}
    results = satcore.run(satcore.Study.of(study), answers)
    (picture, *_) = results.metrics[0].metric.charts(results, "execution")
    rows = picture.spec["data"]["values"]
    assert {row["label"]: row["value"] for row in rows[-2:]} == {
        "Was it done?": 0.75,
        "Was it done? (S2)": 0.25,
    }


def test_the_command_line_tells_mistakes(waves: Path) -> None:
    study = waves / "odd.toml"
    table = (waves / "table.csv").read_text("utf-8").replace("2026-03,12,", "2026-03,-12,")
    (waves / "odd.csv").write_text(table, "utf-8")
    study.write_text(WAVES.replace("table.csv", "odd.csv"), "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "satcore", "run", str(study)],
        capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "complaints" in done.stderr
    assert "-12" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("wave", ["", 'wave = { time = "opened", period = "month" }'])
def test_simulated_cases_are_closed_after_they_are_opened(tmp_path: Path, wave: str) -> None:
    from satcore.testing import simulate

    study = tmp_path / "study.toml"
    study.write_text(
        f'[study]\ndata = "made.csv"\n[roles]\n{wave}\n[metrics.times]\nmetric = "response_time"\n'
        'opened = "opened"\nclosed = "closed"\nuntil = "2030-12-31"\nzone = "Europe/Berlin"\n'
        '[metrics.complaints]\nmetric = "complaint_rate"\nevents = "c"\nexposure = "v"\n',
        "utf-8",
    )
    simulate(satcore.Study.load(study), rows=400).write(tmp_path / "made.csv")
    results = satcore.run(study)
    (median,) = [one for one in results.rows("times", "median") if not one["cell"]]
    assert 5 < median["value"] < 80
    assert "closed before" not in median["message"]
    (rate,) = [one for one in results.rows("complaints", "rate") if not one["cell"]]
    assert rate["value"] > 0


@pytest.mark.parametrize(
    "metric",
    [
        ComplaintRate(events="c", exposure="v"),
        ComplaintRate(events="c", exposure="v", groups="k", group_scale="1..2"),
        Churn(lost="c", customers="v"),
        Turnover(separations="c", headcount=("v",), voluntary="w"),
    ],
    ids=lambda metric: type(metric).__name__,
)
def test_few_rows_are_withheld_whatever_they_were_exposed_to(metric: Any) -> None:
    """Three people with fifty visits each are three."""
    draw_ = np.random.default_rng(2)
    sizes = {"few": 3, "many": 40, "more": 50}
    n = sum(sizes.values())
    data = {
        "g": np.repeat(list(sizes), list(sizes.values())),
        "c": draw_.integers(0, 3, n),
        "w": np.zeros(n, dtype=int),
        "v": draw_.integers(40, 60, n),
        "k": np.arange(n) % 2 + 1,
    }
    results = satcore.run(metric, data, segments=["g"], suppress_below=10)
    few = [row for row in results.rows() if row["cell"] == {"g": "few"}]
    assert few
    for row in few:
        assert (row["status"], row["value"], row["base"]) == ("suppressed", None, None)
        assert not re.search(r"\d", row["message"].replace("fewer than 10 answers", ""))
    # One other group is withheld with it; the rest is shown.
    shown = [row for row in results.rows() if row["cell"] == {"g": "more"}]
    assert {row["status"] for row in shown} <= {"ok", "small"}
    assert satcore.run(metric, data, segments=["g"]).rows()[1]["value"] is not None


def test_rows_without_exposure_are_no_empty_cell() -> None:
    """Whoever reads that a group of few had no separations knows what is withheld."""
    data = {
        "g": ["few"] * 2 + ["many"] * 12 + ["more"] * 12,
        "left": [0, 0] + [1] * 24,
        "willing": [0, 0] + [1, 0] * 12,
        "heads": [0, 0] + [9] * 24,
    }
    metric = Turnover(separations="left", headcount=("heads",), voluntary="willing")
    for below, status in ((1, "undefined"), (10, "suppressed")):
        results = satcore.run(metric, data, segments=["g"], suppress_below=below)
        few = [row for row in results.rows() if row["cell"] == {"g": "few"}]
        assert {row["status"] for row in few} == {status}
        assert ("without any heads" in few[0]["message"]) == (below == 1)
        assert "nobody answered" not in few[0]["message"]
    empty = satcore.run(metric, data | {"left": [None] * 26}, segments=["g"]).rows()[0]
    assert empty["status"] == "empty"


@pytest.mark.parametrize("kind", ["trend", "control"])
def test_waves_of_few_rows_are_withheld_from_those_that_look_along_them(kind: str) -> None:
    months = [f"2025-{month:02}" for month in range(1, 9)]
    rows = [3 if month == "2025-04" else 20 for month in months]
    rng = np.random.default_rng(4)
    data = {
        "month": np.repeat(months, rows).tolist(),
        "c": rng.poisson(1.0, sum(rows)).tolist(),
        "v": rng.integers(40, 60, sum(rows)).tolist(),
    }
    table = {
        "study": {"suppress_below": 10},
        "roles": {"wave": "month"},
        "metrics": {
            "it": {"metric": "complaint_rate", "events": "c", "exposure": "v"},
            "of": {"metric": kind, "of": "it"},
        },
    }
    results = satcore.run(satcore.Study.of(table), data)
    hidden = {
        row["cell"]["wave"]
        for row in results.rows("it", "rate")
        if row["cell"] and row["status"] == "suppressed"
    }
    assert "2025-04" in hidden
    assert len(hidden) < len(months)
    of_waves = ("observed", "value", "lower_limit", "upper_limit", "signal")
    told = [row for row in results.rows("of") if row["term"] in of_waves]
    assert {row["item"] for row in told} == set(months)
    for row in told:
        assert (row["status"] == "suppressed") == (row["item"] in hidden)
        assert (row["base"] is None) == (row["item"] in hidden)


def test_shares_name_what_they_are_of() -> None:
    data = {"left": [3, 1], "chose": [1, None], "heads": [9, 9], "ok": [1, 0], "again": [0, 0]}
    turnover = Turnover(separations="left", headcount=("heads",), voluntary="chose", period="May")
    assert row(run(turnover, data), "ratio", "voluntary")["message"] == (
        "fewer than 30 answers; 1 voluntary of 3 separations of which it is said; May; "
        "left out for want of a count or an exposure: 1"
    )
    # Whether a complaint came back is not said where nobody asks.
    for options, told in (({}, "resolved, of 2"), ({"reopened": "again"}, "and not reopened, of")):
        found = row(run(Recovery(resolved="ok", **options), data), "rate", "resolved")
        assert told in found["message"]
    churn = row(run(Churn(left="gone"), {"gone": [1, 0, None]}), "rate")
    assert "left out, nobody says whether they left: 1" in churn["message"]


@pytest.mark.parametrize("open_", [[0, 0, 0, 0], [0, 1, 0, 0]])
def test_the_table_beside_a_curve_names_its_columns(open_: list[int]) -> None:
    metric = ResponseTime(duration="hours", open="open", at="0..9")
    results = run(metric, {"hours": [2, 4, 6, 8], "open": open_})
    page = satcore_html.render(results, "zh").decode()
    (head,) = re.findall(r"<tr>(?:(?!</tr>).)*仍未完成(?:(?!</tr>).)*停止观察.*?</tr>", page, re.S)
    assert re.findall(r">([^<>\s][^<>]*)<", head) == ["小时", "仍未完成", "95% 区间", "停止观察"]
    assert ">high<" not in page


def test_a_yearly_share_is_a_level_and_its_trend_is_in_percentage_points() -> None:
    months = [f"2025-{month:02}" for month in range(1, 13)]
    table = {
        "roles": {"wave": "month"},
        "metrics": {
            "turnover": {"separations": "left", "headcount": ["heads"]},
            "trend": {"of": "turnover"},
            "control": {"of": "turnover"},
        },
    }
    left = [place % 2 + place // 3 for place in range(12)]
    data = {"month": months, "left": left, "heads": [100] * 12}
    results = satcore.run(satcore.Study.of(table), data)
    (slope,) = [row for row in results.rows("trend", "slope") if not row["cell"]]
    assert slope["unit"] == "proportion per year a year"
    points = f"{100 * slope['value']:.2f}"
    pages = {language: satcore_html.render(results, language).decode() for language in ("en", "zh")}
    texts = {name: re.sub(r"\s*<[^>]*>\s*", " ", page) for name, page in pages.items()}
    assert f"{points} percentage points a year a year" in texts["en"]
    assert f"{points} 百分点/年/年" in texts["zh"]
    for language, own, stands_out, changed in (
        ("en", "Separations in a year, on", "What stands out?", "What changed?"),
        ("zh", "年化离职率（占平均人数）", "有何突出之处？", "有何变化？"),
    ):
        text = texts[language]
        assert text.index(stands_out) < text.index(own) < text.index(changed)
        rate = sum(left) / 100
        assert f"{100 * rate:.1f}%" in text
        assert f"{100 * rate:.2f} " not in text


def test_an_exposure_is_no_answers() -> None:
    data = {"c": [1, 0, 2, 0], "v": [40, 50, 60, 30]}
    results = satcore.run(ComplaintRate(events="c", exposure="v"), data)
    assert "From an exposure of 180." in satcore_html.render(results).decode()
    assert "基于 180 单位的暴露量。" in satcore_html.render(results, "zh").decode()
    heads = satcore.run(Turnover(separations="c", headcount=("v",)), data)
    assert "From an exposure of 180." in satcore_html.render(heads).decode()
    table = {
        "metrics": {"complaint_rate": {"events": "c", "exposure": "v"}},
        "standards": [{"metric": "complaint_rate", "at_most": 14}],
    }
    held = satcore.run(satcore.Study.of(table), data)
    page = satcore_html.render(held).decode()
    assert "more units of exposure would decide" in page
    assert "more answers would decide" not in page
    assert "单位方可判定" in satcore_html.render(held, "zh").decode()
