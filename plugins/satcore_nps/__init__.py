"""The Net Promoter Score: promoters less detractors, in points from -100 to 100.

Source: Reichheld (2003), Harvard Business Review 81(12), "The one number you need to grow".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from attrs import field, frozen

from satcore import (
    NET_INTERVALS,
    WEIGHTED_NET_INTERVALS,
    Chart,
    Codebook,
    Estimate,
    Metric,
    MetricSpec,
    OptionError,
    Results,
    Statistic,
    Tallied,
    Tally,
    hookimpl,
    near,
    weighted_refusal,
)


@frozen(kw_only=True)
class NPS(Metric):
    """Net Promoter Score.

    Attributes:
        item: The question "how likely are you to recommend us".
        scale: Its scale: a range or the name of a declared scale.
        detractors: The highest value that counts as a detractor.
        promoters: The lowest value that counts as a promoter.
        interval: ``adjusted_wald`` (Rocks 2016: 3/4, 3/2, 3/4 answers added), ``score`` (Tango
            1998), ``wald``, ``may_johnson`` (1997), ``bootstrap`` or ``linearised``; left out,
            ``adjusted_wald``, and ``linearised`` for weighted answers.
        seed: Seed of the bootstrap.
    """

    item: str
    scale: str = "0..10"
    detractors: int = 6
    promoters: int = 9
    interval: str | None = None
    seed: int = field(default=0)

    def statistics(self, codebook: Codebook) -> Mapping[str, Statistic]:
        """The frequency table of the question.

        Raises:
            OptionError: Break points that don't divide the scale, or an interval that is unknown
                or can't stand under weights.
        """
        item = codebook.item(self.item, self.scale)
        low, high = item.scale.low, item.scale.high
        if not low <= self.detractors < self.promoters <= high:
            raise OptionError(
                "promoters",
                f"detractors answer {low} to {self.detractors} and promoters {self.promoters} to "
                f"{high}; on {item.scale} there have to be some of both, and no answer in both",
            )
        if self.interval is not None and self.interval not in NET_INTERVALS:
            raise OptionError(
                "interval",
                f"{self.interval!r} is none of {', '.join(NET_INTERVALS)}"
                f"{near(self.interval, NET_INTERVALS)}",
            )
        if codebook.weighted and self.interval not in (None, *WEIGHTED_NET_INTERVALS):
            raise OptionError("interval", weighted_refusal(self.interval or ""))
        if self.seed < 0:
            raise OptionError("seed", f"{self.seed} is negative")
        return {"answers": Tally(item)}

    def evaluate(self, answers: Tallied) -> Iterator[Estimate]:
        """NPS, and the shares of promoters, passives and detractors."""
        scale = answers.item
        detractors = range(scale.low, self.detractors + 1)
        passives = range(self.detractors + 1, self.promoters)
        promoters = range(self.promoters, scale.high + 1)
        yield answers.net(promoters, detractors, term="nps", interval=self.interval, seed=self.seed)
        yield answers.share(promoters, term="promoters")
        yield answers.share(passives, term="passives")
        yield answers.share(detractors, term="detractors")

    def charts(self, results: Results, name: str, language: str = "en") -> Iterable[Chart]:
        """NPS by cell with its intervals, over the waves, and the three shares."""
        from satcore_nps.pictures import nps_charts

        return nps_charts(results, name, language)


@hookimpl
def satcore_metrics() -> Iterable[MetricSpec]:
    """NPS."""
    return [
        MetricSpec(
            "nps",
            NPS,
            summary="Net Promoter Score: promoters less detractors, -100 to 100",
            primary="nps",
            example={"item": "Q1"},
            title={"en": "Net Promoter Score", "zh": "净推荐值"},
            terms={
                "nps": {"en": "NPS", "zh": "净推荐值"},
                "promoters": {"en": "Promoters", "zh": "推荐者"},
                "passives": {"en": "Passives", "zh": "被动者"},
                "detractors": {"en": "Detractors", "zh": "贬损者"},
            },
        )
    ]
