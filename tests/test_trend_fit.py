"""The numbers of trends: against references, against other tools, and their laws."""

from __future__ import annotations

import csv
import datetime as dt
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from satcore import OptionError
from satcore_trend.autoregressive import autoregression, powers
from satcore_trend.breaks import change_point, chow, cusum, largest_f
from satcore_trend.calendar_times import read_times
from satcore_trend.designs import Design, cycles_covered, season_places
from satcore_trend.diagnostics import (
    breusch_godfrey,
    breusch_pagan,
    dispersion,
    durbin_watson,
    influence,
)
from satcore_trend.fitting import SeriesError, fit
from satcore_trend.forecasting import back_test, forecast, too_short
from satcore_trend.least_squares import exact_least_squares, least_squares
from satcore_trend.ranks import rank_trend
from satcore_trend.regression import ERRORS, regress
from satcore_trend.robust import default_lag, hac_covariance, hc_covariance
from satcore_trend.seasons import decompose
from satcore_trend.spacing import spacing


def column(path: Path, name: str) -> Any:
    with path.open(encoding="utf-8-sig") as file:
        return np.array([float(row[name]) for row in csv.DictReader(file)])


def values_of(table: dict[str, float]) -> Any:
    return np.array(list(table.values()))


def simulated(seed: int, series: int, waves: int, rho: float = 0.4) -> Any:
    generator = np.random.Generator(np.random.PCG64(seed))
    noise = generator.standard_normal((series, waves))
    for wave in range(1, waves):
        noise[:, wave] = rho * noise[:, wave - 1] + np.sqrt(1 - rho**2) * noise[:, wave]
    return noise


# NIST


@pytest.mark.parametrize(("name", "degree"), [("norris", 1), ("pontius", 2)])
def test_nist_to_the_digits_certified(shared: Path, reference: Any, name: str, degree: int) -> None:
    path, certified = shared / "data" / "nist" / f"{name}.csv", reference("trend")["nist"][name]
    found = fit(column(path, "x"), column(path, "y"), degree=degree)
    np.testing.assert_allclose(found.coefficients, certified["coef"], rtol=1e-13)
    np.testing.assert_allclose(found.std_errors, certified["se"], rtol=1e-13)
    assert found.sigma == pytest.approx(certified["rsd"], rel=1e-13)
    assert found.r_squared == pytest.approx(certified["r2"], rel=1e-14)


def test_wampler5_and_filip(shared: Path) -> None:
    # Certified by NIST's Statistical Reference Datasets. Filip's ten powers are so near to each
    # other that reading its decimals into doubles alone costs half the digits.
    folder = shared / "data" / "nist"
    found = fit(
        column(folder / "wampler5.csv", "x"), column(folder / "wampler5.csv", "y"), degree=5
    )
    np.testing.assert_allclose(found.coefficients, 1.0, rtol=1e-13)
    assert found.std_errors[0] == pytest.approx(21523262.4678170, rel=1e-13)
    assert found.sigma == pytest.approx(23601450.2379268, rel=1e-13)
    filip = fit(column(folder / "filip.csv", "x1"), column(folder / "filip.csv", "y"), degree=10)
    assert filip.coefficients[0] == pytest.approx(-1467.48961422980, rel=1e-7)
    assert filip.coefficients[10] == pytest.approx(-0.402962525080404e-4, rel=1e-7)
    assert filip.std_errors[0] == pytest.approx(298.084530995537, rel=1e-7)
    assert filip.sigma == pytest.approx(0.334801051324544e-2, rel=1e-9)


# Sicily: an interrupted series


@pytest.fixture
def sicily(shared: Path) -> Any:
    path = shared / "data" / "sicily_its" / "sicily.csv"
    names = ("time", "aces", "stdpop", "smokban")
    return {name: column(path, name) for name in names}


def sicily_columns(sicily: Any) -> Any:
    time, ban = sicily["time"], sicily["smokban"]
    return np.stack([np.ones_like(time), time, ban, ban * (time - 36)], axis=1)


def test_sicily_least_squares_and_its_robust_errors(sicily: Any, reference: Any) -> None:
    known = reference("trend")["sicily"]["ols_its_level_slope"]
    rate = sicily["aces"] / sicily["stdpop"] * 1e5
    columns = sicily_columns(sicily)
    found = least_squares(rate[None], columns)
    np.testing.assert_allclose(found.coefficients[0], values_of(known["coef"]), rtol=1e-11)
    form = found.basis
    covariances = {
        "se": found.covariance,
        "NW_lag3_noadj": hac_covariance(form, 3),
        "NW_lag3_adj": hac_covariance(form, 3, correction=True),
        "NW_lag12_noadj": hac_covariance(form, 12),
        "HC0": hc_covariance(form, "hc0"),
        "HC1": hc_covariance(form, "hc1"),
        "HC3": hc_covariance(form, "hc3"),
    }
    for name, covariance in covariances.items():
        errors = np.sqrt(np.diag(covariance[0]))
        np.testing.assert_allclose(errors, values_of(known[name]), rtol=1e-11, err_msg=name)
    assert durbin_watson(found.residuals)[0] == pytest.approx(known["dw"], rel=1e-12)
    for order in (1, 12):
        test, expected = breusch_godfrey(form, order), known[f"bg_order{order}"]
        assert test.statistic[0] == pytest.approx(expected["LM"], rel=1e-10)
        assert test.p[0] == pytest.approx(expected["p"], rel=1e-10)
    test = breusch_pagan(form, columns)
    assert test.statistic[0] == pytest.approx(known["bp"]["stat"], rel=1e-10)
    assert test.p[0] == pytest.approx(known["bp"]["p"], rel=1e-10)


