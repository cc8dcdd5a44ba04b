"""The HTML report and the pictures of the Net Promoter Score, on results made by hand."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import os
import re
import string
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterable, Mapping
from html.parser import HTMLParser
from importlib.metadata import EntryPoint
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen

import satcore
import satcore_html
from satcore import (
    About,
    Catalogues,
    Chart,
    Measured,
    Metric,
    MetricSpec,
    OutputError,
    ReportSpec,
    Text,
)
from satcore.assembling import assemble
from satcore.cli.demo import STUDY
from satcore.cli.populations import Population
from satcore.periods import period_said
from satcore.plugins import Plugins
from satcore.results import COMPARISON_COLUMNS, ESTIMATE_COLUMNS, Responses, Results, Table
from satcore.running import evaluate, scan
from satcore.study import Study
from satcore_control import Control
from satcore_control.words import KIND_NAMES, RULE_NAMES
from satcore_html import numerals
from satcore_html.by_wave import parted, waves_grid
from satcore_html.estimates import Teller
from satcore_html.grid import LONG, PAGE
from satcore_html.messages import said
from satcore_html.methods import names_in, title
from satcore_html.words import KEYED, LANGUAGES, Words, page_phrases
from satcore_nps import NPS
from satcore_nps.pictures import MOST_LABELS, TEXTS, nps_charts
from satcore_trend import Trend

EVIL = "<script>alert(1)</script>"
ATTRIBUTE = '" onmouseover="alert(2)" x="'
WAVES = tuple(f"2026-{month:02d}" for month in range(1, 9))

NPS_SPEC: dict[str, Any] = {
    "title": {"en": "Net Promoter Score", "zh": "净推荐值"},
    "terms": {
        "nps": {"en": "NPS", "zh": "净推荐值"},
        "promoters": {"en": "Promoters", "zh": "推荐者"},
        "passives": {"en": "Passives", "zh": "被动者"},
        "detractors": {"en": "Detractors", "zh": "贬损者"},
    },
}

Charts = Callable[[Results, str, str], Iterable[Chart]]


@frozen(kw_only=True)
class Drawn(Metric):
    """A metric that draws what it is told to."""

    item: str = "Q1"
    weights: tuple[int, ...] = (1, 2)
    draw: Any = None

    def statistics(self, codebook: Any) -> Any:
        raise AssertionError

    evaluate = statistics

    def charts(self, results: Results, name: str, language: str = "en") -> Iterable[Chart]:
        return self.draw(results, name, language) if self.draw else ()


def measured(name: str, draw: Charts | None = None, **spec: Any) -> Measured:
    record = MetricSpec(name, Drawn, primary=spec.pop("primary", ""), **spec) if spec else None
    return Measured(
        name=name,
        kind=name,
        metric=Drawn(draw=draw),
        spec=record,
        plugin=f"{name} (demo 1.0)",
    )


def nps(draw: Charts | None = nps_charts) -> Measured:
    return measured("nps", draw, primary="nps", **NPS_SPEC)


def estimate(metric: str, term: str, cell: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    row = {
        "metric": metric,
        "kind": metric,
        "item": "Q1",
        "term": term,
        "cell": dict(cell),
        "value": None,
        "label": None,
        "std_error": None,
        "ci_low": None,
        "ci_high": None,
        "confidence": 0.95,
        "method": "wilson",
        "unit": "proportion",
        "base": 0,
        "weighted_base": None,
        "effective_base": None,
        "status": "ok",
        "message": "",
    }
    return {**row, **more}


def nps_rows(cell: Mapping[str, Any], counts: tuple[int, int, int]) -> list[dict[str, Any]]:
    """The four estimates of a cell, by the simplest intervals."""
    n = sum(counts)
    status = "empty" if n == 0 else "suppressed" if n < 5 else "small" if n < 30 else "ok"
    same = {"base": n, "effective_base": float(n), "weighted_base": float(n), "status": status}
    if status in ("empty", "suppressed"):
        return [
            estimate("nps", term, cell, **same, method=method, unit=unit)
            for term, method, unit in (
                ("nps", "adjusted_wald", "points"),
                ("promoters", "wilson", "proportion"),
                ("passives", "wilson", "proportion"),
                ("detractors", "wilson", "proportion"),
            )
        ]
    low, middle, high = (count / n for count in counts)
    error = math.sqrt((high + low - (high - low) ** 2) / n)
    score = 100 * (high - low)
    rows = [
        estimate(
            "nps",
            "nps",
            cell,
            **same,
            value=score,
            std_error=100 * error,
            ci_low=max(score - 196 * error, -100.0),
            ci_high=min(score + 196 * error, 100.0),
            method="adjusted_wald",
            unit="points",
        )
    ]
    for term, share in (("promoters", high), ("passives", middle), ("detractors", low)):
        reach = 1.96 * math.sqrt(share * (1 - share) / n)
        bounds = {"ci_low": max(share - reach, 0.0), "ci_high": min(share + reach, 1.0)}
        rows.append(estimate("nps", term, cell, **same, value=share, **bounds))
    return rows


def comparison(kind: str, along: str, cell: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    row = {
        "metric": "nps",
        "item": "Q1",
        "term": "nps",
        "kind": kind,
        "along": along,
        "cell": dict(cell),
        "against": None,
        "difference": None,
        "std_error": None,
        "ci_low": None,
        "ci_high": None,
        "statistic": None,
        "df": None,
        "p": None,
        "p_adjusted": None,
        "confidence": 0.95,
        "method": "unpooled z; mover of adjusted_wald",
        "status": "ok",
        "message": "",
    }
    return {**row, **more}


def table(rows: list[dict[str, Any]], columns: Iterable[str]) -> Table:
    return Table({name: [row[name] for row in rows] for name in columns})


CELLS: dict[tuple[tuple[str, str | None], ...], tuple[int, int, int]] = {
    (): (300, 250, 450),
    (("region", "East"),): (60, 90, 150),
    (("region", EVIL),): (120, 80, 100),
    (("region", ATTRIBUTE),): (10, 5, 10),
    (("region", "Tiny"),): (1, 1, 1),
    (("region", "Nobody"),): (0, 0, 0),
    (("region", None),): (30, 40, 60),
    (("channel", "app"),): (100, 120, 260),
    (("channel", "desk"),): (200, 130, 190),
    # Gaps at 03 and 05, so that 04 stands alone.
    **{
        (("wave", wave),): (0, 0, 0) if wave in ("2026-03", "2026-05") else (40 - place, 30, 60)
        for place, wave in enumerate(WAVES)
    },
    **{
        (("region", region), ("wave", wave)): (10 + place, 20, 30)
        for region in ("East", EVIL, ATTRIBUTE)
        for place, wave in enumerate(WAVES)
    },
    **{
        (("region", region), ("channel", channel)): (12, 8, 20)
        for region in ("East", EVIL, "Nobody")
        for channel in ("app", "desk")
    },
}

ABOUT = About(
    title=Text.of({"en": "Branch service survey", "zh": "网点服务满意度调查"}),
    data="answers.csv",
    by=(("region",), ("channel",), ("wave",), ("region", "wave"), ("region", "channel")),
    segments=("region", "channel"),
    wave="wave",
    wave_period="month",
    min_base=30,
    suppress_below=5,
    labels={
        "region": {"East": Text.of({"en": "East side", "zh": "华东"})},
        "channel": {
            "app": Text.of({"en": "Mobile app", "zh": "手机应用"}),
            "desk": Text.of({"en": "Counter", "zh": "柜台"}),
        },
    },
    versions={"satcore": "0.1.0", "numpy": "2.4.6"},
)


def sample(**changes: Any) -> Results:
    """Results with every status, awkward labels, gaps in the waves, and comparisons."""
    rows = [row for cell, counts in CELLS.items() for row in nps_rows(dict(cell), counts)]
    rows[-1] |= {"status": "undefined", "value": None, "ci_low": None, "ci_high": None}
    rows[-2] |= {"status": "error", "value": None, "message": "ZeroDivisionError: <b>"}
    bounded = {"ci_low": 4.25, "ci_high": 30.75, "std_error": 6.76}
    before = {"against": {"wave": "2026-01"}, "message": "assumes different respondents"}
    compared = [
        comparison(
            "rest",
            "region",
            {"region": "East"},
            difference=17.5,
            **bounded,
            statistic=2.59,
            p=0.0096,
            p_adjusted=0.0288,
        ),
        comparison(
            "rest", "region", {"region": EVIL}, difference=-3.04, p=0.6, p_adjusted=1.0, **bounded
        ),
        comparison("rest", "region", {"region": "Tiny"}, status="suppressed"),
        comparison(
            "previous", "wave", {"wave": "2026-02"}, difference=0.8, p=0.9, p_adjusted=1.0, **before
        ),
        comparison(
            "pair",
            "channel",
            {"channel": "app"},
            against={"channel": "desk"},
            difference=35.2,
            p=0.00002,
            p_adjusted=0.00002,
        ),
        comparison(
            "heterogeneity",
            "region",
            {},
            statistic=12.5,
            df=4,
            p=0.014,
            p_adjusted=0.028,
            method="cochran_q",
            message="2 cells without a standard error above 0 left out",
        ),
        comparison(
            "rest",
            "region",
            {"region": "East"},
            term="promoters",
            difference=0.0512,
            p=0.04,
            p_adjusted=0.08,
        ),
    ]
    fields: dict[str, Any] = {
        "about": ABOUT,
        "responses": Responses(
            read=1020,
            kept=1000,
            dropped=({"column": "Status", "rule": "is: Complete", "rows": 20},),
        ),
        "items": (
            {
                "item": "Q1",
                "label": "推荐意愿",
                "scale": "0..10",
                "answered": 990,
                "missing": 10,
                "missing_by": {"not answered": 7, "11": 3},
                "invalid": 0,
                "invalid_by": {},
            },
        ),
        "metrics": (nps(),),
        "estimates": table(rows, ESTIMATE_COLUMNS),
        "comparisons": table(compared, COMPARISON_COLUMNS),
        "failures": ({"metric": "nps", "kind": "nps", "cells": 1, "message": "ValueError: <i>"},),
        "notes": ("every response was dropped by the [[keep]] rules", "Something & else"),
    }
    return Results(**{**fields, **changes})


def many(groups: int) -> Results:
    """Results with many groups of one segment."""
    rows = nps_rows({}, (300, 250, 450))
    for number in range(groups):
        rows += nps_rows({"branch": f"B{number:04d}"}, (20 + number % 7, 30, 40 + number % 11))
    about = evolve(ABOUT, by=(("branch",),), segments=("branch",), wave="", wave_period="")
    nothing = table([], COMPARISON_COLUMNS)
    return sample(about=about, estimates=table(rows, ESTIMATE_COLUMNS), comparisons=nothing)


class Page(HTMLParser):
    """What a page says and asks for, as a browser would read it."""

    def __init__(self, html: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[tuple[str, str]] = []
        self.scripts: list[str] = []
        self.specs: list[Any] = []
        self._open: list[tuple[str, dict[str, str]]] = []
        self._script = ""
        self.feed(html.decode("utf-8"))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        if tag not in ("meta", "link", "br", "img", "input"):
            self._open.append((tag, given))

    def handle_endtag(self, tag: str) -> None:
        opened, given = self._open.pop()
        assert opened == tag, f"<{opened}> is closed by </{tag}>"
        if tag == "script":
            if given.get("type") == "application/json":
                self.specs.append(json.loads(self._script))
            else:
                self.scripts.append(self._script)
            self._script = ""

    def handle_data(self, data: str) -> None:
        tag = self._open[-1][0] if self._open else ""
        if tag == "script":
            self._script += data
        elif tag != "style" and data.strip():
            lang = next((given["lang"] for _, given in reversed(self._open) if "lang" in given), "")
            self.texts.append((data, lang))

    @property
    def text(self) -> str:
        return "\n".join(text for text, _ in self.texts)


def render(results: Results, language: str = "en") -> bytes:
    return satcore_html.render(results, language)


def read(results: Results, language: str = "en") -> Page:
    return Page(render(results, language))


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_hook_offers_the_report() -> None:
    spec = satcore_html.satcore_reports()[0]
    assert isinstance(spec, ReportSpec)
    assert (spec.name, spec.suffixes) == ("html", (".html", ".htm"))
    assert tuple(spec.languages) == LANGUAGES
    assert spec.render(sample(), "zh").startswith(b"<!DOCTYPE html>")
    assert spec.render_static is not None
    assert b"<script" not in spec.render_static(sample(), "zh")


def test_importing_the_plugin_stays_light() -> None:
    code = (
        "import sys, satcore_html, satcore_html.page, satcore_nps.pictures\n"
        "print({'jinja2', 'vl_convert', 'altair', 'polars', 'scipy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# Same bytes


def test_same_bytes_twice(language: str) -> None:
    assert render(sample(), language) == render(sample(), language)


def test_same_bytes_wherever_it_runs(language: str) -> None:
    code = (
        "import hashlib, importlib.util, sys\n"
        "spec = importlib.util.spec_from_file_location('made_by_hand', sys.argv[1])\n"
        "module = importlib.util.module_from_spec(spec)\n"
        "sys.modules[spec.name] = module\n"
        "spec.loader.exec_module(module)\n"
        "html = module.render(module.sample(), sys.argv[2])\n"
        "print(hashlib.sha256(html).hexdigest())\n"
    )
    places = (
        {"TZ": "Asia/Shanghai", "LANG": "zh_CN.UTF-8", "PYTHONHASHSEED": "1"},
        {"TZ": "America/St_Johns", "LANG": "C", "LC_ALL": "C", "PYTHONHASHSEED": "77"},
    )
    found = {hashlib.sha256(render(sample(), language)).hexdigest()}
    for place in places:
        done = subprocess.run(
            [sys.executable, "-c", code, __file__, language],
            env={**os.environ, **place},
            capture_output=True,
            text=True,
            check=True,
        )
        found.add(done.stdout.strip())
    assert len(found) == 1


def test_options_are_told_without_hash_order_or_addresses() -> None:
    one = evolve(nps(), metric=Drawn(item="Q1", draw=object()))
    text = read(sample(metrics=(one,))).text
    assert "item = Q1, weights = [1, 2], draw = object" in text
    assert "0x" not in text


# Safe, and offline


def test_labels_stay_text(language: str) -> None:
    html = render(sample(), language)
    page = Page(html)
    assert EVIL.encode() not in html
    assert EVIL in page.text
    assert ATTRIBUTE in page.text
    assert "ValueError: <i>" in page.text
    assert not any("onmouseover" in attributes for _, attributes in page.tags)
    # Two scripts of our own, the rest is data.
    assert len(page.scripts) == 2
    data = [value for spec in page.specs for value in _strings(spec)]
    assert EVIL in data


def test_json_can_not_leave_its_script() -> None:
    lines = "\u2028\u2029"
    row = nps_rows({"region": f"</script>&{lines}<!--"}, (40, 40, 40))
    results = sample(estimates=table(row, ESTIMATE_COLUMNS))
    html = render(results).decode()
    for script in re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', html, re.S):
        assert not set("<>&\u2028\u2029") & set(script)
    assert any(
        f"</script>&{lines}<!--" in value
        for spec in read(results).specs
        for value in _strings(spec)
    )


def test_nothing_is_asked_of_any_address(language: str) -> None:
    page = read(sample(), language)
    asking = ("src", "href", "action", "data", "srcset", "poster", "background", "xlink:href")
    for tag, attributes in page.tags:
        assert tag not in ("link", "iframe", "object", "embed", "img", "form", "base")
        for name in asking:
            assert attributes.get(name, "#").startswith("#"), (tag, attributes)
        assert not any(name.startswith("on") for name in attributes), (tag, attributes)
    assert not any("://" in value for spec in page.specs for value in _strings(spec))


def test_policy_allows_these_scripts_and_nothing_else() -> None:
    page = read(sample())
    (policy,) = (
        attributes["content"]
        for tag, attributes in page.tags
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'; ")
    hashes = [
        "'sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() + "'"
        for script in page.scripts
    ]
    assert f"script-src {' '.join(hashes)};" in policy
    assert "unsafe-eval" not in policy


def _strings(part: Any) -> Iterable[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, Mapping):
        for name, inner in part.items():
            yield name
            yield from _strings(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _strings(inner)


def test_lone_surrogate_does_not_cost_the_report() -> None:
    rows = nps_rows({}, (40, 40, 40)) + nps_rows({"region": "bad \ud800"}, (40, 40, 40))
    assert "bad ?" in read(sample(estimates=table(rows, ESTIMATE_COLUMNS))).text


# Complete


def test_every_number_is_on_the_page(language: str) -> None:
    results = sample()
    text = read(results, language).text
    words = Words(language)
    for row in results.rows():
        assert numerals.number(row["value"], row["unit"]) in text
        assert f"\n{numerals.count(row['base'])}\n" in text
        if row["ci_low"] is not None and row["ci_high"] is not None:
            low, high = (numerals.number(row[end], row["unit"]) for end in ("ci_low", "ci_high"))
            assert words("range", low=low, high=high) in text
    for row in results.comparison_rows():
        assert numerals.p_value(row["p"]) in text
        assert numerals.p_value(row["p_adjusted"]) in text
    for told in ("+17.5", "+4.2", "+30.8", "-3.0", "+5.1", "12.50", "<0.001", "0.029"):
        assert told in text, told


def test_statuses_are_told(language: str) -> None:
    text = read(sample(), language).text
    words = Words(language)
    for status in ("ok", "small", "suppressed", "undefined", "empty", "error"):
        assert f"\n{words(f'status_{status}')}\n" in text, status
    assert words("meaning_small", min_base="30") in text
    assert words("meaning_suppressed", suppress_below="5") in text


def test_labels_and_names_are_the_readers() -> None:
    english, chinese = read(sample()).text, read(sample(), "zh").text
    for there, here in (
        ("Branch service survey", "网点服务满意度调查"),
        ("East side", "华东"),
        ("Mobile app", "手机应用"),
        ("Net Promoter Score", "净推荐值"),
        ("Promoters", "推荐者"),
        ("By month", "按月份"),
    ):
        assert there in english
        assert there not in chinese
        assert here in chinese
        assert here not in english


def test_headline_is_plain_and_honest() -> None:
    text = read(sample()).text
    assert "15.0" in text
    assert re.search(r"From 1,000 answers\. Values from 9\.7 to 20\.3 fit these answers", text)
    assert "about 95% would give an interval that holds the true value" in text
    small = read(sample(estimates=table(nps_rows({}, (2, 3, 4)), ESTIMATE_COLUMNS))).text
    assert "Fewer than 30 answers: take it as a hint." in small
    for counts, said_so in (
        ((1, 1, 1), "Withheld: fewer than 5 answers, or a group with fewer would be given away."),
        ((0, 0, 0), "Nobody answered."),
    ):
        rows = table(nps_rows({}, counts), ESTIMATE_COLUMNS)
        assert said_so in read(sample(estimates=rows)).text
    unsure = nps_rows({}, (20, 20, 20))
    unsure[0] |= {"ci_low": None, "ci_high": None}
    text = read(sample(estimates=table(unsure, ESTIMATE_COLUMNS))).text
    assert "it has no interval" in text


def test_findings_need_the_adjusted_p() -> None:
    text = read(sample()).text
    assert re.search(r"East side\n\+17\.5\n\+4\.2 to \+30\.8\n0\.010\n0\.029\nhigher", text)
    assert re.search(r"0\.600\n1\.000\nnot shown", text)
    exactly = comparison("rest", "region", {"region": "East"}, difference=1.0, p=0.05)
    page = read(sample(comparisons=table([exactly], COMPARISON_COLUMNS)))
    assert "not shown" in page.text


def test_waves_assume_different_respondents() -> None:
    assert "Different respondents in each wave are assumed" in read(sample()).text
    assert "此处假定各波次的受访者互不相同" in read(sample(), "zh").text


def test_data_quality_and_methods() -> None:
    text = read(sample()).text
    assert "1,000 kept of 1,020 read" in text
    assert "Dropped: Status is: Complete" in text
    assert "10 (not answered: 7, 11: 3)" in text
    assert "Something & else" in text
    assert "Rocks (2016)" in text
    assert "Holm (1979)" in text
    assert "nps (demo 1.0)" in text
    assert "2.4.6" in text
    assert "10（未作答：7、11：3）" in read(sample(), "zh").text


def test_effective_base_only_under_weights() -> None:
    assert "Effective answers" not in read(sample()).text
    weighted = read(sample(about=evolve(ABOUT, weight="w"))).text
    assert "Effective answers" in weighted
    assert "Weighted by\nw" in weighted


def test_methods_are_told_by_row_where_they_differ() -> None:
    rows = nps_rows({}, (40, 40, 40)) + nps_rows({"region": "East"}, (40, 40, 40))
    rows[4] |= {"method": "score"}
    text = read(sample(estimates=table(rows, ESTIMATE_COLUMNS))).text
    assert "Method\n" in text
    assert title("a_new_one", Words("en")) == "a_new_one"


def test_nothing_at_all() -> None:
    nothing = sample(
        estimates=Table({}), comparisons=Table({}), items=(), failures=(), notes=(), about=About()
    )
    text = read(nothing).text
    assert "Not measured." in text
    assert "This metric gave no numbers." in text
    assert "Satisfaction report" in text


def unpacked(html: str) -> Callable[[int, int], str]:
    """The texts of a long table, by column and row."""
    (text,) = re.findall(r'<script type="application/json" class="rows">"([^"]*)"</script>', html)
    found = json.loads(zlib.decompress(base64.b64decode(text), wbits=-15))

    def told(column: int, row: int) -> str:
        texts = found["columns"][column]
        return str(texts["texts"][texts["at"][row] if "at" in texts else row])

    return told


def test_long_tables_are_folded() -> None:
    assert not _folded(many(LONG - 5), "branch")
    page = render(many(500)).decode()
    assert _folded(many(500), "branch")
    assert "NPS by branch (501 rows)" in page
    assert len(page) < 2_000_000
    # The first rows lie open; all of them, in few bytes, are shown page by page.
    assert page.count('<th scope="row">B0099') == 0
    (fold,) = re.findall(r'<details class="fold">\n<summary>NPS by branch.*?</details>', page, re.S)
    assert fold.count("<tr") == 1 + PAGE
    held = unpacked(fold)
    assert [held(0, row) for row in (0, 1, 500)] == ["All answers", "B0000", "B0499"]
    assert "The first 100 of 501 rows." in fold
    assert "-o rows.csv" in fold


def _folded(results: Results, axis: str) -> bool:
    return any(f"NPS by {axis} (" in text and "rows" in text for text, _ in read(results).texts)


def test_headings_are_in_order(language: str) -> None:
    levels = [
        int(tag[1]) for tag, _ in read(sample(), language).tags if re.fullmatch("h[1-6]", tag)
    ]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_tables_and_pictures_are_named(language: str) -> None:
    page = read(sample(), language)
    tags = [tag for tag, _ in page.tags]
    assert tags.count("table") == tags.count("caption") > 5
    assert all("scope" in attributes for tag, attributes in page.tags if tag == "th")
    assert tags.count("figure") == tags.count("figcaption") == len(page.specs) > 3
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert all(
        attributes["aria-label"] for _, attributes in page.tags if attributes.get("role") == "img"
    )


# Two languages


def _fields(phrase: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(phrase) if name is not None}


def offered() -> Catalogues:
    return Plugins.found().catalogues()


def spoken(language: str) -> Words:
    """Words as a page of the bundled plugins' results has them."""
    return Words(language, offered=offered())


