"""Files at an address, by way of polars.

polars reads from web servers and object stores. It is asked for lines, which then take the same
road as those of a file on disk: the same checks, the same messages.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from satcore import DataError, shown_address

#: Lines that are asked for at a time.
_LINES: Final = 1 << 15


class RemoteText(io.RawIOBase):
    """The text at an address, in UTF-8, as a file that is read forwards.

    Going back starts anew.
    """

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = address
        self._lines = self._blocks()
        self._waiting = b""

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Some bytes; none at the end.

        Raises:
            DataError: The address can't be read.
        """
        while size < 0 or len(self._waiting) < size:
            block = next(self._lines, None)
            if block is None:
                break
            self._waiting += block
        size = len(self._waiting) if size < 0 else size
        found, self._waiting = self._waiting[:size], self._waiting[size:]
        return found

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a place, counted from the start."""
        if whence != 0:
            raise io.UnsupportedOperation("only places from the start are known")
        self._lines, self._waiting = self._blocks(), b""
        self.read(offset)
        return offset

    def _blocks(self) -> Iterator[bytes]:
        import polars as pl

        with told_of(self._address):
            lines = pl.scan_lines(self._address)
            for frame in lines.collect_batches(chunk_size=_LINES, maintain_order=True):
                texts = frame.to_series().to_list()
                yield "".join(f"{text or ''}\n" for text in texts).encode()


@contextmanager
def told_of(address: str) -> Iterator[None]:
    """Tell what goes wrong at an address, without what only its owner may know.

    Raises:
        DataError: It can't be read.
    """
    import polars as pl

    reason = ""
    try:
        yield
    except FileNotFoundError:
        reason = "there is no such file"
    except PermissionError:
        reason = "it may not be read; give the credentials that polars takes from the environment"
    except pl.exceptions.ComputeError as error:
        utf8 = "utf8" in str(error).lower() or "utf-8" in str(error).lower()
        reason = (
            "a file at an address has to be UTF-8; download it and name its encoding"
            if utf8
            else "it can't be read as polars reads it; download it"
        )
    except AttributeError:
        reason = "it takes a newer polars to read it; install one, or download the file"
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError):
        reason = "the address can't be read; look at its spelling, or download the file"
    if reason:  # outside of the handlers, since what polars says may hold a password
        raise DataError.at(shown_address(address), reason)
