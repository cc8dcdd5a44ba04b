"""What matters most: references, laws, what is told in words, pictures and findings."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from itertools import combinations
from math import factorial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

import satcore
from satcore import Metric, OptionError, Results, StudyError
from satcore_drivers import (
    Drivers,
    DriversLogit,
    ImportancePerformance,
    KeyDrivers,
    PenaltyReward,
)
from satcore_drivers.intervals import RankInterval, ShareInterval
from satcore_drivers.metric import firsts, ranks
from satcore_drivers.sums import (
    COLLINEAR,
    CONSTANT,
    CONSTANT_OUTCOME,
    NOBODY,
    NOBODY_TOGETHER,
    SUM,
)

# Last, so that satcore is what is installed and not what lies beside the benchmarks.
sys.path.append(str(Path(__file__).resolve().parents[1]))

from benchmarks import coverage_drivers

Rows = dict[tuple[str, str], Any]


def ratings(seed: int, rows: int, p: int = 3) -> pl.DataFrame:
    """An overall rating and p others on 1 to 5, which share a halo."""
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=rows)
    cuts = [-1.2, -0.5, 0.2, 1.0]
    x = [1 + np.searchsorted(cuts, 0.6 * shared + 0.8 * rng.normal(size=rows)) for _ in range(p)]
    total = sum(one * (p - place) / p for place, one in enumerate(x))
    y = np.clip(np.round(total / p * 1.5 + rng.normal(size=rows) * 0.7), 1, 5).astype(int)
    return pl.DataFrame({"y": y, **{f"x{place + 1}": one for place, one in enumerate(x)}})


def rows_of(metric: Metric, frame: Any, **more: Any) -> Rows:
    results = satcore.run(metric, frame, **more)
    assert not results.failures
    found = results.rows(results.metrics[0].name)
    return {(row["item"], row["term"]): row for row in found if not row["cell"]}


def rated(**more: Any) -> dict[str, Any]:
    return {"outcome": "y", "drivers": "x{1..3}", "scale": "1..5", **more}


@pytest.fixture(scope="module")
def shapka(shared: Path) -> pl.DataFrame:
    return pl.read_csv(shared / "data" / "shapka" / "example_03.csv")


# References


@pytest.mark.parametrize("name", ["attitude", "cub_univer"])
def test_drivers_of_relaimpo(name: str, shared: Path, reference: Any) -> None:
    wanted = reference("drivers")[name]
    file, outcome, scale = {
        "attitude": ("attitude/attitude.csv", "rating", "0..100"),
        "cub_univer": ("cub_univer/univer.csv", "global", "1..7"),
    }[name]
    names = tuple(wanted["std_beta"])
    found = rows_of(Drivers(outcome=outcome, drivers=names, scale=scale), shared / "data" / file)
    for term, key in (
        ("lmg", wanted["relaimpo"]["lmg"]), ("johnson", wanted["johnson_rw"]),
        ("pratt", wanted["pratt"]), ("beta", wanted["std_beta"]),
        ("coefficient", wanted["coef"]), ("correlation", wanted["zero_order_r"]),
        ("vif", wanted["vif"]),
    ):  # fmt: skip
        for driver in names:
            assert found[driver, term]["value"] == pytest.approx(key[driver], rel=1e-9), term
    for driver in names:
        assert found[driver, "coefficient"]["std_error"] == pytest.approx(
            wanted["se"][driver], rel=1e-9
        )
    assert found["overall", "r_squared"]["value"] == pytest.approx(wanted["r2"], rel=1e-10)
    for term in ("lmg", "johnson", "pratt"):
        total = sum(found[driver, term]["value"] for driver in names)
        assert total == pytest.approx(found["overall", "r_squared"]["value"], abs=1e-12)


def test_weights_and_survey_robust_errors(shapka: pl.DataFrame, reference: Any) -> None:
    """R's svyglm: its design is of those who rated everything."""
    wanted, survey = (
        reference("drivers")[key]
        for key in ("shapka03_first8_weighted", "shapka03_svyglm_sandwich")
    )
    names = tuple(f"Attribute {place:02}" for place in range(8))
    frame = shapka.select("Overall Satisfaction", "Weight", *names).drop_nulls()
    found = rows_of(
        Drivers(outcome="Overall Satisfaction", drivers=names, scale="0..10", replicates=50),
        frame,
        weight="Weight",
    )
    for driver in names:
        key = driver.replace(" ", ".")
        row = found[driver, "coefficient"]
        assert row["value"] == pytest.approx(survey["coef"][key], rel=1e-9)
        assert row["std_error"] == pytest.approx(survey["se"][key], rel=1e-9)
        assert row["method"] == "linearised"
        for term, values in (
            ("lmg", "lmg_subset_formula"), ("johnson", "johnson_rw"), ("beta", "std_beta"),
            ("pratt", "pratt"), ("correlation", "zero_order_r"), ("vif", "vif"),
        ):  # fmt: skip
            assert found[driver, term]["value"] == pytest.approx(wanted[values][key], rel=1e-9)


