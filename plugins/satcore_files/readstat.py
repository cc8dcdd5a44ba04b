"""Surveys in SPSS and Stata files, read by pyreadstat, each file a fragment.

Codes stay codes. Values that the file declares as missing stay too, so that they are counted by
their label and kept apart from cells without a value. A chunk of rows is in memory at a time.

Source: pyreadstat's documentation (https://github.com/Roche/pyreadstat).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from satcore import DataDictionary, DataError, ResponseSet, Source, Survey, Variable, as_text
from satcore_files.encodings import codec_name
from satcore_files.extras import needed
from satcore_files.gathering import OpenedFile, check_asked, check_names, survey_of
from satcore_files.options import Option
from satcore_files.paths import check_local, opened
from satcore_files.spss_headers import SpssHeader, read_header

if TYPE_CHECKING:
    import polars as pl

#: Bytes of values that a chunk may hold, and the fewest rows of one: chunks are found by reading
#: from the start, so that many small ones would take long.
_CHUNK: Final = 1 << 26
_FEWEST: Final = 1 << 14

#: Different values in a wide range of missing values.
_MOST: Final = 1000

#: The function that reads each kind of file.
_READERS: Final = {"spss": "read_sav", "stata": "read_dta"}


def read_sav(source: Source) -> Survey:
    """Open SPSS files, ``.sav`` and ``.zsav``.

    Raises:
        DataError: Some can't be read; every one of them is named.
    """
    named = _encoding(source)
    return survey_of(source.paths, lambda path, one: _open("spss", path, one, named))


def read_dta(source: Source) -> Survey:
    """Open Stata files.

    Raises:
        DataError: Some can't be read; every one of them is named.
    """
    named = _encoding(source)
    return survey_of(source.paths, lambda path, one: _open("stata", path, one, named))


def _encoding(source: Source) -> str | None:
    """The encoding that the study names, as pyreadstat spells it.

    Raises:
        DataError: There is no such encoding.
    """
    named = source.encoding
    return None if named is None else codec_name(named).replace("_", "-")


@frozen(kw_only=True)
class ReadstatFile:
    """A file that pyreadstat reads.

    Attributes:
        id: The file's name below the folder that all files of the survey share.
        path: Where it is.
        kind: ``"spss"`` or ``"stata"``.
        encoding: The encoding that the study names; the file's own where None.
        columns: Its columns.
        widths: How many bytes a value of each takes.
        rows: How many responses it holds; None where it does not tell.
    """

    id: str
    path: str
    kind: str
    encoding: str | None
    columns: tuple[str, ...]
    widths: tuple[int, ...]
    rows: int | None

    @property
    def reading(self) -> str:
        """How its bytes become answers."""
        return f"{self.kind}, {self.encoding or 'its own encoding'}"

    def read(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """The named columns, chunk by chunk.

        Raises:
            DataError: The file is damaged, or a text is not of its encoding.
        """
        check_asked(self.path, columns, self.columns)
        widths = dict(zip(self.columns, self.widths, strict=True))
        size = max(_FEWEST, _CHUNK // sum(max(widths[name], 8) for name in columns))
        start = 0
        while self.rows is None or start < self.rows:
            frame, _ = _parsed(
                self.kind,
                self.path,
                self.encoding,
                usecols=list(dict.fromkeys(columns)),
                row_offset=start,
                row_limit=size,
            )
            if not frame.height:
                break
            yield _whole_codes(frame).select(columns)
            start += frame.height
        self._check_whole(start)

    def letters(self) -> dict[str, list[str]]:
        """The letters that stand for missing values in a Stata file, which only its rows tell.

        Raises:
            DataError: The file is damaged.
        """
        found: dict[str, dict[str, None]] = {}
        start, size = 0, max(_FEWEST, _CHUNK // sum(max(width, 8) for width in self.widths))
        while self.rows is None or start < self.rows:
            frame, meta = _parsed(
                self.kind, self.path, self.encoding, row_offset=start, row_limit=size
            )
            for name, letters in meta.missing_user_values.items():
                found.setdefault(name, {}).update(dict.fromkeys(letters))
            if not frame.height:
                break
            start += frame.height
        return {name: sorted(letters) for name, letters in found.items()}

    def _check_whole(self, start: int) -> None:
        if self.rows is not None and start != self.rows:
            raise DataError.at(
                self.path,
                f"it is cut short: {start} of {self.rows} responses are there; export it again",
            )


def _parsed(kind: str, path: str, encoding: str | None, **options: Any) -> tuple[pl.DataFrame, Any]:
    """A file's values and what it says of them.

    Raises:
        DataError: It can't be read.
    """
    parser = needed("pyreadstat", path)
    with opened(path):
        pass  # tells a file that is gone or may not be read
    try:
        found: tuple[pl.DataFrame, Any] = getattr(parser, _READERS[kind])(
            path, output_format="polars", user_missing=True, encoding=encoding, **options
        )
    except Exception as error:  # noqa: BLE001 - a damaged file may raise anything there
        raise DataError.at(path, _reason(kind, str(error), encoding)) from None
    return found


def _reason(kind: str, said: str, encoding: str | None) -> str:
    name = {"spss": "SPSS", "stata": "Stata"}[kind]
    if "encoding" in said.lower() or "convert string" in said.lower():
        if encoding is not None:
            return (
                f"its texts can't be read as {encoding}, the encoding that the study names; name "
                "the one that the file has, or leave it out"
            )
        return (
            "its texts are not of the encoding that it announces; name the one that they have in "
            'the study, such as encoding = "gb18030", "cp949", "cp932" or "cp1252"'
        )
    return f"it can't be read as {name} file: it is damaged, cut short or none; export it again"


def _whole_codes(frame: pl.DataFrame) -> pl.DataFrame:
    """Empty texts, which these files have for no text at all, as nothing; objects as texts."""
    import polars as pl

    columns = []
    for series in frame.iter_columns():
        if series.dtype == pl.Object:
            texts = [as_text(value) for value in series.to_list()]
            columns.append(pl.Series(series.name, texts, dtype=pl.String))
        elif series.dtype == pl.Null:
            columns.append(series.cast(pl.String))
        else:
            columns.append(series)
    return pl.DataFrame(columns)


def _open(kind: str, path: str, file_id: str, encoding: str | None) -> OpenedFile:
    check_local(path)
    needed("pyreadstat", path)
    header = None
    if kind == "spss":
        with opened(path) as file:
            header = read_header(file)
        if header is None:
            raise DataError.at(path, _reason(kind, "", encoding))
    _, meta = _parsed(kind, path, encoding, metadataonly=True)
    columns = tuple(meta.column_names)
    check_names(path, columns)
    if not columns:
        raise DataError.at(path, "it has no columns; export it again")
    fragment = ReadstatFile(
        id=file_id,
        path=path,
        kind=kind,
        encoding=encoding,
        columns=columns,
        widths=tuple(meta.variable_storage_width.get(name) or 8 for name in columns),
        rows=meta.number_rows,
    )
    letters = fragment.letters() if kind == "stata" else {}
    variables = _variables(meta, fragment, letters)
    options, sets = _sets(meta, variables)
    return OpenedFile(
        columns=columns,
        fragments=(fragment,),
        answers=meta.number_rows != 0,
        remarks=_remarks(meta, encoding, header),
        dictionary=DataDictionary(
            layout=kind, variables=variables, sets=sets, weight=_weight(meta, header)
        ),
        options=options,
    )


def _remarks(meta: Any, encoding: str | None, header: SpssHeader | None) -> tuple[str, ...]:
    named = [*meta.column_names, *filter(None, meta.column_labels)]
    labels = meta.variable_value_labels.values()
    texts = [*named, *(str(text) for values in labels for text in values.values())]
    if encoding is not None or header is None or header.tells_encoding:
        return ()
    if all(text.isascii() for text in texts):
        return ()
    told = f"it does not tell its encoding; read as {meta.file_encoding}"
    return (f"{told}; if texts look wrong, name the encoding",)


def _weight(meta: Any, header: SpssHeader | None) -> str | None:
    """The column that an SPSS file weighs its responses by."""
    if header is None or header.weight is None:
        return None
    types = meta.readstat_variable_types
    numbers = [name for name in meta.column_names if types.get(name) != "string"]
    return numbers[header.weight] if header.weight < len(numbers) else None


def _variables(
    meta: Any, fragment: ReadstatFile, letters: Mapping[str, Sequence[str]]
) -> dict[str, Variable]:
    missing, wide = {}, {}
    for name in meta.column_names:
        codes = letters.get(name, ())
        spans = [(span["lo"], span["hi"]) for span in meta.missing_ranges.get(name, ())]
        missing[name] = [
            _text(code) for code in (*codes, *(low for low, high in spans if low == high))
        ]
        spans = [(low, high) for low, high in spans if low != high]
        if spans:
            wide[name] = spans
    for name, values in _within(fragment, wide).items():
        missing[name] += values
    found = {}
    for name, label in zip(meta.column_names, meta.column_labels, strict=True):
        labels = meta.variable_value_labels.get(name, {})
        found[name] = Variable(
            label=" ".join((label or "").split()),
            labels={_text(code): str(text) for code, text in labels.items()},
            missing=tuple(dict.fromkeys(missing[name])),
        )
    return {name: one for name, one in found.items() if one != Variable()}


def _text(value: object) -> str:
    return (as_text(value) or "").strip()


def _within(
    fragment: ReadstatFile, spans: Mapping[str, Sequence[tuple[float, float]]]
) -> dict[str, list[str]]:
    """The values within ranges, by column, of all answers.

    Raises:
        DataError: There are so many that it is no range of missing codes.
    """
    import polars as pl

    seen: dict[str, set[float]] = {name: set() for name in spans}
    for frame in fragment.read(list(spans)) if spans else ():
        for name, ranges in spans.items():
            column = pl.col(name)
            inside = pl.any_horizontal(column.is_between(low, high) for low, high in ranges)
            seen[name].update(frame.filter(inside)[name].unique().head(_MOST + 1).to_list())
            if len(seen[name]) > _MOST:
                raise DataError.at(
                    f"{fragment.path}: column {name}",
                    f"more than {_MOST} different values are declared missing by a range; "
                    "recode them to one value",
                )
    return {name: [_text(value) for value in sorted(values)] for name, values in seen.items()}


def _sets(
    meta: Any, variables: Mapping[str, Variable]
) -> tuple[tuple[Option, ...], tuple[ResponseSet, ...]]:
    """The file's multiple-response sets, dichotomous and categorical."""
    options, sets = [], []
    for name, told in (getattr(meta, "mr_sets", None) or {}).items():
        columns = tuple(one for one in told["variable_list"] if one in meta.column_names)
        if not columns:
            continue
        known = {one: variables.get(one, Variable()) for one in columns}
        missing = tuple(dict.fromkeys(code for one in known.values() for code in one.missing))
        name = name.removeprefix("$")
        if told["is_dichotomy"]:
            counted = _text(told["counted_value"])
            codes = {"0", *(code for one in known.values() for code in one.labels)}
            unchosen = tuple(sorted(codes - {counted, *missing}))
            made = [(one, known[one].label or one, (one,), counted) for one in columns]
        else:
            unchosen = ()
            labels = {code: text for one in known.values() for code, text in one.labels.items()}
            made = [
                (code, text, columns, code) for code, text in labels.items() if code not in missing
            ]
        options += [
            Option(
                name=f"{name}:{key}",
                sources=columns,
                among=among,
                codes=(code,),
                unchosen=unchosen,
                missing=missing,
            )
            for key, _, among, code in made
        ]
        texts = {f"{name}:{key}": text for key, text, _, _ in made}
        sets.append(ResponseSet(name=name, label=told["label"] or "", options=texts))
    return tuple(options), tuple(sets)
