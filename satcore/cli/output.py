"""Writing results: whole files or none, and every failure told."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from satcore.errors import OutputError, PluginError, SatcoreError
from satcore.frames import Rows, csv_bytes, frame_columns, parquet_bytes
from satcore.hookspecs import ReportRenderer
from satcore.plugins import Plugins
from satcore.results import Results

FORMATS: Final = ("table", "json", "csv", "parquet")


def check_target(path: str) -> None:
    """Refuse what can't be written, as far as that can be known beforehand.

    Raises:
        OutputError: There is no folder for it, it is a folder itself, or may not be written.
    """
    target = Path(os.path.realpath(path))
    if not path:
        raise OutputError("the name of the file to write is empty")
    if target.is_dir():
        raise OutputError(f"{path} can't be written: it is a folder; name a file in it")
    if not target.parent.is_dir():
        raise OutputError(f"{path} can't be written: there is no folder '{target.parent}'")
    place = target if target.exists() and not target.is_file() else target.parent
    if not os.access(place, os.W_OK):
        raise OutputError(f"{path} can't be written: '{place}' may not be written to")


def write_bytes(path: str, data: bytes) -> None:
    """Write a file whole, or leave what was there.

    Raises:
        OutputError: It can't be written; with the reason.
    """
    # A link stays a link: what it leads to is written.
    target = Path(os.path.realpath(path))
    try:
        if target.exists() and not target.is_file():
            # A device or a pipe has nothing to be replaced.
            with target.open("wb") as stream:
                stream.write(data)
            return
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).chmod(_mode(target))
            Path(name).replace(target)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise OutputError(f"{path} can't be written: {error.strerror or error}") from None


def _mode(target: Path) -> int:
    """The mode that the file would have had, had it been opened plainly."""
    if target.exists():
        return stat.S_IMODE(target.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def form_of(form: str | None, path: str | None) -> str:
    """The form of results: the one that was asked for, else the one that a file's name ends in."""
    if form is not None:
        return form
    suffix = Path(path or "").suffix.lower().removeprefix(".")
    return suffix if suffix in FORMATS else "table"


def encoded(results: Results, form: str, rows: Rows = "estimates") -> bytes:
    """Results in a form other than the table for people; JSON holds all rows."""
    if form == "json":
        return (results.to_json() + "\n").encode()
    columns = frame_columns(results, rows)
    return csv_bytes(columns) if form == "csv" else parquet_bytes(columns)


def deliver(results: Results, form: str, path: str | None, rows: Rows = "estimates") -> None:
    """Write encoded results to a file or to standard output.

    Raises:
        OutputError: It can't be written.
    """
    data = encoded(results, form, rows)
    if path is not None:
        # Excel takes a CSV for UTF-8 only where it begins with the byte-order mark.
        write_bytes(path, b"\xef\xbb\xbf" + data if form == "csv" else data)
    else:
        print_bytes(data)


def print_bytes(data: bytes) -> None:
    """Write to standard output, whatever its encoding.

    Raises:
        OutputError: It can't be written.
    """
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"standard output can't be written: {error.strerror}") from None


def renderer_of(path: str, plugins: Plugins, *, static: bool = False) -> ReportRenderer:
    """What makes a report of a file's name; told before anything is read.

    Raises:
        PluginError: No plugin writes such a file.
        OutputError: It is asked for without scripts, and the report has no such form.
    """
    spec = plugins.report(path)
    if not static:
        return spec.render
    if spec.render_static is None:
        raise OutputError(
            f"{path}: --static is for pages with scripts, as FILE.html; the report {spec.name!r} "
            "has no such form; leave --static out"
        )
    return spec.render_static


def write_report(
    results: Results, path: str, language: str, plugins: Plugins, *, static: bool = False
) -> None:
    """Render a report and write it.

    Raises:
        PluginError: No plugin writes such a file, or the one that does failed.
        OutputError: Something has to be installed first, the language is not spoken, there is no
            form without scripts, or the file can't be written.
    """
    spec, render = plugins.report(path), renderer_of(path, plugins, static=static)
    if language not in spec.languages:
        raise OutputError(
            f"the report {spec.name!r} speaks {', '.join(spec.languages)}, not {language!r}"
        )
    try:
        data = render(results, language)
    except SatcoreError:
        raise
    except (Exception, SystemExit) as error:
        raise PluginError(
            f"{path}: the report {spec.name!r} failed: {type(error).__name__}: {error}; "
            "`satcore plugins` shows which plugin offers it"
        ) from error
    write_bytes(path, data)
