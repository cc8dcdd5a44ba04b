"""Coverage of key drivers' intervals on simulated ratings whose truth is known.

``python -m benchmarks.coverage_drivers [--simulations 1000] [--answers 500] [--json FILE]``
simulates ratings on scales of 1 to 5 that share a halo, and tells how often the intervals of LMG
and relative weights, of R², of penalties, rewards and their sums hold what all possible answers
would give.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from attrs import frozen
from numpy.typing import NDArray

import satcore
from satcore import Metric, coefficients, lmg, r_squared, relative_weights
from satcore_drivers import Drivers, PenaltyReward

#: Where a standard normal variable is cut into ratings of 1 to 5: most people are satisfied.
CUTS = (-1.64, -1.04, -0.39, 0.52)

#: Answers of the population that stands for the truth, in pieces.
POPULATION, PIECE = 4_000_000, 500_000

#: Simulations that are evaluated together, as the cells of one survey.
AT_ONCE = 250

#: What is claimed lies between these, in percent.
BAND = (92.0, 97.0)

#: Shares of R² below this are told apart: little is claimed of them.
LEAST = 0.05

LOW, HIGH = 2, 5


@frozen
class World:
    """How ratings come about.

    Attributes:
        halo: How far each driver goes with what all share, 0 to 1.
        effect: What a point of each driver adds to the outcome.
        noise: What else moves the outcome: a standard deviation.
    """

    halo: tuple[float, ...]
    effect: tuple[float, ...]
    noise: float

    def draw(self, rows: int, generator: np.random.Generator) -> NDArray[np.int64]:
        """Ratings, the outcome (1 to 7) first: (rows, 1+p)."""
        shared = generator.standard_normal(rows)
        ratings = np.empty((rows, 1 + len(self.halo)), dtype=np.int64)
        total = np.zeros(rows)
        for place, (halo, effect) in enumerate(zip(self.halo, self.effect, strict=True), 1):
            own = generator.standard_normal(rows)
            mine = halo * shared + np.sqrt(1 - halo**2) * own
            ratings[:, place] = 1 + np.searchsorted(CUTS, mine)
            total += effect * (ratings[:, place] - 3.6)
        outcome = 4.6 + total + self.noise * generator.standard_normal(rows)
        ratings[:, 0] = np.clip(np.round(outcome), 1, 7)
        return ratings

    @property
    def drivers(self) -> tuple[str, ...]:
        """The drivers' columns."""
        return tuple(f"x{place}" for place in range(1, len(self.halo) + 1))


WORLDS = {
    "no halo": World((0.0,) * 5, (0.5, 0.4, 0.3, 0.2, 0.1), 0.8),
    "halo": World((0.7,) * 5, (0.5, 0.4, 0.3, 0.2, 0.1), 0.8),
    "strong halo": World((0.85,) * 6, (0.4, 0.3, 0.2, 0.2, 0.1, 0.0), 0.6),
    "mixed": World(
        (0.8, 0.8, 0.7, 0.6, 0.6, 0.5, 0.3, 0.0), (0.3, 0.2, 0.2, 0.2, 0.1, 0.1, 0.2, 0.3), 1.2
    ),
    "weak": World((0.5,) * 5, (0.3, 0.2, 0.2, 0.1, 0.1), 2.0),
}


def flags(ratings: NDArray[np.int64]) -> NDArray[np.float64]:
    """The outcome, and for each driver whether it was rated high, and low."""
    columns = [ratings[:, 0].astype(float)]
    for one in ratings[:, 1:].T:
        columns += [(one >= HIGH).astype(float), (one <= LOW).astype(float)]
    return np.stack(columns, axis=1)


