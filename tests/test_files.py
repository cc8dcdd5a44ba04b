"""Surveys from files: what is read, and what is said of files that can't be."""

from __future__ import annotations

import contextlib
import csv
import gc
import io
import itertools
import pickle
import random
import struct
import subprocess
import sys
import tempfile
import threading
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import satcore
import satcore_files
from satcore import DataError, Source, Survey

SPECS = {spec.name: spec for spec in satcore_files.satcore_surveys()}
CHINESE = "满意度很高，服务态度好；等待时间有点长"


def csv_survey(*paths: Path, encoding: str | None = None) -> Survey:
    return SPECS["csv"].read(Source(paths=tuple(map(str, paths)), encoding=encoding))


def parquet_survey(*paths: Path) -> Survey:
    return SPECS["parquet"].read(Source(paths=tuple(map(str, paths))))


def table(survey: Survey, columns: Sequence[str] | None = None) -> list[tuple[object, ...]]:
    """All rows, an absent cell as an empty text: both mean that nothing was answered."""
    asked = survey.columns if columns is None else columns
    return [
        tuple("" if cell is None else cell for cell in row)
        for fragment in survey.fragments
        for batch in fragment.read(asked)
        for row in batch.rows()
    ]


def read_all(*paths: Path, encoding: str | None = None) -> list[tuple[object, ...]]:
    return table(csv_survey(*paths, encoding=encoding))


def written(folder: Path, text: str | bytes, name: str = "x.csv") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def refusal(*paths: Path, encoding: str | None = None) -> str:
    """What is said of files that can't be read, when they are opened or when they are read."""
    with pytest.raises(DataError) as caught:
        read_all(*paths, encoding=encoding)
    message = str(caught.value)
    for word in ("polars", "ignore_errors", "truncate_ragged", "infer_schema", "Traceback"):
        assert word not in message
    return message


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("satcore_files.delimited._BLOCK", 16)


# What the plugin offers


def test_the_hook_offers_each_kind() -> None:
    assert SPECS["excel"].suffixes == (".xlsx", ".xlsm")
    assert SPECS["spss"].suffixes == (".sav", ".zsav")
    assert SPECS["stata"].suffixes == (".dta",)
    assert SPECS["csv"].suffixes == (".csv", ".tsv", ".txt")
    assert SPECS["parquet"].suffixes == (".parquet", ".pq")


def test_the_plugin_is_light_until_a_file_is_opened() -> None:
    code = (
        "import sys, satcore_files; satcore_files.satcore_surveys(); "
        "print(sorted({'polars', 'numpy', 'pyarrow'} & set(sys.modules) - set(before)))"
    )
    # numpy comes with satcore's own records; nothing may come on top of those.
    code = (
        "from satcore import SurveySpec, hookimpl; import sys; before = list(sys.modules); " + code
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# Delimited text


def test_a_file_is_a_fragment_of_texts(tmp_path: Path) -> None:
    path = written(tmp_path, "id,Q1,region\n007,10,NA\n008,,East\n")
    survey = csv_survey(path)
    assert survey.name == "x.csv"
    assert survey.columns == ("id", "Q1", "region")
    assert survey.notes == ()
    (fragment,) = survey.fragments
    assert fragment.id == "x.csv"
    assert fragment.rows is None
    (batch,) = fragment.read(["region", "id"])
    assert batch.columns == ["region", "id"]
    assert set(batch.dtypes) == {pl.String}
    assert batch.rows() == [("NA", "007"), ("East", "008")]


def test_a_fragment_can_be_read_again_and_sent_elsewhere(tmp_path: Path) -> None:
    survey = csv_survey(written(tmp_path, "a,b\n1,2\n"))
    (fragment,) = survey.fragments
    sent = pickle.loads(pickle.dumps(fragment))
    assert sent == fragment
    for _ in range(2):
        assert [batch.rows() for batch in sent.read(["b"])] == [[("2",)]]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["", "\n", "\r\n", "\n\n\n", "\r\n\r\n"])
def test_line_ends(tmp_path: Path, ending: str, last: str) -> None:
    text = ending.join(["a,b", "1,2", "", "3,"]) + last
    assert read_all(written(tmp_path, text)) == [("1", "2"), ("3", "")]


def test_empty_lines_before_the_header(tmp_path: Path) -> None:
    path = written(tmp_path, "\n\r\na,b\n1,2\n3\n")
    assert csv_survey(path).columns == ("a", "b")
    assert "x.csv: line 5: 1 cell, but the header has 2 columns" in refusal(path)


