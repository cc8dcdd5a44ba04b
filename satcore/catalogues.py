"""Catalogues: what satcore and its plugins say in English, in other languages.

A catalogue is a file of gettext's, ``locale/<language>/LC_MESSAGES/<domain>.po``, as Poedit,
Babel and ``xgettext`` write it; its source is read, so nothing has to be compiled. Its sentences
are the English ones, word for word, with ``{name}`` where something is put in
(``satcore.sentences`` says what may stand there). ``msgctxt`` tells apart what only looks alike.
Layout: https://www.gnu.org/software/gettext/manual/html_node/PO-Files.html

A catalogue that can't be read, or holds sentences that can't be used, costs these and nothing
else: what is wrong is told in ``problems``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any, Final

from attrs import define, field, frozen

from satcore.errors import listed
from satcore.hookspecs import CatalogueFolder, CatalogueSpec
from satcore.sentences import Template, filled, kind_of, places, put_in

#: The language that satcore and its plugins write in.
SOURCE: Final = "en"

#: Folders that hold a language besides the one of its own name, the best first.
_ALSO: Final[Mapping[str, tuple[str, ...]]] = {"zh": ("zh_Hans", "zh_CN", "zh_Hans_CN")}

#: CLDR's plural categories in the order in which gettext counts its forms.
_CATEGORIES: Final = ("zero", "one", "two", "few", "many", "other")

_CHARSET: Final = re.compile(rb"charset=([A-Za-z0-9_.:-]+)")

#: A line whose text begins with a quotation mark and does not end with one.
_OPEN: Final = re.compile(r"\s*(?:msg\S*\s*)?\"(?:.*[^\"\s]|)\s*")

#: What stands for plural forms in a template, and forms that can be read in its place.
_NO_FORMS: Final = "nplurals=INTEGER; plural=EXPRESSION;"
_SOME_FORMS: Final = "nplurals=2; plural=(n != 1);"

#: More problems than these are counted.
_MOST_PROBLEMS: Final = 8


@frozen(kw_only=True)
class Entry:
    """A sentence and what it is in another language.

    Attributes:
        sentence: The English sentence; the one for a single thing where there are two.
        plural: The English sentence for several things; empty where there is one sentence.
        context: Its ``msgctxt``; empty without one.
        forms: What it is in the other language, by plural form; empty where it is not translated.
    """

    sentence: str
    plural: str = ""
    context: str = ""
    forms: tuple[str, ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """The English sentences."""
        return (self.sentence, self.plural) if self.plural else (self.sentence,)


@frozen
class Found:
    """A message that a catalogue knows.

    Attributes:
        entry: Its entry.
        values: What stands in its places, by their names.
    """

    entry: Entry
    values: Mapping[str, str]


def _first_form(number: int) -> int:
    return 0


@define(eq=False, kw_only=True)
class Catalogue:
    """The sentences of one domain in one language.

    Attributes:
        domain: The domain.
        language: The language.
        entries: What is translated; of the source language, every sentence that is known.
        problems: What can't be used, and why: each a line that names the file.
        form: The place of a number's plural form.
    """

    domain: str
    language: str
    entries: tuple[Entry, ...] = ()
    problems: tuple[str, ...] = ()
    form: Callable[[int], int] = _first_form
    _exact: dict[tuple[str, str], Entry] = field(init=False)
    _keyed: dict[str, Entry] = field(init=False)
    _templates: tuple[tuple[Template, Entry], ...] = field(init=False)
    _known: dict[str, Found | None] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        self._exact = {(one.context, source): one for one in self.entries for source in one.sources}
        self._keyed = {one.context: one for one in self.entries if one.context}
        templates = [
            (Template(source), one)
            for one in self.entries
            if not one.context
            for source in one.sources
        ]
        usable = [pair for pair in templates if pair[0].readable]
        self._templates = tuple(sorted(usable, key=lambda pair: -pair[0].weight))

    def entry(self, sentence: str, context: str = "") -> Entry | None:
        """The entry of an English sentence, word for word; None where there is none."""
        return self._exact.get((context, sentence))

    def keyed(self, context: str) -> Entry | None:
        """The entry of a ``msgctxt`` that only one sentence has; None where there is none."""
        return self._keyed.get(context)

    def find(self, message: str) -> Found | None:
        """A message: word for word, else by the sentence with places that fits it best.

        Sentences with a ``msgctxt`` are no messages. Each message is looked for once.
        """
        if message not in self._known:
            self._known[message] = self._find(message)
        return self._known[message]

    def _find(self, message: str) -> Found | None:
        exact = self.entry(message)
        if exact is not None:
            return Found(exact, {})
        for template, entry in self._templates:
            values = template.read(message)
            if values is not None:
                return Found(entry, values)
        return None

    def said(self, entry: Entry, values: Mapping[str, object], number: int | None = None) -> str:
        """An entry in this language.

        Args:
            entry: One of this catalogue's.
            values: What to put in its places.
            number: How many things it tells of; many where left out.
        """
        return filled(self.form_of(entry, number), put_in(values))

    def form_of(self, entry: Entry, number: int | None = None) -> str:
        """An entry in this language with its places as they are; the form for many without one."""
        forms = entry.forms or entry.sources
        place = len(forms) - 1 if number is None else self.form(number)
        return forms[min(place, len(forms) - 1)]

    def told(
        self, message: str, show: Callable[[str, str, Mapping[str, str]], str] | None = None
    ) -> str | None:
        """A message in this language; None where the catalogue doesn't know it.

        Args:
            message: What somebody said in English.
            show: Gives what stands in a place in the reader's form, from the place's kind, the
                text and the texts of all places by name; left out, texts stay as they are.
        """
        found = self.find(message)
        if found is None:
            return None
        values = found.values
        if show is not None:
            values = {
                name: show(kind_of(name), text, found.values) for name, text in values.items()
            }
        return self.said(found.entry, values, _number(found.values))


def _number(values: Mapping[str, str]) -> int | None:
    """How many things a message tells of: its ``{count}``, else the first place that counts."""
    counts = {name: text for name, text in values.items() if kind_of(name) == "count"}
    if not counts:
        return None
    return int(counts.get("count", next(iter(counts.values()))).replace(",", ""))


@frozen(eq=False)
class Catalogues:
    """The catalogues of some plugins; each is read once, when its language is first asked for.

    Attributes:
        offered: Plugins' names and what they offer, the first to be asked first.
    """

    offered: tuple[tuple[str, CatalogueSpec], ...] = ()
    _read: dict[tuple[int, str], Catalogue] = field(factory=dict, repr=False)

    @classmethod
    def core(cls) -> Catalogues:
        """Satcore's own alone."""
        return cls(((OWN.domain, OWN),))

    def of(self, plugin: str) -> Catalogues:
        """Those of one plugin."""
        return Catalogues(tuple(pair for pair in self.offered if pair[0] == plugin), self._read)

    def spoken(self, language: str) -> tuple[Catalogue, ...]:
        """The catalogues in a language."""
        return tuple(self._one(spec, language) for _, spec in self.offered)

    def _one(self, spec: CatalogueSpec, language: str) -> Catalogue:
        key = id(spec), language
        if key not in self._read:
            self._read[key] = read_catalogue(spec, language)
        return self._read[key]

    def phrase(self, sentence: str, language: str, context: str = "") -> str | None:
        """A word or sentence in a language, word for word; None where nobody has it.

        One without a ``msgctxt`` serves where there is none with it.
        """
        spoken = self.spoken(language)
        for asked in dict.fromkeys((context, "")):
            for one in spoken:
                entry = one.entry(sentence, asked)
                if entry is not None:
                    return one.said(entry, {})
        return None


