"""Before and after: it equals one run over both, whatever the two sides are."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from attrs import field, frozen

import satcore
from satcore import Study, compare, compare_waves
from satcore.cli import main
from satcore.errors import DataError, StudyError
from satcore.plugins import Plugins
from satcore_html import render_markdown
from satcore_html.messages import said
from satcore_html.words import Words

STUDY = """
[study]
title = { en = "Branches", zh = "网点" }
data  = "2025.csv"
by    = ["region", "month", "region*month"]

[roles]
segments = ["region"]
wave     = "month"

[metrics.nps]
item = "Q1"

[metrics.nps_trend]
metric = "trend"
of     = "nps"

[[standards]]
metric   = "nps"
at_least = 10
by       = "region"

[[standards]]
metric        = "nps"
no_worse_than = "last_wave"
margin        = 5

[[standards]]
metric   = "nps_trend"
at_least = 0
"""

MONTHS = ("2026-01", "2026-02", "2026-03")


def answers(rows: int, better: float, seed: int) -> dict[str, Any]:
    """Answers in which the East is better by so many steps of the scale."""
    random = np.random.default_rng(seed)
    region = random.choice(["East", "North", "West"], rows)
    score = np.clip(np.round(random.normal(7.5 + better * (region == "East"), 2, rows)), 0, 10)
    return {
        "Q1": score.astype(int),
        "region": region,
        "month": random.choice(MONTHS, rows),
        "w": random.integers(1, 4, rows),
    }


def written(path: Path, columns: dict[str, Any]) -> None:
    lines = [",".join(columns)]
    lines += [",".join(map(str, row)) for row in zip(*columns.values(), strict=True)]
    path.write_text("\n".join(lines) + "\n", "utf-8")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "2025.csv", answers(900, 0.0, 1))
    written(tmp_path / "2026.csv", answers(1100, 0.9, 2))
    (tmp_path / "study.toml").write_text(STUDY, "utf-8")
    return tmp_path


def same(one: Any, other: Any) -> None:
    """Hold two comparisons to be equal to the last digit."""
    assert [change.to_dict() for change in one.changes] == [
        change.to_dict() for change in other.changes
    ]
    assert [shift.to_dict() for shift in one.shifts] == [shift.to_dict() for shift in other.shifts]


class TestEquals:
    @pytest.mark.parametrize("weight", [None, "w"])
    def test_one_run_over_both_with_the_side_as_wave(
        self, place: Path, plugins: Plugins, weight: str | None
    ) -> None:
        before, after = answers(900, 0.0, 1), answers(1100, 0.9, 2)
        nps = {"nps": plugins.metric("nps")[1].metric(item="Q1")}
        compared = compare(
            nps, before, after, names=("2025", "2026"), segments=["region"], weight=weight,
            plugins=plugins,
        )  # fmt: skip
        both = {name: np.concatenate([before[name], after[name]]) for name in before}
        both["year"] = np.repeat(["2025", "2026"], [900, 1100])
        results = satcore.run(
            nps, both, segments=["region"], wave="year", by=["year", "region*year"],
            weight=weight, plugins=plugins,
        )  # fmt: skip
        rows = results.comparison_rows()
        wanted = {
            (row["term"], row["cell"].get("region")): row
            for row in rows
            if row["kind"] == "previous"
        }
        assert len(compared.changes) == len(wanted) == 16
        for one in compared.changes:
            row = wanted[one.term, one.cell.get("region")]
            close = pytest.approx if weight else (lambda value: value)
            assert one.difference == close(row["difference"])
            assert (one.ci_low, one.ci_high) == close((row["ci_low"], row["ci_high"]))
            assert one.p_adjusted == close(row["p_adjusted"])
            assert one.method == row["method"]

    def test_states_and_stores(self, place: Path, plugins: Plugins) -> None:
        files = compare("study.toml", "2025.csv", "2026.csv", plugins=plugins)
        for name in ("2025", "2026"):
            plan = satcore.plan("study.toml", f"{name}.csv", plugins=plugins)
            satcore.save(plan, satcore.scan(plan), f"{name}.satcore")
            satcore.Store(name).add(plan, satcore.scan)
        same(compare("study.toml", "2025.satcore", "2026.satcore", plugins=plugins), files)
        same(compare("study.toml", "2025", "2026", plugins=plugins), files)
        same(compare("study.toml", "2025.csv", "2026.satcore", plugins=plugins), files)

    def test_two_waves_of_one(self, place: Path, plugins: Plugins) -> None:
        """As if each month's answers stood in a file of their own."""
        whole = answers(900, 0.0, 1)
        sides = []
        for month in (MONTHS[0], MONTHS[2]):
            there = whole["month"] == month
            sides.append({name: values[there] for name, values in whole.items()})
        apart = compare(
            Study.read("study.toml"), *sides, names=(MONTHS[0], MONTHS[2]), plugins=plugins
        )
        waves = compare_waves("study.toml", MONTHS[0], MONTHS[2], plugins=plugins)
        same(waves, apart)
        plan = satcore.plan("study.toml", plugins=plugins)
        saved = satcore.save(plan, satcore.scan(plan), "all.satcore")
        assert saved is None
        held = satcore.load("all.satcore")
        same(compare_waves("study.toml", MONTHS[0], MONTHS[2], held, plugins=plugins), apart)

    def test_sides_with_other_labels(self, plugins: Plugins) -> None:
        """A segment that is on one side only is a row that says so."""
        before = {"Q1": [9, 3, 10, 8] * 20, "region": ["East"] * 80}
        after = {"Q1": [9, 3, 10, 8] * 20, "region": ["West"] * 80}
        nps = {"nps": plugins.metric("nps")[1].metric(item="Q1")}
        compared = compare(nps, before, after, segments=["region"], plugins=plugins)
        assert (compared.before, compared.after) == ("before", "after")
        told = {(one.term, one.cell.get("region")): one for one in compared.changes}
        assert told["nps", None].difference == 0.0
        for region in ("East", "West"):
            one = told["nps", region]
            assert (one.direction, one.status, one.difference) == ("", "empty", None)
            assert "nobody answered" in one.message


