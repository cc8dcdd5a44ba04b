"""Data by their address: what is one, and what of it may be shown.

An address may hold a password before the host and a signature after the question mark. Neither
belongs in a message, a note or a result.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Final

_ADDRESS: Final = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+)://(?P<rest>.*)", re.DOTALL)


def is_address(text: str) -> bool:
    """Whether a text is an address such as ``https://…`` or ``s3://…`` and no path."""
    return _ADDRESS.fullmatch(text) is not None


def shown_address(text: str) -> str:
    """An address without what only its owner may know; a path as it is.

    Args:
        text: ``"https://me:secret@example.com/a.csv?signature=…"`` is shown as
            ``"https://example.com/a.csv"``.
    """
    found = _ADDRESS.fullmatch(text)
    if found is None:
        return text
    rest = re.split(r"[?#]", found["rest"], maxsplit=1)[0]
    host, slash, path = rest.partition("/")
    return f"{found['scheme']}://{host.rpartition('@')[2]}{slash}{path}"


def file_name(text: str) -> str:
    """What the file at an address or a path is called, by which its kind is known."""
    if is_address(text):
        return PurePosixPath(shown_address(text)).name
    path, mark, _ = text.rpartition("#")
    return path if mark else text
