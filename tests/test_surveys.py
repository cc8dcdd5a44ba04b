"""Answers in memory: every kind of table gives the same results, or a message."""

from __future__ import annotations

import datetime as dt
import json
import math
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from attrs import evolve, frozen

import satcore
from satcore import DataError, Metric, StudyError, Survey, Tally
from satcore.engines import LocalEngine
from satcore.plugins import Plugins
from satcore.surveys import FrameFragment, as_frame, survey_in_memory


@frozen(kw_only=True)
class Asked(Metric):
    """Mean and top box of one question."""

    item: str = "Q1"
    scale: str = "0..10"

    def statistics(self, codebook: Any) -> Mapping[str, Any]:
        return {"answers": Tally(codebook.item(self.item, self.scale))}

    def evaluate(self, answers: Any) -> Iterator[Any]:
        yield answers.mean()
        yield answers.share([answers.item.scale.high], term="top")


def told(data: object, plugins: Any, **options: Any) -> dict[str, Any]:
    """Results as plain values, without the name of the data and versions."""
    found = satcore.run(Asked(), data, plugins=plugins, **options).to_dict()
    del found["study"]
    return found


# --------------------------------------------------------------------------- many tables

ANSWERS = [9, 10, None, 0, 99, 3, 9, None, 10, 7]
REGIONS = ["North", "NA", None, "北京", "North", "NA", "", "10", "9", "North"]
TIMES = [dt.datetime(2026, month, 28, 23, 30) for month in (1, 1, 2, 2, 2, 4, 4, 5, 5, 5)]
WEIGHTS = [1.0, 0.5, 2.0, 1.0, 0.1, 1.5, 3.0, 1.0, 1.0, 0.7]

OPTIONS: Mapping[str, Any] = {
    "segments": ["region"],
    "wave": {"time": "when", "period": "month"},
    "weight": "w",
    "missing": ["99"],
    "by": ["region", "wave", "region*wave"],
}


class OnlyStream:
    """A table that is nothing but an Arrow stream."""

    def __init__(self, table: Any) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)


def frame() -> pl.DataFrame:
    return pl.DataFrame({"Q1": ANSWERS, "region": REGIONS, "when": TIMES, "w": WEIGHTS})


def pandas_frame(**columns: Any) -> pd.DataFrame:
    base = {"Q1": ANSWERS, "region": REGIONS, "when": TIMES, "w": WEIGHTS}
    return pd.DataFrame({**base, **columns})


def floats() -> Any:
    return np.array([math.nan if one is None else one for one in ANSWERS])


def texts() -> list[str | None]:
    return [None if one is None else str(one) for one in ANSWERS]


def zoned(zone: str) -> pl.DataFrame:
    return frame().with_columns(pl.col("when").dt.replace_time_zone(zone))


def read_only() -> dict[str, Any]:
    columns = {
        "Q1": floats(),
        "region": np.array(REGIONS, dtype=object),
        "when": np.array(TIMES, dtype="M8[us]"),
        "w": np.array(WEIGHTS),
    }
    for column in columns.values():
        column.flags.writeable = False
    return columns


