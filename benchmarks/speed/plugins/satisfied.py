"""Share of some answers to a question, as anyone could add it: satisfied customers, say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import frozen

import satcore


@frozen(kw_only=True)
class Satisfied(satcore.Metric):
    """Share of the answers that count as satisfied.

    Attributes:
        item: The question.
        scale: Its scale.
        answers: The values that count.
    """

    item: str
    scale: str = "1..5"
    answers: tuple[int, ...] = (4, 5)

    def statistics(self, codebook: satcore.Codebook) -> Mapping[str, satcore.Statistic]:
        """The frequency table of the question."""
        return {"answered": satcore.Tally(codebook.item(self.item, self.scale))}

    def evaluate(self, answered: satcore.Tallied) -> Iterator[satcore.Estimate]:
        """The share."""
        yield answered.share(self.answers, term="satisfied")


@satcore.hookimpl
def satcore_metrics() -> list[satcore.MetricSpec]:
    """The share."""
    return [satcore.MetricSpec("satisfied", Satisfied, summary="Share of satisfied answers")]
