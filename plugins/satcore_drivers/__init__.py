"""What matters most: which ratings go with overall satisfaction, and how surely.

Sources: Grömping (2006), "Relative Importance for Linear Regression in R" (LMG); Johnson (2000),
"A Heuristic Method for Estimating the Relative Weight of Predictor Variables in Multiple
Regression"; Brandt (1987) and Matzler and Sauerwein (2002) (penalty-reward contrasts); Conklin,
Powaga and Lipovetsky (2004), "Customer satisfaction analysis: identification of key drivers";
Martilla and James (1977), "Importance-Performance Analysis".
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from satcore import CatalogueSpec, MetricSpec, hookimpl
from satcore_drivers.logit import DriversLogit
from satcore_drivers.metric import Drivers
from satcore_drivers.penalty import PenaltyReward
from satcore_drivers.quadrants import ImportancePerformance
from satcore_drivers.reach import KeyDrivers

__all__ = [
    "Drivers",
    "DriversLogit",
    "ImportancePerformance",
    "KeyDrivers",
    "PenaltyReward",
    "satcore_catalogues",
    "satcore_metrics",
]

_EXAMPLE = {"outcome": "Q1", "drivers": "Q2_{1..4}", "scale": "1..5"}
_RATED = {"en": "Rated by", "zh": "评分率"}


@hookimpl
def satcore_metrics() -> Iterable[MetricSpec]:
    """Key drivers."""
    return [
        MetricSpec(
            "drivers",
            Drivers,
            summary="Key drivers: how much of an overall rating each rating explains",
            primary="johnson",
            example=_EXAMPLE,
            headline=("johnson", "lmg", "beta", "correlation", "rank", "first", "r_squared"),
            title={"en": "Key drivers", "zh": "关键驱动因素"},
            terms={
                "lmg": {"en": "Share of R² (LMG)", "zh": "R² 分摊 (LMG)"},
                "johnson": {"en": "Relative weight (Johnson)", "zh": "相对权重 (Johnson)"},
                "beta": {"en": "Standardised coefficient", "zh": "标准化系数"},
                "coefficient": {"en": "Coefficient", "zh": "回归系数"},
                "correlation": {"en": "Correlation", "zh": "相关系数"},
                "pratt": {"en": "Pratt's product", "zh": "Pratt 乘积"},
                "vif": {"en": "Variance inflation", "zh": "方差膨胀因子"},
                "rank": {"en": "Rank", "zh": "排名"},
                "first": {"en": "Probability of being first", "zh": "排第一的概率"},
                "rated": _RATED,
                "r_squared": {"en": "Explained together (R²)", "zh": "共同解释 (R²)"},
            },
        ),
        MetricSpec(
            "penalty_reward",
            PenaltyReward,
            summary="Penalty-reward contrasts: basic, performance and excitement factors",
            primary="sum",
            example={**_EXAMPLE, "low": 2, "high": 4},
            headline=("penalty", "reward", "sum", "factor"),
            title={"en": "Penalty-reward contrasts", "zh": "惩罚-奖励对比分析"},
            terms={
                "reward": {"en": "Reward of a high rating", "zh": "高分奖励"},
                "penalty": {"en": "Penalty of a low rating", "zh": "低分惩罚"},
                "sum": {"en": "Reward + penalty", "zh": "奖励 + 惩罚"},
                "factor": {"en": "Kind of factor", "zh": "因素类型"},
                "low_share": {"en": "Rated low", "zh": "低分占比"},
                "high_share": {"en": "Rated high", "zh": "高分占比"},
                "rated": _RATED,
                "r_squared": {"en": "Explained together (R²)", "zh": "共同解释 (R²)"},
            },
        ),
        MetricSpec(
            "key_drivers",
            KeyDrivers,
            summary="Key dissatisfiers and enhancers: Shapley value of reach less noise",
            primary="value",
            example={**_EXAMPLE, "at": 2},
            headline=("value", "reach", "noise", "objective_so_far", "objective"),
            title={"en": "Key dissatisfiers and enhancers", "zh": "关键不满意与满意因素"},
            terms={
                "value": {"en": "Shapley value", "zh": "Shapley 值"},
                "reach": {"en": "Reach", "zh": "覆盖率"},
                "noise": {"en": "Noise", "zh": "噪声率"},
                "objective": {"en": "Reach less noise", "zh": "覆盖率减噪声率"},
                "reached": {"en": "Concerned, of all", "zh": "占全部受访者"},
                "reach_so_far": {"en": "Reach with those above", "zh": "累计覆盖率"},
                "noise_so_far": {"en": "Noise with those above", "zh": "累计噪声率"},
                "objective_so_far": {
                    "en": "Reach less noise with those above",
                    "zh": "累计覆盖率减噪声率",
                },
                "rated": _RATED,
            },
        ),
        MetricSpec(
            "importance_performance",
            ImportancePerformance,
            summary="Importance-performance analysis: the quadrant of each driver, and how sure",
            primary="performance",
            example={"outcome": "Q1", "drivers": "Q2_{1..4}", "scale": "1..5"},
            headline=("importance", "performance", "quadrant"),
            title={"en": "Importance and performance", "zh": "重要性-绩效分析 (IPA)"},
            terms={
                "importance": {"en": "Importance", "zh": "重要性"},
                "performance": {"en": "Performance", "zh": "绩效"},
                "quadrant": {"en": "Quadrant", "zh": "象限"},
                "concentrate": {"en": "Probability: concentrate here", "zh": "重点改进的概率"},
                "keep_up": {"en": "Probability: keep up", "zh": "继续保持的概率"},
                "low_priority": {"en": "Probability: low priority", "zh": "低优先级的概率"},
                "overkill": {"en": "Probability: possible overkill", "zh": "可能过度的概率"},
                "importance_line": {"en": "Line of importance", "zh": "重要性分界线"},
                "performance_line": {"en": "Line of performance", "zh": "绩效分界线"},
            },
        ),
        MetricSpec(
            "drivers_logit",
            DriversLogit,
            summary="Drivers of a yes/no outcome: odds ratios and average effects",
            primary="effect",
            example={"outcome": "Q1", "drivers": "Q2_{1..3}", "scale": "1..5"},
            headline=("effect", "odds_ratio", "log_odds", "pseudo_r_squared"),
            title={"en": "Drivers of a yes/no outcome", "zh": "是/否结果的驱动因素"},
            terms={
                "log_odds": {"en": "Log-odds", "zh": "对数几率系数"},
                "odds_ratio": {"en": "Odds ratio", "zh": "优势比"},
                "effect": {"en": "Average effect of a point", "zh": "每分的平均效应"},
                "rated": _RATED,
                "pseudo_r_squared": {"en": "Pseudo R² (McFadden)", "zh": "伪 R² (McFadden)"},
                "yes": {"en": "Share of yes", "zh": "“是”的比例"},
            },
        ),
    ]


@hookimpl
def satcore_catalogues() -> Iterable[CatalogueSpec]:
    """What key drivers say, in Chinese."""
    folder = Path(__file__).with_name("locale")
    return [CatalogueSpec("satcore_drivers", folder, "What key drivers say")]