def test_catalogues_are_complete() -> None:
    texts = [*TEXTS.items()]
    english, chinese = page_phrases("en"), page_phrases("zh")
    assert english.problems == chinese.problems == ()
    assert len(english.entries) > 200
    for entry in english.entries:
        told = chinese.entry(entry.sentence, entry.context)
        assert told is not None, entry.context
        assert chinese.keyed(entry.context) is told, f"the key {entry.context} is there twice"
        texts += [(entry.context, (entry.sources[-1], form)) for form in told.forms]
    assert len(chinese.entries) == len(english.entries), "Chinese that the page has no use for"
    for key, phrase in texts:
        there, here = phrase
        assert there.strip(), key
        assert here.strip(), key
        assert _fields(there) == _fields(here), key
        assert not re.search(r"[\u3000-\u9fff\uff00-\uffef]", there), key


def test_plugins_bring_their_catalogues() -> None:
    found = offered()
    packages = Path(satcore_html.__file__).parents[1]
    speaking = {one.parent.name for one in packages.glob("satcore_*/locale")}
    assert {f"satcore_{plugin}" for plugin, _ in found.offered} == {*speaking, "satcore_satcore"}
    for catalogue in found.spoken("zh"):
        assert catalogue.problems == ()
        assert catalogue.entries, catalogue.domain
        for entry in catalogue.entries:
            if not re.search(r"[A-Za-z]", re.sub(r"\{\w+\}", "", entry.sentence)):
                continue  # nothing but places: alike in every language
            # Methods that bear people's names are called alike.
            told = all(
                re.search(r"[\u3000-\u9fff\uff00-\uffef]|σ|[×·]", one) for one in entry.forms
            )
            assert told or entry.context == "method", entry.sentence


