"""What operational indicators say: their units."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, tuple[str, str]]] = {
    "unit_per thousand": ("per thousand", "每千"),
    "unit_seconds": ("seconds", "秒"),
    "unit_minutes": ("minutes", "分钟"),
    "unit_hours": ("hours", "小时"),
    "unit_days": ("days", "天"),
    "unit_weeks": ("weeks", "周"),
    "unit_months": ("months", "个月"),
    "unit_years": ("years", "年"),
}
