"""SPSS and Stata files: codes, labels, missing values of both kinds, response sets, weights."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import satcore
import satcore_files
from satcore import DataError, ResponseSet, Source, Survey, Variable
from satcore.plugins import Plugins
from satcore.testing import survey_checks
from satcore_nps import NPS

pyreadstat = pytest.importorskip("pyreadstat", reason="the extra files is not installed")

SPECS = {spec.name: spec for spec in satcore_files.satcore_surveys()}


def survey_of(*paths: Path, kind: str = "spss", encoding: str | None = None) -> Survey:
    return SPECS[kind].read(Source(paths=tuple(map(str, paths)), encoding=encoding))


def values(survey: Survey, columns: Sequence[str] | None = None) -> dict[str, list[Any]]:
    asked = list(survey.columns if columns is None else columns)
    frames = [frame for one in survey.fragments for frame in one.read(asked)]
    return pl.concat(frames, how="vertical_relaxed").to_dict(as_series=False)


def written(folder: Path, columns: dict[str, list[Any]], name: str = "x.sav", **told: Any) -> Path:
    path = folder / name
    write = pyreadstat.write_dta if name.endswith(".dta") else pyreadstat.write_sav
    write(pl.DataFrame(columns), str(path), **told)
    return path


ANSWERS: dict[str, list[Any]] = {
    "Q1": [10.0, 9.0, 3.0, 99.0, None, 98.0, 7.0],
    "region": [1.0, 2.0, 1.0, 1.0, 2.0, 2.0, 1.0],
    "w": [1.0, 2.0, 1.0, 0.5, 1.0, 1.0, 1.0],
    "words": ["好", "", "a", "b", "c", "d", "e"],
}
TOLD: dict[str, Any] = {
    "column_labels": {"Q1": "您会推荐我们吗？", "region": "Region"},
    "variable_value_labels": {
        "Q1": {98: "Don't know", 99: "Refused", 0: "not at all"},
        "region": {1: "East", 2: "West"},
    },
    "missing_ranges": {"Q1": [98, 99]},
}


def scores(path: Path, plugins: Plugins, **options: Any) -> Any:
    return satcore.run(NPS(item="Q1"), str(path), plugins=plugins, **options)


@pytest.mark.parametrize("name", ["x.sav", "x.zsav"])
def test_user_missing_is_kept_apart_and_counted_by_its_label(
    tmp_path: Path, plugins: Plugins, name: str
) -> None:
    extra = {"compress": True} if name == "x.zsav" else {}
    path = written(tmp_path, ANSWERS, name, **TOLD, **extra)
    results = scores(path, plugins, segments=["region"])
    [item] = results.items
    assert item["answered"] == 4
    assert item["missing_by"] == {"98 (Don't know)": 1, "99 (Refused)": 1, "not answered": 1}
    assert results.about.questions["Q1"].said() == "您会推荐我们吗？"
    assert results.about.labels["region"]["1"].said() == "East"
    assert any("x.sav says" in note or "x.zsav says" in note for note in results.notes)
    note = (
        f"{name} says which answers are missing: Q1 (98, 99); [items.NAME] missing says otherwise"
    )
    assert note in results.notes


def test_numbers_equal_those_of_the_plain_csv(tmp_path: Path, plugins: Plugins) -> None:
    path = written(tmp_path, ANSWERS, **TOLD)
    csv = tmp_path / "x.csv"
    pl.DataFrame(ANSWERS).cast({"region": pl.Int64}).write_csv(csv)
    told = scores(path, plugins, segments=["region"], weight="w").to_dict()
    plain = scores(csv, plugins, segments=["region"], weight="w", missing=[98, 99]).to_dict()
    assert told["estimates"] == plain["estimates"]
    assert told["comparisons"] == plain["comparisons"]


@pytest.mark.parametrize(
    ("line", "missing"),
    [
        ("missing = [98]", None),
        ("missing = [98, 99]", {"98 (Don't know)": 1, "99 (Refused)": 1, "not answered": 1}),
        ('label = "Recommend"', {"98 (Don't know)": 1, "99 (Refused)": 1, "not answered": 1}),
        ("missing = []", None),
    ],
)
def test_the_study_wins(
    tmp_path: Path, plugins: Plugins, line: str, missing: dict[str, int] | None
) -> None:
    written(tmp_path, ANSWERS, **TOLD)
    study = tmp_path / "s.toml"
    study.write_text(
        f'[study]\ndata = "x.sav"\n[items.Q1]\n{line}\n[labels.region]\n1 = "Ost"\n'
        '[roles]\nsegments = ["region"]\n[metrics.nps]\nitem = "Q1"\n'
    )
    if missing is None:
        with pytest.raises(DataError, match=r"outside the scale 0\.\.10: "):
            satcore.run(satcore.Study.load(study), plugins=plugins)
        return
    results = satcore.run(satcore.Study.load(study), plugins=plugins)
    assert results.items[0]["missing_by"] == missing
    assert results.about.labels["region"]["1"].said() == "Ost"
    label = results.about.questions["Q1"].said()
    assert label == ("Recommend" if "label" in line else "您会推荐我们吗？")


def test_what_the_file_says_is_told(shared: Path) -> None:
    """Labels and missing ranges of pyreadstat's own sample, as its tests list them."""
    survey = survey_of(shared / "data" / "pyreadstat_sav" / "sample_missing.sav")
    known = survey.dictionary.variables
    assert known["myord"] == Variable(
        label="ordinal",
        labels={"-1": "missing", "1": "low", "2": "medium", "3": "high"},
        missing=("-1", "-2", "-3"),
    )
    # A range of missing values, 2000 to 3000, holds the one value that there is.
    assert known["mynum"].missing == ("-1", "2500")
    assert values(survey, ["myord", "mylabl"]) == {
        "myord": [1.0, 2.0, 3.0, 1.0, 1.0, -1.0, -3.0],
        "mylabl": [1.0, 2.0, 1.0, 2.0, 1.0, -1.0, None],
    }


