"""Words that questionnaires and exports use: answers in their order, names of columns.

They are general usage in English and Chinese, with a few words of Japanese and Korean; none is
taken from one instrument. The five answers of Kano's model are those of Kano et al. (1984) in the
wordings that Berger et al. (1993) and Chinese textbooks give them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

#: Answers from low to high; each step with the wordings that stand for it.
WORDINGS: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "agree5": (
        ("strongly disagree", "completely disagree", "totally disagree", "非常不同意",
         "完全不同意", "强烈不同意", "很不同意", "非常不赞同", "非常不符合", "完全不符合"),
        ("disagree", "somewhat disagree", "tend to disagree", "不同意", "比较不同意", "不太同意",
         "不赞同", "不符合", "比较不符合", "不太符合"),
        ("neutral", "neither agree nor disagree", "undecided", "neither", "一般", "中立",
         "不确定", "说不清", "无所谓", "普通"),
        ("agree", "somewhat agree", "tend to agree", "同意", "比较同意", "赞同", "符合",
         "比较符合"),
        ("strongly agree", "completely agree", "totally agree", "非常同意", "完全同意",
         "强烈同意", "很同意", "非常赞同", "非常符合", "完全符合"),
    ),
    "agree7": (
        ("strongly disagree", "completely disagree", "非常不同意"),
        ("disagree", "mostly disagree", "不同意"),
        ("somewhat disagree", "slightly disagree", "有点不同意", "比较不同意", "有些不同意"),
        ("neutral", "neither agree nor disagree", "一般", "中立", "不确定"),
        ("somewhat agree", "slightly agree", "有点同意", "比较同意", "有些同意"),
        ("agree", "mostly agree", "同意"),
        ("strongly agree", "completely agree", "非常同意"),
    ),
    "satisfied5": (
        ("very dissatisfied", "extremely dissatisfied", "very unsatisfied",
         "completely dissatisfied", "非常不满意", "很不满意", "十分不满意", "极不满意"),
        ("dissatisfied", "somewhat dissatisfied", "unsatisfied", "fairly dissatisfied",
         "不满意", "比较不满意", "不太满意", "较不满意"),
        ("neutral", "neither satisfied nor dissatisfied", "neither", "一般", "中立", "普通",
         "一般满意", "无所谓"),
        ("satisfied", "somewhat satisfied", "fairly satisfied", "满意", "比较满意", "较满意",
         "基本满意"),
        ("very satisfied", "extremely satisfied", "completely satisfied", "非常满意", "很满意",
         "十分满意"),
    ),
    "satisfied7": (
        ("extremely dissatisfied", "very dissatisfied", "completely dissatisfied", "非常不满意"),
        ("moderately dissatisfied", "dissatisfied", "mostly dissatisfied", "不满意"),
        ("slightly dissatisfied", "somewhat dissatisfied", "有点不满意", "比较不满意"),
        ("neutral", "neither satisfied nor dissatisfied", "一般", "中立"),
        ("slightly satisfied", "somewhat satisfied", "有点满意", "比较满意"),
        ("moderately satisfied", "satisfied", "mostly satisfied", "满意"),
        ("extremely satisfied", "very satisfied", "completely satisfied", "非常满意"),
    ),
    "good5": (
        ("very poor", "very bad", "terrible", "awful", "非常差", "很差"),
        ("poor", "bad", "差", "比较差", "较差", "不好"),
        ("fair", "average", "ok", "okay", "acceptable", "neutral", "一般", "中等", "普通"),
        ("good", "好", "比较好", "较好", "良好"),
        ("very good", "excellent", "outstanding", "非常好", "很好", "优秀"),
    ),
    "excellent5": (
        ("poor",), ("fair",), ("good",), ("very good",), ("excellent", "outstanding"),
    ),
    "likely5": (
        ("very unlikely", "extremely unlikely", "非常不可能", "很不可能", "完全不可能",
         "非常不愿意"),
        ("unlikely", "somewhat unlikely", "不可能", "不太可能", "比较不可能", "不愿意",
         "不太愿意"),
        ("neutral", "neither likely nor unlikely", "一般", "不确定", "说不清"),
        ("likely", "somewhat likely", "可能", "比较可能", "有可能", "愿意", "比较愿意"),
        ("very likely", "extremely likely", "非常可能", "很可能", "非常愿意"),
    ),
    "important5": (
        ("not at all important", "not important at all", "very unimportant", "非常不重要",
         "完全不重要", "很不重要"),
        ("slightly important", "unimportant", "not very important", "of little importance",
         "不重要", "不太重要", "比较不重要"),
        ("moderately important", "neutral", "somewhat important", "一般"),
        ("very important", "important", "重要", "比较重要"),
        ("extremely important", "非常重要", "很重要"),
    ),
}  # fmt: skip

#: The answers of Kano's questions, from "I like it" to "I dislike it".
KANO: Final[tuple[tuple[str, ...], ...]] = (
    ("i like it", "i like it that way", "i enjoy it", "i enjoy it that way", "like", "like it",
     "i would like it", "喜欢", "很喜欢", "我很喜欢", "我喜欢", "非常喜欢", "我喜欢这样"),
    ("i expect it", "i expect it that way", "it must be that way", "must-be", "must be",
     "i'm expecting it to be that way", "expect it", "it is a must", "理应如此", "理所当然",
     "应该如此", "必须如此", "应该这样", "它理应如此", "必须这样", "本该如此"),
    ("i am neutral", "i'm neutral", "neutral", "i don't care", "indifferent", "无所谓",
     "我无所谓", "没有感觉", "一般"),
    ("i can tolerate it", "i can live with it", "i can live with it that way", "live with",
     "i can live with that", "tolerate", "can tolerate", "能忍受", "勉强接受", "可以忍受",
     "勉强能接受", "可以接受", "能够忍受", "我能忍受", "勉强可以接受", "能接受"),
    ("i dislike it", "i dislike it that way", "dislike", "i do not like it", "i don't like it",
     "不喜欢", "很不喜欢", "我很不喜欢", "我不喜欢", "非常不喜欢", "讨厌", "无法接受"),
)  # fmt: skip

#: Texts that mean "not answered".
NOT_ANSWERED: Final = frozenset(
    {
        *("na", "n/a", "n.a.", "n. a.", "#n/a", "nan", "null", "none given", "missing", "-", "--"),
        *(".", "?", "don't know", "dont know", "do not know", "don’t know", "dk", "not sure"),
        *("unsure", "i don't know", "i do not know", "can't say", "cannot say", "no opinion"),
        *("refused", "refusal", "prefer not to say", "prefer not to answer", "no answer"),
        *("prefer_not_to_answer", "not applicable", "not asked", "skipped", "no response", "-oth-"),
        *("拒答", "拒绝回答", "不知道", "不清楚", "不适用", "不便回答", "未回答", "未作答", "未答"),
        *("无法评价", "不了解", "跳过", "(跳过)", "（跳过）", "(空)", "（空）", "空", "无", "缺失"),
        *("わからない", "無回答", "모름", "무응답"),
    }
)

#: Options that exclude the others of their question.
EXCLUSIVE: Final = re.compile(
    r"none( of .*)?|(i )?don'?t know\b.*|not applicable\b.*|nothing|"
    r"(以上)?(都|均|皆)(不|没|无).*|没有|无|不知道|不清楚|没有以上.*",
    re.DOTALL,
)

#: Numbers that mean "not answered" where they lie outside a scale.
NOT_ANSWERED_CODES: Final = frozenset(
    {
        *range(-9, 0),
        *(-999, -998, -997, -99, -98, -97, -96, -95, -88, -77, -66),
        *(66, 77, 88, 95, 96, 97, 98, 99),
        *(666, 777, 888, 995, 996, 997, 998, 999, 7777, 8888, 9997, 9998, 9999),
    }
)

_NUMBERED = re.compile(
    r"\s*(\d{1,2})\s*(?:[-–—:：.、)）=]\s*[^\d\s].*|\s*(?:分|星|级|点|점|points?|stars?)\s*)",
    re.IGNORECASE | re.DOTALL,
)
_SPACES = re.compile(r"\s+")


def plain(text: str) -> str:
    """A wording without what does not matter: case, spaces, full stops, typographic marks."""
    return _SPACES.sub(" ", text.replace("’", "'")).strip().strip(".。!！").casefold()


def numbered(text: str) -> int | None:
    """The number that an answer's wording starts with, as in ``9 - Extremely important``."""
    match = _NUMBERED.fullmatch(text)
    return int(match[1]) if match else None


