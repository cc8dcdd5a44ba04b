"""Satisfaction index models: against seminr and SmartPLS, by rows, their laws and their edges."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import satcore
from benchmarks.coverage_loyalty import case, designs
from satcore import Codebook, OptionError, Results, Study, StudyError
from satcore.plugins import Plugins
from satcore.surveys import FrameFragment, Survey
from satcore_html import render
from satcore_loyalty import Loyalty, telling
from satcore_loyalty.layout import BOX, CELL, layout
from satcore_loyalty.pls import correlations, fit, solved, total_effects
from satcore_loyalty.structure import Structure, structure

Array = NDArray[np.float64]

#: What the issue asks for.
NEAR = 1e-6

SMALL: dict[str, Any] = {
    "constructs": {"Quality": "q{1..3}", "Satisfaction": "s{1..3}", "Loyalty": "l{1..2}"},
    "paths": ("Quality -> Satisfaction, Loyalty", "Satisfaction -> Loyalty"),
}
COLUMNS = ("q1", "q2", "q3", "s1", "s2", "s3", "l1", "l2")


def answers(rows: int = 300, seed: int = 5, noise: float = 0.8) -> dict[str, list[int]]:
    """Answers to a model of three constructs on a scale of 1 to 10."""
    draw = np.random.default_rng(seed)
    quality = draw.standard_normal(rows)
    pleased = 0.6 * quality + 0.8 * draw.standard_normal(rows)
    loyal = 0.5 * pleased + 0.85 * draw.standard_normal(rows)
    scores = {"q": quality, "s": pleased, "l": loyal}
    return {
        name: np.clip(
            np.round(6 + 1.8 * (scores[name[0]] + noise * draw.standard_normal(rows))), 1, 10
        )
        .astype(int)
        .tolist()
        for name in COLUMNS
    }


def small(**more: Any) -> Loyalty:
    return Loyalty(**{**SMALL, "replicates": 40, **more})


def run(metric: Loyalty, data: Any, plugins: Plugins, **more: Any) -> Results:
    return satcore.run({"it": metric}, data, plugins=plugins, **more)


def rows_of(results: Results, cell: Mapping[str, str] | None = None) -> dict[tuple[str, str], Any]:
    return {
        (row["item"], row["term"]): row for row in results.rows("it") if row["cell"] == (cell or {})
    }


def values(results: Results, cell: Mapping[str, str] | None = None) -> dict[tuple[str, str], float]:
    return {key: row["value"] for key, row in rows_of(results, cell).items()}


# Against seminr and SmartPLS


@pytest.fixture(scope="module")
def mobi(shared: Path) -> pl.DataFrame:
    return pl.read_csv(shared / "data" / "ecsi_mobi" / "mobi.csv")


@pytest.fixture(scope="module")
def wanted(reference: Any) -> Any:
    return reference("pls_ecsi")


@pytest.mark.parametrize(
    ("key", "scheme"),
    [
        ("seminr_path_weighting", "path"),
        ("seminr_path_factorial", "factor"),
        ("SmartPLS2M3_pathWeighting", "path"),
        ("SmartPLS2M3_centroid", "centroid"),
        ("SmartPLS2M3_factorial", "factor"),
    ],
)
def test_as_others_compute_it(
    key: str, scheme: Any, mobi: pl.DataFrame, wanted: Any, plugins: Plugins
) -> None:
    found = values(run(Loyalty(model="ecsi", scheme=scheme, replicates=0), mobi, plugins))
    told = wanted[key]
    checked = 0
    for name, value in told["paths"].items():
        one, other = name.split("->")
        assert found[f"{one} -> {other}", "path"] == pytest.approx(value, abs=NEAR)
        checked += 1
    for term in ("weights", "loadings"):
        for name, value in told.get(term, {}).items():
            column, construct = name.split("->")
            item = f"{construct}.{column}"
            assert found[item, term[:-1]] == pytest.approx(value, abs=NEAR), (item, term)
            checked += 1
    for name, value in told.get("r2", {}).items():
        assert found[name, "r_squared"] == pytest.approx(value, abs=NEAR)
        checked += 1
    for name, value in told.get("total_effects", {}).items():
        one, other = name.split("->")
        assert found[f"{one} -> {other}", "total_effect"] == pytest.approx(value, abs=NEAR)
        checked += 1
    for row in told.get("rhoA", ()):
        if row["_row"] != "Complaints":
            assert found[row["_row"], "rho_a"] == pytest.approx(row["rhoA"], abs=NEAR)
            checked += 1
    for row in told.get("HTMT", ()):
        for other, value in row.items():
            if other != "_row" and value is not None:
                pair = f"{row['_row']} / {other}"
                assert found[pair, "htmt"] == pytest.approx(value, abs=NEAR)
                checked += 1
    assert checked == (12 + 24 + 24 + 6 + 6 + 21 if "seminr" in key else 12 + 24 + 21)


def test_indices_and_their_errors(mobi: pl.DataFrame, wanted: Any, plugins: Plugins) -> None:
    """With weights taken for known, the error is that of a mean of respondents' indices."""
    results = run(Loyalty(model="ecsi", replicates=0), mobi, plugins)
    rows = rows_of(results)
    told = wanted["index_0_100_scale1to10"]
    assert len(told) == 7
    for name, one in told.items():
        row = rows[name, "index"]
        assert row["value"] == pytest.approx(one["index_0_100"], abs=NEAR)
        assert row["std_error"] == pytest.approx(one["se"], rel=1e-6)
        assert row["method"] == "linearised"
        assert rows["Image -> Loyalty", "path"]["ci_low"] is None
        assert telling.NO_REPLICATES in rows["Image -> Loyalty", "path"]["message"]


