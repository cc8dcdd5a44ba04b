"""Moments: sums and cross-products of a set of items, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import field, frozen

from satcore.codebook import Item
from satcore.derived import AnyItem, Derived, Flags
from satcore.estimates import Estimate
from satcore.inference import FloatArray, IntArray, Interval, StudentInterval, kish
from satcore.regression import coefficient_gradients
from satcore.states import Array, Field
from satcore.statistics import Counted, ReplicatedArrays, Statistic, Times

if TYPE_CHECKING:
    from satcore.blocks import Block

#: Sums over a chunk of rows are made in doubles and have to be whole: the square of the greatest
#: value times the rows of a chunk stays below 2**53.
_WIDEST = 1 << 20

#: Products no greater than this, times 2**40 responses, are whole numbers in doubles.
_SMALL = 1 << 13

#: Whole numbers below this are whole in single precision.
_SINGLE = 1 << 24

#: Rows that are multiplied at a time.
_CHUNK = 1 << 13

#: Rows that are counted in all replicates at a time.
_DRAWN = 1 << 9

#: Rows of a cell in a block on average below which cells are not looked at one by one.
_FEW = 1 << 6

#: A function of means (cells, k) and covariances (cells, k, k) that gives a number by cell.
Smooth = Callable[[FloatArray, FloatArray], FloatArray]


#: How far a mean or covariance is moved to see what a function makes of it, in the items' spread.
_STEP = 1e-5

#: Numbers that a function is given at a time to find its derivatives.
_AT_A_TIME = 1 << 19


def _items(items: Iterable[AnyItem]) -> tuple[AnyItem, ...]:
    return tuple(items)


def _pairs(k: int) -> list[tuple[int, int]]:
    return [(a, b) for a in range(k) for b in range(a, k)]


def _gradients(
    f: Smooth, mean: FloatArray, cov: FloatArray, spread: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Derivatives of f by every mean and by every pair's covariance, by central differences.

    What is moved lies beside the cells, so that f is called a few times instead of once a move.

    Args:
        f: The function.
        mean: Means: (cells, k).
        cov: Covariances: (cells, k, k).
        spread: The items' standard deviations, 1 for one without any.

    Returns:
        Derivatives by mean: (cells, k), and by covariance: (cells, pairs).
    """
    cells, k = mean.shape
    pairs = _pairs(k)
    moves = [(place, place) for place in range(k)] + pairs
    found = np.empty((cells, len(moves)))
    size = np.concatenate(
        [_STEP * spread, np.stack([_STEP * spread[:, a] * spread[:, b] for a, b in pairs], axis=1)],
        axis=1,
    )
    step = max(1, _AT_A_TIME // max(1, 2 * cells * k * k))
    for start in range(0, len(moves), step):
        here = range(start, min(start + step, len(moves)))
        means = np.tile(mean, (len(here), 2, 1, 1))
        covs = np.tile(cov, (len(here), 2, 1, 1, 1))
        for place, number in enumerate(here):
            a, b = moves[number]
            for side, by in enumerate((size[:, number], -size[:, number])):
                if number < k:
                    means[place, side, :, a] += by
                    continue
                covs[place, side, :, a, b] += by
                if a != b:
                    covs[place, side, :, b, a] += by
        values = np.asarray(f(means.reshape(-1, k), covs.reshape(-1, k, k)), dtype=np.float64)
        change = values.reshape(len(here), 2, cells)
        found[:, here.start : here.stop] = (change[:, 0] - change[:, 1]).T / (
            2 * size[:, here.start : here.stop]
        )
    return found[:, :k], found[:, k:]


@frozen(eq=False)
class _Column:
    """An item's values in a block, as few bits as they take.

    Attributes:
        values: Codes, or real numbers, 0 where not answered.
        low: What code 0 stands for.
        there: Whether each was answered; None where all were.
    """

    values: Array
    low: int
    there: Flags | None

    @classmethod
    def of(cls, item: AnyItem, block: Block) -> _Column:
        """The column of an item."""
        if not isinstance(item, Item | Derived):
            raw = block.values(item)
            there = ~np.isnan(raw)
            return cls(raw, 0, None) if there.all() else cls(np.where(there, raw, 0.0), 0, there)
        codes = block.codes(item)
        if block.given(item):
            return cls(codes, item.low, None)
        answered = codes < item.levels
        return cls(codes, item.low, None if answered.all() else answered)

    def answered(self, some: Any, rows: int) -> Flags:
        """Whether each of some rows was answered."""
        return np.ones(rows, dtype=np.bool_) if self.there is None else self.there[some]


def _all_answered(columns: Sequence[_Column]) -> Flags | None:
    """Who answered everything; None where everybody did."""
    kept: Flags | None = None
    for one in columns:
        if one.there is not None:
            kept = one.there if kept is None else kept & one.there
    return kept


def _pieces(block: Block, kept: Flags | None) -> Iterator[tuple[int, Any, int, Flags | None]]:
    """A few thousand rows of one cell at a time.

    Gives the cell, the rows, how many they are, and which of them count where not all do.
    """
    if block.place is None:
        # Rows that stand together are looked at where they are; those that do not count become 0.
        for start in range(0, block.rows, _CHUNK):
            some = slice(start, min(start + _CHUNK, block.rows))
            yield 0, some, some.stop - start, None if kept is None else kept[some]
        return
    for cell, here in block.rows_of_cells():
        mine = here if kept is None else here[kept[here]]
        for start in range(0, mine.size, _CHUNK):
            part = mine[start : start + _CHUNK]
            yield cell, part, part.size, None


def _moved(sums: Mapping[str, Array], by: FloatArray) -> dict[str, Array]:
    """Whole sums of codes as those of the codes less something."""
    n, s, ss = sums["n"][:, None], sums["s"], sums["ss"]
    less = by.astype(np.int64)
    moved = s - n * less
    # Σ(x-a)(y-b) = Σxy - bΣx - aΣ(y-b)
    cross = ss - s[:, :, None] * less - less[:, None] * moved[:, None, :]
    return {"n": sums["n"], "s": moved, "ss": cross}


def _co_occurrences(codes: Sequence[Array], kept: Flags | None) -> dict[str, Array]:
    """Sums and cross-products of items that are 0 or 1, from eight respondents a byte."""
    rows = codes[0].size
    bits = np.zeros((len(codes), -(-rows // 64)), dtype=np.uint64)
    packed = bits.view(np.uint8)
    for place, code in enumerate(codes):
        flags = code == 1 if kept is None else (code == 1) & kept
        packed[place, : -(-rows // 8)] = np.packbits(flags)
    both = np.empty((len(codes), len(codes)), dtype=np.int64)
    for place in range(len(codes)):
        together = np.bitwise_count(bits[place] & bits[place:])
        both[place, place:] = both[place:, place] = np.sum(together, axis=1, dtype=np.int64)
    n = rows if kept is None else int(np.count_nonzero(kept))
    return {
        "n": np.array([n], dtype=np.int64),
        "s": both.diagonal()[None].copy(),
        "ss": both[None],
    }


@frozen
class Moments(Statistic):
    """Numbers, sums and cross-products of some items, over the respondents that answered all.

    Exact items - of a scale, or derived - are counted as whole numbers about their middle, so
    that every sum is exact; measures and ratios as doubles.

    Attributes:
        of: The items.
        order: 2 for means and covariances; 4 to have standard errors of covariances and of
            what is made of them as well: the products of every two items are summed like items.
        pairwise: Whether each pair of items is counted over those that answered both, instead of
            all items over those that answered every one. Covariances alone; order 2.
    """

    of: tuple[AnyItem, ...] = field(converter=_items)
    order: int = 2
    pairwise: bool = False

    def __attrs_post_init__(self) -> None:
        if self.order not in (2, 4) or (self.pairwise and self.order != 2):
            raise ValueError("order is 2 or 4, and 2 where pairwise")
        for item in self.of:
            if isinstance(item, Item | Derived) and self._reach(item) > _WIDEST:
                raise ValueError(
                    f"{item.name} spans {item.low} to {item.high}: its sums could not be kept "
                    "exact; take it as a measure"
                )

    @property
    def items(self) -> tuple[AnyItem, ...]:
        """The items."""
        return tuple(dict.fromkeys(self.of))

    @property
    def exact(self) -> bool:
        """Whether every sum is a whole number."""
        return all(isinstance(item, Item | Derived) for item in self.of)

    @property
    def additive(self) -> bool:
        """Where its sums stay whole numbers in doubles, however many responses a row stands for."""
        return self.exact and self._widest**2 <= _SMALL

    def _reach(self, item: AnyItem) -> int:
        """The greatest number about the middle that is summed for an item; 0 for a real one."""
        if not isinstance(item, Item | Derived):
            return 0
        middle = (item.low + item.high) // 2
        reach = max(item.high - middle, middle - item.low)
        return int(reach ** (self.order // 2))

    @property
    def width(self) -> int:
        """How many columns are summed: the items, and their products for order 4."""
        k = len(self.of)
        return k + (k * (k + 1) // 2 if self.order == 4 else 0)

    @property
    def origin(self) -> FloatArray:
        """What is taken from each item's numerator: (items,)."""
        return np.array(
            [(i.low + i.high) // 2 if isinstance(i, Item | Derived) else 0 for i in self.of],
            dtype=np.float64,
        )

    def fields(self, *, weighted: bool) -> Mapping[str, Field]:
        """Sums, without weights, with them and with their squares."""
        p = self.width
        whole = np.int64 if self.exact else np.float64
        square = (p, p)
        if self.pairwise:
            base = {"n": Field(shape=square), "s": Field(shape=square, dtype=whole)}
        else:
            base = {"n": Field(), "s": Field(shape=(p,), dtype=whole)}
        made = {**base, "ss": Field(shape=square, dtype=whole)}
        if weighted:
            for name in ("w", "w2"):
                made[name] = Field(shape=base["n"].shape, dtype=np.float64)
                made[f"{name}s"] = Field(shape=base["s"].shape, dtype=np.float64)
                made[f"{name}ss"] = Field(shape=square, dtype=np.float64)
        return made

    @property
    def _widest(self) -> int:
        """The greatest number that is summed."""
        return max(map(self._reach, self.of))

    @property
    def _widest_code(self) -> int:
        """The greatest code of an answer."""
        return max(item.levels - 1 for item in self.of if isinstance(item, Item | Derived))

    @property
    def _of_codes(self) -> bool:
        """Whether codes can be summed for numbers: what tells them apart is a constant."""
        return self.order == 2 and not self.pairwise and self.exact and self._widest_code < _WIDEST

    @property
    def _yes_or_no(self) -> bool:
        """Whether every item is 0 or 1: its sums are numbers of respondents."""
        return self.order == 2 and not self.pairwise and all(
            isinstance(item, Item | Derived) and (item.low, item.high) == (0, 1)
            for item in self.of
        )  # fmt: skip

    def observe(self, block: Block) -> Mapping[str, Array]:
        """Count one block."""
        simple = block.multiplicity is None and not block.weighted
        columns = [_Column.of(item, block) for item in self.of]
        kept = None if self.pairwise else _all_answered(columns)
        if simple and block.place is None and self._yes_or_no:
            return _co_occurrences([one.values for one in columns], kept)
        fields = self.fields(weighted=block.weighted)
        result = {name: one.empty(block.cells) for name, one in fields.items()}
        if block.cells > max(1, block.rows // _FEW):
            return self._by_cell(block, columns, kept, result)
        # Codes as they are save a pass over the numbers; the sums are moved to the origin after.
        shifts = self.origin - [one.low for one in columns]
        as_codes = simple and self._of_codes
        widest = self._widest_code if as_codes else self._widest
        # Half the bytes where single precision holds every sum.
        kind = np.float32 if simple and self.exact and widest**2 * _CHUNK < _SINGLE else np.float64
        # One small piece of memory for all rows: it stays in the processor's cache.
        memory = np.empty((self.width, min(_CHUNK, max(block.rows, 1))), dtype=kind)
        factors = self._factors(block)
        for cell, some, rows, mask in _pieces(block, kept):
            x: FloatArray = memory[:, :rows]
            there: FloatArray | None = None
            for place, (one, shift) in enumerate(zip(columns, shifts.tolist(), strict=True)):
                if as_codes:
                    np.copyto(x[place], one.values[some], casting="unsafe")
                else:
                    np.subtract(one.values[some], kind(shift), out=x[place], casting="unsafe")
            if self.pairwise:
                stacked = np.stack([one.answered(some, rows) for one in columns])
                there = np.asarray(stacked, dtype=kind)
                x[: len(columns)] *= there
            elif mask is not None:
                x[: len(columns)] *= mask
            for place, (left, right) in enumerate(self._products, len(columns)):
                np.multiply(x[left], x[right], out=x[place])
            number = rows if mask is None else int(np.count_nonzero(mask))
            by = {name: None if one is None else one[some] for name, one in factors.items()}
            if mask is not None:
                by = {name: None if one is None else one * mask for name, one in by.items()}
            for name, value in self._sums(x, there, by, number):
                array = result[name]
                array[cell] += np.asarray(value).astype(array.dtype)
        return _moved(result, shifts) if as_codes else result

    def observe_replicates(self, block: Block, count: int, times: Times) -> ReplicatedArrays:
        """All replicates at once: how often rows count, times what they add to each sum."""
        if self.order != 2:
            return None
        columns = [_Column.of(item, block) for item in self.of]
        kept = None if self.pairwise else _all_answered(columns)
        fields = self.fields(weighted=block.weighted)
        result = {
            name: np.zeros((block.cells, count, *one.shape), one.dtype)
            for name, one in fields.items()
        }
        shifts = self.origin - [one.low for one in columns]
        factors = self._factors(block)
        for cell, here in block.rows_of_cells():
            mine = here if kept is None else here[kept[here]]
            for start in range(0, mine.size, _DRAWN):
                some = mine[start : start + _DRAWN]
                added = self._added(
                    [one.values[some] - by for one, by in zip(columns, shifts, strict=True)],
                    [one.answered(some, some.size) for one in columns],
                )
                drawn = times(some)
                for prefix, by in factors.items():
                    counted = drawn if by is None else drawn * by[some]
                    for name, each in added.items():
                        array = result[prefix if name == "n" and prefix else prefix + name]
                        sums = (counted @ each.reshape(some.size, -1)).reshape(
                            count, *each.shape[1:]
                        )
                        array[cell] += sums.astype(array.dtype)
        return result

    def _added(
        self, values: Sequence[FloatArray], answered: Sequence[Flags]
    ) -> dict[str, FloatArray]:
        """What each of some rows adds to the sums, the row first.

        Args:
            values: Of every item, about its origin.
            answered: Whether there is one.
        """
        x = np.stack(values, axis=1)
        if not self.pairwise:
            return {"n": np.ones(len(x)), "s": x, "ss": x[:, :, None] * x[:, None, :]}
        there = np.stack(answered, axis=1).astype(np.float64)
        x = x * there
        return {
            "n": there[:, :, None] * there[:, None, :],
            "s": x[:, :, None] * there[:, None, :],
            "ss": x[:, :, None] * x[:, None, :],
        }

    def _by_cell(
        self,
        block: Block,
        columns: Sequence[_Column],
        kept: Flags | None,
        result: dict[str, Array],
    ) -> dict[str, Array]:
        """Sums of many cells of few rows each: rows in the cells' order, added run by run."""
        there = np.arange(block.rows) if kept is None else np.flatnonzero(kept)
        place = np.zeros(there.size, np.int8) if block.place is None else block.place[there]
        order = there[np.argsort(place, kind="stable")]
        if not order.size:
            return result
        cells = np.sort(place, kind="stable")
        starts = np.flatnonzero(np.concatenate([[True], cells[1:] != cells[:-1]]))
        present = cells[starts].astype(np.intp)
        kind: Any = np.int64 if self.exact else np.float64
        x: list[Array] = [
            one.values[order].astype(kind) - kind(origin - one.low)
            for one, origin in zip(columns, self.origin, strict=True)
        ]
        answered = [one.answered(order, order.size).astype(np.int64) for one in columns]
        if self.pairwise:
            x = [one * here for one, here in zip(x, answered, strict=True)]
        x += [x[left] * x[right] for left, right in self._products]

        def add(name: str, values: Array, *at: int) -> None:
            array = result[name]
            where: Any = (present, *at)
            array[where] += np.add.reduceat(values, starts).astype(array.dtype)

        factors: dict[str, Array | None] = {"": block.multiplicity}
        if block.weighted:
            factors["w"], factors["w2"] = block.weights()
        for prefix, factor in factors.items():
            by: Array = np.ones(order.size, np.int64) if factor is None else factor[order]
            if not self.pairwise:
                add(prefix or "n", by)
            for left, mine in enumerate(x):
                scaled = mine * by
                if not self.pairwise:
                    add(f"{prefix}s", scaled, left)
                for right, other in enumerate(x):
                    if self.pairwise:
                        add(prefix or "n", answered[left] * answered[right] * by, left, right)
                        add(f"{prefix}s", scaled * answered[right], left, right)
                    if right >= left:
                        add(f"{prefix}ss", scaled * other, left, right)
            ss = result[f"{prefix}ss"]
            low, high = np.tril_indices(len(x), -1)
            ss[:, low, high] = ss[:, high, low]
        return result

    @property
    def _products(self) -> list[tuple[int, int]]:
        """The pairs of items whose products are summed like items."""
        return _pairs(len(self.of)) if self.order == 4 else []

    def _factors(self, block: Block) -> dict[str, FloatArray | None]:
        """What each row counts: by number, by weight and by squared weight."""
        times = block.multiplicity
        factors = {"": None if times is None else times.astype(np.float64)}
        if block.weighted:
            factors["w"], factors["w2"] = block.weights()
        return factors

    def _sums(
        self,
        x: FloatArray,
        there: FloatArray | None,
        factors: Mapping[str, FloatArray | None],
        number: int,
    ) -> Iterator[tuple[str, FloatArray]]:
        """The arrays' sums over some rows of one cell, by name; x is (width, rows)."""
        for prefix, by in factors.items():
            scaled = x if by is None else x * by
            if there is not None:
                yield prefix or "n", (there if by is None else there * by) @ there.T
                yield f"{prefix}s", scaled @ there.T
            else:
                yield prefix or "n", np.asarray(float(number) if by is None else np.sum(by))
                yield f"{prefix}s", scaled @ np.ones(x.shape[1], dtype=x.dtype)
            yield f"{prefix}ss", scaled @ x.T

    def view(self, counted: Counted) -> MomentSums:
        """The sums with their estimates."""
        n, widest = int(counted["n"].max(initial=0)), self._widest
        if self.exact and n * max(widest, 1) ** 2 >= 1 << 63:
            raise OverflowError(f"{n} answers are more than whole sums of these items can hold")
        return MomentSums(statistic=self, counted=counted)


@frozen(kw_only=True, eq=False)
class MomentSums:
    """Counted moments, for all cells at once: what ``evaluate`` gets for ``Moments``.

    Attributes:
        statistic: What was counted.
        counted: The sums.
    """

    statistic: Moments
    counted: Counted
    _scale: FloatArray = field(init=False)

    def __attrs_post_init__(self) -> None:
        denominators = [
            item.denominator if isinstance(item, Item | Derived) else 1
            for item in self.statistic.of
        ]
        object.__setattr__(self, "_scale", np.array(denominators, dtype=np.float64))

    @property
    def weighted(self) -> bool:
        """Whether the responses carry weights."""
        return self.counted.weighted

    @property
    def base(self) -> IntArray:
        """Respondents by cell that answered every item; any, where pairwise."""
        n = self.counted["n"]
        if self.statistic.pairwise:
            return np.asarray(np.max(np.diagonal(n, axis1=1, axis2=2), axis=1, initial=0))
        return n

    @property
    def weighted_base(self) -> FloatArray:
        """Sum of their weights by cell."""
        return self.counted["w"] if self.weighted else self.base.astype(np.float64)

    @property
    def effective_base(self) -> FloatArray:
        """Kish's effective base by cell."""
        if not self.weighted:
            return self.base.astype(np.float64)
        return kish(self.counted["w"], self.counted["w2"])

    def _about_origin(self) -> FloatArray:
        """Means of all summed columns about their origin: (cells, width)."""
        prefix, number = ("w", "w") if self.weighted else ("", "n")
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.counted[f"{prefix}s"] / self.counted[number][:, None])

    def means(self) -> FloatArray:
        """The items' means by cell: (cells, items)."""
        k = len(self.statistic.of)
        if self.statistic.pairwise:
            with np.errstate(divide="ignore", invalid="ignore"):
                s = np.diagonal(self.counted["ws" if self.weighted else "s"], axis1=1, axis2=2)
                n = np.diagonal(self.counted["w" if self.weighted else "n"], axis1=1, axis2=2)
                return np.asarray((s / n + self.statistic.origin) / self._scale)
        return (self._about_origin()[:, :k] + self.statistic.origin) / self._scale

    def cov(self) -> FloatArray:
        """The items' covariances by cell, divided by n-1: (cells, items, items).

        Weighted ones are Σw(x-x̄)(y-ȳ)/Σw times n/(n-1).
        """
        k = len(self.statistic.of)
        prefix, number = ("w", "w") if self.weighted else ("", "n")
        n = self.counted["n"].astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.statistic.pairwise:
                total = self.counted[number]
                s = self.counted[f"{prefix}s"]
                inner = self.counted[f"{prefix}ss"] / total - (s / total) * (
                    np.swapaxes(s, 1, 2) / total
                )
                raw = inner * (n / (n - 1))
            else:
                mean = self._about_origin()[:, :k]
                total = self.counted[number][:, None, None]
                inner = self.counted[f"{prefix}ss"][:, :k, :k] / total
                raw = (inner - mean[:, :, None] * mean[:, None, :]) * (n / (n - 1))[:, None, None]
        return np.asarray(raw / (self._scale[:, None] * self._scale[None, :]))

    def mean(self, place: int, *, term: str, item: str | None = None, **more: object) -> Estimate:
        """The mean of one item with Student's t.

        Args:
            place: The item's place.
            term: The estimate's name.
            item: What it speaks of; the item's name where None.
            **more: As ``combine``.
        """
        coefficients = np.zeros(len(self.statistic.of))
        coefficients[place] = 1.0
        name = self.statistic.of[place].name if item is None else item
        return self.combine(coefficients, term=term, item=name, **more)  # type: ignore[arg-type]

    def combine(
        self,
        coefficients: Sequence[float] | FloatArray,
        *,
        term: str,
        item: str = "",
        unit: str = "score",
        null: float | None = None,
    ) -> Estimate:
        """The mean of a linear combination of the items with Student's t.

        Args:
            coefficients: One an item.
            term: The estimate's name.
            item: What it speaks of.
            unit: The unit.
            null: A value against which it is tested.
        """
        c = np.asarray(coefficients, dtype=np.float64)
        value = np.sum(self.means() * c, axis=1)
        padded = np.zeros((self.counted.cells, self.statistic.width))
        padded[:, : c.size] = c / self._scale
        std_error = self._std_error(padded)
        interval = StudentInterval(
            centre=value, std_error=std_error, df=(self.base - 1).astype(np.float64),
            method="linearised" if self.weighted else "t",
        )  # fmt: skip
        return self._estimate(term, item, unit, value, std_error, interval, null)

    def linear_error(self, coefficients: FloatArray) -> FloatArray:
        """The standard error of the mean of a linear combination of the items.

        Coefficients that are themselves estimates - the derivatives of a ratio, say - give the
        delta method's error.

        Args:
            coefficients: One a cell and item: (cells, items).
        """
        padded = np.zeros((self.counted.cells, self.statistic.width))
        padded[:, : coefficients.shape[1]] = coefficients / self._scale
        return self._std_error(padded)

    def smooth(
        self,
        f: Smooth,
        *,
        term: str,
        item: str = "",
        unit: str = "coefficient",
        interval: Callable[[FloatArray, FloatArray, FloatArray], Interval] | None = None,
        among: Sequence[int] | None = None,
    ) -> Estimate:
        """Any smooth function of means and covariances, with the delta method's error.

        The error follows from the fourth moments and supposes no distribution.

        Args:
            f: The function, for many cells at once; it treats each as if it were alone.
            term: The estimate's name.
            item: What it speaks of.
            unit: The unit.
            interval: Makes the interval from value, standard error and degrees of freedom by
                cell; Student's t where None.
            among: Places of the items that the function uses; it gets the means and covariances
                of these alone, in this order. All items where None.

        Raises:
            ValueError: The moments are of order 2, or a place stands there twice.
        """
        if self.statistic.order != 4:
            raise ValueError("a standard error of covariances needs Moments(..., order=4)")
        places = tuple(range(len(self.statistic.of)) if among is None else among)
        if len(set(places)) < len(places):
            raise ValueError(f"an item stands twice among {places}")
        mean = np.ascontiguousarray(self.means()[:, places])
        cov = np.ascontiguousarray(self.cov()[:, places][:, :, places])
        value = np.asarray(f(mean, cov), dtype=np.float64)
        std_error = self._std_error(self._influence(f, mean, cov, places))
        df = (self.base - 1).astype(np.float64)
        made = (
            StudentInterval(centre=value, std_error=std_error, df=df)
            if interval is None
            else interval(value, std_error, df)
        )
        return self._estimate(term, item, unit, value, std_error, made, None)

    def _influence(
        self, f: Smooth, mean: FloatArray, cov: FloatArray, places: Sequence[int]
    ) -> FloatArray:
        """What each summed column adds to f, to first order: (cells, width).

        Args:
            f: The function.
            mean: The means that it uses.
            cov: The covariances that it uses.
            places: The items that these are of.
        """
        spread = np.sqrt(np.maximum(np.einsum("cii->ci", cov), 0.0))
        by_mean, by_cov = _gradients(f, mean, cov, np.where(spread > 0, spread, 1.0))
        return self._summed_influence(by_mean, by_cov, places)

    def _summed_influence(
        self, by_mean: FloatArray, by_cov: FloatArray, places: Sequence[int]
    ) -> FloatArray:
        """What each summed column adds to a function with known derivatives: (cells, width).

        Args:
            by_mean: Derivatives by the means that it uses: (cells, places).
            by_cov: Those by the covariance of every pair: (cells, pairs).
            places: The items that these are of.
        """
        whole = len(self.statistic.of)
        influence = np.zeros((by_mean.shape[0], self.statistic.width))
        origin = self._about_origin()[:, :whole]
        columns = {pair: column for column, pair in enumerate(_pairs(whole), start=whole)}
        n = self.base.astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            # Covariances are those of the sample times this.
            by_cov = by_cov * (n / (n - 1))[:, None]
        for place, first in enumerate(places):
            influence[:, first] += by_mean[:, place] / self._scale[first]
        for number, (left, right) in enumerate(_pairs(len(places))):
            a, b = places[left], places[right]
            gradient = by_cov[:, number] / (self._scale[a] * self._scale[b])
            # d(S_ab) = x_a x_b - m_a x_b - m_b x_a, about the origin.
            influence[:, columns[min(a, b), max(a, b)]] += gradient
            influence[:, a] -= gradient * origin[:, b]
            influence[:, b] -= gradient * origin[:, a]
        return influence

    def coefficient_covariances(self, among: Sequence[int] | None = None) -> FloatArray:
        """Covariances of a regression's coefficients, whatever the spread about the fit.

        The sandwich of Huber (1967) and White (1980), times n/(n-1); under weights that of a
        survey (Binder 1983).

        Args:
            among: Places of the outcome and then of the predictors; all items, the first as the
                outcome, where None.

        Returns:
            (cells, p, p); NaN beside a predictor that has no coefficient.

        Raises:
            ValueError: The moments are of order 2.
        """
        if self.statistic.order != 4:
            raise ValueError("errors of coefficients need Moments(..., order=4)")
        places = tuple(range(len(self.statistic.of)) if among is None else among)
        cov = np.ascontiguousarray(self.cov()[:, places][:, :, places])
        gradients = coefficient_gradients(cov)
        rows, columns = np.triu_indices(len(places))
        no_mean = np.zeros((cov.shape[0], len(places)))
        influences = np.stack(
            [
                self._summed_influence(no_mean, gradients[:, one][:, rows, columns], places)
                for one in range(gradients.shape[1])
            ],
            axis=1,
        )
        return self._variances(influences)

    def _variances(self, c: FloatArray) -> FloatArray:
        """Covariances of the means of several c'z, z the summed columns: (cells, m, m)."""
        z = self._about_origin()
        n = self.base.astype(np.float64)
        prefix = "w2" if self.weighted else ""
        ss, s = self.counted[f"{prefix}ss"], self.counted[f"{prefix}s"]
        number = self.counted[prefix or "n"]
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.weighted:
                survey = self.counted.survey_rows
                factor = np.full(n.shape, survey / (survey - 1) if survey > 1 else np.nan)
                total = self.counted["w"]
            else:
                factor, total = n / (n - 1), n
            # Σ(z - z̄)(z - z̄)', of the answers' squared weights.
            centred = (
                ss
                - z[:, :, None] * s[:, None, :]
                - s[:, :, None] * z[:, None, :]
                + z[:, :, None] * z[:, None, :] * number[:, None, None]
            )
            found = c @ centred @ np.swapaxes(c, 1, 2) * (factor / total**2)[:, None, None]
        return np.where((self.base >= 2)[:, None, None], found, np.nan)

    def _std_error(self, c: FloatArray) -> FloatArray:
        """The standard error of the mean of c'z, z the summed columns: (cells,)."""
        n = self.base.astype(np.float64)
        z = self._about_origin()
        centre = np.sum(c * z, axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.weighted:
                prefix, total = "w2", self.counted["w"]
                survey = self.counted.survey_rows
                factor = np.full(n.shape, survey / (survey - 1) if survey > 1 else np.nan)
            else:
                prefix, total = "", n
                factor = np.asarray(n / (n - 1))
            ss, s = self.counted[f"{prefix}ss"], self.counted[f"{prefix}s"]
            number = self.counted[prefix or "n"]
            square = (
                np.einsum("ca,cab,cb->c", c, ss, c)
                - 2 * centre * np.sum(c * s, axis=1)
                + centre**2 * number
            )
            variance = factor * np.maximum(square, 0.0) / total**2
        return np.where(self.base >= 2, np.sqrt(variance), np.nan)

    def _estimate(
        self,
        term: str,
        item: str,
        unit: str,
        value: FloatArray,
        std_error: FloatArray,
        interval: Interval,
        null: float | None,
    ) -> Estimate:
        return Estimate(
            term=term,
            item=item,
            unit=unit,
            value=value,
            std_error=std_error,
            base=self.base,
            weighted_base=self.weighted_base,
            effective_base=self.effective_base,
            interval=interval,
            null=null,
        )
