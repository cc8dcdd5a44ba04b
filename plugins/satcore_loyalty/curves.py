"""Pictures of loyalty shares, of loyalty by satisfaction, and of units: plain data."""

from __future__ import annotations

from typing import Any, Final

from satcore import Chart, Results
from satcore_loyalty.dots import BLUE, GREY, by_groups, listed_chart
from satcore_loyalty.found import Found, shown
from satcore_loyalty.mirror import OVERALL, SatisfactionMirror
from satcore_loyalty.shares import LoyaltyLink, LoyaltyShares

Spec = dict[str, Any]

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "shares": ("Loyal customers by intention", "各意向的忠诚顾客占比"),
    "shares_by": ("Loyal customers by {axis}", "忠诚顾客占比（按{axis}）"),
    "intention": ("Intention", "意向"),
    "curve": ("Loyal customers by level of satisfaction", "各满意度水平下的忠诚顾客占比"),
    "level": ("Satisfaction", "满意度"),
    "units": ("Staff and customers by unit", "各单位的员工与顾客满意度"),
    "unit": ("Unit", "单位"),
    "staff": ("Staff's satisfaction", "员工满意度"),
    "customers": ("Customers' satisfaction", "顾客满意度"),
    "alt_units": (
        "Each dot is a unit; lines are the {level} intervals of its two means.",
        "每个圆点为一个单位，线段为其两项均值的 {level} 区间。",
    ),
    "alt_correlation": (" Correlation over units: {value}.", "单位间相关：{value}。"),
}


def share_charts(results: Results, name: str, language: str = "en") -> tuple[Chart, ...]:
    """Shares by intention over all answers, then by group and over the waves."""
    found = Found.of(results, name, language, LoyaltyShares)
    if found is None:
        return ()
    items = found.items.get("share", ())
    first = found.say(TEXTS, "intention")
    title = found.say(TEXTS, "shares")
    charts = [listed_chart(found, "share", items, title=title, first=first, ends=(0, 1))]
    for axes, cells in found.sets.items():
        if len(axes) == 1:
            title = found.say(TEXTS, "shares_by", axis=found.axis(axes[0]))
            charts.append(by_groups(found, "share", items, axes[0], cells, title=title))
    return tuple(chart for chart in charts if chart is not None)


def link_charts(results: Results, name: str, language: str = "en") -> tuple[Chart, ...]:
    """The share of loyal customers at each level of satisfaction."""
    found = Found.of(results, name, language, LoyaltyLink)
    if found is None:
        return ()
    chart = listed_chart(
        found,
        "share",
        found.items.get("share", ()),
        title=found.say(TEXTS, "curve"),
        first=found.say(TEXTS, "level"),
        upright=True,
        ends=(0, 1),
        named=str,
    )
    return () if chart is None else (chart,)


def mirror_charts(results: Results, name: str, language: str = "en") -> tuple[Chart, ...]:
    """The units: staff's mean against customers', with both intervals."""
    found = Found.of(results, name, language, SatisfactionMirror)
    if found is None:
        return ()
    points = []
    for unit in found.items.get("staff", ()):
        x, y = found.value(unit, "staff"), found.value(unit, "customers")
        if x is None or y is None:
            continue
        wide, high = found.bounds(unit, "staff"), found.bounds(unit, "customers")
        points.append(
            {
                "unit": found.item(unit),
                "x": x,
                "y": y,
                "x_low": wide[0] if wide else None,
                "x_high": wide[1] if wide else None,
                "y_low": high[0] if high else None,
                "y_high": high[1] if high else None,
                "staff": shown(x, "score"),
                "customers": shown(y, "score"),
            }
        )
    if not points:
        return ()
    return (
        Chart(
            title=found.say(TEXTS, "units"),
            alt=_alt(found),
            spec={
                "data": {"values": points},
                "width": "container",
                "height": 320,
                "layer": _layers(found, points),
            },
        ),
    )


def _layers(found: Found, points: list[Spec]) -> list[Spec]:
    def along(field: str, title: str) -> Spec:
        return {
            "field": field,
            "type": "quantitative",
            "title": found.say(TEXTS, title),
            "scale": {"zero": False},
        }

    x, y = along("x", "staff"), along("y", "customers")
    tooltip = [
        {"field": field, "type": "nominal", "title": found.say(TEXTS, field)}
        for field in ("unit", "staff", "customers")
    ]
    layers: list[Spec] = []
    for low, high, encoding in (
        ("x_low", "x_high", {"x": {**x, "field": "x_low"}, "x2": {"field": "x_high"}, "y": y}),
        ("y_low", "y_high", {"y": {**y, "field": "y_low"}, "y2": {"field": "y_high"}, "x": x}),
    ):
        if any(point[low] is not None and point[high] is not None for point in points):
            layers.append(
                {
                    "transform": [{"filter": f"isValid(datum.{low})"}],
                    "mark": {"type": "rule", "color": GREY, "opacity": 0.5},
                    "encoding": encoding,
                }
            )
    layers.append(
        {
            "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1, "color": BLUE},
            "encoding": {"x": x, "y": y, "tooltip": tooltip},
        }
    )
    return layers


def _alt(found: Found) -> str:
    told = found.say(TEXTS, "alt_units", level=found.level)
    value, bounds = found.value(OVERALL, "correlation"), found.bounds(OVERALL, "correlation")
    if value is not None:
        text = shown(value, "coefficient")
        if bounds is not None:
            low, high = (shown(one, "coefficient") for one in bounds)
            between = found.word("range", low=low, high=high)
            text = f"{text}（{between}）" if found.chinese else f"{text} ({between})"
        told += found.say(TEXTS, "alt_correlation", value=text)
    return told
