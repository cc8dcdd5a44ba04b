"""Starting points for trades: each runs on answers simulated from it, in both languages."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import satcore
from satcore.cli.init import init
from satcore.drafting.starting import INDUSTRIES, industry, starting_point
from satcore.drafting.starting.indicators import INDICATORS
from satcore.drafting.starting.words import WORDS
from satcore.errors import SatcoreError
from satcore.plugins import Plugins
from satcore.study import Study
from satcore.testing.simulate import simulate

CHINESE = re.compile(r"[\u4e00-\u9fff]")

#: Those that the task names.
NAMED = (
    "hotel", "restaurant", "tourism", "airline", "retail", "bank", "hospital", "education",
    "government", "e-commerce", "industrial-service",
)  # fmt: skip


def comments(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("#")]


def test_the_trades() -> None:
    assert tuple(INDUSTRIES) == NAMED
    kinds = {kind for one in INDUSTRIES.values() for kind in one.indicators}
    # Each indicator serves some trade, and each trade asks for recommendation and satisfaction.
    assert kinds == set(INDICATORS)
    for one in INDUSTRIES.values():
        assert one.indicators[:2] == ("nps", "csat")
        assert set(one.indicators[2:])


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", NAMED)
def test_each_runs_on_answers_simulated_from_it(
    name: str, language: str, tmp_path: Path, plugins: Plugins
) -> None:
    made = starting_point(INDUSTRIES[name], plugins, language=language)
    path = tmp_path / "study.toml"
    path.write_text(made.text, "utf-8")
    study = Study.load(path)
    survey = simulate(study, 240, waves=2, plugins=plugins)
    results = satcore.run(study, survey.survey(), plugins=plugins)
    assert not results.failures
    assert set(made.metrics) == {one.name for one in results.metrics}
    assert {row["metric"] for row in results.rows() if row["value"] is not None} == set(
        made.metrics
    )
    assert {row["outcome"] for row in results.standard_rows()} <= {"met", "not_met", "not_shown"}
    assert [row["metric"] for row in results.standard_rows()] == [
        one for one in made.metrics if one == "quality" or INDICATORS[one].target is not None
    ]
    page = plugins.report("a.md").render(results, language).decode()
    title = INDUSTRIES[name].title[language == "zh"]
    assert title in page
    # The commands in the comments aside, comments are in the language that was asked for.
    assert all(CHINESE.search(line) for line in comments(made.text)[:2]) == (language == "zh")


def test_who_complained_is_counted_once(tmp_path: Path, plugins: Plugins) -> None:
    """The template's column has 1 for who complained: no rate above 1,000 in 1,000."""
    path = tmp_path / "study.toml"
    path.write_text(starting_point(INDUSTRIES["bank"], plugins).text, "utf-8")
    study = Study.load(path)
    answers = simulate(study, 200, waves=2, plugins=plugins).survey()
    rows = satcore.run(study, answers, plugins=plugins).rows("complaint_rate", "rate")
    assert 0 < rows[0]["value"] <= 1000


@pytest.mark.parametrize("name", NAMED)
def test_what_is_installed_is_not_left_out(name: str, plugins: Plugins) -> None:
    """An indicator whose metric is there, but takes other options, has to be mended here."""
    there = {spec.name for _, spec in plugins.metrics()}
    made = starting_point(INDUSTRIES[name], plugins)
    wanted = INDUSTRIES[name].indicators
    assert made.metrics == ("quality", *(kind for kind in wanted if kind in there))
    assert made.left_out == tuple(kind for kind in wanted if kind not in there)


def test_what_is_not_installed_stands_there_as_a_comment(plugins: Plugins) -> None:
    fewer = Plugins(tuple(one for one in plugins.points if one.name != "nps"))
    made = starting_point(INDUSTRIES["hotel"], fewer)
    assert "nps" in made.left_out
    assert "nps" not in tomllib.loads(made.text)["metrics"]
    assert '# [metrics.nps]\n# would customers recommend us?\n# item = "recommend"\n' in made.text
    assert "no plugin that is installed offers the metric 'nps'" in made.text
    # Its question and its standard are not there either.
    assert "recommend" not in tomllib.loads(made.text).get("items", {})
    assert [one["metric"] for one in tomllib.loads(made.text)["standards"]] == [
        one for one in made.metrics if one == "quality" or INDICATORS[one].target
    ]


def test_a_trade_whose_questionnaire_is_absent_is_told(plugins: Plugins) -> None:
    fewer = Plugins(tuple(one for one in plugins.points if one.name != "instruments"))
    with pytest.raises(satcore.PluginError, match="no plugin offers a questionnaire 'lodgserv'"):
        starting_point(INDUSTRIES["hotel"], fewer)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", NAMED)