def test_sicily_by_the_intervention_of_fit(sicily: Any, reference: Any) -> None:
    # The reference counts the new slope from one month before the ban, so that its level change is
    # ours less one month of the slope's.
    known = reference("trend")["sicily"]["ols_its_level_slope"]
    rate = sicily["aces"] / sicily["stdpop"] * 1e5
    found = fit(sicily["time"], rate, intervention=37, errors="hac", lag=3)
    assert found.names == ("intercept", "time", "level_change", "slope_change")
    assert "lag 3, bartlett kernel, no small-sample correction" in found.method
    contrast = np.array([0.0, 0.0, 1.0, -1.0])
    assert contrast @ found.coefficients == pytest.approx(known["coef"]["smokban"], rel=1e-11)
    error = np.sqrt(contrast @ found.covariance @ contrast)
    assert error == pytest.approx(known["NW_lag3_noadj"]["smokban"], rel=1e-11)
    assert found.std_errors[3] == pytest.approx(known["NW_lag3_noadj"]["tpost"], rel=1e-11)
    assert found.durbin_watson == pytest.approx(known["dw"], rel=1e-12)
    expected = known["bg_order12"]["LM"]
    assert found.breusch_godfrey(12).statistic[0] == pytest.approx(expected, rel=1e-10)


# Nottem: a season


def nottem(shared: Path) -> Any:
    return column(shared / "data" / "r_series" / "nottem.csv", "value")


def test_nottem_trend_with_months(shared: Path, reference: Any) -> None:
    known, values = reference("trend")["nottem"], nottem(shared)
    times = np.arange(1, 241)
    found = fit(times - 1, values, season="dummies", cycle=12, origin=-1)
    names = ("intercept", "time", "season_2")
    places = [found.names.index(name) for name in names]
    expected = known["lm_trend_month"]
    np.testing.assert_allclose(found.coefficients[places], values_of(expected["coef"]), rtol=1e-11)
    np.testing.assert_allclose(found.std_errors[places], values_of(expected["se"]), rtol=1e-11)
    robust = fit(times - 1, values, season="dummies", cycle=12, errors="hac", lag=12)
    assert robust.std_errors[1] == pytest.approx(known["trend_NW_lag12_noadj"], rel=1e-11)


def test_nottem_by_dates_is_the_same_a_year(shared: Path, reference: Any) -> None:
    expected = reference("trend")["nottem"]["lm_trend_month"]
    months = [f"{1920 + place // 12}-{place % 12 + 1:02}" for place in range(240)]
    found = fit(months, nottem(shared), season="dummies")
    assert (found.unit, len(found.names)) == ("year", 13)
    assert found.coefficient("time") == pytest.approx(12 * expected["coef"]["t"], rel=1e-10)
    assert found.coefficient("season_2") == pytest.approx(expected["coef"]["m2"], rel=1e-10)


def test_nottem_seasonal_decomposition_equals_that_of_r(shared: Path, reference: Any) -> None:
    known, values = reference("trend")["nottem"], nottem(shared)
    found = decompose(values, 12)
    np.testing.assert_allclose(found.seasonal[:12], known["stl_periodic_seasonal12"], rtol=1e-11)
    np.testing.assert_allclose(found.trend[-3:], known["stl_trend_last"], rtol=1e-11)
    for place, row in enumerate(known["stl_periodic_first6"]):
        assert found.remainder[place] == pytest.approx(row["remainder"], abs=1e-11)
    np.testing.assert_allclose(found.trend + found.seasonal + found.remainder, values, rtol=1e-14)


def test_seasonal_decomposition_says_what_it_needs() -> None:
    with pytest.raises(ValueError, match="less than two cycles"):
        decompose(np.arange(20.0), 12)
    with pytest.raises(ValueError, match="1 of 30 waves are missing"):
        decompose(np.array([np.nan, *range(29)]), 12)
    with pytest.raises(ValueError, match="has no season"):
        decompose(np.arange(20.0), 1)


# Nile: a change of level


def test_nile_changes_at_1898(shared: Path, reference: Any) -> None:
    known = reference("trend")["nile"]
    path = shared / "data" / "r_series" / "nile.csv"
    years, flow = column(path, "year"), column(path, "flow")
    level = np.ones((100, 1))
    found = change_point(years, flow, level)
    assert found is not None
    assert (found.before + 1, found.time) == (known["breakpoint_index"], known["year"])
    assert found.sup_f == pytest.approx(known["supF"]["stat"], rel=1e-12)
    assert found.p == 1e-4  # the least that 9,999 simulated series can show
    test = chow(years, flow[None], 1899, level)
    assert test.f[0] == pytest.approx(known["chow_1898"]["F"], rel=1e-12)
    # R's 1 - pf() has lost its digits there: it is 670 times 2^-53.
    assert test.p[0] == pytest.approx(stats.f.sf(known["chow_1898"]["F"], 1, 98), rel=1e-9)
    assert test.p[0] == pytest.approx(known["chow_1898"]["p"], abs=2**-53)
    sums = cusum(flow[None], level)
    assert sums.statistic[0] == pytest.approx(known["cusum"]["stat"], rel=1e-12)
    assert sums.p[0] == pytest.approx(known["cusum"]["p"], rel=1e-9)


def test_change_points_of_noise_are_as_frequent_as_they_say() -> None:
    noise = simulated(3, 400, 30, rho=0.0)
    times = np.arange(30.0)
    columns = np.stack([np.ones(30), times], axis=1)
    null = largest_f(simulated(4, 2000, 30, rho=0.0), columns)
    found = largest_f(noise, columns)
    assert null is not None
    assert found is not None
    critical = np.quantile(null[0], 0.95)
    assert 0.02 <= float((found[0] > critical).mean()) <= 0.08


