"""Surveys in delimited text: each file is a fragment, read once and in blocks.

A block is read, turned into UTF-8, cut at the end of a record and checked; then polars decodes
the columns that are asked for, as texts, so that ``007`` stays what it is and all files agree.
Nothing but a few blocks is ever in memory, and nothing is written to disk. (Letting polars scan
the file would take twice the memory and a copy of the file in UTF-8; it fills the cells that a
line lacks with nulls, and overlooks a line with too many unless its last column is asked for.)
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO, Final

from attrs import frozen

from satcore import DataDictionary, DataError, Source, Survey, shown_address
from satcore_files.delimiters import NAMES, Delimiter, find_delimiter
from satcore_files.encodings import (
    Encoding,
    codec_name,
    find_encoding,
    may_hold_zeros,
    utf8_blocks,
)
from satcore_files.exports import Head, Layout, layout_of, resolved
from satcore_files.gathering import OpenedFile, check_asked, check_names, survey_of
from satcore_files.paths import opened
from satcore_files.records import (
    MalformedError,
    cells,
    checked,
    record_blocks,
    records,
    unquoted,
)
from satcore_files.signatures import not_a_csv, nul_bytes

if TYPE_CHECKING:
    import polars as pl

#: Bytes that are read at a time.
_BLOCK = 1 << 21

#: Bytes that are read at a time to find the header, ...
_HEAD: Final = 1 << 16
#: ... and how many it may have.
_LONGEST_HEADER: Final = 1 << 20

#: Records before the answers that an export may have.
_HEADERS: Final = 3

#: Records after the header that bear out a delimiter.
_SAMPLE: Final = 50

#: Blocks that are checked and decoded at a time, while the next are read and the last counted.
_THREADS: Final = 3


def read(source: Source) -> Survey:
    """Open files of delimited text.

    Raises:
        DataError: Some can't be read; every one of them is named.
    """
    named = None if source.encoding is None else codec_name(source.encoding)
    return survey_of(source.paths, lambda path, file_id: _open(path, file_id, named))


@frozen(kw_only=True)
class DelimitedFile:
    """A file of delimited text.

    Attributes:
        id: The file's name below the folder that all files of the survey share.
        path: Where it is.
        encoding: How its bytes are to be read.
        delimiter: What separates its cells.
        header: All its columns, by the names they go by.
        first: The cells of its first record, by which a file that has changed is known.
        skipped: How many records before the answers are none.
    """

    id: str
    path: str
    encoding: Encoding
    delimiter: str
    header: tuple[str, ...]
    first: tuple[str, ...]
    skipped: int = 1

    @property
    def place(self) -> str:
        """What to call the file in messages."""
        return shown_address(self.path)

    @property
    def rows(self) -> None:
        """Not known before the file is read."""

    @property
    def reading(self) -> str:
        """How its bytes become answers."""
        return f"{self.encoding.name}, {self.delimiter!r}"

    def read(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """The named columns as texts, block by block, in the file's order.

        Raises:
            DataError: The file is no table of this header, or is not in this encoding.
        """
        check_asked(self.path, columns, self.header)
        waiting: deque[Future[pl.DataFrame]] = deque()
        with opened(self.path) as file, ThreadPoolExecutor(_THREADS) as threads:
            for text, line in self._answers(file):
                waiting.append(threads.submit(self._decoded, text, line, columns))
                if len(waiting) > _THREADS:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    def _answers(self, file: BinaryIO) -> Iterator[tuple[bytes, int]]:
        """Whole records without the header, each block with the number of its first line."""
        line, left = 1, self.skipped
        try:
            for text in record_blocks(utf8_blocks(file, self.encoding, self.place, _BLOCK)):
                start = 0
                if left:
                    start, left = self._after_header(text, left)
                line += text.count(b"\n", 0, start)
                answers = text[start:]
                if answers:
                    yield answers, line
                line += answers.count(b"\n")
            if left:
                raise self._changed()
        except MalformedError as error:
            raise _at_line(self.place, error, line) from None

    def _after_header(self, text: bytes, left: int) -> tuple[int, int]:
        """Where records that are no answers end, and how many of them are still to come."""
        end = 0
        for start, end in islice(records(text), left):
            if left == self.skipped and tuple(cells(text[start:end], self.delimiter)) != self.first:
                raise self._changed()
            left -= 1
        return (len(text) if left else end), left

    def _changed(self) -> DataError:
        return DataError.at(self.place, "it has changed since it was opened; run again")

    def _decoded(self, text: bytes, line: int, columns: Sequence[str]) -> pl.DataFrame:
        import polars as pl

        try:
            block = checked(text, ord(self.delimiter), len(self.header))
        except MalformedError as error:
            raise _at_line(self.place, error, line) from None
        # Columns by their places, since names may hold anything.
        numbers = [str(number) for number in range(len(self.header))]
        places = {column: numbers[self.header.index(column)] for column in columns}
        try:
            frame = pl.read_csv(
                self.delimiter.join(numbers).encode() + b"\n" + block.text,
                separator=self.delimiter,
                columns=list(places.values()),
                infer_schema=False,
            )
            fits = frame.height == block.rows
        except pl.exceptions.PolarsError:
            fits = False
        if not fits:
            last = line + text.count(b"\n") - 1
            raise DataError.at(
                f"{self.place}: lines {line} to {last}",
                "they can't be read as delimited text; export the file again, as CSV",
            )
        return frame.select(pl.col(place).alias(column) for column, place in places.items())


def _at_line(path: str, error: MalformedError, first: int) -> DataError:
    return DataError.at(f"{path}: line {first + error.line}", error.message)


def _open(path: str, file_id: str, named: str | None) -> OpenedFile:
    place = shown_address(path)
    with opened(path) as file:
        start = file.read(_HEAD)
        fault = not_a_csv(start)
        if fault is None and b"\0" in start and not may_hold_zeros(start, named):
            fault = nul_bytes(start)
        if fault is not None:
            raise DataError.at(place, fault)
        file.seek(0)
        encoding = find_encoding(file, named, place)
        head = _head(file, encoding, place)
    (start_of_header, end_of_header), *places = islice(records(head), _SAMPLE + 1)
    header = head[start_of_header:end_of_header]
    sample = [head[start:end] for start, end in places]
    delimiter = find_delimiter(header, sample, tabs=path.lower().endswith(".tsv"))
    try:
        columns = tuple(cells(header, delimiter.sign))
    except MalformedError as error:
        raise _at_line(place, error, 1 + head.count(b"\n", 0, start_of_header)) from None
    layout = _layout(path, columns, sample, delimiter.sign)
    named_columns = tuple(name for name in layout.columns if name or not layout.name)
    check_names(path, named_columns)
    fragment = DelimitedFile(
        id=file_id,
        path=path,
        encoding=encoding,
        delimiter=delimiter.sign,
        header=layout.columns,
        first=columns,
        skipped=layout.header,
    )
    end = ([(start_of_header, end_of_header), *places][: layout.header])[-1][1]
    options, sets = resolved(layout.candidates, fragment)
    return OpenedFile(
        columns=named_columns,
        fragments=(fragment,),
        answers=bool(head[end:].strip(b"\r\n")),
        remarks=tuple(filter(None, (encoding.remark, _remark(delimiter), *layout.remarks))),
        dictionary=DataDictionary(
            layout=layout.name,
            variables=layout.variables,
            sets=(*layout.sets, *sets),
            weight=layout.weight,
            tests=layout.tests,
        ),
        options=(*layout.options, *options),
    )


def _layout(path: str, columns: tuple[str, ...], sample: list[bytes], sign: str) -> Layout:
    """Which program's export it is, as its first records tell."""
    rows = [columns]
    for record in sample[:2]:
        try:
            rows.append(tuple(cells(record, sign)))
        except MalformedError:  # told when it is read
            break
    return layout_of(Head(path=path, rows=tuple(rows)))


