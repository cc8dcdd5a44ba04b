"""Several files as one survey."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from attrs import evolve, field, frozen

from satcore import (
    DataDictionary,
    DataError,
    Fragment,
    Problem,
    ResponseSet,
    Survey,
    Variable,
    listed,
    near,
    shown_address,
)
from satcore_files.options import Option, OptionedFile
from satcore_files.partitions import Partitioned, partitions_of
from satcore_files.paths import file_ids, survey_name


@frozen(kw_only=True)
class OpenedFile:
    """What is known of a file before its answers are read.

    Attributes:
        columns: Its columns.
        fragments: Its parts.
        answers: Whether it holds any answers.
        remarks: What a reader of the results should know, without the file's name.
        dictionary: What it knows of its columns.
        options: Columns that are made of its own, for questions with several answers.
    """

    columns: tuple[str, ...]
    fragments: tuple[Fragment, ...]
    answers: bool
    remarks: tuple[str, ...] = field(default=())
    dictionary: DataDictionary = field(factory=DataDictionary)
    options: tuple[Option, ...] = field(default=())


def survey_of(paths: Sequence[str], open_file: Callable[[str, str], OpenedFile]) -> Survey:
    """The survey that these files make together, of the columns that all of them have.

    Args:
        paths: The files, in order.
        open_file: Opens one, given its path and its name within the survey.

    Raises:
        DataError: Files can't be read (each is named), one is given twice, they have no column in
            common, or there is no answer in any of them.
    """
    if not paths:
        raise DataError.at("data", "no file is given")
    ids = file_ids(paths)
    problems: list[Problem] = []
    files: dict[str, OpenedFile] = {}
    for path, file_id in zip(paths, ids, strict=True):
        try:
            files[file_id] = _in_its_folder(open_file(path, file_id), path)
        except DataError as error:
            problems.extend(error.problems)
    problems.extend(_same_files(paths))
    if problems:
        raise DataError(problems)
    if not any(file.answers for file in files.values()):
        raise DataError.at(
            survey_name(paths), "there are column names but no answers; export the answers too"
        )
    columns = _common_columns(files, survey_name(paths))
    options = _options(files, columns)
    parts = tuple(part for file in files.values() for part in file.fragments)
    if options:
        parts = tuple(OptionedFile(inner=part, options=options) for part in parts)
    return Survey(
        name=survey_name(paths),
        columns=(*columns, *options),
        fragments=parts,
        notes=(*_remarks(files), *_lacking(files), *_at_odds(files)),
        dictionary=_dictionary(files, options),
    )


def _in_its_folder(file: OpenedFile, path: str) -> OpenedFile:
    """The file with the columns that its folders name; theirs win over the file's own."""
    values = partitions_of(path)
    if not values:
        return file
    own = tuple(column for column in file.columns if column not in values)
    return evolve(
        file,
        columns=(*own, *values),
        fragments=tuple(
            Partitioned(fragment=part, columns=file.columns, values=values)
            for part in file.fragments
        ),
    )


def _options(files: dict[str, OpenedFile], columns: Sequence[str]) -> dict[str, Option]:
    """The columns of options that every file can give: those of any, where the sources are there.

    An option that nobody chose in one file is 0 there; it may not be absent because of that.
    """
    made = {option.name: option for file in files.values() for option in file.options}
    there = set(columns)
    return {
        name: option
        for name, option in made.items()
        if name not in there and there.issuperset(option.sources)
    }


def _dictionary(files: dict[str, OpenedFile], options: dict[str, Option]) -> DataDictionary:
    """What the files know together; of two that differ, the first one's word."""
    known = [file.dictionary for file in files.values()]
    variables: dict[str, Variable] = {}
    for one in known:
        for name, told in one.variables.items():
            variables[name] = _both(variables[name], told) if name in variables else told
    sets: dict[str, ResponseSet] = {}
    for one in known:
        for found in one.sets:
            before = sets.get(found.name, found)
            texts = {**found.options, **before.options}
            sets[found.name] = ResponseSet(
                name=found.name,
                label=before.label or found.label,
                options={name: text for name, text in texts.items() if name in options},
            )
    for found in sets.values():
        for name, text in found.options.items():
            variables.setdefault(name, Variable(label=text))
    return DataDictionary(
        layout=known[0].layout if len({one.layout for one in known}) == 1 else "",
        variables=variables,
        sets=tuple(one for one in sets.values() if one.options),
        weight=known[0].weight if len({one.weight for one in known}) == 1 else None,
        tests={column: values for one in reversed(known) for column, values in one.tests.items()},
    )


