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
    "easy5": (
        ("very difficult", "extremely difficult", "very hard", "非常困难", "很困难", "非常费力",
         "很费力", "非常不容易", "很不容易", "非常麻烦"),
        ("difficult", "somewhat difficult", "hard", "困难", "比较困难", "费力", "比较费力",
         "不容易", "不太容易", "比较麻烦"),
        ("neutral", "neither easy nor difficult", "neither", "一般", "普通", "中立"),
        ("easy", "somewhat easy", "容易", "比较容易", "轻松", "比较轻松", "省力", "比较省力"),
        ("very easy", "extremely easy", "非常容易", "很容易", "非常轻松", "很轻松", "非常省力",
         "很省力"),
    ),
    "easy7": (
        ("extremely difficult", "very difficult", "非常困难"),
        ("difficult", "moderately difficult", "困难"),
        ("somewhat difficult", "slightly difficult", "有点困难", "比较困难"),
        ("neutral", "neither easy nor difficult", "一般", "中立"),
        ("somewhat easy", "slightly easy", "有点容易", "比较容易"),
        ("easy", "moderately easy", "容易"),
        ("extremely easy", "very easy", "非常容易"),
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
    "满意", "体验", "评分", "打分", "推荐", "评价", "重要", "同意", "得分", "星级", "可能性",
    "满足", "만족", "評価",
)  # fmt: skip
#: Names that are no question's by their last word: numbers of things, counts, years, amounts.
NO_RATING: Final = re.compile(
    r"(?:.*[^a-z])?(?:ids?|uuid|codes?|no|num|number|counts?|qty|years?|months?|days|ages?|zip|"
    r"postcode|amount|usd|eur|gbp|cny|rmb)|"
    r".*(?:编号|编码|代码|序号|年份|年龄|年限|工龄|月数|天数|年数|次数|人数|金额|[(（]元[)）])",
    re.DOTALL,
)
#: Names that begin as a count or a time does; one that speaks of a rating may yet be a question's.
COUNTED: Final = re.compile(r"(?:years|months|days|hours|number|count|age)[\s_.-].*", re.DOTALL)
#: Things that are counted, which have few values as ratings do.
THINGS: Final = re.compile(
    r"(?:(?:n|no|num|number|count|total|prior|previous|past)[\s_.-]*(?:of[\s_.-]*)?)?"
    r"(?:nights?|guests|adults|children|kids|persons|floors?|visits|visitors|orders|trips|stays|"
    r"bookings|purchases|quantity|spend|spending)(?:[\s_.-]*(?:stayed|count|total|number))?|"
    r"total[\s_.-].*|.*(?:晚数|间夜|楼层|司龄|孩子数|子女数|件数|数量|订单数|消费额)",
    re.DOTALL,
)
#: Questions on what it was, or how many: their answers are codes or counts.
ASKS_WHICH: Final = re.compile(
    r"(?:q?\d+[\s_.:：、)）]*)?(?:(?:(?:in|at|on|from|to|of|for|through) )?"
    r"(?:which|what (?:type|kind)|whose)\b|how (?:many|old)\b|"
    r"(?:where|when|who) (?:is|are|was|were|do|does|did|have)\b)|"
    r".*(?:哪(?:一|个|家|种|些|里|类|项)|多少(?:次|个|人|岁|年|天)|几(?:次|个|人|岁|年|天))",
    re.DOTALL,
)
#: Satisfaction, once what says the contrary is taken away.
SATISFACTION: Final = _words(r"\w*satisf\w*", "csat", "sat", "满意", "滿意", "満足", "만족")
DISSATISFACTION: Final = re.compile(r"[a-z]*(?:dissatisf|unsatisf)[a-z]*|不[太很]?满意|不滿意")
#: Of the whole, and not of a part of it.
OVERALL: Final = _words(
    r"overall\w*", r"\w+overall", r"general(?:ly)?", "total", "altogether", r"on the whole",
    r"as a whole", r"all in all", "总的来", "总体来", "整体来", "总体上", "整体上", "总满意",
    "(?:总体|整体|综合|總體|整體)(?:而言)?(?:的)?(?:服务|客户|顾客|用户)?(?:的)?"
    "(?:满意|滿意|评价|评分|打分|得分|感受|体验|印象|是否)",
    r"满意(?:度|程度)?[\s_:：（(-]*(?:总体|整体|综合)", "(?:总体|整体|综合|总评)$", "総合", "전반",
)  # fmt: skip
#: A name that is nothing but satisfaction, or satisfaction with all there is.
SATISFACTION_ALONE: Final = re.compile(
    r"(?:q?\d+[\s_.:：、]*)?(?:(?:customer|client|guest|passenger|patient|user|visitor|member|my|our)"
    r"s?[\s_.-]*)?(?:satisfaction|satisfied|csat)(?:[\s_.-]*(?:score|rating|level|index))?|"
    r"(?:q?\d+[\s_.:：、]*)?(?:您?对?(?:(?:我们|本次|此次|我司|本公司|我行|本店|本行)的?(?:服务)?)?的?|"
    r"客户|顾客|用户|游客|旅客|乘客|患者|住客|会员)?(?:是否)?满意(?:度|程度|吗)?"
    r"(?:评分|得分|打分|评价)?[?？]?"
)
#: A question on satisfaction with all there is.
SATISFACTION_ASKED: Final = re.compile(
    r"how satisfied (?:or dissatisfied )?(?:are|were) you with "
    r"(?:us|our (?:company|services?|bank|hotel|shop|store)|"
    r"(?:your|this|the) (?:visit|stay|experience|purchase|order|trip|flight))\W*"
)
#: The whole of it, rated, where nothing says that it is satisfaction.
OVERALL_ALONE: Final = re.compile(
    r"(?:q?\d+[\s_.:：、]*)?(?:overall(?:[\s_.-]*(?:rating|score|experience|evaluation|impression))?|"
    r"(?:rating|score|experience)[\s_.-]*overall|"
    r"您?的?(?:总体|整体|综合)(?:的)?(?:体验|评价|评分|打分|得分|感受|印象)+)"
)
#: Effort: that it was easy, how hard it was, how much was spent.
EASY: Final = re.compile(
    r"how easy|how easily|made it easy|made it (?:\w+ )?easy|"
    r"\b(?:it|this|that) (?:was|is|has been) (?:very |so )?easy|"
    r"省力|容易程度|容易度|轻松程度|轻松度|是否(?:容易|轻松)|(?:容易|轻松)吗|多容易|容易不容易"
)
EASY_NAME: Final = re.compile(
    r"(?:q?\d+[\s_.:：、]*)?(?:ease|easy|easiness|(?:was|made)_?it_?easy|it_?was_?easy|how_?easy)"
    r"(?:[\s_.-]*(?:score|rating))?|(?:q?\d+[\s_.:：、]*)?(?:容易|轻松|省力)"
)
HARD: Final = re.compile(r"how difficult|how hard|困难程度|费力|费劲|麻烦程度")
EFFORT: Final = re.compile(
    r"how much effort|effort .{0,40}(?:put forth|put in|spend|spent|expend)|"
    r"(?:花费?|付出|投入).{0,12}(?:精力|力气|努力)"
)
EFFORT_NAME: Final = re.compile(r"(?:q?\d+[\s_.:：、]*)?effort(?:[\s_.-]*(?:rating|level))?")
#: The score itself by its name, which is version 2.0 on its scale of 1 to 7.
CES_NAME: Final = re.compile(
    r"(?:q?\d+[\s_.:：、]*)?(?:ces|customer[\s_.-]*effort(?:[\s_.-]*score)?)(?:[\s_.-]*2(?:\.0)?)?"
    r"(?:[\s_.-]*score)?(?:\s*[(（]ces[)）])?"
)
#: Importance and how well it is done, as columns are named.
IMPORTANCE_SIDES: Final[tuple[tuple[str, str], ...]] = (
    ("importance", "performance"),
    ("importance", "satisfaction"),
    ("importance", "rating"),
    ("imp", "perf"),
    ("imp", "sat"),
    ("重要性", "满意度"),
    ("重要度", "满意度"),
    ("重要程度", "满意程度"),
    ("重要性", "表现"),
    ("重要性", "绩效"),
)
IMPORTANCE: Final = _words(r"\w*importan\w*", "重要")
#: Places on a customer's way that say so themselves.
TOUCHPOINT: Final = _words(r"touch_?points?\w*", "触点", "接触点", "环节")
#: The same at the beginning of a name; in a question a journey may be any trip.
JOURNEY: Final = re.compile(
    r"(?:customer[\s_.-]*)?journey[\s_.:-].+|(?:客户|顾客|用户)?旅程[\s_.:：-].+", re.DOTALL
)
#: Better or worse than expected; what was expected; what was found.
DISCONFIRMED: Final = _words(
    r"disconfirm\w*", r"(?:better|worse|more|less)\b.{0,20}\bthan.{0,12}expect\w*",
    r"compared (?:to|with).{0,16}expect\w*", r"met_?expectations?", r"meets?_?expectations?",
    r"expectations?_?met", "比预期", "比期望", "与预期相比", "与期望相比", "超出预期", "超出期望",
    "符合预期", "达到预期", "达到期望",
)  # fmt: skip
EXPECTED: Final = _words(r"expect\w*", "期望", "期待", "预期")
PERCEIVED: Final = _words(
    r"perce(?:ived?|ption)\w*", "experienced", "实际", "感知",
)  # fmt: skip
MET: Final = re.compile(r"met|found|got|received")
#: Cases: when they were opened, first answered, closed.
OPENED: Final = _words(
    r"opened\w*", r"open_?(?:date|time|at|on)", r"(?:date|time)_?opened", r"created\w*",
    r"creation_?(?:date|time)", r"create_?(?:date|time|at|on)", r"(?:date|time)_?created",
    r"reported\w*", r"received\w*", r"logged\w*", r"raised\w*", "创建", "受理", "登记", "报修",
    "开单", "建单", "投诉时间", "来电时间", "申请时间", "提交时间", "接单",
)  # fmt: skip
RESPONDED: Final = _words(
    r"first_?(?:respon|repl)\w*", r"responded\w*", r"replied\w*", "首次响应", "首次回复",
    "响应时间", "回复时间", "答复时间",
)  # fmt: skip
CLOSED: Final = _words(
    r"closed\w*", r"clos(?:e|ure|ing)_?(?:date|time|at|on)", r"(?:date|time)_?closed",
    r"resolved\w*", r"(?:resolve|resolution)_?(?:date|time|at|on)", r"(?:date|time)_?resolved",
    r"solved\w*", r"settled\w*", "解决", "关闭", "办结", "结案", "完结", "处理完成", "处理完毕",
)  # fmt: skip
#: Which of several beginnings and ends is that of the case, for whom it is about.
OPENED_FIRST: Final = re.compile(r"open|受理|报修|投诉时间|来电时间")
RESOLVED: Final = re.compile(r"resol|solved|解决|办结")
#: Customers: whether they left, how long they have been there, when they came and went.
CHURNED: Final = _words(r"churn(?:ed)?", r"churn_?(?:flag|label|value|yn)", r"is_?churn(?:ed)?",
                        r"has_?churned", "流失", "离网", "退网")  # fmt: skip
