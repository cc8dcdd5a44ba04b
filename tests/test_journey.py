"""The customer's journey: formulas, laws, what is told in words, pictures, the command line."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

import satcore
from satcore import Results, StudyError, Text
from satcore.plugins import Plugins
from satcore_drivers import Drivers
from satcore_html import render
from satcore_html.messages import said as told_by
from satcore_html.words import Words
from satcore_journey import Journey, Touchpoint, channels, costs, impacts, metric, satcore_metrics

Rows = dict[tuple[str, str], Any]

STOPS = ("search", "order", "delivery")


def people(rows: int = 400, seed: int = 5) -> pl.DataFrame:
    """One row a respondent: three touchpoints on 1 to 5, some not used; an overall rating."""
    rng = np.random.default_rng(seed)
    halo = rng.normal(size=rows)
    rated = {
        name: np.clip(np.round(3.4 - 0.3 * place + 0.5 * halo + rng.normal(size=rows)), 1, 5)
        for place, name in enumerate(STOPS)
    }
    overall = 0.8 + 0.2 * rated["search"] + 0.15 * rated["order"] + 0.4 * rated["delivery"]
    y = np.clip(np.round(overall + 0.5 * rng.normal(size=rows)), 1, 5)
    frame = pl.DataFrame({"y": y, **rated, "w": np.round(rng.uniform(0.5, 2, rows), 3)})
    frame = frame.with_columns(pl.col("y", *STOPS).cast(pl.Int64))
    used = {"order": rng.random(rows) < 0.8, "delivery": rng.random(rows) < 0.6}
    return frame.with_columns(
        pl.when(pl.Series(flags)).then(pl.col(name)).alias(name) for name, flags in used.items()
    )


def contacts(frame: pl.DataFrame, *, used: bool) -> pl.DataFrame:
    """The same answers, one row a touchpoint; those that were used alone, or all."""
    long = frame.with_row_index("id").unpivot(
        list(STOPS), index=["id", "y", "w"], variable_name="at", value_name="rating"
    )
    return long.filter(pl.col("rating").is_not_null()) if used else long


def run(one: Journey, data: Any, **more: Any) -> Results:
    results = satcore.run({"it": one}, data, **more)
    assert not results.failures
    return results


def rows_of(results: Results, cell: Mapping[str, str] | None = None) -> Rows:
    found = results.rows("it")
    return {(row["item"], row["term"]): row for row in found if row["cell"] == (cell or {})}


def wide(**more: Any) -> Journey:
    return Journey(**{"touchpoints": STOPS, "overall": "y", "scale": "1..5", **more})


def long(**more: Any) -> Journey:
    return Journey(
        **{
            "touchpoints": STOPS,
            "touchpoint": "at",
            "value": "rating",
            "overall": "y",
            "scale": "1..5",
            **more,
        }
    )


def study_of(one: Mapping[str, Any], frame: pl.DataFrame, **roles: Any) -> Results:
    """Results of a study, as a file would write it."""
    study = satcore.Study.of({"roles": roles, "metrics": {"it": {"metric": "journey", **one}}})
    results = satcore.run(study, frame)
    assert not results.failures
    return results


LONG = {
    "touchpoints": list(STOPS), "touchpoint": "at", "value": "rating", "overall": "y",
    "scale": "1..5",
}  # fmt: skip


# Against formulas


def test_each_touchpoint() -> None:
    frame = people()
    found = rows_of(run(wide(target=4.2), frame))
    for name in STOPS:
        values = frame[name].drop_nulls().to_numpy()
        n, row = len(values), found[name, "satisfaction"]
        assert row["value"] == pytest.approx(values.mean(), rel=1e-12)
        low, high = stats.t.interval(0.95, n - 1, values.mean(), stats.sem(values))
        assert (row["ci_low"], row["ci_high"]) == pytest.approx((low, high), rel=1e-9)
        assert row["base"] == n
        assert found[name, "gap"]["value"] == pytest.approx(values.mean() - 4.2, rel=1e-12)
        short = np.maximum(4.2 - values, 0).mean()
        assert found[name, "shortfall"]["value"] == pytest.approx(short, rel=1e-12)
        for term, count, base in (("top2", (values >= 4).sum(), n), ("reach", n, len(frame))):
            row = found[name, term]
            assert row["value"] == pytest.approx(count / base, rel=1e-12)
            bounds = proportion_confint(count, base, method="wilson")
            assert (row["ci_low"], row["ci_high"]) == pytest.approx(bounds, rel=1e-9)
        cost = found[name, "cost"]
        parts = [found[name, term]["value"] for term in ("reach", "impact", "shortfall")]
        assert cost["value"] == pytest.approx(np.prod(parts), rel=1e-12)
        assert cost["ci_low"] < cost["value"] < cost["ci_high"]
    order = sorted(STOPS, key=lambda name: -found[name, "cost"]["value"])
    assert [found[name, "rank"]["value"] for name in order] == [1, 2, 3]


def test_not_used_is_never_a_zero() -> None:
    frame = people(100)
    nobody = pl.DataFrame({name: [None] * 50 for name in frame.columns}, schema=frame.schema)
    more = pl.concat([frame, nobody.with_columns(y=pl.lit(1, pl.Int64), w=pl.lit(1.0))])
    one, other = rows_of(run(wide(), frame)), rows_of(run(wide(), more))
    # Who used no touchpoint was on no journey.
    for key, row in one.items():
        if row["value"] is None:
            assert other[key]["value"] is None
        else:
            assert other[key]["value"] == pytest.approx(row["value"], rel=1e-12, abs=1e-14), key


def test_drop_off_is_of_those_who_came_so_far() -> None:
    frame = pl.DataFrame(
        {
            "search": [3, 4, 5, 3, 4, None],
            "order": [3, None, 5, None, None, 2],
            "delivery": [None, 4, 5, None, None, None],
        }
    )
    found = rows_of(run(Journey(touchpoints=STOPS, scale="1..5"), frame))
    # The second skipped the order and came to the delivery all the same.
    for name, left, came in (("search", 2, 6), ("order", 2, 4)):
        row = found[name, "drop_off"]
        assert (row["value"], row["base"]) == (pytest.approx(left / came), came)
        bounds = proportion_confint(left, came, method="wilson")
        assert (row["ci_low"], row["ci_high"]) == pytest.approx(bounds, rel=1e-9)
    assert ("delivery", "drop_off") not in found


ratings = st.lists(
    st.lists(st.one_of(st.none(), st.integers(1, 5)), min_size=3, max_size=3),
    min_size=1,
    max_size=12,
)


@settings(deadline=None, max_examples=25)
@given(ratings)
def test_peak_low_and_end(rows: list[list[int | None]]) -> None:
    data = {name: [row[place] for row in rows] for place, name in enumerate(STOPS)}
    frame = pl.DataFrame(data, schema=dict.fromkeys(STOPS, pl.Int64))
    found = rows_of(run(Journey(touchpoints=STOPS, scale="1..5"), frame))
    journeys = [[one for one in row if one is not None] for row in rows]
    journeys = [row for row in journeys if row]
    for term, pick in (("peak", max), ("low", min), ("end", lambda row: row[-1])):
        row = found["overall", term]
        assert row["base"] == len(journeys)
        if journeys:
            wanted = np.mean([pick(one) for one in journeys])  # type: ignore[operator]
            assert row["value"] == pytest.approx(wanted, rel=1e-12)


def test_users_against_the_others() -> None:
    frame = people()
    row = rows_of(run(wide(), frame))["delivery", "use_difference"]
    users, others = (
        frame.filter(pl.col("delivery").is_null() == absent)["y"].to_numpy()
        for absent in (False, True)
    )
    wanted = stats.ttest_ind(users, others, equal_var=False)
    low, high = wanted.confidence_interval(0.95)
    assert row["value"] == pytest.approx(users.mean() - others.mean(), rel=1e-12)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((low, high), rel=1e-9)


@pytest.mark.parametrize("missing", ["pairwise", "listwise"])
@pytest.mark.parametrize("weight", [None, "w"])
def test_impacts_are_those_of_key_drivers(missing: Any, weight: str | None) -> None:
    frame = people()
    found = rows_of(run(wide(missing=missing), frame, weight=weight))
    drivers = Drivers(outcome="y", drivers=STOPS, scale="1..5", missing=missing)
    results = satcore.run({"drivers": drivers}, frame, weight=weight)
    theirs = {row["item"]: row for row in results.rows("drivers") if row["term"] == "coefficient"}
    for name in STOPS:
        # The same numbers by the same functions: without weights to the last digit.
        mine = found[name, "impact"]["value"]
        assert mine == pytest.approx(theirs[name]["value"], rel=1e-12 if weight else 0, abs=0)
        if missing == "pairwise":
            error = theirs[name]["std_error"]
            assert found[name, "impact"]["std_error"] == pytest.approx(error, rel=1e-12)


def test_impact_alone_is_a_regression_by_itself() -> None:
    frame = people()
    found = rows_of(run(wide(impact="alone"), frame))
    for name in STOPS:
        both = frame.select("y", name).drop_nulls()
        design = sm.add_constant(both[name].to_numpy().astype(float))
        fit = sm.OLS(both["y"].to_numpy(), design).fit(cov_type="HC1")
        row = found[name, "impact"]
        assert row["value"] == pytest.approx(fit.params[1], rel=1e-9)
        assert row["std_error"] == pytest.approx(fit.bse[1], rel=0.2)
        assert impacts.ALONE in row["message"]


def test_a_rating_of_several_items() -> None:
    frame = pl.DataFrame({"a": [1, 5, None, 4], "b": [3, None, None, 5], "c": [2, 2, 4, 3]})
    one = Journey(touchpoints={"both": ("a", "b"), "c": "c"}, scale="1..5")
    found = rows_of(run(one, frame))
    assert found["both", "satisfaction"]["value"] == pytest.approx((2 + 5 + 4.5) / 3)
    assert found["both", "top2"]["value"] == pytest.approx(2 / 3)
    assert found["both", "reach"]["value"] == pytest.approx(3 / 4)


def test_effort_and_emotion() -> None:
    frame = people(60).with_columns(e=pl.Series([1, 2, 3] * 20), f=pl.Series([-2, 0, 3] * 20))
    one = wide(
        touchpoints={
            "search": Touchpoint(items="search", effort="e", emotion="f"),
            "order": "order",
        },
        emotion_scale="-3..3",
    )
    found = rows_of(run(one, frame))
    assert found["search", "effort"]["value"] == pytest.approx(2)
    assert found["search", "emotion"]["value"] == pytest.approx(1 / 3)


# Long data


@pytest.mark.parametrize("weight", [None, "w"])
def test_rows_by_contact_say_what_rows_by_respondent_say(weight: str | None) -> None:
    frame = people()
    by_contact = contacts(frame, used=False)
    roles = {"respondent": "id"} | ({"weight": weight} if weight else {})
    one = rows_of(run(wide(impact="alone"), frame, weight=weight))
    other = rows_of(study_of(LONG, by_contact, **roles))
    terms = ("satisfaction", "top2", "gap", "shortfall", "reach", "impact", "cost", "rank",
             "use_difference")  # fmt: skip
    for name in STOPS:
        for term in terms:
            mine, theirs = one[name, term], other[name, term]
            if (name, term) == ("search", "use_difference"):
                assert mine["value"] is theirs["value"] is None
            else:
                assert mine["value"] == pytest.approx(theirs["value"], rel=1e-10), (name, term)
            assert mine["base"] == theirs["base"], (name, term)
        # Replicates and formulas are two roads to one error.
        for term in ("satisfaction", "top2", "shortfall"):
            error = one[name, term]["std_error"]
            assert other[name, term]["std_error"] == pytest.approx(error, rel=0.2), (name, term)


def numbered(frame: pl.DataFrame, seed: int = 2) -> pl.DataFrame:
    """Contacts of those who used a touchpoint, each respondent's in an order of his or her own."""
    rng = np.random.default_rng(seed)
    rows = contacts(frame, used=True)
    rows = rows.with_columns(draw=pl.Series(rng.random(rows.height)))
    step = pl.col("draw").rank("ordinal").over("id").cast(pl.Int64)
    return rows.with_columns(step=step).drop("draw")


