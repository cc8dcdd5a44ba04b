"""Columns that stand in the names of folders: ``region=East/month=3/answers.parquet``.

Hive, Spark, DuckDB and Polars write and read tables so. The names and values are
percent-encoded; ``__HIVE_DEFAULT_PARTITION__`` stands for an absent value (Apache Hive, "Dynamic
Partitions").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from attrs import frozen

from satcore import Fragment

if TYPE_CHECKING:
    import polars as pl

#: What stands for an absent value.
ABSENT: Final = "__HIVE_DEFAULT_PARTITION__"


def partitions_of(path: str) -> dict[str, str | None]:
    """The columns that the folders of a path name, with their value."""
    named: dict[str, str | None] = {}
    for folder in Path(path).parent.parts:
        name, equals, value = folder.partition("=")
        if name and equals:
            named[unquote(name)] = None if value in (ABSENT, "") else unquote(value)
    return named


@frozen(kw_only=True, eq=False)
class Partitioned:
    """A fragment with columns whose one value stands in its folder's name.

    Attributes:
        fragment: The fragment without them.
        columns: Its own columns.
        values: The others' values, by name.
    """

    fragment: Fragment
    columns: tuple[str, ...]
    values: Mapping[str, str | None]

    @property
    def id(self) -> str:
        """The fragment's id."""
        return self.fragment.id

    @property
    def rows(self) -> int | None:
        """How many responses it holds, where that is known before reading."""
        return self.fragment.rows

    @property
    def path(self) -> str | None:
        """The file that it comes from."""
        return getattr(self.fragment, "path", None)

    @property
    def reading(self) -> str:
        """How its bytes become answers."""
        return getattr(self.fragment, "reading", "")

    def read(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """The named columns.

        Raises:
            DataError: As the fragment.
        """
        import polars as pl

        own = [column for column in columns if column not in self.values]
        constant = [
            pl.lit(self.values[column], dtype=pl.String).alias(column)
            for column in columns
            if column in self.values
        ]
        # Something has to tell how many rows there are.
        for frame in self.fragment.read(own or self.columns[:1]):
            yield frame.with_columns(constant).select(columns)