def test_a_change_of_slope_is_found_beside_unequal_errors() -> None:
    times = np.arange(40.0)
    sizes = np.where(times % 2 == 0, 0.2, 2.0)
    values = np.where(times > 24, 3.0 + 0.5 * (times - 24), 3.0) + sizes * simulated(8, 1, 40, 0)[0]
    columns = np.stack([np.ones(40), times], axis=1)
    found = change_point(times, values, columns, sizes, simulations=199)
    assert found is not None
    assert abs(found.time - 24) <= 2
    assert found.p == pytest.approx(1 / 200)


def test_change_points_need_waves_that_vary() -> None:
    level = np.ones((30, 1))
    assert change_point(np.arange(30.0), np.full(30, 7.0), level) is None
    assert change_point(np.arange(2.0), np.array([1.0, 2.0]), level[:2]) is None


# Autocorrelated errors


def dense_reml(times: Any, values: Any, columns: Any, sizes: Any) -> tuple[float, Any, float]:
    """rho, coefficients and sigma by restricted likelihood, written out with whole matrices."""
    apart = np.abs(times[:, None] - times[None, :])
    whole = np.rint(apart)

    def pieces(rho: float) -> Any:
        sign = np.where((rho < 0) & (whole % 2 == 1), -1.0, 1.0)
        covariance = np.outer(sizes, sizes) * sign * np.abs(rho) ** apart
        inverse = np.linalg.inv(covariance)
        information = columns.T @ inverse @ columns
        best = np.linalg.solve(information, columns.T @ inverse @ values)
        rest = values - columns @ best
        variance = rest @ inverse @ rest / (values.size - columns.shape[1])
        logs = [np.linalg.slogdet(matrix)[1] for matrix in (covariance, information)]
        degrees = values.size - columns.shape[1]
        return degrees * np.log(variance) + sum(logs), best, variance

    looks = np.linspace(-0.95, 0.95, 39)
    start = looks[np.argmin([pieces(rho)[0] for rho in looks])]
    found = optimize.minimize_scalar(
        lambda rho: pieces(rho)[0], bounds=(start - 0.05, start + 0.05), method="bounded",
        options={"xatol": 1e-10},
    )  # fmt: skip
    _, best, variance = pieces(found.x)
    return float(found.x), best, float(np.sqrt(variance))


@pytest.mark.parametrize("rho", [-0.4, 0.0, 0.6])
@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("unequal", [False, True])
def test_autoregression_is_restricted_maximum_likelihood(
    rho: float, gaps: bool, unequal: bool
) -> None:
    times = np.arange(30.0)
    generator = np.random.Generator(np.random.PCG64(5))
    sizes = np.exp(0.4 * generator.standard_normal(30)) if unequal else np.ones(30)
    values = 20 + 0.3 * times + sizes * simulated(11, 1, 30, rho)[0]
    if gaps:
        values[[3, 4, 11, 20]] = np.nan
    columns = np.stack([np.ones(30), times], axis=1)
    found = autoregression(times, values[None], columns, sizes[None] if unequal else None)
    kept = np.isfinite(values)
    expected = dense_reml(times[kept], values[kept], columns[kept], sizes[kept])
    assert found.rho[0] == pytest.approx(expected[0], abs=2e-6)
    np.testing.assert_allclose(found.coefficients[0], expected[1], rtol=1e-5)
    assert found.sigma[0] == pytest.approx(expected[2], rel=1e-5)


def test_autoregressive_covariance_is_the_average_over_rho() -> None:
    """The same average by brute force: whole matrices and a fine grid."""
    times, values = np.arange(24.0), 5 + simulated(2, 1, 24, 0.3)[0]
    columns = np.stack([np.ones(24), times - 11.5], axis=1)
    found = autoregression(times, values[None], columns)
    apart = np.abs(times[:, None] - times[None, :])
    reach = 8 / np.sqrt(22)
    rhos = np.tanh(np.arctanh(found.rho[0]) + np.linspace(-reach, reach, 701))
    parts = []
    for rho in rhos:
        correlation = np.where((rho < 0) & (apart % 2 == 1), -1, 1) * np.abs(rho) ** apart
        inverse = np.linalg.inv(correlation)
        information = columns.T @ inverse @ columns
        best = np.linalg.solve(information, columns.T @ inverse @ values)
        rest = values - columns @ best
        variance = rest @ inverse @ rest / 22
        height = -0.5 * (
            22 * np.log(variance)
            + np.linalg.slogdet(correlation)[1]
            + np.linalg.slogdet(information)[1]
        )
        moved = (best - found.coefficients[0])[1] ** 2
        parts.append((height, variance * np.linalg.inv(information)[1, 1] + moved))
    heights, variances = np.array(parts).T
    # The root of 1 - rho², and 1 - rho² for the step from atanh(rho) to rho.
    weights = np.exp(heights - heights.max()) * (1 - rhos**2) ** 1.5
    expected = (weights * variances).sum() / weights.sum()
    assert found.covariance[0, 1, 1] == pytest.approx(expected, rel=1e-3)


def test_powers_of_a_negative_rho() -> None:
    rho = np.array([-0.5])
    assert powers(rho, 1)[0] == -0.5
    assert powers(rho, 2)[0] == 0.25
    assert powers(rho, 3)[0] == -0.125
    assert powers(np.array([0.25]), 0.5)[0] == 0.5