def test_steps_tell_reach_and_drop_off() -> None:
    frame = people()
    by_contact = numbered(frame)
    found = rows_of(study_of({**LONG, "step": "step", "steps": "1..3"}, by_contact,
                             respondent="id"))  # fmt: skip
    wide_found = rows_of(run(wide(impact="alone"), frame))
    for name in STOPS:
        for bound in ("value", "ci_low", "ci_high", "base"):
            mine, theirs = found[name, "reach"][bound], wide_found[name, "reach"][bound]
            assert mine == pytest.approx(theirs, rel=1e-10)
        assert found[name, "cost"]["value"] == pytest.approx(
            wide_found[name, "cost"]["value"], rel=1e-10
        )
        steps = by_contact.filter(pl.col("at") == name)["step"]
        row = found[name, "step"]
        assert row["value"] == pytest.approx(steps.mean())
        assert "comes at steps 1 to 3" in row["message"]
    have = [by_contact.filter(pl.col("step") == step).height for step in (1, 2, 3)]
    for step in (1, 2):
        row = found[f"step {step}", "drop_off"]
        left = have[step - 1] - have[step]
        assert row["value"] == pytest.approx(left / have[step - 1])
        bounds = proportion_confint(left, have[step - 1], method="wilson")
        assert (row["ci_low"], row["ci_high"]) == pytest.approx(bounds, rel=1e-9)


