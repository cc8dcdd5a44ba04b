"""Plan, scan, evaluate: the three steps of a run, and all of them in one call."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from typing import Any

from satcore.assembling import assemble, study_of
from satcore.choosing import brought, chosen, scanned
from satcore.engines import Engine
from satcore.errors import Problem, StudyError
from satcore.evaluation import results_of
from satcore.metrics import Metric
from satcore.planning import Plan
from satcore.plugins import Plugins
from satcore.results import Results
from satcore.saved import Saved
from satcore.saved.fitting import bundle_for
from satcore.scanning import Bundle, Progress, finished
from satcore.study import Study


def plan(
    study_or_metrics: Study
    | str
    | os.PathLike[str]
    | Metric
    | Sequence[Metric]
    | Mapping[str, Metric],
    data: object = None,
    *,
    by: Sequence[str] | None = None,
    segments: Sequence[str] = (),
    wave: str | Mapping[str, str] | None = None,
    weight: str | None = None,
    confidence: float | None = None,
    skip_bad_fragments: bool = False,
    plugins: Plugins | None = None,
    **study: Any,
) -> Plan:
    """Decide what a run will do, and refuse one that can't succeed before anything is read.

    Args:
        study_or_metrics: A study, the path of a study file, or metrics as objects: one, a
            sequence, or a mapping of name to metric.
        data: The answers: a path, a glob or a list of them; a mapping of columns, a polars or
            pandas data frame, a pyarrow table or anything with ``__arrow_c_stream__``; a
            ``Survey``; or saved states, which are evaluated without the answers. The study's own
            data where None.
        by: Grouping sets to report besides the total, as ``"region"`` or ``"region*wave"``; each
            segment, and the wave, where None. This and what follows replaces the study's own.
        segments: Columns of subgroups.
        wave: The column of waves, or ``{"time": column, "period": "month"}``.
        weight: The column of weights.
        confidence: Confidence level of the intervals; 0.95 where nothing says otherwise.
        skip_bad_fragments: Whether files, or parts of them, that can't be read are left out whole
            and listed in the results, instead of stopping the run.
        plugins: The plugins to use; the installed ones where None.
        **study: Other options of a study file's ``[study]``: ``min_base``, ``suppress_below``,
            ``missing``, ``invalid``, ``comparisons``, ``encoding``, ``max_cells``.

    Raises:
        StudyError: Mistakes in the study, the metrics' options or the columns, or answers that
            can't be opened; all at once.
    """
    given: dict[str, Any] = {
        "by": by,
        "segments": segments,
        "wave": wave,
        "weight": weight,
        "confidence": confidence,
        "more": study,
    }
    plugins = plugins or Plugins.found()
    if isinstance(data, Saved):
        data = data.survey
    if isinstance(study_or_metrics, str | os.PathLike):
        study_or_metrics = Study.read(os.fspath(study_or_metrics))
    if isinstance(study_or_metrics, Study):
        return assemble(
            study_of(**given, base=study_or_metrics),
            data,
            plugins=plugins,
            skip_bad_fragments=skip_bad_fragments,
        )
    metrics = _named(study_or_metrics, plugins)
    if data is None:
        raise StudyError([Problem("data", "metrics given as objects need data")])
    return assemble(
        study_of(**given),
        data,
        plugins=plugins,
        metrics=metrics,
        skip_bad_fragments=skip_bad_fragments,
    )


def scan(
    plan: Plan,
    *,
    engine: Engine | Executor | str = "local",
    stream: bool = False,
    progress: Progress | None = None,
    plugins: Plugins | None = None,
) -> Bundle:
    """Read and count the answers.

    Args:
        plan: What to do.
        engine: Who scans: an engine's name, as ``"local"``, ``"processes:4"``, ``"dask"`` or
            ``"dask:tcp://127.0.0.1:8786"``; an engine; or any executor of ``concurrent.futures``.
        stream: Whether an engine of a database may read answers out of it where it can't count
            them there.
        progress: Told how many rows more have been read, from any thread.
        plugins: The plugins that may offer the engine; the installed ones where None.

    Raises:
        StudyError: An engine that there is not.
        DataError: The answers can't be read, or hold what they should not.
        EngineError: The engine can't be had, or it counted other rows than there are.
    """
    found = chosen(engine, plugins=plugins, stream=stream)
    return finished(plan, scanned(plan, found, progress))


def evaluate(plan: Plan, bundle: Bundle | Saved) -> Results:
    """Turn counts into estimates, intervals and comparisons. Reads nothing.

    Args:
        plan: The plan whose scan gave the bundle. Of saved states, it may ask for fewer metrics
            and coarser cells than they hold.
        bundle: What the scan left behind, or saved states.

    Raises:
        DataError: Saved states were counted for something else, or lack what the plan needs.
    """
    return results_of(plan, bundle_for(plan, bundle) if isinstance(bundle, Saved) else bundle)


def run(
    study_or_metrics: Study
    | str
    | os.PathLike[str]
    | Metric
    | Sequence[Metric]
    | Mapping[str, Metric],
    data: object = None,
    *,
    by: Sequence[str] | None = None,
    segments: Sequence[str] = (),
    wave: str | Mapping[str, str] | None = None,
    weight: str | None = None,
    confidence: float | None = None,
    skip_bad_fragments: bool = False,
    engine: Engine | Executor | str = "local",
    stream: bool = False,
    progress: Progress | None = None,
    plugins: Plugins | None = None,
    **study: Any,
) -> Results:
    """Measure: plan, scan and evaluate.

    Args:
        study_or_metrics: As ``plan``.
        data: As ``plan``.
        by: As ``plan``.
        segments: As ``plan``.
        wave: As ``plan``.
        weight: As ``plan``.
        confidence: As ``plan``.
        skip_bad_fragments: As ``plan``.
        engine: As ``scan``. One that brings its answers itself, as a table of a database, gives
            them where ``data`` is None.
        stream: As ``scan``.
        progress: As ``scan``.
        plugins: As ``plan``.
        **study: As ``plan``.

    Raises:
        StudyError: As ``plan``.
        DataError: As ``scan``.
        EngineError: As ``scan``.
    """
    found = chosen(engine, plugins=plugins, stream=stream)
    planned = plan(
        study_or_metrics,
        brought(found) if data is None else data,
        by=by,
        segments=segments,
        wave=wave,
        weight=weight,
        confidence=confidence,
        skip_bad_fragments=skip_bad_fragments,
        plugins=plugins,
        **study,
    )
    if isinstance(data, Saved):
        return evaluate(planned, data)
    return evaluate(planned, scan(planned, engine=found, progress=progress))


def _named(
    metrics: Metric | Sequence[Metric] | Mapping[str, Metric], plugins: Plugins
) -> dict[str, Metric]:
    """Metrics by name; those given without one are called by their kind."""
    if isinstance(metrics, Mapping):
        named = dict(metrics)
    else:
        listed = [metrics] if isinstance(metrics, Metric) else list(metrics)
        named = {}
        for metric in listed:
            found = plugins.of_metric(type(metric))
            name = found[1].name if found else type(metric).__name__.lower()
            if name in named:
                raise StudyError(
                    [Problem("metrics", f"two are called {name!r}; give names, as {{'a': …}}")]
                )
            named[name] = metric
    for name, metric in named.items():
        if not isinstance(metric, Metric):
            raise StudyError(
                [Problem("metrics", f"{name!r} is a {type(metric).__name__}, not a Metric")]
            )
    return named
