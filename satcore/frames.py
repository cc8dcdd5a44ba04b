"""Tidy data frames of results, and the CSV and Parquet that are made of them.

Libraries are loaded when a frame is asked for; only polars comes with satcore.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

from attrs import frozen

from satcore.errors import OutputError, near
from satcore.results import ComparisonRow, EstimateRow, Results, StandardRow, cell_text

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

#: The tables of results that there are frames of.
Rows: TypeAlias = Literal["estimates", "comparisons", "standards"]

ROWS: Final[tuple[Rows, ...]] = get_args(Rows)

_RECORDS: Final[Mapping[str, type]] = {
    "estimates": EstimateRow,
    "comparisons": ComparisonRow,
    "standards": StandardRow,
}

#: Columns of cells.
_CELLS: Final = ("cell", "against")

Kind: TypeAlias = Literal["text", "whole", "number"]


@frozen
class FrameColumn:
    """A column of a frame.

    Attributes:
        name: Its name.
        kind: What it holds; any value may be absent.
        values: Its values, by row.
    """

    name: str
    kind: Kind
    values: Sequence[Any]


def frame_columns(
    results: Results, rows: Rows = "estimates", metric: str | None = None
) -> list[FrameColumn]:
    """The columns of a tidy frame.

    A cell is one text, ``cell``, and for every segment and the wave a column ``cell.NAME``; so is
    the cell ``against``. The target of a standard ``between`` two numbers has the second one in
    ``target_high``.

    Args:
        results: The results.
        rows: Which table of them.
        metric: Only the rows of this metric.

    Raises:
        OutputError: There is no such table.
    """
    if rows not in ROWS:
        raise OutputError(f"there are no rows {rows!r}{near(rows, ROWS)}; {', '.join(ROWS)}")
    about = results.about
    axes = [*about.segments, *([about.wave] if about.wave else [])]
    record = _RECORDS[rows].__annotations__
    columns: list[FrameColumn] = []
    for name, values in _values(results, rows, metric, record).items():
        if name in _CELLS:
            columns += cell_columns(name, values, axes)
        elif name == "target":
            columns += _target_columns(values)
        else:
            columns.append(FrameColumn(name, kind_of(str(record[name])), values))
    return columns


def _values(
    results: Results, rows: Rows, metric: str | None, names: Mapping[str, Any]
) -> dict[str, list[Any]]:
    """The columns of a table; a table without rows may be one without columns."""
    table = {
        "estimates": results.estimates,
        "comparisons": results.comparisons,
        "standards": results.standards,
    }[rows]
    if not len(table):
        return {name: [] for name in names}
    columns = {name: table.plain(name) for name in names}
    if metric is None:
        return columns
    places = [place for place, one in enumerate(columns["metric"]) if one == metric]
    return {name: [values[place] for place in places] for name, values in columns.items()}


def cell_columns(
    name: str, cells: Sequence[Mapping[str, str | None] | None], axes: Sequence[str]
) -> list[FrameColumn]:
    """Cells as one text, and as a column for each of their dimensions."""
    texts = [None if cell is None else cell_text(cell) for cell in cells]
    return [
        FrameColumn(name, "text", texts),
        *(
            FrameColumn(f"{name}.{axis}", "text", [(cell or {}).get(axis) for cell in cells])
            for axis in axes
        ),
    ]


def _target_columns(targets: Sequence[float | list[float]]) -> list[FrameColumn]:
    low = [one[0] if isinstance(one, list) else one for one in targets]
    high = [one[1] if isinstance(one, list) else None for one in targets]
    return [FrameColumn("target", "number", low), FrameColumn("target_high", "number", high)]


def kind_of(annotation: str) -> Kind:
    """What a column holds, by what is written of the field it comes from."""
    if "float" in annotation:
        return "number"
    return "whole" if "int" in annotation else "text"


def polars_frame(columns: Sequence[FrameColumn]) -> pl.DataFrame:
    """The columns as a polars data frame."""
    import polars as pl

    types: Mapping[str, Any] = {"text": pl.String, "whole": pl.Int64, "number": pl.Float64}
    return pl.DataFrame([pl.Series(one.name, one.values, dtype=types[one.kind]) for one in columns])


def pandas_frame(columns: Sequence[FrameColumn]) -> pd.DataFrame:
    """The columns as a pandas data frame; whole numbers with gaps are ``Int64``.

    Raises:
        OutputError: pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise _absent("pandas", "to_polars() gives the same frame") from error
    types = {"text": object, "whole": "int64", "number": "float64"}
    series = {}
    for one in columns:
        gaps = one.kind == "whole" and None in one.values
        series[one.name] = pd.Series(one.values, dtype="Int64" if gaps else types[one.kind])
    return pd.DataFrame(series)


def arrow_table(columns: Sequence[FrameColumn]) -> pa.Table:
    """The columns as a pyarrow table.

    Raises:
        OutputError: pyarrow is not installed.
    """
    try:
        import pyarrow as pa
    except ImportError as error:
        told = "results can be given as they are to whatever reads the Arrow C stream"
        raise _absent("pyarrow", told) from error
    types = {"text": pa.large_string(), "whole": pa.int64(), "number": pa.float64()}
    return pa.table({one.name: pa.array(one.values, types[one.kind]) for one in columns})


def _absent(library: str, instead: str) -> OutputError:
    return OutputError(
        f"{library} is not installed; install it with: pip install {library}. Without it, {instead}"
    )


#: A text that a spreadsheet might take for a formula, whatever blanks and apostrophes lead it.
#: The signs are those of OWASP, "CSV Injection"; the wide ones are typed in East Asia.
_FORMULA: Final = re.compile(r"[\s']*[=+\-@＝＋－＠]|'*[\t\r\n]")

#: A number is harmless, and whoever computes with the file wants it as it is.
_NUMBER: Final = re.compile(r"[+-]?\d+(?:\.\d+)?")


def formula_safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe stands before such a one.

    Nothing is lost: a text that already has the apostrophe gets another.
    """
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def csv_bytes(columns: Sequence[FrameColumn]) -> bytes:
    """The columns as CSV in UTF-8; texts that look like formulas are kept from being ones."""
    safe = [
        FrameColumn(
            formula_safe(one.name),
            one.kind,
            [None if text is None else formula_safe(text) for text in one.values]
            if one.kind == "text"
            else one.values,
        )
        for one in columns
    ]
    stream = BytesIO()
    polars_frame(safe).write_csv(stream)
    return stream.getvalue()


def parquet_bytes(columns: Sequence[FrameColumn]) -> bytes:
    """The columns as a Parquet file; texts are exact."""
    stream = BytesIO()
    polars_frame(columns).write_parquet(stream)
    return stream.getvalue()