def test_weighted_reach_by_steps_is_that_of_respondents() -> None:
    frame = people()
    found = rows_of(
        study_of({**LONG, "step": "step"}, numbered(frame), respondent="id", weight="w")
    )
    other = rows_of(run(wide(), frame, weight="w"))
    for name in ("order", "delivery"):
        for bound in ("value", "std_error", "ci_low", "ci_high"):
            mine, theirs = found[name, "reach"][bound], other[name, "reach"][bound]
            assert mine == pytest.approx(theirs, rel=1e-8), bound


def test_errors_know_whose_rows_are_whose() -> None:
    """Three equal rows a respondent and touchpoint: no surer than one, against statsmodels."""
    frame = contacts(people(), used=True)
    thrice = pl.concat([frame] * 3)
    once, known, unknown = (
        rows_of(one)
        for one in (
            study_of(LONG, frame, respondent="id"),
            study_of(LONG, thrice, respondent="id"),
            study_of(LONG, thrice),
        )
    )
    for name in STOPS:
        for term in ("satisfaction", "top2", "impact"):
            error = once[name, term]["std_error"]
            assert known[name, term]["std_error"] == pytest.approx(error, rel=1e-9)
            assert unknown[name, term]["std_error"] == pytest.approx(error / 3**0.5, rel=0.25)
        mine = thrice.filter(pl.col("at") == name)
        design = sm.add_constant(mine["rating"].to_numpy().astype(float))
        fit = sm.OLS(mine["y"].to_numpy(), design).fit(
            cov_type="cluster", cov_kwds={"groups": mine["id"].to_numpy()}
        )
        assert known[name, "impact"]["std_error"] == pytest.approx(fit.bse[1], rel=0.2)
        assert metric.NO_IDS in unknown[name, "satisfaction"]["message"]
        assert metric.NO_IDS not in known[name, "satisfaction"]["message"]


