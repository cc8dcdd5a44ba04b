"""What trends say: units, and messages beside their numbers."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, tuple[str, str]]] = {
    # A unit for each unit of time: satcore_html.units takes them apart.
    "per_year": ("{unit} a year", "{unit}/年"),
    "per_wave": ("{unit} a wave", "{unit}/期"),
    "per_year_squared": ("{unit} a year²", "{unit}/年²"),
    "per_wave_squared": ("{unit} a wave²", "{unit}/期²"),
    "each_year": ("a year", "每年"),
    "each_wave": ("a wave", "每期"),
    "each_year_squared": ("a year²", "每年²"),
    "each_wave_squared": ("a wave²", "每期²"),
    "unit_log odds": ("log odds", "对数优势"),
    "unit_log rate": ("log rate", "对数率"),
    "unit_rate": ("rate", "发生率"),
    "unit_ratio": ("ratio", "倍"),
}

#: Messages by what they look like, and what they are in Chinese; in English they stay.
MESSAGES: Final[tuple[tuple[str, str], ...]] = (
    # Of another metric's waves
    (
        r"Newey-West: lag (?P<lag>\d+), bartlett kernel, no small-sample correction",
        "Newey-West：滞后 {lag}，Bartlett 核，无小样本修正",
    ),
    (
        r"Newey-West: lag (?P<lag>\d+), bartlett kernel, times n/\(n-p\)",
        "Newey-West：滞后 {lag}，Bartlett 核，乘以 n/(n-p)",
    ),
    (
        r"Newey-West: lag (?P<lag>\d+), uniform kernel, no small-sample correction",
        "Newey-West：滞后 {lag}，均匀核，无小样本修正",
    ),
    (
        r"Newey-West: lag (?P<lag>\d+), uniform kernel, times n/\(n-p\)",
        "Newey-West：滞后 {lag}，均匀核，乘以 n/(n-p)",
    ),
    (r"no wave has a value", "没有任何一期有数值"),
    (
        (
            r"(?P<before>\d+) waves? before the measure and (?P<after>\d+) from its date on "
            r"have answers"
        ),
        "措施之前 {before} 期、之后 {after} 期有回答",
    ),
    (
        (
            r"level and slope need at least (?P<least>\d+) before and \d+ from the date on: take "
            r"another date, or wait for more waves"
        ),
        "水平与斜率要求前后各至少 {least} 期：请改用其他日期，或等待更多期",
    ),
    (
        r"a measure needs at least two waves before its date and two from the date on",
        "措施前后各至少需要两期",
    ),
    (r"more waves or fewer terms are needed", "需要更多期或更少的项"),
    (
        (
            r"(?:one wave has|\d+ waves have) a value, and this trend needs (?P<needed>\d+), "
            r"or (?P<more>\d+) for its error"
        ),
        "有数值的期数不足：此趋势至少需要 {needed} 期，计算误差需 {more} 期",
    ),
    (
        r"the waves that have a value can't tell the terms of the trend apart",
        "有数值的各期无法区分趋势的各项",
    ),
    (
        (
            r"(?P<waves>\d+) waves are met exactly by (?P<terms>\d+) terms, so that no error can "
            r"be estimated"
        ),
        "{waves} 期恰好由 {terms} 项完全拟合，无法估计误差",
    ),
    (r"one more wave gives one", "再多一期即可估计"),
    (
        r"the values lie exactly on the fitted line, so that no error can be estimated",
        "各值恰在拟合线上，无法估计误差",
    ),
    (
        r"(?P<waves>\d+) waves are few: below (?P<least>\d+) intervals are rough",
        "仅 {waves} 期，少于 {least} 期时区间较为粗略",
    ),
    (
        (
            r"one wave decides: by least squares the slope is (?P<value>\S+), and (?P<without>\S+) "
            r"without (?P<wave>.+)"
        ),
        "单独一期左右结果：最小二乘斜率为 {value}，去掉 {wave} 后为 {without}",
    ),
    (
        r"all agree in (?P<waves>.+): the interval's width stands for the error",
        "{waves} 中回答全部一致：以区间宽度代替误差",
    ),
    (
        r"all agree in (?P<waves>.+): the other waves' largest error stands for the error",
        "{waves} 中回答全部一致：以其余各期的最大误差代替",
    ),
    (r"no wave has an error above 0: all weigh alike", "各期误差均为 0：各期等权"),
    (r"left out, without a standard error: (?P<waves>.+)", "无标准误而未计入：{waves}"),
    (
        r"the waves with answers cover (?P<cycles>\S+) cycles, and a season needs two",
        "有回答的各期仅覆盖 {cycles} 个周期，季节性至少需要两个",
    ),
    (
        r"no wave before the measure has answers, so that no change can be seen",
        "措施之前没有任何一期有回答，无法看出变化",
    ),
    (
        r"no wave after the measure has answers, so that no change can be seen",
        "措施之后没有任何一期有回答，无法看出变化",
    ),
    (r"outside the waves of this group", "不在该组的期间范围内"),
    (r"p (?P<p>[\d.e+-]+)", "p 值 {p}"),
    (r"all waves are equal: nothing changes", "各期相同：没有变化"),
    (
        r"too few waves for a change to be sought, or none off the line",
        "期数太少，无法寻找变点，或各期均在线上",
    ),
    (r"too few waves for an interval by ranks", "期数太少，无法给出秩区间"),
    (r"(?P<made>\d+) forecasts held against what came", "已将 {made} 次预测与实际对照"),
    (
        (
            r"(?:one wave is|\d+ waves are) too few for a forecast, which needs (?P<needed>\d+): "
            r"from fewer, neither slope nor autocorrelation can be told from chance"
        ),
        "期数太少，预测至少需要 {needed} 期：更少时无法将斜率和自相关与偶然区分",
    ),
    # Of the answers themselves
    (
        r"waves spread (?P<times>\S+) times as wide as sampling explains",
        "各期方差为抽样所能解释的 {times} 倍",
    ),
    (r"errors hold that", "误差已计入这一点"),
    (r"no answers", "没有回答"),
    (r"no exposure", "没有暴露量"),
    (r"no events: the log rate is infinite", "没有任何事件：其对数率为负无穷"),
    (
        (
            r"the (?P<waves>\d+) waves? with answers do not determine (?P<terms>\d+) coefficients: "
            r"more waves or fewer terms are needed"
        ),
        "有回答的 {waves} 期不足以确定 {terms} 个系数：需要更多期或更少的项",
    ),
    (
        r"all answers are the same: nothing tells how sure the slope is",
        "所有回答相同：无法说明斜率的可靠程度",
    ),
    (
        r"all answers are the same: there are no odds to follow",
        "所有回答相同：没有可追踪的优势",
    ),
    (
        r"as many coefficients as answers: nothing is left to tell how sure they are",
        "系数与回答一样多：无法说明其可靠程度",
    ),
    (
        r"no answer counts towards the share: its log odds are infinite",
        "没有回答计入占比：其对数优势为无穷",
    ),
    (
        r"every answer counts towards the share: its log odds are infinite",
        "所有回答均计入占比：其对数优势为无穷",
    ),
    (
        (
            r"the share is 0% or 100% in so many waves that the likelihood has no maximum "
            r"\(separation\): no finite odds ratio fits best"
        ),
        "占比为 0% 或 100% 的期太多，似然无最大值（完全分离）：不存在最优的有限优势比",
    ),
    (
        (
            r"low answers and high answers fall into different waves, so that the likelihood has "
            r"no maximum \(separation\): no finite odds ratio fits best"
        ),
        "低分与高分落在不同期，似然无最大值（完全分离）：不存在最优的有限优势比",
    ),
    (
        (
            r"one side of a term has no events at all: its rate ratio is 0 or infinite, and none "
            r"fits best"
        ),
        "某项的一侧没有任何事件：其率比为 0 或无穷，不存在最优值",
    ),
    (r"the steps to the maximum of the likelihood did not settle", "似然最大化未收敛"),
    (
        r"the counts spread no wider than Poisson's: alpha is 0",
        "计数的离散不超过 Poisson：α 为 0",
    ),
    (
        r"nobody gave the answers? in places? (?P<places>.+) of the scale \(from 1\)",
        "无人选择量表第 {places} 个答案（从 1 数起）",
    ),
    (r"left out", "未计入"),
)
