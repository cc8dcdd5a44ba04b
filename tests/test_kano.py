"""Kano on real data against independent references, its rules, its laws and its edges."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import satcore
from satcore import DataError, Results, Study, StudyError
from satcore.inference import holm
from satcore.plugins import Plugins
from satcore_kano import TABLES, Kano
from satcore_kano.rules import RULES, fong_limit, modal_probability, mode
from satcore_kano.tables import CATEGORIES, table_of

#: Closed forms.
CLOSE = {"rel": 1e-9, "abs": 1e-12}

#: The author's table gives seven digits.
PUBLISHED = {"rel": 0.0, "abs": 5e-8}

FEATURES = tuple(f"F{number}" for number in range(6, 12))
ITEMS = tuple(f"item{number}" for number in range(1, 11))
ANSWERS = ("I like it", "I expect it", "I am neutral", "I can tolerate it", "I dislike it")
FIVE = {"codes": {text: code for code, text in enumerate(ANSWERS, start=1)}}
NINE = {
    "codes": {
        **{str(code): code for code in range(1, 10)},
        "1 - Not at all important": 1,
        "3 - Somewhat important": 3,
        "5 - Important": 5,
        "7 - Very important": 7,
        "9 - Extremely important": 9,
    }
}
PATTERNS = {"functional": "{feature}_functional", "dysfunctional": "{feature}_dysfunctional"}

Row = Mapping[str, Any]
Rows = dict[tuple[str, str], Any]


@pytest.fixture(scope="module")
def transfers(shared: Path) -> pl.DataFrame:
    return pl.read_csv(shared / "data" / "kano_crypto" / "transfers--all_cohorts-clean.csv")


@pytest.fixture(scope="module")
def codes(transfers: pl.DataFrame) -> pl.DataFrame:
    """The transfers' answers as numbers."""
    names = [f"{one}_{side}" for one in FEATURES for side in ("functional", "dysfunctional")]
    wording = {text: code for code, text in enumerate(ANSWERS, start=1)}
    return transfers.select(
        "ID",
        "Gender",
        "Age",
        *[pl.col(name).replace_strict(wording, return_dtype=pl.Int64) for name in names],
    )


def study(**options: Any) -> Study:
    """A study of the transfers, with answers as texts."""
    return Study.of(
        {
            "scales": {"five": FIVE, "nine": NINE},
            "metrics": {
                "kano": {
                    "features": list(FEATURES),
                    "scale": "five",
                    "importance": "{feature}_importance",
                    "importance_scale": "nine",
                    **PATTERNS,
                    **options,
                }
            },
        }
    )


def of_codes(**options: Any) -> Kano:
    return Kano(**{"features": FEATURES, **PATTERNS, **options})


def total(results: Results) -> Rows:
    return {(row["item"], row["term"]): row for row in results.rows("kano") if not row["cell"]}


