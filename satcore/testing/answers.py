"""Answers to hold a metric against: those given, or some made from the items that it asks for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from satcore.codebook import Instant, Item, Measure

if TYPE_CHECKING:
    import polars as pl

#: Rows of made answers, and at most those of given ones that laws are held on.
ROWS = 2000

#: Of how many answers one is missing.
MISSING_SHARE = 0.04

SEGMENTS = ("A", "B", "C")
WAVES = tuple(f"2025-{month:02}" for month in range(1, 13))

_SEED = 20_250_101

#: The hour from which made times are counted: 2025-01-01 00:00 UTC.
_FIRST = 1_735_689_600

#: What the columns are called that are no answers.
ROLES = ("segment", "wave", "weight", "respondent")


def made_answers(sources: Iterable[Item | Measure], rows: int = ROWS) -> pl.DataFrame:
    """Answers over the items' scales: related to each other, some missing; always the same.

    Args:
        sources: The columns.
        rows: How many rows.
    """
    import polars as pl

    rng = np.random.default_rng(_SEED)
    mood = rng.standard_normal(rows)
    columns = []
    for source in sources:
        values = _values(source, mood, rng)
        missing = pl.Series(rng.random(rows) < MISSING_SHARE)
        if isinstance(source, Instant):
            columns.append(_times(source.name, values).set(missing, None))
            continue
        # Narrow: a population of a million answers to fifty items has to fit.
        answers = pl.Series(source.name, values).cast(pl.Int32)
        columns.append(answers.set(missing, None))
    if not columns:
        return pl.DataFrame({"respondent": range(rows)})
    return pl.DataFrame(columns)


def _times(name: str, hours: Any) -> pl.Series:
    """Times, so many hours after the first of them, as texts in UTC."""
    import polars as pl

    micro = pl.Series(name, hours.astype(np.int64) * 3_600_000_000 + _FIRST * 1_000_000)
    return micro.cast(pl.Datetime("us")).dt.strftime("%Y-%m-%dT%H:%MZ")


def _values(source: Item | Measure, mood: Any, rng: np.random.Generator) -> Any:
    rows = mood.size
    if isinstance(source, Measure):
        # Whole and above 0: they serve as amounts, as numbers of events and as exposures. Over
        # three decades, so that whatever a metric takes for long or much has both sides.
        return np.ceil(np.exp(rng.uniform(0.0, np.log(1000.0), rows) * 0.8 + 0.4 * mood)).astype(
            int
        )
    middle, spread = (source.low + source.high) / 2, (source.high - source.low) / 3
    noise = rng.standard_normal(rows)
    related = np.round(middle + spread * (0.25 + 0.6 * mood + 0.8 * noise))
    anyhow = rng.integers(source.low, source.high + 1, rows)
    values = np.where(rng.random(rows) < 0.7, related, anyhow)
    return np.clip(values, source.low, source.high).astype(np.int64)


def role_names(items: Sequence[str]) -> dict[str, str]:
    """What the columns of segments, waves, weights and respondents are called."""
    names = {}
    for role in ROLES:
        name = role
        while name in items:
            name += "_"
        names[role] = name
    return names


def with_roles(frame: pl.DataFrame, names: dict[str, str]) -> pl.DataFrame:
    """The answers with segments, waves, weights and respondents, where they have none."""
    import polars as pl

    rng = np.random.default_rng(_SEED + 1)
    rows = frame.height
    roles = {
        "segment": rng.choice(SEGMENTS, rows, p=(0.5, 0.35, 0.15)),
        "wave": rng.choice(WAVES, rows),
        "weight": np.round(rng.uniform(0.3, 3.0, rows), 3),
        "respondent": np.arange(rows),
    }
    absent = {names[role]: values for role, values in roles.items()}
    kinds = {names["segment"]: pl.String, names["wave"]: pl.String}
    return frame.with_columns(
        pl.Series(name, values.tolist(), dtype=kinds.get(name))
        for name, values in absent.items()
        if name not in frame.columns
    )
