"""What a respondent thinks before it becomes an answer, and when there is none."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from satcore.replicates import hashed
from satcore.testing.simulation.chunks import Chunk
from satcore.testing.simulation.groups import Group
from satcore.testing.simulation.streams import BLOCK, Singles

if TYPE_CHECKING:
    pass

#: How far a question's location may lie from the middle, in standard deviations.
LOCATION = 0.6


@frozen(kw_only=True)
class Latent:
    """What a respondent thinks, before it becomes an answer. Its standard deviation is 1.

    Attributes:
        name: The question's column.
        factors: Factors that other questions share, and the part of the variance each has.
        groups: Segments and waves that shift it.
        location: Where its middle lies.
    """

    name: str
    factors: tuple[tuple[str, float], ...] = ()
    groups: tuple[Group, ...] = ()
    location: float = 0.0

    @property
    def stream(self) -> str:
        """The name of its own random numbers."""
        return f"answer {self.name}"

    def values(self, chunk: Chunk) -> Singles:
        """Every respondent's: (BLOCK,)."""
        own = 1.0 - math.fsum(part for _, part in self.factors)
        values = chunk.streams.normal(self.stream, chunk.block) * np.float32(math.sqrt(own))
        for factor, part in self.factors:
            values += chunk.factor(factor) * np.float32(math.sqrt(part))
        values += np.float32(self.location)
        values += chunk.once("shift", lambda: self._shift(chunk))
        return values

    def _shift(self, chunk: Chunk) -> Singles:
        """The same for all questions, so it is made once a block."""
        return sum((one.shift(chunk) for one in self.groups), np.zeros(BLOCK, dtype=np.float32))


def location_of(column: str) -> float:
    """A question's location: it follows from its name, so that questions differ."""
    return LOCATION * (2.0 * hashed(f"location {column}") / 2**64 - 1.0)


@frozen(kw_only=True)
class Gaps:
    """When an answer is missing. None of it depends on what the answer would have been.

    Attributes:
        column: The column.
        place: Its place in the questionnaire, from 1.
        places: How many questions there are.
        dimension: What may be left out as a whole; empty for nothing.
        missing_rate: As in ``Settings``.
        not_used: As in ``Settings``.
        break_off: As in ``Settings``.
    """

    column: str
    place: int
    places: int
    dimension: str = ""
    missing_rate: float = 0.0
    not_used: float = 0.0
    break_off: float = 0.0

    def mask(self, chunk: Chunk) -> NDArray[np.bool_]:
        """Whose answer is missing: (BLOCK,)."""
        gone = chunk.hit(f"missing {self.column}", self.missing_rate)
        if self.dimension and self.not_used:
            name = f"not used {self.dimension}"
            gone |= chunk.once(name, lambda: chunk.hit(name, self.not_used))
        if self.break_off:
            gone |= chunk.once("break off", lambda: self._last_answered(chunk)) < self.place
        return gone

    def _last_answered(self, chunk: Chunk) -> NDArray[np.intp]:
        """The place of each respondent's last question: the first at the earliest."""
        stops = chunk.hit("break off", self.break_off)
        last = 1 + (chunk.streams.uniform("last", chunk.block) * self.places).astype(np.intp)
        return np.where(stops, last, self.places)
