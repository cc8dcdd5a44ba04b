"""From a study, metrics and data to a plan; every mistake is collected and told at once."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import define, evolve, field

import satcore
from satcore import describing, foundations
from satcore.addresses import is_address, shown_address
from satcore.catalogues import Catalogues
from satcore.codebook import BrokenItemError, Codebook, Item
from satcore.codebook import Measure as MeasureItem
from satcore.errors import (
    DataError,
    OptionError,
    PluginError,
    Problem,
    ProblemsError,
    SatcoreError,
    StudyError,
    listed,
    near,
)
from satcore.hookspecs import Source, SurveySpec
from satcore.instruments import expanded as with_instruments
from satcore.metrics import Metric, declared_statistics
from satcore.planning import WAVE, Dimensions, GroupingSet, Measure, Plan, grouping_sets
from satcore.plugins import Plugins
from satcore.results import About, Measured
from satcore.room import Room, bytes_a_cell, least_cells
from satcore.scanning import merge_bundles
from satcore.standards import Standard
from satcore.study import MetricTable, Study, StudyTable, structured
from satcore.surveys import Survey, survey_in_memory

#: Libraries whose version a reader of the results may want to know.
_COUNTING = ("numpy", "polars", "scipy")


def assemble(
    study: Study,
    data: object = None,
    *,
    plugins: Plugins,
    metrics: Mapping[str, Metric] | None = None,
    skip_bad_fragments: bool = False,
) -> Plan:
    """The plan of a study.

    Args:
        study: What is to be measured, with the mistakes found in it so far.
        data: The answers: a survey, a table in memory, a path, a glob or a list of them. The
            study's own where None.
        plugins: The plugins to use.
        metrics: Metrics given as objects, besides the study's.
        skip_bad_fragments: Whether what can't be read is left out whole, and told.

    Raises:
        StudyError: Mistakes in the study, in what the metrics ask for, or in opening the data; all
            of them at once.
    """
    made = with_instruments(study, plugins)
    return _Assembly(made.study, plugins, skip_bad_fragments, made.notes).plan(data, metrics or {})


@define(eq=False)
class _Assembly:
    study: Study
    plugins: Plugins
    skip_bad_fragments: bool = False
    told: tuple[str, ...] = ()
    problems: list[Problem] = field(factory=list)
    codebook: Codebook = field(init=False)
    inputs: list[str] = field(factory=list)
    skipped: dict[str, str] = field(factory=dict)
    catalogues: Catalogues = field(init=False)

    @property
    def place(self) -> str:
        return self.study.path.name if self.study.path else "study"

    def add(self, where: str, message: str) -> None:
        self.problems.append(Problem(f"{self.place}: {where}" if where else self.place, message))

    def plan(self, data: object, objects: Mapping[str, Metric]) -> Plan:
        self.problems += self.study.problems
        self.catalogues = self.plugins.catalogues()
        for name in self.plugins.unknown_disabled():
            hint = near(name, (point.name for point in self.plugins.points))
            self.problems.append(Problem("disabled plugins", f"there is no plugin {name!r}{hint}"))
        # The files are opened first, since they may know their columns; they are told of last.
        told = len(self.problems)
        survey = self._survey(data)
        of_data = self.problems[told:]
        del self.problems[told:]
        self.codebook = describing.described(self.study.codebook, survey)
        dimensions = self.study.dimensions()
        if survey is not None:
            dimensions = describing.without_tests(dimensions, survey)
        by = self._sets(self.study.study.by, dimensions, "[study] by")
        measures = [
            *self._measures(self.study.metrics, dimensions, by),
            *self._objects(objects, by),
        ]
        asked = (*self.study.metrics, *objects)
        unsound = list(foundations.unsound(measures, asked, has_waves=dimensions.wave is not None))
        self._faults(unsound)
        self.problems += of_data
        if survey is not None:
            self._columns(survey, dimensions, measures)
        if not self.study.metrics and not objects and not self.study.told("[metrics"):
            self.add("[metrics]", "no metric is asked for; add one, as [metrics.nps] item = 'Q1'")
        standards = self._standards(dimensions, measures)
        known = {one.measured.name for one in measures}
        # A metric that can't be planned has been told of; what stands on it can't be either.
        if survey is None or unsound or not known.issuperset(asked):
            raise StudyError(self.problems)
        plan = Plan(
            survey=survey,
            measures=tuple(measures),
            dimensions=dimensions,
            about=self._about(survey, dimensions, by, measures),
            comparisons=self.study.study.comparisons,
            notes=(
                *self.told,
                *self._unused(survey),
                *self._taken(survey, dimensions, measures),
            ),
            standards=tuple(standards.values()),
            inputs=tuple(self.inputs),
            folder=self.study.path.parent if self.study.path else None,
            skip_bad_fragments=self.skip_bad_fragments,
            skipped=self.skipped,
            catalogues=self.catalogues,
        )
        self._fit_in(plan)
        self._faults(foundations.unknown_terms(plan))
        self._terms(plan, standards)
        if self.problems:
            raise StudyError(self.problems)
        return plan

    def _standards(
        self, dimensions: Dimensions, measures: Sequence[Measure]
    ) -> dict[int, Standard]:
        """The standards that can be planned, by their number in the file."""
        known = {one.measured.name: one for one in measures}
        standards: dict[int, Standard] = {}
        for number, table in self.study.standards.items():
            where, told = f"[[standards]] number {number}", len(self.problems)
            by = self._sets(table.sets, dimensions, f"{where} by")
            measure = known.get(table.metric)
            if measure is None:
                asked = list(dict.fromkeys([*self.study.metrics, *known]))
                if table.metric not in asked and not self.study.told(f"[metrics.{table.metric}]"):
                    there = f"there are {listed(asked)}" if asked else "there is none"
                    hint = f"{there}{near(table.metric, asked)}"
                    self.add(f"{where} metric", f"no metric is called {table.metric!r}; {hint}")
            elif len(self.problems) == told:
                try:
                    standard = table.standard(by, self.study.study.confidence, dimensions)
                    _fit(standard, measure, standards.values())
                    standards[number] = standard
                except OptionError as error:
                    if not self.study.told("[roles]"):
                        self.add(f"{where} {error.option}", error.message)
        return standards

    def _terms(self, plan: Plan, standards: Mapping[int, Standard]) -> None:
        """Note terms and items of standards that their metrics do not have."""
        nobody = merge_bundles(plan, [])
        for number, one in standards.items():
            measure = plan.measure(one.metric)
            try:
                foundations.hold_term(plan, nobody, measure, one.term or "", one.item or "")
            except OptionError as error:
                self.add(f"[[standards]] number {number} {error.option}", error.message)

    def _fit_in(self, plan: Plan) -> None:
        """Refuse what is certain not to fit into memory, before anything is held.

        Raises:
            StudyError: It does not; with all that is wrong besides.
        """
        try:
            Room(plan=plan).check(least_cells(plan))
        except StudyError as error:
            self.problems += error.problems
        except DataError as error:
            for problem in error.problems:
                self.add(problem.place, problem.message)
            raise StudyError(self.problems) from None

    def _faults(self, faults: Iterable[foundations.Fault]) -> None:
        """Note what is wrong with metrics that stand on others."""
        for name, option, message in faults:
            where = f"[metrics.{name}]" if name in self.study.metrics else f"metric {name!r}"
            if not self.study.told("[roles]"):
                self.add(f"{where} {option}".strip(), message)

    def _sets(
        self, by: Sequence[str] | None, dimensions: Dimensions, where: str
    ) -> tuple[GroupingSet, ...]:
        names, wave = dimensions.names, dimensions.wave
        if by is None:
            return tuple((name,) for name in names)
        sets: list[GroupingSet] = []
        for text in by:
            parts = [part.strip() for part in text.split("*")]
            if wave and wave.column not in names:
                # The wave answers to its column's name too.
                parts = [WAVE if part == wave.column else part for part in parts]
            message = _refusal(parts, names)
            if message is None:
                sets += grouping_sets(["*".join(parts)], names)
            elif not self.study.told("[roles]"):
                self.add(where, f"{text!r}: {message}")
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
                name=name,
                kind=spec.name,
                metric=metric,
                spec=spec,
                plugin=info.described,
                titled=table.title,
                catalogues=self.catalogues.of(info.name),
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
                catalogues=self.catalogues.of(found[0].name) if found else Catalogues(),
            )
            measure = self._measure(measured, by, f"metric {name!r}")
            if measure is not None:
                yield measure

    def _measure(
        self, measured: Measured, by: tuple[GroupingSet, ...], where: str
    ) -> Measure | None:
        try:
            declared = declared_statistics(measured.metric, self.codebook)
            measure = Measure(measured=measured, declared=declared, by=by)
            measure = evolve(measure, measured=evolve(measured, stands_on=measure.stands_on))
            if measure.along_waves:
                measure = evolve(measure, by=foundations.without_waves(by))
            for statistic in measure.statistics:
                _ = statistic.key, statistic.items
                bytes_a_cell(statistic, weighted=self.study.roles.weight is not None)
        except BrokenItemError:
            return None
        except OptionError as error:
            # A scale that is declared with mistakes has been told.
            if not self.study.told(f"[scales.{getattr(measured.metric, error.option, '')}]"):
                self.add(f"{where} {error.option}", error.message)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a third party's metric may raise anything
            owner = f" (plugin {measured.plugin})" if measured.plugin else ""
            self.add(where, f"the metric can't be planned{owner}: {type(error).__name__}: {error}")
        else:
            return measure
        return None

    def _survey(self, data: object) -> Survey | None:
        try:
            if data is None:
                if self.study.study.data:
                    folder = self.study.path.parent if self.study.path else Path()
                    return self._files(self.study.study.data, folder)
                if not self.study.told("[study] data"):
                    self.add(
                        "[study] data", "no answers are given; name a file, as data = 'answers.csv'"
                    )
                return None
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

    def survey(self, patterns: Sequence[str]) -> Survey:
        """The survey that files make, from where the command is given."""
        return self._files(patterns)

    def _files(self, patterns: Sequence[str], folder: Path | None = None) -> Survey:
        paths = [
            file
            for path in expanded(patterns, folder or Path())
            for file in self._files_below(path)
        ]
        self.inputs += (path for path in map(_local, paths) if path)
        readers = {id(reader): reader for reader in map(self.plugins.reader, paths)}
        if len(readers) > 1:
            kinds = listed(reader.name for reader in readers.values())
            raise DataError.at(
                listed(map(shown_address, paths), 4),
                f"files of several kinds ({kinds}) can't be one survey",
            )
        reader = next(iter(readers.values()))
        place, offered = (
            listed(map(shown_address, paths), 4),
            "`satcore plugins` shows which plugin offers it",
        )
        source = Source(paths=tuple(paths), encoding=self.study.study.encoding)
        try:
            survey: Any = reader.read(source)
        except DataError:
            sound = self._sound(reader, source)
            if not sound.paths or sound.paths == source.paths:
                raise
            source, survey = sound, reader.read(sound)
        except SatcoreError:
            raise
        except (Exception, SystemExit) as error:
            message = f"the reader {reader.name!r} failed: {type(error).__name__}: {error}"
            raise DataError.at(place, f"{message}; {offered}") from error
        if not isinstance(survey, Survey):
            found = type(survey).__name__
            raise DataError.at(
                place,
                f"the reader {reader.name!r} failed: it gives no Survey but {found}; {offered}",
            )
        return evolve(survey, source=source)

    def _sound(self, reader: SurveySpec, source: Source) -> Source:
        """The files that can be opened, of those of which some can't: all, where none is to go."""
        if not self.skip_bad_fragments:
            return source
        sound = []
        for path in source.paths:
            try:
                reader.read(evolve(source, paths=(path,)))
            except DataError as error:
                self.skipped[path] = str(error)
            else:
                sound.append(path)
        return evolve(source, paths=tuple(sound))

    def _files_below(self, path: str) -> Sequence[str]:
        """A folder's files, or the path where it is a file or a folder that a plugin reads."""
        if not Path(path).is_dir():
            return (path,)
        try:
            self.plugins.reader(path)
        except PluginError:
            pass
        else:
            return (path,)
        below = [one for one in Path(path).rglob("*") if one.is_file()]
        # What writes tables leaves notes beside them: _SUCCESS, .part.crc
        found = sorted(str(one) for one in below if one.name[0] not in "._")
        if not found:
            raise DataError.at(path, "it is a folder without files")
        return found

    def _columns(self, survey: Survey, dimensions: Dimensions, measures: Sequence[Measure]) -> None:
        """Hold the columns that are wanted against those that are there."""
        wanted: dict[str, str] = {}
        for column in (rule.column for rule in dimensions.keep):
            wanted.setdefault(column, "[[keep]] column")
        for column in dimensions.segments:
            wanted.setdefault(column, "[roles] segments")
        if dimensions.wave:
            wanted.setdefault(dimensions.wave.column, "[roles] wave")
        if dimensions.weight is not None:
            wanted.setdefault(dimensions.weight, "[roles] weight")
        if dimensions.respondent is not None:
            wanted.setdefault(dimensions.respondent, "[roles] respondent")
        for measure in measures:
            for source in _sources([measure]):
                wanted.setdefault(source.name, f"[metrics.{measure.measured.name}]")
        for column, where in wanted.items():
            if column not in survey.columns:
                hint = near(column, survey.columns)
                there = "" if hint else f"; it has {listed(survey.columns)}"
                there += "".join(f" ({note})" for note in survey.notes if column in note)
                self.add(where, f"{survey.name} has no column {column!r}{hint}{there}")

    def _unused(self, survey: Survey) -> Iterable[str]:
        """What is declared for columns that are not there: a name may be mistyped."""
        declared = {"items": self.study.codebook.declared, "labels": self.study.labels}
        for table, columns in declared.items():
            absent = [name for name in columns if name not in survey.columns]
            hints = {near(name, survey.columns) for name in absent[:3]}
            if absent:
                yield (
                    f"[{table}] {listed(absent)}: declared, but no column of {survey.name}"
                    f"{''.join(sorted(hints))}"
                )

    def _taken(
        self, survey: Survey, dimensions: Dimensions, measures: Sequence[Measure]
    ) -> Iterable[str]:
        """What was taken from the files and not from the study."""
        yield from describing.notes(survey, self.codebook, dimensions)
        yield from describing.missing_note(survey, self.codebook, _sources(measures))

    def _about(
        self,
        survey: Survey,
        dimensions: Dimensions,
        by: tuple[GroupingSet, ...],
        measures: Sequence[Measure],
    ) -> About:
        from importlib.metadata import version

        asked = self.study.study
        wave = dimensions.wave
        grouping = [*dimensions.segments, *([wave.column] if wave and not wave.period else [])]
        labels = describing.named_labels(self.study.labels, survey, grouping)
        if wave and wave.period is None and wave.column in labels:
            labels[WAVE] = labels[wave.column]
        return About(
            title=asked.title,
            # Bytes of a file's name that are no text stand for themselves in no output.
            data=survey.name.encode(errors="surrogateescape").decode(errors="replace"),
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
            questions={
                **{one.name: one.label for one in _sources(measures) if one.label is not None},
                **{
                    name: said.label
                    for name, said in self.study.codebook.declared.items()
                    if said.label is not None
                },
            },
            versions={
                "satcore": satcore.__version__,
                **{library: version(library) for library in _COUNTING},
            },
        )


