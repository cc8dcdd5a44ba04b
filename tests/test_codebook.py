"""Scales, items and the codes of answers."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from satcore import Codebook, Item, OptionError, Scale, Text, as_text
from satcore.codebook import MAX_LEVELS, BrokenItemError, Declaration

many = settings(derandomize=True, deadline=None, max_examples=200)

WORDED = Scale(
    low=1, high=5, codes=(("Very good", 5), ("Excellent", 5), ("很差", 1), ("4", 2)), labels=()
)


class TestText:
    def test_one_text_serves_every_language(self):
        text = Text.of("Region")
        assert [text.said(), text.said("zh"), str(text)] == ["Region"] * 3

    def test_languages(self):
        text = Text.of({"en": "Region", "zh": "地区"})
        assert [text.said(), text.said("zh"), text.said("fr")] == ["Region", "地区", "Region"]
        assert Text.of(text) is text

    def test_another_language_than_english(self):
        assert Text.of({"zh": "地区"}).said("en") == "地区"
        assert Text.of({}).said() == ""


class TestAsText:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (None, None),
            ("", ""),
            (" 9 ", " 9 "),
            ("9.0", "9.0"),
            (True, "true"),
            (np.bool_(False), "false"),
            (9, "9"),
            (np.int8(-3), "-3"),
            (np.uint64(2**64 - 1), "18446744073709551615"),
            (9.0, "9"),
            (-0.0, "0"),
            (9.5, "9.5"),
            (np.float64(9.0), "9"),
            (np.float32(0.5), "0.5"),
            (1e22, "10000000000000000000000"),
            (math.nan, None),
            (np.float32("nan"), None),
            (math.inf, "inf"),
            (-math.inf, "-inf"),
            (Decimal("1.50"), "1.50"),
        ],
    )
    def test_values(self, value, text):
        assert as_text(value) == text

    @many
    @given(st.integers(-(2**53), 2**53))
    def test_a_number_has_one_text_whatever_its_type(self, number):
        assert as_text(number) == as_text(float(number)) == as_text(np.int64(number))
        assert as_text(str(number)) == as_text(number)

    @many
    @given(st.floats(allow_nan=False))
    def test_the_text_of_a_float_is_that_float(self, number):
        assert float(as_text(number) or "") == number


class TestScale:
    @pytest.mark.parametrize(
        ("text", "low", "high"),
        [("0..10", 0, 10), ("1..7", 1, 7), ("-3..3", -3, 3), (" 1 .. 5 ", 1, 5), ("5..5", 5, 5)],
    )
    def test_ranges(self, text, low, high):
        scale = Scale.parse(text)
        assert (scale.low, scale.high, scale.levels) == (low, high, high - low + 1)
        assert Scale.parse(str(scale)) == scale

    @pytest.mark.parametrize(
        "text",
        ["", "x", "1-7", "1...7", "1..", "..7", "1..7..9", "1.5..3", "1..1e3", "1, 7", "a..b"],
    )
    def test_what_is_no_range(self, text):
        with pytest.raises(ValueError, match="is no scale; write a range"):
            Scale.parse(text)

    def test_downwards(self):
        with pytest.raises(ValueError, match=r"runs from low to high: 7\.\.1 does not"):
            Scale.parse("7..1")

    def test_too_wide(self):
        assert Scale(low=1, high=MAX_LEVELS).levels == MAX_LEVELS
        with pytest.raises(ValueError, match="more than 65000 values: no scale of answers"):
            Scale(low=0, high=MAX_LEVELS)

    def test_wordings(self):
        scale = Scale.of_codes({"Bad": 1, "Poor": 1, "Good": 5})
        assert str(scale) == "1..5"
        with pytest.raises(ValueError, match="codes is empty"):
            Scale.of_codes({})
        with pytest.raises(ValueError, match=r"the code 9 of 'Great' is outside 1\.\.5"):
            evolve(scale, codes=(("Great", 9),))


class TestItem:
    item = Item(name="Q1", scale=Scale.parse("0..10"), missing=("99", "7", "NA", "k. A."))

    @pytest.mark.parametrize("text", ["9", " 9 ", "9.0", "9.", "9.000", "+9", "09", "\t9\n"])
    def test_a_number_in_many_forms(self, text):
        assert self.item.code_of(text) == 9

    @pytest.mark.parametrize(
        "text",
        ["9.5", "9,0", "9.0.0", "1e1", "0x1", "9 9", "11", "-1", "x", "ten", "true", "na", "9-"],
    )
    def test_what_is_no_answer(self, text):
        assert self.item.code_of(text) == self.item.invalid_code

    @pytest.mark.parametrize(
        "text", [None, "", "  ", "99", "99.0", " 99 ", "NA", "k. A.", "7", "7.0", "07"]
    )
    def test_missing_wins_over_the_scale(self, text):
        assert self.item.code_of(text) == self.item.missing_code

    def test_a_number_without_end_is_no_answer(self):
        """Python refuses to read a number of so many digits."""
        for text in ("1" * 5000, "-" + "9" * 400, str(2**64), "1" * 5000 + ".0"):
            assert self.item.code_of(text) == self.item.invalid_code

    def test_why_an_answer_is_missing(self):
        reasons = [self.item.missing_reason(text) for text in (None, "", " ", "NA", " 99 ")]
        assert reasons == ["not answered"] * 3 + ["NA", "99"]

    def test_codes_of_the_ends(self):
        item = Item(name="Q1", scale=Scale.parse("-3..3"))
        codes = [item.code_of(text) for text in ("-3", "-3.0", "0", "-0", "3", "4", "-4", None)]
        assert codes == [0, 0, 3, 3, 6, 8, 8, 7]
        assert (item.levels, item.missing_code, item.invalid_code, item.size) == (7, 7, 8, 9)

    def test_wordings_and_numbers_side_by_side(self):
        item = Item(name="Q1", scale=WORDED)
        answers = ["Very good", "Excellent", "很差", "5", "5.0", "1", "very good", "Good"]
        assert [item.code_of(text) for text in answers] == [4, 4, 0, 4, 4, 0, 6, 6]

    def test_a_wording_wins_over_the_number_it_looks_like(self):
        assert Item(name="Q1", scale=WORDED).code_of("4") == 1

    def test_a_wording_may_be_declared_missing(self):
        item = Item(name="Q1", scale=WORDED, missing=("Excellent",))
        assert item.code_of("Excellent") == item.missing_code
        assert item.code_of("Very good") == 4

    @many
    @given(st.one_of(st.none(), st.text(max_size=6), st.integers().map(str), st.floats().map(str)))
    def test_every_text_has_a_code(self, text):
        for item in (self.item, Item(name="Q1", scale=WORDED)):
            assert 0 <= item.code_of(text) < item.size

    @many
    @given(st.integers(-1000, 1000), st.integers(-20, 20), st.integers(0, 40))
    def test_a_number_is_answered_if_and_only_if_the_scale_has_it(self, number, low, levels):
        item = Item(name="Q1", scale=Scale(low=low, high=low + levels))
        inside = low <= number <= low + levels
        assert item.code_of(str(number)) == (number - low if inside else item.invalid_code)


class TestKey:
    def test_labels_are_no_part_of_an_items_identity(self):
        item = Item(name="Q1", scale=WORDED, missing=("9",))
        told = evolve(
            item,
            label=Text.of("How was it?"),
            scale=evolve(WORDED, labels=((1, Text.of("bad")),)),
        )
        assert told.key == item.key
        assert evolve(item, label=Text.of("How was it?")) == item

    def test_the_order_of_declarations_is_none_either(self):
        item = Item(name="Q1", scale=WORDED, missing=("9", "8"))
        turned = evolve(
            item, missing=("8", "9"), scale=evolve(WORDED, codes=tuple(reversed(WORDED.codes)))
        )
        assert turned.key == item.key

    def test_everything_that_decides_a_code_is(self):
        item = Item(name="Q1", scale=WORDED, missing=("9",))
        others = [
            evolve(item, name="Q2"),
            evolve(item, missing=()),
            evolve(item, missing=("9", "8")),
            evolve(item, scale=evolve(WORDED, low=0)),
            evolve(item, scale=evolve(WORDED, high=6)),
            evolve(item, scale=evolve(WORDED, codes=())),
            evolve(item, scale=evolve(WORDED, codes=(("Very good", 4),))),
            evolve(item, name="Q1'[1..5]{}"),
        ]
        assert len({item.key, *(other.key for other in others)}) == 1 + len(others)


class TestCodebook:
    codebook = Codebook(
        declared={
            "Q1": Declaration(
                scale=Scale.parse("0..10"),
                missing=("99",),
                label=Text.of("Recommend?"),
                place="study.toml: [items.Q1]",
            ),
            "Q2": Declaration(label=Text.of("Satisfied?")),
            "Q3": Declaration(broken=True, place="study.toml: [items.Q3]"),
        },
        scales={"like5": WORDED},
        missing=("NA", "99"),
    )

    def test_the_studys_word_wins(self):
        item = self.codebook.item("Q1", "0..10")
        assert item.missing == ("NA", "99")
        assert str(item.label) == "Recommend?"
        assert self.codebook.item("Q1") == item

    def test_what_a_metric_expects_serves_an_item_without_a_scale(self):
        assert self.codebook.item("Q2", "1..7").scale == Scale.parse("1..7")
        assert self.codebook.item("Q2", "like5").scale == WORDED
        assert self.codebook.item("Q2", WORDED).scale is WORDED
        assert self.codebook.item("unknown", "1..7").missing == ("NA", "99")

    def test_no_scale_at_all(self):
        with pytest.raises(OptionError) as raised:
            self.codebook.item("Q2")
        assert raised.value.option == "item"
        assert raised.value.message == ("'Q2' has no scale; declare one: [items.Q2] scale = '1..5'")

    def test_another_range_than_the_studys(self):
        with pytest.raises(OptionError) as raised:
            self.codebook.item("Q1", "1..5")
        assert raised.value.message == (
            "'Q1' is 0..10 in study.toml: [items.Q1], but 1..5 is asked for"
        )

    def test_a_name_that_is_no_scale(self):
        with pytest.raises(OptionError) as raised:
            self.codebook.scale("like6")
        assert "'like6' is no scale" in raised.value.message
        assert "declared scales: like5; did you mean 'like5'?" in raised.value.message

    def test_a_broken_declaration_is_told_once(self):
        with pytest.raises(BrokenItemError):
            self.codebook.item("Q3", "1..5")
