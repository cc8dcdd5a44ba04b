"""Before and after: two surveys, two saved states or two waves, counted apart and held together.

The two sides become the two waves of one survey. So whatever a metric brings - its own two-sample
test, its interval - and all that the core does for waves - Holm, standards, what is withheld,
reports - serves the comparison, and nothing is computed here that a run would not compute.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, Final

import numpy as np
from attrs import evolve, field, frozen

from satcore.assembling import open_survey
from satcore.changes import Change, Shift, changes_of, shifts_of
from satcore.codebook import Text
from satcore.engines import Engine
from satcore.errors import DataError, Problem, StudyError, listed, near
from satcore.evaluation import results_of
from satcore.foundations import looks_along
from satcore.metrics import Metric
from satcore.planning import WAVE, GroupingSet, Measure, Plan
from satcore.plugins import Plugins
from satcore.results import Results
from satcore.running import plan as planned
from satcore.running import scan
from satcore.saved import Saved
from satcore.saved import load as load_states
from satcore.saved.fitting import bundle_for
from satcore.saved.states import ENDING
from satcore.scanning import Bundle, Progress
from satcore.standards import Standard
from satcore.states import Array, Axis, Cells, Label, State, united
from satcore.study import Study, StudyTable
from satcore.surveys import Survey, survey_in_memory

#: What the sides are called where their names do not tell them apart.
BEFORE, AFTER = "before", "after"

_CALLED: Final = {
    BEFORE: Text.of({"en": "before", "zh": "之前"}),
    AFTER: Text.of({"en": "after", "zh": "之后"}),
}


@frozen(kw_only=True, eq=False)
class Compared:
    """Two sides held against each other.

    Attributes:
        results: Everything, with the two sides as its two waves: what a report shows.
        before: What the first side is called: its label among the waves.
        after: What the second side is called.
    """

    results: Results
    before: str
    after: str
    changes: tuple[Change, ...] = field(init=False)
    shifts: tuple[Shift, ...] = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "changes", changes_of(self.results, self.before, self.after))
        object.__setattr__(self, "shifts", shifts_of(self.results, self.before, self.after))

    def to_dict(self) -> dict[str, Any]:
        """It as plain data: the changes, the standards, and the results they stand on."""
        return {
            "before": self.before,
            "after": self.after,
            "changes": [one.to_dict() for one in self.changes],
            "standards": [one.to_dict() for one in self.shifts],
            "results": self.results.to_dict(),
        }


def compare(
    study_or_metrics: Study
    | str
    | os.PathLike[str]
    | Metric
    | Sequence[Metric]
    | Mapping[str, Metric],
    before: object,
    after: object,
    *,
    names: tuple[str, str] | None = None,
    engine: Engine | Executor | str = "local",
    stream: bool = False,
    progress: Progress | None = None,
    plugins: Plugins | None = None,
    **given: Any,
) -> Compared:
    """What changed between two surveys, by how much, and how surely.

    The respondents of the two sides are taken for different ones. Metrics that look along the
    waves themselves, as a trend, need more than two and are left out, which a note tells.

    Args:
        study_or_metrics: As ``plan``. Its waves play no part.
        before: The answers of the first side: as ``plan`` takes data; or saved states, also by the
            name of their file or store.
        after: Those of the second side.
        names: What to call the sides; the names of their files where None, or ``"before"`` and
            ``"after"`` where those do not tell them apart.
        engine: As ``scan``.
        stream: As ``scan``.
        progress: As ``scan``.
        plugins: As ``plan``.
        **given: Other arguments of ``plan``, without ``wave``.

    Raises:
        StudyError: As ``plan``.
        DataError: As ``scan``; or the two sides hold the same answers.
        EngineError: As ``scan``.
    """
    plugins = plugins or Plugins.found()
    sides = (_opened(before, BEFORE, given, plugins), _opened(after, AFTER, given, plugins))
    called = names or _names(*(side.name for side in sides))
    if called[0] == called[1]:
        raise StudyError([Problem("names", f"both sides are called {called[0]!r}")])
    bundles, plans = [], []
    for side in sides:
        plan = _both(study_or_metrics, side, called, given, plugins)
        alone = _without_wave(plan)
        if isinstance(side, Saved):
            bundle = bundle_for(alone, side)
        else:
            bundle = scan(alone, engine=engine, stream=stream, progress=progress, plugins=plugins)
        plans.append(plan)
        bundles.append(bundle)
    _hold_apart(bundles)
    first, second = plans
    if first.counted != second.counted:
        raise StudyError(
            [
                Problem(
                    listed((first.about.data, second.about.data)),
                    "what the files say of their columns differs, so that the two sides would "
                    "not be counted alike; give scales and labels in the study",
                )
            ]
        )
    both = evolve(
        first,
        about=evolve(first.about, data=f"{first.about.data} – {second.about.data}"),
        notes=tuple(dict.fromkeys((*first.notes, *second.notes))),
        inputs=(*first.inputs, *second.inputs),
        skipped={**first.skipped, **second.skipped},
    )
    joined = _joined(both, called, bundles, bundles)
    return _compared(both, joined, called)


def compare_waves(
    study: Study | str | os.PathLike[str],
    before: str,
    after: str,
    data: object = None,
    *,
    engine: Engine | Executor | str = "local",
    stream: bool = False,
    progress: Progress | None = None,
    plugins: Plugins | None = None,
    **given: Any,
) -> Compared:
    """What changed between two waves of one survey, whatever lies between them.

    Args:
        study: A study with waves, or its file.
        before: The label of the first wave, as results call it: ``"2026-01"``.
        after: The label of the second.
        data: As ``plan``.
        engine: As ``scan``.
        stream: As ``scan``.
        progress: As ``scan``.
        plugins: As ``plan``.
        **given: Other arguments of ``plan``.

    Raises:
        StudyError: As ``plan``; or the study has no waves.
        DataError: As ``scan``; or there is no such wave.
        EngineError: As ``scan``.
    """
    plugins = plugins or Plugins.found()
    if before == after:
        raise StudyError([Problem("waves", f"{before!r} can't be compared with itself")])
    whole = planned(study, data, plugins=plugins, **given)
    if whole.dimensions.wave is None:
        message = 'there are none; name their column, as wave = "wave" (--wave)'
        raise StudyError([Problem("[roles] wave", message)])
    plan = _two_waves(whole)
    if isinstance(data, Saved):
        bundle = bundle_for(plan, data)
    else:
        bundle = scan(plan, engine=engine, stream=stream, progress=progress, plugins=plugins)
    there = bundle.states[plan.sets[0]]
    labels = next(iter(there.values())).cells.axes[-1].labels
    texts = [label for label in labels if label is not None]
    problems = [
        Problem(
            plan.survey.name,
            f"there is no wave {label!r}; there are {listed(texts, 12)}{near(label, texts)}",
        )
        for label in (before, after)
        if label not in texts
    ]
    if problems:
        raise DataError(problems)
    picked = [_of_wave(bundle, label) for label in (before, after)]
    joined = _joined(plan, (before, after), picked, [bundle])
    note = (
        f"waves {before} and {after} are compared; responses and items are counted over all waves"
    )
    return _compared(evolve(plan, notes=(*plan.notes, note)), joined, (before, after))


def _compared(plan: Plan, bundle: Bundle, called: tuple[str, str]) -> Compared:
    results = results_of(plan, bundle)
    untitled = {one.name for one in plan.standards if _untitled(one)}
    titles = {name: title for name, title in results.titles.items() if name not in untitled}
    results = evolve(results, titles=titles)
    compared = Compared(results=results, before=called[0], after=called[1])
    return evolve(compared, results=evolve(results, notes=(*results.notes, *_told(compared))))


def _told(compared: Compared) -> Iterator[str]:
    """What became of the standards, for whoever reads the results alone."""
    found: dict[str, dict[str, int]] = {}
    for one in compared.shifts:
        told = found.setdefault(one.shift, {})
        told[one.standard] = told.get(one.standard, 0) + 1
    for shift in ("newly met", "no longer met"):
        for standard, cells in found.get(shift, {}).items():
            where = "1 cell" if cells == 1 else f"{cells} cells"
            yield f"{shift} from {compared.before} to {compared.after}: {standard} ({where})"


# --- The sides


def _opened(data: object, side: str, given: Mapping[str, Any], plugins: Plugins) -> Survey | Saved:
    """One side: saved states or answers; those in memory are called by their side."""
    if isinstance(data, Saved | Survey):
        return data
    if isinstance(data, str | os.PathLike):
        path = os.fspath(data)
        if path.lower().endswith(ENDING) or _is_store(path):
            return load_states(path)
        data = [path]
    if isinstance(data, list | tuple) and all(isinstance(one, str | os.PathLike) for one in data):
        encoding = given.get("encoding")
        return open_survey([os.fspath(one) for one in data], plugins=plugins, encoding=encoding)
    return survey_in_memory(data, name=side)


def _is_store(path: str) -> bool:
    folder = Path(path)
    return folder.is_dir() and any(folder.glob(f"*{ENDING}"))


def _names(before: str, after: str) -> tuple[str, str]:
    """What two sides are called: by their files where that tells them apart."""
    stems = [Path(os.path.normpath(name)).name for name in (before, after)]
    stems = [name.partition(".")[0] or name for name in stems]
    plain = all(stem.isprintable() and len(stem) <= 40 and "," not in stem for stem in stems)
    return (stems[0], stems[1]) if plain and stems[0] != stems[1] else (BEFORE, AFTER)


def _hold_apart(bundles: Sequence[Bundle]) -> None:
    """Refuse two sides that hold the same answers.

    Raises:
        DataError: They do.
    """
    first, second = bundles
    ids = {name for name, _ in first.fragments}
    same = [name for name, _ in second.fragments if name in ids]
    known = {print_: name for name, print_ in first.fingerprints.items()}
    same += [name for name, one in second.fingerprints.items() if one in known]
    if same:
        raise DataError.at(
            listed(dict.fromkeys(same), 3), "it is on both sides; name two different surveys"
        )


# --- The plans


def _both(
    study_or_metrics: Any,
    side: Survey | Saved,
    called: tuple[str, str],
    given: Mapping[str, Any],
    plugins: Plugins,
) -> Plan:
    """The plan of both sides as two waves, made with the columns of one.

    Raises:
        StudyError: As ``plan``.
    """
    survey = side.survey if isinstance(side, Saved) else side
    # No name that a file's column may have: a segment of that name would be taken for the wave.
    column = "(before or after)"
    while column in survey.columns:
        column += "_"
    if isinstance(study_or_metrics, str | os.PathLike):
        study_or_metrics = Study.read(os.fspath(study_or_metrics))
    base = _own_waves_out(study_or_metrics) if isinstance(study_or_metrics, Study) else None
    labels = {label: _CALLED.get(label, Text.of(label)) for label in called}
    more = dict(given)
    if more.get("by") is not None:
        more["by"] = [*_waveless(more["by"], ())]
    if base is not None:
        study = evolve(base, labels={**base.labels, column: labels})
        plan = planned(study, _with_column(survey, column), wave=column, plugins=plugins, **more)
    else:
        plan = planned(
            study_or_metrics, _with_column(survey, column), wave=column, plugins=plugins, **more
        )
        named = {**plan.about.labels, WAVE: labels}
        declared = {**plan.dimensions.declared, column: called}
        plan = evolve(
            plan,
            about=evolve(plan.about, labels=named),
            dimensions=evolve(plan.dimensions, declared=declared),
        )
    return _two_waves(evolve(plan, survey=survey))


def _with_column(survey: Survey, column: str) -> Survey:
    """A survey that says it has one column more; the plan that reads it does not ask for it."""
    return evolve(survey, columns=(*survey.columns, column))


def _own_waves_out(study: Study) -> Study:
    """A study without what it says of its own waves.

    Raises:
        StudyError: A standard is held against one of them.
    """
    wave = study.roles.wave
    column = wave if isinstance(wave, str) or wave is None else wave.time
    own = (WAVE,) if column is None else (WAVE, column)
    held = [
        Problem(
            f"[[standards]] number {number} no_worse_than",
            "it names a wave of the study, and a comparison has two sides of its own; "
            'write "last_wave"',
        )
        for number, one in study.standards.items()
        if isinstance(one.no_worse_than, Mapping) and set(one.no_worse_than) & set(own)
    ]
    if held:
        raise StudyError(held)
    table: StudyTable = study.study
    return evolve(
        study,
        study=evolve(table, by=None if table.by is None else tuple(_waveless(table.by, own))),
        roles=evolve(study.roles, wave=None),
        metrics={
            name: one if one.by is None else evolve(one, by=tuple(_waveless(one.by, own)))
            for name, one in study.metrics.items()
        },
        standards={
            number: evolve(one, by=tuple(_waveless(one.sets, own)) or None)
            for number, one in study.standards.items()
        },
    )


def _waveless(by: Iterable[str], own: Sequence[str]) -> Iterator[str]:
    """Grouping sets as they are written, without the wave; none for the wave alone."""
    for text in dict.fromkeys(by):
        parts = [part.strip() for part in text.split("*")]
        kept = [part for part in parts if part not in (WAVE, *own)]
        if kept:
            yield "*".join(kept)


def _two_waves(plan: Plan) -> Plan:
    """A plan that reports every set by wave, and compares the waves."""
    by_name = {one.measured.name: one for one in plan.measures}
    along = [name for name, one in by_name.items() if looks_along(one, by_name)]
    measures = [one for name, one in by_name.items() if name not in along]
    if not measures:
        raise StudyError(
            [
                Problem(
                    "[metrics]",
                    f"{listed(along)} look along many waves, and there are two sides; add a metric "
                    "that is measured on each",
                )
            ]
        )
    standards = [one for one in plan.standards if one.metric not in along]
    notes = [f"{name} looks along many waves and is left out of the comparison" for name in along]
    notes += [
        f"the standard {one.name} is left out with {one.metric}"
        for one in plan.standards
        if one.metric in along
    ]
    return evolve(
        plan,
        measures=tuple(evolve(one, by=_by_wave(one.by)) for one in measures),
        standards=tuple(one if one.along == WAVE else _standard_by_wave(one) for one in standards),
        about=evolve(plan.about, by=_by_wave(plan.about.by)),
        comparisons=tuple(dict.fromkeys((*plan.comparisons, "previous"))),
        notes=(*plan.notes, *notes),
    )


def _by_wave(sets: Iterable[GroupingSet]) -> tuple[GroupingSet, ...]:
    """Every set, the total too, divided by wave."""
    bare = (tuple(name for name in names if name != WAVE) for names in ((), *sets))
    return tuple(dict.fromkeys((*names, WAVE) for names in bare))


def _standard_by_wave(standard: Standard) -> Standard:
    """A standard that both sides are held to, under the name that it has in the study."""
    return evolve(
        standard,
        by=tuple((*names, WAVE) for names in _bare(standard.by)),
        title=standard.title or Text.of(standard.name),
    )


def _untitled(standard: Standard) -> bool:
    """Whether a standard's title only keeps the name that it has without one, by no wave."""
    if standard.title is None:
        return False
    plain = evolve(standard, by=_bare(standard.by), title=None)
    return standard.title == Text.of(plain.name)


