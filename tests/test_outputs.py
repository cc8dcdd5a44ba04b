"""Markdown, the Excel workbook, CSV, Parquet, single pictures, notebooks: what else results become.

Labels that are code elsewhere stay text in all of them, and the same answers give the same bytes.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import satcore
import satcore_html
from satcore import Chart, OutputError, PluginError, Results, Text, chart_spec, draw
from satcore.assembling import assemble
from satcore.cli import main
from satcore.frames import csv_bytes, formula_safe, frame_columns
from satcore.plugins import Plugins
from satcore.running import evaluate, scan
from satcore.study import Study
from satcore_html import markdown, workbook
from satcore_html.markdown import escaped

SCRIPT = "<script>alert(1)</script>"
LABELS = (
    SCRIPT,
    "=cmd()",
    "@SUM(A1)",
    "+1+cmd|' /C calc'!A0",
    "-x",
    "\t=1",
    "＝1+1",
    "'=cmd()",
    "a|b `c` *d* [e](http://evil.example/) ![f](http://evil.example/g.png)",
    "1. one\n# two",
    "www.evil.example",
    "&amp; $x$ <!-- -->",
    '" onload="alert(2)',
)
WAVES = tuple(f"2026-{month:02}" for month in range(1, 7))

STUDY = """
[study]
title = { en = "=Branches & <b>more</b>", zh = "网点服务调查" }
data = "answers.csv"
[roles]
segments = ["region"]
wave = "wave"
[labels.region]
East = { en = "East side", zh = "华东" }
[items.Q1]
label = { en = "=How likely?", zh = "=推荐意愿" }
[metrics.nps]
item = "Q1"
[metrics.trend]
of = "nps"
by = []
[metrics.plain]
item = "Q1"
[[standards]]
metric = "nps"
between = [-60, 30]
by = "region"
"""

PLUGIN = '''
"""A metric without pictures, and one whose pictures fail."""

import satcore
from attrs import frozen


@frozen(kw_only=True)
class Plain(satcore.Metric):
    """The mean."""

    item: str

    def statistics(self, codebook):
        return {"answers": satcore.Tally(codebook.item(self.item, "0..10"))}

    def evaluate(self, answers):
        yield answers.mean(term="mean")


@frozen(kw_only=True)
class Broken(Plain):
    """The mean, undrawn."""

    def charts(self, results, name, language="en"):
        raise ValueError("no pencil")


@frozen(kw_only=True)
class Failing(Plain):
    """No mean."""

    def evaluate(self, answers):
        raise ValueError("no answer")


@satcore.hookimpl
def satcore_metrics():
    kinds = {"plain": Plain, "broken": Broken, "failing": Failing}
    return [satcore.MetricSpec(name, kind) for name, kind in kinds.items()]
'''


def answers() -> str:
    labels = ["East", "West", *LABELS]
    rows: list[tuple[Any, ...]] = [("Q1", "region", "wave")]
    for row in range(900):
        label = labels[(row * row + row // 7) % len(labels)]
        rows.append(((7 * row + row // 11) % 11, label, WAVES[row % 6]))
    stream = io.StringIO()
    csv.writer(stream).writerows(rows)
    return stream.getvalue()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the study, its answers and its plugin."""
    path = tmp_path_factory.mktemp("outputs")
    (path / "plugins").mkdir()
    (path / "plugins" / "plain.py").write_text(PLUGIN, "utf-8")
    (path / "answers.csv").write_text(answers(), "utf-8", newline="")
    (path / "study.toml").write_text(STUDY, "utf-8")
    broken = STUDY.replace("[metrics.plain]", "[metrics.broken]")
    (path / "broken.toml").write_text(broken, "utf-8")
    return path


@pytest.fixture(scope="module")
def results(place: Path) -> Results:
    plugins = Plugins.found((), (str(place / "plugins"),))
    plan = assemble(Study.read(str(place / "study.toml")), None, plugins=plugins)
    return evaluate(plan, scan(plan))


