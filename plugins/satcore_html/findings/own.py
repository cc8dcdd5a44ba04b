"""What metrics say of their numbers themselves."""

from __future__ import annotations

from collections.abc import Iterator

from satcore_html.estimates import Teller
from satcore_html.findings.records import Fact
from satcore_html.findings.survey import Told
from satcore_html.findings.terms import of_time


def own_sentences(told: Told, teller: Teller) -> Iterator[Fact]:
    """A metric's own sentences, in its order; one that says why where it fails to make any."""
    measured, language = told.measured, teller.words.language
    try:
        found = [
            str(one) for one in measured.metric.findings(teller.results, measured.name, language)
        ]
    except Exception as error:  # noqa: BLE001 - a metric may raise anything
        reason = f"{type(error).__name__}: {error}"
        yield Fact(
            kind="failed",
            question="unsaid",
            metric=measured.name,
            text=teller.words("findings_failed", reason=reason),
        )
        return
    unit = next(iter(told.unit.values()), "")
    timed = of_time(measured, unit)
    for place, sentence in enumerate(one for one in found if one.strip()):
        yield Fact(
            kind="trend" if timed else "own",
            question="changed" if timed else "stands_out",
            metric=measured.name,
            term=told.term,
            text=sentence,
            rank=(place,),
        )
