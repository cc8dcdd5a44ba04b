"""Loyalty: satisfaction index models by PLS path modelling, and what loyalty rests on.

Sources: Fornell, Johnson, Anderson, Cha and Bryant (1996), Journal of Marketing 60(4), "The
American Customer Satisfaction Index"; Tenenhaus, Esposito Vinzi, Chatelin and Lauro (2005),
Computational Statistics & Data Analysis 48, "PLS path modeling".
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from satcore import CatalogueSpec, MetricSpec, hookimpl
from satcore_loyalty.metric import Loyalty
from satcore_loyalty.mirror import SatisfactionMirror
from satcore_loyalty.shares import LoyaltyLink, LoyaltyShares

__all__ = [
    "Loyalty",
    "LoyaltyLink",
    "LoyaltyShares",
    "SatisfactionMirror",
    "satcore_catalogues",
    "satcore_metrics",
]


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
        ),
        MetricSpec(
            "loyalty_shares",
            LoyaltyShares,
            summary="Shares of customers who would buy again, recommend, stay",
            primary="share",
            example={"intentions": {"repurchase": "Q7", "recommend": "Q8", "stay": "Q9"}},
            headline=("share", "secure", "at_risk"),
            title={"en": "Loyal customers", "zh": "忠诚顾客占比"},
            terms={
                "share": {"en": "Share of loyal customers", "zh": "忠诚顾客占比"},
                "secure": {"en": "Loyal in every respect", "zh": "各方面均忠诚"},
                "at_risk": {"en": "Loyal in no respect", "zh": "各方面均不忠诚"},
            },
        ),
        MetricSpec(
            "loyalty_link",
            LoyaltyLink,
            summary="How loyalty follows satisfaction: share of the loyal at each level",
            primary="share",
            example={"satisfaction": "Q1", "loyalty": "Q8"},
            headline=("share", "slope", "loyalists", "mercenaries", "hostages", "defectors"),
            title={"en": "Satisfaction and loyalty", "zh": "满意与忠诚的关系"},
            terms={
                "share": {"en": "Loyal at this level", "zh": "该满意度下的忠诚占比"},
                "slope": {"en": "Rise with a point of satisfaction", "zh": "满意度每升 1 分的变化"},
                "loyalists": {"en": "Satisfied and loyal", "zh": "满意且忠诚"},
                "mercenaries": {"en": "Satisfied, not loyal", "zh": "满意但不忠诚"},
                "hostages": {"en": "Loyal, not satisfied", "zh": "不满意但忠诚"},
                "defectors": {"en": "Neither", "zh": "不满意且不忠诚"},
            },
        ),
        MetricSpec(
            "satisfaction_mirror",
            SatisfactionMirror,
            summary="Staff's and customers' satisfaction, linked by the unit of both",
            primary="correlation",
            example={
                "unit": "branch",
                "units": "1..8",
                "staff": "S1",
                "customers": "Q1",
            },
            headline=("correlation", "slope"),
            title={"en": "Internal and external satisfaction", "zh": "内部与外部满意度"},
            terms={
                "correlation": {"en": "Correlation over units", "zh": "单位间相关"},
                "slope": {
                    "en": "Customers' rise with a point of staff's",
                    "zh": "员工满意度每升 1 分时顾客的变化",
                },
                "staff": {"en": "Staff, mean", "zh": "员工均值"},
                "customers": {"en": "Customers, mean", "zh": "顾客均值"},
            },
        ),
    ]


@hookimpl
def satcore_catalogues() -> Iterable[CatalogueSpec]:
    """What loyalty metrics say, in Chinese."""
    folder = Path(__file__).with_name("locale")
    return [CatalogueSpec("satcore_loyalty", folder, "What loyalty metrics say")]