@pytest.mark.parametrize("block", [1, 2, 3, 5, 1000])
def test_an_empty_line_is_an_answer_only_where_there_is_one_column(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr("satcore_files.delimited._BLOCK", block)
    path = written(tmp_path, "Q1\n\n9\r\n\r\n\n10\n\n\n")
    assert read_all(path) == [("",), ("9",), ("",), ("",), ("10",)]
    path = written(tmp_path, "Q1,Q2\n\n9,1\r\n\r\n\n10,2\n\n\n")
    assert read_all(path) == [("9", "1"), ("10", "2")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    text = 'id;"a, b|c";Q1\n1;"x;""y""\nz";9\n'.replace(";", delimiter)
    survey = csv_survey(written(tmp_path, text))
    assert survey.columns == ("id", "a, b|c".replace(";", delimiter), "Q1")
    assert table(survey) == [("1", 'x;"y"\nz'.replace(";", delimiter), "9")]
    assert survey.notes == ()


def test_a_delimiter_within_the_header_is_settled_by_the_lines(tmp_path: Path) -> None:
    survey = csv_survey(written(tmp_path, "id;well, how was it?;why, then?\n1;9;a, b, c\n2;8;\n"))
    assert survey.columns == ("id", "well, how was it?", "why, then?")
    assert survey.notes == ()


def test_two_delimiters_that_both_fit_are_told(tmp_path: Path) -> None:
    survey = csv_survey(written(tmp_path, "a,b;c,d\n1,2;3,4\n"))
    assert survey.columns == ("a", "b;c", "d")
    assert survey.notes == ("x.csv: read as separated by commas; semicolons would fit too",)


@pytest.mark.parametrize("name", ["x.tsv", "x.TSV"])
def test_one_column_of_tsv(tmp_path: Path, name: str) -> None:
    assert read_all(written(tmp_path, "why\nslow, loud\n", name)) == [("slow, loud",)]


def test_no_delimiter_fits(tmp_path: Path) -> None:
    message = refusal(written(tmp_path, "a,b,c;d\n1,2\n"))
    assert "x.csv: line 2: 2 cells, but the header has 3 columns" in message


def test_tsv_means_tabs(tmp_path: Path) -> None:
    survey = csv_survey(written(tmp_path, "a,b,c\td,e,f\n1,2,3\t4,5,6\n", "x.tsv"))
    assert survey.columns == ("a,b,c", "d,e,f")
    assert survey.notes == ()


def test_tsv_without_tabs_is_read_as_it_is(tmp_path: Path) -> None:
    assert csv_survey(written(tmp_path, "a;b\n1;2\n", "x.tsv")).columns == ("a", "b")


def test_one_column(tmp_path: Path) -> None:
    assert read_all(written(tmp_path, 'Q1\n9\n"10"\n""\n')) == [("9",), ("10",), ("",)]


def test_a_column_without_a_name(tmp_path: Path) -> None:
    survey = csv_survey(written(tmp_path, ",Q1\n1,9\n"))
    assert survey.columns == ("", "Q1")
    assert table(survey) == [("1", "9")]


def test_names_are_kept_as_they_are(tmp_path: Path) -> None:
    survey = csv_survey(written(tmp_path, ' Q1 ,"Q\n2",0,1,"say ""hi"""\n1,2,3,4,5\n'))
    assert survey.columns == (" Q1 ", "Q\n2", "0", "1", 'say "hi"')
    assert table(survey, ["1", "0", 'say "hi"', " Q1 "]) == [("4", "3", "5", "1")]


TOKENS = ["a", "b", '"', '"', ",", ",", "\n", "\r\n", "é"]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(TOKENS), max_size=24), st.integers(1, 12))
@example(['"', "a", '"', '"', ",", "\n", '"', ",", "b", "\n"], 4)
def test_any_text_is_read_as_the_csv_module_reads_it_or_refused(
    tokens: list[str], block: int
) -> None:
    text = "Q1,Q2\n" + "".join(tokens)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("satcore_files.delimited._BLOCK", block)
        path = written(Path(folder), text)
        try:
            found = read_all(path)
        except DataError:
            return
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert found == [tuple(row) for row in itertools.islice(rows, 1, None) if row]


CELLS = st.text(
    st.one_of(
        st.sampled_from('",;\t|\n\r \'"'),
        st.sampled_from(CHINESE),
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    ),
    max_size=6,
)
ENCODINGS = [
    # how the file is written, and what the study names
    ("utf-8", None),
    ("utf-8-sig", None),
    ("utf-16", None),
    ("utf-8", "utf-8-sig"),
    ("utf-8-sig", "UTF-8"),
    ("utf-16", "utf-16"),
    ("utf-16-le", "utf-16-le"),
    ("utf-16-be", "UTF-16BE"),
    ("utf-32", None),
    ("gb18030", "gb18030"),
    ("utf-7", "utf-7"),
]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    width=st.integers(1, 4),
    data=st.data(),
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    encoding=st.sampled_from(ENCODINGS),
    block=st.sampled_from([3, 7, 20, 1 << 20]),
)
def test_what_the_csv_module_writes_is_read_back(
    width: int,
    data: st.DataObject,
    delimiter: str,
    quoting: int,
    encoding: tuple[str, str | None],
    block: int,
) -> None:
    # A header of one name does not tell its delimiter.
    delimiter = delimiter if width > 1 else ","
    row = st.lists(CELLS, min_size=width, max_size=width)
    rows = data.draw(st.lists(row, min_size=1, max_size=8))
    header = ["名 1", "b", "c", "d"][:width]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=quoting).writerows([header, *rows])
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("satcore_files.delimited._BLOCK", block)
        path = written(Path(folder), text.getvalue().encode(encoding[0]))
        survey = csv_survey(path, encoding=encoding[1])
        assert survey.columns == tuple(header)
        assert table(survey) == [tuple(row) for row in rows]
        assert table(survey, header[-1:]) == [(row[-1],) for row in rows]


