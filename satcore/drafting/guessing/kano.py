"""Kano's pairs: each feature asked functionally and dysfunctionally."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from satcore.drafting import wordings
from satcore.drafting.guesses import MetricGuess, Said, needs, said
from satcore.drafting.guessing.sheet import Sheet
from satcore.drafting.pairs import Sided, pairs_of, template
from satcore.drafting.scales import Answers, kano_answers, spanned


def kano(sheet: Sheet) -> None:
    """Kano's pairs, by the columns' names or else by the questions' texts."""
    readings: dict[str, Answers] = {}
    for name in sheet.free:
        answers = kano_answers(sheet.profiles[name], sheet.variable(name))
        if answers is not None:
            readings[name] = answers
    found = pairs_of(list(sheet.free), wordings.KANO_SIDES)
    whole_pairs = {
        key: (functional, dysfunctional)
        for key, (dysfunctional, functional) in found.items()
        if functional.name in readings and dysfunctional.name in readings
    }
    pairs = {key: (one.name, other.name) for key, (one, other) in whole_pairs.items()}
    if not pairs:
        pairs, whole_pairs = _kano_by_text(sheet, readings), {}
    if not pairs:
        return
    columns = [name for pair in pairs.values() for name in pair]
    scale = sheet.scale([readings[name] for name in columns], (1, 5))
    if scale is None:
        return
    sheet.claim(*columns)
    sheet.used.update({name: readings[name] for name in columns})
    options: dict[str, Any] = _features(pairs, whole_pairs)
    if scale != "1..5":
        options["scale"] = scale
    else:
        sheet.doubt("kano", _kano_order(sheet, pairs, readings))
    options |= _importance(sheet, list(pairs))
    reasons = [said("kano", pairs=len(pairs))]
    sheet.made.metrics.append(
        MetricGuess(
            name=sheet.named("kano"),
            kind="kano",
            options=options,
            reasons=tuple(reasons),
            items=tuple(columns),
        )
    )


def _features(
    pairs: Mapping[str, tuple[str, str]], sides: Mapping[str, tuple[Sided, Sided]]
) -> dict[str, Any]:
    patterns = [template((pair[side] for pair in sides.values()), "{feature}") for side in (0, 1)]
    if sides and None not in patterns and all("{" not in key for key in pairs):
        return {
            "functional": patterns[0],
            "dysfunctional": patterns[1],
            "features": list(pairs),
        }
    return {"pairs": {key: list(pair) for key, pair in pairs.items()}}


def _kano_by_text(sheet: Sheet, readings: Mapping[str, Answers]) -> dict[str, tuple[str, str]]:
    """Pairs by the questions' texts, which differ in a word; the answers are Kano's."""
    worded = {
        name: sheet.label(name) or name for name in readings if readings[name].wording == "kano5"
    }
    pairs: dict[str, tuple[str, str]] = {}
    for no, yes in wordings.KANO_SIDES:
        if yes.isascii():
            continue
        by_text = {text: name for name, text in worded.items()}
        for name, text in worded.items():
            other = by_text.get(text.replace(no, yes, 1)) if no in text else None
            taken = {one for pair in pairs.values() for one in pair}
            if other is not None and other != name and not {name, other} & taken:
                pairs[other] = (other, name)
    return pairs


def _kano_order(
    sheet: Sheet, pairs: Mapping[str, tuple[str, str]], readings: Mapping[str, Answers]
) -> Said:
    """Whether 1 seems to be "I like it": then presence is answered lower than absence."""
    means = [
        sum(sheet.mean(pair[side], readings[pair[side]]) for pair in pairs.values())
        for side in (0, 1)
    ]
    return needs("kano_order") if means[0] > means[1] else said("kano_order_fits")


def _importance(sheet: Sheet, features: Sequence[str]) -> dict[str, Any]:
    """Self-stated importance of the features, where every one of them has it."""
    for form in (
        "{feature}_importance",
        "{feature}_imp",
        "{feature}重要性",
        "{feature}_重要性",
    ):
        names = [form.replace("{feature}", feature) for feature in features]
        if not all(name in sheet.free for name in names):
            continue
        answers = [sheet.answers(name) for name in names]
        there = [one for one in answers if one is not None]
        if len(there) < len(names):
            continue
        low, high = min(one.low for one in there), max(one.high for one in there)
        span = (1, 9) if low >= 1 and high == 9 else spanned(there)
        scale = None if span is None else sheet.scale(there, span)
        if scale is None:
            continue
        sheet.claim(*names)
        sheet.used.update(zip(names, there, strict=True))
        written = {"importance": form}
        return written if scale == "1..9" else {**written, "importance_scale": scale}
    return {}
