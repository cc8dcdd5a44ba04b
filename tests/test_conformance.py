"""The bundled metrics keep the laws that everybody's metrics are held to.

Nothing here is easier for them: the checks are those of ``satcore.testing``. Where one can't hold,
the reason stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from attrs import field, frozen

from satcore import Metric
from satcore.engines import LocalEngine
from satcore.testing import Check, engine_checks, metric_checks, plugin_checks
from satcore_control import Control
from satcore_drivers import (
    Drivers,
    DriversLogit,
    ImportancePerformance,
    KeyDrivers,
    PenaltyReward,
)
from satcore_journey import Journey
from satcore_kano import Kano
from satcore_multiple import Multiple
from satcore_nps import NPS
from satcore_servqual import Servqual
from satcore_trend import Trend


@frozen(kw_only=True)
class Case:
    """A metric, the metrics that it stands on, and what it can't keep."""

    metric: Metric
    beside: Mapping[str, Metric] = field(factory=dict)
    expected: Mapping[str, str] = field(factory=dict)


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
    "multiple": Case(metric=Multiple(options="Q5_{1..4}", exclusive=("Q5_4",))),
    "multiple_of_what_is_written": Case(
        metric=Multiple(options="Q5_{1..4}", scale="1..1", blank="not chosen", base="chose")
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


@pytest.mark.parametrize(
    "name",
    [
        "control",
        "drivers",
        "files",
        "html",
        "journey",
        "kano",
        "multiple",
        "nps",
        "servqual",
        "trend",
    ],
)
def test_a_bundled_plugin(name: str, plugins: object) -> None:
    """The plugin itself; its metrics are held above."""
    from satcore.plugins import Plugins

    assert isinstance(plugins, Plugins)
    for check in plugin_checks(name, plugins=plugins):
        last = check.name.rpartition(".")[2]
        if "." not in check.name or last in ("terms_named", "example", "escaped", "no_addresses"):
            told = check.told()
            assert told.kind in ("passed", "not_applicable"), told.message
