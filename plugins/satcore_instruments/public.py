"""Questionnaires of hospitals, universities and libraries."""

from __future__ import annotations

from typing import Final

from satcore import InstrumentSpec
from satcore_instruments.words import PERFORMANCE, abstract_alone, dimension, said

HCAHPS: Final = InstrumentSpec(
    "hcahps",
    said("HCAHPS (first form)", "HCAHPS 住院患者体验调查（初版）"),
    "Centers for Medicare and Medicaid Services and Agency for Healthcare Research and Quality "
    "(2006), "
    "Hospital Consumer Assessment of Healthcare Providers and Systems (HCAHPS)",
    industry=said("hospitals", "医院"),
    items=18,
    scale="1..4",
    dimensions=(
        dimension("nurses", "Communication with nurses", "护士沟通", "1..3"),
        dimension("doctors", "Communication with doctors", "医生沟通", "4..6"),
        dimension("staff", "Responsiveness of hospital staff", "医护人员响应", "7..8"),
        dimension("pain", "Pain management", "疼痛管理", "9..10"),
        dimension("medicines", "Communication about medicines", "用药沟通", "11..12"),
        dimension("cleanliness", "Cleanliness", "清洁", "13"),
        dimension("quietness", "Quietness", "安静", "14"),
        dimension("discharge", "Discharge information", "出院指导", "15..16", "0..1"),
        dimension("rating", "Overall rating", "总体评分", "17", "0..10"),
        dimension("recommend", "Willingness to recommend", "推荐意愿", "18", "1..4"),
    ),
    scoring=said(
        "Items 1 to 14 ask how often: 1 never, 2 sometimes, 3 usually, 4 always; a composite is "
        "the "
        "mean of its items. What is published is the share of 'always', for which "
        "a metric of the top box serves. Items 15 to 18 have other scales and are measured apart",
        "第 1 至 14 题问频率：1 从不、2 有时、3 经常、4 总是；合成指标为其题项的平均。"
        "对外公布的是“总是”"
        "的占比，可用最高分占比类指标计算。第 15 至 18 题量表不同，另行测量",
    ),
    read="hcpro.com, Inside the program: HCAHPS aggregation process (2010: 18 substantive "
    "questions, "
    "how many each composite combines); nm.org on nurse communication (never to always). The "
    "numbers are ours: composites in the order in which they are published",
    unread=said(
        "the form of 2025, which has 32 questions (Becker's Hospital Review, 6 changes coming to "
        "HCAHPS in 2025): how many each of its composites combines could not be read",
        "2025 年的新版（32 题，见 Becker's Hospital Review）：各合成指标包含几题未能读到",
    ),
    labels={
        1: said("Nurses: courtesy and respect", "护士：礼貌与尊重"),
        2: said("Nurses: listen", "护士：倾听"),
        3: said("Nurses: explain", "护士：解释"),
    },
)

HEDPERF: Final = InstrumentSpec(
    "hedperf",
    said("HEdPERF", "HEdPERF 高等教育服务绩效量表"),
    "Abdullah, F. (2006), The Development of HEdPERF: A New Measuring Instrument of Service "
    "Quality for "
    "the Higher Education Sector, International Journal of Consumer Studies 30(6), 569-581",
    industry=said("higher education", "高等教育"),
    items=41,
    scale="",
    dimensions=(
        dimension("non_academic", "Non-academic aspects", "非学术方面"),
        dimension("academic", "Academic aspects", "学术方面"),
        dimension("reputation", "Reputation", "声誉"),
        dimension("access", "Access", "可及性"),
        dimension("programmes", "Programme issues", "专业与课程"),
        dimension("understanding", "Understanding", "理解学生"),
    ),
    scoring=PERFORMANCE,
    read="the article's abstract (typeset.io/papers/12in7n9xp1)",
    unread=abstract_alone(),
)

LIBQUAL: Final = InstrumentSpec(
    "libqual",
    said("LibQUAL+", "LibQUAL+ 图书馆服务质量量表"),
    "Cook, C., Heath, F., Kyrillidou, M., Thompson, B. and the Association of Research Libraries "
    "(2003 "
    "onwards), LibQUAL+; core questions of 2008",
    industry=said("libraries", "图书馆"),
    items=22,
    scale="1..9",
    dimensions=(
        dimension("affect_of_service", "Affect of service", "服务影响", "1,4,6,9,11,13,15,18,22"),
        dimension("information_control", "Information control", "信息控制", "2,5,7,10,14,16,19,20"),
        dimension("library_as_place", "Library as place", "图书馆环境", "3,8,12,17,21"),
    ),
    forms=("desired", "adequate", "perception"),
    scoring=said(
        "Adequacy is perception minus the minimum, superiority perception minus the desired "
        "level; a "
        "dimension is the mean of its items",
        "适当度为感知减最低可接受水平，优异度为感知减理想水平；维度为其题项的平均",
    ),
    read="library.illinois.edu/staff/assessment/libsurv/libquallist (the 22 core questions of "
    "2008 and "
    "their numbers); scranton.edu/academics/wml/about/assessment/LibQual12 (what each of the three "
    "dimensions asks); luo.kayak150.com/librarysurvey (1 to 9; minimum, desired, perceived)",
)