def numbers(rows: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Rows as far as their cell's own answers decide them."""
    names = ("item", "term", "value", "label", "std_error", "ci_low", "ci_high", "base", "message")
    return [tuple(row[name] for name in names) for row in rows]


def counted(rows: Rows, feature: str) -> dict[str, int]:
    base = rows[feature, "category"]["base"]
    return {one: round(rows[feature, f"share_{one}"]["value"] * base) for one in CATEGORIES}


def cells_of(counts: Mapping[str, int], table: str = "kano") -> tuple[list[int], list[int]]:
    """Pairs of answers that give some counts of categories."""
    rows = TABLES[table].rows
    place = {letter: (f + 1, d + 1) for f, row in enumerate(rows) for d, letter in enumerate(row)}
    pairs = [place[letter] for letter, count in counts.items() for _ in range(count)]
    return [one for one, _ in pairs], [other for _, other in pairs]


def one_feature(counts: Mapping[str, int], plugins: Plugins, **options: Any) -> Rows:
    functional, dysfunctional = cells_of(counts)
    metric = Kano(features=("x",), functional="f", dysfunctional="d", **options)
    return total(satcore.run(metric, {"f": functional, "d": dysfunctional}, plugins=plugins))


def in_order(*counts: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array([counts], dtype=np.float64)


# Real data


def check_reference(rows: Rows, feature: str, entry: Mapping[str, Any]) -> None:
    """Everything a reference says of one feature under the usual table."""
    base = entry["n_valid_pairs"]
    category = rows[feature, "category"]
    assert category["base"] == base
    assert counted(rows, feature) == entry["counts_standard"]
    for letter, count in entry["counts_standard"].items():
        assert rows[feature, f"share_{letter}"]["value"] == pytest.approx(count / base, **CLOSE)
    assert category["label"] == entry["mode_tie_MOAI"] == entry["mode"]
    share = entry["counts_standard"][entry["mode"]] / base
    assert category["value"] == pytest.approx(share, **CLOSE)
    strength = rows[feature, "total_strength"]["value"]
    assert strength == pytest.approx(entry["stp25_total_strength"], **CLOSE)
    lead = rows[feature, "category_strength"]["value"]
    assert lead == pytest.approx(entry["stp25_category_strength"], **CLOSE)
    fong = rows[feature, "fong"]
    assert fong["value"] == pytest.approx(entry["fong"]["lhs"], **CLOSE)
    assert fong["std_error"] * 1.65 == pytest.approx(entry["fong"]["rhs_exact"], **CLOSE)
    assert fong["label"] == ("clear" if entry["fong"]["significant"] else "not clear")
    for term, name, side in (
        ("functional_mean", "meanF", "seF"),
        ("dysfunctional_mean", "meanD", "seD"),
    ):
        row = rows[feature, term]
        assert row["value"] == pytest.approx(entry["dumouchel"][name], **CLOSE)
        assert row["std_error"] == pytest.approx(entry["dumouchel"][side], **CLOSE)
    better, worse = rows[feature, "better"], rows[feature, "worse"]
    if entry["better"] is None:
        for row in (better, worse):
            assert (row["value"], row["status"]) == (None, "undefined")
        return
    assert better["value"] == pytest.approx(entry["better"], **CLOSE)
    assert better["value"] == pytest.approx(entry["stp25_CSplus"], **CLOSE)
    assert worse["value"] == pytest.approx(entry["worse"], **CLOSE)
    assert worse["value"] == pytest.approx(entry["stp25_CSminus"], **CLOSE)
    assert [better["ci_low"], better["ci_high"]] == pytest.approx(
        entry["better_ci"]["wilson"], **CLOSE
    )
    low, high = entry["worse_abs_ci"]["wilson"]
    assert [worse["ci_low"], worse["ci_high"]] == pytest.approx([-high, -low], **CLOSE)
    # R and Q are no part of the base.
    if entry["counts_standard"]["R"] + entry["counts_standard"]["Q"] and entry["better"]:
        assert better["value"] != pytest.approx(entry["better_allN_WRONG"], rel=1e-6)
    outside = entry["counts_standard"]["R"] + entry["counts_standard"]["Q"]
    assert better["base"] == worse["base"] == base - outside


def test_transfers(transfers: pl.DataFrame, reference: Any, plugins: Plugins) -> None:
    """Answers as texts; the columns of F10 stand dysfunctional first."""
    assert transfers.columns.index("F10_dysfunctional") < transfers.columns.index("F10_functional")
    rows = total(satcore.run(study(), transfers, plugins=plugins))
    entries = reference("kano_crypto")["transfers"]
    assert set(entries) == set(FEATURES)
    for feature, entry in entries.items():
        check_reference(rows, feature, entry)
        importance = rows[feature, "importance"]
        assert importance["value"] == pytest.approx(entry["importance"]["mean"], **CLOSE)
        assert importance["base"] == entry["importance"]["n"]
        assert importance["ci_low"] < importance["value"] < importance["ci_high"]


def test_transfers_by_the_rule_of_berger(
    transfers: pl.DataFrame, reference: Any, plugins: Plugins
) -> None:
    rows = total(satcore.run(study(rule="berger"), transfers, plugins=plugins))
    entries = reference("kano_crypto")["transfers"]
    for feature, entry in entries.items():
        assert rows[feature, "category"]["label"] == entry["OAM_vs_IRQ_rule"]
    # F11: more A, O and M than I, R and Q together, but no category as frequent as I.
    assert rows["F11", "category"]["message"] == "rules disagree: berger O, mode I, lee_newcomb I"
    assert rows["F11", "modal_probability"]["label"] == "I"
    assert rows["F10", "category"]["message"] == ""


def test_transfers_without_reverse_and_questionable(
    codes: pl.DataFrame, reference: Any, plugins: Plugins
) -> None:
    rows = total(satcore.run(of_codes(continuous="without_RQ"), codes, plugins=plugins))
    for feature, entry in reference("kano_crypto")["transfers"].items():
        for term, name in (
            ("functional_mean", "meanF_excl_RQ"),
            ("dysfunctional_mean", "meanD_excl_RQ"),
        ):
            row = rows[feature, term]
            assert row["value"] == pytest.approx(entry["dumouchel"][name], **CLOSE)
            assert row["base"] == rows[feature, "better"]["base"]


def test_the_published_table(transfers: pl.DataFrame, reference: Any, plugins: Plugins) -> None:
    """The author's own, under Pouliot's table and the (A+O+M) against (I+R+Q) rule."""
    results = satcore.run(study(table="pouliot", rule="berger"), transfers, plugins=plugins)
    rows = total(results)
    examples = reference("published_worked_examples")
    published = examples["kano_REPPL_README_transfers_pouliot_table"]
    assert published["N"] == 358
    exactly = reference("kano_crypto")
    for feature, entry in published["rows"].items():
        assert counted(rows, feature) == {letter: entry[letter] for letter in CATEGORIES}
        assert rows[feature, "category"]["label"] == entry["class"]
        assert rows[feature, "better"]["value"] == pytest.approx(entry["sat"], **PUBLISHED)
        assert rows[feature, "worse"]["value"] == pytest.approx(entry["dis"], **PUBLISHED)
        assert rows[feature, "importance"]["value"] == pytest.approx(entry["importance"], abs=5e-7)
        exact = exactly["transfers"][feature]["pouliot"]
        assert counted(rows, feature) == exact["counts"]
        assert rows[feature, "category"]["label"] == exact["class"]
        assert rows[feature, "better"]["value"] == pytest.approx(exact["sat"], **CLOSE)
        assert rows[feature, "worse"]["value"] == pytest.approx(exact["dissat"], **CLOSE)
    first = exactly["published_README_pouliot_transfers"]["F6"]
    assert [counted(rows, "F6")[letter] for letter in "AOMIRQ"] == first


def test_stp25_demo(shared: Path, reference: Any, plugins: Plugins) -> None:
    path = shared / "data" / "kano_stp25demo" / "kano_demo.csv"
    pairs = {f"item{number}": (f"f{number}", f"d{number}") for number in range(1, 11)}
    results = satcore.run(Kano(pairs=pairs), path, plugins=plugins)
    rows = total(results)
    entries = reference("kano_stp25demo")["items"]
    assert set(entries) == set(ITEMS)
    for item, entry in entries.items():
        check_reference(rows, item, entry)
    # Someone answered only the functional question of the fifth.
    halves = "only one of the two questions is answered by 1"
    assert halves in rows["item5", "category"]["message"]
    assert all(
        "only one" not in rows[item, "category"]["message"] for item in ITEMS if item != "item5"
    )
    by_name = {row["item"]: row for row in results.items}
    assert by_name["f5"]["answered"] == by_name["d5"]["answered"] + 1 == 27
    # All answers to the tenth are reverse.
    assert counted(rows, "item10") == {**dict.fromkeys("AOMIQ", 0), "R": 27}
    assert rows["item10", "category"]["label"] == "R"
    for term in ("better", "worse"):
        row = rows["item10", term]
        assert (row["status"], row["base"], row["ci_low"]) == ("undefined", 27, None)
        assert "all answers are R or Q" in row["message"]
    against = [
        row for row in results.comparison_rows("kano") if row["against"] == {"item": "item10"}
    ]
    assert len(against) == 18
    assert {row["status"] for row in against} == {"undefined"}
    # The other comparisons are none the worse for it.
    others = [row for row in results.comparison_rows("kano") if row not in against]
    assert all(row["p"] is not None for row in others)


def test_stp25_demo_under_pouliot(shared: Path, reference: Any, plugins: Plugins) -> None:
    path = shared / "data" / "kano_stp25demo" / "kano_demo.csv"
    pairs = {f"item{number}": (f"f{number}", f"d{number}") for number in range(1, 11)}
    metric = Kano(pairs=pairs, table="pouliot", rule="berger")
    rows = total(satcore.run(metric, path, plugins=plugins))
    for item, entry in reference("kano_stp25demo")["items"].items():
        expected = entry["pouliot"]
        assert counted(rows, item) == expected["counts"]
        assert rows[item, "category"]["label"] == expected["class"]
        for term, name in (("better", "sat"), ("worse", "dissat")):
            row = rows[item, term]
            if expected[name] is None:
                assert (row["value"], row["status"]) == (None, "undefined")
            else:
                assert row["value"] == pytest.approx(expected[name], **CLOSE)


def test_a_published_tally(reference: Any, plugins: Plugins) -> None:
    examples = reference("published_worked_examples")["kano_proofofthepudding_tally"]["rows"]
    for entry in examples.values():
        counts = {letter: entry[letter] for letter in CATEGORIES}
        rows = one_feature(counts, plugins)
        assert counted(rows, "x") == counts
        assert rows["x", "category"]["label"] == entry["class"]


# Tables


def test_the_table_of_25_cells(plugins: Plugins) -> None:
    """One respondent a cell, each a segment of his own."""
    metric = Kano(features=("x",), functional="f", dysfunctional="d")
    places = [(f, d) for f in range(1, 6) for d in range(1, 6)]
    data = {
        "f": [f for f, _ in places],
        "d": [d for _, d in places],
        "who": [f"{f}{d}" for f, d in places],
    }
    results = satcore.run(metric, data, segments=["who"], plugins=plugins)
    found = {
        (int(row["cell"]["who"][0]), int(row["cell"]["who"][1])): row["label"]  # type: ignore[index]
        for row in results.rows("kano", "category")
        if row["cell"]
    }
    assert len(found) == 25
    tally = {letter: list(found.values()).count(letter) for letter in CATEGORIES}
    assert tally == {"Q": 2, "R": 7, "A": 3, "O": 1, "M": 3, "I": 9}
    like, expect, neutral, tolerate, dislike = range(1, 6)
    assert found[like, neutral] == "A"
    assert found[neutral, like] == "R"
    assert found[neutral, dislike] == "M"
    assert found[dislike, neutral] == "R"
    assert found[like, dislike] == "O"
    assert found[dislike, like] == "R"
    assert found[like, like] == found[dislike, dislike] == "Q"
    assert found[expect, tolerate] == found[tolerate, expect] == "I"


def test_pouliot_changes_two_cells() -> None:
    usual, pouliot = TABLES["kano"].rows, TABLES["pouliot"].rows
    changed = {
        (f + 1, d + 1): (usual[f][d], pouliot[f][d])
        for f in range(5)
        for d in range(5)
        if usual[f][d] != pouliot[f][d]
    }
    assert changed == {(2, 2): ("I", "Q"), (4, 4): ("I", "Q")}


def test_the_short_form(plugins: Plugins) -> None:
    metric = Kano(features=("x",), functional="f", dysfunctional="d", scale="1..3", table="short")
    data = {"f": [1, 1, 2, 2, 3, 3, 1], "d": [2, 3, 2, 3, 1, 3, 1]}
    rows = total(satcore.run(metric, data, plugins=plugins))
    assert counted(rows, "x") == {"A": 1, "O": 1, "M": 1, "I": 1, "R": 1, "Q": 2}
    assert rows["x", "better"]["value"] == 0.5
    # Likes count 4, dislikes -2; dysfunctional the other way round.
    assert rows["x", "functional_mean"]["value"] == pytest.approx((3 * 4 - 2 * 2) / 7)
    assert rows["x", "dysfunctional_mean"]["value"] == pytest.approx((3 * 4 - 2 * 2) / 7)


def test_a_table_of_ones_own(plugins: Plugins) -> None:
    own = ["QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ"]
    table = {
        "metrics": {
            "kano": {"features": ["x"], "functional": "f", "dysfunctional": "d", "table": own}
        }
    }
    data = {"f": [1, 1, 2, 3, 4, 5, 2], "d": [2, 5, 2, 5, 4, 1, 1]}
    usual = Kano(features=("x",), functional="f", dysfunctional="d")
    same = satcore.run(Study.of(table), data, plugins=plugins)
    assert numbers(same.rows()) == numbers(satcore.run(usual, data, plugins=plugins).rows())
    own[1] = "RQIIM"
    own[3] = "RIIQM"
    changed = satcore.run(Study.of(table), data, plugins=plugins)
    pouliot = Kano(features=("x",), functional="f", dysfunctional="d", table="pouliot")
    assert numbers(changed.rows()) == numbers(satcore.run(pouliot, data, plugins=plugins).rows())


# Rules


@pytest.mark.parametrize(
    ("counts", "wanted"),
    [
        ({"M": 3, "O": 3, "A": 3, "I": 3, "R": 3, "Q": 3}, "M"),
        ({"O": 3, "A": 3, "I": 3}, "O"),
        ({"A": 3, "I": 3}, "A"),
        ({"I": 3, "R": 3}, "I"),
        ({"R": 3, "Q": 3}, "R"),
        ({"M": 2, "I": 3}, "I"),
    ],
)
def test_ties(counts: Mapping[str, int], wanted: str, plugins: Plugins) -> None:
    rows = one_feature(counts, plugins)
    assert rows["x", "category"]["label"] == wanted
    base = sum(counts.values())
    assert rows["x", "category"]["value"] == pytest.approx(counts[wanted] / base)


def test_the_rules() -> None:
    # A O M I R Q
    split = in_order(30, 20, 10, 40, 0, 0)
    assert mode(split) == ["I"]
    assert RULES["berger"](split, 0.06) == ["A"]
    # As many wanted as not: not more.
    assert RULES["berger"](in_order(10, 10, 0, 20, 0, 0), 0.06) == ["I"]
    assert RULES["berger"](in_order(5, 5, 5, 0, 7, 7), 0.06) == ["M"]
    assert RULES["berger"](in_order(1, 0, 0, 0, 7, 7), 0.06) == ["R"]
    close = in_order(30, 33, 17, 20, 0, 0)
    assert RULES["lee_newcomb"](close, 0.06) == ["O/A"]
    assert RULES["lee_newcomb"](close, 0.02) == ["O"]
    assert RULES["lee_newcomb"](in_order(20, 26, 20, 34, 0, 0), 0.06) == ["I"]
    assert RULES["lee_newcomb"](in_order(40, 0, 40, 20, 0, 0), 0.06) == ["M/A"]
    for rule in RULES.values():
        assert rule(in_order(0, 0, 0, 0, 0, 0), 0.06) == [None]


def test_a_combination(plugins: Plugins) -> None:
    counts = {"A": 30, "O": 33, "M": 17, "I": 20}
    row = one_feature(counts, plugins, rule="lee_newcomb")["x", "category"]
    assert row["label"] == "O/A"
    # The share of both together.
    assert row["value"] == pytest.approx(0.63)
    assert row["message"] == "rules disagree: lee_newcomb O/A, mode O, berger O"
    row = one_feature(counts, plugins, rule="lee_newcomb", strength=0.02)["x", "category"]
    assert (row["label"], row["message"]) == ("O", "")
    strength = one_feature(counts, plugins)["x", "category_strength"]
    assert (strength["value"], strength["label"]) == (pytest.approx(0.03), "O>A")
    # Two shares of one sample: (p + q - (p - q)²) / n.
    assert strength["std_error"] == pytest.approx(((0.63 - 0.0009) / 100) ** 0.5)


def test_fong_at_its_limit() -> None:
    lead, limit = fong_limit(in_order(50, 30, 10, 10, 0, 0))
    assert lead[0] == 20
    assert limit[0] == pytest.approx(1.65 * (80 * 120 / 200) ** 0.5)


def test_modal_probability(plugins: Plugins) -> None:
    row = one_feature({"A": 50, "O": 50}, plugins)["x", "modal_probability"]
    # Even counts go to O, and ties with them.
    assert row["label"] == "O"
    assert row["value"] == pytest.approx(0.54, abs=0.04)
    assert row["method"] == "monte_carlo"
    assert row["std_error"] == pytest.approx((row["value"] * (1 - row["value"]) / 2000) ** 0.5)
    again = one_feature({"A": 50, "O": 50}, plugins)["x", "modal_probability"]
    assert again["value"] == row["value"]
    other = one_feature({"A": 50, "O": 50}, plugins, seed=7)["x", "modal_probability"]
    assert other["value"] != row["value"]
    assert other["value"] == pytest.approx(row["value"], abs=0.06)
    sure = one_feature({"A": 90, "O": 10}, plugins)["x", "modal_probability"]
    assert sure["value"] == 1.0
    found = modal_probability(in_order(0, 0, 0, 0, 0, 0), [None], 0)
    assert np.isnan(found).all()


# Flags


def test_polarity_is_doubted(plugins: Plugins) -> None:
    swapped = one_feature({"R": 40, "I": 30, "A": 30}, plugins)
    assert swapped["x", "share_R"]["message"] == (
        "the polarity may be reversed: swap the two questions"
    )
    # 12% of 100 may be 10%.
    assert one_feature({"R": 12, "I": 88}, plugins)["x", "share_R"]["message"] == ""
    high = one_feature({"R": 12, "I": 88}, plugins, reverse_above=0.05)
    assert "reversed" in high["x", "share_R"]["message"]


def test_wording_is_doubted(plugins: Plugins) -> None:
    rows = one_feature({"Q": 20, "I": 80}, plugins)
    assert rows["x", "share_Q"]["message"] == "the wording may be unclear"
    assert rows["x", "share_R"]["message"] == ""
    assert one_feature({"Q": 6, "I": 94}, plugins)["x", "share_Q"]["message"] == ""


# Laws


def test_texts_and_codes_are_one(
    transfers: pl.DataFrame, codes: pl.DataFrame, plugins: Plugins
) -> None:
    texts = satcore.run(
        Study.of(
            {
                "scales": {"five": FIVE},
                "metrics": {"kano": {"features": list(FEATURES), "scale": "five", **PATTERNS}},
            }
        ),
        transfers,
        plugins=plugins,
    )
    coded = satcore.run(of_codes(), codes, plugins=plugins)
    assert texts.rows() == coded.rows()
    assert texts.comparison_rows() == coded.comparison_rows()
    # Another wording, in part Chinese.
    other = {"codes": {"喜欢": 1, "应该": 2, "无所谓": 3, "能忍受": 4, "不喜欢": 5, "I like it": 1}}
    names = dict(zip(range(1, 6), other["codes"], strict=False))
    wording = pl.selectors.ends_with("functional").replace_strict(names, return_dtype=pl.String)
    relabelled = satcore.run(
        Study.of(
            {
                "scales": {"words": other},
                "metrics": {"kano": {"features": list(FEATURES), "scale": "words", **PATTERNS}},
            }
        ),
        codes.with_columns(wording),
        plugins=plugins,
    )
    assert relabelled.rows() == coded.rows()


def test_permuted_respondents(codes: pl.DataFrame, plugins: Plugins) -> None:
    for options in ({}, {"segments": ["Gender"]}):
        first = satcore.run(of_codes(), codes, plugins=plugins, **options)
        second = satcore.run(
            of_codes(), codes.sample(fraction=1.0, shuffle=True, seed=3), plugins=plugins, **options
        )
        assert first.rows() == second.rows()
        assert first.comparison_rows() == second.comparison_rows()


def test_pairs_go_by_name(codes: pl.DataFrame, plugins: Plugins) -> None:
    """Neither the order of the columns nor the way of naming them matters."""
    pairs = {one: (f"{one}_functional", f"{one}_dysfunctional") for one in FEATURES}
    patterned = satcore.run(of_codes(), codes, plugins=plugins)
    listed = satcore.run(Kano(pairs=pairs), codes.select(reversed(codes.columns)), plugins=plugins)
    assert listed.rows() == patterned.rows()


def test_an_empty_category_changes_nothing(codes: pl.DataFrame, plugins: Plugins) -> None:
    """A segment that is declared and that nobody is in."""
    asked = {
        "roles": {"segments": ["Gender"]},
        "metrics": {"kano": {"features": list(FEATURES), **PATTERNS}},
    }
    plain = satcore.run(Study.of(asked), codes, plugins=plugins)
    more = Study.of({**asked, "labels": {"Gender": {"nobody": "Nobody"}}})
    declared = satcore.run(more, codes, plugins=plugins)
    kept = [row for row in declared.rows() if row["cell"].get("Gender") != "nobody"]
    assert kept == plain.rows()
    empty = [row for row in declared.rows() if row["cell"].get("Gender") == "nobody"]
    assert len(empty) == len(FEATURES) * 15
    assert {(row["status"], row["value"]) for row in empty} == {("empty", None)}


def test_cells_together_are_each_alone(codes: pl.DataFrame, plugins: Plugins) -> None:
    together = satcore.run(of_codes(), codes, segments=["Gender"], plugins=plugins)
    labels = sorted({row["cell"]["Gender"] for row in together.rows() if row["cell"]}, key=str)
    assert len(labels) == 3
    for label in labels:
        alone = satcore.run(of_codes(), codes.filter(pl.col("Gender") == label), plugins=plugins)
        rows = [row for row in together.rows() if row["cell"] == {"Gender": label}]
        assert numbers(rows) == numbers(alone.rows())
        pairs = [
            (row["item"], row["against"], row["difference"], row["std_error"], row["p_adjusted"])
            for results, cell in ((together, {"Gender": label}), (alone, {}))
            for row in results.comparison_rows("kano")
            if row["kind"] == "paired" and row["cell"] == cell
        ]
        half = len(pairs) // 2
        assert half == 30
        assert pairs[:half] == pairs[half:]


@pytest.mark.parametrize("weight", [None, "Age"])
def test_cuts(weight: str | None, codes: pl.DataFrame, plugins: Plugins) -> None:
    """Read in pieces, the numbers are the same to the last bit, replicates too."""
    frame = codes.with_columns(pl.col("Age").cast(pl.Float64) / 7)
    cut = pl.concat([frame[:1], frame[1:100], frame[100:101], frame[101:]], rechunk=False)
    whole = satcore.run(of_codes(), frame.rechunk(), weight=weight, plugins=plugins)
    pieces = satcore.run(of_codes(), cut, weight=weight, plugins=plugins)
    assert whole.rows() == pieces.rows()
    assert whole.comparison_rows() == pieces.comparison_rows()


def test_integer_weights_are_repeated_rows(codes: pl.DataFrame, plugins: Plugins) -> None:
    times = [1 + number % 3 for number in range(len(codes))]
    weighted = total(
        satcore.run(of_codes(), codes.with_columns(w=pl.Series(times)), weight="w", plugins=plugins)
    )
    repeated = codes.select(pl.all().repeat_by(pl.Series(times)).explode())
    plain = total(satcore.run(of_codes(), repeated, plugins=plugins))
    assert len(repeated) == sum(times)
    for key, row in weighted.items():
        if key[1] in ("fong", "modal_probability"):
            continue
        assert row["value"] == pytest.approx(plain[key]["value"], **CLOSE)
        assert row["label"] == plain[key]["label"]
        # Weights are no answers: the base and the error know that.
        assert row["base"] < plain[key]["base"]
        assert row["weighted_base"] == pytest.approx(plain[key]["base"])


# Weights

SMALL = {
    "f": [1, 1, 1, 2, 2, 1, 5, 3],
    "d": [5, 3, 5, 5, 3, 2, 1, 5],
    "w": [1.0, 2.0, 0.5, 1.5, 3.0, 1.0, 2.0, 1.0],
}
SMALL_CATEGORIES = "OAOMIARM"


def test_weighted_coefficients_are_linearised(plugins: Plugins) -> None:
    metric = Kano(features=("x",), functional="f", dysfunctional="d")
    rows = total(satcore.run(metric, SMALL, weight="w", plugins=plugins))
    w = np.array(SMALL["w"])
    inside = np.array([letter in "AOMI" for letter in SMALL_CATEGORIES])
    # A and O: 1 + 2 + 0.5 + 1 of 10; O and M: 1 + 0.5 + 1.5 + 1 of 10.
    for term, letters, wanted in (("better", "AO", 0.45), ("worse", "OM", -0.4)):
        row = rows["x", term]
        assert row["value"] == pytest.approx(wanted, **CLOSE)
        y = np.array([letter in letters for letter in SMALL_CATEGORIES], dtype=float)
        z = np.where(inside, w * (y - abs(wanted)) / w[inside].sum(), 0.0)
        assert z.sum() == pytest.approx(0.0, abs=1e-12)
        error = (8 / 7 * (z**2).sum()) ** 0.5
        assert row["std_error"] == pytest.approx(error, **CLOSE)
        assert (row["base"], row["weighted_base"]) == (7, 10.0)
        assert row["effective_base"] == pytest.approx(100 / (w[inside] ** 2).sum())
        assert row["ci_low"] < row["value"] < row["ci_high"]
    assert rows["x", "category"]["label"] == "A"
    assert rows["x", "category"]["value"] == pytest.approx(3 / 12)
    # Counts are brought to the effective base: A and I have 3 each.
    assert rows["x", "fong"]["value"] == pytest.approx(0.0, abs=1e-9)
    assert rows["x", "fong"]["label"] == "not clear"


def test_a_factor_of_the_weights_changes_nothing(plugins: Plugins) -> None:
    metric = Kano(features=("x",), functional="f", dysfunctional="d")
    first = satcore.run(metric, SMALL, weight="w", plugins=plugins)
    scaled = {**SMALL, "w": [4 * weight for weight in SMALL["w"]]}
    second = satcore.run(metric, scaled, weight="w", plugins=plugins)
    for one, other in zip(first.rows(), second.rows(), strict=True):
        assert other["label"] == one["label"]
        for name in ("value", "std_error", "ci_low", "ci_high", "effective_base"):
            wanted = one[name]  # type: ignore[literal-required]
            found = other[name]  # type: ignore[literal-required]
            assert found == (None if wanted is None else pytest.approx(wanted, **CLOSE))


def test_weighted_modal_probability(codes: pl.DataFrame, plugins: Plugins) -> None:
    data = codes.with_columns(w=pl.lit(1.0))
    rows = total(satcore.run(of_codes(), data, weight="w", plugins=plugins))
    again = total(satcore.run(of_codes(), data, weight="w", plugins=plugins))
    plain = total(satcore.run(of_codes(), codes, plugins=plugins))
    for feature in FEATURES:
        row = rows[feature, "modal_probability"]
        assert row == again[feature, "modal_probability"]
        wanted = plain[feature, "modal_probability"]
        assert row["label"] == wanted["label"]
        # 200 replicates against 2,000 resamples.
        error = (wanted["value"] * (1 - wanted["value"]) / 200) ** 0.5
        assert row["value"] == pytest.approx(wanted["value"], abs=4 * error + 0.005)
    other = total(satcore.run(of_codes(seed=5), data, weight="w", plugins=plugins))
    values = [
        [found[one, "modal_probability"]["value"] for one in FEATURES] for found in (rows, other)
    ]
    assert values[0] != values[1]


# Comparisons of features


def letters_of(codes: pl.DataFrame) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Every respondent's category by feature: (respondents, features)."""
    grid = table_of("kano").grid.reshape(5, 5)
    return np.stack(
        [
            grid[
                codes[f"{one}_functional"].to_numpy() - 1,
                codes[f"{one}_dysfunctional"].to_numpy() - 1,
            ]
            for one in FEATURES
        ],
        axis=1,
    )


@pytest.mark.parametrize("weighted", [False, True])
def test_paired_comparisons_against_the_bootstrap(
    weighted: bool, codes: pl.DataFrame, plugins: Plugins
) -> None:
    size, resamples = len(codes), 4000
    w = 0.5 + np.arange(size) % 4 if weighted else np.ones(size)
    results = satcore.run(
        of_codes(),
        codes.with_columns(w=pl.Series(w)),
        weight="w" if weighted else None,
        plugins=plugins,
    )
    letters = letters_of(codes)
    generator = np.random.default_rng(11)
    drawn = generator.multinomial(size, np.full(size, 1 / size), size=resamples) * w
    drawn = np.vstack([w, drawn])
    inside = drawn @ np.isin(letters, [0, 1, 2, 3])
    found = {
        "better": drawn @ np.isin(letters, [0, 1]) / inside,
        "worse": -(drawn @ np.isin(letters, [1, 2])) / inside,
    }
    rows = [row for row in results.comparison_rows("kano") if row["kind"] == "paired"]
    assert len(rows) == 30
    place = {feature: number for number, feature in enumerate(FEATURES)}
    for row in rows:
        values = found[row["term"]]
        against = (row["against"] or {})["item"]
        assert against is not None
        difference = values[:, place[row["item"]]] - values[:, place[against]]
        assert row["difference"] == pytest.approx(difference[0], **CLOSE)
        # The error of a standard deviation of 4,000 is 1.1%; respondents less one, another 0.3%.
        assert row["std_error"] == pytest.approx(difference[1:].std(), rel=0.05)
        assert row["method"] == "z; paired delta"


def test_pairs_are_adjusted_together(codes: pl.DataFrame, plugins: Plugins) -> None:
    results = satcore.run(of_codes(), codes, plugins=plugins)
    for term in ("better", "worse"):
        rows = [row for row in results.comparison_rows("kano", term) if row["kind"] == "paired"]
        assert [(row["item"], (row["against"] or {})["item"]) for row in rows] == list(
            combinations(FEATURES, 2)
        )
        p = np.array([row["p"] for row in rows])
        assert [row["p_adjusted"] for row in rows] == pytest.approx(holm(p).tolist())


# Segments and waves


def test_segments_are_compared(codes: pl.DataFrame, plugins: Plugins) -> None:
    results = satcore.run(
        of_codes(), codes, segments=["Gender"], comparisons=["pairs"], plugins=plugins
    )
    rows = {
        (row["item"], row["term"], row["cell"]["Gender"]): row
        for row in results.rows("kano")
        if row["cell"]
    }
    pairs = [row for row in results.comparison_rows("kano") if row["kind"] == "pair"]
    assert pairs
    for row in pairs:
        one = rows[row["item"], row["term"], row["cell"]["Gender"]]
        other = rows[row["item"], row["term"], (row["against"] or {})["Gender"]]
        if row["status"] in ("ok", "small"):
            assert row["difference"] == pytest.approx(one["value"] - other["value"])
            error = (one["std_error"] ** 2 + other["std_error"] ** 2) ** 0.5
            assert row["std_error"] == pytest.approx(error)
    # Which category leads is no number, and how often it does in resamples no measurement.
    compared = {row["term"] for row in pairs}
    assert {"better", "worse", "share_A", "functional_mean"} <= compared
    assert compared.isdisjoint({"category", "category_strength", "fong", "modal_probability"})


def test_waves(plugins: Plugins) -> None:
    functional, dysfunctional = cells_of({"A": 20, "M": 20})
    data = {"f": functional, "d": dysfunctional, "wave": ["1"] * 20 + ["2"] * 20}
    metric = Kano(features=("x",), functional="f", dysfunctional="d")
    results = satcore.run(metric, data, wave="wave", plugins=plugins)
    labels = {
        row["cell"].get("wave", "all"): row["label"] for row in results.rows("kano", "category")
    }
    assert labels == {"all": "M", "1": "A", "2": "M"}
    (row,) = [
        row
        for row in results.comparison_rows("kano", "share_M")
        if row["kind"] == "previous" and row["cell"] == {"wave": "2"}
    ]
    assert row["difference"] == 1.0


def test_nobody(plugins: Plugins) -> None:
    metric = Kano(features=("x", "y"), functional="{feature}f", dysfunctional="{feature}d")
    data = {"xf": [1, 2, 3], "xd": [5, None, 4], "yf": [None] * 3, "yd": [1, 2, None]}
    for weight in (None, "w"):
        results = satcore.run(
            metric, {**data, "w": [1.0, 2.0, 3.0]}, weight=weight, plugins=plugins
        )
        rows = total(results)
        assert rows["x", "category"]["base"] == 2
        assert {row["status"] for (item, _), row in rows.items() if item == "y"} == {"empty"}
        assert rows["y", "category"]["message"].endswith(
            "only one of the two questions is answered by 2"
        )
        json.loads(results.to_json())
        for language in ("en", "zh"):
            assert list(metric.findings(results, "kano", language))
            assert len(list(metric.charts(results, "kano", language))) == 3


# Bad input

ONE = {"f": [1, 2, 5], "d": [5, 5, 1]}
BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no feature": ({}, 'features: none is named; write features = ["F1", "F2"]'),
    "no dysfunctional question": (
        {"features": ["x"], "functional": "f"},
        (
            "dysfunctional: the feature 'x' has no dysfunctional question; give a pattern, as "
            'dysfunctional = "{feature}_dysfunctional", or its two columns in pairs'
        ),
    ),
    "no functional question": (
        {"features": ["x"], "dysfunctional": "d"},
        "the feature 'x' has no functional question",
    ),
    "one question in the pair": (
        {"pairs": {"x": ["f"]}},
        "pairs",
    ),
    "a feature without a pair": (
        {"features": ["x", "y"], "pairs": {"x": ["f", "d"]}},
        "the feature 'y' has no functional question",
    ),
    "one column for all": (
        {"features": ["x", "y"], "functional": "f", "dysfunctional": "{feature}"},
        "functional: 'f' lacks {feature}: one column for all",
    ),
    "one column twice": (
        {"features": ["x"], "functional": "f", "dysfunctional": "f"},
        "the column 'f' would serve 'x' and 'x', or both questions of one feature",
    ),
    "a pair of no feature": (
        {"features": ["x"], "pairs": {"x": ["f", "d"], "z": ["f", "d"]}},
        "pairs: ['z'] are none of the features ['x']",
    ),
    "an unknown table": (
        {"features": ["x"], "functional": "f", "dysfunctional": "d", "table": "puliot"},
        (
            "table: 'puliot' is none of kano, pouliot, short, nor rows as a list; did you mean "
            "'pouliot'?"
        ),
    ),
    "an unknown rule": (
        {"features": ["x"], "functional": "f", "dysfunctional": "d", "rule": "modes"},
        "rule: 'modes' is none of mode, berger, lee_newcomb; did you mean 'mode'?",
    ),
    "a short row": (
        {
            "features": ["x"],
            "functional": "f",
            "dysfunctional": "d",
            "table": ["QAAAO", "RIIIM", "RIIM", "RIIIM", "RRRRQ"],
        },
        (
            "table: the row 'RIIM' is not 5 letters of AOMIRQ; a table of 5 answers has 5 rows "
            "of 5 letters"
        ),
    ),
    "a letter that is no category": (
        {
            "features": ["x"],
            "functional": "f",
            "dysfunctional": "d",
            "table": ["QAAAO", "RIIIX", "RIIIM", "RIIIM", "RRRRQ"],
        },
        "the row 'RIIIX' is not 5 letters of AOMIRQ",
    ),
    "a table of four": (
        {"features": ["x"], "functional": "f", "dysfunctional": "d", "table": ["QAAO"] * 4},
        "table: a table has 5 or 3 rows, not 4",
    ),
    "a scale too long": (
        {"features": ["x"], "functional": "f", "dysfunctional": "d", "scale": "1..7"},
        "scale: it has 7 answers, but the table 5",
    ),
    "a scale for another table": (
        {"features": ["x"], "functional": "f", "dysfunctional": "d", "table": "short"},
        "scale: it has 5 answers, but the table 3",
    ),
    "a negative seed": (
        {"features": ["x"], "functional": "f", "dysfunctional": "d", "seed": -1},
        "seed: -1 is negative",
    ),
    "a strength beyond 1": (
        {"features": ["x"], "functional": "f", "dysfunctional": "d", "strength": 6.0},
        "strength: 6 is no share from 0 to 1",
    ),
    "a limit beyond 1": (
        {"features": ["x"], "functional": "f", "dysfunctional": "d", "reverse_above": 10.0},
        "reverse_above: 10 is no share from 0 to 1",
    ),
    "an unknown continuous analysis": (
        {"features": ["x"], "functional": "f", "dysfunctional": "d", "continuous": "some"},
        "continuous",
    ),
    "a missing column": (
        {"features": ["x"], "functional": "f", "dysfunctional": "dd"},
        "no column 'dd'; did you mean 'd'?",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_options(name: str, plugins: Plugins) -> None:
    options, message = BAD[name]
    with pytest.raises(StudyError) as raised:
        satcore.run(Study.of({"metrics": {"kano": options}}), ONE, plugins=plugins)
    assert message in str(raised.value)
    assert "[metrics.kano]" in str(raised.value)


def test_answers_outside_the_scale(plugins: Plugins) -> None:
    metric = Kano(features=("x",), functional="f", dysfunctional="d")
    data = {"f": [1, 6, 1], "d": [5, 5, 0]}
    with pytest.raises(DataError) as raised:
        satcore.run(metric, data, plugins=plugins)
    told = str(raised.value)
    assert "1..5" in told
    assert "6" in told
    results = satcore.run(metric, data, invalid="missing", plugins=plugins)
    assert total(results)["x", "category"]["base"] == 1
    assert {row["item"]: row["invalid"] for row in results.items} == {"f": 1, "d": 1}
    # Each left the other question answered.
    message = total(results)["x", "category"]["message"]
    assert "only one of the two questions is answered by 2" in message


# Words and pictures


@pytest.fixture
def named(transfers: pl.DataFrame, plugins: Plugins) -> Results:
    features = {
        "F6": {"en": "Anonymous", "zh": "匿名"},
        "F7": {"en": "Convenient", "zh": "便捷"},
        "F8": {"en": "Reliable", "zh": "可靠"},
        "F9": {"en": "Fast", "zh": "快速"},
        "F10": {"en": "Secure", "zh": "安全"},
        "F11": {"en": "Transparent", "zh": "透明"},
    }
    return satcore.run(study(features=features), transfers, plugins=plugins)


def said(results: Results, language: str = "en") -> list[str]:
    return list(results.metrics[0].metric.findings(results, "kano", language))


def test_findings(named: Results) -> None:
    told = said(named)
    assert told[0].startswith("One-dimensional (expected needs): Secure (49% of answers")
    assert told[1].startswith("Attractive (excitement needs): Fast (41%")
    assert told[2].startswith("Indifferent: Anonymous")
    unclear = [one for one in told if one.startswith("Not clear")]
    assert len(unclear) == 1
    assert "Transparent - indifferent by the rule mode" in unclear[0]
    assert "berger: one-dimensional" in unclear[0]
    assert "only 92%" in unclear[0]
    (first,) = [one for one in told if one.startswith("What to do first")]
    assert first.index("(1) improve the expected needs: Secure (Worse \u22120.79") < first.index(
        "(2) add what delights: Fast (Better 0.67"
    )
    assert first.index("Secure") < first.index("Reliable") < first.index("Convenient")
    assert (
        "Their order is not sure: Reliable and Convenient do not differ significantly in Worse."
        in told
    )
    assert told[-1].startswith("Anonymous: 14% of answers are reverse")


def test_findings_in_chinese(named: Results) -> None:
    told = said(named, "zh")
    assert len(told) == len(said(named))
    assert told[0].startswith("期望型（期望需求）：安全（占回答的 49%")
    assert told[1].startswith("魅力型（兴奋需求）：快速")
    assert any(one.startswith("尚不明确：透明") for one in told)
    assert any(one.startswith("优先顺序：1）提升期望型：安全（Worse 系数") for one in told)


def test_basic_needs_come_first(plugins: Plugins) -> None:
    shapes = {
        "delight": {"A": 70, "I": 30},
        "pay": {"O": 80, "I": 20},
        "mild": {"M": 60, "I": 40},
        "must": {"M": 90, "I": 10},
        "swapped": {"R": 100},
        "odd": {"Q": 60, "I": 40},
        "even": {"M": 50, "A": 50},
    }
    data: dict[str, list[int]] = {}
    for name, counts in shapes.items():
        data[f"{name}_functional"], data[f"{name}_dysfunctional"] = cells_of(counts)
    metric = Kano(features=tuple(shapes), **PATTERNS)
    results = satcore.run(metric, data, plugins=plugins)
    told = said(results)
    assert told[0].startswith("Must-be (basic needs): must (90%")
    assert "; mild (60%" in told[0]
    (first,) = [one for one in told if one.startswith("What to do first")]
    places = [
        first.index(one) for one in ("must", "mild", "even [category not clear]", "pay", "delight")
    ]
    assert places == sorted(places)
    assert "swapped" not in first
    assert any(one.startswith("Reverse: swapped") for one in told)
    assert any(one.startswith("Questionable: odd") for one in told)
    assert "odd: 60% of answers are questionable; the wording may be unclear." in told
    assert any(one.startswith("swapped: Better and Worse are undefined") for one in told)
    assert any(one.startswith("Not clear: even - must-be by the rule mode") for one in told)
    chinese = said(results, "zh")
    assert chinese[0].startswith("必备型（基本需求）：must")
    assert len(chinese) == len(told)


def test_withheld_features_stay_withheld(plugins: Plugins) -> None:
    data: dict[str, list[int | None]] = {"f": [1] * 40, "d": [5] * 40, "g": [1] * 4, "h": [3] * 4}
    data["g"] += [None] * 36
    data["h"] += [None] * 36
    metric = Kano(pairs={"x": ("f", "d"), "rare": ("g", "h")})
    results = satcore.run(metric, data, suppress_below=10, plugins=plugins)
    assert "rare: withheld, as it has too few answers." in said(results)
    shares, *planes = metric.charts(results, "kano", "en")
    told = json.dumps([dict(chart.spec) for chart in planes])
    assert "rare" not in told
    assert "rare (withheld)" in shares.alt
    row = total(results)["rare", "category"]
    assert (row["value"], row["label"], row["status"]) == (None, None, "suppressed")
    assert "only one" not in row["message"]


def test_titles_of_features(named: Results) -> None:
    metric = named.metrics[0].metric
    assert isinstance(metric, Kano)
    assert metric.item_title("F6") == "Anonymous"
    assert metric.item_title("F6", "zh") == "匿名"
    assert metric.item_title("F99") == of_codes().item_title("F6") == ""


def test_pictures(named: Results) -> None:
    metric = named.metrics[0].metric
    english, chinese = (list(metric.charts(named, "kano", one)) for one in ("en", "zh"))
    assert [chart.title for chart in english] == [
        "Answers by Kano category",
        "Better and Worse",
        "Continuous analysis (DuMouchel)",
    ]
    assert len(chinese) == 3
    shares, plane, continuous = english
    for feature in ("Anonymous", "Secure"):
        values = [one for one in shares.spec["data"]["values"] if one["label"] == feature]
        assert sum(one["share"] for one in values) == pytest.approx(1.0)
        assert [one["letter"] for one in values] == list("AOMIRQ")
    rows = total(named)
    points = {one["label"]: one for one in plane.spec["data"]["values"]}
    secure = points["Secure"]
    assert secure["x"] == -rows["F10", "worse"]["value"]
    assert secure["y"] == rows["F10", "better"]["value"]
    assert (secure["x_low"], secure["x_high"]) == (
        -rows["F10", "worse"]["ci_high"],
        -rows["F10", "worse"]["ci_low"],
    )
    assert secure["x_low"] < secure["x"] < secure["x_high"]
    assert "One-dimensional: Convenient, Reliable, Secure." in plane.alt
    text = json.dumps(chinese[1].spec, ensure_ascii=False)
    for name in ("魅力型", "期望型", "必备型", "无差异型", "安全"):
        assert name in text
    assert "Secure" not in text
    points = {one["label"]: one for one in continuous.spec["data"]["values"]}
    row = rows["F10", "functional_mean"]
    assert points["Secure"]["y_high"] == pytest.approx(row["value"] + row["std_error"])
    for chart in (*english, *chinese):
        told = json.dumps(chart.spec, ensure_ascii=False, allow_nan=False)
        assert "http" not in told
        assert chart.alt


def test_pictures_name_what_they_leave_out(plugins: Plugins) -> None:
    data: dict[str, list[int | None]] = {"c_functional": [None] * 40, "c_dysfunctional": [1] * 40}
    for name, counts in (("a", {"M": 30, "I": 10}), ("b", {"R": 40})):
        functional, dysfunctional = cells_of(counts)
        data[f"{name}_functional"] = [*functional]
        data[f"{name}_dysfunctional"] = [*dysfunctional]
    results = satcore.run(Kano(features=("a", "b", "c"), **PATTERNS), data, plugins=plugins)
    shares, plane, continuous = results.metrics[0].metric.charts(results, "kano", "en")
    assert [one["label"] for one in plane.spec["data"]["values"]] == ["a"]
    assert plane.alt.endswith("Not shown: b (no value), c (no answers).")
    assert shares.alt.endswith("Not shown: c (no answers).")
    assert [one["label"] for one in continuous.spec["data"]["values"]] == ["a", "b"]
    # A must-be feature that people tolerate scores below 0 too: the zone names no category.
    assert "With a mean below 0, outside the four quadrants: a, b." in continuous.alt
    assert "c: nobody answered both questions." in said(results)


def test_pictures_are_vega_lite(named: Results) -> None:
    """Each compiles without a warning."""
    vl_convert = pytest.importorskip("vl_convert")
    for language in ("en", "zh"):
        for chart in named.metrics[0].metric.charts(named, "kano", language):
            spec = {name: part for name, part in chart.spec.items() if name != "usermeta"}
            made = vl_convert.vegalite_to_svg({**spec, "width": 600})
            assert "NaN" not in made
