"""``satcore init``: a study drafted from the answers runs as it is, or says what it needs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from satcore import DataDictionary, ResponseSet, Survey, Variable
from satcore.cli import main
from satcore.cli.init import _data as data_of
from satcore.drafting import Draft, drafted, toml
from satcore.drafting.pairs import compressed, pairs_of, stems
from satcore.drafting.profiles import profiles_of
from satcore.drafting.wordings import KANO_SIDES, SERVQUAL_SIDES, numbered
from satcore.drafting.words import WORDS
from satcore.study import Study
from satcore.surveys import FrameFragment, survey_in_memory

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
KINDS = ("nps", "kano", "servqual", "multiple")

#: Tables of the shared folder, ...
TABLES = sorted(
    str(path.relative_to(SHARED))
    for suffix in ("csv", "sav")
    for path in SHARED.rglob(f"*.{suffix}")
)
#: ... and which metrics each of them gives; those left out hold no answers on a scale.
MEASURED = {
    "cub_univer/univer.csv": {"servqual"},
    "ecsi_mobi/mobi.csv": {"servqual"},
    "kano_crypto/transfers--all_cohorts-clean.csv": {"kano"},
    "kano_stp25demo/kano_demo.csv": {"kano"},
    "kiosk/kiosk_share_odd.csv": {"kano", "servqual", "importance_performance"},
    "nps_testdata/nps_testdata.csv": {"nps", "servqual"},
    "quantipy_A/Example_Data_A.csv": {"servqual"},
    "shapka/example_01.csv": {"csat", "drivers", "servqual"},
    "shapka/example_02.csv": {"csat"},
    "shapka/example_03.csv": {"csat", "drivers", "servqual"},
    "skytrax/seat_notext.csv": {"drivers", "servqual"},
    "telco_churn/Telco-Customer-Churn.csv": {"churn"},
}

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Call:
    """Runs a command in this process: exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)
    for name in ("SATCORE_DISABLE_PLUGINS", "SATCORE_TRACEBACK", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(arguments)
        assert isinstance(left.value.code, int)
        return (left.value.code, *capsys.readouterr())

    return call


def table(path: str = "study.toml") -> dict[str, Any]:
    """A drafted study as TOML reads it."""
    return tomllib.loads(Path(path).read_text("utf-8"))


def draft(data: object, *, dictionary: DataDictionary | None = None, language: str = "en") -> Draft:
    """The draft of columns in memory."""
    survey = survey_in_memory(data)
    if dictionary is not None:
        survey = Survey(
            name=survey.name,
            columns=survey.columns,
            fragments=survey.fragments,
            dictionary=dictionary,
        )
    return drafted(survey, KINDS, title="t", data=("answers.csv",), language=language)


def read(data: object, **more: Any) -> dict[str, Any]:
    """The draft of columns in memory, as TOML reads it."""
    return tomllib.loads(draft(data, **more).text)


def cycled(values: list[Any], rows: int = 120) -> list[Any]:
    return [values[row % len(values)] for row in range(rows)]


class TestSharedData:
    """Every data set of ../shared/data."""

    @pytest.mark.parametrize("name", TABLES)
    def test_it_runs_or_says_which_line_needs_a_person(self, name: str, call: Call) -> None:
        code, out, err = call("init", str(SHARED / name))
        if code == 2 and "pip install" in err:
            pytest.skip(err)
        assert (code, err) == (0, "")
        study = table()
        metrics = study.get("metrics", {})
        found = {options.get("metric", kind) for kind, options in metrics.items()}
        assert found - {"multiple"} == MEASURED.get(name, set())
        lines = Path("study.toml").read_text("utf-8").splitlines()
        for number in re.findall(r"^study\.toml, line (\d+) needs a person: ", out, re.MULTILINE):
            assert "A PERSON HAS TO LOOK:" in lines[int(number) - 1]
        assert out.count("needs a person") == sum("A PERSON HAS TO LOOK:" in one for one in lines)
        # Batteries of 24 items in eleven cells take their time; one segment of three will do.
        fewer = ("--by", "sex") if "kiosk_share" in name else ()
        code, out_run, err = call("run", "study.toml", "--format", "json", *fewer)
        if metrics:
            assert (code, err) == (0, "")
            results = json.loads(out_run)
            measured = {row["metric"] for row in results["estimates"] if row["base"]}
            assert measured == set(metrics)
            assert not results["failures"]
        else:
            assert "nothing was recognised that satcore can measure" in out
            assert code == 2
            assert "[metrics]: no metric is asked for" in err

    def test_all_are_there(self, shared: Path) -> None:
        assert set(MEASURED) <= set(TABLES)

    def test_kiosk(self, shared: Path, call: Call) -> None:
        """What its README says: 24 items of SERVQUAL, 29 features of Kano, NA for absent."""
        assert call("init", str(shared / "data/kiosk/kiosk_share_odd.csv"))[0] == 0
        study = table()
        assert study["study"]["missing"] == ["NA"]
        servqual = study["metrics"]["servqual"]
        assert servqual == {"expectation": "sq{01..24}_E", "perception": "sq{01..24}_P"}
        kano = study["metrics"]["kano"]
        assert (kano["functional"], kano["dysfunctional"]) == ("{feature}_F", "{feature}_D")
        assert kano["features"] == [f"kano{number:02}" for number in range(1, 30)]
        assert study["roles"]["respondent"] == "resp_id"

    def test_kano_by_name_and_not_by_place(self, shared: Path, call: Call) -> None:
        """Some features' columns stand dysfunctional first; the published table comes out."""
        data = shared / "data/kano_crypto/transfers--all_cohorts-clean.csv"
        assert call("init", str(data))[0] == 0
        study = table()
        assert study["scales"]["kano5"]["codes"]["I like it"] == 1
        assert study["scales"]["kano5"]["codes"]["I dislike it"] == 5
        assert study["metrics"]["kano"]["importance"] == "{feature}_importance"
        reference = json.loads((shared / "reference/kano_crypto.json").read_text("utf-8"))
        code, out, _ = call("run", "study.toml", "--format", "json")
        assert code == 0
        rows = {
            (row["item"], row["term"]): row["value"]
            for row in json.loads(out)["estimates"]
            if row["cell"] == {}
        }
        expected = reference["transfers"]
        checked = 0
        for feature, numbers in expected.items():
            if not (isinstance(numbers, dict) and (feature, "better") in rows):
                continue
            for term in ("better", "worse"):
                if term in numbers:
                    assert rows[feature, term] == pytest.approx(numbers[term], rel=1e-9)
                    checked += 1
        assert checked >= 2

    def test_weights(self, shared: Path, call: Call) -> None:
        assert call("init", str(shared / "data/shapka/example_03.csv"))[0] == 0
        assert table()["roles"]["weight"] == "Weight"

    def test_dates_that_stand_far_from_the_others(self, shared: Path, call: Call) -> None:
        _, out, _ = call("init", str(shared / "data/skytrax/seat_notext.csv"))
        assert "26 responses are dated 1970-01, far from all others" in out


WENJUANXING = (
    "序号,提交答卷时间,所用时间,来源,来源详情,来自IP,1、您的性别,2、您的年龄段,"
    "3、您有多大可能向朋友推荐我们？,4、您使用过哪些服务？,5、您对服务的总体满意度,"
    "6、您对排队时间的满意度,7、您还有什么建议？"
)
SATISFIED = ("非常不满意", "不满意", "一般", "满意", "非常满意")


def wenjuanxing(rows: int = 240) -> str:
    """An export by the options' texts, as the reader of such exports describes it."""
    lines = [WENJUANXING]
    for row in range(rows):
        cells = (
            str(row + 1),
            f"2026/{1 + row % 4}/{1 + row % 28} {9 + row % 9}:{row % 60:02}:0{row % 10}",
            f"{60 + row}秒",
            "微信",
            "N/A",
            f"10.0.0.{row}(北京-北京)",
            "男女"[row % 2],
            ("18~25", "26~35", "36~45")[row % 3],
            "(跳过)" if row % 40 == 0 else str((10, 9, 8, 7, 10, 6, 9, 3)[row % 8]),
            ("柜台┋手机银行", "手机银行", "柜台┋自助机", "(空)")[row % 4],
            SATISFIED[row * 7 % 5] if row % 17 else "(空)",
            SATISFIED[2 + row % 3],
            ("很好", "(空)", f"希望增加窗口，第{row}次来了还要等很久", "")[row % 4],
        )
        lines.append(",".join(f'"{cell}"' for cell in cells))
    return "\n".join(lines) + "\n"


class TestWenjuanxing:
    def test_gb18030_through_init_run_and_a_chinese_report(self, call: Call) -> None:
        """Without an edit."""
        Path("答卷.csv").write_bytes(wenjuanxing().encode("gb18030"))
        code, out, err = call("init", "答卷.csv", "--language", "zh")
        assert (code, err) == (0, "")
        assert "needs a person" not in out
        text = Path("study.toml").read_text("utf-8")
        comments = [line for line in text.splitlines() if line.startswith("#")]
        english = {one for pair in WORDS.values() for one in pair[:1] if "{" not in one}
        assert not [
            line for line in comments if any(one in line for one in english if len(one) > 5)
        ]
        study = table()
        assert study["metrics"]["nps"] == {"item": "3、您有多大可能向朋友推荐我们？"}
        assert study["metrics"]["csat"] == {
            "item": "5、您对服务的总体满意度",
            "scale": "satisfied5",
        }
        assert study["metrics"]["ratings"]["perception"] == ["6、您对排队时间的满意度"]
        assert study["scales"]["satisfied5"]["codes"] == dict(
            zip(SATISFIED, range(1, 6), strict=True)
        )
        assert study["roles"]["wave"] == {"time": "提交答卷时间", "period": "month"}
        assert study["roles"]["segments"] == ["1、您的性别", "2、您的年龄段"]
        assert {"(跳过)", "(空)"} <= set(study["study"]["missing"])
        code, out, err = call("run", "study.toml", "--format", "json")
        assert (code, err) == (0, "")
        results = json.loads(out)
        answers = [10, 9, 8, 7, 10, 6, 9, 3]
        given = [answers[row % 8] for row in range(240) if row % 40]
        share = sum((one > 8) - (one < 7) for one in given) / len(given)
        [nps] = [row for row in results["estimates"] if (row["term"], row["cell"]) == ("nps", {})]
        assert nps["value"] == pytest.approx(100 * share)
        assert nps["base"] == len(given)
        pytest.importorskip("altair", reason="the extra 'report' is not installed")
        code, _, err = call("run", "study.toml", "--report", "r.html", "--language", "zh")
        assert code == 0
        assert err == "report written to r.html\n"
        page = Path("r.html").read_text("utf-8")
        assert "您有多大可能向朋友推荐我们？" in page
        assert "净推荐值" in page

    def test_the_same_bytes_in_utf8(self, call: Call) -> None:
        Path("a.csv").write_bytes(wenjuanxing().encode("gb18030"))
        assert call("init", "a.csv", "-o", "one.toml")[0] == 0
        Path("a.csv").write_text(wenjuanxing(), "utf-8")
        assert call("init", "a.csv", "-o", "two.toml")[0] == 0
        one, two = (Path(name).read_text("utf-8") for name in ("one.toml", "two.toml"))
        assert one.replace("one.toml", "") == two.replace("two.toml", "")


class TestGuesses:
    def test_nps(self) -> None:
        study = read({"Q1": cycled([0, 5, 9, 10, 99]), "reason": [f"text {i}" for i in range(120)]},
                     dictionary=DataDictionary(variables={
                         "Q1": Variable(label="How likely are you to recommend us?")}))  # fmt: skip
        assert study["metrics"] == {"nps": {"item": "Q1"}}
        assert study["study"]["missing"] == [99]
        assert study["items"]["Q1"]["label"] == "How likely are you to recommend us?"

    @pytest.mark.parametrize(
        "name", ["recommend", "NPS", "LTR", "Q1_推荐意愿", "would_you_recommend"]
    )
    def test_names_of_the_question(self, name: str) -> None:
        assert read({name: cycled(list(range(11)))})["metrics"] == {"nps": {"item": name}}

    def test_recommended_yes_or_no_is_no_nps(self) -> None:
        found = draft({"recommended": cycled([0, 1])})
        assert found.metrics == ()
        assert [line for line, _ in found.needs]

    def test_numbers_before_words(self) -> None:
        answers = cycled(["0 - Not at all", "5", "9", "10 - Extremely likely", "N/A"])
        study = read({"recommend": answers})
        assert study["metrics"]["nps"]["scale"] == "points10"
        assert study["scales"]["points10"]["codes"] == {
            "0 - Not at all": 0,
            "10 - Extremely likely": 10,
        }
        assert study["study"]["missing"] == ["N/A"]

    def test_an_answer_off_the_scale_is_told(self) -> None:
        found = draft({"recommend": [*cycled(list(range(11)), 110), 11, 12]})
        study = tomllib.loads(found.text)
        assert study["study"]["missing"] == [11, 12]
        [(line, text)] = found.needs
        assert "11, 12" in text
        assert "11, 12" in found.text.splitlines()[line - 1]

    def test_kano_in_words(self) -> None:
        five = ["喜欢", "理应如此", "无所谓", "勉强接受", "不喜欢"]
        study = read({"预约(正向)": cycled(five), "预约(反向)": cycled(five[::-1]),
                      "夜间(正向)": cycled(five[1:]), "夜间(反向)": cycled(five)})  # fmt: skip
        assert study["metrics"]["kano"] == {
            "functional": "{feature}(正向)",
            "dysfunctional": "{feature}(反向)",
            "features": ["预约", "夜间"],
            "scale": "kano5",
        }
        assert list(study["scales"]["kano5"]["codes"].values()) == [1, 2, 3, 4, 5]

    def test_kano_by_the_questions_texts(self) -> None:
        five = ["很喜欢", "理应如此", "无所谓", "能忍受", "很不喜欢"]
        study = read({"1、如果提供夜间柜台，您的感受是": cycled(five),
                      "2、如果不提供夜间柜台，您的感受是": cycled(five[::-1])})  # fmt: skip
        assert study["metrics"]["kano"]["pairs"] == {
            "1、如果提供夜间柜台，您的感受是": [
                "1、如果提供夜间柜台，您的感受是",
                "2、如果不提供夜间柜台，您的感受是",
            ]
        }

    def test_kano_the_other_way_round(self) -> None:
        found = draft(
            {"f1": cycled([5, 4]), "d1": cycled([1, 2]), "f2": cycled([5, 3]), "d2": cycled([1])}
        )
        assert any("1 has to mean 'I like it'" in text for _, text in found.needs)

    def test_servqual_of_22_items(self) -> None:
        data = {f"{side}{number}": cycled([1, 4, 7]) for number in range(1, 23) for side in "EP"}
        found = draft(data)
        study = tomllib.loads(found.text)
        assert study["metrics"]["servqual"] == {"expectation": "E{1..22}", "perception": "P{1..22}"}
        assert any("classical" in text for _, text in found.needs)

    def test_servqual_in_words(self) -> None:
        data = {f"{n}. {what}（{side}）": cycled([1, 3, 5])
                for n, what in enumerate(("设施", "态度", "时间"), 1)
                for side in ("期望", "感知")}  # fmt: skip
        study = read(data)
        assert study["metrics"]["servqual"] == {
            "expectation": ["1. 设施（期望）", "2. 态度（期望）", "3. 时间（期望）"],
            "perception": ["1. 设施（感知）", "2. 态度（感知）", "3. 时间（感知）"],
            "scale": "1..5",
        }

    def test_likert_in_words(self) -> None:
        agree = [
            "Strongly disagree",
            "Disagree",
            "Neither agree nor disagree",
            "Agree",
            "Strongly agree",
        ]
        study = read({"clean": cycled(agree), "fast": cycled([*agree[1:], "Don't know"])})
        assert study["scales"]["agree5"]["codes"] == dict(zip(agree, range(1, 6), strict=True))
        assert study["metrics"]["ratings"] == {
            "metric": "servqual", "perception": ["clean", "fast"], "scale": "agree5",
        }  # fmt: skip
        assert study["study"]["missing"] == ["Don't know"]

    def test_a_wording_that_is_none_is_no_scale(self) -> None:
        assert "metrics" not in read({"colour": cycled(["Red", "Green", "Agree"])})

    def test_multiple_response_of_the_file(self) -> None:
        options = {"Q5:A": "Apple", "Q5:B": "Pear"}
        dictionary = DataDictionary(sets=(ResponseSet(name="Q5", label="Fruit", options=options),))
        study = read({"Q5:A": cycled([0, 1]), "Q5:B": cycled([1, None])}, dictionary=dictionary)
        assert study["metrics"]["q5"] == {"metric": "multiple", "options": options}

    def test_an_option_that_excludes_the_others(self) -> None:
        options = {"Q5:A": "Apple", "Q5:B": "Pear", "Q5:C": "None of these"}
        dictionary = DataDictionary(sets=(ResponseSet(name="Q5", options=options),))
        study = read({name: cycled([0, 1]) for name in options}, dictionary=dictionary)
        assert study["metrics"]["q5"]["exclusive"] == ["Q5:C"]

    def test_columns_that_a_set_was_made_from_are_measured_once(self) -> None:
        texts = ("Apple", "Pear", "Plum")
        options = {f"Q5:{text}": text for text in texts}
        dictionary = DataDictionary(
            sets=(ResponseSet(name="Q5", options=options),),
            variables={f"a{place}": Variable(label=text) for place, text in enumerate(texts)},
        )
        columns = [*options, *dictionary.variables]
        study = read({name: cycled([0, 1]) for name in columns}, dictionary=dictionary)
        assert list(study["metrics"]) == ["q5"]

    def test_multiple_response_by_its_columns(self) -> None:
        study = read({f"Q5_{number}": cycled([0, 1, 1]) for number in range(1, 5)})
        assert study["metrics"]["q5"] == {"metric": "multiple", "options": "Q5_{1..4}"}
        study = read({f"Q5_{number}": cycled([1, None, 1]) for number in range(1, 5)})
        assert study["metrics"]["q5"]["blank"] == "not chosen"

    def test_labels_of_the_file(self) -> None:
        region = Variable(
            label="Region", labels={"1": "East", "2": "West", "9": "Refused"}, missing=("9",)
        )
        rated = Variable(
            labels={"1": "Very poor", "5": "Very good", "8": "Skipped"}, missing=("8",)
        )
        study = read({"r": cycled([1, 2]), "q": cycled([2, 3, 4, 8])},
                     dictionary=DataDictionary(variables={"r": region, "q": rated}))  # fmt: skip
        assert study["roles"]["segments"] == ["r"]
        assert study["labels"] == {"r": {"1": "East", "2": "West"}}
        assert study["metrics"]["ratings"] == {
            "metric": "servqual", "perception": ["q"], "scale": "1..5"
        }  # fmt: skip
        # 8 could be an answer to another question, so it is missing in this one.
        assert study["items"]["q"]["missing"] == [8]

    def test_keep(self) -> None:
        study = read(
            {
                "Status": cycled(["Complete", "Partial", "Survey Preview"]),
                "nps": cycled(list(range(11))),
            }
        )
        assert study["keep"] == [{"column": "Status", "not": ["Partial", "Survey Preview"]}]
        study = read(
            {"Finished": cycled(["True", "True", "False"]), "nps": cycled(list(range(11)))}
        )
        assert study["keep"] == [{"column": "Finished", "not": ["False"]}]
        study = read({"submitdate": cycled(["2026-01-01 10:00:00", None])})
        assert study["keep"] == [{"column": "submitdate", "not": [""]}]

    @pytest.mark.parametrize(("name", "mean", "taken"), [("w", 1.0, True), ("权重", 1.0, True),
                             ("weight", 40.0, False), ("width", 1.0, False)])  # fmt: skip
    def test_weight(self, name: str, mean: float, taken: bool) -> None:
        study = read({name: cycled([mean * 0.5, mean * 1.5]), "nps": cycled(list(range(11)))})
        assert (study.get("roles", {}).get("weight") == name) == taken

    @pytest.mark.parametrize("value", [-1.0, None, "heavy"])
    def test_a_weight_that_would_stop_the_run(self, value: object) -> None:
        study = read({"weight": [*cycled([0.5, 1.5]), value], "nps": cycled(list(range(11)), 121)})
        assert "weight" not in study.get("roles", {})

    @pytest.mark.parametrize(("first", "second", "wave"), [
        ("2026-01-15", "2026-03-02", {"time": "end_date", "period": "month"}),
        ("2020-01-15", "2026-03-02", {"time": "end_date", "period": "quarter"}),
        ("1990-01-15", "2026-03-02", {"time": "end_date", "period": "year"}),
        ("31.01.2026", "02.03.2026", {"time": "end_date", "period": "month", "format": "%d.%m.%Y"}),
        ("2026年1月3日", "2026年9月3日",
         {"time": "end_date", "period": "month", "format": "%Y年%m月%d日"}),
        ("01/02/2026", "03/04/2026", None),
        ("2026-01-15", "2026-01-31", None),
        ("2026-01-15", "soon", None),
    ])  # fmt: skip
    def test_waves_from_times(self, first: str, second: str, wave: object) -> None:
        data = {"end_date": cycled([first, second]), "nps": cycled(list(range(11)))}
        assert read(data).get("roles", {}).get("wave") == wave

    @pytest.mark.parametrize("name", ["hire_date", "入职日期", "开户日期", "registration_date"])
    def test_when_somebody_came_is_no_wave(self, name: str) -> None:
        found = draft({name: cycled(["2026-01-05", "2026-03-09"]), "csat": cycled([1, 3, 4, 5])})
        assert "roles" not in tomllib.loads(found.text)
        assert "dates from 2026-01 to 2026-03, but not of the answer" in found.text

    def test_a_wave_of_its_own(self) -> None:
        data = {"wave": cycled([1, 2, 3]), "date": cycled(["2026-01-15", "2026-03-02"])}
        assert read(data)["roles"]["wave"] == "wave"

    @pytest.mark.parametrize("name", ["price_paid", "total paid", "valid", "stay_id"])
    def test_amounts_tell_no_responses_apart(self, name: str) -> None:
        found = read({name: [row + 0.25 for row in range(120)], "csat": cycled([1, 2, 3, 4, 5])})
        assert "roles" not in found
        ints = {name: range(500, 620), "csat": cycled([1, 2, 3, 4, 5])}
        assert ("roles" in read(ints)) == (name == "stay_id")

    def test_segments(self) -> None:
        data = {
            "id": list(range(120)),
            **{f"s{place}": cycled(["a", "b"]) for place in range(6)},
            "region": cycled(["East", "West"]),
            "town": [f"town {row // 3}" for row in range(120)],
        }
        found = draft(data)
        study = tomllib.loads(found.text)
        assert study["roles"]["segments"] == ["region", "s0", "s1", "s2", "s3"]
        assert "'s4', 's5'" in found.text
        assert study["roles"]["respondent"] == "id"
        assert "groups, or too few responses in each: 'town'" in found.text.replace("\n#  ", "")

    def test_a_segment_called_wave(self) -> None:
        """It may not be a segment; as the only value of a few it is the wave."""
        assert read({"wave": cycled(["x", "y"])})["roles"] == {"wave": "wave"}

    def test_two_steps_of_a_wording_are_no_scale(self) -> None:
        """What people write in an open question happens to be the words of one."""
        assert "metrics" not in read({"comment": cycled(["Good", "Bad"])})
        assert "ratings" in read({"Rate the speed": cycled(["Good", "Bad"])})["metrics"]

    def test_what_options_were_made_from(self) -> None:
        options = {"Q2:Web": "Web", "Q2:Shop": "Shop"}
        dictionary = DataDictionary(sets=(ResponseSet(name="Q2", options=options),))
        data = {name: cycled([0, 1]) for name in options}
        data |= {"Q2_1": cycled(["Web", None]), "Q2": cycled(["a", "b"]), "Q20": cycled(["a", "b"])}
        found = draft(data, dictionary=dictionary)
        assert "columns of their own: 'Q2_1',\n#   'Q2'" in found.text
        assert tomllib.loads(found.text)["roles"]["segments"] == ["Q20"]

    def test_what_is_left_out(self) -> None:
        text = draft({
            "empty": cycled([None]), "constant": cycled(["x"]),
            "amount": [row * 1.5 for row in range(120)],
            "words": [f"{row} somebody's own words that go on and on" for row in range(120)],
            "list": cycled(["1;2", "2;3", "1;3"]),
        }).text  # fmt: skip
        for name, why in [("empty", "empty"), ("constant", "the same in all responses"),
                          ("amount", "numbers without a scale"), ("words", "people's own words"),
                          ("list", "several answers in one cell")]:  # fmt: skip
            assert f"{why}: '{name}'" in text

    def test_chinese(self) -> None:
        data = {"nps": cycled(list(range(11))), "x": cycled([None])}
        one, two = draft(data), draft(data, language="zh")
        assert tomllib.loads(one.text) == tomllib.loads(two.text)
        assert "空列: 'x'" in two.text

    def test_every_fragment_counts(self) -> None:
        """All rows are looked at: the last one of the last fragment makes a scale none."""
        first = pl.DataFrame({"satisfaction": cycled(["1", "5"])})
        last = pl.DataFrame({"satisfaction": ["4", "red"]})
        fragments = (FrameFragment(id="a", frame=first), FrameFragment(id="b", frame=last))
        survey = Survey(name="two", columns=("satisfaction",), fragments=fragments)
        found = drafted(survey, KINDS, title="t", data=("x.csv",))
        assert found.metrics == ()
        assert "122 responses" in found.text

    def test_memory_is_bounded(self) -> None:
        """Of a column of many long texts little is kept."""
        data = {"words": [f"{row}" * 50 for row in range(5000)], "id": list(range(5000))}
        profiles = profiles_of(survey_in_memory(data))
        assert sum(len(text) for text in profiles["words"].texts) < 10_000
        assert len(profiles["id"].texts) <= 120
        assert profiles["id"].unique
        assert (profiles["id"].low, profiles["id"].high) == (0, 4999)

    def test_words_are_skimmed(self) -> None:
        """Once a column holds people's own words, counting them is enough."""
        batches = [
            [
                *(f"own words {row} of batch {batch}" for row in range(300)),
                None,
                " ",
                "twice",
                "twice",
            ]
            for batch in range(3)
        ]
        fragments = tuple(
            FrameFragment(id=str(place), frame=pl.DataFrame({"words": texts}))
            for place, texts in enumerate([*batches, ["x" * 500]])
        )
        survey = Survey(name="words", columns=("words",), fragments=fragments)
        found = profiles_of(survey)["words"]
        assert (found.rows, found.empty, found.filled) == (913, 6, 907)
        assert (found.many, found.unique, found.longest) == (True, False, 500)
        assert (found.numeric, found.dated, found.dates) == (False, False, {})

    def test_days_are_remembered_and_times_are_not(self) -> None:
        times = [f"2026-01-{1 + row % 28:02} {row % 24:02}:{row % 60:02}" for row in range(2000)]
        found = profiles_of(survey_in_memory({"end": times}))["end"]
        assert len(found.days) == 28
        assert found.dates[""].count == 2000


class TestNames:
    def test_compressed(self) -> None:
        assert compressed(["P1", "P2", "P3"]) == "P{1..3}"
        assert compressed(["sq09_E", "sq10_E"]) == "sq{09..10}_E"
        for names in (["P1"], ["P1", "P3"], ["P2", "P1"], ["P9", "P010"], ["a", "b"],
                      ["{1..2}1", "{1..2}2"]):  # fmt: skip
            assert compressed(names) is None

    def test_pairs(self) -> None:
        def found(*names: str, sides: Any = KANO_SIDES) -> dict[str, tuple[str, str]]:
            return {
                key: (one.name, other.name) for key, (one, other) in pairs_of(names, sides).items()
            }

        assert found("F6_functional", "F6_dysfunctional") == {
            "F6": ("F6_dysfunctional", "F6_functional")
        }
        assert found("a_with", "a_without") == {"a": ("a_without", "a_with")}
        assert found("f1", "d1", "f2", "d2") == {"1": ("d1", "f1"), "2": ("d2", "f2")}
        assert found("f1", "d1") == {}
        assert found("find", "dind") == {}
        assert found("E1", "P1", "E2", "P2", sides=SERVQUAL_SIDES) == {
            "1": ("E1", "P1"),
            "2": ("E2", "P2"),
        }
        assert found("price", "exprice", sides=SERVQUAL_SIDES) == {}

    def test_stems(self) -> None:
        found = stems(["q1_1", "q1_2", "q2_1", "a.x", "a.y", "big score", "small score", "alone"])
        assert found["q1_1"] == found["q1_2"] != found["q2_1"]
        assert found["a.x"] == found["a.y"]
        assert found["big score"] == found["small score"]
        assert found["alone"] == "alone"

    def test_numbered(self) -> None:
        texts = ("9 - Extremely", "5分", "3 stars", "10:00", "2026-01", "x")
        assert [numbered(text) for text in texts] == [9, 5, 3, None, None, None]

    def test_words_are_said_in_both_languages(self) -> None:
        field = re.compile(r"\{(\w+)\}")
        for english, chinese in WORDS.values():
            assert sorted(set(field.findall(english))) == sorted(set(field.findall(chinese)))
            assert re.search("[一-鿿]", chinese)


class TestCommand:
    ANSWERS = "recommend,region\n" + "10,East\n3,West\n" * 20

    def test_a_file_that_is_there_stays(self, call: Call) -> None:
        Path("a.csv").write_text(self.ANSWERS)
        Path("study.toml").write_text("mine")
        code, _, err = call("init", "a.csv")
        assert code == 2
        assert "study.toml is there already and is not written over" in err
        assert Path("study.toml").read_text() == "mine"
        assert call("init", "a.csv", "--force")[0] == 0
        assert table()["metrics"] == {"nps": {"item": "recommend"}}

    def test_what_it_says(self, call: Call) -> None:
        Path("a.csv").write_text(self.ANSWERS)
        code, out, err = call("init", "a.csv", "-o", "my study.toml")
        assert (code, err) == (0, "")
        assert out == (
            "my study.toml written: 1 metric (nps); 0 columns left out\n"
            "next: satcore run 'my study.toml'\n"
        )

    def test_paths_are_seen_from_the_study(self, call: Call) -> None:
        Path("in").mkdir()
        Path("out").mkdir()
        for name in ("1", "2"):
            Path(f"in/{name}.csv").write_text(self.ANSWERS)
        assert call("init", "in/*.csv", "-o", "out/s.toml")[0] == 0
        assert table("out/s.toml")["study"]["data"] == "../in/*.csv"
        code, out, _ = call("run", "out/s.toml", "--format", "json")
        assert code == 0
        assert json.loads(out)["responses"]["read"] == 80

    @pytest.mark.parametrize(("arguments", "said"), [
        (("absent.csv",), "there is no such file"),
        (("a.csv", "-o", "s.txt"), "a study file's name ends in .toml"),
        (("a.csv", "-o", "nowhere/s.toml"), "there is no folder"),
        (("a.unknown",), "a.unknown"),
        (("a.csv", "--encoding", "klingon"), "klingon"),
        ((), "name the answers"),
    ])  # fmt: skip
    def test_mistakes(self, arguments: tuple[str, ...], said: str, call: Call) -> None:
        Path("a.csv").write_text(self.ANSWERS)
        Path("a.unknown").write_text(self.ANSWERS)
        code, out, err = call("init", *arguments)
        assert (code, out) == (2, "")
        assert said in err
        assert not list(Path().glob("**/s.*"))

    def test_a_secret_is_not_written_down(self, call: Call) -> None:
        plain = "https://example.com/a.csv"
        assert data_of((plain,), "study.toml") == (plain,)
        for secret in ("https://me:word@example.com/a.csv", "https://example.com/a.csv?key=1"):
            assert data_of((secret,), "study.toml") == ()
        assert data_of(("caf\udce9.csv",), "study.toml") == ()
        survey = survey_in_memory({"nps": cycled(list(range(11)))})
        found = drafted(survey, KINDS, title="t", data=())
        assert "data" not in tomllib.loads(found.text)["study"]
        assert [text for _, text in found.needs if text.startswith("name the answers")]

    def test_the_answers_are_never_written_over(self, call: Call) -> None:
        Path("a.toml").write_text(self.ANSWERS)
        code, _, err = call("init", "a.toml", "-o", "a.toml", "--force")
        assert code == 2
        assert "holds the answers" in err
        assert Path("a.toml").read_text() == self.ANSWERS

    def test_a_metric_that_is_not_there_is_not_drafted(self, call: Call) -> None:
        Path("a.csv").write_text(self.ANSWERS)
        assert call("init", "a.csv", "--disable", "nps")[0] == 0
        assert "nps" not in table().get("metrics", {})

    def test_as_a_process_and_twice_the_same_bytes(self, call: Call, tmp_path: Path) -> None:
        Path("a.csv").write_text(self.ANSWERS)
        assert call("init", "a.csv")[0] == 0
        first = Path("study.toml").read_bytes()
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "satcore", "init", "a.csv", "--force"],
            capture_output=True,
            check=False,
            timeout=120,
            cwd=tmp_path,
            env={**os.environ, "PYTHONHASHSEED": "7"},
        )
        assert (done.returncode, done.stderr) == (0, b"")
        assert Path("study.toml").read_bytes() == first