def test_rows_without_those_who_did_not_use_it() -> None:
    results = study_of(LONG, contacts(people(), used=True), respondent="id")
    found = rows_of(results)
    for term in ("reach", "cost", "rank"):
        row = found["order", term]
        assert (row["value"], row["status"]) == (None, "undefined")
        assert "as step" in row["message"]
    said = " ".join(results.metrics[0].metric.findings(results, "it"))
    assert "Who did not use a touchpoint has no row for it" in said


def test_who_comes_back_is_no_share() -> None:
    frame = pl.DataFrame(
        {"at": ["search"] * 4, "rating": [3, 4, 5, 2], "step": [1, 2, 3, 1], "id": [1, 1, 1, 2]}
    )
    one = {key: value for key, value in LONG.items() if key != "overall"}
    one |= {"touchpoints": ["search"], "step": "step", "steps": "1..5"}
    row = rows_of(study_of(one, frame, respondent="id"))["search", "reach"]
    assert row["status"] == "undefined"
    assert "4 contacts in 2 journeys" in row["message"]


def test_steps_that_number_nothing() -> None:
    frame = pl.DataFrame(
        {"at": ["search"] * 3, "rating": [3, 4, 5], "step": [2, 2, 3], "id": [1, 2, 3]}
    )
    one = {key: value for key, value in LONG.items() if key != "overall"}
    found = rows_of(study_of({**one, "step": "step"}, frame, respondent="id"))
    assert metric.NO_START in found["search", "reach"]["message"]
    assert found["step 2", "drop_off"]["value"] == pytest.approx(0.5)


# Channels


