"""Multiple response: against independent formulas, on real answers, its laws and its edges."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from html.parser import HTMLParser
from importlib.metadata import EntryPoint
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

import satcore
from satcore import Codebook, OptionError, Results, Study, StudyError
from satcore.inference import holm
from satcore.plugins import Plugins
from satcore.surveys import FrameFragment, Survey
from satcore_html import render
from satcore_html.messages import said as told_by
from satcore_html.words import Words
from satcore_multiple import Multiple
from satcore_multiple.items import Reached
from satcore_multiple.metric import ALL_CHOSEN, BLANKS, NEVER_SHOWN, NOBODY, TOGETHER
from satcore_multiple.options import columns

CLOSE = {"rel": 1e-12, "abs": 1e-14}
NUMBERS = ("value", "std_error", "ci_low", "ci_high", "base", "weighted_base", "effective_base")

Array = NDArray[np.float64]
Column = Sequence[Any]


def asked(rows: int = 300, seed: int = 11) -> Array:
    """Who chose what of five options: (rows, options), of people who choose much or little."""
    draw = np.random.default_rng(seed)
    eager = draw.beta(2.0, 3.0, rows)
    popular = np.array([1.6, 1.1, 0.8, 0.5, 0.1])
    return (draw.random((rows, 5)) < eager[:, None] * popular).astype(np.float64)


def table(chosen: Array, **more: Column) -> dict[str, Column]:
    found: dict[str, Column] = {
        f"Q5_{place}": [None if np.isnan(one) else int(one) for one in column]
        for place, column in enumerate(chosen.T, start=1)
    }
    return {**found, **more}


def run(data: Any, plugins: Plugins, metric: Multiple | None = None, **more: Any) -> Results:
    metric = metric or Multiple(options="Q5_{1..5}")
    return satcore.run({"it": metric}, data, plugins=plugins, **more)


def rows_of(results: Results, cell: Mapping[str, str] | None = None) -> dict[tuple[str, str], Any]:
    return {
        (row["item"], row["term"]): row for row in results.rows("it") if row["cell"] == (cell or {})
    }


def wilson(p: float, n: float, z: float) -> tuple[float, float]:
    """The roots of (p - x)² = z² x(1 - x) / n, by another road than the core's."""
    roots = np.roots([1 + z * z / n, -2 * p - z * z / n, p * p])
    return float(min(roots)), float(max(roots))


# Against formulas


def test_shares_of_respondents(plugins: Plugins) -> None:
    chosen = asked()
    rows = rows_of(run(table(chosen), plugins))
    for place in range(5):
        row, p = rows[f"Q5_{place + 1}", "respondents"], chosen[:, place].mean()
        assert row["value"] == pytest.approx(p, **CLOSE)
        assert row["std_error"] == pytest.approx(np.sqrt(p * (1 - p) / 300), **CLOSE)
        bounds = wilson(p, 300, stats.norm.ppf(0.975))
        assert (row["ci_low"], row["ci_high"]) == pytest.approx(bounds, rel=1e-9)
        assert (row["base"], row["method"], row["unit"]) == (300, "wilson", "proportion")


def test_shares_of_answers(plugins: Plugins) -> None:
    """The ratio of two totals, its error and interval, as Cochran (1977, 6.4) has them."""
    chosen = asked()
    rows, number = rows_of(run(table(chosen), plugins)), chosen.sum(axis=1)
    for place in range(5):
        row, flag = rows[f"Q5_{place + 1}", "answers"], chosen[:, place]
        ratio = flag.sum() / number.sum()
        residual = flag - ratio * number
        error = np.sqrt(residual @ residual * 300 / 299) / number.sum()
        assert row["value"] == pytest.approx(ratio, **CLOSE)
        assert row["std_error"] == pytest.approx(error, **CLOSE)
        t = stats.t.ppf(0.975, 299)
        bounds = wilson(ratio, ratio * (1 - ratio) / error**2, t)
        assert (row["ci_low"], row["ci_high"]) == pytest.approx(bounds, rel=1e-9)
        assert (row["base"], row["method"], row["unit"]) == (300, "wilson_ratio", "proportion")


