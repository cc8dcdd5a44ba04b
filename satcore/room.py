"""Room: how many bytes of state a run may hold, and how many its cells need.

What a statistic keeps in a cell is known before any answer is read; how many cells there are is
known as labels are found. A run that can't fit is refused as soon as that is certain, by the
number and with what to change - before it has been stopped for it without a word.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import numpy as np
from attrs import field, frozen

from satcore.errors import DataError, Problem, StudyError
from satcore.planning import GroupingSet, Plan
from satcore.states import Axis, Cells, Field
from satcore.statistics import Statistic

#: How much state a run may hold, as ``4 GB``.
LIMIT_VARIABLE: Final = "SATCORE_MAX_STATE"

#: The part of the memory that states may take: while they are merged and evaluated there is more
#: than one copy of them.
SHARE: Final = 4

#: The limit where the system does not tell how much memory there is.
UNTOLD: Final = 2_000_000_000

#: Where Linux says how much memory a container may have: cgroups of version 2 and of version 1.
_CONTAINERS: Final = (
    "/sys/fs/cgroup/memory.max",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes",
)

#: Metrics that a refusal names.
_MOST_NAMED: Final = 3

_UNITS: Final = ("bytes", "kB", "MB", "GB", "TB", "PB")

_AMOUNT: Final = re.compile(r"\s*(\d{1,18}(?:\.\d{1,9})?)\s*([kmgt]?)(i?)b?(?:ytes?)?\s*", re.I)


def amount(size: int) -> str:
    """Bytes for people, in powers of 1000: ``104 bytes``, ``2.1 kB``, ``16 GB``."""
    if size < 1000:
        return "1 byte" if size == 1 else f"{size} bytes"
    number, unit = float(size), 0
    while unit == 0 or (number >= 999.95 and unit < len(_UNITS) - 1):
        number, unit = number / 1000, unit + 1
    return f"{number:.1f} {_UNITS[unit]}".replace(".0 ", " ")


def bytes_of(text: str) -> int:
    """Bytes from a person's text: ``4 GB``, ``500M``, ``2 GiB``, ``123456``.

    Raises:
        ValueError: It is no amount, or nothing.
    """
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise ValueError(text)
    number, prefix, binary = match.groups()
    size = int(float(number) * (1024 if binary else 1000) ** " kmgt".index(prefix.lower() or " "))
    if size < 1 or (binary and not prefix):
        raise ValueError(text)
    return size


def memory() -> int | None:
    """Bytes of memory of this machine, or of its container where that has less.

    None where the system does not tell.
    """
    found = []
    with suppress(AttributeError, OSError, ValueError):
        # Minus one where the system does not say.
        found.append(max(os.sysconf("SC_PHYS_PAGES"), 0) * max(os.sysconf("SC_PAGE_SIZE"), 0))
    for path in _CONTAINERS:
        with suppress(OSError, ValueError):
            found.append(int(Path(path).read_text("ascii")))
    return min((one for one in found if one > 0), default=None)


@frozen(kw_only=True)
class Limit:
    """How many bytes of state a run may hold.

    Attributes:
        bytes: The number.
        source: What it follows from, in words.
    """

    bytes: int
    source: str

    @classmethod
    def here(cls) -> Limit:
        """The limit on this machine: what the environment says, else a part of the memory.

        Raises:
            StudyError: The environment says what is no amount.
        """
        text = os.environ.get(LIMIT_VARIABLE, "")
        if text.strip():
            try:
                return cls(bytes=bytes_of(text), source=f"{LIMIT_VARIABLE} says so")
            except ValueError:
                message = f"{text!r} is no amount of memory; write it as 4 GB, 500 MB or 2 GiB"
                raise StudyError([Problem(LIMIT_VARIABLE, message)]) from None
        found = memory()
        if found is None:
            unknown = "this system does not tell how much memory it has"
            return cls(bytes=UNTOLD, source=f"{unknown}; {LIMIT_VARIABLE} sets another limit")
        part = f"a quarter of the {amount(found)} of memory"
        return cls(bytes=found // SHARE, source=f"{part}; {LIMIT_VARIABLE} sets another limit")


def bytes_in(fields: Iterable[Field]) -> int:
    """What arrays take in a cell."""
    return sum(math.prod(one.shape) * np.dtype(one.dtype).itemsize for one in fields)


def bytes_a_cell(statistic: Statistic, *, weighted: bool) -> int:
    """What a statistic keeps in a cell."""
    return bytes_in(statistic.fields(weighted=weighted).values())


def cells_of(sets: Iterable[GroupingSet], axes: Mapping[str, Axis]) -> dict[GroupingSet, Cells]:
    """The cells of grouping sets, from the axes of their dimensions."""
    return {names: Cells(tuple(axes[name] for name in names)) for names in sets}


def least_cells(plan: Plan) -> dict[GroupingSet, Cells]:
    """The cells that there will be as soon as one response is kept: declared labels, or one."""
    axes = {name: plan.dimensions.encoder(name).axis for name in plan.dimensions.names}
    return cells_of(
        plan.sets,
        {name: one if one.labels else Axis(name, (None,)) for name, one in axes.items()},
    )


@frozen(kw_only=True, eq=False)
class Room:
    """What the cells of a plan need, and what they may have.

    Attributes:
        plan: The plan.
        limit: How many bytes of state there may be.
        statistics: Bytes of each statistic in a cell, by key.
        sets: Bytes of all that is counted in a cell of each grouping set.
    """

    plan: Plan
    limit: Limit = field(factory=Limit.here)
    statistics: Mapping[str, int] = field(init=False)
    sets: Mapping[GroupingSet, int] = field(init=False)

    def __attrs_post_init__(self) -> None:
        weighted = self.plan.weighted
        known = {
            key: bytes_a_cell(one, weighted=weighted) for key, one in self.plan.statistics.items()
        }
        sets = {names: sum(known[key] for key in keys) for names, keys in self.plan.counted.items()}
        object.__setattr__(self, "statistics", known)
        object.__setattr__(self, "sets", sets)

    def check(self, cells: Mapping[GroupingSet, Cells]) -> None:
        """Refuse more cells, or more bytes of state, than there may be.

        Args:
            cells: The cells of grouping sets, as far as they are known.

        Raises:
            DataError: With the number, and what to change.
        """
        most = self.plan.dimensions.max_cells
        for one in cells.values():
            if len(one) > most:
                raise DataError.at(
                    "*".join(one.names),
                    f"{_sizes(one)} are {len(one)} cells, more than max_cells = {most}; report "
                    "fewer combinations in `by`, or raise max_cells in [study]",
                )
        if sum(len(one) * self.sets[names] for names, one in cells.items()) > self.limit.bytes:
            raise DataError([self._refusal(cells)])

    def _refusal(self, cells: Mapping[GroupingSet, Cells]) -> Problem:
        """Why states can't be held: which set is the largest, and which metrics need the most."""
        needed = {names: len(one) * self.sets[names] for names, one in cells.items()}
        names = max(needed, key=lambda one: needed[one])
        found, costs = cells[names], list(self._costs(names))
        made = f"{_sizes(found)} {'is' if len(names) == 1 else 'are'}" if names else "the total is"
        counted = "1 cell" if len(found) == 1 else f"{len(found)} cells"
        besides = "with the other grouping sets " if len(needed) > 1 else ""
        cure = "Ask for fewer items or replicates"
        if names:
            alone = f" or in [metrics.{costs[0][1]}] alone" if costs else ""
            cure = f"Report fewer combinations in `by`, in [study]{alone}, or ask for fewer items"
        return Problem(
            "*".join(names) or "[metrics]",
            f"{made} {counted} of {amount(self.sets[names])}; {besides}the states take "
            f"{amount(sum(needed.values()))}, more than the {amount(self.limit.bytes)} that they "
            f"may ({self.limit.source}). A cell holds "
            f"{', '.join(told for _, _, told in costs[:_MOST_NAMED]) or 'responses'}. {cure}",
        )

    def _costs(self, names: GroupingSet) -> list[tuple[int, str, str]]:
        """Bytes of each metric in a cell of a grouping set, its name, and both in words.

        The greatest comes first.
        """
        here = set(self.plan.counted[names])
        costs = []
        for measure in self.plan.measures:
            name = measure.measured.name
            keys = here & {key for keys in self.plan.needs(name).values() for key in keys}
            if keys:
                size = sum(self.statistics[key] for key in keys)
                # The key breaks ties, so that a message is the same every time.
                most = max(sorted(keys), key=lambda key: self.statistics[key])
                one = self.plan.statistics[most]
                items = f" of {len(one.items)} items" if len(one.items) > 1 else ""
                mostly = "" if len(keys) == 1 and not items else "mostly "
                told = f"{name} {amount(size)} ({mostly}{type(one).__name__}{items})"
                costs.append((size, name, told))
        return sorted(costs, key=lambda one: (-one[0], one[1]))


def _sizes(cells: Cells) -> str:
    return " × ".join(f"{axis.name} ({len(axis.labels)})" for axis in cells.axes)
