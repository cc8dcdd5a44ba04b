"""Coverage of paths, indices and relations of units on simulations whose truth is known.

``python -m benchmarks.coverage_loyalty [--simulations 1000] [--json FILE]``. Every simulated
survey is a segment of one large one, so that the library's own run evaluates all of them at once.

Answers are those of a path model with normal scores and errors, cut into the ten answers of a
scale. The truth is what PLS gives for the whole population: the means and covariances of the cut
answers follow from the normal distribution, and the model is fitted to these. (Paths by mode A are
smaller than those between the scores themselves, as items are not measured without error; no
interval of PLS claims to hold the latter.)

Units have true means of staff and of customers with a known correlation, and answers about them.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

import satcore
from satcore_loyalty import Loyalty, SatisfactionMirror
from satcore_loyalty.numbers import numbers, solution
from satcore_loyalty.pls import correlations, fit

SIZES = (100, 300, 1_000)

#: What is claimed lies between these, in percent.
BAND = (92.0, 97.0)

LEVELS = 10

#: Units, answers of staff and of customers in each, and the correlation of the true means.
UNITS = ((10, 20), (10, 60), (20, 20), (40, 20), (40, 8))
CORRELATIONS = (0.0, 0.6, 0.9)

#: Surveys that are evaluated at a time.
AT_ONCE = 50

_Array = np.ndarray[Any, Any]


class Design:
    """A population: a path model of scores, loadings of the items, where answers are cut.

    Args:
        metric: The metric, with its model.
        paths: The paths between the scores, by name.
        loading: Of every item.
        middle: The mean of the answers, in the scale's standard deviations from its middle.
    """

    def __init__(self, metric: Loyalty, paths: Mapping[str, float], loading: float, middle: float):
        self.metric, model = metric, metric.structure
        count = len(model.constructs)
        slopes = np.zeros((count, count))
        for one, other in model.paths:
            slopes[one, other] = paths[model.path_name(one, other)]
        latent = np.eye(count)
        for place in np.argsort(model.levels, kind="stable"):
            mine = latent @ slopes[:, place]
            if slopes[:, place].any():
                latent[place] = latent[:, place] = mine
                latent[place, place] = 1.0
        member = model.membership * np.where(model.membership.sum(axis=0) == 1, 1.0, loading)
        self.corr = member @ latent @ member.T
        np.fill_diagonal(self.corr, 1.0)
        edges = np.linspace(-2.4, 2.4, LEVELS - 1)
        self.cuts = edges - middle
        self.mean, self.cov = self._of_answers()

    def _of_answers(self) -> tuple[_Array, _Array]:
        """Means and covariances of the cut answers."""
        from scipy.stats import multivariate_normal, norm

        above = norm.sf(self.cuts)
        mean = np.full(len(self.corr), 1 + above.sum())
        known: dict[float, float] = {}
        cov = np.empty_like(self.corr)
        points = -np.stack(np.meshgrid(self.cuts, self.cuts, indexing="ij"), axis=-1)
        smaller = np.minimum(above[:, None], above[None, :])
        for (a, b), r in np.ndenumerate(self.corr):
            key = round(float(r), 12)
            if key not in known:
                both = (
                    smaller if key >= 1 else multivariate_normal(cov=[[1, r], [r, 1]]).cdf(points)
                )
                known[key] = float((both - np.outer(above, above)).sum())
            cov[a, b] = known[key]
        return mean, cov

    def truth(self) -> dict[tuple[str, str], float]:
        """The population's numbers by item and term."""
        model = self.metric.structure
        cov, mean = self.cov[None], self.mean[None]
        corr = correlations(cov)
        fitted = fit(corr, model, self.metric.scheme, self.metric.steps)
        ends = (np.full(len(cov[0]), 1.0), np.full(len(cov[0]), float(LEVELS)))
        found = solution(fitted, corr, cov, mean, ends, model)
        return {(one.item, one.term): float(one.of(found)[0]) for one in numbers(model)}

    def survey(self, n: int, many: int, generator: np.random.Generator) -> dict[str, Any]:
        """The answers of many surveys."""
        root = np.linalg.cholesky(self.corr + 1e-12 * np.eye(len(self.corr)))
        answers = generator.standard_normal((n * many, len(self.corr))) @ root.T
        coded = 1 + np.searchsorted(self.cuts, answers)
        columns = self.metric.structure.columns
        return {
            "simulation": np.repeat(np.arange(many), n),
            **{name: coded[:, place] for place, name in enumerate(columns)},
        }


def designs() -> Iterator[tuple[str, Design]]:
    """The populations."""
    small = Loyalty(
        constructs={"Quality": "q{1..3}", "Satisfaction": "s{1..3}", "Loyalty": "l{1..2}"},
        paths=("Quality -> Satisfaction, Loyalty", "Satisfaction -> Loyalty"),
    )
    paths = {
        "Quality -> Satisfaction": 0.6,
        "Quality -> Loyalty": 0.0,
        "Satisfaction -> Loyalty": 0.5,
    }
    yield "three constructs", Design(small, paths, 0.8, 0.0)
    yield "three, low loadings", Design(small, paths, 0.6, 0.0)
    yield "three, near the top", Design(small, paths, 0.8, 1.5)
    ecsi = {
        "Image -> Expectation": 0.6,
        "Image -> Satisfaction": 0.2,
        "Image -> Loyalty": 0.2,
        "Expectation -> Quality": 0.6,
        "Expectation -> Value": 0.1,
        "Expectation -> Satisfaction": 0.0,
        "Quality -> Value": 0.5,
        "Quality -> Satisfaction": 0.5,
        "Value -> Satisfaction": 0.2,
        "Satisfaction -> Complaints": 0.5,
        "Satisfaction -> Loyalty": 0.5,
        "Complaints -> Loyalty": 0.1,
    }
    yield "ECSI", Design(Loyalty(model="ecsi"), ecsi, 0.75, 0.6)