def test_the_error_of_a_share_of_answers_is_the_bootstrap_s(plugins: Plugins) -> None:
    chosen = asked()
    rows = rows_of(run(table(chosen), plugins))
    draw = np.random.default_rng(2)
    drawn = chosen[draw.integers(0, 300, (4000, 300))].sum(axis=1)
    spread = (drawn / drawn.sum(axis=1, keepdims=True)).std(axis=0, ddof=1)
    for place in range(5):
        row = rows[f"Q5_{place + 1}", "answers"]
        assert row["std_error"] == pytest.approx(spread[place], rel=0.05)
        # Answers are not independent: a plain binomial error would be another.
        plain = np.sqrt(row["value"] * (1 - row["value"]) / chosen.sum())
        assert place == 4 or abs(row["std_error"] / plain - 1) > 0.05


def test_how_many_options_are_chosen(plugins: Plugins) -> None:
    chosen = asked()
    rows, number = rows_of(run(table(chosen), plugins)), chosen.sum(axis=1)
    mean, some = rows["overall", "chosen_mean"], rows["overall", "any"]
    assert mean["value"] == pytest.approx(number.mean(), **CLOSE)
    assert mean["std_error"] == pytest.approx(number.std(ddof=1) / np.sqrt(300), **CLOSE)
    reach = stats.t.ppf(0.975, 299) * mean["std_error"]
    assert mean["ci_high"] == pytest.approx(number.mean() + reach, rel=1e-9)
    assert (mean["unit"], mean["message"]) == ("options", "")
    assert some["value"] == pytest.approx((number > 0).mean(), **CLOSE)


def test_weights(plugins: Plugins) -> None:
    """As R's svymean and svyratio: linearised, cells as domains of the whole survey."""
    chosen, draw = asked(), np.random.default_rng(5)
    weight = draw.uniform(0.2, 3.0, 300)
    region = draw.integers(0, 2, 300)
    data = table(chosen, w=weight.tolist(), region=[str(one) for one in region])
    results = run(data, plugins, weight="w", segments=["region"])
    number = chosen.sum(axis=1)
    for cell, here in (({}, np.ones(300)), ({"region": "1"}, region == 1)):
        rows, w = rows_of(results, cell), weight * here
        n = int(here.sum())
        for place in range(5):
            flag = chosen[:, place]
            for term, over in (("respondents", np.ones(300)), ("answers", number)):
                row = rows[f"Q5_{place + 1}", term]
                ratio = (w @ flag) / (w @ over)
                influence = w * (flag - ratio * over) / (w @ over)
                error = np.sqrt(300 / 299 * np.sum((influence - influence.mean()) ** 2))
                assert row["value"] == pytest.approx(ratio, **CLOSE)
                assert row["std_error"] == pytest.approx(error, **CLOSE)
                t = stats.t.ppf(0.975, n - 1)
                bounds = wilson(ratio, ratio * (1 - ratio) / error**2, t)
                assert (row["ci_low"], row["ci_high"]) == pytest.approx(bounds, rel=1e-9)
                assert row["base"] == n
                assert row["weighted_base"] == pytest.approx(w.sum())
                assert row["effective_base"] == pytest.approx(w.sum() ** 2 / (w @ w))


def pairs(results: Results) -> dict[tuple[str, str], Any]:
    return {
        (row["item"], row["against"]["item"]): row
        for row in results.comparison_rows("it", "respondents")
        if row["kind"] == "paired" and not row["cell"]
    }


def test_options_against_each_other(plugins: Plugins) -> None:
    chosen = asked()
    found = pairs(run(table(chosen), plugins))
    assert len(found) == 10
    raw = []
    for (one, other), row in found.items():
        difference = chosen[:, int(one[-1]) - 1] - chosen[:, int(other[-1]) - 1]
        error = difference.std(ddof=1) / np.sqrt(300)
        assert row["difference"] == pytest.approx(difference.mean(), **CLOSE)
        assert row["std_error"] == pytest.approx(error, rel=1e-9)
        raw.append(2 * stats.norm.sf(abs(difference.mean()) / error))
        assert row["p"] == pytest.approx(raw[-1], rel=1e-6)
    adjusted = holm(np.array(raw))
    assert [row["p_adjusted"] for row in found.values()] == pytest.approx(adjusted, rel=1e-6)


