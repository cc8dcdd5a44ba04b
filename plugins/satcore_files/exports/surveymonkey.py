"""SurveyMonkey: two records before the answers.

The first holds each question above its first column, the second the option, the row of a matrix,
``Response`` or ``Open-Ended Response``. A column is called by its question, with the option after
a slash where there is one. A question with several answers has a column for each option, with
the option's text or nothing.

Sources: the R package doubleheadr (https://github.com/mattroumaya/doubleheadr), which unites the
two records and shows an export; S. Firke's note on the same
(https://gist.github.com/sfirke/c26a90d13d43b2c4a4c5e5c3a8b372a5).
"""

from __future__ import annotations

from typing import Final

from satcore import Variable
from satcore_files.exports.layouts import Candidate, Head, Layout

#: What the second record says where a question has a single column.
_SINGLE: Final = ("", "Response", "Open-Ended Response")


def recognised(head: Head) -> Layout | None:
    """The layout of a SurveyMonkey export; None where it is none."""
    if len(head.rows) < 2:
        return None
    first = [" ".join(cell.split()) for cell in head.header]
    second = [" ".join(cell.split()) for cell in (*head.rows[1], *[""] * len(first))][: len(first)]
    normal = [cell.lower().replace(" ", "_") for cell in first]
    ids = [place for place, name in enumerate(normal) if name in ("respondent_id", "collector_id")]
    if len(ids) < 2 or any(second[place] for place in ids) or not any(second):
        return None
    columns: list[str] = []
    variables: dict[str, Variable] = {}
    groups: dict[str, dict[str, str]] = {}
    question = ""
    for top, below in zip(first, second, strict=True):
        question = top or (question if below else "")
        name = question if below in _SINGLE else f"{question} / {below}"
        columns.append(name)
        if below:
            variables[name] = Variable(label=name)
        if below not in _SINGLE:
            groups.setdefault(question, {})[name] = below
    return Layout(
        name="surveymonkey",
        columns=tuple(columns),
        header=2,
        variables=variables,
        candidates=tuple(
            Candidate(name=name, label=name, options=options)
            for name, options in groups.items()
            if len(options) > 1
        ),
    )