def _sources(measures: Sequence[Measure]) -> Iterable[Item | MeasureItem]:
    """The columns that metrics rest on."""
    for measure in measures:
        for statistic in measure.statistics:
            for item in statistic.items:
                yield from item.sources


def _fit(standard: Standard, measure: Measure, others: Iterable[Standard]) -> None:
    """Hold a standard against its metric and the standards before it.

    Raises:
        OptionError: It wants what they do not allow.
    """
    if measure.along_waves and any(WAVE in names for names in standard.sets):
        raise OptionError(
            "no_worse_than" if standard.along == WAVE else "by",
            f"{standard.metric} looks along the waves itself; leave the wave out",
        )
    if any(one.name == standard.name for one in others):
        raise OptionError(
            "title", f"two standards are called {standard.name!r}; give one another title"
        )


def _refusal(parts: Sequence[str], names: Sequence[str]) -> str | None:
    """Why dimensions make no grouping set; None where they do."""
    unknown = next((part for part in parts if part not in names), None)
    if unknown == "":
        return "a name is empty; the total is reported always and needs none"
    if unknown is not None and not names:
        return "there are no segments and no wave; declare them in [roles]"
    if unknown is not None:
        there = listed(names)
        return f"{unknown!r} is no segment and no wave; there are {there}{near(unknown, names)}"
    return "a name stands there twice" if len(set(parts)) < len(parts) else None


