"""What satcore raises: few classes, each for the person who made the mistake.

Everything here is the reader's to mend: the message says what is wrong, where, and what would be
right. A fault of satcore itself is an ordinary Python exception and never one of these.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Self

from attrs import frozen


class SatcoreError(Exception):
    """Any mistake that satcore can name. Catch this to catch them all."""


@frozen
class Problem:
    """One mistake.

    Attributes:
        place: Where it is: ``study.toml: [metrics.nps] item``, ``responses.csv: column Q1``.
        message: What is wrong and what would be right.
    """

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


class ProblemsError(SatcoreError):
    """Several mistakes, told at once.

    Attributes:
        problems: Each mistake with its place, in the order of the file.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class StudyError(ProblemsError):
    """What is asked for can't be measured: the study, its metrics or their options."""


class DataError(ProblemsError):
    """The answers can't be read, or hold what they should not."""

    @classmethod
    def at(cls, place: str, message: str) -> Self:
        """The error with a single problem."""
        return cls([Problem(place, message)])


class FragmentError(DataError):
    """A part of the answers can't be read: it is gone, damaged, or other than when it was opened.

    A run that leaves out bad fragments leaves out those that raise it.
    """


class EngineError(SatcoreError):
    """An engine can't be had, or what it counted can't be right."""


class OptionError(SatcoreError):
    """A metric's option that can't stand. Metrics raise it; the plan adds the place.

    Attributes:
        option: The option's name.
    """

    def __init__(self, option: str, message: str) -> None:
        self.option = option
        self.message = message
        super().__init__(f"{option}: {message}")


class PluginError(SatcoreError):
    """A plugin was asked for and can't serve."""


class OutputError(SatcoreError):
    """A result can't be written or shown."""


def near(name: str, names: Iterable[str]) -> str:
    """A hint for a mistyped name: ``; did you mean 'region'?``, or nothing.

    Case is forgiven, so ``rec`` finds ``REC``.
    """
    known = {candidate.casefold(): candidate for candidate in names}
    found = difflib.get_close_matches(name.casefold(), known, n=3, cutoff=0.6)
    if not found:
        return ""
    return "; did you mean " + " or ".join(repr(known[key]) for key in found) + "?"


def listed(names: Iterable[object], most: int = 12) -> str:
    """Names in a row for a message, cut where the list grows long."""
    texts = [str(name) for name in names]
    if len(texts) <= most:
        return ", ".join(texts)
    return ", ".join(texts[:most]) + f" and {len(texts) - most} more"
