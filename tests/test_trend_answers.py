"""Models of the answers themselves, against one row per respondent, R and independent tools."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats
from statsmodels.miscmodels.ordinal_model import OrderedModel

from satcore import OptionError
from satcore_trend import answers_glm
from satcore_trend import ordinal as ordinal_module
from satcore_trend.answers import LinearFit, Weighted, binomial, each_cell, linear
from satcore_trend.counts import negative_binomial, poisson
from satcore_trend.ordinal import ordinal

Array = NDArray[Any]

some = settings(derandomize=True, deadline=None, max_examples=25)

#: Twelve waves of answers on a scale of 5, at uneven dates (years); the level rises and wanders.
TIMES = np.array([0.0, 0.1, 0.2, 0.4, 0.5, 0.6, 0.7, 0.9, 1.0, 1.3, 1.4, 1.5])
COUNTS = np.array(
    [
        [9, 14, 21, 18, 8],
        [7, 10, 22, 25, 6],
        [12, 9, 30, 17, 12],
        [4, 8, 18, 21, 15],
        [6, 13, 19, 28, 9],
        [8, 11, 25, 20, 17],
        [3, 9, 12, 24, 14],
        [5, 5, 16, 30, 22],
        [9, 12, 14, 19, 11],
        [2, 7, 17, 26, 19],
        [3, 6, 11, 22, 24],
        [5, 9, 20, 31, 18],
    ]
)
SCORES = np.arange(1.0, 6.0)
DESIGN = np.column_stack([np.ones(12), TIMES])
SLOPE = TIMES[:, None]


def people(table: Array) -> tuple[Array, Array]:
    """Wave and answer of each respondent."""
    wave, answer = np.indices(table.shape)
    times = table.ravel().astype(int)
    return np.repeat(wave.ravel(), times), np.repeat(answer.ravel(), times)


def weighted_people(table: Array) -> tuple[Array, Array, Array, Weighted]:
    """The same with weights between 0.3 and 3, and their sums."""
    wave, answer = people(table)
    weights = np.exp(np.random.default_rng(3).uniform(-1.2, 1.1, wave.size))
    sums, squares = np.zeros(table.shape), np.zeros(table.shape)
    np.add.at(sums, (wave, answer), weights)
    np.add.at(squares, (wave, answer), weights**2)
    return wave, answer, weights, Weighted(weights=sums, squares=squares)


def drawn(seed: int, wander: float, waves: int = 8, answers: int = 4, size: int = 60) -> Array:
    """A table whose level wanders from wave to wave."""
    rng = np.random.default_rng(seed)
    level = rng.normal(0.0, wander, waves)[:, None]
    cuts = np.linspace(-1.5, 1.2, answers - 1)[None, :]
    below = 1.0 / (1.0 + np.exp(level - cuts))
    shares = np.diff(np.column_stack([np.zeros(waves), below, np.ones(waves)]), axis=1)
    return np.array([rng.multinomial(size + 7 * i, share) for i, share in enumerate(shares)])


# ---- scores -----------------------------------------------------------------------------------


def test_scores_equal_one_row_per_respondent() -> None:
    wave, answer = people(COUNTS)
    rows = sm.OLS(SCORES[answer], DESIGN[wave]).fit()
    ours = linear(COUNTS, SCORES, DESIGN, errors="model")
    assert ours.coefficients == pytest.approx(rows.params, rel=1e-11)
    assert ours.std_errors == pytest.approx(rows.bse, rel=1e-11)
    assert ours.p_values() == pytest.approx(rows.pvalues, rel=1e-8)
    for bound, expected in zip(ours.bounds(), rows.conf_int().T, strict=True):
        assert bound == pytest.approx(expected, rel=1e-9)
    assert ours.residual_std_error == pytest.approx(np.sqrt(rows.mse_resid), rel=1e-11)
    assert ours.r_squared == pytest.approx(rows.rsquared, rel=1e-9)
    assert (ours.df, ours.answers, ours.waves) == (wave.size - 2, wave.size, 12)


def test_scores_without_a_constant_equal_one_row_per_respondent() -> None:
    wave, answer = people(COUNTS)
    rows = sm.OLS(SCORES[answer], SLOPE[wave]).fit()
    ours = linear(COUNTS, SCORES, SLOPE, errors="model")
    assert ours.coefficients == pytest.approx(rows.params, rel=1e-11)
    assert ours.std_errors == pytest.approx(rows.bse, rel=1e-11)


def test_lack_of_fit_is_the_f_test_against_a_mean_for_each_wave() -> None:
    wave, answer = people(COUNTS)
    y = SCORES[answer]
    line = sm.OLS(y, DESIGN[wave]).fit()
    own_means = sm.OLS(y, np.eye(12)[wave]).fit()
    f, p, df = own_means.compare_f_test(line)
    ours = linear(COUNTS, SCORES, DESIGN)
    assert ours.dispersion == pytest.approx(f, rel=1e-9)
    assert ours.dispersion_p == pytest.approx(p, rel=1e-9)
    assert ours.dispersion_df == df == 10


def test_wide_waves_give_the_errors_of_a_regression_of_their_means() -> None:
    wandering = drawn(5, 0.8, waves=10)
    design, scores = np.column_stack([np.ones(10), np.arange(10)]), np.arange(4.0)
    sizes = wandering.sum(axis=1)
    means = sm.WLS(wandering @ scores / sizes, design, weights=sizes).fit()
    ours = linear(wandering, scores, design)
    assert ours.quasi
    assert ours.dispersion > 2
    assert ours.df == 8
    assert ours.std_errors == pytest.approx(means.bse, rel=1e-10)
    assert ours.p_values() == pytest.approx(means.pvalues, rel=1e-9)
    assert "quasi" in ours.method
    assert "8 degrees of freedom" in ours.method
    plain = linear(wandering, scores, design, errors="model")
    assert np.sqrt(np.diagonal(ours.classical)) == pytest.approx(plain.std_errors, rel=1e-12)
    assert np.all(plain.std_errors < ours.std_errors)


def test_narrow_waves_leave_the_errors_alone_unless_asked() -> None:
    narrow = np.array([[10, 20, 30], [10, 21, 30], [10, 20, 31], [10, 20, 30]])
    design = np.column_stack([np.ones(4), np.arange(4)])
    auto, asked = (linear(narrow, [1, 2, 3], design, errors=e) for e in ("auto", "quasi"))
    assert auto.dispersion < 1
    assert not auto.quasi
    assert asked.quasi
    assert np.all(asked.std_errors < auto.std_errors)


def test_weighted_scores_are_linearised() -> None:
    wave, answer, weights, weighted = weighted_people(COUNTS)
    rows = sm.WLS(SCORES[answer], DESIGN[wave], weights=weights).fit(cov_type="HC0")
    ours = linear(COUNTS, SCORES, DESIGN, weighted=weighted, errors="model")
    n = wave.size
    assert ours.coefficients == pytest.approx(rows.params, rel=1e-10)
    assert ours.std_errors == pytest.approx(rows.bse * np.sqrt(n / (n - 1)), rel=1e-10)
    assert ours.df == n - 2


def test_survey_totals_set_the_correction() -> None:
    *_, weighted = weighted_people(COUNTS)
    whole = Weighted(weights=weighted.weights, squares=weighted.squares, responses=1e9)
    n = COUNTS.sum()
    own = linear(COUNTS, SCORES, DESIGN, weighted=weighted, errors="model").std_errors
    large = linear(COUNTS, SCORES, DESIGN, weighted=whole, errors="model").std_errors
    assert own == pytest.approx(large * np.sqrt(n / (n - 1)), rel=1e-8)


# ---- shares -----------------------------------------------------------------------------------


def test_shares_equal_one_row_per_respondent_and_grouped_totals() -> None:
    top, trials = COUNTS[:, 3:].sum(axis=1), COUNTS.sum(axis=1)
    wave, answer = people(COUNTS)
    strict = {"tol": 1e-14, "maxiter": 100}
    rows = sm.GLM(answer >= 3, DESIGN[wave], family=sm.families.Binomial()).fit(**strict)
    totals = sm.GLM(
        np.column_stack([top, trials - top]), DESIGN, family=sm.families.Binomial()
    ).fit(**strict)
    ours = binomial(top, trials, DESIGN, errors="model")
    for theirs in (rows, totals):
        assert ours.coefficients == pytest.approx(theirs.params, rel=1e-9)
        assert ours.std_errors == pytest.approx(theirs.bse, rel=1e-9)
    assert ours.log_likelihood == pytest.approx(rows.llf, rel=1e-12)
    assert ours.dispersion == pytest.approx(totals.pearson_chi2 / 10, rel=1e-9)
    assert ours.dispersion_p == pytest.approx(stats.chi2.sf(totals.pearson_chi2, 10), rel=1e-8)
    assert ours.df == np.inf
    assert ours.p_values() == pytest.approx(totals.pvalues, rel=1e-7)


def test_overdispersed_shares_are_quasi() -> None:
    wandering = drawn(11, 0.8, waves=10)
    top, trials = wandering[:, 3], wandering.sum(axis=1)
    design = np.column_stack([np.ones(10), np.arange(10)])
    # Shares with weights: on two columns, statsmodels' scale="X2" leaves the trials out of the
    # scale (0.081 here where its own pearson_chi2 / df_resid is 7.42).
    theirs = sm.GLM(top / trials, design, family=sm.families.Binomial(), var_weights=trials).fit(
        scale="X2", tol=1e-14, maxiter=100, use_t=True
    )
    ours = binomial(top, trials, design)
    assert ours.quasi
    assert ours.std_errors == pytest.approx(theirs.bse, rel=1e-9)
    assert ours.df == 8
    assert ours.p_values() == pytest.approx(theirs.pvalues, rel=1e-8)


def test_weighted_shares_are_linearised() -> None:
    wave, answer, weights, full = weighted_people(COUNTS)
    y = (answer >= 3).astype(float)
    pair = Weighted(
        **{
            name: np.column_stack([part[:, :3].sum(axis=1), part[:, 3:].sum(axis=1)])
            for name, part in (("weights", np.asarray(full.weights)), ("squares", full.squares))
        }
    )
    ours = binomial(
        COUNTS[:, 3:].sum(axis=1), COUNTS.sum(axis=1), DESIGN, weighted=pair, errors="model"
    )
    design = DESIGN[wave]
    p = 1.0 / (1.0 + np.exp(-design @ ours.coefficients))
    assert np.abs(design.T @ (weights * (y - p))).max() < 1e-9 * wave.size
    bread = np.linalg.inv(design.T @ (design * (weights * p * (1 - p))[:, None]))
    parts = design * (weights * (y - p))[:, None]
    meat = parts.T @ parts * wave.size / (wave.size - 1)
    assert ours.covariance == pytest.approx(bread @ meat @ bread, rel=1e-9)
    assert ours.df == wave.size - 2


# ---- the whole scale ----------------------------------------------------------------------------


def ordered_model(table: Array, design: Array) -> tuple[Array, Array, float]:
    """Slopes and thresholds, their errors and the log-likelihood by statsmodels, row by row."""
    wave, answer = people(table)
    model = OrderedModel(answer, design[wave], distr="logit")
    rough = model.fit(method="bfgs", disp=0, gtol=1e-7, maxiter=500)
    fit = model.fit(rough.params, method="newton", disp=0, tol=1e-8)
    size = design.shape[1]
    thresholds = model.transform_threshold_params(fit.params)[1:-1]
    return np.append(fit.params[:size], thresholds), fit.bse[:size], fit.llf


def shares_of_answers(at: Array, times: Array, cuts: int) -> Array:
    """The textbook's F(threshold above) - F(threshold below), (waves, answers)."""
    level = (times @ at[cuts:])[:, None]
    below = 1 / (1 + np.exp(level - at[None, :cuts]))
    edge = np.zeros((times.shape[0], 1))
    return np.diff(np.concatenate([edge, below, edge + 1], axis=1), axis=1)


