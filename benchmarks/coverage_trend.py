"""Coverage of trends on simulated waves whose truth is known.

``python -m benchmarks.coverage_trend [--simulations 2000] [--json FILE]`` simulates flat series
with autocorrelated errors and tells how often the slope's interval holds 0, how often a flat
series is called a trend, and how often the prediction intervals hold the waves to come.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from satcore_trend.forecasting import forecast
from satcore_trend.regression import regress

WAVES = (8, 12, 16, 24, 36, 48, 60)
RHOS = (0.0, 0.3, 0.5, 0.7)
ERRORS = ("ar1", "hac", "iid")

#: Spread of the logarithm of the waves' standard errors: all alike, or as bases give that
#: differ by a factor of nearly five between their 10th and 90th percentile.
SPREADS = {"equal": 0.0, "unequal": 0.3}

AHEAD = 4

#: What is claimed lies between these, in percent.
BAND = (93.0, 97.0)


def correlated(
    shape: tuple[int, int], rho: float, generator: np.random.Generator
) -> np.ndarray[Any, Any]:
    """Series of order 1 with variance 1."""
    noise = generator.standard_normal(shape)
    for wave in range(1, shape[1]):
        noise[:, wave] = rho * noise[:, wave - 1] + np.sqrt(1 - rho * rho) * noise[:, wave]
    return noise


def case(waves: int, rho: float, spread: float, simulations: int, seed: int) -> dict[str, Any]:
    """Coverage in percent by kind of errors, of the slope and of each wave to come."""
    generator = np.random.Generator(
        np.random.PCG64([seed, waves, int(100 * rho), int(100 * spread)])
    )
    shape = (simulations, waves + AHEAD)
    sizes = np.exp(spread * generator.standard_normal(shape))
    values = 40.0 + sizes * correlated(shape, rho, generator)
    times = np.arange(waves + AHEAD, dtype=np.float64)
    sampling = sizes[:, :waves] if spread else None
    found = {}
    for errors in ERRORS:
        fitted = regress(times[:waves], values[:, :waves], sampling, errors=errors)
        low, high = fitted.bounds()
        below, above = forecast(fitted, times[waves:]).bounds()
        to_come = values[:, waves:]
        held = (below <= to_come) & (to_come <= above)
        found[errors] = {
            "slope": 100 * float(((low[:, 1] <= 0) & (high[:, 1] >= 0)).mean()),
            "false_trend": 100 * float((fitted.p_values()[:, 1] < 0.05).mean()),
            "prediction": [100 * float(part) for part in held.mean(axis=0)],
        }
    return found


def measure(simulations: int, seed: int = 1) -> dict[str, Any]:
    """Coverage by spread of standard errors, rho and number of waves."""
    return {
        f"{name} {rho:g} {waves}": case(waves, rho, spread, simulations, seed)
        for name, spread in SPREADS.items()
        for rho in RHOS
        for waves in WAVES
    }


def _cell(value: float, coverage: float) -> str:
    return f"{value:.1f}" if BAND[0] <= coverage <= BAND[1] else f"**{value:.1f}**"


def table(found: Mapping[str, Any], errors: str, what: str) -> str:
    """One table in Markdown; figures outside the band are bold.

    Args:
        found: As :func:`measure` gives it.
        errors: The kind of errors.
        what: ``slope``, ``false_trend``, or ``prediction`` with the horizon: ``prediction 1``.
    """
    kind, _, horizon = what.partition(" ")
    lines = [
        "| standard errors | rho | " + " | ".join(f"{waves} waves" for waves in WAVES) + " |",
        "|---|---:|" + "---:|" * len(WAVES),
    ]
    for name in SPREADS:
        for rho in RHOS:
            cells = []
            for waves in WAVES:
                value = found[f"{name} {rho:g} {waves}"][errors][kind]
                value = value[int(horizon) - 1] if horizon else value
                cells.append(_cell(value, 100 - value if kind == "false_trend" else value))
            lines.append(f"| {name} | {rho:g} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Run the simulation and print its tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, default=2_000)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    found = measure(arguments.simulations)
    for errors in ERRORS:
        for what in ("slope", "false_trend", "prediction 1", f"prediction {AHEAD}"):
            print(f"\n### {errors}: {what}\n\n{table(found, errors, what)}")
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
