"""The tables of a study file, as attrs classes, and the study they make together."""

from __future__ import annotations

import math
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal, NewType

from attrs import evolve, field, frozen

from satcore.codebook import Codebook, Scale, Text
from satcore.comparisons import DEFAULT_KINDS
from satcore.errors import OptionError, Problem, StudyError, listed, near
from satcore.periods import Period
from satcore.planning import MAX_CELLS, WAVE, Dimensions, GroupingSet, Keep, Wave
from satcore.standards import Standard

#: An answer or label as its text; a file may write it as a number.
AnswerText = NewType("AnswerText", str)

Comparisons = Literal["rest", "previous", "heterogeneity", "pairs"]


@frozen(kw_only=True)
class StudyTable:
    """``[study]``: the questions that concern every metric.

    Attributes:
        title: The study's title.
        data: Files, globs or a list of them, relative to the study file.
        missing: Answers that stand for "not answered", in every item.
        encoding: The files' encoding; found where left out.
        by: Grouping sets to report besides the total; each segment, and the wave, where left out.
        confidence: Confidence level of the intervals.
        min_base: Cells with fewer answers are marked.
        suppress_below: Cells with fewer answers are withheld.
        invalid: ``"error"``, or ``"missing"`` to count answers outside a scale as missing.
        comparisons: The kinds of comparisons to make.
        max_cells: Cells that a grouping set may have.
    """

    title: Text = field(factory=lambda: Text.of(""))
    data: tuple[str, ...] = ()
    missing: tuple[AnswerText, ...] = ()
    encoding: str | None = None
    by: tuple[str, ...] | None = None
    confidence: float = 0.95
    min_base: int = 30
    suppress_below: int = 0
    invalid: Literal["error", "missing"] = "error"
    comparisons: tuple[Comparisons, ...] = DEFAULT_KINDS
    max_cells: int = MAX_CELLS

    def __attrs_post_init__(self) -> None:
        # A level so close to an end that the quantile it asks for is none is refused as well.
        if not (0 < self.confidence < 1 and 0.5 < (1 + self.confidence) / 2 < 1):
            raise OptionError(
                "confidence", f"{self.confidence} is not between 0 and 1; 95% is written 0.95"
            )
        if not all(name.strip() for name in self.data):
            raise OptionError("data", "a file's name is empty; write as data = 'answers.csv'")
        for name, least in (("min_base", 0), ("suppress_below", 0), ("max_cells", 1)):
            if getattr(self, name) < least:
                raise OptionError(name, f"{getattr(self, name)} is less than {least}")


@frozen(kw_only=True)
class WaveTable:
    """``wave = { time = …, period = … }``: waves made from times.

    Attributes:
        time: The column of times.
        period: The period to which a time belongs.
        format: The form of the times' text, in strptime's letters.
    """

    time: str
    period: Period
    format: str | None = None


@frozen(kw_only=True)
class Roles:
    """``[roles]``: what columns are for, besides answers.

    Attributes:
        weight: The column of weights.
        respondent: The column that tells respondents apart, by which replicates draw them; their
            place in the file where left out.
        segments: Columns of subgroups.
        wave: The column of waves, or a table that makes them from times.
    """

    weight: str | None = None
    respondent: str | None = None
    segments: tuple[str, ...] = ()
    wave: str | WaveTable | None = None

    def __attrs_post_init__(self) -> None:
        twice = [name for name, times in Counter(self.segments).items() if times > 1]
        if twice:
            raise OptionError("segments", f"{twice[0]!r} stands there twice")
        if WAVE in self.segments:
            raise OptionError("segments", f"{WAVE!r} names the wave; write wave = {WAVE!r} instead")
        if isinstance(self.wave, str) and self.wave in self.segments:
            raise OptionError(
                "wave", f"{self.wave!r} is among the segments; a column is one or the other"
            )


@frozen(kw_only=True)
class KeepTable:
    """``[[keep]]``: only these responses count.

    Attributes:
        column: The column.
        is_: Values that are kept.
        not_: Values that are dropped.
    """

    column: str
    is_: tuple[AnswerText, ...] | None = None
    not_: tuple[AnswerText, ...] = ()

    def __attrs_post_init__(self) -> None:
        if not self.is_ and not self.not_:
            raise OptionError("is", 'say which values are kept, as is = ["Complete"], or not = […]')