def test_spacing_finds_the_step() -> None:
    months = np.array([dt.date(2024, month, 1).toordinal() for month in range(1, 13)], float)
    assert spacing(months).regular
    np.testing.assert_array_equal(spacing(months).lengths, 1)
    np.testing.assert_array_equal(spacing(np.delete(months, [4, 5])).lengths[3:5], [3, 1])
    assert spacing(np.array([0.0, 2, 4, 10])).step == 2
    uneven = spacing(np.array([0.0, 1, 2.4, 3.4, 4.9]))
    assert (uneven.regular, uneven.step) == (False, pytest.approx(1.2))
    with pytest.raises(ValueError, match="average them"):
        spacing(np.array([1.0, 1.0]))


@given(seed=st.integers(0, 10_000), waves=st.integers(3, 16), errors=st.sampled_from(ERRORS))
@settings(max_examples=40, deadline=None)
def test_many_series_together_equal_each_alone(seed: int, waves: int, errors: str) -> None:
    generator = np.random.Generator(np.random.PCG64(seed))
    values = 50 + generator.normal(0, 3, (4, waves))
    values[generator.random((4, waves)) < 0.2] = np.nan
    sizes = np.exp(generator.normal(0, 0.4, (4, waves))) if seed % 2 else None
    times = np.cumsum(generator.uniform(0.5, 1.5, waves)) if seed % 3 else np.arange(waves) * 1.0
    together = regress(times, values, sizes, errors=errors)
    ahead = forecast(together, times[-1] + np.array([1.0, 2.0]), least=3)
    for one in range(4):
        own = None if sizes is None else sizes[one : one + 1]
        alone = regress(times, values[one : one + 1], own, errors=errors)
        for name in ("coefficients", "std_errors", "sigma", "r_squared", "rho"):
            np.testing.assert_allclose(
                getattr(alone, name)[0], getattr(together, name)[one], rtol=1e-7, atol=1e-9,
                err_msg=name,
            )  # fmt: skip
        there = forecast(alone, times[-1] + np.array([1.0, 2.0]), least=3)
        np.testing.assert_allclose(there.std_error[0], ahead.std_error[one], rtol=1e-7)


@given(
    seed=st.integers(0, 10_000),
    factor=st.sampled_from([0.01, 3.0, 1000.0]),
    shift=st.sampled_from([-7.0, 0.0, 2000.0]),
    errors=st.sampled_from(["ar1", "iid", "hac", "hc3"]),
)
@settings(max_examples=25, deadline=None)
def test_slopes_follow_the_units(seed: int, factor: float, shift: float, errors: str) -> None:
    values, times = 5 + simulated(seed, 2, 12), np.arange(12.0)
    plain = regress(times, values, errors=errors)
    design = Design(origin=shift)
    moved = regress(factor * times + shift, 10 - 2 * values, errors=errors, design=design)
    np.testing.assert_allclose(moved.coefficients[:, 1], -2 * plain.coefficients[:, 1] / factor,
                               rtol=1e-6, atol=1e-9 / factor)  # fmt: skip
    np.testing.assert_allclose(
        moved.std_errors[:, 1], 2 * plain.std_errors[:, 1] / factor, rtol=1e-6
    )


@pytest.mark.parametrize("errors", ["ar1", "iid", "hac", "hc3"])
def test_standard_errors_that_are_all_alike_change_nothing(errors: str) -> None:
    values, times = simulated(7, 3, 20), np.arange(20.0)
    plain = regress(times, values, errors=errors)
    same = regress(times, values, np.full((3, 20), 4.0), errors=errors)
    np.testing.assert_allclose(same.coefficients, plain.coefficients, rtol=1e-8)
    np.testing.assert_allclose(same.std_errors, plain.std_errors, rtol=1e-8)
    np.testing.assert_allclose(4 * same.sigma, plain.sigma, rtol=1e-8)
    ahead = np.array([20.0, 23.0])
    expected = forecast(plain, ahead)
    found = forecast(same, ahead)
    np.testing.assert_allclose(found.mean, expected.mean, rtol=1e-8)
    np.testing.assert_allclose(found.std_error, expected.std_error, rtol=1e-8)


# Against statsmodels and scipy


@pytest.mark.parametrize("weighted", [False, True])
def test_least_squares_and_robust_errors_equal_statsmodels(weighted: bool) -> None:
    import statsmodels.api as sm

    times, values = np.arange(25.0), 3 + simulated(1, 1, 25)[0]
    sizes = np.exp(0.3 * simulated(2, 1, 25, 0)[0]) if weighted else np.ones(25)
    columns = np.stack([np.ones(25), times, times**2], axis=1)
    known = sm.WLS(values, columns, weights=1 / sizes**2).fit()
    own = sizes[None] if weighted else None
    design = Design(degree=2)
    for errors, kind, options in (
        ("iid", "nonrobust", {}),
        ("hc0", "HC0", {}),
        ("hc1", "HC1", {}),
        ("hc2", "HC2", {}),
        ("hc3", "HC3", {}),
        ("hac", "HAC", {"maxlags": 2, "use_correction": False}),
    ):
        found = regress(times, values[None], own, design=design, errors=errors)
        expected = known.get_robustcov_results(kind, **options) if options else known
        wanted = expected.bse if kind in ("nonrobust", "HAC") else getattr(known, f"{kind}_se")
        np.testing.assert_allclose(found.coefficients[0], known.params, rtol=1e-9)
        np.testing.assert_allclose(found.std_errors[0], wanted, rtol=1e-8, err_msg=kind)
    assert found.r_squared[0] == pytest.approx(known.rsquared, rel=1e-10)
    uniform = hac_covariance(found.least_squares.basis, 2, "uniform", correction=True)
    expected = known.get_robustcov_results(
        "HAC", maxlags=2, use_correction=True, kernel=sm.stats.sandwich_covariance.weights_uniform
    )
    np.testing.assert_allclose(uniform[0], expected.cov_params(), rtol=1e-7)


