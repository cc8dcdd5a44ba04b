"""Fragments for another process: files by their paths, everything else as Arrow data."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from satcore.blocks import blocks_of
from satcore.errors import FragmentError, PluginError, SatcoreError
from satcore.hookspecs import Source
from satcore.planning import Plan
from satcore.plugins import Plugins
from satcore.surveys import Fragment

if TYPE_CHECKING:
    import polars as pl

#: More rows than any answers in memory have.
_UNCUT: Final = 1 << 62


@frozen(kw_only=True)
class Task:
    """Some fragments to be counted together, as text, and the answers that no file holds.

    Attributes:
        number: The task's number in its job, from 0.
        text: The fragments as JSON text.
        frames: Answers that were in memory, as Arrow IPC streams, in the order in which the text
            names them.
        rows: The rows of its fragments; None where they are not known before reading.
    """

    number: int
    text: str
    frames: tuple[bytes, ...] = ()
    rows: int | None = None


@frozen(kw_only=True, eq=False)
class _Elsewhere:
    """A fragment of a file that is opened where it is read.

    Attributes:
        id: The fragment's id in the survey.
        rows: Its rows, where they were known.
        path: The file.
        encoding: The encoding that the study names.
        place: The fragment's number among those of the file, from 0.
        among: How many fragments the file has.
    """

    id: str
    rows: int | None
    path: str
    encoding: str | None
    place: int
    among: int

    def read(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """The named columns, by the reader that this process has for such a file."""
        try:
            reader = Plugins.found().reader(self.path)
        except PluginError as error:
            from satcore.tasks.texts import here

            raise PluginError(f"{here()}: {error}") from error
        survey = reader.read(Source(paths=(self.path,), encoding=self.encoding))
        found = survey.fragments
        if len(found) != self.among or found[self.place].rows != self.rows:
            raise FragmentError.at(
                self.path, "it has changed since it was opened; run again when nobody writes to it"
            )
        yield from found[self.place].read(columns)


@frozen(kw_only=True, eq=False)
class _Sent:
    """A fragment whose answers came along.

    Attributes:
        id: The fragment's id.
        rows: Its rows.
        data: The answers as an Arrow IPC stream.
    """

    id: str
    rows: int
    data: bytes

    def read(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """The named columns."""
        import polars as pl

        yield pl.read_ipc_stream(io.BytesIO(self.data)).select(columns)


def tasks_of(plan: Plan, together: int) -> Iterator[Task]:
    """The tasks of a plan, made as they are asked for.

    A file is named by its path, to be opened where it is read. Answers that no file holds are read
    here and sent.

    Args:
        plan: The plan.
        together: How many fragments make a task.

    Raises:
        DataError: Answers that are to be sent can't be read.
    """
    places = _places(plan)
    fragments = plan.survey.fragments
    for number, start in enumerate(range(0, len(fragments), together)):
        told: list[dict[str, Any]] = []
        frames: list[bytes] = []
        some = fragments[start : start + together]
        for fragment in some:
            one: dict[str, Any] = {"id": fragment.id, "rows": fragment.rows}
            if fragment.id in places:
                one |= places[fragment.id]
            else:
                data = _sent(plan, fragment)
                if isinstance(data, str):
                    one["skipped"] = data
                else:
                    one["rows"], sent = data
                    frames.append(sent)
            told.append(one)
        rows = [one["rows"] for one in told]
        yield Task(
            number=number,
            text=json.dumps({"task": number, "fragments": told}, ensure_ascii=False),
            frames=tuple(frames),
            rows=None if None in rows else sum(rows),
        )


def _places(plan: Plan) -> dict[str, dict[str, Any]]:
    """Where each fragment of a file is to be found again, by its id."""
    source = plan.survey.source
    if source is None:
        return {}
    by_path: dict[str, list[Fragment]] = {}
    for fragment in plan.survey.fragments:
        path = getattr(fragment, "path", None)
        if path in source.paths:
            by_path.setdefault(path, []).append(fragment)
    return {
        fragment.id: {
            "path": path,
            "encoding": source.encoding,
            "place": place,
            "among": len(several),
        }
        for path, several in by_path.items()
        for place, fragment in enumerate(several)
    }


def _sent(plan: Plan, fragment: Fragment) -> tuple[int, bytes] | str:
    """A fragment's rows and answers, or why it is skipped."""
    import polars as pl

    columns = list(plan.columns or plan.survey.columns[:1])
    try:
        batches = (frame.select(columns) for frame in fragment.read(columns))
        # As one, cut nowhere: where it is counted, blocks are cut at the same rows as anywhere.
        frame = next(blocks_of(batches, rows=_UNCUT), None)
        if frame is None:
            frame = pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
        stream = io.BytesIO()
        frame.write_ipc_stream(stream)
    except Exception as error:
        if plan.skip_bad_fragments:
            return str(error)
        if isinstance(error, SatcoreError):
            raise
        raise FragmentError.at(
            fragment.id, f"it can't be sent: {type(error).__name__}: {error}"
        ) from error
    return frame.height, stream.getvalue()


def fragments_of(text: str, frames: Sequence[bytes]) -> Iterator[tuple[dict[str, Any], Fragment]]:
    """The fragments that a task tells, each after what is told of it."""
    sent = iter(frames)
    for one in json.loads(text)["fragments"]:
        if "path" in one:
            yield one, _Elsewhere(**one)
        elif "skipped" not in one:
            yield one, _Sent(id=one["id"], rows=one["rows"], data=next(sent))
        else:
            yield one, _Sent(id=one["id"], rows=0, data=b"")
