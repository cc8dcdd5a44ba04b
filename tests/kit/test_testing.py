"""The conformance kit: what keeps the laws passes, what breaks one is caught by its name."""

from __future__ import annotations

import sys
import unittest
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import EntryPoint
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from attrs import evolve, frozen

import satcore
import satcore_nps
from satcore import (
    Block,
    Codebook,
    Estimate,
    Field,
    Interval,
    Item,
    Metric,
    Scale,
    Statistic,
    Tally,
)
from satcore.engines import LocalEngine
from satcore.planning import Plan
from satcore.plugins import Plugins
from satcore.scanning import Bundle, Progress
from satcore.testing import (
    Check,
    engine_checks,
    metric_checks,
    plugin_checks,
    report_checks,
    run_checks,
    statistic_checks,
    survey_checks,
)
from satcore.testing.metrics import COUNTING
from satcore.testing.searching import Case, search

ITEM = Item(name="Q1", scale=Scale(low=0, high=10))


@frozen(kw_only=True)
class TopBox(Metric):
    """Share of answers in the top box."""

    item: str
    top: tuple[int, ...] = (9, 10)

    def statistics(self, codebook: Codebook) -> Mapping[str, Any]:
        return {"answers": Tally(codebook.item(self.item, "0..10"))}

    def evaluate(self, answers: Any) -> Iterator[Estimate]:
        yield answers.share(self.top, term="top_box")


def failing(checks: Sequence[Check]) -> dict[str, str]:
    """What failed, by the check's name."""
    told = [check.told() for check in checks]
    return {one.check: one.message for one in told if one.kind == "failed"}


def named(checks: Sequence[Check], *names: str) -> list[Check]:
    found = [check for check in checks if check.name in names]
    assert len(found) == len(names)
    return found


def one(checks: Sequence[Check], name: str) -> Check:
    return named(checks, name)[0]


def evaluated(metric: Metric) -> list[Check]:
    """The checks of evaluating. Those of counting are of the tally, which TopBox holds."""
    counting = {name for name, _, _ in COUNTING}
    return [check for check in metric_checks(metric, coverage=None) if check.name not in counting]


@pytest.mark.parametrize("check", metric_checks(TopBox(item="Q1")), ids=str)
def test_a_sound_metric(check: Check) -> None:
    check()


@pytest.mark.parametrize("check", statistic_checks(Tally(ITEM)), ids=str)
def test_a_sound_statistic(check: Check) -> None:
    check()


# --------------------------------------------------------------------------- wrong statistics


@frozen
class Wrong(Statistic):
    """A statistic that is wrong in some way."""

    item: Item

    def fields(self, *, weighted: bool) -> Mapping[str, Field]:
        return {"n": Field()}


class MeanOfMeans(Wrong):
    """The mean of each block, summed."""

    def fields(self, *, weighted: bool) -> Mapping[str, Field]:
        return {"mean": Field(dtype=np.float64), "blocks": Field()}

    def observe(self, block: Block) -> Mapping[str, Any]:
        rows, sums = block.rows_by_cell(), block.total(block.codes(self.item))
        means = np.where(rows > 0, sums / np.maximum(rows, 1), 0.0)
        return {"mean": means, "blocks": (rows > 0).astype(np.int64)}


class FirstRowWins(Wrong):
    """The first answer of each cell."""

    def fields(self, *, weighted: bool) -> Mapping[str, Field]:
        return {"first": Field(reduction="max")}

    def observe(self, block: Block) -> Mapping[str, Any]:
        first = Field(reduction="max").empty(block.cells)
        if block.rows:
            for cell, rows in block.rows_of_cells():
                first[cell] = block.codes(self.item)[rows[0]]
        return {"first": first}


class Changes(Wrong):
    """How often an answer differs from the one before it."""

    def observe(self, block: Block) -> Mapping[str, Any]:
        codes = block.codes(self.item).astype(np.int64)
        changed = np.zeros(block.rows, dtype=np.int64)
        changed[1:] = codes[1:] != codes[:-1]
        return {"n": block.total(changed)}