def test_reliability_by_formula(mobi: pl.DataFrame, wanted: Any, plugins: Plugins) -> None:
    found = values(run(Loyalty(model="ecsi", replicates=0), mobi, plugins))
    loadings: dict[str, list[float]] = {}
    for name, value in wanted["seminr_path_weighting"]["loadings"].items():
        loadings.setdefault(name.split("->")[1], []).append(value)
    for name, of in loadings.items():
        if len(of) == 1:
            assert found[name, "rho_c"] is None
            continue
        square = sum(of) ** 2
        error = sum(1 - one**2 for one in of)
        assert found[name, "rho_c"] == pytest.approx(square / (square + error), abs=NEAR)
        assert found[name, "ave"] == pytest.approx(np.mean(np.square(of)), abs=NEAR)


# By rows


def by_rows(
    x: Array, model: Structure, scheme: str, weights: Array | None = None
) -> dict[Any, Any]:
    """PLS as textbooks run it: scores of respondents, one construct after the other."""
    w = np.ones(len(x)) if weights is None else weights
    w = w / w.sum()
    z = x - w @ x
    z = z / np.sqrt(w @ z**2)
    count = len(model.constructs)
    blocks = [list(model.items_of(place)) for place in range(count)]
    outer = [np.ones(len(block)) for block in blocks]

    def scored() -> list[Array]:
        found = []
        for place, block in enumerate(blocks):
            y = z[:, block] @ outer[place]
            outer[place] = outer[place] / np.sqrt(w @ y**2)
            found.append(z[:, block] @ outer[place])
        return found

    def fitted(place: int, scores: Sequence[Array]) -> tuple[list[int], Array]:
        causes = [one for one, other in model.paths if other == place]
        if not causes:
            return [], np.array([])
        design = np.stack([scores[one] for one in causes], axis=1) * np.sqrt(w)[:, None]
        return causes, np.linalg.lstsq(design, scores[place] * np.sqrt(w), rcond=None)[0]

    for _ in range(200):
        scores = scored()
        inner = []
        for place in range(count):
            near = np.zeros(len(x))
            causes, slopes = fitted(place, scores)
            for one, other in model.paths:
                if place not in (one, other):
                    continue
                neighbour = one if other == place else other
                r = float(w @ (scores[neighbour] * scores[place]))
                if scheme == "path" and other == place:
                    r = float(slopes[causes.index(one)])
                near += (np.sign(r) if scheme == "centroid" else r) * scores[neighbour]
            inner.append(near)
        for place, block in enumerate(blocks):
            outer[place] = (z[:, block] * w[:, None]).T @ inner[place]
    scores = scored()
    found: dict[Any, Any] = {}
    for place in range(count):
        causes, slopes = fitted(place, scores)
        for one, slope in zip(causes, slopes, strict=True):
            found[model.path_name(one, place), "path"] = slope
        if causes:
            residual = scores[place] - sum(
                slope * scores[one] for one, slope in zip(causes, slopes, strict=True)
            )
            found[model.constructs[place], "r_squared"] = 1 - w @ residual**2
        for item, weight in zip(blocks[place], outer[place], strict=True):
            found[model.item_name(item), "weight"] = weight
            found[model.item_name(item), "loading"] = w @ (z[:, item] * scores[place])
    return found


@pytest.mark.parametrize("scheme", ["path", "centroid", "factor"])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_same_by_rows(scheme: Any, weighted: bool, plugins: Plugins) -> None:
    data: dict[str, Any] = answers()
    metric = small(scheme=scheme, replicates=0)
    weights = np.random.default_rng(2).uniform(0.4, 3, 300).round(3) if weighted else None
    more = {"weight": "w"} if weighted else {}
    if weights is not None:
        data["w"] = weights.tolist()
    found = values(run(metric, data, plugins, **more))
    x = np.array([data[name] for name in COLUMNS], dtype=float).T
    told = by_rows(x, metric.structure, scheme, weights)
    assert len(told) == 3 + 2 + 16
    for key, value in told.items():
        assert found[key] == pytest.approx(value, abs=1e-9), key