def expanded(patterns: Sequence[str], base: Path) -> list[str]:
    """Paths and globs as files that are there, sorted within each glob, each once.

    Addresses stand for themselves, and so does a part of a file: ``answers.xlsx#Sheet1``.

    Args:
        patterns: Paths and globs.
        base: The folder from which they start.

    Raises:
        DataError: A path that isn't there, or a glob that finds none.
    """
    paths: list[str] = []
    problems = []
    for pattern in patterns:
        path = base / pattern
        file, mark, part = pattern.rpartition("#")
        if not pattern:
            problems.append(Problem("data", "a file's name is empty"))
        elif is_address(pattern):
            paths.append(pattern)
        elif path.exists():
            paths.append(str(path))
        elif mark and (base / file).is_file():
            paths.append(f"{base / file}#{part}")  # a part of a file: a sheet of a workbook
        elif glob.has_magic(pattern):
            matching = glob.glob(pattern, root_dir=base, recursive=True)  # noqa: PTH207 - the pattern may be absolute
            found = sorted(str(base / one) for one in matching if (base / one).is_file())
            paths += found
            if not found:
                problems.append(Problem(str(path), "no file matches"))
        else:
            folder = path.parent
            siblings = [one.name for one in folder.iterdir()] if folder.is_dir() else []
            siblings = [one for one in siblings if one != path.name]  # a link to nothing
            where = "" if folder.is_dir() else f"; there is no folder {str(folder)!r} either"
            message = f"there is no such file{near(path.name, siblings)}{where}"
            problems.append(Problem(str(path), message))
    if problems:
        raise DataError(problems)
    return list(dict.fromkeys(paths))


