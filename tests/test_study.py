"""Study files: what they may hold, and how their mistakes are told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from attrs import field, frozen, validators
from hypothesis import given, settings
from hypothesis import strategies as st

from satcore import (
    Codebook,
    DataError,
    Estimate,
    Metric,
    OptionError,
    Scale,
    StudyError,
    Tallied,
    Tally,
    Text,
    plan,
    run,
)
from satcore.assembling import assemble, expanded, study_of
from satcore.codebook import BrokenItemError
from satcore.planning import WAVE, Dimensions, Keep, Plan, Wave
from satcore.plugins import Plugins
from satcore.study import KeepTable, MetricTable, Roles, Study, StudyTable, WaveTable, structured

ANSWERS: Mapping[str, Any] = {
    "Q1": [10, 9, 3, 7, None, 99],
    "Q2": ["good", "bad", "good", "fair", "", "good"],
    "region": ["East", "East", "West", "West", "East", "West"],
    "channel": ["web", "app", "web", "app", "web", "web"],
    "w": [1.0, 2.0, 1.0, 0.5, 1.0, 1.0],
    "date": ["2026-01-05", "2026-01-07", "2026-03-03", "2026-03-01", "2026-03-02", "2026-03-05"],
    "Status": ["Complete", "Complete", "Complete", "Partial", "Complete", "Complete"],
}

STUDY = """
[study]
title   = { en = "Branch service survey", zh = "网点服务满意度调查" }
data    = "responses.csv"
missing = ["", 99]
encoding = "gb18030"
by      = ["region", "wave", "region*wave"]
confidence = 0.9
min_base   = 3
suppress_below = 1
invalid    = "missing"
comparisons = ["rest", "pairs"]
max_cells  = 500

[roles]
weight   = "w"
segments = ["region", "channel"]
wave     = { time = "date", period = "month" }

[[keep]]
column = "Status"
is     = ["Complete"]

[[keep]]
column = "channel"
not    = ["app", 7, true]

[scales]
ten = "0..10"

[scales.like5]
codes  = { "I like it" = 1, "I enjoy it" = 1, "I expect it" = 2, "I dislike it" = 5 }
labels = { 1 = { en = "Like", zh = "喜欢" }, 5 = "Dislike" }

[labels.region]
West = { en = "West", zh = "西部" }
1 = "One"

[items.Q1]
scale   = "0..10"
missing = [11, "n/a", 98.0]
label   = { en = "Likely to recommend", zh = "推荐意愿" }

[items.Q2]
label = "No scale of its own"

[items.Q3]
scale = "like5"

[metrics.nps]
item = "Q1"

[metrics.loyalty]
metric   = "nps:nps"
by       = ["region*wave"]
item     = "Q1"
interval = "wald"
"""

Read = Callable[[str], Study]
Problems = Callable[[str], list[str]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Writes a study file and reads it, mistakes and all."""

    def read(text: str) -> Study:
        path = tmp_path / "study.toml"
        path.write_text(text, "utf-8")
        return Study.read(path)

    return read


@pytest.fixture
def problems(read: Read, plugins: Plugins) -> Problems:
    """What is told of a study when it is planned for the answers above."""

    def problems(text: str) -> list[str]:
        with pytest.raises(StudyError) as raised:
            assemble(read(text), ANSWERS, plugins=plugins)
        return [str(problem) for problem in raised.value.problems]

    return problems


def planned(read: Read, plugins: Plugins, text: str) -> Plan:
    return assemble(read(text), ANSWERS, plugins=plugins)


