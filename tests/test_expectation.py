"""Expectation confirmation: against statsmodels on rows, on real answers, and at its edges."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import warnings
from collections.abc import Mapping
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from statsmodels.miscmodels.ordinal_model import OrderedModel
from statsmodels.stats.outliers_influence import variance_inflation_factor
from statsmodels.tools.sm_exceptions import ConvergenceWarning

import satcore
from satcore import Codebook, OptionError, Results
from satcore.plugins import Plugins
from satcore_expectation import Expectation, words
from satcore_expectation.ordered import ordered_logit
from satcore_html import render

CLOSE = {"rel": 1e-8, "abs": 1e-10}
SLOPES = {
    "a1": [0, 1, 1, 0, 0, 0],
    "a2": [0, 0, 0, 1, 1, 1],
    "a3": [0, 1, -1, 0, 0, 0],
    "a4": [0, 0, 0, 1, -1, 1],
}

Array = NDArray[np.float64]
METRIC = Expectation(outcome="S", expectation="E", perception="P", scale="1..5", errors="classical")


def asked(rows: int = 400, seed: int = 1) -> dict[str, Array]:
    """Satisfaction that rises with perception, bends, and falls with expectation, 1 to 5."""
    draw = np.random.default_rng(seed)
    wish = draw.normal(size=rows)
    e = np.clip(np.round(3.4 + wish), 1, 5)
    p = np.clip(np.round(3.1 + 0.5 * wish + draw.normal(size=rows)), 1, 5)
    level = 3.3 - 0.2 * (e - 3) + 0.6 * (p - 3) - 0.12 * (e - p) ** 2
    s = np.clip(np.round(level + draw.normal(0, 0.8, rows)), 1, 5)
    d = np.clip(np.round(3 + 0.5 * (p - e) + draw.normal(0, 0.5, rows)), 1, 5)
    return {"S": s, "E": e, "P": p, "D": d}


def run(data: Mapping[str, Any], plugins: Plugins, metric: Any = METRIC, **more: Any) -> Results:
    columns = {
        name: [None if isinstance(one, float) and np.isnan(one) else one for one in list(values)]
        for name, values in data.items()
    }
    return satcore.run({"it": metric}, columns, plugins=plugins, **more)


def rows_of(results: Results, cell: Mapping[str, str] | None = None) -> dict[tuple[str, str], Any]:
    return {
        (row["item"], row["term"]): row for row in results.rows("it") if row["cell"] == (cell or {})
    }


def designs(e: Array, p: Array, middle: float) -> dict[str, Array]:
    x, y = e - middle, p - middle
    one = np.ones_like(x)
    return {
        "difference": np.stack([one, y - x], axis=1),
        "linear": np.stack([one, x, y], axis=1),
        "surface": np.stack([one, x, y, x * x, x * y, y * y], axis=1),
    }


def hold_models(
    rows: Mapping[tuple[str, str], Any], s: Array, e: Array, p: Array, middle: float
) -> None:
    """Every number of the models is that of statsmodels on the rows."""
    for model, design in designs(e, p, middle).items():
        fit = sm.OLS(s, design).fit()
        robust = sm.OLS(s, design).fit(cov_type="HC3")
        bounds = fit.conf_int()
        for place in range(design.shape[1]):
            row = rows[model, f"b{place}"]
            assert row["value"] == pytest.approx(fit.params[place], **CLOSE)
            assert row["std_error"] == pytest.approx(fit.bse[place], **CLOSE)
            assert row["ci_low"] == pytest.approx(bounds[place][0], **CLOSE)
            assert row["ci_high"] == pytest.approx(bounds[place][1], **CLOSE)
            assert row["method"] == "t"
            told = words.ROBUST.format(value=f"{robust.bse[place]:.3g}")
            ratio = robust.bse[place] / fit.bse[place]
            if ratio > 1.25:
                told += "; " + words.UNEVEN.format(more=f"{100 * (ratio - 1):.0f}%")
            assert row["message"] == told
        assert rows[model, "r_squared"]["value"] == pytest.approx(fit.rsquared, **CLOSE)
        if model == "surface":
            for term, direction in SLOPES.items():
                test = fit.t_test(direction)
                row = rows["surface", term]
                assert row["value"] == pytest.approx(float(np.squeeze(test.effect)), **CLOSE)
                assert row["std_error"] == pytest.approx(float(np.squeeze(test.sd)), **CLOSE)


# Against statsmodels


def test_the_models_on_rows(plugins: Plugins) -> None:
    data = asked()
    results = run(data, plugins)
    rows = rows_of(results)
    s, e, p = data["S"], data["E"], data["P"]
    hold_models(rows, s, e, p, 3.0)
    fits = {name: sm.OLS(s, design).fit() for name, design in designs(e, p, 3.0).items()}
    tests = {
        row["item"]: row
        for row in results.comparison_rows("it", "r_squared_gain")
        if row["kind"] == "null"
    }
    for model, small in (("linear", "difference"), ("surface", "linear")):
        statistic, p_value, _ = fits[model].compare_f_test(fits[small])
        assert tests[model]["statistic"] == pytest.approx(statistic, **CLOSE)
        assert tests[model]["p"] == pytest.approx(p_value, **CLOSE)
        assert tests[model]["method"] == "f_test"
        gain = fits[model].rsquared - fits[small].rsquared
        assert rows[model, "r_squared_gain"]["value"] == pytest.approx(gain, **CLOSE)
    # The difference model is the linear one with b1 = -b2.
    constraint = fits["linear"].f_test([[0, 1, 1]])
    assert tests["linear"]["statistic"] == pytest.approx(float(constraint.fvalue), **CLOSE)
    assert tests["linear"]["p"] < 0.001
    for model in ("linear", "surface"):
        design = designs(e, p, 3.0)[model]
        worst = max(variance_inflation_factor(design, k) for k in range(1, design.shape[1]))
        assert rows[model, "vif"]["value"] == pytest.approx(worst, **CLOSE)
    against = {
        (row["item"], row["term"]): row
        for row in results.comparison_rows("it")
        if row["kind"] == "null"
    }
    for place in range(1, 6):
        wanted = fits["surface"].pvalues[place]
        assert against["surface", f"b{place}"]["p"] == pytest.approx(wanted, **CLOSE)


def test_real_answers_and_lists(shared: Path, plugins: Plugins) -> None:
    """Lists are averaged per respondent; those who answered part of one are left out."""
    with (shared / "data/kiosk/kiosk_share_odd.csv").open(encoding="utf-8-sig") as file:
        found = list(csv.DictReader(file))
    names = [f"sq{number:02}" for number in (1, 2, 3, 7, 8)]
    columns = {
        f"{name}_{side}": [row[f"{name}_{side}"] for row in found]
        for name in names
        for side in "EP"
    }
    metric = Expectation(
        outcome="sq08_P",
        expectation=tuple(f"{name}_E" for name in names[:4]),
        perception=tuple(f"{name}_P" for name in names[:4]),
        errors="classical",
    )
    for values in columns.values():
        values[:] = ["" if one == "NA" else one for one in values]
    rows = rows_of(run(columns, plugins, metric))
    table = {
        name: np.array([float(one or "nan") for one in values]) for name, values in columns.items()
    }
    e = np.mean([table[f"{name}_E"] for name in names[:4]], axis=0)
    p = np.mean([table[f"{name}_P"] for name in names[:4]], axis=0)
    s = table["sq08_P"]
    there = ~np.isnan(e + p + s)
    assert 50 < there.sum() == rows["surface", "b0"]["base"]
    hold_models(rows, s[there], e[there], p[there], 4.0)
    both = ~np.isnan(e + p)
    gap = (p - e)[both]
    assert rows["inferred", "mean"]["value"] == pytest.approx(gap.mean(), **CLOSE)
    for term, share in (
        ("above", np.mean(gap > 1e-9)),
        ("at", np.mean(np.abs(gap) < 1e-9)),
        ("below", np.mean(gap < -1e-9)),
    ):
        assert rows["inferred", term]["value"] == pytest.approx(share, **CLOSE)
        assert rows["inferred", term]["method"] == "wilson"


def test_every_cell_is_its_own_regression(plugins: Plugins) -> None:
    data = asked(900, seed=4)
    group = np.random.default_rng(2).integers(0, 3, 900)
    results = run({**data, "g": [str(one) for one in group]}, plugins, segments=["g"])
    for one in range(3):
        here = group == one
        rows = rows_of(results, {"g": str(one)})
        hold_models(rows, data["S"][here], data["E"][here], data["P"][here], 3.0)


def test_weights(plugins: Plugins) -> None:
    """Weighted least squares with linearised errors, cells as domains of the whole survey."""
    data, draw = asked(500, seed=3), np.random.default_rng(9)
    weight, group = draw.uniform(0.2, 3, 500), draw.integers(0, 2, 500)
    results = run(
        {**data, "w": weight, "g": [str(one) for one in group]},
        plugins,
        weight="w",
        segments=["g"],
    )
    for cell, here in (({}, np.full(500, True)), ({"g": "1"}, group == 1)):
        rows = rows_of(results, cell)
        s, e, p = (data[name][here] for name in "SEP")
        for model, design in designs(e, p, 3.0).items():
            fit = sm.WLS(s, design, weights=weight[here]).fit(cov_type="HC0")
            error = fit.bse * np.sqrt(500 / 499)
            for place in range(design.shape[1]):
                row = rows[model, f"b{place}"]
                assert row["value"] == pytest.approx(fit.params[place], **CLOSE)
                assert row["std_error"] == pytest.approx(error[place], **CLOSE)
                assert (row["method"], row["message"]) == ("linearised", "")
            assert rows[model, "r_squared"]["value"] == pytest.approx(fit.rsquared, **CLOSE)
            if model == "surface":
                covariance = fit.cov_params() * 500 / 499
                for term, direction in SLOPES.items():
                    error_of = np.sqrt(direction @ covariance @ np.array(direction))
                    assert rows["surface", term]["std_error"] == pytest.approx(error_of, **CLOSE)
                test = fit.f_test(np.eye(6)[3:])
                found = next(
                    row
                    for row in results.comparison_rows("it", "r_squared_gain")
                    if (row["item"], row["cell"], row["kind"]) == ("surface", cell, "null")
                )
                wanted = float(test.fvalue) * 499 / 500
                assert found["statistic"] == pytest.approx(wanted, **CLOSE)


def test_robust_errors(plugins: Plugins) -> None:
    data = asked(300, seed=6)
    metric = Expectation(outcome="S", expectation="E", perception="P", scale="1..5")
    results = run(data, plugins, metric)
    rows = rows_of(results)
    design = designs(data["E"], data["P"], 3.0)["surface"]
    robust = sm.OLS(data["S"], design).fit(cov_type="HC3", use_t=True)
    classical = sm.OLS(data["S"], design).fit()
    for place in range(6):
        row = rows["surface", f"b{place}"]
        assert row["std_error"] == pytest.approx(robust.bse[place], **CLOSE)
        assert row["ci_low"] == pytest.approx(robust.conf_int()[place][0], **CLOSE)
        assert row["method"] == "hc3"
        assert row["message"] == words.CLASSICAL.format(value=f"{classical.bse[place]:.3g}")
    test = robust.f_test(np.eye(6)[3:])
    found = next(
        row
        for row in results.comparison_rows("it", "r_squared_gain")
        if row["item"] == "surface" and row["kind"] == "null"
    )
    assert found["statistic"] == pytest.approx(float(test.fvalue), **CLOSE)
    assert found["p"] == pytest.approx(float(test.pvalue), **CLOSE)


def by_statsmodels(outcome: Array, predictors: Array) -> tuple[Any, Any]:
    """The model and its fit; steps with numerical gradients never settle to the last digit."""
    model = OrderedModel(outcome.astype(int), predictors, distr="logit")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model, model.fit(method="newton", disp=False, maxiter=12)


def test_the_ordered_logit_model(plugins: Plugins) -> None:
    data = asked(500, seed=7)
    rows = rows_of(run(data, plugins))
    design = designs(data["E"], data["P"], 3.0)["surface"][:, 1:]
    fit = by_statsmodels(data["S"], design)[1]
    for place in range(5):
        row = rows["ordered", f"b{place + 1}"]
        assert row["value"] == pytest.approx(fit.params[place], rel=1e-5, abs=1e-7)
        assert row["std_error"] == pytest.approx(fit.bse[place], rel=1e-4)
        assert (row["unit"], row["method"]) == ("log odds", "wald")
    covariance = fit.cov_params()[:5, :5]
    for term, direction in SLOPES.items():
        along = np.array(direction[1:])
        value, error = along @ fit.params[:5], np.sqrt(along @ covariance @ along)
        assert rows["ordered", term]["value"] == pytest.approx(value, rel=1e-5, abs=1e-7)
        assert rows["ordered", term]["std_error"] == pytest.approx(error, rel=1e-4)


def test_weighted_ordered_logit() -> None:
    """Whole weights are repeated rows; linearised errors are those of the scores."""
    data, draw = asked(250, seed=8), np.random.default_rng(1)
    places = designs(data["E"], data["P"], 3.0)["linear"][:, 1:]
    weight = draw.integers(1, 4, 250).astype(float)
    found = ordered_logit(places, data["S"], weight, weight**2)
    again = np.repeat(np.arange(250), weight.astype(int))
    repeated = ordered_logit(places[again], data["S"][again], np.ones(again.size), None)
    assert found is not None
    assert repeated is not None
    assert found.slopes == pytest.approx(repeated.slopes, rel=1e-9)
    bread, fit = by_statsmodels(data["S"][again], places[again])
    scores = bread.score_obs(fit.params)
    # Each respondent's score once: the first of their copies, times the weight.
    first = np.concatenate([[0], np.cumsum(weight)[:-1]]).astype(int)
    summed = scores[first] * weight[:, None]
    inverse = fit.cov_params()
    wanted = (inverse @ summed.T @ summed @ inverse)[:2, :2]
    assert found.covariance == pytest.approx(np.asarray(wanted), rel=1e-3)


# What is not in statsmodels


def test_the_stationary_point_and_its_error(plugins: Plugins) -> None:
    draw = np.random.default_rng(12)
    e, p = draw.integers(1, 8, 3000), draw.integers(1, 8, 3000)
    level = 6 - 0.22 * (e - 4.8) ** 2 - 0.18 * (p - 5.1) ** 2 + 0.06 * (e - 4.8) * (p - 5.1)
    s = np.clip(np.round(level + draw.normal(0, 0.4, 3000)), 1, 7)
    metric = Expectation(outcome="S", expectation="E", perception="P", errors="classical")
    rows = rows_of(run({"S": s, "E": e, "P": p}, plugins, metric))
    design = designs(e.astype(float), p.astype(float), 4.0)["surface"]
    fit = sm.OLS(s, design).fit()

    def place(b: Array) -> Array:
        bend = np.array([[2 * b[3], b[4]], [b[4], 2 * b[5]]])
        return np.linalg.solve(bend, -b[1:3]) + 4

    steps = np.eye(6) * 1e-6
    gradient = np.stack(
        [(place(fit.params + one) - place(fit.params - one)) / 2e-6 for one in steps]
    )
    errors = np.sqrt(np.diag(gradient.T @ fit.cov_params() @ gradient))
    for number, term in enumerate(("stationary_expectation", "stationary_perception")):
        row = rows["surface", term]
        assert row["value"] == pytest.approx(place(fit.params)[number], rel=1e-8)
        assert row["std_error"] == pytest.approx(errors[number], rel=1e-5)
        assert row["ci_low"] < row["value"] < row["ci_high"]
    assert rows["surface", "stationary_expectation"]["value"] == pytest.approx(4.8, abs=0.3)


def test_a_flat_surface_says_so(plugins: Plugins) -> None:
    draw = np.random.default_rng(0)
    e, p = draw.integers(1, 6, 200), draw.integers(1, 6, 200)
    s = np.clip(np.round(3 + 0.5 * (p - 3) + draw.normal(size=200)), 1, 5)
    row = rows_of(run({"S": s, "E": e, "P": p}, plugins))["surface", "stationary_perception"]
    assert row["message"] == words.TOO_FLAT
    assert (row["std_error"], row["ci_low"]) == (None, None)


def test_errors_by_linearisation_are_the_bootstrap_s(plugins: Plugins) -> None:
    data = asked(1200, seed=5)
    metric = Expectation(outcome="S", expectation="E", perception="P", scale="1..5", ordered=False)
    rows = rows_of(run(data, plugins, metric))
    draw = np.random.default_rng(3)
    chosen = draw.integers(0, 1200, (500, 1200))
    drawn = {name: data[name][chosen.ravel()].astype(int) for name in "SEP"}
    sample = np.repeat(np.arange(500), 1200).astype(str)
    results = satcore.run(
        {"it": metric},
        {**drawn, "sample": sample},
        segments=["sample"],
        comparisons=[],
        plugins=plugins,
    )
    values: dict[tuple[str, str], list[float]] = {}
    for row in results.rows("it"):
        if row["cell"]:
            values.setdefault((row["item"], row["term"]), []).append(row["value"] or 0.0)
    for key in (
        ("surface", "r_squared"),
        ("linear", "r_squared"),
        ("linear", "correlation"),
        ("linear", "vif"),
        ("expectation", "sd"),
        ("perception", "mean"),
    ):
        assert len(values[key]) == 500
        assert rows[key]["std_error"] == pytest.approx(np.std(values[key]), rel=0.12), key


def test_perceived_disconfirmation_is_kept_apart(plugins: Plugins) -> None:
    data = asked(300)
    metric = Expectation(
        outcome="S",
        expectation="E",
        perception="P",
        disconfirmation="D",
        scale="1..5",
    )
    rows = rows_of(run(data, plugins, metric))
    d = data["D"]
    assert rows["perceived", "mean"]["value"] == pytest.approx(d.mean(), **CLOSE)
    for term, share in (("above", d > 3), ("at", d == 3), ("below", d < 3)):
        assert rows["perceived", term]["value"] == pytest.approx(share.mean(), **CLOSE)
    alone = rows_of(run(data, plugins))
    for key, row in alone.items():
        assert rows[key]["value"] == row["value"]
    assert not any(item == "perceived" for item, _ in alone)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000))
def test_expectation_and_perception_change_places(seed: int) -> None:
    data = asked(60, seed)
    columns = {name: values.astype(int).tolist() for name, values in data.items()}
    as_it_is, turned = (
        Expectation(outcome="S", expectation=e, perception=p, scale="1..5", ordered=False)
        for e, p in ("EP", "PE")
    )
    one, other = (
        {(r["item"], r["term"]): r["value"] for r in satcore.run({"it": m}, columns).rows("it")}
        for m in (as_it_is, turned)
    )
    for first, second, sign in (
        ("b1", "b2", 1),
        ("b3", "b5", 1),
        ("b4", "b4", 1),
        ("a1", "a1", 1),
        ("a2", "a2", 1),
        ("a3", "a3", -1),
        ("a4", "a4", 1),
    ):
        mine, theirs = one["surface", first], other["surface", second]
        assert mine is not None
        assert theirs is not None
        assert mine == pytest.approx(sign * theirs, rel=1e-7, abs=1e-9)
    assert one["inferred", "above"] == other["inferred", "below"]


@pytest.mark.parametrize("term", ["a1", "a3"])
def test_slopes_are_covered(term: str) -> None:
    """A short version of benchmarks/coverage_expectation.py."""
    from benchmarks.coverage_expectation import case

    found = case("normal", n=500, simulations=200, seed=3)
    assert 90 <= found[term]["coverage"] <= 99


def test_nothing_explained_is_covered(plugins: Plugins) -> None:
    """R² of five predictors is above 0 by chance alone; its interval knows that."""
    draw = np.random.default_rng(4)
    data = {name: draw.integers(1, 8, 300 * 80) for name in "SEP"}
    survey = np.repeat(np.arange(300), 80).astype(str)
    metric = Expectation(outcome="S", expectation="E", perception="P", ordered=False)
    results = satcore.run(
        {"it": metric},
        {**data, "survey": survey},
        segments=["survey"],
        comparisons=[],
        plugins=plugins,
    )
    for model in ("difference", "linear", "surface"):
        rows = [
            row for row in results.rows("it", "r_squared") if row["item"] == model and row["cell"]
        ]
        held = np.mean([(row["ci_low"] or 0.0) < 1e-9 for row in rows])
        assert 0.94 <= held <= 1
        assert {row["method"] for row in rows} == {"explained"}


# Edges


@pytest.mark.parametrize(
    ("data", "item", "message"),
    [
        ({"S": [4] * 40, "E": [1, 2, 3, 4] * 10, "P": [1, 3, 2, 5] * 10}, "linear", "nothing to"),
        (
            {"S": [4, 2] * 20, "E": [3] * 40, "P": [1, 3, 2, 5] * 10},
            "linear",
            "all give the same answer to E: its part can't be told",
        ),
        (
            {"S": [4, 2] * 20, "E": [1, 3, 2, 5] * 10, "P": [3] * 40},
            "linear",
            "all give the same answer to P: its part can't be told",
        ),
        (
            {"S": [4, 2, 3, 5] * 10, "E": [1, 3, 2, 5] * 10, "P": [1, 3, 2, 5] * 10},
            "linear",
            "their parts can't be told apart",
        ),
        (
            {"S": [4, 2, 3, 5] * 10, "E": [1, 3, 2, 5] * 10, "P": [1, 3, 2, 5] * 10},
            "difference",
            "their parts can't be told apart",
        ),
        ({"S": [4, 2, 5], "E": [1, 2, 4], "P": [2, 2, 1]}, "surface", "3 respondents are too few"),
        ({"S": [None] * 3, "E": [1, 2, 4], "P": [2, 2, 1]}, "surface", "nobody answered all of"),
    ],
)
def test_told_in_words(
    data: dict[str, list[Any]], item: str, message: str, plugins: Plugins
) -> None:
    rows = rows_of(run(data, plugins))
    for term in ("b0", "b1", "r_squared"):
        row = rows[item, term]
        assert message in row["message"]
        assert row["value"] is None
        assert row["status"] == ("empty" if data["S"][0] is None else "undefined")


def test_those_who_are_left_out_are_counted(plugins: Plugins) -> None:
    data = {**asked(200)}
    data["S"] = np.where(np.arange(200) < 17, np.nan, data["S"])
    rows = rows_of(run(data, plugins))
    assert rows["surface", "r_squared"]["base"] == 183
    assert rows["inferred", "mean"]["base"] == 200
    told = words.LEFT_OUT.format(count="17", told="S, E, P")
    assert rows["surface", "r_squared"]["message"] == told


def test_uneven_spread_is_told(plugins: Plugins) -> None:
    """Classical errors are too small where answers spread the more, the further apart the two."""
    from benchmarks.coverage_expectation import population

    people = population("unequal", 1500, np.random.default_rng(4))
    metric = Expectation(
        outcome="S", expectation="E", perception="P", ordered=False, errors="classical"
    )
    rows = rows_of(run(people, plugins, metric))
    assert 'errors = "robust" would widen this interval' in rows["surface", "a4"]["message"]
    even = population("normal", 1500, np.random.default_rng(4))
    assert not any(
        "unevenly" in row["message"] for row in rows_of(run(even, plugins, metric)).values()
    )


def test_separated_answers_have_no_odds(plugins: Plugins) -> None:
    data = {"S": [1, 2] * 20, "E": [1, 2, 1, 2] * 10, "P": [1, 5] * 20}
    rows = rows_of(run(data, plugins))
    assert rows["ordered", "b1"]["message"].endswith(words.SEPARATED)
    assert rows["ordered", "b1"]["value"] is None
    places = np.array([[-1.0], [-0.5], [0.5], [1.0]])
    assert ordered_logit(places, np.array([1, 1, 2, 2]), np.full(4, 9.0), None) is None


@pytest.mark.parametrize(
    ("options", "option", "told"),
    [
        ({"expectation": "S"}, "expectation", "'S' is the outcome's already"),
        ({"perception": ()}, "perception", "no column is named"),
        ({"perception": ("P", "P")}, "perception", "'P' stands there twice"),
        ({"errors": "hc9"}, "errors", "none of robust, classical"),
        ({"scale": "one"}, "scale", "is no scale"),
        (
            {
                "outcome": tuple(f"S{k}" for k in range(30)),
                "expectation": tuple(f"E{k}" for k in range(30)),
            },
            "perception",
            "average fewer items",
        ),
    ],
)
def test_refused(options: dict[str, Any], option: str, told: str) -> None:
    asked_for = {"outcome": "S", "expectation": "E", "perception": "P", **options}
    with pytest.raises(OptionError) as caught:
        Expectation(**asked_for).statistics(Codebook())
    assert caught.value.option == option
    assert told in caught.value.message


# Pictures, words, the command line


STUDY = """
[study]
data = "answers.csv"
by = ["region", "wave"]

