"""Which cells of a run are withheld, the same for all numbers that rest on the same answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

import numpy as np
from attrs import define, field
from numpy.typing import NDArray

from satcore.estimates import Estimate
from satcore.inference import IntArray
from satcore.lineup import Lineup, Section
from satcore.planning import WAVE, GroupingSet, Plan
from satcore.states import Label
from satcore.withholding import DIFFERING, Shown, closed, withheld

#: A lineup, the numbers of the cells that something speaks of, and their answers.
Based: TypeAlias = tuple[Lineup, IntArray, IntArray]

#: Stands for the answers of a cell in which a metric failed: nobody told how many.
_UNKNOWN = -1


@define(eq=False)
class _Group:
    """Numbers of answers that are the same in every cell that they share.

    Attributes:
        counts: Answers by grouping set, in the shape of its cells.
        agreed: What all answers of a cell agree on, one array a number.
        masks: Which cells are withheld; None until that is asked.
    """

    counts: dict[GroupingSet, IntArray] = field(factory=dict)
    agreed: dict[GroupingSet, list[IntArray]] = field(factory=dict)
    masks: dict[GroupingSet, NDArray[np.bool_]] | None = None

    def fits(self, counts: dict[GroupingSet, IntArray]) -> bool:
        """Whether there are cells in common, and none is known to have other answers."""
        common = [(self.counts[names], counts[names]) for names in self.counts if names in counts]
        return bool(common) and all(_alike(mine, theirs) for mine, theirs in common)

    def open_to(self, counts: dict[GroupingSet, IntArray]) -> bool:
        """Whether what is withheld speaks of all these sets, or is still to be found."""
        return self.masks is None or set(counts) <= set(self.masks)

    def add(self, counts: dict[GroupingSet, IntArray]) -> None:
        """Take in more cells."""
        for names, theirs in counts.items():
            mine = self.counts.get(names)
            self.counts[names] = theirs if mine is None else np.maximum(mine, theirs)


def _alike(mine: IntArray, theirs: IntArray) -> bool:
    """Whether no cell is known to have other answers."""
    known = (mine != _UNKNOWN) & (theirs != _UNKNOWN)
    return not ((mine != theirs) & known).any()


@define(eq=False)
class Cover:
    """The cells that a run withholds.

    All numbers have to be told of first; a number that rests on the answers of another, cell by
    cell, is withheld with it, or else the two would tell what each withholds.

    Attributes:
        plan: The plan.
        waves: The labels of the waves, where there are any.
    """

    plan: Plan
    waves: tuple[Label, ...] = ()
    _groups: list[_Group] = field(factory=list, init=False)

    @property
    def below(self) -> int:
        """Cells with fewer answers are withheld; with 1 and 0 none is."""
        return self.plan.about.suppress_below

    def add(self, lineup: Lineup, good: IntArray, estimates: Iterable[Estimate]) -> None:
        """Tell of estimates that will be shown.

        Args:
            lineup: Their cells.
            good: The numbers of the cells that they stand for.
            estimates: The estimates.
        """
        if self.below <= 1:
            return
        by_wave: dict[str, dict[str, dict[GroupingSet, IntArray]]] = {}
        for estimate in estimates:
            counts = dict(_tables(lineup, good, estimate.answers, _UNKNOWN))
            if self._wave_of(counts) is not None:
                continue  # Its cells are known as those of a wave.
            if estimate.item in self.waves:
                by_wave.setdefault(estimate.term, {})[estimate.item] = counts
                continue
            group = self._told(counts)
            codes = _agreed(estimate)
            for names, table in _tables(lineup, good, codes, DIFFERING):
                known = group.agreed.setdefault(names, [])
                if not any(np.array_equal(table, one) for one in known):
                    known.append(table)
        for every in by_wave.values():
            # What is said of a wave may rest on all of them, as a fitted value does.
            told = {
                wave: counts
                for wave, counts in every.items()
                if not any(group.fits(counts) for group in self._groups)
            }
            if told and not all(self._wave_of(counts) for counts in told.values()):
                self._told(self._stacked(told))

    def _stacked(self, told: dict[str, dict[GroupingSet, IntArray]]) -> dict[GroupingSet, IntArray]:
        """The tables by wave of numbers whose items are waves, and their totals."""
        stacked: dict[GroupingSet, IntArray] = {}
        for names, table in next(iter(told.values())).items():
            full = np.full((*table.shape, len(self.waves)), _UNKNOWN, dtype=np.int64)
            for wave, counts in told.items():
                full[..., self.waves.index(wave)] = counts[names]
            stacked[*names, WAVE] = full
            stacked[names] = np.array(np.maximum(full, 0).sum(axis=-1))
        return stacked

    def add_base(self, lineup: Lineup, good: IntArray, base: IntArray) -> None:
        """Tell of a number of answers that something else rests on."""
        if self.below > 1:
            self._told(dict(_tables(lineup, good, base, _UNKNOWN)))

    def add_waves(self, whole: Based, divided: Based) -> None:
        """Tell of the waves of an estimate that a metric looks at, and may show.

        Args:
            whole: The lineup, the good cells and the answers of the estimate.
            divided: The same of its waves.
        """
        if self.below > 1:
            self._told(dict([*_tables(*whole, _UNKNOWN), *_tables(*divided, _UNKNOWN)]))

    def _name(self, wave: int) -> Label:
        return self.waves[wave] if wave < len(self.waves) else None

    def _told(self, counts: dict[GroupingSet, IntArray]) -> _Group:
        for group in self._groups:
            if group.fits(counts) and group.open_to(counts):
                break
        else:
            group = _Group()
            self._groups.append(group)
        if group.masks is None:
            group.add(counts)
        return group

    def _wave_of(
        self, counts: dict[GroupingSet, IntArray], item: str = ""
    ) -> tuple[_Group, int] | None:
        """The group and the wave whose cells these are: what a metric says of one wave.

        Of waves with the same answers it is the one that the item names.
        """
        if any(group.fits(counts) for group in self._groups):
            return None  # They are cells of their own.
        for group in self._groups:
            waves = [group.counts.get((*names, WAVE)) for names in counts]
            tables = [table for table in waves if table is not None]
            if not tables or len(tables) < len(counts):
                continue
            for wave in sorted(range(tables[0].shape[-1]), key=lambda one: self._name(one) != item):
                sides = zip(counts.values(), tables, strict=True)
                if all(_alike(mine, table[..., wave]) for mine, table in sides):
                    return group, wave
        return None

    def withheld(
        self, lineup: Lineup, good: IntArray, base: IntArray, item: str = ""
    ) -> NDArray[np.bool_]:
        """Whether each entry of a lineup's cell axis is withheld, rests too.

        Args:
            lineup: The cells.
            good: The numbers of the cells that ``base`` speaks of.
            base: Their answers.
            item: What they answered; the wave, where something is said of one.
        """
        hidden = np.zeros(lineup.size, dtype=bool)
        if self.below <= 1:
            return hidden
        hidden[good] = (base > 0) & (base < self.below)
        counts = dict(_tables(lineup, good, base, _UNKNOWN))
        found = self._wave_of(counts, item) if lineup.waves is None else None
        if found is not None:
            group, wave = found
            by_wave = self._known_masks(group)
            for section in lineup.sections:
                here = slice(section.start, section.start + len(section.cells))
                hidden[here] |= by_wave[*section.names, WAVE][..., wave].ravel()
            return hidden
        fitting = [one for one in self._groups if one.fits(counts)]
        if lineup.waves is None:
            fitting = [one for one in fitting if one.open_to(counts)]
        elif not fitting:
            return hidden  # Waves that no row shows.
        masks = self._known_masks(fitting[0] if fitting else self._told(counts))
        if lineup.waves is not None:
            return hidden | self._of_waves(lineup, masks)
        answered = np.zeros(lineup.size, dtype=bool)
        answered[good] = base > 0
        for section in lineup.sections:
            mask = masks[section.names]
            here = slice(section.start, section.start + mask.size)
            hidden[here] |= mask.ravel()
            for axis, start in section.rests.items():
                # The cell and its rest together are the total along the axis.
                hidden[start : start + mask.size] |= _spread(section, axis, masks)
        return hidden & answered

    def hides_total(self, answers: int) -> bool:
        """Whether a number of answers of all respondents is that of a total that is withheld."""
        return self.below > 1 and (
            0 < answers < self.below
            or any(
                int(group.counts[()]) == answers and bool(self._known_masks(group)[()])
                for group in self._groups
                if () in group.counts
            )
        )

    def _known_masks(self, group: _Group) -> dict[GroupingSet, NDArray[np.bool_]]:
        """What is withheld of a group, found at the first question."""
        if group.masks is None:
            group.masks = self._masks(group)
        return group.masks

    def _masks(self, group: _Group) -> dict[GroupingSet, NDArray[np.bool_]]:
        counts = {names: np.maximum(table, 0) for names, table in group.counts.items()}
        along = self.plan.dimensions.segments if "rest" in self.plan.comparisons else ()
        agreed = {names: np.stack(tables) for names, tables in group.agreed.items()}
        return withheld(Shown(counts=closed(counts, along), agreed=agreed), self.below)

    @staticmethod
    def _of_waves(lineup: Lineup, masks: dict[GroupingSet, NDArray[np.bool_]]) -> NDArray[np.bool_]:
        hidden = np.zeros((lineup.cells, len(lineup.waves or ())), dtype=bool)
        for section in lineup.sections:
            mask = masks.get((*section.names, WAVE))
            if mask is not None:
                rows = mask.reshape(len(section.cells), -1)[:, list(lineup.places)]
                hidden[section.start : section.start + len(section.cells)] = rows
        return hidden.ravel()


def _spread(
    section: Section, axis: str, masks: dict[GroupingSet, NDArray[np.bool_]]
) -> NDArray[np.bool_]:
    """For every cell of a section, whether the total along an axis is withheld."""
    coarser = tuple(name for name in section.names if name != axis)
    place = section.names.index(axis)
    mask = np.expand_dims(masks[coarser], place)
    return np.asarray(np.broadcast_to(mask, section.cells.shape)).ravel()


def _tables(
    lineup: Lineup, good: IntArray, told: IntArray, otherwise: int
) -> Iterator[tuple[GroupingSet, IntArray]]:
    """What is told of the good cells, by grouping set and in the shape of its cells."""
    full = np.full(lineup.size, otherwise, dtype=np.int64)
    full[good] = told
    for section in lineup.sections:
        here = slice(section.start, section.start + len(section.cells))
        if lineup.waves is None:
            yield section.names, full[here].reshape(section.cells.shape)
            continue
        # Of a wave without a place in time nothing is known here.
        by_wave = np.full((len(section.cells), lineup.dated_of), otherwise, dtype=np.int64)
        by_wave[:, list(lineup.places)] = full.reshape(lineup.cells, -1)[here]
        names = (*section.names, WAVE)
        yield names, by_wave.reshape(*section.cells.shape, lineup.dated_of)


def _agreed(estimate: Estimate) -> IntArray:
    """For every cell, a code of the number that all its answers agree on, or ``DIFFERING``.

    Answers agree where a number is without error, or where there is one alone. A share of 0 says
    only what nobody answered. Of a number on which the answers of the total agree nothing is
    left to hide.
    """
    agree = (estimate.answers == 1) | (estimate.std_error == 0)
    agree &= np.isfinite(estimate.value) & (estimate.base > 0)
    if estimate.unit == "proportion":
        agree &= estimate.value > 0
    codes = np.full(estimate.base.shape, DIFFERING, dtype=np.int64)
    if agree.any() and not agree[0]:
        # Rounded, as equal answers give sums that differ in their last digits.
        told = np.round(estimate.value[agree], 9)
        codes[agree] = np.unique(told, return_inverse=True)[1].ravel()
    return codes
