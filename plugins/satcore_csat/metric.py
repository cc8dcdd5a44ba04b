"""CSAT, customer effort and top boxes: shares of a scale, its mean, its median, its net."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from attrs import frozen

from satcore import (
    Chart,
    Codebook,
    Estimate,
    Metric,
    OptionError,
    Results,
    Statistic,
    Tallied,
    Tally,
)
from satcore_csat.boxes import check_box, check_interval, check_quantiles, counted, customary


@frozen(kw_only=True)
class Csat(Metric):
    """Customer satisfaction: the share of satisfied answers, with mean, median and net.

    Attributes:
        item: The question "how satisfied are you".
        scale: Its scale: a range or the name of a declared scale.
        threshold: The least answer that counts as satisfied; with ``reversed`` the greatest. Left
            out, the two best answers count on scales of 5, 7, 10 and 11 answers: from 4 of 1..5,
            from 6 of 1..7, from 9 of 0..10. Other scales need it.
        reversed: Whether low answers are the good ones, as on 1 = very satisfied. All terms speak
            of the answers as they were given; ``top2`` are the two best.
        interval: The shares' interval: ``wilson`` (left out), ``clopper_pearson`` or
            ``agresti_coull``; for weighted answers ``wilson`` alone.
        quantiles: Percentiles besides the median: some of 5, 10, 25, 75, 90 and 95.
    """

    item: str
    scale: str = "1..5"
    threshold: int | None = None
    reversed: bool = False
    interval: str | None = None
    quantiles: tuple[int, ...] = ()

    def statistics(self, codebook: Codebook) -> Mapping[str, Statistic]:
        """The frequency table of the question.

        Raises:
            OptionError: A scale of fewer than four answers, a threshold that divides nothing, or
                none where there is no customary one; an interval or percentile that can't stand.
        """
        item = codebook.item(self.item, self.scale)
        if item.levels < 4:
            raise OptionError(
                "scale",
                f"{item.scale} has {item.levels} answers, so that the two best and the two worst "
                "overlap; take the metric top_box",
            )
        self.satisfied(item.low, item.high)
        check_interval(self.interval, codebook)
        check_quantiles(self.quantiles)
        return {"answers": Tally(item)}

    def satisfied(self, low: int, high: int) -> tuple[int, ...]:
        """The answers that count as satisfied.

        Args:
            low: The scale's lowest answer.
            high: Its highest.

        Raises:
            OptionError: As ``statistics``.
        """
        threshold = self.threshold
        if threshold is None:
            threshold = customary(low, high, falling=self.reversed)
        return counted(low, high, threshold, falling=self.reversed)

    def evaluate(self, answers: Tallied) -> Iterator[Estimate]:
        """CSAT, mean, median, the two best and worst answers, and their net."""
        low, high = answers.item.low, answers.item.high
        best, worst = (high - 1, high), (low, low + 1)
        if self.reversed:
            best, worst = worst, best
        yield _share(answers, self.satisfied(low, high), "csat", self.interval)
        yield answers.mean(term="mean")
        yield answers.quantile(term="median")
        yield _share(answers, best, "top2", self.interval)
        yield _share(answers, worst, "bottom2", self.interval)
        yield answers.net(best, worst, term="net")
        for percent in self.quantiles:
            yield answers.quantile(percent / 100, term=f"p{percent}")

    def charts(self, results: Results, name: str, language: str = "en") -> Iterable[Chart]:
        """CSAT by cell with its intervals, and over the waves."""
        from satcore_csat.pictures import share_charts

        return share_charts(results, name, "csat", language)

    def findings(self, results: Results, name: str, language: str = "en") -> Iterable[str]:
        """What counts as satisfied, how many are, and who differs."""
        from satcore_csat.findings import csat_findings

        return csat_findings(results, name, language)


@frozen(kw_only=True)
class Effort(Metric):
    """Customer effort score: how many found it easy, with mean, median and net.

    Attributes:
        item: The question on effort.
        version: ``1.0``, "how much effort did you have to put forth", where low answers are good
            (1 to 5 unless ``scale`` says otherwise), or ``2.0``, "made it easy for me to handle my
            issue", where high answers are good (1 to 7).
        scale: Its scale, where it is another: a range or the name of a declared scale.
        threshold: The answer from which it was easy: 1.0 counts 1 to 2 of 1..5, 2.0 counts 5 to 7
            of 1..7. Other scales need it. Difficult are as many answers at the other end.
        interval: As that of ``csat``.
    """

    item: str
    version: Literal["1.0", "2.0"] = "2.0"
    scale: str | None = None
    threshold: int | None = None
    interval: str | None = None

    @property
    def falling(self) -> bool:
        """Whether low answers are the good ones."""
        return self.version == "1.0"

    def statistics(self, codebook: Codebook) -> Mapping[str, Statistic]:
        """The frequency table of the question.

        Raises:
            OptionError: A version that there is not, a threshold that divides nothing or leaves
                easy and difficult answers overlapping, none where there is no customary one, or
                an interval that can't stand.
        """
        if self.version not in ("1.0", "2.0"):
            raise OptionError("version", f"{self.version!r} is none of 1.0 and 2.0")
        usual = "1..5" if self.falling else "1..7"
        item = codebook.item(self.item, usual if self.scale is None else self.scale)
        easy = self.easy(item.low, item.high)
        if 2 * len(easy) > item.levels:
            raise OptionError(
                "threshold",
                f"{len(easy)} of {item.levels} answers of {item.scale} would be easy, and as many "
                "difficult: they would overlap",
            )
        check_interval(self.interval, codebook)
        return {"answers": Tally(item)}

    def easy(self, low: int, high: int) -> tuple[int, ...]:
        """The answers that count as easy.

        Args:
            low: The scale's lowest answer.
            high: Its highest.

        Raises:
            OptionError: As ``statistics``.
        """
        threshold = self.threshold
        if threshold is None:
            levels = 5 if self.falling else 7
            if high - low + 1 != levels:
                raise OptionError(
                    "threshold",
                    f"CES {self.version} counts easy answers on {levels} answers, not on "
                    f"{low}..{high}: name the {'greatest' if self.falling else 'least'} answer "
                    "that counts",
                )
            threshold = low + 1 if self.falling else high - 2
        return counted(low, high, threshold, falling=self.falling)

    def evaluate(self, answers: Tallied) -> Iterator[Estimate]:
        """How many found it easy and difficult, mean, median, and the net of both shares."""
        low, high = answers.item.low, answers.item.high
        easy = self.easy(low, high)
        difficult = tuple(sorted(low + high - answer for answer in easy))
        yield _share(answers, easy, "easy", self.interval)
        yield _share(answers, difficult, "difficult", self.interval)
        yield answers.mean(term="mean")
        yield answers.quantile(term="median")
        yield answers.net(easy, difficult, term="net")

    def charts(self, results: Results, name: str, language: str = "en") -> Iterable[Chart]:
        """The share that found it easy by cell, and over the waves."""
        from satcore_csat.pictures import share_charts

        return share_charts(results, name, "easy", language)

    def findings(self, results: Results, name: str, language: str = "en") -> Iterable[str]:
        """Which way the scale runs, how many found it easy, and who differs."""
        from satcore_csat.findings import effort_findings

        return effort_findings(results, name, language)


@frozen(kw_only=True)
class TopBox(Metric):
    """The share of answers in a box: the top answer, or any that are named.

    Attributes:
        item: The question.
        scale: Its scale: a range or the name of a declared scale.
        box: The answers that count; the highest alone where left out.
        interval: As that of ``csat``.
    """

    item: str
    scale: str = "1..5"
    box: tuple[int, ...] | None = None
    interval: str | None = None

    def statistics(self, codebook: Codebook) -> Mapping[str, Statistic]:
        """The frequency table of the question.

        Raises:
            OptionError: An empty box, an answer outside the scale or twice, or an interval that
                can't stand.
        """
        item = codebook.item(self.item, self.scale)
        check_box(self.answers(item.high), item.low, item.high)
        check_interval(self.interval, codebook)
        return {"answers": Tally(item)}

    def answers(self, high: int) -> tuple[int, ...]:
        """The answers that count.

        Args:
            high: The scale's highest answer.
        """
        return (high,) if self.box is None else self.box

    def evaluate(self, answers: Tallied) -> Iterator[Estimate]:
        """The share."""
        yield _share(answers, self.answers(answers.item.high), "top_box", self.interval)

    def charts(self, results: Results, name: str, language: str = "en") -> Iterable[Chart]:
        """The share by cell, and over the waves."""
        from satcore_csat.pictures import share_charts

        return share_charts(results, name, "top_box", language)

    def findings(self, results: Results, name: str, language: str = "en") -> Iterable[str]:
        """What counts, how many answers do, and who differs."""
        from satcore_csat.findings import box_findings

        return box_findings(results, name, language)


def _share(answers: Tallied, counted: tuple[int, ...], term: str, interval: str | None) -> Estimate:
    """A share, its cells compared by the two-proportion score test."""
    return answers.share(counted, term=term, interval=interval, test="score")
