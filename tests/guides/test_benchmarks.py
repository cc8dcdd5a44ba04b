"""Every benchmark on a few rows: all contestants agree, and what is kept has its fields.

No time is tested.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
# Last, so that satcore is what is installed and not what lies beside the benchmarks.
sys.path.append(str(ROOT))

pytest.importorskip("duckdb", reason="the group bench is not installed")
pytest.importorskip("pandas", reason="the group bench is not installed")

from benchmarks import page  # noqa: E402
from benchmarks.speed import figures, survey, telling  # noqa: E402
from benchmarks.speed.command import main  # noqa: E402
from benchmarks.speed.contest import (  # noqa: E402
    Case,
    Contest,
    Contestant,
    DisagreementError,
    Goal,
    held,
)

pytestmark = pytest.mark.xdist_group("benchmarks")

#: Every case, the one that is run by its name alone too.
CASES = (
    *("fused", "memory", "nps", "nps-cells", "weighted", "kano", "kano-segments", "servqual"),
    *("bootstrap", "start", "growth", "billion"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The benchmarks in a folder of their own, for the same reason."""
    folder = tmp_path_factory.mktemp("benchmarks")
    leave = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "benchmarks", folder / "benchmarks", ignore=leave)
    return folder


@pytest.fixture(scope="module")
def kept(folder: Path) -> Any:
    """What is kept of every case, of a few rows and once."""
    pytest.importorskip("pingouin", reason="the group bench is not installed")
    path = folder / "results.json"
    asked = [
        *("--only", ",".join(CASES), "--rows", "3000", "--rounds", "1"),
        *("--json", str(path), "--data", str(folder / "data")),
    ]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *asked],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(path.read_text("utf-8"))


def test_every_case_runs_and_all_agree(kept: Any) -> None:
    assert tuple(dict.fromkeys(one["case"] for one in kept["contests"])) == CASES
    for contest in kept["contests"]:
        named = set(contest["medians"])
        assert contest["ours"] in named
        assert named == set(contest["samples"]) == set(contest["ratios"])
        for who in named:
            assert {"wall", "cpu"} <= set(contest["medians"][who])
            assert len(contest["samples"][who]) == contest["rounds"] == 1
        assert contest["ratios"][contest["ours"]]["wall"] == 1
        for goal in contest["goals"]:
            assert set(goal) == {"goal", "measure", "ratio", "ratios", "reached"}
    memory = next(one for one in kept["contests"] if one["case"] == "memory")
    assert all(median["peak"] > 1 for median in memory["medians"].values())


def test_what_is_kept_names_machine_and_command(kept: Any) -> None:
    named = ",".join(CASES)
    assert kept["command"] == f"python -m benchmarks --only {named} --rows 3000 --rounds 1"
    assert kept["machine"]["cores"] >= 1
    assert {"python", "satcore", "polars", "duckdb"} <= set(kept["machine"]["versions"])


def test_peers_are_asked_in_every_case_of_the_table(kept: Any) -> None:
    for contest in kept["contests"]:
        if contest["case"] in ("fused", "nps", "nps-cells", "weighted", "servqual"):
            asked = " ".join(contest["medians"])
            assert "DuckDB" in asked
            assert "Polars" in asked
            assert "alone" in asked, "the floor"


def test_the_page_is_made_of_what_is_kept(kept: Any) -> None:
    text = page.PAGE.read_text("utf-8")
    new = page.renewed(text, [kept])
    assert page.renewed(new, [kept]) == new
    assert f"`{kept['command']}`" in new
    for contest in kept["contests"]:
        assert f"\n### {contest['name']}\n" in new
        assert telling.contest(contest) in new
    with pytest.raises(ValueError, match="lacks"):
        page.renewed("no marks", [kept])


def test_the_page_shows_the_kept_results() -> None:
    results = [json.loads(path.read_text("utf-8")) for path in page.RESULTS]
    assert results
    text = page.PAGE.read_text("utf-8")
    assert page.renewed(text, results) == text, "stale; run: python -m benchmarks.page"


def test_unknown_cases_are_refused_with_those_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--only", "nsp"])
    assert left.value.code == 2
    assert "there is no case nsp; there are fused," in capsys.readouterr().err


def test_every_case_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()[2:]
    assert [line.split()[1] for line in lines] == list(CASES)


def test_a_difference_fails_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def differing(rows: int, folder: Path) -> Iterator[Contest]:
        yield contest({"n": np.array(1)}, {"n": np.array(2)})

    case = Case(name="two", what="", rows=1, contests=differing)
    monkeypatch.setattr("benchmarks.speed.command.CASES", (case,))
    assert main([]) == 1
    assert "two: one and two differ in n:" in capsys.readouterr().err


