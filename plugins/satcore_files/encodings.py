"""Text in any encoding as UTF-8, block by block.

An encoding is named by the study, told by a byte-order mark, or found. It is found only where
there is little doubt: every byte fits UTF-8, or the text has the letters of one language when read
as that language's encoding: Chinese, Korean or Japanese. Elsewhere the reader of the message has
to name it, since nearly any bytes are text in some encoding, and a wrong guess would change labels
in silence. A guess is told in the results.
"""

from __future__ import annotations

import codecs
import encodings.aliases
import math
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import BinaryIO, Final, Literal

from attrs import frozen

from satcore import DataError, listed, near

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

#: Hangul lie where the first half of the common hanzi lie, so that Korean read as gb18030 is all
#: common hanzi. They end at this row; of different hanzi in a text about 3 in 8 lie behind it.
_FIRST_HANZI, _LAST_HANGUL, _LATE_SHARE = 16, 40, 0.3
#: Chinese text with as few late ones as there are is less likely than this: it is Korean.
_UNLIKELY: Final = 1e-3
#: Different hanzi that are enough to tell.
_ENOUGH: Final = 400

#: Share of the characters beyond ASCII that Korean text has in Hangul or signs.
_HANGUL_SHARE: Final = 0.9

#: Shares of the characters beyond ASCII that Japanese text has in known signs, and in kana.
_JAPANESE_SHARE: Final = 0.95
_KANA_SHARE: Final = 0.2

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
        fitting = [name for name, fits in _LANGUAGES.items() if fits(block, at_end)]
        if len(fitting) == 1:
            return Encoding(
                fitting[0],
                how="guessed",
                remark=f"not UTF-8; read as {fitting[0]}; if texts look wrong, name the encoding",
            )
        line += block.count(b"\n", 0, error.start)
        place = f"byte {start + error.start + 1} (line {line}) is not UTF-8, and"
        if fitting:
            names = ", ".join(f'"{name}"' for name in fitting)
            raise DataError.at(
                path,
                f"{place} there is too little text to tell {listed(fitting)} apart; name the "
                f"file's encoding in the study, such as encoding = {names}, {_OTHERS}",
            ) from None
        raise DataError.at(
            path,
            f"{place} read as gb18030 the text is not Chinese; name the file's encoding in the "
            f"study, such as encoding = {_OTHERS}",
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
    if known < _KNOWN_SHARE * beyond or common < _COMMON_SHARE * hanzi:
        return False
    rows = [_row(sign) for sign in set(text) if not sign.isascii()]
    late = sum(row > _LAST_HANGUL for row in rows)
    return _at_most(late, sum(row >= _FIRST_HANZI for row in rows), _LATE_SHARE) >= _UNLIKELY


def _at_most(hits: int, tries: int, share: float) -> float:
    """How likely so few hits are, of a binomial distribution."""
    tries = min(tries, _ENOUGH)
    return sum(
        math.comb(tries, one) * share**one * (1 - share) ** (tries - one)
        for one in range(min(hits, tries) + 1)
    )


def _row(character: str) -> int:
    """The character's row in GB 2312: 1 to 3 signs, 16 to 55 common hanzi, to 87 rarer ones."""
    try:
        return character.encode("gb2312")[0] - 0xA0
    except UnicodeEncodeError:
        return 0


def _is_korean(block: bytes, at_end: bool) -> bool:
    beyond = _beyond_ascii(block, at_end, "cp949")
    hangul = sum(times for sign, times in beyond.items() if "\uac00" <= sign <= "\ud7a3")
    signs = sum(times for sign, times in beyond.items() if sign < "\u3100" or sign > "\uff00")
    # Pairs that Korean has no room for make rare syllables beyond KS X 1001, of two bytes each.
    common = sum(times for sign, times in beyond.items() if _length(sign, "euc_kr") == 2)
    whole = beyond.total()
    return hangul > 0 and min(hangul + signs, common) >= _HANGUL_SHARE * whole


def _is_japanese(encoding: str) -> Callable[[bytes, bool], bool]:
    def fits(block: bytes, at_end: bool) -> bool:
        beyond = _beyond_ascii(block, at_end, encoding)
        kana = sum(times for sign, times in beyond.items() if "\u3040" <= sign <= "\u30ff")
        # Katakana of half width are single bytes, which any text has.
        known = sum(
            times
            for sign, times in beyond.items()
            if _length(sign, "euc_jp") and not "\uff61" <= sign <= "\uff9f"
        )
        whole = beyond.total()
        return kana > 0 and kana >= _KANA_SHARE * whole and known >= _JAPANESE_SHARE * whole

    return fits


def _beyond_ascii(block: bytes, at_end: bool, encoding: str) -> Counter[str]:
    """The characters beyond ASCII, counted; none where the bytes are not of the encoding."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(block, at_end)
    except UnicodeDecodeError:
        return Counter()
    return Counter({sign: times for sign, times in Counter(text).items() if not sign.isascii()})


def _length(sign: str, encoding: str) -> int:
    """How many bytes a character takes; 0 where the encoding has none for it."""
    try:
        return len(sign.encode(encoding))
    except UnicodeEncodeError:
        return 0


#: Encodings that are found by the letters of their language.
_LANGUAGES: Final[dict[str, Callable[[bytes, bool], bool]]] = {
    "gb18030": _is_chinese,
    "cp949": _is_korean,
    "cp932": _is_japanese("cp932"),
    "euc_jp": _is_japanese("euc_jp"),
}


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
