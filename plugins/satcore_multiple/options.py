"""The columns of a multiple response set."""

from __future__ import annotations

from typing import Final

from satcore import Columns, columns_of

#: What the numbers of all options together are called.
OVERALL: Final = "overall"


def columns(given: Columns) -> tuple[str, ...]:
    """The columns of the options.

    Args:
        given: ``"Q5_{1..8}"``, ``"Q5:{A,B,C}"``, columns as a list, or labels by column.

    Raises:
        OptionError: As ``satcore.columns_of``; fewer than two columns.
    """
    return columns_of("options", given, least=2, reserved=(OVERALL,))
