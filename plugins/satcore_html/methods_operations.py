"""The methods of operational indicators: what they do, and where they come from."""

from __future__ import annotations

from typing import Final

_GREENWOOD: Final = "Greenwood (1926); Kalbfleisch, Prentice (2002), 1.4"

_BANDS: Final[dict[str, tuple[str, str]]] = {
    "log_log": ("log-log", "log-log"),
    "log": ("log", "对数"),
    "plain": ("plain", "原尺度"),
}

#: By name: the title, what it does (each in English and Chinese), and the source.
OPERATIONS_METHODS: Final[dict[str, tuple[tuple[str, str], tuple[str, str], str]]] = {
    "garwood": (
        ("Garwood, exact Poisson", "Garwood（精确 Poisson）"),
        (
            (
                "The expected numbers of events under which one as far off as was seen is not too "
                "unlikely, on either side; divided by the exposure."
            ),
            "使所见事件数在两侧均不过于罕见的期望事件数范围，再除以暴露量。",
        ),
        "Garwood (1936), Biometrika 28",
    ),
    "exact_conditional": (
        ("exact conditional", "精确条件法"),
        (
            (
                "Of the events of both sides together, those of the first are binomial with its "
                "share of the exposure; tests and bounds are exact."
            ),
            "在两侧事件总数给定时，前者的事件数服从以其暴露量占比为概率的二项分布；检验与界限均为精确值。",
        ),
        "Przyborowski, Wilenski (1940), Biometrika 31; Clopper, Pearson (1934), Biometrika 26",
    ),
    "chi_square_rates": (
        ("chi-square of rates", "率的卡方检验"),
        (
            "The groups' events against what one rate for all would give on each exposure.",
            "将各组事件数与按共同比率及各自暴露量计算的期望数比较。",
        ),
        "Pearson (1900), Philosophical Magazine 50",
    ),
    "brookmeyer_crowley": (
        ("Brookmeyer-Crowley", "Brookmeyer-Crowley"),
        (
            "The times at which the bounds of Kaplan and Meier's curve pass the quantile.",
            "Kaplan-Meier 曲线的上下界穿过该分位数的时间。",
        ),
        "Brookmeyer, Crowley (1982), Biometrics 38; Kaplan, Meier (1958), JASA 53",
    ),
    **{
        f"greenwood_{band}": (
            (f"Greenwood, {english}", f"Greenwood（{chinese}）"),
            (
                "Kaplan and Meier's curve with Greenwood's variance, bounded on the scale named.",
                "Kaplan-Meier 曲线，Greenwood 方差，在所示尺度上取区间。",
            ),
            _GREENWOOD,
        )
        for band, (english, chinese) in _BANDS.items()
    },
    **{
        f"linearised_{band}": (
            (f"linearised, {english}", f"线性化（{chinese}）"),
            (
                (
                    "Kaplan and Meier's curve with an error linearised by respondent, which allows "
                    "for weights, bounded on the scale named."
                ),
                "Kaplan-Meier 曲线，标准误按受访者线性化并计入权重，在所示尺度上取区间。",
            ),
            _GREENWOOD,
        )
        for band, (english, chinese) in _BANDS.items()
    },
}
