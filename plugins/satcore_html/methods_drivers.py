"""The methods of key drivers: their names, what they do, and where they come from."""

from __future__ import annotations

from typing import Final

#: By name: the title, what it does (each in English and Chinese), and the source.
DRIVERS_METHODS: Final[dict[str, tuple[tuple[str, str], tuple[str, str], str]]] = {
    "replicates": (
        ("replicates, t", "重复抽样，t"),
        (
            (
                "The answers are drawn anew many times, each respondent 0, 1, 2, ... times; the "
                "standard error is the spread of what comes out, the interval Student's t."
            ),
            (
                "对回答多次重新抽样，每位受访者出现 0、1、2… 次；"
                "标准误为结果的离散程度，区间用 t 分布。"
            ),
        ),
        "Efron (1979), Annals of Statistics 7",
    ),
    "replicates_logit": (
        ("replicates on log-odds, t", "重复抽样，对数几率上的 t"),
        (
            (
                "A share is corrected for its bias in replicates; Student's t on its log-odds, "
                "which reaches no further up than twice the plain interval."
            ),
            "先按重复抽样校正份额的偏差，再在对数几率上取 t 区间，上限不超过普通区间的两倍。",
        ),
        "Efron, Tibshirani (1993), An Introduction to the Bootstrap",
    ),
    "replicates_fisher": (
        ("replicates on Fisher's scale, t", "重复抽样，Fisher 变换上的 t"),
        (
            (
                "Student's t on the inverse hyperbolic tangent of a correlation, its error from "
                "replicates."
            ),
            "对相关系数作 Fisher 变换后取 t 区间，标准误来自重复抽样。",
        ),
        "Fisher (1921), Metron 1",
    ),
    "fisher": (
        ("Fisher's transform", "Fisher 变换"),
        (
            "Student's t on the inverse hyperbolic tangent of a correlation of normal ratings.",
            "假定评分服从正态分布，对相关系数作 Fisher 变换后取 t 区间。",
        ),
        "Fisher (1921), Metron 1",
    ),
    "replicates_percentile": (
        ("percentiles of replicates", "重复抽样百分位"),
        (
            "From the ranks that replicates leave on either side; ranks are whole.",
            "取重复抽样名次的两侧百分位；名次为整数。",
        ),
        "Efron (1979), Annals of Statistics 7",
    ),
    "robust": (
        ("robust errors, t", "稳健标准误，t"),
        (
            (
                "Errors of coefficients that allow for unequal spread about the fit, from fourth "
                "moments, times n/(n-1)."
            ),
            "系数的标准误计入异方差，由四阶矩得到，并乘以 n/(n-1)。",
        ),
        "White (1980), Econometrica 48",
    ),
    "delta": (
        ("delta method, t", "delta 方法，t"),
        (
            "The error of what each answer adds to the estimate, to first order; Student's t.",
            "以每个回答对估计值的一阶影响计算标准误，区间用 t 分布。",
        ),
        "",
    ),
}