def case(design: Design, n: int, simulations: int, seed: int) -> dict[str, dict[str, float]]:
    """Coverage in percent by term and item."""
    generator = np.random.Generator(np.random.PCG64([seed, n, len(design.corr)]))
    truth = design.truth()
    inside: dict[tuple[str, str], list[bool]] = {}
    for start in range(0, simulations, AT_ONCE):
        many = min(AT_ONCE, simulations - start)
        results = satcore.run(
            {"model": design.metric},
            design.survey(n, many, generator),
            segments=["simulation"],
            by=["simulation"],
            comparisons=[],
        )
        for row in results.rows("model"):
            if not row["cell"] or row["std_error"] in (None, 0.0):
                continue
            key = row["item"], row["term"]
            low, high = row["ci_low"], row["ci_high"]
            held = low is not None and high is not None and low <= truth[key] <= high
            inside.setdefault(key, []).append(held)
    found: dict[str, dict[str, float]] = {}
    for (item, term), held in inside.items():
        found.setdefault(term, {})[item] = 100 * float(np.mean(held))
    return found


def measure(simulations: int, seed: int = 1) -> dict[str, Any]:
    """Coverage by design and size."""
    return {
        f"{name} {n}": case(design, n, simulations, seed)
        for name, design in designs()
        for n in (SIZES if name != "ECSI" else (300,))
    }


def units_case(units: int, n: int, rho: float, simulations: int, seed: int) -> dict[str, float]:
    """Coverage in percent of correlation and slope, and the mean of the plain correlations.

    True means of staff and customers have a standard deviation of 0.8, answers about them one of
    1.5, before they are rounded; alike on both sides, so that the slope is the correlation.
    """
    generator = np.random.Generator(np.random.PCG64([seed, units, n, int(100 * rho)]))
    shape = (simulations, units)
    inside = generator.standard_normal(shape)
    outside = rho * inside + np.sqrt(1 - rho**2) * generator.standard_normal(shape)
    size = simulations * units * n
    simulation = np.repeat(np.arange(simulations), units * n)
    unit = np.tile(np.repeat(np.arange(1, units + 1), n), simulations)
    nobody = np.full(size, None)

    def answered(means: _Array) -> _Array:
        answers = 10.5 + 0.8 * np.repeat(means.ravel(), n) + 1.5 * generator.standard_normal(size)
        # A scale wide and fine enough that it is not what is measured.
        return np.clip(np.round(10 * answers), 0, 210).astype(int).astype(object)

    results = satcore.run(
        {"units": SatisfactionMirror(
            unit="unit", units=f"1..{units}", staff="staff", customers="customers", scale="0..210",
        )},
        {
            "simulation": np.concatenate([simulation, simulation]),
            "unit": np.concatenate([unit, unit]),
            "staff": np.concatenate([answered(inside), nobody]).tolist(),
            "customers": np.concatenate([nobody, answered(outside)]).tolist(),
        },
        segments=["simulation"],
        by=["simulation"],
        comparisons=[],
    )  # fmt: skip
    found: dict[str, float] = {}
    for term in ("correlation", "slope"):
        rows = [row for row in results.rows("units", term) if row["cell"]]
        known = [(row["ci_low"], row["ci_high"]) for row in rows if row["ci_low"] is not None]
        held = [low <= rho <= high for low, high in known if high is not None]
        found[term] = 100 * float(np.mean(held))
        found[f"{term} known"] = 100 * len(held) / simulations
    return found


def units_table(found: Mapping[str, Any]) -> str:
    """Coverage of both numbers over units in Markdown."""
    lines = [
        "| units | answers a side | true correlation | correlation | slope |",
        "|---:|---:|---:|---:|---:|",
    ]
    for key, one in found.items():
        units, n, rho = key.split()
        lines.append(f"| {units} | {n} | {rho} | {one['correlation']:.1f} | {one['slope']:.1f} |")
    return "\n".join(lines)


def table(found: Mapping[str, Any]) -> str:
    """Least and greatest coverage of each term in Markdown; outside the band they are bold."""
    terms = list(next(iter(found.values())))
    lines = [
        "| population | answers | " + " | ".join(terms) + " |",
        "|---|---:|" + "---:|" * len(terms),
    ]

    def told(value: float) -> str:
        return f"{value:.1f}" if BAND[0] <= value <= BAND[1] else f"**{value:.1f}**"

    for key, by_term in found.items():
        name, n = key.rsplit(" ", 1)
        spans = [
            f"{told(min(of.values()))} to {told(max(of.values()))}"
            for of in (by_term[term] for term in terms)
        ]
        lines.append(f"| {name} | {n} | " + " | ".join(spans) + " |")
    return "\n".join(lines)


def main() -> None:
    """Run the simulation and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, default=1_000)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    found = measure(arguments.simulations)
    print(table(found))
    of_units = {
        f"{units} {n} {rho:g}": units_case(units, n, rho, arguments.simulations, 1)
        for units, n in UNITS
        for rho in CORRELATIONS
    }
    print(f"\n{units_table(of_units)}")
    if arguments.json:
        arguments.json.write_text(json.dumps({"models": found, "units": of_units}, indent=1))


if __name__ == "__main__":
    main()
