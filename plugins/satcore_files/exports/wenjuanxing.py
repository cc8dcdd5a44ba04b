"""问卷星 Wenjuanxing: exports by the options' texts and by their numbers.

``序号``, ``提交答卷时间``, ``所用时间``, ``来源``, ``来源详情``, ``来自IP``, then ``1、题目``. By
text, several answers stand in one cell, joined by ``┋``; a matrix has columns ``第3题(部分)``. By
number, each option of such a question is a column ``第3题(选项)`` of 0 and 1, and -3 and -2 stand
where there is no answer. By text, ``(跳过)`` and ``(空)`` stand there.

Source: the package reportgen, ``questionnaire.wenjuanxing``
(https://github.com/gasongjian/reportgen), which reads both exports. ``(跳过)``, ``(空)`` and the
words that respondents add, ``其他〖…〗``, have no public source that was found.
"""

from __future__ import annotations

import re
from typing import Final

from satcore import Variable
from satcore_files.exports.layouts import Candidate, Head, Layout

_OWN: Final = {"序号", "提交答卷时间", "所用时间"}
_TITLE: Final = re.compile(r"(?P<number>\d+)[、：:.．](?P<title>.*)", re.DOTALL)
_PART: Final = re.compile(r"(?P<question>第\d+题)[(（](?P<part>.*)[)）]", re.DOTALL)

_REASONS: Final = {"-3": "(跳过)", "-2": "(空)"}
_MISSING: Final = ("-3", "-2", "(跳过)", "(空)", "（跳过）", "（空）")


def recognised(head: Head) -> Layout | None:
    """The layout of a Wenjuanxing export; None where it is none."""
    header = tuple(cell.strip() for cell in head.header)
    if not {*header} >= _OWN:
        return None
    titles = {name: found["title"] for name in header if (found := _TITLE.fullmatch(name))}
    parts = {name: found for name in header if (found := _PART.fullmatch(name))}
    groups: dict[str, dict[str, str]] = {}
    for name, found in parts.items():
        groups.setdefault(found["question"], {})[name] = found["part"]
    labels = {**titles, **{name: found["part"] for name, found in parts.items()}}
    return Layout(
        name="wenjuanxing",
        columns=header,
        variables={
            name: Variable(label=label.strip(), labels=_REASONS, missing=_MISSING)
            for name, label in labels.items()
        },
        candidates=(
            *(
                Candidate(
                    name=name,
                    label=title.strip(),
                    options={name: name},
                    separator="┋",
                    missing=_MISSING,
                )
                for name, title in titles.items()
            ),
            *(
                Candidate(
                    name=name,
                    label=name,
                    options=options,
                    chosen=("1",),
                    unchosen=("0",),
                    missing=_MISSING,
                )
                for name, options in groups.items()
                if len(options) > 1
            ),
        ),
    )
