"""The people of the demo's simulated survey: what they answer, and what is true of them."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import NormalDist
from typing import Any, Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from satcore.cli.visits import truths, visits
from satcore.inference import FloatArray
from satcore.results import CellLabels

#: Regions, their share of the respondents, and how they lean: the tilt of their answers.
REGIONS: Final = {
    "East": (0.35, 0.30),
    "North": (0.25, 0.12),
    "South": (0.25, 0.20),
    "West": (0.15, -0.02),
}
MONTHS: Final = tuple(f"2026-{month:02}" for month in range(1, 13))

#: What the tilt gains over the year, and what an answer is missing at random.
DRIFT: Final = 0.12
MISSING: Final = 0.03
NOT_ANSWERED: Final = 99

#: Features, and how many people find each attractive, one-dimensional, must-be or indifferent.
FEATURES: Final = {
    "booking": (0.45, 0.20, 0.10, 0.25),
    "queue": (0.15, 0.50, 0.20, 0.15),
    "safety": (0.05, 0.20, 0.65, 0.10),
}

#: Pairs of answers - functional, dysfunctional - that stand for A, O, M and I.
_PAIRS: Final = (
    ((1, 2), (1, 3), (1, 4)),
    ((1, 5),),
    ((2, 5), (3, 5), (4, 5)),
    ((2, 2), (2, 3), (3, 2), (3, 3), (3, 4), (4, 3), (4, 4)),
)

#: Dimensions of service: their items, the middle of expectations and that of perceptions.
DIMENSIONS: Final = {
    "tangibles": (range(1, 5), 5.6, 5.8),
    "reliability": (range(5, 10), 6.6, 5.2),
    "responsiveness": (range(10, 14), 6.2, 5.0),
    "assurance": (range(14, 18), 6.3, 6.0),
    "empathy": (range(18, 23), 5.9, 5.1),
}

#: How far answers lie about the middle, and how much of that respondents bring with them.
SPREAD: Final = 1.1
SHARED: Final = 0.5


@frozen
class Population:
    """The people of whom the simulated survey asks some.

    Attributes:
        answers: Probability of each recommendation by region and month: (regions, months, 11).
        regions: Probability of each region.
    """

    answers: FloatArray
    regions: FloatArray

    @classmethod
    def of_demo(cls) -> Population:
        """Answers lean upwards by region, and a little more every month."""
        values = np.arange(11)
        tilt = np.array([tilt for _, tilt in REGIONS.values()])[:, None]
        gain = DRIFT * np.linspace(-0.5, 0.5, len(MONTHS))[None, :]
        raw = np.exp((tilt + gain)[:, :, None] * values)
        return cls(
            answers=raw / raw.sum(axis=2, keepdims=True),
            regions=np.array([share for share, _ in REGIONS.values()]),
        )

    def truth(self, metric: str, item: str, cell: CellLabels) -> float | None:
        """What is true of a metric's number; None where the demo does not know it.

        Args:
            metric: ``nps``, ``trend`` (its slope), ``kano`` (Better), ``servqual`` (the gap), or
                one of the visits (``truths``).
            item: The feature or dimension.
            cell: The cell. Regions and months differ in recommendations alone.
        """
        if metric == "nps":
            return self.nps(cell)
        if metric == "trend":
            return self.slope(cell)
        if metric == "kano" and item in FEATURES:
            attractive, one_dimensional, _, _ = FEATURES[item]
            return attractive + one_dimensional
        if metric == "servqual" and item in DIMENSIONS:
            _, expected, perceived = DIMENSIONS[item]
            return _mean(perceived) - _mean(expected)
        return truths().get(metric)

    def nps(self, cell: CellLabels) -> float:
        """The true Net Promoter Score of a cell; months are equally likely."""
        net = self.answers[:, :, 9:].sum(axis=2) - self.answers[:, :, :7].sum(axis=2)
        weight = np.outer(self.regions, np.full(len(MONTHS), 1 / len(MONTHS)))
        if "region" in cell:
            keep = np.array([name == cell["region"] for name in REGIONS])
            weight = weight * keep[:, None]
        if "wave" in cell:
            weight = weight * np.array([month == cell["wave"] for month in MONTHS])
        return float(100 * np.sum(weight * net) / np.sum(weight))

    def slope(self, cell: CellLabels) -> float:
        """What the Net Promoter Score of a cell gains a year: the line through its months."""
        months = [self.nps({**cell, "wave": month}) for month in MONTHS]
        times = np.arange(len(MONTHS)) / 12.0
        centred = times - times.mean()
        return float(centred @ np.array(months) / (centred @ centred))

    def survey(self, rows: int, seed: int) -> Mapping[str, NDArray[Any]]:
        """Answers of some of them, drawn at random."""
        generator = np.random.Generator(np.random.PCG64(seed))
        region = generator.choice(len(REGIONS), rows, p=self.regions)
        month = generator.integers(0, len(MONTHS), rows)
        below = np.cumsum(self.answers, axis=2)[region, month]
        answer = (generator.random(rows)[:, None] > below[:, :-1]).sum(axis=1)
        columns: dict[str, NDArray[Any]] = {
            "recommend": _with_gaps(answer, generator),
            "region": np.array(list(REGIONS))[region],
            "month": np.array(MONTHS)[month],
        }
        columns |= _kano(rows, generator)
        columns |= _servqual(rows, generator)
        return columns | visits(rows, generator)


def _with_gaps(answers: NDArray[Any], generator: np.random.Generator) -> NDArray[Any]:
    return np.where(generator.random(answers.size) < MISSING, NOT_ANSWERED, answers)


def _kano(rows: int, generator: np.random.Generator) -> dict[str, NDArray[Any]]:
    """Pairs of answers: a category is drawn, then one of its pairs."""
    columns = {}
    for feature, shares in FEATURES.items():
        category = generator.choice(len(_PAIRS), rows, p=shares)
        drawn = generator.random(rows)
        pairs = np.array(
            [
                _PAIRS[which][int(part * len(_PAIRS[which]))]
                for which, part in zip(category.tolist(), drawn.tolist(), strict=True)
            ]
        ).reshape(rows, 2)
        columns[f"{feature}_with"] = _with_gaps(pairs[:, 0], generator)
        columns[f"{feature}_without"] = _with_gaps(pairs[:, 1], generator)
    return columns


def _servqual(rows: int, generator: np.random.Generator) -> dict[str, NDArray[Any]]:
    """Rounded normal answers; part of their spread is the respondent's own."""
    columns = {}
    for items, expected, perceived in DIMENSIONS.values():
        own = generator.standard_normal(rows)
        for item in items:
            for side, middle in (("E", expected), ("P", perceived)):
                noise = generator.standard_normal(rows)
                z = np.sqrt(SHARED) * own + np.sqrt(1 - SHARED) * noise
                answers = np.clip(np.rint(middle + SPREAD * z), 1, 7).astype(np.int64)
                columns[f"{side}{item}"] = _with_gaps(answers, generator)
    return columns


def _mean(middle: float) -> float:
    """The mean of a normal answer that is rounded and cut to 1 to 7."""
    normal = NormalDist(middle, SPREAD)
    return 1.0 + sum(1.0 - normal.cdf(value + 0.5) for value in range(1, 7))
