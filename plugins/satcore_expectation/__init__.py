"""Expectation confirmation: what was expected, what was met, and what satisfaction makes of it.

Sources: Oliver (1980), Journal of Marketing Research 17, "A cognitive model of the antecedents and
consequences of satisfaction decisions"; Edwards and Parry (1993), Academy of Management Journal 36,
"On the use of polynomial regression equations as an alternative to difference scores".
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from satcore import CatalogueSpec, MetricSpec, hookimpl
from satcore_expectation.metric import Expectation

__all__ = ["Expectation", "satcore_catalogues", "satcore_metrics"]


@hookimpl
def satcore_metrics() -> Iterable[MetricSpec]:
    """Expectation confirmation."""
    return [
        MetricSpec(
            "expectation",
            Expectation,
            summary="Expectation confirmation: disconfirmation, and satisfaction as a surface",
            primary="mean",
            example={"outcome": "S", "expectation": "E", "perception": "P"},
            headline=("mean", "above", "at", "below", "a1", "a2", "a3", "a4", "r_squared"),
            title={"en": "Expectation confirmation", "zh": "期望确认"},
            terms={
                "mean": {"en": "Mean", "zh": "均值"},
                "above": {"en": "Better than expected", "zh": "高于期望"},
                "at": {"en": "As expected", "zh": "符合期望"},
                "below": {"en": "Worse than expected", "zh": "低于期望"},
                "sd": {"en": "Standard deviation", "zh": "标准差"},
                "correlation": {
                    "en": "Correlation of expectation and perception",
                    "zh": "期望与感知的相关",
                },
                "b0": {"en": "b0, constant", "zh": "b0（常数项）"},
                "b1": {
                    "en": "b1, expectation (of the difference model: perception less expectation)",
                    "zh": "b1，期望（差值模型中为感知减期望）",
                },
                "b2": {"en": "b2, perception", "zh": "b2，感知"},
                "b3": {"en": "b3, expectation squared", "zh": "b3，期望的平方"},
                "b4": {"en": "b4, expectation times perception", "zh": "b4，期望乘感知"},
                "b5": {"en": "b5, perception squared", "zh": "b5，感知的平方"},
                "r_squared": {"en": "R², share explained", "zh": "R²（解释比例）"},
                "r_squared_gain": {"en": "R² gained", "zh": "R² 增量"},
                "vif": {"en": "Variance inflation (VIF)", "zh": "方差膨胀因子 (VIF)"},
                "a1": {"en": "a1, slope of agreement", "zh": "a1，一致线斜率"},
                "a2": {"en": "a2, curvature of agreement", "zh": "a2，一致线曲率"},
                "a3": {"en": "a3, slope of disagreement", "zh": "a3，不一致线斜率"},
                "a4": {"en": "a4, curvature of disagreement", "zh": "a4，不一致线曲率"},
                "stationary_expectation": {
                    "en": "Stationary point, expectation",
                    "zh": "驻点的期望",
                },
                "stationary_perception": {
                    "en": "Stationary point, perception",
                    "zh": "驻点的感知",
                },
            },
        )
    ]


@hookimpl
def satcore_catalogues() -> Iterable[CatalogueSpec]:
    """What expectation confirmation says, in Chinese."""
    folder = Path(__file__).with_name("locale")
    return [CatalogueSpec("satcore_expectation", folder, "What expectation confirmation says")]
