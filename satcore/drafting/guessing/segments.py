"""Columns that split the responses into groups."""

from __future__ import annotations

from typing import Final

from satcore.drafting import wordings
from satcore.drafting.guesses import Said, said
from satcore.drafting.guessing.limits import BASE, GROUP_NAME, GROUPS
from satcore.drafting.guessing.sheet import Sheet
from satcore.drafting.guessing.texts import is_list, writable
from satcore.drafting.scales import is_missing, whole
from satcore.planning import WAVE

#: Segments that are drafted; others are named in a comment.
SEGMENTS: Final = 5
#: Numbers without names that may be codes of groups.
CODES: Final = 8
#: Characters of a question that is short enough for its words to be what it asks for.
SHORT: Final = 40


def segments(sheet: Sheet) -> None:
    """Columns of few values, those that say what people are first."""
    likely: list[tuple[int, int, str, Said]] = []
    for place, name in enumerate(sheet.free):
        profile = sheet.profiles[name]
        texts = [text for text in profile.texts if not is_missing(text)]
        if (
            profile.many
            or not 2 <= len(texts) <= GROUPS
            or profile.filled < BASE * len(texts)
            or profile.longest > GROUP_NAME
            or name == WAVE
            or (profile.numbers == profile.filled and not profile.whole)
            or sheet.form(name) is not None
            or any(is_list(text) for text in texts)
            or not all(map(writable, texts))
        ):
            continue
        label = sheet.label(name)
        asked = label if len(label) <= SHORT else ""
        known = wordings.ABOUT_PEOPLE.search(f"{name}\n{asked}".casefold()) is not None
        numbers = all(whole(text) is not None for text in texts)
        labelled = bool(sheet.value_labels(name))
        if numbers and not labelled and (not known or len(texts) > CODES):
            continue
        rank = 0 if known else 1
        reason = said("segment" if known else "segment_few", count=len(texts))
        likely.append((rank, place, name, reason))
    for _, _, name, reason in sorted(likely, key=lambda one: one[:2]):
        sheet.claim(name)
        if len(sheet.made.segments) < SEGMENTS:
            sheet.made.segments[name] = reason
        else:
            sheet.made.more_segments.append(name)
    sheet.name_values(sheet.made.segments)
