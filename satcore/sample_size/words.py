"""Sentences about goals."""

from __future__ import annotations

from satcore.sample_size.conditions import Conditions


def percent(share: float) -> str:
    """A share in words: ``85%``."""
    return f"{100 * share:.10g}%"


def side(least: bool) -> str:
    """On which side of a target the truth lies."""
    return "at least" if least else "at most"


def bound_rule(least: bool, two_sided: bool, asked: Conditions, name: str, target: str) -> str:
    """When a target counts as shown."""
    which, verb = ("lower", "at or above") if least else ("upper", "at or below")
    sides = "two-sided" if two_sided else "one-sided"
    level = f"{100 * asked.cell_confidence:.5g}%"
    return f"Shown means that the {which} {sides} {level} bound ({name}) is {verb} {target}."


def change_rule(two_sided: bool, asked: Conditions) -> str:
    """When a change counts as shown."""
    sides = "two-sided" if two_sided else "one-sided"
    level = f"{100 * asked.cell_confidence:.5g}%"
    return f"Shown means that the {sides} test of two samples refuses no change at {level}."


def width_rule(asked: Conditions, name: str, margin: str) -> str:
    """When a number counts as known."""
    level = f"{100 * asked.cell_confidence:.5g}%"
    return (
        f"Known to ± {margin} means that half the width of the two-sided {level} interval ({name}) "
        "is at most that, if the answers turn out as expected."
    )
