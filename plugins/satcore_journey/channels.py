"""Channels side by side: the same touchpoint by web, by phone, in the branch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Final

import numpy as np
from attrs import evolve

from satcore import Estimate, FloatArray, Paired, Replicated, Tallied
from satcore_journey.asking import top_from
from satcore_journey.drawn import means, redrawn, spread, told
from satcore_journey.options import AT

NOBODY: Final = "nobody used this channel"


def channel_estimates(
    name: str,
    channels: Sequence[str],
    tallies: Mapping[str, Tallied],
    drawn: Replicated | None,
    *,
    long: bool,
    notes: Sequence[str],
) -> Iterator[Estimate | Paired]:
    """Satisfaction by channel, and channels held against each other.

    Respondents who used both channels are the same people: differences and their errors come from
    replicates, which draw them together.

    Args:
        name: The touchpoint.
        channels: Its channels.
        tallies: Their ratings, by touchpoint and channel.
        drawn: Means of ratings and of top ratings in replicates; None without any.
        long: Whether a row is a contact, so that errors come from replicates too.
        notes: What to know of errors, by cell.
    """
    by_replicate = None if drawn is None else means(drawn)
    satisfied: list[Estimate] = []
    for place, channel in enumerate(channels):
        item = f"{name}{AT}{channel}"
        tally = tallies[item]
        empty = ["" if base else NOBODY for base in tally.base.tolist()]
        high = tally.values >= top_from(tally.item) - 1e-9
        for offset, estimate in enumerate(
            (
                tally.mean(term="satisfaction", item=item),
                tally.share(high, term="top2", item=item),
            )
        ):
            made = estimate
            if long:
                nothing = np.full((len(tally.base), 2), np.nan)
                made = redrawn(
                    estimate,
                    nothing if by_replicate is None else by_replicate[:, :, 2 * place + offset],
                )
            made = evolve(made, message=told(empty, notes))
            if not offset:
                satisfied.append(made)
            yield made
    if by_replicate is None:
        return
    for first, second in combinations(range(len(channels)), 2):
        one, other = satisfied[first], satisfied[second]
        difference: FloatArray = by_replicate[:, :, 2 * first] - by_replicate[:, :, 2 * second]
        yield Paired(
            term="satisfaction",
            item=one.item,
            against=other.item,
            value=one.value - other.value,
            std_error=spread(difference),
            method="replicates",
            base=np.minimum(one.base, other.base),
        )
