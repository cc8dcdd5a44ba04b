"""腾讯问卷 Tencent Wenjuan: numbered questions, a column for each option.

``编号``, ``开始答题时间``, ``结束答题时间``, ``答题时长``, ``地理位置…``, ``自定义字段``, then
``1.题目``; every record ends with a comma. An option of a question with several answers is a column
of its own, whose name begins with the question's, empty where it was not chosen.

Sources: public code that reads such exports: a calendar made from one, whose README shows the
header and a record ("Adapt to Tencent Questionaire output format"), and a survey on Shanghainese,
whose columns that begin with ``21.你通常在以下哪些场合使用上海话`` count where they hold anything.
How the option is joined to the question has no public source that was found: ``:``, ``：``, ``_``
and ``-`` are taken.
"""

from __future__ import annotations

import re
from typing import Final

from satcore import Variable
from satcore_files.exports.layouts import Candidate, Head, Layout

_OWN: Final = {"编号", "开始答题时间", "结束答题时间"}
_TITLE: Final = re.compile(r"\d+[.．、](?P<title>.*)", re.DOTALL)
_OPTION: Final = re.compile(r"(?P<question>\d+[.．、].*)[:：_-](?P<option>[^:：_-]+)", re.DOTALL)


def recognised(head: Head) -> Layout | None:
    """The layout of a Tencent export; None where it is none."""
    header = tuple(cell.strip() for cell in head.header)
    if not {*header} >= _OWN:
        return None
    groups: dict[str, dict[str, str]] = {}
    for name in header:
        found = _OPTION.fullmatch(name)
        if found is not None:
            groups.setdefault(found["question"], {})[name] = found["option"].strip()
    return Layout(
        name="tencent",
        columns=header,
        variables={
            name: Variable(label=found["title"].strip())
            for name in header
            if (found := _TITLE.fullmatch(name))
        },
        candidates=tuple(
            Candidate(
                name=name,
                label=_titled(name),
                options=options,
                chosen=("1",),
                unchosen=("0",),
            )
            for name, options in groups.items()
            if len(options) > 1
        ),
    )


def _titled(name: str) -> str:
    found = _TITLE.fullmatch(name)
    return found["title"].strip() if found else name
