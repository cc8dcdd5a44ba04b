"""A Kano study in words: what each feature is, how sure that is, and what to do first."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from satcore import Results, shown_score
from satcore_kano.metric import Kano
from satcore_kano.reading import Features, percent
from satcore_kano.rules import REVERSED, UNCLEAR

#: The order in which features deserve attention (Berger et al. 1993).
ORDER: Final = "MOA"

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "M": (
        (
            "Must-be (basic needs): {features}. Their absence displeases; their presence is taken "
            "for granted."
        ),
        "必备型（基本需求）：{features}。缺少时会不满，具备时被视为理所当然。",
    ),
    "O": (
        "One-dimensional (expected needs): {features}. The better they are, the more they please.",
        "期望型（期望需求）：{features}。做得越好越满意，做得越差越不满意。",
    ),
    "A": (
        "Attractive (excitement needs): {features}. They delight, and their absence is accepted.",
        "魅力型（兴奋需求）：{features}。具备时带来惊喜，缺少时也可以接受。",
    ),
    "I": (
        "Indifferent: {features}. Their presence or absence changes little.",
        "无差异型：{features}。有无此类功能影响不大。",
    ),
    "R": (
        "Reverse: {features}. Their absence is preferred, or the two questions are swapped.",
        "反向型：{features}。受访者宁可没有，或者两道题目放反了。",
    ),
    "Q": (
        "Questionable: {features}. The most frequent answers contradict each other.",
        "可疑结果：{features}。最常见的回答自相矛盾。",
    ),
    "feature": ("{feature} ({details})", "{feature}（{details}）"),
    "share": ("{share} of answers", "占回答的 {share}"),
    "modal": (
        "the most frequent category with a probability of {share}",
        "该类别为众数的概率 {share}",
    ),
    "small": ("only {base} answers", "仅 {base} 个回答"),
    "unclear": (
        "Not clear: {feature} - {category} by the rule {rule}, but {reasons}.",
        "尚不明确：{feature}——按规则 {rule} 属于{category}，但{reasons}。",
    ),
    "mixed": ("the first two categories are too close", "前两个类别过于接近"),
    "fong": (
        "its lead over the next category is not clear (Fong's test)",
        "领先下一类别的幅度不够明确（Fong 检验）",
    ),
    "disagree": ("other rules say otherwise ({others})", "其他规则结论不同（{others}）"),
    "other": ("{rule}: {category}", "{rule}：{category}"),
    "improbable": (
        "it is the most frequent category with a probability of only {share}",
        "该类别为众数的概率仅为 {share}",
    ),
    "first": ("What to do first, and then: {steps}.", "优先顺序：{steps}。"),
    "step_M": ("secure the basic needs: {features}", "保证必备型：{features}"),
    "step_O": ("improve the expected needs: {features}", "提升期望型：{features}"),
    "step_A": ("add what delights: {features}", "增加魅力型：{features}"),
    "coefficient": (
        "{term} {value}, {level} interval {range}",
        "{term} {value}，{level} 区间 {range}",
    ),
    "range": ("{low} to {high}", "{low} 至 {high}"),
    "doubted": ("{feature} [category not clear]", "{feature}〔类别尚不明确〕"),
    "tied": (
        "Their order is not sure: {pairs} do not differ significantly in {term}.",
        "先后次序并不确定：{pairs}的 {term}没有显著差异。",
    ),
    "pair": ("{one} and {other}", "{one}与{other}"),
    "nothing_first": (
        "No feature is must-be, one-dimensional or attractive; none asks for action first.",
        "没有功能属于必备型、期望型或魅力型，暂无优先事项。",
    ),
    "reverse": (
        (
            "{feature}: {share} of answers are reverse; the polarity may be reversed - check "
            "whether the two questions were swapped."
        ),
        "{feature}：{share} 的回答为反向，题目方向可能相反，请检查两道题是否互换。",
    ),
    "questionable": (
        "{feature}: {share} of answers are questionable; the wording may be unclear.",
        "{feature}：{share} 的回答为可疑结果，题目措辞可能不清楚。",
    ),
    "undefined": (
        "{feature}: Better and Worse are undefined, as all answers are reverse or questionable.",
        "{feature}：全部回答均为反向或可疑结果，Better 与 Worse 系数无定义。",
    ),
    "empty": ("{feature}: nobody answered both questions.", "{feature}：没有人同时回答两道题。"),
    "suppressed": (
        "{feature}: withheld, as it has too few answers.",
        "{feature}：回答太少，不公布结果。",
    ),
    "error": ("{feature}: could not be computed.", "{feature}：无法计算。"),
}


def kano_findings(results: Results, name: str, language: str = "en") -> tuple[str, ...]:
    """What a Kano study says of its features, no surer than its numbers.

    Args:
        results: The results.
        name: The metric's name in the study.
        language: ``"en"`` or ``"zh"``.
    """
    reading = Features.of(results, name, language, Kano, cell={})
    if reading is None:
        return ()
    doubts = {feature: _doubts(reading, feature) for feature in reading.names}
    ordered = {letter: _ordered(reading, letter) for letter in "MOAIRQ"}
    found: list[str] = []
    for letter, features in ordered.items():
        sure = [_described(reading, feature) for feature in features if not doubts[feature]]
        if sure:
            found.append(reading.say(TEXTS, letter, features=_listed(reading, sure)))
    for features in ordered.values():
        found += [_unclear(reading, one, doubts[one]) for one in features if doubts[one]]
    found += _first(reading, ordered, doubts)
    for feature in reading.names:
        found += _flags(reading, feature)
    return tuple(found)


def _listed(reading: Features, texts: list[str]) -> str:
    """Descriptions in a row; they hold commas themselves."""
    return ("；" if reading.chinese else "; ").join(texts)


def _ordered(reading: Features, letter: str) -> list[str]:
    """The features of a category, those that matter most first.

    A combination stands with the category that it names first.
    """
    features = [
        one for one in reading.names if (reading.category(one, "category") or " ")[0] == letter
    ]
    term = "better" if letter == "A" else "worse"
    return sorted(features, key=lambda one: -abs(reading.value(one, term) or 0.0))


def _doubts(reading: Features, feature: str) -> list[str]:
    """Why a feature's category is not clear."""
    label = reading.category(feature, "category")
    if label is None:
        return []
    doubts = []
    if "/" in label:
        doubts.append(reading.say(TEXTS, "mixed"))
    elif reading.category(feature, "fong") == "not clear":
        doubts.append(reading.say(TEXTS, "fong"))
    others = {
        rule: found
        for rule, found in reading.other_rules(feature).items()
        if not set(found.split("/")) <= set(label.split("/"))
    }
    if others:
        told = [
            reading.say(TEXTS, "other", rule=rule, category=reading.in_words(found))
            for rule, found in others.items()
        ]
        doubts.append(reading.say(TEXTS, "disagree", others=_listed(reading, told)))
    probability = reading.value(feature, "modal_probability")
    if (
        probability is not None
        and probability < reading.results.about.confidence
        and reading.category(feature, "modal_probability") == label
    ):
        doubts.append(reading.say(TEXTS, "improbable", share=percent(probability)))
    return doubts


