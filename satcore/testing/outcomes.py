"""Checks run one after the other, for the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from attrs import frozen

from satcore.testing.checks import Check, Kind, Told


@frozen(kw_only=True)
class Outcome:
    """What came of some checks.

    Attributes:
        told: What came of each, in their order.
    """

    told: tuple[Told, ...]

    def count(self, kind: Kind) -> int:
        """How many came out so."""
        return sum(one.kind == kind for one in self.told)

    @property
    def status(self) -> int:
        """The exit status: 0, or 1 where any check failed or none was run."""
        return int(self.count("failed") > 0 or not self.told)

    @property
    def summary(self) -> str:
        """How many ran and what came of them, in one line."""
        if not self.told:
            return "no check ran: nothing is known"
        parts = [
            f"{self.count('passed')} passed",
            f"{self.count('failed')} failed",
            f"{self.count('expected')} failed as expected",
            f"{self.count('not_applicable')} not applicable",
        ]
        return f"{len(self.told)} checks: {', '.join(parts)}"


def run_checks(checks: Iterable[Check], write: Callable[[str], object] = print) -> Outcome:
    """Run checks and write what a reader has to know: failures, exceptions, and the sum.

    pytest is not needed.

    Args:
        checks: The checks.
        write: Takes the lines.
    """
    told = []
    for check in checks:
        one = check.told()
        told.append(one)
        line = _line(one)
        if line:
            write(line)
    outcome = Outcome(told=tuple(told))
    write(outcome.summary)
    return outcome


def _line(one: Told) -> str:
    match one.kind:
        case "failed":
            return f"FAILED {one.check}\n" + "\n".join(
                f"  {line}" for line in one.message.splitlines()
            )
        case "expected":
            return f"failed as expected {one.check}: {one.message}"
        case "not_applicable":
            return f"{one.check}: {one.message}"
    return f"{one.check}: {one.message}" if one.message else ""
