"""What matters most in words, no surer than its intervals and its replicates."""

from __future__ import annotations

from typing import Final

from satcore import Results, shown_percent, shown_score
from satcore_drivers.found import Found
from satcore_drivers.options import OVERALL

#: Drivers that are named one by one.
MOST_NAMED: Final = 3

#: A probability from which an order is told as sure.
SURE: Final = 0.95

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "together": (
        "The drivers explain {share} of how {outcome} varies (R²{interval}).",
        "各驱动因素共同解释了 {outcome} 差异的 {share}（R²{interval}）。",
    ),
    "most": (
        "What goes with {outcome} most: {list}.",
        "与 {outcome} 关系最密切的是：{list}。",
    ),
    "driver": ("{driver} ({share} of R²{interval})", "{driver}（占 R² 的 {share}{interval}）"),
    "interval": (", {level} interval {low} to {high}", "，{level} 区间 {low} 至 {high}"),
    "first": (
        "{driver} comes first in {share} of replicates, so that its lead is sure.",
        "{driver} 在 {share} 的重复抽样中排第一，其领先地位是可靠的。",
    ),
    "first_unsure": (
        (
            "Which of them leads is not sure: {driver} comes first in {share} of replicates, and "
            "its rank lies between {low} and {high} ({level})."
        ),
        (
            "谁排第一并不确定：{driver} 在 {share} 的重复抽样中排第一，"
            "其排名介于 {low} 与 {high} 之间（{level}）。"
        ),
    ),
    "not_cause": (
        (
            "Importance tells what goes together with {outcome}, not what causes it: a change of "
            "a driver need not change it."
        ),
        "重要性说明的是与 {outcome} 的关联，而非因果：改变某一因素未必会改变它。",
    ),
    "unused": (
        "Rated by few: {list}. {base}",
        "评分者较少：{list}。{base}",
    ),
    "used": ("{driver} ({share})", "{driver}（{share}）"),
    "listwise": (
        "The figures rest on those who rated every driver.",
        "以上数字仅基于对所有因素都评分的受访者。",
    ),
    "pairwise": (
        "Each pair of ratings rests on those who gave both.",
        "每对评分基于同时给出两项评分的受访者。",
    ),
    "basic": (
        "Taken for granted (a low rating costs more than a high one brings): {list}.",
        "基本因素（低分的损失大于高分的收益）：{list}。",
    ),
    "excitement": (
        "Delights (a high rating brings more than a low one costs): {list}.",
        "魅力因素（高分的收益大于低分的损失）：{list}。",
    ),
    "performance": (
        "The better the rating, the better the outcome (no side is shown to weigh more): {list}.",
        "绩效因素（未发现某一侧影响更大）：{list}。",
    ),
    "contrast": (
        "{driver} (penalty {penalty}, reward {reward})",
        "{driver}（惩罚 {penalty}，奖励 {reward}）",
    ),
    "no_class": ("No effect is shown: {list}.", "未发现影响：{list}。"),
    "reach_low": (
        "Dissatisfaction comes most with: {list}.",
        "与不满意最相关的是：{list}。",
    ),
    "reach_high": (
        "Satisfaction comes most with: {list}.",
        "与满意最相关的是：{list}。",
    ),
    "reached": (
        "{driver} (reaches {reach} of them and {noise} of the others; value {value}{interval})",
        "{driver}（覆盖其中的 {reach}，其余受访者的 {noise}；贡献值 {value}{interval}）",
    ),
    "enough": (
        "Beyond the first {count} drivers, reach less noise falls: {objective} with {list}.",
        "超过前 {count} 个因素后，覆盖减去噪声开始下降：包含 {list} 时为 {objective}。",
    ),
    "concentrate": (
        "Concentrate on (important, rated low): {list}.",
        "重点改进（重要但评分低）：{list}。",
    ),
    "keep_up": ("Keep up (important, rated high): {list}.", "继续保持（重要且评分高）：{list}。"),
    "quadrant": ("{driver} ({share})", "{driver}（{share}）"),
    "quadrant_alone": ("{driver}", "{driver}"),
    "quadrants_why": (
        "In brackets: how often a driver lies in that quadrant when the answers are drawn anew.",
        "括号内为重新抽样时该因素落在此象限的比例。",
    ),
    "odds": (
        "The odds of a yes change with: {list}.",
        "与“是”的几率显著相关的是：{list}。",
    ),
    "odd": (
        "{driver} (odds ratio {value}{interval})",
        "{driver}（优势比 {value}{interval}）",
    ),
    "no_odds": (
        "No driver is shown to change the odds of a yes.",
        "未发现任何因素与“是”的几率显著相关。",
    ),
}


