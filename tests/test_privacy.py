"""Withheld cells can't be computed back; nobody's text and nobody's id is in any output."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from importlib.metadata import EntryPoint
from itertools import chain, combinations
from typing import Any

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp

import satcore
import satcore_html
from satcore import DataError, Results
from satcore.plugins import Plugins
from satcore.study import Study
from satcore.withholding import DIFFERING, Names, Shown, closed, withheld

DIMENSIONS = ("a", "b", "c")


def subsets(names: Sequence[str]) -> list[Names]:
    every = chain.from_iterable(combinations(names, size) for size in range(1, len(names) + 1))
    return list(every)


def totals(joint: NDArray[np.int64], names: Names) -> NDArray[np.int64]:
    lost = tuple(place for place, one in enumerate(DIMENSIONS[: joint.ndim]) if one not in names)
    return np.array(joint.sum(axis=lost))


@st.composite
def tables(draw: st.DrawFn, most: int = 9) -> tuple[NDArray[np.int64], list[Names]]:
    """Respondents by up to three dimensions, and the grouping sets that are shown."""
    shape = draw(st.lists(st.integers(2, 4), min_size=1, max_size=3))
    size = int(np.prod(shape))
    counts = draw(st.lists(st.integers(0, most), min_size=size, max_size=size))
    names = DIMENSIONS[: len(shape)]
    sets = draw(st.lists(st.sampled_from(subsets(names)), min_size=1, max_size=4, unique=True))
    return np.array(counts, dtype=np.int64).reshape(shape), sets


def ranges(
    joint: NDArray[np.int64],
    shown: Mapping[Names, NDArray[np.int64]],
    masks: Mapping[Names, NDArray[np.bool_]],
) -> Iterator[tuple[Names, tuple[int, ...], int, int]]:
    """The least and the greatest number of answers that each withheld cell may have.

    Found by integer programming over all tables of respondents that fit what is shown: the
    numbers of the shown cells, that empty cells are empty and that withheld ones are not.
    """
    numbers = np.arange(joint.size).reshape(joint.shape)
    rows, low, high, hidden = [], [], [], []
    for names, table in shown.items():
        lost = tuple(n for n, one in enumerate(DIMENSIONS[: joint.ndim]) if one not in names)
        kept = [n for n in range(joint.ndim) if n not in lost]
        grid = numbers.transpose(*kept, *lost).reshape(*table.shape, -1)
        for cell in np.ndindex(table.shape):
            row = np.zeros(joint.size)
            row[grid[cell]] = 1
            rows.append(row)
            unknown = bool(masks[names][cell])
            low.append(1 if unknown else int(table[cell]))
            high.append(np.inf if unknown else int(table[cell]))
            if unknown:
                hidden.append((names, cell, row))
    most = Bounds(0, 10 * int(joint.sum()) + 10)
    fits = LinearConstraint(np.array(rows), low, high)
    for names, cell, row in hidden:
        span = []
        for sign in (1, -1):
            whole = np.ones(joint.size, dtype=np.int64)
            found = milp(sign * row, constraints=fits, bounds=most, integrality=whole)
            assert found.success
            span.append(round(sign * float(found.fun or 0)))
        yield names, cell, span[0], span[1]


class TestTheRule:
    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(made=tables(), below=st.integers(2, 6), rests=st.booleans())
    def test_no_solver_finds_a_withheld_cell(
        self, made: tuple[NDArray[np.int64], list[Names]], below: int, rests: bool
    ) -> None:
        joint, sets = made
        counts = {names: totals(joint, names) for names in [(), *sets]}
        shown = closed(counts, DIMENSIONS if rests else ())
        masks = withheld(Shown(counts=shown), below)
        for names, table in shown.items():
            few = (table > 0) & (table < below)
            assert masks[names][few].all()
            assert not masks[names][table == 0].any()
        for names, cell, least, greatest in ranges(joint, shown, masks):
            assert least < greatest, f"{names} {cell} is {least}"

    def test_lines_with_two_withheld_cells_each_are_not_enough(self) -> None:
        """Two squares and one cell between them: every line has two, yet the one is found."""
        joint = np.full((4, 4), 20, dtype=np.int64)
        for square in (slice(0, 2), slice(2, 4)):
            joint[square, square] = 3
        joint[0, 2] = 4
        counts = {names: totals(joint, names) for names in [(), ("a",), ("b",), ("a", "b")]}
        few = {names: np.array(table < 5) for names, table in counts.items()}
        assert all(
            axis.min() >= 2 for axis in (few["a", "b"].sum(axis=0), few["a", "b"].sum(axis=1))
        )
        naive = {cell: span for _, cell, *span in ranges(joint, counts, few)}
        assert naive[0, 2] == [4, 4]
        masks = withheld(Shown(counts=counts), 5)
        wise = {cell: span for _, cell, *span in ranges(joint, counts, masks)}
        assert all(least < greatest for least, greatest in wise.values())

    def test_the_smallest_other_cell_protects_and_the_first_among_equals(self) -> None:
        table = np.array([40, 3, 12, 12, 90], dtype=np.int64)
        masks = withheld(Shown(counts={(): np.array(table.sum()), ("a",): table}), 5)
        assert masks["a",].tolist() == [False, True, True, False, False]
        assert not masks[()]

    def test_a_total_is_withheld_where_no_other_cell_is_left(self) -> None:
        """Three regions of one respondent each: three answers would tell it all."""
        table = np.array([1, 1, 1, 0], dtype=np.int64)
        masks = withheld(Shown(counts={(): np.array(3), ("a",): table}), 2)
        assert masks["a",].tolist() == [True, True, True, False]
        assert masks[()]

    def test_cells_that_agree_are_not_protected_by_their_like(self) -> None:
        """All of both said the same: their sum would tell what each said."""
        table = np.array([2, 10, 12, 30], dtype=np.int64)
        counts: dict[Names, NDArray[np.int64]] = {(): np.array(table.sum()), ("a",): table}
        assert withheld(Shown(counts=counts), 5)["a",].tolist() == [True, True, False, False]
        agreed: dict[Names, NDArray[np.int64]] = {}
        agreed["a",] = np.array([[1, 1, DIFFERING, DIFFERING]], dtype=np.int64)
        masks = withheld(Shown(counts=counts, agreed=agreed), 5)
        assert masks["a",].tolist() == [True, False, True, False]

    @pytest.mark.parametrize("below", [0, 1])
    def test_nothing_is_withheld_unless_it_is_asked_for(self, below: int) -> None:
        table = np.array([1, 2, 0], dtype=np.int64)
        assert not withheld(Shown(counts={("a",): table}), below)["a",].any()


# Runs

#: What a row says of its cell.
NUMBERS = ("value", "label", "std_error", "ci_low", "ci_high", "base", "weighted_base")

Row = Mapping[str, Any]


@st.composite
def surveys(draw: st.DrawFn) -> dict[str, list[Any]]:
    """Few answers to two questions, one of them answered by all, in a few regions and waves."""
    rows = draw(st.integers(12, 60))
    seed = np.random.default_rng(draw(st.integers(0, 2**16)))
    skewed = np.array([0.5, 0.3, 0.15, 0.05])
    given_to = seed.random(rows) < draw(st.sampled_from([1.0, 0.95, 0.6]))
    scores = seed.integers(0, 11, (2, rows)).tolist()
    return {
        "q": scores[0],
        "p": [one if there else None for one, there in zip(scores[1], given_to, strict=True)],
        "region": seed.choice(list("NESW"), rows, p=skewed).tolist(),
        "month": seed.choice(["2026-01", "2026-02", "2026-03"], rows).tolist(),
    }


def measured(data: Mapping[str, Any], plugins: Plugins, **study: Any) -> Results:
    table = {
        "study": {"suppress_below": 4, "by": ["region", "wave", "region*wave"], **study},
        "roles": {"segments": ["region"], "wave": "month"},
        "metrics": {
            "first": {"metric": "nps", "item": "q"},
            "again": {"metric": "nps", "item": "q", "by": ["region*wave"]},
            "second": {"metric": "nps", "item": "p"},
        },
        "standards": [{"metric": "first", "at_least": 0, "by": "region"}],
    }
    return satcore.run(Study.of(table), data, plugins=plugins)


def determined(known: list[tuple[dict[Any, int], Fraction]]) -> dict[Any, Fraction]:
    """What linear equations determine: Gauss and Jordan over the rationals."""
    solved: dict[Any, tuple[dict[Any, Fraction], Fraction]] = {}
    for equation, total in known:
        row: dict[Any, Fraction] = {name: Fraction(one) for name, one in equation.items()}
        right = total
        for name in [one for one in row if one in solved]:
            other, value = solved[name]
            factor = row.get(name, Fraction(0))
            right -= factor * value
            for one, part in other.items():
                row[one] = row.get(one, Fraction(0)) - factor * part
        row = {name: one for name, one in row.items() if one}
        if not row:
            assert right == 0
            continue
        pivot = next(iter(row))
        scale = row[pivot]
        row, right = {name: one / scale for name, one in row.items()}, right / scale
        for name, (other, value) in list(solved.items()):
            factor = other.get(pivot, Fraction(0))
            if factor:
                joined = {
                    one: other.get(one, Fraction(0)) - factor * row.get(one, Fraction(0))
                    for one in {*other, *row}
                }
                solved[name] = ({k: v for k, v in joined.items() if v}, value - factor * right)
        solved[pivot] = (row, right)
    return {name: value for name, (row, value) in solved.items() if set(row) == {name}}


#: The terms that count answers, and which ones.
CODES = {"promoters": range(9, 11), "passives": range(7, 9), "detractors": range(7)}


def equations(
    results: Results, data: Mapping[str, list[Any]], item: str, metrics: Sequence[str]
) -> Iterator[Any]:
    """What the rows of a question say of its cells: answers, and answers of each kind."""
    labels = {axis: set() for axis in ("region", "wave")}  # type: ignore[var-annotated]
    for row in results.rows():
        for axis, label in row["cell"].items():
            labels[axis].add(label)
    for row in results.rows():
        if row["metric"] not in metrics:
            continue
        inside = [
            (region, wave)
            for region in labels["region"]
            for wave in labels["wave"]
            if row["cell"].get("region", region) == region and row["cell"].get("wave", wave) == wave
        ]
        if row["status"] == "suppressed":
            continue
        base = row["base"]
        assert base is not None
        yield {(item, "base", *cell): 1 for cell in inside}, Fraction(base)
        if row["term"] in CODES and row["value"] is not None:
            whole = Fraction(round(row["value"] * base))
            assert row["value"] * base == pytest.approx(float(whole), abs=1e-9)
            yield {(item, row["term"], *cell): 1 for cell in inside}, whole
    for compared in results.comparison_rows():
        if compared["metric"] not in metrics or compared["kind"] != "rest":
            continue
        if compared["difference"] is None or compared["term"] not in CODES:
            continue
        # Who knows a cell and its rest knows the line of both: a total that no row may show.
        line = {k: v for k, v in compared["cell"].items() if k != compared["along"]}
        inside = [
            (region, wave)
            for region in labels["region"]
            for wave in labels["wave"]
            if line.get("region", region) == region and line.get("wave", wave) == wave
        ]
        told = [
            answer
            for answer, *cell in zip(data[item], data["region"], data["month"], strict=True)
            if tuple(cell) in inside and answer is not None
        ]
        yield {(item, "base", *cell): 1 for cell in inside}, Fraction(len(told))
        count = sum(answer in CODES[compared["term"]] for answer in told)
        yield {(item, compared["term"], *cell): 1 for cell in inside}, Fraction(count)


@pytest.fixture(scope="module")
def installed() -> Plugins:
    points = [EntryPoint(name, f"satcore_{name}", "satcore") for name in ("nps", "html", "trend")]
    return Plugins(tuple(points))


class TestRuns:
    @settings(max_examples=25, deadline=None, derandomize=True)
    @given(data=surveys())
    def test_no_equation_determines_what_is_withheld(
        self, data: dict[str, list[Any]], installed: Plugins
    ) -> None:
        results = measured(data, installed)
        for item, metrics in (("q", ["first", "again"]), ("p", ["second"])):
            found = determined(list(equations(results, data, item, metrics)))
            for row in results.rows():
                if row["metric"] not in metrics or set(row["cell"]) != {"region", "wave"}:
                    continue
                place = (row["cell"]["region"], row["cell"]["wave"])
                if row["status"] == "suppressed":
                    assert (item, "base", *place) not in found
                    assert (item, row["term"], *place) not in found

    @settings(max_examples=15, deadline=None, derandomize=True)
    @given(data=surveys())
    def test_what_is_withheld_is_withheld_everywhere(
        self, data: dict[str, list[Any]], installed: Plugins
    ) -> None:
        """By every metric and term of the same answers, by standards and by comparisons."""
        results = measured(data, installed, comparisons=["rest", "previous", "pairs"])
        hidden: dict[str, set[str]] = {}
        for row in results.rows():
            if row["status"] != "suppressed":
                continue
            hidden.setdefault(row["metric"], set()).add(str(row["cell"]))
            assert all(row[name] is None for name in NUMBERS)  # type: ignore[literal-required]
        for row in results.rows():
            if row["status"] not in ("suppressed", "empty"):
                assert str(row["cell"]) not in hidden.get(row["metric"], ())
        for told in results.standard_rows():
            if str(told["cell"]) in hidden.get("first", ()):
                assert told["status"] == "suppressed"
                assert told["base"] is told["value"] is told["bound"] is told["needed"] is None
        both = {"region", "wave"}
        for compared in results.comparison_rows():
            if compared["kind"] == "heterogeneity":
                continue  # It rests on the cells that are shown, and "cell" is what is fixed.
            touched = [compared["cell"]]
            if compared["against"] is not None:
                touched.append(compared["against"])
            if compared["kind"] == "rest":
                touched.append(
                    {k: v for k, v in compared["cell"].items() if k != compared["along"]}
                )
            if any(str(cell) in hidden.get(compared["metric"], ()) for cell in touched):
                assert compared["difference"] is compared["p"] is None
        cells = {str(row["cell"]) for row in results.rows("again") if set(row["cell"]) == both}
        assert hidden.get("again", set()) == hidden.get("first", set()) & {*cells, "{}"}

    @pytest.mark.parametrize("followed", [{"of": "nps"}, {"item": "q"}])
    @settings(max_examples=10, deadline=None, derandomize=True)
    @given(data=surveys())
    def test_waves_of_a_trend_give_nothing_away(
        self, data: dict[str, list[Any]], installed: Plugins, followed: dict[str, str]
    ) -> None:
        table = {
            "study": {"suppress_below": 4, "by": ["region"]},
            "roles": {"segments": ["region"], "wave": "month"},
            "metrics": {"nps": {"item": "q"}, "trend": followed},
        }
        results = satcore.run(Study.of(table), data, plugins=installed)
        months = sorted({*data["month"]})
        observed = [row for row in results.rows("trend") if row["term"] == "observed"]
        shown: list[tuple[str | None, str | None, int | None]] = [
            *((row["cell"].get("region"), None, row["base"]) for row in results.rows("nps", "nps")),
            *((row["cell"].get("region"), row["item"], row["base"]) for row in observed),
        ]
        assert {month for _, month, _ in shown} == {None, *months}
        known = [
            (
                {
                    (one, month): 1
                    for one in sorted({*data["region"]})
                    for month in months
                    if region in (None, one) and wave in (None, month)
                },
                Fraction(base),
            )
            for region, wave, base in shown
            if base is not None
        ]
        found = determined(known)
        for row in observed:
            if row["status"] == "suppressed" and row["cell"]:
                assert (row["cell"]["region"], row["item"]) not in found
                assert row["value"] is row["base"] is None

    def test_outputs_hold_no_hidden_number(self, installed: Plugins) -> None:
        # Of the three and the seven the shares are thirds and sevenths, which no other has.
        data = {
            "q": [10, 9, 0] + [10, 10, 9, 9, 9, 3, 7] + [10, 0, 8, 9] * 10 + [7, 3, 10, 9] * 16,
            "region": ["few"] * 3 + ["next"] * 7 + ["big"] * 40 + ["huge"] * 64,
        }
        study = Study.of(
            {
                "study": {"suppress_below": 5, "by": ["region"]},
                "roles": {"segments": ["region"]},
                "metrics": {"nps": {"item": "q"}},
                "standards": [{"metric": "nps", "at_least": 30, "by": "region"}],
            }
        )
        results = satcore.run(study, data, plugins=installed)
        shown = satcore.run(
            evolve(study, study=evolve(study.study, suppress_below=0)), data, plugins=installed
        )
        secret = {
            row["cell"].get("region"): row
            for row in shown.rows("nps", "nps")
            if row["cell"].get("region") in ("few", "next")
        }
        assert [round(row["value"] or 0, 3) for row in secret.values()] == [33.333, 57.143]
        outputs = {
            "json": results.to_json(),
            "csv": results.to_polars().write_csv(),
            "html": satcore_html.render(results).decode(),
            "zh": satcore_html.render(results, language="zh").decode(),
        }
        for name, text in outputs.items():
            assert "few" in text
            for value in ("33.3", "57.1", "-29.3", "42.86", "0.428"):
                assert value not in text, (name, value)
        for row in results.rows():
            if row["cell"].get("region") in ("few", "next"):
                assert all(row[one] is None for one in NUMBERS)  # type: ignore[literal-required]

    def test_responses_are_not_counted_where_the_total_is_withheld(
        self, installed: Plugins
    ) -> None:
        table = {"study": {"suppress_below": 5}, "metrics": {"nps": {"item": "q"}}}
        results = satcore.run(Study.of(table), {"q": [10, 9, 3]}, plugins=installed)
        assert (results.responses.read, results.responses.kept) == (None, None)
        [item] = results.items
        assert item["answered"] is item["missing"] is item["invalid"] is None
        assert satcore_html.render(results)
        results = satcore.run(Study.of(table), {"q": [10, 9, 3, *[None] * 20]}, plugins=installed)
        assert results.responses.kept == 23
        assert results.items[0]["answered"] is results.items[0]["missing"] is None


class TestTexts:
    SECRETS = ("Frau Meier war unfreundlich", "13800138000", "a@b.example", "R-00417", "王小明很好")

    def study(self, **more: Any) -> Study:
        return Study.of(
            {
                "study": {"invalid": "missing"},
                "roles": {"respondent": "id"},
                "metrics": {"nps": {"item": "q"}},
                **more,
            }
        )

    def test_no_text_of_a_respondent_is_in_any_output(self, installed: Plugins) -> None:
        texts = [*self.SECRETS, "99", "NA"]
        data = {
            "q": ["10"] * 20 + texts,
            "said": [f"secret opinion {n}" for n in range(27)],
            "id": [f"person-{n:03}" for n in range(27)],
        }
        results = satcore.run(self.study(), data, plugins=installed)
        assert results.items[0]["invalid_by"] == {"99": 1, "NA": 1, "…": 5}
        page = satcore_html.render(results).decode()
        for text in (results.to_json(), results.to_polars().write_csv(), page):
            for secret in (*self.SECRETS, "secret opinion", "person-0"):
                assert secret not in text

    def test_many_different_values_are_no_codes(self, installed: Plugins) -> None:
        """An id column taken for a question, say."""
        data = {"q": [*range(100, 140), 10, 9], "id": list(range(42))}
        results = satcore.run(self.study(), data, plugins=installed)
        assert results.items[0]["invalid_by"] == {"…": 40}
        assert "117" not in results.to_json()

    def test_errors_tell_codes_and_no_sentences(self, installed: Plugins) -> None:
        study = Study.of({"metrics": {"nps": {"item": "q"}}})
        with pytest.raises(DataError) as caught:
            satcore.run(study, {"q": ["10", "DK", "99", *self.SECRETS[:1]]}, plugins=installed)
        told = str(caught.value)
        assert "'DK' (1)" in told
        assert "'99' (1)" in told
        assert "a text of 27 characters (1)" in told
        assert "Meier" not in told
