"""Text in any encoding as UTF-8, block by block.

An encoding is named by the study, told by a byte-order mark, or found. It is found only where
there is little doubt: every byte fits UTF-8, or the text is Chinese when read as gb18030.
Elsewhere the reader of the message has to name it, since nearly any bytes are text in some
encoding, and a wrong guess would change labels in silence.
"""

from __future__ import annotations

import codecs
import encodings.aliases
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO, Final, Literal

from attrs import frozen

from satcore import DataError, near

#: Bytes that are read at a time to find the encoding.
_BLOCK: Final = 1 << 20

#: How far to look for the first byte that is not ASCII. Where none is found by then, the file is
#: taken for UTF-8; should it turn out not to be, reading stops with an error.
_SEARCHED: Final = 1 << 24

#: Share of the characters beyond ASCII that Chinese text has within GB 2312, ...
_KNOWN_SHARE: Final = 0.9
#: ... and of its hanzi that are of level 1, the common ones. Cyrillic letters taken for pairs of
#: gb18030 give hanzi too, but rare ones.
_COMMON_SHARE: Final = 0.5

# UTF-32 first: its mark begins as UTF-16's does.
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32-le", "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "utf-32"),
    (codecs.BOM_UTF8, "utf-8", "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16"),
)

_OTHERS: Final = '"latin-1", "cp1252", "big5", "shift_jis" or "euc-kr"'


@frozen
class Encoding:
    """How a file's bytes are to be read.

    Attributes:
        name: Python's name of the codec.
        skip: Length of the byte-order mark.
        how: ``"named"`` by the study, told by a ``"mark"``, ``"assumed"`` as UTF-8, or
            ``"guessed"``.
        remark: What a reader of the results should know.
    """

    name: str
    skip: int = 0
    how: Literal["named", "mark", "assumed", "guessed"] = "named"
    remark: str = ""


def codec_name(name: str) -> str:
    """Python's own name of a text encoding.

    Raises:
        DataError: There is no such encoding; the message offers near names.
    """
    try:
        known = codecs.lookup(name).name
        codecs.getincrementaldecoder(known)
        with suppress(UnicodeError):
            b"a".decode(known)  # refuses codecs that make no text, such as rot13 and zip
    except (LookupError, ValueError):
        names = {alias.replace("_", "-") for alias in encodings.aliases.aliases.values()}
        hint = near(name.replace("_", "-"), names) or '; "utf-8" and "gb18030" are two'
        raise DataError.at("encoding", f"there is no encoding {name!r}{hint}") from None
    return "utf-8" if known == "utf-8-sig" else known


def may_hold_zeros(head: bytes, named: str | None) -> bool:
    """Whether a file that begins so may hold NUL bytes and be text all the same."""
    wide = ("utf-16", "utf-32")
    if named is not None and named.startswith(wide):
        return True
    return any(head.startswith(mark) for mark, _, family in _MARKS if family in wide)


def find_encoding(file: BinaryIO, named: str | None, path: str) -> Encoding:
    """The encoding of a file.

    Args:
        file: The file, at its start.
        named: Python's name of the encoding that the study names.
        path: The file's path, for errors.

    Raises:
        DataError: It is none that can be found without doubt.
    """
    head = file.read(_BLOCK)
    for mark, name, family in _MARKS:
        if head.startswith(mark):
            remark = ""
            if named is not None and not named.startswith(family):
                remark = f"read as {family}, as its byte-order mark says, and not as {named}"
            return Encoding(name, len(mark), "mark", remark)
    if named is not None:
        return Encoding(named)
    return _without_mark(file, head, path)