@frozen(kw_only=True)
class ScaleTable:
    """``[scales.NAME]``: a scale by its range, or by wordings and what they stand for.

    Attributes:
        range: The range, as ``"1..7"``.
        codes: Wordings and their values.
        labels: Value labels.
    """

    range: str | None = None
    codes: Mapping[str, int] = field(factory=dict)
    labels: Mapping[int, Text] = field(factory=dict)

    def scale(self) -> Scale:
        """The scale."""
        if self.range is None and not self.codes:
            raise OptionError("range", "give a range such as '1..7', or codes")
        place = "codes" if self.range is None else "range"
        try:
            scale = Scale.of_codes(self.codes) if self.range is None else Scale.parse(self.range)
            place = "codes"
            scale = evolve(scale, codes=tuple(self.codes.items()))
        except ValueError as error:
            raise OptionError(place, str(error)) from None
        for value in self.labels:
            if not scale.low <= value <= scale.high:
                raise OptionError("labels", f"{value} is no value of the scale {scale}")
        return evolve(scale, labels=tuple(self.labels.items()))


@frozen(kw_only=True)
class ItemTable:
    """``[items.NAME]``: what the study says of one question.

    Attributes:
        scale: A range or the name of a scale.
        missing: Answers that stand for "not answered", besides the study's.
        label: What the question says.
    """

    scale: str | None = None
    missing: tuple[AnswerText, ...] = ()
    label: Text | None = None


@frozen(kw_only=True)
class MetricTable:
    """``[metrics.NAME]``: one metric.

    Attributes:
        kind: The metric's kind; its name unless ``metric = …`` says otherwise.
        options: The metric's own options, as written.
        by: Grouping sets that replace the study's.
    """

    kind: str
    options: Mapping[str, Any] = field(factory=dict)
    by: tuple[str, ...] | None = None


@frozen(kw_only=True)
class Study:
    """What is to be measured.

    Attributes:
        study: What concerns every metric.
        roles: What columns are for.
        keep: Which responses count.
        codebook: Items and scales.
        labels: Names for people of segment values, by column and value.
        metrics: The metrics, by name.
        path: The file it was read from; relative data files start from its folder.
        problems: Mistakes found so far. A study with any can't run; they are kept, so that
            planning can add its own and all are told at once.
    """

    study: StudyTable = field(factory=StudyTable)
    roles: Roles = field(factory=Roles)
    keep: tuple[KeepTable, ...] = ()
    codebook: Codebook = field(factory=Codebook)
    labels: Mapping[str, Mapping[str, Text]] = field(factory=dict)
    metrics: Mapping[str, MetricTable] = field(factory=dict)
    path: Path | None = None
    problems: tuple[Problem, ...] = ()

    @classmethod
    def load(cls, path: str | Path) -> Study:
        """Read a study file.

        Raises:
            StudyError: It can't be read, is no TOML, or has mistakes; all of them at once.
        """
        study = cls.read(path)
        if study.problems:
            raise StudyError(study.problems)
        return study

    @classmethod
    def read(cls, path: str | Path) -> Study:
        """Read a study file, mistakes and all; they are in ``problems``.

        Raises:
            StudyError: It can't be read or is no TOML: there is nothing to go on with.
        """
        path = Path(path)
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except OSError as error:
            there = path.parent.glob("*.toml") if path.parent.is_dir() else ()
            hint = near(path.name, (one.name for one in there if one != path))
            absent = isinstance(error, FileNotFoundError)
            message = f"there is no such file{hint}" if absent else f"{error.strerror}{hint}"
            raise StudyError([Problem(str(path), message)]) from None
        except UnicodeDecodeError as error:
            message = f"a study file is UTF-8; byte {error.start} is not. Save it as UTF-8"
            raise StudyError([Problem(str(path), message)]) from None
        try:
            table = tomllib.loads(text)
        except ValueError as error:  # a number of too many digits is no TOMLDecodeError
            raise StudyError([Problem(str(path), f"no TOML: {error}")]) from None
        except RecursionError:
            raise StudyError([Problem(str(path), "its lists or tables nest too deeply")]) from None
        return evolve(cls.of(table, place=path.name), path=path)

    @classmethod
    def of(cls, table: Mapping[str, Any], place: str = "study") -> Study:
        """A study from the mapping that its TOML stands for; mistakes are in ``problems``."""
        from satcore.study.reading import Reader

        return Reader(place).study(table)

    def told(self, where: str) -> bool:
        """Whether a mistake at a place, such as ``[study] data``, is among the problems."""
        return any(f": {where}" in problem.place for problem in self.problems)

    def dimensions(self) -> Dimensions:
        """What cells are made of, and which responses count."""
        wave = self.roles.wave
        return Dimensions(
            segments=self.roles.segments,
            wave=(
                None
                if wave is None
                else Wave(column=wave)
                if isinstance(wave, str)
                else Wave(column=wave.time, period=wave.period, form=wave.format)
            ),
            weight=self.roles.weight,
            respondent=self.roles.respondent,
            keep=tuple(
                Keep(column=rule.column, is_=rule.is_, not_=rule.not_) for rule in self.keep
            ),
            declared={column: tuple(texts) for column, texts in self.labels.items()},
            max_cells=self.study.max_cells,
        )
