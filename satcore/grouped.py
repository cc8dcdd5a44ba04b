"""Answers that a database has grouped: tables of what was answered how often become states.

A row of such a table stands for all responses that gave the same answers, so that a database needs
no more than ``GROUP BY``: what a value means - a code, a label, a wave, a reason to drop the row -
is decided here, by the code that decides it for every other engine.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from satcore.blocks import Block, distinct, keep_mask, weights_of
from satcore.codebook import Item
from satcore.derived import conditions_of
from satcore.inference import IntArray
from satcore.intake import Intake, ItemIntake, Odd
from satcore.moments import Moments
from satcore.packing import packs_of
from satcore.planning import WAVE, GroupingSet, Plan
from satcore.scanning import Bundle, _Encoders, _no_states
from satcore.states import Array, Cells, State, merge
from satcore.statistics import Statistic

if TYPE_CHECKING:
    import polars as pl

#: Combinations of answers that a table may have besides its cells: beyond, nearly every response
#: would be a row of its own.
MOST_COMBINATIONS: Final = 1 << 17

#: Cells for which packs are made: the more, the fewer columns share a table.
_CELLS: Final = 16

#: The columns of a table that are no answers: how many responses, the sum of their weights and
#: of the squares of these.
N, W, W2 = "satcore_n", "satcore_w", "satcore_w2"


@frozen(kw_only=True)
class Grouping:
    """Columns whose combinations are to be counted.

    Attributes:
        names: The grouping set.
        columns: The columns to group by.
        statistics: The keys of the statistics that the table serves.
    """

    names: GroupingSet
    columns: tuple[str, ...]
    statistics: tuple[str, ...]


class GroupedScan:
    """Counts a plan from tables.

    Attributes:
        plan: The plan.
        groupings: The tables that are wanted for statistics that look at a few items each.
        sums: Moments of many items, by grouping set: a database can add them up itself.
        others: What neither serves, by grouping set; its answers have to be read one by one.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._encoders = _Encoders.of(plan)
        self._intake = Intake(dropped=[0] * len(plan.dimensions.keep))
        self._states = {
            names: dict(by_key) for names, by_key in _no_states(plan, self._encoders).items()
        }
        groupings: list[Grouping] = []
        sums: list[tuple[GroupingSet, Moments]] = []
        others: dict[GroupingSet, list[Statistic]] = {}
        for names, keys in plan.counted.items():
            wanted = {key: plan.statistics[key] for key in keys}
            small = {key: one for key, one in wanted.items() if _is_small(one)}
            # Tables of a few thousand combinations a cell: fewer rows come back than go in.
            packs, plain = packs_of(small, _CELLS)
            taken: set[str] = set()
            for pack in packs:
                sources = dict.fromkeys(s.name for column in pack.columns for s in column.sources)
                columns = dict.fromkeys((*self.columns(names), *sources))
                grouping = Grouping(names=names, columns=tuple(columns), statistics=pack.statistics)
                groupings.append(grouping)
                taken.update(pack.statistics)
            for key in plain:
                sources = dict.fromkeys(s.name for item in small[key].items for s in item.sources)
                columns = dict.fromkeys((*self.columns(names), *sources))
                groupings.append(Grouping(names=names, columns=tuple(columns), statistics=(key,)))
                taken.add(key)
            for key, one in wanted.items():
                if key in taken:
                    continue
                if isinstance(one, Moments) and one.exact and not _conditions(one):
                    sums.append((names, one))
                else:
                    others.setdefault(names, []).append(one)
        self.groupings = tuple(groupings)
        self.sums = tuple(sums)
        self.others = {names: tuple(several) for names, several in others.items()}

    def columns(self, names: GroupingSet) -> tuple[str, ...]:
        """The columns that tell a response's cell, and whether it counts.

        Args:
            names: A grouping set.
        """
        dimensions = self.plan.dimensions
        wave = dimensions.wave
        wanted = [rule.column for rule in dimensions.keep]
        wanted += [wave.column if name == WAVE and wave else name for name in names]
        return tuple(dict.fromkeys(wanted))

    def rest(self, more: Iterable[tuple[GroupingSet, Statistic]] = ()) -> Plan | None:
        """The plan of what no table serves; None where nothing is left.

        Args:
            more: Moments that the database could not add up after all.
        """
        given = {names: list(several) for names, several in self.others.items()}
        for names, one in more:
            given.setdefault(names, []).append(one)
        if not given:
            return None
        return evolve(
            self.plan,
            given={names: tuple(several) for names, several in given.items()},
            measures=(),
            standards=(),
        )

    def take_rows(self, table: pl.DataFrame) -> None:
        """Count the responses: a table of the columns of the empty grouping set."""
        self._intake.read += int(table[N].sum())
        for place, dropped in self._dropped(table):
            self._intake.dropped[place] += dropped

    def take_weights(self, table: pl.DataFrame) -> None:
        """Count weights that can't be: those columns and the weight's, of doubtful weights."""
        column = self.plan.dimensions.weight
        kept = self._kept(table)
        if column is None or not kept.height:
            return
        odd, rows = Odd(), np.zeros(kept.height, dtype=np.int64)
        weights_of(kept[column], odd, self.plan.survey.name, rows)
        _recounted(odd, kept[column], kept[N].to_numpy(), self._intake.weights)

    def take_waves(self, table: pl.DataFrame) -> None:
        """Count times that can't be read: those columns and the wave's."""
        wave, kept = self.plan.dimensions.wave, self._kept(table)
        if wave is None or WAVE not in self._encoders.axes or not kept.height:
            return
        scratch = self._scratch()
        part = evolve(self.plan, given={(WAVE,): ()}, measures=(), standards=())
        self._coded(part, (WAVE,), kept, scratch)
        _recounted(scratch.times, kept[wave.column], kept[N].to_numpy(), self._intake.times)

    def take_item(self, item: Item, table: pl.DataFrame) -> dict[object, int]:
        """Count how an item was answered: those columns and the item's.

        Args:
            item: The item.
            table: The table.

        Returns:
            The numerator of every raw value that is a valid answer.
        """
        found = self._intake.items.setdefault(item.key, ItemIntake())
        kept = self._kept(table)
        if kept.height:
            told = distinct(kept[item.name])
            counts = np.bincount(told.places, kept[N].to_numpy(), len(told.texts))
            for text, count in zip(told.texts, counts.astype(np.int64).tolist(), strict=True):
                code = item.code_of(text)
                if not count:
                    continue
                if code < item.levels:
                    found.answered += count
                elif code == item.missing_code:
                    reason = item.missing_reason(text)
                    found.missing[reason] = found.missing.get(reason, 0) + count
                else:
                    found.invalid.add(text or "", count, self.plan.survey.name, 0)
        values = table[item.name].unique()
        texts = distinct(values)
        return {
            value: item.low + item.code_of(texts.texts[place])
            for value, place in zip(values.to_list(), texts.places.tolist(), strict=True)
            if item.code_of(texts.texts[place]) < item.levels
        }

    def observe(self, grouping: Grouping, table: pl.DataFrame) -> None:
        """Count a table.

        Args:
            grouping: What was asked for.
            table: Its columns, and how many responses; with weights their sums besides.
        """
        plan = self.plan
        statistics = [plan.statistics[key] for key in grouping.statistics]
        part = evolve(plan, given={grouping.names: tuple(statistics)}, measures=(), standards=())
        kept = self._kept(table)
        coded, cells = self._coded(part, grouping.names, kept, self._scratch())
        weighed = None
        if plan.weighted:
            w, w2 = (kept[name].fill_null(0.0).to_numpy() for name in (W, W2))
            weighed = (w, w2)
        block = evolve(
            coded, weight=None, multiplicity=kept[N].cast(int).to_numpy(), weighed=weighed
        )
        for one in statistics:
            fields = one.fields(weighted=plan.weighted)
            self._add(grouping.names, one.key, State.of(cells, fields, one.observe(block)))

    def add(
        self,
        names: GroupingSet,
        statistic: Statistic,
        table: pl.DataFrame,
        arrays: Mapping[str, Array],
    ) -> None:
        """Add sums that the database made.

        Args:
            names: The grouping set.
            statistic: What was summed.
            table: The columns of the grouping set, a row for each combination.
            arrays: The statistic's arrays, those rows first; one that is left out is 0.
        """
        place = self._mask(table)
        part = evolve(self.plan, given={names: ()}, measures=(), standards=())
        block, cells = self._coded(part, names, table.filter(place), self._scratch())
        cell = block.cell
        fields = statistic.fields(weighted=self.plan.weighted)
        state = State.empty(cells, fields)
        for name, array in arrays.items():
            rows = array[place].astype(fields[name].dtype)
            np.add.at(state.arrays[name], np.zeros(len(rows), int) if cell is None else cell, rows)
        self._add(names, statistic.key, state)

    def bundle(self, rows: Mapping[str, int], rest: Bundle | None = None) -> Bundle:
        """All that was counted.

        Args:
            rows: The rows of each fragment.
            rest: What was counted of the plan of the rest.
        """
        failed: Mapping[str, str] = {}
        if rest is not None:
            failed = rest.failed
            for names, by_key in rest.states.items():
                for key, state in by_key.items():
                    self._add(names, key, state)
            for key, one in rest.intake.items.items():
                self._intake.items.setdefault(key, one)
        return Bundle(
            fragments=tuple(rows.items()),
            intake=self._intake,
            states=self._aligned(),
            failed=failed,
        )

    def _aligned(self) -> dict[GroupingSet, dict[str, State]]:
        """Every grouping set's states on the same cells."""
        declared = self.plan.dimensions.declared_labels()
        aligned = {}
        for names, by_key in self._states.items():
            cells = next(iter(by_key.values())).cells
            for state in by_key.values():
                cells = Cells(
                    tuple(
                        mine.united(theirs, declared.get(mine.name, ()))
                        for mine, theirs in zip(cells.axes, state.cells.axes, strict=True)
                    )
                )
            aligned[names] = {key: state.aligned(cells) for key, state in by_key.items()}
        return aligned

    def _add(self, names: GroupingSet, key: str, state: State) -> None:
        declared = self.plan.dimensions.declared_labels()
        self._states[names][key] = merge(self._states[names][key], state, declared)

    def _coded(
        self, plan: Plan, names: GroupingSet, table: pl.DataFrame, intake: Intake
    ) -> tuple[Block, Cells]:
        """A table's rows, coded and placed in their cells."""
        import polars as pl

        weight = plan.dimensions.weight
        if weight is not None:  # the sums of the weights stand in columns of their own
            table = table.with_columns(pl.lit(1.0).alias(weight))
        known = self._encoders.axes
        encoders = evolve(_Encoders.of(plan), axes={name: known[name] for name in names})
        coded = encoders.block(table, plan.survey.name, 0, intake)
        cells, cell = encoders.cells(names, coded)
        return coded.block.grouped(cell, len(cells)), cells

    def _scratch(self) -> Intake:
        """Where rows are counted that stand for many: nowhere."""
        return Intake(dropped=[0] * len(self.plan.dimensions.keep))

    def _mask(self, table: pl.DataFrame) -> NDArray[np.bool_]:
        rows: IntArray = np.arange(table.height, dtype=np.int64)
        _, kept = self._encoders._kept(table, rows, self._scratch())
        mask = np.zeros(table.height, dtype=np.bool_)
        mask[kept[:]] = True
        return mask

    def _kept(self, table: pl.DataFrame) -> pl.DataFrame:
        return table.filter(self._mask(table))

    def _dropped(self, table: pl.DataFrame) -> Iterator[tuple[int, int]]:
        for place, rule in enumerate(self.plan.dimensions.keep):
            kept = keep_mask(table[rule.column], rule.is_, rule.not_)
            yield place, int(table.filter(~kept)[N].sum())
            table = table.filter(kept)


def _is_small(statistic: Statistic) -> bool:
    """Whether a table of its columns' combinations is small."""
    if not statistic.additive or _conditions(statistic):
        return False
    sources = dict.fromkeys(source for item in statistic.items for source in item.sources)
    if not all(isinstance(source, Item) for source in sources):
        return False
    return math.prod(s.size for s in sources if isinstance(s, Item)) <= MOST_COMBINATIONS


def _conditions(statistic: Statistic) -> bool:
    return any(conditions_of(item) for item in statistic.items)


def _recounted(odd: Odd, series: pl.Series, counts: Sequence[int] | Array, into: Odd) -> None:
    """Odd values again, by the responses that their rows stand for."""
    if not odd.count:
        return
    found = distinct(series)
    numbers = np.bincount(found.places, np.asarray(counts), len(found.texts)).astype(np.int64)
    by_text = dict(zip(found.texts, numbers.tolist(), strict=True))
    for text, one in odd.seen.items():
        count = by_text.get(text) or sum(
            n for t, n in by_text.items() if t is not None and t.strip().startswith(text)
        )
        into.add(text, count or one.count, one.fragment, 0)
    into.others += odd.others
