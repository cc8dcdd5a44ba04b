"""CSAT, CES and top boxes: against scipy, statsmodels and R, and at their edges."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    proportion_confint,
    proportions_ztest,
)

import satcore
from satcore import Codebook, OptionError, Results, Scale, StudyError
from satcore.inference import holm
from satcore.ordinals import OrderStatisticInterval, quantile
from satcore.plugins import Plugins
from satcore.shares import AgrestiCoullInterval, ClopperPearsonInterval, share_interval
from satcore_csat import Csat, Effort, TopBox
from satcore_csat.boxes import spans
from satcore_html import render

EXACT = {"rel": 1e-9, "abs": 1e-12}


def univer(shared: Path) -> dict[str, list[Any]]:
    """Students' ratings of a university's services, 1 to 7."""
    with (shared / "data/cub_univer/univer.csv").open() as file:
        rows = list(csv.DictReader(file))
    columns = ("faculty", "gender", "informat", "willingn", "officeho", "compete", "global")
    return {name: [row[name] for row in rows] for name in columns}


def seats(shared: Path) -> dict[str, list[Any]]:
    """Airline passengers' ratings of legroom, 1 to 5."""
    with (shared / "data/skytrax/seat_notext.csv").open() as file:
        rows = list(csv.DictReader(file))
    rows = [row for row in rows if row["cabin_flown"]]
    return {name: [row[name] for row in rows] for name in ("cabin_flown", "seat_legroom_rating")}


def run(metric: Any, data: Any, plugins: Plugins, **more: Any) -> Results:
    return satcore.run({"it": metric}, data, plugins=plugins, **more)


def rows_of(results: Results, cell: Mapping[str, str] | None = None) -> dict[str, Any]:
    return {row["term"]: row for row in results.rows("it") if row["cell"] == (cell or {})}


# Against scipy and statsmodels, on real answers


def test_shares_of_real_ratings(shared: Path, plugins: Plugins) -> None:
    data = univer(shared)
    answers = np.array(data["global"], dtype=int)
    n = answers.size
    shares = {
        "csat": answers >= 6,
        "top2": answers >= 6,
        "bottom2": answers <= 2,
    }
    for interval, method in (
        (None, "wilson"),
        ("clopper_pearson", "beta"),
        ("agresti_coull", "agresti_coull"),
    ):
        rows = rows_of(run(Csat(item="global", scale="1..7", interval=interval), data, plugins))
        for term, flags in shares.items():
            bounds = proportion_confint(flags.sum(), n, method=method)
            assert rows[term]["value"] == pytest.approx(flags.mean(), **EXACT)
            error = np.sqrt(flags.mean() * (1 - flags.mean()) / n)
            assert rows[term]["std_error"] == pytest.approx(error, **EXACT)
            assert (rows[term]["ci_low"], rows[term]["ci_high"]) == pytest.approx(bounds, **EXACT)
            assert rows[term]["method"] == (interval or "wilson")
    net = 100 * (shares["top2"].mean() - shares["bottom2"].mean())
    assert rows["net"]["value"] == pytest.approx(net, **EXACT)
    reach = stats.t.ppf(0.975, n - 1) * answers.std(ddof=1) / np.sqrt(n)
    assert rows["mean"]["value"] == pytest.approx(answers.mean(), **EXACT)
    assert rows["mean"]["ci_low"] == pytest.approx(answers.mean() - reach, **EXACT)
    assert (rows["mean"]["method"], rows["net"]["unit"]) == ("t", "points")


