"""A metric on its cells: all of them at once, what it stands on first, failures contained."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from attrs import evolve

from satcore.covering import Cover
from satcore.errors import OptionError, listed, near
from satcore.estimates import Estimate
from satcore.inference import IntArray
from satcore.lineup import Bounded, Evaluated, Lineup
from satcore.metrics import Leaf, Paired, Test
from satcore.planning import GroupingSet, Measure, Plan
from satcore.results import Measured
from satcore.scanning import Bundle
from satcore.standing import ByWave, Estimated, Estimates, Series, Waved
from satcore.states import Array
from satcore.statistics import Counted


def evaluated_on(
    plan: Plan,
    bundle: Bundle,
    measure: Measure,
    by: Iterable[GroupingSet],
    cover: Cover | None = None,
) -> tuple[Lineup, Evaluated]:
    """A metric on the cells of some grouping sets, the total first.

    Args:
        plan: The plan.
        bundle: A finished bundle.
        measure: The metric.
        by: The grouping sets besides the total.
        cover: Which waves are withheld of the metrics that it stands on.
    """
    lineup = Lineup.of(plan, bundle, by)
    return lineup, _evaluated(plan, bundle, measure, lineup, cover)


def _evaluated(
    plan: Plan, bundle: Bundle, measure: Measure, lineup: Lineup, cover: Cover | None = None
) -> Evaluated:
    """A metric on all cells of a lineup, what it stands on first."""
    try:
        given = {
            name: mapped(declared, lambda leaf: supplied(plan, bundle, leaf, lineup, cover))
            for name, declared in measure.declared.items()
        }
    except UnsuppliedError as error:
        return Evaluated.none(lineup.size, str(error))
    return evaluate_metric(plan, measure, given, lineup.size)


#: Gives what ``evaluate`` gets for a leaf, for some of the cells.
Supply: TypeAlias = Callable[[IntArray], Any]


class UnsuppliedError(Exception):
    """What a metric asks for could not be counted or evaluated."""


def supplied(
    plan: Plan, bundle: Bundle, leaf: Leaf, lineup: Lineup, cover: Cover | None = None
) -> Supply:
    """How to get a leaf for some cells of a lineup.

    Raises:
        UnsuppliedError: It failed in all of them.
    """
    if isinstance(leaf, Estimates):
        return _estimated(plan, bundle, leaf, lineup, cover).taken
    statistic = leaf.statistic if isinstance(leaf, ByWave) else leaf
    if statistic.key in bundle.failed:
        raise UnsuppliedError(bundle.failed[statistic.key])
    divided = lineup.divided(bundle) if isinstance(leaf, ByWave) else lineup
    counted = divided.arrays(bundle, statistic.key)

    def view(cells: IntArray) -> Any:
        arrays = {name: array[cells] for name, array in counted.items()}
        for array in arrays.values():
            array.flags.writeable = False
        return statistic.view(
            Counted(
                arrays=arrays,
                cells=cells.size,
                survey_rows=bundle.intake.kept,
                weighted=plan.weighted,
            )
        )

    waves = divided.waves if isinstance(leaf, ByWave) else None
    if waves is None:
        return view

    def by_wave(cells: IntArray) -> Waved:
        every = (cells[:, None] * len(waves) + np.arange(len(waves))).ravel()
        return Waved(waves=waves, counted=view(every), cells=cells.size)

    return by_wave


def _estimated(
    plan: Plan, bundle: Bundle, leaf: Estimates, lineup: Lineup, cover: Cover | None
) -> Estimated:
    """One estimate of another metric on all cells of a lineup; NaN where that metric failed."""
    base = plan.measure(leaf.of)
    divided = lineup if leaf.along is None else lineup.divided(bundle)
    evaluated = _evaluated(plan, bundle, base, divided, cover)
    if not evaluated.estimates:
        reason = next(iter(evaluated.failed.values()), "it has no cell")
        raise UnsuppliedError(f"{leaf.of}, on which it stands, failed: {reason}")
    try:
        chosen = choose(evaluated.estimates, base.measured, term=leaf.term, item=leaf.item)
    except OptionError as error:
        raise UnsuppliedError(error.message) from None
    estimate = chosen.estimate
    arrays = {
        "value": estimate.value,
        "std_error": estimate.std_error,
        "low": chosen.low,
        "high": chosen.high,
        "base": estimate.base,
        "weighted_base": estimate.weighted_base,
        "effective_base": estimate.effective_base,
    }
    if estimate.exposure is not None:
        arrays["exposure"] = estimate.exposure
    if estimate.records is not None:
        arrays["records"] = estimate.records
    shape = (divided.size,) if leaf.along is None else (lineup.size, len(divided.waves or ()))
    spread: dict[str, Any] = {
        name: placed(array, evaluated.good, divided.size).reshape(shape)
        for name, array in arrays.items()
    }
    places = np.full(divided.size, -1, dtype=np.int64)
    places[evaluated.good] = np.arange(evaluated.good.size)
    if leaf.along is not None:
        # A wave that is withheld by itself must not be told from what is made of all of them.
        answers = placed(estimate.answers, evaluated.good, divided.size).reshape(shape)
        few = (answers > 0) & (answers < plan.about.suppress_below)
        if cover is not None:
            few |= cover.withheld(divided, evaluated.good, estimate.answers).reshape(shape)
        exposed = ("exposure",) if estimate.exposure is not None else ()
        for name in ("value", "std_error", "low", "high", *exposed):
            spread[name] = np.where(few, np.nan, spread[name])
        places = np.where(few.ravel(), -1, places)
    said: dict[str, Any] = {
        "metric": leaf.of,
        "term": estimate.term,
        "item": estimate.item,
        "unit": estimate.unit,
        "method": estimate.interval.method if estimate.interval else "",
        "confidence": plan.about.confidence,
        "weighted": plan.weighted,
        "bounds": estimate.interval,
        "places": places.reshape(shape),
    }
    if leaf.along is None or divided.waves is None:
        return Estimated(**said, **spread)
    return Series(**said, **spread, waves=divided.waves)


def tell_waves(
    plan: Plan, bundle: Bundle, measure: Measure, by: Iterable[GroupingSet], cover: Cover
) -> None:
    """Tell of the waves that a metric looks at, before it does: some may have to be withheld.

    Args:
        plan: The plan.
        bundle: A finished bundle.
        measure: A metric that looks along the waves of others.
        by: The grouping sets it is asked for, besides the total.
        cover: What is told.
    """
    lineup = Lineup.of(plan, bundle, by)
    for leaf in measure.stands_on:
        base = plan.measure(leaf.of)
        if leaf.along is None:
            tell_waves(plan, bundle, base, by, cover)
            continue
        sides = []
        for cells in (lineup, lineup.divided(bundle)):
            evaluated = _evaluated(plan, bundle, base, cells)
            if not evaluated.estimates:
                break
            try:
                chosen = choose(evaluated.estimates, base.measured, term=leaf.term, item=leaf.item)
            except OptionError:
                break  # Told when the metric is evaluated.
            sides.append((cells, evaluated.good, chosen.estimate.answers))
        if len(sides) == 2:
            cover.add_waves(sides[0], sides[1])


def choose(
    estimates: Sequence[Bounded], measured: Measured, *, term: str = "", item: str = ""
) -> Bounded:
    """The estimate that a term and an item name; a metric's primary term where none is named.

    Args:
        estimates: What the metric yielded.
        measured: The metric.
        term: The term; the primary one where empty.
        item: The item; the only one that has the term where empty.

    Raises:
        OptionError: There is none, or there are several; which there are.
    """
    name = measured.name
    wanted = term or measured.primary or estimates[0].estimate.term
    terms = list(dict.fromkeys(one.estimate.term for one in estimates))
    if wanted not in terms:
        there = f"it has {listed(terms, 30)}{near(wanted, terms)}"
        raise OptionError("term", f"{name} has no term {wanted!r}; {there}")
    found = [one for one in estimates if one.estimate.term == wanted]
    items = [one.estimate.item for one in found]
    if item:
        found = [one for one in found if one.estimate.item == item]
        if not found:
            there = f"its items are {listed(items, 30)}{near(item, items)}"
            raise OptionError("item", f"{name} has no {wanted!r} of {item!r}; {there}")
    if len(found) > 1:
        raise OptionError(
            "item",
            f"{name} has {wanted!r} of {len(items)} items; name one: {listed(items, 30)}",
        )
    if found[0].estimate.label is not None:
        numbers = [one.estimate.term for one in estimates if one.estimate.label is None]
        there = listed(dict.fromkeys(numbers), 30)
        raise OptionError("term", f"{name}'s {wanted!r} is a category, no number; name {there}")
    return found[0]


def evaluate_metric(plan: Plan, measure: Measure, given: Mapping[str, Any], size: int) -> Evaluated:
    """Evaluate a metric on all its cells; where that raises, find the cells that are to blame.

    Args:
        plan: The plan.
        measure: The metric.
        given: The tree of its leaves, each as a function of the numbers of the cells wanted.
        size: How many cells.
    """

    def on(cells: IntArray) -> Evaluated:
        arguments = {
            name: mapped(supplies, lambda supply: supply(cells)) for name, supplies in given.items()
        }
        with np.errstate(all="ignore"):
            yielded = list(measure.metric.evaluate(**arguments))
            pairs = tuple(one for one in yielded if isinstance(one, Paired))
            tests = tuple(one for one in yielded if isinstance(one, Test))
            bounded = tuple(
                _checked(one, cells.size, plan)
                for one in yielded
                if not isinstance(one, Paired | Test)
            )
        _check_terms([one.estimate for one in bounded])
        return Evaluated(good=cells, estimates=bounded, pairs=pairs, tests=tests)

    good: IntArray = np.arange(size, dtype=np.int64)
    try:
        return on(good)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a metric may raise anything; it is told
        failed = dict(_blame(on, good, error))
    good = np.array(sorted(set(range(size)) - set(failed)), dtype=np.int64)
    if not good.size:
        return Evaluated(good=good, failed=failed)
    try:
        return evolve(on(good), failed=failed)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a metric may raise anything; it is told
        # Cells that stand alone but not together: the metric breaks the law of pure cells.
        message = f"fails on its cells together, though not on each alone: {told(error)}"
        return Evaluated.none(size, message)


def _blame(
    on: Callable[[IntArray], object], cells: IntArray, error: BaseException
) -> Iterator[tuple[int, str]]:
    """The cells to blame for an error on all of them, each with its reason, by halving."""
    if cells.size <= 1:
        yield from ((int(cell), told(error)) for cell in cells)
        return
    middle = cells.size // 2
    for half in (cells[:middle], cells[middle:]):
        try:
            on(half)
        except (Exception, SystemExit) as inner:  # noqa: BLE001 - a metric may raise anything; it is told
            yield from _blame(on, half, inner)


def told(error: BaseException) -> str:
    """An exception in one line; one that a metric raised for people speaks for itself."""
    if isinstance(error, OptionError):
        return f"{error.option}: {error.message}"
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def mapped(tree: Any, change: Callable[[Any], Any]) -> Any:
    """A tree of leaves, every leaf changed."""
    if isinstance(tree, Mapping):
        return {key: change(leaf) for key, leaf in tree.items()}
    if isinstance(tree, tuple):
        return tuple(change(leaf) for leaf in tree)
    return change(tree)


def _checked(estimate: object, cells: int, plan: Plan) -> Bounded:
    """An estimate with its bounds, held against what the core asks of both."""
    if not isinstance(estimate, Estimate):
        raise TypeError(
            f"evaluate yields Estimates, Paired and Test, not {type(estimate).__name__}"
        )
    estimate.check(cells)
    if estimate.interval is None:
        nothing = np.full(cells, np.nan)
        return Bounded(estimate=estimate, low=nothing, high=nothing)
    if plan.weighted and estimate.interval.from_counts:
        raise ValueError(
            f"term {estimate.term!r}: the interval {estimate.interval.method!r} rests on plain "
            "counts and is not valid for weighted answers"
        )
    bounds = estimate.interval.bounds(plan.about.confidence)
    low, high = (np.asarray(bound, dtype=np.float64) for bound in bounds)
    if low.shape != (cells,) or high.shape != (cells,):
        raise ValueError(
            f"term {estimate.term!r}: the interval gives bounds of the shapes {low.shape} and "
            f"{high.shape}, not one for each of the {cells} cells"
        )
    return Bounded(estimate=estimate, low=low, high=high)


def _check_terms(estimates: Sequence[Estimate]) -> None:
    keys = [estimate.key for estimate in estimates]
    if not keys:
        raise ValueError("evaluate yields no estimate")
    if len(set(keys)) < len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"item {twice[0]!r}, term {twice[1]!r} is yielded twice")


def placed(array: Array, good: IntArray, cells: int) -> Array:
    """An array over the good cells, spread over all cells; 0 or NaN on the others."""
    full = np.full(cells, np.nan if array.dtype.kind == "f" else 0, dtype=array.dtype)
    full[good] = array[: good.size]
    return full
