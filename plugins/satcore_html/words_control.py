"""What control charts say: units, names of charts, and messages beside their numbers."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, tuple[str, str]]] = {
    "unit_waves": ("waves", "个波次"),
    "unit_waves_one": ("wave", "个波次"),
    "unit_sigma": ("sigmas", "σ"),
    # The chart's name, as the row of sigma has it for a label
    "label_control_own": ("own standard errors", "自身标准误"),
    "label_control_p": ("p chart", "p 控制图"),
    "label_control_u": ("u chart", "u 控制图"),
    "label_control_c": ("c chart", "c 控制图"),
    "label_control_laney_p": ("Laney p' chart", "Laney p' 控制图"),
    "label_control_laney_u": ("Laney u' chart", "Laney u' 控制图"),
    "label_control_individuals": ("individuals chart", "单值控制图"),
    "label_control_ewma": ("EWMA chart", "EWMA 控制图"),
    "label_control_cusum": ("CUSUM chart", "CUSUM 控制图"),
}

#: Messages by what they look like, and what they are in Chinese; in English they stay.
MESSAGES: Final[tuple[tuple[str, str], ...]] = (
    (
        r"standard errors of phase I, pooled, at each wave's own number of answers",
        "阶段 I 合并标准误，按各期回答数折算",
    ),
    (r"all values are equal", "所有数值相等"),
    (r"judged as it stands, without an interval", "无区间，按数值本身判定"),
    # The chart and its first phase
    (r"chart by own standard errors", "自身标准误控制图"),
    (r"(?P<kind>[puc]) chart", "{kind} 控制图"),
    (r"Laney (?P<kind>[pu])' chart", "Laney {kind}' 控制图"),
    (r"individuals chart", "单值控制图"),
    (r"(?P<kind>EWMA|CUSUM) chart", "{kind} 控制图"),
    (r"phase I: no wave", "第一阶段：无"),
    (
        r"phase I: (?P<first>.+) to (?P<last>.+), (?P<count>\d+) waves",
        "第一阶段：{first} 至 {last}，{count} 个波次",
    ),
    (r"phase I: (?P<span>.+)", "第一阶段：{span}"),
    # What can't be judged, and what limits are worth
    (r"not judged: there is no limit to judge it by", "未判定：没有可用的控制限"),
    (r"waves without a number are passed over: (?P<waves>.+)", "没有数值的波次已跳过：{waves}"),
    (r"waves without a number are passed over", "没有数值的波次已跳过"),
    (r"not judged for want of a standard error: (?P<waves>.+)", "缺少标准误而未判定：{waves}"),
    (
        r"limits from (?P<count>\d+) waves? are wide of the mark",
        "由 {count} 个波次得出的控制限不够可靠",
    ),
    (
        r"(?P<least>\d+) are the least to go by, (?P<better>\d+) are better",
        "至少需要 {least} 个，最好 {better} 个",
    ),
    (
        (
            r"neighbouring waves stray (?P<times>\S+) times as far as the answers' own chance "
            r"would have them"
        ),
        "相邻波次的波动为回答自身随机性所能解释的 {times} 倍",
    ),
    (
        r"(?P<cure>(?:spread|chart) = \"\w+\") allows for that",
        "{cure} 可计入这一点",
    ),
    (
        r"no wave of phase I has a number: there is nothing to judge by",
        "第一阶段没有任何波次有数值：无从判定",
    ),
    (
        r"one wave in phase I can't tell how far waves stray",
        "第一阶段只有一个波次，无法得知波动幅度",
    ),
    (r"at least two are needed", "至少需要两个"),
    (
        (
            r"phase I doesn't tell how far waves stray by chance: its values are all equal, or "
            r"have no standard error above 0"
        ),
        "第一阶段无法说明随机波动幅度：其数值全部相同，或没有大于 0 的标准误",
    ),
    # Whence sigma comes
    (
        r"binomial variance at each wave's own number of answers",
        "按各波次回答数计算的二项方差",
    ),
    (r"Poisson variance", "Poisson 方差"),
    (
        r"as the (?P<kind>[pu]) chart, times Laney's sigma z",
        "同 {kind} 控制图，再乘以 Laney 的 σz",
    ),
    (
        r"mean moving range of phase I over (?P<by>[\d.]+)",
        "第一阶段平均移动极差除以 {by}",
    ),
    # The rules
    (r"beyond the limits", "超出控制限"),
    (r"beyond 3 sigma", "超出 3σ"),
    (r"2 of 3 beyond 2 sigma on one side", "连续 3 点中有 2 点在同侧超出 2σ"),
    (r"4 of 5 beyond 1 sigma on one side", "连续 5 点中有 4 点在同侧超出 1σ"),
    (
        r"(?P<count>\d+) in a row on one side of the centre",
        "连续 {count} 点在中心线同侧",
    ),
    (r"(?P<count>\d+) in a row rising or falling", "连续 {count} 点递增或递减"),
    (r"(?P<count>\d+) in a row alternating up and down", "连续 {count} 点上下交替"),
    (r"(?P<count>\d+) in a row within 1 sigma", "连续 {count} 点在 1σ 之内"),
    (r"(?P<count>\d+) in a row outside 1 sigma", "连续 {count} 点在 1σ 之外"),
)
