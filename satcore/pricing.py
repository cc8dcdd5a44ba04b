"""Pricing: what a plan reads, how many cells it has, and how many bytes of state they take.

Nothing here is guessed. What a statistic keeps in a cell is known from its fields; the number of
cells lies between the declared labels and ``max_cells``, and is known to the last one where the
columns of the dimensions are read beforehand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from attrs import evolve, field, frozen

import satcore
from satcore.engines import LocalEngine
from satcore.packing import Pack, packs_of
from satcore.planning import GroupingSet, Plan
from satcore.room import Limit, Room, bytes_in, cells_of, least_cells
from satcore.scanning import Progress, finished
from satcore.sparse import SORTED
from satcore.states import Axis
from satcore.statistics import Rows, Statistic

#: The layout of ``Price.to_dict``.
SCHEMA: Final = 1


@frozen
class Between:
    """A number that is known within bounds; both are certain.

    Attributes:
        least: The least it can be, as soon as one response is kept.
        most: The most it can be before the run is refused.
    """

    least: int
    most: int

    @property
    def exact(self) -> bool:
        """Whether the bounds leave nothing open."""
        return self.least == self.most

    def times(self, number: int) -> Between:
        """So many of it."""
        return Between(self.least * number, self.most * number)

    def to_dict(self) -> dict[str, int]:
        """As JSON has it."""
        return {"least": self.least, "most": self.most}


@frozen(kw_only=True)
class StatisticPrice:
    """What one statistic costs.

    Attributes:
        key: Its key.
        kind: Its class.
        items: The names of the items that it counts.
        cell_bytes: What it keeps in a cell.
    """

    key: str
    kind: str
    items: tuple[str, ...]
    cell_bytes: int


@frozen(kw_only=True)
class PackPrice:
    """Columns that are counted together as one code.

    Attributes:
        columns: Their names.
        codes: The codes that their table has in a cell.
        statistics: How many statistics observe it.
        bytes: What the table takes in all cells.
    """

    columns: tuple[str, ...]
    codes: int
    statistics: int
    bytes: int


@frozen(kw_only=True)
class SetPrice:
    """What a grouping set costs.

    Attributes:
        names: Its dimensions; none for the total.
        labels: How many labels each of them has.
        cells: How many cells it has.
        statistics: How many statistics are counted in it, the number of responses among them.
        cell_bytes: What they keep in a cell.
        bytes: What they keep in all cells.
        packs: The tables of the packs, at the least number of cells; the largest first.
        held: What one run holds at a time: the merged states, and those that are being counted.
    """

    names: GroupingSet
    labels: Mapping[str, Between]
    cells: Between
    statistics: int
    cell_bytes: int
    bytes: Between
    packs: tuple[PackPrice, ...]
    held: Between


@frozen(kw_only=True)
class Need:
    """What a metric and its standards need in one grouping set.

    Attributes:
        names: The grouping set; the sets within it follow by rolling up.
        statistics: The statistics.
        cells: How many cells the set has.
    """

    names: GroupingSet
    statistics: tuple[StatisticPrice, ...]
    cells: Between

    @property
    def cell_bytes(self) -> int:
        """What the statistics keep in a cell."""
        return sum(one.cell_bytes for one in self.statistics)

    @property
    def bytes(self) -> Between:
        """What they keep in all cells."""
        return self.cells.times(self.cell_bytes)


@frozen(kw_only=True)
class MetricPrice:
    """What a metric would cost alone.

    Attributes:
        name: Its name in the study.
        kind: Its kind.
        columns: The columns of answers that it rests on.
        needs: What it needs, by grouping set. What several metrics need is counted once, and
            stands under each of them.
    """

    name: str
    kind: str
    columns: tuple[str, ...]
    needs: tuple[Need, ...]


@frozen(kw_only=True)
class Price:
    """What a run of a plan takes, told without running it.

    Attributes:
        plan: The plan.
        sets: The grouping sets that are counted.
        metrics: The metrics.
        limit: How many bytes of state there may be.
        threads: The threads that ``held`` is for.
        counted: Whether the labels were counted, so that every number is exact.
    """

    plan: Plan = field(eq=False, repr=False)
    sets: tuple[SetPrice, ...]
    metrics: tuple[MetricPrice, ...]
    limit: Limit
    threads: int
    counted: bool

    @property
    def rows(self) -> int | None:
        """How many responses there are; None where that is not known before reading."""
        rows = [fragment.rows for fragment in self.plan.survey.fragments]
        known = [one for one in rows if one is not None]
        return sum(known) if len(known) == len(rows) else None

    @property
    def bytes(self) -> Between:
        """The states of all grouping sets: what a scan leaves behind."""
        return _sum(one.bytes for one in self.sets)

    @property
    def held(self) -> Between:
        """The states that a run on this machine holds at a time while it scans, about."""
        return _sum(one.held for one in self.sets)

    def to_dict(self) -> dict[str, Any]:
        """All of it as JSON has it, as ``satcore validate --format json`` gives it."""
        plan = self.plan
        return {
            "satcore": satcore.__version__,
            "schema": SCHEMA,
            "title": dict(plan.about.title.by_language),
            "data": plan.about.data,
            "files": [_text(path) for path in plan.inputs],
            "fragments": len(plan.survey.fragments),
            "rows": self.rows,
            "columns": len(plan.survey.columns),
            "read": list(plan.columns),
            "weight": plan.dimensions.weight,
            "max_cells": plan.dimensions.max_cells,
            "labels_counted": self.counted,
            "bytes": self.bytes.to_dict(),
            "limit": self.limit.bytes,
            "limit_source": self.limit.source,
            "held": self.held.to_dict(),
            "threads": self.threads,
            "sets": [_set_dict(one) for one in self.sets],
            "metrics": [_metric_dict(one) for one in self.metrics],
            "notes": [*plan.survey.notes, *plan.notes],
        }


def price(
    plan: Plan,
    *,
    count_labels: bool = False,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Price:
    """Tell what a run of a plan will take, without running it: no answer is counted.

    Args:
        plan: The plan.
        count_labels: Whether to read the columns of segments and wave, and those of ``[[keep]]``,
            so that the cells are known to the last one.
        threads: The threads of the run; this machine's processors where None.
        progress: Told how many rows more have been read, where labels are counted.

    Raises:
        StudyError: ``SATCORE_MAX_STATE`` is no amount of memory.
        DataError: Where labels are counted: the columns can't be read, or the run would be
            refused for its cells.
    """
    engine = LocalEngine(threads) if threads else LocalEngine()
    room = Room(plan=plan)
    labels = dict[str, Between]()
    if count_labels:
        axes = _axes(plan, engine, progress)
        room.check(cells_of(plan.sets, axes))
        for name, axis in axes.items():
            labels[name] = Between(len(axis.labels), len(axis.labels))
    else:
        most = plan.dimensions.max_cells
        for cells in least_cells(plan).values():
            for axis in cells.axes:
                labels[axis.name] = Between(len(axis.labels), most)
    bundles = _bundles(plan, engine.threads)
    return Price(
        plan=plan,
        sets=tuple(_set_price(room, names, labels, bundles) for names in plan.sets),
        metrics=tuple(_metric_price(room, one.measured.name, labels) for one in plan.measures),
        limit=room.limit,
        threads=engine.threads,
        counted=count_labels,
    )


def _axes(plan: Plan, engine: LocalEngine, progress: Progress | None) -> dict[str, Axis]:
    """The labels that a run will find: those of a run that counts responses alone."""
    used = tuple(dict.fromkeys((name,) for names in plan.sets for name in names))
    if not used:
        return {}
    # Any metric will do that asks for nothing.
    nothing = evolve(plan.measures[0], declared={}, by=used)
    dimensions = evolve(plan.dimensions, weight=None)
    alone = evolve(plan, measures=(nothing,), dimensions=dimensions, standards=())
    bundle = finished(alone, engine.scan(alone, progress))
    return {name: bundle.states[name,][Rows().key].cells.axes[0] for (name,) in used}


def _cells(names: GroupingSet, labels: Mapping[str, Between], most: int) -> Between:
    """The cells of a grouping set."""
    known, bound = 1, 1
    for name in names:
        known *= labels[name].least
        bound *= labels[name].most
    return Between(known, known if all(labels[name].exact for name in names) else min(bound, most))


def _set_price(
    room: Room, names: GroupingSet, labels: Mapping[str, Between], bundles: int
) -> SetPrice:
    cells = _cells(names, labels, room.plan.dimensions.max_cells)
    packs, _ = _packed(room, names, cells.least)
    prices = (_pack_price(room, one, cells.least) for one in packs)
    return SetPrice(
        names=names,
        labels={name: labels[name] for name in names},
        cells=cells,
        statistics=len(room.plan.counted[names]),
        cell_bytes=room.sets[names],
        bytes=cells.times(room.sets[names]),
        packs=tuple(sorted(prices, key=lambda one: -one.bytes)),
        held=Between(
            _held(room, names, cells.least, bundles), _held(room, names, cells.most, bundles)
        ),
    )


def _packed(room: Room, names: GroupingSet, cells: int) -> tuple[tuple[Pack, ...], tuple[str, ...]]:
    """The packs of a grouping set of so many cells, and the statistics that are in none."""
    return packs_of({key: room.plan.statistics[key] for key in room.plan.counted[names]}, cells)


def _table_bytes(room: Room, pack: Pack, cells: int) -> int:
    """Bytes of a pack's table; a sparse one has no more rows than there are responses."""
    dense = cells * bytes_in(pack.fields(weighted=room.plan.weighted).values())
    if not pack.sparse:
        return dense
    rows = [fragment.rows for fragment in room.plan.survey.fragments]
    known = sum(one for one in rows if one is not None) if None not in rows else SORTED
    return min(dense, known * (32 if room.plan.weighted else 16))


