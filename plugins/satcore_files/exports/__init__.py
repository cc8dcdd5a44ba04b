"""Exports of survey programs, recognised by their headers.

Each module knows one program and says where its layout was taken from. It looks at the first
records of a table and says what the columns are called, which records are no answers, and what
the program tells of its columns. Columns go by their names and never by their places, since
programs add and move them from export to export.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from satcore_files.exports import (
    formbricks,
    limesurvey,
    qualtrics,
    quantipy,
    surveymonkey,
    tencent,
    wenjuanxing,
)
from satcore_files.exports.layouts import Candidate, Head, Layout, resolved

__all__ = ["Candidate", "Head", "Layout", "layout_of", "resolved"]

_KNOWN: Final[tuple[Callable[[Head], Layout | None], ...]] = (
    qualtrics.recognised,
    surveymonkey.recognised,
    limesurvey.recognised,
    formbricks.recognised,
    wenjuanxing.recognised,
    tencent.recognised,
    quantipy.recognised,
)


def layout_of(head: Head) -> Layout:
    """The layout of a table that begins so; a plain table where no program is recognised."""
    for recognised in _KNOWN:
        layout = recognised(head)
        if layout is not None:
            return layout
    return Layout(columns=head.rows[0])