def told_of_methods(language: str, context: str = "method") -> dict[str, str]:
    """What the bundled catalogues tell of methods, by their names in rows."""
    return {
        entry.sentence: entry.forms[0]
        for catalogue in offered().spoken(language)
        for entry in catalogue.entries
        if entry.context == context and entry.forms
    }


def test_methods_are_explained_in_both_languages() -> None:
    for context in ("method", "method, explained"):
        english, chinese = (told_of_methods(language, context) for language in LANGUAGES)
        assert len(english) > 30
        assert set(english) == set(chinese)
        assert not re.search(r"[\u3000-\u9fff\uff00-\uffef]", "".join(english.values()))
    assert set(told_of_methods("en")) == set(told_of_methods("en", "method, explained"))
    assert set(told_of_methods("en", "method, source")) < set(told_of_methods("en"))
    for text in told_of_methods("zh", "method, explained").values():
        assert re.search(r"[\u4e00-\u9fff]", text)


def test_every_word_of_the_template_comes_from_the_catalogue() -> None:
    template = Path(satcore_html.__file__).with_name("report.html.jinja").read_text("utf-8")
    bare = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", template, flags=re.S)
    bare = re.sub(r"<[^>]*>", "", bare)
    assert not re.search(r"\w", bare), bare.split()
    keys = set(re.findall(r't(?:\.counted)?\("(\w+)"', template))
    assert keys
    assert keys <= {entry.context.removeprefix(KEYED) for entry in page_phrases("en").entries}


