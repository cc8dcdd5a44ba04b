"""The command line: what an analyst types and sees."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import polars as pl
import pytest

import satcore
from satcore import run
from satcore.cli import cli, main
from satcore.plugins import Plugins

ANSWERS = "\n".join(
    [
        "Q1,region,channel,w,date,Status",
        *(
            f"{(5 * row + row // 12) % 12},{('East', 'West', 'North')[row % 3]},"
            f"{('web', 'app')[row % 2]},{1 + row % 4},2026-{1 + row % 5:02}-{1 + row % 28:02},"
            f"{'Complete' if row % 10 else 'Partial'}"
            for row in range(300)
        ),
    ]
)

STUDY = """
[study]
title   = { en = "Branch survey", zh = "网点调查" }
data    = "answers.csv"
missing = [11]

[roles]
segments = ["region"]
wave     = { time = "date", period = "month" }

[[keep]]
column = "Status"
is     = ["Complete"]

[labels.region]
East = { en = "East side", zh = "华东" }

[metrics.nps]
item = "Q1"
"""

NPS = ("run", "--metric", "nps", "--item", "Q1", "--missing", "11")

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to stand in, with a study and its answers."""
    monkeypatch.chdir(tmp_path)
    for name in ("SATCORE_DISABLE_PLUGINS", "SATCORE_TRACEBACK", "COLUMNS", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "answers.csv").write_text(ANSWERS, "utf-8")
    (tmp_path / "study.toml").write_text(STUDY, "utf-8")
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


@pytest.fixture
def results(call: Call) -> Callable[..., dict[str, Any]]:
    """The JSON of a run that goes well and says nothing besides."""

    def results(*arguments: str) -> dict[str, Any]:
        code, out, err = call(*arguments, "--format", "json")
        assert (code, err) == (0, "")
        found: dict[str, Any] = json.loads(out)
        return found

    return results


