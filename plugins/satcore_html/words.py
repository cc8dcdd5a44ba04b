"""Every word of the page, in English and Chinese.

The page's own phrases lie in ``locale/satcore_html.pot``, English under the name by which the code
asks for them (their ``msgctxt``), and in ``locale/<language>/LC_MESSAGES/satcore_html.po``. What
is put into a phrase is data and is escaped by the template. What the core and the plugins say
stands in their own catalogues.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import evolve, field, frozen

from satcore import (
    About,
    Catalogue,
    Catalogues,
    CatalogueSpec,
    Measured,
    Results,
    read_catalogue,
)
from satcore_html.numerals import count
from satcore_html.units import UNNAMED, YEARLY, rate

#: The languages of the page.
LANGUAGES: Final = ("en", "zh")

#: What the ``lang`` attribute says.
LANGUAGE_TAGS: Final = {"en": "en", "zh": "zh-Hans"}

#: What stands before a phrase's name in its ``msgctxt``: "unit" alone is for a unit's name.
KEYED: Final = "page: "

#: Where the page's own phrases lie.
PAGE: Final = CatalogueSpec(
    "satcore_html", Path(__file__).with_name("locale"), "What the report says"
)


@functools.cache
def page_phrases(language: str) -> Catalogue:
    """The page's own phrases; read once, as they come with the code."""
    return read_catalogue(PAGE, language)


@frozen
class Words:
    """The page's words in one language, and those of the plugins whose numbers it shows.

    Attributes:
        language: One of ``LANGUAGES``.
        about: What was asked for; it knows what waves are called.
        offered: The catalogues of satcore and the run's plugins.
        own: Those of the plugin that speaks: they are asked first.
    """

    language: str
    about: About = field(factory=About)
    offered: Catalogues = field(factory=Catalogues.core)
    own: Catalogues = field(factory=Catalogues)

    @classmethod
    def of(cls, results: Results, language: str) -> Words:
        """The words for some results."""
        return cls(language, results.about, results.catalogues)

    def of_metric(self, measured: Measured) -> Words:
        """The same words, in which a metric's plugin speaks."""
        return evolve(self, own=measured.catalogues)

    @property
    def spoken(self) -> tuple[Catalogue, ...]:
        """The catalogues in the reader's language, the first to be asked first."""
        return (*self.own.spoken(self.language), *self.offered.spoken(self.language))

    def wave(self, label: str) -> str:
        """A wave for people; any other text as it is."""
        return self.about.label(self.about.wave, label, self.language)

    def __call__(self, key: str, **values: object) -> str:
        """The phrase of a key, with what belongs in it.

        Raises:
            KeyError: There is no such phrase, or it has a place for which nothing is given.
        """
        return self._said(key, None, values)

    def counted(self, key: str, number: int, **values: object) -> str:
        """The phrase for a number of things, which it names as ``count``."""
        return self._said(key, number, {"count": count(number), **values})

    def told(self, key: str, **values: str) -> str:
        """The phrase for a number that is written out already, as ``count``."""
        return self._said(key, 1 if values.get("count") == "1" else None, values)

    def known(self, key: str, otherwise: str) -> str:
        """The phrase of a key that may be absent, with its places as they are."""
        phrases = page_phrases(self.language)
        entry = phrases.keyed(f"{KEYED}{key}")
        return otherwise if entry is None else phrases.form_of(entry)

    def _said(self, key: str, number: int | None, values: Mapping[str, object]) -> str:
        # A phrase that nobody has translated yet is better told in English than not at all.
        for language in (self.language, LANGUAGES[0]):
            phrases = page_phrases(language)
            entry = phrases.keyed(f"{KEYED}{key}")
            if entry is not None:
                return phrases.said(entry, values, number)
        raise KeyError(key)

    def term(self, sentence: str, context: str, number: int | None = None) -> str | None:
        """A word that a plugin's catalogue has, in the reader's language; None where none has."""
        for one in self.spoken:
            entry = one.entry(sentence, context)
            if entry is not None:
                return one.said(entry, {}, number)
        return None

    def english(self, sentence: str, context: str) -> str | None:
        """A word that a plugin's catalogue has in English alone; None where none has."""
        for one in self.offered.spoken(LANGUAGES[0]):
            entry = one.entry(sentence, context)
            if entry is not None and entry.forms:
                return one.said(entry, {})
        return None

    def label(self, label: str) -> str:
        """A category for people, as the plugin that speaks has it."""
        for one in self.own.spoken(self.language):
            entry = one.entry(label, "label")
            if entry is not None:
                return one.said(entry, {})
        return label

    def unit(self, unit: str) -> str:
        """A unit for people; none where the number itself tells, or there is nothing to tell."""
        if unit == YEARLY:
            return self("each_year")
        timed = rate(unit)
        if timed is None:
            return self._unit(unit)
        of = "" if timed.unit in UNNAMED else self.difference_unit(timed.unit)
        return self(f"per_{timed.per}", unit=of) if of else self(f"each_{timed.per}")

    def _unit(self, unit: str, number: int | None = None) -> str:
        if unit in ("", "proportion", "score"):
            return ""
        return self.term(unit, "unit", number) or unit

    def difference_unit(self, unit: str) -> str:
        """A unit for a difference of two values: those of shares are percentage points."""
        if unit == YEARLY:
            return self("per_year", unit=self._unit("percentage points"))
        return self._unit("percentage points") if unit == "proportion" else self.unit(unit)

    def unit_of(self, value: float, unit: str) -> str:
        """A unit beside its number: ``1 wave``."""
        return self._unit(unit, 1) if value == 1 and rate(unit) is None else self.unit(unit)
