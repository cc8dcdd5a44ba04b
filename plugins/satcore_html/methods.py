"""What the names of intervals and tests mean, and where they come from.

Whoever makes an interval or a test explains it in a catalogue, English too, under the method's
name: its title with the context ``method``, what it does with ``method, explained``, and where it
was published with ``method, source``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from attrs import frozen

from satcore_html.words import Words

_MOVER_OF: Final = "mover of "


def names_in(method: str) -> list[str]:
    """The single methods that a row's method is made of.

    ``"unpooled z; mover of score"`` is a test, then how its interval was made.
    """
    names: list[str] = []
    for part in method.split(";"):
        name = part.strip()
        if name.startswith(_MOVER_OF):
            names += ["mover", name.removeprefix(_MOVER_OF)]
        elif name:
            names.append(name)
    return names


def title(method: str, words: Words) -> str:
    """A row's method for people; a name that no one explained stays as it is."""
    parts = [part.strip() for part in method.split(";") if part.strip()]
    return words("semicolon").join(
        words("mover_of", method=_title(part.removeprefix(_MOVER_OF), words))
        if part.startswith(_MOVER_OF)
        else _title(part, words)
        for part in parts
    )


def _title(name: str, words: Words) -> str:
    return words.term(name, "method") or name


@frozen(kw_only=True)
class Explained:
    """A method as the page tells it.

    Attributes:
        name: Its name in rows of results.
        title: Its name for people.
        text: What it does.
        source: Where it was published; empty where nobody has to be named.
    """

    name: str
    title: str
    text: str
    source: str


def explained(names: Iterable[str], words: Words) -> list[Explained]:
    """The methods that a report used, each once, in the order of first use."""
    return [_explained(name, words) for name in dict.fromkeys(names)]


def _explained(name: str, words: Words) -> Explained:
    # Names and years need no translation.
    source = words.term(name, "method, source") or words.english(name, "method, source")
    text = words.term(name, "method, explained")
    return Explained(
        name=name,
        title=_title(name, words),
        # In English a name that only other languages explain stands for itself.
        text=text if text and text != name else words("unknown_method"),
        source=words("source", source=source) if source else "",
    )
