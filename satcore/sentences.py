"""Sentences with places: what a message says, taken apart and put together again.

A place is written ``{name}``. The last word of its name (after an underscore) says what may stand
there: ``{count}`` and ``{left_count}`` are whole numbers, ``{wave}`` is a wave. A message is
taken apart by finding the literal parts one after the other, so that a long message costs no more
than reading it, whatever it holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, Literal, TypeAlias, cast

from attrs import field, frozen

#: What a place holds: any text; a whole number; any number; a number in the unit that ``{unit}``
#: names; a unit; the name of a period; a wave's label; several of them; several texts.
Kind: TypeAlias = Literal[
    "text", "count", "number", "value", "unit", "period", "wave", "waves", "list"
]

_KINDS: Final = frozenset({"count", "number", "value", "unit", "period", "wave", "waves", "list"})
_PLACE: Final = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_COUNT: Final = re.compile(r"\d+|\d{1,3}(?:,\d{3})+")
_NUMBER: Final = re.compile(r"[-+]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?(?:e[-+]?\d+)?%?")


def kind_of(name: str) -> Kind:
    """What a place of that name holds: ``"count"`` for ``left_count``."""
    last = name.rpartition("_")[2]
    return cast("Kind", last) if last in _KINDS else "text"


def places(sentence: str) -> frozenset[str]:
    """The names of a sentence's places."""
    return frozenset(_PLACE.findall(sentence))


def filled(sentence: str, put: Callable[[str], str]) -> str:
    """A sentence with its places filled; nothing that is put in is read again.

    Args:
        sentence: The sentence.
        put: Gives the text of a place by its name.
    """
    return _PLACE.sub(lambda found: put(found[1]), sentence)


def _fits(name: str, text: str) -> bool:
    match kind_of(name):
        case "count":
            return _COUNT.fullmatch(text) is not None
        case "number" | "value":
            return _NUMBER.fullmatch(text) is not None
    return True


def _literals(sentence: str) -> tuple[str, ...]:
    return tuple(_PLACE.split(sentence)[::2])


def _names(sentence: str) -> tuple[str, ...]:
    return tuple(_PLACE.findall(sentence))


@frozen
class Template:
    """A sentence that messages may follow.

    Attributes:
        sentence: The sentence.
        literals: Its literal parts: one before, between and after the places.
        names: The places' names, in order.
    """

    sentence: str
    literals: tuple[str, ...] = field(init=False)
    names: tuple[str, ...] = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "literals", _literals(self.sentence))
        object.__setattr__(self, "names", _names(self.sentence))

    @property
    def weight(self) -> int:
        """How many literal letters it has: of two that fit, the one with more says more."""
        return sum(map(len, self.literals))

    @property
    def readable(self) -> bool:
        """Whether messages can be taken apart by it: no two places touch."""
        return bool(self.names) and all(self.literals[1:-1])

    def read(self, message: str) -> dict[str, str] | None:
        """What stands in the places of a message; None where the message is another one.

        Where a literal part comes up several times the first is taken, and the last where the
        places' kinds refuse that. What a place holds is never empty.
        """
        for cut in (self._from_left, self._from_right):
            parts = cut(message)
            if parts is None:
                return None
            found = dict(zip(self.names, parts, strict=True))
            same = all(found[name] == part for name, part in zip(self.names, parts, strict=True))
            if same and all(_fits(name, part) for name, part in found.items()):
                return found
        return None

    def _inside(self, message: str) -> tuple[int, int] | None:
        """Where a message's middle lies, between the first and the last literal part."""
        first, last = self.literals[0], self.literals[-1]
        at, stop = len(first), len(message) - len(last)
        fits = at < stop and message.startswith(first) and message.endswith(last)
        return (at, stop) if fits else None

    def _from_left(self, message: str) -> list[str] | None:
        inside = self._inside(message)
        if inside is None:
            return None
        at, stop = inside
        parts = []
        for literal in self.literals[1:-1]:
            found = message.find(literal, at + 1, stop)
            if found < 0:
                return None
            parts.append(message[at:found])
            at = found + len(literal)
        return [*parts, message[at:stop]] if at < stop else None

    def _from_right(self, message: str) -> list[str] | None:
        inside = self._inside(message)
        if inside is None:
            return None
        start, at = inside
        parts = []
        for literal in reversed(self.literals[1:-1]):
            found = message.rfind(literal, start, at - 1)
            if found < 0:
                return None
            parts.append(message[found + len(literal) : at])
            at = found
        return [*reversed([*parts, message[start:at]])] if start < at else None


def put_in(values: Mapping[str, object]) -> Callable[[str], str]:
    """Fills places from a mapping; a place that nothing is given for is a ``KeyError``."""
    return lambda name: str(values[name])
