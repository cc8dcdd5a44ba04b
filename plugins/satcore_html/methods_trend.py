"""The methods of trends: their names, what they do, and where they come from."""

from __future__ import annotations

from typing import Final

#: By name: the title, what it does (each in English and Chinese), and the source.
TREND_METHODS: Final[dict[str, tuple[tuple[str, str], tuple[str, str], str]]] = {
    "ar1": (
        ("AR(1) errors by REML, t", "AR(1) 误差（REML），t"),
        (
            (
                "Waves resemble the wave before; the likeness is estimated and averaged over, t "
                "with waves less coefficients as its degrees of freedom."
            ),
            "相邻各期相关，自相关程度由 REML 估计并取平均；t 的自由度为期数减系数个数。",
        ),
        "Harville (1977), JASA 72",
    ),
    "hac": (
        ("Newey-West, t", "Newey-West，t"),
        (
            (
                "Least squares with errors that allow for autocorrelation up to a lag and for "
                "unequal spread."
            ),
            "最小二乘；标准误计入一定阶数内的自相关及异方差。",
        ),
        "Newey, West (1987), Econometrica 55",
    ),
    "hc0": (
        ("HC0, t", "HC0，t"),
        (
            "Least squares with errors that allow for unequal spread.",
            "最小二乘；标准误计入异方差。",
        ),
        "White (1980), Econometrica 48",
    ),
    "hc1": (
        ("HC1, t", "HC1，t"),
        (
            "As HC0, the variance times waves over waves less coefficients.",
            "同 HC0，方差乘以期数与（期数减系数个数）之比。",
        ),
        "MacKinnon, White (1985), Journal of Econometrics 29",
    ),
    "hc2": (
        ("HC2, t", "HC2，t"),
        (
            "As HC0, each residual over the root of one less its leverage.",
            "同 HC0，残差除以（1-杠杆值）的平方根。",
        ),
        "MacKinnon, White (1985), Journal of Econometrics 29",
    ),
    "hc3": (
        ("HC3, t", "HC3，t"),
        (
            "As HC0, each residual over one less its leverage.",
            "同 HC0，残差除以（1-杠杆值）。",
        ),
        "MacKinnon, White (1985), Journal of Econometrics 29",
    ),
    "iid": (
        ("least squares, t", "最小二乘，t"),
        (
            "Waves are taken for independent of each other about the line.",
            "假定各期围绕趋势线相互独立。",
        ),
        "Student (1908), Biometrika 6",
    ),
    "prediction": (
        ("prediction interval, t", "预测区间，t"),
        (
            (
                "Where the wave itself is expected, not the line: it holds the unknown line and "
                "the wave's own error."
            ),
            "针对该期数值本身（而非趋势线）：计入趋势线的不确定性与该期自身误差。",
        ),
        "Goldberger (1962), JASA 57",
    ),
    "sen": (
        ("Sen's ranks", "Sen 秩区间"),
        (
            (
                "Slopes of all pairs of waves, cut off at ranks that Kendall's test gives; takes "
                "waves for independent."
            ),
            "所有两期斜率按 Kendall 检验给出的秩截取；假定各期独立。",
        ),
        "Sen (1968), JASA 63",
    ),
    "welch_t": (
        ("Welch's t", "Welch t"),
        (
            (
                "The difference of two slopes over its error, each with its own spread; degrees "
                "of freedom by Welch and Satterthwaite."
            ),
            "两斜率之差除以其标准误，各自方差不同；自由度按 Welch-Satterthwaite。",
        ),
        "Welch (1947), Biometrika 34",
    ),
    "welch_f": (
        ("Welch's F", "Welch F"),
        (
            "Could all groups share one slope? Each slope is weighted by its own error.",
            "各组是否共有同一斜率？各斜率按自身误差加权。",
        ),
        "Welch (1951), Biometrika 38",
    ),
    "garwood": (
        ("Garwood", "Garwood"),
        ("The exact interval of a Poisson rate.", "Poisson 发生率的精确区间。"),
        "Garwood (1936), Biometrika 28",
    ),
    "linear_model": (
        ("least squares on all answers, t", "全部回答的最小二乘，t"),
        (
            (
                "Fitted to every answer; errors are widened where waves spread further than "
                "sampling explains."
            ),
            "拟合全部回答；各期波动超出抽样所能解释时加宽误差。",
        ),
        "Student (1908), Biometrika 6",
    ),
    "binomial_model": (
        ("logistic regression", "逻辑回归"),
        (
            "The share's log odds along time (quasi-binomial where waves spread wider).",
            "占比的对数优势随时间变化（各期波动较大时为准二项）。",
        ),
        "McCullagh, Nelder (1989), Generalized Linear Models",
    ),
    "ordered_model": (
        ("ordered logit", "有序 logit"),
        (
            "The odds of a higher answer along time, on the full scale (proportional odds).",
            "给出更高回答的优势随时间变化（比例优势）。",
        ),
        "McCullagh (1980), Journal of the Royal Statistical Society B 42",
    ),
    "poisson_model": (
        ("Poisson regression", "Poisson 回归"),
        (
            (
                "The rate's logarithm along time, exposure as offset (quasi-Poisson where waves "
                "spread wider)."
            ),
            "发生率的对数随时间变化，以暴露量为偏移（波动较大时为准 Poisson）。",
        ),
        "McCullagh, Nelder (1989), Generalized Linear Models",
    ),
    "negative_binomial_model": (
        ("negative binomial regression", "负二项回归"),
        (
            "As Poisson regression, where the waves' own rates vary (NB2).",
            "同 Poisson 回归，但各期自身的发生率有变动（NB2）。",
        ),
        "Lawless (1987), Canadian Journal of Statistics 15",
    ),
}
