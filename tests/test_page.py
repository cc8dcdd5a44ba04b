"""What the page is made of: what can be chosen, long tables, numbers behind pictures, colours."""

from __future__ import annotations

import base64
import importlib.util
import itertools
import json
import re
import sys
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

import satcore
import satcore_html
from satcore import Chart, Results
from satcore.results import COMPARISON_COLUMNS, ESTIMATE_COLUMNS
from satcore_html.behind import behind
from satcore_html.choosing import MOST_LABELS, Choice
from satcore_html.compact import packed
from satcore_html.comparisons import MOST_COMPARED, kept
from satcore_html.estimates import Teller
from satcore_html.grid import PAGE, WHOLE, Column, grid
from satcore_html.page import MOST_SAID
from satcore_html.pictures import apart
from satcore_html.words import LANGUAGES, Words


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


def static(results: Results, language: str = "en") -> str:
    return satcore_html.render_static(results, language).decode("utf-8")


def choice(results: Results) -> Choice:
    return Teller.of(results, Words("en")).choice


# Choosing


def test_axes_are_segments_then_the_wave() -> None:
    axes = choice(made.sample()).axes
    assert [axis.name for axis in axes] == ["region", "channel", "wave"]
    region, channel, wave = axes
    assert region.labels[0] == "East side"
    assert region.values[-1] is None
    assert channel.values == ("app", "desk")
    assert wave.values == made.WAVES
    assert [axis.wave for axis in axes] == [False, False, True]


def test_places() -> None:
    found = choice(made.sample())
    east, app, june = {"region": "East"}, {"channel": "app"}, {"wave": "2026-06"}
    assert found.place({}) == ""
    assert found.place(east) == "0:0"
    assert found.place({**east, **june}) == "0:0,2:5"
    assert found.place(east, app) == "0:0|1:0"
    assert found.place(east, east) == "0:0"
    # A row that tells of the total stays whatever is chosen.
    assert found.place(east, {}) == ""
    assert found.place({"nobody": "knows"}) == ""


def test_a_dimension_of_one_or_of_thousands_is_not_offered() -> None:
    assert [axis.name for axis in choice(made.many(1)).axes] == []
    assert [len(axis.values) for axis in choice(made.many(MOST_LABELS)).axes] == [MOST_LABELS]
    assert choice(made.many(MOST_LABELS + 1)).axes == ()


def test_controls_are_named_and_hold_texts_only() -> None:
    page = made.read(made.sample())
    boxes = [given for tag, given in page.tags if given.get("type") == "checkbox"]
    values = [box.get("value") for box in boxes]
    assert made.EVIL in values
    assert made.ATTRIBUTE in values
    assert [box for box in boxes if "data-none" in box] == [boxes[5]]
    assert len({box["data-code"] for box in boxes}) == len(boxes) == 6 + 2 + 8
    assert not any(name.startswith("on") for _, given in page.tags for name in given)
    # Without scripts there would be nothing to press: they are shown by the script.
    (panel,) = (given for _, given in page.tags if given.get("id") == "choose")
    assert "hidden" in panel


# Tables


def test_rows_stand_by_group() -> None:
    columns = [Column(head="a", texts=list("vwxyz")), Column(head="b", texts=list("12345"))]
    shown = grid("c", columns, groups=list("ABABA"), places=["", "1", "", "3", ""])
    assert [group.title for group in shown.groups] == ["A", "B"]
    assert [[row.head for row in group.rows] for group in shown.groups] == [list("vxz"), list("wy")]
    assert [row.place for group in shown.groups for row in group.rows] == ["", "", "", "1", "3"]
    assert shown.grouped
    assert not grid("c", columns).grouped


@given(st.lists(st.text(), min_size=1), st.lists(st.sampled_from(["", "quiet"]), min_size=1))
def test_packed_tables_hold_every_text(texts: list[str], tones: list[str]) -> None:
    size = min(len(texts), len(tones))
    columns = [Column(head="a", texts=texts[:size]), Column(head="b", texts=texts[size - 1 :: -1])]
    text = packed(grid("c", columns, tones=tones[:size]))
    assert re.fullmatch("[A-Za-z0-9+/=]*", text)
    found = json.loads(zlib.decompress(base64.b64decode(text), wbits=-15))

    def told(part: Mapping[str, Any]) -> list[str]:
        return [part["texts"][place] for place in part["at"]] if "at" in part else part["texts"]

    written = [one.encode("utf-8", errors="replace").decode() for one in texts[:size]]
    assert [told(column) for column in found["columns"]] == [written, written[::-1]]
    assert told(found["tones"]) == (tones[:size] if any(tones[:size]) else [])