def steps(texts: Iterable[str], wording: tuple[tuple[str, ...], ...]) -> dict[str, int] | None:
    """The step that each text stands for, from 1; None where one is no wording of these."""
    place = {one: step for step, alike in enumerate(wording, 1) for one in alike}
    found = {text: place.get(plain(text)) for text in texts}
    known = {text: step for text, step in found.items() if step is not None}
    return known if len(known) == len(found) else None


def _words(*words: str) -> re.Pattern[str]:
    """A pattern that finds words: those in letters between what is no letter, others anywhere."""
    latin = "|".join(word for word in words if word.isascii())
    other = "|".join(word for word in words if not word.isascii())
    found = [rf"(?<![a-z])(?:{latin})(?![a-z])" if latin else "", other]
    return re.compile("|".join(one for one in found if one))


RECOMMEND: Final = _words(
    r"\w*recomm?end\w*", "nps", "rec", "ltr", "推荐", "推薦", "お勧め", "추천"
)
RATING: Final = _words(
    r"\w*satisf\w*", r"\w*rating\w*", r"rated?", r"scor\w*", r"likel\w*", r"agree\w*", "quality",
    r"importan\w*", "overall", "csat", "ces", r"stars?", r"trust\w*", r"loyal\w*", r"eas[ey]\w*",
    "满意", "评分", "打分", "推荐", "评价", "重要", "同意", "得分", "星级", "可能性", "满足",
    "만족", "評価",
)  # fmt: skip
WEIGHT: Final = re.compile(
    r"(?:.*[^a-z])?(?:weights?|wgt|wts?|gewicht|pweight|pw|w)(?:[^a-z].*)?|.*(?:权重|加权|權重).*"
)
ID: Final = _words(
    r"\w*id", r"\w*uuid", "respondent", "record", r"\w*number", r"row", "index", "token",
    r"\w*no", "key", r"seed", "ip", "序号", "编号", "编码", "答卷", "识别码", "账号",
    "手机", "电话", "来自ip",
)  # fmt: skip
TOOL: Final = _words(
    "ip", r"ip_?address", r"duration\w*", "seed", r"last_?page", "progress", r"start_?language",
    r"user_?language", r"user_?agent", "browser", r"location_?latitude", r"location_?longitude",
    r"external_?reference", r"recipient\w*", r"collector_?id", r"survey_?id", "来自ip", "所用时间",
    "答题时长", "时长", "浏览器",
)  # fmt: skip
WAVE: Final = _words("wave", "round", "波次", "期次", "轮次", "调查期")
PERIOD: Final = _words("month", "quarter", "period", "年月", "月份", "季度", "期间")
TIME_LAST: Final = _words(
    r"end\w*", r"submit\w*", r"complet\w*", r"recorded\w*", r"finish\w*", "提交", "结束", "完成",
)  # fmt: skip
TIME: Final = _words(
    r"\w*dates?", r"\w*time\w*", r"created\w*", r"day", "日期", "时间", "date", "時間"
)
NO_TIME: Final = _words(
    r"\w*birth\w*", "dob", r"\w*flown", "出生", "生日", r"start\w*", "开始", "所用", r"duration"
)
ABOUT_PEOPLE: Final = _words(
    r"\w*region\w*", "area", "country", r"\w*country", "city", "province", "state", "branch",
    "store", "site", "department", "dept", "channel", "segment", "gender", "sex", "age",
    r"age_?(?:group|class|band)",
    r"edu\w*", r"\w*type", "group", "product", "plan", "brand", "team", "unit", "bu", "cohort",
    r"income\w*", r"employ\w*", "occupation", "job", r"customer_?type", "tier", "level",
    r"faculty", r"cabin\w*", r"contract", r"locality", r"ethnicity", r"religion", r"residenc\w*",
    "地区", "区域", "省", "城市", "门店", "网点", "部门", "渠道", "性别", "年龄", "学历", "职业",
    "收入", "客户类型", "产品", "品牌", "类型", "类别", "层级", "来源", "成别", "성별", "연령",
)  # fmt: skip
STATUS: Final = _words(
    r"\w*status", r"finished", r"completed?", r"distribution_?channel", r"distributionchannel",
    r"disposition", "状态", "是否完成", "答卷状态", "完成情况",
)  # fmt: skip
SUBMITTED: Final = re.compile(r"submitdate")

