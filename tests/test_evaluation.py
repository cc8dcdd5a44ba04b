"""Evaluation: failures contained, statuses told, third parties' statistics counted rightly."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import EntryPoint
from itertools import pairwise
from types import ModuleType
from typing import Any

import numpy as np
import polars as pl
import pytest
from attrs import evolve, field, frozen

import satcore
from satcore import (
    Block,
    Codebook,
    Comparison,
    Counted,
    Difference,
    Estimate,
    Field,
    Heterogeneity,
    Item,
    Metric,
    MetricSpec,
    NormalInterval,
    Results,
    Statistic,
    StudyError,
    Survey,
    Tallied,
    Tally,
    hookimpl,
)
from satcore.engines import LocalEngine
from satcore.plugins import Plugins
from satcore.surveys import FrameFragment
from satcore_nps import NPS

#: Bases 4, 2, 3 and 0 (all missing): every cell, and every rest, has a base of its own.
DATA: Mapping[str, list[Any]] = {
    "q": [10, 9, 3, 8, 0, 10, 7, 9, 10, None],
    "place": ["a", "a", "a", "a", "b", "b", "c", "c", "c", "d"],
}


def mean(answers: Tallied) -> Iterator[Estimate]:
    yield answers.mean()


@frozen(kw_only=True)
class Does(Metric):
    """A metric whose evaluation is a function."""

    what: Callable[[Tallied], Any] = field(default=mean)
    item: str = "q"

    def statistics(self, codebook: Codebook) -> Mapping[str, Statistic]:
        return {"answers": Tally(codebook.item(self.item, "0..10"))}

    def evaluate(self, answers: Tallied) -> Any:
        return self.what(answers)


def run(
    what: Callable[[Tallied], Any], plugins: Plugins, data: object = DATA, **options: Any
) -> Results:
    asked: dict[str, Any] = {"segments": ["place"], "min_base": 3}
    return satcore.run({"it": Does(what=what)}, data, plugins=plugins, **{**asked, **options})


def rows_by_place(results: Results, term: str | None = None) -> dict[str, Any]:
    return {row["cell"].get("place") or "total": row for row in results.rows("it", term)}


def failing_at(base: int) -> Callable[[Tallied], Iterator[Estimate]]:
    def evaluate(answers: Tallied) -> Iterator[Estimate]:
        if (answers.base == base).any():
            raise ZeroDivisionError(f"can't stand {base} answers")
        yield answers.mean()
        yield answers.share([10], term="tens")

    return evaluate


# One cell fails


def test_only_the_bad_cell_is_an_error(plugins: Plugins) -> None:
    good = run(failing_at(-1), plugins)
    bad = run(failing_at(2), plugins)
    assert good.failures == ()
    for term in ("mean", "tens"):
        before, after = rows_by_place(good, term), rows_by_place(bad, term)
        assert list(after) == ["total", "a", "b", "c", "d"]
        for place in ("total", "a", "c", "d"):
            assert after[place] == before[place]
        assert after["b"]["status"] == "error"
        assert after["b"]["message"] == "ZeroDivisionError: can't stand 2 answers"
        for name in ("value", "std_error", "ci_low", "ci_high"):
            assert after["b"][name] is None
    [failure] = bad.failures
    assert (failure["metric"], failure["cells"]) == ("it", 1)
    assert failure["message"] == "ZeroDivisionError: can't stand 2 answers"
    bad.to_json()


def test_comparisons_with_the_bad_cell(plugins: Plugins) -> None:
    options = {"comparisons": ["rest", "pairs", "heterogeneity"]}
    good = run(failing_at(-1), plugins, **options).comparison_rows("it", "tens")
    bad = run(failing_at(2), plugins, **options).comparison_rows("it", "tens")
    assert [row["kind"] for row in good] == [row["kind"] for row in bad]
    for before, after in zip(good, bad, strict=True):
        if before["kind"] == "heterogeneity":
            assert before["df"] == 2
            assert after["df"] == 1
        elif "b" in {one["place"] for one in (before["cell"], before["against"] or {}) if one}:
            assert after["status"] == "error"
            assert after["message"] == "the metric failed on one side"
            assert after["difference"] is after["p"] is None
        else:
            assert {**after, "p_adjusted": 0} == {**before, "p_adjusted": 0}


def test_a_rest_that_fails_is_no_failed_cell(plugins: Plugins) -> None:
    """7 answers have all but ``b``: no reported cell, but the other side of one comparison."""
    results = run(failing_at(7), plugins, comparisons=["rest"])
    assert results.failures == ()
    assert "error" not in {row["status"] for row in results.rows()}
    held = {row["cell"]["place"]: row["status"] for row in results.comparison_rows("it", "mean")}
    assert held["b"] == "error"
    assert held["a"] != "error"


def test_many_reasons_are_told_apart(plugins: Plugins) -> None:
    def evaluate(answers: Tallied) -> Iterator[Estimate]:
        for base in (2, 3):
            if (answers.base == base).any():
                raise ValueError(f"{base}")
        yield answers.mean()

    results = run(evaluate, plugins)
    messages = {place: row["message"] for place, row in rows_by_place(results).items()}
    assert messages["b"] == "ValueError: 2"
    assert messages["c"] == "ValueError: 3"
    assert [(row["cells"], row["message"]) for row in results.failures] == [
        (1, "ValueError: 2"),
        (1, "ValueError: 3"),
    ]


def test_bad_cells_are_found_by_halves(plugins: Plugins) -> None:
    """One bad cell of 1,000 takes twice as many calls as halvings, not a thousand."""
    calls = []

    def evaluate(answers: Tallied) -> Iterator[Estimate]:
        calls.append(len(answers.base))
        if (answers.base == 2).any():
            raise ValueError("two")
        yield answers.mean()

    labels = [f"{number:03}" for number in range(999)]
    data = {"q": [7] * 1000, "place": [*labels, "500"]}
    results = run(evaluate, plugins, data=data, comparisons=[])
    assert [row["cell"] for row in results.rows() if row["status"] == "error"] == [{"place": "500"}]
    assert len(calls) <= 2 + 2 * 10


def test_other_metrics_go_on(plugins: Plugins) -> None:
    metrics = {"bad": Does(what=failing_at(9)), "good": Does(what=mean)}
    results = satcore.run(metrics, DATA, segments=["place"], plugins=plugins)
    alone = satcore.run({"good": Does(what=mean)}, DATA, segments=["place"], plugins=plugins)
    assert results.rows("good") == alone.rows("good")
    assert [row["metric"] for row in results.failures] == ["bad"]
    assert results.rows("bad", "mean")[0]["status"] == "error"
    assert results.rows("bad", "mean")[1]["status"] != "error"


# Everything fails


def nothing(answers: Tallied) -> list[Estimate]:
    return []


def twice(answers: Tallied) -> Iterator[Estimate]:
    yield answers.mean()
    yield answers.mean()


def number(answers: Tallied) -> list[Any]:
    return [3.14]


def no_iterable(answers: Tallied) -> Any:
    return None


def short(answers: Tallied) -> Iterator[Estimate]:
    one = answers.mean()
    yield Estimate(term="mean", value=one.value[:-1], std_error=one.std_error, base=one.base)


def scalar(answers: Tallied) -> Iterator[Estimate]:
    one = answers.mean()
    yield Estimate(term="mean", value=one.value, std_error=0.0, base=one.base)


def too_many_messages(answers: Tallied) -> Iterator[Estimate]:
    yield evolve(answers.mean(), message=("a",) * (len(answers.base) + 1))


def short_bounds(answers: Tallied) -> Iterator[Estimate]:
    interval = NormalInterval(centre=np.zeros(1), std_error=np.ones(len(answers.base) + 1))
    yield evolve(answers.mean(), interval=interval)


def changes_its_input(answers: Tallied) -> Iterator[Estimate]:
    answers.n[:, 0] = 1
    yield answers.mean()


def raises_late(answers: Tallied) -> Iterator[Estimate]:
    yield answers.mean()
    raise RuntimeError


EVERYWHERE: dict[str, tuple[Callable[[Tallied], Any], str]] = {
    "nothing": (nothing, "ValueError: evaluate yields no estimate"),
    "a term twice": (twice, "ValueError: item 'q', term 'mean' is yielded twice"),
    "no estimate": (number, "TypeError: evaluate yields Estimates, Paired and Test, not float"),
    "no iterable": (no_iterable, "TypeError: 'NoneType' object is not iterable"),
    "wrong shape": (short, "ValueError: term 'mean': value has the shape"),
    "no array": (scalar, "ValueError: term 'mean': std_error has the shape ()"),
    "messages": (too_many_messages, "entries of message"),
    "bounds": (short_bounds, "ValueError: term 'mean': the interval gives bounds of the shapes"),
    "input changed": (changes_its_input, "read-only"),
    "raises late": (raises_late, "RuntimeError"),
}


@pytest.mark.parametrize("name", EVERYWHERE)
def test_a_metric_that_fails_everywhere(name: str, plugins: Plugins) -> None:
    evaluate, said = EVERYWHERE[name]
    results = run(evaluate, plugins)
    rows = results.rows()
    assert [row["cell"].get("place", "total") for row in rows] == ["total", *"abcd"]
    for row in rows:
        assert row["status"] == "error"
        assert said in row["message"]
        assert row["value"] is row["ci_low"] is row["weighted_base"] is None
    assert sum(row["cells"] for row in results.failures) == 5
    assert results.comparison_rows() == []
    results.to_json()


def test_failing_rows_stand_under_the_primary_term(monkeypatch: pytest.MonkeyPatch) -> None:
    @frozen(kw_only=True)
    class Broken(Does):
        what: Callable[[Tallied], Any] = field(default=nothing, init=False)

    @hookimpl
    def satcore_metrics() -> list[MetricSpec]:
        return [MetricSpec("broken", Broken, primary="delight")]

    module = ModuleType("broken_plugin")
    module.satcore_metrics = satcore_metrics  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "broken_plugin", module)
    plugins = Plugins((EntryPoint("broken", "broken_plugin", "satcore"),))
    results = satcore.run(Broken(item="q"), DATA, segments=["place"], plugins=plugins)
    assert {(row["metric"], row["kind"], row["term"]) for row in results.rows()} == {
        ("broken", "broken", "delight")
    }
    assert len(results.rows()) == 5


def test_cells_that_fail_only_together(plugins: Plugins) -> None:
    def evaluate(answers: Tallied) -> Iterator[Estimate]:
        if len(answers.base) > 1:
            raise ValueError("one at a time")
        yield answers.mean()

    results = run(evaluate, plugins)
    assert {row["status"] for row in results.rows()} == {"error"}
    assert {row["message"] for row in results.rows()} == {
        "fails on its cells together, though not on each alone: ValueError: one at a time"
    }


@frozen(kw_only=True, eq=False)
class Raising(Comparison):
    """A metric's own comparison that can't be made."""

    def differences(self, first: Any, second: Any, confidence: float) -> Difference:
        raise ArithmeticError("no difference")

    def heterogeneity(self, cells: Any) -> tuple[Heterogeneity, ...]:
        raise ArithmeticError("no test")


def test_a_comparison_that_fails(plugins: Plugins) -> None:
    def evaluate(answers: Tallied) -> Iterator[Estimate]:
        yield evolve(answers.mean(), comparison=Raising())
        yield answers.share([10], term="tens")

    results = run(evaluate, plugins)
    assert "error" not in {row["status"] for row in results.rows()}
    failed = results.comparison_rows("it", "mean")
    said = {(row["kind"], row["message"]) for row in failed if row["status"] == "error"}
    assert said == {
        ("rest", "the metric's own comparison failed: ArithmeticError: no difference"),
        ("heterogeneity", "the metric's own comparison failed: ArithmeticError: no test"),
    }
    # Nobody answered in d; that stays what it is.
    assert [row["status"] for row in failed if row["cell"] == {"place": "d"}] == ["empty"]
    assert "error" not in {row["status"] for row in results.comparison_rows("it", "tens")}
    assert len(results.failures) == 2
    results.to_json()


# Statuses


def test_statuses(plugins: Plugins) -> None:
    rows = rows_by_place(run(mean, plugins, min_base=4, suppress_below=3))
    assert {place: row["status"] for place, row in rows.items()} == {
        "total": "ok",
        "a": "ok",
        "b": "suppressed",
        "c": "suppressed",  # or b would be the total less the others
        "d": "empty",
    }
    assert rows["a"]["message"] == ""
    assert rows["c"]["message"] == rows["b"]["message"]
    assert rows["c"]["value"] is rows["c"]["base"] is None
    rows = rows_by_place(run(mean, plugins, min_base=4))
    assert rows["c"]["message"] == "fewer than 4 answers"
    assert rows["c"]["value"] == pytest.approx(26 / 3)
    assert rows["d"]["message"] == "nobody answered"


#: What is said of a withheld cell and of those that protect it.
WITHHELD = "fewer than 3 answers, here or in a group that this one would give away; withheld"


def test_what_is_suppressed_is_withheld(plugins: Plugins) -> None:
    def evaluate(answers: Tallied) -> Iterator[Estimate]:
        tens = answers.count([10])
        told = tuple(f"{count} tens" for count in tens.tolist())
        label = tuple(str(count) for count in tens.tolist())
        yield evolve(answers.mean(), message=told)
        yield evolve(answers.share([10], term="mode"), label=label)

    results = run(
        evaluate, plugins, suppress_below=3, comparisons=["rest", "pairs", "heterogeneity"]
    )
    for term in ("mean", "mode"):
        row = rows_by_place(results, term)["b"]
        assert row["status"] == "suppressed"
        for name in ("base", "value", "std_error", "ci_low", "ci_high", "weighted_base"):
            assert row[name] is None
        assert row["effective_base"] is row["label"] is None
        assert row["message"] == WITHHELD
    a = rows_by_place(results, "mean")["a"]
    assert a["message"].endswith(" tens")
    assert rows_by_place(results, "mode")["a"]["label"] == a["message"].split()[0]
    compared = results.comparison_rows("it")
    # A category is no number: nothing is held against anything.
    assert {row["term"] for row in compared} == {"mean"}
    touched = [
        row
        for row in compared
        if "b" in (row["cell"].get("place"), (row["against"] or {}).get("place"))
    ]
    assert {row["kind"] for row in touched} == {"rest", "pair"}
    for row in touched:
        numbers = ("difference", "std_error", "ci_low", "ci_high", "statistic", "p", "p_adjusted")
        assert all(row[name] is None for name in numbers)  # type: ignore[literal-required]
        assert row["status"] == "suppressed"
        assert row["message"] == "withheld, as one of its sides is"
    # One place is left, which differs from no other.
    assert [row for row in compared if row["kind"] == "heterogeneity"] == []


@pytest.mark.parametrize("nowhere", [np.nan, np.inf, -np.inf])
def test_undefined(nowhere: float, plugins: Plugins) -> None:
    def evaluate(answers: Tallied) -> Iterator[Estimate]:
        one = answers.mean()
        value = np.where(answers.base == 3, nowhere, one.value)
        message = tuple("0/0" if base == 3 else "" for base in answers.base.tolist())
        yield evolve(one, value=value, message=message)

    results = run(evaluate, plugins)
    row = rows_by_place(results)["c"]
    assert row["status"] == "undefined"
    assert row["message"] == "no value follows from these answers; 0/0"
    assert row["value"] is row["std_error"] is row["ci_low"] is row["ci_high"] is None
    held = {one["cell"].get("place"): one["status"] for one in results.comparison_rows()}
    assert held["c"] == "undefined"
    results.to_json()


def test_no_standard_error_is_told(plugins: Plugins) -> None:
    row = rows_by_place(run(mean, plugins, data={"q": [5], "place": ["a"]}))["a"]
    assert row["value"] == 5.0
    assert row["std_error"] is row["ci_low"] is None
    assert row["message"] == "fewer than 3 answers; too few answers for a standard error"


def test_an_estimate_without_an_interval(plugins: Plugins) -> None:
    def evaluate(answers: Tallied) -> Iterator[Estimate]:
        yield evolve(answers.mean(), interval=None)

    row = rows_by_place(run(evaluate, plugins))["a"]
    assert row["method"] == ""
    assert row["ci_low"] is row["ci_high"] is None
    assert row["status"] == "ok"


@pytest.mark.parametrize("confidence", [0.5, 0.8, 0.95, 0.99])
def test_confidence(confidence: float, plugins: Plugins) -> None:
    from scipy import stats

    results = run(mean, plugins, confidence=confidence)
    row = rows_by_place(results)["a"]
    t = stats.ttest_1samp([10, 9, 3, 8], 0).confidence_interval(confidence)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((t.low, t.high), rel=1e-9)
    assert {one["confidence"] for one in results.rows()} == {confidence}
    assert {one["confidence"] for one in results.comparison_rows()} == {confidence}


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95.0, -0.5])
def test_no_such_confidence(confidence: float, plugins: Plugins) -> None:
    with pytest.raises(StudyError, match=r"not between 0 and 1; 95% is written 0.95"):
        run(mean, plugins, confidence=confidence)


def test_min_base_defaults_to_30(plugins: Plugins) -> None:
    data = {"q": [5, 6] * 44 + [7], "place": ["a"] * 30 + ["b"] * 29 + ["c"] * 30}
    results = satcore.run({"it": Does()}, data, segments=["place"], plugins=plugins)
    found = {place: row["status"] for place, row in rows_by_place(results).items()}
    assert found == {"total": "ok", "a": "ok", "b": "small", "c": "ok"}
    unmarked = satcore.run({"it": Does()}, data, segments=["place"], min_base=0, plugins=plugins)
    assert {row["status"] for row in unmarked.rows()} == {"ok"}


# Statistics of third parties


@frozen
class Extent(Statistic):
    """Number, sum, least and greatest of the valid answers, by way of the block's helpers."""

    item: Item

    def fields(self, *, weighted: bool) -> Mapping[str, Field]:
        return {
            "n": Field(shape=(self.item.size,)),
            "total": Field(),
            "weight": Field(dtype=np.float64),
            "least": Field(reduction="min"),
            "most": Field(reduction="max", dtype=np.float64),
        }

    def observe(self, block: Block) -> Mapping[str, Any]:
        codes = block.codes(self.item)
        valid = codes < self.item.levels
        value = np.where(valid, codes.astype(np.int64) + self.item.scale.low, 0)
        least, most = self.fields(weighted=False)["least"], self.fields(weighted=False)["most"]
        weight = np.ones(block.rows) if block.weight is None else block.weight
        return {
            "n": block.count(codes, self.item.size),
            "total": block.total(value),
            "weight": block.total(np.where(valid, weight, 0.0)),
            "least": block.least(np.where(valid, value, least.identity), least.identity),
            "most": block.most(
                np.where(valid, block.values(self.item), most.identity), most.identity
            ),
        }