TABLES: Mapping[str, Any] = {
    "dict of lists": lambda: frame().to_dict(as_series=False),
    "dict of tuples": lambda: {n: tuple(v) for n, v in frame().to_dict(as_series=False).items()},
    "dict of iterators": lambda: {n: iter(v) for n, v in frame().to_dict(as_series=False).items()},
    "dict of polars series": lambda: frame().to_dict(as_series=True),
    "dict of pandas series": lambda: {n: pandas_frame()[n] for n in pandas_frame()},
    "dict of pandas series with masks": lambda: {
        n: pandas_frame().convert_dtypes()[n] for n in pandas_frame()
    },
    "dict of arrow arrays": lambda: {
        n: pa.array(v) for n, v in frame().to_dict(as_series=False).items()
    },
    "dict of arrow chunks": lambda: dict(
        zip(frame().columns, frame().to_arrow().columns, strict=True)
    ),
    "dict of numpy arrays": read_only,
    "numpy objects": lambda: {**read_only(), "Q1": np.array(ANSWERS, dtype=object)},
    "numpy texts": lambda: {
        **read_only(),
        "Q1": np.array(["" if one is None else one for one in texts()]),
        "region": np.array(["" if one is None else one for one in REGIONS]),
    },
    "numpy texts of any length": lambda: {
        **read_only(),
        "region": np.array(REGIONS, dtype=np.dtypes.StringDType(na_object=None)),
    },
    "numpy with a mask": lambda: {
        **read_only(),
        "Q1": np.ma.masked_array(
            [5 if one is None else one for one in ANSWERS], [one is None for one in ANSWERS]
        ),
    },
    "numpy every second": lambda: {
        **read_only(),
        "w": np.repeat(WEIGHTS, 2)[::2],
        "Q1": np.repeat(floats(), 2)[::2],
    },
    "numpy of another byte order": lambda: {
        **read_only(),
        "w": np.array(WEIGHTS, dtype=">f8"),
        "Q1": floats().astype(">f4"),
    },
    "numpy long doubles": lambda: {**read_only(), "Q1": floats().astype(np.longdouble)},
    "numpy half floats": lambda: {**read_only(), "Q1": floats().astype(np.float16)},
    "numpy days": lambda: {**read_only(), "when": np.array(TIMES, dtype="M8[D]")},
    "numpy hours": lambda: {**read_only(), "when": np.array(TIMES, dtype="M8[h]")},
    "numpy seconds": lambda: {**read_only(), "when": np.array(TIMES, dtype="M8[s]")},
    "numpy nanoseconds": lambda: {**read_only(), "when": np.array(TIMES, dtype="M8[ns]")},
    "mixed Python values": lambda: {
        **frame().to_dict(as_series=False),
        "Q1": [9, "10", None, 0.0, np.int64(99), "3", 9.0, pd.NA, np.float32(10), 7],
        "region": ["North", "NA", math.nan, "北京", "North", "NA", None, 10, 9.0, "North"],
    },
    "polars": frame,
    "polars lazy": lambda: frame().lazy(),
    "polars texts": lambda: frame().with_columns(pl.col("Q1", "w").cast(pl.String)),
    "polars small integers": lambda: frame().with_columns(pl.col("Q1").cast(pl.Int8)),
    "polars 128 bits": lambda: frame().with_columns(pl.col("Q1").cast(pl.Int128)),
    "polars categories": lambda: frame().with_columns(
        pl.col("region").cast(pl.Categorical), pl.col("Q1").cast(pl.String).cast(pl.Categorical)
    ),
    "polars enums": lambda: frame().with_columns(
        pl.col("region").cast(pl.Enum(["NA", "9", "10", "North", "", "北京", "unused"]))
    ),
    "polars decimals": lambda: frame().with_columns(
        pl.col("Q1").cast(pl.Decimal(5, 1)), pl.col("w").cast(pl.Decimal(5, 3))
    ),
    "polars days": lambda: frame().with_columns(pl.col("when").dt.date()),
    "polars with a zone": lambda: zoned("America/Lima"),
    "polars texts of times": lambda: frame().with_columns(
        pl.col("when").dt.to_string("%Y-%m-%dT%H:%M:%S")
    ),
    "polars numbers of days": lambda: frame().with_columns(
        pl.col("when").dt.to_string("%Y%m%d").cast(pl.Float64)
    ),
    "polars chunks": lambda: pl.concat(
        [frame()[:3], frame()[3:3], frame()[3:]], rechunk=False
    ),
    "pandas": pandas_frame,
    "pandas masks": lambda: pandas_frame().convert_dtypes(),
    "pandas Int64": lambda: pandas_frame(Q1=pd.array(ANSWERS, dtype="Int64")),
    "pandas UInt8": lambda: pandas_frame(Q1=pd.array(ANSWERS, dtype="UInt8")),
    "pandas Float64": lambda: pandas_frame(Q1=pd.array(ANSWERS, dtype="Float64")),
    "pandas string": lambda: pandas_frame(
        Q1=pd.array(texts(), dtype="string"), region=pd.array(REGIONS, dtype="string")
    ),
    "pandas object with None": lambda: pandas_frame(
        Q1=np.array(ANSWERS, dtype=object), region=np.array(REGIONS, dtype=object)
    ),
    "pandas object with NaN": lambda: pandas_frame(
        Q1=np.array([math.nan if one is None else one for one in ANSWERS], dtype=object),
        region=np.array([math.nan if one is None else one for one in REGIONS], dtype=object),
    ),
    "pandas object with NA": lambda: pandas_frame(
        Q1=np.array([pd.NA if one is None else one for one in ANSWERS], dtype=object)
    ),
    "pandas category": lambda: pandas_frame(
        Q1=pd.Categorical(ANSWERS), region=pd.Categorical(REGIONS)
    ),
    "pandas category of texts": lambda: pandas_frame(Q1=pd.Categorical(texts())),
    "pandas datetime with a zone": lambda: pandas_frame(
        when=pd.Series(TIMES).dt.tz_localize("America/Lima")
    ),
    "pandas datetime in seconds": lambda: pandas_frame(
        when=pd.Series(TIMES).astype("datetime64[s]")
    ),
    "pandas days": lambda: pandas_frame(when=[time.date() for time in TIMES]),
    "pandas sparse": lambda: pandas_frame(w=pd.arrays.SparseArray(WEIGHTS)),
    "pandas arrow": lambda: pandas_frame().convert_dtypes(dtype_backend="pyarrow"),
    "pandas arrow days": lambda: pandas_frame(
        when=pd.array([time.date() for time in TIMES], dtype=pd.ArrowDtype(pa.date32()))
    ),
    "pandas with an index": lambda: pandas_frame().set_index(pd.Index(range(5, 15)), drop=True),
    "pandas of another class": lambda: type("Frame", (pd.DataFrame,), {})(pandas_frame()),
    "arrow": lambda: frame().to_arrow(),
    "arrow dictionary": lambda: frame()
    .to_arrow()
    .set_column(1, "region", pa.array(REGIONS).dictionary_encode()),
    "arrow batch": lambda: frame().to_arrow().combine_chunks().to_batches()[0],
    "arrow reader": lambda: frame().to_arrow().to_reader(max_chunksize=3),
    "arrow stream only": lambda: OnlyStream(frame().to_arrow()),
}  # fmt: skip


