"""Questionnaires of online shops and of governments' sites."""

from __future__ import annotations

from typing import Final

from satcore import InstrumentSpec
from satcore_instruments.words import PERFORMANCE, dimension, said

_SOURCE: Final = (
    "Parasuraman, A., Zeithaml, V. A. and Malhotra, A. (2005), E-S-QUAL: A Multiple-Item Scale for "
    "Assessing Electronic Service Quality, Journal of Service Research 7(3), 213-233"
)

ESQUAL: Final = InstrumentSpec(
    "esqual",
    said("E-S-QUAL", "E-S-QUAL 电子服务质量量表"),
    _SOURCE,
    industry=said("e-commerce", "电子商务"),
    items=22,
    scale="1..5",
    dimensions=(
        dimension("efficiency", "Efficiency", "效率", "1..8"),
        dimension("system_availability", "System availability", "系统可用性"),
        dimension("fulfillment", "Fulfilment", "履约"),
        dimension("privacy", "Privacy", "隐私"),
    ),
    scoring=PERFORMANCE,
    read="the article's abstract (doi 10.1177/1094670504271156: 22 items, four dimensions); "
    "sqm.tcscope.com/research-model/e-service-q (5 points, efficiency has items 1 to 8)",
    unread=said(
        "which of items 9 to 22 belong to system availability, fulfilment and privacy: that part "
        "of "
        "the appendix could not be read",
        "第 9 至 22 题中哪些属于系统可用性、履约与隐私：附录的这一部分未能读到",
    ),
)

ERECSQUAL: Final = InstrumentSpec(
    "erecsqual",
    said("E-RecS-QUAL", "E-RecS-QUAL 电子服务补救质量量表"),
    _SOURCE,
    industry=said("e-commerce, customers who had a problem", "电子商务（遇到过问题的顾客）"),
    items=11,
    scale="1..5",
    dimensions=(
        dimension("responsiveness", "Responsiveness", "响应性"),
        dimension("compensation", "Compensation", "补偿"),
        dimension("contact", "Contact", "联系"),
    ),
    scoring=PERFORMANCE,
    read="the article's abstract (doi 10.1177/1094670504271156: 11 items, three dimensions); "
    "sqm.tcscope.com/research-model/e-service-q (5 points, told of E-S-QUAL, from the same survey)",
    unread=said(
        "which items belong to which dimension: that part of the appendix could not be read",
        "各题属于哪个维度：附录的这一部分未能读到",
    ),
)

EGOVQUAL: Final = InstrumentSpec(
    "egovqual",
    said("e-GovQual", "e-GovQual 电子政务服务质量量表"),
    "Papadomichelaki, X. and Mentzas, G. (2012), e-GovQual: A Multiple-Item Scale for Assessing "
    "E-Government Service Quality, Government Information Quarterly 29, 98-109",
    industry=said("e-government", "电子政务"),
    items=21,
    scale="1..5",
    dimensions=(
        dimension("efficiency", "Efficiency", "效率", "1..7"),
        dimension("trust", "Trust", "信任", "8..11"),
        dimension("reliability", "Reliability", "可靠性", "12..17"),
        dimension("citizen_support", "Citizen support", "公民支持", "18..21"),
    ),
    scoring=PERFORMANCE,
    read="the article's highlights (doi 10.1016/j.giq.2011.08.011: 21 items, four "
    "dimensions); a public "
    "survey that asks the 21 attributes by dimension, EF1 to EF7, TR1 to TR4, RL1 to RL6, CS1 to "
    "CS4, on 5 points (KuesionerPortal of the Diskominfo of Kalimantan Utara, "
    "config/kuesioner_portal.php)",
    labels={
        1: said("Structure is clear", "结构清晰"),
        2: said("Search finds what is wanted", "检索有效"),
        3: said("Pages are well arranged", "页面编排良好"),
        4: said("Fits the user's needs", "符合用户需要"),
        5: said("Information is detailed", "信息详细"),
        6: said("Information is up to date", "信息最新"),
        7: said("Help with forms is enough", "填表说明充分"),
        8: said("Logging in is safe", "登录安全"),
        9: said("Asks only for data it needs", "只索取必要信息"),
        10: said("Data are kept safely", "信息保存安全"),
        11: said("Data serve this purpose alone", "信息仅用于本事项"),
        12: said("Forms download quickly", "表格下载快"),
        13: said("Available when needed", "随时可用"),
        14: said("Works at the first try", "一次办成"),
        15: said("Done on time", "按时办结"),
        16: said("Pages load quickly", "页面加载快"),
        17: said("Works with one's browser", "与浏览器兼容"),
        18: said("Staff care about the problem", "工作人员真心解决问题"),
        19: said("Staff answer quickly", "工作人员答复快"),
        20: said("Staff know the answer", "工作人员熟悉业务"),
        21: said("Staff inspire confidence", "工作人员令人放心"),
    },
)