def each_gradient(at: Array, design: Array, cuts: int) -> Array:
    """By thresholds and slopes, of one answer in each cell: exact, by complex steps."""
    steps = 1e-30j * np.eye(at.size)
    return np.stack(
        [np.log(shares_of_answers(at + step, design, cuts)).imag / 1e-30 for step in steps], axis=2
    )


def textbook_hessian(at: Array, table: Array, design: Array) -> Array:
    """By differences of the exact gradient."""
    cuts = table.shape[1] - 1

    def gradient(at: Array) -> Array:
        return np.einsum("wa,wap->p", table, each_gradient(at, design, cuts))

    steps = 1e-5 * np.eye(at.size)
    return np.stack([(gradient(at + step) - gradient(at - step)) / 2e-5 for step in steps])


def test_whole_scale_equals_one_row_per_respondent() -> None:
    design = np.column_stack([TIMES, (TIMES > 0.65)])
    values, errors, likelihood = ordered_model(COUNTS, design)
    ours = ordinal(COUNTS, design, errors="model")
    assert ours.coefficients == pytest.approx(values[:2], rel=1e-6)
    assert ours.thresholds == pytest.approx(values[2:], rel=1e-6)
    assert ours.std_errors == pytest.approx(errors, rel=1e-5)  # Theirs: a numerical Hessian.
    assert ours.log_likelihood == pytest.approx(likelihood, rel=1e-11)
    at = np.append(ours.thresholds, ours.coefficients)
    exact = np.sqrt(np.diagonal(np.linalg.inv(-textbook_hessian(at, COUNTS, design))))
    assert np.append(ours.threshold_errors, ours.std_errors) == pytest.approx(exact, rel=1e-8)
    assert ours.given == (0, 1, 2, 3, 4)
    assert ours.status == "ok"


