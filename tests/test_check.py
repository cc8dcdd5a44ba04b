"""``satcore check``: what a schedule and its reader get, and the standards in the report."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import xmlschema

import satcore
import satcore_html
from satcore.cli import main
from satcore.cli.junit import junit
from satcore.plugins import Plugins
from satcore.results import Results
from satcore.study import Study
from satcore_html.messages import said
from satcore_html.words import Words

# East: 60 promoters of 80. West: 20 of 80. North: 5 of 6.
ANSWERS = "\n".join(
    [
        "Q1,region,month",
        *(
            f"{score},{region},{'m1' if row % 2 else 'm2'}"
            for region, scores in (
                ("East", [9] * 60 + [5] * 20),
                ("West", [9] * 20 + [0] * 60),
                ("North", [9] * 5 + [3]),
            )
            for row, score in enumerate(scores)
        ),
    ]
)

STUDY = """
[study]
title = { en = "Branches", zh = "网点" }
data  = "answers.csv"

[roles]
segments = ["region"]

[metrics.nps]
item = "Q1"
"""

MET = '[[standards]]\nmetric = "nps"\nat_least = -50\n'
OPEN = '[[standards]]\nmetric = "nps"\nat_least = -10\n'
UNMET = '[[standards]]\nmetric = "nps"\nterm = "promoters"\nat_least = 0.5\nby = "region"\n'

#: The rules of Jenkins' junit-10.xsd (jenkinsci/xunit-plugin) for the elements that are written.
SCHEMA = """\
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:simpleType name="duration">
    <xs:restriction base="xs:string"><xs:pattern value="[0-9]+(\\.[0-9]+)?"/></xs:restriction>
  </xs:simpleType>
  <xs:complexType name="told" mixed="true">
    <xs:attribute name="type"/>
    <xs:attribute name="message"/>
  </xs:complexType>
  <xs:element name="testsuites">
    <xs:complexType>
      <xs:sequence>
        <xs:element name="testsuite" type="suite" minOccurs="0" maxOccurs="unbounded"/>
      </xs:sequence>
      <xs:attribute name="name"/>
      <xs:attribute name="time" type="duration"/>
      <xs:attribute name="tests" type="xs:nonNegativeInteger"/>
      <xs:attribute name="failures" type="xs:nonNegativeInteger"/>
      <xs:attribute name="errors" type="xs:nonNegativeInteger"/>
    </xs:complexType>
  </xs:element>
  <xs:complexType name="suite">
    <xs:choice minOccurs="0" maxOccurs="unbounded">
      <xs:element name="properties">
        <xs:complexType>
          <xs:sequence>
            <xs:element name="property" minOccurs="0" maxOccurs="unbounded">
              <xs:complexType>
                <xs:attribute name="name" use="required"/>
                <xs:attribute name="value" use="required"/>
              </xs:complexType>
            </xs:element>
          </xs:sequence>
        </xs:complexType>
      </xs:element>
      <xs:element name="testcase">
        <xs:complexType>
          <xs:choice minOccurs="0" maxOccurs="unbounded">
            <xs:element name="skipped" type="told"/>
            <xs:element name="error" type="told"/>
            <xs:element name="failure" type="told"/>
            <xs:element name="system-out" type="xs:string"/>
          </xs:choice>
          <xs:attribute name="name" use="required"/>
          <xs:attribute name="classname"/>
          <xs:attribute name="time" type="duration"/>
        </xs:complexType>
      </xs:element>
    </xs:choice>
    <xs:attribute name="name" use="required"/>
    <xs:attribute name="tests" type="xs:nonNegativeInteger" use="required"/>
    <xs:attribute name="failures" type="xs:nonNegativeInteger" use="required"/>
    <xs:attribute name="errors" type="xs:nonNegativeInteger" use="required"/>
    <xs:attribute name="skipped" type="xs:nonNegativeInteger"/>
    <xs:attribute name="time" type="duration"/>
    <xs:attribute name="id"/>
  </xs:complexType>
