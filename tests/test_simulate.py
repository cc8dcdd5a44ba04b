"""Synthetic surveys: the same bytes in any batches, and answers whose truth is known."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from attrs import frozen
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

import satcore
from satcore import (
    Codebook,
    DataError,
    Item,
    Metric,
    Moments,
    OptionError,
    OutputError,
    Scale,
    StudyError,
    Tally,
    When,
)
from satcore.cli.run import run
from satcore.cli.simulate import simulate as command
from satcore.codebook import Declaration, Measure
from satcore.plugins import Plugins
from satcore.study import Study
from satcore.testing.simulate import Simulated, simulate
from satcore.testing.simulation.streams import BLOCK

NPS: dict[str, Any] = {
    "study": {"missing": ["", 99], "by": ["region", "wave"]},
    "roles": {
        "segments": ["region"],
        "wave": {"time": "EndDate", "period": "month"},
        "weight": "w",
        "respondent": "id",
    },
    "keep": [{"column": "Status", "is": ["Complete"]}],
    "metrics": {"nps": {"item": "Q1"}},
}
KANO: dict[str, Any] = {
    "study": {"by": ["channel"]},
    "roles": {"segments": ["channel"]},
    "scales": {
        "like5": {"codes": {"like": 1, "enjoy": 1, "expect": 2, "neutral": 3, "bear": 4, "hate": 5}}
    },
    "metrics": {
        "kano": {
            "functional": "{feature}_f",
            "dysfunctional": "{feature}_d",
            "features": ["a", "b"],
            "scale": "like5",
        }
    },
}
SERVQUAL: dict[str, Any] = {
    "study": {"by": ["wave"]},
    "roles": {"wave": "month"},
    "metrics": {
        "servqual": {
            "expectation": "E{1..4}",
            "perception": "P{1..4}",
            "dimensions": {"x": "1..2", "y": "3..4"},
            "points": "W_{dimension}",
        }
    },
}

#: Known probabilities, in the order of the scale.
SHARES = (0.05, 0.02, 0.03, 0.05, 0.05, 0.1, 0.1, 0.1, 0.2, 0.2, 0.1)


def item(name: str, high: int = 5, low: int = 1, missing: tuple[str, ...] = ()) -> Item:
    return Item(name=name, scale=Scale(low=low, high=high), missing=missing)


def test_any_batches_are_the_same_rows() -> None:
    survey = simulate(NPS, BLOCK + 1_000, seed=3)
    whole = survey.frame()
    assert whole.height == BLOCK + 1_000
    for size in (1_000, BLOCK, BLOCK + 7, 10 * BLOCK):
        batches = list(survey.batches(size))
        assert [one.height for one in batches[:-1]] == [size] * (len(batches) - 1)
        assert pl.concat(batches).equals(whole)


@settings(max_examples=12, deadline=None)
@given(start=st.integers(0, 2 * BLOCK), rows=st.integers(0, BLOCK))
def test_any_slice_is_the_same_rows(start: int, rows: int) -> None:
    survey = simulate([item("a"), item("b")], BLOCK + 500, wave="wave", plugins=Plugins(()))
    assert survey.frame(start, rows).equals(survey.frame().slice(start, rows))


def test_more_rows_and_fewer_columns_change_nothing() -> None:
    few, many = simulate(NPS, 1_000, seed=3), simulate(NPS, 2_000, seed=3)
    assert few.frame().equals(many.frame(0, 1_000))
    assert few.frame(columns=["w", "Q1"]).equals(few.frame().select("w", "Q1"))


def test_another_seed_is_another_sample_of_the_same_population() -> None:
    one, other = (simulate(NPS, 1_000, seed=seed, population=1 << 14) for seed in (1, 2))
    assert not one.frame(columns=["Q1"]).equals(other.frame(columns=["Q1"]))
    assert one.shares("Q1") == other.shares("Q1")
    assert one.truth == other.truth


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_the_same_seed_writes_the_same_bytes(tmp_path: Path, ending: str) -> None:
    paths = [tmp_path / f"{name}.{ending}" for name in ("a", "b")]
    for path in paths:
        simulate(NPS, BLOCK + 1_000, seed=9).write(path)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert sorted(tmp_path.iterdir()) == paths  # nothing is left beside them


def test_a_survey_reads_what_is_written(tmp_path: Path) -> None:
    survey = simulate(NPS, 3_000)
    survey.write(tmp_path / "a.parquet")
    assert pl.read_parquet(tmp_path / "a.parquet").equals(survey.frame())
    fragments = survey.survey().fragments
    assert [fragment.rows for fragment in fragments] == [3_000]
    read = pl.concat(fragments[0].read(["Q1", "region"]))
    assert read.equals(survey.frame(columns=["Q1", "region"]))


def test_answers_have_the_probabilities_given() -> None:
    survey = simulate([item("a", 10, 0)], 200_000, answers={"a": SHARES}, missing_rate=0)
    assert list(survey.shares("a").values()) == pytest.approx(SHARES, abs=1e-12)
    found = np.bincount(survey.frame()["a"].to_numpy(), minlength=11) / 200_000
    error = np.sqrt(np.array(SHARES) * (1 - np.array(SHARES)) / 200_000)
    assert np.all(np.abs(found - SHARES) < 4 * error)


def test_shares_of_a_cell_follow_from_its_shifts() -> None:
    """P(answer <= k) is the normal distribution's, moved by segment and wave."""
    survey = simulate(
        [item("a", 2)], 200_000, answers={"a": (0.5, 0.5)}, missing_rate=0, shift=0.4, drift=0.1,
        segments=["region"], wave="wave", waves=3,
    )  # fmt: skip
    frame = survey.frame()
    waves = sorted(frame["wave"].unique())
    assert len(waves) == 3
    lifts = [survey.shares("a", {"wave": wave})[2] for wave in waves]
    assert lifts[0] < lifts[1] < lifts[2]
    # The middle wave has no shift: the mean over regions of Phi(shift), by numerical inversion.
    for region in frame["region"].unique():
        for wave in waves:
            cell = frame.filter(region=region, wave=wave)["a"]
            share = survey.shares("a", {"region": region, "wave": wave})[2]
            assert abs((cell == 2).mean() - share) < 4 * math.sqrt(0.25 / cell.len())  # type: ignore[operator]
    from scipy.special import ndtri

    cells = [survey.shares("a", {"region": "A", "wave": wave})[2] for wave in waves]
    assert np.diff(ndtri(cells)) == pytest.approx([0.1, 0.1], abs=1e-12)
    regions = [survey.shares("a", {"region": one, "wave": waves[1]})[2] for one in "ABCD"]
    assert abs(ndtri(regions[-1]) - ndtri(regions[0])) == pytest.approx(0.8, abs=1e-12)


