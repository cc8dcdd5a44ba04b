"""The columns that options name, by patterns, lists and labels."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satcore import OptionError, Text, columns_of, label_of, numbered_columns


@pytest.mark.parametrize(
    ("said", "columns"),
    [
        ("P{8..11}", ("P8", "P9", "P10", "P11")),
        ("sq{09..11}_E", ("sq09_E", "sq10_E", "sq11_E")),
        ("P{ 1 .. 2 }", ("P1", "P2")),
        ("P{3..3}", ("P3",)),
        ("Q5_{price, staff}", ("Q5_price", "Q5_staff")),
        ("{a,b}", ("a", "b")),
        ("Q1", ("Q1",)),
        (("a", "b"), ("a", "b")),
        ({"a": Text.of("A"), "b": Text.of("B")}, ("a", "b")),
    ],
)
def test_columns(said: Any, columns: tuple[str, ...]) -> None:
    assert columns_of("items", said) == columns


@pytest.mark.parametrize(
    ("said", "more", "told"),
    [
        ("{a}{1..3}", {}, "has 2 parts in braces"),
        ("P{1..3", {}, "has 0 parts in braces"),
        ("P1..3}", {}, "has 0 parts in braces"),
        ("P{3..1}", {}, "runs downwards"),
        ("P{a,,b}", {}, "an empty name between its commas"),
        ("P{}", {}, "an empty name between its commas"),
        (("a", "b", "a"), {}, "'a' stands there twice"),
        ("P{x,x}", {}, "'Px' stands there twice"),
        ("", {}, "no column is named"),
        ((), {}, "no column is named"),
        ("Q1", {"least": 2}, "at least 2 columns are wanted, and there is only 'Q1'"),
        (("a", "overall"), {"reserved": ("overall",)}, "'overall' is the name of several"),
    ],
)
def test_mistakes(said: Any, more: dict[str, Any], told: str) -> None:
    with pytest.raises(OptionError, match="items") as caught:
        columns_of("items", said, **more)
    assert told in str(caught.value)


def test_numbers() -> None:
    assert numbered_columns("items", "P{07..08}") == {7: "P07", 8: "P08"}
    assert numbered_columns("items", "P{a,b}") == {1: "Pa", 2: "Pb"}
    assert numbered_columns("items", ("x", "y")) == {1: "x", 2: "y"}
    with pytest.raises(OptionError, match="twice"):
        numbered_columns("items", ("x", "x"))


def test_labels() -> None:
    labels = {"a": Text.of({"en": "A", "zh": "甲"})}
    assert label_of(labels, "a", "zh") == "甲"
    assert label_of(labels, "b", "zh") == label_of("a", "a", "zh") == ""


@given(st.integers(0, 999), st.integers(0, 60), st.integers(1, 4))
def test_a_range_is_its_list(first: int, more: int, width: int) -> None:
    low, high = f"{first:0{width}}", f"{first + more:0{width}}"
    numbered = numbered_columns("items", f"P{{{low}..{high}}}")
    assert list(numbered) == list(range(first, first + more + 1))
    if len(low) == len(high):
        assert all(len(name) == len(low) + 1 for name in numbered.values())
    assert columns_of("items", tuple(numbered.values())) == tuple(numbered.values())