def read_catalogue(spec: CatalogueSpec, language: str) -> Catalogue:
    """A catalogue in a language; never an error, as a report has to go on without it.

    English needs no file: its sentences are those of the domain's template (``<domain>.pot`` in
    the folder), or those that any of its files translates. What an English file says takes their
    place.

    Args:
        spec: The record that offers it.
        language: The language.

    Returns:
        The catalogue; one without sentences where there is no file in that language.
    """
    try:
        return _read(spec, language)
    except Exception as error:  # noqa: BLE001 - a file of somebody else's may hold anything
        problem = f"{spec.domain}: {type(error).__name__}: {_line(error)}"
        return Catalogue(domain=spec.domain, language=language, problems=(problem,))


def languages(spec: CatalogueSpec) -> tuple[str, ...]:
    """The languages that a catalogue has files in, in order."""
    folder = spec.folder
    if not folder.is_dir():
        return ()
    return tuple(sorted(one.name for one in folder.iterdir() if _file(folder, one.name, spec)))


def _read(spec: CatalogueSpec, language: str) -> Catalogue:
    from babel import Locale

    folder = spec.folder
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {folder}")
    problems: list[str] = []
    entries = _translated(spec, language, problems)
    if language == SOURCE:
        known = {(one.context, one.sentence): one for one in _sentences(spec)}
        entries = {**known, **entries}
    if len(problems) > _MOST_PROBLEMS:
        more = f"{spec.domain}: {len(problems) - _MOST_PROBLEMS} more sentences can't be used"
        problems[_MOST_PROBLEMS:] = [more]
    return Catalogue(
        domain=spec.domain,
        language=language,
        entries=tuple(entries.values()),
        problems=tuple(problems),
        form=_plural_form(Locale.parse(language)),
    )


