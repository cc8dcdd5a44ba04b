"""Which numbers of a metric the findings speak of."""

from __future__ import annotations

from collections.abc import Iterable

from satcore import Measured
from satcore_html.units import COUNTED, rate


def shown_term(measured: Measured, terms: Iterable[str]) -> str:
    """The term that stands first on the page: the primary one.

    Where the options leave that one out (a gap, say, where nobody was asked what they expect), the
    first of the record's headline that there is, or the first of all.

    Args:
        measured: The metric.
        terms: The terms of its estimates, in order.
    """
    there = list(terms)
    wanted = (measured.primary, *(measured.spec.headline if measured.spec else ()))
    return next((term for term in wanted if term in there), next(iter(there), measured.primary))


def told_term(measured: Measured, terms: Iterable[str], compared: Iterable[str]) -> str:
    """The term that findings tell: the one that stands first.

    Where that one is not compared (a category, say), the first of the record's headline that is.

    Args:
        measured: The metric.
        terms: The terms of its estimates, in order.
        compared: The terms of its comparisons.
    """
    known = set(compared)
    primary = shown_term(measured, terms)
    if primary in known or measured.spec is None:
        return primary
    return next((term for term in measured.spec.headline if term in known), primary)


def of_time(measured: Measured, unit: str) -> bool:
    """Whether a metric tells of change: it looks along the waves, or its numbers are rates."""
    along = any(leaf.along == "wave" for leaf in measured.stands_on)
    return along or unit in COUNTED or rate(unit) is not None
