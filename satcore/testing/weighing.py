"""The laws of weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from satcore.lineup import Evaluated
from satcore.planning import Plan
from satcore.testing.evaluating import NEAR, hold_same
from satcore.testing.searching import Case, search
from satcore.testing.subjects import Subject, count

if TYPE_CHECKING:
    import polars as pl

#: How far numbers of a few answers may lie apart: where two of them leave no variance, a root of
#: what is left keeps half the digits.
FEW = 1e-5

#: What all weights are multiplied by. A power of 2 changes no digit, so that what differs is the
#: formula and not the rounding.
FACTOR = 8.0


def _weighed(subject: Subject, frame: pl.DataFrame, weights: Sequence[float]) -> pl.DataFrame:
    import polars as pl

    name = subject.roles["weight"]
    return frame.with_columns(pl.Series(name, weights, dtype=pl.Float64))


def _evaluated(subject: Subject, plan: Plan, frame: pl.DataFrame) -> Evaluated:
    return subject.evaluated(plan, count(plan, [frame]))[1]


def _plenty(subject: Subject) -> Case:
    """Three hundred rows with whole weights."""
    rows = range(min(300, subject.frame.height))
    return Case(rows=rows, cuts=(), order=rows, whole=[1 + (7 * row) % 3 for row in rows])


def integer_weights(subject: Subject) -> None:
    """A weight of 3 is the row three times."""
    plan = subject.plan("segment", weighted=True, fixed=True)
    labels = _labels(subject, plan)

    def hold(case: Case, near: float = FEW) -> None:
        frame = subject.frame[list(case.rows)]
        weighed = _weighed(subject, frame, case.whole)
        again = [place for place, times in enumerate(case.whole) for _ in range(times)]
        repeated = _weighed(subject, frame[again], [1.0] * len(again))
        hold_same(
            _evaluated(subject, plan, weighed),
            _evaluated(subject, plan, repeated),
            what=("rows with whole weights", "rows repeated as often"),
            labels=labels,
            example=subject.shown(plan, weighed),
            near=near,
            only=("value",),
        )

    examples = subject.examples(plan)
    search(hold, population=subject.frame.height, most=8, examples=examples)
    hold(_plenty(subject), NEAR)


def weights_scale(subject: Subject) -> None:
    """All weights times a number: the same estimates and the same errors."""
    plan = subject.plan("segment", weighted=True, fixed=True)
    labels = _labels(subject, plan)

    def hold(case: Case) -> None:
        frame = subject.frame[list(case.rows)]
        weights = frame[subject.roles["weight"]]
        hold_same(
            _evaluated(subject, plan, _weighed(subject, frame, (weights * FACTOR).to_list())),
            _evaluated(subject, plan, frame),
            what=(f"weights times {FACTOR:g}", "weights as they are"),
            labels=labels,
            example=subject.shown(plan, frame, f"all weights times {FACTOR:g}"),
            near=NEAR,
            near_errors=1e-6,
            only=("value", "std_error", "effective_base", "ci_low", "ci_high"),
        )

    examples = subject.examples(plan) // 2
    search(hold, population=subject.frame.height, most=8, examples=examples)
    hold(_plenty(subject))


def _labels(subject: Subject, plan: Plan) -> list[dict[str, str | None]]:
    lineup, _ = subject.evaluated(plan, count(plan, [subject.frame.head(0)]))
    return [dict(one) for one in lineup.labels()]
