"""What pictures and findings need of the results of a share of a scale."""

from __future__ import annotations

from attrs import frozen

from satcore import ComparisonRow, Reading
from satcore_csat.metric import Csat, Effort, TopBox

#: The metrics that are a share of one item's scale.
KINDS = (Csat, Effort, TopBox)


@frozen(kw_only=True)
class Found(Reading[Csat | Effort | TopBox]):
    """The rows of one share of a scale."""

    @property
    def asked(self) -> str:
        """The item."""
        return self.metric.item

    def against_rest(self, term: str) -> list[ComparisonRow]:
        """Groups against the rest, of single columns, whose test could be made."""
        return [
            row
            for row in self.results.comparison_rows(self.measured.name, term)
            if row["kind"] == "rest" and len(row["cell"]) == 1 and row["p_adjusted"] is not None
        ]