def test_latent_answers_correlate_as_asked(plugins: Plugins) -> None:
    """Both above the middle: 1/4 + asin(rho) / 2 pi (Sheppard 1899)."""
    halves = {f"{side}{n}": (0, 0, 0.5, 0, 0.5, 0, 0) for side in "EP" for n in range(1, 5)}
    survey = simulate(
        SERVQUAL, 200_000, answers=halves, correlation=0.5, missing_rate=0, plugins=plugins
    )
    frame = survey.frame()

    def both(one: str, other: str) -> float:
        return float(((frame[one] > 4) & (frame[other] > 4)).mean())  # type: ignore[arg-type]

    error = 4 * math.sqrt(0.25 / 200_000)
    assert both("E1", "P2") == pytest.approx(0.25 + math.asin(0.5) / math.tau, abs=error)
    assert both("E1", "P3") == pytest.approx(0.25 + math.asin(0.25) / math.tau, abs=error)


def test_weighted_shares_are_the_populations(plugins: Plugins) -> None:
    survey = simulate(NPS, 300_000, missing_rate=0, shift=0.5, plugins=plugins)
    frame = survey.frame()
    top, weight = (frame["Q1"] >= 9).to_numpy(), frame["w"].to_numpy()
    true = survey.shares("Q1")[9] + survey.shares("Q1")[10]
    assert abs(np.average(top, weights=weight) - true) < 4 * math.sqrt(0.25 / 250_000)
    # Unweighted answers miss it: the weights have work to do.
    assert abs(np.mean(top) - true) > 4 * math.sqrt(0.25 / 250_000)


