"""What the core says beside a number, in the reader's language.

The core writes its messages in English. Those that only repeat a row's status are left out: the
page names the status in a word and explains it once. Those that are known are told in the page's
language; any other stays as it is, marked as English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from satcore import Results
from satcore_html.numerals import count, number
from satcore_html.words import MESSAGES, Words

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

#: Messages by what they look like, and the phrase that tells them.
_KNOWN: Final = tuple(
    (re.compile(pattern), key)
    for pattern, key in (
        (r"too few answers for a standard error", "message_no_error"),
        (r"too few answers for an interval", "message_no_interval"),
        (r"the metric gives neither an interval nor a standard error", "message_no_bounds"),
        (r"all answers agree, which leaves no error to judge by", "message_agreed"),
        (
            r"the value stands on the target, where no number of answers decides",
            "message_on_target",
        ),
        (r"more answers than any survey has would be needed", "message_too_many"),
        (r"bound at (?P<level>\S+) \(Holm, (?P<count>[\d,]+) cells\)", "message_holm"),
        (r"no wave before it has answers", "message_no_wave"),
        (
            r"answers needed suppose that the other side grows in proportion",
            "message_both_grow",
        ),
        (r"there is no cell to hold it against", "message_no_cell"),
        (r"(?P<axis>.+) has no (?P<name>'.*'), only (?P<there>.+)", "message_no_label"),
        (r"cells of (?P<term>.+) can't be compared", "message_not_compared"),
        (
            r"(?P<term>.+) is a proportion, of which 30% is written 0\.3",
            "message_proportion",
        ),
        (
            r"(?P<count>[\d,]+) cells without a standard error above 0 left out",
            "message_no_error_left_out",
        ),
        (r"(?P<count>[\d,]+) withheld cells left out", "message_withheld_left_out"),
        (
            r"(?P<count>[\d,]+) of (?P<whole>[\d,]+) expected counts below 5",
            "message_expected",
        ),
        (r"every response was dropped by the \[\[keep\]\] rules", "message_all_dropped"),
        (
            (
                r"(?P<item>.+): (?P<count>[\d,]+) answers outside (?P<scale>\S+) were "
                r"counted as missing: (?P<told>.*)"
            ),
            "message_outside",
        ),
        (r"first in row (?P<row>[\d,]+) of (?P<place>.+)", "message_first"),
        (
            r"\[(?P<table>items|labels)\] (?P<names>.+): declared, but no column of (?P<data>.+)",
            "message_declared",
        ),
        (r"did you mean (?P<name>.+)\?", "message_near"),
        (r"rules disagree: (?P<told>.+)", "message_rules"),
        (r"the polarity may be reversed: swap the two questions", "message_reverse"),
        (r"the wording may be unclear", "message_unclear"),
        (r"all answers are R or Q", "message_all_rq"),
        (
            r"only one of the two questions is answered by (?P<count>[\d,]+)",
            "message_half",
        ),
        (r"the difference score may be little but noise", "message_noise"),
        (r"read perceptions on their own", "message_alone"),
        (r"one respondent has no variance", "message_one_respondent"),
        (r"no item has any variance", "message_no_variance"),
        (r"(?P<count>\d+) of (?P<whole>\d+) items without variance", "message_flat_items"),
        (
            r"no more respondents \((?P<base>\d+)\) than items \((?P<items>\d+)\)",
            "message_few_respondents",
        ),
        (r"the items do not covary as one scale does", "message_no_scale"),
        (r"two items do not identify a factor", "message_two_items"),
        (r"a dimension of one item \((?P<item>\d+)\) has no alpha", "message_one_item"),
        (
            r"common slope (?P<value>-?[\d.]+(?:e[+-]?\d+)?) (?P<unit>.+)",
            "message_common_slope",
        ),
        (r"the gaps do not vary", "message_flat_gaps"),
        (
            r"(?P<count>[\d,]+) left out who did not answer all of (?P<told>.+)",
            "message_halves",
        ),
        (
            r"(?P<count>[\d,]+) respondents desire less than they find adequate",
            "message_desire",
        ),
    )
)

#: Messages that are told as they stand, or in Chinese.
_TRANSLATED: Final = tuple((re.compile(pattern), chinese) for pattern, chinese in MESSAGES)

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

    for catalogue in words.spoken:
        told = catalogue.told(part, show)
        if told is not None:
            return told
    for pattern, key in _KNOWN:
        found = pattern.fullmatch(part)
        if found:
            return words.told(key, **_named(found.groupdict(), words))
    for pattern, chinese in _TRANSLATED:
        found = pattern.fullmatch(part)
        if found:
            named = {name: _list(name, text) for name, text in found.groupdict().items()}
            return chinese.format(**named) if words.language == "zh" else part
    return None


def _shown(kind: str, text: str, values: Mapping[str, str], words: Words) -> str:
    """What stands in a place of a message, in the reader's form."""
    match kind:
        case "count":
            return count(int(text.replace(",", "")))
        case "value" if "unit" in values:
            return number(float(text.replace(",", "")), values["unit"])
        case "unit":
            return words.unit(text)
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
    if more:
        names.append(words.counted("list_more", int(more["count"])))
    return words("separator").join(names)


def _responding(text: str, words: Words) -> str:
    """A wave in a list, with how many responses it has where that is told."""
    told = _RESPONSES.search(text)
    if told is None:
        return words.wave(text)
    more = words.counted("list_responses", int(told["count"]))
    return words("brackets", text=words.wave(text[: told.start()]), more=more)


def _named(groups: dict[str, str], words: Words) -> dict[str, str]:
    """What a message names; a value in its unit where it has one."""
    unit = groups.get("unit")
    if unit is None:
        return groups
    value = number(float(groups["value"]), unit)
    return {**groups, "value": value, "unit": words.unit(unit)}


def _list(name: str, text: str) -> str:
    """A list of waves or places with Chinese punctuation; any other text as it is."""
    if name not in ("waves", "places"):
        return text
    text = _MORE.sub(r", 另有 \g<count> 个", text)
    return _RESPONSES.sub(r"（\g<count> 份）", text).replace(", ", "、")


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