def test_cut_anywhere_and_merged(plugins: Plugins) -> None:
    """From pieces, from states on disk and from one table: the same numbers."""
    frame = pl.DataFrame({**answers(), "id": list(range(300)), "region": ["a", "b", "c"] * 100})
    study = Study.of(
        {
            "roles": {"segments": ["region"], "respondent": "id"},
            "metrics": {"it": {"metric": "loyalty", **SMALL, "replicates": 40}},
        }
    )
    cuts = [0, 1, 1, 77, 140, 300]
    pieces = [frame[a:b] for a, b in pairwise(cuts)]
    cut = Survey(
        name="pieces",
        fragments=tuple(
            FrameFragment(id=f"piece {number}", frame=piece) for number, piece in enumerate(pieces)
        ),
        columns=tuple(frame.columns),
    )
    whole, parts = (satcore.run(study, one, plugins=plugins) for one in (frame, cut))
    assert whole.rows("it") == parts.rows("it")
    assert whole.comparison_rows("it") == parts.comparison_rows("it")


def test_states_on_disk_are_merged(tmp_path: Path, plugins: Plugins) -> None:
    data = answers()
    metric = small(replicates=0)
    names = []
    for place, part in enumerate((slice(0, 120), slice(120, 300))):
        frame = pl.DataFrame({name: column[part] for name, column in data.items()})
        survey = Survey(
            name=f"part {place}",
            fragments=(FrameFragment(id=f"part {place}", frame=frame),),
            columns=tuple(frame.columns),
        )
        plan = satcore.plan({"it": metric}, survey, plugins=plugins)
        names.append(tmp_path / f"{place}.satcore")
        satcore.save(plan, satcore.scan(plan), names[-1])
    whole = pl.DataFrame(data)
    plan = satcore.plan({"it": metric}, whole, plugins=plugins)
    merged = satcore.merge(*map(satcore.load, names))
    found = satcore.evaluate(plan, merged.bundle)
    assert values(found) == values(run(metric, whole, plugins))


def test_a_cell_is_alone_what_it_is_among_others(plugins: Plugins) -> None:
    data = answers(600)
    region = [str(place % 15) for place in range(600)]
    many = run(small(replicates=0), {**data, "region": region}, plugins, segments=["region"])
    for label in ("0", "7", "14"):
        mine = [place for place, one in enumerate(region) if one == label]
        part = {name: [column[place] for place in mine] for name, column in data.items()}
        alone = values(run(small(replicates=0), part, plugins))
        among = values(many, {"region": label})
        assert alone.keys() == among.keys()
        for key, value in alone.items():
            assert among[key] == pytest.approx(value, abs=1e-12)


# Errors


def test_errors_are_the_bootstrap_s(plugins: Plugins) -> None:
    """Against respondents drawn with replacement, the model run by rows on each draw."""
    data = answers()
    metric = small(replicates=400)
    rows = rows_of(run(metric, data, plugins))
    x = np.array([data[name] for name in COLUMNS], dtype=float).T
    draw = np.random.default_rng(8)
    model = metric.structure
    draws = []
    for _ in range(600):
        some = x[draw.integers(0, 300, 300)]
        cov = np.cov(some.T)[None]
        fitted = fit(correlations(cov), model, "path", 300)
        raw = fitted.weights[0] / np.sqrt(np.diag(cov[0]))
        index = [
            100 * (raw[list(of)] @ (some.mean(axis=0)[list(of)] - 1)) / (9 * raw[list(of)].sum())
            for of in (model.items_of(place) for place in range(3))
        ]
        draws.append(
            [*index, *(fitted.paths[0][pair] for pair in model.paths), *fitted.loadings[0]]
        )
    keys = [
        *((name, "index") for name in model.constructs),
        *((model.path_name(*pair), "path") for pair in model.paths),
        *((model.item_name(place), "loading") for place in range(8)),
    ]
    spread = np.std(draws, axis=0, ddof=1)
    for key, error in zip(keys, spread, strict=True):
        # The errors of 400 and 600 replicates together: 4.6% each way, three times over.
        assert rows[key]["std_error"] == pytest.approx(error, rel=0.14), key
        assert rows[key]["method"] == "replicates; t"


def test_whole_weights_have_the_error_of_weighted_answers(plugins: Plugins) -> None:
    """Equal weights change neither numbers nor errors."""
    data: dict[str, Any] = answers()
    plain = rows_of(run(small(), data, plugins))
    equal = rows_of(run(small(), {**data, "w": [2.5] * 300}, plugins, weight="w"))
    for key, row in plain.items():
        assert equal[key]["value"] == pytest.approx(row["value"], abs=1e-9)
        assert equal[key]["std_error"] == pytest.approx(row["std_error"], rel=1e-6, abs=1e-12)