def test_batches_keep_the_order_in_little_memory(tmp_path: Path) -> None:
    lines = 300_000
    text = "n,comment,Q1\n" + "".join(f'{n},"a, ""b"" {CHINESE}",9\n' for n in range(lines))
    path = written(tmp_path, text)
    size = path.stat().st_size
    del text
    (fragment,) = csv_survey(path).fragments
    next_number, batches = 0, 0
    tracemalloc.start()
    try:
        for batch in fragment.read(["n"]):
            first = next_number
            next_number += batch.height
            batches += 1
            assert batch["n"].to_list() == [str(n) for n in range(first, next_number)]
            del batch
        # numpy and Python tell their memory here; it must not grow with the file.
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert next_number == lines
    assert batches > 5
    assert size > 20 << 20
    assert peak < 80 << 20


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_nothing_is_left_behind_by_a_reader_that_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_blocks: None, encoding: str
) -> None:
    elsewhere = tmp_path / "temporary"
    elsewhere.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    path = written(tmp_path, ("a,b\n" + f"{CHINESE},1\n" * 1000).encode(encoding))
    threads = threading.active_count()
    (fragment,) = csv_survey(path).fragments
    batches = fragment.read(["a"])
    next(batches)
    del batches  # a file that stays open would warn, and warnings are errors here
    gc.collect()
    assert threading.active_count() == threads
    assert list(elsewhere.iterdir()) == []
    path.unlink()


# Encodings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "gb18030", "gbk"])
@pytest.mark.parametrize("named", [True, False])
def test_each_encoding_gives_the_same(tmp_path: Path, encoding: str, named: bool) -> None:
    text = f"编号,地区\r\n1,{CHINESE}\r\n2,华东\r\n"
    survey = csv_survey(
        written(tmp_path, text.encode(encoding)), encoding=encoding if named else None
    )
    assert survey.columns == ("编号", "地区")
    assert table(survey) == [("1", CHINESE), ("2", "华东")]
    guessed = encoding.startswith("gb") and not named
    note = "x.csv: not UTF-8; read as gb18030; if texts look wrong, name the encoding"
    assert survey.notes == ((note,) if guessed else ())


def test_chinese_is_found_behind_much_ascii(tmp_path: Path) -> None:
    ascii_lines = "a,b\n" + "1,2\n" * 600_000
    path = written(tmp_path, ascii_lines.encode() + f"3,{CHINESE}\n".encode("gb18030"))
    survey = csv_survey(path)
    assert "gb18030" in survey.notes[0]
    assert table(survey, ["b"])[-1] == (CHINESE,)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp949", "매우 만족합니다. 대기 시간이 조금 길었어요. 직원이 친절하고 설명도 쉬웠습니다"),
        ("cp932", "とても満足しています。待ち時間が少し長い"),
        ("euc_jp", "とても満足しています。待ち時間が少し長い"),
        ("gb18030", CHINESE),
    ],
)
def test_the_letters_of_a_language_tell_its_encoding(
    tmp_path: Path, encoding: str, text: str
) -> None:
    survey = csv_survey(written(tmp_path, f"a,b\n1,{text}\n".encode(encoding)))
    assert table(survey) == [("1", text)]
    assert survey.notes == (
        f"x.csv: not UTF-8; read as {encoding}; if texts look wrong, name the encoding",
    )


@pytest.mark.parametrize(("encoding", "text"), [("cp949", "만족"), ("gb18030", "华东")])
def test_too_little_text_is_not_guessed_at(tmp_path: Path, encoding: str, text: str) -> None:
    path = written(tmp_path, f"a,b\n1,{text}\n".encode(encoding))
    assert (
        "is not UTF-8, and there is too little text to tell gb18030, cp949 apart; name the file's "
        'encoding in the study, such as encoding = "gb18030", "cp949", "latin-1"'
    ) in refusal(path)
    assert read_all(path, encoding=encoding) == [("1", text)]


LETTERS = "매우만족합니다시간이길어요とてもしいます待長服务态度很好éèü"


@settings(max_examples=60)
@given(
    st.sampled_from(["cp949", "cp932", "gb18030", "cp1252", "big5"]),
    st.text(LETTERS, min_size=1, max_size=60),
)
def test_a_guess_is_right_or_told(encoding: str, letters: str) -> None:
    """What is read without a note is what was written, but for bytes that are UTF-8 by chance."""
    text = "".join(sign for sign in letters if _fits(sign, encoding))
    with contextlib.suppress(UnicodeDecodeError):
        assume(text.encode(encoding).decode() == text)  # stops the example where they differ
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder), f"a,b\n1,{text}\n".encode(encoding))
        try:
            survey = csv_survey(path)
        except DataError:
            assert "such as encoding = " in refusal(path)
        else:
            right = table(survey) == [("1", text)]
            assert right or "if texts look wrong, name the encoding" in survey.notes[0]


