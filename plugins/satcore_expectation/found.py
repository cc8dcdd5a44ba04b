"""What pictures and findings need of the results of expectation confirmation."""

from __future__ import annotations

from attrs import frozen

from satcore import Reading, finite
from satcore_expectation.metric import Expectation


@frozen(kw_only=True)
class Found(Reading[Expectation]):
    """The rows of one model of expectations."""

    def tested(self, item: str, term: str) -> tuple[float, float] | None:
        """The statistic and the adjusted p of a test against a fixed value, over all answers."""
        for row in self.results.comparison_rows(self.measured.name, term):
            if row["kind"] == "null" and row["item"] == item and not row["cell"]:
                statistic, p = finite(row["statistic"]), finite(row["p_adjusted"])
                if statistic is not None and p is not None:
                    return statistic, p
        return None

    def shown(self, item: str, term: str) -> bool | None:
        """Whether a test against a fixed value refuses it; None where there is no test."""
        test = self.tested(item, term)
        return None if test is None else test[1] < 1 - self.results.about.confidence