@pytest.fixture(scope="module")
def wanted():
    return told(frame(), Plugins(()), **OPTIONS)


class TestTheSameAnswers:
    @pytest.mark.parametrize("name", TABLES)
    def test_every_table_gives_the_same_results(self, name, wanted, plugins):
        assert told(TABLES[name](), plugins, **OPTIONS) == wanted

    def test_and_they_are_those_of_the_answers(self, wanted):
        assert wanted["responses"] == {
            "read": 10,
            "kept": 10,
            "dropped": [],
            "skipped": [],
            "items": [
                {
                    "item": "Q1",
                    "label": None,
                    "scale": "0..10",
                    "answered": 7,
                    "missing": 3,
                    "missing_by": {"not answered": 2, "99": 1},
                    "invalid": 0,
                    "invalid_by": {},
                }
            ],
        }
        cells = {json.dumps(row["cell"], sort_keys=True) for row in wanted["estimates"]}
        assert len(cells) == 1 + 6 + 5 + 6 * 5
        base = {
            row["cell"]["wave"]: row["base"]
            for row in wanted["estimates"]
            if row["term"] == "top" and list(row["cell"]) == ["wave"]
        }
        assert base == {"2026-01": 2, "2026-02": 1, "2026-03": 0, "2026-04": 2, "2026-05": 2}

    @pytest.mark.parametrize("name", ["dict of numpy arrays", "pandas", "polars", "dict of lists"])
    def test_what_is_given_stays_as_it_is(self, name, plugins):
        data, before = TABLES[name](), TABLES[name]()
        told(data, plugins, **OPTIONS)
        if isinstance(data, pd.DataFrame):
            pd.testing.assert_frame_equal(data, before)
        elif isinstance(data, pl.DataFrame):
            assert data.equals(before)
        else:
            np.testing.assert_equal(data, before)

    def test_order_of_columns_and_columns_that_nobody_asked_for(self, wanted, plugins):
        turned = frame().select("w", "when", pl.lit(7).alias("more"), "region", "Q1")
        assert told(turned, plugins, **OPTIONS) == wanted

    def test_a_column_that_is_no_row_of_values_harms_only_who_asks_for_it(self, wanted, plugins):
        odd = frame().with_columns(lists=pl.lit([1, 2]), object=pl.Series([object()] * 10))
        assert told(odd, plugins, **OPTIONS) == wanted
        with pytest.raises(DataError, match=r"column lists: it holds List\(Int64\)"):
            told(odd, plugins, segments=["lists"])

    def test_pandas_does_without_pyarrow(self, wanted, tmp_path):
        script = tmp_path / "script.py"
        script.write_text(WITHOUT_PYARROW, encoding="utf-8")
        given = json.dumps([ANSWERS, REGIONS, [str(time) for time in TIMES], WEIGHTS, OPTIONS])
        done = subprocess.run(
            [sys.executable, str(script)], input=given, capture_output=True, encoding="utf-8"
        )
        assert done.stderr == ""
        found = [json.loads(line) for line in done.stdout.splitlines()]
        assert found == [json.loads(json.dumps(wanted))] * 6