class Mutating(Wrong):
    """Sets answers to 0 once they are counted."""

    def observe(self, block: Block) -> Mapping[str, Any]:
        codes = block.codes(self.item)
        counted = block.total(codes)
        codes[:] = 0
        return {"n": counted}


class Median(Wrong):
    """The median of each block; the greatest of them."""

    def fields(self, *, weighted: bool) -> Mapping[str, Field]:
        return {"median": Field(reduction="max", dtype=np.float64)}

    def observe(self, block: Block) -> Mapping[str, Any]:
        median = np.full(block.cells, -np.inf)
        if block.rows:
            for cell, rows in block.rows_of_cells():
                median[cell] = np.median(block.codes(self.item)[rows])
        return {"median": median}


class AllInEach(Wrong):
    """All responses, in every cell that has one."""

    def observe(self, block: Block) -> Mapping[str, Any]:
        return {"n": np.where(block.rows_by_cell() > 0, block.rows, 0)}


class NotTheIdentity(Wrong):
    """The least answer; 99 where there is none."""

    def fields(self, *, weighted: bool) -> Mapping[str, Field]:
        return {"least": Field(reduction="min")}

    def observe(self, block: Block) -> Mapping[str, Any]:
        return {"least": block.least(block.codes(self.item), 99)}


class Remembering(Wrong):
    """Counts what it has seen before, too."""

    seen = count()

    def observe(self, block: Block) -> Mapping[str, Any]:
        return {"n": block.rows_by_cell() + next(self.seen)}


class OtherBytes(Wrong):
    """Numbers in the byte order of another machine."""

    def fields(self, *, weighted: bool) -> Mapping[str, Field]:
        return {"n": Field(dtype=">i8" if sys.byteorder == "little" else "<i8")}

    def observe(self, block: Block) -> Mapping[str, Any]:
        kind = self.fields(weighted=False)["n"].dtype
        return {"n": block.rows_by_cell().astype(kind)}


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (MeanOfMeans, {"cuts", "roll_up"}),
        (FirstRowWins, {"cuts", "row_order", "roll_up"}),
        (Changes, {"cuts", "row_order"}),
        (Mutating, {"inputs_untouched", "counted_twice"}),
        (Median, {"cuts", "roll_up"}),
        (AllInEach, {"cuts", "roll_up"}),
    ],
)
def test_a_wrong_statistic(kind: type[Wrong], names: set[str]) -> None:
    assert set(failing(statistic_checks(kind(ITEM)))) == names


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (NotTheIdentity, "merge_identity"),
        (Remembering, "counted_twice"),
        (OtherBytes, "save_and_load"),
    ],
)
def test_a_wrong_statistic_is_named(kind: type[Wrong], name: str) -> None:
    check = one(statistic_checks(kind(ITEM)), name)
    assert check.told().kind == "failed"


def test_a_statistic_without_a_docstring_that_can_be_changed() -> None:
    import attrs

    @attrs.define
    class Loose(Statistic):
        item: Item
        fields = Wrong.fields
        observe = Changes.observe

    found = named(statistic_checks(Loose(ITEM)), "docstring", "frozen")
    assert set(failing(found)) == {"docstring", "frozen"}


# --------------------------------------------------------------------------- wrong metrics


class Pooled(TopBox):
    """Shares drawn towards those of the other cells."""

    def evaluate(self, answers: Any) -> Iterator[Estimate]:
        share = answers.share(self.top, term="top_box")
        known = share.value[np.isfinite(share.value)]
        value = 0.9 * share.value + 0.1 * (known.mean() if known.size else 0.0)
        yield evolve(share, value=value, interval=None, comparison=None)


class OneCell(TopBox):
    """The first cell's share, in all of them."""

    def evaluate(self, answers: Any) -> Iterator[Estimate]:
        share = answers.share(self.top, term="top_box")
        value = np.full(share.value.shape, share.value[0])
        yield evolve(share, value=value, interval=None, comparison=None)


class Unweighted(TopBox):
    """Shares that know of no weights."""

    def evaluate(self, answers: Any) -> Iterator[Estimate]:
        yield evolve(answers, w=None, w2=None).share(self.top, term="top_box")


