"""What a multiple response set says: its unit, and messages beside its numbers."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, tuple[str, str]]] = {
    "unit_options": ("options", "项"),
    "unit_options_one": ("option", "项"),
}

#: Messages by what they look like, and what they are in Chinese; in English they stay.
MESSAGES: Final[tuple[tuple[str, str], ...]] = (
    (r"nobody chose an option", "没有人选择任何选项"),
    (
        r"its column holds no answer: was the option shown\?",
        "该列没有任何回答：是否展示过该选项？",
    ),
    (
        (
            r"every answer is 'chosen', the others are blank \((?P<count>[\d,]+)\): where a blank "
            r'means not chosen, write blank = "not chosen"'
        ),
        '所有回答均为“选中”，其余为空（{count}）：若空白表示未选，请写 blank = "not chosen"',
    ),
    (r"blanks that count as not chosen: (?P<count>[\d,]+)", "按未选计的空白：{count}"),
    (
        r"(?P<count>[\d,]+) chose it together with other options",
        "{count} 人同时还选择了其他选项",
    ),
)