</xs:schema>
"""

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to stand in, with answers and studies whose names say what becomes of them."""
    monkeypatch.chdir(tmp_path)
    for name in ("SATCORE_DISABLE_PLUGINS", "SATCORE_TRACEBACK", "COLUMNS", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "answers.csv").write_text(ANSWERS, "utf-8")
    for name, standards in (
        ("met", MET),
        ("open", MET + OPEN),
        ("unmet", MET + OPEN + UNMET),
        ("none", ""),
        ("wrong", MET.replace("nps", "npss")),
    ):
        (tmp_path / f"{name}.toml").write_text(STUDY + standards, "utf-8")
    return tmp_path


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], folder: Path) -> Call:
    """Runs a command in this process: exit code, standard output, standard error."""

    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(arguments)
        assert isinstance(left.value.code, int)
        return (left.value.code, *capsys.readouterr())

    return call


def valid(text: bytes | str) -> ET.Element:
    """The root of a JUnit file that keeps the rules."""
    whole = text.decode() if isinstance(text, bytes) else text
    xmlschema.XMLSchema(SCHEMA).validate(whole)
    return ET.fromstring(whole)


class TestExitCodes:
    @pytest.mark.parametrize(
        ("study", "options", "code"),
        [
            ("met", (), 0),
            ("met", ("--strict",), 0),
            ("open", (), 0),
            ("open", ("--strict",), 1),
            ("unmet", (), 1),
            ("none", (), 2),
            ("wrong", (), 2),
            ("absent", (), 2),
        ],
    )
    @pytest.mark.parametrize("form", ["table", "json", "junit"])
    def test_codes(
        self, call: Call, study: str, options: tuple[str, ...], code: int, form: str
    ) -> None:
        assert call("check", f"{study}.toml", "--format", form, *options)[0] == code

    def test_without_standards_there_is_an_example(self, call: Call, folder: Path) -> None:
        code, out, err = call("check", "none.toml")
        assert (code, out) == (2, "")
        example = err[err.index("[[standards]]") :]
        (folder / "mended.toml").write_text(STUDY + example, "utf-8")
        assert call("check", "mended.toml")[0] in (0, 1)

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            ((), "give a study file with [[standards]], as `satcore check study.toml`"),
            (("answers.csv",), "give a study file"),
            (("met.toml", "-o", "x"), "--output wants --format json or junit"),
            (("met.toml", "--format", "junit", "-o", "met.toml"), "is read by this run"),
            (("met.toml", "--format", "junit", "-o", "no/x.xml"), "there is no folder"),
            (("met.toml", "--confidence", "0.4"), "0.4 is not between 0.5 and 1"),
            (("wrong.toml",), "no metric is called 'npss'; there are nps; did you mean 'nps'?"),
        ],
    )
    def test_mistakes(self, call: Call, arguments: tuple[str, ...], told: str) -> None:
        code, out, err = call("check", *arguments)
        assert (code, out) == (2, "")
        assert told in " ".join(err.split())

    def test_in_a_shell_script(self, folder: Path) -> None:
        """What the documentation shows, run by bash; the metric is one of a third party."""
        site = folder / "site"
        info = site / "grumble-1.0.dist-info"
        info.mkdir(parents=True)
        (site / "grumble.py").write_text(GRUMBLE, "utf-8")
        (info / "entry_points.txt").write_text("[satcore]\ngrumble = grumble\n", "utf-8")
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: grumble\nVersion: 1.0\n")
        study = STUDY.replace("[metrics.nps]", "[metrics.grumble]")
        for name, target in (("calm", 0.9), ("loud", 0.1), ("unsure", 0.47)):
            standard = f'[[standards]]\nmetric = "grumble"\nat_most = {target}\n'
            (folder / f"{name}.toml").write_text(study + standard, "utf-8")
        (folder / "nightly.sh").write_text(SCRIPT, "utf-8")
        done = subprocess.run(
            ["bash", "nightly.sh", sys.executable],
            capture_output=True,
            check=False,
            timeout=120,
            cwd=folder,
            env={
                **{key: text for key, text in os.environ.items() if "SATCORE" not in key},
                "PYTHONPATH": os.pathsep.join(
                    filter(None, (str(site), os.environ.get("PYTHONPATH")))
                ),
                "PYTHONDONTWRITEBYTECODE": "1",
                "LC_ALL": "C",
            },
        )
        assert done.returncode == 0, done.stderr.decode()
        assert done.stdout.decode().splitlines() == [
            "calm: go on",
            "loud: 1",
            "unsure: 0",
            "unsure, strict: 1",
            "wrong: 2",
        ]
        suites = valid((folder / "loud.xml").read_bytes())
        (failure,) = suites.iter("failure")
        assert failure.get("type") == "not_met"
        case = next(suites.iter("testcase"))
        assert (case.get("name"), case.get("classname")) == (
            "grumble at most 0.1: total",
            "grumble.grumblers",
        )

    def test_a_metric_that_fails(self, call: Call, folder: Path) -> None:
        """Nothing is shown of it, which is no reason to go on."""
        trend = '[metrics.trend]\nof = "nps"\nby = []\nintervention = "m9"\n'
        standard = '[[standards]]\nmetric = "trend"\nat_least = 0\n'
        study = STUDY.replace("[metrics.nps]", 'wave = "month"\n[metrics.nps]')
        (folder / "failed.toml").write_text(study + trend + MET + standard, "utf-8")
        code, out, err = call("check", "failed.toml", "--format", "junit")
        assert code == 1
        assert "failed: trend at least 0, 1 cells: " in err
        suites = valid(out)
        assert suites.get("errors") == "1"
        (error,) = suites.iter("error")
        assert error.get("type") == "error"
        assert re.fullmatch(r"failed: \w.*'m9'.*; target: at least 0", str(error.get("message")))

    @pytest.mark.parametrize("command", ["check", "run"])
    def test_a_label_that_no_answer_has(self, call: Call, folder: Path, command: str) -> None:
        standard = '[[standards]]\nmetric = "nps"\nno_worse_than = { region = "Est" }\n'
        (folder / "mars.toml").write_text(STUDY + MET + standard, "utf-8")
        code, out, err = call(command, "mars.toml")
        assert (code, out) == (2, "")
        assert (
            "[[standards]] number 2 no_worse_than: region has no 'Est', only East, North, West; "
            "did you mean 'West' or 'East'?"
        ) in " ".join(err.split())


