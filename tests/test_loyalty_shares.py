"""Loyal customers, loyalty by satisfaction, staff and customers by unit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import satcore
from satcore import Codebook, Metric, Results, Scale, Study, StudyError
from satcore.plugins import Plugins
from satcore_loyalty import LoyaltyLink, LoyaltyShares, SatisfactionMirror, mirror
from satcore_loyalty.mirror import unit_names
from satcore_loyalty.shares import KINDS


def run(metric: Metric, data: Any, plugins: Plugins, **more: Any) -> Results:
    return satcore.run({"it": metric}, data, plugins=plugins, **more)


def rows_of(results: Results, cell: Mapping[str, str] | None = None) -> dict[tuple[str, str], Any]:
    return {
        (row["item"], row["term"]): row for row in results.rows("it") if row["cell"] == (cell or {})
    }


def said(results: Results, language: str = "en") -> list[str]:
    return list(results.metrics[0].metric.findings(results, "it", language))


def asked(rows: int = 400, seed: int = 3) -> dict[str, list[int]]:
    """Satisfaction, and three intentions that follow it."""
    draw = np.random.default_rng(seed)
    mood = draw.standard_normal(rows)
    found = {"sat": np.round(6.5 + 2 * mood)}
    for name in ("again", "recommend", "stay"):
        found[name] = np.round(6.5 + 1.6 * mood + 1.3 * draw.standard_normal(rows))
    return {name: np.clip(one, 1, 10).astype(int).tolist() for name, one in found.items()}


INTENTIONS = {"repurchase": "again", "recommend": "recommend", "stay": "stay"}


# Shares


def test_shares(plugins: Plugins) -> None:
    data = asked()
    results = run(LoyaltyShares(intentions=INTENTIONS), data, plugins)
    rows = rows_of(results)
    flags = np.array([np.array(data[of]) >= 9 for of in INTENTIONS.values()])
    for name, flag in zip(INTENTIONS, flags, strict=True):
        assert rows[name, "share"]["value"] == pytest.approx(flag.mean())
        assert rows[name, "share"]["method"] == "wilson"
    assert rows["overall", "secure"]["value"] == pytest.approx(flags.all(axis=0).mean())
    assert rows["overall", "at_risk"]["value"] == pytest.approx((~flags.any(axis=0)).mean())
    english, chinese = said(results), said(results, "zh")
    assert english[0].startswith("Loyal customers: Would buy again")
    assert "愿意再次购买" in chinese[0]
    assert len(english) == len(chinese) == 2
    (chart,) = results.metrics[0].metric.charts(results, "it")
    assert bytes(satcore.draw(chart)).startswith(b"<svg")


def test_intentions_that_are_called_alike_keep_lines_of_their_own(plugins: Plugins) -> None:
    alike = {name: satcore.Text.of("Would do so") for name in INTENTIONS}
    data = {**asked(), "region": ["East", "West"] * 200}
    metric = LoyaltyShares(intentions=INTENTIONS, titles=alike)
    results = run(metric, data, plugins, segments=["region"])
    chart, by_region = metric.charts(results, "it")
    told = ["Would do so", "Would do so (recommend)", "Would do so (stay)"]
    assert [row["label"] for row in chart.spec["data"]["values"]][:3] == told
    assert by_region.spec["facet"]["sort"][:3] == told


def test_a_gap_leaves_out_of_all_together_alone(plugins: Plugins) -> None:
    data: dict[str, Any] = asked(50)
    data["stay"] = [None, *data["stay"][1:]]
    rows = rows_of(run(LoyaltyShares(intentions=INTENTIONS), data, plugins))
    assert rows["repurchase", "share"]["base"] == 50
    assert rows["stay", "share"]["base"] == rows["overall", "secure"]["base"] == 49


def test_one_intention_has_no_all_together(plugins: Plugins) -> None:
    rows = rows_of(run(LoyaltyShares(intentions={"stay": "stay"}), asked(50), plugins))
    assert list(rows) == [("stay", "share")]


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"metric": "loyalty_shares", "intentions": {}}, "name some"),
    ({"metric": "loyalty_shares", "intentions": {"a": "sat", "b": "sat"}}, "stands there twice"),
    ({"metric": "loyalty_shares", "intentions": {"overall": "sat"}}, "name of all together"),
    (
        {"metric": "loyalty_shares", "intentions": {"a": "sat"}, "loyal": [11]},
        "11 is no value of 'sat', which is 1..10",
    ),
    ({"metric": "loyalty_shares", "intentions": {"a": "sat"}, "loyal": []}, "no answer of 'sat'"),
    (
        {"metric": "loyalty_shares", "intentions": {"a": "sat"}, "titles": {"b": "B"}},
        "'b' is no intention",
    ),
    ({"metric": "loyalty_link", "satisfaction": "sat", "loyalty": "sat"}, "column of satisfaction"),
    (
        {"metric": "loyalty_link", "satisfaction": "sat", "loyalty": "stay", "satisfied": [0]},
        "0 is no value",
    ),
    (
        {
            "metric": "satisfaction_mirror",
            "unit": "sat",
            "units": "1..10",
            "staff": "stay",
            "customers": "stay",
        },
        "three columns",
    ),
    (
        {
            "metric": "satisfaction_mirror",
            "unit": "sat",
            "units": "1..3",
            "staff": "stay",
            "customers": "again",
        },
        "3 units; there have to be 4 to 500",
    ),
    (
        {
            "metric": "loyalty_link",
            "satisfaction": "sat",
            "loyalty": "stay",
            "scale": "1..1000",
        },
        "[metrics.it] scale: the table of 'sat' (1..1000) and 'stay' (1..1000) would have 1,0",
    ),
    (
        {
            "metric": "satisfaction_mirror",
            "unit": "sat",
            "units": "1..400",
            "staff": "stay",
            "customers": "again",
            "staff_scale": "1..1000",
        },
        "[metrics.it] staff_scale: the table of 'sat' (1..400) and 'stay' (1..1000) would",
    ),
]


@pytest.mark.parametrize(("options", "wanted"), REFUSED, ids=[told for _, told in REFUSED])
def test_refused(options: dict[str, Any], wanted: str, plugins: Plugins) -> None:
    study = Study.of({"metrics": {"it": options}})
    with pytest.raises(StudyError, match=re.escape(wanted)):
        satcore.run(study, asked(10), plugins=plugins)


# The link


def link(**more: Any) -> LoyaltyLink:
    return LoyaltyLink(satisfaction="sat", loyalty="stay", **more)


def test_the_curve_and_its_slope(plugins: Plugins) -> None:
    """Against least squares with the sandwich's errors (statsmodels)."""
    data = asked()
    results = run(link(), data, plugins)
    rows = rows_of(results)
    level, loyal = np.array(data["sat"]), np.array(data["stay"]) >= 9
    for one in range(1, 11):
        row, here = rows[str(one), "share"], level == one
        assert row["base"] == here.sum()
        if here.any():
            assert row["value"] == pytest.approx(loyal[here].mean())
        else:
            assert row["status"] == "empty"
    fitted = sm.OLS(loyal.astype(float), sm.add_constant(level.astype(float))).fit(cov_type="HC0")
    slope = rows["overall", "slope"]
    assert slope["value"] == pytest.approx(fitted.params[1], rel=1e-10)
    assert slope["std_error"] == pytest.approx(fitted.bse[1] * np.sqrt(400 / 399), rel=1e-9)
    shares = {kind: rows["overall", kind]["value"] for kind in KINDS}
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["hostages"] == pytest.approx(((level < 9) & loyal).mean())
    assert "rises by" in said(results)[0]
    assert "上升" in said(results, "zh")[0]
    (chart,) = results.metrics[0].metric.charts(results, "it")
    assert bytes(satcore.draw(chart)).startswith(b"<svg")


