"""Regression from covariances: references, laws, and matrices that are not regular."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

import satcore
from satcore import (
    Codebook,
    Estimate,
    FloatArray,
    Metric,
    Moments,
    MomentSums,
    Statistic,
    adjusted_r_squared,
    coefficient_errors,
    coefficients,
    collinear,
    lmg,
    pratt,
    r_squared,
    relative_weights,
    standardised_coefficients,
    variance_inflation,
)

SHARES = (lmg, relative_weights)


def answers(seed: int, rows: int, p: int, together: float = 0.6) -> FloatArray:
    """An outcome and p predictors that go together: (1+p, rows)."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(p, rows)) + together * rng.normal(size=rows)
    y = rng.uniform(-1, 1, size=p) @ x + rng.normal(size=rows)
    return np.vstack([y, x])


def cov_of(*columns: Any) -> FloatArray:
    return np.asarray(np.cov(np.vstack(columns)))


def of_subsets(cov: FloatArray) -> FloatArray:
    """LMG by its definition: what each predictor adds, over every order."""
    p = len(cov) - 1
    corr = cov / np.sqrt(np.outer(np.diag(cov), np.diag(cov)))

    def explained(subset: tuple[int, ...]) -> float:
        if not subset:
            return 0.0
        places = [one + 1 for one in subset]
        r = corr[places, 0]
        return float(r @ np.linalg.solve(corr[np.ix_(places, places)], r))

    found = np.zeros(p)
    for order in permutations(range(p)):
        for place, one in enumerate(order):
            found[one] += explained(order[: place + 1]) - explained(order[:place])
    return found / math.factorial(p)


def table(path: Path, outcome: str, predictors: list[str]) -> FloatArray:
    frame = pl.read_csv(path)
    # Only those who rated all of them, as the references do.
    return frame.select([outcome, *predictors]).drop_nulls().to_numpy().T.astype(np.float64)


@pytest.mark.parametrize(
    ("name", "file", "outcome"),
    [
        ("attitude", "attitude/attitude.csv", "rating"),
        ("cub_univer", "cub_univer/univer.csv", "global"),
        ("shapka03_first8_unweighted", "shapka/example_03.csv", "Overall Satisfaction"),
    ],
)
def test_references(name: str, file: str, outcome: str, shared: Path) -> None:
    wanted = json.loads((shared / "reference" / "drivers.json").read_text())[name]
    names = list(wanted["std_beta"])
    columns = [one.replace("Attribute.", "Attribute ") for one in names]
    cov = cov_of(table(shared / "data" / file, outcome, columns))

    def same(found: FloatArray, key: dict[str, float]) -> None:
        np.testing.assert_allclose(found, [key[one] for one in names], rtol=1e-9)

    same(coefficients(cov), wanted["coef"])
    same(coefficient_errors(cov, np.array(wanted["n"])), wanted["se"])
    same(standardised_coefficients(cov), wanted["std_beta"])
    same(variance_inflation(cov), wanted["vif"])
    same(relative_weights(cov), wanted["johnson_rw"])
    same(lmg(cov), wanted["relaimpo"]["lmg"])
    same(pratt(cov), wanted["pratt"])
    assert r_squared(cov) == pytest.approx(wanted["r2"], rel=1e-10)
    assert adjusted_r_squared(cov, np.array(wanted["n"])) == pytest.approx(
        wanted["adj_r2"], rel=1e-10
    )


def test_statsmodels_on_rows() -> None:
    data = answers(3, 80, 5)
    fit = sm.OLS(data[0], sm.add_constant(data[1:].T)).fit()
    cov = cov_of(data)
    np.testing.assert_allclose(coefficients(cov), fit.params[1:], rtol=1e-10)
    np.testing.assert_allclose(coefficient_errors(cov, np.array(80)), fit.bse[1:], rtol=1e-10)
    assert r_squared(cov) == pytest.approx(fit.rsquared, rel=1e-11)


@pytest.mark.parametrize("weighted", [False, True])
def test_robust_errors_of_statsmodels_on_rows(weighted: bool) -> None:
    rng = np.random.default_rng(7)
    x = rng.integers(1, 8, size=(3, 400))
    y = np.clip(np.round(x.mean(axis=0) + rng.normal(size=400) * x[0] / 3), 1, 7)
    w = rng.uniform(0.2, 3, 400) if weighted else np.ones(400)
    fit = sm.WLS(y, sm.add_constant(x.T), weights=w).fit(cov_type="HC0")
    seen: dict[str, FloatArray] = {}

    @frozen(kw_only=True)
    class Fit(Metric):
        """A regression."""

        def statistics(self, codebook: Codebook) -> dict[str, Statistic]:
            items = [codebook.item(name, "1..7") for name in ("y", "a", "b", "c")]
            return {"sums": Moments((*items[1:], items[0]), order=4)}

        def evaluate(self, sums: MomentSums) -> Iterator[Estimate]:
            among = (3, 0, 1, 2)
            seen["found"] = sums.coefficient_covariances(among)[0]
            seen["b"] = coefficients(sums.cov()[0][np.ix_(among, among)])
            yield sums.mean(0, term="mean")

    frame = pl.DataFrame({"y": y.astype(int), "a": x[0], "b": x[1], "c": x[2], "w": w})
    satcore.run(Fit(), frame, weight="w" if weighted else None)
    np.testing.assert_allclose(seen["b"], fit.params[1:], rtol=1e-10)
    wanted = fit.cov_params()[1:, 1:] * 400 / 399
    np.testing.assert_allclose(seen["found"], wanted, rtol=1e-8)


