"""DuckDB and Polars, through Ibis, count what the local engine counts."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import polars as pl
import pytest

import satcore
from satcore.planning import Plan
from satcore.scanning import Bundle

if not os.environ.get("SATCORE_REQUIRE_SQL"):
    pytest.importorskip("ibis", reason="the extra `sql` is not installed")

from satcore_sql import SqlEngine

Same = Callable[[Bundle, Bundle], None]

# Ibis calls what DuckDB means to rename.
pytestmark = pytest.mark.filterwarnings("ignore:fetch_:DeprecationWarning")


def table(backend: str, frame: pl.DataFrame) -> Any:
    import ibis

    if backend == "polars":
        return ibis.polars.connect({"answers": frame}).table("answers")
    connection = ibis.duckdb.connect()
    connection.con.register("answers", frame.to_arrow())
    return connection.table("answers")


def test_over_the_study_s_files(plan: Plan, local: Bundle, same: Same) -> None:
    told: list[int] = []
    same(satcore.scan(plan, engine="sql", stream=True, progress=told.append), local)
    assert sum(told) == local.intake.read


def test_every_kind_of_metric(toolbox: Callable[..., Plan], same: Same) -> None:
    # SERVQUAL's products of 44 columns take a database minutes; four columns are in every study.
    plan = toolbox("servqual")
    same(satcore.scan(plan, engine="sql", stream=True), satcore.scan(plan))


#: What counts replicates, exposures or lifetimes, none of which is a sum over a table of answers.
ROW_BY_ROW = (
    "drivers",
    "journey",
    "loyalty",
    "importance_performance",
    "complaint_rate",
    "response_time",
    "churn",
    "recovery",
)


def test_every_kind_of_metric_that_is_sums_is_counted_by_the_database(
    toolbox: Callable[..., Plan], same: Same
) -> None:
    plan = toolbox("servqual", *ROW_BY_ROW)
    same(satcore.scan(plan, engine="sql"), satcore.scan(plan))


@pytest.mark.parametrize("name", ROW_BY_ROW)
def test_every_other_kind_is_refused_by_name(name: str, toolbox: Callable[..., Plan]) -> None:
    from satcore.cli.demo import MORE, STUDY

    others = {*STUDY["metrics"], *MORE} - {name}
    with pytest.raises(satcore.EngineError, match=rf"what {name} counts .* can't be counted"):
        satcore.scan(toolbox(*others), engine="sql")


@pytest.mark.parametrize("weight", ["", "-weighted"])
@pytest.mark.parametrize("backend", ["duckdb", "polars"])
def test_a_table(backend: str, weight: str, frame: pl.DataFrame, folder: Path, same: Same) -> None:
    study = str(folder / f"parquet{weight}.toml")
    engine = SqlEngine(table(backend, frame), stream=True)
    found = satcore.scan(satcore.plan(study, engine.survey()), engine=engine)
    local = satcore.scan(satcore.plan(study, frame))
    assert sum(rows for _, rows in found.fragments) == frame.height
    same(attrs.evolve(found, fragments=local.fragments), local)


def test_answers_in_memory(folder: Path, frame: pl.DataFrame, same: Same) -> None:
    plan = satcore.plan(str(folder / "parquet.toml"), frame)
    same(satcore.scan(plan, engine="sql", stream=True), satcore.scan(plan))


@pytest.mark.parametrize("backend", ["duckdb", "polars"])
def test_without_streaming_what_can_not_be_counted_is_named(
    backend: str, frame: pl.DataFrame, folder: Path
) -> None:
    engine = SqlEngine(table(backend, frame))
    with pytest.raises(satcore.EngineError, match=r"range counts \(Spread\) can't be counted"):
        satcore.run(str(folder / "parquet.toml"), engine=engine)


@pytest.mark.parametrize("backend", ["duckdb", "polars"])
def test_whole_results_without_reading_an_answer(backend: str, frame: pl.DataFrame) -> None:
    """NPS, Kano, SERVQUAL and products of bytes: no answer leaves the database."""
    from satcore_kano import Kano
    from satcore_nps import NPS
    from satcore_servqual import Servqual

    metrics = {
        "nps": NPS(item="Q1"),
        "kano": Kano(
            features=("F1", "F2"),
            functional="{feature}_functional",
            dysfunctional="{feature}_dysfunctional",
        ),
        "servqual": Servqual(perception="P{1..4}", expectation="E{1..4}"),
    }
    engine = SqlEngine(table(backend, frame))
    asked: dict[str, Any] = {
        "segments": ["region"],
        "wave": {"time": "date", "period": "month"},
        "by": ["region", "wave"],
        "invalid": "missing",
    }
    found = satcore.run(metrics, engine=engine, **asked)
    local = satcore.run(metrics, frame, **asked)
    assert found.estimates.columns.keys() == local.estimates.columns.keys()
    assert found.rows() == local.rows()
    assert found.comparison_rows() == local.comparison_rows()
    assert found.items == local.items


class TestMoments:
    """Sums of many items, made in the database."""

    ITEMS = ("P1", "P2", "P3", "P4", "E1", "E2", "E3", "E4")

    def statistics(self) -> list[satcore.Moments]:
        items = [satcore.Codebook().item(name, "1..7") for name in self.ITEMS]
        gaps = [satcore.Difference(p, e) for p, e in zip(items[:4], items[4:], strict=True)]
        made: list[Any] = [
            gaps[0],
            satcore.Mean(tuple(items[:3]), at_least=2),
            satcore.Mean(tuple(items[3:5])),
            satcore.Sum(tuple(items[:2])),
            satcore.Product(items[0], items[4]),
            satcore.Reversed(items[1]),
            satcore.Given(items[0], (items[5],)),
            satcore.Indicator(items[2], (6, 7)),
            satcore.Indicator(items[0], (6, 7), missing_is_0=True),
            satcore.Recode((items[0], items[4]), tuple(n % 3 for n in range(49)), ("a", "b", "c")),
        ]
        return [
            satcore.Moments(tuple(items)),
            satcore.Moments(tuple(items), pairwise=True),
            satcore.Moments(tuple(made)),
            satcore.Moments((*items[:4], made[0]), order=4),
        ]

    @pytest.mark.parametrize("weighted", [False, True])
    @pytest.mark.parametrize("backend", ["duckdb", "polars"])
    @pytest.mark.parametrize("number", range(4))
    def test_the_same_sums(
        self, number: int, backend: str, weighted: bool, frame: pl.DataFrame, same: Same
    ) -> None:
        statistic = self.statistics()[number]

        @attrs.frozen(kw_only=True)
        class Asks(satcore.Metric):
            def statistics(self, codebook: satcore.Codebook) -> dict[str, Any]:
                return {"sums": statistic}

            def evaluate(self, sums: Any) -> Any:
                yield from ()

        asked: dict[str, Any] = {"segments": ["region"], "invalid": "missing"}
        if weighted:
            asked["weight"] = "weight"
        engine = SqlEngine(table(backend, frame))
        plan = satcore.plan(Asks(), engine.survey(), **asked)
        found = satcore.scan(plan, engine=engine)
        local = satcore.scan(satcore.plan(Asks(), frame, **asked))
        same(attrs.evolve(found, fragments=local.fragments), local)


class TestOddAnswers:
    @pytest.mark.parametrize("backend", ["duckdb", "polars"])
    def test_texts_and_codes(self, backend: str, same: Same) -> None:
        from satcore_nps import NPS

        frame = pl.DataFrame(
            {
                "Q1": ["10", " 9", "8.0", "", None, "99", "0", "keine", "10"],
                "region": ["a", "", None, "a", "b", "b", "a", "1.0", "1"],
            }
        )
        asked: dict[str, Any] = {
            "segments": ["region"], "missing": ["", "99"], "invalid": "missing",
        }  # fmt: skip
        found = satcore.run(NPS(item="Q1"), engine=SqlEngine(table(backend, frame)), **asked)
        local = satcore.run(NPS(item="Q1"), frame, **asked)
        assert found.rows() == local.rows()
        assert found.items == local.items

    @pytest.mark.parametrize("backend", ["duckdb", "polars"])
    def test_what_is_wrong_is_told(self, backend: str) -> None:
        from satcore_nps import NPS

        frame = pl.DataFrame(
            {"Q1": [1, 77, 77], "w": [1.0, -2.0, None], "day": ["2026-01-01", "yesterday", None]}
        )
        engine = SqlEngine(table(backend, frame))
        with pytest.raises(satcore.DataError) as caught:
            satcore.run(
                NPS(item="Q1"), engine=engine, weight="w", wave={"time": "day", "period": "month"}
            )
        told = str(caught.value)
        assert "'77' (2)" in told
        assert "'-2' (1)" in told
        assert "'yesterday' (1)" in told

    @pytest.mark.parametrize("backend", ["duckdb", "polars"])
    def test_nobody(self, backend: str) -> None:
        from satcore_nps import NPS

        frame = pl.DataFrame(schema={"Q1": pl.UInt8, "region": pl.String})
        engine = SqlEngine(table(backend, frame))
        found = satcore.run(NPS(item="Q1"), engine=engine, segments=["region"])
        assert found.rows() == satcore.run(NPS(item="Q1"), frame, segments=["region"]).rows()


class TestAddresses:
    def test_a_file_of_duckdb(self, frame: pl.DataFrame, tmp_path: Path) -> None:
        import duckdb

        with duckdb.connect(str(tmp_path / "study.db")) as own:
            own.register("frame", frame.to_arrow())
            own.execute("CREATE TABLE answers AS SELECT * FROM frame")
        done = subprocess.run(
            [
                *(sys.executable, "-m", "satcore", "run", "--metric", "nps", "--item", "Q1"),
                *("--invalid", "missing", "--format", "json", "--engine"),
                f"sql:duckdb://{tmp_path / 'study.db'}#answers",
            ],
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert f'"read": {frame.height}' in done.stdout

    @pytest.mark.parametrize(
        ("address", "told"),
        [("answers", "names no table"), ("duckdb://#answers", "has no table 'answers'")],
    )
    def test_mistakes(self, address: str, told: str, frame: pl.DataFrame) -> None:
        from satcore_nps import NPS

        with pytest.raises(satcore.EngineError, match=told):
            satcore.run(NPS(item="Q1"), engine=f"sql:{address}")


def test_replicates_of_a_table_want_to_know_who_is_who(frame: pl.DataFrame) -> None:
    from satcore_kano import Kano

    metric = Kano(
        features=("F1",),
        functional="{feature}_functional",
        dysfunctional="{feature}_dysfunctional",
    )
    engine = SqlEngine(table("duckdb", frame), stream=True)
    with pytest.raises(satcore.EngineError, match="name the column that does"):
        satcore.run(metric, engine=engine, weight="weight")


def test_nothing_of_ibis_is_imported_unless_asked_for() -> None:
    code = (
        "import sys, satcore; from satcore.plugins import Plugins; Plugins.found().infos(); "
        "print([name for name in ('ibis', 'duckdb') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"