def test_the_slope_under_weights(plugins: Plugins) -> None:
    data: dict[str, Any] = asked()
    weights = np.random.default_rng(1).uniform(0.3, 3, 400).round(3)
    row = rows_of(run(link(), {**data, "w": weights.tolist()}, plugins, weight="w"))[
        "overall", "slope"
    ]
    x, y = np.array(data["sat"], dtype=float), (np.array(data["stay"]) >= 9).astype(float)
    fitted = sm.WLS(y, sm.add_constant(x), weights=weights).fit(cov_type="HC0")
    assert row["value"] == pytest.approx(fitted.params[1], rel=1e-10)
    assert row["std_error"] == pytest.approx(fitted.bse[1] * np.sqrt(400 / 399), rel=1e-9)
    assert row["method"] == "linearised"


def test_a_fall_and_nothing_are_told(plugins: Plugins) -> None:
    data = asked()
    turned = {**data, "stay": [11 - one for one in data["stay"]]}
    assert "falls by" in said(run(link(), turned, plugins))[0]
    draw = np.random.default_rng(9)
    nothing = {**data, "stay": draw.integers(1, 11, 400).tolist()}
    assert "not sure" in said(run(link(), nothing, plugins))[0]


def test_everybody_equally_satisfied(plugins: Plugins) -> None:
    data = {**asked(40), "sat": [7] * 40}
    results = run(link(), data, plugins)
    row = rows_of(results)["overall", "slope"]
    assert row["status"] == "undefined"
    assert "everybody is equally satisfied" in row["message"]
    assert not results.failures


