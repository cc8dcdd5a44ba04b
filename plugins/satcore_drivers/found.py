"""What pictures and findings need of the results of drivers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final

from attrs import frozen

from satcore import Reading, Texts

#: Numbers rest on those who answered all that a model needs, not on the answers to one question.
BASES: Final[Texts] = {"base": ("Respondents", "受访者数")}


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

    def word(self, key: str, **values: object) -> str:
        """A text that pictures and findings share."""
        return self.say(BASES, key, **values) if key in BASES else super().word(key, **values)

    def ordered(self, term: str) -> tuple[str, ...]:
        """The drivers by a term over all answers, greatest first; those without it last."""

        def place(name: str) -> tuple[bool, float, int]:
            value = self.value(name, term)
            return value is None, -(value or 0.0), self.names.index(name)

        return tuple(sorted(self.names, key=place))
