"""Formbricks: questions by their headlines, several answers in one cell.

``No.``, ``Response ID``, ``Timestamp``, ``Finished``, ``Survey ID`` and more, then ``1. Headline``,
for a matrix ``1. Headline - Row``. Several answers are joined by ``; ``; beside a choice stands
``1. Headline - Option ID`` with the options' ids, joined by ``, ``. The columns of metadata depend
on the first response, and which columns there are at all has changed between versions.

Source: Formbricks' own export
(https://github.com/formbricks/formbricks, apps/web/lib/response/utils.ts).
"""

from __future__ import annotations

import re
from typing import Final

from satcore import Variable
from satcore_files.exports.layouts import Candidate, Head, Layout

_OWN: Final = {"Response ID", "Timestamp", "Finished", "Survey ID"}
_NUMBERED: Final = re.compile(r"\d+\. (?P<headline>.+)", re.DOTALL)
_IDS: Final = " - Option ID"


def recognised(head: Head) -> Layout | None:
    """The layout of a Formbricks export; None where it is none."""
    header = head.header
    if not {*header} >= _OWN:
        return None
    numbered = {name: found["headline"] for name in header if (found := _NUMBERED.fullmatch(name))}
    return Layout(
        name="formbricks",
        columns=header,
        variables={name: Variable(label=" ".join(text.split())) for name, text in numbered.items()},
        candidates=tuple(
            Candidate(
                name=name, label=text, options={name: name}, separator="; ", ids=f"{name}{_IDS}"
            )
            for name, text in numbered.items()
            if f"{name}{_IDS}" in header
        ),
    )