@pytest.mark.parametrize("cell", [{}, {"region": "B"}, {"wave": "2025-03"}])
def test_the_truth_of_nps_is_that_of_the_exact_shares(
    plugins: Plugins, cell: Mapping[str, str]
) -> None:
    survey = simulate(NPS, 10, drift=0.05, plugins=plugins)
    shares = survey.shares("Q1", cell)
    exact = 100 * (shares[9] + shares[10] - sum(shares[value] for value in range(7)))
    [found] = [row for row in survey.truth if row["term"] == "nps" and row["cell"] == cell]
    assert found["value"] == pytest.approx(exact, abs=0.15)
    assert found["unit"] == "points"


def test_the_truth_comes_closer_with_more_people(plugins: Plugins) -> None:
    exact = simulate(NPS, 10, plugins=plugins).shares("Q1")[10]
    study = {**NPS, "metrics": {"nps": {"item": "Q1", "promoters": 10}}}
    for people, within in ((1 << 12, 0.01), (1 << 18, 0.0003)):
        truth = simulate(study, 10, population=people, plugins=plugins).truth
        [found] = [row for row in truth if row["term"] == "promoters" and not row["cell"]]
        assert found["value"] == pytest.approx(exact, abs=within)


@pytest.mark.parametrize(
    ("study", "seeds", "rows"), [(NPS, 30, 6_000), (KANO, 16, 4_000), (SERVQUAL, 12, 4_000)]
)
def test_intervals_hold_the_truth(
    plugins: Plugins, study: dict[str, Any], seeds: int, rows: int
) -> None:
    """In 95% of the cells, and without leaning to either side of it."""
    survey = simulate(study, 1, population=1 << 17, drift=0.03, waves=4, plugins=plugins)
    true = {key(row): row["value"] for row in survey.truth}
    asked = Study.of({**study, "study": {**study["study"], "comparisons": []}})
    held: list[bool] = []
    off: dict[Any, list[tuple[float, float]]] = {}
    for seed in range(seeds):
        sample = simulate(study, rows, seed=seed, drift=0.03, waves=4, plugins=plugins)
        results = satcore.run(asked, sample.survey(), plugins=plugins)
        assert (results.notes, results.failures) == ((), ())
        for row in results.rows():
            value, error, low, high = (
                row[name] for name in ("value", "std_error", "ci_low", "ci_high")
            )
            # What depends on how many are asked has no truth: how sure a category is, a test.
            if row["term"] in ("modal_probability", "fong") or low is None or high is None:
                continue
            held.append(low <= true[key(row)] <= high)
            if value is not None and error is not None:
                off.setdefault(key(row), []).append((value - true[key(row)], error))
    assert len(held) > 700
    assert 0.925 < np.mean(held) < 0.975
    for one, found in off.items():
        differences, errors = np.array(found).T
        assert abs(differences.sum()) < 4 * math.sqrt(np.sum(errors**2)), one


def key(row: Any) -> tuple[str, str, str, str]:
    return row["metric"], row["item"], row["term"], json.dumps(row["cell"])


def missing(survey: Simulated) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return survey.frame().select(pl.all().is_null()).to_numpy()


def test_missing_at_random_is_as_often_as_asked() -> None:
    gone = missing(simulate([item("a"), item("b")], 100_000, missing_rate=0.1))
    error = 4 * math.sqrt(0.09 / 100_000)
    assert gone.mean(axis=0) == pytest.approx([0.1, 0.1], abs=error)
    assert gone.all(axis=1).mean() == pytest.approx(0.01, abs=error)


def test_who_breaks_off_answers_nothing_more() -> None:
    items = [item(f"Q{number}") for number in range(5)]
    gone = missing(simulate(items, 50_000, missing_rate=0, break_off=0.5))
    assert np.all(np.diff(gone.astype(int), axis=1) >= 0)
    assert not gone[:, 0].any()
    # Half stop, after each question equally likely; after the last nothing is missing.
    assert gone[:, -1].mean() == pytest.approx(0.5 * 4 / 5, abs=0.01)


