"""Writing TOML: texts, keys, lists and comments that read back as what was meant."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from satcore.errors import SatcoreError

#: What a text may not hold as it is: quotes, backslashes, control characters, signs that turn
#: the direction of what follows, ends of lines.
_ESCAPED: Final = re.compile('["\\\\\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]')
_UNSEEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_SHORT: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}

#: Characters of a line, and of a name in a comment.
WIDTH: Final = 100
_NAME: Final = 60

#: What stands on the right of an equals sign.
Value = str | int | float | Sequence["Value"] | Mapping[str, "Value"]


def text(value: str) -> str:
    """A text in quotes.

    Raises:
        SatcoreError: It holds half of a character, which no TOML file can.
    """
    if any("\ud800" <= sign <= "\udfff" for sign in value):
        raise SatcoreError(f"{value!r} holds half a character, which no study file can")
    return f'"{_ESCAPED.sub(_escape, value)}"'


def _escape(match: re.Match[str]) -> str:
    return _SHORT.get(match[0], f"\\u{ord(match[0]):04X}")


def key(name: str) -> str:
    """A key, in quotes where it has to be."""
    return name if _BARE.fullmatch(name) else text(name)


def value(one: Value) -> str:
    """A text, a number, a list or a table in one line."""
    if isinstance(one, str):
        return text(one)
    if isinstance(one, Mapping):
        inner = ", ".join(f"{key(name)} = {value(part)}" for name, part in one.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(one, bool):
        return "true" if one else "false"
    if isinstance(one, int | float):
        return str(one)
    return f"[{', '.join(map(value, one))}]"


def assigned(name: str, one: Value) -> list[str]:
    """The lines of a key and its value; a long list takes several, which tables may not."""
    line = f"{key(name)} = {value(one)}"
    if len(line) <= WIDTH or isinstance(one, str | int | float | Mapping) or not one:
        return [line]
    lines = ["   "]
    for part in one:
        written = f" {value(part)},"
        if len(lines[-1]) + len(written) > WIDTH and lines[-1].strip():
            lines.append("   ")
        lines[-1] += written
    return [f"{key(name)} = [", *lines, "]"]


def table(*path: str) -> str:
    """The header of a table."""
    return f"[{'.'.join(map(key, path))}]"


def comment(words: str, indent: str = "# ") -> list[str]:
    """Lines of a comment, broken at spaces where they get long."""
    lines, line = list[str](), ""
    for word in shown(words).split(" "):
        if line and len(line) + 1 + len(word) > WIDTH - len(indent):
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [f"{indent}{one}".rstrip() for one in (*lines, line)]


def shown(words: str) -> str:
    """A text in one line whose control characters are written out."""
    return _UNSEEN.sub(lambda match: match[0].encode("unicode_escape").decode(), words)


def named(name: str) -> str:
    """A column's name in a comment, cut where it is long."""
    return f"'{name if len(name) <= _NAME else name[: _NAME - 1] + '…'}'"