def test_intervals_of_paths_and_indices_cover(plugins: Plugins) -> None:
    """In short: benchmarks/coverage_loyalty.py has the whole."""
    name, design = next(designs())
    found = case(design, 300, 100, 1)
    for term in ("index", "path"):
        # 95% of three items in 100 runs each is known to 1.3 to 2.2 points.
        assert 90 <= np.mean(list(found[term].values())) <= 99, (name, term)


def test_signs_of_replicates_go_with_the_answers(plugins: Plugins) -> None:
    """A weak construct of two opposite items: its sign is a toss-up, but its error is not."""
    draw = np.random.default_rng(3)
    data: dict[str, Any] = answers()
    turned = 11 - np.array(data["l1"])
    noise = draw.integers(-1, 2, 300)
    data["l2"] = np.clip(turned + noise, 1, 10).tolist()
    rows = rows_of(run(small(replicates=100), data, plugins))
    path = rows["Satisfaction -> Loyalty", "path"]
    assert abs(path["value"]) > 0.2
    assert path["std_error"] < 0.1
    assert rows["Loyalty.l1", "loading"]["std_error"] < 0.1


# Edges, in words


def told(results: Results, item: str, term: str) -> Any:
    return rows_of(results)[item, term]


def why(row: Any) -> str:
    """What the metric says beside the core's own words."""
    return str(row["message"]).removeprefix("no value follows from these answers; ")


def test_a_single_item_is_its_construct(plugins: Plugins) -> None:
    metric = small(constructs={**SMALL["constructs"], "Loyalty": "l1"})
    rows = rows_of(run(metric, answers(), plugins))
    for term in ("loading", "weight"):
        row = rows["Loyalty.l1", term]
        assert (row["value"], row["std_error"], row["ci_low"], row["ci_high"]) == (1, 0, 1, 1)
    assert rows["Loyalty", "index"]["std_error"] > 0
    for term in ("rho_c", "rho_a", "ave"):
        row = rows["Loyalty", term]
        assert row["status"] == "undefined"
        assert why(row) == telling.SINGLE


def test_a_negative_weight_is_told(plugins: Plugins) -> None:
    data = answers()
    data["q3"] = [11 - one for one in data["q3"]]
    results = run(small(), data, plugins)
    row = told(results, "Quality.q3", "weight")
    assert row["value"] < 0
    assert telling.NEGATIVE in row["message"]
    index = told(results, "Quality", "index")
    assert telling.NO_MEAN.format(items="q3") in index["message"]
    findings = list(results.metrics[0].metric.findings(results, "it"))
    assert any("Negative weights: Quality · q3" in one for one in findings)
    turned = values(run(small(reversed=("q3",)), data, plugins))
    plain = values(run(small(), answers(), plugins))
    for key, value in plain.items():
        assert turned[key] == pytest.approx(value, abs=1e-9)


def test_weights_that_do_not_stand_still_are_told(plugins: Plugins) -> None:
    results = run(small(steps=2), answers(), plugins)
    assert {row["status"] for row in results.rows("it")} == {"undefined"}
    assert {why(row) for row in results.rows("it") if row["term"] == "path"} == {
        "the weights still move after 2 steps"
    }
    assert not results.failures
    metric = results.metrics[0].metric
    assert list(metric.charts(results, "it")) == []
    assert list(metric.findings(results, "it")) == [
        "The model could not be estimated from these answers."
    ]


def test_an_item_that_does_not_vary_is_named(plugins: Plugins) -> None:
    data = {**answers(), "s2": [7] * 300}
    row = told(run(small(), data, plugins), "Quality -> Satisfaction", "path")
    assert (row["status"], why(row)) == ("undefined", "items without variance: s2")


def test_constructs_that_go_wholly_together(plugins: Plugins) -> None:
    data = answers()
    for place in (1, 2, 3):
        data[f"s{place}"] = data[f"q{place}"]
    row = told(run(small(), data, plugins), "Satisfaction -> Loyalty", "path")
    assert (row["status"], why(row)) == ("undefined", telling.UNKNOWN)


def test_a_construct_unrelated_to_the_rest(plugins: Plugins) -> None:
    """Its weights are 0 / 0, which is no number and no exception."""
    metric = Loyalty(
        constructs={"A": ("a1", "a2"), "B": "b"}, paths=("A -> B",), scale="1..3", replicates=0
    )
    data = {"a1": [1, 1, 3, 3], "a2": [1, 1, 3, 3], "b": [1, 3, 1, 3]}
    row = told(run(metric, data, plugins), "A -> B", "path")
    assert (row["status"], why(row)) == ("undefined", telling.UNKNOWN)