def test_options_that_not_everybody_was_shown_against_each_other(plugins: Plugins) -> None:
    """A difference of two means over different people, some of them the same."""
    chosen = asked()
    chosen[np.random.default_rng(8).random(chosen.shape) < 0.3] = np.nan
    there, flags = ~np.isnan(chosen), np.nan_to_num(chosen)
    shares = flags.sum(axis=0) / there.sum(axis=0)
    n = int(there.any(axis=1).sum())
    influence = (flags - shares * there) / (there.sum(axis=0) / n)
    found = pairs(run(table(chosen), plugins))
    for (one, other), row in found.items():
        a, b = int(one[-1]) - 1, int(other[-1]) - 1
        both = (influence[:, a] - influence[:, b])[there.any(axis=1)]
        assert row["difference"] == pytest.approx(shares[a] - shares[b], **CLOSE)
        assert row["std_error"] == pytest.approx(both.std(ddof=1) / np.sqrt(n), rel=1e-9)


def test_pairs_of_many_options_are_compared_when_asked_for(plugins: Plugins) -> None:
    data = {f"Q_{place}": [place % 2, 1, 0] for place in range(1, 23)}
    many = Multiple(options="Q_{1..22}")
    assert not pairs(run(data, plugins, many))
    assert len(pairs(run(data, plugins, Multiple(options="Q_{1..22}", pairs=True)))) == 231
    few = Multiple(options="Q_{1..4}", pairs=False)
    assert not pairs(run(data, plugins, few))


# Real answers


def test_real_answers_with_an_exclusive_option(shared: Path, plugins: Plugins) -> None:
    """Which meals do you skip, with "None of them" that some chose together with meals."""
    folder = shared / "data" / "quantipy_A"
    texts = pl.read_csv(folder / "Example_Data_A.csv", infer_schema_length=None)["q8"].to_list()
    said = json.loads((folder / "Example_Data_A.json").read_text("utf-8"))["columns"]["q8"]
    codes = [one["value"] for one in said["values"]]
    sets = [set(map(int, text.strip(";").split(";"))) for text in texts if text is not None]
    data = {
        f"q8_{code}": [
            None if text is None else int(code in map(int, text.strip(";").split(";")))
            for text in texts
        ]
        for code in codes
    }
    labels = {f"q8_{one['value']}": one["text"]["en-GB"] for one in said["values"]}
    study = Study.of(
        {"metrics": {"it": {"metric": "multiple", "options": labels, "exclusive": ["q8_96"]}}}
    )
    results = satcore.run(study, data, plugins=plugins)
    rows = rows_of(results)
    counted = [code for code in codes if code != 96]
    answers = sum(len(one - {96}) for one in sets)
    for code in codes:
        count = sum(code in one for one in sets)
        row = rows[f"q8_{code}", "respondents"]
        assert row["value"] == pytest.approx(count / len(sets), **CLOSE)
        assert row["base"] == len(sets) == 2367
        if code != 96:
            share = rows[f"q8_{code}", "answers"]["value"]
            assert share == pytest.approx(count / answers, **CLOSE)
    assert ("q8_96", "answers") not in rows
    mean = rows["overall", "chosen_mean"]["value"]
    assert mean == pytest.approx(answers / len(sets), **CLOSE)
    together = sum(96 in one and len(one) > 1 for one in sets)
    assert together > 100
    none = rows["q8_96", "contradicted"]
    assert none["value"] == pytest.approx(together / len(sets), **CLOSE)
    told = f"{together:,} chose it together with other options"
    assert rows["q8_96", "respondents"]["message"] == told
    (metric,) = results.metrics
    found = list(metric.metric.findings(results, "it"))
    most = max(counted, key=lambda code: sum(code in one for one in sets))
    assert found[0].startswith(f"Most chosen: {labels[f'q8_{most}']} (")
    assert found[-1].startswith("None of them: ")


# One set, however it is written


def codings(chosen: Array) -> Iterator[tuple[dict[str, Column], Mapping[str, Any], Any]]:
    """The same answers of people each of whom chose something, in the ways that exports have."""
    names = [f"Q5_{place}" for place in range(1, chosen.shape[1] + 1)]
    written = dict(zip(names, chosen.T, strict=True))
    yield {name: [int(x) for x in one] for name, one in written.items()}, {}, {}
    yield (
        {name: [1 if x else None for x in one] for name, one in written.items()},
        {"blank": "not chosen"},
        {},
    )
    yield (
        {name: [1 if x else 2 for x in one] for name, one in written.items()},
        {"scale": "1..2"},
        {},
    )
    yield (
        {name: [f"Text of {name}" if x else None for x in one] for name, one in written.items()},
        {"blank": "not chosen", "scale": "1..1"},
        {name: {"scale": f"only {name}"} for name in names},
    )


