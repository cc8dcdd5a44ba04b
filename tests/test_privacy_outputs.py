"""What is withheld is in no output: page, Markdown, workbook, pictures, findings, frames."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from html.parser import HTMLParser
from importlib.metadata import EntryPoint
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from attrs import evolve

import satcore
import satcore_html
from satcore import Results, chart_spec, draw
from satcore.plugins import Plugins
from satcore.study import Study
from satcore_html.estimates import Teller
from satcore_html.findings import facts, findings
from satcore_html.words import Words

#: Labels that can't be taken for a word, a number or a part of each other.
REGIONS = ("qnorthq", "qeastq", "qsouthq", "qwestq")
WAVES = ("qfirstq", "qsecondq", "qthirdq")
LABELS = (*REGIONS, *WAVES)

Cell = frozenset[tuple[str, "str | None"]]


@pytest.fixture(scope="module")
def plugins() -> Plugins:
    names = ("control", "kano", "nps", "servqual", "trend")
    return Plugins(tuple(EntryPoint(name, f"satcore_{name}", "satcore") for name in names))


STUDY: dict[str, Any] = {
    "study": {
        "suppress_below": 5,
        "by": ["region", "wave", "region*wave"],
        "comparisons": ["rest", "previous", "heterogeneity", "pairs"],
    },
    "roles": {"segments": ["region"], "wave": "wave"},
    "metrics": {
        "nps": {"item": "q"},
        "service": {
            "metric": "servqual",
            "expectation": "E{1..2}",
            "perception": "P{1..2}",
            "scale": "1..7",
            "dimensions": {"tangibles": "1..2"},
        },
        "nps_trend": {"metric": "trend", "of": "nps", "by": []},
        "nps_control": {"metric": "control", "of": "nps", "by": []},
    },
    "standards": [{"metric": "nps", "at_least": 0, "by": "region*wave"}],
}


def answers(seed: int) -> dict[str, list[Any]]:
    """Some regions have few answers, and in some waves next to none."""
    rng = np.random.default_rng(seed)
    rows = 260
    region = rng.choice(REGIONS, rows, p=[0.5, 0.42, 0.05, 0.03])
    # The small regions are far from the others, so that comparisons would say so.
    small = (region == REGIONS[2]) | (region == REGIONS[3])
    data = {"q": np.where(small, rng.integers(0, 3, rows), rng.integers(5, 11, rows)).tolist()}
    for name in ("E1", "E2", "P1", "P2"):
        data[name] = np.where(small, 1, rng.integers(2, 8, rows)).tolist()
    data["region"] = region.tolist()
    data["wave"] = rng.choice(WAVES, rows).tolist()
    return data


@pytest.fixture(scope="module", params=[1, 2])
def both(request: pytest.FixtureRequest, plugins: Plugins) -> tuple[Results, Results]:
    """Results with withheld cells, and the same without."""
    data, study = answers(request.param), Study.of(STUDY)
    shown = evolve(study, study=evolve(study.study, suppress_below=0))
    return (
        satcore.run(study, data, plugins=plugins),
        satcore.run(shown, data, plugins=plugins),
    )


@pytest.fixture(scope="module")
def results(both: tuple[Results, Results]) -> Results:
    return both[0]


@pytest.fixture(scope="module")
def hidden(results: Results) -> set[Cell]:
    """The cells of the score that are withheld."""
    found = {
        frozenset(row["cell"].items())
        for row in results.rows("nps", "nps")
        if row["status"] == "suppressed"
    }
    assert len(found) >= 3
    return found


@pytest.fixture(scope="module")
def secrets(both: tuple[Results, Results], hidden: set[Cell]) -> dict[Cell, set[float]]:
    """The numbers that withheld cells would have, without those that many things are."""
    names = ("value", "std_error", "ci_low", "ci_high")
    found: dict[Cell, set[float]] = {}
    for row in both[1].rows():
        cell = frozenset(row["cell"].items())
        if cell in hidden and row["metric"] in ("nps", "service"):
            numbers = {row[name] for name in names}  # type: ignore[literal-required]
            some = found.setdefault(cell, set())
            some |= {one for one in numbers if one is not None and not float(one).is_integer()}
    return found


@pytest.fixture(params=["en", "zh"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def named(texts: Iterable[str]) -> Cell:
    """The cell whose labels some texts hold."""
    found = set()
    for text in texts:
        found |= {("region", one) for one in REGIONS if one in text}
        found |= {("wave", one) for one in WAVES if one in text}
    return frozenset(found)


def without_labels(text: str) -> str:
    # The standard's own target is no secret, and what is withheld neither.
    return re.sub("|".join((*LABELS, "≥ 0.0", "fewer than 5 answers")), "", text)


def check_line(texts: list[str], hidden: set[Cell]) -> bool:
    """Hold a table's line: whatever names a withheld cell first has no digit anywhere."""
    first = next((named([text]) for text in texts if named([text])), frozenset())
    against = [named([text]) for text in texts[1:] if named([text])]
    # Tables behind pictures name what a cell is made of in columns side by side.
    two = [named([text]) for text in texts[:2]]
    if (
        len(two) == 2
        and all(two)
        and not {axis for axis, _ in two[0]} & {axis for axis, _ in two[1]}
    ):
        first, against = two[0] | two[1], against[1:]
    if first not in hidden and not any(cell in hidden for cell in against):
        return False
    # The first columns may name an item by its number, or the value of a test.
    rest = [*(text for text in texts[:3] if text not in ("0", "1", "2")), *texts[3:]]
    assert not re.search(r"\d", " ".join(without_labels(text) for text in rest)), texts
    return True