#: Reads the answers, runs them in six kinds of pandas' tables and writes the results.
WITHOUT_PYARROW = """
import sys

sys.modules["pyarrow"] = None

import json
import warnings

warnings.simplefilter("error")

import numpy as np
import pandas as pd
from attrs import frozen

import satcore
from satcore.plugins import Plugins


@frozen(kw_only=True)
class Asked(satcore.Metric):
    def statistics(self, codebook):
        return {"answers": satcore.Tally(codebook.item("Q1", "0..10"))}

    def evaluate(self, answers):
        yield answers.mean()
        yield answers.share([10], term="top")


answers, regions, times, weights, options = json.load(sys.stdin)
when = pd.Series(pd.to_datetime(times))
plain = pd.DataFrame({"Q1": answers, "region": regions, "when": when, "w": weights})
masked = {"Q1": pd.array(answers, dtype="Int64"), "region": pd.array(regions, dtype="string")}
zoned = {"region": pd.Categorical(regions), "when": when.dt.tz_localize("Asia/Tokyo")}
objects = {"Q1": np.array(answers, dtype=object), "region": np.array(regions, dtype=object)}
tables = [
    plain,
    {name: plain[name] for name in plain},
    plain.assign(**masked),
    plain.assign(**zoned),
    plain.assign(**objects),
    type("Frame", (pd.DataFrame,), {})(plain),
]
for table in tables:
    found = satcore.run(Asked(), table, plugins=Plugins(()), **options).to_dict()
    del found["study"]
    print(json.dumps(found))
"""


# --------------------------------------------------------------------------- types of columns


def column(values: object) -> pl.Series:
    return as_frame({"a": values})["a"]


class TestColumns:
    @pytest.mark.parametrize(
        ("values", "texts"),
        [
            ([True, 1, None], ["true", "1", None]),
            ([1, 2.5], ["1", "2.5"]),
            ([1, "1"], ["1", "1"]),
            ([2**70, 2.5], [str(2**70), "2.5"]),
            ([2**200, None], [str(2**200), None]),
            ([1] * 2000 + [2**130], ["1"] * 2000 + [str(2**130)]),
            ([dt.date(2026, 1, 5), dt.datetime(2026, 1, 6)], ["2026-01-05", "2026-01-06 00:00:00"]),
            (np.array([1 + 2j]), ["(1+2j)"]),
            (pd.Series(pd.period_range("2026-01", periods=2, freq="M")), ["2026-01", "2026-02"]),
            (pd.cut(pd.Series([1, 5]), [0, 3, 9]), ["(0, 3]", "(3, 9]"]),
            ([pd.NA, "x", pd.NaT, math.nan, np.nan], [None, "x", None, None, None]),
        ],
    )  # fmt: skip
    def test_values_that_share_no_type_are_their_texts(self, values, texts):
        assert column(values).to_list() == texts

    @pytest.mark.parametrize(
        ("values", "dtype"),
        [
            ([1, None], pl.Int64),
            ([2**63], pl.UInt64),
            ([1.5, None], pl.Float64),
            ([True, None], pl.Boolean),
            ([dt.date(2026, 1, 5)], pl.Date),
            ([None, None], pl.Null),
            ([], pl.Null),
            (range(3), pl.Int64),
            (np.array([1, 2], dtype=np.uint8), pl.UInt8),
            (np.array([True]), pl.Boolean),
            (pd.Series([True, None], dtype="boolean"), pl.Boolean),
            (pd.Series([2**60 + 1, None], dtype="int64[pyarrow]"), pl.Int64),
        ],
    )
    def test_values_of_one_type_keep_it(self, values, dtype):
        assert column(values).dtype == dtype

    def test_integers_keep_every_digit(self):
        numbers = [2**60 + 1, None]
        for values in (
            numbers,
            pd.Series(numbers, dtype="Int64"),
            pd.Series(numbers, dtype="int64[pyarrow]"),
            pa.array(numbers),
            np.array(numbers, dtype=object),
        ):
            assert column(values).to_list() == numbers


