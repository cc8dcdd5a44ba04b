"""The indicators that starting files choose from: the metric, its options, its standard.

Columns are names that anybody can replace. Whether a metric is installed, and takes these
options, is seen when a file is written; one that does not is left out with a comment.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attrs import field, frozen

from satcore.drafting.toml import Value


@frozen(kw_only=True)
class Target:
    """A standard whose target is left to the reader.

    Attributes:
        rule: ``at_least`` or ``at_most``.
        placeholder: A number that stands for the target.
        term: The term; the metric's primary one where left out.
        item: The item, where the term has several.
    """

    rule: str
    placeholder: float
    term: str = ""
    item: str = ""


@frozen(kw_only=True)
class Indicator:
    """A metric of a starting file.

    Attributes:
        kind: The metric's kind, and its name in the file.
        about: What it tells, in English and Chinese.
        options: Its options.
        target: Its standard; None without one.
        labels: What columns hold, by column, in English and Chinese, where they are questions.
        scales: Scales of those columns, by column, where the metric does not name one.
    """

    kind: str
    about: tuple[str, str]
    options: Mapping[str, Any]
    target: Target | None = None
    labels: Mapping[str, tuple[str, str]] = field(factory=dict)
    scales: Mapping[str, Value] = field(factory=dict)


#: By kind.
INDICATORS: Final[Mapping[str, Indicator]] = {
    one.kind: one
    for one in (
        Indicator(
            kind="nps",
            about=("would customers recommend us?", "顾客是否愿意推荐"),
            options={"item": "recommend"},
            target=Target(rule="at_least", placeholder=0),
            labels={"recommend": ("Likely to recommend (0 to 10)", "推荐意愿（0 至 10）")},
        ),
        Indicator(
            kind="csat",
            about=(
                "share of satisfied customers; the threshold is the least answer that counts as so",
                "满意顾客的占比；threshold 为计作满意的最低分",
            ),
            options={"item": "satisfied", "scale": "1..5", "threshold": 4},
            target=Target(rule="at_least", placeholder=0.5, term="csat"),
            labels={"satisfied": ("Satisfied overall (1 to 5)", "总体满意度（1 至 5）")},
        ),
        Indicator(
            kind="complaint_rate",
            about=(
                (
                    "complaints per thousand; 1 for who complained, else 0. With a column of "
                    'transactions: exposure = "transactions"'
                ),
                '每千次的投诉数；1 为投诉，0 为未投诉。若有交易数的列：exposure = "transactions"',
            ),
            options={"events": "complained", "event": [1]},
            target=Target(rule="at_most", placeholder=5, term="rate"),
        ),
        Indicator(
            kind="response_time",
            about=(
                (
                    "hours until customers have an answer, and the promise; or opened and closed, "
                    "two columns of times"
                ),
                "顾客得到答复的小时数与承诺时限；也可用 opened 与 closed 两列时间",
            ),
            options={"duration": "response_hours", "promise": 24.0},
            target=Target(rule="at_most", placeholder=24, term="median"),
        ),
        Indicator(
            kind="recovery",
            about=("complaints resolved, in time, and to satisfaction", "投诉解决、及时与事后满意"),
            options={"resolved": "case_resolved", "satisfied": "case_satisfied"},
        ),
        Indicator(
            kind="churn",
            about=("customers lost of those at the start", "期初客户中的流失"),
            options={"left": "left"},
            target=Target(rule="at_most", placeholder=0.1, term="rate"),
        ),
        Indicator(
            kind="turnover",
            about=("staff who left, of the average number", "离职人数占平均在岗人数"),
            options={"separations": "separations", "headcount": ["heads_start", "heads_end"]},
            target=Target(rule="at_most", placeholder=0.3, term="rate"),
        ),
        Indicator(
            kind="execution",
            about=("steps of the procedure that were followed", "服务流程步骤的执行"),
            options={"steps": "step_{1..4}"},
            target=Target(rule="at_least", placeholder=0.9, term="rate", item="overall"),
        ),
    )
}