def _local(path: str) -> str:
    """The file that a path names; nothing for an address."""
    if is_address(path):
        return ""
    file, mark, _ = path.rpartition("#")
    return file if mark and not Path(path).exists() else path


def open_survey(
    patterns: Sequence[str], *, plugins: Plugins, encoding: str | None = None
) -> Survey:
    """The survey that files make together.

    Args:
        patterns: Paths, globs and addresses.
        plugins: The plugins to use.
        encoding: The files' encoding; found where left out.

    Raises:
        DataError: Files that are not there or can't be read.
        PluginError: No plugin reads such files.
    """
    return _Assembly(Study(study=StudyTable(encoding=encoding)), plugins).survey(patterns)


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
    table: dict[str, Any] = {"study": dict(more or {}), "roles": {}}
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
        return made
    study = evolve(base.study, **{name: getattr(made.study, name) for name in table["study"]})
    try:
        roles = evolve(base.roles, **{name: getattr(made.roles, name) for name in table["roles"]})
    except OptionError as error:
        raise StudyError([Problem(f"arguments: {error.option}", error.message)]) from None
    codebook = evolve(
        base.codebook,
        missing=study.missing,
        weighted=roles.weight is not None,
        identified=roles.respondent is not None,
    )
    return evolve(base, study=study, roles=roles, codebook=codebook)
