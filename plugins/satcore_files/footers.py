"""What the end of a Parquet file tells: its columns and how many rows each row group has.

polars reads Parquet, but does not tell its row groups. The footer is a structure in Thrift's
compact protocol, of which this reads the few fields that are needed and skips the others.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, Final, TypeAlias

from attrs import define, frozen

_MAGIC: Final = b"PAR1"
_ENCRYPTED: Final = b"PARE"

#: The protocol's types.
_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(1, 13)

#: Structures in structures; a damaged file may pretend any number.
_DEEPEST: Final = 64


class BrokenFooterError(Exception):
    """The file is no Parquet file, or not a whole one. Its text says so to the reader."""


@frozen
class Footer:
    """What a Parquet file says of itself.

    Attributes:
        columns: Names of the columns at the top level.
        row_groups: How many rows each row group has.
    """

    columns: tuple[str, ...]
    row_groups: tuple[int, ...]


def read_footer(file: BinaryIO) -> Footer:
    """The footer of a Parquet file.

    Raises:
        BrokenFooterError: There is none, or it can't be read.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(4)
    if not size:
        raise BrokenFooterError("it is empty; export the answers again")
    if head == _ENCRYPTED:
        raise BrokenFooterError("it is encrypted; decrypt it first")
    if head != _MAGIC:
        raise BrokenFooterError("it is no Parquet file; give it the name that fits what it is")
    file.seek(max(size - 8, 0))
    tail = file.read(8)
    length = int.from_bytes(tail[:4], "little")
    if size < 12 or tail[4:] != _MAGIC or length > size - 12:
        raise BrokenFooterError(
            "it is cut short: the end of the Parquet file is missing; copy or export it again"
        )
    file.seek(size - 8 - length)
    try:
        return _footer(_Reader(file.read(length)), size - 8 - length)
    except (IndexError, KeyError, ValueError, _UnreadableError):
        raise BrokenFooterError(
            "its footer, which tells the columns, is damaged; copy or export it again"
        ) from None


class _UnreadableError(Exception):
    pass


@define
class _Reader:
    """A place in bytes of the compact protocol, going forward."""

    data: bytes
    at: int = 0

    def byte(self) -> int:
        value = self.data[self.at]
        self.at += 1
        return value

    def varint(self) -> int:
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
            if shift > 63:
                raise _UnreadableError

    def integer(self) -> int:
        value = self.varint()
        return (value >> 1) ^ -(value & 1)

    def binary(self) -> bytes:
        length = self.varint()
        if length > len(self.data) - self.at:
            raise _UnreadableError
        value = self.data[self.at : self.at + length]
        self.at += length
        return value

    def skip(self, kind: int, depth: int = 0) -> None:
        """Pass over a value of any type."""
        if depth > _DEEPEST:
            raise _UnreadableError
        if kind in (_TRUE, _FALSE):  # the type is the value
            return
        if kind == _BYTE:
            self.byte()
        elif kind in (_I16, _I32, _I64):
            self.varint()
        elif kind == _DOUBLE:
            self.at += 8
        elif kind == _BINARY:
            self.binary()
        elif kind in (_LIST, _SET):
            inner, size = self.list_header()
            for _ in range(size):
                self.skip_element(inner, depth + 1)
        elif kind == _MAP:
            size = self.varint()
            kinds = self.byte() if size else 0
            for _ in range(size):
                self.skip_element(kinds >> 4, depth + 1)
                self.skip_element(kinds & 0x0F, depth + 1)
        elif kind == _STRUCT:
            self.structure({}, depth + 1)
        else:
            raise _UnreadableError

    def skip_element(self, kind: int, depth: int) -> None:
        """Pass over an element of a list, in which truth values take a byte."""
        if self.at >= len(self.data):
            raise _UnreadableError
        self.skip(_BYTE if kind in (_TRUE, _FALSE) else kind, depth)

    def list_header(self) -> tuple[int, int]:
        """Type and number of a list's elements."""
        byte = self.byte()
        size = byte >> 4
        return byte & 0x0F, self.varint() if size == 15 else size

    def structure(self, fields: _Fields, depth: int = 0) -> dict[int, Any]:
        """The given fields of a structure, each by its type and reader; others are skipped."""
        found: dict[int, Any] = {}
        number = 0
        while kind := self.byte():
            step, kind = kind >> 4, kind & 0x0F
            number = number + step if step else self.integer()
            expected, read = fields.get(number, (None, None))
            if read is None:
                self.skip(kind, depth)
            elif kind != expected:
                raise _UnreadableError
            else:
                found[number] = read(self)
        return found

    def structures(self, fields: _Fields) -> list[dict[int, Any]]:
        """A list of structures."""
        kind, size = self.list_header()
        if kind != _STRUCT:
            raise _UnreadableError
        return [self.structure(fields) for _ in range(size)]


