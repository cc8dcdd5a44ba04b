"""Loyalty: satisfaction index models by PLS path modelling, and what loyalty rests on.

Sources: Fornell, Johnson, Anderson, Cha and Bryant (1996), Journal of Marketing 60(4), "The
American Customer Satisfaction Index"; Tenenhaus, Esposito Vinzi, Chatelin and Lauro (2005),
Computational Statistics & Data Analysis 48, "PLS path modeling".
"""

from __future__ import annotations

from collections.abc import Iterable

from satcore import MetricSpec, hookimpl
from satcore_loyalty.metric import Loyalty

__all__ = ["Loyalty", "satcore_metrics"]


@hookimpl
def satcore_metrics() -> Iterable[MetricSpec]:
    """Satisfaction index models."""
    return [
        MetricSpec(
            "loyalty",
            Loyalty,
            summary="Satisfaction index models (ACSI, ECSI, one's own) by PLS path modelling",
            primary="index",
            example={
                "constructs": {
                    "Quality": "PERQ{1..3}",
                    "Satisfaction": "CUSA{1..3}",
                    "Loyalty": "CUSL1",
                },
                "paths": ["Quality -> Satisfaction, Loyalty", "Satisfaction -> Loyalty"],
                "replicates": 60,
            },
            headline=("index", "path", "r_squared"),
            title={"en": "Satisfaction index model", "zh": "顾客满意度指数模型"},
            terms={
                "index": {"en": "Index (0 to 100)", "zh": "指数（0 至 100）"},
                "path": {"en": "Path coefficient", "zh": "路径系数"},
                "total_effect": {"en": "Total effect", "zh": "总效应"},
                "r_squared": {"en": "R²", "zh": "R²"},
                "loading": {"en": "Loading", "zh": "载荷"},
                "weight": {"en": "Weight", "zh": "权重"},
                "rho_c": {"en": "Composite reliability", "zh": "组合信度"},
                "rho_a": {"en": "Reliability rho_A", "zh": "信度 ρA"},
                "ave": {"en": "Average variance extracted", "zh": "平均方差提取量 (AVE)"},
                "htmt": {
                    "en": "Heterotrait-monotrait ratio (HTMT)",
                    "zh": "异质-单质比 (HTMT)",
                },
            },
        )
    ]
