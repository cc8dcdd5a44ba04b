"""Kano's model of attractive, one-dimensional and must-be quality.

Sources: Kano, Seraku, Takahashi and Tsuji (1984), "Attractive quality and must-be quality",
Journal of the Japanese Society for Quality Control 14(2); Berger et al. (1993), "Kano's methods
for understanding customer-defined quality", Center for Quality of Management Journal 2(4).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from satcore import CatalogueSpec, MetricSpec, hookimpl
from satcore_kano.metric import Kano
from satcore_kano.tables import TABLES, EvaluationTable

__all__ = ["TABLES", "EvaluationTable", "Kano", "satcore_catalogues", "satcore_metrics"]


@hookimpl
def satcore_metrics() -> Iterable[MetricSpec]:
    """Kano."""
    return [
        MetricSpec(
            "kano",
            Kano,
            summary="Kano's model: which features must be, pay off, or delight",
            primary="better",
            example={
                "functional": "{feature}_with",
                "dysfunctional": "{feature}_without",
                "features": {"booking": "Mobile booking", "queue": "Short queues"},
            },
            headline=("category", "better", "worse", "total_strength", "modal_probability"),
            title={"en": "Kano model", "zh": "KANO 模型"},
            terms={
                "category": {"en": "Category", "zh": "类别"},
                "share_A": {"en": "Attractive (A)", "zh": "魅力型 (A)"},
                "share_O": {"en": "One-dimensional (O)", "zh": "期望型 (O)"},
                "share_M": {"en": "Must-be (M)", "zh": "必备型 (M)"},
                "share_I": {"en": "Indifferent (I)", "zh": "无差异型 (I)"},
                "share_R": {"en": "Reverse (R)", "zh": "反向型 (R)"},
                "share_Q": {"en": "Questionable (Q)", "zh": "可疑结果 (Q)"},
                "better": {"en": "Better", "zh": "Better 系数（增加后的满意系数）"},
                "worse": {"en": "Worse", "zh": "Worse 系数（消除后的不满意系数）"},
                "total_strength": {"en": "Total strength", "zh": "总强度"},
                "category_strength": {"en": "Category strength", "zh": "类别强度"},
                "fong": {"en": "Lead (Fong's test)", "zh": "领先回答数（Fong 检验）"},
                "modal_probability": {
                    "en": "Probability of being modal",
                    "zh": "该类别为众数的概率",
                },
                "functional_mean": {"en": "Functional mean", "zh": "正向题均分"},
                "dysfunctional_mean": {"en": "Dysfunctional mean", "zh": "反向题均分"},
                "importance": {"en": "Stated importance", "zh": "自述重要性"},
            },
        )
    ]


@hookimpl
def satcore_catalogues() -> list[CatalogueSpec]:
    """What the Kano metric says, in other languages."""
    return [
        CatalogueSpec(
            "satcore_kano", Path(__file__).with_name("locale"), "What the Kano metric says"
        )
    ]
