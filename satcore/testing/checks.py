"""A check: one law, held against one subject, with what came of it."""

from __future__ import annotations

import traceback
import unittest
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from typing import Literal, TypeAlias

from attrs import evolve, field, frozen

from satcore.errors import listed, near

Kind: TypeAlias = Literal["passed", "failed", "expected", "not_applicable"]


#: Whether the smallest example is looked for; an expected failure needs none.
wanting_smallest: ContextVar[bool] = ContextVar("wanting_smallest", default=True)


class LawError(AssertionError):
    """What was held against a law breaks it.

    Attributes:
        expected: What the law wants.
        came: What came instead.
        example: The smallest answers found that show it, as a table; empty where none are needed.
    """

    def __init__(self, *, expected: str, came: str, example: str = "") -> None:
        self.expected = expected
        self.came = came
        self.example = example
        super().__init__(f"expected {expected}; came {came}")


class NotApplicable(unittest.SkipTest):
    """The law does not speak of this subject; why. pytest takes it for a skipped test."""


@frozen(kw_only=True)
class Told:
    """What came of one check.

    Attributes:
        check: The check's name.
        kind: ``passed``, ``failed``, ``expected`` (failed, as was said it would) or
            ``not_applicable``.
        message: Why; for one that passed, what is worth knowing.
    """

    check: str
    kind: Kind
    message: str = ""


@frozen(eq=False)
class Check:
    """One law to be held. Called, it returns, or raises ``AssertionError`` with the reason.

    Attributes:
        name: Its name, which stays the same from release to release.
        law: The law, in a sentence.
        hold: Holds the law; it gives what is worth knowing, or raises.
        subject: What it is held against, for messages.
        reason: Why it is expected to fail; None where it has to pass.
    """

    name: str
    law: str
    hold: Callable[[], str | None]
    subject: str = field(default="", kw_only=True)
    reason: str | None = field(default=None, kw_only=True)

    def __str__(self) -> str:
        return self.name

    def __call__(self) -> None:
        """Hold the law; as a test it passes, fails, is skipped or fails as expected.

        Raises:
            AssertionError: The law is broken, or holds though it was expected to be broken.
            unittest.SkipTest: It does not apply.
        """
        __tracebackhide__ = True
        told = self.told()
        if told.kind == "failed":
            raise AssertionError(told.message)
        if told.kind == "not_applicable":
            raise NotApplicable(told.message)
        if told.kind == "expected":
            import pytest

            pytest.xfail(told.message)

    def told(self) -> Told:
        """Hold the law and tell what came of it; nothing is raised."""
        before = wanting_smallest.set(self.reason is None)
        try:
            known = self.hold()
        except NotApplicable as error:
            if self.reason is not None:
                return self._told("failed", f"expected to fail, but it does not apply: {error}")
            return self._told("not_applicable", f"not applicable: {error}")
        except LawError as error:
            return self._broken(error)
        except Exception as error:  # noqa: BLE001 - a third party's code may raise anything
            place = traceback.extract_tb(error.__traceback__)[-1]
            came = (
                f"{type(error).__name__}: {error} (in {place.name}, {place.filename}, line "
                f"{place.lineno})"
            )
            return self._broken(LawError(expected="no exception", came=came))
        finally:
            wanting_smallest.reset(before)
        if self.reason is not None:
            message = (
                f"{self.name}: expected to fail ({self.reason}), but the law holds: take it out "
                "of expected_failures"
            )
            return self._told("failed", message)
        return self._told("passed", known or "")

    def _broken(self, error: LawError) -> Told:
        if self.reason is not None:
            return self._told("expected", self.reason)
        lines = [f"{self.subject or 'this'} breaks the law `{self.name}`: {self.law}"]
        if error.example:
            lines += ["smallest example found:", error.example]
        lines += [f"expected: {error.expected}", f"came:     {error.came}"]
        return self._told("failed", "\n".join(lines))

    def _told(self, kind: Kind, message: str) -> Told:
        return Told(check=self.name, kind=kind, message=message)


def expecting(checks: Iterable[Check], failures: Mapping[str, str] | None) -> list[Check]:
    """The checks, some of them expected to fail.

    Args:
        checks: The checks.
        failures: Why a check is expected to fail, by its name.

    Raises:
        ValueError: A name that no check has, or a failure without a reason.
    """
    made = list(checks)
    names = [check.name for check in made]
    for name, reason in (failures or {}).items():
        if name not in names:
            hint = near(name, names) or f"; there are {listed(names, 60)}"
            raise ValueError(f"expected_failures: there is no check {name!r}{hint}")
        if not reason.strip():
            raise ValueError(f"expected_failures: say why {name!r} has to fail")
    said = failures or {}
    return [evolve(check, reason=said.get(check.name, check.reason)) for check in made]
