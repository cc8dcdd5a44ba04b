"""The comments of a starting file, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: By key: in English, in Chinese.
WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "head": (
        (
            "{trade}: a starting point. Put your own columns in the place of these, then your own "
            "targets below."
        ),
        "{trade}：起步模板。请把列名换成您自己的，再填写文末的目标值。",
    ),
    "try": (
        "To see it work before there are answers:",
        "在有答卷之前，可以这样试用：",
    ),
    "data": (
        "the answers, relative to this file; or name them when you run it",
        "答卷文件，相对于本文件；也可在运行时写明",
    ),
    "min_base": ("cells with fewer answers are marked", "少于此数的分组会被标记"),
    "segment": ("results by subgroup: {about}", "按分组报告：{about}"),
    "wave": (
        "when the answer was given; results are told by month",
        "答卷日期；按月报告",
    ),
    "instrument": ("{title}. Source: {source}", "{title}。来源：{source}"),
    "wording": (
        (
            "The questions' wording belongs to its authors and is not here. Columns, unless you "
            "name "
            "others below:"
        ),
        "题目措辞归原作者所有，此处不提供。列名如下，可在下面另行指定：",
    ),
    "forms": (
        "where perceptions alone were asked:",
        "若只询问感知：",
    ),
    "scale": (
        "the questionnaire's scale could not be read at its source: write the one that you use",
        "未能读到该量表的分级：请写明您使用的分级",
    ),
    "placeholder": ("PLACEHOLDER: your own", "占位：请换成您自己的"),
    "dimensions": (
        (
            "Items whose dimension is not known make one score, until you say which belong "
            "together. Not known here: {unread}. "
            "From your questionnaire, fill in and uncomment:"
        ),
        (
            "在您写明各维度的题号之前，维度未知的题项合为一个得分。此处未知：{unread}。"
            "请对照问卷填写并取消注释："
        ),
    ),
    "operational": (
        (
            "Operational indicators. Cases, customers and staff are mostly kept in files of their "
            "own, one row each: then take these tables to a study of that file."
        ),
        "运营指标。个案、客户与员工通常各有自己的文件，每行一条：请把下列表移到该文件的研究中。",
    ),
    "reliability": (
        "then take the next line out, and reliability is told of each dimension",
        "填写后请删去下一行，即可报告各维度的信度",
    ),
    "left_out": (
        (
            "LEFT OUT: no plugin that is installed offers the metric '{kind}' with these "
            "options. With "
            "one that does:"
        ),
        "已略去：已安装的插件都不提供可用这些选项的指标“{kind}”。安装后可写：",
    ),
    "standards": (
        (
            "Standards: the targets are PLACEHOLDERS and no advice. Put your own in their place; "
            "`satcore check` holds them against the intervals."
        ),
        (
            "服务标准：目标值均为占位，并非建议。请换成您自己的；satcore check "
            "会用置信区间检验是否达标。"
        ),
    ),
    "target": ("PLACEHOLDER: your own target", "占位：请填写您自己的目标"),
}
