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

import satcore
import satcore_html
from satcore_journey import Journey
from satcore_operations import Churn

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

    def __init__(self, browser: Any, path: Path, wanted: str = "", **options: Any) -> None:
        self.trouble: list[str] = []
        self.address = path.as_uri() + wanted
        self.page = browser.new_page(**options)
        self.page.on("console", lambda told: self.trouble.append(f"{told.type}: {told.text}"))
        self.page.on("pageerror", lambda error: self.trouble.append(f"error: {error}"))
        self.page.on("dialog", self._dialog)
        self.page.on("request", self._request)
        self.page.goto(self.address)
        if self.page.locator(".picture[data-spec]").count():
            self.page.wait_for_selector("html[data-drawn]", timeout=60_000)

    def _dialog(self, dialog: Any) -> None:
        self.trouble.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Any) -> None:
        if request.url.split("#")[0] != self.address.split("#")[0]:
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


class Rendered:
    """Pages on disk, each made once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.paths: dict[tuple[str, str, str], Path] = {}

    def path(self, name: str, results: Any, language: str, form: str) -> Path:
        key = (name, language, form)
        if key not in self.paths:
            render = satcore_html.render_static if form == "static" else satcore_html.render
            self.paths[key] = self.folder / f"{'-'.join(key)}.html"
            self.paths[key].write_bytes(render(results, language))
        return self.paths[key]


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    return Rendered(tmp_path_factory.mktemp("pages"))


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


#: Texts that are cut, that leave their picture, or that lie on each other.
LOOK = """() => {
  const found = []
  const shown = (one) => one.checkVisibility({opacityProperty: true, visibilityProperty: true})
    && !one.closest('[opacity="0"]')
  const besides = '.skip, .unseen, .behind caption, .choose fieldset, #vg-tooltip-element'
  const apart = (one) => one.closest(besides)
  const scrolled = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const style = getComputedStyle(at)
      if (/auto|scroll/.test(style.overflowX) && at.scrollWidth > at.clientWidth + 1) return true
      if (/auto|scroll/.test(style.overflowY) && at.scrollHeight > at.clientHeight + 1) return true
    }
    return false
  }
  const cut = (one) => {
    for (let at = one; at && at !== document.documentElement; at = at.parentElement) {
      const hides = /hidden|clip/.test(getComputedStyle(at).overflowX)
      if (hides && !(at instanceof SVGElement) && at.scrollWidth > at.clientWidth + 1) return true
    }
    return false
  }
  const wide = document.documentElement.clientWidth
  const boxes = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const node = walker.currentNode, one = node.parentElement, text = node.textContent.trim()
    if (!text || /SCRIPT|STYLE|NOSCRIPT/.test(one.tagName) || apart(one) || !shown(one)) continue
    const range = document.createRange()
    range.selectNodeContents(node)
    const svg = one.closest('svg')
    const held = scrolled(one)
    for (const box of range.getClientRects()) {
      if (box.width < 1 || box.height < 1) continue
      if (cut(one)) found.push(`cut: ${text}`)
      if (svg) {
        // A still picture's letters may stand in the room around it.
        const all = svg.getBoundingClientRect(), room = one.closest('.still') ? 20 : 1
        if (box.left < all.left - room || box.right > all.right + room
            || box.top < all.top - 1 || box.bottom > all.bottom + 1) found.push(`leaves: ${text}`)
      }
      if (!held && (box.left < -1 || box.right > wide + 1)) found.push(`outside: ${text}`)
      // What a heading of a scrolled table covers is not lost: it can be scrolled to.
      if (!held && !one.closest('.choose')) boxes.push([box, text])
    }
  }
  boxes.sort((one, other) => one[0].top - other[0].top)
  boxes.forEach(([one, text], place) => {
    for (let next = place + 1; next < boxes.length; next += 1) {
      const [other, more] = boxes[next]
      if (other.top > one.bottom - 3) break
      if (other.left < one.right - 3 && one.left < other.right - 3
          && Math.min(one.bottom, other.bottom) - other.top > 3) {
        found.push(`overlap: ${text} / ${more}`)
      }
    }
  })
  return [...new Set(found)]
}"""

OPEN = "document.querySelectorAll('main details:not(.axis)').forEach((one) => { one.open = true })"


def _axe(page: Any) -> list[str]:
    """What axe-core finds of serious or critical impact."""
    axe = pytest.importorskip("axe_playwright_python", reason="axe-core is not installed")
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate((Path(axe.__file__).parent / "axe.min.js").read_text(encoding="utf-8"))
    told = page.evaluate(
        # Rows are alike, and a picture is one thing to a reader for the blind.
        """async () => (await axe.run(
               {exclude: [['tbody tr:nth-child(n+4)'], ['.picture svg']]},
               {resultTypes: ['violations']})).violations
             .filter((one) => ['serious', 'critical'].includes(one.impact))
             .map((one) => `${one.id}: ${one.nodes.length}, ${one.nodes[0].html.slice(0, 200)}`)"""
    )
    return [str(one) for one in told]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("form", ["live", "static"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_page_looks_right(
    browser: Any, rendered: Rendered, demo: Any, language: str, form: str, width: int
) -> None:
    path = rendered.path("demo", demo, language, form)
    seen = Visit(browser, path, viewport={"width": width, "height": 900})
    page = seen.page
    figures = page.locator("figure")
    # Three of NPS, of KANO and of SERVQUAL; trends of all and of four regions; a control chart;
    # two of expectations and of the journey; one of each of the six others.
    assert figures.count() == seen.count("figure svg") == 3 * 3 + 5 + 1 + 2 * 2 + 6
    assert seen.count(".not-drawn:visible") == 0
    assert seen.count("ul.words li") > 5
    assert seen.count("figure details.behind") == figures.count()
    # Specifications and long tables lie in blocks that no browser runs.
    assert seen.count("script:not([type])") == (0 if form == "static" else 2)
    blocks = seen.count("script[type]")
    assert blocks == 0 if form == "static" else blocks >= figures.count()
    assert seen.overflow() == 0
    assert page.evaluate(LOOK)[:12] == []
    page.evaluate(OPEN)
    assert seen.overflow() == 0
    assert page.evaluate(LOOK)[:12] == []
    # Each language, form and width is once held against axe, by day or by night.
    dark = (width == 390) == (form == "live")
    page.emulate_media(color_scheme="dark" if dark else "light")
    if (language == "en") == (form == "live"):
        assert _axe(page) == []
    # A4 between its margins.
    page.set_viewport_size({"width": 718, "height": 1_000})
    page.emulate_media(media="print", color_scheme="light")
    assert page.evaluate(LOOK)[:12] == []
    assert seen.overflow() == 0
    seen.trouble = [told for told in seen.trouble if "axe" not in told]
    assert seen.trouble == []
    page.close()


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("zh", 390)])
def test_awkward_labels_and_gaps(
    browser: Any, rendered: Rendered, language: str, width: int
) -> None:
    path = rendered.path("sample", made.sample(), language, "live")
    seen = Visit(browser, path, viewport={"width": width, "height": 900})
    figures = seen.page.locator("figure")
    assert figures.count() == 7
    for place in range(figures.count()):
        figure = figures.nth(place)
        assert figure.locator("svg").is_visible()
        assert figure.locator("svg .mark-symbol path, svg .mark-rect path").count() > 2
        assert figure.locator(".not-drawn").is_hidden()
    seen.page.evaluate(OPEN)
    assert seen.overflow() == 0
    assert seen.page.evaluate(LOOK)[:12] == []
    assert _axe(seen.page) == []
    assert seen.trouble == []
    seen.page.close()


def _choose(page: Any, axis: str, *labels: str) -> None:
    """Tick boxes with the keyboard, and wait until the page has followed."""
    fold = page.locator(f'.axis[data-axis="{axis}"]')
    if fold.get_attribute("open") is None:
        fold.locator("summary").focus()
        page.keyboard.press("Enter")
    for label in labels:
        before = page.locator(".chosen").inner_text()
        fold.locator(f'input[value="{label}"]').focus()
        page.keyboard.press("Space")
        page.locator(".chosen").filter(has_not_text=before).wait_for()


def test_segments_and_waves_can_be_chosen(browser: Any, rendered: Rendered) -> None:
    path = rendered.path("sample", made.sample(), "en", "live")
    seen = Visit(browser, path, viewport={"width": 1280, "height": 900})
    page = seen.page
    numbers = page.locator("table", has_text="NPS by region").first
    whole = numbers.locator("tr:visible").count()
    assert page.locator(".chosen").inner_text() == "Everything is shown."
    assert page.locator(".clear").is_hidden()
    _choose(page, "region", "East")
    rows = numbers.locator("tbody tr:visible")
    assert rows.locator("th").all_inner_texts() == ["All answers", "East side"]
    dots = page.locator("figure", has_text="NPS by region").first.locator("svg")
    assert "East side" in dots.text_content()
    assert made.EVIL not in dots.text_content()
    assert "Tiny" not in dots.text_content()
    told = page.locator(".chosen").inner_text()
    assert "region: East side" in told
    assert page.locator(".chosen").get_attribute("aria-live") == "polite"
    _choose(page, "wave", "2026-06", "2026-07")
    line = page.locator("figure").first.locator("svg")
    assert "January 2026" not in line.text_content()
    assert "June 2026" in line.text_content()
    # Waves between those that were chosen keep their place, and no line joins over them.
    _choose(page, "wave", "2026-02")
    assert "May 2026" in line.text_content()
    assert line.locator(".mark-line path").first.get_attribute("d").count("M") == 2
    assert page.locator(".values input:checked").count() == 4
    _choose(page, "wave", "2026-02")
    # The address keeps the choice, and a link within the page does not lose it.
    page.keyboard.press("Escape")
    page.locator('nav a[href="#quality"]').click()
    address = page.url
    assert address.endswith("#quality?region=East&wave=2026-06&wave=2026-07")
    again = browser.new_page(viewport={"width": 1280, "height": 900})
    again.goto(address)
    again.wait_for_selector("html[data-drawn]")
    shown = again.locator("table", has_text="NPS by region").first.locator("tbody tr:visible th")
    assert shown.all_inner_texts() == ["All answers", "East side"]
    again.emulate_media(media="print")
    assert again.locator(".chosen").is_visible()
    assert again.locator(".axis").first.is_hidden()
    again.close()
    page.locator(".clear").click()
    page.locator(".chosen", has_text="Everything is shown.").wait_for()
    assert numbers.locator("tr:visible").count() == whole
    assert "?" not in page.url
    page.emulate_media(media="print")
    assert page.locator(".choose").is_hidden()
    assert seen.trouble == []
    page.close()


@pytest.mark.parametrize(
    "wanted",
    [
        "#?region=%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "#?region!none=",
        "#?region=nobody&x=%3Cimg src=x onerror=alert(3)%3E",
        '#"><img src=x onerror=alert(4)>?region=East',
    ],
)
def test_addresses_are_only_compared(browser: Any, rendered: Rendered, wanted: str) -> None:
    path = rendered.path("sample", made.sample(), "en", "live")
    seen = Visit(browser, path, wanted, viewport={"width": 1280, "height": 900})
    assert seen.count("img") == 0
    shown = seen.page.locator("table", has_text="NPS by region").first.locator("tbody tr:visible")
    names = {
        "%3Cscript": made.EVIL,
        "none=": "— (not given)",
        "nobody": None,
        "East": "East side",
    }
    name = next(label for part, label in names.items() if part in wanted)
    labels = shown.locator("th").all_inner_texts()
    assert labels == ["All answers", name] if name else len(labels) == 7
    assert seen.trouble == []
    seen.page.close()


def test_long_tables_are_shown_page_by_page(browser: Any, rendered: Rendered) -> None:
    path = rendered.path("many", made.many(500), "en", "live")
    seen = Visit(browser, path, viewport={"width": 1280, "height": 900})
    page = seen.page
    assert seen.count("main tr") < 2_000
    fold = page.locator("details.fold", has_text="NPS by branch").first
    assert fold.locator("tbody tr").count() == 100
    fold.locator("summary").click()
    pager = fold.locator(".pager")
    pager.locator("[role=status]", has_text="Rows 1 to 100 of 501").wait_for()
    assert fold.locator(".cut").is_hidden()
    assert pager.locator(".before").is_disabled()
    for _ in range(5):
        pager.locator(".after").click()
    assert pager.locator("[role=status]").inner_text() == "Rows 501 to 501 of 501"
    assert fold.locator("tbody th").all_inner_texts() == ["B0499"]
    assert pager.locator(".after").is_disabled()
    pager.locator("input").fill("b012")
    pager.locator("[role=status]", has_text="Rows 1 to 10 of 10").wait_for()
    pager.locator("input").fill("nobody")
    pager.locator("[role=status]", has_text="No row").wait_for()
    pager.locator("input").fill("")
    pager.locator("[role=status]", has_text="of 501").wait_for()
    page.locator(".axis summary").click()
    page.locator(".find input").fill("b0321")
    assert page.locator(".values label:visible").count() == 1
    page.locator(".values label:visible input").check()
    pager.locator("[role=status]", has_text="Rows 1 to 2 of 2").wait_for()
    row = fold.locator("tbody tr").nth(1)
    assert row.locator("th").inner_text() == "B0321"
    assert [one.get_attribute("class") for one in row.locator("td").all()][:3] == ["num"] * 3
    assert seen.trouble == []
    page.close()


def test_without_scripts_there_is_nothing_to_press(browser: Any, rendered: Rendered) -> None:
    path = rendered.path("sample", made.sample(), "en", "live")
    page = browser.new_page(java_script_enabled=False)
    page.goto(path.as_uri())
    assert page.locator("noscript").count() == 1
    assert page.locator("button:visible, input:visible").count() == 0
    assert page.locator("table", has_text="NPS by region").first.locator("tr").count() == 8
    page.close()


def test_waves_with_gaps_are_not_joined(browser: Any, tmp_path: Path) -> None:
    seen = visit(browser, tmp_path, made.render(made.sample()))
    line = seen.page.locator("figure").first.locator("svg .mark-line path").first
    # Three pieces: 01-02, 04 alone, 06-08.
    assert line.get_attribute("d").count("M") == 3
    bars = seen.page.locator("figure").first.locator("svg .role-mark.mark-rule line")
    told = "all => all.filter((one) => getComputedStyle(one).opacity !== '0').length"
    assert bars.evaluate_all(told) == 1


def test_pictures_side_by_side_follow_the_choice(browser: Any, tmp_path: Path) -> None:
    waves, rows = ("2026-01", "2026-02", "2026-03", "2026-04"), 240
    answers = {
        "start": [1 + place % 5 for place in range(rows)],
        "end": [5 - place * place % 5 for place in range(rows)],
        "month": [waves[place % 4] for place in range(rows)],
        "left": [place % 3 % 2 for place in range(rows)],
        "tenure": [1 + place % 9 for place in range(rows)],
        "region": ["East", "West"] * (rows // 2),
    }
    results = satcore.run(
        {
            "way": Journey(touchpoints={"start": "start", "end": "end"}, scale="1..5"),
            "gone": Churn(left="left", tenure="tenure", at=(3, 6, 9)),
        },
        answers,
        segments=["region"],
        wave="month",
        by=["region", "wave"],
    )
    seen = visit(browser, tmp_path, made.render(results))
    _choose(seen.page, "wave", "2026-01", "2026-03")
    _choose(seen.page, "region", "West")

    def headed(title: str) -> list[str]:
        svg = seen.page.locator("figure", has_text=title).first.locator("svg")
        return list(svg.locator("text").all_text_contents())

    by_wave = headed("The journey by wave")
    # Places along a way all stay, so that a wave that was not chosen leaves no empty picture.
    assert [one for one in by_wave if one in waves] == ["2026-01", "2026-03"]
    for title in ("The journey by region", "Still there over time, by region"):
        assert [one for one in headed(title) if one in ("East", "West")] == ["West"]
    assert seen.trouble == []
    seen.page.close()


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