@frozen(eq=False)
class Fixed(Interval):
    """The same bounds at every level."""

    interval: Interval
    method: str = "fixed"

    def bounds(self, confidence: float) -> Any:
        return self.interval.bounds(0.95)


class Deaf(TopBox):
    """An interval that ignores confidence."""

    def evaluate(self, answers: Any) -> Iterator[Estimate]:
        share = answers.share(self.top, term="top_box")
        yield evolve(share, interval=Fixed(share.interval))


@frozen(eq=False)
class Narrowing(Interval):
    """Narrower bounds the more is asked."""

    interval: Interval
    method: str = "narrowing"

    def bounds(self, confidence: float) -> Any:
        return self.interval.bounds(1 - confidence)


class Shy(TopBox):
    """An interval that narrows."""

    def evaluate(self, answers: Any) -> Iterator[Estimate]:
        share = answers.share(self.top, term="top_box")
        yield evolve(share, interval=Narrowing(share.interval))


class Elsewhere(TopBox):
    """The interval of another number."""

    def evaluate(self, answers: Any) -> Iterator[Estimate]:
        share = answers.share(self.top, term="top_box")
        yield evolve(share, value=1.0 - share.value)


@frozen(kw_only=True)
class BareNaN(TopBox):
    """An error that is none once there are many answers."""

    error: float = np.inf

    def evaluate(self, answers: Any) -> Iterator[Estimate]:
        share = answers.share(self.top, term="top_box")
        std_error = np.where(share.base > 100, self.error, share.std_error)
        yield evolve(share, std_error=std_error, interval=None)


class Meddling(TopBox):
    """Sorts the counts that it was given."""

    def evaluate(self, answers: Any) -> Iterator[Estimate]:
        yield answers.share(self.top, term="top_box")
        answers.counts.sort(axis=1)


class Counter(TopBox):
    """Adds how often it was asked."""

    asked = count()

    def evaluate(self, answers: Any) -> Iterator[Estimate]:
        share = answers.share(self.top, term="top_box")
        yield evolve(share, value=share.value + 1e-3 * next(self.asked), interval=None)


class Moody(TopBox):
    """Another term where few have answered."""

    def evaluate(self, answers: Any) -> Iterator[Estimate]:
        yield answers.share(self.top, term="top_box" if answers.base[0] > 40 else "few")


class Impatient(TopBox):
    """Can't stand a cell without answers."""

    def evaluate(self, answers: Any) -> Iterator[Estimate]:
        if (answers.base == 0).any():
            raise ZeroDivisionError("nobody answered")
        yield answers.share(self.top, term="top_box")


class Heavier(TopBox):
    """The error grows with the weights' unit."""

    def evaluate(self, answers: Any) -> Iterator[Estimate]:
        share = answers.share(self.top, term="top_box")
        yield evolve(share, std_error=share.std_error * share.weighted_base, interval=None)


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (Pooled, {"cells_alone"}),
        (OneCell, {"cells_alone"}),
        (Unweighted, {"integer_weights"}),
        (Deaf, {"interval_levels"}),
        (Shy, {"interval_centre", "interval_levels"}),
        (Elsewhere, {"interval_centre"}),
        (BareNaN, {"nan_status"}),
        (Meddling, {"inputs_untouched"}),
        (Counter, {"cells_alone", "evaluated_twice", "integer_weights", "weights_scale"}),
        (Heavier, {"weights_scale"}),
    ],
)
def test_a_wrong_metric(kind: type[TopBox], names: set[str]) -> None:
    assert set(failing(evaluated(kind(item="Q1")))) == names


@pytest.mark.parametrize(("kind", "name"), [(Moody, "terms"), (Impatient, "edge_cells")])
def test_a_wrong_metric_is_named(kind: type[TopBox], name: str) -> None:
    assert one(evaluated(kind(item="Q1")), name).told().kind == "failed"