def test_every_coding_gives_the_same(plugins: Plugins) -> None:
    chosen = asked()
    chosen = chosen[chosen.any(axis=1)]
    found = []
    for data, options, items in codings(chosen):
        metric = {"metric": "multiple", "options": "Q5_{1..5}", **options}
        scales = {f"only {name}": {"codes": {f"Text of {name}": 1}} for name in items}
        study = Study.of({"metrics": {"it": metric}, "items": items, "scales": scales})
        results = satcore.run(study, data, plugins=plugins)
        found.append(
            {
                key: tuple(row[name] for name in (*NUMBERS, "status", "message"))
                for key, row in rows_of(results).items()
            }
        )
    assert found[0] == found[1] == found[2] == found[3]
    assert found[0]["overall", "any"][0] == 1.0


def test_blanks_of_those_who_answered_something(plugins: Plugins) -> None:
    data = {"Q5_1": [1, 0, None, None, 1], "Q5_2": [None, 1, 1, None, 1]}
    metric = Multiple(options="Q5_{1..2}")
    rows = rows_of(run(data, plugins, metric))
    assert [rows[f"Q5_{n}", "respondents"]["base"] for n in (1, 2)] == [3, 3]
    assert rows["Q5_1", "respondents"]["value"] == pytest.approx(2 / 3)
    assert rows["overall", "chosen_mean"]["base"] == 4
    assert rows["overall", "chosen_mean"]["message"].endswith("blanks that count as not chosen: 2")
    written = Multiple(options="Q5_{1..2}", blank="not chosen")
    rows = rows_of(run(data, plugins, written))
    assert rows["Q5_1", "respondents"]["base"] == 4
    assert rows["Q5_1", "respondents"]["value"] == 0.5
    assert "blanks" not in rows["overall", "chosen_mean"]["message"]


def test_a_base_of_those_who_chose(plugins: Plugins) -> None:
    data = {"a": [1, 0, 0, 1], "b": [0, 0, 1, 1], "none": [0, 1, 0, 1]}
    options = {"options": ("a", "b", "none"), "exclusive": ("none",)}
    rows = rows_of(run(data, plugins, Multiple(**options, base="chose")))
    assert rows["a", "respondents"]["value"] == pytest.approx(2 / 3)
    assert rows["none", "respondents"]["value"] == pytest.approx(1 / 3)
    assert ("overall", "any") not in rows
    everyone = rows_of(run(data, plugins, Multiple(**options)))
    assert everyone["a", "respondents"]["value"] == 0.5
    assert everyone["none", "respondents"]["value"] == 0.5
    assert everyone["none", "contradicted"]["value"] == 0.25
    for name in "ab":
        share = everyone[name, "answers"]
        assert share["value"] == rows[name, "answers"]["value"] == 0.5


# Laws

one_answer = st.sampled_from([0, 1, None])
answers = st.integers(2, 10).flatmap(
    lambda k: st.lists(st.lists(one_answer, min_size=k, max_size=k), min_size=1, max_size=25)
)


@settings(deadline=None, max_examples=40)
@given(answers, st.booleans())
def test_shares_add_up(given_answers: list[list[int | None]], written: bool) -> None:
    points = [EntryPoint("multiple", "satcore_multiple", "satcore")]
    k = len(given_answers[0])
    data = {f"Q5_{place + 1}": [row[place] for row in given_answers] for place in range(k)}
    frame = pl.DataFrame(data, schema=dict.fromkeys(data, pl.Int64))
    metric = Multiple(
        options=f"Q5_{{1..{k}}}", blank="not chosen" if written else "missing", pairs=False
    )
    rows = rows_of(run(frame, Plugins(tuple(points)), metric))
    present = [row for row in given_answers if any(one is not None for one in row)]
    shares = [rows[name, "respondents"] for name in data]
    mean = rows["overall", "chosen_mean"]
    assert mean["base"] == len(present)
    if present and (written or all(None not in row for row in present)):
        assert sum(row["value"] for row in shares) == pytest.approx(mean["value"], rel=1e-12)
    for place, row in enumerate(shares):
        mine = [one[place] for one in present]
        base = len(mine) if written else sum(one is not None for one in mine)
        assert row["base"] == base
        assert base == 0 or row["value"] == pytest.approx(mine.count(1) / base, rel=1e-12)
    of_answers = [rows[name, "answers"]["value"] for name in data]
    if any(1 in row for row in present):
        assert sum(x for x in of_answers if x is not None) == pytest.approx(1.0, rel=1e-12)
    else:
        assert of_answers == [None] * k


