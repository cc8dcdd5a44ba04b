"""What a metric may ask to be counted: statistics, and what evaluate gets of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
from attrs import field, frozen

from satcore.codebook import Item
from satcore.estimates import Estimate
from satcore.inference import (
    FloatArray,
    IndependentShares,
    IntArray,
    StudentInterval,
    WilsonInterval,
    kish,
)
from satcore.nets import IndependentNets, linearised_net, net_interval
from satcore.states import Array, Field

if TYPE_CHECKING:
    from satcore.blocks import Block


@frozen(kw_only=True, eq=False)
class Counted:
    """What a statistic has counted, cell axis first, as ``Statistic.view`` gets it.

    Attributes:
        arrays: The state's arrays, by name.
        cells: How many cells there are.
        survey_rows: Kept responses of the whole survey, all cells together. Linearised standard
            errors need it.
        weighted: Whether the responses carry weights.
    """

    arrays: Mapping[str, Array]
    cells: int
    survey_rows: int
    weighted: bool = False

    def __getitem__(self, name: str) -> Array:
        return self.arrays[name]


def canonical(value: object) -> str:
    """The text of an option that is part of a statistic's identity.

    Raises:
        TypeError: A value whose text would not tell what it is.
    """
    if isinstance(value, Item):
        return value.key
    if value is None or isinstance(value, str | int | float | bool):
        return repr(value)
    if isinstance(value, tuple | list):
        return "(" + ",".join(canonical(part) for part in value) + ")"
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{key!r}:{canonical(value[key])}" for key in sorted(value)) + "}"
    raise TypeError(
        f"{type(value).__name__} can't be part of a statistic's identity; use items, texts, "
        "numbers, tuples and mappings of them, or give the statistic a `key` of its own"
    )


def _options(kind: type[Any]) -> tuple[attrs.Attribute[Any], ...]:
    """The fields of a statistic's class."""
    if not attrs.has(kind):
        raise TypeError(f"{kind.__qualname__} is no attrs class; decorate it with @attrs.frozen")
    return tuple(attrs.fields(kind))


class Statistic(ABC):
    """Something to count. Write one where the core's own can't serve a metric.

    A subclass is a frozen attrs class whose fields say what is counted. The core merges, rolls up
    and distributes whatever ``observe`` returns, by the reductions that ``fields`` declares.
    """

    @property
    def items(self) -> tuple[Item, ...]:
        """The items that ``observe`` reads: by default every field that is an item."""
        found: list[Item] = []
        for one in _options(type(self)):
            value = getattr(self, one.name)
            found.extend(
                part
                for part in (value if isinstance(value, tuple | list) else (value,))
                if isinstance(part, Item)
            )
        return tuple(dict.fromkeys(found))

    @property
    def key(self) -> str:
        """Canonical text of what is counted. Equal keys are counted once; labels are no part."""
        kind = type(self)
        options = ",".join(
            f"{one.name}={canonical(getattr(self, one.name))}" for one in _options(kind)
        )
        return f"{kind.__module__}.{kind.__qualname__}({options})"

    @abstractmethod
    def fields(self, *, weighted: bool) -> Mapping[str, Field]:
        """The arrays of the state, without their cell axis."""

    @abstractmethod
    def observe(self, block: Block) -> Mapping[str, Array]:
        """Count one block: the declared arrays, cell axis first. The block is not changed."""

    def view(self, counted: Counted) -> Any:
        """What ``evaluate`` gets; by default the arrays as they are."""
        return counted


@frozen
class Rows(Statistic):
    """How many responses a cell has. The core always counts it."""

    def fields(self, *, weighted: bool) -> Mapping[str, Field]:
        """One number a cell."""
        return {"n": Field()}

    def observe(self, block: Block) -> Mapping[str, Array]:
        """Count one block."""
        return {"n": block.rows_by_cell()}


@frozen
class Tally(Statistic):
    """The frequency table of an item, missing and invalid answers among its codes.

    Without weights a state keeps the number of answers n by code; with weights the sums of w and
    w² beside it, which is all that shares, means and their linearised errors need.

    Attributes:
        item: The item, from ``codebook.item(name, scale)``.
    """

    item: Item

    def fields(self, *, weighted: bool) -> Mapping[str, Field]:
        """The table's arrays: (cells, codes)."""
        shape = (self.item.size,)
        if not weighted:
            return {"n": Field(shape=shape)}
        real = Field(shape=shape, dtype=np.float64)
        return {"n": Field(shape=shape), "w": real, "w2": real}

    def observe(self, block: Block) -> Mapping[str, Array]:
        """Count one block."""
        return block.table(block.codes(self.item), self.item.size)

    def view(self, counted: Counted) -> Tallied:
        """The table with its estimates."""
        return Tallied(
            item=self.item,
            n=counted["n"],
            w=counted["w"] if counted.weighted else None,
            w2=counted["w2"] if counted.weighted else None,
            survey_rows=counted.survey_rows,
        )


