"""Names and cells: words in them, and what a study file can hold of them."""

from __future__ import annotations

import re
from collections.abc import Collection

from satcore.drafting.scales import whole

_LIST = re.compile(r"[^;┋|]*[;┋|][^;┋|]*(?:[;┋|][^;┋|]*)*")
_NO_NAME = re.compile(r"[^A-Za-z0-9_]+")


def slug(text: str, otherwise: str) -> str:
    """A name for a metric or a dimension from what columns share."""
    name = _NO_NAME.sub("_", text.replace("#", "")).strip("_").lower()
    reserved = ("overall", "overall_items", "overall_dimensions", "single", "multiple")
    if not name or not name[0].isalpha() or name in reserved or len(name) > 40:
        return otherwise
    return name


def only_ends(labels: Collection[int], values: Collection[int]) -> bool:
    """Whether of a scale's values the ends, and perhaps the middle, have names."""
    every = {*labels, *values}
    return (
        len(labels) <= 3 and {min(every), max(every)} <= {*labels} and len(every) > len(labels) + 1
    )


def words_of(name: str) -> list[str]:
    """A name's words, in small letters."""
    return re.split(r"[._\s\-:：]+", name.casefold().strip("._- "))


def last_word(name: str) -> str:
    """A name's last word."""
    return words_of(name)[-1]


def is_list(text: str) -> bool:
    """Whether a cell holds several answers."""
    return _LIST.fullmatch(text.strip()) is not None


def writable(text: str) -> bool:
    """Whether a TOML file can hold a text."""
    return not any("\ud800" <= sign <= "\udfff" for sign in text)


def code_of(text: str) -> str:
    """A cell's text as a study writes it: a whole number plainly."""
    number = whole(text)
    return text if number is None else str(number)