@pytest.mark.parametrize("name", ["sample", "sample_large", "sample_missing", "ordered_category"])
def test_values_are_those_of_pyreadstat(shared: Path, name: str) -> None:
    path = shared / "data" / "pyreadstat_sav" / f"{name}.sav"
    frame, _ = pyreadstat.read_sav(path, user_missing=True, output_format="polars")
    survey = survey_of(path)
    assert survey.fragments[0].rows == frame.height
    assert values(survey, frame.columns) == frame.to_dict(as_series=False)


def test_both_kinds_of_response_sets(shared: Path) -> None:
    survey = survey_of(shared / "data" / "pyreadstat_sav" / "simple_alltypes_mr.sav")
    several = {one.name: one for one in survey.dictionary.sets}
    assert several["mymrset"] == ResponseSet(
        name="mymrset",
        label="My multiple response set",
        options={f"mymrset:bool{n}": f"Response #{n}" for n in (1, 2, 3)},
    )
    found = values(survey)
    # Explicit zeros: an empty one is no answer.
    assert found["bool1"] == [1.0, 1.0, 0.0, 0.0, None, 1.0]
    assert found["mymrset:bool1"] == [1, 1, 0, 0, None, 1]
    assert found["mymrset:bool2"] == [1, 0, 1, 0, 1, 1]
    # Numbered columns that hold a chosen code each.
    chosen = list(zip(*(found[f"ca_subvar_{n}"] for n in (1, 2, 3)), strict=True))
    for code in "abcd":
        assert found[f"categorical_array:{code}"] == [int(code in row) for row in chosen]
    assert several["categorical_array"].options["categorical_array:a"] == "a"


def test_dichotomies_without_zeros(tmp_path: Path) -> None:
    path = written(
        tmp_path, {"a": [1.0, None, None, 1.0], "b": [None, 1.0, None, 1.0]},
        column_labels={"a": "Web", "b": "Shop"},
    )  # fmt: skip
    sets = b"$use=D1 1 8 channels a b\n"
    path.write_bytes(_with_extension(path.read_bytes(), 7, sets))
    survey = survey_of(path)
    [one] = survey.dictionary.sets
    assert one == ResponseSet(
        name="use", label="channels", options={"use:a": "Web", "use:b": "Shop"}
    )
    assert values(survey, list(one.options)) == {"use:a": [1, 0, None, 1], "use:b": [0, 1, None, 1]}


def _with_extension(content: bytes, subtype: int, data: bytes) -> bytes:
    """An SPSS file with one more record at the end of its dictionary."""
    end = content.rindex(struct.pack("<2i", 999, 0))
    record = struct.pack("<4i", 7, subtype, 1, len(data)) + data
    return content[:end] + record + content[end:]


def _weighted(content: bytes, place: int) -> bytes:
    """An SPSS file whose header names the variable at a place, from 1, as its weight."""
    return content[:76] + struct.pack("<i", place) + content[80:]


def test_the_weight_is_told_and_not_used(tmp_path: Path, plugins: Plugins) -> None:
    columns = {"words": ["a" * 300] * 4, "Q1": [10.0, 9.0, 3.0, 1.0], "w": [1.0, 1.0, 2.0, 1.0]}
    path = written(tmp_path, columns)
    # A long text takes many records; the weight is the second number, in the last record.
    places = _records(path.read_bytes())
    path.write_bytes(_weighted(path.read_bytes(), places))
    assert survey_of(path).dictionary.weight == "w"
    plain = scores(path, plugins)
    note = "x.sav names 'w' as its weight, which is not used; name it in [roles] weight (--weight)"
    assert note in plain.notes
    assert plain.about.weight == ""
    weighted = scores(path, plugins, weight="w")
    assert not any("as its weight" in one for one in weighted.notes)
    [row] = [row for row in weighted.rows("nps", "nps") if not row["cell"]]
    assert row["value"] == pytest.approx(100 * (2 - 3) / 5)


