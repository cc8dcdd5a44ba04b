"""What is true: a study measured on the people of whom a synthetic survey asks some."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from attrs import evolve

from satcore.assembling import assemble
from satcore.engines import LocalEngine
from satcore.evaluation import results_of
from satcore.metrics import Metric
from satcore.plugins import Plugins
from satcore.results import CellLabels
from satcore.scanning import finished
from satcore.study import Study
from satcore.testing.simulation.design import Design
from satcore.testing.simulation.sampling import Sample
from satcore.testing.simulation.streams import Drawn, Spread

#: Respondents that stand for everybody: four sets of points, each a block.
POPULATION = 1 << 18

#: The seed of what is not spread evenly among them: when answers are missing.
_SEED = 20_260_101


class TruthRow(TypedDict):
    """One true value: what an estimate of the same metric, item, term and cell aims at."""

    metric: str
    item: str
    term: str
    cell: CellLabels
    value: float
    label: str | None
    unit: str


def population_of(design: Design, rows: int) -> Sample:
    """The people whom a design's respondents stand for, spread evenly over all they may be."""
    people = design.population()
    groups = {group.stream: group.shares for group in people.groups}
    names, rest = people.streams, Drawn(_SEED)
    # Each block has points of its own, held as long as it is made: they are large.
    return Sample(
        name="simulated population",
        design=people,
        rows=rows,
        streams=lambda block: Spread(rows, groups, names, rest),
    )


def truths(
    study: Study,
    metrics: Mapping[str, Metric],
    design: Design,
    plugins: Plugins,
    rows: int = POPULATION,
) -> tuple[TruthRow, ...]:
    """The study's metrics on the population: everybody counts once, no cell is too small.

    Args:
        study: The study.
        metrics: Metrics given as objects, besides the study's.
        design: How answers are made.
        plugins: The plugins to use.
        rows: How many people stand for everybody.
    """
    asked = evolve(
        study,
        study=evolve(study.study, min_base=0, suppress_below=0, comparisons=()),
        roles=evolve(study.roles, weight=None),
        codebook=evolve(study.codebook, weighted=False),
        standards={},
    )
    survey = population_of(design, rows).survey()
    plan = assemble(asked, survey, plugins=plugins, metrics=metrics)
    results = results_of(plan, finished(plan, LocalEngine().scan(plan)))
    return tuple(
        TruthRow(
            metric=row["metric"],
            item=row["item"],
            term=row["term"],
            cell=row["cell"],
            value=row["value"],
            label=row["label"],
            unit=row["unit"],
        )
        for row in results.rows()
        if row["value"] is not None
    )