def test_nobody_answered(plugins: Plugins) -> None:
    frame = pl.DataFrame(
        {name: [None] for name in COLUMNS}, schema=dict.fromkeys(COLUMNS, pl.Int64)
    )
    results = run(small(), frame, plugins)
    assert {row["status"] for row in results.rows("it")} == {"empty"}
    metric = results.metrics[0].metric
    assert list(metric.findings(results, "it")) == ["Nobody answered."]
    assert list(metric.findings(results, "it", "zh")) == ["没有人回答。"]
    assert list(metric.charts(results, "it")) == []


@pytest.mark.parametrize("rows", [1, 2, 5, 8])
def test_fewer_respondents_than_items(rows: int, plugins: Plugins) -> None:
    results = run(small(), answers(rows), plugins)
    assert not results.failures
    for row in results.rows("it"):
        assert row["status"] in ("small", "undefined")
        assert row["message"]
        assert row["ci_low"] is None
    if rows == 8:
        path = told(results, "Quality -> Satisfaction", "path")
        assert "no more respondents (8) than items (8)" in path["message"]
        assert path["value"] is not None


def test_those_with_gaps_are_counted(plugins: Plugins) -> None:
    data: dict[str, list[int | None]] = {name: [*of] for name, of in answers().items()}
    for place in range(20):
        data["q1"][place] = None
    for name in COLUMNS:
        data[name][299] = None
    rows = rows_of(run(small(), data, plugins))
    row = rows["Quality", "index"]
    assert row["base"] == 279
    assert row["message"] == "20 left out who did not answer every item"
    some = {name: of[20:299] for name, of in data.items()}
    alone = values(run(small(replicates=0), some, plugins))
    for key, value in alone.items():
        assert rows[key]["value"] == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
def test_pairwise(weighted: bool, plugins: Plugins) -> None:
    """Every two items over those who answered both, as pandas has it."""
    data: dict[str, list[Any]] = {name: [*of] for name, of in answers().items()}
    draw = np.random.default_rng(1)
    for name in COLUMNS:
        for place in draw.choice(300, 30, replace=False):
            data[name][place] = None
    more = {"weight": "w"} if weighted else {}
    if weighted:
        data["w"] = [1.5] * 300
    metric = small(missing="pairwise")
    rows = rows_of(run(metric, data, plugins, **more))
    frame = pl.DataFrame(data).select(COLUMNS).to_pandas()
    cov = frame.cov().to_numpy()[None]
    fitted = fit(correlations(cov), metric.structure, "path", 300)
    for pair in metric.structure.paths:
        row = rows[metric.structure.path_name(*pair), "path"]
        assert row["value"] == pytest.approx(fitted.paths[0][pair], abs=1e-9)
        assert row["std_error"] > 0
    both = frame.notna().to_numpy()
    base = min((both[:, a] & both[:, b]).sum() for a in range(8) for b in range(8))
    row = rows["Quality", "index"]
    assert row["base"] == base
    assert row["weighted_base"] == pytest.approx(base * (1.5 if weighted else 1))
    assert row["effective_base"] == pytest.approx(base)
    assert "did not answer every item" in row["message"]


@pytest.mark.parametrize("scale", ["1..10", "0..20"])
def test_an_index_is_bound_by_the_questionnaire(scale: str, plugins: Plugins) -> None:
    """Not by the answers that happen to be there."""
    data = {name: np.clip(of, 5, 8).tolist() for name, of in answers().items()}
    low, high = (int(one) for one in scale.split(".."))
    found = values(run(small(scale=scale, replicates=0), data, plugins))
    raw = {name: found[f"Loyalty.{name}", "weight"] / np.std(data[name]) for name in ("l1", "l2")}
    mean = sum(raw[name] * np.mean(data[name]) for name in raw) / sum(raw.values())
    assert found["Loyalty", "index"] == pytest.approx(100 * (mean - low) / (high - low), rel=1e-9)


def test_items_may_have_scales_of_their_own(plugins: Plugins) -> None:
    data = answers()
    study = {
        "metrics": {"it": {"metric": "loyalty", **SMALL, "replicates": 0}},
        "items": {"l2": {"scale": "0..20"}},
    }
    found = values(satcore.run(Study.of(study), data, plugins=plugins))
    raw = {name: found[f"Loyalty.{name}", "weight"] / np.std(data[name]) for name in ("l1", "l2")}
    top = raw["l1"] * (np.mean(data["l1"]) - 1) + raw["l2"] * np.mean(data["l2"])
    index = 100 * top / (9 * raw["l1"] + 20 * raw["l2"])
    assert found["Loyalty", "index"] == pytest.approx(index, rel=1e-9)


# Options