def data_of(part: object) -> Iterator[Mapping[str, Any]]:
    """Every row of data in a specification."""
    if isinstance(part, Mapping):
        for name, inner in part.items():
            if name in ("values", "datasets"):
                lists = inner.values() if isinstance(inner, Mapping) else [inner]
                for rows in lists:
                    yield from (row for row in rows if isinstance(row, Mapping))
            else:
                yield from data_of(inner)
    elif isinstance(part, list | tuple):
        for inner in part:
            yield from data_of(inner)


def check_spec(spec: Mapping[str, Any], secrets: Mapping[Cell, set[float]]) -> int:
    """Hold each row of data that names a withheld cell against what that cell hides."""
    checked = 0
    for row in data_of(spec):
        numbers = [value for value in row.values() if isinstance(value, float)]
        cell = named(str(value) for value in row.values() if isinstance(value, str))
        for place, secret in secrets.items():
            if place and place == cell:
                checked += 1
                for value in numbers:
                    assert not any(value == pytest.approx(one, rel=1e-6) for one in secret), row
    return checked


class Rows(HTMLParser):
    """The lines of a page's tables, and its specifications."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.lines: list[list[str]] = []
        self.specs: list[Any] = []
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.lines.append([])
        elif tag in ("td", "th"):
            self._inside = "cell"
            if self.lines:
                self.lines[-1].append("")
        elif tag == "script":
            self._inside = "spec" if ("type", "application/json") in attrs else ""

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "script"):
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "cell":
            self.lines[-1][-1] += data
        elif self._inside == "spec":
            self.specs.append(json.loads(data))


def test_the_page(
    results: Results, hidden: set[Cell], secrets: dict[Cell, set[float]], language: str
) -> None:
    page = Rows(satcore_html.render(results, language).decode())
    assert sum(check_line(line, hidden) for line in page.lines) > len(hidden)
    assert page.specs
    for spec in page.specs:
        check_spec(spec, secrets)


def test_markdown(results: Results, hidden: set[Cell], language: str) -> None:
    text = satcore_html.render_markdown(results, language).decode()
    lines = [line[2:-2].split(" | ") for line in text.splitlines() if line.startswith("| ")]
    assert sum(check_line(line, hidden) for line in lines) >= len(hidden)


def test_the_workbook(results: Results, language: str) -> None:
    main = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    book = zipfile.ZipFile(io.BytesIO(satcore_html.render_workbook(results, language)))
    texts = [
        "".join(part.text or "" for part in one.iter(f"{main}t"))
        for one in ET.fromstring(book.read("xl/sharedStrings.xml")).iter(f"{main}si")
    ]
    withheld = Words(language)("status_suppressed")
    found = 0
    for name in (one for one in book.namelist() if one.startswith("xl/worksheets/sheet")):
        for row in ET.fromstring(book.read(name)).iter(f"{main}row"):
            numbers, words = [], []
            for one in row.iter(f"{main}c"):
                value = one.find(f"{main}v")
                if value is None or value.text is None:
                    continue
                if one.get("t") == "s":
                    words.append(texts[int(value.text)])
                else:
                    numbers.append(float(value.text))
            if withheld in words:
                found += 1
                # Its level of confidence, and the standard's target.
                assert set(numbers) <= {0.95, 0.0}
    statuses = [row["status"] for row in (*results.rows(), *results.standard_rows())]
    statuses += [row["status"] for row in results.comparison_rows()]
    # One more row says what the status means.
    assert found == statuses.count("suppressed") + 1


def test_pictures(results: Results, secrets: dict[Cell, set[float]], language: str) -> None:
    drawn = 0
    for one in results.metrics:
        charts = [*one.metric.charts(results, one.name, language)]
        charts += satcore_html.plain_charts(results, one.name, language)
        for chart in charts:
            check_spec(chart_spec(chart), secrets)
        if one.name == "nps" and language == "en":
            for chart in charts:
                drawn += 1
                svg = draw(chart).decode()
                # What a reader for the blind is told, mark by mark.
                for label in re.findall(r'aria-label="([^"]*)"', svg):
                    for place, secret in secrets.items():
                        if place and place == named([label]):
                            told = re.findall(r"-?\d+\.(\d+)", label)
                            whole = re.findall(r"-?\d+\.\d+", label)
                            for text, digits in zip(whole, told, strict=True):
                                assert text not in {f"{one:.{len(digits)}f}" for one in secret}
    assert drawn or language == "zh"


def test_pictures_would_be_caught(
    both: tuple[Results, Results], secrets: dict[Cell, set[float]]
) -> None:
    """The walk through specifications sees the numbers where they are shown."""
    shown = both[1]
    specs = [chart_spec(one) for one in satcore_html.plain_charts(shown, "nps")]
    with pytest.raises(AssertionError):
        check_spec({"layer": specs}, secrets)


def test_findings(
    results: Results, both: tuple[Results, Results], hidden: set[Cell], language: str
) -> None:
    teller = Teller.of(results, Words(language))
    for fact in facts(results, teller):
        sides = [fact.cell]
        if fact.compared in ("pair", "previous") and fact.against is not None:
            sides.append(fact.against)
        if fact.value is not None or fact.difference is not None:
            assert not any(frozenset(side.items()) in hidden for side in sides), fact
    for group in findings(results, teller).groups:
        for one in group.findings:
            cell = named([one.sentence])
            if cell in hidden:
                assert not re.search(r"\d", without_labels(one.sentence)), one.sentence
    # Unhidden, the same cells are the most telling.
    told = facts(both[1], Teller.of(both[1], Words(language)))
    assert any(frozenset(fact.cell.items()) in hidden for fact in told if fact.claims)


def test_frames_and_rows(results: Results, hidden: set[Cell]) -> None:
    frame = results.to_polars()
    withheld = frame.filter(frame["status"] == "suppressed")
    assert withheld.height >= len(hidden)
    for name in ("value", "label", "std_error", "ci_low", "ci_high", "base", "effective_base"):
        assert withheld[name].null_count() == withheld.height
    for row in results.comparison_rows():
        sides = [row["cell"]]
        if row["kind"] in ("pair", "previous") and row["against"] is not None:
            sides.append(row["against"])
        of_cells = row["metric"] == "nps" and row["kind"] != "heterogeneity"
        if of_cells and any(frozenset(side.items()) in hidden for side in sides):
            assert row["difference"] is row["ci_low"] is row["p"] is row["p_adjusted"] is None


def test_notebooks_and_json(results: Results, hidden: set[Cell]) -> None:
    shown = [results._repr_html_(), results["nps"]._repr_html_()]
    assert sum(check_line(line, hidden) for text in shown for line in Rows(text).lines)
    told = json.loads(results.to_json())
    for table in ("estimates", "comparisons", "standards"):
        rows = [row for row in told[table] if row["status"] == "suppressed"]
        assert rows
        for row in rows:
            numbers = {name for name, value in row.items() if isinstance(value, float | int)}
            assert numbers <= {"confidence", "target"}


def test_a_withheld_total(plugins: Plugins, language: str) -> None:
    study = Study.of({"study": {"suppress_below": 9}, "metrics": {"nps": {"item": "q"}}})
    results = satcore.run(study, {"q": [10, 9, 3, 7, 7, 7]}, plugins=plugins)
    assert results.responses.kept is None
    assert "too few responses to tell how many" in results._repr_html_()
    assert "—" in satcore_html.render_markdown(results, language).decode()
    assert satcore_html.render_workbook(results, language)
    told = facts(results, Teller.of(results, Words(language)))
    assert [(fact.kind, fact.count, fact.of) for fact in told] == [("suppressed", 1, 1)]


def test_no_words_of_a_respondent(plugins: Plugins, language: str) -> None:
    secrets = ("Frau Meier war unfreundlich", "13800138000", "a@b.example", "王小明很好")
    data = {
        "q": ["10"] * 30 + ["2"] * 30 + [*secrets],
        "region": ["north", "south"] * 32,
        "said": [f"secret opinion {number}" for number in range(64)],
        "id": [f"person-{number:03}" for number in range(64)],
    }
    study = {
        "study": {"invalid": "missing", "by": ["region"]},
        "roles": {"respondent": "id", "segments": ["region"]},
        "metrics": {"nps": {"item": "q"}},
    }
    results = satcore.run(Study.of(study), data, plugins=plugins)
    book = zipfile.ZipFile(io.BytesIO(satcore_html.render_workbook(results, language)))
    outputs = [book.read(name).decode() for name in book.namelist()]
    outputs.append(satcore_html.render_markdown(results, language).decode())
    outputs += [json.dumps(chart_spec(one)) for one in satcore_html.plain_charts(results, "nps")]
    for text in outputs:
        for secret in (*secrets, "secret opinion", "person-0"):
            assert secret not in text
