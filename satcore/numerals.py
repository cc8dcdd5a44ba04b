"""Numbers in sentences and pictures: the same text everywhere, whatever the machine's locale."""

from __future__ import annotations

import math

#: What stands before a number below zero.
MINUS = "\u2212"


def finite(value: float | None) -> float | None:
    """A number, or None for one that is none."""
    return value if value is not None and math.isfinite(value) else None


def shown_percent(share: float, decimals: int = 1) -> str:
    """A share as a percentage; all and nothing only where they are.

    Args:
        share: The share, 0 to 1. A difference below 0 is rounded like any number.
        decimals: How many decimals.

    Example:
        >>> shown_percent(0.42), shown_percent(0.99999), shown_percent(0.00001)
        ('42.0%', '>99.9%', '<0.1%')
    """
    least = 10.0**-decimals
    if 1 - least / 200 <= share < 1:
        return f">{100 - least:.{decimals}f}%"
    if 0 < share < least / 200:
        return f"<{least:.{decimals}f}%"
    return f"{shown_score(100 * share, decimals)}%"


def shown_score(value: float, decimals: int = 2) -> str:
    """A number with so many decimals and a true minus; what rounds to nought has no sign.

    Args:
        value: The number.
        decimals: How many decimals.

    Example:
        >>> shown_score(-0.001), shown_score(4.256)
        ('0.00', '4.26')
    """
    text = f"{value:.{decimals}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", MINUS)