def test_groups_of_real_ratings(shared: Path, plugins: Plugins) -> None:
    """Score test and Newcombe's interval, Mann and Whitney's test, chi-square, Kruskal-Wallis."""
    data = seats(shared)
    answers = np.array(data["seat_legroom_rating"], dtype=int)
    cabin = np.array(data["cabin_flown"])
    results = run(
        Csat(item="seat_legroom_rating"), data, plugins, segments=["cabin_flown"], confidence=0.9
    )
    compared = results.comparison_rows("it")
    names = sorted(set(cabin))
    assert len(names) == 3
    raw: dict[str, list[float]] = {"csat": [], "median": []}
    for name in names:
        mine, rest = answers[cabin == name], answers[cabin != name]
        found = {
            row["term"]: row
            for row in compared
            if row["kind"] == "rest" and row["cell"] == {"cabin_flown": name}
        }
        count, base = [(mine >= 4).sum(), (rest >= 4).sum()], [mine.size, rest.size]
        z, p = proportions_ztest(count, base)
        low, high = confint_proportions_2indep(
            count[0], base[0], count[1], base[1], method="newcomb", alpha=0.1
        )
        row = found["csat"]
        assert (row["statistic"], row["p"]) == pytest.approx((z, p), **EXACT)
        assert (row["ci_low"], row["ci_high"]) == pytest.approx((low, high), **EXACT)
        assert row["method"] == "score_z; mover of wilson"
        raw["csat"].append(row["p"])
        test = stats.mannwhitneyu(mine, rest, use_continuity=False, method="asymptotic")
        row = found["median"]
        assert row["p"] == pytest.approx(test.pvalue, **EXACT)
        assert np.sign(row["statistic"]) == np.sign(test.statistic - mine.size * rest.size / 2)
        assert row["difference"] == pytest.approx(np.median(mine) - np.median(rest))
        assert row["method"] == "mann_whitney; mover of order_statistic"
        raw["median"].append(row["p"])
    for term, values in raw.items():
        adjusted = [
            row["p_adjusted"] for row in compared if row["kind"] == "rest" and row["term"] == term
        ]
        assert sorted(adjusted) == pytest.approx(sorted(holm(np.array(values))), **EXACT)
    tests = {
        (row["term"], row["method"]): row for row in compared if row["kind"] == "heterogeneity"
    }
    table = np.array([[np.sum(answers[cabin == n] == a) for a in range(1, 6)] for n in names])
    for term, part in (
        ("median", table),
        ("csat", np.stack([table[:, :3].sum(1), table[:, 3:].sum(1)], axis=1)),
    ):
        chi = stats.chi2_contingency(part, correction=False)
        row = tests[term, "chi_square"]
        assert (row["statistic"], row["df"], row["p"]) == pytest.approx(
            (chi.statistic, chi.dof, chi.pvalue), **EXACT
        )
    kruskal = stats.kruskal(*(answers[cabin == name] for name in names))
    row = tests["median", "kruskal_wallis"]
    assert (row["statistic"], row["p"]) == pytest.approx(
        (kruskal.statistic, kruskal.pvalue), **EXACT
    )


def test_weighted_shares_and_means_are_those_of_r(
    shared: Path, reference: Any, plugins: Plugins
) -> None:
    """R's survey with a design of weights alone."""
    known = reference("survey_design")
    frame = pl.read_csv(
        shared / "data/quantipy_A/Example_Data_A.csv",
        columns=["gender", "age", "q5_1", "weight_a"],
    )
    wanted = known["quantipy_A"]
    box = TopBox(item="gender", scale="1..2", box=(1,))
    row = rows_of(run(box, frame, plugins, weight="weight_a"))["top_box"]
    assert row["value"] == pytest.approx(wanted["gender_prop_w"]["est"]["factor(gender)1"], **EXACT)
    error = wanted["gender_prop_w"]["se"]["factor(gender)1"]
    assert row["std_error"] == pytest.approx(error, **EXACT)
    assert row["effective_base"] == pytest.approx(wanted["kish"]["neff"], **EXACT)
    age = Csat(item="age", scale="0..120", threshold=40)
    row = rows_of(run(age, frame, plugins, weight="weight_a"))["mean"]
    assert row["value"] == pytest.approx(wanted["age_mean_w"]["est"]["age"], **EXACT)
    assert row["std_error"] == pytest.approx(wanted["age_mean_w"]["se"][0], **EXACT)
    table = wanted["q5_1_table_w"]
    box = TopBox(item="q5_1", scale="1..98", box=(3, 5))
    row = rows_of(run(box, frame, plugins, weight="weight_a"))["top_box"]
    share = (table["3"] + table["5"]) / sum(table.values())
    assert row["value"] == pytest.approx(share, **EXACT)
    schools = pl.read_csv(shared / "data/survey_api/apistrat.csv", columns=["api00", "pw"])
    scored = Csat(item="api00", scale="0..1000", threshold=700)
    row = rows_of(run(scored, schools, plugins, weight="pw"))["mean"]
    only = known["apistrat_weightsOnly"]
    assert row["value"] == pytest.approx(only["est"]["api00"], **EXACT)
    assert row["std_error"] == pytest.approx(only["se"]["api00"], **EXACT)
    interval = next(one for one in only["ci_t"] if one["_row"] == "api00")
    assert row["ci_low"] == pytest.approx(interval["2.5 %"], rel=1e-9)
    assert row["ci_high"] == pytest.approx(interval["97.5 %"], rel=1e-9)


