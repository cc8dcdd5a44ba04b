"""The bundled metrics keep the laws that everybody's metrics are held to.

Nothing here is easier for them: the checks are those of ``satcore.testing``. Where one can't hold,
the reason stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.metadata import distribution

import numpy as np
import pytest
from attrs import field, frozen

from satcore import Metric
from satcore.engines import LocalEngine
from satcore.testing import Check, engine_checks, metric_checks, plugin_checks
from satcore_control import Control
from satcore_csat import Csat, Effort, TopBox
from satcore_drivers import (
    Drivers,
    DriversLogit,
    ImportancePerformance,
    KeyDrivers,
    PenaltyReward,
)
from satcore_expectation import Expectation
from satcore_journey import Journey
from satcore_kano import Kano
from satcore_loyalty import Loyalty, LoyaltyLink, LoyaltyShares, SatisfactionMirror
from satcore_multiple import Multiple
from satcore_nps import NPS
from satcore_operations import Churn, ComplaintRate, Execution, Recovery, ResponseTime, Turnover
from satcore_servqual import Servqual
from satcore_trend import Trend


@frozen(kw_only=True)
class Case:
    """A metric, the metrics that it stands on, and what it can't keep."""

    metric: Metric
    beside: Mapping[str, Metric] = field(factory=dict)
    expected: Mapping[str, str] = field(factory=dict)
    survey: object = None


def event_table() -> dict[str, list[object]]:
    """Events that happen one by one, so that their counts are Poisson's and the binomial's."""
    draw = np.random.default_rng(7)
    rows = 2000
    customers = draw.integers(20, 60, rows)
    lost = draw.binomial(customers, 0.1)
    hours = draw.integers(0, 2000, rows)
    stay = draw.integers(1, 1500, rows)
    first = np.datetime64("2025-01-01T00:00")
    opened = first + hours.astype("timedelta64[h]")
    closed = opened + stay.astype("timedelta64[h]")
    return {
        "complaints": draw.poisson(0.4, rows).tolist(),
        "tier": draw.integers(1, 4, rows).tolist(),
        "customers": customers.tolist(),
        "lost": lost.tolist(),
        "willing": draw.binomial(lost, 0.6).tolist(),
        "opened": [str(one) for one in opened],
        "closed": [str(one) if draw.random() < 0.9 else None for one in closed],
    }


EVENTS = event_table()

BESIDE = {"nps": NPS(item="Q1")}

RATED = {"outcome": "Q1", "drivers": "Q2_{1..3}", "scale": "1..5"}

WHOLE_RANKS = {
    "interval_levels[rank]": "ranks are whole, and from the first to the last is as wide as an "
    "interval of them can be",
}

REPEATED = (
    "waves are weighed by their standard errors, which get smaller when rows are repeated and not "
    "when they are weighted"
)