@pytest.mark.parametrize("options", [5, 12])
def test_cut_anywhere(plugins: Plugins, options: int) -> None:
    """Equal to the bit, whether the options fit into one pack or not."""
    draw = np.random.default_rng(4)
    chosen = np.where(draw.random((200, options)) < 0.1, np.nan, draw.random((200, options)) < 0.4)
    frame = pl.DataFrame(table(chosen, region=[str(x) for x in draw.integers(0, 3, 200)]))
    metric = Multiple(options=f"Q5_{{1..{options}}}", exclusive=("Q5_2",))
    cuts = [0, 1, 1, 77, 140, 200]
    pieces = [frame[a:b] for a, b in pairwise(cuts)]
    cut = Survey(
        name="pieces",
        fragments=tuple(
            FrameFragment(id=f"piece {number}", frame=piece) for number, piece in enumerate(pieces)
        ),
        columns=tuple(frame.columns),
    )
    whole, parts = (run(one, plugins, metric, segments=["region"]) for one in (frame, cut))
    assert whole.rows("it") == parts.rows("it")
    assert whole.comparison_rows("it") == parts.comparison_rows("it")


def test_a_cell_is_alone_what_it_is_among_others(plugins: Plugins) -> None:
    chosen = asked()
    region = np.random.default_rng(1).integers(0, 4, 300)
    data = table(chosen, region=[str(one) for one in region])
    results = run(data, plugins, segments=["region"])
    for label in range(4):
        mine = rows_of(results, {"region": str(label)})
        alone = rows_of(run(table(chosen[region == label]), plugins))
        for key, row in alone.items():
            assert [mine[key][name] for name in NUMBERS] == [row[name] for name in NUMBERS]


def test_groups_are_compared_by_both_shares(plugins: Plugins) -> None:
    chosen = asked()
    chosen[:150, 0] = 1
    data = table(chosen, region=["a"] * 150 + ["b"] * 150)
    results = run(data, plugins, segments=["region"])
    for term in ("respondents", "answers"):
        found = [
            row
            for row in results.comparison_rows("it", term)
            if row["kind"] == "rest" and row["cell"] == {"region": "a"} and row["item"] == "Q5_1"
        ]
        (row,) = found
        assert row["p_adjusted"] < 0.001
        rows = [rows_of(results, {"region": label})["Q5_1", term]["value"] for label in "ab"]
        assert row["difference"] == pytest.approx(rows[0] - rows[1], rel=1e-12)


def test_the_base_has_one_value() -> None:
    item = Codebook().item("a", "0..1")
    reached = Reached(satcore.Sum((satcore.Indicator(item, (1,)),)))
    assert (reached.low, reached.high, reached.levels, reached.total) == (1, 1, 1, False)
    assert reached.sources == (item,)
    assert reached.key != Reached(satcore.Sum((satcore.Indicator(item, (0,)),))).key


# Edges


def test_nobody_chose_anything(plugins: Plugins) -> None:
    results = run({"Q5_1": [0, 0, 0], "Q5_2": [0, 0, 0]}, plugins, Multiple(options="Q5_{1..2}"))
    rows = rows_of(results)
    assert rows["Q5_1", "respondents"]["value"] == 0.0
    assert rows["Q5_1", "respondents"]["ci_high"] == pytest.approx(0.5615, abs=1e-4)
    assert rows["Q5_1", "answers"]["status"] == "undefined"
    assert "nobody chose an option" in rows["Q5_1", "answers"]["message"]
    assert rows["overall", "chosen_mean"]["value"] == rows["overall", "any"]["value"] == 0.0
    assert not results.failures
    (metric,) = results.metrics
    assert next(iter(metric.metric.findings(results, "it"))) == "Nobody chose an option."


