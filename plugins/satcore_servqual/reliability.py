"""Reliability of dimensions: alpha and its kin, and that of the difference score."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final

import numpy as np
from attrs import evolve

from satcore import (
    CeilingInterval,
    Derived,
    Difference,
    Estimate,
    FeldtInterval,
    FloatArray,
    IntArray,
    Interval,
    Item,
    MomentSums,
    Product,
    Sum,
    alpha,
    difference_reliability,
    item_rest,
    omega,
    standardised_alpha,
    without,
)

#: Below this a difference score measures little but noise.
COLLAPSED: Final = 0.5

#: What is told of it.
NOISE: Final = "the difference score may be little but noise; read perceptions on their own"


def _log_t(value: FloatArray, error: FloatArray, df: FloatArray) -> Interval:
    return CeilingInterval(value=value, std_error=error, df=df)


def reliabilities(
    name: str, of: Sequence[int], own: MomentSums, interval: str
) -> Iterator[Estimate]:
    """Alpha, standardised alpha, omega, item-rest correlations and alpha without an item.

    Args:
        name: The dimension.
        of: Its items' numbers.
        own: The moments of its perceptions, of order 4.
        interval: ``log_t`` or ``feldt``, for alpha.
    """
    k, cov = len(of), own.cov()
    yield alpha_of(own, "alpha", name, interval)
    standard = own.smooth(
        lambda _, cov: standardised_alpha(cov),
        term="standardised_alpha", item=name, interval=_log_t,
    )  # fmt: skip
    yield _told(standard, cov)
    if k > 2:
        one = own.smooth(lambda _, cov: omega(cov), term="omega", item=name, interval=_log_t)
        yield _told(one, cov)
    else:
        yield undefined("omega", name, own.base, "two items do not identify a factor")
    for place, number in enumerate(of):
        rest = own.smooth(
            lambda _, cov, place=place: item_rest(cov, place),  # type: ignore[misc]
            term="item_rest",
            item=str(number),
        )
        yield _told(rest, cov)
        if k > 2:
            dropped = own.smooth(
                lambda _, cov, place=place: alpha(without(cov, place)),  # type: ignore[misc]
                term="alpha_if_dropped",
                item=str(number),
                interval=_log_t,
            )
            yield _told(dropped, without(cov, place))


def undefined(term: str, name: str, base: IntArray, why: str) -> Estimate:
    """A number that there can't be, with the reason."""
    nothing = np.full(base.shape, np.nan)
    return Estimate(
        term=term, item=name, value=nothing, std_error=nothing, base=base, unit="coefficient",
        message=(why,) * base.size,
    )  # fmt: skip


def alpha_of(sums: MomentSums, term: str, name: str, interval: str) -> Estimate:
    """Alpha of some items, over the respondents who answered all of them.

    Args:
        sums: Their moments, of order 4.
        term: The estimate's name.
        name: The dimension.
        interval: ``log_t`` or ``feldt``.
    """
    found = sums.smooth(lambda _, cov: alpha(cov), term=term, item=name, interval=_log_t)
    return _told(_bounded(found, len(sums.statistic.of), interval), sums.cov())


def _bounded(found: Estimate, items: int, interval: str) -> Estimate:
    """With the interval that is asked for."""
    if interval == "log_t":
        return found
    return evolve(found, interval=FeldtInterval(value=found.value, base=found.base, items=items))


def _told(estimate: Estimate, cov: FloatArray) -> Estimate:
    """With a word where it is undefined, or stands on feet of clay.

    Args:
        estimate: A coefficient.
        cov: Covariances of the items that it is of.
    """
    items = cov.shape[1]
    flat = np.sum(np.einsum("cii->ci", cov) <= 0, axis=1)
    return evolve(
        estimate,
        message=tuple(
            _reason(base, items, constant, math.isfinite(value))
            for base, constant, value in zip(
                estimate.base.tolist(), flat.tolist(), estimate.value.tolist(), strict=True
            )
        ),
    )


