"""The checks of a report."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from html.parser import HTMLParser
from typing import Any

from attrs import frozen

from satcore.codebook import Codebook
from satcore.errors import OutputError
from satcore.estimates import Estimate
from satcore.hookspecs import ReportSpec
from satcore.metrics import Metric
from satcore.plugins import Plugins
from satcore.results import Results
from satcore.running import run
from satcore.statistics import Tallied, Tally
from satcore.testing.checks import Check, LawError, NotApplicable, expecting

#: A label that is code where it is not escaped. It is no word of any report.
HOSTILE = "<script>attacked()</script>\"'><img src=x onerror=attacked()>&amp;{{7*7}}"


@frozen(kw_only=True)
class Shares(Metric):
    """The share of high answers and the mean.

    Attributes:
        item: The question.
        failing: Whether it raises instead.
    """

    item: str
    failing: bool = False

    def statistics(self, codebook: Codebook) -> Mapping[str, Tally]:
        """The frequency table."""
        return {"answers": Tally(codebook.item(self.item, "0..10"))}

    def evaluate(self, answers: Tallied) -> Iterator[Estimate]:
        """Share and mean."""
        if self.failing:
            raise ArithmeticError(f"it can't be computed {HOSTILE}")
        yield answers.share((9, 10), term="share")
        yield answers.mean(term="mean")


def _results(rows: int = 90, *, failing: bool = False, label: str = "East") -> Results:
    """Results with segments, waves, comparisons, small and empty cells."""
    answers = [(7 * row) % 11 for row in range(rows)]
    columns: dict[str, Any] = {
        "Q1": [None if row % 17 == 3 else one for row, one in enumerate(answers)],
        "region": [(label, "West", None)[row % 3] for row in range(rows)],
        "month": [f"2025-{1 + row % 4:02}" for row in range(rows)],
    }
    metrics: dict[str, Metric] = {"shares": Shares(item="Q1")}
    if failing:
        metrics["failing"] = Shares(item="Q1", failing=True)
    return run(
        metrics,
        columns,
        segments=["region"],
        wave="month",
        by=["region", "wave", "region*wave"],
        plugins=Plugins(()),
        min_base=10,
        suppress_below=2,
    )


def _rendered(spec: ReportSpec, results: Results, language: str) -> bytes:
    try:
        made: Any = spec.render(results, language)
    except OutputError as error:
        raise NotApplicable(str(error)) from None
    if not isinstance(made, bytes) or not made:
        raise LawError(expected="the file's bytes", came=f"{type(made).__name__} {made!r:.40}")
    return made


def _each(spec: ReportSpec, results: Results) -> Iterator[tuple[str, bytes]]:
    for language in spec.languages:
        yield language, _rendered(spec, results, language)


def _languages(spec: ReportSpec) -> None:
    if not spec.languages:
        raise LawError(expected="at least one language", came="none")
    results = _results()
    made = dict(_each(spec, results))
    if len(set(made.values())) < len(made):
        raise LawError(expected="a report of its own in each language", came="the same bytes")


def _same_bytes(spec: ReportSpec) -> None:
    first, second = dict(_each(spec, _results())), dict(_each(spec, _results()))
    for language, made in first.items():
        if made != second[language]:
            place = next(
                (n for n, (a, b) in enumerate(zip(made, second[language], strict=False)) if a != b),
                -1,
            )
            raise LawError(
                expected=f"{language}: the same bytes again", came=f"others from byte {place}"
            )


def _empty_results(spec: ReportSpec) -> None:
    list(_each(spec, _results(0)))


def _failed_metrics(spec: ReportSpec) -> None:
    for language, made in _each(spec, _results(failing=True)):
        text = _html(spec, made)
        if text is not None and "failing" not in text:
            raise LawError(
                expected=f"{language}: the metric that failed is named", came="it is not there"
            )


def _unknown_language(spec: ReportSpec) -> None:
    if "qq" in spec.languages:
        raise NotApplicable("it speaks every language")
    try:
        spec.render(_results(), "qq")
    except OutputError:
        return
    except Exception as error:  # noqa: BLE001 - a report may raise anything
        came = f"{type(error).__name__}: {error}"
        raise LawError(expected="OutputError for a language it has not", came=came) from None


def _html(spec: ReportSpec, made: bytes) -> str | None:
    """The text of a report that is a page; None for one that is none."""
    if not any(one in (".html", ".htm", ".xhtml", ".svg") for one in spec.suffixes):
        return None
    return made.decode("utf-8")


def _pages(spec: ReportSpec, results: Results) -> Iterator[tuple[str, str]]:
    for language, made in _each(spec, results):
        text = _html(spec, made)
        if text is None:
            raise NotApplicable("it is no page that a browser would run")
        yield language, text


class _Tags(HTMLParser):
    """What a browser would run or fetch."""

    #: Attributes by which a page fetches; a link that a reader may follow is none.
    FETCHING = ("src", "srcset", "poster", "data", "background", "action", "formaction")

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.run: list[str] = []
        self._within = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag fetches and runs."""
        self._within = tag if tag in ("script", "style") else ""
        for name, value in attrs:
            fetching = name in self.FETCHING or (
                name in ("href", "xlink:href") and tag in ("link", "use", "image", "base")
            )
            if fetching and value and not value.startswith(("data:", "#")):
                self.fetched.append(f"<{tag} {name}={value!r}>")
            if name.startswith("on") and "attacked" in (value or ""):
                self.run.append(f"<{tag} {name}={value!r}>")
            if name == "style" and value:
                self._style(value)
        if tag == "img" and ("src", "x") in attrs:
            self.run.append("<img src=x>")

    def handle_endtag(self, tag: str) -> None:
        """A script or style is over."""
        self._within = ""

    def handle_data(self, data: str) -> None:
        """Note scripts that are the label, and styles that fetch."""
        if self._within == "script" and data.strip() == "attacked()":
            self.run.append("<script>attacked()</script>")
        if self._within == "style":
            self._style(data)

    def _style(self, text: str) -> None:
        for found in re.findall(r"@import[^;]*|url\(\s*['\"]?(?!data:|#)[^)]*\)", text):
            self.fetched.append(found)


