"""Moments of truth: what each touchpoint costs the overall rating, and in which order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from satcore import Estimate, FloatArray
from satcore_journey.drawn import RankInterval, ranks, spread, student, told
from satcore_journey.impacts import Impacts

NEGATIVE: Final = (
    "who rated it higher rated the journey lower: these answers show nothing that it costs"
)
NO_ERROR: Final = "no interval: it needs replicates"


def cost_estimates(
    impacts: Impacts,
    reach: Mapping[str, Estimate],
    shortfall: Mapping[str, Estimate],
    lost: FloatArray | None,
) -> Iterator[Estimate]:
    """Costs and ranks.

    A touchpoint's cost is reach x impact x shortfall: by how many points the mean overall rating of
    all customers would be higher, were those who rated the touchpoint below its target lifted to
    it, as far as the overall rating goes with it.

    Args:
        impacts: The impacts.
        reach: The reach of each touchpoint.
        shortfall: By how much its users' ratings stay below the target, on average.
        lost: Reach x shortfall in replicates: (cells, replicates, p); None without any.
    """
    names = impacts.names
    part = np.stack([reach[name].value * shortfall[name].value for name in names], axis=1)
    cost = part * impacts.impact
    drawn = None
    if lost is not None and impacts.drawn is not None:
        drawn = lost * impacts.drawn
    rank = ranks(cost)
    redrawn = None if drawn is None else ranks(drawn)
    for place, name in enumerate(names):
        base = reach[name].base
        mine = cost[:, place]
        messages = told(
            reach[name].message or ("",) * len(mine),
            _messages(impacts, place),
            [NO_ERROR if drawn is None and np.isfinite(one) else "" for one in mine.tolist()],
        )
        error = np.full(mine.shape, np.nan)
        if drawn is not None:
            error = np.where(np.isfinite(mine), spread(drawn[:, :, place]), np.nan)
        bases = {
            "base": base,
            "weighted_base": reach[name].weighted_base,
            "effective_base": reach[name].effective_base,
        }
        yield Estimate(
            term="cost",
            item=name,
            value=mine,
            std_error=error,
            interval=None if drawn is None else student(mine, error, base),
            unit="score",
            message=messages,
            **bases,  # type: ignore[arg-type]
        )
        yield Estimate(
            term="rank",
            item=name,
            value=rank[:, place],
            std_error=np.full(mine.shape, np.nan)
            if redrawn is None
            else np.where(np.isfinite(mine), spread(redrawn[:, :, place]), np.nan),
            interval=None
            if redrawn is None
            else RankInterval(value=rank[:, place], drawn=redrawn[:, :, place]),
            unit="rank",
            message=messages,
            compared=False,
            **bases,  # type: ignore[arg-type]
        )


def _messages(impacts: Impacts, place: int) -> list[str]:
    """Why there is no cost, or why it is none."""
    found = []
    for value, message in zip(
        impacts.impact[:, place].tolist(), impacts.messages[place], strict=True
    ):
        if not np.isfinite(value):
            found.append(message)
        else:
            found.append(NEGATIVE if value < 0 else "")
    return found