def test_chinese_page_is_chinese() -> None:
    results = _chinese()
    page = read(results, "zh")
    assert [attributes["lang"] for tag, attributes in page.tags if tag == "html"] == ["zh-Hans"]
    # What is said in English is marked, and comes from others than the report.
    english = [text for text, lang in page.texts if lang == "en"]
    assert english == ["ValueError", "ValueError", "甲乙: told by someone else"]
    text = "\n".join(text for text, lang in page.texts if lang != "en")
    text += "\n".join(
        attributes[name]
        for _, attributes in page.tags
        for name in ("aria-label", "title", "alt")
        if name in attributes
    )
    text += "\n".join(value for spec in page.specs for value in _shown(spec))
    known = " ".join(told_of_methods("en", "method, source").values())
    for context in ("method", "method, explained"):
        known += " ".join(told_of_methods("zh", context).values())
    known += " satcore numpy nps item weights draw function demo p"
    words = set(re.findall(r"[A-Za-z]{2,}", text)) - set(re.findall(r"[A-Za-z]+", known))
    assert words == set()


def _shown(spec: Any) -> Iterable[str]:
    """Titles and data of a specification: what a reader sees of it."""
    if isinstance(spec, Mapping):
        for name, part in spec.items():
            if name == "title" and isinstance(part, str):
                yield part
            elif name == "values":
                yield from (value for value in _strings(part) if re.search(r"[^a-z_]", value))
            else:
                yield from _shown(part)
    elif isinstance(spec, list):
        for part in spec:
            yield from _shown(part)