class TestWhatAStudyHolds:
    def test_every_table(self, read: Read, tmp_path: Path) -> None:
        study = read(STUDY)
        assert study.problems == ()
        assert study.path == tmp_path / "study.toml"
        assert study.study == StudyTable(
            title=Text((("en", "Branch service survey"), ("zh", "网点服务满意度调查"))),
            data=("responses.csv",),
            missing=("", "99"),
            encoding="gb18030",
            by=("region", "wave", "region*wave"),
            confidence=0.9,
            min_base=3,
            suppress_below=1,
            invalid="missing",
            comparisons=("rest", "pairs"),
            max_cells=500,
        )
        assert study.roles == Roles(
            weight="w",
            segments=("region", "channel"),
            wave=WaveTable(time="date", period="month"),
        )
        assert study.keep == (
            KeepTable(column="Status", is_=("Complete",)),
            KeepTable(column="channel", not_=("app", "7", "true")),
        )
        assert study.labels == {
            "region": {"West": Text((("en", "West"), ("zh", "西部"))), "1": Text((("", "One"),))}
        }
        assert study.metrics == {
            "nps": MetricTable(kind="nps", options={"item": "Q1"}),
            "loyalty": MetricTable(
                kind="nps:nps", options={"item": "Q1", "interval": "wald"}, by=("region*wave",)
            ),
        }
        assert Study.load(tmp_path / "study.toml") == study

    def test_scales_and_items(self, read: Read) -> None:
        codebook = read(STUDY).codebook
        like5 = codebook.scale("like5")
        assert (like5.low, like5.high) == (1, 5)
        assert dict(like5.codes)["I like it"] == dict(like5.codes)["I enjoy it"] == 1
        assert dict(like5.labels)[1].said("zh") == "喜欢"
        assert codebook.scale("ten") == codebook.scale("0..10") == Scale(low=0, high=10)
        first = codebook.item("Q1", "ten")
        assert first.missing == ("", "99", "11", "n/a", "98")
        assert first.label is not None
        assert first.label.said("zh") == "推荐意愿"
        # An item without a scale takes the metric's; one that is not declared too.
        assert codebook.item("Q2", "1..7").scale == Scale(low=1, high=7)
        assert codebook.item("Q9", "1..7").missing == ("", "99")
        assert codebook.item("Q3").scale == like5
        # The study's wording wins over the bare range that a metric expects.
        assert codebook.item("Q3", "1..5").scale.codes == like5.codes
        with pytest.raises(OptionError, match=r"'Q2' has no scale; declare one: \[items.Q2\]"):
            codebook.item("Q2")
        assert codebook.weighted

    def test_dimensions(self, read: Read) -> None:
        assert read(STUDY).dimensions() == Dimensions(
            segments=("region", "channel"),
            wave=Wave(column="date", period="month"),
            weight="w",
            keep=(
                Keep(column="Status", is_=("Complete",)),
                Keep(column="channel", not_=("app", "7", "true")),
            ),
            declared={"region": ("West", "1")},
            max_cells=500,
        )

    def test_defaults(self, read: Read) -> None:
        study = read("[metrics.nps]\nitem = 'Q1'")
        assert study.study == StudyTable()
        assert study.study.comparisons == ("rest", "previous", "heterogeneity")
        assert study.roles == Roles()
        assert not study.codebook.weighted
        assert study.dimensions() == Dimensions()

    def test_texts_by_language(self, read: Read) -> None:
        title = read("[study]\ntitle = { zh = '调查', de = 'Umfrage' }").study.title
        assert [title.said(one) for one in ("zh", "de", "en")] == ["调查", "Umfrage", "调查"]
        both = read("[study]\ntitle = { zh = '调查', en = 'Survey' }").study.title
        assert [both.said(one) for one in ("zh", "fr")] == ["调查", "Survey"]
        plain = read("[study]\ntitle = 'Survey'").study.title
        assert [plain.said(one) for one in ("zh", "en")] == ["Survey", "Survey"]

    def test_data_is_one_file_or_a_list(self, read: Read) -> None:
        assert read("[study]\ndata = 'a.csv'").study.data == ("a.csv",)
        assert read("[study]\ndata = ['a.csv', 'b*.csv']").study.data == ("a.csv", "b*.csv")

    @pytest.mark.parametrize(
        ("wave", "expected"),
        [
            ("'month'", Wave(column="month")),
            ("{ time = 'T', period = 'week' }", Wave(column="T", period="week")),
            (
                "{ time = 'T', period = 'day', format = '%d.%m.%Y' }",
                Wave(column="T", period="day", form="%d.%m.%Y"),
            ),
        ],
    )
    def test_waves(self, read: Read, wave: str, expected: Wave) -> None:
        assert read(f"[roles]\nwave = {wave}").dimensions().wave == expected

    def test_a_byte_order_mark_is_no_part_of_it(self, tmp_path: Path) -> None:
        path = tmp_path / "s.toml"
        path.write_bytes(b"\xef\xbb\xbf[study]\nconfidence = 0.5")
        assert Study.load(path).study.confidence == 0.5

    def test_dotted_keys_are_tables_too(self, read: Read) -> None:
        assert read("metrics.nps.item = 'Q1'").metrics["nps"].options == {"item": "Q1"}


NPS = "\n[metrics.nps]\nitem = 'Q1'\n"

