"""Which cells to withhold, so that no withheld one can be computed back from what is shown.

A cell with few answers is withheld. Where the cells of a line add up to a total that is shown,
one withheld cell alone is the total less the others, so that more cells have to be withheld with
it. Whether they protect each other is asked by the hypercube method (Repsilber 1994; Giessing and
Repsilber 2002, in Domingo-Ferrer, Inference Control in Statistical Databases): a withheld cell is
a corner of a cube of withheld cells, on which one respondent more at every other corner and one
less at the others changes no total. Then what is shown fits at least two tables, and no solver
can tell which is the true one. Lines with two withheld cells each do not suffice for that
(Cox 1980, JASA 75; Cox 1995, JASA 90).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import TypeAlias

import numpy as np
from attrs import define, field, frozen
from numpy.typing import NDArray

Names: TypeAlias = tuple[str, ...]
_Bools: TypeAlias = NDArray[np.bool_]
_Ints: TypeAlias = NDArray[np.int64]

#: Said of a code of ``Shown.agreed``: the answers of the cell differ, or nothing is known.
DIFFERING = -1


@frozen(kw_only=True, eq=False)
class Shown:
    """The tables that would be shown of one number of answers.

    Attributes:
        counts: Answers by grouping set, one axis a dimension; dimensions stand in one order in
            all sets, and with the same labels.
        agreed: By grouping set, what all answers of a cell agree on, as a code of 0 and more, or
            ``DIFFERING``: the numbers first, then the cells. Sets may be missing.
    """

    counts: Mapping[Names, _Ints]
    agreed: Mapping[Names, _Ints] = field(factory=dict)


def withheld(shown: Shown, below: int) -> dict[Names, _Bools]:
    """The cells to withhold, by grouping set: those with few answers, and those that protect them.

    Cells without answers are never withheld. More cells are withheld as they cost the fewest
    answers, the first in the order of labels among equals; totals where no others are left.

    Args:
        shown: What would be shown.
        below: Cells with fewer answers are withheld.
    """
    search = _Search(
        counts=dict(shown.counts),
        agreed=dict(shown.agreed),
        masks={names: np.array((n > 0) & (n < below)) for names, n in shown.counts.items()},
        safe={names: np.zeros(n.shape, dtype=bool) for names, n in shown.counts.items()},
    )
    search.run()
    return search.masks


@frozen(eq=False)
class _Move:
    """A cube of cells, as far as it is laid: one respondent more or less at its corners.

    Attributes:
        axes: The dimensions along which the corners lie.
        here: The labels of the first corner.
        there: The labels of the opposite one, along ``axes``.
        rises: Whether the first corner gets one more.
        cost: Answers that are newly withheld.
    """

    axes: Names
    here: Mapping[str, int]
    there: Mapping[str, int]
    rises: bool
    cost: int

    def corners(self, names: Names) -> Iterator[tuple[tuple[int, ...], bool]]:
        """The corners' places in a grouping set that has all of ``axes``; whether each gains."""
        for far in product((False, True), repeat=len(self.axes)):
            across = {name for name, one in zip(self.axes, far, strict=True) if one}
            place = tuple(self.there[one] if one in across else self.here[one] for one in names)
            yield place, self.rises != bool(len(across) % 2)