def test_wine_as_by_clm() -> None:
    # Bitterness of wine (Randall 1989) by temperature and contact; figures as printed by R's
    # clm(rating ~ temp + contact) (Christensen 2019), and its test of the interaction.
    wine = [[4, 9, 5, 0, 0], [1, 7, 8, 2, 0], [0, 5, 8, 3, 2], [0, 1, 5, 7, 5]]
    design = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    ours = ordinal(wine, design, errors="model")
    assert ours.coefficients == pytest.approx([2.5031, 1.5278], abs=5.1e-5)
    assert ours.std_errors == pytest.approx([0.5287, 0.4766], abs=5.1e-5)
    assert ours.thresholds == pytest.approx([-1.3444, 1.2508, 3.4669, 5.0064], abs=5.1e-5)
    assert ours.threshold_errors == pytest.approx([0.5171, 0.4379, 0.5978, 0.7309], abs=5.1e-5)
    assert ours.p_values() == pytest.approx([2.19e-6, 0.00135], rel=4e-3)
    assert ours.log_likelihood == pytest.approx(-86.492, abs=5.1e-4)
    # A level of its own for each of the four waves is the interaction: 0.1514 by likelihood ratio.
    crossed = np.column_stack([design, design.prod(axis=1)])
    both = ordinal(wine, crossed, errors="model").log_likelihood - ours.log_likelihood
    assert 2 * both == pytest.approx(0.1514, abs=5.1e-5)
    assert ours.dispersion_df == 1
    assert ours.dispersion == pytest.approx(0.1514, rel=0.02)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_two_answers_are_the_binomial_model(seed: int) -> None:
    table = drawn(seed, 0.4, answers=2)
    time = np.arange(8.0)
    whole = ordinal(table, time[:, None])
    share = binomial(table[:, 1], table.sum(axis=1), np.column_stack([np.ones(8), time]))
    assert whole.coefficients[0] == pytest.approx(share.coefficients[1], rel=1e-9)
    assert -whole.thresholds[0] == pytest.approx(share.coefficients[0], rel=1e-9)
    assert whole.std_errors[0] == pytest.approx(share.std_errors[1], rel=1e-9)
    assert whole.dispersion == pytest.approx(share.dispersion, rel=1e-9)
    assert whole.goodness == pytest.approx(share.dispersion * 6, rel=1e-9)
    assert whole.quasi == share.quasi
    assert whole.df == share.df


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_dispersion_is_near_the_likelihood_ratio_of_own_levels(seed: int) -> None:
    table = drawn(seed, 0.15, waves=9, answers=6, size=2000)
    time = np.arange(9.0)[:, None]
    ours = ordinal(table, time)
    own_levels = ordinal(table, np.eye(9)[:, 1:])
    ratio = 2 * (own_levels.log_likelihood - ours.log_likelihood)
    assert ours.dispersion_df == 7
    assert ours.dispersion * 7 == pytest.approx(ratio, rel=0.02)
    assert np.isnan(own_levels.dispersion)
    model = ordinal(table, time, errors="model")
    assert ours.quasi
    assert ours.std_errors == pytest.approx(model.std_errors * ours.dispersion**0.5, rel=1e-12)


def test_goodness_is_pearson_over_waves_and_answers() -> None:
    ours = ordinal(COUNTS, SLOPE)
    below = 1 / (1 + np.exp(SLOPE * ours.coefficients - ours.thresholds[None, :]))
    shares = np.diff(np.column_stack([np.zeros(12), below, np.ones(12)]), axis=1)
    expected = COUNTS.sum(axis=1)[:, None] * shares
    assert ours.goodness == pytest.approx(np.sum((COUNTS - expected) ** 2 / expected), rel=1e-9)
    assert ours.goodness_df == 11 * 4 - 1
    assert ours.goodness_p == pytest.approx(stats.chi2.sf(ours.goodness, 43), rel=1e-8)