# Names and values that files hold where nobody wants them.

ODD = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NAMES = st.one_of(
    ODD,
    st.sampled_from(['a"b', "a\nb", "#", "[x]", "a.b", "{feature}_f", "{1..3}", "w", "wave", "NPS",
                     "status", "date", "\x00", "‮x", "E1", "P1", "E2", "P2", "f1", "d1", "f2",
                     "d2", "q_1", "q_2", "q_3", "overall", "1..5", "reverse\\", "'''", "推荐"]),
)  # fmt: skip
VALUES = st.one_of(
    ODD,
    st.sampled_from(["1", "2", "5", "7", "10", "11", "99", "-1", "0", "", "NA", "agree", "disagree",
                     "2026-01-01", "2026-05-01", "1.5", "nan", "inf", "1e400", "1_0", "５",
                     "Partial",
                     "like", "dislike", "9 - x", "(跳过)", "1;2", "a┋b"]),
)  # fmt: skip


@st.composite
def tables(draw: st.DrawFn) -> dict[str, list[str]]:
    names = draw(st.lists(NAMES, min_size=1, max_size=8, unique=True))
    rows = draw(st.integers(0, 12))
    times = draw(st.sampled_from([1, 4]))
    return {name: draw(st.lists(VALUES, min_size=rows, max_size=rows)) * times for name in names}