def _chinese() -> Results:
    """Results without a Latin letter in labels and names."""
    cells: dict[tuple[tuple[str, str | None], ...], tuple[int, int, int]] = {
        (): (300, 250, 450),
        (("地区", "华东"),): (60, 90, 150),
        (("地区", None),): (10, 5, 10),
        (("地区", "华南"),): (1, 1, 1),
        (("地区", "华北"),): (0, 0, 0),
        (("wave", "2026-01"),): (10, 20, 30),
        (("wave", "2026-02"),): (0, 0, 0),
        (("wave", "2026-03"),): (10, 25, 30),
        (("地区", "华东"), ("wave", "2026-01")): (10, 20, 30),
    }
    rows = [row for cell, counts in cells.items() for row in nps_rows(dict(cell), counts)]
    compared = [
        comparison(kind, "地区", {"地区": "华东"}, difference=2.5, p=0.01, p_adjusted=0.01)
        for kind in ("rest", "pair")
    ]
    compared += [
        comparison("previous", "wave", {"wave": "2026-02"}, status="empty", message=message)
        for message in (
            "nobody answered on one side",
            "fewer than 30 answers on one side; assumes different respondents",
            "withheld, as one of its sides is",
        )
    ]
    compared += [
        comparison("heterogeneity", "地区", {}, p=0.4, method=method, message=message)
        for method, message in (
            ("cochran_q", "1 cells without a standard error above 0 left out"),
            ("chi_square", "3 of 9 expected counts below 5; 1 withheld cells left out"),
        )
    ]
    about = evolve(
        ABOUT,
        data="答卷",
        by=(("地区",), ("wave",)),
        segments=("地区",),
        labels={},
        weight="权重",
        invalid="missing",
    )
    item = {
        "item": "推荐",
        "label": "推荐意愿",
        "scale": "0..10",
        "answered": 990,
        "missing": 10,
        "missing_by": {"not answered": 7, "11": 3},
        "invalid": 2,
        "invalid_by": {"12": 2},
    }
    failure = {"metric": "nps", "kind": "nps", "cells": 1, "message": "ValueError"}
    return sample(
        about=about,
        estimates=table(rows, ESTIMATE_COLUMNS),
        comparisons=table(compared, COMPARISON_COLUMNS),
        items=(item,),
        responses=Responses(
            read=1020, kept=1000, dropped=({"column": "状态", "rule": "= 完成", "rows": 20},)
        ),
        failures=(failure,),
        notes=(
            "every response was dropped by the [[keep]] rules",
            "推荐: 2 answers outside 0..10 were counted as missing: 12 (2)",
            "甲乙: told by someone else",
        ),
    )


@pytest.mark.parametrize(
    ("message", "english", "chinese"),
    [
        ("fewer than 30 answers", "", ""),
        ("fewer than 5 answers; withheld", "", ""),
        ("nobody answered on one side; assumes different respondents", "", ""),
        (
            "fewer than 30 answers; too few answers for a standard error",
            "too few answers for a standard error",
            "回答过少，无法计算标准误",
        ),
        (
            "1 of 15 expected counts below 5; 2 withheld cells left out",
            "1 of 15 expected counts below 5; 2 withheld groups left out",
            "15 个期望频数中有 1 个小于 5；已排除 2 个不予公布的分组",
        ),
        (
            "[items] Q9: declared, but no column of a.csv; did you mean 'Q8'?",
            "[items] Q9: declared, but no column of a.csv; did you mean 'Q8'?",
            "[items] Q9：已声明，但a.csv中没有该列；是否指 'Q8'？",
        ),
        ("1 withheld cells left out", "1 withheld group left out", "已排除 1 个不予公布的分组"),
    ],
)
def test_messages_of_the_core(message: str, english: str, chinese: str) -> None:
    assert said(message, Words("en")) == (english, "")
    assert said(message, Words("zh")) == (chinese, "")


def test_the_core_says_nothing_that_is_not_told_in_chinese(plugins: Plugins) -> None:
    """A run of the real core: all that it says beside its numbers is known here."""
    regions = ["华东"] * 400 + ["华南"] * 25 + ["华北"] * 3 + ["西北"]
    months = ["2026-01-15", "2026-02-15", "2026-04-15"]
    columns = {
        "q": ([9, 10, 7, 3, 10, 0, 8, 11, None, 5, 9] * 40)[: len(regions)],
        "r": [10] * len(regions),
        "地区": regions,
        "date": [months[place % 3] for place in range(len(regions))],
    }
    results = satcore.run(
        {"nps": NPS(item="q"), "same": NPS(item="r")},
        columns,
        segments=["地区"],
        by=["地区", "wave", "地区*wave"],
        wave={"time": "date", "period": "month"},
        invalid="missing",
        min_base=30,
        suppress_below=2,
        plugins=plugins,
    )
    assert any(row["message"] for row in results.rows())
    assert any(row["message"] for row in results.comparison_rows())
    assert results.notes
    page = read(results, "zh")
    assert [text for text, lang in page.texts if lang == "en"] == []


@pytest.fixture(scope="module")
def demo() -> Results:
    """The results of the demo: trend, control chart and standards among them."""
    answers = Population.of_demo().survey(1_500, 1)
    plan = assemble(Study.of(STUDY, "demo"), answers, plugins=Plugins.found())
    return evaluate(plan, scan(plan))


def test_the_demo_says_nothing_that_is_not_told_in_chinese(demo: Results) -> None:
    page = read(demo, "zh")
    assert [text for text, lang in page.texts if lang == "en"] == []
    names = {row["method"] for row in demo.rows()} | {
        row["method"] for row in demo.comparison_rows()
    }
    used = {name for method in names for name in names_in(method)}
    assert {"ar1", "prediction", "sen", "welch_t", "welch_f"} <= used
    assert used <= set(told_of_methods("zh", "method, explained"))