def _summed(table: Array) -> FloatArray:
    """Sums over the codes, one code after the other.

    ``@`` groups its terms by the table's size and ``np.sum`` by its layout in memory, so that a
    cell would have other last digits among many than alone.
    """
    return np.asarray(np.cumsum(table, axis=1, dtype=np.float64)[:, -1])


@frozen(kw_only=True, eq=False)
class Tallied:
    """A counted tally, for all cells at once: what ``evaluate`` gets for a ``Tally``.

    Weighted estimates are Hájek means and shares; their standard errors are Taylor-linearised with
    the kept responses of the whole survey as sample, cells as domains (Särndal, Swensson and
    Wretman 1992; the rule of R's ``survey``). Below two answers they have none.

    Attributes:
        item: The item.
        n: Answers by cell and code, missing and invalid as the last two codes.
        w: Sums of weights, likewise; None without weights.
        w2: Sums of squared weights, likewise.
        survey_rows: Kept responses of the whole survey.
    """

    item: Item
    n: IntArray
    w: FloatArray | None = None
    w2: FloatArray | None = None
    survey_rows: int = 0
    values: FloatArray = field(init=False)
    """The values of the scale, lowest first: (levels,)."""
    base: IntArray = field(init=False)
    """Valid answers by cell."""

    def __attrs_post_init__(self) -> None:
        scale = self.item.scale
        values = np.arange(scale.low, scale.high + 1, dtype=np.float64)
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "base", self.n[:, : self.item.levels].sum(axis=1))

    @property
    def weighted(self) -> bool:
        """Whether the responses carry weights."""
        return self.w is not None

    @property
    def missing(self) -> IntArray:
        """Answers by cell that are missing."""
        return self.n[:, self.item.missing_code]

    @property
    def invalid(self) -> IntArray:
        """Answers by cell outside the scale."""
        return self.n[:, self.item.invalid_code]

    @property
    def weighted_base(self) -> FloatArray:
        """Sum of the weights of the valid answers by cell; their number without weights."""
        if self.w is None:
            return self.base.astype(np.float64)
        return _summed(self.w[:, : self.item.levels])

    @property
    def effective_base(self) -> FloatArray:
        """Kish's effective base by cell; the base without weights."""
        if self.w2 is None:
            return self.base.astype(np.float64)
        return kish(self.weighted_base, _summed(self.w2[:, : self.item.levels]))

    @property
    def df(self) -> FloatArray:
        """Degrees of freedom by cell: its answers less one."""
        return (self.base - 1).astype(np.float64)

    def count(self, values: Iterable[int]) -> IntArray:
        """Answers by cell among some values of the scale, not weighted."""
        return np.asarray(self.n[:, : self.item.levels] @ self._picked(values).astype(np.int64))

    def share(self, values: Iterable[int], *, term: str, item: str | None = None) -> Estimate:
        """The share of answers among some values, with Wilson's interval.

        Args:
            values: Values of the scale: ``(9, 10)``.
            term: The estimate's name.
            item: What it speaks of; the item's name where None.

        Raises:
            ValueError: A value outside the scale.
        """
        picked = self._picked(values)
        share, std_error = self._mean(picked, ddof=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.weighted:
                # The sample that would give this standard error; Kish's where all agree.
                implied = share * (1 - share) / std_error**2
                sample = np.where(std_error > 0, implied, self.effective_base)
            else:
                sample = self.base.astype(np.float64)
        interval = WilsonInterval(share=share, sample=sample, df=self.df if self.weighted else None)
        comparison = IndependentShares(
            value=share, std_error=std_error, interval=interval, sample=sample
        )
        return self._estimate(
            term, share, std_error, interval, item=item, unit="proportion", comparison=comparison
        )

    def mean(
        self,
        scores: Mapping[int, float] | None = None,
        *,
        term: str = "mean",
        item: str | None = None,
        unit: str = "score",
    ) -> Estimate:
        """The mean answer, or the mean of scores given to the answers, with Student's t.

        Args:
            scores: A score for every value of the scale; the values themselves where None.
            term: The estimate's name.
            item: What it speaks of; the item's name where None.
            unit: The unit of the scores.

        Raises:
            ValueError: The scores leave out a value of the scale.
        """
        mean, std_error = self._mean(self._scores(scores), ddof=1)
        interval = StudentInterval(
            centre=mean,
            std_error=std_error,
            df=self.df,
            method="linearised" if self.weighted else "t",
        )
        return self._estimate(term, mean, std_error, interval, item=item, unit=unit)

    def net(
        self,
        high: Iterable[int],
        low: Iterable[int],
        *,
        term: str,
        item: str | None = None,
        interval: str | None = None,
        seed: int = 0,
    ) -> Estimate:
        """The share of high answers less the share of low ones, in points from -100 to 100.

        Args:
            high: Values that count for it.
            low: Values that count against it.
            term: The estimate's name.
            item: What it speaks of; the item's name where None.
            interval: A name of ``satcore.nets.NET_INTERVALS``; None for ``adjusted_wald``, or
                ``linearised`` under weights.
            seed: Seed of the ``bootstrap`` interval.

        Raises:
            ValueError: A value outside the scale or on both sides, or an unknown interval.
        """
        above, below = self._picked(high), self._picked(low)
        if np.any((above > 0) & (below > 0)):
            raise ValueError(f"term {term!r}: a value stands on both sides of the net")
        # Scores of -100, 0 and 100: one division, so that 37 of 250 is 14.8 to the last digit.
        net, std_error = self._mean(100.0 * (above - below), ddof=0)
        valid = self.n[:, : self.item.levels]
        counts = np.stack(
            [
                valid @ below.astype(np.int64),
                self.base - valid @ (above + below).astype(np.int64),
                valid @ above.astype(np.int64),
            ],
            axis=1,
        )
        if self.w is not None:
            weight = self.w[:, : self.item.levels]
            classes = [below, 1.0 - below - above, above]
            parts = np.stack([_summed(weight * one) for one in classes], axis=1)
            with np.errstate(divide="ignore", invalid="ignore"):
                effective = parts * (self.effective_base / self.weighted_base)[:, None]
            bounds = linearised_net(net, std_error, self.df, interval, effective=effective)
            comparison = None
        else:
            bounds = net_interval(interval or "adjusted_wald", counts, seed=seed)
            comparison = IndependentNets(counts=counts, interval=bounds)
        return self._estimate(
            term, net, std_error, bounds, item=item, unit="points", comparison=comparison
        )

    def _estimate(
        self,
        term: str,
        value: FloatArray,
        std_error: FloatArray,
        interval: Any,
        *,
        item: str | None,
        unit: str,
        comparison: Any = None,
    ) -> Estimate:
        return Estimate(
            term=term,
            item=self.item.name if item is None else item,
            value=value,
            std_error=std_error,
            base=self.base,
            weighted_base=self.weighted_base,
            effective_base=self.effective_base,
            interval=interval,
            unit=unit,
            comparison=comparison,
        )

    def _mean(self, scores: FloatArray, *, ddof: int) -> tuple[FloatArray, FloatArray]:
        """The mean of scores by cell and its standard error.

        ``ddof`` is 0 for shares and nets (divided by n) and 1 for means; under weights the
        linearised error is the same for both.
        """
        levels = self.item.levels
        weight = (self.n if self.w is None else self.w)[:, :levels]
        total = self.weighted_base
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = _summed(weight * scores) / total
            # A mean lies among the answers' scores; rounding must not push it out of them.
            lowest = np.min(np.where(weight > 0, scores, np.inf), axis=1)
            highest = np.max(np.where(weight > 0, scores, -np.inf), axis=1)
            mean = np.clip(mean, lowest, highest)
            square = (scores - mean[:, None]) ** 2
            if self.w2 is None:
                variance = _summed(weight * square) / (self.base - ddof) / self.base
            else:
                spread = _summed(self.w2[:, :levels] * square)
                survey = self.survey_rows / (self.survey_rows - 1) if self.survey_rows > 1 else 0.0
                variance = np.where(self.base >= 2, survey * spread / total**2, np.nan)
        return mean, np.sqrt(variance)

    def _picked(self, values: Iterable[int]) -> FloatArray:
        """An indicator over the scale's values."""
        picked = np.zeros(self.item.levels)
        for value in values:
            if not self.item.scale.low <= value <= self.item.scale.high:
                raise ValueError(
                    f"{value} is no value of {self.item.name}, which is {self.item.scale}"
                )
            picked[value - self.item.scale.low] = 1.0
        return picked

    def _scores(self, scores: Mapping[int, float] | None) -> FloatArray:
        if scores is None:
            return self.values
        absent = [int(value) for value in self.values if int(value) not in scores]
        if absent:
            raise ValueError(f"no score for {absent} of {self.item.name}")
        return np.array([scores[int(value)] for value in self.values], dtype=np.float64)
