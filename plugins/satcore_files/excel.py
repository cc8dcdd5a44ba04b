"""Surveys in Excel workbooks: one sheet, read as texts.

A workbook has no pieces that could be read on their own: the whole sheet is in memory while it is
read, several times the file's size. What is large is better saved as CSV.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from satcore import DataDictionary, DataError, Source, Survey, listed, near
from satcore_files.exports import Head, layout_of, resolved
from satcore_files.extras import needed
from satcore_files.gathering import OpenedFile, check_asked, check_names, survey_of
from satcore_files.paths import check_local, opened

if TYPE_CHECKING:
    import polars as pl

#: Bytes that a workbook may have when it is unpacked. A small file can unpack to any size.
_LARGEST: Final = 1 << 30

#: Records that are looked at to know which program's export it is.
_HEADERS: Final = 3


def read(source: Source) -> Survey:
    """Open workbooks. ``answers.xlsx#Sheet1`` names a sheet; it may be left out where there is one.

    Raises:
        DataError: Some can't be read; every one of them is named.
    """
    return survey_of(source.paths, _open)


@frozen(kw_only=True)
class Sheet:
    """A sheet of a workbook.

    Attributes:
        id: The file's name below the folder that all files share, and the sheet's where named.
        path: Where the file is.
        sheet: The sheet's name.
        header: Its columns, by the names they go by.
        first: The cells of its first record.
        skipped: How many records before the answers are none.
    """

    id: str
    path: str
    sheet: str
    header: tuple[str, ...]
    first: tuple[str, ...]
    skipped: int

    @property
    def rows(self) -> None:
        """Not known before the sheet is read."""

    @property
    def reading(self) -> str:
        """Which part of the file it is."""
        return f"sheet {self.sheet}"

    def read(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """The named columns as texts, in one batch.

        Raises:
            DataError: The sheet can't be read, or has changed.
        """
        check_asked(self.path, columns, self.header)
        frame = _cells(self.path, _workbook(self.path), self.sheet)
        if frame.height < self.skipped or _row(frame, 0) != self.first:
            raise DataError.at(self.path, "it has changed since it was opened; run again")
        numbers = [frame.columns[self.header.index(name)] for name in columns]
        yield frame[self.skipped :].select(
            frame[number].alias(name)[self.skipped :]
            for number, name in zip(numbers, columns, strict=True)
        )


def _open(path: str, file_id: str) -> OpenedFile:
    check_local(path)
    file, mark, sheet = path.rpartition("#")
    path = file if mark else path
    workbook = _workbook(path)
    sheet = _sheet(path, workbook.sheet_names, sheet if mark else None)
    frame = _cells(path, workbook, sheet)
    if not frame.height:
        raise DataError.at(path, f"the sheet {sheet!r} is empty; export the answers again")
    rows = tuple(_row(frame, number) for number in range(min(_HEADERS, frame.height)))
    layout = layout_of(Head(path=path, rows=rows))
    columns = tuple(name for name in layout.columns if name or not layout.name)
    check_names(path, columns)
    fragment = Sheet(
        id=file_id,
        path=path,
        sheet=sheet,
        header=layout.columns,
        first=rows[0],
        skipped=layout.header,
    )
    options, sets = resolved(layout.candidates, fragment)
    return OpenedFile(
        columns=columns,
        fragments=(fragment,),
        answers=frame.height > layout.header,
        remarks=layout.remarks,
        dictionary=DataDictionary(
            layout=layout.name,
            variables=layout.variables,
            sets=(*layout.sets, *sets),
            weight=layout.weight,
            tests=layout.tests,
        ),
        options=(*layout.options, *options),
    )


def _workbook(path: str) -> Any:
    """The workbook, where it is one and of a size that can be read.

    Raises:
        DataError: It is none, or too large.
    """
    fastexcel = needed("fastexcel", path)
    with opened(path) as file:
        try:
            with zipfile.ZipFile(file) as parts:
                size = sum(part.file_size for part in parts.infolist())
        except (zipfile.BadZipFile, ValueError, NotImplementedError):
            raise DataError.at(path, _damaged()) from None
    if size > _LARGEST:
        raise DataError.at(
            path,
            f"it unpacks to {size >> 20} MiB, more than the {_LARGEST >> 20} that are read at "
            "once; save the sheet as CSV",
        )
    try:
        return fastexcel.read_excel(path)
    except Exception:  # noqa: BLE001 - a damaged workbook may raise anything there
        raise DataError.at(path, _damaged()) from None


def _damaged() -> str:
    return "it can't be read as Excel workbook: it is damaged, encrypted or none; save it again"


def _sheet(path: str, names: Sequence[str], asked: str | None) -> str:
    """The sheet to read.

    Raises:
        DataError: It is not there, or there are several to choose from.
    """
    if asked is not None:
        if asked in names:
            return asked
        raise DataError.at(
            path, f"there is no sheet {asked!r}; there are {listed(names)}{near(asked, names)}"
        )
    if not names:
        raise DataError.at(path, "it has no sheet")
    if len(names) > 1:
        raise DataError.at(
            path,
            f"it has the sheets {listed(map(repr, names))}; name the one that holds the answers, "
            f'as "{path}#{names[0]}"',
        )
    return names[0]


def _cells(path: str, workbook: Any, sheet: str) -> pl.DataFrame:
    """All cells of a sheet as texts, without rows in which there is nothing."""
    import polars as pl

    try:
        frame = workbook.load_sheet(sheet, header_row=None, dtypes="string").to_polars()
    except Exception:  # noqa: BLE001 - a damaged workbook may raise anything there
        raise DataError.at(path, _damaged()) from None
    assert isinstance(frame, pl.DataFrame)  # noqa: S101 - for the type's sake
    if not frame.width:
        return frame
    frame = frame.select(pl.all().cast(pl.String))
    return frame.filter(~pl.all_horizontal(pl.all().is_null()))


def _row(frame: pl.DataFrame, number: int) -> tuple[str, ...]:
    return tuple("" if cell is None else str(cell) for cell in frame.row(number))