def _fits(sign: str, encoding: str) -> bool:
    try:
        sign.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def test_files_of_several_encodings_make_one_survey(tmp_path: Path) -> None:
    text = f"id,where\n1,{CHINESE}\n"
    encodings = ["gb18030", "utf-8", "utf-16", "gbk"]
    paths = [written(tmp_path, text.encode(name), f"{name}.csv") for name in encodings]
    survey = csv_survey(*paths)
    assert table(survey) == [("1", CHINESE)] * 4
    assert survey.notes == (
        "gb18030.csv, gbk.csv: not UTF-8; read as gb18030; if texts look wrong, name the encoding",
    )


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("latin-1", "très bien, déjà vu"),
        ("cp1252", "it’s “fine”"),
        ("cp1252", "5 € – why not"),
        ("latin-1", "Ärger über Öl"),
        ("big5", "服務態度很好，等待時間有點長"),
        ("shift_jis", "東京"),
        ("cp1251", "очень хорошо, спасибо"),
    ],
)
def test_other_encodings_are_to_be_named(tmp_path: Path, encoding: str, text: str) -> None:
    path = written(tmp_path, f'a,b\n1,2\n"{text}",1\n'.encode(encoding))
    message = refusal(path)
    assert f"{path}: byte " in message
    assert "(line 3) is not UTF-8" in message
    assert 'encoding = "latin-1", "cp1252", "big5", "shift_jis" or "euc-kr"' in message
    assert read_all(path, encoding=encoding) == [("1", "2"), (text, "1")]


@pytest.mark.parametrize("block", [1, 5, 64, 1 << 20])
def test_a_late_byte_that_is_not_utf8(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr("satcore_files.delimited._BLOCK", block)
    # The byte lies behind what is looked at when the file is opened.
    monkeypatch.setattr("satcore_files.delimited._HEAD", 64)
    monkeypatch.setattr("satcore_files.encodings._BLOCK", 64)
    good = f"a,b\né,{CHINESE}\n" + "1,2\n" * 500
    path = written(tmp_path, good.encode() + b"1,\xff\n" + b"1,2\n" * 100)
    survey = csv_survey(path)
    with pytest.raises(DataError) as caught:
        table(survey)
    assert str(caught.value) == (
        f"{path}: byte {len(good.encode()) + 3} (line 503) is not utf-8, although the text "
        "before is; export the file again, or name its encoding in the study, such as encoding = "
        '"gb18030", "latin-1", "cp1252", "big5", "shift_jis" or "euc-kr"'
    )


@pytest.mark.parametrize("block", [1, 2, 5, 1 << 20])
@pytest.mark.parametrize(
    ("encoding", "bad"),
    [("gb18030", b"\xff"), ("gb18030", b"\x81 "), ("shift_jis", b"\xff"), ("euc-kr", b"\x81\x20")],
)
def test_a_wrong_encoding_is_named_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int, encoding: str, bad: bytes
) -> None:
    monkeypatch.setattr("satcore_files.delimited._BLOCK", block)
    monkeypatch.setattr("satcore_files.delimited._HEAD", 8)
    good = "a,b\n中,1\n1,2\n1,中".encode(encoding)
    path = written(tmp_path, good + bad + b"\n1,2\n")
    assert refusal(path, encoding=encoding) == (
        f"{path}: byte {len(good) + 1} (line 4) is not {encoding.replace('-', '_')}, the encoding "
        "that the study names; name the one that the file has, or leave it out to have it found"
    )


def test_a_late_byte_that_is_not_gb18030(tmp_path: Path) -> None:
    good = ("a,b\n" + f"{CHINESE},1\n" * 60_000).encode("gb18030")
    path = written(tmp_path, good + b"\xff,2\n")
    message = refusal(path)
    assert f"byte {len(good) + 1} (line 60002) is not gb18030, although the text before" in message
    assert 'such as encoding = "latin-1"' in message


def test_utf16_that_ends_within_a_character(tmp_path: Path) -> None:
    message = refusal(written(tmp_path, "a,b\n1,2\n".encode("utf-16") + b"\0"))
    assert "is not utf-16-le, the encoding that its byte-order mark announces" in message


def test_utf16_without_a_mark(tmp_path: Path) -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        path = written(tmp_path, "a,b\n1,2\n".encode(encoding))
        assert f'in that case name encoding = "{encoding}" in the study' in refusal(path)
    message = refusal(path, encoding="utf-16")
    assert 'name encoding = "utf-16-le" or "utf-16-be"' in message


def test_a_codec_that_reads_nothing(tmp_path: Path) -> None:
    message = refusal(written(tmp_path, "a,b\n1,2\n"), encoding="undefined")
    assert "it can't be read as undefined; name the encoding that the file has" in message


def test_a_mark_wins_over_the_name_and_is_told(tmp_path: Path) -> None:
    survey = csv_survey(
        written(tmp_path, f"a,b\n1,{CHINESE}\n".encode("utf-8-sig")), encoding="gbk"
    )
    assert table(survey) == [("1", CHINESE)]
    assert survey.notes == ("x.csv: read as utf-8, as its byte-order mark says, and not as gbk",)


@pytest.mark.parametrize("name", ["gb1830", "utf-9", "rot13", "zip", "latin-one", "x\0y", ""])
def test_an_encoding_that_is_none(tmp_path: Path, name: str) -> None:
    message = refusal(written(tmp_path, "a\n1\n"), encoding=name)
    assert message.startswith(f"encoding: there is no encoding {name!r}; ")
    if name == "gb1830":
        assert "did you mean 'gb18030'" in message
    if name == "utf-9":
        assert "'utf-8'" in message


# Several files


