"""What came in: counts and first places, merged exactly."""

from __future__ import annotations

from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from satcore.intake import (
    REMEMBERED,
    Intake,
    ItemIntake,
    Odd,
    Seen,
    invalid_problem,
    item_row,
    time_problem,
    weight_problem,
)

many = settings(derandomize=True, deadline=None, max_examples=100)

#: Odd texts with their rows, as a fragment meets them.
met = st.lists(st.sampled_from(["x", "99", "", "北京", "-1"]), max_size=8)


def odd_of(fragments: list[list[str]]) -> Odd:
    """What a scan of some fragments would meet."""
    odd = Odd()
    for number, texts in enumerate(fragments):
        piece = Odd()
        for row, text in enumerate(texts, 1):
            piece.add(text, 1, f"f{number}", row)
        odd.merge(piece)
    return odd


class TestOdd:
    def test_the_first_place_stays(self):
        odd = Odd()
        odd.add("x", 2, "a", 7)
        odd.add("y", 1, "a", 8)
        odd.add("x", 3, "b", 1)
        assert odd.seen == {"x": Seen(5, "a", 7), "y": Seen(1, "a", 8)}
        assert odd.count == 6
        assert odd.told() == "'x' (5), 'y' (1); first in row 7 of a"

    @many
    @given(st.lists(met, max_size=5), st.integers(0, 5))
    def test_merging_is_meeting_one_after_the_other(self, fragments, split):
        at_once = odd_of(fragments)
        plain: dict[str, list[tuple[str, int]]] = {}
        for number, texts in enumerate(fragments):
            for row, text in enumerate(texts, 1):
                plain.setdefault(text, []).append((f"f{number}", row))
        assert at_once.seen == {
            text: Seen(len(places), *places[0]) for text, places in plain.items()
        }
        assert list(at_once.seen) == list(plain)
        first = odd_of(fragments[:split])
        later = Odd()
        for number, texts in list(enumerate(fragments))[split:]:
            for row, text in enumerate(texts, 1):
                later.add(text, 1, f"f{number}", row)
        before = deepcopy(later)
        first.merge(later)
        assert first == at_once
        assert list(first.seen) == list(at_once.seen)
        assert later == before

    def test_no_more_than_a_hundred_are_remembered(self):
        odd = Odd()
        for number in range(REMEMBERED + 50):
            odd.add(f"id {number}", 2, "f", number + 1)
        assert len(odd.seen) == REMEMBERED
        assert odd.others == 100
        odd.add("id 0", 1, "f", 999)
        odd.add(f"id {REMEMBERED}", 1, "f", 999)
        assert odd.seen["id 0"] == Seen(3, "f", 1)
        assert odd.others == 101
        assert odd.count == 2 * (REMEMBERED + 50) + 2

    @many
    @given(st.lists(st.integers(0, 2 * REMEMBERED), max_size=4), st.integers(0, 3))
    def test_merging_keeps_the_bound_and_every_count(self, sizes, shared):
        odd = Odd()
        for number, size in enumerate(sizes):
            piece = Odd()
            for row in range(size):
                text = f"{row}" if number <= shared else f"{number} {row}"
                piece.add(text, 1, f"f{number}", row + 1)
            odd.merge(piece)
        assert odd.count == sum(sizes)
        assert len(odd.seen) <= REMEMBERED
        assert odd.others == 0 or len(odd.seen) == REMEMBERED

    def test_counts_come_by_size_then_text(self):
        odd = Odd()
        for text, count in (("b", 1), ("a", 1), ("c", 5)):
            odd.add(text, count, "f", 1)
        assert list(odd.counts().items()) == [("c", 5), ("a", 1), ("b", 1)]
        odd.others = 9
        assert list(odd.counts().items())[-1] == ("…", 9)

    def test_long_lists_are_cut(self):
        odd = Odd()
        for number in range(8):
            odd.add(str(number), 8 - number, "f.csv", number + 3)
        assert odd.told(2) == "'0' (8), '1' (7), 6 more values; first in row 3 of f.csv"
        assert odd.told(8) == (
            "'0' (8), '1' (7), '2' (6), '3' (5), '4' (4), '5' (3), '6' (2), '7' (1); first in row "
            "3 of f.csv"
        )

    def test_nothing_odd(self):
        assert Odd().count == 0
        assert Odd().counts() == {}