# --------------------------------------------------------------------------- bad input

WHAT_IS_TAKEN = (
    "give a path, a dict of columns, a polars or pandas data frame, a pyarrow table or anything "
    "with __arrow_c_stream__"
)


class TestBadInput:
    @pytest.mark.parametrize(
        ("data", "message"),
        [
            ({"a": [1, 2], "b": [1]}, "height of column 'b' (1) does not match height of column"),
            ({"a": [1], "b": np.zeros(2)}, "height of column 'b' (2) does not match height"),
            ({"a": np.zeros((2, 2))}, "column 'a' has 2 dimensions, not one"),
            ({"a": np.array(3)}, "column 'a' has 0 dimensions, not one"),
            ({"a": "abc"}, "column 'a' is a str, not a row of values"),
            ({"a": b"abc"}, "column 'a' is a bytes, not a row of values"),
            ({"a": {1, 2}}, "column 'a' is a set, not a row of values"),
            ({"a": {0: 1}}, "column 'a' is a dict, not a row of values"),
            ({"a": 5}, "'int' object is not iterable"),
            ({"a": None}, "'NoneType' object is not iterable"),
            ({"1": [1], 1: [2]}, "column with name '1' has more than one occurrence"),
            (pd.DataFrame([[1, 2]], columns=["a", "a"]), "column with name 'a' has more than one"),
            (pd.DataFrame([[1, 2]], columns=[1, "1"]), "column with name '1' has more than one"),
            (pa.table([[1], [2]], names=["a", "a"]), 'names must be unique: ["a"]'),
            (pd.Series([1]), "give a DataFrame, not a Series or an index"),
            (pd.Index([1]), "give a DataFrame, not a Series or an index"),
            (pa.chunked_array([[1]]), "expected `Struct`, got `i64`"),
            (pl.LazyFrame({"a": [1]}).select("b"), 'unable to find column "b"'),
        ],
        ids=lambda value: type(value).__name__,
    )
    def test_what_makes_no_table(self, data, message):
        with pytest.raises(DataError) as raised:
            survey_in_memory(data)
        (problem,) = raised.value.problems
        assert problem.place == "data in memory"
        assert problem.message.startswith("the columns make no table: ")
        assert message in problem.message

    @pytest.mark.parametrize(
        ("data", "kind"),
        [
            (5, "int"),
            (None, "NoneType"),
            ("nothing.csv", "str"),
            (pl.Series("a", [1]), "Series"),
            (np.zeros((2, 2)), "ndarray"),
            ([{"a": 1}], "list"),
            (pa.array([1]), "Int64Array"),
        ],
        ids=lambda value: type(value).__name__,
    )
    def test_what_is_no_table(self, data, kind):
        with pytest.raises(DataError) as raised:
            survey_in_memory(data, name="answers")
        assert str(raised.value) == f"answers: {kind} is no table; {WHAT_IS_TAKEN}"

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (5, "int is no table"),
            ([{"a": 1}], "list is no table"),
            ({"Q1": [1], "b": [1, 2]}, "the columns make no table"),
            ("nothing.csv", "there is no such file"),
            (["nothing.csv"], "there is no such file"),
            (pd.Series([1]), "not a Series"),
        ],
        ids=lambda value: type(value).__name__,
    )
    def test_a_run_says_so_too(self, data, message, plugins):
        with pytest.raises((DataError, StudyError), match=message):
            satcore.run(Asked(), data, plugins=plugins)

    def test_a_column_that_is_not_there(self, plugins):
        with pytest.raises((DataError, StudyError), match="did you mean 'q1'"):
            satcore.run(Asked(), {"q1": [1]}, plugins=plugins)


