"""Comparisons within one cell: numbers against fixed values, items against each other.

Both are families of their own: Holm over the items of one metric, term and cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from satcore.covering import Cover
from satcore.inference import Contrast, FloatArray, IntArray, holm
from satcore.lineup import Bounded, Evaluated, Lineup
from satcore.metrics import Paired, Test
from satcore.planning import Measure, Plan
from satcore.results import CellLabels

_NUMBERS: Final = ("difference", "std_error", "ci_low", "ci_high", "statistic", "p")


@frozen(kw_only=True, eq=False)
class _Held:
    """One comparison in every good cell.

    Attributes:
        item: The item.
        against: What it is held against.
        base: Answers it rests on, by cell.
        method: The test.
        numbers: Difference, errors, bounds, statistic and p by cell, by column.
    """

    item: str
    against: Mapping[str, str | None]
    base: IntArray
    method: str
    numbers: Mapping[str, FloatArray]


def compare_within(
    plan: Plan,
    measure: Measure,
    lineup: Lineup,
    evaluated: Evaluated,
    labels: Sequence[CellLabels],
    cover: Cover,
) -> Iterator[dict[str, Any]]:
    """Parts of the table of comparisons, one a family over all cells."""
    good = evaluated.good[evaluated.good < lineup.reported]
    families: dict[tuple[str, str, str, str], list[_Held]] = {}
    for one in evaluated.estimates:
        if one.estimate.null is not None:
            held = _against_null(one, one.estimate.null)
            key = (one.estimate.term, "null", held.method, one.estimate.family)
            families.setdefault(key, []).append(held)
    for test in evaluated.tests:
        key = (test.term, "null", test.method, test.family)
        families.setdefault(key, []).append(_tested(test))
    for pair in evaluated.pairs:
        held = _paired(pair, plan.about.confidence)
        families.setdefault((pair.term, "paired", held.method, ""), []).append(held)
    for (term, kind, _, _), members in families.items():
        hidden = np.stack(
            [cover.withheld(lineup, evaluated.good, one.base)[good] for one in members]
        )
        yield from _parts(plan, measure, (term, kind), members, good, labels, hidden)


def _against_null(one: Bounded, null: float) -> _Held:
    estimate = one.estimate
    difference = estimate.value - null
    with np.errstate(all="ignore"):
        # Answers that do not vary have no error to test by, whatever they are.
        varies = estimate.std_error > 0
        statistic = np.where(varies, difference / estimate.std_error, np.nan)
        p = estimate.interval.p_value(null) if estimate.interval is not None else None
    return _Held(
        item=estimate.item,
        against={"value": f"{null:g}"},
        base=estimate.base,
        method=estimate.interval.method if estimate.interval is not None else "",
        numbers={
            "difference": difference,
            "std_error": estimate.std_error,
            "ci_low": one.low - null,
            "ci_high": one.high - null,
            "statistic": statistic,
            "p": np.full(difference.shape, np.nan) if p is None else np.where(varies, p, np.nan),
        },
    )


def _tested(test: Test) -> _Held:
    nothing = np.full(test.p.shape, np.nan)
    numbers = dict.fromkeys(_NUMBERS, nothing) | {"statistic": test.statistic, "p": test.p}
    return _Held(
        item=test.item,
        against={"value": f"{test.null:g}"},
        base=test.base,
        method=test.method,
        numbers=numbers,
    )


def _paired(pair: Paired, confidence: float) -> _Held:
    found = Contrast.wald(pair.value, pair.std_error, confidence, method=f"z; {pair.method}")
    return _Held(
        item=pair.item,
        against={"item": pair.against},
        base=pair.base,
        method=found.method,
        numbers={
            "difference": found.value,
            "std_error": found.std_error,
            "ci_low": found.low,
            "ci_high": found.high,
            "statistic": found.statistic,
            "p": found.p,
        },
    )


def _parts(
    plan: Plan,
    measure: Measure,
    family: tuple[str, str],
    members: Sequence[_Held],
    good: IntArray,
    labels: Sequence[CellLabels],
    withheld: NDArray[np.bool_],
) -> Iterator[dict[str, Any]]:
    """One part a member: its rows over the cells, adjusted over the members cell by cell."""
    term, kind = family
    here = slice(0, good.size)
    about = plan.about
    base = np.stack([one.base[here] for one in members])
    p = np.stack([one.numbers["p"][here] for one in members])
    shown = ~withheld & (base > 0) & np.isfinite(p)
    adjusted = np.where(shown, p, np.nan)
    for cell in range(good.size):
        adjusted[:, cell] = holm(adjusted[:, cell])
    status = np.select(
        [base == 0, withheld, ~np.isfinite(p), base < about.min_base],
        ["empty", "suppressed", "undefined", "small"],
        "ok",
    )
    said = {
        "empty": "nobody answered",
        "suppressed": "withheld, as the number is",
        "undefined": "no test follows from these answers",
        "small": f"fewer than {about.min_base} answers",
    }
    size = good.size
    for number, one in enumerate(members):
        visible = np.isin(status[number], ("ok", "small"))
        yield {
            "metric": [measure.measured.name] * size,
            "item": [one.item] * size,
            "term": [term] * size,
            "kind": [kind] * size,
            "along": ["item" if kind == "paired" else ""] * size,
            "cell": [labels[cell] for cell in good.tolist()],
            "against": [one.against] * size,
            **{name: np.where(visible, one.numbers[name][here], np.nan) for name in _NUMBERS},
            "df": [None] * size,
            "p_adjusted": adjusted[number],
            "confidence": [about.confidence] * size,
            "method": [one.method] * size,
            "status": status[number].tolist(),
            "message": [said.get(text, "") for text in status[number].tolist()],
        }