@frozen(kw_only=True)
class Spread(Metric):
    """Least and greatest answer, and the mean."""

    item: str

    def statistics(self, codebook: Codebook) -> Mapping[str, Statistic]:
        return {"extent": Extent(codebook.item(self.item, "-2..2"))}

    def evaluate(self, extent: Counted) -> Iterator[Estimate]:
        base = extent["n"][:, :5].sum(axis=1)
        none = np.full(base.shape, np.nan)
        for term, value in (
            ("least", extent["least"]),
            ("most", extent["most"]),
            ("mean", extent["total"] / base),
            ("weight", extent["weight"]),
        ):
            yield Estimate(term=term, value=value, std_error=none, base=base)


def survey_of(frame: pl.DataFrame, cuts: list[int]) -> Survey:
    """A survey in fragments that are cut anywhere, empty ones among them."""
    starts = [0, *cuts, frame.height]
    return Survey(
        name="cut",
        columns=tuple(frame.columns),
        fragments=tuple(
            FrameFragment(id=f"part {number}", frame=frame.slice(start, end - start))
            for number, (start, end) in enumerate(pairwise(starts))
        ),
    )


@pytest.mark.parametrize("cuts", [[], [0, 0, 1, 2, 250, 250, 499]])
@pytest.mark.parametrize("weight", [None, "w"])
def test_a_statistic_of_ones_own(weight: str | None, cuts: list[int], plugins: Plugins) -> None:
    rng = np.random.default_rng(11)
    q = rng.integers(-2, 4, 500)
    frame = pl.DataFrame(
        {
            # 3 stands for no answer, everywhere in e.
            "q": q,
            "place": rng.choice(list("abcde"), 500),
            "year": rng.choice(["2024", "2025", "2026"], 500),
            "w": rng.random(500) + 0.1,
        }
    ).with_columns(pl.when(pl.col("place") == "e").then(3).otherwise("q").alias("q"))
    results = satcore.run(
        {"it": Spread(item="q")},
        survey_of(frame, cuts),
        segments=["place"],
        wave="year",
        by=["place", "place*year"],
        weight=weight,
        missing=[3],
        min_base=0,
        plugins=plugins,
        engine=LocalEngine(threads=3),
    )
    valid = frame.filter(pl.col("q") != 3)
    weights = pl.col("w") if weight else pl.lit(1.0)
    wanted: dict[tuple[str | None, str | None], tuple[Any, ...]] = {}
    for keys in ((), ("place",), ("place", "year")):
        grouped = valid.with_columns(pl.lit(0).alias("_")).group_by("_", *keys)
        for row in grouped.agg(
            pl.len().alias("n"),
            pl.col("q").min().alias("least"),
            pl.col("q").max().alias("most"),
            pl.col("q").mean().alias("mean"),
            weights.sum().alias("weight") if weight else pl.len().alias("weight"),
        ).iter_rows(named=True):
            wanted[row.get("place"), row.get("year")] = row
    seen = set()
    for row in results.rows():
        cell = (row["cell"].get("place"), row["cell"].get("wave"))
        if cell[0] == "e":
            assert (row["status"], row["value"], row["base"]) == ("empty", None, 0)
            continue
        seen.add(cell)
        assert row["base"] == wanted[cell]["n"]
        assert row["value"] == pytest.approx(wanted[cell][row["term"]], rel=1e-12)
    assert seen == set(wanted)