LEFT: Final = _words(
    "left", "exited", r"cancell?ed", "lapsed", "退订", "退会", "注销", "销户",
)  # fmt: skip
NOT_CHURNED: Final = re.compile(r"risk|score|prob|reason|date|time|风险|概率|原因|时间|日期|得分")
TENURE: Final = _words(
    r"tenure\w*", r"(?:months|years|days)_?(?:as_?)?(?:a_?)?(?:customer|member)",
    r"customer_?(?:months|years|days)", r"account_?(?:age|length)", "在网", "入网时长", "客龄",
    "会龄", "会员时长", "会员年限", "会员月数", "使用月数",
)  # fmt: skip
JOINED: Final = _words(
    r"joined\w*", r"join_?(?:date|time|on)", r"sign_?up\w*", r"signed_?up\w*", r"registered\w*",
    r"registration_?(?:date|time)", r"(?:customer|member)_?since", r"subscribed\w*",
    r"subscription_?start\w*", "注册", "开户", "入网", "入会", "开通", "加入时间", "加入日期",
)  # fmt: skip
ENDED: Final = _words(
    r"left\w*", r"leav(?:e|ing)_?(?:date|time|on)", r"churn(?:ed)?_?(?:date|time|at|on)", "churned",
    r"cancell?ed\w*", r"cancel(?:lation)?_?(?:date|time)", r"terminat\w+", r"unsubscribed\w*",
    r"subscription_?end\w*", "ended", "流失", "销户", "离网", "退网", "退会", "注销", "退订",
)  # fmt: skip
#: Of staff, who are not customers.
STAFF: Final = _words(
    r"employee_?(?:id|no|number|count|name|code|key)", r"staff_?(?:id|no|number|name|code)",
    r"job_?(?:title|role|level|grade)\w*", r"hired?_?(?:date|on)?", "attrition",
    "员工编号", "员工号", "员工姓名", "职工", "工号", "岗位", "入职", "离职",
)  # fmt: skip
#: Units of time in a name.
UNITS: Final[Mapping[str, re.Pattern[str]]] = {
    "day": _words("days?", r"\w+_days?", r"days_\w+", "天"),
    "month": _words("months?", r"\w+_months?", r"months_\w+", "月"),
    "year": _words("years?", r"\w+_years?", r"years_\w+", "年"),
}
#: Columns that count complaints, and what they are counted on.
COMPLAINTS: Final = re.compile(
    r"(?:(?:n|no|num|number|count|total)[\s_.]*(?:of[\s_.]*)?)?complaints"
    r"(?:[\s_.]*(?:count|number|total|received))?|complaint[\s_.]*(?:count|number|total)|"
    r"(?:总|本月|当月|客户|顾客)?投诉(?:总?量|总?数|次数|件数|数量|起数|笔数)?"
)
EXPOSURE: Final = re.compile(
    r"(?:(?:n|no|num|number|count|total)[\s_.]*(?:of[\s_.]*)?)?"
    r"(?:visits|visitors|transactions|orders|customers|passengers|guests|calls|contacts|trips|flights|"
    r"deliveries|shipments|stays|room[\s_.]*nights|admissions|patients|bookings)"
    r"(?:[\s_.]*(?:count|number|total|served))?|"
    r".{0,6}(?:客流量|人流量|客流|交易量|交易数|交易次数|交易笔数|订单量|订单数|服务量|业务量|业务笔数|"
    r"办件量|访问量|访问次数|来访量|来访次数|到店次数|接待量|接待人次|接待人数|服务人次|旅客量|就诊量|来电量|"
    r"通话量|客户数|顾客数|人次)"
)
#: Yes and no in cells.
YES: Final = frozenset(
    {"1", "yes", "y", "true", "t", "是", "有", "流失", "已流失", "churned", "left"}
)
NO: Final = frozenset(
    {"0", "no", "n", "false", "f", "否", "没有", "无", "未流失", "stayed", "retained", "active"}
)
WEIGHT: Final = re.compile(
    r"(?:.*[^a-z])?(?:weights?|wgt|wts?|gewicht|pweight|pw|w)(?:[^a-z].*)?|.*(?:权重|加权|權重).*"
)
ID: Final = _words(
    r"\w*(?<!pa)(?<!val)(?<!cov)id", r"\w*uuid", "respondent", "record", r"\w*number", r"row",
    "index", "token", r"\w*no", "key", r"seed", "ip", "序号", "编号", "编码", "答卷", "识别码",
    "账号", "手机", "电话", "来自ip",
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
    r"\w*birth\w*",
    "dob",
    r"\w*flown",
    r"hired?\w*",
    r"join\w*",
    r"regist\w*",
    r"sign_?up\w*",
    "入职",
    "离职",
    "注册",
    "开户",
    "销户",
    "入会",
    "出生",
    "生日",
    r"start\w*",
    "开始",
    "所用",
    r"duration",
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
#: Those of them that say of a customer that he or she has left.
NO_CUSTOMER: Final = frozenset({"terminated", "deleted", "abandoned"})
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