def _bare(sets: Iterable[GroupingSet]) -> tuple[GroupingSet, ...]:
    """Grouping sets without the wave, each once."""
    return tuple(dict.fromkeys(tuple(name for name in names if name != WAVE) for names in sets))


def _without_wave(plan: Plan) -> Plan:
    """The plan of one side, which has no waves."""

    def of_measure(measure: Measure) -> Measure:
        return evolve(measure, by=tuple(names for names in _bare(measure.by) if names))

    def of_standard(standard: Standard) -> Standard:
        return evolve(standard, by=_bare(standard.by))

    return evolve(
        plan,
        measures=tuple(map(of_measure, plan.measures)),
        standards=tuple(map(of_standard, plan.standards)),
        dimensions=evolve(plan.dimensions, wave=None),
    )


# --- The bundles


def _of_wave(bundle: Bundle, label: Label) -> Bundle:
    """What was counted of one wave."""
    states = {}
    for names, by_key in bundle.states.items():
        states[tuple(name for name in names if name != WAVE)] = {
            key: _slice(state, label) for key, state in by_key.items()
        }
    return evolve(bundle, states=states)


def _slice(state: State, label: Label) -> State:
    """The cells of one wave, which is the last axis."""
    *others, waves = state.cells.axes
    place = waves.labels.index(label)
    cells = Cells(tuple(others))
    return State(
        cells,
        state.fields,
        {
            name: np.ascontiguousarray(
                array.reshape(len(cells), len(waves.labels), *array.shape[1:])[:, place]
            )
            for name, array in state.arrays.items()
        },
    )


