"""What ``satcore init`` knows of satisfaction, effort, drivers, journeys, expectation and events.

Each drafted study runs on the answers that it was drafted from, and finds what was put into them.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import random
import re
import statistics
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import satcore
from satcore import DataDictionary, Results, Survey, Variable
from satcore.cli import main
from satcore.drafting import Draft, drafted
from satcore.drafting.profiles import profiles_of
from satcore.study import Study
from satcore.surveys import survey_in_memory

KINDS = frozenset(
    {
        *("nps", "kano", "servqual", "multiple", "csat", "ces", "expectation", "drivers"),
        *("importance_performance", "journey", "response_time", "churn", "complaint_rate"),
    }
)
ROWS = 240

Call = Callable[..., tuple[int, str, str]]
Columns = Mapping[str, Sequence[Any]]


@pytest.fixture
def call(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Call:
    """Runs a command in this process: exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)
    for name in ("SATCORE_DISABLE_PLUGINS", "SATCORE_TRACEBACK", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(arguments)
        assert isinstance(left.value.code, int)
        return (left.value.code, *capsys.readouterr())

    return call


def survey_of(data: Columns, variables: Mapping[str, Variable] | None = None) -> Survey:
    survey = survey_in_memory(dict(data))
    return Survey(
        name=survey.name,
        columns=survey.columns,
        fragments=survey.fragments,
        dictionary=DataDictionary(variables=dict(variables or {})),
    )


def draft(
    data: Columns,
    variables: Mapping[str, Variable] | None = None,
    language: str = "en",
    kinds: frozenset[str] = KINDS,
) -> Draft:
    survey = survey_of(data, variables)
    return drafted(survey, kinds, title="t", data=("answers.csv",), language=language)


def read(data: Columns, variables: Mapping[str, Variable] | None = None) -> dict[str, Any]:
    """The drafted metrics, as TOML reads them."""
    return tomllib.loads(draft(data, variables).text).get("metrics", {})


def ran(data: Columns, variables: Mapping[str, Variable] | None = None) -> Results:
    """The results of the drafted study on the answers that it was drafted from."""
    found = draft(data, variables)
    results = satcore.run(Study.of(tomllib.loads(found.text)), survey_of(data, variables))
    assert not results.failures
    assert {one.name for one in results.metrics} == set(found.metrics)
    return results


def value(results: Results, metric: str, term: str, item: str = "") -> float:
    [row] = [
        row
        for row in results.rows(metric, term)
        if not row["cell"] and (not item or row["item"] == item)
    ]
    return row["value"]


def rated(seed: int, high: int = 5, low: int = 1, rows: int = ROWS) -> list[int]:
    draw = random.Random(seed)
    mean = (low + high) / 2 + 0.4
    answers = [min(high, max(low, round(draw.gauss(mean, high / 4)))) for _ in range(rows)]
    answers[:2] = [low, high]
    return answers


def cycled(values: Sequence[Any], rows: int = ROWS) -> list[Any]:
    return [values[row % len(values)] for row in range(rows)]


AGREE = ("Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree")
NAMES = ("sat_arrival", "sat_room", "sat_food")


class TestSatisfaction:
    @pytest.mark.parametrize("name", [
        "overall_satisfaction", "Satisfaction overall", "OverallSatisfaction", "csat", "satisfied",
        "Q3. Customer satisfaction", "sat_overall", "总体满意度", "满意度", "客户满意度",
        "您是否满意", "5、您对本次服务的总体满意程度", "综合满意度", "您对我们的服务满意吗？",
    ])  # fmt: skip
    def test_its_names(self, name: str) -> None:
        assert read({name: rated(1)}) == {"csat": {"item": name}}

    @pytest.mark.parametrize("label", [
        "How satisfied are you with us?", "Overall, how satisfied or dissatisfied were you?",
        "How satisfied were you with your stay?", "总的来说，您对我们满意吗",
    ])  # fmt: skip
    def test_its_questions(self, label: str) -> None:
        assert read({"Q1": rated(1)}, {"Q1": Variable(label=label)}) == {"csat": {"item": "Q1"}}

    def test_the_share_is_that_of_the_answers(self) -> None:
        answers = rated(3, 7)
        results = ran({"satisfaction": answers})
        assert read({"satisfaction": answers})["csat"]["scale"] == "1..7"
        share = sum(one >= 6 for one in answers) / ROWS
        assert value(results, "csat", "csat") == pytest.approx(share)

    def test_low_answers_that_the_file_calls_the_good_ones(self) -> None:
        labels = {"1": "Very satisfied", "5": "Very dissatisfied"}
        answers, variables = rated(3), {"satisfaction": Variable(labels=labels)}
        assert read({"satisfaction": answers}, variables)["csat"] == {
            "item": "satisfaction", "reversed": True,
        }  # fmt: skip
        share = sum(one <= 2 for one in answers) / ROWS
        results = ran({"satisfaction": answers}, variables)
        assert value(results, "csat", "csat") == pytest.approx(share)

    def test_low_answers_that_say_themselves_that_they_are_good(self) -> None:
        answers = cycled(["1 - Very satisfied", "2", "3", "4", "5 - Very dissatisfied"])
        assert read({"satisfaction": answers})["csat"]["reversed"] is True
        assert read({"满意度（5分制，5表示末位）": answers})["csat"]["reversed"] is True
        turned = cycled(["1 - Very dissatisfied", "2", "3", "4", "5 - Very satisfied"])
        assert "reversed" not in read({"satisfaction": turned})["csat"]
        assert value(ran({"satisfaction": answers}), "csat", "csat") == pytest.approx(0.4)

    @pytest.mark.parametrize("name", [
        "satisfaction (1=very satisfied, 5=very dissatisfied)",
        "Satisfaction: 1 means very satisfied, 5 means very dissatisfied",
        "总体满意度（1=非常满意，5=非常不满意）", "满意度：1表示非常满意，5表示非常不满意",
        "总体满意度（1分为非常满意；5分为非常不满意）", "总体满意度(1很满意~5很不满意)",
    ])  # fmt: skip
    def test_low_answers_that_the_question_calls_the_good_ones(self, name: str) -> None:
        assert read({name: rated(3)})["csat"] == {"item": name, "reversed": True}

    @pytest.mark.parametrize("name", [
        "satisfaction (1=very dissatisfied, 5=very satisfied)", "satisfaction (1-5)",
        "总体满意度（1=非常不满意，5=非常满意）", "satisfaction (5=best)",
        "总体满意度（5分制）", "总体满意度(1很不满意～5很满意)",
    ])  # fmt: skip
    def test_high_answers_that_the_question_calls_the_good_ones(self, name: str) -> None:
        assert read({name: rated(3)})["csat"] == {"item": name}

    def test_in_words(self) -> None:
        five = ("非常不满意", "不满意", "一般", "满意", "非常满意")
        data = {"总体评价": cycled(five)}
        assert read(data)["csat"] == {"item": "总体评价", "scale": "satisfied5"}
        assert value(ran(data), "csat", "csat") == pytest.approx(0.4)

    def test_a_part_is_not_the_whole(self) -> None:
        """Satisfaction with three things is three ratings; with one thing alone it is its share."""
        assert set(read({name: rated(place) for place, name in enumerate(NAMES)})) == {"ratings"}
        found = draft({"satisfaction with the queue": rated(1)})
        assert tomllib.loads(found.text)["metrics"] == {
            "csat": {"item": "satisfaction with the queue"}
        }
        assert "the only question on satisfaction" in found.text

    def test_many_wholes_are_parts(self) -> None:
        names = [f"overall satisfaction with {one}" for one in ("food", "room", "staff", "price")]
        assert set(read({name: rated(place) for place, name in enumerate(names)})) == {"ratings"}

    def test_a_part_that_is_called_general(self) -> None:
        """综合窗口 is a counter for all matters, 整体环境 the surroundings."""
        names = ("综合窗口的满意度", "整体环境满意度", "排队满意度")
        assert set(read({name: rated(place) for place, name in enumerate(names)})) == {"ratings"}

    @pytest.mark.parametrize("name", ["dissatisfaction", "不满意程度"])
    def test_dissatisfaction_is_another_thing(self, name: str) -> None:
        assert "csat" not in read({name: rated(1)})

    def test_a_scale_without_custom_is_a_rating(self) -> None:
        assert set(read({"satisfaction": rated(1, 4)})) == {"ratings"}

    @pytest.mark.parametrize("name", [
        "satisfaction_branch_id", "satisfaction_code", "满意度网点编号", "satisfaction_year",
        "csat_count", "满意人数",
    ])  # fmt: skip
    def test_numbers_of_things_are_no_ratings(self, name: str) -> None:
        assert read({name: rated(1)}) == {}

    def test_ages_years_and_prices(self) -> None:
        data = {
            "age": cycled(range(18, 80)), "year": cycled(range(1999, 2026)),
            "price": [row * 1.5 for row in range(ROWS)], "years_customer": rated(2, 10),
            "satisfied": cycled([0, 1]),
        }  # fmt: skip
        assert read(data) == {}

    @pytest.mark.parametrize("name", [
        "nights", "guests", "number of adults", "children", "floor", "total_visits", "quantity",
        "入住晚数", "楼层", "孩子数", "司龄",
    ])  # fmt: skip
    def test_counts_that_look_like_ratings_are_none(self, name: str) -> None:
        """They lie from 1 to 5 beside ratings that do."""
        parts = {part: rated(place) for place, part in enumerate(NAMES)}
        found = read({"sat_overall": rated(7), **parts, name: rated(8)})
        assert found["drivers"]["drivers"] == list(NAMES)
        assert found["ratings"]["perception"] == list(NAMES)

    def test_satisfaction_with_the_service_is_a_part(self) -> None:
        names = ["服务满意度", "房间满意度", "餐饮满意度"]
        data = {"总体满意度": rated(5), **{name: rated(i) for i, name in enumerate(names)}}
        found = read(data)
        assert set(found) == {"csat", "drivers", "ratings"}
        assert found["drivers"]["drivers"] == names

    @pytest.mark.parametrize("name", [
        "Q6. Which branch did you visit?", "In which city do you live?", "您在哪个网点办理业务？",
        "How many times did you come?", "您今年来过几次", "6、Where did you buy it?",
    ])  # fmt: skip
    def test_which_one_it_was_is_no_rating(self, name: str) -> None:
        data = {"overall satisfaction": rated(1), name: rated(2)}
        assert set(read(data)) == {"csat"}

    def test_a_statement_that_begins_with_when_is_a_rating(self) -> None:
        """As statements of SERVQUAL do."""
        name = "When you have a problem they help"
        data = {"overall satisfaction": rated(1), name: rated(2)}
        assert read(data)["ratings"]["perception"] == [name]

    @pytest.mark.parametrize("name", [
        "recommendation_id", "推荐人编号", "推荐次数", "nps_code", "recommended_count",
    ])  # fmt: skip
    def test_numbers_of_things_are_no_recommendation(self, name: str) -> None:
        assert read({name: rated(1, 10, 0)}) == {}
        asked = {name: Variable(label="How likely are you to recommend us?")}
        assert read({name: rated(1, 10, 0)}, asked)["nps"]["item"] == name

    def test_a_year_count_beside_ratings_is_none(self) -> None:
        data = {"overall satisfaction": rated(1, 10), "years_customer": rated(2, 10)}
        assert set(read(data)) == {"csat"}


class TestEffort:
    @pytest.mark.parametrize(("name", "high", "wanted"), [
        ("ease", 7, {}),
        ("How easy was it to get help?", 7, {}),
        ("The company made it easy for me to handle my issue", 7, {}),
        ("CES", 7, {}),
        ("customer_effort_score", 7, {}),
        ("Customer Effort Score (CES)", 7, {}),
        ("ease", 5, {"scale": "1..5", "threshold": 4}),
        ("办理容易程度", 7, {}),
        ("省力程度", 5, {"scale": "1..5", "threshold": 4}),
        ("轻松", 7, {}),
        ("费力度", 5, {"version": "1.0"}),
        ("How much effort did you have to put forth?", 5, {"version": "1.0"}),
    ])  # fmt: skip
    def test_its_names(self, name: str, high: int, wanted: dict[str, Any]) -> None:
        answers = rated(1, high)
        assert read({name: answers}) == {"ces": {"item": name, **wanted}}
        best = (1, 2) if "version" in wanted else (4, 5) if high == 5 else (5, 6, 7)
        share = sum(one in best for one in answers) / ROWS
        assert value(ran({name: answers}), "ces", "easy") == pytest.approx(share)

    def test_agreement_that_it_was_easy(self) -> None:
        found = draft({"It was easy to get help": cycled(AGREE)})
        ces = tomllib.loads(found.text)["metrics"]["ces"]
        assert (ces["scale"], ces["threshold"]) == ("agree5", 4)
        assert found.needs == ()

    def test_a_threshold_without_custom_is_for_a_person(self) -> None:
        [(_, text)] = draft({"ease": rated(1)}).needs
        assert "no custom says which answers of 1..5 are the easy ones" in text

    @pytest.mark.parametrize(("name", "high"), [("CES", 5), ("effort", 7), ("费力度", 7)])
    def test_where_nobody_can_tell_it_is_a_suggestion(self, name: str, high: int) -> None:
        """It is written as a comment which, freed of its signs, is a metric that runs."""
        data = {name: rated(1, high)}
        found = draft(data)
        assert set(tomllib.loads(found.text)["metrics"]) == {"ratings"}
        [(line, text)] = found.needs
        assert "asks for effort" in text
        lines = found.text.splitlines()
        assert "A PERSON HAS TO LOOK" in lines[line - 1]
        block = lines[lines.index("# [metrics.ces]") :]
        freed = "\n".join(one.removeprefix("# ") for one in block)
        study = {"metrics": tomllib.loads(freed)["metrics"]}
        assert study["metrics"]["ces"]["item"] == name
        assert not satcore.run(Study.of(study), survey_of(data)).failures

    def test_the_score_stands_beside_another_question_on_effort(self) -> None:
        data = {"ces": rated(1, 7), "satisfaction": rated(2, 7), "it_was_easy": rated(3, 7)}
        assert read(data)["ces"] == {"item": "ces"}

    def test_questions_on_effort_alone_are_no_attributes(self) -> None:
        """One rises with ease and two with effort: their common mean would say nothing."""
        names = ("The company made it easy for me", "How much effort did you put forth?", "费力度")
        found = read({name: rated(place) for place, name in enumerate(names)})
        assert [one["item"] for one in found.values()] == list(names)
        assert [one.get("version") for one in found.values()] == [None, "1.0", "1.0"]

    def test_ease_and_its_contrary_by_the_question(self) -> None:
        name = "How easy was it? (1 = very easy, 5 = very difficult)"
        assert read({name: rated(1)}) == {"ces": {"item": name, "version": "1.0"}}

    def test_one_of_many_attributes_is_none(self) -> None:
        names = [
            "It was easy to park",
            "It was easy to find",
            "The staff were kind",
            "It was clean",
        ]
        assert "ces" not in read({name: cycled(AGREE[place % 2 :]) for place, name in
                                  enumerate(names)})  # fmt: skip


class TestDrivers:
    @staticmethod
    def stay() -> dict[str, list[int]]:
        """A survey in which the room counts and the food does not."""
        parts = {name: rated(place) for place, name in enumerate(NAMES)}
        draw = random.Random(9)
        whole = [
            min(5, max(1, round(0.8 * room + 0.2 * arrival + draw.gauss(0, 0.4))))
            for room, arrival in zip(parts["sat_room"], parts["sat_arrival"], strict=True)
        ]
        return {**parts, "sat_overall": whole}

    def test_what_was_put_in_comes_out(self) -> None:
        data = self.stay()
        assert read(data)["drivers"] == {
            "outcome": "sat_overall", "drivers": list(NAMES), "scale": "1..5",
        }  # fmt: skip
        assert read(data)["csat"] == {"item": "sat_overall"}
        assert read(data)["ratings"]["perception"] == list(NAMES)
        results = ran(data)
        shares = {name: value(results, "drivers", "johnson", name) for name in NAMES}
        assert max(shares, key=shares.__getitem__) == "sat_room"
        assert shares["sat_food"] < 0.05
        assert "'sat_overall' is measured by itself too" in draft(data).text

    def test_chinese_headers(self) -> None:
        names = ["对房间的满意度", "对早餐的满意度", "对前台的满意度"]
        data = {"总体满意度": rated(5), **{name: rated(i) for i, name in enumerate(names)}}
        found = draft(data, language="zh")
        assert tomllib.loads(found.text)["metrics"]["drivers"] == {
            "outcome": "总体满意度", "drivers": names, "scale": "1..5",
        }  # fmt: skip
        assert "“总体满意度”另有单独的指标" in found.text
        assert {one.name for one in ran(data).metrics} == {"csat", "drivers", "ratings"}

    def test_an_overall_rating_on_another_scale(self) -> None:
        data = {"overall": rated(1, 10, 0), **{name: rated(i) for i, name in
                enumerate(("staff", "price", "speed"))}}  # fmt: skip
        assert read(data)["drivers"] == {
            "outcome": "overall", "drivers": ["staff", "price", "speed"], "scale": "1..5",
            "outcome_scale": "0..10",
        }  # fmt: skip
        ran(data)

    def test_what_few_rated(self) -> None:
        data: dict[str, list[Any]] = {**self.stay()}
        data["sat_food"] = [one if row % 3 else None for row, one in enumerate(data["sat_food"])]
        assert read(data)["drivers"]["missing"] == "pairwise"
        ran(data)

    def test_statements_may_be_about_something_else(self) -> None:
        data = {"overall satisfaction": rated(1), **{f"s{i}": cycled(AGREE) for i in range(4)}}
        found = draft(data)
        assert set(tomllib.loads(found.text)["metrics"]) == {"csat", "ratings"}
        assert "# [metrics.drivers]" in found.text
        assert [text for _, text in found.needs if "4 statements to agree with" in text]

    def test_too_many(self) -> None:
        data = {"overall satisfaction": rated(1), **{f"a{i}": rated(i) for i in range(22)}}
        assert "# [metrics.drivers]" in draft(data).text

    def test_importance_is_no_attribute(self) -> None:
        names = ("importance_a", "importance_b", "importance_c")
        data = {"overall satisfaction": rated(1), **{one: rated(i) for i, one in enumerate(names)}}
        assert "drivers" not in read(data)

    def test_without_servqual_the_attributes_are_not_called_unmeasured(self) -> None:
        text = draft(self.stay(), kinds=KINDS - {"servqual"}).text
        assert "drivers" in tomllib.loads(text)["metrics"]
        assert "no metric that is there" not in text

    def test_importance_and_performance(self) -> None:
        parts = ("price", "staff", "speed")
        data = {
            **{f"{one}_importance": rated(i) for i, one in enumerate(parts)},
            **{f"{one}_satisfaction": rated(9 + i) for i, one in enumerate(parts)},
        }
        assert read(data) == {
            "importance_performance": {
                "drivers": [f"{one}_satisfaction" for one in parts],
                "importance": [f"{one}_importance" for one in parts],
                "scale": "1..5",
            }
        }
        mean = statistics.fmean(data["staff_satisfaction"])
        results = ran(data)
        found = value(results, "importance_performance", "performance", "staff_satisfaction")
        assert found == pytest.approx(mean)

    def test_importance_and_satisfaction_in_chinese(self) -> None:
        parts = ("价格", "态度", "速度")
        data = {f"{one}{side}": rated(i) for i, one in enumerate(parts)
                for side in ("重要性", "满意度")}  # fmt: skip
        found = read(data)["importance_performance"]
        assert found["importance"] == [f"{one}重要性" for one in parts]
        ran(data)


class TestJourney:
    @pytest.mark.parametrize("stem", ["touchpoint_", "触点_", "journey."])
    def test_where_the_names_say_so(self, stem: str) -> None:
        names = [f"{stem}{one}" for one in ("search", "order", "delivery")]
        data: dict[str, list[Any]] = {name: rated(i) for i, name in enumerate(names)}
        data[names[2]] = [one if row % 4 else None for row, one in enumerate(data[names[2]])]
        data["满意度"] = rated(8, 10)
        metrics = read(data)
        assert metrics == {
            "csat": {"item": "满意度", "scale": "1..10"},
            "journey": {
                "touchpoints": names, "overall": "满意度", "scale": "1..5",
                "overall_scale": "1..10",
            },
        }  # fmt: skip
        assert value(ran(data), "journey", "reach", names[2]) == pytest.approx(0.75)

    def test_a_trip_is_no_journey_of_touchpoints(self) -> None:
        asked = "On this journey, how satisfied were you with "
        labels = (asked + "the staff?", asked + "the seats?", asked + "the food?")
        data = {f"Q{place}": rated(place) for place in range(1, 4)}
        variables = {name: Variable(label=one) for name, one in zip(data, labels, strict=True)}
        assert set(read(data, variables)) == {"ratings"}

    def test_without_a_rating_of_the_whole(self) -> None:
        data = {f"touchpoint_{one}": rated(i) for i, one in enumerate("abc")}
        assert read(data)["journey"]["touchpoints"] == list(data)
        ran(data)


class TestExpectation:
    @pytest.mark.parametrize(("expected", "perceived", "whole"), [
        ("service_expectation", "service_perception", "overall satisfaction"),
        ("期望", "感知", "满意度"), ("预期水平", "实际感受", "总体满意度"),
    ])  # fmt: skip
    def test_one_of_each(self, expected: str, perceived: str, whole: str) -> None:
        data = {expected: rated(1, 7), perceived: rated(2, 7), whole: rated(3, 7)}
        metrics = read(data)
        assert metrics["expectation"] == {
            "outcome": whole, "expectation": expected, "perception": perceived,
        }  # fmt: skip
        assert set(metrics) == {"csat", "expectation"}
        pairs = list(zip(data[expected], data[perceived], strict=True))
        below = sum(p < e for e, p in pairs) / ROWS
        assert value(ran(data), "expectation", "below", "inferred") == pytest.approx(below)

    def test_scales(self) -> None:
        data = {"expectation": rated(1), "perception": rated(2), "csat": rated(3, 10),
                "better or worse than expected": rated(4)}  # fmt: skip
        assert read(data)["expectation"] == {
            "outcome": "csat", "expectation": "expectation", "perception": "perception",
            "disconfirmation": "better or worse than expected", "scale": "1..5",
            "outcome_scale": "1..10",
        }  # fmt: skip
        ran(data)

    def test_a_disconfirmation_on_another_scale(self) -> None:
        data = {"expectation": rated(1, 7), "perception": rated(2, 7), "csat": rated(3),
                "disconfirmation": rated(4)}  # fmt: skip
        found = read(data)["expectation"]
        assert (found["outcome_scale"], found["disconfirmation_scale"]) == ("1..5", "1..5")
        ran(data)

    def test_without_an_outcome_it_is_none(self) -> None:
        assert "expectation" not in read({"expectation": rated(1), "perception": rated(2)})

    def test_met_alone_may_be_the_question_whether_they_were(self) -> None:
        data = {"expected": rated(1, 7), "met": rated(2, 7), "overall": rated(3, 7)}
        assert "expectation" not in read(data)
        assert "expectation" in read({**data, "disconfirmed": rated(4, 7)})


def times(count: int, hours: float) -> tuple[list[dt.datetime], list[dt.datetime]]:
    """When cases were opened, and when they were closed."""
    draw = random.Random(4)
    opened = [dt.datetime(2026, 1, 1) + dt.timedelta(minutes=draw.randrange(100_000))
              for _ in range(count)]  # fmt: skip
    return opened, [one + dt.timedelta(hours=draw.expovariate(1 / hours)) for one in opened]


class TestCases:
    @pytest.mark.parametrize(("opened", "closed"), [
        ("opened", "resolved"), ("created_at", "closed_at"), ("Date opened", "Date closed"),
        ("OpenDate", "CloseDate"), ("创建时间", "解决时间"), ("受理时间", "办结时间"),
        ("投诉时间", "处理完成时间"),
    ])  # fmt: skip
    def test_names(self, opened: str, closed: str) -> None:
        begun, ended = times(ROWS, 20)
        data = {opened: [f"{one:%Y-%m-%d %H:%M}" for one in begun],
                closed: [f"{one:%Y-%m-%d %H:%M}" for one in ended]}  # fmt: skip
        last = max(ended).date().isoformat()
        assert read(data) == {"response_time": {"opened": opened, "closed": closed, "until": last}}
        hours = sorted((b - a).total_seconds() / 3600 for a, b in zip(begun, ended, strict=True))
        found = value(ran(data), "response_time", "median")
        assert hours[ROWS // 2 - 1] - 0.1 <= found <= hours[ROWS // 2 - 1] + 1.1

    def test_open_cases_count_and_no_status_drops_them(self) -> None:
        begun, ended = times(ROWS, 20)
        data = {
            "created": begun,
            "resolved": [None if row % 10 == 0 else one for row, one in enumerate(ended)],
            "status": ["in progress" if row % 10 == 0 else "done" for row in range(ROWS)],
        }
        found = draft(data)
        study = tomllib.loads(found.text)
        assert "keep" not in study
        assert "segments" not in study["roles"]
        assert study["roles"]["wave"] == {"time": "created", "period": "month"}
        assert [text for _, text in found.needs if "24 cases have no such time" in text]
        [row] = [row for row in ran(data).rows("response_time", "median") if not row["cell"]]
        assert row["base"] == ROWS
        assert "still open at the end: 24" in row["message"]

    def test_a_time_that_is_measured_is_not_left_out(self) -> None:
        begun, ended = times(ROWS, 20)
        found = draft({"opened": begun, "closed": ended})
        assert found.left_out == 0
        assert tomllib.loads(found.text)["roles"]["wave"]["time"] == "opened"
        ran({"opened": [f"{one:%Y-%m-%dT%H:%M}+08:00" for one in begun], "closed": ended})

    def test_days_that_may_be_months(self) -> None:
        data = {name: [f"0{row % 9 + 1}/0{row % 7 + 1}/2026" for row in range(ROWS)]
                for name in ("opened", "closed")}  # fmt: skip
        found = draft(data)
        assert "metrics" not in tomllib.loads(found.text)
        assert "day and month can't be told apart: 'opened', 'closed'" in found.text

    def test_a_survey_drops_what_is_in_progress(self) -> None:
        data = {"status": cycled(["in progress", "done"]), "csat": rated(1)}
        assert tomllib.loads(draft(data).text)["keep"][0]["not"] == ["in progress"]

    def test_days(self) -> None:
        begun, ended = times(ROWS, 200)
        data = {"opened": [f"{one:%d.%m.%Y}" for one in begun],
                "closed": [f"{one:%d.%m.%Y}" for one in ended]}  # fmt: skip
        found = read(data)["response_time"]
        assert (found["unit"], found["form"]) == ("day", "%d.%m.%Y")
        days = sorted((b.date() - a.date()).days for a, b in zip(begun, ended, strict=True))
        assert value(ran(data), "response_time", "median") == days[ROWS // 2 - 1]

    def test_the_first_answer_has_a_time_of_its_own(self) -> None:
        begun, ended = times(ROWS, 20)
        data = {"created": begun, "first_response": ended, "closed": ended}
        found = read(data)
        assert (found["first_response"]["metric"], found["first_response"]["closed"]) == (
            "response_time", "first_response",
        )  # fmt: skip
        assert set(found) == {"response_time", "first_response"}
        ran(data)

    def test_times_with_offsets(self) -> None:
        """A closing in the evening of the last day west of Greenwich is of the next day in UTC."""
        begun, ended = times(ROWS, 20)
        ended[0] = max(ended).replace(hour=23, minute=30)
        begun[0] = ended[0].replace(hour=20)
        data = {"opened": [f"{one:%Y-%m-%dT%H:%M}-05:00" for one in begun],
                "closed": [f"{one:%Y-%m-%dT%H:%M}-05:00" for one in ended]}  # fmt: skip
        [row] = [row for row in ran(data).rows("response_time", "median") if not row["cell"]]
        assert "still open" not in row["message"]

    @pytest.mark.parametrize(("one", "other"), [
        ("start_time", "end_time"), ("startdate", "submitdate"), ("date_created", "date_modified"),
        ("StartDate", "RecordedDate"),
    ])  # fmt: skip
    def test_the_times_of_a_survey_are_no_cases(self, one: str, other: str) -> None:
        begun, ended = times(ROWS, 1)
        assert set(read({one: begun, other: ended, "csat": rated(1)})) == {"csat"}

    @pytest.mark.parametrize("odd", ["2026-03-01 25:10", "2026-03-01 soon", "2026-03-01 10:20 PM"])
    def test_a_time_that_would_stop_the_run(self, odd: str) -> None:
        begun, ended = times(ROWS, 20)
        data = {"opened": [f"{one:%Y-%m-%d %H:%M}" for one in begun],
                "closed": [*(f"{one:%Y-%m-%d %H:%M}" for one in ended[1:]), odd]}  # fmt: skip
        assert "response_time" not in read(data)

    def test_an_end_before_the_beginning_is_none(self) -> None:
        begun, ended = times(ROWS, 20)
        assert "response_time" not in read({"opened": ended, "closed": begun})

    def test_resolved_comes_before_closed(self) -> None:
        begun, ended = times(ROWS, 20)
        later = [one + dt.timedelta(days=3) for one in ended]
        data = {"sys_created_on": begun, "opened_at": begun, "resolved_at": ended,
                "closed_at": later}  # fmt: skip
        found = read(data)["response_time"]
        assert (found["opened"], found["closed"]) == ("opened_at", "resolved_at")

    def test_a_date_that_stands_for_not_yet(self) -> None:
        begun, ended = times(ROWS, 20)
        ended[::9] = [dt.datetime(2099, 12, 31)] * len(ended[::9])
        assert "response_time" not in read({"opened": begun, "closed": ended})

    def test_several_beginnings_are_for_a_person(self) -> None:
        begun, ended = times(ROWS, 20)
        found = draft({"created": begun, "received": begun, "closed": ended})
        assert "metrics" not in tomllib.loads(found.text)
        assert "# [metrics.response_time]" in found.text
        assert [text for _, text in found.needs if "received - closed" in text]


class TestCustomers:
    @pytest.mark.parametrize(("left", "yes", "no", "tenure"), [
        ("Churn", "Yes", "No", "tenure_months"), ("churned", 1, 0, "months_as_customer"),
        ("是否流失", "是", "否", "在网月数"), ("left", 1, 0, "tenure in months"),
    ])  # fmt: skip
    def test_a_flag_and_a_tenure(self, left: str, yes: object, no: object, tenure: str) -> None:
        data = {left: cycled([no, no, yes]), tenure: cycled(range(40))}
        found = read(data)["churn"]
        assert (found["left"], found["tenure"]) == (left, tenure)
        assert found["at"] == [6, 12, 18, 24, 30, 36]
        assert "unit" not in found
        results = ran(data)
        assert value(results, "churn", "rate") == pytest.approx(1 / 3)
        assert draft(data).needs == ()

    def test_a_tenure_without_a_unit_is_for_a_person(self) -> None:
        [(_, text)] = draft({"churn": cycled([0, 1]), "tenure": cycled(range(60))}).needs
        assert "'tenure' is taken for months" in text

    def test_years(self) -> None:
        data = {"churn": cycled([0, 1]), "tenure_years": cycled(range(1, 9))}
        assert read(data)["churn"]["unit"] == "year"
        ran(data)

    def test_days_beyond_the_longest_that_is_usual(self) -> None:
        data = {"churn": cycled([0, 1]), "tenure_days": cycled(range(1, 2000, 7))}
        assert read(data)["churn"]["longest"] > 600
        ran(data)

    def test_a_flag_alone(self) -> None:
        """Churn says what it is; left alone may be a side."""
        assert read({"churn": cycled([0, 1])}) == {"churn": {"left": "churn"}}
        assert read({"left": cycled([0, 1]), "right": cycled([1, 0])}) == {}

    @pytest.mark.parametrize("name", ["churn_risk", "churn_reason", "流失原因"])
    def test_what_is_about_churn_is_not_churn(self, name: str) -> None:
        assert "churn" not in read({name: cycled(["Yes", "No"])})

    def test_customers_that_left_are_not_dropped(self) -> None:
        data = {"churned": cycled(["yes", "no"]), "status": cycled(["terminated", "active"])}
        assert "keep" not in tomllib.loads(draft(data).text)

    def test_staff_is_turnover(self) -> None:
        data = {"EmployeeNumber": list(range(ROWS)), "left": cycled(["Yes", "No"]),
                "tenure": cycled(range(30))}  # fmt: skip
        assert "churn" not in read(data)

    @staticmethod
    def dated() -> tuple[list[dt.date], list[dt.date | None]]:
        draw = random.Random(6)
        joined = [
            dt.date(2020, 1, 1) + dt.timedelta(days=draw.randrange(2000)) for _ in range(ROWS)
        ]
        left = [one + dt.timedelta(days=round(draw.expovariate(1 / 1500))) for one in joined]
        return joined, [one if one <= dt.date(2025, 12, 31) else None for one in left]

    @pytest.mark.parametrize(("came", "went"), [
        ("joined", "left"), ("signup_date", "cancellation_date"), ("customer_since", "churn_date"),
        ("开户日期", "销户日期"),
    ])  # fmt: skip
    def test_dates(self, came: str, went: str) -> None:
        joined, left = self.dated()
        status = ["active" if one is None else "terminated" for one in left]
        data: dict[str, list[Any]] = {came: joined, went: left, "status": status}
        found = draft(data)
        study = tomllib.loads(found.text)
        assert "keep" not in study
        churn = study["metrics"]["churn"]
        assert (churn["joined"], churn["ended"]) == (came, went)
        until = max(one for one in left if one is not None)
        assert churn["until"] == until.isoformat()
        since = dt.date.fromisoformat(churn["since"])
        assert (until - since).days in (364, 365)
        there = [(a, b) for a, b in zip(joined, left, strict=True)
                 if a < since and (b is None or b >= since)]  # fmt: skip
        share = sum(b is not None for _, b in there) / len(there)
        assert value(ran(data), "churn", "rate") == pytest.approx(share)
        assert [text for _, text in found.needs if "the period is a guess" in text]

    def test_nobody_at_the_start(self) -> None:
        joined = [dt.date(2026, 1, 1) + dt.timedelta(days=row) for row in range(ROWS)]
        left = [one + dt.timedelta(days=9) if row % 2 else None for row, one in enumerate(joined)]
        found = draft({"joined": joined, "left": left})
        assert "metrics" not in tomllib.loads(found.text)
        assert "# [metrics.churn]" in found.text

    def test_only_those_that_left_are_no_churn(self) -> None:
        joined, _ = self.dated()
        left = [one + dt.timedelta(days=30) for one in joined]
        assert "churn" not in read({"joined": joined, "left": left})

    def test_weighted(self) -> None:
        joined, left = self.dated()
        found = draft({"joined": joined, "left": left, "weight": cycled([0.5, 1.5])})
        assert "metrics" not in tomllib.loads(found.text)
        assert [text for _, text in found.needs if "Take the weight 'weight'" in text]


class TestComplaints:
    @pytest.mark.parametrize(("events", "exposure"), [
        ("complaints", "visits"), ("Number of complaints", "Transactions"),
        ("complaint_count", "orders"), ("投诉量", "客流量"), ("投诉件数", "月交易笔数"),
    ])  # fmt: skip
    def test_names(self, events: str, exposure: str) -> None:
        data = {events: cycled([0, 1, 4]), exposure: cycled([300, 500])}
        assert read(data) == {"complaint_rate": {"events": events, "exposure": exposure}}
        rate = 1000 * sum(data[events]) / sum(data[exposure])
        assert value(ran(data), "complaint_rate", "rate") == pytest.approx(rate)

    def test_a_code_of_not_answered_may_be_a_count(self) -> None:
        data = {"nps": [99 if row % 20 == 0 else row % 11 for row in range(ROWS)],
                "complaints": cycled([0, 1]), "visits": cycled([98, 99, 100])}  # fmt: skip
        study = tomllib.loads(draft(data).text)
        assert "missing" not in study["study"]
        assert study["items"]["nps"]["missing"] == [99]
        assert value(ran(data), "complaint_rate", "rate") == pytest.approx(1000 * 0.5 / 99)

    @pytest.mark.parametrize("data", [
        {"complaints": cycled([0.5, 1]), "visits": cycled([30, 50])},
        {"complaints": cycled([0, 1])},
        {"complaints": cycled([0, 900]), "visits": cycled([30, 50])},
        {"complaint handling": cycled([1, 2]), "visits": cycled([30, 50])},
        {"complaints": cycled([0, 1]), "visits": cycled(["many", "few"])},
    ])  # fmt: skip
    def test_what_is_none(self, data: Columns) -> None:
        assert "complaint_rate" not in read(data)

    def test_two_exposures_are_for_a_person(self) -> None:
        data = {"complaints": cycled([0, 1]), "visits": cycled([30, 50]), "orders": cycled([9, 20])}
        found = draft(data)
        assert "metrics" not in tomllib.loads(found.text)
        assert [text for _, text in found.needs if "orders" in text]


class TestTables:
    """Whole files, by the commands."""

    @pytest.fixture
    def demo(self, call: Call) -> dict[str, Any]:
        pytest.importorskip("altair", reason="the extra 'report' is not installed")
        code, _, _ = call("demo", "--all", "--rows", "1500", "--data", "a.csv", "--report", "r.md")
        assert code == 0
        assert call("init", "a.csv")[0] == 0
        return tomllib.loads(Path("study.toml").read_text("utf-8"))

    def test_the_demonstration(self, demo: dict[str, Any], call: Call) -> None:
        metrics = demo["metrics"]
        touched = ["arrival", "waiting", "staff", "app"]
        assert metrics["csat"] == {"item": "satisfied"}
        assert metrics["ces"] == {"item": "ease"}
        assert metrics["expectation"] == {
            "outcome": "overall", "expectation": "expected", "perception": "met",
            "disconfirmation": "disconfirmed",
        }  # fmt: skip
        assert (metrics["drivers"]["outcome"], metrics["drivers"]["drivers"]) == (
            "satisfied", touched,
        )  # fmt: skip
        assert (metrics["churn"]["left"], metrics["churn"]["tenure"]) == ("left", "tenure")
        assert metrics["complaint_rate"] == {"events": "complaints", "exposure": "visits"}
        assert {"kano", "servqual", "nps", "ratings"} <= set(metrics)
        code, out, err = call("run", "study.toml", "--format", "json", "--by", "region")
        assert (code, err) == (0, "")
        results = json.loads(out)
        assert not results["failures"]
        with Path("a.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        satisfied = [int(row["satisfied"]) for row in rows if row["satisfied"] not in ("", "99")]
        [csat] = [one for one in results["estimates"]
                  if (one["metric"], one["term"], one["cell"]) == ("csat", "csat", {})]  # fmt: skip
        assert csat["base"] == len(satisfied)
        assert csat["value"] == pytest.approx(sum(one > 3 for one in satisfied) / len(satisfied))

    def test_a_simulated_trade(self, call: Call) -> None:
        """Its questionnaire, recommendation and satisfaction are found again."""
        assert call("init", "--industry", "government", "-o", "trade.toml")[0] == 0
        assert call("simulate", "trade.toml", "a.csv", "--rows", "200")[0] == 0
        assert call("init", "a.csv")[0] == 0
        metrics = tomllib.loads(Path("study.toml").read_text("utf-8"))["metrics"]
        assert metrics["csat"] == {"item": "satisfied"}
        assert metrics["nps"] == {"item": "recommend"}
        assert "# [metrics.drivers]" in Path("study.toml").read_text("utf-8")
        code, out, err = call("run", "study.toml", "--format", "json")
        assert (code, err) == (0, "")
        assert not json.loads(out)["failures"]

    def test_telco_churn(self, shared: Path, call: Call) -> None:
        """1869 of 7043 customers left, as its README and everybody else says."""
        assert call("init", str(shared / "data/telco_churn/Telco-Customer-Churn.csv"))[0] == 0
        code, out, _ = call("run", "study.toml", "--format", "json", "--by", "Contract")
        assert code == 0
        rows = [one for one in json.loads(out)["estimates"] if one["cell"] == {}]
        [rate] = [one for one in rows if one["term"] == "rate"]
        assert (rate["base"], rate["value"]) == (7043, pytest.approx(1869 / 7043))
        assert {one["item"] for one in rows if one["term"] == "survival"} == {
            "12", "24", "36", "48", "60", "72",
        }  # fmt: skip

    def test_skytrax(self, shared: Path, call: Call) -> None:
        assert call("init", str(shared / "data/skytrax/seat_notext.csv"))[0] == 0
        drivers = tomllib.loads(Path("study.toml").read_text("utf-8"))["metrics"]["drivers"]
        assert (drivers["outcome"], drivers["outcome_scale"]) == ("overall_rating", "1..10")
        assert {"seat_legroom_rating", "seat_width_rating"} <= set(drivers["drivers"])

    def test_kiosk(self, shared: Path, call: Call) -> None:
        """Its README tells of 24 attributes with importance and satisfaction."""
        assert call("init", str(shared / "data/kiosk/kiosk_share_odd.csv"))[0] == 0
        study = tomllib.loads(Path("study.toml").read_text("utf-8"))
        assert study["metrics"]["importance_performance"] == {
            "drivers": "ipa{01..24}_sat", "importance": "ipa{01..24}_imp", "scale": "1..7",
        }  # fmt: skip

    @pytest.mark.parametrize("name", [
        "attitude/attitude.csv", "survey_api/apistrat.csv", "nist/norris.csv",
        "sicily_its/sicily.csv", "qcc/pcmanufact.csv",
    ])  # fmt: skip
    def test_tables_that_hold_none_of_it(self, name: str, shared: Path, call: Call) -> None:
        """Complaints in percent, counts of other things, areas, years."""
        assert call("init", str(shared / "data" / name))[0] == 0
        assert "metrics" not in tomllib.loads(Path("study.toml").read_text("utf-8"))

    def test_in_chinese_by_the_command(self, call: Call) -> None:
        begun, ended = times(120, 30)
        with Path("工单.csv").open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            table.writerow(["工单编号", "创建时间", "解决时间", "满意度", "渠道"])
            for row, (one, other) in enumerate(zip(begun, ended, strict=True)):
                closed = "" if row % 12 == 0 else f"{other:%Y/%m/%d %H:%M}"
                table.writerow([f"T{row}", f"{one:%Y/%m/%d %H:%M}", closed, 1 + row % 5,
                                "电话网页"[row % 2 * 2 :][:2]])  # fmt: skip
        code, out, _ = call("init", "工单.csv", "--language", "zh")
        assert code == 0
        assert "10 个案件没有结束时间" in out
        text = Path("study.toml").read_text("utf-8")
        assert not re.search(r"#[^\n]*\b(?:opened|satisfaction|customers|which)\b", text)
        study = tomllib.loads(text)
        assert set(study["metrics"]) == {"response_time", "csat"}
        assert study["roles"]["segments"] == ["渠道"]
        code, out, err = call("run", "study.toml", "--format", "json")
        assert (code, err) == (0, "")
        assert not json.loads(out)["failures"]


class TestTogether:
    """No column is claimed twice, but for the overall rating and what stands beside it."""

    NAMES = st.sampled_from([
        "overall satisfaction", "满意度", "sat_a", "sat_b", "sat_c", "ease", "CES", "effort",
        "expected", "perceived", "disconfirmed", "opened", "closed", "created", "first_response",
        "joined", "left", "churn", "tenure", "complaints", "visits", "orders", "touchpoint_a",
        "touchpoint_b", "touchpoint_c", "a_importance", "a_satisfaction", "b_importance",
        "b_satisfaction", "c_importance", "c_satisfaction", "overall", "status", "weight", "nps",
        "E1", "P1", "E2", "P2", "wave", "region", "投诉量", "客流量", "总体满意度", "创建时间",
        "解决时间", "流失", "在网月数",
    ])  # fmt: skip
    VALUES = st.sampled_from([
        ("1", "2", "3", "4", "5"), ("1", "4", "7"), ("0", "5", "10"), ("0", "1"), ("Yes", "No"),
        ("2026-01-01", "2026-02-03 10:20", ""), ("2024-01-01", "2026-02-01"), ("1.5", "0.5"),
        ("99", "1", "5"), AGREE, ("", "3"), ("12", "30", "99"), ("1", "1"), ("是", "否"),
        ("01.02.2026", "25.02.2026"), ("2026-01-01 25:00",),
    ])  # fmt: skip

    @settings(
        max_examples=60,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(st.dictionaries(NAMES, VALUES, min_size=1, max_size=10), st.sampled_from(["en", "zh"]))
    def test_a_draft_runs_and_claims_once(
        self, plugins: Any, given_: dict[str, tuple[str, ...]], language: str
    ) -> None:
        from satcore.assembling import assemble
        from satcore.engines import LocalEngine
        from satcore.scanning import finished

        data = {name: cycled(values, 60) for name, values in given_.items()}
        survey = survey_of(data)
        kinds = {spec.name for _, spec in plugins.metrics()}
        found = drafted(survey, kinds, title="t", data=("x",), language=language)
        study = tomllib.loads(found.text)
        text = json.dumps(study.get("metrics", {}), ensure_ascii=False)
        assert "None" not in text
        if not found.metrics:
            return
        plan = assemble(Study.of(study), survey, plugins=plugins)
        finished(plan, LocalEngine(1).scan(plan))
        # Nothing that is measured is called left out.
        tail = found.text.split("# Left out" if language == "en" else "# 未使用的列")
        for metric in study["metrics"].values():
            for option in ("item", "events", "exposure", "left", "tenure", "opened", "closed"):
                if option in metric and len(tail) == 2:
                    assert f"'{metric[option]}'" not in tail[1]


def test_moments_are_told_from_dates() -> None:
    """What a metric of events reads, and what it would stop at."""

    def of(*texts: str) -> Any:
        return profiles_of(survey_in_memory({"a": list(texts)}))["a"].dates

    assert of("2026-01-05", "2026-02-05 10:20")[""].read
    assert of("2026-01-05T09:03:22.123Z")[""].offset
    assert not of("2026-01-05 25:00")[""].read
    assert not of("2026-01-05 24 o'clock")[""].read
    form = of("31.1.2026 9:03")["%d.%m.%Y %H:%M"]
    assert (form.read, form.timed, form.first) == (True, True, dt.date(2026, 1, 31))
    assert not of("31.1.2026 29:03")["%d.%m.%Y %H:%M"].read