def test_long_tables_begin_and_say_where_the_rest_is() -> None:
    results = made.many(WHOLE)
    whole = static(results)
    assert "<script" not in whole
    (table,) = re.findall(r"<table>\n<caption[^>]*><span>NPS by branch<.*?</table>", whole, re.S)
    assert table.count("<tr") == 1 + PAGE
    assert f"The first {PAGE} of {WHOLE + 1} rows." in whole
    assert "-o rows.csv" in whole
    assert "The first" not in static(made.many(WHOLE - 1))


def _comparisons(count: int, shown: int) -> Results:
    rows = []
    for number in range(count):
        p = 0.001 * (number % 7) / 10 if number >= count - shown else 0.5
        rows.append(
            made.comparison(
                "rest",
                "branch",
                {"branch": f"B{number:04d}"},
                difference=1.0,
                p=p,
                p_adjusted=p,
            )
        )
    return made.sample(comparisons=made.table(rows, COMPARISON_COLUMNS))


def test_of_many_comparisons_those_that_show_something_are_kept() -> None:
    count = MOST_COMPARED + 500
    results = _comparisons(count, 100)
    found = kept(results.comparisons, range(count), 0.95)
    assert found.counts == {("rest", ("branch",), "branch"): count}
    assert len(found.rows) == MOST_COMPARED
    assert sum(row["p"] < 0.05 for row in found.rows) == 100
    cells = [row["cell"]["branch"] for row in found.rows]
    assert cells == sorted(cells)
    text = made.read(results).text
    assert f"{MOST_COMPARED:,} of {count:,} comparisons" in text
    few = kept(results.comparisons, range(50), 0.95)
    assert (len(few.rows), dict(few.counts)) == (50, {})


def test_rows_of_one_metric_term_and_cell() -> None:
    results = made.sample()
    every = results.rows()
    total = [row for row in every if row["term"] == "nps" and not row["cell"]]
    assert results.rows("nps", "nps", cell={}) == total
    assert len(results.rows(cell={"region": "East"})) == 4
    assert results.rows("nobody") == []
    assert results.rows() == every
    assert results.estimates.picked([1]).plain("term") == ["promoters"]
    assert evolve(results, estimates=satcore.Table({})).rows("nps", cell={}) == []


def test_many_sentences_are_folded() -> None:
    class Talking(made.Drawn):  # type: ignore[name-defined, misc]
        def findings(self, *_: object) -> list[str]:
            return [f"Sentence {number}." for number in range(MOST_SAID + 3)]

    talking = evolve(made.nps(), metric=Talking())
    text = made.read(made.sample(metrics=(talking,))).text
    assert "3 more sentences" in text
    assert f"Sentence {MOST_SAID + 2}." in text


# Pictures without scripts


