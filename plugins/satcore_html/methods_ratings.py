"""The methods of ratings: shares of a scale, quantiles, tests by ranks, regressions."""

from __future__ import annotations

from typing import Final

#: By name: the title, what it does (each in English and Chinese), and the source.
RATING_METHODS: Final[dict[str, tuple[tuple[str, str], tuple[str, str], str]]] = {
    "clopper_pearson": (
        ("Clopper-Pearson", "Clopper-Pearson"),
        (
            (
                "The exact interval of a share: all values that neither one-sided binomial test "
                "refuses. It holds the true share at least as often as it says."
            ),
            "比例的精确区间：两个单侧二项检验均未拒绝的所有取值，实际覆盖率不低于标称水平。",
        ),
        "Clopper, Pearson (1934), Biometrika 26",
    ),
    "agresti_coull": (
        ("Agresti-Coull", "Agresti-Coull"),
        (
            "Plus and minus z standard errors after z²/2 answers of either kind are added.",
            "先在两类回答中各加 z²/2 个，再取加减 z 倍标准误。",
        ),
        "Agresti, Coull (1998), The American Statistician 52",
    ),
    "order_statistic": (
        ("order statistics", "次序统计量"),
        (
            (
                "Two answers between which the quantile of the population lies at least as often "
                "as is said, by the binomial distribution; no distribution of answers is supposed."
            ),
            "由二项分布确定的两个回答，总体分位数落于其间的概率不低于标称水平；不假定回答的分布。",
        ),
        "Thompson (1936), The Annals of Mathematical Statistics 7",
    ),
    "woodruff": (
        ("Woodruff", "Woodruff"),
        (
            (
                "The answers whose weighted cumulative share does not differ from that of the "
                "quantile; the error of the share is linearised."
            ),
            "加权累计比例与该分位数无显著差异的回答范围；比例的标准误由线性化求得。",
        ),
        ("Woodruff (1952), JASA 47; Francisco, Fuller (1991), The Annals of Statistics 19"),
    ),
    "score_z": (
        ("two-proportion score test", "两比例得分检验"),
        (
            (
                "The difference of two shares over its standard error if both were one share; its "
                "square is the chi-square of the table of two by two."
            ),
            "两比例之差除以假定两者相等时的标准误；其平方即四格表的卡方。",
        ),
        "Pearson (1900), Philosophical Magazine 50",
    ),
    "mann_whitney": (
        ("Mann-Whitney", "Mann-Whitney 秩和"),
        (
            (
                "Whether answers of one group tend to be higher than those of the other, by ranks; "
                "ties share a mean rank, normal approximation, not corrected for continuity. It "
                "speaks of all answers, not of the medians alone."
            ),
            (
                "按秩检验一组的回答是否倾向高于另一组；同值取平均秩，正态近似，无连续性校正。"
                "检验的是整个分布，而不仅是中位数。"
            ),
        ),
        "Mann, Whitney (1947), The Annals of Mathematical Statistics 18",
    ),
    "rank_z": (
        ("rank test, weighted", "加权秩检验"),
        (
            (
                "The difference of the groups' mean ranks among the weighted answers of both, over "
                "its linearised error. It speaks of all answers, not of the medians alone."
            ),
            (
                "两组在合并加权回答中的平均秩之差，除以线性化标准误。"
                "检验的是整个分布，而不仅是中位数。"
            ),
        ),
        "Lumley, Scott (2013), Journal of the Royal Statistical Society B 75",
    ),
    "kruskal_wallis": (
        ("Kruskal-Wallis", "Kruskal-Wallis 秩和"),
        (
            "The groups' mean ranks about their common mean, corrected for ties.",
            "各组平均秩围绕总体平均秩的离散程度，经同值校正。",
        ),
        "Kruskal, Wallis (1952), JASA 47",
    ),
    "fisher_z": (
        ("Fisher's z", "Fisher z"),
        (
            (
                "Bounds of a correlation from the normal distribution of its inverse hyperbolic "
                "tangent; the error is linearised and supposes no normality."
            ),
            "由相关系数的反双曲正切的正态分布得到其界限；误差由线性化求得，不假定正态。",
        ),
        "Fisher (1921), Metron 1",
    ),
    "explained": (
        ("of R²", "R² 的区间"),
        (
            (
                "Below, the smaller one of Fisher's bound about the adjusted R² and that of the "
                "noncentral F distribution, as R² is above 0 by chance alone; above, Fisher's "
                "bound about R²."
            ),
            (
                "R² 仅因偶然也会大于 0，故下限取调整 R² 的 Fisher 界限与非中心 F 分布界限中较小者；"
                "上限为 R² 的 Fisher 界限。"
            ),
        ),
        "Steiger, Fouladi (1992), Behavior Research Methods 24",
    ),
    "f_test": (
        ("F test", "F 检验"),
        (
            (
                "A model against the simpler one within it: whether what it adds is more than "
                "chance would; under weights with linearised errors."
            ),
            "将模型与其所含的较简单模型比较，检验增加部分是否超出偶然；加权时采用线性化误差。",
        ),
        "Fisher (1922), Journal of the Royal Statistical Society 85",
    ),
}
