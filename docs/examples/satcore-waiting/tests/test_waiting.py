"""Waiting times: satcore's laws, exact quantiles, and the interval by order statistics."""

import math
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
import satcore
from hypothesis import given, settings
from hypothesis import strategies as st
from satcore.testing import Check, metric_checks, statistic_checks

from satcore_waiting import LogHistogram, Waiting

MINUTES = satcore.Measure(name="minutes")


def waits(rows: int, seed: int = 0) -> list[float]:
    """Times as they are at a counter: many short, a few long."""
    return [float(one) for one in np.random.default_rng(seed).lognormal(2.3, 0.7, rows)]


@pytest.mark.parametrize("check", statistic_checks(LogHistogram(of=MINUTES)), ids=str)
def test_law_of_the_statistic(check: Check) -> None:
    check()


@pytest.mark.parametrize(
    "check", metric_checks(Waiting(item="minutes"), survey={"minutes": waits(2000)}), ids=str
)
def test_law_of_the_metric(check: Check) -> None:
    check()


def found(times: list[Any], term: str = "median", **options: Any) -> satcore.EstimateRow:
    metric = Waiting(item="minutes", **options)
    return satcore.run(metric, {"minutes": times}).rows(term=term)[0]


@settings(derandomize=True, database=None, max_examples=50, deadline=None)
@given(
    times=st.lists(st.floats(0, 9_999), min_size=1, max_size=30),
    q=st.sampled_from([0.1, 0.5, 0.9]),
)
def test_every_quantile_is_within_its_error(times: list[float], q: float) -> None:
    row = found(times, term=f"p{100 * q:g}" if q != 0.5 else "median", quantiles=(q,))
    exact = float(np.quantile(times, q, method="inverted_cdf"))
    assert row["value"] == pytest.approx(exact, rel=0.0100001, abs=0.1)


@pytest.mark.parametrize("error", [0.001, 0.01, 0.1])
def test_finer_where_asked(error: float) -> None:
    times = waits(1001)
    exact = float(np.quantile(times, 0.5, method="inverted_cdf"))
    row = found(times, error=error)
    assert row["value"] == pytest.approx(exact, rel=error * 1.0001)


def test_the_buckets() -> None:
    assert LogHistogram(of=MINUTES).buckets == 1160  # as the README says
    upper = LogHistogram(of=MINUTES, error=0.1, shortest=1, longest=100).upper
    assert upper[0] == 1
    assert upper[1:] / upper[:-1] == pytest.approx(1.1)
    assert upper[-2] < 100 <= upper[-1]


def test_the_median_of_grouped_times() -> None:
    # Two times up to 1, four from 1.5 to 2.25, two beyond: it is half way through the four.
    times = [0.5, 0.5, 2, 2, 2, 2, 3, 3]
    assert found(times, error=0.5, shortest=1.0)["value"] == pytest.approx(1.5 + 0.75 * 2 / 4)


def test_the_interval_by_order_statistics() -> None:
    # 400 times: ranks 200 ± 1.96 √(400/4) are 180.4 and 219.6, the times of ranks 181 and 220.
    times = sorted(waits(400))
    row = found(times, error=0.0001)
    assert row["ci_low"] == pytest.approx(times[180], rel=3e-4)
    assert row["ci_high"] == pytest.approx(times[219], rel=3e-4)
    width = times[219] - times[180]
    assert row["std_error"] == pytest.approx(width / (2 * NormalDist().inv_cdf(0.975)), rel=5e-3)
    assert row["method"] == "woodruff"


def test_too_few_times_for_an_upper_bound() -> None:
    row = found(waits(10), term="p90")
    assert row["value"] is not None
    assert row["ci_low"] is not None
    assert (row["ci_high"], row["std_error"]) == (math.inf, None)


def test_weights_count() -> None:
    answers = {"minutes": [5.0, 5.0, 50.0], "w": [1.0, 1.0, 3.0]}
    plain = satcore.run(Waiting(item="minutes"), answers).rows(term="median")[0]
    weighted = satcore.run(Waiting(item="minutes"), answers, weight="w").rows(term="median")[0]
    assert plain["value"] == pytest.approx(5.0, rel=0.01)
    assert weighted["value"] == pytest.approx(50.0, rel=0.01)
    assert weighted["weighted_base"] == 5.0
    assert weighted["effective_base"] == pytest.approx(25 / 11)


def test_no_time_is_lost() -> None:
    row = found([-1, -2, None, 0, 0.05, 3, 20_000])
    assert row["base"] == 4
    assert "times below 0 left out: 2" in row["message"]
    assert row["value"] == 0.1
    long = found([3, 20_000, 30_000])
    assert (long["value"], long["status"]) == (None, "undefined")
    assert "raise `longest`" in long["message"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"quantiles": (90.0,)}, "90.0 is no share between 0 and 1"),
        ({"quantiles": ()}, "give at least one"),
        ({"error": 0.0}, "is not between"),
        ({"shortest": 10.0, "longest": 1.0}, "is no range of times"),
    ],
)
def test_options_that_cannot_stand(options: dict[str, Any], message: str) -> None:
    with pytest.raises(satcore.StudyError, match=message):
        found([1.0], **options)
