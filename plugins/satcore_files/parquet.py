"""Surveys in Parquet: each row group is a fragment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from attrs import frozen

from satcore import DataError, Source, Survey, is_address
from satcore_files.footers import BrokenFooterError, read_footer
from satcore_files.gathering import OpenedFile, check_asked, check_names, survey_of
from satcore_files.paths import opened
from satcore_files.remote import told_of

if TYPE_CHECKING:
    import polars as pl

#: Rows that are decoded at a time. Pages before them are skipped without being decoded, so that
#: even a file that is a single row group is read in little memory.
_ROWS: Final = 1 << 18


def read(source: Source) -> Survey:
    """Open Parquet files. They tell their own encoding, so that a named one does not matter.

    Raises:
        DataError: Some can't be read; every one of them is named.
    """
    return survey_of(source.paths, _open)


@frozen(kw_only=True)
class RowGroup:
    """A row group of a Parquet file.

    Attributes:
        id: The file's name and the row group's number, from 0.
        path: Where the file is.
        columns: The file's columns.
        start: How many rows the row groups before it have.
        rows: How many it has.
    """

    id: str
    path: str
    columns: tuple[str, ...]
    start: int
    rows: int

    @property
    def reading(self) -> str:
        """Which part of the file it is."""
        return self.id.rpartition("#")[2]

    def read(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """The named columns in the types that the file gives them.

        Raises:
            DataError: The row group is damaged.
        """
        check_asked(self.path, columns, self.columns)
        for start in range(0, self.rows, _ROWS):
            yield self._slice(columns, self.start + start, min(_ROWS, self.rows - start))

    def _slice(self, columns: Sequence[str], start: int, rows: int) -> pl.DataFrame:
        import polars as pl

        with opened(self.path):
            pass  # tells a file that is gone or may not be read any more
        try:
            scan = pl.scan_parquet(self.path, glob=False).select(columns)
            frame = scan.slice(start, rows).collect()
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
            raise self._damaged() from error
        if frame.height != rows:
            raise self._damaged()
        return frame

    def _damaged(self) -> DataError:
        place = f"{self.path}#{self.id.rpartition('#')[2]}"
        return DataError.at(place, "its data are damaged; copy or export the file again")


@frozen(kw_only=True)
class RemoteFile:
    """A Parquet file at an address.

    Attributes:
        id: The address without what only its owner may know.
        path: The address.
        columns: The file's columns.
        rows: How many rows it has.
    """

    id: str
    path: str
    columns: tuple[str, ...]
    rows: int

    def read(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """The named columns in the types that the file gives them.

        Raises:
            DataError: The address can't be read any more.
        """
        import polars as pl

        check_asked(self.path, columns, self.columns)
        with told_of(self.path):
            scan = pl.scan_parquet(self.path, glob=False).select(columns)
            yield from scan.collect_batches(chunk_size=_ROWS, maintain_order=True)


def _open_remote(address: str, file_id: str) -> OpenedFile:
    import polars as pl

    with told_of(address):
        scan = pl.scan_parquet(address, glob=False)
        columns = tuple(scan.collect_schema().names())
        rows = scan.select(pl.len()).collect().item()
    check_names(address, columns)
    fragment = RemoteFile(id=file_id, path=address, columns=columns, rows=rows)
    return OpenedFile(columns=columns, fragments=(fragment,), answers=rows > 0)


def _open(path: str, file_id: str) -> OpenedFile:
    import polars as pl

    if is_address(path):
        return _open_remote(path, file_id)
    with opened(path) as file:
        try:
            footer = read_footer(file)
        except BrokenFooterError as error:
            raise DataError.at(path, str(error)) from None
        check_names(path, footer.columns)
        file.seek(0)
        try:
            pl.read_parquet_schema(file)
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
            raise DataError.at(
                path, "its columns can't be read: the footer is damaged or of an unknown kind"
            ) from error
    starts = accumulate(footer.row_groups, initial=0)
    groups = tuple(
        RowGroup(
            id=f"{file_id}#row group {number}",
            path=path,
            columns=footer.columns,
            start=start,
            rows=rows,
        )
        for number, (start, rows) in enumerate(zip(starts, footer.row_groups, strict=False))
    )
    return OpenedFile(
        columns=footer.columns, fragments=groups, answers=any(group.rows for group in groups)
    )
