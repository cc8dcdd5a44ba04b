"""What the core says beside a number, in the reader's language.

The core and the metrics write their messages in English. Those that only repeat a row's status are
left out: the page names the status in a word and explains it once. Those that a catalogue knows are
told in the page's language, with numbers, units, waves and lists in the reader's form; any other
stays as it is, marked as English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from satcore import Results
from satcore_html.numerals import count, number
from satcore_html.words import Words

#: Messages that say no more than the status does, or than the note beneath the table.
_REPEATS: Final = re.compile(
    r"fewer than [\d,]+ answers(?: on one side)?"
    r"|fewer than [\d,]+ answers, here or in a group that this one would give away"
    r"|withheld(?:, as one of its sides is)?"
    r"|no (?:value|test) follows from these answers"
    r"|nobody answered(?: on one side)?"
    r"|the metric failed on one side"
    r"|assumes different respondents"
)

#: How the core cuts a list that grows long, and how it counts the responses of a wave.
_MORE: Final = re.compile(r" and (?P<count>\d+) more$")
_RESPONSES: Final = re.compile(r" \((?P<count>\d+) responses\)")


def said(message: str, words: Words) -> tuple[str, str]:
    """A message and the language it is in, where that is not the page's.

    Args:
        message: What the core or a metric said; several things are parted by ``"; "``.
        words: The page's words.
    """
    parts = [part for part in message.split("; ") if part and not _REPEATS.fullmatch(part)]
    told = [_known(part, words) for part in parts]
    if all(text is not None for text in told):
        return words("semicolon").join(text for text in told if text is not None), ""
    return "; ".join(parts), "en"


def _known(part: str, words: Words) -> str | None:
    def show(kind: str, text: str, values: Mapping[str, str]) -> str:
        return _shown(kind, text, values, words)

    # Word for word before sentences with places, whoever's: a wide one must not take another's.
    spoken = sorted(words.spoken, key=lambda one: one.entry(part) is None)
    for catalogue in spoken:
        told = catalogue.told(part, show)
        if told is not None:
            return told
    return part if words.language == "en" else None


def _shown(kind: str, text: str, values: Mapping[str, str], words: Words) -> str:
    """What stands in a place of a message, in the reader's form."""
    match kind:
        case "count":
            return count(int(text.replace(",", "")))
        case "value" if "unit" in values:
            return number(float(text.replace(",", "")), values["unit"])
        case "unit":
            return words.unit(text)
        case "period":
            return words.known(f"period_{text}", text)
        case "wave":
            return words.wave(text)
        case "list" | "waves":
            return _listed(text, words, waves=kind == "waves")
    return text


def _listed(text: str, words: Words, *, waves: bool) -> str:
    """Texts in a row as the core lists them, in the reader's form."""
    more = _MORE.search(text)
    names = (text[: more.start()] if more else text).split(", ")
    if waves:
        names = [_responding(name, words) for name in names]
    told = words("separator").join(names)
    return words.counted("list_more", int(more["count"]), list=told) if more else told


def _responding(text: str, words: Words) -> str:
    """A wave in a list, with how many responses it has where that is told."""
    told = _RESPONSES.search(text)
    if told is None:
        return words.wave(text)
    more = words.counted("list_responses", int(told["count"]))
    return words("brackets", text=words.wave(text[: told.start()]), more=more)


def notes(results: Results, words: Words) -> list[tuple[str, str]]:
    """What else a reader should know, each with its language where that is not the page's.

    What can't be used of a plugin's catalogue is told here: whoever reads English where Chinese was
    meant learns why.
    """
    english = "" if words.language == "en" else "en"
    faults = [fault for one in words.spoken for fault in one.problems]
    return [
        *(said(note, words) for note in results.notes),
        *((fault, english) for fault in dict.fromkeys(faults)),
    ]
