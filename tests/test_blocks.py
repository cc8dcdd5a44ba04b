"""Raw columns become codes, labels, periods and weights."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from satcore import Block, DataError, Item, Scale
from satcore.blocks import (
    BLOCK_ROWS,
    NARROW,
    AxisEncoder,
    ItemEncoder,
    blocks_of,
    distinct,
    keep_mask,
    rows_of_block,
    texts_of,
    wave_dates,
    weights_of,
)
from satcore.intake import REMEMBERED, ItemIntake, Odd
from satcore.periods import period_label, period_of, period_start, periods_between
from satcore.planning import WAVE, Dimensions, Wave

some = settings(derandomize=True, deadline=None, max_examples=50)

PERIODS = ("day", "week", "month", "quarter", "year")


def rows_from(start: int, count: int) -> Any:
    return np.arange(start, start + count, dtype=np.int64)


# --------------------------------------------------------------------------- distinct values


def plain_text(value: object) -> str | None:
    """The text of a raw value, as simply as it can be said."""
    if value is None:
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return {True: "true", False: "false"}[value]
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return f"{value + 0.0:.0f}" if math.isfinite(value) and value % 1 == 0 else repr(value)
    if isinstance(value, Decimal):
        return plain_text(float(value))
    return str(value)


def integers(bits: int, *, signed: bool) -> st.SearchStrategy[int]:
    low = -(2 ** (bits - 1)) if signed else 0
    return st.one_of(
        st.integers(low, low + 2**bits - 1),
        st.integers(0, 10),
        st.sampled_from([low, low + 1, low + 2**bits - 1, low + 2**bits - 2]),
    )


FLOATS = st.one_of(
    st.floats(width=32),
    st.integers(-5, 5).map(float),
    st.sampled_from([math.nan, -0.0, 0.0, 1e22, 2.0**63, math.inf, -math.inf]),
)

COLUMNS = {
    **{
        f"{'i' if signed else 'u'}{bits}": (
            getattr(pl, f"{'Int' if signed else 'UInt'}{bits}"),
            integers(bits, signed=signed),
        )
        for bits in (8, 16, 32, 64)
        for signed in (True, False)
    },
    "i128": (pl.Int128, integers(128, signed=True)),
    "f32": (pl.Float32, FLOATS),
    "f64": (pl.Float64, st.one_of(FLOATS, st.floats())),
    "bool": (pl.Boolean, st.booleans()),
    "text": (pl.String, st.one_of(st.sampled_from(["", " ", "NA", "a", "1"]), st.text(max_size=3))),
    "categorical": (pl.Categorical, st.sampled_from(["", "NA", "b", "a", "北京"])),
    "enum": (pl.Enum(["z", "a", ""]), st.sampled_from(["z", "a", ""])),
    "date": (pl.Date, st.dates()),
    "datetime": (pl.Datetime("us"), st.datetimes()),
    "time": (pl.Time, st.times()),
    "decimal": (pl.Decimal(12, 2), st.decimals(-99, 99, places=2)),
    "null": (pl.Null, st.none()),
}


def as_rows(series: pl.Series) -> list[str | None]:
    found = distinct(series)
    assert len(found.places) == len(series)
    return [found.texts[place] for place in found.places.tolist()]


class TestDistinct:
    @pytest.mark.parametrize("name", COLUMNS)
    @some
    @given(data=st.data())
    def test_every_type_is_told_by_its_texts(self, name, data):
        dtype, values = COLUMNS[name]
        raw = data.draw(st.lists(st.one_of(values, st.none()), max_size=12))
        series = pl.Series("q", raw, dtype=dtype)
        found = distinct(series)
        assert as_rows(series) == [plain_text(value) for value in series.to_list()]
        counts, firsts = found.counts(), found.firsts()
        assert len(counts) == len(firsts) == len(found.texts)
        assert sum(counts) == len(series)
        for place in set(found.places.tolist()):
            rows = np.flatnonzero(found.places == place)
            assert (counts[place], firsts[place]) == (len(rows), rows[0])

    @pytest.mark.parametrize("dtype", [dtype for dtype, _ in COLUMNS.values()])
    def test_without_rows_and_without_values(self, dtype):
        assert as_rows(pl.Series("q", [], dtype=dtype)) == []
        assert as_rows(pl.Series("q", [None, None], dtype=dtype)) == [None, None]
        assert distinct(pl.Series("q", [None, None], dtype=dtype)).texts[-1] is None

    @pytest.mark.parametrize(
        ("values", "dtype"),
        [
            ([2**64 - 1, 2**64 - 7, None], pl.UInt64),
            ([2**64 - 1, 0], pl.UInt64),
            ([-(2**63), -(2**63) + 1], pl.Int64),
            ([2**63 - 1, 2**63 - 2], pl.Int64),
            ([-(2**63), 2**63 - 1, None], pl.Int64),
            ([-128, 127, None], pl.Int8),
            ([2**15 - 1, -(2**15)], pl.Int16),
            ([7, 7 + NARROW, None], pl.Int32),
            ([7, 8 + NARROW, None], pl.Int32),
            ([-(2**127), 2**127 - 1, None], pl.Int128),
        ],
    )
    def test_integers_at_the_ends_of_their_types(self, values, dtype):
        texts = [None if value is None else str(value) for value in values]
        assert as_rows(pl.Series(values, dtype=dtype)) == texts

    def test_whole_floats_lose_their_point(self):
        series = pl.Series([1.0, -0.0, 0.0, 9.5, math.nan, None, 1e16])
        assert as_rows(series) == ["1", "0", "0", "9.5", None, None, "10000000000000000"]

    def test_times_with_a_zone_keep_it(self):
        series = pl.Series([dt.datetime(2026, 1, 31, 23)]).dt.replace_time_zone("Asia/Shanghai")
        assert as_rows(series) == ["2026-01-31 23:00:00+08:00"]

    def test_a_narrow_column_is_small_and_a_wide_one_too(self):
        assert len(distinct(pl.Series([0, 10])).texts) < 20
        assert len(distinct(pl.Series([0, 2**60])).texts) == 3

    @pytest.mark.parametrize(
        ("values", "dtype"),
        [
            ([[1], None], pl.List(pl.Int64)),
            ([[1, 2]], pl.Array(pl.Int64, 2)),
            ([{"a": 1}], pl.Struct({"a": pl.Int64})),
            ([object()], pl.Object),
        ],
    )
    def test_lists_and_the_like_are_no_answers(self, values, dtype):
        with pytest.raises(DataError) as raised:
            distinct(pl.Series("Q1", values, dtype=dtype))
        assert str(raised.value) == (
            f"column Q1: it holds {dtype}; numbers, texts or dates are wanted"
        )

    def test_texts_of_a_column(self):
        series = pl.Series("q", [1.0, None, 2.5])
        found = texts_of(series)
        assert (found.name, found.to_list()) == ("q", ["1", None, "2.5"])
        assert texts_of(found) is found
        assert texts_of(pl.Series([], dtype=pl.Int64)).to_list() == []


# --------------------------------------------------------------------------- items

NPS = Item(name="Q1", scale=Scale.parse("0..10"), missing=("99",))


class TestItems:
    def test_codes_missing_and_invalid(self):
        intake = ItemIntake()
        series = pl.Series(["9", None, "99", " 9 ", "11", "", "x", "11"])
        codes = ItemEncoder(NPS).encode(series, intake, "f", rows_from(101, 8))
        assert codes.tolist() == [9, 11, 11, 9, 12, 11, 12, 12]
        assert codes.dtype == np.uint8
        assert intake.answered == 2
        assert intake.missing == {"not answered": 2, "99": 1}
        assert intake.invalid.counts() == {"11": 2, "x": 1}
        assert intake.invalid.told() == "'11' (2), 'x' (1); first in row 105 of f"

    def test_the_first_row_is_the_first_whatever_the_texts_order(self):
        intake = ItemIntake()
        ItemEncoder(NPS).encode(pl.Series([5, 99, 77, 12]), intake, "f", rows_from(1, 4))
        assert list(intake.invalid.seen) == ["77", "12"]
        assert intake.invalid.told().endswith("first in row 3 of f")

    def test_many_codes_need_two_bytes(self):
        wide = Item(name="Q1", scale=Scale.parse("0..254"))
        series = pl.Series([0, 254, None, 255])
        codes = ItemEncoder(wide).encode(series, ItemIntake(), "f", rows_from(1, 4))
        assert codes.dtype == np.uint16
        assert codes.tolist() == [0, 254, 255, 256]
        fits = Item(name="Q1", scale=Scale.parse("0..253"))
        codes = ItemEncoder(fits).encode(series, ItemIntake(), "f", rows_from(1, 4))
        assert codes.dtype == np.uint8
        assert codes.tolist() == [0, 255, 254, 255]

    def test_the_widest_scale_there_may_be(self):
        widest = Item(name="Q1", scale=Scale(low=-5, high=64994))
        series = pl.Series([-5, 64994, None, 64995])
        codes = ItemEncoder(widest).encode(series, ItemIntake(), "f", rows_from(1, 4))
        assert codes.tolist() == [0, 64999, 65000, 65001]

    def test_texts_that_are_no_answer_are_not_kept(self):
        """An id taken for an answer has no end of different texts."""
        encoder, intake = ItemEncoder(NPS), ItemIntake()
        for start in range(0, 4000, 1000):
            series = pl.Series([f"id {number}" for number in range(start, start + 1000)])
            encoder.encode(series, intake, "f", rows_from(start + 1, 1000))
        assert len(intake.invalid.seen) == REMEMBERED
        assert intake.invalid.count == 4000
        assert len(encoder._known) < 10


# --------------------------------------------------------------------------- labels


class TestLabels:
    def test_they_stand_in_order_and_their_numbers_follow(self):
        encoder = AxisEncoder("region", "region")
        odd = Odd()
        first = encoder.encode(pl.Series(["b", None, "10"]), odd, "f", rows_from(1, 3))
        assert encoder.axis.labels == ("10", "b", None)
        assert first.tolist() == [1, 2, 0]
        second = encoder.encode(pl.Series([9, 10, None]), odd, "f", rows_from(4, 3))
        assert encoder.axis.labels == ("9", "10", "b", None)
        assert second.tolist() == [0, 1, 3]
        assert odd.count == 0

    def test_declared_labels_come_first_and_are_there_unseen(self):
        encoder = AxisEncoder("region", "region", declared=("z", "NA"))
        numbers = encoder.encode(pl.Series(["NA", "a", ""]), Odd(), "f", rows_from(1, 3))
        assert encoder.axis.labels == ("z", "NA", "a", None)
        assert numbers.tolist() == [1, 2, 3]

    def test_na_is_a_label_and_an_empty_text_is_none(self):
        encoder = AxisEncoder("region", "region")
        encoder.encode(pl.Series(["NA", "null", "nan", "", None]), Odd(), "f", rows_from(1, 5))
        assert encoder.axis.labels == ("NA", "nan", "null", None)

    def test_cells_are_counted_in_numbers_wide_enough_to_multiply(self):
        encoder = AxisEncoder("region", "region")
        numbers = encoder.encode(pl.Series(["a", "b"]), Odd(), "f", rows_from(1, 2))
        block = Block(rows=2, cells=2, cell=numbers)
        assert block.cell.dtype == np.intp
        assert block.count(np.array([200, 255], dtype=np.uint8), 256)[1, 255] == 1

    @pytest.mark.parametrize("count", [299, 300])
    def test_too_many_labels(self, count):
        encoder = AxisEncoder("region", "Region", most=299)
        series = pl.Series(range(count))
        if count == 299:
            encoder.encode(series, Odd(), "f.csv", rows_from(1, count))
            assert len(encoder.axis.labels) == 299
            return
        with pytest.raises(DataError) as raised:
            encoder.encode(series, Odd(), "f.csv", rows_from(1, count))
        assert str(raised.value) == (
            "f.csv: column Region: more than 299 different values; is it an id? Take it out of "
            "the segments, or allow more with max_cells in [study]"
        )

    @some
    @given(st.lists(st.lists(st.sampled_from(["a", "10", "9", "1e1", None, ""]), max_size=5)))
    def test_a_number_is_its_labels_place_in_the_axis(self, batches):
        encoder = AxisEncoder("region", "region")
        for batch in batches:
            series = pl.Series(batch, dtype=pl.String)
            numbers = encoder.encode(series, Odd(), "f", rows_from(1, len(batch)))
            labels = encoder.axis.labels
            assert [labels[number] for number in numbers] == [text or None for text in batch]


# --------------------------------------------------------------------------- times


class TestPeriods:
    @pytest.mark.parametrize(
        ("date", "week"),
        [
            ((2018, 12, 31), "2019-W01"),
            ((2020, 12, 31), "2020-W53"),
            ((2021, 1, 3), "2020-W53"),
            ((2021, 1, 4), "2021-W01"),
            ((2022, 1, 1), "2021-W52"),
            ((2024, 12, 30), "2025-W01"),
            ((2026, 2, 1), "2026-W05"),
        ],
    )
    def test_iso_weeks_at_the_ends_of_years(self, date, week):
        assert period_label(dt.date(*date), "week") == week

    def test_labels(self):
        date = dt.date(2026, 1, 31)
        assert [period_label(date, period) for period in PERIODS] == [
            "2026-01-31",
            "2026-W05",
            "2026-01",
            "2026-Q1",
            "2026",
        ]
        assert [period_label(dt.date(2026, month, 1), "quarter") for month in range(1, 13)] == [
            f"2026-Q{quarter}" for quarter in (1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4)
        ]
        assert period_label(dt.date(33, 4, 3), "month") == "0033-04"

    @pytest.mark.parametrize("period", PERIODS)
    @some
    @given(date=st.dates())
    @example(date=dt.date.min)
    @example(date=dt.date.max)
    @example(date=dt.date(2024, 2, 29))
    def test_a_period_starts_where_its_label_begins(self, period, date):
        label = period_label(date, period)
        start = period_start(label, period)
        assert start <= date
        assert period_label(start, period) == label
        if start > dt.date.min:
            before = period_label(start - dt.timedelta(days=1), period)
            assert before < label  # texts sort as times do

    @pytest.mark.parametrize("period", PERIODS)
    @some
    @given(first=st.dates(), days=st.integers(0, 900))
    @example(first=dt.date(2019, 12, 25), days=800)
    @example(first=dt.date(9997, 12, 31), days=730)
    @example(first=dt.date.max, days=0)
    def test_every_period_between(self, period, first, days):
        days = min(days, (dt.date.max - first).days)
        dates = [first + dt.timedelta(days=day) for day in range(days + 1)]
        wanted = list(dict.fromkeys(period_label(date, period) for date in dates))
        assert list(periods_between(wanted[0], wanted[-1], period)) == wanted

    @pytest.mark.parametrize("period", PERIODS)
    def test_nothing_between_a_period_and_one_before(self, period):
        later, earlier = (period_label(dt.date(year, 6, 1), period) for year in (2026, 2025))
        assert list(periods_between(later, earlier, period)) == []


#: Texts of a day, and those that are none.
READ = {
    "2026-01-05": "2026-01-05",
    "2026/1/5 12:00": "2026-01-05",
    "2026-01-05T10:00:00Z": "2026-01-05",
    "2026-01-05T10:00:00+08:00": "2026-01-05",
    "2026-01-05 23:59:59.999": "2026-01-05",
    "20260105": "2026-01-05",
    "20260105T1000": "2026-01-05",
    "2026.1.5": "2026-01-05",
    "  2026-1-05 ": "2026-01-05",
    "2024-02-29": "2024-02-29",
    "9999-12-31": "9999-12-31",
    "": None,
    "   ": None,
    None: None,
}
REFUSED = [
    "5.1.2026",
    "05/01/2026",
    "2026-13-01",
    "2026-02-30",
    "2025-02-29",
    "2026-00-10",
    "0000-00-00",
    "2026-1/5",
    "2026-01",
    "2026",
    "202601",
    "2026-01-055",
    "2026-01-05x",
    "12026-01-05",
    "-2026-01-05",
    "x",
    "NA",
]


def waved(series: pl.Series, form: str | None = None, period: str = "day") -> tuple[Any, Odd]:
    """The wave of each row, the way a scan finds it, and what could not be read."""
    wave = Wave(column="when", period=period, form=form)
    encoder = Dimensions(wave=wave).encoder(WAVE)
    odd, rows = Odd(), rows_from(1, len(series))
    dates = wave_dates(series, form, odd, "f", rows)
    numbers = encoder.encode(dates, odd, "f", rows)
    return [encoder.axis.labels[number] for number in numbers], odd


class TestTimes:
    def test_texts_that_begin_with_a_day(self):
        labels, odd = waved(pl.Series(list(READ), dtype=pl.String))
        assert labels == list(READ.values())
        assert odd.count == 0

    @pytest.mark.parametrize("text", REFUSED)
    def test_texts_that_are_refused(self, text):
        labels, odd = waved(pl.Series(["2026-01-05", text, text]))
        assert labels[0] == "2026-01-05"
        assert odd.counts() == {text[:11]: 2}
        assert odd.told().endswith("first in row 2 of f")
        with pytest.raises(ValueError):  # noqa: PT011 - whatever its message
            period_of(text, "day")

    @pytest.mark.parametrize(
        "series",
        [
            pl.Series([dt.date(2026, 1, 5), None]),
            pl.Series([dt.datetime(2026, 1, 5, 23, 59), None]),
            pl.Series([dt.datetime(2026, 1, 5, 23, 59), None]).dt.cast_time_unit("ms"),
            pl.Series([dt.datetime(2026, 1, 5, 3), None], dtype=pl.Datetime("ns")),
            # The day is that of the place where it was written down.
            pl.Series([dt.datetime(2026, 1, 5, 23), None]).dt.replace_time_zone("America/Lima"),
            pl.Series([20260105, None]),
            pl.Series([20260105.0, math.nan]),
            pl.Series(["2026-01-05 10:00", None], dtype=pl.Categorical),
        ],
        ids=lambda series: str(series.dtype),
    )
    @pytest.mark.parametrize("period", PERIODS)
    def test_days_of_every_type(self, series, period):
        labels, odd = waved(series, period=period)
        assert labels == [period_label(dt.date(2026, 1, 5), period), None]
        assert odd.count == 0

    @pytest.mark.parametrize(
        ("form", "text"),
        [
            ("%d.%m.%Y", "5.1.2026"),
            ("%d.%m.%Y", " 05.01.2026 "),
            ("%m/%d/%y", "1/5/26"),
            ("%d.%m.%Y %H:%M", "5.1.2026 23:59"),
            ("%Y%d%m", "20260501"),
            ("%d %b %Y", "5 Jan 2026"),
            ("%Y年%m月%d日", "2026年1月5日"),
            ("%Y-%m-%dT%H:%M:%S%z", "2026-01-05T23:00:00-05:00"),
        ],
    )
    def test_a_named_form(self, form, text):
        labels, odd = waved(pl.Series([text, None, ""]), form)
        assert labels == ["2026-01-05", None, None]
        assert odd.count == 0

    def test_a_named_form_serves_numbers_and_categories_and_dates_as_well(self):
        assert waved(pl.Series([20260501]), "%Y%d%m")[0] == ["2026-01-05"]
        assert waved(pl.Series(["5.1.2026"], dtype=pl.Categorical), "%d.%m.%Y")[0] == ["2026-01-05"]
        assert waved(pl.Series([dt.date(2026, 1, 5)]), "%d.%m.%Y")[0] == ["2026-01-05"]

    @pytest.mark.parametrize(
        ("form", "text"),
        [
            ("%d.%m.%Y", "32.1.2026"),
            ("%d.%m.%Y", "x"),
            # Read as year-month-day it would be another day, or one nobody asked for.
            ("%Y-%d-%m", "2026-01-25"),
            ("%d.%m.%Y", "2026-01-31"),
            ("%d.%m.%Y %H:%M", "5.1.2026"),
            ("no form", "2026-01-05"),
        ],
    )
    def test_what_a_named_form_does_not_fit(self, form, text):
        labels, odd = waved(pl.Series(["", text, None, text]), form)
        assert labels == [None] * 4
        assert odd.counts() == {text: 2}
        assert odd.told() == f"{text!r} (2); first in row 2 of f"

    def test_no_times_at_all(self):
        for dtype in (pl.String, pl.Null, pl.Date, pl.Datetime, pl.Int64):
            assert waved(pl.Series([], dtype=dtype))[0] == []
            assert waved(pl.Series([None], dtype=dtype))[0] == [None]
            assert waved(pl.Series([None], dtype=dtype), "%d.%m.%Y")[0] == [None]

    def test_few_texts_are_left_of_many_times(self):
        times = [f"2026-01-05T{hour:02}:{minute:02}:00" for hour in range(24) for minute in (0, 30)]
        assert wave_dates(pl.Series(times), None, Odd(), "f", rows_from(1, 48)).n_unique() == 1


# --------------------------------------------------------------------------- weights


def weighed(series: pl.Series) -> tuple[list[float], dict[str, int]]:
    odd = Odd()
    weights = weights_of(series, odd, "f", rows_from(1, len(series)))
    assert weights.dtype == np.float64
    return weights.tolist(), odd.counts()


class TestWeights:
    def test_texts(self):
        series = pl.Series(["1.5", " 2 ", "1e-3", "0", "x", "", None, "-1", "inf", "nan", "1,5"])
        weights, odd = weighed(series)
        assert weights == [1.5, 2.0, 0.001, 0.0, 0, 0, 0, 0, 0, 0, 0]
        assert odd == dict.fromkeys(["x", "", "(empty)", "-1", "inf", "nan", "1,5"], 1)

    def test_numbers(self):
        series = pl.Series([1.5, 0.0, None, math.nan, math.inf, -math.inf, -0.5])
        weights, odd = weighed(series)
        assert weights == [1.5, 0.0, 0, 0, 0, 0, 0]
        assert odd == {"(empty)": 2, "inf": 1, "-inf": 1, "-0.5": 1}

    @pytest.mark.parametrize(
        ("series", "weights"),
        [
            (pl.Series([1, 200], dtype=pl.UInt8), [1.0, 200.0]),
            (pl.Series([0.1], dtype=pl.Float32), [float(np.float32(0.1))]),
            (pl.Series([Decimal("1.25")]), [1.25]),
            (pl.Series([2**64 - 1], dtype=pl.UInt64), [2.0**64]),
            (pl.Series(["1.5"], dtype=pl.Categorical), [1.5]),
            (pl.Series([], dtype=pl.Float64), []),
            (pl.Series([], dtype=pl.String), []),
        ],
    )
    def test_other_types(self, series, weights):
        assert weighed(series) == (weights, {})

    @pytest.mark.parametrize(
        ("series", "odd"),
        [
            (pl.Series([True, False]), {"false": 1, "true": 1}),
            (pl.Series([dt.date(2026, 1, 5)]), {"2026-01-05": 1}),
            (pl.Series([None, None]), {"(empty)": 2}),
            (pl.Series([-1, -1]), {"-1": 2}),
        ],
    )
    def test_what_is_no_weight(self, series, odd):
        assert weighed(series) == ([0.0] * len(series), odd)

    def test_the_first_place_is_told(self):
        odd = Odd()
        weights_of(pl.Series([1.0, -2.0, None, -2.0]), odd, "f", rows_from(11, 4))
        assert odd.told() == "'-2' (2), '(empty)' (1); first in row 12 of f"

    def test_the_column_stays_as_it_is(self):
        series = pl.Series([1.0, -2.0])
        weights_of(series, Odd(), "f", rows_from(1, 2))
        assert series.to_list() == [1.0, -2.0]


# --------------------------------------------------------------------------- cutting


class TestCutting:
    @some
    @given(st.lists(st.integers(0, 7), max_size=8), st.integers(1, 10))
    def test_blocks_are_cut_at_fixed_rows(self, heights, size):
        numbers = iter(range(1000))
        frames = [
            pl.DataFrame({"q": [next(numbers) for _ in range(height)]}, schema={"q": pl.Int64})
            for height in heights
        ]
        blocks = list(blocks_of(frames, size))
        rows = sum(heights)
        assert [row for block in blocks for row in block["q"].to_list()] == list(range(rows))
        assert [block.height for block in blocks[:-1]] == [size] * (len(blocks) - 1)
        assert all(0 < block.height <= size for block in blocks)

    @pytest.mark.parametrize(
        ("first", "second", "texts"),
        [
            (pl.Series([None]), pl.Series(["x"]), [None, "x"]),
            (pl.Series([1]), pl.Series(["x"]), ["1", "x"]),
            (pl.Series([1.0]), pl.Series(["x"]), ["1", "x"]),
            (pl.Series([2**60 + 1]), pl.Series([1.5]), [str(2**60 + 1), "1.5"]),
            (pl.Series([1], dtype=pl.Int8), pl.Series([300]), ["1", "300"]),
            (pl.Series(["x"], dtype=pl.Categorical), pl.Series(["y"]), ["x", "y"]),
            (
                pl.Series(["x"], dtype=pl.Enum(["x"])),
                pl.Series(["y"], dtype=pl.Enum(["y"])),
                ["x", "y"],
            ),
            (pl.Series([dt.date(2026, 1, 5)]), pl.Series(["5.1."]), ["2026-01-05", "5.1."]),
        ],
        ids=lambda value: str(getattr(value, "dtype", "")),
    )
    def test_batches_whose_types_differ_are_joined_by_their_texts(self, first, second, texts):
        """A reader that infers types sees other ones in every batch."""
        frames = [first.to_frame("q"), second.to_frame("q")]
        (block,) = blocks_of(frames, 10)
        assert as_rows(block["q"]) == texts
        frames.reverse()
        (block,) = blocks_of(frames, 10)
        assert as_rows(block["q"]) == texts[::-1]

    def test_columns_of_one_type_keep_it(self):
        frames = [pl.DataFrame({"a": [1], "b": [1]}), pl.DataFrame({"a": [2], "b": ["x"]})]
        (block,) = blocks_of(frames, 10)
        assert block.schema == {"a": pl.Int64, "b": pl.String}


# --------------------------------------------------------------------------- keeping


def kept(values: Sequence[Any], is_: Any = None, not_: Any = (), dtype: Any = None) -> list[bool]:
    mask = keep_mask(pl.Series(values, dtype=dtype), is_, not_)
    assert mask.dtype == np.bool_
    return mask.tolist()


class TestKeeping:
    def test_by_texts(self):
        values = ["done", "test", "", None, "Done"]
        assert kept(values, ("done",)) == [True, False, False, False, False]
        assert kept(values, None, ("test",)) == [True, False, True, True, True]
        assert kept(values, ("done", "")) == [True, False, True, True, False]
        assert kept(values, None, ("",)) == [True, True, False, False, True]
        assert kept(values, ("done", "test"), ("test",)) == [True, False, False, False, False]

    def test_by_numbers_of_any_type(self):
        for dtype in (pl.Int8, pl.Int64, pl.UInt64, pl.Float64):
            assert kept([1, 2, None], ("1",), dtype=dtype) == [True, False, False]
        assert kept([True, False, None], ("true",)) == [True, False, False]
        assert kept([dt.date(2026, 1, 5)], ("2026-01-05",)) == [True]

    def test_without_rows_and_without_values(self):
        assert kept([], ("1",), dtype=pl.Int64) == []
        assert kept([None, None], ("",), dtype=pl.Null) == [True, True]
        assert kept([None, None], ("1",), dtype=pl.Null) == [False, False]


# --------------------------------------------------------------------------- counting


@st.composite
def blocks(draw: st.DrawFn, *, weighted: bool) -> tuple[Block, Any, int]:
    """A block, a code for each of its rows and how many codes there are."""
    rows = draw(st.integers(0, 40))
    cells = draw(st.sampled_from([1, 2, 7, 300]))
    size = draw(st.sampled_from([1, 13, 256, 300]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    cell = None if cells == 1 else rng.integers(0, cells, rows)
    codes = rng.integers(0, size, rows).astype(np.uint8 if size <= 256 else np.uint16)
    weight = rng.random(rows) if weighted else None
    return Block(rows=rows, cells=cells, cell=cell, weight=weight), codes, size


class TestBlock:
    @pytest.mark.parametrize("weighted", [False, True])
    @some
    @given(data=st.data())
    def test_a_table_equals_a_loop(self, weighted, data):
        block, codes, size = data.draw(blocks(weighted=weighted))
        table = block.table(codes, size)
        wanted = {name: np.zeros((block.cells, size)) for name in ("n", "w", "w2")}
        for row, code in enumerate(codes.tolist()):
            cell = 0 if block.cell is None else block.cell[row]
            weight = 0.0 if block.weight is None else block.weight[row]
            wanted["n"][cell, code] += 1
            wanted["w"][cell, code] += weight
            wanted["w2"][cell, code] += weight**2
        assert list(table) == (["n", "w", "w2"] if weighted else ["n"])
        for name, array in table.items():
            assert array.dtype == (np.int64 if name == "n" else np.float64)
            np.testing.assert_allclose(array, wanted[name], rtol=1e-14)
        np.testing.assert_array_equal(block.count(codes, size), wanted["n"])
        np.testing.assert_array_equal(block.rows_by_cell(), wanted["n"].sum(axis=1))

    @some
    @given(blocks(weighted=True), st.sampled_from([np.uint8, np.int8, np.int64, np.float64, bool]))
    def test_totals_and_extremes_equal_a_loop(self, drawn, dtype):
        block, codes, _ = drawn
        values = codes.astype(dtype)
        total, least = block.total(values), block.least(values, 99)
        most = block.most(values, -99)
        for cell in range(block.cells):
            mine = values if block.cell is None else values[block.cell == cell]
            plain = [value + 0 for value in mine.tolist()]
            assert total[cell] == pytest.approx(sum(plain), rel=1e-14)
            assert least[cell] == min([*plain, 99])
            assert most[cell] == max([*plain, -99])
        assert total.dtype == (np.float64 if dtype is np.float64 else np.int64)

    def test_bytes_do_not_wrap(self):
        cell = np.array([299, 299, 0])
        block = Block(rows=3, cells=300, cell=cell)
        codes = np.array([255, 255, 0], dtype=np.uint8)
        table = block.count(codes, 256)
        assert table[299, 255] == 2
        assert table[0, 0] == 1
        assert block.total(codes)[299] == 510
        assert Block(rows=3).total(codes).tolist() == [510]

    def test_counting_changes_nothing(self):
        arrays = [np.array([0, 1, 1]), np.array([1.0, 2.0, 0.5]), np.array([3, 4, 5], np.uint8)]
        for array in arrays:
            array.flags.writeable = False
        cell, weight, codes = arrays
        block = Block(rows=3, cells=2, cell=cell, weight=weight)
        block.table(codes, 6), block.total(codes), block.least(codes, 9), block.rows_by_cell()
        assert [array.tolist() for array in arrays] == [[0, 1, 1], [1.0, 2.0, 0.5], [3, 4, 5]]

    def test_values_of_an_item(self):
        item = Item(name="Q1", scale=Scale.parse("-1..1"))
        block = Block(rows=5, codes={item: np.array([0, 1, 2, 3, 4], dtype=np.uint8)})
        np.testing.assert_equal(block.values(item), [-1.0, 0.0, 1.0, np.nan, np.nan])
        assert block.codes(item).tolist() == [0, 1, 2, 3, 4]

    def test_the_same_responses_for_another_grouping_set(self):
        block = Block(rows=3, weight=np.ones(3))
        grouped = block.grouped(np.array([0, 1, 1]), 2)
        assert grouped.rows_by_cell().tolist() == [1, 2]
        assert grouped.weight is block.weight
        assert block.rows_by_cell().tolist() == [3]


@pytest.mark.parametrize(("columns", "times"), [(1, 4), (2, 2), (3, 1), (500, 1)])
def test_blocks_of_few_columns_have_more_rows(columns, times):
    assert rows_of_block(columns) == times * BLOCK_ROWS