def test_penalty_reward_of_lm(shapka: pl.DataFrame, reference: Any) -> None:
    wanted = reference("drivers")["prca_shapka03_le6_ge9"]
    names = tuple(f"Attribute {place:02}" for place in range(20))
    found = rows_of(
        PenaltyReward(outcome="Overall Satisfaction", drivers=names, scale="0..10", low=6, high=9),
        shapka,
    )
    for driver in names:
        for term in ("reward", "penalty"):
            key = f"{driver.replace(' ', '.')}_{term}"
            row = found[driver, term]
            assert row["value"] == pytest.approx(wanted["coef"][key], rel=1e-9)
            assert row["std_error"] == pytest.approx(wanted["se"][key], rel=1e-9)
            assert row["base"] == wanted["n"]
    assert found["overall", "r_squared"]["value"] == pytest.approx(wanted["r2"], rel=1e-10)
    assert found["Attribute 00", "factor"]["label"] == "basic"


@pytest.mark.parametrize(("key", "side", "at"), [("kda_unw", "low", 6), ("kea_unw", "high", 9)])
def test_key_drivers_of_shapka(
    key: str, side: Any, at: int, shapka: pl.DataFrame, reference: Any
) -> None:
    """ShapKa rounds to a hundredth of a percent, and tells a negative value as 0."""
    names = tuple(f"Attribute {place:02}" for place in range(8))
    metric = KeyDrivers(
        outcome="Overall Satisfaction", drivers=names, scale="0..10", side=side, at=at
    )
    found = rows_of(metric, shapka)
    total = 0.0
    for row in reference("shapka_drivers")[key]:
        driver = row["Attribute"]
        value = 100 * found[driver, "value"]["value"]
        total += value
        assert max(value, 0.0) == pytest.approx(row["Shapley value"], abs=0.0051)
        for term, name in (
            ("reach_so_far", "Reach"), ("noise_so_far", "Noise"), ("objective_so_far", "Objective"),
        ):  # fmt: skip
            assert 100 * found[driver, term]["value"] == pytest.approx(row[name], abs=0.0051)
            assert found[driver, term]["ci_low"] is None
            assert "the order of drivers" in found[driver, term]["message"]
    assert total == pytest.approx(100 * found["overall", "objective"]["value"], abs=1e-9)


def test_weighted_reach_where_shapka_errs(shapka: pl.DataFrame, reference: Any) -> None:
    """Under weights ShapKa's reach passes 100%, which no share can; the direct shares are these."""
    told = reference("shapka_drivers")["kea_w"]
    assert max(row["Reach"] for row in told) > 100
    names = tuple(f"Attribute {place:02}" for place in range(8))
    metric = KeyDrivers(
        outcome="Overall Satisfaction", drivers=names, scale="0..10", side="high", at=9
    )
    found = rows_of(metric, shapka, weight="Weight")
    satisfied = shapka.filter(pl.col("Overall Satisfaction") >= 9)
    everybody = shapka.filter(pl.col("Overall Satisfaction").is_not_null())
    for row in told:
        name = row["Attribute"]
        for among, term in ((satisfied, "reach"), (everybody, "reached")):
            some = among.filter(pl.col(name) >= 9)["Weight"].sum()
            wanted = some / among["Weight"].sum()
            assert found[name, term]["value"] == pytest.approx(wanted, rel=1e-12)
        # Where no group is taken out, both agree but for two who did not rate the outcome.
        assert 100 * found[name, "reached"]["value"] == pytest.approx(
            row["Satisfied on attribute (%)"], abs=0.2
        )


def by_subsets(flags: Any, side: Any, weights: Any) -> list[float]:
    """Shapley's value of reach less noise by its definition."""
    p = flags.shape[1]

    def worth(subset: tuple[int, ...]) -> float:
        if not subset:
            return 0.0
        reached = flags[:, subset].any(axis=1)
        return float(
            np.average(reached[side], weights=weights[side])
            - np.average(reached[~side], weights=weights[~side])
        )

    return [
        sum(
            factorial(size) * factorial(p - size - 1) / factorial(p)
            * (worth((*subset, one)) - worth(subset))
            for size in range(p)
            for subset in combinations([other for other in range(p) if other != one], size)
        )
        for one in range(p)
    ]  # fmt: skip


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000), weighted=st.booleans())
def test_reach_is_shapleys_value_by_its_definition(seed: int, weighted: bool) -> None:
    frame = ratings(seed, 80, 4)
    weights = np.random.default_rng(seed).uniform(0.3, 3, 80) if weighted else np.ones(80)
    frame = frame.with_columns(pl.Series("w", weights))
    side = frame["y"].to_numpy() <= 2
    if side.all() or not side.any():
        return
    metric = KeyDrivers(outcome="y", drivers="x{1..4}", scale="1..5", at=2)
    found = rows_of(metric, frame, weight="w" if weighted else None)
    wanted = by_subsets(frame.select("^x.*$").to_numpy() <= 2, side, weights)
    values = [found[f"x{place}", "value"]["value"] for place in range(1, 5)]
    np.testing.assert_allclose(values, wanted, atol=1e-12)


