"""Trends: how a metric moves over the waves, whether a measure worked, what comes next.

``fit`` serves plain series in Python; the metric ``trend`` follows any other metric of a study, or
the answers to a question.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from satcore import CatalogueSpec, MetricSpec, hookimpl
from satcore_trend.fitting import Fit as Fit
from satcore_trend.fitting import fit as fit
from satcore_trend.metric import Trend as Trend

__all__ = ["Fit", "Trend", "fit"]


@hookimpl
def satcore_metrics() -> Iterable[MetricSpec]:
    """The trend."""
    return [
        MetricSpec(
            "trend",
            Trend,
            summary="Trend of another metric, or of answers: slope, breaks, season, forecast",
            primary="slope",
            example={"of": "nps"},
            beside={"nps": {"item": "Q1"}},
            title={"en": "Trend", "zh": "趋势"},
            headline=("slope", "slope_ratio", "change", "level_change", "slope_change", "forecast"),
            terms={
                "slope": {"en": "Slope", "zh": "斜率"},
                "slope_ratio": {"en": "Ratio per unit of time", "zh": "每单位时间的比"},
                "curvature": {"en": "Curvature", "zh": "曲率"},
                "curvature_ratio": {"en": "Ratio of the curvature", "zh": "曲率的比"},
                "change": {"en": "Change, first wave to last", "zh": "首期至末期的变化"},
                "change_ratio": {"en": "Ratio, last wave to first", "zh": "末期与首期之比"},
                "level_change": {"en": "Change of level", "zh": "水平变化"},
                "level_change_ratio": {"en": "Ratio of levels", "zh": "水平之比"},
                "slope_change": {"en": "Change of slope", "zh": "斜率变化"},
                "slope_change_ratio": {"en": "Ratio of the slope's change", "zh": "斜率变化之比"},
                "slope_after": {"en": "Slope afterwards", "zh": "此后斜率"},
                "slope_after_ratio": {"en": "Ratio afterwards", "zh": "此后每单位时间的比"},
                "sen_slope": {"en": "Theil-Sen slope", "zh": "Theil-Sen 斜率"},
                "kendall_tau": {"en": "Kendall's tau", "zh": "Kendall τ"},
                "r_squared": {"en": "R²", "zh": "R²"},
                "autocorrelation": {"en": "Autocorrelation", "zh": "自相关"},
                "durbin_watson": {"en": "Durbin-Watson", "zh": "Durbin-Watson 统计量"},
                "breusch_godfrey": {"en": "Breusch-Godfrey", "zh": "Breusch-Godfrey 统计量"},
                "dispersion": {"en": "Dispersion", "zh": "离散系数"},
                "change_point": {"en": "Likeliest change", "zh": "最可能的变点"},
                "observed": {"en": "Measured", "zh": "实测值"},
                "fitted": {"en": "Fitted", "zh": "拟合值"},
                "forecast": {"en": "Forecast", "zh": "预测值"},
                "error_to_last": {
                    "en": 'Error against "same as last"',
                    "zh": "相对“与上期相同”的误差",
                },
                "error_to_cycle": {
                    "en": 'Error against "same as last year"',
                    "zh": "相对“与去年同期相同”的误差",
                },
            },
        )
    ]


@hookimpl
def satcore_catalogues() -> list[CatalogueSpec]:
    """What trends say, in other languages."""
    return [CatalogueSpec("satcore_trend", Path(__file__).with_name("locale"), "What trends say")]
