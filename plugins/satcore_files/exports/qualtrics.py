"""Qualtrics: three records before the answers.

Names (``Q1``, ``Q2_1``), the questions' texts, and ``{"ImportId": …}``, which no other program
writes. ``Status`` and ``DistributionChannel`` tell previews, which are no answers. Where a
question's answers were split into columns, each holds its choice's text, or 1, or nothing.

Source: Qualtrics Support, "Understanding Your Dataset"
(https://www.qualtrics.com/support/survey-platform/data-and-analysis-module/data/download-data/understanding-your-dataset/).
That ``Status`` is 1 or 2 for previews and tests where values are exported as numbers, and how
split columns are marked, has no public source that was read.
"""

from __future__ import annotations

import json
import re
from typing import Final

from satcore import Variable
from satcore_files.exports.layouts import Candidate, Head, Layout

_TESTS: Final = {
    "Status": ("Survey Preview", "Survey Test", "1", "2"),
    "DistributionChannel": ("preview",),
}

_OPTION: Final = re.compile(r"(?P<question>.+)_(?P<choice>\d+)")


def recognised(head: Head) -> Layout | None:
    """The layout of a Qualtrics export; None where it is none."""
    if len(head.rows) < 3:
        return None
    names, texts, ids = (_tidy(row, len(head.header)) for row in head.rows[:3])
    known = [_import_id(cell) for cell in ids]
    if not all(known) or not known:
        return None
    zones = {found["timeZone"] for found in known if "timeZone" in found}
    return Layout(
        name="qualtrics",
        columns=names,
        header=3,
        variables={
            name: Variable(label=text)
            for name, text in zip(names, texts, strict=True)
            if text and text != name
        },
        tests={column: values for column, values in _TESTS.items() if column in names},
        candidates=_candidates(names, texts),
        remarks=tuple(f"times are those of {zone}, as the export says" for zone in sorted(zones)),
    )


def _tidy(row: tuple[str, ...], width: int) -> tuple[str, ...]:
    return tuple(" ".join(cell.split()) for cell in (*row, *[""] * width)[:width])


def _import_id(cell: str) -> dict[str, str]:
    """What the third record says of a column; nothing where it is no such record."""
    try:
        found = json.loads(cell)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict) or not isinstance(found.get("ImportId"), str):
        return {}
    return {str(key): str(value) for key, value in found.items()}


def _candidates(names: tuple[str, ...], texts: tuple[str, ...]) -> tuple[Candidate, ...]:
    groups: dict[str, dict[str, str]] = {}
    labels: dict[str, str] = {}
    for name, text in zip(names, texts, strict=True):
        found = _OPTION.fullmatch(name)
        if found is not None:
            question, _, option = text.rpartition(" - ")
            groups.setdefault(found["question"], {})[name] = option or found["choice"]
            labels.setdefault(found["question"], question.removesuffix(" - Selected Choice"))
    return tuple(
        Candidate(name=name, label=labels[name], options=options, chosen=("1",))
        for name, options in groups.items()
        if len(options) > 1
    )
