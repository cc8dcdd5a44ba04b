"""Columns of answers: thresholds on latent normal values that questions share parts of.

A latent answer is the sum of factors (one of the metric, one of the dimension), a part of its
own, the question's location and what segment and wave add. Where it lies between thresholds says
which answer is given; so the probability of every answer is known (the model behind polychoric
correlations: Olsson 1979, Psychometrika 44, 443-460).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen

from satcore.blocks import Block
from satcore.codebook import Item
from satcore.derived import When
from satcore.errors import OptionError
from satcore.inference import FloatArray
from satcore.testing.simulation.chunks import Chunk
from satcore.testing.simulation.latent import Gaps, Latent
from satcore.testing.simulation.streams import BLOCK
from satcore.testing.simulation.wordings import Codes, Wordings

if TYPE_CHECKING:
    import polars as pl

#: Where the middle of the latent answers lies on a scale, and their standard deviation, both as
#: parts of the scale's length.
MIDDLE, DEVIATION = 0.65, 0.3

#: Beyond so many thresholds a search is quicker than comparing with each.
_MANY = 64

_NORMAL = NormalDist()


@frozen(kw_only=True, eq=False)
class Question:
    """Answers on a scale.

    Attributes:
        item: The item.
        latent: What respondents think.
        gaps: When it is missing.
        thresholds: Where latent answers turn from one answer into the next, without location.
        conditions: Conditions that hold wherever they are answered, because this is missing else.
        others: The questions on which those conditions rest.
    """

    item: Item
    latent: Latent
    gaps: Gaps
    thresholds: tuple[float, ...]
    conditions: tuple[When, ...] = ()
    others: tuple[Question, ...] = ()

    @cached_property
    def wordings(self) -> Wordings:
        """How answers are written."""
        return Wordings(item=self.item)

    @property
    def streams(self) -> tuple[str, ...]:
        """The names of the random numbers that decide an answer."""
        return (*(factor for factor, _ in self.latent.factors), self.latent.stream)

    def codes(self, chunk: Chunk) -> Codes:
        """The codes of the answers: (BLOCK,)."""
        codes = self._before_conditions(chunk)
        for condition in self.conditions:
            known = {one.item: one._before_conditions(chunk) for one in self.others}
            block = Block(rows=BLOCK, codes={**known, self.item: codes})
            parts = [block.numerators(part) for part in condition.parts]
            broken = condition.broken([n for n, _ in parts], [there for _, there in parts])
            codes = np.where(broken, self.item.missing_code, codes).astype(codes.dtype)
        return codes

    def _before_conditions(self, chunk: Chunk) -> Codes:
        values = self.latent.values(chunk)
        thresholds = np.array(self.thresholds, dtype=np.float32)
        if thresholds.size > _MANY:
            places = np.searchsorted(thresholds, values)
        else:
            places = np.zeros(BLOCK, dtype=np.uint8)
            for threshold in thresholds:
                places += (values > threshold).view(np.uint8)
        kind = np.uint8 if self.item.size <= 256 else np.uint16
        codes = np.array(self.wordings.values, dtype=kind)[places]
        codes[self.gaps.mask(chunk)] = self.item.missing_code
        return codes

    def series(self, chunk: Chunk) -> pl.Series:
        """The column."""
        return self.wordings.series(self.codes(chunk), chunk)

    def shares(self, shifts: FloatArray, weights: FloatArray) -> FloatArray:
        """The exact probability of each value, among those who answer: (levels,).

        Args:
            shifts: What combinations of segments and wave add to latent answers.
            weights: How likely each combination is.
        """
        shifted = (shifts + self.latent.location).tolist()
        below = np.array(
            [[_NORMAL.cdf(cut - shift) for cut in self.thresholds] for shift in shifted]
        ).reshape(len(shifted), len(self.thresholds))
        steps = np.diff(below, axis=1, prepend=0.0, append=1.0)
        shares = np.zeros(self.item.levels)
        shares[list(self.wordings.values)] = np.average(steps, axis=0, weights=weights)
        return shares


def thresholds_of(
    item: Item, values: Sequence[int], shares: Sequence[float] | None
) -> tuple[float, ...]:
    """Where latent answers turn from one answer into the next.

    Args:
        item: The item.
        values: The codes that can be written.
        shares: The probability of every value of the scale; None for those of ``MIDDLE`` and
            ``DEVIATION``.

    Raises:
        OptionError: Another number of probabilities than values, or one for a value that is
            declared missing.
    """
    if shares is None:
        length = max(len(values) - 1, 1)
        return tuple(
            (place + 0.5 - MIDDLE * length) / (DEVIATION * length)
            for place in range(len(values) - 1)
        )
    if len(shares) != item.levels:
        raise OptionError(
            "answers",
            f"{item.name!r} has {item.levels} values, {item.scale}, but {len(shares)} "
            "probabilities",
        )
    odd = [code + item.low for code in range(item.levels) if shares[code] and code not in values]
    if odd:
        raise OptionError("answers", f"{odd[0]} is declared missing in {item.name!r}")
    cumulated = np.cumsum([shares[code] for code in values])[:-1].tolist()
    return tuple(
        -math.inf if below <= 0 else math.inf if below >= 1 else _NORMAL.inv_cdf(below)
        for below in cumulated
    )