# --------------------------------------------------------------------------- nobody's answers


class TestNobody:
    @pytest.mark.parametrize(
        "data",
        [
            {"Q1": [], "region": []},
            pl.DataFrame({"Q1": [], "region": []}),
            pl.DataFrame(schema={"Q1": pl.Int64, "region": pl.Categorical}),
            pd.DataFrame({"Q1": [], "region": []}),
            pd.DataFrame({"Q1": np.array([], dtype=int), "region": np.array([], dtype=object)}),
            pa.table({"Q1": pa.array([], pa.int64()), "region": pa.array([], pa.string())}),
            Survey(name="nothing", columns=("Q1", "region"), fragments=()),
        ],
        ids=lambda value: type(value).__name__,
    )
    @pytest.mark.parametrize("weight", [None, "Q1"])
    def test_every_row_says_that_nobody_answered(self, data, weight, plugins):
        found = told(data, plugins, segments=["region"], weight=weight)
        assert [(row["term"], row["cell"], row["status"]) for row in found["estimates"]] == [
            ("mean", {}, "empty"),
            ("top", {}, "empty"),
        ]
        assert {row["value"] for row in found["estimates"]} == {None}
        assert found["responses"]["read"] == 0
        assert found["comparisons"] == []
        assert found["failures"] == []

    def test_everybody_dropped(self, plugins):
        study = satcore.Study.of(
            {
                "roles": {"segments": ["region"], "weight": "w"},
                "keep": [{"column": "region", "is": ["West"]}],
                "labels": {"region": {"West": "West"}},
            }
        )
        study = evolve(study, problems=())
        from satcore.assembling import assemble

        data = {"Q1": [1, 2], "region": ["East", None], "w": [1.0, 2.0]}
        plan = assemble(study, data, plugins=plugins, metrics={"asked": Asked()})
        found = satcore.evaluate(plan, satcore.scan(plan))
        assert [(row["cell"], row["status"]) for row in found.rows(term="mean")] == [
            ({}, "empty"),
            ({"region": "West"}, "empty"),
        ]
        assert (found.responses.read, found.responses.kept) == (2, 0)
        assert "every response was dropped by the [[keep]] rules" in found.notes

    def test_all_answers_missing(self, plugins):
        found = told({"Q1": [None, None], "region": ["a", None]}, plugins, segments=["region"])
        assert {row["status"] for row in found["estimates"]} == {"empty"}
        assert len(found["estimates"]) == 2 * 3
        assert found["responses"]["items"][0]["missing_by"] == {"not answered": 2}


# --------------------------------------------------------------------------- fragments


