"""What separates the cells of a file."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from satcore_files.records import MalformedError, cells, unquoted

#: What may separate cells, in the order in which equals are taken.
NAMES: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}


@frozen
class Delimiter:
    """What separates cells.

    Attributes:
        sign: The character.
        others: Others that would fit the file as well.
    """

    sign: str
    others: tuple[str, ...] = ()


def find_delimiter(header: bytes, records: list[bytes], *, tabs: bool) -> Delimiter:
    """The delimiter that the header holds and that most records after it bear out.

    Args:
        header: The first record.
        records: Some that follow.
        tabs: The file's name promises tabs.
    """
    present = [sign for sign in NAMES if sign.encode() in unquoted(header)]
    if tabs and ("\t" in present or not present):
        return Delimiter("\t")
    if len(present) < 2:
        return Delimiter(present[0] if present else ",")
    widths = {sign: _width(header, sign) for sign in present}
    agreeing = {
        sign: sum(_width(record, sign) == width for record in records) if width else -1
        for sign, width in widths.items()
    }
    best = max(present, key=lambda sign: (agreeing[sign], widths[sign]))
    others = [sign for sign in present if sign != best and agreeing[sign] == len(records) > 0]
    return Delimiter(best, tuple(others))


def _width(record: bytes, sign: str) -> int:
    """How many cells the record has; 0 where its quotes do not fit this delimiter."""
    try:
        return len(cells(record, sign))
    except MalformedError:
        return 0