def test_channels_side_by_side() -> None:
    frame = people().with_columns(
        app=pl.when(pl.col("w") > 1).then(pl.col("search")),
        web=pl.when(pl.col("w") < 1.5).then(pl.col("order")),
    )
    one = wide(
        touchpoints={
            "search": Touchpoint(channels={"app": "app", "web": "web"}),
            "delivery": "delivery",
        },
        replicates=400,
    )
    results = run(one, frame)
    found = rows_of(results)
    means = {name: frame[name].mean() for name in ("app", "web")}
    for name, mean in means.items():
        assert found[f"search@{name}", "satisfaction"]["value"] == pytest.approx(mean)
    both = frame.select((pl.sum_horizontal("app", "web") / (pl.col("app").is_not_null().cast(int)
                         + pl.col("web").is_not_null().cast(int))).alias("m"))["m"]  # fmt: skip
    assert found["search", "satisfaction"]["value"] == pytest.approx(
        np.nanmean(both.to_numpy().astype(float))
    )
    (paired,) = (
        row
        for row in results.comparison_rows("it", "satisfaction")
        if row["kind"] == "paired" and not row["cell"]
    )
    assert paired["difference"] == pytest.approx(means["app"] - means["web"])
    # The same people among both: the error of a difference of two domain means.
    n = len(frame)
    residual = np.zeros(n)
    for name, sign in (("app", 1), ("web", -1)):
        values = frame[name].to_numpy().astype(float)
        there = np.isfinite(values)
        residual += sign * np.where(there, (values - means[name]) / there.mean(), 0.0)
    assert paired["std_error"] == pytest.approx(residual.std() / n**0.5, rel=0.12)


def test_channels_of_contacts() -> None:
    rows = numbered(people())
    rng = np.random.default_rng(8)
    rows = rows.with_columns(by=pl.Series(rng.choice(["web", "phone"], rows.height)))
    one = {**LONG, "step": "step", "channel": "by", "channels": {"web": "Web", "phone": "Phone"}}
    results = study_of(one, rows, respondent="id")
    found = rows_of(results)
    for name in STOPS:
        for channel in ("web", "phone"):
            mine = rows.filter((pl.col("at") == name) & (pl.col("by") == channel))["rating"]
            row = found[f"{name}@{channel}", "satisfaction"]
            assert (row["value"], row["base"]) == (pytest.approx(mine.mean()), len(mine))
    assert results.metrics[0].metric.item_title("order@web") == "order · Web"


# What is told in words


def test_a_touchpoint_nobody_used_and_one_that_everyone_did() -> None:
    frame = people().with_columns(never=pl.lit(None, pl.Int64))
    results = run(wide(touchpoints=(*STOPS, "never")), frame)
    found = rows_of(results)
    without = rows_of(run(wide(), frame))
    assert found["never", "reach"]["value"] == 0
    assert found["never", "satisfaction"]["status"] == "empty"
    for term in ("impact", "cost", "rank", "use_difference"):
        assert found["never", term]["value"] is None
        assert impacts.NOBODY in found["never", term]["message"]
    assert metric.NO_FURTHER in found["delivery", "drop_off"]["message"]
    # It leaves the others as if it was not there.
    for name in STOPS:
        for term in ("impact", "cost", "rank"):
            assert found[name, term]["value"] == pytest.approx(without[name, term]["value"])
    row = found["search", "use_difference"]
    assert (row["value"], row["status"]) == (None, "undefined")
    assert metric.EVERYBODY in row["message"]
    said = list(results.metrics[0].metric.findings(results, "it"))
    assert "Used by nobody: never." in said
    assert any(one.endswith("users can't be held against non-users: search.") for one in said)


def test_touchpoints_that_nobody_used_together() -> None:
    frame = people().with_columns(
        order=pl.when(pl.col("w") < 1).then(pl.col("order")),
        delivery=pl.when(pl.col("w") >= 1).then(pl.col("delivery")),
    )
    found = rows_of(run(wide(), frame))
    assert "used by nobody together with delivery" in found["order", "impact"]["message"]
    assert found["order", "impact"]["value"] is not None
    found = rows_of(run(wide(missing="listwise"), frame))
    assert found["order", "impact"]["value"] is None
    assert impacts.NOBODY_ALL in found["order", "impact"]["message"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"order": pl.lit(3, pl.Int64)}, impacts.CONSTANT),
        ({"y": pl.lit(3, pl.Int64)}, impacts.CONSTANT_OVERALL),
        ({"order": pl.col("search")}, impacts.COLLINEAR),
        ({"y": pl.col("search"), "order": pl.col("search") // 2 + 1}, impacts.SUM),
    ],
)
def test_impacts_that_can_t_be_told(change: dict[str, Any], told: str) -> None:
    found = rows_of(run(wide(missing="listwise"), people().with_columns(**change)))
    row = found["order", "impact"]
    assert row["value"] is None
    assert told in row["message"]
    assert told in found["order", "cost"]["message"]