def test_answers_nobody_gave_change_nothing_and_are_told() -> None:
    gaps = np.insert(COUNTS, [0, 2, 5], 0, axis=1)
    ours, plain = ordinal(gaps, SLOPE), ordinal(COUNTS, SLOPE)
    assert ours.coefficients == pytest.approx(plain.coefficients, rel=1e-12)
    assert ours.thresholds == pytest.approx(plain.thresholds, rel=1e-12)
    assert ours.given == (1, 2, 4, 5, 6)
    assert "the answers in places 1, 4, 8 of the scale (from 1)" in ours.message
    assert ours.status == "ok"
    assert plain.message == ""


def test_weighted_scale_is_linearised() -> None:
    wave, answer, weights, weighted = weighted_people(COUNTS)
    ours = ordinal(COUNTS, SLOPE, weighted=weighted, errors="model")
    at = np.append(ours.thresholds, ours.coefficients)
    parts = weights[:, None] * each_gradient(at, SLOPE, 4)[wave, answer]
    assert parts.sum(axis=0) == pytest.approx(np.zeros(5), abs=1e-8)
    bread = np.linalg.inv(-textbook_hessian(at, np.asarray(weighted.weights), SLOPE))
    expected = bread @ parts.T @ parts @ bread * wave.size / (wave.size - 1)
    assert ours.covariance[0, 0] == pytest.approx(expected[4, 4], rel=1e-8)
    assert ours.threshold_errors == pytest.approx(np.sqrt(np.diagonal(expected)[:4]), rel=1e-8)
    assert ours.df == wave.size - 5
    assert np.isnan(ours.goodness)


def test_odds_ratio_has_its_interval() -> None:
    ours = ordinal(COUNTS, SLOPE)
    low, high = ours.ratio_bounds(0.9)
    at = ours.bounds(0.9)
    assert ours.coefficients[0] > 0  # The table's answers rise.
    assert ours.ratios() == pytest.approx(np.exp(ours.coefficients))
    assert [low[0], high[0]] == pytest.approx([np.exp(at[0][0]), np.exp(at[1][0])])


# ---- weights ------------------------------------------------------------------------------------

MODELS: dict[str, Callable[..., Any]] = {
    "linear": lambda table, **options: linear(table, SCORES, DESIGN, **options),
    "ordinal": lambda table, **options: ordinal(table, SLOPE, **options),
}


@pytest.mark.parametrize("model", MODELS)
def test_equal_weights_give_the_unweighted_fit(model: str) -> None:
    equal = Weighted(weights=2.5 * COUNTS, squares=6.25 * COUNTS)
    ours, plain = MODELS[model](COUNTS, weighted=equal), MODELS[model](COUNTS)
    assert ours.coefficients == pytest.approx(plain.coefficients, rel=1e-9)
    assert ours.dispersion == pytest.approx(plain.dispersion, rel=1e-9)
    assert ours.quasi == plain.quasi
    assert ours.std_errors == pytest.approx(plain.std_errors, rel=0.1)


@pytest.mark.parametrize("model", MODELS)
def test_weights_scale_freely(model: str) -> None:
    *_, weighted = weighted_people(COUNTS)
    larger = Weighted(
        weights=7 * np.asarray(weighted.weights), squares=49 * np.asarray(weighted.squares)
    )
    ours, plain = (MODELS[model](COUNTS, weighted=each) for each in (larger, weighted))
    assert ours.coefficients == pytest.approx(plain.coefficients, rel=1e-9)
    assert ours.std_errors == pytest.approx(plain.std_errors, rel=1e-9)
    assert ours.dispersion == pytest.approx(plain.dispersion, rel=1e-9)


def test_weighted_and_wide_waves_are_quasi_on_what_sampling_adds() -> None:
    wandering = drawn(5, 0.8, waves=10)
    design, scores = np.column_stack([np.ones(10), np.arange(10)]), np.arange(4.0)
    weighted = Weighted(weights=wandering, squares=wandering)
    ours = linear(wandering, scores, design, weighted=weighted)
    plain = linear(wandering, scores, design)
    assert ours.quasi
    assert ours.df == 8
    # Equal weights: about the same error, from each wave's own variance in place of a common one.
    assert ours.std_errors == pytest.approx(plain.std_errors, rel=0.15)


# ---- counts -------------------------------------------------------------------------------------


@pytest.fixture
def sicily(shared: Path) -> dict[str, Array]:
    """Emergencies a month, before and after smoking was banned (Barone-Adesi et al. 2011)."""
    text = (shared / "data" / "sicily_its" / "sicily.csv").read_text("utf-8").splitlines()
    rows = list(csv.DictReader(text))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}


def ban(sicily: dict[str, Array]) -> Array:
    return np.column_stack([np.ones(59), sicily["smokban"], sicily["time"]])


def harmonics(sicily: dict[str, Array]) -> Array:
    turn = 2 * np.pi * sicily["time"] / 12
    waves = [f(k * turn) for k in (1, 2) for f in (np.sin, np.cos)]
    return np.column_stack([np.ones(59), sicily["smokban"], *waves, sicily["time"]])


def glm_of_r(events: Array, exposure: Array, design: Array) -> tuple[Array, Array, float]:
    """R's glm.fit with its start and stop, and summary.glm with the weights it is left with."""
    mean, offset, deviance = events + 0.1, np.log(exposure), np.inf
    predictor = np.log(mean)
    while True:
        weights = mean
        working = predictor - offset + (events - mean) / mean
        inverse = np.linalg.inv(design.T @ (design * weights[:, None]))
        at = inverse @ (design.T @ (weights * working))
        predictor = offset + design @ at
        mean, before = np.exp(predictor), deviance
        deviance = 2 * np.sum(events * np.log(events / mean) - events + mean)
        if abs(deviance - before) / (abs(deviance) + 0.1) < 1e-8:
            break
    residuals = (events - mean) / mean
    dispersion = np.sum(weights * residuals**2) / (events.size - design.shape[1])
    return at, np.sqrt(np.diagonal(inverse)), dispersion