[roles]
segments = ["region"]
wave = "month"
{weight}
[scales.five]
codes = {{ "1" = 1, "2" = 2, "3" = 3, "4" = 4, "5" = 5 }}

[metrics.expected]
metric = "expectation"
outcome = "S"
expectation = "E"
perception = "P"
disconfirmation = "D"
scale = "1..5"

[metrics.met]
metric = "trend"
of = "expected"
item = "inferred"
term = "above"

[[standards]]
metric = "expected"
item = "inferred"
term = "above"
at_least = 0.2
"""


def study_file(folder: Path, weight: str = "") -> Path:
    data, draw = asked(900, seed=2), np.random.default_rng(1)
    lines = ["region,month,S,E,P,D,w"]
    for number in range(900):
        answers = ",".join(str(int(data[name][number])) for name in "SEPD")
        if number % 50 == 0:
            answers = "," + answers.split(",", 1)[1]
        region = ("华东", "华南")[number % 2]
        lines.append(f"{region},2026-0{1 + number % 6},{answers},{draw.uniform(0.5, 2):.3f}")
    (folder / "answers.csv").write_text("\n".join(lines), "utf-8")
    path = folder / "study.toml"
    path.write_text(STUDY.format(weight=weight), "utf-8")
    return path


class Page(HTMLParser):
    """The texts of a page outside its scripts, each with the language that it is marked with."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[tuple[str, str]] = []
        self._open: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "link", "br", "img", "input", "path", "col"):
            language = self._open[-1][1] if self._open else ""
            self._open.append((tag, dict(attrs).get("lang") or language))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and self._open and self._open[-1][0] not in ("script", "style"):
            self.texts.append((data.strip(), self._open[-1][1]))


