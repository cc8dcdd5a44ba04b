"""Reliability of dimensions: alpha and its kin, and that of the difference score."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from attrs import evolve

from satcore import (
    CeilingInterval,
    Estimate,
    FeldtInterval,
    FloatArray,
    IntArray,
    Interval,
    MomentSums,
    NormalInterval,
    Replicated,
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


def _difference(cov: FloatArray, k: int) -> FloatArray:
    """Johns' reliability of perception less expectation."""
    e, p = slice(0, k), slice(k, 2 * k)
    return difference_reliability(cov[:, p, p], cov[:, e, e], cov[:, p, e].sum(axis=(1, 2)))


def _warned(estimate: Estimate) -> Estimate:
    """With a word where the difference score has collapsed."""
    before = estimate.message or ("",) * estimate.value.size
    said = tuple(
        "; ".join(part for part in (text, NOISE if value < COLLAPSED else "") if part)
        for text, value in zip(before, estimate.value.tolist(), strict=True)
    )
    return evolve(estimate, message=said)


def difference_of(name: str, both: MomentSums, drawn: Replicated | None) -> Estimate:
    """The reliability of the difference score (Johns 1981).

    Args:
        name: The dimension.
        both: Moments of its expectations, then its perceptions; of order 4 where ``drawn`` is
            None.
        drawn: The same in replicates, which give a long dimension's error.
    """
    k = len(both.statistic.of) // 2
    if drawn is None:
        found = both.smooth(
            lambda _, cov: _difference(cov, k),
            term="difference_reliability",
            item=name,
            interval=_log_t,
        )
        return _warned(_told(found, both.cov()))
    value = _difference(both.cov(), k)
    error = _spread(drawn.of(lambda view: _difference(view.cov(), k)))
    made = Estimate(
        term="difference_reliability",
        item=name,
        value=value,
        std_error=error,
        base=both.base,
        weighted_base=both.weighted_base,
        effective_base=both.effective_base,
        interval=NormalInterval(centre=value, std_error=error, method="replicates", high=1.0),
        unit="coefficient",
    )
    return _warned(_told(made, both.cov()))


def _spread(replicates: FloatArray) -> FloatArray:
    """The standard deviation over those replicates that have a value: (cells,)."""
    known = np.isfinite(replicates)
    count = known.sum(axis=1)
    values = np.where(known, replicates, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = values.sum(axis=1) / count
        square = np.where(known, (replicates - mean[:, None]) ** 2, 0.0).sum(axis=1)
        return np.asarray(np.where(count > 1, np.sqrt(square / (count - 1)), np.nan))
