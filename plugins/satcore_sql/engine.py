"""The engine: one query a table of answers, one for the sums of many items, the rest in batches."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from attrs import field, frozen

from satcore import (
    Bundle,
    Derived,
    EngineError,
    GroupedScan,
    Item,
    LocalEngine,
    Moments,
    Plan,
    Progress,
    SatcoreError,
    Survey,
    listed,
)
from satcore_sql.connecting import held, opened, survey_of
from satcore_sql.writing import UnwritableError, Values, numerator

#: Sums that are asked for in one query.
_MOST_SUMS: Final = 250


@frozen
class SqlEngine:
    """Counts in a database.

    Statistics whose items have few combinations of answers become one ``GROUP BY`` each; moments
    of many items become sums of products. Others can only be counted answer by answer: their
    columns are read out in batches where ``stream`` allows it.

    Attributes:
        table: An Ibis table that holds the answers; None for DuckDB over the study's own.
        stream: Whether answers may be read out.
    """

    table: Any = None
    stream: bool = field(default=False, kw_only=True)

    def survey(self) -> Survey | None:
        """The answers of the table; None where the study has its own."""
        return None if self.table is None else survey_of(self.table)

    def scan(self, plan: Plan, progress: Progress | None = None) -> Bundle:
        """Count every response once.

        Raises:
            EngineError: A statistic that the database can't count, where answers may not be read
                out; or the database fails.
        """
        scan = GroupedScan(plan)
        _refuse(plan, scan.rest(), allowed=self.stream)
        with opened(plan, self.table) as (table, rows):
            try:
                query = _Query(plan=plan, scan=scan, table=table, own=rows is not None)
                unwritable = query.count()
            except SatcoreError:
                raise
            except Exception as error:
                raise EngineError(
                    f"the database failed: {type(error).__name__}: {error}"
                ) from error
            if rows is None:
                rows = {plan.survey.fragments[0].id: query.rows}
            rest = scan.rest(unwritable)
            _refuse(plan, rest, allowed=self.stream)
            if progress is not None and rest is None:
                progress(query.rows)
            streamed = None if rest is None else LocalEngine().scan(rest, progress)
        if streamed is not None and streamed.intake.read != query.rows:
            raise EngineError(
                f"{query.rows} rows were counted in the database, but {streamed.intake.read} were "
                "read out of it; count when nobody writes to it"
            )
        return scan.bundle(rows, streamed)


def _refuse(plan: Plan, rest: Plan | None, *, allowed: bool) -> None:
    """Refuse to read answers out unasked, or where it can't be repeated.

    Raises:
        EngineError: It is not allowed.
    """
    if rest is None:
        return
    owners = [
        one.measured.name
        for one in plan.measures
        if any(statistic.key in rest.statistics for statistic in one.statistics)
    ]
    kinds = dict.fromkeys(type(one).__name__ for one in rest.statistics.values())
    if not allowed:
        raise EngineError(
            f"what {listed(owners)} counts ({listed(kinds)}) can't be counted by the database; "
            "allow its columns to be read out of it in batches (stream=True, --stream), or count "
            "with engine 'local'"
        )
    if rest.replicated and plan.dimensions.respondent is None and plan.survey.source is None:
        raise EngineError(
            f"{listed(owners)}: replicates tell respondents apart by their place, and a table has "
            "no order; name the column that does, as [roles] respondent"
        )


@frozen(kw_only=True, eq=False)
class _Query:
    """The queries of one scan."""

    plan: Plan
    scan: GroupedScan
    table: Any
    own: bool = False
    _rows: list[int] = field(factory=list, init=False)

    @property
    def rows(self) -> int:
        """How many responses there are."""
        return self._rows[0]

    def count(self) -> list[tuple[tuple[str, ...], Moments]]:
        """Ask for everything; gives the moments that no expression stands for."""
        scan = self.scan
        every = self._tabled(scan.columns(()))
        self._rows.append(int(every["satcore_n"].sum()))
        scan.take_rows(every)
        self._doubtful()
        values: dict[Item, dict[Any, int]] = {}
        for item in self.plan.items:
            answers = self._tabled((*scan.columns(()), item.name))
            values[item] = scan.take_item(item, answers)
        for grouping in scan.groupings:
            table = self._tabled(grouping.columns, weighted=self.plan.weighted)
            scan.observe(grouping, table)
        left = []
        for names, moments in scan.sums:
            try:
                self._summed(names, moments, values)
            except UnwritableError:
                left.append((names, moments))
        return left

    def _doubtful(self) -> None:
        """Ask for weights and times that may be none."""
        dimensions = self.plan.dimensions
        if dimensions.weight is not None:
            weight = self._weight(self.table)
            wrong = weight.isnull() | weight.isnan() | weight.isinf() | (weight < 0)
            columns = (*self.scan.columns(()), dimensions.weight)
            self.scan.take_weights(self._tabled(columns, table=self.table.filter(wrong)))
        if dimensions.wave is not None:
            columns = (*self.scan.columns(()), dimensions.wave.column)
            self.scan.take_waves(self._tabled(columns))

    def _weight(self, table: Any) -> Any:
        column = table[self.plan.dimensions.weight]
        if column.type().is_string():
            return column.strip().try_cast("float64")
        return column.cast("float64")

    def _key(self, table: Any, name: str) -> Any:
        """A column to group by; times by their day, where they become periods."""
        wave, column = self.plan.dimensions.wave, table[name]
        dated = wave is not None and wave.period and name == wave.column
        return column.date() if dated and column.type().is_timestamp() else column

    def _tabled(self, columns: Sequence[str], *, weighted: bool = False, table: Any = None) -> Any:
        """How often each combination of some columns is there, as a polars frame."""
        table = self.table if table is None else table
        names = list(dict.fromkeys(columns))
        keys = {name: self._key(table, name) for name in names}
        more = {}
        if weighted:
            weight = self._weight(table)
            more = {"satcore_w": weight, "satcore_w2": weight * weight}
        asked = table.select(**keys, **more, satcore_one=1)
        sums = {name: asked[name].sum() for name in more}
        counted = {"satcore_n": asked.count(), **sums}
        grouped = (
            asked.group_by(names).aggregate(**counted) if names else asked.aggregate(**counted)
        )
        return grouped.to_polars()

    def _summed(self, names: tuple[str, ...], moments: Moments, values: Values) -> None:
        """Ask for the sums of some items and of their products."""
        columns = self.scan.columns(names)
        shown = {name: self._key(self.table, name) for name in columns}
        items = [one for one in moments.of if isinstance(one, Item | Derived)]
        for place, (item, origin) in enumerate(zip(items, moments.origin, strict=True)):
            shown[f"satcore_x{place}"] = numerator(item, self.table, values) - int(origin)
        if self.plan.weighted:
            weight = self._weight(self.table)
            shown |= {"satcore_w": weight, "satcore_w2": weight * weight}
        asked = self.table.select(**shown, satcore_one=1)
        x = [asked[f"satcore_x{place}"] for place in range(len(items))]
        if not moments.pairwise:
            asked = asked.filter(functools.reduce(operator.and_, (one.notnull() for one in x)))
            x = [asked[f"satcore_x{place}"] for place in range(len(items))]
        if self.own:  # each item is worked out once, not in every sum
            asked = held(asked)
            x = [asked[f"satcore_x{place}"] for place in range(len(items))]
        sums = list(_sums(asked, x, moments, weighted=self.plan.weighted))
        fields = moments.fields(weighted=self.plan.weighted)
        for start in range(0, len(sums), _MOST_SUMS):
            some = sums[start : start + _MOST_SUMS]
            wanted = {f"satcore_s{number}": one for number, (_, one) in enumerate(some)}
            keys = list(columns)
            found = asked.group_by(keys).aggregate(**wanted) if keys else asked.aggregate(**wanted)
            frame = found.to_polars()
            arrays: dict[str, Any] = {
                name: np.zeros((frame.height, *one.shape), dtype=one.dtype)
                for name, one in fields.items()
            }
            for number, (wanted_at, _) in enumerate(some):
                column = frame[f"satcore_s{number}"].fill_null(0).to_numpy()
                for name, places in wanted_at:
                    for where in places:
                        arrays[name][(slice(None), *where)] = column
            self.scan.add(names, moments, frame.select(keys or frame.columns[:1]), arrays)


def _sums(
    table: Any, x: list[Any], moments: Moments, *, weighted: bool
) -> Iterator[tuple[list[tuple[str, tuple[tuple[int, ...], ...]]], Any]]:
    """The sums of a statistic: the arrays and places where each belongs, and its expression."""
    there = [one.notnull().cast("int64") for one in x]
    if moments.pairwise:
        x = [one.fill_null(0) for one in x]
    parts: list[tuple[int, ...]] = [(place,) for place in range(len(x))]
    if moments.order == 4:
        parts += [(a, b) for a in range(len(x)) for b in range(a, len(x))]
    # A product of four is asked for once, however it is paired; so is a product of two, which
    # is an item's sum and another's cross-product.
    products: dict[tuple[int, ...], list[tuple[str, tuple[tuple[int, ...], ...]]]] = {}
    if not moments.pairwise:
        for a, one in enumerate(parts):
            products.setdefault(one, []).append(("s", ((a,),)))
            for b in range(a, len(parts)):
                both = tuple(sorted((*one, *parts[b])))
                products.setdefault(both, []).append(("ss", tuple({(a, b), (b, a)})))
    factors: dict[str, Any] = {"": None}
    if weighted:
        factors |= {"w": table["satcore_w"], "w2": table["satcore_w2"]}
    for prefix, factor in factors.items():

        def total(one: Any, by: Any = factor) -> Any:
            return one.sum().cast("int64") if by is None else (one * by).sum()

        if moments.pairwise:
            for a in range(len(x)):
                for b in range(len(x)):
                    yield [(prefix or "n", ((a, b),))], total(there[a] * there[b])
                    yield [(f"{prefix}s", ((a, b),))], total(x[a] * there[b])
        else:
            yield [(prefix or "n", ((),))], total(table["satcore_one"].cast("int64"))
            for several, wanted in products.items():
                product = functools.reduce(operator.mul, (x[place] for place in several))
                yield [(f"{prefix}{name}", where) for name, where in wanted], total(product)
            continue
        for a in range(len(x)):
            for b in range(a, len(x)):
                yield [(f"{prefix}ss", tuple({(a, b), (b, a)}))], total(x[a] * x[b])