@pytest.fixture(params=["en", "zh"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


Call = Callable[..., tuple[int, bytes, str]]


@pytest.fixture
def call(
    place: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Call:
    """Runs a command in this process: exit code, standard output, standard error."""
    monkeypatch.chdir(place)
    monkeypatch.setenv("SATCORE_PLUGINS_DIR", "plugins")

    def call(*arguments: str) -> tuple[int, bytes, str]:
        with pytest.raises(SystemExit) as left:
            main(arguments)
        out, err = capfdbinary.readouterr()
        assert isinstance(left.value.code, int)
        return left.value.code, out, err.decode()

    return call


# Markdown


def parsed(text: str) -> list[Any]:
    """What a reader that lets HTML through makes of Markdown."""
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    tokens = parser.parse(text)
    return [one for token in tokens for one in (token, *(token.children or ()))]


def shown(text: str) -> str:
    """The texts that a reader of Markdown sees."""
    return "".join(one.content for one in parsed(text) if one.type in ("text", "text_special"))


def one_line(text: str) -> str:
    return " ".join(re.sub("[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text).split())


class TestMarkdown:
    @pytest.mark.parametrize("label", LABELS)
    @pytest.mark.parametrize("frame", ["{}", "- {}", "# {}", "| a |\n| :-- |\n| {} |", "**{}**"])
    def test_labels_stay_text(self, label: str, frame: str) -> None:
        text = frame.format(escaped(label))
        kinds = {one.type for one in parsed(text)}
        assert not kinds & {"html_inline", "html_block", "link_open", "image", "code_inline"}
        assert one_line(label) in shown(text)

    @settings(max_examples=300, deadline=None)
    @given(st.text(st.one_of(st.sampled_from("-+*_#=~`[]()<>&|\\!$@:.1 \n"), st.characters())))
    def test_any_text_is_shown_as_it_is(self, text: str) -> None:
        clean = text.encode("utf-8", errors="replace").decode("utf-8")
        made = parsed(f"- {escaped(clean)}")
        kinds = [one.type for one in made if not one.type.startswith(("text", "inline"))]
        wanted = ["bullet_list_open", "list_item_open"]
        wanted += ["paragraph_open", "paragraph_close"] if one_line(clean) else []
        assert kinds == [*wanted, "list_item_close", "bullet_list_close"]
        assert shown(f"- {escaped(clean)}") == one_line(clean)

    def test_nothing_becomes_an_address_by_itself(self) -> None:
        assert escaped("see http://a.example, www.a.example, x@a.example") == (
            r"see http\://a.example, www\.a.example, x\@a.example"
        )

    def test_the_report(self, results: Results, language: str) -> None:
        text = satcore_html.render_markdown(results, language).decode()
        tokens = parsed(text)
        kinds = {one.type for one in tokens}
        assert "table_open" in kinds
        assert not kinds & {"html_inline", "html_block", "link_open", "image", "code_inline"}
        seen = shown(text)
        for label in LABELS:
            assert one_line(label) in seen
        assert "。 " not in text.partition("\n## " + {"en": "In short", "zh": "概要"}[language])[0]
        heads = [after.content for one, after in pairwise(tokens) if one.type == "heading_open"]
        assert escaped(results.about.title.said(language)) == heads[0]
        wanted = {"en": "In short", "zh": "概要"}
        assert wanted[language] in heads
        # Every cell of the primary term stands in the tables with its number of answers.
        for row in results.rows("nps", "nps"):
            name = results.about.label("region", row["cell"].get("region", ""), language)
            if "region" in row["cell"]:
                assert re.search(
                    rf"^\| {re.escape(escaped(name))} \|.*\| {row['base']} \|", text, re.M
                )

    def test_data_without_a_name_is_called_so(self) -> None:
        study = satcore.Study.of({"metrics": {"nps": {"item": "q"}}})
        results = satcore.run(study, {"q": [1, 9, 10]})
        for language, name in (("en", "data in memory"), ("zh", "内存中的数据")):
            assert f"**: {name}\n" in satcore_html.render_markdown(results, language).decode()

    def test_tables_have_as_many_cells_as_heads(self, results: Results) -> None:
        text = satcore_html.render_markdown(results, "en").decode()
        widths: list[int] = []
        for one in parsed(text):
            if one.type == "tr_open":
                widths.append(0)
            elif one.type in ("td_open", "th_open"):
                widths[-1] += 1
            elif one.type == "table_close":
                assert len(set(widths)) == 1
                widths = []

    def test_a_long_table_says_what_it_leaves_out(
        self, results: Results, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(markdown, "MOST_ROWS", 3)
        text = satcore_html.render_markdown(results, "en").decode()
        left = len(LABELS) + 2 + 1 - 3  # the regions and the total, less those shown
        assert f"\n{left} more rows; the Excel workbook and --format csv have them all." in text

    def test_another_language(self, results: Results) -> None:
        for render in (satcore_html.render_markdown, satcore_html.render_workbook):
            with pytest.raises(OutputError, match="en and zh, not 'fr'"):
                render(results, "fr")


# The workbook

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


class Book:
    """A workbook as its XML says it, without a library that might mend it."""

    def __init__(self, data: bytes) -> None:
        self.files = zipfile.ZipFile(io.BytesIO(data))
        names = [one.get("name") for one in self.xml("xl/workbook.xml").iter(f"{MAIN}sheet")]
        self.names = [name or "" for name in names]
        self.texts = [
            "".join(part.text or "" for part in one.iter(f"{MAIN}t"))
            for one in self.xml("xl/sharedStrings.xml").iter(f"{MAIN}si")
        ]
        styles = self.xml("xl/styles.xml").find(f"{MAIN}cellXfs")
        assert styles is not None
        self.marked = [one.get("quotePrefix") == "1" for one in styles]

    def xml(self, name: str) -> ET.Element:
        return ET.fromstring(self.files.read(name))

    def sheet(self, number: int) -> ET.Element:
        return self.xml(f"xl/worksheets/sheet{number}.xml")

    def cells(self, number: int) -> Iterator[tuple[str, str, bool]]:
        """Reference, type (``s`` for a text), whether it is marked as text."""
        for one in self.sheet(number).iter(f"{MAIN}c"):
            yield one.get("r") or "", one.get("t") or "n", self.marked[int(one.get("s") or 0)]

    def rows(self, number: int) -> list[dict[str, Any]]:
        """The rows by heading; an empty cell is None."""
        lines = []
        for row in self.sheet(number).iter(f"{MAIN}row"):
            line: dict[str, Any] = {}
            for one in row.iter(f"{MAIN}c"):
                value = one.find(f"{MAIN}v")
                if value is None or value.text is None:
                    continue
                column = re.sub(r"\d", "", one.get("r") or "")
                text = one.get("t") == "s"
                line[column] = self.texts[int(value.text)] if text else float(value.text)
            lines.append(line)
        heads = lines[0]
        assert len(set(heads.values())) == len(heads), "two columns of one name"
        return [{head: line.get(column) for column, head in heads.items()} for line in lines[1:]]


class TestWorkbook:
    def test_no_formula_and_no_address(self, results: Results, language: str) -> None:
        book = Book(satcore_html.render_workbook(results, language))
        hostile = 0
        for number in range(1, len(book.names) + 1):
            sheet = book.sheet(number)
            assert sheet.find(f".//{MAIN}f") is None
            assert sheet.find(f".//{MAIN}hyperlink") is None
            values = {one.get("r"): one.find(f"{MAIN}v") for one in sheet.iter(f"{MAIN}c")}
            for place, kind, marked in book.cells(number):
                value = values[place]
                if kind != "s" or value is None or value.text is None:
                    continue
                text = book.texts[int(value.text)]
                if text.lstrip().startswith(("=", "+", "-", "@", "＝")):
                    hostile += 1
                    # Headings aside, also whoever edits the cell keeps a text.
                    assert marked, (place, text)
        assert hostile > 100
        # Excel's own way to write a control character in XML.
        texts = {text.replace("_x0009_", "\t") for text in book.texts}
        assert set(LABELS) <= texts

    def test_the_estimates_are_the_rows(self, results: Results) -> None:
        book = Book(satcore_html.render_workbook(results, "en"))
        assert book.names == ["Findings", "Estimates", "Comparisons", "Service standards", "Notes"]
        rows, found = results.rows(), book.rows(2)
        assert len(rows) == len(found)
        for row, line in zip(rows, found, strict=True):
            for head, value in (
                ("Value", row["value"]),
                ("Interval from", row["ci_low"]),
                ("Answers", row["base"]),
                ("Standard error", row["std_error"]),
            ):
                # A workbook keeps 16 digits.
                assert line[head] == (None if value is None else pytest.approx(value, rel=1e-15))
            region = row["cell"].get("region")
            wanted = results.about.label("region", region) if region else "All answers"
            assert line["region"] == wanted
            assert line["wave"] == row["cell"].get("wave", "All answers")
        assert {line["Metric"] for line in found} == {
            *("Net Promoter Score", "Trend: Net Promoter Score", "plain")
        }
        assert found[0]["Item"] == "=How likely?"

    def test_comparisons_and_standards(self, results: Results) -> None:
        book = Book(satcore_html.render_workbook(results, "zh"))
        assert book.names == ["主要发现", "估计值", "比较", "服务标准", "备注"]
        for row, line in zip(results.comparison_rows(), book.rows(3), strict=True):
            p, difference = row["p_adjusted"], row["difference"]
            assert line["校正后 p 值"] == (None if p is None else pytest.approx(p, rel=1e-14))
            assert line["差值"] == (
                None if difference is None else pytest.approx(difference, rel=1e-14)
            )
        outcomes = {"met": "达标", "not_met": "未达标", "not_shown": "未能判定"}
        for row, line in zip(results.standard_rows(), book.rows(4), strict=True):
            assert (line["目标"], line["目标上限"]) == (-60.0, 30.0)
            assert line["结果"] == outcomes[row["outcome"]]
            assert line["标准"] == "净推荐值：介于 -60.0 与 30.0 之间（按region）"
        assert {line["region"] for line in book.rows(4)} >= {"华东", SCRIPT, "=cmd()"}

    def test_nothing_of_the_machine_or_the_time(self, results: Results) -> None:
        book = Book(satcore_html.render_workbook(results, "en"))
        core = book.files.read("docProps/core.xml").decode()
        assert re.findall(r">(\d{4}-[^<]+)<", core) == ["2000-01-01T00:00:00Z"] * 2
        assert "<dc:creator>satcore</dc:creator>" in core
        assert {one.date_time[:3] for one in book.files.infolist()} == {(1980, 1, 1)}

    def test_texts_and_numbers_that_a_sheet_can_not_hold(self, results: Results) -> None:
        table = {name: list(values)[:2] for name, values in results.estimates.columns.items()}
        table["value"] = [float("inf"), 1.0]
        table["ci_low"] = [float("-inf"), None]
        table["message"] = ["x" * 40_000, "a\ud800b\uffff\x01"]
        some = evolve(results, estimates=satcore.Table(table), metrics=results.metrics[:1])
        first, second = Book(satcore_html.render_workbook(some, "en")).rows(2)
        assert (first["Value"], first["Interval from"]) == ("∞", "-∞")
        assert len(first["Note"]) == 32_767
        assert first["Note"].endswith("x …")
        assert second["Note"] == "a\ufffdb\ufffd_x0001_"

    def test_too_many_rows(self, results: Results, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(workbook, "MOST_ROWS", 40)
        told = r"'Estimates' would have [\d,]+ rows, and Excel takes 39; --format csv or parquet"
        with pytest.raises(OutputError, match=told):
            satcore_html.render_workbook(results, "en")

    def test_without_the_library(self, results: Results, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "xlsxwriter", None)
        with pytest.raises(OutputError, match=r"needs xlsxwriter.*pip install \"satcore\[report\]"):
            satcore_html.render_workbook(results, "en")


# CSV and Parquet


def taken_for_a_formula(text: str) -> bool:
    number = re.fullmatch(r"[+-]?\d+(\.\d+)?", text)
    return not number and text.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


class TestRows:
    @given(st.text(st.one_of(st.sampled_from("'=+-@＝\t\r\n 1."), st.characters()), max_size=6))
    def test_a_text_is_kept_from_being_a_formula_and_lost_by_no_one(self, text: str) -> None:
        safe = formula_safe(text)
        assert not taken_for_a_formula(safe)
        assert not safe.startswith(("\t", "\r", "\n"))
        assert safe in (text, f"'{text}")

    @given(st.text("'=+-@x1 ", max_size=5), st.text("'=+-@x1 ", max_size=5))
    def test_no_two_texts_become_one(self, one: str, other: str) -> None:
        assert (formula_safe(one) == formula_safe(other)) == (one == other)

    @pytest.mark.parametrize("text", ["", "East", "-5", "+3.25", "a=b", "2026-01", "'tis"])
    def test_what_is_no_formula_stays(self, text: str) -> None:
        assert formula_safe(text) == text

    def test_csv(self, call: Call, results: Results, place: Path) -> None:
        assert call("run", "study.toml", "-o", "rows.csv")[0] == 0
        data = (place / "rows.csv").read_bytes()
        assert data == b"\xef\xbb\xbf" + csv_bytes(frame_columns(results))
        rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
        assert not any(taken_for_a_formula(text) for row in rows for text in row.values())
        regions = {row["cell.region"] for row in rows}
        assert {"'=cmd()", "'@SUM(A1)", "''=cmd()", "'\t=1", "'＝1+1", SCRIPT} <= regions
        assert [float(row["value"]) for row in rows if row["value"]] == [
            row["value"] for row in results.rows() if row["value"] is not None
        ]

    def test_parquet_holds_the_exact_texts(self, call: Call, results: Results, place: Path) -> None:
        for rows in ("estimates", "comparisons", "standards"):
            assert call("run", "study.toml", "-o", "r.parquet", "--rows", rows)[0] == 0
            found = pl.read_parquet(place / "r.parquet")
            assert found.equals(results.to_polars(rows))
            assert {"=cmd()", "'=cmd()"} <= set(found["cell.region"])

    def test_json_by_the_name_of_the_file(self, call: Call, place: Path) -> None:
        assert call("run", "study.toml", "-o", "rows.JSON")[0] == 0
        assert json.loads((place / "rows.JSON").read_bytes())["schema"] == 1

    def test_rows_of_the_wrong_format(self, call: Call) -> None:
        code, _, err = call("run", "study.toml", "--rows", "standards", "--format", "json")
        assert code == 2
        assert "--rows wants --format csv or parquet; JSON holds all rows" in err

    @pytest.mark.parametrize("rows", ["estimates", "comparisons", "standards"])
    def test_frames_are_the_rows(self, results: Results, rows: Any) -> None:
        table = getattr(results, rows)
        frame = results.to_polars(rows)
        pandas, arrow = results.to_pandas(rows), results.to_arrow(rows)
        assert list(pandas.columns) == list(arrow.column_names) == frame.columns
        assert len(pandas) == arrow.num_rows == frame.height == len(table) > 0
        for name in table.columns:
            wanted = table.plain(name)
            if name in ("cell", "against"):
                for axis in ("region", "wave"):
                    labels = [(cell or {}).get(axis) for cell in wanted]
                    assert frame[f"{name}.{axis}"].to_list() == labels
                    assert list(pandas[f"{name}.{axis}"]) == labels
                continue
            if name == "target":
                assert frame["target_high"].to_list() == [high for _, high in wanted]
                wanted = [low for low, _ in wanted]
            assert frame[name].to_list() == wanted
            assert arrow[name].to_pylist() == wanted
            column = pandas[name].astype(object)
            assert column.where(column.notna(), None).to_list() == wanted

    def test_whole_numbers_stay_whole(self, results: Results) -> None:
        assert results.to_pandas()["base"].dtype == "int64"
        assert results.to_pandas("comparisons")["df"].dtype == "Int64"
        assert results.to_pandas("comparisons")["df"].isna().any()

    def test_whoever_reads_arrow_takes_the_results(self, results: Results) -> None:
        assert pl.DataFrame(results).equals(results.to_polars())

    def test_frames_of_nothing(self, results: Results) -> None:
        nothing = evolve(results, estimates=satcore.Table({}), standards=satcore.Table({}))
        assert nothing.to_polars().schema == results.to_polars().schema
        assert nothing.to_pandas("standards").shape == (0, results.to_polars("standards").width)

    def test_other_rows(self, results: Results) -> None:
        with pytest.raises(OutputError, match=r"no rows 'estimate'.*did you mean 'estimates'"):
            results.to_polars("estimate")  # type: ignore[arg-type]

    def test_without_the_libraries(self, results: Results, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "pyarrow", None)
        with pytest.raises(OutputError, match="pip install pyarrow"):
            results.to_arrow()
        assert len(results.to_pandas()) == len(results.estimates)
        monkeypatch.setitem(sys.modules, "pandas", None)
        with pytest.raises(OutputError, match="pip install pandas"):
            results.to_pandas()


# Notebooks


class Seen(HTMLParser):
    """Tags and texts as a browser would read them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


class TestNotebooks:
    def test_results_show_themselves(self, results: Results) -> None:
        seen = Seen(results._repr_html_())
        assert seen.tags <= {
            *("p", "strong", "table", "caption", "thead", "tbody", "tr", "th", "td", "code")
        }
        assert seen.attributes == {"style"}
        text = "\n".join(seen.texts)
        assert "Net Promoter Score: NPS" in text
        assert "Trend: Net Promoter Score" in text
        for label in LABELS:
            assert f"region {label}" in seen.texts
        total = results.rows("nps", "nps")[0]
        assert total["value"] is not None
        assert f"{total['value']:.1f}" in seen.texts

    def test_a_metric_shows_itself(self, results: Results) -> None:
        view = results["nps"]
        assert view.rows() == results.rows("nps")
        assert view.rows("nps") == results.rows("nps", "nps")
        assert view.comparison_rows() == results.comparison_rows("nps")
        assert view.standard_rows() == results.standard_rows("nps")
        assert view.title("zh") == "净推荐值"
        html = view._repr_html_()
        assert html.count("<table>") == 1
        assert "also measured: Promoters, Passives, Detractors" in html
        assert repr(view) == f"MetricResults('nps': {len(view.rows())} estimates)"
        whole = results.to_polars().filter(pl.col("metric") == "nps")
        assert view.to_polars().equals(whole)
        assert view.to_arrow().num_rows == len(view.to_pandas()) == whole.height
        charts = view.charts("zh")
        assert draw(charts[0]).startswith(b"<svg")

    def test_names(self, results: Results) -> None:
        assert list(results) == ["nps", "trend", "plain"]
        assert "nps" in results
        assert "npx" not in results
        with pytest.raises(KeyError, match="no metric 'npx'; did you mean 'nps'"):
            results["npx"]

    def test_a_long_table_is_cut_and_says_so(
        self, results: Results, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("satcore.notebooks.MOST_ROWS", 4)
        html = results["nps"]._repr_html_()
        left = len(results.rows("nps", "nps")) - 4
        assert html.count("<tr>") == 1 + 4
        assert f"{left} more rows" in html

    def test_failures_and_notes_are_told(self, results: Results) -> None:
        failed = {"metric": "m", "kind": "m", "cells": 3, "message": f"Oops: {SCRIPT}\ud800"}
        some = evolve(results, failures=(failed,), notes=(f"note {SCRIPT}",))
        seen = Seen(some._repr_html_())
        assert "script" not in seen.tags
        text = "".join(seen.texts)
        assert f"failed: m, 3 cells: Oops: {SCRIPT}?" in text
        assert f"note: note {SCRIPT}" in text


# Pictures

SVG = "{http://www.w3.org/2000/svg}"


def bars(label: str, **more: Any) -> Chart:
    return Chart(
        title=label,
        alt=label,
        spec={
            "data": {"values": [{"name": label, "size": 1}]},
            "width": "container",
            "mark": "bar",
            "encoding": {
                "x": {"field": "size", "type": "quantitative"},
                "y": {"field": "name", "type": "nominal", "title": label},
                "tooltip": {"field": "name"},
            },
            **more,
        },
    )


class TestPictures:
    @pytest.mark.parametrize("label", LABELS)
    def test_labels_stay_text(self, label: str) -> None:
        root = ET.fromstring(draw(bars(label)))
        names = {name for one in root.iter() for name in one.attrib}
        assert not any(name.startswith("on") or name.endswith("href") for name in names)
        assert {one.tag.removeprefix(SVG) for one in root.iter()} <= {
            *("svg", "g", "path", "rect", "line", "text", "title", "desc", "tspan")
        }
        assert root.findtext(f"{SVG}title") == label
        assert root.findtext(f"{SVG}desc") == label
        texts = [" ".join("".join(one.itertext()).split()) for one in root.iter(f"{SVG}text")]
        assert any(one_line(label)[:12] in text for text in texts)

    def test_letters_that_xml_has_not(self) -> None:
        # In a process of its own: what draws would take this one down.
        code = (
            "from satcore import Chart, draw\n"
            "label = 'a\\x01b\\ud800c\\uffff'\n"
            "spec = {'data': {'values': [{'n': label}]}, 'mark': 'bar',"
            " 'encoding': {'y': {'field': 'n', 'type': 'nominal'}}}\n"
            "print(draw(Chart(title=label, alt=label, spec=spec)).decode().count('a\\ufffdb'))\n"
        )
        environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, env=environment
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert int(done.stdout) >= 3

    def test_width_and_title(self) -> None:
        narrow, wide = bars("x"), bars("x", usermeta={"satcore": {"wide": True}})
        sizes = [float(ET.fromstring(draw(one)).get("width") or 0) for one in (narrow, wide)]
        assert sizes[1] - sizes[0] == 860 - 520
        bare = ET.fromstring(draw(narrow, titled=False))
        assert bare.find(f"{SVG}title") is None
        assert bare.get("role") is None

    def test_png(self) -> None:
        data = draw(bars("x"), "png")
        assert data.startswith(b"\x89PNG\r\n\x1a\n")
        width = int.from_bytes(data[16:20], "big")
        assert width == 2 * float(ET.fromstring(draw(bars("x"))).get("width") or 0)

    @pytest.mark.parametrize(
        ("more", "told"),
        [
            ({"data": {"url": "https://example.org/a.json"}}, "asks for data from 'https"),
            ({"mark": "nonsense"}, "can't be drawn"),
            ({"data": {"values": [{"size": float("nan")}]}}, "not JSON compliant"),
        ],
    )
    def test_what_can_not_be_drawn(self, more: dict[str, Any], told: str) -> None:
        with pytest.raises(PluginError, match=told):
            draw(bars("x", **more))

    def test_nothing_is_fetched(self) -> None:
        for field, mark in (("url", "image"), ("href", "point")):
            spec = {
                "data": {"values": [{"a": "https://example.org/x.png"}]},
                "mark": mark,
                "encoding": {field: {"field": "a", "type": "nominal"}},
            }
            told = "can't be drawn: it points to 'https://example.org/x.png'"
            for form in ("svg", "png"):
                with pytest.raises(PluginError, match=told):
                    draw(Chart(title="x", spec=spec), form)

    def test_another_form(self) -> None:
        with pytest.raises(OutputError, match="as svg or png, not 'gif'"):
            draw(bars("x"), "gif")  # type: ignore[arg-type]

    def test_without_the_library(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "vl_convert", None)
        with pytest.raises(OutputError, match=r"needs vl-convert-python.*satcore\[report\]"):
            draw(bars("x"))

    def test_what_steers_who_draws_is_left_out(self) -> None:
        chart = bars("x", usermeta={"embedOptions": {}}, **{"$schema": "https://example.org"})
        assert set(chart_spec(chart)) == {"data", "width", "mark", "encoding"}


class TestPlot:
    def test_a_picture_into_a_file(self, call: Call, results: Results, place: Path) -> None:
        code, out, err = call("plot", "study.toml", "nps", "-o", "nps.svg")
        assert (code, out, err) == (0, b"", "picture written to nps.svg\n")
        data = (place / "nps.svg").read_bytes()
        assert data == draw(results["nps"].charts()[0])
        assert call("plot", "study.toml", "nps") == (0, data, "")
        assert call("plot", "study.toml", "nps", "-o", "nps.png", "--chart", "2")[0] == 0
        assert (place / "nps.png").read_bytes() == draw(results["nps"].charts()[1], "png")

    def test_in_chinese(self, call: Call) -> None:
        code, out, _ = call("plot", "study.toml", "nps", "--chart", "2", "--language", "zh")
        root = ET.fromstring(out)
        assert code == 0
        assert root.findtext(f"{SVG}title") == "按region划分的净推荐值"
        assert {"华东", SCRIPT, "=cmd()"} <= {one.text for one in root.iter(f"{SVG}text")}

    def test_the_list(self, call: Call, results: Results) -> None:
        code, out, _ = call("plot", "study.toml", "nps", "--list")
        assert code == 0
        titles = [chart.title for chart in results["nps"].charts()]
        assert out.decode().splitlines() == [f"{n}. {one}" for n, one in enumerate(titles, 1)]

    def test_a_metric_without_pictures_has_plain_ones(self, call: Call, language: str) -> None:
        code, out, err = call("plot", "study.toml", "plain", "--language", language)
        assert (code, err) == (0, "")
        root = ET.fromstring(out)
        wanted = {"en": "mean by region", "zh": "按region划分的mean"}
        assert root.findtext(f"{SVG}title") == wanted[language]
        assert {SCRIPT, "=cmd()"} <= {one.text for one in root.iter(f"{SVG}text")}

    def test_pictures_that_fail(self, call: Call) -> None:
        code, out, err = call("plot", "broken.toml", "broken")
        assert code == 0
        assert err.startswith("the pictures of 'broken' failed (ValueError: no pencil); a plain")
        assert ET.fromstring(out).findtext(f"{SVG}title") == "mean by region"

    def test_a_metric_that_fails_is_told(self, call: Call, place: Path) -> None:
        text = STUDY.replace("[metrics.plain]", "[metrics.failing]")
        (place / "failing.toml").write_text(text, "utf-8")
        code, out, err = call("plot", "failing.toml", "failing")
        assert (code, out) == (2, b"")
        assert re.search(r"failed: failing, \d+ cells: .*ValueError: no answer", err)
        assert "there is nothing to draw of 'failing'" in err

    def test_one_item(self, call: Call, place: Path) -> None:
        (place / "kano.csv").write_text(
            "a_with,a_without,b_with,b_without,shop\n"
            + "".join(
                f"{1 + n % 5},{5 - n % 3},{1 + n % 3},{1 + n % 4},{n % 2}\n" for n in range(60)
            )
        )
        (place / "kano.toml").write_text(
            '[study]\ndata = "kano.csv"\n[roles]\nsegments = ["shop"]\n[metrics.kano]\n'
            'functional = "{feature}_with"\ndysfunctional = "{feature}_without"\n'
            'features = { a = "Alpha", b = "Beta" }\n'
        )
        code, both, _ = call("plot", "kano.toml", "kano")
        assert code == 0
        assert b">Alpha<" in both
        assert b">Beta<" in both
        code, one, _ = call("plot", "kano.toml", "kano", "--item", "b")
        assert code == 0
        assert b"Alpha" not in one
        assert ET.fromstring(one).findtext(f"{SVG}title") == "Better by shop: Beta"
        code, _, err = call("plot", "kano.toml", "kano", "--item", "c")
        assert code == 2
        assert err == "error: the metric 'kano' has no item 'c'; it has a, b\n"

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (("study.toml", "npx"), "no metric 'npx'; did you mean 'nps'"),
            (("answers.csv", "nps"), "give a study file and a metric"),
            (("study.toml", "nps", "-o", "x.gif"), "a picture is a FILE.svg or a FILE.png"),
            (("study.toml", "nps", "-o", "none/x.svg"), "there is no folder"),
            (("study.toml", "nps", "--chart", "9"), "'nps' has 3 pictures; --list tells"),
        ],
    )
    def test_mistakes(self, call: Call, arguments: tuple[str, ...], told: str) -> None:
        code, out, err = call("plot", *arguments)
        assert (code, out) == (2, b"")
        assert told in err

    def test_answers_are_not_written_over(self, call: Call, place: Path) -> None:
        (place / "answers.svg").write_text("Q1,region,wave\n1,East,2026-01\n")
        code, _, err = call("plot", "study.toml", "nps", "answers.svg", "-o", "answers.svg")
        assert code == 2
        assert "is read by this run" in err


class TestStatic:
    """``--static``: the page without scripts."""

    def test_run(self, call: Call, place: Path) -> None:
        code, _, err = call("run", "study.toml", "--report", "still.html", "--static")
        assert code == 0
        assert "report written to still.html" in err
        page = (place / "still.html").read_text(encoding="utf-8")
        assert "<script" not in page
        assert page.count("<svg") == page.count("<figure") > 3

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (("--static",), "--static wants --report FILE.html"),
            (("--report", "r.md", "--static"), "--static is for pages with scripts"),
            (("--report", "r.xlsx", "--static"), "has no such form; leave --static out"),
        ],
    )
    def test_mistakes(self, call: Call, place: Path, arguments: tuple[str, ...], told: str) -> None:
        code, _, err = call("run", "study.toml", *arguments)
        assert code == 2
        assert told in err
        assert not (place / "r.md").exists()


# Same bytes

OUTPUTS = """
import hashlib, pathlib, sys
from satcore.cli import main

def call(*arguments):
    try:
        main(arguments)
    except SystemExit as left:
        assert left.code == 0, arguments

for language in ("en", "zh"):
    for name in ("r.md", "r.xlsx", "r.html"):
        call("run", "study.toml", "--report", language + name, "--language", language,
             "-o", language + name + ".csv")
    call("run", "study.toml", "--report", language + "s.html", "--static", "--language", language,
         "-o", language + "s.csv")
    call("plot", "study.toml", "plain", "--language", language, "-o", language + "plain.svg")
call("plot", "study.toml", "nps", "-o", "nps.png")
call("plot", "study.toml", "trend", "-o", "trend.svg")
for form in ("json", "parquet"):
    call("run", "study.toml", "-o", "r." + form)
from satcore import run
from satcore_nps import NPS
html = run(NPS(item="Q1"), "answers.csv", segments=["region"])._repr_html_()
pathlib.Path("r.repr").write_text(html, "utf-8")
"""


def test_same_bytes_wherever_it_runs(place: Path, tmp_path: Path) -> None:
    places = (
        {"TZ": "Asia/Shanghai", "LANG": "zh_CN.UTF-8", "PYTHONHASHSEED": "1"},
        {"TZ": "America/St_Johns", "LC_ALL": "C", "PYTHONHASHSEED": "77", "PYTHONUTF8": "0"},
    )
    found = []
    for number, changes in enumerate(places):
        folder = tmp_path / str(number)
        folder.mkdir()
        for name in ("study.toml", "answers.csv"):
            (folder / name).write_bytes((place / name).read_bytes())
        environment = {
            name: text for name, text in os.environ.items() if not name.startswith("LC_")
        }
        environment |= {"SATCORE_PLUGINS_DIR": str(place / "plugins"), **changes}
        done = subprocess.run(
            [sys.executable, "-c", OUTPUTS], cwd=folder, env=environment, capture_output=True
        )
        assert done.returncode == 0, done.stderr.decode()
        found.append({path.name: path.read_bytes() for path in folder.iterdir()})
    first, second = found
    assert set(first) == set(second)
    assert len(first) == 2 + 2 * (3 * 2 + 2 + 1) + 2 + 2 + 1
    assert [name for name in first if first[name] != second[name]] == []


def test_same_bytes_twice(results: Results, language: str) -> None:
    for render in (satcore_html.render_markdown, satcore_html.render_workbook):
        assert render(results, language) == render(results, language)
    assert satcore_html.render_markdown(results, "en") != satcore_html.render_markdown(
        results, "zh"
    )


def test_the_hook_offers_them(results: Results) -> None:
    html, *others = satcore_html.satcore_reports()
    assert [(one.name, one.suffixes) for one in others] == [
        ("markdown", (".md", ".markdown")),
        ("xlsx", (".xlsx",)),
    ]
    assert html.plain_charts is not None
    (chart, *_) = html.plain_charts(results, "nps", "zh")
    assert chart.title == "按region划分的净推荐值"
    with pytest.raises(OutputError, match="en and zh, not 'fr'"):
        html.plain_charts(results, "nps", "fr")


def test_the_page_looks_as_pictures_do(results: Results) -> None:
    page = satcore_html.render(evolve(results, about=evolve(results.about, title=Text.of("x"))))
    text = page.decode()
    assert '"CHART_THEME"' not in text
    assert json.dumps(satcore.CHART_THEME["axis"], separators=(",", ":")) in text