def catalogue() -> dict[str, str]:
    """The messages of the plugin's catalogue, and what they are in Chinese."""
    path = files("satcore_expectation") / "locale/zh/LC_MESSAGES/satcore_expectation.po"
    text = path.read_text("utf-8")
    pairs = re.findall(r'(?<=\n\n)msgid "(.+)"\nmsgstr "(.+)"(?=\n)', text)
    return {english.replace('\\"', '"'): chinese for english, chinese in pairs}


def test_every_message_is_in_the_catalogue() -> None:
    known = catalogue()
    said = {
        value for name, value in vars(words).items() if name.isupper() and isinstance(value, str)
    }
    assert said == set(known)
    for english, chinese in known.items():
        assert re.findall(r"\{\w+\}", english) == re.findall(r"\{\w+\}", chinese)


@pytest.mark.parametrize("weight", ["", 'weight = "w"\n'])
def test_a_chinese_report_has_no_word_of_english(
    tmp_path: Path, plugins: Plugins, weight: str
) -> None:
    """All but messages, whose Chinese stands in the plugin's own catalogue."""
    pytest.importorskip("jinja2")
    results = satcore.run(study_file(tmp_path, weight), plugins=plugins)
    assert results.failures == ()
    patterns = [
        re.compile(re.sub(r"\\\{\w+\\\}", ".+", re.escape(english))) for english in catalogue()
    ]
    page = Page(render(results, "zh").decode())
    for text, language in page.texts:
        if language.startswith("en"):
            for part in text.split("; "):
                assert any(pattern.fullmatch(part) for pattern in patterns), part
    said = "\n".join(text for text, _ in page.texts)
    for told in (
        "期望确认",
        "推算的不一致（感知减期望）",
        "响应曲面",
        "F 检验",
        "感知高于期望的占",
    ):
        assert told in said