#: A study's text, the place of its one mistake, and what is said of it.
MISTAKES = [
    # Types are strict.
    (f"[study]\nmin_base = 3.7{NPS}", "[study] min_base", "a whole number is wanted, not 3.7"),
    (f"[study]\nmin_base = true{NPS}", "[study] min_base", "not true (a boolean)"),
    (f"[study]\nconfidence = true{NPS}", "[study] confidence", "a number is wanted, not true"),
    (f"[study]\nconfidence = '0.9'{NPS}", "[study] confidence", "not '0.9' (a text)"),
    (f"[study]\nencoding = 5{NPS}", "[study] encoding", "a text is wanted, not 5"),
    (f"[study]\nencoding = 2026-01-01{NPS}", "[study] encoding", "put it in quotes"),
    (f"[study]\nby = 'region'{NPS}", "[study] by", """as ["region"], not 'region' (a text)"""),
    (f"[study]\ndata = 5{NPS}", "[study] data", """a list is wanted, as ["5"]"""),
    (f"[study]\ndata = ['a.csv', 5]{NPS}", "[study] data entry 2", "a text is wanted"),
    (f"[study]\ndata = ''{NPS}", "[study] data", "name is empty"),
    (f"[study]\nmissing = 99{NPS}", "[study] missing", "a list is wanted, as [99]"),
    (f"[study]\nmissing = [[99]]{NPS}", "[study] missing entry 1", "a text or a number"),
    (f"[study]\ntitle = 3{NPS}", "[study] title", "a text or a table as"),
    (f"[study]\ntitle = {{}}{NPS}", "[study] title", "not an empty one"),
    (f"[study]\ntitle = {{ en = 1 }}{NPS}", "[study] title", "en = 1 (a number)"),
    # Values have bounds.
    (f"[study]\nconfidence = 95{NPS}", "[study] confidence", "95% is written 0.95"),
    (f"[study]\nconfidence = 1{NPS}", "[study] confidence", "not between 0 and 1"),
    (f"[study]\nconfidence = 0.9999999999999999{NPS}", "[study] confidence", "not between 0"),
    (f"[study]\nconfidence = 1e-300{NPS}", "[study] confidence", "not between 0 and 1"),
    (f"[study]\nconfidence = nan{NPS}", "[study] confidence", "not between 0 and 1"),
    (f"[study]\nmin_base = -1{NPS}", "[study] min_base", "-1 is less than 0"),
    (f"[study]\nmax_cells = 0{NPS}", "[study] max_cells", "0 is less than 1"),
    (f"[study]\ninvalid = 'ignore'{NPS}", "[study] invalid", "is none of 'error', 'missing'"),
    (f"[study]\ncomparisons = ['pair']{NPS}", "entry 1", "did you mean 'pairs'?"),
    # Names are known.
    (f"[study]\nmin-base = 3{NPS}", "[study] min-base", "did you mean 'min_base'?"),
    (f"[study]\nkeep = 3{NPS}", "[study] keep", "there are title, data"),
    (f"[rolse]\nweight = 'w'{NPS}", "[rolse]", "did you mean 'roles'?"),
    (f"[roles]\nsegment = ['region']{NPS}", "[roles] segment", "did you mean 'segments'?"),
    (f"study = 3{NPS}", "[study]", "a table is wanted, not 3"),
    ("[[metrics]]\nitem = 'Q1'", "[metrics]", "a table is wanted, not a list"),
    ("metrics = 'nps'", "[metrics]", "a table is wanted, not 'nps'"),
    ("[metrics]\nnps = 3", "[metrics.nps]", "as item = 'Q1', not 3"),
    ("", "[metrics]", "no metric is asked for"),
    ("[metrics]", "[metrics]", "no metric is asked for"),
    # Roles.
    (f"[roles]\nsegments = 'region'{NPS}", "[roles] segments", 'as ["region"]'),
    (f"[roles]\nsegments = ['region', 'region']{NPS}", "[roles] segments", "'region' stands"),
    (f"[roles]\nsegments = ['wave']{NPS}", "[roles] segments", "write wave = 'wave'"),
    (
        f"[roles]\nsegments = ['region']\nwave = 'region'{NPS}",
        "[roles] wave",
        "is among the segments",
    ),
    (f"[roles]\nwave = 3{NPS}", "[roles] wave", "a text or a table is wanted, not 3"),
    (
        f"[roles]\nwave = {{ time = 'date' }}{NPS}",
        "wave.period",
        "wanted and not there; add period",
    ),
    (
        f"[roles]\nwave = {{ time = 'date', period = 'months' }}{NPS}",
        "[roles] wave.period",
        "did you mean 'month'?",
    ),
    (f"[roles]\nweight = 'W'{NPS}", "[roles] weight", "no column 'W'; did you mean 'w'?"),
    (f"[roles]\nweight = ''{NPS}", "[roles] weight", "no column ''; it has Q1, Q2"),
    (f"[roles]\nsegments = ['reigon']{NPS}", "[roles] segments", "did you mean 'region'?"),
    (f"[roles]\nwave = 'dates'{NPS}", "[roles] wave", "did you mean 'date'?"),
    # Rules.
    (f"keep = 3{NPS}", "[[keep]]", "a rule stands below [[keep]]; this is 3"),
    (f"[keep]\ncolumn = 'Status'\nis = ['Complete']{NPS}", "[[keep]]", "this is a table"),
    (f"[[keep]]\ncolumn = 'Status'{NPS}", "[[keep]] number 1 is", "say which values are kept"),
    (f"[[keep]]\ncolumn = 'Status'\nis = []{NPS}", "[[keep]] number 1 is", "say which values"),
    (f"[[keep]]\ncolumn = 'Status'\nis = 'x'{NPS}", "[[keep]] number 1 is", 'as ["x"]'),
    (f"[[keep]]\nis = ['x']{NPS}", "[[keep]] number 1 column", "is wanted and not there"),
    (f"[[keep]]\ncolumn = 'Status'\nis_ = ['x']{NPS}", "number 1 is_", "did you mean 'is'?"),
    (f"[[keep]]\ncolumn = 'Statis'\nis = ['x']{NPS}", "[[keep]] column", "did you mean 'Status'?"),
    # Scales.
    (f"[scales]\na = 3{NPS}", "[scales.a]", "a table is wanted, not 3"),
    (f"[scales]\na = '1-5'{NPS}", "[scales.a] range", "write a range such as '0..10'"),
    (f"[scales.a]\nrange = '5..1'{NPS}", "[scales.a] range", "from low to high"),
    (f"[scales.a]\nrange = '0..99999'{NPS}", "[scales.a] range", "no scale of answers"),
    (f"[scales.a]{NPS}", "[scales.a] range", "give a range such as '1..7', or codes"),
    (f"[scales.a]\ncodes = {{ good = '5' }}{NPS}", "[scales.a] codes.good", "a whole number"),
    (f"[scales.a]\ncodes = {{ good = 5.0 }}{NPS}", "[scales.a] codes.good", "a whole number"),
    (f"[scales.a]\ncodes = ['good']{NPS}", "[scales.a] codes", "as { name = … }, not a list"),
    (f"[scales.a]\nrange = '1..5'\ncodes = {{ x = 9 }}{NPS}", "[scales.a] codes", "outside 1..5"),
    (
        f"[scales.a]\nrange = '1..5'\nlabels = {{ x = 'X' }}{NPS}",
        "labels.x",
        "whole number, not 'x'",
    ),
    (
        f"[scales.a]\nrange = '1..5'\nlabels = {{ 9 = 'X' }}{NPS}",
        "[scales.a] labels",
        "9 is no value",
    ),
    (f"[scales.'1..5']\nrange = '0..10'{NPS}", "[scales.1..5]", "another name"),
    # Items and labels.
    (f"[items]\nQ1 = '0..10'{NPS}", "[items.Q1]", "a table is wanted, not '0..10'"),
    (f"[items.Q1]\nscale = 10{NPS}", "[items.Q1] scale", "a text is wanted, not 10"),
    (
        f"[scales]\nlike5 = '1..5'\n[items.Q2]\nscale = 'lik5'{NPS}",
        "[items.Q2] scale",
        "declared scales: like5; did you mean 'like5'?",
    ),
    (f"[items.Q1]\nlabels = 'x'{NPS}", "[items.Q1] labels", "did you mean 'label'?"),
    (f"[labels]\nregion = 'x'{NPS}", "[labels.region]", "a table is wanted"),
    (f"[labels.region]\nEast = 3{NPS}", "[labels.region] East", "a text or a table as"),
    # Metrics.
    ("[metrics.nps]", "[metrics.nps] item", "is wanted and not there; add item"),
    ("[metrics.nps]\nitem = 5", "[metrics.nps] item", "a text is wanted, not 5"),
    ("[metrics.nps]\nitem = ['Q1']", "[metrics.nps] item", "a text is wanted, not a list"),
    (f"{NPS}promoters = 9.5", "[metrics.nps] promoters", "a whole number is wanted, not 9.5"),
    (f"{NPS}intervall = 'wald'", "[metrics.nps] intervall", "did you mean 'interval'?"),
    (f"{NPS}interval = 'scor'", "[metrics.nps] interval", "did you mean 'score'?"),
    (f"{NPS}promoters = 6", "[metrics.nps] promoters", "no answer in both"),
    (f"{NPS}scale = 'ten'", "[metrics.nps] scale", "write a range such as '0..10'"),
    (f"{NPS}metric = 3", "[metrics.nps] metric", "a text is wanted, not 3"),
    (f"{NPS}metric = 'npx'", "[metrics.nps]", "offers a metric 'npx'; did you mean 'nps'?"),
    (
        f"{NPS}metric = 'zzz'",
        "[metrics.nps]",
        "offers a metric 'zzz'; there are control, ",
    ),
    (f"{NPS}metric = 'npx:nps'", "[metrics.nps]", "no plugin 'npx' to offer a metric 'nps'"),
    (f"{NPS}by = 'region'", "[metrics.nps] by", 'as ["region"]'),
    ("[metrics.nps]\nitem = 'q1'", "[metrics.nps]", "no column 'q1'; did you mean 'Q1'?"),
    ("[metrics.nps]\nitem = 'zzz'", "[metrics.nps]", "no column 'zzz'; it has Q1, Q2, region"),
]


