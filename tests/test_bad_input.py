"""Bad input at the command line: what is said, what is left behind, and with which exit code."""

from __future__ import annotations

import errno
import io
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from attrs import frozen

from satcore.cli import main

ANSWERS = """\
Q1,Q2,region,w,date,Status
10,good,East,1,2026-01-05,Complete
9,bad,East,2,2026-01-07,Complete
3,good,West,1,2026-03-03,Complete
7,fair,West,0.5,2026-03-01,Partial
,,East,1,2026-03-02,Complete
"""

NPS = "\n[metrics.nps]\nitem = 'Q1'\n"

#: A whole Parquet file, to be damaged.
PARQUET = io.BytesIO()
pl.DataFrame({"Q1": [1, 2, 3]}).write_parquet(PARQUET)


def cells(**columns: Sequence[object]) -> str:
    """A file of delimited text."""
    rows = zip(*columns.values(), strict=True)
    return "\n".join(",".join(map(str, row)) for row in (columns, *rows)) + "\n"


@frozen(kw_only=True)
class Case:
    """One mistake.

    Attributes:
        name: What is wrong.
        files: Files besides ``answers.csv``; one called ``study.toml`` is run.
        arguments: What is typed after ``run``; the study, or NPS of ``Q1``, where left out.
        told: What has to be told: places and cures.
        process: Whether it is tried as a real process too.
    """

    name: str
    told: tuple[str, ...]
    files: Mapping[str, str | bytes] = {}
    arguments: tuple[str, ...] = ()
    process: bool = False

    @property
    def command(self) -> tuple[str, ...]:
        if self.arguments:
            return ("run", *self.arguments)
        if "study.toml" in self.files:
            return ("run", "study.toml", "--format", "json", "-o", "results.json")
        (file,) = self.files or ("answers.csv",)
        return ("run", "--metric", "nps", "--item", "Q1", file)

    def place(self, folder: Path) -> None:
        for name, content in {"answers.csv": ANSWERS, **self.files}.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)


def study(text: str) -> dict[str, str | bytes]:
    return {"study.toml": f"[study]\ndata = 'answers.csv'\n{text}"}