TWO: dict[str, Any] = {"A": "a{1..2}", "B": "b{1..2}", "C": "c"}
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({}, "name one (acsi, ecsi, ccsi), or give constructs and paths"),
    ({"model": "acsi"}, "name the columns of each construct of acsi"),
    ({"model": "ecsi", "paths": ["Image -> Loyalty"]}, "has its own; give one of the two"),
    ({"model": "ecsi", "constructs": {"Imag": "a1"}}, "did you mean 'Image'?"),
    ({"model": "ecsi", "constructs": {"Image": "a1"}}, "of ecsi has no columns"),
    ({"constructs": TWO}, "name one (acsi, ecsi, ccsi)"),
    ({"constructs": TWO, "paths": ["A -> B", "B -> C", "C -> A"]}, "A -> B -> C -> A; take one"),
    ({"constructs": TWO, "paths": ["A -> A, B", "B -> C"]}, "circle, which can't be estimated: A"),
    ({"constructs": TWO, "paths": ["A -> B"]}, "no path leads to or from 'C'"),
    ({"constructs": TWO, "paths": ["A -> B", "A -> B, C"]}, "'A -> B' stands there twice"),
    ({"constructs": TWO, "paths": ["A -> D"]}, "'D' is no construct"),
    ({"constructs": TWO, "paths": ["A - B"]}, "is no path; write 'A -> B'"),
    ({"constructs": {**TWO, "C": "a2"}, "paths": ["A -> B, C"]}, "'a2' of 'C' is in 'A' too"),
    ({"constructs": {**TWO, "C": []}, "paths": ["A -> B, C"]}, "'C' has no items"),
    ({"constructs": {**TWO, "C": "c{3..1}"}, "paths": ["A -> B, C"]}, "runs downwards"),
    ({"constructs": {**TWO, "C": "{1..2}{1..2}"}, "paths": ["A -> B, C"]}, "has 2 parts in braces"),
    ({"constructs": {"A.x": "a1", "B": "b1"}, "paths": ["A.x -> B"]}, "can't be a name"),
    ({"constructs": TWO, "paths": ["A -> B, C"], "reversed": ["a3"]}, "no item of the model"),
    ({"constructs": TWO, "paths": ["A -> B, C"], "titles": {"D": "d"}}, "no construct of the"),
    ({"constructs": TWO, "paths": ["A -> B, C"], "replicates": 5}, "5 tell no error"),
    ({"constructs": TWO, "paths": ["A -> B, C"], "replicates": -1}, "-1 is less than 0"),
    ({"constructs": TWO, "paths": ["A -> B, C"], "steps": 0}, "0 is less than 1"),
    ({"constructs": TWO, "paths": ["A -> B, C"], "scale": "1..1"}, "one answer is no scale"),
    ({"constructs": TWO, "paths": ["A -> B, C"], "scheme": "pat"}, "path"),
    ({"constructs": TWO, "paths": ["A -> B, C"], "missing": "mean"}, "listwise"),
]


@pytest.mark.parametrize(("options", "wanted"), REFUSED, ids=[told for _, told in REFUSED])
def test_refused(options: dict[str, Any], wanted: str, plugins: Plugins) -> None:
    study = Study.of({"metrics": {"it": {"metric": "loyalty", **options}}})
    data = {name: [1, 2] for name in ("a1", "a2", "b1", "b2", "c")}
    with pytest.raises(StudyError, match=re.escape(wanted)):
        satcore.run(study, data, plugins=plugins)


@pytest.mark.parametrize("wrong", [{"scheme": "mode_b"}, {"missing": "mean"}])
def test_refused_of_python(wrong: Any) -> None:
    with pytest.raises(OptionError, match="is none of"):
        small(**wrong).statistics(Codebook())


def test_named_models() -> None:
    """As their publications draw them; each can be run on columns of one's own."""
    acsi = structure(
        "acsi",
        {
            name: f"{name}{{1..2}}"
            for name in (
                *("Loyalty", "Complaints", "Expectation"),
                *("Quality", "Value", "Satisfaction"),
            )
        },
        None,
    )
    assert acsi.constructs[0] == "Expectation"
    assert len(acsi.paths) == 9
    assert len(structure("ecsi", None, None).columns) == 24
    assert len(structure("ecsi", None, None).paths) == 12


# Laws


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000), st.integers(1, 6))
def test_systems_are_solved(seed: int, size: int) -> None:
    draw = np.random.default_rng(seed)
    root = draw.standard_normal((4, size, size + 2))
    matrix = root @ np.swapaxes(root, 1, 2)
    right = draw.standard_normal((4, size))
    known = np.linalg.solve(matrix, right[:, :, None])[:, :, 0]
    assert solved(matrix, right) == pytest.approx(known, rel=1e-6, abs=1e-8)