def test_poisson_rate_of_sicily(sicily: dict[str, Array], reference: Any) -> None:
    expected = reference("trend")["sicily"]["poisson"]
    ours = poisson(sicily["aces"], sicily["stdpop"], ban(sicily), errors="model")
    assert ours.coefficients == pytest.approx([*expected["coef"].values()], rel=1e-9)
    # R's errors carry the weights of the step before the last: see the next test.
    assert ours.std_errors == pytest.approx([*expected["se"].values()], rel=2e-6)
    assert ours.dispersion == pytest.approx(expected["pearson_dispersion"], rel=1e-9)
    assert ours.ratios()[1] == pytest.approx(expected["RR_smokban"], rel=1e-9)
    interval = [bound[1] for bound in ours.ratio_bounds()]
    assert interval == pytest.approx(expected["ci_wald"], rel=1e-7)
    assert ours.df == np.inf


@pytest.mark.parametrize(
    ("name", "design"), [("quasipoisson", ban), ("quasi_harmonic2", harmonics)]
)
def test_quasi_poisson_rate_of_sicily(
    sicily: dict[str, Array], reference: Any, name: str, design: Callable[..., Array]
) -> None:
    expected, matrix = reference("trend")["sicily"][name], design(sicily)
    ours = poisson(sicily["aces"], sicily["stdpop"], matrix)
    assert ours.quasi
    assert ours.df == 59 - matrix.shape[1]
    assert ours.coefficients == pytest.approx([*expected["coef"].values()], rel=1e-9)
    # R stops once the deviance settles to 1e-8, and its summary weighs with the weights of the
    # step before: its figures to all digits, and ours where the same steps end if they go on.
    at, errors, dispersion = glm_of_r(sicily["aces"], sicily["stdpop"], matrix)
    assert at == pytest.approx([*expected["coef"].values()], rel=1e-11)
    assert dispersion == pytest.approx(expected["dispersion"], rel=1e-11)
    assert errors * dispersion**0.5 == pytest.approx([*expected["se"].values()], rel=1e-10)
    assert ours.dispersion == pytest.approx(expected["dispersion"], rel=3e-6)
    assert ours.std_errors == pytest.approx([*expected["se"].values()], rel=5e-7)
    full = sm.GLM(
        sicily["aces"], matrix, family=sm.families.Poisson(), offset=np.log(sicily["stdpop"])
    ).fit(scale="X2", tol=1e-15, maxiter=100)
    assert ours.std_errors == pytest.approx(full.bse, rel=1e-9)
    assert ours.dispersion == pytest.approx(full.scale, rel=1e-10)


def test_negative_binomial_rate_of_sicily(sicily: dict[str, Array]) -> None:
    events, exposure, design = sicily["aces"], sicily["stdpop"], ban(sicily)
    ours = negative_binomial(events, exposure, design)
    at = np.append(ours.coefficients, ours.alpha)

    def likelihood(at: Array) -> float:
        mean, size = exposure * np.exp(design @ at[:3]), 1 / at[3]
        return float(stats.nbinom.logpmf(events, size, size / (size + mean)).sum())

    top = likelihood(at)
    assert top == pytest.approx(ours.log_likelihood, rel=1e-12)
    # The top of the likelihood is here: as far down to either side along each coordinate.
    for place in range(4):
        step = np.zeros(4)
        step[place] = 0.01 * np.append(ours.std_errors, ours.alpha / 4)[place]
        up, down = likelihood(at + step), likelihood(at - step)
        assert max(up, down) < top
        assert 0.01 * (up - down) / (2 * (2 * top - up - down)) == pytest.approx(0, abs=2e-5)
    family = sm.families.NegativeBinomial(alpha=ours.alpha)
    known = sm.GLM(events, design, family=family, offset=np.log(exposure)).fit(tol=1e-14)
    assert ours.std_errors == pytest.approx(known.bse, rel=1e-8)
    assert ours.df == 56
    assert "t with 56" in ours.method
    assert 0 < ours.alpha < 0.01


def test_counts_no_wider_than_poisson_have_alpha_0() -> None:
    events, exposure = np.array([20, 21, 19, 20, 22, 21]), np.full(6, 10.0)
    design = np.column_stack([np.ones(6), np.arange(6)])
    ours = negative_binomial(events, exposure, design)
    plain = poisson(events, exposure, design, errors="model")
    assert ours.alpha == 0.0
    assert "alpha is 0" in ours.message
    assert ours.coefficients == pytest.approx(plain.coefficients, rel=1e-12)
    assert ours.std_errors == pytest.approx(plain.std_errors, rel=1e-12)
    assert ours.status == "ok"


# ---- laws ---------------------------------------------------------------------------------------

SHARE = (lambda table, design: binomial(table[:, -1], table.sum(axis=1), design), True)
EACH: dict[str, tuple[Callable[[Array, Array], Any], bool]] = {
    "linear": (lambda table, design: linear(table, np.arange(table.shape[1]), design), True),
    "binomial": SHARE,
    "ordinal": (ordinal, False),
    "poisson": (lambda table, design: poisson(table[:, 0], table.sum(axis=1), design), True),
    "negative_binomial": (
        lambda table, design: negative_binomial(table[:, 0], table.sum(axis=1), design),
        True,
    ),
}
tables = st.builds(drawn, st.integers(0, 10_000), st.sampled_from([0.0, 0.3, 1.0]))
models = pytest.mark.parametrize("model", EACH)


def along(model: str, times: Array) -> Array:
    return np.column_stack([np.ones(times.size), times]) if EACH[model][1] else times[:, None]


def slope(fit: Any) -> tuple[float, float, float, float]:
    return fit.coefficients[-1], fit.std_errors[-1], fit.dispersion, fit.df


@models
@some
@given(table=tables, seed=st.integers(0, 99))
def test_order_of_waves_is_irrelevant(model: str, table: Array, seed: int) -> None:
    times, order = np.arange(8.0), np.random.default_rng(seed).permutation(8)
    fit = EACH[model][0]
    there = fit(table[order], along(model, times[order]))
    assert slope(there) == pytest.approx(slope(fit(table, along(model, times))), rel=1e-7, abs=1e-9)


