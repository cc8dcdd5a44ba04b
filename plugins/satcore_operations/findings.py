"""Operational indicators in words, no surer than their intervals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from satcore import Results
from satcore_operations.churn import Churn
from satcore_operations.complaints import OVERALL, ComplaintRate
from satcore_operations.execution import COMPLETE, CRITICAL, VETOED, Execution
from satcore_operations.found import TIMES, Found, shown
from satcore_operations.recovery import Recovery
from satcore_operations.response import ResponseTime
from satcore_operations.telling import OPEN, number
from satcore_operations.turnover import VOLUNTARY, Turnover

#: Steps that are named one by one, and tests that are told.
MOST_NAMED: Final = 3

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "number": (
        "{value} ({level} interval {low} to {high})",
        "{value}（{level} 区间 {low} 至 {high}）",
    ),
    "bare": ("{value} (no interval)", "{value}（无区间）"),
    "open": (
        "Some cases are still open: they count for as long as they have been (Kaplan and Meier).",
        "部分个案仍未完成，按其已等待的时间计入（Kaplan-Meier 估计）。",
    ),
    "complaints": (
        "{value} {events} per {per} {exposure}{window}.",
        "每 {per} {exposure}的{events}为 {value}{window}。",
    ),
    "rows": ("rows", "行"),
    "window": (", {window}", "（{window}）"),
    "since": ("from {since}", "自 {since} 起"),
    "until": ("until {until}", "至 {until}"),
    "both": ("from {since} until {until}", "{since} 至 {until}"),
    "ratio": (
        "{item}: {value} times the rate of {reference}.",
        "{item}：为 {reference} 的 {value} 倍。",
    ),
    "median": (
        "Half of {cases} cases were closed within {value}.",
        "{cases} 个个案中，半数在 {value}内完成。",
    ),
    "p90": ("Nine in ten were closed within {value}.", "十分之九在 {value}内完成。"),
    "within": (
        "Within the promise of {promise}: {value}.",
        "在承诺的 {promise}内完成：{value}。",
    ),
    "around": (
        "Times are told around the clock: nights, weekends and holidays count.",
        "时间按全天候计算，包括夜间、周末与节假日。",
    ),
    "churn": (
        "Of {base} customers at the start{window}, {value} left.",
        "期初 {base} 名客户中{window}，流失 {value}。",
    ),
    "survival": (
        "After {time}, {value} are still there.",
        "{time}后仍在的客户占 {value}。",
    ),
    "no_share": ("{message}.", "无法计算比例：离开人数多于期初人数，或期初没有客户。"),
    "turnover": (
        "Separations in a year, on the average headcount{window}: {value}.",
        "年化离职率（占平均人数{window}）：{value}。",
    ),
    "voluntary": ("Of their own will: {value}.", "其中主动离职：{value}。"),
    "execution": (
        "Steps followed, of the steps due: {value}.",
        "到位步骤占应执行步骤：{value}。",
    ),
    "vetoed": (
        "Where a missed critical step counts as the whole process: {value}.",
        "关键步骤缺失视为整个流程不合格时：{value}。",
    ),
    "missed": ("Missed most: {steps}.", "缺失最多：{steps}。"),
    "step": ("{step} ({share} followed)", "{step}（执行率 {share}）"),
    "never": ("Never due: {steps}.", "从未应执行：{steps}。"),
    "recovery": ("{item}: {value}.", "{item}：{value}。"),
    "higher": (
        "{group}: the rate is higher than elsewhere (adjusted p {p}).",
        "{group}：显著高于其他（校正后 p {p}）。",
    ),
    "lower": (
        "{group}: the rate is lower than elsewhere (adjusted p {p}).",
        "{group}：显著低于其他（校正后 p {p}）。",
    ),
    "least_p": ("below 0.001", "低于 0.001"),
    "empty": ("There is nothing to count.", "没有可统计的数据。"),
}


def complaint_findings(results: Results, name: str, language: str = "en") -> tuple[str, ...]:
    """The rate with its numerator, denominator and window; ratios; groups that differ."""
    found = Found.of(results, name, language, ComplaintRate)
    if found is None:
        return ()
    metric = found.metric
    if not isinstance(metric, ComplaintRate):
        return ()
    item = OVERALL if metric.groups else ""
    value = _number(found, item, "rate")
    if value is None:
        return (found.say(TEXTS, "empty"),)
    said = [
        found.say(
            TEXTS, "complaints", value=value, events=_column(found, metric.events),
            per=number(metric.per),
            exposure=_column(found, metric.exposure) or found.say(TEXTS, "rows"),
            window=_window(found, metric.since, metric.until),
        )
    ]  # fmt: skip
    groups = [one for one in found.items.get("rate", ()) if one != item]
    for one in found.items.get("ratio", ()):
        ratio = _number(found, one, "ratio")
        if ratio is not None:
            reference = found.item(groups[0])
            said.append(
                found.say(TEXTS, "ratio", item=found.item(one), value=ratio, reference=reference)
            )
    return (*said, *_different(found, item))


def _column(found: Found, name: str | None) -> str:
    """A column by what it is called, as a noun within a sentence; empty where there is none."""
    said = found.question(name or "")
    # An abbreviation stays as it is.
    return said[:1].lower() + said[1:] if said[1:2].islower() else said


def response_findings(results: Results, name: str, language: str = "en") -> tuple[str, ...]:
    """Half and nine in ten, the promise, and the calendar."""
    found = Found.of(results, name, language, ResponseTime)
    if found is None or not isinstance(found.metric, ResponseTime):
        return ()
    metric, row = found.metric, found.row("", "median")
    if row is None or not row["base"]:
        return (found.say(TEXTS, "empty"),) if row and row["base"] == 0 else ()
    said = []
    for term in ("median", "p90"):
        value = _number(found, "", term, metric.unit)
        if value is not None:
            said.append(found.say(TEXTS, term, cases=f"{row['base']:,}", value=value))
    value = _number(found, "", "within")
    if value is not None and metric.promise is not None:
        promise = found.say(TIMES, metric.unit, n=f"{metric.promise:g}")
        said.append(found.say(TEXTS, "within", promise=promise, value=value))
    if OPEN.partition("{")[0] in row["message"]:
        said.append(found.say(TEXTS, "open"))
    return (*said, found.say(TEXTS, "around"))


def churn_findings(results: Results, name: str, language: str = "en") -> tuple[str, ...]:
    """Who left, of how many; and how many are still there after the longest times told."""
    found = Found.of(results, name, language, Churn)
    if found is None or not isinstance(found.metric, Churn):
        return ()
    metric, row = found.metric, found.row("", "rate")
    value, said = _number(found, "", "rate"), []
    if row is not None and value is not None:
        window = _window(found, metric.since, metric.until, metric.period)
        said.append(found.say(TEXTS, "churn", base=f"{row['base']:,}", window=window, value=value))
    elif row is not None and row["base"]:
        said.append(found.say(TEXTS, "no_share", message=row["message"].partition("; ")[0]))
    told = [
        one for one in found.items.get("survival", ()) if found.value(one, "survival") is not None
    ]
    for item in told[-1:]:
        time = found.say(TIMES, metric.unit, n=item)
        survival = _number(found, item, "survival")
        said.append(found.say(TEXTS, "survival", time=time, value=survival))
    return (*said, *_different(found, ""))


def turnover_findings(results: Results, name: str, language: str = "en") -> tuple[str, ...]:
    """The annual rate, and voluntary ones."""
    found = Found.of(results, name, language, Turnover)
    if found is None or not isinstance(found.metric, Turnover):
        return ()
    metric, items = found.metric, found.items.get("rate", ())
    value = _number(found, items[0], "rate") if items else None
    if value is None:
        return (found.say(TEXTS, "empty"),)
    window = _window(found, metric.since, metric.until, metric.period)
    said = [found.say(TEXTS, "turnover", window=window, value=value)]
    willing = _number(found, VOLUNTARY, "rate")
    if willing is not None:
        said.append(found.say(TEXTS, "voluntary", value=willing))
    return (*said, *_different(found, items[0]))


def execution_findings(results: Results, name: str, language: str = "en") -> tuple[str, ...]:
    """The rate over all steps, with the veto, and the steps missed most or never due."""
    found = Found.of(results, name, language, Execution)
    if found is None:
        return ()
    value = _number(found, OVERALL, "rate")
    if value is None:
        return (found.say(TEXTS, "empty"),)
    said = [found.say(TEXTS, "execution", value=value)]
    veto = _number(found, VETOED, "rate")
    if veto is not None:
        said.append(found.say(TEXTS, "vetoed", value=veto))
    together = (OVERALL, VETOED, COMPLETE, CRITICAL)
    shares = {
        one: found.value(one, "rate") for one in found.items.get("rate", ()) if one not in together
    }
    missed = sorted(
        (
            (share, place, one)
            for place, (one, share) in enumerate(shares.items())
            if share is not None
        ),
    )
    named = [
        found.say(TEXTS, "step", step=found.item(one), share=shown(share, "proportion"))
        for share, _, one in missed[:MOST_NAMED]
        if share < 1.0
    ]
    if named:
        said.append(found.say(TEXTS, "missed", steps=found.comma.join(named)))
    never = [
        found.item(one)
        for one, share in shares.items()
        if share is None and (row := found.row(one, "rate")) is not None and row["base"]
    ]
    if never:
        said.append(found.say(TEXTS, "never", steps=found.comma.join(never)))
    return tuple(said)


def recovery_findings(results: Results, name: str, language: str = "en") -> tuple[str, ...]:
    """Each share with its interval."""
    found = Found.of(results, name, language, Recovery)
    if found is None:
        return ()
    said = []
    for term in ("rate", "within"):
        for item in found.items.get(term, ()):
            value = _number(found, item, term)
            if value is not None:
                said.append(found.say(TEXTS, "recovery", item=found.item(item), value=value))
    return tuple(said) or (found.say(TEXTS, "empty"),)


def _number(found: Found, item: str, term: str, unit: str = "") -> str | None:
    """A number with its interval, in a unit of time where one is named; None where none is."""
    row, value, bounds = found.row(item, term), found.value(item, term), found.bounds(item, term)
    if row is None or value is None:
        return None

    def told(one: float) -> str:
        text = shown(one, row["unit"])
        return found.say(TIMES, unit, n=text) if unit else text

    if bounds is None:
        return found.say(TEXTS, "bare", value=told(value))
    low, high = (shown(one, row["unit"]) for one in bounds)
    return found.say(TEXTS, "number", value=told(value), level=found.level, low=low, high=high)


def _window(found: Found, since: str, until: str, period: str = "") -> str:
    if period:
        return found.say(TEXTS, "window", window=period)
    if not (since or until):
        return ""
    key = "both" if since and until else "since" if since else "until"
    return found.say(TEXTS, "window", window=found.say(TEXTS, key, since=since, until=until))


def _different(found: Found, item: str) -> Iterator[str]:
    """Groups whose rate differs from the rest, the surest first."""
    limit = 1.0 - found.results.about.confidence
    rows = [
        (row["p_adjusted"], place, row)
        for place, row in enumerate(found.results.comparison_rows(found.measured.name, "rate"))
        if row["kind"] == "rest"
        and row["item"] == item
        and len(row["cell"]) == 1
        and row["p_adjusted"] is not None
        and row["p_adjusted"] < limit
        and row["difference"] is not None
    ]
    for p, _, row in sorted(rows, key=lambda one: one[:2])[:MOST_NAMED]:
        ((axis, value),) = row["cell"].items()
        group = found.results.about.label(axis, value, found.language)
        key = "higher" if (row["difference"] or 0.0) > 0 else "lower"
        yield found.say(TEXTS, key, group=f"{axis} {group}", p=_p(found, p))


def _p(found: Found, p: float) -> str:
    return found.say(TEXTS, "least_p") if p < 0.001 else f"{p:.3f}"