# Quantiles


TABLES = st.lists(st.integers(0, 12), min_size=4, max_size=9).filter(lambda table: sum(table) > 0)


@given(TABLES, st.sampled_from([0.05, 0.1, 0.25, 0.5, 0.75, 0.9]))
def test_quantiles_are_numpy_s(table: list[int], probability: float) -> None:
    values = np.arange(1.0, len(table) + 1)
    answers = np.repeat(values, table)
    wanted = np.quantile(answers, probability, method="averaged_inverted_cdf")
    counts = np.array([table])
    assert quantile(counts.astype(float), values, probability)[0] == pytest.approx(wanted)
    if probability == 0.5:
        assert wanted == np.median(answers)


@given(TABLES, st.sampled_from([0.25, 0.5, 0.9]), st.sampled_from([0.5, 0.8, 0.95, 0.99]))
def test_order_statistics_from_the_sorted_answers(
    table: list[int], probability: float, confidence: float
) -> None:
    """The l-th and u-th answer that the binomial distribution names, by counting."""
    values = np.arange(1.0, len(table) + 1)
    answers, n, tail = np.repeat(values, table), sum(table), (1 - confidence) / 2
    ranks = range(1, n + 1)
    below = [r for r in ranks if stats.binom.cdf(r - 1, n, probability) <= tail + 1e-13]
    above = [r for r in ranks if stats.binom.sf(r - 1, n, probability) <= tail + 1e-13]
    low = answers[max(below) - 1] if below else values[0]
    high = answers[min(above) - 1] if above else values[-1]
    interval = OrderStatisticInterval(
        counts=np.array([table]), values=values, probability=probability
    )
    found_low, found_high = interval.bounds(confidence)
    assert found_low[0] <= low
    assert found_high[0] >= high
    # Where no tail is met to the last digit, they are the same answers.
    if not any(abs(stats.binom.cdf(r, n, probability) - tail) < 1e-9 for r in range(n + 1)) and (
        not any(abs(stats.binom.sf(r, n, probability) - tail) < 1e-9 for r in range(n + 1))
    ):
        assert (found_low[0], found_high[0]) == (low, high)


@pytest.mark.parametrize("n", [12, 60, 300])
def test_the_median_s_interval_covers_at_least_as_often_as_it_says(n: int) -> None:
    draw = np.random.default_rng(n)
    shares = np.array([0.08, 0.17, 0.24, 0.33, 0.18])
    counts = draw.multinomial(n, shares, size=4000)
    values = np.arange(1.0, 6.0)
    for confidence in (0.8, 0.95):
        interval = OrderStatisticInterval(counts=counts, values=values, probability=0.5)
        low, high = interval.bounds(confidence)
        held = np.mean((low <= 4) & (high >= 4))  # 49% answer 3 or less
        assert held >= confidence - 3 * np.sqrt(confidence * (1 - confidence) / 4000)
    wide = interval.bounds(0.8)
    assert np.any(wide[1] - wide[0] < high - low)


