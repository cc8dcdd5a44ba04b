"""The container of a state file: a header of JSON, then arrays as they stand in memory.

Nothing in it can run anything: no pickle, no types but numbers, no names of modules. It is not
compressed, so that no file is small on disk and large in memory. The layout, little-endian:

| bytes | what |
|---|---|
| 0-15 | ``satcore states`` and CR LF, which a transfer as text would break |
| 16-19 | version of the format, 1 |
| 20-23 | zero |
| 24-31 | length of the header, without its padding |
| 32-39 | length of the whole file |
| 40-47 | zero |
| 48-79 | SHA-256 of bytes 16-47 and of all from byte 80 |
| 80- | the header: JSON in ASCII, padded with spaces to a multiple of 64 |
| then | the arrays, each padded with zeros to a multiple of 64 |
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import stat
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from satcore.errors import DataError
from satcore.states import Array

MAGIC: Final = b"satcore states\r\n"
VERSION: Final = 1

#: Most bytes of a header. Beyond, so many fragments or labels are better kept in several files.
MOST_HEADER: Final = 1 << 25
#: Most of its marks that open a list or an object, and that part values: each costs far more memory
#: than its bytes once it is read.
MOST_OPENED: Final = 1 << 20
MOST_PARTED: Final = 1 << 23
#: Most bytes of a file.
MOST_BYTES: Final = 1 << 31

#: What arrays may hold: truth, whole numbers and real ones of at most eight bytes.
KINDS: Final = frozenset(
    ["|b1", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f2", "<f4", "<f8"]
)

_PRELUDE: Final = struct.Struct("<16sIIQQQ32s")
_ALIGNED: Final = 64


def packed(header: Mapping[str, Any], arrays: Iterable[Array]) -> Iterator[bytes | memoryview]:
    """The bytes of a file, piece by piece.

    Args:
        header: What the arrays are; JSON will hold it.
        arrays: The arrays, in the order in which the header tells of them.

    Raises:
        DataError: It would be larger than what is read back.
    """
    text = json.dumps(header, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode()
    _check_header(text, "the states")
    pieces: list[bytes | memoryview] = [text, _padding(_PRELUDE.size + len(text), b" ")]
    for array in arrays:
        plain = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        pieces += [plain.reshape(-1).view(np.uint8).data, _padding(plain.nbytes, b"\0")]
    length = _PRELUDE.size + sum(len(piece) for piece in pieces)
    if length > MOST_BYTES:
        raise DataError.at(
            "the states", f"{length} bytes are more than the {MOST_BYTES} that one file may have; "
            "report fewer combinations in `by`, or save in several files"
        )  # fmt: skip
    yield _prelude(len(text), length, pieces)
    yield from (piece for piece in pieces if piece)


def _prelude(header: int, length: int, pieces: Iterable[bytes | memoryview]) -> bytes:
    start = _PRELUDE.pack(MAGIC, VERSION, 0, header, length, 0, bytes(32))[:48]
    digest = hashlib.sha256(start[16:])
    for piece in pieces:
        digest.update(piece)
    return start + digest.digest()


def _padding(length: int, fill: bytes) -> bytes:
    return fill * (-length % _ALIGNED)


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """A state file's bytes, of a file that is no larger than one may be.

    Raises:
        DataError: It can't be read, is no file or too large.
    """
    place = os.fspath(path)
    try:
        with Path(path).open("rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise DataError.at(place, "it is a pipe or a device, not a state file")
            head = file.read(_PRELUDE.size)
            check_prelude(head, found.st_size, place)
            return head + file.read(found.st_size - len(head))
    except IsADirectoryError:
        raise DataError.at(place, "it is a folder, not a state file") from None
    except OSError as error:
        raise DataError.at(place, f"it can't be read: {error.strerror or error}") from error


def check_prelude(head: bytes, size: int, place: str) -> int:
    """The length of the header, once the first bytes bear out a state file of this size.

    Raises:
        DataError: It is no state file, of another version, cut off or longer than it says.
    """
    if head[: len(MAGIC)] != MAGIC:
        raise DataError.at(place, f"it is no state file of satcore: {_instead(head)}")
    if len(head) < _PRELUDE.size:
        raise DataError.at(place, f"it is cut off: {size} bytes are not even its first part")
    _, version, zero, header, length, more, _ = _PRELUDE.unpack(head)
    if version != VERSION:
        raise DataError.at(
            place,
            f"it is of format {version}, but this satcore reads format {VERSION}: a later satcore "
            "wrote it, or it is damaged; update satcore, or count the answers again",
        )
    if size < length:
        raise DataError.at(
            place, f"it is cut off: {size} of {length} bytes are there; copy it again"
        )
    if size > length:
        raise _damaged(place, f"{size - length} bytes follow its end")
    if length > MOST_BYTES or header > MOST_HEADER or zero or more:
        raise _damaged(place, "its first part tells of sizes that no state file has")
    if _PRELUDE.size + header > length:
        raise _damaged(place, "its header would be longer than the file")
    return int(header)


def _instead(head: bytes) -> str:
    """What it is rather, by its first bytes."""
    kinds = (
        (b"PK", "a zip archive or a workbook"),
        (b"PAR1", "a Parquet file"),
        (b"\x80", "a pickle"),
    )
    what = next((name for first, name in kinds if head.startswith(first)), None)
    if not head:
        return "it is empty"
    return f"it looks like {what}" if what else "its first bytes are others"


def unpacked(data: bytes | bytearray | memoryview, place: str) -> tuple[dict[str, Any], Arrays]:
    """The header of a file, and its arrays to be taken in their order.

    Raises:
        DataError: It is no state file, cut off, damaged or of another version.
    """
    view = memoryview(data).cast("B").toreadonly()
    head = bytes(view[: _PRELUDE.size])
    length = check_prelude(head, len(view), place)
    digest = hashlib.sha256(head[16:48])
    digest.update(view[_PRELUDE.size :])
    if digest.digest() != head[48:]:
        raise _damaged(place, "its checksum is not that of its contents")
    start = _PRELUDE.size
    header = _header(bytes(view[start : start + length]), place)
    start += length
    start += -start % _ALIGNED
    return header, Arrays(view[start:], place)


def _header(text: bytes, place: str) -> dict[str, Any]:
    _check_header(text, place)
    try:
        found = json.loads(text, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise _damaged(place, f"its header can't be read: {error}") from None
    if not isinstance(found, dict):
        raise _damaged(place, "its header is no object")
    return found


def _check_header(text: bytes, place: str) -> None:
    opened, parted = text.count(b"[") + text.count(b"{"), text.count(b",")
    if len(text) > MOST_HEADER or opened > MOST_OPENED or parted > MOST_PARTED:
        raise DataError.at(
            place, "so many labels, statistics or fragments are more than one state file may hold"
        )


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is no number")


class Arrays:
    """The arrays of a file, taken one after the other."""

    def __init__(self, view: memoryview, place: str) -> None:
        self._view, self._place, self._start = view, place, 0

    def take(self, kind: str, shape: Sequence[int]) -> Array:
        """The next array, which nobody may write to.

        Raises:
            DataError: It is of a type that none may be, or the file does not hold it.
        """
        if kind not in KINDS:
            raise _damaged(self._place, f"an array of {kind!r}, which is no number")
        dtype = np.dtype(kind)
        # Python's whole numbers: a product of lengths may pass any other kind.
        size = math.prod(shape) * dtype.itemsize
        if dtype.itemsize * math.prod(length or 1 for length in shape) > MOST_BYTES:
            raise _damaged(self._place, f"an array of {list(shape)} is larger than any may be")
        if self._start + size > len(self._view):
            raise _damaged(self._place, f"an array of {list(shape)} is longer than the file")
        flat = np.frombuffer(self._view[self._start : self._start + size], dtype=dtype)
        self._start += size + -size % _ALIGNED
        return flat.reshape(shape).astype(dtype.newbyteorder("="), copy=False)

    def close(self) -> None:
        """Hold the end of the last array against the end of the file.

        Raises:
            DataError: There is more, or less.
        """
        if self._start != len(self._view):
            raise _damaged(self._place, "its arrays do not end where the file does")


def _damaged(place: str, why: str) -> DataError:
    return DataError.at(place, f"it is damaged: {why}; copy it again, or count the answers again")
