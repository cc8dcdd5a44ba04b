"""A statistic of its own: a histogram with logarithmic buckets, and the quantiles it knows.

Logarithmic buckets, for a relative error, are those of DDSketch (Masson, Rim and Lee 2019, PVLDB
12(12)); here they are fixed beforehand, so that counts can be added up.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from attrs import field, frozen
from satcore import Block, Counted, Estimate, Field, FloatArray, IntArray, Measure, Statistic

from satcore_waiting.quantiles import QuantileInterval, place_of, time_at


@frozen(kw_only=True)
class LogHistogram(Statistic):
    """How many times fall into each bucket, whose ends differ by a relative error.

    The core merges, rolls up and saves the counts: all that this class says is what they are.

    Attributes:
        of: The times.
        error: The relative error.
        shortest: Where the first bucket ends, which begins at 0.
        longest: Where they end; longer times are counted together.
    """

    of: Measure
    error: float = 0.01
    shortest: float = 0.1
    longest: float = 10_000.0

    def __attrs_post_init__(self) -> None:
        if not 0 < self.error < 1:
            raise ValueError(f"error is {self.error}, not a share between 0 and 1")
        if not 0 < self.shortest < self.longest < math.inf:
            raise ValueError(f"{self.shortest} to {self.longest} is no range of times above 0")

    @property
    def growth(self) -> float:
        """What a bucket's upper bound is of its lower one."""
        return 1 + self.error

    @property
    def upper(self) -> FloatArray:
        """The buckets' upper bounds, but that of the last one, which has none."""
        steps = math.ceil(math.log(self.longest / self.shortest) / math.log(self.growth))
        return self.shortest * self.growth ** np.arange(steps + 1, dtype=np.float64)

    @property
    def buckets(self) -> int:
        """How many buckets there are."""
        return self.upper.size + 1

    def fields(self, *, weighted: bool) -> Mapping[str, Field]:
        """Counts by bucket; after the buckets, negative times and absent ones."""
        shape = (self.buckets + 2,)
        made = {"n": Field(shape=shape)}
        if weighted:
            made["w"] = made["w2"] = Field(shape=shape, dtype=np.float64)
        return made

    def observe(self, block: Block) -> Mapping[str, Any]:
        """Count one block."""
        times = block.values(self.of)
        # Compared with the bounds, not by logarithms: the same time gets the same bucket wherever
        # in the survey it stands.
        codes = np.searchsorted(self.upper, times, side="left")
        codes = np.where(times < 0, self.buckets, codes)
        codes = np.where(np.isnan(times), self.buckets + 1, codes)
        return block.table(codes, self.buckets + 2)

    def view(self, counted: Counted) -> Times:
        """What a metric's ``evaluate`` gets."""
        return Times(statistic=self, counted=counted)


@frozen(kw_only=True, eq=False)
class Times:
    """Counted times, for all cells at once.

    Attributes:
        statistic: What was counted.
        counted: The counts.
    """

    statistic: LogHistogram
    counted: Counted
    n: IntArray = field(init=False)
    """Times by cell and bucket."""

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "n", self._of("n"))

    @property
    def base(self) -> IntArray:
        """Times by cell."""
        return np.asarray(self.n.sum(axis=1))

    @property
    def negative(self) -> IntArray:
        """Times below 0 by cell, which count nowhere else."""
        return np.asarray(self.counted["n"][:, self.statistic.buckets])

    def quantile(self, q: float, *, term: str, unit: str) -> Estimate:
        """The time that a share of the waits does not exceed.

        Args:
            q: The share.
            term: The estimate's name.
            unit: The times' unit.
        """
        weights = self._of("w") if self.counted.weighted else self.n.astype(np.float64)
        squares = self._of("w2") if self.counted.weighted else weights
        reached = np.cumsum(weights, axis=1)
        edges = np.concatenate([[0.0], self.statistic.upper, [np.inf]])
        bucket, into = place_of(reached, np.full(len(reached), q))
        value = time_at(edges, bucket, into)
        value = np.where((self.base > 0) & np.isfinite(value), value, np.nan)
        interval = QuantileInterval(
            q=q,
            reached=reached,
            edges=edges,
            error=self._error_of_share(q, bucket, into, squares, reached[:, -1]),
            df=(self.base - 1).astype(np.float64) if self.counted.weighted else None,
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            effective = np.where(
                self.base > 0, reached[:, -1] ** 2 / np.cumsum(squares, axis=1)[:, -1], 0.0
            )
        std_error = np.where(np.isfinite(value), interval.std_error(), np.nan)
        return Estimate(
            term=term,
            item=self.statistic.of.name,
            unit=unit,
            value=value,
            std_error=std_error,
            base=self.base,
            weighted_base=reached[:, -1],
            effective_base=effective,
            interval=interval,
            message=self._messages(value, std_error),
        )

    def _of(self, name: str) -> Any:
        return self.counted[name][:, : self.statistic.buckets]

    def _error_of_share(
        self, q: float, bucket: IntArray, into: FloatArray, squares: FloatArray, total: FloatArray
    ) -> FloatArray:
        """The standard error of the share of waits up to the quantile, by cell.

        The sum of w²(1[up to it] - q)² over the square of the sum of w: √(q(1-q)/n) without
        weights. Of its own bucket the share is up to it that lies before it.
        """
        cells = np.arange(len(bucket))
        running = np.cumsum(squares, axis=1)
        inside = squares[cells, bucket]
        below = running[cells, bucket] - inside + into * inside
        spread = (1 - q) ** 2 * below + q**2 * (running[:, -1] - below)
        survey, factor, least = self.counted.survey_rows, 1.0, 1
        if self.counted.weighted:
            factor, least = survey / (survey - 1) if survey > 1 else np.nan, 2
        with np.errstate(divide="ignore", invalid="ignore"):
            error = np.sqrt(factor * np.maximum(spread, 0.0)) / total
        return np.where(self.base >= least, error, np.nan)

    def _messages(self, value: FloatArray, std_error: FloatArray) -> tuple[str, ...]:
        """What to know about each cell's number."""
        told = []
        for cell, base in enumerate(self.base.tolist()):
            said = []
            if self.negative[cell]:
                said.append(f"times below 0 left out: {self.negative[cell]}")
            if base and np.isnan(value[cell]):
                said.append(f"it is longer than {self.statistic.longest:g}; raise `longest`")
            elif base and np.isnan(std_error[cell]):
                said.append("too few answers for an upper bound, so no standard error")
            told.append("; ".join(said))
        return tuple(told)
