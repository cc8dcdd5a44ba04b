"""Columns that belong together by their names: two sides of a question, numbered runs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from attrs import frozen

_GAP: Final = r"[\s_\-.:：·、/]*"
_OPEN: Final = r"[\s_\-.:：·(（\[【、/]*"
_CLOSE: Final = r"[)）\]】\s]*"
_RANGE: Final = re.compile(r"\{\d+\.\.\d+\}")
_LAST_NUMBER: Final = re.compile(r"\d+(?=\D*$)")


@frozen
class Sided:
    """A column's name as a side and what it is a side of.

    Attributes:
        name: The name.
        lead: What stands before the key.
        key: What is common to both sides.
        tail: What stands after it.
    """

    name: str
    lead: str
    key: str
    tail: str


def sided(name: str, side: str) -> Sided | None:
    """A name as one side of a question; None where it does not say so.

    The side stands at an end of the name. One of Latin letters stands apart: after a sign or a
    number, or begun by a capital.
    """
    if side not in name.casefold():
        return None
    for pattern, where in ((rf"(.+?)({_OPEN}{side}{_CLOSE})", 2), (rf"({side}{_GAP})(.+)", 1)):
        match = re.fullmatch(pattern, name, re.IGNORECASE | re.DOTALL)
        if match is None or not _apart(name, match, where, side):
            continue
        key = match[3 - where]
        lead, tail = (match[1], "") if where == 1 else ("", match[2])
        return Sided(name, lead, key, tail)
    return None


def _apart(name: str, match: re.Match[str], where: int, side: str) -> bool:
    """Whether a side of Latin letters is a word of its own."""
    if not side.isascii():
        return True
    if where == 2:
        start = match.start(2) + match[2].casefold().index(side)
        before = name[start - 1]
        return not before.isalpha() or (
            len(side) > 1 and name[start].isupper() and before.islower()
        )
    end = match.start(1) + len(side)
    return not name[end].isalpha() and (len(side) > 1 or name[end].isdigit() or name[end] in "_-.")


def pairs_of(
    names: Sequence[str], sides: Iterable[tuple[str, str]]
) -> dict[str, tuple[Sided, Sided]]:
    """Pairs of columns by what they have in common, of the words that find most of them.

    Args:
        names: The columns.
        sides: Words for both sides.
    """
    best: dict[str, tuple[Sided, Sided]] = {}
    for one, other in sides:
        first = {found.key: found for found in (sided(name, one) for name in names) if found}
        second = {found.key: found for found in (sided(name, other) for name in names) if found}
        found = {
            key: (first[key], second[key])
            for key in first
            if key in second and first[key].name != second[key].name
        }
        # A single letter is said of much; it takes numbers, and several of them.
        if len(one) == 1:
            found = {key: pair for key, pair in found.items() if key[-1:].isdigit()}
            if len(found) < 2:
                continue
        if len(found) > len(best):
            best = found
    return best


def template(sides: Iterable[Sided], inner: str) -> str | None:
    """The pattern that gives all these names from their keys; None where none does."""
    shapes = {(one.lead, one.tail) for one in sides}
    if len(shapes) != 1:
        return None
    lead, tail = shapes.pop()
    return None if "{" in lead + tail else f"{lead}{inner}{tail}"


def compressed(names: Sequence[str]) -> str | None:
    """A run of numbered columns as a pattern, ``P{01..22}``; None where it is not exactly that."""
    if len(names) < 2:
        return None
    first = _LAST_NUMBER.search(names[0])
    last = _LAST_NUMBER.search(names[-1])
    if first is None or last is None or len(first[0]) > 9 or len(last[0]) > 9:
        return None
    lead, tail = names[0][: first.start()], names[0][first.end() :]
    pattern = f"{lead}{{{first[0]}..{last[0]}}}{tail}"
    if "{" in lead + tail or len(_RANGE.findall(pattern)) != 1:
        return None
    width = len(first[0]) if first[0].startswith("0") else 0
    numbers = range(int(first[0]), int(last[0]) + 1)
    wanted = [f"{lead}{number:0{width}}{tail}" for number in numbers]
    return pattern if wanted == list(names) else None


def spans(numbers: Sequence[int]) -> str | list[int]:
    """Numbers as a range where they follow each other, ``"1..4"``, else as they are."""
    first, last = numbers[0], numbers[-1]
    if len(numbers) > 1 and list(numbers) == list(range(first, last + 1)):
        return f"{first}..{last}"
    return list(numbers)


def number_in(name: str) -> tuple[int, str]:
    """Where a name stands among numbered ones."""
    match = _LAST_NUMBER.search(name)
    return (int(match[0][:18]) if match else -1, name)


def stems(names: Sequence[str]) -> dict[str, str]:
    """For each name what it has in common with others.

    That is the name without its last number, or its first or its last word. Names that
    share nothing are their own stem.
    """
    found = {name: _LAST_NUMBER.sub("#", name) for name in names}
    shared = counted(found.values())
    plain = [name for name in names if shared[found[name]] < 2]
    for cut in (_head, _tail):
        cuts = {name: cut(name) for name in plain}
        heads = counted(cuts.values())
        for name in plain:
            if shared.get(found[name], 0) < 2 and cuts[name] and heads[cuts[name]] > 1:
                found[name] = cuts[name]
        shared = counted(found.values())
    return found


def _head(name: str) -> str:
    match = re.match(r"(.+?)[._\s\-:：—]+", name)
    return match[1] if match else ""


def _tail(name: str) -> str:
    match = re.search(r"[._\s\-:：—]+([^._\s\-:：—]+)$", name)
    return match[1] if match else ""


def counted(values: Iterable[str]) -> Mapping[str, int]:
    """How often each value is there."""
    counts: dict[str, int] = {}
    for one in values:
        counts[one] = counts.get(one, 0) + 1
    return counts