def test_reach_error_is_the_linearised_one() -> None:
    """The variance of a difference of two independent means, n in place of n - 1."""
    frame = ratings(3, 300, 3)
    found = rows_of(KeyDrivers(**rated(at=2)), frame)
    flags = frame.select("^x.*$").to_numpy() <= 2
    number = flags.sum(axis=1)
    score = np.where(flags[:, 0], 1 / np.maximum(number, 1), 0.0)
    side = frame["y"].to_numpy() <= 2
    variance = sum(score[one].var() / one.sum() for one in (side, ~side)) * 300 / 299
    assert found["x1", "value"]["std_error"] == pytest.approx(np.sqrt(variance), rel=1e-9)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("high", [None, 4])
def test_logit_of_statsmodels_on_rows(weighted: bool, high: int | None) -> None:
    frame = ratings(5, 500, 3)
    w = np.random.default_rng(2).uniform(0.3, 3, 500) if weighted else np.ones(500)
    yes = (frame["y"].to_numpy() >= 4).astype(float)
    raw = frame.select("^x.*$").to_numpy().astype(float)
    x = sm.add_constant(raw if high is None else (raw >= high).astype(float))
    found = rows_of(
        DriversLogit(**rated(yes=(4, 5), outcome_scale="1..5", high=high)),
        frame.with_columns(pl.Series("w", w)),
        weight="w" if weighted else None,
    )
    model = sm.GLM(yes, x, family=sm.families.Binomial(), freq_weights=w)
    fit = model.fit(tol=1e-14)
    mean = np.asarray(fit.mu)
    inverse = np.linalg.inv((x * (w * mean * (1 - mean))[:, None]).T @ x)
    scores = x * (w * (yes - mean))[:, None]
    cov = inverse @ scores.T @ scores @ inverse * 500 / 499 if weighted else inverse
    for place in range(1, 4):
        row = found[f"x{place}", "log_odds"]
        assert row["value"] == pytest.approx(fit.params[place], rel=1e-8)
        assert row["std_error"] == pytest.approx(np.sqrt(cov[place, place]), rel=1e-8)
        odds = found[f"x{place}", "odds_ratio"]
        assert odds["value"] == pytest.approx(np.exp(fit.params[place]), rel=1e-8)
        assert odds["ci_low"] == pytest.approx(np.exp(row["ci_low"]), rel=1e-12)
    if not weighted:
        plain = sm.Logit(yes, x).fit(disp=0, tol=1e-14)
        effects = plain.get_margeff()
        for place in range(3):
            row = found[f"x{place + 1}", "effect"]
            assert row["value"] == pytest.approx(effects.margeff[place], rel=1e-8)
            assert row["std_error"] == pytest.approx(effects.margeff_se[place], rel=1e-8)
        pseudo = found["overall", "pseudo_r_squared"]["value"]
        assert pseudo == pytest.approx(plain.prsquared, rel=1e-8)


@pytest.mark.parametrize("errors", ["classical", "robust"])
def test_contrasts_of_statsmodels_on_rows(errors: Any) -> None:
    frame = ratings(6, 400, 3)
    found = rows_of(PenaltyReward(**rated(low=2, high=4, errors=errors)), frame)
    x = frame.select("^x.*$").to_numpy()
    flags = np.stack([one for c in x.T for one in (c >= 4, c <= 2)], axis=1).astype(float)
    fit = sm.OLS(frame["y"].to_numpy(), sm.add_constant(flags)).fit()
    cov = fit.cov_params()
    if errors == "robust":
        cov = fit.get_robustcov_results("HC0").cov_params() * 400 / 399
    for place in range(3):
        at = 1 + 2 * place
        name = f"x{place + 1}"
        assert found[name, "reward"]["value"] == pytest.approx(fit.params[at], rel=1e-8)
        total = found[name, "sum"]
        assert total["value"] == pytest.approx(fit.params[at] + fit.params[at + 1], abs=1e-10)
        variance = cov[at, at] + cov[at + 1, at + 1] + 2 * cov[at, at + 1]
        assert total["std_error"] == pytest.approx(np.sqrt(variance), rel=1e-8)


