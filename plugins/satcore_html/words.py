"""Every word of the page, in English and Chinese.

A phrase is a format string; what is put into it is data and is escaped by the template. Keys
that end in ``_one`` are for a count of one; Chinese has no use for the distinction but keeps the
key, so that both languages hold the same keys.
"""

from __future__ import annotations

from typing import Final

from attrs import frozen

from satcore_html import (
    words_control,
    words_drivers,
    words_messages,
    words_multiple,
    words_page,
    words_trend,
)
from satcore_html.numerals import count
from satcore_html.units import UNNAMED, rate

#: The languages, in the order of the texts below.
LANGUAGES: Final = ("en", "zh")

#: What the ``lang`` attribute says.
LANGUAGE_TAGS: Final = {"en": "en", "zh": "zh-Hans"}

#: Every phrase; those of the page, of the core, and of the metrics that come with it.
PHRASES: Final[dict[str, tuple[str, str]]] = {
    **words_page.PHRASES,
    **words_messages.PHRASES,
    **words_trend.PHRASES,
    **words_control.PHRASES,
    **words_multiple.PHRASES,
    **words_drivers.PHRASES,
}

#: Messages that others wrote in English, by what they look like, and what they are in Chinese.
MESSAGES: Final[tuple[tuple[str, str], ...]] = (
    *words_messages.MESSAGES,
    *words_trend.MESSAGES,
    *words_control.MESSAGES,
    *words_multiple.MESSAGES,
)


@frozen
class Words:
    """The page's words in one language.

    Attributes:
        language: One of ``LANGUAGES``.
    """

    language: str

    def __call__(self, key: str, **values: object) -> str:
        """The phrase of a key, with what belongs in it."""
        phrase = PHRASES[key][LANGUAGES.index(self.language)]
        return phrase.format(**values) if values else phrase

    def counted(self, key: str, number: int, **values: object) -> str:
        """The phrase for a number of things, which it names as ``count``."""
        return self(f"{key}_one" if number == 1 else key, count=count(number), **values)

    def told(self, key: str, **values: str) -> str:
        """The phrase for a number that is written out already, as ``count``."""
        single = f"{key}_one" if values.get("count") == "1" else ""
        return self(single if single in PHRASES else key, **values)

    def known(self, key: str, otherwise: str) -> str:
        """The phrase of a key that may be absent: a unit or a period that others made up."""
        return self(key) if key in PHRASES else otherwise

    def unit(self, unit: str) -> str:
        """A unit for people; none where the number itself tells, or there is nothing to tell."""
        timed = rate(unit)
        if timed is None:
            return "" if unit in ("proportion", "score") else self.known(f"unit_{unit}", unit)
        of = "" if timed.unit in UNNAMED else self.difference_unit(timed.unit)
        return self(f"per_{timed.per}", unit=of) if of else self(f"each_{timed.per}")

    def difference_unit(self, unit: str) -> str:
        """A unit for a difference of two values: those of shares are percentage points."""
        return self("unit_percentage_points") if unit == "proportion" else self.unit(unit)

    def unit_of(self, value: float, unit: str) -> str:
        """A unit beside its number: ``1 wave``."""
        named = self.unit(unit)
        return self.known(f"unit_{unit}_one", named) if value == 1 else named