def test_a_dimension_is_left_out_as_a_whole(plugins: Plugins) -> None:
    frame = simulate(SERVQUAL, 20_000, missing_rate=0, not_used=0.3, plugins=plugins).frame()
    gone = frame.select(pl.all().is_null())
    for questions in (("E1", "P1", "E2", "P2"), ("E3", "P3", "E4", "P4")):
        for one in questions:
            assert gone[one].equals(gone[questions[0]].alias(one))
        assert gone[questions[0]].mean() == pytest.approx(0.3, abs=0.02)
    assert not gone["E1"].equals(gone["E3"].alias("E1"))


def test_points_sum_to_100(plugins: Plugins) -> None:
    frame = simulate(SERVQUAL, 20_000, plugins=plugins).frame()
    sums = (frame["W_x"].cast(pl.Int64) + frame["W_y"]).drop_nulls()
    assert len(sums) > 18_000
    assert (sums == 100).all()
    assert frame["W_x"].n_unique() > 20


def test_answers_are_worded_as_the_study_says(plugins: Plugins) -> None:
    frame = simulate(KANO, 5_000, plugins=plugins).frame()
    assert set(frame["a_f"].drop_nulls()) == {"like", "enjoy", "expect", "neutral", "bear", "hate"}
    [likes, enjoys] = [(frame["a_f"] == word).sum() for word in ("like", "enjoy")]
    assert 0.6 < likes / enjoys < 1.6


def test_missing_answers_are_told_in_every_declared_way() -> None:
    frame = simulate([item("a", missing=("", "99", "-1"))], 20_000, missing_rate=0.3).frame()
    assert frame.schema["a"] == pl.Int8
    counts = dict(frame["a"].value_counts().iter_rows())
    assert [counts[one] / 20_000 for one in (None, 99, -1)] == pytest.approx([0.1] * 3, abs=0.01)


def test_a_value_that_means_missing_is_no_answer() -> None:
    survey = simulate([item("a", missing=("3", "none"))], 20_000, missing_rate=0)
    assert survey.shares("a")[3] == 0
    assert set(survey.frame()["a"]) == {"1", "2", "4", "5"}


def test_rows_are_dropped_as_often_as_asked(plugins: Plugins) -> None:
    study = {
        **NPS,
        "keep": [
            {"column": "Status", "is": ["Complete", ""]},
            {"column": "region", "not": ["Test"]},
        ],
    }
    survey = simulate(study, 20_000, dropped=0.2, plugins=plugins)
    results = satcore.run(Study.of(study), survey.survey(), plugins=plugins)
    assert [row["rows"] / 20_000 for row in results.responses.dropped] == pytest.approx(
        [0.2, 0.16], abs=0.01
    )
    cells = [row["cell"] for row in survey.truth if row["term"] == "nps"]
    assert {"region": "Test"} not in cells
    with pytest.raises(OptionError, match="region has no 'Test', but A, B, C, D"):
        survey.shares("Q1", {"region": "Test"})


@pytest.mark.parametrize("period", ["day", "week", "month", "quarter", "year"])
def test_every_wave_is_there(plugins: Plugins, period: str) -> None:
    study = {
        "roles": {"wave": {"time": "End", "period": period, "format": "%d.%m.%Y"}},
        "metrics": {"nps": {"item": "Q1"}},
    }
    survey = simulate(study, 2_000, waves=5, plugins=plugins)
    results = satcore.run(Study.of(study), survey.survey(), plugins=plugins)
    bases = [row["base"] for row in results.rows("nps", "nps") if row["cell"]]
    assert len(bases) == 5
    assert min(bases) > 300


