"""Numbers as people read them. No locale is asked: the same number is the same text everywhere.

A plain hyphen is the minus sign, so that a copied table is still numbers in a spreadsheet.
"""

from __future__ import annotations

import math
from typing import Final

from satcore_html.units import COUNTED, SHARES, factor

#: Shown for a number that is not there.
NOTHING: Final = "—"

#: Below this, and above its complement, a p-value is told as a bound.
LEAST_P: Final = 0.001


def _decimals(value: float, places: int) -> str:
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    text = f"{value:,.{places}f}"
    # A small negative number must not become "-0.0".
    return text.lstrip("-") if float(text.replace(",", "")) == 0 else text


def number(value: float | None, unit: str) -> str:
    """A value in its unit: points and percents with one decimal, anything else with two.

    A share that changes by time is told in percentage points: ``0.04`` of ``proportion a year`` is
    ``4.00``. What is counted has no decimals.
    """
    if value is None:
        return NOTHING
    if unit in SHARES:
        text = _decimals(100 * value, 1)
        return text if math.isinf(value) else f"{text}%"
    if unit == "points":
        return _decimals(value, 1)
    if unit in COUNTED:
        return _decimals(value, 0)
    value *= factor(unit)
    # A score of 0.004 would be told as 0.00, which it is not.
    return f"{value:.2g}" if 0 < abs(value) < 0.005 else _decimals(value, 2)


def difference(value: float | None, unit: str) -> str:
    """A difference with its sign; of proportions in percentage points."""
    if value is None:
        return NOTHING
    text = number(100 * value, "points") if unit in SHARES else number(value, unit)
    return f"+{text}" if value > 0 and text.strip("0.,") else text


def count(value: int | None) -> str:
    """A number of answers; a dash for one that is withheld."""
    return NOTHING if value is None else f"{value:,}"


def sample(value: float | None) -> str:
    """A number of answers that need not be whole."""
    if value is None:
        return NOTHING
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def level(confidence: float) -> str:
    """A confidence level: ``95%``."""
    return f"{100 * confidence:.6g}%"


def statistic(value: float | None) -> str:
    """A test's statistic."""
    return NOTHING if value is None else _decimals(value, 2)


def p_value(value: float | None) -> str:
    """A p-value: three decimals, a bound at both ends."""
    if value is None:
        return NOTHING
    if value < LEAST_P:
        return f"<{LEAST_P}"
    return f">{1 - LEAST_P}" if value > 1 - LEAST_P and value < 1 else f"{value:.3f}"


def share(part: int | None, whole: int | None) -> str:
    """A part of a whole in percent."""
    return number(part / whole, "proportion") if whole and part is not None else NOTHING