# --- the figures ----------------------------------------------------------------------------------


def contest(*told: dict[str, Any], goals: tuple[Goal, ...] = ()) -> Contest:
    return Contest(
        name="two",
        what="",
        rows=1,
        figures="",
        ours="one",
        goals=goals,
        contestants=[
            Contestant(
                name=name, ask=lambda: None, tell=lambda _, of=figure: of, also=lambda _: TAKEN
            )
            for name, figure in zip(("one", "two", "three"), told, strict=False)
        ],
    )


TAKEN = {"wall": 2.0, "cpu": 4.0}


@pytest.mark.parametrize(
    ("mine", "yours", "where"),
    [
        ([1, 2], [1, 3], r"n\[1\]: .*2.* and .*3"),
        ([1.0, 0.5], [1.0, 0.5 + 1e-7], r"n\[1\]"),
        ([1.0, np.nan], [1.0, 0.0], r"n\[1\]"),
        ([1, 2], [1, 2, 3], "of shape"),
    ],
)
def test_a_difference_names_who_and_what(mine: Any, yours: Any, where: str) -> None:
    with pytest.raises(DisagreementError, match=f"two: one and two differ in .*{where}"):
        held(contest({"n": np.array(mine)}, {"n": np.array(yours)}), 1)


def test_other_figures_are_a_difference() -> None:
    with pytest.raises(DisagreementError, match="other figures"):
        held(contest({"n": np.array(1)}, {"m": np.array(1)}), 1)


def test_goals_speak_of_the_better_peer() -> None:
    same = {"n": np.array([1.0, np.nan])}
    goals = (Goal(against=("two", "three"), at_least=1, ours="one"),)
    found = held(contest(same, same, same, goals=goals), 3)
    assert found["rounds"] == 3
    assert found["medians"]["two"] == TAKEN
    (goal,) = found["goals"]
    assert (goal["goal"], goal["ratio"]) == ("two takes ≥ 1 × one", 1.0)
    assert goal["reached"]
    above = (Goal(against=("two",), at_most=0.5, ours="one", measure="cpu"),)
    (missed,) = held(contest(same, same, goals=above), 1)["goals"]
    assert not missed["reached"]


def test_formulas_on_a_survey_counted_by_hand() -> None:
    told = figures.histogram(np.array([1, 0, 0, 0, 0, 0, 1, 1, 1, 2, 4]))
    assert {name: float(value) for name, value in told.items()} == {
        "n": 10,
        "promoters": 6,
        "detractors": 2,
        "nps": 40,
    }
    # One like and dislike (O), two like and neutral (A), one neutral twice (I).
    pairs = np.zeros(25, dtype=int)
    pairs[[4, 2, 12]] = 1, 2, 1
    kano = figures.kano(pairs)
    assert kano["kano categories"].tolist() == [2, 1, 0, 1, 0, 0]
    assert (kano["better"], kano["worse"]) == (0.75, -0.25)


def test_alphas_are_those_of_the_covariances() -> None:
    columns = survey.in_memory(survey.SERVQUAL, 500)
    sums: dict[str, int] = {}
    expected = []
    for name, scale in survey.SCALES.items():
        table = np.stack([columns[one] for one in scale]).astype(int)
        sums |= {f"n_{name}": 500, f"t_{name}": int((table.sum(axis=0) ** 2).sum())}
        for one, values in zip(scale, table, strict=True):
            sums |= {f"s_{one}": int(values.sum()), f"q_{one}": int((values**2).sum())}
        covariance = np.cov(table)
        k = len(scale)
        expected.append(k / (k - 1) * (1 - np.trace(covariance) / covariance.sum()))
    np.testing.assert_allclose(figures.alphas(sums)["alpha"], expected, rtol=1e-12)
    assert min(expected) > 0.5, "the items of a dimension share something"


# --- the answers ----------------------------------------------------------------------------------


def test_answers_are_the_same_however_they_are_asked_for(tmp_path: Path) -> None:
    import polars as pl

    one = survey.in_memory(("nps", "E1"), 2_000)
    other = survey.in_memory(survey.ALL, 2_000)
    assert len(other) == 68
    assert all((one[name] == other[name]).all() for name in one)
    assert {values.dtype for values in other.values()} == {np.dtype(np.uint8)}
    (path,) = survey.in_parquet(tmp_path, 2_000)
    assert pl.read_parquet(path).equals(pl.DataFrame(other))
    lows_and_highs = {name: (values.min(), values.max()) for name, values in other.items()}
    assert lows_and_highs["nps"] == (0, 10)
    assert lows_and_highs["P22"] == (1, 7)
    assert lows_and_highs["k10_d"] == (1, 5)