def test_every_column_that_the_study_speaks_of_is_there(tmp_path: Path, plugins: Plugins) -> None:
    study = {
        "study": {"by": ["region"]},
        "roles": {"segments": ["region"]},
        "labels": {"region": {"1": "East", "2": "West"}, "shop": {"a": "A"}},
        "items": {"free": {"label": "Asked by no metric"}, "other": {"scale": "0..3"}},
        "metrics": {"nps": {"item": "Q1"}},
        "standards": [{"metric": "nps", "no_worse_than": {"region": "3"}}],
    }
    survey = simulate(study, 1_000, plugins=plugins)
    assert set(survey.frame()["region"]) == {1, 2, 3}
    assert satcore.run(Study.of(study), survey.survey(), plugins=plugins).notes == ()


NPS_OF_Q1 = {"nps": {"item": "Q1"}}
ODD: dict[str, dict[str, Any]] = {
    "a segment that is an item": {"roles": {"segments": ["Q1"]}},
    "a wave that is an item": {"roles": {"wave": "Q1"}},
    "a rule on an item": {"keep": [{"column": "Q1", "not": ["", "3"]}]},
    "a rule on a time": {
        "roles": {"wave": {"time": "t", "period": "week"}},
        "keep": [{"column": "t", "not": [""]}],
    },
    "a rule on a weight": {
        "roles": {"weight": "w"},
        "keep": [{"column": "w", "not": ["0"]}],
    },
    "a rule that keeps one segment": {
        "roles": {"segments": ["g"]},
        "keep": [{"column": "g", "is": ["N"]}],
    },
    "two rules on a column": {
        "keep": [{"column": "g", "is": ["N", "M"]}, {"column": "g", "not": ["M"]}]
    },
    "labels like numbers": {
        "roles": {"segments": ["g"]},
        "labels": {"g": {"1": "x", "02": "y", "": "none"}},
    },
    "waves by name": {"roles": {"wave": "v"}, "labels": {"v": {"late": "x", "early": "y"}}},
    "missing like numbers": {"study": {"missing": ["099", "NA", "-7"]}},
    "a metric on a metric": {
        "roles": {"wave": "v"},
        "metrics": {**NPS_OF_Q1, "trend": {"of": "nps"}},
    },
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_odd_studies_run_without_complaint(
    tmp_path: Path, plugins: Plugins, name: str, ending: str
) -> None:
    study = {"metrics": NPS_OF_Q1, **ODD[name]}
    path = tmp_path / f"answers.{ending}"
    simulate(study, 1_500, break_off=0.1, plugins=plugins).write(path)
    results = satcore.run(Study.of(study), path, plugins=plugins)
    assert results.responses.read == 1_500
    assert results.responses.kept > 1_200
    assert (results.notes, results.failures) == ((), ())


@frozen(kw_only=True)
class Steep(Metric):
    """What those answered who answered something else lower, and a number of theirs."""

    def statistics(self, codebook: Codebook) -> Any:
        first, second = codebook.item("first", "1..5"), codebook.item("second", "1..3")
        held = When(first, second, (1, 2), reason="not asked of those")
        return {"held": Tally(held), "spent": Moments((codebook.measure("spent"),))}

    def evaluate(self, held: Any, spent: Any) -> Any:
        yield held.share((4, 5), term="high")


def test_conditions_are_kept_and_amounts_are_numbers(plugins: Plugins) -> None:
    survey = simulate(Steep(), 5_000, plugins=plugins)
    results = satcore.run(Steep(), survey.survey(), plugins=plugins)
    assert results.notes == ()
    [row] = results.rows()
    assert 2_000 < row["base"] < 4_900
    [true] = survey.truth
    assert row["ci_low"] is not None
    assert row["ci_high"] is not None
    assert row["ci_low"] <= true["value"] <= row["ci_high"]
    spent = survey.frame()["spent"].drop_nulls()
    assert spent.log().mean() == pytest.approx(math.log(20), abs=0.05)
    assert Measure(name="spent").sources


def test_a_codebook_or_items_do_without_a_study() -> None:
    codebook = Codebook(declared={"a": Declaration(scale=Scale(low=1, high=7))})
    survey = simulate(codebook, 100, segments=["region"], weight="w")
    assert survey.columns == ("region", "w", "a")
    assert survey.truth == ()
    with pytest.raises(OptionError, match="b: no scale is declared"):
        simulate(Codebook(declared={"b": Declaration()}), 100)


@pytest.mark.parametrize("name", ["study", "sole"])
def test_a_file_of_one_column_loses_no_row(tmp_path: Path, plugins: Plugins, name: str) -> None:
    study = {"metrics": {"nps": {"item": "Q1"}}}
    survey = simulate(study, 2_000, missing_rate=0.3, plugins=plugins)
    survey.write(tmp_path / f"{name}.csv")
    results = satcore.run(Study.of(study), tmp_path / f"{name}.csv", plugins=plugins)
    assert results.responses.read == 2_000
    assert results.notes == ()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rows": 0}, "rows: 0 respondents are no survey"),
        ({"rows": -3}, "rows: -3 respondents"),
        ({"seed": -1}, "seed: -1 is not from 0"),
        ({"population": 0}, "population: 0 respondents"),
        ({"correlation": 1.0}, "correlation: 1.0 is not from 0 below 1"),
        ({"missing_rate": 1.5}, "missing_rate: 1.5 is not from 0 to 1"),
        ({"drift": math.nan}, "drift: nan is no number"),
        ({"waves": 0}, "waves: 0 is less than 1"),
        ({"answers": {"Q1": (0.5, 0.4)}}, "the probabilities of 'Q1' are not"),
        ({"answers": {"Q1": (0.5, 0.5)}}, "'Q1' has 11 values, 0..10, but 2 probabilities"),
        ({"answers": {"Q2": (0.5, 0.5)}}, "there is no item 'Q2'"),
    ],
)
def test_settings_that_cannot_be_are_told(
    plugins: Plugins, change: dict[str, Any], message: str
) -> None:
    asked = {"rows": 10, "plugins": plugins, **change}
    with pytest.raises(OptionError, match=message):
        simulate(NPS, **asked)