def test_ids_are_paths_below_the_shared_folder(tmp_path: Path) -> None:
    names = ["2024/r.csv", "2025/r.csv", "2025/deep/s.csv"]
    for top in ("here", "there"):
        paths = [written(tmp_path / top, "a\n1\n", name) for name in names]
        survey = csv_survey(*paths)
        assert [fragment.id for fragment in survey.fragments] == names
        assert survey.name == "r.csv and 2 more"
        assert [f.id for f in csv_survey(*paths[:1]).fragments] == ["r.csv"]
    back = [Path(path.parent, "..", path.parent.name, path.name) for path in paths]
    assert [fragment.id for fragment in csv_survey(*back).fragments] == names


def test_only_shared_columns_are_used_and_the_others_told(tmp_path: Path) -> None:
    survey = csv_survey(
        written(tmp_path, "id,Q1,Q2\n1,9,8\n", "a.csv"),
        written(tmp_path, "Q1;id\n7;2\n", "b.csv"),
        written(tmp_path, "new,Q1,id\n5,7,3\n", "c.csv"),
        written(tmp_path, "id,Q1\n", "d.csv"),
    )
    assert survey.columns == ("id", "Q1")
    assert table(survey) == [("1", "9"), ("2", "7"), ("3", "7")]
    assert survey.notes == (
        "a.csv: no column new; only columns that all files have are used",
        "b.csv, d.csv: no column Q2, new; only columns that all files have are used",
        "c.csv: no column Q2; only columns that all files have are used",
    )


def test_no_shared_column(tmp_path: Path) -> None:
    message = refusal(written(tmp_path, "a\n1\n", "a.csv"), written(tmp_path, "b\n1\n", "b.csv"))
    assert message == ("a.csv and 1 more: the files have no column in common; read them one by one")


def test_the_same_file_twice(tmp_path: Path) -> None:
    path = written(tmp_path, "a\n1\n")
    link = tmp_path / "latest.csv"
    link.symlink_to(path)
    for other in (path, tmp_path / "." / ".." / tmp_path.name / "x.csv", link):
        assert "no answer is counted twice" in refusal(path, other)
    assert refusal(path, link) == (
        f"{link}: it is the same file as {path}; no answer is counted twice"
    )


def test_all_files_that_can_not_be_read_are_told_at_once(tmp_path: Path) -> None:
    good = written(tmp_path, "a,b\n1,2\n", "good.csv")
    empty = written(tmp_path, "", "empty.csv")
    twice = written(tmp_path, "a,b,a,b\n1,2,3,4\n", "twice.csv")
    gone = tmp_path / "gone.csv"
    with pytest.raises(DataError) as caught:
        csv_survey(good, empty, twice, gone)
    assert [(problem.place, problem.message) for problem in caught.value.problems] == [
        (str(empty), "it is empty; export the answers again"),
        (str(twice), "columns 1 and 3 have the name 'a'; give each column a name of its own"),
        (str(twice), "columns 2 and 4 have the name 'b'; give each column a name of its own"),
        (str(gone), "there is no such file"),
    ]


def test_no_files() -> None:
    assert refusal() == "data: no file is given"


# Files that can't be read


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\n\n", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_an_empty_file(tmp_path: Path, content: bytes) -> None:
    path = written(tmp_path, content)
    assert refusal(path) == f"{path}: it is empty; export the answers again"


@pytest.mark.parametrize("content", ["a,b", "a,b\n", "a,b\r\n\r\n"])
def test_a_header_alone(tmp_path: Path, content: str) -> None:
    path = written(tmp_path, content)
    assert refusal(path) == ("x.csv: there are column names but no answers; export the answers too")
    more = written(tmp_path, "a,b\n1,2\n", "more.csv")
    assert read_all(path, more) == [("1", "2")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"PK\x03\x04\x14\0",
            "looks like an Excel workbook or another zip archive; save it as CSV or as .xlsx",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0", "looks like an old Excel workbook; save it as CSV"),
        (b"%PDF-1.7\n", "looks like a PDF document; export the answers as CSV"),
        (b"\x89PNG\r\n\x1a\n\0", "looks like a PNG picture; export the answers as CSV"),
        (b"\x1f\x8b\x08\0", "looks like a gzip archive; unpack it first"),
        (b"PAR1\x15\0", "looks like a Parquet file; give it a name that ends with .parquet"),
        (b"$FL2@(#) SPSS", "looks like an SPSS file; give it a name that ends with .sav"),
        (b"<!DOCTYPE html>\n", "looks like a web page; download the answers themselves"),
        (b"Q1,Q2\n\0\0\0\0", "holds NUL bytes: it is no CSV file, or UTF-16 without"),
        (b"Q1,Q2\n1,\x00\n3,4\n5,6\n", "holds NUL bytes, so it is no CSV file"),
    ],
)
def test_what_is_no_csv_file_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = written(tmp_path, content)
    assert refusal(path).startswith(f"{path}: it ")
    assert message in refusal(path)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    named = []
    with tempfile.TemporaryDirectory() as folder:
        for encoding in (None, "gb18030", "utf-16", "utf-16-le", "iso2022_jp", "utf-7"):
            path = written(Path(folder), b"a\n" + content)
            try:
                read_all(path, encoding=encoding)
            except DataError as error:
                named.append(str(error))
    assert all("x.csv: " in message for message in named)


def test_a_late_nul_byte(tmp_path: Path) -> None:
    path = written(tmp_path, b"a,b\n" + b"1,2\n" * 50_000 + b"1,\0\n")
    assert f"{path}: line 50002: a NUL byte" in refusal(path)


