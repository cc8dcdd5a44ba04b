"""What SERVQUAL's numbers say, in sentences no surer than their tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from satcore import Results
from satcore_servqual.reliability import COLLAPSED
from satcore_servqual.words import CONTRASTS, Found

#: Below this an alpha is told as low (Nunnally 1978).
LOW_ALPHA: Final = 0.7

#: Items that are named one by one.
MOST_ITEMS: Final = 5

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "gap_below": (
        "Perceived below what is expected, shown at {level} (Holm), largest first: {list}.",
        "感知低于期望，在 {level} 置信水平下成立（Holm 校正），由大到小：{list}。",
    ),
    "gap_above": (
        "Perceived above what is expected, shown at {level} (Holm), largest first: {list}.",
        "感知高于期望，在 {level} 置信水平下成立（Holm 校正），由大到小：{list}。",
    ),
    "gap_neither": (
        "Not shown to differ from what is expected: {list}.",
        "尚不能说明与期望有差异：{list}。",
    ),
    "adequacy_below": (
        "Perceived below the adequate level, shown at {level} (Holm), largest first: {list}.",
        "感知低于适当水平，在 {level} 置信水平下成立（Holm 校正），由大到小：{list}。",
    ),
    "adequacy_above": (
        "Perceived above the adequate level, shown at {level} (Holm), largest first: {list}.",
        "感知高于适当水平，在 {level} 置信水平下成立（Holm 校正），由大到小：{list}。",
    ),
    "adequacy_neither": (
        "Not shown to differ from the adequate level: {list}.",
        "尚不能说明与适当水平有差异：{list}。",
    ),
    "superiority_below": (
        "Perceived below the desired level, shown at {level} (Holm), largest first: {list}.",
        "感知低于理想水平，在 {level} 置信水平下成立（Holm 校正），由大到小：{list}。",
    ),
    "superiority_above": (
        "Perceived above the desired level, shown at {level} (Holm), largest first: {list}.",
        "感知高于理想水平，在 {level} 置信水平下成立（Holm 校正），由大到小：{list}。",
    ),
    "superiority_neither": (
        "Not shown to differ from the desired level: {list}.",
        "尚不能说明与理想水平有差异：{list}。",
    ),
    "items": (
        (
            "{count} of {all} items are perceived below what is expected (Holm, {level}); "
            "the largest gaps: {list}."
        ),
        "{all} 个题项中有 {count} 个感知低于期望（Holm 校正，{level}）；差距最大的是：{list}。",
    ),
    "no_items": (
        "No item is shown to be perceived below what is expected (Holm, {level}).",
        "没有题项能被证明感知低于期望（Holm 校正，{level}）。",
    ),
    "item": ("item {name}", "题项 {name}"),
    "alpha": (
        (
            "Alpha of perceptions is estimated below 0.7 ({level} intervals): {list}. The items "
            "of such a dimension may not measure one thing; read them one by one."
        ),
        (
            "感知的 α 估计值低于 0.7（{level} 区间）：{list}。"
            "这些维度的题项可能并非测量同一事物，宜逐题解读。"
        ),
    ),
    "collapsed": (
        (
            "The reliability of perception less expectation is estimated below 0.5: {list}. Much "
            "of what tells one respondent's gap from another's may be noise. Mean gaps stand; do "
            "not relate single respondents' gaps to other answers."
        ),
        (
            "感知减期望的信度估计值低于 0.5：{list}。受访者之间的差距差异可能多为噪声。"
            "平均差距仍然成立，但不宜用个人的差距与其他回答作关联。"
        ),
    ),
}


def servqual_findings(results: Results, name: str, language: str = "en") -> tuple[str, ...]:
    """Where the service falls short, how surely, and how far the scales can be trusted.

    Args:
        results: The results.
        name: The metric's name in the study.
        language: ``"en"`` or ``"zh"``.
    """
    found = Found.of(results, name, language, cell={})
    return () if found is None else tuple(_sentences(found))


def _sentences(found: Found) -> Iterator[str]:
    for term in CONTRASTS:
        yield from _compared(found, term, found.dimensions)
    yield from _of_items(found)
    low = [name for name in found.dimensions if _below(found, "alpha", name, LOW_ALPHA)]
    if low:
        yield _say(found, "alpha", low, "alpha")
    noise = [
        name
        for name in found.dimensions
        if _below(found, "difference_reliability", name, COLLAPSED)
    ]
    if noise:
        yield _say(found, "collapsed", noise, "difference_reliability")


def _compared(found: Found, term: str, names: Sequence[str]) -> Iterator[str]:
    """Which are surely below, surely above, and neither."""
    known = [name for name in names if found.value(name, term) is not None]
    order = sorted(known, key=lambda name: -abs(found.value(name, term) or 0.0))
    below = [name for name in order if _shown(found, term, name, below=True)]
    above = [name for name in order if _shown(found, term, name, below=False)]
    neither = [name for name in order if name not in below and name not in above]
    for which, members in (("below", below), ("above", above), ("neither", neither)):
        if members:
            yield _say(found, f"{term}_{which}", members, term)


def _of_items(found: Found) -> Iterator[str]:
    known = [item for item in found.numbers if found.value(item, "gap") is not None]
    if not known:
        return
    short = [item for item in known if _shown(found, "gap", item, below=True)]
    short.sort(key=lambda item: found.value(item, "gap") or 0.0)
    if short:
        yield _say(found, "items", short[:MOST_ITEMS], "gap", count=len(short), all=len(known))
    else:
        yield _say(found, "no_items", (), "gap")


def _shown(found: Found, term: str, name: str, *, below: bool) -> bool:
    """Whether the adjusted test shows a difference in a direction."""
    test, value = found.tests.get((term, name)), found.value(name, term)
    if test is None or value is None or test["p_adjusted"] is None:
        return False
    sure: bool = test["p_adjusted"] < 1 - found.results.about.confidence
    return sure and (value < 0 if below else value > 0)


def _below(found: Found, term: str, name: str, limit: float) -> bool:
    value = found.value(name, term)
    return value is not None and value < limit


def _name(found: Found, name: str) -> str:
    """A dimension, or an item told to be one."""
    label = found.item(name)
    if name not in found.numbers:
        return label
    return TEXTS["item"][found.chinese].format(name=label)


def _say(found: Found, key: str, names: Sequence[str], term: str, **values: object) -> str:
    chinese = found.chinese
    return TEXTS[key][chinese].format(
        list=("；" if chinese else "; ").join(
            f"{_name(found, name)} {found.told(name, term)}" for name in names
        ),
        level=found.level,
        **values,
    )
