"""The figures asked of numpy done plainly, of pandas and of pingouin.

Plainly means as one would write it at a prompt: whole columns, no blocks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.speed import figures
from benchmarks.speed.figures import Figures
from benchmarks.speed.survey import CELLS, FEATURES, MONTHS, REGIONS, SCALES, Columns

RESAMPLES = 2_000


# --- numpy ----------------------------------------------------------------------------------------


def histogram(columns: Columns) -> Any:
    """The table of 11 answers."""
    return np.bincount(columns["nps"], minlength=11)


def _places(columns: Columns) -> Any:
    cell = columns["region"] * np.uint16(MONTHS) + columns["month"]
    return cell * np.uint16(11) + columns["nps"]


def nps_cells(columns: Columns) -> Any:
    """Tables of 11 answers by region and month."""
    return np.bincount(_places(columns), minlength=CELLS * 11).reshape(CELLS, 11)


def weighted(columns: Columns) -> tuple[Any, Any, Any]:
    """The same with sums of weights and of their squares."""
    places, weights = _places(columns), columns["w"]
    tables = (
        np.bincount(places, minlength=CELLS * 11),
        np.bincount(places, weights, minlength=CELLS * 11),
        np.bincount(places, weights * weights, minlength=CELLS * 11),
    )
    n, total, squares = (table.reshape(CELLS, 11) for table in tables)
    return n, total, squares


def kano(columns: Columns) -> Any:
    """The table of each pair."""
    pairs = (columns[f"{one}_f"] * np.uint8(5) + columns[f"{one}_d"] for one in FEATURES)
    return np.stack([np.bincount(pair, minlength=31)[6:] for pair in pairs])


def kano_by_region(columns: Columns) -> Any:
    """The same by region."""
    region = columns["region"] * np.uint16(32)
    pairs = (columns[f"{one}_f"] * np.uint8(5) + columns[f"{one}_d"] for one in FEATURES)
    tables = [np.bincount(region + pair, minlength=REGIONS * 32) for pair in pairs]
    return np.stack([table.reshape(REGIONS, 32)[:, 6:31] for table in tables], axis=1)


def alphas(columns: Mapping[str, Any]) -> Any:
    """Cronbach's alpha from ``numpy.cov`` of the rows that are complete in a scale.

    Args:
        columns: Float columns, NaN where an answer is missing.
    """
    found = []
    for scale in SCALES.values():
        table = np.stack([columns[column] for column in scale])
        covariance = np.cov(table[:, ~np.isnan(table).any(axis=0)])
        k = len(scale)
        found.append(k / (k - 1) * (1 - np.trace(covariance) / covariance.sum()))
    return found


def resampled(answers: Any) -> tuple[float, float]:
    """NPS with half the width of its interval, by drawing rows with replacement again and again."""
    generator = np.random.default_rng(0)
    n = len(answers)
    drawn = np.empty(RESAMPLES)
    for number in range(RESAMPLES):
        sample = answers[generator.integers(0, n, n)]
        drawn[number] = (np.count_nonzero(sample >= 9) - np.count_nonzero(sample <= 6)) / n
    score = (np.count_nonzero(answers >= 9) - np.count_nonzero(answers <= 6)) / n
    low, high = np.quantile(drawn, (0.025, 0.975))
    return 100 * score, 50 * float(high - low)


def resampled_figures(found: tuple[float, float]) -> Figures:
    """The score, and its interval within the noise of the resamples."""
    return {"nps": np.array(found[0]), "half width": np.array(found[1])}


def alpha_figures(found: Any) -> Figures:
    """Cronbach's alpha."""
    return {"alpha": np.array(found, dtype=np.float64)}


def weighted_figures(tables: tuple[Any, Any, Any]) -> Figures:
    """The figures in what ``weighted`` found."""
    return figures.weighted_nps(*tables)


# --- pandas and pingouin --------------------------------------------------------------------------


def pandas_histogram(frame: pd.DataFrame) -> Any:
    """The table of 11 answers."""
    return frame["nps"].value_counts()


def pandas_histogram_figures(counts: Any) -> Figures:
    """Net promoters of the table of 11 answers."""
    return figures.histogram(counts.reindex(range(11), fill_value=0).to_numpy())


def pandas_cells(frame: pd.DataFrame) -> Any:
    """Tables of 11 answers by region and month."""
    return frame.groupby(["region", "month", "nps"]).size()


def pandas_cells_figures(counts: Any) -> Figures:
    """The figures in what ``pandas_cells`` found."""
    table = np.zeros((REGIONS, MONTHS, 11), dtype=np.int64)
    table[tuple(counts.index.get_level_values(level) for level in range(3))] = counts.to_numpy()
    return figures.histogram(table.reshape(CELLS, 11))


def pandas_kano(frame: pd.DataFrame) -> Any:
    """The table of each pair."""
    return [frame.groupby([f"{one}_f", f"{one}_d"]).size() for one in FEATURES]


def pandas_kano_figures(found: Any) -> Figures:
    """Categories and coefficients."""
    tables = np.zeros((len(FEATURES), 5, 5), dtype=np.int64)
    for place, counts in enumerate(found):
        answers = (counts.index.get_level_values(level).to_numpy() - 1 for level in range(2))
        tables[(place, *answers)] = counts.to_numpy()
    return figures.kano(tables.reshape(len(FEATURES), 25))


def pandas_alphas(frame: pd.DataFrame) -> Any:
    """Cronbach's alpha from pandas' covariances."""
    found = []
    for scale in SCALES.values():
        covariance = frame[list(scale)].dropna().cov().to_numpy()
        k = len(scale)
        found.append(k / (k - 1) * (1 - np.trace(covariance) / covariance.sum()))
    return found


def pingouin_alphas(frame: pd.DataFrame) -> Any:
    """Cronbach's alpha as pingouin tells it."""
    import pingouin

    return [
        pingouin.cronbach_alpha(frame[list(scale)], nan_policy="listwise")[0]
        for scale in SCALES.values()
    ]