def test_influence_equals_fits_without_the_wave() -> None:
    times, values = np.arange(15.0), simulated(5, 2, 15)
    sizes = np.exp(0.3 * simulated(6, 2, 15, 0))
    found = influence(regress(times, values, sizes, errors="iid").least_squares.basis)
    for wave in range(15):
        dropped = values.copy()
        dropped[:, wave] = np.nan
        expected = regress(times, dropped, sizes, errors="iid").coefficients
        np.testing.assert_allclose(found.without[:, wave], expected, rtol=1e-9)


def test_cooks_distance_equals_statsmodels() -> None:
    import statsmodels.api as sm

    times, values = np.arange(15.0), simulated(5, 1, 15)
    found = influence(regress(times, values, errors="iid").least_squares.basis)
    known = sm.OLS(values[0], np.stack([np.ones(15), times], axis=1)).fit()
    expected = known.get_influence().cooks_distance[0]
    np.testing.assert_allclose(found.cook[0], expected, rtol=1e-9)
    assert found.place[0] == np.argmax(expected)


def test_dispersion_is_pearsons() -> None:
    values, fitted = np.array([[1.0, 2, 4, np.nan]]), np.array([[1.5, 2, 3, np.nan]])
    found = dispersion(values, fitted, np.full((1, 4), 0.5), np.array([1]))
    assert found[0] == pytest.approx(0.25 / 0.5 + 1 / 0.5)
    assert np.isnan(dispersion(values, fitted, np.full((1, 4), 0.5), np.array([0])))[0]