def test_columns_of_one_name(tmp_path: Path) -> None:
    path = written(tmp_path, "Q1,,Q2,Q1,,Q1\n1,2,3,4,5,6\n")
    assert refusal(path).splitlines() == [
        f"{path}: columns 1, 4 and 6 have the name 'Q1'; give each column a name of its own",
        f"{path}: columns 2 and 5 have an empty name; give each column a name of its own",
    ]


@pytest.mark.parametrize("block", [4, 50, 1 << 20])
@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1,2,3", "3 cells, but the header has 2 columns; a cell with the delimiter in it"),
        ("1", "1 cell, but the header has 2 columns; an empty cell needs its delimiter too"),
        ('"1,2"', "1 cell, but the header has 2 columns"),
        ('1,"2",', "3 cells, but the header has 2 columns"),
        (" ", "1 cell, but the header has 2 columns"),
        ('5" pipe,2', "a double quote stands within a cell; a cell with a double quote in it"),
        ('1,"2"x', "text follows the quote that closes a cell begun here; a cell with"),
        ('1,"2" ', "text follows the quote that closes a cell begun here; a cell with"),
        ('1,"2"\r,', "text follows the quote that closes a cell begun here; a cell with"),
        ('1,"2\n3"4', "begun here (one line further down); a cell with a double quote in it"),
        ('1,"2\n\n\n3"4', "begun here (3 lines further down); a cell with a double quote"),
        ('"1,2', "text follows the quote that closes a cell begun here (2 lines further down)"),
    ],
)
def test_lines_that_do_not_fit_the_header(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int, line: str, message: str
) -> None:
    monkeypatch.setattr("satcore_files.delimited._BLOCK", block)
    good = 'a,b\n1,"x\n, ""y"""\n2,3\n'
    path = written(tmp_path, good + line + '\n4,5\n"6",7\n' + "8,9\n" * 50)
    survey = csv_survey(path)
    # It is told whichever columns are asked for.
    for columns in (["a"], ["b"], ["a", "b"]):
        with pytest.raises(DataError) as caught:
            table(survey, columns)
        assert str(caught.value).startswith(f"{path}: line 5: ")
        assert message in str(caught.value)


def test_a_long_cell_is_read_whole(tmp_path: Path) -> None:
    long = "a, " * 150_000
    path = written(tmp_path, f'a;b, c\n1;"{long}"\n2;x\n')
    assert read_all(path) == [("1", long), ("2", "x")]


def test_quotes_that_do_not_fit_while_the_delimiter_is_looked_for(tmp_path: Path) -> None:
    message = refusal(written(tmp_path, 'a;b, c\n1;2\n"3"4;5\n'))
    assert "line 3: text follows the quote that closes a cell begun here" in message


def test_one_cell_too_many_does_not_make_up_for_one_too_few(tmp_path: Path) -> None:
    path = written(tmp_path, "a,b,c\n1,2,3\n1,2,3,4\n1,2\n")
    assert "line 3: 4 cells, but the header has 3 columns" in refusal(path)


@pytest.mark.parametrize("block", [4, 50, 1 << 20])
def test_a_quote_that_is_never_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr("satcore_files.delimited._BLOCK", block)
    path = written(tmp_path, 'a,b\n"1",2\n3,"4\n5,6\n7,8\n')
    assert refusal(path).startswith(
        f"{path}: line 3: the double quote that opens a cell here is never closed; close it"
    )


def test_a_quote_that_is_never_closed_does_not_draw_in_the_whole_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_blocks: None
) -> None:
    monkeypatch.setattr("satcore_files.records.LONGEST", 1 << 20)
    path = written(tmp_path, 'a,b\n1,2\n3,"4\n' + "5,6\n" * 10)
    assert "line 3: the double quote that opens a cell here is never closed" in refusal(path)
    monkeypatch.setattr("satcore_files.delimited._BLOCK", 1 << 18)
    path = written(tmp_path, 'a,b\n1,2\n3,"4\n' + "5,6\n" * 500_000)
    assert "line 3: the record that begins here has no end within 1 MiB" in refusal(path)


@pytest.mark.parametrize("rest", ["", "\n1,2\n" * 300_000])
def test_a_header_without_an_end(tmp_path: Path, rest: str) -> None:
    path = written(tmp_path, 'a,"b' + rest)
    assert f"{path}: line 1: the header has no end: a closing quote is missing" in refusal(path)


def test_quotes_within_the_header(tmp_path: Path) -> None:
    path = written(tmp_path, '\na,b"x"\n1,2\n')
    assert f"{path}: line 2: a double quote stands within a cell" in refusal(path)


@pytest.mark.parametrize("text", ["a,b\r1,2\r3,4\r", "a,b\r\r\n1,2\r\r\n"])
def test_carriage_returns_alone(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text)
    assert f"{path}: its lines end with a carriage return alone; save it with" in refusal(path)


def test_a_folder(tmp_path: Path) -> None:
    message = f'{tmp_path}: it is a folder; give its files, such as "folder/*.csv"'
    assert refusal(tmp_path) == message
    with pytest.raises(DataError, match="it is a folder"):
        parquet_survey(tmp_path)


