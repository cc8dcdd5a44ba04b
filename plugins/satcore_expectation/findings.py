"""What the models say, in sentences no surer than their tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from satcore import Results, shown_percent, shown_score
from satcore_expectation.found import Found
from satcore_expectation.metric import Expectation
from satcore_expectation.surface import SLOPES

#: A variance inflation beyond which slopes are told as hard to part (Marquardt 1970).
INFLATED: Final = 10.0

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "empty": ("Nobody answered.", "无人回答。"),
    "shares": (
        "Perceived above what was expected by {above}, as expected by {at}, below by {below}.",
        "感知高于期望的占 {above}，符合期望的占 {at}，低于期望的占 {below}。",
    ),
    "asked": (
        "Asked directly, {above} say better than expected, {at} as expected, {below} worse.",
        "直接询问时，{above} 认为好于期望，{at} 认为符合期望，{below} 认为不如期望。",
    ),
    "mean_above": (
        "Mean perception is above mean expectation by {value} ({level} interval {low} to {high}).",
        "平均而言感知高于期望 {value}（{level} 区间 {low} 至 {high}）。",
    ),
    "mean_below": (
        "Mean perception is below mean expectation by {value} ({level} interval {low} to {high}).",
        "平均而言感知低于期望 {value}（{level} 区间 {low} 至 {high}）。",
    ),
    "mean_neither": (
        "Mean perception is not shown to differ from mean expectation.",
        "尚不能说明感知的均值与期望的均值有差异。",
    ),
    "difference_refused": (
        (
            "The difference score hides something: expectation and perception do not count alike "
            "with opposite signs (F = {statistic}, {p}). Read b1 and b2 of the linear model."
        ),
        (
            "差值得分有所掩盖：期望与感知的作用并非大小相等、方向相反（F = {statistic}，{p}）。"
            "请看线性模型的 b1 与 b2。"
        ),
    ),
    "difference_stands": (
        (
            "Nothing here speaks against the difference score: expectation and perception are not "
            "shown to count otherwise than alike with opposite signs (F = {statistic}, {p})."
        ),
        (
            "没有证据反对差值得分：尚不能说明期望与感知的作用偏离“大小相等、方向相反”"
            "（F = {statistic}，{p}）。"
        ),
    ),
    "bent": (
        "The surface bends: the squares and the product add to it (F = {statistic}, {p}).",
        "曲面是弯曲的：平方项与乘积项有贡献（F = {statistic}，{p}）。",
    ),
    "straight": (
        "The surface is not shown to bend (F = {statistic}, {p}).",
        "尚不能说明曲面弯曲（F = {statistic}，{p}）。",
    ),
    "a1_up": (
        "Where expectation and perception agree, satisfaction rises with their level.",
        "期望与感知一致时，满意度随其水平上升。",
    ),
    "a1_down": (
        "Where expectation and perception agree, satisfaction falls with their level.",
        "期望与感知一致时，满意度随其水平下降。",
    ),
    "a2_up": ("Along agreement it bends upwards.", "沿一致线向上弯曲。"),
    "a2_down": ("Along agreement it bends downwards.", "沿一致线向下弯曲。"),
    "a3_up": (
        "Satisfaction is higher where more was expected than perceived.",
        "期望超过感知时满意度较高。",
    ),
    "a3_down": (
        "Satisfaction is lower where more was expected than perceived.",
        "期望超过感知时满意度较低。",
    ),
    "a4_up": (
        "Along disagreement it bends upwards: each step further apart costs less, or gains more.",
        "沿不一致线向上弯曲：差距每扩大一步，损失更小或增益更大。",
    ),
    "a4_down": (
        "Along disagreement it bends downwards: each step further apart costs more, or gains less.",
        "沿不一致线向下弯曲：差距每扩大一步，损失更大或增益更小。",
    ),
    "ordered_agrees": (
        "The ordered logit model, which takes answers as ranks, agrees on all of these.",
        "将回答视为等级的有序 logit 模型得出相同结论。",
    ),
    "ordered_differs": (
        (
            "The ordered logit model, which takes answers as ranks, says otherwise of {terms}: do "
            "not build on it."
        ),
        "将回答视为等级的有序 logit 模型对 {terms} 的结论不同，不宜据此下结论。",
    ),
    "inflated": (
        (
            "Expectation and perception go together so closely (VIF {value}) that their parts are "
            "hard to tell apart."
        ),
        "期望与感知高度相关（VIF {value}），各自的作用难以区分。",
    ),
}


def expectation_findings(results: Results, name: str, language: str = "en") -> tuple[str, ...]:
    """Whether expectations were met, and what that does to satisfaction.

    Args:
        results: The results.
        name: The metric's name in the study.
        language: ``"en"`` or ``"zh"``.
    """
    found = Found.of(results, name, language, Expectation)
    row = None if found is None else found.row("inferred", "mean")
    if found is None or row is None or row["status"] == "suppressed":
        return ()
    if not row["base"]:
        return (found.say(TEXTS, "empty"),)
    return tuple(_sentences(found))


def _sentences(found: Found) -> Iterator[str]:
    yield from _met(found)
    yield from _constrained(found)
    yield from _bends(found)
    inflation = found.value("linear", "vif")
    if inflation is not None and inflation > INFLATED:
        yield found.say(TEXTS, "inflated", value=f"{inflation:.1f}")


def _met(found: Found) -> Iterator[str]:
    """Who stands above, at and below, and the mean."""
    for key, item in (("shares", "inferred"), ("asked", "perceived")):
        shares = {term: found.value(item, term) for term in ("above", "at", "below")}
        known = {term: shown_percent(share) for term, share in shares.items() if share is not None}
        if len(known) == len(shares):
            yield found.say(TEXTS, key, **known)
    mean, bounds = found.value("inferred", "mean"), found.bounds("inferred", "mean")
    shown = found.shown("inferred", "mean")
    if mean is None or bounds is None or shown is None:
        return
    if not shown:
        yield found.say(TEXTS, "mean_neither")
        return
    low, high = sorted(map(abs, bounds)) if bounds[0] * bounds[1] > 0 else bounds
    told = {"value": shown_score(abs(mean)), "low": shown_score(low), "high": shown_score(high)}
    yield found.say(TEXTS, "mean_above" if mean > 0 else "mean_below", level=found.level, **told)


def _p(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def _constrained(found: Found) -> Iterator[str]:
    """The difference model against the unconstrained one."""
    test, shown = found.tested("linear", "r_squared_gain"), found.shown("linear", "r_squared_gain")
    if test is not None:
        key = "difference_refused" if shown else "difference_stands"
        yield found.say(TEXTS, key, statistic=f"{test[0]:.2f}", p=_p(test[1]))


def _bends(found: Found) -> Iterator[str]:
    """The surface: whether it bends, its lines, and whether ranks agree."""
    test, shown = (
        found.tested("surface", "r_squared_gain"),
        found.shown("surface", "r_squared_gain"),
    )
    if test is None:
        return
    yield found.say(
        TEXTS, "bent" if shown else "straight", statistic=f"{test[0]:.2f}", p=_p(test[1])
    )
    for term in _told(found):
        value = found.value("surface", term)
        if value is not None:
            yield found.say(TEXTS, f"{term}_{'up' if value > 0 else 'down'}")
    yield from _ordered(found)


def _told(found: Found) -> list[str]:
    """Slopes and curvatures that are shown; curvatures only of a surface that is shown to bend."""
    bent = found.shown("surface", "r_squared_gain")
    terms = SLOPES if bent else ("a1", "a3")
    return [term for term in terms if found.shown("surface", term)]


def _ordered(found: Found) -> Iterator[str]:
    """Whether the ordered logit model has the same signs of what was shown."""
    shown = _told(found)
    pairs = [(found.value("surface", term), found.value("ordered", term)) for term in shown]
    if not shown or any(one is None or other is None for one, other in pairs):
        return
    differing = [
        term
        for term, (one, other) in zip(shown, pairs, strict=True)
        if (one or 0.0) * (other or 0.0) < 0 or not found.shown("ordered", term)
    ]
    if differing:
        yield found.say(TEXTS, "ordered_differs", terms=found.comma.join(differing))
    else:
        yield found.say(TEXTS, "ordered_agrees")
