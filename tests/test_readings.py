"""What pictures and findings of every metric share: their reading, dots, numerals."""

from __future__ import annotations

import json
import math
from functools import cached_property
from typing import Any

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

import satcore
from satcore import (
    CHART_CELL,
    Metric,
    Reading,
    dot,
    dot_layers,
    dots_told,
    finite,
    shown_percent,
    shown_score,
    side_by_side,
)
from satcore_nps import NPS

ANSWERS = {
    "Q1": [10, 9, 8, 3, 10, 2, 9, 9, 10, 0] * 12,
    "region": ["East", "West", "East", None, "West", "East", "West", "East", "North", "West"] * 12,
    "w": [1.0, 2.0] * 60,
}


def results(**options: Any) -> satcore.Results:
    given = {"segments": ["region"], "min_base": 20, **options}
    return satcore.run({"nps": NPS(item="Q1")}, ANSWERS, **given)


def reading(language: str = "en", **options: Any) -> Reading[NPS]:
    found = Reading.of(results(**options), "nps", language, NPS)
    assert found is not None
    return found


class TestReading:
    def test_rows_are_those_of_the_results(self) -> None:
        found = reading()
        rows = found.results.rows("nps")
        assert [*found.rows.values()] == rows
        for row in rows:
            key = row["item"], row["term"], tuple(row["cell"].items())
            assert found.row(*key) == row
            assert found.value(*key) == row["value"]
            assert found.bounds(*key) == (row["ci_low"], row["ci_high"])
            assert found.base(*key) == row["base"]
            assert found.status(*key) == row["status"]
            assert found.unit(row["term"]) == row["unit"]
        assert found.items["promoters"] == ("Q1",)
        assert list(found.sets) == [(), ("region",)]
        assert found.metric == NPS(item="Q1")

    def test_what_is_not_there_is_none(self) -> None:
        found = reading()
        elsewhere = ("Q1", "nps", (("region", "South"),))
        assert found.row(*elsewhere) is found.value(*elsewhere) is found.bounds(*elsewhere) is None
        assert found.category(*elsewhere) is None
        assert found.status(*elsewhere) == "empty"
        assert found.base(*elsewhere) == 0
        assert found.unit("none of it") == ""
        assert found.interval(*elsewhere, shown=str) == "none"

    def test_of_another_kind_or_name_there_is_no_reading(self) -> None:
        @frozen(kw_only=True)
        class Other(Metric):
            statistics = evaluate = None  # type: ignore[assignment]

        shown = results()
        assert Reading.of(shown, "nps", "en", Other) is None
        assert Reading.of(shown, "sp", "en") is None
        assert Reading.of(shown, "nps", "en", (Other, NPS)) is not None
        assert Reading.of(shown, "nps", "en") is not None

    def test_one_cell_alone(self) -> None:
        found = Reading.of(results(), "nps", "en", NPS, cell={})
        assert found is not None
        assert {cell for _, _, cell in found.rows} == {()}

    def test_a_class_of_its_own_keeps_what_it_computes(self) -> None:
        calls = []

        @frozen(kw_only=True)
        class Found(Reading[NPS]):
            @cached_property
            def best(self) -> float | None:
                calls.append(1)
                return self.value("Q1", "nps")

        found = Found.of(results(), "nps", "en", NPS)
        assert type(found) is Found
        assert found.best == found.best == reading().value("Q1", "nps")
        assert calls == [1]

    def test_withheld_numbers_stay_withheld(self) -> None:
        found = reading(suppress_below=15)
        north = ("Q1", "nps", (("region", "North"),))
        assert found.status(*north) == "suppressed"
        assert found.value(*north) is found.bounds(*north) is None
        assert found.absent("suppressed") == "withheld"
        assert reading("zh", suppress_below=15).absent("suppressed") == "不公布"

    @pytest.mark.parametrize(
        ("language", "said"),
        [
            ("en", ("East", "North", "West", "— (not given)")),
            ("zh", ("East", "North", "West", "—（未填写）")),
        ],
    )
    def test_labels(self, language: str, said: tuple[str, ...]) -> None:
        found = reading(language)
        cells = found.sets["region",]
        assert tuple(found.cell_labels("region", cells)) == said
        total = "全部回答" if language == "zh" else "All answers"
        assert found.with_total("region", cells) == [((), total), *zip(cells, said, strict=True)]
        assert found.comma.join(said[:2]) == ("East、North" if language == "zh" else "East, North")
        assert found.level == "95%"

    def test_no_two_labels_alike(self) -> None:
        found = reading()
        values = ["All answers", "a", "a", "a (2)", "a"]
        labels = found.value_labels("region", values)
        assert len(set(labels)) == len(values)
        assert found.with_total("region", [(("region", "All answers"),)])[0] == (
            (),
            "All answers *",
        )
        titles = found.titles(["Q1", "Q2"])
        assert titles == {"Q1": "Q1", "Q2": "Q2"}

    def test_titles_that_look_like_one_told_apart(self) -> None:
        @frozen(kw_only=True)
        class Named(NPS):
            def item_title(self, item: str, language: str = "en") -> str:
                return {"C": "Rate us (B)"}.get(item, "Rate us")

        shown = satcore.run({"nps": Named(item="Q1")}, ANSWERS)
        found = Reading.of(shown, "nps", "en")
        assert found is not None
        for names in ("ABC", "CAB", "BAC"):
            assert len(set(found.titles(names).values())) == 3

    def test_what_failed_is_not_told_to_be_without_answers(self) -> None:
        @frozen(kw_only=True)
        class Failing(NPS):
            def evaluate(self, *args: Any, **given: Any) -> Any:
                raise ValueError("no such number")

        shown = satcore.run({"nps": Failing(item="Q1")}, ANSWERS, segments=["region"])
        found = Reading.of(shown, "nps", "en")
        assert found is not None
        for cell, label in found.with_total("region", found.sets["region",]):
            assert found.status("Q1", "nps", cell) == "error"
            data = dot(found, "Q1", "nps", cell, label, shown=shown_score)
            assert data["absent"] == "failed"
        assert found.status("Q1", "nps", (("region", "South"),)) == "empty"

    def test_largest(self) -> None:
        found = reading()
        cells = found.sets["region",]
        bases = [found.base("Q1", "nps", cell) for cell in cells]
        kept = found.largest(cells, 2)
        assert len(kept) == 2
        assert [cell for cell in cells if cell in kept] == list(kept)
        assert sorted(found.base("Q1", "nps", cell) for cell in kept) == sorted(bases)[-2:]
        assert found.largest(cells, 99) == cells

    def test_ends_and_questions(self) -> None:
        found = reading()
        assert found.ends("Q1") == (0, 10)
        assert found.ends("Q2") is None
        assert found.question("Q2") == "Q2"
        assert found.axis("region") == "region"

    def test_waves_are_called_by_their_period(self) -> None:
        months = ["2026-01-05", "2026-02-05"] * 60
        shown = satcore.run(
            {"nps": NPS(item="Q1")},
            {**ANSWERS, "day": months},
            wave={"time": "day", "period": "month"},
        )
        for language, period in (("en", "month"), ("zh", "月份")):
            found = Reading.of(shown, "nps", language, NPS)
            assert found is not None
            assert found.axis(shown.about.wave) == period


