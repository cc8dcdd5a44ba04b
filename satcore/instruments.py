"""Questionnaires in studies: what a study leaves out is filled from the questionnaire's record.

``instrument = "dineserv"`` in a metric's table becomes options of the metric before these are
structured, so that any metric may use any questionnaire: columns, scale and dimensions are given
to options of those names where the metric has them and the study does not write them itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import attrs
from attrs import define, evolve, field, frozen

from satcore.codebook import Declaration
from satcore.errors import OptionError, PluginError, Problem, listed, near
from satcore.hookspecs import FORMS, InstrumentDimension, InstrumentSpec
from satcore.patterns import columns_of
from satcore.plugins import Plugins
from satcore.study import MetricTable, Study

#: The dimension of all items, where it is not known which of them belong together.
ALL: Final = "all"

#: The dimension of those items of which it is not known, where it is known of others.
REST: Final = "rest"


@frozen(kw_only=True)
class Expanded:
    """A study whose questionnaires have become options.

    Attributes:
        study: The study; mistakes with questionnaires are among its problems, and the metrics
            that have one are left out.
        notes: What to tell with the results.
    """

    study: Study
    notes: tuple[str, ...] = ()


def expanded(study: Study, plugins: Plugins) -> Expanded:
    """A study with the options that its questionnaires stand for.

    Args:
        study: The study.
        plugins: The plugins to use.
    """
    if all(table.instrument is None for table in study.metrics.values()):
        return Expanded(study=study)
    expansion = _Expansion(study, plugins)
    metrics = {name: expansion.table(name, table) for name, table in study.metrics.items()}
    return Expanded(
        study=evolve(
            study,
            metrics={name: table for name, table in metrics.items() if table is not None},
            codebook=evolve(study.codebook, declared=expansion.declared),
            problems=(*study.problems, *expansion.problems),
        ),
        notes=tuple(expansion.notes),
    )


@define(eq=False)
class _Expansion:
    """The questionnaires of one study."""

    study: Study
    plugins: Plugins
    problems: list[Problem] = field(factory=list)
    notes: list[str] = field(factory=list)
    declared: dict[str, Declaration] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.declared = dict(self.study.codebook.declared)

    def table(self, name: str, table: MetricTable) -> MetricTable | None:
        """One metric's table; None where its questionnaire can't be used."""
        if table.instrument is None:
            return table
        told = len(self.problems)
        spec = self._spec(name, table.instrument)
        if spec is None:
            return None
        kind = table.kind or spec.metric
        fields = self._fields(name, kind)
        forms = self._forms(name, table, spec)
        options = dict(table.options)
        if fields is not None and len(self.problems) == told:
            self._columns(name, kind, options, fields, forms, spec)
            self._dimensions(name, options, fields, spec)
            self._scale(name, options, fields, spec)
        if len(self.problems) > told:
            return None
        self.notes.append(f"[metrics.{name}]: the questionnaire is {spec.title}, {_cited(spec)}")
        return evolve(table, kind=kind, options=options, title=table.title or spec.title)

    def _add(self, name: str, option: str, message: str) -> None:
        place = self.study.path.name if self.study.path else "study"
        self.problems.append(Problem(f"{place}: [metrics.{name}] {option}", message))

    def _spec(self, name: str, instrument: str) -> InstrumentSpec | None:
        try:
            return self.plugins.instrument(instrument)
        except PluginError as error:
            self._add(name, "instrument", str(error))
            return None

    def _fields(self, name: str, kind: str) -> frozenset[str] | None:
        """The metric's options."""
        try:
            metric: type[Any] = self.plugins.metric(kind)[1].metric
        except PluginError as error:
            self._add(name, "metric", str(error))
            return None
        return frozenset(one.name for one in attrs.fields(metric))

    def _forms(self, name: str, table: MetricTable, spec: InstrumentSpec) -> tuple[str, ...]:
        if table.forms == ():
            self._add(name, "forms", f"{spec.name} is asked as {listed(spec.forms)}; name one")
        for form in table.forms or ():
            if form not in spec.forms:
                there = f"; there are {listed(spec.forms)}{near(form, spec.forms)}"
                self._add(name, "forms", f"{spec.name} asks no {form!r}{there}")
        return spec.forms if table.forms is None else table.forms

    def _columns(
        self,
        name: str,
        kind: str,
        options: dict[str, Any],
        fields: frozenset[str],
        forms: Sequence[str],
        spec: InstrumentSpec,
    ) -> None:
        """Fill the options that name columns, and hold those that are written against the items."""
        taken = {form: _option(form, fields) for form in forms}
        if not any(taken.values()):
            self._add(
                name,
                "instrument",
                f"the metric {kind!r} takes no questionnaire: none of its options is "
                f"{listed(FORMS)} or items",
            )
        # A study that writes none of a questionnaire's forms asks for all of them.
        for form, option in taken.items():
            if option is not None:
                options.setdefault(option, spec.pattern(form))
                self._hold(name, option, options[option], spec)

    def _hold(self, name: str, option: str, given: Any, spec: InstrumentSpec) -> None:
        """Hold columns against the questionnaire, and give them its labels."""
        if not isinstance(given, str | list | tuple):
            return  # what is wrong with it is told when options are structured
        try:
            columns, wanted = columns_of(option, _listed(given)), len(spec.scored)
        except OptionError:
            return  # likewise
        if len(columns) != wanted:
            self._add(
                name,
                option,
                f"{spec.name} has {wanted} items on its scale, but these are {len(columns)} "
                "columns; for a questionnaire that was changed write scale and dimensions "
                "instead of instrument",
            )
            return
        for number, column in zip(spec.scored, columns, strict=True):
            said = self.declared.get(column, Declaration())
            label = spec.labels.get(number)
            if said.label is None and label is not None and isinstance(column, str):
                self.declared[column] = evolve(said, label=label)

    def _scale(
        self, name: str, options: dict[str, Any], fields: frozenset[str], spec: InstrumentSpec
    ) -> None:
        if "scale" not in fields or "scale" in options:
            return
        if spec.scale:
            options["scale"] = spec.scale
        else:
            self.notes.append(
                f"[metrics.{name}]: the scale of {spec.name} could not be read at its source; the "
                'metric\'s own is taken; the study can say, as scale = "1..7"'
            )

    def _dimensions(
        self, name: str, options: dict[str, Any], fields: frozenset[str], spec: InstrumentSpec
    ) -> None:
        """Fill dimensions and their names for people."""
        if "dimensions" not in fields:
            return
        own = [one for one in spec.dimensions if not one.scale]
        written = options.get("dimensions")
        if written is None or (isinstance(written, Mapping) and not spec.complete):
            options["dimensions"] = self._items_of(name, written or {}, own, spec)
            self._title_rest(options, fields, own, spec)
        if "titles" in fields:
            there = options["dimensions"]
            titles = {
                one.name: one.title
                for one in own
                if isinstance(there, Mapping) and one.name in there
            }
            options["titles"] = {**titles, **options.get("titles", {})}

    def _items_of(
        self,
        name: str,
        written: Mapping[str, Any],
        own: Iterable[InstrumentDimension],
        spec: InstrumentSpec,
    ) -> dict[str, Any]:
        """Item numbers by dimension: as written, else as known; the other items together."""
        names = {one.name: one for one in own}
        for dimension in written:
            if dimension not in names and dimension not in (ALL, REST):
                there = f"there are {listed(names)}{near(dimension, names)}"
                message = f"{spec.name} has no dimension {dimension!r}; {there}"
                self._add(name, f"dimensions.{dimension}", message)
        known = {one.name: written.get(one.name) or one.items for one in names.values()}
        found = {dimension: of for dimension, of in known.items() if of}
        absent = [dimension for dimension, of in known.items() if not of]
        if not absent:
            return found
        if ALL in written:
            return {**written}  # the study wants one score, whatever is known
        if REST in written:
            return {**found, **written}
        others = _others(found, spec)
        if not found:
            found = {ALL: f"1..{len(spec.scored)}"}
        elif others:
            found[REST] = others
        self.notes.append(
            f"[metrics.{name}]: which items of {spec.name} belong to {listed(absent)} could not "
            f"be read at its source, so they are scored together, as {[*found][-1]}; the study "
            f'can say, as dimensions = {{ {absent[0]} = "1..4" }}'
        )
        return found

    def _title_rest(
        self,
        options: dict[str, Any],
        fields: frozenset[str],
        own: Iterable[InstrumentDimension],
        spec: InstrumentSpec,
    ) -> None:
        """Call the dimension of the other items by the names of those that it holds.

        Where a study writes a rest of its own that leaves items out, these may be of any of them.
        """
        there = options["dimensions"]
        if "titles" not in fields or REST not in there:
            return
        held = [one.title for one in own if one.name not in there]
        title = {
            language: comma.join(one.said(language) for one in held)
            for language, comma in (("en", ", "), ("zh", "、"))
        }
        if _others(there, spec):
            title = {"en": "Other items", "zh": "其他题项"}
        options["titles"] = {REST: title, **options.get("titles", {})}


def _cited(spec: InstrumentSpec) -> str:
    """A questionnaire's source in one piece: a semicolon would part a note."""
    return spec.source.replace("; ", ", ")


def _others(found: Mapping[str, Any], spec: InstrumentSpec) -> list[int]:
    """The items that are in none of the dimensions; none where those can't be read."""
    taken: set[int] = set()
    for name, given in found.items():
        try:
            taken.update(
                InstrumentDimension(name, name, given).numbers if isinstance(given, str) else given
            )
        except (TypeError, ValueError):
            return []  # what is wrong with it is told when options are structured
    return [number for number in spec.scored if number not in taken]


def _listed(given: str | list[str] | tuple[str, ...]) -> str | tuple[str, ...]:
    return given if isinstance(given, str) else tuple(given)


def _option(form: str, fields: frozenset[str]) -> str | None:
    """The option that takes the columns of a form."""
    if form in fields:
        return form
    return "items" if form == "perception" and "items" in fields else None