def test_one_total_cell_has_the_same_helpers(plugins: Plugins) -> None:
    """Without segments there is no cell column; the helpers take another way."""
    results = satcore.run({"it": Spread(item="q")}, {"q": [1, -2, None, 0]}, plugins=plugins)
    found = {row["term"]: row["value"] for row in results.rows()}
    assert found == {"least": -2.0, "most": 1.0, "mean": -1 / 3, "weight": 3.0}
    nobody = satcore.run({"it": Spread(item="q")}, {"q": [None]}, plugins=plugins)
    assert {row["status"] for row in nobody.rows()} == {"empty"}


@frozen
class Uncountable(Statistic):
    """A statistic that fails while it counts."""

    item: Item
    error: type[BaseException]

    @property
    def key(self) -> str:
        return f"uncountable {self.error.__name__}"

    def fields(self, *, weighted: bool) -> Mapping[str, Field]:
        return {"n": Field()}

    def observe(self, block: Block) -> Mapping[str, Any]:
        raise self.error("no more fingers")


@frozen(kw_only=True)
class Lost(Metric):
    """A metric whose statistic can't be counted."""

    error: type[BaseException]

    def statistics(self, codebook: Codebook) -> Mapping[str, Statistic]:
        return {"counted": Uncountable(codebook.item("Q", "0..10"), self.error)}

    def evaluate(self, counted: Any) -> Iterator[Estimate]:
        raise AssertionError("nothing was counted")