def truth(world: World, seed: int) -> dict[tuple[str, str], float]:
    """What the whole population gives, by item and term; shares of R² under ``share``."""
    generator = np.random.Generator(np.random.PCG64([seed, 99]))
    makers = (lambda x: x.astype(float), flags)
    sums: list[Any] = [[0, 0.0, 0.0, make] for make in makers]
    for _ in range(POPULATION // PIECE):
        ratings = world.draw(PIECE, generator)
        for one in sums:
            x = one[3](ratings)
            one[0] += len(x)
            one[1] = one[1] + x.sum(axis=0)
            one[2] = one[2] + x.T @ x
    plain, flagged = (square / n - np.outer(total / n, total / n) for n, total, square, _ in sums)
    found: dict[tuple[str, str], float] = {("overall", "r_squared"): float(r_squared(plain))}
    for term, share in (("lmg", lmg), ("johnson", relative_weights)):
        for name, value in zip(world.drivers, share(plain), strict=True):
            found[name, term] = float(value)
    contrasts = coefficients(flagged).reshape(-1, 2)
    for name, (reward, penalty) in zip(world.drivers, contrasts, strict=True):
        found[name, "reward"], found[name, "penalty"] = float(reward), float(penalty)
        found[name, "sum"] = float(reward + penalty)
    return found


def case(world: World, simulations: int, answers: int, seed: int) -> dict[str, Any]:
    """Coverage in percent by item and term, with the true values."""
    known = truth(world, seed)
    held: dict[tuple[str, str], list[bool]] = {key: [] for key in known}
    options = {
        "outcome": "y", "drivers": world.drivers, "scale": "1..5", "outcome_scale": "1..7",
    }  # fmt: skip
    metrics: tuple[Metric, ...] = (
        Drivers(**options, seed=seed),
        PenaltyReward(**options, low=LOW, high=HIGH),
    )
    for start in range(0, simulations, AT_ONCE):
        runs = min(AT_ONCE, simulations - start)
        generator = np.random.Generator(np.random.PCG64([seed, start]))
        ratings = world.draw(runs * answers, generator)
        columns = {"y": ratings[:, 0]}
        columns |= {name: ratings[:, 1 + place] for place, name in enumerate(world.drivers)}
        frame = pl.DataFrame({"run": np.repeat(np.arange(runs), answers), **columns})
        for metric in metrics:
            results = satcore.run(metric, frame, by=["run"], segments=["run"])
            for row in results.rows(results.metrics[0].name):
                key = row["item"], row["term"]
                if row["cell"] and key in known and row["ci_low"] is not None:
                    held[key].append(row["ci_low"] <= known[key] <= row["ci_high"])
    together = known["overall", "r_squared"]
    return {
        f"{item} {term}": {
            "true": known[item, term],
            "share": known[item, term] / together,
            "runs": len(held[item, term]),
            "coverage": 100 * float(np.mean(held[item, term])) if held[item, term] else None,
        }
        for item, term in known
    }


def measure(simulations: int, answers: int = 500, seed: int = 1) -> dict[str, Any]:
    """Coverage by world, item and term."""
    return {name: case(world, simulations, answers, seed) for name, world in WORLDS.items()}


def _cell(coverage: float | None) -> str:
    if coverage is None:
        return ""
    return f"{coverage:.1f}" if BAND[0] <= coverage <= BAND[1] else f"**{coverage:.1f}**"


def table(found: Mapping[str, Any]) -> str:
    """A table in Markdown: the least and the greatest coverage of a term, by world."""
    lines = [
        "| ratings | R² | LMG | Johnson | shares below 5% | R² itself | reward | penalty | sum |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, rows in found.items():
        cells = [name, f"{rows['overall r_squared']['true']:.2f}"]
        for terms, least in (
            (("lmg",), True), (("johnson",), True), (("lmg", "johnson"), False),
            (("r_squared",), None), (("reward",), None), (("penalty",), None), (("sum",), None),
        ):  # fmt: skip
            some = [
                row["coverage"]
                for key, row in rows.items()
                if key.split()[1] in terms
                and row["coverage"] is not None
                and (least is None or (row["share"] >= LEAST) == least)
            ]
            ends = sorted({min(some), max(some)}) if some else []
            cells.append(" to ".join(_cell(one) for one in ends))
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Run the simulation and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, default=1_000)
    parser.add_argument("--answers", type=int, default=500)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    found = measure(arguments.simulations, arguments.answers)
    print(table(found))
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
