"""The shape of delimited text: where records end, and whether each has as many cells as the header.

A reader that is asked for few columns does not look at the others, so that a line with too many
cells, or too few, would pass in silence and answers would stand under the wrong question. Each
block is therefore checked whole before it is decoded. Text here is UTF-8, in which the bytes of
quotes, delimiters and line ends mean nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

_QUOTE: Final = ord('"')
_NEWLINE: Final = ord("\n")
_RETURN: Final = ord("\r")

#: Bytes that one record may have. A longer one is a quote that is never closed, which would
#: otherwise draw the rest of the file into memory.
LONGEST: Final = 1 << 26

_DOUBLE_IT: Final = (
    'a cell with a double quote in it stands in double quotes, and the one inside is doubled: ""'
)


class MalformedError(Exception):
    """Text that is no table.

    Attributes:
        line: The line, from 0 at the start of the text that was looked at.
        message: What is wrong there and what would be right.
    """

    def __init__(self, line: int, message: str) -> None:
        self.line = line
        self.message = message
        super().__init__(message)


@frozen
class Block:
    """Whole records, each with as many cells as the header.

    Attributes:
        text: The records as they stand in the file, empty lines left out.
        rows: How many records.
    """

    text: bytes
    rows: int


def record_blocks(texts: Iterable[bytes]) -> Iterator[bytes]:
    """Text that was cut anywhere, cut at ends of records.

    Empty lines at the very end are left out. What a quote leaves open there comes as it is.

    Raises:
        MalformedError: The record after the last block has no end for ``LONGEST`` bytes.
    """
    pending, state = b"", _State()
    for text in texts:
        end, state = _last_end(text, state)
        if end:
            yield pending + text[:end]
            pending = text[end:]
        else:
            pending += text
        if len(pending) > LONGEST:
            raise MalformedError(
                0,
                f"the record that begins here has no end within {LONGEST >> 20} MiB; a closing "
                "quote is missing",
            )
    if pending.strip(b"\r\n"):
        yield pending.rstrip(b"\r\n") + b"\n"


@frozen
class _State:
    """Where a text was left: within quotes, and in a line that has something in it."""

    quoted: bool = False
    begun: bool = False


def _last_end(text: bytes, state: _State) -> tuple[int, _State]:
    """Where the last record ends that is not an empty line, 0 where none does; the state after.

    Only the new text is looked at: a quote that stays open is not gone through again and again.
    """
    data = np.frombuffer(text, np.uint8)
    newlines, quotes = np.flatnonzero(data == _NEWLINE), np.flatnonzero(data == _QUOTE)
    last = text[newlines[-1] + 1 :] if len(newlines) else text
    after = _State(
        quoted=(len(quotes) % 2 == 1) != state.quoted,
        begun=bool(last.strip(b"\r")) or (state.begun and not len(newlines)),
    )
    outside = (np.searchsorted(quotes, newlines) + state.quoted) % 2 == 0
    lengths = np.diff(newlines, prepend=-1) - 1
    # Empty lines wait for what follows: they may be the file's last.
    filled = (lengths > 1) | ((lengths == 1) & (data[newlines - 1] != _RETURN))
    if len(filled):
        filled[0] |= state.begun
    ends = newlines[outside & filled]
    return (int(ends[-1]) + 1 if len(ends) else 0), after


def records(text: bytes) -> Iterator[tuple[int, int]]:
    """Start and end of each record that is complete and no empty line."""
    start = end = quotes = 0
    while (newline := text.find(b"\n", end)) >= 0:
        quotes += text.count(b'"', end, newline)
        end = newline + 1
        if quotes % 2 == 0:
            if text[start:end].strip(b"\r\n"):
                yield start, end
            start = end


def unquoted(record: bytes) -> bytes:
    """What of a record stands outside quotes."""
    return b"".join(record.split(b'"')[::2])


def cells(record: bytes, delimiter: str) -> list[str]:
    """The cells of one record.

    Raises:
        MalformedError: Its quotes do not fit.
    """
    line = record.removesuffix(b"\n").removesuffix(b"\r")
    data = np.frombuffer(line, np.uint8)
    delimiters = data == ord(delimiter)
    outside = _check_quotes(data, ord(delimiter))
    if outside is not None:
        delimiters &= outside
    ends = [*np.flatnonzero(delimiters).tolist(), len(line)]
    starts = [0, *(end + 1 for end in ends[:-1])]
    return [_cell(line[start:end]) for start, end in zip(starts, ends, strict=True)]


def _cell(text: bytes) -> str:
    if text.startswith(b'"'):
        text = text[1:-1].replace(b'""', b'"')
    return text.decode()


def checked(text: bytes, delimiter: int, width: int) -> Block:
    """Records that each have ``width`` cells.

    A line without anything in it is no record, except where there is but one column: there it is
    a response without an answer.

    Raises:
        MalformedError: A record has more or fewer cells, a quote stands where none may, or there
            are NUL bytes.
    """
    if b"\0" in text:
        raise MalformedError(
            text.count(b"\n", 0, text.index(b"\0")),
            "a NUL byte, which no text has; the file is damaged, so export it again",
        )
    data = np.frombuffer(text, np.uint8)
    newlines, delimiters = data == _NEWLINE, data == delimiter
    outside = _check_quotes(data, delimiter)
    if outside is not None:
        newlines &= outside
        delimiters &= outside
    ends, cuts = np.flatnonzero(newlines), np.flatnonzero(delimiters)
    if _rectangular(ends, cuts, width):
        return Block(text, len(ends))
    return _without_empty_lines(text, data, ends, cuts, width)


def _check_quotes(data: NDArray[np.uint8], delimiter: int) -> NDArray[np.bool_] | None:
    """Which bytes stand outside quotes; None where all do.

    Raises:
        MalformedError: A quote opens within a cell, closes before its end, or never closes.
    """
    quotes = data == _QUOTE
    places = np.flatnonzero(quotes)
    if not len(places):
        return None
    opening, closing = places[0::2], places[1::2]
    # Within a quoted cell, a doubled quote closes and opens again at once.
    before = data[opening - 1]
    opens = (before == delimiter) | (before == _NEWLINE) | (before == _QUOTE) | (opening == 0)
    after = data[np.minimum(closing + 1, len(data) - 1)]
    closes = (after == delimiter) | (after == _NEWLINE) | (after == _QUOTE)
    closes |= closing == len(data) - 1
    closes |= (after == _RETURN) & (data[np.minimum(closing + 2, len(data) - 1)] == _NEWLINE)
    if not (opens.all() and closes.all()):
        _raise_for_quote(data, opening, closing, opens, closes)
    if len(opening) > len(closing):
        raise MalformedError(
            _line(data, opening[-1]),
            "the double quote that opens a cell here is never closed; close it, or double it "
            "where it is part of the text",
        )
    # Inside a quoted cell, the number of quotes so far is odd.
    odd = np.bitwise_xor.accumulate(quotes.view(np.uint8))
    return np.equal(odd, 0)


def _raise_for_quote(
    data: NDArray[np.uint8],
    opening: NDArray[np.intp],
    closing: NDArray[np.intp],
    opens: NDArray[np.bool_],
    closes: NDArray[np.bool_],
) -> None:
    wrong_opening = int(np.argmin(opens)) if not opens.all() else len(opening)
    wrong_closing = int(np.argmin(closes)) if not closes.all() else len(closing)
    if wrong_opening <= wrong_closing:
        raise MalformedError(
            _line(data, opening[wrong_opening]),
            f"a double quote stands within a cell; {_DOUBLE_IT}",
        )
    begun = _line(data, opening[wrong_closing])
    more = _line(data, closing[wrong_closing]) - begun
    far = f" ({more} lines further down)" if more > 1 else " (one line further down)" * more
    raise MalformedError(
        begun, f"text follows the quote that closes a cell begun here{far}; {_DOUBLE_IT}"
    )


def _line(data: NDArray[np.uint8], place: int) -> int:
    return int(np.count_nonzero(data[:place] == _NEWLINE))


def _rectangular(ends: NDArray[np.intp], cuts: NDArray[np.intp], width: int) -> bool:
    if len(cuts) != len(ends) * (width - 1):
        return False
    if not len(cuts):
        return True
    # A record with one cell too many and one with one too few would make up for each other.
    table = cuts.reshape(len(ends), width - 1)
    return bool((table[:, -1] < ends).all() and (table[1:, 0] > ends[:-1]).all())


def _without_empty_lines(
    text: bytes,
    data: NDArray[np.uint8],
    ends: NDArray[np.intp],
    cuts: NDArray[np.intp],
    width: int,
) -> Block:
    starts = np.concatenate((ends[:1] * 0, ends[:-1] + 1))
    found = np.diff(np.searchsorted(cuts, ends), prepend=0) + 1
    empty = (ends == starts) | ((ends == starts + 1) & (data[starts] == _RETURN))
    wrong = (found != width) & ~(empty & (width > 1))
    if wrong.any():
        first = int(np.argmax(wrong))
        raise MalformedError(_line(data, starts[first]), _ragged(int(found[first]), width))
    kept = np.ones(len(data), dtype=bool)
    for start, end in zip(starts[empty].tolist(), ends[empty].tolist(), strict=True):
        kept[start : end + 1] = False
    return Block(data[kept].tobytes(), len(ends) - int(empty.sum()))


def _ragged(found: int, width: int) -> str:
    cells_here = "1 cell" if found == 1 else f"{found} cells"
    columns = "1 column" if width == 1 else f"{width} columns"
    if found > width:
        cure = "a cell with the delimiter in it stands in double quotes"
    else:
        cure = "an empty cell needs its delimiter too"
    return f"{cells_here}, but the header has {columns}; {cure}"