def test_an_error_that_is_missing_where_many_answered() -> None:
    found = failing(evaluated(BareNaN(item="Q1", error=np.nan)))
    assert set(found) == {"nan_status"}
    assert "no standard error, though" in found["nan_status"]


def test_a_metric_that_writes_to_what_it_is_given() -> None:
    class Writing(TopBox):
        """Writes to the table."""

        def evaluate(self, answers: Any) -> Iterator[Estimate]:
            answers.n[:] = 1
            yield answers.share(self.top, term="top_box")

    found = failing(named(evaluated(Writing(item="Q1")), "inputs_untouched", "evaluates"))
    assert set(found) == {"inputs_untouched", "evaluates"}
    assert "read-only" in found["inputs_untouched"]


def test_an_interval_that_is_too_sure() -> None:
    @frozen(eq=False)
    class Sure(Interval):
        interval: Interval
        method: str = "sure"

        def bounds(self, confidence: float) -> Any:
            return self.interval.bounds(0.7 * confidence)

    class TooSure(TopBox):
        """An interval at 66% that says 95%."""

        def evaluate(self, answers: Any) -> Iterator[Estimate]:
            share = answers.share(self.top, term="top_box")
            yield evolve(share, interval=Sure(share.interval))

    check = one(metric_checks(TooSure(item="Q1")), "coverage")
    assert "of 400 do (6" in check.told().message


def test_a_long_coverage_reports() -> None:
    told = one(metric_checks(TopBox(item="Q1"), coverage="long"), "coverage").told()
    assert told.kind == "passed"
    assert told.message.startswith("coverage of 1 estimates from 9")


def test_options_that_do_not_come_back() -> None:
    class Listed(TopBox):
        """Top boxes as a list."""

    found = failing(
        named(
            metric_checks(Listed(item="Q1", top=[9, 10])),  # type: ignore[arg-type]
            "options_round_trip",
        )
    )
    assert "top = [9, 10]" in found["options_round_trip"]
    assert "from TOML: top = (9, 10)" in found["options_round_trip"]


def test_options_that_a_study_has_already() -> None:
    @frozen(kw_only=True)
    class By(TopBox):
        """It has an option that a study takes for itself."""

        by: str = ""

    assert set(failing(named(metric_checks(By(item="Q1")), "option_names"))) == {"option_names"}


# --------------------------------------------------------------------------- what is told


def test_a_failure_says_which_law_by_the_smallest_example() -> None:
    message = failing(named(statistic_checks(MeanOfMeans(ITEM)), "cuts"))["cuts"]
    lines = message.splitlines()
    assert lines[0] == (
        "MeanOfMeans breaks the law `cuts`: Counting pieces and merging equals counting them "
        "together, however they are cut."
    )
    assert lines[1] == "smallest example found:"
    assert lines[2].split() == ["segment", "wave", "Q1"]
    # Two answers in one cell are the least that show it.
    assert lines[5].strip().startswith("cut into pieces of ")
    assert lines[6].startswith("expected: all together: MeanOfMeans(Q1), ")
    assert lines[7].startswith("came:     pieces merged: ")
    assert len(lines) == 8


def test_it_tells_the_same_every_time() -> None:
    first, second = (failing(named(statistic_checks(Median(ITEM)), "cuts")) for _ in range(2))
    assert first == second
    assert first


def test_a_law_that_is_broken_now_and_then() -> None:
    calls = count()

    def hold(case: Case) -> None:
        if next(calls) == 3:
            raise AssertionError("not one of the kit's own")

    with pytest.raises(AssertionError, match="not one of the kit's own"):
        search(hold, population=5)


def test_what_does_not_apply_is_told_and_skipped() -> None:
    class Bare(TopBox):
        """Without an interval."""

        def evaluate(self, answers: Any) -> Iterator[Estimate]:
            yield evolve(answers.share(self.top, term="top_box"), interval=None)

    checks = metric_checks(Bare(item="Q1"))
    check = one(checks, "interval_levels")
    assert check.told().message == "not applicable: none of its estimates has an interval"
    with pytest.raises(unittest.SkipTest, match="not applicable"):
        check()
    lines: list[str] = []
    outcome = run_checks(named(checks, "interval_levels", "docstring"), lines.append)
    assert lines == [
        "interval_levels: not applicable: none of its estimates has an interval",
        "2 checks: 1 passed, 0 failed, 0 failed as expected, 1 not applicable",
    ]
    assert outcome.status == 0