#: Values of a status that say the response is none to count.
NOT_COMPLETE: Final = frozenset(
    {
        *("partial", "incomplete", "in progress", "started", "abandoned", "preview", "test"),
        *("survey preview", "survey test", "spam", "disqualified", "screened out", "screen out"),
        *("terminated", "quota full", "over quota", "overquota", "deleted", "未完成", "无效"),
        *("作废", "预览", "测试", "部分完成", "中途退出", "废卷", "无效答卷"),
    }
)
#: The same in a column that asks whether somebody finished.
NOT_FINISHED: Final = frozenset({"false", "no", "0", "n", "否"})
FINISHED: Final = _words("finished", r"completed?", "是否完成")

#: Functional and dysfunctional, as columns are named.
KANO_SIDES: Final[tuple[tuple[str, str], ...]] = (
    ("dysfunctional", "functional"),
    ("dysfunc", "func"),
    ("dys", "fun"),
    ("negative", "positive"),
    ("neg", "pos"),
    ("without", "with"),
    ("absent", "present"),
    ("反向题", "正向题"),
    ("反向", "正向"),
    ("反面", "正面"),
    ("负向", "正向"),
    ("不具备", "具备"),
    ("不提供", "提供"),
    ("没有", "有"),
    ("d", "f"),
)
#: Expectation and perception, as columns are named.
SERVQUAL_SIDES: Final[tuple[tuple[str, str], ...]] = (
    ("expectations", "perceptions"),
    ("expectation", "perception"),
    ("expected", "perceived"),
    ("expect", "perceive"),
    ("expect", "percept"),
    ("exp", "perc"),
    ("exp", "per"),
    ("期望值", "感知值"),
    ("期望", "感知"),
    ("期望", "实际"),
    ("期待", "感知"),
    ("e", "p"),
)