@given(
    seed=st.integers(0, 10_000), waves=st.integers(4, 25), digits=st.integers(0, 2),
    missing=st.booleans(),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_ranks_equal_scipy(seed: int, waves: int, digits: int, missing: bool) -> None:
    generator = np.random.Generator(np.random.PCG64(seed))
    times = np.cumsum(generator.uniform(0.2, 2.0, waves))
    values = np.round(generator.normal(0, 1, (2, waves)), digits)
    if missing:
        values[0, int(generator.integers(waves))] = np.nan
    found = rank_trend(times, values)
    for one in range(2):
        kept = np.isfinite(values[one])
        own, when = values[one][kept], times[kept]
        if np.unique(own).size == 1:
            assert found.score[one] == 0
            continue
        assert found.tau[one] == pytest.approx(stats.kendalltau(when, own).statistic, abs=1e-12)
        slopes = stats.theilslopes(own, when, 0.95)
        assert found.slope[one] == pytest.approx(slopes[0], abs=1e-12)
        if np.isfinite(found.low[one]):
            assert found.low[one] == pytest.approx(slopes[2], abs=1e-12)
            assert found.high[one] == pytest.approx(slopes[3], abs=1e-12)


def test_mann_kendall_by_hand() -> None:
    # Values 1 2 2 3 5: no pair falls, one is tied: S = 9; var = (5*4*15 - 2*1*9)/18.
    found = rank_trend(np.arange(5.0), np.array([[1.0, 2, 2, 3, 5]]))
    assert found.score[0] == 9
    assert found.variance[0] == pytest.approx((300 - 18) / 18)
    assert found.z[0] == pytest.approx(8 / np.sqrt(282 / 18))
    assert found.p[0] == pytest.approx(2 * stats.norm.sf(8 / np.sqrt(282 / 18)))
    assert (found.low[0], found.high[0]) == (0.0, 2.0)
    short = rank_trend(np.arange(4.0), np.array([[1.0, 2, 3, 5]]))
    assert short.slope[0] == pytest.approx(7 / 6)
    assert np.isnan(short.low[0])  # four waves have no slope whose rank bounds 95%


def test_ranks_of_two_identical_times_count_no_pair() -> None:
    found = rank_trend(np.array([0.0, 0, 1, 2]), np.array([[5.0, 1, 6, 7]]))
    assert found.score[0] == 5
    assert found.tau[0] == pytest.approx(stats.kendalltau([0, 0, 1, 2], [5, 1, 6, 7]).statistic)


# Exact arithmetic


@given(
    x=st.lists(st.integers(-20, 20), min_size=4, max_size=8, unique=True),
    b=st.tuples(st.integers(-9, 9), st.integers(-9, 9), st.integers(-9, 9)),
)
@settings(max_examples=25, deadline=None)
def test_exact_least_squares_gives_back_a_polynomial(x: list[int], b: tuple[int, int, int]) -> None:
    columns = [[Fraction(one) ** power for one in x] for power in range(3)]
    values = [b[0] + b[1] * Fraction(one) + b[2] * Fraction(one) ** 2 for one in x]
    found = exact_least_squares(
        values, columns, [Fraction(1 + place, 3) for place in range(len(x))]
    )
    assert found.coefficients.tolist() == list(b)
    assert found.squares == 0


def test_exact_least_squares_refuses_columns_that_depend() -> None:
    one = [Fraction(1)] * 3
    with pytest.raises(ValueError, match="can't be told apart"):
        exact_least_squares(one, [one, one])


# Forecasts


def test_forecast_of_independent_errors_equals_statsmodels() -> None:
    import statsmodels.api as sm

    times, values = np.arange(20.0), 4 + simulated(3, 1, 20, 0)[0]
    found = forecast(regress(times, values[None], errors="iid"), np.array([20.0, 24.0]))
    low, high = found.bounds(0.9)
    columns = np.stack([np.ones(22), np.array([*times, 20, 24])], axis=1)
    known = sm.OLS(values, columns[:20]).fit().get_prediction(columns[20:]).summary_frame(alpha=0.1)
    np.testing.assert_allclose(found.mean[0], known["mean"], rtol=1e-10)
    np.testing.assert_allclose(low[0], known["obs_ci_lower"], rtol=1e-9)
    np.testing.assert_allclose(high[0], known["obs_ci_upper"], rtol=1e-9)


def test_autoregressive_forecast_starts_from_the_last_residual() -> None:
    # Best linear unbiased prediction (Goldberger 1962) at the estimated rho.
    times, values = np.arange(40.0), simulated(9, 1, 40, 0.7)
    values[0, 37] = np.nan
    fitted = regress(times, values)
    found = forecast(fitted, np.array([40.0, 42.0, 400.0]))
    line, _ = fitted.line(np.array([40.0, 42.0, 400.0]))
    residual, rho = fitted.residuals[0, -1], fitted.rho[0]
    expected = line[0] + residual * rho ** np.array([1.0, 3.0, 361.0])
    np.testing.assert_allclose(found.mean[0], expected, rtol=1e-10)
    assert found.std_error[0, 0] < found.std_error[0, 1] < found.std_error[0, 2]


def test_forecasts_below_eight_waves_are_refused() -> None:
    found = forecast(regress(np.arange(7.0), simulated(1, 1, 7)), np.array([8.0]))
    assert np.isnan(found.mean).all()
    assert "7 waves are too few for a forecast, which needs 8" in too_short(7)
    assert too_short(1).startswith("one wave is too few")
    assert too_short(8) == ""


def test_a_forecast_of_a_series_that_never_moves_has_no_interval() -> None:
    values = np.stack([np.full(12, 5.0), simulated(1, 1, 12)[0]])
    found = forecast(regress(np.arange(12.0), values), np.array([12.0]))
    assert np.isnan(found.std_error[0]).all()
    assert np.isfinite(found.std_error[1]).all()


def test_back_test_against_naive_forecasts() -> None:
    times = np.arange(48.0)
    season = 5 * np.sin(2 * np.pi * times / 12)
    values = np.stack([times + season, 3 * times, np.full(48, np.nan)])
    values = values + 0.1 * simulated(4, 3, 48, 0)
    design = Design(season="harmonics", cycle=12.0, harmonics=1)
    found = back_test(times, values, design=design, cycle=12.0)
    assert found.forecasts.tolist() == [24, 24, 0]
    assert (found.ratio_last[:2] < 0.2).all()
    assert found.error_cycle[0] == pytest.approx(12, abs=0.2)
    assert found.error_last[1] == pytest.approx(3, abs=0.1)
    assert np.isnan(found.error[2])
    short = back_test(np.arange(7.0), simulated(4, 1, 7))
    assert short.forecasts[0] == 0
    assert np.isnan(short.ratio_last[0])


# Designs


def test_designs_name_their_columns() -> None:
    design = Design(degree=2, season="dummies", cycle=1.0, seasons=4, intervention=2021.0)
    assert design.names == (
        "intercept", "time", "time^2", "season_2", "season_3", "season_4",
        "level_change", "slope_change",
    )  # fmt: skip
    rows = design.columns(np.array([2020.0, 2020.25, 2021.0, 2021.5]))
    assert rows.shape == (4, 8)
    assert rows[:, 3].tolist() == [0, 1, 0, 0]
    assert rows[:, 5].tolist() == [0, 0, 0, 0]
    assert rows[:, 6].tolist() == [0, 0, 1, 1]
    assert rows[:, 7].tolist() == [0, 0, 0, 0.5]


def test_harmonics_repeat_after_a_cycle() -> None:
    design = Design(season="harmonics", cycle=12.0, harmonics=2)
    rows = design.columns(np.arange(36.0))
    np.testing.assert_allclose(rows[:12, 2:], rows[12:24, 2:], atol=1e-12)
    assert design.names[2:] == ("sin_1", "cos_1", "sin_2", "cos_2")


def test_seasons_of_times() -> None:
    months = 2019 + np.arange(24) / 12
    np.testing.assert_array_equal(season_places(months, 1.0, 12), np.arange(24) % 12)
    assert cycles_covered(months, 1.0) == 2
    assert cycles_covered(months[:23], 1.0) < 2
    assert cycles_covered(months[:1], 1.0) == 0


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"degree": -1}, "degree"),
        ({"season": "weeks"}, "season"),
        ({"season": "dummies"}, "cycle"),
        ({"season": "dummies", "cycle": 1.0}, "seasons"),
        ({"season": "harmonics", "cycle": 1.0, "harmonics": 0}, "harmonics"),
    ],
)
def test_designs_refuse_options(options: Any, option: str) -> None:
    with pytest.raises(OptionError) as error:
        Design(**options)
    assert error.value.option == option


# fit(): times