def test_weights_that_a_metric_refuses() -> None:
    metric = satcore_nps.NPS(item="Q1", interval="score")
    told = one(metric_checks(metric), "integer_weights").told()
    assert told.kind == "not_applicable"
    assert "it refuses weights: " in told.message
    assert "score" in told.message


# --------------------------------------------------------------------------- expected failures


def test_an_expected_failure() -> None:
    reason = "it is drawn towards the others, as its authors want"
    checks = metric_checks(Pooled(item="Q1"), expected_failures={"cells_alone": reason})
    check = one(checks, "cells_alone")
    assert (check.told().kind, check.told().message) == ("expected", reason)
    with pytest.raises(pytest.xfail.Exception, match="as its authors want"):
        check()


def test_one_that_passes_is_an_error() -> None:
    checks = metric_checks(TopBox(item="Q1"), expected_failures={"terms": "they change"})
    with pytest.raises(AssertionError, match="take it out of expected_failures"):
        one(checks, "terms")()
    assert run_checks(named(checks, "terms"), lambda line: None).status == 1


def test_one_that_does_not_apply_is_an_error() -> None:
    metric = satcore_nps.NPS(item="Q1", interval="score")
    checks = metric_checks(metric, expected_failures={"integer_weights": "it has none"})
    assert "it does not apply" in failing(named(checks, "integer_weights"))["integer_weights"]


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"there is no check 'cut'; did you mean 'cuts'"):
        metric_checks(TopBox(item="Q1"), expected_failures={"cut": "why"})
    with pytest.raises(ValueError, match="say why 'cuts'"):
        metric_checks(TopBox(item="Q1"), expected_failures={"cuts": " "})


def test_an_expected_failure_of_one_term() -> None:
    class Half(TopBox):
        """One sound share, and one drawn towards the others."""

        def evaluate(self, answers: Any) -> Iterator[Estimate]:
            yield answers.share((10,), term="sound")
            yield from Pooled.evaluate(self, answers)  # type: ignore[arg-type]

    expected = {"cells_alone[top_box]": "it is drawn towards the others"}
    checks = metric_checks(Half(item="Q1"), expected_failures=expected)
    assert one(checks, "cells_alone").told().kind == "passed"
    assert one(checks, "cells_alone[top_box]").told().kind == "expected"
    checks = metric_checks(Half(item="Q1"), expected_failures={"cells_alone[sound]": "why"})
    assert set(failing(named(checks, "cells_alone", "cells_alone[sound]"))) == {
        "cells_alone",
        "cells_alone[sound]",
    }


