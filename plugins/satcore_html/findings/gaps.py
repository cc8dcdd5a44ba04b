"""What can't be said: withheld, too few, empty, failed, outside the scale, dropped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from satcore import Results
from satcore_html.findings.records import Fact, Kind
from satcore_html.findings.survey import Told

#: The statuses of numbers that are not there or rest on little, in the order of telling.
_STATUSES: Final[tuple[Kind, ...]] = ("suppressed", "small", "empty", "undefined", "error")


def missing(told: Told) -> Iterator[Fact]:
    """How many numbers of a metric are withheld, rest on few answers, or are none."""
    statuses = [row["status"] for row in told.rows]
    for place, kind in enumerate(_STATUSES):
        if count := statuses.count(kind):  # type: ignore[arg-type]
            yield Fact(
                kind=kind,
                question="unsaid",
                metric=told.measured.name,
                term=told.term,
                count=count,
                of=len(statuses),
                rank=(place,),
            )


def failures(results: Results) -> Iterator[Fact]:
    """Metrics that could not be measured."""
    for row in results.failures:
        yield Fact(
            kind="failed",
            question="unsaid",
            metric=row["metric"],
            count=row["cells"],
            text=row["message"],
            rank=(-1,),
        )


def losses(results: Results) -> Iterator[Fact]:
    """Responses and answers that were left out."""
    responses = results.responses
    if responses.skipped:
        yield Fact(kind="skipped", question="unsaid", count=len(responses.skipped))
    dropped = sum(row["rows"] for row in responses.dropped)
    if dropped and responses.read is not None:
        yield Fact(kind="dropped", question="unsaid", count=dropped, of=responses.read)
    invalid = [row["invalid"] for row in results.items if row["invalid"]]
    if invalid:
        count = sum(one for one in invalid if one)
        yield Fact(kind="invalid", question="unsaid", count=count, items=len(invalid))
