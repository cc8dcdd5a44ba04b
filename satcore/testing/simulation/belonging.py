"""Which questions belong together: read off what their metrics ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import frozen

from satcore.metrics import Leaf
from satcore.planning import Measure as Planned
from satcore.standing import ByWave, Estimates

#: The part of the correlation within a dimension that remains between two of them.
ACROSS = 0.5


@frozen
class Place:
    """Where a question belongs: its metric and its dimension there."""

    metric: str
    dimension: str = ""

    @property
    def block(self) -> str:
        """What is left out together."""
        return self.dimension and f"{self.metric} {self.dimension}"

    def factors(self, correlation: float) -> tuple[tuple[str, float], ...]:
        """The factors of its latent answers."""
        general = f"factor {self.metric}"
        if not correlation:
            return ()
        if not self.dimension:
            return ((general, correlation),)
        own = correlation * (1 - ACROSS)
        return ((general, correlation * ACROSS), (f"{general} {self.dimension}", own))


def belonging_of(measures: Iterable[Planned]) -> dict[str, Place]:
    """Where each column belongs: to the first metric that asks for it.

    A metric tells its dimensions by asking for statistics by name, of questions that no two of
    them share; among several such sets the one of all questions with the fewest names counts.
    """
    places: dict[str, Place] = {}
    for measure in measures:
        name = measure.measured.name
        for dimension, columns in _dimensions(measure).items():
            for column in columns:
                places.setdefault(column, Place(name, dimension))
        for column in _columns(measure.leaves):
            places.setdefault(column, Place(name))
    return places


def _dimensions(measure: Planned) -> dict[str, list[str]]:
    candidates = [
        {str(name): _columns([leaf]) for name, leaf in declared.items()}
        for declared in measure.declared.values()
        if isinstance(declared, Mapping)
    ]
    apart = [one for one in candidates if len(one) > 1 and _covered(one) == len(set(_all(one)))]
    return max(apart, key=lambda one: (_covered(one), -len(one)), default={})


def _all(dimensions: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for columns in dimensions.values():
        yield from columns


def _covered(dimensions: Mapping[str, Sequence[str]]) -> int:
    return len(list(_all(dimensions)))


def _columns(leaves: Iterable[Leaf]) -> list[str]:
    statistics = (one.statistic if isinstance(one, ByWave) else one for one in leaves)
    return list(
        dict.fromkeys(
            source.name
            for statistic in statistics
            if not isinstance(statistic, Estimates)
            for item in statistic.items
            for source in item.sources
        )
    )
