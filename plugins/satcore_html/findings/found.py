"""The page of findings: facts in their order, cut to what a person reads, in words."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from satcore import Results
from satcore_html import numerals
from satcore_html.comparisons import alpha
from satcore_html.estimates import Teller
from satcore_html.findings.gaps import failures, losses, missing
from satcore_html.findings.held import differences, families
from satcore_html.findings.levels import extremes
from satcore_html.findings.own import own_sentences
from satcore_html.findings.ranking import cut, ranked
from satcore_html.findings.records import QUESTIONS, SIDES, Fact, Findings, Group, Question
from satcore_html.findings.sentences import Speaker
from satcore_html.findings.survey import Told, told
from satcore_html.findings.targets import targets
from satcore_html.standards import standard_titles


def facts(results: Results, teller: Teller) -> list[Fact]:
    """Everything that may be told, by question, then by metric, the most telling first.

    Args:
        results: The results.
        teller: Its language is that of the metrics' own sentences.
    """
    return _facts(results, told(results), teller)


def findings(results: Results, teller: Teller) -> Findings:
    """The page of findings.

    Nothing of a withheld cell is in them: facts rest on rows whose numbers are shown, and
    withheld ones are counted only.

    Args:
        results: The results.
        teller: Turns rows into texts, in the reader's language.
    """
    rows = told(results)
    everything = _facts(results, rows, teller)
    speaker = _speaker(results, rows, teller)
    groups = [_group(question, everything, speaker) for question in QUESTIONS]
    return Findings(groups=tuple(groups), note=_note(results, rows, teller))


def _facts(results: Results, rows: Sequence[Told], teller: Teller) -> list[Fact]:
    found: list[Fact] = [*losses(results), *failures(results), *targets(results)]
    # Waves stand in their order in the rows of every set that has them.
    waves = list(
        dict.fromkeys(
            row["cell"][results.about.wave]
            for one in rows
            for row in one.rows
            if results.about.wave in row["cell"]
        )
    )
    for one in rows:
        found += [
            *differences(one, waves, results.about.wave),
            *extremes(one),
            *own_sentences(one, teller),
            *missing(one),
        ]
    count = _families(rows)
    found = [_weighed(fact, count) for fact in found]
    places = {name: place for place, name in enumerate(one.name for one in results.metrics)}
    by: dict[tuple[int, int], list[Fact]] = {}
    for fact in found:
        place = (QUESTIONS.index(fact.question), places.get(fact.metric, -1))
        by.setdefault(place, []).append(fact)
    return [fact for place in sorted(by) for fact in ranked(by[place])]


def _families(rows: Sequence[Told]) -> int:
    return sum(families(one) for one in rows)


def _weighed(fact: Fact, families: int) -> Fact:
    """A claim, with whether it stands though all families are allowed for."""
    if fact.kind not in SIDES or fact.p_adjusted is None:
        return fact
    return evolve(fact, firm=fact.p_adjusted * families < alpha(fact.confidence))


def _speaker(results: Results, rows: Sequence[Told], teller: Teller) -> Speaker:
    return Speaker(
        teller=teller,
        tellers={one.measured.name: teller.of_metric(one.measured) for one in rows},
        measured={one.name: one for one in results.metrics},
        anchors={one.name: f"metric-{place}" for place, one in enumerate(results.metrics, start=1)},
        several=frozenset(one.measured.name for one in rows if len(one.items) > 1),
        standards=standard_titles(results, teller),
    )


def _group(question: Question, everything: Sequence[Fact], speaker: Speaker) -> Group:
    words = speaker.words
    kept, left = cut([fact for fact in everything if fact.question == question])
    return Group(
        question=question,
        title=words(f"question_{question}"),
        findings=tuple(speaker.finding(fact) for fact in kept),
        more=words.counted("findings_more", left) if left else "",
        nothing="" if kept else words(f"nothing_{question}"),
    )


def _note(results: Results, rows: Sequence[Told], teller: Teller) -> str:
    """How claims are made; nothing where there was nothing to claim."""
    count = _families(rows)
    if not count:
        return ""
    level = alpha(results.about.confidence)
    return teller.words.counted(
        "findings_note",
        count,
        alpha=f"{level:g}",
        level=numerals.level(results.about.confidence),
        chance=numerals.sample(round(count * level, 1)),
    )