def test_targets_are_marked_as_the_users_own(name: str, language: str, plugins: Plugins) -> None:
    text = starting_point(INDUSTRIES[name], plugins, language=language).text
    mark = WORDS["target"][language == "zh"]
    rules = [line for line in text.splitlines() if re.match(r"at_(least|most) = ", line)]
    assert len(rules) == len(tomllib.loads(text)["standards"])
    assert all(line.endswith(f"# {mark}") for line in rules)


@pytest.mark.parametrize("name", NAMED)
def test_what_is_left_to_fill_in_is_a_study_when_it_is(name: str, plugins: Plugins) -> None:
    """Uncommented, with numbers, the dimensions are as the study reader wants them."""
    text = starting_point(INDUSTRIES[name], plugins).text
    spec = plugins.instrument(INDUSTRIES[name].instrument)
    lines = [line for line in text.splitlines() if line.startswith("# dimensions.")]
    assert bool(lines) != spec.complete
    for number, line in enumerate(lines, 1):
        text = text.replace(line, line.removeprefix("# ").replace("…", str(number)))
    study = Study.of(tomllib.loads(text))
    assert not study.problems
    options = study.metrics["quality"].options
    assert options.get("reliability") == (None if spec.complete else "none")
    given = options.get("dimensions", {})
    assert list(given) == ([] if spec.complete else [one.name for one in spec.dimensions])


def test_every_comment_is_there_in_both_languages() -> None:
    for english, chinese in WORDS.values():
        assert not CHINESE.search(english)
        assert CHINESE.search(chinese)
        fields = re.compile(r"\{\w+\}")
        assert sorted(fields.findall(english)) == sorted(fields.findall(chinese))
    for one in INDICATORS.values():
        for english, chinese in (one.about, *one.labels.values()):
            assert not CHINESE.search(english)
            assert CHINESE.search(chinese)


@pytest.mark.parametrize("written", ["E-Commerce", "ecommerce", "industrial service", "Hotel"])
def test_names_are_forgiven(written: str) -> None:
    assert industry(written).name.replace("-", "") == written.lower().replace(" ", "").replace(
        "-", ""
    )


def test_a_mistyped_trade_is_told_with_near_ones() -> None:
    with pytest.raises(SatcoreError, match=r"there are hotel, .*; did you mean 'restaurant'"):
        industry("restarant")


# --- the command ----------------------------------------------------------------------------------


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(init, [str(one) for one in arguments])


def test_the_command_writes_over_nothing_unasked(tmp_path: Path) -> None:
    out = tmp_path / "hotel.toml"
    assert invoke("--industry", "hotel", "-o", out).exit_code == 0
    before = out.read_text("utf-8")
    again = invoke("--industry", "bank", "-o", out)
    assert "is there already" in str(again.exception)
    assert out.read_text("utf-8") == before
    assert invoke("--industry", "bank", "-o", out, "--force", "--lang", "zh").exit_code == 0
    assert "银行客户满意度调查：起步模板" in out.read_text("utf-8")


def test_answers_and_a_trade_exclude_each_other(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Q1\n1\n", "utf-8")
    for arguments in ([], [tmp_path / "a.csv", "--industry", "hotel"]):
        made = invoke(*arguments, "-o", tmp_path / "s.toml")
        assert made.exit_code == 2
        assert "name the answers" in made.output
        assert "industrial-service" in made.output
    assert not (tmp_path / "s.toml").exists()


def satcore_command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONUTF8": "1", "COLUMNS": "100"}
    return subprocess.run(
        [sys.executable, "-m", "satcore", *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip


def test_one_from_end_to_end_as_processes(tmp_path: Path) -> None:
    """As a person would: init, simulate, run, with the report in Chinese."""
    steps: list[tuple[Any, ...]] = [
        ("init", "--industry", "government", "--lang", "zh", "-o", "gov.toml"),
        ("simulate", "gov.toml", "answers.csv", "--rows", "150", "--waves", "2"),
        ("run", "gov.toml", "answers.csv", "--report", "report.html", "--language", "zh"),
    ]
    for step in steps:
        done = satcore_command(tmp_path, *step)
        assert done.returncode == 0, (step, done.stderr)
        assert "Traceback" not in done.stderr
    page = (tmp_path / "report.html").read_text("utf-8")
    for word in ("政务网上服务满意度调查", "公民支持", "信任"):
        assert word in page
    mistyped = satcore_command(tmp_path, "init", "--industry", "goverment")
    assert mistyped.returncode == 2
    assert "did you mean 'government'" in mistyped.stderr


def test_a_host_without_plugins_says_so() -> None:
    nobody = Plugins((EntryPoint("nps", "satcore_nps", "satcore"),))
    with pytest.raises(satcore.PluginError):
        starting_point(INDUSTRIES["bank"], nobody)