def _interval(found: Found, item: str, term: str, *, points: bool = False) -> str:
    bounds = found.bounds(item, term)
    if bounds is None:
        return ""
    low, high = (shown_score(one) if points else shown_percent(one) for one in bounds)
    return found.say(TEXTS, "interval", level=found.level, low=low, high=high)


def _not_cause(found: Found) -> str:
    return found.say(TEXTS, "not_cause", outcome=found.outcome)


def _unused(found: Found) -> list[str]:
    """Drivers that fewer than nine in ten rated."""
    few = [
        (name, share)
        for name in found.names
        if (share := found.value(name, "rated")) is not None and share < 0.9
    ]
    if not few:
        return []
    told = [
        found.say(TEXTS, "used", driver=found.labels[name], share=shown_percent(share))
        for name, share in few
    ]
    missing = getattr(found.metric, "missing", "listwise")
    base = found.say(TEXTS, missing) if missing in TEXTS else ""
    return [found.say(TEXTS, "unused", list=found.comma.join(told), base=base).strip()]


def drivers_findings(results: Results, name: str, language: str = "en") -> tuple[str, ...]:
    """What matters most, how sure the order is, and what it does not say.

    Args:
        results: The results.
        name: The metric's name in the study.
        language: ``"en"`` or ``"zh"``.
    """
    found = Found.of(results, name, language)
    if found is None:
        return ()
    together = found.value(OVERALL, "r_squared")
    if together is None or together <= 0:
        return tuple(_unused(found))
    term = found.metric.order_by
    named = [one for one in found.ordered(term) if found.value(one, term)][:MOST_NAMED]
    told = [
        found.say(
            TEXTS,
            "driver",
            driver=found.labels[one],
            share=shown_percent((found.value(one, term) or 0.0) / together),
            interval="",
        )
        for one in named
    ]
    sentences = [
        found.say(
            TEXTS,
            "together",
            share=shown_percent(together),
            outcome=found.outcome,
            interval=_interval(found, OVERALL, "r_squared"),
        )
    ]
    if told:
        sentences.append(
            found.say(TEXTS, "most", outcome=found.outcome, list=found.comma.join(told))
        )
        sentences += _order(found, named[0])
    return (*sentences, *_unused(found), _not_cause(found))


def _order(found: Found, leader: str) -> list[str]:
    """How sure it is who leads."""
    first, bounds = found.value(leader, "first"), found.bounds(leader, "rank")
    if first is None or bounds is None or len(found.names) < 2:
        return []
    key = "first" if first >= SURE else "first_unsure"
    return [
        found.say(
            TEXTS,
            key,
            driver=found.labels[leader],
            share=shown_percent(first),
            low=f"{bounds[0]:g}",
            high=f"{bounds[1]:g}",
            level=found.level,
        )
    ]


def contrast_findings(results: Results, name: str, language: str = "en") -> tuple[str, ...]:
    """Which drivers are basic, which delight, which are a matter of performance.

    Args:
        results: The results.
        name: The metric's name in the study.
        language: ``"en"`` or ``"zh"``.
    """
    found = Found.of(results, name, language)
    if found is None:
        return ()
    sentences = []
    for factor in ("basic", "excitement", "performance"):
        named = [one for one in found.names if found.category(one, "factor") == factor]
        told = [
            found.say(
                TEXTS,
                "contrast",
                driver=found.labels[one],
                penalty=_points(found.value(one, "penalty")),
                reward=_points(found.value(one, "reward")),
            )
            for one in named
        ]
        if told:
            sentences.append(found.say(TEXTS, factor, list=found.comma.join(told)))
    none = [
        found.labels[one]
        for one in found.names
        if found.value(one, "factor") is not None and found.category(one, "factor") is None
    ]
    if none:
        sentences.append(found.say(TEXTS, "no_class", list=found.comma.join(none)))
    if sentences:
        sentences.append(_not_cause(found))
    return (*sentences, *_unused(found))