def test_an_option_that_nobody_was_shown(plugins: Plugins) -> None:
    data = {"Q5_1": [1, 0, 1], "Q5_2": [0, 1, 1], "Q5_3": [None, None, None]}
    results = run(data, plugins, Multiple(options="Q5_{1..3}"))
    rows = rows_of(results)
    never = rows["Q5_3", "respondents"]
    assert (never["status"], never["base"]) == ("empty", 0)
    assert "its column holds no answer: was the option shown?" in never["message"]
    assert rows["Q5_3", "answers"]["value"] is None
    assert rows["Q5_1", "answers"]["value"] == 0.5
    assert "blanks" not in rows["overall", "chosen_mean"]["message"]
    (metric,) = results.metrics
    told = list(metric.metric.findings(results, "it"))
    assert "No answer at all: Q5_3. Check whether it was shown." in told
    (chart,) = metric.metric.charts(results, "it")
    assert "Not shown: Q5_3 (no answers)." in chart.alt
    written = Multiple(options="Q5_{1..3}", blank="not chosen")
    never = rows_of(run(data, plugins, written))["Q5_3", "respondents"]
    assert (never["value"], never["base"]) == (0.0, 3)
    assert "was the option shown?" in never["message"]


def test_a_blank_that_means_not_chosen_is_suspected(plugins: Plugins) -> None:
    """What an export of 1 and blank would give without a word: 100% of each option."""
    data = {"Q5_1": [1, None, 1], "Q5_2": [None, 1, 1]}
    rows = rows_of(run(data, plugins, Multiple(options="Q5_{1..2}")))
    row = rows["Q5_1", "respondents"]
    assert row["value"] == 1.0
    assert 'write blank = "not chosen"' in row["message"]
    assert "blank (1)" in row["message"]
    written = Multiple(options="Q5_{1..2}", blank="not chosen")
    rows = rows_of(run(data, plugins, written))
    assert rows["Q5_1", "respondents"]["value"] == pytest.approx(2 / 3)
    assert "write blank" not in rows["Q5_1", "respondents"]["message"]


def test_nobody_answered(plugins: Plugins) -> None:
    frame = pl.DataFrame({"Q5_1": [None], "Q5_2": [None]}, schema_overrides={"Q5_1": pl.Int64})
    results = run(frame, plugins, Multiple(options="Q5_{1..2}"))
    assert {row["status"] for row in results.rows("it")} == {"empty"}
    (metric,) = results.metrics
    assert list(metric.metric.findings(results, "it")) == ["Nobody answered."]
    assert list(metric.metric.charts(results, "it")) == []


def test_all_answer_alike(plugins: Plugins) -> None:
    """No trace of rounding passes for an error."""
    data = {f"Q5_{n}": [1] * 49 for n in range(1, 50)}
    rows = rows_of(run(data, plugins, Multiple(options="Q5_{1..49}")))
    row = rows["Q5_7", "answers"]
    assert row["value"] == pytest.approx(1 / 49)
    assert row["std_error"] == 0.0
    assert row["ci_low"] < 0.01
    assert row["ci_high"] > 0.05
    data = {"a": [1] * 40, "b": [0] * 40}
    found = pairs(run(data, plugins, Multiple(options=("a", "b"))))
    assert found["a", "b"]["status"] == "undefined"


def test_one_respondent(plugins: Plugins) -> None:
    rows = rows_of(run({"a": [1], "b": [0]}, plugins, Multiple(options=("a", "b"))))
    assert rows["a", "answers"]["value"] == 1.0
    assert rows["a", "answers"]["std_error"] is None
    assert rows["a", "respondents"]["status"] == "small"


def test_a_value_outside_the_scale_stops_the_run(plugins: Plugins) -> None:
    data = {"Q5_1": [1, 2, 0], "Q5_2": [1, 1, 0]}
    metric = Multiple(options="Q5_{1..2}")
    with pytest.raises(satcore.DataError, match=r"(?s)Q5_1.*0\.\.1.*2"):
        run(data, plugins, metric)
    rows = rows_of(run(data, plugins, metric, invalid="missing"))
    assert rows["Q5_1", "respondents"]["base"] == 2


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"options": "Q5"}, "at least 2 columns are wanted, and there is only 'Q5'"),
    ({"options": "Q{1..2}_{1..3}"}, "has 2 parts"),
    ({"options": "Q5_{3..1}"}, "runs downwards"),
    ({"options": "Q5_{A,,B}"}, "empty name"),
    ({"options": "Q5_{1..1}"}, "at least 2 columns are wanted, and there is only 'Q5_1'"),
    ({"options": []}, "no column is named"),
    ({"options": ["a", "b", "a"]}, "'a' stands there twice"),
    ({"options": ["a", "overall"]}, "rename the column"),
    ({"options": ["a", "b", "none"], "exclusive": ["nome"]}, "did you mean 'none'"),
    ({"options": ["a", "none"], "exclusive": ["none"]}, "fewer than two options are left"),
    ({"options": ["a", "b"], "chosen": 2}, "2 is no value of 'a', which is 0..1"),
    ({"options": ["a", "b"], "scale": "1..1"}, 'write blank = "not chosen"'),
    ({"options": ["a", "b"], "blank": "not chose"}, "not chosen"),
    ({"options": ["a", "b"], "base": "choose"}, "chose"),
    ({"options": ["a", "b"], "option": 1}, "options"),
]