# Staff and customers


def branches(
    units: int = 20, n: int = 30, rho: float = 0.6, seed: int = 1, spread: float = 0.8
) -> dict[str, list[Any]]:
    """Answers of staff and customers in units whose true means correlate."""
    draw = np.random.default_rng(seed)
    inside = draw.standard_normal(units)
    outside = rho * inside + np.sqrt(1 - rho**2) * draw.standard_normal(units)
    unit = np.repeat(np.arange(1, units + 1), n)
    found: dict[str, list[Any]] = {"unit": [], "staff": [], "customer": []}
    for column, other, means in (("staff", "customer", inside), ("customer", "staff", outside)):
        answers = np.round(5.5 + spread * means[unit - 1] + 1.5 * draw.standard_normal(unit.size))
        found["unit"] += unit.tolist()
        found[column] += np.clip(answers, 1, 10).astype(int).tolist()
        found[other] += [None] * unit.size
    return found


def mirrored(units: int = 20, **more: Any) -> SatisfactionMirror:
    return SatisfactionMirror(
        unit="unit", units=f"1..{units}", staff="staff", customers="customer", **more
    )


def by_hand(data: dict[str, list[Any]], units: int) -> tuple[float, float, float]:
    """Correlation and slope corrected for the samples' errors, and the plain correlation."""
    sides = []
    for column in ("staff", "customer"):
        of = [
            [
                x
                for u, x in zip(data["unit"], data[column], strict=True)
                if u == unit and x is not None
            ]
            for unit in range(1, units + 1)
        ]
        sides.append(([np.mean(one) for one in of], [np.var(one, ddof=1) / len(one) for one in of]))
    (x, ex), (y, ey) = sides
    cov = np.cov(x, y)
    vx, vy = cov[0, 0] - np.mean(ex), cov[1, 1] - np.mean(ey)
    return cov[0, 1] / np.sqrt(vx * vy), cov[0, 1] / vx, np.corrcoef(x, y)[0, 1]


def test_units_are_related(plugins: Plugins) -> None:
    data = branches()
    results = run(mirrored(), data, plugins)
    rows = rows_of(results)
    correlation, slope, plain = by_hand(data, 20)
    row = rows["overall", "correlation"]
    assert row["value"] == pytest.approx(correlation, rel=1e-9)
    assert rows["overall", "slope"]["value"] == pytest.approx(slope, rel=1e-9)
    assert row["message"] == (
        f"20 units; {plain:.2f} before it was corrected for the samples' errors"
    )
    without = []
    for unit in range(1, 21):
        kept = [place for place, one in enumerate(data["unit"]) if one != unit]
        part = {name: [of[place] for place in kept] for name, of in data.items()}
        part["unit"] = [one - (one > unit) for one in part["unit"]]
        without.append(by_hand(part, 19))
    on_z, slopes = np.arctanh([one[2] for one in without]), np.array([one[1] for one in without])
    error_z, error = (np.sqrt(19 / 20 * np.sum((one - one.mean()) ** 2)) for one in (on_z, slopes))
    assert rows["overall", "slope"]["std_error"] == pytest.approx(error, rel=1e-9)
    kept, t = plain / correlation, stats.t.ppf(0.975, 18)
    assert row["std_error"] == pytest.approx(error_z * (1 - plain**2) / kept, rel=1e-9)
    bounds = np.tanh(np.arctanh(plain) + np.array([-t, t]) * error_z) / kept
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(tuple(np.clip(bounds, -1, 1)))
    assert row["method"] == "jackknife of units"
    assert rows["3", "staff"]["base"] == rows["3", "customers"]["base"] == 30
    (chart,) = results.metrics[0].metric.charts(results, "it")
    assert bytes(satcore.draw(chart)).startswith(b"<svg")
    assert said(results)[0].startswith("It is not sure that customers' satisfaction goes with")
    close = run(mirrored(), branches(rho=0.9), plugins)
    assert said(close)[0].startswith("Units whose staff are more satisfied have more satisfied")
    assert "员工越满意的单位，顾客也越满意" in said(close, "zh")[0]
    apart = run(mirrored(), branches(rho=-0.9), plugins)
    assert "less satisfied customers" in said(apart)[0]


