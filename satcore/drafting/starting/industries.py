"""The trades: which questionnaire each uses, and which indicators and segments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import frozen

from satcore.errors import SatcoreError, listed, near

#: A text in English and Chinese.
Both = tuple[str, str]


@frozen(kw_only=True)
class Industry:
    """A trade.

    Attributes:
        name: What it is called on the command line.
        title: Its survey's title.
        instrument: The questionnaire.
        why: Why that one, where the trade's own is not here.
        segment: The column of its usual subgroups, and what that holds.
        indicators: Kinds of indicators, besides the questionnaire.
    """

    name: str
    title: Both
    instrument: str
    segment: tuple[str, Both]
    indicators: tuple[str, ...]
    why: Both | None = None

    @property
    def operational(self) -> tuple[str, ...]:
        """The indicators that come from the trade's own files and not from a questionnaire."""
        return tuple(kind for kind in self.indicators if kind not in _ALWAYS)


_ALWAYS: Final = ("nps", "csat")
_NONE_OWN: Final = (
    "no questionnaire of this trade's own is bundled; the general one serves",
    "未内置该行业专用量表；使用通用量表",
)

_LIST: Final = (
    Industry(
        name="hotel",
        title=("Hotel guest survey", "酒店宾客满意度调查"),
        instrument="lodgserv",
        segment=("hotel", ("the hotel", "酒店")),
        indicators=(*_ALWAYS, "complaint_rate", "recovery", "execution", "turnover"),
    ),
    Industry(
        name="restaurant",
        title=("Restaurant guest survey", "餐厅顾客满意度调查"),
        instrument="dineserv",
        segment=("restaurant", ("the restaurant", "餐厅")),
        indicators=(*_ALWAYS, "complaint_rate", "execution", "turnover"),
    ),
    Industry(
        name="tourism",
        title=("Visitor survey", "游客满意度调查"),
        instrument="servqual",
        why=_NONE_OWN,
        segment=("site", ("the attraction or tour", "景区或线路")),
        indicators=(*_ALWAYS, "complaint_rate", "recovery"),
    ),
    Industry(
        name="airline",
        title=("Airline passenger survey", "航空旅客满意度调查"),
        instrument="servqual",
        why=(
            (
                "AIRQUAL is not bundled, because no source for its number of items could be "
                "read; the "
                "general one serves"
            ),
            "未内置 AIRQUAL（未能读到其题项数的来源）；使用通用量表",
        ),
        segment=("cabin", ("the cabin class", "舱位")),
        indicators=(*_ALWAYS, "complaint_rate", "response_time", "recovery"),
    ),
    Industry(
        name="retail",
        title=("Shopper survey", "零售顾客满意度调查"),
        instrument="rsqs",
        segment=("store", ("the store", "门店")),
        indicators=(*_ALWAYS, "complaint_rate", "churn", "execution", "turnover"),
    ),
    Industry(
        name="bank",
        title=("Bank customer survey", "银行客户满意度调查"),
        instrument="bsq",
        segment=("branch", ("the branch", "网点")),
        indicators=(*_ALWAYS, "complaint_rate", "response_time", "recovery", "churn"),
    ),
    Industry(
        name="hospital",
        title=("Inpatient survey", "住院患者体验调查"),
        instrument="hcahps",
        segment=("ward", ("the ward", "病区")),
        indicators=(*_ALWAYS, "complaint_rate", "response_time", "execution", "turnover"),
    ),
    Industry(
        name="education",
        title=("Student survey", "高校学生满意度调查"),
        instrument="hedperf",
        segment=("faculty", ("the faculty", "院系")),
        indicators=(*_ALWAYS, "response_time", "churn"),
    ),
    Industry(
        name="government",
        title=("Citizen survey of online services", "政务网上服务满意度调查"),
        instrument="egovqual",
        segment=("service", ("the service used", "办理事项")),
        indicators=(*_ALWAYS, "complaint_rate", "response_time", "execution"),
    ),
    Industry(
        name="e-commerce",
        title=("Online shop survey", "电商顾客满意度调查"),
        instrument="esqual",
        segment=("channel", ("the channel of sale", "渠道")),
        indicators=(*_ALWAYS, "complaint_rate", "response_time", "recovery", "churn"),
    ),
    Industry(
        name="industrial-service",
        title=("Industrial service customer survey", "工业服务客户满意度调查"),
        instrument="servqual",
        why=_NONE_OWN,
        segment=("region", ("the service region", "服务区域")),
        indicators=(*_ALWAYS, "response_time", "recovery", "churn", "execution"),
    ),
)

#: The trades, by name.
INDUSTRIES: Final[Mapping[str, Industry]] = {one.name: one for one in _LIST}


def industry(name: str) -> Industry:
    """A trade by its name; spaces, hyphens and case are forgiven.

    Raises:
        SatcoreError: There is no such trade.
    """

    def plain(text: str) -> str:
        return "".join(sign for sign in text.casefold() if sign.isalnum())

    for one in _LIST:
        if plain(one.name) == plain(name):
            return one
    raise SatcoreError(
        f"there is no starting point for {name!r}; there are {listed(INDUSTRIES)}"
        f"{near(name, INDUSTRIES)}"
    )
