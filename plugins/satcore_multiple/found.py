"""What pictures and findings need of the results of a multiple response set."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from attrs import frozen

from satcore import Reading
from satcore_multiple.metric import Multiple

#: What an option's share is called among the terms.
SHARE = "respondents"


@frozen(kw_only=True)
class Found(Reading[Multiple]):
    """The rows of one multiple response set."""

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """What each option is called, no two alike."""
        return self.titles(self.metric.names)

    @cached_property
    def ordered(self) -> tuple[str, ...]:
        """The options by their share of all respondents, the exclusive ones last."""
        names = self.metric.names
        exclusive = self.metric.exclusive

        def place(name: str) -> tuple[bool, float, int]:
            share = self.value(name, SHARE)
            return name in exclusive, 1.0 if share is None else -share, names.index(name)

        return tuple(sorted(names, key=place))
