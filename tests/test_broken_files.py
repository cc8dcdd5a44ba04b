"""Files as they come: cut anywhere, in mixed encodings, with quotes that never close.

Each gives an answer or an error in words that names the file. 300 are made by hypothesis; the
large ones are read by a process that may have no more memory than it needs.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import satcore
import satcore_files
from satcore import SatcoreError, Source
from satcore_nps import NPS

SPECS = {spec.name: spec for spec in satcore_files.satcore_surveys()}
KIND = {suffix: spec.name for spec in SPECS.values() for suffix in spec.suffixes}

CELLS = st.one_of(
    st.sampled_from(
        ["10", "3", "", "99", "1.5", "1e400", "nan", "-inf", "true", "2026-09-01", "East", "华东",
         "a;b;", "甲┋乙", "(跳过)", '{"ImportId":"x"}', "=1+1", " ", "\u00a0", "\ufeff", "\u2028"]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)  # fmt: skip
HEADERS = st.one_of(
    st.lists(
        st.sampled_from(["Q1", "Q2", "Q1", "", " ", "region", "Status", "题", "a,b", 'q"', "x\ny"]),
        min_size=1,
        max_size=7,
    ),
    st.sampled_from(
        [
            ["序号", "提交答卷时间", "所用时间", "1、推荐", "第2题(甲)", "第2题(乙)"],
            ["respondent_id", "collector_id", "Which?", "", "Q1"],
            ["id", "submitdate", "lastpage", "Q1", "M[SQ001]", "M[SQ002]"],
            ["Response ID", "Timestamp", "Finished", "Survey ID", "1. Q", "1. Q - Option ID"],
            ["编号", "开始答题时间", "结束答题时间", "1.Q:甲", "1.Q:乙", ""],
            ["Status", "Q1", "Q1_1", "Q1_2"],
        ]
    ),
)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "gb18030", "cp949", "cp932", "cp1252", "utf-32")


def encoded(text: str, encoding: str) -> bytes:
    return text.encode(encoding, "ignore")


@st.composite
def broken_texts(draw: st.DrawFn) -> bytes:
    """A delimited file with something wrong with it, or several things."""
    sign, end = draw(st.sampled_from(",;\t|")), draw(st.sampled_from(["\n", "\r\n", "\r"]))
    header = draw(HEADERS)
    rows = draw(st.lists(st.lists(CELLS, min_size=1, max_size=8), max_size=12))
    quoted = draw(st.sampled_from(["never", "right", "wrong"]))
    if draw(st.booleans()):
        rows = [(row * len(header))[: len(header)] for row in rows]

    def cell(text: str) -> str:
        if quoted == "right":
            return '"' + text.replace('"', '""') + '"'
        return f'"{text}' if quoted == "wrong" and len(text) % 3 == 0 else text

    lines = [sign.join(map(cell, row)) for row in (header, *rows)]
    cut = draw(st.integers(0, len(lines)))
    first, second = draw(st.sampled_from(ENCODINGS)), draw(st.sampled_from(ENCODINGS))
    content = encoded(end.join(lines[:cut]), first) + encoded(end + end.join(lines[cut:]), second)
    damage = draw(st.sampled_from(["none", "none", "cut", "nul", "bytes", "mark"]))
    place = draw(st.integers(0, max(len(content), 1)))
    if damage == "cut":
        content = content[:place]
    elif damage == "nul":
        content = content[:place] + b"\0" * draw(st.integers(1, 9)) + content[place:]
    elif damage == "bytes":
        content = content[:place] + draw(st.binary(max_size=9)) + content[place:]
    elif damage == "mark":
        marks = [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0"]
        content = draw(st.sampled_from(marks)) + content
    return content


def hold(content: bytes, name: str, encoding: str | None = None) -> None:
    """Hold that a file is read to its end, or refused in words that name it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        spec = SPECS[KIND[path.suffix]]
        tracemalloc.start()
        try:
            survey = spec.read(Source(paths=(str(path),), encoding=encoding))
            rows = [
                sum(frame.height for frame in one.read(columns))
                for one in survey.fragments
                for columns in (survey.columns, survey.columns[-1:])
            ]
            assert rows[0::2] == rows[1::2], "the same rows, whichever columns are read"
            item = survey.columns[0]
            satcore.run(NPS(item=item), survey, invalid="missing")
        except SatcoreError as error:
            told = str(error)
            assert told
            assert name in told or "column" in told
            assert "Traceback" not in told
        finally:
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert most < 64 << 20


