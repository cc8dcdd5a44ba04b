"""Scanning: a fragment is read and counted; what comes back is one bundle of states."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from attrs import define, evolve, field, frozen
from numpy.typing import NDArray

from satcore.blocks import (
    AxisEncoder,
    Block,
    Consecutive,
    InstantEncoder,
    ItemEncoder,
    MeasureEncoder,
    Numbers,
    blocks_of,
    distinct,
    encoder_of,
    keep_mask,
    rows_of_block,
    wave_dates,
    weights_of,
)
from satcore.codebook import Instant, Item, Measure
from satcore.coding import joined
from satcore.derived import Derived, When
from satcore.errors import DataError, FragmentError, Problem, ProblemsError, SatcoreError
from satcore.inference import FloatArray, IntArray
from satcore.instants import clocks_told
from satcore.intake import (
    Intake,
    ItemIntake,
    condition_problem,
    invalid_problem,
    name_problem,
    number_problem,
    time_problem,
    weight_problem,
)
from satcore.packing import Pack, PackTable, Table, merged, packs_of, unpacked
from satcore.periods import periods_between
from satcore.planning import WAVE, Dimensions, GroupingSet, Plan
from satcore.replicates import hashed, mixed
from satcore.room import LIMIT_VARIABLE, Room, cells_of
from satcore.states import Array, Axis, Cells, Field, State, merge, ordered
from satcore.statistics import Statistic
from satcore.surveys import Fragment

if TYPE_CHECKING:
    import polars as pl

#: Told how many rows more have been read.
Progress: TypeAlias = Callable[[int], None]

#: Grouping set → statistic's key → state.
States: TypeAlias = Mapping[GroupingSet, Mapping[str, State]]


#: Grouping set → pack → its table.
Packed: TypeAlias = Mapping[GroupingSet, Mapping[Pack, Table]]


@frozen(kw_only=True, eq=False)
class Bundle:
    """What scanning some fragments leaves behind.

    Attributes:
        fragments: The fragments it holds and the rows each had.
        intake: What was read, dropped, missing and invalid.
        states: The states, by grouping set and statistic.
        failed: Statistics that could not be counted, and why; their states hold nothing of use.
        skipped: Fragments that could not be read and were left out, and why.
        packs: Tables of packs that no statistic has observed yet, by grouping set. Merging all
            bundles of a scan turns them into states.
        fingerprints: What the contents of fragments were, by their ids, where that was looked at.
    """

    fragments: tuple[tuple[str, int], ...]
    intake: Intake
    states: States
    failed: Mapping[str, str] = field(factory=dict)
    skipped: Mapping[str, str] = field(factory=dict)
    packs: Packed = field(factory=dict)
    fingerprints: Mapping[str, str] = field(factory=dict)


def merge_bundles(plan: Plan, bundles: Iterable[Bundle]) -> Bundle:
    """All bundles as one, merged in their order; without any, the bundle of nobody's answers.

    Raises:
        DataError: A fragment that two of them hold, or more cells than there may be.
    """
    fragments: dict[str, int] = {}
    intake = Intake(dropped=[0] * len(plan.dimensions.keep))
    states = _no_states(plan, _Encoders.of(plan))
    declared = plan.dimensions.declared_labels()
    failed: dict[str, str] = {}
    skipped: dict[str, str] = {}
    packs: dict[GroupingSet, dict[Pack, Table]] = {}
    room, axes = _room(plan), dict[str, Axis]()
    fingerprints: dict[str, str] = {}
    for bundle in bundles:
        fingerprints.update(bundle.fingerprints)
        failed = {**bundle.failed, **failed}
        skipped.update(bundle.skipped)
        for name, rows in bundle.fragments:
            if name in fragments:
                raise DataError.at(name, "counted already; no answer is counted twice")
            fragments[name] = rows
        intake.merge(bundle.intake)
        for axis in _axes_of(bundle):
            axes[axis.name] = axes.get(axis.name, axis).united(axis, declared.get(axis.name, ()))
        room.check(cells_of(plan.sets, axes))
        for names, by_key in bundle.states.items():
            for key, state in by_key.items():
                states[names][key] = merge(states[names][key], state, declared)
        for names, tables in bundle.packs.items():
            _take_in(packs.setdefault(names, {}), tables.items(), declared)
    for names, tables in packs.items():
        for pack, table in tables.items():
            for key, state in _unpacked(plan, pack, table, failed):
                states[names][key] = merge(states[names][key], state, declared)
    return Bundle(
        fragments=tuple(fragments.items()),
        intake=intake,
        states=states,
        failed=failed,
        skipped=skipped,
        fingerprints=fingerprints,
    )


def _axes_of(bundle: Bundle) -> Iterator[Axis]:
    """The axes of a bundle, as long as they have grown.

    What is counted in packs has its labels in their tables, what is not in its states.
    """
    for names, by_key in bundle.states.items():
        held = (*by_key.values(), *bundle.packs.get(names, {}).values())
        yield from max((state.cells for state in held), key=len).axes


def _take_in(
    tables: dict[Pack, Table],
    more: Iterable[tuple[Pack, Table]],
    declared: Mapping[str, Sequence[str]],
) -> None:
    """Add tables of packs to others."""
    for pack, table in more:
        tables[pack] = merged(tables[pack], table, declared) if pack in tables else table


def _unpacked(
    plan: Plan, pack: Pack, table: Table, failed: dict[str, str]
) -> Iterator[tuple[str, State]]:
    """The states of a pack's statistics, from its table."""
    block = unpacked(pack, table)
    for key in pack.statistics:
        statistic = plan.statistics[key]
        fields = statistic.fields(weighted=plan.weighted)
        yield key, _observed(statistic, block, table.cells, fields, failed)