@pytest.mark.parametrize(("options", "told"), REFUSED, ids=[told for _, told in REFUSED])
def test_refused(options: dict[str, Any], told: str, plugins: Plugins) -> None:
    study = Study.of({"metrics": {"it": {"metric": "multiple", **options}}})
    data = {name: [0, 1] for name in ("a", "b", "none", "Q5_1", "Q5_2", "overall")}
    with pytest.raises(StudyError, match=re.escape(told)):
        satcore.run(study, data, plugins=plugins)


@pytest.mark.parametrize("wrong", [{"blank": "no"}, {"base": "all"}], ids=["blank", "base"])
def test_refused_of_python(wrong: Any) -> None:
    with pytest.raises(OptionError, match="is none of"):
        Multiple(options="Q5_{1..2}", **wrong).statistics(Codebook())


def test_patterns() -> None:
    assert columns("Q5_{08..10}x") == ("Q5_08x", "Q5_09x", "Q5_10x")
    assert columns("Q5:{A, B,C}") == ("Q5:A", "Q5:B", "Q5:C")
    assert columns(("b", "a")) == ("b", "a")


# Pictures, words, the command line


def study_file(folder: Path) -> Path:
    chosen, draw = asked(), np.random.default_rng(6)
    rows = [
        [*("1" if one else "" for one in row), str(int(not row.any() or draw.random() < 0.03))]
        for row in chosen
    ]
    lines = ["region,month,Q5_1,Q5_2,Q5_3,Q5_4,Q5_5,Q5_6,Q5_7"]
    for number, row in enumerate(rows):
        none = "1" if row[5] == "1" else ""
        lines.append(
            f"{('华东', '华南')[number % 2]},2026-0{1 + number % 3},{','.join(row[:5])},{none},"
        )
    (folder / "answers.csv").write_text("\n".join(lines) + "\n", "utf-8")
    text = """
[study]
data = "answers.csv"
[roles]
segments = ["region"]
wave = "month"
[items.Q5_7]
label = { en = "Other", zh = "其他" }
[metrics.multiple]
blank = "not chosen"
exclusive = ["Q5_6"]
[metrics.multiple.options]
Q5_1 = { en = "Price", zh = "价格" }
Q5_2 = { en = "Service", zh = "服务" }
Q5_3 = { en = "Location", zh = "位置" }
Q5_4 = { en = "Range", zh = "品种" }
Q5_5 = { en = "Parking", zh = "停车" }
Q5_6 = { en = "None of these", zh = "以上都没有" }
Q5_7 = { en = "Other", zh = "其他" }
"""
    path = folder / "study.toml"
    path.write_text(text, "utf-8")
    return path


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "satcore", *map(str, arguments)],
        capture_output=True,
        check=False,
        timeout=120,
        encoding="utf-8",
    )


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
    done = command(
        "run", study, "--report", page, "--language", "zh", "--format", "json", "-o", rows_file
    )
    assert done.returncode == 0, done.stderr
    rows = json.loads(rows_file.read_text("utf-8"))["estimates"]
    total = {(row["item"], row["term"]): row for row in rows if not row["cell"]}
    chosen = asked()
    assert total["Q5_1", "respondents"]["value"] == pytest.approx(chosen[:, 0].mean())
    share = chosen[:, 0].sum() / chosen.sum()
    assert total["Q5_1", "answers"]["value"] == pytest.approx(share)
    assert "was the option shown?" in total["Q5_7", "respondents"]["message"]
    results = satcore.run(study, plugins=plugins)
    english, chinese = Page(render(results, "en").decode()), Page(page.read_text("utf-8"))
    assert any("Most chosen: Price" in text for text, _ in english.texts)
    assert any("chose it together with other options" in text for text, _ in english.texts)
    marked = [text for text, language in chinese.texts if language.startswith("en")]
    assert marked == []
    said = "\n".join(text for text, _ in chinese.texts)
    assert "Q5_1: 价格" in said
    for there in ("选择最多：价格", "人同时还选择了其他选项", "是否展示过该选项", "Wilson（比率）"):
        assert there in said
    # Options of the study stand there as they were written.
    for absent in ("Price", "Share of", "chose it", "respondents", "Most"):
        assert absent not in said


