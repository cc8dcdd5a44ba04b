"""What a draft says, before it is written: each guess with its reason, as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import Factory, define, frozen


@frozen
class Said:
    """A sentence of ``words``, by its key, with what is filled in.

    Attributes:
        key: The sentence's key.
        values: What is filled in, as pairs of name and value.
        needs: Whether a person has to decide.
    """

    key: str
    values: tuple[tuple[str, Any], ...] = ()
    needs: bool = False


def said(key: str, **values: Any) -> Said:
    """A sentence that explains."""
    return Said(key, tuple(values.items()))


def needs(key: str, **values: Any) -> Said:
    """A sentence that asks a person to decide."""
    return Said(key, tuple(values.items()), needs=True)


@frozen(kw_only=True)
class MetricGuess:
    """A metric.

    Attributes:
        name: Its name in the study.
        kind: Its kind.
        options: Its options, in the order in which they are written.
        reasons: Why.
        items: The columns it measures.
    """

    name: str
    kind: str
    options: Mapping[str, Any]
    reasons: tuple[Said, ...]
    items: tuple[str, ...] = ()


@frozen(kw_only=True)
class ScaleGuess:
    """A scale of wordings.

    Attributes:
        low: Its least value.
        high: Its greatest value.
        codes: Wordings and their values.
        reason: How it was recognised.
    """

    low: int
    high: int
    codes: Mapping[str, int]
    reason: Said


@frozen(kw_only=True)
class KeepGuess:
    """Responses that are none to count.

    Attributes:
        column: The column that tells.
        drop: Its values that are dropped.
        reason: Why.
    """

    column: str
    drop: tuple[str, ...]
    reason: Said


@define(kw_only=True)
class Guesses:
    """All that is guessed of a survey.

    Attributes:
        missing: Texts that mean "not answered", in every item.
        item_missing: Those of one item alone.
        weight: The weight's column, and why.
        respondent: The column that tells respondents apart, and why.
        segments: Columns of subgroups, and why.
        more_segments: Columns that would do as well.
        wave: The wave as the study writes it, and why.
        keep: Which responses do not count.
        scales: Scales of wordings, by name.
        labels: What the questions say, by column.
        names: Names of segment values, by column.
        metrics: The metrics.
        suggested: Metrics that a person has to decide on; they are written as comments.
        doubts: What a person has to look at, by the part of the study it belongs to.
        left_out: Columns that are not used, by reason.
    """

    missing: list[str] = Factory(list)
    item_missing: dict[str, list[str]] = Factory(dict)
    weight: tuple[str, Said] | None = None
    respondent: tuple[str, Said] | None = None
    segments: dict[str, Said] = Factory(dict)
    more_segments: list[str] = Factory(list)
    wave: tuple[str | Mapping[str, str], Said] | None = None
    keep: list[KeepGuess] = Factory(list)
    scales: dict[str, ScaleGuess] = Factory(dict)
    labels: dict[str, str] = Factory(dict)
    names: dict[str, Mapping[str, str]] = Factory(dict)
    metrics: list[MetricGuess] = Factory(list)
    suggested: list[MetricGuess] = Factory(list)
    doubts: dict[str, list[Said]] = Factory(dict)
    left_out: dict[Said, list[str]] = Factory(dict)
