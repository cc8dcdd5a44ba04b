"""Outcomes of standards as JUnit XML, for the servers that run checks on a schedule.

The form is the one that Jenkins describes in junit-10.xsd (jenkinsci/xunit-plugin). There is no
time of day in it, and every duration is 0: the same answers give the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from xml.etree import ElementTree as ET

from satcore.cli.standards import cell, sentence, target
from satcore.results import Results, StandardRow

#: Characters that no XML 1.0 document may hold, not even escaped.
_IMPOSSIBLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

#: How the elements of a test case are counted by those around them.
_COUNTED: Final = {"failure": "failures", "error": "errors", "skipped": "skipped"}


def junit(results: Results, *, strict: bool = False) -> bytes:
    """A suite for every standard, a case for every cell.

    Not met is a failure, a metric that failed an error, not shown a skipped case.

    Args:
        results: Results with standards.
        strict: Whether what is not shown is a failure too.
    """
    suites: dict[str, list[StandardRow]] = {}
    for row in results.standard_rows():
        suites.setdefault(row["standard"], []).append(row)
    rows = [row for some in suites.values() for row in some]
    counts = _counts(rows, strict=strict)
    del counts["skipped"]  # The schema counts them in each suite, and not in all of them.
    title = results.about.title.said("en") or "satcore check"
    root = _element("testsuites", {"name": title, **counts, "time": "0"})
    for place, (standard, some) in enumerate(suites.items()):
        root.append(_suite(place, standard, some, results, strict=strict))
    ET.indent(root, " ")
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _suite(
    place: int, standard: str, rows: Sequence[StandardRow], results: Results, *, strict: bool
) -> ET.Element:
    counts = _counts(rows, strict=strict)
    suite = _element("testsuite", {"name": standard, **counts, "time": "0", "id": str(place)})
    properties = _element("properties", {})
    for name, value in (
        ("metric", rows[0]["metric"]),
        ("term", rows[0]["term"]),
        ("target", target(rows[0])),
        ("confidence", f"{rows[0]['confidence']:g}"),
        ("data", results.about.data),
    ):
        properties.append(_element("property", {"name": name, "value": value}))
    suite.append(properties)
    for row in rows:
        suite.append(_case(row, results, strict=strict))
    return suite


def _case(row: StandardRow, results: Results, *, strict: bool) -> ET.Element:
    case = _element(
        "testcase",
        {
            "name": f"{row['standard']}: {cell(row, results.about)}",
            "classname": ".".join(part for part in (row["metric"], row["term"]) if part),
            "time": "0",
        },
    )
    found = _outcome(row, strict=strict)
    told = _told(row)
    if found is None:
        output = _element("system-out", {})
        output.text = _held(told)
        case.append(output)
    else:
        kind = "error" if row["status"] == "error" else row["outcome"]
        case.append(_element(found, {"type": kind, "message": told}))
    return case


def _told(row: StandardRow) -> str:
    """A row in words; of one that failed why, as nothing was shown or not."""
    if row["status"] == "error":
        return f"failed: {row['message']}; target: {target(row)}"
    return sentence(row)


def _outcome(row: StandardRow, *, strict: bool) -> str | None:
    """The element that a test case has for its outcome; None where all is well."""
    if row["status"] == "error":
        return "error"
    if row["outcome"] == "not_met":
        return "failure"
    if row["outcome"] == "not_shown":
        return "failure" if strict else "skipped"
    return None


def _counts(rows: Iterable[StandardRow], *, strict: bool) -> dict[str, str]:
    """How many cases there are of each kind, as attributes."""
    outcomes = [_outcome(row, strict=strict) for row in rows]
    numbers = {name: outcomes.count(element) for element, name in _COUNTED.items()}
    return {"tests": str(len(outcomes)), **{name: str(count) for name, count in numbers.items()}}


def _element(name: str, attributes: Mapping[str, str]) -> ET.Element:
    return ET.Element(name, {key: _held(value) for key, value in attributes.items()})


def _held(text: str) -> str:
    """A text as XML can hold it; what it can't becomes the replacement character."""
    return _IMPOSSIBLE.sub("\N{REPLACEMENT CHARACTER}", text)
