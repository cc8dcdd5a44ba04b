"""``satcore demo``: a simulated survey whose true values are known, measured and reported."""

from __future__ import annotations

from typing import Final

import click
import numpy as np
from attrs import frozen
from rich.table import Table
from rich.text import Text

from satcore.assembling import assemble
from satcore.cli.options import disable_option, found_plugins, report_options
from satcore.cli.output import write_bytes, write_report
from satcore.cli.show import console, show
from satcore.engines import LocalEngine
from satcore.errors import OutputError, PluginError
from satcore.evaluation import results_of
from satcore.inference import FloatArray
from satcore.results import CellLabels, Results
from satcore.scanning import finished
from satcore.study import Study
from satcore.surveys import as_frame

#: Regions, their share of the respondents, and how they lean: the tilt of their answers.
REGIONS: Final = {
    "East": (0.35, 0.30),
    "North": (0.25, 0.12),
    "South": (0.25, 0.20),
    "West": (0.15, -0.02),
}
MONTHS: Final = tuple(f"2026-{month:02}" for month in range(1, 13))

#: What the tilt gains over the year, and what an answer is missing at random.
DRIFT: Final = 0.12
MISSING: Final = 0.03
NOT_ANSWERED: Final = 99

STUDY: Final = {
    "study": {
        "title": {"en": "Branch service survey (simulated)", "zh": "网点服务满意度调查（模拟）"},
        "missing": ["", NOT_ANSWERED],
    },
    "roles": {"segments": ["region"], "wave": "month"},
    "labels": {
        "region": {
            "East": {"en": "East", "zh": "华东"},
            "North": {"en": "North", "zh": "华北"},
            "South": {"en": "South", "zh": "华南"},
            "West": {"en": "West", "zh": "西部"},
        }
    },
    "items": {
        "recommend": {
            "label": {
                "en": "How likely are you to recommend us?",
                "zh": "您向亲友推荐我们的可能性有多大？",
            }
        }
    },
    "metrics": {"nps": {"item": "recommend"}},
}


@frozen
class Population:
    """The people of whom the simulated survey asks some.

    Attributes:
        answers: Probability of each answer by region and month: (regions, months, 11).
        regions: Probability of each region.
    """

    answers: FloatArray
    regions: FloatArray

    @classmethod
    def of_demo(cls) -> Population:
        """Answers lean upwards by region, and a little more every month."""
        values = np.arange(11)
        tilt = np.array([tilt for _, tilt in REGIONS.values()])[:, None]
        gain = DRIFT * np.linspace(-0.5, 0.5, len(MONTHS))[None, :]
        raw = np.exp((tilt + gain)[:, :, None] * values)
        return cls(
            answers=raw / raw.sum(axis=2, keepdims=True),
            regions=np.array([share for share, _ in REGIONS.values()]),
        )

    def nps(self, cell: CellLabels) -> float:
        """The true Net Promoter Score of a cell; months are equally likely."""
        net = self.answers[:, :, 9:].sum(axis=2) - self.answers[:, :, :7].sum(axis=2)
        weight = np.outer(self.regions, np.full(len(MONTHS), 1 / len(MONTHS)))
        if "region" in cell:
            keep = np.array([name == cell["region"] for name in REGIONS])
            weight = weight * keep[:, None]
        if "wave" in cell:
            weight = weight * np.array([month == cell["wave"] for month in MONTHS])
        return float(100 * np.sum(weight * net) / np.sum(weight))

    def survey(self, rows: int, seed: int) -> dict[str, np.ndarray[tuple[int], np.dtype[np.str_]]]:
        """Answers of some of them, drawn at random."""
        generator = np.random.Generator(np.random.PCG64(seed))
        region = generator.choice(len(REGIONS), rows, p=self.regions)
        month = generator.integers(0, len(MONTHS), rows)
        below = np.cumsum(self.answers, axis=2)[region, month]
        answer = (generator.random(rows)[:, None] > below[:, :-1]).sum(axis=1)
        answer = np.where(generator.random(rows) < MISSING, NOT_ANSWERED, answer)
        return {
            "recommend": answer,
            "region": np.array(list(REGIONS))[region],
            "month": np.array(MONTHS)[month],
        }


@click.command()
@click.option("--rows", type=click.IntRange(min=1), default=6_000, show_default=True,
              help="Respondents to simulate.")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True,
              help="Seed of the simulation.")  # fmt: skip
@click.option("--report", metavar="FILE.html", default="satcore-report.html", show_default=True,
              help="Where to write the report.")  # fmt: skip
@click.option("--data", metavar="FILE.csv", help="Write the simulated answers there.")
@report_options
@disable_option
@click.pass_context
def demo(
    context: click.Context,
    rows: int,
    seed: int,
    report: str,
    data: str | None,
    language: str,
    disable: tuple[str, ...],
) -> None:
    """Simulate a survey, measure it, hold the estimates against the truth, write the report.

    It needs no file and no network.
    """
    plugins = found_plugins(disable)
    population = Population.of_demo()
    answers = population.survey(rows, seed)
    if data is not None:
        write_bytes(data, as_frame(answers).write_csv().encode())
    plan = assemble(Study.of(STUDY, "demo"), answers, plugins=plugins)
    results = results_of(plan, finished(plan, LocalEngine().scan(plan)))
    show(results)
    _show_truth(results, population)
    try:
        write_report(results, report, language, plugins)
    except (OutputError, PluginError) as error:
        click.echo(f"no report: {error}", err=True)
        context.exit(2)
    click.echo(f"report written to {report}", err=True)
    context.exit(1 if results.failures else 0)


def _show_truth(results: Results, population: Population) -> None:
    rows = [row for row in results.rows("nps", "nps") if row["value"] is not None]
    table = Table(title="NPS: estimate and truth", title_justify="left")
    for name in ("cell", "truth", "estimate", "interval", "holds the truth"):
        table.add_column(name, justify="left" if name == "cell" else "right")
    held = 0
    for row in rows:
        low, high = row["ci_low"] or 0.0, row["ci_high"] or 0.0
        truth = population.nps(row["cell"])
        holds = low <= truth <= high
        held += holds
        if len(row["cell"]) < 2:
            labels = ", ".join(f"{axis} {label}" for axis, label in row["cell"].items())
            numbers = (f"{truth:.1f}", f"{row['value']:.1f}", f"[{low:.1f}, {high:.1f}]")
            table.add_row(Text(labels or "total"), *numbers, "yes" if holds else "no")
    out = console()
    out.print()
    out.print(table)
    percent = 100 * results.about.confidence
    out.print(
        f"{held} of {len(rows)} intervals hold the truth; {percent:g}% should in the long run"
    )