GRUMBLE = """\
from attrs import frozen
from satcore import Metric, MetricSpec, Tally, hookimpl


@frozen(kw_only=True)
class Grumble(Metric):
    item: str

    def statistics(self, codebook):
        return {"answers": Tally(codebook.item(self.item, "0..10"))}

    def evaluate(self, answers):
        yield answers.share(tuple(range(7)), term="grumblers")


@hookimpl
def satcore_metrics():
    return [MetricSpec("grumble", Grumble, summary="Share of grumblers", primary="grumblers")]
"""

SCRIPT = """\
set -eu
satcore() { "$PYTHON" -m satcore "$@"; }
PYTHON=$1

if satcore check calm.toml >calm.txt; then
  echo "calm: go on"
else
  echo "calm: stop"
fi
code=0; satcore check loud.toml --format junit -o loud.xml 2>/dev/null || code=$?
echo "loud: $code"
code=0; satcore check unsure.toml >/dev/null || code=$?
echo "unsure: $code"
code=0; satcore check unsure.toml --strict >/dev/null || code=$?
echo "unsure, strict: $code"
code=0; satcore check wrong.toml 2>/dev/null || code=$?
echo "wrong: $code"
"""


class TestOutputs:
    def test_table(self, call: Call) -> None:
        _, out, err = call("check", "unmet.toml")
        assert err == ""
        lines = [re.sub(r"\s*│\s*", "|", line.strip()) for line in out.splitlines()]
        assert "Branches" in lines
        assert "Service standards: value [bound], 95% one-sided" in lines
        west = next(line for line in lines if "West" in line)
        assert west.startswith("|||region West|80|25.0% [≤ 33.7%]|✗ not met||ok|")
        assert any(line.startswith("|nps at least -50|at least -50|total|166|") for line in lines)
        assert lines[-1] == "3 standards, 5 cells: 2 met, 1 not met, 2 not shown"

    def test_run_shows_the_standards_and_leaves_as_ever(self, call: Call) -> None:
        code, out, err = call("run", "unmet.toml")
        assert (code, err) == (0, "")
        assert out.index("Net Promoter Score (nps)") < out.index("Service standards")
        assert "3 standards, 5 cells: 2 met, 1 not met, 2 not shown" in out
        assert "Service standards" not in call("run", "none.toml")[1]

    def test_the_most_urgent_of_many(self, call: Call, folder: Path) -> None:
        rows = [f"{9 if shop < 70 else 0},s{shop:03}" for shop in range(90) for _ in range(20)]
        rows += ["0,s000"] * 5
        (folder / "answers.csv").write_text("\n".join(["Q1,region", *rows]), "utf-8")
        code, out, _ = call("check", "unmet.toml")
        assert code == 1
        assert out.count("✗ not met") == 20
        assert "32 more rows; --format json gives all of them" in out

    def test_json_is_that_of_a_run(self, call: Call) -> None:
        _, out, err = call("check", "unmet.toml", "--format", "json")
        assert json.loads(out) == json.loads(call("run", "unmet.toml", "--format", "json")[1])
        assert err.splitlines() == [
            (
                "nps promoters at least 0.5 by region: region West: not met; value 25.0%; "
                "one-sided upper bound 33.7%; target: at least 50%; 80 answers"
            ),
            "3 standards, 5 cells: 2 met, 1 not met, 2 not shown",
        ]

    def test_junit(self, call: Call, folder: Path) -> None:
        _, out, _ = call("check", "unmet.toml", "--format", "junit")
        suites = valid(out)
        assert (suites.get("name"), suites.get("tests"), suites.get("failures")) == (
            "Branches",
            "5",
            "1",
        )
        names = [suite.get("name") for suite in suites]
        assert names == ["nps at least -50", "nps at least -10", UNMET_NAME]
        last = suites[2]
        assert {key: last.get(key) for key in ("tests", "failures", "errors", "skipped")} == {
            "tests": "3",
            "failures": "1",
            "errors": "0",
            "skipped": "1",
        }
        found = {case.get("name"): [one.tag for one in case] for case in last.iter("testcase")}
        assert found == {
            f"{UNMET_NAME}: region East": ["system-out"],
            f"{UNMET_NAME}: region North": ["skipped"],
            f"{UNMET_NAME}: region West": ["failure"],
        }
        (skipped,) = last.iter("skipped")
        assert "more needed; fewer than 30 answers" in str(skipped.get("message"))
        assert not re.search("timestamp|hostname", out)
        assert "time" not in out.replace('time="0"', "")
        call("check", "unmet.toml", "--format", "junit", "-o", "out.xml")
        assert (folder / "out.xml").read_text("utf-8") == out

    def test_junit_strict(self, call: Call) -> None:
        _, out, _ = call("check", "unmet.toml", "--format", "junit", "--strict")
        suites = valid(out)
        assert suites.get("failures") == "3"
        kinds = [one.get("type") for one in suites.iter("failure")]
        assert sorted(map(str, kinds)) == ["not_met", "not_shown", "not_shown"]
        assert not list(suites.iter("skipped"))

    def test_junit_holds_any_label(self, plugins: Plugins) -> None:
        evil = ']]><x a="1">&amp;\x00\x1b[31m\ud800\ufffe"\n甲'
        table = {
            "study": {"title": evil},
            "roles": {"segments": ["region"]},
            "metrics": {"nps": {"item": "Q1"}},
            "standards": [{"metric": "nps", "at_least": 0, "by": "region", "title": evil}],
        }
        data = {"Q1": [9, 3] * 20, "region": ["<&>\"'\x01甲", None] * 20}
        suites = valid(junit(satcore.run(Study.of(table), data, plugins=plugins)))
        kept = ']]><x a="1">&amp;��[31m��"\n甲'
        assert suites.get("name") == kept
        assert [case.get("name") for case in suites.iter("testcase")] == [
            f"{kept}: region <&>\"'�甲",
            f"{kept}: region —",
        ]

    def test_the_same_bytes_every_time(self, call: Call) -> None:
        first, second = (call("check", "unmet.toml", "--format", "junit") for _ in range(2))
        assert first == second

    def test_options_stand_in_for_the_studys_own(self, call: Call) -> None:
        """A standard that the study's 95% leaves open is shown at 51%."""
        assert "1 met, 1 not shown" in call("check", "open.toml")[1]
        assert (
            "2 standards, 2 cells: 2 met\n" in call("check", "open.toml", "--confidence", "0.51")[1]
        )

    def test_report(self, call: Call, folder: Path) -> None:
        code, _, err = call("check", "unmet.toml", "--report", "out.html", "--language", "zh")
        assert (code, err) == (1, "report written to out.html\n")
        assert "服务标准" in (folder / "out.html").read_text("utf-8")


