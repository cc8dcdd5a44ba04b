"""Metrics that stand on other metrics, and statistics counted wave by wave."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from attrs import frozen

import satcore
from satcore import (
    ByWave,
    Codebook,
    Estimate,
    Estimated,
    Estimates,
    Metric,
    MetricSpec,
    Results,
    Series,
    StudyError,
    Tallied,
    Tally,
    Waved,
)
from satcore.plugins import Plugins


@frozen(kw_only=True)
class Top(Metric):
    item: str = "Q"

    def statistics(self, codebook: Codebook) -> dict[str, Any]:
        return {"answers": Tally(codebook.item(self.item, "0..10"))}

    def evaluate(self, answers: Tallied) -> Iterator[Estimate]:
        yield answers.share((9, 10), term="top")
        yield answers.mean(term="mean")
        yield answers.mean(term="mean", item="again")


@frozen(kw_only=True)
class Last(Metric):
    """The number of every wave, one estimate a wave, so that tests can see them."""

    of: str
    term: str = ""
    item: str = ""

    def statistics(self, codebook: Codebook) -> dict[str, Any]:
        return {"series": Estimates(self.of, term=self.term, item=self.item, along="wave")}

    def evaluate(self, series: Series) -> Iterator[Estimate]:
        assert not series.value.flags.writeable
        for place, label in enumerate(series.waves.labels):
            yield Estimate(
                term="value",
                item=label,
                value=series.value[:, place],
                std_error=series.std_error[:, place],
                base=series.base[:, place],
                interval=series.interval_at(place),
            )
        yield Estimate(
            term="waves",
            value=series.there.sum(axis=1),
            std_error=np.full(series.cells, np.nan),
            base=series.base.sum(axis=1),
        )


@frozen(kw_only=True)
class Twice(Metric):
    of: str

    def statistics(self, codebook: Codebook) -> dict[str, Any]:
        return {"base": Estimates(self.of)}

    def evaluate(self, base: Estimated) -> Iterator[Estimate]:
        yield Estimate(
            term="twice", value=2 * base.value, std_error=2 * base.std_error, base=base.base
        )


@frozen(kw_only=True)
class Counts(Metric):
    item: str = "Q"

    def statistics(self, codebook: Codebook) -> dict[str, Any]:
        return {"answers": ByWave(Tally(codebook.item(self.item, "0..10")))}

    def evaluate(self, answers: Waved) -> Iterator[Estimate]:
        base = answers.counted.base.reshape(answers.shape)
        mean = answers.counted.mean().value.reshape(answers.shape)
        for place, label in enumerate(answers.waves.labels):
            yield Estimate(
                term="mean",
                item=label,
                value=mean[:, place],
                std_error=np.full(answers.cells, np.nan),
                base=base[:, place],
            )


@frozen(kw_only=True)
class Fails(Top):
    """Fails where anyone answered 0."""

    def evaluate(self, answers: Tallied) -> Iterator[Estimate]:
        if (answers.counts[:, 0] > 0).any():
            raise ValueError("somebody answered 0")
        yield from super().evaluate(answers)


def survey(rows: int = 900, seed: int = 3) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    return {
        "Q": random.integers(0, 11, rows),
        "region": random.choice(["a", "b", "c"], rows),
        "day": [f"2024-{month:02}-15" for month in random.choice([1, 2, 3, 5], rows)],
        "w": random.uniform(0.5, 2.0, rows),
    }


def measured(
    metrics: dict[str, Metric], data: dict[str, Any] | None = None, **more: Any
) -> Results:
    asked: dict[str, Any] = {
        "segments": ["region"],
        "wave": {"time": "day", "period": "month"},
        "by": ["region", "wave", "region*wave"],
    }
    return satcore.run(metrics, survey() if data is None else data, **(asked | more))


def numbers(results: Results, metric: str, term: str) -> dict[Any, tuple[Any, ...]]:
    return {
        (row["cell"].get("region"), row["cell"].get("wave") or row["item"]): (
            row["value"],
            row["std_error"],
            row["base"],
            row["ci_low"],
            row["ci_high"],
            row["method"],
        )
        for row in results.rows(metric, term)
    }


class TestSeries:
    @pytest.mark.parametrize("weight", [None, "w"])
    @pytest.mark.parametrize("term", ["", "top"])
    def test_a_series_is_what_the_metric_says_of_each_wave(self, term, weight):
        results = measured({"top": Top(), "last": Last(of="top", term=term)}, weight=weight)
        said = numbers(results, "top", "top")
        assert len(said) == 24
        for cell, number in numbers(results, "last", "value").items():
            assert number == said[cell]
        assert {tuple(row["cell"]) for row in results.rows("last")} == {(), ("region",)}

    def test_a_wave_without_answers_is_a_gap_in_its_place(self):
        results = measured({"top": Top(), "last": Last(of="top")})
        items = [row["item"] for row in results.rows("last", "value") if not row["cell"]]
        assert items == ["2024-01", "2024-02", "2024-03", "2024-04", "2024-05"]
        gap = next(row for row in results.rows("last", "value") if row["item"] == "2024-04")
        assert (gap["value"], gap["base"], gap["status"]) == (None, 0, "empty")
        assert {row["value"] for row in results.rows("last", "waves")} == {4.0}

    def test_a_withheld_wave_is_a_gap(self):
        """What is withheld by itself can't be told from what is made of all waves."""
        data = survey()
        may = np.array([day.startswith("2024-05") for day in data["day"]])
        keep = ~may | (np.cumsum(may) <= 4)
        data = {name: np.array(column)[keep] for name, column in data.items()}
        results = measured({"top": Top(), "last": Last(of="top")}, data, suppress_below=5)
        rows = {row["item"]: row for row in results.rows("last", "value") if not row["cell"]}
        assert (rows["2024-05"]["status"], rows["2024-05"]["base"]) == ("suppressed", None)
        total = next(row for row in results.rows("last", "waves") if not row["cell"])
        # Another wave is withheld with it, or else it would be the total less the others.
        assert total["value"] == 2.0

    def test_answers_without_a_wave_are_in_no_series(self):
        data = survey()
        data["day"] = [None if place % 2 else day for place, day in enumerate(data["day"])]
        results = measured({"top": Top(), "last": Last(of="top")}, data)
        total = next(row for row in results.rows("last", "waves") if not row["cell"])
        assert total["base"] == 450

    def test_undated_waves_stand_in_their_declared_order(self, tmp_path):
        file = tmp_path / "study.toml"
        file.write_text(
            '[study]\ndata = "a.csv"\n[roles]\nwave = "step"\n[labels.step]\nbefore = "B"\n'
            'after = "A"\n[metrics.top]\n[metrics.last]\nof = "top"\n'
        )
        rows = "\n".join(
            f"{place % 11},{'after' if place % 3 else 'before'}" for place in range(90)
        )
        (tmp_path / "a.csv").write_text(f"Q,step\n{rows}\n")
        results = satcore.run(file, plugins=_plugins())
        assert [row["item"] for row in results.rows("last", "value")] == ["before", "after"]

    def test_rests_are_there_for_comparisons(self):
        results = measured({"top": Top(), "last": Last(of="top")})
        held = [row for row in results.comparison_rows("last", "value") if row["kind"] == "rest"]
        said = {
            (row["cell"]["region"], row["cell"]["wave"]): row["difference"]
            for row in results.comparison_rows("top", "top")
            if row["kind"] == "rest" and len(row["cell"]) == 2
        }
        assert len(held) == 12
        for row in held:
            assert row["difference"] == said[row["cell"]["region"], row["item"]]

    def test_a_chain_reaches_the_waves_too(self):
        results = measured({"last": Last(of="twice"), "twice": Twice(of="top"), "top": Top()})
        single, double = numbers(results, "top", "top"), numbers(results, "last", "value")
        for cell, (value, std_error, base, *_) in double.items():
            assert base == single[cell][2]
            if base:
                assert value == 2 * single[cell][0]
                assert std_error == 2 * single[cell][1]

    def test_there_is_one_scan(self):
        plan = satcore.plan({"top": Top(), "last": Last(of="top")}, survey(), segments=["region"],
                            wave={"time": "day", "period": "month"})  # fmt: skip
        assert plan.sets == (("region", "wave"),)
        assert len(plan.statistics) == 2


