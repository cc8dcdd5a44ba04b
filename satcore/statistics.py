"""What a metric may ask to be counted: statistics, and what evaluate gets of them."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import attrs
import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from satcore.codebook import Item, Measure
from satcore.derived import AnyItem, Derived, Exact, Ratio
from satcore.estimates import Estimate
from satcore.inference import (
    FloatArray,
    IndependentShares,
    IntArray,
    Interval,
    NormalInterval,
    StudentInterval,
    WilsonInterval,
    kish,
)
from satcore.nets import IndependentNets, linearised_net, net_interval, weighted_refusal
from satcore.ordinals import OrderStatisticInterval, RankedCells, WoodruffInterval, quantile
from satcore.shares import WEIGHTED_SHARE_INTERVALS, ScoredShares, share_interval
from satcore.states import Array, Field

if TYPE_CHECKING:
    from satcore.blocks import Block


#: How often each of some rows counts in each replicate, by the rows' numbers.
Times: TypeAlias = "Callable[[NDArray[np.intp]], FloatArray]"

#: The arrays of a state, the cell first and the replicate second; None for one by one.
ReplicatedArrays: TypeAlias = "Mapping[str, Array] | None"

#: Codes that the table of a tally may have: beyond, it is no table for people, and no small one.
MAX_CODES: Final = 1 << 17


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
    if isinstance(value, Item | Derived | Measure | Ratio):
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
    def items(self) -> tuple[AnyItem, ...]:
        """The items that ``observe`` reads: by default every field that is an item."""
        found: list[AnyItem] = []
        for one in _options(type(self)):
            value = getattr(self, one.name)
            found.extend(
                part
                for part in (value if isinstance(value, tuple | list) else (value,))
                if isinstance(part, Item | Derived | Measure | Ratio)
            )
        return tuple(dict.fromkeys(found))

    @property
    def resamples(self) -> bool:
        """Whether it has to tell respondents apart."""
        return False

    @property
    def additive(self) -> bool:
        """Whether a block's rows may stand for many responses that answered alike.

        True promises that ``observe`` counts by the block's own methods alone - ``count``,
        ``table``, ``total``, ``least``, ``most``, ``rows_by_cell`` - or by ``multiplicity`` and
        ``weights()``, and never takes a row for one response. The core then gives it a table of
        answers instead of the answers, which is many times faster. False by default.
        """
        return False

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

    def observe_replicates(self, block: Block, count: int, times: Times) -> ReplicatedArrays:
        """Count one block in many replicates at once, where that is faster than one by one.

        Args:
            block: The block.
            count: How many replicates.
            times: How often each of some rows counts in each replicate: (replicates, rows).

        Returns:
            The declared arrays, the cell first and the replicate second; None, as by default,
            where the replicates are to be counted one by one.
        """
        return None

    def view(self, counted: Counted) -> Any:
        """What ``evaluate`` gets; by default the arrays as they are."""
        return counted


@frozen
class Rows(Statistic):
    """How many responses a cell has. The core always counts it."""

    @property
    def additive(self) -> bool:
        """It counts rows as often as they count."""
        return True

    def fields(self, *, weighted: bool) -> Mapping[str, Field]:
        """One number a cell."""
        return {"n": Field()}

    def observe(self, block: Block) -> Mapping[str, Array]:
        """Count one block."""
        return {"n": block.rows_by_cell()}


@frozen(init=False)
class Tally(Statistic):
    """The frequency table of an item, or of several together.

    Missing and invalid answers are codes of the table like any other. Without weights a state
    keeps the number of answers n by code; with weights the sums of w and w² beside it, which is
    all that shares, means and their linearised errors need.

    Attributes:
        of: The items, from ``codebook.item(name, scale)``, or derived from such.
    """

    of: tuple[Exact, ...]

    def __init__(self, *items: Exact) -> None:
        if not items:
            raise TypeError("a tally is of at least one item")
        size = math.prod(item.size for item in items)
        if size > MAX_CODES:
            names = " and ".join(item.name for item in items)
            raise ValueError(
                f"the table of {names} would have {size} codes, more than {MAX_CODES}; take Moments"
            )
        self.__attrs_init__(items)

    @property
    def additive(self) -> bool:
        """It counts by ``table``."""
        return True

    @property
    def _size(self) -> int:
        return math.prod(item.size for item in self.of)

    def fields(self, *, weighted: bool) -> Mapping[str, Field]:
        """The table's arrays: (cells, codes), the last item's code fastest."""
        shape = (self._size,)
        if not weighted:
            return {"n": Field(shape=shape)}
        real = Field(shape=shape, dtype=np.float64)
        return {"n": Field(shape=shape), "w": real, "w2": real}

    def observe(self, block: Block) -> Mapping[str, Array]:
        """Count one block."""
        codes = block.codes(self.of[0])
        for item in self.of[1:]:
            codes = codes.astype(np.intp) * item.size + block.codes(item)
        return block.table(codes, self._size)

    def view(self, counted: Counted) -> Tallied:
        """The table with its estimates."""
        return Tallied(
            items=self.of,
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


#: Which answers: values of the scale, or a flag for every answer of the table - for all cells, or
#: (cells, answers).
Answers: TypeAlias = "Iterable[int] | NDArray[np.bool_]"

#: What answers count: a score by value, or one for every answer of the table - for all cells, or
#: (cells, answers) - NaN for those that do not count.
Scores: TypeAlias = "Mapping[int, float] | FloatArray"


@frozen(kw_only=True, eq=False)
class Tallied:
    """A counted tally, for all cells at once: what ``evaluate`` gets for a ``Tally``.

    An *answer* of the table is a value of its item, or a combination of values where it has
    several items, the last fastest. Weighted estimates are Hájek means and shares; their standard
    errors are Taylor-linearised with the kept responses of the whole survey as sample, cells as
    domains (Särndal, Swensson and Wretman 1992; the rule of R's ``survey``). Below two answers
    they have none.

    Attributes:
        items: The items.
        n: Answers by cell and code, missing and invalid among the codes.
        w: Sums of weights, likewise; None without weights.
        w2: Sums of squared weights, likewise.
        survey_rows: Kept responses of the whole survey.
    """

    items: tuple[Exact, ...]
    n: IntArray
    w: FloatArray | None = None
    w2: FloatArray | None = None
    survey_rows: int = 0
    counts: IntArray = field(init=False)
    """Answers by cell, missing and invalid left out: (cells, answers)."""
    base: IntArray = field(init=False)
    """Valid answers by cell."""
    _valid: NDArray[np.intp] = field(init=False)

    def __attrs_post_init__(self) -> None:
        sizes = tuple(item.size for item in self.items)
        codes = np.arange(math.prod(sizes)).reshape(sizes)
        valid = codes[tuple(slice(0, item.levels) for item in self.items)].ravel()
        object.__setattr__(self, "_valid", valid)
        object.__setattr__(self, "counts", self.n[:, valid])
        object.__setattr__(self, "base", self.counts.sum(axis=1))

    @property
    def item(self) -> Exact:
        """The item; the first of several."""
        return self.items[0]

    @property
    def values(self) -> FloatArray:
        """The first item's value in every answer of the table."""
        return self.grid(0)

    def grid(self, place: int) -> FloatArray:
        """One item's value in every answer of the table: (answers,).

        Args:
            place: Which item.
        """
        item = self.items[place]
        values = np.arange(item.low, item.high + 1) / item.denominator
        shape = [1] * len(self.items)
        shape[place] = item.levels
        levels = tuple(one.levels for one in self.items)
        return np.broadcast_to(values.reshape(shape), levels).ravel()

    @property
    def weighted(self) -> bool:
        """Whether the responses carry weights."""
        return self.w is not None

    @property
    def weights(self) -> FloatArray:
        """Sums of weights by cell and answer; counts without weights: (cells, answers)."""
        return self.counts.astype(np.float64) if self.w is None else self.w[:, self._valid]

    @property
    def squared_weights(self) -> FloatArray:
        """Sums of squared weights by cell and answer; counts without: (cells, answers)."""
        return self.counts.astype(np.float64) if self.w2 is None else self.w2[:, self._valid]

    @property
    def missing(self) -> IntArray:
        """Responses by cell in which an item is missing and none invalid."""
        return np.asarray(self.n.sum(axis=1) - self.base - self.invalid)

    @property
    def invalid(self) -> IntArray:
        """Responses by cell in which an answer is outside its scale."""
        sizes = tuple(item.size for item in self.items)
        table = self.n.reshape(-1, *sizes)
        inside = table[(slice(None), *(slice(0, item.invalid_code) for item in self.items))]
        return np.asarray(self.n.sum(axis=1) - inside.reshape(len(self.n), -1).sum(axis=1))

    @property
    def weighted_base(self) -> FloatArray:
        """Sum of the weights of the valid answers by cell; their number without weights."""
        return self._weighted_base(None)

    @property
    def effective_base(self) -> FloatArray:
        """Kish's effective base by cell; the base without weights."""
        return self._effective_base(None)

    @property
    def df(self) -> FloatArray:
        """Degrees of freedom by cell: its answers less one."""
        return (self.base - 1).astype(np.float64)

    def count(self, answers: Answers) -> IntArray:
        """Answers by cell among some, not weighted."""
        return np.asarray(self.counts @ self._picked(answers).astype(np.int64))

    def share(
        self,
        answers: Answers,
        *,
        term: str,
        item: str | None = None,
        among: Answers | None = None,
        interval: str | None = None,
        test: Literal["z", "score"] = "z",
    ) -> Estimate:
        """The share of some answers, with Wilson's interval unless another is named.

        Args:
            answers: Values of the scale, as ``(9, 10)``, or a flag for every answer.
            term: The estimate's name.
            item: What it speaks of; the item's name where None.
            among: The answers of which it is the share; all valid ones where None.
            interval: A name of ``satcore.SHARE_INTERVALS``; None for ``wilson``. The others rest
                on plain counts and are refused under weights.
            test: How cells are compared: ``z``, with an error from either side, or ``score``,
                with that of a common share; under weights the former stands.

        Raises:
            ValueError: A value outside the scale, or an interval that is unknown or refused.
        """
        picked = self._picked(answers)
        domain = None if among is None else self._picked(among)
        scores = picked if domain is None else np.where(domain > 0, picked, np.nan)
        share, std_error, base = self._mean(scores, ddof=0)
        effective = self._effective_base(domain)
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.weighted:
                # The sample that would give this standard error; Kish's where all agree.
                implied = share * (1 - share) / std_error**2
                sample = np.where(std_error > 0, implied, effective)
            else:
                sample = base.astype(np.float64)
        df = (base - 1).astype(np.float64) if self.weighted else None
        bounds: Interval = WilsonInterval(share=share, sample=sample, df=df)
        counted = np.sum(self.counts * np.nan_to_num(scores).astype(np.int64), axis=1)
        if interval is not None and interval != "wilson":
            if self.weighted:
                raise ValueError(weighted_refusal(interval, WEIGHTED_SHARE_INTERVALS))
            bounds = share_interval(interval, counted, base)
        comparison = (
            ScoredShares(
                value=share,
                std_error=std_error,
                interval=bounds,
                sample=sample,
                count=counted,
                base=base,
            )
            if test == "score" and not self.weighted
            else IndependentShares(value=share, std_error=std_error, interval=bounds, sample=sample)
        )
        return self._estimate(
            term,
            share,
            std_error,
            bounds,
            item=item,
            unit="proportion",
            comparison=comparison,
            domain=domain,
        )

    def mean(
        self,
        scores: Scores | None = None,
        *,
        term: str = "mean",
        item: str | None = None,
        unit: str = "score",
        null: float | None = None,
    ) -> Estimate:
        """The mean answer, or the mean of scores given to the answers, with Student's t.

        Args:
            scores: A score for every value of the scale, or for every answer of the table, where
                NaN leaves an answer out; the first item's values where None.
            term: The estimate's name.
            item: What it speaks of; the item's name where None.
            unit: The unit of the scores.
            null: A value against which it is tested.

        Raises:
            ValueError: The scores leave out a value of the scale.
        """
        counted = self._scores(scores)
        domain = None if not np.isnan(counted).any() else (~np.isnan(counted)).astype(np.float64)
        mean, std_error, base = self._mean(counted, ddof=1)
        interval = StudentInterval(
            centre=mean,
            std_error=std_error,
            df=(base - 1).astype(np.float64),
            method="linearised" if self.weighted else "t",
        )
        return self._estimate(
            term, mean, std_error, interval, item=item, unit=unit, null=null, domain=domain
        )

    def contrast(self, scores: Scores, *, term: str, item: str | None = None) -> Estimate:
        """A difference of shares: the mean of scores of 1, 0 and -1, with Wald's interval.

        Args:
            scores: As ``mean``.
            term: The estimate's name.
            item: What it speaks of; the item's name where None.
        """
        value, std_error, _ = self._mean(self._scores(scores), ddof=0)
        interval: Interval = NormalInterval(centre=value, std_error=std_error, low=-1.0, high=1.0)
        if self.weighted:
            interval = StudentInterval(
                centre=value, std_error=std_error, df=self.df, method="linearised"
            )
        return self._estimate(term, value, std_error, interval, item=item, unit="proportion")

    def net(
        self,
        high: Answers,
        low: Answers,
        *,
        term: str,
        item: str | None = None,
        interval: str | None = None,
        seed: int = 0,
    ) -> Estimate:
        """The share of high answers less the share of low ones, in points from -100 to 100.

        Args:
            high: Answers that count for it.
            low: Answers that count against it.
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
        net, std_error, base = self._mean(100.0 * (above - below), ddof=0)
        counts = np.stack(
            [
                self.counts @ below.astype(np.int64),
                base - self.counts @ (above + below).astype(np.int64),
                self.counts @ above.astype(np.int64),
            ],
            axis=1,
        )
        if self.weighted:
            classes = [below, 1.0 - below - above, above]
            parts = np.stack([_summed(self.weights * one) for one in classes], axis=1)
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

    def quantile(self, probability: float = 0.5, *, term: str, item: str | None = None) -> Estimate:
        """A quantile of the first item's answers: by default the median.

        It is the answer at which the cumulative share reaches the probability, and halfway to the
        next answer given where that is met exactly. Its interval, of answers of the scale, is by
        order statistics, or Woodruff's under weights; it has no standard error, as a quantile of
        few values stays or jumps. Cells are compared by ranks.

        Args:
            probability: Above 0 and below 1.
            term: The estimate's name.
            item: What it speaks of; the item's name where None.

        Raises:
            ValueError: The probability is out of its range, or the table is of several items.
        """
        if not 0 < probability < 1:
            raise ValueError(f"the quantile at {probability}: a probability is above 0, below 1")
        if len(self.items) > 1:
            raise ValueError("a quantile is of one item, not of a table of several")
        weights, values = self.weights, self.values
        value = quantile(weights, values, probability)
        interval: Interval
        if self.weighted:
            upto = np.tri(values.size, dtype=np.bool_)
            shares = [self.share(flags, term=term).interval for flags in upto]
            interval = WoodruffInterval(
                shares=tuple(one for one in shares if isinstance(one, WilsonInterval)),
                values=values,
                probability=probability,
            )
        else:
            interval = OrderStatisticInterval(
                counts=self.counts, values=values, probability=probability
            )
        comparison = RankedCells(
            value=value,
            interval=interval,
            counts=self.counts,
            weights=weights if self.weighted else None,
            squares=self.squared_weights if self.weighted else None,
            survey_rows=self.survey_rows,
        )
        nothing = np.full(value.shape, np.nan)
        return self._estimate(
            term, value, nothing, interval, item=item, unit="score", comparison=comparison
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
        null: float | None = None,
        domain: FloatArray | None = None,
    ) -> Estimate:
        base = self.base
        if domain is not None:
            base = np.sum(self.counts * domain.astype(np.int64), axis=1)
        return Estimate(
            term=term,
            item=self.item.name if item is None else item,
            value=value,
            std_error=std_error,
            base=base,
            weighted_base=self._weighted_base(domain),
            effective_base=self._effective_base(domain),
            interval=interval,
            unit=unit,
            comparison=comparison,
            null=null,
        )

    def _weighted_base(self, domain: FloatArray | None) -> FloatArray:
        table = self.counts if self.w is None else self.w[:, self._valid]
        return _summed(table if domain is None else table * domain)

    def _effective_base(self, domain: FloatArray | None) -> FloatArray:
        weighted = self._weighted_base(domain)
        if self.w2 is None:
            return weighted
        squares = self.w2[:, self._valid]
        return kish(weighted, _summed(squares if domain is None else squares * domain))

    def _mean(self, scores: FloatArray, *, ddof: int) -> tuple[FloatArray, FloatArray, IntArray]:
        """The mean of scores by cell, its standard error, and the answers that have a score.

        ``ddof`` is 0 for shares and nets (divided by n) and 1 for means; under weights the
        linearised error is the same for both.
        """
        domain = ~np.isnan(scores)
        scores = np.where(domain, scores, 0.0)
        base = np.sum(self.counts * domain, axis=1)
        weight = (self.counts if self.w is None else self.w[:, self._valid]) * domain
        total = _summed(weight)
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = _summed(weight * scores) / total
            # A mean lies among the answers' scores; rounding must not push it out of them.
            lowest = np.min(np.where(weight > 0, scores, np.inf), axis=1)
            highest = np.max(np.where(weight > 0, scores, -np.inf), axis=1)
            mean = np.clip(mean, lowest, highest)
            square = (scores - mean[:, None]) ** 2
            if self.w2 is None:
                variance = _summed(weight * square) / (base - ddof) / base
            else:
                spread = _summed(self.w2[:, self._valid] * domain * square)
                survey = self.survey_rows / (self.survey_rows - 1) if self.survey_rows > 1 else 0.0
                variance = np.where(base >= 2, survey * spread / total**2, np.nan)
        return mean, np.sqrt(variance), base

    def _picked(self, answers: Answers) -> FloatArray:
        """An indicator over the table's answers."""
        if isinstance(answers, np.ndarray) and answers.dtype == np.bool_:
            if answers.shape == self.counts.shape:
                return answers.astype(np.float64)
            if answers.size != self._valid.size:
                raise ValueError(f"{answers.size} flags for {self._valid.size} answers")
            return answers.ravel().astype(np.float64)
        if len(self.items) > 1:
            raise ValueError("a table of several items takes a flag for every answer")
        picked = np.zeros(self.item.levels)
        for value in answers:
            if not self.item.low <= value <= self.item.high:
                raise ValueError(
                    f"{value} is no value of {self.item.name}, which is "
                    f"{self.item.low}..{self.item.high}"
                )
            picked[value - self.item.low] = 1.0
        return picked

    def _scores(self, scores: Scores | None) -> FloatArray:
        if scores is None:
            return self.values
        if isinstance(scores, np.ndarray):
            if scores.shape == self.counts.shape:
                return scores.astype(np.float64)
            if scores.size != self._valid.size:
                raise ValueError(f"{scores.size} scores for {self._valid.size} answers")
            return scores.ravel().astype(np.float64)
        absent = [int(value) for value in self.values if int(value) not in scores]
        if absent:
            raise ValueError(f"no score for {absent} of {self.item.name}")
        return np.array([scores[int(value)] for value in self.values], dtype=np.float64)
