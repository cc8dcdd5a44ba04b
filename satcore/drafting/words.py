"""The sentences of a draft, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from satcore.drafting.guesses import Said
from satcore.drafting.words_metrics import METRICS

#: By key: in English, in Chinese.
WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "drafted": (
        "Drafted by satcore init from {data}: {rows} responses, {columns} columns.",
        "本文件由 satcore init 根据 {data} 草拟：{rows} 份答卷，{columns} 列。",
    ),
    "look": (
        "Every line is a guess, with its reason. Look it over, mend what is wrong, then:",
        "以下每一行都是推测，并注明理由。请核对并修改，然后运行：",
    ),
    "needs": ("A PERSON HAS TO LOOK:", "需要人工确认："),
    "data_absent": (
        (
            "name the answers, as data = 'answers.csv', or after the study when you run it: their "
            "address holds a secret, or their name signs that no study file can hold"
        ),
        (
            "请写明答卷文件，如 data = 'answers.csv'，或在运行时写在研究文件之后："
            "其地址含有密钥，或文件名含有研究文件无法容纳的字符"
        ),
    ),
    "missing": (
        'answers that stand for "not answered", as found in the items below',
        "表示“未回答”的取值，见于下列题目",
    ),
    "weight": (
        "named like a weight; numbers of 0 or more, mean {mean}",
        "列名像权重；均为不小于 0 的数，均值 {mean}",
    ),
    "weight_declared": (
        "the file names it as its weight; mean {mean}",
        "文件指明它是权重；均值 {mean}",
    ),
    "respondent": (
        "named like an id, and nearly every response has another",
        "列名像编号，且几乎每份答卷各不相同",
    ),
    "segments": ("columns that split the responses into groups", "把答卷分组的列"),
    "segment": ("{name}: {count} values, named like a group", "{name}：{count} 个取值，列名像分组"),
    "segment_few": ("{name}: {count} different texts", "{name}：{count} 个不同取值"),
    "more_segments": ("would do as well: {names}", "以下各列也可作为分组：{names}"),
    "wave": ("named like a wave; {count} values", "列名像调查期次；{count} 个取值"),
    "time": (
        "dates from {first} to {last}, in {months} months",
        "日期从 {first} 到 {last}，共 {months} 个月",
    ),
    "time_outliers": (
        "{count} responses are dated {where}, far from all others: are these dates wrong?",
        "{count} 份答卷的日期为 {where}，与其他日期相距甚远：是否有误？",
    ),
    "dropped": (
        "{count} responses are incomplete, previews or tests",
        "{count} 份答卷未完成，或为预览、测试",
    ),
    "not_submitted": ("{count} responses were never submitted", "{count} 份答卷未提交"),
    "scale_wording": ("known wordings in their order", "已知的选项用语，按顺序排列"),
    "scale_numbered": ("wordings that begin with their number", "选项用语以数字开头"),
    "labels": ("what the questions say", "题目内容"),
    "names": ("what the file calls these values", "文件中这些取值的名称"),
    "nps": (
        "asks for recommendation, as its name or text says; answers from {low} to {high}",
        "列名或题目提到推荐；回答从 {low} 到 {high}",
    ),
    "nps_odd": (
        '{values}: outside 0..10 and taken for "not answered"; is that right?',
        "{values}：超出 0..10，视为“未回答”；对吗？",
    ),
    "nps_from_1": (
        'nobody answered 0: if the question\'s scale starts at 1, write scale = "1..10"',
        '无人回答 0：如果量表从 1 开始，请写 scale = "1..10"',
    ),
    "kano": (
        "{pairs} features, each asked functionally and dysfunctionally",
        "{pairs} 项功能，各有正向题和反向题",
    ),
    "kano_order": (
        (
            "1 has to mean 'I like it' and 5 'I dislike it'; these answers look the other way "
            'round. If they are, write scale = "turned" here and [scales.turned] codes = '
            '{{ "5" = 1, "4" = 2, "3" = 3, "2" = 4, "1" = 5 }}'
        ),
        (
            "1 应表示“喜欢”，5 应表示“不喜欢”；这些回答看起来相反。如确实相反，"
            '请在此写 scale = "turned"，并写 [scales.turned] codes = '
            '{{ "5" = 1, "4" = 2, "3" = 3, "2" = 4, "1" = 5 }}'
        ),
    ),
    "kano_order_fits": (
        "1 is taken for 'I like it' and 5 for 'I dislike it', which the answers bear out",
        "1 视为“喜欢”，5 视为“不喜欢”，与回答相符",
    ),
    "servqual": (
        "{pairs} items, each with an expectation and a perception",
        "{pairs} 个题目，各有期望和感知",
    ),
    "servqual_classical": (
        (
            "22 items are taken in the classical order, in the five classical dimensions; "
            'if yours differ, list them: dimensions = {{ tangibles = "1..4", ... }}'
        ),
        (
            "22 个题目按经典顺序归入五个经典维度；如有不同请列出："
            'dimensions = {{ tangibles = "1..4", ... }}'
        ),
    ),
    "servqual_groups": (
        (
            "all items are one dimension until you group them: dimensions = "
            '{{ tangibles = "1..4", ... }}'
        ),
        '在您分组之前所有题目归为一个维度：dimensions = {{ tangibles = "1..4", ... }}',
    ),
    "ratings": (
        "ratings: {count}. servqual with perceptions alone (SERVPERF) gives their means",
        "{count} 个评分题；servqual 只用感知（SERVPERF）即给出其均值",
    ),
    "ratings_scale": ("the scale {scale} is guessed from the answers", "量表 {scale} 由回答推测"),
    **METRICS,
    "set_declared": ("several answers allowed: {label}", "多选题：{label}"),
    "set_guessed": (
        "{count} numbered columns of 0 and 1: several answers to one question",
        "{count} 个编号列，取值 0 和 1：一道多选题",
    ),
    "set_blank": (
        (
            "{count} numbered columns of 1 or nothing: several answers to one question, where "
            "a blank means not chosen"
        ),
        "{count} 个编号列，取值 1 或空：一道多选题，空表示未选",
    ),
    "set_exclusive": (
        "exclusive options rule out the others, as their texts say",
        "exclusive 中的选项与其他选项互斥，由选项文字推测",
    ),
    "option_source": (
        "holds the options of a question with several answers, which have columns of their own",
        "含多选题的选项，各选项已有单独的列",
    ),
    "no_metric": (
        (
            "nothing was recognised that satcore can measure. Write a metric, as in the next "
            "lines, and take away their #; `satcore metrics` lists what there is"
        ),
        "没有识别出可测量的题目。请照下面几行写一个指标并去掉 #；`satcore metrics` 列出所有指标",
    ),
    "left_out": ("Left out, and why:", "未使用的列及理由："),
    "and_more": ("{names} and {count} more", "{names} 等另外 {count} 列"),
    "tests": ("marks previews and tests, which are dropped", "标记预览和测试答卷，这些答卷已剔除"),
    "nested": ("holds lists, not single values", "单元格是列表而非单个值"),
    "empty": ("empty", "空列"),
    "never_answered": ("nobody answered", "无人回答"),
    "no_name": ("its name can't be written in a study file", "列名无法写入研究文件"),
    "weight_empty": (
        "named like a weight, but {count} responses have none",
        "列名像权重，但 {count} 份答卷没有权重",
    ),
    "weight_negative": ("named like a weight, but not above 0", "列名像权重，但取值不为正"),
    "weight_mean": (
        "named like a weight, but its mean is {mean}; if it is one, write weight = ... in [roles]",
        "列名像权重，但均值为 {mean}；如果是权重，请在 [roles] 中写 weight = ...",
    ),
    "weight_second": ("would do as a weight too", "也可作为权重"),
    "tool": ("written by the survey's tool", "由调查工具写入"),
    "id": ("tells responses apart", "用于区分答卷"),
    "time_other": (
        "dates from {first} to {last}, but not of the answer",
        "日期从 {first} 到 {last}，但不是答题时间",
    ),
    "time_unclear": (
        "dates whose day and month can't be told apart",
        "日期无法区分日和月",
    ),
    "time_second": (
        "dates from {first} to {last}; another column makes the waves",
        "日期从 {first} 到 {last}；期次由另一列给出",
    ),
    "time_short": ("all dates are in {month}: no waves", "日期都在 {month}：没有多个期次"),
    "time_order": (
        (
            "dates whose day and month can't be told apart; if they make the waves, write wave = "
            '{{ time = ..., period = "month", format = "%d/%m/%Y" }} in [roles]'
        ),
        (
            "日期无法区分日和月；如需作为期次，请在 [roles] 中写 "
            'wave = {{ time = ..., period = "month", format = "%d/%m/%Y" }}'
        ),
    ),
    "time_unnamed": ("dates", "日期"),
    "rating_many": (
        "a rating like those above; {most} are drafted",
        "与上面类似的评分题；只草拟 {most} 题",
    ),
    "rating_unmeasured": (
        "a rating on {scale}; no metric that is there takes it",
        "量表 {scale} 的评分题；现有指标无法测量",
    ),
    "constant": ("the same in all responses", "所有答卷取值相同"),
    "list": ("several answers in one cell", "一个单元格含多个回答"),
    "option_many": (
        "numbered columns of 0 and 1, too many for one question (more than {most})",
        "编号列，取值 0 和 1，但多于 {most} 列，不像一道题",
    ),
    "option": (
        "options of questions with several answers; no metric that is there takes them",
        "多选题的选项；现有指标无法测量",
    ),
    "codes": (
        "few numbers, but whether codes of groups or a scale is not clear",
        "取值少的数字，但不清楚是分组编码还是量表",
    ),
    "number": ("numbers without a scale", "没有量表的数字"),
    "text": ("people's own words", "开放题文字"),
    "texts": (
        "too many different texts for groups, or too few responses in each",
        "取值太多，或每个取值的答卷太少，不适合分组",
    ),
}


def worded(one: Said, language: str) -> str:
    """A sentence in a language: ``en`` or ``zh``."""
    english, chinese = WORDS[one.key]
    return (chinese if language == "zh" else english).format(**dict(one.values))