def test_weighted_quantiles(plugins: Plugins) -> None:
    """Whole weights are repeated rows; intervals come from the weighted cumulative shares."""
    draw = np.random.default_rng(3)
    answers, weight = draw.integers(1, 6, 200), draw.integers(1, 4, 200)
    data = {"q": answers.tolist(), "w": weight.astype(float).tolist()}
    metric = Csat(item="q", quantiles=(10, 25, 75))
    rows = rows_of(run(metric, data, plugins, weight="w"))
    repeated = np.repeat(answers, weight)
    for term, probability in (("median", 0.5), ("p10", 0.1), ("p25", 0.25), ("p75", 0.75)):
        wanted = np.quantile(repeated, probability, method="averaged_inverted_cdf")
        assert rows[term]["value"] == wanted
        assert (rows[term]["method"], rows[term]["std_error"]) == ("woodruff", None)
        at = []
        for answer in range(1, 6):
            flag = answers <= answer
            share = weight @ flag / weight.sum()
            error = np.sqrt(200 / 199 * np.sum((weight * (flag - share)) ** 2)) / weight.sum()
            t = stats.t.ppf(0.975, 199)
            if error == 0:
                at.append(np.inf)
                continue
            sample = share * (1 - share) / error**2
            # The score test of the cumulative share against the quantile's.
            at.append((share - probability) / np.sqrt(probability * (1 - probability) / sample))
        low = 1 + next(place for place, z in enumerate(at) if z >= -t)
        high = 1 + next(place for place, z in enumerate(at) if z >= t)
        assert (rows[term]["ci_low"], rows[term]["ci_high"]) == (low, high)


def test_weighted_groups_are_compared_by_ranks(plugins: Plugins) -> None:
    draw = np.random.default_rng(8)
    n = 300
    group = draw.integers(0, 2, n)
    answers = np.clip(np.round(3 + 0.4 * group + draw.normal(size=n)), 1, 5).astype(int)
    weight = draw.uniform(0.3, 2.5, n)
    data = {"q": answers.tolist(), "w": weight.tolist(), "g": [str(one) for one in group]}
    results = run(Csat(item="q"), data, plugins, weight="w", segments=["g"])
    row = next(
        row
        for row in results.comparison_rows("it", "median")
        if row["kind"] == "rest" and row["cell"] == {"g": "1"}
    )
    total = weight.sum()
    rank = np.array([weight[answers < a].sum() + weight[answers == a].sum() / 2 for a in answers])
    rank /= total
    means, variance = [], 0.0
    for side in (1, 0):
        here = group == side
        mean = weight[here] @ rank[here] / weight[here].sum()
        influence = weight[here] * (rank[here] - mean) / weight[here].sum()
        variance += n / (n - 1) * np.sum(influence**2)
        means.append(mean)
    z = (means[0] - means[1]) / np.sqrt(variance)
    assert row["statistic"] == pytest.approx(z, **EXACT)
    assert row["method"] == "rank_z; mover of woodruff"
    share = next(r for r in results.comparison_rows("it", "csat") if r["kind"] == "rest")
    assert share["method"] == "z; mover of wilson"
    methods = {r["method"] for r in results.comparison_rows("it") if r["kind"] == "heterogeneity"}
    assert methods == {"cochran_q"}


# What counts


def test_customary_thresholds() -> None:
    for scale, satisfied in (
        ("1..5", (4, 5)),
        ("1..7", (6, 7)),
        ("1..10", (9, 10)),
        ("0..10", (9, 10)),
    ):
        low, high = Scale.parse(scale).low, Scale.parse(scale).high
        assert Csat(item="q", scale=scale).satisfied(low, high) == satisfied
    assert Csat(item="q", reversed=True).satisfied(1, 5) == (1, 2)
    assert Csat(item="q", scale="1..7", threshold=5).satisfied(1, 7) == (5, 6, 7)
    assert Effort(item="q").easy(1, 7) == (5, 6, 7)
    assert Effort(item="q", version="1.0").easy(1, 5) == (1, 2)


def test_a_reversed_scale_is_the_mirror_of_the_other(plugins: Plugins) -> None:
    draw = np.random.default_rng(5)
    answers = draw.choice(5, 400, p=[0.4, 0.25, 0.15, 0.12, 0.08]) + 1
    data = {"q": answers.tolist(), "m": (6 - answers).tolist()}
    mine = rows_of(run(Csat(item="q", reversed=True, threshold=2), data, plugins))
    mirror = rows_of(run(Csat(item="m", threshold=4), data, plugins))
    for term in ("csat", "top2", "bottom2", "net"):
        for column in ("value", "std_error", "ci_low", "ci_high"):
            assert mine[term][column] == pytest.approx(mirror[term][column], **EXACT)
    for term in ("mean", "median"):
        assert mine[term]["value"] == pytest.approx(6 - mirror[term]["value"], **EXACT)


