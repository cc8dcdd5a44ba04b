"""Random numbers by name and block: what is drawn never depends on what was drawn before.

A survey's numbers come from Philox, a counter-based generator (Salmon et al. 2011), keyed by the
seed and the name of what is drawn; the block is part of the counter. So any block of any column
can be made alone, in any order, and is always the same.

The population on which truths are found is spread evenly instead: by Sobol' points (Sobol' 1967,
scrambled as Matousek 1998), which leave far less to chance than as many random draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeAlias

import numpy as np
from attrs import define, field, frozen
from numpy.typing import NDArray

from satcore.inference import FloatArray
from satcore.replicates import hashed, mixed

#: Rows of a block: what is made at a time. The numbers of a block do not depend on how many of its
#: rows are wanted. Its columns of single-precision numbers stay in the processor's cache.
BLOCK = 1 << 16

#: Points have to be a power of two in each block.
_BLOCK_POWER = 16

#: More dimensions than this scipy's Sobol' points do not have.
_MOST_DIMENSIONS = 21_201

Singles: TypeAlias = NDArray[np.float32]


class Streams(Protocol):
    """Where the numbers of a block come from."""

    def normal(self, name: str, block: int) -> Singles:
        """Standard normal numbers: (BLOCK,)."""

    def uniform(self, name: str, block: int) -> FloatArray:
        """Numbers from 0 up to, but without, 1: (BLOCK,)."""

    def bits(self, name: str, block: int) -> NDArray[np.uint16]:
        """Whole numbers from 0 to 65,535, equally likely: (BLOCK,)."""


@frozen
class Drawn:
    """Numbers drawn at random.

    Attributes:
        seed: Their seed, from 0 to 2^64 - 1.
    """

    seed: int

    def _generator(self, name: str, block: int) -> np.random.Generator:
        first = int(mixed(np.array([self.seed], dtype=np.uint64))[0])
        key = np.array([first, hashed(name)], dtype=np.uint64)
        # The block is the counter's highest word: blocks never run into each other.
        counter = np.array([0, 0, 0, block], dtype=np.uint64)
        return np.random.Generator(np.random.Philox(key=key, counter=counter))

    def normal(self, name: str, block: int) -> Singles:
        """Standard normal numbers."""
        return self._generator(name, block).standard_normal(BLOCK, dtype=np.float32)

    def uniform(self, name: str, block: int) -> FloatArray:
        """Equally likely from 0 to 1."""
        return self._generator(name, block).random(BLOCK)

    def bits(self, name: str, block: int) -> NDArray[np.uint16]:
        """Equally likely from 0 to 65,535."""
        drawn = self._generator(name, block).bytes(2 * BLOCK)
        return np.frombuffer(drawn, dtype="<u2").astype(np.uint16, copy=False)


@define(eq=False)
class Spread:
    """Numbers spread evenly instead of drawn; those of names that are not listed are drawn.

    Rows run through the combinations of labels, each of which has its share of them. So a cell's
    people are neighbours in the sequence of points, and spread evenly among themselves.

    Attributes:
        rows: How many people there are.
        groups: Columns of labels and the labels' shares.
        names: What is spread besides, the most important first.
        rest: Draws the numbers of all other names.
    """

    rows: int
    groups: Mapping[str, Sequence[float]]
    names: tuple[str, ...]
    rest: Drawn
    _place: Mapping[str, int] = field(init=False)
    _points: dict[int, FloatArray] = field(init=False, factory=dict)
    _labels: dict[int, dict[str, FloatArray]] = field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        self._place = {name: place for place, name in enumerate(self.names[:_MOST_DIMENSIONS])}

    def _of_block(self, block: int) -> FloatArray:
        """The block's points, a scrambling of its own: (dimensions, BLOCK)."""
        if block not in self._points:
            from scipy.stats import qmc

            sobol = qmc.Sobol(len(self._place), scramble=True, seed=hashed(f"population {block}"))
            points: FloatArray = np.ascontiguousarray(sobol.random_base2(_BLOCK_POWER).T)
            self._points[block] = points
        return self._points[block]

    def _of_groups(self, block: int) -> dict[str, FloatArray]:
        """Where each person stands within each column of labels, from 0 to 1.

        What is left within a label of one column, stretched, says the label of the next.
        """
        if block not in self._labels:
            row = np.arange(block * BLOCK, (block + 1) * BLOCK)
            uniform: FloatArray = np.minimum((row + 0.5) / self.rows, np.nextafter(1.0, 0.0))
            self._labels[block] = known = {}
            for name, shares in self.groups.items():
                known[name] = uniform
                ends = np.cumsum(shares)
                place = np.searchsorted(ends[:-1], uniform, side="right")
                inside = (uniform - ends[place]) / np.array(shares)[place] + 1.0
                uniform = np.clip(inside, 0.0, np.nextafter(1.0, 0.0))
        return self._labels[block]

    def normal(self, name: str, block: int) -> Singles:
        """Standard normal numbers."""
        if name not in self._place:
            return self.rest.normal(name, block)
        from scipy.special import ndtri

        # A point at 0 would be infinitely far.
        uniform = np.maximum(self._of_block(block)[self._place[name]], 2.0**-53)
        return np.asarray(ndtri(uniform), dtype=np.float32)

    def uniform(self, name: str, block: int) -> FloatArray:
        """Evenly from 0 to 1."""
        if name in self.groups:
            return self._of_groups(block)[name]
        if name not in self._place:
            return self.rest.uniform(name, block)
        return np.asarray(self._of_block(block)[self._place[name]])

    def bits(self, name: str, block: int) -> NDArray[np.uint16]:
        """Equally likely from 0 to 65,535."""
        return self.rest.bits(name, block)