def _points(value: float | None) -> str:
    return "–" if value is None else shown_score(value)


def reach_findings(results: Results, name: str, language: str = "en") -> tuple[str, ...]:
    """Which drivers reach most of those concerned, and how many are enough.

    Args:
        results: The results.
        name: The metric's name in the study.
        language: ``"en"`` or ``"zh"``.
    """
    found = Found.of(results, name, language)
    if found is None:
        return ()
    order = [one for one in found.ordered("value") if (found.value(one, "value") or 0.0) > 0]
    told = [
        found.say(
            TEXTS,
            "reached",
            driver=found.labels[one],
            reach=shown_percent(found.value(one, "reach") or 0.0),
            noise=shown_percent(found.value(one, "noise") or 0.0),
            value=shown_percent(found.value(one, "value") or 0.0),
            interval=_interval(found, one, "value"),
        )
        for one in order[:MOST_NAMED]
    ]
    if not told:
        return tuple(_unused(found))
    sentences = [found.say(TEXTS, f"reach_{found.metric.side}", list=found.comma.join(told))]
    grown = [found.value(one, "objective_so_far") for one in order]
    known = [one for one in grown if one is not None]
    if known and len(known) == len(order):
        best = max(range(len(known)), key=lambda place: known[place])
        if best + 1 < len(found.names):
            sentences.append(
                found.say(
                    TEXTS,
                    "enough",
                    count=best + 1,
                    objective=shown_percent(known[best]),
                    list=found.comma.join(found.labels[one] for one in order[: best + 1]),
                )
            )
    return (*sentences, _not_cause(found), *_unused(found))


def quadrant_findings(results: Results, name: str, language: str = "en") -> tuple[str, ...]:
    """What to concentrate on, what to keep up, and how sure that is.

    Args:
        results: The results.
        name: The metric's name in the study.
        language: ``"en"`` or ``"zh"``.
    """
    found = Found.of(results, name, language)
    if found is None:
        return ()
    sentences = []
    for quadrant in ("concentrate", "keep_up"):
        named = [one for one in found.names if found.category(one, "quadrant") == quadrant]
        named.sort(key=lambda one: -(found.value(one, "quadrant") or 0.0))
        key = "quadrant" if found.metric.replicates else "quadrant_alone"
        told = [
            found.say(
                TEXTS,
                key,
                driver=found.labels[one],
                share=shown_percent(found.value(one, "quadrant") or 0.0),
            )
            for one in named
        ]
        if told:
            sentences.append(found.say(TEXTS, quadrant, list=found.comma.join(told)))
    if sentences and found.metric.replicates:
        sentences.append(found.say(TEXTS, "quadrants_why"))
    if sentences and not found.metric.stated:
        sentences.append(_not_cause(found))
    return tuple(sentences)


def logit_findings(results: Results, name: str, language: str = "en") -> tuple[str, ...]:
    """Which drivers change the odds of a yes.

    Args:
        results: The results.
        name: The metric's name in the study.
        language: ``"en"`` or ``"zh"``.
    """
    found = Found.of(results, name, language)
    if found is None:
        return ()
    shown = {
        row["item"]
        for row in results.comparison_rows(name, "log_odds")
        if row["kind"] == "null"
        and not row["cell"]
        and row["p_adjusted"] is not None
        and row["p_adjusted"] < 1 - results.about.confidence
    }
    order = sorted(shown, key=lambda one: -abs(found.value(one, "effect") or 0.0))
    told = [
        found.say(
            TEXTS,
            "odd",
            driver=found.labels[one],
            value=shown_score(found.value(one, "odds_ratio") or 0.0),
            interval=_interval(found, one, "odds_ratio", points=True),
        )
        for one in order
    ]
    if all(found.value(one, "log_odds") is None for one in found.names):
        return tuple(_unused(found))
    if not told:
        return (found.say(TEXTS, "no_odds"), *_unused(found))
    odds = found.say(TEXTS, "odds", list=found.comma.join(told))
    return (odds, _not_cause(found), *_unused(found))
