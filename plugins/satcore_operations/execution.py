"""Whether processes are carried out as they should be: steps followed of steps due."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from satcore import (
    Chart,
    Codebook,
    Derived,
    Estimate,
    IntArray,
    Item,
    Metric,
    Moments,
    MomentSums,
    OptionError,
    Results,
    Statistic,
    Tallied,
    Tally,
    Text,
    WilsonInterval,
    columns_of,
    near,
)
from satcore_operations import telling
from satcore_operations.choices import yes
from satcore_operations.complaints import OVERALL
from satcore_operations.telling import counted, together, where

#: Items beside those of steps.
VETOED: Final = "vetoed"
COMPLETE: Final = "complete"
CRITICAL: Final = "critical"

#: What results call several steps together.
TOGETHER: Final = (OVERALL, VETOED, COMPLETE, CRITICAL)

TITLES: Final[dict[str, tuple[str, str]]] = {
    OVERALL: ("All steps", "全部步骤"),
    VETOED: ("All steps, with veto", "全部步骤（关键项一票否决）"),
    COMPLETE: ("Processes without a miss", "全部到位的流程"),
    CRITICAL: ("Processes without a critical miss", "关键步骤全部到位的流程"),
}


@frozen(cache_hash=True)
class Points(Derived):
    """The points of the steps of one process: due, or followed.

    Attributes:
        steps: The steps.
        followed: Values that stand for a step that was followed.
        due: Values that stand for a step that was due.
        points: What each step counts.
        kind: Points ``due``, points ``followed``, or followed points where no critical step was
            missed (``vetoed``); or whether nothing due was missed: 1 or 0 (``complete``), no
            critical step (``critical``).
        critical: The places of critical steps.
        name: What results call it.
        label: What it says, for people.
    """

    steps: tuple[Item, ...]
    followed: tuple[int, ...]
    due: tuple[int, ...]
    points: tuple[int, ...]
    kind: str
    critical: tuple[int, ...] = ()
    name: str = field(default="points", eq=False, kw_only=True)
    label: Text | None = field(default=None, eq=False, kw_only=True)

    @property
    def parts(self) -> tuple[Item, ...]:
        """The steps."""
        return self.steps

    @property
    def low(self) -> int:
        """Nothing."""
        return 0

    @cached_property
    def high(self) -> int:
        """Every step; or yes."""
        return 1 if self.kind in (COMPLETE, CRITICAL) else sum(self.points)

    @property
    def key(self) -> str:
        """The steps and what they count."""
        steps = ",".join(step.key for step in self.steps)
        return (
            f"operations.points({steps};{self.followed};{self.due};{self.points};{self.kind};"
            f"{self.critical})"
        )

    def combine(
        self, numerators: Sequence[IntArray], answered: Sequence[NDArray[np.bool_]]
    ) -> tuple[IntArray, NDArray[np.bool_]]:
        """Add up. A process in which nothing was due, or nothing critical, has no value."""
        due = [there & np.isin(n, self.due) for n, there in zip(numerators, answered, strict=True)]
        met = [here & np.isin(n, self.followed) for n, here in zip(numerators, due, strict=True)]
        some = np.any(np.stack(due), axis=0)
        whole = range(len(self.steps)) if self.kind == COMPLETE else self.critical
        asked = [due[place] for place in whole]
        missed = [due[place] & ~met[place] for place in whole]
        clean = ~np.any(np.stack(missed), axis=0) if missed else np.ones_like(some)
        if self.kind in (COMPLETE, CRITICAL):
            there = np.any(np.stack(asked), axis=0)
            return (clean & there).astype(np.int64), there
        flags = due if self.kind == "due" else met
        total = np.zeros(some.shape, dtype=np.int64)
        for flag, by in zip(flags, self.points, strict=True):
            total += flag * by
        return np.where(clean, total, 0) if self.kind == VETOED else total, some


@frozen(kw_only=True)
class Execution(Metric):
    """Steps followed over steps due, by step and over all; points by step, critical steps as veto.

    Attributes:
        steps: The steps' columns, a row a process: a pattern as ``"S{1..8}"``, a list, or texts
            for people by column.
        followed: Values that stand for a step that was followed.
        not_due: Values that stand for a step that was not due: it is no failure, and counts
            nowhere. An empty column is a step that was not recorded, which is told.
        scale: The steps' scale; other values of it are steps that were missed.
        points: What steps count by their columns; 1 where nothing is said.
        critical: Steps a miss of which is a process failed: none of its points count.
    """

    steps: str | tuple[str, ...] | Mapping[str, Text]
    followed: tuple[int, ...] = (1,)
    not_due: tuple[int, ...] = (2,)
    scale: str = "0..2"
    points: Mapping[str, int] = field(factory=dict)
    critical: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The steps, by their columns."""
        return columns_of("steps", self.steps, reserved=TOGETHER)

    def _check(self) -> None:
        """Options that can't stand.

        Raises:
            OptionError: The option and what would be right.
        """
        for option, named in (("points", self.points), ("critical", self.critical)):
            unknown = [name for name in named if name not in self.names]
            if unknown:
                raise OptionError(
                    option, f"{unknown[0]!r} is none of the steps{near(unknown[0], self.names)}"
                )
        for name, count in self.points.items():
            if not 1 <= count <= 1000:
                raise OptionError("points", f"{name!r} counts {count}; 1 to 1000 would do")
        both = sorted(set(self.followed) & set(self.not_due))
        if both:
            raise OptionError("not_due", f"{both[0]} stands for followed and for not due")

    def statistics(self, codebook: Codebook) -> Mapping[str, Statistic | Mapping[str, Statistic]]:
        """Tables of each step, and joint sums of points followed and due.

        Raises:
            OptionError: A step that there is not, or values outside the scale.
        """
        self._check()
        items = {name: codebook.item(name, self.scale) for name in self.names}
        first = next(iter(items.values()))
        for name in items:
            yes(codebook, name, self.followed, self.scale, "followed")
        due = tuple(v for v in range(first.low, first.high + 1) if v not in self.not_due)
        if not set(due) - set(self.followed):
            raise OptionError("followed", f"no value of {first.scale} stands for a step missed")
        points = tuple(self.points.get(name, 1) for name in self.names)
        places = tuple(self.names.index(name) for name in self.critical)

        def made(kind: str) -> Points:
            return Points(
                tuple(items.values()), self.followed, due, points, kind, places, name=kind
            )

        kinds = ("followed", VETOED, "due") if self.critical else ("followed", "due")
        whole = (COMPLETE, CRITICAL) if self.critical else (COMPLETE,)
        return {
            "tables": {name: Tally(item) for name, item in items.items()},
            "sums": Moments(tuple(made(kind) for kind in kinds)),
            "processes": {kind: Tally(made(kind)) for kind in whole},
        }

    def evaluate(
        self,
        tables: Mapping[str, Tallied],
        sums: MomentSums,
        processes: Mapping[str, Tallied],
    ) -> Iterator[Estimate]:
        """The rate over all steps, with and without veto, of whole processes, and by step."""
        blanks = sum((table.missing for table in tables.values()), start=np.zeros_like(sums.base))
        told = list(counted(telling.BLANKS, blanks))
        rate = _of_points(sums, 0, OVERALL)
        yield evolve(rate, message=together(where(sums.base > 0, self._what()), told))
        if self.critical:
            failed = processes[CRITICAL].base - processes[CRITICAL].count([1])
            veto = _of_points(sums, 1, VETOED)
            yield evolve(veto, message=tuple(counted(telling.VETOED, failed)))
        for kind, table in processes.items():
            yield table.share([1], term="rate", item=kind)
        for name, table in tables.items():
            yield self._of_step(name, table)

    def _what(self) -> str:
        return telling.POINTS if self.points else telling.STEPS

    def _of_step(self, name: str, table: Tallied) -> Estimate:
        values = table.values.astype(np.int64)
        due = ~np.isin(values, self.not_due)
        met = np.isin(values, self.followed)
        share = table.share(met, term="rate", item=name, among=due)
        never = (share.base == 0) & (table.base > 0)
        # A step that was recorded and never due is no empty one: it says so.
        said = together(where(never, telling.NEVER_DUE), counted(telling.BLANKS, table.missing))
        return evolve(share, base=np.where(never, table.base, share.base), message=said)

    def item_title(self, item: str, language: str = "en") -> str:
        """A step's name for people, and the rates over all."""
        if item in TITLES:
            return TITLES[item][language == "zh"]
        known = self.steps if isinstance(self.steps, Mapping) else {}
        return known[item].said(language) if item in known else ""

    def charts(self, results: Results, name: str, language: str = "en") -> Iterable[Chart]:
        """The rate of every step with its interval, and over the waves."""
        from satcore_operations.pictures import execution_charts

        return execution_charts(results, name, language)

    def findings(self, results: Results, name: str, language: str = "en") -> Iterable[str]:
        """The rate over all, and the steps missed most."""
        from satcore_operations.findings import execution_findings

        return execution_findings(results, name, language)


def _of_points(sums: MomentSums, place: int, item: str) -> Estimate:
    """Points followed over points due: a ratio of two sums over processes.

    Its error is the delta method's (Cochran 1977, chapter 6): steps of one process go together. The
    interval is Wilson's on the number of steps that would give it.
    """
    means = sums.means()
    with np.errstate(divide="ignore", invalid="ignore"):
        due = means[:, -1]
        value = np.clip(means[:, place] / due, 0.0, 1.0)
        coefficients = np.zeros_like(means)
        coefficients[:, place] = 1.0 / due
        coefficients[:, -1] -= value / due
        error = sums.linear_error(coefficients)
        # Rounding leaves a trace where the processes leave no error.
        error = np.where(error * np.sqrt(sums.base) < 1e-7, 0.0, error)
        sample = np.where(error > 0, value * (1.0 - value) / error**2, sums.effective_base)
    df = (sums.base - 1).astype(np.float64)
    return Estimate(
        term="rate", item=item, unit="proportion", value=value, std_error=error,
        base=sums.base, weighted_base=sums.weighted_base, effective_base=sums.effective_base,
        interval=WilsonInterval(share=value, sample=sample, df=df, method="wilson_ratio"),
    )  # fmt: skip