class TestDots:
    def test_a_row_of_data(self) -> None:
        found = reading()
        cell = (("region", "East"),)
        row = found.row("Q1", "promoters", cell)
        assert row is not None
        data = dot(found, "Q1", "promoters", cell, "East", shown=shown_percent)
        assert data[CHART_CELL] == {"region": "East"}
        assert (data["value"], data["low"], data["high"]) == (
            row["value"],
            row["ci_low"],
            row["ci_high"],
        )
        low, high = shown_percent(row["ci_low"] or 0), shown_percent(row["ci_high"] or 0)
        assert data["interval"] == f"{low} to {high}"
        assert data["base"] == str(row["base"])
        assert "effective" not in data
        assert data["absent"] == ""

    def test_few_answers_are_told(self) -> None:
        found = reading()
        data = dot(found, "Q1", "nps", (("region", "North"),), "North", shown=shown_score)
        assert data["small"]
        assert "Hollow" in dots_told(found, [data])
        assert "Hollow" not in dots_told(found, [{**data, "small": False}])

    def test_weights_give_effective_answers(self) -> None:
        found = reading(weight="w")
        data = dot(found, "Q1", "promoters", (), "All", shown=shown_percent)
        row = found.row("Q1", "promoters")
        assert row is not None
        assert data["effective"] == f"{row['effective_base']:,.1f}"
        layers = dot_layers(found, [data], of="Promoters", by="Group")
        assert "effective" in json.dumps(layers)

    def test_numbers_that_rest_on_something_else_say_so(self) -> None:
        own = {"base": ("Cases", "案例"), "hollow": (" Hollow dots rest on few cases.", "")}

        @frozen(kw_only=True)
        class Cases(Reading[NPS]):
            def word(self, key: str, **values: object) -> str:
                return self.say(own, key) if key in own else super().word(key, **values)

        found = Cases.of(results(), "nps", "en", NPS)
        assert found is not None
        data = dot(found, "Q1", "nps", (("region", "North"),), "North", shown=shown_score)
        assert dots_told(found, [data]).endswith("95% intervals. Hollow dots rest on few cases.")
        titles = {
            one["field"]: one["title"]
            for one in dot_layers(found, [data], of="NPS", by="Region")[-1]["encoding"]["tooltip"]
        }
        assert titles["base"] == "Cases"

    def test_what_is_withheld_is_in_no_row(self) -> None:
        found = reading(suppress_below=15)
        data = dot(found, "Q1", "nps", (("region", "North"),), "North", shown=shown_score)
        assert (data["value"], data["low"], data["shown"]) == (None, None, "")
        assert data["base"] == "–"
        assert data["absent"] == "withheld"

    @pytest.mark.parametrize("upright", [False, True])
    def test_layers_draw_what_there_is(self, upright: bool) -> None:
        found = reading()
        cells = found.sets["region",]
        dots = [
            dot(found, "Q1", "nps", cell, label, shown=shown_score)
            for cell, label in found.with_total("region", cells)
        ]
        layers = dot_layers(found, dots, of="NPS", by="Region", upright=upright)
        marks = [layer["mark"]["type"] for layer in layers]
        assert marks == (["line", "rule", "point"] if upright else ["rule", "point"])
        value = layers[-1]["encoding"]["y" if upright else "x"]
        assert (value["field"], value["title"]) == ("value", "NPS")
        none = [{**one, "value": None, "low": None, "absent": "withheld"} for one in dots]
        assert [
            layer["mark"]["type"]
            for layer in dot_layers(found, none, of="NPS", by="", upright=False)
        ] == ["point", "text"]

    def test_a_picture_can_be_drawn(self) -> None:
        found = reading()
        dots = [
            {**dot(found, "Q1", "nps", cell, label, shown=shown_score), "facet": facet}
            for facet in ("one", "two")
            for cell, label in found.with_total("region", found.sets["region",])
        ]
        spec = side_by_side(
            dots, ["one", "two"], dot_layers(found, dots, of="NPS", by="Region"), height=120
        )
        assert spec["columns"] == 2
        svg = satcore.draw(satcore.Chart(title="NPS", alt="NPS", spec=spec)).decode()
        assert svg.startswith("<svg")
        assert "East" in svg


