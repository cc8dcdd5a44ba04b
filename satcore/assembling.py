"""From a study, metrics and data to a plan; every mistake is collected and told at once."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from attrs import define, evolve, field

import satcore
from satcore.codebook import BrokenItemError, Codebook
from satcore.errors import (
    DataError,
    OptionError,
    PluginError,
    Problem,
    ProblemsError,
    StudyError,
    listed,
    near,
)
from satcore.hookspecs import Source
from satcore.metrics import Metric, declared_statistics
from satcore.planning import WAVE, Dimensions, GroupingSet, Measure, Plan, grouping_sets
from satcore.plugins import Plugins
from satcore.results import About, Measured
from satcore.study import MetricTable, Study, structured
from satcore.surveys import Survey, survey_in_memory

#: Libraries whose version a reader of the results may want to know.
_COUNTING = ("numpy", "polars", "scipy")


def assemble(
    study: Study,
    data: object = None,
    *,
    plugins: Plugins,
    metrics: Mapping[str, Metric] | None = None,
) -> Plan:
    """The plan of a study.

    Args:
        study: What is to be measured, with the mistakes found in it so far.
        data: The answers: a survey, a table in memory, a path, a glob or a list of them. The
            study's own where None.
        plugins: The plugins to use.
        metrics: Metrics given as objects, besides the study's.

    Raises:
        StudyError: Mistakes in the study; all of them, those of the data too.
        DataError: Mistakes in the data alone.
    """
    return _Assembly(study, plugins).plan(data, metrics or {})


@define(eq=False)
class _Assembly:
    study: Study
    plugins: Plugins
    problems: list[Problem] = field(factory=list)

    @property
    def place(self) -> str:
        return self.study.path.name if self.study.path else "study"

    def add(self, where: str, message: str) -> None:
        self.problems.append(Problem(f"{self.place}: {where}" if where else self.place, message))

    def plan(self, data: object, objects: Mapping[str, Metric]) -> Plan:
        self.problems += self.study.problems
        for name in self.plugins.unknown_disabled():
            hint = near(name, (point.name for point in self.plugins.points))
            self.problems.append(Problem("disabled plugins", f"there is no plugin {name!r}{hint}"))
        dimensions = self.study.dimensions()
        by = self._sets(self.study.study.by, dimensions, "[study] by")
        measures = [
            *self._measures(self.study.metrics, dimensions, by),
            *self._objects(objects, by),
        ]
        survey = self._survey(data)
        if survey is not None:
            self._columns(survey, dimensions, measures)
        if self.problems:
            raise StudyError(self.problems)
        if survey is None:  # pragma: no cover - there is a problem that says why
            raise AssertionError
        return Plan(
            survey=survey,
            measures=tuple(measures),
            dimensions=dimensions,
            about=self._about(survey, dimensions, by),
            comparisons=self.study.study.comparisons,
        )

    def _sets(
        self, by: Sequence[str] | None, dimensions: Dimensions, where: str
    ) -> tuple[GroupingSet, ...]:
        names = dimensions.names
        if by is None:
            return tuple((name,) for name in names)
        sets: list[GroupingSet] = []
        for text in by:
            wave = dimensions.wave
            # The wave answers to its column's name too.
            parts = [
                WAVE if wave and part.strip() == wave.column else part.strip()
                for part in text.split("*")
            ]
            try:
                sets += grouping_sets(["*".join(parts)], names)
            except ValueError as error:
                known = f"; there are {listed(names)}" if names else ""
                self.add(
                    where,
                    f"{text!r}: {str(error)!r} is no segment and no wave, or stands twice; "
                    f"[roles] names them{known}{near(str(error), names)}",
                )
        return tuple(dict.fromkeys(sets))

    def _measures(
        self,
        tables: Mapping[str, MetricTable],
        dimensions: Dimensions,
        by: tuple[GroupingSet, ...],
    ) -> Iterable[Measure]:
        for name, table in tables.items():
            where = f"[metrics.{name}]"
            own = by if table.by is None else self._sets(table.by, dimensions, f"{where} by")
            try:
                info, spec = self.plugins.metric(table.kind)
            except PluginError as error:
                self.add(where, str(error))
                continue
            metric, problems = structured(table.options, spec.metric)
            for option, message in problems:
                self.add(f"{where} {option}".strip(), message)
            if problems:
                continue
            measured = Measured(
                name=name, kind=spec.name, metric=metric, spec=spec, plugin=info.described
            )
            measure = self._measure(measured, own, where)
            if measure is not None:
                yield measure

    def _objects(
        self, metrics: Mapping[str, Metric], by: tuple[GroupingSet, ...]
    ) -> Iterable[Measure]:
        for name, metric in metrics.items():
            found = self.plugins.of_metric(type(metric))
            measured = Measured(
                name=name,
                kind=found[1].name if found else type(metric).__name__.lower(),
                metric=metric,
                spec=found[1] if found else None,
                plugin=found[0].described if found else "",
            )
            measure = self._measure(measured, by, f"metric {name!r}")
            if measure is not None:
                yield measure

    def _measure(
        self, measured: Measured, by: tuple[GroupingSet, ...], where: str
    ) -> Measure | None:
        codebook: Codebook = self.study.codebook
        try:
            declared = declared_statistics(measured.metric, codebook)
            measure = Measure(measured=measured, declared=declared, by=by)
            for statistic in measure.statistics:
                _ = statistic.key, statistic.items
        except BrokenItemError:
            return None
        except OptionError as error:
            self.add(f"{where} {error.option}", error.message)
        except Exception as error:  # noqa: BLE001 - a third party's metric may raise anything
            owner = f" (plugin {measured.plugin})" if measured.plugin else ""
            self.add(where, f"the metric can't be planned{owner}: {type(error).__name__}: {error}")
        else:
            return measure
        return None

    def _survey(self, data: object) -> Survey | None:
        try:
            if data is None:
                if not self.study.study.data:
                    self.add(
                        "[study] data", "no answers are given; name a file, as data = 'answers.csv'"
                    )
                    return None
                base = self.study.path.parent if self.study.path else Path()
                return self._files([str(base / one) for one in self.study.study.data])
            if isinstance(data, Survey):
                return data
            if isinstance(data, str | os.PathLike):
                return self._files([os.fspath(data)])
            if isinstance(data, list | tuple) and all(
                isinstance(one, str | os.PathLike) for one in data
            ):
                return self._files([os.fspath(one) for one in data])
            return survey_in_memory(data)
        except ProblemsError as error:
            self.problems += error.problems
        except PluginError as error:
            self.problems.append(Problem("", str(error)))
        return None

    def _files(self, patterns: Sequence[str]) -> Survey:
        paths = expanded(patterns)
        readers = {id(reader): reader for reader in map(self.plugins.reader, paths)}
        if len(readers) > 1:
            kinds = listed(reader.name for reader in readers.values())
            raise DataError.at(
                listed(paths, 4), f"files of several kinds ({kinds}) can't be one survey"
            )
        reader = next(iter(readers.values()))
        return reader.read(Source(paths=tuple(paths), encoding=self.study.study.encoding))

    def _columns(self, survey: Survey, dimensions: Dimensions, measures: Sequence[Measure]) -> None:
        """Hold the columns that are wanted against those that are there."""
        wanted: dict[str, str] = {}
        for column in (rule.column for rule in dimensions.keep):
            wanted.setdefault(column, "[[keep]] column")
        for column in dimensions.segments:
            wanted.setdefault(column, "[roles] segments")
        if dimensions.wave:
            wanted.setdefault(dimensions.wave.column, "[roles] wave")
        if dimensions.weight:
            wanted.setdefault(dimensions.weight, "[roles] weight")
        for measure in measures:
            for statistic in measure.statistics:
                for item in statistic.items:
                    wanted.setdefault(item.name, f"[metrics.{measure.measured.name}]")
        for column, where in wanted.items():
            if column not in survey.columns:
                hint = near(column, survey.columns)
                there = "" if hint else f"; it has {listed(survey.columns)}"
                self.add(where, f"{survey.name} has no column {column!r}{hint}{there}")

    def _about(self, survey: Survey, dimensions: Dimensions, by: tuple[GroupingSet, ...]) -> About:
        asked = self.study.study
        labels = dict(self.study.labels)
        wave = dimensions.wave
        if wave and wave.period is None and wave.column in labels:
            labels[WAVE] = labels[wave.column]
        return About(
            title=asked.title,
            data=survey.name,
            by=by,
            segments=dimensions.segments,
            wave=WAVE if wave else "",
            wave_period=(wave.period or "") if wave else "",
            weight=dimensions.weight or "",
            confidence=asked.confidence,
            min_base=asked.min_base,
            suppress_below=asked.suppress_below,
            invalid=asked.invalid,
            labels=labels,
            versions={
                "satcore": satcore.__version__,
                **{library: version(library) for library in _COUNTING},
            },
        )


def expanded(patterns: Sequence[str]) -> list[str]:
    """Paths and globs as files that are there, sorted within each glob, each once.

    Raises:
        DataError: A path that isn't there, or a glob that finds none.
    """
    paths: list[str] = []
    problems = []
    for pattern in patterns:
        if Path(pattern).exists():
            paths.append(pattern)
        elif glob.has_magic(pattern):
            matching = glob.glob(pattern, recursive=True)  # noqa: PTH207 - the pattern may be absolute
            found = sorted(one for one in matching if Path(one).is_file())
            paths += found
            if not found:
                problems.append(Problem(pattern, "no file matches"))
        else:
            folder = Path(pattern).parent
            siblings = [one.name for one in folder.iterdir()] if folder.is_dir() else []
            where = "" if folder.is_dir() else f"; there is no folder {str(folder)!r} either"
            message = f"there is no such file{near(Path(pattern).name, siblings)}{where}"
            problems.append(Problem(pattern, message))
    if problems:
        raise DataError(problems)
    return list(dict.fromkeys(paths))


def study_of(
    *,
    by: Sequence[str] | None = None,
    segments: Sequence[str] = (),
    wave: str | Mapping[str, Any] | None = None,
    weight: str | None = None,
    confidence: float | None = None,
    more: Mapping[str, Any] | None = None,
    base: Study | None = None,
) -> Study:
    """A study from keyword arguments, or a study with some of its answers replaced.

    Raises:
        StudyError: A mistake in the arguments.
    """
    for name, value in (("segments", segments), ("by", by)):
        if isinstance(value, str):
            raise StudyError([Problem(name, f"a list is wanted, as [{value!r}], not a text")])
    table: dict[str, Any] = {"study": dict(more or {}), "roles": {}, "metrics": {}}
    if by is not None:
        table["study"]["by"] = list(by)
    if confidence is not None:
        table["study"]["confidence"] = confidence
    if segments:
        table["roles"]["segments"] = list(segments)
    if wave is not None:
        table["roles"]["wave"] = wave
    if weight is not None:
        table["roles"]["weight"] = weight
    made = Study.of(table, place="arguments")
    if made.problems:
        raise StudyError(made.problems)
    if base is None:
        return evolve(made, codebook=evolve(made.codebook, weighted=weight is not None))
    study = base.study
    for name in table["study"]:
        study = evolve(study, **{name: getattr(made.study, name)})
    roles = base.roles
    for name in table["roles"]:
        roles = evolve(roles, **{name: getattr(made.roles, name)})
    codebook = evolve(base.codebook, weighted=roles.weight is not None)
    return evolve(base, study=study, roles=roles, codebook=codebook)