@frozen(kw_only=True)
class Said:
    """A fragment that says how many rows it has."""

    id: str
    frame: pl.DataFrame
    rows: int | None

    def read(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        yield self.frame.select(columns)


def said(rows: int | None, name: str = "part 1") -> Said:
    return Said(id=name, frame=pl.DataFrame({"Q1": [1, 2, 3]}), rows=rows)


class TestFragments:
    @pytest.mark.parametrize("rows", [0, 2, 4])
    @pytest.mark.parametrize("threads", [1, 4])
    def test_other_rows_than_it_said(self, rows, threads, plugins):
        fragments = (said(3, "part 0"), said(rows), said(None, "part 2"))
        survey = Survey(name="all", columns=("Q1",), fragments=fragments)
        with pytest.raises(DataError) as raised:
            satcore.run(Asked(), survey, plugins=plugins, engine=LocalEngine(threads=threads))
        assert str(raised.value) == f"part 1: 3 rows were read, but it has {rows}; read it again"

    def test_rows_that_are_not_known_before(self, plugins):
        survey = Survey(name="all", columns=("Q1",), fragments=(said(None), said(3, "part 2")))
        assert satcore.run(Asked(), survey, plugins=plugins).responses.read == 6

    def test_the_same_fragment_twice(self):
        with pytest.raises(DataError) as raised:
            Survey(name="all", columns=("Q1",), fragments=(said(3), said(3)))
        assert str(raised.value) == "all: part 1 is given twice; no answer is counted twice"

    def test_a_fragment_that_fails(self, plugins):
        class Broken:
            id, rows = "broken.csv", None

            def read(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
                raise DataError.at(self.id, "the disk is gone")

        for threads in (1, 4):
            fragments = (said(3), Broken(), *(said(3, f"part {n}") for n in range(2, 30)))
            survey = Survey(name="all", columns=("Q1",), fragments=fragments)
            with pytest.raises(DataError, match=r"broken\.csv: the disk is gone"):
                satcore.run(Asked(), survey, plugins=plugins, engine=LocalEngine(threads=threads))

    def test_more_fragments_than_threads(self, plugins):
        for threads in (1, 2, 8):
            fragments = tuple(said(3, f"part {n}") for n in range(50))
            survey = Survey(name="all", columns=("Q1",), fragments=fragments)
            rows: list[int] = []
            found = satcore.run(
                Asked(),
                survey,
                plugins=plugins,
                engine=LocalEngine(threads=threads),
                progress=rows.append,
            )
            assert found.responses.read == sum(rows) == 150

    def test_a_large_table_is_several_fragments(self, monkeypatch, plugins):
        monkeypatch.setattr("satcore.surveys.MEMORY_FRAGMENT_ROWS", 4)
        survey = survey_in_memory(frame())
        assert [fragment.rows for fragment in survey.fragments] == [4, 4, 2]
        assert len({fragment.id for fragment in survey.fragments}) == 3
        again = survey_in_memory(frame())
        assert [one.id for one in again.fragments] == [one.id for one in survey.fragments]
        wanted = told(frame(), plugins, segments=["region"], missing=["99"])
        monkeypatch.undo()
        assert told(frame(), plugins, segments=["region"], missing=["99"]) == wanted

    def test_a_fragment_of_a_frame(self):
        fragment = FrameFragment(id="one", frame=frame())
        (batch,) = fragment.read(["w", "Q1"])
        assert (fragment.rows, batch.columns, batch.height) == (10, ["w", "Q1"], 10)


class TestNoItem:
    def test_a_metric_that_asks_for_nothing(self, plugins):
        """Responses are counted all the same."""

        @frozen(kw_only=True)
        class Nothing(Metric):
            def statistics(self, codebook: Any) -> Mapping[str, Any]:
                return {}

            def evaluate(self) -> Iterator[Any]:
                return iter(())

        found = satcore.run(Nothing(), {"Q1": [1, 2]}, plugins=plugins)
        assert found.responses.read == 2
        assert found.items == ()
        assert [row["status"] for row in found.rows()] == ["error"]
        assert "evaluate yields no estimate" in found.failures[0]["message"]

    def test_a_metric_that_asks_only_how_many_there_are(self, plugins):
        from satcore.statistics import Rows

        @frozen(kw_only=True)
        class HowMany(Metric):
            def statistics(self, codebook: Any) -> Mapping[str, Any]:
                return {"rows": Rows()}

            def evaluate(self, rows: Any) -> Iterator[Any]:
                n = rows["n"]
                yield satcore.Estimate(
                    term="n", value=n, std_error=np.zeros(n.shape), base=n, interval=None
                )

        for data, wanted in (({"x": [1, 2]}, 2), ({"x": []}, 0), ({}, 0)):
            found = satcore.run(HowMany(), data, plugins=plugins)
            assert [row["base"] for row in found.rows()] == [wanted]
        by = satcore.run(HowMany(), {"x": [1, None, 1]}, segments=["x"], plugins=plugins)
        assert [(row["cell"], row["base"]) for row in by.rows()] == [
            ({}, 3),
            ({"x": "1"}, 2),
            ({"x": None}, 1),
        ]