class TestMistakes:
    @pytest.mark.parametrize(
        ("text", "place", "message"), MISTAKES, ids=[f"{p}: {m}" for _, p, m in MISTAKES]
    )
    def test_one_mistake_is_told_once_with_its_place(
        self, problems: Problems, text: str, place: str, message: str
    ) -> None:
        (told,) = problems(text)
        where, _, what = told.partition(place + ": ")
        assert where.startswith("study.toml: ")
        assert message in what

    def test_all_at_once(self, problems: Problems) -> None:
        told = problems(
            """
            [study]
            confidence = 95
            min_base = 3.7
            by = ["regoin"]
            [roles]
            segments = ["region"]
            weight = "wgt"
            [[keep]]
            column = "Status"
            [items.Q1]
            scale = "0-10"
            [metrics.nps]
            item = "Q2"
            promoter = 9
            [metrics.nothing]
            [metrics.again]
            metric = "nps"
            item = "Q4"
            """
        )
        places = [one.removeprefix("study.toml: ").split(": ")[0] for one in told]
        assert places == [
            "[study] confidence",
            "[study] min_base",
            "[[keep]] number 1 is",
            "[items.Q1] scale",
            "[study] by",
            "[metrics.nps] promoter",
            "[metrics.nothing]",
            "[roles] weight",
            "[metrics.again]",
        ]

    def test_a_mistake_in_one_option_hides_no_other(self, problems: Problems) -> None:
        told = problems(
            "[study]\nconfidence = 95\nmin_base = -1\nsuppress_below = 1.5\nbogus = 1\n"
            "[roles]\nsegments = ['region', 'region']\nweight = 5\n" + NPS
        )
        assert len(told) == 6

    def test_the_good_options_beside_a_mistake_still_count(self, read: Read) -> None:
        study = read("[study]\ndata = 'a.csv'\nconfidence = 95\nmissing = [99]" + NPS)
        assert study.study.data == ("a.csv",)
        assert study.codebook.missing == ("99",)
        assert study.study.confidence == StudyTable().confidence

    def test_what_follows_from_a_mistake_is_not_told_too(self, problems: Problems) -> None:
        # Segments that can't be read would make every set of them look mistyped.
        (told,) = problems("[study]\nby = ['region']\n[roles]\nsegments = 'region'" + NPS)
        assert told.startswith("study.toml: [roles] segments: ")

    def test_a_broken_item_is_not_told_twice(self, problems: Problems, read: Read) -> None:
        (told,) = problems("[items.Q1]\nscale = 'nix'" + NPS)
        assert told.startswith("study.toml: [items.Q1] scale: 'nix' is no scale")
        (told,) = problems("[items.Q1]\nmissing = 99" + NPS)
        assert told.startswith("study.toml: [items.Q1] missing: a list is wanted")
        # Neither does a metric that expects no scale of its own make it a mistake of the metric.
        with pytest.raises(BrokenItemError, match=r"with mistakes in study.toml: \[items.Q1\]"):
            read("[items.Q1]\nscale = 'nix'").codebook.item("Q1")

    def test_a_broken_scale_is_not_told_twice(self, problems: Problems) -> None:
        (told,) = problems("[scales]\nten = '10..0'\n[items.Q1]\nscale = 'ten'" + NPS)
        assert told.startswith("study.toml: [scales.ten] range: ")
        (told,) = problems("[scales]\nten = '10..0'" + NPS + "scale = 'ten'")
        assert told.startswith("study.toml: [scales.ten] range: ")

    def test_a_conflict_of_ranges_names_both_places(self, problems: Problems) -> None:
        (told,) = problems("[items.Q1]\nscale = '1..5'" + NPS)
        assert told.startswith("study.toml: [metrics.nps] scale: ")
        assert "'Q1' is 1..5 in study.toml: [items.Q1], but 0..10 is asked for" in told

    def test_an_interval_that_weights_forbid(self, problems: Problems) -> None:
        (told,) = problems("[roles]\nweight = 'w'" + NPS + "interval = 'score'")
        assert told.startswith("study.toml: [metrics.nps] interval: ")
        assert "weight" in told.partition("interval: ")[2]

    def test_load_raises_what_read_collects(self, tmp_path: Path) -> None:
        path = tmp_path / "s.toml"
        path.write_text("[study]\nmin_base = 3.7\nconfidence = 95\n[rolse]" + NPS)
        with pytest.raises(StudyError) as raised:
            Study.load(path)
        assert raised.value.problems == Study.read(path).problems
        assert len(raised.value.problems) == 3

    def test_a_study_without_answers(self, read: Read, plugins: Plugins) -> None:
        with pytest.raises(StudyError, match="no answers are given; name a file") as raised:
            assemble(read(NPS), plugins=plugins)
        assert len(raised.value.problems) == 1
        # Where the mistake is in the very option, it has been told.
        with pytest.raises(StudyError, match="data entry 1: a text is wanted") as raised:
            assemble(read("[study]\ndata = [5]" + NPS), plugins=plugins)
        assert len(raised.value.problems) == 1