def _head(file: BinaryIO, encoding: Encoding, path: str) -> bytes:
    """The file's beginning as UTF-8: the header and, where there are any, some of the answers.

    Raises:
        DataError: There is no header, or it has no end.
    """
    head = b""
    for block in utf8_blocks(file, encoding, path, _HEAD):
        head += block
        found = list(islice(records(head), _HEADERS + 1))
        if len(found) > _HEADERS or len(head) > _LONGEST_HEADER:
            break
    else:
        head += b"\n"
    if not head.strip(b"\r\n"):
        raise DataError.at(path, "it is empty; export the answers again")
    header = next(records(head), None)
    line_ends = unquoted(head if header is None else head[slice(*header)])
    if b"\r" in line_ends.removesuffix(b"\n").removesuffix(b"\r"):
        raise DataError.at(
            path,
            "its lines end with a carriage return alone; save it with line feeds (in Excel as "
            '"CSV UTF-8")',
        )
    if header is None:
        raise DataError.at(
            f"{path}: line 1",
            "the header has no end: a closing quote is missing, or the file is no CSV file",
        )
    return head


def _remark(delimiter: Delimiter) -> str:
    if not delimiter.others:
        return ""
    others = " and ".join(NAMES[sign] for sign in delimiter.others)
    return f"read as separated by {NAMES[delimiter.sign]}; {others} would fit too"
