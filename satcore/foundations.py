"""Which metric stands on which: held to be sound before anything is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from satcore.errors import OptionError, listed, near
from satcore.measuring import choose, evaluated_on
from satcore.planning import WAVE, GroupingSet, Measure, Plan
from satcore.scanning import Bundle, merge_bundles

_NO_WAVES = (
    "it looks along the waves, and there are none; name their column in [roles], as "
    'wave = "wave" or wave = { time = "date", period = "month" } (--wave)'
)

#: A metric's name, the option that is wrong, and what would be right.
Fault = tuple[str, str, str]


def unsound(
    measures: Sequence[Measure], asked: Sequence[str], *, has_waves: bool
) -> Iterator[Fault]:
    """References that lead nowhere, back to themselves, or along the waves twice.

    Args:
        measures: The metrics that could be planned.
        asked: The names of all metrics of the study; one that could not be planned is told of
            already.
        has_waves: Whether there are waves.
    """
    by_name = {one.measured.name: one for one in measures}
    for measure in measures:
        name = measure.measured.name
        for leaf in measure.stands_on:
            if leaf.of not in asked:
                others = [one for one in asked if one != name]
                there = f"there are {listed(others)}" if others else "there is no other"
                yield name, "of", f"no metric is called {leaf.of!r}; {there}{near(leaf.of, others)}"
        if measure.along_waves and not has_waves:
            yield name, "", _NO_WAVES
        yield from _circles(name, by_name)


def _circles(name: str, by_name: Mapping[str, Measure]) -> Iterator[Fault]:
    """Ways from a metric back to itself, and to another that looks along the waves as well."""
    ways: list[tuple[str, ...]] = [(name,)]
    while ways:
        way = ways.pop()
        measure = by_name.get(way[-1])
        for leaf in measure.stands_on if measure else ():
            if leaf.of == name:
                told = ", which stands on ".join(map(repr, (*way[1:], name)))
                yield name, "of", f"{name!r} stands on {told}: a metric can't stand on itself"
            elif leaf.of not in way:
                ways.append((*way, leaf.of))
    first = by_name[name]
    for leaf in first.stands_on:
        base = by_name.get(leaf.of)
        if leaf.along is None or base is None or base is first:
            continue
        if looks_along(base, by_name):
            yield (
                name,
                "of",
                f"{leaf.of!r} looks along the waves itself, and has no number for each of them",
            )


def looks_along(
    measure: Measure, by_name: Mapping[str, Measure], way: tuple[str, ...] = ()
) -> bool:
    """Whether a metric, or one that it stands on, looks along the waves."""
    if measure.along_waves:
        return True
    bases = [by_name[leaf.of] for leaf in measure.stands_on if leaf.of in by_name]
    name = measure.measured.name
    return any(looks_along(base, by_name, (*way, name)) for base in bases if name not in way)


def unknown_terms(plan: Plan) -> Iterator[Fault]:
    """Terms and items that the metric stood on does not have.

    What a metric yields is known from its answer to nobody's answers.
    """
    nobody = merge_bundles(plan, [])
    for measure in plan.measures:
        for leaf in measure.stands_on:
            try:
                hold_term(plan, nobody, plan.measure(leaf.of), leaf.term, leaf.item)
            except OptionError as error:
                yield measure.measured.name, error.option, error.message


def hold_term(plan: Plan, nobody: Bundle, measure: Measure, term: str, item: str) -> None:
    """Hold a term and an item against what a metric yields.

    Raises:
        OptionError: It has no such term or item, or several.
    """
    _, evaluated = evaluated_on(plan, nobody, measure, ())
    # One that can't stand nobody's answers will be asked again when there are some.
    if not evaluated.failed:
        choose(evaluated.estimates, measure.measured, term=term, item=item)


def without_waves(sets: Sequence[GroupingSet]) -> tuple[GroupingSet, ...]:
    """Grouping sets for a metric that looks along the waves: the wave is in each of its numbers."""
    narrowed = (tuple(name for name in names if name != WAVE) for names in sets)
    return tuple(dict.fromkeys(names for names in narrowed if names))