class TestFiles:
    def told(self, path: Path) -> str:
        with pytest.raises(StudyError) as raised:
            Study.read(path)
        (problem,) = raised.value.problems
        assert problem.place == str(path)
        return problem.message

    def test_absent(self, tmp_path: Path) -> None:
        (tmp_path / "study.toml").write_text(NPS)
        (tmp_path / "study.csv").write_text("")
        message = self.told(tmp_path / "studdy.toml")
        assert message == "there is no such file; did you mean 'study.toml'?"
        assert self.told(tmp_path / "nix" / "study.toml") == "there is no such file"

    def test_a_folder(self, tmp_path: Path) -> None:
        (tmp_path / "study.toml").mkdir()
        assert self.told(tmp_path / "study.toml") == "Is a directory"

    def test_no_toml(self, tmp_path: Path) -> None:
        path = tmp_path / "study.toml"
        path.write_text("[study]\nconfidence = 0.9\nmin_base =\n")
        assert "line 3" in self.told(path)
        path.write_text("[study]\n[study]\n")
        assert "line 2" in self.told(path)

    def test_no_utf8(self, tmp_path: Path) -> None:
        path = tmp_path / "study.toml"
        path.write_bytes("[study]\ntitle = '满意度'".encode("gb18030"))
        assert self.told(path) == "a study file is UTF-8; byte 17 is not. Save it as UTF-8"

    def test_too_deep_and_too_long(self, tmp_path: Path) -> None:
        path = tmp_path / "study.toml"
        path.write_text("x = " + "[" * 100_000)
        assert "nest too deeply" in self.told(path)
        path.write_text("x = " + "1" * 5_000)
        assert "4300 digits" in self.told(path)