def test_pictures(tmp_path: Path, plugins: Plugins) -> None:
    results = satcore.run(study_file(tmp_path), plugins=plugins)
    (measured,) = results.metrics
    for language in ("en", "zh"):
        pictures = list(measured.metric.charts(results, "multiple", language))
        assert len(pictures) == 3
        for picture in pictures:
            text = json.dumps(picture.spec, ensure_ascii=False, allow_nan=False)
            assert picture.alt
            assert "http" not in text
            assert ("Price" in text) == (language == "en")
    whole, groups, waves = measured.metric.charts(results, "multiple")
    labels = [point["label"] for point in whole.spec["data"]["values"]]
    assert labels[0] == "Price"
    assert labels[-1] == "None of these"
    row = next(iter(results.rows("multiple", "respondents")))
    point = whole.spec["data"]["values"][0]
    assert (point["value"], point["low"]) == (row["value"], row["ci_low"])
    names = [one["facet"] for one in groups.spec["data"]["values"]]
    assert list(dict.fromkeys(names)) == ["华东", "华南"]
    assert len(waves.spec["data"]["values"]) == 7 * 3


def test_pictures_are_vega_lite(tmp_path: Path, plugins: Plugins) -> None:
    vl_convert = pytest.importorskip("vl_convert")
    results = satcore.run(study_file(tmp_path), plugins=plugins, min_base=101)
    for picture in results.metrics[0].metric.charts(results, "multiple", "zh"):
        spec = json.loads(json.dumps(picture.spec).replace('"container"', "640"))
        assert vl_convert.vegalite_to_svg(spec).startswith("<svg")


def test_findings_are_no_surer_than_the_numbers(plugins: Plugins) -> None:
    near: Callable[[int], list[int]] = lambda count: [1] * count + [0] * (200 - count)  # noqa: E731
    data = {"a": near(120), "b": near(118)[::-1], "c": near(20)}
    results = run(data, plugins, Multiple(options=("a", "b", "c")))
    (measured,) = results.metrics
    first, unsure, mean = measured.metric.findings(results, "it")
    assert first.startswith("Most chosen: a (60.0% of respondents, 95% interval 53.")
    assert unsure == "Their order is not sure: a and b do not differ significantly."
    assert mean.startswith("A respondent chose 1.29 options on average (95% interval 1.2")
    chinese = list(measured.metric.findings(results, "it", "zh"))
    assert not re.search(r"[a-z]{2,}", "".join(chinese))


def test_withheld_where_few_answer(plugins: Plugins) -> None:
    results = run(table(asked(4)), plugins, suppress_below=10)
    (measured,) = results.metrics
    assert list(measured.metric.findings(results, "it")) == []
    assert list(measured.metric.charts(results, "it")) == []
    assert {row["status"] for row in results.rows("it")} == {"suppressed"}


@pytest.mark.parametrize("message", [NOBODY, NEVER_SHOWN, ALL_CHOSEN, BLANKS, TOGETHER])
def test_every_message_has_its_chinese(message: str) -> None:
    words = Words("zh", offered=Plugins.found().catalogues())
    told, language = told_by(message.format(count="1,234"), words)
    assert language == ""
    assert re.search("[\u4e00-\u9fff]", told)
    assert ("1,234" in told) == ("{count}" in message)


def test_standards_and_trends_stand_on_it(plugins: Plugins) -> None:
    chosen = asked()
    waves = [f"2026-{1 + place % 6:02}" for place in range(300)]
    study = Study.of(
        {
            "roles": {"wave": "wave"},
            "metrics": {
                "it": {"metric": "multiple", "options": "Q5_{1..5}"},
                "trend": {"of": "it", "item": "Q5_1", "term": "answers"},
            },
            "standards": [{"metric": "it", "item": "Q5_1", "at_least": 0.5}],
        }
    )
    results = satcore.run(study, table(chosen, wave=waves), plugins=plugins)
    (standard,) = (row for row in results.standards.rows() if not row["cell"])
    assert (standard["term"], standard["outcome"]) == ("respondents", "met")
    (slope,) = (row for row in results.rows("trend", "slope") if not row["cell"])
    assert slope["value"] is not None
    assert not results.failures