def test_a_singular_system_has_no_solution() -> None:
    matrix = np.array([[[1.0, 1.0], [1.0, 1.0]], [[2.0, 0.0], [0.0, 4.0]]])
    found = solved(matrix, np.array([[1.0, 1.0], [1.0, 1.0]]))
    assert np.isnan(found[0]).all()
    assert found[1].tolist() == [0.5, 0.25]


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.sampled_from(["path", "centroid", "factor"]))
def test_a_model_is_what_it_claims(seed: int, scheme: Any) -> None:
    """Scores of variance 1; R² between 0 and 1; loadings of a positive sum; effects add up."""
    draw = np.random.default_rng(seed)
    data = np.array([answers(80, seed)[name] for name in COLUMNS], dtype=float)
    model = structure(None, SMALL["constructs"], SMALL["paths"])
    corr = np.corrcoef(data[draw.permutation(8)])[None]
    fitted = fit(corr, model, scheme, 2000)
    if not fitted.converged[0]:
        assert np.isnan(fitted.paths).all()
        return
    weights, loadings = fitted.weights[0], fitted.loadings[0]
    for place in range(3):
        of = list(model.items_of(place))
        assert weights[of] @ corr[0][np.ix_(of, of)] @ weights[of] == pytest.approx(1)
        assert loadings[of].sum() >= 0
    assert np.abs(loadings).max() <= 1 + 1e-12
    explained = fitted.r_squared[0]
    assert np.isnan(explained[0])
    assert ((explained[1:] >= -1e-12) & (explained[1:] <= 1 + 1e-12)).all()
    b = fitted.paths[0]
    inverse = np.linalg.inv(np.eye(3) - b) - np.eye(3)
    assert total_effects(fitted.paths)[0] == pytest.approx(inverse, abs=1e-12)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000), st.integers(2, 8))
def test_boxes_stand_apart(seed: int, count: int) -> None:
    draw = np.random.default_rng(seed)
    names = [f"C{place}" for place in range(count)]
    paths = {(place - 1, place) for place in range(1, count)}
    for one in range(count):
        paths |= {(one, other) for other in range(one + 1, count) if draw.random() < 0.2}
    model = structure(
        None,
        {name: f"{name}_1" for name in names},
        tuple(f"C{one} -> C{other}" for one, other in sorted(paths)),
    )
    places = layout(model)
    assert len(set(places)) == count
    assert places == layout(model)
    assert CELL[0] > BOX[0]
    assert CELL[1] > BOX[1]


# Pictures, words, the command line


@pytest.fixture(scope="module")
def grouped() -> Results:
    from importlib.metadata import EntryPoint

    names = ("files", "html", "loyalty", "trend")
    plugins = Plugins(tuple(EntryPoint(name, f"satcore_{name}", "satcore") for name in names))
    region = ["北", "南", "<b>"] * 100
    waves = [f"2026-{1 + place % 4:02}" for place in range(300)]
    data = {**answers(), "region": region, "wave": waves}
    study = Study.of(
        {
            "roles": {"segments": ["region"], "wave": "wave"},
            "metrics": {
                "it": {
                    "metric": "loyalty",
                    "constructs": dict(SMALL["constructs"]),
                    "paths": list(SMALL["paths"]),
                    "replicates": 40,
                    "titles": {"Quality": {"en": "Service", "zh": "服务"}},
                },
                "trend": {"of": "it", "item": "Satisfaction"},
            },
            "standards": [{"metric": "it", "item": "Loyalty", "at_least": 40}],
        }
    )
    return satcore.run(study, data, plugins=plugins)


def test_standards_trends_and_comparisons_come_with_it(grouped: Results) -> None:
    (standard,) = (row for row in grouped.standards.rows() if not row["cell"])
    assert (standard["term"], standard["outcome"]) == ("index", "met")
    (slope,) = (row for row in grouped.rows("trend", "slope") if not row["cell"])
    assert slope["value"] is not None
    kinds = {(row["kind"], row["term"]) for row in grouped.comparison_rows("it")}
    assert {("rest", "index"), ("rest", "path"), ("previous", "index"), ("null", "path")} <= kinds
    assert not {term for _, term in kinds} & {"weight", "loading", "htmt"}
    assert not grouped.failures


@pytest.mark.parametrize("language", ["en", "zh"])
def test_pictures(grouped: Results, language: str) -> None:
    metric = grouped.metrics[0].metric
    diagram, *groups = metric.charts(grouped, "it", language)
    assert len(groups) == 2
    boxes = diagram.spec["layer"][-1]["data"]["values"]
    assert boxes[0]["name"] == ("服务" if language == "zh" else "Service")
    rows = rows_of(grouped)
    arrows = {(one["from"], one["to"]): one for one in diagram.spec["layer"][0]["data"]["values"]}
    title = "服务" if language == "zh" else "Service"
    arrow = arrows[title, "Loyalty"]
    row = rows["Quality -> Loyalty", "path"]
    assert arrow["shown"] == f"{row['value']:.2f}"
    assert arrow["unsure"] == (row["ci_low"] <= 0 <= row["ci_high"])
    assert not arrows["Satisfaction", "Loyalty"]["unsure"]
    for one in (diagram, *groups):
        assert bytes(satcore.draw(one, "svg")).startswith(b"<svg")
        assert one.alt