def test_effort_both_ways(plugins: Plugins) -> None:
    draw = np.random.default_rng(6)
    one, two = draw.integers(1, 6, 250), draw.integers(1, 8, 250)
    data = {"one": one.tolist(), "two": two.tolist()}
    rows = rows_of(run(Effort(item="one", version="1.0"), data, plugins))
    assert rows["easy"]["value"] == pytest.approx(np.mean(one <= 2), **EXACT)
    assert rows["difficult"]["value"] == pytest.approx(np.mean(one >= 4), **EXACT)
    rows = rows_of(run(Effort(item="two"), data, plugins))
    assert rows["easy"]["value"] == pytest.approx(np.mean(two >= 5), **EXACT)
    assert rows["difficult"]["value"] == pytest.approx(np.mean(two <= 3), **EXACT)
    net = 100 * (np.mean(two >= 5) - np.mean(two <= 3))
    assert rows["net"]["value"] == pytest.approx(net, **EXACT)
    assert rows["median"]["value"] == np.median(two)


def test_missing_answers_are_not_in_the_base(tmp_path: Path, plugins: Plugins) -> None:
    data = {"q": [5, 4, None, 2, 1, 99]}
    study = tmp_path / "study.toml"
    study.write_text('[study]\nmissing = [99]\n[metrics.it]\nmetric = "csat"\nitem = "q"\n')
    row = rows_of(satcore.run(study, data, plugins=plugins))["csat"]
    assert (row["base"], row["value"]) == (4, 0.5)


@pytest.mark.parametrize(
    ("metric", "option", "told"),
    [
        (Csat(item="q", scale="1..3"), "scale", "take the metric top_box"),
        (Csat(item="q", scale="1..6"), "threshold", "no customary one for the 6 answers"),
        (Csat(item="q", threshold=1), "threshold", "from 2 to 5"),
        (Csat(item="q", threshold=5, reversed=True), "threshold", "from 1 to 4"),
        (Csat(item="q", threshold=6), "threshold", "divides nothing on 1..5"),
        (Csat(item="q", interval="wilsn"), "interval", "did you mean 'wilson'?"),
        (Csat(item="q", quantiles=(50,)), "quantiles", "50 is the median"),
        (Csat(item="q", quantiles=(25, 25)), "quantiles", "twice"),
        (Effort(item="q", scale="1..5"), "threshold", "name the least answer"),
        (Effort(item="q", version="1.0", scale="1..7"), "threshold", "name the greatest answer"),
        (Effort(item="q", threshold=4), "threshold", "overlap"),
        (Effort(item="q", version="3.0"), "version", "none of 1.0 and 2.0"),  # type: ignore[arg-type]
        (TopBox(item="q", box=()), "box", "empty"),
        (TopBox(item="q", box=(5, 6)), "box", "6 is no answer of 1..5"),
        (TopBox(item="q", box=(5, 5)), "box", "5 stands there twice"),
        (TopBox(item="q", interval="exact"), "interval", "none of wilson, clopper_pearson"),
    ],
)
def test_refused(metric: Any, option: str, told: str) -> None:
    with pytest.raises(OptionError) as caught:
        metric.statistics(Codebook())
    assert caught.value.option == option
    assert told in caught.value.message


@pytest.mark.parametrize("interval", ["clopper_pearson", "agresti_coull"])
def test_intervals_from_counts_are_refused_under_weights(interval: str, plugins: Plugins) -> None:
    with pytest.raises(StudyError, match="rests on plain counts and is not valid for weighted"):
        run(
            Csat(item="q", interval=interval),
            {"q": [1, 2, 3], "w": [1.0, 2.0, 1.0]},
            plugins,
            weight="w",
        )


def test_an_unknown_interval_of_a_share_is_refused() -> None:
    with pytest.raises(ValueError, match="there are wilson, clopper_pearson, agresti_coull"):
        share_interval("exact", np.array([1]), np.array([2]))


# Edges


def test_nobody_one_and_all_alike(plugins: Plugins) -> None:
    for answers, statuses in (
        ([None, None], {"empty"}),
        ([4], {"small"}),
        ([5] * 40, {"ok"}),
    ):
        rows = rows_of(run(Csat(item="q"), {"q": answers}, plugins))
        assert {row["status"] for row in rows.values()} == statuses
        if answers[0] is not None:
            assert rows["median"]["value"] == answers[0]
    assert rows["csat"]["value"] == 1.0
    # Forty who agree are no certainty of shares; of the median they are.
    assert rows["csat"]["ci_low"] < 0.95
    assert (rows["median"]["ci_low"], rows["median"]["ci_high"]) == (5, 5)