def test_robust_errors_beyond_fourth_moments_are_from_replicates() -> None:
    """14 flags, or 13 drivers, are too many for fourth moments; the sandwich is near."""
    frame = ratings(31, 900, 13).with_columns(
        w=pl.Series(np.random.default_rng(1).uniform(0.4, 2, 900))
    )
    w = frame["w"].to_numpy()
    x = frame.select("^x.*$").to_numpy()
    flags = [one for c in x.T[:7] for one in (c >= 4, c <= 2)]
    for metric, columns, term in (
        (
            PenaltyReward(outcome="y", drivers="x{1..7}", scale="1..5", low=2, high=4),
            np.stack(flags, axis=1).astype(float),
            "reward",
        ),
        (Drivers(outcome="y", drivers="x{1..13}", scale="1..5"), x.astype(float), "coefficient"),
    ):
        found = rows_of(metric, frame, weight="w")
        fit = sm.WLS(frame["y"].to_numpy(), sm.add_constant(columns), weights=w).fit()
        row = found["x1", term]
        assert row["method"] == "replicates"
        assert row["value"] == pytest.approx(fit.params[1], rel=1e-8)
        robust = fit.get_robustcov_results("HC0").bse[1]
        assert row["std_error"] == pytest.approx(robust, rel=0.2)


def test_without_replicates() -> None:
    frame = ratings(32, 200)
    found = rows_of(Drivers(**rated(replicates=0)), frame)
    assert found["x1", "lmg"]["ci_low"] is None
    assert "it needs replicates" in found["x1", "lmg"]["message"]
    assert found["x1", "beta"]["ci_low"] is not None
    assert found["x1", "correlation"]["method"] == "fisher"
    assert ("x1", "first") not in found
    whole = rows_of(ImportancePerformance(**rated(replicates=0)), frame)
    assert whole["x1", "quadrant"]["label"]
    assert "it needs replicates" in whole["x1", "quadrant"]["message"]


# Laws


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 1000), order=st.permutations(["x1", "x2", "x3", "x4"]))
def test_the_order_of_drivers_changes_nothing(seed: int, order: list[str]) -> None:
    frame = ratings(seed, 60, 4)
    one, other = (
        rows_of(Drivers(outcome="y", drivers=tuple(names), scale="1..5", replicates=50), frame)
        for names in (sorted(order), order)
    )
    assert one.keys() == other.keys()
    for key, row in one.items():
        for what in ("value", "ci_low", "ci_high"):
            if row[what] is None:
                assert other[key][what] is None
            else:
                # Bounds divide by what small shares leave of 1e-16.
                close = 1e-12 if what == "value" else 1e-9
                assert other[key][what] == pytest.approx(row[what], rel=close, abs=close)


def test_equal_drivers_share_equally() -> None:
    frame = ratings(4, 90, 2).with_columns(x3=pl.col("x1"))
    found = rows_of(Drivers(**rated(replicates=50)), frame)
    for term in ("lmg", "johnson", "rank", "first"):
        assert found["x1", term]["value"] == pytest.approx(found["x3", term]["value"], abs=1e-12)
    assert found["x1", "lmg"]["message"] == COLLINEAR
    assert found["x1", "beta"]["value"] is None
    assert found["x2", "beta"]["value"] is not None
    total = sum(found[f"x{place}", "lmg"]["value"] for place in (1, 2, 3))
    assert total == pytest.approx(found["overall", "r_squared"]["value"], abs=1e-12)


def test_ranks_and_firsts() -> None:
    values = np.array([[0.2, 0.5, 0.2, np.nan], [0.5, 0.5, 0.1, 0.0], [np.nan] * 4])
    np.testing.assert_array_equal(
        ranks(values), [[2.5, 1, 2.5, np.nan], [1.5, 1.5, 3, 4], [np.nan] * 4]
    )
    np.testing.assert_array_equal(firsts(values), [[0, 1, 0, 0], [0.5, 0.5, 0, 0], [np.nan] * 4])


def test_intervals_of_shares_and_ranks() -> None:
    rng = np.random.default_rng(1)
    value = np.array([0.3, 0.004, 0.0, np.nan])
    drawn = np.abs(value[:, None] + 0.02 * rng.normal(size=(4, 200)))
    interval = ShareInterval.of(value, drawn, np.array([100, 100, 100, 0]))
    low, high = interval.bounds(0.95)
    assert np.isnan(low).tolist() == [False, False, False, True]
    assert (low[:3] >= 0).all()
    assert (high[:3] < 0.4).all()
    assert low[0] == pytest.approx(0.26, abs=0.01)
    assert interval.p_value(0.0) is None
    few = ShareInterval.of(value[:1], np.full((1, 200), np.nan), np.array([100]))
    assert np.isnan(few.bounds(0.95)[0]).all()
    places = np.tile([1.0, 1.0, 1.0, 2.0], (1, 50))
    assert [one[0] for one in RankInterval(value=np.array([1.0]), drawn=places).bounds(0.9)] == [
        1.0, 2.0,
    ]  # fmt: skip