def scan_fragment(plan: Plan, fragment: Fragment, progress: Progress | None = None) -> Bundle:
    """Read a fragment whole and count it; one that can't be read is left out where the plan says.

    A statistic that raises is named and counted no further; the others go on.

    Raises:
        FragmentError: It can't be read, or has other rows than it said.
        DataError: It holds what it should not, or more cells than there may be.
    """
    try:
        return _scanned(plan, fragment, progress)
    except FragmentError as error:
        if not plan.skip_bad_fragments:
            raise
        return evolve(merge_bundles(plan, []), skipped={fragment.id: str(error)})


def _scanned(plan: Plan, fragment: Fragment, progress: Progress | None) -> Bundle:
    encoders = _Encoders.of(plan)
    intake = Intake(dropped=[0] * len(plan.dimensions.keep))
    columns = plan.columns or plan.survey.columns[:1]
    states = _no_states(plan, encoders)
    declared = plan.dimensions.declared_labels()
    tables = {names: _Tables(plan=plan, names=names) for names in plan.sets}
    start, room = 0, _room(plan)
    failed: dict[str, str] = {}
    for frame in blocks_of(
        _frames(fragment, columns), rows_of_block(len(columns), weighted=plan.weighted)
    ):
        block = encoders.block(frame, fragment.id, start, intake)
        room.check(cells_of(plan.sets, encoders.known))
        for names, by_key in states.items():
            cells, cell = encoders.cells(names, block)
            grouped = block.block.grouped(cell, len(cells))
            for key in tables[names].count(grouped, cells):
                fields = by_key[key].fields
                counted = _observed(plan.statistics[key], grouped, cells, fields, failed)
                by_key[key] = merge(by_key[key], counted, declared)
        start += frame.height
        if progress is not None:
            progress(frame.height)
    if fragment.rows is not None and fragment.rows != start:
        raise FragmentError.at(
            fragment.id, f"{start} rows were read, but it has {fragment.rows}; read it again"
        )
    return Bundle(
        fragments=((fragment.id, start),),
        intake=intake,
        states=states,
        failed=failed,
        packs={names: one.finished() for names, one in tables.items()},
    )


def _room(plan: Plan) -> Room:
    """What the plan's cells may have, found once as long as the environment says the same."""
    said = os.environ.get(LIMIT_VARIABLE, "")
    if said not in plan.rooms:
        plan.rooms[said] = Room(plan=plan)
    return plan.rooms[said]


def _packs(plan: Plan, names: GroupingSet, cells: int) -> tuple[tuple[Pack, ...], tuple[str, ...]]:
    """What is counted together in so many cells, and the keys of what is counted alone."""
    if (names, cells) not in plan.packs:
        wanted = {key: plan.statistics[key] for key in plan.counted[names]}
        plan.packs[names, cells] = packs_of(wanted, cells)
    return plan.packs[names, cells]


@define(eq=False, kw_only=True)
class _Tables:
    """The tables of one grouping set's packs, as they are counted.

    They hold the cells that are known; a new label begins new tables.
    """

    plan: Plan
    names: GroupingSet
    _cells: Cells | None = None
    _open: tuple[PackTable, ...] = ()
    _plain: tuple[str, ...] = ()
    _done: dict[Pack, Table] = field(factory=dict)

    def count(self, block: Block, cells: Cells) -> tuple[str, ...]:
        """Count a block; gives the keys of the statistics that are no part of a pack."""
        if cells != self._cells:
            self._close()
            self._cells = cells
            packs, self._plain = _packs(self.plan, self.names, len(cells))
            weighted = self.plan.weighted
            self._open = tuple(
                PackTable(pack=pack, cells=len(cells), weighted=weighted) for pack in packs
            )
        for table in self._open:
            table.count(block)
        return self._plain

    def finished(self) -> dict[Pack, Table]:
        """All that was counted."""
        self._close()
        return self._done

    def _close(self) -> None:
        if self._cells is not None:
            cells, declared = self._cells, self.plan.dimensions.declared_labels()
            _take_in(
                self._done, (part for one in self._open for part in one.tables(cells)), declared
            )
        self._open, self._cells = (), None