CASES = [
    Case(
        name="the file is absent",
        arguments=("--metric", "nps", "--item", "Q1", "answer.csv"),
        told=("answer.csv: there is no such file", "did you mean 'answers.csv'?"),
        process=True,
    ),
    Case(
        name="the folder is absent",
        arguments=("--metric", "nps", "--item", "Q1", "nix/answers.csv"),
        told=("nix/answers.csv: ", "there is no folder 'nix' either"),
    ),
    Case(
        name="the study is absent",
        files={"study.toml": NPS},
        arguments=("studdy.toml",),
        told=("studdy.toml: there is no such file", "did you mean 'study.toml'?"),
    ),
    Case(
        name="a glob that finds nothing",
        arguments=("--metric", "nps", "--item", "Q1", "*.tsv"),
        told=("*.tsv: no file matches",),
    ),
    Case(
        name="a folder with other files beside the answers",
        arguments=("--metric", "nps", "--item", "Q1", "."),
        files={"answers.csv": ANSWERS, "notes.md": "x"},
        told=("notes.md: no plugin reads such a file; there are .csv",),
    ),
    Case(
        name="a folder without files",
        files={"empty/_SUCCESS": b""},
        arguments=("--metric", "nps", "--item", "Q1", "empty"),
        told=("empty: it is a folder without files",),
    ),
    Case(
        name="a file that nobody reads",
        files={"answers.por": b"ASCII SPSS PORT FILE"},
        told=("answers.por: no plugin reads such a file; there are .csv, .dta, .parquet",),
    ),
    Case(name="an empty file", files={"x.csv": ""}, told=("x.csv: it is empty", "export")),
    Case(
        name="a header alone",
        files={"x.csv": "Q1,region\n"},
        told=("x.csv: there are column names but no answers", "export the answers too"),
    ),
    Case(
        name="no CSV but a workbook",
        files={"x.csv": b"PK\x03\x04" + bytes(100)},
        told=("x.csv: it is no CSV file but looks like an Excel workbook", "save it as CSV"),
        process=True,
    ),
    Case(
        name="no CSV at all",
        files={"x.csv": bytes(range(256)) * 8},
        told=("x.csv: it holds NUL bytes", "export the answers as CSV"),
    ),
    Case(
        name="a line with too many cells",
        files={"x.csv": "Q1,region\n9,East\n9,East,1\n"},
        told=("x.csv: line 3: 3 cells, but the header has 2 columns",),
    ),
    Case(
        name="a truncated Parquet file",
        files={"x.parquet": PARQUET.getvalue()[:-20]},
        told=("x.parquet: it is cut short", "copy or export it again"),
        process=True,
    ),
    Case(
        name="no Parquet file",
        files={"x.parquet": ANSWERS},
        told=("x.parquet: it is no Parquet file",),
    ),
    Case(
        name="an encoding that can't be found",
        files={"x.csv": "Q1,Zone\n9,Köln\n8,Zürich\n".encode("latin-1")},
        told=("x.csv: byte 12 (line 2) is not UTF-8", "name the file's encoding"),
    ),
    Case(
        name="another encoding than the study names",
        files={
            "x.csv": "Q1,地区\n9,华东\n".encode("gb18030"),
            "study.toml": f"[study]\ndata = 'x.csv'\nencoding = 'utf-8'{NPS}",
        },
        told=("x.csv: byte 4 (line 1) is not utf-8", "the study names", "leave it out"),
    ),
    Case(
        name="an encoding that is none",
        files=study(f"encoding = 'utf-9'{NPS}"),
        told=("there is no encoding 'utf-9'", "did you mean 'utf-8'"),
    ),
    Case(
        name="two columns of one name",
        files={"x.csv": "Q1,region,Q1\n9,East,8\n"},
        told=("x.csv: columns 1 and 3 have the name 'Q1'", "a name of its own"),
    ),
    Case(
        name="columns that are absent",
        files=study("[roles]\nsegments = ['regoin']\nweight = 'wt'\n[metrics.nps]\nitem = 'q1'"),
        told=(
            "[roles] segments: answers.csv has no column 'regoin'; did you mean 'region'?",
            "[roles] weight: answers.csv has no column 'wt'; did you mean 'w'?",
            "[metrics.nps]: answers.csv has no column 'q1'; did you mean 'Q1'?",
        ),
    ),
    Case(
        name="codes outside the scale",
        files={"x.csv": cells(Q1=[9, 99, 11, "", 99])},
        told=(
            "x.csv: column Q1: 3 answers are outside the scale 0..10: '99' (2), '11' (1)",
            "first in row 2 of x.csv",
            "[items.Q1] missing = [...]",
        ),
        process=True,
    ),
    Case(
        name="a text where codes were declared",
        files=study(
            "[scales.three]\ncodes = { bad = 0, fair = 5, good = 10 }\n"
            "[items.Q2]\nscale = 'three'\n[metrics.nps]\nitem = 'Q2'\n"
        )
        | {"answers.csv": cells(Q2=["good", "excellent", "fair", "10", "excellent"])},
        told=(
            "answers.csv: column Q2: 2 answers are outside the scale 0..10: 'excellent' (2)",
            "first in row 2",
        ),
    ),
    *(
        Case(
            name=f"the weight {weight!r}",
            files=study(f"[roles]\nweight = 'w'{NPS}")
            | {"answers.csv": cells(Q1=[9, 8, 7], w=[1, weight, weight])},
            told=(
                "answers.csv: column w: 2 weights are negative, not finite or no number: ",
                f"'{weight or '(empty)'}' (2)",
                "first in row 2",
                "[[keep]]",
            ),
            process=weight == "-1",
        )
        for weight in ("-1", "nan", "inf", "-inf", "1e999", "", "heavy")
    ),
    Case(
        name="a date that can't be read",
        files=study(f"[roles]\nwave = {{ time = 'date', period = 'month' }}{NPS}")
        | {"answers.csv": cells(Q1=[9, 8, 7], date=["2026-01-31", "31.01.2026", "2026-02-30"])},
        told=(
            "answers.csv: column date: 2 times are no date that can be read: ",
            "'2026-02-30' (1), '31.01.2026' (1)",
            "first in row ",
            "format = ",
        ),
    ),
    Case(
        name="a date in another form than the study names",
        files=study(
            "[roles]\nwave = { time = 'date', period = 'month', format = '%d.%m.%Y' }" + NPS
        )
        | {"answers.csv": cells(Q1=[9, 8], date=["31.01.2026", "2026-01-31"])},
        told=("answers.csv: column date: 1 time is no date that can be read: '2026-01-31' (1)",),
    ),
    Case(
        name="an unknown metric",
        arguments=("--metric", "npx", "--item", "Q1", "answers.csv"),
        told=("no plugin offers a metric 'npx'", "did you mean 'nps'?"),
        process=True,
    ),
    Case(
        name="an unknown option of a metric",
        arguments=("--metric", "nps", "--option", "itme=Q1", "answers.csv"),
        told=("[metrics.nps] itme: no such option", "did you mean 'item'?"),
    ),
    Case(
        name="an unknown option of the command",
        arguments=("--metrik", "nps", "answers.csv"),
        told=("No such option '--metrik'", "'--metric'"),
    ),
    Case(
        name="TOML that is none",
        files={"study.toml": "[study]\ndata = answers.csv\n"},
        told=("study.toml: no TOML: ", "line 2"),
        process=True,
    ),
    Case(
        name="five mistakes",
        files={
            "study.toml": "[study]\ndata = 'answer.csv'\nmin_base = 3.7\n[roles]\n"
            "segment = ['region']\n[items.Q1]\nscale = '0-10'\n[metrics.nps]\nitem = 'Q1'\n"
            "intervall = 'score'\n"
        },
        told=(
            "error: 5 problems",
            "study.toml: [study] min_base: a whole number is wanted, not 3.7",
            "study.toml: [roles] segment: no such option",
            "study.toml: [items.Q1] scale: '0-10' is no scale; write a range such as '0..10'",
            "study.toml: [metrics.nps] intervall: no such option",
            "answer.csv: there is no such file; did you mean 'answers.csv'",
        ),
        process=True,
    ),
    Case(
        name="a mistake in each of weights, dates and answers",
        files=study(
            "[roles]\nweight = 'region'\nwave = { time = 'Status', period = 'month' }\n"
            "[metrics.nps]\nitem = 'Q2'"
        ),
        told=("error: 3 problems", "column region: ", "column Status: ", "column Q2: "),
    ),
    Case(
        name="a disabled plugin that isn't there",
        arguments=("--metric", "nps", "--item", "Q1", "answers.csv", "--disable", "npx"),
        told=("disabled plugins: there is no plugin 'npx'", "did you mean 'nps'?"),
    ),
    Case(
        name="nobody is left to read the file",
        arguments=("--metric", "nps", "--item", "Q1", "answers.csv", "--disable", "files"),
        told=("answers.csv: no plugin reads such a file; 'files' is disabled",),
    ),
    Case(
        name="the metric's plugin is disabled",
        arguments=("--metric", "nps", "--item", "Q1", "answers.csv", "--disable", "nps"),
        told=("the metric 'nps' can't be used: its plugin 'nps' is disabled", "--disable"),
    ),
    Case(
        name="neither study nor metric",
        arguments=("answers.csv",),
        told=("give a study file, as `satcore run study.toml`", "--metric nps --item Q1"),
    ),
    Case(
        name="study and metric",
        files=study(NPS),
        arguments=("study.toml", "--metric", "nps"),
        told=("give a study file or --metric, not both",),
    ),
    Case(
        name="a study, and an option of a metric that is not typed",
        files=study(NPS),
        arguments=("study.toml", "--item", "Q2"),
        told=("--item and --option belong to --metric",),
    ),
    Case(
        name="two studies",
        files=study(NPS),
        arguments=("answers.csv", "study.toml"),
        told=("study.toml: there is one study file, and it comes first",),
    ),
    Case(
        name="a period without a wave",
        arguments=("--metric", "nps", "--item", "Q1", "answers.csv", "--period", "month"),
        told=("--period wants --wave COLUMN",),
    ),
    Case(
        name="an option without a value",
        arguments=("--metric", "nps", "--option", "item", "answers.csv"),
        told=("--option 'item': write KEY=VALUE",),
    ),
    Case(
        name="an option twice",
        arguments=("--metric", "nps", "--item", "Q1", "--option", "item=Q2", "answers.csv"),
        told=("--option 'item=Q2': item is given twice",),
    ),
    Case(
        name="a segment twice",
        arguments=("--metric", "nps", "--item", "Q1", *["--segment", "region"] * 2, "answers.csv"),
        told=("[roles] segments: 'region' stands there twice",),
    ),
    Case(
        name="a segment that is the wave",
        arguments=(
            *("--metric", "nps", "--item", "Q1", "answers.csv"),
            *("--segment", "region", "--wave", "region"),
        ),
        told=("[roles] wave: 'region' is among the segments",),
    ),
    Case(
        name="an unknown set",
        arguments=(
            *("--metric", "nps", "--item", "Q1", "answers.csv"),
            *("--segment", "region", "--by", "regoin"),
        ),
        told=("[study] by: 'regoin'", "did you mean 'region'?"),
    ),
    Case(
        name="a level beyond all bounds",
        arguments=("--metric", "nps", "--item", "Q1", "answers.csv", "--confidence", "95"),
        told=("confidence: 95.0 is not between 0 and 1; 95% is written 0.95",),
    ),
    Case(
        name="an id among the segments",
        files=study(f"max_cells = 2\n[roles]\nsegments = ['date']{NPS}"),
        told=("column date: more than 2 different values; is it an id?", "max_cells"),
    ),
    # Places that can't be written. None of these reads an answer first.
    Case(
        name="a report of a kind that nobody writes",
        arguments=("--metric", "nps", "--item", "Q1", "answers.csv", "--report", "/dev/full"),
        told=("/dev/full: no plugin writes such a file; there are .htm, .html",),
        process=True,
    ),
    Case(
        name="results on a full disk",
        arguments=(
            *("--metric", "nps", "--item", "Q1", "answers.csv"),
            *("--format", "json", "-o", "/dev/full"),
        ),
        told=("/dev/full can't be written: No space left on device",),
    ),
    Case(
        name="results into a folder that isn't there",
        arguments=(
            *("--metric", "nps", "--item", "Q1", "answers.csv"),
            *("--format", "json", "-o", "nix/results.json"),
        ),
        told=("nix/results.json can't be written: there is no folder", "nix'"),
        process=True,
    ),
    Case(
        name="a report into a folder that isn't there",
        arguments=("--metric", "nps", "--item", "Q1", "answers.csv", "--report", "nix/r.html"),
        told=("nix/r.html can't be written: there is no folder", "nix'"),
    ),
    Case(
        name="results over a folder",
        arguments=(
            *("--metric", "nps", "--item", "Q1", "answers.csv"),
            *("--format", "csv", "-o", "."),
        ),
        told=(". can't be written: it is a folder; name a file in it",),
    ),
    Case(
        name="results without a name",
        arguments=(
            *("--metric", "nps", "--item", "Q1", "answers.csv"),
            *("--format", "json", "-o", ""),
        ),
        told=("the name of the file to write is empty",),
    ),
    Case(
        name="a table into a file",
        arguments=("--metric", "nps", "--item", "Q1", "answers.csv", "-o", "x.txt"),
        told=("--output wants --format json, csv or parquet, or a FILE that ends in one",),
    ),
    Case(
        name="Parquet onto the screen",
        arguments=("--metric", "nps", "--item", "Q1", "answers.csv", "--format", "parquet"),
        told=("--format parquet wants --output FILE",),
    ),
]