def test_the_command_line(tmp_path: Path) -> None:
    study, rows_file = study_file(tmp_path), tmp_path / "rows.json"
    asked_for = ["run", str(study), "--format", "json", "-o", str(rows_file)]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "satcore", *asked_for],
        capture_output=True,
        check=False,
        timeout=120,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    rows = json.loads(rows_file.read_text("utf-8"))
    assert rows["failures"] == []
    slope = next(
        row
        for row in rows["estimates"]
        if (row["metric"], row["term"], row["cell"]) == ("met", "slope", {})
    )
    assert slope["value"] is not None
    assert [row["term"] for row in rows["standards"]] == ["above"]


def test_findings_follow_the_tests(plugins: Plugins) -> None:
    results = run(asked(800), plugins)
    told = "\n".join(METRIC.findings(results, "it"))
    assert "The difference score hides something" in told
    assert "Where expectation and perception agree, satisfaction rises" in told
    assert "Satisfaction is lower where more was expected than perceived." in told
    assert "The ordered logit model, which takes answers as ranks, agrees" in told
    draw = np.random.default_rng(5)
    noise = {name: draw.integers(1, 6, 200) for name in "SEP"}
    told = "\n".join(METRIC.findings(run(noise, plugins), "it"))
    assert "Nothing here speaks against the difference score" in told
    assert "The surface is not shown to bend" in told
    assert "satisfaction rises" not in told
    empty = run({"S": [None], "E": [None], "P": [None]}, plugins)
    assert tuple(METRIC.findings(empty, "it")) == ("Nobody answered.",)