def _pack_price(room: Room, pack: Pack, cells: int) -> PackPrice:
    codes = 1
    for size in pack.sizes:
        codes *= size
    return PackPrice(
        columns=tuple(column.name for column in pack.columns),
        codes=codes,
        statistics=len(pack.statistics),
        bytes=_table_bytes(room, pack, cells),
    )


def _bundles(plan: Plan, threads: int) -> int:
    """The bundles that a run on this machine has in hand while it merges."""
    fragments = len(plan.survey.fragments)
    return 1 if threads == 1 else max(min(2 * threads, fragments), 1)


def _held(room: Room, names: GroupingSet, cells: int, bundles: int) -> int:
    """Bytes held at a time: merged states and tables of packs, and those of bundles in hand.

    The bundles' statistics that are counted in packs are tables in it, and states when merged.
    """
    packs, plain = _packed(room, names, cells)
    tables = sum(_table_bytes(room, pack, cells) for pack in packs)
    loose = cells * sum(room.statistics[key] for key in plain)
    return cells * room.sets[names] + tables + bundles * (tables + loose)


def _metric_price(room: Room, name: str, labels: Mapping[str, Between]) -> MetricPrice:
    plan = room.plan
    needs = plan.needs(name)
    keys = dict.fromkeys(key for keys in needs.values() for key in keys)
    most = plan.dimensions.max_cells
    return MetricPrice(
        name=name,
        kind=plan.measure(name).measured.kind,
        columns=tuple(
            dict.fromkeys(
                source.name
                for key in keys
                for item in plan.statistics[key].items
                for source in item.sources
            )
        ),
        needs=tuple(
            Need(
                names=names,
                statistics=tuple(_statistic_price(room, key) for key in keys),
                cells=_cells(names, labels, most),
            )
            for names, keys in needs.items()
        ),
    )


