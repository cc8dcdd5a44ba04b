"""Loyalty in words, no surer than its intervals."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from satcore import Metric, Results, shown_percent
from satcore_loyalty.found import Found, shown
from satcore_loyalty.metric import Loyalty
from satcore_loyalty.mirror import FEW, SatisfactionMirror
from satcore_loyalty.shares import OVERALL, LoyaltyLink, LoyaltyShares
from satcore_loyalty.structure import Structure

#: A reliability below this is doubtful (Nunnally and Bernstein 1994), a ratio above that says that
#: two constructs are hardly two (Henseler, Ringle and Sarstedt 2015).
RELIABLE: Final = 0.7
DISTINCT: Final = 0.9

#: Total effects that are named one by one.
MOST_NAMED: Final = 3

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "interval": (" ({level} interval {low} to {high})", "（{level} 区间 {low} 至 {high}）"),
    "indices": ("Indices from 0 to 100: {told}.", "指数（0 至 100）：{told}。"),
    "one": ("{name} {value}{interval}", "{name} {value}{interval}"),
    "drives": (
        "{name} rises with {told}; R² {explained}.",
        "{name}随之上升：{told}；R² 为 {explained}。",
    ),
    "lowers": ("{name} falls with {told}.", "{name}随之下降：{told}。"),
    "unsure": (
        "May be nothing, as their intervals hold 0: {paths}.",
        "区间包含 0，可能并无影响：{paths}。",
    ),
    "total": (
        "Total effects on {name}, the largest first: {told}.",
        "对{name}的总效应，由大到小：{told}。",
    ),
    "reliable": (
        "Weakly measured (composite reliability below {limit}): {names}.",
        "测量较弱（组合信度低于 {limit}）：{names}。",
    ),
    "distinct": (
        "Hardly told apart (HTMT above {limit}): {names}.",
        "难以区分（HTMT 高于 {limit}）：{names}。",
    ),
    "pair": ("{one} and {other}", "{one}与{other}"),
    "negative": (
        "Negative weights: {names}. Check whether these are asked the other way round.",
        "权重为负：{names}。请确认是否为反向题。",
    ),
    "undefined": (
        "The model could not be estimated from these answers.",
        "这些回答不足以估计该模型。",
    ),
    "empty": ("Nobody answered.", "没有人回答。"),
    "shares": ("Loyal customers: {told}.", "忠诚顾客占比：{told}。"),
    "secure": (
        "{share}{interval} are loyal in every respect, {other} in none.",
        "{share}{interval} 的顾客各方面均忠诚，{other} 各方面均不忠诚。",
    ),
    "slope": (
        (
            "With each point of satisfaction the share of loyal customers rises by {value} "
            "percentage points{interval}."
        ),
        "满意度每升 1 分，忠诚顾客占比上升 {value} 个百分点{interval}。",
    ),
    "falls": (
        (
            "With each point of satisfaction the share of loyal customers falls by {value} "
            "percentage points{interval}."
        ),
        "满意度每升 1 分，忠诚顾客占比下降 {value} 个百分点{interval}。",
    ),
    "no_slope": (
        "It is not sure that loyalty rises or falls with satisfaction{interval}.",
        "尚不能确定忠诚随满意度升降{interval}。",
    ),
    "kinds": (
        "{mercenaries} are satisfied but not loyal, {hostages} loyal but not satisfied.",
        "{mercenaries} 满意但不忠诚，{hostages} 忠诚但不满意。",
    ),
    "mirror": (
        (
            "Units whose staff are more satisfied have more satisfied customers: correlation "
            "{value}{interval}."
        ),
        "员工越满意的单位，顾客也越满意：相关系数 {value}{interval}。",
    ),
    "against": (
        (
            "Units whose staff are more satisfied have less satisfied customers: correlation "
            "{value}{interval}."
        ),
        "员工越满意的单位，顾客反而越不满意：相关系数 {value}{interval}。",
    ),
    "no_mirror": (
        (
            "It is not sure that customers' satisfaction goes with that of staff: correlation "
            "{value}{interval}."
        ),
        "尚不能确定顾客满意度与员工满意度相关：相关系数 {value}{interval}。",
    ),
    "no_relation": (
        "Staff and customers can't be related from these units.",
        "这些单位的数据不足以判断员工与顾客满意度的关系。",
    ),
    "few": ("There are few units: {count}.", "单位较少：{count} 个。"),
}


def _interval(found: Found, item: str, term: str, unit: str) -> str:
    bounds = found.bounds(item, term)
    if bounds is None:
        return ""
    low, high = (shown(one, unit) for one in bounds)
    return found.say(TEXTS, "interval", level=found.level, low=low, high=high)


def _start(
    results: Results, name: str, language: str, kind: type[Metric], item: str, term: str
) -> tuple[Found | None, tuple[str, ...]]:
    """What was found, or what to say where there is nothing to tell."""
    found = Found.of(results, name, language, kind)
    if found is None:
        return None, ()
    row = found.row(item, term)
    if row is None or row["status"] == "suppressed":
        return None, ()
    if not row["base"]:
        return None, (found.say(TEXTS, "empty"),)
    return found, ()


def loyalty_findings(results: Results, name: str, language: str = "en") -> tuple[str, ...]:
    """The indices, what drives the last constructs, and how well all are measured.

    Args:
        results: The results.
        name: The metric's name in the study.
        language: ``"en"`` or ``"zh"``.
    """
    measured = next((one for one in results.metrics if one.name == name), None)
    if measured is None or not isinstance(measured.metric, Loyalty):
        return ()
    model = measured.metric.structure
    found, nothing = _start(results, name, language, Loyalty, model.constructs[0], "index")
    if found is None:
        return nothing
    if all(found.value(one, "index") is None for one in model.constructs):
        return (found.say(TEXTS, "undefined"),)
    return (*_indices(found, model), *_drivers(found, model), *_measured(found, model))


def _indices(found: Found, model: Structure) -> list[str]:
    told = [
        found.say(
            TEXTS, "one", name=found.item(name), value=f"{value:.1f}",
            interval=_interval(found, name, "index", "points"),
        )
        for name in model.constructs
        if (value := found.value(name, "index")) is not None
    ]  # fmt: skip
    return [found.say(TEXTS, "indices", told=found.comma.join(told))] if told else []


def _causes(
    found: Found, model: Structure, term: str, pairs: Iterable[tuple[int, int]]
) -> tuple[list[tuple[float, str]], list[str]]:
    """What surely moves a construct, the largest first, and what may be nothing."""
    sure: list[tuple[float, str]] = []
    unsure = []
    for one, other in pairs:
        item = model.path_name(one, other)
        value, bounds = found.value(item, term), found.bounds(item, term)
        if value is None or bounds is None:
            continue
        if bounds[0] <= 0 <= bounds[1]:
            unsure.append(found.item(item))
        else:
            interval = _interval(found, item, term, "coefficient")
            name = found.item(model.constructs[one])
            told = found.say(TEXTS, "one", name=name, value=f"{value:.2f}", interval=interval)
            sure.append((value, told))
    return sorted(sure, key=lambda one: -abs(one[0])), unsure


def _drivers(found: Found, model: Structure) -> list[str]:
    """What moves each construct that others lead to, and what the last one in all."""
    sentences, unsure = [], []
    for place in model.explained:
        name = model.constructs[place]
        paths = [pair for pair in model.paths if pair[1] == place]
        sure, doubtful = _causes(found, model, "path", paths)
        unsure += doubtful
        explained = found.value(name, "r_squared")
        raising = found.comma.join(told for value, told in sure if value > 0)
        lowering = found.comma.join(told for value, told in sure if value < 0)
        title = found.item(name)
        if raising and explained is not None:
            text = f"{explained:.2f}"
            sentences.append(found.say(TEXTS, "drives", name=title, told=raising, explained=text))
        if lowering:
            sentences.append(found.say(TEXTS, "lowers", name=title, told=lowering))
    if unsure:
        sentences.append(found.say(TEXTS, "unsure", paths=found.comma.join(unsure)))
    last = max(range(len(model.constructs)), key=lambda place: (model.levels[place], place))
    effects = [pair for pair in model.effects if pair[1] == last]
    told_effects, _ = _causes(found, model, "total_effect", effects)
    if len(effects) > 1 and told_effects:
        told = found.comma.join(told for _, told in told_effects[:MOST_NAMED])
        name = found.item(model.constructs[last])
        sentences.append(found.say(TEXTS, "total", name=name, told=told))
    return sentences


def _measured(found: Found, model: Structure) -> list[str]:
    """Constructs that are weakly measured or hardly told apart; items that count against."""
    sentences = []
    weak = [
        found.item(name)
        for name in model.constructs
        if (bounds := found.bounds(name, "rho_c")) is not None and bounds[1] < RELIABLE
    ]
    if weak:
        sentences.append(found.say(TEXTS, "reliable", limit=RELIABLE, names=found.comma.join(weak)))
    alike = []
    for item in found.items.get("htmt", ()):
        bounds = found.bounds(item, "htmt")
        if bounds is not None and bounds[0] > DISTINCT:
            one, other = (found.item(name) for name in item.split(" / "))
            alike.append(found.say(TEXTS, "pair", one=one, other=other))
    if alike:
        sentences.append(
            found.say(TEXTS, "distinct", limit=DISTINCT, names=found.comma.join(alike))
        )
    negative = []
    for place in range(len(model.columns)):
        weight = found.value(model.item_name(place), "weight")
        if weight is not None and weight < 0:
            negative.append(found.item(model.item_name(place)))
    if negative:
        sentences.append(found.say(TEXTS, "negative", names=found.comma.join(negative)))
    return sentences


def share_findings(results: Results, name: str, language: str = "en") -> tuple[str, ...]:
    """The shares, and who is loyal in every respect."""
    measured = next((one for one in results.metrics if one.name == name), None)
    if measured is None or not isinstance(measured.metric, LoyaltyShares):
        return ()
    first = next(iter(measured.metric.intentions))
    found, nothing = _start(results, name, language, LoyaltyShares, first, "share")
    if found is None:
        return nothing
    told = [
        found.say(
            TEXTS, "one", name=found.item(item), value=shown_percent(value),
            interval=_interval(found, item, "share", "proportion"),
        )
        for item in found.items["share"]
        if (value := found.value(item, "share")) is not None
    ]  # fmt: skip
    sentences = [found.say(TEXTS, "shares", told=found.comma.join(told))]
    secure, risk = found.value(OVERALL, "secure"), found.value(OVERALL, "at_risk")
    if secure is not None and risk is not None:
        interval = _interval(found, OVERALL, "secure", "proportion")
        sentences.append(
            found.say(
                TEXTS,
                "secure",
                share=shown_percent(secure),
                interval=interval,
                other=shown_percent(risk),
            )
        )
    return tuple(sentences)


def link_findings(results: Results, name: str, language: str = "en") -> tuple[str, ...]:
    """What a point of satisfaction goes with, and who breaks the rule."""
    found, nothing = _start(results, name, language, LoyaltyLink, OVERALL, "slope")
    if found is None:
        return nothing
    sentences = []
    value, bounds = found.value(OVERALL, "slope"), found.bounds(OVERALL, "slope")
    if value is not None and bounds is not None:
        low, high = (f"{100 * one:.1f}" for one in bounds)
        if value < 0:
            low, high = f"{-100 * bounds[1]:.1f}", f"{-100 * bounds[0]:.1f}"
        interval = found.say(TEXTS, "interval", level=found.level, low=low, high=high)
        key = "slope" if bounds[0] > 0 else "falls" if bounds[1] < 0 else "no_slope"
        if key == "no_slope":
            low, high = (f"{100 * one:.1f}" for one in bounds)
            interval = found.say(TEXTS, "interval", level=found.level, low=low, high=high)
        sentences.append(found.say(TEXTS, key, value=f"{100 * abs(value):.1f}", interval=interval))
    kinds = {kind: found.value(OVERALL, kind) for kind in ("mercenaries", "hostages")}
    if all(share is not None for share in kinds.values()):
        shares = {kind: shown_percent(share or 0.0) for kind, share in kinds.items()}
        sentences.append(found.say(TEXTS, "kinds", **shares))
    return tuple(sentences)


def mirror_findings(results: Results, name: str, language: str = "en") -> tuple[str, ...]:
    """Whether units with satisfied staff have satisfied customers."""
    measured = next((one for one in results.metrics if one.name == name), None)
    if measured is None or not isinstance(measured.metric, SatisfactionMirror):
        return ()
    found, nothing = _start(results, name, language, SatisfactionMirror, OVERALL, "correlation")
    if found is None:
        return nothing
    value, bounds = found.value(OVERALL, "correlation"), found.bounds(OVERALL, "correlation")
    if value is None:
        return (found.say(TEXTS, "no_relation"),)
    key = "no_mirror"
    if bounds is not None and bounds[0] > 0:
        key = "mirror"
    elif bounds is not None and bounds[1] < 0:
        key = "against"
    interval = _interval(found, OVERALL, "correlation", "coefficient")
    sentences = [found.say(TEXTS, key, value=f"{value:.2f}", interval=interval)]
    units = sum(
        (found.row(unit, "staff") or {"base": 0})["base"] not in (0, 1, None)
        and (found.row(unit, "customers") or {"base": 0})["base"] not in (0, 1, None)
        for unit in found.items.get("staff", ())
    )
    if units < FEW:
        sentences.append(found.say(TEXTS, "few", count=units))
    return tuple(sentences)
