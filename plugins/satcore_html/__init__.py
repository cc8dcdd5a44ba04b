"""The report: results as one HTML file that opens offline, in English or Chinese.

What it draws with (jinja2, vl-convert) comes with the extra ``report`` and is loaded when a
report is rendered, not when the plugin is found.
"""

from __future__ import annotations

from satcore import ReportSpec, Results, hookimpl


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


@hookimpl
def satcore_reports() -> list[ReportSpec]:
    """Offer the HTML report."""
    return [
        ReportSpec(
            "html",
            (".html", ".htm"),
            render,
            summary="One offline HTML file: findings, pictures, tables, methods",
            languages=("en", "zh"),
        )
    ]