class TestTitles:
    def test_a_metric_is_called_by_what_it_stands_on(self):
        results = measured(
            {"last": Last(of="top", term="top"), "top": Top(), "plain": Twice(of="top")}
        )
        assert results.title("last") == "last: top"
        assert results.title("last", "zh") == "last：top"

    def test_two_that_would_be_called_alike_have_their_names(self):
        data = survey() | {"day": ["2024-01", "2024-02", "2024-03"] * 300}
        from satcore_nps import NPS
        from satcore_trend import Trend

        metrics = {"nps": NPS(item="Q"), "one": Trend(of="nps"), "two": Trend(of="nps")}
        results = satcore.run(metrics, data, wave="day")
        assert results.title("nps") == "Net Promoter Score"
        assert results.title("one") == "Trend: Net Promoter Score (one)"
        assert results.title("two", "zh") == "趋势：净推荐值（two）"
        assert results.title("nobody") == "nobody"


class TestByWave:
    @pytest.mark.parametrize("weight", [None, "w"])
    def test_a_statistic_by_wave_is_the_one_of_each_wave(self, weight):
        results = measured({"top": Top(), "counts": Counts()}, weight=weight)
        said = numbers(results, "top", "mean")
        for cell, (value, _, base, *_) in numbers(results, "counts", "mean").items():
            assert (value, base) == (said[cell][0], said[cell][2])