#: What every bundled metric is held to; what one can't keep is named with its reason.
CASES = {
    "nps": Case(metric=NPS(item="Q1")),
    "kano": Case(
        metric=Kano(
            features=("F1", "F2"),
            functional="{feature}_functional",
            dysfunctional="{feature}_dysfunctional",
        ),
        expected={
            "integer_weights[fong]": "Fong's test asks how many answered, not what they weigh",
        },
    ),
    "csat": Case(metric=Csat(item="Q1", quantiles=(25, 75))),
    "csat_reversed": Case(metric=Csat(item="Q1", scale="0..10", reversed=True)),
    "ces": Case(metric=Effort(item="Q1")),
    "top_box": Case(metric=TopBox(item="Q1", scale="0..10", box=(9, 10))),
    "expectation": Case(
        metric=Expectation(
            outcome="S", expectation="E", perception="P", disconfirmation="D", scale="1..5"
        )
    ),
    "loyalty": Case(
        metric=Loyalty(
            constructs={
                "Quality": "PERQ{1..3}",
                "Satisfaction": ("CUSA1", "CUSA2"),
                "Loyalty": "CUSL",
            },
            paths=("Quality -> Satisfaction, Loyalty", "Satisfaction -> Loyalty"),
            replicates=60,
        )
    ),
    "loyalty_shares": Case(
        metric=LoyaltyShares(intentions={"repurchase": "Q7", "recommend": "Q8", "stay": "Q9"})
    ),
    "loyalty_link": Case(
        metric=LoyaltyLink(
            satisfaction="Q1", loyalty="Q8", scale="1..5", loyal=(5,), satisfied=(4, 5)
        )
    ),
    "satisfaction_mirror": Case(
        metric=SatisfactionMirror(unit="branch", units="1..8", staff="S1", customers="Q1"),
        expected={
            f"integer_weights[{term}]": "the error of a unit's mean is taken off, and rests on how "
            "many answered, which repeated rows make more"
            for term in ("correlation", "slope")
        },
    ),
    "multiple": Case(metric=Multiple(options="Q5_{1..4}", exclusive=("Q5_4",))),
    "multiple_of_what_is_written": Case(
        metric=Multiple(options="Q5_{1..4}", scale="1..1", blank="not chosen", base="chose")
    ),
    "complaint_rate": Case(
        metric=ComplaintRate(
            events="complained", event=(1,), exposure="visits", interval="linearised"
        )
    ),
    "complaint_rate_of_counts": Case(
        metric=ComplaintRate(events="complaints", groups="tier", group_scale="1..3"),
        survey=EVENTS,
    ),
    "response_time": Case(
        metric=ResponseTime(
            opened="opened",
            closed="closed",
            until="2026-01-01",
            promise=400,
            unit="hour",
            longest=5000,
            at=(100, 400, 2000),
        )
    ),
    "response_time_of_durations": Case(
        metric=ResponseTime(duration="hours", open="open", promise=24, at=(24, 72))
    ),
    "churn": Case(metric=Churn(left="left", tenure="tenure", at=(12, 24))),
    "churn_of_counts": Case(metric=Churn(lost="lost", customers="customers"), survey=EVENTS),
    "churn_of_times": Case(
        metric=Churn(
            joined="opened",
            ended="closed",
            since="2025-02-01",
            until="2025-03-31",
            unit="day",
            at=(20, 30),
        ),
        survey=EVENTS,
    ),
    "turnover": Case(
        metric=Turnover(separations="lost", headcount=("customers",), voluntary="willing"),
        survey=EVENTS,
    ),
    "execution": Case(
        metric=Execution(steps="S{1..4}", points={"S1": 2}, critical=("S3",)),
    ),
    "recovery": Case(
        metric=Recovery(
            resolved="resolved",
            satisfied="satisfied",
            reopened="again",
            duration="hours",
            promise=48,
        )
    ),
    "servqual": Case(
        metric=Servqual(perception="P{1..22}", expectation="E{1..22}"),
        expected={
            "integer_weights[effect_size]": "the effect size divides by n-1, and repeated rows "
            "are more",
            "integer_weights[omega]": "of a handful of respondents the likelihood creeps towards "
            "an own variance of 0, and its fixed steps stop a few hundred-thousandths apart",
        },
    ),
    "drivers": Case(metric=Drivers(**RATED, replicates=50), expected=WHOLE_RANKS),
    "drivers_pairwise": Case(
        metric=Drivers(**RATED, missing="pairwise", order_by="lmg", replicates=50),
        expected=WHOLE_RANKS,
    ),
    "penalty_reward": Case(
        metric=PenaltyReward(**RATED, low=2, high=4),
        expected={
            "integer_weights[factor]": "a class rests on errors, and repeated rows are more "
            "answers than weights make of them",
        },
    ),
    "key_drivers": Case(metric=KeyDrivers(**RATED, at=2)),
    "importance_performance": Case(metric=ImportancePerformance(**RATED, replicates=50)),
    "importance_performance_stated": Case(
        metric=ImportancePerformance(
            drivers="Q2_{1..3}", importance="Q3_{1..3}", scale="1..5", lines="scale", replicates=50
        )
    ),
    "drivers_logit": Case(metric=DriversLogit(outcome="Q1", drivers="Q2_{1..3}", scale="1..5")),
    "journey": Case(
        metric=Journey(
            touchpoints=("Q2_1", "Q2_2", "Q2_3"), overall="Q1", scale="1..5", replicates=50
        ),
        expected=WHOLE_RANKS,
    ),
    "journey_by_contact": Case(
        metric=Journey(
            touchpoint="Q4",
            touchpoints=("web", "shop"),
            value="Q2",
            channel="Q5",
            channels=("app", "desk"),
            overall="Q1",
            scale="1..5",
            replicates=50,
        ),
        expected=WHOLE_RANKS,
    ),
    "trend": Case(metric=Trend(of="nps"), beside=BESIDE, expected={"integer_weights": REPEATED}),
    "trend_of_answers": Case(
        metric=Trend(item="Q1"),
        expected={
            "integer_weights[dispersion]": "dispersion divides by the answers left over, and "
            "repeated rows are more",
        },
    ),
    "control": Case(
        metric=Control(of="nps"),
        beside=BESIDE,
        expected={
            "integer_weights": "sigma is that of the waves' effective answers, which are fewer "
            "than repeated rows",
        },
    ),
}


def checks() -> Iterator[object]:
    for name, case in CASES.items():
        for check in metric_checks(
            case.metric,
            beside=case.beside,
            survey=case.survey,
            expected_failures=case.expected,
        ):
            # What is counted for one check serves the next.
            group = pytest.mark.xdist_group(f"conformance {name}")
            yield pytest.param(check, id=f"{name}-{check}", marks=group)


@pytest.mark.parametrize("check", list(checks()))
def test_a_bundled_metric(check: Check) -> None:
    check()


@pytest.mark.parametrize("check", engine_checks(LocalEngine(threads=3)), ids=str)
def test_the_local_engine(check: Check) -> None:
    check()


#: Checks of a plugin's metrics that need no law of their own here.
HELD_OF_BUNDLED = ("terms_named", "chinese", "example", "escaped", "no_addresses")


@pytest.mark.parametrize(
    "name",
    sorted(
        one.name
        for one in distribution("satcore").entry_points.select(group="satcore")
        if one.name not in ("dask", "spark", "sql")
    ),
)
def test_a_bundled_plugin(name: str, plugins: object) -> None:
    """The plugin itself; its metrics are held above."""
    from satcore.plugins import Plugins

    assert isinstance(plugins, Plugins)
    for check in plugin_checks(name, plugins=plugins):
        last = check.name.rpartition(".")[2]
        if "." not in check.name or last in HELD_OF_BUNDLED:
            told = check.told()
            assert told.kind in ("passed", "not_applicable"), told.message
