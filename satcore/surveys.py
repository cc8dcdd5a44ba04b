"""Where answers come from: a survey is a list of fragments, each readable on its own.

A fragment is the unit of work and of honesty: it has an id that stays the same from run to run,
it is read whole or not at all, and it is never counted twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from attrs import field, frozen

from satcore.errors import DataError

if TYPE_CHECKING:
    import polars as pl

    from satcore.hookspecs import Source

#: What answers in memory are called.
MEMORY = "data in memory"

#: Rows of one fragment of a survey in memory: enough for a thread to be worth its while.
MEMORY_FRAGMENT_ROWS = 1 << 21


class Fragment(Protocol):
    """A part of a survey that can be read on its own: a file, a row group, a slice.

    Where states are saved, satcore remembers a fingerprint of each fragment's content. A fragment
    that comes from a file has it made from an attribute ``path``, the file's, and from
    ``reading``, a text that says how or which part of it is read (``"utf-8, ','"``,
    ``"row group 3"``); where there is none, what its id says beside the file's name. Any other may
    have a method ``fingerprint()`` that gives a text, the same as long as the answers are. All
    three are optional; without them a change is not told.
    One that stands in a single file should have that file's ``path`` as well: another process
    then opens that file alone, and not all of the survey's, to read it there.
    """

    @property
    def id(self) -> str:
        """A name that no other fragment of the survey has and that is the same in every run."""

    @property
    def rows(self) -> int | None:
        """How many responses it holds, where that is known before reading."""

    def read(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """The named columns, in batches of any size, rows in their order.

        Raises:
            DataError: The fragment can't be read; the message names it.
        """


@frozen(kw_only=True)
class Variable:
    """What a file says of one of its columns.

    Attributes:
        label: What the question says.
        labels: What values stand for, by the value's text: ``{"1": "East", "99": "Refused"}``.
        missing: Values that the file declares as "not answered" (SPSS calls them user-missing), as
            texts. What ``labels`` says of them is the reason.
    """

    label: str = ""
    labels: Mapping[str, str] = field(factory=dict)
    missing: tuple[str, ...] = ()


@frozen(kw_only=True)
class ResponseSet:
    """A question that takes several answers, as one column for each of its options.

    However a file codes such a question, its reader offers columns that hold 1 where the option
    was chosen, 0 where the question was answered without it, and nothing where it was not
    answered. They are columns of the survey, named after the question and the option: ``"Q5:A"``.

    Attributes:
        name: The question's name in the file.
        label: What the question says.
        options: The options' texts, by the name of their column.
    """

    name: str
    label: str = ""
    options: Mapping[str, str] = field(factory=dict)


@frozen(kw_only=True)
class DataDictionary:
    """What a file knows of itself. The study says it better: what stands there always wins.

    Attributes:
        layout: Which program's export it is: ``"qualtrics"``, ``"spss"``; empty where not known.
        variables: What is said of columns, by name. Columns of which nothing is said are absent.
        sets: Questions that take several answers.
        weight: The column that the file names as its weight.
        tests: Responses that nobody gave in earnest, such as previews: by column, the values that
            mark them. They are dropped and counted, as a ``[[keep]]`` rule would.
    """

    layout: str = ""
    variables: Mapping[str, Variable] = field(factory=dict)
    sets: tuple[ResponseSet, ...] = ()
    weight: str | None = None
    tests: Mapping[str, tuple[str, ...]] = field(factory=dict)


@frozen(kw_only=True)
class Survey:
    """Responses to a questionnaire, one row each, in one or many fragments.

    Attributes:
        name: What to call it in messages and reports: a file's name, ``"data in memory"``.
        columns: The columns that every fragment has.
        fragments: The parts, in the order in which they are merged.
        notes: What a reader of the results should know about the reading (an encoding that was
            found, say).
        dictionary: What the files know of their columns.
        source: The files that a reader opened; None for answers that another process can't open.
    """

    name: str
    columns: tuple[str, ...]
    fragments: tuple[Fragment, ...]
    notes: tuple[str, ...] = ()
    dictionary: DataDictionary = field(factory=DataDictionary)
    source: Source | None = None

    def __attrs_post_init__(self) -> None:
        seen: set[str] = set()
        for fragment in self.fragments:
            if fragment.id in seen:
                raise DataError.at(
                    self.name, f"{fragment.id} is given twice; no answer is counted twice"
                )
            seen.add(fragment.id)


@frozen(kw_only=True, eq=False)
class FrameFragment:
    """A fragment that is a data frame in memory.

    Attributes:
        id: The fragment's id.
        frame: The responses.
    """

    id: str
    frame: pl.DataFrame

    @property
    def rows(self) -> int:
        """How many responses it holds."""
        return self.frame.height

    def read(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """The named columns in one batch."""
        yield self.frame.select(columns)

    def fingerprint(self) -> str:
        """A hash of the columns' names, types and values."""
        digest = hashlib.sha256(repr((self.frame.columns, self.frame.height)).encode())
        for series in self.frame:
            for part in _bytes_of(series):
                digest.update(len(part).to_bytes(8, "little"))
                digest.update(part)
        return f"sha256:{digest.hexdigest()}"


