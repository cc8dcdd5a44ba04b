"""The customer's journey: touchpoints, what they are worth, and where customers are won or lost.

Sources: touchpoints and moments of truth follow Normann (1984), "Service Management", and Lemon and
Verhoef (2016), "Understanding Customer Experience Throughout the Customer Journey"; peak and end
Kahneman et al. (1993), "When More Pain Is Preferred to Less". What a touchpoint costs - reach x
impact x shortfall - is satcore's own definition.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from satcore import CatalogueSpec, MetricSpec, hookimpl
from satcore_journey.metric import Journey
from satcore_journey.options import Touchpoint

__all__ = ["Journey", "Touchpoint", "satcore_catalogues", "satcore_metrics"]


@hookimpl
def satcore_metrics() -> Iterable[MetricSpec]:
    """The journey."""
    return [
        MetricSpec(
            "journey",
            Journey,
            summary="Customer journey: reach, satisfaction, impact and cost of each touchpoint",
            primary="satisfaction",
            example={
                "touchpoints": {"search": "Q2_1", "order": "Q2_2", "delivery": "Q2_3"},
                "overall": "Q1",
                "scale": "1..5",
            },
            headline=("reach", "satisfaction", "top2", "impact", "cost", "rank", "drop_off"),
            title={"en": "Customer journey", "zh": "客户旅程"},
            terms={
                "reach": {"en": "Reach", "zh": "触达率"},
                "satisfaction": {"en": "Satisfaction", "zh": "满意度"},
                "top2": {"en": "Satisfied (top two)", "zh": "满意占比（最高两档）"},
                "gap": {"en": "Gap to target", "zh": "与目标的差距"},
                "shortfall": {"en": "Shortfall", "zh": "低于目标的平均差额"},
                "effort": {"en": "Effort", "zh": "费力度"},
                "emotion": {"en": "Emotion", "zh": "情绪"},
                "impact": {"en": "Impact", "zh": "影响力"},
                "cost": {"en": "Cost", "zh": "损失"},
                "rank": {"en": "Rank by cost", "zh": "损失排名"},
                "use_difference": {
                    "en": "Users less non-users",
                    "zh": "使用者与未使用者之差",
                },
                "drop_off": {"en": "Drop-off", "zh": "流失率"},
                "step": {"en": "Mean step", "zh": "平均步次"},
                "peak": {"en": "Best moment", "zh": "最佳时刻"},
                "low": {"en": "Worst moment", "zh": "最差时刻"},
                "end": {"en": "Last moment", "zh": "最后时刻"},
            },
        )
    ]


@hookimpl
def satcore_catalogues() -> list[CatalogueSpec]:
    """What journeys say, in other languages."""
    return [
        CatalogueSpec(
            "satcore_journey", Path(__file__).with_name("locale"), "What customer journeys say"
        )
    ]