@settings(max_examples=220, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(broken_texts(), st.sampled_from([None, None, None, *ENCODINGS]))
def test_delimited_text(content: bytes, encoding: str | None) -> None:
    hold(content, "broken.csv", encoding)


def sound(kind: str) -> bytes:
    """A file with nothing wrong with it."""
    frame = pl.DataFrame(
        {"Q1": [10.0, 3.0, None, 99.0] * 20, "said": ["a", "中", "", "x" * 40] * 20}
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"x.{kind}"
        if kind == "parquet":
            frame.write_parquet(path)
        elif kind == "xlsx":
            xlsxwriter = pytest.importorskip("xlsxwriter")
            book = xlsxwriter.Workbook(str(path))
            sheet = book.add_worksheet("a")
            for number, row in enumerate([frame.columns, *frame.fill_null(0).rows()]):
                sheet.write_row(number, 0, row)
            book.close()
        else:
            pyreadstat = pytest.importorskip("pyreadstat", reason="the extra files is absent")
            labels = {"Q1": {10: "yes", 99: "no"}}
            write: Callable[..., None] = getattr(pyreadstat, f"write_{kind}")
            write(frame, str(path), variable_value_labels=labels)
        return path.read_bytes()


SOUND = {kind: sound(kind) for kind in ("parquet", "xlsx", "sav", "dta")}


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(sorted(SOUND)),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=4),
    st.one_of(st.none(), st.floats(0, 1)),
)
def test_binary_files(kind: str, flips: list[tuple[float, int]], cut: float | None) -> None:
    content = bytearray(SOUND[kind])
    for place, byte in flips:
        content[min(int(place * len(content)), len(content) - 1)] = byte
    kept = bytes(content) if cut is None else bytes(content[: int(cut * len(content))])
    hold(kept, f"broken.{kind}")


READER = """
import resource, sys
import polars, numpy, satcore, satcore_files
from satcore import SatcoreError, Source
from satcore_nps import NPS
# Threads and their arenas take address space that nobody uses; what counts is what is resident.
spec = {one.name: one for one in satcore_files.satcore_surveys()}["csv"]
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
limit = int(sys.argv[2]) << 20
resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
try:
    survey = spec.read(Source(paths=(sys.argv[1],)))
    rows = sum(frame.height for one in survey.fragments for frame in one.read(survey.columns[:1]))
    results = satcore.run(NPS(item=survey.columns[0]), survey, invalid="missing")
    print("read", rows, len(survey.columns), results.responses.read)
except SatcoreError as error:
    print("refused", error)
print("grown", (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10)
"""


def read_apart(path: Path, data: int = 3000) -> tuple[str, int]:
    """What a process of its own says of a file, and by how many MiB it grew."""
    done = subprocess.run(
        [sys.executable, "-c", READER, str(path), str(data)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    said, grown = done.stdout.splitlines()
    return said, int(grown.split()[1])


WIDE = 100_000


def test_a_hundred_thousand_columns(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    row = ",".join(["7"] * WIDE)
    header = ",".join(f"Q{n}" for n in range(WIDE))
    path.write_text("\n".join([header, *[row] * 30]))
    said, grown = read_apart(path)
    assert said == f"read 30 {WIDE} 30"
    assert grown < 600


@pytest.mark.parametrize("name", ["Q", ""])
def test_a_hundred_thousand_columns_of_one_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / "same.csv"
    path.write_text(",".join([name] * WIDE) + "\n" + ",".join(["7"] * WIDE) + "\n")
    said, grown = read_apart(path)
    assert said.startswith(f"refused {path}: columns 1, 2, 3, ")
    assert len(said) < 2000
    assert grown < 400


@pytest.mark.parametrize("quoted", [False, True])
def test_a_cell_of_ten_megabytes(tmp_path: Path, quoted: bool) -> None:
    path = tmp_path / "long.csv"
    cell = "words, and\nlines " * 600_000 if quoted else "words " * 1_700_000
    assert len(cell) > 10_000_000
    path.write_text(f'Q1,said\n10,"{cell}"\n9,b\n' if quoted else f"Q1,said\n10,{cell}\n9,b\n")
    said, grown = read_apart(path)
    assert said == "read 2 2 2"
    assert grown < 400


def test_a_quote_that_never_closes(tmp_path: Path) -> None:
    path = tmp_path / "open.csv"
    path.write_bytes(b'Q1,said\n10,"' + b"1,2\n" * (30 << 20))
    said, grown = read_apart(path)
    assert said.startswith(f"refused {path}: line ")
    assert "closing quote is missing" in said
    assert grown < 900


def test_a_small_workbook_that_unpacks_to_much(tmp_path: Path) -> None:
    import zipfile

    path = tmp_path / "bomb.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts,
        parts.open("xl/worksheets/sheet1.xml", "w") as part,
    ):
        for _ in range(1100):
            part.write(b"\0" * (1 << 20))
    assert path.stat().st_size < 4 << 20
    pytest.importorskip("fastexcel", reason="the extra files is not installed")
    with pytest.raises(SatcoreError, match="save the sheet as CSV"):
        SPECS["excel"].read(Source(paths=(str(path),)))


def test_the_command_line_never_shows_a_traceback(tmp_path: Path) -> None:
    texts = [b"", b'Q1,"a\n1,2\n']
    for number, content in enumerate([*texts, *(SOUND[kind][:200] for kind in SOUND)]):
        suffix = "csv" if number < len(texts) else list(SOUND)[number - len(texts)]
        path = tmp_path / f"{number}.{suffix}"
        path.write_bytes(content)
        done = subprocess.run(
            [sys.executable, "-m", "satcore", "run", "--metric", "nps", "--item", "Q1", str(path)],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 2, done.stderr
        assert done.stderr.startswith("error: ")
        assert "Traceback" not in done.stderr
        assert path.name in done.stderr