def _records(content: bytes) -> int:
    """How many records of variables an SPSS file has."""
    at, count = 176, 0
    while struct.unpack_from("<i", content, at)[0] == 2:
        _, labelled, missing, _, _ = struct.unpack_from("<5i", content, at + 4)
        at += 32
        if labelled:
            at += 4 + -(-struct.unpack_from("<i", content, at)[0] // 4) * 4
        at += 8 * abs(missing)
        count += 1
    return count


def test_no_weight(tmp_path: Path) -> None:
    assert survey_of(written(tmp_path, ANSWERS)).dictionary.weight is None


# Encodings


def _in_bytes(path: Path, encoding: str, code_page: int | None) -> None:
    """Turn a file of ASCII with QQ and RR for two letters into one of another encoding."""
    content = path.read_bytes()
    content = content.replace(b"QQQQ", "만족".encode("cp949")).replace(
        b"UTF-8", b"CP949" if code_page else b"UTF-8"
    )
    path.write_bytes(content)


def test_an_encoding_that_the_file_tells(tmp_path: Path) -> None:
    path = written(tmp_path, {"a": [1.0]}, column_labels={"a": "QQQQ"})
    _in_bytes(path, "cp949", 949)
    survey = survey_of(path)
    assert survey.dictionary.variables["a"].label == "만족"
    assert survey.notes == ()


def test_an_encoding_that_is_wrong_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, {"a": [1.0]}, column_labels={"a": "QQQQ"})
    _in_bytes(path, "cp949", None)
    with pytest.raises(DataError, match="name the one that they have in the study, such as enc"):
        survey_of(path)
    assert survey_of(path, encoding="cp949").dictionary.variables["a"].label == "만족"
    assert survey_of(path, encoding="euc_kr").dictionary.variables["a"].label == "만족"
    with pytest.raises(DataError, match="there is no encoding 'cp94'; did you mean"):
        survey_of(path, encoding="cp94")
    path.write_bytes(path.read_bytes().replace("만족".encode("cp949"), b"\xff\xff\xff\xff"))
    with pytest.raises(DataError, match="can't be read as cp949, the encoding that the study"):
        survey_of(path, encoding="cp949")


# Broken files


@pytest.mark.parametrize("kind", ["spss", "stata"])
@pytest.mark.parametrize("content", [b"", b"$FL2", b"$FL2" + b"\0" * 400, bytes(range(256)) * 8])
def test_what_is_no_such_file(tmp_path: Path, kind: str, content: bytes) -> None:
    path = tmp_path / f"x{SPECS[kind].suffixes[0]}"
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        values(survey_of(path, kind=kind))
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_a_file_that_is_cut(tmp_path: Path, share: float) -> None:
    path = written(tmp_path, {"a": [float(n) for n in range(500)], "b": ["x"] * 500})
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(DataError, match=r"x\.sav"):
        values(survey_of(path))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no such file"):
        survey_of(tmp_path / "x.sav")


def test_chunks_of_rows_are_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = {"a": [float(n) for n in range(100)], "b": [f"t{n}" for n in range(100)]}
    path = written(tmp_path, columns)
    monkeypatch.setattr("satcore_files.readstat._FEWEST", 7)
    monkeypatch.setattr("satcore_files.readstat._CHUNK", 1)
    [fragment] = survey_of(path).fragments
    assert [frame.height for frame in fragment.read(["b", "a"])] == [7] * 14 + [2]
    assert values(survey_of(path)) == columns


@pytest.mark.parametrize("kind", ["spss", "stata"])
def test_readers_keep_their_laws(tmp_path: Path, kind: str) -> None:
    path = written(tmp_path, ANSWERS, f"x{SPECS[kind].suffixes[0]}")
    for check in survey_checks(SPECS[kind], [path]):
        assert check.told().kind != "failed", check.told()


# Stata


def test_stata(tmp_path: Path, plugins: Plugins) -> None:
    columns = {"Q1": [10.0, 9.0, 3.0, None, 0.0], "region": [1, 2, 1, 2, 1]}
    path = written(
        tmp_path,
        columns,
        "x.dta",
        column_labels={"Q1": "Recommend?"},
        variable_value_labels={"region": {1: "East", 2: "West"}},
    )
    survey = survey_of(path, kind="stata")
    assert values(survey) == columns
    assert survey.dictionary.variables == {
        "Q1": Variable(label="Recommend?"),
        "region": Variable(labels={"1": "East", "2": "West"}),
    }
    [row] = [row for row in scores(path, plugins).rows("nps", "nps") if not row["cell"]]
    assert (row["value"], row["base"]) == (0.0, 4)


def test_letters_of_stata_are_missing_by_their_label(tmp_path: Path, plugins: Plugins) -> None:
    path = written(
        tmp_path,
        {"Q1": pl.Series([10, 9, "a", "b", 3, "a"], dtype=pl.Object)},
        "x.dta",
        missing_user_values={"Q1": ["a", "b"]},
        variable_value_labels={"Q1": {"a": "Refused", "b": "Don't know"}},
    )
    survey = survey_of(path, kind="stata")
    assert survey.dictionary.variables["Q1"].missing == ("a", "b")
    results = scores(path, plugins)
    assert results.items[0]["missing_by"] == {"a (Refused)": 2, "b (Don't know)": 1}
