"""One block of respondents: what several of their columns share is drawn once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from attrs import define, field
from numpy.typing import NDArray

from satcore.testing.simulation.streams import Singles, Streams

_Value = TypeVar("_Value")

#: ``bits`` are below this.
BITS = 1 << 16


@define(eq=False)
class Chunk:
    """A block of respondents.

    Attributes:
        streams: Where its numbers come from.
        block: Its number, from 0.
    """

    streams: Streams
    block: int
    _known: dict[str, Any] = field(init=False, factory=dict)

    def once(self, name: str, make: Callable[[], _Value]) -> _Value:
        """What is made at the first call and kept for the others."""
        if name not in self._known:
            self._known[name] = make()
        return cast("_Value", self._known[name])

    def factor(self, name: str) -> Singles:
        """A factor that several questions share: (BLOCK,)."""
        return self.once(name, lambda: self.streams.normal(name, self.block))

    def hit(self, name: str, probability: float) -> NDArray[np.bool_]:
        """Who is met by something of a probability, to the nearest 1/65,536: (BLOCK,)."""
        bits = self.streams.bits(name, self.block)
        return bits < round(probability * BITS)
