"""Tables that say what the numbers rest on: responses, items, failures, metrics, versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from satcore import ItemRow, Measured, Text
from satcore_html import numerals
from satcore_html.estimates import Teller
from satcore_html.grid import Column, Grid, grid

#: The core's text for an answer that was simply not given.
NOT_ANSWERED = "not answered"


def responses_grid(teller: Teller) -> Grid:
    """What was read, dropped by which rule, and kept."""
    words, responses = teller.words, teller.results.responses
    steps = [(words("read"), responses.read)]
    steps += [
        (words("dropped_by", column=row["column"], rule=row["rule"]), row["rows"])
        for row in responses.dropped
    ]
    steps.append((words("kept"), responses.kept))
    return grid(
        words("kept_and_dropped"),
        [
            Column(head=words("step"), texts=[step for step, _ in steps]),
            Column(
                head=words("rows"),
                texts=[numerals.count(rows) for _, rows in steps],
                numeric=True,
            ),
            Column(
                head=words("share_of_read"),
                texts=[numerals.share(rows, responses.read) for _, rows in steps],
                numeric=True,
            ),
        ],
    )


def items_grid(teller: Teller) -> Grid:
    """How each item was answered, missing by reason."""
    words, items = teller.words, teller.results.items
    asked = [_asked(row) for row in items]
    columns = [Column(head=words("item"), texts=[row["item"] for row in items])]
    if any(row["label"] for row in items):
        texts = [teller.item(row["item"]) if row["label"] else "" for row in items]
        columns.append(Column(head=words("question"), texts=texts, prose=True))
    columns += [
        Column(head=words("scale"), texts=[row["scale"] for row in items]),
        Column(
            head=words("answered"),
            texts=[numerals.count(row["answered"]) for row in items],
            numeric=True,
        ),
        Column(
            head=words("answered_share"),
            texts=[
                numerals.share(row["answered"], whole)
                for row, whole in zip(items, asked, strict=True)
            ],
            numeric=True,
        ),
        Column(
            head=words("missing"),
            texts=[_counted(row["missing"], row["missing_by"], teller) for row in items],
            prose=True,
        ),
        Column(
            head=words("invalid"),
            texts=[_counted(row["invalid"], row["invalid_by"], teller) for row in items],
            prose=True,
        ),
    ]
    invalid = teller.results.about.invalid
    return grid(
        words("items_answered"),
        columns,
        notes=[words("items_note"), words.known(f"invalid_{invalid}", "")],
    )


def _asked(row: ItemRow) -> int | None:
    """All who were asked; None where the answers are withheld."""
    answered, missing, invalid = row["answered"], row["missing"], row["invalid"]
    if answered is None or missing is None or invalid is None:
        return None
    return answered + missing + invalid


def _counted(total: int | None, by: Mapping[str, int], teller: Teller) -> str:
    """A count, with its parts where they tell more than the whole."""
    words = teller.words
    if not by:
        return numerals.count(total)
    parts = words("separator").join(
        words(
            "reason_count",
            reason=words("reason_not_answered") if reason == NOT_ANSWERED else reason,
            count=numerals.count(rows),
        )
        for reason, rows in by.items()
    )
    return words("brackets", text=numerals.count(total), more=parts)


def failures_grid(teller: Teller) -> Grid | None:
    """What could not be measured; None where everything was."""
    words, failures = teller.words, teller.results.failures
    if not failures:
        return None
    return grid(
        words("failures"),
        [
            Column(head=words("metric"), texts=[row["metric"] for row in failures]),
            Column(
                head=words("failed_cells"),
                texts=[numerals.count(row["cells"]) for row in failures],
                numeric=True,
            ),
            Column(
                head=words("reason"),
                texts=[row["message"] for row in failures],
                prose=True,
                langs=["en"] * len(failures),
            ),
        ],
    )


def metrics_grid(teller: Teller) -> Grid:
    """What was measured, with which options, by which plugin."""
    words, measured = teller.words, teller.results.metrics
    return grid(
        words("metrics_measured"),
        [
            Column(head=words("metric"), texts=[one.name for one in measured]),
            Column(head=words("kind"), texts=[one.kind for one in measured]),
            Column(
                head=words("options"), texts=[_options(one, teller) for one in measured], prose=True
            ),
            Column(
                head=words("plugin"),
                texts=[one.plugin or words("no_plugin") for one in measured],
            ),
        ],
    )


def versions_grid(teller: Teller) -> Grid:
    """The software that counted."""
    words, versions = teller.words, teller.results.about.versions
    return grid(
        words("versions"),
        [
            Column(head=words("software"), texts=list(versions)),
            Column(head=words("version"), texts=[str(one) for one in versions.values()]),
        ],
    )


def _options(measured: Measured, teller: Teller) -> str:
    """A metric's options as a study file would name them."""
    kind: type = type(measured.metric)
    if not attrs.has(kind):
        return ""
    options = ((one.name, getattr(measured.metric, one.name)) for one in attrs.fields(kind))
    return teller.words("separator").join(
        f"{name} = {_option(value, teller.words.language)}"
        for name, value in options
        if value is not None
    )


def _option(value: Any, language: str) -> str:
    """An option's value, the same on every run.

    The text of any other object may hold its address in memory, so only its type is told.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, Text):
        return value.said(language)
    if isinstance(value, Mapping):
        pairs = (
            f"{_option(key, language)}: {_option(one, language)}" for key, one in value.items()
        )
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_option(one, language) for one in value) + "]"
    if isinstance(value, set | frozenset):
        return "[" + ", ".join(sorted(_option(one, language) for one in value)) + "]"
    return type(value).__name__
