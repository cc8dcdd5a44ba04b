"""HCAHPS: satcore's laws, values worked by hand, and the interval against the long way round."""

from typing import Any

import numpy as np
import pytest
import satcore
from satcore.testing import Check, plugin_checks

from satcore_hcahps import HCAHPS, MEASURES, QUESTIONS

NURSES = ("nurse_respect", "nurse_listen", "nurse_explain")


@pytest.mark.parametrize("check", plugin_checks("hcahps"), ids=str)
def test_law(check: Check) -> None:
    check()


def row(answers: dict[str, Any], measure: str, **more: Any) -> satcore.EstimateRow:
    results = satcore.run(HCAHPS(measures=(measure,)), answers, **more)
    return next(one for one in results.rows(term="top_box") if one["item"] == measure)


def patients(rows: int, seed: int = 0) -> dict[str, list[int | None]]:
    """Answers of patients who like all or little, and leave out a question now and then."""
    rng = np.random.default_rng(seed)
    mood = rng.normal(size=rows)
    found: dict[str, list[int | None]] = {}
    for place, code in enumerate(NURSES):
        latent = 3.2 + 0.3 * place + mood + rng.normal(size=rows)
        codes = np.clip(np.round(latent), 1, 4).astype(int).tolist()
        left_out = (rng.random(rows) < 0.1).tolist()
        found[code] = [None if out else one for one, out in zip(codes, left_out, strict=True)]
    return found


def test_every_question_belongs_to_one_measure() -> None:
    codes = [question.code for measure in MEASURES for question in measure.questions]
    assert sorted(codes) == sorted(question.code for question in QUESTIONS)
    assert len(codes) == 19


def test_a_composite_by_hand() -> None:
    answers = {
        "nurse_respect": ["Always", "Always", "Usually", "Never"],  # 2 of 4
        "nurse_listen": [4, 3, None, None],  # 1 of 2
        "nurse_explain": ["Always", "", "", ""],  # 1 of 1
    }
    found = row(answers, "nurses")
    assert found["value"] == pytest.approx((2 / 4 + 1 / 2 + 1 / 1) / 3)
    assert found["base"] == 4


def test_one_question_is_its_share() -> None:
    found = row({"rating": [10, 9, 8, 0, None]}, "rating")
    assert (found["value"], found["base"]) == (0.5, 4)


@pytest.mark.parametrize("weighted", [False, True])
def test_the_standard_error_the_long_way_round(weighted: bool) -> None:
    answers: dict[str, Any] = patients(300)
    rng = np.random.default_rng(1)
    weight = rng.uniform(0.5, 2.0, 300) if weighted else np.ones(300)
    more: dict[str, Any] = {}
    if weighted:
        answers["w"], more = weight, {"weight": "w"}
    found = row(answers, "nurses", **more)

    # One number a patient: the mean over the questions of w (top - share) a / Σwa.
    scores = np.zeros(300)
    for code in NURSES:
        there = np.array([one is not None for one in answers[code]])
        top = np.array([one == 4 for one in answers[code]])
        share = np.sum(weight * top) / np.sum(weight * there)
        scores += weight * there * (top - share) / np.sum(weight * there) / 3
    assert found["std_error"] == pytest.approx(np.sqrt(300 / 299 * np.sum(scores**2)), rel=1e-9)


def test_questions_of_the_same_patients_are_no_independent_answers() -> None:
    same = [4, 4, 4, 1, 1, 2, 4, 3, 4, 4] * 20
    thrice = row(dict.fromkeys(NURSES, same), "nurses")
    once = row({"room_clean": same}, "clean")
    assert thrice["value"] == pytest.approx(once["value"])
    # Asked thrice, with the same answers, the patients are still 200 (n-1 for n makes 0.25 %).
    assert thrice["std_error"] == pytest.approx(once["std_error"], rel=3e-3)
    assert thrice["ci_low"] == pytest.approx(once["ci_low"], abs=2e-3)


def test_all_best_answers_leave_doubt() -> None:
    found = row(dict.fromkeys(NURSES, [4] * 20), "nurses")
    assert (found["value"], found["std_error"], found["ci_high"]) == (1.0, 0.0, 1.0)
    assert found["ci_low"] is not None
    assert 0.7 < found["ci_low"] < 0.9


def test_a_question_that_nobody_answered() -> None:
    answers = {"nurse_respect": [4, 3], "nurse_listen": [None, None], "nurse_explain": [4, 4]}
    found = row(answers, "nurses")
    assert (found["value"], found["status"], found["base"]) == (None, "undefined", 2)
    assert "nobody here answered" in found["message"]


def test_columns_of_other_names() -> None:
    metric = HCAHPS(measures=("rating",), columns={"rating": "Q18"})
    assert satcore.run(metric, {"Q18": [9, 1]}).rows()[0]["value"] == 0.5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"measures": ("nurse",)}, r"there is no 'nurse'; did you mean 'nurses'"),
        ({"columns": {"ratings": "Q18"}}, r"there is no 'ratings'; did you mean 'rating'"),
    ],
)
def test_names_that_are_not(options: dict[str, Any], message: str) -> None:
    with pytest.raises(satcore.StudyError, match=message):
        satcore.run(HCAHPS(**options), {"rating": [1]})
