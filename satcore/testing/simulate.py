"""Synthetic surveys whose true values are known.

From a study file, metrics or items come answers that look as the study says, correlated, with
segments, waves, weights and gaps; beside them what every metric would find if everybody were
asked. The same seed gives the same bytes, in whatever batches they are taken.
"""

from __future__ import annotations

import datetime as dt
import operator
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, SupportsIndex, cast

from attrs import field, frozen

from satcore.assembling import assemble, study_of
from satcore.codebook import Codebook, Item, Scale
from satcore.errors import OptionError, StudyError, listed, near
from satcore.inference import FloatArray
from satcore.metrics import Metric
from satcore.plugins import Plugins
from satcore.results import CellLabels
from satcore.study import Study
from satcore.surveys import Survey
from satcore.testing.simulation.design import Asked, Design, design_of
from satcore.testing.simulation.sampling import Sample
from satcore.testing.simulation.settings import Settings
from satcore.testing.simulation.streams import BLOCK, Drawn
from satcore.testing.simulation.truths import POPULATION, TruthRow, truths
from satcore.testing.simulation.writing import write

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Simulated", "TruthRow", "simulate"]

#: The scale of an item that the study speaks of, but no metric asks for, where it names none.
_UNASKED = Scale(low=1, high=5)


@frozen(kw_only=True, eq=False)
class Simulated:
    """A synthetic survey.

    Attributes:
        rows: How many respondents it has.
        seed: Its seed.
        settings: What the respondents are like.
        population: How many people stand for everybody where the truth is found.
    """

    rows: int
    seed: int
    settings: Settings
    population: int = POPULATION
    _study: Study
    _metrics: Mapping[str, Metric] = field(factory=dict)
    _plugins: Plugins
    _design: Design

    @cached_property
    def _sample(self) -> Sample:
        streams = Drawn(self.seed)
        name = f"simulated survey (seed {self.seed})"
        return Sample(name=name, design=self._design, rows=self.rows, streams=lambda block: streams)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
        return self._sample.columns

    @property
    def questions(self) -> tuple[str, ...]:
        """The columns whose shares are known."""
        return tuple(self._design.questions)

    def frame(
        self, start: int = 0, rows: int | None = None, columns: Sequence[str] | None = None
    ) -> pl.DataFrame:
        """Some of the responses, or all of them, in memory.

        Args:
            start: The first row, from 0.
            rows: How many; all that follow where None.
            columns: The columns; all of them where None.

        Raises:
            OptionError: A row before the first.
            DataError: A column that there is not.
        """
        import polars as pl

        for name, value in (("start", start), ("rows", 0 if rows is None else rows)):
            if value < 0:
                raise OptionError(name, f"{value} is less than 0")
        frames = list(self._sample.frames(start, rows, columns))
        return pl.concat(frames) if frames else self._sample.block(0, columns).clear()

    def batches(self, size: SupportsIndex = BLOCK) -> Iterator[pl.DataFrame]:
        """All responses in batches, the last one perhaps smaller; together they are ``frame()``.

        Args:
            size: Rows of a batch.

        Raises:
            OptionError: A size below 1.
        """
        size = operator.index(size)
        if size < 1:
            raise OptionError("size", f"{size} rows are no batch; give 1 or more")
        return self._batches(size)

    def _batches(self, size: int) -> Iterator[pl.DataFrame]:
        import polars as pl

        pending: list[pl.DataFrame] = []
        held = 0
        for frame in self._sample.frames():
            pending.append(frame)
            held += frame.height
            if held < size:
                continue
            whole = pl.concat(pending)
            for start in range(0, held - held % size, size):
                yield whole.slice(start, size)
            pending = [whole.slice(held - held % size)] if held % size else []
            held %= size
        if pending:
            yield pl.concat(pending)

    def survey(self) -> Survey:
        """The responses as a survey, made while it is read: ``satcore.run(study, it)``."""
        return self._sample.survey()

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write the responses, in little memory, to a ``.parquet`` or ``.csv`` file.

        A CSV file has the encoding that the study names; UTF-8 where it names none.

        Raises:
            OutputError: It can't be written; with the reason.
        """
        write(self._sample, path, self._study.study.encoding)

    @cached_property
    def truth(self) -> tuple[TruthRow, ...]:
        """What every metric finds where everybody is asked: its true values.

        They are the metric's own, on ``population`` people who are spread evenly over all that
        people may be, each counted once. Answers are missing there as in the survey. What depends
        on the number of answers (a p-value, say) has no true value, whatever stands here.
        """
        if not self._study.metrics and not self._metrics:
            return ()
        return truths(self._study, self._metrics, self._design, self._plugins, self.population)

    def shares(self, item: str, cell: CellLabels | None = None) -> dict[int, float]:
        """The exact probability of every answer to one question, among those who answer it.

        Args:
            item: The question's column.
            cell: Segment values and wave, as in results; everybody where None.

        Raises:
            OptionError: No such question, or no such cell.
        """
        questions = self._design.questions
        if item not in questions:
            raise OptionError(
                "item",
                f"{item!r} is no question of known shares; there are "
                f"{listed(questions)}{near(item, questions)}",
            )
        question = questions[item]
        shifts, weights = self._design.combinations(cell or {})
        found: FloatArray = question.shares(shifts, weights)
        values = range(question.item.low, question.item.high + 1)
        return dict(zip(values, found.tolist(), strict=True))


def simulate(
    study: Study
    | str
    | os.PathLike[str]
    | Mapping[str, Any]
    | Metric
    | Sequence[Metric]
    | Codebook
    | Sequence[Item],
    rows: SupportsIndex,
    *,
    seed: SupportsIndex = 0,
    correlation: float = 0.4,
    missing_rate: float = 0.02,
    not_used: float = 0.0,
    break_off: float = 0.0,
    shift: float = 0.3,
    drift: float = 0.0,
    waves: SupportsIndex = 12,
    start: dt.date = dt.date(2025, 1, 1),
    dropped: float = 0.05,
    answers: Mapping[str, Sequence[float]] | None = None,
    population: SupportsIndex = POPULATION,
    segments: Sequence[str] = (),
    wave: str | Mapping[str, Any] | None = None,
    weight: str | None = None,
    by: Sequence[str] | None = None,
    plugins: Plugins | None = None,
) -> Simulated:
    """A synthetic survey that answers a study.

    Latent answers are normal with a standard deviation of 1, and thresholds turn them into
    answers; so every probability is known. A question's middle follows from its column's name,
    and does not depend on the seed: other seeds ask other people of the same population.

    Args:
        study: A study, the path of a study file, or the mapping that its TOML stands for; metrics
            as objects (one, a sequence, or a mapping of name to metric); a codebook, or items.
        rows: How many respondents.
        seed: The seed, from 0 to 2^64 - 1.
        correlation: Correlation of the latent answers to two questions of one dimension (of one
            metric, where it has no dimensions); half of it between two dimensions of a metric.
        missing_rate: Probability that an answer is missing, whatever it would have been.
        not_used: Probability that a respondent leaves out all questions of a dimension.
        break_off: Probability that a respondent stops midway.
        shift: How far the outermost segments lie from the middle, in standard deviations.
        drift: What answers gain from one wave to the next, in standard deviations.
        waves: How many waves there are, unless the study names them.
        start: A day of the first wave.
        dropped: Share of the responses that a rule of ``[[keep]]`` drops.
        answers: Probabilities of an item's answers, from its least value upwards, for respondents
            in the middle of all segments and waves.
        population: How many people stand for everybody where the truth is found.
        segments: Columns of subgroups. This and what follows replaces the study's own, as in
            ``satcore.run``.
        wave: The column of waves, or ``{"time": column, "period": "month"}``.
        weight: The column of weights.
        by: The cells for which the truth is wanted, besides the total.
        plugins: The plugins to use; the installed ones where None.

    Raises:
        StudyError: Mistakes in the study or its metrics; all at once.
        OptionError: A number of rows, a seed or a setting that can't be.
    """
    rows, seed, population = map(operator.index, (rows, seed, population))
    for name, value in (("rows", rows), ("population", population)):
        if value < 1:
            raise OptionError(name, f"{value} respondents are no survey; ask for 1 or more")
    if not 0 <= seed < 1 << 64:
        raise OptionError("seed", f"{seed} is not from 0 to 2^64 - 1")
    settings = Settings(
        correlation=correlation,
        missing_rate=missing_rate,
        not_used=not_used,
        break_off=break_off,
        shift=shift,
        drift=drift,
        waves=waves,
        start=start,
        dropped=dropped,
        answers=answers or {},
    )
    plugins = plugins or Plugins.found()
    asked_study, metrics = _asked_for(study)
    asked_study = study_of(segments=segments, wave=wave, weight=weight, by=by, base=asked_study)
    if isinstance(study, Codebook) or _are(study, Item):
        asked = _of_items(asked_study, cast("Codebook | Sequence[Item]", study))
    else:
        asked = _of_study(asked_study, metrics, plugins)
    return Simulated(
        rows=rows,
        seed=seed,
        settings=settings,
        population=population,
        study=asked_study,
        metrics=metrics,
        plugins=plugins,
        design=design_of(asked, settings),
    )


def _are(value: object, kind: type) -> bool:
    return (
        isinstance(value, Sequence)
        and not isinstance(value, str)
        and bool(value)
        and all(isinstance(one, kind) for one in value)
    )


def _asked_for(study: object) -> tuple[Study, dict[str, Metric]]:
    """A study, and metrics given as objects, by name."""
    if isinstance(study, Study):
        return study, {}
    if isinstance(study, str | os.PathLike):
        return Study.read(os.fspath(study)), {}
    if isinstance(study, Metric):
        study = [study]
    if isinstance(study, Mapping) and all(isinstance(one, Metric) for one in study.values()):
        return Study(), dict(study)
    if isinstance(study, Mapping):
        return Study.of(study), {}
    if isinstance(study, Codebook):
        return Study(codebook=study), {}
    if _are(study, Item):
        return Study(), {}
    if _are(study, Metric):
        listed_metrics = cast("Sequence[Metric]", study)
        named = {type(metric).__name__.lower(): metric for metric in listed_metrics}
        if len(named) == len(listed_metrics):
            return Study(), named
        raise OptionError("study", "two metrics are of one kind; give names, as {'a': NPS(…)}")
    raise OptionError(
        "study",
        f"{type(study).__name__} is no study; give a study file, its tables, metrics or items",
    )


class _AnyColumns(tuple[str, ...]):
    """The columns of a survey that is yet to be made: it has whichever is asked for."""

    __slots__ = ()

    def __contains__(self, name: object) -> bool:
        return True


def _of_study(study: Study, metrics: Mapping[str, Metric], plugins: Plugins) -> Asked:
    """What the metrics of a study ask for, and the columns that it speaks of besides.

    Raises:
        StudyError: Mistakes in it.
    """
    nothing = Survey(name="the simulated survey", columns=_AnyColumns(("",)), fragments=())
    plan = assemble(study, nothing, plugins=plugins, metrics=metrics)
    asked = {item.name for item in plan.items} | {one.name for one in plan.measures_read}
    more = [
        study.codebook.item(name, said.scale or _UNASKED)
        for name, said in study.codebook.declared.items()
        if name not in asked and name not in plan.dimensions.columns
    ]
    return Asked(
        items=(*plan.items, *more),
        amounts=plan.measures_read,
        conditions=plan.conditions,
        measures=plan.measures,
        dimensions=plan.dimensions,
        named=_named_labels(study),
    )


def _of_items(study: Study, given: Codebook | Sequence[Item]) -> Asked:
    """What items ask for.

    Raises:
        StudyError: An item without a scale.
    """
    if isinstance(given, Codebook):
        without = [name for name, said in given.declared.items() if said.scale is None]
        items = [given.item(name) for name in given.declared if name not in without]
        if without or not items:
            said = f"{listed(without)}: no scale is declared" if without else "it declares no item"
            raise OptionError("study", f"{said}; declare one, as Declaration(scale=Scale(…))")
    else:
        items = list(given)
    if study.problems:
        raise StudyError(study.problems)
    return Asked(items=tuple(items), dimensions=study.dimensions(), named=_named_labels(study))


def _named_labels(study: Study) -> dict[str, tuple[str, ...]]:
    """Labels that the study names, by column: those declared, and those of standards."""
    named = {column: list(labels) for column, labels in study.labels.items()}
    for standard in study.standards.values():
        if isinstance(standard.no_worse_than, Mapping):
            for column, label in standard.no_worse_than.items():
                labels = named.setdefault(column, [])
                if label not in labels:
                    labels.append(label)
    return {column: tuple(labels) for column, labels in named.items()}