class TestFailures:
    def test_a_wave_in_which_the_metric_fails_is_a_gap(self):
        data = survey()
        february = np.array([day.startswith("2024-02") for day in data["day"]])
        data["Q"] = np.where(february, np.maximum(data["Q"], 1), np.maximum(data["Q"], 0))
        results = measured({"top": Fails(), "last": Last(of="top")}, data)
        there = {row["item"]: row["value"] for row in results.rows("last", "value")
                 if not row["cell"]}  # fmt: skip
        assert there["2024-02"] is not None
        assert there["2024-01"] is None
        assert {row["metric"] for row in results.failures} == {"top"}

    def test_a_metric_that_fails_everywhere_is_named_by_those_that_stand_on_it(self):
        @frozen(kw_only=True)
        class Broken(Top):
            def evaluate(self, answers: Tallied) -> Iterator[Estimate]:
                raise ValueError("no luck")

        results = measured({"top": Broken(), "last": Last(of="top"), "good": Top()})
        said = {row["metric"]: row["message"] for row in results.failures}
        assert said["last"] == "top, on which it stands, failed: ValueError: no luck"
        assert {row["status"] for row in results.rows("last")} == {"error"}
        assert {row["status"] for row in results.rows("good")} >= {"ok"}


class TestMistakes:
    @pytest.mark.parametrize(
        ("metrics", "said"),
        [
            ({"a": Last(of="a")}, "'a' stands on 'a': a metric can't stand on itself"),
            (
                {"a": Twice(of="b"), "b": Twice(of="c"), "c": Twice(of="a")},
                "'a' stands on 'b', which stands on 'c', which stands on 'a'",
            ),
            ({"last": Last(of="tip"), "top": Top()}, "'tip'; there are top; did you mean 'top'"),
            ({"last": Last(of="top")}, "there is no other"),
            (
                {"last": Last(of="top", term="tup"), "top": Top()},
                "term: top has no term 'tup'; it has top, mean; did you mean 'top'",
            ),
            (
                {"last": Last(of="top", term="mean"), "top": Top()},
                "item: top has 'mean' of 2 items; name one: Q, again",
            ),
            (
                {"last": Last(of="top", term="mean", item="agai"), "top": Top()},
                "item: top has no 'mean' of 'agai'; its items are Q, again; did you mean 'again'",
            ),
            (
                {"top": Top(), "last": Last(of="top"), "more": Last(of="last")},
                "'last' looks along the waves itself",
            ),
            (
                {"top": Top(), "a": Last(of="b"), "b": Twice(of="c"), "c": Last(of="top")},
                "'b' looks along the waves itself",
            ),
        ],
    )
    def test_a_reference_that_leads_nowhere_is_told(self, metrics, said):
        with pytest.raises(StudyError) as error:
            measured(metrics)
        assert said in str(error.value)

    @pytest.mark.parametrize("lines", ["metric = 'tip'", "item = 'no'", "tops = [9]", "by = ['x']"])
    def test_a_mistake_in_what_is_stood_on_is_told_alone(self, tmp_path, lines):
        """What stands on a metric that can't be planned can't be either, and says nothing more."""
        (tmp_path / "a.csv").write_text("Q,day\n1,2024\n")
        file = tmp_path / "study.toml"
        file.write_text(
            f'[study]\ndata = "a.csv"\n[roles]\nwave = "day"\n[metrics.top]\n{lines}\n'
            '[metrics.last]\nof = "top"\n[metrics.more]\nmetric = "last"\nof = "top"\n'
        )
        with pytest.raises(StudyError) as error:
            satcore.plan(file, plugins=_plugins())
        assert len(error.value.problems) == 1
        assert "[metrics.top]" in str(error.value)

    def test_an_item_may_be_named(self):
        results = measured({"last": Last(of="top", term="mean", item="again"), "top": Top()})
        assert all(row["status"] == "ok" for row in results.rows("last", "waves"))

    def test_waves_are_needed(self):
        with pytest.raises(StudyError, match="there are none; name their column"):
            measured({"top": Top(), "last": Last(of="top")}, wave=None, by=["region"])

    def test_in_a_study_file_the_place_is_its_table(self, tmp_path):
        file = tmp_path / "study.toml"
        file.write_text(
            '[study]\ndata = "a.csv"\n[roles]\nwave = "day"\n[metrics.top]\n'
            '[metrics.trend1]\nmetric = "last"\nof = "tops"\n'
            '[metrics.t2]\nmetric = "last"\nof = "t2"\n'
        )
        (tmp_path / "a.csv").write_text("Q,day\n1,2024\n")
        with pytest.raises(StudyError) as error:
            satcore.plan(file, plugins=_plugins())
        assert [str(one).split(":")[1].strip() for one in error.value.problems] == [
            "[metrics.trend1] of",
            "[metrics.t2] of",
        ]


def _plugins() -> Plugins:
    """The bundled plugins, and the metrics of this file as one more."""
    import sys
    from importlib.metadata import EntryPoint
    from types import ModuleType

    module = ModuleType("standing_metrics")

    @satcore.hookimpl
    def satcore_metrics() -> list[MetricSpec]:
        return [
            MetricSpec("top", Top, primary="top"),
            MetricSpec("last", Last, primary="value"),
        ]

    module.satcore_metrics = satcore_metrics  # type: ignore[attr-defined]
    sys.modules["standing_metrics"] = module
    return Plugins(
        (
            EntryPoint("files", "satcore_files", "satcore"),
            EntryPoint("standing", "standing_metrics", "satcore"),
        )
    )