def test_without_pytest(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line needs hypothesis alone."""
    monkeypatch.setitem(sys.modules, "pytest", None)
    checks = metric_checks(Pooled(item="Q1"), expected_failures={"cells_alone": "known"})
    lines: list[str] = []
    outcome = run_checks(named(checks, "cells_alone", "terms"), lines.append)
    assert outcome.status == 0
    assert lines == [
        "failed as expected cells_alone: known",
        "2 checks: 1 passed, 0 failed, 1 failed as expected, 0 not applicable",
    ]


def test_no_check_is_no_success() -> None:
    lines: list[str] = []
    assert run_checks([], lines.append).status == 1
    assert lines == ["no check ran: nothing is known"]


# --------------------------------------------------------------------------- given answers

GIVEN = {"Q1": [10, 9, 3, None, 10, 8], "segment": ["A", "A", "B", "B", "B", "C"]}


@pytest.mark.parametrize(
    ("reference", "kind"),
    [
        ({"top_box": 0.6}, "passed"),
        ({("Q1", "top_box"): (0.61, 0.02)}, "passed"),
        ({"top_box": 0.61}, "failed"),
        ({"top_boxes": 0.6}, "failed"),
        ([{"term": "top_box", "cell": {"segment": "A"}, "value": 1.0, "base": 2}], "passed"),
        ([{"term": "top_box", "cell": {"segment": "B"}, "value": 1 / 3}], "failed"),
        # Wilson's interval of 3 of 5, by statsmodels' proportion_confint.
        (
            [
                {
                    "term": "top_box",
                    "ci_low": 0.230724281276,
                    "ci_high": 0.882379225767,
                    "tolerance": 1e-9,
                }
            ],
            "passed",
        ),
    ],
)
def test_reference(reference: Any, kind: str) -> None:
    checks = metric_checks(TopBox(item="Q1"), survey=GIVEN, reference=reference)
    assert one(checks, "reference").told().kind == kind


def test_a_reference_of_no_survey() -> None:
    with pytest.raises(ValueError, match="name the survey"):
        metric_checks(TopBox(item="Q1"), reference={"top_box": 1.0})
    with pytest.raises(ValueError, match="a row has a term and a value"):
        metric_checks(TopBox(item="Q1"), survey=GIVEN, reference=[{"term": "top_box"}])


def test_laws_on_given_answers() -> None:
    checks = metric_checks(TopBox(item="Q1"), survey=pl.DataFrame(GIVEN), coverage=None)
    assert not failing(named(checks, "cuts", "cells_alone", "nan_status", "integer_weights"))


# --------------------------------------------------------------------------- plugins

HEAVY = '''
"""A plugin that loads too much."""
import {heavy}
import satcore
from satcore.statistics import Tally


@satcore.hookimpl
def satcore_metrics():
    return []
'''


def plugin(folder: Path, name: str, text: str, monkeypatch: pytest.MonkeyPatch) -> Plugins:
    (folder / f"{name}.py").write_text(text, "utf-8")
    monkeypatch.syspath_prepend(str(folder))
    return Plugins((EntryPoint(name, name, "satcore"),))


def test_statsmodels_at_module_level(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = HEAVY.format(heavy="statsmodels")
    plugins = plugin(tmp_path, "heavy_plugin", text, monkeypatch)
    found = failing(plugin_checks("heavy_plugin", plugins=plugins))
    assert set(found) == {"loads", "light_import", "public_names"}
    assert "it loads statsmodels" in found["light_import"]
    assert "imports from satcore.statistics" in found["public_names"]


def test_a_sound_plugin() -> None:
    points = [EntryPoint(name, f"satcore_{name}", "satcore") for name in ("nps", "html")]
    checks = plugin_checks("nps", plugins=Plugins(tuple(points)))
    assert {"loads", "names", "typed", "api"} <= {check.name for check in checks}
    own = [check for check in checks if "." not in check.name]
    assert not failing(own)


def test_a_plugin_by_its_module() -> None:
    checks = plugin_checks(satcore_nps, plugins=Plugins(()))
    assert one(checks, "loads").told().kind == "passed"


def test_no_such_plugin() -> None:
    points = (EntryPoint("nps", "satcore_nps", "satcore"),)
    with pytest.raises(satcore.PluginError, match="did you mean 'nps'"):
        plugin_checks("npss", plugins=Plugins(points))


def test_two_plugins_of_one_name() -> None:
    points = tuple(EntryPoint(name, "satcore_nps", "satcore") for name in ("nps", "other"))
    found = failing(named(plugin_checks("nps", plugins=Plugins(points)), "names"))
    assert "of the plugin 'other' too" in found["names"]


# --------------------------------------------------------------------------- engines


def test_the_local_engine() -> None:
    assert not failing(engine_checks(LocalEngine(threads=2)))


class Twice:
    """Counts its first fragment twice."""

    def scan(self, plan: Plan, progress: Progress | None = None) -> Bundle:
        first = plan.survey.fragments[:1]
        again = [evolve(fragment, id="again") for fragment in first]  # type: ignore[type-var]
        survey = evolve(plan.survey, fragments=(*plan.survey.fragments, *again))
        return LocalEngine(threads=1).scan(evolve(plan, survey=survey), progress)


class Halting:
    """Wraps errors, and leaves the last fragment out."""

    def scan(self, plan: Plan, progress: Progress | None = None) -> Bundle:
        survey = evolve(plan.survey, fragments=plan.survey.fragments[:-1])
        try:
            return LocalEngine(threads=1).scan(evolve(plan, survey=survey), progress)
        except Exception as error:
            raise RuntimeError("a worker died") from error


def test_wrong_engines() -> None:
    assert "rows_once" in failing(engine_checks(Twice()))
    found = failing(engine_checks(Halting()))
    assert {"same_states", "rows_once", "unreadable", "progress", "intake"} <= set(found)
    assert "nobody" not in found


# --------------------------------------------------------------------------- reports


def page(results: satcore.Results, language: str) -> str:
    import html

    texts = [*(str(row) for row in results.rows()), *(str(row) for row in results.failures)]
    return f"<!doctype html><html lang={language}><p>{html.escape(' '.join(texts))}</p></html>"


def sound(results: satcore.Results, language: str) -> bytes:
    if language not in ("en", "zh"):
        raise satcore.OutputError(f"it does not speak {language}")
    return page(results, language).encode()


TIMES = count()


def test_a_sound_report() -> None:
    spec = satcore.ReportSpec("plain", (".html",), sound, languages=("en", "zh"))
    assert not failing(report_checks(spec))


@pytest.mark.parametrize(
    ("render", "names"),
    [
        (
            lambda results, language: str(results.rows()).encode() + sound(results, language),
            {"escaped"},
        ),
        (
            lambda results, language: sound(results, language)
            + b"<link rel=stylesheet href=https://example.org/a.css>",
            {"no_addresses"},
        ),
        (
            lambda results, language: sound(results, language) + str(next(TIMES)).encode(),
            {"same_bytes"},
        ),
        (lambda results, language: sound(results, "en"), {"languages", "unknown_language"}),
        (
            lambda results, language: sound(results, language)[: 1 // len(results.failures)]
            if results.failures
            else sound(results, language),
            {"failed_metrics", "escaped"},
        ),
    ],
)  # fmt: skip
def test_wrong_reports(render: Any, names: set[str]) -> None:
    spec = satcore.ReportSpec("plain", (".html",), render, languages=("en", "zh"))
    found = set(failing(report_checks(spec)))
    assert found - {"unknown_language"} == names - {"unknown_language"}


# --------------------------------------------------------------------------- readers


@frozen
class Lines:
    """A fragment of numbers, one a line."""

    id: str
    path: str
    rows: int | None = None
    shift: int = 0

    def read(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        lines = Path(self.path).read_bytes().split()
        try:
            values = [int(line) for line in lines]
        except ValueError:
            raise satcore.DataError.at(self.id, "a line is no number") from None
        yield pl.DataFrame({"Q1": values, "Q2": values}).select(columns)


def reading(source: satcore.Source, **changed: Any) -> satcore.Survey:
    for path in source.paths:
        if not Path(path).is_file():
            raise satcore.DataError.at(path, "there is no such file")
    parts = tuple(evolve(Lines(path, path), **changed) for path in source.paths)
    return satcore.Survey(name="lines", columns=("Q1", "Q2"), fragments=parts)


def test_readers(tmp_path: Path) -> None:
    path = tmp_path / "some.lines"
    path.write_text("1\n2\n3\n", "utf-8")
    spec = satcore.SurveySpec("lines", (".lines",), reading)
    assert not failing(survey_checks(spec, [path]))
    wrong = satcore.SurveySpec("lines", (".lines",), lambda source: reading(source, rows=4))
    assert set(failing(survey_checks(wrong, [path]))) == {"rows"}
    careless = satcore.SurveySpec(
        "lines", (".lines",), lambda source: Path(source.paths[0]).read_text()
    )
    assert "absent_file" in failing(named(survey_checks(careless, [path]), "absent_file"))
    other = satcore.SurveySpec("lines", (".LINES",), reading)
    assert "suffixes" in failing(survey_checks(other, [path]))
    with pytest.raises(ValueError, match="at least one file"):
        survey_checks(spec, [])
