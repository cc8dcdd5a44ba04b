"""The sentences of a draft on satisfaction, effort and events, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: By key: in English, in Chinese.
METRICS: Final[Mapping[str, tuple[str, str]]] = {
    "csat": (
        "asks for satisfaction with the whole: how many are satisfied",
        "询问总体满意度：满意的比例",
    ),
    "csat_only": (
        "the only question on satisfaction: how many are satisfied",
        "唯一的满意度题目：满意的比例",
    ),
    "csat_numbers": (
        (
            "satisfied are {first} and {second} of {low}..{high}, as is customary; if low "
            "answers are the good ones, write reversed = true"
        ),
        (
            "按惯例 {low}..{high} 中 {first} 和 {second} 为满意；如果低分表示满意，请写 "
            "reversed = true"
        ),
    ),
    "csat_reversed": (
        "low answers are the good ones, as the file says: satisfied are {first} and {second}",
        "文件表明低分表示满意：{first} 和 {second} 为满意",
    ),
    "ces_easy": (
        "asks how easy it was; high answers are taken for the easy ones",
        "询问是否容易、省力；高分视为容易",
    ),
    "ces_named": (
        (
            "named like an effort score; on 1..7 that is CES 2.0, where high answers are the "
            "easy ones"
        ),
        "列名像费力度；1..7 为 CES 2.0，高分表示容易",
    ),
    "ces_hard": (
        "asks for effort; low answers are the good ones, as in CES 1.0",
        "询问费力程度；低分为好，即 CES 1.0",
    ),
    "ces_words": (
        "easy are the two best answers, as their wordings say",
        "容易为最好的两个选项，选项用语如此",
    ),
    "ces_threshold": (
        (
            "no custom says which answers of 1..5 are the easy ones; 4 and 5 are taken. If 1 "
            'is the easy end, write version = "1.0" in place of scale and threshold'
        ),
        (
            "1..5 中哪些回答算容易没有惯例，此处取 4 和 5；如果 1 表示容易，请写 version = "
            '"1.0" 以代替 scale 和 threshold'
        ),
    ),
    "ces_unknown": (
        (
            "'{name}' asks for effort, on {low}..{high}. If high answers are the easy ones, "
            "take away the # and set threshold to the least of them; if low ones are, write "
            'version = "1.0" and the greatest of them, as threshold = {first}'
        ),
        (
            "“{name}”询问费力程度，量表 {low}..{high}。如果高分表示容易，请去掉 # 并把 "
            'threshold 设为其中最低分；如果低分表示容易，请写 version = "1.0"，threshold 设为其'
            "中最高分，如 threshold = {first}"
        ),
    ),
    "expectation": (
        "'{expected}' was expected and '{perceived}' perceived, with '{outcome}' as the outcome",
        "“{expected}”为期望，“{perceived}”为感知，结果为“{outcome}”",
    ),
    "also_measured": (
        "'{name}' is measured by itself too: here it is what the others are held against",
        "“{name}”另有单独的指标；在此作为其他题目所对照的结果",
    ),
    "drivers": (
        (
            "{count} ratings on one scale, and '{name}' of the whole: which of them goes with "
            "it. If one is no part of the whole, take it out"
        ),
        "{count} 个同量表的评分题和总体题“{name}”：哪些与总体相关；不属于总体的题目请删去",
    ),
    "drivers_means": (
        "the means of the others are told below, as those of all ratings",
        "其他题目的均值与所有评分题一样在下面给出",
    ),
    "drivers_pairwise": (
        "some were rated by few: pairwise takes those who rated both of two",
        "有的题目回答者少：pairwise 取同时回答两题的人",
    ),
    "drivers_slow": (
        (
            "by = [] computes importance for all responses together: of more than {most} "
            "ratings it takes its time in every group and wave"
        ),
        "by = [] 只对全部答卷计算重要性：多于 {most} 个评分题时，在每个分组和期次中计算较慢",
    ),
    "drivers_agree": (
        (
            "there is an overall rating, and {count} statements to agree with on one scale. If "
            "they speak of what the overall rating is made of, take away the #"
        ),
        "有总体题，另有 {count} 个同量表的同意题；如果它们是总体的组成部分，请去掉 #",
    ),
    "drivers_many": (
        (
            "there is an overall rating, and {count} ratings on one scale: importance is "
            "computed for up to {most}. Choose among them, and take away the #"
        ),
        "有总体题，另有 {count} 个同量表的评分题；重要性最多计算 {most} 个，请选择并去掉 #",
    ),
    "importance_performance": (
        "{count} attributes, each with its importance and its performance",
        "{count} 个要素，各有重要性和表现",
    ),
    "journey": (
        "{count} touchpoints, as their names say; who gave no rating did not come by",
        "{count} 个触点，由列名或题目得知；未评分者视为未经过该触点",
    ),
    "cases": (
        "a row a case, opened at '{opened}' and closed at '{closed}'",
        "每行一个案件：“{opened}”为开始，“{closed}”为结束",
    ),
    "cases_answered": (
        "a row a case, opened at '{opened}' and first answered at '{closed}'",
        "每行一个案件：“{opened}”为开始，“{closed}”为首次响应",
    ),
    "cases_closed": (
        "all are closed; the last time that is written is of {until}",
        "全部已结束；文件中最后的时间在 {until}",
    ),
    "cases_open": (
        (
            "{count} cases have no such time and are taken for open until {until}, the last "
            "day that is written; write the day on which the table was drawn"
        ),
        (
            "{count} 个案件没有结束时间，视为到 {until}（文件中最后一天）仍未结束；请写明导出数"
            "据的日期"
        ),
    ),
    "cases_days": (
        "dates without a time of day: durations are in days",
        "只有日期没有时刻：时长以天计",
    ),
    "cases_several": (
        (
            "cases have several times at which they may begin and end (also {others}). Choose, "
            "and take away the #"
        ),
        "案件有多个可能的起止时间（另有 {others}）；请选择并去掉 #",
    ),
    "status_of_case": (
        "what became of cases or customers, which their times tell; none is dropped for it",
        "案件或客户的结果，已由时间列得知；不因此剔除任何一行",
    ),
    "churn": (
        "says who left: {count} of {rows} customers",
        "表明谁已流失：{rows} 个客户中 {count} 个",
    ),
    "churn_tenure": (
        "'{name}' says how long each has been a customer, in {unit}s",
        '“{name}”为成为客户的时长，unit = "{unit}"',
    ),
    "churn_unit": (
        '\'{name}\' is taken for {unit}s; if it is not, write unit = "day" or "year"',
        '“{name}”视为以 unit = "{unit}" 计；如果不是，请写 unit = "day" 或 "year"',
    ),
    "yes_no": (
        "yes and no",
        "是与否",
    ),
    "churn_dates": (
        "a row a customer, who came at '{joined}' and left at '{ended}', where that is written",
        "每行一个客户：“{joined}”为加入，“{ended}”（如有）为离开",
    ),
    "churn_window": (
        (
            "the period is a guess: the last year that is written, {since} to {until}; write "
            "the one that you mean"
        ),
        "时期为推测：文件中最后一年，{since} 至 {until}；请写明所要的时期",
    ),
    "churn_start": (
        (
            "customers came and left, but only {count} came before {since}. Choose a period "
            "with customers at its start, and take away the #"
        ),
        (
            "有客户加入和离开的时间，但 {since} 之前只有 {count} 个客户；请选择期初有客户的时期"
            "并去掉 #"
        ),
    ),
    "churn_weighted": (
        (
            "customers came and left; errors under weights do not know of those that came "
            "before the period. Take the weight '{weight}' out of [roles], and away the #"
        ),
        (
            "有客户加入和离开的时间；加权时无法处理时期之前的客户。请从 [roles] 去掉权重“"
            "{weight}”并去掉 #"
        ),
    ),
    "complaints": (
        "'{events}' counts {total} complaints, '{exposure}' the {whole} that they are counted on",
        "“{events}”共 {total} 起投诉，“{exposure}”共 {whole}，作为基数",
    ),
    "complaints_several": (
        "complaints may be counted on other columns too: {others}. Choose, and take away the #",
        "投诉的基数还可以是：{others}。请选择并去掉 #",
    ),
}