def test_few_respondents() -> None:
    frame = people(400).drop_nulls().head(3)
    row = rows_of(run(wide(missing="listwise"), frame))["order", "impact"]
    assert row["value"] is None
    assert "3 respondents are too few for 3 touchpoints" in row["message"]


def test_without_replicates() -> None:
    found = rows_of(run(wide(replicates=0), people()))
    for term in ("impact", "cost", "rank"):
        row = found["order", term]
        assert row["value"] is not None
        assert row["ci_low"] is None
        assert metric.NO_ERROR in row["message"]
    assert found["order", "satisfaction"]["ci_low"] is not None


def test_without_an_overall_rating() -> None:
    terms = {term for _, term in rows_of(run(Journey(touchpoints=STOPS, scale="1..5"), people()))}
    assert {"reach", "satisfaction", "peak", "drop_off"} <= terms
    assert not terms & {"impact", "cost", "rank", "use_difference"}


def test_different_orders_are_told() -> None:
    results = study_of({**LONG, "step": "step"}, numbered(people()), respondent="id")
    for language, told in (("en", "in a different order"), ("zh", "顺序不同")):
        said = " ".join(results.metrics[0].metric.findings(results, "it", language))
        assert told in said


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"touchpoints": ()}, "there is none"),
        ({"touchpoints": ("search", "search")}, "stands there twice"),
        ({"touchpoints": {"a@b": "search"}}, "can't be a touchpoint's name"),
        ({"touchpoints": {"overall": "search"}}, "can't be a touchpoint's name"),
        ({"overall": "search"}, "is one of the touchpoints too"),
        ({"target": 1.0}, "ratings run 1..5"),
        ({"target": 6}, "ratings run 1..5"),
        ({"value": "search"}, "is a column of long data"),
        ({"step": "search"}, "is a column of long data"),
        ({"touchpoint": "at"}, "long data need the column of the rating"),
        ({"touchpoint": "at", "value": "r", "impact": "together"}, "long data know alone"),
        ({"touchpoint": "at", "value": "r", "channel": "c"}, "list the values of the column"),
        ({"replicates": 20}, "say too little"),
        ({"seed": -1}, "is negative"),
        ({"touchpoints": {"a": Touchpoint()}}, "write either items or channels"),
        ({"touchpoints": {"a": Touchpoint(items="a", values="b")}}, "write items"),
        ({"touchpoints": {"a": ("search", "search")}}, "stands there twice"),
        (
            {"touchpoints": {"a": Touchpoint(channels={"web": "search"})},
             "channels": {"wbe": Text.of("Web")}},
            "did you mean 'web'?",
        ),
        (
            {"touchpoint": "at", "value": "r", "touchpoints": {"a": Touchpoint(effort="e")}},
            "a target and a label alone",
        ),
        (
            {"touchpoint": "at", "value": "r", "touchpoints": {"a": "x", "b": ("y", "x")}},
            "the value 'x' of 'at' stands there twice",
        ),
        ({"touchpoint": "at", "value": "r", "step": "s", "steps": "0..5"}, "does not begin at 1"),
    ],
)  # fmt: skip
def test_refused(options: dict[str, Any], told: str) -> None:
    with pytest.raises(StudyError) as error:
        run(wide(**options), people(10))
    assert told in str(error.value)


def test_touchpoints_of_different_scales() -> None:
    study = {
        "items": {"search": {"scale": "1..5"}, "order": {"scale": "1..7"}},
        "metrics": {"journey": {"touchpoints": ["search", "order"]}},
    }
    with pytest.raises(StudyError, match="a journey is drawn on one scale"):
        satcore.run(satcore.Study.of(study), people(10))


def test_touchpoints_that_are_numbers() -> None:
    frame = pl.DataFrame({"at": [20, 10, 20, 10], "rating": [1, 4, 2, 5]})
    one = Journey(touchpoint="at", value="rating", touchpoints=("10", "20"), scale="1..5")
    found = rows_of(run(one, frame))
    assert found["10", "satisfaction"]["value"] == 4.5
    assert found["20", "satisfaction"]["value"] == 1.5
    # The second of the list is 20, and not 2.
    with pytest.raises(satcore.DataError, match="2"):
        run(one, frame.with_columns(at=pl.Series([2, 10, 20, 10])))


