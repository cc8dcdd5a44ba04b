"""Coverage of response surfaces on simulated answers whose truth is known.

``python -m benchmarks.coverage_expectation [--simulations 1000] [--json FILE]`` simulates surveys
of rounded answers from a known joint table, and tells how often the intervals of the surface's
slopes and curvatures hold those of the whole population. Every survey is a cell of one run.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

import satcore
from satcore_expectation import Expectation

TERMS = ("a1", "a2", "a3", "a4")
SIZES = (100, 200, 500, 1000)

#: What is claimed lies between these, in percent.
BAND = (92.0, 97.0)

#: How satisfaction comes about: with errors of one size, with errors that grow where expectation
#: and perception part, and crowded at the upper end of the scale.
KINDS = ("normal", "unequal", "crowded")


def population(kind: str, size: int, generator: np.random.Generator) -> dict[str, Any]:
    """Respondents: expectation, perception and satisfaction, 1 to 7."""
    wish = generator.standard_normal(size)
    e = np.clip(np.round(4.6 + 1.2 * wish), 1, 7)
    p = np.clip(np.round(4.3 + 0.6 * wish + 1.1 * generator.standard_normal(size)), 1, 7)
    apart = p - e
    level = 4.4 + 0.15 * (e - 4) + 0.45 * (p - 4) - 0.05 * apart**2
    spread = 0.5 + 0.35 * np.abs(apart) if kind == "unequal" else np.full(size, 1.0)
    if kind == "crowded":
        level = level + 1.3
    s = np.clip(np.round(level + spread * generator.standard_normal(size)), 1, 7)
    return {"S": s.astype(int), "E": e.astype(int), "P": p.astype(int)}


def case(
    kind: str, n: int, simulations: int, seed: int = 1, errors: str = "classical"
) -> dict[str, dict[str, float]]:
    """Coverage and mean error by term, in percent and points."""
    generator = np.random.Generator(np.random.PCG64([seed, n, KINDS.index(kind)]))
    people = population(kind, 200_000, generator)
    metric = Expectation(
        outcome="S",
        expectation="E",
        perception="P",
        errors="robust" if errors == "robust" else "classical",
        ordered=False,
    )
    everybody = satcore.run({"it": metric}, people)
    truth = {row["term"]: row["value"] for row in everybody.rows("it") if row["item"] == "surface"}
    drawn = generator.integers(0, 200_000, simulations * n)
    data = {name: values[drawn] for name, values in people.items()}
    data["survey"] = np.repeat(np.arange(simulations), n).astype(str)
    results = satcore.run({"it": metric}, data, segments=["survey"], comparisons=[])
    found: dict[str, dict[str, float]] = {}
    for term in TERMS:
        rows = [row for row in results.rows("it", term) if row["item"] == "surface" and row["cell"]]
        known = [row for row in rows if row["ci_low"] is not None]
        wanted = truth[term] or 0.0
        held = [(row["ci_low"] or 0.0) <= wanted <= (row["ci_high"] or 0.0) for row in known]
        found[term] = {"coverage": 100 * float(np.mean(held)), "surveys": float(len(known))}
    return found


def measure(simulations: int, seed: int = 1) -> dict[str, Any]:
    """Coverage by kind of answers, kind of errors and number of respondents."""
    return {
        f"{kind} {errors} {n}": case(kind, n, simulations, seed, errors)
        for kind in KINDS
        for errors in ("classical", "robust")
        for n in SIZES
    }


def _cell(value: float) -> str:
    return f"{value:.1f}" if BAND[0] <= value <= BAND[1] else f"**{value:.1f}**"


def table(found: Mapping[str, Any], term: str) -> str:
    """One table in Markdown; figures outside the band are bold.

    Args:
        found: As :func:`measure` gives it.
        term: A slope or curvature.
    """
    lines = [
        "| answers | errors | " + " | ".join(f"{n:,} respondents" for n in SIZES) + " |",
        "|---|---|" + "---:|" * len(SIZES),
    ]
    for kind in KINDS:
        for errors in ("classical", "robust"):
            cells = [_cell(found[f"{kind} {errors} {n}"][term]["coverage"]) for n in SIZES]
            lines.append(f"| {kind} | {errors} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Run the simulation and print its tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, default=1_000)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    found = measure(arguments.simulations)
    for term in TERMS:
        print(f"\n### {term}\n\n{table(found, term)}")
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
