"""The checks of a reader of survey files."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from satcore.errors import SatcoreError
from satcore.hookspecs import Source, SurveySpec
from satcore.surveys import Fragment, Survey
from satcore.testing.checks import Check, LawError, NotApplicable, expecting

if TYPE_CHECKING:
    import polars as pl

_Hold = Callable[[SurveySpec, tuple[str, ...]], None]


def _opened(spec: SurveySpec, paths: tuple[str, ...]) -> Survey:
    survey: Any = spec.read(Source(paths=paths))
    if not isinstance(survey, Survey):
        raise LawError(expected="a Survey", came=type(survey).__name__)
    return survey


def _whole(fragment: Fragment, columns: Sequence[str]) -> pl.DataFrame | None:
    """A fragment's rows as one frame; None where it has no batch."""
    import polars as pl

    batches = list(fragment.read(columns))
    return pl.concat(batches, how="vertical_relaxed") if batches else None


def _suffixes(spec: SurveySpec, paths: tuple[str, ...]) -> None:
    odd = [one for one in spec.suffixes if not one.startswith(".") or one != one.lower()]
    if odd or not spec.suffixes:
        raise LawError(expected='suffixes as ".csv", in small letters', came=str(spec.suffixes))
    for path in paths:
        if not path.lower().endswith(tuple(spec.suffixes)):
            raise LawError(expected=f"files that end in {', '.join(spec.suffixes)}", came=path)


def _opens(spec: SurveySpec, paths: tuple[str, ...]) -> None:
    first, second = _opened(spec, paths), _opened(spec, paths)
    if not first.columns or len(set(first.columns)) < len(first.columns):
        raise LawError(expected="columns, each once", came=str(first.columns))
    ids = [[one.id for one in survey.fragments] for survey in (first, second)]
    if ids[0] != ids[1] or first.columns != second.columns:
        raise LawError(expected=f"the same fragments each time: {ids[0][:4]}", came=f"{ids[1][:4]}")


def _columns(spec: SurveySpec, paths: tuple[str, ...]) -> None:
    survey = _opened(spec, paths)
    wanted = [survey.columns, survey.columns[::-1], survey.columns[-1:]]
    for fragment in survey.fragments[:4]:
        everything = _whole(fragment, survey.columns)
        for columns in wanted:
            for batch in fragment.read(columns):
                if tuple(batch.columns) != tuple(columns):
                    raise LawError(
                        expected=f"{fragment.id}: the columns {list(columns)}",
                        came=str(batch.columns),
                    )
            some = _whole(fragment, columns)
            if everything is None or some is None:
                continue
            if not some.equals(everything.select(columns)):
                raise LawError(
                    expected=f"{fragment.id}: {list(columns)} as when all columns are read",
                    came="other values",
                )


def _rows(spec: SurveySpec, paths: tuple[str, ...]) -> None:
    for fragment in _opened(spec, paths).fragments:
        columns = _opened(spec, paths).columns[:1]
        read = sum(batch.height for batch in fragment.read(columns))
        if fragment.rows is not None and fragment.rows != read:
            raise LawError(
                expected=f"{fragment.id}: {fragment.rows} rows, as it says", came=f"{read}"
            )


def _read_twice(spec: SurveySpec, paths: tuple[str, ...]) -> None:
    survey = _opened(spec, paths)
    for fragment in survey.fragments[:8]:
        first, second = _whole(fragment, survey.columns), _whole(fragment, survey.columns)
        same = first is second is None or (
            first is not None and second is not None and first.equals(second)
        )
        if not same:
            raise LawError(expected=f"{fragment.id}: the same rows again", came="others")


def _threads(spec: SurveySpec, paths: tuple[str, ...]) -> None:
    survey = _opened(spec, paths)
    jobs = [*survey.fragments, *survey.fragments]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda fragment: _whole(fragment, survey.columns), jobs))
    for fragment, frame in zip(jobs, found, strict=True):
        alone = _whole(fragment, survey.columns)
        if (frame is None) != (alone is None) or (
            frame is not None and alone is not None and not frame.equals(alone)
        ):
            raise LawError(expected=f"{fragment.id}: in threads the same rows", came="others")


def _absent(spec: SurveySpec, paths: tuple[str, ...]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _hold_refused(spec, Path(folder) / f"absent{spec.suffixes[0]}", must=True)


def _damaged(spec: SurveySpec, paths: tuple[str, ...]) -> None:
    """Nothing, half of a file, and bytes that are no such file at all."""
    path = Path(paths[0])
    if not path.is_file():
        raise NotApplicable(f"{path} is no file")
    whole = path.read_bytes()
    damages = {"empty": b"", "half": whole[: len(whole) // 2], "garbage": bytes(range(256)) * 8}
    with tempfile.TemporaryDirectory() as folder:
        for name, content in damages.items():
            damaged = Path(folder) / f"{name}{path.suffix}"
            damaged.write_bytes(content)
            _hold_refused(spec, damaged, must=False)


def _hold_refused(spec: SurveySpec, path: Path, *, must: bool) -> None:
    """Hold that a file is read, or refused in words that name it."""
    try:
        survey = _opened(spec, (str(path),))
        for fragment in survey.fragments:
            _whole(fragment, survey.columns)
    except SatcoreError as error:
        if path.name not in str(error):
            raise LawError(expected=f"an error that names {path.name}", came=str(error)) from None
    except LawError:
        raise
    except Exception as error:  # noqa: BLE001 - a reader may raise anything
        came = f"{type(error).__name__}: {error}"
        raise LawError(expected=f"DataError for {path.name}", came=came) from None
    else:
        if must:
            raise LawError(expected=f"DataError for {path.name}", came="a survey")


_CHECKS: tuple[tuple[str, str, _Hold], ...] = (
    ("suffixes", "A reader names the files it reads by how they end.", _suffixes),
    ("opens", "Opening files gives the same columns and fragments each time.", _opens),
    ("columns", "A fragment gives the columns that are asked for, in that order.", _columns),
    ("rows", "A fragment has the rows that it says.", _rows),
    ("read_twice", "A fragment read again gives the same rows.", _read_twice),
    ("threads", "Fragments may be read in threads.", _threads),
    ("absent_file", "A file that is not there is refused in words.", _absent),
    ("damaged_file", "A damaged file is refused in words that name it, or read.", _damaged),
)


def survey_checks(
    spec: SurveySpec,
    paths: Sequence[str | Path],
    *,
    expected_failures: Mapping[str, str] | None = None,
) -> list[Check]:
    """The checks of a reader, on files that it reads.

    Args:
        spec: The record that offers it.
        paths: Files that are one survey.
        expected_failures: Why a check has to fail, by its name.

    Raises:
        ValueError: No path, or an expected failure of a check that there is not.
    """
    if not paths:
        raise ValueError("paths: name at least one file that the reader reads")
    files = tuple(str(path) for path in paths)

    def held(hold: _Hold) -> Callable[[], str | None]:
        return partial(_run, hold, spec, files)

    checks = [Check(n, law, held(hold), subject=spec.name) for n, law, hold in _CHECKS]
    return expecting(checks, expected_failures)


def _run(hold: _Hold, spec: SurveySpec, paths: tuple[str, ...]) -> str | None:
    hold(spec, paths)
    return None
