"""What is held against the laws: a metric on answers, planned, counted and evaluated."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import evolve, field, frozen

from satcore.assembling import assemble, study_of
from satcore.codebook import Codebook, Item, Measure, Scale
from satcore.engines import LocalEngine
from satcore.errors import StudyError
from satcore.evaluation import results_of
from satcore.lineup import Evaluated, Lineup
from satcore.measuring import evaluated_on
from satcore.metrics import Metric, declared_statistics, leaves
from satcore.planning import Measure as Planned
from satcore.planning import Plan
from satcore.plugins import Plugins
from satcore.results import EstimateRow
from satcore.scanning import Bundle, finished, merge_bundles, scan_fragment
from satcore.standing import ByWave, Estimates
from satcore.statistics import Statistic
from satcore.surveys import FrameFragment, Survey, as_frame
from satcore.testing.answers import (
    ROWS,
    SEGMENTS,
    WAVES,
    made_answers,
    role_names,
    with_roles,
)
from satcore.testing.checks import LawError, NotApplicable
from satcore.testing.telling import table

if TYPE_CHECKING:
    import polars as pl


@frozen(kw_only=True)
class AssumedCodebook(Codebook):
    """A codebook of nothing: an item without a scale is 0..10."""

    def item(self, name: str, scale: str | Scale | None = None) -> Item:
        """The item of a column, on 0..10 where the metric asks for no scale."""
        return super().item(name, "0..10" if scale is None else scale)


@frozen(kw_only=True)
class Holding(Metric):
    """A metric that has one statistic counted and evaluates nothing."""

    statistic: Statistic

    def statistics(self, codebook: Codebook) -> Mapping[str, Statistic]:
        """The statistic."""
        return {"counted": self.statistic}

    def evaluate(self, counted: Any) -> Iterator[Any]:
        """Nothing."""
        yield from ()


def _every(term: str) -> bool:
    return True


@frozen(kw_only=True, eq=False)
class Subject:
    """A metric, the metrics beside it, and answers.

    Attributes:
        name: What to call it in messages: its class.
        own: The name of the metric that is held.
        metrics: All metrics by name.
        codebook: Items and scales.
        frame: The answers on which laws are held, with segments, waves, weights, respondents.
        full: All answers that were given; the same where they are few or made.
        roles: What the columns of segments, waves, weights and respondents are called.
        drawn_waves: Whether the waves were drawn at random, without regard to the answers.
        terms: Which terms are held against the laws.
    """

    name: str
    own: str
    metrics: Mapping[str, Metric]
    codebook: Codebook
    frame: pl.DataFrame
    full: pl.DataFrame
    roles: Mapping[str, str]
    drawn_waves: bool
    terms: Callable[[str], bool] = field(default=_every)
    _plans: dict[Any, Plan | StudyError] = field(factory=dict)
    _known: dict[Any, Any] = field(factory=dict)

    @classmethod
    def of(
        cls,
        metric: Metric,
        *,
        name: str = "",
        survey: object = None,
        beside: Mapping[str, Metric] | None = None,
        codebook: Codebook | None = None,
    ) -> Subject:
        """A metric on given answers, or on some made from the items that it asks for.

        Raises:
            OptionError: The metric's options can't stand.
        """
        kind = name or type(metric).__name__
        own = type(metric).__name__.lower()
        others = dict(beside or {})
        while own in others:
            own += "_"
        metrics = {**others, own: metric}
        book = codebook or AssumedCodebook()
        sources = [one for each in metrics.values() for one in _sources(each, book)]
        names = [source.name for source in sources]
        given = None if survey is None else _frame(survey)
        found = made_answers(dict.fromkeys(sources)) if given is None else given
        roles = role_names(names)
        full = with_roles(found, roles)
        frame = full
        if full.height > ROWS:
            picked = np.sort(np.random.default_rng(7).choice(full.height, ROWS, replace=False))
            frame = full[picked.tolist()]
        return cls(
            name=kind,
            own=own,
            metrics=metrics,
            codebook=book,
            frame=frame,
            full=full,
            roles=roles,
            drawn_waves=roles["wave"] not in found.columns,
        )

    @property
    def metric(self) -> Metric:
        """The metric that is held."""
        return self.metrics[self.own]

    def plan(
        self,
        *by: str,
        weighted: bool = False,
        fixed: bool = False,
        segment: str | None = None,
        confidence: float = 0.95,
    ) -> Plan:
        """A plan for this metric.

        Args:
            by: Grouping sets: ``"segment"``, ``"wave"``, ``"segment*wave"``.
            weighted: Whether responses carry weights.
            fixed: Whether the cells are the same whatever answers there are.
            segment: The segments' column, where it is another than usual.
            confidence: Confidence of the intervals.

        Raises:
            NotApplicable: The metric refuses weights.
            StudyError: It can't be planned.
        """
        key = (by, weighted, fixed, segment, confidence)
        if key not in self._plans:
            try:
                self._plans[key] = self._planned(by, weighted, fixed, segment, confidence)
            except StudyError as error:
                self._plans[key] = error
        plan = self._plans[key]
        if isinstance(plan, Plan):
            return plan
        if weighted:
            self.plan(*by, fixed=fixed, segment=segment, confidence=confidence)
            raise NotApplicable(f"it refuses weights: {plan}")
        raise plan

    def plans(self, *by: str, fixed: bool = False) -> Iterator[Plan]:
        """The plan without weights, and that with weights where the metric takes them."""
        yield self.plan(*by, fixed=fixed)
        try:
            weighted = self.plan(*by, fixed=fixed, weighted=True)
        except NotApplicable:
            return
        yield weighted

    def _planned(
        self,
        by: Sequence[str],
        weighted: bool,
        fixed: bool,
        segment: str | None,
        confidence: float,
    ) -> Plan:
        column = segment or self.roles["segment"]
        study = study_of(
            segments=[column],
            wave=self.roles["wave"],
            weight=self.roles["weight"] if weighted else None,
            by=[text.replace("segment", column) for text in by],
            confidence=confidence,
            more={"invalid": "missing", "min_base": 0, "suppress_below": 0, "comparisons": []},
        )
        study = evolve(study, codebook=evolve(self.codebook, weighted=weighted))
        plugins = Plugins.found() if len(self.metrics) > 1 else Plugins(())
        frame = self.frame.head(0)
        if column not in frame.columns:
            frame = frame.with_columns(frame[self.roles["segment"]].alias(column))
        plan = assemble(study, frame, plugins=plugins, metrics=self.metrics)
        changed: dict[str, Any] = {}
        if plan.replicated:
            changed["respondent"] = self.roles["respondent"]
        if fixed:
            changed["declared"] = self._labels()
        return evolve(plan, dimensions=evolve(plan.dimensions, **changed)) if changed else plan

    def _labels(self) -> dict[str, tuple[str, ...]]:
        """The labels of segments and waves in the answers."""
        usual = {"segment": SEGMENTS, "wave": WAVES}
        labels = {}
        for role, known in usual.items():
            column = self.roles[role]
            there = {str(value) for value in self.frame[column].drop_nulls().unique().to_list()}
            labels[column] = known if there <= set(known) else tuple(sorted(there))
        return labels

    @property
    def along_waves(self) -> bool:
        """Whether the metric looks along the waves."""
        return self.planned(self.plan()).along_waves

    def planned(self, plan: Plan) -> Planned:
        """The metric in a plan."""
        return plan.measure(self.own)

    def examples(self, plan: Plan) -> int:
        """How many small cases are affordable: fewer where much is counted."""
        numbers = sum(
            math.prod(one.shape)
            for statistic in plan.statistics.values()
            for one in statistic.fields(weighted=plan.weighted).values()
        )
        return 30 if numbers < 400 else 16 if numbers < 4000 else 8

    def shown(self, plan: Plan, frame: pl.DataFrame, note: str = "") -> str:
        """Some answers as a table."""
        return table(frame, plan.columns, note)

    def evaluated(self, plan: Plan, bundle: Bundle) -> tuple[Lineup, Evaluated]:
        """The metric on all reported cells of a bundle."""
        measure = self.planned(plan)
        lineup, evaluated = evaluated_on(plan, finished(plan, bundle), measure, measure.by)
        return lineup, self.picked(evaluated)

    def usual(self, plan: Plan) -> tuple[Lineup, Evaluated]:
        """The metric on plenty of answers; it is kept."""
        key = "usual", id(plan)
        if key not in self._known:
            everything = evolve(self, terms=_every)
            self._known[key] = everything.evaluated(plan, self.counted(plan))
        lineup, evaluated = self._known[key]
        return lineup, self.picked(evaluated)

    def counted(self, plan: Plan) -> Bundle:
        """Plenty of answers, counted; it is kept."""
        key = "counted", id(plan)
        if key not in self._known:
            self._known[key] = count(plan, [self.frame])
        bundle: Bundle = self._known[key]
        return bundle

    def rows(self, plan: Plan, title: str, frame: pl.DataFrame) -> list[EstimateRow]:
        """The metric's rows for some answers; they are kept by the answers' title."""
        key = title, id(plan)
        if key not in self._known:
            found = results_of(plan, finished(plan, count(plan, [frame])))
            self._known[key] = found.rows(self.own)
        return [row for row in self._known[key] if not row["term"] or self.terms(row["term"])]

    def picked(self, evaluated: Evaluated) -> Evaluated:
        """The terms that are held against the laws."""
        held = tuple(one for one in evaluated.estimates if self.terms(one.estimate.term))
        return evolve(evaluated, estimates=held)


def _frame(survey: object) -> pl.DataFrame:
    import polars as pl

    if not isinstance(survey, Survey):
        return as_frame(survey)
    frames = [
        pl.concat(list(fragment.read(survey.columns)), how="vertical_relaxed")
        for fragment in survey.fragments
    ]
    return pl.concat(frames, how="vertical_relaxed")


def _sources(metric: Metric, codebook: Codebook) -> Iterator[Item | Measure]:
    """The columns that a metric has counted."""
    for declared in declared_statistics(metric, codebook).values():
        for leaf in leaves(declared):
            if isinstance(leaf, Estimates):
                continue
            statistic = leaf.statistic if isinstance(leaf, ByWave) else leaf
            for item in statistic.items:
                yield from item.sources


def count(plan: Plan, frames: Sequence[pl.DataFrame]) -> Bundle:
    """Count some pieces of answers and merge them in their order.

    Raises:
        LawError: A statistic could not be counted.
    """
    bundle = merge_bundles(plan, (_piece(plan, n, frame) for n, frame in enumerate(frames)))
    for reason in bundle.failed.values():
        raise LawError(
            expected="every statistic counted",
            came=reason,
            example=table(frames[0], plan.columns) if len(frames) == 1 else "",
        )
    return bundle


def _piece(plan: Plan, place: int, frame: pl.DataFrame) -> Bundle:
    return scan_fragment(plan, FrameFragment(id=f"piece {place}", frame=frame))


def threaded(plan: Plan, frames: Sequence[pl.DataFrame], threads: int) -> Bundle:
    """Count some pieces of answers in threads."""
    fragments = tuple(
        FrameFragment(id=f"piece {place}", frame=frame) for place, frame in enumerate(frames)
    )
    survey = evolve(plan.survey, fragments=fragments)
    return LocalEngine(threads=threads).scan(evolve(plan, survey=survey))


def pieces(frame: pl.DataFrame, cuts: Sequence[int]) -> list[pl.DataFrame]:
    """A frame cut at some rows; a place twice gives an empty piece."""
    edges = [0, *sorted(cuts), frame.height]
    return [frame.slice(start, end - start) for start, end in pairwise(edges)]