def test_times_of_the_calendar() -> None:
    days = [dt.date(2020, 1, 1), dt.date(2021, 1, 1)]
    expected = 366 / 365.2425
    texts = [day.isoformat() for day in days]
    for written in (
        days,
        texts,
        np.array(texts, dtype="datetime64[D]"),
        [*map(np.datetime64, texts)],
    ):
        assert np.diff(read_times(written).values)[0] == pytest.approx(expected, rel=1e-12)
    assert read_times(["2024-03", "2024-04"]).values.tolist() == [2024 + 2 / 12, 2024 + 3 / 12]
    assert read_times(["2024-Q1", "2024-Q2"]).values.tolist() == [2024.0, 2024.25]
    assert read_times(np.array(["2024-03"], "datetime64[M]")).values[0] == 2024 + 2 / 12
    noon = read_times(["2024-01-01T12:00", "2024-01-02T00:00+00:00"]).values
    assert np.diff(noon)[0] == pytest.approx(0.5 / 365.2425, rel=1e-6)
    shown = read_times(texts).shown()
    assert shown(float(read_times(texts).values[1])) == "2021-01-01"
    assert read_times(["2024-12"]).shown()(2024 + 11 / 12) == "2024-12"
    assert read_times(["2024-Q4"]).shown()(2024.75) == "2024-Q4"


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (["2024-13"], "no time; give"),
        ([object()], "no time; give"),
        ([dt.date(2020, 1, 1), "2020-Q2"], "mixes dates and quarters"),
        ([1.0, float("nan")], "no number at place 2 of 2"),
        (np.array(["2020-01-01", "NaT"], "datetime64[D]"), "no date at place 2"),
    ],
)
def test_times_that_cannot_be_read(x: Any, message: str) -> None:
    with pytest.raises(SeriesError, match=message):
        fit(x, [1.0] * len(x))


def test_unsorted_points_are_put_in_order_and_it_is_said() -> None:
    generator = np.random.Generator(np.random.PCG64(1))
    order = generator.permutation(12)
    times, values = np.arange(12.0), simulated(3, 1, 12)[0]
    sizes = 1 + np.arange(12) / 10
    plain = fit(times, values, sizes, errors="ar1")
    mixed = fit(times[order], values[order], sizes[order], errors="ar1")
    np.testing.assert_array_equal(mixed.coefficients, plain.coefficients)
    np.testing.assert_array_equal(mixed.times, plain.times)
    assert "put in order" in mixed.notes[0]
    assert not any("order" in note for note in plain.notes)


def test_missing_values_are_gaps() -> None:
    values: list[float | None] = list(simulated(3, 1, 12)[0])
    values[5] = None
    found = fit(range(12), values, errors="ar1")
    assert "1 value is missing and kept as gaps" in found.notes
    assert found.df == 9
    assert np.isnan(found.fitted[5])


def test_short_series_say_so() -> None:
    values = simulated(3, 1, 30)[0]
    assert any("10 points are few" in note for note in fit(range(10), values[:10]).notes)
    assert fit(range(30), values).notes == ()


def test_a_date_of_1970_is_pointed_out() -> None:
    dates = ["1970-01-01", "2012-01-01", "2012-02-01", "2012-03-01", "2012-04-01"]
    found = fit(dates, [1, 2, 3, 5, 4])
    assert any("1970-01-01" in note and "a mistake?" in note for note in found.notes)


# fit(): results


def test_prediction_holds_band_and_interval() -> None:
    months = [f"{2020 + place // 12}-{place % 12 + 1:02}" for place in range(36)]
    values = 50 + simulated(12, 1, 36, 0.6)[0]
    found = fit(months, values, errors="ar1")
    line = found.predict(["2021-06", "2023-01", "2023-02"])
    assert (line.low < line.value).all()
    assert (line.prediction_low < line.low).all()
    assert line.expected[0] == line.value[0]
    assert line.expected[1] != pytest.approx(line.value[1])
    wide = found.predict(["2023-01"], confidence=0.99)
    assert wide.prediction_high[0] > line.prediction_high[1]
    assert found.predict(["2023-01-17"]).value[0] == pytest.approx(line.value[1])
    with pytest.raises(SeriesError, match="write both alike"):
        found.predict([2023.0])
    weighted = fit(range(36), values, 1 + np.arange(36) % 3)
    small, large = (weighted.predict([36], std_error=size) for size in (1.0, 3.0))
    assert small.prediction_error[0] < large.prediction_error[0]


def test_exact_and_plain_least_squares_agree() -> None:
    times, values = np.arange(20.0), 3 + simulated(6, 1, 20)[0]
    sizes = 1 + times / 10
    found = fit(times, values, sizes, degree=2)
    plain = least_squares(values[None], np.stack([times**0, times, times**2], 1), sizes[None])
    np.testing.assert_allclose(found.coefficients, plain.coefficients[0], rtol=1e-10)
    np.testing.assert_allclose(found.covariance, plain.covariance[0], rtol=1e-10)
    assert found.r_squared == pytest.approx(plain.r_squared[0], rel=1e-12)
    np.testing.assert_allclose(found.fitted + found.residuals, values, rtol=1e-13)


def test_two_points_have_a_slope_without_an_error() -> None:
    found = fit([1, 3], [10, 14])
    assert found.coefficients.tolist() == pytest.approx([8, 2])
    assert np.isnan(found.std_errors).all()
    assert "2 waves are met exactly by 2 terms" in found.notes[-1]


@pytest.mark.parametrize("errors", ERRORS)
def test_a_series_that_never_moves_has_slope_0_and_no_error(errors: str) -> None:
    found = fit([1, 2, 4, 5, 9], [7.1] * 5, errors=errors)
    assert found.coefficients.tolist() == [7.1, 0]
    assert np.isnan(found.std_errors).all()
    assert any("no error can be estimated" in note for note in found.notes)


def test_reasons_by_series() -> None:
    nan = np.nan
    values = np.array(
        [[nan] * 4, [1, nan, nan, nan], [1, 2, nan, nan], [2, 2, 2, 2], [1, 2, 4, 3]], dtype=float
    )
    found = regress(np.arange(4.0), values, errors="iid").reasons()
    assert found[0] == "no wave has a value"
    assert found[1].startswith("one wave has a value, and this trend needs 2")
    assert "met exactly" in found[2]
    assert "exactly on the fitted line" in found[3]
    assert found[4] == ""


