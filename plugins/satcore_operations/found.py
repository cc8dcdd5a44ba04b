"""What pictures and findings of operational indicators share: their reading, units, numbers."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from satcore import Reading, Texts, shown_percent

#: The rows of one metric of this plugin.
Found: TypeAlias = Reading[Any]

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


def shown(value: float | None, unit: str) -> str:
    """A number in its unit; all and nothing of a share only where they are."""
    if value is None:
        return ""
    if unit == "proportion":
        return shown_percent(value)
    if unit == "proportion per year":
        return "<0.1%" if 0 < value < 0.0005 else f"{100 * value:.1f}%"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
