"""What pictures and findings need of the results of drivers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from attrs import frozen

from satcore import Reading


@frozen(kw_only=True)
class Found(Reading[Any]):
    """The rows of one metric of drivers."""

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """What each driver is called, no two alike."""
        return self.titles(self.metric.names)

    @property
    def names(self) -> tuple[str, ...]:
        """The drivers, as the study lists them."""
        return tuple(self.labels)

    @property
    def outcome(self) -> str:
        """What the outcome is called."""
        return self.question(str(getattr(self.metric, "outcome", "") or ""))

    def ordered(self, term: str) -> tuple[str, ...]:
        """The drivers by a term over all answers, greatest first; those without it last."""

        def place(name: str) -> tuple[bool, float, int]:
            value = self.value(name, term)
            return value is None, -(value or 0.0), self.names.index(name)

        return tuple(sorted(self.names, key=place))