UNMET_NAME = "nps promoters at least 0.5 by region"


# The report


def results_of(plugins: Plugins, *standards: dict[str, Any], **study: Any) -> Results:
    columns: dict[str, Any] = {
        "Q1": [9] * 60 + [5] * 20 + [9] * 20 + [0] * 60 + [9] * 5 + [3] + [None],
        "Q2": [3] * 167,
        "region": ["East"] * 80 + ["West"] * 80 + ["North"] * 6 + ["<South>"],
        "date": ["2026-01-05", "2026-02-05"] * 83 + ["2026-03-01"],
    }
    table = {
        "study": study,
        "roles": {"segments": ["region"], "wave": {"time": "date", "period": "month"}},
        "metrics": {"nps": {"item": "Q1"}, "same": {"metric": "nps", "item": "Q2"}},
        "standards": [{"metric": "nps", **one} for one in standards],
    }
    return satcore.run(Study.of(table), columns, plugins=plugins)


def section(results: Results, language: str) -> str:
    page = satcore_html.render(results, language).decode()
    return page[page.index('<h2 id="standards"') : page.index('<section class="metric"')]


def texts(html: str) -> list[str]:
    return [one.strip() for one in re.split(r"<[^>]*>", html) if one.strip()]


STANDARDS: tuple[dict[str, Any], ...] = (
    {"term": "promoters", "at_least": 0.5, "by": "region"},
    {"at_least": -50, "title": {"en": "Loyal enough", "zh": "足够忠诚"}},
    {"no_worse_than": "last_wave", "margin": 5, "by": "region"},
    {"no_worse_than": {"region": "East"}, "adjust": "holm"},
    {"between": [-30, 30]},
    {"metric": "same", "at_most": 0},
    {"term": "promoters", "at_least": 30},
)