class TestOddAnswers:
    @settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(tables(), st.sampled_from(["en", "zh"]))
    def test_a_draft_is_a_study(self, data: dict[str, list[str]], language: str) -> None:
        """It parses, it loads without problems, and names only columns that are there."""
        found = draft(data, language=language)
        assert draft(data, language=language).text == found.text
        study = Study.of(tomllib.loads(found.text))
        assert study.problems == ()
        columns = set(survey_in_memory(data).columns)
        assert set(study.roles.segments) <= columns
        assert set(study.codebook.declared) <= columns
        assert {rule.column for rule in study.keep} <= columns
        lines = found.text.splitlines()
        assert all(
            "PERSON" in lines[line - 1] or "人工" in lines[line - 1] for line, _ in found.needs
        )

    @settings(
        max_examples=50,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(tables())
    def test_a_draft_runs(self, plugins: Any, data: dict[str, list[str]]) -> None:
        """Whatever it measures, no answer stops it."""
        from satcore.assembling import assemble
        from satcore.engines import LocalEngine
        from satcore.scanning import finished

        kinds = {spec.name for _, spec in plugins.metrics()}
        survey = survey_in_memory(
            {name: pl.Series(values, dtype=pl.String) for name, values in data.items()}
        )
        found = drafted(survey, kinds, title="t", data=("x",))
        if not found.metrics:
            return
        plan = assemble(Study.of(tomllib.loads(found.text)), survey, plugins=plugins)
        finished(plan, LocalEngine(1).scan(plan))

    @settings(max_examples=200, deadline=None)
    @given(st.recursive(st.one_of(ODD, st.integers(-(1 << 60), 1 << 60)),
                        lambda inner: st.one_of(st.lists(inner, max_size=4),
                                                st.dictionaries(ODD, inner, max_size=4))),
           ODD)  # fmt: skip
    def test_toml_reads_back(self, value: Any, name: str) -> None:
        text = "\n".join(["# x", *toml.assigned(name, value)])
        assert tomllib.loads(text) == {name: value}

    @given(st.text(max_size=200))
    def test_a_comment_stays_one(self, words: str) -> None:
        lines = toml.comment(words)
        assert tomllib.loads("\n".join(lines)) == {}
        assert all(len(line) <= 100 or " " not in line[2:] for line in lines)
