"""The report as Markdown: the same findings and tables as the page, for wikis and messages.

Tables are those of GitHub Flavored Markdown (https://github.github.com/gfm/#tables-extension-);
everything else is CommonMark. Whatever comes from data is escaped, so that it stays text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from satcore import OutputError, Results
from satcore_html import numerals, page, quality
from satcore_html.comparisons import Compared, alpha
from satcore_html.estimates import Teller
from satcore_html.extras import needed
from satcore_html.findings import Finding, Findings, findings
from satcore_html.grid import Grid
from satcore_html.messages import notes
from satcore_html.methods import explained
from satcore_html.standards import standards
from satcore_html.words import LANGUAGES, Words

#: Rows of one table that are written: what a person reads. The others are counted, and told where
#: they are; those that show a difference go last.
MOST_ROWS: Final = 40

#: What Markdown would read as more than a letter, and the extensions that wikis add: mathematics,
#: mentions, marks. An ampersand or a bracket is written as HTML writes it.
_SIGNS: Final = re.compile(r"[\\`*_\[\]#|~$!@^{}]")
_MARKUP: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}

#: What begins a list, a rule or a heading where it begins a line.
_START: Final = re.compile(r"^(?:(=|[-+](?=[-\s]|$))|(\d+)([.)])(?=\s|$))")

#: What readers make links of by themselves.
_LINK: Final = re.compile(r"(?i)\b(https?|ftp|mailto|xmpp)(:)|\b(www)(\.)")

#: Control characters and line ends: a text is one line.
_UNSEEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def markdown(results: Results, language: str) -> bytes:
    """The bytes of the report.

    Raises:
        OutputError: The extra is not installed, or the language is not spoken.
    """
    if language not in LANGUAGES:
        raise OutputError(f"the report speaks {' and '.join(LANGUAGES)}, not {language!r}")
    needed("babel")
    words = Words.of(results, language)
    teller = Teller.of(results, words)
    text = "\n\n".join(part for part in _parts(results, teller) if part)
    # A lone surrogate in a label can't be written; it must not cost the report.
    return f"{text}\n".encode("utf-8", errors="replace")


def escaped(text: str) -> str:
    """A text that Markdown shows as it is, in one line."""
    text = " ".join(_UNSEEN.sub(" ", text).split())
    text = "".join(_MARKUP.get(sign, sign) for sign in _SIGNS.sub(r"\\\g<0>", text))
    text = _LINK.sub(lambda found: "\\".join(part for part in found.groups() if part), text)
    return _START.sub(
        lambda found: f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}", text
    )


def _parts(results: Results, teller: Teller) -> Iterator[str]:
    words, confidence = teller.words, results.about.confidence
    sections = page.sections(results, teller, drawn=False)
    yield _heading(1, results.about.title.said(words.language) or words("untitled"))
    yield from _found(findings(results, teller), words)
    yield _heading(2, words("headline"))
    for section in sections:
        yield from _findings(section)
    yield escaped(words("headline_note", level=numerals.level(confidence)))
    told = standards(teller)
    if told is not None:
        yield _heading(2, words("standards"))
        yield _list(escaped(sentence) for sentence in told.sentences)
        yield from _grids(told.grids, words)
        yield escaped(told.note)
    yield _heading(2, words("asked"))
    yield _pairs(page.asked(results, teller))
    for section in sections:
        yield from _section(section, words)
    if len(results.comparisons):
        yield escaped(words("adjusted_note", alpha=f"{alpha(confidence):g}"))
    yield from _quality(results, teller)
    yield from _methods(results, teller)


def _found(found: Findings, words: Words) -> Iterator[str]:
    """The findings, by question."""
    yield _heading(2, words("findings"))
    for group in found.groups:
        yield _heading(3, group.title)
        yield _list(_finding(one, words) for one in group.findings)
        yield escaped(group.nothing)
        yield escaped(group.more)
    yield escaped(found.note)


def _finding(one: Finding, words: Words) -> str:
    gap = "" if words.language == "zh" else " "
    said = gap.join(text for text in (one.sentence, one.sure) if text)
    return f"**{escaped(one.subject)}** {escaped(said)}"


def _findings(section: page.Section) -> Iterator[str]:
    """A metric in short."""
    yield _heading(3, section.title)
    lines = []
    for finding in section.findings:
        number = " ".join(escaped(part) for part in (finding.value, finding.unit) if part)
        parts = [escaped(finding.item), f"**{number}**" if number else ""]
        parts += [escaped(sentence) for sentence in finding.sentences]
        lines.append(" ".join(part for part in parts if part))
    yield _list([*lines, *([escaped(section.more)] if section.more else [])])
    yield _list(escaped(f"{head}{why}") for head, why in section.failures)


def _section(section: page.Section, words: Words) -> Iterator[str]:
    """A metric's tables."""
    yield _heading(2, section.title)
    if not (section.primary or section.others):
        yield escaped(words("no_rows"))
    yield _list(escaped(one) for one in section.said)
    yield from _grids(section.primary, words)
    yield from (escaped(note) for note in section.primary_notes)
    yield from _compared(section.compared, words)
    others = [grid.caption for grid in section.others]
    if section.compared_others and not others:
        others = [section.compared_terms]
    if others:
        terms = words("separator").join(others)
        yield escaped(words("tables_left_out", terms=terms))