#: Fields of a structure by their numbers: of which type they are and how they are read.
_Fields: TypeAlias = Mapping[int, tuple[int, Callable[[_Reader], Any]]]

# The fields that are needed, with their numbers from parquet.thrift.
_NAME, _CHILDREN = 4, 5
_SCHEMA_ELEMENT: Final[_Fields] = {
    _NAME: (_BINARY, lambda reader: reader.binary().decode()),
    _CHILDREN: (_I32, _Reader.integer),
}
_SIZE, _PAGES_AT, _DICTIONARY_AT = 7, 9, 11
_COLUMN_META_DATA: Final[_Fields] = {
    _SIZE: (_I64, _Reader.integer),
    _PAGES_AT: (_I64, _Reader.integer),
    _DICTIONARY_AT: (_I64, _Reader.integer),
}
_FILE_PATH, _META_DATA = 1, 3
_COLUMN_CHUNK: Final[_Fields] = {
    _FILE_PATH: (_BINARY, _Reader.binary),
    _META_DATA: (_STRUCT, lambda reader: reader.structure(_COLUMN_META_DATA)),
}
_CHUNKS, _ROWS = 1, 3
_ROW_GROUP: Final[_Fields] = {
    _CHUNKS: (_LIST, lambda reader: reader.structures(_COLUMN_CHUNK)),
    _ROWS: (_I64, _Reader.integer),
}
_SCHEMA, _ALL_ROWS, _ROW_GROUPS = 2, 3, 4
_FILE_META_DATA: Final[_Fields] = {
    _SCHEMA: (_LIST, lambda reader: reader.structures(_SCHEMA_ELEMENT)),
    _ALL_ROWS: (_I64, _Reader.integer),
    _ROW_GROUPS: (_LIST, lambda reader: reader.structures(_ROW_GROUP)),
}


def _footer(reader: _Reader, end: int) -> Footer:
    """The footer, where it fits the data, which end at ``end``."""
    found = reader.structure(_FILE_META_DATA)
    rows = [group[_ROWS] for group in found[_ROW_GROUPS]]
    if min(rows, default=0) < 0 or sum(rows) != found[_ALL_ROWS]:
        raise _UnreadableError
    for group in found[_ROW_GROUPS]:
        for chunk in group[_CHUNKS] if group[_ROWS] else ():
            _check_chunk(chunk, end)
    return Footer(_top_level(found[_SCHEMA]), tuple(rows))


def _check_chunk(chunk: dict[int, Any], end: int) -> None:
    """A column's data in one row group lie within the file."""
    if _FILE_PATH in chunk:
        raise BrokenFooterError(
            "it only points to other files; give those, or write it as one file"
        )
    place = chunk[_META_DATA]
    starts = [place[field] for field in (_PAGES_AT, _DICTIONARY_AT) if place.get(field)]
    if min(starts) < len(_MAGIC) or place[_SIZE] < 0:
        raise _UnreadableError
    if min(starts) + place[_SIZE] > end:
        raise BrokenFooterError("a part of its data is missing; copy or export it again")


def _top_level(elements: list[dict[int, Any]]) -> tuple[str, ...]:
    """The names right below the root, of a tree that is written parents first."""
    names = []
    place = 1
    while place < len(elements):
        names.append(elements[place][_NAME])
        open_children = 1
        while open_children:  # pass over the whole of this column
            open_children += elements[place].get(_CHILDREN, 0) - 1
            place += 1
    return tuple(names)
