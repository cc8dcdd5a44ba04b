"""Run rules: patterns of points that chance alone rarely draws.

A point signals where it completes a pattern. Waves without a number don't break the order: the
points before and after them are neighbours, and the signal says that it passes over them.

Sources: Western Electric (1956), Statistical Quality Control Handbook; Nelson (1984), Journal of
Quality Technology 16(4), "The Shewhart control chart - tests for special causes".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from satcore import FloatArray, listed, near

BoolArray: TypeAlias = NDArray[np.bool_]

#: A point this near to a line, in sigmas, lies on it: rounding must not decide a signal.
ON_THE_LINE: Final = 1e-9

#: The rule of charts whose points are not independent: EWMA and CUSUM.
BEYOND_LIMITS: Final = "beyond_limits"


@frozen(kw_only=True, eq=False)
class Broken:
    """Where one rule is broken.

    Attributes:
        points: Points that complete the pattern: (cells, waves).
        over_gap: Those whose pattern passes over waves without a number: (cells, waves).
    """

    points: BoolArray
    over_gap: BoolArray


@frozen(kw_only=True)
class Rule:
    """A run rule.

    Attributes:
        length: How many points the pattern looks back on, the last included.
        find: From distances from the centre in sigmas, and the values, both in order without
            gaps, which points complete the pattern.
    """

    length: int
    find: Callable[[FloatArray, FloatArray], BoolArray]


def _at_least(least: int, flags: BoolArray, length: int) -> BoolArray:
    """Whether so many of the last ``length`` flags are up, at each point; first ones have fewer."""
    total = np.cumsum(flags, axis=1, dtype=np.int64)
    before = np.zeros_like(total)
    before[:, length:] = total[:, :-length]
    return np.asarray(total - before >= least, dtype=np.bool_)


def _beyond(z: FloatArray, side: int, sigmas: float) -> BoolArray:
    found: BoolArray = side * z > sigmas + ON_THE_LINE
    return found


def _outside(z: FloatArray, sigmas: float) -> BoolArray:
    return _beyond(z, 1, sigmas) | _beyond(z, -1, sigmas)


def _some_beyond(least: int, length: int, sigmas: float) -> Rule:
    """``least`` of ``length`` points beyond so many sigmas on one side, this one among them."""

    def find(z: FloatArray, _: FloatArray) -> BoolArray:
        high, low = _beyond(z, 1, sigmas), _beyond(z, -1, sigmas)
        return (high & _at_least(least, high, length)) | (low & _at_least(least, low, length))

    return Rule(length=length, find=find)


def _steps(value: FloatArray, side: int) -> BoolArray:
    """Points that lie above (1) or below (-1) the one before."""
    found = np.zeros(value.shape, dtype=np.bool_)
    found[:, 1:] = side * np.diff(value, axis=1) > 0
    return found


def _six_steady(_: FloatArray, value: FloatArray) -> BoolArray:
    rising, falling = _steps(value, 1), _steps(value, -1)
    return _at_least(5, rising, 5) | _at_least(5, falling, 5)


def _fourteen_alternating(_: FloatArray, value: FloatArray) -> BoolArray:
    rising, falling = _steps(value, 1), _steps(value, -1)
    turns = np.zeros(value.shape, dtype=np.bool_)
    turns[:, 1:] = (rising[:, 1:] & falling[:, :-1]) | (falling[:, 1:] & rising[:, :-1])
    return _at_least(12, turns, 12)


def _fifteen_within(z: FloatArray, _: FloatArray) -> BoolArray:
    return _at_least(15, np.isfinite(z) & ~_outside(z, 1.0), 15)


def _eight_outside(z: FloatArray, _: FloatArray) -> BoolArray:
    return _at_least(8, _outside(z, 1.0), 8)


#: Every rule of Shewhart charts, by name.
RULES: Final[Mapping[str, Rule]] = {
    "beyond_3_sigma": _some_beyond(1, 1, 3.0),
    "2_of_3_beyond_2_sigma": _some_beyond(2, 3, 2.0),
    "4_of_5_beyond_1_sigma": _some_beyond(4, 5, 1.0),
    "8_on_one_side": _some_beyond(8, 8, 0.0),
    "9_on_one_side": _some_beyond(9, 9, 0.0),
    "6_rising_or_falling": Rule(length=6, find=_six_steady),
    "14_alternating": Rule(length=14, find=_fourteen_alternating),
    "15_within_1_sigma": Rule(length=15, find=_fifteen_within),
    "8_outside_1_sigma": Rule(length=8, find=_eight_outside),
}

#: Rules that are named together.
SETS: Final[Mapping[str, tuple[str, ...]]] = {
    "western_electric": (
        "beyond_3_sigma",
        "2_of_3_beyond_2_sigma",
        "4_of_5_beyond_1_sigma",
        "8_on_one_side",
    ),
    "nelson": (
        "beyond_3_sigma",
        "9_on_one_side",
        "6_rising_or_falling",
        "14_alternating",
        "2_of_3_beyond_2_sigma",
        "4_of_5_beyond_1_sigma",
        "15_within_1_sigma",
        "8_outside_1_sigma",
    ),
}


def rules_named(names: Sequence[str]) -> tuple[str, ...]:
    """Rules by name, sets of rules spelt out; each once.

    Raises:
        ValueError: A name is neither a rule nor a set of rules.
    """
    found: dict[str, None] = {}
    for name in names:
        if name not in RULES and name not in SETS:
            known = [*SETS, *RULES]
            raise ValueError(f"{name!r} is none of {listed(known)}{near(name, known)}")
        found |= dict.fromkeys(SETS.get(name, (name,)))
    return tuple(found)


def broken_rules(
    z: FloatArray, value: FloatArray, judged: BoolArray, names: Sequence[str]
) -> dict[str, Broken]:
    """Where each of some rules is broken.

    Args:
        z: Distances from the centre, in sigmas: (cells, waves).
        value: The values; rising and alternating points are told by them.
        judged: Points that have a number and limits.
        names: Rules, as in ``RULES``.
    """
    # The judged points of a cell move to the front, in order; those behind are never flagged.
    order = np.argsort(~judged, axis=1, kind="stable")
    there = np.take_along_axis(judged, order, axis=1)
    packed_z = np.where(there, np.take_along_axis(z, order, axis=1), np.nan)
    packed_value = np.where(there, np.take_along_axis(value, order, axis=1), np.nan)
    found = {}
    for name in names:
        rule = RULES[name]
        with np.errstate(invalid="ignore"):
            points = rule.find(packed_z, packed_value) & there
        over_gap = points & _over_gap(order, rule.length)
        found[name] = Broken(points=_unpacked(points, order), over_gap=_unpacked(over_gap, order))
    return found


def _over_gap(order: NDArray[np.intp], length: int) -> BoolArray:
    """Whether the points that a pattern looks back on have others between them."""
    last = np.arange(order.shape[1])
    first = np.maximum(last - length + 1, 0)
    gap: BoolArray = order - order[:, first] > last - first
    return gap


def _unpacked(flags: BoolArray, order: NDArray[Any]) -> BoolArray:
    placed = np.zeros_like(flags)
    np.put_along_axis(placed, order, flags, axis=1)
    return placed