@pytest.fixture(scope="module")
def awkward() -> Results:
    """Trends and control charts of few waves, of waves that agree, and of a wrong date."""
    months = [f"2026-{month:02d}-15" for month in range(1, 10)]
    mixed = [9, 10, 7, 3, 10, 0, 8, 10, 5, 9]
    regions: dict[str, Mapping[str, list[int]]] = {
        "常": {month: mixed[place % 4 :] for place, month in enumerate(months)},
        "跃": {month: [10, 9, 2] if place < 6 else [0, 1, 9] for place, month in enumerate(months)},
        "一致": {month: [10] * 8 if place == 2 else mixed for place, month in enumerate(months)},
        "同": {month: [10] * 6 for month in months},
        "误": {"1970-01-01": [0] * 4, **dict.fromkeys(months[:3], mixed)},
        "三": dict.fromkeys(months[:3], mixed),
        "两": {months[0]: mixed, months[4]: mixed[2:]},
        "一": {months[0]: mixed},
    }
    rows = [
        (region, month, answer)
        for region, by_month in regions.items()
        for month, answers in by_month.items()
        for answer in answers
    ]
    columns = dict(zip(("地区", "date", "q"), zip(*rows, strict=True), strict=True))
    return satcore.run(
        {
            "nps": NPS(item="q"),
            "of_waves": Trend(of="nps", forecast=1, change_point="level"),
            "of_shares": Trend(of="nps", term="promoters", intervention="2026-04"),
            "of_answers": Trend(item="q"),
            "of_odds": Trend(item="q", model="binomial", top=(9, 10)),
            "of_ranks": Trend(item="q", model="ordered"),
            "chart": Control(of="nps"),
            "of_shares_chart": Control(of="nps", term="promoters", chart="laney_p"),
            "sums": Control(of="nps", chart="cusum"),
        },
        {name: list(column) for name, column in columns.items()},
        segments=["地区"],
        by=["地区"],
        wave={"time": "date", "period": "month"},
        plugins=Plugins.found(),
    )


def test_awkward_waves_are_told_in_chinese(awkward: Results) -> None:
    told = {part for row in awkward.rows() for part in row["message"].split("; ")}
    for provoked in (
        r"one wave has a value, and .*",
        r"2 waves are met exactly by 2 terms.*",
        r"\d+ waves are few: .*",
        r"all agree in .*",
        r"one wave decides: .*",
        r"no wave after the measure .*",
        r".* too few for a forecast, .*",
        r"limits from \d waves are wide of the mark",
        r"one wave in phase I .*",
        r"Poisson variance|as the p chart, times Laney's sigma z",
        r"beyond .*",
    ):
        assert any(re.fullmatch(provoked, part) for part in told), provoked
    assert any("is a date wrong?" in note for note in awkward.notes)
    page = read(awkward, "zh")
    assert [text for text, lang in page.texts if lang == "en"] == []


def test_rules_and_charts_are_called_as_in_the_pictures() -> None:
    for english, chinese in (*RULE_NAMES.values(), *KIND_NAMES.values()):
        assert said(english, spoken("en")) == (english, "")
        assert said(english, spoken("zh")) == (chinese, "")


def test_every_chinese_message_uses_what_the_english_one_holds() -> None:
    for catalogue in offered().spoken("zh"):
        for entry in catalogue.entries:
            wanted = _fields(entry.sources[-1])
            assert all(_fields(one) == wanted for one in entry.forms), entry.sentence


@pytest.mark.parametrize(
    ("message", "english", "chinese"),
    [
        (
            (
                "date: 1970-01 (2 responses), 1970-02 (1 responses) stands 552 periods of a month "
                "from the other waves, 2016-02 to 2016-09; is a date wrong? A trend leans on such "
                "a wave; drop its responses with [[keep]]"
            ),
            (
                "date: 1970-01 (2 responses), 1970-02 (1 response) stands 552 periods of a month "
                "from the other waves, 2016-02 to 2016-09; is a date wrong? A trend leans on such "
                "a wave; drop its responses with [[keep]]"
            ),
            (
                "date：1970-01（2 份）、1970-02（1 份）与其他各期（2016-02 至 2016-09）"
                "相距 552 个周期（按月份计）；是否日期有误？趋势会受其左右；"
                "可用 [[keep]] 去掉这些答卷"
            ),
        ),
        (
            "all agree in 2026-01, 2026-02 and 3 more: the interval's width stands for the error",
            None,
            "2026-01、2026-02、另有 3 个 中回答全部一致：以区间宽度代替误差",
        ),
        (
            "common slope 0.0412 proportion a year",
            "common slope 4.12 percentage points a year",
            "共同斜率 4.12 百分点/年",
        ),
        ("common slope 24.14 points a wave", None, "共同斜率 24.14 分/期"),
        (
            (
                "neighbouring waves stray 2.1 times as far as the answers' own chance would have "
                'them; chart = "laney_p" allows for that'
            ),
            None,
            '相邻波次的波动为回答自身随机性所能解释的 2.1 倍；chart = "laney_p" 可计入这一点',
        ),
        (
            "nobody gave the answers in places 1, 2 of the scale (from 1); left out",
            None,
            "无人选择量表第 1、2 个答案（从 1 数起）；未计入",
        ),
    ],
)
def test_messages_of_trends_and_charts(message: str, english: str | None, chinese: str) -> None:
    assert said(message, spoken("en")) == (english or message, "")
    assert said(message, spoken("zh")) == (chinese, "")


@pytest.mark.parametrize(
    ("unit", "english", "chinese"),
    [
        ("points a year", "points a year", "分/年"),
        ("proportion a wave", "percentage points a wave", "百分点/期"),
        ("proportion a year, squared", "percentage points a year²", "百分点/年²"),
        ("score a year", "a year", "每年"),
        ("a wave, squared", "a wave²", "每期²"),
        ("log odds a year", "log odds a year", "对数优势/年"),
        ("stars a wave", "stars a wave", "stars/期"),
        ("ratio", "ratio", "倍"),
        ("rate", "rate", "发生率"),
        ("sigma", "sigmas", "σ"),
        ("proportion", "", ""),
        ("", "", ""),
    ],
)
def test_units(unit: str, english: str, chinese: str) -> None:
    assert spoken("en").unit(unit) == english
    assert spoken("zh").unit(unit) == chinese


def test_a_count_needs_no_interval(demo: Results) -> None:
    signals = demo.rows("control", "signals")[0]
    page = read(demo)
    card = page.text[: page.text.index("How to read an interval")].split("Signalling waves")[1]
    assert card.split("\n")[1].strip() == f"{signals['value']:.0f}"
    assert "Counted in" in card.split("Kano")[0]
    assert "no interval." in card.split("Kano")[0]
    one = spoken("en").unit_of(1.0, "waves"), spoken("en").unit_of(2.0, "waves")
    assert one == ("wave", "waves")