def test_columns_in_the_names_of_folders(tmp_path: Path) -> None:
    """Hive's layout, as Polars writes it, a folder given for its files."""
    frame = pl.DataFrame(
        {
            "region": ["East", "East", "a=b/c", "West", None],
            "month": [1, 2, 1, 1, 1],
            "q": [9, 10, 0, 7, 10],
        }
    )
    frame.write_parquet(tmp_path, partition_by=["region", "month"])
    (tmp_path / "_SUCCESS").touch()
    plain, hive = (
        satcore.run(
            satcore.Study.of({"metrics": {"nps": {"item": "q"}}}, "x"),
            data,
            segments=["region", "month"],
            by=["region*month"],
        )
        for data in (frame, str(tmp_path))
    )
    assert [row["cell"] for row in hive.estimates.rows()] == [
        row["cell"] for row in plain.estimates.rows()
    ]
    assert [row["value"] for row in hive.estimates.rows()] == [
        row["value"] for row in plain.estimates.rows()
    ]
    # Nothing but a folder's column is asked for.
    folders = satcore.plan(
        satcore.Study.of({"metrics": {"nps": {"item": "month", "scale": "0..10"}}}, "x"),
        str(tmp_path),
    )
    assert satcore.scan(folders).intake.kept == 5


@pytest.mark.skipif(sys.platform == "win32", reason="no such device")
def test_a_device() -> None:
    assert "it is a pipe or a device; save its contents to a file" in refusal(Path("/dev/null"))


@pytest.mark.parametrize("name", ["x.csv", "x.parquet"])
def test_a_file_that_may_not_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = written(tmp_path, "a\n1\n", name)

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refused)  # the superuser may read anything
    with pytest.raises(DataError) as caught:
        (csv_survey if name == "x.csv" else parquet_survey)(path)
    assert str(caught.value) == (
        f"{path}: it may not be read; ask for the permission to read it, or copy it"
    )