@pytest.mark.parametrize("language", LANGUAGES)
def test_static_pages_hold_no_script(language: str) -> None:
    results = made.sample()
    page = static(results, language)
    read = made.Page(page.encode())
    assert read.scripts == []
    assert read.specs == []
    (policy,) = (
        given["content"]
        for tag, given in read.tags
        if given.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'; style-src")
    assert "script" not in policy
    tags = [tag for tag, _ in read.tags]
    assert tags.count("svg") == tags.count("figure") == 7
    assert not {"button", "input", "noscript"} & set(tags)
    assert not any(name.startswith("on") for _, given in read.tags for name in given)
    ids = [given["id"] for _, given in read.tags if "id" in given]
    assert len(ids) == len(set(ids))
    assert made.EVIL in read.text
    assert made.EVIL not in page
    # What the page with scripts says in words and tables is said here too.
    live = {text for text, _ in made.read(results, language).texts}
    gone = live - {text for text, _ in read.texts}
    words = Words(language)
    assert words("choose") in gone
    assert not any(re.search(r"\d{2}\.\d", text) for text in gone)


def test_static_pages_tell_what_can_not_be_drawn() -> None:
    odd = {"mark": "bar", "encoding": {"x": {"field": "a", "type": "no such type"}}, "data": {}}
    spec = {**odd, "transform": [{"filter": "1 +"}]}
    drawn = made.nps(lambda *_: [Chart(title="odd", spec=spec)])
    page = static(made.sample(metrics=(drawn,)))
    assert "<svg" not in page
    assert "This picture could not be drawn" in page
    assert "NPS by region" in page


def test_names_within_pictures_are_told_apart() -> None:
    svg = '<svg><clipPath id="a"/><g clip-path="url(#a)"/><text> id="a" url(#a)</text></svg>'
    assert apart(svg, 3) == (
        '<svg><clipPath id="p3-a"/><g clip-path="url(#p3-a)"/><text> id="a" url(#a)</text></svg>'
    )


# The numbers behind a picture


def test_tables_behind_pictures_have_what_tooltips_say() -> None:
    page = made.read(made.sample())
    tables = [given for tag, given in page.tags if given.get("class") == "behind"]
    assert len(tables) == 7
    rows = [{"a": "East", "v": 1.5, "_place": "0:1"}, {"a": "West", "v": None}]
    tooltip = [{"field": "a", "title": "Region"}, {"field": "v", "title": "Score"}]
    spec = {
        "data": {"values": rows},
        "layer": [
            {"mark": "rule", "data": {"values": [{"v": 0}]}, "encoding": {"x": {"field": "v"}}},
            {"mark": "point", "encoding": {"x": {"field": "v"}, "tooltip": tooltip}},
        ],
    }
    (told,) = behind(spec, "c")
    assert told.heads == ("Region", "Score")
    assert [column.texts for column in told.columns] == [["East", "West"], ["1.5", "—"]]
    assert told.numeric == (False, True)
    assert list(told.places) == ["0:1", ""]


def test_tables_behind_pictures_without_tooltips() -> None:
    spec = {
        "data": {"values": [{"q": "a", "n": 3, "f": "x", "on": True}] * 2},
        "facet": {"field": "f", "title": "Part"},
        "spec": {
            "mark": "bar",
            "encoding": {
                "y": {"field": "q", "title": "Question"},
                "x": {"field": "n"},
                "color": {"field": "on", "title": "On"},
                "size": {"field": "absent"},
            },
        },
    }
    (told,) = behind(spec, "c")
    assert told.heads == ("Part", "n", "Question", "On")
    assert [list(column.texts) for column in told.columns] == [["x"], ["3"], ["a"], ["✓"]]
    # What divides it has the name that it is given where the picture gives none.
    titled = [{"field": "q", "title": "Question"}]
    unit = {"mark": "bar", "encoding": {"tooltip": titled}}
    (told,) = behind({**spec, "facet": {"row": {"field": "f"}}, "spec": unit}, "c", "Group")
    assert told.heads == ("Group", "Question")
    assert behind({"mark": "bar"}, "c") == ()
    assert behind({"data": {"values": [1, None]}, "mark": "bar"}, "c") == ()


# Colours

#: Machado, Oliveira and Fernandes: A Physiologically-based Model for Simulation of Color Vision
#: Deficiency, 2009, table 1, severity 1.0; applied to linear RGB.
CONES = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
}

#: Distance in CIELAB between two colours of one picture. About 2.3 is just noticed; Okabe and
#: Ito's own colours come as near as 17.9.
LEAST = 15.0

_HEX = re.compile("#[0-9a-fA-F]{6}")


def _linear(colour: str) -> list[float]:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    return [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]


