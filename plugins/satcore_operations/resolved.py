"""Whether a complaint was resolved for good, as an item."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from satcore import Derived, IntArray, Text


@frozen(cache_hash=True)
class Resolved(Derived):
    """1 where a complaint was resolved and did not come back, 0 where not.

    One of which nobody says whether it came back is taken at its word.

    Attributes:
        done: 1 where it is said to be resolved.
        again: 1 where it came back.
        name: What results call it.
        label: What it says, for people.
    """

    done: Derived
    again: Derived
    name: str = field(default="resolved", eq=False, kw_only=True)
    label: Text | None = field(default=None, eq=False, kw_only=True)

    @property
    def parts(self) -> tuple[Derived, ...]:
        """Both."""
        return (self.done, self.again)

    @property
    def low(self) -> int:
        """Not resolved."""
        return 0

    @property
    def high(self) -> int:
        """Resolved."""
        return 1

    @property
    def key(self) -> str:
        """Both."""
        return f"operations.resolved({self.done.key},{self.again.key})"

    def combine(
        self, numerators: Sequence[IntArray], answered: Sequence[NDArray[np.bool_]]
    ) -> tuple[IntArray, NDArray[np.bool_]]:
        """Resolved, and not again."""
        came_back = answered[1] & (numerators[1] == 1)
        return np.where(came_back, 0, numerators[0]), answered[0]
