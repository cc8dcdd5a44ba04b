"""The pictures of a share of a scale, as Vega-Lite specifications in plain data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from satcore import (
    CellKey,
    Chart,
    Results,
    dot,
    dot_layers,
    dots_told,
    shown_percent,
)
from satcore_csat.found import KINDS, Found

#: Height of a group's line.
LINE: Final = 28

#: A picture with more groups is cut to those with the most answers.
MOST_GROUPS: Final = 60

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "by": ("{term} by {axis}", "按{axis}划分的{term}"),
    "waves": ("{term} over time, by {axis}", "{term}走势（按{axis}）"),
    "largest": (
        "{title} (the {shown} of {count} groups with the most answers)",
        "{title}（{count} 组中回答最多的 {shown} 组）",
    ),
    "alt_total": (" All answers: {value} ({range}).", "全部回答：{value}（{range}）。"),
}


def share_charts(results: Results, name: str, term: str, language: str = "en") -> tuple[Chart, ...]:
    """A share with its intervals: for all answers and each segment's groups, and over the waves.

    Args:
        results: The results.
        name: The metric's name in the study.
        term: The share's term.
        language: ``"en"`` or ``"zh"``.
    """
    found = Found.of(results, name, language, KINDS)
    if found is None:
        return ()
    charts = []
    for axes, cells in found.sets.items():
        if len(axes) == 1:
            charts.append(_drawn(found, term, axes[0], cells))
    if not any(axes and axes[0] != results.about.wave for axes in found.sets):
        charts.insert(0, _drawn(found, term, "", ()))
    return tuple(chart for chart in charts if chart is not None)


def _drawn(found: Found, term: str, axis: str, cells: Sequence[CellKey]) -> Chart | None:
    """One picture; None where it would hold no number."""
    upright = axis != "" and axis == found.results.about.wave
    shown = cells if upright else found.largest(cells, MOST_GROUPS)
    labelled = (
        list(zip(shown, found.cell_labels(axis, shown), strict=True))
        if upright
        else found.with_total(axis, shown)
    )
    dots = [
        dot(found, found.asked, term, cell, label, shown=shown_percent) for cell, label in labelled
    ]
    if all(one["value"] is None for one in dots):
        return None
    title = found.term(term)
    if axis:
        title = found.say(TEXTS, "waves" if upright else "by", term=title, axis=found.axis(axis))
    if len(shown) < len(cells):
        title = found.say(TEXTS, "largest", title=title, shown=len(shown), count=f"{len(cells):,}")
    return Chart(
        title=title,
        alt=_alt(found, term, dots),
        spec={
            "data": {"values": dots},
            "width": "container",
            "height": 260 if upright else LINE * len(dots),
            "layer": dot_layers(
                found,
                dots,
                of=found.term(term),
                by=found.axis(axis) if axis else found.word("group"),
                upright=upright,
                axis={"format": ".2~%", "tickCount": 6},
            ),
        },
    )


def _alt(found: Found, term: str, dots: Sequence[dict[str, Any]]) -> str:
    alt = dots_told(found, dots)
    value = found.value(found.asked, term)
    if value is not None:
        span = found.interval(found.asked, term, shown=shown_percent)
        alt += found.say(TEXTS, "alt_total", value=shown_percent(value), range=span)
    return alt