class TestTruth:
    def test_what_changed(self, place: Path, plugins: Plugins) -> None:
        compared = compare("study.toml", "2025.csv", "2026.csv", plugins=plugins)
        east = next(
            one for one in compared.changes if one.term == "nps" and one.cell == {"region": "East"}
        )
        assert east.direction == "rose"
        assert (east.ci_low or 0) > 0
        for one in compared.changes:
            if one.direction == "rose":
                assert (one.ci_low or 0) > 0
            elif one.direction == "fell":
                assert (one.ci_high or 0) < 0

    def test_nothing_changed(self, plugins: Plugins) -> None:
        """Of 100 comparisons of surveys that are alike, few claim a change of any of 3 regions."""
        nps = {"nps": plugins.metric("nps")[1].metric(item="Q1")}
        claims = 0
        for seed in range(100):
            compared = compare(
                nps, answers(300, 0.0, 2 * seed), answers(300, 0.0, 2 * seed + 1),
                segments=["region"], plugins=plugins,
            )  # fmt: skip
            claims += any(
                one.direction in ("rose", "fell")
                for one in compared.changes
                if one.term == "nps" and one.cell
            )
        # Holm holds the family to 5%: more than 12 of 100 come in fewer than 1 of 500 cases.
        assert claims <= 12

    def test_standards(self, place: Path, plugins: Plugins) -> None:
        compared = compare("study.toml", "2025.csv", "2026.csv", plugins=plugins)
        told = {(one.standard, one.cell.get("region")): one for one in compared.shifts}
        assert told["nps at least 10 by region", "East"].shift == "newly met"
        assert told["nps at least 10 by region", "West"].shift == "still not met"
        held = told["nps no more than 5 worse than the wave before", None]
        assert (held.before, held.after, held.shift) == (None, "met", "met")
        assert len(told) == 4
        assert (
            "newly met from 2025 to 2026: nps at least 10 by region (1 cell)"
            in compared.results.notes
        )

    def test_reports_call_standards_as_they_call_those_of_a_run(
        self, place: Path, plugins: Plugins
    ) -> None:
        compared = compare("study.toml", "2025.csv", "2026.csv", plugins=plugins)
        page = render_markdown(compared.results, "zh").decode()
        heads = [line for line in page.split("\n## ")[1].splitlines() if "达标" in line]
        assert any("净推荐值：不低于 10.0" in line for line in heads)
        assert not any("at least" in line for line in heads)

    def test_a_standard_s_own_title_stays(self, place: Path, plugins: Plugins) -> None:
        own = 'at_least = 10\nby = "region"\ntitle = { en = "Loved", zh = "受喜爱" }'
        text = STUDY.replace('at_least = 10\nby       = "region"', own)
        (place / "titled.toml").write_text(text)
        compared = compare("titled.toml", "2025.csv", "2026.csv", plugins=plugins)
        assert compared.results.titles["Loved"].said("zh") == "受喜爱"

    def test_metrics_along_the_waves_are_left_out_and_told(
        self, place: Path, plugins: Plugins
    ) -> None:
        compared = compare("study.toml", "2025.csv", "2026.csv", plugins=plugins)
        assert [one.name for one in compared.results.metrics] == ["nps"]
        notes = compared.results.notes
        assert "nps_trend looks along many waves and is left out of the comparison" in notes
        assert "the standard nps_trend at least 0 is left out with nps_trend" in notes

    def test_small_groups_stay_withheld(self, plugins: Plugins) -> None:
        before = {"Q1": [9, 3, 10, 8] * 20, "region": ["East"] * 77 + ["West"] * 3}
        after = {"Q1": [9, 3, 10, 8] * 20, "region": ["East"] * 40 + ["West"] * 40}
        nps = {"nps": plugins.metric("nps")[1].metric(item="Q1")}
        compared = compare(
            nps, before, after, segments=["region"], suppress_below=5, plugins=plugins
        )
        hidden = [one for one in compared.changes if one.cell == {"region": "West"}]
        assert hidden
        for one in hidden:
            assert (one.status, one.before, one.difference) == ("suppressed", None, None)
            assert one.base_before is None

    def test_chinese_knows_the_notes(self, place: Path, plugins: Plugins) -> None:
        words = Words("zh")
        for compared in (
            compare("study.toml", "2025.csv", "2026.csv", plugins=plugins),
            compare_waves("study.toml", MONTHS[0], MONTHS[2], plugins=plugins),
        ):
            for note in compared.results.notes:
                assert said(note, words)[1] == "", note