@models
@some
@given(table=tables, shift=st.sampled_from([-3.5, 100.0, 2024.0]))
def test_shifted_time_moves_the_intercept_alone(model: str, table: Array, shift: float) -> None:
    times, fit = np.arange(8.0), EACH[model][0]
    here, there = (fit(table, along(model, each)) for each in (times, times + shift))
    assert slope(there) == pytest.approx(slope(here), rel=1e-7, abs=1e-9)
    if EACH[model][1]:
        moved = there.coefficients[0] + shift * there.coefficients[1]
        assert moved == pytest.approx(here.coefficients[0], rel=1e-7, abs=1e-7)
    else:
        moved = there.thresholds - shift * there.coefficients[0]
        assert moved == pytest.approx(here.thresholds, rel=1e-7, abs=1e-7)
        assert np.all(there.threshold_errors > here.threshold_errors) or shift < 0


@pytest.mark.parametrize("model", ["linear", "binomial", "ordinal", "poisson"])
@some
@given(table=tables, times=st.integers(2, 1000))
def test_everyone_answering_again_keeps_coefficients(model: str, table: Array, times: int) -> None:
    design, fit = along(model, np.arange(8.0)), EACH[model][0]
    once, again = fit(table, design), fit(times * table, design)
    if model == "poisson":  # Events again, and exposure again.
        assert again.dispersion == pytest.approx(times * once.dispersion, rel=1e-7)
    assert again.coefficients == pytest.approx(once.coefficients, rel=1e-7, abs=1e-9)
    assert again.answers == times * once.answers


@models
@some
@given(table=tables, seed=st.integers(0, 99))
def test_halves_merged_are_the_whole(model: str, table: Array, seed: int) -> None:
    half = np.random.default_rng(seed).binomial(table, 0.5)
    design, fit = along(model, np.arange(8.0)), EACH[model][0]
    assert slope(fit(half + (table - half), design)) == slope(fit(table, design))


@models
@some
@given(table=tables, wave=st.integers(0, 8))
def test_waves_without_answers_contribute_nothing(model: str, table: Array, wave: int) -> None:
    fit, times = EACH[model][0], np.arange(8.0)
    gap = fit(np.insert(table, wave, 0, axis=0), along(model, np.insert(times, wave, 3.3)))
    assert slope(gap) == pytest.approx(slope(fit(table, along(model, times))), rel=1e-9, abs=1e-12)
    assert gap.waves == 8


@some
@given(table=tables)
def test_a_scale_turned_round_turns_the_slope(table: Array) -> None:
    time = np.arange(8.0)[:, None]
    here, there = ordinal(table, time), ordinal(table[:, ::-1], time)
    assert there.coefficients == pytest.approx(-here.coefficients, rel=1e-7, abs=1e-9)
    assert there.thresholds == pytest.approx(-here.thresholds[::-1], rel=1e-7, abs=1e-9)
    assert there.std_errors == pytest.approx(here.std_errors, rel=1e-7)
    assert there.dispersion == pytest.approx(here.dispersion, rel=1e-6, abs=1e-9)


def test_cost_does_not_depend_on_the_number_of_respondents(monkeypatch: Any) -> None:
    seen: list[tuple[int, ...]] = []
    likelihood, scores = ordinal_module._likelihood, answers_glm._scores

    def watched(table: Array, columns: Array, at: Array) -> Any:
        seen.append(table.shape)
        return likelihood(table, columns, at)

    def watched_scores(y: Array, columns: Array, family: Any, at: Array) -> Any:
        seen.append(columns.shape)
        return scores(y, columns, family, at)

    monkeypatch.setattr(ordinal_module, "_likelihood", watched)
    monkeypatch.setattr(answers_glm, "_scores", watched_scores)
    work = []
    for times in (10, 1_000, 100_000):
        seen.clear()
        ordinal(times * COUNTS, SLOPE)
        binomial(times * COUNTS[:, 4], times * COUNTS.sum(axis=1), DESIGN)
        work.append(list(seen))
    shapes = {(12, 5), (12, 2)}
    assert all(set(each) == shapes for each in work)
    # The last step may be one of rounding.
    assert max(map(len, work)) - min(map(len, work)) <= 2
    assert max(map(len, work)) < 25


def test_many_cells_equal_each_alone() -> None:
    cells = np.stack([COUNTS, 2 * COUNTS, np.roll(COUNTS, 3, axis=0)])
    fits = list(each_cell(lambda counts: linear(counts, SCORES, DESIGN), cells))
    assert len(fits) == 3
    for fit, counts in zip(fits, cells, strict=True):
        alone = linear(counts, SCORES, DESIGN)
        assert isinstance(fit, LinearFit)
        assert fit.coefficients.tolist() == alone.coefficients.tolist()
        assert fit.covariance.tolist() == alone.covariance.tolist()


def test_slopes_cover_where_the_level_wanders() -> None:
    # 200 seeded draws of 24 waves without a trend: the normal interval would call far more than
    # 5% a trend. Bounds are 4 standard errors about 5%.
    time = np.arange(24.0) / 12
    found = {"linear": 0, "binomial": 0, "ordinal": 0, "unwidened": 0}
    for seed in range(200):
        table = drawn(seed, 0.3, waves=24, size=150)
        fits = {name: EACH[name][0](table, along(name, time)) for name in list(found)[:3]}
        fits["unwidened"] = ordinal(table, time[:, None], errors="model")
        for name, fit in fits.items():
            found[name] += bool(fit.p_values()[-1] < 0.05)
    assert found["unwidened"] > 50
    assert all(0 <= found[name] <= 22 for name in ("linear", "binomial", "ordinal"))


# ---- degenerate input ---------------------------------------------------------------------------


def undefined(fit: Any, *words: str) -> None:
    assert fit.status == "undefined"
    assert all(word in fit.message for word in words)
    assert np.all(np.isnan(fit.coefficients))
    assert np.all(np.isnan(fit.std_errors))
    assert all(np.all(np.isnan(bound)) for bound in fit.bounds())
    assert np.all(np.isnan(fit.p_values()))