@pytest.mark.parametrize("error", [ValueError, SystemExit])
def test_a_statistic_that_can_t_be_counted_fails_its_metric_alone(
    error: type[BaseException], plugins: Plugins
) -> None:
    data = {"Q": [10, 9, 3], "region": ["A", "B", "B"]}
    metrics = {"lost": Lost(error=error), "nps": NPS(item="Q")}
    results = satcore.run(metrics, data, segments=["region"], plugins=plugins)
    alone = satcore.run({"nps": NPS(item="Q")}, data, segments=["region"], plugins=plugins)
    assert results.rows("nps") == alone.rows("nps")
    assert [row["status"] for row in results.rows("lost")] == ["error"] * 3
    (failure,) = results.failures
    assert failure["metric"] == "lost"
    assert failure["cells"] == 3
    assert failure["message"] == (f"counting Uncountable failed: {error.__name__}: no more fingers")


def test_a_metric_that_leaves_the_program_is_contained(plugins: Plugins) -> None:
    def leaves(answers: Tallied) -> Iterator[Estimate]:
        raise SystemExit(0)

    results = run(leaves, plugins=plugins)
    assert {row["status"] for row in results.rows()} == {"error"}
    assert results.failures[0]["message"] == "SystemExit: 0"


@pytest.mark.parametrize(
    ("waves", "said"),
    [
        (["2024-01", "2024-1", "2024-02"], "'2024-01', '2024-1' are the same time"),
        (["2024-01", "2024-Q2"], "the waves are dates of several kinds (month, quarter)"),
    ],
)
def test_waves_that_are_dates_in_several_forms_are_told(waves: list[str], said: str) -> None:
    results = satcore.run(NPS(item="Q1"), {"Q1": [9] * len(waves), "m": waves}, wave="m")
    assert sum(said in note for note in results.notes) == 1


def test_waves_in_one_form_are_nothing_to_speak_of() -> None:
    results = satcore.run(NPS(item="Q1"), {"Q1": [9, 9], "m": ["2024-01", "2024-02"]}, wave="m")
    assert not results.notes
