"""Reliability of dimensions: alpha and its kin, and that of the difference score."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
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
    name: str,
    of: Sequence[int],
    sums: Mapping[str, MomentSums],
    *,
    joint: bool,
    pairs: bool,
    interval: str,
) -> Iterator[Estimate]:
    """Alpha, standardised alpha, omega, item-rest correlations and alpha without an item.

    Args:
        name: The dimension.
        of: Its items' numbers.
        sums: The moments, by dimension.
        joint: Whether expectations and perceptions are in the same moments, in this order.
        pairs: Whether there are expectations.
        interval: ``log_t`` or ``feldt``.
    """
    k = len(of)
    own = sums[name]
    places = range(k, 2 * k) if joint and pairs else range(k)
    yield _alpha(own, places, "alpha", name, interval)
    if pairs:
        source = own if joint else sums[f"{name} expectation"]
        yield _alpha(source, range(k), "alpha_expectation", name, interval)
        if joint:
            gaps = own.smooth(
                lambda _, cov: alpha(_gaps(cov)), term="alpha_gap", item=name, interval=_log_t
            )
            yield _told(_bounded(gaps, k, interval), _gaps(own.cov()))
            difference = own.smooth(
                lambda _, cov: _difference(cov, k),
                term="difference_reliability",
                item=name,
                interval=_log_t,
            )
            yield _warned(_told(difference, own.cov()))
        else:
            yield _alpha(sums[f"{name} gap"], range(k), "alpha_gap", name, interval)
    cov = own.cov()[:, places][:, :, places]
    standard = own.smooth(
        lambda _, cov: standardised_alpha(cov),
        term="standardised_alpha", item=name, interval=_log_t, among=places,
    )  # fmt: skip
    yield _told(standard, cov)
    if k > 2:
        one = own.smooth(
            lambda _, cov: omega(cov), term="omega", item=name, interval=_log_t, among=places
        )
        yield _told(one, cov)
    else:
        yield undefined("omega", name, own.base, "two items do not identify a factor")
    for place, number in enumerate(of):
        rest = own.smooth(
            lambda _, cov, place=place: item_rest(cov, place),  # type: ignore[misc]
            term="item_rest",
            item=str(number),
            among=places,
        )
        yield _told(rest, cov)
        if k > 2:
            dropped = own.smooth(
                lambda _, cov, place=place: alpha(without(cov, place)),  # type: ignore[misc]
                term="alpha_if_dropped",
                item=str(number),
                interval=_log_t,
                among=places,
            )
            yield _told(dropped, without(cov, place))


def undefined(term: str, name: str, base: IntArray, why: str) -> Estimate:
    """A number that there can't be, with the reason."""
    nothing = np.full(base.shape, np.nan)
    return Estimate(
        term=term, item=name, value=nothing, std_error=nothing, base=base, unit="coefficient",
        message=(why,) * base.size,
    )  # fmt: skip


def _gaps(cov: FloatArray) -> FloatArray:
    """Covariances of the gaps from those of expectations and perceptions, in this order."""
    k = cov.shape[1] // 2
    e, p = slice(0, k), slice(k, 2 * k)
    return np.asarray(cov[:, p, p] + cov[:, e, e] - cov[:, p, e] - cov[:, e, p])


def _alpha(
    sums: MomentSums, places: Sequence[int], term: str, name: str, interval: str
) -> Estimate:
    found = sums.smooth(
        lambda _, cov: alpha(cov), term=term, item=name, interval=_log_t, among=places
    )
    return _told(_bounded(found, len(places), interval), sums.cov()[:, places][:, :, places])


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


def resampled_difference(name: str, drawn: Replicated) -> Estimate:
    """The reliability of the difference score of a long dimension, its error from replicates."""
    views: tuple[MomentSums, ...] = drawn.views
    k = len(views[0].statistic.of) // 2
    found = drawn.of(lambda view: _difference(view.cov(), k))
    value = np.nanmean(found, axis=1)
    error = np.nanstd(found, axis=1, ddof=1)
    base = np.round(np.mean([view.base for view in views], axis=0)).astype(np.int64)
    return _warned(
        Estimate(
            term="difference_reliability",
            item=name,
            value=value,
            std_error=error,
            base=base,
            interval=NormalInterval(centre=value, std_error=error, method="replicates", high=1.0),
            unit="coefficient",
        )
    )
