"""Exports of survey programs: written here to the letter of the layouts that the readers cite."""

from __future__ import annotations

import csv
import datetime as dt
import io
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import satcore
import satcore_files
from satcore import DataError, ResponseSet, Source, StudyError, Survey
from satcore.plugins import Plugins
from satcore.testing import survey_checks
from satcore_nps import NPS

SPECS = {spec.name: spec for spec in satcore_files.satcore_surveys()}


def text_of(rows: Sequence[Sequence[object]], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


def written(
    folder: Path, rows: Sequence[Sequence[object]], name: str = "x.csv", encoding: str = "utf-8"
) -> Path:
    path = folder / name
    path.write_bytes(text_of(rows).encode(encoding))
    return path


def survey_of(*paths: Path, kind: str = "csv") -> Survey:
    return SPECS[kind].read(Source(paths=tuple(map(str, paths))))


def values(survey: Survey, columns: Sequence[str] | None = None) -> dict[str, list[Any]]:
    asked = list(survey.columns if columns is None else columns)
    frames = [frame for one in survey.fragments for frame in one.read(asked)]
    return pl.concat(frames, how="vertical_relaxed").to_dict(as_series=False)


def sets(survey: Survey) -> dict[str, ResponseSet]:
    return {one.name: one for one in survey.dictionary.sets}


def scores(path: Path | str, plugins: Plugins, item: str, **options: Any) -> Mapping[str, Any]:
    """The NPS of all answers of a file, and what was read."""
    results = satcore.run(NPS(item=item), str(path), plugins=plugins, **options)
    [row] = [row for row in results.rows("nps", "nps") if not row["cell"]]
    return {"value": row["value"], "base": row["base"], "results": results}


# Qualtrics

QUALTRICS = [
    ["StartDate", "Status", "ResponseId", "Q1", "Q2_1", "Q2_2", "Q2_3_TEXT", "Q3"],
    [
        "Start Date",
        "Response Type",
        "Response ID",
        "How likely are you\nto recommend us?",
        "Which channels? - Selected Choice - Web",
        "Which channels? - Selected Choice - Shop, or branch",
        "Which channels? - Other - Text",
        "Anything else?",
    ],
    [
        '{"ImportId":"startDate","timeZone":"America/Denver"}',
        '{"ImportId":"status"}',
        '{"ImportId":"_recordId"}',
        '{"ImportId":"QID1"}',
        '{"ImportId":"QID2","choiceId":"1"}',
        '{"ImportId":"QID2","choiceId":"2"}',
        '{"ImportId":"QID2_3_TEXT"}',
        '{"ImportId":"QID3_TEXT"}',
    ],
    ["2026-09-01 10:00:00", "IP Address", "R_1", "10", "Web", "", "", "a\nb"],
    ["2026-09-01 11:00:00", "Survey Preview", "R_2", "0", "Web", "Shop, or branch", "", ""],
    ["2026-09-02 10:00:00", "IP Address", "R_3", "9", "Web", "Shop, or branch", "", ""],
    ["2026-09-02 11:00:00", "Imported", "R_4", "3", "", "", "", 'said "no"'],
]


def test_qualtrics_has_three_records_before_the_answers(tmp_path: Path) -> None:
    survey = survey_of(written(tmp_path, QUALTRICS))
    assert survey.dictionary.layout == "qualtrics"
    assert survey.columns[:8] == tuple(QUALTRICS[0])
    assert values(survey, ["Q1", "Q3"]) == {
        "Q1": ["10", "0", "9", "3"],
        "Q3": ["a\nb", None, None, 'said "no"'],
    }
    told = survey.dictionary.variables["Q1"]
    assert told.label == "How likely are you to recommend us?"
    assert survey.notes == ("x.csv: times are those of America/Denver, as the export says",)


def test_qualtrics_options_are_columns_of_their_own(tmp_path: Path) -> None:
    survey = survey_of(written(tmp_path, QUALTRICS))
    assert sets(survey) == {
        "Q2": ResponseSet(
            name="Q2",
            label="Which channels?",
            options={"Q2:Web": "Web", "Q2:Shop, or branch": "Shop, or branch"},
        )
    }
    assert values(survey, ["Q2:Web", "Q2:Shop, or branch"]) == {
        "Q2:Web": [1, 1, 1, None],
        "Q2:Shop, or branch": [0, 1, 1, None],
    }


def test_previews_are_dropped_and_counted(tmp_path: Path, plugins: Plugins) -> None:
    path = written(tmp_path, QUALTRICS)
    found = scores(path, plugins, "Q1")
    assert (found["value"], found["base"]) == (pytest.approx(100 * (2 - 1) / 3), 3)
    responses = found["results"].responses
    assert (responses.read, responses.kept) == (4, 3)
    [dropped] = responses.dropped
    assert (dropped["column"], dropped["rows"]) == ("Status", 1)
    assert any("Status: responses with 'Survey Preview'" in note for note in found["results"].notes)
    assert found["results"].about.questions["Q1"].said() == "How likely are you to recommend us?"


def test_the_study_says_better_which_responses_count(tmp_path: Path, plugins: Plugins) -> None:
    path = written(tmp_path, QUALTRICS)
    study = tmp_path / "s.toml"
    study.write_text(
        f'[study]\ndata = "{path.name}"\n[metrics.nps]\nitem = "Q1"\n'
        '[items.Q1]\nlabel = "Recommend"\n[[keep]]\ncolumn = "Status"\nnot = ["Imported"]\n'
    )
    results = satcore.run(satcore.Study.load(study), plugins=plugins)
    assert (results.responses.read, results.responses.kept) == (4, 3)
    assert results.about.questions["Q1"].said() == "Recommend"
    assert not any("tests" in note for note in results.notes)


@pytest.mark.parametrize("kept", [1, 2, 3])
def test_a_qualtrics_export_without_answers(tmp_path: Path, kept: int) -> None:
    path = written(tmp_path, QUALTRICS[:kept])
    with pytest.raises(DataError, match="no answers"):
        survey_of(path) if kept != 2 else survey_of(written(tmp_path, QUALTRICS[:1]))


@pytest.mark.parametrize("block", [7, 64, 1 << 20])
def test_the_cut_of_blocks_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    whole = values(survey_of(written(tmp_path, QUALTRICS)))
    monkeypatch.setattr("satcore_files.delimited._BLOCK", block)
    assert values(survey_of(written(tmp_path, QUALTRICS))) == whole


def test_an_export_that_changes_is_told(tmp_path: Path) -> None:
    survey = survey_of(written(tmp_path, QUALTRICS))
    written(tmp_path, [["other", *QUALTRICS[0][1:]], *QUALTRICS[1:]])
    with pytest.raises(DataError, match="changed since it was opened"):
        values(survey)


# SurveyMonkey

MONKEY = [
    [
        "respondent_id",
        "collector_id",
        "date_created",
        "How likely are you to recommend us?",
        "Which did you use?",
        "",
        "",
        "Rate these",
        "",
        "Comments",
    ],
    [
        "",
        "",
        "",
        "Response",
        "Web",
        "Shop",
        "Other (please specify)",
        "Speed",
        "Staff",
        "Open-Ended Response",
    ],
    ["11", "7", "09/01/2026", "10", "Web", "", "", "Good", "Bad", "fine"],
    ["12", "7", "09/01/2026", "6", "Web", "Shop", "fax", "Bad", "Good", ""],
    ["13", "7", "09/02/2026", "9", "", "", "", "", "", ""],
    ["14", "7", "09/02/2026", "8", "", "", "letter", "Good", "Good", ""],
]


def test_surveymonkey_has_two_records_before_the_answers(tmp_path: Path, plugins: Plugins) -> None:
    survey = survey_of(written(tmp_path, MONKEY))
    assert survey.dictionary.layout == "surveymonkey"
    assert survey.columns[:10] == (
        "respondent_id",
        "collector_id",
        "date_created",
        "How likely are you to recommend us?",
        "Which did you use? / Web",
        "Which did you use? / Shop",
        "Which did you use? / Other (please specify)",
        "Rate these / Speed",
        "Rate these / Staff",
        "Comments",
    )
    assert list(sets(survey)) == ["Which did you use?"]
    assert values(survey, survey.columns[10:]) == {
        "Which did you use?:Web": [1, 1, None, 0],
        "Which did you use?:Shop": [0, 1, None, 0],
        "Which did you use?:Other (please specify)": [0, 1, None, 1],
    }
    found = scores(tmp_path / "x.csv", plugins, "How likely are you to recommend us?")
    assert (found["value"], found["base"]) == (pytest.approx(25.0), 4)


# LimeSurvey

LIME_CODES = ["id", "submitdate", "lastpage", "startlanguage", "seed", "NPS"]
LIME_CODES += ["Use[SQ001]", "Use[SQ002]", "Use[other]", "Rate[SQ001]", "Rate[SQ002]"]
LIME_TEXTS = ["Response ID", "Date submitted", "Last page", "Start language", "Seed"]
LIME_TEXTS += ["Would you recommend us?", "What did you use? [Web]", "What did you use? [Shop]"]
LIME_TEXTS += ["What did you use? [Other]", "Rate these [Speed]", "Rate these [Staff]"]
LIME_SHORT = [
    ["1", "1980-01-01 00:00:00", "3", "en", "123", "10", "Y", "", "", "A1", "A2"],
    ["2", "1980-01-01 00:00:00", "3", "en", "124", "0", "Y", "Y", "fax", "A2", "A2"],
    ["3", "1980-01-01 00:00:00", "3", "en", "125", "9", "", "", "", "A1", ""],
]


def long_answers(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """As the long format tells: Yes and No, and N/A for what was not shown."""
    told = []
    for row in rows:
        options = [{"Y": "Yes", "": "N/A" if row[0] == "3" else "No"}[cell] for cell in row[6:8]]
        told.append([*row[:6], *options, row[8], *row[9:]])
    return told


@pytest.mark.parametrize("form", ["code", "expression", "text", "both"])
@pytest.mark.parametrize("long", [False, True])
def test_limesurvey_headings(tmp_path: Path, plugins: Plugins, form: str, long: bool) -> None:
    expression = [name.replace("[", "_").removesuffix("]") for name in LIME_CODES]
    header = {
        "code": LIME_CODES,
        "expression": expression,
        "text": LIME_TEXTS,
        "both": [f"{code}. {text}" for code, text in zip(LIME_CODES, LIME_TEXTS, strict=True)],
    }[form]
    rows = long_answers(LIME_SHORT) if long else LIME_SHORT
    survey = survey_of(written(tmp_path, [header, *rows]))
    assert survey.dictionary.layout == "limesurvey"
    named = form in ("code", "both")
    assert survey.columns[:11] == tuple(LIME_CODES if named else header)
    question = "What did you use?" if form == "text" else "Use"
    parts = ("Web", "Shop", "Other") if form in ("text", "both") else ("SQ001", "SQ002", "other")
    made = [f"{question}:{part}" for part in parts]
    assert list(values(survey, made).values()) == [[1, 1, None], [0, 1, None], [0, 1, None]]
    assert list(sets(survey)) == [question]
    item = survey.columns[5]
    assert scores(tmp_path / "x.csv", plugins, item)["value"] == pytest.approx(100 / 3)
    if form == "both":
        assert survey.dictionary.variables["NPS"].label == "Would you recommend us?"
        assert survey.dictionary.variables["Rate[SQ001]"].label == "Rate these [Speed]"


# Formbricks

BRICKS = [
    [
        "No.",
        "Response ID",
        "Timestamp",
        "Finished",
        "Survey ID",
        "Formbricks ID (internal)",
        "User ID",
        "Tags",
        "1. Recommend us?",
        "2. What did you use?",
        "2. What did you use? - Option ID",
        "3. Best?",
        "3. Best? - Option ID",
        "4. Rate - Speed",
    ],
    [
        "1",
        "c1",
        "2026-09-01 10:00",
        "Yes",
        "s",
        "",
        "",
        "",
        "10",
        "Web; Shop",
        "a, b",
        "Web",
        "a",
        "3",
    ],
    ["2", "c2", "2026-09-01 11:00", "Yes", "s", "", "", "", "2", "Shop", "b", "a; b", "c", "4"],
    ["3", "c3", "2026-09-01 12:00", "No", "s", "", "", "", "9", "", "", "", "", ""],
]


def test_formbricks_lists_several_answers_in_a_cell(tmp_path: Path, plugins: Plugins) -> None:
    survey = survey_of(written(tmp_path, BRICKS))
    assert survey.dictionary.layout == "formbricks"
    # A text with the separator in it is one option, as its single id tells.
    assert list(sets(survey)) == ["2. What did you use?"]
    made = ["2. What did you use?:Shop", "2. What did you use?:Web"]
    assert values(survey, made) == {made[0]: [1, 1, None], made[1]: [1, 0, None]}
    assert survey.dictionary.variables["1. Recommend us?"].label == "Recommend us?"
    assert scores(tmp_path / "x.csv", plugins, "1. Recommend us?")["base"] == 3


def test_columns_go_by_their_names(tmp_path: Path) -> None:
    """The set of columns and their order change from export to export."""
    other = [[*row[:5], *row[9:], row[8]] for row in BRICKS]
    survey = survey_of(written(tmp_path, BRICKS), written(tmp_path, other, "y.csv"))
    assert values(survey, ["1. Recommend us?", "4. Rate - Speed"]) == {
        "1. Recommend us?": ["10", "2", "9"] * 2,
        "4. Rate - Speed": ["3", "4", None] * 2,
    }


# 问卷星

OWN = ["序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自IP"]
STAR_TEXT = [
    [
        *OWN,
        "1、您有多大可能向朋友推荐我们？",
        "2、您用过哪些渠道？",
        "第3题(速度)",
        "第3题(态度)",
        "4、建议",
    ],
    [
        "1",
        "2026/9/3 12:00:00",
        "65秒",
        "微信",
        "N/A",
        "1.2.3.4(北京)",
        "10",
        "网站┋门店",
        "满意",
        "一般",
        "(空)",
    ],
    [
        "2",
        "2026/9/3 12:10:00",
        "70秒",
        "微信",
        "N/A",
        "1.2.3.4(北京)",
        "3",
        "网站┋其他〖传真〗",
        "一般",
        "满意",
        "好",
    ],
    [
        "3",
        "2026/9/4 12:10:00",
        "71秒",
        "链接",
        "直接访问",
        "1.2.3.4(上海)",
        "(跳过)",
        "(跳过)",
        "满意",
        "满意",
        "",
    ],
    [
        "4",
        "2026/9/4 12:20:00",
        "72秒",
        "链接",
        "直接访问",
        "1.2.3.4(上海)",
        "9",
        "门店",
        "满意",
        "满意",
        "(空)",
    ],
]
STAR_NUMBER = [
    [
        *OWN,
        "1、您有多大可能向朋友推荐我们？",
        "第2题(网站)",
        "第2题(门店)",
        "第2题(其他)",
        "第3题(速度)",
        "第3题(态度)",
        "4、建议",
    ],
    ["1", "2026/9/3 12:00:00", "65秒", "微信", "N/A", "1.2.3.4(北京)", 10, 1, 1, 0, 2, 1, -2],
    ["2", "2026/9/3 12:10:00", "70秒", "微信", "N/A", "1.2.3.4(北京)", 3, 1, 0, 1, 1, 2, "好"],
    [
        "3",
        "2026/9/4 12:10:00",
        "71秒",
        "链接",
        "直接访问",
        "1.2.3.4(上海)",
        -3,
        -3,
        -3,
        -3,
        2,
        2,
        -2,
    ],
    ["4", "2026/9/4 12:20:00", "72秒", "链接", "直接访问", "1.2.3.4(上海)", 9, 0, 1, 0, 2, 2, -2],
]
WEB, SHOP, OTHER = [1, 1, None, 0], [1, 0, None, 1], [0, 1, None, 0]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
@pytest.mark.parametrize("number", [False, True])
def test_wenjuanxing_by_text_and_by_number(
    tmp_path: Path, plugins: Plugins, encoding: str, number: bool
) -> None:
    path = written(tmp_path, STAR_NUMBER if number else STAR_TEXT, encoding=encoding)
    survey = survey_of(path)
    assert survey.dictionary.layout == "wenjuanxing"
    question = "第2题" if number else "2、您用过哪些渠道？"
    assert list(sets(survey)) == [question]
    made = [f"{question}:{option}" for option in ("网站", "门店", "其他")]
    assert list(values(survey, made).values()) == [WEB, SHOP, OTHER]
    label = survey.dictionary.variables["1、您有多大可能向朋友推荐我们？"].label
    assert label == "您有多大可能向朋友推荐我们？"
    found = scores(path, plugins, "1、您有多大可能向朋友推荐我们？")
    assert (found["value"], found["base"]) == (pytest.approx(100 / 3), 3)
    [item] = found["results"].items
    assert item["missing_by"] == {"-3 (跳过)" if number else "(跳过)": 1}


def test_an_option_that_nobody_chose_in_one_file_is_0_there(tmp_path: Path) -> None:
    first = written(tmp_path, STAR_TEXT[:2], "1.csv")
    second = written(tmp_path, [STAR_TEXT[0], STAR_TEXT[4]], "2.csv")
    survey = survey_of(first, second)
    assert values(survey, ["2、您用过哪些渠道？:网站", "2、您用过哪些渠道？:门店"]) == {
        "2、您用过哪些渠道？:网站": [1, 0],
        "2、您用过哪些渠道？:门店": [1, 1],
    }


def test_a_matrix_is_no_question_with_several_answers(tmp_path: Path) -> None:
    survey = survey_of(written(tmp_path, STAR_NUMBER))
    assert not any(name.startswith("第3题:") for name in survey.columns)


# 腾讯问卷

TENCENT_OWN = ["编号", "开始答题时间", "结束答题时间", "答题时长", "地理位置国家和地区"]
TENCENT_OWN += ["地理位置省", "地理位置市", "自定义字段"]


@pytest.mark.parametrize("sign", [":", "：", "_"])
@pytest.mark.parametrize("coded", [False, True])
def test_tencent_has_a_column_for_each_option(
    tmp_path: Path, plugins: Plugins, sign: str, coded: bool
) -> None:
    options = [f"2.你用过哪些渠道？{sign}{option}" for option in ("A.网站", "B.门店")]
    own = ["02-Feb-2026 20:26:58", "02-Feb-2026 20:27:09", "11", "中国", "香港", "", ""]
    marks = [("1", "0"), ("1", "1")] if coded else [("A.网站", ""), ("A.网站", "B.门店")]
    rows = [
        [*TENCENT_OWN, "1.你会推荐我们吗？", *options, ""],
        ["1", *own, "10", *marks[0], ""],
        ["2", *own, "8", *marks[1], ""],
        ["3", *own, "9", "", "", ""],
    ]
    path = written(tmp_path, rows)
    survey = survey_of(path)
    assert survey.dictionary.layout == "tencent"
    assert "" not in survey.columns
    join = "::" if sign == ":" else ":"
    made = [f"2.你用过哪些渠道？{join}{option}" for option in ("A.网站", "B.门店")]
    assert values(survey, made) == {made[0]: [1, 1, None], made[1]: [0, 1, None]}
    found = scores(path, plugins, "1.你会推荐我们吗？")
    assert (found["value"], found["base"]) == (pytest.approx(200 / 3), 3)


@pytest.mark.parametrize("number", [False, True])
def test_a_chinese_report_of_a_gb18030_export_is_chinese(
    tmp_path: Path, plugins: Plugins, number: bool
) -> None:
    path = written(tmp_path, STAR_NUMBER if number else STAR_TEXT, encoding="gb18030")
    results = scores(path, plugins, "1、您有多大可能向朋友推荐我们？")["results"]
    assert len(results.notes) == 2
    page = plugins.report("x.html").render(results, "zh").decode()
    assert "不是 UTF-8；按 gb18030 读取；若文字有误，请指定编码" in page
    assert "注明了哪些回答为缺失" in page
    for english in ("not UTF-8", "says which answers", "says otherwise"):
        assert english not in page


def test_notes_on_files_have_their_chinese() -> None:
    from satcore_html.messages import said
    from satcore_html.words import Words

    for note in (
        "x.csv: times are those of America/Denver, as the export says",
        "Status: responses with 'Preview' are tests and dropped",
        "a [[keep]] rule on this column says otherwise",
        "x.sav names 'w' as its weight, which is not used; name it in [roles] weight (--weight)",
        "x.csv: described by x.json",
        "x.csv: no column note; only columns that all files have are used",
        "sex: 1 is 'Male' in a.csv and 'Female' in b.csv; the first label is shown",
        "x.sav: it does not tell its encoding; read as windows-1252",
    ):
        _, language = said(note, Words("zh", offered=Plugins.found().catalogues()))
        assert language == "", note


# Excel


def workbook(path: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> Path:
    xlsxwriter = pytest.importorskip("xlsxwriter")
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd hh:mm:ss"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, place, cell)
                elif cell is not None:
                    sheet.write(number, place, cell)
    book.close()
    return path


PLAIN = [["Q1", "region", "007"], [10, "East", "001"], [3, "West", "x"], [None, "East", None]]


def test_a_sheet_equals_its_csv(tmp_path: Path, plugins: Plugins) -> None:
    sheet = survey_of(workbook(tmp_path / "x.xlsx", {"answers": PLAIN}), kind="excel")
    plain = survey_of(written(tmp_path, [["" if c is None else c for c in r] for r in PLAIN]))
    assert sheet.columns == plain.columns == ("Q1", "region", "007")
    assert values(sheet) == values(plain)
    assert values(sheet, ["007", "Q1"]) == {"007": ["001", "x", None], "Q1": ["10", "3", None]}
    csv_rows = scores(tmp_path / "x.csv", plugins, "Q1", segments=["region"])["results"]
    xlsx_rows = scores(tmp_path / "x.xlsx", plugins, "Q1", segments=["region"])["results"]
    assert csv_rows.to_dict()["estimates"] == xlsx_rows.to_dict()["estimates"]


@pytest.mark.parametrize("rows", [QUALTRICS, MONKEY, STAR_TEXT, STAR_NUMBER, BRICKS])
def test_exports_are_known_in_workbooks_too(tmp_path: Path, rows: list[list[object]]) -> None:
    sheet = survey_of(workbook(tmp_path / "x.xlsx", {"a": rows}), kind="excel")
    plain = survey_of(written(tmp_path, rows))
    assert sheet.dictionary == plain.dictionary
    blank = [{k: [c or None for c in v] for k, v in values(s).items()} for s in (sheet, plain)]
    assert blank[0] == blank[1]


@pytest.mark.parametrize("kind", ["excel", "csv"])
def test_readers_keep_their_laws(tmp_path: Path, kind: str) -> None:
    export = workbook(tmp_path / "x.xlsx", {"a": STAR_TEXT})
    path = export if kind == "excel" else written(tmp_path, STAR_TEXT)
    for check in survey_checks(SPECS[kind], [path]):
        assert check.told().kind != "failed", check.told()


def test_times_and_numbers_of_a_sheet(tmp_path: Path) -> None:
    rows = [["t", "n", "yes"], [dt.datetime(2026, 9, 3, 12, 30), 2.5, True]]
    survey = survey_of(workbook(tmp_path / "x.xlsx", {"a": rows}), kind="excel")
    assert values(survey) == {"t": ["2026-09-03 12:30:00"], "n": ["2.5"], "yes": ["true"]}


def test_a_sheet_is_named_where_there_are_several(tmp_path: Path, plugins: Plugins) -> None:
    path = workbook(tmp_path / "x.xlsx", {"intro": [["hello"]], "answers": PLAIN})
    with pytest.raises(DataError) as caught:
        survey_of(path, kind="excel")
    assert "it has the sheets 'intro', 'answers'; name the one" in str(caught.value)
    assert f'"{path}#intro"' in str(caught.value)
    assert scores(f"{path}#answers", plugins, "Q1")["base"] == 2
    with pytest.raises(StudyError, match="no sheet 'answer'; there are intro, answers; did you"):
        scores(f"{path}#answer", plugins, "Q1")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not a workbook", bytes(range(256)) * 9])
def test_what_is_no_workbook(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(content)
    with pytest.raises(DataError, match="can't be read as Excel workbook"):
        survey_of(path, kind="excel")


def test_an_empty_sheet(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", {"a": []})
    with pytest.raises(DataError, match="the sheet 'a' is empty"):
        survey_of(path, kind="excel")


def test_a_workbook_that_unpacks_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workbook(tmp_path / "x.xlsx", {"a": PLAIN})
    monkeypatch.setattr("satcore_files.excel._LARGEST", 1 << 10)
    with pytest.raises(DataError, match="save the sheet as CSV"):
        survey_of(path, kind="excel")


@pytest.mark.parametrize("kind", ["excel", "spss", "stata"])
def test_what_has_to_be_installed_is_told(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"x{SPECS[kind].suffixes[0]}"
    path.write_bytes(b"x")
    code = (
        "import sys; sys.modules['fastexcel'] = sys.modules['pyreadstat'] = None\n"
        "import satcore_files; from satcore import DataError, Source\n"
        f"spec = {{s.name: s for s in satcore_files.satcore_surveys()}}[{kind!r}]\n"
        "try: spec.read(Source(paths=(sys.argv[1],)))\n"
        "except DataError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    library = "fastexcel" if kind == "excel" else "pyreadstat"
    expected = (
        f"{path}: it takes {library} to read it: install it with pip install 'satcore[files]'"
    )
    assert done.stdout.strip() == expected


# Long tables, reversed items, times


def test_a_long_table_of_touchpoints_is_read_as_it_is(tmp_path: Path, plugins: Plugins) -> None:
    rows = [
        ["id", "time", "touchpoint", "score"],
        ["7", "2026-09-01T10:00:00+08:00", "web", "10"],
        ["7", "2026-09-02T10:00:00+08:00", "shop", "4"],
        ["8", "2026-10-01T00:30:00+08:00", "web", "9"],
    ]
    path = written(tmp_path, rows)
    found = scores(path, plugins, "score", segments=["touchpoint"])["results"]
    told = {row["cell"].get("touchpoint"): row["value"] for row in found.rows("nps", "nps")}
    assert told == {None: pytest.approx(100 / 3), "web": 100.0, "shop": -100.0}


def test_a_time_with_a_zone_is_of_the_day_that_is_written(tmp_path: Path, plugins: Plugins) -> None:
    rows = [
        ["score", "time"],
        ["10", "2026-09-30T23:30:00Z"],
        ["4", "2026-09-30T23:30:00-08:00"],
        ["9", "2026-10-01T00:30:00+08:00"],
    ]
    path = written(tmp_path, rows)
    wave = {"time": "time", "period": "month"}
    results = scores(path, plugins, "score", wave=wave)["results"]
    told = {row["cell"].get("wave"): row["base"] for row in results.rows("nps", "nps")}
    assert told == {None: 3, "2026-09": 2, "2026-10": 1}


# Quantipy


def test_a_codebook_of_quantipy(shared: Path) -> None:
    """Labels and sets are those of quantipy's own description; values are those of the table."""
    import json

    path = shared / "data" / "quantipy_A" / "Example_Data_A.csv"
    meta = json.loads(path.with_suffix(".json").read_text("utf-8"))
    survey = survey_of(path)
    known = survey.dictionary
    assert known.layout == "quantipy"
    columns = {name: one for name, one in meta["columns"].items() if name in survey.columns}
    assert len(columns) > 70
    for name, column in columns.items():
        assert known.variables[name].label == " ".join(
            column.get("text", {}).get("en-GB", "").split()
        )
        listed = column.get("values", [])
        if isinstance(listed, str):
            listed = meta["lib"]["values"][listed.rpartition("@")[2]]
        assert known.variables[name].labels == {
            str(one["value"]): " ".join(one["text"]["en-GB"].split()) for one in listed
        }
    several = [name for name, one in columns.items() if one["type"] == "delimited set"]
    assert {one.name for one in known.sets} == set(several) == {"q2", "q3", "q8", "q9"}
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for one in known.sets:
        codes = [name.partition(":")[2] for name in one.options]
        found = values(survey, [*one.options, one.name])
        for code in codes:
            assert found[f"{one.name}:{code}"] == [
                None if not row[one.name] else int(code in row[one.name].split(";")) for row in rows
            ]
    plain = [name for name in survey.columns if ":" not in name]
    read = values(survey, plain)
    assert {name: [cell or "" for cell in read[name]] for name in plain} == {
        name: [row[name] for row in rows] for name in plain
    }


def test_labels_at_odds_are_told(tmp_path: Path) -> None:
    for name, label in (("a", "Male"), ("b", "Female")):
        written(tmp_path, [["sex"], ["1"]], f"{name}.csv")
        (tmp_path / f"{name}.json").write_text(
            '{"lib": {"default text": "en"}, "columns": {"sex": {"type": "single", "text": '
            f'{{"en": "Sex"}}, "values": [{{"value": 1, "text": {{"en": "{label}"}}}}]}}}}}}'
        )
    survey = survey_of(tmp_path / "a.csv", tmp_path / "b.csv")
    assert (
        "sex: 1 is 'Male' in a.csv and 'Female' in b.csv; the first label is shown" in survey.notes
    )
    assert survey.dictionary.variables["sex"].labels == {"1": "Male"}


@pytest.mark.parametrize("text", ["[]", "{}", "no json", '{"columns": 1, "lib": {}}', "[" * 9999])
def test_json_that_is_no_description(tmp_path: Path, text: str) -> None:
    written(tmp_path, [["a"], ["1"]])
    (tmp_path / "x.json").write_text(text)
    assert survey_of(tmp_path / "x.csv").dictionary.layout == ""