def _answers(reading: Features, feature: str) -> str:
    return f"{reading.base(feature, 'category'):,}"


def _described(reading: Features, feature: str) -> str:
    """A feature with its share and how sure its category is."""
    details = []
    label = reading.category(feature, "category")
    share = reading.value(feature, "category")
    if share is not None:
        details.append(reading.say(TEXTS, "share", share=percent(share)))
    probability = reading.value(feature, "modal_probability")
    if probability is not None and reading.category(feature, "modal_probability") == label:
        details.append(reading.say(TEXTS, "modal", share=percent(min(probability, 0.999))))
    if reading.status(feature, "category") == "small":
        details.append(reading.say(TEXTS, "small", base=f"{reading.base(feature, 'category'):,}"))
    told = ("，" if reading.chinese else ", ").join(details)
    return reading.say(TEXTS, "feature", feature=reading.labels[feature], details=told)


def _unclear(reading: Features, feature: str, doubts: list[str]) -> str:
    small = reading.status(feature, "category") == "small"
    reasons = [
        *doubts,
        *(
            [reading.say(TEXTS, "small", base=f"{reading.base(feature, 'category'):,}")]
            if small
            else []
        ),
    ]
    return reading.say(
        TEXTS,
        "unclear",
        feature=reading.labels[feature],
        category=reading.in_words(reading.category(feature, "category") or ""),
        rule=reading.metric.rule,
        reasons=_listed(reading, reasons),
    )


