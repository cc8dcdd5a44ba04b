"""Writing a synthetic survey: Parquet or CSV, in little memory, a whole file or none."""

from __future__ import annotations

import codecs
import io
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from satcore.errors import OutputError, listed
from satcore.testing.simulation.sampling import Sample

if TYPE_CHECKING:
    import polars as pl

#: Rows of a row group of Parquet: a reader takes each as a unit of work.
ROW_GROUP = 1 << 20

#: What can be written, by the ending of the file's name.
SUFFIXES: Final = (".parquet", ".csv")


def check_name(path: str | os.PathLike[str]) -> str:
    """The ending of a file's name.

    Raises:
        OutputError: Nothing is written to such a file.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise OutputError(
            f"{os.fspath(path)} can't be written: simulated answers are written to "
            f"{listed(SUFFIXES)}, not to {suffix or 'a file without an ending'}"
        )
    return suffix


def write(sample: Sample, path: str | os.PathLike[str], encoding: str | None = None) -> None:
    """Write all rows, block by block.

    Args:
        sample: The rows.
        path: The file; ``.parquet`` or ``.csv``. One that is there is replaced once all is written.
        encoding: The encoding of a CSV file; UTF-8 where None. Parquet has its own.

    Raises:
        OutputError: It can't be written; with the reason.
    """
    suffix = check_name(path)
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise OutputError(
            f"{os.fspath(path)} can't be written: there is no folder '{target.parent}'"
        )
    if target.is_dir():
        raise OutputError(f"{os.fspath(path)} can't be written: it is a folder; name a file in it")
    try:
        _replaced(target, lambda part: _WRITERS[suffix](sample, part, encoding or "utf-8"))
    except UnicodeEncodeError as error:
        raise OutputError(
            f"{os.fspath(path)} can't be written: {error.object[error.start]!r} is no character of "
            f"{error.encoding}; write Parquet, or name another encoding in [study]"
        ) from None
    except OSError as error:
        raise OutputError(
            f"{os.fspath(path)} can't be written: {error.strerror or error}"
        ) from None


def _replaced(target: Path, make: Callable[[Path], None]) -> None:
    """Make a file beside the target, then put it in the target's place."""
    folder = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    try:
        part = folder / target.name
        make(part)
        part.replace(target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _parquet(sample: Sample, path: Path, encoding: str) -> None:
    from polars.io.plugins import register_io_source

    def source(
        columns: list[str] | None,
        predicate: pl.Expr | None,
        rows: int | None,
        batch_size: int | None,
    ) -> Iterator[pl.DataFrame]:
        yield from sample.frames(rows=rows, columns=columns)

    frame = register_io_source(source, schema=sample.block(0).schema)
    frame.sink_parquet(path, row_group_size=ROW_GROUP, maintain_order=True)


def _csv(sample: Sample, path: Path, encoding: str) -> None:
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise OutputError(f"there is no encoding {encoding!r}; see [study] encoding") from None
    with path.open("wb") as raw, io.TextIOWrapper(raw, encoding, newline="") as file:
        _lines(sample.frames(), file)


def _lines(frames: Iterable[pl.DataFrame], file: io.TextIOWrapper) -> None:
    for number, frame in enumerate(frames):
        # A row that were an empty line would be no row: a lone column is quoted.
        style: Any = "always" if frame.width == 1 else "necessary"
        file.write(frame.write_csv(include_header=number == 0, quote_style=style))


_WRITERS: Final = {".parquet": _parquet, ".csv": _csv}