@pytest.mark.parametrize(
    ("study", "message"),
    [
        ({}, "no metric is asked for"),
        ({"metrics": {"nps": {"item": "Q1", "scale": "likert"}}}, "'likert' is no scale"),
        ({"metrics": {"npss": {"item": "Q1"}}}, "did you mean 'nps'"),
        (
            {"metrics": {"nps": {"item": "Q1"}, "b": {"metric": "nps", "item": "Q1", "scale":
             "1..9", "promoters": 8}}},
            "Q1: it is asked for as 0..10 and as 1..9",
        ),
        (
            {"roles": {"weight": "Q1"}, "metrics": {"nps": {"item": "Q1"}}},
            "Q1: it is an item and the weight",
        ),
        (
            {"study": {"missing": list(range(11))}, "metrics": {"nps": {"item": "Q1"}}},
            "Q1: all its values are missing codes",
        ),
    ],
)  # fmt: skip
def test_studies_that_cannot_be_answered_are_told(
    plugins: Plugins, study: dict[str, Any], message: str
) -> None:
    with pytest.raises(StudyError, match=message):
        simulate(study, 10, plugins=plugins)


def test_an_item_without_a_scale_is_told() -> None:
    @frozen(kw_only=True)
    class Plain(Metric):
        def statistics(self, codebook: Codebook) -> Any:
            return {"answers": Tally(codebook.item("Q1"))}

        def evaluate(self, answers: Any) -> Any:
            yield answers.share((1,), term="ones")

    with pytest.raises(StudyError, match="'Q1' has no scale; declare one"):
        simulate(Plain(), 10)


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    survey = simulate([item("a")], 10)
    with pytest.raises(OutputError, match=r"to \.parquet, \.csv, not to \.xlsx"):
        survey.write(tmp_path / "a.xlsx")
    with pytest.raises(OutputError, match="there is no folder"):
        survey.write(tmp_path / "none" / "a.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(OutputError, match="it is a folder"):
        survey.write(tmp_path / "folder.csv")
    with pytest.raises(OptionError, match="0 rows are no batch"):
        survey.batches(0)
    with pytest.raises(DataError, match="no column 'b'"):
        survey.frame(columns=["b"])
    with pytest.raises(OptionError, match="'b' is no question"):
        survey.shares("b")
    assert survey.frame(10).height == 0


def test_a_letter_that_the_encoding_lacks_is_told(tmp_path: Path, plugins: Plugins) -> None:
    study = {
        "study": {"encoding": "latin-1"},
        "roles": {"segments": ["region"]},
        "labels": {"region": {"华东": "East", "West": "West"}},
        "metrics": {"nps": {"item": "Q1"}},
    }
    with pytest.raises(OutputError, match="is no character of"):
        simulate(study, 100, plugins=plugins).write(tmp_path / "a.csv")
    assert not list(tmp_path.iterdir())


STUDY = """
[study]
missing = ["", 99]
encoding = "gb18030"
[roles]
segments = ["region"]
wave = "month"
weight = "w"
[labels.region]
"华东" = "East"
"华北" = "North"
[metrics.nps]
item = "Q1"
"""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    path = tmp_path / "study.toml"
    path.write_text(STUDY, encoding="utf-8")
    return path


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(one) for one in arguments])


