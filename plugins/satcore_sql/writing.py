"""Items as expressions of a database: whole numbers of 64 bits, null where not answered.

Everything is cast before anything is multiplied: the product of two unsigned bytes is an error in
one database and a wrong number in another.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Mapping
from typing import Any, Final

from satcore import Derived, Given, Indicator, Item, Mean, Product, Recode, Sum
from satcore_sql.connecting import ibis

#: Branches that a look-up may have.
_MOST_BRANCHES: Final = 512

#: The numerators of the raw values of each item that are valid answers.
Values = Mapping[Item, Mapping[Any, int]]


class UnwritableError(Exception):
    """An item that no expression here stands for."""


def numerator(item: Item | Derived, table: Any, values: Values) -> Any:
    """The numerator of an item.

    Raises:
        UnwritableError: There is no expression for it.
    """
    if isinstance(item, Item):
        return _looked_up(table[item.name], values[item])
    parts = [numerator(part, table, values) for part in item.parts]
    if isinstance(item, Sum | Mean):
        return _summed(item, parts)
    if isinstance(item, Product):
        return parts[0] * parts[1]
    if isinstance(item, Given):
        answered = functools.reduce(operator.and_, (one.notnull() for one in parts))
        return ibis().ifelse(answered, parts[0], _nothing())
    if isinstance(item, Indicator):
        among = parts[0].isin(list(item.codes)).ifelse(1, 0).cast("int64")
        otherwise = ibis().literal(0, "int64") if item.missing_is_0 else _nothing()
        return ibis().ifelse(parts[0].notnull(), among, otherwise)
    linear = item.linear()
    if linear is not None and item.total:
        terms, constant = linear
        by_part = dict(zip(item.parts, parts, strict=True))
        return sum((by_part[part] * by for part, by in terms), ibis().literal(constant, "int64"))
    if isinstance(item, Recode) and math.prod(one.levels for one in item.items) <= _MOST_BRANCHES:
        return _recoded(item, parts)
    raise UnwritableError(item.key)


def _nothing() -> Any:
    return ibis().null("int64")


def _looked_up(column: Any, values: Mapping[Any, int]) -> Any:
    """The numerators of a column's raw values."""
    if not values:
        return ibis().ifelse(column.isnull(), _nothing(), _nothing())
    if column.type().is_integer() and all(raw == value for raw, value in values.items()):
        return ibis().ifelse(column.isin(list(values)), column.cast("int64"), _nothing())
    branches = [(column == raw, ibis().literal(one, "int64")) for raw, one in values.items()]
    return ibis().cases(*branches, else_=_nothing())


def _summed(item: Sum | Mean, parts: list[Any]) -> Any:
    """A sum or mean of the parts that are answered, where enough are."""
    factors, shares = item.by_answered()
    total = sum(
        (part.fill_null(0) * by for part, by in zip(parts, factors, strict=True)),
        ibis().literal(0, "int64"),
    )
    if not any(shares[:-1]):  # all of them, or none
        answered = functools.reduce(operator.and_, (part.notnull() for part in parts))
        return ibis().ifelse(answered, total * shares[-1], _nothing())
    count = sum((part.notnull().cast("int64") for part in parts), ibis().literal(0, "int64"))
    branches = [(n, ibis().literal(share, "int64")) for n, share in enumerate(shares) if share]
    return total * count.cases(*branches, else_=_nothing())


def _recoded(item: Recode, parts: list[Any]) -> Any:
    place = ibis().literal(0, "int64")
    for one, part in zip(item.items, parts, strict=True):
        place = place * one.levels + (part - one.low)
    branches = [(place == at, ibis().literal(to, "int64")) for at, to in enumerate(item.table)]
    return ibis().cases(*branches, else_=_nothing())
