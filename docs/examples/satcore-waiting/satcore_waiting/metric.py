"""The metric: how long people wait."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import frozen
from satcore import Codebook, Estimate, Metric, MetricSpec, OptionError, Statistic, hookimpl

from satcore_waiting.histogram import LogHistogram, Times


@frozen(kw_only=True)
class Waiting(Metric):
    """Quantiles of waiting times.

    Attributes:
        item: The column of the times.
        quantiles: Which: 0.5 is the median.
        error: The relative error of a time that is allowed.
        shortest: Shorter times are not told apart.
        longest: A quantile that is longer has no value.
        unit: What the times are in.
    """

    item: str
    quantiles: tuple[float, ...] = (0.5, 0.9)
    error: float = 0.01
    shortest: float = 0.1
    longest: float = 10_000.0
    unit: str = "minutes"

    def statistics(self, codebook: Codebook) -> Mapping[str, Statistic]:
        """The histogram of the times.

        Raises:
            OptionError: A share, an error or a range that can't be.
        """
        if not self.quantiles or len(set(self.quantiles)) < len(self.quantiles):
            raise OptionError("quantiles", "give at least one, and each once, as [0.5, 0.9]")
        for q in self.quantiles:
            if not 0 < q < 1:
                raise OptionError("quantiles", f"{q} is no share between 0 and 1; 0.9 is P90")
        if not 0.0001 <= self.error <= 0.5:
            raise OptionError("error", f"{self.error} is not between 0.0001 and 0.5")
        if not 0 < self.shortest < self.longest <= 1e12:
            raise OptionError(
                "longest", f"{self.shortest} to {self.longest} is no range of times up to 1e12"
            )
        times = codebook.measure(self.item)
        return {
            "times": LogHistogram(
                of=times, error=self.error, shortest=self.shortest, longest=self.longest
            )
        }

    def evaluate(self, times: Times) -> Iterator[Estimate]:
        """A time for each of the quantiles."""
        for q in self.quantiles:
            yield times.quantile(q, term=term(q), unit=self.unit)


def term(q: float) -> str:
    """What a quantile is called: ``median``, ``p90``, ``p99_9``."""
    return "median" if q == 0.5 else f"p{100 * q:.10g}".replace(".", "_")


@hookimpl
def satcore_metrics() -> list[MetricSpec]:
    """Waiting times."""
    return [
        MetricSpec(
            "waiting",
            Waiting,
            summary="How long people wait: median and 90th percentile",
            primary="median",
            title={"en": "Waiting time", "zh": "等候时间"},
            terms={
                "median": {"en": "Median", "zh": "中位数"},
                "p90": {"en": "90 % wait at most", "zh": "90% 的人等候不超过"},
            },
            example={"item": "minutes"},
        )
    ]
