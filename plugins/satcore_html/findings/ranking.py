"""Which facts are told first, and how many: no metric crowds out the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from satcore_html.findings.records import Fact

#: Facts of one question that are told; more where there are more metrics than that.
MOST: Final = 14

#: Facts of one metric and question that are told, by what they are, in the order of telling: a
#: claim that chance may have made stands behind what the metric itself says.
_QUOTAS: Final[Mapping[str, int]] = {
    "claim": 4,
    "own": 3,
    "within": 2,
    "level": 2,
    "hint": 3,
    "none": 2,
    "standard": 8,
    "cell": 4,
    "gap": 6,
}

#: Shelves that a metric with sentences of its own fills better itself.
_LEFT_TO_METRICS: Final = frozenset({"within", "level"})


def _shelf(fact: Fact) -> str:
    if fact.question == "standards":
        return "standard" if fact.kind == "standard" or fact.of == 1 else "cell"
    if fact.question == "unsaid":
        return "gap"
    if fact.kind in ("own", "trend"):
        return "own"
    if fact.kind in ("highest", "lowest"):
        return "level"
    if fact.compared in ("null", "paired"):
        return "within"
    if fact.kind == "none":
        return "none"
    return "claim" if fact.firm else "hint"


def ranked(facts: Iterable[Fact]) -> list[Fact]:
    """The facts of one metric and question in order: sure claims first, then what is open."""
    order = {shelf: place for place, shelf in enumerate(_QUOTAS)}

    def place(fact: Fact) -> tuple[int, bool, bool, tuple[float, ...]]:
        return order[_shelf(fact)], fact.kind == "none", not fact.firm, fact.rank

    return sorted(facts, key=place)


def _chosen(facts: Sequence[Fact]) -> list[Fact]:
    """The facts of one metric and question that may be told."""
    own = any(_shelf(fact) == "own" for fact in facts)
    taken: dict[str, int] = {}
    chosen = []
    for fact in ranked(facts):
        shelf = _shelf(fact)
        if own and shelf in _LEFT_TO_METRICS:
            continue
        taken[shelf] = taken.get(shelf, 0) + 1
        if taken[shelf] <= _QUOTAS[shelf]:
            chosen.append(fact)
    return chosen


def cut(facts: Sequence[Fact]) -> tuple[list[Fact], int]:
    """The facts of one question that are told, metric by metric, and how many are left out.

    The metrics take turns, so that each tells its first before any tells its second.
    """
    metrics: dict[str, list[Fact]] = {}
    for fact in facts:
        metrics.setdefault(fact.metric, []).append(fact)
    chosen = {metric: _chosen(some) for metric, some in metrics.items()}
    room = max(MOST, len(metrics))
    told: dict[str, int] = dict.fromkeys(chosen, 0)
    turn = 0
    while room and any(turn < len(some) for some in chosen.values()):
        for metric, some in chosen.items():
            if turn < len(some) and room:
                told[metric] += 1
                room -= 1
        turn += 1
    kept = [fact for metric, some in chosen.items() for fact in some[: told[metric]]]
    return kept, len(facts) - len(kept)
