"""Coverage of the intervals of KANO and SERVQUAL on simulated surveys whose truth is known.

Every simulated survey is a segment of one large one, so that the library's own run evaluates all
of them at once: ``python -m benchmarks.coverage_models [--simulations 2000] [--json FILE]``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

import satcore
from satcore_kano import Kano
from satcore_servqual import Servqual

SIZES = (50, 200, 1_000)

#: Shares of people who find a feature attractive, one-dimensional, must-be, indifferent.
FEATURES = {
    "even": (0.25, 0.25, 0.25, 0.25),
    "attractive": (0.5, 0.2, 0.1, 0.2),
    "must": (0.05, 0.25, 0.6, 0.1),
}
PAIRS = (((1, 3),), ((1, 5),), ((3, 5),), ((3, 3),))

#: Middle of expectations and perceptions, and the part of the spread that items share.
DIMENSIONS = {"high": (6.3, 5.1, 0.6), "middle": (5.0, 4.5, 0.4), "low": (4.0, 4.3, 0.2)}
ITEMS = 4
SPREAD = 1.2


def kano_truth(feature: str, term: str) -> float | None:
    """The true value of a feature's share or coefficient."""
    a, o, m, i = FEATURES[feature]
    return {
        "better": a + o,
        "worse": -(o + m),
        "share_A": a,
        "share_O": o,
        "share_M": m,
        "share_I": i,
        "total_strength": a + o + m,
        "functional_mean": 4.0 * (a + o),
        "dysfunctional_mean": 4.0 * (o + m),
    }.get(term)


def kano_survey(n: int, simulations: int, generator: np.random.Generator) -> dict[str, Any]:
    """Pairs of answers of all simulated surveys."""
    rows = n * simulations
    columns: dict[str, Any] = {"simulation": np.repeat(np.arange(simulations), n)}
    for feature, shares in FEATURES.items():
        category = generator.choice(4, rows, p=shares)
        pairs = np.array([PAIRS[which][0] for which in range(4)])[category]
        columns[f"{feature}_f"], columns[f"{feature}_d"] = pairs[:, 0], pairs[:, 1]
    return columns


def servqual_answers(
    rows: int, generator: np.random.Generator
) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    """Answers to every item, column by column."""
    number = 1
    for expected, perceived, shared in DIMENSIONS.values():
        own = {side: generator.standard_normal(rows) for side in "EP"}
        for item in range(number, number + ITEMS):
            for side, middle in (("E", expected), ("P", perceived)):
                noise = generator.standard_normal(rows)
                z = np.sqrt(shared) * own[side] + np.sqrt(1 - shared) * noise
                yield f"{side}{item}", np.clip(np.rint(middle + SPREAD * z), 1, 7).astype(np.int8)
        number += ITEMS


def servqual_truth(generator: np.random.Generator, rows: int = 4_000_000) -> dict[Any, float]:
    """Gaps and alphas of a population so large that its own error does not matter."""
    columns = dict(servqual_answers(rows, generator))
    truth: dict[Any, float] = {}
    for place, name in enumerate(DIMENSIONS):
        numbers = range(1 + ITEMS * place, 1 + ITEMS * (place + 1))
        p = np.stack([columns[f"P{number}"] for number in numbers]).astype(np.float64)
        e = np.stack([columns[f"E{number}"] for number in numbers]).astype(np.float64)
        cov = np.cov(p)
        truth[name, "gap"] = float(p.mean() - e.mean())
        truth[name, "perception"] = float(p.mean())
        truth[name, "alpha"] = float(ITEMS / (ITEMS - 1) * (1 - np.trace(cov) / cov.sum()))
    return truth


def covered(rows: list[Any], truth: Mapping[Any, float]) -> dict[tuple[str, str], float]:
    """The share of simulated surveys whose interval holds the truth, by item and term."""
    held: dict[tuple[str, str], list[bool]] = {}
    for row in rows:
        key = (row["item"], row["term"])
        if not row["cell"] or key not in truth or row["ci_low"] is None:
            continue
        held.setdefault(key, []).append(row["ci_low"] <= truth[key] <= row["ci_high"])
    return {key: float(np.mean(found)) for key, found in held.items()}


def measure(simulations: int, sizes: tuple[int, ...] = SIZES, seed: int = 1) -> dict[int, Any]:
    """Coverage by n, then by item and term."""
    generator = np.random.Generator(np.random.PCG64(seed))
    truth: dict[Any, float] = servqual_truth(generator)
    for feature in FEATURES:
        for term in ("better", "worse", "share_A", "share_O", "share_M", "share_I",
                     "total_strength", "functional_mean", "dysfunctional_mean"):  # fmt: skip
            truth[feature, term] = kano_truth(feature, term) or 0.0
    dimensions = {
        name: f"{1 + ITEMS * place}..{ITEMS * (place + 1)}" for place, name in enumerate(DIMENSIONS)
    }
    last = ITEMS * len(DIMENSIONS)
    metrics = {
        "kano": Kano(
            features=tuple(FEATURES), functional="{feature}_f", dysfunctional="{feature}_d"
        ),
        "servqual": Servqual(
            expectation=f"E{{1..{last}}}", perception=f"P{{1..{last}}}", dimensions=dimensions
        ),
    }
    found = {}
    for n in sizes:
        data = kano_survey(n, simulations, generator)
        data |= dict(servqual_answers(n * simulations, generator))
        results = satcore.run(metrics, data, segments=["simulation"], comparisons=[], min_base=0)
        found[n] = covered(results.rows(), truth)
    return found


def table(found: Mapping[int, Any]) -> str:
    """Coverage in percent as a table in Markdown."""
    sizes = list(found)
    lines = [
        "| item | term | " + " | ".join(f"n = {n}" for n in sizes) + " |",
        "|---|---|" + "---:|" * len(sizes),
    ]
    for item, term in found[sizes[0]]:
        numbers = " | ".join(f"{100 * found[n][item, term]:.1f}" for n in sizes)
        lines.append(f"| {item} | `{term}` | {numbers} |")
    return "\n".join(lines)


def main() -> None:
    """Run the simulation and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, default=2_000)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    found = measure(arguments.simulations)
    print(table(found))
    if arguments.json:
        plain = {
            str(n): {f"{item} {term}": value for (item, term), value in by.items()}
            for n, by in found.items()
        }
        arguments.json.write_text(json.dumps(plain, indent=1))


if __name__ == "__main__":
    main()
