"""Questionnaires of hotels, restaurants, shops and banks."""

from __future__ import annotations

from typing import Final

from satcore import InstrumentSpec
from satcore_instruments.words import GAPS, PERFORMANCE, abstract_alone, dimension, five, said

LODGSERV: Final = InstrumentSpec(
    "lodgserv",
    said("LODGSERV", "LODGSERV 酒店服务质量量表"),
    "Knutson, B., Stevens, P., Wullaert, C., Patton, M. and Yokoyama, F. (1990), LODGSERV: A "
    "Service "
    "Quality Index for the Lodging Industry, Journal of Hospitality and Tourism Research 14(2), "
    "277",
    industry=said("hotels", "酒店"),
    items=26,
    scale="",
    dimensions=five(),
    forms=("expectation", "perception"),
    scoring=said(
        f"{GAPS['en']}. The article measures expectations; perceptions are asked of the same items",
        f"{GAPS['zh']}。原文测量期望；感知用相同题项另行询问",
    ),
    read="the article's first page (doi 10.1177/109634809001400230)",
    unread=abstract_alone(),
)

DINESERV: Final = InstrumentSpec(
    "dineserv",
    said("DINESERV", "DINESERV 餐厅服务质量量表"),
    "Stevens, P., Knutson, B. and Patton, M. (1995), DINESERV: A Tool for Measuring Service "
    "Quality in "
    "Restaurants, Cornell Hotel and Restaurant Administration Quarterly 36(2), 55-60",
    industry=said("restaurants", "餐厅"),
    items=29,
    scale="",
    dimensions=five(),
    forms=("expectation", "perception"),
    scoring=GAPS,
    read="the article's abstract (scilit.net/publications/8ec7f36653fa2c72f4a430e0a53219da)",
    unread=abstract_alone(),
)

RSQS: Final = InstrumentSpec(
    "rsqs",
    said("Retail Service Quality Scale (RSQS)", "RSQS 零售服务质量量表"),
    "Dabholkar, P. A., Thorpe, D. I. and Rentz, J. O. (1996), A Measure of Service Quality for "
    "Retail "
    "Stores: Scale Development and Validation, Journal of the Academy of Marketing Science "
    "24(1), 3-16",
    industry=said("retail", "零售"),
    items=28,
    scale="",
    dimensions=(
        dimension("physical_aspects", "Physical aspects", "实体环境"),
        dimension("reliability", "Reliability", "可靠性"),
        dimension("personal_interaction", "Personal interaction", "人员互动", "12..20"),
        dimension("problem_solving", "Problem solving", "问题解决", "21..23"),
        dimension("policy", "Policy", "商店政策", "24..28"),
    ),
    scoring=PERFORMANCE,
    read="studymoose.com/retail-service-quality-scale-essay (28 items, five dimensions); the "
    "numbered "
    "list at html.scirp.org/file/_4-6902049_3.htm (items 12 to 28)",
    unread=said(
        "where among items 1 to 11 physical aspects end and reliability begins, and the scale: "
        "that part of the list could not be read",
        "第 1 至 11 题中实体环境与可靠性的分界，以及量表分级：题项清单的这一部分未能读到",
    ),
)

BSQ: Final = InstrumentSpec(
    "bsq",
    said("Banking Service Quality (BSQ)", "BSQ 银行服务质量量表"),
    "Bahia, K. and Nantel, J. (2000), A Reliable and Valid Measurement Scale for the Perceived "
    "Service "
    "Quality of Banks, International Journal of Bank Marketing 18(2), 84-91",
    industry=said("banks", "银行"),
    items=31,
    scale="",
    dimensions=(
        dimension("effectiveness_assurance", "Effectiveness and assurance", "效能与保证"),
        dimension("access", "Access", "可及性"),
        dimension("price", "Price", "价格"),
        dimension("tangibles", "Tangibles", "有形性"),
        dimension("services_portfolio", "Services portfolio", "服务组合"),
        dimension("reliability", "Reliability", "可靠性"),
    ),
    scoring=PERFORMANCE,
    read="the article's abstract (doi 10.1108/02652320010322994)",
    unread=abstract_alone(),
)
