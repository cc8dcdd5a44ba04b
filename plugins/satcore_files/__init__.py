"""Surveys from files: delimited text, Parquet, Excel, SPSS and Stata.

Nothing heavy is imported until a file is opened.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from satcore import CatalogueSpec, SurveySpec, hookimpl

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


def read_excel(source: Source) -> Survey:
    """Open Excel workbooks, one sheet of each.

    Raises:
        DataError: Some can't be read; every one of them is named.
    """
    from satcore_files.excel import read

    return read(source)


def read_spss(source: Source) -> Survey:
    """Open SPSS files.

    Raises:
        DataError: Some can't be read; every one of them is named.
    """
    from satcore_files.readstat import read_sav

    return read_sav(source)


def read_stata(source: Source) -> Survey:
    """Open Stata files.

    Raises:
        DataError: Some can't be read; every one of them is named.
    """
    from satcore_files.readstat import read_dta

    return read_dta(source)


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
        SurveySpec(
            "excel",
            (".xlsx", ".xlsm"),
            read=read_excel,
            summary="Excel; file.xlsx#Sheet names a sheet (extra files)",
        ),
        SurveySpec(
            "spss",
            (".sav", ".zsav"),
            read=read_spss,
            summary="SPSS, with labels, missing codes and response sets (extra files)",
        ),
        SurveySpec(
            "stata",
            (".dta",),
            read=read_stata,
            summary="Stata, with labels and missing codes (extra files)",
        ),
    ]


@hookimpl
def satcore_catalogues() -> list[CatalogueSpec]:
    """What readers of survey files say, in other languages."""
    return [
        CatalogueSpec(
            "satcore_files", Path(__file__).with_name("locale"), "What readers of survey files say"
        )
    ]