def test_coverage_in_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few runs of one world; benchmarks/coverage_drivers.py has the whole."""
    monkeypatch.setattr(coverage_drivers, "POPULATION", 500_000)
    found = coverage_drivers.case(coverage_drivers.WORLDS["halo"], 150, 500, seed=5)
    for key, row in found.items():
        assert row["runs"] == 150
        # Four standard errors of 95% in 150 runs.
        assert row["coverage"] > 95 - 4 * 100 * np.sqrt(0.95 * 0.05 / 150), key
    assert np.mean([row["coverage"] for row in found.values()]) < 98.5


# What is told in words


def test_a_driver_nobody_rated() -> None:
    frame = ratings(7, 80).with_columns(x2=pl.lit(None, dtype=pl.Int64))
    listwise = rows_of(Drivers(**rated(replicates=50)), frame)
    row = listwise["x1", "lmg"]
    assert (row["status"], row["base"]) == ("empty", 0)
    assert "never rated: x2" in row["message"]
    assert NOBODY in listwise["x2", "lmg"]["message"]
    assert listwise["x2", "rated"]["value"] == 0
    pairwise = rows_of(Drivers(**rated(replicates=50, missing="pairwise")), frame)
    assert pairwise["x2", "lmg"]["value"] is None
    assert pairwise["x2", "lmg"]["message"].endswith(NOBODY)
    plain = rows_of(Drivers(**rated(drivers=("x1", "x3"), replicates=50)), frame)
    for term in ("lmg", "johnson", "beta"):
        assert pairwise["x1", term]["value"] == pytest.approx(plain["x1", term]["value"])


def test_not_used_is_counted_for_each_driver() -> None:
    frame = ratings(8, 200)
    keep = np.random.default_rng(1).random(200) < 0.7
    holes = frame.with_columns(x1=pl.when(pl.Series(keep)).then(pl.col("x1")))
    found = rows_of(Drivers(**rated(replicates=50)), holes)
    assert found["x1", "rated"]["value"] == pytest.approx(keep.mean())
    assert found["overall", "r_squared"]["base"] == keep.sum()
    told = f"{keep.sum()} of 200 who rated the outcome rated every driver"
    assert told in found["overall", "r_squared"]["message"]
    complete = rows_of(Drivers(**rated(replicates=50)), holes.drop_nulls())
    assert found["x2", "lmg"]["value"] == pytest.approx(complete["x2", "lmg"]["value"])
    pairs = rows_of(Drivers(**rated(replicates=50, missing="pairwise")), holes)
    wanted = np.corrcoef(*frame.select("y", "x2").to_numpy().T.astype(float))[0, 1]
    assert pairs["x2", "correlation"]["value"] == pytest.approx(wanted)
    assert pairs["x2", "correlation"]["base"] == 200
    nobody = frame.with_columns(
        x1=pl.when(pl.Series(keep)).then(pl.col("x1")),
        x2=pl.when(pl.Series(~keep)).then(pl.col("x2")),
    )
    row = rows_of(Drivers(**rated(replicates=50)), nobody)["x1", "lmg"]
    assert NOBODY_TOGETHER in row["message"]


@pytest.mark.parametrize(
    ("change", "item", "term", "message"),
    [
        ({"x1": pl.lit(3)}, "x1", "lmg", CONSTANT),
        ({"y": pl.lit(3)}, "x1", "lmg", CONSTANT_OUTCOME),
        ({"y": pl.lit(3)}, "overall", "r_squared", CONSTANT_OUTCOME),
        ({"y": pl.col("x2")}, "x1", "johnson", SUM),
    ],
)
def test_constants(change: Mapping[str, Any], item: str, term: str, message: str) -> None:
    found = rows_of(Drivers(**rated(replicates=50)), ratings(9, 70).with_columns(**change))
    row = found[item, term]
    assert row["value"] is None
    assert row["status"] == "undefined"
    assert message in row["message"]
    if message == CONSTANT:
        others = sum(found[name, "lmg"]["value"] for name in ("x2", "x3"))
        assert others == pytest.approx(found["overall", "r_squared"]["value"], abs=1e-12)


def test_more_drivers_than_respondents() -> None:
    found = rows_of(Drivers(**rated(replicates=50)), ratings(10, 4))
    row = found["x1", "lmg"]
    assert row["value"] is None
    assert "4 respondents are too few for 3 drivers" in row["message"]


def test_a_negative_pratt_is_no_share() -> None:
    rng = np.random.default_rng(3)
    x1 = rng.integers(1, 6, 300)
    x2 = np.clip(x1 + rng.integers(-1, 2, 300), 1, 5)
    y = np.clip(np.round(1.2 * x1 - 0.4 * x2 + rng.normal(size=300) * 0.4), 1, 5)
    frame = pl.DataFrame({"y": y.astype(int), "x1": x1, "x2": x2})
    row = rows_of(Drivers(**rated(drivers=("x1", "x2"), replicates=50)), frame)["x2", "pratt"]
    assert row["value"] < 0
    assert "no share" in row["message"]


def test_empty_groups_of_contrasts() -> None:
    frame = ratings(11, 150)
    nobody_low = frame.with_columns(x1=pl.col("x1").clip(3, 5))
    found = rows_of(PenaltyReward(**rated(low=2, high=4)), nobody_low)
    assert found["x1", "penalty"]["value"] is None
    assert "nobody rated it 2 or below" in found["x1", "penalty"]["message"]
    assert found["x1", "reward"]["value"] is not None
    assert found["x1", "factor"]["label"] is None
    torn = frame.with_columns(x1=pl.when(pl.col("x1") == 3).then(5).otherwise(pl.col("x1")))
    row = rows_of(PenaltyReward(**rated(low=2, high=4)), torn)["x1", "reward"]
    assert row["value"] is None
    assert "nobody rated it between 2 and 4" in row["message"]


def test_lmg_beyond_its_price() -> None:
    frame = ratings(12, 300, 21)
    some = Drivers(outcome="y", drivers="x{1..13}", scale="1..5", replicates=50)
    found = rows_of(some, frame)
    row = found["x1", "lmg"]
    assert row["value"] > 0
    assert row["ci_low"] is None
    assert "409,600 subsets" in row["message"]
    assert found["x1", "johnson"]["ci_low"] is not None
    many = Drivers(outcome="y", drivers="x{1..21}", scale="1..5", replicates=50)
    row = rows_of(many, frame)["x1", "lmg"]
    assert row["value"] is None
    assert "2,097,152 subsets" in row["message"]


def test_no_outcome_to_reach_and_separation() -> None:
    frame = ratings(13, 60)
    happy = frame.with_columns(y=pl.lit(5))
    row = rows_of(KeyDrivers(**rated(at=2)), happy)["x1", "value"]
    assert row["value"] is None
    assert "nobody is dissatisfied overall" in row["message"]
    apart = frame.with_columns(y=pl.when(pl.col("x1") >= 4).then(1).otherwise(0))
    row = rows_of(DriversLogit(**rated()), apart)["x1", "log_odds"]
    assert row["value"] is None
    assert "without exception" in row["message"]
    one = frame.with_columns(y=pl.lit(1))
    row = rows_of(DriversLogit(**rated()), one)["x1", "effect"]
    assert "same answer" in row["message"]


@pytest.mark.parametrize(
    ("metric", "option", "message"),
    [
        (Drivers(**rated(drivers="x{3..1}")), "drivers", "runs downwards"),
        (Drivers(**rated(drivers=("x1", "x1"))), "drivers", "'x1' stands there twice"),
        (Drivers(**rated(outcome="x1")), "outcome", "one of the drivers"),
        (Drivers(**rated(missing="pairwize")), "missing", "did you mean 'pairwise'"),
        (Drivers(**rated(replicates=7)), "replicates", "at least 50"),
        (PenaltyReward(**rated(low=4, high=2)), "low", "low below high"),
        (PenaltyReward(**rated(low=3, high=4)), "high", "no rating lies between"),
        (KeyDrivers(**rated(at=5)), "at", "leaves none or all"),
        (ImportancePerformance(drivers="x{1..3}", scale="1..5"), "importance", "one of the two"),
        (ImportancePerformance(**rated(lines="scale")), "lines", "no scale"),
        (
            ImportancePerformance(drivers="x{1..3}", importance=("y",) * 2, scale="1..5"),
            "importance",
            "twice",
        ),
        (DriversLogit(**rated(drivers="x{1..8}")), "drivers", "781,250 combinations"),
        (DriversLogit(**rated(yes=(0, 1))), "yes", "not all"),
    ],
)
def test_options_that_cannot_stand(metric: Metric, option: str, message: str) -> None:
    with pytest.raises((OptionError, StudyError), match=message) as caught:
        satcore.run(metric, ratings(1, 20, 8))
    assert option in str(caught.value)


# Importance and performance


def test_quadrants_of_stated_importance(shared: Path) -> None:
    """Expectations of a kiosk as importance, perceptions as performance."""
    given = "sq{01..24}_E"
    metric = ImportancePerformance(drivers="sq{01..24}_P", importance=given, scale="1..7")
    file = shared / "data" / "kiosk" / "kiosk_share_odd.csv"
    frame = pl.read_csv(file, null_values="NA")
    found = rows_of(metric, frame)
    importance = [frame[f"sq{n:02}_E"].mean() for n in range(1, 25)]
    performance = [frame[f"sq{n:02}_P"].mean() for n in range(1, 25)]
    line = found["overall", "importance_line"]["value"]
    assert line == pytest.approx(np.mean(importance), rel=1e-12)
    for n, (x, y) in enumerate(zip(importance, performance, strict=True), 1):
        name = f"sq{n:02}_P"
        assert found[name, "performance"]["value"] == pytest.approx(y, rel=1e-12)
        wanted = (
            ("keep_up" if y >= np.mean(performance) else "concentrate")
            if x >= np.mean(importance)
            else ("overkill" if y >= np.mean(performance) else "low_priority")
        )
        assert found[name, "quadrant"]["label"] == wanted
        shares = [
            found[name, one]["value"]
            for one in ("concentrate", "keep_up", "low_priority", "overkill")
        ]
        assert sum(shares) == pytest.approx(1)
        assert found[name, wanted]["value"] == found[name, "quadrant"]["value"]


@pytest.mark.parametrize("lines", ["data", "median", "scale", "diagonal"])
def test_lines_that_part_quadrants(lines: Any) -> None:
    frame = ratings(14, 200, 6)
    metric = ImportancePerformance(
        drivers="x{1..3}", importance="x{4..6}", scale="1..5", lines=lines, replicates=50
    )
    found = rows_of(metric, frame)
    means = {f"x{n}": frame[f"x{n}"].mean() for n in range(1, 7)}
    here = np.array([[means[f"x{n + 3}"], means[f"x{n}"]] for n in (1, 2, 3)], dtype=float)
    if lines == "diagonal":
        assert ("overall", "importance_line") not in found
        for place, name in enumerate(("x1", "x2", "x3")):
            wanted = "concentrate" if here[place, 0] > here[place, 1] else "keep_up"
            assert found[name, "quadrant"]["label"] == wanted
        return
    middle = {"data": here.mean(axis=0), "median": np.median(here, axis=0)}
    wanted_line = middle.get(lines, np.array([3.0, 3.0]))
    for axis, term in enumerate(("importance_line", "performance_line")):
        row = found["overall", term]
        assert row["value"] == pytest.approx(wanted_line[axis])
        assert (row["ci_low"] is None) == (lines == "scale")


# By segment, by wave, trends and standards


@pytest.fixture(scope="module")
def study() -> Results:
    frame = pl.concat(
        [
            ratings(20 + wave, 150).with_columns(
                wave=pl.lit(f"2026-{wave:02}"),
                region=pl.Series(["East", "West", "North"] * 50),
            )
            for wave in range(1, 6)
        ]
    )
    table = {
        "study": {"by": ["region", "wave"]},
        "roles": {"segments": ["region"], "wave": "wave"},
        "metrics": {
            "drivers": rated(replicates=50),
            "contrasts": {"metric": "penalty_reward", **rated(low=2, high=4)},
            "reach": {"metric": "key_drivers", **rated(at=2)},
            "ipa": {"metric": "importance_performance", **rated(replicates=50)},
            "logit": {
                "metric": "drivers_logit", **rated(outcome_scale="1..5"), "yes": [4, 5],
            },
            "importance_trend": {"metric": "trend", "of": "drivers", "item": "x1"},
        },
        "standards": [{"metric": "drivers", "term": "r_squared", "at_least": 0.2, "by": "region"}],
    }  # fmt: skip
    return satcore.run(satcore.Study.of(table), frame)


def test_groups_waves_trends_and_standards_for_free(study: Results) -> None:
    assert not study.failures
    groups = [row for row in study.rows("drivers", "johnson") if "region" in row["cell"]]
    assert len(groups) == 9
    assert all(row["ci_low"] < row["value"] < row["ci_high"] for row in groups)
    assert any(
        row["kind"] == "rest" and row["p_adjusted"] is not None
        for row in study.comparison_rows("drivers", "johnson")
    )
    assert any(row["value"] is not None for row in study.rows("importance_trend"))
    assert [row["outcome"] for row in study.to_dict()["standards"]] == ["met"] * 3


@pytest.mark.parametrize("language", ["en", "zh"])
def test_pictures_and_findings(study: Results, language: str) -> None:
    for measured in study.metrics:
        if measured.kind == "trend":
            continue
        charts = list(measured.metric.charts(study, measured.name, language))
        assert charts, measured.name
        for chart in charts:
            assert chart.title
            assert chart.alt
            satcore.draw(chart)
            base = "Respondents" if language == "en" else "受访者数"
            assert f'"title": "{base}"' in json.dumps(chart.spec, ensure_ascii=False)
        told = list(measured.metric.findings(study, measured.name, language))
        assert told, measured.name
        assert all("{" not in one and "None" not in one for one in told)
        if language == "zh":
            assert all(any("一" <= letter <= "鿿" for letter in one) for one in told)


@pytest.mark.parametrize("stated", [False, True])
@pytest.mark.parametrize("lines", ["diagonal", "median"])
def test_pictures_of_other_lines(stated: bool, lines: Any) -> None:
    of = {"importance": "x{4..6}"} if stated else {"outcome": "y"}
    metric = ImportancePerformance(
        drivers={f"x{n}": satcore.Text.of(f"Driver {n}") for n in (1, 2, 3)},
        scale="1..5",
        lines=lines,
        replicates=50,
        **of,
    )
    results = satcore.run(metric, ratings(33, 200, 6))
    (chart,) = metric.charts(results, results.metrics[0].name)
    drawn = satcore.draw(chart).decode()
    assert "Driver 1" in drawn
    dashed = [one for one in chart.spec["layer"] if "strokeDash" in one["mark"]]
    assert len(dashed) == (1 if lines == "diagonal" else 2)


def test_nobody_answered_leaves_no_picture() -> None:
    frame = ratings(34, 40).with_columns(y=pl.lit(None, dtype=pl.Int64))
    for metric in (
        Drivers(**rated(replicates=50)),
        PenaltyReward(**rated(low=2, high=4)),
        KeyDrivers(**rated(at=2)),
        DriversLogit(**rated()),
        ImportancePerformance(**rated(replicates=50)),
    ):
        results = satcore.run(metric, frame)
        name = results.metrics[0].name
        assert not results.failures
        assert list(metric.charts(results, name)) == []
        list(metric.findings(results, name, "zh"))


def test_findings_say_how_sure_the_order_is(study: Results) -> None:
    metric = study.metrics[0].metric
    told = list(metric.findings(study, "drivers", "en"))
    assert told[0].startswith("The drivers explain ")
    assert told[1].startswith("What goes with y most: x1 (")
    assert any("replicates" in one for one in told)
    assert sum("not what causes it" in one for one in told) == 1


def test_the_reports_know_every_word(study: Results, tmp_path: Path) -> None:
    from satcore_html import satcore_reports

    for report in satcore_reports():
        suffix = report.suffixes[0]
        if suffix == ".html":
            for language in ("en", "zh"):
                page = report.render(study, language)
                assert page


@pytest.mark.parametrize(("language", "keep_up"), [("en", "keep up"), ("zh", "继续保持")])
def test_tables_tell_kinds_and_quadrants_in_words(
    study: Results, language: str, keep_up: str
) -> None:
    """Rows have short names for them; no reader should see ``low_priority``."""
    from satcore_drivers.penalty import CLASSES
    from satcore_drivers.quadrants import QUADRANTS
    from satcore_html.words import Words

    words = Words.of(study, language).of_metric(study.metrics[0])
    for name in (*CLASSES, *QUADRANTS):
        told = words.label(name)
        assert told != name
        assert told.isascii() == (language == "en")
    assert words.label("keep_up") == keep_up


def test_every_message_has_its_chinese() -> None:
    """The catalogue of the plugin holds every sentence that it tells beside numbers."""
    import satcore_drivers
    from satcore_drivers import explained, logit, metric, penalty, quadrants, reach, sums

    told: set[str] = set()
    for module in (explained, logit, metric, penalty, quadrants, reach, sums):
        for name, value in vars(module).items():
            if name.isupper() and name not in ("OVERALL",):
                some = value.values() if isinstance(value, dict) else (value,)
                told |= {one for one in some if isinstance(one, str) and " " in one}
    told -= {"dissatisfied", "satisfied"}
    # Reports take a message apart where a semicolon stands.
    told = {part for one in told for part in one.split("; ")}
    folder = Path(satcore_drivers.__file__).parent / "locale" / "zh" / "LC_MESSAGES"
    text = (folder / "satcore_drivers.po").read_text("utf-8")
    # Methods and units stand in contexts of their own.
    pairs = {
        english.replace('\\"', '"'): chinese
        for english, chinese in re.findall(r'(?<=\n\n)msgid "(.+)"\nmsgstr "(.+)"(?=\n)', text)
    }
    assert told <= set(pairs)
    for english, chinese in pairs.items():
        assert english in told or not english, f"{english} is told nowhere"
        if english:
            assert chinese
            assert set(re.findall(r"\{\w+\}", english)) == set(re.findall(r"\{\w+\}", chinese))