@frozen(kw_only=True)
class Mistake:
    """What is typed, and what is told."""

    typed: tuple[str, ...]
    told: str
    more: str = field(default="")


MISTAKES = (
    Mistake(typed=("study.toml", "2025.csv"), told="two sides are compared, and there is 1"),
    Mistake(typed=("study.toml",), told="two sides are compared, and there are none"),
    Mistake(typed=("study.toml", "2025.csv", "2025.csv"), told="it is on both sides"),
    Mistake(typed=("study.toml", "2025.csv", "2026.cvs"), told="'2026.cvs', is none"),
    Mistake(typed=("study.toml", "2026-01", "2026-09"), told="there is no wave '2026-09'"),
    Mistake(typed=("study.toml", "2026-01", "2026-01"), told="can't be compared with itself"),
    Mistake(typed=("2025.csv", "2026.csv"), told="say what to measure"),
    Mistake(typed=("study.toml", "2025.csv", "2026.csv", "-o", "x"), told="json or csv"),
    Mistake(
        typed=("study.toml", "2025.csv", "2026.csv", "--format", "csv", "-o", "2026.csv"),
        told="2026.csv is read by this run",
    ),
    Mistake(
        typed=("study.toml", "2025.csv", "2026.csv", "--data", "2025.csv"),
        told="--data belongs to two waves",
    ),
    Mistake(
        typed=("study.toml", "2025.csv", "2026.csv", "--names", "a", "a"),
        told="both sides are called 'a'",
    ),
    Mistake(
        typed=("study.toml", "2026-01", "2026-02", "--names", "a", "b"),
        told="--names belongs to two files",
    ),
    Mistake(typed=("--metric", "nps", "--item", "Q1", "a.csv", "b.csv"), told="no such file"),
    Mistake(
        typed=("study.toml", "2025.csv", "2026.csv", "--segment", "period"),
        told="has no column 'period'",
    ),
)