def test_an_arrow_is_dashed_where_its_interval_holds_0(plugins: Plugins) -> None:
    results = run(small(), answers(60), plugins)
    rows = rows_of(results)
    diagram = next(iter(results.metrics[0].metric.charts(results, "it")))
    layer = diagram.spec["layer"][0]
    assert layer["encoding"]["strokeDash"]["condition"]["test"] == "datum.unsure"
    found = {f"{one['from']} -> {one['to']}": one["unsure"] for one in layer["data"]["values"]}
    for item, unsure in found.items():
        row = rows[item, "path"]
        assert unsure == (row["ci_low"] <= 0 <= row["ci_high"])
        assert (item.replace("->", "→") in diagram.alt.split("may be 0")[-1]) == unsure
    assert set(found.values()) == {True, False}


def test_findings(grouped: Results) -> None:
    metric = grouped.metrics[0].metric
    english = list(metric.findings(grouped, "it"))
    rows = rows_of(grouped)
    assert english[0].startswith(
        f"Indices from 0 to 100: Service {rows['Quality', 'index']['value']:.1f}"
    )
    assert any(one.startswith("Satisfaction rises with Service") for one in english)
    chinese = list(metric.findings(grouped, "it", "zh"))
    assert len(chinese) == len(english)
    assert all(re.search("[\u4e00-\u9fff]", one) for one in chinese)


def test_what_lowers_a_construct_is_told(plugins: Plugins) -> None:
    """Complaints, say: each question is asked the right way round, and the path is negative."""
    data = answers()
    for name in ("l1", "l2"):
        data[name] = [11 - one for one in data[name]]
    results = run(small(), data, plugins)
    metric = results.metrics[0].metric
    found = list(metric.findings(results, "it"))
    assert any(one.startswith("Loyalty falls with Satisfaction -0.") for one in found)
    assert any("随之下降" in one for one in metric.findings(results, "it", "zh"))
    (diagram,) = metric.charts(results, "it")
    assert "Orange arrows are negative." in diagram.alt


def test_a_report_in_both_languages(grouped: Results) -> None:
    for language in ("en", "zh"):
        page = render(grouped, language).decode()
        assert "&lt;b&gt;" in page
        assert ("路径图" if language == "zh" else "Path diagram") in page


def messages() -> list[str]:
    from satcore_loyalty import mirror, shares

    found = []
    for module in (telling, mirror, shares):
        for name, value in vars(module).items():
            if name.isupper() and isinstance(value, str) and " " in value:
                found.append(value)
    return found


def test_every_message_has_its_chinese() -> None:
    import satcore_loyalty

    path = Path(satcore_loyalty.__file__).parent / "locale/zh/LC_MESSAGES/satcore_loyalty.po"
    text = path.read_text("utf-8")
    pairs = dict(re.findall(r'^msgid "(.+)"\nmsgstr "(.+)"$', text, re.MULTILINE))
    assert len(messages()) >= 18
    for message in messages():
        assert message in pairs, message
        assert set(re.findall(r"\{\w+\}", message)) == set(re.findall(r"\{\w+\}", pairs[message]))


def test_the_command_line(tmp_path: Path) -> None:
    pl.DataFrame(answers()).write_csv(tmp_path / "answers.csv")
    (tmp_path / "study.toml").write_text(
        """
[study]
data = "answers.csv"

[metrics.index]
metric = "loyalty"
constructs = { Quality = "q{1..3}", Satisfaction = "s{1..3}", Loyalty = ["l1", "l2"] }
paths = ["Quality -> Satisfaction, Loyalty", "Satisfaction -> Loyalty"]
""",
        "utf-8",
    )

    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "satcore", *arguments],
            cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", check=False,
        )  # fmt: skip

    ran = command("run", "study.toml", "--format", "json")
    assert ran.returncode == 0, ran.stderr
    rows = {(row["item"], row["term"]): row for row in json.loads(ran.stdout)["estimates"]}
    assert rows["Quality -> Satisfaction", "path"]["method"] == "replicates; t"
    drawn = command("plot", "study.toml", "index", "-o", "diagram.svg")
    assert drawn.returncode == 0, drawn.stderr
    assert "Satisfaction" in (tmp_path / "diagram.svg").read_text("utf-8")
    text = (tmp_path / "study.toml").read_text("utf-8")
    circle = text.replace(
        '"Satisfaction -> Loyalty"]', '"Satisfaction -> Loyalty", "Loyalty -> Quality"]'
    )
    (tmp_path / "study.toml").write_text(circle, "utf-8")
    refused = command("run", "study.toml")
    assert refused.returncode == 2
    assert "they make a circle" in refused.stderr
    assert "Traceback" not in refused.stderr
