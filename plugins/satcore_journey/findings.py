"""A journey in words, no surer than its intervals."""

from __future__ import annotations

from typing import Final

from satcore import Results, shown_percent, shown_score
from satcore_journey.found import Found
from satcore_journey.impacts import NOBODY
from satcore_journey.metric import EVERYBODY, NO_FURTHER, NO_IDS, STEP, STEPS, UNEVEN, Journey
from satcore_journey.options import AT, OVERALL

#: Touchpoints that are named one by one.
MOST_NAMED: Final = 3

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "moments": (
        "Moments of truth, by what they cost {overall}: {list}.",
        "关键时刻（按对 {overall} 造成的损失排序）：{list}。",
    ),
    "moment": (
        (
            "{name} {cost} points ({level} interval {low} to {high}; reach {reach}, impact "
            "{impact}, shortfall {shortfall})"
        ),
        (
            "{name} {cost} 分（{level} 区间 {low} 至 {high}；触达率 {reach}，影响力 {impact}，"
            "低于目标 {shortfall}）"
        ),
    ),
    "first": ("That {name} costs most is sure.", "{name} 的损失最大，这一点是可靠的。"),
    "first_unsure": (
        (
            "Which of them costs most is not sure: the rank of {name} lies between {low} and "
            "{high} ({level})."
        ),
        "哪一处损失最大并不确定：{name} 的排名介于 {low} 与 {high} 之间（{level}）。",
    ),
    "no_moment": (
        "No touchpoint is shown to cost {overall} anything.",
        "未发现任何触点对 {overall} 造成可确认的损失。",
    ),
    "not_cause": (
        "Impact and cost tell what goes together with {overall}, not what causes it.",
        "影响力与损失说明的是与 {overall} 的关联，而非因果。",
    ),
    "best": (
        "Best rated: {best} ({high}); worst rated: {worst} ({low}).",
        "评分最高：{best}（{high}）；评分最低：{worst}（{low}）。",
    ),
    "below": ("Surely below target: {list}.", "确定低于目标：{list}。"),
    "above": ("Surely above target: {list}.", "确定高于目标：{list}。"),
    "gap": ("{name} (by {gap})", "{name}（相差 {gap}）"),
    "peak": (
        "A customer's best touchpoint is rated {peak} on average, the worst {low}, the last {end}.",
        "每位客户的最佳触点平均 {peak} 分，最差 {low} 分，最后一个 {end} 分。",
    ),
    "drop_off": (
        "Most are lost after {name}: {share} of those who came this far.",
        "流失最多的一处在 {name} 之后：占到达此处者的 {share}。",
    ),
    "steps": (
        "After step {number} the journey is over for {share} of those who came this far.",
        "到达第 {number} 步的客户中，旅程在此结束的占 {share}。",
    ),
    "orders": (
        (
            "Touchpoints come in a different order for different people: they stand here by their "
            "mean step, and drop-off is told by step."
        ),
        "各人经历触点的顺序不同：此处按平均步次排列，流失率按步次给出。",
    ),
    "nobody": ("Used by nobody: {list}.", "无人使用：{list}。"),
    "everybody": (
        "Used by everyone, so that users can't be held against non-users: {list}.",
        "所有人都使用过，因此无法与未使用者比较：{list}。",
    ),
    "uneven": (
        (
            "Who did not use a touchpoint has no row for it: reach and cost can't be told without "
            "the number of each contact (step)."
        ),
        "未使用某触点者没有相应的行：没有每次接触的序号（step），无法得知触达率与损失。",
    ),
    "ids": (
        (
            "A respondent may have several rows, and no column tells respondents apart: intervals "
            "may be too narrow."
        ),
        "一位受访者可能有多行，而没有列区分受访者：区间可能过窄。",
    ),
    "channel": (
        "{name}: {better} is rated higher than {worse} (by {difference}).",
        "{name}：{better} 的评分高于 {worse}（相差 {difference}）。",
    ),
    "empty": ("Nobody used any touchpoint.", "没有人使用任何触点。"),
}


def journey_findings(results: Results, name: str, language: str = "en") -> tuple[str, ...]:
    """Where customers are won or lost, and what the answers can't tell.

    Args:
        results: The results.
        name: The metric's name in the study.
        language: ``"en"`` or ``"zh"``.
    """
    found = Found.of(results, name, language, Journey)
    if found is None:
        return ()
    rows = [found.row(one, "satisfaction") for one in found.names]
    if any(row is not None and row["status"] == "suppressed" for row in rows):
        return ()
    if not any(row is not None and row["base"] for row in rows):
        return (found.say(TEXTS, "empty"),)
    return (
        *_moments(found),
        *_ratings(found),
        *_channels(found),
        *_ways(found),
        *_limits(found),
    )