def _bytes_of(series: pl.Series) -> Iterator[bytes]:
    """A column's type, where it is null, and its values: the same for the same answers."""
    import polars as pl

    yield str(series.dtype).encode()
    yield series.is_null().to_numpy().tobytes()
    if series.dtype.is_numeric() and not series.dtype.is_decimal():
        yield series.fill_null(0).to_numpy().tobytes()
    elif series.dtype in (pl.String, pl.Categorical, pl.Enum):
        texts = [
            text.encode(errors="surrogatepass") for text in series.cast(pl.String).fill_null("")
        ]
        yield np.array([len(text) for text in texts], dtype="<i8").tobytes()
        yield b"".join(texts)
    else:
        yield repr(series.to_list()).encode(errors="surrogatepass")


def survey_in_memory(data: object, *, name: str = MEMORY) -> Survey:
    """A survey of responses that are in memory already.

    Args:
        data: A mapping of column name to a one-dimensional array or sequence, a polars or pandas
            data frame, a pyarrow table, or anything with ``__arrow_c_stream__``.
        name: What to call it.

    Raises:
        DataError: Not tabular, columns of unequal length, or a column name twice.
    """
    frame = as_frame(data, name=name)
    starts = range(0, frame.height, MEMORY_FRAGMENT_ROWS) or range(1)
    fragments = tuple(
        FrameFragment(
            id=f"{name}, from row {start + 1}" if start else name,
            frame=frame.slice(start, MEMORY_FRAGMENT_ROWS),
        )
        for start in starts
    )
    return Survey(name=name, columns=tuple(frame.columns), fragments=fragments)


def as_frame(data: object, *, name: str = MEMORY) -> pl.DataFrame:
    """A polars data frame of what ``survey_in_memory`` takes, copied only where it must be.

    Raises:
        DataError: As ``survey_in_memory``.
    """
    import polars as pl

    try:
        if isinstance(data, pl.DataFrame):
            return data
        if isinstance(data, pl.LazyFrame):
            return data.collect()
        if isinstance(data, Mapping):
            return pl.DataFrame([_series(str(key), value) for key, value in data.items()])
        if _is_pandas(data):
            return _from_pandas(data)
        if hasattr(data, "__arrow_c_stream__") and not isinstance(data, pl.Series):
            return pl.DataFrame(data)
    except (pl.exceptions.PolarsError, ValueError, TypeError) as error:
        raise DataError.at(name, f"the columns make no table: {error}") from error
    raise DataError.at(
        name,
        f"{type(data).__name__} is no table; give a path, a dict of columns, a polars or pandas "
        "data frame, a pyarrow table or anything with __arrow_c_stream__",
    )


def _series(name: str, values: Any) -> pl.Series:
    import polars as pl

    if isinstance(values, str | bytes | Mapping | Set):
        raise ValueError(f"column {name!r} is a {type(values).__name__}, not a row of values")
    if _is_pandas(values):
        return _pandas_series(name, values)
    arrow = hasattr(values, "__arrow_c_stream__") or hasattr(values, "__arrow_c_array__")
    if arrow or isinstance(values, pl.Series):
        return pl.Series(name, values)
    if hasattr(values, "__array__"):
        values = np.asanyarray(values)
        if values.ndim != 1:
            raise ValueError(f"column {name!r} has {values.ndim} dimensions, not one")
        kind, size = values.dtype.kind, values.dtype.itemsize
        if kind == "M" and np.datetime_data(values.dtype)[0] not in ("D", "ms", "us", "ns"):
            values = values.astype("M8[ms]")
        if kind in "biufmM" and size <= 8:  # polars has no long double
            return pl.Series(name, values)
    return _listed_series(name, values)


def _listed_series(name: str, values: Iterable[Any]) -> pl.Series:
    """Python values: of one type that polars knows as they are, all others as their texts.

    A label is its text, whatever type it came with.
    """
    import polars as pl

    from satcore.codebook import as_text

    listed = [None if _is_absent(value) else value for value in values]
    if len({type(value) for value in listed if value is not None}) < 2:
        try:
            series = pl.Series(name, listed, strict=True)
        except (pl.exceptions.PolarsError, ValueError, TypeError, OverflowError):
            pass
        else:
            if series.dtype != pl.Object:
                return series
    return pl.Series(name, [as_text(value) for value in listed], dtype=pl.String)


def _is_absent(value: Any) -> bool:
    """None, a not-a-number of any type, or pandas' ``NA``, which can't be compared."""
    return value is None or type(value).__name__ == "NAType" or bool(value != value)


def _is_pandas(data: object) -> bool:
    return any(kind.__module__.partition(".")[0] == "pandas" for kind in type(data).__mro__)


def _from_pandas(data: Any) -> pl.DataFrame:
    """By column: pandas' own Arrow export needs pyarrow, which satcore does not."""
    import polars as pl

    if not hasattr(data, "columns"):
        raise TypeError("give a DataFrame, not a Series or an index")
    names = [str(column) for column in data.columns]
    return pl.DataFrame(
        [_pandas_series(name, data.iloc[:, place]) for place, name in enumerate(names)]
    )


def _pandas_series(name: str, column: Any) -> pl.Series:
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iufbM":
        return _series(name, column.to_numpy())
    absent = column.isna()
    values = column.astype(object)
    return _listed_series(name, [None if a else v for v, a in zip(values, absent, strict=True)])
