"""What the head of an SPSS file tells that pyreadstat does not, and whether it is sound.

A damaged head may point to variables that are not there, at which pyreadstat would end the whole
process. It is therefore read here first.

Source: "System File Format" in the GNU PSPP developers' guide
(https://www.gnu.org/software/pspp/pspp-dev/html_node/System-File-Format.html); held against the
files that pyreadstat writes and those of its own tests.
"""

from __future__ import annotations

import struct
from typing import BinaryIO, Final

from attrs import define, frozen

#: Length of the header record, and where in it the layout code and the weight's place stand.
_HEADER, _LAYOUT, _WEIGHT = 176, 64, 76

#: Records of the dictionary.
_VARIABLE, _LABELS, _LABELLED, _DOCUMENTS, _EXTENSION, _END = 2, 3, 4, 6, 7, 999

#: Formats of texts.
_TEXTS: Final = (1, 2)

#: Width of the longest text that one variable of the dictionary holds.
_WIDEST: Final = 255

#: Extensions: what machine wrote the file, and its encoding's name.
_MACHINE, _ENCODING = 3, 20

#: Where a machine's record tells the characters, and codes that tell only the kind of machine.
_CHARACTERS, _KINDS = 28, range(1, 5)

#: Bytes that an extension may have.
_LONGEST: Final = 1 << 26


@frozen
class SpssHeader:
    """What the head of an SPSS file tells.

    Attributes:
        weight: Which of the numeric variables weighs the responses, from 0; None for none.
        tells_encoding: Whether it says which encoding its texts have.
    """

    weight: int | None = None
    tells_encoding: bool = False


def read_header(file: BinaryIO) -> SpssHeader | None:
    """The head of an SPSS file; None where it is damaged or none.

    The weight is given by its place among the records of variables. A text takes several records,
    some of which pyreadstat does not show; a number takes one, so that the weight is found again
    by its place among the numbers.
    """
    start = file.read(_HEADER)
    try:
        order = "<" if struct.unpack_from("<i", start, _LAYOUT)[0] in (2, 3) else ">"
        records = _Records(file, order, struct.unpack_from(f"{order}i", start, _WEIGHT)[0])
        while records.next():
            pass
    except (struct.error, IndexError, ValueError):
        return None
    return SpssHeader(records.found, records.tells_encoding)


@define
class _Records:
    """The dictionary's records, one after the other."""

    file: BinaryIO
    order: str
    weight: int
    place: int = 0
    numbers: int = 0
    found: int | None = None
    tells_encoding: bool = False
    continuing: int = 0

    def integers(self, count: int) -> tuple[int, ...]:
        return struct.unpack(f"{self.order}{count}i", self.file.read(4 * count))

    def skip(self, size: int) -> None:
        if size < 0 or len(self.file.read(min(size, _LONGEST))) < size:
            raise ValueError

    def next(self) -> bool:
        """Take in a record; False at the end of the dictionary."""
        [kind] = self.integers(1)
        if kind == _VARIABLE:
            self._variable()
        elif kind == _LABELS:
            [count] = self.integers(1)
            for _ in range(count):
                self.skip(8)
                length = self.file.read(1)[0]
                self.skip(_padded(length + 1, 8) - 1)
        elif kind == _LABELLED:
            [count] = self.integers(1)
            if not 0 < count <= self.place or not all(
                0 < one <= self.place for one in self.integers(count)
            ):
                raise ValueError
        elif kind == _DOCUMENTS:
            [count] = self.integers(1)
            self.skip(80 * count)
        elif kind == _EXTENSION:
            self._extension()
        elif kind == _END and not self.continuing and self.place:
            return False
        else:
            raise ValueError
        return True

    def _variable(self) -> None:
        width, labelled, missing, printed, written = self.integers(5)
        # A text goes on in records of width -1, one for each 8 bytes after the first.
        if (width == -1) != (self.continuing > 0) or not -1 <= width <= _WIDEST:
            raise ValueError
        self.continuing = self.continuing - 1 if width == -1 else max(_padded(width, 8) // 8 - 1, 0)
        forms = {(form >> 16 & 0xFF) in _TEXTS for form in (printed, written)}
        if width >= 0 and forms != {width > 0}:
            raise ValueError
        if labelled not in (0, 1) or not -3 <= missing <= 3:
            raise ValueError
        self.skip(8)
        if labelled:
            [length] = self.integers(1)
            self.skip(_padded(length, 4))
        self.skip(8 * min(abs(missing), 3))
        self.place += 1
        if width == 0:
            if self.place == self.weight:
                self.found = self.numbers
            self.numbers += 1

    def _extension(self) -> None:
        subtype, size, count = self.integers(3)
        if not 0 <= size * count <= _LONGEST:
            raise ValueError
        content = self.file.read(size * count)
        if subtype == _ENCODING:
            self.tells_encoding = True
        elif subtype == _MACHINE and len(content) > _CHARACTERS:
            [code] = struct.unpack_from(f"{self.order}i", content, _CHARACTERS)
            self.tells_encoding |= code not in _KINDS


def _padded(length: int, unit: int) -> int:
    return -(-length // unit) * unit