class TestCommand:
    def test_as_a_process(self, place: Path) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "satcore", "compare", "study.toml", "2025.csv", "2026.csv",
             "--report", "report.html", "--language", "zh"],
            capture_output=True, check=False, encoding="utf-8", cwd=place,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "From 2025 to 2026" in done.stdout
        assert "↑ rose" in done.stdout
        assert "newly met" in done.stdout
        assert "report.html" in done.stderr
        page = (place / "report.html").read_text("utf-8")
        assert "“全部回答”的数值为前后两方合计" in page
        assert "2025" in page
        assert "2026" in page

    def test_json_and_csv(self, place: Path, capfd: pytest.CaptureFixture[str]) -> None:
        line = ["compare", "study.toml", "2025.csv", "2026.csv", "--format"]
        with pytest.raises(SystemExit) as left:
            main([*line, "json"])
        assert left.value.code == 0
        told = json.loads(capfd.readouterr().out)
        assert (told["before"], told["after"]) == ("2025", "2026")
        assert {one["shift"] for one in told["standards"]} >= {"newly met", "still not met"}
        with pytest.raises(SystemExit):
            main([*line, "csv", "-o", "changes.csv"])
        lines = (place / "changes.csv").read_text("utf-8-sig").splitlines()
        assert len(lines) == len(told["changes"]) + 1
        assert lines[0].startswith("metric,item,term,cell,cell.region,unit,before,after,")

    def test_waves(self, place: Path, capfd: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as left:
            main(["compare", "study.toml", "2026-01", "2026-03"])
        assert left.value.code == 0
        out = capfd.readouterr().out
        assert "From 2026-01 to 2026-03" in out
        assert "counted over all waves" in out

    @pytest.mark.parametrize("mistake", MISTAKES, ids=lambda one: " ".join(one.typed))
    def test_mistakes(
        self, place: Path, capfd: pytest.CaptureFixture[str], mistake: Mistake
    ) -> None:
        with pytest.raises(SystemExit) as left:
            main(["compare", *mistake.typed])
        assert left.value.code == 2
        assert mistake.told in " ".join(capfd.readouterr().err.split())

    def test_a_standard_held_against_a_wave(self, place: Path, plugins: Plugins) -> None:
        text = STUDY.replace('"last_wave"', '{ month = "2026-01" }')
        (place / "study.toml").write_text(text, "utf-8")
        with pytest.raises(StudyError, match=r'write "last_wave"'):
            compare("study.toml", "2025.csv", "2026.csv", plugins=plugins)

    def test_a_trend_alone(self, place: Path, plugins: Plugins) -> None:
        trend = plugins.metric("trend")[1].metric(item="Q1")
        with pytest.raises(StudyError, match="look along many waves"):
            compare({"trend": trend}, "2025.csv", "2026.csv", plugins=plugins)

    def test_answers_that_are_refused_name_their_side(self, place: Path, plugins: Plugins) -> None:
        (place / "2026.csv").write_text("Q1,region,month\n11,East,2026-01\n", "utf-8")
        with pytest.raises(DataError, match=r"2026\.csv"):
            compare("study.toml", "2025.csv", "2026.csv", plugins=plugins)