@settings(max_examples=60)
@given(st.integers(0, 60), st.integers(0, 60), st.floats(0.5, 0.999))
def test_exact_and_adjusted_bounds_hold_the_share(x: int, more: int, confidence: float) -> None:
    count, base = np.array([x]), np.array([x + more])
    for kind in (ClopperPearsonInterval, AgrestiCoullInterval):
        low, high = kind(count=count, base=base).bounds(confidence)
        if x + more == 0:
            assert np.isnan(low[0])
            assert np.isnan(high[0])
        else:
            assert 0 <= low[0] <= x / (x + more) + 1e-12
            assert x / (x + more) - 1e-12 <= high[0] <= 1


@pytest.mark.parametrize("null", [0.2, 0.5, 0.7])
def test_exact_p_values_are_those_of_the_bounds(null: float) -> None:
    count = np.arange(21)
    interval = ClopperPearsonInterval(count=count, base=np.full(21, 20))
    p = interval.p_value(null)
    for x in range(21):
        tails = stats.binom.cdf(x, 20, null), stats.binom.sf(x - 1, 20, null)
        assert p[x] == pytest.approx(min(1.0, 2 * min(tails)), **EXACT)
    low, high = interval.bounds(0.95)
    assert np.array_equal((low <= null) & (null <= high), p >= 0.05)


def test_groups_that_agree_have_no_test(plugins: Plugins) -> None:
    data = {"q": [5] * 40 + [5] * 40, "g": ["a"] * 40 + ["b"] * 40}
    results = run(Csat(item="q"), data, plugins, segments=["g"])
    for row in results.comparison_rows("it"):
        # The net's own test says that what is alike does not differ.
        if row["kind"] == "rest" and row["term"] != "net":
            assert (row["status"], row["p"]) == ("undefined", None)


def test_answers_for_people() -> None:
    assert spans((4, 5), " to ", ", ") == "4 to 5"
    assert spans((1, 3, 4, 5, 9), " to ", ", ") == "1, 3 to 5, 9"


# A study, the report, the command line


STUDY = """
[study]
title = {{ en = "Seats", zh = "座椅" }}
data = "answers.csv"
by = ["region", "wave"]

[roles]
segments = ["region"]
wave = "month"

[metrics.csat]
metric = "csat"
item = "Q1"
quantiles = [25, 75]
interval = "clopper_pearson"

[metrics.effort]
metric = "ces"
item = "Q2"

[metrics.top]
metric = "top_box"
item = "Q1"

[metrics.csat_trend]
metric = "trend"
of = "csat"

[[standards]]
metric = "csat"
term = "csat"
at_least = 0.3
{more}
"""


def study_file(folder: Path, more: str = "") -> Path:
    draw = np.random.default_rng(1)
    lines = ["region,month,Q1,Q2,w"]
    for number in range(1200):
        east = number % 2
        satisfied = min(5, max(1, round(3.2 + 0.5 * east + draw.normal())))
        easy = "" if number % 40 == 0 else min(7, max(1, round(4.4 + draw.normal(0, 1.5))))
        month = 1 + number % 6
        weight = f"{draw.uniform(0.5, 2):.3f}"
        lines.append(f"{('华南', '华东')[east]},2026-0{month},{satisfied},{easy},{weight}")
    (folder / "answers.csv").write_text("\n".join(lines), "utf-8")
    path = folder / "study.toml"
    path.write_text(STUDY.format(more=more), "utf-8")
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


