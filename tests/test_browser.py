"""The report as a reader sees it: opened in headless Chromium, without a network."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

WIDTHS = (390, 1280)


def _beside(name: str) -> ModuleType:
    """Another test file as a module; pytest's import mode puts none on the path."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


made = _beside("test_report")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium; absent, the tests skip, unless the environment insists on them."""
    needed = os.environ.get("SATCORE_REQUIRE_BROWSER") == "1"
    program = shutil.which("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        sync_playwright = None
    absent = [
        name
        for name, found in (("chromium", program), ("playwright", sync_playwright))
        if found is None
    ]
    if absent or sync_playwright is None:
        reason = f"{' and '.join(absent)} not installed: the report can't be opened in a browser"
        if needed:
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield opened
        opened.close()


class Visit:
    """A page that was opened, and everything it did that it should not."""

    def __init__(self, browser: Any, path: Path, **options: Any) -> None:
        self.trouble: list[str] = []
        self.address = path.as_uri()
        self.page = browser.new_page(**options)
        self.page.on("console", lambda told: self.trouble.append(f"{told.type}: {told.text}"))
        self.page.on("pageerror", lambda error: self.trouble.append(f"error: {error}"))
        self.page.on("dialog", self._dialog)
        self.page.on("request", self._request)
        self.page.goto(self.address)
        self.page.wait_for_selector("html[data-drawn]", timeout=60_000)

    def _dialog(self, dialog: Any) -> None:
        self.trouble.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Any) -> None:
        if request.url != self.address:
            self.trouble.append(f"request: {request.url}")

    def count(self, selector: str) -> int:
        return int(self.page.locator(selector).count())

    def overflow(self) -> int:
        """By how much the page is wider than the window."""
        return int(
            self.page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
        )


def visit(browser: Any, folder: Path, html: bytes, width: int = 1280, **options: Any) -> Visit:
    path = folder / "report.html"
    path.write_bytes(html)
    return Visit(browser, path, viewport={"width": width, "height": 900}, **options)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("width", WIDTHS)
def test_page_is_quiet_and_drawn(browser: Any, tmp_path: Path, language: str, width: int) -> None:
    seen = visit(browser, tmp_path, made.render(made.sample(), language), width)
    picture = tmp_path / f"{language}-{width}.png"
    seen.page.screenshot(path=picture, full_page=True, timeout=120_000)
    figures = seen.page.locator("figure")
    assert figures.count() == 7
    for place in range(figures.count()):
        figure = figures.nth(place)
        assert figure.locator("svg").is_visible()
        assert figure.locator("svg .mark-symbol path, svg .mark-rect path").count() > 2
        assert figure.locator(".not-drawn").is_hidden()
    assert seen.overflow() == 0
    seen.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    assert seen.overflow() == 0
    assert seen.trouble == []


@pytest.fixture(scope="module")
def demo() -> Any:
    """The results of the demo: NPS, KANO and SERVQUAL together."""
    from satcore.assembling import assemble
    from satcore.cli.demo import STUDY
    from satcore.cli.populations import Population
    from satcore.plugins import Plugins
    from satcore.running import evaluate, scan
    from satcore.study import Study

    answers = Population.of_demo().survey(1_500, 1)
    plan = assemble(Study.of(STUDY, "demo"), answers, plugins=Plugins.found())
    return evaluate(plan, scan(plan))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_metric_of_the_demo_is_drawn(
    browser: Any, tmp_path: Path, demo: Any, language: str, width: int
) -> None:
    seen = visit(browser, tmp_path, made.render(demo, language), width)
    figures = seen.page.locator("figure")
    # Three of NPS, of KANO and of SERVQUAL; trends of all and of four regions; a control chart.
    assert figures.count() == 3 * 3 + 5 + 1
    for place in range(figures.count()):
        assert figures.nth(place).locator("svg").is_visible()
        assert figures.nth(place).locator(".not-drawn").is_hidden()
    assert seen.count("ul.words li") > 5
    assert seen.overflow() == 0
    assert seen.trouble == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_narrow_pictures_are_not_cut(browser: Any, tmp_path: Path, language: str) -> None:
    seen = visit(browser, tmp_path, made.render(made.sample(), language), 390)
    cut = seen.page.evaluate(
        """[...document.querySelectorAll('figure:not(.wide) .picture')]
           .map((box) => box.scrollWidth - box.clientWidth)"""
    )
    assert len(cut) == 4
    assert max(cut) <= 0
    outside = seen.page.evaluate(
        """[...document.querySelectorAll('.picture svg text')].filter((text) => {
             const own = text.getBoundingClientRect()
             const all = text.closest('svg').getBoundingClientRect()
             return own.width && (own.left < all.left - 1 || own.right > all.right + 1)
           }).map((text) => text.textContent)"""
    )
    assert outside == []


def test_waves_with_gaps_are_not_joined(browser: Any, tmp_path: Path) -> None:
    seen = visit(browser, tmp_path, made.render(made.sample()))
    line = seen.page.locator("figure").first.locator("svg .mark-line path").first
    # Three pieces: 01-02, 04 alone, 06-08.
    assert line.get_attribute("d").count("M") == 3
    assert seen.page.locator("figure").first.locator("svg .mark-rule line").count() >= 1


def test_tooltip_shows_labels_as_text(browser: Any, tmp_path: Path) -> None:
    seen = visit(browser, tmp_path, made.render(made.sample()))
    dots = seen.page.locator("figure").nth(1).locator("svg .mark-symbol path")
    dots.nth(2).scroll_into_view_if_needed()
    dots.nth(2).hover()
    tip = seen.page.locator("#vg-tooltip-element.visible")
    tip.wait_for()
    assert made.EVIL in tip.inner_text()
    assert "Answers" in tip.inner_text()
    assert tip.locator("script").count() == 0
    # The label on the axis, too.
    assert made.EVIL in seen.page.locator("figure").nth(1).locator("svg").text_content()
    assert seen.trouble == []


def test_plain_pictures_and_failures(browser: Any, tmp_path: Path) -> None:
    broken = made.measured("broken", made._raises, primary="nps")
    rows = [{**row, "metric": "broken"} for row in made.sample().rows() if row["term"] == "nps"]
    results = made.sample(metrics=(broken,), estimates=made.table(rows, made.ESTIMATE_COLUMNS))
    seen = visit(browser, tmp_path, made.render(results))
    assert seen.count("figure svg") == seen.count("figure") == 3
    assert seen.trouble == []


def test_picture_that_can_not_be_drawn_is_told(browser: Any, tmp_path: Path) -> None:
    spec = {"mark": "bar", "encoding": {"x": {"field": "a", "type": "no such type"}}, "data": {}}
    charts = [made.Chart(title="odd", spec={**spec, "transform": [{"filter": "1 +"}]})]
    results = made.sample(metrics=(made.nps(lambda *_: charts),))
    seen = visit(browser, tmp_path, made.render(results))
    assert seen.page.locator(".not-drawn").is_visible()
    assert seen.page.locator(".picture").is_hidden()
    assert not any(told.startswith(("request", "dialog")) for told in seen.trouble)


def test_pictures_can_not_reach_out(browser: Any, tmp_path: Path) -> None:
    spec = {
        "data": {"values": [{"x": 1, "u": "https://example.invalid/x.png"}]},
        "mark": {"type": "image", "width": 20, "height": 20},
        "encoding": {
            "x": {"field": "x", "type": "quantitative"},
            "url": {"field": "u", "type": "nominal"},
            "href": {"field": "u", "type": "nominal"},
        },
    }
    charts = [made.Chart(title="far", spec=spec)]
    results = made.sample(metrics=(made.nps(lambda *_: charts),))
    seen = visit(browser, tmp_path, made.render(results))
    assert not any(told.startswith("request") for told in seen.trouble)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_letters_stand_out_from_their_ground(browser: Any, tmp_path: Path, scheme: str) -> None:
    seen = visit(browser, tmp_path, made.render(made.sample()), color_scheme=scheme)
    ground, letters = seen.page.evaluate(
        """['backgroundColor', 'color'].map((name) =>
             getComputedStyle(document.querySelector('main > section'))[name]
               .match(/[0-9.]+/g).slice(0, 3).reduce((sum, one) => sum + Number(one), 0) / 3)"""
    )
    assert abs(ground - letters) > 150
    assert (ground > letters) == (scheme == "light")
    white = seen.page.evaluate(
        "getComputedStyle(document.querySelector('.picture')).backgroundColor"
    )
    assert white == "rgb(255, 255, 255)"


def test_prints(browser: Any, tmp_path: Path) -> None:
    seen = visit(browser, tmp_path, made.render(made.sample()))
    seen.page.emulate_media(media="print")
    assert seen.page.locator("figcaption").first.is_visible()
    overlap = seen.page.evaluate(
        """[...document.querySelectorAll('figure')].some((figure) =>
             figure.querySelector('figcaption').getBoundingClientRect().bottom >
             figure.querySelector('.picture').getBoundingClientRect().top + 1)"""
    )
    assert not overlap
    assert seen.page.pdf(format="A4").startswith(b"%PDF")
