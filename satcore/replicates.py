"""Replicates: any statistic counted many times over, each respondent drawn anew each time.

A Poisson bootstrap: in each replicate a respondent counts 0, 1, 2, ... times, as a Poisson
variable of mean 1 says (Hanley and MacGibbon 2006; Chamandy et al. 2012). The number comes from
a counter-based generator keyed by seed, respondent and replicate, so that it does not depend on
who is read beside whom: states of replicates merge like any other.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from satcore.derived import AnyItem
from satcore.inference import FloatArray, IntArray
from satcore.states import Array, Field
from satcore.statistics import Counted, Statistic

if TYPE_CHECKING:
    from satcore.blocks import Block

#: Cumulative probabilities of a Poisson variable of mean 1, up to where a double sees no more.
_POISSON = np.cumsum([math.exp(-1) / math.factorial(k) for k in range(18)])


def mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Well-mixed bits from any numbers: the finaliser of SplitMix64 (Steele et al. 2014)."""
    with np.errstate(over="ignore"):
        z = numbers + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def hashed(text: str) -> int:
    """64 bits that stand for a text, the same on every machine."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def _keys(replicates: NDArray[np.uint64], seed: int) -> NDArray[np.uint64]:
    """What tells replicates apart."""
    return mixed(np.array([seed], dtype=np.uint64) ^ mixed(replicates))


def _drawn(bits: NDArray[np.uint64]) -> IntArray:
    """Poisson variables of mean 1 from even bits, by the distribution's inverse."""
    uniform = (bits >> np.uint64(11)) * 2.0**-53
    return np.searchsorted(_POISSON, uniform, side="right").astype(np.int64)


def times_drawn(identity: NDArray[np.uint64], replicate: int, seed: int) -> IntArray:
    """How often each respondent counts in a replicate: (rows,)."""
    return _drawn(mixed(identity ^ _keys(np.array([replicate], dtype=np.uint64), seed)))


@cache
def _by_first_bits() -> tuple[FloatArray, NDArray[np.bool_]]:
    """The variable that the first 16 bits alone decide, and where they do not."""
    ends = np.arange(1 << 16, dtype=np.uint64) << np.uint64(48)
    least, most = _drawn(ends), _drawn(ends | np.uint64((1 << 48) - 1))
    return least.astype(np.float64), least != most


def all_times_drawn(identity: NDArray[np.uint64], count: int, seed: int) -> FloatArray:
    """How often each respondent counts in each replicate: (replicates, rows).

    The same numbers as ``times_drawn``, looked up by their first bits wherever these decide.
    """
    keys = _keys(np.arange(count, dtype=np.uint64), seed)
    bits = mixed(identity[None, :] ^ keys[:, None])
    values, open_ = _by_first_bits()
    first = (bits >> np.uint64(48)).astype(np.intp)
    times = values[first]
    left = np.nonzero(open_[first])
    times[left] = _drawn(bits[left])
    return times


@frozen
class Replicates(Statistic):
    """A statistic in replicates.

    Attributes:
        statistic: What is counted.
        count: How many replicates.
        seed: The generator's seed.
    """

    statistic: Statistic
    count: int = 200
    seed: int = 0

    def __attrs_post_init__(self) -> None:
        if self.count < 2 or self.seed < 0:
            raise ValueError("replicates are at least 2, and their seed is not negative")

    @property
    def items(self) -> tuple[AnyItem, ...]:
        """The statistic's items."""
        return self.statistic.items

    @property
    def resamples(self) -> bool:
        """It has to tell respondents apart."""
        return True

    @property
    def key(self) -> str:
        """The statistic's key, how many times and by which seed."""
        return f"replicates({self.statistic.key};{self.count};{self.seed})"

    def fields(self, *, weighted: bool) -> Mapping[str, Field]:
        """The statistic's arrays, the replicate as their first axis after the cell."""
        return {
            name: evolve(one, shape=(self.count, *one.shape))
            for name, one in self.statistic.fields(weighted=weighted).items()
        }

    def observe(self, block: Block) -> Mapping[str, Array]:
        """Count one block, replicate by replicate."""
        if block.identity is None:
            raise ValueError("replicates need to know who is who")
        identity = block.identity

        def times(rows: NDArray[np.intp]) -> FloatArray:
            return all_times_drawn(identity[rows], self.count, self.seed)

        at_once = self.statistic.observe_replicates(block, self.count, times)
        if at_once is not None:
            return at_once
        counted = [
            self.statistic.observe(
                block.repeated(times_drawn(block.identity, replicate, self.seed))
            )
            for replicate in range(self.count)
        ]
        return {name: np.stack([one[name] for one in counted], axis=1) for name in counted[0]}

    def view(self, counted: Counted) -> Replicated:
        """Each replicate as the statistic would show it."""
        return Replicated(
            views=tuple(
                self.statistic.view(
                    evolve(
                        counted,
                        arrays={name: array[:, one] for name, array in counted.arrays.items()},
                    )
                )
                for one in range(self.count)
            )
        )


@frozen(kw_only=True, eq=False)
class Replicated:
    """Counted replicates.

    Attributes:
        views: What the statistic shows of each.
    """

    views: tuple[Any, ...]

    def of(self, f: Any) -> FloatArray:
        """A number by cell from every replicate: (cells, replicates).

        Args:
            f: Takes what the statistic shows and gives a number by cell.
        """
        return np.stack([np.asarray(f(view), dtype=np.float64) for view in self.views], axis=1)
