"""A progress bar by rows: on a terminal only, nothing on a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from satcore.planning import Plan
from satcore.scanning import Progress


@contextmanager
def progress_of(plan: Plan) -> Iterator[Progress | None]:
    """What ``scan`` tells its progress to; None where nobody looks."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    rows = [fragment.rows for fragment in plan.survey.fragments]
    known = [count for count in rows if count is not None]
    total = sum(known) if len(known) == len(rows) else None
    columns = (
        TextColumn("reading"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} rows"),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda count: bar.advance(task, count)