def test_a_study_from_end_to_end(tmp_path: Path, plugins: Plugins) -> None:
    pytest.importorskip("jinja2")
    study = study_file(tmp_path)
    page, rows_file = tmp_path / "zh.html", tmp_path / "rows.json"
    asked = ["run", study, "--report", page, "--language", "zh", "--format", "json"]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "satcore", *map(str, asked), "-o", str(rows_file)],
        capture_output=True,
        check=False,
        timeout=120,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    rows = json.loads(rows_file.read_text("utf-8"))
    assert rows["failures"] == []
    slope = [r for r in rows["estimates"] if r["metric"] == "csat_trend" and r["term"] == "slope"]
    assert slope
    assert all(row["value"] is not None for row in slope)
    assert [row["metric"] for row in rows["standards"]] == ["csat"]
    chinese = Page(page.read_text("utf-8"))
    assert [text for text, language in chinese.texts if language.startswith("en")] == []
    said = "\n".join(text for text, _ in chinese.texts)
    for words in ("满意率 (CSAT)", "净轻松度", "两比例得分检验", "Mann-Whitney 秩和", "次序统计量"):
        assert words in said
    assert "满意指在 1 至 5 的量表上回答 4 至 5（该量表的惯例）。" in said
    assert "CES 2.0：轻松指在 1 至 7 的量表上回答 5 至 7。分值越高越好。" in said
    results = satcore.run(study, plugins=plugins)
    english = "\n".join(text for text, _ in Page(render(results, "en").decode()).texts)
    assert "Satisfied are answers of 4 to 5 on 1 to 5, as is customary for this scale." in english
    assert "two-proportion score test" in english


def test_a_weighted_report_has_no_english_in_chinese(tmp_path: Path, plugins: Plugins) -> None:
    pytest.importorskip("jinja2")
    study = study_file(tmp_path)
    text = study.read_text("utf-8").replace('interval = "clopper_pearson"\n', "")
    study.write_text(text.replace('wave = "month"', 'wave = "month"\nweight = "w"'), "utf-8")
    page = Page(render(satcore.run(study, plugins=plugins), "zh").decode())
    assert [text for text, language in page.texts if language.startswith("en")] == []
    said = "\n".join(text for text, _ in page.texts)
    assert "加权秩检验" in said
    assert "Woodruff" in said


def test_findings_are_no_surer_than_the_tests(plugins: Plugins) -> None:
    draw = np.random.default_rng(2)
    region = draw.choice(["a", "b", "c"], 900)
    shift = {"a": 1.0, "b": 0.0, "c": 0.0}
    noise = draw.normal(size=900)
    answers = [
        int(np.clip(round(3 + shift[r] + e), 1, 5)) for r, e in zip(region, noise, strict=True)
    ]
    metric = Csat(item="q", threshold=5)
    results = run(metric, {"q": answers, "region": region.tolist()}, plugins, segments=["region"])
    told = tuple(metric.findings(results, "it"))
    assert told[0].endswith(" Satisfied are answers of 5 on 1 to 5.")
    assert any("CSAT above the rest, shown at 95% (Holm), by region: a (" in one for one in told)
    # A net by the ends of the scale may not be read as that of the satisfied, who are others here.
    assert any("the two best answers less the two worst: " in one for one in told)
    assert any("最好两档减最差两档" in one for one in metric.findings(results, "it", "zh"))
    flat = run(
        metric,
        {"q": [1, 5] * 60, "region": ["a", "a", "b", "b"] * 30},
        plugins,
        segments=["region"],
    )
    assert not any("the rest" in one for one in metric.findings(flat, "it"))
    empty = run(metric, {"q": [None]}, plugins)
    assert tuple(metric.findings(empty, "it"))[1:] == ("Nobody answered.",)


def test_pictures(tmp_path: Path, plugins: Plugins) -> None:
    results = satcore.run(study_file(tmp_path), plugins=plugins)
    for name in ("csat", "effort", "top"):
        metric = next(one.metric for one in results.metrics if one.name == name)
        for language in ("en", "zh"):
            charts = list(metric.charts(results, name, language))
            assert len(charts) == 2
            assert all(chart.alt and chart.title for chart in charts)
    first = next(iter(results.metrics[0].metric.charts(results, "csat")))
    points = first.spec["data"]["values"]
    rows = {tuple(row["cell"].values()): row for row in results.rows("csat", "csat")}
    assert points[0]["value"] == rows[()]["value"]
    assert {point["label"] for point in points} == {"All answers", "华东", "华南"}


def test_pictures_are_vega_lite(tmp_path: Path, plugins: Plugins) -> None:
    pytest.importorskip("vl_convert")
    results = satcore.run(study_file(tmp_path), plugins=plugins)
    for chart in results.metrics[0].metric.charts(results, "csat"):
        assert b"<svg" in satcore.draw(chart)