# fit(): what it refuses


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([1], [2]), {}, "one point has no slope"),
        (([2, 2, 2], [1, 2, 3]), {}, r"all 3 points are at the same time \(2\)"),
        (([1, 1, 2], [1, 2, 3]), {"errors": "ar1"}, "average those of one time"),
        (([1, 1, 2], [1, 2, 3]), {"errors": "hac"}, 'errors="iid"'),
        (([1, 2, 3], [1, 2]), {}, "2 values for 3 times"),
        (([1, 2, 3], [1, 2, float("inf")]), {}, "place 3 is infinite"),
        (([1, 2, 3], [1, 2, "x"]), {}, "give numbers, and None or NaN for a gap"),
        (([], []), {}, "there is no value"),
        (([1, 2, 3], [1, 2, 3], [1, 0, 1]), {}, "0 at place 2 .* leave std_error out"),
        (([1, 2, 3], [1, 2, 3], [1, 1, None]), {}, "nan at place 3"),
        (([1, 2, 3], [1, 2, 3]), {"degree": 4}, "needs 5 points at different times"),
        (([1, 2, 3], [1, 2, 3]), {"confidence": 95}, "give 0.95 for 95%"),
        (([1, 2, 3], [1, 2, 3]), {"errors": "hac", "lag": 3}, "give 0 to 2"),
        (([1, 2, 3], [1, 2, 4]), {"errors": "hac", "kernel": "parzen"}, "'bartlett' or 'uniform'"),
        (([1, 2, 3], [1, 2, 3]), {"errors": "ar2"}, "did you mean 'ar1'"),
        (([1, 2, 3], [1, 2, 3]), {"intervention": 7}, "7 lies after all .* from 1 to 3"),
        (([1, 2, 3], [1, 2, 3]), {"intervention": 1}, "1 lies on the first of the waves"),
        ((["2020-01", "2020-02"], [1, 2]), {"intervention": 5}, "write both alike"),
        ((["2020-01", "2020-02"], [1, 2]), {"intervention": "2019-06"}, "2019-06 lies before all"),
        ((range(15), range(15)), {"season": "dummies", "cycle": 12}, "cover 1.2 cycles"),
        ((range(15), range(15)), {"season": "dummies"}, "length of its cycle"),
    ],
)
def test_fit_says_what_is_wrong_and_what_would_be_right(
    arguments: Any, options: Any, message: str
) -> None:
    with pytest.raises(SeriesError, match=message):
        fit(*arguments, **options)


@pytest.mark.parametrize("when", [2, 9])
def test_a_measure_with_one_wave_on_a_side_is_told_with_its_cure(when: int) -> None:
    found = regress(
        np.arange(1.0, 10.0), np.arange(9.0)[None] ** 2, design=Design(intervention=when)
    )
    (reason,) = found.reasons()
    assert reason.endswith("at least two waves before its date and two from the date on")


def test_problems_are_told_at_once() -> None:
    with pytest.raises(ValueError, match="place") as error:
        fit(["2020-01", "soon"], [1, float("inf"), 3], [1])
    assert [problem.place for problem in error.value.problems] == [  # type: ignore[attr-defined]
        "x", "y", "std_error", "y",
    ]  # fmt: skip
    with pytest.raises(SeriesError) as more:
        fit(range(15), range(15), season="dummies", cycle=12, intervention=99, confidence=2)
    assert [problem.place for problem in more.value.problems] == [
        "confidence", "season", "intervention",
    ]  # fmt: skip


def test_regress_refuses_arrays_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="give times"):
        regress(np.arange(3.0), np.ones((2, 4)))
    with pytest.raises(ValueError, match="one for each value"):
        regress(np.arange(3.0), np.ones((2, 3)), np.ones((1, 3)))
    with pytest.raises(ValueError, match="in order"):
        regress(np.array([2.0, 1.0, 3.0]), np.ones((1, 3)))
    with pytest.raises(OptionError, match="no lag"):
        regress(np.arange(3.0), np.ones((1, 3)), errors="hac", lag=-1)


def test_default_lag() -> None:
    assert default_lag(np.array([1, 24, 60, 100, 240])).tolist() == [0, 2, 3, 4, 4]
    assert (
        "lag 2 to 3"
        in regress(
            np.arange(60.0),
            np.where(np.arange(60) < [[60], [24]], simulated(1, 2, 60), np.nan),
            errors="hac",
        ).method
    )


# Coverage, in short: benchmarks/coverage_trend.py has the whole


@pytest.mark.parametrize(("waves", "rho"), [(24, 0.0), (60, 0.5)])
@pytest.mark.parametrize("unequal", [False, True])
def test_coverage_of_slopes_and_forecasts(waves: int, rho: float, unequal: bool) -> None:
    generator = np.random.Generator(np.random.PCG64(20))
    sizes = np.exp(0.3 * unequal * generator.standard_normal((600, waves + 4)))
    values = 40 + sizes * simulated(21, 600, waves + 4, rho)
    times = np.arange(waves + 4.0)
    fitted = regress(times[:waves], values[:, :waves], sizes[:, :waves] if unequal else None)
    low, high = fitted.bounds()
    # 600 runs at 95% have a standard error of 0.9 points.
    assert 0.92 <= float(((low <= [40, 0]) & (high >= [40, 0]))[:, 1].mean()) <= 0.985
    below, above = forecast(fitted, times[waves:]).bounds()
    held = (below <= values[:, waves:]) & (values[:, waves:] <= above)
    assert (held.mean(axis=0) >= 0.92).all()
    assert (held.mean(axis=0) <= 0.985).all()
