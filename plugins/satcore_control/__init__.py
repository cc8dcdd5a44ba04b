"""Control charts: does a wave stray further than chance lets it?

For any metric of a study, and for plain series in Python: ``satcore_control.chart``.

Sources: Shewhart (1931), Economic Control of Quality of Manufactured Product; Page (1954),
Biometrika 41 (CUSUM); Roberts (1959), Technometrics 1(3) (EWMA); Western Electric (1956) and
Nelson (1984) (run rules); Laney (2002), Quality Engineering 14(4) (p', u').
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from satcore import CatalogueSpec, MetricSpec, hookimpl
from satcore_control.charts import ControlChart, Signal, chart
from satcore_control.metric import Control

__all__ = ["Control", "ControlChart", "Signal", "chart", "satcore_catalogues", "satcore_metrics"]


@hookimpl
def satcore_metrics() -> Iterable[MetricSpec]:
    """Control charts."""
    return [
        MetricSpec(
            "control",
            Control,
            summary="Control chart of another metric: waves that stray further than chance",
            primary="signals",
            example={"of": "nps"},
            beside={"nps": {"item": "Q1"}},
            headline=("signals", "centre", "sigma", "value", "lower_limit", "upper_limit"),
            title={"en": "Control chart", "zh": "控制图"},
            terms={
                "signals": {"en": "Signalling waves", "zh": "报警波次数"},
                "centre": {"en": "Centre line", "zh": "中心线"},
                "sigma": {"en": "Sigma", "zh": "σ"},
                "value": {"en": "Value", "zh": "数值"},
                "ewma": {"en": "EWMA", "zh": "EWMA"},
                "cusum_up": {"en": "CUSUM, upper", "zh": "CUSUM 上侧"},
                "cusum_down": {"en": "CUSUM, lower", "zh": "CUSUM 下侧"},
                "lower_limit": {"en": "Lower limit", "zh": "控制下限"},
                "upper_limit": {"en": "Upper limit", "zh": "控制上限"},
                "signal": {"en": "Signal", "zh": "报警"},
            },
        )
    ]


@hookimpl
def satcore_catalogues() -> list[CatalogueSpec]:
    """What control charts say, in other languages."""
    return [
        CatalogueSpec(
            "satcore_control", Path(__file__).with_name("locale"), "What control charts say"
        )
    ]