class TestBy:
    ROLES = "\n[roles]\nsegments = ['region', 'channel']\n"
    WAVE = "wave = { time = 'date', period = 'month' }\n"

    def sets(self, read: Read, plugins: Plugins, text: str) -> tuple[tuple[str, ...], ...]:
        return planned(read, plugins, text + NPS).about.by

    def test_left_out_each_dimension(self, read: Read, plugins: Plugins) -> None:
        sets = self.sets(read, plugins, self.ROLES + self.WAVE)
        assert sets == (("region",), ("channel",), (WAVE,))

    def test_none_at_all(self, read: Read, plugins: Plugins) -> None:
        assert self.sets(read, plugins, "[study]\nby = []" + self.ROLES) == ()

    def test_combinations_in_any_order_and_spacing(self, read: Read, plugins: Plugins) -> None:
        by = "[study]\nby = [' wave*region', 'region * wave', 'channel']"
        sets = self.sets(read, plugins, by + self.ROLES + self.WAVE)
        assert sets == (("region", WAVE), ("channel",))

    def test_the_wave_answers_to_its_column(self, read: Read, plugins: Plugins) -> None:
        by = "[study]\nby = ['date', 'region*date']"
        sets = self.sets(read, plugins, by + self.ROLES + self.WAVE)
        assert sets == ((WAVE,), ("region", WAVE))

    def test_a_segment_that_is_the_wave_s_column_too(self, read: Read, plugins: Plugins) -> None:
        text = "[study]\nby = ['date', 'wave']\n[roles]\nsegments = ['date']\n" + self.WAVE
        assert self.sets(read, plugins, text) == (("date",), (WAVE,))

    def test_a_metric_s_own_replaces_the_study_s(self, read: Read, plugins: Plugins) -> None:
        text = "[study]\nby = ['region']" + self.ROLES + self.WAVE + NPS
        text += "[metrics.own]\nmetric = 'nps'\nitem = 'Q1'\nby = ['region*wave']\n"
        text += "[metrics.total]\nmetric = 'nps'\nitem = 'Q1'\nby = []\n"
        by = {one.measured.name: one.by for one in planned(read, plugins, text).measures}
        assert by == {"nps": (("region",),), "own": (("region", WAVE),), "total": ()}

    @pytest.mark.parametrize(
        ("by", "message"),
        [
            ("regoin", "'regoin' is no segment and no wave; there are region, channel; did you"),
            ("total", "'total' is no segment and no wave; there are region, channel"),
            ("region*wave", "'wave' is no segment and no wave"),
            ("region*region", "a name stands there twice"),
            ("", "a name is empty; the total is reported always"),
            ("region*", "a name is empty"),
        ],
    )
    def test_mistakes(self, problems: Problems, by: str, message: str) -> None:
        (told,) = problems(f"[study]\nby = ['{by}']" + self.ROLES + NPS)
        assert told.startswith(f"study.toml: [study] by: '{by}': {message}")

    def test_mistakes_of_a_metric(self, problems: Problems) -> None:
        (told,) = problems(NPS + "by = ['region']")
        assert told.startswith("study.toml: [metrics.nps] by: 'region': there are no segments")


@frozen(kw_only=True)
class Picky(Metric):
    """A metric with options of many types and validators of its own."""

    item: str = "Q1"
    top: tuple[int, ...] = (9, 10)
    pair: tuple[int, str] = (1, "a")
    rate: float | None = field(default=None, validator=validators.optional(validators.le(1.0)))
    words: Mapping[str, str] = field(factory=dict)
    by_code: Mapping[int, str] = field(factory=dict)
    code: str = field(default="a", validator=validators.matches_re("[a-z]"))
    rule: str = field(default="mode")

    @rule.validator
    def _known(self, _: Any, value: str) -> None:
        if value == "crash":
            raise ZeroDivisionError
        if value not in ("mode", "mean"):
            raise OptionError("rule", f"{value!r} is none of mode, mean")

    def statistics(self, codebook: Codebook) -> Mapping[str, Tally]:
        return {"answers": Tally(codebook.item(self.item, "0..10"))}

    def evaluate(self, answers: Tallied) -> list[Estimate]:
        return [answers.share(self.top, term="top")]


