"""SERVQUAL and SERVPERF, which serve any service."""

from __future__ import annotations

from typing import Final

from satcore import InstrumentSpec
from satcore_instruments.words import GAPS, PERFORMANCE, five, said

_DIMENSIONS: Final = five(
    tangibles="1..4",
    reliability="5..9",
    responsiveness="10..13",
    assurance="14..17",
    empathy="18..22",
)

_LABELS: Final = {
    1: said("Equipment is modern", "设备现代"),
    2: said("Premises look good", "场所美观"),
    3: said("Staff are well dressed", "员工着装整洁"),
    4: said("Premises suit the service", "场所与服务相称"),
    5: said("Promised times are kept", "按承诺的时间完成"),
    6: said("Problems meet with sympathy", "有问题时给予关心"),
    7: said("Can be depended on", "值得信赖"),
    8: said("Service comes when promised", "按时提供服务"),
    9: said("Records are right", "记录准确"),
    10: said("Says when service will come", "告知服务时间"),
    11: said("Service is prompt", "服务及时"),
    12: said("Staff are willing to help", "员工乐于帮助"),
    13: said("Never too busy to answer", "再忙也会回应"),
    14: said("Staff can be trusted", "员工可信"),
    15: said("Dealings feel safe", "交易安心"),
    16: said("Staff are polite", "员工有礼貌"),
    17: said("Staff are supported by the firm", "员工得到公司支持"),
    18: said("The firm attends to each customer", "公司关注每位顾客"),
    19: said("Staff attend to each customer", "员工关注每位顾客"),
    20: said("Staff know what customers need", "员工了解顾客需求"),
    21: said("Customers' interest comes first", "以顾客利益为先"),
    22: said("Opening hours suit customers", "营业时间方便顾客"),
}

SERVQUAL: Final = InstrumentSpec(
    "servqual",
    said("SERVQUAL", "SERVQUAL 服务质量量表"),
    "Parasuraman, A., Zeithaml, V. A. and Berry, L. L. (1988), SERVQUAL: A Multiple-Item Scale for "
    "Measuring Consumer Perceptions of Service Quality, Journal of Retailing 64(1), 12-40",
    industry=said("any service", "各类服务业"),
    items=22,
    scale="1..7",
    dimensions=_DIMENSIONS,
    forms=("expectation", "perception"),
    scoring=said(
        f"{GAPS['en']}. In the wording of 1988 items 10 to 13 and 18 to 22 are negative: "
        "reversed = [10, 11, 12, 13, 18, 19, 20, 21, 22]",
        f"{GAPS['zh']}。1988 年的措辞中第 10 至 13 题和第 18 至 22 题为反向题："
        "reversed = [10, 11, 12, 13, 18, 19, 20, 21, 22]",
    ),
    read="the article's abstract (22 items); the numbered list of 1988 at "
    "studylib.net/doc/25354314 (numbers by dimension, negative items); Tefera and Govender (2017), "
    "African Journal of Hospitality, Tourism and Leisure 6(1) (7 points)",
    labels=_LABELS,
)

SERVPERF: Final = InstrumentSpec(
    "servperf",
    said("SERVPERF", "SERVPERF 服务绩效量表"),
    "Cronin, J. J. and Taylor, S. A. (1992), Measuring Service Quality: A Reexamination and "
    "Extension, Journal of Marketing 56(3)",
    industry=said("any service", "各类服务业"),
    items=22,
    scale="1..7",
    dimensions=_DIMENSIONS,
    scoring=PERFORMANCE,
    read="html.scirp.org/file/_4-6902049_6.htm (the performance component of SERVQUAL, its five "
    "dimensions); atera.org/archives/221 (22 items); numbers and scale are SERVQUAL's",
    labels=_LABELS,
)