def _compared(compared: Sequence[Compared], words: Words) -> Iterator[str]:
    for one in compared:
        yield _heading(3, one.title)
        yield from (escaped(note) for note in one.notes)
        yield from _grids(one.grids, words)


def _quality(results: Results, teller: Teller) -> Iterator[str]:
    words = teller.words
    yield _heading(2, words("quality"))
    yield from _grid(quality.responses_grid(teller), words)
    if results.items:
        yield from _grid(quality.items_grid(teller), words)
    failures = quality.failures_grid(teller)
    yield from _grid(failures, words) if failures else [escaped(words("no_failures"))]
    told_notes = notes(results, words)
    if told_notes:
        yield _heading(3, words("notes"))
        yield _list(escaped(note) for note, _ in told_notes)


def _methods(results: Results, teller: Teller) -> Iterator[str]:
    words = teller.words
    yield _heading(2, words("methods"))
    yield from _grid(quality.metrics_grid(teller), words)
    statuses = page.statuses(results, teller)
    if statuses:
        yield _heading(3, words("statuses"))
        yield _pairs(statuses)
    methods = explained(page.method_names(results), words)
    if methods:
        yield _heading(3, words("intervals_and_tests"))
        yield _pairs([(one.title, f"{one.text} {one.source}".strip()) for one in methods])
    yield from _grid(quality.versions_grid(teller), words)


def _heading(level: int, text: str) -> str:
    return f"{'#' * level} {escaped(text)}"


def _list(lines: Iterable[str]) -> str:
    """A list of lines that are escaped already."""
    return "\n".join(f"- {line}" for line in lines if line)


def _pairs(pairs: Iterable[tuple[str, str]]) -> str:
    return _list(f"**{escaped(name)}**: {escaped(text)}" for name, text in pairs)


def _grids(grids: Iterable[Grid], words: Words) -> Iterator[str]:
    for one in grids:
        yield from _grid(one, words)


def _grid(grid: Grid, words: Words) -> Iterator[str]:
    """A table beneath its caption; a group of rows is a column of its own where there are some."""
    grouped = len(grid.groups) > 1
    heads = [*([""] if grouped else []), *grid.heads]
    sides = [*([":--"] if grouped else []), *("--:" if one else ":--" for one in grid.numeric)]
    rows = [(group.title, row) for group in grid.groups for row in group.rows]
    lines = [
        [*([title] if grouped else []), row.head, *(entry.text for entry in row.entries)]
        for title, row in rows
    ]
    strong = [row.tone in ("strong", "total") for _, row in rows]
    # Whoever cuts by place alone may cut what the table is there to show.
    kept = sorted(sorted(range(len(rows)), key=lambda place: not strong[place])[:MOST_ROWS])
    yield f"**{escaped(grid.caption)}**"
    if lines:
        body = [_line(escaped(text) for text in lines[place]) for place in kept]
        yield "\n".join([_line(escaped(head) for head in heads), _line(sides), *body])
    if len(lines) > MOST_ROWS:
        count = numerals.count(len(lines) - MOST_ROWS)
        yield escaped(words.told("rows_left_out", count=count))
    yield from (escaped(note) for note in grid.notes)


def _line(texts: Iterable[str]) -> str:
    return f"| {' | '.join(texts)} |"
