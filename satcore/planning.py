"""The plan: everything that is known before the first answer is read.

Which statistics, each once; which grouping sets have to be scanned and which follow by rolling
up; which columns are read. A run that can't succeed is refused here, with all its problems.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from satcore.blocks import AxisEncoder
from satcore.catalogues import Catalogues
from satcore.codebook import Item
from satcore.codebook import Measure as MeasureItem
from satcore.derived import Derived, When, conditions_of
from satcore.metrics import Declared, Leaf, Metric, leaves
from satcore.periods import Period, period_of
from satcore.results import About, Measured
from satcore.standards import Standard
from satcore.standing import ByWave, Estimates
from satcore.states import Array
from satcore.statistics import Rows, Statistic
from satcore.surveys import Survey

if TYPE_CHECKING:
    from satcore.packing import Pack
    from satcore.room import Room

#: The name of the wave among a cell's labels.
WAVE = "wave"

#: Labels and cells that a grouping set may have unless the study says otherwise.
MAX_CELLS = 200_000

GroupingSet = tuple[str, ...]


@frozen(kw_only=True)
class Keep:
    """Which responses count: a value among some, or not among some.

    Attributes:
        column: The column.
        is_: Values that are kept; None for any. An absent value is the empty text.
        not_: Values that are dropped.
    """

    column: str
    is_: tuple[str, ...] | None = None
    not_: tuple[str, ...] = ()

    @property
    def rule(self) -> str:
        """The rule in words."""
        parts = []
        if self.is_ is not None:
            parts.append("is " + " or ".join(map(repr, self.is_)))
        if self.not_:
            parts.append("is not " + " or ".join(map(repr, self.not_)))
        return " and ".join(parts)


@frozen(kw_only=True)
class Wave:
    """Where the wave of a response comes from.

    Attributes:
        column: The column.
        period: The period to which a time belongs; None where the column holds the wave itself.
        form: The form of a time's text, in strptime's letters; None for year-month-day.
    """

    column: str
    period: Period | None = None
    form: str | None = None


@frozen(kw_only=True)
class Dimensions:
    """What cells are made of, and which responses count.

    Attributes:
        segments: Segment columns.
        wave: The wave; None without one.
        weight: The weight column; None without weights.
        respondent: The column that tells respondents apart, for replicates; None for the row's
            place in its fragment.
        keep: Rules that responses have to pass.
        declared: Declared labels, by column, in their order.
        max_cells: Cells that a grouping set may have.
    """

    segments: tuple[str, ...] = ()
    wave: Wave | None = None
    weight: str | None = None
    respondent: str | None = None
    keep: tuple[Keep, ...] = ()
    declared: Mapping[str, tuple[str, ...]] = field(factory=dict)
    max_cells: int = MAX_CELLS

    @property
    def names(self) -> tuple[str, ...]:
        """The dimensions that cells may have: the segments, and the wave last."""
        return (*self.segments, WAVE) if self.wave else self.segments

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read for it."""
        wanted = [*(rule.column for rule in self.keep), *self.segments]
        if self.wave:
            wanted.append(self.wave.column)
        if self.weight:
            wanted.append(self.weight)
        return tuple(dict.fromkeys(wanted))

    def encoder(self, name: str) -> AxisEncoder:
        """What turns a dimension's column into labels and numbers."""
        if name != WAVE or self.wave is None:
            return AxisEncoder(name, name, self.declared.get(name, ()), self.max_cells)
        period = self.wave.period
        if period is None:
            declared = self.declared.get(self.wave.column, ())
            return AxisEncoder(WAVE, self.wave.column, declared, self.max_cells)
        return AxisEncoder(
            WAVE,
            self.wave.column,
            most=self.max_cells,
            label_of=lambda text, period=period: period_of(text, period),  # type: ignore[misc]
        )

    def declared_labels(self) -> dict[str, tuple[str, ...]]:
        """Declared labels by dimension, for merging."""
        labels = {name: self.declared[name] for name in self.segments if name in self.declared}
        if self.wave and self.wave.period is None and self.wave.column in self.declared:
            labels[WAVE] = self.declared[self.wave.column]
        return labels


