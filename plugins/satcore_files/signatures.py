"""What a file is by its first bytes, where it is no text."""

from __future__ import annotations

from typing import Final

_SAVE_AS_CSV: Final = "save it as CSV"

#: First bytes, what such a file is, and what to do with it.
_SIGNATURES: Final = (
    (b"PK\x03\x04", "an Excel workbook or another zip archive", f"{_SAVE_AS_CSV} or as .xlsx"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook", _SAVE_AS_CSV),
    (b"PAR1", "a Parquet file", "give it a name that ends with .parquet"),
    (b"PARE", "an encrypted Parquet file", "decrypt it first"),
    (b"\x1f\x8b", "a gzip archive", "unpack it first"),
    (b"BZh", "a bzip2 archive", "unpack it first"),
    (b"\xfd7zXZ\x00", "an xz archive", "unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", "unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it first"),
    (b"%PDF", "a PDF document", "export the answers as CSV"),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture", "export the answers as CSV"),
    (b"\xff\xd8\xff", "a JPEG picture", "export the answers as CSV"),
    (b"$FL2", "an SPSS file", "give it a name that ends with .sav"),
    (b"$FL3", "an SPSS file", "give it a name that ends with .sav"),
    (b"SQLite format 3\x00", "an SQLite database", "export the answers as CSV"),
    (b"<!doctype html", "a web page", "download the answers themselves"),
    (b"<html", "a web page", "download the answers themselves"),
)


def not_a_csv(head: bytes) -> str | None:
    """Why a file that begins with these bytes is no CSV file; None where it may be one."""
    lowered = head[:16].lower()
    for signature, what, cure in _SIGNATURES:
        if head.startswith(signature) or (signature[:1] == b"<" and lowered.startswith(signature)):
            return f"it is no CSV file but looks like {what}; {cure}"
    return None


def nul_bytes(head: bytes) -> str:
    """What to say of a file that holds NUL bytes, which no text in a one-byte encoding does."""
    zeros = head.count(0)
    # Every second byte is 0 where UTF-16 holds Latin letters.
    if zeros >= len(head) // 4:
        which = "le" if head[1::2].count(0) >= head[::2].count(0) else "be"
        return (
            "it holds NUL bytes: it is no CSV file, or UTF-16 without a byte-order mark; in "
            f'that case name encoding = "utf-16-{which}" in the study'
        )
    return "it holds NUL bytes, so it is no CSV file; export the answers as CSV"