def _statistic_price(room: Room, key: str) -> StatisticPrice:
    one: Statistic = room.plan.statistics[key]
    return StatisticPrice(
        key=key,
        kind=type(one).__name__,
        items=tuple(item.name for item in one.items),
        cell_bytes=room.statistics[key],
    )


def _sum(parts: Iterable[Between]) -> Between:
    listed = list(parts)
    return Between(sum(one.least for one in listed), sum(one.most for one in listed))


def _text(path: str) -> str:
    """A path as text: bytes of a name that are no text stand for themselves in no output."""
    return path.encode(errors="surrogateescape").decode(errors="replace")


def _set_dict(one: SetPrice) -> dict[str, Any]:
    return {
        "set": list(one.names),
        "labels": {name: labels.to_dict() for name, labels in one.labels.items()},
        "cells": one.cells.to_dict(),
        "statistics": one.statistics,
        "cell_bytes": one.cell_bytes,
        "bytes": one.bytes.to_dict(),
        "held": one.held.to_dict(),
        "packs": [
            {
                "columns": list(pack.columns),
                "codes": pack.codes,
                "statistics": pack.statistics,
                "bytes": pack.bytes,
            }
            for pack in one.packs
        ],
    }


def _metric_dict(one: MetricPrice) -> dict[str, Any]:
    return {
        "metric": one.name,
        "kind": one.kind,
        "columns": list(one.columns),
        "needs": list(_need_dicts(one.needs)),
    }


def _need_dicts(needs: Iterable[Need]) -> Iterator[dict[str, Any]]:
    for one in needs:
        yield {
            "set": list(one.names),
            "cells": one.cells.to_dict(),
            "cell_bytes": one.cell_bytes,
            "bytes": one.bytes.to_dict(),
            "statistics": [
                {
                    "key": statistic.key,
                    "kind": statistic.kind,
                    "items": list(statistic.items),
                    "cell_bytes": statistic.cell_bytes,
                }
                for statistic in one.statistics
            ],
        }