def _moments(found: Found) -> list[str]:
    """What costs most, and how sure the order is."""
    if not any(found.bounds(one, "cost") for one in found.names):
        return []
    moments = found.moments
    if not moments:
        return [found.say(TEXTS, "no_moment", overall=found.overall)]
    told = [_moment(found, one) for one in moments[:MOST_NAMED]]
    said = [found.say(TEXTS, "moments", overall=found.overall, list=found.comma.join(told))]
    first = moments[0]
    bounds = found.bounds(first, "rank")
    if bounds is not None and len(found.names) > 1:
        if bounds[1] <= 1:
            said.append(found.say(TEXTS, "first", name=found.labels[first]))
        else:
            low, high = (f"{one:g}" for one in bounds)
            said.append(
                found.say(
                    TEXTS,
                    "first_unsure",
                    name=found.labels[first],
                    low=low,
                    high=high,
                    level=found.level,
                )
            )
    return [*said, found.say(TEXTS, "not_cause", overall=found.overall)]


def _moment(found: Found, name: str) -> str:
    """A moment of truth: what it costs, and what that is made of."""
    low, high = map(shown_score, found.bounds(name, "cost") or (0.0, 0.0))
    return found.say(
        TEXTS,
        "moment",
        name=found.labels[name],
        cost=shown_score(found.value(name, "cost") or 0.0),
        level=found.level,
        low=low,
        high=high,
        reach=shown_percent(found.value(name, "reach") or 0.0),
        impact=shown_score(found.value(name, "impact") or 0.0),
        shortfall=shown_score(found.value(name, "shortfall") or 0.0),
    )


def _ratings(found: Found) -> list[str]:
    """The best and the worst, and what surely misses its target or passes it."""
    rated = [one for one in found.names if found.value(one, "satisfaction") is not None]
    rated.sort(key=lambda one: -(found.value(one, "satisfaction") or 0.0))
    said = []
    if len(rated) > 1:
        best, worst = rated[0], rated[-1]
        high, low = (shown_score(found.value(one, "satisfaction") or 0.0) for one in (best, worst))
        said.append(
            found.say(
                TEXTS,
                "best",
                best=found.labels[best],
                worst=found.labels[worst],
                high=high,
                low=low,
            )
        )
    surely = {item: gap for item, _, gap in found.unlike("null", "gap") if item in found.labels}
    for key, sign in (("below", -1), ("above", 1)):
        told = [
            found.say(TEXTS, "gap", name=found.labels[one], gap=shown_score(abs(surely[one])))
            for one in found.names
            if one in surely and sign * surely[one] > 0
        ]
        if told:
            said.append(found.say(TEXTS, key, list=found.comma.join(told)))
    moods = {term: found.value(OVERALL, term) for term in ("peak", "low", "end")}
    known = {term: shown_score(value) for term, value in moods.items() if value is not None}
    if len(known) == len(moods):
        said.append(found.say(TEXTS, "peak", **known))
    return said


def _channels(found: Found) -> list[str]:
    """Channels of a touchpoint that surely differ."""
    said = []
    for item, against, difference in found.unlike("paired", "satisfaction"):
        name = item.partition(AT)[0]
        if name not in found.labels:
            continue
        better, worse = (item, against) if difference > 0 else (against, item)
        better, worse = (_channel(found, one) for one in (better, worse))
        said.append(
            found.say(
                TEXTS,
                "channel",
                name=found.labels[name],
                better=better,
                worse=worse,
                difference=shown_score(abs(difference)),
            )
        )
    return said


def _channel(found: Found, item: str) -> str:
    return found.metric.channel_title(item.partition(AT)[2], found.language)


def _ways(found: Found) -> list[str]:
    """Where people leave, and in which order they come."""
    said = []
    lost = [
        (value, one)
        for one in found.names
        if (value := found.value(one, "drop_off"))
        and NO_FURTHER not in found.message(one, "drop_off")
    ]
    if lost:
        _, name = max(lost, key=lambda pair: pair[0])
        share = found.told(name, "drop_off", shown_percent)
        said.append(found.say(TEXTS, "drop_off", name=found.labels[name], share=share))
    if found.metric.step is None:
        return said
    first = found.told(f"{STEP} 1", "drop_off", shown_percent)
    if first:
        said.append(found.say(TEXTS, "steps", number=1, share=first))
    if any(STEPS.partition("{")[0] in found.message(one, "step") for one in found.names):
        said.append(found.say(TEXTS, "orders"))
    return said


def _limits(found: Found) -> list[str]:
    """Touchpoints that nobody or everybody used, and what rows can't tell."""
    said = []
    for key, term, message in (
        ("nobody", "satisfaction", NOBODY),
        ("everybody", "use_difference", EVERYBODY),
    ):
        told = [found.labels[one] for one in found.names if message in found.message(one, term)]
        if told:
            said.append(found.say(TEXTS, key, list=found.comma.join(told)))
    beside = UNEVEN.partition("{")[0]
    if any(beside in found.message(one, "reach") for one in found.names):
        said.append(found.say(TEXTS, "uneven"))
    if any(NO_IDS in found.message(one, "satisfaction") for one in found.names):
        said.append(found.say(TEXTS, "ids"))
    return said
