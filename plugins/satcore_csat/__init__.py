"""Satisfaction and effort as shares of a scale: CSAT, CES, and any top box.

Sources: Dixon, Freeman and Toman (2010), Harvard Business Review 88(7/8), "Stop trying to delight
your customers" (effort, 1 to 5, low is good); its second version asks for agreement that it was
made easy (1 to 7, high is good).
"""

from __future__ import annotations

from collections.abc import Iterable

from satcore import MetricSpec, hookimpl
from satcore_csat.boxes import QUANTILES
from satcore_csat.metric import Csat, Effort, TopBox

__all__ = ["Csat", "Effort", "TopBox", "satcore_metrics"]

_MEAN = {"en": "Mean", "zh": "平均分"}
_MEDIAN = {"en": "Median", "zh": "中位数"}
_QUANTILES = {
    f"p{percent}": {"en": f"{percent}th percentile", "zh": f"第 {percent} 百分位数"}
    for percent in QUANTILES
}


@hookimpl
def satcore_metrics() -> Iterable[MetricSpec]:
    """CSAT, CES and top boxes."""
    return [
        MetricSpec(
            "csat",
            Csat,
            summary="Customer satisfaction: share at or above a threshold, mean, median, net",
            primary="csat",
            example={"item": "Q1"},
            headline=("csat", "mean", "median", "top2", "bottom2", "net"),
            title={"en": "Customer satisfaction (CSAT)", "zh": "客户满意度 (CSAT)"},
            terms={
                "csat": {"en": "CSAT", "zh": "满意率 (CSAT)"},
                "mean": _MEAN,
                "median": _MEDIAN,
                "top2": {"en": "Top two answers", "zh": "最满意两档"},
                "bottom2": {"en": "Bottom two answers", "zh": "最不满意两档"},
                "net": {"en": "Net satisfaction", "zh": "净满意度"},
                **_QUANTILES,
            },
        ),
        MetricSpec(
            "ces",
            Effort,
            summary="Customer effort score, 1.0 or 2.0: share that found it easy, mean, net",
            primary="easy",
            example={"item": "Q1"},
            headline=("easy", "difficult", "mean", "median", "net"),
            title={"en": "Customer effort (CES)", "zh": "客户费力度 (CES)"},
            terms={
                "easy": {"en": "Found it easy", "zh": "认为轻松"},
                "difficult": {"en": "Found it difficult", "zh": "认为费力"},
                "mean": _MEAN,
                "median": _MEDIAN,
                "net": {"en": "Net ease", "zh": "净轻松度"},
            },
        ),
        MetricSpec(
            "top_box",
            TopBox,
            summary="Share of answers in a box: the top answer, or any that are named",
            primary="top_box",
            example={"item": "Q1", "scale": "0..10", "box": [9, 10]},
            title={"en": "Top box", "zh": "指定答案占比"},
            terms={"top_box": {"en": "In the box", "zh": "指定答案占比"}},
        ),
    ]
