"""A multiple response set in words, no surer than its intervals."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from satcore import Results, shown_percent, shown_score
from satcore_multiple.found import SHARE, Found
from satcore_multiple.metric import NEVER_SHOWN, Multiple
from satcore_multiple.options import OVERALL

#: Options that are named one by one.
MOST_NAMED: Final = 3

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "most": ("Most chosen: {options}.", "选择最多：{options}。"),
    "option": (
        "{option} ({share} of respondents{interval})",
        "{option}（占受访者 {share}{interval}）",
    ),
    "interval": (", {level} interval {low} to {high}", "，{level} 区间 {low} 至 {high}"),
    "unsure": (
        "Their order is not sure: {pairs} do not differ significantly.",
        "先后次序并不确定：{pairs}没有显著差异。",
    ),
    "pair": ("{one} and {other}", "{one}与{other}"),
    "mean": (
        "A respondent chose {mean} options on average ({level} interval {low} to {high}).",
        "受访者平均选择 {mean} 项（{level} 区间 {low} 至 {high}）。",
    ),
    "nobody": ("Nobody chose an option.", "没有人选择任何选项。"),
    "empty": ("Nobody answered.", "没有人回答。"),
    "contradicted": (
        "{option}: {share} of respondents chose it together with other options.",
        "{option}：{share} 的受访者同时还选择了其他选项。",
    ),
    "never": (
        "No answer at all: {options}. Check whether it was shown.",
        "{options}：没有任何回答，请确认是否展示过该选项。",
    ),
}


def multiple_findings(results: Results, name: str, language: str = "en") -> tuple[str, ...]:
    """What most people chose, how many options, and what is odd about the answers.

    Args:
        results: The results.
        name: The metric's name in the study.
        language: ``"en"`` or ``"zh"``.
    """
    found = Found.of(results, name, language, Multiple)
    if found is None:
        return ()
    overall = found.row(OVERALL, "chosen_mean")
    if overall is None or overall["status"] == "suppressed":
        return ()
    if not overall["base"]:
        return (found.say(TEXTS, "empty"),)
    return (*_first(found), *_mean(found), *_odd(found))


def _first(found: Found) -> list[str]:
    """The options that most people chose, and which of them may stand the other way round."""
    counted = [one for one in found.ordered if one in found.metric.counted]
    named = [one for one in counted if found.value(one, SHARE)]
    if not named:
        return [found.say(TEXTS, "nobody")]
    told = [_told(found, one) for one in named[:MOST_NAMED]]
    sentences = [found.say(TEXTS, "most", options=found.comma.join(told))]
    p, limit = found.paired(SHARE), 1 - found.results.about.confidence
    unsure = [
        found.say(TEXTS, "pair", one=found.labels[one], other=found.labels[other])
        for one, other in pairwise(named[: MOST_NAMED + 1])
        if p.get(frozenset((one, other)), 0.0) > limit
    ]
    if unsure:
        sentences.append(found.say(TEXTS, "unsure", pairs=found.comma.join(unsure)))
    return sentences


def _told(found: Found, option: str) -> str:
    share, bounds = found.value(option, SHARE), found.bounds(option, SHARE)
    interval = ""
    if bounds is not None:
        low, high = map(shown_percent, bounds)
        interval = found.say(TEXTS, "interval", level=found.level, low=low, high=high)
    return found.say(
        TEXTS,
        "option",
        option=found.labels[option],
        share=shown_percent(share or 0.0),
        interval=interval,
    )


def _mean(found: Found) -> list[str]:
    mean, bounds = found.value(OVERALL, "chosen_mean"), found.bounds(OVERALL, "chosen_mean")
    if mean is None or bounds is None:
        return []
    low, high = (shown_score(max(bound, 0.0)) for bound in bounds)
    return [found.say(TEXTS, "mean", mean=shown_score(mean), level=found.level, low=low, high=high)]


def _odd(found: Found) -> list[str]:
    """Options that nobody was shown, and contradictions."""
    sentences = []
    empty = [
        found.labels[name]
        for name in found.metric.names
        if (row := found.row(name, SHARE)) is not None and NEVER_SHOWN in row["message"]
    ]
    if empty:
        sentences.append(found.say(TEXTS, "never", options=found.comma.join(empty)))
    for name in found.metric.exclusive:
        share = found.value(name, "contradicted")
        if share:
            label = found.labels[name]
            sentences.append(
                found.say(TEXTS, "contradicted", option=label, share=shown_percent(share))
            )
    return sentences
