"""Values of a header, each held against its type: what a file says is not believed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from attrs import frozen

from satcore.errors import DataError

_Kind = TypeVar("_Kind")

#: Numbers of answers, as arrays hold them.
_MOST = (1 << 63) - 1


@frozen
class Values:
    """An object of a header.

    Attributes:
        found: Its values.
        place: The file, for messages.
        path: Where in the header it is.
    """

    found: Mapping[str, Any]
    place: str
    path: str = ""

    def wrong(self, name: str, wanted: str) -> DataError:
        """What to raise for a value that is none."""
        where = f"{self.path}.{name}".strip(".")
        return DataError.at(
            self.place, f"it is damaged, or no satcore wrote it: {where} of its header is {wanted}"
        )

    def _one(self, name: str, wanted: str, fits: Callable[[Any], bool]) -> Any:
        if name not in self.found:
            raise self.wrong(name, "missing")
        value = self.found[name]
        if not fits(value):
            raise self.wrong(name, f"no {wanted}")
        return value

    def text(self, name: str) -> str:
        """A text."""
        value: str = self._one(name, "text", lambda one: isinstance(one, str))
        return value

    def optional(self, name: str) -> str | None:
        """A text or null."""
        value: str | None = self._one(name, "text", lambda one: one is None or isinstance(one, str))
        return value

    def count(self, name: str) -> int:
        """A whole number from 0."""
        value: int = self._one(name, "count", is_count)
        return value

    def counts(self, name: str) -> list[int]:
        """A list of whole numbers from 0."""
        return self._list(name, "counts", is_count)

    def texts(self, name: str) -> list[str]:
        """A list of texts."""
        return self._list(name, "texts", lambda one: isinstance(one, str))

    def optionals(self, name: str) -> list[str | None]:
        """A list of texts or null."""
        return self._list(name, "texts", lambda one: one is None or isinstance(one, str))

    def distinct(self, name: str) -> list[str]:
        """A list of texts, each once."""
        texts = self.texts(name)
        if len(set(texts)) < len(texts):
            raise self.wrong(name, "a list with a text twice")
        return texts

    def inner(self, name: str) -> Values:
        """An object."""
        value = self._one(name, "object", lambda one: isinstance(one, dict))
        return Values(value, self.place, f"{self.path}.{name}".strip("."))

    def inners(self, name: str) -> list[Values]:
        """A list of objects."""
        values = self._list(name, "objects", lambda one: isinstance(one, dict))
        where = f"{self.path}.{name}".strip(".")
        return [Values(one, self.place, f"{where}[{at}]") for at, one in enumerate(values)]

    def mapping(self, name: str) -> dict[str, str]:
        """An object whose values are texts."""
        inner = self.inner(name)
        return {key: inner.text(key) for key in inner.found}

    def _list(self, name: str, wanted: str, fits: Callable[[Any], bool]) -> list[Any]:
        value: list[Any] = self._one(
            name,
            f"list of {wanted}",
            lambda one: isinstance(one, list) and all(fits(each) for each in one),
        )
        return value


def is_count(value: Any) -> bool:
    """Whether it is a whole number from 0 that an array could hold."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST
