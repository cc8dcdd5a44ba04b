"""What a control chart says, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from satcore import Results
from satcore_control.charts import CUMULATED
from satcore_control.found import Cell, Found
from satcore_control.rules import BEYOND_LIMITS, SETS
from satcore_control.words import MOST_WAVES, rule_names

#: Groups that are named one by one.
MOST_GROUPS: Final = 5

#: Waves from one false signal to the next, on average, by the rules (Champ and Woodall 1987).
FALSE_SIGNALS: Final = {("beyond_3_sigma",): 370, SETS["western_electric"]: 92}

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "signals": (
        "{subject}, {cell}: {count} of {judged} judged waves signal: {list}.",
        "{subject}（{cell}）：在可判定的 {judged} 个波次中有 {count} 个报警：{list}。",
    ),
    "none": (
        (
            "{subject}, {cell}: none of {judged} judged waves signals; they stray no further than "
            "chance lets them, which does not prove that nothing changed."
        ),
        (
            "{subject}（{cell}）：可判定的 {judged} 个波次均未报警，波动未超出随机范围；"
            "但这并不证明没有变化。"
        ),
    ),
    "unjudged": (
        "{subject}, {cell}: no wave can be judged.",
        "{subject}（{cell}）：没有可判定的波次。",
    ),
    "chance": (
        (
            "A signal is a reason to look for a cause, not proof of one: by these rules chance "
            "alone signals first after about {waves} waves on average."
        ),
        (
            "报警提示应查找原因，但不等于已证实：按这些规则，"
            "仅凭随机波动平均约 {waves} 个波次会误报一次。"
        ),
    ),
    "groups": (
        "Waves signal in {count} of {judged} groups: {list}.",
        "{judged} 个分组中有 {count} 个出现报警：{list}。",
    ),
    "no_groups": ("No wave signals in any of {judged} groups.", "{judged} 个分组均未报警。"),
    "wave": ("{wave} ({rules})", "{wave}（{rules}）"),
    "group": ("{cell} ({count})", "{cell}（{count}）"),
    "more": ("and {count} more", "另有 {count} 个"),
}


def control_findings(results: Results, name: str, language: str = "en") -> Iterator[str]:
    """Which waves signal and by which rule; then which groups have such waves.

    Args:
        results: The results.
        name: The metric's name in the study.
        language: ``"en"`` or ``"zh"``.
    """
    found = Found.of(results, name, language)
    total, groups = (), [cell for cell in found.cells if cell]
    # A chart that failed is told of as a failure.
    if total in found.cells and found.waves:
        yield _total(found, total)
    judged = [cell for cell in groups if found.judged(cell)]
    signalling = [cell for cell in judged if found.signalling(cell)]
    if signalling:
        named = [_say(found, "group", cell=found.cell(cell), count=len(found.signalling(cell)))
                 for cell in signalling]  # fmt: skip
        told = _listed(found, named, MOST_GROUPS)
        yield _say(found, "groups", count=len(signalling), judged=len(judged), list=told)
    elif judged:
        yield _say(found, "no_groups", judged=len(judged))
    if signalling or found.signalling(total):
        yield from _by_chance(found)


def _total(found: Found, cell: Cell) -> str:
    about = {"subject": found.subject(), "cell": found.cell(cell)}
    judged, signalling = found.judged(cell), found.signalling(cell)
    if not judged:
        return _say(found, "unjudged", **about)
    if not signalling:
        return _say(found, "none", judged=len(judged), **about)
    named = [
        _say(
            found,
            "wave",
            wave=found.wave(wave),
            rules=rule_names(found.rules(cell, wave), found.language),
        )
        for wave in signalling
    ]
    return _say(
        found,
        "signals",
        count=len(signalling),
        judged=len(judged),
        list=_listed(found, named, MOST_WAVES),
        **about,
    )


def _by_chance(found: Found) -> Iterator[str]:
    """How often these rules signal without a cause, where that is known."""
    if found.metric.chart in CUMULATED:
        return
    rules: tuple[str, ...] = found.metric.rules or ("western_electric",)
    spelt = tuple(one for name in rules for one in SETS.get(name, (name,)))
    if spelt in FALSE_SIGNALS and BEYOND_LIMITS not in spelt:
        yield _say(found, "chance", waves=FALSE_SIGNALS[spelt])


def _listed(found: Found, names: Sequence[str], most: int) -> str:
    shown = list(names[:most])
    if len(names) > most:
        shown.append(_say(found, "more", count=len(names) - most))
    return ("；" if found.chinese else "; ").join(shown)


def _say(found: Found, key: str, **values: object) -> str:
    return TEXTS[key][found.chinese].format(**values)