def _without_mark(file: BinaryIO, head: bytes, path: str) -> Encoding:
    # The first block that is not plain ASCII decides: one that is UTF-8 by chance hardly exists.
    block, start, line = head, 0, 1
    while block.isascii() and block and start < _SEARCHED:
        start, line = start + len(block), line + block.count(b"\n")
        block = file.read(_BLOCK)
    at_end = len(block) < _BLOCK
    try:
        codecs.getincrementaldecoder("utf-8")().decode(block, at_end)
    except UnicodeDecodeError as error:
        if _is_chinese(block, at_end):
            return Encoding(
                "gb18030",
                how="guessed",
                remark="not UTF-8; read as gb18030; if texts look wrong, name the encoding",
            )
        line += block.count(b"\n", 0, error.start)
        raise DataError.at(
            path,
            f"byte {start + error.start + 1} (line {line}) is not UTF-8, and read as gb18030 the "
            "text is not Chinese; name the file's encoding in the study, such as encoding = "
            f"{_OTHERS}",
        ) from None
    return Encoding("utf-8", how="assumed")


def _is_chinese(block: bytes, at_end: bool) -> bool:
    try:
        text = codecs.getincrementaldecoder("gb18030")().decode(block, at_end)
    except UnicodeDecodeError:
        return False
    beyond, known, hanzi, common = 0, 0, 0, 0
    for character, times in Counter(text).items():
        if character.isascii():
            continue
        beyond += times
        row = _row(character)
        known += times * (row in (1, 2, 3) or 16 <= row <= 87)
        hanzi += times * (16 <= row <= 87)
        common += times * (16 <= row <= 55)
    return known >= _KNOWN_SHARE * beyond and common >= _COMMON_SHARE * hanzi


def _row(character: str) -> int:
    """The character's row in GB 2312: 1 to 3 signs, 16 to 55 common hanzi, to 87 rarer ones."""
    try:
        return character.encode("gb2312")[0] - 0xA0
    except UnicodeEncodeError:
        return 0


def utf8_blocks(file: BinaryIO, encoding: Encoding, path: str, size: int) -> Iterator[bytes]:
    """The file's text as UTF-8, in blocks of about ``size`` bytes, cut anywhere.

    Raises:
        DataError: A byte is not of the encoding.
    """
    decoder = codecs.getincrementaldecoder(encoding.name)("strict")
    file.seek(encoding.skip)
    position, line = encoding.skip, 1
    while True:
        raw = file.read(size)
        try:
            text = decoder.decode(raw, not raw)
            block = raw if encoding.name == "utf-8" else text.encode()
        except UnicodeDecodeError as error:
            # The decoder puts the bytes that it kept from the last block in front.
            where = position - (len(error.object) - len(raw)) + error.start
            before = error.object[: error.start].decode(encoding.name, "replace")
            raise _wrong(encoding, path, where + 1, line + before.count("\n")) from None
        except UnicodeError:  # UTF-16 without its mark, halves of surrogate pairs
            raise DataError.at(path, _wrong_as_a_whole(encoding)) from None
        if not raw:
            if block:
                yield block
            return
        yield block
        position, line = position + len(raw), line + text.count("\n")


def _wrong(encoding: Encoding, path: str, byte: int, line: int) -> DataError:
    place = f"byte {byte} (line {line}) is not {encoding.name}"
    if encoding.how == "mark":
        return DataError.at(
            path, f"{place}, the encoding that its byte-order mark announces; export it again"
        )
    if encoding.how == "assumed":
        return DataError.at(
            path,
            f"{place}, although the text before is; export the file again, or name its encoding "
            f'in the study, such as encoding = "gb18030", {_OTHERS}',
        )
    if encoding.how == "guessed":
        return DataError.at(
            path,
            f"{place}, although the text before is, and the file is not UTF-8 either; name its "
            f"encoding in the study, such as encoding = {_OTHERS}",
        )
    return DataError.at(
        path,
        f"{place}, the encoding that the study names; name the one that the file has, or leave it "
        "out to have it found",
    )


def _wrong_as_a_whole(encoding: Encoding) -> str:
    if encoding.name.startswith(("utf-16", "utf-32")):
        family = encoding.name[:6]
        return (
            f"it has no byte-order mark, so it can't be read as {family}; name encoding = "
            f'"{family}-le" or "{family}-be"'
        )
    return (
        f"it can't be read as {encoding.name}; name the encoding that the file has, or leave it "
        "out to have it found"
    )