def test_noise_does_not_hide_a_relation(plugins: Plugins) -> None:
    """Ten answers a unit: the plain correlation is far too low, the corrected one is not."""
    plain, corrected = [], []
    for seed in range(40):
        data = branches(units=60, n=8, rho=0.7, seed=seed, spread=0.7)
        row = rows_of(run(mirrored(60), data, plugins))["overall", "correlation"]
        plain.append(float(re.findall(r"([-\d.]+) before", row["message"])[0]))
        corrected.append(row["value"])
    assert np.mean(plain) < 0.5
    assert np.mean(corrected) == pytest.approx(0.7, abs=0.06)


@pytest.mark.parametrize("units", [20, 40])
def test_the_jackknife_covers(units: int, plugins: Plugins) -> None:
    """Each simulated study is a segment of one large one."""
    runs = 200
    data: dict[str, list[Any]] = {"run": []}
    for seed in range(runs):
        one = branches(units=units, n=20, rho=0.6, seed=1000 + seed)
        for name, of in one.items():
            data.setdefault(name, []).extend(of)
        data["run"] += [str(seed)] * len(one["unit"])
    results = run(mirrored(units), data, plugins, segments=["run"], by=["run"], comparisons=[])
    for term in ("correlation", "slope"):
        # Staff's and customers' means have one spread: the true slope is the correlation.
        rows = [row for row in results.rows("it", term) if row["cell"]]
        known = [row for row in rows if row["ci_low"] is not None]
        assert len(known) >= 0.98 * runs
        held = sum(row["ci_low"] <= 0.6 <= row["ci_high"] for row in known) / len(known)
        # 95% in 200 runs is known to 1.5 points; three of them each way.
        assert 0.90 <= held <= 0.995, term


def test_few_units_are_told(plugins: Plugins) -> None:
    results = run(mirrored(6), branches(units=6, n=60, spread=1.5), plugins)
    assert "6 units are few" in rows_of(results)["overall", "correlation"]["message"]
    assert said(results)[-1] == "There are few units: 6."
    three = {**branches(units=3, n=40)}
    results = run(mirrored(6), three, plugins)
    row = rows_of(results)["overall", "correlation"]
    assert row["status"] == "undefined"
    assert mirror.TOO_FEW.format(count=3, least=4) in row["message"]


def test_units_with_one_side_are_counted(plugins: Plugins) -> None:
    data = branches(units=12, n=40, spread=1.5)
    data["customer"] = [
        None if unit == 5 else one for unit, one in zip(data["unit"], data["customer"], strict=True)
    ]
    rows = rows_of(run(mirrored(12), data, plugins))
    row = rows["overall", "correlation"]
    assert mirror.LEFT_OUT.format(count=1) in row["message"]
    assert "11 units are few" in row["message"]
    assert row["base"] == 11 * 80
    assert rows["5", "customers"]["status"] == "empty"


def test_units_that_do_not_differ(plugins: Plugins) -> None:
    data = branches(units=8, n=40, spread=0.0, seed=2)
    row = rows_of(run(mirrored(8), data, plugins))["overall", "correlation"]
    assert row["status"] == "undefined"
    assert mirror.NO_SPREAD in row["message"]


def test_units_by_name(plugins: Plugins) -> None:
    """A declared scale gives units their names."""
    names = [f"店{place}" for place in range(1, 9)]
    data = branches(units=8, n=20)
    data["unit"] = [names[one - 1] for one in data["unit"]]
    study = Study.of(
        {
            "scales": {"branch": {"codes": {name: n for n, name in enumerate(names, 1)}}},
            "metrics": {
                "it": {
                    "metric": "satisfaction_mirror",
                    "unit": "unit",
                    "units": "branch",
                    "staff": "staff",
                    "customers": "customer",
                }
            },
        }
    )
    rows = rows_of(satcore.run(study, data, plugins=plugins))
    assert rows["店3", "staff"]["base"] == 20
    item = Codebook().item("u", Scale(low=1, high=3, codes=(("overall", 1), ("a", 2))))
    assert unit_names(item) == ("overall (1)", "a", "3")


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.integers(2, 6))
def test_a_correlation_is_one(seed: int, n: int) -> None:
    """Whatever few answers there are: between -1 and 1, or words that say why not."""
    from importlib.metadata import EntryPoint

    plugins = Plugins((EntryPoint("loyalty", "satcore_loyalty", "satcore"),))
    row = rows_of(run(mirrored(5), branches(units=5, n=n, seed=seed), plugins))[
        "overall", "correlation"
    ]
    if row["value"] is None:
        assert row["status"] == "undefined"
        assert row["message"]
    else:
        assert -1 <= row["value"] <= 1
        assert row["std_error"] is None or row["std_error"] >= 0