def _both(first: Variable, second: Variable) -> Variable:
    return Variable(
        label=first.label or second.label,
        labels={**second.labels, **first.labels},
        missing=tuple(dict.fromkeys((*first.missing, *second.missing))),
    )


def _at_odds(files: dict[str, OpenedFile]) -> list[str]:
    """Columns whose values mean one thing in one file and another in another."""
    said: dict[tuple[str, str], tuple[str, str]] = {}
    odd: dict[str, str] = {}
    for file_id, file in files.items():
        for name, told in file.dictionary.variables.items():
            for value, label in told.labels.items():
                first, label_there = said.setdefault((name, value), (file_id, label))
                if label_there != label:
                    told_of = f"{value} is {label_there!r} in {first} and {label!r} in {file_id}"
                    odd.setdefault(name, f"{name}: {told_of}; the first label is shown")
    rest = [f"{len(odd) - 6} more columns have labels at odds"] if len(odd) > 6 else []
    return [*list(odd.values())[:6], *rest]


def check_names(path: str, columns: Sequence[str]) -> None:
    """Refuse columns that can't be told apart.

    Raises:
        DataError: Names are there more than once; each is told with its places.
    """
    repeated = [name for name, times in Counter(columns).items() if times > 1]
    problems = []
    for name in repeated:
        places = [str(place) for place, column in enumerate(columns, 1) if column == name]
        which = f"the name {name!r}" if name else "an empty name"
        problems.append(
            Problem(
                shown_address(path),
                f"columns {listed(places[:-1])} and {places[-1]} have {which}; give each column "
                "a name of its own",
            )
        )
    if problems:
        raise DataError(problems)


def check_asked(path: str, asked: Sequence[str], columns: Sequence[str]) -> None:
    """Refuse to read what is not there.

    Raises:
        DataError: The file has no such column.
        ValueError: No column is asked for, so that nothing would tell how many rows there are.
    """
    if not asked:
        raise ValueError("ask for at least one column")
    for column in asked:
        if column not in columns:
            raise DataError.at(
                shown_address(path), f"there is no column {column!r}{near(column, columns)}"
            )


def _same_files(paths: Sequence[str]) -> list[Problem]:
    """Files that are there under two names, so that their answers would count twice."""
    first: dict[tuple[int, int], str] = {}
    problems = []
    for path in paths:
        try:
            found = Path(path).stat()
        except OSError:  # told already, when it was opened
            continue
        key = (found.st_dev, found.st_ino)
        if found.st_ino and key in first:
            message = f"it is the same file as {first[key]}; no answer is counted twice"
            problems.append(Problem(path, message))
        first.setdefault(key, path)
    return problems


def _common_columns(files: dict[str, OpenedFile], name: str) -> tuple[str, ...]:
    first, *others = files.values()
    shared = set(first.columns).intersection(*(file.columns for file in others))
    if not shared:
        raise DataError.at(name, "the files have no column in common; read them one by one")
    return tuple(column for column in first.columns if column in shared)


def _remarks(files: dict[str, OpenedFile]) -> list[str]:
    """The files' remarks, once each, after the names of the files that they hold for."""
    holding: dict[str, list[str]] = {}
    for file_id, file in files.items():
        for remark in file.remarks:
            holding.setdefault(remark, []).append(file_id)
    return [f"{listed(ids, 3)}: {remark}" for remark, ids in holding.items()]


def _lacking(files: dict[str, OpenedFile]) -> list[str]:
    """Which files lack columns that others have, and that are therefore left out."""
    every = dict.fromkeys(column for file in files.values() for column in file.columns)
    lacking: dict[tuple[str, ...], list[str]] = {}
    for file_id, file in files.items():
        own = set(file.columns)
        missing = tuple(column for column in every if column not in own)
        if missing:
            lacking.setdefault(missing, []).append(file_id)
    return [
        f"{listed(ids, 3)}: no column {listed(missing)}; only columns that all files have are used"
        for missing, ids in lacking.items()
    ]
