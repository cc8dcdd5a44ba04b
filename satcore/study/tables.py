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
        missing: Answers that stand for "not answered", besides the study's; the file's own where
            left out.
        label: What the question says.
    """

    scale: str | None = None
    missing: tuple[AnswerText, ...] | None = None
    label: Text | None = None


@frozen(kw_only=True)
class MetricTable:
    """``[metrics.NAME]``: one metric.

    Attributes:
        kind: The metric's kind; its name unless ``metric = …`` says otherwise. Empty where a
            questionnaire is named and no kind: then it is the questionnaire's.
        options: The metric's own options, as written.
        by: Grouping sets that replace the study's.
        instrument: The questionnaire whose items are measured; it fills options that are not
            written.
        forms: What is asked of each item, where that is not all that the questionnaire asks.
        title: What to call it for people, where that is not its kind's or questionnaire's name.
    """

    kind: str
    options: Mapping[str, Any] = field(factory=dict)
    by: tuple[str, ...] | None = None
    instrument: str | None = None
    forms: tuple[str, ...] | None = None
    title: Text | None = None


#: The rules of a standard, of which each has one.
RULES: Final = ("at_least", "at_most", "between", "no_worse_than")


@frozen(kw_only=True)
class StandardTable:
    """``[[standards]]``: a target that a metric has to reach.

    Attributes:
        metric: The metric's name in the study.
        term: The term; the metric's primary one where left out.
        item: The item; the only one that has the term where left out.
        at_least: The least value that is good enough.
        at_most: The greatest value that is good enough.
        between: Both.
        no_worse_than: ``"last_wave"``, or a segment's value that the others are held against.
        margin: How much worse may still be good enough, with ``no_worse_than``.
        better: Which way is better, with ``no_worse_than``; high where left out.
        by: Grouping sets whose cells have to reach it; all answers together where left out.
        confidence: One-sided confidence; the study's where left out.
        adjust: ``"holm"`` to allow for the number of cells.
        title: What it is called.
    """

    metric: str
    term: str | None = None
    item: AnswerText | None = None
    at_least: float | None = None
    at_most: float | None = None
    between: tuple[float, float] | None = None
    no_worse_than: Literal["last_wave"] | Mapping[str, AnswerText] | None = None
    margin: float | None = None
    better: Literal["high", "low"] | None = None
    by: str | tuple[str, ...] | None = None
    confidence: float | None = None
    adjust: Literal["holm"] | None = None
    title: Text | None = None

    def __attrs_post_init__(self) -> None:
        rules = [name for name in RULES if getattr(self, name) is not None]
        if not rules:
            raise OptionError("", f"say what is asked, as at_least = 30; there are {listed(RULES)}")
        if len(rules) > 1:
            raise OptionError(rules[1], f"stands beside {rules[0]}; a standard has one of them")
        numbers = (self.at_least, self.at_most, self.margin, *(self.between or ()))
        if not all(math.isfinite(number) for number in numbers if number is not None):
            raise OptionError(rules[0], "a target is a number, neither nan nor inf")
        if self.between is not None and self.between[0] > self.between[1]:
            low, high = self.between
            raise OptionError("between", f"{low:g} is more than {high:g}; the lower one is first")
        for name in ("margin", "better"):
            if getattr(self, name) is not None and self.no_worse_than is None:
                raise OptionError(name, "belongs to no_worse_than, which is not there")
        if self.margin is not None and self.margin < 0:
            raise OptionError("margin", f"{self.margin:g} is less than 0; it is a distance")
        if isinstance(self.no_worse_than, Mapping) and len(self.no_worse_than) != 1:
            raise OptionError("no_worse_than", 'name one value, as { region = "North" }')
        if not all(name.strip() for name in self.sets):
            raise OptionError("by", "a name is empty; leave by out for all answers together")
        if self.confidence is not None:
            _one_sided(self.confidence)

    @property
    def sets(self) -> tuple[str, ...]:
        """The grouping sets as they are written; none for all answers together."""
        return (self.by,) if isinstance(self.by, str) else self.by or ()

    def standard(
        self, by: Sequence[GroupingSet], confidence: float, dimensions: Dimensions
    ) -> Standard:
        """The standard as it is planned.

        Args:
            by: ``sets``, read.
            confidence: The study's confidence.
            dimensions: What cells are made of.

        Raises:
            OptionError: What it is held against is not there.
        """
        if self.confidence is None:
            _one_sided(confidence)
        along, reference = self._against(by, dimensions)
        sets = dict.fromkeys(
            tuple(name for name in dimensions.names if name in names or name == along)
            for names in (by or ((),))
        )
        low, high = self._limits()
        return Standard(
            metric=self.metric,
            rule=next(name for name in RULES if getattr(self, name) is not None),
            low=low,
            high=high,
            term=self.term,
            item=self.item,
            by=tuple(sets),
            along=along,
            reference=reference,
            confidence=confidence if self.confidence is None else self.confidence,
            adjust=self.adjust,
            title=self.title,
        )

    def _limits(self) -> tuple[float, float]:
        if self.between is not None:
            return self.between
        if self.no_worse_than is None:
            low, high = self.at_least, self.at_most
            return -math.inf if low is None else low, math.inf if high is None else high
        margin = self.margin or 0.0
        return (-math.inf, margin) if self.better == "low" else (0.0 - margin, math.inf)

    def _against(self, by: Sequence[GroupingSet], dimensions: Dimensions) -> tuple[str, str | None]:
        """The dimension along which cells are compared, and the label they are held against."""
        asked, names, wave = self.no_worse_than, dimensions.names, dimensions.wave
        if asked is None:
            return "", None
        if isinstance(asked, str):
            if wave is None:
                raise OptionError(
                    "no_worse_than", "there is no wave; name its column in [roles] (--wave)"
                )
            if any(WAVE in one for one in by):
                raise OptionError("by", "last_wave compares the waves; leave the wave out of by")
            return WAVE, None
        [(along, reference)] = asked.items()
        if wave is not None and along == wave.column:
            along = WAVE
        if along not in names:
            there = f"there are {listed(names)}" if names else "there are none; see [roles]"
            raise OptionError(
                "no_worse_than", f"{along!r} is no segment and no wave; {there}{near(along, names)}"
            )
        return along, reference


def _one_sided(confidence: float) -> None:
    """Hold a one-sided confidence against what can be asked of an interval.

    Raises:
        OptionError: At 0.5 the bound is the value itself; at 1 there is none.
    """
    if not (0.5 < confidence < 1 and 0 < 2 * confidence - 1 < 1):
        raise OptionError(
            "confidence",
            f"{confidence:g} is not between 0.5 and 1, where a one-sided confidence lies; 95% is "
            "written 0.95",
        )


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
        standards: The standards, by their number in the file.
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
    standards: Mapping[int, StandardTable] = field(factory=dict)
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
