"""The checks of a metric and of a statistic."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any, Literal

from attrs import evolve

from satcore.codebook import Codebook
from satcore.metrics import Metric
from satcore.statistics import Statistic
from satcore.testing import bounding, counting, declaring, evaluating, importing, weighing
from satcore.testing.checks import Check, expecting
from satcore.testing.referring import Reference, rows_of
from satcore.testing.referring import reference as hold_reference
from satcore.testing.subjects import Holding, Subject

#: Laws of counting, of every statistic.
COUNTING: tuple[tuple[str, str, Callable[[Subject], object]], ...] = (
    (
        "cuts",
        "Counting pieces and merging equals counting them together, however they are cut.",
        counting.cuts,
    ),
    ("merge_identity", "Merging with nobody's answers changes nothing.", counting.merge_identity),
    (
        "merge_associative",
        "Merging three states gives the same whichever two are merged first.",
        counting.merge_associative,
    ),
    (
        "merge_commutative",
        "Merging two states gives the same in either order.",
        counting.merge_commutative,
    ),
    ("row_order", "A state does not depend on the order of the rows.", counting.row_order),
    (
        "roll_up",
        "A coarse cell is the merge of its finer cells.",
        counting.roll_up,
    ),
    (
        "counted_twice",
        "Counting a block again gives the same: a statistic keeps nothing.",
        counting.counted_twice,
    ),
    (
        "save_and_load",
        "The arrays of a state are plain numbers that survive np.save and np.load.",
        counting.save_and_load,
    ),
    (
        "statistic_keys",
        "A statistic's key tells what is counted, the same in every process.",
        counting.statistic_keys,
    ),
    ("threads", "Any number of threads gives the same bytes.", counting.threads),
)

#: Laws of evaluating.
EVALUATING: tuple[tuple[str, str, Callable[[Subject], object]], ...] = (
    (
        "evaluates",
        "A metric evaluates every cell that has plenty of answers.",
        evaluating.evaluates,
    ),
    (
        "inputs_untouched",
        "Neither observe nor evaluate changes what it is given.",
        evaluating.inputs_untouched,
    ),
    (
        "cells_alone",
        "Evaluating many cells together equals evaluating each alone.",
        evaluating.cells_alone,
    ),
    (
        "evaluated_twice",
        "Evaluating again gives the same: a metric keeps nothing.",
        evaluating.evaluated_twice,
    ),
    (
        "edge_cells",
        "A cell with few answers, or none, is a row that says so, and no exception.",
        evaluating.edge_cells,
    ),
    ("terms", "Items and terms are the same, each once, whatever was answered.", evaluating.terms),
    (
        "nan_status",
        "A number that is shown is a number; where there is none, status or message says why.",
        evaluating.nan_status,
    ),
    (
        "interval_centre",
        "An interval lies about its method's centre, which is the estimate or near it.",
        bounding.interval_centre,
    ),
    (
        "interval_levels",
        "An interval never narrows as confidence rises, and widens where there is doubt.",
        bounding.interval_levels,
    ),
    (
        "integer_weights",
        "Whole weights give the same estimate as rows repeated as often.",
        weighing.integer_weights,
    ),
    (
        "weights_scale",
        "All weights times a number change neither estimates nor errors.",
        weighing.weights_scale,
    ),
)


def metric_checks(
    metric: Metric,
    *,
    survey: object = None,
    beside: Mapping[str, Metric] | None = None,
    reference: Reference | None = None,
    expected_failures: Mapping[str, str] | None = None,
    coverage: Literal["quick", "long"] | None = "quick",
    codebook: Codebook | None = None,
) -> list[Check]:
    """The checks that a metric keeps the laws, one law each.

    For pytest: ``@pytest.mark.parametrize("check", metric_checks(TopBox(item="Q1")), ids=str)``
    above ``def test_law(check): check()``.

    Args:
        metric: A metric with its options.
        survey: Realistic answers: a mapping of columns, a data frame or a ``Survey``. Columns
            ``segment``, ``wave`` and ``weight`` are taken for what they say, and drawn where there
            are none. Where None, answers are made for the items that the metric asks for, on
            their scales, some missing.
        beside: Other metrics of the study by name, for a metric that stands on others.
        reference: Values that an independent tool gives for the survey: by term, or by item and
            term, within 1e-9 of themselves, or as pairs of value and tolerance; or rows with
            ``term`` and any of ``item``, ``cell``, ``value``, ``std_error``, ``ci_low``,
            ``ci_high``, ``base``, ``label``, ``tolerance``, ``weighted``.
        expected_failures: Why a check has to fail, by its name. One that passes is an error.
            ``"integer_weights[effect_size]"`` speaks of one term alone: that term gets a check of
            its own, which has to fail, and the others are held without it.
        coverage: How many samples tell how often intervals hold the truth: ``quick``, ``long``,
            or None to leave it out.
        codebook: Items and scales, where the metric needs declared ones.

    Raises:
        ValueError: An expected failure of a check that there is not, or a reference without a
            survey.
    """
    kind = type(metric)
    name = kind.__name__

    @cache
    def subject() -> Subject:
        return Subject.of(metric, survey=survey, beside=beside, codebook=codebook)

    apart = by_term(expected_failures or {})

    def on_answers(
        hold: Callable[[Subject], object], terms: Callable[[str], bool] | None = None
    ) -> Callable[[], str | None]:
        def held() -> str | None:
            known = hold(subject() if terms is None else evolve(subject(), terms=terms))
            return known if isinstance(known, str) else None

        return held

    declared: list[tuple[str, str, Callable[[], object]]] = [
        ("docstring", "A metric says what it measures.", partial(declaring.docstring, kind)),
        (
            "frozen",
            "A metric is a frozen attrs class whose options are given by keyword.",
            partial(declaring.frozen, metric),
        ),
        (
            "option_names",
            "No option is called as a key that a study file has already.",
            partial(declaring.option_names, metric),
        ),
        (
            "options_round_trip",
            "Options written as TOML or JSON and read again make an equal metric.",
            partial(declaring.options_round_trip, metric),
        ),
        (
            "unknown_options",
            "An option that there is not is refused.",
            partial(declaring.unknown_options, metric),
        ),
        (
            "light_import",
            "Importing a plugin loads nothing slow.",
            partial(importing.light_import, kind.__module__),
        ),
    ]
    checks = [Check(n, law, _silent(hold), subject=name) for n, law, hold in declared]
    checks += [Check(n, law, on_answers(hold), subject=name) for n, law, hold in COUNTING]
    evaluating = [*EVALUATING]
    if coverage is not None:
        law = "Of the intervals at 95%, between 90% and 99% hold the true value."
        evaluating.append(("coverage", law, partial(bounding.coverage, depth=coverage)))
    for n, law, hold in evaluating:
        alone = apart.get(n, ())
        others = partial(_is_none_of, alone) if alone else None
        checks.append(Check(n, law, on_answers(hold, others), subject=name))
        checks += [
            Check(f"{n}[{term}]", law, on_answers(hold, partial(_is, term)), subject=name)
            for term in alone
        ]
    if reference is not None:
        if survey is None:
            raise ValueError("reference: name the survey that it was computed from, survey=…")
        rows_of(reference)
        hold = partial(hold_reference, wanted=reference)
        law = "The numbers are those of an independent tool."
        checks.append(Check("reference", law, on_answers(hold), subject=name))
    return expecting(checks, expected_failures)


def by_term(failures: Mapping[str, str]) -> dict[str, list[str]]:
    """The terms that are expected to fail by themselves, by check: ``integer_weights[p]``."""
    found: dict[str, list[str]] = {}
    for name in failures:
        match = re.fullmatch(r"(\w+)\[(.+)\]", name)
        if match:
            found.setdefault(match[1], []).append(match[2])
    return found


def _is(wanted: str, term: str) -> bool:
    return term == wanted


def _is_none_of(others: Sequence[str], term: str) -> bool:
    return term not in others


def _silent(hold: Callable[[], object]) -> Callable[[], str | None]:
    def held() -> str | None:
        hold()
        return None

    return held


def statistic_checks(
    statistic: Statistic,
    *,
    survey: object = None,
    expected_failures: Mapping[str, str] | None = None,
) -> list[Check]:
    """The checks that a statistic keeps the laws of counting.

    Args:
        statistic: A statistic with its items.
        survey: As ``metric_checks``.
        expected_failures: As ``metric_checks``.

    Raises:
        ValueError: As ``metric_checks``.
    """
    kind = type(statistic)

    @cache
    def subject() -> Subject:
        return Subject.of(Holding(statistic=statistic), name=kind.__name__, survey=survey)

    def on_answers(hold: Callable[[Subject], Any]) -> Callable[[], str | None]:
        return _silent(lambda: hold(subject()))

    checks = [
        Check(
            "docstring",
            "A statistic says what it counts.",
            _silent(partial(declaring.docstring, kind)),
            subject=kind.__name__,
        ),
        Check(
            "frozen",
            "A statistic is a frozen attrs class.",
            _silent(partial(declaring.frozen, statistic)),
            subject=kind.__name__,
        ),
        Check(
            "light_import",
            "Importing a plugin loads nothing slow.",
            _silent(partial(importing.light_import, kind.__module__)),
            subject=kind.__name__,
        ),
        Check(
            "inputs_untouched",
            "observe leaves the block as it is.",
            on_answers(counting.blocks_untouched),
            subject=kind.__name__,
        ),
    ]
    checks += [Check(n, law, on_answers(hold), subject=kind.__name__) for n, law, hold in COUNTING]
    return expecting(checks, expected_failures)
