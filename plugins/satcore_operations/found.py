"""What pictures and findings of operational indicators share: their reading, units, numbers."""

from __future__ import annotations

from typing import Any, Final

from attrs import frozen

from satcore import Reading, Texts, shown_percent

#: What numbers rest on: cases, visits, employees, seldom answers.
BASES: Final[Texts] = {
    "base": ("Base", "基数"),
    "empty": ("none", "无"),
    "effective": ("Effective base", "有效基数"),
    "hollow": (" Hollow dots rest on few.", "空心圆点表示基数较小。"),
}

#: So much time, by unit.
TIMES: Final[Texts] = {
    "second": ("{n} seconds", "{n} 秒"),
    "minute": ("{n} minutes", "{n} 分钟"),
    "hour": ("{n} hours", "{n} 小时"),
    "day": ("{n} days", "{n} 天"),
    "week": ("{n} weeks", "{n} 周"),
    "month": ("{n} months", "{n} 个月"),
    "year": ("{n} years", "{n} 年"),
}


@frozen(kw_only=True)
class Found(Reading[Any]):
    """The rows of one metric of this plugin."""

    def word(self, key: str, **values: object) -> str:
        """A text that pictures and findings share."""
        return self.say(BASES, key, **values) if key in BASES else super().word(key, **values)


def shown(value: float | None, unit: str) -> str:
    """A number in its unit; all and nothing of a share only where they are."""
    if value is None:
        return ""
    if unit == "proportion":
        return shown_percent(value)
    if unit == "proportion per year":
        return "<0.1%" if 0 < value < 0.0005 else f"{100 * value:.1f}%"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