def _joined(
    plan: Plan, called: tuple[str, str], sides: Sequence[Bundle], read: Sequence[Bundle]
) -> Bundle:
    """Two sides as two waves.

    Args:
        plan: The plan of both.
        called: What the sides are called.
        sides: What was counted of each, without waves.
        read: The bundles that tell what came in.
    """
    declared = plan.dimensions.declared_labels()
    waves = Axis(WAVE, called)
    states: dict[GroupingSet, dict[str, State]] = {}
    for names, keys in plan.counted.items():
        bare = tuple(name for name in names if name != WAVE)
        states[names] = {
            key: _stacked([one.states[_scanned(one, bare)][key] for one in sides], waves, declared)
            for key in keys
        }
    first, *others = read
    intake = first.intake
    for other in others:
        intake.merge(other.intake)
    return Bundle(
        fragments=tuple(part for one in read for part in one.fragments),
        intake=intake,
        states=states,
        failed={key: why for one in reversed(read) for key, why in one.failed.items()},
        skipped={name: why for one in read for name, why in one.skipped.items()},
    )


def _scanned(bundle: Bundle, names: GroupingSet) -> GroupingSet:
    """A grouping set as its bundle has it."""
    return next(one for one in bundle.states if set(one) == set(names))


def _stacked(states: Sequence[State], waves: Axis, declared: Mapping[str, Sequence[str]]) -> State:
    """States side by side along a new last axis."""
    first, second = states
    cells = united(first.cells, second.cells, declared)
    aligned = [one.aligned(cells) for one in states]
    wide = Cells((*cells.axes, waves))
    arrays: dict[str, Array] = {
        name: np.stack([one.arrays[name] for one in aligned], axis=1).reshape(
            len(wide), *first.fields[name].shape
        )
        for name in first.fields
    }
    return State(wide, first.fields, arrays)


__all__ = ["AFTER", "BEFORE", "Compared", "compare", "compare_waves"]