def test_a_touchpoint_that_is_none_stops_the_run() -> None:
    frame = contacts(people(20), used=True).with_columns(
        at=pl.when(pl.col("id") == 3).then(pl.lit("serch")).otherwise("at")
    )
    with pytest.raises(satcore.DataError) as error:
        run(long(), frame)
    told = str(error.value)
    assert "none of 'search', 'order', 'delivery': 'serch' (" in told
    assert "did you mean 'search'?" in told
    results = satcore.run({"it": long()}, frame, invalid="missing")
    assert any(
        "outside search, order, delivery were counted as missing" in one for one in results.notes
    )


# Many cells, and what stands on a journey


def test_a_cell_is_alone_what_it_is_among_others() -> None:
    frame = people().with_columns(region=pl.Series(["a", "b"] * 200))
    among = run(wide(), frame, segments=["region"])
    for label in "ab":
        mine = rows_of(among, {"region": label})
        alone = rows_of(run(wide(), frame.filter(pl.col("region") == label)))
        for key, row in alone.items():
            if row["term"] not in ("impact", "cost", "rank"):
                assert (mine[key]["value"], mine[key]["ci_low"]) == (row["value"], row["ci_low"])
            else:
                # Without ids rows are drawn by their place.
                assert mine[key]["value"] == row["value"]


def test_costs_hold_what_they_claim() -> None:
    """Of 150 surveys of 300 each, 90 to 99% of the intervals hold the cost among 200,000."""
    truth = rows_of(run(wide(replicates=0), people(200_000, seed=99)))
    surveys = people(150 * 300, seed=1).with_columns(
        survey=pl.Series(np.repeat(np.arange(150), 300))
    )
    results = run(wide(replicates=100), surveys, segments=["survey"], by=["survey"])
    for name in STOPS:
        for term in ("cost", "impact"):
            rows = [row for row in results.rows("it", term) if row["cell"] and row["item"] == name]
            value = truth[name, term]["value"]
            hit = np.mean([row["ci_low"] <= value <= row["ci_high"] for row in rows])
            assert len(rows) == 150
            assert 0.90 <= hit <= 0.99, (name, term, hit)


def test_standards_stand_on_it() -> None:
    study = satcore.Study.of(
        {
            "metrics": {
                "it": {"metric": "journey", "touchpoints": list(STOPS), "scale": "1..5"},
            },
            "standards": [
                {"metric": "it", "item": "search", "term": "top2", "at_least": 0.2},
                {"metric": "it", "item": "delivery", "at_least": 4},
            ],
        }
    )
    results = satcore.run(study, people())
    assert [row["outcome"] for row in results.standard_rows()] == ["met", "not_met"]


# Pictures, words, the command line

STUDY = """
[study]
data = "answers.csv"
[roles]
segments = ["region"]
[items.y]
label = { en = "All in all", zh = "总体满意度" }
[metrics.it]
metric  = "journey"
overall = "y"
scale   = "1..5"
target  = 4
channels = { app = { en = "App", zh = "应用" }, web = { en = "Web", zh = "网页" } }
[metrics.it.touchpoints]
search   = { channels = { app = "app", web = "search" }, label = { en = "Searching", zh = "搜索" } }
order    = { items = "order", effort = "app", label = { en = "Ordering", zh = "下单" } }
delivery = { items = "delivery", label = { en = "Delivery", zh = "配送" } }
never    = { items = "never", label = { en = "Hotline", zh = "热线" } }
"""


def study_file(folder: Path) -> Path:
    frame = people().with_columns(
        never=pl.lit(None, pl.Int64),
        app=pl.when(pl.col("w") > 1).then(pl.col("search")),
        region=pl.Series(["华东", "华南"] * 200),
    )
    frame.write_csv(folder / "answers.csv")
    path = folder / "study.toml"
    path.write_text(STUDY, "utf-8")
    return path


def turned(spec: Mapping[str, Any]) -> set[int]:
    return {layer["encoding"]["x"]["axis"]["labelAngle"] for layer in spec["layer"]}