@frozen(kw_only=True, eq=False)
class Measure:
    """A metric as it is planned.

    Attributes:
        measured: Name, kind, record and options.
        declared: Its statistics, by the names under which ``evaluate`` gets them.
        by: The grouping sets it is reported for, besides the total.
    """

    measured: Measured
    declared: Mapping[str, Declared]
    by: tuple[GroupingSet, ...] = ()

    @property
    def metric(self) -> Metric:
        """The metric itself."""
        return self.measured.metric

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """What it asks for, without the names."""
        return tuple(leaf for declared in self.declared.values() for leaf in leaves(declared))

    @property
    def statistics(self) -> tuple[Statistic, ...]:
        """What it has counted, in its cells or wave by wave."""
        asked = (one.statistic if isinstance(one, ByWave) else one for one in self.leaves)
        return tuple(one for one in asked if not isinstance(one, Estimates))

    @property
    def stands_on(self) -> tuple[Estimates, ...]:
        """The other metrics whose estimates it asks for."""
        return tuple(leaf for leaf in self.leaves if isinstance(leaf, Estimates))

    @property
    def along_waves(self) -> bool:
        """Whether it looks at every wave of its cells."""
        return any(
            isinstance(leaf, ByWave) or (isinstance(leaf, Estimates) and leaf.along is not None)
            for leaf in self.leaves
        )

    @property
    def sets(self) -> tuple[GroupingSet, ...]:
        """The grouping sets that have to be counted for it."""
        reported = ((), *self.by)
        if not self.along_waves:
            return reported
        return tuple((*names, WAVE) for names in reported)