@models
def test_one_wave_has_no_trend(model: str) -> None:
    table = np.zeros((8, 4), dtype=int)
    table[3] = [3, 4, 5, 6]
    undefined(EACH[model][0](table, along(model, np.arange(8.0))), "1 wave with answers", "2 coef")
    undefined(EACH[model][0](table[3:4], along(model, np.arange(1.0))), "1 wave with answers")


@models
def test_no_answers_are_empty(model: str) -> None:
    fit = EACH[model][0](np.zeros((8, 4)), along(model, np.arange(8.0)))
    assert fit.status == "empty"
    assert np.isnan(fit.coefficients[-1])
    assert fit.answers == 0


@models
def test_two_waves_draw_a_line_and_say_nothing_of_spread(model: str) -> None:
    fit = EACH[model][0](np.array([[9, 5, 4, 8], [7, 6, 6, 9]]), along(model, np.arange(2.0)))
    assert fit.status == "ok"
    assert np.isfinite(fit.coefficients[-1])
    assert np.isnan(fit.dispersion)
    assert not fit.quasi
    assert np.isnan(fit.df) == (model == "negative_binomial")


def test_all_the_same_answer() -> None:
    table = np.zeros((8, 4), dtype=int)
    table[:, 3] = 20
    time = np.arange(8.0)
    flat = linear(table, [0.1, 0.2, 0.3, 0.7], along("linear", time))
    assert flat.coefficients == pytest.approx([0.7, 0.0], abs=1e-15)
    assert np.all(np.isnan(flat.std_errors))
    assert "all answers are the same" in flat.message
    undefined(ordinal(table, time[:, None]), "all answers are the same")
    undefined(EACH["binomial"][0](table, along("binomial", time)), "every answer")
    undefined(EACH["binomial"][0](table[:, ::-1], along("binomial", time)), "no answer")


def test_everyone_of_a_wave_agrees() -> None:
    table = np.array([[9, 0, 0], [0, 9, 0], [0, 9, 0], [0, 0, 9]])
    fit = linear(table, [1, 2, 3], along("linear", np.arange(4.0)))
    means = sm.OLS([1.0, 2.0, 2.0, 3.0], along("linear", np.arange(4.0))).fit()
    assert fit.quasi
    assert fit.df == 2
    assert fit.std_errors == pytest.approx(means.bse, rel=1e-9)


def test_a_perfect_line_leaves_nothing_to_widen() -> None:
    table = np.array([[9, 0, 0], [0, 9, 0], [0, 0, 9]])
    fit = linear(table, [1, 2, 3], along("linear", np.arange(3.0)))
    assert fit.coefficients == pytest.approx([1, 1])
    assert np.isnan(fit.std_errors).all()
    assert "exactly on the line" in fit.message
    assert np.isnan(fit.dispersion)


def test_one_answer_a_wave_is_a_plain_regression() -> None:
    table = np.eye(5, dtype=int)[[0, 2, 1, 4, 3, 4]]
    design = along("linear", np.arange(6.0))
    theirs = sm.OLS(table @ SCORES, design).fit()
    fit = linear(table, SCORES, design)
    assert fit.std_errors == pytest.approx(theirs.bse, rel=1e-10)
    assert fit.df == 4
    assert np.isnan(fit.dispersion)
    just = linear(table[:2], SCORES, design[:2])
    assert np.all(np.isnan(just.std_errors))
    assert "as many coefficients as answers" in just.message


@pytest.mark.parametrize(
    "successes", [[0, 0, 0, 5, 5, 5], [5, 5, 5, 5, 5, 3], [0, 0, 2, 5, 5, 5], [0, 5, 5, 5, 5, 5]]
)
def test_separated_shares_are_told(successes: list[int]) -> None:
    undefined(binomial(successes, np.full(6, 5), along("binomial", np.arange(6.0))), "separation")


def test_shares_that_only_look_separated_are_fitted() -> None:
    design = along("binomial", np.arange(6.0))
    fit = binomial([0, 0, 1, 4, 5, 5], np.full(6, 5), design)
    assert fit.status == "ok"
    both = sm.families.Binomial()
    pairs = np.column_stack([[0, 0, 1, 4, 5, 5], [5, 5, 4, 1, 0, 0]])
    theirs = sm.GLM(pairs, design, family=both).fit(tol=1e-14, maxiter=100)
    assert fit.coefficients == pytest.approx(theirs.params, rel=1e-8)


def test_separated_scales_are_told() -> None:
    low_then_high = np.array([[5, 0, 0], [4, 0, 0], [0, 3, 2], [0, 1, 6]])
    time = np.arange(4.0)[:, None]
    undefined(ordinal(low_then_high[[0, 1, 2, 3]][:, [0, 2]], time), "separation")
    step = np.array([[0.0], [0.0], [1.0], [1.0]])
    undefined(ordinal(low_then_high, step), "separation")
    # Neighbouring answers that overlap in one wave hold the slope.
    low_then_high[1] = [4, 1, 0]
    assert ordinal(low_then_high, time).status == "ok"


def test_scales_with_an_overlap_far_out_are_fitted() -> None:
    table = np.array([[200, 1, 0], [150, 4, 1], [20, 90, 30], [1, 2, 250]])
    fit = ordinal(table, np.arange(4.0)[:, None], errors="model")
    values, errors, likelihood = ordered_model(table, np.arange(4.0)[:, None])
    assert fit.log_likelihood == pytest.approx(likelihood, rel=1e-10)
    assert fit.coefficients == pytest.approx(values[:1], rel=1e-6)
    assert fit.std_errors == pytest.approx(errors, rel=1e-5)