def test_waves_share_one_table(demo: Results) -> None:
    measured = {one.name: one for one in demo.metrics}
    teller = Teller.of(demo, Words("en"))
    names = {term: term for term in ("value", "centre", "lower_limit", "upper_limit", "signal")}
    rows = demo.rows("control")
    apart = parted((row for row in rows if row["term"] != measured["control"].primary), teller)
    assert list(apart.by_wave) == ["value", "centre", "lower_limit", "upper_limit", "signal"]
    assert list(apart.others) == ["centre", "sigma"]
    shown = waves_grid(apart, names, teller)
    assert shown.heads[:3] == ("Wave", "value (points)", "95% interval")
    assert shown.heads[3:7] == (
        "centre (points)", "lower_limit (points)", "upper_limit (points)", "signal"
    )  # fmt: skip
    value = [row for row in rows if row["term"] == "value"]
    signal = [row for row in rows if row["term"] == "signal"]
    for one, own, marked in zip(shown.groups[0].rows, value, signal, strict=True):
        texts = [entry.text for entry in one.entries]
        assert one.head == own["item"]
        assert texts[0] == numerals.number(own["value"], "points")
        assert texts[5] == ("✓" if marked["value"] else "")
        assert texts[6] == numerals.count(own["base"])
    # Forecasts are rows of the trend's table; terms of no wave, and of one term only, are not.
    trend = parted(demo.rows("trend"), teller)
    assert list(trend.by_wave) == ["observed", "fitted", "forecast"]
    last = trend.by_wave["forecast"][-1]["item"]
    grid = waves_grid(trend, dict.fromkeys(trend.by_wave, "x"), teller)
    assert [row.head for row in grid.groups[0].rows][-1] == last == "2027-03"
    assert len(grid.groups) == 5
    kano = parted(demo.rows("kano"), teller)
    assert not kano.by_wave


def test_other_messages_stay_as_they_are() -> None:
    message = "nobody answered; the moon was full; too few answers for a standard error"
    kept = "the moon was full; too few answers for a standard error"
    assert said(message, Words("zh")) == (kept, "en")


def test_unknown_language() -> None:
    with pytest.raises(OutputError, match="speaks en and zh, not 'fr'"):
        render(sample(), "fr")


# What may be missing or broken


@pytest.mark.parametrize("absent", ["jinja2", "vl_convert"])
def test_without_the_extra(absent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, absent, None)
    with pytest.raises(OutputError, match=r'pip install "satcore\[report\]"') as told:
        render(sample())
    assert absent.replace("_", "-") in str(told.value)


def _raises(results: Results, name: str, language: str) -> Iterable[Chart]:
    raise RuntimeError("no ink <left>")


def _raises_late(results: Results, name: str, language: str) -> Iterable[Chart]:
    yield Chart(title="the first", spec={"mark": "bar", "data": {"values": []}})
    raise RuntimeError("no ink <left>")


def _not_json(results: Results, name: str, language: str) -> Iterable[Chart]:
    return [Chart(title="t", spec={"mark": "bar", "data": {"values": [{"x": math.nan}]}})]


def _address(results: Results, name: str, language: str) -> Iterable[Chart]:
    spec = {"layer": [{"mark": "bar", "data": {"url": "https://example.org/x.csv"}}]}
    return [Chart(title="t", spec=spec)]


def _no_chart(results: Results, name: str, language: str) -> Iterable[Any]:
    return [None]


@pytest.mark.parametrize("draw", [_raises, _raises_late, _not_json, _address, _no_chart])
def test_failing_pictures_are_contained(draw: Charts, language: str) -> None:
    broken = measured("broken", draw, primary="nps")
    rows = [row for row in sample().rows() if row["term"] == "nps"]
    both = [*sample().rows(), *({**row, "metric": "broken"} for row in rows)]
    page = read(
        sample(
            metrics=(broken, nps()), estimates=table([dict(row) for row in both], ESTIMATE_COLUMNS)
        ),
        language,
    )
    start = Words(language)("picture_failed", reason="#").split("#")[0]
    assert start in page.text
    if draw in (_raises, _raises_late):
        assert "RuntimeError: no ink <left>" in page.text
    assert "the first" not in page.text
    # Plain pictures stand in, and the other metric has its own.
    assert len(page.specs) == 3 + len(nps_charts(sample(), "nps", language))


def test_steering_parts_of_a_specification_are_left_out() -> None:
    def draw(results: Results, name: str, language: str) -> Iterable[Chart]:
        spec = {
            "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
            "usermeta": {"embedOptions": {"renderer": "canvas", "config": "https://example.org"}},
            "mark": "bar",
            "data": {"values": [{"url": "a column of that name", "data": {"url": "as well"}}]},
        }
        return [Chart(title="mine", spec=spec, alt="what it shows")]

    page = read(sample(metrics=(nps(draw),)))
    (spec,) = page.specs
    assert set(spec) == {"mark", "data"}
    assert "mine" in page.text
    assert "what it shows" in page.text


def test_metric_without_pictures_gets_plain_ones(language: str) -> None:
    plain = measured("satisfied")
    rows = [
        {**row, "metric": "satisfied", "term": "satisfied"}
        for row in sample().rows()
        if row["term"] == "promoters"
    ]
    results = sample(metrics=(plain,), estimates=table([dict(r) for r in rows], ESTIMATE_COLUMNS))
    page = read(results, language)
    regions, channels, waves = page.specs
    assert [point["cell"] for point in channels["data"]["values"]] == (
        ["Mobile app", "Counter"] if language == "en" else ["手机应用", "柜台"]
    )
    assert regions["data"]["values"][3]["value"] is None
    assert [point["value"] is None for point in waves["data"]["values"]] == [
        wave in ("2026-03", "2026-05") for wave in WAVES
    ]
    # A wave between two gaps has no band, and gets a bar.
    (lone,) = (one for one in waves["layer"] if "opacity" in one["encoding"])
    assert lone["mark"]["type"] == "rule"
    assert "satisfied" in page.text


def test_metric_of_many_items_and_of_categories(language: str) -> None:
    names = {f"F{number}": f"feature {number}" for number in range(12)}
    rows = [
        estimate("kano", "better", {}, item=item, value=0.5, ci_low=0.4, ci_high=0.6, base=200)
        for item in names
    ]
    rows += [
        estimate("kano", "category", {}, item=item, label="A", unit="", base=200, method="")
        for item in names
    ]
    results = sample(
        metrics=(measured("kano"),), estimates=table(rows, ESTIMATE_COLUMNS), comparisons=Table({})
    )
    page = read(results, language)
    assert len(page.specs) == 1
    assert len(page.specs[0]["data"]["values"]) == 12
    words = Words(language)
    assert words("headline_more", count="4") in page.text
    assert "\nA\n" in page.text
    categories = [row for row in rows if row["term"] == "category"]
    only = read(evolve(results, estimates=table(categories, ESTIMATE_COLUMNS)), language)
    assert only.specs == []
    assert "\nA\n" in only.text


