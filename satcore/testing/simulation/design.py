"""From what is asked for to the columns of a synthetic survey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Protocol

import numpy as np
from attrs import define, evolve, field, frozen

from satcore.codebook import Instant, Item, Measure
from satcore.derived import Sum, When
from satcore.errors import OptionError, Problem, StudyError, listed, near
from satcore.inference import FloatArray
from satcore.planning import WAVE, Dimensions
from satcore.planning import Measure as Planned
from satcore.results import CellLabels
from satcore.states import Label
from satcore.testing.simulation.belonging import Place, belonging_of
from satcore.testing.simulation.chunks import Chunk
from satcore.testing.simulation.groups import (
    Group,
    Respondents,
    Times,
    Weights,
    calendar,
    filtered,
    segment,
    waves,
)
from satcore.testing.simulation.latent import Gaps, Latent, location_of
from satcore.testing.simulation.points import Amount, Points, Share
from satcore.testing.simulation.questions import Question, thresholds_of
from satcore.testing.simulation.settings import Settings
from satcore.testing.simulation.wordings import Wordings

if TYPE_CHECKING:
    import polars as pl


class Column(Protocol):
    """A column that can be made block by block."""

    def series(self, chunk: Chunk) -> pl.Series:
        """Its values, of a block of respondents."""


@frozen(kw_only=True, eq=False)
class Design:
    """The columns of a synthetic survey, and what is known of them.

    Attributes:
        columns: How each column is made, in their order.
        groups: Segments and waves that shift answers.
        weights: The weights; None without them.
    """

    columns: Mapping[str, Column]
    groups: tuple[Group, ...] = ()
    weights: Weights | None = None

    @property
    def questions(self) -> dict[str, Question]:
        """The questions on a scale, by column."""
        return {
            name: column for name, column in self.columns.items() if isinstance(column, Question)
        }

    @property
    def streams(self) -> tuple[str, ...]:
        """The names of the random numbers that decide answers, those that many share first."""
        asked = [one for one in self.columns.values() if isinstance(one, Question | Share | Amount)]
        shared = [name for one in asked for name in one.streams[:-1]]
        return tuple(dict.fromkeys([*shared, *(name for one in asked for name in one.streams)]))

    def combinations(self, cell: CellLabels) -> tuple[FloatArray, FloatArray]:
        """What combinations of segments and wave add to answers, and how likely they are.

        Args:
            cell: Labels that some of them are fixed at.

        Returns:
            Shifts and probabilities, both (combinations,), among the people that weighted
            respondents stand for.

        Raises:
            OptionError: A name or a label that there is not.
        """
        axes = {group.axis: group for group in self.population().groups}
        for name, label in cell.items():
            if name not in axes:
                there = listed(axes) if axes else "none"
                raise OptionError("cell", f"{name!r} is none of {there}{near(name, axes)}")
            there_are = axes[name].present
            if label not in there_are:
                raise OptionError("cell", f"{name} has no {label!r}, but {listed(there_are)}")
        parts = [
            [
                (shift, share)
                for label, shift, share in zip(
                    group.labels, group.shifts, group.shares, strict=True
                )
                if share and (name not in cell or cell[name] == label)
            ]
            for name, group in axes.items()
        ]
        combined = [
            (sum(shift for shift, _ in one), float(np.prod([share for _, share in one])))
            for one in product(*parts)
        ]
        shifts, shares = np.array(combined).T
        return shifts, shares

    def population(self) -> Design:
        """The people whom the respondents stand for: as weights say, and only those kept."""
        meant = {id(group): group for group in self.groups}
        if self.weights is not None and self.weights.group is not None:
            sampled = self.weights.group
            meant[id(sampled)] = sampled.weighed(self.weights.factors)
        meant = {key: group.kept for key, group in meant.items()}
        columns = {name: _regrouped(column, meant) for name, column in self.columns.items()}
        return Design(columns=columns, groups=tuple(meant.values()))


def _regrouped(column: Column, meant: Mapping[int, Group]) -> Column:
    """A column with other groups in the place of its own, by their identity."""
    if isinstance(column, Group):
        return meant.get(id(column), column.kept)
    if isinstance(column, Times):
        return evolve(column, wave=meant[id(column.wave)])
    if isinstance(column, Question):
        others = (_regrouped(one, meant) for one in column.others)
        column = evolve(column, others=tuple(one for one in others if isinstance(one, Question)))
    if isinstance(column, Amount) and column.follows is not None:
        before = _regrouped(column.follows, meant)
        column = evolve(column, follows=before if isinstance(before, Times | Amount) else None)
    if isinstance(column, Question | Amount):
        groups = tuple(meant[id(group)] for group in column.latent.groups)
        return evolve(column, latent=evolve(column.latent, groups=groups))
    return column


@frozen(kw_only=True)
class Asked:
    """What a synthetic survey has to answer.

    Attributes:
        items: The items.
        amounts: Numbers without a scale.
        conditions: Conditions that answers have to keep.
        measures: The planned metrics, which tell what belongs together.
        dimensions: Segments, wave, weight, respondent and what is kept.
        named: Labels that columns have to have, by column.
    """

    items: tuple[Item, ...]
    amounts: tuple[Measure, ...] = ()
    conditions: tuple[When, ...] = ()
    measures: tuple[Planned, ...] = ()
    dimensions: Dimensions = field(factory=Dimensions)
    named: Mapping[str, tuple[str, ...]] = field(factory=dict)


def design_of(asked: Asked, settings: Settings) -> Design:
    """The columns that answer what is asked.

    Raises:
        StudyError: What is asked can't be answered by one survey.
        OptionError: A setting that does not fit what is asked.
    """
    return _Designer(asked, settings).design()


@define(eq=False)
class _Designer:
    asked: Asked
    settings: Settings
    groups: list[Group] = field(factory=list)
    columns: dict[str, Column] = field(factory=dict)

    def design(self) -> Design:
        self._check()
        who, wave_column = self._who(), self._wave()
        belongs = belonging_of(self.asked.measures)
        self._answers(belongs)
        self._amounts(belongs, wave_column)
        answers, self.columns = self.columns, {}
        weights = self._weights()
        if self.asked.dimensions.respondent is not None:
            self._put(Respondents(column=self.asked.dimensions.respondent))
        for column in (*who, wave_column, weights):
            if column is not None:
                self._put(column)
        self.columns |= answers
        return Design(columns=self.columns, groups=tuple(self.groups), weights=weights)

    def _put(self, column: Group | Times | Weights | Respondents) -> None:
        name = column.wave.column if isinstance(column, Times) else column.column
        self.columns.setdefault(name, column)

    def _check(self) -> None:
        dimensions = self.asked.dimensions
        problems = []
        scales: dict[str, Item] = {}
        for item in self.asked.items:
            other = scales.setdefault(item.name, item)
            if (other.low, other.high) != (item.low, item.high):
                problems.append(
                    Problem(
                        f"column {item.name}",
                        f"it is asked for as {other.scale} and as {item.scale}; no answers fit "
                        "both",
                    )
                )
            elif not Wordings(item=item).values:
                problems.append(Problem(f"column {item.name}", "all its values are missing codes"))
        roles = {"weight": dimensions.weight, "respondent": dimensions.respondent}
        if dimensions.wave is not None and dimensions.wave.period is not None:
            roles["time of the wave"] = dimensions.wave.column
        for role, name in roles.items():
            if name in scales:
                message = f"it is an item and the {role}; simulated answers can't be both"
                problems.append(Problem(f"column {name}", message))
        if problems:
            raise StudyError(problems)
        for name in self.settings.answers:
            if name not in scales:
                raise OptionError("answers", f"there is no item {name!r}{near(name, scales)}")

    def _who(self) -> list[Group]:
        """Segments, and columns that only ``[[keep]]`` looks at, or the study has labels for."""
        dimensions, settings = self.asked.dimensions, self.settings
        items = {item.name for item in self.asked.items}
        taken = {*items, dimensions.weight, dimensions.respondent}
        if dimensions.wave is not None:
            taken.add(dimensions.wave.column)
        made = []
        for name in dimensions.segments:
            if name not in taken:
                rules = [rule for rule in dimensions.keep if rule.column == name]
                group = segment(
                    name,
                    self.asked.named.get(name, ()),
                    rules,
                    shift=settings.shift,
                    dropped=settings.dropped,
                )
                made.append(group)
                self.groups.append(group)
        taken.update(dimensions.segments)
        for name in dict.fromkeys(rule.column for rule in dimensions.keep):
            if name not in taken:
                rules = [rule for rule in dimensions.keep if rule.column == name]
                made.append(filtered(name, rules, settings.dropped))
                taken.add(name)
        amounts = {amount.name for amount in self.asked.amounts}
        for name, labels in self.asked.named.items():
            if name not in taken | amounts:
                made.append(segment(name, labels, ()))
        return made

    def _wave(self) -> Group | Times | None:
        wave, settings = self.asked.dimensions.wave, self.settings
        if wave is None or wave.column in {item.name for item in self.asked.items}:
            return None
        days = calendar(settings.start, wave.period or "month", settings.waves)
        labels: Sequence[Label] = tuple(days)
        if wave.period is None:
            labels = self.asked.named.get(wave.column) or labels
        group = waves(wave.column, WAVE, labels, settings.drift)
        self.groups.append(group)
        if wave.period is None:
            return group
        return Times(wave=group, days=tuple(map(tuple, days.values())), form=wave.form)

    def _weights(self) -> Weights | None:
        column = self.asked.dimensions.weight
        if column is None:
            return None
        first = next((group for group in self.groups if group.axis != WAVE), None)
        return Weights(column=column, group=first)

    def _gaps(self, name: str, place: int, places: int, belongs: Mapping[str, Place]) -> Gaps:
        settings = self.settings
        return Gaps(
            column=name,
            place=place,
            places=places,
            dimension=belongs[name].block if name in belongs else "",
            missing_rate=settings.missing_rate,
            not_used=settings.not_used,
            break_off=settings.break_off,
        )

    def _latent(self, name: str, belongs: Mapping[str, Place], location: float) -> Latent:
        place = belongs.get(name)
        factors = () if place is None else place.factors(self.settings.correlation)
        return Latent(name=name, factors=factors, groups=tuple(self.groups), location=location)

    def _answers(self, belongs: Mapping[str, Place]) -> None:
        items = {item.name: item for item in self.asked.items}
        sets = [points for one in self.asked.conditions if (points := _points(one)) is not None]
        shared = {item: points for points in sets for item in points.items}
        for place, (name, item) in enumerate(items.items(), 1):
            gaps = self._gaps(name, place, len(items), belongs)
            if item in shared:
                self.columns[name] = Share(item=item, points=shared[item], gaps=gaps)
                continue
            given = self.settings.answers.get(name)
            location = location_of(name) if given is None else 0.0
            self.columns[name] = Question(
                item=item,
                latent=self._latent(name, belongs, location),
                gaps=gaps,
                thresholds=thresholds_of(item, Wordings(item=item).values, given),
            )
        for condition in self.asked.conditions:
            if _points(condition) is None:
                self._hold(condition)

    def _hold(self, condition: When) -> None:
        """Leave out the first answer that a condition looks at wherever it would be broken."""
        parts = (condition.condition, condition.item)
        first, *rest = dict.fromkeys(one for part in parts for one in part.sources)
        held = self.columns[first.name]
        others = [self.columns[one.name] for one in rest]
        if not isinstance(held, Question) or not all(isinstance(o, Question) for o in others):
            return
        known = dict.fromkeys([*held.others, *(o for o in others if isinstance(o, Question))])
        self.columns[first.name] = evolve(
            held, conditions=(*held.conditions, condition), others=tuple(known)
        )

    def _amounts(self, belongs: Mapping[str, Place], wave: Group | Times | None) -> None:
        dimensions = self.asked.dimensions
        roles = {dimensions.weight, dimensions.respondent, *dimensions.segments}
        made: dict[str, Times | Amount] = {}
        if isinstance(wave, Times):
            made[wave.wave.column] = wave
            roles.add(wave.wave.column)
        # What follows another comes after it.
        first = sorted(
            self.asked.amounts, key=lambda one: isinstance(one, Instant) and one.after != ""
        )
        for amount in first:
            if amount.name not in roles and amount.name not in self.columns:
                before = made.get(amount.after) if isinstance(amount, Instant) else None
                self.columns[amount.name] = made[amount.name] = Amount(
                    measure=amount,
                    follows=before,
                    latent=self._latent(amount.name, belongs, 0.0),
                    gaps=self._gaps(amount.name, 1, 1, belongs),
                )


def _points(condition: When) -> Points | None:
    """The items that have to sum to something, where that is the condition."""
    total = condition.condition
    if not isinstance(total, Sum) or len(condition.values) != 1:
        return None
    items = tuple(part for part in total.items if isinstance(part, Item))
    if len(set(items)) < len(total.items):
        return None
    points = Points(items=items, total=condition.values[0])
    return points if points.possible else None