class TestOptionsOfAMetric:
    def told(self, **options: Any) -> list[tuple[str, str]]:
        made, problems = structured(options, Picky)
        assert (made is None) == bool(problems)
        return problems

    def test_good(self) -> None:
        made, problems = structured(
            {
                "item": "Q2",
                "top": [5],
                "pair": [2, "b"],
                "rate": 1,
                "words": {"a": "b"},
                "by_code": {"1": "x", "-2": "y"},
            },
            Picky,
        )
        assert problems == []
        assert made == Picky(
            item="Q2",
            top=(5,),
            pair=(2, "b"),
            rate=1.0,
            words={"a": "b"},
            by_code={1: "x", -2: "y"},
        )
        assert type(made.rate) is float

    def test_each_with_its_place(self) -> None:
        problems = self.told(
            item=None, top=[9, 9.5, True], pair=[1], rate="x", words={"a": 1}, by_code={"one": "x"}
        )
        assert problems == [
            ("item", "a text is wanted, not nothing"),
            ("top entry 2", "a whole number is wanted, not 9.5 (a number)"),
            ("top entry 3", "a whole number is wanted, not true (a boolean)"),
            ("pair", "2 entries are wanted, not 1"),
            ("rate", "a number is wanted, not 'x' (a text)"),
            ("words.a", "a text is wanted, not 1 (a number)"),
            ("by_code.one", "its name has to be a whole number, not 'one'"),
        ]

    def test_its_own_validators(self) -> None:
        assert self.told(rule="median") == [("rule", "'median' is none of mode, mean")]
        # A validator of attrs puts the attribute and the value behind its message.
        assert self.told(rate=1.5) == [("", "'rate' must be <= 1.0: 1.5")]
        ((place, message),) = self.told(code="1")
        assert (place, message) == ("", "'code' must match regex '[a-z]' ('1' doesn't)")
        assert self.told(rule="crash") == [("", "ZeroDivisionError")]

    def test_no_table(self) -> None:
        assert structured(3, Picky) == (None, [("", "a table is wanted, not 3 (a number)")])

    def test_dates_are_no_texts(self) -> None:
        ((place, message),) = self.told(item=dt.date(2026, 1, 31))
        assert place == "item"
        assert message.startswith("a text is wanted, not 2026-01-31 (a date or time;")


