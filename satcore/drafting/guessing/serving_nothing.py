"""Columns that serve nothing, and why: those of the tool, empty ones, what is left at the end."""

from __future__ import annotations

from satcore.drafting import wordings
from satcore.drafting.guesses import Said, said
from satcore.drafting.guessing.limits import GROUP_NAME, GROUPS, LABEL
from satcore.drafting.guessing.sheet import Sheet
from satcore.drafting.guessing.texts import is_list, writable
from satcore.drafting.profiles import Profile
from satcore.drafting.scales import is_missing


def tests(sheet: Sheet) -> None:
    """Columns that mark previews and tests."""
    for name in sheet.dictionary.tests:
        if name in sheet.free:
            sheet.leave(name, said("tests"))


def unusable(sheet: Sheet) -> None:
    """Columns that can hold nothing a study could use."""
    for name in list(sheet.free):
        profile = sheet.profiles[name]
        if not profile.single:
            sheet.leave(name, said("nested"))
        elif not profile.filled:
            sheet.leave(name, said("empty"))
        elif not profile.many and all(map(is_missing, profile.texts)):
            sheet.leave(name, said("never_answered"))
        elif not writable(name):
            sheet.leave(name, said("no_name"))
        elif wordings.TOOL.search(name.casefold()) and not wordings.TENURE.search(name.casefold()):
            sheet.leave(name, said("tool"))
        elif _is_source(sheet, name):
            sheet.leave(name, said("option_source"))


def _is_source(sheet: Sheet, name: str) -> bool:
    """Whether a column is what the options of a question were made from."""
    for one in sheet.dictionary.sets:
        if name not in one.options and name.startswith(one.name):
            rest = name[len(one.name) :]
            if not rest or rest[0] in "([（:_-" or rest.startswith(" - "):
                return True
    return False


def rest(sheet: Sheet) -> None:
    """Why what is left is left out."""
    for name in list(sheet.free):
        profile = sheet.profiles[name]
        sheet.leave(name, _why_not(sheet, name, profile))


def _why_not(sheet: Sheet, name: str, profile: Profile) -> Said:
    texts = profile.texts
    if any(name in one.options for one in sheet.dictionary.sets):
        return said("option")
    if not profile.many and len(texts) == 1:
        return said("constant")
    if not profile.many and any(map(is_list, texts)) and profile.longest < LABEL:
        return said("list")
    if profile.numbers == profile.filled:
        if profile.unique and profile.whole and profile.rows > GROUPS:
            return said("id")
        if profile.whole and len(texts) <= GROUPS and profile.high <= 2 * GROUPS:
            return said("codes")
        return said("number")
    if any(dates.count == profile.filled for dates in profile.dates.values()):
        return said("time_unnamed")
    if profile.unique and profile.longest <= GROUP_NAME:
        return said("id")
    if profile.longest > GROUP_NAME:
        return said("text")
    return said("texts")
