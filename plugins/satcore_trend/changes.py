"""Changes at unknown waves in many series at once."""

from __future__ import annotations

import numpy as np

from satcore import FloatArray
from satcore_trend.breaks import SIMULATIONS, ChangePoint, largest_f


def change_points(
    times: FloatArray, values: FloatArray, columns: FloatArray
) -> tuple[ChangePoint | None, ...]:
    """The most likely change of each series, as ``breaks.change_point`` finds one.

    What a series without a change would show depends on which of its waves are there and on
    nothing else, so that it is simulated once for all series that have the same waves.

    Args:
        times: (waves,).
        values: (series, waves), NaN where the wave is missing.
        columns: The design of one part, (waves, columns).

    Returns:
        By series; None where it is too short for two parts, or never leaves its line.
    """
    found: list[ChangePoint | None] = [None] * values.shape[0]
    present = np.isfinite(values)
    for pattern in np.unique(present, axis=0):
        rows = np.flatnonzero((present == pattern).all(axis=1))
        best = largest_f(values[rows][:, pattern], columns[pattern])
        if best is None:
            continue
        null = _without_change(columns[pattern])
        for row, largest, before in zip(rows.tolist(), *best, strict=True):
            if np.isfinite(largest):
                found[row] = ChangePoint(
                    before=int(before),
                    time=float(times[pattern][before]),
                    sup_f=float(largest),
                    p=(int((null >= largest).sum()) + 1) / (SIMULATIONS + 1),
                    simulations=SIMULATIONS,
                )
    return tuple(found)


def _without_change(columns: FloatArray) -> FloatArray:
    """The largest F of simulated series that do not change; seeded."""
    generator = np.random.Generator(np.random.PCG64(0))
    noise = generator.standard_normal((SIMULATIONS, columns.shape[0]))
    null = largest_f(noise, columns)
    return np.array([]) if null is None else null[0]
