"""What shares of a scale say, in sentences no surer than their intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from satcore import Results, shown_percent, shown_score
from satcore_csat.boxes import spans
from satcore_csat.found import KINDS, Found
from satcore_csat.metric import Csat, Effort, TopBox

#: Groups that are named one by one.
MOST_NAMED: Final = 5

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "to": (" to ", " 至 "),
    "satisfied": (
        "Satisfied are answers of {answers} on {low} to {high}{custom}.",
        "满意指在 {low} 至 {high} 的量表上回答 {answers}{custom}。",
    ),
    "custom": (", as is customary for this scale", "（该量表的惯例）"),
    "falling": (" Low answers are the good ones.", "分值越低越好。"),
    "rising": (" High answers are the good ones.", "分值越高越好。"),
    "easy": (
        "CES {version}: easy are answers of {answers} on {low} to {high}.",
        "CES {version}：轻松指在 {low} 至 {high} 的量表上回答 {answers}。",
    ),
    "box": (
        "Counted are answers of {answers} on {low} to {high}.",
        "计入的是在 {low} 至 {high} 的量表上回答 {answers}。",
    ),
    "empty": ("Nobody answered.", "无人回答。"),
    "share": (
        "{term}: {value} ({level} interval {low} to {high}).",
        "{term}：{value}（{level} 区间 {low} 至 {high}）。",
    ),
    "middle": (
        "The mean answer is {mean} ({level} interval {low} to {high}), the median {median}.",
        "平均回答为 {mean}（{level} 区间 {low} 至 {high}），中位数为 {median}。",
    ),
    "net": (
        "{term}: {value} points ({level} interval {low} to {high}).",
        "{term}：{value} 分（{level} 区间 {low} 至 {high}）。",
    ),
    "net_of_two": (
        (
            "{term}, the two best answers less the two worst: {value} points "
            "({level} interval {low} to {high})."
        ),
        "{term}（最好两档减最差两档）：{value} 分（{level} 区间 {low} 至 {high}）。",
    ),
    "above": (
        "{term} above the rest, shown at {level} (Holm), by {axis}: {groups}.",
        "按{axis}，{term}高于其余各组，在 {level} 置信水平下成立（Holm 校正）：{groups}。",
    ),
    "below": (
        "{term} below the rest, shown at {level} (Holm), by {axis}: {groups}.",
        "按{axis}，{term}低于其余各组，在 {level} 置信水平下成立（Holm 校正）：{groups}。",
    ),
    "group": ("{label} ({value})", "{label}（{value}）"),
    "more": ("{told} and {count} more", "{told}，另有 {count} 组"),
}


def csat_findings(results: Results, name: str, language: str = "en") -> tuple[str, ...]:
    """What counts as satisfied, how many are, and who differs.

    Args:
        results: The results.
        name: The metric's name in the study.
        language: ``"en"`` or ``"zh"``.
    """

    def rule(found: Found, low: int, high: int) -> str:
        metric = found.metric
        assert isinstance(metric, Csat)  # noqa: S101 - it asks for its own findings
        answers = metric.satisfied(low, high)
        custom = found.say(TEXTS, "custom") if metric.threshold is None else ""
        told = found.say(
            TEXTS, "satisfied", answers=_answers(found, answers), low=low, high=high, custom=custom
        )
        return told + (found.say(TEXTS, "falling") if metric.reversed else "")

    return tuple(_sentences(results, name, language, "csat", rule))


def effort_findings(results: Results, name: str, language: str = "en") -> tuple[str, ...]:
    """Which way the scale runs, how many found it easy, and who differs.

    Args:
        results: The results.
        name: The metric's name in the study.
        language: ``"en"`` or ``"zh"``.
    """

    def rule(found: Found, low: int, high: int) -> str:
        metric = found.metric
        assert isinstance(metric, Effort)  # noqa: S101 - it asks for its own findings
        told = found.say(
            TEXTS,
            "easy",
            version=metric.version,
            answers=_answers(found, metric.easy(low, high)),
            low=low,
            high=high,
        )
        return told + found.say(TEXTS, "falling" if metric.falling else "rising")

    return tuple(_sentences(results, name, language, "easy", rule))


def box_findings(results: Results, name: str, language: str = "en") -> tuple[str, ...]:
    """What counts, how many answers do, and who differs.

    Args:
        results: The results.
        name: The metric's name in the study.
        language: ``"en"`` or ``"zh"``.
    """

    def rule(found: Found, low: int, high: int) -> str:
        metric = found.metric
        assert isinstance(metric, TopBox)  # noqa: S101 - it asks for its own findings
        answers = _answers(found, metric.answers(high))
        return found.say(TEXTS, "box", answers=answers, low=low, high=high)

    return tuple(_sentences(results, name, language, "top_box", rule))


def _answers(found: Found, answers: Sequence[int]) -> str:
    return spans(answers, found.say(TEXTS, "to"), found.comma)


def _sentences(
    results: Results,
    name: str,
    language: str,
    term: str,
    rule: Callable[[Found, int, int], str],
) -> Iterator[str]:
    """What is counted, the numbers of all answers, and the groups that differ."""
    found = Found.of(results, name, language, KINDS)
    row = None if found is None else found.row(found.asked, term)
    if found is None or row is None:
        return
    scale = found.ends(found.asked)
    value, bounds = found.value(found.asked, term), found.bounds(found.asked, term)
    first = []
    if value is not None and bounds is not None:
        low, high = map(shown_percent, bounds)
        told = {"value": shown_percent(value), "level": found.level, "low": low, "high": high}
        first.append(found.say(TEXTS, "share", term=found.term(term), **told))
    if scale is not None:
        first.append(rule(found, *scale))
    # The number comes first, and what it counts with it: pages may show the first sentence alone.
    if first:
        yield ("" if found.chinese else " ").join(first)
    if row["status"] == "suppressed":
        return
    if not row["base"]:
        yield found.say(TEXTS, "empty")
        return
    yield from _middle(found)
    yield from _groups(found, term)


def _middle(found: Found) -> Iterator[str]:
    """Mean, median and net, where the metric has them."""
    mean, median, bounds = (
        found.value(found.asked, "mean"),
        found.value(found.asked, "median"),
        found.bounds(found.asked, "mean"),
    )
    if mean is not None and median is not None and bounds is not None:
        low, high = map(shown_score, bounds)
        told = {"mean": shown_score(mean), "median": f"{median:g}", "low": low, "high": high}
        yield found.say(TEXTS, "middle", level=found.level, **told)
    net, bounds = found.value(found.asked, "net"), found.bounds(found.asked, "net")
    if net is not None and bounds is not None:
        low, high = map(_points, bounds)
        told = {"term": found.term("net"), "value": _points(net), "low": low, "high": high}
        # CSAT's net goes by the ends of the scale, whatever counts as satisfied.
        key = "net" if found.value(found.asked, "top2") is None else "net_of_two"
        yield found.say(TEXTS, key, level=found.level, **told)


def _points(value: float) -> str:
    return shown_score(value, 1)


def _groups(found: Found, term: str) -> Iterator[str]:
    """The groups that surely stand above the rest, and those that stand below."""
    limit = 1 - found.results.about.confidence
    rows = [row for row in found.against_rest(term) if (row["p_adjusted"] or 0.0) < limit]
    for axis in dict.fromkeys(row["along"] for row in rows):
        for key, sign in (("above", 1), ("below", -1)):
            mine = [
                (sign * (row["difference"] or 0.0), tuple(row["cell"].items()))
                for row in rows
                if row["along"] == axis and sign * (row["difference"] or 0.0) > 0
            ]
            cells = [cell for _, cell in sorted(mine, key=lambda one: (-one[0], str(one[1])))]
            if not cells:
                continue
            labels = found.cell_labels(axis, cells[:MOST_NAMED])
            told = found.comma.join(
                found.say(
                    TEXTS,
                    "group",
                    label=label,
                    value=shown_percent(found.value(found.asked, term, cell) or 0),
                )
                for label, cell in zip(labels, cells, strict=False)
            )
            if len(cells) > MOST_NAMED:
                told = found.say(TEXTS, "more", told=told, count=len(cells) - MOST_NAMED)
            yield found.say(
                TEXTS,
                key,
                term=found.term(term),
                level=found.level,
                axis=found.axis(axis),
                groups=told,
            )
