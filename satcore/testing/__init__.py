"""Conformance checks: does a plugin keep the laws?

``metric_checks`` and its kin give small named checks, one law each, for pytest and for the command
line. They need the extra ``testing`` (pytest, hypothesis); a check that fails says which law is
broken, by the smallest answers that show it.
"""

from __future__ import annotations

from satcore.testing.checks import Check, LawError, NotApplicable, Told
from satcore.testing.engines import engine_checks
from satcore.testing.instruments import SimulatedInstrument, simulate_instrument
from satcore.testing.metrics import metric_checks, statistic_checks
from satcore.testing.outcomes import Outcome, run_checks
from satcore.testing.plugin import plugin_checks
from satcore.testing.readers import survey_checks
from satcore.testing.reports import report_checks
from satcore.testing.simulate import Simulated, simulate

__all__ = [
    "Check",
    "LawError",
    "NotApplicable",
    "Outcome",
    "Simulated",
    "SimulatedInstrument",
    "Told",
    "engine_checks",
    "metric_checks",
    "plugin_checks",
    "report_checks",
    "run_checks",
    "simulate",
    "simulate_instrument",
    "statistic_checks",
    "survey_checks",
]
