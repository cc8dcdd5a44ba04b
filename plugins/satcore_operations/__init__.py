"""Operational indicators: complaints, response times, churn, turnover, execution, recovery.

From event tables: rows of what happened, with durations, times and exposures. How they fit states
that merge stands in ``docs/explanation/events.md``.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from satcore import CatalogueSpec, MetricSpec, hookimpl
from satcore_operations.churn import Churn
from satcore_operations.complaints import ComplaintRate
from satcore_operations.execution import Execution
from satcore_operations.recovery import Recovery
from satcore_operations.response import ResponseTime
from satcore_operations.turnover import Turnover

__all__ = [
    "Churn",
    "ComplaintRate",
    "Execution",
    "Recovery",
    "ResponseTime",
    "Turnover",
    "satcore_catalogues",
    "satcore_metrics",
]


@hookimpl
def satcore_metrics() -> Iterable[MetricSpec]:
    """The six kinds."""
    return [
        MetricSpec(
            "complaint_rate",
            ComplaintRate,
            summary="Complaints by exposure: exact Poisson intervals and rate ratios",
            primary="rate",
            example={"events": "complaints", "exposure": "visits", "interval": "linearised"},
            headline=("rate", "ratio"),
            title={"en": "Complaint rate", "zh": "投诉率"},
            terms={
                "rate": {"en": "Rate", "zh": "投诉率"},
                "ratio": {"en": "Rate ratio", "zh": "率比"},
            },
        ),
        MetricSpec(
            "response_time",
            ResponseTime,
            summary="Response and resolution time: median, P90, within the promise, open cases",
            primary="median",
            example={"duration": "hours", "promise": 24.0, "at": [24.0, 72.0]},
            headline=("median", "p90", "within"),
            title={"en": "Response time", "zh": "响应时间"},
            terms={
                "median": {"en": "Median", "zh": "中位数"},
                "p90": {"en": "90th percentile", "zh": "第 90 百分位数"},
                "within": {"en": "Within the promise", "zh": "承诺时限内"},
                "survival": {"en": "Still open", "zh": "仍未完成"},
                "censored": {"en": "Open, followed no longer", "zh": "未完成即停止观察"},
            },
        ),
        MetricSpec(
            "churn",
            Churn,
            summary="Churn and retention of customers at the start; survival by tenure",
            primary="rate",
            example={"left": "left", "tenure": "tenure", "at": [12.0, 24.0]},
            headline=("rate", "retention", "survival"),
            title={"en": "Churn", "zh": "客户流失"},
            terms={
                "rate": {"en": "Churn rate", "zh": "流失率"},
                "retention": {"en": "Retention", "zh": "留存率"},
                "survival": {"en": "Still there", "zh": "生存率"},
                "censored": {"en": "There, followed no longer", "zh": "未流失即停止观察"},
                "median": {"en": "Median tenure", "zh": "客户寿命中位数"},
            },
        ),
        MetricSpec(
            "turnover",
            Turnover,
            summary="Staff turnover in a year on average headcount; voluntary apart",
            primary="rate",
            example={"separations": "separations", "headcount": ["at_start", "at_end"]},
            headline=("rate", "ratio"),
            title={"en": "Staff turnover", "zh": "员工流动"},
            terms={
                "rate": {"en": "Turnover in a year", "zh": "年化离职率"},
                "ratio": {"en": "Share of separations", "zh": "占离职比例"},
            },
        ),
        MetricSpec(
            "execution",
            Execution,
            summary="Process execution: steps followed of steps due, critical steps as veto",
            primary="rate",
            example={"steps": "S{1..4}", "points": {"S1": 2}, "critical": ["S3"]},
            headline=("rate",),
            title={"en": "Process execution", "zh": "流程执行率"},
            terms={"rate": {"en": "Execution rate", "zh": "执行率"}},
        ),
        MetricSpec(
            "recovery",
            Recovery,
            summary="Complaint recovery: resolved, within the promise, satisfied after",
            primary="rate",
            example={
                "resolved": "resolved",
                "satisfied": "satisfied",
                "duration": "hours",
                "promise": 48.0,
            },
            headline=("rate", "within"),
            title={"en": "Complaint recovery", "zh": "投诉补救"},
            terms={
                "rate": {"en": "Share", "zh": "比例"},
                "within": {"en": "Within the promise", "zh": "承诺时限内"},
            },
        ),
    ]


@hookimpl
def satcore_catalogues() -> Iterable[CatalogueSpec]:
    """What operational indicators say, in Chinese."""
    folder = Path(__file__).with_name("locale")
    return [CatalogueSpec("satcore_operations", folder, "What operational indicators say")]