def _first(
    reading: Features, ordered: dict[str, list[str]], doubts: dict[str, list[str]]
) -> list[str]:
    """What to do first: basic needs, then expected ones, then excitement."""
    if not any(ordered.values()):
        return []
    steps: list[str] = []
    found: list[str] = []
    for letter in ORDER:
        features = ordered[letter]
        if not features:
            continue
        term = "better" if letter == "A" else "worse"
        told = [_weighed(reading, feature, term, bool(doubts[feature])) for feature in features]
        steps.append(reading.say(TEXTS, f"step_{letter}", features=reading.comma.join(told)))
        tied = _tied(reading, features, term)
        if tied:
            pairs = reading.comma.join(tied)
            found.append(reading.say(TEXTS, "tied", pairs=pairs, term=reading.short(term)))
    if not steps:
        return [reading.say(TEXTS, "nothing_first")]
    numbered = [
        f"{place}）{step}" if reading.chinese else f"({place}) {step}"
        for place, step in enumerate(steps, start=1)
    ]
    return [reading.say(TEXTS, "first", steps=_listed(reading, numbered)), *found]


def _weighed(reading: Features, feature: str, term: str, doubted: bool) -> str:
    """A feature with the coefficient that gives it its place."""
    label = reading.labels[feature]
    if doubted:
        label = reading.say(TEXTS, "doubted", feature=label)
    value, bounds = reading.value(feature, term), reading.bounds(feature, term)
    if value is None:
        return label
    if bounds is None:
        details = f"{reading.short(term)} {shown_score(value)}"
    else:
        span = reading.interval(feature, term, shown=shown_score)
        details = reading.say(
            TEXTS,
            "coefficient",
            term=reading.short(term),
            value=shown_score(value),
            level=reading.level,
            range=span,
        )
    return reading.say(TEXTS, "feature", feature=label, details=details)


def _tied(reading: Features, features: list[str], term: str) -> list[str]:
    """Neighbours in the order whose difference may be chance."""
    limit = 1 - reading.results.about.confidence
    p = reading.paired(term)
    return [
        reading.say(TEXTS, "pair", one=reading.labels[one], other=reading.labels[other])
        for one, other in pairwise(features)
        if p.get(frozenset((one, other)), 1.0) > limit
    ]


def _flags(reading: Features, feature: str) -> list[str]:
    """What is wrong with a feature's answers."""
    label = reading.labels[feature]
    status = reading.status(feature, "category")
    if reading.value(feature, "category") is None:
        key = status if status in ("empty", "suppressed") else "error"
        return [reading.say(TEXTS, key, feature=label)]
    found = []
    for key, term, message in (
        ("reverse", "share_R", REVERSED),
        ("questionable", "share_Q", UNCLEAR),
    ):
        share = reading.value(feature, term)
        if share is not None and reading.said(feature, term, message):
            found.append(reading.say(TEXTS, key, feature=label, share=percent(share)))
    if reading.status(feature, "better") == "undefined":
        found.append(reading.say(TEXTS, "undefined", feature=label))
    return found
