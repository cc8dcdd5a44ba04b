"""Writing results: whole files or none, and every failure told."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Final

from satcore.errors import OutputError
from satcore.plugins import Plugins
from satcore.results import Results

FORMATS: Final = ("table", "json", "csv", "parquet")


def write_bytes(path: str, data: bytes) -> None:
    """Write a file whole, or leave what was there.

    Raises:
        OutputError: It can't be written; with the reason.
    """
    target = Path(path)
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
            # The mode that a plainly opened file would have had.
            mask = os.umask(0)
            os.umask(mask)
            Path(name).chmod(0o666 & ~mask)
            Path(name).replace(target)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise OutputError(f"{path} can't be written: {error.strerror or error}") from None


def encoded(results: Results, form: str) -> bytes:
    """Results in a form other than the table for people."""
    if form == "json":
        return (results.to_json() + "\n").encode()
    frame = results.to_polars()
    stream = BytesIO()
    if form == "csv":
        frame.write_csv(stream)
    else:
        frame.write_parquet(stream)
    return stream.getvalue()


def deliver(results: Results, form: str, path: str | None) -> None:
    """Write encoded results to a file or to standard output.

    Raises:
        OutputError: It can't be written.
    """
    data = encoded(results, form)
    if path is not None:
        # Excel takes a CSV for UTF-8 only where it begins with the byte-order mark.
        write_bytes(path, b"\xef\xbb\xbf" + data if form == "csv" else data)
        return
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"standard output can't be written: {error.strerror}") from None


def write_report(results: Results, path: str, language: str, plugins: Plugins) -> None:
    """Render a report and write it.

    Raises:
        PluginError: No plugin writes such a file.
        OutputError: Something has to be installed first, the language is not spoken, or the file
            can't be written.
    """
    spec = plugins.report(path)
    if language not in spec.languages:
        raise OutputError(
            f"the report {spec.name!r} speaks {', '.join(spec.languages)}, not {language!r}"
        )
    write_bytes(path, spec.render(results, language))