class TestNumerals:
    @pytest.mark.parametrize(
        ("share", "decimals", "said"),
        [
            (0.0, 1, "0.0%"),
            (1.0, 1, "100.0%"),
            (0.99951, 1, ">99.9%"),
            (0.9994, 1, "99.9%"),
            (0.00049, 1, "<0.1%"),
            (0.0006, 1, "0.1%"),
            (0.996, 0, ">99%"),
            (0.004, 0, "<1%"),
            (0.5, 0, "50%"),
            (-0.125, 1, "−12.5%"),
        ],
    )
    def test_percent(self, share: float, decimals: int, said: str) -> None:
        assert shown_percent(share, decimals) == said

    @given(st.floats(0, 1), st.integers(0, 4))
    def test_only_all_is_all_and_nothing_nothing(self, share: float, decimals: int) -> None:
        said = shown_percent(share, decimals)
        whole = f"{100:.{decimals}f}%", f"{0:.{decimals}f}%"
        assert (said in whole) == (share in (0.0, 1.0))

    @given(st.floats(-1e6, 1e6), st.integers(0, 6))
    def test_scores_read_back(self, value: float, decimals: int) -> None:
        said = shown_score(value, decimals)
        assert "-" not in said
        assert math.isclose(
            float(said.replace("−", "-")), value, rel_tol=0, abs_tol=0.5000001 * 10.0**-decimals
        )
        assert not (said.startswith("−") and float(said.replace("−", "-")) == 0)

    def test_finite(self) -> None:
        assert [finite(one) for one in (1.5, None, math.nan, math.inf)] == [1.5, None, None, None]