def left(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, those of the temporary kind too."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to stand in, with a folder for temporary files inside."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.delenv("SATCORE_DISABLE_PLUGINS", raising=False)
    monkeypatch.delenv("SATCORE_TRACEBACK", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Runs a command in this process: exit code, standard output, standard error."""

    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(arguments)
        assert isinstance(left.value.code, int)
        return (left.value.code, *capsys.readouterr())

    return call


def process(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """Runs a command as a process of its own, warnings as errors."""
    command = [sys.executable, "-W", "error", "-m", "satcore", *arguments]
    options = {"stdout": subprocess.PIPE, **options}
    return subprocess.run(command, stderr=subprocess.PIPE, check=False, timeout=120, **options)


def held(case: Case, code: int, out: str, err: str) -> None:
    assert code == 2, err
    assert out == ""
    assert "Traceback" not in err
    for text in case.told:
        assert text in err


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_input(case: Case, folder: Path, call: Call) -> None:
    case.place(folder)
    before = left(folder)
    held(case, *call(*case.command))
    assert left(folder) == before


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.process], ids=lambda case: case.name
)
def test_bad_input_as_a_process(case: Case, folder: Path) -> None:
    case.place(folder)
    before = left(folder)
    done = process(*case.command)
    held(case, done.returncode, done.stdout.decode(), done.stderr.decode())
    assert left(folder) == before


class TestNothingHalfWritten:
    """Results and reports are written whole, or what was there stays."""

    RUN = ("run", "--metric", "nps", "--item", "Q1", "answers.csv")
    OUTPUTS: Mapping[str, tuple[str, ...]] = {
        "old.json": ("--format", "json", "-o", "old.json"),
        "old.csv": ("--format", "csv", "-o", "old.csv"),
        "old.parquet": ("--format", "parquet", "-o", "old.parquet"),
        "old.html": ("--report", "old.html"),
    }

    @pytest.mark.parametrize("name", OUTPUTS)
    def test_the_disk_fills_up(
        self, name: str, folder: Path, call: Call, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        Path("answers.csv").write_text(ANSWERS)
        Path(name).write_bytes(b"what was there")
        before = left(folder)

        def full(descriptor: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", full)
        code, _, err = call(*self.RUN, *self.OUTPUTS[name])
        assert code == 2
        assert f"{name} can't be written: No space left on device" in err
        assert left(folder) == before

    def test_a_mistake_in_the_answers_leaves_results_alone(self, folder: Path, call: Call) -> None:
        Path("answers.csv").write_text(cells(Q1=[9, 11]))
        for name in self.OUTPUTS:
            Path(name).write_bytes(b"what was there")
        before = left(folder)
        for options in self.OUTPUTS.values():
            assert call(*self.RUN, *options)[0] == 2
        assert left(folder) == before

    def test_a_place_that_may_not_be_written(self, folder: Path, call: Call) -> None:
        Path("answers.csv").write_text(ANSWERS)
        if os.geteuid() == 0:
            # Root may write anywhere, but there are no files to be made in /proc.
            shut = Path("/proc")
            if not shut.is_dir():
                pytest.skip("root may write anywhere here")
        else:
            shut = folder / "shut"
            shut.mkdir(0o555)
        before = left(folder)
        for options in (
            ("--format", "json", "-o", f"{shut}/x.json"),
            ("--report", f"{shut}/x.html"),
        ):
            code, _, err = call(*self.RUN, *options)
            assert code == 2
            assert f"{shut}/x." in err
            assert "can't be written: " in err
            assert "Traceback" not in err
        assert left(folder) == before

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
    def test_a_report_that_leads_to_a_full_disk(self, folder: Path, call: Call) -> None:
        Path("answers.csv").write_text(ANSWERS)
        Path("report.html").symlink_to("/dev/full")
        code, _, err = call(*self.RUN, "--report", "report.html")
        assert code == 2
        assert "report.html can't be written: No space left on device" in err
        assert Path("report.html").is_symlink()

    def test_a_link_stays_a_link_and_a_mode_a_mode(self, folder: Path, call: Call) -> None:
        Path("answers.csv").write_text(ANSWERS)
        Path("real.json").write_text("old")
        Path("real.json").chmod(0o600)
        Path("link.json").symlink_to("real.json")
        mask = os.umask(0o027)
        try:
            assert call(*self.RUN, "--format", "json", "-o", "link.json")[0] == 0
            assert call(*self.RUN, "--format", "json", "-o", "new.json")[0] == 0
        finally:
            os.umask(mask)
        assert Path("link.json").is_symlink()
        assert Path("real.json").read_bytes() == Path("new.json").read_bytes()
        assert Path("real.json").stat().st_mode & 0o777 == 0o600
        assert Path("new.json").stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize(
    "command",
    [
        ("run", "--metric", "nps", "--item", "Q1", "answers.csv"),
        ("run", "--metric", "nps", "--item", "Q1", "answers.csv", "--format", "json"),
        ("--help",),
    ],
    ids=["table", "json", "help"],
)
def test_standard_output_on_a_full_disk(command: tuple[str, ...], folder: Path) -> None:
    Path("answers.csv").write_text(ANSWERS)
    with Path("/dev/full").open("wb") as full:
        done = process(*command, stdout=full)
    assert done.returncode == 2
    assert done.stderr.decode().count("\n") == 1
    assert b"can't be written: No space left on device" in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        ("run", "--metric", "nps", "--item", "Q1", "answers.csv"),
        ("run", "--metric", "nps", "--item", "Q1", "answers.csv", "--format", "json"),
    ],
    ids=["table", "json"],
)
def test_a_pipe_whose_reader_has_gone(command: tuple[str, ...], folder: Path) -> None:
    """As ``head`` does after its lines; here it is gone before the first."""
    Path("answers.csv").write_text(ANSWERS)
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = process(*command, stdout=writing)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_standard_streams_that_are_closed(folder: Path) -> None:
    Path("answers.csv").write_text(ANSWERS)
    run = f"{sys.executable} -W error -m satcore run --metric nps --item Q1 answers.csv"
    shell = ["sh", "-c", f"{run} --format json -o out.json >&- 2>&- && {run} 2>&-"]
    done = subprocess.run(shell, capture_output=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"answers.csv: 5 responses read")
    assert Path("out.json").read_bytes().startswith(b"{")


STOPPING = """
import os, signal
import polars as pl
from attrs import frozen
from satcore import Survey, SurveySpec, hookimpl

# A process started in the background of a shell ignores the signal.
signal.signal(signal.SIGINT, signal.default_int_handler)

@frozen
class Part:
    id: str
    rows: None = None

    def read(self, columns):
        yield pl.DataFrame({column: ["9"] for column in columns})
        if self.id == "1":
            os.kill(os.getpid(), signal.SIGINT)
        yield pl.DataFrame({column: ["9"] for column in columns})

def read(source):
    return Survey(name="endless", columns=("Q1",), fragments=tuple(map(Part, "123456")))

@hookimpl
def satcore_surveys():
    return [SurveySpec("endless", (".endless",), read)]
"""


@pytest.mark.parametrize("threads", ["1", "3"])
def test_ctrl_c_while_answers_are_read(threads: str, folder: Path) -> None:
    """The reader itself sends the signal, so that it comes in the middle of the scan."""
    package = folder / "site"
    (package / "stopping-1.0.dist-info").mkdir(parents=True)
    (package / "stopping.py").write_text(STOPPING)
    (package / "stopping-1.0.dist-info" / "METADATA").write_text("Name: stopping\nVersion: 1.0\n")
    (package / "stopping-1.0.dist-info" / "entry_points.txt").write_text(
        "[satcore]\nstopping = stopping\n"
    )
    paths = os.pathsep.join(filter(None, (str(package), os.environ.get("PYTHONPATH"))))
    Path("x.endless").write_text("")
    before = left(folder)
    done = process(
        *("run", "--metric", "nps", "--item", "Q1", "x.endless", "--threads", threads),
        *("--format", "json", "-o", "results.json", "--report", "report.html"),
        env={**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"\nstopped\n")
    assert left(folder) == before


def test_ctrl_c_anywhere_else(call: Call, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    def stop(*_: object, **__: object) -> None:
        signal.raise_signal(signal.SIGINT)

    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        monkeypatch.setattr("satcore.cli.listing.found_plugins", stop)
        assert call("plugins") == (130, "", "\nstopped\n")
    finally:
        signal.signal(signal.SIGINT, previous)


class TestOwnFaults:
    """A fault of satcore's own is not blamed on the user, and can be seen."""

    @pytest.fixture(autouse=True)
    def _broken(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        def fail(*_: object) -> None:
            raise KeyError("oops")

        monkeypatch.setattr("satcore.cli.listing.found_plugins", fail)

    def test_told_in_words(self, call: Call) -> None:
        code, out, err = call("plugins")
        assert (code, out) == (70, "")
        assert "error: satcore itself failed: KeyError: 'oops'" in err
        assert "SATCORE_TRACEBACK=1" in err
        assert err.count("\n") == 1

    def test_nothing_leaves_in_silence(self, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
        def leave(*_: object) -> None:
            raise SystemExit(0)

        monkeypatch.setattr("satcore.cli.listing.found_plugins", leave)
        code, out, err = call("plugins")
        assert (code, out) == (70, "")
        assert err.startswith("error: something tried to leave with SystemExit: 0.")

    def test_shown_on_request(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SATCORE_TRACEBACK", "1")
        with pytest.raises(KeyError, match="oops"):
            main(["plugins"])


def test_data_drives_no_terminal(folder: Path, call: Call) -> None:
    """Control characters from answers and names are written out, and nothing is markup."""
    header = '"Q[/1]","re\x1bgion[bold]"\n'
    Path("x.csv").write_text(header + '9,"[/]\x1b[31mEast\nTwo"\n3,"a\u202eb"\n', "utf-8")
    Path("s.toml").write_text(
        "[study]\ndata = 'x.csv'\ntitle = '[/x] title'\n[roles]\n"
        'segments = ["re\\u001bgion[bold]"]\n'
        "[metrics.'a[/b]']\nmetric = 'nps'\nitem = 'Q[/1]'\n",
        "utf-8",
    )
    code, out, err = call("run", "s.toml")
    assert (code, err) == (0, "")
    assert "\x1b" not in out
    assert "\u202e" not in out
    for text in ("[/x] title", "(a[/b])", r"re\x1bgion[bold] [/]\x1b[31mEast\nTwo", r"a\u202eb"):
        assert text in out
    code, out, err = call("run", "--metric", "nps", "--item", "Q\x1b[31m", "x.csv")
    assert code == 2
    assert "\x1b" not in err


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_names_that_are_no_text(folder: Path, call: Call) -> None:
    name = os.fsdecode(b"a\xff.csv")
    Path(name).write_text(ANSWERS)
    for form in ("table", "json", "csv"):
        code, out, err = call("run", "--metric", "nps", "--item", "Q1", name, "--format", form)
        assert (code, err) == (0, "")
        assert out.encode()
    code, _, err = call("run", "--metric", "nps", "--item", "zzz", name)
    assert code == 2
    assert "no column 'zzz'" in err
