"""Surveys from files: delimited text and Parquet.

Nothing heavy is imported until a file is opened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from satcore import SurveySpec, hookimpl

if TYPE_CHECKING:
    from satcore import Source, Survey


def read_csv(source: Source) -> Survey:
    """Open files of delimited text, each of them a fragment.

    Raises:
        DataError: Some can't be read; every one of them is named.
    """
    from satcore_files.delimited import read

    return read(source)


def read_parquet(source: Source) -> Survey:
    """Open Parquet files, each row group of them a fragment.

    Raises:
        DataError: Some can't be read; every one of them is named.
    """
    from satcore_files.parquet import read

    return read(source)


@hookimpl
def satcore_surveys() -> list[SurveySpec]:
    """The kinds of file that this plugin opens."""
    return [
        SurveySpec(
            "csv",
            (".csv", ".tsv", ".txt"),
            read=read_csv,
            summary="Delimited text; encoding and delimiter are found",
        ),
        SurveySpec(
            "parquet",
            (".parquet", ".pq"),
            read=read_parquet,
            summary="Parquet; each row group is read on its own",
        ),
    ]
