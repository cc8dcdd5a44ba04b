"""What a path model is told as: its numbers in their order, and all of them at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from attrs import frozen

from satcore import FloatArray
from satcore_loyalty.pls import Fitted, total_effects
from satcore_loyalty.quality import ave, htmt, rho_a, rho_c
from satcore_loyalty.structure import Structure


@frozen(kw_only=True, eq=False)
class Solution:
    """Fitted models, and the correlations and index that belong to them.

    Attributes:
        fitted: The models.
        corr: Correlations of the items: (matrices, items, items).
        effects: Total effects: (matrices, from, to).
        index: Of each construct, from 0 to 100: (matrices, constructs).
        shares: What each item counts in its construct's index: (matrices, items).
    """

    fitted: Fitted
    corr: FloatArray
    effects: FloatArray
    index: FloatArray
    shares: FloatArray


def solution(
    fitted: Fitted,
    corr: FloatArray,
    cov: FloatArray,
    mean: FloatArray,
    ends: tuple[FloatArray, FloatArray],
    model: Structure,
) -> Solution:
    """The index of each construct beside its model.

    With weights for the items as they were asked, w / s, the index is 100 Σw(x - min) / Σw(max -
    min): 0 where everybody gives the lowest answer that the questionnaire offers, 100 where
    everybody gives the highest (Fornell et al. 1996, appendix).

    Args:
        fitted: The models.
        corr: Correlations of the items: (matrices, items, items).
        cov: Their covariances, likewise.
        mean: Their means: (matrices, items).
        ends: Lowest and highest answers that the questionnaire offers: two of (items,).
        model: The path model.
    """
    member, (low, high) = model.membership.astype(np.float64), ends
    with np.errstate(divide="ignore", invalid="ignore"):
        raw = fitted.weights / np.sqrt(np.einsum("cii->ci", cov))
        span = (raw * (high - low)) @ member
        # Weights that sum to nothing or less make no scale.
        span = np.where(span > 0, span, np.nan)
        index = 100 * ((raw * (mean - low)) @ member) / span
        # What an item's own 0 to 100 counts.
        shares = raw * (high - low) / (span @ member.T)
    return Solution(
        fitted=fitted, corr=corr, effects=total_effects(fitted.paths), index=index, shares=shares
    )


@frozen(kw_only=True, eq=False)
class Number:
    """One of the numbers that a path model is told as.

    Attributes:
        term: Its name.
        item: The path, item, construct or pair of constructs.
        of: The number, by matrix.
        unit: Its unit.
        low: The least that it can be.
        high: The most that it can be.
        compared: Whether groups are held against each other.
        null: What it is tested against.
        construct: The construct of an index; -1 elsewhere.
        place: The item of a weight; -1 elsewhere.
        single: Whether it can't be known, as it is of a construct of one item.
    """

    term: str
    item: str
    of: Callable[[Solution], FloatArray]
    unit: str = "coefficient"
    low: float = -np.inf
    high: float = np.inf
    compared: bool = False
    null: float | None = None
    construct: int = -1
    place: int = -1
    single: bool = False


def numbers(model: Structure) -> Iterator[Number]:
    """The numbers of a path model in the order of its results."""
    constructs = model.constructs
    for place, name in enumerate(constructs):
        yield Number(
            term="index", item=name, of=partial(_index, place), unit="points", compared=True,
            construct=place,
        )  # fmt: skip
    for one, other in model.paths:
        yield Number(
            term="path", item=model.path_name(one, other), of=partial(_path, one, other),
            compared=True, null=0.0,
        )  # fmt: skip
    for one, other in model.effects:
        yield Number(
            term="total_effect", item=model.path_name(one, other), of=partial(_effect, one, other)
        )
    for place in model.explained:
        yield Number(
            term="r_squared", item=constructs[place], of=partial(_r_squared, place), low=0.0,
            high=1.0,
        )  # fmt: skip
    for place in range(len(model.columns)):
        name = model.item_name(place)
        yield Number(term="loading", item=name, of=partial(_loading, place), low=-1.0, high=1.0)
        yield Number(term="weight", item=name, of=partial(_weight, place), place=place)
    for place, name in enumerate(constructs):
        items = model.items_of(place)
        if len(items) == 1:
            for term in ("rho_c", "rho_a", "ave"):
                yield Number(term=term, item=name, of=_unknown, single=True)
        else:
            yield Number(term="rho_c", item=name, of=partial(_rho_c, items), low=0.0, high=1.0)
            yield Number(term="rho_a", item=name, of=partial(_rho_a, items), high=1.0)
            yield Number(term="ave", item=name, of=partial(_ave, items), low=0.0, high=1.0)
    for one in range(len(constructs)):
        for other in range(one + 1, len(constructs)):
            yield Number(
                term="htmt",
                item=f"{constructs[one]} / {constructs[other]}",
                of=partial(_htmt, model.items_of(one), model.items_of(other)),
                low=0.0,
            )


def _unknown(found: Solution) -> FloatArray:
    return np.full(found.index.shape[0], np.nan)


def _index(place: int, found: Solution) -> FloatArray:
    return found.index[:, place]


def _path(one: int, other: int, found: Solution) -> FloatArray:
    return found.fitted.paths[:, one, other]


def _effect(one: int, other: int, found: Solution) -> FloatArray:
    return found.effects[:, one, other]


def _r_squared(place: int, found: Solution) -> FloatArray:
    return found.fitted.r_squared[:, place]


def _loading(place: int, found: Solution) -> FloatArray:
    return found.fitted.loadings[:, place]


def _weight(place: int, found: Solution) -> FloatArray:
    return found.fitted.weights[:, place]


def _rho_c(items: tuple[int, ...], found: Solution) -> FloatArray:
    return rho_c(found.fitted.loadings[:, items])


def _ave(items: tuple[int, ...], found: Solution) -> FloatArray:
    return ave(found.fitted.loadings[:, items])


def _rho_a(items: tuple[int, ...], found: Solution) -> FloatArray:
    return rho_a(found.fitted.weights[:, items], found.corr[:, items][:, :, items])


def _htmt(one: tuple[int, ...], other: tuple[int, ...], found: Solution) -> FloatArray:
    # Correlations are known where the model is not; it is told where the model is.
    known = np.isfinite(found.fitted.weights[:, 0])
    return np.where(known, htmt(found.corr, one, other), np.nan)