def _translated(
    spec: CatalogueSpec, language: str, problems: list[str]
) -> dict[tuple[str, str], Entry]:
    """What a language's file translates; a sentence that can't be used is told and left out."""
    file = next(filter(None, (_file(spec.folder, name, spec) for name in _folders(language))), None)
    found: dict[tuple[str, str], Entry] = {}
    for message in _messages(file) if file is not None else ():
        entry = _entry(message)
        if message.fuzzy or not entry.forms:
            continue
        fault = _fault(entry)
        if fault:
            problems.append(f"{file.name}: {_shortened(entry.sentence)}: {fault}")  # type: ignore[union-attr]
            continue
        found[entry.context, entry.sentence] = entry
    return found


def _sentences(spec: CatalogueSpec) -> Iterator[Entry]:
    """The English sentences of a domain, from its template or the first of its files."""
    files = [spec.folder / f"{spec.domain}.pot"]
    files += [_file(spec.folder, one, spec) for one in languages(spec) if one != SOURCE]
    for file in files:
        if file is not None and file.is_file():
            for message in _messages(file):
                entry = _entry(message)
                yield Entry(sentence=entry.sentence, plural=entry.plural, context=entry.context)
            return


def _folders(language: str) -> tuple[str, ...]:
    return (language, *_ALSO.get(language, ()))


def _file(folder: CatalogueFolder, language: str, spec: CatalogueSpec) -> Any:
    """A language's file: the source, else the compiled one; None where there is neither."""
    place = folder / language / "LC_MESSAGES"
    for ending in ("po", "mo"):
        file = place / f"{spec.domain}.{ending}"
        if file.is_file():
            return file
    return None


def _messages(file: CatalogueFolder) -> Iterable[Any]:
    """A file's messages, as Babel has them, without the heading.

    Raises:
        Exception: Whatever Babel makes of a file that is broken.
    """
    from babel.messages.mofile import read_mo
    from babel.messages.pofile import read_po

    content = file.read_bytes()
    if file.name.endswith(".mo"):
        catalogue = read_mo(BytesIO(content))
    else:
        catalogue = read_po(StringIO(_source(content)), abort_invalid=True)
    return [message for message in catalogue if message.id]


def _source(content: bytes) -> str:
    """The text of a source, in the encoding that its heading names.

    A template as ``xgettext`` writes it names neither an encoding nor plural forms.
    """
    named = _CHARSET.search(content)
    charset = named[1].decode("ascii") if named else "utf-8"
    text = content.decode("utf-8" if charset.upper() == "CHARSET" else charset)
    for number, line in enumerate(text.splitlines(), start=1):
        # Babel takes the last letter of a text that is not closed for its quote.
        if _OPEN.fullmatch(line):
            raise ValueError(f"line {number}: a text that is not closed by a quotation mark")
    # Editors on Windows begin a file with a mark that is no part of it.
    return text.removeprefix("\ufeff").replace(_NO_FORMS, _SOME_FORMS)


def _entry(message: Any) -> Entry:
    """An entry from a message of Babel's."""
    ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
    told = message.string if isinstance(message.string, tuple | list) else (message.string,)
    forms = tuple(str(one) for one in told)
    return Entry(
        sentence=str(ids[0]),
        plural=str(ids[1]) if len(ids) > 1 else "",
        context=message.context or "",
        forms=forms if all(forms) else (),
    )


def _fault(entry: Entry) -> str:
    """Why a translation can't be used; empty where it can."""
    wanted = places(entry.sources[-1])
    if not entry.context:
        for source in entry.sources:
            template = Template(source)
            if template.names and not template.readable:
                return "two places touch, so that nothing tells where one ends"
    # A form for a single thing may do without the number.
    spare = {name for name in wanted if kind_of(name) == "count"} if entry.plural else set()
    for told in entry.forms:
        has = places(told)
        absent, strange = wanted - has - spare, has - wanted
        if strange:
            return f"it has no {listed(_marked(strange))}, but its translation has"
        if absent:
            return f"its translation leaves out {listed(_marked(absent))}"
    return ""


def _marked(names: Iterable[str]) -> list[str]:
    return sorted(f"{{{name}}}" for name in names)


def _plural_form(locale: Any) -> Callable[[int], int]:
    """The place of a number's plural form, by CLDR's rules, which no file can change."""
    rule = locale.plural_form
    used = [one for one in _CATEGORIES if one in rule.tags or one == "other"]
    return lambda number: used.index(rule(number))


def _shortened(sentence: str, most: int = 60) -> str:
    text = " ".join(sentence.split())
    return repr(text if len(text) <= most else f"{text[: most - 1]}…")


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or "no reason given"


#: What satcore itself says.
OWN: Final = CatalogueSpec("satcore", Path(__file__).with_name("locale"), "What satcore says")