def test_pictures(tmp_path: Path, plugins: Plugins) -> None:
    pytest.importorskip("vl_convert")
    results = satcore.run(study_file(tmp_path), plugins=plugins)
    metric = results.metrics[0].metric
    charts = list(metric.charts(results, "expected"))
    assert len(charts) == 3
    rows = {(r["item"], r["term"]): r for r in results.rows("expected") if not r["cell"]}
    squares = charts[0].spec["layer"][0]["data"]["values"]
    one = squares[37]
    e, p = (one["x"] + one["x2"]) / 2 - 3, (one["y"] + one["y2"]) / 2 - 3
    b = [rows["surface", f"b{place}"]["value"] for place in range(6)]
    level = b[0] + b[1] * e + b[2] * p + b[3] * e * e + b[4] * e * p + b[5] * p * p
    assert one["level"] == pytest.approx(level, abs=1e-3)
    for language in ("en", "zh"):
        for chart in metric.charts(results, "expected", language):
            assert b"<svg" in satcore.draw(chart)


def test_withheld_where_few_answer(plugins: Plugins) -> None:
    results = run(asked(8), plugins, suppress_below=10)
    assert all(row["value"] is None for row in results.rows("it"))
    assert tuple(METRIC.findings(results, "it")) == ()
    assert tuple(METRIC.charts(results, "it")) == ()
