"""Derived items as codes: by arithmetic in few bits, by a table, or as their class computes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final, Protocol

import numpy as np

from satcore.codebook import Item
from satcore.derived import Derived, Exact, Indicator, Mean, Sum
from satcore.states import Array

#: Combinations of answers for which a derived item is looked up in a table.
MOST_LOOKED_UP: Final = 1 << 16

#: Codes that are compared one by one; more are looked up.
FEW_CODES: Final = 8


class Coded(Protocol):
    """Some responses whose items have codes."""

    def codes(self, item: Exact) -> Array:
        """The code of each response."""

    def given(self, item: Exact) -> bool:
        """Whether every response is known to have a value."""

    def place_among(self, columns: tuple[Exact, ...]) -> Array:
        """The number of each response's combination of codes."""


def fewest_bits(size: int) -> Any:
    """The narrowest whole numbers that tell ``size`` things apart."""
    return np.uint8 if size <= 1 << 8 else np.uint16 if size <= 1 << 16 else np.intp


def joined(codes: Sequence[Array], radices: Sequence[int]) -> Array:
    """One code of several, the last fastest, in few bits.

    Args:
        codes: Codes of equal length.
        radices: How many codes each has.
    """
    kind = fewest_bits(math.prod(radices))
    joint = codes[0].astype(kind, copy=len(codes) > 1)
    for code, radix in zip(codes[1:], radices[1:], strict=True):
        # A radix that does not fit stands beside others of 1: there is nothing to multiply yet.
        if radix <= np.iinfo(kind).max:
            np.multiply(joint, kind(radix), out=joint)
        np.add(joint, code, out=joint, casting="unsafe")
    return joint


def codes_of(item: Derived, block: Coded, tables: dict[Derived, Array]) -> Array:
    """The codes of a derived item: 0 upwards, then ``item.missing_code``.

    Args:
        item: The item.
        block: The responses.
        tables: Tables of combinations that are known already; a new one is added.
    """
    if isinstance(item, Indicator) and len(item.codes) <= FEW_CODES:
        return _flagged(item, block.codes(item.item))
    by_arithmetic = item.linear() is not None and all(block.given(part) for part in item.parts)
    if by_arithmetic and _is_linear(item):
        return _by_arithmetic(item, block)
    for columns in (item.sources, item.parts):
        if by_arithmetic and columns is not item.sources:
            return _by_arithmetic(item, block)
        if math.prod(column.size for column in columns) <= MOST_LOOKED_UP:
            if item not in tables:
                tables[item] = _table(item, columns)
            return np.take(tables[item], block.place_among(columns))
    if isinstance(item, Sum | Mean):
        return _summed(item, block)
    return _combined(item, [block.codes(part) for part in item.parts])


def _is_linear(item: Derived) -> bool:
    """Whether nothing below it has to be looked up."""
    return item.linear() is not None and all(
        isinstance(part, Item) or _is_linear(part) for part in item.parts
    )


def _flagged(item: Indicator, codes: Array) -> Array:
    """A yes or no by comparing with every code that means it, in few bits."""
    of, part = set(item.codes), item.item
    meant = [code for code in range(part.levels) if code + part.low in of]
    flags = np.zeros(codes.size, dtype=np.bool_)
    for code in meant:
        np.logical_or(flags, codes == codes.dtype.type(code), out=flags)
    found = flags.view(np.uint8)
    if not item.missing_is_0:
        found[codes >= part.levels] = item.missing_code
    return found


def _combined(item: Derived, codes: Sequence[Array]) -> Array:
    """As the item's class computes it, from the codes of its parts."""
    there = [code < part.levels for part, code in zip(item.parts, codes, strict=True)]
    numerators = [
        np.where(answered, code.astype(np.int64) + part.low, 0)
        for part, code, answered in zip(item.parts, codes, there, strict=True)
    ]
    found, answered = item.combine(numerators, there)
    return np.where(answered, found - item.low, item.missing_code).astype(fewest_bits(item.size))


def _table(item: Derived, columns: Sequence[Exact]) -> Array:
    """The code of every combination of codes of some columns, the last one fastest."""
    sizes = [column.size for column in columns]
    known: dict[Exact, Array] = dict(
        zip(columns, np.unravel_index(np.arange(math.prod(sizes)), sizes), strict=True)
    )

    def codes(one: Exact) -> Array:
        if one not in known:
            if not isinstance(one, Derived):  # pragma: no cover - every column is known
                raise KeyError(one)
            known[one] = _combined(one, [codes(part) for part in one.parts])
        return known[one]

    return codes(item)


def _by_arithmetic(item: Derived, block: Coded) -> Array:
    """A linear expression of parts that everybody answered."""
    linear = item.linear()
    if linear is None:  # pragma: no cover - the caller has looked
        raise AssertionError
    terms, constant = linear
    counting = [(part, by) for part, by in terms if by]
    # Codes count from 0: what that shifts is taken into the constant.
    shift = constant - item.low + sum(by * part.low for part, by in terms)
    if len(counting) == 1 and counting[0][1] == 1 and not shift:
        return block.codes(counting[0][0]).astype(fewest_bits(item.size), copy=False)
    reach = abs(shift) + sum(abs(by) * part.levels for part, by in counting)
    kind: Any = np.int16 if reach < 1 << 15 else np.int64
    total: Array | None = None
    for part, by in counting:
        codes = block.codes(part)
        if total is None:
            total = np.full(codes.size, shift, dtype=kind)
        term = codes if abs(by) == 1 else codes.astype(kind) * kind(abs(by))
        (np.add if by > 0 else np.subtract)(total, term, out=total, casting="unsafe")
    if total is None:
        return np.full(block.codes(item.parts[0]).size, shift, dtype=fewest_bits(item.size))
    return total.astype(fewest_bits(item.size))


def _summed(item: Sum | Mean, block: Coded) -> Array:
    """A sum or mean of many parts some of which were not answered."""
    factors, shares = item.by_answered()
    reach = sum(
        by * max(abs(p.low), abs(p.high)) for p, by in zip(item.parts, factors, strict=True)
    )
    widest = reach * max(shares) + abs(item.low)
    kind: Any = np.int16 if widest < 1 << 15 else np.int32 if widest < 1 << 31 else np.int64
    rows = block.codes(item.parts[0]).size
    total, counts = np.zeros(rows, dtype=kind), np.zeros(rows, fewest_bits(len(factors) + 1))
    base = {part.low * by for part, by in zip(item.parts, factors, strict=True)}
    for part, by in zip(item.parts, factors, strict=True):
        codes = block.codes(part)
        answered = codes < part.levels
        value = codes * answered
        np.add(total, value if by == 1 else value * kind(by), out=total, casting="unsafe")
        np.add(counts, answered, out=counts)
        if len(base) > 1:
            np.add(total, answered * kind(part.low * by), out=total)
    if len(base) == 1:
        total += counts.astype(kind) * kind(base.pop())
    share = np.array(shares, dtype=kind)[counts]
    total *= share
    total -= kind(item.low)
    total[share == 0] = item.missing_code
    return total.astype(fewest_bits(item.size))
