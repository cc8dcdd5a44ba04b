"""Which columns are the drivers, from a pattern, a list or a table of labels."""

from __future__ import annotations

from typing import Final

from satcore import Codebook, Columns, Item, OptionError, columns_of, label_of, near

#: What numbers of all drivers together are called.
OVERALL: Final = "overall"


def columns(option: str, given: Columns, *, least: int = 1) -> tuple[str, ...]:
    """The columns of an option.

    Args:
        option: The option's name, for messages.
        given: A pattern, columns, or labels by column.
        least: How many there have to be.

    Raises:
        OptionError: As ``satcore.columns_of``.
    """
    return columns_of(option, given, least=least, reserved=(OVERALL,))


def driver_title(given: Columns, item: str, language: str) -> str:
    """A driver's name for people, or what all of them together are called."""
    if item == OVERALL:
        return "全部驱动因素" if language == "zh" else "All drivers"
    return label_of(given, item, language)


def one_of(option: str, value: str, allowed: tuple[str, ...]) -> None:
    """Refuse a value that is none of those allowed.

    Raises:
        OptionError: With the nearest one.
    """
    if value not in allowed:
        raise OptionError(
            option, f"{value!r} is none of {', '.join(allowed)}{near(value, allowed)}"
        )


def replicates_of(count: int, seed: int) -> None:
    """Refuse a number of replicates that says nothing.

    Raises:
        OptionError: It is neither 0 nor at least 50; or a seed below 0.
    """
    if count != 0 and count < 50:
        raise OptionError(
            "replicates", f"{count} say too little; write 0 for none, or at least 50 (200 as usual)"
        )
    if seed < 0:
        raise OptionError("seed", f"{seed} is negative")


def outcome_of(
    codebook: Codebook, outcome: str, drivers: tuple[str, ...], scale: str | None
) -> Item:
    """The outcome's item.

    Raises:
        OptionError: It is one of the drivers.
    """
    if outcome in drivers:
        raise OptionError("outcome", f"{outcome!r} is one of the drivers too")
    return codebook.item(outcome, scale)
