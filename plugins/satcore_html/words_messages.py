"""What the core, and the metrics that come with it, say beside a number."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, tuple[str, str]]] = {
    "message_common_slope": ("common slope {value} {unit}", "共同斜率 {value} {unit}"),
    "message_rules": ("other rules: {told}", "其他规则的结论：{told}"),
    "message_reverse": (
        "the polarity may be reversed: swap the two questions",
        "正反向题可能颠倒：请对调两题",
    ),
    "message_unclear": ("the wording may be unclear", "题目措辞可能不清楚"),
    "message_all_rq": ("all answers are R or Q", "所有回答均为 R 或 Q"),
    "message_half": (
        "{count} answered only one of the two questions",
        "{count} 人只回答了两题之一",
    ),
    "message_no_variance": ("no item has any variance", "各题项均无变异"),
    "message_one_respondent": ("one respondent has no variance", "仅一名受访者，无变异"),
    "message_flat_items": (
        "{count} of {whole} items without variance",
        "{whole} 个题项中有 {count} 个没有变异",
    ),
    "message_few_respondents": (
        "no more respondents ({base}) than items ({items})",
        "受访者（{base}）不多于题项（{items}）",
    ),
    "message_no_scale": (
        "the items do not covary as one scale does",
        "题项间的协变不像同一量表",
    ),
    "message_two_items": ("two items do not identify a factor", "两个题项不足以识别一个因子"),
    "message_one_item": (
        "a dimension of one item ({item}) has no alpha",
        "仅含一个题项（{item}）的维度没有 α 系数",
    ),
    "message_flat_gaps": ("the gaps do not vary", "差距没有变异"),
    "message_halves": (
        "{count} left out who did not answer all of {told}",
        "{count} 人未答全（{told}），未计入",
    ),
    "message_desire": (
        "{count} respondents desire less than they find adequate",
        "{count} 名受访者的理想水平低于其适当水平",
    ),
    "message_noise": (
        "the difference score may be little but noise",
        "差值得分可能主要是噪声",
    ),
    "message_alone": ("read perceptions on their own", "请单独解读感知得分"),
    "message_no_interval": ("too few answers for an interval", "回答过少，无法计算区间"),
    "message_no_bounds": (
        "the metric gives neither an interval nor a standard error",
        "该指标既无区间也无标准误",
    ),
    "message_agreed": (
        "all answers agree, which leaves no error to judge by",
        "所有回答一致，没有误差可供判断",
    ),
    "message_on_target": (
        "the value stands on the target, where no number of answers decides",
        "数值正好等于目标，无论多少回答都无法判定",
    ),
    "message_too_many": (
        "more answers than any survey has would be needed",
        "所需回答数超出任何调查的规模",
    ),
    "message_holm": (
        "bound at {level} (Holm, {count} groups)",
        "界限的置信水平为 {level}（Holm，{count} 组）",
    ),
    "message_no_wave": ("no wave before it has answers", "此前没有任何波次有回答"),
    "message_both_grow": (
        "answers needed suppose that the other side grows in proportion",
        "尚需回答数假定另一方按同一比例增加",
    ),
    "message_no_cell": (
        "there is no group to hold it against",
        "没有可供判定的分组",
    ),
    "message_no_label": (
        "{axis} has no {name}, only {there}",
        "{axis}中没有 {name}，只有 {there}",
    ),
    "message_not_compared": (
        "groups of {term} can't be compared",
        "{term}不能在分组间比较",
    ),
    "message_proportion": (
        "{term} is a proportion, of which 30% is written 0.3",
        "{term}为比例，30% 应写作 0.3",
    ),
    "message_no_error": (
        "too few answers for a standard error",
        "回答过少，无法计算标准误",
    ),
    "message_no_error_left_out": (
        "{count} groups without a standard error above 0 left out",
        "已排除 {count} 个标准误不大于 0 的分组",
    ),
    "message_no_error_left_out_one": (
        "1 group without a standard error above 0 left out",
        "已排除 1 个标准误不大于 0 的分组",
    ),
    "message_withheld_left_out": (
        "{count} withheld groups left out",
        "已排除 {count} 个不予公布的分组",
    ),
    "message_withheld_left_out_one": (
        "1 withheld group left out",
        "已排除 1 个不予公布的分组",
    ),
    "message_expected": (
        "{count} of {whole} expected counts below 5",
        "{whole} 个期望频数中有 {count} 个小于 5",
    ),
    "message_all_dropped": (
        "Every response was dropped by the study's keep rules.",
        "所有答卷均被研究设定的保留规则剔除。",
    ),
    "message_outside": (
        "{item}: {count} answers outside {scale} were counted as missing: {told}",
        "{item}：{count} 份回答超出 {scale}，按缺失处理：{told}",
    ),
    "message_outside_one": (
        "{item}: 1 answer outside {scale} was counted as missing: {told}",
        "{item}：1 份回答超出 {scale}，按缺失处理：{told}",
    ),
    "message_first": ("first in row {row} of {place}", "首见于{place}第 {row} 行"),
    "message_declared": (
        "[{table}] {names}: declared, but no column of {data}",
        "[{table}] {names}：已声明，但{data}中没有该列",
    ),
    "message_near": ("did you mean {name}?", "是否指 {name}？"),
}

#: Messages by what they look like, and what they are in Chinese; in English they stay.
MESSAGES: Final[tuple[tuple[str, str], ...]] = (
    # Of questionnaires: what could not be read at their sources
    (
        (
            r"(?P<place>\[.+\]): which items of (?P<name>\w+) belong to (?P<dimensions>.+) could "
            r"not be "
            r"read at its source, so they are not scored apart"
        ),
        "{place}：{name} 中哪些题项属于 {dimensions} 未能在其来源中读到，因此不单独计分",
    ),
    (
        r"(?P<place>\[.+\]): the scale of (?P<name>\w+) could not be read at its source",
        "{place}：{name} 的量表分级未能在其来源中读到",
    ),
    (r"the metric's own is taken", "采用指标自身的分级"),
    (r"the study can say, as (?P<written>.+)", "可在研究文件中写明：{written}"),
    # Of files: how they were read, and what they say of their columns
    (r"(?P<file>.+): not UTF-8", "{file}：不是 UTF-8"),
    (r"read as (?P<encoding>[\w-]+)", "按 {encoding} 读取"),
    (r"if texts look wrong, name the encoding", "若文字有误，请指定编码"),
    (r"(?P<file>.+): it does not tell its encoding", "{file}：未注明编码"),
    (r"(?P<file>.+): no column (?P<places>.+)", "{file}：没有列 {places}"),
    (r"only columns that all files have are used", "只使用所有文件共有的列"),
    (
        r"(?P<file>.+) says which answers are missing: (?P<told>.+)",
        "{file}注明了哪些回答为缺失：{told}",
    ),
    (r"\[items\.NAME\] missing says otherwise", "可用 [items.NAME] missing 另行指定"),
    (
        r"(?P<column>.+): responses with (?P<told>.+) are tests and dropped",
        "{column}：值为 {told} 的答卷是测试，已剔除",
    ),
    (r"a \[\[keep\]\] rule on this column says otherwise", "可用该列的 [[keep]] 规则另行指定"),
    (
        r"(?P<file>.+) names (?P<column>.+) as its weight, which is not used",
        "{file}注明的权数 {column} 未使用",
    ),
    (r"name it in \[roles\] weight \(--weight\)", "如需使用，请写入 [roles] weight（--weight）"),
    (r"(?P<file>.+): described by (?P<beside>.+)", "{file}：列的说明取自 {beside}"),
    (
        r"(?P<file>.+): times are those of (?P<zone>.+), as the export says",
        "{file}：时间为 {zone} 时区，以导出文件为准",
    ),
    (
        (
            r"(?P<column>.+): (?P<value>.+) is (?P<one>.+) in (?P<first>.+) and (?P<other>.+) in "
            r"(?P<file>.+)"
        ),
        "{column}：{value} 在{first}中为 {one}，在{file}中为 {other}",
    ),
    (r"the first label is shown", "显示前者"),
    (r"(?P<name>.+) could not be read and is left out whole", "{name} 无法读取，整体未计入"),
    (r"among the answers of (?P<place>.+)", "见于 {place} 的回答"),
    # Of waves: the column, and the waves that may have a wrong date
    (
        (
            r"(?P<column>.+): (?P<waves>.+) stands (?P<apart>\d+) periods of a \w+ from the other "
            r"waves, (?P<first>.+) to (?P<last>.+)"
        ),
        "{column}：{waves}与其他各期（{first} 至 {last}）相距 {apart} 个周期",
    ),
    (r"is a date wrong\? A trend leans on such a wave", "是否日期有误？趋势会受其左右"),
    (r"drop its responses with \[\[keep\]\]", "可用 [[keep]] 去掉这些答卷"),
    (r"(?P<count>\d+) waves in (?P<column>.+)", "{column} 中有 {count} 个波次"),
    (
        r"if it holds times, make waves of them: (?P<cure>.+)",
        "若其内容为时间，请按时间划分波次：{cure}",
    ),
    (
        (r"(?P<column>.+): (?P<waves>.+) are the same time, and count as waves of their own"),
        "{column}：{waves} 为同一时间，却被计为不同波次",
    ),
    (r"write them alike", "请统一写法"),
    (
        (
            r"(?P<column>.+): the waves are dates of several kinds \((?P<kinds>.+)\), so that "
            r"none has a place in time"
        ),
        "{column}：各波次的日期形式不一（{kinds}），无法确定其时间位置",
    ),
    (
        r"write all of them alike, or make waves of times: (?P<wave>.+)",
        "请统一写法，或由时间生成波次：{wave}",
    ),
    (
        r"waves stand in the order of their texts: (?P<waves>.+)",
        "波次按文本顺序排列：{waves}",
    ),
    (
        r"if that is not their order in time, give it in (?P<table>\[.+\])",
        "若与时间顺序不符，请在 {table} 中指定",
    ),
)