def test_the_command_writes_what_runs_and_what_is_true(study: Path, tmp_path: Path) -> None:
    out, truth = tmp_path / "out.csv", tmp_path / "truth.json"
    result = invoke(study, out, "--rows", 5_000, "--drift", 0.02, "--truth", truth)
    assert result.exit_code == 0, result.output
    assert f"5000 responses, 4 columns written to {out}" in result.output
    assert "true values" in result.output
    assert "region=华东" in result.output
    assert "华东" in out.read_text("gb18030")
    told = json.loads(truth.read_text("utf-8"))
    assert (told["rows"], told["seed"], told["settings"]["drift"]) == (5_000, 1, 0.02)
    assert sum(told["shares"]["Q1"].values()) == pytest.approx(1)

    measured = CliRunner().invoke(run, [str(study), str(out), "--format", "json"])
    assert measured.exit_code == 0, measured.output
    results = json.loads(measured.stdout)
    assert (results["notes"], results["failures"]) == ([], [])
    true = {key(row): row["value"] for row in told["truth"]}
    assert len(results["estimates"]) == 60
    for row in results["estimates"]:
        assert abs(row["value"] - true[key(row)]) < 4 * row["std_error"], row


def test_the_command_writes_over_nothing_unasked(study: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    assert invoke(study, out, "--rows", 10).exit_code == 0
    before = out.read_bytes()
    again = invoke(study, out, "--rows", 20)
    assert isinstance(again.exception, OutputError)
    assert "is there already; --force replaces it" in str(again.exception)
    assert out.read_bytes() == before
    assert invoke(study, out, "--rows", 20, "--force").exit_code == 0
    assert pl.read_parquet(out).height == 20
    here = invoke(study, out, "--rows", 20, "--force", "--truth", study)
    assert "is the study" in str(here.exception)
    assert study.read_text("utf-8") == STUDY


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--rows", "0"], "0 is not in the range"),
        (["--rows", "-5"], "-5 is not in the range"),
        (["--rows", "5", "--correlation", "1"], "--correlation: 1.0 is not from 0 below 1"),
        (["--rows", "5", "--missing-rate", "2"], "--missing-rate: 2.0 is not from 0 to 1"),
    ],
)
def test_the_command_tells_what_cannot_be(
    study: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    result = invoke(study, tmp_path / "out.csv", *arguments)
    assert result.exit_code == 2
    assert message in result.output
    assert not (tmp_path / "out.csv").exists()


def test_mistakes_in_a_study_are_told_as_a_run_tells_them(study: Path, tmp_path: Path) -> None:
    study.write_text("[metrics.nps]\nitem = 'Q1'\nscale = 3\n[metrics.npss]\n", encoding="utf-8")
    simulated = invoke(study, tmp_path / "out.csv", "--rows", 5).exception
    (tmp_path / "in.csv").write_text("Q1\n1\n", encoding="utf-8")
    ran = CliRunner().invoke(run, [str(study), str(tmp_path / "in.csv")]).exception
    assert isinstance(simulated, StudyError)
    assert isinstance(ran, StudyError)
    assert simulated.problems == ran.problems
