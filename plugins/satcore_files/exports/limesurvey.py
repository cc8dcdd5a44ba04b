"""LimeSurvey: headings as codes, as texts, or as both.

A column of a question with parts is ``Q1[SQ001]``, or ``Q1_SQ001`` where expression codes were
asked for, or ``Question [Part]`` as text, or ``Q1[SQ001]. Question [Part]``. An option of a
multiple-choice question is ``Y`` or ``Yes``, empty, ``N`` or ``No``, or ``N/A`` where it was not
shown; ``other`` holds words.

Source: LimeSurvey's own writer
(https://github.com/LimeSurvey/LimeSurvey, application/helpers/admin/export/Writer.php), for
headings and for ``Y`` and ``N``. ``N/A`` and the names of its own columns have no public source
that was read.
"""

from __future__ import annotations

import re
from typing import Final

from satcore import Variable
from satcore_files.exports.layouts import Candidate, Head, Layout

_CODES: Final = ("id", "submitdate", "lastpage", "startlanguage")
_TEXTS: Final = ("Response ID", "Date submitted", "Last page", "Start language")

_PART: Final = re.compile(r"(?P<question>.+?) ?\[(?P<part>[^\[\]]+)\]")
_EXPRESSION: Final = re.compile(r"(?P<question>.+)_(?P<part>SQ\w+|other)")

_MISSING: Final = ("N/A",)


def recognised(head: Head) -> Layout | None:
    """The layout of a LimeSurvey export; None where it is none."""
    header = [" ".join(cell.split()) for cell in head.header]
    labels = dict.fromkeys(header, "")
    both = [cell.partition(". ") for cell in header]
    if {code for code, _, text in both if text in _TEXTS} >= {*_CODES[:2]}:
        header = [code for code, _, _ in both]
        labels = {code: text for code, _, text in both}
    elif not ({*_CODES[:3]} <= {*header} or {*_TEXTS[:3]} <= {*header}):
        return None
    groups: dict[str, dict[str, str]] = {}
    said: dict[str, str] = {}
    for name in header:
        found = _PART.fullmatch(name) or _EXPRESSION.fullmatch(name)
        if found is not None:
            shown = _PART.fullmatch(labels[name])
            groups.setdefault(found["question"], {})[name] = (
                shown["part"] if shown else found["part"]
            )
            said.setdefault(found["question"], shown["question"] if shown else "")
    own = {*_CODES, *_TEXTS, "seed", "startdate", "datestamp", "ipaddr", "refurl"}
    return Layout(
        name="limesurvey",
        columns=tuple(header),
        variables={
            name: Variable(label=labels[name], missing=_MISSING)
            for name in header
            if name not in own
        },
        candidates=tuple(
            Candidate(
                name=name,
                label=said[name],
                options=options,
                chosen=("Y", "Yes"),
                unchosen=("N", "No"),
                missing=_MISSING,
            )
            for name, options in groups.items()
            if len(options) > 1
        ),
    )