def _frames(fragment: Fragment, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    """A fragment's batches; what a third party's reader raises is told with its place."""
    try:
        yield from fragment.read(columns)
    except ProblemsError as error:
        raise FragmentError(error.problems) from error
    except SatcoreError:
        raise
    except Exception as error:
        message = f"its reader failed: {type(error).__name__}: {error}"
        raise FragmentError.at(fragment.id, message) from error


def _observed(
    statistic: Statistic,
    block: Block,
    cells: Cells,
    fields: Mapping[str, Field],
    failed: dict[str, str],
) -> State:
    """What a statistic counts of a block; nothing once it has failed, which is noted."""
    if statistic.key not in failed:
        try:
            return State.of(cells, fields, statistic.observe(block))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a third party's may raise anything
            kind = type(statistic).__name__
            failed[statistic.key] = f"counting {kind} failed: {type(error).__name__}: {error}"
    return State.empty(cells, fields)


def _no_states(plan: Plan, encoders: _Encoders) -> dict[GroupingSet, dict[str, State]]:
    empty = {}
    for names in plan.sets:
        cells = Cells(tuple(encoders.axes[name].axis for name in names))
        empty[names] = {
            key: State.empty(cells, plan.statistics[key].fields(weighted=plan.weighted))
            for key in plan.counted[names]
        }
    return empty


@frozen(eq=False)
class _Coded:
    """A block before grouping: codes, and the number of each row's label by dimension."""

    block: Block
    labels: Mapping[str, Array]


@define(eq=False)
class _Encoders:
    """The encoders of one fragment. They learn labels as they go, so each scan has its own."""

    dimensions: Dimensions
    axes: dict[str, AxisEncoder]
    items: dict[Item, ItemEncoder] = field(factory=dict)
    measures: dict[Measure, MeasureEncoder | InstantEncoder] = field(factory=dict)
    conditions: tuple[When, ...] = ()
    replicated: bool = False
    tables: dict[Derived, Array] = field(factory=dict)

    @classmethod
    def of(cls, plan: Plan) -> _Encoders:
        used = {name for names in plan.sets for name in names}
        return cls(
            plan.dimensions,
            {name: plan.dimensions.encoder(name) for name in plan.dimensions.names if name in used},
            {item: ItemEncoder(item) for item in plan.items},
            {one: encoder_of(one) for one in plan.measures_read},
            plan.conditions,
            plan.replicated,
            plan.tables,
        )

    def block(self, frame: pl.DataFrame, fragment: str, start: int, intake: Intake) -> _Coded:
        """Code a block of raw columns; ``start`` is its first row in the fragment, from 0."""
        intake.read += frame.height
        rows: Numbers = Consecutive(start + 1, frame.height)
        frame, rows = self._kept(frame, rows, intake)
        labels: dict[str, Array] = {}
        for name, axis in self.axes.items():
            series = frame[axis.column]
            wave = self.dimensions.wave
            if name == WAVE and wave is not None and wave.period is not None:
                series = wave_dates(series, wave.form, intake.times, fragment, rows)
            labels[name] = axis.encode(series, intake.times, fragment, rows)
        weight: FloatArray | None = None
        if self.dimensions.weight is not None:
            series = frame[self.dimensions.weight]
            weight = weights_of(series, intake.weights, fragment, rows)
        codes: dict[Item, Array] = {}
        complete = set()
        for item, encoder in self.items.items():
            found = intake.items.setdefault(item.key, ItemIntake())
            answered = found.answered
            codes[item] = encoder.encode(frame[item.name], found, fragment, rows)
            if found.answered - answered == frame.height:
                complete.add(item)
        measures = {
            one: encoder.encode(
                frame[one.name], intake.items.setdefault(one.key, ItemIntake()), fragment, rows
            )
            for one, encoder in self.measures.items()
        }
        identity = self._identity(frame, fragment, rows) if self.replicated else None
        block = Block(
            rows=frame.height,
            weight=weight,
            identity=identity,
            codes=codes,
            measures=measures,
            complete=frozenset(complete),
            tables=self.tables,
        )
        self._hold_conditions(block, intake, fragment, rows)
        return _Coded(block, labels)

    def _identity(self, frame: pl.DataFrame, fragment: str, rows: Numbers) -> NDArray[np.uint64]:
        """A number for each respondent: by id where the study names one, else by place."""
        if self.dimensions.respondent is None:
            numbers: IntArray = rows[:]
            return mixed(numbers.astype(np.uint64)) ^ np.uint64(hashed(fragment))
        found = distinct(frame[self.dimensions.respondent])
        by_text = [hashed(text or "") for text in found.texts]
        return found.mapped(by_text, np.uint64)

    def _hold_conditions(self, block: Block, intake: Intake, fragment: str, rows: Numbers) -> None:
        """Count the answers that break a condition, by what they are instead."""
        for one in self.conditions:
            item = intake.items.setdefault(one.key, ItemIntake())
            parts = [block.numerators(part) for part in one.parts]
            broken = one.broken([n for n, _ in parts], [t for _, t in parts])
            values, first, counts = np.unique(
                parts[1][0][broken], return_index=True, return_counts=True
            )
            where = rows[broken]
            for value, at, count in sorted(
                zip(values.tolist(), first.tolist(), counts.tolist(), strict=True),
                key=lambda one: one[1],
            ):
                item.invalid.add(str(value), count, fragment, int(where[at]))

    @property
    def known(self) -> dict[str, Axis]:
        """The labels so far, by dimension."""
        return {name: encoder.axis for name, encoder in self.axes.items()}

    def cells(self, names: GroupingSet, coded: _Coded) -> tuple[Cells, Array | None]:
        """The cells of a grouping set and the cell of each row."""
        cells = Cells(tuple(self.axes[name].axis for name in names))
        if not names:
            return cells, None
        return cells, joined([coded.labels[name] for name in names], cells.shape)

    def _kept(
        self, frame: pl.DataFrame, rows: Numbers, intake: Intake
    ) -> tuple[pl.DataFrame, Numbers]:
        """Drop the rows that a rule refuses; each counts at the first rule that does."""
        for place, rule in enumerate(self.dimensions.keep):
            kept = keep_mask(frame[rule.column], rule.is_, rule.not_)
            intake.dropped[place] += int(kept.size - kept.sum())
            if not kept.all():
                frame, rows = frame.filter(kept), rows[kept]
        return frame, rows


def finished(plan: Plan, bundle: Bundle) -> Bundle:
    """The bundle ready to be evaluated: problems told, every period between first and last there.

    Raises:
        DataError: Weights or times that can't be, answers outside their scale where the study
            makes that an error; all at once.
    """
    place, intake, problems = plan.survey.name, bundle.intake, list[Problem]()
    dimensions = plan.dimensions
    if intake.weights.count:
        problems.append(weight_problem(dimensions.weight or "", place, intake.weights))
    if intake.times.count:
        wave = dimensions.wave
        column, form = (wave.column, wave.form) if wave else ("", None)
        problems.append(time_problem(column, form, place, intake.times))
    if plan.about.invalid == "error":
        for item in plan.items:
            found = intake.items.get(item.key)
            if found and found.invalid.count:
                odd, names = found.invalid, item.scale.names
                problems.append(
                    name_problem(item.name, names, place, odd)
                    if names
                    else invalid_problem(item.name, str(item.scale), place, odd)
                )
        for measure in plan.measures_read:
            found = intake.items.get(measure.key)
            if found and found.invalid.count:
                odd, more = found.invalid, ""
                if isinstance(measure, Instant):
                    more = clocks_told(
                        odd.seen, zone=measure.zone, form=measure.form, twice=measure.twice
                    )
                problems.append(number_problem(measure.name, place, odd, measure.wanted, more))
        for condition in plan.conditions:
            found = intake.items.get(condition.key)
            if found and found.invalid.count:
                columns = [source.name for source in condition.condition.sources]
                problems.append(condition_problem(columns, condition.reason, place, found.invalid))
    if problems:
        raise DataError(problems)
    wave = dimensions.wave
    if wave is None or wave.period is None:
        return bundle
    full = {}
    for names, by_key in bundle.states.items():
        cells = next(iter(by_key.values())).cells
        full[names] = Cells(tuple(_without_gaps(axis, dimensions) for axis in cells.axes))
    Room(plan=plan).check(full)
    states = {
        names: {key: state.aligned(full[names]) for key, state in by_key.items()}
        for names, by_key in bundle.states.items()
    }
    return evolve(bundle, states=states)


def _without_gaps(axis: Axis, dimensions: Dimensions) -> Axis:
    """A wave axis with every period between the first and the last."""
    dated = [label for label in axis.labels if label is not None]
    wave = dimensions.wave
    if axis.name != WAVE or wave is None or wave.period is None or not dated:
        return axis
    labels: list[str] = []
    for label in periods_between(min(dated), max(dated), wave.period):
        labels.append(label)
        if len(labels) > dimensions.max_cells:
            raise DataError.at(
                f"column {wave.column}",
                f"from {min(dated)} to {max(dated)} there are more than {dimensions.max_cells} "
                f"periods of a {wave.period}; is a date wrong? Drop it with [[keep]], take a "
                "longer period, or raise max_cells in [study]",
            )
    return Axis(axis.name, ordered({*axis.labels, *labels}))