def test_a_file_that_can_not_be_read_for_another_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, "a\n1\n")

    def refused(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error", str(path))

    monkeypatch.setattr(Path, "open", refused)
    assert refusal(path) == f"{path}: it can't be read: Input/output error"


def test_many_files_with_one_remark(tmp_path: Path) -> None:
    text = f"id,where\n1,{CHINESE}\n".encode("gb18030")
    survey = csv_survey(*(written(tmp_path, text, f"{n}.csv") for n in range(20)))
    (note,) = survey.notes
    assert note.startswith("0.csv, 1.csv, 2.csv and 17 more: not UTF-8; read as gb18030")


def test_a_file_that_goes_or_changes_between(tmp_path: Path) -> None:
    path = written(tmp_path, "a,b\n1,2\n")
    survey = csv_survey(path)
    for header in ("b,a", "a;b", "a,b,c", "a,x"):
        written(tmp_path, f"{header}\n1,2\n")
        with pytest.raises(DataError, match=r"x\.csv: it has changed since it was opened"):
            table(survey)
    path.write_bytes(b"")
    with pytest.raises(DataError, match=r"x\.csv: it has changed since it was opened"):
        table(survey)
    path.unlink()
    with pytest.raises(DataError, match=r"x\.csv: there is no such file"):
        table(survey)


def test_columns_that_are_not_there(tmp_path: Path) -> None:
    (fragment,) = csv_survey(written(tmp_path, "REC,b\n1,2\n")).fragments
    with pytest.raises(DataError, match=r"there is no column 'rec'; did you mean 'REC'\?"):
        list(fragment.read(["rec"]))
    with pytest.raises(ValueError, match="at least one column"):
        list(fragment.read([]))


# Parquet


def parquet_file(folder: Path, rows: int = 10, per_group: int = 4, name: str = "x.parquet") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = {
        "id": [f"{n:03}" for n in range(rows)],
        "Q1": pa.array([None if n % 4 == 3 else n % 11 for n in range(rows)], pa.int8()),
        "region": pa.array([["East", "West"][n % 2] for n in range(rows)]).dictionary_encode(),
        "tags": [[n] * 3 for n in range(rows)],
        "place": [{"x": n, "y": {"z": 0.5}} for n in range(rows)],
    }
    pq.write_table(pa.table(columns), path, row_group_size=per_group)
    return path


def test_each_row_group_is_a_fragment(tmp_path: Path) -> None:
    survey = parquet_survey(parquet_file(tmp_path))
    assert survey.name == "x.parquet"
    assert survey.columns == ("id", "Q1", "region", "tags", "place")
    assert [(fragment.id, fragment.rows) for fragment in survey.fragments] == [
        ("x.parquet#row group 0", 4),
        ("x.parquet#row group 1", 4),
        ("x.parquet#row group 2", 2),
    ]
    read = [pl.concat(fragment.read(["Q1", "id"])) for fragment in survey.fragments]
    assert [frame.height for frame in read] == [4, 4, 2]
    assert read[0].schema == {"Q1": pl.Int8, "id": pl.String}
    assert pl.concat(read)["id"].to_list() == [f"{n:03}" for n in range(10)]
    assert read[1]["Q1"].to_list() == [4, 5, 6, None]
    assert pickle.loads(pickle.dumps(survey.fragments)) == survey.fragments


def test_large_row_groups_come_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    n = 600_000
    pl.DataFrame({"n": range(n), "m": range(n)}).write_parquet(path, row_group_size=n)
    (fragment,) = parquet_survey(path).fragments
    batches = list(fragment.read(["n"]))
    assert len(batches) == 3
    assert pl.concat(batches)["n"].to_list() == list(range(n))


def test_row_groups_of_files_of_one_name(tmp_path: Path) -> None:
    paths = [parquet_file(tmp_path, 2, 1, f"{year}/[x]*.parquet") for year in (2024, 2025)]
    survey = parquet_survey(*paths)
    assert [fragment.id for fragment in survey.fragments] == [
        "2024/[x]*.parquet#row group 0",
        "2024/[x]*.parquet#row group 1",
        "2025/[x]*.parquet#row group 0",
        "2025/[x]*.parquet#row group 1",
    ]
    assert len(table(survey)) == 4


def test_many_columns_and_row_groups(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    names = [f"Q{n}" for n in range(40)]
    frame = pl.DataFrame({name: list(range(60)) for name in names})
    pq.write_table(frame.to_arrow(), path, row_group_size=3)
    survey = parquet_survey(path)
    assert survey.columns == tuple(names)
    assert [fragment.rows for fragment in survey.fragments] == [3] * 20
    assert [row[0] for row in table(survey, ["Q39"])] == list(range(60))


def test_parquet_files_without_rows(tmp_path: Path) -> None:
    empty, none = tmp_path / "empty.parquet", tmp_path / "none.parquet"
    pl.DataFrame({"id": []}, schema={"id": pl.String}).write_parquet(empty)
    pq.write_table(pa.table({"id": pa.array([], pa.string())}), none)
    for paths in ([empty], [none], [empty, none]):
        with pytest.raises(DataError, match="there are column names but no answers"):
            parquet_survey(*paths)
    assert len(table(parquet_survey(empty, parquet_file(tmp_path), none))) == 10


def test_parquet_columns_of_one_name(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table([[1], [2], [3]], names=["a", "b", "a"]), path)
    with pytest.raises(DataError) as caught:
        parquet_survey(path)
    assert str(caught.value) == (
        f"{path}: columns 1 and 3 have the name 'a'; give each column a name of its own"
    )


def broken(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        table(parquet_survey(path))
    assert str(caught.value).startswith(str(path))
    return str(caught.value).removeprefix(str(path))


def test_parquet_files_that_are_cut_short(tmp_path: Path) -> None:
    path = parquet_file(tmp_path)
    whole = path.read_bytes()
    for length in (4, 8, 12, 100, len(whole) // 2, len(whole) - 8, len(whole) - 1):
        assert broken(path, whole[:length]) == (
            ": it is cut short: the end of the Parquet file is missing; copy or export it again"
        )
    assert broken(path, b"") == ": it is empty; export the answers again"
    assert broken(path, b"PARE" + whole[4:]) == ": it is encrypted; decrypt it first"
    for other in (b"a,b\n1,2\n", b"PK\x03\x04", b"PA"):
        assert broken(path, other) == (
            ": it is no Parquet file; give it the name that fits what it is"
        )


def test_damaged_footers(tmp_path: Path) -> None:
    path = parquet_file(tmp_path)
    whole = path.read_bytes()
    (length,) = struct.unpack("<I", whole[-8:-4])
    assert broken(path, whole[: -8 - length] + b"\xff" * length + whole[-8:]) == (
        ": its footer, which tells the columns, is damaged; copy or export it again"
    )
    named = []
    choose = random.Random(7)
    for _ in range(300):
        damaged = bytearray(whole)
        for _ in range(choose.randint(1, 4)):
            damaged[choose.randrange(len(whole) - 8 - length, len(whole) - 8)] = choose.randrange(
                256
            )
        path.write_bytes(damaged)
        try:
            table(parquet_survey(path))
        except DataError as error:
            named.append(str(error))
    assert len(named) > 100
    assert all("x.parquet" in message for message in named)


def test_damaged_pages(tmp_path: Path) -> None:
    path = parquet_file(tmp_path, 2000, 1000)
    whole = path.read_bytes()
    (length,) = struct.unpack("<I", whole[-8:-4])
    data = len(whole) - 8 - length
    message = "#row group 0: its data are damaged; copy or export the file again"
    assert broken(path, b"PAR1" + b"\xff" * (data - 4) + whole[data:]) == message
    # The middle is lost: the footer is whole, and what it points to is not there.
    assert broken(path, whole[: data // 2] + whole[data:]) == (
        ": a part of its data is missing; copy or export it again"
    )


def test_a_summary_without_data(tmp_path: Path) -> None:
    path = parquet_file(tmp_path)
    metadata = pq.read_metadata(path)
    metadata.set_file_path("x.parquet")
    summary = tmp_path / "summary.parquet"
    metadata.write_metadata_file(summary)
    with pytest.raises(DataError, match="it only points to other files; give those"):
        parquet_survey(summary)


def test_a_parquet_file_that_goes_between(tmp_path: Path) -> None:
    path = parquet_file(tmp_path)
    survey = parquet_survey(path)
    (first, *_) = survey.fragments
    with pytest.raises(DataError, match=r"there is no column 'q1'; did you mean 'Q1'\?"):
        list(first.read(["q1"]))
    with pytest.raises(ValueError, match="at least one column"):
        list(first.read([]))
    parquet_file(tmp_path, 3)
    with pytest.raises(DataError, match="row group 0: its data are damaged"):
        list(first.read(["Q1"]))
    path.unlink()
    with pytest.raises(DataError, match="there is no such file"):
        list(first.read(["Q1"]))