@pytest.mark.parametrize("fit", [poisson, negative_binomial])
def test_counts_at_their_ends(fit: Callable[..., Any]) -> None:
    time = along("poisson", np.arange(5.0))
    undefined(fit(np.zeros(5), np.ones(5), time), "no events")
    with pytest.raises(ValueError, match=r"wave 2 \(from 0\) has 4 events and an exposure of 0"):
        fit([1, 2, 4, 3, 2], [9, 9, 0, 9, 9], time)
    after = np.column_stack([np.ones(5), [0, 0, 0, 1, 1]])
    undefined(fit([3, 4, 2, 0, 0], np.ones(5), after), "no events at all")
    undefined(fit([0, 0, 0, 0, 3], np.ones(5), time), "rate ratio")
    without = fit([3, 0, 4, 0, 5], [9, 0, 9, 0, 9], time)
    assert without.status == "ok"
    assert without.waves == 3


def sparse(seed: int, answers: int, level: float, skew: float) -> Array:
    """A table with a few answers, or with millions, in few places."""
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.full(answers, 10.0**skew), size=7)
    return rng.poisson(10.0**level * shares * rng.lognormal(0, 1, (7, 1)))


@models
@settings(derandomize=True, deadline=None, max_examples=40)
@given(
    table=st.builds(
        sparse,
        st.integers(0, 10_000),
        st.integers(2, 6),
        st.sampled_from([-0.5, 0.5, 1.5, 6.0]),
        st.sampled_from([-1.3, 0.0, 1.0]),
    )
)
def test_any_table_has_numbers_or_a_reason(model: str, table: Array) -> None:
    # A warning of any tool would fail this test, too.
    fit = EACH[model][0](table, along(model, 2020 + np.arange(7.0) / 12))
    known = np.isfinite([*fit.coefficients, *fit.std_errors])
    if fit.status == "ok":
        assert np.all(known) or fit.message
        assert np.all(np.isfinite(fit.coefficients))
        assert fit.quasi == ("quasi" in fit.method)
    else:
        assert not np.any(known)
        assert fit.message
        assert "settle" not in fit.message


def test_negative_binomial_counts_far_from_their_means() -> None:
    # Expected information would crawl here: alpha is large.
    events, exposure = np.array([2, 0, 0, 0, 290, 10, 0, 0, 9, 0]), np.full(10, 30.0)
    fit = negative_binomial(events, exposure, along("poisson", np.arange(10.0)))
    assert fit.status == "ok"
    assert fit.alpha > 3
    size = 1 / fit.alpha
    mean = exposure * np.exp(along("poisson", np.arange(10.0)) @ fit.coefficients)
    pull = (events - mean) / (1 + fit.alpha * mean)
    assert [pull.sum(), pull @ np.arange(10.0)] == pytest.approx([0, 0], abs=1e-7)
    expected = stats.nbinom.logpmf(events, size, size / (size + mean)).sum()
    assert fit.log_likelihood == pytest.approx(expected, rel=1e-11)


def test_millions_of_answers_settle() -> None:
    table = 10_000_000 * COUNTS
    few, many = ordinal(COUNTS, SLOPE, errors="model"), ordinal(table, SLOPE, errors="model")
    assert many.coefficients == pytest.approx(few.coefficients, rel=1e-9)
    assert many.std_errors * 1e7**0.5 == pytest.approx(few.std_errors, rel=1e-9)
    assert many.dispersion == pytest.approx(1e7 * few.dispersion, rel=1e-6)


def test_small_waves_beside_large_ones_keep_the_dispersion() -> None:
    table = drawn(4, 0.5, answers=2)
    table[::2] *= 1_000_000
    time = np.arange(8.0)
    whole = ordinal(table, time[:, None])
    share = binomial(table[:, 1], table.sum(axis=1), np.column_stack([np.ones(8), time]))
    assert whole.dispersion == pytest.approx(share.dispersion, rel=1e-6)


def test_columns_that_can_not_be_told_apart() -> None:
    twice = np.column_stack([DESIGN, 2 * TIMES + 1])
    undefined(linear(COUNTS, SCORES, twice), "12 waves", "3 coefficients")
    undefined(ordinal(COUNTS, twice[:, 1:]), "12 waves", "3 coefficients")


def test_bad_arrays_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match=r"has shape \(11, 2\); it needs one row for each of the"):
        linear(COUNTS, SCORES, DESIGN[1:])
    with pytest.raises(ValueError, match=r"row of wave 4 \(from 0\) is not all finite"):
        linear(COUNTS, SCORES, np.where(np.arange(12)[:, None] == 4, np.nan, DESIGN))
    with pytest.raises(ValueError, match=r"holds -9 at \(0, 0\)"):
        ordinal(-COUNTS, SLOPE)
    with pytest.raises(ValueError, match="needs waves by answers"):
        ordinal(COUNTS[0], SLOPE)
    with pytest.raises(ValueError, match="one finite number for each of the 5 answers"):
        linear(COUNTS, SCORES[1:], DESIGN)
    with pytest.raises(ValueError, match=r"column 0 .* is constant; leave it out"):
        ordinal(COUNTS, DESIGN)
    with pytest.raises(ValueError, match=r"wave 1 .* has 9 successes in 5 trials"):
        binomial([1, 9], [5, 5], np.ones((2, 1)))
    with pytest.raises(ValueError, match="successes has shape"):
        binomial([1, 9, 3], [5, 5], np.ones((2, 1)))
    with pytest.raises(ValueError, match="disagree on which answers"):
        linear(COUNTS, SCORES, DESIGN, weighted=Weighted(weights=COUNTS, squares=0 * COUNTS))
    with pytest.raises(OptionError, match="'auto', 'model', 'quasi'"):
        linear(COUNTS, SCORES, DESIGN, errors="none")  # type: ignore[arg-type]


def test_no_columns_beside_the_constant() -> None:
    fit = binomial(COUNTS[:, 4], COUNTS.sum(axis=1), np.ones((12, 1)), errors="model")
    share = COUNTS[:, 4].sum() / COUNTS.sum()
    assert fit.coefficients == pytest.approx([np.log(share / (1 - share))], rel=1e-12)