def _lab(rgb: list[float]) -> tuple[float, float, float]:
    """CIELAB of linear sRGB under D65 (IEC 61966-2-1, CIE 15)."""
    rows = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    white = (0.9505, 1.0, 1.089)

    def curve(one: float) -> float:
        return one ** (1 / 3) if one > 216 / 24389 else (24389 / 27 * one + 16) / 116

    x, y, z = (
        curve(sum(a * b for a, b in zip(row, rgb, strict=True)) / most)
        for row, most in zip(rows, white, strict=True)
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _seen(colour: str, kind: str) -> tuple[float, float, float]:
    rgb = _linear(colour)
    if kind in CONES:
        rgb = [
            min(max(sum(a * b for a, b in zip(row, rgb, strict=True)), 0.0), 1.0)
            for row in CONES[kind]
        ]
    return _lab(rgb)


def _nearest(palette: set[str], kind: str) -> float:
    pairs = itertools.combinations(sorted(palette), 2)
    return min(
        sum((a - b) ** 2 for a, b in zip(_seen(one, kind), _seen(other, kind), strict=True)) ** 0.5
        for one, other in pairs
    )


def _palettes(part: Any) -> Iterator[set[str]]:
    """The colours that a specification tells its categories apart by."""
    if isinstance(part, Mapping):
        wanted = part.get("range")
        if isinstance(wanted, list) and wanted and all(_HEX.fullmatch(str(one)) for one in wanted):
            yield set(wanted)
        for name, inner in part.items():
            if name != "values":
                yield from _palettes(inner)
    elif isinstance(part, list | tuple):
        for inner in part:
            yield from _palettes(inner)


def _contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast ratio."""
    weights = (0.2126, 0.7152, 0.0722)
    light = sorted(
        sum(a * b for a, b in zip(weights, _linear(colour), strict=True)) for colour in (one, other)
    )
    return (light[1] + 0.05) / (light[0] + 0.05)


@pytest.fixture(scope="module")
def demo() -> Results:
    from satcore.assembling import assemble
    from satcore.cli.demo import STUDY
    from satcore.cli.populations import Population
    from satcore.plugins import Plugins
    from satcore.running import evaluate, scan
    from satcore.study import Study

    answers = Population.of_demo().survey(600, 1)
    plan = assemble(Study.of(STUDY, "demo"), answers, plugins=Plugins.found())
    return evaluate(plan, scan(plan))


@pytest.mark.parametrize("kind", ["all colours", *CONES])
def test_colours_are_told_apart(demo: Results, kind: str) -> None:
    specs = [chart.spec for name in demo for chart in demo[name].charts()]
    palettes = [set(satcore.CHART_THEME["range"]["category"]), *_palettes(specs)]
    assert len(palettes) >= 4
    for palette in palettes:
        assert len(palette) > 1
        assert _nearest(palette, kind) > LEAST, sorted(palette)
    # The test can fail: red and green of one lightness are one colour to some.
    assert _nearest({"#D55E00", "#7f8a00"}, "deuteranopia") < LEAST


def test_numbers_in_bars_can_be_read(demo: Results) -> None:
    """Black or white on each colour, as the pictures' own conditions choose it."""
    for colours, white in (
        ({"#D55E00", "#C3C9CE", "#0072B2"}, {"#0072B2"}),
        (
            {"#009E73", "#0072B2", "#D55E00", "#C3C9CE", "#CC79A7", "#33383d"},
            {"#0072B2", "#33383d"},
        ),
    ):
        specs = [chart.spec for name in demo for chart in demo[name].charts()]
        assert colours in list(_palettes(specs))
        for colour in colours:
            letters = "#ffffff" if colour in white else "#000000"
            assert _contrast(colour, letters) > 4.5, colour


@pytest.mark.parametrize("rule", ["light", "dark"])
def test_the_page_s_colours_have_contrast(rule: str) -> None:
    style = Path(satcore_html.__file__).with_name("report.css").read_text("utf-8")
    blocks = re.findall(r":root \{(.*?)\}", style, re.S)
    found = dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", blocks[0 if rule == "light" else 1]))
    for letters, least in (("text", 7), ("quiet", 4.5), ("accent", 4.5), ("edge", 3)):
        for ground in ("page", "sheet", "strong", "told"):
            if (letters, ground) not in (("edge", "strong"), ("edge", "told")):
                assert _contrast(found[letters], found[ground]) >= least, (letters, ground)


# Metrics of others


@pytest.mark.parametrize("language", LANGUAGES)
def test_metrics_of_others_look_as_the_bundled_ones(language: str) -> None:
    rows = [{**row, "metric": name} for name in ("own", "plain") for row in made.sample().rows()]
    rows = [row for row in rows if row["term"] == "nps"]
    chart = Chart(
        title="一" if language == "zh" else "One",
        alt="。",
        spec={
            "data": {"values": [{"_cell": {"region": "East"}, "g": "E", "v": 1}, {"v": 2}]},
            "mark": "bar",
            "encoding": {"y": {"field": "g", "title": "组"}, "x": {"field": "v", "title": "值"}},
        },
    )
    metrics = (
        made.measured("own", lambda *_: [chart], primary="nps"),
        made.measured("plain", primary="nps"),
    )
    results = made.sample(
        metrics=metrics,
        estimates=made.table(rows, ESTIMATE_COLUMNS),
        comparisons=made.table([], COMPARISON_COLUMNS),
    )
    page = made.read(results, language)
    assert page.specs[0]["data"]["values"] == [{"g": "E", "v": 1, "_place": "0:0"}, {"v": 2}]
    assert len(page.specs) == 1 + 3
    tags = [given.get("class") for _, given in page.tags]
    assert tags.count("behind") == len(page.specs)
    still = static(results, language)
    assert still.count("<svg") == len(page.specs)
