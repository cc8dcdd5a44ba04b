"""Reads the tables of a study, collecting every mistake with its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from attrs import evolve

from satcore.codebook import Codebook, Declaration, Scale, Text
from satcore.errors import OptionError, Problem, listed, near
from satcore.study.structuring import said, structured
from satcore.study.tables import (
    ItemTable,
    KeepTable,
    MetricTable,
    Roles,
    ScaleTable,
    StandardTable,
    Study,
    StudyTable,
)

_Kind = TypeVar("_Kind", StudyTable, Roles)
_Row = TypeVar("_Row", KeepTable, StandardTable)


class Reader:
    """Structures the tables of one study.

    Attributes:
        place: What to call the study in messages: its file's name.
        problems: What is wrong so far.
    """

    def __init__(self, place: str) -> None:
        self.place = place
        self.problems: list[Problem] = []

    def study(self, table: Mapping[str, Any]) -> Study:
        """The study, with what is wrong in its ``problems``."""
        known = ("study", "roles", "keep", "scales", "labels", "items", "metrics", "standards")
        for name in table:
            if name not in known:
                self._add(
                    f"[{name}]", f"no such table; there are {listed(known)}{near(name, known)}"
                )
        asked = self._table("study", table)
        if isinstance(asked.get("data"), str):
            asked = {**asked, "data": [asked["data"]]}
        study = self._by_key("[study]", asked, StudyTable)
        roles = self._by_key("[roles]", self._table("roles", table), Roles)
        return Study(
            study=study,
            roles=roles,
            keep=tuple(self._rows("keep", "rule", table, KeepTable).values()),
            codebook=self._codebook(table, study, roles),
            labels=self._labels(self._table("labels", table)),
            metrics=self._metrics(self._table("metrics", table)),
            standards=self._rows("standards", "standard", table, StandardTable),
            problems=tuple(self.problems),
        )

    def _add(self, place: str, message: str) -> None:
        self.problems.append(Problem(f"{self.place}: {place}", message))

    def _is_told(self, place: str) -> bool:
        return any(problem.place == f"{self.place}: {place}" for problem in self.problems)

    def _one(self, place: str, value: Any, kind: Any, fallback: Any) -> Any:
        """A value as its type; where it is wrong, the fallback, and the problems are noted."""
        made, problems = structured(value, kind)
        for where, message in problems:
            self._add(f"{place} {where}".strip(), message)
        return fallback if problems else made

    def _by_key(self, place: str, table: Mapping[str, Any], kind: type[_Kind]) -> _Kind:
        """A table whose options all have defaults, one by one: a mistake in one hides no other."""
        good = {}
        for key, value in table.items():
            _, problems = structured({key: value}, kind)
            for where, message in problems:
                self._add(f"{place} {where}".strip(), message)
            if not problems:
                good[key] = value
        made: _Kind = self._one(place, good, kind, kind())
        return made

    def _table(self, name: str, table: Mapping[str, Any]) -> Mapping[str, Any]:
        value = table.get(name, {})
        if isinstance(value, Mapping):
            return value
        self._add(f"[{name}]", f"a table is wanted, not {said(value)}")
        return {}

    def _rows(
        self, name: str, what: str, table: Mapping[str, Any], kind: type[_Row]
    ) -> dict[int, _Row]:
        """Tables below a name in double brackets, by number; those with mistakes left out."""
        rows = table.get(name, [])
        if not isinstance(rows, list):
            self._add(f"[[{name}]]", f"a {what} stands below [[{name}]]; this is {said(rows)}")
            return {}
        made = {
            number: self._one(f"[[{name}]] number {number}", row, kind, None)
            for number, row in enumerate(rows, 1)
        }
        return {number: row for number, row in made.items() if row is not None}

    def _codebook(self, table: Mapping[str, Any], study: StudyTable, roles: Roles) -> Codebook:
        scales: dict[str, Scale] = {}
        named = self._table("scales", table)
        for name, value in named.items():
            place = f"[scales.{name}]"
            written = {"range": value} if isinstance(value, str) else value
            made: ScaleTable | None = self._one(place, written, ScaleTable, None)
            scale = None if made is None else self._tried(place, made.scale)
            if _is_range(name):
                self._add(place, "a range names itself; give the scale another name")
            elif scale is not None:
                scales[name] = scale
        codebook = Codebook(
            scales=scales,
            missing=study.missing,
            weighted=roles.weight is not None,
            identified=roles.respondent is not None,
        )
        declared: dict[str, Declaration] = {}
        for name, value in self._table("items", table).items():
            place = f"[items.{name}]"
            item: ItemTable | None = self._one(place, value, ItemTable, None)
            scale, broken = None, item is None
            if item is not None and item.scale is not None:
                # A scale that is declared with mistakes has been told.
                if item.scale in scales or item.scale not in named:
                    scale = self._tried(place, partial(codebook.scale, item.scale))
                broken = scale is None
            declared[name] = Declaration(
                scale=scale,
                missing=item.missing if item else None,
                label=item.label if item else None,
                place=f"{self.place}: {place}",
                broken=broken,
            )
        return evolve(codebook, declared=declared)

    def _tried(self, place: str, make: Callable[[], Scale]) -> Scale | None:
        try:
            return make()
        except OptionError as error:
            self._add(f"{place} {error.option}", error.message)
            return None

    def _labels(self, table: Mapping[str, Any]) -> dict[str, dict[str, Text]]:
        return {
            column: self._one(f"[labels.{column}]", texts, Mapping[str, Text], {})
            for column, texts in table.items()
        }

    def _metrics(self, table: Mapping[str, Any]) -> dict[str, MetricTable]:
        metrics = {}
        for name, options in table.items():
            place = f"[metrics.{name}]"
            if not isinstance(options, Mapping):
                self._add(place, f"a table is wanted, as item = 'Q1', not {said(options)}")
                continue
            instrument = self._one(
                f"{place} instrument", options.get("instrument"), str | None, None
            )
            own = name if instrument is None else ""
            kind = self._one(f"{place} metric", options.get("metric", own), str, None)
            by = self._one(f"{place} by", options.get("by"), tuple[str, ...] | None, None)
            title = self._one(f"{place} title", options.get("title"), Text | None, None)
            if kind is None or self._is_told(f"{place} instrument"):
                continue
            taken, forms = {"metric", "by", "title"}, None
            if instrument is not None:
                taken |= {"instrument", "forms"}
                forms = self._one(
                    f"{place} forms", options.get("forms"), tuple[str, ...] | None, None
                )
            rest = {key: value for key, value in options.items() if key not in taken}
            metrics[name] = MetricTable(
                kind=kind, options=rest, by=by, instrument=instrument, forms=forms, title=title
            )
        return metrics


def _is_range(name: str) -> bool:
    try:
        Scale.parse(name)
    except ValueError:
        return False
    return True