def process(
    *arguments: str, code: str | None = None, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """Runs a command as a process of its own, warnings as errors."""
    start = ("-m", "satcore") if code is None else ("-c", code)
    return subprocess.run(
        [sys.executable, "-W", "error", *start, *arguments],
        capture_output=True,
        check=False,
        timeout=120,
        env={**os.environ, **environment},
    )


def on_terminal(*arguments: str, columns: int = 80) -> tuple[int, str]:
    """Runs a command on a pseudo-terminal: exit code, and all that appears there."""
    terminal, inside = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    with subprocess.Popen(
        [sys.executable, "-m", "satcore", *arguments],
        stdin=inside,
        stdout=inside,
        stderr=inside,
        start_new_session=True,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": str(columns)},
    ) as running:
        os.close(inside)
        seen = b""
        while True:
            try:
                piece = os.read(terminal, 1 << 16)
            except OSError:  # how Linux says that the other side has closed
                break
            if not piece:
                break
            seen += piece
        os.close(terminal)
        return running.wait(timeout=60), seen.decode()


def cells(results: dict[str, Any], term: str = "nps") -> list[dict[str, str]]:
    return [row["cell"] for row in results["estimates"] if row["term"] == term]


class TestRun:
    def test_a_study(self, call: Call) -> None:
        code, out, err = call("run", "study.toml")
        assert (code, err) == (0, "")
        assert "Branch survey" in out
        assert "answers.csv: 300 responses read, 270 kept" in out
        assert "30 dropped; kept is what has Status is 'Complete'" in out
        assert "Net Promoter Score (nps): value [95% interval]" in out
        for text in ("region East side", "region West", "wave 2026-05", "adjusted_wald", "Holm"):
            assert text in out

    def test_what_is_missing_is_counted(
        self, call: Call, results: Callable[..., dict[str, Any]]
    ) -> None:
        (item,) = results("run", "study.toml")["responses"]["items"]
        assert item["missing"] == item["missing_by"]["11"] > 0
        assert item["answered"] + item["missing"] == 270
        _, out, _ = call("run", "study.toml")
        assert f"Q1: {item['answered']} answered, {item['missing']} missing (11 " in out

    def test_what_is_invalid_is_counted_where_the_study_allows_it(
        self, call: Call, results: Callable[..., dict[str, Any]]
    ) -> None:
        command = ("run", "--metric", "nps", "--item", "Q1", "answers.csv")
        code, _, err = call(*command)
        assert code == 2
        assert "outside the scale 0..10: '11' (" in err
        (item,) = results(*command, "--invalid", "missing")["responses"]["items"]
        assert item["invalid"] == item["invalid_by"]["11"] > 0
        _, out, _ = call(*command, "--invalid", "missing")
        assert f"{item['invalid']} invalid" in out

    def test_json_is_what_python_gives(self, call: Call, plugins: Plugins) -> None:
        code, out, err = call("run", "study.toml", "--format", "json")
        assert (code, err) == (0, "")
        assert out == run("study.toml").to_json() + "\n"
        code, out, _ = call(*NPS, "answers.csv", "--segment", "region", "--format", "json")
        satcore_nps = plugins.metric("nps")[1].metric(item="Q1")
        same = run(satcore_nps, "answers.csv", segments=["region"], missing=["", "11"])
        assert json.loads(out) == json.loads(same.to_json())

    def test_without_a_study(self, results: Callable[..., dict[str, Any]]) -> None:
        found = results(*NPS, "answers.csv", "--option", "interval=wald", "--option", "promoters=8")
        row = found["estimates"][0]
        assert (row["metric"], row["method"], row["cell"]) == ("nps", "wald", {})
        assert found["responses"]["read"] == 300
        default = results(*NPS, "answers.csv")["estimates"][0]
        assert default["method"] == "adjusted_wald"
        assert row["value"] > default["value"]

    def test_data_on_the_command_line_replace_the_study_s(
        self, results: Callable[..., dict[str, Any]], folder: Path
    ) -> None:
        head, *rows = ANSWERS.split("\n")
        (folder / "sub").mkdir()
        for number, part in enumerate((rows[:100], rows[100:150])):
            (folder / "sub" / f"part{number}.csv").write_text("\n".join([head, *part]))
        assert results("run", "study.toml", "sub/part1.csv")["responses"]["read"] == 50
        both = results("run", "study.toml", "sub/part1.csv", "sub/part0.csv")
        assert both["responses"]["read"] == 150
        glob = results("run", "study.toml", "sub/*.csv")
        assert glob["estimates"] == both["estimates"]
        assert glob["study"]["data"] == "part0.csv and 1 more"
        # Twice the same file is one file.
        assert results("run", "study.toml", *["answers.csv"] * 2)["responses"]["read"] == 300

    @pytest.mark.parametrize(
        ("options", "expected"),
        [
            ([], [{}]),
            (
                ["--segment", "channel"],
                [{}, {"channel": "app"}, {"channel": "web"}],
            ),
            (
                ["--segment", "channel", "--segment", "region", "--by", "region"],
                [{}, {"region": "East"}, {"region": "North"}, {"region": "West"}],
            ),
            (
                ["--wave", "channel"],
                [{}, {"wave": "app"}, {"wave": "web"}],
            ),
            (
                ["--wave", "date", "--period", "quarter"],
                [{}, {"wave": "2026-Q1"}, {"wave": "2026-Q2"}],
            ),
            (
                [
                    *("--segment", "channel", "--wave", "date", "--period", "year"),
                    *("--by", "wave", "--by", "channel*wave"),
                ],
                [
                    {},
                    {"wave": "2026"},
                    {"channel": "app", "wave": "2026"},
                    {"channel": "web", "wave": "2026"},
                ],
            ),
        ],
    )
    def test_cells(
        self,
        results: Callable[..., dict[str, Any]],
        options: list[str],
        expected: list[dict[str, str]],
    ) -> None:
        assert cells(results(*NPS, "answers.csv", *options)) == expected

    def test_options_replace_the_study_s(self, results: Callable[..., dict[str, Any]]) -> None:
        found = results(
            *("run", "study.toml", "--segment", "channel", "--by", "channel", "--weight", "w"),
            *("--confidence", "0.8", "--min-base", "500", "--suppress-below", "140"),
        )
        study = found["study"]
        assert (study["segments"], study["by"], study["weight"]) == (["channel"], ["channel"], "w")
        assert (study["confidence"], study["min_base"], study["suppress_below"]) == (0.8, 500, 140)
        assert study["title"] == {"en": "Branch survey", "zh": "网点调查"}
        assert study["wave"] == "wave"  # what is not given stays
        rows = [row for row in found["estimates"] if row["term"] == "nps"]
        assert [row["status"] for row in rows] == ["small", "suppressed", "suppressed"]
        assert {row["method"] for row in rows if row["value"] is not None} == {"linearised"}
        assert rows[0]["effective_base"] < rows[0]["base"]

    def test_missing_replaces_the_study_s(self, results: Callable[..., dict[str, Any]]) -> None:
        found = results("run", "study.toml", "--missing", "11", "--missing", "10")
        (item,) = found["responses"]["items"]
        assert set(item["missing_by"]) == {"10", "11"}

    def test_pairs(self, results: Callable[..., dict[str, Any]]) -> None:
        plain = {row["kind"] for row in results("run", "study.toml")["comparisons"]}
        with_pairs = {row["kind"] for row in results("run", "study.toml", "--pairs")["comparisons"]}
        assert "pair" not in plain
        assert with_pairs == plain | {"pair"}

    def test_weights_are_shown(self, call: Call) -> None:
        _, out, _ = call("run", "study.toml", "--weight", "w")
        assert "270 kept, weighted by w" in out
        assert "n eff." in out

    def test_a_long_table_is_cut_and_says_so(self, call: Call, folder: Path) -> None:
        rows = "\n".join(f"{row % 11},s{row:03}" for row in range(100))
        (folder / "many.csv").write_text(f"Q1,shop\n{rows}\n")
        code, out, _ = call(*NPS, "many.csv", "--segment", "shop")
        assert code == 0
        assert "shop s058" in out
        assert "shop s059" not in out
        assert "41 more lines; --format csv or json gives all of them" in out

    def test_many_items_have_a_header_each(self, call: Call, folder: Path) -> None:
        (folder / "two.toml").write_text(
            "[metrics.a]\nmetric = 'nps'\nitem = 'Q1'\n[metrics.b]\nmetric = 'nps'\nitem = 'Q1'\n"
        )
        code, out, _ = call("run", "two.toml", "answers.csv", "--missing", "11")
        assert code == 0
        assert "Net Promoter Score (a)" in out
        assert "Net Promoter Score (b)" in out


class TestFormats:
    def test_csv(self, call: Call, folder: Path) -> None:
        code, out, err = call("run", "study.toml", "--format", "csv")
        assert (code, err) == (0, "")
        frame = pl.read_csv(out.encode())
        assert frame.equals(pl.read_csv(run("study.toml").to_polars().write_csv().encode()))
        assert {"cell", "cell.region", "cell.wave", "value", "ci_low"} <= set(frame.columns)
        assert call("run", "study.toml", "--format", "csv", "-o", "out.csv") == (0, "", "")
        written = (folder / "out.csv").read_bytes()
        # Excel takes a CSV for UTF-8 only where it begins with the mark.
        assert written == b"\xef\xbb\xbf" + out.encode()

    def test_parquet(self, call: Call, folder: Path) -> None:
        code, out, err = call("run", "study.toml", "--format", "parquet", "-o", "out.parquet")
        assert (code, out, err) == (0, "", "")
        found = pl.read_parquet(folder / "out.parquet")
        assert found.equals(run("study.toml").to_polars())

    def test_json(self, call: Call, folder: Path) -> None:
        command = ("run", "study.toml", "--format", "json")
        assert call(*command, "--output", "out.json") == (0, "", "")
        code, out, _ = call(*command)
        assert code == 0
        assert (folder / "out.json").read_text("utf-8") == out
        # What was there is replaced.
        assert call(*command, "-o", "out.json", "--confidence", "0.5")[0] == 0
        assert json.loads((folder / "out.json").read_bytes())["study"]["confidence"] == 0.5


class TestPlaces:
    """Pipes, terminals, locales."""

    def test_nothing_on_standard_error_of_a_pipe(self, folder: Path) -> None:
        done = process("run", "study.toml")
        assert (done.returncode, done.stderr) == (0, b"")
        assert b"\x1b" not in done.stdout
        assert b"reading" not in done.stdout

    def test_a_progress_bar_on_a_terminal(self, folder: Path) -> None:
        code, seen = on_terminal("run", "study.toml")
        assert code == 0
        bar, _, table = seen.partition("Branch survey")
        assert "reading" in bar
        assert "300 rows" in bar
        assert "\x1b[2K" in bar  # and it is wiped out again
        assert "reading" not in table
        assert "Net Promoter Score" in table

    def test_a_narrow_terminal_cuts_no_label(self, folder: Path) -> None:
        label = "西部及其他地区的很多网点一二三四五六七八九十"
        (folder / "zh.csv").write_text(f"Q1,地区\n9,{label}\n8,{label}\n", "utf-8")
        code, seen = on_terminal(*NPS, "zh.csv", "--segment", "地区", columns=60)
        assert code == 0
        assert "…" not in seen
        column = [line.split("│")[1].strip() for line in seen.splitlines() if "│" in line]
        assert label in "".join(column)

    @pytest.mark.parametrize(
        "environment",
        [
            {"LANG": "C", "LC_ALL": "POSIX"},
            {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
            {"PYTHONIOENCODING": "cp1252"},
        ],
        ids=["posix", "ascii", "cp1252"],
    )
    def test_chinese_labels_in_any_locale(self, environment: dict[str, str], folder: Path) -> None:
        (folder / "zh.csv").write_text("推荐,地区\n9,华东\n3,华北\n", "utf-8")
        command = ("run", "--metric", "nps", "--item", "推荐", "zh.csv", "--segment", "地区")
        if environment.get("PYTHONUTF8") == "0":
            # Such a process can't even be given Chinese arguments.
            (folder / "zh.toml").write_text(
                "[study]\ndata='zh.csv'\n[roles]\nsegments=['地区']\n[metrics.nps]\nitem='推荐'\n",
                "utf-8",
            )
            command = ("run", "zh.toml")
        done = process(*command, **environment)
        assert (done.returncode, done.stderr) == (0, b"")
        assert any(
            "华东".encode(encoding, "backslashreplace") in done.stdout
            for encoding in ("utf-8", "ascii")
        )

    def test_the_same_bytes_whoever_asks(self, folder: Path) -> None:
        head, *rows = ANSWERS.split("\n")
        for start in range(0, 300, 50):
            part = "\n".join([head, *rows[start : start + 50]])
            (folder / f"part{start:03}.csv").write_text(part)
        command = ("run", "study.toml", "part*.csv", "--weight", "w", "--pairs", "--format", "json")
        found = {
            process(*command, "--threads", threads, **environment).stdout
            for threads, environment in (
                ("1", {"TZ": "UTC", "LC_ALL": "C", "PYTHONHASHSEED": "0"}),
                ("2", {"TZ": "Asia/Shanghai", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1"}),
                ("7", {"TZ": "America/St_Johns", "LANG": "tr_TR.UTF-8", "PYTHONHASHSEED": "99"}),
            )
        }
        (same,) = found
        assert json.loads(same)["responses"]["read"] == 300


class TestReport:
    def test_written_beside_the_table(self, call: Call, folder: Path) -> None:
        pytest.importorskip("jinja2")
        pytest.importorskip("vl_convert")
        code, out, err = call("run", "study.toml", "--report", "report.html", "--language", "zh")
        assert (code, err) == (0, "report written to report.html\n")
        assert "Net Promoter Score" in out
        report = (folder / "report.html").read_text("utf-8")
        assert "网点调查" in report
        assert "华东" in report

    def test_without_the_extra(self, folder: Path) -> None:
        without = (
            "import sys\nsys.modules['jinja2'] = sys.modules['vl_convert'] = None\n"
            "from satcore.cli import main\nmain()"
        )
        done = process("run", "study.toml", code=without)
        assert (done.returncode, done.stderr) == (0, b"")
        done = process("run", "study.toml", "--report", "report.html", code=without)
        assert done.returncode == 2
        assert b"Net Promoter Score" in done.stdout  # the table is there all the same
        assert b'pip install "satcore[report]"' in done.stderr
        assert not (folder / "report.html").exists()
        done = process("demo", "--rows", "200", code=without)
        assert done.returncode == 2
        assert b"truth" in done.stdout
        assert b'pip install "satcore[report]"' in done.stderr
        assert not (folder / "satcore-report.html").exists()


class TestDemo:
    def test_estimate_beside_truth_and_a_report(self, call: Call, folder: Path) -> None:
        pytest.importorskip("jinja2")
        pytest.importorskip("vl_convert")
        (folder / "answers.csv").unlink()
        (folder / "study.toml").unlink()
        code, out, err = call("demo", "--seed", "3")
        assert (code, err) == (0, "report written to satcore-report.html\n")
        assert "6000 responses read, 6000 kept" in out
        assert "estimate and truth" in out
        assert "of 34 intervals hold the truth; 95% should in the long run" in out
        assert [path.name for path in folder.iterdir()] == ["satcore-report.html"]

    def test_the_truth_is_held(self) -> None:
        """Over many surveys, as often as the interval's level says."""
        from satcore.assembling import assemble
        from satcore.cli.demo import STUDY as DEMO
        from satcore.cli.populations import Population
        from satcore.engines import LocalEngine
        from satcore.evaluation import results_of
        from satcore.scanning import finished
        from satcore.study import Study

        population, plugins = Population.of_demo(), Plugins.found()
        asked = {**DEMO, "metrics": {"nps": {"item": "recommend"}}, "standards": []}
        held = rows = 0
        for seed in range(12):
            plan = assemble(
                Study.of(asked, "demo"), population.survey(3_000, seed), plugins=plugins
            )
            results = results_of(plan, finished(plan, LocalEngine(1).scan(plan)))
            for row in results.rows("nps", "nps"):
                assert row["ci_low"] is not None
                assert row["ci_high"] is not None
                held += row["ci_low"] <= population.nps(row["cell"]) <= row["ci_high"]
                rows += 1
        assert rows == 12 * 17
        assert 0.90 <= held / rows <= 0.99

    def test_what_is_true_of_visits_is_held(self) -> None:
        """Shares, rates and times of many surveys, as often as the interval's level says."""
        from satcore.assembling import assemble
        from satcore.cli.demo import STUDY as DEMO
        from satcore.cli.populations import Population
        from satcore.cli.visits import truths
        from satcore.engines import LocalEngine
        from satcore.evaluation import results_of
        from satcore.scanning import finished
        from satcore.study import Study

        population, plugins = Population.of_demo(), Plugins.found()
        metrics = {name: DEMO["metrics"][name] for name in truths()}
        asked = {**DEMO, "metrics": metrics, "standards": []}
        held = dict.fromkeys(truths(), 0)
        for seed in range(40):
            plan = assemble(
                Study.of(asked, "demo"), population.survey(1_500, seed), plugins=plugins
            )
            results = results_of(plan, finished(plan, LocalEngine(1).scan(plan)))
            for measured in results.metrics:
                row = results.rows(measured.name, measured.primary)[0]
                assert row["ci_low"] is not None
                assert row["ci_high"] is not None
                held[measured.name] += row["ci_low"] <= truths()[measured.name] <= row["ci_high"]
        # Fewer than 33 of 40 come in 1 of 10,000 cases where each holds with 95%.
        assert min(held.values()) >= 33

    def test_the_same_seed_gives_the_same_survey(self, call: Call) -> None:
        runs = [
            call("demo", "--rows", "500", "--seed", seed, "--disable", "html") for seed in "112"
        ]
        assert runs[0] == runs[1]
        assert runs[0][1] != runs[2][1]
        # Without a report there is nothing written, and that is told.
        code, out, err = runs[0]
        assert code == 2
        assert "truth" in out
        assert err.startswith("no report: satcore-report.html: no plugin writes such a file")


class TestListings:
    def test_plugins(self, call: Call) -> None:
        code, out, err = call("plugins", "--json")
        assert (code, err) == (0, "")
        infos = {one["name"]: one for one in json.loads(out)}
        assert {"files", "html", "nps"} <= set(infos)
        nps = infos["nps"]
        for key in ("name", "version", "hooks", "metrics", "state", "load_ms"):
            assert key in nps
        assert nps["version"] == satcore.__version__
        assert nps["hooks"] == ["satcore_metrics"]
        assert nps["metrics"] == ["nps"]
        assert (nps["state"], nps["reason"]) == ("ok", "")
        assert nps["load_ms"] >= 0
        readers = ["csv", "parquet", "excel", "spss", "stata"]
        assert infos["files"]["offers"] == [*readers, "satcore_files"]
        code, out, err = call("plugins")
        assert (code, err) == (0, "")
        for text in ("files", "html", "nps", f"satcore {satcore.__version__}", "csv, parquet"):
            assert text in out

    def test_metrics(self, call: Call) -> None:
        code, out, err = call("metrics", "--json")
        assert (code, err) == (0, "")
        (nps,) = [one for one in json.loads(out) if one["plugin"] == "nps"]
        assert (nps["metric"], nps["primary"]) == ("nps", "nps")
        assert nps["title"] == {"en": "Net Promoter Score", "zh": "净推荐值"}
        assert nps["terms"] == ["nps", "promoters", "passives", "detractors"]
        options = {one["name"]: one for one in nps["options"]}
        assert options["item"] == {"name": "item", "type": "str", "required": True}
        assert options["interval"]["required"] is False
        code, out, err = call("metrics")
        assert (code, err) == (0, "")
        assert "item, [scale], [detractors], [promoters], [interval], [seed]" in out

    def test_disabling(self, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
        _, out, _ = call("plugins", "--json", "--disable", "nps", "--disable", "html")
        states = {one["name"]: one["state"] for one in json.loads(out)}
        assert [states[name] for name in ("files", "html", "nps")] == ["ok", "disabled", "disabled"]
        monkeypatch.setenv("SATCORE_DISABLE_PLUGINS", "nps")
        _, out, _ = call("metrics", "--json")
        assert "nps" not in [one["plugin"] for one in json.loads(out)]
        code, _, err = call(*NPS, "answers.csv")
        assert code == 2
        assert "its plugin 'nps' is disabled" in err

    def test_disabling_what_is_not_there(self, call: Call) -> None:
        for command in ("plugins", "metrics"):
            code, _, err = call(command, "--disable", "npx")
            assert (code, err) == (0, "note: 'npx' is disabled, but there is no such plugin\n")


class TestHelp:
    def test_version(self, call: Call) -> None:
        assert call("--version") == (0, f"satcore, version {satcore.__version__}\n", "")

    @pytest.mark.parametrize("flag", ["-h", "--help"])
    def test_every_command(self, call: Call, flag: str) -> None:
        code, out, err = call(flag)
        assert (code, err) == (0, "")
        context = click.Context(cli, help_option_names=["-h", "--help"])
        names = cli.list_commands(context)
        assert set(names) >= {"run", "check", "sample-size", "demo", "metrics", "plugins"}
        for name in names:
            command = cli.get_command(context, name)
            assert command is not None
            assert f"\n  {name} " in out
            code, text, err = call(name, flag)
            assert (code, err) == (0, "")
            assert text.startswith(f"Usage: satcore {name} ")
            for parameter in command.params:
                if isinstance(parameter, click.Option):
                    assert parameter.help
                    assert max(parameter.opts, key=len) in text

    def test_nothing_at_all_is_a_question_for_help(self, call: Call) -> None:
        code, _, err = call()
        assert code == 2
        assert err.startswith("Usage: satcore [OPTIONS] COMMAND")

    def test_a_command_that_is_not_there(self, call: Call) -> None:
        code, _, err = call("rnu")
        assert code == 2
        assert "there is no command 'rnu'; did you mean 'run'?" in err

    def test_as_a_module_and_as_a_script(self, folder: Path) -> None:
        script = Path(sys.executable).with_name("satcore")
        if not script.exists():
            pytest.skip("the console script is not beside this Python")
        done = subprocess.run([script, "--version"], capture_output=True, check=True, timeout=60)
        assert done.stdout == process("--version").stdout


class TestExitCodes:
    """0 done, 1 a metric failed, 2 the user's mistake; 130 and 70 are in test_bad_input."""

    def test_done(self, call: Call) -> None:
        assert call("run", "study.toml")[0] == 0

    def test_a_metric_failed(
        self, call: Call, plugins: Plugins, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(plugins.metric("nps")[1].metric, "evaluate", _failing)
        code, out, err = call("run", "study.toml")
        assert (code, err) == (1, "")
        assert "failed: nps, 9 cells: ZeroDivisionError: by zero" in out
        assert "error: ZeroDivisionError: by zero" in out
        code, out, err = call("run", "study.toml", "--format", "json")
        assert code == 1
        assert err == "failed: nps, 9 cells: ZeroDivisionError: by zero\n"
        found = json.loads(out)
        assert {row["status"] for row in found["estimates"]} == {"error"}
        assert len(found["estimates"]) == 9

    def test_a_mistake(self, call: Call) -> None:
        assert call("run", "absent.toml")[0] == 2


def _failing(self: object, answers: object) -> None:
    raise ZeroDivisionError("by zero")


class TestNothingIsWrittenOver:
    """A target that the run reads, or that is named twice, is refused before anything happens."""

    @pytest.mark.parametrize("target", ["a.csv", "./a.csv"])
    def test_the_answers(self, target, tmp_path, monkeypatch, capsys):
        monkeypatch.chdir(tmp_path)
        Path("a.csv").write_text("Q1\n9\n")
        typed = ["run", "--metric", "nps", "--item", "Q1", "--format", "csv", "-o", target, "a.csv"]
        with pytest.raises(SystemExit) as left:
            main(typed)
        assert left.value.code == 2
        assert "is read by this run" in capsys.readouterr().err
        assert Path("a.csv").read_text() == "Q1\n9\n"

    def test_results_and_report(self, tmp_path, monkeypatch, capsys):
        monkeypatch.chdir(tmp_path)
        Path("a.csv").write_text("Q1\n9\n")
        typed = ["run", "--metric", "nps", "--item", "Q1", "--format", "json", "a.csv"]
        with pytest.raises(SystemExit) as left:
            main([*typed, "-o", "x.html", "--report", "x.html"])
        assert left.value.code == 2
        assert "files of their own" in capsys.readouterr().err
        assert not Path("x.html").exists()


@pytest.mark.parametrize(
    ("waves", "told"),
    [
        (["Feb", "Jan"], "note: waves stand in the order of their texts: Feb, Jan"),
        ([f"2026-01-01 {n}" for n in range(130)], "note: 130 waves in wave; if it holds times"),
    ],
)
def test_waves_whose_order_is_a_guess_are_told(waves, told, tmp_path, capsys):
    path = tmp_path / "a.csv"
    path.write_text("Q1,wave\n" + "".join(f"9,{wave}\n" for wave in waves))
    with pytest.raises(SystemExit):
        main(["run", "--metric", "nps", "--item", "Q1", "--wave", "wave", str(path)])
    assert told in capsys.readouterr().out


@pytest.mark.parametrize("command", ["run", "check"])
@pytest.mark.parametrize("data", ['"answers.csv"', '["answers.csv"]', '"ans*.csv"'])
@pytest.mark.parametrize("target", ["--output", "--report"])
def test_the_answers_that_a_study_names_are_not_written_over(
    call: Call, folder: Path, command: str, data: str, target: str
) -> None:
    study = f'[study]\ndata = {data}\n[metrics.nps]\nitem = "Q1"\n'
    study += '[[standards]]\nmetric = "nps"\nat_least = 0\n'
    (folder / "own.toml").write_text(study, "utf-8")
    before = (folder / "answers.csv").read_bytes()
    code, _, err = call(command, "own.toml", "--format", "json", target, "answers.csv")
    assert code == 2
    assert "answers.csv" in err
    assert (folder / "answers.csv").read_bytes() == before
