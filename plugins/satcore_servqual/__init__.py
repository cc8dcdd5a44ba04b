"""SERVQUAL: what customers expect of a service, what they perceive, and the gap.

Sources: Parasuraman, Zeithaml and Berry (1988), Journal of Retailing 64(1), "SERVQUAL"; (1994),
Journal of Retailing 70(3) (zone of tolerance); Cronin and Taylor (1992), Journal of Marketing
56(3) (SERVPERF).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from satcore import CatalogueSpec, MetricSpec, hookimpl
from satcore_servqual.metric import Servqual

__all__ = ["Servqual", "satcore_catalogues", "satcore_metrics"]


@hookimpl
def satcore_metrics() -> Iterable[MetricSpec]:
    """SERVQUAL."""
    return [
        MetricSpec(
            "servqual",
            Servqual,
            summary="SERVQUAL gaps, SERVPERF, zone of tolerance, with reliability",
            primary="gap",
            example={
                "expectation": "E{1..6}",
                "perception": "P{1..6}",
                "dimensions": {"tangibles": "1..3", "reliability": "4..6"},
            },
            headline=(
                "desired",
                "adequate",
                "expectation",
                "perception",
                "gap",
                "adequacy",
                "superiority",
                "weighted_gap",
                "alpha",
            ),
            title={"en": "SERVQUAL", "zh": "SERVQUAL 服务质量"},
            terms={
                "expectation": {"en": "Expectation", "zh": "期望"},
                "perception": {"en": "Perception", "zh": "感知"},
                "desired": {"en": "Desired", "zh": "理想水平"},
                "adequate": {"en": "Adequate", "zh": "适当水平"},
                "gap": {"en": "Gap", "zh": "差距（感知减期望）"},
                "adequacy": {"en": "Adequacy (MSA)", "zh": "服务适当度 (MSA)"},
                "superiority": {"en": "Superiority (MSS)", "zh": "服务优异度 (MSS)"},
                "zone": {"en": "Zone of tolerance", "zh": "容忍区间宽度"},
                "inside_zone": {"en": "Inside the zone", "zh": "落在容忍区间内"},
                "desired_below_adequate": {
                    "en": "Desired below adequate",
                    "zh": "理想低于适当的回答",
                },
                "effect_size": {"en": "Effect size (d_z)", "zh": "效应量 (d_z)"},
                "weighted_gap": {"en": "Weighted gap", "zh": "加权差距"},
                "weighted_perception": {"en": "Weighted perception", "zh": "加权感知"},
                "alpha": {"en": "Cronbach's alpha", "zh": "Cronbach α 信度"},
                "alpha_expectation": {"en": "Alpha of expectations", "zh": "期望的 α 信度"},
                "alpha_gap": {"en": "Alpha of gaps", "zh": "差距的 α 信度"},
                "standardised_alpha": {"en": "Standardised alpha", "zh": "标准化 α 信度"},
                "omega": {"en": "Omega", "zh": "ω 信度"},
                "item_rest": {"en": "Item-rest correlation", "zh": "题项与其余总分相关"},
                "alpha_if_dropped": {"en": "Alpha if dropped", "zh": "删除该题后的 α"},
                "difference_reliability": {
                    "en": "Reliability of the difference",
                    "zh": "差值得分信度",
                },
            },
        )
    ]


@hookimpl
def satcore_catalogues() -> list[CatalogueSpec]:
    """What SERVQUAL says, in other languages."""
    return [
        CatalogueSpec("satcore_servqual", Path(__file__).with_name("locale"), "What SERVQUAL says")
    ]