def test_report_tells_outcomes_in_words_and_signs(plugins: Plugins) -> None:
    told = texts(section(results_of(plugins, *STANDARDS, min_base=30), "en"))
    assert told[0] == "Service standards"
    assert (
        "✗ Net Promoter Score, Promoters: at least 50.0%, by region: 1 met; 2 not shown "
        "(&lt;South&gt;, North); 1 not met (West)"
    ) in told
    assert "✓ Loyal enough: met" in told
    assert {"✓ met", "✗ not met", "? not shown"} <= set(told)
    assert "Answers still needed" in told
    west = told[told.index("West") :]
    assert west[:6] == ["West", "≥ 50.0%", "25.0%", "≤ 33.7%", "80", "✗ not met"]


def test_report_says_nothing_in_english_to_chinese_readers(plugins: Plugins) -> None:
    results = results_of(plugins, *STANDARDS, suppress_below=2, min_base=30)
    messages = {part for row in results.standard_rows() for part in row["message"].split("; ")}
    assert len(messages - {""}) >= 8
    html = section(results, "zh")
    assert 'lang="en"' not in html
    told = texts(html)
    assert told[0] == "服务标准"
    assert "✓ 足够忠诚：达标" in told
    assert any(
        one.startswith("✗ 净推荐值 · 推荐者：不低于 50.0%（按region）：1 组达标") for one in told
    )


def test_report_without_standards_has_no_such_section(plugins: Plugins) -> None:
    page = satcore_html.render(results_of(plugins)).decode()
    assert "Service standards" not in page


@pytest.mark.parametrize(
    ("message", "chinese"),
    [
        ("too few answers for an interval", "回答过少，无法计算区间"),
        (
            "the value stands on the target, where no number of answers decides",
            "数值正好等于目标，无论多少回答都无法判定",
        ),
        ("more answers than any survey has would be needed", "所需回答数超出任何调查的规模"),
        ("bound at 98.33% (Holm, 3 cells)", "界限的置信水平为 98.33%（Holm，3 组）"),
        ("no wave before it has answers", "此前没有任何波次有回答"),
        ("there is no cell to hold it against", "没有可供判定的分组"),
        ("cells of slope can't be compared", "slope不能在分组间比较"),
        (
            "the metric gives neither an interval nor a standard error",
            "该指标既无区间也无标准误",
        ),
    ],
)
def test_messages_of_standards(message: str, chinese: str) -> None:
    assert said(message, Words("zh")) == (chinese, "")