def _read(text: str) -> _Tags:
    tags = _Tags()
    tags.feed(text)
    tags.close()
    return tags


def _escaped(spec: ReportSpec) -> None:
    for failing in (False, True):
        for language, text in _pages(spec, _results(failing=failing, label=HOSTILE)):
            ran = _read(text).run
            if ran:
                raise LawError(
                    expected=f"{language}: the label {HOSTILE!r} as text", came=f"{ran[0]} as code"
                )
            if "attacked" not in text:
                raise LawError(expected=f"{language}: the label shown", came="it is not there")


def _no_addresses(spec: ReportSpec) -> None:
    for language, text in _pages(spec, _results()):
        fetched = _read(text).fetched
        if fetched:
            raise LawError(
                expected=f"{language}: a page that fetches nothing", came=f"it fetches {fetched[0]}"
            )


_CHECKS: tuple[tuple[str, str, Callable[[ReportSpec], None]], ...] = (
    ("languages", "A report is written in each language that it says it speaks.", _languages),
    ("same_bytes", "The same results give the same bytes.", _same_bytes),
    ("empty_results", "Results of nobody's answers have a report too.", _empty_results),
    ("failed_metrics", "A metric that failed is named, and the others are shown.", _failed_metrics),
    ("unknown_language", "A language that it does not speak is refused.", _unknown_language),
    ("escaped", "Labels are text wherever they are shown, never code.", _escaped),
    ("no_addresses", "A page opens without a network: it fetches nothing.", _no_addresses),
)


def report_checks(
    spec: ReportSpec, *, expected_failures: Mapping[str, str] | None = None
) -> list[Check]:
    """The checks of a report.

    Args:
        spec: The record that offers it.
        expected_failures: Why a check has to fail, by its name.

    Raises:
        ValueError: An expected failure of a check that there is not.
    """

    def held(hold: Callable[[ReportSpec], None]) -> Callable[[], str | None]:
        return partial(_run, hold, spec)

    checks = [Check(n, law, held(hold), subject=spec.name) for n, law, hold in _CHECKS]
    return expecting(checks, expected_failures)


def _run(hold: Callable[[ReportSpec], None], spec: ReportSpec) -> str | None:
    hold(spec)
    return None