NAMES = (
    *("Q1", "nps", "ten", "scale", "codes", "range", "labels", "missing", "label", "item"),
    *("metric", "by", "column", "is", "not", "time", "period", "segments", "wave", "weight"),
    *("confidence", "title", "data", "min_base", "interval"),
)
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=5),
        st.dates(),
        st.sampled_from(["Q1", "region", "0..10", "1..5", "ten", "wave", "nps", "month"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.one_of(
                st.text(max_size=3),
                st.sampled_from(NAMES),
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)
TABLES = st.dictionaries(
    st.sampled_from(["study", "roles", "keep", "scales", "labels", "items", "metrics", "nix"]),
    VALUES,
    max_size=5,
)


class TestAnythingAtAll:
    @given(TABLES)
    @settings(max_examples=300, deadline=None)
    def test_any_table_is_a_study_or_a_list_of_problems(self, table: dict[str, Any]) -> None:
        study = Study.of(table, "s.toml")
        assert all(one.place.startswith("s.toml: ") and one.message for one in study.problems)
        study.dimensions()

    @given(TABLES)
    @settings(max_examples=150, deadline=None)
    def test_any_study_is_planned_or_refused(self, table: dict[str, Any]) -> None:
        plugins = Plugins((EntryPoint("nps", "satcore_nps", "satcore"),))
        try:
            assemble(Study.of(table), ANSWERS, plugins=plugins)
        except StudyError as error:
            assert error.problems  # noqa: PT017 - some tables are no mistake


class TestOverriding:
    def test_keyword_arguments_make_a_study(self) -> None:
        study = study_of(
            by=["region"],
            segments=["region"],
            wave={"time": "date", "period": "year"},
            weight="w",
            confidence=0.8,
            more={"missing": [99], "min_base": 2},
        )
        assert study.study == StudyTable(
            by=("region",), confidence=0.8, missing=("99",), min_base=2
        )
        assert study.roles == Roles(
            segments=("region",), weight="w", wave=WaveTable(time="date", period="year")
        )
        assert study.codebook.weighted
        assert study.codebook.missing == ("99",)

    def test_what_is_given_replaces_and_the_rest_stays(self, read: Read) -> None:
        base = read(STUDY)
        study = study_of(base=base, segments=["channel"], confidence=0.5, by=["channel"])
        assert study.study.confidence == 0.5
        assert study.study.by == ("channel",)
        assert study.study.title == base.study.title
        assert study.roles == Roles(
            segments=("channel",), weight="w", wave=WaveTable(time="date", period="month")
        )
        assert study.codebook == base.codebook
        assert study.metrics == base.metrics
        assert study_of(base=base) == base

    def test_weights_given_or_not(self, read: Read) -> None:
        assert study_of(base=read(NPS), weight="w").codebook.weighted
        assert not study_of(base=read(NPS)).codebook.weighted

    def test_missing_reaches_the_items(self, read: Read, plugins: Plugins) -> None:
        study = read("[study]\nmissing = [98]\n[items.Q1]\nmissing = [11]" + NPS)
        plan_ = plan(study, ANSWERS, missing=["", 99], plugins=plugins)
        assert plan_.items[0].missing == ("", "99", "11")
        results = run(study, ANSWERS, missing=["", 99], plugins=plugins)
        assert results.items[0]["missing_by"] == {"99": 1, "not answered": 1}

    @pytest.mark.parametrize("name", ["by", "segments"])
    def test_a_text_is_no_list(self, name: str) -> None:
        with pytest.raises(StudyError, match=rf"{name}: a list is wanted, as \['region'\]"):
            study_of(**{name: "region"})  # type: ignore[arg-type]

    def test_mistakes_name_the_arguments(self) -> None:
        with pytest.raises(StudyError) as raised:
            study_of(confidence=95, more={"min_bas": 3}, wave={"time": "T"})
        assert [one.place for one in raised.value.problems] == [
            "arguments: [study] min_bas",
            "arguments: [study] confidence",
            "arguments: [roles] wave.period",
        ]

    def test_a_wave_that_is_a_segment_of_the_study(self, read: Read) -> None:
        base = read("[roles]\nsegments = ['region']" + NPS)
        with pytest.raises(StudyError, match="arguments: wave: 'region' is among the segments"):
            study_of(base=base, wave="region")


class TestUnused:
    """What is declared for columns that aren't there is told, since a name may be mistyped."""

    def test_notes(self, read: Read, plugins: Plugins) -> None:
        text = "[items.q1]\nmissing = [99]\n[labels.zone]\nA = 'a'\n[labels.region]\nEast = 'E'"
        assert planned(read, plugins, text + NPS).notes == (
            "[items] q1: declared, but no column of data in memory; did you mean 'Q1'?",
            "[labels] zone: declared, but no column of data in memory",
        )

    def test_none(self, read: Read, plugins: Plugins) -> None:
        text = "[items.Q2]\nscale = '1..5'\n[labels.region]\nEast = 'E'"
        assert planned(read, plugins, text + NPS).notes == ()


class TestExpanded:
    """Paths and globs as files."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        # Brackets in a folder's name are no pattern.
        folder = tmp_path / "wave[1]"
        (folder / "sub").mkdir(parents=True)
        for name in ("b.csv", "a.csv", "[x].csv", "sub/c.csv"):
            (folder / name).write_text("Q1\n9\n")
        return folder

    def names(self, patterns: list[str], folder: Path) -> list[str]:
        return [Path(one).relative_to(folder).as_posix() for one in expanded(patterns, folder)]

    def test_in_order_and_sorted_within_a_glob(self, folder: Path) -> None:
        assert self.names(["b.csv", "a.csv"], folder) == ["b.csv", "a.csv"]
        assert self.names(["?.csv"], folder) == ["a.csv", "b.csv"]
        assert self.names(["**/*.csv"], folder) == ["[x].csv", "a.csv", "b.csv", "sub/c.csv"]

    def test_each_once(self, folder: Path) -> None:
        assert self.names(["b.csv", "?.csv", "./a.csv"], folder) == ["b.csv", "a.csv"]

    def test_a_file_with_brackets(self, folder: Path) -> None:
        assert self.names(["[x].csv"], folder) == ["[x].csv"]

    def test_absolute_paths_leave_the_base_alone(self, folder: Path, tmp_path: Path) -> None:
        assert expanded([str(folder / "a.csv")], tmp_path) == [str(folder / "a.csv")]
        (tmp_path / "plain").mkdir()
        (tmp_path / "plain" / "d.csv").write_text("Q1\n9\n")
        found = expanded([str(tmp_path / "plain" / "*.csv")], folder)
        assert found == [str(tmp_path / "plain" / "d.csv")]

    def test_all_that_is_absent_at_once(self, folder: Path) -> None:
        with pytest.raises(DataError) as raised:
            expanded(["aa.csv", "*.tsv", "nix/a.csv", ""], folder)
        messages = [one.message for one in raised.value.problems]
        assert messages[0].startswith("there is no such file; did you mean 'a.csv'")
        assert messages[1] == "no file matches"
        assert messages[2] == f"there is no such file; there is no folder '{folder / 'nix'}' either"
        assert messages[3] == "a file's name is empty"

    def test_a_study_finds_its_data_beside_itself(
        self, folder: Path, plugins: Plugins, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        (folder / "study.toml").write_text("[study]\ndata = ['?.csv', 'sub/*.csv']" + NPS)
        monkeypatch.chdir(tmp_path)
        results = run("wave[1]/study.toml", plugins=plugins)
        assert results.responses.read == 3
