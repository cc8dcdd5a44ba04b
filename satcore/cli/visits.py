"""The visits of the demo's people: what they met on their way, how they rated it, what followed."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import NormalDist
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from satcore.inference import FloatArray

Columns = dict[str, NDArray[Any]]

#: Touchpoints that everybody meets: the middle of their ratings, and how much each matters.
TOUCHPOINTS: Final = {"arrival": (4.0, 0.2), "waiting": (3.2, 0.5), "staff": (4.1, 0.6)}

#: The touchpoint that some use, the middle of its ratings and the share of those who do.
APP: Final = ("app", 3.6, 0.6)

#: How far ratings of 1 to 5 lie about their middle, and what they share.
SPREAD: Final = 0.9
SHARED: Final = 0.4

#: Overall satisfaction from 1 to 5: its middle, and the part of it that touchpoints make.
SATISFIED: Final = 3.7
EXPLAINED: Final = 0.6

#: Ease from 1 to 7.
EASE: Final = (5.0, 1.3)

#: Complaints for each visit, and visits of a respondent beyond the first.
COMPLAINTS: Final = 0.02
VISITS: Final = 4.0

#: Minutes that people waited, on average.
WAITED: Final = 12.0

#: Minutes within which they were promised to be served.
PROMISE: Final = 15

#: Months that customers stay, on average, and those for which they are followed at most.
STAY: Final = 40.0
FOLLOWED: Final = 48


def visits(rows: int, generator: np.random.Generator) -> Columns:
    """What some people met, rated and did, a row each.

    Args:
        rows: How many people.
        generator: Where chance comes from.
    """
    columns, felt = _rated(rows, generator)
    satisfied = _mixed(felt, EXPLAINED, generator)
    columns["satisfied"] = _answered(SATISFIED + SPREAD * satisfied, 5)
    middle, spread = EASE
    columns["ease"] = _answered(middle + spread * _mixed(felt, 0.3, generator), 7)
    columns |= _expected(satisfied, generator)
    for name, part, level in (("stay", 0.5, 3.6), ("again", 0.6, 3.9)):
        columns[name] = _answered(level + SPREAD * _mixed(satisfied, part, generator), 5)
    columns |= _channels(rows, generator)
    columns |= _operations(rows, satisfied, generator)
    return columns


def truths() -> Mapping[str, float]:
    """What is true of them, by metric: the primary term's value."""
    return {
        "csat": _share(SATISFIED, SPREAD, 3.5),
        "ces": _share(*EASE, 4.5),
        "complaint_rate": 1000 * COMPLAINTS,
        # Minutes are whole, begun ones counted: the first by which half are served.
        "response_time": float(np.ceil(WAITED * np.log(2.0))),
    }


def _share(middle: float, spread: float, above: float) -> float:
    """The share of normal answers above a bound."""
    return 1.0 - NormalDist(middle, spread).cdf(above)


def _rated(rows: int, generator: np.random.Generator) -> tuple[Columns, FloatArray]:
    """Ratings of the touchpoints, and what they come to for each person: standard normal."""
    common = generator.standard_normal(rows)
    columns: Columns = {}
    felt = np.zeros(rows)
    for name, (middle, weight) in TOUCHPOINTS.items():
        own = generator.standard_normal(rows)
        z = np.sqrt(SHARED) * common + np.sqrt(1 - SHARED) * own
        columns[name] = _answered(middle + SPREAD * z, 5)
        felt += weight * z
    weights = np.array([weight for _, weight in TOUCHPOINTS.values()])
    felt /= np.sqrt((1 - SHARED) * np.sum(weights**2) + SHARED * np.sum(weights) ** 2)
    name, middle, share = APP
    rating = _answered(middle + SPREAD * _mixed(common, SHARED, generator), 5)
    used = generator.random(rows) < share
    # Whoever did not use it says nothing of it: that is no answer, and no zero.
    columns[name] = np.array(
        [str(one) if there else "" for one, there in zip(rating, used, strict=True)]
    )
    return columns, felt


def _mixed(z: FloatArray, part: float, generator: np.random.Generator) -> FloatArray:
    """A standard normal variable of which another makes a part."""
    mixed = np.sqrt(part) * z + np.sqrt(1 - part) * generator.standard_normal(z.size)
    return np.asarray(mixed, dtype=np.float64)


def _answered(middle: FloatArray, high: int) -> NDArray[np.int64]:
    """Answers from 1 upwards: what is felt, rounded and cut to the scale."""
    return np.clip(np.rint(middle), 1, high).astype(np.int64)


def _expected(satisfied: FloatArray, generator: np.random.Generator) -> Columns:
    """What was expected and met, and what follows: falling short costs more than excelling wins."""
    expected = generator.standard_normal(satisfied.size)
    met = _mixed(satisfied, 0.4, generator)
    gap = met - 0.4 * expected
    overall = 0.3 * expected + 0.7 * met - 0.15 * gap**2
    noise = 0.6 * generator.standard_normal(satisfied.size)
    return {
        "expected": _answered(5.1 + 1.1 * expected, 7),
        "met": _answered(4.8 + 1.1 * met, 7),
        "overall": _answered(4.9 + 1.1 * (overall + noise), 7),
        "disconfirmed": _answered(4.0 + gap + noise, 7),
    }


def _channels(rows: int, generator: np.random.Generator) -> Columns:
    """Where people come from, several answers allowed."""
    shares = {"branch": 0.7, "phone": 0.3, "online": 0.5}
    return {
        f"by_{name}": (generator.random(rows) < share).astype(np.int64)
        for name, share in shares.items()
    }


def _operations(rows: int, satisfied: FloatArray, generator: np.random.Generator) -> Columns:
    """What was counted and timed, not asked."""
    visited = 1 + generator.poisson(VISITS, rows)
    complaints = generator.poisson(COMPLAINTS * visited)
    stays = generator.exponential(STAY, rows)
    followed = generator.integers(1, FOLLOWED + 1, rows)
    columns: Columns = {
        "visits": visited,
        "complaints": complaints,
        "minutes": np.ceil(generator.exponential(WAITED, rows)).astype(np.int64),
        "left": (stays <= followed).astype(np.int64),
        "tenure": np.ceil(np.minimum(stays, followed)).astype(np.int64),
    }
    for step, share in (("greeted", 0.92), ("identified", 0.97), ("explained", 0.81)):
        done = (generator.random(rows) < share).astype(np.int64)
        columns[step] = done
    complained = complaints > 0
    resolved = generator.random(rows) < 0.8
    hours = np.ceil(generator.exponential(20.0, rows)).astype(np.int64)
    pleased = _answered(3.0 + SPREAD * _mixed(satisfied, 0.2, generator), 5)
    for name, values in (("resolved", resolved.astype(np.int64)), ("hours", hours),
                         ("pleased", pleased)):  # fmt: skip
        columns[name] = np.array(
            [str(one) if there else "" for one, there in zip(values, complained, strict=True)]
        )
    return columns