@define(eq=False)
class _Search:
    """Cells withheld so far, and which of them are known to be protected."""

    counts: dict[Names, _Ints]
    agreed: dict[Names, _Ints]
    masks: dict[Names, _Bools]
    safe: dict[Names, _Bools]
    strict: bool = True

    @property
    def largest(self) -> list[Names]:
        """The sets that no other contains."""
        sets = list(self.counts)
        return [one for one in sets if not any(set(one) < set(other) for other in sets)]

    def run(self) -> None:
        """Withhold until every withheld cell is protected; everything where that fails."""
        order = sorted(self.counts, key=lambda names: -len(names))
        while True:
            before = sum(int(mask.sum()) for mask in self.masks.values())
            for names in order:
                for place in np.argwhere(self.masks[names] & ~self.safe[names]):
                    cell = tuple(place.tolist())
                    if self.safe[names][cell]:
                        continue
                    # Rather the answers' number alone is hidden than nothing shown at all.
                    move = self._cheapest(names, cell) or self._cheapest(names, cell, strict=False)
                    if move is None:
                        self.masks = {one: np.array(n > 0) for one, n in self.counts.items()}
                        return
                    self._take(move)
            if before == sum(int(mask.sum()) for mask in self.masks.values()):
                return

    def _take(self, move: _Move) -> None:
        for names in self.counts:
            if set(move.axes) <= set(names) and set(names) <= set(move.here):
                for corner, _ in move.corners(names):
                    self.masks[names][corner] = True
                    self.safe[names][corner] = True

    def _cheapest(
        self, names: Names, cell: tuple[int, ...], *, strict: bool = True
    ) -> _Move | None:
        """The cube on a cell that costs the fewest answers.

        Args:
            names: The cell's grouping set.
            cell: Its place there.
            strict: Whether answers that agree have to be hidden too.
        """
        self.strict = strict
        fixed = dict(zip(names, cell, strict=True))
        best: _Move | None = None
        for size in range(len(names), -1, -1):
            if best is not None and best.cost == 0:
                break
            for axes in combinations(names, size):
                for rises in (True, False):
                    found = self._laid(axes, fixed, rises, names)
                    if found is not None and (best is None or found.cost < best.cost):
                        best = found
        return best

    def _laid(self, axes: Names, fixed: dict[str, int], rises: bool, names: Names) -> _Move | None:
        """The cheapest cube along some dimensions, laid through every set that would show it."""
        through = [one for one in self.largest if set(axes) <= set(one)]
        # First the sets that hold the cell itself.
        through.sort(key=lambda one: not set(names) <= set(one))
        here, there, cost = dict(fixed), dict[str, int](), 0
        counted: set[Names] = set()
        for largest in through:
            found = self._extended(largest, axes, here, there, rises, counted)
            if found is None:
                return None
            here |= found.here
            there |= found.there
            cost += found.cost
            counted |= {one for one in self.counts if set(axes) <= set(one) <= set(largest)}
        return _Move(axes=axes, here=here, there=there, rises=rises, cost=cost)

    def _extended(
        self,
        largest: Names,
        axes: Names,
        here: Mapping[str, int],
        there: Mapping[str, int],
        rises: bool,
        counted: set[Names],
    ) -> _Move | None:
        """The cheapest way of a cube through one set, where the labels known so far stand."""
        n = self.counts[largest]

        def index(of: Names, far: set[str]) -> tuple[slice, ...]:
            known = {**here, **{name: there.get(name) for name in far}}
            places = [known.get(name) for name in of]
            return tuple(slice(None) if one is None else slice(one, one + 1) for one in places)

        shape = [
            n.shape[place] if (name not in there if name in axes else name not in here) else 1
            for place, name in enumerate(largest)
        ]
        valid = np.ones(shape, dtype=bool)
        cost = np.zeros(shape, dtype=np.int64)
        inside = [one for one in self.counts if set(axes) <= set(one) <= set(largest)]
        for bits in product((False, True), repeat=len(axes)):
            far = {name for name, one in zip(axes, bits, strict=True) if one}
            gains = rises != bool(len(far) % 2)
            # A cell that is withheld has answers, which readers know.
            valid &= n[index(largest, far)] >= (1 if gains else 2)
            for one in inside:
                if one in counted:
                    continue
                where = index(one, far)
                new = np.where(self.masks[one][where], 0, self.counts[one][where])
                lacking = [place for place, name in enumerate(largest) if name not in one]
                cost = cost + np.expand_dims(new, lacking)
        for place, name in enumerate(largest):
            if name in axes and name not in there:
                valid[(slice(None),) * place + (here[name],)] = False
        return self._first(largest, axes, here, there, rises, np.where(valid, cost, -1))

    def _first(
        self,
        largest: Names,
        axes: Names,
        here: Mapping[str, int],
        there: Mapping[str, int],
        rises: bool,
        cost: _Ints,
    ) -> _Move | None:
        """The cheapest of the cubes that are there (cost 0 and more) and hide the numbers too."""
        places = np.flatnonzero(cost.ravel() >= 0)
        for place in places[np.argsort(cost.ravel()[places], kind="stable")].tolist():
            at = dict(zip(largest, np.unravel_index(place, cost.shape), strict=True))
            move = _Move(
                axes=axes,
                here={name: here.get(name, int(at[name])) for name in largest},
                there={name: there.get(name, int(at[name])) for name in axes},
                rises=rises,
                cost=int(cost.ravel()[place]),
            )
            agreed = self.agreed.get(largest) if self.strict else None
            if agreed is None or _hides(agreed, move, largest):
                return move
        return None


def _hides(agreed: _Ints, move: _Move, names: Names) -> bool:
    """Whether the numbers of a cube's corners could be others, too.

    Of answers that all agree in every corner, readers know each corner's number from their sum.
    """
    corners = list(move.corners(names))
    cells = agreed.reshape(len(agreed), -1)
    shape = agreed.shape[1:]
    places = [np.ravel_multi_index(place, shape) if place else 0 for place, _ in corners]
    codes: _Ints = np.take(cells, [int(place) for place in places], axis=1)
    signs = np.array([1 if gains else -1 for _, gains in corners], dtype=np.int64)
    for code in np.unique(codes[codes != DIFFERING]).tolist():
        full, none = codes == code, (codes >= 0) & (codes != code)
        touched = full.any(axis=1)
        if touched.any() and not _loose(full[touched], none[touched], signs).all():
            return False
    return True


def _loose(full: _Bools, none: _Bools, signs: _Ints) -> _Bools:
    """Whether the answers with one code, and their share in every corner, may be others.

    ``more`` respondents and ``with_it`` answers of the code are added at the corners that gain and
    taken at the others. A corner where all have the code can't have more of it than respondents,
    one where none has it can't have less than none.
    """
    moved = np.zeros(len(full), dtype=bool)
    changed = np.zeros(full.shape, dtype=bool)
    for more, with_it in product((0, 1), (-1, 0, 1)):
        fits = ~(full & (signs * with_it > signs * more)) & ~(none & (signs * with_it < 0))
        can: _Bools = np.all(fits, axis=1)
        moved |= can & (more == 1)
        other = np.where(full, with_it != more, np.where(none, with_it != 0, more + with_it != 0))
        changed |= can[:, None] & other
    return moved & changed.all(axis=1)


def closed(counts: Mapping[Names, _Ints], along: Sequence[str]) -> dict[Names, _Ints]:
    """The tables, and the totals over dimensions that comparisons with the rest give away.

    Args:
        counts: Answers by grouping set.
        along: The dimensions along which cells are held against all others.
    """
    every = dict(counts)
    waiting = list(counts)
    while waiting:
        names = waiting.pop()
        for place, name in enumerate(names):
            coarser = tuple(one for one in names if one != name)
            if name in along and coarser not in every:
                every[coarser] = np.array(every[names].sum(axis=place))
                waiting.append(coarser)
    return every