# Numbers


@pytest.mark.parametrize(
    ("value", "unit", "told"),
    [
        (12.34, "points", "12.3"),
        (-0.04, "points", "0.0"),
        (-12.36, "points", "-12.4"),
        (0.4567, "proportion", "45.7%"),
        (1.0, "proportion", "100.0%"),
        (3.14159, "score", "3.14"),
        (1234.5, "score", "1,234.50"),
        (0.00123, "score", "0.0012"),
        (0.0, "score", "0.00"),
        (None, "points", "—"),
        (0.0412, "proportion a year", "4.12"),
        (-0.0000412, "proportion a wave, squared", "-0.0041"),
        (12.345, "points a year", "12.35"),
        (6.0, "waves", "6"),
        (math.inf, "score", "∞"),
        (-math.inf, "points", "-∞"),
    ],
)
def test_numbers(value: float | None, unit: str, told: str) -> None:
    assert numerals.number(value, unit) == told


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0.0123, "0.012"),
        (0.0009, "<0.001"),
        (0.05, "0.050"),
        (0.9996, ">0.999"),
        (1.0, "1.000"),
        (None, "—"),
    ],
)
def test_p_values(value: float | None, told: str) -> None:
    assert numerals.p_value(value) == told


def test_differences_and_samples() -> None:
    assert numerals.difference(3.21, "points") == "+3.2"
    assert numerals.difference(-0.0321, "proportion") == "-3.2"
    assert numerals.difference(0.00001, "proportion") == "0.0"
    assert numerals.difference(None, "points") == "—"
    assert numerals.sample(1234.0) == "1,234"
    assert numerals.sample(1234.56) == "1,234.6"
    assert numerals.level(0.95) == "95%"
    assert numerals.level(0.999) == "99.9%"
    assert numerals.share(1, 0) == "—"


# The pictures of the Net Promoter Score


def test_nps_pictures_are_vega_lite(language: str) -> None:
    import altair

    charts = nps_charts(sample(), "nps", language)
    assert len(charts) == 7
    for chart in charts:
        json.dumps(chart.spec, allow_nan=False)
        assert chart.alt
        kind = altair.FacetChart if "facet" in chart.spec else altair.LayerChart
        kind.from_dict(dict(chart.spec))


def test_nps_waves_have_gaps() -> None:
    line = nps_charts(sample(), "nps")[0]
    values = line.spec["data"]["values"]
    assert [point["label"] for point in values] == [period_said(w, "month", "en") for w in WAVES]
    assert [point["label"] for point in values if point["value"] is None] == [
        "March 2026",
        "May 2026",
    ]
    (lone,) = (one for one in line.spec["layer"] if "opacity" in one["encoding"])
    assert lone["mark"]["type"] == "rule"
    assert "August 2026" in line.alt
    assert line.title == "NPS over time, by month"


def test_nps_groups_keep_their_lines() -> None:
    dots, bars = nps_charts(sample(), "nps")[1:3]
    labels = ["All answers", "East side", EVIL, ATTRIBUTE, "Tiny", "Nobody", "— (not given)"]
    points = dots.spec["data"]["values"]
    assert [point["label"] for point in points] == labels
    assert [point["absent"] for point in points] == [*[""] * 4, "withheld", "no answers", ""]
    assert [point["small"] for point in points] == [False, False, False, True, *[False] * 3]
    assert dots.spec["layer"][0]["data"]["values"] == [{"value": pytest.approx(15.0)}]
    shares = bars.spec["data"]["values"]
    assert {point["label"] for point in shares} == set(labels) - {"Tiny", "Nobody"}
    for label in ("All answers", EVIL):
        total = sum(point["share"] for point in shares if point["label"] == label)
        assert total == pytest.approx(1)
    assert [one["absent"] for one in bars.spec["layer"][2]["data"]["values"]] == [
        "withheld",
        "no answers",
    ]


def test_nps_many_groups_are_cut_and_say_so() -> None:
    for count in (MOST_LABELS, MOST_LABELS + 1):
        dots, bars = nps_charts(many(count), "nps")
        for chart in (dots, bars):
            told = "60 of 61 groups with the most answers" in chart.title
            assert told == (count > MOST_LABELS)
        assert len(dots.spec["data"]["values"]) == MOST_LABELS + 1
        labels = [point["label"] for point in dots.spec["data"]["values"][1:]]
        assert labels == sorted(labels)


def test_nps_labels_of_two_groups_are_told_apart() -> None:
    rows = nps_rows({}, (40, 40, 40))
    rows += [row for one in ("a", "b") for row in nps_rows({"region": one}, (40, 40, 40))]
    same = {"a": Text.of("East"), "b": Text.of("East")}
    results = sample(
        about=evolve(ABOUT, labels={"region": same}), estimates=table(rows, ESTIMATE_COLUMNS)
    )
    dots, _ = nps_charts(results, "nps")
    assert [one["label"] for one in dots.spec["data"]["values"]] == [
        "All answers",
        "East",
        "East (2)",
    ]


def test_nps_crossed_only_where_few() -> None:
    titles = [chart.title for chart in nps_charts(sample(), "nps")]
    assert titles[-2:] == ["NPS by region and month", "NPS by region and channel"]
    rows = nps_rows({}, (40, 40, 40))
    for first in range(8):
        for second in range(8):
            rows += nps_rows({"region": str(first), "channel": str(second)}, (40, 40, 40))
    crossed = nps_charts(sample(estimates=table(rows, ESTIMATE_COLUMNS)), "nps")
    assert all("facet" not in chart.spec for chart in crossed)


def test_nps_without_numbers_or_groups() -> None:
    empty = sample(estimates=table(nps_rows({}, (0, 0, 0)), ESTIMATE_COLUMNS))
    assert nps_charts(empty, "nps") == ()
    assert nps_charts(sample(estimates=Table({})), "nps") == ()
    alone = sample(estimates=table(nps_rows({}, (4, 40, 40)), ESTIMATE_COLUMNS))
    assert [chart.title for chart in nps_charts(alone, "nps", "zh")] == [
        "净推荐值",
        "推荐者、被动者与贬损者",
    ]


def test_questions_are_asked_in_the_page_s_language() -> None:
    table = {
        "items": {"Q1": {"label": {"en": "Would you recommend us?", "zh": "您会推荐我们吗？"}}},
        "metrics": {"nps": {"item": "Q1"}},
    }
    plugins = Plugins((EntryPoint("nps", "satcore_nps", "satcore"),))
    results = satcore.run(Study.of(table), {"Q1": [10, 9, 3]}, plugins=plugins)
    english, chinese = (render(results, language).decode() for language in ("en", "zh"))
    assert "Would you recommend us?" in english
    assert "您会推荐我们吗？" in chinese
    assert "Would you recommend us?" not in chinese
