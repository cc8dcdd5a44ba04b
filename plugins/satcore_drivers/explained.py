"""What all drivers explain together."""

from __future__ import annotations

from typing import Final

import numpy as np

from satcore import Estimate, r_squared
from satcore_drivers.intervals import ShareInterval
from satcore_drivers.options import OVERALL
from satcore_drivers.sums import NO_ERROR, Sums, told

LISTWISE: Final = "{base} of {asked} who rated the outcome rated every driver"


def explained_together(made: Sums) -> Estimate:
    """R² of all drivers, with who was left out because they did not rate every one."""
    value = np.where(made.explained, r_squared(made.cov), np.nan)
    interval: ShareInterval | None = None
    if made.replicated is not None:
        interval = ShareInterval.of(value, r_squared(made.replicated), made.base)
    left_out = [
        LISTWISE.format(base=f"{base:,}", asked=f"{asked:,}")
        if not made.pairwise and 0 < base < asked
        else ""
        for base, asked in zip(made.base.tolist(), made.asked.tolist(), strict=True)
    ]
    why = [NO_ERROR if interval is None else ""] * len(value)
    return made.estimate(
        "r_squared",
        OVERALL,
        value,
        np.full(value.shape, np.nan) if interval is None else interval.std_error,
        interval,
        told(made.cell_messages(), left_out, why),
    )