def _reason(base: int, items: int, constant: int, known: bool) -> str:
    if base == 0:
        return ""
    if base == 1:
        return "one respondent has no variance"
    said = []
    if constant == items:
        said.append("no item has any variance")
    elif constant:
        said.append(f"{constant} of {items} items without variance")
    if base <= items:
        said.append(f"no more respondents ({base}) than items ({items})")
    if not known and not said:
        said.append("the items do not covary as one scale does")
    return "; ".join(said)


def _warned(estimate: Estimate) -> Estimate:
    """With a word where the difference score has collapsed."""
    before = estimate.message or ("",) * estimate.value.size
    said = tuple(
        "; ".join(part for part in (text, NOISE if value < COLLAPSED else "") if part)
        for text, value in zip(before, estimate.value.tolist(), strict=True)
    )
    return evolve(estimate, message=said)


def difference_items(
    expected: Sequence[Item | Derived], perceived: Sequence[Item | Derived]
) -> tuple[Item | Derived, ...]:
    """What has to be counted for the reliability of a difference score, and for its error.

    The items; the square of the difference of both sums; how far each respondent's answers of a
    side lie apart. The reliability is a function of their means, so that their covariances give
    its error: far fewer sums than the products of every two items, and of a dimension of any
    length.

    Args:
        expected: A dimension's expectations.
        perceived: Its perceptions, in the same order.
    """
    difference = Difference(Sum(perceived), Sum(expected))
    apart = Sum((_scatter(expected), _scatter(perceived)))
    return (*expected, *perceived, Product(difference, difference), apart)


def _scatter(items: Sequence[Item | Derived]) -> Derived:
    """How far one respondent's answers lie apart: k Σx² - (Σx)², that is Σ(x_i - x_j)² by pairs."""
    apart = (Difference(one, other) for one, other in combinations(items, 2))
    return Sum(tuple(Product(one, one) for one in apart))


def difference_of(name: str, both: MomentSums) -> Estimate:
    """The reliability of the difference score (Johns 1981), with the delta method's error.

    Args:
        name: The dimension.
        both: Moments of its ``difference_items``.
    """
    mean = both.means()
    k = (mean.shape[1] - 2) // 2
    e, p = slice(0, k), slice(k, 2 * k)
    cov = both.cov()[:, : 2 * k, : 2 * k]
    value = difference_reliability(cov[:, p, p], cov[:, e, e], cov[:, p, e].sum(axis=(1, 2)))
    error = both.linear_error(_influence(mean, k, value))
    df = (both.base - 1).astype(np.float64)
    made = Estimate(
        term="difference_reliability",
        item=name,
        value=value,
        std_error=np.where(np.isfinite(value), error, np.nan),
        base=both.base,
        weighted_base=both.weighted_base,
        effective_base=both.effective_base,
        interval=_log_t(value, error, df),
        unit="coefficient",
    )
    return _warned(_told(made, cov))


def _influence(mean: FloatArray, k: int, value: FloatArray) -> FloatArray:
    """Derivatives of the difference's reliability by the means of its items: (cells, items).

    With U the mean of k Σ(x - m)² - (Σ(x - m))² over both sides and S the variance of the
    difference of the sums, the reliability is 1 - U / ((k-1) S).
    """
    e, p = mean[:, :k], mean[:, k : 2 * k]
    apart = p.sum(axis=1) - e.sum(axis=1)
    spread = mean[:, 2 * k] - apart**2
    with np.errstate(divide="ignore", invalid="ignore"):
        by_scatter = (-1 / ((k - 1) * spread))[:, None]
        by_square = ((1 - value) / spread)[:, None]
    away = 2 * apart[:, None] * by_square

    def within(side: FloatArray) -> FloatArray:
        """U lacks k Σm² - (Σm)² of each side."""
        return np.asarray(-2 * (k * side - side.sum(axis=1)[:, None]) * by_scatter)

    return np.concatenate([within(e) + away, within(p) - away, by_square, by_scatter], axis=1)
