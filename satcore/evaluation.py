"""From states to rows: what every metric found, its failures among it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np

from satcore.comparisons import FAILED, compare
from satcore.covering import Cover
from satcore.errors import listed
from satcore.estimates import statuses, told_withheld
from satcore.holding import held as held_against
from satcore.inference import IntArray
from satcore.intake import ItemIntake, item_row
from satcore.lineup import Bounded, Evaluated, Lineup, rolled
from satcore.measuring import evaluated_on, placed, tell_waves
from satcore.planning import WAVE, GroupingSet, Measure, Plan, Wave
from satcore.results import (
    COMPARISON_COLUMNS,
    ESTIMATE_COLUMNS,
    STANDARD_COLUMNS,
    CellLabels,
    DroppedRow,
    FailureRow,
    ItemRow,
    Responses,
    Results,
    SkippedRow,
    Table,
)
from satcore.scanning import Bundle
from satcore.states import Array
from satcore.statistics import Rows
from satcore.waves import named_period
from satcore.within import compare_within

#: More waves than this are more likely times that nobody made into periods.
MANY_WAVES = 120

#: What is told of a cell whose answers have no spread yet.
NO_ERROR = "too few answers for a standard error"

#: What metrics gave, by their names and the grouping sets that they were asked for.
_Known: TypeAlias = dict[tuple[str, tuple[GroupingSet, ...]], tuple[Lineup, Evaluated]]

#: Empty periods in a row that are too few to speak of.
MANY_PERIODS = 12


def results_of(plan: Plan, bundle: Bundle) -> Results:
    """The results of a finished bundle."""
    parts: list[dict[str, Any]] = []
    compared: list[dict[str, Any]] = []
    failures: list[FailureRow] = []
    cover = Cover(plan)
    known = _told_of(plan, bundle, cover)
    for measure in plan.measures:
        lineup, evaluated = _evaluated(plan, bundle, cover, known, measure, measure.by)
        labels = lineup.labels()
        parts += _estimate_parts(plan, measure, lineup, evaluated, labels, cover)
        held = [
            *compare(plan, measure, lineup, evaluated, labels, cover),
            *compare_within(plan, measure, lineup, evaluated, labels, cover),
        ]
        compared += held
        # Cells that failed, then comparisons that the metric's own test could not make.
        reasons = [why for cell, why in evaluated.failed.items() if cell < lineup.reported]
        reasons += [
            message
            for part in held
            for message, method, status in zip(
                part["message"], part["method"], part["status"], strict=True
            )
            if method == FAILED and status == "error"
        ]
        failures += [
            FailureRow(
                metric=measure.measured.name,
                kind=measure.measured.kind,
                cells=count,
                message=message,
            )
            for message, count in Counter(reasons).items()
        ]
    hidden = cover.hides_total(bundle.intake.kept)
    return Results(
        about=plan.about,
        responses=_responses(plan, bundle, hidden=hidden),
        items=tuple(_item_rows(plan, bundle, cover)),
        metrics=tuple(measure.measured for measure in plan.measures),
        estimates=Table.joined(ESTIMATE_COLUMNS, parts),
        comparisons=Table.joined(COMPARISON_COLUMNS, compared),
        failures=tuple(failures),
        notes=(*plan.survey.notes, *plan.notes, *_notes(plan, bundle, cover)),
        standards=Table.joined(STANDARD_COLUMNS, _standard_parts(plan, bundle, cover, known)),
        titles={one.name: one.title for one in plan.standards if one.title is not None},
        catalogues=plan.catalogues,
    )


def _responses(plan: Plan, bundle: Bundle, *, hidden: bool) -> Responses:
    """How many responses there were; withheld where the total of all answers is."""
    skipped = tuple(
        SkippedRow(fragment=name, message=message)
        for name, message in {**plan.skipped, **bundle.skipped}.items()
    )
    if hidden:
        return Responses(read=None, kept=None, skipped=skipped)
    intake = bundle.intake
    return Responses(
        skipped=skipped,
        read=intake.read,
        kept=intake.kept,
        dropped=tuple(
            DroppedRow(column=rule.column, rule=rule.rule, rows=rows)
            for rule, rows in zip(plan.dimensions.keep, intake.dropped, strict=True)
        ),
    )


def _item_rows(plan: Plan, bundle: Bundle, cover: Cover) -> Iterator[ItemRow]:
    """How each item was answered; withheld where the total of its answers is."""
    intake = bundle.intake
    for item in plan.items:
        found = intake.items.get(item.key, ItemIntake())
        row = item_row(item.name, item.label.said() if item.label else None, str(item.scale), found)
        if cover.hides_total(intake.kept) or cover.hides_total(found.answered):
            row = ItemRow(
                item=row["item"],
                label=row["label"],
                scale=row["scale"],
                answered=None,
                missing=None,
                missing_by={},
                invalid=None,
                invalid_by={},
            )
        yield row


def _told_of(plan: Plan, bundle: Bundle, cover: Cover) -> _Known:
    """Everything that will be shown, told of before anything is; nothing where all is shown.

    What looks at another metric's waves comes last: those that are withheld have to be known.
    """
    known: _Known = {}
    if cover.below <= 1:
        return known
    if any(WAVE in names for names in bundle.states):
        cover.waves = rolled(bundle, (WAVE,), Rows().key).cells.axes[0].labels
    asked = [(measure, measure.by) for measure in plan.measures]
    asked += [(plan.measure(one.metric), one.sets) for one in plan.standards]
    asked.sort(key=lambda one: _looks_back(plan, one[0]))
    first = sum(not _looks_back(plan, measure) for measure, _ in asked)
    for place, (measure, by) in enumerate(asked):
        if place == first:
            for later, sets in asked[first:]:
                tell_waves(plan, bundle, later, sets, cover)
        lineup, evaluated = _evaluated(plan, bundle, cover, known, measure, by)
        cover.add(lineup, evaluated.good, (one.estimate for one in evaluated.estimates))
        bases = [one.base for one in evaluated.pairs] + [one.base for one in evaluated.tests]
        for base in bases:
            cover.add_base(lineup, evaluated.good, base)
        known[measure.measured.name, tuple(by)] = (lineup, evaluated)
    return known


def _looks_back(plan: Plan, measure: Measure) -> bool:
    """Whether a metric rests on the waves of another, itself or by one it stands on."""
    return any(
        leaf.along is not None or _looks_back(plan, plan.measure(leaf.of))
        for leaf in measure.stands_on
    )


def _evaluated(
    plan: Plan,
    bundle: Bundle,
    cover: Cover,
    known: _Known,
    measure: Measure,
    by: tuple[GroupingSet, ...],
) -> tuple[Lineup, Evaluated]:
    """A metric on some grouping sets, from what is known where it is."""
    found = known.get((measure.measured.name, by))
    return found or evaluated_on(plan, bundle, measure, by, cover)


def _standard_parts(
    plan: Plan, bundle: Bundle, cover: Cover, known: _Known
) -> Iterator[dict[str, Any]]:
    """One part of the table a standard, on cells of its own: they need not be reported."""
    here = dict(known)
    for standard in plan.standards:
        measure, key = plan.measure(standard.metric), (standard.metric, standard.sets)
        here[key] = _evaluated(plan, bundle, cover, here, measure, standard.sets)
        lineup, evaluated = here[key]
        yield held_against(plan, standard, measure, lineup, evaluated, lineup.labels(), cover)


def _notes(plan: Plan, bundle: Bundle, cover: Cover) -> Iterator[str]:
    intake = bundle.intake
    for name in {**plan.skipped, **bundle.skipped}:
        yield f"{name} could not be read and is left out whole"
    if intake.read and not intake.kept:
        yield "every response was dropped by the [[keep]] rules"
    yield from _wave_notes(plan, bundle)
    for item in plan.items:
        found = intake.items.get(item.key)
        if found is None or cover.hides_total(intake.kept) or cover.hides_total(found.answered):
            continue
        if found.invalid.count:
            scale = ", ".join(item.scale.names) or item.scale
            yield (
                f"{item.name}: {found.invalid.count} answers outside {scale} were counted "
                f"as missing: {found.invalid.told(in_results=True)}"
            )
    for condition in plan.conditions:
        found = intake.items.get(condition.key)
        if found is not None and found.invalid.count:
            columns = ", ".join(source.name for source in condition.condition.sources)
            yield (
                f"{columns}: {found.invalid.count} respondents counted as missing: "
                f"{condition.reason}: {found.invalid.told(in_results=True)}"
            )


def _wave_notes(plan: Plan, bundle: Bundle) -> Iterator[str]:
    """Waves whose order is that of their texts, or that are rather times."""
    wave = plan.dimensions.wave
    if wave is None or not any(WAVE in names for names in bundle.states):
        return
    state = rolled(bundle, (WAVE,), Rows().key)
    labels = state.cells.axes[0].labels
    texts = [label for label in labels if label is not None]
    if wave.period is not None:
        yield from _lonely_waves(
            texts, state.arrays["n"], wave, counts=plan.about.suppress_below <= 1
        )
        return
    if wave.column in plan.dimensions.declared:
        return
    if len(texts) > MANY_WAVES:
        yield (
            f"{len(texts)} waves in {wave.column}; if it holds times, make waves of them: "
            f'wave = {{ time = "{wave.column}", period = "month" }} (--period month)'
        )
    elif len(texts) > 1 and not all(label[0].isdigit() for label in texts):
        yield (
            f"waves stand in the order of their texts: {listed(texts, 6)}; if that is not their "
            f"order in time, give it in [labels.{wave.column}]"
        )
    named = {text: named_period(text) for text in texts}
    alike: dict[tuple[str, str], list[str]] = {}
    for text, one in named.items():
        if one is not None:
            alike.setdefault(one, []).append(text)
    for same in alike.values():
        if len(same) > 1:
            yield (
                f"{wave.column}: {listed(map(repr, same))} are the same time, and count as waves "
                "of their own; write them alike"
            )
    kinds = {one[1] for one in named.values() if one is not None}
    if len(kinds) > 1:
        yield (
            f"{wave.column}: the waves are dates of several kinds ({listed(sorted(kinds))}), so "
            "that none has a place in time; write all of them alike, or make waves of times: "
            f'wave = {{ time = "{wave.column}", period = "month" }}'
        )


def _lonely_waves(labels: Sequence[str], rows: Array, wave: Wave, *, counts: bool) -> Iterator[str]:
    """Waves so far from the others that a wrong date is likelier: 1970 among the 2010s.

    Their responses are counted where nothing is withheld.
    """
    there = [place for place in range(len(labels)) if rows[place]]
    if len(there) < 3:
        return
    apart = [later - earlier for earlier, later in pairwise(there)]
    widest = max(apart)
    cut = apart.index(widest) + 1
    before, after = there[:cut], there[cut:]
    few, many = (before, after) if len(before) <= len(after) else (after, before)
    if widest > many[-1] - many[0] + 1 and widest > MANY_PERIODS:
        who = listed(
            (
                f"{labels[place]} ({rows[place]} responses)" if counts else labels[place]
                for place in few
            ),
            3,
        )
        yield (
            f"{wave.column}: {who} stands {widest} periods of a {wave.period} from the other "
            f"waves, {labels[many[0]]} to {labels[many[-1]]}; is a date wrong? A trend leans on "
            "such a wave; drop its responses with [[keep]]"
        )


def _estimate_parts(
    plan: Plan,
    measure: Measure,
    lineup: Lineup,
    evaluated: Evaluated,
    labels: list[CellLabels],
    cover: Cover,
) -> Iterator[dict[str, Any]]:
    """One part of the table an estimate: all reported cells, failed ones among them."""
    measured, about = measure.measured, plan.about
    cells = lineup.reported
    good = evaluated.good[evaluated.good < cells]
    here = slice(0, good.size)
    same = {
        "metric": [measured.name] * cells,
        "kind": [measured.kind] * cells,
        "cell": labels,
        "confidence": [about.confidence] * cells,
    }
    if not evaluated.estimates:
        yield _failed_part(same, measured.primary, evaluated, cells)
        return

    for one in evaluated.estimates:
        estimate = one.estimate
        status = np.full(cells, "error", dtype="<U10")
        hidden = cover.withheld(lineup, evaluated.good, estimate.answers, estimate.item)
        status[good] = statuses(estimate, about.min_base, hidden[evaluated.good])[here]
        shown = np.isin(status, ("ok", "small"))
        withheld = np.where(status == "suppressed", np.nan, 1.0)
        texts = list(estimate.label) if estimate.label is not None else None
        label: list[str | None] = [None] * cells
        if texts is not None:
            for place, cell in enumerate(good.tolist()):
                label[cell] = texts[place] if shown[cell] else None
        yield {
            **same,
            "item": [estimate.item] * cells,
            "term": [estimate.term] * cells,
            "value": np.where(shown, placed(estimate.value, good, cells), np.nan),
            "label": label,
            "std_error": np.where(shown, placed(estimate.std_error, good, cells), np.nan),
            "ci_low": np.where(shown, placed(one.low, good, cells), np.nan),
            "ci_high": np.where(shown, placed(one.high, good, cells), np.nan),
            "method": [estimate.interval.method if estimate.interval else ""] * cells,
            "unit": [estimate.unit] * cells,
            "base": _bases(placed(estimate.base, good, cells), status),
            "weighted_base": placed(estimate.weighted_base, good, cells) * withheld,
            "effective_base": placed(estimate.effective_base, good, cells) * withheld,
            "status": status.tolist(),
            "message": _messages(plan, one, status, good, evaluated.failed),
        }


def _bases(base: IntArray, status: Array) -> IntArray | list[int | None]:
    """The answers behind every row; None where they are withheld, with all that rests on them."""
    if not (status == "suppressed").any():
        return base
    return [
        None if one == "suppressed" else count
        for count, one in zip(base.tolist(), status.tolist(), strict=True)
    ]


def _failed_part(
    same: Mapping[str, Any], primary: str, evaluated: Evaluated, cells: int
) -> dict[str, Any]:
    """A metric that fails everywhere is one row a cell under its primary term."""
    nothing = np.full(cells, np.nan)
    return {
        **same,
        "item": [""] * cells,
        "term": [primary] * cells,
        "value": nothing,
        "label": [None] * cells,
        "std_error": nothing,
        "ci_low": nothing,
        "ci_high": nothing,
        "method": [""] * cells,
        "unit": [""] * cells,
        "base": np.zeros(cells, dtype=np.int64),
        "weighted_base": nothing,
        "effective_base": nothing,
        "status": ["error"] * cells,
        "message": [evaluated.failed[cell] for cell in range(cells)],
    }


def _messages(
    plan: Plan, bounded: Bounded, status: Array, good: IntArray, failed: Mapping[int, str]
) -> list[str]:
    """What to know about each cell of an estimate."""
    about, estimate = plan.about, bounded.estimate
    of_status = {
        "ok": "",
        "small": f"fewer than {about.min_base} answers",
        "suppressed": told_withheld(about.suppress_below),
        "undefined": "no value follows from these answers",
        "empty": "nobody answered",
    }
    messages = [of_status.get(one, "") for one in status.tolist()]
    for cell, why in failed.items():
        if cell < len(messages):
            messages[cell] = why
    lacking = _lacking(bounded)[: good.size]  # rests of comparisons stand behind
    own = estimate.message
    # Most cells have nothing to tell; only the others are looked at one by one.
    spoken = lacking != "" if own is None else np.ones(good.size, dtype=np.bool_)
    for place in np.flatnonzero(spoken).tolist():
        cell = int(good[place])
        if cell >= len(messages):
            break
        # What a metric says of a cell may give away what is withheld.
        said = own[place] if own is not None and status[cell] != "suppressed" else ""
        parts = [messages[cell], said]
        if status[cell] in ("ok", "small") and not (own is not None and own[place]):
            parts.append(str(lacking[place]))
        messages[cell] = "; ".join(part for part in parts if part)
    return messages


def _lacking(bounded: Bounded) -> Array:
    """What each cell has too few answers for, where others have it."""
    estimate = bounded.estimate
    known = np.isfinite(estimate.std_error)
    nothing = np.full(known.shape, "", dtype="<U40")
    if estimate.interval is not None:
        without = np.where(known, "too few answers for an interval", NO_ERROR)
        return np.where(np.isnan(bounded.low), without, nothing)
    # Some numbers have no error in any cell, whatever their base.
    return np.where(known, nothing, NO_ERROR) if known.any() else nothing
