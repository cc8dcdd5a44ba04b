"""Waves in time: where each stands, and which come next."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from satcore import Waves
from satcore.periods import period_label
from satcore.waves import in_order, named_period, years_of

some = settings(derandomize=True, deadline=None, max_examples=60)


class TestTimes:
    @pytest.mark.parametrize(
        ("labels", "apart", "unit", "period"),
        [
            (["2024-01", "2024-02", "2024-04"], [1 / 12, 2 / 12], "year", "month"),
            (["2023-Q4", "2024Q1", "2024 Q3"], [0.25, 0.5], "year", "quarter"),
            (["2023", "2024", "2026"], [1.0, 2.0], "year", "year"),
            (["2024-W01", "2024-W02"], [7 / 365.2425], "year", "week"),
            (["2024-02-28", "2024-03-01"], [2 / 365.2425], "year", "day"),
            (["2024/2/28", "2024/3/1"], [2 / 365.2425], "year", "day"),
            (["1", "2", "5"], [1.0, 3.0], "wave", ""),
            (["before", "after"], [1.0], "wave", ""),
        ],
    )
    def test_waves_stand_as_far_apart_as_their_labels_say(self, labels, apart, unit, period):
        waves = Waves.of(labels)
        assert waves.labels == tuple(labels)
        assert np.allclose(np.diff(waves.times), apart, rtol=0, atol=1e-9)
        assert (waves.unit, waves.period) == (unit, period)

    def test_dates_are_put_in_the_order_of_time_and_other_names_keep_theirs(self):
        assert Waves.of(["2024-10", "2024-09"]).labels == ("2024-09", "2024-10")
        assert Waves.of(["10", "9"]).labels == ("9", "10")
        named = Waves.of(["pre", "mid", "end"])
        assert named.labels == ("pre", "mid", "end")
        assert not named.dated

    def test_dates_of_several_kinds_are_names(self):
        assert Waves.of(["2024-01", "2024-Q2"]).unit == "wave"
        assert Waves.of(["2024-01", "later"]).unit == "wave"

    @pytest.mark.parametrize("text", ["2024-13", "2024-02-30", "2024-Q5", "24-01", "", "W01"])
    def test_what_is_no_date_is_none(self, text):
        assert named_period(text) is None

    def test_equal_times_are_named(self):
        assert Waves.of(["2024-1", "2024-01", "2024-02"]).equal() == (("2024-1", "2024-01"),)
        assert Waves.of(["2024-01", "2024-02"]).equal() == ()

    def test_dated_waves_begin_on_a_day(self):
        assert Waves.of(["2024Q2", "2024-Q3"]).dates == (dt.date(2024, 4, 1), dt.date(2024, 7, 1))
        assert Waves.of(["1", "2"]).dates == ()

    def test_an_absent_wave_has_no_place(self):
        waves, places = in_order(["2024-02", "2024-01", None])
        assert waves.labels == ("2024-01", "2024-02")
        assert places == [1, 0]

    @some
    @given(st.dates(dt.date(1900, 1, 1), dt.date(2200, 1, 1)), st.integers(1, 3000))
    def test_a_later_period_stands_later(self, date, days):
        later = date + dt.timedelta(days=days)
        for period in ("day", "week", "month", "quarter", "year"):
            first, second = period_label(date, period), period_label(later, period)
            assert (years_of(second, period) > years_of(first, period)) == (first != second)


class TestDates:
    def test_a_date_stands_among_waves(self):
        waves = Waves.of(["2024-01", "2024-02"])
        assert waves.time("2024-02") == waves.times[1]
        assert waves.time("2024-Q1") == waves.times[0]
        assert waves.time("2024-01-01") == pytest.approx(2024.0, abs=0.003)
        assert Waves.of(["1", "2"]).time("1.5") == 1.5
        assert Waves.of(["pre", "post"]).time("post") == 2.0

    @pytest.mark.parametrize(
        ("labels", "text", "said"),
        [
            (["2024-01", "2024-02"], "spring", "a date such as 2026-03"),
            (["pre", "post"], "3", "the waves are pre, post"),
            (["1", "2"], "x", "is not a wave"),
        ],
    )
    def test_what_is_no_wave_is_told(self, labels, text, said):
        with pytest.raises(ValueError, match=said):
            Waves.of(labels).time(text)


class TestWhatComesNext:
    @pytest.mark.parametrize(
        ("labels", "after"),
        [
            (["2024-11", "2024-12"], ("2025-01", "2025-02")),
            (["2024-01", "2024-07", "2025-01"], ("2025-07", "2026-01")),
            (["2024-01", "2024-02", "2024-04"], ("2024-05", "2024-06")),
            (["2024-Q3", "2024-Q4"], ("2025-Q1", "2025-Q2")),
            (["2020-W52", "2020-W53"], ("2021-W01", "2021-W02")),
            (["2020", "2022"], ("2024", "2026")),
            (["2024-02-28", "2024-02-29"], ("2024-03-01", "2024-03-02")),
            (["1", "2"], ("3", "4")),
            (["pre", "post"], ("+1", "+2")),
            (["2024-05"], ("2024-06", "2024-07")),
        ],
    )
    def test_waves_go_on_as_they_stood(self, labels, after):
        waves = Waves.of(labels)
        later = waves.after(2)
        assert later.labels == after
        assert (np.diff([waves.times[-1], *later.times]) > 0).all()

    def test_no_wave_has_no_next(self):
        assert len(Waves.of([]).after(3)) == 0
        assert Waves.of([]).span == "no wave"
        assert len(Waves.of(["1"]).after(0)) == 0

    @some
    @given(st.dates(dt.date(1950, 1, 1), dt.date(2100, 1, 1)), st.integers(1, 30))
    def test_next_periods_follow_each_other(self, date, count):
        for period in ("day", "week", "month", "quarter", "year"):
            waves = Waves.of([period_label(date, period)])
            names = [*waves.labels, *waves.after(count).labels]
            assert len(set(names)) == count + 1
            assert Waves.of(names).labels == tuple(names)
