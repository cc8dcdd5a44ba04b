"""Metric: declare statistics, evaluate them. That is all a plugin author has to write."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from attrs import frozen

from satcore.codebook import Codebook
from satcore.errors import listed, near
from satcore.inference import FloatArray, IntArray
from satcore.standing import ByWave, Estimates
from satcore.statistics import Statistic

if TYPE_CHECKING:
    from satcore.results import Results


@frozen(kw_only=True, eq=False)
class Paired:
    """A difference between two items of the same respondents, for every cell.

    Only the metric knows how the items go together, so it yields the difference itself.

    Attributes:
        term: The term that is compared.
        item: The first item.
        against: The second item.
        value: First less second, by cell.
        std_error: Its standard error, by cell, which knows that the same people answered both.
        base: Respondents it rests on, by cell.
        method: How the error was found.
    """

    term: str
    item: str
    against: str
    value: FloatArray
    std_error: FloatArray
    base: IntArray
    method: str


@frozen(kw_only=True, eq=False)
class Test:
    """A test of an estimate against a fixed value, besides that of its interval.

    Attributes:
        term: The term that is tested.
        item: The item.
        null: The fixed value.
        statistic: The test's statistic by cell.
        p: The two-sided p-value by cell.
        method: The test's name: ``"wilcoxon"``.
        base: Answers it rests on, by cell.
        family: As that of ``Estimate``.
    """

    __test__ = False

    term: str
    item: str
    null: float
    statistic: FloatArray
    p: FloatArray
    method: str
    base: IntArray
    family: str = ""


#: What a metric may ask for: something counted, in the cells or wave by wave, or the estimates of
#: another metric.
Leaf: TypeAlias = "Statistic | ByWave | Estimates"

#: What ``statistics`` may give under one name: a leaf, or several by key or place.
Declared: TypeAlias = "Leaf | Mapping[str, Leaf] | tuple[Leaf, ...]"


@frozen(kw_only=True)
class Chart:
    """A picture, as data. A report decides how to show it.

    Attributes:
        title: What it shows, in the reader's language.
        spec: A Vega-Lite specification with its data inline; no addresses. A row of the data may
            hold its cell under ``_cell`` (``satcore.CHART_CELL``), so that a report can show the
            cells that its reader chooses.
        alt: What a reader who can't see it should know, in one or two sentences.
    """

    title: str
    spec: Mapping[str, Any]
    alt: str = ""


class Metric(ABC):
    """A measure of satisfaction.

    A subclass is a frozen attrs class; its fields are the options that a study file gives it. It
    never reads files, loops over rows or merges: it says what is to be counted, before any answer
    is read, and turns counts into estimates, for all cells at once.
    """

    @abstractmethod
    def statistics(self, codebook: Codebook) -> Mapping[str, Declared]:
        """What is to be counted, by the names under which ``evaluate`` gets it.

        Args:
            codebook: Makes items: ``codebook.item(self.item, "0..10")``.

        Raises:
            OptionError: An option that can't stand; its name and what would be right.
        """

    #: ``evaluate(self, **counted)`` takes the statistics by the names that ``statistics`` gave
    #: them and yields estimates; differences of paired items and tests of its own too, where it
    #: has any. It is pure: it keeps nothing, changes nothing it is given, and
    #: treats every cell as if it were alone.
    evaluate: Any

    def charts(self, results: Results, name: str, language: str = "en") -> Iterable[Chart]:
        """Pictures of what this metric found; none by default.

        Args:
            results: The results; ``results.rows(name)`` are this metric's, ``results.about`` names
                segments, wave and labels.
            name: The metric's name in the study.
            language: ``"en"`` or ``"zh"``.
        """
        return ()

    def item_title(self, item: str, language: str = "en") -> str:
        """What to call an item of this metric's rows: a feature, a dimension; empty for itself.

        Args:
            item: The item, as rows name it.
            language: ``"en"`` or ``"zh"``.
        """
        return ""

    def findings(self, results: Results, name: str, language: str = "en") -> Iterable[str]:
        """What the numbers say, in sentences no surer than their intervals; none by default.

        Args:
            results: As ``charts``.
            name: As ``charts``.
            language: As ``charts``.
        """
        return ()


def declared_statistics(metric: Metric, codebook: Codebook) -> dict[str, Declared]:
    """The statistics of a metric, held against the parameters of its ``evaluate``.

    Raises:
        OptionError: From the metric.
        TypeError: ``evaluate`` doesn't take what ``statistics`` gives; a fault of the metric.
    """
    declared = dict(metric.statistics(codebook))
    kind = type(metric).__name__
    if not callable(getattr(metric, "evaluate", None)):
        raise TypeError(f"{kind} has no evaluate method")
    parameters = inspect.signature(metric.evaluate).parameters
    if any(one.kind is one.VAR_KEYWORD for one in parameters.values()):
        return declared
    for name in declared:
        if name not in parameters:
            raise TypeError(
                f"{kind}.statistics gives {name!r}, but evaluate takes "
                f"{listed(parameters)}{near(name, parameters)}"
            )
    for name, parameter in parameters.items():
        if parameter.default is parameter.empty and name not in declared:
            raise TypeError(
                f"{kind}.evaluate needs {name!r}, but statistics gives "
                f"{listed(declared)}{near(name, declared)}"
            )
    return declared


def leaves(declared: Declared) -> Iterator[Leaf]:
    """Every leaf of one declared value."""
    if isinstance(declared, Mapping):
        yield from declared.values()
    elif isinstance(declared, tuple):
        yield from declared
    else:
        yield declared