@frozen(kw_only=True, eq=False)
class Plan:
    """What a run will do.

    Attributes:
        survey: Where the answers come from.
        measures: The metrics.
        dimensions: What cells are made of, and which responses count.
        about: The question as the results will repeat it.
        comparisons: The kinds of comparisons to make.
        inputs: The files that hold the answers.
        folder: The study's folder, from which saved states name those files; None without one.
        standards: The standards to hold the metrics against.
        invalid: ``"error"`` or ``"missing"``.
        notes: What a reader of the results should know of the planning.
        skip_bad_fragments: Whether fragments that can't be read are left out, whole, and told.
        skipped: Files that could not even be opened and are left out for that, and why.
        catalogues: What satcore and the plugins say in other languages.
        given: What is counted in which grouping set, where others have decided that: a plan
            that was told to a worker has no metrics.
        statistics: What is counted, each once, by key.
        sets: The grouping sets that are scanned.
        counted: The keys of the statistics that are counted in each of them.
        items: The items that are read.
        measures_read: The measures that are read.
        conditions: The conditions that answers have to keep.
        tables: What derived items are for every combination of codes of their parts: made once,
            where they are small, and the same whoever makes them.
        packs: What is counted together in a grouping set of so many cells, and what is counted
            alone: found once, likewise.
        rooms: What cells need and may have, by what the environment says of it, likewise.
    """

    survey: Survey
    measures: tuple[Measure, ...]
    dimensions: Dimensions
    about: About
    comparisons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    folder: Path | None = None
    standards: tuple[Standard, ...] = ()
    skip_bad_fragments: bool = False
    skipped: Mapping[str, str] = field(factory=dict)
    catalogues: Catalogues = field(factory=Catalogues.core)
    given: Mapping[GroupingSet, tuple[Statistic, ...]] | None = None
    statistics: Mapping[str, Statistic] = field(init=False)
    sets: tuple[GroupingSet, ...] = field(init=False)
    counted: Mapping[GroupingSet, tuple[str, ...]] = field(init=False)
    items: tuple[Item, ...] = field(init=False)
    measures_read: tuple[MeasureItem, ...] = field(init=False)
    conditions: tuple[When, ...] = field(init=False)
    tables: dict[Derived, Array] = field(factory=dict, init=False)
    packs: dict[tuple[GroupingSet, int], tuple[tuple[Pack, ...], tuple[str, ...]]] = field(
        factory=dict, init=False
    )
    rooms: dict[str, Room] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        if self.given is None:
            counted, by_set = self._asked_for()
        else:
            counted = {one.key: one for several in self.given.values() for one in several}
            by_set = {
                names: tuple(one.key for one in several) for names, several in self.given.items()
            }
        asked = [item for one in counted.values() for item in one.items]
        sources = dict.fromkeys(source for item in asked for source in item.sources)
        conditions = dict.fromkeys(one for item in asked for one in conditions_of(item))
        object.__setattr__(self, "statistics", counted)
        object.__setattr__(self, "sets", tuple(by_set))
        object.__setattr__(self, "counted", by_set)
        object.__setattr__(self, "items", tuple(one for one in sources if isinstance(one, Item)))
        object.__setattr__(
            self, "measures_read", tuple(one for one in sources if isinstance(one, MeasureItem))
        )
        object.__setattr__(self, "conditions", tuple(conditions))

    def _asked_for(self) -> tuple[dict[str, Statistic], dict[GroupingSet, tuple[str, ...]]]:
        """What the metrics want counted, by key, and the keys by grouping set."""
        counted: dict[str, Statistic] = {
            one.key: one for one in [Rows(), *(s for m in self.measures for s in m.statistics)]
        }
        reported = [(), *(names for measure in self.measures for names in measure.sets)]
        wanted: dict[str, list[GroupingSet]] = {key: [] for key in counted}
        asked_for = [(measure, measure.by) for measure in self.measures]
        asked_for += [(self.measure(one.metric), one.sets) for one in self.standards]
        for measure, by in asked_for:
            reported += evolve(measure, by=by).sets
            for key, sets in self._wanted(measure, ((), *by)):
                wanted[key] += sets
        wanted[Rows().key] = reported
        by_set = {**dict.fromkeys(largest(reported), ()), **_by_set(wanted)}
        return counted, by_set

    def _wanted(
        self, measure: Measure, sets: Sequence[GroupingSet]
    ) -> Iterator[tuple[str, list[GroupingSet]]]:
        """The statistics that a metric needs in some grouping sets, by key, and where."""
        for leaf in measure.leaves:
            divided = isinstance(leaf, ByWave) or (
                isinstance(leaf, Estimates) and leaf.along is not None
            )
            here = [(*names, WAVE) if divided else names for names in sets]
            if isinstance(leaf, Estimates):
                yield from self._wanted(self.measure(leaf.of), here)
            else:
                yield (leaf.statistic if isinstance(leaf, ByWave) else leaf).key, here

    def needs(self, name: str) -> dict[GroupingSet, tuple[str, ...]]:
        """What a metric and its standards alone would have counted: keys by grouping set.

        Raises:
            KeyError: There is no such metric.
        """
        measure = self.measure(name)
        wanted: dict[str, list[GroupingSet]] = {}
        for by in (measure.by, *(one.sets for one in self.standards if one.metric == name)):
            for key, sets in self._wanted(measure, ((), *by)):
                wanted.setdefault(key, []).extend(sets)
        return _by_set(wanted)

    def measure(self, name: str) -> Measure:
        """A metric by its name.

        Raises:
            KeyError: There is none.
        """
        for one in self.measures:
            if one.measured.name == name:
                return one
        raise KeyError(name)

    @property
    def replicated(self) -> bool:
        """Whether a statistic resamples respondents, and so has to tell them apart."""
        return any(one.resamples for one in self.statistics.values())

    @property
    def weighted(self) -> bool:
        """Whether the responses carry weights."""
        return self.dimensions.weight is not None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read, each once."""
        wanted = [*self.dimensions.columns, *(item.name for item in self.items)]
        wanted += [one.name for one in self.measures_read]
        if self.replicated and self.dimensions.respondent is not None:
            wanted.append(self.dimensions.respondent)
        return tuple(dict.fromkeys(wanted))


def _by_set(wanted: Mapping[str, Sequence[GroupingSet]]) -> dict[GroupingSet, tuple[str, ...]]:
    """The keys of what has to be counted in each grouping set, so that the rest rolls up."""
    by_set: dict[GroupingSet, list[str]] = {}
    for key, sets in wanted.items():
        for names in largest(sets):
            by_set.setdefault(names, []).append(key)
    return {names: tuple(keys) for names, keys in by_set.items()}


def largest(sets: Iterable[GroupingSet]) -> tuple[GroupingSet, ...]:
    """The sets that no other set contains: the rest follow from them by rolling up."""
    distinct = list(dict.fromkeys(sets))
    return tuple(one for one in distinct if not any(set(one) < set(other) for other in distinct))


def grouping_sets(by: Sequence[str], names: Sequence[str]) -> tuple[GroupingSet, ...]:
    """Grouping sets from texts such as ``"region"`` and ``"region*wave"``.

    Args:
        by: The texts.
        names: The dimensions there are; a set keeps their order.

    Raises:
        ValueError: A name that is no dimension, or one twice.
    """
    sets = []
    for text in by:
        parts = [part.strip() for part in text.split("*")]
        for part in parts:
            if part not in names:
                raise ValueError(part)
        if len(set(parts)) < len(parts):
            raise ValueError(text)
        sets.append(tuple(name for name in names if name in parts))
    return tuple(dict.fromkeys(sets))