class TestIntake:
    def test_merging(self):
        first = Intake(
            read=5,
            dropped=[1, 0],
            items={"a": ItemIntake(2, {"NA": 1}, Odd({"x": Seen(1, "f", 2)}))},
        )
        later = Intake(
            read=4,
            dropped=[0, 2],
            items={
                "a": ItemIntake(answered=1, missing={"NA": 2, "not answered": 1}),
                "b": ItemIntake(answered=3),
            },
            weights=Odd({"-1": Seen(1, "g", 1)}),
            times=Odd({"x": Seen(2, "g", 3)}, others=1),
        )
        before = deepcopy(later)
        first.merge(later)
        assert (first.read, first.dropped, first.kept) == (9, [1, 2], 6)
        assert first.items == {
            "a": ItemIntake(3, {"NA": 3, "not answered": 1}, Odd({"x": Seen(1, "f", 2)})),
            "b": ItemIntake(answered=3),
        }
        assert first.weights.count == 1
        assert first.times.count == 3
        # What is merged in is not changed, and not tied to the result either.
        first.merge(later)
        assert later == before

    def test_nobodys_intake_changes_nothing(self):
        one = Intake(read=3, dropped=[1], items={"a": ItemIntake(answered=2)})
        for first, later in ((Intake(), one), (Intake(dropped=[0]), one), (one, Intake())):
            both = deepcopy(first)
            both.merge(deepcopy(later))
            assert both == one

    def test_rules_of_different_plans_are_not_added(self):
        with pytest.raises(ValueError, match="zip"):
            Intake(dropped=[1]).merge(Intake(dropped=[1, 2]))

    def test_a_row_of_an_item(self):
        intake = ItemIntake(
            answered=7,
            missing={"NA": 1, "not answered": 3, "99": 1},
            invalid=Odd({"x": Seen(1, "f", 2), "11": Seen(4, "f", 9)}, others=2),
        )
        row = item_row("Q1", "Recommend?", "0..10", intake)
        assert row == {
            "item": "Q1",
            "label": "Recommend?",
            "scale": "0..10",
            "answered": 7,
            "missing": 5,
            "missing_by": {"not answered": 3, "99": 1, "NA": 1},
            "invalid": 7,
            "invalid_by": {"11": 4, "x": 1, "…": 2},
        }
        assert list(row["missing_by"]) == ["not answered", "99", "NA"]
        assert list(row["invalid_by"]) == ["11", "x", "…"]

    def test_a_row_of_an_item_that_nobody_saw(self):
        row = item_row("Q1", None, "0..10", ItemIntake())
        assert (row["answered"], row["missing"], row["invalid"]) == (0, 0, 0)
        assert (row["missing_by"], row["invalid_by"]) == ({}, {})


class TestProblems:
    odd = Odd({"12": Seen(3, "a.csv", 5), "x": Seen(1, "a.csv", 2)})

    def test_each_names_the_column_how_many_and_the_first_row(self):
        for problem in (
            weight_problem("w", "answers", self.odd),
            time_problem("w", None, "answers", self.odd),
            time_problem("w", "%d.%m.%Y", "answers", self.odd),
            invalid_problem("w", "0..10", "answers", self.odd),
        ):
            assert problem.place == "answers: column w"
            assert problem.message.startswith("4 ")
            assert "'12' (3), 'x' (1); first in row 5 of a.csv" in problem.message

    def test_each_says_what_would_be_right(self):
        assert "A weight is 0 or more" in weight_problem("w", "", self.odd).message
        assert 'format = "%d.%m.%Y"' in time_problem("w", None, "", self.odd).message
        assert "'%d/%m/%Y'" in time_problem("w", "%d/%m/%Y", "", self.odd).message
        message = invalid_problem("Q1", "0..10", "", self.odd).message
        assert "outside the scale 0..10" in message
        assert "[items.Q1] missing = [...]" in message
        assert 'invalid = "missing" in [study]' in message

    def test_one_is_one(self):
        one = Odd({"12": Seen(1, "a.csv", 5)})
        assert weight_problem("w", "", one).message.startswith("1 weight is ")
        assert time_problem("w", None, "", one).message.startswith("1 time is ")
        assert invalid_problem("w", "0..10", "", one).message.startswith("1 answer is ")