def test_lmg_is_the_mean_over_all_orders() -> None:
    cov = cov_of(answers(5, 40, 5))
    np.testing.assert_allclose(lmg(cov), of_subsets(cov), rtol=1e-11)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    p=st.integers(1, 7),
    together=st.floats(0, 2),
    order=st.randoms(use_true_random=False),
)
def test_shares_sum_to_r_squared_in_any_order(
    seed: int, p: int, together: float, order: Any
) -> None:
    cov = cov_of(answers(seed, 60, p, together))
    places = list(range(1, p + 1))
    order.shuffle(places)
    turned = cov[np.ix_([0, *places], [0, *places])]
    for share in (*SHARES, pratt):
        assert abs(share(cov).sum() - r_squared(cov)) < 1e-12
        np.testing.assert_allclose(share(turned), share(cov)[np.array(places) - 1], atol=1e-12)
    for share in SHARES:
        assert share(cov).min() > -1e-15


@given(seed=st.integers(0, 10_000), noise=st.sampled_from([0.0, 0.5]))
@settings(max_examples=20, deadline=None)
def test_equal_predictors_share_equally(seed: int, noise: float) -> None:
    y, x, z = answers(seed, 50, 2)
    rng = np.random.default_rng(seed)
    near = noise * rng.normal(size=50)
    cov = cov_of(y, x + near, z, x - near)
    # Made equal to the last digit: they differ by what chance gave them otherwise.
    cov[1, 1] = cov[3, 3] = (cov[1, 1] + cov[3, 3]) / 2
    for other in (0, 2):
        cov[other, 1] = cov[other, 3] = (cov[other, 1] + cov[other, 3]) / 2
        cov[1, other] = cov[3, other] = cov[other, 1]
    for share in SHARES:
        found = share(cov)
        assert abs(found[0] - found[2]) < 1e-12
        assert abs(found.sum() - r_squared(cov)) < 1e-12


def test_each_cell_as_if_alone() -> None:
    many = np.stack([cov_of(answers(seed, 30, 6)) for seed in range(5)]).reshape(5, 1, 7, 7)
    for f in (*SHARES, pratt, coefficients, standardised_coefficients, variance_inflation):
        assert f(many).shape == (5, 1, 6)
        np.testing.assert_array_equal(f(many)[3, 0], f(many[3, 0]))
    np.testing.assert_array_equal(r_squared(many)[3, 0], r_squared(many[3, 0]))


def test_a_sum_of_others_has_no_coefficient_and_the_rest_is_told() -> None:
    y, a, b, c = answers(11, 60, 3)
    cov = cov_of(y, a, b, c, a + b)
    assert collinear(cov).tolist() == [True, True, False, True]
    plain = cov_of(y, a, b, c)
    for f in (coefficients, pratt, standardised_coefficients):
        assert np.isnan(f(cov)).tolist() == [True, True, False, True]
        assert f(cov)[2] == pytest.approx(f(plain)[2], rel=1e-9)
    assert np.isinf(variance_inflation(cov)).tolist() == [True, True, False, True]
    assert r_squared(cov) == pytest.approx(r_squared(plain), rel=1e-12)
    for share in SHARES:
        assert abs(share(cov).sum() - r_squared(cov)) < 1e-12
    error = coefficient_errors(cov, np.array(60))
    assert error[2] == pytest.approx(coefficient_errors(plain, np.array(60))[2], rel=1e-9)


def test_a_constant_predictor_takes_no_part() -> None:
    y, a, b = answers(12, 60, 2)
    cov, plain = cov_of(y, a, np.ones(60), b), cov_of(y, a, b)
    for f in (*SHARES, pratt, coefficients, variance_inflation):
        found = f(cov)
        assert np.isnan(found).tolist() == [False, True, False]
        np.testing.assert_allclose(found[[0, 2]], f(plain), rtol=1e-12)
    assert not collinear(cov).any()


def test_nothing_to_explain_and_nothing_possible() -> None:
    flat = cov_of(np.ones(20), *answers(1, 20, 2)[1:])
    impossible = np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]])
    unknown = np.full((3, 3), np.nan)
    for f in (*SHARES, pratt, coefficients, standardised_coefficients, r_squared):
        for cov in (flat, impossible, unknown):
            assert np.isnan(f(cov)).all()
        # A bad cell leaves its neighbours as they are.
        good = cov_of(answers(2, 20, 2))
        assert np.isfinite(f(np.stack([good, unknown, impossible]))[0]).all()


def test_more_predictors_than_respondents_explain_all_and_have_no_errors() -> None:
    cov = cov_of(answers(9, 5, 6))
    assert r_squared(cov) == pytest.approx(1.0, abs=1e-9)
    assert np.isnan(coefficient_errors(cov, np.array(5))).all()
    assert np.isnan(adjusted_r_squared(cov, np.array(5)))


def test_lmg_of_too_many_is_refused_with_its_price() -> None:
    with pytest.raises(ValueError, match="2\\*\\*21 subsets"):
        lmg(np.eye(22))
    assert lmg(np.eye(21)).shape == (20,)
