"""The report: results as a page that opens offline, as Markdown, or as an Excel workbook.

All three tell the same findings with the same words, in English or Chinese, which is why they
live together. What they are made with (jinja2, vl-convert, xlsxwriter) comes with the extra
``report`` and is loaded when a report is rendered, not when the plugin is found.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from satcore import CatalogueSpec, Chart, OutputError, ReportSpec, Results, hookimpl

_LANGUAGES: Final = ("en", "zh")


def render(results: Results, language: str = "en") -> bytes:
    """The report of some results, as the bytes of an HTML file.

    The same results and language give the same bytes, always.

    Args:
        results: What to report.
        language: ``"en"`` or ``"zh"``.

    Raises:
        OutputError: The extra is not installed, or the language is not spoken.
    """
    from satcore_html.page import page

    return page(results, language)


def render_static(results: Results, language: str = "en") -> bytes:
    """The report as a page without any script; arguments and errors as ``render``.

    Pictures are drawn beforehand, and lie in the page as SVG. The same results and language give
    the same bytes on one machine; how much room letters take depends on its fonts.
    """
    from satcore_html.page import page

    return page(results, language, static=True)


def render_markdown(results: Results, language: str = "en") -> bytes:
    """The report as the bytes of a Markdown file; arguments and errors as ``render``."""
    from satcore_html.markdown import markdown

    return markdown(results, language)


def render_workbook(results: Results, language: str = "en") -> bytes:
    """The report as the bytes of an Excel workbook; arguments and errors as ``render``."""
    from satcore_html.workbook import workbook

    return workbook(results, language)


def plain_charts(results: Results, name: str, language: str = "en") -> list[Chart]:
    """Estimates with their intervals by cell: the pictures of a metric that has none of its own.

    Args:
        results: What to report.
        name: The metric's name in the study.
        language: ``"en"`` or ``"zh"``.

    Raises:
        OutputError: The extra is not installed, or the language is not spoken.
        KeyError: There is no such metric.
    """
    from satcore_html.estimates import Teller
    from satcore_html.extras import needed
    from satcore_html.pictures import plain_charts
    from satcore_html.words import Words

    if language not in _LANGUAGES:
        raise OutputError(f"the report speaks {' and '.join(_LANGUAGES)}, not {language!r}")
    needed("babel")
    measured = results[name].measured
    rows = results.rows(name)
    primary = measured.primary or (rows[0]["term"] if rows else "")
    teller = Teller.of(results, Words.of(results, language)).of_metric(measured)
    return plain_charts(measured, [row for row in rows if row["term"] == primary], teller)


@hookimpl
def satcore_reports() -> list[ReportSpec]:
    """Offer the report, in three forms."""
    return [
        ReportSpec(
            "html",
            (".html", ".htm"),
            render,
            summary="One offline HTML file: findings, pictures, tables, methods",
            languages=_LANGUAGES,
            plain_charts=plain_charts,
            render_static=render_static,
        ),
        ReportSpec(
            "markdown",
            (".md", ".markdown"),
            render_markdown,
            summary="The findings and tables as Markdown",
            languages=_LANGUAGES,
        ),
        ReportSpec(
            "xlsx",
            (".xlsx",),
            render_workbook,
            summary="An Excel workbook: findings, tidy estimates, comparisons, standards, notes",
            languages=_LANGUAGES,
        ),
    ]


@hookimpl
def satcore_catalogues() -> list[CatalogueSpec]:
    """What the report says, in other languages."""
    return [
        CatalogueSpec("satcore_html", Path(__file__).with_name("locale"), "What the report says")
    ]