def test_pictures(tmp_path: Path) -> None:
    vl_convert = pytest.importorskip("vl_convert")
    results = satcore.run(study_file(tmp_path))
    journey = results.metrics[0].metric
    for language, name in (("en", "Delivery"), ("zh", "配送")):
        pictures = list(journey.charts(results, "it", language))
        # The curve, costs, effort, channels, regions.
        assert len(pictures) == 5
        for picture in pictures:
            text = json.dumps(picture.spec, ensure_ascii=False, allow_nan=False)
            assert picture.alt
            assert "http" not in text
            spec = json.loads(text.replace('"container"', "640"))
            assert vl_convert.vegalite_to_svg(spec).startswith("<svg")
        assert name in json.dumps(pictures[0].spec, ensure_ascii=False)
    # Names that stand beside each other in one picture lean where several share its width.
    whole, *_, regions = journey.charts(results, "it", "en")
    assert turned(whole.spec) == {0}
    assert turned(regions.spec["spec"]) == {-30}
    curve = next(iter(journey.charts(results, "it")))
    points = curve.spec["data"]["values"]
    row = rows_of(results)["search", "satisfaction"]
    assert [point["label"] for point in points] == ["Searching", "Ordering", "Delivery", "Hotline"]
    assert (points[0]["value"], points[0]["low"]) == (row["value"], row["ci_low"])
    assert points[0]["target"] == 4
    found = rows_of(results)
    sure = [name for name in STOPS if found[name, "cost"]["ci_low"] > 0]
    dearest = max(sure, key=lambda name: found[name, "cost"]["value"])
    marked = {point["moment"]: point["label"] for point in points if point["moment"]}
    assert marked["1"] == journey.item_title(dearest)
    assert len(marked) == min(3, len(sure))


def test_findings_are_no_surer_than_the_numbers(tmp_path: Path) -> None:
    results = satcore.run(study_file(tmp_path))
    english, chinese = (
        list(results.metrics[0].metric.findings(results, "it", language))
        for language in ("en", "zh")
    )
    assert len(english) == len(chinese)
    assert english[0].startswith("Moments of truth, by what they cost All in all: Delivery ")
    assert "Used by nobody: Hotline." in english
    assert not re.search(r"[A-Za-z]{2,}", "".join(chinese))
    # Answers that have nothing to do with each other cost nothing that could be shown.
    rng = np.random.default_rng(0)
    noise = pl.DataFrame({name: rng.integers(1, 6, 60) for name in ("y", *STOPS)})
    results = run(wide(), noise)
    said = list(results.metrics[0].metric.findings(results, "it"))
    assert said[0] == "No touchpoint is shown to cost y anything."


def test_withheld_where_few_answer() -> None:
    results = run(wide(), people(8), suppress_below=10)
    journey = results.metrics[0].metric
    assert list(journey.findings(results, "it")) == []
    assert list(journey.charts(results, "it")) == []


def test_a_study_from_end_to_end(tmp_path: Path) -> None:
    pytest.importorskip("jinja2")
    study, page = study_file(tmp_path), tmp_path / "zh.html"
    rows = tmp_path / "rows.json"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "satcore", "run", str(study), "--report", str(page),
         "--language", "zh", "--format", "json", "-o", str(rows)],
        capture_output=True, check=False, timeout=120, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = {
        (row["item"], row["term"]): row
        for row in json.loads(rows.read_text("utf-8"))["estimates"]
        if not row["cell"]
    }
    assert found["never", "reach"]["value"] == 0
    text = page.read_text("utf-8")
    assert 'lang="en"' not in re.sub(r"<(script|style).*?</\1>", "", text, flags=re.DOTALL)
    for told in ("关键时刻", "没有人使用", "配送", "与目标的差距", "Welch t", "网页"):
        assert told in text
    assert "Moments of truth" in render(satcore.run(study), "en").decode()


def messages() -> list[str]:
    found = []
    for module in (impacts, metric, costs, channels):
        for name, value in vars(module).items():
            if name.isupper() and isinstance(value, str) and " " in value:
                found.append(value)
    return sorted(set(found))


@pytest.mark.parametrize("message", messages())
def test_every_message_has_its_chinese(message: str) -> None:
    words = Words("zh", offered=Plugins.found().catalogues())
    places = {
        name: "a, b" if name == "list" else "12" for name in re.findall(r"\{(\w+)\}", message)
    }
    told, language = told_by(message.format(**places), words)
    assert language == ""
    assert re.search("[\u4e00-\u9fff]", told)
    assert all(one in told for one in places.values() if one == "12")


def test_estimates_are_named() -> None:
    """Every term of a row is one that the plugin names."""
    (spec,) = satcore_metrics()
    rows = {term for _, term in rows_of(run(wide(), people()))}
    assert rows <= set(spec.terms)
